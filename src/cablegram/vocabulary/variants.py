"""Spellings of one name or word: Qadhafi and Gaddafi, Peking and Beijing, defence and defense."""

from __future__ import annotations

from functools import cache
from typing import Final

from cablegram.vocabulary.tables import many, read_table

_NONE: Final = frozenset[str]()


@cache
def _families() -> dict[str, frozenset[str]]:
    out: dict[str, frozenset[str]] = {}
    for row in read_table("variants"):
        family = frozenset(many(row["spellings"]))
        for word in family:
            out[word] = family
    return out


def variants(word: str) -> frozenset[str]:
    """The other spellings of ``word`` (lower case, letters and digits only); empty where the table has none."""
    return _families().get(word, _NONE) - {word}
