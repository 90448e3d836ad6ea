"""TAGS (Traffic Analysis by Geography and Subject, 5 FAH-3): codes of the 1970s and the 2000s with their meanings."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from cablegram.vocabulary.tables import read_table, year


class Tag(NamedTuple):
    """One code and its ``meaning``: ``kind`` is subject, geographic, organisation or program; ``since`` and ``until`` years, None where unknown or open;
    ``evidence`` where the row is from."""

    code: str
    kind: str
    meaning: str
    since: int | None
    until: int | None
    evidence: str


@cache
def _index() -> dict[str, Tag]:
    rows = read_table("tags")
    return {
        row["code"]: Tag(row["code"], row["kind"], row["meaning"], year(row["since"]), year(row["until"]), row["evidence"])
        for row in rows
    }


def all_tags() -> tuple[Tag, ...]:
    """All codes of the table."""
    return tuple(_index().values())


def lookup(code: str) -> Tag | None:
    """The entry for ``code`` (upper case), or None."""
    return _index().get(code)
