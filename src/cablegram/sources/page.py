"""Saved archive pages: a telegram inside the text of a page, with what the page claims of it.

Three forms: a page saved as plain text (four labels, four values, title, tags), the HTML of 2010 (header and body in
``pre`` elements), and the National Archives' files of 1973-79 (see :mod:`cablegram.sources.nara`).
"""

from __future__ import annotations

import html
import re
from typing import Any, Final, NamedTuple

from cablegram.sources.nara import read_attributes, reason_without_text
from cablegram.spans import OffsetMap

_LABELS: Final = ("identifier", "created", "classification", "origin")
_TEXT_END: Final = re.compile(r"how-to\s?read\s?a\s?cable[ \t\u00a0\r]*(?:\n|$)")
_PAGE_HEAD: Final = 6000
# In the pages of 2010 the line feed is the only entity, and `a` the only element of the site's own (catalogue 8.1).
_OWN: Final = re.compile(r"&#x000A;|<a [^<>]{0,200}>|</a>")
_DECODED: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,6});|<a [^<>]{0,200}>|</a>")
_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_CELL: Final = re.compile(r"<td>\s{0,20}(?:<a[^<>]{0,300}>)?\s{0,20}([^<>]{1,200}?)\s{0,20}(?:</a>)?\s{0,20}</td>")
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d)(?::\d\d)?")
_MOST_ELEMENTS: Final = 8


class Page(NamedTuple):
    """``telegram`` is the text inside the page, ``map`` leads its offsets back to the page; ``claims`` are the page's
    words; ``form`` is ``page-text``, ``page-html`` or ``nara``; ``reason`` says why a page has no telegram."""

    telegram: str
    claims: dict[str, Any]
    map: OffsetMap
    form: str
    reason: str | None = None


def stamp(value: str) -> str:
    """``2007-12-14 06:26:00`` as ``2007-12-14T06:26Z``; any other spelling as it is."""
    found = _STAMP.match(value)
    return f"{found[1]}T{found[2]}:{found[3]}Z" if found is not None else value


def unwrap(text: str) -> Page | None:
    """The page in ``text``, or None where ``text`` is no saved page. Cheap on telegrams: looks at the first characters."""
    head = text[:64].lstrip("\ufeff \t\r\n\u00a0")
    if head.startswith("Identifier"):
        return _page_text(text)
    if head.startswith("<"):
        return _page_html(text)
    if head.startswith("Message "):
        return _nara(text)
    return None


def _page_text(text: str) -> Page | None:
    end = _TEXT_END.search(text, 0, _PAGE_HEAD)
    if end is None:
        return None
    lines = [line.replace("\u00a0", " ").strip() for line in text[: end.start()].lstrip("\ufeff").split("\n")]
    filled = [line for line in lines if line]
    if [line.lower() for line in filled[:4]] != list(_LABELS) or len(filled) < 8:
        return None
    claims: dict[str, Any] = dict(zip(_LABELS, filled[4:8], strict=True))
    claims["id"] = claims.pop("identifier")
    claims["created"] = stamp(claims["created"])
    rest = filled[8:]
    for n, line in enumerate(rest):
        if line.startswith("Cable title:"):
            title = line[12:].strip() or (rest[n + 1] if n + 1 < len(rest) and not rest[n + 1].startswith("Tags:") else "")
            claims["title"] = title
        elif line.startswith("Tags:"):
            claims["tags"] = line[5:].split()
    start = end.end()
    return Page(text[start:], claims, OffsetMap([(0, start, len(text))]), "page-text")


def _page_html(text: str) -> Page | None:
    elements: list[tuple[int, int]] = []
    at = text.find("<pre>")
    while at >= 0 and len(elements) < _MOST_ELEMENTS:
        end = text.find("</pre>", at)
        if end < 0:
            end = len(text)
        elements.append((at + 5, end))
        at = text.find("<pre>", end)
    if not elements:
        return None
    pattern = _DECODED if any("&amp;" in text[a:b] or "&lt;" in text[a:b] for a, b in elements) else _OWN
    segments: list[tuple[int, int, int]] = []
    pieces: list[str] = []
    size = 0

    def add(piece: str, outer: int, outer_end: int) -> None:
        nonlocal size
        if piece:
            segments.append((size, outer, outer_end))
            pieces.append(piece)
            size += len(piece)

    for n, (start, end) in enumerate(elements):
        if n:
            add("\n", elements[n - 1][1], start)
        at = start
        for found in pattern.finditer(text, start, end):
            add(text[at : found.start()], at, found.start())
            token = found[0]
            if token[0] == "&":
                # Only one character for each entity, so that offsets stay countable.
                add("\n" if token == "&#x000A;" else html.unescape(token)[:1], found.start(), found.end())
            at = found.end()
        add(text[at:end], at, end)
    if not segments:
        return None
    return Page("".join(pieces), _html_claims(text, elements[0][0]), OffsetMap(segments), "page-html")


def _html_claims(text: str, before: int) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    at = text.rfind("Viewing cable ", 0, before)
    if at >= 0:
        title = _TAG.split(text[at + 14 : at + 600].split("\n")[0])[0]
        ident, comma, subject = title.partition(",")
        claims["id"] = ident.strip()
        if comma and subject.strip():
            claims["title"] = html.unescape(subject.strip())
    at = text.rfind("<table class='cable'>", 0, before)
    if at >= 0:
        cells = [" ".join(cell.split()) for cell in _CELL.findall(text[at:before])]
        for key, cell in zip(("id", "created", "released", "classification", "origin"), cells, strict=False):
            claims[key] = stamp(html.unescape(cell))
    return claims


def _nara(text: str) -> Page | None:
    found = read_attributes(text)
    if found is None:
        return None
    start, end, claims = found
    reason = reason_without_text(claims, text[start:end])
    return Page(text[start:end] if reason is None else "", claims, OffsetMap([(0, start, end)]), "nara", reason)
