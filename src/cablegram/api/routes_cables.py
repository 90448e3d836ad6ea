"""Addresses about one cable: its record, texts, paragraphs, references, versions, citation."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from cablegram.api import models
from cablegram.api.answers import TEXT, reply
from cablegram.api.errors import problems
from cablegram.api.record_models import Record
from cablegram.api.threads import Apart
from cablegram.archive.archive import Archive, VersionInfo
from cablegram.cable import Cable
from cablegram.errors import NotHeld
from cablegram.present.page import two_versions
from cablegram.study.refs import MOST_THREAD, references
from cablegram.versions.differences import compare

Ident = Annotated[str, Path(max_length=200, description="The id of a cable, in any usual spelling.", examples=["96LAPAZ2075"])]
Version = Annotated[int | None, Query(ge=1, le=2**53, description="A version of the cable, instead of the fullest.")]
_SHOWN: Final = 80
_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The text", "content": {"text/plain": {"schema": {"type": "string"}}}},
}


def held(archive: Archive, ident: str, version: int | None = None) -> tuple[str, Cable]:
    """Key and record of a cable; ``NotHeld`` says what the archive knows of it instead."""
    key = archive.resolve(ident)
    if key is None:
        citing = archive.cited_by(ident)
        told = f"; it is cited by {', '.join(citing[:5])}" if citing else ""
        raise NotHeld(f"{ident[:_SHOWN]} is not in this archive{told}.")
    cable = archive.get(key, version)
    if cable is None:
        raise NotHeld(f"{key} has no version {version}; it has {', '.join(str(v.version) for v in archive.versions(key))}.")
    return key, cable


def plain_version(version: VersionInfo) -> dict[str, Any]:
    """A version as plain data."""
    return {**version._asdict(), "sightings": [sighting._asdict() for sighting in version.sightings]}


def record(archive: Archive, ident: str, version: int | None = None, *, original: bool = False) -> dict[str, Any]:
    """The record of a cable, with its versions and who cites it."""
    key, cable = held(archive, ident, version)
    told = {
        "key": key, **cable.to_dict(), "versions": [plain_version(one) for one in archive.versions(key)],
        "cited_by": archive.cited_by(key), "alike": archive.alike(key),
    }  # fmt: skip
    return {**told, "original": cable.original} if original else told


def restored(archive: Archive, ident: str, version: int | None) -> str:
    """The restored text of a cable."""
    key, cable = held(archive, ident, version)
    if cable.text is None:
        raise NotHeld(f"{key} has no text in this archive.")
    return cable.text


def all_versions(archive: Archive, ident: str) -> dict[str, Any]:
    """The versions of a cable."""
    key, _ = held(archive, ident)
    return {"cable": key, "versions": [plain_version(one) for one in archive.versions(key)]}


def paragraphs(archive: Archive, ident: str, version: int | None, number: str | None = None) -> dict[str, Any]:
    """The paragraphs of a cable; those with this number or label only."""
    key, cable = held(archive, ident, version)
    shown = version if version is not None else next(v.version for v in archive.versions(key) if v.current)
    found = cable.to_dict()["paragraphs"]
    if number is not None:
        found = [p for p in found if number.casefold() in (str(p["number"]), (p["label"] or "").casefold())]
        if not found:
            raise NotHeld(f"{key} has no paragraph {number[:_SHOWN]}.")
    return {"cable": key, "version": shown, "paragraphs": found}


def difference(archive: Archive, ident: str, left: int | None, right: int | None) -> dict[str, Any]:
    """What differs between two versions of a cable."""
    key, _ = held(archive, ident)
    first, second = two_versions(key, archive.versions(key), left, right)
    found = compare(held(archive, key, first.version)[1], held(archive, key, second.version)[1])
    fullest = {"left": first.version, "right": second.version, "equal": None}[found.summary.fullest]
    return {
        "cable": key, "left": first.version, "right": second.version, "fields": [field._asdict() for field in found.fields],
        "changes": found.changes("right"), "fullest": fullest, "reason": found.summary.reason,
    }  # fmt: skip


def router(archive: Archive) -> APIRouter:
    """The routes of these addresses."""
    routes = APIRouter(tags=["cables"], responses=problems(404))
    # Reading a record is work of the interpreter, of which one thread can do as much as many and wastes less.
    apart = Apart(1)

    @routes.get("/cables/{ident}", response_model=Record, summary="The record of a cable")
    async def cable(
        request: Request, ident: Ident, version: Version = None,
        original: Annotated[bool, Query(description="Give the original text too.")] = False,
    ) -> Response:  # fmt: skip
        return await apart(lambda: reply(request, record(archive, ident, version, original=original)))

    @routes.get("/cables/{ident}/text", response_class=Response, responses=_TEXT, summary="The restored text")
    async def text(request: Request, ident: Ident, version: Version = None) -> Response:
        return await apart(lambda: reply(request, restored(archive, ident, version).encode("utf-8", "surrogatepass"), TEXT))

    @routes.get(
        "/cables/{ident}/original", response_class=Response, responses=_TEXT, summary="The original text, as its source gave it"
    )
    async def original(request: Request, ident: Ident, version: Version = None) -> Response:
        return await apart(
            lambda: reply(request, held(archive, ident, version)[1].original.encode("utf-8", "surrogatepass"), TEXT)
        )

    @routes.get("/cables/{ident}/paragraphs", response_model=models.Paragraphs, summary="The paragraphs of a cable")
    async def all_paragraphs(request: Request, ident: Ident, version: Version = None) -> Response:
        return await apart(lambda: reply(request, paragraphs(archive, ident, version)))

    @routes.get("/cables/{ident}/paragraphs/{number}", response_model=models.Paragraphs, summary="One paragraph of a cable")
    async def one_paragraph(
        request: Request, ident: Ident, number: Annotated[str, Path(max_length=40, description="Number or label.", examples=["1"])],
        version: Version = None,
    ) -> Response:  # fmt: skip
        return await apart(lambda: reply(request, paragraphs(archive, ident, version, number)))

    @routes.get("/cables/{ident}/references", response_model=models.References, summary="What a cable cites, and who cites it")
    async def cites(request: Request, ident: Ident) -> Response:
        found = await apart(lambda: references(archive, ident, 1))
        return reply(request, {key: value for key, value in found.items() if key not in ("thread", "thread_cables")})

    @routes.get("/cables/{ident}/cited-by", response_model=models.CitedBy, summary="Who cites a cable, which need not be held")
    async def cited_by(request: Request, ident: Ident) -> Response:
        found = await apart(lambda: references(archive, ident, 1))
        return reply(request, {key: found[key] for key in ("cable", "held", "cited_by")})

    @routes.get("/cables/{ident}/thread", response_model=models.Thread, summary="The cables that hang together with one")
    async def thread(
        request: Request, ident: Ident, most: Annotated[int, Query(ge=1, le=1000, description="Cables, the nearest first.")] = MOST_THREAD
    ) -> Response:  # fmt: skip
        found = await apart(lambda: references(archive, ident, most))
        return reply(request, {"cable": found["cable"], "held": found["held"], "thread": found["thread_cables"]})

    @routes.get("/cables/{ident}/versions", response_model=models.Versions, summary="The versions of a cable")
    async def versions(request: Request, ident: Ident) -> Response:
        return await apart(lambda: reply(request, all_versions(archive, ident)))

    @routes.get("/cables/{ident}/versions/{version}", response_model=Record, summary="One version of a cable")
    async def one_version(
        request: Request, ident: Ident, version: Annotated[int, Path(ge=1, le=2**53, description="Its number.", examples=[1])]
    ) -> Response:
        return await apart(lambda: reply(request, record(archive, ident, version)))

    @routes.get("/cables/{ident}/diff", response_model=models.Difference, summary="Two versions of a cable, and what differs")
    async def diff(request: Request, ident: Ident, left: Version = None, right: Version = None) -> Response:
        return await apart(lambda: reply(request, difference(archive, ident, left, right)))

    @routes.get("/cables/{ident}/citation", response_model=models.Citation, summary="A citation of a cable, a paragraph, a ghost")
    async def citation(
        request: Request, ident: Ident,
        style: Annotated[str, Query(max_length=40, description="A style of docs/citation.md.", examples=["chicago-note"])] = "chicago-note",
        paragraph: Annotated[str | None, Query(max_length=40, description="A paragraph's number or label.")] = None,
    ) -> Response:  # fmt: skip
        from cablegram.cite.citing import cite

        told = await apart(lambda: cite(archive, ident, style, paragraph=paragraph))
        return reply(
            request, {"cable": archive.resolve(ident) or ident, "style": style, "paragraph": paragraph, "citation": told}
        )

    return routes
