"""The lossless tree: blocks over leaves; every character of the text stands in exactly one leaf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cablegram.spans import OffsetMap, Span
from cablegram.telegram import patterns as p
from cablegram.telegram.blocks import Block
from cablegram.telegram.lines import UNKNOWN, Lines

_PARTS: Final = {
    "prelude": "prelude", "notice": "header", "transmission-id": "header", "routing": "header", "de": "header",
    "security": "header", "date-time-group": "header", "from": "header", "action": "header", "info": "header",
    "excluded": "header", "distribution": "header", "message-number": "header", "drafting": "header",
    "date-line": "header", "archive-note": "header", "classification": "preamble", "caption": "preamble",
    "passing": "preamble", "preamble-note": "preamble", "eo": "preamble",
    "tags": "preamble", "subject": "preamble", "ref": "preamble", "classified": "preamble",
    "signature": "closing", "end-mark": "closing", "end-junk": "closing", "footer": "closing", "section-header": "body",
}  # fmt: skip
#: Runs of X that stand for a text that was taken out.
REDACTION: Final = re.compile(r"XXXX+|xxxx+")


class Leaf:
    """A piece of the text: ``kind`` says what it is; ``span`` is ``[start, end)`` in characters."""

    __slots__ = ("_text", "kind", "span")

    def __init__(self, kind: str, span: Span, text: str) -> None:
        self.kind = kind
        self.span = span
        self._text = text

    @property
    def text(self) -> str:
        """The characters of the leaf, as they stand in the text that was given."""
        return self._text[self.span[0] : self.span[1]]

    def leaves(self) -> Iterator[Leaf]:
        """The leaf itself."""
        yield self

    def __repr__(self) -> str:
        return f"Leaf({self.kind!r}, {self.span}, {self.text[:40]!r})"


class Node:
    """A block: ``kind`` (telegram, header, preamble, body, closing, paragraph, heading, ...) and its parts."""

    __slots__ = ("children", "kind")

    def __init__(self, kind: str, children: list[Node | Leaf]) -> None:
        self.kind = kind
        self.children = children

    @property
    def span(self) -> Span:
        """From the first character of the first leaf to the last one's end."""
        if not self.children:
            return (0, 0)
        return (self.children[0].span[0], self.children[-1].span[1])

    def leaves(self) -> Iterator[Leaf]:
        """All leaves in order of the text; their texts joined are the text."""
        stack: list[Iterator[Node | Leaf]] = [iter(self.children)]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
            elif isinstance(child, Leaf):
                yield child
            else:
                stack.append(iter(child.children))

    def __repr__(self) -> str:
        return f"Node({self.kind!r}, {len(self.children)} children)"


def build(lines: Lines, blocks: list[Block], outer: OffsetMap | None, given: str) -> Node:
    """The tree over ``lines``. ``outer`` maps to the text that was ``given`` where that is a saved page."""
    pieces = _pieces(lines, blocks)
    if outer is not None:
        pieces = _outward(pieces, outer, given)
    root = Node("telegram", [])
    part: Node | None = None
    block: Node | None = None
    name = ""
    for kind, where, ident, start, end in pieces:
        if start == end:
            continue
        if where and where != name:
            part = Node(where, [])
            root.children.append(part)
            name, block = where, None
        leaf = Leaf(kind, (start, end), given)
        target = part if part is not None else root
        if ident:
            if block is None or block.kind != ident[0] or ident[1]:
                block = Node(ident[0], [])
                target.children.append(block)
            block.children.append(leaf)
        else:
            block = None if where not in ("", "body") else block
            (block or target).children.append(leaf)
    return root


_Piece = tuple[str, str, tuple[str, bool] | None, int, int]


def _pieces(lines: Lines, blocks: list[Block]) -> list[_Piece]:
    """Leaf by leaf: ``(kind, part, (block kind, begins it) or None, start, end)``."""
    rows: dict[int, tuple[Block, bool]] = {}
    for block in blocks:
        for n, row in enumerate(block.rows):
            rows[row] = (block, n == 0)
    out: list[_Piece] = []
    part = ""
    text = lines.text
    for i, kind in enumerate(lines.kinds):
        start, end = lines.starts[i], lines.starts[i + 1]
        held = rows.get(i)
        if held is None:
            part = _PARTS.get(kind, "body" if part in ("body", "closing") and kind in ("rule", "section-break") else part)
            kind = kind or UNKNOWN
            out.append((kind, part, None, start, end))
            continue
        block, first = held
        part = "body"
        ident = (block.kind, first)
        if first and block.marker[1] > block.marker[0]:
            at, behind = block.marker
            behind = min(max(behind, at), end)
            at = max(min(at, behind), start)
            out.append(("pilcrow" if "¶" in text[start:at] else "indent", part, ident, start, at))
            ident = (block.kind, start == at)
            out += _marker(text, block, part, ident, at, behind)
            ident = (block.kind, False)
            start = behind
        out += _runs(text, "heading" if block.kind == "heading" else "text", part, ident, start, end)
    return out


def _marker(text: str, block: Block, part: str, ident: tuple[str, bool], at: int, end: int) -> list[_Piece]:
    bracket = text.find("(", at, end) if block.mark is not None else -1
    if bracket < 0:
        return [("number", part, ident, at, end)]
    if bracket == at:
        return [("marking", part, ident, at, end)]
    return [("number", part, ident, at, bracket), ("marking", part, (ident[0], False), bracket, end)]


def _runs(text: str, kind: str, part: str, ident: tuple[str, bool], start: int, end: int) -> list[_Piece]:
    """A text line: redactions and END marks are leaves of their own."""
    out: list[_Piece] = []
    piece = text[start:end]
    found: list[tuple[int, int, str]] = []
    if "XXXX" in piece or "xxxx" in piece:
        found += [(m.start(), m.end(), "redaction") for m in REDACTION.finditer(piece)]
    upper = piece.upper()
    if "END " in upper:
        found += [(m.start(), m.end(), "block-end") for m in p.END_BLOCK.finditer(piece)]
    at = start
    for a, b, name in sorted(found):
        if start + a < at:
            continue
        out.append((kind, part, ident, at, start + a))
        if start + a > at:
            ident = (ident[0], False)
        out.append((name, part, ident, start + a, start + b))
        ident = (ident[0], False)
        at = start + b
    out.append((kind, part, ident, at, end))
    return out


def _outward(pieces: list[_Piece], outer: OffsetMap, given: str) -> list[_Piece]:
    """The pieces in offsets of the page; the page's own characters go to leaves of kind ``page``."""
    pieces = [piece for piece in pieces if piece[3] < piece[4]]
    begins = [outer.start(piece[3]) for piece in pieces]
    if not pieces:
        return [("page", "page", None, 0, len(given))]
    out: list[_Piece] = [("page", "page", None, 0, begins[0])]
    # Entities and tags between two pieces go to the first of them.
    begins.append(outer.end(pieces[-1][4]))
    for n, (kind, part, ident, _, _) in enumerate(pieces):
        out.append((kind, part, ident, begins[n], begins[n + 1]))
    out.append(("page", "page", None, begins[-1], len(given)))
    return out
