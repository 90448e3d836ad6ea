"""Ingest: records of any source into the store, in the order of the source, each batch whole or not at all.

What the store has is known by the checksum of its text and claims and is not read again; so a run that was stopped goes on
where it was by beginning again, and the same source read twice adds nothing.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, Protocol

from cablegram import __version__
from cablegram.archive.codec import RECORDS, TEXTS, encode, legible, replay_edits, to_bytes, train
from cablegram.archive.rows import Rows, read_raw, told
from cablegram.archive.store import Store
from cablegram.archive.work import Job, Outcome, Reading, Workers, read_all
from cablegram.archive.writer import Place, Tally, Writer
from cablegram.sources import open_source, sample, weigh
from cablegram.sources.base import Item, RawRecord, Refusal

_BATCH: Final = 256
#: Characters of text in one batch: a batch of long texts is shorter.
_BATCH_TEXT: Final = 4_000_000
#: Batches that are written in one go: the fewer transactions, the fewer pages of the tables' indexes are written again and again.
_TOGETHER: Final = 4
#: Fewer records than this are read here; starting workers would take longer.
_FEW: Final = 256
_SETTLE: Final = 500
#: Texts that dictionaries are trained on, at most; of a source that has no more than some batches.
_SAMPLES: Final = 1_536
_SAMPLES_OF_FEW: Final = 256
_FEWEST_SAMPLES: Final = 200


class Watcher(Protocol):
    """Who is told of the progress of a run."""

    def stage(self, name: str, total: int | None) -> None:
        """A new stage (``reading``, ``comparing``, ``indexing``) of ``total`` characters or cables, None where unknown."""

    def advance(self, done: int, cables: int) -> None:
        """So many characters or cables of the stage are done, and so many cables in all."""


class Quiet:
    """Tells nobody."""

    def stage(self, name: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, done: int, cables: int) -> None:
        """Nothing."""


@dataclass
class Report:
    """What became of a run: records ``read``, ``new`` cables, new ``versions`` of cables, ``unchanged`` records, those that were ``refused``, whether
    it was ``stopped``, and how many ``seconds`` each part took."""

    read: int = 0
    new: int = 0
    versions: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    stopped: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, tally: Tally) -> None:
        """Add what became of some records."""
        self.new += tally.new
        self.versions += tally.versions
        self.unchanged += tally.unchanged

    def to_dict(self) -> dict[str, Any]:
        """As ``ingest --json`` prints it."""
        return {
            "read": self.read, "new": self.new, "versions": self.versions, "unchanged": self.unchanged,
            "refused": [refusal._asdict() for refusal in self.refused], "stopped": self.stopped,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }  # fmt: skip


@dataclass
class _Batch:
    records: list[RawRecord] = field(default_factory=list)
    checksums: list[bytes] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    size: int = 0
    known: dict[bytes, int] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    result: Future[list[Outcome]] | None = None


def _batches(items: Iterable[Item]) -> Iterator[_Batch]:
    batch = _Batch()
    for item in items:
        if isinstance(item, Refusal):
            batch.refusals.append(item)
        else:
            batch.records.append(item)
            batch.checksums.append(told(item.text, item.claims))
            batch.size += len(item.text or "") + len(item.data or b"")
        if len(batch.records) + len(batch.refusals) >= _BATCH or batch.size > _BATCH_TEXT:
            yield batch
            batch = _Batch()
    if batch.records or batch.refusals:
        yield batch


class Ingest:
    """One run over some items; :meth:`run` is to be called inside :meth:`Store.writing`."""

    def __init__(
        self, store: Store, watcher: Watcher | None = None, processes: int | None = None, samples: Sequence[RawRecord] = ()
    ) -> None:
        self._store = store
        self._writer = Writer(store)
        self._watcher: Watcher = watcher or Quiet()
        self._processes = processes or os.cpu_count() or 1
        self._samples = samples
        self.report = Report()
        self._done = 0

    def run(self, items: Iterable[Item], sources: str, total: int | None = None, *, settle: bool = True) -> Report:
        """Write all items to the store. A ``KeyboardInterrupt`` ends the run after the last whole batch; ``report.stopped`` says so.

        ``settle=False`` leaves out the search for cables that are nearly the same.
        """
        report, db = self.report, self._store.db
        started = datetime.now(UTC).isoformat(timespec="seconds")
        run = db.execute(
            "INSERT INTO runs (started, program, sources) VALUES (?, ?, ?)", (started, __version__, sources)
        ).lastrowid
        clock = time.perf_counter()
        self._watcher.stage("reading", total)
        try:
            self._read(items)
            report.seconds["reading"] = time.perf_counter() - clock
            if settle:
                clock = time.perf_counter()
                self.settle()
                report.seconds["comparing"] = time.perf_counter() - clock
        except KeyboardInterrupt:
            report.stopped = True
        finally:
            db.execute(
                "UPDATE runs SET finished = ?, read = ?, new = ?, versions = ?, unchanged = ?, refused = ? WHERE id = ?",
                (
                    None if report.stopped else datetime.now(UTC).isoformat(timespec="seconds"),
                    report.read, report.new, report.versions, report.unchanged, len(report.refused), run,
                ),
            )  # fmt: skip
        return report

    def _read(self, items: Iterable[Item]) -> None:
        batches = _batches(items)
        # An archive that has dictionaries needs no samples: its workers begin with the second batch.
        first = list(islice(batches, 2 if self._store.dictionaries() else _SAMPLES // _BATCH))
        if not first:
            return
        if not self._store.dictionaries():
            self._train(first)
        if len(first) == 1 and len(first[0].records) <= _FEW:
            self._look_up(first[0])
            self._write([(first[0], read_all(first[0].jobs, self._store.packer))])
            return
        waiting: deque[_Batch] = deque()
        with Workers(self._processes, Reading(self._store.dictionaries())) as workers:
            for batch in chain(first, batches):
                self._look_up(batch)
                batch.result = workers.submit(batch.jobs) if batch.jobs else None
                waiting.append(batch)
                if len(waiting) >= self._processes * 2 + _TOGETHER:
                    self._finish([waiting.popleft() for _ in range(_TOGETHER)])
            while waiting:
                # One by one, while the others are still being read: a small source has no more than these.
                self._finish([waiting.popleft()])

    def _train(self, first: Sequence[_Batch]) -> None:
        """Texts from all over a large source, or else its first ones, teach the archive how to compress: sources are often in order of
        time, and the first years are not like the last."""
        known = [record for record in (*self._samples, *(one for batch in first for one in batch.records)) if record.text]
        samples = known[: _SAMPLES if len(known) >= _SAMPLES else _SAMPLES_OF_FEW]
        if len(samples) < _FEWEST_SAMPLES:
            return
        texts = [to_bytes(record.text or "") for record in samples]
        with ThreadPoolExecutor(1) as pool:
            # Both take some seconds; training does not hold the interpreter's lock.
            trained = pool.submit(train, texts, TEXTS)
            cables = [read_raw(record) for record in samples]
            records = [encode(cable, text, replay_edits(cable)) for cable, text in zip(cables, texts, strict=True)]
        found = {TEXTS: trained.result(), RECORDS: train(records, RECORDS)}
        self._store.add_dictionaries({number: data for number, data in found.items() if data is not None})

    def _look_up(self, batch: _Batch) -> None:
        batch.known = self._writer.known(batch.checksums)
        batch.jobs = [
            (record, checksum)
            for record, checksum in zip(batch.records, batch.checksums, strict=True)
            if checksum not in batch.known
        ]

    def _finish(self, batches: Sequence[_Batch]) -> None:
        self._write([(batch, batch.result.result() if batch.result is not None else []) for batch in batches])

    def _write(self, batches: Sequence[tuple[_Batch, list[Outcome]]]) -> None:
        report = self.report
        clock = time.perf_counter()
        with self._store.transaction():
            written = [self._put(batch, outcomes) for batch, outcomes in batches]
            # Before it is kept: a Ctrl-C while that goes on is told of when it is done, and these are in the archive then.
            for (batch, _), (tally, refused) in zip(batches, written, strict=True):
                report.read += len(batch.records) - (len(refused) - len(batch.refusals))
                report.count(tally)
                report.refused.extend(refused)
                self._done += batch.size
        report.seconds["storing"] = report.seconds.get("storing", 0.0) + time.perf_counter() - clock
        self._watcher.advance(self._done, report.read)

    def _put(self, batch: _Batch, outcomes: list[Outcome]) -> tuple[Tally, list[Refusal]]:
        """Write a batch; what became of its records, and those that were refused, by the source or by us."""
        read: list[tuple[Place, Rows]] = []
        refused = list(batch.refusals)
        for (record, _), outcome in zip(batch.jobs, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                refused.append(outcome)
            else:
                read.append((Place(record.source, record.position), outcome))
        again = [
            (Place(record.source, record.position), checksum, batch.known[checksum])
            for record, checksum in zip(batch.records, batch.checksums, strict=True)
            if checksum in batch.known
        ]
        self._writer.refuse(refused)
        tally = self._writer.seen_again(again)
        return (tally.plus(self._writer.add(read)) if read else tally), refused

    def settle(self) -> None:
        """Compare the new cables with the others."""
        left = self._store.db.execute("SELECT count(*) FROM cables WHERE settled = 0").fetchone()[0]
        if not left:
            return
        self._watcher.stage("comparing", left)
        last: int | None = 0
        while last is not None:
            with self._store.transaction():
                last = self._writer.spread(last)
        done = 0
        while some := self._writer.unsettled(_SETTLE):
            with self._store.transaction():
                self._writer.settle(some)
            done += len(some)
            self._watcher.advance(done, self.report.read)


def take_in(
    store: Store, sources: Sequence[str | Path], watcher: Watcher, processes: int | None = None, *, settle: bool = True
) -> Report:
    """Put all that these sources have into the store; to be called inside :meth:`Store.writing`.

    ``UnreadableInput`` where a source as a whole cannot be read. ``settle``: see :meth:`Ingest.run`.
    """
    weights = [weigh(source) for source in sources]
    total = sum(weight or 0 for weight in weights) if all(weight is not None for weight in weights) else None
    samples = [] if store.dictionaries() else [record for source in sources for record in sample(source)]
    items = (item for source in sources for item in open_source(source))
    named = legible(os.fsdecode(" ".join(map(str, sources))))
    return Ingest(store, watcher, processes, samples).run(items, named, total, settle=settle)
