"""Pages of the distribution: who got which cables, who was told first, who is no longer copied; every number leads to the list that it counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, groupby
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator

from cablegram.present.page import links
from cablegram.study.copies import Copies, Scope, Told, in_order
from cablegram.study.distribution import ROLES, distribution
from cablegram.vocabulary import bodies, collectives
from cablegram.vocabulary.posts import resolve
from cablegram.web.charts import Bar, bar_table, histogram
from cablegram.web.charts_study import copies_line
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room, cable_url, filled
from cablegram.web.routes_cable import Ident
from cablegram.web.routes_study import PageNumber, Post, Words, code_of, counted
from cablegram.web.shapes_who import CopiesList, OneDistribution, WhoShape
from cablegram.web.tables import csv_file, paged

Order = Literal["first", "last", "most"]
Sort = Annotated[
    Order, Query(description="`first`: who was first told; `last`: who was first no longer copied; `most`: who got most.")
]
From = Annotated[
    str,
    Query(
        alias="from", pattern=r"^(\d{4}(-(0[1-9]|1[0-2]))?)?$", description="From this month or year on.", examples=["2007-03"]
    ),
]
To = Annotated[str, Query(pattern=r"^(\d{4}(-(0[1-9]|1[0-2]))?)?$", description="Up to this month or year.", examples=["2007"])]
Who = Annotated[
    str,
    Query(max_length=400, description="The addressee, as the list names it; empty for all cables that are looked at."),
    # A link of before, or one written by hand, may have another spelling of a body.
    AfterValidator(bodies.standard),
]
Role = Annotated[Literal["", "action", "info", "member"], Query(description="In this role; empty for any.")]
Month = Annotated[str | None, Query(pattern=r"^(\d{4}(-\d{2})?)?$", description="Of this month or year; empty: without a month.")]
After = Annotated[bool, Query(description="Instead: what others sent after the last one that went to it.")]
SORTS: Final = {"first": "Who was told first", "last": "Who is no longer copied", "most": "Who got most"}
PAGE: Final = 40
LIST: Final = 100
#: Columns of the matrix: of more months than this it has the years.
_MOST_MONTHS: Final = 24
_COLLECTIVE: Final = re.compile(r"\bCOLLECTIVE\b", re.IGNORECASE)


class Asked:
    """What one address asks for: the scope, and how links say it."""

    def __init__(self, room: Room, q: str, post: str, first: str, last: str) -> None:
        self.q = q.strip()
        self.post = code_of(post) if post.strip() else None
        self.old = room.studies.is_old(counted(room))
        given = (("q", self.q), ("post", self.post or ""), ("from", first), ("to", last))
        self.base = {name: value for name, value in given if value}
        scope = Scope(
            room.studies.keys(self.q), self.post, f"{first}-01" if len(first) == 4 else first or None,
            f"{last}-12" if len(last) == 4 else last or None,
        )  # fmt: skip
        self.copies: Copies = room.studies.copies(scope)

    def href(self, **more: Any) -> str:
        """The list that a number counts."""
        return "/distribution/cables?" + urlencode(
            {**self.base, **{name: value for name, value in more.items() if value is not None}}
        )


def columns(found: Copies) -> list[tuple[str, list[str]]]:
    """The columns of the matrix with the months of each: months, or years where there are too many."""
    months = [month for month, _ in filled(found.by_month)]
    if len(months) <= _MOST_MONTHS:
        return [(month, [month]) for month in months]
    return [(year, list(some)) for year, some in groupby(months, key=lambda month: month[:4])]


def shown_of(found: Copies, columns: Sequence[tuple[str, list[str]]]) -> list[bool]:
    """Which columns the matrix shows: every month, and those years that have a cable."""
    return [len(name) > 4 or any(month in found.by_month for month in months) for name, months in columns]


def row_shape(found: Copies, row: Told) -> dict[str, Any]:
    """One addressee as the pages' JSON has it."""
    return {
        "name": row.name, "post": row.name if resolve(row.name) is not None else None, **{role: row.count(role) for role in ROLES},
        "first": row.first_cable._asdict(), "last": row.last_cable._asdict(), "not_copied_after": found.since(row),
        "months": {month: {role: roles.get(role, 0) for role in ROLES} for month, roles in sorted(row.months.items()) if month},
        "undated": sum(row.months.get("", {}).values()),
    }  # fmt: skip


def collectives_of(found: Copies) -> list[dict[str, Any]]:
    """The collectives among the addressees, with what the vocabulary knows of their members."""
    out = []
    for row in found.rows:
        known = collectives.lookup(row.name)
        if known is not None or _COLLECTIVE.search(row.name):
            out.append(
                {
                    "name": row.name,
                    "cables": row.count(),
                    "expanded": known is not None,
                    "evidence": known.evidence if known else None,
                }
            )
    return out


def drawn(found: Copies, row: Told, columns: Sequence[tuple[str, list[str]]], shown: Sequence[bool]) -> dict[str, Any]:
    """One addressee as the page shows it; of the columns those that are ``shown`` as cells."""
    cells = [(name, row.count("action", months), row.count(None, months)) for name, months in columns]
    first, last = row.first_cable, row.last_cable
    title = f"{row.name}: {row.count():,} cables from {(first.created or 'an unknown day')[:10]} to {(last.created or 'an unknown day')[:10]}"
    known = resolve(row.name)
    return {
        "row": row, "post": known, "cells": list(compress(cells, shown)), "line": copies_line(cells, title=title),
        "since": found.since(row), "counts": {role: row.count(role) for role in ROLES},
    }  # fmt: skip


def copy_rows(room: Room, some: Sequence[tuple[str, str, str | None]]) -> list[dict[str, Any]]:
    """Lines of a list of cables."""
    known = links(room.archive, [key for key, _, _ in some])
    return [
        {
            "id": key, "created": known[key].created, "post": known[key].post, "subject": known[key].subject, "role": role or None,
            "through": through,
        }
        for key, role, through in some
    ]  # fmt: skip


def one_rows(told: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The distribution of one cable as rows of a table."""
    for role in ("action", "info"):
        for one in told[role]:
            yield role, one["name"], one["post"], one["precedence"], one["number"], None
            for post in one["members"] or ():
                yield "member", post, post, one["precedence"], None, one["name"]
    for one in told["left_off"]:
        yield "left off", one["name"], None, None, None, " ".join(copy["cable"] for copy in one["cables"])


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["studies"], responses=PROBLEMS)

    @routes.get("/distribution.json", response_model=WhoShape, summary="Who got which cables")
    def who_json(
        q: Words = "", post: Post = "", first: From = "", to: To = "", sort: Sort = "first", page: PageNumber = 1
    ) -> dict[str, Any]:  # fmt: skip
        asked = Asked(room, q, post, first, to)
        found = asked.copies
        rows = in_order(found.rows, sort)
        begin, end = paged(len(rows), page, PAGE)
        return {
            "old": asked.old, "query": asked.q, "post": asked.post, "from": first, "to": to, "count": found.cables, "undated": found.undated,
            "months": dict(sorted(found.by_month.items())), "collectives": collectives_of(found), "total": len(rows),
            "addressees": [row_shape(found, row) for row in rows[begin:end]],
        }  # fmt: skip

    @routes.get("/distribution.csv", include_in_schema=False)
    def who_csv(q: Words = "", post: Post = "", first: From = "", to: To = "", sort: Sort = "first") -> Response:
        found = Asked(room, q, post, first, to).copies
        lines = (
            (row.name, row.name if resolve(row.name) is not None else None, month, *(roles.get(role, 0) for role in ROLES))
            for row in in_order(found.rows, sort) for month, roles in sorted(row.months.items())
        )  # fmt: skip
        return csv_file("distribution", ("name", "post", "month", *ROLES), lines)

    @routes.get("/distribution", include_in_schema=False)
    def who_page(
        request: Request, q: Words = "", post: Post = "", first: From = "", to: To = "", sort: Sort = "first", page: PageNumber = 1
    ) -> Response:  # fmt: skip
        asked = Asked(room, q, post, first, to)
        found = asked.copies
        rows = in_order(found.rows, sort)
        begin, end = paged(len(rows), page, PAGE)
        some = columns(found)
        shown = shown_of(found, some)
        bars = [Bar(month, n, asked.href(month=month) if n else None) for month, n in filled(found.by_month)]
        title = "Cables looked at, by month"

        def year(name: str) -> str:
            return "/distribution?" + urlencode({**asked.base, "from": name, "to": name})

        chart = None
        if len(bars) > 1:
            chart = histogram(bars, title=title, unit="cables", year_href=year) + bar_table(
                bars, title=title, unit="cables", year_href=year
            )
        years = {int(month[:4]) for month in found.by_month}
        return room.html(
            request, "who.html", asked=asked, found=found, q=asked.q, post=post, first=first, to=to, sort=sort, sorts=SORTS, chart=chart, total=len(rows),
            number=page, size=PAGE, rows=[drawn(found, row, some, shown) for row in rows[begin:end]], year=year, roles=ROLES,
            columns=list(compress(some, shown)),
            collectives=collectives_of(found), order=None if sort == "first" else sort, old=asked.old,
            sent_told=counted(room).sent({name for name in found.senders if name is not None}, years) if years else None,
        )  # fmt: skip

    @routes.get(
        "/distribution/cables.json", response_model=CopiesList, summary="The cables that a number of the distribution counted"
    )
    def copies_json(
        who: Who = "", role: Role = "", month: Month = None, after: After = False, q: Words = "", post: Post = "", first: From = "",
        to: To = "", page: PageNumber = 1,
    ) -> dict[str, Any]:  # fmt: skip
        asked = Asked(room, q, post, first, to)
        total = asked.copies.total(who, role or None, month, after)
        begin, _ = paged(total, page, LIST)
        rows = asked.copies.listed(who, role or None, month, after, LIST, begin)
        return {"old": asked.old, "who": who, "total": total, "cables": copy_rows(room, rows)}

    @routes.get("/distribution/cables.csv", include_in_schema=False)
    def copies_csv(
        who: Who = "", role: Role = "", month: Month = None, after: After = False, q: Words = "", post: Post = "", first: From = "",
        to: To = "",
    ) -> Response:  # fmt: skip
        rows = Asked(room, q, post, first, to).copies.listed(who, role or None, month, after)
        told: Iterable[dict[str, Any]] = (
            one for at in range(0, len(rows), LIST) for one in copy_rows(room, rows[at : at + LIST])
        )
        head = ("id", "created", "post", "role", "through", "subject")
        return csv_file(f"distribution-{who or 'all'}", head, ([one[name] for name in head] for one in told))

    @routes.get("/distribution/cables", include_in_schema=False)
    def copies_page(
        request: Request, who: Who = "", role: Role = "", month: Month = None, after: After = False, q: Words = "", post: Post = "",
        first: From = "", to: To = "", page: PageNumber = 1,
    ) -> Response:  # fmt: skip
        asked = Asked(room, q, post, first, to)
        total = asked.copies.total(who, role or None, month, after)
        begin, _ = paged(total, page, LIST)
        rows = asked.copies.listed(who, role or None, month, after, LIST, begin)
        given = {
            "who": who,
            "role": role,
            **({"month": month} if month is not None else {}),
            **({"after": "true"} if after else {}),
        }
        kept = {name: value for name, value in given.items() if value or name == "month"}
        return room.html(
            request, "who_list.html", asked=asked, who=who, known=resolve(who) if who else None, role=role, month=month, after=after, q=asked.q,
            rows=copy_rows(room, rows), total=total, number=page, size=LIST, given={**asked.base, **kept}, old=asked.old,
        )  # fmt: skip

    @routes.get(
        "/cables/{ident}/distribution.json", response_model=OneDistribution, summary="To whom a cable went, and who was left off"
    )
    def one_json(ident: Ident) -> dict[str, Any]:
        return distribution(room.archive, ident)

    @routes.get("/cables/{ident}/distribution.csv", include_in_schema=False)
    def one_csv(ident: Ident) -> Response:
        told = distribution(room.archive, ident)
        head = ("role", "name", "post", "precedence", "number", "through")
        return csv_file(f"distribution-{told['cable']}", head, one_rows(told))

    @routes.get("/cables/{ident}/distribution", include_in_schema=False)
    def one_page(request: Request, ident: Ident) -> Response:
        told = distribution(room.archive, ident)
        return room.html(request, "who_one.html", told=told, here=cable_url(told["cable"]), resolve=resolve)

    return routes
