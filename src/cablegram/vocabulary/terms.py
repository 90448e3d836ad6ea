"""Small vocabularies: captions, precedences, executive orders and their codes, prosigns, acronyms."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from cablegram.vocabulary.tables import read_table, year


class Term(NamedTuple):
    """One term: its ``code`` and ``meaning``; ``group`` is caption, precedence, order, declassification, prosign or acronym; ``rule`` is the source of
    its definition; ``since`` and ``until`` years, None where unknown or open; ``evidence`` where the row is from."""

    code: str
    group: str
    meaning: str
    since: int | None
    until: int | None
    rule: str
    evidence: str


@cache
def all_terms() -> tuple[Term, ...]:
    """All terms of the table."""
    return tuple(
        Term(row["code"], row["group"], row["meaning"], year(row["since"]), year(row["until"]), row["rule"], row["evidence"])
        for row in read_table("terms")
    )


@cache
def _index() -> dict[tuple[str, str], Term]:
    return {(term.group, term.code.upper()): term for term in all_terms()}


def lookup(group: str, code: str) -> Term | None:
    """The term ``code`` of ``group``, in any case, or None."""
    return _index().get((group, " ".join(code.upper().split())))
