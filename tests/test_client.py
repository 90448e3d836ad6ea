"""The client gives what the archive itself gives, and says in one line what is wrong with a server; docs/api.md does what it says."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

import cablegram
import reading
from cablegram import Archive, ArchiveError, Cable, CablegramError
from cablegram.api.app import PREFIX, create
from cablegram.cable import KEYS
from cablegram.client.remote import Remote
from cablegram.query.errors import QueryError

TOKEN: Final = "a-token-of-more-than-thirty-two-letters"
DOCS: Final = Path(__file__).parent.parent / "docs" / "api.md"


def serving(folder: Path, **more: Any) -> AbstractContextManager[str]:
    """The server of the archive in ``folder`` on a free port, the API with it; its address."""
    return reading.serving(folder, {PREFIX: create}, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("client") / "archive")


@pytest.fixture(scope="module")
def archive(folder: Path) -> Iterator[Archive]:
    with Archive(folder) as archive:
        yield archive


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield url


@pytest.fixture(scope="module")
def remote(url: str) -> Iterator[Remote]:
    with cablegram.connect(url) as remote:
        yield remote


def same(one: Cable | None, other: Cable | None) -> None:
    """Equal in every field, and in the types of all that is in it."""
    assert one is not None
    assert other is not None
    assert other.original == one.original
    for key in KEYS:
        assert repr(getattr(other, key)) == repr(getattr(one, key)), (one.id, key)


def test_every_cable_is_the_one_in_the_archive(archive: Archive, remote: Remote) -> None:
    """The strange ones too: without a text, without an id, hostile, with lines that end in other signs."""
    for one, other in zip(archive, remote, strict=True):
        same(one, other)
    for key in [*[*archive.ids()][::8], "07PRAIA555", "07PRAIA666", "07PRAIA777"]:
        same(archive.get(key), remote.get(key))
    assert len(remote) == len(archive)
    assert list(remote.ids()) == list(archive.ids())


def test_a_cable_has_its_tree(remote: Remote) -> None:
    cable = remote.get("07PRAIA501")
    assert cable is not None
    assert "".join(leaf.text for leaf in cable.tree.leaves()) == cable.original


def test_lines_that_only_some_programs_see_do_not_break_the_stream(tmp_path: Path) -> None:
    place = tmp_path / "a"
    with Archive(place) as archive:
        archive.add(
            [
                cablegram.parse(reading.HEAD.format(serial=n) + "SUBJECT: A\x0bB\x1cC\x85D\u2028E\n\n1. (C) \x0c\u2029\n")
                for n in (1, 2)
            ]
        )
        with serving(place) as url, cablegram.connect(url) as remote:
            for one, other in zip(archive, remote, strict=True):
                same(one, other)


@pytest.mark.parametrize("query", ["", "bell", "para:S", '"harbor lamp" OR crate', "nothingfitsthis"])
def test_searches_find_the_same(archive: Archive, remote: Remote, query: str) -> None:
    assert list(remote.find_ids(query)) == list(archive.find_ids(query))
    for one, other in zip(archive.find(query), remote.find(query), strict=True):
        same(one, other)
    asked: tuple[dict[str, Any], ...] = (
        {},
        {"sort": "-date", "limit": 7},
        {"months": True, "limit": 0},
        {"facets": False, "snippets": False},
    )
    for more in asked:
        here, there = archive.search(query, **more), remote.search(query, **more)
        assert (there.total, there.hits, there.facets) == (here.total, here.hits, here.facets)
        assert (there.next is None) == (here.next is None)


def test_pages_follow_each_other(archive: Archive, remote: Remote) -> None:
    seen: list[str] = []
    after: str | None = None
    while True:
        found = remote.search("bell", sort="id", limit=50, after=after)
        seen += [hit.id for hit in found]
        after = found.next
        if after is None:
            break
    assert seen == [hit.id for hit in archive.search("bell", sort="id", limit=1000)]


#: In any spelling, and what no id is: ways out, signs that steer, other addresses of the API.
NAMES: Final = [
    "96LAPAZ2075", "96 la paz 2075", " 07praia00501 ", "06DUSHANBE165", "05NOWHERE1", "", ".", "..", "../..", "96LAPAZ2075/versions", "a\\b", "\x00",
    "\n", "x" * 300, "<script>", "' OR 1=1 --", "?q=bell", "#", "%2e%2e", "📜", "96LAPAZ2075?version=1", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_means_the_same(archive: Archive, remote: Remote, name: str) -> None:
    with contextlib.suppress(UnicodeEncodeError):  # which the archive's database says of half a character; the client: not held
        assert remote.resolve(name) == archive.resolve(name)
        assert (name in remote) == (name in archive)
        assert remote.versions(name) == archive.versions(name)
        assert remote.cited_by(name) == archive.cited_by(name)
        assert remote.alike(name) == archive.alike(name)
        assert (remote.get(name) is None) == (archive.get(name) is None)
    assert remote.resolve(name) is None or archive.resolve(name) is not None


def test_versions_are_told_apart(archive: Archive, remote: Remote) -> None:
    for version in archive.versions("06DUSHANBE165"):
        same(archive.get("06DUSHANBE165", version.version), remote.get("06DUSHANBE165", version.version))
    for wrong in (0, -1, 10**9):
        assert remote.get("06DUSHANBE165", wrong) is None


def test_a_ghost_is_cited_though_it_is_not_held(archive: Archive, remote: Remote) -> None:
    assert remote.cited_by("05DUSHANBE1102") == archive.cited_by("05DUSHANBE1102") != []


def test_a_wrong_query_is_told_as_at_home(archive: Archive, remote: Remote) -> None:
    for ask in (lambda a: a.search("lamp class:SECRT"), lambda a: list(a.find("lamp class:SECRT"))):
        told = []
        for one in (archive, remote):
            with pytest.raises(QueryError) as wrong:
                ask(one)
            told.append((str(wrong.value), wrong.value.to_dict(), wrong.value.pointer()))
        assert told[0] == told[1]
    with pytest.raises(CablegramError, match="limit"):
        remote.search("bell", limit=5000)


def test_the_token_is_asked_for_and_never_told(folder: Path) -> None:
    with serving(folder, api_token=TOKEN) as url:
        for wrong in (None, TOKEN + "x"):
            with pytest.raises(ArchiveError) as refused:
                cablegram.connect(url, wrong)
            assert TOKEN not in str(refused.value)
        with cablegram.connect(url, TOKEN) as remote:
            assert "96LAPAZ2075" in remote
            assert TOKEN not in repr(remote)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8021",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@127.0.0.1",
        "http://127.0.0.1/?q=1",
    ],
)
def test_an_address_that_is_none_is_told_in_one_line(address: str) -> None:
    with pytest.raises(CablegramError, match="give the address") as wrong:
        cablegram.connect(address)
    assert len(str(wrong.value).splitlines()) == 1


def test_nobody_there_is_told_in_one_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(ArchiveError, match="cannot be reached"):
            cablegram.connect(f"http://127.0.0.1:{free.getsockname()[1]}")


class _Odd(BaseHTTPRequestHandler):
    """A server that is none of ours; how it answers what is no first look is in the address that it was given."""

    asked: Final[list[tuple[str, str | None]]] = []
    reply: tuple[int, dict[str, str], bytes] = (200, {}, b"")

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("authorization")))
        first = self.path == f"{PREFIX}/"
        status, headers, body = (200, {}, b'{"api": "1.0", "cables": 1}') if first else type(self).reply
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Odd)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ((302, {"location": "http://127.0.0.2:9/stolen"}, b""), "leads elsewhere"),
        ((307, {"location": "/api/v1/other"}, b""), "leads elsewhere"),
        ((500, {}, b"<html>"), "answered with 500"),
        ((200, {}, b"<html>"), "cannot be read|middle of a line"),
        ((200, {}, b'{"api": "1.0"}'), "cannot be read|middle of a line"),
        ((200, {"content-length": "500"}, b'{"api"'), "broke off"),
        ((400, {}, b'{"error": {"code": "wrong-query", "message": "x"}}'), "cannot be read"),
        ((503, {}, b'{"error": {"code": "archive", "message": "two\\nlines \\u001b[31m"}}'), "two lines"),
    ],
)  # fmt: skip
def test_a_server_that_answers_oddly_is_told_in_one_line(odd: str, reply: tuple[int, dict[str, str], bytes], told: str) -> None:
    _Odd.reply = reply
    _Odd.asked.clear()
    with cablegram.connect(odd, TOKEN) as remote:
        for ask in (lambda: remote.get("96LAPAZ2075"), lambda: remote.search("bell"), lambda: list(iter(remote))):
            with pytest.raises(CablegramError, match=told) as wrong:
                ask()
            assert str(wrong.value).isprintable()
    assert [path for path, _ in _Odd.asked].count(f"{PREFIX}/") == 1
    assert all("other" not in path for path, _ in _Odd.asked)


# the documentation


def _examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_commands_of_the_documentation_work(url: str, tmp_path: Path) -> None:
    commands = [line for example in _examples("sh") for line in example.splitlines() if line.startswith("curl")]
    assert len(commands) > 8
    for command in commands:
        done = subprocess.run(
            command.replace("http://127.0.0.1:8021", url),
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        assert '"error"' not in done.stdout, (command, done.stdout[:200])


def test_the_python_of_the_documentation_works(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    examples = _examples("python")
    assert examples
    for example in examples:
        exec(compile(example.replace("http://127.0.0.1:8021", url), str(DOCS), "exec"), {})
    assert "96LAPAZ2075" in capsys.readouterr().out
