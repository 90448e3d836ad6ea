"""The search page, completion of what is typed, and the collection of marked cables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from cablegram.archive.search import Results, State
from cablegram.present.page import links
from cablegram.query.errors import QueryError
from cablegram.query.fields import FIELDS
from cablegram.vocabulary.countries import country_name
from cablegram.vocabulary.levels import LEVELS
from cablegram.vocabulary.posts import resolve
from cablegram.vocabulary.tags import all_tags, lookup
from cablegram.web.charts import Bar, bar_table, histogram
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import LONGEST_QUERY, Room, filled, narrowed, search_url
from cablegram.web.shapes import Completion, Found
from cablegram.web.worldmap import Place, place_table, world_map

Words = Annotated[str, Query(max_length=LONGEST_QUERY, description="A query; see docs/search.md.", examples=["para:S uranium"])]
Sort = Annotated[
    Literal["relevance", "date", "-date", "id", "-id"], Query(description="Order; a minus: latest or highest first.")
]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Hits at once.")]
SORTS: Final = {"relevance": "most relevant", "-date": "latest", "date": "earliest", "id": "by number"}
#: Fields that a facet narrows the query by, and its title.
_FACETS: Final = {
    "classification": ("class", "Classification"), "year": ("year", "Year"), "post": ("from", "From"), "country": ("country", "Country"),
    "tags": ("tags", "TAGS"), "captions": ("caption", "Captions"),
}  # fmt: skip
_SHOWN: Final = 8
_WORD: Final = re.compile(r'[^\s()"]*$')
_MOST_COMPLETIONS: Final = 12
MOST_MARKED: Final = 500


def facet_name(facet: str, value: str) -> str | None:
    """What a facet's value stands for, where it is a code."""
    if facet == "post":
        post = resolve(value)
        return post.name if post is not None else None
    if facet == "country":
        return country_name(value)
    tag = lookup(value) if facet == "tags" else None
    return tag.meaning if tag is not None else None


def _ordered(facet: str, values: Mapping[str, int]) -> list[tuple[str, int]]:
    if facet == "year":
        return sorted(values.items(), reverse=True)
    return sorted(values.items(), key=lambda one: -one[1])


def facets_of(found: Results, query: str) -> list[dict[str, Any]]:
    """The facets as the page shows them: title, and values with count and link."""
    out: list[dict[str, Any]] = []
    for facet, (field, title) in _FACETS.items():
        values = [
            {"value": value, "name": facet_name(facet, value), "count": count, "href": search_url(narrowed(query, field, value))}
            for value, count in _ordered(facet, found.facets.get(facet, {}))
        ]
        if values:
            out.append({"title": title, "shown": values[:_SHOWN], "more": values[_SHOWN:]})
    return out


def month_chart(months: Mapping[str, int], query: str, title: str) -> Markup | None:
    """The histogram by month, with its table; None where there is only one month."""
    bars = [Bar(month, count, search_url(narrowed(query, "date", month)) if count else None) for month, count in filled(months)]
    if len(bars) < 2:
        return None

    def year(name: str) -> str:
        return search_url(narrowed(query, "year", name))

    return histogram(bars, title=title, unit="cables", year_href=year) + bar_table(
        bars, title=title, unit="cables", year_href=year
    )


def place_chart(posts: Mapping[str, int], query: str, title: str) -> Markup | None:
    """The map of origins, with its table; None where no post's place is known."""
    places: list[Place] = []
    for code, count in posts.items():
        post = resolve(code)
        if post is not None:
            places.append(Place(code, post.name, post.lat, post.lon, count, search_url(narrowed(query, "from", code))))
    if not places:
        return None
    return world_map(places, title=title, table="origins") + place_table(places, title=title, id="origins")


def sent_there(room: Room, found: Results) -> tuple[int, int] | None:
    """Numbers held, and the estimated traffic, of the posts and years that were found; None where that is not known (yet)."""
    counted = room.studies.ready(0)
    years = {int(year) for year in found.facets.get("year", {}) if year.isdecimal()}
    return counted.sent(set(found.facets.get("post", {})), years) if counted is not None and years else None


def complete(room: Room, q: str) -> dict[str, Any]:
    """What the last word of ``q`` could go on to: fields, or the values of a field."""
    found = _WORD.search(q)
    start = found.start() if found is not None else len(q)
    word = q[start:]
    name, colon, typed = word.lstrip("-").partition(":")
    values: list[dict[str, str]] = []
    if not colon:
        low = name.lower()
        values = [{"value": f"{field.name}:", "about": field.help} for field in FIELDS if low and field.name.startswith(low)]
        return {"start": start + len(word) - len(name), "values": values[:_MOST_COMPLETIONS]}
    field, start, low = name.lower(), start + len(word) - len(typed), typed.upper()
    if field in ("from", "to", "action", "info"):
        for post, code, count in room.posts():
            told = post.name if post is not None else code
            if code.startswith(low) or low in told.upper():
                values.append({"value": code, "about": f"{told}, {count:,}"})
    elif field in ("tags", "tag"):
        held = dict(room.tags())
        for tag in sorted(all_tags(), key=lambda one: -held.get(one.code, 0)):
            if tag.code.startswith(low):
                values.append({"value": tag.code, "about": f"{tag.meaning}, {held.get(tag.code, 0):,}"})
    elif field in ("class", "para"):
        values = [
            {"value": level.code, "about": level.name}
            for level in LEVELS
            if level.code.startswith(low) or level.name.startswith(low)
        ]
    else:
        known = next((one for one in FIELDS if one.name == field), None)
        if known is not None:
            values = [{"value": value, "about": ""} for value in known.values if value.upper().startswith(low)]
    return {"start": start, "values": values[:_MOST_COMPLETIONS]}


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["search"], responses={code: told for code, told in PROBLEMS.items() if code != 404})

    @routes.get("/search.json", response_model=Found, summary="Cables that a query finds")
    def search_json(q: Words = "", sort: Sort = "relevance", limit: Limit = 20, after: After = None) -> dict[str, Any]:
        return room.archive.search(State(q, sort, limit, after)).to_dict()

    @routes.get("/search", include_in_schema=False)
    def search(request: Request, q: Words = "", sort: Sort = "relevance", after: After = None) -> Response:
        try:
            found = room.archive.search(State(q, sort, 20, after), months=after is None)
        except QueryError as error:
            return room.html(request, "wrong.html", 400, query=q, error=error)
        next_url = search_url(q, sort=sort if sort != "relevance" else "", after=found.next) if found.next else None
        first = after is None
        return room.html(
            request, "search.html", query=q, found=found, sort=sort, sorts=SORTS, next_url=next_url, first=first,
            facets=facets_of(found, q), sent_told=sent_there(room, found) if first and found.total else None,
            months=month_chart(dict(found.facets.get("month", {})), q, "Cables found, by month sent") if first and found.total else None,
            places=place_chart(dict(found.facets["post"]), q, "Cables found, by post of origin") if first and found.total else None,
        )  # fmt: skip

    @routes.get("/complete.json", response_model=Completion, summary="What the last word of a query could go on to")
    def complete_json(q: Words = "") -> dict[str, Any]:
        return complete(room, q)

    @routes.get("/collection", include_in_schema=False)
    def collection(request: Request, ids: Annotated[str, Query(max_length=12_000)] = "") -> Response:
        keys = list(dict.fromkeys(part for part in ids.split(",") if part))[:MOST_MARKED]
        return room.html(request, "collection.html", links=list(links(room.archive, keys).values()), ids=",".join(keys))

    return routes
