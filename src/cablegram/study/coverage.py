"""Coverage: of the numbers that a post used in a year, which are held, which are only cited, which are missing, and how many there were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from cablegram.archive import citations
from cablegram.archive.archive import Archive
from cablegram.errors import CablegramError
from cablegram.study.dating import Line
from cablegram.study.numbers import day_of, iso, number_of, whole_year
from cablegram.vocabulary.posts import resolve

#: Missing runs that are listed, the longest.
MOST_RUNS: Final = 50
#: One in so many: a run of missing numbers that chance would leave less often is odd.
_ODD: Final = 0.01
_MOST_ODD: Final = 10
#: The upper end of the estimate is right nineteen times of twenty.
_RISK: Final = 0.05
#: Fewer held cables say nothing about holes.
_FEW: Final = 8
_MONTHS: Final = 60.0
#: Continuity numbers have four digits and begin again behind 9999.
_ROUND: Final = 10_000


class Estimate(NamedTuple):
    """How many numbers were used: ``traffic``, with 95 % confidence from ``low`` to ``high``; ``starts``: the first number, above 1
    where the dates say so. ``by_pace``: the numbers of the whole year if the post went on as until its last held cable, or None."""

    traffic: int
    low: int
    high: int
    starts: int
    by_pace: int | None = None


class Hole(NamedTuple):
    """A run of missing numbers that chance would hardly leave: ``first`` to ``last``, and the dates of the held numbers around it
    (``after`` the one, ``before`` the other)."""

    first: int
    last: int
    after: str | None
    before: str | None


class Coverage(NamedTuple):
    """A post in a year. ``lowest`` and ``highest`` serial seen, held or cited; ``held`` and ``cited`` (not held) count serials;
    ``missing`` counts the numbers between lowest and highest that are not held, in ``run_count`` runs, of which the longest are
    ``missing_runs``. ``estimate`` is the traffic, ``holes`` the odd runs, ``first`` and ``last`` the dates of the first and the last
    held cable. ``doubtful``: cited serials left out, because lower numbers were sent long after the citation, or the post's pace
    does not lead so high."""

    post: str
    year: int
    lowest: int
    highest: int
    held: int
    cited: int
    missing: int
    missing_runs: tuple[tuple[int, int], ...]
    run_count: int
    estimate: Estimate
    holes: tuple[Hole, ...]
    doubtful: tuple[int, ...]
    first: str | None
    last: str | None

    @property
    def share(self) -> float:
        """Share of the numbers between the lowest and the highest seen that is held."""
        return round(self.held / (self.highest - self.lowest + 1), 4)

    @property
    def share_of_traffic(self) -> float:
        """Share of the estimated traffic that is held: lower than :attr:`share` where little is seen."""
        return round(self.held / self.estimate.traffic, 4)

    def to_dict(self) -> dict[str, Any]:
        """As ``coverage --json`` prints it."""
        return {
            "post": self.post, "year": self.year, "lowest": self.lowest, "highest": self.highest, "held": self.held,
            "cited_not_held": self.cited, "missing": self.missing, "missing_runs": [list(run) for run in self.missing_runs],
            "missing_run_count": self.run_count, "share": self.share, "estimate": self.estimate._asdict(),
            "share_of_traffic": self.share_of_traffic,
            "odd_holes": [{"run": [h.first, h.last], "after": h.after, "before": h.before} for h in self.holes],
            "doubtful": list(self.doubtful), "first": self.first, "last": self.last,
        }  # fmt: skip


def estimate(seen: Sequence[int], *, above: bool = False, by_pace: int | None = None) -> Estimate:
    """The number of messages by the serials ``seen`` (distinct, rising, at least one).

    The German tank problem: of N numbers from 1 on, k were seen at random, the highest of them m; N = m (1 + 1/k) - 1 has no bias and
    the least variance, and N lies below m / 0.05^(1/k) nineteen times of twenty (L. A. Goodman, "Serial Number Analysis", Journal of
    the American Statistical Association 47, 1952; R. Ruggles and H. Brodie, ibid. 42, 1947). ``above``: the series does not begin with
    1, see :func:`begins_above`; with the lowest number l, both ends are open and N = (m - l)(k + 1)/(k - 1) - 1 (Goodman). That numbers
    were seen at random is an assumption: releases choose.
    """
    k, lowest, highest = len(seen), seen[0], seen[-1]
    if above and k > 2:
        span = highest - lowest + 1
        traffic = max(span, round((highest - lowest) * (k + 1) / (k - 1)) - 1)
        # One number of the sample is spent on the lower end.
        high = max(traffic, math.floor(span / _RISK ** (1 / (k - 1))))
        return Estimate(traffic, span, high, max(1, round(lowest - span / k)), by_pace)
    traffic = max(highest, round(highest * (1 + 1 / k)) - 1)
    return Estimate(traffic, highest, max(traffic, math.floor(highest / _RISK ** (1 / k))), 1, by_pace)


def begins_above(line: Line) -> bool:
    """Whether a post's series seems to begin above 1 in January: a straight line through its dated numbers meets 1 January at more
    than a quarter of the highest. Asked only of lines with eight cables over two months or more; fewer do not say.

    That the lowest number seen is high says nothing by itself: an archive may hold nothing from before September.
    """
    if len(line.serials) < _FEW or line.days[-1] - line.days[0] < _MONTHS:
        return False
    days, serials = line.days, line.serials
    mean_day, mean = sum(days) / len(days), sum(serials) / len(serials)
    spread = sum((day - mean_day) ** 2 for day in days)
    pace = sum((day - mean_day) * (serial - mean) for day, serial in zip(days, serials, strict=True)) / spread
    return mean - pace * (mean_day - date(line.year, 1, 1).toordinal()) > serials[-1] / 4


def missing_runs(held: Sequence[int], lowest: int, highest: int) -> list[tuple[int, int]]:
    """The runs ``(first, last)`` of numbers from ``lowest`` to ``highest`` that are not among ``held`` (distinct, rising)."""
    edges = [lowest - 1, *held, highest + 1]
    return [(one + 1, other - 1) for one, other in pairwise(edges) if other - one > 1]


def is_odd(length: int, held: int, span: int) -> bool:
    """Whether chance would leave a run of ``length`` missing numbers, or a longer one, anywhere among ``span`` numbers less than once in
    a hundred archives that hold as many, each number alike likely: (held + 1) gaps, each so long with (1 - held/span)^length."""
    share = held / span
    return held >= _FEW and share < 1 and math.log(held + 1) + length * math.log1p(-share) < math.log(_ODD)


class Coverages:
    """Coverage of an archive, post by post and year by year; of one ``post`` (any spelling) or ``year`` only.

    ``CablegramError`` for a post that the vocabulary does not know.
    """

    def __init__(self, archive: Archive, *, post: str | None = None, year: int | None = None) -> None:
        self._db = archive.store.db
        self._year = year
        known = resolve(post) if post is not None else None
        if post is not None and known is None:
            raise CablegramError(f"{post}: no post is spelled so; `cablegram info` lists those that are held")
        digits = f"{year % 100:02d}" if year is not None else "[0-9][0-9]"
        self._pattern = f"{digits}{known.code if known is not None else '[A-Z]*'}[0-9]*"
        # The citations of one post and year are found by what they cite, those of many by who cites.
        self._few = post is not None and year is not None

    def __iter__(self) -> Iterator[Coverage]:
        """In order of year and post. One group is in memory at a time; the rows are sorted by SQLite, in files where they are many."""
        found = self._groups()
        yield from (one for one in found if self._year is None or one.year == self._year)

    def _groups(self) -> Iterator[Coverage]:
        # Ids of one year and post stand together in alphabetical order: no other id begins with the same letters and a digit.
        missing = "r.target GLOB ?1 AND NOT EXISTS (SELECT 1 FROM cables h WHERE h.key = r.target)"
        rows = self._db.execute(
            "SELECT key, created, 1 FROM cables WHERE key GLOB ?1"
            f" UNION ALL SELECT target, min(created), 0 FROM ({(citations.citing if self._few else citations.cited)('r.target, c.created', missing)}) GROUP BY 1 ORDER BY 1",
            (self._pattern,),
        )
        numbers = ((number, stamp, is_held) for key, stamp, is_held in rows if (number := number_of(key)) is not None)
        for (yy, post), group in groupby(numbers, key=lambda row: (row[0].yy, row[0].post)):
            held: dict[int, str | None] = {}
            cited: dict[int, str | None] = {}
            for number, stamp, is_held in group:
                (held if is_held else cited)[number.serial] = stamp
            yield _coverage(post, yy, held, cited)


def _coverage(post: str, yy: int, held: dict[int, str | None], cited: dict[int, str | None]) -> Coverage:
    stamps = sorted(stamp for stamp in held.values() if stamp) or sorted(stamp for stamp in cited.values() if stamp)
    year = whole_year(yy, int(stamps[len(stamps) // 2][:4])) if stamps else 2000 + yy - 100 * (yy > 50)
    days = [(serial, day) for serial, stamp in held.items() if (day := day_of(stamp)) is not None and stamp is not None
            and stamp[:4] == str(year)]  # fmt: skip
    line = Line(post, year, days)
    doubtful = [
        serial for serial, stamp in cited.items()
        if serial not in held and line.serials and (
            line.is_too_high(serial) or ((day := day_of(stamp)) is not None and line.is_too_early(serial, day))
        )
    ]  # fmt: skip
    only_cited = sorted(set(cited) - set(held) - set(doubtful))
    serials = sorted(held)
    seen = sorted([*serials, *only_cited]) or sorted(doubtful)
    lowest, highest = seen[0], seen[-1]
    runs = missing_runs(serials, lowest, highest)
    longest = sorted(runs, key=lambda run: (run[0] - run[1], run[0]))
    dates = dict(zip(line.serials, line.days, strict=True))
    holes = [
        Hole(first, last, _date(dates, first - 1), _date(dates, last + 1))
        for first, last in longest[:_MOST_ODD]
        if is_odd(last - first + 1, len(serials), highest - lowest + 1)
    ]
    in_year = sorted(day for _, day in days)
    return Coverage(
        post, year, lowest, highest, len(serials), len(only_cited), highest - lowest + 1 - len(serials), tuple(sorted(longest[:MOST_RUNS])),
        len(runs), estimate(seen, above=begins_above(line), by_pace=line.traffic_by_pace()), tuple(sorted(holes)), tuple(sorted(doubtful)),
        iso(in_year[0]) if in_year else None, iso(in_year[-1]) if in_year else None,
    )  # fmt: skip


def _date(dates: dict[int, float], serial: int) -> str | None:
    return iso(dates[serial]) if serial in dates else None


def continuity(archive: Archive, post: str, year: int, addressee: str = "STATE") -> dict[str, Any] | None:
    """The messages that passed from ``post`` to ``addressee`` between the first and the last held one of a year, by their continuity
    numbers (the number behind an addressee, one series for each pair, 0001 to 9999 and again): a count that does not rest on serials.

    Each step from one held cable to the next is taken as the shorter way round. None where fewer than two held cables have a number.
    """
    rows = archive.store.db.execute(
        "SELECT c.created, c.serial, a.number FROM cables c JOIN addressees a ON a.version = c.current WHERE c.post = ? AND a.post = ?"
        " AND a.number IS NOT NULL AND c.created >= ? AND c.created < ? ORDER BY c.serial, c.created",
        (post, addressee, f"{year:04d}", f"{year + 1:04d}"),
    )
    found = [(serial, int(number)) for _, serial, number in rows if serial is not None and number.isdecimal()]
    if len(found) < 2:
        return None
    steps = [(other - one) % _ROUND for (_, one), (_, other) in pairwise(found)]
    # Numbers given a little out of order go back by a few: the long way round is none.
    steps = [step if step < _ROUND // 2 else step - _ROUND for step in steps]
    return {"addressee": addressee, "held": len(found), "messages": sum(steps) + 1, "serials": found[-1][0] - found[0][0] + 1}
