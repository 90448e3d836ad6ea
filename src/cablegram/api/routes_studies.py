"""Addresses that ask about the whole archive: ghosts, coverage, the declassification clock, markings. They read much, so two run at a time."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from cablegram.api import models
from cablegram.api.answers import reply, state
from cablegram.api.cursors import Cursor, from_text, name_of, to_text
from cablegram.api.errors import problems
from cablegram.api.routes_lists import Limit, Place, Words
from cablegram.api.threads import Apart
from cablegram.archive.archive import Archive
from cablegram.errors import NotHeld
from cablegram.interpret.claims import meant_id
from cablegram.study.clock import STATUSES, Clocked, clock
from cablegram.study.coverage import Coverages
from cablegram.study.ghosts import Ghosts
from cablegram.study.markings import survey

Post = Annotated[str | None, Query(max_length=80, description="Only this post, in any usual spelling.", examples=["SANTIAGO"])]
#: Posts by year are short rows, and there are some thousands at most.
_MOST: Final = 500


def ghosts_page(archive: Archive, post: str | None, query: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """One page of the ghosts, as plain data; the next goes on behind the number of citations and the id of its last one."""
    name = name_of("ghosts", post, query)
    place = from_text(cursor, name)
    ghosts = Ghosts(archive, post=post, query=query)
    ranked = [(-count, key) for key, count in ghosts.ranked()]
    start = bisect_right(ranked, (-place.offset, place.last)) if place is not None else 0
    shown = ranked[start : start + limit]
    there_is_more = start + len(shown) < len(ranked)
    return {
        "total": len(ranked), "ghosts": [ghost.to_dict() for _, key in shown if (ghost := ghosts.get(key)) is not None],
        "next": to_text(Cursor(name, state(archive), -shown[-1][0], len(ranked), shown[-1][1])) if there_is_more else None,
    }  # fmt: skip


def one_ghost(archive: Archive, ident: str) -> dict[str, Any]:
    """One ghost; ``NotHeld`` where no cable cites it, or it is held after all."""
    key = meant_id(ident)
    ghost = Ghosts(archive).get(key)
    if ghost is None:
        known = archive.resolve(ident)
        raise NotHeld(
            f"{known} is held, so it is no ghost; /cables/{known} has it."
            if known
            else f"No cable of this archive cites {key[:80]}."
        )
    return ghost.to_dict()


def coverage_page(archive: Archive, post: str | None, year: int | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """One page of posts by year, in order of codes and years; the next goes on behind the post and year of its last one."""
    name = name_of("coverage", post, year)
    place = from_text(cursor, name)
    rows = sorted(Coverages(archive, post=post, year=year), key=lambda one: (one.post, one.year))
    start = bisect_right([(row.post, row.year) for row in rows], (place.last, place.offset)) if place is not None else 0
    shown = rows[start : start + limit]
    there_is_more = start + len(shown) < len(rows)
    return {
        "total": len(rows), "posts": [row.to_dict() for row in shown],
        "next": to_text(Cursor(name, state(archive), shown[-1].year, len(rows), shown[-1].post)) if there_is_more else None,
    }  # fmt: skip


def clock_page(archive: Archive, as_of: date | None, query: str, status: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """How many cables have which status as of a day (None: today in UTC), and a page of those of one, the earliest date first, cables without
    a date last; the next goes on behind the date and the id of its last one, also where it is another day meanwhile."""
    name = name_of("clock", as_of.isoformat() if as_of is not None else None, query, status)
    place = from_text(cursor, name)
    day = as_of or datetime.now(UTC).date()
    counts = Counter(dict.fromkeys(STATUSES, 0))

    def order(row: Clocked) -> tuple[int, str]:
        return (row.due.date or date.max).toordinal(), row.cable

    def behind() -> Iterator[Clocked]:
        for row in clock(archive, day, query):
            counts[row.due.status] += 1
            if row.due.status == status and (place is None or order(row) > (place.offset, place.last)):
                yield row

    # One more than is shown tells whether there is a next page.
    found = heapq.nsmallest(limit + 1, behind(), key=order)
    shown = found[:limit]
    offset, last = order(shown[-1]) if shown else (0, "")
    return {
        "as_of": day.isoformat(), "status": status, "counts": dict(counts), "total": counts[status], "items": [row.to_dict() for row in shown],
        "next": to_text(Cursor(name, state(archive), offset, counts[status], last)) if len(found) > limit else None,
    }  # fmt: skip


def router(archive: Archive) -> APIRouter:
    """The routes of these addresses."""
    routes = APIRouter(tags=["studies"], responses=problems())
    # So that those who only read a record need not wait.
    apart = Apart(2)

    @routes.get("/ghosts", response_model=models.Ghosts, summary="Cables that are cited and not held, most cited first")
    async def ghosts(request: Request, post: Post = None, q: Words = "", limit: Limit = 50, cursor: Place = None) -> Response:
        return reply(request, await apart(lambda: ghosts_page(archive, post, q, limit, cursor)))

    @routes.get(
        "/ghosts/{ident}", response_model=models.Ghost, responses=problems(404), summary="One cable that is cited and not held"
    )
    async def ghost(
        request: Request, ident: Annotated[str, Path(max_length=200, description="Its id.", examples=["05DUSHANBE1102"])]
    ) -> Response:
        return reply(request, await apart(lambda: one_ghost(archive, ident)))

    @routes.get("/coverage", response_model=models.Coverages, summary="What is held of the numbers that posts used")
    async def coverage(
        request: Request,
        post: Post = None,
        year: Annotated[int | None, Query(ge=1900, le=2099, description="Only this year.", examples=[1996])] = None,
        limit: Limit = _MOST, cursor: Place = None,
    ) -> Response:  # fmt: skip
        return reply(request, await apart(lambda: coverage_page(archive, post, year, limit, cursor)))

    @routes.get("/clock", response_model=models.Clock, summary="Which cables are due to be declassified")
    async def the_clock(
        request: Request,
        as_of: Annotated[date | None, Query(description="The day that counts as today (UTC).", examples=["2010-12-31"])] = None,
        q: Words = "",
        status: Annotated[Literal["due", "overdue", "exempt", "unknown", "unclassified"], Query(description="Which cables to list.")] = "overdue",
        limit: Limit = 50, cursor: Place = None,
    ) -> Response:  # fmt: skip
        # Without a day the answer is another tomorrow.
        return reply(request, await apart(lambda: clock_page(archive, as_of, q, status, limit, cursor)), keep=as_of is not None)

    @routes.get("/markings", response_model=models.Markings, summary="Banners held against the marks of paragraphs")
    async def markings(request: Request, q: Words = "") -> Response:
        return reply(request, await apart(lambda: survey(archive, q).to_dict()))

    return routes
