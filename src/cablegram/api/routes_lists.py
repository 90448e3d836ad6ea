"""Addresses about many cables: lists and searches, facets, posts, TAGS, exports."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from cablegram import __version__
from cablegram.api import lists, models
from cablegram.api.answers import encoded, reply
from cablegram.api.errors import problems
from cablegram.archive.archive import Archive
from cablegram.archive.search import State
from cablegram.cable import Cable
from cablegram.export.formats import FORMATS
from cablegram.export.selection import held
from cablegram.study.ghosts import Ghosts
from cablegram.vocabulary.levels import BY_RANK
from cablegram.vocabulary.posts import resolve
from cablegram.vocabulary.tags import lookup

VERSION: Final = "1.0"
LONGEST_QUERY: Final = 2000
Words = Annotated[
    str,
    Query(
        max_length=LONGEST_QUERY, description="A query; see docs/search.md. All cables without it.", examples=["para:S uranium"]
    ),
]
Sort = Annotated[
    Literal["relevance", "date", "-date", "id", "-id"], Query(description="Order; a minus: latest or highest first.")
]
Most = Annotated[int, Query(ge=0, le=1000, description="Items at once; 0 for the number and the facets only.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Items at once.")]
Place = Annotated[str | None, Query(max_length=1024, description="`next` of the page before.")]
_KINDS: Final = {
    "jsonl": "application/x-ndjson", "records": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "ids": "text/plain; charset=utf-8",
}  # fmt: skip
#: Cables that one piece of an export has.
_PIECE: Final = 20


def root(archive: Archive, links: Iterable[str]) -> dict[str, Any]:
    """What the archive holds, and the addresses of the API."""
    db = archive.store.db
    first, last = db.execute("SELECT min(created), max(created) FROM cables").fetchone()
    levels = db.execute("SELECT level, count(*) FROM cables WHERE level IS NOT NULL GROUP BY 1 ORDER BY 1 DESC")
    return {
        "api": VERSION, "program": f"cablegram {__version__}", "cables": len(archive),
        "versions": db.execute("SELECT count(*) FROM versions").fetchone()[0], "earliest": first, "latest": last,
        "ghosts": Ghosts(archive).count(),
        "classification": {BY_RANK[int(rank)].name: count for rank, count in levels},
        "masked": list(masked.groups) if (masked := archive.masked) is not None else None,
        "links": {link.strip("/"): f"/api/v1{link}" for link in links if link != "/"},
    }  # fmt: skip


def exported(archive: Archive, ids: Iterator[str], form: str) -> Iterator[bytes]:
    """The cables with these ids in the form of ``cablegram export``, some at a time; ``ids``: an id a line; ``records``: JSON lines in
    which ``key`` is the id under which the archive has a cable and ``id`` the one that the cable gives."""
    if form == "ids":
        while lines := [*islice(ids, 1000)]:
            yield ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")
        return
    if form == "records":
        while keys := [*islice(ids, _PIECE)]:
            found = held(archive, keys)
            yield b"".join(encoded({"key": key, **cable.to_dict(), "original": cable.original}) + b"\n" for key, cable in found)
        return
    # What a file of this form begins with, also when it is empty.
    head = _written(form, [])
    yield head
    while keys := [*islice(ids, _PIECE)]:
        yield _written(form, held(archive, keys))[len(head) :]


def _written(form: str, cables: Iterable[tuple[str, Cable]]) -> bytes:
    out = io.BytesIO()
    FORMATS[form](cables, out)
    return out.getvalue()


def _begun(ids: Iterator[str]) -> Iterator[str]:
    """``ids``, the first of which is asked for now: a query that is wrong is told before the answer begins."""
    first = next(ids, None)

    def all_of_them() -> Iterator[str]:
        if first is not None:
            yield first
            yield from ids

    return all_of_them()


def _counts(rows: Iterable[tuple[str, int]], name: Any) -> dict[str, Any]:
    return {"values": [{"code": code, "name": name(code), "count": count} for code, count in rows]}


def _post_name(code: str) -> str | None:
    post = resolve(code)
    return post.name if post is not None else None


def _tag_name(code: str) -> str | None:
    tag = lookup(code)
    return tag.meaning if tag is not None else None


def router(archive: Archive) -> APIRouter:
    """The routes of these addresses."""
    routes = APIRouter(responses=problems())

    @routes.get("/", tags=["archive"], response_model=models.Root, summary="What the archive holds, and where the rest is")
    def overview(request: Request) -> Response:
        return reply(request, root(archive, request.app.openapi()["paths"]))

    @routes.get(
        "/cables",
        tags=["search"],
        response_model=models.Cables,
        responses=problems(409),
        summary="Cables that a query finds, or all",
    )
    def cables(
        request: Request, q: Words = "", sort: Sort = "relevance", limit: Most = 20, cursor: Place = None,
        fields: Annotated[str | None, Query(max_length=1000, description=f"What to give of each, set apart by commas: {', '.join(lists.FIELDS)}.", examples=["id,subject,paragraphs"])] = None,
        facets: Annotated[bool, Query(description="Give the facets too.")] = False,
        months: Annotated[bool, Query(description="Give the facets too, with one of months.")] = False,
    ) -> Response:  # fmt: skip
        wanted = lists.wanted(fields)
        return reply(request, lists.page(archive, q, sort, limit, cursor, fields=wanted, facets=facets, months=months))

    @routes.get(
        "/search/facets", tags=["search"], response_model=models.Facets, summary="What the cables that a query finds are made of"
    )
    def facets(
        request: Request, q: Words = "", months: Annotated[bool, Query(description="Count months too.")] = False
    ) -> Response:
        found = archive.search(State(q, "id", 0), snippets=False, months=months)
        return reply(
            request, {"query": q, "total": found.total, "facets": {name: dict(values) for name, values in found.facets.items()}}
        )

    @routes.get("/posts", tags=["archive"], response_model=models.Counts, summary="Posts, with their numbers of cables")
    def posts(request: Request) -> Response:
        rows = archive.store.db.execute("SELECT post, count(*) FROM cables WHERE post IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1")
        return reply(request, _counts(rows, _post_name))

    @routes.get("/tags", tags=["archive"], response_model=models.Counts, summary="TAGS codes, with their numbers of cables")
    def tags(request: Request) -> Response:
        rows = archive.store.db.execute(
            "SELECT t.tag, count(*) FROM cables c JOIN tags t ON t.version = c.current WHERE t.person = 0 GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        return reply(request, _counts(rows, _tag_name))

    @routes.get(
        "/export", tags=["search"], response_class=StreamingResponse, summary="All cables that a query finds, in one stream",
        responses={200: {"description": "The cables", "content": {kind.split(";")[0]: {"schema": {"type": "string"}} for kind in _KINDS.values()}}},
    )  # fmt: skip
    def export(
        request: Request,
        q: Annotated[str | None, Query(max_length=LONGEST_QUERY, description="A query, for what it finds in order of ids; without it all, in alphabetical order.", examples=["bell"])] = None,
        format: Annotated[Literal["jsonl", "records", "csv", "ids"], Query(description="JSON lines with originals, as `cablegram export` writes them; the same with `key` apart from `id`; a flat table; an id a line.")] = "jsonl",
    ) -> Response:  # fmt: skip
        ids = _begun(archive.find_ids(q) if q is not None else archive.ids())
        headers = {"cache-control": "private, no-store"}
        if request.scope.get("bare"):
            response = Response(media_type=_KINDS[format], headers=headers)
            del response.headers["content-length"]  # which is not known before all is written
            return response
        return StreamingResponse(exported(archive, ids, format), media_type=_KINDS[format], headers=headers)

    return routes
