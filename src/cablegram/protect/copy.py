"""The masked copy of an archive: every view of it sees the marks and never the words, and its index has none of the words either.

It lies in the archive's own folder, is made when it is first asked for and again when the archive or these rules change. It is for views on
this machine: what its texts are compressed with was trained on the unmasked ones, so it is no copy to hand on; ``export --mask`` is.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from cablegram import __version__
from cablegram.archive.archive import MASKED, Archive
from cablegram.archive.codec import to_text
from cablegram.archive.index import TextIndex
from cablegram.archive.ingest import Quiet, Watcher
from cablegram.archive.rows import make_rows, told
from cablegram.archive.store import NAME as DATABASE
from cablegram.archive.store import Store, Version
from cablegram.archive.writer import Writer
from cablegram.cable import Cable
from cablegram.errors import ArchiveError
from cablegram.protect.finding import NOBODY, Found, find, may_hold
from cablegram.protect.masking import masked, report
from cablegram.protect.rules import GROUPS

FOLDER: Final = "masked"
REPORT: Final = "masked.json"
_BATCH: Final = 500


def masked_folder(folder: Path, kinds: Iterable[str], watcher: Watcher | None = None) -> Path:
    """The folder of the copy of the archive in ``folder`` in which the ``kinds`` are masked; made now if it is not there or too old.

    ``ArchiveError`` where there is no archive, or no room for a copy.
    """
    wanted = frozenset(kinds)
    with Archive(folder, create=False) as archive:
        # Opening has brought the index up to date; what is copied is what is there now.
        store = archive.store
        place = place_of(store, wanted)
        name = place.name.rpartition("-")[0]
        with FileLock(str(place.parent / f"{name}.lock")):
            if place.is_dir():
                return place
            made = place.with_name(place.name + ".new")
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            try:
                store.db.execute("VACUUM INTO ?", (str(made / DATABASE),))
                mask_store(made, archive.name, wanted, watcher or Quiet())
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                raise
            for old in place.parent.glob(f"{name}-*"):
                if old != made:
                    shutil.rmtree(old, ignore_errors=True)
            os.replace(made, place)
    return place


def report_of(folder: Path) -> dict[str, Any]:
    """What was masked in the copy in ``folder``: counts by kind and rule, and the places."""
    told_report: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return told_report


def groups_of(wanted: frozenset[str]) -> list[str]:
    """What ``--mask`` calls the kinds that are wanted."""
    return [group for group, some in GROUPS.items() if wanted.intersection(some)]


def place_of(store: Store, wanted: frozenset[str]) -> Path:
    """The folder of the copy as the archive is now, made or not."""
    return room_of(store) / f"{'-'.join(groups_of(wanted))}-{_state(store)}"


def room_of(store: Store) -> Path:
    """Where copies lie: in the archive's folder, or, if nobody may write there, in one that goes when the program ends."""
    if store.writable and os.access(store.folder, os.W_OK):
        room = store.folder / FOLDER
    else:
        room = Path(tempfile.mkdtemp(prefix="cablegram-masked-"))
        atexit.register(shutil.rmtree, room, ignore_errors=True)
    try:
        room.mkdir(exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{room}: cannot be made ({error.strerror}); a masked copy of the archive goes there") from None
    return room


def _state(store: Store) -> str:
    """What a copy is of: the state of the archive, and the program with its rules."""
    digest = hashlib.sha256(__version__.encode())
    for entry in sorted(files("cablegram.protect").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            digest.update(entry.read_bytes())
    last = store.db.execute("SELECT count(*), max(id), max(parser) FROM versions").fetchone()
    run = store.db.execute("SELECT max(started) FROM runs").fetchone()
    tables = store.db.execute("PRAGMA user_version").fetchone()
    digest.update(repr((store.clock(), last, run, tables)).encode())
    return digest.hexdigest()[:16]


def mask_store(folder: Path, name: str, wanted: frozenset[str], watcher: Watcher) -> None:
    """Mask what stands in the store in ``folder``, a copy of the archive ``name``; index it, and write the report."""
    store = Store(folder, create=False)
    seen: list[tuple[str, Found]] = []
    try:
        with store.writing():
            store.db.execute("PRAGMA secure_delete = ON")
            store.db.execute("PRAGMA journal_mode = WAL")
            store.set_meta(MASKED, json.dumps([name, *groups_of(wanted)]))
            watcher.stage("masking", store.count())
            writer = Writer(store)
            done = 0
            for keys in _in_batches(store):
                with store.transaction():
                    now = store.tick()
                    for number, key in keys:
                        seen += [(key, found) for found in _mask_cable(store, writer, number, wanted, now)]
                done += len(keys)
                watcher.advance(done, done)
            with store.transaction() as db:
                # What other sources said of a cable is shown nowhere here, and may name who is masked.
                db.execute("UPDATE sightings SET claims = NULL WHERE claims IS NOT NULL")
                db.execute("DELETE FROM originals WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.original = originals.id)")
                db.execute("DELETE FROM files WHERE NOT EXISTS (SELECT 1 FROM originals o WHERE o.file = files.id)")
            watcher.stage("indexing", store.count())
            TextIndex(store).update(lambda count: watcher.advance(count, count), anew=True)
            store.settle_on_disk()
        (folder / REPORT).write_text(json.dumps(report(seen, wanted), ensure_ascii=False), encoding="utf-8")
    finally:
        store.close()


def _in_batches(store: Store) -> Iterator[list[tuple[int, str]]]:
    last = 0
    while rows := store.db.execute("SELECT id, key FROM cables WHERE id > ? ORDER BY id LIMIT ?", (last, _BATCH)).fetchall():
        yield rows
        last = rows[-1][0]


def _mask_cable(store: Store, writer: Writer, number: int, wanted: frozenset[str], now: int) -> list[Found]:
    """Mask all versions of a cable: whom one of them asks to protect is protected in all. What was found in each."""
    versions = store.versions(number)
    if not may_hold_any(store, versions):
        return []
    cables = [(version.id, store.cable(version.id)) for version in versions]
    # Which cables are nearly the same stays as it is of the originals, so that it does not depend on which others are masked with this one.
    settled = store.db.execute("SELECT settled FROM cables WHERE id = ?", (number,)).fetchone()
    out: list[Found] = []
    for version, cable, found in founds(cables):
        out.append(found)
        changed = masked(cable, wanted, found=found)
        if changed is not cable:
            rows = make_rows(changed, told(changed.original or None, changed.claims), store.packer)
            writer.replace(version, rows, now)
    store.db.execute("UPDATE cables SET settled = ? WHERE id = ?", (*settled, number))
    return out


def founds(cables: list[tuple[int, Cable]]) -> Iterator[tuple[int, Cable, Found]]:
    """What is found in each version of one cable, the people of all of them known."""
    first = [(version, cable, find(cable)) for version, cable in cables]
    people = NOBODY
    for _, _, found in first:
        people = people.plus(found.people)
    for version, cable, found in first:
        yield version, cable, found if found.people == people else find(cable, people)


def may_hold_any(store: Store, versions: Iterable[Version]) -> bool:
    """Whether there can be anything to protect in one of these versions: a quick look, for the many cables that have nothing."""
    return any(_may_hold(store, version.id, version.original) for version in versions)


def _may_hold(store: Store, version: int, original: int) -> bool:
    tags = [row[0] for row in store.db.execute("SELECT tag FROM tags WHERE version = ?", (version,))]
    return may_hold(to_text(store.original(original)), tags) or bool(
        store.db.execute("SELECT redacted FROM versions WHERE id = ?", (version,)).fetchone()[0]
    )
