"""The transmission header: ACP 127 format lines 1 to 8, and what stands before and between.

The header ends where the text of the telegram begins: at the classification line, or, where that is
missing, at the first line that only a text can have (a caption, an E.O. line, a numbered paragraph).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cablegram.telegram import patterns as p
from cablegram.telegram.lines import BLANK, UNKNOWN, Lines

#: How many lines a header may have, and how far behind it the classification line is looked for.
_LONGEST_HEADER: Final = 400
_LOOK_AHEAD: Final = 80

_CLASS_INITIALS: Final = frozenset("CSULTEONcsulteon")
_PRECEDENCES: Final = {
    "FLASH": "FLASH",
    "IMMEDIATE": "IMMEDIATE",
    "PRIORITY": "PRIORITY",
    "PIORITY": "PRIORITY",
    "ROUTINE": "ROUTINE",
}
_NUMBER: Final = re.compile(r"\d{3,5}(?:-\d{3,5})?$")
# `LA PAZ FEB 4470`: the message system put the month of the date-time group behind PAZ (catalogue 1.3).
_LA_PAZ: Final = re.compile(r"(?P<name>.{0,40}\bLA PAZ) (?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b ?(?P<rest>.*)$")


class RawAddressee:
    """One address line as it stands: see :class:`cablegram.record.Addressee`."""

    __slots__ = ("excluded", "garbled", "name", "number", "precedence", "routing", "span")

    def __init__(self, line: str, start: int) -> None:
        name = line.strip()
        self.span = (start + line.index(name), start + line.index(name) + len(name)) if name else (start, start)
        self.routing: str | None = None
        self.precedence: str | None = None
        self.number: str | None = None
        self.excluded: list[str] = []
        self.garbled = False
        head, slash, rest = name.partition("/")
        if slash and 3 <= len(head) <= 8 and head.isalnum() and head.isupper() and rest:
            self.routing, name = head, rest
        garble = _LA_PAZ.match(name) if " LA PAZ " in f" {name} " else None
        tail = ""
        if garble is not None:
            self.garbled = True
            name, tail = garble["name"], garble["rest"]
            name = f"{name} {tail}" if _NUMBER.match(tail) else name
        head, _, last = name.rpartition(" ")
        if head and last[0:1].isdigit() and _NUMBER.match(last):
            self.number = last
            name = head.rstrip()
            head, _, last = name.rpartition(" ")
        if head and last in _PRECEDENCES:
            self.precedence = _PRECEDENCES[last]
            name = head.rstrip()
            if name.endswith(" NIACT"):
                self.precedence = f"NIACT {self.precedence}"
                name = name[:-6].rstrip()
        self.name = name


class Header:
    """What the header says, uninterpreted; spans are ``[start, end)`` in characters of the text."""

    __slots__ = (
        "action", "date_line", "date_time", "de", "fm", "info", "partial", "routing_line",
        "security", "transmission",
    )  # fmt: skip

    def __init__(self) -> None:
        self.transmission: str | None = None
        self.routing_line: re.Match[str] | None = None
        self.de: re.Match[str] | None = None
        self.security: re.Match[str] | None = None
        self.date_time: re.Match[str] | None = None
        self.date_line: re.Match[str] | None = None
        self.fm: str | None = None
        self.action: list[RawAddressee] = []
        self.info: list[RawAddressee] = []
        self.partial = False


def class_line(line: str) -> re.Match[str] | None:
    """The match of a classification line, or None."""
    stripped = line.lstrip()
    if stripped[0:1] not in _CLASS_INITIALS or len(line) > p.LONGEST_FORM_LINE:
        return None
    return _class_line(line)


@lru_cache(maxsize=16)  # header, parser and preamble ask for the same line
def _class_line(line: str) -> re.Match[str] | None:
    found = p.CLASS_LINE.match(line)
    if found is None:
        return None
    tail = found["tail"]
    if tail and tail.strip() and not p.CLASS_TAIL.match(tail):
        return None
    return found


def begins_text(line: str) -> bool:
    """Whether a line can only belong to the text of a telegram, not to its header."""
    s = line.strip()
    c = s[0:1].upper()
    if c in "¶123456789(" and c:
        found = p.NUMBER.match(s)
        return s.startswith("¶") or (found is not None and p.MARK.match(s, found.end()) is not None)
    if c == "E":
        return p.LABEL.match(s) is not None
    if c == "S":
        return s.upper().startswith(("SIPDIS", "SUBJECT:", "SUBJ:", "SENSITIVE"))
    return (c == "T" and s.upper().startswith(("TAGS:", "TAGS "))) or s == "NOFORN"


def _classify(h: Header, s: str) -> str:
    """Kind of one header line outside the address lines; fills ``h``."""
    c = s[0]
    found: re.Match[str] | None
    if c in "VZ" and p.TRANSMISSION.match(s):
        h.transmission = h.transmission or s
        return "transmission-id"
    if c == "D" and s.startswith("DE ") and (found := p.DE.match(s)):
        h.de = h.de or found
        return "de"
    if c == "Z" and (found := p.SECURITY.match(s)):
        h.security = h.security or found
        return "security"
    if (c.isdigit() or s[1:2] in " \t") and (found := p.DATE_TIME.match(s)):
        h.date_time = h.date_time or found
        return "date-time-group"
    if c in "ZYOPR" and s[1:2] == c and (found := p.ROUTING.match(s)):
        h.routing_line = h.routing_line or found
        return "routing"
    if c == "R" and p.ROUTING_MORE.match(s):
        return "routing"
    if c == "-" and p.DASHED_NUMBER.match(s):
        return "message-number"
    if c == "P" and p.PAGE.match(s):
        return "page"
    if c == "T" and s.startswith(p.PARTIAL_NOTICE):
        h.partial = True
        return "notice"
    if (p.DISTRIBUTION.match(s)) or p.DISTRIBUTION_SUM.match(s):
        return "distribution"
    if c in "MTWFS" and (found := p.DATE_LINE.match(s)):
        h.date_line = h.date_line or found
        return "date-line"
    if c in _CLASS_INITIALS and p.BANNER.match(s):
        return "banner"
    if p.END_MARK.match(s):
        return "end-mark"
    if p.DRAFTING.match(s):
        return "drafting"
    return UNKNOWN


def _from_line(lines: Lines) -> int:
    """Index of the FM line, or -1. A line of the text that begins with FM (a foreign minister) is none:
    the line before must be a date-time group or a dashed message number."""
    texts = lines.lines
    before = ""
    for i in range(min(len(texts), _LONGEST_HEADER)):
        s = lines.strips[i]
        if not s:
            continue
        if s.startswith("FM ") and (p.DATE_TIME.match(before) or before.startswith(("---", "ZNY", "ZNR"))):
            return i
        if len(s) < 200:
            before = s
    return -1


def scan_header(lines: Lines, h: Header) -> int:
    """Read the header into ``h`` and name its lines; return the index of the first line of the text."""
    texts, kinds, n = lines.lines, lines.kinds, len(lines.lines)
    fm = _from_line(lines)
    i = 0
    if fm >= 0:
        # What stands before the transmission identification (a mailbox print-out) is not of the telegram.
        begin = next((k for k in range(fm) if texts[k].startswith("VZCZC")), 0)
        for k in range(begin):
            kinds[k] = "prelude" if texts[k].strip() else BLANK
        for k in range(begin, fm):
            s = lines.strips[k]
            kinds[k] = _classify(h, s) if s else BLANK
        kinds[fm] = "from"
        h.fm = texts[fm].strip()[3:].strip()
        i = _addresses(lines, h, fm + 1)
    return _between(lines, h, i, n, fm >= 0)


def _addresses(lines: Lines, h: Header, i: int) -> int:
    texts, kinds, starts = lines.lines, lines.kinds, lines.starts
    n = min(len(texts), i + _LONGEST_HEADER)
    target = h.action
    kind = "action"
    while i < n:
        line = texts[i]
        s = line.strip()
        if not s:
            # A blank line ends the addresses unless the next line goes on with a routing indicator.
            following = texts[i + 1].strip() if i + 1 < len(texts) else ""
            if not (following.startswith(("RUE", "INFO ")) and len(following) < 120):
                return i
            kinds[i] = BLANK
            i += 1
            continue
        if len(s) > 200:
            return i
        start = starts[i]
        if s.startswith("TO "):
            target, kind = h.action, "action"
            line, start = line[line.index("TO ") + 3 :], start + line.index("TO ") + 3
        elif s.startswith("INFO "):
            target, kind = h.info, "info"
            line, start = line[line.index("INFO ") + 5 :], start + line.index("INFO ") + 5
        elif s.startswith("XMT "):
            if target:
                target[-1].excluded.append(s[4:].strip())
            kinds[i] = "excluded"
            i += 1
            continue
        elif s[0] in _CLASS_INITIALS and (class_line(s) or p.BANNER.match(s) or begins_text(s)):
            return i
        elif s[0] in "¶(0123456789" and begins_text(s):
            return i
        elif s[0] in "MTWFS" and p.DATE_LINE.match(s):
            return i
        elif s[0] == "<" or s.startswith(("ID: ", "NOTE - ")) or s[:1].islower():
            return i
        name = line.strip()
        kinds[i] = kind
        if name[:1] in ("P", "p") and p.PAGE.match(name):
            kinds[i] = "page"
        elif name:
            target.append(RawAddressee(line, start))
        i += 1
    return i


def _between(lines: Lines, h: Header, i: int, n: int, has_header: bool) -> int:
    """From the addresses (or the top) to the classification line."""
    texts, kinds = lines.lines, lines.kinds
    stop = min(n, i + _LOOK_AHEAD)
    k = i
    while k < stop:
        line = texts[k]
        if class_line(line):
            break
        s = line.lstrip()
        found = p.NUMBER.match(s) if s[0:1] in "¶123456789" and s else None
        if found is not None and p.MARK.match(s, found.end()):
            k = stop
        k += 1
    if k >= stop:
        # No classification line: the text begins with the first line that is of no header kind.
        k = i
        while k < n and k < i + _LOOK_AHEAD:
            s = lines.strips[k]
            if s and (len(s) > 300 or begins_text(s) or _classify(Header(), s) in (UNKNOWN, "drafting")):
                break
            k += 1
    for j in range(i, min(k, n)):
        s = texts[j].strip()
        kind = _classify(h, s) if s and len(s) < 400 else BLANK if not s else UNKNOWN
        kinds[j] = "archive-note" if kind in (UNKNOWN, "drafting") and has_header else kind
    return min(k, n)
