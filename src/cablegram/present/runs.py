"""A paragraph's restored text cut into runs: what was repaired, blacked out, searched for, cited, or can be explained."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from cablegram.cable import Cable
from cablegram.interpret.mentions import placed
from cablegram.interpret.senders import Citing
from cablegram.record import Paragraph, Reference
from cablegram.restore.layout import LAYOUT_RULES
from cablegram.spans import Edit, Span
from cablegram.telegram.tree import REDACTION
from cablegram.vocabulary import terms

_TOKEN: Final = re.compile(r"\b[A-Z][A-Za-z]{0,9}(?:/[A-Z]{1,4})?\b")
#: Acronyms that are also written with small letters (Poloff) have this many letters at least.
_SHORTEST_MIXED: Final = 5
_MOST: Final = 2000


class Run(NamedTuple):
    """A piece of text of one kind. ``edit`` is the repair (or proposal) that it shows; ``cites`` the id of a cable that it names;
    ``meaning`` what its acronym stands for."""

    text: str
    edit: Edit | None = None
    redacted: bool = False
    hit: bool = False
    cites: str | None = None
    meaning: str | None = None


class _Layer(NamedTuple):
    start: int
    end: int
    values: Mapping[str, object]


def _repairs(cable: Cable, paragraph: Paragraph) -> list[_Layer]:
    """Repairs and proposals other than of layout, as places in the paragraph's text."""
    start, end = paragraph.span
    edits = cable.edits
    out: list[str] = []
    found: list[_Layer] = []
    at, length = start, 0
    for n in range(bisect_left(edits, start, key=lambda edit: edit.span[0]), len(edits)):
        edit = edits[n]
        if edit.span[0] >= end:
            break
        piece = cable.original[at : edit.span[0]]
        now = edit.replacement if edit.applied else edit.original
        out += (piece, now)
        length += len(piece)
        if edit.rule not in LAYOUT_RULES:
            found.append(_Layer(length, length + len(now), {"edit": edit}))
        length += len(now)
        at = edit.span[1]
    if not found:
        return []
    out.append(cable.original[at:end])
    shift = "".join(out).rfind(paragraph.text)
    if shift < 0:
        # The paragraph's text is not just the replayed original (a page with entities): its repairs have no exact place.
        return []
    size = len(paragraph.text)
    return [
        _Layer(layer.start - shift, layer.end - shift, layer.values) for layer in found if shift <= layer.start <= shift + size
    ]


def _cited(text: str, references: Sequence[Reference], citing: Citing) -> list[_Layer]:
    """Where the text names a cable, by number or by a label of the REF line; what names several at once is no link to one of them."""
    out: dict[tuple[int, int], _Layer | None] = {}
    for start, end, mention in placed(text, references, citing, _MOST):
        if mention.cable is not None and start < end:
            known = out.setdefault((start, end), _Layer(start, end, {"cites": mention.cable}))
            if known is not None and known.values["cites"] != mention.cable:
                out[start, end] = None
    return [layer for layer in out.values() if layer is not None]


def meaning_of(word: str) -> str | None:
    """What an acronym or caption of a telegram stands for, or None."""
    if not word.isupper() and len(word) < _SHORTEST_MIXED:
        return None
    term = terms.lookup("acronym", word) or (terms.lookup("caption", word) if word.isupper() else None)
    return term.meaning if term is not None else None


def _explained(text: str) -> list[_Layer]:
    out: list[_Layer] = []
    seen: set[str] = set()
    for match in _TOKEN.finditer(text):
        word = match[0]
        # The first time in a paragraph is enough.
        if word not in seen and (meaning := meaning_of(word)) is not None:
            seen.add(word)
            out.append(_Layer(*match.span(), {"meaning": meaning}))
    return out


def runs_of(
    cable: Cable,
    paragraph: Paragraph,
    *,
    hits: Sequence[Span] = (),
    citing: Citing | None = None,
    explain: bool = True,
) -> list[Run]:
    """The runs of a paragraph; their texts joined are its text.

    ``hits`` are places in the paragraph's text that were searched for; ``citing`` is what
    :func:`~cablegram.interpret.mentions.citing_of` gives for the cable: with it, what the text cites is told.
    """
    text = paragraph.text
    layers: list[_Layer] = _repairs(cable, paragraph)
    layers += (_Layer(*match.span(), {"redacted": True}) for match in REDACTION.finditer(text))
    layers += (_Layer(start, end, {"hit": True}) for start, end in hits)
    cited = _cited(text, cable.references, citing) if citing is not None else []
    layers += cited
    if explain:
        # A link is one: what stands for a word in the midst of it would make it two.
        layers += (one for one in _explained(text) if not any(a.start < one.end and one.start < a.end for a in cited))
    return list(_laid(text, layers[:_MOST]))


def by_link(runs: Iterable[Run]) -> list[tuple[str | None, list[Run]]]:
    """The runs in order, those together that cite one cable: its id (None: they cite none) and the runs, so that a link that has a repair or
    a hit inside is one link."""
    return [(key, list(some)) for key, some in groupby(runs, key=attrgetter("cites"))]


def _laid(text: str, layers: Iterable[_Layer]) -> Iterable[Run]:
    """``text`` cut at the edges of all layers. A repair that took something away shows as a run without text."""
    cuts = [0, len(text)]
    empty: dict[int, list[_Layer]] = {}
    wide: list[_Layer] = []
    for layer in layers:
        if layer.start >= layer.end:
            empty.setdefault(layer.start, []).append(layer)
            insort(cuts, layer.start)
        else:
            wide.append(layer)
            insort(cuts, layer.start)
            insort(cuts, layer.end)
    wide.sort(key=lambda layer: layer.start)
    active: list[_Layer] = []
    following = 0
    previous = -1
    for start, end in zip(cuts, [*cuts[1:], cuts[-1]], strict=True):
        if start != previous:
            for layer in empty.get(start, ()):
                yield Run("", **layer.values)  # type: ignore[arg-type]
        previous = start
        if start >= end:
            continue
        while following < len(wide) and wide[following].start <= start:
            active.append(wide[following])
            following += 1
        active = [layer for layer in active if layer.end > start]
        values: dict[str, object] = {}
        for layer in active:
            values.update(layer.values)
        yield Run(text[start:end], **values)  # type: ignore[arg-type]
