"""Two versions of one cable, held against each other word by word: what only one has, what one blacks out, what was changed.

Paragraphs are paired first (same words, number, likeness), then the words inside each pair; ``alignment`` does both, and states the
bound on its time. Blanks, line ends, case, and the forms of quotation marks and dashes are no differences; nor are words that both
versions black out. A redaction is a run of four or more X, the only mark of one that the parser knows.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from cablegram.cable import Cable
from cablegram.versions.alignment import LEFT, Purse, Words, align, count_words, keys_of
from cablegram.versions.fields import FieldDifference, compare_fields, differing
from cablegram.versions.pairing import pair_paragraphs
from cablegram.versions.pieces import Piece, Place, Run, Version, mark_block
from cablegram.versions.places import Originals

__all__ = [
    "Comparison", "Difference", "FieldDifference", "Fold", "Piece", "Place", "Row", "Run", "SideSummary", "Summary", "compare", "fold_same",
]  # fmt: skip

Side = Literal["left", "right"]
_HUGE: Final = 200_000


class Row(NamedTuple):
    """Two paragraphs that belong together, or one alone; ``labels``: what of number, marking and heading differs. A paragraph may
    stand alone and be ``same``: the other version has its words, but joined to the paragraph of a neighbouring row."""

    left: Piece | None
    right: Piece | None
    labels: tuple[FieldDifference, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether there is anything but equal words (words that both black out are equal)."""
        pieces = [piece for piece in (self.left, self.right) if piece is not None]
        empty = len(pieces) == 1 and not any(run.text.strip() for run in pieces[0].runs)
        return bool(self.labels) or empty or any(run.kind != "same" and not (run.kind == "redacted" and run.note is None)
                                                 for piece in pieces for run in piece.runs)  # fmt: skip


class Fold(NamedTuple):
    """Unchanged ``rows`` that a page need not show."""

    rows: tuple[Row, ...]


class Difference(NamedTuple):
    """One difference in the text, in row ``row``. ``kind``: ``left redacted``, ``right redacted``, ``changed``, ``left only``, ``right only``."""

    kind: str
    row: int
    left: Place | None
    right: Place | None


class SideSummary(NamedTuple):
    """One version in numbers: its ``redactions`` with their ``characters``, how many of them the other version shows at least in part
    (``revealed``, with their characters), the words that the other blacks out (``shown_words``) or lacks (``only_words``)."""

    redactions: int
    characters: int
    revealed: int
    revealed_characters: int
    shown_words: int
    only_words: int


class Summary(NamedTuple):
    """Both versions in numbers; ``fullest`` is the one with more words that the other lacks or blacks out, and ``reason`` says so."""

    left: SideSummary
    right: SideSummary
    silent_edits: int
    fullest: Literal["left", "right", "equal"]
    reason: str


_MIRROR: Final = {
    "left redacted": "right redacted",
    "right redacted": "left redacted",
    "left only": "right only",
    "right only": "left only",
}
_KINDS: Final[dict[Side, dict[str, str]]] = {
    "right": {"left redacted": "shown", "right redacted": "redacted", "left only": "missing", "right only": "only"},
    "left": {"left redacted": "redacted", "right redacted": "shown", "left only": "only", "right only": "missing"},
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What :func:`compare` found."""

    left: Cable
    right: Cable
    fields: tuple[FieldDifference, ...]
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    summary: Summary

    def changes(self, side: Side = "right") -> list[dict[str, object]]:
        """The differences as ``diff --json`` gives them, in order: ``span`` in characters of the original of ``side``, ``kind``, ``text``.

        ``shown`` and ``only``: the words at the span. ``missing``: words of the other version, the span is empty. ``redacted``: what the
        other version shows for the X at the span. ``changed``: the words at the span; ``number``, ``label``, ``marking``, ``heading``: what
        this version has (the span is the paragraph's). ``other`` is always the other version's. A span takes in a repaired character
        whole; where a text cannot be put back exactly (pages with entities) it is the span of the paragraph.
        """
        back = Originals(self.left if side == "left" else self.right)
        found: list[tuple[int, dict[str, object]]] = []
        ends: list[int] = []  # where the last paragraph before a row ends, for what this side does not have
        for row, pair in enumerate(self.rows):
            piece = pair.left if side == "left" else pair.right
            before = back.paragraphs[piece.at].span[1] if piece is not None else ends[-1] if ends else 0
            ends.append(before)
            for label in pair.labels if piece is not None else ():
                here, there = (label.left, label.right) if side == "left" else (label.right, label.left)
                span = list(back.paragraphs[piece.at].span) if piece is not None else []
                found.append((row, {"span": span, "kind": label.name, "text": here or "", "other": there or ""}))
        for one in self.differences:
            mine, its = (one.left, one.right) if side == "left" else (one.right, one.left)
            kind = _KINDS[side].get(one.kind, one.kind)
            here, there = mine.text if mine is not None else "", its.text if its is not None else ""
            text = there if kind in ("redacted", "missing") else here
            found.append(
                (
                    one.row,
                    {
                        "span": list(back.span(*mine[:4]) if mine is not None else (ends[one.row],) * 2),
                        "kind": kind,
                        "text": text,
                        "other": there,
                    },
                )
            )
        return [change for _, change in sorted(found, key=lambda item: item[0])]

    def lines(self, left: str = "left", right: str = "right") -> list[str]:
        """The report for a terminal, in plain text; ``left`` and ``right`` are what to call the versions."""
        s = self.summary
        out = [f"{name}: {_many(n.redactions, 'redaction')} ({_many(n.characters, 'character')}), of which the other shows "
               f"{n.revealed} ({_many(n.revealed_characters, 'character')}); {_many(n.only_words, 'word')} that it lacks"
               for name, n in ((left, s.left), (right, s.right))]  # fmt: skip
        fullest = {"left": left, "right": right}.get(s.fullest, "neither")
        out += [f"silent edits: {s.silent_edits}", f"fullest: {fullest}, {s.reason}"]
        for name, one, other in self.fields:
            out += ["", name, f"  {left}: {_short(one or '(nothing)')}", f"  {right}: {_short(other or '(nothing)')}"]
        at = 0
        for row, pair in enumerate(self.rows):
            said = [f"  {one.name}: {left} has {one.left or 'none'}, {right} has {one.right or 'none'}" for one in pair.labels]
            while at < len(self.differences) and self.differences[at].row == row:
                said.append("  " + _told(self.differences[at], left, right))
                at += 1
            if said:
                out += ["", _title(pair), *said]
        return out


def _many(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _short(text: str, most: int = 400) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 4].rstrip() + " ..."


def _title(row: Row) -> str:
    piece = row.right or row.left
    name = str(piece.number or piece.label or "without number") if piece is not None else ""
    return f"paragraph {name}" + (f" ({piece.marking})" if piece is not None and piece.marking else "")


def _told(one: Difference, left: str, right: str) -> str:
    mine, its = one.left.text if one.left else "", one.right.text if one.right else ""
    if one.kind == "changed":
        return f"{left} has: {_short(mine)} | {right} has: {_short(its)}"
    if one.kind.endswith("only"):
        return f"only {left} has: {_short(mine)}" if one.kind == "left only" else f"only {right} has: {_short(its)}"
    who, black, shows, text = (left, mine, right, its) if one.kind == "left redacted" else (right, its, left, mine)
    return f"{who} blacks out {_many(len(black), 'character')}; {shows} shows: {_short(text)}"


def fold_same(rows: Iterable[Row], context: int = 1) -> list[Row | Fold]:
    """``rows`` with each stretch of two or more unchanged ones, further than ``context`` rows from any difference, folded."""
    rows = list(rows)
    near = [False] * len(rows)
    for n, row in enumerate(rows):
        if row.differs:
            low, high = max(n - context, 0), min(n + context + 1, len(rows))
            near[low:high] = [True] * (high - low)
    out: list[Row | Fold] = []
    at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and not near[end]:
            end += 1
        out += [Fold(tuple(rows[at:end]))] if end - at > 1 else rows[at:end]
        if end < len(rows):
            out.append(rows[end])
        at = end + 1
    return out


def _labels(left: Piece | None, right: Piece | None) -> tuple[FieldDifference, ...]:
    if left is None or right is None or (left[1:4] == right[1:4] and left.heading == right.heading):
        return ()
    return differing((name, getattr(left, name), getattr(right, name)) for name in ("number", "label", "marking", "heading"))


def _rows(one: Cable, other: Cable, purse: Purse) -> tuple[list[Row], list[Difference]]:
    rows: list[Row] = []
    differences: list[Difference] = []
    keys = [[keys_of(paragraph.text) for paragraph in cable.paragraphs] for cable in (one, other)]
    nothing = Version(one, keys[0], []), Version(other, keys[1], [])
    for group in pair_paragraphs(one.paragraphs, other.paragraphs, keys, purse):
        mine, its = [x for x, _ in group if x is not None], [y for _, y in group if y is not None]
        left = Version(one, keys[0], mine) if mine else nothing[0]
        right = Version(other, keys[1], its) if its else nothing[1]
        for block in align(left.words.keys, right.words.keys, purse):
            kind = mark_block(block, left, right)
            if kind is not None:
                differences.append(
                    Difference(kind, len(rows), left.place(block.i, block.i_end), right.place(block.j, block.j_end))
                )
        for x, y in group:
            here, there = left.piece(x) if x is not None else None, right.piece(y) if y is not None else None
            rows.append(Row(here, there, _labels(here, there)))
    return rows, differences


def _black_fields(differences: Iterable[FieldDifference], side: Side, purse: Purse) -> list[int]:
    """Lengths of the redactions in fields (or headings) of ``side`` in place of which the other side shows words."""
    out: list[int] = []
    for _, *texts in differences:
        mine, its = texts if side == "left" else texts[::-1]
        words, others = Words(), keys_of(its or "")
        words.add(mine or "", keys_of(mine or ""), 0)
        if "" in words.keys:
            out += [words.ends[block.i] - words.starts[block.i] for block in align(words.keys, others, purse)
                    if block.kind == LEFT and any(others[block.j : block.j_end])]  # fmt: skip
    return out


def _side(cable: Cable, side: Side, rows: list[Row], fields: tuple[FieldDifference, ...]) -> SideSummary:
    revealed = _black_fields([*fields, *(label for row in rows for label in row.labels)], side, Purse())
    words = {"shown": 0, "only": 0}
    for row in rows:
        piece = row.left if side == "left" else row.right
        for run in piece.runs if piece is not None else ():
            if run.kind == "redacted" and run.note is not None:
                revealed.append(len(run.text))
            elif run.kind in words:
                words[run.kind] += count_words(run.text)
    black = cable.redactions
    return SideSummary(len(black), sum(one.length for one in black), len(revealed), sum(revealed), words["shown"], words["only"])


def _fullest(left: SideSummary, right: SideSummary) -> tuple[Literal["left", "right", "equal"], str]:
    """A word that only one version has, or that the other blacks out, counts for it; then fewer redactions do."""
    one, other = left.shown_words + left.only_words, right.shown_words + right.only_words
    if one != other:
        more, less = max(one, other), min(one, other)
        return (
            "left" if one > other else "right",
            f"it has {_many(more, 'word')} that the other does not show (the other: {less})",
        )
    same = "both show the same words" if not one else f"each has {_many(one, 'word')} that the other does not show"
    if left.redactions != right.redactions:
        fewer, most = sorted((left.redactions, right.redactions))
        return "left" if left.redactions == fewer else "right", f"{same}, and it has fewer redactions ({fewer}, not {most})"
    return "equal", same


def compare(one: Cable, other: Cable) -> Comparison:
    """Hold two versions of a cable against each other; ``one`` is the left. Compared the other way about they give the mirror image."""
    if len(one.original) + len(other.original) > _HUGE and gc.isenabled():
        # As in reading: very many small objects, none of them in a cycle.
        gc.disable()
        try:
            return _compare(one, other)
        finally:
            gc.enable()
    return _compare(one, other)


def _compare(one: Cable, other: Cable) -> Comparison:
    purse = Purse()
    # Of two alignments that are equally good the same must be found either way: the order of the texts decides which comes first.
    if [p.text for p in other.paragraphs] < [p.text for p in one.paragraphs]:
        rows, differences = _rows(other, one, purse)
        rows = [Row(row.right, row.left, tuple(FieldDifference(name, y, x) for name, x, y in row.labels)) for row in rows]
        differences = [Difference(_MIRROR.get(d.kind, d.kind), d.row, d.right, d.left) for d in differences]
    else:
        rows, differences = _rows(one, other, purse)
    fields = compare_fields(one, other)
    left, right = _side(one, "left", rows, fields), _side(other, "right", rows, fields)
    edits = sum(d.kind == "changed" for d in differences)
    return Comparison(one, other, fields, tuple(rows), tuple(differences), Summary(left, right, edits, *_fullest(left, right)))
