"""Joining lists of edits into one that can be replayed."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge as _merge

from cablegram.spans import Edit


def merge(firm: Sequence[Edit], others: Sequence[Edit]) -> list[Edit]:
    """Both lists, each sorted, as one sorted list; of ``others`` what overlaps one of ``firm`` is left out."""
    if not others:
        return list(firm)
    if not firm:
        return list(others)
    out: list[Edit] = []
    firm_ids = {id(edit) for edit in firm}
    for edit in _merge(firm, others, key=lambda edit: edit.span):
        while out and out[-1].span[1] > edit.span[0]:
            if id(edit) in firm_ids and id(out[-1]) not in firm_ids:
                out.pop()
                continue
            break
        else:
            out.append(edit)
    return out
