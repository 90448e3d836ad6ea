"""The pages for beginners do what they say: every command is run, and every line that a page shows is in what comes out."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from markdown_it import MarkdownIt

from documented import DOCS
from test_commands import run

PAGES: Final = sorted((DOCS / "start").glob("*.md"))
#: Commands of these pages that end with 1: something is not right, and that is what they show.
ENDS_WITH_1: Final = frozenset({"check"})


class Step(NamedTuple):
    """What a page does next: a command with the lines that it shows of its output, a file that it names, or a piece of Python."""

    kind: str
    text: str
    shown: tuple[str, ...] = ()


def steps(markdown: str) -> Iterator[Step]:
    """What a page does, in order."""
    named = ""
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "inline":
            files = re.findall(r"`([\w-]+\.(?:md|txt))`", token.content)
            named = files[-1] if files else named
        elif token.type == "fence" and token.info == "console":
            for part in re.split(r"^\$ ", token.content, flags=re.MULTILINE)[1:]:
                command, *shown = part.rstrip("\n").split("\n")
                yield Step("command", command, tuple(shown))
        elif token.type == "fence" and token.info == "python":
            yield Step("python", token.content)
        elif token.type == "fence":
            yield Step("file", token.content, (named,))


def pattern_of(shown: tuple[str, ...]) -> re.Pattern[str]:
    """What an output must be to be what a page shows: ``...`` stands for any lines on a line of its own, for any characters within one."""
    parts = []
    for line in shown:
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(r"[^\n]*".join(map(re.escape, line.rstrip().split("..."))) + r"[ ]*\n")
    return re.compile("".join(parts))


def do(step: Step) -> str:
    """Do it; the output of a command."""
    if step.kind == "file":
        Path(step.shown[0]).write_text(step.text, encoding="utf-8")
        return ""
    if step.kind == "python":
        exec(compile(step.text, "page", "exec"), {})
        return ""
    words = shlex.split(step.text)
    assert words[0] == "cablegram", step.text
    into = words[words.index(">") + 1] if ">" in words else None
    words = words[: words.index(">")] if into else words
    done = run(*words[1:])
    assert done.code == (1 if words[1] in ENDS_WITH_1 else 0), done.err
    if into is not None:
        Path(into).write_bytes(done.out)
        assert done.out, step.text
        return ""
    return done.text + done.err


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a page has the reader type works on the bundled cables, and gives what the page shows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("CABLEGRAM_ARCHIVE", raising=False)
    done = 0
    for step in steps(page.read_text(encoding="utf-8")):
        output = do(step)
        if step.kind == "command" and step.shown:
            assert pattern_of(step.shown).fullmatch(output), f"{step.text}\n{output}"
        done += step.kind == "command"
    assert done >= 5
    assert os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("shown", "output", "fits"),
    [
        (("a", "b"), "a\nb\n", True),
        (("a", "..."), "a\nb\nc\n", True),
        (("a", "...", "c"), "a\nb\nc\n", True),
        (("a...z",), "a to z\n", True),
        (("a",), "a   \n", True),  # a terminal's padding
        (("a",), "a\nb\n", False),  # the page leaves out a line and does not say so
        (("a", "b"), "a\nc\n", False),
        (("201 cables",), "202 cables\n", False),
    ],
)
def test_what_a_page_shows_is_compared(shown: tuple[str, ...], output: str, fits: bool) -> None:
    """The comparison itself can fail."""
    assert bool(pattern_of(shown).fullmatch(output)) is fits
