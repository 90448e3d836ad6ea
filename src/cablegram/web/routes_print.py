"""A cable on paper: its typeset PDF."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Response

from cablegram.typeset import cable_pdf
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room
from cablegram.web.routes_cable import Ident, Version, held

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The PDF, on A4", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


def file_name(key: str) -> str:
    """The name under which a browser keeps the PDF of a cable: its id in letters, digits, points and hyphens only."""
    return f"{_UNSAFE.sub('-', key)[:100].strip('-.') or 'cable'}.pdf"


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["cables"], responses=PROBLEMS)

    @routes.get(
        "/cables/{ident}.pdf", response_class=Response, responses=_ANSWER, summary="A cable as a typeset PDF",
        description="The cable set in type, to print, file and cite: header, paragraphs with their markings, references, where the text"
        " is from with its checksum, and the original line by line. Needs the package `typst` (`cablegram[pdf]`); 400 without it.",
    )  # fmt: skip
    def typeset(ident: Ident, version: Version = None) -> Response:
        page = held(room, ident, version)
        made = cable_pdf(page, today=datetime.now(UTC).date())
        shown = {"Content-Disposition": f'inline; filename="{file_name(page.key)}"'}
        return Response(made, media_type="application/pdf", headers=shown)

    return routes
