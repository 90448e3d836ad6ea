"""The text of a cable as it is read, with the way back to its original and to its paragraphs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from cablegram.cable import Cable
from cablegram.spans import Span


class View:
    """``text`` is the original with all applied edits carried out: no page break or line end stands inside a name any more."""

    def __init__(self, cable: Cable) -> None:
        original = cable.original
        parts: list[str] = []
        self._inner: list[int] = []
        self._outer: list[Span] = []
        self._exact: list[bool] = []
        length = at = 0
        for edit in cable.edits:
            if not edit.applied or edit.span[0] < at:
                continue
            start, end = edit.span
            for piece, span, exact in ((original[at:start], (at, start), True), (edit.replacement, (start, end), False)):
                if piece:
                    self._inner.append(length)
                    self._outer.append(span)
                    self._exact.append(exact)
                    parts.append(piece)
                    length += len(piece)
            at = end
        self._inner.append(length)
        self._outer.append((at, len(original)))
        self._exact.append(True)
        parts.append(original[at:])
        self.text = "".join(parts)
        self._begins = [start for start, _ in self._outer]
        self._paragraphs = cable.paragraphs
        self._starts = [paragraph.span[0] for paragraph in cable.paragraphs]
        self._original = original
        self._known: dict[int, Span | None] = {}

    def outer(self, span: Span) -> Span:
        """The place in the original of a place in the text, repairs taken in whole."""
        start, end = span
        first = bisect_right(self._inner, start) - 1
        last = bisect_left(self._inner, end) - 1
        low, high = self._outer[first][0], self._outer[last][1]
        if self._exact[first]:
            low += start - self._inner[first]
        if self._exact[last]:
            high = self._outer[last][0] + end - self._inner[last]
        return low, high

    def pieces(self, span: Span) -> list[Span]:
        """The same in pieces: what stood on the page between them, other than blanks and line ends, is no part of it."""
        start, end = span
        first, last = bisect_right(self._inner, start) - 1, bisect_left(self._inner, end) - 1
        out: list[Span] = []
        for n in range(first, last + 1):
            low, high = self._outer[n]
            if self._exact[n]:
                low, high = low + max(0, start - self._inner[n]), min(high, low + end - self._inner[n])
            elif self._original[low:high].replace("&#x000A;", "").strip():
                if "\n" in self._original[low:high] or "&#x000A;" in self._original[low:high]:
                    continue
            if out and out[-1][1] == low:
                out[-1] = (out[-1][0], high)
            elif low < high:
                out.append((low, high))
        return out

    def paragraph(self, outer: Span) -> int | None:
        """The place among the paragraphs of a place in the original."""
        n = bisect_right(self._starts, outer[0]) - 1
        return n if n >= 0 and outer[0] < self._paragraphs[n].span[1] else None

    def in_paragraph(self, n: int, span: Span) -> Span | None:
        """The place in the text of paragraph ``n`` of a place in this text; None where the paragraph's text is another."""
        if n not in self._known:
            self._known[n] = self._text_of(n)
        known = self._known[n]
        if known is None or span[0] < known[0] or span[1] > known[1]:
            return None
        return span[0] - known[0], span[1] - known[0]

    def _text_of(self, n: int) -> Span | None:
        """Where the text of paragraph ``n`` stands in this text, behind its number and marking."""
        paragraph = self._paragraphs[n]
        begin, end = (self._within(at) for at in paragraph.span)
        shift = end - len(paragraph.text)
        return (shift, end) if shift >= begin and self.text.startswith(paragraph.text, shift) else None

    def _within(self, offset: int) -> int:
        """The place in this text of the character at ``offset`` of the original."""
        n = max(0, bisect_right(self._begins, offset) - 1)
        start, end = self._outer[n]
        return self._inner[n] + (min(offset, end) - start if self._exact[n] else 0)
