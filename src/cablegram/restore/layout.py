"""What the hard line wrap and the furniture did to the text: gaps between lines, told as edits.

The restored text of a body keeps its lines' characters and replaces what stands between them: a blank within a
sentence, a line feed before a list item, an empty line between paragraphs.
"""

from __future__ import annotations

from typing import Final

from cablegram.spans import Edit
from cablegram.telegram.body import Block
from cablegram.telegram.lines import Lines

#: What a gap is called, by the most telling kind of line in it, and how sure the repair is.
_GAP_RULES: Final = {
    "section-break": ("section-break", 0.97),
    "stray-caption": ("stray-caption", 0.97),
    "page": ("page-furniture", 0.95),
    "banner": ("page-furniture", 0.9),
    "classification": ("repeated-preamble", 0.9),
    "end-mark": ("page-furniture", 0.9),
    "footer": ("footer", 0.9),
    "rule": ("underline", 0.99),
}


class Layout:
    """``edits`` for the gaps, sorted, and for each block the ``spans`` of text that stay, line by line,
    with the ``joints`` that stand between them in the restored text."""

    __slots__ = ("edits", "joints", "spans")

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.spans: list[list[tuple[int, int]]] = []
        self.joints: list[list[str]] = []


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


def lay_out(lines: Lines, blocks: list[Block]) -> Layout:
    """The layout of the body's ``blocks``, which must be in the order of the text."""
    out = Layout()
    text, texts, starts = lines.text, lines.lines, lines.starts
    edits = out.edits
    make = Edit._make
    before = -1  # end of the text kept so far
    row_before = -1
    for block in blocks:
        rows = block.rows
        items = block.items
        spans: list[tuple[int, int]] = []
        joints: list[str] = []
        previous = -1
        for row in rows:
            line = texts[row]
            stripped = line.strip()
            start = starts[row] + (0 if line[:1] == stripped[:1] else line.index(stripped[:1]))
            end = start + len(stripped)
            if stripped[:1] == "¶":
                edits.append(make(((start, start + 1), "¶", "", "pilcrow", 1.0, True)))
                mark_at = start
                start += 1
                while start < end and text[start] == " ":
                    start += 1
                if start > mark_at + 1:
                    edits.append(make(((mark_at + 1, start), text[mark_at + 1 : start], "", "pilcrow", 1.0, True)))
            else:
                mark_at = start
            if previous >= 0:
                joint = "\n" if row in items else " "
                if row == previous + 1:
                    gap = text[before:mark_at]
                    if gap != joint:
                        edits.append(make(((before, mark_at), gap, joint, "soft-wrap", 0.99, True)))
                else:
                    rule, confidence = _gap(lines, previous + 1, row, True)
                    edits.append(make(((before, mark_at), text[before:mark_at], joint, rule, confidence, True)))
                joints.append(joint)
            elif row_before >= 0:
                gap = text[before:mark_at]
                if gap != "\n\n":
                    rule, confidence = _gap(lines, row_before + 1, row, False)
                    edits.append(make(((before, mark_at), gap, "\n\n", rule, confidence, True)))
            spans.append((start, end))
            before = end
            previous = row
        row_before = previous
        out.spans.append(spans)
        out.joints.append(joints)
    return out
