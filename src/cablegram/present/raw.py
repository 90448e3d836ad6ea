"""The original line by line, each piece with what it was read as: the lossless tree made visible."""

from __future__ import annotations

from typing import NamedTuple

from cablegram.cable import Cable
from cablegram.present.explain import LINES


class Piece(NamedTuple):
    """A piece of a line: the ``kind`` of its leaf, and its characters without the line end."""

    kind: str
    text: str


class Line(NamedTuple):
    """One line of the original: its ``number`` from 1, the ``kind`` that labels it, that kind in words, and its pieces."""

    number: int
    kind: str
    words: str
    pieces: tuple[Piece, ...]


def raw_lines(cable: Cable) -> list[Line]:
    """All lines of the original in order; the texts of their pieces, joined by line feeds, are the original."""
    out: list[Line] = []
    pieces: list[Piece] = []

    def close() -> None:
        told = next((piece.kind for piece in pieces if piece.text.strip()), pieces[0].kind if pieces else "blank")
        blank = not any(piece.text.strip() for piece in pieces)
        kind = "blank" if blank else told
        out.append(Line(len(out) + 1, kind, LINES.get(kind, kind), tuple(pieces)))
        pieces.clear()

    for leaf in cable.tree.leaves():
        first, *others = leaf.text.split("\n")
        if first:
            pieces.append(Piece(leaf.kind, first))
        for other in others:
            close()
            if other:
                pieces.append(Piece(leaf.kind, other))
    if pieces or not out:
        close()
    return out
