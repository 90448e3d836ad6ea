"""The safety of the reading room: who may ask, what may be asked, what every answer carries, and how the server starts and ends."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from argon2 import PasswordHasher
from itsdangerous import TimestampSigner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message

from cablegram.archive.archive import Archive
from cablegram.errors import CablegramError
from cablegram.web import security, sessions
from cablegram.web.brake import Brake, client_key
from cablegram.web.sessions import Auth, Sessions, hash_password, is_open, safe_next, verify_password
from cablegram.web.settings import HostPort, Settings, is_loopback, parse_host

PASSWORD = "correct pelican battery"
WRONG = "a wrong pelican guess"
#: Cheap, so that tests are quick; what the program makes is tested once.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
HERE = "http://127.0.0.1:8021"
ROOT = Path("nowhere")
OPEN = Settings(ROOT)
CLOSED = Settings(ROOT, password_hash=HASH)
Headers = list[tuple[str, str]]


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes
    messages: list[Message]
    error: Exception | None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    @property
    def cookie(self) -> str:
        return self.one("set-cookie").split(";")[0]


async def asked(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Headers,
    body: list[bytes],
    client: tuple[str, int] | None,
    scheme: str,
    kind: str,
) -> Answer:
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": scheme, "root_path": "",
        "path": re.sub("%([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), path), "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"), "client": client, "server": ("127.0.0.1", 8021),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }  # fmt: skip
    left = list(body)
    messages: list[Message] = []

    async def receive() -> Message:
        if kind == "websocket":
            return {"type": "websocket.connect"}
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}
        await asyncio.sleep(30)  # A client that is there, and says no more.
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    error = None
    try:
        await app(scope, receive, send)
    except RuntimeError as raised:
        error = raised
    start: Message = next((one for one in messages if one["type"] == "http.response.start"), {"status": 0, "headers": []})
    told = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
    return Answer(start["status"], told, b"".join(one.get("body", b"") for one in messages), messages, error)


def ask(
    app: ASGIApp, target: str = "/", method: str = "GET", *, headers: Headers | None = None, host: str | None = "127.0.0.1:8021",
    body: list[bytes] | None = None, client: tuple[str, int] | None = ("127.0.0.1", 5), scheme: str = "http", kind: str = "http",
) -> Answer:  # fmt: skip
    """One request, raw: nothing is mended or added on the way, as a client library would."""
    given = ([] if host is None else [("host", host)]) + (headers or [])
    return asyncio.run(asked(app, method, target, given, [b""] if body is None else body, client, scheme, kind))


class Room:
    """A stand-in for the reading room's application, with all safety on."""

    def __init__(self, settings: Settings, tmp_path: Path | None = None, **more: Any) -> None:
        self.reached: list[str] = []
        self.streamed: list[str] = []

        def page(request: Request) -> Response:
            self.reached.append(f"{request.method} {request.url.path}")
            return HTMLResponse("<p>secret cable", headers={"server": "x"})

        async def stream(request: Request) -> Response:
            async def pieces() -> AsyncIterator[str]:
                for n in range(3):
                    self.streamed.append(f"made {n}")
                    yield f"piece {n};"

            return StreamingResponse(pieces())

        def boom(request: Request) -> Response:
            raise RuntimeError("boom")

        def own(request: Request) -> Response:
            return PlainTextResponse("own", headers={"Cache-Control": "private, max-age=9", "X-Frame-Options": "SAMEORIGIN"})

        routes: list[Any] = [
            Route("/", page), Route("/a.json", page), Route("/cables/{id}", page), Route("/healthz", page), Route("/stream", stream),
            Route("/boom", boom), Route("/own", own),
        ]  # fmt: skip
        if tmp_path is not None:
            (tmp_path / "static").mkdir()
            (tmp_path / "static" / "a.css").write_text("p{}")
            (tmp_path / "secret").write_text("secret cable")
            routes.append(Mount("/static", StaticFiles(directory=tmp_path / "static")))
        self.app = Starlette(routes=routes)
        sessions.protect(self.app, settings, **more)


def form(password: str = PASSWORD, **more: str) -> list[bytes]:
    return [urlencode({"password": password, **more}).encode()]


FORM: Headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", HERE), ("sec-fetch-site", "same-origin")]


def sign_in(app: ASGIApp, password: str = PASSWORD, *, headers: Headers | None = None, **more: Any) -> Answer:
    return ask(app, "/login", "POST", headers=FORM if headers is None else headers, body=form(password), **more)


# settings


@pytest.mark.parametrize(
    ("host", "here", "why"),
    [
        ("127.0.0.1", True, "the loopback address"),
        ("127.255.3.4", True, "all of 127.0.0.0/8 is loopback"),
        ("::1", True, "the loopback address of IPv6"),
        ("[::1]", True, "the same in brackets"),
        ("0:0:0:0:0:0:0:1", True, "the same in full"),
        ("::ffff:127.0.0.1", True, "an IPv4 address in IPv6"),
        ("localhost", True, "by name"),
        ("LOCALHOST.", True, "by name, shouted, in full"),
        ("0.0.0.0", False, "every address"),
        ("::", False, "every address of IPv6"),
        ("0", False, "every address, in an odd form"),
        ("", False, "every address, by the empty name"),
        ("::ffff:0.0.0.0", False, "every address, in IPv6"),
        ("::ffff:10.0.0.1", False, "another address, in IPv6"),
        ("192.168.1.5", False, "an address of the network"),
        ("128.0.0.1", False, "next to loopback"),
        ("fe80::1", False, "of the link"),
        ("127.0.0.1.example.invalid", False, "a name that only looks like it"),
        ("a" * 70 + ".invalid", False, "no name at all"),
    ],
)
def test_loopback(host: str, here: bool, why: str) -> None:
    assert is_loopback(host) is here, why


@pytest.mark.parametrize(
    ("addresses", "here"), [(["127.0.0.1"], True), (["127.0.0.1", "10.0.0.1"], False), (["10.0.0.1"], False)]
)
def test_a_name_is_loopback_only_if_all_it_stands_for_is(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], here: bool
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (one, 0)) for one in addresses])
    assert is_loopback("desk.example") is here


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"host": "0.0.0.0"}, "add --allow-remote and a password"),
        ({"host": "::"}, "add --allow-remote and a password"),
        ({"host": "192.168.1.5", "allow_remote": True}, "add a password"),
        ({"host": "192.168.1.5", "password_hash": HASH}, "add --allow-remote"),
        ({"hosts": ("cables.example.org",)}, "add --allow-remote and a password"),
        ({"host": "0.0.0.0", "allow_remote": True, "password_hash": HASH}, "add --host-name NAME"),
        ({"host": " "}, "give an address"),
        ({"port": 65536}, "from 0 to 65535"),
        ({"port": -1}, "from 0 to 65535"),
        ({"password_hash": PASSWORD}, "argon2id"),
        ({"password_hash": "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$x"}, "argon2id"),
        ({"secret": b"short"}, "16 bytes"),
        *(({"hosts": (name,)}, "without scheme or port") for name in (
            "", "*", "http://a.example", "a.example:80", "a b", "a.example/", "0.0.0.0", "::", "[::1", "a\nb", "-.*", "a..b",
        )),
    ],
)  # fmt: skip
def test_unsafe_settings_are_refused_in_one_line(values: dict[str, Any], told: str) -> None:
    with pytest.raises(CablegramError) as caught:
        Settings(ROOT, **values)
    message = str(caught.value)
    assert told in message
    assert "\n" not in message
    assert PASSWORD not in message


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ({}, {"localhost", "127.0.0.1", "::1"}),
        ({"host": "127.0.0.5"}, {"localhost", "127.0.0.1", "::1", "127.0.0.5"}),
        ({"host": "[0:0::1]"}, {"localhost", "127.0.0.1", "::1"}),
        ({"host": "192.168.1.5", "allow_remote": True, "password_hash": HASH}, {"192.168.1.5"}),
        (
            {"host": "10.0.0.1", "allow_remote": True, "password_hash": HASH, "hosts": ("Desk.Example.",)},
            {"10.0.0.1", "desk.example"},
        ),
        (
            {"host": "0.0.0.0", "allow_remote": True, "password_hash": HASH, "hosts": ("[2001:DB8::1]",)},
            {"localhost", "127.0.0.1", "::1", "2001:db8::1"},
        ),
    ],
)
def test_allowed_hosts(values: dict[str, Any], allowed: set[str]) -> None:
    assert Settings(ROOT, **values).allowed_hosts == allowed


def test_settings_do_not_show_what_is_secret() -> None:
    shown = repr(Settings(ROOT, password_hash=HASH, secret=b"sixteen bytes or"))
    assert HASH not in shown
    assert "sixteen" not in shown


@pytest.mark.parametrize(
    ("values", "url"),
    [({}, "http://127.0.0.1:8021/"), ({"host": "::1", "port": 80}, "http://[::1]:80/"),
     ({"host": "::", "allow_remote": True, "password_hash": HASH, "hosts": ("a.example",)}, "http://a.example:8021/")],
)  # fmt: skip
def test_url(values: dict[str, Any], url: str) -> None:
    assert Settings(ROOT, **values).url() == url


# Host

HOSTS: list[tuple[str | None, int, str]] = [
    ("127.0.0.1:8021", 200, "as a browser sends it"),
    ("127.0.0.1", 200, "without a port"),
    ("localhost:1", 200, "any port: somebody may forward one"),
    ("LOCALHOST:8021", 200, "names are case-insensitive"),
    ("localhost.:8021", 200, "the dot of a full name"),
    ("[::1]:8021", 200, "IPv6"),
    ("[0:0:0:0:0:0:0:1]", 200, "IPv6 in full"),
    (None, 421, "no Host"),
    ("", 421, "an empty one"),
    ("evil.example", 421, "rebinding"),
    ("evil.example:8021", 421, "rebinding, with our port"),
    ("127.0.0.1.evil.example", 421, "begins like ours"),
    ("evil.example.localhost", 421, "ends like ours"),
    ("localhost.evil.example", 421, "begins like ours"),
    ("localhost..", 421, "two dots"),
    ("0.0.0.0:8021", 421, "reaches local servers from web pages"),
    ("[::]:8021", 421, "the same in IPv6"),
    ("127.1", 421, "an odd form"),
    ("2130706433", 421, "an odd form"),
    ("::1", 421, "IPv6 without brackets"),
    ("::1:8021", 421, "IPv6 without brackets"),
    ("[::1", 421, "half a bracket"),
    ("[::1]evil.example", 421, "more after the bracket"),
    ("[::1]:", 421, "no port after the colon"),
    ("[::ffff:127.0.0.1]", 421, "not a name of ours"),
    ("[::1%25lo]", 421, "a zone"),
    ("[fe80::1]", 421, "another address"),
    ("[v1.a]", 421, "an address of the future"),
    ("localhost:80:80", 421, "two ports"),
    ("localhost:", 421, "no port after the colon"),
    ("localhost:99999", 421, "no such port"),
    ("localhost:8021x", 421, "a port that is none"),
    ("localhost:-1", 421, "a port that is none"),
    ("user@localhost", 421, "a user"),
    ("localhost@evil.example", 421, "a user"),
    ("localhost/", 421, "a path"),
    ("localhost,evil.example", 421, "a list"),
    ("localhost evil.example", 421, "a blank"),
    ("http://localhost", 421, "a scheme"),
    ("localhost\x00", 421, "a control character"),
    ("localhost\n", 421, "a line end"),
    ("l\xf6calhost", 421, "not ASCII"),
    ("a." * 400, 421, "very long"),
]


@pytest.mark.parametrize(("host", "status", "why"), HOSTS)
def test_host(host: str | None, status: int, why: str) -> None:
    room = Room(OPEN)
    answer = ask(room.app, host=host)
    assert answer.status == status, why
    assert bool(room.reached) == (status == 200), why
    if status == 421:
        assert answer.body.count(b"\n") == 1
        assert b"evil" not in answer.body


def test_two_hosts_are_none() -> None:
    assert ask(Room(OPEN).app, headers=[("host", "127.0.0.1:8021")]).status == 421


@pytest.mark.parametrize("target", ["http://evil.example/", "http://127.0.0.1:8021/", "*", "evil.example:443", ""])
def test_targets_that_are_no_path_are_refused(target: str) -> None:
    for method in ("GET", "OPTIONS", "POST"):
        assert ask(Room(OPEN).app, target, method).status == 421


def test_websockets_are_closed_by_each_layer() -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("was let through")

    for app in (Room(OPEN).app, Room(CLOSED).app, security.HostCheck(never, OPEN.allowed_hosts), Auth(never, CLOSED)):
        assert [one["type"] for one in ask(app, kind="websocket").messages] == ["websocket.close"]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("A.Example.:80", HostPort("a.example", 80)), ("[2001:DB8:0::1]:1", HostPort("2001:db8::1", 1)), ("a_b", HostPort("a_b", None)),
     ("[::ffff:1.2.3.4]", HostPort(parse_host("[::ffff:102:304]").name, None)), ("[1.2.3.4]", None), (".", None), ("", None)],  # type: ignore[union-attr]
)  # fmt: skip
def test_parse_host(text: str, parsed: HostPort | None) -> None:
    assert parse_host(text) == parsed


def test_a_remote_room_answers_to_its_names_only() -> None:
    settings = Settings(ROOT, host="192.168.1.5", allow_remote=True, password_hash=HASH, hosts=("desk.example",))
    app = Room(settings).app
    got = [ask(app, "/healthz", host=host).status for host in ("192.168.1.5:8021", "desk.example", "localhost", "127.0.0.1")]
    assert got == [200, 200, 421, 421]


# methods and forms


@pytest.mark.parametrize(
    ("method", "path", "without", "with_password"),
    [
        ("GET", "/", 200, 303), ("HEAD", "/", 200, 303), ("OPTIONS", "/", 204, 204), ("POST", "/", 405, 405), ("PUT", "/", 405, 405),
        ("DELETE", "/cables/1", 405, 405), ("PATCH", "/", 405, 405), ("TRACE", "/", 405, 405), ("CONNECT", "/", 405, 405),
        ("PROPFIND", "/", 405, 405), ("get", "/", 405, 405), ("POST", "/login", 405, 303), ("POST", "/logout", 405, 303),
        ("PUT", "/login", 405, 405), ("POST", "/login/", 405, 405), ("POST", "/login.json", 405, 405), ("POST", "//login", 405, 405),
        ("GET", "/login", 404, 200), ("GET", "/logout", 404, 405), ("OPTIONS", "/login", 204, 204), ("POST", "/healthz", 405, 405),
    ],
)  # fmt: skip
def test_methods(method: str, path: str, without: int, with_password: int) -> None:
    for settings, status in ((OPEN, without), (CLOSED, with_password)):
        room = Room(settings)
        answer = ask(room.app, path, method, headers=FORM, body=form())
        assert answer.status == status
        if status in (204, 405):
            assert not room.reached
            assert answer.one("allow")
        if status == 405 and path not in ("/login", "/logout"):
            assert answer.one("allow") == "GET, HEAD, OPTIONS"


def test_a_method_cannot_be_overridden() -> None:
    room = Room(OPEN)
    ask(room.app, "/?_method=DELETE", headers=[("x-http-method-override", "DELETE")])
    assert room.reached == ["GET /"]


SENDERS: list[tuple[Headers, bool, str]] = [
    ([("origin", HERE)], True, "our origin"),
    ([("sec-fetch-site", "same-origin")], True, "the browser vouches"),
    ([("origin", HERE), ("sec-fetch-site", "same-origin")], True, "both"),
    ([("origin", "null"), ("sec-fetch-site", "same-origin")], True, "our page with no-referrer"),
    ([("origin", "https://127.0.0.1:8021")], True, "a proxy with https before us"),
    ([], False, "not a word about it"),
    ([("origin", "null")], False, "a sandboxed page"),
    ([("origin", "http://127.0.0.1")], False, "another port"),
    ([("origin", "http://127.0.0.1:8022")], False, "another port"),
    ([("origin", "http://localhost:8021")], False, "another name, though both are ours"),
    ([("origin", "http://evil.example")], False, "another site"),
    ([("origin", "http://127.0.0.1:8021.evil.example")], False, "begins like ours"),
    ([("origin", "http://127.0.0.1:8021@evil.example")], False, "a user like ours"),
    ([("origin", "http://evil.example/http://127.0.0.1:8021")], False, "ends like ours"),
    ([("origin", "file://")], False, "a file"),
    ([("origin", "chrome-extension://127.0.0.1:8021")], False, "an extension"),
    ([("origin", "")], False, "empty"),
    ([("origin", HERE), ("origin", "http://evil.example")], False, "two"),
    ([("origin", HERE), ("sec-fetch-site", "cross-site")], False, "the two disagree"),
    ([("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")], False, "the two disagree"),
    ([("sec-fetch-site", "same-site")], False, "a sister"),
    ([("sec-fetch-site", "none")], False, "forms are not typed into the address line"),
    ([("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], False, "two"),
    ([("referer", HERE + "/login")], False, "Referer is not asked"),
]


@pytest.mark.parametrize(("senders", "passes", "why"), SENDERS)
def test_forms_come_from_our_pages(senders: Headers, passes: bool, why: str) -> None:
    app = Room(CLOSED).app
    for path in ("/login", "/logout"):
        answer = ask(app, path, "POST", headers=[FORM[0], *senders], body=form())
        assert answer.status == (303 if passes else 403), why
        assert bool(answer.all("set-cookie")) is passes


@pytest.mark.parametrize(
    ("host", "origin", "passes"),
    [("localhost", "http://localhost", True), ("localhost:80", "http://localhost", True), ("localhost", "https://localhost:443", True),
     ("localhost", "http://localhost:8021", False), ("[::1]:8021", "http://[::1]:8021", True), ("LOCALHOST:1", "http://localhost:1", True)],
)  # fmt: skip
def test_origin_and_host(host: str, origin: str, passes: bool) -> None:
    answer = sign_in(Room(CLOSED).app, headers=[FORM[0], ("origin", origin)], host=host)
    assert answer.status == (303 if passes else 403)


@pytest.mark.parametrize(
    ("body", "headers", "status", "why"),
    [
        ([b"password=" + b"a" * 8183], [], 401, "8,192 bytes"),
        ([b"password=" + b"a" * 8184], [], 413, "one more"),
        ([b"a" * 4000] * 3, [], 413, "in pieces, with no length told"),
        ([b""], [("content-length", "8193")], 413, "told to be long"),
        ([b""], [("content-length", "9" * 40)], 413, "told to be very long"),
        ([b""], [("content-length", "-1")], 413, "a length that is none"),
        ([b"pass", b"word=x", b"&next=/a"], [], 401, "in pieces"),
        ([b""], [], 400, "nothing"),
        ([b"next=/"], [], 400, "no password"),
        ([b"password=a&password=b"], [], 400, "two passwords"),
        ([b"password=%ff"], [], 400, "not UTF-8"),
        ([b"password=\xff"], [], 400, "not ASCII"),
        ([b"&".join(b"a%d=1" % n for n in range(50))], [], 400, "many fields"),
    ],
)
def test_bodies(body: list[bytes], headers: Headers, status: int, why: str) -> None:
    assert ask(Room(CLOSED).app, "/login", "POST", headers=FORM + headers, body=body).status == status, why


def test_a_form_in_another_encoding_is_refused() -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=a", "application/json", ""):
        answer = ask(Room(CLOSED).app, "/login", "POST", headers=[("content-type", kind), *FORM[1:]], body=form())
        assert answer.status == 400


def test_a_slow_body_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "SLOWEST_BODY", 0.05)

    async def slow(app: ASGIApp) -> list[Message]:
        sent: list[Message] = []
        parts = [{"type": "http.request", "body": b"pass", "more_body": True}]

        async def receive() -> Message:
            if not parts:
                await asyncio.sleep(30)
            return parts.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(a.encode(), b.encode()) for a, b in [("host", "127.0.0.1:8021"), *FORM]]
        scope = {"type": "http", "method": "POST", "path": "/login", "query_string": b"", "headers": headers, "client": None}
        await app(scope, receive, send)
        return sent

    sent = asyncio.run(slow(Room(CLOSED).app))
    assert sent[0]["status"] == 408


# limits


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/?" + "a" * (16 * 1024 - 1), [], 200),
        ("/?" + "a" * 16 * 1024, [], 414),
        ("/" + "a" * 16 * 1024, [], 414),
        ("/" + "%41" * 6000, [], 414),
        ("/", [("x-a", "1")] * 99, 200),
        ("/", [("x-a", "1")] * 100, 431),
        ("/", [("x-a", "a" * 33_000)], 431),
        ("/cables/a%00b", [], 400),
        ("/cables/a%0d%0aSet-Cookie:x", [], 400),
        ("/cables/a%5cb", [], 400),
        ("/static/..%5c..%5csecret", [], 400),
    ],
)
def test_limits(target: str, headers: Headers, status: int) -> None:
    assert ask(Room(OPEN).app, target, headers=headers).status == status


# headers and errors

EVERYWHERE = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}  # fmt: skip


@pytest.mark.parametrize("settings", [OPEN, CLOSED])
@pytest.mark.parametrize(
    ("target", "method", "host"),
    [("/", "GET", "127.0.0.1"), ("/", "HEAD", "127.0.0.1"), ("/nowhere", "GET", "127.0.0.1"), ("/", "GET", "evil.example"),
     ("/", "DELETE", "127.0.0.1"), ("/", "OPTIONS", "127.0.0.1"), ("/?" + "a" * 20_000, "GET", "127.0.0.1"), ("/boom", "GET", "127.0.0.1"),
     ("/stream", "GET", "127.0.0.1"), ("/static/a.css", "GET", "127.0.0.1"), ("/static/b.css", "GET", "127.0.0.1"),
     ("/own", "GET", "127.0.0.1"), ("/login", "GET", "127.0.0.1"), ("/login", "POST", "127.0.0.1"), ("/logout", "POST", "127.0.0.1"),
     ("/a.json", "GET", "127.0.0.1")],
)  # fmt: skip
def test_every_answer_has_the_headers_once(tmp_path: Path, settings: Settings, target: str, method: str, host: str) -> None:
    for signed_in in (False, True) if settings is CLOSED else (False,):
        (tmp_path / str(signed_in)).mkdir()
        app = Room(settings, tmp_path / str(signed_in)).app
        headers = [("cookie", sign_in(app).cookie)] if signed_in else []
        answer = ask(app, target, method, host=host, headers=headers + (FORM if method == "POST" else []))
        assert answer.status
        for name, value in EVERYWHERE.items():
            assert answer.one(name) == value
        assert answer.one("referrer-policy") == ("same-origin" if settings is CLOSED else "no-referrer")
        assert re.fullmatch(r"[a-z-]+=\(\)(, [a-z-]+=\(\))*", answer.one("permissions-policy"))
        assert "camera=()" in answer.one("permissions-policy")
        caching = answer.one("cache-control")
        if settings is CLOSED and not target.startswith("/static/"):
            assert caching == "private, no-store"
        else:
            assert caching == ("private, max-age=9" if target == "/own" else "private, max-age=0, must-revalidate")


def test_a_failure_is_answered_with_headers_and_goes_on_to_the_log() -> None:
    answer = ask(Room(OPEN).app, "/boom")
    assert answer.status == 500
    assert isinstance(answer.error, RuntimeError)
    assert b"boom" not in answer.body
    assert [one["type"] for one in answer.messages].count("http.response.start") == 1

    def page(request: Request, error: Exception) -> Response:
        return HTMLResponse("<h1>Failed", 500)

    async def later(request: Request, error: Exception) -> Response:
        return page(request, error)

    def fails(request: Request, error: Exception) -> Response:
        raise ValueError("again")

    for on_error, body in ((page, b"<h1>Failed"), (later, b"<h1>Failed"), (fails, b"the reading room failed")):
        answer = ask(Room(OPEN, on_error=on_error).app, "/boom")
        assert answer.status == 500
        assert answer.body.startswith(body)
        assert answer.one("x-frame-options") == "DENY"


def test_the_applications_own_page_of_failures_is_used() -> None:
    app = Starlette(routes=[], exception_handlers={Exception: lambda request, error: HTMLResponse("<h1>Ours", 500)})

    def boom(request: Request) -> Response:
        raise RuntimeError

    app.add_route("/boom", boom)
    sessions.protect(app, OPEN)
    answer = ask(app, "/boom")
    assert answer.body == b"<h1>Ours"
    assert answer.one("x-frame-options") == "DENY"


def test_streams_stay_streams() -> None:
    room = Room(CLOSED)
    answer = ask(room.app, "/stream", headers=[("cookie", sign_in(room.app).cookie)])
    pieces = [one["body"] for one in answer.messages if one.get("body")]
    assert pieces == [b"piece 0;", b"piece 1;", b"piece 2;"]


@pytest.mark.parametrize(
    ("path", "accept", "json"),
    [
        ("/", "text/html,application/xhtml+xml,*/*;q=0.8", False), ("/", "*/*", False), ("/", "", False), ("/a.json", "text/html", True),
        ("/", "application/json", True), ("/", "application/json, text/html;q=0.9", True), ("/", "application/json;q=0.5, text/html", False),
        ("/", "APPLICATION/JSON", True), ("/", "application/*", True), ("/", "text/html;q=0, */*", True), ("/", "application/json;q=x", False),
        ("/a.jsonx", "*/*", False), ("/?a=.json", "*/*", False), ("/", "," * 5000, False),
    ],
)  # fmt: skip
def test_errors_have_one_shape(path: str, accept: str, json: bool) -> None:
    answer = ask(Room(OPEN).app, path, host="evil.example", headers=[("accept", accept)])
    assert answer.status == 421
    if json:
        assert answer.one("content-type") == "application/json"
        assert answer.body.startswith(b'{"error":{"code":"misdirected","message":"')
        assert answer.body.endswith(b'"status":421}}')
    else:
        assert answer.one("content-type").startswith("text/plain")
        assert answer.body.endswith(b"\n")


# signing in


def test_only_what_shows_nothing_is_open(tmp_path: Path) -> None:
    room = Room(CLOSED, tmp_path)
    for path in (
        "/",
        "/cables/1",
        "/stream",
        "/boom",
        "/nowhere",
        "/healthz/",
        "/login/x",
        "/static",
        "/static/",
        "/Static/a.css",
    ):
        answer = ask(room.app, path)
        assert (answer.status, answer.one("location")) == (303, "/login" if path == "/" else f"/login?next={quote(path)}")
    assert not room.reached
    for path in ("/healthz", "/static/a.css", "/login"):
        assert ask(room.app, path).status == 200


@pytest.mark.parametrize(
    "path", ["/static/../", "/static/..", "/static/./a", "/static/a/../../cables/1", "/static//cables/1", "/static/%2e%2e/x"]
)
def test_there_is_no_way_out_of_static(tmp_path: Path, path: str) -> None:
    room = Room(CLOSED, tmp_path)
    assert ask(room.app, path).status == 303
    assert not room.reached


def test_is_open() -> None:
    assert is_open("/static/a/b.css")
    assert not any(
        is_open(path) for path in ("/static/a\\..\\b", "/staticx", "", "/", "login", "/login?", "/HEALTHZ", "/static/a/..")
    )


def test_programs_get_401_and_no_other_way_in() -> None:
    room = Room(CLOSED)
    for headers in ([], [("authorization", "Basic OnBlbGljYW4=")], [("authorization", f"Bearer {PASSWORD}")]):
        answer = ask(room.app, "/a.json", headers=headers)
        assert answer.status == 401
        assert answer.body.startswith(b'{"error":{"code":"not-signed-in"')
        assert not answer.all("www-authenticate")
    assert ask(room.app, "/", headers=[("accept", "application/json")]).status == 401
    assert not room.reached


def test_signing_in_and_out() -> None:
    room = Room(CLOSED)
    wanted = ask(room.app, "/cables/07LIMA12?q=a%20b&p=2").one("location")
    assert wanted == "/login?next=/cables/07LIMA12%3Fq%3Da%2520b%26p%3D2"
    page = ask(room.app, wanted)
    assert b'name="next" value="/cables/07LIMA12?q=a%20b&amp;p=2"' in page.body
    wrong = ask(room.app, "/login", "POST", headers=FORM, body=form(WRONG, next="/cables/07LIMA12"))
    assert wrong.status == 401
    assert b'role="alert"' in wrong.body
    assert b'value="/cables/07LIMA12"' in wrong.body
    assert WRONG.encode() not in wrong.body
    assert not wrong.all("set-cookie")
    right = ask(room.app, "/login", "POST", headers=FORM, body=form(next="/cables/07LIMA12?q=a%20b"))
    assert (right.status, right.one("location")) == (303, "/cables/07LIMA12?q=a%20b")
    cookie = [("cookie", right.cookie)]
    assert ask(room.app, "/cables/07LIMA12", headers=cookie).status == 200
    assert ask(room.app, "/a.json", headers=cookie).status == 200
    assert ask(room.app, "/login?next=/a.json", headers=cookie).one("location") == "/a.json"
    out = ask(room.app, "/logout", "POST", headers=FORM + cookie)
    assert (out.status, out.one("location")) == (303, "/login")
    assert "Max-Age=0" in out.one("set-cookie")
    # Replayed.
    assert ask(room.app, "/cables/07LIMA12", headers=cookie).status == 303


def test_the_attributes_of_the_cookie() -> None:
    app = Room(CLOSED).app
    parts = set(sign_in(app).one("set-cookie").split("; ")[1:])
    assert parts == {"HttpOnly", "Path=/", "SameSite=strict", f"Max-Age={12 * 3600}"}
    assert "Secure" in sign_in(app, scheme="https").one("set-cookie").split("; ")
    proxied = sign_in(app, headers=[FORM[0], ("origin", "https://127.0.0.1:8021")])
    assert "Secure" in proxied.one("set-cookie").split("; ")
    assert sign_in(app).cookie.startswith("cablegram_8021=")
    assert sign_in(Room(Settings(ROOT, port=9, password_hash=HASH)).app).cookie.startswith("cablegram_9=")


def test_forged_cookies() -> None:
    secret = b"a secret of sixteen bytes or more"
    settings = Settings(ROOT, password_hash=HASH, secret=secret)
    app = Room(settings).app
    cookie = sign_in(app).cookie
    name, _, value = cookie.partition("=")
    assert ask(app, headers=[("cookie", f"a=b; {cookie}; c")]).status == 200
    assert ask(app, headers=[("cookie", f"{name}=x; {cookie}")]).status == 200
    forged = TimestampSigner(secret, salt="cablegram.session").sign("a-session-that-never-was").decode()
    session, stamp, sign = value.split(".")
    for bad in (
        "", "x", f"{session}.{stamp}.{'A' if sign[0] != 'A' else 'B'}{sign[1:]}", value + "A", value[1:], session, f"{session}.{stamp}", f"{session}..{sign}",
        f"{session}.AAAAAA.{sign}", f"x{session}.{stamp}.{sign}", forged, f'"{value}"', value.upper(), "a" * 4000, "\xff.\xfe.\xfd", "." * 50,
    ):  # fmt: skip
        assert ask(app, headers=[("cookie", f"{name}={bad}")]).status == 303, bad
    assert ask(app, headers=[("cookie", f"other={value}")]).status == 303
    assert ask(app, headers=[("cookie", "; ".join([f"{name}=x"] * 20 + [cookie]))]).status == 303, "not any number is tried"
    # After a restart, even with the same secret.
    assert ask(Room(settings).app, headers=[("cookie", cookie)]).status == 303
    assert ask(Room(CLOSED).app, headers=[("cookie", cookie)]).status == 303


def test_sessions_end_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    kept = Sessions(clock=clock)
    first = kept.begin()
    clock.now += 12 * 3600 - 1
    assert kept.holds(first)
    clock.now += 2
    assert not kept.holds(first)
    second = kept.begin()
    assert len(kept) == 1, "what has ended is forgotten"
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 3)
    others = [kept.begin() for _ in range(3)]
    assert len(kept) == 3
    assert not kept.holds(second)
    assert all(kept.holds(one) for one in others)
    kept.end("rubbish")
    kept.end(others[0])
    assert not kept.holds(others[0])


def test_signing_in_anew_ends_the_session_before() -> None:
    app = Room(CLOSED).app
    old = sign_in(app).cookie
    new = sign_in(app, headers=[*FORM, ("cookie", old)]).cookie
    assert [ask(app, headers=[("cookie", one)]).status for one in (old, new)] == [303, 200]


NEXT: list[tuple[str | None, str, str]] = [
    ("/cables/07LIMA12", "/cables/07LIMA12", "a page"),
    ("/search?q=http://a//b&x=%5C", "/search?q=http://a//b&x=%5C", "slashes in a query are text"),
    (None, "/", "none"),
    ("", "/", "empty"),
    ("//evil.example", "/", "another host"),
    ("///evil.example", "/", "another host"),
    ("/\\evil.example", "/", "browsers take a backslash for a slash"),
    ("\\\\evil.example", "/", "the same"),
    ("/a\\b", "/", "a backslash anywhere"),
    ("/a//evil.example", "/", "two slashes anywhere in the path"),
    ("/.//evil.example", "/", "two slashes once the dot is gone"),
    ("http://evil.example", "/", "a scheme"),
    ("https:evil.example", "/", "a scheme"),
    ("javascript:alert(1)", "/", "a script"),
    ("data:text/html,x", "/", "data"),
    ("evil.example", "/", "no slash"),
    (" /a", "/", "a blank before it"),
    ("/\t/evil.example", "/", "browsers drop a tab"),
    ("/\n/evil.example", "/", "browsers drop a line end"),
    ("\t//evil.example", "/", "a tab before it"),
    ("/a\r\nSet-Cookie: a=b", "/", "a header"),
    ("/a\n", "/", "a line end at the end"),
    ("/a\x00", "/", "NUL"),
    ("/a\x7f", "/", "DEL"),
    ("/a b", "/", "a blank"),
    ("/\u2028/evil", "/", "a line end of Unicode"),
    ("/\uff0fevil.example", "/", "a wide slash"),
    ("/login", "/", "the login itself"),
    ("/login?next=/a", "/", "the login itself"),
    ("/logout", "/", "logging out again"),
    ("/" + "a" * 5000, "/", "very long"),
]


@pytest.mark.parametrize(("given", "kept", "why"), NEXT)
def test_next(given: str | None, kept: str, why: str) -> None:
    assert safe_next(given) == kept, why
    app = Room(CLOSED).app
    more = {} if given is None else {"next": given}
    answer = ask(app, "/login", "POST", headers=FORM, body=[urlencode({"password": PASSWORD, **more}).encode()])
    if answer.status == 303:
        assert answer.all("location") == [kept], why
    else:
        assert (answer.status, len(given or "")) == (413, 5001)
    if len(given or "") < 1000:
        assert f'value="{kept.replace("&", "&amp;")}"'.encode() in ask(app, "/login?" + urlencode(more)).body


def test_next_cannot_break_out_of_the_page() -> None:
    page = ask(Room(CLOSED).app, "/login?" + urlencode({"next": '/"><script>alert(1)</script>'}))
    assert b"<script" not in page.body


def test_the_built_in_page_needs_no_script_and_no_style() -> None:
    page = ask(Room(CLOSED).app, "/login").body.decode()
    assert not re.search(r"<script|<style|style=|\son\w+=", page)
    assert '<label for="password">' in page
    assert 'id="password"' in page
    assert 'lang="en"' in page
    assert "role=" not in page


@pytest.mark.parametrize("waits", [False, True])
def test_the_application_may_give_the_page(waits: bool) -> None:
    seen: list[tuple[str | None, str]] = []

    def render(request: Request, error: str | None, next: str) -> Response:
        seen.append((error, next))
        return HTMLResponse("ours")

    async def render_later(request: Request, error: str | None, next: str) -> Response:
        return render(request, error, next)

    app = Room(CLOSED, render_login=render_later if waits else render).app
    assert ask(app, "/login?next=//evil").body == b"ours"
    answer = sign_in(app, WRONG)
    assert (answer.status, answer.body) == (401, b"ours")
    assert seen == [(None, "/"), ("This is not the password.", "/")]


# passwords and guessing


def test_passwords() -> None:
    made = hash_password(PASSWORD)
    assert made.startswith("$argon2id$")
    assert made != hash_password(PASSWORD)
    assert verify_password(made, PASSWORD)
    for wrong in ("", WRONG, PASSWORD + " ", PASSWORD.upper(), "\ud800", "a" * 8000):
        assert not verify_password(made, wrong)
    assert not verify_password("$argon2id$rubbish", PASSWORD)
    for short in ("", "123456789", "e\u0301" * 9):
        with pytest.raises(CablegramError, match="10 characters"):
            hash_password(short)
    assert verify_password(hash_password("caf\u00e9 pelican"), "cafe\u0301 pelican"), "accents are composed in two ways"


def test_hashing_does_not_hold_up_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_: str, __: str) -> bool:
        time.sleep(0.3)
        return False

    monkeypatch.setattr(sessions, "verify_password", slow)
    app = Room(CLOSED).app

    async def both() -> tuple[float, int]:
        host = [("host", "127.0.0.1:8021")]
        trying = asyncio.create_task(asked(app, "POST", "/login", host + FORM, form(WRONG), None, "http", "http"))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await asked(app, "GET", "/healthz", host, [b""], None, "http", "http")
        return time.monotonic() - began, (await trying).status

    took, status = asyncio.run(both())
    assert status == 401
    assert took < 0.2


def guarded(clock: Clock) -> Auth:
    async def inside(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("in")(scope, receive, send)

    return Auth(inside, CLOSED, clock=clock)


def test_guessing_is_slowed() -> None:
    clock = Clock()
    auth = guarded(clock)
    pauses = []
    for _ in range(7):
        assert [sign_in(auth, WRONG).status for _ in range(5)] == [401] * 5
        answer = sign_in(auth)
        assert answer.status == 429, "the right password too, or the brake would tell which one it is"
        assert b'role="alert"' in answer.body
        pauses.append(int(answer.one("retry-after")))
        clock.now += pauses[-1] - 1
        assert sign_in(auth, WRONG).one("retry-after") == "1", "trying meanwhile makes it no longer"
        clock.now += 1
    assert pauses == [60, 120, 240, 480, 900, 900, 900]
    assert sign_in(auth).status == 303
    assert [sign_in(auth, WRONG).status for _ in range(5)] == [401] * 5
    assert sign_in(auth).one("retry-after") == "60", "the right password lets all be forgotten"
    clock.now += 60 + 3601
    assert [sign_in(auth, WRONG).status for _ in range(5)] == [401] * 5
    assert sign_in(auth).one("retry-after") == "60", "an hour of quiet too"


def test_who_tries_now_and_then_is_not_slowed() -> None:
    clock = Clock()
    auth = guarded(clock)
    for _ in range(20):
        assert sign_in(auth, WRONG).status == 401
        clock.now += 16


def test_one_client_does_not_slow_another_but_many_do() -> None:
    clock = Clock()
    auth = guarded(clock)
    for _ in range(6):
        sign_in(auth, WRONG, client=("10.0.0.1", 1))
    assert sign_in(auth, client=("10.0.0.2", 1)).status == 303
    told = [sign_in(auth, WRONG, client=(f"10.0.1.{n}", 1)).status for n in range(40)]
    assert told.count(429) >= 10
    answer = sign_in(auth, client=("10.0.9.9", 1))
    assert answer.status == 429
    assert int(answer.one("retry-after")) <= 60
    clock.now += 60
    assert sign_in(auth, client=("10.0.9.9", 1)).status == 303


def test_many_tries_at_once_do_not_slip_through() -> None:
    auth = guarded(Clock())

    async def crowd() -> list[Answer]:
        host = [("host", "127.0.0.1:8021")]
        return await asyncio.gather(
            *(asked(auth, "POST", "/login", host + FORM, form(WRONG), None, "http", "http") for _ in range(20))
        )

    statuses = [answer.status for answer in asyncio.run(crowd())]
    assert sorted(statuses) == [401] * 5 + [429] * 15


def test_the_brake_forgets_so_that_memory_is_bounded() -> None:
    brake = Brake(5, most_keys=10, clock=Clock())
    for n in range(1000):
        brake.count(str(n))
    assert len(brake) == 10


def test_what_a_client_says_it_is_does_not_count() -> None:
    auth = guarded(Clock())
    told = [
        sign_in(auth, WRONG, headers=[*FORM, ("x-forwarded-for", f"10.0.0.{n}"), ("forwarded", f"for=10.0.0.{n}")]).status
        for n in range(6)
    ]
    assert told[-1] == 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("10.0.0.1", "10.0.0.2", False), ("2001:db8::1", "2001:db8::ffff", True), ("2001:db8::1", "2001:db8:0:1::1", False),
     ("::ffff:10.0.0.1", "10.0.0.1", True), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False), ("testclient", "other", False)],
)  # fmt: skip
def test_clients(one: str, other: str, same: bool) -> None:
    assert (client_key({"client": (one, 1)}) == client_key({"client": (other, 2)})) is same
    assert client_key({"client": None}) == client_key({})


def test_programs_that_guess_are_told_in_json() -> None:
    auth = guarded(Clock())
    headers = [*FORM, ("accept", "application/json")]
    answers = [sign_in(auth, WRONG, headers=headers) for _ in range(6)]
    assert answers[0].body.startswith(b'{"error":{"code":"wrong-password"')
    assert answers[5].body.startswith(b'{"error":{"code":"too-many-tries"')


# the server

#: The command with a stand-in for the pages.
PROGRAM = """
import contextlib, os, sys, types
from fastapi import FastAPI
from starlette.responses import StreamingResponse, PlainTextResponse
from cablegram.web import sessions
def create_app(settings, apart=None):
    async def opening(app):
        if "CABLEGRAM_BROKEN" in os.environ: raise RuntimeError("broken")
        yield
    app = FastAPI(lifespan=contextlib.asynccontextmanager(opening))
    @app.get("/")
    async def page(): return PlainTextResponse("in")
    @app.get("/boom")
    async def boom(): raise RuntimeError("boom")
    @app.get("/endless")
    async def endless():
        import asyncio
        async def pieces():
            while True:
                yield "piece;"
                await asyncio.sleep(0.01)
        return StreamingResponse(pieces())
    sessions.protect(app, settings)
    return app
module = types.ModuleType("cablegram.web.app")
module.create_app = create_app
sys.modules["cablegram.web.app"] = module
from cablegram.cli import main, serve
if "serve" not in main.cli.commands: main.cli.add_command(serve.serve_command)
main.main()
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("room") / "archive"
    with Archive(folder):
        pass
    return folder


def arguments(archive: Path, *more: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, "serve", "--archive", str(archive), *more]


def environment(**more: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if not name.startswith("CABLEGRAM_")}, **more}


class Running(NamedTuple):
    process: subprocess.Popen[str]
    port: int
    lines: list[str]

    def get(
        self, path: str = "/", method: str = "GET", headers: dict[str, str] | None = None, body: str | None = None
    ) -> tuple[Any, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response, response.read().decode()

    def raw(self, text: str) -> str:
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=10)) as connection:
            connection.sendall(text.encode("latin-1"))
            received = b""
            while piece := connection.recv(65536):
                received += piece
            return received.decode("latin-1")

    def end(self, how: int = signal.SIGINT) -> tuple[int, str]:
        """Exit code, and all that it said."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, "".join(self.lines) + out + err


@contextmanager
def running(archive: Path, *more: str, **env: str) -> Iterator[Running]:
    process = subprocess.Popen(
        arguments(archive, "--port", "0", *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**env),
    )
    try:
        lines: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"the reading room is at http://\S+?:(\d+)/ ; Ctrl-C ends it$", line):
                yield Running(process, int(found[1]), lines)
                break
        else:
            raise AssertionError(f"did not start: {lines}")
    finally:
        process.kill()
        process.communicate()


def call(archive: Path, *more: str, **env: str) -> tuple[int, str, str]:
    done = subprocess.run(arguments(archive, *more), capture_output=True, text=True, timeout=60, env=environment(**env))
    return done.returncode, done.stdout, done.stderr


def test_it_starts_answers_and_ends(archive: Path) -> None:
    for how in (signal.SIGINT, signal.SIGTERM):
        with running(archive) as room:
            response, body = room.get()
            assert (response.status, body) == (200, "in")
            assert response.headers["server"] is None
            assert response.headers["x-frame-options"] == "DENY"
            code, said = room.end(how)
            assert code == 0
            assert said == f"the reading room is at http://127.0.0.1:{room.port}/ ; Ctrl-C ends it\n"


def test_it_ends_with_an_answer_under_way(archive: Path) -> None:
    with running(archive) as room, closing(socket.create_connection(("127.0.0.1", room.port))) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(10)
        began = time.monotonic()
        code, said = room.end()
        assert code == 0
        assert time.monotonic() - began < 10
        assert said.count("\n") == 1, said


def test_it_listens_on_loopback_only(archive: Path) -> None:
    with running(archive) as room:
        table = Path("/proc/net/tcp")
        if not table.exists():
            pytest.skip("the table of sockets is Linux's")
        mine = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[1].endswith(f":{room.port:04X}")]
        assert {address.split(":")[0] for address in mine} == {"0100007F"}


def test_the_server_passes_hostile_requests_to_the_rules(archive: Path) -> None:
    with running(archive) as room:
        end = "Connection: close\r\n\r\n"
        for text, status in (
            (f"GET / HTTP/1.1\r\nHost: evil.example\r\n{end}", 421),
            (f"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n{end}", 421),
            (f"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n{end}", 421),
            (f"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n{end}", 421),
            (f"GET / HTTP/1.0\r\n{end}", 421),
            (f"GET / HTTP/1.1\r\n{end}", 400),
            (f"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n{end}", 400),
            (f"GET /?{'a' * 20_000} HTTP/1.1\r\nHost: localhost\r\n{end}", 414),
            (f"GET / HTTP/1.1\r\nHost: localhost\r\n{'X-A: b' + chr(13) + chr(10)}" + "X-A: b\r\n" * 200 + end, 431),
            (f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n{end}", 200),
            (f"DELETE / HTTP/1.1\r\nHost: [::1]\r\n{end}", 405),
            (f"GET /boom HTTP/1.1\r\nHost: localhost\r\n{end}", 500),
            (f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\n{end}", 200),
        ):
            answer = room.raw(text)
            assert answer.startswith(f"HTTP/1.1 {status} "), (text[:80], answer[:200])
            if status != 400:
                assert "content-security-policy: default-src 'none'" in answer
        code, said = room.end()
        assert code == 0
        assert "RuntimeError: boom" in said, "failures are logged"


def test_a_port_in_use_is_one_line(archive: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        code, out, err = call(archive, "--port", port)
    assert (code, out) == (2, "")
    assert err == f"cablegram: port {port} of 127.0.0.1 is in use; choose another with --port, or any free one with --port 0\n"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--archive", "/nowhere"], "nowhere"),
        (["--host", "0.0.0.0"], "add --allow-remote and a password"),
        (["--host", "::", "--allow-remote"], "add a password"),
        (["--host", "not a host"], "other machines"),
        (["--password-file", "/nowhere"], "/nowhere: the password cannot be read"),
        (["--host-name", "http://x"], "without scheme or port"),
    ],
)
def test_what_cannot_be_served_is_one_line(archive: Path, more: list[str], told: str) -> None:
    code, out, err = call(archive, *more)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert err.startswith("cablegram: ")


def test_a_room_that_cannot_be_opened_is_told(archive: Path) -> None:
    code, _, err = call(archive, "--port", "0", CABLEGRAM_BROKEN="1")
    assert code == 2
    assert "RuntimeError: broken" in err
    assert "the reading room is at" not in err
    assert err.endswith("cablegram: the reading room could not be opened; the lines above say why\n")


def test_an_address_of_another_machine_is_one_line(archive: Path) -> None:
    code, _, err = call(archive, "--host", "192.0.2.1", "--allow-remote", CABLEGRAM_PASSWORD=PASSWORD)
    assert code == 2
    assert err == "cablegram: --host 192.0.2.1: is no address of this machine\n"


def login_over(room: Running, password: str) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{room.port}"}
    return room.get("/login", "POST", headers, urlencode({"password": password}))[0]


def test_a_password_is_asked_for_and_never_shown(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\r\nsecond line\n", encoding="utf-8-sig")
    file.chmod(0o600)
    for more, env in ((["--password-file", str(file)], {}), ([], {"CABLEGRAM_PASSWORD": PASSWORD})):
        with running(archive, *more, **env) as room:
            assert room.get()[0].status == 303
            assert login_over(room, WRONG).status == 401
            response = login_over(room, PASSWORD)
            assert response.status == 303
            cookie = response.headers["set-cookie"].split(";")[0]
            assert cookie.startswith(f"cablegram_{room.port}=")
            assert room.get(headers={"Cookie": cookie})[0].status == 200
            room.get("/boom", headers={"Cookie": cookie})
            code, said = room.end()
        assert code == 0
        assert "RuntimeError: boom" in said
        for secret in (PASSWORD, WRONG, "argon2id", cookie.split("=")[1], quote(PASSWORD), PASSWORD.replace(" ", "+")):
            assert secret not in said


def test_password_files(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    for content, told in (
        (b"", "is empty"), (b"\nsecond line", "is empty"), (b"short\n", "10 characters"), (b"\xff" * 20, "not UTF-8"), (b"a" * 9000, "too long"),
    ):  # fmt: skip
        file.write_bytes(content)
        file.chmod(0o600)
        code, _, err = call(archive, "--password-file", str(file))
        assert code == 2
        assert told in err
        assert err.count("\n") == 1
        assert "short\n" not in err
    code, _, err = call(archive, CABLEGRAM_PASSWORD="")
    assert (code, err.count("\n")) == (2, 1)
    file.write_text(PASSWORD)
    file.chmod(0o600 | stat.S_IROTH)
    with running(archive, "--password-file", str(file)) as room:
        assert "chmod 600" in room.lines[0]
        assert room.end()[0] == 0


def test_a_remote_room_warns_and_listens_everywhere(archive: Path) -> None:
    more = ["--host", "0.0.0.0", "--allow-remote", "--host-name", "desk.example"]
    with running(archive, *more, CABLEGRAM_PASSWORD=PASSWORD) as room:
        assert "unencrypted" in room.lines[0]
        assert f"http://desk.example:{room.port}/" in room.lines[1]
        assert room.get("/", headers={"Host": "desk.example"})[0].status == 303
        assert room.get("/", headers={"Host": "evil.example"})[0].status == 421


def test_missing_packages_are_one_line(archive: Path) -> None:
    for name in ("uvicorn", "argon2", "fastapi"):
        hidden = f"import sys; sys.modules[{name!r}] = None\n"
        program = hidden + "from cablegram.cli import main, serve\nmain.cli.add_command(serve.serve_command)\nmain.main()\n"
        command = [sys.executable, "-c", program, "serve", "--archive", str(archive), "--port", "0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment())
        assert (done.returncode, done.stderr) == (2, "cablegram: the reading room wants more packages: install cablegram[web]\n")


def test_help_needs_no_package() -> None:
    program = "import sys; sys.modules['starlette'] = None\nfrom cablegram.cli.serve import serve_command\nserve_command()"
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "--allow-remote" in done.stdout


def test_the_browser_is_opened_on_demand(archive: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\necho "$1 $CABLEGRAM_PASSWORD" > {tmp_path}/seen.new && mv {tmp_path}/seen.new {tmp_path}/seen\n'
    )
    browser.chmod(0o700)
    with running(archive, "--open", BROWSER=f"{browser} %s", CABLEGRAM_PASSWORD=PASSWORD) as room:
        wait_for(lambda: (tmp_path / "seen").exists())
        assert (tmp_path / "seen").read_text().strip() == f"http://127.0.0.1:{room.port}/", "and is not told the password"


def wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)
