"""From a script to the text of the wire: the hands of the 1970s, the 1980s and the 2000s, with their furniture and damage."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from cablegram.fiction.script import Ref, Script, released
from cablegram.vocabulary.posts import Post, resolve

WIDTH: Final = 64
MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_LETTER: Final = {"FLASH": "Z", "NIACT IMMEDIATE": "O", "IMMEDIATE": "O", "PRIORITY": "P", "ROUTINE": "R"}
_WORDS: Final = {
    "TOP SECRET": "T O P S E C R E T", "SECRET": "S E C R E T", "CONFIDENTIAL": "C O N F I D E N T I A L",
    "LIMITED OFFICIAL USE": "LIMITED OFFICIAL USE", "SENSITIVE": "UNCLAS", "UNCLASSIFIED": "UNCLAS",
}  # fmt: skip
_ZNY: Final = {"TOP SECRET": "TTTTT", "SECRET": "SSSSS", "CONFIDENTIAL": "CCCCC"}
_CLASSIFIED: Final = frozenset(_ZNY)
#: What the records call a script's level.
RECORD_LEVEL: Final = {"SENSITIVE": "UNCLASSIFIED//FOR OFFICIAL USE ONLY"}
_SECTION_LINES: Final = 100
_PAGE_LINES: Final = 44
_APOSTROPHE: Final = re.compile(r"(?<=[a-z])'(?=(?:s|t|re|ve|ll)\b)")
_QUOTED: Final = re.compile(r'"([A-Za-z][^"&]{2,80}[A-Za-z.,])"')
_AGENCIES: Final = {
    "CIA": "CIA WASHINGTON DC", "DIA": "DIA WASHINGTON DC", "NSC": "NATIONAL SECURITY COUNCIL WASHINGTON DC", "SECDEF": "SECDEF WASHINGTON DC",
    "TREASURY": "DEPT OF TREASURY WASHDC", "USUN NEW YORK": "USMISSION USUN NEW YORK", "USUNNEWYORK": "USMISSION USUN NEW YORK",
}  # fmt: skip


class Telegram(NamedTuple):
    """A rendered telegram: ``header`` and ``body`` as the eight-column form has them, and what a reader should find in it."""

    header: str
    body: str
    garbled: bool
    sections: int
    continuity: dict[str, int]

    @property
    def text(self) -> str:
        """The telegram, whole."""
        return f"{self.header}\n{self.body}"


@dataclass
class Office:
    """What a post's communications office counts: the numbers of its messages to each addressee."""

    _numbers: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def next(self, post: str, addressee: str, rng: Random) -> int:
        """The message continuity number of the next message from ``post`` to ``addressee``."""
        key = (post, addressee)
        if key not in self._numbers:
            self._numbers[key] = rng.randint(100, 5000)
        self._numbers[key] = self._numbers[key] % 9999 + 1
        return self._numbers[key]


def is_noforn(script: Script) -> bool:
    """Whether its banner has NOFORN: it is secret, and a paragraph has the caveat."""
    return script.level == "SECRET" and any(part.marking and part.marking.endswith("/NF") for part in script.parts)


def place(code: str) -> Post | None:
    """The post of a code."""
    return resolve(code)


def address(code: str) -> str:
    """The plain-language address of a post or agency."""
    post = resolve(code)
    return _AGENCIES.get(code) or (post.address if post is not None else code)


def _routing(code: str) -> str:
    post = resolve(code)
    if post is not None and post.routing:
        return post.routing[0]
    return "RUE" + (re.sub(r"[^A-Z]", "", code) + "AAAA")[:4]


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most ``width`` characters."""
    out: list[str] = []
    at, end = 0, len(text)
    while end - at > width:
        cut = text.rfind(" ", at, at + width + 1)
        if cut <= at:
            cut = text.find(" ", at)
            if cut < 0:
                break
        out.append(text[at:cut])
        at = cut + 1
    out.append(text[at:])
    return out


def _name(script: Script) -> str:
    post = resolve(script.post)
    if post is None:
        return script.post
    address_name = re.sub(r"^(?:AMEMBASSY|AMCONSUL|USMISSION|USINT|SECSTATE)\s+", "", post.address)
    return "STATE" if script.post == "STATE" else address_name


def _damage(text: str) -> str:
    """What the message system of the 2000s did to apostrophes and quotation marks."""
    return (
        _QUOTED.sub(r"&\1,8" if text.count('"') == 2 else r"&\1 8", _APOSTROPHE.sub(",", text))
        if "'" in text or '"' in text
        else text
    )


def _stamp(script: Script) -> str:
    d = script.date
    return f"{d:%d%H%M}Z {MONTHS[d.month - 1]} {d:%y}"


class Hand:
    """How one office writes, drawn from ``rng`` for each telegram: the form of labels, lists and breaks."""

    def __init__(self, rng: Random, office: Office) -> None:
        self.rng = rng
        self.office = office

    def render(self, script: Script, release: str | None = None) -> Telegram:
        """The telegram of a script, by the habits of its year."""
        if script.date.year < 1980:
            return self._seventies(script, release)
        return self._later(script, release)

    # the 1980s to the 2000s

    def _later(self, script: Script, release: str | None) -> Telegram:
        rng, modern = self.rng, script.date.year >= 1995
        garbled = modern and rng.random() < 0.25
        mark = "¶" if modern and rng.random() < 0.3 else ""
        trail = " " if modern and rng.random() < 0.7 else ""
        body: list[str] = []
        for part in script.parts:
            if part.heading:
                rule = "-" * len(part.heading)
                body += [rule, part.heading, rule, ""] if rng.random() < 0.6 else [part.heading, rule, ""]
            text = released(part.text, release)
            text = _damage(text) if garbled else text
            portion = f"({part.marking}) " if part.marking else ""
            body += [line + trail for line in wrap(f"{mark}{part.number}. {portion}{text}")]
            body.append("")
            for item in part.items:
                body += [line + trail for line in wrap("-- " + released(item, release))]
                body.append("")
        body.append(script.sign)
        count = max(1, -(-len(body) // _SECTION_LINES)) if modern else 1
        lines = self._preamble(script, count, modern) + self._broken(script, body, count)
        header, numbers = self._header(script, modern)
        return Telegram(header, "\n".join(lines), garbled, count, numbers)

    def _broken(self, script: Script, body: list[str], count: int) -> list[str]:
        if count == 1:
            return body
        out: list[str] = []
        for n in range(count):
            if n:
                out += ["", f"{_name(script)[:10]} {script.serial:08d}  {n + 1:03d} OF {count:03d} ", "", ""]
            out += body[n * _SECTION_LINES : (n + 1) * _SECTION_LINES]
        return out

    def _header(self, script: Script, modern: bool) -> tuple[str, dict[str, int]]:
        rng, lines = self.rng, []
        letter = _LETTER[script.precedence]
        if modern:
            lines += [f"VZCZCXRO{rng.randint(1000, 9999)}" if rng.random() < 0.7 else f"VZCZCXYZ{rng.randint(0, 9999):04d}"]
            if script.info:
                lines += [f"{letter * 2} " + " ".join(_routing(code) for code in script.info[:6] if resolve(code))]
            zny = f"ZNY {_ZNY[script.level]} ZZH" if script.level in _CLASSIFIED else "ZNR UUUUU ZZH"
            lines += [f"DE {_routing(script.post)} #{script.serial % 10000:04d}/01 {script.date:%j%H%M}", zny]
        lines += [f"{letter} {_stamp(script)}", f"FM {address(script.post)}"]
        numbers: dict[str, int] = {}
        for role, codes in (("TO", script.action), ("INFO", script.info)):
            for n, code in enumerate(codes):
                number = self.office.next(script.post, code, rng)
                numbers[code] = number
                word = (
                    f" {script.precedence}"
                    if script.precedence not in ("ROUTINE", "FLASH") and (role == "TO" or rng.random() < 0.5)
                    else ""
                )
                told = f"{_routing(code)}/{address(code)}{word} {number:04d}" if modern else f"{address(code)}{word} {number:04d}"
                lines.append(f"{role} {told}" if n == 0 else told)
        return "\n".join(lines), numbers

    def _preamble(self, script: Script, count: int, modern: bool) -> list[str]:
        rng = self.rng
        section = f" SECTION 01 OF {count:02d}" if count > 1 else ""
        serial = f"{script.serial:06d}" if modern else f"{script.serial:05d}"
        control = "//NOFORN" if is_noforn(script) else ""
        lines = [f"{_WORDS[script.level]}{control}{section} {_name(script)} {serial} ", ""]
        if script.level == "SENSITIVE":
            lines += ["SENSITIVE ", ""]
        for caption in script.captions:
            lines += [f"{caption} ", ""] * (2 if caption == "SIPDIS" and rng.random() < 0.4 else 1)
        if modern:
            year = script.date.year + 10
            order = f"DECL: {script.date:%m/%d}/{year}" if script.level in _CLASSIFIED else "N/A"
            lines.append(f"E.O. {'13526' if script.date.year > 2009 else '12958'}: {order}")
        else:
            lines.append(f"E.O. 12356: {'DECL: OADR' if script.level in _CLASSIFIED else 'N/A'}")
        lines.append("TAGS: " + (", " if rng.random() < 0.5 else " ").join(script.tags))
        lines += [line + " " for line in wrap("SUBJECT: " + script.subject)]
        lines.append("")
        lines += self._references(script.refs)
        if script.by and script.reasons and script.level in _CLASSIFIED and modern:
            letters = " and ".join(f"({letter})" for letter in script.reasons)
            form = rng.choice(
                (
                    "Classified By: {by}, reasons 1.4 {l}. ",
                    "Classified By: {by} for reasons 1.4 {l}. ",
                    "CLASSIFIED BY: {by}. REASON: 1.4 {l}. ",
                )
            )
            lines += [*wrap(form.format(by=script.by, l=letters)), ""]
        return lines

    def _references(self, refs: tuple[Ref, ...]) -> list[str]:
        if not refs:
            return []
        told = [f"{f'{ref.year:02d} ' if ref.year is not None else ''}{_place_name(ref.post)} {ref.serial}" for ref in refs]
        if len(told) == 1:
            return [f"REF: {told[0]} ", ""]
        form = self.rng.randrange(3)
        if form == 0:
            return [*(f"{'REF: ' if n == 0 else '     '}{chr(65 + n)}. {one} " for n, one in enumerate(told)), ""]
        if form == 1:
            return [*wrap("REF: " + "; ".join(f"({chr(65 + n)}) {one}" for n, one in enumerate(told))), ""]
        return [*wrap("REFS: " + ", ".join(f"({chr(65 + n)}) {one}" for n, one in enumerate(told))), ""]

    # the 1970s

    def _seventies(self, script: Script, release: str | None) -> Telegram:
        """The body as the National Archives' files have it: page lines, banners, capitals."""
        rng = self.rng
        body: list[str] = []
        for part in script.parts:
            if part.heading:
                body += [part.heading.upper(), ""]
            body += wrap(f"{part.number}. {released(part.text, release).upper()}", 62)
            body.append("")
            for item in part.items:
                body += [*wrap("-- " + released(item, release).upper(), 62), ""]
        body.append(script.sign)
        numbers: dict[str, int] = {}
        head = [f"{_LETTER[script.precedence]} {_stamp(script)}", f"FM {address(script.post)}"]
        for role, codes in (("TO", script.action), ("INFO", script.info)):
            for n, code in enumerate(codes):
                number = self.office.next(script.post, code, rng)
                numbers[code] = number
                word = f" {script.precedence}" if script.precedence not in ("ROUTINE", "FLASH") and role == "TO" else ""
                told = f"{address(code)}{word} {number}" if role == "TO" or rng.random() < 0.4 else address(code)
                head.append(f"{role} {told}" if n == 0 else told)
        order = "N/A" if script.level not in _CLASSIFIED else (script.eo or "GDS")
        title = [f"{_WORDS[script.level]} {_name(script)} {script.serial}", ""]
        for caption in script.captions:
            title += [caption, ""]
        title += [f"E.O. 11652: {order}", f"TAGS: {', '.join(script.tags)}", *wrap("SUBJECT: " + script.subject.upper(), 62), ""]
        lines = [*title, *self._references(script.refs), *body]
        return Telegram("\n".join(head), "\n".join(lines), False, 1, numbers)


def _place_name(code: str) -> str:
    post = resolve(code)
    if post is None or code == "STATE":
        return code
    return re.sub(r"^(?:AMEMBASSY|AMCONSUL|USMISSION|USINT|SECSTATE)\s+", "", post.address)


def file_of_1970s(script: Script, telegram: Telegram, rng: Random) -> str:
    """The telegram as a file of the National Archives' 1973-79 series: pages, banners, attributes behind the text."""
    banner = script.level
    post = (script.post + "      ")[:6]
    when = f"{script.date:%d%H%M}Z"
    lines = (telegram.header + "\n\n" + telegram.body).split("\n")
    out = ["Message Text", "", ""]
    for n, at in enumerate(range(0, len(lines), _PAGE_LINES), 1):
        out += [banner, "", f"PAGE {n:02d}        {post}  {script.serial:05d}  {when}", ""]
        if n == 1:
            out += ["ACTION EA-10", "", "INFO  OCT-01  ISO-00  CIAE-00  INR-07  NSAE-00  L-03  SS-15  /036 W",
                    f"                     ------------------  {rng.randint(10_000, 99_999):06d}"]  # fmt: skip
        out += [*lines[at : at + _PAGE_LINES], banner, "", ""]
    day = f"{script.date:%d} {MONTHS[script.date.month - 1]} {script.date:%Y}"
    refs = ", ".join(f"{ref.true_year % 100:02d} {ref.post} {ref.serial}" for ref in script.refs) or "n/a"
    order = "GS" if script.level in _CLASSIFIED else "N/A"
    out += [
        "<< END OF DOCUMENT >>", "", "", "Message Attributes", "", "Automatic Decaptioning: X", "Capture Date: 01 JAN 1994", "Channel Indicators: n/a",
        "Current Classification: UNCLASSIFIED", "Copy: SINGLE", f"Draft Date: {day}", f"Document Number: {script.date:%Y}{post.strip()}{script.serial:05d}",
        "Document Source: CORE", "Drafter: n/a", f"Executive Order: {order}", "Errors: N/A", f"Film Number: D{script.date:%y}{script.date:%j}0-{rng.randint(1, 999):04d}",
        f"From: {_place_name(script.post)}", f"Line Count: '{len(lines)}'", "Locator: TEXT ON-LINE, ON MICROFILM", f"Original Classification: {script.level}",
        f"Original Handling Restrictions: {', '.join(script.captions) or 'n/a'}", f"Page Count: '{-(-len(lines) // _PAGE_LINES)}'", f"Reference: {refs}",
        f"Subject: '{script.subject.upper()}'", f"TAGS: {', '.join(script.tags)}", f"To: {_place_name(script.action[0]) if script.action else 'n/a'}", "Type: TE",
    ]  # fmt: skip
    return "\n".join(out) + "\n"
