"""Citation styles, set by citeproc-py from CSL files: lazily loaded, each read once.

The processor does not put punctuation inside of quotation marks, does not turn quotation marks inside of others into single ones, and
reads markup in what it is given. These three are done here, as CSL asks for them; nothing else of a style is ours.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final, NamedTuple

from cablegram.cite.item import UNKNOWN
from cablegram.cite.trim import trim
from cablegram.errors import CablegramError


class Style(NamedTuple):
    """One style: its ``name`` and ``title``, the CSL ``file``, whether the entry of a list is made (``entry``) or a note, whether such an
    entry goes with a citation in the text (``in_text``), whether kinds of documents begin with a capital."""

    name: str
    title: str
    file: str
    entry: bool = False
    in_text: bool = False
    capital: bool = False


STYLES: Final = {
    style.name: style
    for style in (
        Style("chicago-note", "Chicago, note", "chicago-notes-bibliography"),
        Style("chicago-bibliography", "Chicago, bibliography", "chicago-notes-bibliography", entry=True),
        Style("turabian", "Turabian, note", "chicago-notes-bibliography-subsequent-author-title-17th-edition"),
        Style("mla", "MLA", "modern-language-association", entry=True, in_text=True, capital=True),
        Style("apa", "APA", "apa", entry=True, in_text=True),
        Style("bluebook", "Bluebook", "bluebook"),
        Style("nara", "National Archives", "nara"),
    )
}

#: Stand-ins for characters that the processor would read as markup, or that are set when it is known what stands around them. They are of
#: the private use area, which no text that comes here has.
_LESS, _OPEN, _CLOSE = "\ue000", "\ue001", "\ue002"
_STRAIGHT: Final = re.compile(r'(^|[\s(\[/=:–—-])"|"')
_GUARD: Final = str.maketrans({"<": _LESS, "“": _OPEN, "”": _CLOSE})
_SET: Final = re.compile(f"([“”{_OPEN}{_CLOSE}])")
_OUTSIDE: Final = re.compile(f"({_CLOSE}{{0,9}}”)([.,])")
#: The processor keeps what it works on in the style itself: one at a time.
_LOCK: Final = threading.Lock()


def style_of(name: str) -> Style:
    """The style of that name; ``CablegramError`` names those that there are."""
    found = STYLES.get(name.strip().lower())
    if found is None:
        raise CablegramError(f"{name[:40]}: no such style; there are {', '.join(STYLES)}")
    return found


@cache
def _loaded(file: str) -> Any:
    # The processor and its XML library take some tenths of a second to load: only who sets a citation waits for them.
    try:
        from citeproc import CitationStylesStyle
        from lxml import etree
    except ImportError:
        raise CablegramError(
            "Citation styles want citeproc-py: install `cablegram[cite]`, or cite as csl-json, bibtex or ris"
        ) from None

    root = etree.fromstring(
        (files("cablegram.cite") / "data" / f"{file}.csl").read_bytes(), etree.XMLParser(remove_comments=True)
    )
    trim(root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CitationStylesStyle(BytesIO(etree.tostring(root)), validate=False)


def _guarded(text: str) -> str:
    """``text`` without anything that the processor would read as markup."""
    return _STRAIGHT.sub(lambda match: f"{match[1]}{_OPEN}" if match[1] is not None else _CLOSE, text).translate(_GUARD)


def _fit(item: Mapping[str, Any], style: Style) -> dict[str, Any]:
    """The item as the processor takes it."""
    out: dict[str, Any] = {}
    for name, value in item.items():
        if name in ("author", "recipient"):
            out[name] = [{"literal": _guarded(one["literal"])} for one in value]
        else:
            out[name] = _guarded(value) if isinstance(value, str) else value
    out.pop("note", None)
    # The processor sets a title that stands for an unknown author twice.
    out.setdefault("author", [{"literal": UNKNOWN}])
    if style.capital:
        out["genre"] = out["genre"][:1].upper() + out["genre"][1:]
    return out


def _finished(text: str) -> str:
    """Full stops and commas inside of closing quotation marks, inner quotation marks single, stand-ins back."""

    def inside(match: re.Match[str]) -> str:
        before = text[match.start() - 1 : match.start()]
        mark = "" if before == match[2] or (match[2] == "." and before in "?!") else match[2]
        return f"{mark}{match[1]}"

    text = _OUTSIDE.sub(inside, text)
    out: list[str] = []
    depth = 0
    for piece in _SET.split(text):
        if piece == "“":
            depth += 1
        elif piece == "”":
            depth -= 1
        elif piece == _OPEN:
            piece = "‘" if depth else "“"
        elif piece == _CLOSE:
            piece = "’" if depth else "”"
        out.append(piece)
    return "".join(out).replace(_LESS, "<")


def render(item: Mapping[str, Any], style: Style, locator: str | None = None) -> tuple[str, str | None]:
    """The citation of ``item``, a paragraph of it if ``locator`` names one; and the one in the text, where the style has both and a
    paragraph is cited (else None)."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        csl = _loaded(style.file)
        from citeproc import Citation, CitationItem, CitationStylesBibliography, Locator, formatter
        from citeproc.source.json import CiteProcJSON

        # Ids of the processor are in small letters; there is one item here, and what is written does not show its id.
        source = CiteProcJSON([{**_fit(item, style), "id": "item"}])
        works = CitationStylesBibliography(csl, source, formatter.plain)
        named = {"locator": Locator("paragraph", _guarded(locator))} if locator is not None else {}
        citation = Citation([CitationItem("item", **named)])
        works.register(citation)
        entry = _finished(str(works.bibliography()[0])) if style.entry else None
        noted = (
            _finished(str(works.cite(citation, lambda _: None)))
            if not style.entry or (style.in_text and locator is not None)
            else None
        )
    if entry is None:
        assert noted is not None
        return noted, None
    return entry, noted
