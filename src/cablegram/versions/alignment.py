"""Which words of two texts belong together, where either may have words blacked out.

Words and runs of words that stand once in both, in the same order, are fixed first (as in B. Cohen's patience diff); between them a
table of scores finds the best alignment, in which a redaction may stand for any words. The tables of one comparison have at most
``_CELLS`` cells together, those of paragraphs ``_PAIRS``, and no word is gone over more than ``_DEPTH`` times: time is in proportion
to ``n log n`` of the words plus a constant. Where the cells are used up, a stretch of words counts as changed whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from cablegram.telegram.tree import REDACTION

_CELLS: Final = 600_000
_PAIRS: Final = 60_000
_DEPTH: Final = 6
#: A table this small is made at once; a larger one only where no words fix its inside, up to the largest.
_SMALL: Final = 1600
_LARGE: Final = 90_000
#: A paragraph longer than this is not cut at signs inside its words.
_LONG: Final = 400_000
_NEVER: Final = -(10**9)
_WORD: Final = re.compile(rf"{REDACTION.pattern}|(?:(?!XXXX|xxxx)\w)+|\S")
_COARSE: Final = re.compile(rf"{REDACTION.pattern}|(?:(?!XXXX|xxxx)\S)+")
_FORMS: Final = str.maketrans("‘’‛`´“”„«»–—‐‑", "'''''" + '"""""' + "----")
#: What the wire made of apostrophes and quotation marks, where nobody could tell so surely that it was repaired.
_DAMAGED: Final = frozenset(",&8?q)")
_QUOTES: Final = frozenset("'\"")

#: Kinds of blocks: equal words; a redaction and what the other shows; both black; words that differ or that one lacks.
SAME, LEFT, RIGHT, BOTH, GAP = range(5)


class Block(NamedTuple):
    """A stretch of two sequences of words, ``[i, i_end)`` of one and ``[j, j_end)`` of the other, of one kind."""

    kind: int
    i: int
    i_end: int
    j: int
    j_end: int


class Words:
    """The words of some paragraphs, each with its paragraph (``owner``) and its place in it. A redaction has the key ``""``."""

    __slots__ = ("ends", "keys", "owner", "starts")

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.owner: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, text: str, keys: list[str], owner: int) -> None:
        """Put the words of ``text``, which have ``keys``, behind those held."""
        self.keys += keys
        self.owner += [owner] * len(keys)
        spans = [match.span() for match in _pattern(text).finditer(text)]
        self.starts += [start for start, _ in spans]
        self.ends += [end for _, end in spans]


def _pattern(text: str) -> re.Pattern[str]:
    return _WORD if len(text) <= _LONG else _COARSE


def keys_of(text: str) -> list[str]:
    """What the words of ``text`` are compared by; ``""`` for a redaction."""
    words = _pattern(text).findall(text if text.isascii() else text.translate(_FORMS))
    # Folded together, which takes a fraction of the time; no word has a line end in it.
    keys = "\n".join(words).casefold().split("\n") if words else []
    if "xxxx" in text or "XXXX" in text:
        return ["" if word.startswith(("XXXX", "xxxx")) else key for word, key in zip(words, keys, strict=True)]
    return keys


def count_words(text: str) -> int:
    """How many words :func:`keys_of` has that begin with a letter or digit, redactions left out, without folding them."""
    words = _pattern(text).findall(text if text.isascii() else text.translate(_FORMS))
    return sum(word[0].isalnum() and not word.startswith(("XXXX", "xxxx")) for word in words)


class Purse:
    """What may still be spent on tables in one comparison."""

    __slots__ = ("cells", "pairs")

    def __init__(self) -> None:
        self.cells = _CELLS
        self.pairs = _PAIRS


def anchors(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of what stands once in both, the most of them that are in order in both. ``None`` is nothing to go by."""
    places: list[dict[Hashable, int]] = []
    for side in (one, other):
        seen: dict[Hashable, int] = {}
        for at, key in enumerate(side):
            seen[key] = -1 if key in seen else at
        seen.pop(None, None)
        places.append(seen)
    pairs = [(i, j) for key, i in places[0].items() if i >= 0 and (j := places[1].get(key, -1)) >= 0]
    pairs.sort()
    tails: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for n, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        before.append(tops[at - 1] if at else -1)
        tails[at : at + 1] = [j]
        tops[at : at + 1] = [n]
    out: list[tuple[int, int]] = []
    at = tops[-1] if tops else -1
    while at >= 0:
        out.append(pairs[at])
        at = before[at]
    return out[::-1]


def _cost(key: str) -> int:
    return 3 if not key else 2 if key[0].isalnum() else 1


def _table(one: Sequence[str], other: Sequence[str]) -> list[tuple[str, int, int]]:
    """The best steps from the ends of both to their beginnings: ``=`` equal, ``p`` both black, ``s`` for each other, ``d`` only in
    one, ``i`` only in the other, ``A`` a redaction of one stands for a word of the other, ``B`` the other way about."""
    costs = [_cost(key) for key in other]
    best = [0]
    for cost in costs:
        best.append(best[-1] - cost)
    under = [_NEVER] * (len(other) + 1)  # best score where the other's redaction j stands for a word just before
    codes = [bytearray([2]) * (len(other) + 1)]
    for word in one:
        cost, black, gain = _cost(word), not word, min(len(word), 4) if word[:1].isalnum() else 1
        row, over = [best[0] - cost], _NEVER
        code = bytearray([1])
        for j, (its, its_cost) in enumerate(zip(other, costs, strict=True)):
            diagonal = best[j]
            if word == its:
                score = diagonal + (3 if black else gain)
            elif black or not its:
                score = _NEVER
            else:
                score = diagonal - (1 if cost == its_cost else 3)
            step = 0
            if best[j + 1] - cost > score:
                score, step = best[j + 1] - cost, 1
            if row[j] - its_cost > score:
                score, step = row[j] - its_cost, 2
            if black:
                if diagonal + (1 if its else 2) > over:
                    over = diagonal + (1 if its else 2)
                    step |= 8
                if over > score:
                    score, step = over, step & 24 | 3
            if not its:
                if diagonal + (2 if black else 1) > under[j + 1]:
                    under[j + 1] = diagonal + (2 if black else 1)
                    step |= 16
                if under[j + 1] > score:
                    score, step = under[j + 1], step & 24 | 4
            row.append(score)
            code.append(step)
        best = row
        codes.append(code)
    return _steps(one, other, codes)


def _steps(one: Sequence[str], other: Sequence[str], codes: list[bytearray]) -> list[tuple[str, int, int]]:
    i, j, state = len(one), len(other), 0
    out: list[tuple[str, int, int]] = []
    while i or j:
        code = codes[i][j]
        step = state or code & 7
        state = 0
        if step == 1 or not j:
            i -= 1
            out.append(("d", i, j))
        elif step == 2 or not i:
            j -= 1
            out.append(("i", i, j))
        elif step == 3:
            j -= 1
            out.append(("A", i - 1, j))
            i, state = (i - 1, 0) if code & 8 else (i, 3)
        elif step == 4:
            i -= 1
            out.append(("B", i, j - 1))
            j, state = (j - 1, 0) if code & 16 else (j, 4)
        else:
            i, j = i - 1, j - 1
            out.append(("s" if one[i] != other[j] else "=" if one[i] else "p", i, j))
    return out


_STEP: Final = {
    "=": (SAME, 1, 1),
    "p": (BOTH, 1, 1),
    "s": (GAP, 1, 1),
    "d": (GAP, 1, 0),
    "i": (GAP, 0, 1),
    "A": (LEFT, 0, 1),
    "B": (RIGHT, 1, 0),
}


class _Aligner:
    def __init__(self, one: list[str], other: list[str], purse: Purse) -> None:
        self.one, self.other, self.purse = one, other, purse
        self.blocks: list[Block] = []

    def put(self, kind: int, i: int, i_end: int, j: int, j_end: int) -> None:
        """Add a block, or make the last one longer."""
        if i == i_end and j == j_end:
            return
        last = self.blocks[-1] if self.blocks else None
        if last is not None and last.kind == kind and kind in (SAME, GAP):
            self.blocks[-1] = Block(kind, last.i, i_end, last.j, j_end)
        else:
            self.blocks.append(Block(kind, i, i_end, j, j_end))

    def part(self, i: int, i_end: int, j: int, j_end: int, depth: int = 0) -> None:
        """Align one stretch."""
        one, other = self.one, self.other
        start, start_j = i, j
        while i < i_end and j < j_end and one[i] and one[i] == other[j]:
            i, j = i + 1, j + 1
        self.put(SAME, start, i, start_j, j)
        end, end_j = i_end, j_end
        while i_end > i and j_end > j and one[i_end - 1] and one[i_end - 1] == other[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
        self.inside(i, i_end, j, j_end, depth)
        self.put(SAME, i_end, end, j_end, end_j)

    def inside(self, i: int, i_end: int, j: int, j_end: int, depth: int) -> None:
        one, other = self.one[i:i_end], self.other[j:j_end]
        cells = len(one) * len(other)
        if not cells or (cells == 1 and one[0] and other[0]):
            self.put(GAP, i, i_end, j, j_end)
            return
        if _SMALL < cells or cells > self.purse.cells:
            for size in (3, 1) if depth < _DEPTH else ():
                fixed = anchors(_runs(one, size), _runs(other, size))
                if fixed:
                    at, at_j = i, j
                    for x, y in fixed:
                        if x + i > at or y + j > at_j:
                            self.part(at, x + i, at_j, y + j, depth + 1)
                        at, at_j = x + i + 1, y + j + 1
                        self.put(SAME, at - 1, at, at_j - 1, at_j)
                    self.part(at, i_end, at_j, j_end, depth + 1)
                    return
        if cells > min(_LARGE, self.purse.cells):
            # A lone redaction stands for all of the other side; for anything else nothing better can be said in the time.
            alone = LEFT if len(one) == 1 and not one[0] else RIGHT if len(other) == 1 and not other[0] else GAP
            self.put(alone, i, i_end, j, j_end)
            return
        self.purse.cells -= cells
        self.steps(_table(one, other), i, j)

    def steps(self, steps: list[tuple[str, int, int]], i: int, j: int) -> None:
        owner: tuple[str, int] | None = None
        for step, x, y in reversed(steps):
            kind, wide, wide_j = _STEP[step]
            mine = ("A", x) if step == "A" else ("B", y) if step == "B" else None
            if mine is not None and mine == owner:
                last = self.blocks[-1]
                self.blocks[-1] = last._replace(i_end=x + i + 1, j_end=y + j + 1)
            elif mine is not None:
                self.blocks.append(Block(kind, x + i, x + i + 1, y + j, y + j + 1))
            else:
                self.put(kind, x + i, x + i + wide, y + j, y + j + wide_j)
            owner = mine


def _runs(keys: list[str], size: int) -> Sequence[Hashable]:
    if size == 1:
        return [key if key[:1].isalnum() else None for key in keys]
    return [run if "" not in run else None for run in zip(keys, keys[1:], keys[2:], strict=False)]


def _equal(one: list[str], other: list[str]) -> bool:
    """Whether words differ in nothing but blanks or in a quotation mark that the wire damaged."""
    if "" in one or "" in other:
        return False
    if len(one) == len(other):
        return all(
            a == b or (a in _QUOTES and b in _DAMAGED) or (b in _QUOTES and a in _DAMAGED)
            for a, b in zip(one, other, strict=True)
        )
    return "".join(one) == "".join(other)


def align(one: list[str], other: list[str], purse: Purse) -> list[Block]:
    """Blocks that cover both sequences of keys, in order."""
    if not one or not other:
        return [Block(GAP, 0, len(one), 0, len(other))] if one or other else []
    found = _Aligner(one, other, purse)
    found.part(0, len(one), 0, len(other))
    out = _Aligner(one, other, purse)
    for n, block in enumerate(found.blocks):
        kind, i, i_end, j, j_end = block
        if kind == GAP and _equal(one[i:i_end], other[j:j_end]):
            kind = SAME
        elif kind == SAME and 0 < n < len(found.blocks) - 1 and all(
            by.kind == GAP and min(by.i_end - by.i, by.j_end - by.j) > 2 * (i_end - i) for by in (found.blocks[n - 1], found.blocks[n + 1])
        ):  # fmt: skip
            # One "the" between two long stretches that have nothing in common is chance.
            kind = GAP
        out.put(kind, i, i_end, j, j_end)
    return _settled(out.blocks, one, other)


def _settled(blocks: list[Block], one: list[str], other: list[str]) -> list[Block]:
    """``blocks`` where what one version alone has begins behind the sign that ends a sentence, not with it: the same sign stands behind it."""
    for n in range(1, len(blocks) - 1):
        before, gap, after = blocks[n - 1 : n + 2]
        if gap.kind != GAP or before.kind != SAME or after.kind != SAME:
            continue
        if gap.j == gap.j_end:
            sign, behind, its = one[gap.i], one[gap.i_end], other[gap.j]
        elif gap.i == gap.i_end:
            sign, behind, its = other[gap.j], other[gap.j_end], one[gap.i]
        else:
            continue
        if sign == behind == its and not sign[:1].isalnum():
            blocks[n - 1] = before._replace(i_end=before.i_end + 1, j_end=before.j_end + 1)
            blocks[n] = Block(GAP, gap.i + 1, gap.i_end + 1, gap.j + 1, gap.j_end + 1)
            blocks[n + 1] = after._replace(i=after.i + 1, j=after.j + 1)
    return [block for block in blocks if block.i < block.i_end or block.j < block.j_end]
