"""Highlights and snippets: where in a text the words of a query stand, and the pieces of a cable that show them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from cablegram.archive.codec import Place, Stored, words
from cablegram.archive.compile import Scope
from cablegram.archive.match import fits_wild, spellings
from cablegram.archive.words import fold, words_of
from cablegram.query.syntax import Phrase, Word
from cablegram.spans import Span

#: Characters of a snippet, about.
WIDTH: Final = 260
MOST: Final = 3
_MOST_MARKS: Final = 2000
#: Spellings of a leaf that are looked for in a text.
_MOST_SPELLINGS: Final = 64
_WORD: Final = re.compile(r"[^\W_]+")
_ONE_WORD: Final = re.compile(r"[^\W_*?]*(?:[*?][^\W_*?]*)*")
_BETWEEN: Final = r"(?:['’‘ʼ´`]s)?[\W_]{1,12}"


class Snippet(NamedTuple):
    """A piece of a cable: ``paragraph`` is its number or label, None where it has none; ``seq`` its place among the
    paragraphs, from 0; ``marks`` the places in ``text`` of what was searched for."""

    paragraph: int | str | None
    seq: int | None
    text: str
    marks: tuple[Span, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"paragraph": self.paragraph, "seq": self.seq, "text": self.text, "marks": [list(mark) for mark in self.marks]}


class _Leaf:
    """What to look for, for one word or phrase of a query."""

    __slots__ = ("literals", "loose", "needed", "pattern", "wild")

    def __init__(self, leaf: Word | Phrase) -> None:
        self.literals: tuple[str, ...] = ()
        #: Spellings of each word of a phrase: a text that lacks one of the words is not looked through.
        self.needed: tuple[tuple[str, ...], ...] = ()
        self.pattern: re.Pattern[str] | None = None
        self.loose: re.Pattern[str] | None = None
        #: A word with wild cards, where it is one word: a pattern with many stars would take a time that grows with each of them.
        self.wild: str | None = None
        if isinstance(leaf, Word) and leaf.wild:
            if _ONE_WORD.fullmatch(leaf.text):
                self.wild = fold(leaf.text)
                return
            self.pattern = re.compile(rf"(?<![^\W_]){_wild(leaf.text)}(?![^\W_])")
            return
        spelled = spellings(leaf.text, isinstance(leaf, Word) and leaf.exact)
        if isinstance(leaf, Word) and leaf.fuzzy:
            self.literals = tuple(one[0] for one in spelled)
        elif len(spelled) == 1:
            self.literals = tuple(spelled[0])
            self.loose = re.compile("|".join(map(_loose, spelled[0][:_MOST_SPELLINGS])))
        elif spelled:
            near = leaf.near if isinstance(leaf, Phrase) else 0
            self.needed = tuple(tuple(one[:_MOST_SPELLINGS]) for one in spelled)
            self.pattern = _phrase(self.needed, near)
            if isinstance(leaf, Word):
                self.loose = re.compile(_loose("".join(one[0] for one in spelled)))

    def find(self, text: str) -> list[Span]:
        """Places in a text that :func:`cablegram.archive.words.fold` has gone over."""
        if self.wild is not None:
            return [match.span() for match in _WORD.finditer(text) if fits_wild(self.wild, match[0])]
        if self.pattern is not None:
            if not all(any(word in text for word in one) for one in self.needed):
                return []
            return [match.span() for match in self.pattern.finditer(text)]
        out: list[Span] = []
        for word in self.literals:
            at = text.find(word)
            while at >= 0:
                end = at + len(word)
                if not (at and text[at - 1].isalnum()) and not (end < len(text) and text[end].isalnum()):
                    out.append((at, end))
                at = text.find(word, end)
        return out

    def find_loosely(self, text: str) -> list[Span]:
        """The same, where letters may be spaced or stand apart by apostrophes and full stops."""
        return [match.span() for match in self.loose.finditer(text)] if self.loose is not None else []


def _wild(text: str) -> str:
    return "".join({"*": r"[^\W_]*", "?": r"[^\W_]"}.get(part) or re.escape(fold(part)) for part in re.split(r"([*?])", text))


def _loose(word: str) -> str:
    return r"(?<![^\W_])" + r"['’‘ʼ´`. -]{0,2}".join(map(re.escape, word)) + r"(?![^\W_])"


def _phrase(spelled: Sequence[Sequence[str]], near: int) -> re.Pattern[str]:
    gap = rf"{_BETWEEN}(?:[^\W_]{{1,40}}[\W_]{{1,12}}){{0,{near}}}?" if near else _BETWEEN
    ways = [spelled] if not near else [spelled, spelled[::-1]]
    return re.compile("|".join(_way(way, gap) for way in ways))


def _way(spelled: Sequence[Sequence[str]], gap: str) -> str:
    """The words in this order. What stands before the first is looked at after it: the pattern engine skips to a word quickly."""
    first, *others = [[re.escape(word) for word in one] for one in spelled]
    begun = "|".join(rf"{word}(?<![^\W_]{word})" for word in first)
    rest = "".join(gap + "(?:" + "|".join(one) + ")" for one in others)
    return (f"(?:{begun})" if len(first) > 1 else begun) + rest + r"(?![^\W_])"


class Highlighter:
    """Finds what the ``leaves`` of a query ask for in texts."""

    def __init__(self, leaves: Sequence[Word | Phrase], scopes: Sequence[Scope] = ()) -> None:
        self._leaves = [_Leaf(leaf) for leaf in leaves if words_of(leaf.text) or (isinstance(leaf, Word) and leaf.wild)]
        self._scopes = scopes

    def marks(self, text: str) -> list[Span]:
        """Places in ``text``, in order, none inside another."""
        return _merged([span for spans in self._found(text, loosely=True) for span in spans])

    def _found(self, text: str, loosely: bool) -> list[list[Span]]:
        folded = fold(text)
        out: list[list[Span]] = []
        for leaf in self._leaves:
            spans = leaf.find(folded)
            out.append(leaf.find_loosely(folded) if loosely and not spans else spans)
        return out

    def snippets(self, stored: Stored, text: str | None) -> list[Snippet]:
        """The paragraphs that show most of what was asked, in their order; the first one where none does."""
        told = [(place, words(place, text)) for place in stored.paragraphs]
        if not told:
            return []
        chosen: list[tuple[int, list[list[Span]]]] = []
        if self._leaves:
            for loosely in (False, True):
                found = [(n, self._found(said, loosely)) for n, (place, said) in enumerate(told) if self._within(place)]
                chosen = [(n, spans) for n, spans in found if any(spans)]
                if chosen:
                    break
        # Most different words first, then most places, then the order of the text.
        chosen.sort(key=lambda one: (-sum(map(bool, one[1])), -sum(map(len, one[1])), one[0]))
        if not chosen:
            place, said = next(((p, s) for p, s in told if p.kind == "summary"), told[0])
            return [_cut(place, told.index((place, said)), said, [])]
        return [_cut(*_at(told, n), _merged([span for one in spans for span in one])) for n, spans in sorted(chosen[:MOST])]

    def _within(self, place: Place) -> bool:
        return not self._scopes or any(scope.holds(place) for scope in self._scopes)


def _at(told: list[tuple[Place, str]], n: int) -> tuple[Place, int, str]:
    return told[n][0], n, told[n][1]


def _merged(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted(spans)[:_MOST_MARKS]:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _cut(place: Place, seq: int, text: str, marks: list[Span]) -> Snippet:
    """The part of a paragraph that shows most marks, cut between words."""
    low, high = 0, len(text)
    if high > WIDTH:
        best, first = -1, 0
        for n, (start, _) in enumerate(marks):
            count = sum(1 for _, end in marks[n : n + 50] if end <= start + WIDTH - 60)
            if count > best:
                best, first = count, start
        low = max(0, min(first - 60, high - WIDTH))
        high = min(len(text), low + WIDTH)
        low = text.find(" ", low, low + 40) + 1 or low if low else 0
        high = max(text.rfind(" ", high - 40, high), low + 1) if high < len(text) else high
        if text.rfind(" ", high - 40, high) < 0 and high < len(text):
            high = min(len(text), low + WIDTH)
    head, tail = "…" if low else "", "…" if high < len(text) else ""
    shift = low - len(head)
    kept = tuple((max(start, low) - shift, min(end, high) - shift) for start, end in marks if end > low and start < high)
    shown = place.number if place.number is not None else place.label
    return Snippet(shown, seq, head + text[low:high] + tail, kept)
