"""The API as an application, to be put under ``PREFIX`` of the server that the reading room is on."""

from __future__ import annotations

from typing import Final

from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from cablegram.api import errors, routes_cables, routes_lists, routes_studies
from cablegram.api.answers import Kept, address_of, answer, state
from cablegram.api.examples import illustrate
from cablegram.archive.archive import Archive
from cablegram.wire.application import describe, without_body

PREFIX: Final = "/api/v1"
#: Shorter answers gain nothing by compression.
_SMALL: Final = 1_000
_ABOUT: Final = (
    "Read-only access to an archive of diplomatic cables. Lists come a page at a time: `next` of one is `cursor` of the next. Answers have an"
    " ETag; with If-None-Match one that has not changed is 304. Errors have one shape, `{\"error\": {\"code\", \"message\", \"status\", ...}}`."
)  # fmt: skip


def create(archive: Archive) -> ASGIApp:
    """The API of ``archive``, which stays its caller's to close."""
    app = FastAPI(
        title="cablegram", summary="What an archive of cables holds and finds", version=routes_lists.VERSION, description=_ABOUT,
        docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=[Depends(_only_known)], servers=[{"url": PREFIX}], root_path_in_servers=False,
    )  # fmt: skip
    for part in (routes_lists, routes_cables, routes_studies):
        app.include_router(part.router(archive))
    errors.install(app)
    describe(app)
    illustrate(app)
    return _Front(GZipMiddleware(_Remember(app, archive), minimum_size=_SMALL, compresslevel=5))


async def _only_known(request: Request) -> None:
    """A parameter that a route does not know is refused: a slip in its name would else pass for an answer to something else."""
    known = {parameter.alias for parameter in request.scope["route"].dependant.query_params}
    for name in request.query_params:
        if name not in known:
            told = f"there are {', '.join(sorted(known))}" if known else "there are none here"
            raise HTTPException(400, f"{name[:40]}: is no parameter; {told}")


class _Front:
    """Gives ``PREFIX`` itself the address of the root, and answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["path"] == PREFIX:
                scope = {**scope, "path": f"{PREFIX}/", "root_path": PREFIX}
            if scope["method"] == "HEAD":
                scope = {**scope, "method": "GET", "bare": True}
                send = without_body(send)
        await self._app(scope, receive, send)


class _Remember:
    """Answers what was asked before without asking the archive again, as long as that has not changed."""

    def __init__(self, app: ASGIApp, archive: Archive) -> None:
        self._app = app
        self._archive = archive
        self._kept = Kept()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            now = state(self._archive)
            body = self._kept.get(address_of(scope), now)
            if body is not None:
                known = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
                await answer(body, known.decode("latin-1") if known is not None else None)(scope, receive, send)
                return
            scope = {**scope, "kept": self._kept, "archive_state": now}
        await self._app(scope, receive, send)
