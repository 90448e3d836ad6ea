"""The lines of a text with their offsets and kinds: what every stage of the parser works on."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

# Line kinds. Together they are the vocabulary of the tree's leaves.
UNKNOWN: Final = "unknown"
BLANK: Final = "blank"
TEXT: Final = "text"


class Lines:
    """A text cut at its line feeds.

    ``text`` is the whole; line ``i`` reads ``lines[i]`` (without its line feed), starts at character
    ``starts[i]`` and reaches to ``starts[i + 1]``; ``strips[i]`` is the line without the blanks around it and
    ``kinds[i]`` is empty until a stage names it.
    """

    __slots__ = ("kinds", "lines", "starts", "strips", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[str] = text.split("\n")
        self.strips: list[str] = list(map(str.strip, self.lines))
        self.starts: list[int] = list(accumulate([len(line) + 1 for line in self.lines], initial=0))
        self.starts[-1] = len(text)
        self.kinds: list[str] = [""] * len(self.lines)

    def split(self, index: int, column: int) -> None:
        """Make two of line ``index``: the second one begins at ``column``."""
        line = self.lines[index]
        self.lines[index : index + 1] = [line[:column], line[column:]]
        self.strips[index : index + 1] = [line[:column].strip(), line[column:].strip()]
        self.starts.insert(index + 1, self.starts[index] + column)
        self.kinds.insert(index + 1, "")

    def span(self, index: int) -> tuple[int, int]:
        """Span of line ``index`` without the blanks around it."""
        line = self.lines[index]
        start = self.starts[index] + len(line) - len(line.lstrip())
        return (start, start + len(line.strip()))
