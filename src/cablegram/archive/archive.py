"""An archive in one folder: put cables in, find them, get them back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeVar

from cablegram.archive.again import read_versions_again
from cablegram.archive.index import TextIndex
from cablegram.archive.ingest import Ingest, Quiet, Report, Watcher, take_in
from cablegram.archive.rows import draft, pack, told
from cablegram.archive.search import Results, Search, State
from cablegram.archive.store import Store, Version
from cablegram.archive.writer import Place, Writer
from cablegram.cable import Cable
from cablegram.interpret.claims import canonical_id, meant_id

_BATCH = 500
#: Where the store of a masked copy says what it is: a JSON list of the archive's name and the groups that are masked.
MASKED: Final = "masked"
_T = TypeVar("_T")


class Sighting(NamedTuple):
    """Where a version was seen: the ``source`` and the ``position`` in it."""

    source: str
    position: int


class VersionInfo(NamedTuple):
    """One version of a cable: its number ``version``, its ``kind`` (``release``, or ``joined`` of ``parts``), whether it is the
    ``current`` one, the ``parser`` that read it, whether it is ``partial``, the ``sections`` that it holds, ``redacted`` and ``length`` in characters
    of its restored text, the ``sha256`` of its original, and its ``sightings``."""

    version: int
    kind: str
    current: bool
    parser: str
    partial: bool
    sections: tuple[int, ...]
    redacted: int
    length: int
    sha256: str
    parts: tuple[int, ...]
    sightings: tuple[Sighting, ...]


class Masked(NamedTuple):
    """Of what an archive is the masked copy: the name of that ``archive``, and the ``groups`` that are masked (names, persons, numbers)."""

    archive: str
    groups: tuple[str, ...]


class Archive:
    """An archive in ``folder``, made there if it is not yet. A context manager.

    Several processes and threads may read while one writes; a second writer is refused with ``ArchiveError``. ``create=False``
    refuses a folder without an archive. Opening brings the index up to date if the last writer was stopped before it did;
    ``catch_up=False`` leaves it as it is.
    """

    def __init__(self, folder: str | Path, *, create: bool = True, catch_up: bool = True) -> None:
        self.folder = Path(folder)
        self.store = Store(self.folder, create=create)
        self.index = TextIndex(self.store)
        self._search = Search(self.store, self.index)
        if catch_up and self.is_behind():
            self.reindex(anew=False)

    def is_behind(self) -> bool:
        """Whether the index lacks what a writer that was stopped has put in, or is none of this program's, and can be brought up to date now."""
        index = self.index
        return self.store.writable and (index.is_missing() or index.is_half_made() or index.behind() > 0) and self.store.is_free()

    @property
    def masked(self) -> Masked | None:
        """What is masked in it; None where nothing is: it is no masked copy."""
        told = self.store.meta(MASKED)
        if told is None:
            return None
        name, *groups = json.loads(told)
        return Masked(name, tuple(groups))

    @property
    def name(self) -> str:
        """What the archive is called: as its folder, and a masked copy as the archive that it is of."""
        masked = self.masked
        return masked.archive if masked is not None else self.folder.resolve().name

    # putting in

    def add(self, cables: Iterable[Cable], source: str = "added by a program") -> Report:
        """Put in cables that were read already, and index them. ``source`` names where they are from."""
        report = Report()
        writer = Writer(self.store)
        with self.store.writing():
            position = 0
            for batch in _in_batches(cables, _BATCH):
                drafts = [draft(cable, told(cable.original or None, cable.claims)) for cable in batch]
                rows = pack(drafts, self.store.packer)
                places = [Place(source, position + n) for n in range(1, len(rows) + 1)]
                position += len(rows)
                with self.store.transaction():
                    report.count(writer.add(zip(places, rows, strict=True)))
            report.read = position
            Ingest(self.store).settle()
            self.index.update()
        return report

    def ingest(self, *sources: str | Path, watcher: Watcher | None = None, processes: int | None = None) -> Report:
        """Put in all that these sources have, read on all cores, and index it.

        ``UnreadableInput`` where a source as a whole cannot be read. Ctrl-C stops after the last whole batch
        (``report.stopped``); the next call goes on there, and so does the index.
        """
        watcher = watcher or Quiet()
        with self.store.writing():
            report = take_in(self.store, sources, watcher, processes)
            if not report.stopped:
                clock = time.perf_counter()
                try:
                    self._update(watcher, processes=processes)
                except KeyboardInterrupt:
                    report.stopped = True
                report.seconds["indexing"] = time.perf_counter() - clock
        return report

    def _update(self, watcher: Watcher, *, anew: bool = False, processes: int | None = None) -> int:
        watcher.stage("indexing", self.index.to_read(anew=anew))
        return self.index.update(lambda done: watcher.advance(done, done), anew=anew, processes=processes)

    def reindex(self, *, anew: bool = True, watcher: Watcher | None = None) -> int:
        """Make the full-text index again from the store (``anew=False``: only what it has not seen); the number of cables that were read.

        Until a new one is whole the old one is asked. One that was stopped goes on where it was.
        """
        with self.store.writing():
            return self._update(watcher or Quiet(), anew=anew)

    def read_again(self, *, everything: bool = False, watcher: Watcher | None = None) -> int:
        """Read every original anew that an older cablegram read (``everything``: all); ids stay. The number of versions read."""
        with self.store.writing():
            count = read_versions_again(self.store, watcher or Quiet(), everything=everything)
            Ingest(self.store, watcher).settle()
            self._update(watcher or Quiet())
        return count

    # finding

    def search(
        self, query: str | State = "", *, sort: str = "relevance", limit: int = 20, after: str | None = None,
        facets: bool = True, snippets: bool = True, months: bool = False,
    ) -> Results:  # fmt: skip
        """Cables that ``query`` finds (docs/search.md), ``limit`` of them from the place ``after`` on, with their number and facets.

        ``months``: also a facet of months (``2007-12``).

        ``QueryError`` says what is wrong with a query, and where.
        """
        state = query if isinstance(query, State) else State(query, sort, limit, after)
        return self._search.run(state, facets=facets, snippets=snippets, months=months)

    def find(self, query: str) -> Iterator[Cable]:
        """Every cable that ``query`` finds, in order of ids, one at a time."""
        for key in self.find_ids(query):
            cable = self.get(key)
            if cable is not None:
                yield cable

    def find_ids(self, query: str) -> Iterator[str]:
        """The id of every cable that ``query`` finds, in their order."""
        for batch in _in_batches(self._search.rows(query), _BATCH):
            current = self.store.current(batch)
            yield from (current[row][0] for row in batch if row in current)

    def highlighter(self, query: str) -> Any:
        """What marks the words of ``query`` in texts."""
        return self._search.highlighter(query)

    # getting back

    def resolve(self, name: str) -> str | None:
        """The id under which the archive has a cable, for any usual spelling of it; None where it has none."""
        for spelling in (name.strip(), name.strip().upper(), canonical_id("".join(name.split()))):
            if spelling and self.store.number(spelling) is not None:
                return spelling
        return None

    def get(self, id: str, version: int | None = None) -> Cable | None:
        """The cable with this id (any usual spelling), or one ``version`` of it; None where the archive has none."""
        key = self.resolve(id)
        if key is None:
            return None
        number = self.store.number(key)
        assert number is not None
        if version is None:
            return self.store.cable(self.store.current([number])[number][1])
        return self.store.cable(version) if version in {v.id for v in self.store.versions(number)} else None

    def versions(self, id: str) -> list[VersionInfo]:
        """All versions of a cable, in the order in which they came."""
        key = self.resolve(id)
        number = self.store.number(key) if key is not None else None
        if number is None:
            return []
        current = self.store.current([number])[number][1]
        return [self._version(version, version.id == current) for version in self.store.versions(number)]

    def _version(self, version: Version, current: bool) -> VersionInfo:
        db = self.store.db
        checksum = db.execute("SELECT sha256 FROM originals WHERE id = ?", (version.original,)).fetchone()[0]
        parts = tuple(row[0] for row in db.execute("SELECT part FROM parts WHERE joined = ? ORDER BY part", (version.id,)))
        return VersionInfo(
            version.id, version.kind, current, version.parser, version.partial, version.held, version.redacted, version.length,
            checksum.hex(), parts, tuple(Sighting(name, position) for name, position, _ in self.store.sightings(version.id)),
        )  # fmt: skip

    def cited_by(self, id: str) -> list[str]:
        """Ids of the cables that cite this one, which need not be held."""
        return self.store.cited_by(self.resolve(id) or meant_id(id))

    def alike(self, id: str) -> list[str]:
        """Ids of the cables whose text is nearly the same as this one's."""
        key = self.resolve(id)
        number = self.store.number(key) if key is not None else None
        return self.store.alike(number) if number is not None else []

    def ids(self) -> Iterator[str]:
        """All ids, in alphabetical order."""
        last = ""
        while rows := self.store.db.execute(
            "SELECT key FROM cables WHERE key > ? ORDER BY key LIMIT ?", (last, _BATCH)
        ).fetchall():
            yield from (row[0] for row in rows)
            last = rows[-1][0]

    def __iter__(self) -> Iterator[Cable]:
        """All cables, in alphabetical order of their ids, one at a time."""
        for key in self.ids():
            cable = self.get(key)
            if cable is not None:
                yield cable

    def __len__(self) -> int:
        return self.store.count()

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self.resolve(id) is not None

    def close(self) -> None:
        """Close the archive."""
        self.store.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Archive {self.folder}>"


def _in_batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    batch: list[_T] = []
    for item in items:
        batch.append(item)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
