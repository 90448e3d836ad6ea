"""Numbers of one post in a row: ``Praia 101, 103 and 107``, each with a date of its own or all with dates at their end."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from cablegram.check.findings import Finding
from cablegram.check.making import Maker
from cablegram.check.moments import Moment
from cablegram.check.parts import Reading
from cablegram.check.senders import STATE, Sender
from cablegram.check.weighing import YEARS

_NEXT: Final = re.compile(
    r"(?P<joint>[,;)]{0,2} ?(?:and|&|und|et|y|or|as well as|sowie|/)?) ?(?:(?:[Nn]os?\.|#|tels?\.|telegrams?|cables?) ?)?"
    r"(?P<number>\d{1,6})(?:-(?P<last>\d{1,6}))?(?:/(?P<yy>\d\d)(?![\d/]))?(?=[,;:.)\]\n(]|$| and | & | und | \(| from | of | on | dated | to | ff|/|,? para| ?¶| \d{1,2} (?:Jan|Feb|Mar|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])| (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d)"
)
#: Further days of one month: ``October 3 and 9, 1974``; ``respectively`` may follow.
_DAYS: Final = re.compile(
    r"(?:, (?:and )?| and | & )(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\w:])(?:,? (?P<year>(?:19|20)\d\d)(?!\d))?"
)
_RESPECTIVELY: Final = re.compile(r",? respectively")
_MOST: Final = 20
_LAST_DAY: Final = 31


class Series:
    """Reads rows of numbers in one text."""

    def __init__(self, reading: Reading, make: Maker) -> None:
        self._reading = reading
        self._text = reading.text
        self._make = make

    def sender_behind(self, end: int) -> Sender | None:
        """The post that follows a row of numbers of which the first ends at ``end``: "101, 103 and 107 from Praia"."""
        at = self._reading.tail(end, by=True).end
        for _ in range(_MOST):
            more = self._match(at)
            if more is None:
                return None
            tail = self._reading.tail(more.end(), by=True)
            if tail.by is not None:
                return tail.by
            at = max(more.end(), tail.end)
        return None

    def _match(self, at: int) -> re.Match[str] | None:
        """The next number of a row."""
        more = _NEXT.match(self._text, at)
        if more is None or not more["joint"].strip(" )") or not self._reading.same_row(at, more.start("number")):
            return None
        return None if self._reading.in_moment(more.start("number")) else more

    def behind(self, first: Finding, figures: str) -> list[Finding]:
        """The further numbers of the post of ``first``, whose number has these ``figures``."""
        out: list[Finding] = []
        at = first.end
        while (more := self._match(at)) is not None and len(out) < _MOST:
            value = int(more["number"])
            # "January 13, 15 and 17": days, not numbers.
            before = (out or [first])[-1].date
            if before is not None and before.end == at and value <= _LAST_DAY and _DAYS.match(self._text, at) is not None:
                break
            if value in YEARS or value == 0 or abs(len(more["number"]) - len(figures)) > 1:
                break
            if more["joint"].strip().startswith((";", ")")) and len(more["number"]) < 2:
                break
            tail = self._reading.tail(more.end(), number=first.posts, serial=value, by=True)
            if tail.by is not None and tail.by.posts != first.posts:
                break
            posts = (STATE,) if tail.to is not None and tail.by is None and tail.to.posts == first.posts else first.posts
            strong = first.strong or tail.date is not None or bool(tail.paragraphs)
            one = self._make(
                more.start("number"),
                more.end(),
                first.form,
                posts,
                value,
                int(more["yy"]) if more["yy"] else first.yy if tail.yy is None else tail.yy,
                tail,
                None,
                strong=strong,
            )
            out.append(one)
            last = int(more["last"] or 0)
            if value < last <= value + _MOST:
                out += [replace(one, serial=n) for n in range(value + 1, last + 1)]
            at = one.end
        return out

    def dated(self, row: list[Finding]) -> list[Finding]:
        """A row with the days that follow its last number given to its members in their order, where there are as many."""
        last = row[-1]
        if last.date is None or last.date.day is None:
            return row
        at, days = last.date.end, [last.date]
        while (more := _DAYS.match(self._text, at)) is not None and len(days) < _MOST:
            year = int(more["year"]) if more["year"] else last.date.year
            days.append(Moment(last.date.start, more.end(), year, last.date.month, int(more["day"])))
            at = more.end()
        if len(days) == 1:
            for moment in self._reading.moments_between(at, at + 60):
                days.append(moment)
                at = moment.end
            if _RESPECTIVELY.match(self._text, at) is None:
                return row
        apart = [one for n, one in enumerate(row) if n == 0 or one.start != row[n - 1].start]
        year = days[-1].year
        if len(days) != len(apart):
            return [*row[:-1], replace(last, date=None)]
        given = {id(one): moment._replace(year=moment.year or year) for one, moment in zip(apart, days, strict=True)}
        out = [replace(one, date=given[id(one)]) if id(one) in given else one for one in row]
        return [*out[:-1], replace(out[-1], end=max(out[-1].end, at))]
