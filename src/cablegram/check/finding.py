"""Citations of cables in running text and notes, in the forms of books, articles, the Department's volumes, theses and newspapers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from cablegram.check.context import ONLY_DEPARTMENT, Context
from cablegram.check.findings import Finding, Stretch
from cablegram.check.foreign import is_of_others, is_other_paper
from cablegram.check.leading import Lead, Leading
from cablegram.check.making import Maker
from cablegram.check.mending import mended
from cablegram.check.merging import merged
from cablegram.check.numberless import Numberless
from cablegram.check.parts import Reading, Tail
from cablegram.check.phrases import ON, WORD_BEFORE
from cablegram.check.repeating import Repeats
from cablegram.check.senders import STATE, Sender, name_posts
from cablegram.check.series import Series
from cablegram.check.tables import Given
from cablegram.check.weighing import COUNTED, PLURAL, YEARS, Weigher

_NUMBER: Final = re.compile(
    r"(?<![\w/$€£%+-])(?<!\d[.,])(?P<first>(?:00)?\d{1,6})(?:(?:-| through | thru )(?P<last>\d{1,6}))?(?:/(?P<yy>(?:19|20)?\d\d)(?![\w/]| [A-Z][a-z]{2}))?(?:ff?\b)?(?![^\W_]|[%°]|[.:]\d|-\w)"
)
_STATED_YEAR: Final = re.compile(r"(?<![\w.,/-])'?(?P<year>(?:19|20)\d\d|\d\d) \Z")
_NUMBER_BEHIND: Final = re.compile(r" 0{0,6}\d{2,6}(?!\w)")
#: Behind the number of a house.
_STREET: Final = re.compile(
    r" (?:[A-Z][\w.'-]{0,20} ){1,3}(?:Road|Rd|Street|St|Avenue|Ave|Boulevard|Blvd|Lane|Drive|Square|Place|Way|Terrace|Parade|Crescent|Quay|Highway|Sarani|Marg)\b"
)
_GAP: Final = 240
_LONGEST_RANGE: Final = 20
#: The number goes on: of a telephone, or a sum.
_MORE_FIGURES: Final = re.compile(r" \d{3,4}(?![\d:]| ?Z)(?! (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))")
#: The figures behind the comma of a number written as a sum.
_THOUSANDS: Final = re.compile(r",(?P<rest>\d{3})(?![\w,]|\.\d)")
#: The figures behind a blank in a number that a scan has broken.
_BROKEN: Final = re.compile(r" (?P<rest>\d{1,4})(?P<gap> ?[,(] ?)")
#: A name and a number between which a scan has lost the blank.
_GLUED: Final = re.compile(r"(?<![^\W_])(?P<name>[A-Z][A-Za-z]{3,15})(?P<number>\d{3,5})(?=[,. ]{1,3}[(\dA-Z])")
#: The header of a cable has the addressee's own number behind the addressee.
_HEADER: Final = re.compile(r"\b(?:TO|INFO|RUEH\w{1,5})(?:/\w{0,20})? \Z")
_TO_BEFORE: Final = re.compile(r"(?:\b(?:to|an|à)(?: the| das)?|\(to) ?\Z")
_ENGLISH: Final = re.compile(r"(?:U\.?S\.? |American |Am)?[Ee]mb(?!ajada|aixada)|American |Ambassador")
#: In the lines between the sections of a cable: ``SECTION 01 OF 02 PRAIA 000101``.
_SECTION: Final = re.compile(r"\b(?:OF|PAGE|SECTION|PART|of|page|Page) \Z")
#: Before a page.
_PAGES: Final = ("p.", "P.", "S.", "f.", "v.")
_FEWEST_DATED: Final = 3
_FEWEST_OF_CONTEXT: Final = 2


class Finder:
    """Finds the citations of one text, which is cut into ``stretches``, with ``rows`` where those of lists and tables begin; ``given`` are the
    numbers whose posts stand elsewhere in those."""

    def __init__(self, text: str, stretches: Sequence[Stretch], rows: Sequence[int] = (), given: Sequence[Given] = ()) -> None:
        self.reading = Reading(mended(text), rows)
        self._text = self.reading.text
        self._stretches = stretches
        self._given = {one.at: one for one in given}
        self._weigher = Weigher(self.reading, stretches)
        self._context = Context(self.reading, stretches)
        self._leading = Leading(self.reading)
        self._make = Maker(self.reading)
        self._series = Series(self.reading, self._make)

    def find(self) -> list[Finding]:
        """All citations, in order."""
        found = [*self._ids(), *self._numbers()]
        found.sort(key=lambda one: (one.start, -one.end))
        known = merged(self._text, self._weigher.kept(found))
        return Repeats(self.reading, self._stretches).added(
            Numberless(self.reading, self._make, self._sender_before).added(known)
        )

    # whole ids

    def _ids(self) -> Iterator[Finding]:
        for one in self.reading.ids:
            tail = self.reading.tail(one.end, number=(one.post,), serial=one.serial)
            sender, start, before = self._sender_before(one.start)
            made = self._make(start, one.end, "id", (one.post,), one.serial, one.yy, tail, before, sender=sender)
            yield made
            yield from self._series.behind(replace(made, form="number", sender=None), str(one.serial))
        for name in _GLUED.finditer(self._text):
            posts = name_posts(name["name"])
            tail = self.reading.tail(name.end(), number=posts, serial=int(name["number"]))
            if posts and tail.date is not None and tail.date.day is not None:
                yield self._make(name.start(), name.end(), "number", posts, int(name["number"]), None, tail, None)

    def _sender_before(self, at: int) -> tuple[Sender | None, int, Tail | None]:
        """The post that a citation names before the number at ``at``, where the citation begins, and what stands between."""
        chosen: tuple[Sender | None, int, Tail | None] = (None, at, None)
        for sender in self.reading.senders_before(at, 3, _GAP):
            between_text = self._text[sender.end : at]
            if "\n" in between_text or not self.reading.same_row(sender.start, at) or self._closes(sender, between_text):
                break
            between = self.reading.tail(sender.end, until=at)
            if between.end < 0:
                continue
            if chosen[0] is None and self._is_addressed(sender):
                chosen = (sender._replace(posts=(STATE,)) if STATE not in sender.posts else None, sender.start, between)
                continue
            # The farther one is the sender only if the nearer is whom it is sent to.
            if (
                chosen[0] is None
                or (between.to is not None and between.to.end >= chosen[1])
                or (chosen[1] < at and between.to is not None)
            ):
                chosen = (sender, sender.start, between)
        last = self.reading.senders_before(at, 1, _GAP)
        if last and chosen[1] == last[0].start and not last[0].office and not self._text[last[0].end : at].strip():
            # "refers to Praia 101": no one else is named who sent it there.
            return last[0], chosen[1], chosen[2]
        return chosen

    def _is_addressed(self, sender: Sender) -> bool:
        """Whether a post is one to which something is sent: ``to Praia``, ``Praia-State``."""
        text, start = self._text, sender.start
        joined = text[start - 1 : start] in ("-", "/", ">") and any(
            one.end == start - 1 for one in self.reading.senders_before(start, 1, _GAP)
        )
        before = _TO_BEFORE.search(text, max(0, start - 8), start)
        # "an Embassy Praia cable" has an article.
        article = before is not None and before[0] == "an " and _ENGLISH.match(text, start) is not None
        return joined or (before is not None and not article)

    def _closes(self, sender: Sender, between: str) -> bool:
        """Whether a place stands in parentheses behind another name: ``The Times (London), 3``."""
        before = self._text[max(0, sender.start - 32) : sender.start]
        if sender.office or between[:1] != ")" or between.startswith(") to ") or not before.endswith("("):
            return False
        carried = WORD_BEFORE.search(before[:-1])
        return carried is None or carried["word"] is None

    # post and number

    def _numbers(self) -> Iterator[Finding]:
        reading, text = self.reading, self._text
        taken = {n for one in reading.ids for n in range(one.start, one.end)}
        at = 0
        for number in _NUMBER.finditer(text):
            if number.start() < at or number.start() in taken or reading.in_moment(number.start()):
                continue
            if self._is_year_of(number):
                continue
            known = self._given.get(number.start("first"))
            if (known is not None and not known.posts) or text[number.start() - 2 : number.start()] in _PAGES:
                continue
            made = [self._tabled(number, known)] if known is not None else self._numbered(number)
            if made is None:
                continue
            yield from made
            at = max(at, made[-1].end)
            self._leading.note(made)

    def _is_year_of(self, number: re.Match[str]) -> bool:
        """Whether figures are the year of the post and number behind them: ``07 Praia 101``."""
        figures, end = number[0], number.end()
        sender = self.reading.sender_at.get(end + 1) if len(figures) in (2, 4) and self._text[end : end + 1] == " " else None
        return (
            sender is not None
            and (len(figures) == 2 or int(figures) in YEARS)
            and _NUMBER_BEHIND.match(self._text, sender.end) is not None
        )

    def _tabled(self, number: re.Match[str], known: Given) -> Finding:
        """A number whose post stands in another column, field or line."""
        serial = int(number["first"])
        tail = self.reading.tail(number.end("first"), number=known.posts, serial=serial)
        made = self._make(number.start(), number.end("first"), "number", known.posts, serial, tail.yy, tail, None)
        if made.title is not None and (
            self._text.startswith('":', made.title[2]) or self._text.startswith('"', number.end("first"))
        ):
            made = replace(made, title=None)
        return made if known.moment is None else replace(made, date=known.moment)

    def _whole(self, number: re.Match[str], told: bool, near: bool) -> tuple[str, int] | None:
        """The figures of a number and where it ends; with a comma for thousands, or a blank of a scan in it. None where it goes on otherwise."""
        text, reading, end = self._text, self.reading, number.end()
        figures = number["first"]
        if text[end : end + 1] == "," and text[end + 1 : end + 2].isdigit() and not reading.in_moment(end + 1):
            more = _THOUSANDS.match(text, end)
            return (figures + more["rest"], more.end()) if more is not None and told and len(figures) <= 3 else None
        broken = _BROKEN.match(text, end) if (near or told) and number["last"] is None else None
        if broken is not None and len(figures + broken["rest"]) <= 6 and not reading.in_moment(end + 1):
            moment = reading.moment_at.get(broken.end())
            if moment is not None and moment.year is not None and moment.day is not None:
                return figures + broken["rest"], broken.end("rest")
        goes_on = _MORE_FIGURES.match(text, end)
        if goes_on is not None and not reading.in_moment(end + 1) and reading.same_row(number.start(), end + 1):
            return None
        return figures, end

    def _numbered(self, number: re.Match[str]) -> list[Finding] | None:
        reading, text = self.reading, self._text
        begin = number.start()
        lead = self._leading.before(begin)
        whole = self._whole(number, lead.told, lead.beside)
        if whole is None or int(whole[0]) == 0:
            return None
        (figures, end), serial = whole, int(whole[0])
        lead = self._leading.whole(lead, begin, end, serial)
        if not self._leading.is_any(lead, end):
            return None
        sender, start, between = self._sender_before(lead.edge)
        if sender is None and begin != lead.edge and not lead.told:
            sender, start, between = self._sender_before(begin)
        tail = reading.tail(end, number=sender.posts if sender else (), serial=serial, by=sender is None)
        form, told = "number", lead.told
        if sender is None:
            told = told or (lead.its and tail.date is not None and tail.date.day is not None)
            if not told and (tail.by is None or not lead.sign or self._leading.is_other(lead)):
                return None
            sent = self._sent(lead, figures, end, tail)
            if sent is None:
                return None
            start, (posts, office, form) = lead.edge, sent
            tail = reading.tail(end, number=posts, serial=serial, by=True)
        else:
            posts, office = sender.posts, sender.office
            if not told and (self._is_header(sender, between) or self._is_page(sender, between, figures)):
                return None
        if is_of_others(text, start, end):
            return None
        year = _STATED_YEAR.search(text, max(0, start - 6), start)
        if year is not None and (reading.in_moment(year.start("year")) or not self._may_be_year(year, sender)):
            year = None
        if year is not None:
            start = year.start()
        capitals = sender is not None and text[sender.start : sender.end].isupper()
        stated = int((year["year"] if year is not None else number["yy"] or "") or -1)
        dated = (
            not told
            and len(figures) >= _FEWEST_DATED
            and PLURAL.match(text, end) is None
            and self._make.date_before(start) is not None
        )
        # "Praia, no. 101" may be a paper of any archive there.
        bare = sender is not None and not office and "," in text[sender.end : lead.edge] and tail.parts == 0
        signed = lead.sign and not (
            bare and (between is None or between.to is None) and (between is None or between.date is None)
        )
        strong = self._weigher.is_strong(
            (begin, end),
            figures,
            told or signed or self._make.is_located(start) or (dated and serial not in YEARS),
            office,
            stated >= 0,
            tail,
            between,
            posts,
            capitals,
        )
        if not strong and COUNTED.match(text, end) is not None:
            return None
        if not told and not lead.sign and tail.parts == 0 and _STREET.match(text, end) is not None:
            return None
        # "Praia 1990 (3 May), 2010 (9 May)": what is like a year is none where more of the kind follow.
        doubtful = not strong and text[end : end + 2] == " (" and end + 2 in reading.moment_at
        if not strong and not (doubtful or self._weigher.is_weak((begin, end), figures)):
            return None
        yy = stated % 100 if stated >= 0 else tail.yy
        yy = between.yy if yy is None and between is not None else yy
        made = self._make(start, end, form, posts, serial, yy, tail, between, strong=strong)
        out = [made]
        if number["last"] is not None:
            last = self._last(number, serial)
            if last is None:
                return None
            out += [replace(made, serial=n) for n in range(serial + 1, last + 1)]
        elif strong or form == "number":
            row = self._series.behind(made, figures)
            if not strong and any(one.date is not None for one in row):
                out = [replace(made, strong=True)]
            elif doubtful and serial in YEARS:
                return None
            out += row
        return self._series.dated(out)

    def _sent(self, lead: Lead, figures: str, end: int, tail: Tail) -> tuple[tuple[str, ...], bool, str] | None:
        """Who sent a telegram before whose number no post stands: the posts, whether they are named behind it, and the form of the citation."""
        by, serial = tail.by or self._series.sender_behind(end), int(figures)
        if by is not None:
            return by.posts, True, "number"
        if "deptel" in lead.word or lead.department or (tail.to is not None and STATE not in tail.to.posts):
            return (STATE,), False, "number"
        known = self._leading.known(serial, figures) if lead.same is None else None
        if known is not None:
            # What was cited in full has this number.
            return known, False, "context"
        if len(figures) < _FEWEST_OF_CONTEXT and not lead.sign:
            return None
        context = None if PLURAL.match(self._text, end) else lead.same or self._context.post(lead.edge, serial)
        if context is not None:
            return context.posts, False, "context"
        return ((STATE,), False, "context") if serial >= ONLY_DEPARTMENT else None

    @staticmethod
    def _last(number: re.Match[str], first: int) -> int | None:
        """The last of a range of numbers, which may be written short (``101-3``)."""
        last = int(number["last"])
        if last < first:
            last = int(number["first"][: max(0, len(number["first"]) - len(number["last"]))] + number["last"])
        return last if first < last <= first + _LONGEST_RANGE else None

    def _is_header(self, sender: Sender, between: Tail | None) -> bool:
        """Whether a number stands in the header of a cable that is printed whole: it is that of the addressee."""
        return _HEADER.search(self._text, max(0, sender.start - 24), sender.start) is not None or (
            between is not None
            and between.to is not None
            and _HEADER.search(self._text, max(0, between.to.start - 24), between.to.start) is not None
        )

    def _is_page(self, sender: Sender, between: Tail | None, figures: str) -> bool:
        """Whether a number behind a place and a date, or a title, is a page of something else."""
        if between is None or between.to is not None or (between.date is None and between.title is None):
            return False
        if between.date is not None and between.date.start < sender.end:
            return False
        return len(figures) < _FEWEST_DATED or (not sender.office and is_other_paper(self._text, sender.start))

    def _may_be_year(self, year: re.Match[str], sender: Sender | None) -> bool:
        if len(year["year"]) == 4:
            return not ON.search(self._text, max(0, year.start() - 10), year.start())
        if _SECTION.search(self._text, max(0, year.start() - 10), year.start()) is not None:
            return False
        return (
            (sender is not None and self._text[sender.start : sender.end].isupper())
            or "'" in year[0]
            or (sender is not None and not sender.office)
        )
