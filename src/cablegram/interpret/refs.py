"""The REF line: cited cables and other papers, one record each (5 FAH-1 H-221, catalogue 3.6)."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final, NamedTuple

from cablegram.interpret.senders import Citing, post_before
from cablegram.record import Reference
from cablegram.spans import Edit
from cablegram.telegram.preamble import Field
from cablegram.vocabulary import posts


class Read(NamedTuple):
    """What a REF line gives: its ``references``; whether a year was ``assumed`` to be the one before the citing one; and for numbers
    that are damaged what they may have been, as edits that are proposed and not applied."""

    references: tuple[Reference, ...]
    assumed: bool
    damaged: tuple[Edit, ...]


_MONTH: Final = r"(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\b"
_LABEL: Final = re.compile(
    r"(?P<lead>^|[\n¶]\s{0,8}|\s{2,8}|[\s,;)])\(?(?P<letter>[A-Za-z])(?:[.):]|\s(?=[A-Z]{4,}\s\d))(?=\s|\(|[A-Z])\s{0,4}"
)
_DOUBLE: Final = re.compile(r"\(?[A-Za-z][.):]\s{0,3}")
#: What makes a run of two numbers: `12345 THRU 12348`, `12345-12348`.
_RUN: Final = r"(?:(?P<dash>\s?[-–]\s?)|\s{1,2}(?:THRU|THROUGH|TO)\s{1,2})(?P<last>\d{2,6})(?![\w/-]|\.\d)"
_NUMBER: Final = re.compile(
    rf"(?<![\w./-])(?P<number>\d{{1,6}})(?:{_RUN}|(?!\w|-\w|\?\w|\.\d|/\d))(?:\s?\((?P<year>\d{{4}}|\d\d)\))?", re.IGNORECASE
)
#: A longer run is none (numbers), nor is one of years.
_LONGEST_RUN: Final = 100
_YEARS: Final = range(1900, 2051)
#: Behind a number: that of a day; or more digits, set apart by damage.
_DAY_OF: Final = re.compile(rf"\s{{0,2}}{_MONTH}", re.IGNORECASE)
_MORE_DIGITS: Final = re.compile(
    r" (?!(?:(?:19|20)\d\d|\d\d) [A-Z]{3})(?P<more>(?=[A-Za-z|]{0,4}\d)[\dOQIlLSBZ|]{1,5})(?![\w/-]|\.\d)"
)
#: A number with letters in the place of digits that look like them.
_DAMAGED: Final = re.compile(r"(?<![\w./-])(?=[A-Za-z|]{0,5}\d)(?=\d{0,5}[A-Za-z|])[\dOQIlLSBZ|]{3,6}(?![\w/-])")
_DIGIT_OF: Final = str.maketrans("OQIlL|SBZ", "001111582")
#: A number of which a digit is lost: nothing tells which.
LOST: Final = re.compile(r"(?<![\w./?-])(?=[\d?]{3,6}(?![\w/?-]))(?:\d{1,5}\?\d{0,4}|\?\d{2,5})")
#: What went by pouch: airgrams, numbered by their post, and the despatches before them. They have no message number.
POUCH: Final = re.compile(
    r"(?:\b(?!AND\b)[A-Z][A-Z.'-]*\s){0,3}(?:(?:\bAIRGRAMS?\s{1,2})?(?<![\w-])A-\s?\d{1,4}\b|\b(?:EMB|CON)?DESP(?:ATCH(?:ES)?|S)?\b"
    r"(?:\s{1,2}(?:NO\.\s?)?\d{1,4}\b)?)(?:,\s[A-Z][a-zA-Z]+ \d{1,2}, \d{4})?|\bAIRGRAMS?\b",
    re.IGNORECASE,
)
#: A telegram told by its day (``Embassy Lima's cable of March 3``, ``LIMA 121530Z MAR 76``), by its sender alone, or by the number of
#: a series that is not its message number: to the Secretary's party (TOSEC), between that and the White House (HAKTO, TOHAK, WHITE HOUSE).
_BY_DATE: Final = re.compile(
    r"\b(?:CABLES?|TELEGRAMS?|TELS?|MESSAGES?|MSG|(?:EMB|DEP|CON|CONGEN|REF|SEP|MY|OUR|UR|YOUR)TELS?)\b|\b\d{6}Z\b|\b(?:TOSEC|HAKTO|TOHAK)\b"
    r"|\b(?:WHITE\s?HOUSE|MY|OUR|YOUR)\s\d{2}",
    re.IGNORECASE,
)
_YEAR_BEFORE: Final = re.compile(r"(?:\((?P<a>\d\d|(?:19|20)\d\d)\)|(?<!\d)(?P<b>(?:19|20)\d\d|\d\d)|')\s{0,3}$")
_GLUED_YEAR: Final = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d|\d\d)(?P<post>[A-Z]{3,})\s{0,2}$")
_GLUED_ID: Final = re.compile(r"(?<![\w-])(?P<year>(?:19|20)\d\d|\d\d)?\s?(?P<post>[A-Z]{3,20}?)(?P<number>\d{1,6})(?![\w-])")
_AND_NUMBER: Final = re.compile(
    rf"(?:\s?\((?:NOTAL|EXDIS|NODIS|LIMDIS|STADIS|NOFORN)\))?\s{{0,2}}(?:,\s{{0,2}}(?:AND\s|&\s)?|\s?AND\s{{1,2}}|\s?&\s{{0,2}}|/|;\s?)"
    rf"(?P<number>\d{{2,6}})(?:{_RUN})?(?=\s{{0,2}}(?:$|[,;.\n)(&]|AND\b))",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"\s{0,2}(?:--|-\s|:\s|,\s?SUBJ(?:ECT)?:|\")\s{0,2}(?P<title>[^\n].{2,300})$", re.DOTALL)
_IN_BRACKETS: Final = re.compile(r"\s{0,2}\((?P<title>[^()]{4,200})\)", re.DOTALL)
_NO_TITLE: Final = re.compile(
    r"(?:\d{1,2}/(?:[A-Z]{3}|\d{1,2})/\d{2,4}|NOTAL|EXDIS|NODIS|LIMDIS|STADIS|NOFORN|AND PREVIOUS|SIPDIS|\d+$)", re.IGNORECASE
)
_KINDS: Final = (
    ("email", re.compile(r"\bE-?\s?MAILS?\b", re.IGNORECASE)),
    ("fax", re.compile(r"\bFAX\b|\bFACSIMILE\b", re.IGNORECASE)),
    (
        "report",
        re.compile(r"\bIIR\b|\bCERP\b|\bTD\b|\bTDX?-?\d|\bREPORTS?\b|\bDAILY\b|\bPOINTS\b|^\d{3}/\d|\bSPOT\s?REP", re.IGNORECASE),
    ),
    ("letter", re.compile(r"\bLETTERS?\b|\bLTR\b", re.IGNORECASE)),
    ("memo", re.compile(r"\bMEMO|\bDIPNOTE\b|\bDIPLOMATIC NOTE\b", re.IGNORECASE)),
    ("phone", re.compile(r"\bTELCON|\bTELEPHONE\b|\bPHONE\b|\bPHONCON\b|\bCALL\b", re.IGNORECASE)),
)
_LETTERS: Final = re.compile("[A-Za-z]+")
_NOTHING: Final = frozenset(("", "NONE", "N/A", "NA", "NIL", "REF", "REFS", "REFTEL"))
_YEAR_ONLY: Final = re.compile(r"\s{0,8}(?:19|20)\d\d[\s.,]{0,8}$")
#: The rule of edits that propose what a damaged number may have been.
REPAIR: Final = "reference-number"
#: How sure a proposed reading of a damaged number is.
_SURE: Final = 0.7
#: No telegram cites more than this.
_MOST: Final = 5_000


def canonical(year: int, post: str, number: int) -> str:
    """Canonical id: two-digit year, post, number without leading zeros."""
    return f"{year % 100:02d}{post}{number}"


def full_year(year: str, citing: int | None) -> int:
    """Four-digit year of a stated one: two digits are of the century that puts them not after the citing year."""
    value = int(year)
    if len(year) == 4:
        return value
    base = citing if citing is not None else 2010
    value += base // 100 * 100
    return value - 100 if value > base else value


def _items(value: str) -> list[tuple[str | None, int, int]]:
    """``(label, start, end)`` of the items of a REF value."""
    cuts: list[tuple[str, int, int]] = []
    doubled = False
    expected = "A"
    for found in _LABEL.finditer(value):
        if len(cuts) >= _MOST:
            break
        letter = found["letter"]
        at = found.start("letter")
        if cuts and at < cuts[-1][2]:
            continue
        end = found.end()
        line_start = found["lead"] == "" or "\n" in found["lead"] or "¶" in found["lead"]
        inner = _DOUBLE.match(value, end)
        bracketed = inner is not None and inner[0][0] == "("
        twice = inner is not None and (letter.upper() == value[end].upper() or (doubled and line_start))
        if inner is not None and (bracketed or twice):
            author = inner[0].lstrip("(")[0]
            doubled = True
            cuts.append((author.upper(), at, inner.end()))
            expected = chr(ord(author.upper()) + 1)
            continue
        if letter.islower() and letter.upper() != expected:
            continue
        if doubled and line_start and cuts:
            # The system letters lines: without an author's letter behind it this is a wrapped item.
            continue
        if letter.upper() == expected or (line_start and expected < letter.upper() <= chr(ord(expected) + 2)):
            cuts.append((letter.upper(), at, end))
            expected = chr(ord(letter.upper()) + 1)
    if not cuts:
        return [(None, 0, len(value))]
    out: list[tuple[str | None, int, int]] = []
    if value[: cuts[0][1]].strip(" (\n¶") and any(c.isalnum() for c in value[: cuts[0][1]]):
        out.append((None, 0, cuts[0][1]))
    for n, (label, _, end) in enumerate(cuts):
        stop = cuts[n + 1][1] if n + 1 < len(cuts) else len(value)
        if out and _YEAR_ONLY.match(value, end, stop):
            # The system letters lines: a year alone is the wrapped end of the item before.
            out[-1] = (out[-1][0], out[-1][1], stop)
        else:
            out.append((label, end, stop))
    return out


class _Cited(NamedTuple):
    start: int
    end: int
    post: str
    number: int
    year: str | None
    damaged: bool = False


def _cables(value: str, start: int, end: int, citing: Citing) -> list[_Cited]:
    out: list[_Cited] = []
    at = start
    # As many numbers are looked at, whether they are of messages or not.
    for _ in range(_MOST):
        found = _NUMBER.search(value, at, end)
        if found is None or len(out) >= _MOST:
            break
        numbers, at = _run(found)
        if not numbers or _DAY_OF.match(value, at, end):
            continue
        named = post_before(value, out[-1].end if out else start, found.start(), citing)
        begin = found.start()
        year = found["year"] if at == found.end() else None
        if named is None:
            glued = _GLUED_YEAR.search(value, max(start, begin - 30), begin)
            post = posts.resolve(glued["post"]) if glued is not None else None
            if glued is None or post is None:
                continue
            code, begin, year = post.code, glued.start(), glued["year"]
        else:
            code, begin = named
            stated, begin = _stated(value, start, begin)
            year = stated or year
        split = _MORE_DIGITS.match(value, at, end) if len(numbers) == 1 else None
        if split is not None and _is_split(found["number"], split["more"]):
            numbers, at = range(number := int(found["number"] + split["more"].translate(_DIGIT_OF)), number + 1), split.end()
        else:
            split = None
        damaged = split is not None or _is_broken(value[begin : found.start()], code)
        if damaged and len(numbers) > 1:
            numbers, at = numbers[:1], found.end("number")
        out += (_Cited(begin, at, code, number, year, damaged) for number in numbers)
        while split is None and len(out) < _MOST and (more := _AND_NUMBER.match(value, at, end)) is not None:
            numbers, at = _run(more)
            if not numbers:
                break
            out += (_Cited(more.start("number"), at, code, number, year) for number in numbers)
    if not out:
        for glued in islice(_GLUED_ID.finditer(value, start, end), _MOST):
            post = posts.resolve(glued["post"])
            if post is not None:
                out.append(_Cited(glued.start(), glued.end(), post.code, int(glued["number"]), glued["year"]))
    return sorted([*out, *_damaged(value, start, end, citing)], key=lambda one: one.start)


def _run(found: re.Match[str]) -> tuple[range, int]:
    """The numbers that a match gives, all of a run, and where they end; no number where it is not told what a stroke between two means."""
    number, last = int(found["number"]), int(found["last"] or 0)
    if not last:
        return range(number, number + 1), found.end()
    dash = found["dash"]
    if 0 < last - number <= _LONGEST_RUN and not (number in _YEARS and last in _YEARS) and (dash is None or number > 99):
        return range(number, last + 1), found.end()
    if dash is not None and dash in "-–":
        return range(0), found.end()
    return range(number, number + 1), found.end("number")


def _stated(value: str, start: int, begin: int) -> tuple[str | None, int]:
    """The year that stands before a post's name, if any, and where the reference then begins."""
    before = _YEAR_BEFORE.search(value, max(start, begin - 8), begin)
    if before is not None and (before["a"] or before["b"]):
        return before["a"] or before["b"], before.start()
    return None, begin


def _is_split(one: str, more: str) -> bool:
    """Whether two numbers with a blank between them are rather one: too short to be two, or begun with zeros."""
    return len(one) + len(more) <= 6 and len(one) <= 3 and (one[0] == "0" or len(one) < 3 or len(more) < 3)


def _is_broken(name: str, code: str) -> bool:
    """Whether the name of a post of one word stands in pieces: ``ST ATE``."""
    words = _LETTERS.findall(name.upper())
    known = posts.resolve(code) if len(words) > 1 and "".join(words) == code else None
    if known is None:
        return False
    spelled = (known.address, known.name, *known.aliases)
    return not any(_LETTERS.findall(one.upper())[-len(words) :] == words for one in spelled)


def _damaged(value: str, start: int, end: int, citing: Citing) -> list[_Cited]:
    """Numbers behind a post in which letters stand for digits, with the digits that they look like."""
    out: list[_Cited] = []
    for found in islice(_DAMAGED.finditer(value, start, end), _MOST):
        named = post_before(value, start, found.start(), citing)
        if named is not None:
            code, begin = named
            year, begin = _stated(value, start, begin)
            out.append(_Cited(begin, found.end(), code, int(found[0].translate(_DIGIT_OF)), year, True))
    return out


def _lost(value: str, start: int, end: int, citing: Citing) -> list[tuple[int, int]]:
    """Where a post stands with a number of which a digit is lost."""
    if "?" not in value:
        return []
    found = (
        (post_before(value, start, lost.start(), citing), lost.end()) for lost in islice(LOST.finditer(value, start, end), _MOST)
    )
    return [(named[1], stop) for named, stop in found if named is not None]


def _title(value: str, start: int, end: int) -> str | None:
    found = _TITLE.match(value, start, end) or _IN_BRACKETS.match(value, start, end)
    if found is None or _NO_TITLE.match(found["title"].strip()):
        return None
    return " ".join(found["title"].split()).strip(' ".;,') or None


def read_references(field: Field, text: str, citing: Citing) -> Read:
    """All references of the REF field."""
    if not field.pieces:
        return Read((), False, ())
    base = field.pieces[0][1]
    value = _value(field, base)
    out: list[Reference] = []
    assumed = False
    damaged: list[Edit] = []
    # One look at the field, for a pattern that is slow and seldom finds anything.
    folded = value.upper()
    pouch = "A-" in folded or "DESP" in folded or "GRAM" in folded
    for label, start, end in _items(value):
        while end > start and value[end - 1] in " \n\t,;.¶(":
            end -= 1
        while start < end and value[start] in " \n\t,;":
            start += 1
        if " ".join(value[start:end].split()).upper().strip(" .") in _NOTHING:
            continue
        cited = _cables(value, start, end, citing)
        for n, one in enumerate(cited):
            year, source = _year(one, citing)
            if one.damaged:
                span, raw = (base + one.start, base + one.end), text[base + one.start : base + one.end]
                stated = f"{one.year} " if one.year else ""
                damaged.append(Edit(span, raw, f"{stated}{one.post} {one.number}", REPAIR, _SURE, False))
                out.append(Reference(label, raw, "cable", None, None, _title(value, one.end, end), span))
                continue
            assumed = assumed or source == "previous year"
            limit = cited[n + 1].start if n + 1 < len(cited) else end
            out.append(
                Reference(
                    label,
                    text[base + one.start : base + one.end],
                    "cable",
                    canonical(year, one.post, one.number) if year is not None else None,
                    source,
                    _title(value, one.end, limit),
                    (base + one.start, base + one.end),
                )
            )
        pouched = list(islice(POUCH.finditer(value, start, end), _MOST)) if pouch else []
        for found in pouched:
            a, b = base + found.start(), base + found.end()
            out.append(Reference(label, text[a:b], "other", None, None, _title(value, found.end(), end), (a, b)))
        lost = _lost(value, start, end, citing)
        for begin, stop in lost:
            a, b = base + begin, base + stop
            out.append(Reference(label, text[a:b], "cable", None, None, _title(value, stop, end), (a, b)))
        if not cited and not pouched and not lost:
            raw = text[base + start : base + end]
            kind = next((kind for kind, pattern in _KINDS if pattern.search(raw[:400])), "other")
            if kind == "other" and _BY_DATE.search(raw[:400]):
                kind = "cable"
            if kind == "other" and "XXXX" in raw.upper() and len(raw.split()) <= 4:
                kind = "cable"
            out.append(Reference(label, raw, kind, None, None, None, (base + start, base + end)))
    return Read(tuple(out), assumed, tuple(damaged))


def _year(one: _Cited, citing: Citing) -> tuple[int | None, str | None]:
    if one.year is not None:
        return full_year(one.year, citing.year), "stated"
    if citing.year is None:
        return None, None
    if one.post == citing.post and citing.serial is not None and one.number > citing.serial:
        return citing.year - 1, "previous year"
    return citing.year, "citing year"


def _value(field: Field, base: int) -> str:
    """The field's text from ``base`` on, offsets kept; lines that are not of it (furniture) blanked."""
    out = ""
    for piece, at in field.pieces:
        gap = at - base - len(out)
        if gap > 0:
            out += "\n" + " " * (gap - 1)
        out += piece
    return out
