"""Signing in with the one password of a reading room, and sessions; ``protect`` puts all safety on an app.

Everything is in memory: a restart ends all sessions. State is only touched on the event loop; argon2 runs in threads.
"""

from __future__ import annotations

import html
import inspect
import re
import secrets
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qs, parse_qsl, quote

import anyio
import anyio.to_thread
from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError
from itsdangerous import BadSignature, TimestampSigner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cablegram.errors import CablegramError
from cablegram.web import security, tokens
from cablegram.web.brake import Brake, client_key, told
from cablegram.web.security import STATIC, ErrorPage, header_values, problem, refuse_socket, wants_json
from cablegram.web.settings import Settings

#: Makes the login page: the request, what went wrong before if anything, and where to go afterwards (a safe path; to be escaped).
RenderLogin = Callable[[Request, "str | None", str], Response | Awaitable[Response]]

SHORTEST_PASSWORD: Final = 10
SESSION_SECONDS: Final = 12 * 3600
MOST_SESSIONS: Final = 1000
MOST_COOKIES: Final = 8  # of one name in a request
LONGEST_NEXT: Final = 4096

# argon2id (RFC 9106) with the library's memory and time: those of the RFC's second choice.
_HASHER: Final = PasswordHasher(type=Type.ID)
_AT_ONCE: Final = 2  # hashes at a time; each takes 64 MiB
# Visible ASCII without backslash, which browsers take for a slash.
_LOCAL: Final = re.compile(r"/[\x21-\x5b\x5d-\x7e]*")


def hash_password(text: str) -> str:
    """The argon2id hash of a password of ten characters or more; else ``CablegramError``."""
    if len(_normal(text)) < SHORTEST_PASSWORD:
        raise CablegramError(f"the password is too short: it must have {SHORTEST_PASSWORD} characters or more")
    return _HASHER.hash(_bytes(text))


def verify_password(password_hash: str, text: str) -> bool:
    """Whether ``text`` is the password. Takes the same tens of milliseconds whatever the answer, so not on the event loop."""
    try:
        return _HASHER.verify(password_hash, _bytes(text))
    except (Argon2Error, InvalidHashError):
        return False


def _normal(text: str) -> str:
    # RFC 8265, 4.2.2: keyboards differ in how they compose letters with accents.
    return unicodedata.normalize("NFC", text)


def _bytes(text: str) -> bytes:
    return _normal(text).encode("utf-8", "surrogatepass")


def safe_next(text: str | None) -> str:
    """``text`` if it is a path of this server to go to after signing in, else ``/``.

    It begins with one slash and has visible ASCII only, no backslash, no ``//`` before the query, and is not the login itself.
    """
    if text is None or len(text) > LONGEST_NEXT or not _LOCAL.fullmatch(text):
        return "/"
    path = re.split("[?#]", text, maxsplit=1)[0]
    return "/" if "//" in path or path in ("/login", "/logout") else text


class _Signer(TimestampSigner):
    """A signer with a clock of its own."""

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        super().__init__(secret, salt="cablegram.session")
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock())


class Sessions:
    """The live sessions: signed cookies over random ids, of which the server keeps those that are in force."""

    def __init__(self, secret: bytes | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._signer = _Signer(secret or secrets.token_bytes(32), clock)
        self._clock = clock
        self._ends: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ends)

    def begin(self) -> str:
        """The cookie of a new session. Beyond ``MOST_SESSIONS`` the oldest one ends."""
        now = self._clock()
        # In order of their beginning, so of their end.
        while self._ends and (len(self._ends) >= MOST_SESSIONS or next(iter(self._ends.values())) <= now):
            self._ends.popitem(last=False)
        name = secrets.token_urlsafe(32)
        self._ends[name] = now + SESSION_SECONDS
        return self._signer.sign(name).decode("ascii")

    def of(self, cookie: str) -> str | None:
        """The id of a session in force whose cookie this is, ours and unchanged; None where it is not."""
        name = self._name(cookie)
        return name if name is not None and self._ends.get(name, 0.0) > self._clock() else None

    def holds(self, cookie: str) -> bool:
        """Whether the cookie is of a session in force."""
        return self.of(cookie) is not None

    def end(self, cookie: str) -> None:
        """End the session of a cookie, for every copy of it."""
        name = self._name(cookie)
        if name is not None:
            self._ends.pop(name, None)

    def _name(self, cookie: str) -> str | None:
        try:
            return self._signer.unsign(cookie, max_age=SESSION_SECONDS).decode("ascii")
        except (BadSignature, UnicodeError):
            return None


def login_page(request: Request, error: str | None, next: str) -> Response:
    """The built-in login page: a form, no script, no style."""
    alert = f'<p role="alert" id="error">{html.escape(error)}</p>\n' if error else ""
    told = ' aria-invalid="true" aria-describedby="error"' if error else ""
    return HTMLResponse(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{'Error: ' if error else ''}Sign in – reading room</title>\n</head>\n<body>\n<main>\n<h1>Reading room</h1>\n{alert}"
        f'<form method="post" action="/login">\n<input type="hidden" name="next" value="{html.escape(next)}">\n'
        '<p><label for="password">Password</label>\n'
        f'<input type="password" id="password" name="password" autocomplete="current-password" required{told}></p>\n'
        '<p><button type="submit">Sign in</button></p>\n</form>\n</main>\n</body>\n</html>\n'
    )


class Auth:
    """Lets only those in who gave the password; ``/login``, ``/static/`` and ``/healthz`` are open. Serves login and logout itself.

    Signed-in requests have ``request.state.signed_in`` true, and the id of their session in ``request.state.session``. Must be inside of
    ``ReadOnly``, which sees to forged and long forms.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, *, render_login: RenderLogin = login_page, clock: Callable[[], float] = time.time
    ) -> None:
        if settings.password_hash is None:
            raise ValueError("Auth wants a password")
        self._app = app
        self._hash = settings.password_hash
        self._render = render_login
        self.sessions = Sessions(settings.secret, clock=clock)
        # Cookies are the same for all ports of a host: two reading rooms on one machine must not take each other's.
        self.cookie = f"cablegram_{settings.port}"
        self.by_client = Brake(5, clock=clock)
        # Against many addresses at once. Never long, or strangers could keep the owner out.
        self.in_all = Brake(30, longest=60.0, clock=clock)
        self._threads: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await refuse_socket(receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        session = next((name for cookie in self._cookies(scope) if (name := self.sessions.of(cookie)) is not None), None)
        signed_in = session is not None
        scope.setdefault("state", {}).update(signed_in=signed_in, session=session)
        response: Response | None = None
        if path == "/login":
            response = await self._login(Request(scope, receive), signed_in)
        elif path == "/logout":
            response = self._logout(scope) if method == "POST" else _not_allowed(scope, "POST")
        elif not signed_in and not is_open(path) and not tokens.was_given(scope):
            response = self._stopped(scope)
        await (self._app if response is None else response)(scope, receive, send)

    def _cookies(self, scope: Scope) -> list[str]:
        pairs = (pair.partition("=") for value in header_values(scope, "cookie") for pair in value.split(";"))
        return [value.strip() for name, _, value in pairs if name.strip() == self.cookie][:MOST_COOKIES]

    def _stopped(self, scope: Scope) -> Response:
        if scope["path"].startswith(security.API):
            return tokens.refusal(scope)
        if wants_json(scope):
            return problem(scope, 401, "not-signed-in", "sign in at /login first")
        # Where to come back to, as it was asked for: still percent-encoded.
        raw = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
        query = scope.get("query_string", b"")
        asked = safe_next((raw + (b"?" + query if query else b"")).decode("latin-1"))
        return _go("/login" if asked == "/" else f"/login?next={quote(asked, safe='/')}")

    async def _login(self, request: Request, signed_in: bool) -> Response:
        if request.method in ("GET", "HEAD"):
            query = parse_qs(request.scope.get("query_string", b"").decode("latin-1"), max_num_fields=None)
            wanted = safe_next(query.get("next", [None])[0])
            return _go(wanted) if signed_in else await self._page(request, None, wanted, 200)
        if request.method != "POST":
            return _not_allowed(request.scope, "GET, HEAD, POST")
        fields = await _fields(request)
        if fields is None or "password" not in fields:
            return problem(request.scope, 400, "bad-form", "the form must be url-encoded and have one password")
        wanted = safe_next(fields.get("next"))
        key = client_key(request.scope)
        wait = max(self.by_client.wait(key), self.in_all.wait(""))
        if wait > 0:
            return await self._brake(request, wanted, wait)
        # Before the password is looked at, which takes a while in which others of the same client come.
        self.by_client.count(key)
        self.in_all.count("")
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(_AT_ONCE)
        right = await anyio.to_thread.run_sync(verify_password, self._hash, fields["password"], limiter=self._threads)
        if not right:
            return await self._page(request, "This is not the password.", wanted, 401)
        self.by_client.good(key)
        for cookie in self._cookies(request.scope):
            self.sessions.end(cookie)
        response = _go(wanted)
        self._set_cookie(response, request.scope, self.sessions.begin(), SESSION_SECONDS)
        return response

    async def _brake(self, request: Request, wanted: str, wait: float) -> Response:
        message, headers = told(wait)
        response = await self._page(request, message, wanted, 429)
        response.headers.update(headers)
        return response

    async def _page(self, request: Request, error: str | None, wanted: str, status: int) -> Response:
        if error is not None and wants_json(request.scope):
            return problem(request.scope, status, "too-many-tries" if status == 429 else "wrong-password", error)
        response = self._render(request, error, wanted)
        if inspect.isawaitable(response):
            response = await response
        response.status_code = status
        return response

    def _logout(self, scope: Scope) -> Response:
        for cookie in self._cookies(scope):
            self.sessions.end(cookie)
        response = _go("/login")
        self._set_cookie(response, scope, "", 0)
        return response

    def _set_cookie(self, response: Response, scope: Scope, value: str, seconds: int) -> None:
        # Behind a proxy that speaks https the scheme is http here, but the browser tells where the form was.
        secure = scope.get("scheme") == "https" or any(origin.startswith("https://") for origin in header_values(scope, "origin"))
        response.set_cookie(self.cookie, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")


def is_open(path: str) -> bool:
    """Whether a path is for everybody: it shows nothing of the archive. No way back out of ``/static/`` is."""
    if path in ("/login", "/healthz"):
        return True
    return path.startswith(STATIC) and "\\" not in path and not {"", ".", ".."} & set(path[len(STATIC) :].split("/"))


async def _fields(request: Request) -> dict[str, str] | None:
    """The fields of a url-encoded form, each once; ``None`` if it is none."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return None
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=10, errors="strict")
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _go(target: str) -> Response:
    return RedirectResponse(target, 303)


def _not_allowed(scope: Scope, methods: str) -> Response:
    return problem(scope, 405, "method", f"only {methods} here", {"allow": methods})


def protect(
    app: Starlette, settings: Settings, *, render_login: RenderLogin | None = None, on_error: ErrorPage | None = None
) -> None:
    """Put all safety on an application, in the right order; call it last, after every ``add_middleware`` and ``exception_handler``.

    ``render_login``: the login page, if not the built-in one. ``on_error``: the page when the program fails, with its status; the
    application's handler of ``Exception`` if not given.
    """
    password = settings.password_hash is not None
    on_error = on_error or app.exception_handlers.get(Exception) or app.exception_handlers.get(500)
    # The last one added is the outermost.
    if password:
        app.add_middleware(Auth, settings=settings, render_login=render_login or login_page)
    app.add_middleware(tokens.Token, token=settings.api_token, others=password)
    app.add_middleware(security.ReadOnly, password=password)
    app.add_middleware(security.Limits)
    app.add_middleware(security.HostCheck, allowed=settings.allowed_hosts)
    app.add_middleware(security.Headers, password=password, on_error=on_error)
