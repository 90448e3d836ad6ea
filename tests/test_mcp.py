"""The server for language models, asked by the SDK's own client, in memory and as a process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

import cablegram
import reading
from cablegram.cite.citing import cite
from cablegram.mcp.server import create_server
from cablegram.study.ghosts import Ghosts

TOOLS = {"search", "read_cable", "read_paragraphs", "follow_references", "ghosts", "ghost", "coverage", "cite"}


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
    ("name", "arguments", "words"),
    [
        ("search", {"query": "(bell"}, "expected"),
        ("search", {"query": "bell", "sort": "size"}, "give one of"),
        ("read_cable", {"ident": "'; DROP TABLE cables; --"}, "is not in this archive"),
        ("read_paragraphs", {"ident": "KEY", "paragraphs": ["999"]}, "has no such paragraph; it has 1"),
        ("ghost", {"ident": "KEY"}, "is held"),
        ("cite", {"ident": "KEY", "style": "folio"}, "folio"),
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
