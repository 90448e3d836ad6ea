"""The typeset PDF of one cable, made in this process by Typst from ``cable.typ``.

Texts are data to the template: they travel as JSON and are never Typst source, so that nothing a cable says can be code.
The template reads no file and imports no package; fonts are those inside Typst, so that every machine makes the same pages.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cablegram import __version__
from cablegram.cite.citing import plain_citation
from cablegram.errors import CablegramError
from cablegram.present import explain
from cablegram.present.page import Cited, Explained, Link, Page, Recipient, Section, date_in_words

if TYPE_CHECKING:
    import typst

#: Sizes of paper, as Typst names them.
PAPERS: Final = ("a4", "us-letter")
#: An original longer than this is not printed line by line.
_MOST_LINES: Final = 2000
_LONGEST_ORIGINAL: Final = 300_000
#: More than this, in characters of JSON or in paragraphs, addressees and references, is no telegram and takes too much memory.
_LONGEST: Final = 2_000_000
_MOST_ITEMS: Final = 5000
#: Of lists that have no natural end, so many are printed.
_MOST: Final = 60
#: A word longer than this may be broken behind so many characters: in the text, in narrow columns, in the line-by-line original.
_TEXT, _FORM, _ORIGINAL = 24, 14, 60
#: There and behind each so many characters after it.
_STEP: Final = 8
_HERE: Final = Path(__file__).parent
_FOOT: Final = "Text as released. Markings are those of the original and are kept as history."
_MASKED_FOOT: Final = "Masked: names and numbers are replaced by marks. Markings are those of the original."
#: What the fonts inside Typst have (Libertinus Serif, DejaVu Sans Mono, New Computer Modern), in hexadecimal.
_GLYPHS: Final = (
    "20-4ff 510-513 51a-51d 531-5f4 606-60c 61b 61f 621-63a 640-655 660-66d 679-67b 67e-680 686-687 6f0-6f9 10d0-10ff 1d00-2027 202f-2064"
    " 2070-2151 2153-2184 2190-23ff 2460-262f 2638-268b 26a0-26a7 2701-2704 2706-2709 270c-2727 2729-274b 2758-275e 2761-277f 2798-27af"
    " 27b1-2bff 2c60-2cff fb00-fb4f fb52-fb81 fb8a-fb95 fe20-fe2f fe70-fefc fffd"
)
_MISSING: Final = re.compile(
    "[^\n" + "".join("-".join(chr(int(end, 16)) for end in part.split("-")) for part in _GLYPHS.split()) + "]"
)
_BREAKS: Final = re.compile("\r\n?|[\x85\u2028\u2029]")
_WORD: Final = re.compile(r"\S+")
_FIRST_WORDS: Final = 40


def _breakable(text: str, most: int, carried: int = 0) -> tuple[str, int]:
    """``text`` with places to break in words longer than ``most``; and how many characters of an unfinished word it ends with.

    ``carried`` are the characters of such a word before it.
    """
    out: list[str] = []
    at = left = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        room = most - carried if start == 0 else most
        while end - start > room:
            start += room
            out += (text[at:start], "\u200b")
            at, room = start, _STEP
        left = most - room + end - start if end == len(text) else 0
    out.append(text[at:])
    return "".join(out), left if text else carried


class _Words:
    """Makes texts fit for the page, and knows whether characters were met that no font has."""

    def __init__(self) -> None:
        self.missing = False

    def _shown(self, match: re.Match[str]) -> str:
        char = match[0]
        kind = unicodedata.category(char)
        if char == "\t":
            return "    "
        if kind in ("Cc", "Cf") or "\ufe00" <= char <= "\ufe0f":
            # Control characters, marks of direction and variants of letters have no shape of their own.
            return ""
        if kind == "Cs":
            return "\ufffd"
        self.missing = True
        return f"[U+{ord(char):04X}]"

    def lines(self, text: str) -> str:
        """``text`` with its line ends, without what cannot be printed."""
        if text.isascii() and text.isprintable():
            return text
        return _MISSING.sub(self._shown, _BREAKS.sub("\n", text))

    def line(self, text: str | None, most: int = _FORM) -> str:
        """``text`` in one line that can be broken."""
        return _breakable(" ".join(self.lines(text or "").split()), most)[0]

    def plain(self, text: str, most: int) -> str:
        """``text`` in one line of at most so many characters, cut at a word."""
        told = " ".join(self.lines(text).split())
        if len(told) <= most:
            return told
        cut = told[: most - 1]
        return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + "…"

    def maybe(self, text: str | None, most: int = _FORM) -> str | None:
        """As :meth:`line`; None where there is nothing."""
        return self.line(text, most) or None if text else None


def _pair(words: _Words, given: Explained) -> tuple[str, str | None]:
    return words.line(given.code), words.maybe(given.meaning, _TEXT)


def _party(words: _Words, given: Recipient) -> dict[str, str | None]:
    return {
        "name": words.line(given.name), "precedence": words.maybe(given.precedence), "number": words.maybe(given.number),
        "routing": words.maybe(given.routing.code) if given.routing is not None else None,
        "excluded": words.maybe(", ".join(given.excluded)),
    }  # fmt: skip


def _about(link: Link) -> str:
    """Id, date and subject of a cable, as far as they are known."""
    when = date_in_words(link.created[:10]) if link.created else ""
    told = ", ".join(part for part in (link.id, when) if part)
    return f"{told}: {link.subject}" if link.subject else told


def _reference(words: _Words, given: Cited) -> dict[str, str | None]:
    about, state = given.title, ""
    if given.link is not None:
        about = _about(given.link)
        state = "held" if given.link.held else "not held"
        if not given.link.held and given.year_source not in (None, "stated"):
            state += ", year inferred"
    return {"label": words.maybe(given.label), "raw": words.line(given.raw), "about": words.maybe(about), "state": state or None}


def _lines(words: _Words, section: Section) -> list[list[tuple[str, str]]]:
    """The lines of a paragraph, each of pieces: plain, blacked out (``x``) or repaired (``r``)."""
    pieces: list[list[str]] = []
    for run in section.runs:
        repaired = run.edit is not None and run.edit.applied
        kind = "x" if run.redacted else "r" if repaired else ""
        if pieces and pieces[-1][1] == kind:
            # Cut only for what paper does not show; letters of one word belong together.
            pieces[-1][0] += run.text
        elif run.text:
            pieces.append([run.text, kind])
    out: list[list[tuple[str, str]]] = [[]]
    carried = 0
    for text, kind in pieces:
        first, *others = words.lines(text).split("\n")
        for n, line in enumerate([first, *others]):
            if n:
                out.append([])
                carried = 0
            told, carried = _breakable(line, _TEXT, carried)
            if told:
                out[-1].append((told, kind))
    return out


def _paragraph(words: _Words, section: Section) -> dict[str, Any]:
    title = section.apart
    if title is not None and title.split()[0].lower() in section.text[:_FIRST_WORDS].lower():
        # The text says itself what it is.
        title = None
    return {
        "name": words.maybe(section.name), "marking": words.maybe(f"({section.marking})", 9) if section.marking else None,
        "heading": words.maybe(section.heading, _TEXT), "apart": section.kind != "text", "title": title,
        "lines": _lines(words, section),
    }  # fmt: skip


def _release(words: _Words, page: Page) -> list[str] | None:
    release = page.release
    if release is None:
        return None
    out = [release.raw]
    if release.date is not None:
        told = {True: "; that day has passed", False: "; that day is still to come", None: ""}[release.passed]
        out.append(f"due for release on {date_in_words(release.date)}{told}")
    out += (f"{one.code}: {one.meaning}" for one in release.other if one.meaning)
    if release.order is not None and release.order.meaning:
        out.append(f"E.O. {release.order.code}: {release.order.meaning}")
    return [words.line(line, _TEXT) for line in out]


def _enumerated(numbers: Iterable[int]) -> str:
    told = [str(number) for number in numbers]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _parts(page: Page) -> str | None:
    sections = page.cable.sections
    if sections is None or sections.count < 2:
        return None
    lost = [n for n in range(1, min(sections.count, 99) + 1) if n not in sections.held]
    return f"{sections.count}, all in this text" if not lost else f"{_enumerated(sections.held) or 'none'} of {sections.count}"


def _warning(page: Page) -> str | None:
    told = [page.masked] if page.masked else []
    if not page.version.current:
        told.append(f"This is version {page.version.version}; the archive holds a fuller one.")
    sections = page.cable.sections
    if sections is not None and len(sections.held) < sections.count:
        told.append("Sections of this telegram are missing here.")
    elif page.cable.partial:
        told.append("The text is not whole: it is an extract, or it breaks off.")
    return " ".join(told) or None


def _repairs(page: Page) -> list[str]:
    """What was mended, in a few lines."""
    counted: dict[str, int] = {}
    for section in page.sections:
        for run in section.runs:
            if run.edit is not None and run.edit.applied and not run.redacted:
                told = f"“{run.edit.original}” became “{run.edit.replacement}”: {explain.rule_in_words(run.edit.rule)}"
                counted[told] = counted.get(told, 0) + 1
    out: list[str] = []
    if page.repairs:
        many = "One place was" if page.repairs == 1 else f"{page.repairs} places were"
        out.append(
            f"{many} damaged on the way and {'is' if page.repairs == 1 else 'are'} restored; a dotted line is under what was."
        )
        out += (f"{told} ({count} times)." if count > 1 else f"{told}." for told, count in list(counted.items())[:_MOST])
    if page.proposals:
        out.append(f"{page.proposals} doubtful {'place is' if page.proposals == 1 else 'places are'} left as received.")
    if page.layout_repairs:
        out.append("Lines were joined to paragraphs; nothing else of the layout is kept here.")
    return out


def _listed(lines: Sequence[str], what: str) -> list[str]:
    more = len(lines) - _MOST
    return [*lines[:_MOST], f"and {more} more {what}"] if more > 0 else list(lines)


def _versions(page: Page) -> list[str]:
    out: list[str] = []
    for one in page.versions:
        told = f"{one.version}{' (printed here)' if one is page.version else ''}: {one.length:,} characters"
        if one.kind == "joined":
            told += f", joined of {_enumerated(one.parts)}"
        if one.redacted:
            told += f", {one.redacted:,} of them blacked out"
        out.append(f"{told}{', not whole' if one.partial else ''}; SHA-256 {one.sha256[:12]}")
    return _listed(out, "versions")


def _abbreviations(page: Page) -> list[tuple[str, str]]:
    """Short forms in the text and what they stand for; none of a text in capitals, where any word may look like one (CHARGE)."""
    if not any(map(str.islower, (page.cable.text or ""))):
        return []
    known = {run.text: run.meaning for section in page.sections for run in section.runs if run.meaning is not None}
    return sorted(known.items())[:_MOST]


def _last(words: _Words, page: Page, today: date | None) -> list[tuple[str, str, Any]]:
    """The rows about the text: label, kind of row, lines."""
    told: list[tuple[str, list[str]]] = [
        ("Citation", [plain_citation(page.key, page.cable, page.version, page.versions)]),
        (
            "Source",
            _listed([f"{one.source.rsplit('/', 1)[-1]}, record {one.position}" for one in page.version.sightings], "sources"),
        ),
    ]
    after: list[tuple[str, list[str]]] = [
        ("Versions", _versions(page)),
        ("Cited by", _listed([_about(link) for link in page.cited_by], "cables")),
        ("Much alike", _listed([_about(link) for link in page.alike], "cables")),
        ("Repairs", _repairs(page)),
        ("Remarks", _listed([f"{one.message[:1].upper()}{one.message[1:]}." for one in page.notes], "remarks")),
    ]
    rows: list[tuple[str, str, Any]] = [(name, "", [words.line(line, _TEXT) for line in lines]) for name, lines in told if lines]
    rows.append(("SHA-256", "code", [page.version.sha256 + (" (of the masked text)" if page.masked else "")]))
    rows += ((name, "", [words.line(line, _TEXT) for line in lines]) for name, lines in after if lines)
    short = _abbreviations(page)
    if short:
        rows.append(("Short forms", "pairs", [(words.line(name), words.line(meaning, _TEXT)) for name, meaning in short]))
    made = f"cablegram {__version__}"
    if today is not None:
        made += f", {date_in_words(today.isoformat())}"
    made += ". Set in Libertinus Serif and DejaVu Sans Mono with Typst."
    if words.missing:
        made += " Characters that these fonts lack stand as their Unicode numbers, [U+4E2D]; the archive has them."
    rows.append(("Print", "", [made]))
    return rows


def _original(words: _Words, page: Page) -> tuple[list[str] | None, str]:
    """The lines of the original, or None where they are too many; and what is said about them."""
    text = page.cable.original
    lines = [_breakable(words.lines(line.expandtabs()), _ORIGINAL)[0] for line in _BREAKS.sub("\n", text).split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    return (
        lines,
        f"As the source gave it{', masked' if page.masked else ''}, version {page.version.version}, before any repair. Lines that are too long for the page go on below.",
    )


def _data(page: Page, today: date | None, paper: str) -> dict[str, Any]:
    """All that the template shows."""
    words = _Words()
    cable = page.cable
    year = cable.created[:4] if cable.created else None
    subject = words.line(page.title, _FORM)
    origin = cable.origin
    sender = (origin.name or origin.address) if origin is not None else None
    address = origin.address if origin is not None and origin.address != sender else None
    routing = page.routing.code if page.routing is not None else None
    by = cable.classified_by
    authority = ", ".join(part for part in (by.name, by.title) if part) if by is not None else ""
    if by is not None and by.reasons:
        authority += f"{'; r' if authority else 'R'}easons {', '.join(by.reasons)}"
    fits = len(cable.original) <= _LONGEST_ORIGINAL and cable.original.count("\n") < _MOST_LINES
    original, note = _original(words, page) if fits else (None, "")
    marked = words.plain(f"marked {page.level}", 44) if page.level else ""
    data: dict[str, Any] = {
        "paper": paper, "date": [today.year, today.month, today.day] if today is not None else None,
        "id": words.line(page.key), "head": words.plain(page.key, 24), "title": words.plain(f"{page.key}: {page.title}", 300), "short": words.plain(page.title, max(12, 60 - len(marked))),
        "description": words.plain(f"Telegram {page.key}, {page.created_words}", 300),
        "keywords": [words.plain(one, 80) for one in (page.key, *cable.tags[:_MOST], "diplomatic cable")],
        "foot": _MASKED_FOOT if page.masked else _FOOT, "level": words.maybe(page.level),
        "level-note": (f"original marking of {year}" if year else "original marking") if page.level else "no classification was read",
        "marked": marked,
        "created": page.created_words if cable.created else "unknown", "from": words.line(", ".join(part for part in (sender or "not stated", page.country) if part)),
        "from-note": words.maybe(" · ".join(part for part in (address, routing) if part)),
        "action": [_party(words, one) for one in page.action], "info": [_party(words, one) for one in page.info],
        "precedence": _pair(words, page.precedence) if page.precedence is not None else None,
        "captions": [_pair(words, one) for one in page.captions], "parts": _parts(page),
        "tags": [_pair(words, one) for one in page.tags], "release": _release(words, page), "authority": words.maybe(authority),
        "subject": subject, "size": 17 if len(subject) <= 70 else 14 if len(subject) <= 160 else 11, "warning": _warning(page),
        "references": [_reference(words, one) for one in page.references],
        "paragraphs": [_paragraph(words, one) for one in page.sections],
        "nothing": "No text of a telegram could be read here." if original is None else "No text of a telegram could be read; the original follows.",
        "signature": words.maybe(cable.signature), "original": original, "original-note": note,
    }  # fmt: skip
    data["about"] = _last(words, page, today)
    if original is None:
        where = f"With {cable.original.count(chr(10)) + 1:,} lines it is too long for this print; the archive gives it as {page.key}.txt."
        data["about"].insert(-1, ("Original", "", [words.line(where, _TEXT)]))
    return data


@cache
def _tools() -> tuple[Any, typst.Fonts, bytes]:
    """Typst, its own fonts, and the template: loaded once."""
    try:
        import typst
    except ImportError:
        raise CablegramError("the PDF wants one more package: install cablegram[pdf]") from None
    return typst, typst.Fonts(include_system_fonts=False, include_embedded_fonts=True), (_HERE / "cable.typ").read_bytes()


def cable_pdf(page: Page, *, today: date | None = None, paper: str = "a4") -> bytes:
    """The cable as a PDF on ``paper`` (``a4`` or ``us-letter``), tagged for readers aloud; may be called from several threads.

    ``today`` is the date that the document bears; the same page and day give the same bytes. ``CablegramError`` where Typst is
    not installed, the paper is unknown, or the cable is far longer than telegrams are.
    """
    if paper not in PAPERS:
        raise CablegramError(f"there is no paper {paper}: use {' or '.join(PAPERS)}")
    typst, fonts, template = _tools()
    items = len(page.sections) + len(page.action) + len(page.info) + len(page.references)
    told = json.dumps(_data(page, today, paper)) if items <= _MOST_ITEMS and len(page.cable.original) <= _LONGEST else ""
    if not told or len(told) > _LONGEST:
        raise CablegramError(f"{page.key} is too long for a PDF; the archive gives its text")
    stamp = datetime(today.year, today.month, today.day, tzinfo=UTC) if today is not None else None
    # A compiler serves one thread at a time and is made in two milliseconds; what is slow, the fonts, is shared.
    made = typst.compile(
        template, root=_HERE, font_paths=fonts, ignore_system_fonts=True, format="pdf", sys_inputs={"cable": told}, timestamp=stamp,
        package_path=_HERE, package_cache_path=_HERE,
    )  # fmt: skip
    return bytes(made)
