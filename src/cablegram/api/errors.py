"""Errors of the API: one JSON shape, ``{"error": {"code", "message", "status", ...}}``, as the reading room has it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cablegram.api.answers import JSON, encoded
from cablegram.api.models import Problem
from cablegram.errors import ArchiveError, CablegramError, NotHeld
from cablegram.query.errors import QueryError
from cablegram.wire.faults import first_fault

_CODES: Final = {400: "bad-request", 404: "not-found", 405: "not-allowed"}
_TOLD: Final = {
    304: "Not changed since the answer whose ETag was sent in If-None-Match",
    400: "A value or the query is wrong",
    401: "The API wants a token: Authorization: Bearer ...",
    404: "Not in this archive",
    409: "The list changed while it was read",
    414: "The address is too long",
    421: "The Host header names another server",
    429: "Too many wrong tokens came from this address; Retry-After says how long to wait",
    503: "The archive cannot be read now",
}


class Changed(CablegramError):
    """A list is not the one any more in which a cursor is a place."""


def problems(*more: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides its result: what all may, and ``more``."""
    found: dict[int | str, dict[str, Any]] = {304: {"description": _TOLD[304]}}
    for status in sorted({400, 401, 414, 421, 429, 503, *more}):
        found[status] = {"model": Problem, "description": _TOLD[status]}
    return found


def problem(status: int, code: str, message: str, **more: Any) -> Response:
    """An error in the one shape."""
    told = {"code": code, "message": message, "status": status, **more}
    return Response(encoded({"error": told}), status, media_type=JSON, headers={"cache-control": "private, no-store"})


def install(app: FastAPI) -> None:
    """Make ``app`` answer errors in the one shape."""

    @app.exception_handler(QueryError)
    async def wrong_query(request: Request, error: QueryError) -> Response:
        return problem(
            400, "wrong-query", str(error), reason=error.message, query=error.query, start=error.start, end=error.end,
            expected=error.expected, suggestion=error.suggestion,
        )  # fmt: skip

    @app.exception_handler(NotHeld)
    async def not_held(request: Request, error: NotHeld) -> Response:
        return problem(404, "not-found", str(error))

    @app.exception_handler(Changed)
    async def changed(request: Request, error: Changed) -> Response:
        return problem(409, "list-changed", str(error))

    @app.exception_handler(ArchiveError)
    async def archive(request: Request, error: ArchiveError) -> Response:
        return problem(503, "archive", str(error))

    @app.exception_handler(CablegramError)
    async def ours(request: Request, error: CablegramError) -> Response:
        return problem(400, "bad-request", str(error))

    @app.exception_handler(RequestValidationError)
    async def wrong_value(request: Request, error: RequestValidationError) -> Response:
        return problem(400, "bad-request", first_fault(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        message = "There is no such address; /api/v1 lists them." if error.status_code == 404 else str(error.detail)
        response = problem(error.status_code, _CODES.get(error.status_code, "error"), message)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return problem(500, "failed", "The program failed here; the archive is not changed by reading. Please report it.")
