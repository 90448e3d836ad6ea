"""A manuscript's text made even for reading: one kind of blank, of dash and of quotation mark, no hyphens of line ends; offsets lead back."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final

from cablegram.spans import OffsetMap

#: One character for another, so that offsets stay as they are.
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033"), '"'),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4`"), "'"),
    **dict.fromkeys(
        map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\f\v"), " "
    ),
}
#: A word that a line end cuts: ``tele-`` / ``gram``. What goes on with a digit or a capital keeps its hyphen.
_CUT: Final = re.compile(r"(?<=[a-zß-ÿ])[-\u2010\u00ad] ?\n[ ]{0,8}(?=[a-zß-ÿ])")
_BLANKS: Final = re.compile(r" *\n[ \n]*| {2,}|&nbsp;")
#: Nothing to see: soft hyphens, zero-width blanks and joiners, byte order marks, marks of direction.
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]+")
_EVENTS: Final = re.compile(f"{_CUT.pattern}|{_UNSEEN.pattern}|(?P<blank>{_BLANKS.pattern})")


class Even:
    """``text`` is the even form of a manuscript's text: lines joined, an empty line between paragraphs a single ``\\n``. ``span`` leads back."""

    __slots__ = ("_inner", "_map", "_outer", "text")

    def __init__(self, source: str) -> None:
        source = source.translate(_ALIKE)
        pieces: list[str] = []
        segments: list[tuple[int, int, int]] = []
        size = at = 0
        for found in _EVENTS.finditer(source):
            start, end = found.span()
            if at < start:
                segments.append((size, at, start))
                pieces.append(source[at:start])
                size += start - at
            if found["blank"] is not None:
                segments.append((size, start, end))
                pieces.append("\n" if found["blank"].count("\n") > 1 else " ")
                size += 1
            at = end
        if at < len(source):
            segments.append((size, at, len(source)))
            pieces.append(source[at:])
        self.text = "".join(pieces)
        self._map = OffsetMap(segments or [(0, 0, 0)])
        self._inner = [inner for inner, _, _ in segments]
        self._outer = [outer for _, outer, _ in segments]

    def offsets(self, given: Sequence[int]) -> list[int]:
        """Offsets of the manuscript's text as those of the even one; what has no place there goes to the next that has."""
        out = []
        for offset in given:
            n = bisect_right(self._outer, offset) - 1
            if n < 0:
                out.append(0)
                continue
            limit = self._inner[n + 1] if n + 1 < len(self._inner) else len(self.text)
            out.append(min(self._inner[n] + offset - self._outer[n], limit))
        return out

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place of ``[start, end)`` of the even text in the manuscript's."""
        return self._map.span((start, end))


@cache
def _plain(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", character).casefold() if c.isalnum())


class Squeezed:
    """Letters and digits only, without case and accents, and where words begin and end: how two texts are compared that differ in capitals,
    punctuation, hyphens and line ends."""

    __slots__ = ("ends", "starts", "text")

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.text = "".join(words)
        ends = list(accumulate(map(len, words)))
        self.ends = set(ends)
        self.starts = {0, *ends}

    def find(self, part: str, start: int = 0) -> int:
        """Where the squeezed ``part`` stands as whole words, from ``start`` on; -1 where it does not."""
        at = self.text.find(part, start)
        while at >= 0 and not (at in self.starts and at + len(part) in self.ends):
            at = self.text.find(part, at + 1)
        return at


_WORD: Final = re.compile(r"[^\W_]+")
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'\u2019\u2018\u02bc"))


def words_of(text: str) -> list[str]:
    """The words of ``text`` without case, accents, apostrophes and punctuation."""
    text = text.translate(_APOSTROPHES).casefold()
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return [word for found in _WORD.findall(text) if (word := "".join(map(_plain, found)))]
