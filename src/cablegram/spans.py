"""Text with offsets: spans, and edits that can be replayed and undone.

All offsets count characters (code points) of the text that was given, from 0, end exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Span = tuple[int, int]


class Edit(NamedTuple):
    """One proposed or applied change of the original text.

    ``span`` is ``[start, end)`` in the original text, ``original`` the characters that stand there
    and ``replacement`` those that take their place, ``rule`` the name of the rule that says so. ``confidence`` runs from 0 to 1. A doubtful edit
    is kept with ``applied`` false: it is a proposal, and replaying leaves the text there as it is.
    """

    span: Span
    original: str
    replacement: str
    rule: str
    confidence: float
    applied: bool = True


def replay(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with every applied edit carried out.

    Edits must be sorted by span and must not overlap; ``ValueError`` if they do, or if an edit's
    original is not what stands at its span.
    """
    out: list[str] = []
    at = 0
    for edit in edits:
        if not edit.applied:
            continue
        start, end = edit.span
        if start < at or text[start:end] != edit.original:
            raise ValueError(f"edit {edit.rule} at {start} does not fit the text")
        out.append(text[at:start])
        out.append(edit.replacement)
        at = end
    out.append(text[at:])
    return "".join(out)


def undo(restored: str, edits: Iterable[Edit]) -> str:
    """Return the original text that :func:`replay` turned into ``restored`` with the same edits."""
    out: list[str] = []
    at = 0
    shift = 0
    for edit in edits:
        if not edit.applied:
            continue
        start = edit.span[0] + shift
        end = start + len(edit.replacement)
        if start < at or restored[start:end] != edit.replacement:
            raise ValueError(f"edit {edit.rule} at {edit.span[0]} was not replayed on this text")
        out.append(restored[at:start])
        out.append(edit.original)
        at = end
        shift += len(edit.replacement) - len(edit.original)
    out.append(restored[at:])
    return "".join(out)


class OffsetMap:
    """Maps offsets of a text that was taken out of a larger one back to the larger one.

    Built of segments ``(inner, outer, outer_end)``, sorted: from inner offset ``inner`` on, the characters stand at
    ``outer`` and after, up to ``outer_end``. A segment of one character may be longer outside: an entity.
    """

    __slots__ = ("_end", "_inner", "_outer")

    def __init__(self, segments: Sequence[tuple[int, int, int]]) -> None:
        self._inner = [inner for inner, _, _ in segments]
        self._outer = [outer for _, outer, _ in segments]
        self._end = [end for _, _, end in segments]

    def start(self, offset: int) -> int:
        """Outer offset of the character at inner ``offset``."""
        i = max(bisect_right(self._inner, offset) - 1, 0)
        return self._outer[i] + offset - self._inner[i]

    def end(self, offset: int) -> int:
        """Outer offset just behind the character before inner ``offset``."""
        if offset <= 0:
            return self.start(0)
        i = max(bisect_right(self._inner, offset - 1) - 1, 0)
        if i + 1 < len(self._inner) and self._inner[i + 1] == offset:
            return self._end[i]
        return min(self._outer[i] + offset - self._inner[i], self._end[i])

    def span(self, span: Span) -> Span:
        """Outer span of an inner one; an empty span stays empty."""
        start, end = span
        if start >= end:
            at = self.start(start)
            return (at, at)
        return (self.start(start), self.end(end))
