"""The E.O. line: executive order, declassification date or event, exemption codes.

Rules: E.O. 11652 (GDS, ADS, XGDS), 12065 (GDS date, XDS, RDS), 12356 (OADR), 12958 as amended (X1-X8, 25X), 13526 (50X, 75X).
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
    r"|(?P<m2>\d{1,3})[/-](?P<d2>\d{1,2})[/-](?P<y2>\d{4}|\d{2})"
    r"|(?P<y3>(?:19|20)\d\d)(?P<m3>0[1-9]|1[0-2])(?P<d3>[0-2]\d|3[01])"
    r"|(?P<m4>\d{1,2})\.(?P<d4>\d{1,2})\.(?P<y4>(?:19|20)\d\d))(?!\d)"
)
_WORDY: Final = re.compile(
    r"\b(?P<month>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\.?\s(?P<day>\d{1,2}),?\s(?P<year>\d{4}|\d\d)(?!\d)"
    r"|(?<!\d)(?P<day2>\d{1,2})\s(?P<month2>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\.?,?\s(?P<year2>\d{4}|\d\d)(?!\d)",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"(?<![\w/])(OADR|(?:XGDS|XDS|RDS)(?:-?\d| \d(?!\s[A-Z]{3}))?|GDS|NGDS|ADS|MR|(?:25|50|75)X\d?|X[1-8])(?![\w/])",
    re.IGNORECASE,
)
#: The date of a paper that the classification is derived from: no date of this one (E.O. 12958 section 2.1).
_OF_SOURCE: Final = re.compile(r"\bDATES?\s+OF\s+SOURCES?\b[\s:,]{0,4}(?P<dated>.{0,30})", re.IGNORECASE)
#: What ends an advanced declassification (E.O. 11652 section 5, opening words): ``ADS, DECLAS UPON ARRIVAL OF DELEGATION``.
_UPON: Final = re.compile(r"\b(?P<event>(?:UPON|ON|AFTER|WHEN|FOLLOWING|AT)\s(?=\w).{2,300})", re.IGNORECASE)
#: ``Declassify on: 10/01/2016``, behind Classified By and Reason (32 CFR 2001.21).
_DECLASSIFY_ON: Final = re.compile(
    r"\bDECL(?:ASS?(?:IF(?:Y|IED))?)?\.?(?:\sON\b\s?:?|\s?:)\s{0,4}(?P<value>\S.{0,200})", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\bE\.?\s?O\.?\s?:?\s?(?P<order>1\d{4})\b", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"(?:\(?AS AMENDED\)?[;:,]?\s*)?(?:D\s?E\s?C\s?L\s?L?\s?A?S?S?(?:IFY)?(?:\s?ON)?\s?[:.]?|DNG:\s?CO)\s*", re.IGNORECASE
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
        n = next(n for n in "1234" if found[f"y{n}"])
        value = iso_date(found[f"y{n}"], int(found[f"m{n}"]), int(found[f"d{n}"]), after)
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
    return ExecutiveOrder(order, *_until(body, year), raw)


def _until(body: str, year: int | None) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Date, event and codes of what follows the number of the order."""
    codes = tuple(dict.fromkeys(code.upper().replace(" ", "-") for code in _CODE.findall(body)))
    source = _OF_SOURCE.search(body)
    if source is not None:
        body = body[: source.start()] + first_date(source["dated"], year)[1] + body[source.end() :]
    declassify_on, left = first_date(body, year)
    left = " ".join(left.split()).strip(" .,;:()")
    if declassify_on is not None or len(left) <= 3 or "XXXX" in left.upper() or not any(c.isalpha() for c in left):
        return declassify_on, None, codes
    if not codes:
        return None, left, ()
    upon = _UPON.search(left) if codes == ("ADS",) else None
    return None, upon["event"] if upon is not None else None, codes


def read_declassify_on(authority: str, order: ExecutiveOrder | None, year: int | None) -> ExecutiveOrder | None:
    """``order`` with what a ``Declassify on`` line of the classification ``authority`` says, where the E.O. line says nothing of it."""
    if order is not None and (order.declassify_on or order.event or order.exemptions):
        return order
    found = _DECLASSIFY_ON.search(authority)
    if found is None or _NONE.match(found["value"]):
        return order
    until = _until(found["value"], year)
    if not any(until):
        return order
    if order is not None:
        return ExecutiveOrder(order.order, *until, f"{order.raw} {found[0].strip()}")
    cited = _NUMBER.search(authority)
    return ExecutiveOrder(cited["order"] if cited is not None and cited["order"] in ORDERS else None, *until, found[0].strip())
