"""A paragraph of a cable by the name that a reader gives it: its number, its letter, or its anchor in the reading room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from cablegram.cable import Cable
from cablegram.errors import NotHeld
from cablegram.record import Paragraph

_NUMBERED: Final = re.compile(r"(?:p(?:ara)?\.?\s*)?0*(\d{1,6})", re.IGNORECASE)
_BELOW: Final = re.compile(r"0*(\d{1,6})\s*[.-]?\s*\(?([A-Za-z])\)?\.?")
_LONGEST: Final = 40


class Place(NamedTuple):
    """A paragraph as a citation names it: its ``anchor`` in the reading room (``p4``, ``s7``), the ``locator`` that stands behind
    "para." (``4``, ``A``, ``4.A``, ``7 [unnumbered]``), and the paragraph."""

    anchor: str
    locator: str
    paragraph: Paragraph


def places_of(cable: Cable) -> list[Place]:
    """Every paragraph of ``cable`` with its anchor and locator, in order.

    A letter is told with the number before it where the cable has it more than once. A paragraph with neither number nor letter is
    named by its place among all, and said to have none; the second with the same number is told apart likewise.
    """
    letters = [p.label for p in cable.paragraphs if p.number is None and p.label]
    out: list[Place] = []
    times: dict[str, int] = {}
    anchors: set[str] = set()
    above: int | None = None
    for n, one in enumerate(cable.paragraphs, 1):
        base = f"p{one.number}" if one.number is not None else f"s{n}"
        times[base] = times.get(base, 0) + 1
        anchor, again = base, 1
        while anchor in anchors:
            again += 1
            anchor = f"{base}-{again}"
        anchors.add(anchor)
        if one.number is not None:
            above = one.number
            locator = str(one.number) if times[base] == 1 else f"{one.number} [no. {times[base]} of that number]"
        elif one.label:
            locator = f"{above}.{one.label}" if above is not None and letters.count(one.label) > 1 else one.label
        else:
            locator = f"{n} [unnumbered]"
        out.append(Place(anchor, locator, one))
    return out


def _below(places: Sequence[Place], number: int, letter: str) -> Place | None:
    """The paragraph with this letter between that with this number and the next number."""
    above: int | None = None
    for place in places:
        if place.paragraph.number is not None:
            above = place.paragraph.number
        elif above == number and (place.paragraph.label or "").upper() == letter.upper():
            return place._replace(locator=f"{number}.{place.paragraph.label}")
    return None


def place_of(cable: Cable, key: str, name: str) -> Place:
    """The paragraph that ``name`` means in the cable ``key``: ``4``, ``A``, ``4.a``, or an anchor (``p4``, ``p4-2``, ``s7``).

    :class:`NotHeld` where it has none of that name, or several of that letter; the message names those that it has.
    """
    places = places_of(cable)
    wanted = name.strip()[:_LONGEST]
    for place in places:
        if wanted.lower() == place.anchor:
            return place
    numbered = _NUMBERED.fullmatch(wanted)
    lettered = [
        p for p in places if p.paragraph.number is None and p.paragraph.label and p.paragraph.label.upper() == wanted.upper()
    ]
    if numbered is not None:
        found = next((p for p in places if p.paragraph.number == int(numbered[1])), None)
    elif len(lettered) > 1:
        raise NotHeld(f"{key} has {len(lettered)} paragraphs {wanted}; say which: {', '.join(p.locator for p in lettered[:10])}")
    elif lettered:
        found = lettered[0]
    else:
        below = _BELOW.fullmatch(wanted)
        found = _below(places, int(below[1]), below[2]) if below is not None else None
    if found is None:
        held = ", ".join(p.anchor if p.paragraph.number is None and not p.paragraph.label else p.locator for p in places[:30])
        raise NotHeld(f"{key} has no paragraph {wanted}; it has {held or 'none that could be told apart'}")
    return found
