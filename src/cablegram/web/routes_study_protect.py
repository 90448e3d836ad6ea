"""The page of source protection: what cables ask to protect and what belongs to private persons; in a masked room what was masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from cablegram.present.page import links
from cablegram.protect.copy import report_of
from cablegram.protect.finding import Find
from cablegram.protect.kept import Counted
from cablegram.protect.listing import finds_in
from cablegram.protect.rules import GROUPS
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room
from cablegram.web.routes_study import PageNumber, Words
from cablegram.web.routes_study_marks import anchors_of
from cablegram.web.shapes_who import ProtectionShape
from cablegram.web.tables import csv_file, paged

Kind = Annotated[str, Query(max_length=60, description="Only finds of this kind.", examples=["protected name"])]
Rule = Annotated[str, Query(max_length=60, description="Only finds by this rule.")]
PAGE: Final = 60
_GROUP: Final = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
#: What is listed and never masked, since it has no words of anybody.
_LISTED: Final = {"redacted": "blacked out already: listed, never guessed at", "protect mark": "a mark with no name here"}


class Protection:
    """What one address asks for: counts, and one page of finds."""

    def __init__(self, room: Room, q: str, kind: str, rule: str) -> None:
        self.room, self.q, self.kind, self.rule = room, q.strip(), kind, rule
        self.masked = room.archive.masked
        given = (("q", self.q), ("kind", kind), ("rule", rule))
        self.asked = {name: value for name, value in given if value}
        self.base = {"q": self.q} if self.q else {}
        self._keys = room.studies.keys(self.q)
        if self.masked is None:
            found = room.protected.ready()
            if found is None:
                raise room.protected.background.not_yet("The archive is being looked through")
            self.old = room.protected.is_old()
            self.counts = room.studies.answer(("protection", self.old, self.q), lambda: found.counts(self._keys))
            self._finds = found
        else:
            self.old = False
            self._places = self._masked_places()
            counted = Counter((one["kind"], one["rule"]) for one in self._places)
            cables = Counter(pair for pair, _ in {((one["kind"], one["rule"]), one["cable"]) for one in self._places})
            self.counts = [Counted(*pair, count, cables[pair]) for pair, count in sorted(counted.items())]

    def _masked_places(self) -> list[dict[str, Any]]:
        """What the copy's report tells, of the cables that are asked for."""
        places: list[dict[str, Any]] = self.room.kept("masked", lambda: report_of(self.room.archive.folder)["places"])
        if not self.q:
            return places
        chosen = set(self.room.archive.find_ids(self.q))
        return [one for one in places if one["cable"] in chosen]

    def total(self) -> int:
        """How many finds the list has."""
        return sum(one.finds for one in self.counts if self.kind in ("", one.kind) and self.rule in ("", one.rule))

    def finds(self, first: int, last: int) -> list[dict[str, Any]]:
        """A part of the list; of a masked room without words, which its archive has not."""
        if self.masked is not None:
            some = [one for one in self._places if self.kind in ("", one["kind"]) and self.rule in ("", one["rule"])][first:last]
            return self._shown([(one["cable"], {**one, "text": None}) for one in some])
        listed = self._finds.listed(self.kind, self.rule, self._keys, last - first, first)
        known = dict(finds_in(self.room.archive, iter(dict.fromkeys(key for key, _ in listed))))
        return self._shown(
            [(key, _plain(known[key].finds[n])) for key, n in listed if key in known and n < len(known[key].finds)]
        )

    def _shown(self, some: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        told = links(self.room.archive, list(dict.fromkeys(key for key, _ in some)))
        anchors = {key: anchors_of(self.room, key) for key in told}
        return [
            {
                "cable": key, "created": told[key].created, "subject": told[key].subject, "kind": one["kind"], "rule": one["rule"],
                "confidence": one["confidence"], "paragraph": one["paragraph"], "note": one["note"], "text": one["text"],
                "anchor": anchors[key][one["seq"]] if one["seq"] is not None and one["seq"] < len(anchors[key]) else None,
            }
            for key, one in some
        ]  # fmt: skip


def _plain(one: Find) -> dict[str, Any]:
    return {**one.to_dict(words=False), "text": " ".join(one.text.split())}


def router(room: Room) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(tags=["studies"], responses=PROBLEMS)

    @routes.get("/protection.json", response_model=ProtectionShape, summary="What is to be protected, or was masked")
    def protection_json(q: Words = "", kind: Kind = "", rule: Rule = "", page: PageNumber = 1) -> dict[str, Any]:
        one = Protection(room, q, kind, rule)
        first, last = paged(one.total(), page, PAGE)
        return {
            "old": one.old, "masked": list(one.masked.groups) if one.masked is not None else None, "query": one.q, "kind": kind, "rule": rule,
            "counts": [count._asdict() for count in one.counts], "total": one.total(), "finds": one.finds(first, last),
        }  # fmt: skip

    @routes.get("/protection.csv", include_in_schema=False)
    def protection_csv(q: Words = "", kind: Kind = "", rule: Rule = "") -> Response:
        one = Protection(room, q, kind, rule)
        head = ["cable", "created", "paragraph", "kind", "rule", "confidence", "note", *(["text"] if one.masked is None else [])]

        def lines() -> Iterator[list[Any]]:
            for first in range(0, one.total(), PAGE):
                for find in one.finds(first, first + PAGE):
                    yield [find[name] for name in head]

        return csv_file("protection" if one.masked is None else "masked", head, lines())

    @routes.get("/protection", include_in_schema=False)
    def protection_page(request: Request, q: Words = "", kind: Kind = "", rule: Rule = "", page: PageNumber = 1) -> Response:
        one = Protection(room, q, kind, rule)
        first, last = paged(one.total(), page, PAGE)
        return room.html(
            request, "protection.html", one=one, q=one.q, rows=one.finds(first, last), total=one.total(), number=page, size=PAGE, group=_GROUP,
            listed=_LISTED, groups=GROUPS, old=one.old,
        )  # fmt: skip

    return routes
