"""Dates as manuscripts write them: American, British and German order, ISO, date-time groups, months alone; in five languages."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

_NAMES: Final = (
    "january janvier januar jänner enero janeiro jan", "february février fevrier februar febrero fevereiro feb",
    "march mars märz maerz marzo março mar", "april avril abril apr", "may mai mayo maio", "june juin juni junio junho jun",
    "july juillet juli julio julho jul", "august août aout agosto aug", "september septembre septiembre setembro sept sep",
    "october octobre oktober octubre outubro oct okt", "november novembre noviembre novembro nov",
    "december décembre decembre dezember diciembre dezembro dec dez",
)  # fmt: skip
_MONTHS: Final = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_MONTH: Final = r"(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![a-zà-ÿ])\.?"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR: Final = r"(?:(?:19|20)\d\d(?!\d)|'\d\d(?!\d))"
_SEP: Final = r"[ ,.]{1,2}(?:of\ |de\ |del\ )?"
_DATE: Final = re.compile(
    rf"""(?<![\w/-])(?:
        (?P<iso>(?:19|20)\d\d-(?:0[1-9]|1[0-2])-{_DAY})(?![\d-])
      | (?P<group>{_DAY}[0-2]\d[0-5]\d\ ?Z\ ?(?P<gmonth>{_MONTH})\ ?(?P<gyear>(?:19|20)?\d\d)(?!\d))
      | (?P<d1>{_DAY})(?:st|nd|rd|th|er|\.|o|º)?\ (?:of\ |de\ )?(?P<m1>{_MONTH})(?:{_SEP}(?P<y1>{_YEAR}|\d\d(?![\d:.]|\ ?[A-Za-z])))?
      | (?P<m2>{_MONTH})\ (?P<d2>{_DAY})(?:st|nd|rd|th)?(?![\d:])(?:,?\ (?P<y2>{_YEAR}))?
      | (?P<y3>(?:19|20)\d\d)\ (?P<m3>{_MONTH})\ (?P<d3>{_DAY})(?!\d)
      | (?P<m4>{_MONTH}),?\ (?:of\ |de\ )?(?P<y4>{_YEAR})
      | (?P<a>\d\d?)(?P<sep>[./-])(?P<b>\d\d?)(?P=sep)(?P<y5>(?:19|20)\d\d|\d\d)(?![\d/.-]?\d)
    )""",
    re.IGNORECASE | re.VERBOSE,
)


class Moment(NamedTuple):
    """A date in the text, ``[start, end)``: ``year`` and ``day`` None where not given; ``other`` is the month and day of a date in figures
    that may be read the other way round (3/4/1975)."""

    start: int
    end: int
    year: int | None
    month: int
    day: int | None
    other: tuple[int, int] | None = None

    def days(self, year: int | None = None) -> list[date]:
        """The days it may be; ``year`` where it gives none itself. Empty where it gives no day."""
        year = self.year or year
        out: list[date] = []
        for month, day in ((self.month, self.day), self.other or (0, None)):
            if year is not None and day is not None:
                try:
                    out.append(date(year, month, day))
                except ValueError:
                    continue
        return out


def _year(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text.lstrip("'"))
    return number if number > 99 else number + (1900 if number >= 60 else 2000)


def _month(text: str) -> int:
    return _MONTHS[text.rstrip(".").lower()]


def moments(text: str) -> list[Moment]:
    """All dates of an even text, in order."""
    out: list[Moment] = []
    for m in _DATE.finditer(text):
        start, end = m.span()
        other = None
        if m["iso"]:
            year, month, day = map(int, m["iso"].split("-"))
        elif m["group"]:
            year, month, day = _year(m["gyear"]) or 0, _month(m["gmonth"]), int(m["group"][:2])
        elif m["m1"]:
            year, month, day = _year(m["y1"]) or 0, _month(m["m1"]), int(m["d1"])
        elif m["m2"]:
            year, month, day = _year(m["y2"]) or 0, _month(m["m2"]), int(m["d2"])
        elif m["m3"]:
            year, month, day = int(m["y3"]), _month(m["m3"]), int(m["d3"])
        elif m["m4"]:
            out.append(Moment(start, end, _year(m["y4"]), _month(m["m4"]), None))
            continue
        else:
            year, (a, b) = _year(m["y5"]) or 0, (int(m["a"]), int(m["b"]))
            # With full stops the day goes first; with strokes both are written.
            month, day = (b, a) if m["sep"] in ".-" or a > 12 else (a, b)
            if m["sep"] == "/" and a <= 12 and b <= 12 and a != b:
                other = (b, a)
            if not (1 <= month <= 12 and 1 <= day <= 31):
                continue
        out.append(Moment(start, end, year or None, month, day, other))
    return out
