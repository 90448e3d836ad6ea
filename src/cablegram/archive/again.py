"""Reading an archive again with a newer parser: ids, versions and their numbers stay, what they say is renewed."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from os import cpu_count
from typing import Final

from cablegram import __version__
from cablegram.archive.codec import to_text
from cablegram.archive.ingest import Watcher
from cablegram.archive.rows import Rows, told
from cablegram.archive.store import Store
from cablegram.archive.work import Job, Outcome, Reading, Workers
from cablegram.archive.writer import Writer
from cablegram.sources.base import RawRecord

_BATCH: Final = 200


def read_versions_again(store: Store, watcher: Watcher, *, everything: bool) -> int:
    """Read versions anew that another version of this program read, or that were read before the archive kept what texts cite
    (``everything``: all); how many were read.

    To be called inside :meth:`Store.writing`. Each batch is kept whole; a run that was stopped goes on where it was.
    """
    condition = "1" if everything else "(parser != ? OR id IN (SELECT version FROM unmentioned))"
    values = () if everything else (__version__,)
    ids = [row[0] for row in store.db.execute(f"SELECT id FROM versions WHERE {condition} ORDER BY id", values)]
    watcher.stage("reading", len(ids))
    writer = Writer(store)
    waiting: deque[tuple[list[int], Future[list[Outcome]]]] = deque()
    done = 0
    with Workers(min(cpu_count() or 1, max(1, len(ids) // _BATCH)), Reading(store.dictionaries())) as workers:
        for at in range(0, len(ids), _BATCH):
            some = ids[at : at + _BATCH]
            waiting.append((some, workers.submit([_job(store, number) for number in some])))
            if len(waiting) > 4:
                done += _write(store, writer, *waiting.popleft())
                watcher.advance(done, done)
        while waiting:
            done += _write(store, writer, *waiting.popleft())
            watcher.advance(done, done)
    return done


def _job(store: Store, version: int) -> Job:
    cable = store.cable(version)
    original = store.db.execute("SELECT original FROM versions WHERE id = ?", (version,)).fetchone()[0]
    text = to_text(store.original(original))
    reason = next((d.message for d in cable.diagnostics if d.code == "no-text"), None)
    claims = dict(cable.claims)
    return RawRecord(text if text or reason is None else None, claims, f"version {version}", 1, reason), told(
        text or None, claims
    )


def _write(store: Store, writer: Writer, ids: list[int], result: Future[list[Outcome]]) -> int:
    with store.transaction():
        now = store.tick()
        for version, rows in zip(ids, result.result(), strict=True):
            if isinstance(rows, Rows):
                writer.renew(version, rows, now)
    return len(ids)
