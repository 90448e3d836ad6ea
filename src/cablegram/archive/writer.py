"""Writing to the store: new versions, the choice of the current one, sections joined, cables that are nearly the same."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from cablegram import __version__
from cablegram.archive.citations import by_version
from cablegram.archive.codec import to_text
from cablegram.archive.likeness import ALIKE, MOST_HOLDERS, SHARED, checksums, likeness, sentences
from cablegram.archive.rows import Rows, about, claims_text, make_rows, told
from cablegram.archive.store import Store, Version
from cablegram.interpret.reader import parse
from cablegram.sources.base import Refusal

#: A cable is compared with at most this many others.
_MOST_COMPARED = 200
#: Cables whose sketches are put in at once.
_SPREAD = 20_000
#: Tables that have what a version says as rows.
_CHILDREN = ("paragraphs", "addressees", "tags", "refs", "mentions", "edits", "diagnostics")


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
        self._name((source, version) for source, _, _, version in rows)
        # Claims that differ from the record's stand with the first sighting that has this checksum.
        self._store.db.executemany(
            "INSERT OR IGNORE INTO sightings SELECT ?1, ?2, ?3, ?4, (SELECT claims FROM sightings WHERE told = ?3 LIMIT 1)", rows
        )
        return Tally(unchanged=len(rows))

    def _name(self, seen: Iterable[tuple[int, int]]) -> None:
        """Note that cables are to be indexed again whose current version is seen (source, version) in a source that did not have it before."""
        pairs = set(seen)
        if not pairs:
            return
        db, versions = self._store.db, json.dumps([version for _, version in pairs])
        known = db.execute("SELECT source, version FROM sightings WHERE version IN (SELECT value FROM json_each(?))", (versions,))
        new = [version for _, version in pairs.difference(known)]
        if new:
            db.execute(
                "UPDATE cables SET changed = ?1 WHERE id IN (SELECT cable FROM versions WHERE id IN (SELECT value FROM json_each(?2)))"
                " AND current IN (SELECT value FROM json_each(?2))",
                (self._store.tick(), json.dumps(new)),
            )

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Keep what was refused, and why."""
        rows = [(self._source(r.source), r.position, r.reason) for r in refusals]
        self._store.db.executemany("INSERT OR IGNORE INTO refusals VALUES (?, ?, ?)", rows)

    def add(self, given: Iterable[tuple[Place, Rows]]) -> Tally:
        """Write records that were read; those whose text the same cable already has are only noted."""
        records = list(given)
        now = self._store.tick()
        held = self._numbers("cables", "key", {rows.key for _, rows in records})
        originals = self._originals([rows for _, rows in records])
        known = self._versions_of(set(originals.values()))
        next_cable, next_version = self._next("cables"), self._next("versions")
        cables: list[tuple[Any, ...]] = []
        written: list[tuple[int, int, int, Rows]] = []
        seen: list[tuple[Place, Rows, int, bool]] = []
        again: list[int] = []
        for place, rows in records:
            cable, original = held.get(rows.key), originals[rows.sha256]
            version = known.get((cable, original)) if cable is not None else None
            seen.append((place, rows, version or next_version, version is None))
            if version is not None:
                continue
            if cable is None:
                cable = held[rows.key] = next_cable
                next_cable += 1
                cables.append((cable, rows.key, next_version, now, *rows.about))
            else:
                again.append(cable)
            known[cable, original] = next_version
            written.append((next_version, cable, original, rows))
            next_version += 1
        self._cables(cables, now)
        self._versions("release", written)
        # Not with the row itself: a version that is not there yet would make SQLite look through all cables for every version written.
        self._store.db.executemany("UPDATE cables SET current = ? WHERE id = ?", [(row[2], row[0]) for row in cables])
        self._name((self._source(place.source), version) for place, _, version, is_new in seen if not is_new)
        self._see(seen)
        for cable in dict.fromkeys(again):
            self.choose(cable, now)
        return Tally(len(cables), len(again), len(records) - len(written))

    def _next(self, table: str) -> int:
        return int(self._store.db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])

    def _numbers(self, table: str, column: str, values: Collection[str | bytes]) -> dict[Any, int]:
        """The ids of the rows of ``table`` that have these values, by value."""
        marks = ",".join("?" * len(values))
        return dict(self._store.db.execute(f"SELECT {column}, id FROM {table} WHERE {column} IN ({marks})", list(values)))

    def _versions_of(self, originals: Collection[int]) -> dict[tuple[int, int], int]:
        """The versions that have these originals, by cable and original."""
        marks = ",".join("?" * len(originals))
        rows = self._store.db.execute(f"SELECT cable, original, id FROM versions WHERE original IN ({marks})", list(originals))
        return {(cable, original): version for cable, original, version in rows}

    def _cables(self, cables: Sequence[tuple[Any, ...]], now: int) -> None:
        db = self._store.db
        db.executemany(
            "INSERT INTO cables (id, key, changed, created, level, post, country, serial, subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(number, key, *values) for number, key, _, *values in cables],
        )
        # Who cites one of them cites no missing cable any more.
        db.execute(
            "UPDATE cables SET changed = ?1 WHERE id IN (SELECT v.cable FROM versions v WHERE v.id IN"
            f" (SELECT version FROM ({by_version('r.target IN (SELECT value FROM json_each(?2))')})))",
            (now, json.dumps([row[1] for row in cables])),
        )

    def _originals(self, records: Sequence[Rows]) -> dict[bytes, int]:
        """The numbers of the originals of these records, by checksum; those that are not there yet are written."""
        db = self._store.db
        held = self._numbers("originals", "sha256", {rows.sha256 for rows in records})
        number = self._next("originals")
        new: list[tuple[Any, ...]] = []
        for rows in records:
            if rows.sha256 not in held:
                held[rows.sha256] = number
                new.append((number, rows.sha256, rows.size, rows.original, None))
                number += 1
        db.executemany("INSERT INTO originals (id, sha256, length, data, file) VALUES (?, ?, ?, ?, ?)", new)
        # A text that was known already may now come in a file that is more than the text.
        files = [(self._file(rows), held[rows.sha256]) for rows in records if rows.file is not None]
        db.executemany("UPDATE originals SET file = ? WHERE id = ? AND file IS NULL", files)
        return held

    def _file(self, rows: Rows) -> int | None:
        if rows.file is None:
            return None
        self._store.db.execute("INSERT OR IGNORE INTO files (sha256, data) VALUES (?, ?)", rows.file)
        return self._numbers("files", "sha256", [rows.file[0]])[rows.file[0]]

    def _versions(self, kind: str, given: Sequence[tuple[int, int, int, Rows]]) -> None:
        """Write versions: number, cable, original, and what they say."""
        self._store.db.executemany(
            "INSERT INTO versions (id, cable, original, kind, parser, partial, corrected, sections, held, redacted, length, record, sketch)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, cable, original, kind, __version__, *rows.version, rows.record, rows.sketch)
                for number, cable, original, rows in given
            ],
        )
        self._children([(number, rows) for number, _, _, rows in given])

    def _children(self, given: Sequence[tuple[int, Rows]]) -> None:
        """Write the rows of the tables that say what versions say."""
        for name in _CHILDREN:
            values = [(number, *row) for number, rows in given for row in getattr(rows, name)]
            if values:
                self._store.db.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(values[0]))})", values)

    def _see(self, seen: Iterable[tuple[Place, Rows, int, bool]]) -> None:
        """Note where versions were seen; what a source said is kept where the version, told by another one, does not have it."""
        values = [
            (
                self._source(place.source), place.position, rows.told, version,
                None if is_new or self._claims(version) == rows.claims else rows.claims,
            )
            for place, rows, version, is_new in seen
        ]  # fmt: skip
        self._store.db.executemany("INSERT OR IGNORE INTO sightings VALUES (?, ?, ?, ?, ?)", values)

    def _claims(self, version: int) -> str:
        return claims_text(self._store.outline(version)[0].claims)

    # the current version

    def choose(self, cable: int, now: int) -> None:
        """Make the fullest version of a cable its current one, after joining the sections that came apart."""
        versions = self._join(cable)
        best = max(versions, key=fullness)
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
        for version in sorted(parts, key=fullness, reverse=True):
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
            version_id = self._next("versions")
            self._versions("joined", [(version_id, cable, self._originals([rows])[rows.sha256], rows)])
            db.executemany("INSERT INTO parts VALUES (?, ?)", [(version_id, part) for part in wanted])
        return self._store.versions(cable)

    def renew(self, version: int, rows: Rows, now: int) -> None:
        """Write what a newer parser read in a version. Its cable keeps its id also where the newer parser would give another."""
        db = self._store.db
        for name in _CHILDREN:
            db.execute(f"DELETE FROM {name} WHERE version = ?", (version,))
        self._forget_sketch(version)
        db.execute(
            "UPDATE versions SET parser = ?, partial = ?, corrected = ?, sections = ?, held = ?, redacted = ?, length = ?, record = ?,"
            " sketch = ? WHERE id = ?",
            (__version__, *rows.version, rows.record, rows.sketch, version),
        )
        self._children([(version, rows)])
        db.execute("DELETE FROM unmentioned WHERE version = ?", (version,))
        cable = int(db.execute("SELECT cable FROM versions WHERE id = ?", (version,)).fetchone()[0])
        self.choose(cable, now)

    def replace(self, version: int, rows: Rows, now: int) -> None:
        """Put another text in the place of a version's. Where its cable has a version with that text, that takes over its sightings."""
        db = self._store.db
        cable = int(db.execute("SELECT cable FROM versions WHERE id = ?", (version,)).fetchone()[0])
        original = self._originals([rows])[rows.sha256]
        db.execute("UPDATE OR IGNORE sightings SET told = ?, claims = NULL WHERE version = ?", (rows.told, version))
        same = self._versions_of([original]).get((cable, original), version)
        if same == version:
            db.execute("UPDATE versions SET original = ? WHERE id = ?", (original, version))
            self.renew(version, rows, now)
            return
        db.execute("UPDATE OR IGNORE sightings SET version = ? WHERE version = ?", (same, version))
        db.execute("UPDATE OR IGNORE parts SET part = ? WHERE part = ?", (same, version))
        db.execute("DELETE FROM parts WHERE part = ?", (version,))
        db.execute("UPDATE cables SET current = ? WHERE current = ?", (same, version))
        self._forget_sketch(version)
        db.execute("DELETE FROM versions WHERE id = ?", (version,))
        self.choose(cable, now)

    # cables that are nearly the same

    def unsettled(self, limit: int) -> list[int]:
        """Cables that have not been compared with the others yet."""
        rows = self._store.db.execute("SELECT id FROM cables WHERE settled = 0 ORDER BY id LIMIT ?", (limit,))
        return [row[0] for row in rows]

    def spread(self, after: int) -> int | None:
        """Put the sketches of cables that have not been compared yet where others find them: of some behind the row ``after``; the last row, or
        None where there are no more.

        Checksums are random numbers: put in one by one with their cables, each would cost a page of the table; many at once, in their order, do not.
        """
        db = self._store.db
        rows = db.execute("SELECT id FROM cables WHERE settled = 0 AND id > ? ORDER BY id LIMIT ?", (after, _SPREAD)).fetchall()
        if not rows:
            return None
        last = rows[-1][0]
        # CROSS JOIN: the few cables first; SQLite would go through all versions.
        found = db.execute(
            "SELECT v.cable, v.sketch FROM cables c CROSS JOIN versions v ON v.cable = c.id"
            " WHERE c.settled = 0 AND c.id > ? AND c.id <= ? AND v.kind = 'release'",
            (after, last),
        )
        values = sorted((value, cable) for cable, sketched in found for value in checksums(sketched))
        db.executemany("INSERT OR IGNORE INTO sketches VALUES (?, ?)", values)
        return int(last)

    def _forget_sketch(self, version: int) -> None:
        """Take the sketch of a version away; its cable is compared anew, and what its other versions have is put back then."""
        db = self._store.db
        cable, sketched = db.execute("SELECT cable, sketch FROM versions WHERE id = ?", (version,)).fetchone()
        db.executemany("DELETE FROM sketches WHERE hash = ? AND cable = ?", [(value, cable) for value in checksums(sketched)])

    def settle(self, cables: Sequence[int]) -> None:
        """Group each of these cables with those that are nearly the same; a group is known by its first cable. To be called after :meth:`spread`."""
        db = self._store.db
        texts: dict[int, set[int]] = {}
        now: int | None = None
        for cable in cables:
            sketches = db.execute("SELECT sketch FROM versions WHERE cable = ? AND kind = 'release'", (cable,))
            values = {value for (sketched,) in sketches for value in checksums(sketched)}
            others = db.execute(
                "SELECT o.cable, count(*) FROM json_each(?5) s JOIN sketches o ON o.hash = s.value AND o.cable != ?1"
                " WHERE (SELECT count(*) FROM (SELECT 1 FROM sketches x WHERE x.hash = s.value LIMIT ?2)) < ?2"
                # Of those that come after it, the ones whose turn is still to come find it then.
                " AND (o.cable < ?1 OR (SELECT settled FROM cables WHERE id = o.cable))"
                " GROUP BY o.cable HAVING count(*) >= ?3 ORDER BY 2 DESC, 1 LIMIT ?4",
                (cable, MOST_HOLDERS, SHARED, _MOST_COMPARED, json.dumps(sorted(values))),
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


def fullness(version: Version) -> tuple[int, ...]:
    """What makes one version better to read than another, in this order: it is no extract; it has a text; it has more sections;
    it is the corrected copy; less of it is blacked out; it is longer; it came first."""
    return (
        -int(version.partial), int(version.length > 0), len(version.held), int(version.corrected),
        -version.redacted, version.length, -version.id,
    )  # fmt: skip
