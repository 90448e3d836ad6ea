"""The page that checks the citations of a text or a file. What is sent stays in memory while the answer is made, and nowhere after."""

from __future__ import annotations

from typing import Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from cablegram.check.checking import Checked, check
from cablegram.check.manuscripts import Manuscript, manuscript_of, text_manuscript
from cablegram.check.reporting import RESULTS, WORDS, remarks, shortened, summary
from cablegram.errors import UnreadableInput
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room
from cablegram.web.security import LONGEST_UPLOAD, wants_json

#: Bytes of a pasted text.
LONGEST_TEXT: Final = 4_000_000
#: Manuscripts that are checked at the same time: each takes a processor for itself.
_AT_ONCE: Final = 1
_LONGEST_NAME: Final = 120


class _InMemory(MultiPartParser):
    """Keeps files in memory, where others would go to the disk."""

    spool_max_size = LONGEST_UPLOAD + 1


def router(room: Room) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(responses=PROBLEMS)
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    def page(
        request: Request, checked: Checked | None = None, error: str | None = None, text: str = "", status: int = 200
    ) -> Response:
        return room.html(
            request, "check.html", status, checked=checked, error=error, text=text, words=WORDS, results=RESULTS, remarks=remarks, shortened=shortened,
            summary=summary(checked) if checked is not None else "", megabytes=LONGEST_UPLOAD // 1_000_000,
        )  # fmt: skip

    @routes.get("/check", include_in_schema=False)
    def empty(request: Request) -> Response:
        return page(request)

    @routes.post("/check", include_in_schema=False)
    async def filled(request: Request) -> Response:
        form = await _form(request)
        text, file = form.get("text"), form.get("file")
        pasted = text if isinstance(text, str) else ""
        name, data = (file.filename or "file", await file.read()) if isinstance(file, UploadFile) else ("", b"")
        await form.close()

        def checking() -> Checked:
            manuscript: Manuscript = manuscript_of(data, _shown(name)) if data else text_manuscript(pasted)
            return check(manuscript, room.archive)

        if not data and not pasted.strip():
            return page(request, error="Paste a text, or choose a file.", status=400)
        try:
            checked = await anyio.to_thread.run_sync(checking, limiter=limiter)
        except UnreadableInput as error:
            if wants_json(request.scope):
                raise
            return page(request, error=str(error), text=pasted, status=400)
        if wants_json(request.scope):
            return JSONResponse(checked.to_dict())
        return page(request, checked, text=pasted)

    return routes


async def _form(request: Request) -> FormData:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(400, "the form must be multipart/form-data")
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=4, max_part_size=LONGEST_TEXT)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, f"the form cannot be read: {error.message}") from None


def _shown(name: str) -> str:
    """The name of a file as it may be shown: without folders and control characters."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-_LONGEST_NAME:] or "file"
