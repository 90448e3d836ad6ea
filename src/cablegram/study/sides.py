"""The two sides of a comparison of whole collections: all cables of an archive, or those that came from some of its sources."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from json import dumps, loads
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from cablegram.archive.codec import glance
from cablegram.archive.info import grouped_sources
from cablegram.archive.ingest import Quiet, Report, Watcher, take_in
from cablegram.archive.match import fits_wild, spellings, stands
from cablegram.archive.rows import about
from cablegram.archive.store import NAME, Store
from cablegram.archive.words import fold, plain_words, words_of
from cablegram.archive.writer import fullness
from cablegram.cable import Cable
from cablegram.errors import ArchiveError, NotHeld
from cablegram.interpret.reader import parse

_BATCH: Final = 500
#: What a source says of a record that may change how it is read; the other claims (row numbers, raw spellings) do not.
_READ: Final = ("id", "created", "classification", "origin")
#: Of a row ``s`` of sources: whether anything was read from it.
_SEEN: Final = "EXISTS (SELECT 1 FROM sightings g WHERE g.source = s.id)"


class Member(NamedTuple):
    """One cable of a side: its ``key`` there and the ``version`` that is compared; ``stamp`` changes when what is compared does;
    ``digest`` is the SHA-256 of its original, ``length`` that one's characters (0: the source has no text). ``claims`` is what this side's
    source said of it (JSON), where the version's record was read with other claims. The rest is as lists show it; ``level`` is a rank."""

    key: str
    version: int
    stamp: str
    digest: bytes
    length: int
    claims: str | None
    created: str | None
    level: int | None
    post: str | None
    subject: str | None


@dataclass(frozen=True)
class Side:
    """One side: the cables of ``store``, each in its fullest version; or those of ``sources`` alone (their numbers in the store), each
    in the fullest version that one of these has. ``name`` is what to call it."""

    name: str
    store: Store
    sources: tuple[int, ...] | None = None
    #: The names of the sources, where only some are asked for.
    called: tuple[str, ...] = ()

    def members(self) -> Iterator[Member]:
        """Its cables, one at a time."""
        return self._all() if self.sources is None else self._of_sources()

    def cable(self, version: int, claims: str | None = None) -> Cable:
        """The record of a version, as this side's source gives it."""
        cable = self.store.cable(version)
        if claims is None:
            return cable
        said: dict[str, Any] = loads(claims)
        if all(said.get(name) == cable.claims.get(name) for name in _READ):
            return cable
        return parse(cable.original, said) if cable.original else cable

    def others(self, key: str, version: int) -> list[Cable]:
        """The other versions of a cable that the store has."""
        number = self.store.number(key)
        return [] if number is None else [self.store.cable(v.id) for v in self.store.versions(number) if v.id != version]

    def parsers(self) -> set[str]:
        """Which versions of this program read it."""
        return {row[0] for row in self.store.db.execute("SELECT DISTINCT parser FROM versions")}

    def state(self) -> str:
        """Changes when the store does: its clock, and how often cables were seen (a text that is seen again moves no clock)."""
        seen = self.store.db.execute("SELECT count(*) FROM sightings").fetchone()[0]
        return f"{self.store.clock()} {seen}"

    def _all(self) -> Iterator[Member]:
        rows = self.store.db.execute(
            "SELECT c.key, c.current, c.changed, o.sha256, o.length, c.created, c.level, c.post, c.subject FROM cables c"
            " JOIN versions v ON v.id = c.current JOIN originals o ON o.id = v.original"
        )
        for key, version, changed, digest, length, *told in rows:
            yield Member(key, version, f"{version}.{changed}", digest, length, None, *told)

    def _of_sources(self) -> Iterator[Member]:
        chosen = self._chosen()
        while some := list(islice(chosen, _BATCH)):
            rows = self.store.db.execute(
                "SELECT v.id, c.key, c.current, c.changed, o.sha256, o.length, c.created, c.level, c.post, c.subject FROM versions v"
                f" JOIN cables c ON c.id = v.cable JOIN originals o ON o.id = v.original WHERE v.id IN ({','.join('?' * len(some))})",
                [version for version, _ in some],
            )
            claims = dict(some)
            for version, key, current, changed, digest, length, *told in rows.fetchall():
                said = claims[version]
                stamp = f"{version}.{changed}" + (f".{crc32(said.encode())}" if said is not None else "")
                if said is not None or version != current:
                    told = list(self._told(version, said))
                yield Member(key, version, stamp, digest, length, said, *told)

    def _told(self, version: int, claims: str | None) -> tuple[Any, ...]:
        """What a list shows of a version that is not its cable's current one."""
        if claims is None:
            row = self.store.db.execute("SELECT record FROM versions WHERE id = ?", (version,)).fetchone()
            record: Any = glance(self.store.packer.unpack(row[0]))
        else:
            record = self.cable(version, claims)
        created, level, post, _, _, subject = about(record)
        return created, level, post, subject

    def _chosen(self) -> Iterator[tuple[int, str | None]]:
        """For each cable of the sources the fullest version that they have, and the claims that it was not read with."""
        db, sources = self.store.db, dumps(self.sources)
        seen = "SELECT g.version FROM sightings g WHERE g.source IN (SELECT value FROM json_each(?1))"
        joined: dict[int, list[int]] = defaultdict(list)
        for version, cable in db.execute(
            f"SELECT p.joined, v.cable FROM parts p JOIN versions v ON v.id = p.joined GROUP BY p.joined HAVING sum(p.part NOT IN ({seen})) = 0",
            (sources,),
        ):
            joined[cable].append(version)
        rows = db.execute(
            "SELECT v.cable, v.id, CASE WHEN sum(g.claims IS NULL) THEN NULL ELSE min(g.claims) END FROM sightings g"
            " JOIN versions v ON v.id = g.version WHERE g.source IN (SELECT value FROM json_each(?1)) GROUP BY v.id ORDER BY v.cable, v.id",
            (sources,),
        )
        for cable, group in groupby(rows, key=lambda row: int(row[0])):
            claims: dict[int, str | None] = {version: said for _, version, said in group}
            claims.update(dict.fromkeys(joined.get(cable, ())))
            if len(claims) > 1:
                best = max((v for v in self.store.versions(cable) if v.id in claims), key=fullness).id
            else:
                best = next(iter(claims))
            yield best, claims[best]


def sources_named(store: Store, name: str) -> tuple[tuple[int, str], ...]:
    """The sources of an archive (number, name) that somebody means by ``name``.

    A source that is called exactly so, else a group of files as `info` shows it (``pages/*``), else every source whose name has these
    words together, as ``source:`` finds them. ``NotHeld`` where there is none. All but the first looks at every name.
    """
    found = [one] if (one := source_called(store, name)) is not None else []
    if not found:
        known = store.db.execute(f"SELECT id, name FROM sources s WHERE {_SEEN} ORDER BY name").fetchall()
        if name.endswith("*"):
            group = grouped_sources(store).get(name)
            wanted = set(group.names) if group is not None else set()
            found = [one for one in known if one[1] in wanted]
        if not found:
            said = _kept(name)
            wild = fold(plain_words(said.strip())) if ("*" in said or "?" in said) and len(said.split()) == 1 else None
            spelled = [set(one) for one in spellings(said)]
            for number, called in known:
                words = words_of(called)
                if any(fits_wild(wild, word) for word in words) if wild else bool(spelled) and stands(words, spelled, 0):
                    found.append((number, called))
    if not found:
        raise NotHeld(f"{name[:80]}: no source of this archive is called so; `cablegram info` lists them")
    return tuple((int(number), str(called)) for number, called in found)


def source_called(store: Store, name: str) -> tuple[int, str] | None:
    """The source of an archive (number, name) that is called exactly so, found in no time also among very many; None where none is."""
    row: tuple[int, str] | None = store.db.execute(
        f"SELECT id, name FROM sources s WHERE name = ? AND {_SEEN}", (_kept(name),)
    ).fetchone()
    return row


def _kept(name: str) -> str:
    """``name`` without halves of characters, which a command line may give, and no name that is kept has."""
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def side_of_sources(store: Store, name: str) -> Side:
    """The cables of an archive that came from the sources that ``name`` means."""
    return _side(store, name, sources_named(store, name))


def side_of_source(store: Store, name: str) -> Side | None:
    """The cables of an archive that came from the one source that is called exactly so; None where none is."""
    found = source_called(store, name)
    return _side(store, name, (found,)) if found is not None else None


def _side(store: Store, name: str, found: tuple[tuple[int, str], ...]) -> Side:
    return Side(name, store, tuple(number for number, _ in found), tuple(called for _, called in found))


@contextmanager
def opened(place: str, watcher: Watcher | None = None, processes: int | None = None) -> Iterator[tuple[Side, Report | None]]:
    """A side for as long as the block lasts: the archive in the folder ``place``, or any source that can be read, which is put into an
    archive of its own that goes with the block; then with the report of the reading.

    ``UnreadableInput`` where the source cannot be read; ``ArchiveError`` where the archive cannot, or nothing can be kept.
    """
    if (Path(place) / NAME).is_file():
        store = Store(Path(place), create=False)
        try:
            _be_modest(store)
            yield Side(place, store), None
        finally:
            store.close()
        return
    with tempfile.TemporaryDirectory(prefix="cablegram-compared-") as folder:
        store = Store(Path(folder) / "archive", create=True)
        try:
            with store.writing():
                report = take_in(store, [place], watcher or Quiet(), processes, settle=False)
            if report.stopped:
                raise KeyboardInterrupt
            if not store.count():
                raise ArchiveError(f"{place}: no cable in it could be read")
            _be_modest(store)
            yield Side(place, store), report
        finally:
            store.close()


def _be_modest(store: Store) -> None:
    """Let go of what SQLite holds of this store in memory, and hold less: each record is read once, and there are two stores."""
    for setting in ("cache_size = -8192", "mmap_size = 33554432", "shrink_memory"):
        store.db.execute(f"PRAGMA {setting}")
