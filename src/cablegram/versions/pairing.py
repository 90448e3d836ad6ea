"""Which paragraphs of two versions belong together.

Those with the same words are fixed first, then those with the same number, beginning or end; where few enough are left between two
fixed ones, a table of likenesses decides. The tables of one comparison have ``Purse.pairs`` entries together.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Final

from cablegram.record import Paragraph
from cablegram.versions.alignment import Purse, anchors

Pair = tuple[int | None, int | None]
#: The largest table.
_LARGE: Final = 4096
#: Words by which the likeness of paragraphs is judged.
_JUDGED: Final = 300
#: A paragraph with a redaction and fewer words than this may be any.
_FEW: Final = 4
#: Likeness that two paragraphs of one telegram have at least.
_ALIKE: Final = 0.33


class _Like:
    """A paragraph as it is judged by: its words, whether all of it is black, and its number or letter."""

    __slots__ = ("_words", "black", "keys", "number")

    def __init__(self, paragraph: Paragraph, keys: list[str]) -> None:
        self.keys = tuple(keys)
        self.black = "" in keys and len(self.plain()) < _FEW
        self.number = paragraph.number if paragraph.number is not None else paragraph.label
        self._words: frozenset[str] | None = None

    def plain(self) -> frozenset[str]:
        """Its words without signs and redactions."""
        return frozenset(key for key in self.keys[:_JUDGED] if key[:1].isalnum())

    @property
    def words(self) -> frozenset[str]:
        """The words that it is judged by: the longer ones, if it has enough of them; any two texts share their small words."""
        if self._words is None:
            words = self.plain()
            long = frozenset(word for word in words if len(word) > 3)
            self._words = long if len(long) > 2 else words
        return self._words

    def score(self, other: _Like) -> float:
        """How much speaks for their being one paragraph; 0: nothing."""
        same = self.number is not None and self.number == other.number
        if self.black or other.black:
            return 2.0 if same else 0.4
        fewer = min(len(self.words), len(other.words))
        redacted = "" in self.keys or "" in other.keys
        total = fewer if redacted else (len(self.words) + len(other.words)) / 2
        likeness = len(self.words & other.words) / total if total else float(self.keys == other.keys)
        if likeness < _ALIKE:
            return 0.5 if same else 0.0
        return 3 * likeness + same


def _pair_table(one: list[_Like], other: list[_Like]) -> list[tuple[int, int]]:
    rows = [[0.0] * (len(other) + 1)]
    scores = [[mine.score(its) for its in other] for mine in one]
    for likes in scores:
        above, row = rows[-1], [0.0]
        for j, like in enumerate(likes):
            row.append(max(above[j] + like, above[j + 1], row[j]))
        rows.append(row)
    out: list[tuple[int, int]] = []
    i, j = len(one), len(other)
    while i and j:
        if scores[i - 1][j - 1] > 0 and rows[i][j] == rows[i - 1][j - 1] + scores[i - 1][j - 1]:
            i, j = i - 1, j - 1
            out.append((i, j))
        elif rows[i][j] == rows[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return out[::-1]


def _whole(like: _Like) -> Hashable:
    return None if like.black else like.keys


_BY: Final[tuple[Callable[[_Like], Hashable], ...]] = (
    _whole, lambda like: like.number, lambda like: None if "" in like.keys[:6] else like.keys[:6], lambda like: None if "" in like.keys[-6:] else like.keys[-6:],
)  # fmt: skip


def _paired(one: list[_Like], other: list[_Like], purse: Purse) -> list[Pair]:
    """Which paragraphs belong together, in reading order; one that stands alone has None beside it."""
    out: list[Pair] = []

    def part(i: int, i_end: int, j: int, j_end: int, by: int) -> None:
        cells = (i_end - i) * (j_end - j)
        if 0 < by <= len(_BY) and 0 < cells <= min(_LARGE, purse.pairs):
            purse.pairs -= cells
            fixed = _pair_table(one[i:i_end], other[j:j_end])
            by = len(_BY) + 1  # what the table leaves alone stays alone
        elif cells and by < len(_BY):
            fixed = anchors([_BY[by](like) for like in one[i:i_end]], [_BY[by](like) for like in other[j:j_end]])
        else:
            out.extend((n, None) for n in range(i, i_end))
            out.extend((None, n) for n in range(j, j_end))
            return
        at, at_j = i, j
        for x, y in fixed:
            part(at, x + i, at_j, y + j, by + 1)
            out.append((x + i, y + j))
            at, at_j = x + i + 1, y + j + 1
        part(at, i_end, at_j, j_end, by + 1)

    part(0, len(one), 0, len(other), 0)
    return out


def pair_paragraphs(
    one: Sequence[Paragraph], other: Sequence[Paragraph], keys: Sequence[list[list[str]]], purse: Purse
) -> list[list[Pair]]:
    """Pairs of paragraphs, whose words have ``keys``; with each pair those beside it that stand alone because the other version has them joined."""
    out: list[list[Pair]] = []
    vocabulary: dict[tuple[int, int], frozenset[str]] = {}

    def words(side: int, at: int) -> frozenset[str]:
        if (side, at) not in vocabulary:
            vocabulary[side, at] = frozenset(keys[side][at]) - {""}
        return vocabulary[side, at]

    def belongs(alone: Pair, pair: Pair) -> bool:
        side = int(alone[0] is None)
        at, own, opposite = alone[side], pair[side], pair[1 - side]
        if at is None or own is None or opposite is None:
            return False
        mine = words(side, at)
        shared = len(mine & words(1 - side, opposite))
        return len(mine) > 2 and shared >= 0.7 * len(mine) and shared - len(mine & words(side, own)) >= 0.3 * len(mine)

    likes = [[_Like(*pair) for pair in zip(side, its, strict=True)] for side, its in zip((one, other), keys, strict=True)]
    waiting: list[Pair] = []
    pair: Pair = (None, None)
    for row in _paired(likes[0], likes[1], purse):
        if None in row:
            if not waiting and belongs(row, pair):
                out[-1].append(row)
            else:
                waiting.append(row)
            continue
        pair, joined = row, len(waiting)
        while joined and belongs(waiting[joined - 1], pair):
            joined -= 1
        out += [[alone] for alone in waiting[:joined]]
        out.append([*waiting[joined:], pair])
        waiting = []
    return out + [[alone] for alone in waiting]
