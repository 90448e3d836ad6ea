"""What a citation says of a held cable against what the cable says: date, subject, sender, level, paragraphs."""

from __future__ import annotations

from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cablegram.cable import Cable
from cablegram.check.evening import words_of
from cablegram.check.findings import Finding
from cablegram.check.moments import Moment
from cablegram.check.results import Problem
from cablegram.interpret.identity import same_post
from cablegram.study.numbers import number_of
from cablegram.vocabulary.posts import Post, all_posts, resolve

_MONTHS: Final = "January February March April May June July August September October November December".split()
_LEVELS: Final = {
    "LOU": "LIMITED OFFICIAL USE", "SBU": "SENSITIVE BUT UNCLASSIFIED", "FOUO": "UNCLASSIFIED//FOR OFFICIAL USE ONLY",
    "FOR OFFICIAL USE ONLY": "UNCLASSIFIED//FOR OFFICIAL USE ONLY", "UNCLASSIFIED//FOUO": "UNCLASSIFIED//FOR OFFICIAL USE ONLY",
}  # fmt: skip
#: A title of so many words that begins the subject, or stands in it, is the subject shortened.
_SHORTENED: Final = 2
_ALIKE: Final = 0.55


def in_words(day: date) -> str:
    """``12 March 1975``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_in_words(moment: Moment) -> str:
    """The date as far as it is given."""
    day = f"{moment.day} " if moment.day is not None else ""
    year = f" {moment.year}" if moment.year is not None else ""
    return f"{day}{_MONTHS[moment.month - 1]}{year}"


def moment_iso(moment: Moment) -> str:
    """The date in ISO form, as far as it is given; ``--03-12`` without a year."""
    year = f"{moment.year:04d}" if moment.year is not None else "-"
    return f"{year}-{moment.month:02d}" + (f"-{moment.day:02d}" if moment.day is not None else "")


def date_problem(moment: Moment, cable: Cable, notes: list[str]) -> Problem | None:
    """How a stated date differs from the cable's; the day at the post or at Washington is right as well as that of UTC."""
    created = cable.created
    if created is None or len(created) < 10:
        notes.append("the cable has no date to compare with")
        return None
    held = date.fromisoformat(created[:10])
    if moment.day is None:
        if moment.month == held.month and moment.year in (None, held.year):
            return None
        return Problem(
            "date",
            f"the date differs: {moment_in_words(moment)} is stated, the cable is of {in_words(held)}",
            moment_iso(moment),
            held.isoformat(),
        )
    stated = moment.days(held.year)
    if not stated:
        return Problem(
            "date",
            f"there is no {moment_in_words(moment)}; the cable is of {in_words(held)}",
            moment_iso(moment),
            held.isoformat(),
        )
    if held in stated:
        return None
    local = _local_days(cable)
    if any(day in local for day in stated):
        notes.append(f"the date is that of the place; by the date-time group it is {in_words(held)} UTC")
        return None
    nearest = min(stated, key=lambda day: abs((day - held).days))
    apart = (nearest - held).days
    days = f"{abs(apart)} day{'s' if abs(apart) != 1 else ''} {'earlier' if apart > 0 else 'later'}"
    return Problem(
        "date",
        f"the date differs: {in_words(nearest)} is stated, the cable is of {in_words(held)}, {days}",
        nearest.isoformat(),
        held.isoformat(),
    )


def _local_days(cable: Cable) -> set[date]:
    created = cable.created or ""
    if len(created) < 16:
        return set()
    moment = datetime.fromisoformat(created.replace("Z", "+00:00"))
    post = resolve(cable.origin.post) if cable.origin is not None and cable.origin.post else None
    out: set[date] = set()
    for zone in ("America/New_York", post.zone if post is not None else ""):
        try:
            if zone:
                out.add(moment.astimezone(ZoneInfo(zone)).date())
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return out


def title_problem(title: str, subject: str | None) -> Problem | None:
    """How a stated subject differs; one that is shortened is right."""
    stated, held = words_of(title), words_of(subject or "")
    if not stated or subject is None or "".join(stated) == "".join(held):
        return None
    joined, whole = "".join(stated), "".join(held)
    if len(stated) >= _SHORTENED and (whole.startswith(joined) or f" {' '.join(stated)} " in f" {' '.join(held)} "):
        return None
    return Problem("title", f"the subject differs: the cable's is “{subject}”", title, subject)


def is_like(title: str, subject: str | None) -> bool:
    """Whether a stated subject is the cable's with a slip, rather than something else in quotation marks."""
    return subject is not None and SequenceMatcher(None, words_of(title), words_of(subject), autojunk=False).ratio() >= _ALIKE


def level_problem(level: str, cable: Cable) -> Problem | None:
    """How a stated classification differs."""
    held = cable.classification
    stated = _LEVELS.get(level, level)
    if held is None or stated == held or (stated == "UNCLASSIFIED" and held.startswith(("UNCLASSIFIED", "SENSITIVE"))):
        return None
    if {stated, held} == {"SENSITIVE BUT UNCLASSIFIED", "UNCLASSIFIED//FOR OFFICIAL USE ONLY"}:
        return None
    return Problem("classification", f"the cable is {held}, not {stated}", stated, held)


def post_problem(finding: Finding, key: str) -> Problem | None:
    """How a sender named beside a whole number differs from the number's."""
    number = number_of(key)
    if finding.sender is None or number is None or number.post in finding.sender.posts:
        return None
    theirs = _entries(finding.sender.posts)
    if any(same_post(one, other) for one in _entries((number.post,)) for other in theirs):
        return None
    stated = " or ".join(post.name for post in theirs[:2]) or " or ".join(finding.sender.posts)
    held = next((post.name for post in _entries((number.post,))), number.post)
    return Problem("post", f"the sender differs: {stated} is stated, {key} is of {held}", stated, held)


def _entries(codes: tuple[str, ...]) -> list[Post]:
    return [post for post in all_posts() if post.code in codes]


def paragraph_problem(first: int, last: int, cable: Cable) -> Problem | None:
    """Whether the cable has the paragraphs that are stated; of a part of a cable that cannot be said."""
    numbers = [p.number for p in cable.paragraphs if p.number is not None]
    if not numbers or (first in numbers and last in numbers):
        return None
    if cable.partial or (cable.sections is not None and len(cable.sections.held) < cable.sections.count):
        return None
    missing = [n for n in dict.fromkeys((first, last)) if n not in numbers]
    told = f"{'paragraph' if len(missing) == 1 else 'paragraphs'} {' and '.join(map(str, missing))}"
    return Problem(
        "paragraph",
        f"there is no {told}: the cable has {min(numbers)} to {max(numbers)}",
        str(missing[0]),
        f"{min(numbers)}-{max(numbers)}",
    )


def days_apart(moment: Moment, first: float, last: float) -> int:
    """How many days a stated date lies before (negative) or after a window of days; 0 within it, a day of grace on each side."""
    best: int | None = None
    for day in moment.days(date.fromordinal(max(1, int(first))).year):
        number = day.toordinal()
        low, high = int(first) - 1, int(last) + 1
        apart = number - high if number > high else number - low if number < low else 0
        best = apart if best is None or abs(apart) < abs(best) else best
    return best or 0


def day_of(ordinal: float) -> date:
    """The day of a number of days."""
    return date.fromordinal(max(1, int(ordinal)))
