"""What the hard line wrap and the furniture did to the text: gaps between lines, told as edits.

The restored text of a body keeps its lines' characters and replaces what stands between them: a blank within a
sentence, a line feed before a list item, an empty line between paragraphs.
"""

from __future__ import annotations

from itertools import repeat
from typing import Final

from cablegram.spans import Edit, Span
from cablegram.telegram.blocks import Block
from cablegram.telegram.lines import Lines

#: What a gap is called, by the most telling kind of line in it, and how sure the repair is.
_GAP_RULES: Final = {
    "section-break": ("section-break", 0.97),
    "stray-caption": ("stray-caption", 0.97),
    "page": ("page-furniture", 0.95),
    "section-header": ("section-header", 0.95),
    "banner": ("page-furniture", 0.9),
    "classification": ("repeated-preamble", 0.9),
    "end-mark": ("page-furniture", 0.9),
    "footer": ("footer", 0.9),
    "corrected-copy": ("page-furniture", 0.9),
    "rule": ("underline", 0.99),
}

#: Rules of edits that mend the layout of a text; every other rule mends damaged characters.
LAYOUT_RULES: Final = frozenset(
    {rule for rule, _ in _GAP_RULES.values()} | {"soft-wrap", "blank-in-sentence", "blank-lines", "pilcrow"}
)


# Named tuples without the cost of their constructor: most edits are made here, one a line.
_new: Final = tuple.__new__


#: Text was wrapped at 60 to 71 columns; a line much shorter than that ends where its author ended it.
_SHORT: Final = 46


class Layout:
    """``edits`` for the gaps, sorted, and for each block the ``spans`` of text that stay, line by line, with their
    characters (``pieces``) and the ``joints`` that stand between them in the restored text; None: all blanks.

    Lines with a line feed and no more between each two, as most blocks have them, are one span; its piece has blanks for those."""

    __slots__ = ("edits", "joints", "pieces", "spans")

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.spans: list[list[tuple[int, int]]] = []
        self.pieces: list[list[str]] = []
        self.joints: list[list[str] | None] = []


def _gap(lines: Lines, first: int, last: int, within: bool) -> tuple[str, float]:
    """Rule and confidence for the gap that holds the lines from ``first`` up to ``last``."""
    kinds = lines.kinds
    blank = False
    for row in range(first, last):
        rule = _GAP_RULES.get(kinds[row])
        if rule is not None:
            return rule
        blank = blank or kinds[row] == "blank"
    if within:
        return ("blank-in-sentence", 0.85) if blank else ("soft-wrap", 0.99)
    return ("blank-lines", 0.99)


def _short_lines(strips: list[str], rows: list[int]) -> frozenset[int] | None:
    """The rows that keep their line ends: a block of short lines only (names, an address) was not wrapped."""
    return frozenset(rows[1:]) if all(len(strips[row]) < _SHORT for row in rows) else None


def _unwrapped(lines: Lines, rows: list[int]) -> str | None:
    """The text of ``rows`` with blanks for their line ends; None where there is more to mend than a line feed between each two."""
    first, last = rows[0], rows[-1]
    strips = lines.strips[first : last + 1]
    if len(strips) != len(rows) or strips != lines.lines[first : last + 1]:
        return None
    text = " ".join(strips)
    # A line that was cut in two has no line feed there.
    if len(text) != lines.starts[last] - lines.starts[first] + len(strips[-1]):
        return None
    return None if "¶" in text and any(line[0] == "¶" for line in strips[1:]) else text


def lay_out(lines: Lines, blocks: list[Block]) -> Layout:
    """The layout of the body's ``blocks``, which must be in the order of the text."""
    out = Layout()
    text, texts, strips, starts = lines.text, lines.lines, lines.strips, lines.starts
    found: list[tuple[Span, str, str, str, float, bool]] = []
    add = found.append
    before = -1  # end of the text kept so far
    row_before = -1
    for block in blocks:
        rows = block.rows
        items: frozenset[int] | None = frozenset(block.items) if block.items else None
        if not items and len(rows) > 1 and len(strips[rows[0]]) < _SHORT:
            items = _short_lines(strips, rows)
        spans: list[tuple[int, int]] = []
        pieces: list[str] = []
        joints: list[str] | None = [] if items else None
        previous = -1
        for row in rows:
            stripped = strips[row]
            first = stripped[0]
            start = starts[row]
            line = texts[row]
            if line[0] != first:
                start += line.index(first)
            if row - 1 == previous and joints is None and first != "¶" and spans:
                # The ordinary case by far: a line that goes on with the one above.
                gap = text[before:start]
                if gap != " ":
                    add(((before, start), gap, " ", "soft-wrap", 0.99, True))
                before = start + len(stripped)
                spans.append((start, before))
                pieces.append(stripped)
                previous = row
                continue
            end = start + len(stripped)
            if previous >= 0:
                joint = "\n" if items and row in items else " "
                if row == previous + 1:
                    gap = text[before:start]
                    if gap != joint:
                        add(((before, start), gap, joint, "soft-wrap", 0.99, True))
                else:
                    rule, confidence = _gap(lines, previous + 1, row, True)
                    add(((before, start), text[before:start], joint, rule, confidence, True))
                if joints is not None:
                    joints.append(joint)
            elif row_before >= 0:
                gap = text[before:start]
                if gap != "\n\n":
                    rule, confidence = _gap(lines, row_before + 1, row, False)
                    add(((before, start), gap, "\n\n", rule, confidence, True))
            if first == "¶":
                behind = start + 1
                while behind < end and text[behind] == " ":
                    behind += 1
                add(((start, behind), text[start:behind], "", "pilcrow", 1.0, True))
                start = behind
                stripped = text[start:end]
            before = end
            previous = row
            if row == rows[0] and joints is None and len(rows) > 1 and (unwrapped := _unwrapped(lines, rows)) is not None:
                found += [((at - 1, at), "\n", " ", "soft-wrap", 0.99, True) for at in starts[row + 1 : rows[-1] + 1]]
                before, previous = starts[row] + len(unwrapped), rows[-1]
                spans.append((start, before))
                pieces.append(unwrapped[start - starts[row] :])
                break
            spans.append((start, end))
            pieces.append(stripped)
        row_before = previous
        out.spans.append(spans)
        out.pieces.append(pieces)
        out.joints.append(joints)
    out.edits.extend(map(_new, repeat(Edit), found))
    return out
