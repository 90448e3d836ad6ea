"""The clock on the wall of a post: a telegram's time, sent in Zulu (UTC; ACP 121), in the time that the post kept then."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_STAMP: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2})(?::([0-9]{2}))?Z")
_LAST_MINUTE: Final = timedelta(minutes=59)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    """The rules of the zone ``name``, or None where this machine's tables have none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name of a zone; a folder of the tables
        return None


def _offset(moment: datetime) -> str:
    """The distance from UTC: UTC+5, UTC-3:30, UTC+0."""
    ahead = moment.utcoffset() or timedelta()
    sign = "-" if ahead < timedelta() else "+"
    minutes, seconds = divmod(int(abs(ahead).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes or seconds else "") + (f":{seconds:02}" if seconds else "")


def local_time(created: str, zone: str) -> str | None:
    """The record's stamp ``created`` (``2007-12-14T06:26Z``) in the local time of ``zone`` (an IANA name, a post's ``zone``).

    ``2007-12-14 11:26 (UTC+5)``, with the offset in force on that day, summer time and later reforms included. A stamp known to
    the hour gives the span that the hour covers: ``2005-06-28 19:30-20:29 (UTC+5:30)``. None where there is no hour, no such
    time, or no such zone; raises nothing.
    """
    stamp, rules = _STAMP.fullmatch(created), _zone(zone)
    if stamp is None or rules is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in stamp.groups())
    try:
        sent = datetime(year, month, day, hour, minute, tzinfo=UTC)
        local = sent.astimezone(rules)
        until = (sent + _LAST_MINUTE).astimezone(rules) if stamp[5] is None else None
    except (ValueError, OverflowError):  # no day of the calendar; beyond its first or last year
        return None
    return f"{local:%Y-%m-%d %H:%M}{f'-{until:%H:%M}' if until else ''} ({_offset(local)})"
