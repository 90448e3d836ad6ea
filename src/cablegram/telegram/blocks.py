"""Blocks of a body: paragraphs, headings and lists, as the body's reader finds them."""

from __future__ import annotations

from typing import Final

#: No telegram has more paragraphs and headings than this; what comes behind goes to the last one.
MOST_BLOCKS: Final = 20_000


class Block:
    """A paragraph or heading: ``rows`` are its lines, ``items`` those that begin a list item.

    ``marker`` is the span of number and marking in the first row; ``text_at`` the offset behind them.
    ``mark`` is the portion marking as written.
    """

    __slots__ = ("after_rule", "blank_before", "items", "kind", "label", "mark", "marker", "number", "rows", "section", "text_at")

    def __init__(self, kind: str, row: int, at: int, section: int) -> None:
        self.kind = kind
        self.rows = [row]
        self.items: list[int] = []
        self.number: int | None = None
        self.label: str | None = None
        self.mark: str | None = None
        self.marker = (at, at)
        self.text_at = at
        self.section = section
        self.after_rule = False
        self.blank_before = True


class Body:
    """Blocks of the body and what its reader noticed: sections seen, sentences joined, repeated classification lines."""

    __slots__ = ("blocks", "count", "joined_blanks", "repeats", "sections")

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.sections: list[int] = []
        self.count = 0  # of sections, as the section-break lines say
        self.joined_blanks = 0
        self.repeats: list[int] = []
