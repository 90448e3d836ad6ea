"""Classified By: name, title and reasons of the classification authority (E.O. 12958 sections 1.2, 1.4, 1.6)."""

from __future__ import annotations

import re
from typing import Final

from cablegram.record import ClassifiedBy
from cablegram.telegram.preamble import Field

_STRUCTURED: Final = re.compile(r"\bREASONS?:")
#: The message system folded these lines hard at this column, inside words (catalogue 3.7).
_FOLD: Final = 71
_LETTERS: Final = (
    r"(?P<letters>(?:[\s(,/&+;.:-]{0,4}(?:and\s{1,2}|AND\s{1,2}|\))?[\s(,/&+;-]{0,3}[a-hA-H](?![A-Za-z]))"
    r"(?:[\s(),/&+;.:-]{0,6}(?:(?:and|AND|or)[\s(]{1,3})?[a-hA-H](?![A-Za-z])){0,7})"
)
_SECTION: Final = re.compile(rf"(?<![\d/])1\s?[./:]?\s?(?P<section>[45])(?!\d){_LETTERS}")
_BARE: Final = re.compile(rf"reasons?:?\s{{1,3}}(?:of\s)?{_LETTERS}", re.IGNORECASE)
#: Where the reasons, the order or the instructions begin: the name and the title stand before.
_REASONS_AT: Final = re.compile(
    r"\b(?:reasons?\b|under\ssection\s1\.[45]|E\.?O\.?\s?1\d{4}|declassify\son\b|DSCG\b)|(?<![\d/])1\s?[./:]\s?[45]\b",
    re.IGNORECASE,
)
#: No Classified By line is longer (characters).
_LONGEST: Final = 3000
_LABEL: Final = re.compile(r"(?:\(U\)\s?)?(?:class?i?fied\sby|derived\sfrom)\s?:?\s*", re.IGNORECASE)
_FOR_END: Final = re.compile(
    r"[\s,;:.(-]{1,8}(?:for|per|under|by|due\sto)?[\s,;:.(-]{0,8}(?:section)?[\s,;:.(-]{0,8}$", re.IGNORECASE
)

_TITLE_WORDS: Final = frozenset(
    "ambassador amb charge chargé chargee cda d'affaires daffaires affaires a.i. ai dcm adcm counselor counsellor "
    "counselors consul general cg chief officer secretary undersecretary under assistant mission minister acting deputy "
    "director of for affairs and the political economic econ pol polcouns econcouns ecopol polecon polmil pol-econ "
    "pol/econ attache u.s. us a/s das pdas u/s principal section head commercial consular management public counter "
    "regional security office national special representative envoy coordinator advisor adviser senior permanent "
    "executive secretariat vice country team legal labor science environment global embassy consulate department state "
    "bureau eur nea af wha eap sca isn pm inr io s/ct s/crt drl oes eeb econoff poloff pao rso acting. ministercounselor "
    "minister-counselor poleconchief polchief econchief chargé. a/dcm a/polcouns p/e e/p internal external unit "
    "polmc mc com councelor minister-councelor econmincouns polmincouns cddea by affairs, d' charge' m/c dir econ/pol irpo ipo rpo usnato useu usun hiv".split()
)
_WORD: Final = re.compile(r"[A-Z][A-Za-z.'’-]*$|X{4,}$|(?:de|la|van|von|der|del|al|el|bin)$")
_FROZEN: Final = frozenset(
    "reasons reason ambassador counselor political economic affairs mission deputy chief charge acting minister consul "
    "general and for officer".split()
)


def unfold(field: Field) -> str:
    """The field's value on one line, words mended that the fold at column 71 cut (measured rule, catalogue 3.7)."""
    out = ""
    joint = ""
    line_at = field.start
    for n, (text, at) in enumerate(field.pieces):
        stripped = text.rstrip()
        if not stripped.strip():
            continue
        line_at = field.start if n == 0 else at
        out += joint + (stripped if joint == "" and out else stripped.lstrip())
        width = at + len(stripped) - line_at
        joint = "" if width == _FOLD else " "
        if n == 0 and width > _FOLD:
            out = _thaw(out, _FOLD - (at - line_at) - (len(text) - len(text.lstrip())))
    return " ".join(out.split())


def _thaw(text: str, column: int) -> str:
    """Retyped texts keep the fold as a blank at column 71: mend it where that makes a known word."""
    if 0 < column < len(text) and text[column] == " ":
        left = text[:column].rsplit(" ", 1)[-1]
        right = text[column + 1 :].split(" ", 1)[0].rstrip(",.:;")
        if right and left and (left + right).lower() in _FROZEN and not (left.lower() in _FROZEN and right.lower() in _FROZEN):
            return text[:column] + text[column + 1 :]
    return text


def read_reasons(text: str) -> tuple[str, ...]:
    """Reasons as ``1.4(b)``; letters without a section are read as of section 1.4 (E.O. 12958 as amended)."""
    out: list[str] = []
    for found in _SECTION.finditer(text):
        out += [f"1.{found['section']}({c.lower()})" for c in re.findall(r"(?<![A-Za-z])[a-hA-H](?![A-Za-z])", found["letters"])]
    if not out:
        bare = _BARE.search(text)
        if bare is not None:
            out = [f"1.4({c.lower()})" for c in re.findall(r"(?<![A-Za-z])[a-hA-H](?![A-Za-z])", bare["letters"])]
    return tuple(dict.fromkeys(out))


def _is_title(word: str) -> bool:
    w = word.strip(",.()").lower().replace("’", "'")
    return w in _TITLE_WORDS or word.lower() in _TITLE_WORDS or ("/" in word and len(word) < 14)


def _person(words: list[str]) -> bool:
    return 0 < len(words) <= 6 and all(_WORD.match(word) for word in words) and any(len(w) > 2 for w in words)


def _split(part: str) -> tuple[str | None, str | None]:
    """``Ambassador Jane Roe`` as name and title."""
    words = part.split()
    last = -1
    for n, word in enumerate(words):
        if _is_title(word):
            last = n
    name, title = words[last + 1 :], words[: last + 1]
    if last >= 0 and not name:
        # `Jane Roe Consul General`: the title behind the name.
        first = next(n for n, word in enumerate(words) if _is_title(word))
        if first >= 2 and _person(words[:first]):
            return " ".join(words[:first]), " ".join(words[first:])
        return None, part or None
    if name and _person(name):
        return " ".join(name), " ".join(title) or None
    return None, part or None


def read_authority(unfolded: str) -> ClassifiedBy | None:
    """Read the Classified By field with its Reason lines, as :func:`unfold` gives it; None where it is but a date."""
    value = unfolded[:_LONGEST]
    if value[:4].lower() == "decl":
        # Declassify On before Classified By, or alone.
        found = _LABEL.search(value)
        if found is None:
            return None
        value = value[found.start() :]
    reasons = read_reasons(value)
    head = _LABEL.sub("", value, count=1) if _LABEL.match(value) else value
    found = _REASONS_AT.search(head)
    if found is not None:
        head = head[: found.start()]
    head = head.removeprefix("By ").removeprefix("by ")
    end = _FOR_END.search(f"{head} ", max(0, len(head) - 40))
    head = head[: end.start()] if end is not None else head
    parts = [part for part in (piece.strip(" .;:-()") for piece in head.replace(";", ",").split(",")) if part]
    if not parts:
        return ClassifiedBy(None, None, reasons)
    name, title = _split(parts[0])
    rest = parts[1:]
    if name is None and rest:
        for n, part in enumerate(rest):
            candidate, more = _split(part)
            if candidate is not None and len(candidate.split()) >= 2:
                title = ", ".join([parts[0], *rest[:n], *([more] if more else [])])
                return ClassifiedBy(candidate, title, reasons)
        return ClassifiedBy(None, ", ".join(parts), reasons)
    if rest and name is not None:
        if rest[0].lower().rstrip(".") in ("jr", "sr", "ii", "iii", "iv"):
            name = f"{name}, {rest.pop(0)}"
        if _STRUCTURED.search(value):
            # The machine's form: name, title, department, office. Only the title is one.
            rest = rest[:1] if title is None else []
        title = ", ".join(([title] if title else []) + rest) or None
    return ClassifiedBy(name, title, reasons)
