"""The end of the message: signature, end marks, and what publishers left behind them (catalogue section 7)."""

from __future__ import annotations

import re
from typing import Final

from cablegram.telegram.blocks import Block, Body
from cablegram.telegram.lines import Lines
from cablegram.telegram.patterns import BANNER, FOOTER

_NAME: Final = (
    r"(?:(?:[Dd]e |[Vv]an |[Vv]on |LA |La |DE |VAN |VON |MC |O')?[A-Z][A-Za-z'’-]{1,20}(?: ?(?:JR|Jr|jr|III|II|IV)\.?)?)"
)
_ALONE: Final = re.compile(rf"(?P<name>{_NAME})(?:\s+(?P<again>{_NAME}))?\.?$")
_LOWER: Final = re.compile(r"(?P<name>[a-z]{4,16})$")
_GLUED: Final = re.compile(
    r"(?P<end>[.!?\"”'’)*\]>]|\bEND (?:COMMENT|NOTE|SUMMARY|TEXT)|[Ee]nd [Cc]omment|X{4,}|x{4,})"
    rf"(?P<gap>\s{{0,4}})(?P<name>{_NAME})(?:\s+(?P<again>{_NAME}))?$"
)
#: Behind the address of a post's web site the surname is the last word; the address itself may be folded.
_BEHIND_FOOTER: Final = re.compile(
    rf"(?P<end>(?:gov|https?://)\S{{0,80}}(?:\s\S{{1,20}})?)(?P<gap>\s{{1,4}})(?P<name>{_NAME})(?P<again>)$"
)
_UNQUOTE: Final = re.compile(r"(?P<name>[A-Z]{3,16}) UNQUOTE (?P<again>[A-Z]{3,16})$")
#: What a line ends with that ends its sentence: with one of the signs, or with words.
_ENDS: Final = frozenset(".!?\"”'’)*-=_>]")
_ENDED: Final = re.compile(r"(?i:\bend (?:comment|note|summary|text))$|gov\S*(?:\s\S{1,20})?$")
_JUNK: Final = re.compile(
    r"(?:SELECT \* FROM|Track impresi|EPET @|Note - PII|End Cable Text|</?\w{1,8}/?>|[>*#]$|\d{4}\w{4,10}\d+ - [A-Z]+$|X{5,}$)",
    re.IGNORECASE,
)
_NOT_NAMES: Final = frozenset(
    "COMMENT SUMMARY NOTE TEXT END UNQUOTE QUOTE SIPDIS CONFIDENTIAL SECRET UNCLASSIFIED UNCLAS NNNN BT NOFORN "
    "POINTS DECLASSIFIED STATEMENT TODAY INTRODUCTION BACKGROUND".split()
)


class Closing:
    """``signature`` and its span; ``truncated``: the text breaks off; ``row`` of a glued signature's line."""

    __slots__ = ("signature", "span", "truncated")

    def __init__(self) -> None:
        self.signature: str | None = None
        self.span: tuple[int, int] | None = None
        self.truncated = False


def _footer(lines: Lines, block: Block) -> bool:
    return any(FOOTER.search(lines.lines[row][:300]) for row in block.rows[:4])


def _is_name(word: str) -> bool:
    return word.upper().rstrip(".") not in _NOT_NAMES and "XXXX" not in word.upper()


def _alone(lines: Lines, block: Block, before: str) -> re.Match[str] | None:
    """A surname on a line of its own, which is the last row of ``block``."""
    last = lines.lines[block.rows[-1]].strip()
    if len(last) > 45:
        return None
    unquoted = _UNQUOTE.match(last)
    if unquoted is not None:
        return unquoted
    ended = not before or before[-1] in _ENDS or _ENDED.search(before[-120:]) is not None
    found = _ALONE.match(last)
    if found is not None and _is_name(found["name"]) and not (block.number is not None and len(block.rows) == 1):
        single = len(block.rows) == 1
        if found["name"].isupper() or ended or single:
            again = found["again"]
            if again is None or again.upper() == found["name"].upper() or len(last) < 30:
                return found
    lower = _LOWER.match(last)
    if lower is not None and (ended or len(before) < 30) and _is_name(last):
        return lower
    return None


def scan_closing(lines: Lines, body: Body, out: Closing) -> None:
    """Find the signature in the last blocks, take it out of them, and name footers and junk."""
    blocks = body.blocks
    texts, kinds = lines.lines, lines.kinds
    seen = 0
    while blocks and seen < 12:
        seen += 1
        block = blocks[-1]
        row = block.rows[-1]
        last = texts[row].strip()
        before = ""
        if len(block.rows) > 1:
            before = texts[block.rows[-2]].rstrip()
        elif len(blocks) > 1:
            before = texts[blocks[-2].rows[-1]].rstrip()
        if _JUNK.match(last) or (BANNER.match(last) and seen < 4) or last.strip(".-*# ") == "":
            if last.upper().startswith("XXXXX") and block.number is not None:
                break
            if last.upper().startswith("XXXXX"):
                # A redacted line at the end may be the signature or a text: it stays as it is.
                break
            kinds[row] = "end-junk"
            _drop(blocks, block)
            continue
        if last.endswith("...") and len(last) < 60 and len(block.rows) == 1 and len(blocks) > 1 and block.number is None:
            kinds[row] = "end-junk"
            _drop(blocks, block)
            out.truncated = True
            continue
        found = _alone(lines, block, before)
        if found is not None:
            start = lines.span(row)[0]
            out.signature = found["name"].rstrip(".")
            out.span = (start + found.start("name"), start + found.end("name"))
            kinds[row] = "signature"
            _drop(blocks, block)
            if blocks and lines.strips[blocks[-1].rows[-1]].upper() == out.signature.upper():
                first = lines.strips[blocks[-1].rows[-1]]
                out.signature = first
                out.span = lines.span(blocks[-1].rows[-1])
                kinds[blocks[-1].rows[-1]] = "signature"
                _drop(blocks, blocks[-1])
            break
        if _glued(lines, block, row, out):
            break
        if _footer(lines, block) and len(block.rows) <= 4 and block.number is None:
            for r in block.rows:
                kinds[r] = "footer"
            blocks.pop()
            continue
        break
    if last_row := (blocks[-1].rows[-1] if blocks else -1) + 1:
        out.truncated = out.truncated or (out.signature is None and texts[last_row - 1].rstrip().endswith("..."))
    _footers(lines, blocks)


def _drop(blocks: list[Block], block: Block) -> None:
    block.rows.pop()
    if not block.rows:
        blocks.pop()


def _glued(lines: Lines, block: Block, row: int, out: Closing) -> bool:
    """A surname behind the last sentence, on its line: cut it off into a line of its own."""
    line = lines.lines[row].rstrip()
    tail_at = max(0, len(line) - 160)
    found = _GLUED.search(line, tail_at)
    if found is None and ("gov" in line[tail_at:] or "http" in line[tail_at:]):
        found = _BEHIND_FOOTER.search(line, tail_at)
    if found is None:
        return False
    name, again, at = found["name"], found["again"], found.start("name")
    if again and "XXXX" in name.upper():
        # A redaction stands before the surname.
        name, again, at = again, None, found.start("again")
    if not _is_name(name):
        return False
    if again and again.upper() != name.upper() and not _is_name(again):
        return False
    if not found["gap"] and found["end"] not in (".", "!", '"', "”"):
        return False
    signature = name if not again or again.upper() == name.upper() else f"{name} {again}"
    start = lines.starts[row]
    out.signature = signature
    out.span = (start + at, start + at + len(signature))
    lines.split(row, at)
    lines.kinds[row] = lines.kinds[row] or "text"
    lines.kinds[row + 1] = "signature"
    return True


def _footers(lines: Lines, blocks: list[Block]) -> None:
    """Name the web site footer that stands before the signature, also where it is glued to a paragraph."""
    if not blocks:
        return
    rows = blocks[-1].rows
    for k in range(max(0, len(rows) - 4), len(rows)):
        line = lines.strips[rows[k]]
        if line[:1] not in "*VPvp-":
            continue
        if FOOTER.search(line[:300]) and (k > 0 or blocks[-1].number is None):
            for row in rows[k:]:
                lines.kinds[row] = "footer"
            del rows[k:]
            break
    if not rows:
        blocks.pop()
