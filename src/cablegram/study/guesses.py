"""References that do not tell a number: by sender and day, or damaged. What they may mean is proposed, with what is held of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.interpret.claims import canonical_id
from cablegram.interpret.mentions import citing_of
from cablegram.interpret.refs import LOST, POUCH, full_year, read_references
from cablegram.interpret.senders import sender
from cablegram.telegram.preamble import Field

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
    """Ids that words of ``cable`` which cite without a number that can be taken may mean (``raw``: an item of its REF line, or a place in
    its text): the digits that damaged ones look like; where one is lost, the held cables whose numbers fit; where a sender and a day are
    named, the held cables of that post and day (to the minute where it gives that). Five at most."""
    raw = raw[:_LONGEST]
    if POUCH.search(raw) is not None:
        return []
    citing = citing_of(cable)
    field = Field(0)
    field.pieces.append((raw, 0))
    damaged = read_references(field, raw, citing).damaged
    if damaged:
        year, post = citing.year, damaged[0].replacement
        stated = post[:2] if post[:2].isdigit() and post[2:3] == " " else f"{year % 100:02d}" if year is not None else None
        found = canonical_id(f"{stated}{''.join(post.removeprefix(f'{stated} ').split())}") if stated is not None else None
        return [found] if found is not None else []
    lost = LOST.search(raw)
    when = _day(raw, citing.year) if lost is None else None
    if lost is None and when is None:
        return []
    for post in _senders(raw if lost is None else raw[: lost.start()], cable):
        if lost is not None:
            like = f"{citing.year % 100:02d}{post}{lost[0].lstrip('0').replace('?', '_')}" if citing.year is not None else ""
            wanted, values = "key LIKE ?", [like]
        else:
            wanted, values = "created >= ? AND created < ?", [f"{when}", f"{when}~"]
        rows = archive.store.db.execute(
            f"SELECT key FROM cables WHERE post = ? AND {wanted} ORDER BY created, key LIMIT ?", (post, *values, _MOST)
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
