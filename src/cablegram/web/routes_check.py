"""The page that checks the citations of a text or a file. What is sent stays in memory while the answer is made, and nowhere after.

Who sends it may mean harm: the form is bounded before it is read (``security.ReadOnly``), read in memory, and checked by ``checker``.
"""

from __future__ import annotations

from typing import Final

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from cablegram.check.checking import Checked
from cablegram.check.reporting import RESULTS, WORDS, remarks, shortened, summary
from cablegram.errors import UnreadableInput
from cablegram.web.brake import reader_key
from cablegram.web.checker import Busy, Checker
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room
from cablegram.web.security import LONGEST_UPLOAD, wants_json

#: Bytes of a pasted text.
LONGEST_TEXT: Final = 4_000_000
_LONGEST_NAME: Final = 120


class _InMemory(MultiPartParser):
    """Keeps files in memory, where others would go to the disk."""

    spool_max_size = LONGEST_UPLOAD + 1


def router(room: Room) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(responses=PROBLEMS)
    checker = Checker(room.archive.store.folder)

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
        try:
            with checker.place(reader_key(request.scope)):
                return await answered(request)
        except Busy as error:
            # The rest of the body is not waited for.
            raise HTTPException(429 if error.own else 503, str(error), {"retry-after": "60", "connection": "close"}) from None

    async def answered(request: Request) -> Response:
        form = await _form(request)
        text, file = form.get("text"), form.get("file")
        pasted = text if isinstance(text, str) else ""
        name, data = (_shown(file.filename or ""), await file.read()) if isinstance(file, UploadFile) else ("", b"")
        await form.close()
        if not data and not pasted.strip():
            return page(request, error="Paste a text, or choose a file.", status=400)
        if not data:
            name, data = "", pasted.encode("utf-8", "surrogatepass")
        try:
            checked = await checker.check(data, name)
        except UnreadableInput as error:
            if wants_json(request.scope):
                raise
            return page(request, error=str(error), text=pasted, status=400)
        if wants_json(request.scope):
            return JSONResponse(checked.to_dict())
        # A long list takes a while to be set, in which others are served.
        return await anyio.to_thread.run_sync(lambda: page(request, checked, text=pasted))

    return routes


async def _form(request: Request) -> FormData:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind.lower() != b"multipart/form-data":
        raise HTTPException(400, "the form must be multipart/form-data")
    # Browsers name none; some that Python knows take a time that grows with the square of the text.
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise HTTPException(400, "the form must be in UTF-8")
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=4, max_part_size=LONGEST_TEXT)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, f"the form cannot be read: {error.message}") from None


def _shown(name: str) -> str:
    """The name of a file as it may be shown: without folders and control characters."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[-_LONGEST_NAME:] or "file"
