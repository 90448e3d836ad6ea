"""OpenDocument texts: paragraphs, tables, footnotes and endnotes in their places."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from cablegram.check.pieces import Builder, Piece, Rows
from cablegram.check.xml import attribute, cell_of, local, member, outside
from cablegram.errors import UnreadableInput

_PARAGRAPHS: Final = frozenset({"p", "h"})
_SKIPPED: Final = frozenset(
    {"annotation", "annotation-end", "tracked-changes", "note-citation", "bookmark", "sequence-decls", "script"}
)
_MOST_BLANKS: Final = 100


def read_odt(data: bytes, name: str) -> tuple[str, list[Piece]]:
    """The text of an OpenDocument file and its pieces."""
    root = member(data, "content.xml", name)
    body = (
        next((one for one in root.iter() if local(one) == "text" and local(one.getparent()) == "body"), None)
        if root is not None
        else None
    )
    if body is None:
        raise UnreadableInput(f"{name}: is no OpenDocument text")
    quotes = _quotes(root)
    builder = Builder()
    counts = {"footnote": 0, "endnote": 0}
    rows = Rows(builder)
    for paragraph in outside(body, _PARAGRAPHS, _SKIPPED | {"note"}):
        notes: list[tuple[int, Any]] = []
        rows.before(*cell_of(paragraph, "table-cell"), partial(_text, paragraph, [], 0))
        start = builder.size
        text = _text(paragraph, notes, start)
        builder.add(text, "quote" if attribute(paragraph, "style-name") in quotes else "paragraph")
        for place, note in notes:
            kind = "endnote" if attribute(note, "note-class") == "endnote" else "footnote"
            counts[kind] += 1
            cited = next((one for one in note.iter() if local(one) == "note-citation"), None)
            label = ("".join(cited.itertext()).strip() if cited is not None else "") or str(counts[kind])
            inner = [_text(p, [], 0) for p in note.iter() if local(p) in _PARAGRAPHS]
            builder.add("\n".join(inner).strip(), kind, label, place)
        if notes:
            rows = Rows(builder)
    return builder.text(), builder.pieces


def _quotes(root: Any) -> frozenset[str]:
    """The names of styles for quotations that are set off, and of those made from them."""
    known = {"Quotations", "Quote", "Quotation", "Block_20_Quotation"}
    for style in root.iter():
        if local(style) == "style" and attribute(style, "parent-style-name") in known:
            known.add(attribute(style, "name") or "")
    return frozenset(known)


def _text(paragraph: Any, notes: list[tuple[int, Any]], start: int) -> str:
    """The text of a paragraph; its notes go to ``notes`` with the place of the reference, reckoned from ``start``."""
    out: list[str] = []
    size = start
    #: Elements to enter, and texts to write.
    stack: list[Any] = [*reversed([child for one in paragraph for child in (one, one.tail or "")]), paragraph.text or ""]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            # Blanks in the XML count once (OpenDocument 1.2, 6.1.2).
            text = " ".join(item.split("\n")) if "\n" in item else item
            out.append(text)
            size += len(text)
            continue
        name = local(item)
        if name == "note":
            notes.append((size, item))
        elif name == "s":
            count = attribute(item, "c") or "1"
            stack.append(" " * min(_MOST_BLANKS, int(count) if count.isdecimal() else 1))
        elif name in ("tab", "line-break"):
            stack.append("\t" if name == "tab" else "\u2028")
        elif name and name not in _SKIPPED and name not in _PARAGRAPHS:
            stack += [*reversed([child for one in item for child in (one, one.tail or "")]), item.text or ""]
    return "".join(out).replace("\u2028", "\n")
