"""Word files: paragraphs, tables, footnotes and endnotes; and a copy with comments where the checker has something to say.

python-docx has no footnotes, so the parts are read here; it makes the comments.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import partial
from typing import Any, Final, NamedTuple

from cablegram.check.pieces import Builder, Piece, Rows
from cablegram.check.xml import attribute, cell_of, local, member, outside
from cablegram.errors import CablegramError, UnreadableInput

_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
#: What is not part of the text: what was deleted or moved away, field codes, a second form of a drawing.
_SKIPPED: Final = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "pPr", "rPr", "footnoteRef", "endnoteRef"})
_PARAGRAPHS: Final = frozenset({"p"})
_GONE: Final = frozenset({"Fallback", "del", "moveFrom"})
_NOTES: Final = {"footnoteReference": "footnote", "endnoteReference": "endnote"}


class _Run(NamedTuple):
    start: int
    end: int
    element: Any


def read_docx(data: bytes, name: str) -> tuple[str, list[Piece]]:
    """The text of a Word file and its pieces."""
    body = member(data, "word/document.xml", name)
    if body is None:
        raise UnreadableInput(f"{name}: is a zip file, but no Word document")
    builder = Builder()
    _read(body, _styles(member(data, "word/styles.xml", name)), _notes(data, name), builder)
    return builder.text(), builder.pieces


def _styles(root: Any) -> frozenset[str]:
    """The ids of the styles for quotations that are set off."""
    out = set()
    for style in root.iter() if root is not None else ():
        if local(style) == "style":
            named = next((attribute(child, "val") or "" for child in style if local(child) == "name"), "")
            if any(word in named.lower() for word in ("quote", "zitat", "quotation", "block text", "extract")):
                out.add(attribute(style, "styleId") or "")
    return frozenset(out)


def _notes(data: bytes, name: str) -> dict[tuple[str, str], str]:
    """The text of each note by kind and id."""
    out: dict[tuple[str, str], str] = {}
    for kind in ("footnote", "endnote"):
        root = member(data, f"word/{kind}s.xml", name)
        for note in root if root is not None else ():
            if local(note) == kind and attribute(note, "type") in (None, "normal"):
                lines = ["".join(text for text, _, _ in _texts(p)) for p in note.iter() if local(p) == "p"]
                out[kind, attribute(note, "id") or ""] = "\n".join(lines).strip()
    return out


def _texts(paragraph: Any) -> Iterable[tuple[str, Any, tuple[str, str] | None]]:
    """The texts of a paragraph with their runs, and references to notes; a paragraph inside of it (a text box) is not entered."""
    stack = [(child, None) for child in reversed(paragraph)]
    while stack:
        element, run = stack.pop()
        name = local(element)
        if name in _SKIPPED or name == "p":
            continue
        if name in _NOTES:
            yield "", run, (_NOTES[name], attribute(element, "id") or "")
        elif name == "t":
            yield element.text or "", run, None
        elif name in _BREAKS:
            yield _BREAKS[name], run, None
        else:
            inner = element if name == "r" else run
            stack += [(child, inner) for child in reversed(element)]


def _whole(paragraph: Any) -> str:
    return "".join(text for text, _, _ in _texts(paragraph))


def _read(
    body: Any, quotes: frozenset[str], notes: dict[tuple[str, str], str], builder: Builder
) -> tuple[list[_Run], dict[int, Any]]:
    """Fill ``builder``; the runs of the paragraphs, and the run that refers to each note, by the place where the note's text begins."""
    runs: list[_Run] = []
    referring: dict[int, Any] = {}
    counts = {"footnote": 0, "endnote": 0}
    rows = Rows(builder)
    for paragraph in list(outside(body, _PARAGRAPHS, _GONE)):
        # The properties of a paragraph are children of it: in a paragraph inside of it there may be others.
        properties = [one for child in paragraph if local(child) == "pPr" for one in child]
        style = next((attribute(one, "val") for one in properties if local(one) == "pStyle"), None)
        rows.before(*cell_of(paragraph, "tc"), partial(_whole, paragraph))
        start = at = builder.size
        pieces: list[str] = []
        found: list[tuple[tuple[str, str], int, Any]] = []
        for text, run, note in _texts(paragraph):
            if note is not None:
                found.append((note, at, run))
            elif text:
                pieces.append(text)
                runs.append(_Run(at, at + len(text), run))
                at += len(text)
        builder.add("".join(pieces), "quote" if style in quotes else "paragraph")
        # What a paragraph of blanks refers to stands where the paragraph would.
        shown = at if builder.size > start else start
        for (kind, ident), place, run in found:
            counts[kind] += 1
            text = notes.get((kind, ident), "")
            referring[builder.size] = run
            builder.add(text, kind, str(counts[kind]), min(place, shown))
        if found:
            rows = Rows(builder)
    return runs, referring


def commented(data: bytes, name: str, remarks: Iterable[tuple[int, int, str]], author: str) -> bytes:
    """A copy of a Word file with a comment for each of ``remarks``: start and end in the text of :func:`read_docx`, and what to say. What is
    said of a note stands at the reference to it, as Word has no comments in notes."""
    try:
        from docx import Document
        from docx.text.run import Run
    except ImportError:
        raise CablegramError(
            "Comments in Word files want python-docx: install `cablegram[check]`, or write --html FILE"
        ) from None

    try:
        document: Any = Document(io.BytesIO(data))
    except Exception as error:
        # python-docx fails on damaged files in any way there is.
        raise UnreadableInput(f"{name}: is damaged ({type(error).__name__})") from None
    builder = Builder()
    runs, referring = _read(
        document.element, _styles(member(data, "word/styles.xml", name)), _notes(data, name), builder
    )  # fmt: skip
    for start, end, text in remarks:
        piece = next((p for p in reversed(builder.pieces) if p.start <= start), None)
        if piece is not None and piece.is_note:
            marked = [referring[piece.start]] if piece.start in referring else []
        else:
            marked = [run.element for run in runs if run.start < end and run.end > start and run.element is not None]
        marked = [one for one in dict.fromkeys(marked) if one is not None]
        if marked:
            document.add_comment([Run(marked[0], document), Run(marked[-1], document)], text=text, author=author, initials="cg")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
