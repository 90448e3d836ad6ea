"""Where words of a restored paragraph stand in the original text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from cablegram.cable import Cable
from cablegram.record import Paragraph
from cablegram.spans import Span


class Originals:
    """Takes places in the restored texts of a cable's paragraphs back to its original."""

    def __init__(self, cable: Cable) -> None:
        self.paragraphs, self._original = cable.paragraphs, cable.original
        self._edits = [edit for edit in cable.edits if edit.applied]
        self._starts = [edit.span[0] for edit in self._edits]
        self._known: dict[int, tuple[list[int], list[Span], list[bool], int] | None] = {}

    def span(self, first: int, start: int, last: int, end: int) -> Span:
        """The characters of the original from ``start`` in the text of paragraph ``first`` up to ``end`` in that of ``last``; a point
        stays one. It takes in a repair whole; a text that cannot be put back exactly (pages with entities) gives its paragraph's span.
        """
        if (first, start) == (last, end):
            at = self._at(first, start, start > 0)
            return (at, at)
        at = self._at(first, start, False)
        return (at, max(at, self._at(last, end, True)))

    def _at(self, at: int, offset: int, is_end: bool) -> int:
        if at not in self._known:
            self._known[at] = self._segments(self.paragraphs[at])
        known = self._known[at]
        if known is None:
            return self.paragraphs[at].span[is_end]
        inner, outer, exact, shift = known
        offset += shift
        n = max(bisect_right(inner, offset - is_end) - 1, 0)
        start, end = outer[n]
        return min(start + offset - inner[n], end) if exact[n] else end if is_end else start

    def _segments(self, paragraph: Paragraph) -> tuple[list[int], list[Span], list[bool], int] | None:
        """Where pieces of the restored text begin, where they stand in the original, whether character for character; and how long
        number and marking before the text are. None where replaying the edits does not give the text."""
        start, end = paragraph.span
        inner: list[int] = []
        outer: list[Span] = []
        exact: list[bool] = []
        parts: list[str] = []
        length = 0
        inside = self._edits[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        for stop, after, now in [*((edit.span[0], edit.span[1], edit.replacement) for edit in inside), (end, end, "")]:
            for text, span, same in ((self._original[start:stop], (start, stop), True), (now, (stop, after), False)):
                if text:
                    inner.append(length)
                    outer.append(span)
                    exact.append(same)
                    parts.append(text)
                    length += len(text)
            start = after
        if not inner or not "".join(parts).endswith(paragraph.text):
            return None
        return inner, outer, exact, length - len(paragraph.text)
