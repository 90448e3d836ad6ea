"""What every request to the reading room must pass, and what every answer carries. Pure ASGI: answers may be streamed.

From the outside in: ``Headers``, ``HostCheck``, ``Limits``, ``ReadOnly``, then ``sessions.Auth``; ``sessions.protect`` puts them on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cablegram.web.settings import parse_host

#: Makes the page that is shown when the program fails.
ErrorPage = Callable[[Request, Exception], Response | Awaitable[Response]]

STATIC: Final = "/static/"
#: What is below is for programs: it is asked with a token, and answers in JSON whatever is accepted.
API: Final = "/api/"
FORM_PATHS: Final = frozenset({"/login", "/logout"})
LONGEST_TARGET: Final = 16 * 1024  # bytes of path and query
MOST_HEADERS: Final = 100
LONGEST_HEADERS: Final = 32 * 1024  # bytes of all names and values
LONGEST_BODY: Final = 8 * 1024  # bytes of a login form
SLOWEST_BODY: Final = 10.0  # seconds
#: Forms that bring a file: read by the page itself, after the sign-in; whoever is not let in has sent it for nothing.
UPLOAD_PATHS: Final = frozenset({"/check"})
LONGEST_UPLOAD: Final = 20_000_000  # bytes
SLOWEST_UPLOAD: Final = 120.0  # seconds

_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What browsers know by these names and ask people for. Writing to the clipboard is left as it is (own pages, on a click): a citation
# is there to be copied.
_FEATURES: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial",
    "storage-access", "sync-xhr", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
_HEADERS: Final = (
    ("content-security-policy", _CSP), ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", ", ".join(f"{name}=()" for name in _FEATURES)),
)  # fmt: skip
_SAFE_METHODS: Final = "GET, HEAD, OPTIONS"
_STEERING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_ORIGIN: Final = re.compile(r"(https?)://([^/?#@\s]+)")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def header_values(scope: Scope, name: str) -> list[str]:
    """All values of a request header, as they came."""
    wanted = name.encode("ascii")
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted]


def wants_json(scope: Scope) -> bool:
    """Whether the answer should be JSON: the path ends in ``.json`` or is the API's, or ``Accept`` rates JSON above HTML (RFC 9110, 12.5.1).

    Files (``.txt``, ``.pdf``) have no page of their own to be wrong on: who asks for one without asking for HTML gets JSON too.
    """
    if scope["path"].endswith(".json") or scope["path"].startswith(API):
        return True
    accepted = ",".join(header_values(scope, "accept"))
    if scope["path"].endswith((".txt", ".pdf")) and "text/html" not in accepted:
        return True
    return _quality(accepted, "application", "json") > _quality(accepted, "text", "html")


def _quality(accepted: str, kind: str, form: str) -> float:
    """The weight of a media type: that of the most specific range it falls into; 0 if it falls into none."""
    best = (-1, 0.0)
    for part in accepted.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        ranks = {f"{kind}/{form}": 2, f"{kind}/*": 1, "*/*": 0}
        if media in ranks:
            weight = 1.0
            for parameter in parameters:
                if parameter.startswith("q="):
                    weight = float(parameter[2:]) if re.fullmatch(r"[01](\.[0-9]{0,3})?", parameter[2:]) else 0.0
            best = max(best, (ranks[media], weight))
    return best[1]


def problem(scope: Scope, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error in the one shape of the house: ``{"error": {"code", "message", "status"}}`` for a program, a line of text for others."""
    if wants_json(scope):
        return JSONResponse({"error": {"code": code, "message": message, "status": status}}, status, headers)
    return PlainTextResponse(f"{message}\n", status, headers)


async def refuse_socket(receive: Receive, send: Send) -> None:
    """Turn a WebSocket away: the reading room has none, and they are not bound by the rules on origins."""
    await receive()
    await send({"type": "websocket.close", "code": 1008, "reason": ""})


class Headers:
    """Puts the headers of safety on every answer, and answers if the program fails. Outermost, or errors would go without them.

    Starlette's own handler of failures (``exception_handler(Exception)``) is outside of all middlewares, so its pages would have no
    such headers: give that handler here, as ``on_error``. The exception goes on to the server, which logs it.
    """

    def __init__(self, app: ASGIApp, *, password: bool = False, on_error: ErrorPage | None = None) -> None:
        self._app = app
        self._password = password
        self._on_error = on_error
        # With "no-referrer" browsers send "Origin: null" along with our own forms (Fetch, "append a request Origin header"), and the
        # login form could not be told from a forged one. "same-origin" tells other sites just as little.
        policy = "same-origin" if password else "no-referrer"
        self._fixed = [(name.encode(), value.encode()) for name, value in (*_HEADERS, ("referrer-policy", policy))]
        self._names = {name for name, _ in self._fixed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": self._dressed(scope, message.get("headers", ()))}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if not started:
                response = await self._failed(scope, receive, error)
                await response(scope, receive, send_with_headers)
            raise

    def _dressed(self, scope: Scope, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        # Header names in ASGI are in lower case.
        headers = [(name, value) for name, value in given if name not in self._names]
        if self._password and not scope["path"].startswith(STATIC):
            headers = [(name, value) for name, value in headers if name != b"cache-control"]
            headers.append((b"cache-control", b"private, no-store"))
        elif all(name != b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"private, max-age=0, must-revalidate"))
        return headers + self._fixed

    async def _failed(self, scope: Scope, receive: Receive, error: Exception) -> Response:
        if self._on_error is not None:
            try:
                response = self._on_error(Request(scope, receive), error)
                return await response if inspect.isawaitable(response) else response
            except Exception:
                # The page of the error failed too, very likely for the same reason; the first error is the one to tell.
                pass
        return problem(scope, 500, "internal", "the reading room failed here; the terminal it runs in says more")


class HostCheck:
    """Answers only to names it is known by: else a page elsewhere could let its own name point here and read us (DNS rebinding)."""

    def __init__(self, app: ASGIApp, allowed: frozenset[str]) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await refuse_socket(receive, send)
            return
        if scope["type"] == "http" and (reason := self._reason(scope)) is not None:
            await problem(scope, 421, "misdirected", reason)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _reason(self, scope: Scope) -> str | None:
        # "GET http://other/ HTTP/1.1" and "OPTIONS *": what a proxy gets, which this is not.
        if not scope["path"].startswith("/") or not (scope.get("raw_path") or b"/").startswith(b"/"):
            return "the request must name a path of this server only"
        values = header_values(scope, "host")
        if len(values) != 1:
            return "the request must have one Host header"
        host = parse_host(values[0])
        if host is None:
            return "the Host header is malformed"
        if host.name not in self._allowed:
            return "the reading room does not answer to this host name; it is told its names by --host-name"
        return None


class Limits:
    """Refuses requests that no reader needs: long ones (414, 431), and control characters or backslashes in the path (400)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (found := self._reason(scope)) is not None:
            await problem(scope, *found)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _reason(self, scope: Scope) -> tuple[int, str, str] | None:
        path = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
        if len(path) + len(scope.get("query_string", b"")) > LONGEST_TARGET:
            return 414, "too-long", f"path and query may have {LONGEST_TARGET:,} bytes at most"
        headers = scope["headers"]
        if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LONGEST_HEADERS:
            return 431, "headers-too-large", f"a request may have {MOST_HEADERS} headers of {LONGEST_HEADERS:,} bytes in all"
        if _STEERING.search(scope["path"]):
            return 400, "bad-path", "the path has a control character or a backslash"
        return None


class ReadOnly:
    """Lets reading pass only: GET and HEAD; OPTIONS is answered here; with a password, also the forms of ``FORM_PATHS``; with or
    without one those of ``UPLOAD_PATHS``.

    A form must come from our own page, by ``Sec-Fetch-Site`` or ``Origin``, and be short; it is read here as a whole.
    """

    def __init__(self, app: ASGIApp, *, password: bool = False) -> None:
        self._app = app
        self._forms = FORM_PATHS if password else frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"] in UPLOAD_PATHS
        is_form = is_upload or scope["path"] in self._forms
        allow = {"allow": f"{_SAFE_METHODS}, POST" if is_form else _SAFE_METHODS}
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=allow)(scope, receive, send)
        elif scope["method"] != "POST" or not is_form:
            message = f"the reading room is for reading: {allow['allow']}"
            await problem(scope, 405, "read-only", message, allow)(scope, receive, send)
        elif not is_own_form(scope):
            foreign = problem(scope, 403, "foreign-form", "this form must be sent from a page of the reading room")
            await foreign(scope, receive, send)
        elif is_upload:
            await self._with_upload(scope, receive, send)
        else:
            await self._with_body(scope, receive, send)

    async def _with_upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application read a body of a stated, bounded length itself."""
        close = {"connection": "close"}
        lengths = header_values(scope, "content-length")
        if len(lengths) != 1 or not re.fullmatch("[0-9]{1,12}", lengths[0]):
            await problem(scope, 411, "no-length", "a form must say its length", close)(scope, receive, send)
            return
        left = int(lengths[0])
        if left > LONGEST_UPLOAD:
            message = f"a file may have {LONGEST_UPLOAD // 1_000_000} MB at most"
            await problem(scope, 413, "too-long", message, close)(scope, receive, send)
            return
        ends = anyio.current_time() + SLOWEST_UPLOAD
        whole = False

        async def bounded() -> Message:
            nonlocal left, whole
            if whole:  # what comes now is that the client has gone, if it goes
                return await receive()
            with anyio.fail_after(max(0.0, ends - anyio.current_time())):
                message = await receive()
            left -= len(message.get("body", b""))
            whole = not message.get("more_body", False)
            # The server keeps to the length; one that does not is left.
            return message if left >= 0 else {"type": "http.disconnect"}

        started = False

        async def told(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, bounded, told)
        except TimeoutError:
            if started:
                raise
            await problem(scope, 408, "too-slow", "the form took too long to arrive", close)(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the short body, then let the application have it."""
        # The rest of a refused body is not waited for.
        close = {"connection": "close"}
        too_long = problem(scope, 413, "too-long", f"a form may have {LONGEST_BODY:,} bytes at most", close)
        body = b""
        lengths = header_values(scope, "content-length")
        if lengths and (not re.fullmatch("[0-9]{1,9}", lengths[0]) or int(lengths[0]) > LONGEST_BODY):
            await too_long(scope, receive, send)
            return
        with anyio.move_on_after(SLOWEST_BODY) as waiting:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > LONGEST_BODY:
                    break
        if len(body) > LONGEST_BODY:
            await too_long(scope, receive, send)
        elif waiting.cancelled_caught:
            await problem(scope, 408, "too-slow", "the form took too long to arrive", close)(scope, receive, send)
        else:
            given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

            async def receive_again() -> Message:
                return given.pop() if given else await receive()

            await self._app(scope, receive_again, send)


def is_own_form(scope: Scope) -> bool:
    """Whether a form was sent from our own page, by what browsers say of it and pages cannot change; without a word of it: no.

    ``Sec-Fetch-Site`` (W3C Fetch Metadata) must be ``same-origin`` if it is there, and so must ``Origin`` (RFC 6454), which may be
    ``null`` only if the former vouches for it. Browsers leave the former out on plain HTTP from another machine.
    """
    sites, origins = header_values(scope, "sec-fetch-site"), header_values(scope, "origin")
    if len(sites) > 1 or len(origins) > 1 or not (sites or origins):
        return False
    if sites and sites[0] != "same-origin":
        return False
    return not origins or _is_ours(origins[0], header_values(scope, "host")) or (origins[0] == "null" and bool(sites))


def _is_ours(origin: str, hosts: list[str]) -> bool:
    found = _ORIGIN.fullmatch(origin)
    if found is None or len(hosts) != 1:
        return False
    theirs, ours = parse_host(found[2]), parse_host(hosts[0])
    if theirs is None or ours is None:
        return False
    # A proxy before us may speak https where we speak http; so the scheme only tells which port goes without saying.
    default = _DEFAULT_PORTS[found[1]]
    return (theirs.name, theirs.port or default) == (ours.name, ours.port or default)
