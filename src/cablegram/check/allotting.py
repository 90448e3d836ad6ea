"""Which citation a quotation belongs to: that of its sentence, of its note, or of the note at its end."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from cablegram.check.findings import Finding, Stretch
from cablegram.check.quoting import Quoted, quotations

#: How far before a note's mark, or a citation in parentheses, the words that it covers may begin and end (characters).
_BEFORE: Final = 600
_CLOSE: Final = 24
#: What is cited between a quotation and a citation is what has the words: ``"...," in Deep Waters (1988), 211; Praia 101``.
_OTHERS_PART: Final = re.compile(r"(?:\((?:[A-Z][^()\n]{0,60})?(?:19|20)\d\d\)|, \d{1,4}(?:-\d{1,4})?); ")
#: The page of a book before the words of it that a note at its end repeats.
_PAGE: Final = re.compile(r"(?<!\w)pp?\. ?\d{1,4}(?:-\d{1,4})?[,:]? [\"']\Z")
#: Blanks among the words that may lead to a citation behind a quotation.
_FEW: Final = 3
_SENTENCE: Final = re.compile(r"(?<![A-Z][.])(?<!\b[Nn]o\.)(?<!\btel\.)(?<!\bpara\.)[.!?][\"')\]]* (?=[A-Z\"'(\[])|\n")
#: A letter that is answered below another, set off as a quotation is: ``On 3 May 2010, Ann wrote:``.
_LETTER: Final = re.compile(
    r"(?:> ?)*(?:On|Am|Le|El|Il|From:|Von:|De:)\b[^\n]{0,120}(?:wrote|writes|schrieb|écrit|escribió|scritto|@[\w.]+>?)[^\n]{0,40}:"
)


class Allotted(NamedTuple):
    """A quotation, and the citations it may be of, by their places in the list: the likeliest first."""

    quoted: Quoted
    citations: tuple[int, ...]


def allot(text: str, found: Sequence[Finding], stretches: Sequence[Stretch]) -> list[Allotted]:
    """The quotations of an even text that go with citations; the others are left out."""
    quotes = [quoted for quoted in quotations(text) if not _in_finding(quoted, found) and not _is_key(text, quoted)]
    starts = [one.start for one in found]
    notes = [n for n, stretch in enumerate(stretches) if stretch.note and stretch.anchor is not None]
    anchors = sorted((stretches[n].anchor or 0, n) for n in notes)
    places = [anchor for anchor, _ in anchors]
    cited: dict[int, list[int]] = {}
    begins = [stretch.start for stretch in stretches]
    for n, one in enumerate(found):
        within = bisect_right(begins, one.start) - 1
        if within >= 0 and one.start < stretches[within].end:
            cited.setdefault(within, []).append(n)
    out: list[Allotted] = []
    for quoted in [*quotes, *_blocks(text, stretches)]:
        at = bisect_right(begins, quoted.start) - 1
        stretch = stretches[at] if at >= 0 and quoted.start < stretches[at].end else None
        if stretch is not None and stretch.note:
            meant = _beside(text, quoted, cited.get(at, []), found)
        else:
            meant = _by_mark(text, quoted, anchors, places, cited, stretches) if anchors else []
            if not meant:
                low, high = (stretch.start, stretch.end) if stretch is not None else (0, len(text))
                if quoted.block:
                    high += 400
                near = range(
                    bisect_left(starts, max(low - (400 if quoted.block else 0), quoted.start - _BEFORE)),
                    bisect_left(starts, min(high, quoted.end + _BEFORE)),
                )
                here = [n for n in near if at < 0 or quoted.block or begins[at] <= found[n].start < stretches[at].end]
                meant = _beside(text, quoted, here, found)
        if meant:
            out.append(Allotted(quoted, tuple(meant)))
    return out


def _is_key(text: str, quoted: Quoted) -> bool:
    """Whether words are those of the book itself to which a note behind them belongs: ``p. 12, "the lamp": Praia 101``."""
    return (
        text[quoted.end + 1 : quoted.end + 3] == ": " and _PAGE.search(text, max(0, quoted.start - 24), quoted.start) is not None
    )


def _in_finding(quoted: Quoted, found: Sequence[Finding]) -> bool:
    n = bisect_right(found, quoted.start, key=lambda one: one.start)
    return any(one.start <= quoted.start < one.end for one in found[max(0, n - 3) : n])


def _blocks(text: str, stretches: Sequence[Stretch]) -> list[Quoted]:
    """Quotations that are set off, without marks."""
    return [
        Quoted(one.start, one.end, text[one.start : one.end], True)
        for one in stretches
        if one.quote and '"' not in text[one.start : one.start + 3] and _LETTER.match(text, one.start, one.end) is None
    ]


def _by_mark(
    text: str,
    quoted: Quoted,
    anchors: list[tuple[int, int]],
    places: list[int],
    cited: dict[int, list[int]],
    stretches: Sequence[Stretch],
) -> list[int]:
    """The citations of the note whose mark comes next after the quotation, in the same paragraph; for a block also the one just before it."""
    n = bisect_left(places, quoted.end if not quoted.block else quoted.start)
    if n < len(anchors):
        anchor, _note = anchors[n]
        between = text[quoted.end : anchor]
        inside = quoted.block and anchor <= quoted.end + 3
        if inside or (anchor - quoted.end <= _BEFORE and "\n" not in between and len(_SENTENCE.findall(between)) <= 1):
            # Several marks at one place are several notes.
            out = []
            while n < len(anchors) and anchors[n][0] == anchor:
                out += cited.get(anchors[n][1], [])
                n += 1
            return out
    if quoted.block and n and quoted.start - anchors[n - 1][0] <= _CLOSE:
        return cited.get(anchors[n - 1][1], [])
    return []


def _beside(text: str, quoted: Quoted, near: Sequence[int], found: Sequence[Finding]) -> list[int]:
    """The citations beside a quotation: one that follows at once, else that of the same sentence before it, else the next in the sentence."""
    before = [n for n in near if found[n].end <= quoted.start]
    after = [n for n in near if found[n].start >= quoted.end]
    if before and text[found[before[-1]].end : quoted.start].strip(' "') in (":", "("):
        # "Praia 101: ..." and "Praia 101 (...)": it leads to the words.
        return [before[-1]]
    out: list[int] = []
    if after:
        first = found[after[0]]
        between = text[quoted.end : first.start]
        # The sentence may end inside of the marks; "Cable," behind them begins none.
        inside = 2 if between.count(" ") > _FEW else -1
        broken = (
            _SENTENCE.search(text, quoted.end - inside, first.start) is not None
            or _OTHERS_PART.search(text, quoted.end, first.start) is not None
        )
        group = [
            n
            for n in after
            if text[first.start : found[n].start].count("\n") == 0
            and found[n].start - first.start < 120
            and _SENTENCE.search(text, first.start, found[n].start) is None
        ]
        if len(between) <= _CLOSE and ("(" in between or not between.strip(' ",.;:')):
            out += group
        elif not broken and "(" in text[max(0, first.start - 24) : first.start]:
            out += group
        later = after[0] if not broken else None
    else:
        later = None
    if not out and before:
        last = found[before[-1]]
        between = text[last.end : quoted.start]
        if len(_SENTENCE.findall(between)) == 0 or quoted.block:
            out.append(before[-1])
    if not out and later is not None:
        out.append(later)
    if not out and quoted.block and (before or after):
        out.append(after[0] if after and found[after[0]].start - quoted.end < 60 else before[-1] if before else after[0])
    return out
