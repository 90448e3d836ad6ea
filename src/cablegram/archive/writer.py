"""Writing to the store: new versions, the choice of the current one, sections joined, cables that are nearly the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cablegram import __version__
from cablegram.archive.codec import to_text
from cablegram.archive.likeness import ALIKE, MOST_HOLDERS, SHARED, likeness, sentences
from cablegram.archive.rows import Rows, about, claims_text, make_rows, told
from cablegram.archive.store import Store, Version
from cablegram.interpret.reader import parse
from cablegram.sources.base import Refusal

#: A cable is compared with at most this many others.
_MOST_COMPARED = 200


class Place(NamedTuple):
    """Where a record was found: the source's name and the position in it."""

    source: str
    position: int


class Tally(NamedTuple):
    """What became of some records."""

    new: int = 0
    versions: int = 0
    unchanged: int = 0

    def plus(self, other: Tally) -> Tally:
        """The sum of both."""
        return Tally(self.new + other.new, self.versions + other.versions, self.unchanged + other.unchanged)


class Writer:
    """Writes to one store; its methods are to be called inside :meth:`Store.writing`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources: dict[str, int] = {}

    def _source(self, name: str) -> int:
        number = self._sources.get(name)
        if number is None:
            db = self._store.db
            db.execute("INSERT OR IGNORE INTO sources (name) VALUES (?)", (name,))
            number = int(db.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()[0])
            self._sources[name] = number
        return number

    def known(self, checksums: Sequence[bytes]) -> dict[bytes, int]:
        """Which of these records (:func:`cablegram.archive.rows.told`) the store has, with the version of each."""
        out: dict[bytes, int] = {}
        for at in range(0, len(checksums), 500):
            some = checksums[at : at + 500]
            marks = ",".join("?" * len(some))
            out.update(self._store.db.execute(f"SELECT told, version FROM sightings WHERE told IN ({marks})", some))
        return out

    def seen_again(self, records: Iterable[tuple[Place, bytes, int]]) -> Tally:
        """Note where known records were seen; nothing changes where they were seen there before."""
        rows = [(self._source(place.source), place.position, checksum, version) for place, checksum, version in records]
        # Claims that differ from the record's stand with the first sighting that has this checksum.
        self._store.db.executemany(
            "INSERT OR IGNORE INTO sightings SELECT ?1, ?2, ?3, ?4, (SELECT claims FROM sightings WHERE told = ?3 LIMIT 1)", rows
        )
        return Tally(unchanged=len(rows))

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Keep what was refused, and why."""
        rows = [(self._source(r.source), r.position, r.reason) for r in refusals]
        self._store.db.executemany("INSERT OR IGNORE INTO refusals VALUES (?, ?, ?)", rows)

    def add(self, given: Iterable[tuple[Place, Rows]]) -> Tally:
        """Write records that were read; those whose text the same cable already has are only noted."""
        db = self._store.db
        now = self._store.tick()
        tables: dict[str, list[tuple[Any, ...]]] = {
            name: [] for name in ("paragraphs", "addressees", "tags", "refs", "edits", "diagnostics")
        }
        sightings: list[tuple[Any, ...]] = []
        sketches: list[tuple[int, int]] = []
        again: list[int] = []
        new = versions = unchanged = 0
        for place, rows in given:
            cable, is_new = self._cable(rows, now)
            original = self._original(rows)
            row = db.execute("SELECT id, record FROM versions WHERE cable = ? AND original = ?", (cable, original)).fetchone()
            if row is not None:
                version = int(row[0])
                unchanged += 1
            else:
                version = self._version(cable, original, "release", rows)
                for name, table in tables.items():
                    table.extend((version, *values) for values in getattr(rows, name))
                sketches.extend((value, cable) for value in rows.sketch)
                new += is_new
                versions += not is_new
                if is_new:
                    db.execute("UPDATE cables SET current = ? WHERE id = ?", (version, cable))
                else:
                    again.append(cable)
            same = row is None or self._claims(version) == rows.claims
            sightings.append((self._source(place.source), place.position, rows.told, version, None if same else rows.claims))
        for name, table in tables.items():
            if table:
                db.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(table[0]))})", table)
        db.executemany("INSERT OR IGNORE INTO sketches VALUES (?, ?)", sketches)
        db.executemany("INSERT OR IGNORE INTO sightings VALUES (?, ?, ?, ?, ?)", sightings)
        for cable in again:
            self.choose(cable, now)
        return Tally(new, versions, unchanged)

    def _cable(self, rows: Rows, now: int) -> tuple[int, bool]:
        db = self._store.db
        row = db.execute("SELECT id FROM cables WHERE key = ?", (rows.key,)).fetchone()
        if row is not None:
            return int(row[0]), False
        cable = db.execute(
            "INSERT INTO cables (key, changed, created, level, post, country, serial, subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (rows.key, now, *rows.about),
        ).lastrowid
        assert cable is not None
        # Who cites it cites no missing cable any more.
        db.execute(
            "UPDATE cables SET changed = ? WHERE id IN (SELECT v.cable FROM refs r JOIN versions v ON v.id = r.version WHERE r.target = ?)",
            (now, rows.key),
        )
        return cable, True

    def _original(self, rows: Rows) -> int:
        db = self._store.db
        row = db.execute("SELECT id FROM originals WHERE sha256 = ?", (rows.sha256,)).fetchone()
        if row is not None:
            return int(row[0])
        file: int | None = None
        if rows.file is not None:
            db.execute("INSERT OR IGNORE INTO files (sha256, data) VALUES (?, ?)", rows.file)
            file = db.execute("SELECT id FROM files WHERE sha256 = ?", (rows.file[0],)).fetchone()[0]
        number = db.execute(
            "INSERT INTO originals (sha256, length, data, file) VALUES (?, ?, ?, ?)",
            (rows.sha256, rows.size, rows.original, file),
        ).lastrowid
        assert number is not None
        return number

    def _version(self, cable: int, original: int, kind: str, rows: Rows) -> int:
        number = self._store.db.execute(
            "INSERT INTO versions (cable, original, kind, parser, partial, corrected, sections, held, redacted, length, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (cable, original, kind, __version__, *rows.version, rows.record),
        ).lastrowid
        assert number is not None
        return number

    def _claims(self, version: int) -> str:
        return claims_text(self._store.outline(version)[0].claims)

    # the current version

    def choose(self, cable: int, now: int) -> None:
        """Make the fullest version of a cable its current one, after joining the sections that came apart."""
        versions = self._join(cable)
        best = max(versions, key=_fullness)
        stored, _ = self._store.outline(best.id)
        self._store.db.execute(
            "UPDATE cables SET current = ?, changed = ?, settled = 0, created = ?, level = ?, post = ?, country = ?, serial = ?, subject = ?"
            " WHERE id = ?",
            (best.id, now, *about(stored), cable),
        )

    def _join(self, cable: int) -> list[Version]:
        """Join sections of one message that came as separate texts; what was joined before is joined anew."""
        db = self._store.db
        versions = self._store.versions(cable)
        parts = [v for v in versions if v.kind == "release"]
        whole = max((len(v.held) for v in parts), default=0)
        count = max((v.sections or 0 for v in parts), default=0)
        chosen: list[Version] = []
        have: set[int] = set()
        # Of several texts with the same section the fullest one is taken; then they stand in the order of their sections.
        for version in sorted(parts, key=_fullness, reverse=True):
            if version.held and not have & set(version.held):
                chosen.append(version)
                have |= set(version.held)
        chosen.sort(key=lambda v: v.held[0])
        joined = [v for v in versions if v.kind == "joined"]
        if len(chosen) < 2 or len(have) <= whole or len(have) > count:
            wanted: tuple[int, ...] = ()
        else:
            wanted = tuple(v.id for v in chosen)
        for version in joined:
            known = tuple(row[0] for row in db.execute("SELECT part FROM parts WHERE joined = ? ORDER BY part", (version.id,)))
            if known == tuple(sorted(wanted)):
                return versions
            db.execute("UPDATE cables SET current = ? WHERE id = ? AND current = ?", (parts[0].id, cable, version.id))
            db.execute("DELETE FROM versions WHERE id = ?", (version.id,))
        if wanted:
            text = "\n".join(to_text(self._store.original(v.original)).rstrip("\n") for v in chosen) + "\n"
            claims = self._store.outline(wanted[0])[0].claims
            rows = make_rows(parse(text, claims), told(text, claims), self._store.packer)
            version_id = self._version(cable, self._original(rows), "joined", rows)
            self._children(version_id, rows)
            db.executemany("INSERT INTO parts VALUES (?, ?)", [(version_id, part) for part in wanted])
        return self._store.versions(cable)

    def _children(self, version: int, rows: Rows) -> None:
        for name in ("paragraphs", "addressees", "tags", "refs", "edits", "diagnostics"):
            values = [(version, *row) for row in getattr(rows, name)]
            if values:
                self._store.db.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(values[0]))})", values)

    def renew(self, version: int, rows: Rows, now: int) -> None:
        """Write what a newer parser read in a version. Its cable keeps its id also where the newer parser would give another."""
        db = self._store.db
        for name in ("paragraphs", "addressees", "tags", "refs", "edits", "diagnostics"):
            db.execute(f"DELETE FROM {name} WHERE version = ?", (version,))
        db.execute(
            "UPDATE versions SET parser = ?, partial = ?, corrected = ?, sections = ?, held = ?, redacted = ?, length = ?, record = ?"
            " WHERE id = ?",
            (__version__, *rows.version, rows.record, version),
        )
        self._children(version, rows)
        cable = int(db.execute("SELECT cable FROM versions WHERE id = ?", (version,)).fetchone()[0])
        db.execute("DELETE FROM sketches WHERE cable = ?", (cable,))
        db.executemany("INSERT OR IGNORE INTO sketches VALUES (?, ?)", [(value, cable) for value in rows.sketch])
        self.choose(cable, now)

    # cables that are nearly the same

    def unsettled(self, limit: int) -> list[int]:
        """Cables that have not been compared with the others yet."""
        rows = self._store.db.execute("SELECT id FROM cables WHERE settled = 0 ORDER BY id LIMIT ?", (limit,))
        return [row[0] for row in rows]

    def settle(self, cables: Sequence[int]) -> None:
        """Group each of these cables with those that are nearly the same; a group is known by its first cable."""
        db = self._store.db
        texts: dict[int, set[int]] = {}
        now: int | None = None
        for cable in cables:
            others = db.execute(
                "SELECT o.cable, count(*) FROM sketches s JOIN sketches o ON o.hash = s.hash AND o.cable < s.cable"
                " WHERE s.cable = ?1 AND (SELECT count(*) FROM (SELECT 1 FROM sketches x WHERE x.hash = s.hash LIMIT ?2)) < ?2"
                " GROUP BY o.cable HAVING count(*) >= ?3 ORDER BY 2 DESC, 1 LIMIT ?4",
                (cable, MOST_HOLDERS, SHARED, _MOST_COMPARED),
            ).fetchall()
            for other, _ in others:
                if likeness(self._sentences(cable, texts), self._sentences(other, texts)) >= ALIKE:
                    now = now if now is not None else self._store.tick()
                    self._group(cable, other, now)
            if len(texts) > 2000:
                texts.clear()
        db.executemany("UPDATE cables SET settled = 1 WHERE id = ?", [(cable,) for cable in cables])

    def _sentences(self, cable: int, texts: dict[int, set[int]]) -> set[int]:
        if cable not in texts:
            version = self._store.db.execute("SELECT current FROM cables WHERE id = ?", (cable,)).fetchone()[0]
            texts[cable] = sentences(self._store.outline(version)[1] or "")
        return texts[cable]

    def _group(self, one: int, other: int, now: int) -> None:
        db = self._store.db
        groups = [db.execute("SELECT coalesce(alike, id) FROM cables WHERE id = ?", (n,)).fetchone()[0] for n in (one, other)]
        first = min(groups)
        for group in {*groups, one, other}:
            db.execute(
                "UPDATE cables SET alike = ?1, changed = ?2 WHERE (alike = ?3 OR id = ?3) AND alike IS NOT ?1",
                (first, now, group),
            )


def _fullness(version: Version) -> tuple[int, ...]:
    """What makes one version better to read than another, in this order: it is no extract; it has a text; it has more sections;
    it is the corrected copy; less of it is blacked out; it is longer; it came first."""
    return (
        -int(version.partial), int(version.length > 0), len(version.held), int(version.corrected),
        -version.redacted, version.length, -version.id,
    )  # fmt: skip
