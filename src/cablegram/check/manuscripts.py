"""Manuscripts as text with offsets: plain text, Markdown, Word, OpenDocument, HTML and PDF, footnotes and endnotes in their places.

The text of txt and md is the file's own, so spans are characters of the file; of the others it is what is extracted here: paragraph after
paragraph, an empty line between, each note behind the paragraph that refers to it.
"""

from __future__ import annotations

import codecs
import io
import zipfile
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cablegram.check.pieces import LONGEST_TEXT, Piece
from cablegram.errors import CablegramError, UnreadableInput

#: Bytes of a file; bytes and members that may come out of one that is a zip.
LONGEST_FILE: Final = 60_000_000
_UNPACKED: Final = 250_000_000
_MEMBERS: Final = 20_000
KINDS: Final = ("txt", "md", "docx", "odt", "html", "pdf")
_BY_ENDING: Final = {
    ".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md", ".docx": "docx", ".odt": "odt", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".pdf": "pdf",
}  # fmt: skip


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
