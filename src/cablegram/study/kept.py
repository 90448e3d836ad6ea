"""What the clock, the markings and the distribution find in each cable, kept: ``studies.db`` in the archive's folder."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from cablegram.archive.codec import glance
from cablegram.errors import CablegramError
from cablegram.study import copies
from cablegram.study.clock import read_clock
from cablegram.study.keeping import ONLY, Keeping
from cablegram.study.markings import Conflict, conflict_of, levels_of, marked_cables
from cablegram.vocabulary import orders

NAME: Final = "studies.db"
#: A mark that is none, where a level's rank stands.
UNMARKED: Final = 0
_TABLES: Final = """
-- status: dated (due or overdue, as the day has it), exempt, unknown, unclassified. second, since: the automatic date, and from when there is one.
CREATE TABLE IF NOT EXISTS cables (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, created TEXT, year TEXT, post TEXT, status TEXT NOT NULL, due TEXT, "order" TEXT, second TEXT, since TEXT,
    entire INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS cables_due ON cables (status, due, key);
CREATE INDEX IF NOT EXISTS cables_key ON cables (key);
CREATE TABLE IF NOT EXISTS marks (
    cable INTEGER NOT NULL, level INTEGER NOT NULL, paragraphs INTEGER NOT NULL, characters INTEGER NOT NULL,
    PRIMARY KEY (cable, level)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags (cable INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (cable, tag)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conflicts (
    cable INTEGER PRIMARY KEY, kind TEXT NOT NULL, banner TEXT NOT NULL, highest TEXT NOT NULL,
    numbers TEXT NOT NULL, places TEXT NOT NULL, marks TEXT NOT NULL) STRICT;
-- Sums over all cables: what the clock counts, whatever the day; and text by '' (all), year, post, tag.
CREATE TABLE IF NOT EXISTS clocks (status TEXT NOT NULL, due TEXT, "order" TEXT, second TEXT, since TEXT, cables INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS shares (
    "by" TEXT NOT NULL, name TEXT NOT NULL, level INTEGER NOT NULL, cables INTEGER NOT NULL, paragraphs INTEGER NOT NULL,
    characters INTEGER NOT NULL, PRIMARY KEY ("by", name, level)) STRICT, WITHOUT ROWID;
"""
#: How cables are put into groups: the column, and the table beside ``cables`` that has it.
GROUPS: Final = {
    "": ("''", ""),
    "year": ("c.year", ""),
    "post": ("c.post", ""),
    "tag": ("t.tag", " JOIN tags t ON t.cable = c.id"),
}
#: A cable's status as of :day.
_STATUS: Final = "CASE c.status WHEN 'dated' THEN CASE WHEN c.due >= :day THEN 'due' ELSE 'overdue' END ELSE c.status END"
_SECOND: Final = "(c.second IS NOT NULL AND c.since <= :day AND c.second < :day)"


class Share(NamedTuple):
    """So much text of a group of cables at one ``level`` (its rank; 0 where paragraphs have no mark)."""

    name: str
    level: int
    cables: int
    paragraphs: int
    characters: int


class Kept(Keeping):
    """The counts of one archive: the clock, the markings, and in :mod:`cablegram.study.copies` the distribution."""

    name = NAME
    form = "5"
    tables = _TABLES + copies.TABLES
    facts = ("cables", "marks", "tags", "conflicts", "clocks", "shares", *copies.FACTS)

    def sum(self, db: sqlite3.Connection) -> None:
        """The sums over all cables."""
        db.execute("DELETE FROM clocks")
        db.execute('INSERT INTO clocks SELECT status, due, "order", second, since, count(*) FROM cables GROUP BY 1, 2, 3, 4, 5')
        db.execute("DELETE FROM shares")
        for by in GROUPS:
            db.execute(f"INSERT INTO shares SELECT '{by}', * FROM ({_summed(by)})", {"keys": None})
        copies.total(db)

    def count(self, db: sqlite3.Connection, rows: Sequence[tuple[int, str]]) -> None:
        """Count some cables."""
        numbers = {key: number for number, key in rows}
        for table, column in (
            ("cables", "id"),
            *((table, "cable") for table in ("marks", "tags", "conflicts", *copies.FACTS[:1])),
        ):
            db.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number, _ in rows])
        store = self._archive.store
        records = store.db.execute(
            f"SELECT c.key, v.record FROM cables c JOIN versions v ON v.id = c.current WHERE c.id IN ({','.join('?' * len(rows))})",
            [number for number, _ in rows],
        )
        dues, known = {}, []
        for key, record in records:
            stored = glance(store.packer.unpack(record))
            dues[key] = read_clock(stored, date.max)
            known.append((numbers[key], stored))
        rows_of: dict[str, list[tuple[object, ...]]] = {"cables": [], "marks": [], "tags": [], "conflicts": []}
        for cable in marked_cables(self._archive, iter(numbers)):
            number, due = numbers[cable.key], dues[cable.key]
            status = "dated" if due.date is not None and due.status in ("due", "overdue") else due.status
            levels, entire = levels_of(self._archive, cable) if cable.paragraphs else ({}, False)
            second = due.second
            rows_of["cables"].append(
                (
                    number, cable.key, cable.created, cable.created[:4] if cable.created else None, cable.post or None, status,
                    due.date.isoformat() if due.date is not None else None, due.order, second.date.isoformat() if second is not None else None,
                    _since(second.rule) if second is not None else None, int(entire),
                )
            )  # fmt: skip
            rows_of["marks"] += [(number, level or UNMARKED, *n) for level, n in levels.items()]
            rows_of["tags"] += [(number, tag) for tag in dict.fromkeys(cable.tags)]
            if levels and not entire and (found := conflict_of(cable)) is not None:
                told = (json.dumps(found.paragraphs), json.dumps(found.places), json.dumps(found.marks))
                rows_of["conflicts"].append((number, found.kind, found.banner, found.highest, *told))
        rows_of["copies"] = copies.rows_of(known)
        for table, made in rows_of.items():
            if made:
                db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(made[0]))})", made)

    # the clock

    def statuses(self, day: date, keys: str | None = None) -> list[tuple[str, str, str, int, int]]:
        """Cables by status, order ("none") and year of the date ("" where there is none) as of a day: how many, and how many of them
        are past the automatic date. ``keys``: only these cables, as a JSON array."""
        # Of all cables there are sums; of some, each counts one.
        count, source = ("c.cables", "clocks c") if keys is None else ("1", f"cables c WHERE {ONLY}")
        return self.db.execute(
            f"SELECT {_STATUS} s, coalesce(c.\"order\", 'none'), coalesce(substr(c.due, 1, 4), ''), sum({count}), sum({count} * {_SECOND})"
            f" FROM {source} GROUP BY 1, 2, 3",
            {"day": day.isoformat(), "keys": keys},
        ).fetchall()

    def on_the_clock(
        self, day: date, *, status: str | None = None, order: str | None = None, year: str | None = None, second: bool = False,
        keys: str | None = None, limit: int = -1, offset: int = 0,
    ) -> list[str]:  # fmt: skip
        """Keys of the cables with a status, an order ("none" for none) or a year of the date; with ``second`` those past the automatic
        date. The earliest date first, those without a date last, by key."""
        rows = self.db.execute(
            f"SELECT c.key FROM cables c WHERE {ONLY} AND (:status IS NULL OR {_STATUS} = :status)"
            " AND (:order IS NULL OR coalesce(c.\"order\", 'none') = :order) AND (:year IS NULL OR substr(c.due, 1, 4) = :year)"
            f" AND (:second = 0 OR {_SECOND}) ORDER BY c.due IS NULL, c.due, c.key LIMIT :limit OFFSET :offset",
            {
                "day": day.isoformat(), "status": status, "order": order, "year": year, "second": int(second), "keys": keys,
                "limit": limit, "offset": offset,
            },
        )  # fmt: skip
        return [key for (key,) in rows]

    # the markings

    def conflicts(self, keys: str | None = None) -> list[Conflict]:
        """The banners that are not the highest level of their paragraphs, by key."""
        rows = self.db.execute(
            "SELECT c.key, f.kind, f.banner, f.highest, f.numbers, f.places, f.marks FROM conflicts f JOIN cables c ON c.id = f.cable"
            f" WHERE {ONLY} ORDER BY c.key",
            {"keys": keys},
        )
        return [Conflict(*row[:4], *(tuple(json.loads(one)) for one in row[4:])) for row in rows]

    def shares(self, by: str, keys: str | None = None) -> list[Share]:
        """The text at each level by ``year``, ``post``, ``tag``, or in all ("")."""
        if keys is None:
            rows = self.db.execute('SELECT name, level, cables, paragraphs, characters FROM shares WHERE "by" = ?', (by,))
        else:
            rows = self.db.execute(_summed(by), {"keys": keys})
        return [Share(*row) for row in rows]

    def entire(self, keys: str | None = None) -> int:
        """How many cables have one mark for the whole text."""
        return int(self.db.execute(f"SELECT count(*) FROM cables c WHERE c.entire AND {ONLY}", {"keys": keys}).fetchone()[0])

    def counted(
        self, by: str, name: str, level: int, keys: str | None = None, limit: int = -1, offset: int = 0
    ) -> list[tuple[str, int, int, bool]]:
        """What one share counted: keys, their paragraphs and characters at that level, whether one mark holds for the whole text."""
        column, beside = GROUPS[by]
        rows = self.db.execute(
            f"SELECT c.key, m.paragraphs, m.characters, c.entire FROM cables c JOIN marks m ON m.cable = c.id{beside}"
            f" WHERE {column} = :name AND m.level = :level AND {ONLY} ORDER BY c.key LIMIT :limit OFFSET :offset",
            {"name": name, "level": level, "keys": keys, "limit": limit, "offset": offset},
        )
        return [(key, paragraphs, characters, bool(entire)) for key, paragraphs, characters, entire in rows]


def _summed(by: str) -> str:
    """The sums of one grouping in SQL; no cable without the column belongs to a group."""
    if by not in GROUPS:
        raise CablegramError(f"{by[:20]}: group by one of year, post, tag")
    column, beside = GROUPS[by]
    return (
        f"SELECT {column} AS name, m.level, count(*) AS cables, sum(m.paragraphs), sum(m.characters) FROM cables c"
        f" JOIN marks m ON m.cable = c.id{beside} WHERE {column} IS NOT NULL AND {ONLY} GROUP BY 1, 2"
    )


@cache
def _since(rule: str) -> str:
    """From which day on the automatic ``rule`` is one."""
    return min(one.since for one in orders.all_rules() if one.effect == "automatic" and one.rule == rule).isoformat()
