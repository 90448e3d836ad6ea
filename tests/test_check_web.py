"""The page that checks citations: only from our own form, of bounded length, behind the sign-in; nothing of what is sent is kept or is markup."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import anyio
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient
from starlette.types import Message, Receive, Scope, Send

import manuscripts as made
import reading
from cablegram.check.checking import Checked
from cablegram.errors import UnreadableInput
from cablegram.web import checker, security
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

OWN = {"sec-fetch-site": "same-origin"}
JSON = {**OWN, "accept": "application/json"}
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("checkweb") / "archive", odd=False)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as client:
        yield client


def sent(client: TestClient, text: str = "", file: tuple[str, bytes] | None = None, headers: dict[str, str] | None = None) -> Any:
    files: dict[str, Any] = {"text": (None, text), "file": file if file is not None else ("", b"")}
    return client.post("/check", files=files, headers=OWN if headers is None else headers, follow_redirects=False)


def test_the_form(client: TestClient) -> None:
    page = client.get("/check")
    assert page.status_code == 200
    assert 'enctype="multipart/form-data"' in page.text
    assert 'href="/check"' in client.get("/help").text


def test_a_text_and_a_file(client: TestClient) -> None:
    page = sent(client, f"See La Paz 1933, 21 February 1996. {EVIL} “{EVIL} words are here” (Santiago 1207).")
    assert page.status_code == 200
    assert "the date differs" in page.text
    assert 'href="/cables/96LAPAZ1933"' in page.text
    assert EVIL not in page.text
    page = sent(client, file=(f"../x/{EVIL}.docx", made.docx()))
    assert page.status_code == 200
    assert "5 citations" in page.text
    assert EVIL not in page.text
    found = sent(client, file=("m.odt", made.odt()), headers=JSON).json()
    assert [one["cable"] for one in found["citations"]] == [cable for cable, *_ in made.WANTED]


def test_what_is_wrong_is_told_on_the_page(client: TestClient) -> None:
    assert "Paste a text" in sent(client).text
    assert sent(client).status_code == 400
    page = sent(client, file=("m.docx", b"no zip"))
    assert (page.status_code, "is not what its ending says" in page.text) == (400, True)
    assert "error" in sent(client, file=("m.docx", b"no zip"), headers=JSON).json()
    other = client.post("/check", data={"text": "State 1"}, headers=OWN)
    assert other.status_code == 400
    broken = client.post("/check", content=b"--x\r\nnonsense", headers={**OWN, "content-type": "multipart/form-data; boundary=x"})
    assert broken.status_code == 400


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "http://elsewhere.example"}, {"origin": "null"}]
)
def test_only_our_own_form_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert sent(client, "State 1", headers=headers).status_code == 403


def test_only_this_page_takes_forms(client: TestClient) -> None:
    assert client.post("/help", headers=OWN).status_code == 405
    assert client.post("/check/x", headers=OWN).status_code == 405


def test_length_is_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"--x\r\n"

    kind = {**OWN, "content-type": "multipart/form-data; boundary=x"}
    assert client.post("/check", content=pieces(), headers=kind).status_code == 411
    monkeypatch.setattr(security, "LONGEST_UPLOAD", 1000)
    assert sent(client, "a" * 2000).status_code == 413


def test_slow_and_overlong_forms_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not come in time is answered with 408; more of it than was stated is never handed on."""
    monkeypatch.setattr(security, "SLOWEST_UPLOAD", 0.05)
    got: list[Message] = []
    sends: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "http.disconnect" and message.get("more_body"):
            got.append(message)

    async def send(message: Message) -> None:
        sends.append(message)

    async def slow() -> Message:
        await anyio.sleep(5)
        return {"type": "http.request"}

    async def overlong() -> Message:
        return {"type": "http.request", "body": b"x" * 8, "more_body": True}

    headers = [(b"sec-fetch-site", b"same-origin"), (b"content-length", b"20")]
    scope: Scope = {"type": "http", "method": "POST", "path": "/check", "headers": headers}
    anyio.run(security.ReadOnly(app), scope, slow, send)
    assert sends[0]["status"] == 408
    assert got == []
    anyio.run(security.ReadOnly(app), scope, overlong, send)
    assert len(got) == 2


def test_strangers_send_for_nothing(folder: Path) -> None:
    settings = Settings(
        folder, password_hash=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct pelican battery")
    )
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        answer = sent(client, "See La Paz 1933, 21 February 1996.")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/check")
        client.post("/login", data={"password": "correct pelican battery"}, headers=OWN)
        assert "the date differs" in sent(client, "See La Paz 1933, 21 February 1996.").text


def test_nothing_is_written(client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than what forms keep in memory by default stays in memory all the same."""
    rolled: list[int] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda self: rolled.append(1))

    def sizes() -> dict[Path, int]:
        # Studies are counted in the background, whatever is asked.
        return {path: path.stat().st_size for path in folder.rglob("*") if not path.name.startswith("studies.")}

    before = sizes()
    page = sent(client, file=("m.txt", b"See La Paz 1933, 21 February 1996.\n\n" + b"a word and more. " * 100_000))
    assert page.status_code == 200
    assert rolled == []
    assert sizes() == before


# what is sent to harm


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("multipart/form-data", b"--x--", "no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nState 1\r\n--x--\r\n", "a part without a name"),
        ("multipart/form-data; boundary=x", b"".join(b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n' for _ in range(100_000)) + b"--x--\r\n", "a hundred thousand parts"),
        ("multipart/form-data; boundary=x", b"".join(b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n' for _ in range(3)) + b"--x--\r\n", "several files"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 200_000 + b"\r\nx\r\n--x--\r\n", "a part of headers only"),
        ("multipart/form-data; boundary=x; charset=punycode", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"a" * 3_000_000 + b"\r\n--x--\r\n", "an encoding in which reading takes the square of the time"),
        ("multipart/form-data; boundary=x; charset=idna", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"xn--" + b"a" * 100 + b"\r\n--x--\r\n", "one that fails in its own way"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"a" * 4_100_000 + b"\r\n--x--\r\n", "a text that is too long"),
        ("application/x-www-form-urlencoded", b"text=State+1", "another form"),
        ("application/json", b'{"text": "State 1"}', "another form"),
        ("text/plain", b"text=State 1", "another form"),
        ("", b"text=State 1", "no word on the form"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)  # fmt: skip
def test_forms_made_to_harm_are_refused_at_once(client: TestClient, kind: str, body: bytes, why: str) -> None:
    began = time.monotonic()
    answer = client.post("/check", content=body, headers={**JSON, "content-type": kind})
    assert answer.status_code == 400, why
    assert answer.json()["error"]["code"] == "bad-request"
    assert time.monotonic() - began < 5, why


def test_what_takes_too_long_is_ended_and_the_next_one_served(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Word file of some kilobytes in which there are eight million paragraphs."""
    monkeypatch.setattr(checker, "LONGEST", 1.0)
    bomb = made.docx("<w:p/>" * 8_000_000)
    assert len(bomb) < 100_000
    began = time.monotonic()
    answer = sent(client, file=("bomb.docx", bomb), headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("bomb.docx: takes longer than 1 second")
    assert time.monotonic() - began < 15
    monkeypatch.undo()
    assert "the date differs" in sent(client, "See La Paz 1933, 21 February 1996.").text


def test_what_takes_too_much_memory_is_told(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MOST_MEMORY", 250_000_000)
    answer = sent(client, file=("bomb.docx", made.docx("<w:p/>" * 8_000_000)), headers=JSON)
    assert answer.status_code == 400
    assert "memory" in answer.json()["error"]["message"]
    monkeypatch.undo()
    assert "the date differs" in sent(client, "See La Paz 1933, 21 February 1996.").text


def test_a_page_lists_so_many_citations_only(folder: Path) -> None:
    text = ("96LAPAZ1933. " * (checker.MOST_CITATIONS + 1)).encode()
    with pytest.raises(UnreadableInput, match=r"has 5,001 citations, and this page lists 5,000; split it, or"):
        checker.checked(str(folder), text, "", 2**40)


def test_no_more_are_taken_than_there_is_room_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is in memory: one more is not even read."""
    app = create_app(Settings(folder))
    monkeypatch.setattr(checker, "MOST_PRESENT", 0)
    with TestClient(app, base_url="http://localhost") as client:
        answer = sent(client, "See La Paz 1933.", headers=JSON)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "at once" in answer.json()["error"]["message"]


async def _crowd(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, clients: Sequence[tuple[str, str | None]], most: int
) -> list[tuple[int, str | None]]:
    """Status and pause of the answers to readers, by address and password, who send a text one after the other while none is done; what was taken
    is answered when all have sent."""
    go, begun = anyio.Event(), 0
    answers: dict[int, tuple[int, str | None]] = {}

    async def waiting(self: checker.Checker, data: bytes, name: str) -> Checked:
        nonlocal begun
        begun += 1
        await go.wait()
        raise UnreadableInput("it was looked at")

    monkeypatch.setattr(checker.Checker, "check", waiting)
    monkeypatch.setattr(checker, "MOST_PRESENT", most)
    async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
        known: dict[tuple[str, str | None], AsyncClient] = {}
        for one in dict.fromkeys(clients):
            transport = ASGITransport(app, client=(one[0], 5000))
            known[one] = await stack.enter_async_context(AsyncClient(transport=transport, base_url="http://localhost"))
            if one[1] is not None:
                password = one[1].partition("/")[0]
                assert (await known[one].post("/login", data={"password": password}, headers=OWN)).status_code == 303

        async def send(n: int, client: AsyncClient) -> None:
            answer = await client.post("/check", files={"text": (None, "State 1")}, headers=JSON)
            answers[n] = answer.status_code, answer.headers.get("retry-after")

        for n, one in enumerate(clients):
            before = begun
            tasks.start_soon(send, n, known[one])
            with anyio.fail_after(20):
                while n not in answers and begun == before:
                    await anyio.sleep(0.005)
        go.set()
    return [answers[n] for n in range(len(clients))]


_TAKEN: Final = (400, None)
_ENOUGH: Final = (429, "60")
_FULL: Final = (503, "60")


@pytest.mark.parametrize(
    ("clients", "answers", "why"),
    [
        ("AAAB", [_TAKEN, _TAKEN, _ENOUGH, _TAKEN], "one who sends many leaves room for another"),
        ("ABABAB", [_TAKEN, _TAKEN, _TAKEN, _TAKEN, _ENOUGH, _ENOUGH], "each has a share"),
        ("AABBC", [_TAKEN, _TAKEN, _TAKEN, _TAKEN, _FULL], "all places are taken, by several"),
        ("AAa", [_TAKEN, _TAKEN, _ENOUGH], "the same address, written as one of IPv6"),
        ("66789", [_TAKEN, _TAKEN, _ENOUGH, _TAKEN, _TAKEN], "a network of IPv6 that one machine is given is one client"),
    ],
)  # fmt: skip
def test_one_client_cannot_keep_the_others_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, clients: str, answers: list[tuple[int, str | None]], why: str
) -> None:
    addresses = {
        "A": "192.0.2.1", "B": "192.0.2.2", "C": "192.0.2.3", "a": "::ffff:192.0.2.1", "6": "2001:db8:0:1::1", "7": "2001:db8:0:1:ffff::2",
        "8": "2001:db8:0:2::1", "9": "192.0.2.9",
    }  # fmt: skip
    app = create_app(Settings(folder))
    crowd = [(addresses[one], None) for one in clients]
    assert anyio.run(_crowd, app, monkeypatch, crowd, 4) == answers, why
    # What was answered left its place.
    assert anyio.run(_crowd, app, monkeypatch, crowd, 4) == answers, why


def test_behind_a_proxy_here_readers_are_told_apart_by_who_signed_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All come from the proxy's address; two of them may sign in with the same password."""
    word = "correct pelican battery"
    settings = Settings(folder, password_hash=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(word))
    proxied, direct = [("127.0.0.1", f"{word}/{n}") for n in "12"], [("192.0.2.1", f"{word}/{n}") for n in "12"]
    app = create_app(settings)
    told = anyio.run(_crowd, app, monkeypatch, [proxied[0], proxied[0], proxied[0], proxied[1], *direct, *direct], 8)
    assert told == [_TAKEN, _TAKEN, _ENOUGH, _TAKEN, _TAKEN, _TAKEN, _ENOUGH, _ENOUGH]


@pytest.mark.slow
@pytest.mark.skipif(reading.chromium() is None, reason="no browser is installed")
def test_in_a_browser(folder: Path, tmp_path: Path) -> None:
    """A person pastes a text, then chooses a file, and follows a link to the cable."""
    (tmp_path / "m.docx").write_bytes(made.docx())
    with reading.serving(folder) as address, reading.browser() as chrome:
        page = chrome.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.goto(f"{address}/check")
        page.fill("#text", "See La Paz 1933, 21 February 1996, para. 2.")
        page.click("form.checking button")
        assert page.inner_text("#summary") == "1 citation: 1 wrong."
        assert page.input_value("#text").startswith("See La Paz")
        page.click("ol.checked a")
        assert page.url.endswith("/cables/96LAPAZ1933#p2")
        page.goto(f"{address}/check")
        page.set_input_files("#file", str(tmp_path / "m.docx"))
        page.click("form.checking button")
        assert page.inner_text("#summary").startswith("5 citations: 3 right, 2 wrong")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wrong == []
