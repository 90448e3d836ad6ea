"""Masking: a cable with fixed marks in the place of what is protected. What is masked leaves no trace of its words or their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cablegram.cable import Cable
from cablegram.errors import CablegramError
from cablegram.interpret.reader import parse, without_text
from cablegram.protect.finding import NOBODY, Found, People, find
from cablegram.protect.mentions import mentions_of
from cablegram.protect.rules import GROUPS, KINDS, NAME, PERSON, numbers
from cablegram.spans import Span


def mark_of(kind: str) -> str:
    """What stands in the place of a find: ``[protected name]``."""
    return f"[{kind}]"


def parse_kinds(value: str) -> tuple[str, ...]:
    """The kinds that ``names,numbers`` or ``all`` stands for. ``CablegramError`` names what can be given."""
    wanted = [part.strip().lower() for part in value.split(",") if part.strip()]
    if not wanted or any(part != "all" and part not in GROUPS for part in wanted):
        raise CablegramError(f"--mask takes all, or some of {', '.join(GROUPS)} (set apart by commas)")
    return KINDS if "all" in wanted else tuple(kind for group, kinds in GROUPS.items() if group in wanted for kind in kinds)


def masked(cable: Cable, kinds: Iterable[str] = KINDS, also: People = NOBODY, found: Found | None = None) -> Cable:
    """``cable`` with marks in the place of what is protected, in its original and so in every field.

    It is the masked original, read: its spans are places in that, and its tree joins to it. ``cable`` itself where nothing is
    found. ``also`` are people that another version of it asks to protect, ``found`` what :func:`~cablegram.protect.finding.find` gave.
    """
    wanted = frozenset(kinds)
    found = found or find(cable, also)
    text = mask_text(cable.original, found, wanted)
    claims = mask_value(cable.claims, found.people, wanted)
    if text == cable.original and claims == cable.claims:
        return cable
    reason = next((note.message for note in cable.diagnostics if note.code == "no-text"), None)
    if reason is not None and not text:
        return without_text(claims, reason)
    return parse(text, claims)


def mask_text(original: str, found: Found, wanted: frozenset[str]) -> str:
    """``original`` with the marks of the ``wanted`` kinds in it."""
    places: list[tuple[Span, str]] = []
    for one, pieces in zip(found.finds, found.pieces, strict=True):
        if one.kind in wanted:
            places += [(piece, mark_of(one.kind) if n == 0 else "") for n, piece in enumerate(pieces)]
    return _replaced(original, places)


def _replaced(text: str, places: Iterable[tuple[Span, str]]) -> str:
    out: list[str] = []
    at = 0
    for (start, end), mark in sorted(places):
        if end <= at:
            continue
        start = max(start, at)
        out += (text[at:start], mark)
        at = end
    out.append(text[at:])
    return "".join(out)


def mask_value(value: Any, people: People, wanted: frozenset[str]) -> Any:
    """Plain data with marks in its strings: what a source said of a cable apart from its text."""
    if isinstance(value, str):
        return _mask_string(value, people, wanted)
    if isinstance(value, Mapping):
        return {key: mask_value(one, people, wanted) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [mask_value(one, people, wanted) for one in value]
    return value


def _mask_string(text: str, people: People, wanted: frozenset[str]) -> str:
    places: list[tuple[Span, str]] = []
    for kind, words in ((NAME, people.sources), (PERSON, people.private)):
        if kind in wanted:
            places += [(span, mark_of(kind)) for span in mentions_of(words).find(text)]
    places += [(span, mark_of(one.kind)) for one, span in numbers(text, bool(people.private)) if one.kind in wanted]
    return _replaced(text, places)


def report(found: Iterable[tuple[str, Found]], kinds: Iterable[str] = KINDS) -> dict[str, Any]:
    """What masking takes out of some cables (id and finds of each): counts by kind and rule, and the places; never the words."""
    wanted = frozenset(kinds)
    counts: Counter[tuple[str, str]] = Counter()
    places: list[dict[str, Any]] = []
    for key, one in found:
        for each in one.finds:
            if each.kind in wanted:
                counts[each.kind, each.rule] += 1
                places.append({"cable": key, **each.to_dict(words=False)})
    return {
        "masked": sum(counts.values()), "cables": len({place["cable"] for place in places}),
        "counts": [{"kind": kind, "rule": rule, "count": count} for (kind, rule), count in sorted(counts.items())], "places": places,
    }  # fmt: skip
