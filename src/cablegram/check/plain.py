"""Text, Markdown and the pages of a PDF in pieces: paragraphs, block quotations, and the notes that their lines begin."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import Final

from cablegram.check.pieces import LONGEST_TEXT, Piece, sorted_pieces
from cablegram.errors import UnreadableInput
from cablegram.sources.pdf import without_furniture

#: ``[^3]: text`` of Markdown.
_MARKDOWN_NOTE: Final = re.compile(r"^ {0,3}\[\^([^\]\n]{1,40})\]:[ \t]*", re.MULTILINE)
_MARKDOWN_MARK: Final = re.compile(r"\[\^([^\]\n]{1,40})\](?!:)")
_MONTH: Final = r"(?!(?:Jan|Feb|M[aä]r|Apr|May|Mai|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])[a-zä]*\b)"
#: A line that begins a note: ``12. Praia 101``, ``[12] Praia 101``, ``12 Praia 101``, ``^12 Praia 101``. A day of the month is none.
_LINE_NOTE: Final = re.compile(
    rf"^[ \t]*(?:\[(?P<a>\d{{1,4}})\][ \t]*|\^?(?P<b>\d{{1,4}})[.)]?[ \t]+{_MONTH})(?=[\"'“‘(A-ZÄÖÜ*_]|(?:19|20)?\d\d ?[A-Z]{{3}})",
    re.MULTILINE,
)
#: Where the text refers to a note of a number: ``[12]``, or a figure glued to the end of a sentence or a quotation.
_LINE_MARK: Final = re.compile(r"\[(?P<a>\d{1,4})\]|(?<=[.,;:!?”\"'’)\]])(?P<b>\d{1,3})(?=[\s—–]|$)")
_SUPERSCRIPT: Final = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}")
_FIGURES: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
#: A note's number above the line, as PDF files give it: without a blank behind it.
_GLUED: Final = re.compile(r"(?P<figures>\d{1,8})(?:(?P<id>[A-Z]{3,24}\d{1,6}(?!\w))|(?=[\"“‘'A-ZÄÖÜ]))")
_MOST_PAGES: Final = 5_000
#: How many numbers notes may skip; more is no series of notes.
_SKIP: Final = 3


def read_lines(text: str, *, markdown: bool) -> list[Piece]:
    """The pieces of a text."""
    if markdown and _MARKDOWN_NOTE.search(text) is not None:
        return _markdown(text)
    paragraphs = _paragraphs(text)
    notes = _numbered(text, _LINE_NOTE)
    return list(_cut(text, paragraphs, notes, _marks(text, notes), "paragraph", markdown))


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """The runs of lines that are not blank."""
    out: list[tuple[int, int]] = []
    at = 0
    start: int | None = None
    for line in text.split("\n"):
        if not line.strip() and start is not None:
            out.append((start, at - 1))
            start = None
        elif line.strip() and start is None:
            start = at
        at += len(line) + 1
    if start is not None:
        out.append((start, len(text)))
    return out


def _markdown(text: str) -> list[Piece]:
    marks: dict[str, int] = {}
    for found in _MARKDOWN_MARK.finditer(text):
        marks.setdefault(found[1], found.start())
    notes = [(found.start(), found.end(), found[1]) for found in _MARKDOWN_NOTE.finditer(text)]
    anchors = [marks.get(label) for _, _, label in notes]
    paragraphs = _paragraphs(text)
    return list(_cut(text, paragraphs, notes, anchors, "paragraph", True))


def _numbered(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int, str]]:
    """Lines that begin a note: where the line begins, where its text does, its number. Only such as follow each other; two at least."""
    out: list[tuple[int, int, str]] = []
    last = 0
    for found in pattern.finditer(text):
        number = int(found["a"] or found["b"])
        if number == 1 or last < number <= last + _SKIP or (not out and number < 2_000):
            out.append((found.start(), found.end(), str(number)))
            last = number
    return out


def _marks(text: str, notes: list[tuple[int, int, str]]) -> list[int | None]:
    """Where the text refers to each note: the last such mark before it that no other note has, or the first behind it for notes above."""
    at: dict[str, list[int]] = {}
    inside = {start for start, _, _ in notes}
    for found in _LINE_MARK.finditer(text):
        if found.start() not in inside:
            at.setdefault(found["a"] or found["b"], []).append(found.start())
    for found in _SUPERSCRIPT.finditer(text):
        at.setdefault(found[0].translate(_FIGURES), []).append(found.start())
    out: list[int | None] = []
    for start, _, label in notes:
        before = [place for place in at.get(label, ()) if place < start]
        out.append(before[-1] if before else None)
    return out


def _cut(
    text: str, paragraphs: list[tuple[int, int]], notes: list[tuple[int, int, str]], anchors: list[int | None], kind: str, markdown: bool,
    label: str | None = None,
) -> Iterator[Piece]:  # fmt: skip
    """Paragraphs cut where notes begin."""
    known = list(zip(notes, anchors, strict=True))
    n = 0
    for number, (start, end) in enumerate(paragraphs, 1):
        at = start
        named = label or str(number)
        quoted = "quote" if markdown and text[start:end].lstrip().startswith(">") else kind
        last: tuple[str, int | None] | None = None
        while n < len(known) and known[n][0][0] < end:
            (begin, body, note), anchor = known[n]
            n += 1
            if at < begin:
                yield _piece(at, begin, quoted, named, last)
            at, last = max(at, body), (note, anchor)
        if at < end:
            yield _piece(at, end, quoted, named, last)


def _piece(start: int, end: int, kind: str, label: str, note: tuple[str, int | None] | None) -> Piece:
    return Piece(start, end, kind, label) if note is None else Piece(start, end, "footnote", note[0], note[1])


def _unglued(pages: list[str]) -> list[str]:
    """Pages with a blank between the number of a note, which stands above the line, and the note: ``309KATHMANDU706`` of note 3."""
    last = 0
    out: list[str] = []
    for page in pages:
        lines = page.split("\n")
        for n, line in enumerate(lines):
            glued = _GLUED.match(line)
            if glued is None:
                continue
            # The figures are the note's number, and perhaps the year of a message number.
            figures = glued["figures"]
            numbers = [figures[:-cut] if cut else figures for cut in ((2, 4) if glued["id"] else (0,)) if cut < len(figures)]
            number = next((one for one in numbers if last < int(one) <= last + _SKIP or one == "1"), None)
            if number is not None:
                lines[n] = f"{number} {line[len(number) :].lstrip()}"
                last = int(number)
        out.append("\n".join(lines))
    return out


def read_pages(data: bytes, name: str) -> tuple[str, list[Piece]]:
    """The text of a PDF, without what all its pages have in common at head and foot, and its pieces: pages, and the notes on them."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pages: list[str] = []
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableInput(f"{name}: is a PDF locked with a password; unlock it first")
        if len(reader.pages) > _MOST_PAGES:
            raise UnreadableInput(f"{name}: has more than {_MOST_PAGES:,} pages; split it first")
        size = 0
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
            if size > LONGEST_TEXT:
                raise UnreadableInput(
                    f"{name}: has more than {LONGEST_TEXT // 1_000_000} million characters of text; split it first"
                )
    except (UnreadableInput, MemoryError):
        raise
    except Exception as error:
        # pypdf fails on damaged files in any way there is.
        raise UnreadableInput(f"{name}: is a damaged PDF ({type(error).__name__})") from None
    kept, _ = without_furniture(pages)
    kept = _unglued(kept)
    text = "\n".join(kept)
    notes = _numbered(text, _LINE_NOTE)
    spans: list[tuple[int, int]] = []
    at = 0
    for page_text in kept:
        spans.append((at, at + len(page_text)))
        at += len(page_text) + 1
    anchors = _marks(text, notes)
    pieces: list[Piece] = []
    for number, (start, end) in enumerate(spans, 1):
        here = [(note, anchor) for note, anchor in zip(notes, anchors, strict=True) if start <= note[0] < end]
        pieces += _cut(
            text, [(start, end)], [note for note, _ in here], [anchor for _, anchor in here], "page", False, str(number)
        )
    return text, sorted_pieces(pieces)
