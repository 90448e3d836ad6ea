"""Which cable a citation means: by the year that it states or its date has, by what was cited before, by what the archive has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.citations import citing
from cablegram.cable import Cable
from cablegram.check.comparing import date_problem, level_problem, title_problem
from cablegram.check.findings import Finding
from cablegram.check.moments import Moment
from cablegram.errors import CablegramError
from cablegram.study.coverage import Coverage, Coverages
from cablegram.study.ghosts import Ghost, Ghosts
from cablegram.study.numbers import number_of, whole_year
from cablegram.vocabulary.posts import all_posts

#: Two-digit years of telegrams: from 1966 on.
_YEARS: Final = (*range(66, 100), *range(50))
_DAY: Final = timedelta(days=1)
_MOST_NEAR: Final = 5
_ID: Final = re.compile(r"(\d\d)([A-Z]+)(\d+)$")


class Meaning(NamedTuple):
    """What a citation means: the id ``cable`` or None, whence its year is, whether it is ``held`` or a ``ghost``, and the ``candidates`` where
    it may be one of several."""

    cable: str | None
    year_source: str | None
    held: bool = False
    ghost: bool = False
    candidates: tuple[str, ...] = ()


class Held(NamedTuple):
    """A held cable, by its id and date."""

    key: str
    created: str | None


@lru_cache(maxsize=1_000)
def _codes(post: str) -> tuple[str, ...]:
    """The post's code, and those under which it went before or goes now (Peking, Beijing)."""
    out = [post]
    for one in all_posts():
        if one.code == post and one.renamed:
            out.append(one.renamed)
        if one.renamed == post:
            out.append(one.code)
    return tuple(dict.fromkeys(out))


class Resolver:
    """Resolves citations against one archive; asks it once for each number."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._db = archive.store.db
        self._ghosts = Ghosts(archive)
        self.with_number = lru_cache(4_000)(self._with_number)
        self.ghost = lru_cache(1_000)(self._ghost)
        self.coverage = lru_cache(500)(self._coverage)

    def _with_number(self, posts: tuple[str, ...], serial: int) -> tuple[tuple[Held, ...], tuple[str, ...]]:
        """The held cables, and those only cited, of these posts with this number, of all years."""
        keys = [f"{yy:02d}{code}{serial}" for post in posts for code in _codes(post) for yy in _YEARS]
        listed = json.dumps(keys)
        held = [Held(*row) for row in self._db.execute(
            "SELECT key, created FROM cables WHERE key IN (SELECT value FROM json_each(?)) ORDER BY created, key", (listed,))]  # fmt: skip
        have = {one.key for one in held}
        rows = self._db.execute(
            f"SELECT DISTINCT target FROM ({citing('r.target', 'r.target IN (SELECT value FROM json_each(?1))')}) ORDER BY 1",
            (listed,),
        )
        return tuple(held), tuple(row[0] for row in rows if row[0] not in have)

    def _ghost(self, key: str) -> Ghost | None:
        return self._ghosts.get(key)

    def _coverage(self, post: str, year: int) -> Coverage | None:
        try:
            return next((one for one in Coverages(self._archive, post=post, year=year)), None)
        except CablegramError:
            return None

    def resolve(
        self,
        posts: tuple[str, ...],
        serial: int,
        yy: int | None,
        moment: Moment | None,
        earlier: str | None,
        years: Sequence[int],
    ) -> Meaning:
        """The meaning of a number of ``posts``: ``yy`` is a stated year, ``moment`` a stated date, ``earlier`` what the same number meant
        when it was cited before, ``years`` those that the context names, the nearest first."""
        held, ghosts = self.with_number(posts, serial)
        source: str | None = None
        year: int | None = None
        if yy is not None:
            year, source = yy, "stated"
        elif moment is not None and moment.year is not None:
            year, source = moment.year % 100, "date"
        if year is not None:
            return self._of_year(posts, serial, year, source or "stated", held, ghosts)
        if earlier is not None:
            number = number_of(earlier)
            return self._of_year(posts, serial, number.yy if number is not None else 0, "earlier citation", held, ghosts)
        known = [one.key for one in held]
        if moment is not None and len(known) > 1:
            same = [one.key for one in held if one.created is not None and _near_day(one.created, moment)]
            if len(same) == 1:
                return Meaning(same[0], "date", held=True)
            known = same or known
        if len(known) == 1:
            return Meaning(known[0], "only one held", held=True)
        if not known and ghosts:
            known = list(ghosts)
            if len(known) == 1:
                return Meaning(known[0], "only one cited", ghost=True)
        for context in years:
            meant = [key for key in known if (number := number_of(key)) is not None and number.yy == context % 100]
            if len(meant) == 1:
                return Meaning(meant[0], "context", held=bool(held), ghost=not held)
        if known:
            return Meaning(None, None, candidates=tuple(known))
        if years and len(posts) == 1:
            return Meaning(f"{years[0] % 100:02d}{posts[0]}{serial}", "context")
        return Meaning(None, None)

    def _of_year(
        self, posts: tuple[str, ...], serial: int, yy: int, source: str, held: Sequence[Held], ghosts: Sequence[str]
    ) -> Meaning:
        meant = [one.key for one in held if one.key.startswith(f"{yy:02d}")]
        if meant:
            return Meaning(meant[0], source, held=True) if len(meant) == 1 else Meaning(None, None, candidates=tuple(meant))
        cited = [key for key in ghosts if key.startswith(f"{yy:02d}")]
        if cited:
            return Meaning(cited[0], source, ghost=True)
        return Meaning(f"{yy:02d}{posts[0]}{serial}", source)

    def undefined(self, one: Finding, years: Sequence[int], cable_of: Callable[[str], Cable | None]) -> Meaning:
        """The meaning of a citation without a number: the cable of its post and day, or those among which its subject and level do not choose."""
        title = one.title[0] if one.title is not None else None
        cables = [cable for key in self.of_day(one.posts, one.date, title, years) if (cable := cable_of(key)) is not None]
        if one.date is not None:
            # Without a year the one that the context names holds.
            moment = one.date if one.date.year is not None or not years else one.date._replace(year=years[0])
            cables = [cable for cable in cables if date_problem(moment, cable, []) is None]
        if title is not None:
            cables = [cable for cable in cables if title_problem(title, cable.subject) is None] or cables
        if one.level is not None:
            cables = [cable for cable in cables if level_problem(one.level, cable) is None] or cables
        if not cables and title is not None:
            # The subject tells which one is meant where the date is wrong.
            named = self.of_day(one.posts, None, title, ())
            cables = [cable for key in named if (cable := cable_of(key)) is not None]
        keys = tuple(cable.id for cable in cables if cable.id is not None)
        return Meaning(keys[0], "date", held=True) if len(keys) == 1 else Meaning(None, None, candidates=keys)

    def of_day(self, posts: tuple[str, ...], moment: Moment | None, title: str | None, years: Sequence[int]) -> list[str]:
        """The held cables of these posts that may be of a stated date, a day earlier and later as well, or of its month where it gives no day;
        without a date those with the stated subject."""
        codes = json.dumps([code for post in posts for code in _codes(post)])
        year = (moment.year or next(iter(years), None)) if moment is not None else None
        if moment is None or year is None:
            rows = self._db.execute(
                "SELECT key FROM cables WHERE post IN (SELECT value FROM json_each(?)) AND upper(subject) = ? ORDER BY created",
                (codes, " ".join((title or "").upper().split())),
            )
            return [row[0] for row in rows]
        out: list[str] = []
        first = [date(year, moment.month, 1)] if moment.day is None else moment.days(year)
        for day in first:
            low, high = (day - _DAY, day + _DAY + _DAY) if moment.day is not None else (day, (day + 31 * _DAY).replace(day=1))
            rows = self._db.execute(
                "SELECT key FROM cables WHERE post IN (SELECT value FROM json_each(?)) AND created >= ? AND created < ? ORDER BY created",
                (codes, low.isoformat(), high.isoformat()),
            )
            out += [row[0] for row in rows]
        return list(dict.fromkeys(out))

    def near(self, posts: tuple[str, ...], serial: int, moment: Moment | None, title: str | None) -> list[str]:
        """Held cables that may be meant where the cited one is not held: of the stated date, and with a digit wrong or two transposed, of
        another post with the same number, or with the stated subject; or with the same number and day in another year."""
        out: list[str] = []
        codes = {code for post in posts for code in _codes(post)}
        for day in moment.days() if moment is not None else ():
            rows = self._db.execute(
                "SELECT key, subject FROM cables WHERE created >= ? AND created < ? ORDER BY created",
                ((day - _DAY).isoformat(), (day + _DAY + _DAY).isoformat()),
            )
            for key, subject in rows:
                found = _ID.match(key)
                if found is None:
                    continue
                other = int(found[3])
                alike = found[2] in codes and is_slip(str(serial), str(other))
                if (
                    alike
                    or other == serial
                    or (title and subject and " ".join(title.upper().split()) == " ".join(subject.upper().split()))
                ):
                    out.append(key)
        if moment is not None and moment.day is not None:
            out += [
                one.key
                for one in self.with_number(posts, serial)[0]
                if one.created is not None and _near_day(one.created, moment, any_year=True)
            ]
        return list(dict.fromkeys(out))[:_MOST_NEAR]

    def range_of(self, key: str) -> str | None:
        """How a number lies to those of its post and year that are held or cited, in a sentence."""
        number = number_of(key)
        if number is None:
            return None
        year = whole_year(number.yy, 2000)
        one = self.coverage(number.post, year)
        if one is None:
            return f"nothing of {number.post} in {year} is held or cited"
        span = f"{one.lowest} to {one.highest}" if one.highest > one.lowest else str(one.lowest)
        told = f"the numbers of {number.post} in {year} that are held or cited run from {span}" if one.highest > one.lowest else (
            f"of {number.post} in {year} only number {span} is held or cited")  # fmt: skip
        if number.serial > max(one.highest, one.estimate.high):
            return f"{told}, and there were hardly more than {one.estimate.high}: {number.serial} is too high"
        where = (
            "lies among them"
            if one.lowest <= number.serial <= one.highest
            else "lies beyond them"
            if number.serial > one.highest
            else "lies below them"
        )
        return f"{told}; {number.serial} {where}"


def is_slip(one: str, other: str) -> bool:
    """Whether two numbers differ by a slip: a digit that is wrong, missing or too many, or two neighbours transposed."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 2:
        return False
    if len(one) == len(other):
        apart = [n for n in range(len(one)) if one[n] != other[n]]
        if len(apart) == 1:
            return len(one) > 2
        return (
            len(apart) == 2 and apart[1] == apart[0] + 1 and one[apart[0]] == other[apart[1]] and one[apart[1]] == other[apart[0]]
        )
    short, long = sorted((one, other), key=len)
    return len(short) > 1 and any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


def _near_day(created: str, moment: Moment, *, any_year: bool = False) -> bool:
    try:
        day = date.fromisoformat(created[:10])
    except ValueError:
        return False
    if moment.day is None:
        return (moment.month, moment.year or day.year) == (day.month, day.year)
    for pair in ((moment.month, moment.day), *((moment.other,) if moment.other else ())):
        try:
            stated = date(day.year if any_year or moment.year is None else moment.year, *pair)
        except ValueError:
            continue
        if abs((stated - day).days) <= 1:
            return True
    return False
