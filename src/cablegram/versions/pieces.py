"""The paragraphs of one version cut into runs by what the other version has in their place."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple

from cablegram.cable import Cable
from cablegram.versions.alignment import LEFT, RIGHT, SAME, Block, Words

RunKind = Literal["same", "only", "redacted", "shown", "changed"]


class Run(NamedTuple):
    """A piece of a paragraph's text at ``[start, end)`` of it. ``note`` is what the other version has in its place: the words where
    this one is ``redacted`` (None: the other shows none either), the redaction where it is ``shown``, the other words where ``changed``."""

    text: str
    kind: RunKind
    note: str | None
    start: int
    end: int


class Piece(NamedTuple):
    """A paragraph of one version, ``at`` its place among the record's paragraphs; the texts of its ``runs``, joined, are its text."""

    at: int
    number: int | None
    label: str | None
    marking: str | None
    kind: str
    heading: str | None
    runs: tuple[Run, ...]


class Place(NamedTuple):
    """Words of one version: from ``start`` in paragraph ``first`` up to ``end`` in paragraph ``last``; an empty ``text`` is a point."""

    first: int
    start: int
    last: int
    end: int
    text: str


class Version:
    """The paragraphs of one version that are compared together, and what is found in them."""

    __slots__ = ("marks", "paragraphs", "places", "words")

    def __init__(self, cable: Cable, keys: list[list[str]], places: list[int]) -> None:
        self.paragraphs, self.places = cable.paragraphs, places
        self.words = Words()
        for at in places:
            self.words.add(cable.paragraphs[at].text, keys[at], at)
        self.marks: dict[int, list[tuple[int, int, RunKind, str | None]]] = {at: [] for at in places}

    def text(self, first: int, end: int) -> str:
        """The words from ``first`` up to ``end``, with single blanks."""
        out: list[str] = []
        while first < end:
            last = (
                end
                if self.words.owner[first] == self.words.owner[end - 1]
                else bisect_right(self.words.owner, self.words.owner[first], first, end)
            )
            text = self.paragraphs[self.words.owner[first]].text
            out.append(text[self.words.starts[first] : self.words.ends[last - 1]])
            first = last
        return " ".join(" ".join(out).split())

    def place(self, first: int, end: int) -> Place | None:
        """The place of the words; a point behind the word before where there are none."""
        words = self.words
        if first < end:
            return Place(
                words.owner[first], words.starts[first], words.owner[end - 1], words.ends[end - 1], self.text(first, end)
            )
        if not self.places:
            return None
        at, point = (words.owner[first - 1], words.ends[first - 1]) if first else (self.places[0], 0)
        return Place(at, point, at, point, "")

    def mark(self, first: int, end: int, kind: RunKind, note: str | None) -> None:
        """Note words as of one kind; what is black among them is ``redacted`` in any case."""
        words = self.words
        at = first
        while at < end:
            last = at + 1
            if words.keys[at]:
                while last < end and words.keys[last] and words.owner[last] == words.owner[at]:
                    last += 1
            mine: RunKind = kind if words.keys[at] else "redacted"
            told = note if mine == kind else None
            self.marks[words.owner[at]].append((words.starts[at], words.ends[last - 1], mine, told))
            at = last

    def has_words(self, first: int, end: int) -> bool:
        """Whether anything there is not black."""
        return any(self.words.keys[first:end])

    def piece(self, at: int) -> Piece:
        """A paragraph with its runs."""
        paragraph = self.paragraphs[at]
        text = paragraph.text
        runs: list[Run] = []
        done = 0
        for start, end, kind, note in self.marks[at]:
            if start > done:
                runs.append(Run(text[done:start], "same", None, done, start))
            runs.append(Run(text[start:end], kind, note, start, end))
            done = end
        if done < len(text):
            runs.append(Run(text[done:], "same", None, done, len(text)))
        return Piece(at, paragraph.number, paragraph.label, paragraph.marking, paragraph.kind, paragraph.heading, tuple(runs))


def mark_block(block: Block, left: Version, right: Version) -> str | None:
    """Note a block's runs on both sides; the kind of difference it is."""
    kind, i, i_end, j, j_end = block
    shows_left, shows_right = left.has_words(i, i_end), right.has_words(j, j_end)
    if kind == SAME:
        return None
    if kind == LEFT and shows_right:
        left.mark(i, i_end, "redacted", right.text(j, j_end))
        right.mark(j, j_end, "shown", left.text(i, i_end))
        return "left redacted"
    if kind == RIGHT and shows_left:
        left.mark(i, i_end, "shown", right.text(j, j_end))
        right.mark(j, j_end, "redacted", left.text(i, i_end))
        return "right redacted"
    changed = shows_left and shows_right
    left.mark(i, i_end, "changed" if changed else "only", right.text(j, j_end) if changed else None)
    right.mark(j, j_end, "changed" if changed else "only", left.text(i, i_end) if changed else None)
    return "changed" if changed else "left only" if shows_left else "right only" if shows_right else None
