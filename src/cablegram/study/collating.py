"""Two records of one cable from two collections, collated: are the texts the same, and by which measure; what differs; which fields disagree.

The words are held against each other by :mod:`cablegram.versions.differences`, as the command ``diff`` does it. Before that the cheaper
questions are asked in turn, and the first that is answered decides the ``text`` of the pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from cablegram.cable import Cable
from cablegram.spans import Span
from cablegram.versions.alignment import count_words, keys_of
from cablegram.versions.differences import Comparison, Piece, SideSummary, compare
from cablegram.versions.fields import FieldDifference, compare_fields

#: How two texts of one cable stand to each other, in the order in which it is asked.
TEXTS: Final = {
    "no text": "neither has a text",
    "text only in a": "only A has a text",
    "text only in b": "only B has a text",
    "identical": "the same, character for character",
    "white space": "the same but for blanks and line ends",
    "restored": "the same words, once page furniture, line ends and damage are set right",
    "differs": "words differ",
    "another": "plainly the texts of different cables",
}
#: Two texts are of different cables if the other has no more than this share of the shorter one's runs of three words (docs/versions.md has
#: the figures that it stands between) ...
_STRANGE: Final = 0.3
#: ... and there are so many of them that chance is no explanation.
_FEWEST: Final = 40
#: Of a side of which nothing is told.
NOTHING: Final = SideSummary(0, 0, 0, 0, 0, 0)
#: The leaves of the tree that a field is read from.
_LEAVES: Final = {
    "date": ("date-time-group", "date-line"), "classification": ("classification", "security"), "precedence": ("date-time-group", "routing"),
    "captions": ("caption",), "from": ("from", "classification", "de"), "executive order": ("eo",), "tags": ("tags",),
    "subject": ("subject",), "classified by": ("classified",), "signature": ("signature",), "references": ("ref",), "to": ("action",),
    "info": ("info",),
}  # fmt: skip


class Evidence(NamedTuple):
    """Where a side says what it says: ``span`` in characters of its original (None: its source says it, apart from the text),
    ``paragraph`` where it is of one."""

    span: Span | None = None
    paragraph: str | None = None


class Disagreement(NamedTuple):
    """A field that two records do not agree on, with both values. ``kind``: ``differ``; ``a lacks``, ``b lacks``: one has none;
    ``a redacts``, ``b redacts``: one blacks something of it out; ``precision``: one date is only less precise."""

    field: str
    kind: str
    a: str | None
    b: str | None
    a_at: Evidence
    b_at: Evidence


class Collated(NamedTuple):
    """What :func:`collate` found. ``text`` is one of :data:`TEXTS`; ``shared`` the share of the shorter text's runs of three words that
    the other has too (only where words differ and there are enough to judge by); ``words`` are those of both texts, ``a`` and ``b`` what
    only one has, blacks out or shows (zero unless words differ), ``edits`` the words changed without a mark; ``fuller`` is ``a``, ``b``,
    ``equal`` or None where there is nothing to compare, and ``reason`` says why. ``note`` is what the reader says of a foreign
    text, ``disagreements`` the fields on which the records disagree."""

    text: str
    shared: float | None
    words: tuple[int, int]
    a: SideSummary
    b: SideSummary
    edits: int
    fuller: str | None
    reason: str | None
    note: str | None
    disagreements: tuple[Disagreement, ...]


def collate(a: Cable, b: Cable) -> Collated:
    """Collate two records of one cable. The other way about it gives the mirror image. Time is as :func:`compare` states it."""
    text, found, shared = _text(a, b)
    if (a.text is None) != (b.text is None):
        fields = tuple(one for one in compare_fields(a, b) if one.left is not None and one.right is not None)
    else:
        fields = compare_fields(a, b)
    rows = found.rows if found is not None else ()
    sides = _Places(a), _Places(b)
    disagreements = (
        *(_disagreement(one, sides[0].of(one.name), sides[1].of(one.name)) for one in fields),
        *(
            _disagreement(label._replace(name=_LABELS[label.name]), _in(row.left, a), _in(row.right, b))
            for row in rows
            for label in row.labels
        ),
    )
    note = _foreign(a, b)
    if text in ("text only in a", "text only in b"):
        return Collated(text, None, (0, 0), NOTHING, NOTHING, 0, text[-1], "the other has no text", note, disagreements)
    if found is None or text != "differs":
        words = (_words(a), _words(b)) if text in ("restored", "another") else (0, 0)
        return Collated(text, shared, words, NOTHING, NOTHING, 0, None, None, note, disagreements)
    s = found.summary
    fuller = {"left": "a", "right": "b", "equal": "equal"}[s.fullest]
    return Collated(text, shared, (_words(a), _words(b)), s.left, s.right, s.silent_edits, fuller, s.reason, note, disagreements)


#: What the report calls the labels of paragraphs.
_LABELS: Final = {"number": "paragraph number", "label": "paragraph label", "marking": "paragraph marking", "heading": "heading"}


def _text(a: Cable, b: Cable) -> tuple[str, Comparison | None, float | None]:
    if a.text is None or b.text is None:
        return ("no text" if a.text is b.text else f"text only in {'b' if a.text is None else 'a'}"), None, None
    if a.original == b.original:
        return "identical", None, None
    if a.telegram.split() == b.telegram.split():
        return "white space", None, None
    keys = [[keys_of(paragraph.text) for paragraph in cable.paragraphs] for cable in (a, b)]
    shared = _shared(*(_runs(side) for side in keys))
    if shared is not None and shared <= _STRANGE:
        return "another", None, shared
    found = compare(a, b)
    return ("differs" if found.differences else "restored"), found, shared


def _runs(keys: Iterable[Sequence[str]]) -> set[tuple[str, str, str]]:
    """The runs of three words of a text: signs are left out, and no run goes over a redaction."""
    words = [key for paragraph in keys for key in paragraph if not key or key[0].isalnum()]
    return {run for run in zip(words, words[1:], words[2:], strict=False) if "" not in run}


def _shared(a: set[tuple[str, str, str]], b: set[tuple[str, str, str]]) -> float | None:
    fewer = min(len(a), len(b))
    return len(a & b) / fewer if fewer >= _FEWEST else None


def _words(cable: Cable) -> int:
    return sum(count_words(paragraph.text) for paragraph in cable.paragraphs)


def _foreign(a: Cable, b: Cable) -> str | None:
    """What the reader says where one text is not of the cable that its own header names."""
    said = [
        f"{name}: {note.message}"
        for name, cable in (("A", a), ("B", b))
        for note in cable.diagnostics
        if note.code == "foreign-body"
    ]
    return "; ".join(said) or None


def _disagreement(one: FieldDifference, a_at: Evidence, b_at: Evidence) -> Disagreement:
    return Disagreement(one.name, _kind(one), one.left, one.right, a_at, b_at)


def _kind(one: FieldDifference) -> str:
    if one.left is None or one.right is None:
        return "a lacks" if one.left is None else "b lacks"
    black = ["" in keys_of(text) for text in (one.left, one.right)]
    if black[0] != black[1]:
        return "a redacts" if black[0] else "b redacts"
    shorter, longer = sorted((one.left.removesuffix("Z"), one.right.removesuffix("Z")), key=len)
    return "precision" if one.name == "date" and longer.startswith(shorter) else "differ"


def _in(piece: Piece | None, cable: Cable) -> Evidence:
    """The paragraph of a piece in its record."""
    if piece is None:
        return Evidence()
    return Evidence(cable.paragraphs[piece.at].span, str(piece.number or piece.label or piece.at + 1))


class _Places:
    """Where the fields of a record are read from."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable

    @cached_property
    def _leaves(self) -> dict[str, Span]:
        """The first run of leaves of each kind; what is repeated further down does not count, as in reading."""
        out: dict[str, Span] = {}
        before = ""
        for leaf in self._cable.tree.leaves():
            if leaf.kind == before:
                out[before] = (out[before][0], leaf.span[1]) if out[before][1] == leaf.span[0] else out[before]
            elif leaf.kind not in out:
                out[leaf.kind] = leaf.span
            before = leaf.kind
        return out

    def of(self, field: str) -> Evidence:
        """The place of a field, without the line end behind it."""
        cable = self._cable
        spans = {
            "to": [one.span for one in cable.action], "info": [one.span for one in cable.info],
            "references": [one.span for one in cable.references],
        }.get(field, [])  # fmt: skip
        if not spans:
            spans = [self._leaves[kind] for kind in _LEAVES.get(field, ()) if kind in self._leaves][:1]
        if not spans:
            return Evidence()
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        return Evidence((start, start + len(cable.original[start:end].rstrip())))
