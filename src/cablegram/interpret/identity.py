"""Who sent what and when: date, origin, message number, classification, sections, addressees."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from cablegram.interpret.order import MONTHS
from cablegram.record import Addressee, Origin
from cablegram.telegram.header import Header, RawAddressee
from cablegram.telegram.preamble import Preamble
from cablegram.vocabulary import posts

_LEVELS: Final = {
    "ts": "TOP SECRET",
    "s": "SECRET",
    "c": "CONFIDENTIAL",
    "lou": "LIMITED OFFICIAL USE",
    "u": "UNCLASSIFIED",
}
_BY_LETTER: Final = {"T": "TOP SECRET", "S": "SECRET", "C": "CONFIDENTIAL", "E": "UNCLASSIFIED", "U": "UNCLASSIFIED"}
_PRECEDENCES: Final = {"Z": "FLASH", "Y": "FLASH", "W": "FLASH", "O": "IMMEDIATE", "P": "PRIORITY", "R": "ROUTINE"}
_RANK: Final = ("FLASH", "NIACT IMMEDIATE", "IMMEDIATE", "PRIORITY", "ROUTINE")
_MONTH_NAMES: Final = {
    name: i
    for i, name in enumerate("january february march april may june july august september october november december".split(), 1)
}
FOUO: Final = "UNCLASSIFIED//FOR OFFICIAL USE ONLY"
SBU: Final = "SENSITIVE BUT UNCLASSIFIED"


def _stamp(year: int, month: int, day: int, hour: int, minute: int) -> str | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
    except ValueError:
        return None


def read_created(header: Header) -> str | None:
    """Date-time group (ACP 127 line 5), else a newspaper's date line, to the minute, UTC; None where neither is."""
    group = header.date_time
    if group is not None:
        digits = re.sub(r"\s", "", group["year"])
        year = int(digits)
        if len(digits) == 2:
            # Record telegrams with two-digit years run from 1966 to 2065 at the widest.
            year += 1900 if year >= 66 else 2000
        value = _stamp(year, MONTHS[group["month"].upper()], int(group["day"]), int(group["hour"]), int(group["minute"]))
        if value is not None:
            return value
    line = header.date_line
    if line is not None:
        month = _MONTH_NAMES.get(line["month"].lower())
        if month is not None:
            return _stamp(int(line["year"]), month, int(line["day"]), int(line["hour"]), int(line["minute"]))
    return None


def read_precedence(header: Header) -> str | None:
    """The highest precedence of the date-time group, else of the routing line, else of what stands behind the action addressees
    (ACP 127 lines 5, 2 and 7): a header that was cut or printed has the last only."""
    found: list[str] = []
    group = header.date_time
    if group is not None and group["precedence"]:
        found = [_PRECEDENCES[letter] for letter in group["precedence"].upper().split()]
    elif header.routing_line is not None:
        found = [_PRECEDENCES[header.routing_line["precedence"][0].upper()]]
    found = found or [one.precedence for one in header.action if one.precedence is not None]
    if not found:
        return None
    best = min(found, key=_RANK.index)
    if best == "IMMEDIATE" and any(a.precedence == "NIACT IMMEDIATE" for a in (*header.action, *header.info)):
        return "NIACT IMMEDIATE"
    return best


def read_origin(header: Header, preamble: Preamble) -> tuple[Origin | None, posts.Post | None]:
    """The sender: from the FM line, else from the classification line, else from the DE line's routing indicator."""
    routing = header.de["routing"] if header.de is not None else None
    post: posts.Post | None = None
    address = header.fm
    if address:
        post = posts.resolve(address)
    elif preamble.class_lines:
        post = posts.resolve(preamble.class_lines[0][0]["post"])
    if post is None and routing is not None:
        post = posts.by_routing(routing)
    if post is None and address is None and routing is None:
        return None, None
    if post is None:
        return Origin(None, None, None, None, address, routing), None
    return Origin(post.name, post.code, post.kind, post.country, address or post.address or None, routing), post


class Numbers:
    """The message serial, whether the classification line is of another cable than the header, and the number as it is ``printed`` with its
    sender: on the classification line, else on the DE line (None: on neither)."""

    __slots__ = ("foreign", "printed", "serial", "year")

    def __init__(self, header: Header, preamble: Preamble, post: posts.Post | None) -> None:
        self.serial: int | None = None
        self.year: int | None = None
        self.foreign = False
        self.printed = f"{header.de['routing']} #{header.de['serial']}" if header.de is not None else None
        sent = int(header.de["serial"]) if header.de is not None else None
        found = preamble.class_lines[0][0] if preamble.class_lines else None
        if found is None:
            # DE carries four digits only: the number itself where it is below 10,000 cannot be told from a cut one.
            self.serial = sent
            return
        number = int(found["number"])
        self.year = int(found["year"]) if found["year"] else None
        named = posts.resolve(found["post"])
        elsewhere = named is not None and post is not None and header.fm is not None and not same_post(named, post)
        if sent is not None and number % 10000 != sent % 10000 and (elsewhere or named is None):
            self.foreign = True
            self.serial = sent
        elif elsewhere and sent is None:
            self.foreign = True
        elif elsewhere or (sent is not None and number % 10000 != sent % 10000):
            self.foreign = True
            self.serial = sent
        else:
            self.serial = number
        if not self.foreign:
            self.printed = f"{' '.join(found['post'].split())} {found['number']}"


def same_post(a: posts.Post, b: posts.Post) -> bool:
    """Whether two entries are one post: the same code, or one the renamed other."""
    return a.code == b.code or a.renamed == b.code or b.renamed == a.code or (a.country == b.country and a.address == b.address)


def read_classification(header: Header, preamble: Preamble, foreign: bool) -> tuple[str | None, tuple[str, ...]]:
    """Level and caveats of the message. Of a foreign body nothing is taken; the security line then decides."""
    level: str | None = None
    caveats: list[str] = []
    words = [" ".join(word.upper().split()) for word, _ in preamble.captions]
    control = ""
    if preamble.class_lines and not foreign:
        found = preamble.class_lines[0][0]
        level = next((name for key, name in _LEVELS.items() if found[key]), None)
        control = "".join((found["control"] or "").upper().split()).strip("/")
    elif header.security is not None:
        level = _BY_LETTER.get(header.security["letters"][0])
    if foreign:
        return level, ()
    if "NOFORN" in control or any("NOFORN" in word for word in words):
        caveats.append("NOFORN")
    caveats += [word for word in ("ORCON", "NOCONTRACT") if word in words]
    if level == "UNCLASSIFIED":
        if SBU in words or control in ("SBU", "SENSITIVEBUTUNCLASSIFIED") or any("SBU" in word for word in words):
            level = SBU
        elif any("SENSITIVE" in word for word in words) or control in ("FOUO", "FOROFFICIALUSEONLY") or "FOUO" in words:
            level = FOUO
    return level, tuple(caveats)


def read_captions(preamble: Preamble) -> tuple[str, ...]:
    """Handling captions in order, once each, in standard spelling."""
    out: list[str] = []
    for word, _ in preamble.captions:
        standard = " ".join(word.upper().split())
        if "/" in standard:
            standard = standard.rpartition("/")[2].strip()
        if standard not in out:
            out.append(standard)
    return tuple(out)


def read_addressee(raw: RawAddressee) -> Addressee:
    """The typed addressee of an address line."""
    return Addressee(raw.routing, raw.name, raw.precedence, raw.number, tuple(raw.excluded), raw.span)
