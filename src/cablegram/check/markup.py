"""Saved pages and articles in HTML: blocks, block quotations, and notes, which are what a short link in the text leads to."""

from __future__ import annotations

import re
from typing import Any, Final, cast

from lxml import etree

from cablegram.check.pieces import Builder, Piece
from cablegram.errors import UnreadableInput

_BLOCKS: Final = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li"
    " main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_SKIPPED: Final = frozenset("script style head template noscript select option textarea iframe object svg math nav".split())
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
_MARK: Final = re.compile(r"[\s\[(]*(?:\d{1,4}|[*†‡§¶a-z]{1,3})[\s\])]*")
_FIGURES: Final = re.compile(r"[\s\[(]*\d{1,4}[\s\])]*")
_BACK: Final = re.compile(r"[\s\[(]*(?:[↩↑⏎^\ufe0e]+|\d{1,4}|Back)[\s\].)]*")
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
#: Deeper nesting is made to harm.
_DEEPEST: Final = 2_000


class _Reader:
    """Takes the events of the parser; what it makes of them is in ``builder``."""

    def __init__(self) -> None:
        self.builder = Builder()
        self._buffer: list[str] = []
        self._size = 0
        self._open: list[tuple[str, bool]] = []
        self._skip = 0
        self._quote = 0
        #: Cells begun since the last text, and whether there is a text in this row.
        self._cells, self._joins = 0, False
        self._link: tuple[str, int] | None = None
        self._sup: int | None = None
        #: By the id that a link leads to: its text, and the place in the text.
        self._marks: dict[str, tuple[str, int]] = {}
        #: Those of the block that is open: its place among the pieces of the text is known when the block is closed.
        self._pending: dict[str, tuple[str, int]] = {}
        self._note: tuple[str, int, int] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not isinstance(tag, str):
            return
        if len(self._open) > _DEEPEST:
            raise UnreadableInput("is nested deeper than any page; it was not read")
        skipped = tag in _SKIPPED
        if tag not in _VOID:
            self._open.append((tag, skipped))
        self._skip += skipped
        if tag in _BLOCKS:
            self._close()
        if tag == "tr":
            self._cells, self._joins = 0, False
        elif tag in ("td", "th"):
            self._cells += 1
        elif tag == "blockquote":
            self._quote += 1
        elif tag == "br":
            self.data("\n" if not self._skip else "")
        elif tag == "a" and attributes.get("href", "").startswith("#"):
            self._link = (attributes["href"][1:], len(self._buffer))
        elif tag == "sup":
            self._sup = len(self._buffer)
        ident = attributes.get("id") or (attributes.get("name") if tag == "a" else None)
        if ident is not None and (ident in self._marks or ident in self._pending):
            self._close()
            label, anchor = self._marks.pop(ident)
            self._note = (label, anchor, len(self._open))

    def end(self, tag: str) -> None:
        if not any(name == tag for name, _ in self._open):
            return
        if tag == "a" and self._link is not None:
            self._close_link()
        elif tag == "sup" and self._sup is not None:
            inside = "".join(self._buffer[self._sup :])
            if _FIGURES.fullmatch(inside):
                self._drop(self._sup)
            self._sup = None
        while self._open:
            name, skipped = self._open.pop()
            self._skip -= skipped
            if name in _BLOCKS:
                self._close()
            if name == "blockquote":
                self._quote -= 1
            elif name == "tr":
                self._cells, self._joins = 0, False
            if self._note is not None and len(self._open) < self._note[2] - (name == "a"):
                self._note = None
            if name == tag:
                break

    def data(self, text: str) -> None:
        if not self._skip and text:
            self._buffer.append(text)
            self._size += len(text)

    def close(self) -> Builder:
        self._close()
        return self.builder

    def _close_link(self) -> None:
        assert self._link is not None
        target, start = self._link
        self._link = None
        inside = "".join(self._buffer[start:])
        if self._note is not None and _BACK.fullmatch(inside):
            self._drop(start)
        elif _MARK.fullmatch(inside):
            self._drop(start)
            if target not in self._marks:
                self._pending.setdefault(target, (inside.strip(" []()"), start))

    def _drop(self, start: int) -> None:
        del self._buffer[start:]

    def _settle(self) -> None:
        """Turn the places of marks among the pieces of the open block into places in the text, in one walk over the pieces."""
        waiting = sorted(self._pending.items(), key=lambda item: item[1][1], reverse=True)
        self._pending.clear()
        size, blank = 0, False
        for n in range(len(self._buffer) + 1 if waiting else 0):
            while waiting and waiting[-1][1][1] == n:
                target, (label, _) = waiting.pop()
                self._marks[target] = (label, self.builder.size + size)
            if n < len(self._buffer):
                # What blanks become in the text as a whole (below).
                piece = _BLANKS.sub(" ", self._buffer[n])
                piece = piece.lstrip() if not size else piece[blank and piece.startswith(" ") :]
                if piece:
                    size, blank = size + len(piece), piece.endswith(" ")

    def _close(self) -> None:
        if self._cells and any(not piece.isspace() for piece in self._buffer):
            if self._joins:
                self.builder.join(self._cells)
            elif self._cells > 1:
                self.builder.pad(self._cells - 1)
            self._joins, self._cells = True, 0
        self._settle()
        text = _BLANKS.sub(" ", "".join(self._buffer)).strip()
        self._buffer.clear()
        self._link = self._sup = None
        if not text:
            return
        if self._note is not None:
            label, anchor, _ = self._note
            self.builder.add(text, "footnote", label, anchor)
        else:
            self.builder.add(text, "quote" if self._quote else "paragraph")


def read_html(text: str, name: str) -> tuple[str, list[Piece]]:
    """The text of a page and its pieces."""
    reader = _Reader()
    # The stubs do not know that a target's `close` is what the parser's gives.
    parser = etree.HTMLParser(target=cast("Any", reader), no_network=True, recover=True, huge_tree=False, remove_comments=True)
    try:
        parser.feed(text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " "))
        builder = cast("Any", parser.close)()
    except UnreadableInput as error:
        raise UnreadableInput(f"{name}: {error}") from None
    except (etree.XMLSyntaxError, AssertionError) as error:
        raise UnreadableInput(f"{name}: is no HTML that can be read ({type(error).__name__})") from None
    return builder.text(), builder.pieces
