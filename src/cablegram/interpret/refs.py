"""The REF line: cited cables and other papers, one record each (5 FAH-1 H-221, catalogue 3.6)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cablegram.record import Reference
from cablegram.telegram.preamble import Field
from cablegram.vocabulary import posts


class Citing(NamedTuple):
    """The citing cable: four-digit ``year``, canonical ``post``, ``serial``; None where unknown."""

    year: int | None
    post: str | None
    serial: int | None


_LABEL: Final = re.compile(
    r"(?P<lead>^|[\n¶]\s{0,8}|\s{2,8}|[\s,;)])\(?(?P<letter>[A-Za-z])(?:[.):]|\s(?=[A-Z]{4,}\s\d))(?=\s|\(|[A-Z])\s{0,4}"
)
_DOUBLE: Final = re.compile(r"\(?[A-Za-z][.):]\s{0,3}")
_NUMBER: Final = re.compile(r"(?<![\w./-])(?P<number>\d{1,6})(?!\w|-\w|\.\d|/\d)(?:\s?\((?P<year>\d{4}|\d\d)\))?")
_WORDS: Final = re.compile(r"(?:[A-Za-z][A-Za-z.'’-]*\s{1,3}){0,3}[A-Za-z][A-Za-z.'’-]*[\s#]{1,3}$")
_YEAR_BEFORE: Final = re.compile(r"(?:\((?P<a>\d\d|(?:19|20)\d\d)\)|(?<!\d)(?P<b>(?:19|20)\d\d|\d\d)|')\s{0,3}$")
_GLUED_YEAR: Final = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d|\d\d)(?P<post>[A-Z]{3,})\s{0,2}$")
_GLUED_ID: Final = re.compile(r"(?<![\w-])(?P<year>(?:19|20)\d\d|\d\d)?\s?(?P<post>[A-Z]{3,20}?)(?P<number>\d{1,6})(?![\w-])")
_AND_NUMBER: Final = re.compile(
    r"\s{0,2}(?:,\s{0,2}(?:AND\s)?|\s?AND\s{1,2}|\s?&\s{0,2}|/|;\s?)(?P<number>\d{2,6})(?=\s{0,2}(?:$|[,;.\n)(]|AND\b))",
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
    ("report", re.compile(r"\bIIR\b|\bTD\b|\bTDX?-?\d|\bREPORTS?\b|\bDAILY\b|\bPOINTS\b|^\d{3}/\d|\bSPOT\s?REP", re.IGNORECASE)),
    ("letter", re.compile(r"\bLETTERS?\b|\bLTR\b", re.IGNORECASE)),
    ("memo", re.compile(r"\bMEMO|\bDIPNOTE\b|\bDIPLOMATIC NOTE\b", re.IGNORECASE)),
    ("phone", re.compile(r"\bTELCON|\bTELEPHONE\b|\bPHONE\b|\bPHONCON\b|\bCALL\b", re.IGNORECASE)),
)
_NOTHING: Final = frozenset(("", "NONE", "N/A", "NA", "NIL", "REF", "REFS", "REFTEL"))
_YEAR_ONLY: Final = re.compile(r"\s{0,8}(?:19|20)\d\d[\s.,]{0,8}$")
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


def _post_before(value: str, start: int, at: int) -> tuple[str, int] | None:
    """The longest run of words that ends just before ``at`` and names a post: its code and where it begins."""
    low = max(start, at - 60)
    found = _WORDS.search(value, low, at)
    if found is None:
        return None
    begin = found.start()
    words = value[begin:at].split()
    while words:
        post = posts.resolve(" ".join(words).strip("# "))
        if post is not None:
            return post.code, value.index(words[0], begin)
        begin = value.index(words[0], begin) + len(words[0])
        words.pop(0)
    return None


class _Cited(NamedTuple):
    start: int
    end: int
    post: str
    number: int
    year: str | None


def _cables(value: str, start: int, end: int) -> list[_Cited]:
    out: list[_Cited] = []
    at = start
    while at < end and len(out) < _MOST:
        found = _NUMBER.search(value, at, end)
        if found is None:
            break
        at = found.end()
        named = _post_before(value, out[-1].end if out else start, found.start())
        begin = found.start()
        year = found["year"]
        if named is None:
            glued = _GLUED_YEAR.search(value, max(start, begin - 30), begin)
            post = posts.resolve(glued["post"]) if glued is not None else None
            if glued is None or post is None:
                continue
            code, begin, year = post.code, glued.start(), glued["year"]
        else:
            code, begin = named
            before = _YEAR_BEFORE.search(value, max(start, begin - 8), begin)
            if before is not None and (before["a"] or before["b"]):
                year, begin = before["a"] or before["b"], before.start()
        out.append(_Cited(begin, found.end(), code, int(found["number"]), year))
        while (more := _AND_NUMBER.match(value, at, end)) is not None:
            out.append(_Cited(more.start("number"), more.end(), code, int(more["number"]), year))
            at = more.end()
    if not out:
        for glued in _GLUED_ID.finditer(value, start, end):
            post = posts.resolve(glued["post"])
            if post is not None:
                out.append(_Cited(glued.start(), glued.end(), post.code, int(glued["number"]), glued["year"]))
    return out


def _title(value: str, start: int, end: int) -> str | None:
    found = _TITLE.match(value, start, end) or _IN_BRACKETS.match(value, start, end)
    if found is None or _NO_TITLE.match(found["title"].strip()):
        return None
    return " ".join(found["title"].split()).strip(' ".;,') or None


def read_references(field: Field, text: str, citing: Citing) -> tuple[tuple[Reference, ...], bool]:
    """All references of the REF field; and whether a year was taken as the one before the citing one."""
    if not field.pieces:
        return (), False
    base = field.pieces[0][1]
    value = _value(field, base)
    out: list[Reference] = []
    assumed = False
    for label, start, end in _items(value):
        while end > start and value[end - 1] in " \n\t,;.¶(":
            end -= 1
        while start < end and value[start] in " \n\t,;":
            start += 1
        if " ".join(value[start:end].split()).upper().strip(" .") in _NOTHING:
            continue
        cited = _cables(value, start, end)
        for n, one in enumerate(cited):
            year, source = _year(one, citing)
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
        if not cited:
            raw = text[base + start : base + end]
            kind = next((kind for kind, pattern in _KINDS if pattern.search(raw[:400])), "other")
            if kind == "other" and "XXXX" in raw.upper() and len(raw.split()) <= 4:
                kind = "cable"
            out.append(Reference(label, raw, kind, None, None, None, (base + start, base + end)))
    return tuple(out), assumed


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
