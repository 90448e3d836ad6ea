"""After the build: nothing in the pages is fetched from elsewhere. What is, is a warning, and warnings fail the build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx
from sphinx.util import logging

#: Attributes whose address a browser fetches by itself.
_FETCHED: Final = {
    "script": ("src",), "img": ("src", "srcset"), "source": ("src", "srcset"), "iframe": ("src",), "embed": ("src",), "audio": ("src",),
    "video": ("src", "poster"), "track": ("src",), "object": ("data",), "image": ("href",), "use": ("href",), "link": ("href",),
}  # fmt: skip
#: Links of a page's head that lead a reader on, and are not fetched.
_LED: Final = frozenset({"next", "prev", "index", "search", "author", "canonical", "top", "up"})
_ELSEWHERE: Final = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_STYLE: Final = re.compile(r"(?:@import\s+|url\(\s*)[\"']?\s*((?:[a-z][a-z0-9+.-]*:)?//[^\"')\s]+)", re.IGNORECASE)


class _Fetches(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        values = {name: value or "" for name, value in attrs}
        led = tag == "link" and bool(_LED.intersection(values.get("rel", "").lower().split()))
        for name, value in values.items():
            if name in _FETCHED.get(tag, ()) and not led and _ELSEWHERE.match(value):
                self.found.append(value)
            elif name == "style":
                self.found += _STYLE.findall(value)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found += _STYLE.findall(data)


def fetched(text: str, suffix: str) -> list[str]:
    """Addresses elsewhere that a browser would fetch for a page (``.html``) or a style sheet (``.css``)."""
    if suffix == ".css":
        return _STYLE.findall(text)
    page = _Fetches()
    page.feed(text)
    return page.found


def in_folder(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files of a site with the addresses elsewhere that they fetch."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".css"):
            for address in fetched(path.read_text(encoding="utf-8"), path.suffix):
                yield path, address


def _finished(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        for path, address in in_folder(Path(app.outdir)):
            logging.getLogger(__name__).warning("%s fetches %s: the site is to open without a network", path, address)


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("build-finished", _finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
