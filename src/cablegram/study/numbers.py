"""Message numbers and stamps in their parts: what dating and counting reckon with."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

_ID: Final = re.compile(r"(?P<year>\d\d)(?P<post>[A-Z]+)(?P<number>\d{1,7})$")


class Number(NamedTuple):
    """A message number in its parts: two-digit year ``yy``, post code, serial."""

    yy: int
    post: str
    serial: int


def number_of(key: str) -> Number | None:
    """The parts of a canonical id; None where it is none (a cable without a message number)."""
    found = _ID.match(key)
    return Number(int(found["year"]), found["post"], int(found["number"])) if found is not None else None


def whole_year(yy: int, near: int) -> int:
    """The four-digit year of a two-digit one that lies nearest to the year ``near``."""
    return near + (yy - near + 50) % 100 - 50


def day_of(created: str | None) -> float | None:
    """A stamp of the record (ISO 8601, UTC) as days from 0001-01-01; noon where it has no hour. None where it has no day."""
    if created is None or len(created) < 10:
        return None
    try:
        day = float(date.fromisoformat(created[:10]).toordinal())
    except ValueError:
        return None
    if len(created) < 13:
        return day + 0.5
    hour, minute = int(created[11:13]), int(created[14:16]) if len(created) >= 16 else 30
    return day + (hour * 60 + minute) / 1440


def iso(day: float) -> str:
    """The day of such a number, ``YYYY-MM-DD``."""
    return date.fromordinal(max(1, int(day))).isoformat()
