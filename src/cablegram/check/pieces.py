"""Pieces of a manuscript's text, and how the readers of its forms put them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from cablegram.errors import UnreadableInput

#: Characters of a text.
LONGEST_TEXT: Final = 12_000_000


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
