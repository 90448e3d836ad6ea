"""Furniture that the message system put into the text: section-break lines, stray captions, lost line ends.

Runs once over the text with plain substring search; where furniture is glued to the text, or a paragraph
number lost the line feed before it, the line is cut in two, so that later stages see whole lines only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from cablegram.telegram import patterns as p
from cablegram.telegram.blocks import MOST_BLOCKS
from cablegram.telegram.header import class_line
from cablegram.telegram.lines import Lines

_NUMBERS: Final = re.compile(r"(\d{8})\s{1,3}(\d{3})(?:\.\s{0,4}(\d))?\s{1,2}(?:OF|of)\s{1,2}(\d{3})(?!\d)")
_POST_BEFORE: Final = re.compile(r"(?:[A-Z][A-Za-z.']*\s){0,3}[A-Z][A-Za-z.']{1,11}\s{1,3}$")
#: More blanks than this do not stand around a section-break line.
_LONGEST_BLANK: Final = 400
#: A section's own header has at most this many lines.
_LONGEST_HEADER: Final = 80
#: Wrapped lines are shorter than this: longer ones were unwrapped by who retyped them.
_UNWRAPPED: Final = 90
_SENTENCE_END: Final = frozenset(".:!?)\"”'’")


def _section_breaks(text: str, start: int, post: str | None) -> list[tuple[int, int, int]]:
    """``(start, end, section)`` of every section-break piece from offset ``start`` on."""
    found: list[tuple[int, int, int]] = []
    for needle in (" OF 0", " of 0"):
        # One letter is found many times faster, and a text in capitals has no small ones.
        at = text.find(needle, start) if needle[2] in text else -1
        while at >= 0:
            # The eight digits stand at most 20 characters before OF.
            low = max(start, at - 24)
            match = _NUMBERS.search(text, low, at + 12)
            if match is not None:
                line = text.rfind("\n", max(0, match.start() - 80), match.start()) + 1
                begin = _post_start(text, line, match.start(), post)
                if begin >= 0:
                    found.append((begin, match.end(), int(match[2])))
            at = text.find(needle, at + 5)
    found.sort()
    return found


def _post_start(text: str, line: int, numbers: int, post: str | None) -> int:
    """Where the post before the eight digits begins: post names are cut to ten characters here."""
    before = text[max(line, numbers - 80) : numbers]
    if len(before.strip()) <= 12 and text[line - 1 : line] in ("\n", "") and before.strip():
        return line + len(before) - len(before.lstrip())
    name = before.rstrip()
    if post:
        short = post[:10].strip()
        if name.upper().endswith(short.upper()):
            return numbers - len(before) + len(name) - len(short)
    found = _POST_BEFORE.search(before)
    if found is None:
        return -1
    last = before.rstrip().rfind(" ") + 1
    return numbers - len(before) + last


def _lost_line_ends(text: str, start: int) -> list[int]:
    """Offsets of paragraph numbers with a portion marking that stand inside a line, behind a sentence."""
    cuts: list[int] = []
    at = text.find(". (", start)
    while at >= 0 and len(cuts) < MOST_BLOCKS:
        # Most hits are numbers at a line's start: told by the character before one or two digits.
        if text[at - 2] in "\n¶" or text[at - 3 : at - 2] in "\n¶":
            at = text.find(". (", at + 3)
            continue
        digits = at
        while digits > start and at - digits < 3 and text[digits - 1].isdigit():
            digits -= 1
        if digits < at and text[digits - 1] == " " and p.MARK.match(text, at + 2):
            k = digits - 1
            while k > start and digits - k < 8 and text[k] == " ":
                k -= 1
            if text[k] in _SENTENCE_END:
                cuts.append(digits)
        at = text.find(". (", at + 3)
    return cuts


def _filled(text: str, start: int, end: int) -> bool:
    """Whether anything but blanks stands between two offsets; looks at the nearest characters only, since
    a line may be as long as the text."""
    return end - start > _LONGEST_BLANK or bool(text[start:end].strip())


def cut(lines: Lines, first: int, post: str | None) -> int:
    """Mark the section-break lines from line ``first`` on; cut lines where pieces are glued.

    Returns the number of section-break pieces found. ``post`` is the post as the classification line spells it.
    """
    text, start = lines.text, lines.starts[first]
    breaks = _section_breaks(text, start, post)
    cuts: set[int] = set(_lost_line_ends(text, start))
    marked: dict[int, str] = {}
    starts = lines.starts
    if "PAGE 0" in text:
        _pages(lines, first, cuts, marked)
        _section_headers(lines, first)
    for begin, end, _ in breaks:
        row = bisect_right(starts, begin) - 1
        last = bisect_right(starts, end - 1) - 1
        while row < last:
            # `002.` and, lines below, `2 OF 002`: a break line that was itself broken.
            if not _filled(text, starts[row], begin):
                marked[starts[row]] = "section-break"
            row += 1
            begin = starts[row]
        line = lines.lines[row]
        if len(lines.strips[row]) == end - begin:
            lines.kinds[row] = "section-break"
            continue
        if _filled(text, starts[row], begin):
            cuts.add(begin)
            marked[begin] = "section-break"
        else:
            marked[starts[row]] = "section-break"
        if _filled(text, end, starts[row] + len(line)):
            cuts.add(end)
    if cuts or marked:
        _recut(lines, cuts, marked)
    return len(breaks)


def _section_headers(lines: Lines, first: int) -> None:
    """The header that stands again above each further section of a printed telegram: from its first page line to its
    classification line, and the captions below that."""
    text = lines.text
    row = first
    at = text.find("\nPAGE 01 ", lines.starts[first])
    while at >= 0:
        top = bisect_right(lines.starts, at + 1) - 1
        for row in range(top + 1, min(top + _LONGEST_HEADER, len(lines.lines))):
            line = lines.strips[row]
            if line[:1] in "CSULTE" and (found := class_line(line)) is not None and found["section"]:
                for k in range(top, row):
                    lines.kinds[k] = "section-header" if lines.strips[k] else "blank"
                _captions(lines, row + 1)
                break
        at = text.find("\nPAGE 01 ", max(at + 8, lines.starts[row]))


def _captions(lines: Lines, row: int) -> None:
    for k in range(row, min(row + 6, len(lines.lines))):
        if lines.strips[k] and not p.CAPTION_LINE.match(lines.strips[k][:200]):
            return
        if lines.strips[k]:
            lines.kinds[k] = "caption"


def _pages(lines: Lines, first: int, cuts: set[int], marked: dict[int, str]) -> None:
    """Page lines with a text behind them on the line: cut between the two."""
    text = lines.text
    at = text.find("\nPAGE ", lines.starts[first])
    while at >= 0:
        found = p.PAGE.match(text, at + 1)
        if found is not None:
            end = text.find("\n", found.end())
            tail = text[found.end() : end if end >= 0 else len(text)]
            if len(tail) < p.LONGEST_FORM_LINE and tail.strip():
                marked[at + 1] = "page"
                cuts.add(found.end() + len(tail) - len(tail.lstrip()))
        at = text.find("\nPAGE ", at + 6)


def _recut(lines: Lines, cuts: set[int], marked: dict[int, str]) -> None:
    """Cut lines at the given offsets, all in one pass."""
    texts: list[str] = []
    starts: list[int] = []
    kinds: list[str] = []
    pending = sorted(cuts, reverse=True)
    for line, at, kind in zip(lines.lines, lines.starts, lines.kinds, strict=False):
        end = at + len(line)
        begin = at
        while pending and pending[-1] < end:
            cut_at = pending.pop()
            if cut_at > begin:
                texts.append(line[begin - at : cut_at - at])
                starts.append(begin)
                kinds.append(marked.get(begin, kind))
                begin = cut_at
        texts.append(line[begin - at :])
        starts.append(begin)
        kinds.append(marked.get(begin, kind))
    starts.append(len(lines.text))
    lines.lines, lines.starts, lines.kinds = texts, starts, kinds
    lines.strips = [line.strip() for line in texts]


def strays(lines: Lines, first: int) -> int:
    """Mark SIPDIS lines inside the text from line ``first`` on: the message system put them behind lines
    that begin like a classification. Returns how many."""
    text = lines.text
    count = 0
    cuts: set[int] = set()
    marked: dict[int, str] = {}
    at = text.find("SIPDIS", lines.starts[first])
    while at >= 0:
        row = bisect_right(lines.starts, at) - 1
        line = lines.strips[row]
        if line == "SIPDIS":
            lines.kinds[row] = "stray-caption"
            count += 1
        elif line.startswith("SIPDIS ") and text[at - 1 : at] == "\n" and line[7:8].isalnum():
            cuts.add(at + 7)
            marked[at] = "stray-caption"
            count += 1
        elif len(line) > _UNWRAPPED and text[at - 1] == text[at + 6 : at + 7] == " " and text[at + 7 : at + 8].isalnum():
            # A retyped text keeps it inside its long line; only a talk of the caption itself is text.
            if text[at + 7 : at + 14].lower() != "caption" and text[at - 2].isalnum():
                cuts |= {at, at + 7}
                marked[at] = "stray-caption"
                count += 1
        at = text.find("SIPDIS", at + 6)
    if cuts:
        _recut(lines, cuts, marked)
    return count
