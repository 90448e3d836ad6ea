"""Joining lists of edits into one that can be replayed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cablegram.spans import Edit


def merge(firm: Sequence[Edit], others: Sequence[Edit]) -> list[Edit]:
    """Both lists, each sorted, as one sorted list; of ``others`` what overlaps one of ``firm`` is left out."""
    if not others:
        return list(firm)
    if not firm:
        return list(others)
    # Both parts are sorted already, which the sort makes use of; a firm edit stands before another at its place.
    out = sorted([*firm, *others])
    if all(a.span[1] <= b.span[0] for a, b in pairwise(out)):
        return out
    chosen = {id(edit) for edit in firm}
    kept: list[Edit] = []
    for edit in out:
        while kept and kept[-1].span[1] > edit.span[0] and id(kept[-1]) not in chosen:
            kept.pop()
        if not kept or kept[-1].span[1] <= edit.span[0]:
            kept.append(edit)
    return kept
