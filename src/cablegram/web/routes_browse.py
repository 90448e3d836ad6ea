"""The overview, and lists by post, by TAG, by day; the guide; the help page."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from cablegram.archive.info import info
from cablegram.errors import NotHeld
from cablegram.present.page import date_in_words
from cablegram.query.fields import FIELDS
from cablegram.vocabulary.countries import country_name
from cablegram.vocabulary.levels import BY_RANK, style_code
from cablegram.vocabulary.posts import resolve
from cablegram.vocabulary.tags import lookup
from cablegram.web.charts import Part, share_bar
from cablegram.web.errors import PROBLEMS
from cablegram.web.guide import NOT_TOLD, parts
from cablegram.web.room import Room, search_url
from cablegram.web.routes_find import month_chart, place_chart
from cablegram.web.routes_study import years_of_post
from cablegram.web.shapes import Counts, Lists, Overview

Code = Annotated[str, Path(max_length=80, description="A post's code, as in the list.", examples=["SANTIAGO"])]
Tag = Annotated[str, Path(max_length=80, description="A TAGS code, as in the list.", examples=["PREL"])]
Day = Annotated[str, Path(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$", description="A year, month or day.", examples=["1996-03"])]
PageNumber = Annotated[int, Query(ge=1, le=100_000, description="Page of the list, from 1.")]
PAGE: Final = 100
_DATE: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


def listed(
    room: Room, where: str, values: tuple[Any, ...], page: int, order: str = "c.created, c.id"
) -> tuple[int, list[dict[str, Any]]]:
    """How many cables there are of a kind, and one page of them. ``where`` is ours, never a reader's."""
    db = room.archive.store.db
    total = int(db.execute(f"SELECT count(*) FROM cables c WHERE {where}", values).fetchone()[0])
    rows = db.execute(
        f"SELECT c.key, c.created, c.post, c.level, c.subject FROM cables c WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
        (*values, PAGE, (page - 1) * PAGE),
    )
    return total, [
        {
            "id": key,
            "created": created,
            "post": post,
            "classification": BY_RANK[level].name if level else None,
            "subject": subject,
        }
        for key, created, post, level, subject in rows
    ]


def _of_post(room: Room, code: str, page: int) -> tuple[str, int, list[dict[str, Any]]]:
    post = resolve(code)
    code = post.code if post is not None else code.upper()
    total, cables = listed(room, "c.post = ?", (code,), page)
    if not total:
        raise NotHeld(f"No cable of {code[:80]} is in this archive.")
    return (post.name if post is not None else code), total, cables


def _of_tag(room: Room, code: str, page: int) -> tuple[str, int, list[dict[str, Any]]]:
    total, cables = listed(room, "EXISTS (SELECT 1 FROM tags t WHERE t.version = c.current AND t.tag = ?)", (code.upper(),), page)
    if not total:
        raise NotHeld(f"No cable with the TAG {code[:80]} is in this archive.")
    tag = lookup(code.upper())
    return (f"{code.upper()}: {tag.meaning}" if tag is not None else code.upper()), total, cables


def _of_day(room: Room, day: str, page: int) -> tuple[str, int, list[dict[str, Any]]]:
    if not _DATE.fullmatch(day):
        raise NotHeld(f"{day[:20]} is no year, month or day.")
    # "~" sorts behind every character of a date.
    total, cables = listed(room, "c.created >= ? AND c.created < ?", (day, day + "~"), page)
    return date_in_words(day), total, cables


def _below(room: Room, day: str) -> list[tuple[str, str, int]]:
    """The months of a year or the days of a month, with their numbers of cables."""
    size = len(day) + 3
    if size > 10:
        return []
    rows = room.archive.store.db.execute(
        "SELECT substr(created, 1, ?1), count(*) FROM cables WHERE created >= ?2 AND created < ?3 AND length(created) >= ?1 GROUP BY 1",
        (size, day, day + "~"),
    )
    return [(name, date_in_words(name), count) for name, count in rows]


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["browse"], responses=PROBLEMS)

    @routes.get("/index.json", response_model=Overview, summary="What the archive holds")
    def overview_json() -> dict[str, Any]:
        told: dict[str, Any] = room.kept("info", lambda: info(room.archive.store))
        return {**told, "sources": dict(told["sources"])}

    @routes.get("/", include_in_schema=False)
    def overview(request: Request) -> Response:
        told = room.kept("info", lambda: info(room.archive.store))
        levels = [
            Part(name, count, style_code(name), search_url(f'class:="{name}"')) for name, count in told["classification"].items()
        ]
        posts = room.posts()
        counted = room.studies.ready(0)
        return room.html(
            request, "overview.html", info=told, sent_told=counted.sent() if counted is not None else None, posts=[(code, post.name if post else code, count) for post, code, count in posts[:24]],
            post_count=len(posts), tags=[(code, lookup(code), count) for code, count in room.tags()[:24]], tag_count=len(room.tags()),
            months=room.kept("months", lambda: month_chart(dict(room.months()), "", "Cables held, by month sent")),
            places=room.kept("places", lambda: place_chart({code: count for _, code, count in posts}, "", "Cables held, by post of origin")),
            shares=share_bar(levels, title="Cables held, by classification") if levels else None,
        )  # fmt: skip

    @routes.get("/posts.json", response_model=Counts, summary="Posts, with their numbers of cables")
    def posts_json() -> dict[str, Any]:
        return {
            "values": [{"code": code, "name": post.name if post else None, "count": count} for post, code, count in room.posts()]
        }

    @routes.get("/posts", include_in_schema=False)
    def posts(request: Request) -> Response:
        groups: dict[str, list[tuple[str, str, int]]] = {}
        for post, code, count in room.posts():
            land = country_name(post.country) if post is not None else "Unknown"
            groups.setdefault(land, []).append((code, post.name if post is not None else code, count))
        return room.html(request, "posts.html", groups=sorted(groups.items()))

    @routes.get("/posts/{code}.json", response_model=Lists, summary="Cables of a post")
    def post_json(code: Code, page: PageNumber = 1) -> dict[str, Any]:
        title, total, cables = _of_post(room, code, page)
        return {"title": title, "total": total, "cables": cables}

    @routes.get("/posts/{code}", include_in_schema=False)
    def post_page(request: Request, code: Code, page: PageNumber = 1) -> Response:
        title, total, cables = _of_post(room, code, page)
        post = resolve(code)
        rows = room.archive.store.db.execute(
            "SELECT substr(created, 1, 7), count(*) FROM cables WHERE post = ? AND length(created) >= 7 GROUP BY 1 ORDER BY 1",
            (post.code if post else code.upper(),),
        )
        chart = month_chart(dict(rows), f"from:{post.code if post else code.upper()}", f"Cables held of {title}, by month sent")
        code, counted = post.code if post else code.upper(), room.studies.ready()
        years = years_of_post(room, counted, code) if counted is not None and page == 1 else []
        return room.html(request, "list.html", title=title, total=total, cables=cables, number=page, size=PAGE, chart=chart, below=[],
                         years=years, sent_told=counted.sent({code}) if counted is not None else None, about=post, search=f"from:{post.code if post else code.upper()}")  # fmt: skip

    @routes.get("/tags.json", response_model=Counts, summary="TAGS codes, with their numbers of cables")
    def tags_json() -> dict[str, Any]:
        return {
            "values": [
                {"code": code, "name": tag.meaning if (tag := lookup(code)) else None, "count": n} for code, n in room.tags()
            ]
        }

    @routes.get("/tags", include_in_schema=False)
    def tags(request: Request) -> Response:
        groups: dict[str, list[tuple[str, str | None, int]]] = {}
        for code, count in room.tags():
            tag = lookup(code)
            groups.setdefault(tag.kind if tag is not None else "not in the vocabulary", []).append(
                (code, tag.meaning if tag else None, count)
            )
        return room.html(request, "tags.html", groups=sorted(groups.items()))

    @routes.get("/tags/{code}.json", response_model=Lists, summary="Cables with a TAGS code")
    def tag_json(code: Tag, page: PageNumber = 1) -> dict[str, Any]:
        title, total, cables = _of_tag(room, code, page)
        return {"title": title, "total": total, "cables": cables}

    @routes.get("/tags/{code}", include_in_schema=False)
    def tag_page(request: Request, code: Tag, page: PageNumber = 1) -> Response:
        title, total, cables = _of_tag(room, code, page)
        return room.html(request, "list.html", title=title, total=total, cables=cables, number=page, size=PAGE, chart=None, below=[], years=[],
                         about=None, search=f"tags:{code.upper()}")  # fmt: skip

    @routes.get("/days", include_in_schema=False)
    def days(request: Request) -> Response:
        years: dict[str, int] = {}
        for month, count in room.months():
            years[month[:4]] = years.get(month[:4], 0) + count
        return room.html(request, "days.html", years=years)

    @routes.get("/days/{day}.json", response_model=Lists, summary="Cables of a year, month or day")
    def day_json(day: Day, page: PageNumber = 1) -> dict[str, Any]:
        title, total, cables = _of_day(room, day, page)
        return {"title": title, "total": total, "cables": cables}

    @routes.get("/days/{day}", include_in_schema=False)
    def day_page(request: Request, day: Day, page: PageNumber = 1) -> Response:
        title, total, cables = _of_day(room, day, page)
        return room.html(request, "list.html", title=title, total=total, cables=cables, number=page, size=PAGE, chart=None,
                         below=_below(room, day), years=[], about=None, search=f"date:{day}")  # fmt: skip

    @routes.get("/guide", include_in_schema=False)
    def guide(request: Request) -> Response:
        return room.html(request, "guide.html", parts=parts(), not_told=NOT_TOLD)

    @routes.get("/help", include_in_schema=False)
    def help_page(request: Request) -> Response:
        return room.html(request, "help.html", fields=FIELDS)

    return routes
