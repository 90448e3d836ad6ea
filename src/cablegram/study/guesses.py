"""References that do not tell a number: by sender and day, or damaged. What they may mean is proposed, with what is held of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.interpret.claims import canonical_id
from cablegram.interpret.mentions import citing_of
from cablegram.interpret.refs import REPAIR, full_year, sender

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})[A-Z]{{0,6}}\.?"
_YEAR: Final = r"(?:,?\s{0,2}(?P<year>(?:19|20)\d\d|\d\d)\b)?"
_DATES: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?P<day>\d\d)(?P<time>\d{{4}})\s?Z\s?{_MONTH}{_YEAR}",
        rf"\b(?P<day>\d{{1,2}})\s{{0,2}}{_MONTH}{_YEAR}",
        rf"\b{_MONTH}\s{{1,2}}(?P<day>\d{{1,2}})\b{_YEAR}",
    )
)
_WORD: Final = re.compile(r"[A-Za-z.-]+")
_LONGEST: Final = 400
_MOST: Final = 5


def may_be(archive: Archive, cable: Cable, raw: str) -> list[str]:
    """Ids that an item ``raw`` of the REF line of ``cable`` may mean: the digits that damaged ones look like, or, where it names a
    sender and a day, the held cables of that post and day (to the minute where it gives that), five at most."""
    repaired = [edit.replacement for edit in cable.edits if edit.rule == REPAIR and " ".join(edit.original.split()) == raw]
    if repaired:
        year, post = citing_of(cable).year, repaired[0]
        stated = post[:2] if post[:2].isdigit() and post[2:3] == " " else f"{year % 100:02d}" if year is not None else None
        found = canonical_id(f"{stated}{''.join(post.removeprefix(f'{stated} ').split())}") if stated is not None else None
        return [found] if found is not None else []
    when = _day(raw[:_LONGEST], citing_of(cable).year)
    if when is None:
        return []
    for post in _senders(raw[:_LONGEST], cable):
        rows = archive.store.db.execute(
            "SELECT key FROM cables WHERE post = ? AND created >= ? AND created < ? ORDER BY created, key LIMIT ?",
            (post, when, when + "~", _MOST),
        ).fetchall()
        if rows:
            return [key for (key,) in rows]
    return []


def _day(raw: str, citing: int | None) -> str | None:
    """The day that ``raw`` names as an ISO date, to the minute where it gives a date-time group; without a year that of the citing cable."""
    for form in _DATES:
        found = form.search(raw)
        if found is None:
            continue
        year = full_year(found["year"], citing) if found["year"] else citing
        if year is None:
            return None
        month = _MONTHS.index(found["month"].upper()) + 1
        day = f"{year:04d}-{month:02d}-{int(found['day']):02d}"
        time = found.groupdict().get("time")
        return f"{day}T{time[:2]}:{time[2:]}" if time else day
    return None


def _senders(raw: str, cable: Cable) -> Iterator[str]:
    """The posts that ``raw`` names, the longest names first from left to right."""
    words = _WORD.findall(raw.replace("’", "'").replace("'S", "").replace("'s", ""))
    citing = citing_of(cable)
    for at in range(len(words)):
        for length in (4, 3, 2, 1):
            code = sender(" ".join(words[at : at + length]), citing)
            if code is not None:
                yield code
                break
