"""Quotations: where a manuscript has words in quotation marks, and whether a cable has them, across repairs, section breaks and ellipses."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.check.evening import Squeezed, words_of
from cablegram.check.results import Change
from cablegram.query.errors import QueryError

_DOUBLE: Final = re.compile(r'(?<![\w"])"(?=[\w\[(.$\'*_<])([^"\n]{1,2000})"(?!\w)')
_SINGLE: Final = re.compile(r"(?<![\w'])'(?=[\w\[(.$])((?:[^'\n]|(?<=\w)'(?=\w)){12,1000})'(?!\w)")
_ELLIPSIS: Final = re.compile(r"\[ ?(?:\.{3,4}|…|\. \. \.) ?\]|\( ?(?:\.{3}|…) ?\)|\.{3,4}|…|\. \. \.(?: \.)?")
#: One letter made large or small: ``[T]he``.
_LETTER: Final = re.compile(r"\[(\w)\](?=\w)")
_SIC: Final = re.compile(r"\[ ?[Ss]ic!? ?\]")
_INSERTED: Final = re.compile(r"\[[^\]]{0,200}\]")
_PROTECT: Final = re.compile(r"\s?\((?:strictly |please )?protect(?: strictly)?\)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
#: Words that an insertion in brackets may stand for.
_INSERTION: Final = 60
#: Share of the words that must be the same for a quotation that differs, rather than one that is of something else.
_ALIKE: Final = 0.6
_FEWEST: Final = 3
_SEARCHED: Final = 7


class Quoted(NamedTuple):
    """Words in quotation marks, ``[start, end)`` in the even text without the marks; ``block``: set off without marks."""

    start: int
    end: int
    text: str
    block: bool = False

    @property
    def is_short(self) -> bool:
        """Whether it is too short to be missed: a word or two in quotation marks are often no quotation."""
        words = words_of(self.text)
        return len(words) < _FEWEST or sum(map(len, words)) < 12


class Found(NamedTuple):
    """Where a cable has the words: ``result`` is ``exact``, ``differs`` or ``not found``; ``paragraph`` the label of the one they begin in;
    ``share`` how many of the words are the same, from 0 to 1."""

    result: str
    paragraph: str | None = None
    changes: tuple[Change, ...] = ()
    share: float = 0.0


def quotations(text: str) -> list[Quoted]:
    """All words in quotation marks of an even text; single marks count in a paragraph that has no double ones."""
    out: list[Quoted] = []
    for line in re.finditer(r"[^\n]+", text):
        here = [Quoted(*found.span(1), found[1]) for found in _DOUBLE.finditer(text, line.start(), line.end())]
        if not here:
            here = [Quoted(*found.span(1), found[1]) for found in _SINGLE.finditer(text, line.start(), line.end())]
        out += here
    return out


class _Text:
    """A cable's text, made ready to be searched; what only quotations that differ need is made when it is asked for."""

    def __init__(self, pieces: Sequence[tuple[str | None, str]]) -> None:
        self._pieces = pieces
        self.squeezed = Squeezed("\n".join(piece for _, piece in pieces))

    def paragraph_at(self, offset: int) -> str | None:
        """The label of the piece in which a character of the squeezed text stands."""
        n = bisect_right(self._starts, offset) - 1
        return self._pieces[n][0] if n >= 0 else None

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(sum(map(len, words_of(piece))) for _, piece in self._pieces)]

    @cached_property
    def shown(self) -> list[str]:
        """The words as they stand."""
        return [word for _, piece in self._pieces for word in _TOKEN.findall(piece)]

    @cached_property
    def words(self) -> list[str]:
        """The words as they are compared."""
        return ["".join(words_of(word)) for word in self.shown]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each word stands."""
        out: dict[str, list[int]] = {}
        for n, word in enumerate(self.words):
            out.setdefault(word, []).append(n)
        return out


def _pieces(cable: Cable) -> list[tuple[str | None, str]]:
    """Subject and paragraphs, without the signs that a name is to be protected, which no one quotes."""
    out: list[tuple[str | None, str]] = [("subject", cable.subject or "")]
    for p in cable.paragraphs:
        label = str(p.number) if p.number is not None else p.label
        if p.heading:
            out.append((label, p.heading))
        out.append((label, _PROTECT.sub("", p.text)))
    return out


class Quoter:
    """Looks for quotations in the cables of one archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._first = lru_cache(500)(self._made)
        self._others = lru_cache(100)(self._made_others)

    def _made(self, key: str) -> _Text | None:
        """The restored text of a cable, paragraph by paragraph."""
        cable = self._archive.get(key)
        return _Text(_pieces(cable)) if cable is not None else None

    def _made_others(self, key: str) -> tuple[_Text, ...]:
        """Its other texts: restored as a whole, as it came, and those of its other versions."""
        cable = self._archive.get(key)
        if cable is None:
            return ()
        texts = [_Text([(None, cable.text or "")]), _Text([(None, cable.original)])]
        for version in self._archive.versions(key):
            other = self._archive.get(key, version.version) if not version.current else None
            if other is not None:
                texts.append(_Text(_pieces(other)))
        return tuple(texts)

    def has(self, key: str, quoted: str) -> bool:
        """Whether the cable has exactly these words."""
        return self._exact(key, quoted) is not None

    def look(self, key: str, quoted: str) -> Found:
        """Whether the cable ``key`` has these words, or which like them."""
        exact = self._exact(key, quoted)
        first = self._first(key)
        return exact if exact is not None else _nearest(first, quoted) if first is not None else Found("not found")

    def _exact(self, key: str, quoted: str) -> Found | None:
        first = self._first(key)
        segments = _segments(_PROTECT.sub("", quoted))
        if first is None:
            return None
        at = _find(first.squeezed, segments)
        if at is not None:
            return Found("exact", first.paragraph_at(at), (), 1.0)
        for text in self._others(key):
            at = _find(text.squeezed, segments)
            if at is not None:
                return Found("exact", text.paragraph_at(at), (), 1.0)
        return None

    def elsewhere(self, quoted: str, but: str | None) -> str | None:
        """Another held cable that has these words exactly, or None."""
        words = max((words_of(part) for part, _ in _segments_shown(quoted)), key=len, default=[])[:_SEARCHED]
        if len(words) < _FEWEST:
            return None
        try:
            hits = self._archive.search(f'"{" ".join(words)}"', limit=3, facets=False, snippets=False).hits
        except QueryError:
            return None
        return next((hit.id for hit in hits if hit.id != but and self.has(hit.id, quoted)), None)


def _segments_shown(quoted: str) -> list[tuple[str, int]]:
    """The parts of a quotation between ellipses and insertions, each with how many characters may stand before it: -1 for any."""
    text = _SIC.sub(" ", _LETTER.sub(r"\1", quoted))
    out: list[tuple[str, int]] = []
    for n, part in enumerate(_ELLIPSIS.split(text)):
        for m, inner in enumerate(_INSERTED.split(part)):
            if words_of(inner):
                out.append((inner, -1 if m == 0 or (n == 0 and not out) else _INSERTION))
    return out


def _segments(quoted: str) -> list[tuple[str, int]]:
    return [("".join(words_of(part)), reach) for part, reach in _segments_shown(quoted)]


def _find(text: Squeezed, segments: Sequence[tuple[str, int]]) -> int | None:
    """Where the first of the ``segments`` begins that stand in the text one after the other; None where they do not."""
    if not segments:
        return None
    first = text.find(segments[0][0])
    tries = 0
    while first >= 0 and tries < 50:
        at = first + len(segments[0][0])
        for segment, reach in segments[1:]:
            next_at = text.find(segment, at)
            if next_at < 0 or (reach >= 0 and next_at - at > reach):
                break
            at = next_at + len(segment)
        else:
            return first
        first = text.find(segments[0][0], first + 1)
        tries += 1
    return None


def _nearest(text: _Text, quoted: str) -> Found:
    """The words of the cable that are most like the quoted ones, with what differs."""
    shown = [word for part, _ in _segments_shown(quoted) for word in _TOKEN.findall(part)]
    words = ["".join(words_of(word)) for word in shown]
    if len(words) < _FEWEST:
        return Found("not found")
    room = max(4, len(words) // 4)
    votes: Counter[int] = Counter()
    for n, word in enumerate(words):
        places = text.places.get(word, ())
        if len(places) <= 200:
            votes.update({(place - n) // room for place in places})
    best = Found("not found")
    for slot, _ in votes.most_common(3):
        low = max(0, slot * room - room)
        high = min(len(text.words), slot * room + len(words) + 3 * room)
        matcher = SequenceMatcher(None, words, text.words[low:high], autojunk=False)
        blocks = [block for block in matcher.get_matching_blocks() if block.size]
        same = sum(block.size for block in blocks)
        share = same / len(words)
        if share <= best.share or not blocks:
            continue
        begin, stop = (
            max(0, blocks[0].b - blocks[0].a),
            min(high - low, blocks[-1].b + blocks[-1].size + len(words) - blocks[-1].a - blocks[-1].size),
        )
        spread = stop - begin
        if share < _ALIKE or same < _FEWEST - 1 or spread > 2 * len(words) + 6:
            best = max(best, Found("not found", share=share), key=lambda one: one.share)
            continue
        offset = sum(map(len, text.words[: low + begin]))
        best = Found(
            "differs",
            text.paragraph_at(offset),
            _changes(words, shown, text.words[low + begin : low + stop], text.shown[low + begin : low + stop]),
            share,
        )
    return best


def _changes(words: list[str], shown: list[str], theirs: list[str], theirs_shown: list[str]) -> tuple[Change, ...]:
    matcher = SequenceMatcher(None, words, theirs, autojunk=False)
    return tuple(
        Change(" ".join(shown[a:b]), " ".join(theirs_shown[c:d])) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"
    )
