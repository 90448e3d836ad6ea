"""What each executive order says of the time of declassification, as data: ``data/orders.tsv``, each row with the section.

A row is one rule. ``effect`` says what it does: ``force`` (when the order was in force), ``declassify`` and ``downgrade LEVEL`` (after
so many years), ``stated`` (at the date or event that the line gives), ``review``, ``determine`` (when somebody has looked at it),
``exempt``, ``limit`` (the latest date that the order lets a classifier set), ``automatic`` (the rule for records of permanent value).
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from cablegram.vocabulary.tables import read_table, year

#: Marks that come with a number of their kind: XGDS-3, X4, 25X1.
_NUMBERED: Final = re.compile(r"(XGDS|XDS|RDS|25X|50X|75X|X)[- ]?\d\b.*")


class Rule(NamedTuple):
    """One rule: ``order`` number, the ``mark`` on the E.O. line that it is about ("" any), the ``level`` by code ("" any), ``years``
    and how they are ``counted`` (``year-end``: full calendar years after that of origin; ``day``: from the day of origin), the
    ``effect``, the days between which it holds (``since``, ``until``), the ``earliest`` date that it can give, the section (``rule``), what it says (``words``),
    where that is from (``evidence``)."""

    order: str
    mark: str
    level: str
    years: int
    counted: str
    effect: str
    since: date
    until: date
    earliest: date
    rule: str
    words: str
    evidence: str

    def after(self, origin: date) -> date:
        """The day that the rule gives for a record of ``origin``, no earlier than ``earliest``."""
        year_end = date(origin.year + self.years, 12, 31)
        return max(self.earliest, year_end if self.counted == "year-end" else later(origin, self.years))


def later(day: date, years: int) -> date:
    """The same day ``years`` later; for 29 February the last of the month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _day(value: str, empty: date) -> date:
    return date.fromisoformat(value) if value else empty


@cache
def all_rules() -> tuple[Rule, ...]:
    """All rules of the table."""
    return tuple(
        Rule(
            row["order"], row["mark"], row["level"], year(row["years"]) or 0, row["counted"], row["effect"], _day(row["since"], date.min),
            _day(row["until"], date.max), _day(row["earliest"], date.min), row["rule"], row["words"], row["evidence"],
        )
        for row in read_table("orders")
    )  # fmt: skip


def family(mark: str) -> str:
    """The mark without its number, as the table has it: ``XGDS`` for ``XGDS-3``, ``X`` for ``X4``, ``50X`` for ``50X1-HUM``."""
    upper = mark.upper()
    found = _NUMBERED.fullmatch(upper)
    return found[1] if found is not None else upper


@cache
def in_force(day: date) -> str | None:
    """The number of the order that was in force on ``day``; None before June 1972."""
    return next((rule.order for rule in all_rules() if rule.effect == "force" and rule.since <= day <= rule.until), None)


@cache
def rules_for(order: str | None, mark: str, level: str | None) -> tuple[Rule, ...]:
    """The rules about ``mark`` (a family): those of ``order``, or where it has none those of the last order that has.

    Of rules that differ by level only those of ``level`` (a code) are given.
    """
    about = [rule for rule in all_rules() if rule.mark == mark and rule.effect not in ("automatic", "limit", "force")]
    home = order if any(rule.order == order for rule in about) else about[-1].order if about else None
    return tuple(rule for rule in about if rule.order == home and rule.level in ("", level))


@cache
def limit_of(order: str | None, day: date) -> Rule | None:
    """How late a date ``order`` lets a classifier set on ``day``; None where it sets no limit."""
    return next((r for r in all_rules() if r.effect == "limit" and r.order == order and r.since <= day <= r.until), None)


@cache
def automatic(mark: str) -> Rule | None:
    """The rule by which a record with ``mark`` (a family, "" for none) is declassified whatever its line says; None for 75X."""
    if mark == "75X":
        return None
    found = {rule.mark: rule for rule in all_rules() if rule.effect == "automatic"}
    return found.get(mark, found[""])
