"""Citations that repeat another one: ``ibid.``, and the names that a note gives to a cable for what follows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cablegram.check.findings import Finding, Stretch, stretch_at
from cablegram.check.parts import Reading

_IBID: Final = re.compile(r"(?<![\w.])(?:[Ii]bid(?:em)?\b\.?|[Ee]bd\.|[Ee]benda\b|Id\.(?= ?(?:at |¶|para|,|;|$|\n)))")
_HEREAFTER: Final = re.compile(
    r"[ ,;]{0,2}[(\[]?(?:hereafter|hereinafter|henceforth|im Folgenden)(?: cited as| referred to as| zitiert als)?:?,? ?(?:the )?\"?(?P<name>[^\")\];\n]{4,80}?)\"?[,.]?(?P<close>[)\]])"
)


class Repeats:
    """Adds to the findings of one text those that repeat them."""

    def __init__(self, reading: Reading, stretches: Sequence[Stretch]) -> None:
        self.reading = reading
        self._text = reading.text
        self._stretches = stretches
        self._notes = [one for one in stretches if one.note]

    def added(self, found: list[Finding]) -> list[Finding]:
        """All findings, in order."""
        return self._with_ibids(self._with_names(found))

    def _with_names(self, found: list[Finding]) -> list[Finding]:
        """The names that notes give to cables ("hereafter Lamp Oil cable"), wherever they stand later."""
        names: dict[str, int] = {}
        out = list(found)
        for n, one in enumerate(found):
            named = _HEREAFTER.match(self._text, one.end)
            if named is None:
                continue
            out[n] = replace(one, end=named.end())
            names.setdefault(named["name"].strip(" '.,*_"), n)
        if not names:
            return out
        # What is found inside of the words that give the name is no citation of its own.
        spans = [(one.start, one.end) for one in out]
        inside = {
            n
            for n, one in enumerate(out)
            if n and one.start < spans[n - 1][1] and one.start > spans[n - 1][0] and one.end <= spans[n - 1][1]
        }
        pattern = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
        kept = [one for n, one in enumerate(out) if n not in inside]
        where = {id(one): n for n, one in enumerate(kept)}
        again: list[Finding] = []
        starts = [one.start for one in kept]
        for hit in pattern.finditer(self._text):
            target = out[names[hit[0]]]
            near = bisect_left(starts, hit.end())
            if hit.start() < target.end or any(one.end > hit.start() for one in kept[max(0, near - 3) : near]):
                continue
            tail = self.reading.tail(hit.end())
            again.append(Finding(hit.start(), max(hit.end(), tail.end if tail.paragraphs else 0), "name", target.posts, target.serial, target.yy,
                                 paragraphs=tuple(tail.paragraphs), same=where.get(id(target))))  # fmt: skip
        return _renumbered([*kept, *again])

    def _with_ibids(self, found: list[Finding]) -> list[Finding]:
        marks = list(_IBID.finditer(self._text))
        if not marks:
            return found
        events: list[tuple[int, Finding | re.Match[str]]] = [(one.start, one) for one in found]
        events += [(hit.start(), hit) for hit in marks]
        events.sort(key=lambda event: event[0])
        out: list[Finding] = []
        moved = {id(one): n for n, one in enumerate(found)}
        new: dict[int, int] = {}
        for _, event in events:
            if isinstance(event, Finding):
                new[moved[id(event)]] = len(out)
                out.append(event if event.same is None else replace(event, same=new.get(event.same, event.same)))
                continue
            meant = self._meant(event.start(), out)
            if meant is None:
                continue
            tail = self.reading.tail(event.end())
            same, others = (meant[0], ()) if len(meant) == 1 else (-1, tuple(meant))
            source = out[meant[0]]
            out.append(Finding(event.start(), max(event.end(), tail.end), "ibid", source.posts, source.serial, source.yy,
                               paragraphs=tuple(tail.paragraphs), same=same, others=others))  # fmt: skip
        return out

    def _meant(self, at: int, found: list[Finding]) -> list[int] | None:
        """The findings that an ``ibid.`` at this place may mean: those of the citation or note before. None where what is before is no cable."""
        if not found:
            return None
        here = stretch_at(self._stretches, at)
        if here is None or not here.note:
            last = found[-1]
            return self._root([len(found) - 1], found) if at - last.start < 2_500 else None
        inside = [n for n, one in enumerate(found[-40:], max(0, len(found) - 40)) if one.start >= here.start]
        if inside:
            return self._root(inside[-1:], found)
        number = bisect_left(self._notes, here.start, key=lambda one: one.start)
        if not number:
            return self._root([len(found) - 1], found)
        before = self._notes[number - 1]
        cited = [n for n, one in enumerate(found[-60:], max(0, len(found) - 60)) if before.start <= one.start < before.end]
        return self._root(cited, found) if cited else None

    @staticmethod
    def _root(places: list[int], found: list[Finding]) -> list[int]:
        out: list[int] = []
        for n in places:
            one = found[n]
            roots = [one.same] if one.same is not None and one.same >= 0 else [*one.others] if one.others else [n]
            out += [root for root in roots if root not in out]
        keys = {found[n].key for n in out}
        return out[-1:] if len(keys) == 1 else out


def _renumbered(found: list[Finding]) -> list[Finding]:
    """Findings in order of their places, with ``same`` after the new order."""
    order = sorted(range(len(found)), key=lambda n: (found[n].start, found[n].end))
    new = {old: n for n, old in enumerate(order)}
    return [
        found[old] if found[old].same is None else replace(found[old], same=new.get(found[old].same or 0, -1)) for old in order
    ]
