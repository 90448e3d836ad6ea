"""The body: paragraphs, headings and lists, from the first paragraph to the signature.

One pass over the lines. What decides is the first character of a line; a line that begins with a plain letter
goes to the open paragraph at once. The rule for paragraph numbers is the one measured in catalogue 4.4.
"""

from __future__ import annotations

import re
from typing import Final

from cablegram.telegram import patterns as p
from cablegram.telegram.blocks import MOST_BLOCKS, Block, Body
from cablegram.telegram.header import class_line
from cablegram.telegram.lines import BLANK, TEXT, Lines
from cablegram.telegram.preamble import is_rule

_SPECIAL: Final = frozenset("¶(-=*_/•<0123456789o#")
#: Letters that stamps and titles with dashes begin with, as many a line of text does, and the two that only stamps
#: have there, where theirs are not set apart by blanks (İ: the patterns take it for an I).
_INITIALS: Final = frozenset("CSULTPNBEOQ")
_STAMPS: Final = frozenset("CC CS CO CE SC SS SO SE UU UN LI Lİ TO PA NN Nn BT Bt EC EN En".split())
#: The longest classification is LIMITED OFFICIAL USE with its letters set apart.
_LONGEST_BANNER: Final = 60
_ENDS_SENTENCE: Final = frozenset(".:;!?)\"”'’-=*_]/>")
_FULL_STOP: Final = frozenset('.!?"”:)*]')


class _Reader:
    def __init__(self, lines: Lines, out: Body, page_form: bool) -> None:
        self.lines = lines
        self.out = out
        self.page_form = page_form
        self.current: Block | None = None
        self.last: Block | None = None  # the block before, when none is open
        self.blank = True
        self.cut = False  # furniture since the last text line
        self.overline = False
        self.full = False
        self.expected = 1
        self.section = 1

    # -- the pass ---------------------------------------------------------------------------------

    def read(self, first: int) -> None:
        lines = self.lines
        strips, kinds = lines.strips, lines.kinds
        for i in range(first, len(strips)):
            kind = kinds[i]
            if kind:
                self._furniture(i, kind)
                continue
            s = strips[i]
            if not s:
                kinds[i] = BLANK
                self.blank = True
                continue
            kinds[i] = TEXT
            current = self.current
            if self.full and current is not None:
                current.rows.append(i)
                continue
            c = s[0]
            if (
                c in _SPECIAL
                or s[1:2] in ".)"
                or (c in _INITIALS and (s[:2] in _STAMPS or not s[1].isalpha() or s.endswith("----")))
            ):
                if not self._special(i, s):
                    self.cut = True
                    continue
            elif current is not None and not self.blank and not self.cut:
                current.rows.append(i)
                continue
            else:
                self._plain(i, s)
            self.blank = False
            self.cut = False

    def _furniture(self, i: int, kind: str) -> None:
        if kind == "section-break":
            found = p.SECTION_BREAK.match(self.lines.strips[i])
            if found is not None:
                number = int(found["section"])
                # `001.2 OF 003` is a page of section 1; `002 OF 003` begins section 2.
                if number > self.section:
                    self.section = number
                self.out.sections.append(number)
                self.out.count = max(self.out.count, int(found["count"]))
        self.cut = True

    def _open(self, kind: str, i: int, s: str) -> Block:
        at = self.lines.starts[i] + self.lines.lines[i].index(s[0])
        block = Block(kind, i, at, self.section)
        block.after_rule = self.overline
        block.blank_before = self.blank
        self.overline = False
        self.out.blocks.append(block)
        # No telegram is like that: the rest stays one paragraph, so that time and memory stay in bounds.
        self.full = len(self.out.blocks) >= MOST_BLOCKS
        self.current = block
        return block

    def _settle(self) -> None:
        """Before a numbered or marked block: a short unnumbered block without a full stop above it is a heading."""
        block = self.current
        if block is not None and self._heading_like(block, 2):
            strips = self.lines.strips
            if block.after_rule or (strips[block.rows[-1]][-1:] not in ".;," and strips[block.rows[0]][-1:] != ","):
                block.kind = "heading"

    def _heading_like(self, block: Block, rows: int) -> bool:
        if block.number is not None or block.kind != "paragraph" or len(block.rows) > rows or block.items:
            return False
        if not (block.blank_before or block.after_rule):
            return False
        texts = self.lines.lines
        return sum(len(texts[r]) for r in block.rows) <= 80 * rows

    # -- one line ---------------------------------------------------------------------------------

    def _previous(self) -> str:
        block = self.current or self.last
        return self.lines.strips[block.rows[-1]] if block is not None else ""

    def _plain(self, i: int, s: str) -> None:
        current = self.current
        if current is None or self.overline:
            self._open("paragraph", i, s)
            return
        if self.blank and not self._joins(current, s, i):
            self._open("paragraph", i, s)
            return
        if self.blank and not self.cut:
            self.out.joined_blanks += 1
        current.rows.append(i)

    def _joins(self, current: Block, s: str, i: int) -> bool:
        """Whether a line behind a blank line goes on with the sentence before it."""
        previous = self._previous()
        last, width = previous[-1:], len(previous)
        following = self.lines.strips[i + 1] if i + 1 < len(self.lines.lines) else ""
        if following and is_rule(following):
            return False
        if previous[-4:].upper() == " END":
            return True  # an END mark that is cut from its word
        short = current.number is None and len(current.rows) == 1 and width < 60 and current.mark is None
        if self.cut:
            # The blank lines around furniture belong to it and begin no paragraph.
            return s[0].islower() or not (short or (last in _FULL_STOP and self._heading_ahead(i, s)))
        if last in _FULL_STOP:
            return False
        if s[0].islower():
            return last.isalnum() or last in ",-"
        # A lost furniture line leaves its blank lines in the middle of a sentence.
        return (last.isalnum() or last == ",") and not short and width > 45 and len(s) > 45 and not self._heading_ahead(i, s)

    def _heading_ahead(self, i: int, s: str) -> bool:
        """Whether a line stands alone above a numbered paragraph, without a full stop."""
        strips = self.lines.strips
        if s[-1] in ".,;:" or len(s) > 90 or (i + 1 < len(strips) and strips[i + 1]):
            return False
        for k in range(i + 1, min(i + 6, len(strips))):
            if strips[k]:
                return strips[k][0] in "¶123456789("
        return False

    def _special(self, i: int, s: str) -> bool:
        """Take a line that begins with more than a plain letter; False where it is no text but a stamp."""
        c = s[0]
        if c in "-=*_" and is_rule(s):
            self._rule(i, s)
        elif (c == "¶" or c.isdigit()) and (found := p.NUMBER.match(s)) and self._number(i, s, found):
            pass
        elif c == "(" and self._bracket(i, s):
            pass
        elif (c == "¶" or s[1:2] in ".)") and (letter := p.LETTER.match(s)) and self._letter(i, s, letter):
            pass
        elif (c == "/" and s.startswith("//") and s.endswith("//") and 5 < len(s) < 160) or (
            s.endswith("----") and len(s) < 160 and p.DASHED_TITLE.match(s)
        ):
            self._open("heading", i, s)
            self._close()
        elif c in "CSULTPNBEO<#" and len(s) < 120 and self._stamp(i, s):
            return False
        elif not c.isupper() and p.ITEM.match(s):
            self._item(i, s)
        else:
            self._plain(i, s)
        return True

    def _close(self) -> None:
        if self.current is not None:
            self.last = self.current
        self.current = None

    def _stamp(self, i: int, s: str) -> bool:
        """Repeated classification lines, banners, page lines, end marks."""
        kinds = self.lines.kinds
        c = s[0]
        if c in "NBE<#" and p.END_MARK.match(s):
            kinds[i] = "end-mark"
        elif c == "P" and s.startswith("PAGE ") and p.PAGE.match(s):
            kinds[i] = "page"
        elif c in "CSULTE" and len(s) < _LONGEST_BANNER and s.isupper() and p.BANNER.match(s):
            kinds[i] = "banner"
        elif c == "C" and s[1:2] == " " and self.cut and p.CORRECTED.match(s):
            kinds[i] = "corrected-copy"  # repeated below each section break
        else:
            return c in "CSULTE" and s[-1].isdigit() and s.isupper() and self._class_line(i, s)
        return True

    def _class_line(self, i: int, s: str) -> bool:
        found = class_line(s)
        if found is None or len(found["number"]) < 3 or (found["tail"] or "").strip():
            return False
        self.lines.kinds[i] = "classification"
        self.out.repeats.append(self.lines.starts[i])
        if found["section"]:
            self.section = max(self.section, int(found["section"]))
            self.out.sections.append(int(found["section"]))
        return True

    def _rule(self, i: int, s: str) -> None:
        lines, current = self.lines, self.current
        lines.kinds[i] = "rule"
        if current is None:
            self.overline = True
            return
        following = lines.strips[i + 1] if i + 1 < len(lines.lines) else ""
        under = lines.strips[i + 2] if i + 2 < len(lines.lines) else ""
        title = lines.strips[current.rows[-1]]
        opens = self.blank and not self.cut and (title[-1] == "." or (bool(following) and bool(under) and is_rule(under)))
        if current.number is not None and current.mark is None and len(current.rows) == 1 and not self.blank:
            # An underlined line with a number is a numbered heading, not a paragraph.
            if len(title) < 90 and abs(len(title) - len(s)) <= 8:
                self.expected = current.number
                current.number, current.kind = None, "heading"
                self._close()
                return
        if not opens and self._heading_like(current, 3):
            current.kind = "heading"
            self._close()
            return
        rows = current.rows
        if not self.blank and len(rows) > 1:
            before = lines.strips[rows[-2]]
            if abs(len(title) - len(s)) <= 8 and len(title) < 100 and before[-1:] in _FULL_STOP and title[-1:] not in ".,;":
                row = rows.pop()
                heading = Block("heading", row, lines.span(row)[0], self.section)
                self.out.blocks.append(heading)
                self._close()
                self.last = heading
                return
        self._close()
        self.overline = True

    def _number(self, i: int, s: str, found: re.Match[str]) -> bool:
        n, point, end = int(found["number"]), found["point"], found.end()
        bracket = "(" in s or ")" in s  # no marking is without
        mark = p.MARK.match(s, end) if bracket else None
        title = None
        if mark is None:
            if point == "":
                return False
            if point == ")":
                self._item(i, s)
                return True
            if s[end : end + 1].isdigit() and end == found.end("point"):
                return False
            if bracket:
                if self._wrapped_mark(i, s, found):
                    return True
                title = p.TITLE.match(s, end)
                mark = p.MARK.match(s, title.end()) if title is not None else None
        if mark is None and not self._true_number(n, point):
            if self.current is None or self._previous()[-1:] in _FULL_STOP:
                return False
            # The wrapped end of a sentence: it goes on here, whatever blank lines an archive put between.
            self.out.joined_blanks += self.blank and not self.cut
            self.current.rows.append(i)
            return True
        self._settle()
        block = self._open("paragraph", i, s)
        block.number = n
        self.expected = n + 1
        self._mark(block, s, found, mark, title)
        return True

    def _wrapped_mark(self, i: int, s: str, found: re.Match[str]) -> bool:
        """A numbered paragraph whose marking runs on to the next line: `(S//REL CHINA, ...` `TAJIKISTAN)`."""
        strips = self.lines.strips
        if not p.OPEN_MARK.match(s, found.end()) or i + 1 >= len(strips):
            return False
        close = strips[i + 1].find(")")
        if not 0 <= close <= 120:
            return False
        self._settle()
        block = self._open("paragraph", i, s)
        block.number = int(found["number"])
        self.expected = block.number + 1
        block.mark = f"{s[found.end() :]} {strips[i + 1][: close + 1]}"
        below = self.lines.starts[i + 1] + self.lines.lines[i + 1].index(strips[i + 1][0])
        start = block.marker[0] + (1 if s[0] == "¶" else 0)
        block.marker = (start, below + close + 1)
        block.text_at = below + close + 1
        return True

    def _true_number(self, n: int, point: str) -> bool:
        """The decision rule of catalogue 4.4 for a number without a portion marking."""
        if n >= 200 or point not in (".", ".."):
            return False
        joined = not (self.page_form and self.blank)
        previous = self._previous()
        if joined and previous and n <= 31 and p.ends_in_month(previous):
            return False
        if n == self.expected:
            return True
        return not (joined and previous and previous[-1] not in _ENDS_SENTENCE)

    def _mark(
        self, block: Block, s: str, found: re.Match[str], mark: re.Match[str] | None, title: re.Match[str] | None = None
    ) -> None:
        base = block.text_at  # of the line's first character
        start = base + (1 if s[0] == "¶" else 0)
        end = found.end()
        if mark is not None:
            block.mark = mark[0] if mark["ate"] is None else f"({mark['ate']})"
            if title is None:
                end = mark.end()
        block.marker = (start, base + end)
        block.text_at = base + end

    def _bracket(self, i: int, s: str) -> bool:
        turned = p.MARK_NUMBER.match(s)
        if turned is not None:
            self._settle()
            block = self._open("paragraph", i, s)
            block.number = int(turned["number"])
            self.expected = block.number + 1
            block.mark = turned["mark"]
            block.marker = (block.text_at, block.text_at + turned.end())
            block.text_at = block.marker[1]
            return True
        mark = p.MARK.match(s)
        if mark is None:
            return False
        if not (self.blank or self.overline or self.current is None) and self._previous()[-1:] not in _FULL_STOP:
            return False
        if self.blank and not self.overline and self.current is not None and self.current.number is None:
            self._settle()
        block = self._open("paragraph", i, s)
        if mark.end() == len(s) and not (i + 1 < len(self.lines.strips) and self.lines.strips[i + 1]):
            # A marking alone on its line is that of the text below it, no paragraph.
            block.kind = "heading"
            self._close()
            return True
        block.mark = mark[0]
        block.marker = (block.text_at, block.text_at + mark.end())
        block.text_at = block.marker[1]
        return True

    def _letter(self, i: int, s: str, found: re.Match[str]) -> bool:
        mark = p.MARK.match(s, found.end())
        if mark is None:
            if found["point"] == ")":
                self._item(i, s)
                return True
            ended = self._previous()[-1:] in _ENDS_SENTENCE or self.current is None
            if not (ended and (self.blank or s[0] == "¶")):
                return False
            if not self.blank:
                self._item(i, s)
                return True
        block = self._open("paragraph", i, s)
        block.label = found["letter"]
        self._mark(block, s, found, mark)
        return True

    def _item(self, i: int, s: str) -> None:
        current = self.current
        if (
            current is None
            or self.overline
            or (self.blank and not self.cut)
            or (self.cut and self._previous()[-1:] in _FULL_STOP and self.blank)
        ):
            if self.blank and current is not None and s[0] not in "-*o•(" and self._previous()[-1:] not in _ENDS_SENTENCE:
                current.rows.append(i)
                return
            block = self._open("list", i, s)
            block.items.append(i)
            return
        current.items.append(i)
        current.rows.append(i)


def scan_body(lines: Lines, first: int, out: Body, page_form: bool) -> None:
    """Read the body from line ``first`` to the end into ``out``."""
    _Reader(lines, out, page_form).read(first)
