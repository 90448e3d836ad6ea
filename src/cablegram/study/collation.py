"""Two whole collections collated, as a file: which cables each has, and what :func:`~cablegram.study.collating.collate` finds in those in both.

Cables belong together by their ids in canonical form (docs/versions.md), which a merge in order of ids finds: time is in proportion to the
cables, memory does not grow with them. The file holds nothing that cannot be made again; of two sources of one archive it is kept in the
archive's folder, and only cables that changed are collated again.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from cablegram import __version__
from cablegram.archive.rows import about
from cablegram.archive.store import whole
from cablegram.cable import Cable
from cablegram.interpret.claims import canonical_id
from cablegram.study.collating import NOTHING, Collated, collate
from cablegram.study.sides import Member, Side
from cablegram.study.summed import INDEXES, summed
from cablegram.study.twins import find_twins

FOLDER: Final = "compared"
#: Comparisons of two sources of one archive that are kept.
_KEPT: Final = 8
#: More are kept while somebody has them in hand (seconds since they were last asked for), but no more than so many.
_IN_HAND: Final = 3600.0
_MOST_KEPT: Final = 100
#: Of the tables below and of what is written into them.
_FORM: Final = f"1 {__version__}"
_BATCH: Final = 500
#: Seconds that a second program waits until the first has collated.
_PATIENCE: Final = 3600.0
_SIDE: Final = (
    "redactions INTEGER NOT NULL", "characters INTEGER NOT NULL", "revealed INTEGER NOT NULL", "revealed_characters INTEGER NOT NULL",
    "shown_words INTEGER NOT NULL", "only_words INTEGER NOT NULL",
)  # fmt: skip
_TABLES: Final = f"""
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- side: 0 is A, 1 is B. ident: the id in canonical form. both: whether the other side has it.
CREATE TABLE IF NOT EXISTS members (
    side INTEGER NOT NULL, ident TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, stamp TEXT NOT NULL, digest BLOB NOT NULL,
    length INTEGER NOT NULL, claims TEXT, created TEXT, level INTEGER, post TEXT, subject TEXT, both INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (side, ident)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_both ON members (side, both);
-- As `Collated` has it; stamp: of which members.
CREATE TABLE IF NOT EXISTS pairs (
    ident TEXT PRIMARY KEY, stamp TEXT NOT NULL, text TEXT NOT NULL, shared REAL, a_words INTEGER NOT NULL, b_words INTEGER NOT NULL,
    {", ".join(f"{side}_{column}" for side in "ab" for column in _SIDE)}, edits INTEGER NOT NULL, fuller TEXT, reason TEXT, note TEXT,
    fields INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pairs_text ON pairs (text);
CREATE INDEX IF NOT EXISTS pairs_fuller ON pairs (fuller);
{INDEXES}
CREATE TABLE IF NOT EXISTS disagreements (
    ident TEXT NOT NULL, nth INTEGER NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL, a TEXT, b TEXT, a_start INTEGER, a_end INTEGER,
    a_paragraph TEXT, b_start INTEGER, b_end INTEGER, b_paragraph TEXT, PRIMARY KEY (ident, nth)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS disagreements_field ON disagreements (field);
-- Cables that only one side has, and whose text the other has under another number; share: of all their sentences, those in both.
CREATE TABLE IF NOT EXISTS twins (
    side INTEGER NOT NULL, ident TEXT NOT NULL, other TEXT NOT NULL, share REAL NOT NULL, PRIMARY KEY (side, ident, other)) STRICT, WITHOUT ROWID;
"""
#: What masks the versions of one cable together, so that whom one of them asks to protect is protected in all.
Veil = Callable[[Sequence[Cable]], Sequence[Cable]]
Told = Callable[[int, int], None]


class Both(NamedTuple):
    """A cable in both collections that is still to be collated."""

    ident: str
    a: Member
    b: Member


class Collation:
    """The collation of sides ``a`` and ``b`` in the file ``place``. Any thread may ask; :meth:`update` brings it up to date.

    ``veil`` masks what is read; then ``place`` must be a file of its own.
    """

    def __init__(self, a: Side, b: Side, place: Path, veil: Veil | None = None) -> None:
        self.a, self.b = a, b
        self.place = place
        self._veil = veil
        try:
            self._begin()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # Damaged, or of another program: it is made again.
            _remove(self.place)
            self._begin()

    def _begin(self) -> None:
        with closing(self.connect()) as db:
            if dict(self._meta(db)).get("form", _FORM) != _FORM:
                raise sqlite3.DatabaseError("another form")
            db.executescript(_TABLES)

    @staticmethod
    def _meta(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
        with suppress(sqlite3.OperationalError):  # a new file has no tables
            yield from db.execute("SELECT name, value FROM meta").fetchall()

    def connect(self) -> sqlite3.Connection:
        """A connection to the file, for the caller to close."""
        # A list that is sent in pieces may be read on by another thread, never by two at once.
        db = sqlite3.connect(self.place, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        # What is lost with the power is collated again.
        db.execute("PRAGMA synchronous = OFF")
        return db

    def _state(self) -> str:
        return " / ".join(side.state() for side in (self.a, self.b))

    def is_ready(self) -> bool:
        """Whether it is up to date."""
        with closing(self.connect()) as db:
            return dict(self._meta(db)).get("state") == self._state()

    def summary(self) -> dict[str, Any] | None:
        """All counts (:func:`~cablegram.study.summed.summed`), as of the last :meth:`update`; None before the first."""
        with closing(self.connect()) as db:
            told = dict(self._meta(db)).get("summary")
        return json.loads(told) if told is not None else None

    def update(self, told: Told | None = None) -> int:
        """Collate what is new or changed since the last time; how many cables in both those were. ``told`` gets those done, and all."""
        with closing(self.connect()) as db, whole(db):
            state = self._state()
            if dict(self._meta(db)).get("state") == state:
                return 0
            db.execute("DELETE FROM members")
            for side, one in enumerate((self.a, self.b)):
                self._enrol(db, side, one)
            db.execute(
                "UPDATE members SET both = 1 WHERE EXISTS (SELECT 1 FROM members o WHERE o.side = 1 - members.side AND o.ident = members.ident)"
            )
            for table in ("disagreements", "pairs"):
                db.execute(
                    f"DELETE FROM {table} WHERE ident NOT IN (SELECT p.ident FROM pairs p JOIN members a ON a.side = 0 AND a.ident = p.ident"
                    " JOIN members b ON b.side = 1 AND b.ident = p.ident WHERE p.stamp = a.stamp || '/' || b.stamp)"
                )
            count = self._collate(db, told or _nobody)
            db.execute("DELETE FROM twins")
            find_twins(db, self.a, self.b)
            values = {"form": _FORM, "state": state, "summary": json.dumps(summed(db))}
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
        return count

    def _enrol(self, db: sqlite3.Connection, side: int, one: Side) -> None:
        """Write the members of a side, each under its id in canonical form, which an older program may have written otherwise."""
        insert = f"INSERT OR IGNORE INTO members VALUES ({','.join('?' * 12)}, 0)"
        members = one.members()
        while some := list(islice(members, _BATCH)):
            rows: list[tuple[Any, ...]] = []
            for member in some:
                ident = canonical_id(member.key) or member.key
                row = (side, ident, *(self._veiled(one, member) if self._veil is not None else member))
                if ident == member.key:
                    rows.append(row)
                elif one.store.number(ident) is not None or not db.execute(insert, row).rowcount:
                    # Another cable has that id: this one keeps its own.
                    rows.append((side, member.key, *row[2:]))
            db.executemany(insert, rows)

    def _veiled(self, side: Side, member: Member) -> Member:
        assert self._veil is not None
        cables = [side.cable(member.version, member.claims), *side.others(member.key, member.version)]
        created, level, post, subject = _told(self._veil(cables)[0])
        return member._replace(created=created, level=level, post=post, subject=subject)

    def _collate(self, db: sqlite3.Connection, told: Told) -> int:
        total = int(db.execute(f"SELECT count(*) {_WAITING}", ("",)).fetchone()[0])
        done, last = 0, ""
        columns = ", ".join(f"{side}.{name}" for side in "ab" for name in Member._fields)
        width = len(Member._fields)
        while rows := db.execute(f"SELECT a.ident, {columns} {_WAITING} ORDER BY a.ident LIMIT {_BATCH}", (last,)).fetchall():
            pairs: list[tuple[Any, ...]] = []
            disagreements: list[tuple[Any, ...]] = []
            for ident, *values in rows:
                one = Both(ident, Member(*values[:width]), Member(*values[width:]))
                if self._veil is None:
                    found = self._found(one)
                else:
                    records = self.records(one)
                    found = collate(*records)
                    # Told of with what both sides ask to protect, not only their own.
                    db.executemany(_RETOLD, [(*_told(record), side, ident) for side, record in enumerate(records)])
                pairs.append(_pair(one, found))
                for n, each in enumerate(found.disagreements):
                    places = [(*(at.span or (None, None)), at.paragraph) for at in (each.a_at, each.b_at)]
                    disagreements.append((ident, n, each.field, each.kind, each.a, each.b, *places[0], *places[1]))
            db.executemany(f"INSERT INTO pairs VALUES ({','.join('?' * len(pairs[0]))})", pairs)
            db.executemany(f"INSERT INTO disagreements VALUES ({','.join('?' * 12)})", disagreements)
            last = rows[-1][0]
            done += len(rows)
            told(done, total)
        return total

    def _found(self, one: Both) -> Collated:
        a, b = one.a, one.b
        if a.digest == b.digest and a.claims == b.claims and self._is_same_record(a, b):
            return _IDENTICAL if a.length else _TEXTLESS
        return collate(*self.records(one))

    def _is_same_record(self, a: Member, b: Member) -> bool:
        """Whether nothing can differ between two records of one text: they are one, or are the same bytes."""
        if self.a.store is self.b.store and a.version == b.version:
            return True
        blobs = []
        for store, member in ((self.a.store, a), (self.b.store, b)):
            row = store.db.execute("SELECT record FROM versions WHERE id = ?", (member.version,)).fetchone()
            blobs.append(store.packer.unpack(row[0]))
        return bool(blobs[0] == blobs[1])

    def records(self, one: Both) -> tuple[Cable, Cable]:
        """Both records of a cable, masked where there is a veil."""
        cables = [self.a.cable(one.a.version, one.a.claims), self.b.cable(one.b.version, one.b.claims)]
        if self._veil is not None:
            others = [*self.a.others(one.a.key, one.a.version), *self.b.others(one.b.key, one.b.version)]
            cables = list(self._veil([*cables, *others]))
        return cables[0], cables[1]

    def both(self, name: str) -> Both | None:
        """A cable that both have, by any usual spelling of its id; None where they have not."""
        columns = ", ".join(f"{side}.{field}" for side in "ab" for field in Member._fields)
        width = len(Member._fields)
        with closing(self.connect()) as db:
            for ident in (canonical_id("".join(name.split())), name.strip()):
                row = db.execute(
                    f"SELECT {columns} FROM members a JOIN members b ON b.side = 1 AND b.ident = a.ident WHERE a.side = 0 AND a.ident = ?",
                    (ident,),
                ).fetchone()
                if row is not None:
                    return Both(str(ident), Member(*row[:width]), Member(*row[width:]))
        return None


_WAITING: Final = (
    "FROM members a JOIN members b ON b.side = 1 AND b.ident = a.ident WHERE a.side = 0 AND a.ident > ?"
    " AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.ident = a.ident)"
)


_RETOLD: Final = "UPDATE members SET created = ?, level = ?, post = ?, subject = ? WHERE side = ? AND ident = ?"
_IDENTICAL: Final = Collated("identical", None, (0, 0), NOTHING, NOTHING, 0, None, None, None, ())
_TEXTLESS: Final = _IDENTICAL._replace(text="no text")


def _nobody(done: int, of: int) -> None:
    """Tells nobody."""


def _told(record: Cable) -> tuple[Any, ...]:
    """What a list shows of a record."""
    created, level, post, _, _, subject = about(record)
    return created, level, post, subject


def _pair(one: Both, found: Collated) -> tuple[Any, ...]:
    return (
        one.ident, f"{one.a.stamp}/{one.b.stamp}", found.text, found.shared, *found.words, *found.a, *found.b, found.edits, found.fuller,
        found.reason, found.note, len(found.disagreements),
    )  # fmt: skip


def collation_of(a: Side, b: Side) -> Collation:
    """The collation of two sides of one archive, in the file that is kept for them in its folder, up to date or not.

    Where nobody may write there it is one that goes when the program ends. Those that were asked for longest ago are taken away, but not what
    somebody has in hand.
    """
    digest = hashlib.sha256(json.dumps([a.sources, b.sources]).encode()).hexdigest()[:16]
    store = a.store
    if store.writable and os.access(store.folder, os.W_OK):
        room = store.folder / FOLDER
        room.mkdir(exist_ok=True)
    else:
        room = _room_apart(store.folder)
    place = room / f"{digest}.db"
    with suppress(OSError):  # not there yet
        os.utime(place)
    known: dict[Path, float] = {}
    for old in room.glob("*.db"):
        with suppress(OSError):  # another program may have taken it away
            known[old] = old.stat().st_mtime
    for n, old in enumerate(sorted(known.keys() - {place}, key=lambda one: -known[one]), 2):
        if n > _MOST_KEPT or (n > _KEPT and time.time() - known[old] > _IN_HAND):
            _remove(old)
    return Collation(a, b, place)


@cache
def _room_apart(folder: Path) -> Path:
    """Where the collations of an archive lie in whose folder nobody may write."""
    room = Path(tempfile.mkdtemp(prefix="cablegram-compared-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    return room


def _remove(place: Path) -> None:
    for end in ("", "-wal", "-shm"):
        place.with_name(place.name + end).unlink(missing_ok=True)
