"""Citations of cables in running text and notes, in the forms of books, articles, the Department's volumes, theses and newspapers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from cablegram.check.findings import Finding, Stretch, apart, stretch_at
from cablegram.check.moments import Moment
from cablegram.check.parts import WORD_BEFORE, Reading, Tail
from cablegram.check.repeating import Repeats
from cablegram.check.senders import STATE, Sender

_NUMBER: Final = re.compile(r"(?<![\w.,/$€£%+-])(?P<first>\d{1,6})(?:-(?P<last>\d{1,6}))?(?![\w%°]|[.,/:]\d|-\w)")
_SERIES: Final = re.compile(r",? ?(?:and|&|und|/)? ?(?P<number>\d{1,6})(?=[,;.)\]\n]|$| and | & | \(| from )")
_JOINTS: Final = frozenset((",", "and", ", and", "&", "/", "und"))
_STATED_YEAR: Final = re.compile(r"(?<![\w.,/-])'?(?P<year>(?:19|20)\d\d|\d\d) \Z")
#: Where a citation may begin in a note, and how it may end, when nothing else tells it from a place and a number.
_BEGINS: Final = re.compile(
    r"(?:^|[\n;(\[]|[.,] |\b(?:[Ss]ee(?: also)?|[Cf]f\.?|cf\.|e\.g\.,?|[Aa]lso|and|in|[Ss]iehe|vgl\.|[Rr]efs?:?|[Cc]iting|[Pp]er)) ?\Z"
)
_ENDS: Final = re.compile(r" ?(?:[,.;)\]\n]|$| and (?=[A-Z])| & )")
_PLURAL: Final = re.compile(
    r" (?!(?:and|or|of|on|from|to|in|is|was|says|reads|reports|notes|states|adds|describes|has|as|which|that|this|thus|does|gives|tells|shows|speaks|cites|claims|argues)\b)[a-z]{2,}"
)
_ON: Final = re.compile(r"\b(?i:on|by|in|since|until|before|after|between|accessed|published) \Z")
_LINK: Final = re.compile(r"(?: ?,)? ?(?:(?:cable|telegram|message|dispatch|report)s?,? ?)?[(\[]?(?:see |in |cf\. |no\. )?")
_OFFICE_WORDS: Final = re.compile(r"\b(?:embassy|ambassador|consulate|consul|mission|charg|post|legation)", re.IGNORECASE)
_BREAK: Final = re.compile(r"[.!?][\"')\]]* (?=[A-Z\"(])")
#: Numbers that are rather years.
_YEARS: Final = range(1800, 2051)
_GAP: Final = 240
_CONTEXT: Final = 300
_LONGEST_RANGE: Final = 20
_LONG: Final = 5
#: The number goes on: of a telephone, or a sum.
_MORE_FIGURES: Final = re.compile(r" \d{3,4}(?![\d:]| ?Z)(?! (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))")
_SEE: Final = re.compile(r"\b(?:[Ss]ee(?: also)?|[Cc]f\.?|[Ss]iehe|[Vv]gl\.) \Z")
#: ``101, 103 and 107`` before "from Praia".
_MANY: Final = re.compile(r"(?:(?:, (?:and )?| and | & )\d{1,6}(?!\d)){1,20}")
_TITLE_BEFORE: Final = re.compile(r'(?:^|[ (\n])"(?P<title>[A-Z][^"\n]{5,230}),?",? ?\Z')
#: What leads to a row of citations of which none is sure by itself.
_LEAD: Final = re.compile(r"(?:\b(?:[Aa]s|[Ss]ee(?: also)?|[Cc]f\.?|[Cc]ables|[Tt]elegrams|[Tt]els\.?)|[(\[]) ?\Z")
_ROW: Final = 24
_ROW_JOINT: Final = re.compile(r"[)\]]? ?(?:[,;&]|and|und)(?: ?(?:and|see|also|und|cf\.|&))* ?")


def _is_long(one: Finding) -> bool:
    """Whether a number has three or four figures and is hardly a year."""
    return one.serial is not None and one.serial not in _YEARS and 3 <= len(str(one.serial)) < _LONG


class Finder:
    """Finds the citations of one text, which is cut into ``stretches``."""

    def __init__(self, text: str, stretches: Sequence[Stretch]) -> None:
        self.reading = Reading(text)
        self._text = text
        self._stretches = stretches

    def find(self) -> list[Finding]:
        """All citations, in order."""
        found = [*self._ids(), *self._numbers()]
        found.sort(key=lambda one: (one.start, -one.end))
        return Repeats(self.reading, self._stretches).added(self._merged(self._with_known(found)))

    # whole ids

    def _ids(self) -> Iterator[Finding]:
        for one in self.reading.ids:
            tail = self.reading.tail(one.end, number=(one.post,), serial=one.serial)
            sender, start, before = self._sender_before(one.start)
            yield self._made(start, one.end, "id", (one.post,), one.serial, one.yy, tail, before, sender=sender)

    def _sender_before(self, at: int) -> tuple[Sender | None, int, Tail | None]:
        """The post that a citation names before the number at ``at``, where the citation begins, and what stands between."""
        chosen: tuple[Sender | None, int, Tail | None] = (None, at, None)
        for sender in self.reading.senders_before(at, 3, _GAP):
            if "\n" in self._text[sender.end : at]:
                break
            between = self.reading.tail(sender.end, until=at)
            if between.end < 0:
                continue
            if (
                self._text[max(0, sender.start - 8) : sender.start].rstrip().endswith((" to", " to the", "\nto", "(to"))
                and chosen[0] is None
            ):
                chosen = (sender._replace(posts=(STATE,)) if STATE not in sender.posts else None, sender.start, between)
                continue
            # The farther one is the sender only if the nearer is whom it is sent to.
            if (
                chosen[0] is None
                or (between.to is not None and between.to.end >= chosen[1])
                or (chosen[1] < at and between.to is not None)
            ):
                chosen = (sender, sender.start, between)
        return chosen

    # post and number

    def _numbers(self) -> Iterator[Finding]:
        reading, text = self.reading, self._text
        taken = {n for one in reading.ids for n in range(one.start, one.end)}
        at = 0
        for number in _NUMBER.finditer(text):
            if number.start() < at or number.start() in taken or reading.in_moment(number.start()):
                continue
            made = self._numbered(number)
            if made is None:
                continue
            yield from made
            at = max(at, made[-1].end)

    def _numbered(self, number: re.Match[str]) -> list[Finding] | None:
        reading, text = self.reading, self._text
        begin, serial = number.start(), int(number["first"])
        before = WORD_BEFORE.search(text, max(0, begin - 48), begin)
        told = before is not None and before["word"] is not None
        sign = before is not None and before["sign"] is not None
        edge = before.start() if before is not None and before[0] else begin
        if serial == 0 or _MORE_FIGURES.match(text, number.end()) is not None:
            return None
        near = reading.senders_before(edge, 1, _GAP)
        if not told and not (near and text[near[0].end : edge].strip(" ,:'s#(") == "") and not (near and sign):
            # Most numbers: no post ends here, no telegram is spoken of.
            if not (sign and number.end() + 2 in reading.sender_at) and (
                not near or ('"' not in text[near[0].end : edge] and not reading.moments_between(near[0].end, edge))
            ):
                return None
        sender, start, between = self._sender_before(edge)
        if sender is None and begin != edge and not told:
            sender, start, between = self._sender_before(begin)
        form = "number"
        tail = reading.tail(number.end(), number=sender.posts if sender else (), serial=serial, by=sender is None)
        posts: tuple[str, ...] = sender.posts if sender is not None else ()
        office = sender is not None and sender.office
        word = before["word"].lower() if before is not None and before["word"] else ""
        if sender is None:
            if not told and (tail.by is None or not sign):
                return None
            start = edge
            if tail.by is not None:
                posts, office = tail.by.posts, True
            elif (many := _MANY.match(text, number.end())) is not None and (
                sender := reading.tail(many.end(), by=True).by
            ) is not None:
                posts, office = sender.posts, True
            elif "deptel" in word or (tail.to is not None and STATE not in tail.to.posts):
                posts = (STATE,)
            else:
                context = self._context(edge)
                if context is None or _PLURAL.match(text, number.end()):
                    return None
                posts, form = context.posts, "context"
            tail = reading.tail(number.end(), number=posts, serial=serial, by=True)
        year = _STATED_YEAR.search(text, max(0, start - 6), start)
        if year is not None and (reading.in_moment(year.start("year")) or not self._may_be_year(year, sender)):
            year = None
        if year is not None:
            start = year.start()
        strong = self._is_strong(number, serial, told or sign, office, year is not None, tail, between, posts == (STATE,))
        if not strong and not self._is_weak(start, number, serial):
            return None
        stated = int(year["year"]) % 100 if year is not None else None
        made = self._made(start, number.end(), form, posts, serial, stated, tail, between, strong=strong)
        out = [made]
        if number["last"] is not None:
            last = int(number["last"])
            if last < serial:
                last = int(number["first"][: max(0, len(number["first"]) - len(number["last"]))] + number["last"])
            if not serial < last <= serial + _LONGEST_RANGE:
                return None
            out += [replace(made, serial=n) for n in range(serial + 1, last + 1)]
        elif strong or form == "number":
            out += self._series(made, number["first"])
        return out

    def _may_be_year(self, year: re.Match[str], sender: Sender | None) -> bool:
        if len(year["year"]) == 4:
            return not _ON.search(self._text, max(0, year.start() - 10), year.start())
        return (
            (sender is not None and self._text[sender.start : sender.end].isupper())
            or "'" in year[0]
            or (sender is not None and not sender.office)
        )

    def _is_strong(
        self, number: re.Match[str], serial: int, told: bool, office: bool, year: bool, tail: Tail, between: Tail | None,
        department: bool,
    ) -> bool:  # fmt: skip
        """Whether it can be nothing else than a telegram: by what stands in and around it."""
        text = self._text
        if told:
            return True
        date = tail.date or (between.date if between is not None else None)
        if serial in _YEARS and not number["first"].startswith("0") and date is not None and date.year == serial:
            return False
        if number["first"].startswith("0"):
            return True
        if len(number["first"]) >= _LONG:
            # Five figures behind a place may be its postal code.
            return (
                (department and text[number.start() - 6 : number.start()].lower().endswith("state ")) or office or tail.parts > 0
            )
        if _PLURAL.match(text, number.end()) and tail.parts == 0:
            return False
        if office and (serial not in _YEARS or tail.parts > 0):
            return True
        if year and (len(number["first"]) >= 3 or _ENDS.match(text, number.end())):
            return serial not in _YEARS or tail.parts > 0 or _ENDS.match(text, number.end()) is not None
        if tail.ids or tail.paragraphs:
            return True
        if date is not None and (date.day is not None or date.year is not None):
            # "Paris 1968, May 1970" has no day.
            return serial not in _YEARS or (date.day is not None and date.year is not None)
        return tail.title is not None and serial not in _YEARS and tail.title[0].isupper()

    def _is_weak(self, start: int, number: re.Match[str], serial: int) -> bool:
        """Whether it may be a telegram: taken if it stands like one in a note or in parentheses, or if it was cited in full elsewhere."""
        text = self._text
        if _ENDS.match(text, number.end()) is None and not text[number.end() : number.end() + 1].isspace():
            return False
        return serial not in _YEARS or number["first"].startswith("0") or _ENDS.match(text, number.end()) is not None

    def _context(self, at: int) -> Sender | None:
        """The post that the sentence speaks of, or the sentence to which a note belongs."""
        stretch = stretch_at(self._stretches, at)
        for end, low in ((at, stretch.start if stretch else 0), (stretch.anchor if stretch is not None else None, 0)):
            if end is None:
                continue
            known = [
                one
                for one in self.reading.senders_before(end, 6, _CONTEXT)
                if one.start >= low and "\n" not in self._text[one.end : end]
            ]
            offices = [one for one in known if one.office and not one.posts == (STATE,)]
            if offices:
                return offices[0]
            if known and _OFFICE_WORDS.search(self._text, max(low, end - _CONTEXT), end):
                others = [one for one in known if one.posts != (STATE,)]
                if others:
                    return others[0]
        return None

    def _series(self, first: Finding, digits: str) -> list[Finding]:
        """Further numbers of the same post: ``Praia 101, 103 and 107``."""
        out: list[Finding] = []
        at = first.end
        while (more := _SERIES.match(self._text, at)) is not None and len(out) < _LONGEST_RANGE:
            value = int(more["number"])
            begin = more.start("number")
            joint = self._text[at:begin].strip()
            odd = self.reading.in_moment(begin) or value in _YEARS or value == 0 or abs(len(more["number"]) - len(digits)) > 1
            if odd or joint not in _JOINTS:
                break
            tail = self.reading.tail(more.end(), number=first.posts, serial=value)
            strong = first.strong or tail.date is not None or bool(tail.paragraphs)
            out.append(self._made(begin, more.end(), first.form, first.posts, value, first.yy, tail, None, strong=strong))
            at = out[-1].end
        return out

    # putting together

    def _made(
        self, start: int, end: int, form: str, posts: tuple[str, ...], serial: int, yy: int | None, tail: Tail, between: Tail | None,
        *, sender: Sender | None = None, strong: bool = True,
    ) -> Finding:  # fmt: skip
        date = tail.date or (between.date if between is not None else None)
        if date is None:
            date = self._date_before(start)
            if date is not None and date.start < start:
                start = date.start
        title = tail.title or (between.title if between is not None else None) or self._title_before(start)
        if title is not None and title[2] <= start:
            start = title[1] - 1
        if self._text[max(end, tail.end) :][:1] in (")", "]") and self._is_open(start, max(end, tail.end)):
            tail.end = max(end, tail.end) + 1
        if yy is None and tail.ids:
            yy = tail.ids[0].yy
        paragraphs = (*(between.paragraphs if between is not None else ()), *tail.paragraphs)
        level = tail.level or (between.level if between is not None else None)
        stated = sender if sender is not None else tail.by if form == "id" else None
        return Finding(
            start, max(end, tail.end), form, posts, serial, yy, date, title, level, tuple(paragraphs), stated, strong=strong
        )

    def _is_open(self, start: int, end: int) -> bool:
        """Whether a bracket is open at ``end``."""
        part = self._text[start:end]
        return part.count("(") > part.count(")") or part.count("[") > part.count("]")

    def _title_before(self, start: int) -> tuple[str, int, int] | None:
        """A subject in quotation marks directly before a citation, in capitals or with a capital on each longer word."""
        found = _TITLE_BEFORE.search(self._text, max(0, start - _GAP), start)
        if found is None or not all(word[0].isupper() for word in re.findall(r"[^\W\d_]{5,}", found["title"])):
            return None
        return found["title"].strip(" ,.;"), found.start("title"), found.end("title")

    def _date_before(self, start: int) -> Moment | None:
        moment = self.reading.moment_before(start)
        if (
            moment is None
            or start - moment.end > 28
            or _LINK.fullmatch(self._text, moment.end, start) is None
            or moment.end == start
        ):
            return None
        if _ON.search(self._text, max(0, moment.start - 10), moment.start):
            return None
        return moment

    def _with_known(self, found: list[Finding]) -> list[Finding]:
        """Without weak ones that are not cited in full anywhere, do not stand as citations do, and are not in a row with such."""
        keys = {one.key for one in found if one.strong}
        kept = apart(found)
        sure = [one.strong or one.key in keys or self._stands_alone(one) for one in kept]
        for n, (one, other) in enumerate(pairwise(kept)):
            led = _LEAD.search(self._text[max(0, one.start - 12) : one.start]) is not None or (n > 0 and sure[n])
            if (
                led
                and _is_long(one)
                and _is_long(other)
                and self._in_row(one, other)
                and _PLURAL.match(self._text, other.end) is None
            ):
                sure[n] = sure[n + 1] = True
        # A row of citations is one from its first to its last; forwards, then backwards.
        places = range(1, len(kept))
        for here, beside in (*((n, n - 1) for n in places), *((n - 1, n) for n in reversed(places))):
            if not sure[here] and sure[beside] and self._in_row(kept[min(here, beside)], kept[max(here, beside)]):
                sure[here] = True
        return [
            one if one.strong or one.key not in keys else replace(one, form="short", strong=True)
            for one, known in zip(kept, sure, strict=True)
            if known
        ]

    def _in_row(self, one: Finding, other: Finding) -> bool:
        """Whether nothing but a comma, a semicolon or an "and" stands between two citations, and a sentence's end behind the last."""
        between = self._text[one.end : other.start]
        if one.posts != other.posts and (one.serial in _YEARS or other.serial in _YEARS):
            return False
        return len(between) < _ROW and _ROW_JOINT.fullmatch(between) is not None

    def _stands_alone(self, one: Finding) -> bool:
        text = self._text
        digits = len(str(one.serial))
        if one.serial in _YEARS or digits < 2 or (digits >= _LONG and one.posts != (STATE,)):
            return False
        stretch = stretch_at(self._stretches, one.start)
        before = text[max(stretch.start if stretch is not None else 0, one.start - 12) : one.start]
        if _SEE.search(before) is not None and digits > 2 and _PLURAL.match(text, one.end) is None:
            return True
        if _ENDS.match(text, one.end) is None:
            return False
        if before.endswith("(") and text[one.end : one.end + 1] in (")", ",", ";"):
            return True
        if text[one.start : one.end].rstrip("0123456789").endswith("'s ") and digits > 2:
            return True
        return stretch is not None and stretch.note and _BEGINS.search(before) is not None

    def _merged(self, found: list[Finding]) -> list[Finding]:
        """The same cable named twice in one citation (``Praia 101 ... 07PRAIA101``) is one."""
        out: list[Finding] = []
        for one in found:
            last = out[-1] if out else None
            if last is not None and one.start < last.end and one.posts == last.posts and one.serial == last.serial:
                if one.form == "id" and last.form != "id" and last.yy is None:
                    out[-1] = replace(last, yy=one.yy)
                continue
            if last is not None and self._is_same(last, one):
                merged = replace(
                    last, end=max(one.end, last.end), yy=last.yy if last.yy is not None else one.yy, date=last.date or one.date, title=last.title or one.title,
                    level=last.level or one.level, paragraphs=last.paragraphs + one.paragraphs, posts=one.posts if len(last.posts) > 1 else last.posts,
                )  # fmt: skip
                out[-1] = merged
                continue
            out.append(one)
        return out

    def _is_same(self, last: Finding, one: Finding) -> bool:
        if (
            "id" not in (last.form, one.form)
            or last.form == one.form
            or last.serial != one.serial
            or not set(last.posts) & set(one.posts)
        ):
            return False
        between = self._text[last.end : one.start]
        if (
            len(between) > 200
            or not set(';\n)"').isdisjoint(between)
            or _BREAK.search(between) is not None
            or (last.date is not None and one.date is not None and last.date != one.date)
        ):
            return False
        return not (last.yy is not None and one.yy is not None and last.yy != one.yy)
