"""Who got which cables, kept cable by cable, so that a page of the distribution need not read them: by addressee, month and role.

The rules are those of :mod:`cablegram.study.distribution`; here they are tables, and questions to them.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cablegram.archive.codec import Stored
from cablegram.study.distribution import known_of
from cablegram.study.keeping import Keeping

TABLES: Final = """
-- Who got a cable, in which role, and through which collective.
CREATE TABLE IF NOT EXISTS copies (
    cable INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, through TEXT, PRIMARY KEY (cable, who)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS copies_who ON copies (who, role);
CREATE INDEX IF NOT EXISTS cables_created ON cables (created, key);
CREATE INDEX IF NOT EXISTS cables_post ON cables (post, created);
-- Sums over all cables: month '' has those without one; first and last are stamp, blank and key.
CREATE TABLE IF NOT EXISTS told (
    who TEXT NOT NULL, month TEXT NOT NULL, role TEXT NOT NULL, cables INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
    PRIMARY KEY (who, month, role)) STRICT, WITHOUT ROWID;
"""
#: Tables that hold what :func:`total` and :func:`rows_of` write; the first one has facts of single cables.
FACTS: Final = ("copies", "told")
_MONTH: Final = "CASE WHEN length(c.created) >= 7 THEN substr(c.created, 1, 7) ELSE '' END"
_JOINED: Final = "f.cable = c.id AND f.who = :who"
#: An addressee of one cable in so many got much.
_MUCH: Final = 50
#: What has no date comes last; the last of some is one with a date, where there is any.
_UNDATED: Final = "~"
_STAMP: Final = f"coalesce(c.created, '{_UNDATED}') || ' ' || c.key"
_SUMS: Final = f"SELECT f.who, {_MONTH}, f.role, count(*), min({_STAMP}), coalesce(max(CASE WHEN c.created IS NOT NULL THEN {_STAMP} END), max({_STAMP})) FROM cables c CROSS JOIN copies f ON f.cable = c.id WHERE {{}} GROUP BY 1, 2, 3"


class Scope(NamedTuple):
    """Which cables: those of ``keys`` (a JSON array; None: all), sent by ``post`` (a code; None: any) in the months from ``first`` to
    ``last`` (``YYYY-MM``; None: open)."""

    keys: str | None = None
    post: str | None = None
    first: str | None = None
    last: str | None = None

    def where(self) -> str:
        """The scope as a condition on ``c``; one that asks nothing more than it must, so that indexes serve it."""
        asked = ["c.key IN (SELECT value FROM json_each(:keys))"] if self.keys is not None else []
        asked += ["c.post = :post"] if self.post is not None else []
        asked += ["length(c.created) >= 7"] if self.first is not None or self.last is not None else []
        asked += ["c.created >= :first"] if self.first is not None else []
        # '2007-03' with everything that begins with it; a stamp goes on with '-'.
        asked += ["c.created < :last || '.'"] if self.last is not None else []
        return " AND ".join(asked) or "1"


class Reached(NamedTuple):
    """A cable and its stamp (None: without a date)."""

    cable: str
    created: str | None


@dataclass
class Told:
    """One addressee: ``name``, how many cables it got in each role, by ``months`` (``""``: without a month) and in all (``totals``), and the first
    and the last of them: stamp, blank and key."""

    name: str
    months: dict[str, dict[str, int]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    first: str = ""
    last: str = ""

    def count(self, role: str | None = None, months: Iterable[str] | None = None) -> int:
        """How many cables: in a role, or in any; in some months, or ever."""
        some = [self.totals] if months is None else [self.months[month] for month in months if month in self.months]
        return sum(n for roles in some for name, n in roles.items() if role in (None, name))

    @property
    def first_cable(self) -> Reached:
        """The first that it got."""
        return _reached(self.first)

    @property
    def last_cable(self) -> Reached:
        """The last that it got."""
        return _reached(self.last)


class Copies:
    """Who got the cables of a ``scope``: ``rows`` in the order in which each was first told; ``sent`` has the cables by month, of all and
    by sender."""

    def __init__(self, kept: Keeping, scope: Scope) -> None:
        self._kept, self.scope = kept, scope
        rows: dict[str, Told] = {}
        for who, month, role, count, first, last in self._sums():
            row = rows.setdefault(who, Told(who))
            row.months.setdefault(month, {})[role] = count
            row.totals[role] = row.totals.get(role, 0) + count
            row.first = min(row.first or first, first)
            # One without a date says nothing of when they were last copied, where others have one.
            row.last = max(row.last, last, key=lambda stamp: (not stamp.startswith(_UNDATED), stamp) if stamp else (False, ""))
        self.rows = sorted(rows.values(), key=lambda row: (row.first, row.name))
        self.by_name = rows
        self.senders: dict[str | None, list[str]] = {}
        self.stamps: list[str] = []
        #: Cables of the scope, and those of them without a month.
        self.cables = self.undated = 0
        self.by_month: dict[str, int] = {}
        for created, post in self._ask(f"SELECT c.created, c.post FROM cables c WHERE {scope.where()} ORDER BY c.created"):
            self.cables += 1
            month = created[:7] if created is not None and len(created) >= 7 else ""
            self.by_month[month] = self.by_month.get(month, 0) + 1
            stamps = self.senders.setdefault(post, [])
            if created is not None:
                self.stamps.append(created)
                stamps.append(created)
        self.undated = self.by_month.pop("", 0)

    def _ask(self, sql: str, **more: Any) -> sqlite3.Cursor:
        return self._kept.db.execute(sql, {**self.scope._asdict(), **more})

    def _sums(self) -> sqlite3.Cursor:
        if self.scope.keys is None and self.scope.post is None:
            # The sums by month are kept.
            return self._ask(
                "SELECT who, month, role, cables, first, last FROM told WHERE (:first IS NULL OR month >= :first) AND (:last IS NULL OR month <= :last)"
                " AND (month != '' OR (:first IS NULL AND :last IS NULL))"
            )
        return self._ask(_SUMS.format(self.scope.where()))

    def since(self, row: Told) -> int:
        """How many cables of others were sent after the last one that went to it."""
        last = row.last_cable.created
        if last is None:
            return 0
        own = self.senders.get(row.name, [])
        return len(self.stamps) - bisect_right(self.stamps, last) - (len(own) - bisect_right(own, last))

    def total(self, who: str = "", role: str | None = None, month: str | None = None, after: bool = False) -> int:
        """How many cables :meth:`listed` has."""
        row = self.by_name.get(who)
        if after or who:
            return 0 if row is None else self.since(row) if after else row.count(role, self._months(row.months, month))
        some = {**self.by_month, "": self.undated}
        return self.cables if month is None else sum(some[one] for one in self._months(some, month) or ())

    @staticmethod
    def _months(known: Iterable[str], month: str | None) -> list[str] | None:
        """The months that ``month`` means: one, all of a year, ``""`` for none; None where any will do."""
        return None if month is None else [one for one in known if one == month or (len(month) == 4 and one[:4] == month)]

    def listed(
        self, who: str = "", role: str | None = None, month: str | None = None, after: bool = False, limit: int = -1, offset: int = 0
    ) -> list[tuple[str, str, str | None]]:  # fmt: skip
        """The cables that a number counted, in order of time, each with the role in which ``who`` got it (``""``: it did not) and the collective.

        Without ``who`` all of the scope; ``month`` is one of :attr:`Told.months`, or a year; ``after``: what others sent after its last one.
        """
        row = self.by_name.get(who)
        last = row.last_cable.created if row is not None else None
        if (after and last is None) or (who and row is None):
            return []
        asked = [self.scope.where()]
        if month:
            asked += ["length(c.created) >= 7 AND c.created >= :month AND c.created < :month || '.'"]
        elif month is not None:
            asked += ["coalesce(length(c.created), 0) < 7"]
        columns, source = "c.key, '', NULL", "cables c"
        if after:
            asked += ["c.created > :after AND c.post IS NOT :who"]
        elif row is not None:
            # Who got much is looked for in what was sent, in its order; of who got little the cables are looked up.
            much = row.count() > self.cables / _MUCH
            source = f"cables c CROSS JOIN copies f ON {_JOINED}" if much else f"copies f CROSS JOIN cables c ON {_JOINED}"
            columns = "c.key, f.role, f.through"
            asked += ["f.role = :role"] if role is not None else []
        return self._ask(
            f"SELECT {columns} FROM {source} WHERE {' AND '.join(asked)} ORDER BY c.created NULLS LAST, c.key LIMIT :limit OFFSET :offset",
            who=who, role=role, month=month, after=last, limit=limit, offset=offset,
        ).fetchall()  # fmt: skip


def _reached(stamp: str) -> Reached:
    created, _, key = stamp.partition(" ")
    return Reached(key, None if created == _UNDATED else created)


def rows_of(known: Iterable[tuple[int, Stored]]) -> list[tuple[object, ...]]:
    """The rows of ``copies`` for some cables, given by number."""
    return [
        (number, who, role, through)
        for number, stored in known for who, (role, through) in known_of("", stored).roles.items()
    ]  # fmt: skip


def total(db: sqlite3.Connection) -> None:
    """Write the sums over all cables."""
    db.execute("DELETE FROM told")
    db.execute(f"INSERT INTO told {_SUMS.format('1')}")


def in_order(rows: list[Told], order: str) -> list[Told]:
    """``first``: who was first told; ``last``: who was first no longer copied; ``most``: who got most."""
    if order == "last":
        return sorted(rows, key=lambda row: (row.last, row.name))
    if order == "most":
        return sorted(rows, key=lambda row: (-row.count(), row.first, row.name))
    return rows
