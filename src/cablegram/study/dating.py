"""Probable dates by message numbers: a post numbers its telegrams upward from the first of January, so neighbours date each other.

The rule is that of 5 FAH-1 H-200 (message reference numbers run by calendar year); the order is not strict, because a number is given when a telegram is
drafted or released and the date-time group when it is sent.
"""

from __future__ import annotations

import json
import math
import statistics
from bisect import bisect_left, bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random
from typing import Any, Final

from cablegram.archive.archive import Archive
from cablegram.archive.citations import by_version, citing
from cablegram.study.lag import Lags, lags_of, median
from cablegram.study.numbers import day_of, iso, number_of, whole_year

#: A cable this many days out of the order of its neighbours has a wrong date or a wrong number, and dates no other (as in lint).
_TOLERANCE: Final = 5.0
#: Days that are put to either end of a window where a line has too few cables to tell how orderly it is.
_UNKNOWN_SLACK: Final = 1.0
_FEW: Final = 10
#: Share of a line's own cables that its slack brings inside the window of their neighbours.
_SHARE: Final = 0.95
#: Lines kept in memory.
_KEPT: Final = 64
#: As many numbers as this, evenly sent, are believed; a pace of another year is believed as few.
_SURE: Final = 30.0
_UNSURE: Final = 6.0
#: Days: nearer to a neighbour than this all is alike.
_NEAR: Final = 0.02
#: Citations of some cables by others that are dated to the day.
_EARLIER: Final = "r.target IN (SELECT value FROM json_each(?1)) AND length(c.created) >= 10 AND c.key != r.target"
BETWEEN: Final = "between the neighbouring numbers held"
AFTER: Final = "after the last lower number held"
BEFORE: Final = "before the first higher number held"
CITED: Final = "before its first citation in that year"
CITING: Final = ", and its first citation"
_TOO_EARLY: Final = "it is cited on {}, before it can have been sent: its year or number is wrong, or the post began a new series"
PACE: Final = "by the post's numbers of another year"
YEAR: Final = "the year of its number"
_TOO_HIGH: Final = "by its pace the post used some {:,} numbers in that year: the year or the number is wrong"
#: Years to either side of which a post's pace is taken where nothing of the year itself is held.
_REACH: Final = 3


@dataclass(frozen=True, slots=True)
class Dating:
    """A probable date: the window ``first`` to ``last`` and the likeliest moment ``point`` (days as :func:`day_of` gives them), the
    ``method``, the ids of the neighbours it rests on (``lower``, ``upper``), and ``doubt``: what speaks against the number or its year."""

    first: float
    last: float
    point: float
    method: str
    lower: str | None = None
    upper: str | None = None
    doubt: str | None = None

    def with_doubt(self, doubt: str) -> Dating:
        """The same with another doubt."""
        return replace(self, doubt=doubt)

    def to_dict(self) -> dict[str, Any]:
        """As plain data: days as ``YYYY-MM-DD``."""
        return {
            "from": iso(self.first), "to": iso(self.last), "date": iso(self.point), "method": self.method,
            "neighbours": [one for one in (self.lower, self.upper) if one is not None], "doubt": self.doubt,
        }  # fmt: skip


_Weight = Callable[[float], float]


def _even(day: float) -> float:
    return 0.0


def _between(serial: int, low: tuple[int, float], high: tuple[int, float]) -> _Weight:
    """Logarithm of how likely a number fell on a day, if all between its neighbours fell evenly (a beta distribution)."""
    below, above = serial - low[0] - 1, high[0] - serial - 1
    # Traffic is not that even (weekends, crises): numbers by the hundred do not make the date sure to the hour.
    scale = min(1.0, _SURE / max(1, below + above))
    if high[1] <= low[1] or not below + above:
        return _even
    return lambda day: scale * (below * math.log(max(day - low[1], _NEAR)) + above * math.log(max(high[1] - day, _NEAR)))


def _after(steps: int, start: float, pace: float, sure: float) -> _Weight:
    """The same, ``steps`` numbers after the day ``start`` at ``pace`` numbers a day (a gamma distribution)."""
    scale = min(1.0, sure / steps)
    return lambda day: scale * ((steps - 1) * math.log(max(day - start, _NEAR)) - pace * max(day - start, 0.0))


class Line:
    """The number line of a post in a year: serials with the days on which they were sent, without those that are out of order.

    ``slack``: days by which its own cables lie outside of their neighbours' window, but for a twentieth of them. ``pace``: numbers a
    day of the post in another year, for a line without any cable. ``lags``: how soon cables are cited.
    """

    def __init__(
        self, post: str, year: int, points: Iterable[tuple[int, float]], pace: float | None = None, lags: Lags | None = None
    ) -> None:
        self.post, self.year, self._elsewhere, self._lags = post, year, pace, lags or Lags()
        given = sorted(points)
        kept = in_order(given)
        self.serials = [serial for serial, _ in kept]
        self.days = [day for _, day in kept]
        self.stray = len(given) - len(kept)
        self.slack = _slack(self.days)

    def id(self, serial: int) -> str:
        """The message number of a serial on this line."""
        return f"{self.year % 100:02d}{self.post}{serial}"

    def dating(self, serial: int, cited: float | None = None) -> Dating:
        """The probable date of a number that is not held; ``cited`` is the day of the earliest cable that cites it.

        Interpolated between the nearest numbers held; where there is none on one side, between the turn of the year and the other.
        Where it is cited, every day of the window is weighed by the number and by how soon cables are cited, and the median taken.
        """
        begin = float(date(self.year, 1, 1).toordinal())
        end = float(date(self.year, 12, 31).toordinal()) + 0.999
        at = bisect_left(self.serials, serial)
        up = bisect_right(self.serials, serial)
        low = (self.serials[at - 1], self.days[at - 1]) if at > 0 else None
        high = (self.serials[up], self.days[up]) if up < len(self.serials) else None
        first, last = begin, end
        if high is not None:
            start = low or (0, begin)
            first, last = sorted((start[1], high[1]))
            point = start[1] + (high[1] - start[1]) * (serial - start[0]) / (high[0] - start[0])
            method, weight = BETWEEN if low else BEFORE, _between(serial, start, high)
        elif low is not None:
            # The post's own pace since January.
            first, pace = low[1], low[0] / max(low[1] - begin, 0.5)
            point = low[1] + (serial - low[0]) / pace
            method, weight = AFTER, _after(serial - low[0], low[1], pace, _SURE)
        elif self._elsewhere:
            point = begin + serial / self._elsewhere
            method, weight = PACE, _after(serial, begin, self._elsewhere, _UNSURE)
        else:
            point = (begin + end) / 2
            method, weight = YEAR, _even
        slack = self.slack if self.days else 0.0
        first, last = max(begin, first - slack), min(end, last + slack)
        doubt = None
        if cited is not None:
            if cited < first - _TOLERANCE:
                doubt = _TOO_EARLY.format(iso(cited))
            else:
                last = min(last, max(cited, first))
                point = median(lambda day: weight(day) + self._lags.log(cited - day), first, last)
                method = CITED if method == YEAR else method + CITING
        if doubt is None and self.is_too_high(serial):
            doubt = _TOO_HIGH.format(self.traffic_by_pace() or 0)
        lower, upper = (self.id(low[0]) if low else None), (self.id(high[0]) if high else None)
        return Dating(first, last, min(max(point, first), last), method, lower, upper, doubt)

    def is_too_early(self, serial: int, cited: float) -> bool:
        """Whether a number is cited more than five days before its neighbours allow that it was sent."""
        return cited < self.dating(serial).first - _TOLERANCE

    def is_too_high(self, serial: int) -> bool:
        """Whether a number is more than half as high again as the post's pace leads to by the end of the year, told by half of it at least."""
        traffic = self.traffic_by_pace()
        return traffic is not None and serial > 1.5 * traffic and self.days[-1] > date(self.year, 7, 1).toordinal()

    @property
    def pace(self) -> float | None:
        """Numbers a day, from 1 January to the last cable; None where that is less than a week."""
        if not self.days:
            return None
        days = self.days[-1] - float(date(self.year, 1, 1).toordinal())
        return self.serials[-1] / days if days >= 7 else None

    def traffic_by_pace(self) -> int | None:
        """The numbers of the whole year, if the post went on as until its last cable; None where that is in the first week."""
        return round(self.pace * (date(self.year + 1, 1, 1) - date(self.year, 1, 1)).days) if self.pace is not None else None


def in_order(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """``points`` (sorted by serial) without those more than the tolerance out of the order of most: the longest run of rising days is
    the order, and whatever lies within the tolerance of it stays. O(n log n)."""
    tails: list[float] = []
    ends: list[int] = []
    before: list[int] = []
    for n, (_, day) in enumerate(points):
        at = bisect_right(tails, day)
        before.append(ends[at - 1] if at else -1)
        if at == len(tails):
            tails.append(day)
            ends.append(n)
        else:
            tails[at], ends[at] = day, n
    spine = set()
    n = ends[-1] if ends else -1
    while n >= 0:
        spine.add(n)
        n = before[n]
    out: list[tuple[int, float]] = []
    following = sorted(spine)
    low = float("-inf")
    ahead = 0
    for n, (serial, day) in enumerate(points):
        if n in spine:
            low = day
            ahead += 1
            out.append((serial, day))
            continue
        high = points[following[ahead]][1] if ahead < len(following) else float("inf")
        if low - _TOLERANCE <= day <= high + _TOLERANCE:
            out.append((serial, day))
    return out


def _slack(days: Sequence[float]) -> float:
    if len(days) < _FEW:
        return _UNKNOWN_SLACK
    outside = [
        max(min(before, after) - day, day - max(before, after), 0.0)
        for before, day, after in zip(days, days[1:], days[2:], strict=False)
    ]
    outside.sort()
    return outside[min(len(outside) - 1, int(_SHARE * len(outside)))]


class Dater:
    """Dates numbers of one archive; the lines that it needed last are kept."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lags: Lags | None = None
        self._lines: OrderedDict[tuple[str, int], Line] = OrderedDict()

    def points(self, post: str, year: int) -> list[tuple[int, float]]:
        """Serial and day of the held cables of a post with a number of that year, dated within a day of it."""
        start = f"{year % 100:02d}{post}"
        # By key, which has an index: what the texts of misfiled telegrams say of post and serial does not matter here.
        rows = self._archive.store.db.execute(
            "SELECT key, created FROM cables WHERE key >= ? AND key < ? AND length(created) >= 10", (f"{start}0", f"{start}:")
        )
        out: list[tuple[int, float]] = []
        for key, created in rows:
            number, day = number_of(key), day_of(created)
            if number is not None and number.post == post and day is not None and created[:4] == f"{year:04d}":
                out.append((number.serial, day))
        return out

    @property
    def lags(self) -> Lags:
        """How soon cables of this archive are cited; learned when first asked for."""
        if self._lags is None:
            self._lags = lags_of(self._archive)
        return self._lags

    def drawn(self, post: str, year: int, points: Sequence[tuple[int, float]]) -> Line:
        """The line of these points."""
        return Line(post, year, points, None if points else self.pace(post, year), self.lags)

    def line(self, post: str, year: int) -> Line:
        """The number line of a post in a year."""
        known = self._lines.get((post, year))
        if known is None:
            points = self.points(post, year)
            known = self._lines[post, year] = self.drawn(post, year, points)
            if len(self._lines) > _KEPT:
                self._lines.popitem(last=False)
        else:
            self._lines.move_to_end((post, year))
        return known

    def pace(self, post: str, year: int) -> float | None:
        """Numbers a day of the post in the nearest other year of which anything is held, at most three years away."""
        for apart in range(1, _REACH + 1):
            for other in (year - apart, year + apart):
                pace = Line(post, other, self.points(post, other)).pace
                if pace is not None:
                    return pace
        return None

    def dating(self, key: str, cited: float | None = None) -> Dating | None:
        """The probable date of a message number, ``cited`` being the day of the first cable that cites it; None where ``key`` is no
        message number, or nothing tells its century."""
        number = number_of(key)
        if number is None:
            return None
        near = date.fromordinal(int(cited)).year if cited is not None else self._century()
        return self.line(number.post, whole_year(number.yy, near)).dating(number.serial, cited)

    def _century(self) -> int:
        row = self._archive.store.db.execute("SELECT max(created) FROM cables").fetchone()
        return int(row[0][:4]) if row[0] else datetime.now().year


def first_citations(archive: Archive, keys: Sequence[str]) -> dict[str, float]:
    """The day of the earliest cable that cites each of ``keys``, itself left out."""
    out: dict[str, float] = {}
    for at in range(0, len(keys), 500):
        some = list(keys[at : at + 500])
        rows = archive.store.db.execute(
            f"SELECT target, min(created) FROM ({citing('r.target, c.created', _EARLIER)}) GROUP BY 1",
            (json.dumps(some),),
        )
        out.update({key: day for key, created in rows if (day := day_of(created)) is not None})
    return out


def measure(archive: Archive, seed: int, sample: int = 1_000) -> dict[str, Any]:
    """How well dates are found: known cables are hidden, each in turn, from their line, and dated by the others and by who cites them.

    The sample is of cables that another one cites, as every ghost is; ``any`` has the same for a sample of all, cited or not.
    ``median_error_days`` is of the likeliest date against the true one, ``inside`` the share whose true day lies in the window. A
    cable whose own date or number is wrong counts as an error.
    """
    dater = Dater(archive)
    cited = _hidden(archive, dater, Random(seed), sample, f" AND EXISTS ({by_version('r.target = key')})")
    return {"seed": seed, **cited, "any": _hidden(archive, dater, Random(seed), sample, "")}


def _chosen(archive: Archive, rng: Random, sample: int, condition: str) -> tuple[int, list[tuple[str, str]]]:
    """How many cables there are with a number and a date, and an even sample of them (a reservoir: memory stays flat)."""
    chosen: list[tuple[str, str]] = []
    count = 0
    for key, created in archive.store.db.execute(
        f"SELECT key, created FROM cables WHERE length(created) >= 10{condition} ORDER BY key"
    ):
        if number_of(key) is None:
            continue
        count += 1
        if len(chosen) < sample:
            chosen.append((key, created))
        elif (place := rng.randrange(count)) < sample:
            chosen[place] = (key, created)
    return count, chosen


def _hidden(archive: Archive, dater: Dater, rng: Random, sample: int, condition: str) -> dict[str, Any]:
    count, chosen = _chosen(archive, rng, sample, condition)
    cited = first_citations(archive, [key for key, _ in chosen])
    groups: dict[tuple[str, int], list[tuple[int, float, float | None]]] = defaultdict(list)
    for key, created in chosen:
        number, day = number_of(key), day_of(created)
        if number is not None and day is not None:
            groups[number.post, whole_year(number.yy, int(created[:4]))].append((number.serial, day, cited.get(key)))
    methods: dict[str, list[tuple[float, bool, float]]] = defaultdict(list)
    for (post, year), hidden in sorted(groups.items()):
        points = dater.points(post, year)
        for serial, day, first in hidden:
            dating = dater.drawn(post, year, [point for point in points if point[0] != serial]).dating(serial, first)
            inside = int(dating.first) <= int(day) <= int(dating.last)
            methods[dating.method].append((abs(dating.point - day), inside, dating.last - dating.first))
    return {
        "cables": count,
        **_summary([one for found in methods.values() for one in found]),
        "methods": [
            {"method": method, **_summary(found)} for method, found in sorted(methods.items(), key=lambda one: -len(one[1]))
        ],
    }


def _summary(found: Sequence[tuple[float, bool, float]]) -> dict[str, Any]:
    if not found:
        return {"hidden": 0, "median_error_days": None, "inside": None, "median_window_days": None}
    return {
        "hidden": len(found),
        "median_error_days": round(statistics.median(error for error, _, _ in found), 2),
        "inside": round(sum(inside for _, inside, _ in found) / len(found), 4),
        "median_window_days": round(statistics.median(width for _, _, width in found), 2),
    }
