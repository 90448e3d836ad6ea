"""Errors of the reading room: one JSON shape, one page."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cablegram.errors import CablegramError, NotHeld
from cablegram.query.errors import QueryError
from cablegram.web.room import Room
from cablegram.web.security import wants_json
from cablegram.wire.faults import Problem, first_fault

#: What a route may answer besides its result.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A value or query is wrong"},
    404: {"model": Problem, "description": "Not in this archive"},
    414: {"model": Problem, "description": "The address is too long"},
    421: {"model": Problem, "description": "The Host header names another server"},
}
_CODES = {400: "bad-request", 404: "not-found", 405: "not-allowed", 500: "failed"}


def install(app: FastAPI, room: Room) -> None:
    """Make ``app`` answer errors in the one shape, and with a page where a person asked."""

    def answer(request: Request, status: int, message: str, code: str | None = None, **more: Any) -> Response:
        if wants_json(request.scope):
            told = {"code": code or _CODES.get(status, "error"), "message": message, "status": status, **more}
            return JSONResponse({"error": told}, status)
        return room.html(
            request, "error.html", status, message=message, number=status, query=str(more.get("query") or ""), fault=more
        )

    @app.exception_handler(QueryError)
    def wrong_query(request: Request, error: QueryError) -> Response:
        more = {
            "query": error.query,
            "start": error.start,
            "end": error.end,
            "expected": error.expected,
            "suggestion": error.suggestion,
        }
        return answer(request, 400, str(error), "wrong-query", **more)

    @app.exception_handler(NotHeld)
    def not_held(request: Request, error: NotHeld) -> Response:
        return answer(request, 404, str(error))

    @app.exception_handler(CablegramError)
    def ours(request: Request, error: CablegramError) -> Response:
        return answer(request, 400, str(error))

    @app.exception_handler(RequestValidationError)
    def wrong_value(request: Request, error: RequestValidationError) -> Response:
        return answer(request, 400, first_fault(error))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        message = "There is no such page." if error.status_code == 404 else str(error.detail)
        response = answer(request, error.status_code, message)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        return answer(request, 500, "The reading room failed here; the archive is not changed by reading. Please report it.")
