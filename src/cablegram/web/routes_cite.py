"""Citations of a cable or a paragraph: a page with all styles, and files for reference managers. Also of cables that are only cited."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from cablegram.cite.citing import cited
from cablegram.cite.formats import FORMS, written
from cablegram.cite.places import place_of
from cablegram.cite.styles import STYLES, render
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room
from cablegram.web.routes_cable import Ident, Version
from cablegram.web.routes_print import file_name

Paragraph = Annotated[str, Query(max_length=40, description="A paragraph by number, letter or anchor.", examples=["p4"])]


class Ending(StrEnum):
    """The endings of the files."""

    CSL = "json"
    BIB = "bib"
    RIS = "ris"


Form = Annotated[Ending, Path(description="The form: `json` is CSL-JSON.", examples=["json"])]


class StyleName(StrEnum):
    """The styles."""

    CHICAGO = "chicago-note"
    BIBLIOGRAPHY = "chicago-bibliography"
    TURABIAN = "turabian"
    MLA = "mla"
    APA = "apa"
    BLUEBOOK = "bluebook"
    NARA = "nara"


_BY_ENDING: Final = {form.ending: form for form in FORMS.values()}
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The item", "content": {form.media: {"schema": {"type": "string"}} for form in FORMS.values()}}
}


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["cables"], responses=PROBLEMS)

    @routes.get(
        "/cables/{ident}/cite.{ending}", response_class=Response, responses=_ANSWER, summary="A cable for a reference manager",
        description="CSL-JSON (`json`), BibTeX (`bib`) or RIS (`ris`); also of a cable that is cited and not held.",
    )  # fmt: skip
    def data(ident: Ident, ending: Form, p: Paragraph = "", version: Version = None) -> Response:
        form = _BY_ENDING[ending.value]
        one = cited(room.archive, ident, paragraph=p or None, version=version)
        shown = {"Content-Disposition": f'attachment; filename="{file_name(one.key).removesuffix(".pdf")}.{form.ending}"'}
        return Response("".join(written(form, [one])), media_type=f"{form.media}; charset=utf-8", headers=shown)

    @routes.get("/cables/{ident}/cite", include_in_schema=False)
    def page(
        request: Request, ident: Ident, p: Paragraph = "", style: StyleName = StyleName.CHICAGO, version: Version = None
    ) -> Response:
        one = cited(room.archive, ident, paragraph=p or None, version=version)
        told, in_text = render(one.item, STYLES[style.value], one.locator)
        cable = room.archive.get(one.key, version) if p else None
        return room.html(
            request, "cite.html", one=one, told=told, in_text=in_text, style=STYLES[style.value], styles=STYLES.values(),
            forms=FORMS.items(), place=place_of(cable, one.key, p) if cable is not None else None, version=version or "",
        )  # fmt: skip

    return routes
