"""From raw text to the shape of a telegram: lines with kinds, fields, blocks. No meaning is given here."""

from __future__ import annotations

from cablegram.telegram.blocks import Body
from cablegram.telegram.body import scan_body
from cablegram.telegram.closing import Closing, scan_closing
from cablegram.telegram.furniture import cut, strays
from cablegram.telegram.header import Header, class_line, scan_header
from cablegram.telegram.lines import Lines
from cablegram.telegram.preamble import Preamble, scan_preamble


class Telegram:
    """The parsed shape: ``lines`` (every character), ``header``, ``preamble``, ``body``, ``closing``.

    ``body_at`` is the index of the first body line. Offsets are characters of ``lines.text``.
    """

    __slots__ = ("body", "body_at", "closing", "header", "lines", "preamble", "stray_captions")

    def __init__(self, text: str) -> None:
        self.lines = Lines(text)
        self.header = Header()
        self.preamble = Preamble()
        self.body = Body()
        self.closing = Closing()
        lines = self.lines
        first = scan_header(lines, self.header)
        found = class_line(lines.lines[first]) if first < len(lines.lines) else None
        if first < len(lines.lines):
            cut(lines, first, found["post"] if found is not None else None)
        self.body_at = scan_preamble(lines, first, self.preamble)
        self.stray_captions = strays(lines, self.body_at) if self.body_at < len(lines.lines) else 0
        scan_body(lines, self.body_at, self.body, "¶" in text)
        scan_closing(lines, self.body, self.closing)


def parse_telegram(text: str) -> Telegram:
    """Read the shape of one telegram, a fragment of one, or any other text; never raises for a ``str``."""
    return Telegram(text)


def lines_of(lines: Lines, kind: str) -> list[tuple[int, int]]:
    """Spans of the lines of one kind, without the blanks around them."""
    if kind not in lines.kinds:
        return []
    return [lines.span(i) for i, name in enumerate(lines.kinds) if name == kind]
