"""The parts of a citation beside post and number: date, subject, addressee, level, paragraphs. Read from left to right, each at its place."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from cablegram.check import phrases
from cablegram.check.moments import Moment, moments
from cablegram.check.senders import STATE, Sender, senders
from cablegram.vocabulary.posts import Post, all_posts, resolve

_COUNTS: Final = "one two three four five six seven eight nine ten eleven twelve".split()
_MOST: Final = 16
_LONGEST_LIST: Final = 250
#: Letters of a post to which document numbers cut it.
_SHORTEST_CUT: Final = 5
_LONGEST_CUT: Final = 7
#: Letters of a post that stands between signs, as in names of files.
_SHORTEST_SIGNED: Final = 4
_SIMPLE: Final = (phrases.HANDLING, phrases.SECTION, phrases.TIME, phrases.OTHERS, phrases.CROSS, phrases.UNDATED)
_NO_TITLE: Final = (
    "Embassy",
    "Consulate",
    "Telegram",
    "Cable",
    "Department",
    "Secretary of",
    "National Archives",
    "Box",
    "Journal",
)
_LONG_WORD: Final = re.compile(r"[^\W\d_]{5,}")


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
    #: A year that stands alone, in two digits.
    yy: int | None = None
    #: Whether it says what is said of documents only: that there is no date, or in which note it is cited.
    sure: bool = False
    #: Whether its date stands behind "on", as that of what was done with it may.
    on: bool = False
    parts: int = 0


class Reading:
    """An even text with all its dates, posts and message numbers, found once. ``rows``: where rows of a list or table begin, in order; no
    citation goes on from one into the next."""

    def __init__(self, text: str, rows: Sequence[int] = ()) -> None:
        self.text = text
        self.rows = rows
        self.senders = senders(text)
        self._sender_ends = [sender.end for sender in self.senders]
        self.sender_at = {sender.start: sender for sender in self.senders}
        self.ids = [one for found in phrases.ID.finditer(text) if (one := _id(found)) is not None]
        self.id_at = {one.start: one for one in self.ids}
        self.moments = self._free(moments(text))
        self.moment_at = {moment.start: moment for moment in self.moments}
        self._moment_ends = [moment.end for moment in self.moments]
        self._moment_starts = [moment.start for moment in self.moments]

    def row_end(self, offset: int) -> int:
        """Where the row ends in which a character stands; the text's end where there are no more."""
        n = bisect_right(self.rows, offset)
        return self.rows[n] if n < len(self.rows) else len(self.text)

    def row_of(self, offset: int) -> tuple[int, int]:
        """The row in which a character stands, ``[start, end)``."""
        n = bisect_right(self.rows, offset) - 1
        return (self.rows[n] if n >= 0 else 0), self.row_end(offset)

    def is_row(self, offset: int) -> bool:
        """Whether a row begins there."""
        n = bisect_left(self.rows, offset)
        return n < len(self.rows) and self.rows[n] == offset

    def first_row(self, start: int) -> int:
        """Where the list begins of which a row begins at ``start``: before it the row is no longer one of the same paragraph."""
        n = bisect_left(self.rows, start)
        while n > 0 and "\n" not in self.text[self.rows[n - 1] : self.rows[n]] and start - self.rows[n - 1] < _LONGEST_LIST:
            n -= 1
        return self.rows[n] if n < len(self.rows) else start

    def same_row(self, start: int, end: int) -> bool:
        """Whether no row begins behind ``start``, up to and with ``end``."""
        return bisect_right(self.rows, start) == bisect_right(self.rows, end)

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

    def senders_in(self, start: int, end: int) -> list[Sender]:
        """The posts that end in ``[start, end]``, in order."""
        return self.senders[bisect_left(self._sender_ends, start) : bisect_right(self._sender_ends, end)]

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
        limit = self.row_end(start)
        inside = phrases.TITLE_INSIDE.match(text, start) if until is None else None
        if (
            inside is not None
            and inside.start("title") not in self.moment_at
            and phrases.OPEN_QUOTE.search(text, max(0, start - 60), start) is not None
        ):
            named = inside["title"].strip(" ,.;")
            if all(word[0].isupper() for word in _LONG_WORD.findall(named)):
                tail.title = (named, inside.start("title"), inside.end("title"))
            tail.end = at = min(inside.end(), limit)
        while tail.parts < _MOST:
            glue = phrases.GLUE.match(text, at) if until is not None and at == start else None
            if glue is not None:
                at = glue.end()
            gap = phrases.SEPARATOR.match(text, at)
            at = gap.end() if gap is not None else at
            mark = phrases.MARK.match(text, at) if until is None else None
            at = mark.end() if mark is not None else at
            if until is None and text.startswith("\n", at) and self._is_date_line(at + 1):
                at += 1
            at = self._entry(tail, at) if until is None and text.startswith(". ", at) else at
            if until is not None and at >= until:
                break
            end = self._part(tail, at, number, serial, before=until is not None, by=by) if at < limit else None
            if end is None or (until is not None and end > until):
                break
            tail.parts += 1
            tail.end = at = min(end, limit)
        if until is not None:
            tail.end = until if at >= until else -1
        return tail

    def _entry(self, tail: Tail, at: int) -> int:
        """Where the next part of a bibliography's entry begins, whose parts end with full stops: ``Telegram 101. 3 May 1975. "Lamp Oil."``; ``at``
        where there is none."""
        moment, date = self.moment_at.get(at + 2), tail.date
        if date is None and moment is not None and moment.day is not None and moment.year is not None:
            return at + 2 if self.text[moment.end : moment.end + 1] in (".", "\n", ";", "") else at
        title = phrases.TITLE.match(self.text, at + 2) if date is not None and date.end == at and tail.title is None else None
        return at + 2 if title is not None and self.text[title.end() : title.end() + 1] in (".", "\n", "") else at

    def _listed(self, end: int) -> int:
        """Where a list of addressees ends of which the first ends at ``end``; a post with a number behind it is none of them."""
        while (
            (joint := phrases.AND.match(self.text, end)) is not None
            and (other := self.sender_at.get(joint.end())) is not None
            and phrases.FIGURE.match(self.text, other.end) is None
        ):
            end = other.end
        return end

    def _is_date_line(self, at: int) -> bool:
        """Whether a date line of the Department's volumes begins here: ``Tehran, March 12, 1975``."""
        line = self.sender_at.get(at)
        place = phrases.SEPARATOR.match(self.text, line.end) if line is not None else None
        return place is not None and place.end() in self.moment_at

    def _part(self, tail: Tail, at: int, number: tuple[str, ...], serial: int | None, *, before: bool, by: bool) -> int | None:
        """Read one part at ``at`` into ``tail``; where it ends, or None."""
        text = self.text
        dated = phrases.DATED.match(text, at)
        moment = self.moment_at.get(at) or (self.moment_at.get(dated.end()) if dated is not None else None)
        if moment is not None and tail.date is None:
            tail.date = moment
            tail.on = text[at : moment.start].startswith("on ")
            return moment.end
        known = self.id_at.get(at)
        if known is not None and known.post in number and known.serial == serial:
            tail.ids.append(known)
            return known.end
        title = phrases.TITLE.match(text, at) or phrases.ITALIC.match(text, at) or phrases.TITLE_SINGLE.match(text, at)
        if (
            title is not None
            and tail.title is None
            and not (not before and self._is_of_next(title.end()))
            and (before or not self._is_quotation(title["title"], title[0], text[tail.end : at]))
        ):
            tail.title = (title["title"].strip(" ,.;"), title.start("title"), title.end("title"))
            return title.end()
        paragraphs = phrases.PARAGRAPHS.match(text, at)
        if paragraphs is not None:
            tail.paragraphs += ranges(paragraphs["list"])
            return paragraphs.end()
        level = phrases.LEVEL.match(text, at)
        if level is not None and tail.level is None:
            tail.level = " ".join(level["level"].upper().split())
            return level.end()
        for pattern, wanted in ((phrases.TO, "to"), (phrases.FROM, "by")):
            found = pattern.match(text, at)
            # "to The Hague": the article may be part of the name.
            places = (found.end(), found.start("article") + 1) if found is not None else ()
            sender = next((self.sender_at[place] for place in places if place in self.sender_at), None)
            numbered = phrases.NUMBERED.match(text, sender.end) if sender is not None and wanted == "to" and not before else None
            if numbered is not None and not self.in_moment(numbered.end() - 1):
                # "Praia 101 to Praia 107": another citation.
                sender = None
            if sender is not None:
                if getattr(tail, wanted) is None:
                    setattr(tail, wanted, sender)
                return self._listed(sender.end) if wanted == "to" else sender.end
        for simple in _SIMPLE if not before else (*_SIMPLE, phrases.PERSON):
            found = simple.match(text, at)
            if found is not None and found.end() > at:
                tail.sure |= simple is phrases.UNDATED or (
                    simple is phrases.CROSS and (found[0][-1].isdigit() or found["lost"] is not None)
                )
                return found.end()
        person = phrases.PERSON.match(text, at - 1) if not before and text.startswith("(", at - 1) else None
        if person is not None and text.startswith(" to ", person.end()):
            return person.end()
        joined = self.sender_at.get(at) if before and text[at - 1] in "-/>" else None
        if joined is not None and tail.to is None:
            tail.to = joined
            return joined.end
        if (
            before
            and text[at - 1] == "("
            and (year := phrases.YEAR.match(text, at)) is not None
            and text.startswith("):", year.end())
        ):
            # "Praia (2007): 101, 103".
            tail.yy = int(year["year"]) % 100
            return year.end()
        if before:
            found = phrases.DOCUMENT.match(text, at)
            return found.end() if found is not None else None
        dateless = tail.date is None or tail.date.year is None
        year = phrases.YEAR.match(text, at) if dateless and tail.yy is None and at > tail.end else None
        if year is not None and tail.date is not None and text[at - 1] not in "[(":
            year = None
        if year is not None:
            tail.yy = int(year["year"].lstrip("'")) % 100
            return year.end()
        line = self.sender_at.get(at)
        if line is not None and by and tail.by is None and self._is_sender(line, at, tail):
            tail.by = line
            return line.end
        if line is not None and tail.date is None and self._is_date_line(at):
            return line.end
        found = phrases.DOCUMENT.match(text, at)
        if (
            found is not None
            and (gap := phrases.SEPARATOR.match(text, found.end())) is not None
            and self.id_at.get(gap.end()) in _same(self, number, serial, gap.end())
        ):
            return found.end()
        bare = phrases.BARE_TITLE.match(text, at) if tail.date is None else None
        if bare is not None and bare.end() in self.moment_at and self._is_title(bare["title"]):
            return bare.end("title")
        return None

    def _is_of_next(self, end: int) -> bool:
        """Whether a title that ends there is that of the citation behind it: ``"Lamp Oil" (Praia 101)``."""
        sender = self.sender_at.get(end + 2) if self.text[end : end + 2] in (" (", " [") else None
        return sender is not None and phrases.NUMBERED.match(self.text, sender.end) is not None

    @staticmethod
    def _is_quotation(words: str, whole: str, gap: str) -> bool:
        """Whether words in quotation marks behind a citation are the cable's rather than its subject: they begin small, or are a sentence behind a
        colon or in parentheses."""
        if whole[:1] not in "\"'":
            return False
        sentence = any(not word[0].isupper() for word in _LONG_WORD.findall(words))
        return words[:1].islower() or (sentence and gap.strip() in (":", "(", ""))

    @staticmethod
    def _is_title(words: str) -> bool:
        """Whether words without marks are a subject: several, with capitals, and no other citation."""
        return (
            words.count(" ") > 1
            and not any(character.isdigit() for character in words)
            and all(word[0].isupper() for word in _LONG_WORD.findall(words))
            and not any(word in words for word in _NO_TITLE)
        )

    def _is_sender(self, line: Sender, at: int, tail: Tail) -> bool:
        """Whether a post behind a number that has none before it sent it: an office, one with an addressee, in parentheses, with a date line
        behind it, or where the citation ends."""
        text = self.text
        behind = text[line.end : line.end + 1]
        if line.office or phrases.TO.match(text, line.end) is not None or phrases.TO.match(text, line.end + 1) is not None:
            return True
        if text[at - 1 : at] == "(" and behind in (")", ","):
            return True
        return line.posts != (STATE,) and (
            self._is_date_line(at) or ((tail.date is not None or tail.parts == 0) and behind in (")", ".", ";", ""))
        )


def _same(reading: Reading, number: tuple[str, ...], serial: int | None, at: int) -> list[Id]:
    known = reading.id_at.get(at)
    return [known] if known is not None and known.post in number and known.serial == serial else []


def ranges(listed: str) -> list[tuple[int, int]]:
    """``4-5, 7`` as ``[(4, 5), (7, 7)]``."""
    out = []
    if listed in _COUNTS:
        return [(_COUNTS.index(listed) + 1,) * 2]
    for found in phrases.RANGE.finditer(listed):
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
    year_, name, number = (found[group] or found[f"{group}2"] or found[f"{group}3"] for group in ("year", "post", "number"))
    post = resolve(name) or _by_cut(name.upper())
    serial = int(number)
    if (
        post is None
        or serial == 0
        or (not name.isupper() and len(number) < 2)
        or ((found["sign"] or found["sign3"]) and len(name) < _SHORTEST_SIGNED)
    ):
        return None
    year = int(year_)
    return Id(*found.span(), year % 100, year if year > 99 else None, post.code, serial)
