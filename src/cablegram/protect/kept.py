"""What is to be protected in each cable of an archive, kept beside it: kinds and rules, never the words, which the cables themselves have."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from cablegram.protect.listing import finds_in
from cablegram.study.keeping import ONLY, Keeping

_WHERE: Final = f"(:kind = '' OR f.kind = :kind) AND (:rule = '' OR f.rule = :rule) AND {ONLY}"


class Counted(NamedTuple):
    """So many finds of a kind by a rule, in so many cables."""

    kind: str
    rule: str
    finds: int
    cables: int


class Finds(Keeping):
    """The finds of one archive, as :func:`cablegram.protect.listing.finds_in` gives them."""

    name = "protection.db"
    form = "1"
    tables = """
CREATE TABLE IF NOT EXISTS cables (id INTEGER PRIMARY KEY, key TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS cables_key ON cables (key);
-- n: the find's place among those of its cable, from 0.
CREATE TABLE IF NOT EXISTS finds (
    cable INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (cable, n)) STRICT, WITHOUT ROWID;
"""
    facts = ("cables", "finds")
    slow = True

    def count(self, db: sqlite3.Connection, rows: Sequence[tuple[int, str]]) -> None:
        """Look through some cables."""
        numbers = {key: number for number, key in rows}
        for table, column in (("cables", "id"), ("finds", "cable")):
            db.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number, _ in rows])
        for key, found in finds_in(self._archive, iter(numbers)):
            db.execute("INSERT INTO cables VALUES (?, ?)", (numbers[key], key))
            db.executemany(
                "INSERT INTO finds VALUES (?, ?, ?, ?)",
                [(numbers[key], n, one.kind, one.rule) for n, one in enumerate(found.finds)],
            )

    def counts(self, keys: str | None = None) -> list[Counted]:
        """How much is found, by kind and rule; ``keys``: only in these cables, a JSON array."""
        rows = self.db.execute(
            "SELECT f.kind, f.rule, count(*), count(DISTINCT f.cable) FROM finds f JOIN cables c ON c.id = f.cable"
            f" WHERE {ONLY} GROUP BY 1, 2 ORDER BY 1, 2",
            {"keys": keys},
        )
        return [Counted(*row) for row in rows]

    def listed(
        self, kind: str = "", rule: str = "", keys: str | None = None, limit: int = -1, offset: int = 0
    ) -> list[tuple[str, int]]:  # fmt: skip
        """The finds of a kind and a rule (``""``: any), by key and place among the finds of that cable."""
        return self.db.execute(
            f"SELECT c.key, f.n FROM finds f JOIN cables c ON c.id = f.cable WHERE {_WHERE} ORDER BY c.key, f.n LIMIT :limit OFFSET :offset",
            {"kind": kind, "rule": rule, "keys": keys, "limit": limit, "offset": offset},
        ).fetchall()
