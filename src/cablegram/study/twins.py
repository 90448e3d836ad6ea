"""Cables that only one collection has by their ids, and whose text the other has under another number: one of the ids is wrong.

Candidates share sentences of their sketches, and their sentences decide, as the archive finds cables that are nearly the same
(:mod:`cablegram.archive.likeness`); short texts, which have no sketch, are found where they are the same character for character.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Final

from cablegram.archive.likeness import ALIKE, MOST_HOLDERS, SHARED, checksums, likeness, sentences
from cablegram.study.sides import Side

_BATCH: Final = 500
#: A cable is compared with at most this many others.
_MOST: Final = 20
#: Texts whose sentences are kept at hand.
_HELD: Final = 2000
_NEEDED: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS sentences (hash INTEGER NOT NULL, ident TEXT NOT NULL, PRIMARY KEY (hash, ident)) WITHOUT ROWID;"
    "DELETE FROM temp.sentences"
)


def find_twins(db: sqlite3.Connection, a: Side, b: Side) -> None:
    """Fill ``twins`` from the members that stand on one side only."""
    alone = [
        int(db.execute("SELECT count(*) FROM members WHERE side = ? AND both = 0", (side,)).fetchone()[0]) for side in (0, 1)
    ]
    if not all(alone):
        return
    # A text that many cables have (a form, a card) tells nothing of its number.
    once = "SELECT digest, min(ident) AS ident FROM members WHERE side = {} AND both = 0 AND length > 0 GROUP BY digest HAVING count(*) = 1"
    same = db.execute(f"SELECT a.ident, b.ident FROM ({once.format(0)}) a JOIN ({once.format(1)}) b ON b.digest = a.digest")
    found: dict[tuple[str, str], float] = dict.fromkeys(same.fetchall(), 1.0)
    # The shorter list is kept, the longer one is gone through.
    kept = 0 if alone[0] < alone[1] else 1
    sides = (a, b)
    for statement in _NEEDED.split(";"):
        db.execute(statement)
    for ident, hashes, _ in _sketches(db, kept, sides[kept]):
        db.executemany("INSERT OR IGNORE INTO temp.sentences VALUES (?, ?)", [(value, ident) for value in hashes])
    texts: dict[tuple[int, str], set[int]] = {}

    def said(side: int, ident: str, version: int) -> set[int]:
        if (side, ident) not in texts:
            if len(texts) > _HELD:
                texts.clear()
            texts[side, ident] = sentences(sides[side].store.outline(version)[1] or "")
        return texts[side, ident]

    for ident, hashes, version in _sketches(db, 1 - kept, sides[1 - kept]):
        for other, its in _candidates(db, kept, hashes):
            pair = (other, ident) if kept == 0 else (ident, other)
            if pair not in found and (share := likeness(said(1 - kept, ident, version), said(kept, other, its))) >= ALIKE:
                found[pair] = share
    rows = [row for (one, other), share in found.items() for row in ((0, one, other, share), (1, other, one, share))]
    db.executemany("INSERT INTO twins VALUES (?, ?, ?, ?)", rows)


def _sketches(db: sqlite3.Connection, side: int, one: Side) -> Iterator[tuple[str, list[int], int]]:
    """Ident, sketch and version of the members that stand on this side only."""
    last = ""
    while rows := db.execute(
        "SELECT ident, version FROM members WHERE side = ? AND both = 0 AND ident > ? ORDER BY ident LIMIT ?",
        (side, last, _BATCH),
    ).fetchall():
        idents = {version: ident for ident, version in rows}
        marks = ",".join("?" * len(idents))
        sketches = f"SELECT id, sketch FROM versions WHERE id IN ({marks}) AND sketch IS NOT NULL"
        for version, sketched in one.store.db.execute(sketches, list(idents)):
            yield idents[version], list(checksums(sketched)), version
        last = rows[-1][0]


def _candidates(db: sqlite3.Connection, side: int, hashes: list[int]) -> list[tuple[str, int]]:
    """Idents and versions of the kept members that share sentences; a sentence of many cables is a formula, not a sign of likeness."""
    counts: dict[str, int] = {}
    for value in hashes:
        holders = [row[0] for row in db.execute("SELECT ident FROM temp.sentences WHERE hash = ? LIMIT ?", (value, MOST_HOLDERS))]
        if len(holders) < MOST_HOLDERS:
            for ident in holders:
                counts[ident] = counts.get(ident, 0) + 1
    likely = sorted((ident for ident, count in counts.items() if count >= SHARED), key=lambda ident: (-counts[ident], ident))
    out: list[tuple[str, int]] = []
    for ident in islice(likely, _MOST):
        version = db.execute("SELECT version FROM members WHERE side = ? AND ident = ?", (side, ident)).fetchone()[0]
        out.append((ident, version))
    return out
