"""Pages about one cable: the record, the raw telegram."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from cablegram.cite.metadata import metadata_of
from cablegram.cite.styles import STYLES
from cablegram.errors import NotHeld
from cablegram.present.localtime import local_time
from cablegram.present.page import Page, Section, page_of
from cablegram.present.raw import raw_lines
from cablegram.present.runs import Run
from cablegram.present.sentence import is_all_caps, sentence_case
from cablegram.query.errors import QueryError
from cablegram.study.clock import read_clock
from cablegram.web.errors import PROBLEMS
from cablegram.web.ghosts import ghost_of, ghost_page, ghost_shape
from cablegram.web.room import LONGEST_QUERY, Room
from cablegram.web.shapes import CableShape, RawShape
from cablegram.web.shapes_study import GhostShape

Ident = Annotated[str, Path(max_length=200, description="The id of a cable, in any usual spelling.", examples=["96LAPAZ2075"])]
Version = Annotated[int | None, Query(ge=1, le=2**53, description="A version of the cable, instead of the fullest.")]
Words = Annotated[str, Query(max_length=LONGEST_QUERY, description="What was searched for: it is marked in the text.")]


_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The text", "content": {"text/plain": {"schema": {"type": "string"}}}},
}


def held(room: Room, ident: str, version: int | None = None, query: str = "") -> Page:
    """The page of a cable; :class:`NotHeld` where the archive does not have it."""
    try:
        page = page_of(room.archive, ident, version, query=query)
    except QueryError:
        # What cannot be understood marks nothing; the search page explains it.
        page = page_of(room.archive, ident, version)
    if page is None:
        citing = room.archive.cited_by(ident) if version is None else []
        told = f"; it is cited by {', '.join(citing[:5])}" if citing else ""
        what = (
            f"{ident[:80]} has no version {version}"
            if version is not None and room.archive.resolve(ident)
            else f"{ident[:80]} is not in this archive{told}"
        )
        raise NotHeld(what + ".")
    return page


def in_sentence_case(title: str, sections: Sequence[Section]) -> tuple[str, dict[str, list[Run]]]:
    """Title and runs by anchor in sentence case, which keeps every length. All are read at once: a name that is known from one paragraph
    is known in the others."""
    joint = "\n\n"
    cased = sentence_case(joint.join([title, *(one.text for one in sections)]))
    at = len(title) + len(joint)
    out: dict[str, list[Run]] = {}
    for one in sections:
        runs: list[Run] = []
        for run in one.runs:
            runs.append(run._replace(text=cased[at : at + len(run.text)]))
            at += len(run.text)
        out[one.anchor] = runs
        at += len(joint)
    return cased[: len(title)], out


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["cables"], responses=PROBLEMS)

    @routes.get(
        "/cables/{ident}.json",
        response_model=CableShape | GhostShape,
        summary="The record of a cable, or what is known of one not held",
    )
    def record_json(ident: Ident, version: Version = None) -> dict[str, Any]:
        if version is None and room.archive.resolve(ident) is None and (ghost := ghost_of(room, ident)) is not None:
            return ghost_shape(ghost)
        page = held(room, ident, version)
        versions = [{**v._asdict(), "sightings": [s._asdict() for s in v.sightings]} for v in page.versions]
        return {
            **page.cable.to_dict(), "key": page.key, "held": True, "versions": versions, "cited_by": [one.id for one in page.cited_by],
            "alike": [one.id for one in page.alike], "thread": [one.id for one in page.thread],
        }  # fmt: skip

    @routes.get(
        "/cables/{ident}.txt", response_class=Response, responses=_TEXT, summary="The original text, as its source gave it"
    )
    def original(ident: Ident, version: Version = None) -> Response:
        page = held(room, ident, version)
        return Response(page.cable.original.encode("utf-8", "surrogatepass"), media_type="text/plain; charset=utf-8")

    @routes.get("/cables/{ident}/raw.json", response_model=RawShape, summary="The original, each line with what it was read as")
    def raw_json(ident: Ident, version: Version = None) -> dict[str, Any]:
        page = held(room, ident, version)
        lines = [{**line._asdict(), "pieces": [[p.kind, p.text] for p in line.pieces]} for line in raw_lines(page.cable)]
        return {"key": page.key, "lines": lines}

    @routes.get("/cables/{ident}/raw", include_in_schema=False)
    def raw(request: Request, ident: Ident, version: Version = None) -> Response:
        page = held(room, ident, version)
        return room.html(request, "raw.html", page=page, lines=raw_lines(page.cable))

    @routes.get("/cables/{ident}", include_in_schema=False)
    def record(
        request: Request, ident: Ident, q: Words = "", version: Version = None, case: str = "", repairs: bool = False
    ) -> Response:
        if version is None and room.archive.resolve(ident) is None and (ghost := ghost_of(room, ident)) is not None:
            return ghost_page(room, request, ghost)
        page = held(room, ident, version, q)
        caps = is_all_caps(page.cable.text or "")
        lowered = caps and case == "sentence"
        title, runs = page.title, {one.anchor: list(one.runs) for one in page.sections}
        if lowered:
            title, runs = in_sentence_case(page.title, page.sections)
        local = local_time(page.cable.created, page.origin.zone) if page.origin is not None and page.cable.created else None
        return room.html(
            request, "record.html", page=page, query=q, runs=runs, caps=caps, lowered=lowered, repairs=repairs, local=local,
            title=title, due=read_clock(page.cable, datetime.now(UTC).date()), styles=STYLES.values(),
            metadata=metadata_of(page.key, page.cable, page.version, page.versions),
        )  # fmt: skip

    return routes
