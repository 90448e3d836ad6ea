"""The server for language models, asked by the SDK's own client, in memory and as a process, over pipes and over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

import cablegram
import reading
from cablegram.cite.citing import cite
from cablegram.mcp.server import LONGEST_PASSAGE, create_server
from cablegram.protect.copy import masked_folder
from cablegram.study.ghosts import Ghosts

TOOLS = {"search", "read_cable", "read_paragraphs", "follow_references", "ghosts", "ghost", "coverage", "cite", "check_citation"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cablegram.Archive]:
    with cablegram.Archive(reading.build(tmp_path_factory.mktemp("mcp") / "archive")) as archive:
        yield archive


def _ask(server: Any, name: str, **arguments: Any) -> tuple[bool, Any]:
    """Whether the tool failed, and what it said."""

    async def run() -> tuple[bool, Any]:
        async with Client(server) as client:
            answer = await client.call_tool(name, arguments)
            text = "".join(getattr(block, "text", "") for block in answer.content)
            return bool(answer.is_error), text if answer.is_error else json.loads(text)

    return anyio.run(run)


def ask(archive: cablegram.Archive, name: str, **arguments: Any) -> Any:
    failed, told = _ask(create_server(archive), name, **arguments)
    assert not failed, told
    return told


def test_all_tools_are_described_and_read_only(archive: cablegram.Archive) -> None:
    async def run() -> Any:
        async with Client(create_server(archive)) as client:
            return await client.list_tools()

    tools = anyio.run(run).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.description, tool.name
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint, tool.name
        described = [value for value in tool.input_schema["properties"].values() if not value.get("description")]
        assert not described, (tool.name, described)


def test_what_is_found_can_be_read_and_cited(archive: cablegram.Archive) -> None:
    found = ask(archive, "search", query="bell", limit=3)
    assert found["total"] == archive.search("bell").total
    hit = found["hits"][0]
    paragraph = next(one["paragraph"] for one in hit["snippets"] if one["paragraph"] is not None)
    cable = ask(archive, "read_cable", ident=hit["id"])
    assert (cable["id"], cable["subject"]) == (hit["id"], hit["subject"])
    assert cable["cite_as"] == cite(archive, hit["id"], "chicago-note")
    (one,) = ask(archive, "read_paragraphs", ident=hit["id"], paragraphs=[str(paragraph)])["paragraphs"]
    assert one in cable["paragraphs"]
    told = ask(archive, "cite", ident=hit["id"], paragraph=str(paragraph))["citation"]
    assert told == cite(archive, hit["id"], "chicago-note", paragraph=str(paragraph))
    assert ask(archive, "follow_references", ident=hit["id"])["cited_by"] == cable["cited_by"]


def test_what_is_missing_is_told(archive: cablegram.Archive) -> None:
    told = ask(archive, "ghosts", limit=2)
    assert told["total"] == Ghosts(archive).count()
    key = told["ghosts"][0]["cable"]
    assert ask(archive, "ghost", ident=key) == told["ghosts"][0]
    assert f"{key} is not in this archive, it is cited by" in _ask(create_server(archive), "read_cable", ident=key)[1]
    posts = ask(archive, "coverage", limit=100)["posts"]
    assert ask(archive, "coverage", post=posts[0]["post"], year=posts[0]["year"])["posts"] == [posts[0]]


@pytest.mark.parametrize(
    ("text", "cable", "verdict", "problems", "words"),
    [
        ("Embassy Santiago to State, telegram 1207, February 12, 1996", "96SANTIAGO1207", "right", [], "96SANTIAGO1207: right"),
        ("La Paz 1933, 21 February 1996, para. 2.", "96LAPAZ1933", "wrong", ["date"], "the date differs"),
        ("96LAPAZ1933, paragraph 99", "96LAPAZ1933", "wrong", ["paragraph"], "99"),
        ("As 96LAPAZ1990 has it", "96LAPAZ1990", "ghost", ["number"], "is not held; "),
        ("Praia 9999, 3 May 1999", "99PRAIA9999", "unknown", ["number"], "no held cable cites it"),
    ],
)
def test_a_citation_is_checked(
    archive: cablegram.Archive, text: str, cable: str, verdict: str, problems: list[str], words: str
) -> None:
    told = ask(archive, "check_citation", text=text)
    (one,) = told["citations"]
    assert (one["cable"], one["verdict"]) == (cable, verdict)
    assert [problem["kind"] for problem in one["problems"]] == problems
    assert words in json.dumps([one["told"], one["remarks"]])
    assert text[slice(*one["span"])] == one["text"]
    assert told["counts"][verdict] == 1
    assert told["citations_left_out"] == 0


def test_words_in_quotes_are_looked_for(archive: cablegram.Archive) -> None:
    """With the cable and the paragraph in which they stand, and what differs."""
    text = "The buoy had “not been heard since 0200 GMT September 9” (Reykjavik 1118, September 11, 1974)."
    (one,) = ask(archive, "check_citation", text=text)["citations"]
    (quotation,) = one["quotations"]
    assert (one["verdict"], quotation["result"], quotation["found_in"]) == ("wrong", "differs", "74REYKJAVIK1118")
    assert quotation["changes"]


def test_what_has_no_citation_and_what_has_many(archive: cablegram.Archive) -> None:
    assert ask(archive, "check_citation", text="Nothing was sent.")["summary"] == "No citation of a cable was found."
    told = ask(archive, "check_citation", text="96LAPAZ1933. " * 60)
    assert (len(told["citations"]), told["citations_left_out"], sum(told["counts"].values())) == (40, 20, 60)


def test_a_masked_archive_gives_no_masked_words(tmp_path: Path) -> None:
    """What is masked cannot be had from the checker either: neither as a difference, nor by asking whether a guess is right."""
    folder = tmp_path / "a"
    with cablegram.Archive(folder) as archive:
        archive.add([cablegram.parse(
            "R 010203Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nC O N F I D E N T I A L LIMA 000007\n\nE.O. 12958: DECL: 01/01/2017\nTAGS: PGOV, PE\n"
            "SUBJECT: THE BELL\n\n1. (C) The harbor master Ernesto Quillfeather (strictly protect) said that the bell was sold to his own brother at night.\n\nFENWICK\n"
        )])  # fmt: skip
    near = "“The harbor master said that the bell was sold to his own brother at night” (07LIMA7)."
    guess = "“The harbor master Ernesto Quillfeather said that the bell was sold to his own brother at night” (07LIMA7)."
    with cablegram.Archive(folder) as archive:
        assert "Quillfeather" in json.dumps(ask(archive, "check_citation", text=near))
        assert ask(archive, "check_citation", text=guess)["citations"][0]["quotations"][0]["result"] == "exact"
    with cablegram.Archive(masked_folder(folder, ["protected name"]), create=False) as archive:
        told = ask(archive, "check_citation", text=near)
        assert "protected name" in json.dumps(told)
        assert "Quillfeather" not in json.dumps(told)
        (one,) = ask(archive, "check_citation", text=guess)["citations"]
        assert one["verdict"] == "wrong"
        assert one["quotations"][0]["result"] == "differs"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("search", {"query": "(bell"}, "expected"),
        ("search", {"query": "bell", "sort": "size"}, "give one of"),
        ("read_cable", {"ident": "'; DROP TABLE cables; --"}, "is not in this archive"),
        ("read_paragraphs", {"ident": "KEY", "paragraphs": ["999"]}, "has no such paragraph; it has 1"),
        ("ghost", {"ident": "KEY"}, "is held"),
        ("cite", {"ident": "KEY", "style": "folio"}, "folio"),
        ("check_citation", {"text": ""}, "at least 1 character"),
        ("check_citation", {"text": "x" * (LONGEST_PASSAGE + 1)}, f"at most {LONGEST_PASSAGE} characters"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(archive: cablegram.Archive, name: str, arguments: dict[str, Any], words: str) -> None:
    key = next(key for key in archive.find_ids("bell"))
    given = {field: key if value == "KEY" else value for field, value in arguments.items()}
    failed, told = _ask(create_server(archive), name, **given)
    assert failed
    assert words in told
    assert "Traceback" not in told


def test_as_a_process_over_standard_input_and_output(archive: cablegram.Archive) -> None:
    """Nothing but the protocol stands on standard output."""
    command = ["-m", "cablegram.cli.main", "mcp", "--archive", str(Path(archive.store.folder))]
    failed, told = _ask(StdioServerParameters(command=sys.executable, args=command), "search", query="", limit=1)
    assert not failed
    assert told["total"] == len(archive)


@pytest.fixture(scope="module")
def http(archive: cablegram.Archive) -> Iterator[str]:
    """The address of a server process over streamable HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "cablegram.cli.main",
        "mcp",
        "--http",
        "--port",
        str(port),
        "--archive",
        str(archive.store.folder),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"cablegram: http://127.0.0.1:{port}/mcp; Ctrl-C ends it\n"
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < until
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_streamable_http(archive: cablegram.Archive, http: str, mode: str) -> None:
    """One session of the SDK's own client, by the handshake of today and by the earlier one: what a process answers is what the archive has."""
    key = archive.search("bell", limit=1).hits[0].id

    async def run() -> None:
        async with Client(http, mode=mode) as client:
            tools = await client.list_tools()
            assert {tool.name for tool in tools.tools} == TOOLS
            for name, arguments in (
                ("search", {"query": "bell", "limit": 2}),
                ("read_cable", {"ident": key}),
                ("check_citation", {"text": "La Paz 1933, 21 February 1996, para. 2."}),
            ):
                answer = await client.call_tool(name, arguments)
                assert not answer.is_error
                told = json.loads("".join(getattr(block, "text", "") for block in answer.content))
                with anyio.CancelScope(shield=True):
                    assert told == await _here(archive, name, arguments)
            wrong = await client.call_tool("search", {"query": "(bell"})
            assert wrong.is_error
            assert "expected" in "".join(getattr(block, "text", "") for block in wrong.content)

    anyio.run(run)


async def _here(archive: cablegram.Archive, name: str, arguments: dict[str, Any]) -> Any:
    async with Client(create_server(archive)) as client:
        answer = await client.call_tool(name, arguments)
        return json.loads("".join(getattr(block, "text", "") for block in answer.content))


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({}, 200, "a program on this machine"),
        ({"host": "127.0.0.1.nip.example"}, 421, "a name of a stranger that points here (DNS rebinding)"),
        ({"host": "localhost.example:8022"}, 421, "one that begins like ours"),
        ({"origin": "https://elsewhere.example"}, 403, "a page of another site"),
        ({"origin": "null"}, 403, "a page without a site"),
        ({"content-type": "text/plain"}, 400, "what a page may send without asking first"),
    ],
)
def test_pages_of_other_sites_get_nothing(http: str, headers: dict[str, str], status: int, why: str) -> None:
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
    }  # fmt: skip
    given = {"accept": "application/json, text/event-stream", "content-type": "application/json", **headers}
    answer = httpx.post(http, content=json.dumps(hello), headers=given, timeout=20)
    assert answer.status_code == status, why
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert ("cablegram" in answer.text) == (status == 200)
