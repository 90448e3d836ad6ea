"""A record read from a saved page: its spans put into characters of the page."""

from __future__ import annotations

from dataclasses import replace

from cablegram.cable import Cable
from cablegram.spans import Edit, OffsetMap, Span


def outward(cable: Cable, given: str, outer: OffsetMap) -> Cable:
    """``cable`` with every span in offsets of ``given``, the page that its telegram was taken from."""

    def moved(span: Span) -> Span:
        return outer.span(span)

    edits: list[Edit] = []
    for edit in cable.edits:
        start, end = moved(edit.span)
        edits.append(edit._replace(span=(start, end), original=given[start:end]))
    return replace(
        cable,
        original=given,
        action=tuple(a._replace(span=moved(a.span)) for a in cable.action),
        info=tuple(a._replace(span=moved(a.span)) for a in cable.info),
        references=tuple(r._replace(span=moved(r.span)) for r in cable.references),
        paragraphs=tuple(par._replace(span=moved(par.span)) for par in cable.paragraphs),
        redactions=tuple(r._replace(span=moved(r.span)) for r in cable.redactions),
        edits=tuple(edits),
        diagnostics=tuple(d._replace(span=moved(d.span)) if d.span is not None else d for d in cable.diagnostics),
        _outer=outer,
    )
