"""Where the rows of lists and tables begin: lines of one paragraph that begin alike, as lines of prose do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: How lines of lists begin, each in its own way.
_SHAPES: Final = re.compile(
    r"[ \t]*(?:(?P<day>(?:19|20)\d\d[-/.]\d\d[-/.]\d\d|\d\d?[./]\d\d?[./](?:19|20)?\d\d|\d\d?[ -][A-Z][a-zA-Z]{2,8}[ -,.]{1,2}(?:19|20)?\d\d)\b"
    r"|(?P<clock>\[?\(?\d{1,2}:\d\d(?::\d\d)?\b)"
    r"|(?P<note>\^?\[?\^?\(?(?P<count>\d{1,4})(?:[\]).:]{1,2}|[,;\t|/]| {2,}| (?=[A-Z\"]))(?!\d\d\b))"
    r"|(?P<bullet>[-*•·–—o][ \t])|(?P<bar>\|)|(?P<talk>[:#>*]+(?=[ \S]))"
    r"|(?P<label>[A-Z][\w .]{0,24}:[ \t])|(?P<letter>\(?[A-Za-z][.)] )"
    r"|(?P<post>[A-Za-z][A-Za-z.' ]{2,24}?[ \t,;|]{1,12}\d{2,6}\b)|(?P<entry>[A-Z][A-Za-z.]{3,20}\b))"
)
_SHORT: Final = 90
#: No line of prose that is broken is longer; a longer one is a paragraph.
_FULL: Final = 110


def _shape(line: str) -> tuple[str, str] | None:
    """The kind of a line's beginning, and what of it must be alike in another."""
    found = _SHAPES.match(line)
    if found is None:
        return None
    kind = found.lastgroup or ""
    if found["note"] is not None:
        return "note", re.sub(r"\d", "", found["note"]).strip()
    if kind == "talk":
        return kind, ""
    return kind, found[kind].strip() if kind in ("entry", "bullet", "letter") and kind != "letter" else ""


def row_starts(text: str) -> list[int]:
    """The offsets at which rows begin, in order."""
    out: list[int] = []
    for block in _blocks(text):
        shapes = [_shape(line) for _, line in block]
        for n, ((start, line), shape) in enumerate(zip(block, shapes, strict=True)):
            if shape is None or len(block) < 2:
                continue
            near = [shapes[m] for m in (*range(max(0, n - 3), n), *range(n + 1, min(len(block), n + 4)))]
            if shape not in near:
                continue
            if shape[0] in ("post", "entry", "day", "letter") and n and not _is_closed(block[n - 1][1]):
                continue
            out.append(start + len(line) - len(line.lstrip()))
    return out


def _is_closed(line: str) -> bool:
    """Whether a line may be the last of a row: a line of prose that is full goes on."""
    line = line.rstrip()
    if len(line) > _FULL:
        return line.endswith((".", '."', ".”", ".)", ";"))
    return len(line) < _SHORT and not line.endswith(
        (",", "-", " to", " the", " of", " and", " from", " telegram", " cable", " in")
    )


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """The paragraphs, each as its lines with their offsets."""
    block: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            block.append((at, line))
        elif block:
            yield block
            block = []
        at += len(line) + 1
    if block:
        yield block
