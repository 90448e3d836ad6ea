"""The E.O. line: executive order, declassification date or event, exemption codes.

Rules: E.O. 11652 (GDS, ADS, XGDS), 12065 (GDS date, RDS), 12356 (OADR), 12958 as amended (X1-X8, 25X), 13526.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from cablegram.record import ExecutiveOrder
from cablegram.telegram.preamble import Field

_ORDER: Final = re.compile(r"\s*(\d{5})\b[\s:,.-]*")
_DATE: Final = re.compile(
    r"(?<!\d)(?:(?P<y1>\d{4})[/-](?P<m1>\d{1,2})[/-](?P<d1>\d{1,2})"
    r"|(?P<m2>\d{1,3})[/-](?P<d2>\d{1,2})[/-](?P<y2>\d{4}|\d{2}))(?!\d)"
)
_WORDY: Final = re.compile(
    r"(?P<month>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*\.?\s(?P<day>\d{1,2}),?\s(?P<year>\d{4})"
    r"|(?P<day2>\d{1,2})\s(?P<month2>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*\.?,?\s(?P<year2>\d{4})",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"(?<![\w/])(OADR|XGDS(?:[- ]?\d)?|GDS|NGDS|ADS|RDS(?:[- ]?\d)?|MR|25X\d|50X\d|X[1-8])(?![\w/])", re.IGNORECASE
)
_LEAD: Final = re.compile(
    r"(?:AS AMENDED[;,]?\s*)?(?:D\s?E\s?C\s?L\s?L?\s?A?S?S?(?:IFY)?(?:\s?ON)?\s?[:.]?|DNG:\s?CO)\s*", re.IGNORECASE
)
_NONE: Final = re.compile(r"N\s?/?\s?A\b", re.IGNORECASE)
#: No E.O. line is longer (characters).
_LONGEST: Final = 2000
MONTHS: Final = {m: i for i, m in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
ORDERS: Final = ("12958", "13526", "13292", "12356", "12065", "11652")


def iso_date(year: str, month: int, day: int, after: int | None) -> str | None:
    """ISO date, or None where there is no such day. A two-digit year is the first one not before ``after``."""
    y = int(year)
    if len(year) == 2:
        base = after if after is not None else 1970
        y += base // 100 * 100
        if y < base:
            y += 100
    try:
        return date(y, month, day).isoformat()
    except ValueError:
        return None


def first_date(text: str, after: int | None) -> tuple[str | None, str]:
    """The first date in ``text`` as ISO, and the text without it."""
    found = _DATE.search(text)
    if found is not None:
        if found["y1"]:
            value = iso_date(found["y1"], int(found["m1"]), int(found["d1"]), after)
        else:
            value = iso_date(found["y2"], int(found["m2"]), int(found["d2"]), after)
        return value, text[: found.start()] + text[found.end() :]
    found = _WORDY.search(text)
    if found is not None:
        month = MONTHS[(found["month"] or found["month2"]).upper()]
        day, year = found["day"] or found["day2"], found["year"] or found["year2"]
        return iso_date(year, month, int(day), after), text[: found.start()] + text[found.end() :]
    return None, text


def read_order(field: Field, year: int | None) -> ExecutiveOrder:
    """Read the E.O. field; ``year`` is the year of the telegram, if known."""
    value = field.joined()[:_LONGEST]
    raw = f"E.O. {value}"
    order: str | None = None
    rest = value
    found = _ORDER.match(value)
    if found is not None:
        digits = found[1]
        rest = value[found.end() :]
        # `12598`, `19528`: the digits of 12958 in another order (catalogue 3.3); other unknown numbers stay unread.
        order = digits if digits in ORDERS else "12958" if sorted(digits) == sorted("12958") else None
    if _NONE.match(rest.strip(" :")):
        return ExecutiveOrder(order, None, None, (), raw)
    lead = _LEAD.match(rest)
    body = rest[lead.end() :] if lead is not None else rest
    codes = tuple(dict.fromkeys(code.upper().replace(" ", "-") for code in _CODE.findall(body)))
    declassify_on, left = first_date(body, year)
    event: str | None = None
    left = " ".join(left.split()).strip(" .,;:()")
    if declassify_on is None and not codes and len(left) > 3 and "XXXX" not in left.upper() and any(c.isalpha() for c in left):
        event = left
    return ExecutiveOrder(order, declassify_on, event, codes, raw)
