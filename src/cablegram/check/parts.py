"""The parts of a citation beside post and number: date, subject, addressee, level, paragraphs. Read from left to right, each at its place."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from cablegram.check.moments import Moment, moments
from cablegram.check.senders import Sender, senders
from cablegram.vocabulary.posts import Post, all_posts, resolve

#: Words for a telegram in the languages of the literature; ``Embtel`` and ``Deptel`` are those of the Department's volumes.
WORD: Final = (
    r"(?:(?:[Ee]mbassy |[Cc]onsulate |[Mm]ission |[Dd]iplomatic |[Ll]eaked |[Cc]lassified |[Ss]ecret |[Cc]onfidential |US |U\.S\. )?"
    r"(?:[Cc]ables?|CABLE|[Tt]elegrams?|TELEGRAM|[Tt]els?|TEL|[Mm]essages?|[Mm]sg|[Ee]mbtels?|[Dd]eptels?|[Cc]ontels?|[Tt]elegramm|[Kk]abel|[Dd]epesche"
    r"|[Dd]rahtbericht|[Tt]élégramme|[Tt]elegrama)\b\.?)"
)
_NUMBER_SIGN: Final = r"(?:[Nn]umbers?|[Nn]os?\.|[Nn]rs?\.|[Nn]°|№|#)"
#: What stands directly before a number of a telegram.
WORD_BEFORE: Final = re.compile(rf"(?<![\w-])(?:(?P<word>{WORD})[ ,:]{{0,2}})?(?P<sign>{_NUMBER_SIGN})?[ ]?\Z")
#: ``07KARACHI861``, ``1975NEWDE14031_b``, ``75TEHRAN02069``.
_ID: Final = re.compile(
    r"(?<![A-Za-z0-9])(?P<year>(?:19|20)\d\d|\d\d)(?P<post>[A-Z]{3,24}|[a-z]{4,24})(?P<number>\d{1,6})(?P<suffix>_[a-z]\d?)?(?![A-Za-z0-9])"
)
_SEPARATOR: Final = re.compile(r"[ ,:()\[\]/-]{0,4}")
_GLUE: Final = re.compile(r"(?:'s)?(?: and)?")
_TITLE: Final = re.compile(r'(?:[Ss]ubject|[Ss]ubj\.?|[Rr]e|[Bb]etreff|[Tt]itled|[Ee]ntitled)?:? ?"(?P<title>[^"\n]{3,300})"')
_ITALIC: Final = re.compile(r"(?P<mark>\*{1,2}|_)(?P<title>[A-Z][^*_\n]{5,200})(?P=mark)")
_PARAGRAPHS: Final = re.compile(
    r"(?:at |in |here |esp\. |especially )?(?:[Pp]aragraphs?|[Pp]aras?\.?|PARAS?|[Pp]ars?\.|¶{1,2}|§{1,2}|[Aa]bs(?:atz|ätze|\.)|[Zz]iff(?:er|ern|\.))"
    r" ?(?P<list>\d{1,3}(?![\d])[a-z]?(?: ?(?:-|to|through|,|and|&|, and|und) ?(?:¶ ?)?\d{1,3}(?![\d\w]))*)"
)
_RANGE: Final = re.compile(r"(\d{1,3})[a-z]?(?: ?(?:-|to|through) ?(\d{1,3}))?")
_LEVEL: Final = re.compile(
    r"(?:classified |marked )?(?P<level>TOP SECRET|SECRET|CONFIDENTIAL|LIMITED OFFICIAL USE|SENSITIVE BUT UNCLASSIFIED|UNCLASSIFIED(?://FOR OFFICIAL USE ONLY|//FOUO)?"
    r"|FOR OFFICIAL USE ONLY|LOU|SBU|FOUO)(?://?[A-Z]{4,8}){0,3}(?=[,;.)\]\n]|$)",
    re.IGNORECASE,
)
_HANDLING: Final = re.compile(
    r"(?:Nodis|Exdis|Limdis|Sipdis|Stadis|Noforn|Niact Immediate|Immediate|Priority|Flash|Routine|Eyes Only)(?=[,;.)\]\n /]|$)",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(r"(?:[Ss]ections?|[Ss]ec\.|[Pp]ages?|[Pp]p?\.) ?\d{1,3}(?:(?: of |-)\d{1,3})?")
_TIME: Final = re.compile(
    r"(?:\d{4} ?Z|\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|GMT|UTC))?|\d{1,2} [ap]\.m\.)(?!\w)"
)
_DATED: Final = re.compile(r"(?:dated |of |on |sent (?:on )?|from |vom |du |del |transmitted (?:on )?)(?:the )?")
_TO: Final = re.compile(r"(?:to|To|TO|an|an das|an die|cc) (?:the |The )?")
_FROM: Final = re.compile(r"(?:from|From|FROM|of|by|aus|von|der|sent by|sent from) (?:the |The )?")
_DOCUMENT: Final = re.compile(
    rf"(?:{WORD}|[Dd]oc(?:ument)?\.?(?: {_NUMBER_SIGN})?|reference ID|MRN|Canonical ID|{_NUMBER_SIGN})(?=[ :,])"
)
#: Addressees that are no posts, and the name of who signed.
_OTHERS: Final = re.compile(
    r"(?:to|To) (?:all (?:[a-z]+ ){0,3}posts|All (?:[A-Z][a-z]+ ){0,3}Posts|(?:the )?(?:White House|President|Secretary|Ambassador|Foreign Office)(?: [A-Z][a-z]+)?)"
)
_PERSON: Final = re.compile(r"\([A-Z][\w.' ]{1,40}\)")
_AND: Final = re.compile(r"(?:, and |, | and | & )(?:the )?")
_FIGURE: Final = re.compile(r",? ?\d{2,}|'s")
_MOST: Final = 14
#: Letters of a post to which document numbers cut it.
_SHORTEST_CUT: Final = 5
_LONGEST_CUT: Final = 7


class Id(NamedTuple):
    """A message number written as one word, ``[start, end)``."""

    start: int
    end: int
    yy: int
    year: int | None
    post: str
    serial: int


@dataclass(slots=True)
class Tail:
    """What a citation says beside its number; ``end`` is where it ends."""

    end: int
    date: Moment | None = None
    title: tuple[str, int, int] | None = None
    level: str | None = None
    paragraphs: list[tuple[int, int]] = field(default_factory=list)
    to: Sender | None = None
    by: Sender | None = None
    ids: list[Id] = field(default_factory=list)
    parts: int = 0


class Reading:
    """An even text with all its dates, posts and message numbers, found once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.senders = senders(text)
        self._sender_ends = [sender.end for sender in self.senders]
        self.sender_at = {sender.start: sender for sender in self.senders}
        self.ids = [one for found in _ID.finditer(text) if (one := _id(found)) is not None]
        self.id_at = {one.start: one for one in self.ids}
        self.moments = self._free(moments(text))
        self.moment_at = {moment.start: moment for moment in self.moments}
        self._moment_ends = [moment.end for moment in self.moments]
        self._moment_starts = [moment.start for moment in self.moments]

    def _free(self, found: list[Moment]) -> list[Moment]:
        """Without those that are part of a post's name (Rio de Janeiro 12)."""
        out = []
        for moment in found:
            n = bisect_right(self._sender_ends, moment.start)
            if (
                n >= len(self.senders)
                or self.senders[n].start > moment.start
                or (not self.senders[n].office and self.senders[n].start == moment.start)
            ):
                out.append(moment)
        return out

    def senders_before(self, offset: int, count: int, reach: int) -> list[Sender]:
        """The last ``count`` posts that end before ``offset``, at most ``reach`` characters away, the nearest first."""
        n = bisect_right(self._sender_ends, offset)
        return [sender for sender in reversed(self.senders[max(0, n - count) : n]) if sender.start >= offset - reach]

    def moment_before(self, offset: int) -> Moment | None:
        """The last date that ends at or before ``offset``."""
        n = bisect_right(self._moment_ends, offset)
        return self.moments[n - 1] if n else None

    def in_moment(self, offset: int) -> bool:
        """Whether a character is part of a date."""
        n = bisect_right(self._moment_starts, offset) - 1
        return n >= 0 and offset < self.moments[n].end

    def moments_between(self, start: int, end: int) -> list[Moment]:
        """The dates in ``[start, end)``."""
        return self.moments[bisect_left(self._moment_starts, start) : bisect_left(self._moment_starts, end)]

    def tail(
        self, start: int, *, until: int | None = None, number: tuple[str, ...] = (), serial: int | None = None, by: bool = False
    ) -> Tail:
        """The parts that follow each other from ``start`` on; with ``until`` those up to there, where a number stands. ``number`` and ``serial``:
        an id of that post and serial is a part too; ``by``: so is the sender, without a word before it."""
        tail, at, text = Tail(start), start, self.text
        while tail.parts < _MOST:
            glue = _GLUE.match(text, at) if until is not None and at == start else None
            if glue is not None:
                at = glue.end()
            gap = _SEPARATOR.match(text, at)
            at = gap.end() if gap is not None else at
            if until is None and text.startswith("\n", at) and self._is_date_line(at + 1):
                at += 1
            if until is not None and at >= until:
                break
            end = self._part(tail, at, number, serial, before=until is not None, by=by)
            if end is None or (until is not None and end > until):
                break
            tail.parts += 1
            tail.end = at = end
        if until is not None:
            tail.end = until if at >= until else -1
        return tail

    def _listed(self, end: int) -> int:
        """Where a list of addressees ends of which the first ends at ``end``; a post with a number behind it is none of them."""
        while (
            (joint := _AND.match(self.text, end)) is not None
            and (other := self.sender_at.get(joint.end())) is not None
            and _FIGURE.match(self.text, other.end) is None
        ):
            end = other.end
        return end

    def _is_date_line(self, at: int) -> bool:
        """Whether a date line of the Department's volumes begins here: ``Tehran, March 12, 1975``."""
        line = self.sender_at.get(at)
        place = _SEPARATOR.match(self.text, line.end) if line is not None else None
        return place is not None and place.end() in self.moment_at

    def _part(self, tail: Tail, at: int, number: tuple[str, ...], serial: int | None, *, before: bool, by: bool) -> int | None:
        """Read one part at ``at`` into ``tail``; where it ends, or None."""
        text = self.text
        dated = _DATED.match(text, at)
        moment = self.moment_at.get(at) or (self.moment_at.get(dated.end()) if dated is not None else None)
        if moment is not None and tail.date is None:
            tail.date = moment
            return moment.end
        known = self.id_at.get(at)
        if known is not None and known.post in number and known.serial == serial:
            tail.ids.append(known)
            return known.end
        title = _TITLE.match(text, at) or _ITALIC.match(text, at)
        if title is not None and tail.title is None:
            tail.title = (title["title"].strip(" ,.;"), title.start("title"), title.end("title"))
            return title.end()
        paragraphs = _PARAGRAPHS.match(text, at)
        if paragraphs is not None:
            tail.paragraphs += ranges(paragraphs["list"])
            return paragraphs.end()
        level = _LEVEL.match(text, at)
        if level is not None and tail.level is None:
            tail.level = " ".join(level["level"].upper().split())
            return level.end()
        for pattern, wanted in ((_TO, "to"), (_FROM, "by")):
            found = pattern.match(text, at)
            sender = (
                self.sender_at.get(found.end()) or self.sender_at.get(at + found[0].index(" ") + 1) if found is not None else None
            )
            if sender is not None:
                if getattr(tail, wanted) is None:
                    setattr(tail, wanted, sender)
                return self._listed(sender.end) if wanted == "to" else sender.end
        for simple in (_HANDLING, _SECTION, _TIME, _OTHERS) if not before else (_HANDLING, _SECTION, _TIME, _OTHERS, _PERSON):
            found = simple.match(text, at)
            if found is not None:
                return found.end()
        if before:
            found = _DOCUMENT.match(text, at)
            return found.end() if found is not None else None
        line = self.sender_at.get(at)
        if line is not None and by and tail.by is None and (line.office or text.startswith(" to ", line.end)):
            tail.by = line
            return line.end
        if line is not None and tail.date is None and self._is_date_line(at):
            return line.end
        found = _DOCUMENT.match(text, at)
        if (
            found is not None
            and (gap := _SEPARATOR.match(text, found.end())) is not None
            and self.id_at.get(gap.end()) in _same(self, number, serial, gap.end())
        ):
            return found.end()
        return None


def _same(reading: Reading, number: tuple[str, ...], serial: int | None, at: int) -> list[Id]:
    known = reading.id_at.get(at)
    return [known] if known is not None and known.post in number and known.serial == serial else []


def ranges(listed: str) -> list[tuple[int, int]]:
    """``4-5, 7`` as ``[(4, 5), (7, 7)]``."""
    out = []
    for found in _RANGE.finditer(listed):
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        if found[2] and last < first and len(found[2]) < len(found[1]):
            last = int(found[1][: len(found[1]) - len(found[2])] + found[2])
        out.append((first, max(first, last)))
    return out


@cache
def _by_cut(cut: str) -> Post | None:
    """The one post of which the National Archives' document numbers have the first letters; None where none or several are."""
    found = [post for post in all_posts() if post.code.startswith(cut)] if _SHORTEST_CUT <= len(cut) <= _LONGEST_CUT else []
    return found[0] if len({post.code for post in found}) == 1 else None


def _id(found: re.Match[str]) -> Id | None:
    post = resolve(found["post"]) or _by_cut(found["post"].upper())
    serial = int(found["number"])
    if post is None or serial == 0 or (found["post"].islower() and len(found["number"]) < 2):
        return None
    year = int(found["year"])
    return Id(*found.span(), year % 100, year if year > 99 else None, post.code, serial)
