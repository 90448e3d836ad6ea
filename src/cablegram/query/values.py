"""Values of fields: days, months and years as spans of time; levels and precedences as ranks."""

from __future__ import annotations

import calendar
import difflib
import re
from collections.abc import Iterable
from typing import Final

from cablegram.query.errors import QueryError
from cablegram.query.syntax import Field
from cablegram.vocabulary.levels import LEVELS, level_of

_MOMENT: Final = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d):?(\d\d)Z?)?)?)?$")
_DATE_EXPECTED: Final = "a year, month or day such as 2007, 2007-12 or 2007-12-14, or a range such as 2007-10..2008-02"
#: Ends of an open range, as digits of a moment (YYYYMMDDhhmm).
FIRST: Final = 0
LAST: Final = 999912312359


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is most likely meant for, or None."""
    found = difflib.get_close_matches(word, list(known), 1, 0.6)
    return found[0] if found else None


def _span(text: str) -> tuple[int, int] | None:
    """First and last minute of a year, month, day or minute, as YYYYMMDDhhmm."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    assert year is not None
    if month is not None and not 1 <= month <= 12:
        return None
    last_month = month or 12
    if day is not None and not 1 <= day <= calendar.monthrange(max(year, 1), last_month)[1]:
        return None
    last_day = day or calendar.monthrange(max(year, 1), last_month)[1]
    low = year * 10**8 + (month or 1) * 10**6 + (day or 1) * 10**4 + (hour or 0) * 100 + (minute or 0)
    high = year * 10**8 + last_month * 10**6 + last_day * 10**4
    high += (hour if hour is not None else 23) * 100 + (minute if minute is not None else 59)
    return low, high


def moments(field: Field, query: str) -> tuple[int, int]:
    """First and last minute (YYYYMMDDhhmm) that a date field asks for. :class:`QueryError` where it names no time."""
    value = field.value
    parts = value.text.strip().split("..")
    spans = [_span(part.strip()) if part.strip() else (FIRST, LAST) for part in parts]
    if len(parts) > 2 or any(span is None for span in spans) or not any(part.strip() for part in parts):
        raise QueryError(f"`{value.text}` is no date", query, value.start, value.end, _DATE_EXPECTED, _date_like(value.text))
    (low, high), (_, high_end) = spans[0] or (0, 0), spans[-1] or (0, 0)
    if len(parts) == 2:
        if field.op != ":" or field.name in ("before", "after"):
            raise QueryError("a range cannot be compared", query, field.start, field.end, "one date, or a range behind `date:`")
        if parts[0].strip() and parts[1].strip() and low > high_end:
            raise QueryError("the range ends before it begins", query, value.start, value.end, "the earlier date first",
                             f"{parts[1].strip()}..{parts[0].strip()}")  # fmt: skip
        return (low if parts[0].strip() else FIRST), (high_end if parts[1].strip() else LAST)
    op = {"before": "<", "after": ">"}.get(field.name, field.op)
    return {
        ":": (low, high), ">=": (low, LAST), ">": (high + 1, LAST), "<=": (FIRST, high), "<": (FIRST, low - 1),
    }[op]  # fmt: skip


def _date_like(text: str) -> str | None:
    found = re.match(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$", text)
    if found is not None:
        return f"{found[3]}-{int(found[1]):02d}-{int(found[2]):02d}"
    found = re.match(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?$", text)
    if found is None:
        return None
    return "-".join([found[1], f"{int(found[2]):02d}", *([f"{int(found[3]):02d}"] if found[3] else [])])


def compare(op: str, rank: int, lowest: int, highest: int) -> tuple[int, int]:
    """The ranks that ``op`` and ``rank`` ask for, first and last."""
    return {
        ":": (rank, rank), ">=": (rank, highest), ">": (rank + 1, highest), "<=": (lowest, rank), "<": (lowest, rank - 1),
    }[op]  # fmt: skip


def level_rank(text: str, query: str, start: int, end: int) -> int:
    """The rank of the level that ``text`` names. :class:`QueryError` where it names none."""
    level = level_of(text)
    if level is None:
        names = [name for one in LEVELS for name in (one.name, one.code)]
        raise QueryError(f"`{text}` is no classification", query, start, end, "one of " + ", ".join(one.name for one in LEVELS)
                         + ", or a code such as S or SBU", nearest(text.upper(), names))  # fmt: skip
    return level.rank
