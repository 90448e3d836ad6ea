"""The preamble: from the classification line to the first paragraph (5 FAH-1 H-200, 5 FAH-2 H-300).

Captions, office-routing lines, E.O. line, TAGS, SUBJECT, REF and Classified By, in any order, several on
one line, wrapped over lines, cut by section-break lines, or twice over.
"""

from __future__ import annotations

import re
from typing import Final

from cablegram.telegram import patterns as p
from cablegram.telegram.header import class_line
from cablegram.telegram.lines import BLANK, Lines

_LONGEST: Final = 400
_LABEL_INITIALS: Final = frozenset("ETSRCDtserc(")
_INLINE_PARAGRAPH: Final = re.compile(r"(?<=[\s)])1\.\s?\((?:SBU|[CSU])[/)]")
_RULE: Final = frozenset("-=*_ ")
#: The end of a REF line that breaks off between a post and its number, and the number with what follows it there.
_POST_LEFT: Final = re.compile(r"(?:^|[\s(),;:/])[A-Z][A-Z.'-]+$")
_NUMBER_LEFT: Final = re.compile(r"\d{1,6}\s?(?:[,;]\s?(?:$|\(?[A-Z])|\.\s{1,4}\(?[A-Z][.)]\s)")


class Field:
    """One labelled field: the pieces of its value, each ``(text, start)``; ``start`` in characters."""

    __slots__ = ("pieces", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.pieces: list[tuple[str, int]] = []

    @property
    def end(self) -> int:
        """Offset behind the last nonblank character of the value."""
        for text, start in reversed(self.pieces):
            if text.strip():
                return start + len(text.rstrip())
        return self.start

    def joined(self) -> str:
        """The value as one line: pieces stripped, joined with one blank."""
        return " ".join(part for text, _ in self.pieces if (part := text.strip().lstrip("¶")))


class Preamble:
    """The fields of the preamble, and what else stands in it. Only the first of each field counts;
    ``classified`` holds every Classified By, Reason, Derived From and Declassify On line in order."""

    __slots__ = ("captions", "class_lines", "corrected", "fields", "passing", "repeated")

    def __init__(self) -> None:
        self.class_lines: list[tuple[re.Match[str], int]] = []
        self.captions: list[tuple[str, int]] = []
        self.passing: list[tuple[str, int]] = []
        self.corrected: int | None = None
        self.fields: dict[str, Field] = {}
        self.repeated: int | None = None


def is_rule(s: str) -> bool:
    """Whether a stripped line is an underline: three or more dashes, stars, equals signs, low lines."""
    return len(s) >= 3 and s[0] in _RULE and not s.strip("-=*_ ") and len(s.replace(" ", "")) >= 3


def _inner_label(line: str, at: int) -> re.Match[str] | None:
    """The next label inside a line, from column ``at`` on."""
    # The pattern is tried at every character, and most lines have none.
    if line.find(":", at) < 0 and "CLASSIFIED" not in line and "Classified" not in line:
        return None
    return p.INNER_LABEL.search(line, at) if len(line) <= p.LONGEST_FORM_LINE else None


class _Reader:
    """One pass over the preamble's lines."""

    def __init__(self, lines: Lines, out: Preamble) -> None:
        self.lines = lines
        self.out = out
        self.field: str | None = None  # the field that the next unlabelled line belongs to
        self.again = False  # inside a repeated preamble, whose fields are already known
        self.blank = False
        self.first: frozenset[str] = frozenset()  # the fields that the first preamble of a repeated one has
        self.refused = False  # the open field is the second of its name: only the tree keeps it
        self.expected = "B"  # next letter of a lettered REF list

    def read(self, i: int) -> int:
        lines = self.lines
        texts, kinds = lines.lines, lines.kinds
        stop = min(len(texts), i + _LONGEST)
        while i < stop:
            line = texts[i]
            s = line.strip()
            if not s:
                kinds[i] = BLANK
                self.blank = True
            elif kinds[i] == "section-break":
                pass
            elif len(s) > p.LONGEST_FORM_LINE and p.LABEL.match(s, 0, 40) is None:
                return i
            elif not self._line(i, line, s):
                return i
            else:
                self.blank = False
            i += 1
        return min(i, len(texts))

    def _line(self, i: int, line: str, s: str) -> bool:
        """Take line ``i`` into the preamble, or say that the paragraphs begin here."""
        kinds, start, out = self.lines.kinds, self.lines.starts[i], self.out
        c = s[0]
        if c in "CSULTEONcsu" and (found := class_line(line)):
            if out.class_lines:
                out.repeated = start if out.repeated is None else out.repeated
                self.again = True
                self.first = frozenset(out.fields)
            out.class_lines.append((found, start))
            kinds[i] = "classification"
            self.field = None
            tail = found["tail"]
            if tail and tail.strip():
                self._tail(i, found.start("tail"))
            return True
        if c in _LABEL_INITIALS and (found := p.LABEL.match(s)) and self._label_fits(found, i):
            self._labelled(i, line, line.index(s[0]), found)
            return True
        if self.field is None and "eo" not in out.fields and "subject" not in out.fields and "tags" not in out.fields:
            return self._top(i, line, s)
        return self._continued(i, line, s)

    def _tail(self, i: int, column: int) -> None:
        """Captions or the whole preamble behind the message number, on the same line."""
        self.lines.split(i, column)
        self.lines.kinds[i] = "classification"

    def _label_fits(self, found: re.Match[str], i: int) -> bool:
        if found.lastgroup == "subject" and ":" not in found[0]:
            return "tags" in self.out.fields and "subject" not in self.out.fields
        return not (found.lastgroup == "classified" and found[0].lower().startswith("reason") and
                    "classified" not in self.out.fields)  # fmt: skip

    def _labelled(self, i: int, line: str, column: int, found: re.Match[str]) -> None:
        """A line that begins with a label; other labels may follow on it."""
        start = self.lines.starts[i]
        name = found.lastgroup or ""
        begin = column + found.end()
        label_at = column
        self.lines.kinds[i] = name
        pos = begin
        while True:
            inner = _inner_label(line, pos)
            if inner is not None and inner.lastgroup == "classified" and name == "classified":
                # "Classified By: Classified by ...": the label twice, one value.
                pos = begin = inner.end()
                continue
            end = inner.start() if inner is not None else len(line)
            self._open(name, start + label_at, line[begin:end], start + begin)
            if inner is None:
                break
            name = {"gluedref": "ref"}.get(inner.lastgroup or "", inner.lastgroup or "")
            label_at, pos, begin = inner.start(), inner.end(), inner.end()
        self.field = name
        if name in ("classified", "ref"):
            self._inline_paragraph(i, line, begin)

    def _open(self, name: str, label_at: int, value: str, at: int) -> None:
        fields = self.out.fields
        field = fields.get(name)
        # A second REF line goes on with the first, unless the whole preamble stands twice.
        known = self.again and name in ("classified", "ref") and name in self.first
        self.refused = known or (field is not None and name not in ("classified", "ref"))
        if self.refused:
            return
        first = field is None
        if field is None:
            field = fields[name] = Field(label_at)
        if name == "classified" and (not first or self._says(label_at, "decl")):
            value = self.lines.text[label_at : at + len(value)].split("\n")[0]
            at = label_at
        if name == "ref" and not field.pieces:
            self.expected = "B"
        field.pieces.append((value, at))

    def _says(self, at: int, word: str) -> bool:
        """Whether a label begins with a ``word``: of the lines about the classification only Classified By needs none."""
        return self.lines.text[at : at + len(word)].lower() == word

    def _inline_paragraph(self, i: int, line: str, column: int) -> None:
        if len(line) > p.LONGEST_FORM_LINE:
            found = _INLINE_PARAGRAPH.search(line, column, column + 400)
        else:
            found = _INLINE_PARAGRAPH.search(line, column)
        if found is None:
            return
        field = self.out.fields.get(self.lines.kinds[i]) or self.out.fields.get("classified")
        if field is not None and field.pieces:
            value, at = field.pieces[-1]
            cut = self.lines.starts[i] + found.start() - at
            if cut >= 0:
                field.pieces[-1] = (value[:cut], at)
        self.lines.split(i, found.start())

    def _top(self, i: int, line: str, s: str) -> bool:
        """Captions and office-routing lines above the E.O. line."""
        kinds, start, out = self.lines.kinds, self.lines.starts[i], self.out
        if self._begins_paragraph(s):
            return False
        at = start + line.index(s[0])
        found = p.CAPTION_START.match(s)
        if found is not None:
            pos = 0
            while found is not None:
                out.captions.append((found["word"], at + found.start("word")))
                pos = found.end()
                while pos < len(s) and s[pos] in " ,;/":
                    pos += 1
                found = p.CAPTION_START.match(s, pos)
            rest = s[pos:]
            if rest and rest[0] in _LABEL_INITIALS and p.LABEL.match(rest):
                self.lines.split(i, line.index(s[0]) + pos)
            elif (label := p.LABEL_BEHIND.search(rest)) is not None:
                self.lines.split(i, line.index(s[0]) + pos + label.start())
                rest = rest[: label.start()]
            kinds[i] = "caption"
            if rest and p.PASSING.search(rest):
                out.passing.append((rest, at + pos))
            return True
        if p.CORRECTED.match(s):
            out.corrected = at
            kinds[i] = "corrected-copy"
        elif p.PAGE.match(s):
            kinds[i] = "page"
        elif p.BANNER.match(s):
            kinds[i] = "banner"
        elif p.DATE_LINE.match(s):
            kinds[i] = "date-line"
        elif (label := p.LABEL_BEHIND.search(s)) is not None and p.PASSING.search(s, 0, label.start()):
            # An office line that lost its line end.
            self.lines.split(i, line.index(s[0]) + label.start())
            out.passing.append((s[: label.start()].rstrip(), at))
            kinds[i] = "passing"
        elif p.PASSING.search(s) or (kinds[i - 1 : i] == ["passing"] and not self.blank):
            if len(s) > 600:
                return False
            out.passing.append((s, at))
            kinds[i] = "passing"
        elif is_rule(s) or (not self._label_ahead(i + 1)):
            return False
        else:
            kinds[i] = "preamble-note"
        return True

    def _label_ahead(self, i: int, reach: int = 40) -> bool:
        texts = self.lines.strips
        for k in range(i, min(len(texts), i + reach)):
            s = texts[k]
            if s[0:1] in "¶1" and s and self._begins_paragraph(s):
                return False
            found = p.LABEL.match(s) if s[0:1] in _LABEL_INITIALS and s else None
            if found is not None and found.lastgroup in ("eo", "tags", "subject"):
                return True
        return False

    @staticmethod
    def _begins_paragraph(s: str) -> bool:
        found = p.NUMBER.match(s)
        if found is not None:
            if p.MARK.match(s, found.end()):
                return True
            return int(found["number"]) <= 3 and found["point"] != "" and not s[found.end() : found.end() + 1].isdigit()
        return p.MARK_NUMBER.match(s) is not None

    def _continued(self, i: int, line: str, s: str) -> bool:
        """A line without label below one: does it go on with the open field?"""
        kinds, start, out = self.lines.kinds, self.lines.starts[i], self.out
        name = self.field
        if p.CAPTION_LINE.match(s) and (name != "subject" or self.blank):
            kinds[i] = "caption"
            if name != "subject":
                out.captions += [(m["word"], start + m.start()) for m in re.finditer(f"(?P<word>{p.CAPTION_WORD})", line)]
            return True
        if p.CORRECTED.match(s):
            kinds[i] = "corrected-copy"
            out.corrected = start
            return True
        tail, banner = p.PAGE.match(s), p.BANNER.match(s)
        if tail or (banner and name != "subject"):
            kinds[i] = "page"
            if tail and name == "subject" and s[tail.end() :].strip():
                out.fields["subject"].pieces.append((s[tail.end() :], start + line.index(s[0]) + tail.end()))
            return True
        if banner and p.PAGE.match(self.lines.strips[i + 1] if i + 1 < len(self.lines.lines) else ""):
            kinds[i] = "banner"
            return True
        if name is None or (self._begins_paragraph(s) and not (name == "ref" and self._goes_on_as_ref(s))):
            return False
        if is_rule(s):
            return False
        if self.blank and not self._goes_on(name, i, s):
            return False
        if not self.blank and name == "subject" and self._heading_follows(i):
            return False
        field = out.fields.get(name)
        if field is not None and not self.refused:
            field.pieces.append((line, start))
        kinds[i] = name
        if name == "ref":
            letter = p.LETTER.match(s)
            if letter is not None:
                self.expected = chr(ord(letter["letter"]) + 1)
        if name in ("classified", "ref"):
            inner = _inner_label(line, 0) if name == "ref" else None
            if inner is not None and inner.lastgroup == "classified" and field is not None:
                if not self.refused:
                    field.pieces[-1] = (line[: inner.start()], start)
                self._open("classified", start + inner.start(), line[inner.end() :], start + inner.end())
                self.field = "classified"
            self._inline_paragraph(i, line, 0)
        return True

    def _goes_on_as_ref(self, s: str) -> bool:
        """Whether a line that looks like a paragraph goes on with the REF line: it has no number, or that of the post before it."""
        number = p.NUMBER.match(s)
        if number is None:
            return True
        if self.blank or _NUMBER_LEFT.match(s) is None:
            return False
        # A marking behind the number: `1. (C)` begins a paragraph; `1, (C)` is the number of a post and the next item.
        if number["point"] == "." and p.MARK.match(s, number.end()):
            return False
        field = self.out.fields.get("ref")
        last = field.pieces[-1][0].rstrip()[-40:] if field is not None and field.pieces else ""
        return _POST_LEFT.search(last) is not None

    def _heading_follows(self, i: int) -> bool:
        following = self.lines.strips[i + 1] if i + 1 < len(self.lines.lines) else ""
        return bool(following) and is_rule(following)

    def _goes_on(self, name: str, i: int, s: str) -> bool:
        """After a blank line: only what cannot be text goes on with the field."""
        if len(s) > 300:
            return False
        if name == "ref":
            if s.isdigit() and len(s) <= 6:
                return True  # the number of a post that stands before the blank line
            letter = p.LETTER.match(s)
            if letter is not None and ord(self.expected) - 1 <= ord(letter["letter"]) <= ord(self.expected) + 2:
                following = p.MARK.match(s, letter.end())
                return following is None or "ref" in s.lower()
            if self._heading_follows(i):
                return False
            return self._label_ahead_of(i + 1, ("classified",))
        if name == "subject":
            if p.PASSING.match(s) or s.lower().startswith(("for ", "from ")) or self._heading_follows(i):
                return False
            return self._label_ahead_of(i + 1, ("ref", "classified")) and len(s) < 120
        if name == "tags":
            return bool(re.fullmatch(r"(?:[A-Z]{2,5}[\s,]*)+", s)) and self._label_ahead_of(i + 1, ("subject",))
        if name == "classified":
            return self._label_ahead_of(i + 1, ("ref", "subject")) or s.startswith(("(b)", "(d)", "and (", "1.4", "1.5"))
        return self._label_ahead_of(i + 1, ("tags", "subject", "ref", "classified"))

    def _label_ahead_of(self, i: int, names: tuple[str, ...]) -> bool:
        texts = self.lines.strips
        for k in range(i, min(len(texts), i + 6)):
            s = texts[k]
            if not s:
                continue
            if self._begins_paragraph(s) or len(s) > 600 or is_rule(s):
                return False
            found = p.LABEL.match(s)
            if found is not None:
                return found.lastgroup in names
        return False


def scan_preamble(lines: Lines, i: int, out: Preamble) -> int:
    """Read the preamble from line ``i`` into ``out``; return the index of the first body line."""
    return _Reader(lines, out).read(i)
