"""Manuscripts as text with offsets: plain text, Markdown, Word, OpenDocument, HTML and PDF, footnotes and endnotes in their places.

The text of txt and md is the file's own, so spans are characters of the file; of the others it is what is extracted here: paragraph after
paragraph, an empty line between, each note behind the paragraph that refers to it.
"""

from __future__ import annotations

import codecs
import io
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from cablegram.errors import CablegramError, UnreadableInput

#: Bytes of a file; bytes and members that may come out of one that is a zip; characters of a text.
LONGEST_FILE: Final = 60_000_000
_UNPACKED: Final = 250_000_000
_MEMBERS: Final = 20_000
LONGEST_TEXT: Final = 12_000_000
KINDS: Final = ("txt", "md", "docx", "odt", "html", "pdf")
_BY_ENDING: Final = {
    ".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md", ".docx": "docx", ".odt": "odt", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".pdf": "pdf",
}  # fmt: skip


class Piece(NamedTuple):
    """A piece of the text, ``[start, end)``: ``kind`` is ``paragraph``, ``quote`` (set off as a block), ``footnote``, ``endnote`` or ``page``;
    ``label`` its number, as the document has it or counted from 1; ``anchor`` the place in the text that refers to a note, None where that
    is not known."""

    start: int
    end: int
    kind: str
    label: str
    anchor: int | None = None

    @property
    def is_note(self) -> bool:
        """Whether it is a footnote or an endnote."""
        return self.kind in ("footnote", "endnote")

    @property
    def place(self) -> str:
        """The place in words: ``footnote 3``."""
        return f"{'paragraph' if self.kind == 'quote' else self.kind} {self.label}"


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A manuscript: its ``name``, its ``kind`` (txt, md, docx, odt, html, pdf), its ``text``, the ``pieces`` in order, without overlap; the
    file's bytes as ``data``."""

    name: str
    kind: str
    text: str
    pieces: tuple[Piece, ...]
    data: bytes = field(repr=False)

    def piece_at(self, offset: int) -> Piece | None:
        """The piece in which a character stands."""
        n = bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        return self.pieces[n] if n >= 0 and offset < self.pieces[n].end else None


def read_manuscript(path: str | Path) -> Manuscript:
    """The manuscript in a file; :class:`UnreadableInput` where it is missing, too large, damaged, or of no known form."""
    place = Path(path)
    try:
        if not place.is_file():
            raise UnreadableInput(f"{place}: {'is no file' if place.exists() else 'is not there'}; name a manuscript")
        if place.stat().st_size > LONGEST_FILE:
            raise UnreadableInput(f"{place}: is larger than {LONGEST_FILE // 1_000_000} MB; split it first")
        data = place.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{place}: cannot be read ({error.strerror})") from None
    return manuscript_of(data, str(place))


def manuscript_of(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a file called ``name``; known by its content, and text by its ending. Raises as :func:`read_manuscript`."""
    if len(data) > LONGEST_FILE:
        raise UnreadableInput(f"{name}: is larger than {LONGEST_FILE // 1_000_000} MB; split it first")
    kind = _kind(data, name)
    if kind in ("docx", "odt", "html"):
        _require_xml()
    if kind == "docx":
        from cablegram.check.word import read_docx

        text, pieces = read_docx(data, name)
    elif kind == "odt":
        from cablegram.check.opendocument import read_odt

        text, pieces = read_odt(data, name)
    elif kind == "html":
        from cablegram.check.markup import read_html

        text, pieces = read_html(_decoded(data, name), name)
    elif kind == "pdf":
        from cablegram.check.plain import read_pages

        text, pieces = read_pages(data, name)
    else:
        from cablegram.check.plain import read_lines

        text = _decoded(data, name)
        pieces = read_lines(text, markdown=kind == "md")
    if len(text) > LONGEST_TEXT:
        raise UnreadableInput(f"{name}: has more than {LONGEST_TEXT // 1_000_000} million characters of text; split it first")
    if not text.strip():
        raise UnreadableInput(f"{name}: has no text; if it is a scan, run a text recognition (OCR) over it first")
    return Manuscript(name, kind, text, tuple(pieces), data)


def text_manuscript(text: str, name: str = "pasted text") -> Manuscript:
    """A manuscript of a text that was typed or pasted; Markdown's footnotes are read where it has any."""
    from cablegram.check.plain import read_lines

    return Manuscript(name, "md", text, tuple(read_lines(text, markdown=True)), text.encode("utf-8", "surrogatepass"))


def _require_xml() -> None:
    try:
        import lxml  # noqa: F401
    except ImportError:
        raise CablegramError("Word, OpenDocument and HTML want lxml: install `cablegram[check]`, or save as txt") from None


def _kind(data: bytes, name: str) -> str:
    by_name = _BY_ENDING.get(Path(name).suffix.lower())
    head = data[:1024]
    if head.startswith(b"%PDF") or b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(data, name)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableInput(f"{name}: is of the old Word format (.doc); save it as .docx first")
    if head.startswith(b"{\\rtf"):
        raise UnreadableInput(f"{name}: is RTF; save it as .docx or .odt first")
    if by_name in ("docx", "odt", "pdf"):
        raise UnreadableInput(f"{name}: is not what its ending says; it may be damaged")
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableInput(f"{name}: is a binary file of no known form; give {', '.join(KINDS)}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if by_name is None and start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return by_name or "txt"


def _zip_kind(data: bytes, name: str) -> str:
    """What a zip file is; refused where more would come out of it than any manuscript has. What its directory says is what comes out: no
    member gives more than that."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableInput(f"{name}: is damaged ({error})") from None
    if len(members) > _MEMBERS or sum(member.file_size for member in members) > _UNPACKED:
        raise UnreadableInput(f"{name}: unpacks to more than {_UNPACKED // 1_000_000} MB; no manuscript does, so it was not read")
    names = {member.filename for member in members}
    if "word/document.xml" in names or "[Content_Types].xml" in names:
        return "docx"
    if "content.xml" in names:
        return "odt"
    raise UnreadableInput(f"{name}: is a zip file, but no Word or OpenDocument text")


def _decoded(data: bytes, name: str) -> str:
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise UnreadableInput(f"{name}: is damaged: it is not the {encoding} that it begins with") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


class Builder:
    """Builds a text of pieces, an empty line between; notes are kept back until the paragraph that refers to them is closed."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self.pieces: list[Piece] = []
        self._counts: dict[str, int] = {}

    @property
    def size(self) -> int:
        """The length of the text so far."""
        return self._size

    def add(self, text: str, kind: str, label: str | None = None, anchor: int | None = None) -> Piece | None:
        """Append a piece; None for a text of blanks, which is left out. A ``label`` that is not given is counted."""
        counted = "paragraph" if kind == "quote" else kind
        if label is None:
            self._counts[counted] = self._counts.get(counted, 0) + 1
            label = str(self._counts[counted])
        if not text.strip():
            return None
        start = self._size
        self._parts += (text, "\n\n")
        self._size += len(text) + 2
        if self._size > LONGEST_TEXT:
            raise UnreadableInput(f"has more than {LONGEST_TEXT // 1_000_000} million characters of text; split it first")
        self.pieces.append(Piece(start, start + len(text), kind, label, anchor))
        return self.pieces[-1]

    def join(self, cells: int) -> None:
        """Put the next piece ``cells`` cells behind the last one, as they stand in a row of a table: with tabs between, not an empty line."""
        if self._parts:
            self._parts[-1] = "\t " * cells
            self._size += 2 * (cells - 1)

    def pad(self, cells: int) -> None:
        """Begin a row with so many empty cells."""
        self._parts.append("\t " * cells)
        self._size += 2 * cells

    def text(self) -> str:
        """The whole text."""
        return "".join(self._parts)


class Rows:
    """Joins the cells of a row, told of the cell and the row of each paragraph before it is added."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._row: object = None
        self._cell: object = None
        self._behind = 0
        self._begun = False

    def before(self, row: object, cell: object, text: Callable[[], str]) -> None:
        """A paragraph with this ``text`` comes, in ``cell`` of ``row``; both None outside of tables."""
        if row is None:
            self._row = None
            return
        if row is not self._row:
            self._row, self._cell, self._behind, self._begun = row, cell, 0, False
        self._behind += cell is not self._cell
        self._cell = cell
        if text().strip():
            if self._behind:
                (self._builder.join if self._begun else self._builder.pad)(self._behind)
            self._behind, self._begun = 0, True


def sorted_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces in order of their places."""
    return sorted(pieces, key=lambda piece: piece.start)
