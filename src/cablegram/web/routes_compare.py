"""Two sources of the archive compared as a whole: every number leads to the list that it counts, every cable to the two versions side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from cablegram.errors import CablegramError, NotHeld
from cablegram.study.collating import TEXTS
from cablegram.study.sides import Side
from cablegram.study.summed import CLAIM_COLUMNS, COLUMNS, Claim, Row, claims_of, rows_of
from cablegram.web.choices import BRIEF
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room, cable_url
from cablegram.web.routes_study import PageNumber
from cablegram.web.shapes_compare import CompareShape
from cablegram.web.tables import csv_file, paged

_SOURCE: Final = "A source, as `source:` finds it, or a group of files as the first page lists it."
SourceA = Annotated[str, Query(max_length=400, description=_SOURCE, examples=["release-2009.csv"])]
SourceB = Annotated[str, Query(max_length=400, description=_SOURCE, examples=["release-2016.csv"])]
Chosen = Annotated[
    Literal[
        "a", "b", "only-a", "only-b", "renumbered-a", "renumbered-b", "both", "no-text", "text-only-in-a", "text-only-in-b", "identical",
        "white-space", "restored", "differs", "another", "unlike", "redacted-a", "redacted-b", "edited", "fuller-a", "fuller-b", "fuller-equal",
        "fields",
    ],
    Query(alias="list", description="Which cables to list; `fields`: the fields that disagree."),
]  # fmt: skip
Field = Annotated[str, Query(max_length=40, description="Only this field, with `list=fields`.")]
PAGE: Final = 50
#: Sources of a side that the JSON names.
_CALLED: Final = 100
#: What each list is, for its heading.
SAID: Final = {
    "a": "All cables of A", "b": "All cables of B", "only-a": "Only in A", "only-b": "Only in B",
    "renumbered-a": "Only in A by their numbers; B has the text under another", "renumbered-b": "Only in B by their numbers; A has the text under another",
    "both": "In both", "unlike": "In both, and not the same in all", "redacted-a": "A blacks out what B shows", "redacted-b": "B blacks out what A shows",
    "edited": "Words changed without a mark", "fuller-a": "A is fuller", "fuller-b": "B is fuller", "fuller-equal": "Words differ, and neither is fuller",
    "fields": "Fields that disagree", **{name.replace(" ", "-"): said[0].upper() + said[1:] for name, said in TEXTS.items()},
}  # fmt: skip
#: What a side has where words differ, as the page tells it.
SUMS: Final = (
    ("words", "words"), ("only_words", "of these, not in the other"), ("shown_words", "of these, blacked out in the other"),
    ("redactions", "passages blacked out"), ("characters", "characters blacked out"), ("revealed", "of these passages, shown by the other"),
    ("revealed_characters", "characters of those"),
)  # fmt: skip


class Compared:
    """What one address asks for, and the answer. ``HTTPException`` 503 while it is being made."""

    def __init__(self, room: Room, a: str, b: str, chosen: str, field: str) -> None:
        if not (a.strip() and b.strip()):
            raise CablegramError("Name two sources: a=release-2009.csv&b=release-2016.csv.")
        (first, first_old), (second, second_old) = self._side(room, a), self._side(room, b)
        self.sides = (first, second)
        found = room.collations.ready(*self.sides)
        if found is None:
            raise room.collations.background.not_yet("The sources are being compared")
        self.collation, self.summary, old = found
        self.old = old or first_old or second_old
        self.lists: dict[str, int] = self.summary["lists"]
        self.fields: dict[str, dict[str, int]] = self.summary["fields"]
        self.chosen, self.field = chosen, field
        if field and (chosen != "fields" or field not in self.fields):
            raise NotHeld(f"{field[:40]}: there is no such list; list=fields&field=subject gives one.")
        self.base = {"a": a, "b": b}
        self.asked = {**self.base, "list": chosen, **({"field": field} if field else {})}

    @staticmethod
    def _side(room: Room, name: str) -> tuple[Side, bool]:
        found = room.choices.side(name)
        if found is None:
            raise room.choices.background.not_yet("The sources of that name are being looked for")
        return found

    def href(self, chosen: str, field: str = "") -> str:
        """The list of that name."""
        return "/compare?" + urlencode({**self.base, "list": chosen, **({"field": field} if field else {})}) + "#list"

    def total(self) -> int:
        """How many lines the list has, by the counts."""
        if self.chosen != "fields":
            return self.lists[self.chosen]
        return sum(sum(kinds.values()) for name, kinds in self.fields.items() if self.field in ("", name))

    def rows(self, limit: int = -1, offset: int = 0) -> Iterator[Row]:
        """The list's cables."""
        with closing(self.collation.connect()) as db:
            yield from rows_of(db, self.chosen, limit, offset)

    def claims(self, limit: int = -1, offset: int = 0) -> Iterator[Claim]:
        """The list's disagreements."""
        with closing(self.collation.connect()) as db:
            yield from claims_of(db, self.field or None, limit, offset)

    def versions_of(self, ident: str) -> str | None:
        """The page of both versions of a cable, side by side; of the one where both sources have the same."""
        both = self.collation.both(ident)
        if both is None:
            return None
        return side_by_side(both.a.key, both.a.version, both.b.version)


def side_by_side(key: str, left: int, right: int) -> str:
    """The page of two versions of a cable; where they are one, that one."""
    if left == right:
        return f"{cable_url(key)}?version={left}"
    return f"{cable_url(key)}/versions?left={left}&right={right}"


def href_of(row: Row) -> str:
    """What a line of a list leads to: both versions side by side, or the one that there is."""
    if row.a_key is not None and row.a_version is not None and row.b_version is not None:
        return side_by_side(row.a_key, row.a_version, row.b_version)
    return f"{cable_url(row.a_key or row.b_key or row.ident)}?version={row.a_version or row.b_version}"


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["studies"], responses=PROBLEMS)

    @routes.get("/compare.json", response_model=CompareShape, summary="Two sources of the archive compared as a whole")
    def compare_json(
        a: SourceA, b: SourceB, chosen: Chosen = "unlike", field: Field = "", page: PageNumber = 1
    ) -> dict[str, Any]:
        one = Compared(room, a, b, chosen, field)
        first, _ = paged(one.total(), page, PAGE)
        return {
            "old": one.old, **{name: list(side.called[:_CALLED]) for name, side in zip("ab", one.sides, strict=True)},
            "sources": {name: len(side.called) for name, side in zip("ab", one.sides, strict=True)}, "lists": one.lists, "fields": one.fields,
            "where_words_differ": {"a": one.summary["a"], "b": one.summary["b"], "edits": one.summary["edits"]},
            "listed": chosen, "field": field or None, "total": one.total(),
            "cables": [row.to_dict() for row in one.rows(PAGE, first)] if chosen != "fields" else [],
            "disagreements": [claim.to_dict() for claim in one.claims(PAGE, first)] if chosen == "fields" else [],
        }  # fmt: skip

    @routes.get("/compare.csv", include_in_schema=False)
    def compare_csv(a: SourceA, b: SourceB, chosen: Chosen = "unlike", field: Field = "") -> Response:
        one = Compared(room, a, b, chosen, field)
        if chosen == "fields":
            return csv_file(f"compare-{field or 'fields'}", CLAIM_COLUMNS, (claim.flat() for claim in one.claims()))
        return csv_file(f"compare-{chosen}", COLUMNS, (row.flat() for row in one.rows()))

    @routes.get("/compare", include_in_schema=False)
    def compare_page(
        request: Request, a: SourceA = "", b: SourceB = "", chosen: Chosen = "unlike", field: Field = "", page: PageNumber = 1
    ) -> Response:
        if not (a.strip() and b.strip()):
            if (listed := room.choices.listed()) is None:
                raise room.choices.background.not_yet("The sources are being listed")
            first_two = [*listed.names, "", ""][:2]
            return room.html(request, "compare.html", one=None, listed=listed, a=a or first_two[0], b=b or first_two[1])
        one = Compared(room, a, b, chosen, field)
        # What may be typed besides is a help that the answer does not wait for.
        listed = room.choices.listed(BRIEF)
        total = one.total()
        first, _ = paged(total, page, PAGE)
        rows = [(row, href_of(row)) for row in one.rows(PAGE, first)] if chosen != "fields" else []
        claims = [(claim, one.versions_of(claim.ident)) for claim in one.claims(PAGE, first)] if chosen == "fields" else []
        return room.html(
            request, "compare.html", one=one, listed=listed, a=a, b=b, texts=TEXTS, said=SAID, sums=SUMS, rows=rows, claims=claims, total=total,
            number=page, size=PAGE, asked=one.asked, old=one.old,
        )  # fmt: skip

    return routes
