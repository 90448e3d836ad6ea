"""Lists of cables a page at a time, each going on where the one before ended, also while others write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cablegram.api.answers import state
from cablegram.api.cursors import Cursor, from_text, name_of, to_text
from cablegram.api.errors import Changed
from cablegram.archive.archive import Archive
from cablegram.archive.search import MOST, Hit, Results, State, place_at
from cablegram.cable import KEYS
from cablegram.errors import CablegramError

#: What a list shows of each cable if not told otherwise, and what can be asked for.
SHOWN: Final = ("id", "score", "created", "subject", "classification", "origin_name", "snippets")
FIELDS: Final = (*SHOWN, *(key for key in KEYS if key not in SHOWN), "original")
#: Stretches of a changed list in which the last cable of a page is looked for.
_STRETCHES: Final = 20


def wanted(fields: str | None) -> tuple[str, ...]:
    """The fields that ``a,b`` names; ``id`` is always among them. ``CablegramError`` names one that there is not."""
    if fields is None:
        return SHOWN
    named = [name for part in fields.split(",") if (name := part.strip())]
    for name in named:
        if name not in FIELDS:
            raise CablegramError(f"fields: {name[:40]} is none; there are {', '.join(FIELDS)}")
    return tuple(dict.fromkeys(["id", *named]))


def page(
    archive: Archive, query: str, sort: str, limit: int, cursor: str | None, *,
    fields: Sequence[str] = SHOWN, facets: bool = False, months: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """One page of the cables that ``query`` finds, as plain data."""
    name = name_of("cables", query, sort)
    place = from_text(cursor, name)
    now = state(archive)
    offset = 0
    if place is not None:
        offset = place.offset if place.state == now else _again(archive, query, sort, place)
    found = archive.search(
        State(query, sort, limit, place_at(offset) if offset else None),
        facets=facets or months,
        snippets="snippets" in fields,
        months=months,
    )
    there_is_more = offset + len(found) < found.total and len(found) > 0
    return {
        "query": query, "sort": sort, "total": found.total, "items": [_item(archive, hit, fields) for hit in found],
        "facets": {facet: dict(values) for facet, values in found.facets.items()},
        "next": to_text(Cursor(name, now, offset + len(found), found.total, found.hits[-1].id)) if there_is_more else None,
    }  # fmt: skip


def _item(archive: Archive, hit: Hit, fields: Sequence[str]) -> dict[str, Any]:
    told = hit.to_dict()
    told["origin_name"] = told.pop("origin")
    if any(name not in SHOWN for name in fields):
        cable = archive.get(hit.id)
        if cable is not None:
            # "id" is the one under which the archive has it, also where the cable gives none.
            told = {**cable.to_dict(), "original": cable.original, **told}
    return {name: told.get(name) for name in fields}


def _again(archive: Archive, query: str, sort: str, place: Cursor) -> int:
    """Where a list goes on that has changed since: behind the cable that was the last one.

    New cables shift it downwards, at most by their number. ``Changed`` where it is not found: nothing is passed over in silence.
    """
    total = _ids(archive, query, sort, 0, 0).total
    low = max(0, place.offset - MOST // 2)
    high = place.offset + max(0, total - place.total) + MOST // 2
    for start in range(low, min(high, low + _STRETCHES * MOST), MOST):
        ids = [hit.id for hit in _ids(archive, query, sort, start, MOST)]
        if place.last in ids:
            return start + ids.index(place.last) + 1
    raise Changed(
        "cursor: the list changed too much since the page before; begin anew, or read /export, which gives one state of it"
    )


def _ids(archive: Archive, query: str, sort: str, start: int, most: int) -> Results:
    return archive.search(State(query, sort, most, place_at(start)), facets=False, snippets=False)
