"""Parts of pages that are made from the program itself: a line ``<!-- generated: NAME -->`` is replaced by what ``PARTS[NAME]`` writes.

A comment, so that a code host, where nothing is made, shows nothing in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import http_api
import tables
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PARTS: Final[dict[str, Callable[[], str]]] = {**tables.PARTS, "http-api": http_api.described}
#: Pages that have another name on the site: Sphinx keeps ``search`` for its own page.
MOVED: Final = {"search": "query-language"}
_LINK: Final = re.compile(r"(?<=\]\()((?:\.\./)*)(\w+)\.md(?=[#)])")
_MARK: Final = re.compile(r"^<!-- generated: ([a-z0-9-]+) -->$", re.MULTILINE)


def expand(text: str) -> str:
    """``text`` with every generated part in its place. ``KeyError`` for a part that there is not."""
    return _MARK.sub(lambda mark: PARTS[mark[1]](), text)


def moved(text: str) -> str:
    """``text`` with its links to pages that have another name on the site leading there."""
    return _LINK.sub(lambda link: f"{link[1]}{MOVED.get(link[2], link[2])}.md", text)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    for page, new in MOVED.items():
        if name == new:
            source[0] = (Path(app.srcdir) / f"{page}.md").read_text(encoding="utf-8")
    source[0] = moved(expand(source[0]))


def _outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages with generated parts are made anew each time: the program may have changed, though the page has not."""
    pages = (name for name in env.found_docs if name not in removed)
    again = [name for name in MOVED.values() if name in env.found_docs]
    return again + [
        name
        for name in pages
        if (path := Path(env.doc2path(name))).suffix == ".md" and "<!-- generated: " in path.read_text("utf-8")
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("source-read", _read)
    app.connect("env-get-outdated", _outdated)
    return {"parallel_read_safe": True}
