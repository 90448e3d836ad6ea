"""Paragraphs: level, caveats and kind of each, and their restored text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cablegram.record import Paragraph
from cablegram.restore.layout import Layout
from cablegram.spans import Edit
from cablegram.telegram.blocks import Block
from cablegram.telegram.lines import Lines
from cablegram.telegram.patterns import BEGIN_BLOCK, BLOCK_MARK, END_BLOCK
from cablegram.vocabulary.levels import BY_CODE

_WORDS: Final = {
    "TOP SECRET": "TS", "TOPSECRET": "TS", "SECRET": "S", "CONFIDENTIAL": "C", "UNCLASSIFIED": "U", "UNCLAS": "U",
    "SNF": "S/NF", "CNF": "C/NF", "N/SF": "S/NF",
}  # fmt: skip
_CAVEATS: Final = {"NF": "NOFORN", "NOFORN": "NOFORN", "OC": "ORCON", "ORCON": "ORCON", "FGI": "FGI", "FOUO": "FOUO"}
_SEPARATOR: Final = re.compile(r"\s?/{1,2}\s?|\s?-\s?(?=NF|NOFORN|ENTIRE)|\s(?=NF\b|NOFORN\b)")

_OPENERS: Final = (
    ("summary", r"(?:BEGIN\s+)?(?:INTRODUCTION\s*(?:/|AND|&)\s*)?SUMM+ARY\b"),
    ("action request", r"(?:THIS IS AN\s+)?ACTION\s+REQUEST(?:ED)?\b"),
    ("comment", r"(?:BEGIN\s+)?(?:(?:[A-Z][\w'/.-]{1,14}\s){0,2})?COMMENTG?\b(?!S\b)(?=\s?[:.,;\-(/]|\s+AND\b|\s*$)"),
    ("note", r"(?:BEGIN\s+)?(?:BIO\s|DEPARTMENT\s|EMBASSY\s)?NOTE\b(?=\s?[:.])"),
    ("participants", r"(?:MEETING\s+)?PARTICIPANTS\b(?=\s?[:.]|\s*$)"),
)  # fmt: skip
_OPENER: Final = re.compile(
    r"[\s(\[/\"-]{0,4}(?:" + "|".join(f"(?P<k{n}>{pattern})" for n, (_, pattern) in enumerate(_OPENERS)) + ")",
    re.IGNORECASE,
)
_KINDS: Final = {f"k{n}": kind for n, (kind, _) in enumerate(_OPENERS)}
_HEADING_KINDS: Final = (
    ("summary", re.compile(r"SUMM+ARY\b", re.IGNORECASE)),
    ("action request", re.compile(r"ACTION\s+REQUEST", re.IGNORECASE)),
    ("comment", re.compile(r"\bCOMMENTS?\b", re.IGNORECASE)),
    ("participants", re.compile(r"PARTICIPANTS\b", re.IGNORECASE)),
    ("note", re.compile(r"(?:BIO\w*\s+)?NOTES?\b", re.IGNORECASE)),
)
#: What each of these has in it.
_HEADING_WORDS: Final = ("SUMM", "ACT", "COMM", "PART", "NOTE")
#: How many paragraphs an opened summary or comment may run on until its END mark.
_REACH: Final = 12


def _level(head: str) -> str | None:
    return BY_CODE[head].name if head in BY_CODE else None


@lru_cache(maxsize=4096)
def read_marking(mark: str) -> tuple[str, str | None, tuple[str, ...]]:
    """Standard form, level and caveats of a portion marking as written, brackets and all."""
    inner = " ".join(mark.strip("() \n:.").upper().split())
    inner = _WORDS.get(inner, inner)
    head, *rest = (part.strip() for part in _SEPARATOR.split(inner))
    head = _WORDS.get(head, head)
    if head == "N" and rest == ["SF"]:
        head, rest = "S", ["NF"]
    caveats: list[str] = []
    shown: list[str] = []
    for part in rest:
        if part in ("", "ENTIRE TEXT"):
            continue
        part = "NF" if part == "NOFORN" else part
        part = re.sub(r"^REL\s?TO\b", "REL", part)
        shown.append(part)
        caveats.append(_CAVEATS.get(part, part))
    if head == "U" and shown == ["FOUO"]:
        level: str | None = "UNCLASSIFIED//FOR OFFICIAL USE ONLY"
    else:
        level = _level(head)
    return "/".join([head, *shown]), level, tuple(caveats)


def _heading_kind(heading: str) -> str | None:
    folded = heading.upper()
    if len(heading) > 90 or not any(word in folded for word in _HEADING_WORDS):
        return None
    for kind, pattern in _HEADING_KINDS:
        if pattern.search(heading) and len(heading.split()) <= (4 if kind in ("comment", "note") else 7):
            return kind
    return None


def _last_end(text: str) -> str | None:
    """What the last END mark in ``text`` closes, in lower case; None where there is no END mark."""
    what: str | None = None
    last = -1
    for needle in ("END", "End", " end "):
        # One letter is found many times faster, and a text in capitals has no small ones.
        at = text.find(needle) if needle[2] in text else -1
        while at >= 0:
            found = END_BLOCK.match(text, at + 1 if needle[0] == " " else at)
            if found is not None and at > last:
                what, last = " ".join(found["what"].lower().split()), at
            at = text.find(needle, at + 3)
    return what


class Texts:
    """The restored text of each block: ``marker`` (number and marking) apart from ``text``."""

    def __init__(self, lines: Lines, layout: Layout, garbles: list[Edit]) -> None:
        self._text = lines.text
        self._layout = layout
        self._garbles = [edit for edit in garbles if edit.applied]
        self._next = 0

    def block(self, n: int, at: int) -> tuple[str, str]:
        """Marker and text of block ``n``, whose text begins at offset ``at``. To be called in order."""
        spans, joints = self._layout.spans[n], self._layout.joints[n]
        text = self._text
        start, end = spans[0]
        pieces = self._layout.pieces[n]
        marker = ""
        if at > end and len(spans) > 1:
            # A marking that runs on over the line end: what stands on the lines before is all marker.
            marker = f"{pieces[0]} "
            pieces, spans, joints = pieces[1:], spans[1:], joints[1:] if joints is not None else None
            start, end = spans[0]
        at = max(start, min(at, end))
        while at < end and text[at] == " ":
            at += 1
        marker += pieces[0][: at - start]
        pieces[0] = pieces[0][at - start :]
        garbles = self._garbles
        if self._next < len(garbles) and garbles[self._next].span[0] < spans[-1][1]:
            pieces = self._mended(pieces, [(at, end), *spans[1:]])
        if joints is None:
            return marker, " ".join(pieces)
        out = pieces[0]
        for joint, piece in zip(joints, pieces[1:], strict=True):
            out += joint + piece
        return marker, out

    def _mended(self, pieces: list[str], spans: list[tuple[int, int]]) -> list[str]:
        garbles, k = self._garbles, self._next
        out: list[str] = []
        for piece, (start, end) in zip(pieces, spans, strict=True):
            while k < len(garbles) and garbles[k].span[0] < start:
                k += 1
            if k < len(garbles) and garbles[k].span[0] < end:
                parts: list[str] = []
                at = start
                while k < len(garbles) and garbles[k].span[0] < end:
                    a, b = garbles[k].span
                    parts += (piece[at - start : a - start], garbles[k].replacement)
                    at = b
                    k += 1
                parts.append(piece[at - start :])
                piece = "".join(parts)
            out.append(piece)
        self._next = k
        return out


def read_paragraphs(lines: Lines, blocks: list[Block], layout: Layout, garbles: list[Edit]) -> tuple[list[Paragraph], str]:
    """All paragraphs in order, and the restored text of the body."""
    texts = Texts(lines, layout, garbles)
    parts: list[str] = []
    out: list[Paragraph] = []
    heading: str | None = None
    under: str | None = None  # kind that the last heading gives
    opened: tuple[str, int] | None = None  # kind opened without END, and the paragraph where
    quoted = False
    for n, block in enumerate(blocks):
        marker, text = texts.block(n, block.text_at)
        parts.append(marker + text)
        if not parts[-1]:
            continue  # a pilcrow alone: nothing is said there
        if block.kind == "heading":
            title = " ".join(text.strip(" /-").split())
            heading = title
            under = _heading_kind(title)
            opened = None
            continue
        if not marker and len(text) < 100 and BLOCK_MARK.match(text):
            quoted = text.lstrip(" -(/").upper().startswith("BEGIN")
            continue
        marking: str | None = None
        level: str | None = None
        caveats: tuple[str, ...] = ()
        if block.mark is not None:
            marking, level, caveats = read_marking(block.mark)
        kind, ends = "list" if block.kind == "list" else "text", _last_end(text)
        head = text[:80]
        found = begin = None
        folded = head.upper()
        if "SUMM" in folded or "COMM" in folded or "NOTE" in folded or "ACTION" in folded or "PARTI" in folded:
            found = _OPENER.match(head)
        if "BEGIN" in folded and not quoted:
            begin = BEGIN_BLOCK.match(head)
        if begin is not None and not begin["what"].lower().startswith(("summary", "comment", "note")):
            quoted = True
        if quoted:
            kind = "quoted text"
            quoted = ends is None or not any(word in ends for word in ("text", "points", "paper", "letter", "release"))
        elif found is not None:
            kind = _KINDS[found.lastgroup or "k0"]
            opened = (kind, len(out)) if ends is None else None
        elif out and out[-1].kind == "participants" and block.number is None and block.mark is None:
            kind = "participants"
        elif under is not None:
            kind = under
            if ends is not None and ends.startswith(under[:7]):
                under = None
        elif ends is not None and opened is not None and opened[0] in ends and len(out) - opened[1] <= _REACH:
            for k in range(opened[1] + 1, len(out)):
                if out[k].kind in ("text", "list"):
                    out[k] = out[k]._replace(kind=opened[0])
            kind = opened[0]
            opened = None
        elif ends is not None and ends.startswith("summary") and len(out) <= 2:
            # Closed without having been opened: what stands before the END mark is the summary.
            kind = "summary"
        out.append(
            Paragraph(
                block.number,
                block.label,
                marking,
                level,
                caveats,
                kind,
                heading,
                block.section,
                text,
                (block.marker[0] if block.marker[1] > block.marker[0] else layout.spans[n][0][0], layout.spans[n][-1][1]),
            )
        )
        heading = None
    return out, "\n\n".join(parts)
