"""The reading room as an application: pages, their JSON, and what keeps both safe."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final

import anyio.to_thread
from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cablegram import __version__
from cablegram.archive.archive import Archive
from cablegram.web import (
    errors,
    routes_browse,
    routes_cable,
    routes_check,
    routes_cite,
    routes_compare,
    routes_find,
    routes_print,
    routes_study,
    routes_study_marks,
    routes_study_protect,
    routes_study_thread,
    routes_study_who,
    routes_versions,
)  # fmt: skip
from cablegram.web.room import Room
from cablegram.web.sessions import protect
from cablegram.web.settings import Settings
from cablegram.wire.application import describe, without_body

#: Pages made at the same time; more would only wait for each other.
_THREADS: Final = 8
_YEAR: Final = 31_536_000


class _Static(StaticFiles):
    """Files of ours, which a browser may keep: their links change when they do."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if b"v=" in scope.get("query_string", b""):
            response.headers["Cache-Control"] = f"private, max-age={_YEAR}, immutable"
        return response


def create_app(settings: Settings, apart: Mapping[str, Callable[[Archive], ASGIApp]] | None = None) -> FastAPI:
    """The reading room of the archive in ``settings.folder``. ``ArchiveError`` where there is none.

    ``apart``: applications for programs, by the path that each is put under; they get the same archive and stand behind the same doors.
    """
    archive = Archive(settings.folder, create=False)
    room = Room(archive, private=settings.password_hash is not None)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        room.studies.start()
        for lasting in (room.choices, room.collations, room.protected):
            lasting.background.open()
        yield
        for study in (room.studies, room.choices, room.collations, room.protected):
            study.background.stop()
        archive.close()

    app = FastAPI(
        title="cablegram reading room", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        description="Read-only access to an archive of diplomatic cables. Every page has a JSON form at the same address with `.json`.",
    )  # fmt: skip
    app.state.room = room
    app.mount("/static", _Static(directory=str(files("cablegram.web") / "static")), name="static")
    for path, make in (apart or {}).items():
        inner = make(archive)
        app.mount(path, inner)
        app.router.routes.append(Route(path, inner, include_in_schema=False))
    studies = (routes_study, routes_study_marks, routes_study_thread, routes_study_who, routes_study_protect, routes_compare)
    for part in (routes_check, routes_cite, routes_print, routes_versions, *studies, routes_cable, routes_find, routes_browse):
        app.include_router(part.router(room))

    @app.get("/healthz", include_in_schema=False)
    def health() -> dict[str, Any]:
        return {"status": "ok"}

    errors.install(app, room)
    describe(app)
    app.add_middleware(_Head, apart=tuple(apart or ()))
    protect(app, settings, render_login=room.login)
    return app


class _Head:
    """Answers HEAD as GET without the body, which the framework's routes do not; the applications ``apart`` do it themselves."""

    def __init__(self, app: ASGIApp, apart: tuple[str, ...] = ()) -> None:
        self.app = app
        self.apart = apart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(self.apart):
            await self.app(scope, receive, send)
            return

        await self.app({**scope, "method": "GET"}, receive, without_body(send))
