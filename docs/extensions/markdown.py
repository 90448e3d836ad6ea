"""Markdown from values: what stands in a cell must not be taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|$~#&])")
#: Code, or a character that means something outside of it.
_MARKED: Final = re.compile(r"(`+)(.+?)\1|([<>*_\[\]$~])")


def plain(text: object) -> str:
    """``text`` as it is, for a cell or a line; empty for None."""
    return "" if text is None else _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def marked(text: str) -> str:
    """``text`` that has code between backticks, for a cell or a line; nothing else in it is markup."""
    flat = " ".join(text.replace("``", "`").split())
    return _MARKED.sub(lambda found: found[0] if found[1] else f"\\{found[3]}", flat).replace("|", "\\|")


def code(text: object) -> str:
    """``text`` as code; empty for None and the empty string."""
    flat = "" if text is None else " ".join(str(text).split())
    fence = "``" if "`" in flat else "`"
    return f"{fence}{flat}{fence}".replace("|", "\\|") if flat else ""


def codes(values: Iterable[object]) -> str:
    """Several as code, set apart by commas."""
    return ", ".join(map(code, values))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
