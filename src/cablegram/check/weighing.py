"""Whether a post and a number are a telegram: by what stands in and around them, by what is cited in full elsewhere, and by their neighbours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from cablegram.check.findings import Finding, Stretch, apart, stretch_at
from cablegram.check.parts import Reading, Tail
from cablegram.check.phrases import ANY_WORD, WORD
from cablegram.check.senders import STATE

#: Numbers that are rather years.
YEARS: Final = range(1800, 2051)
#: So many figures are no house, no count, and no bus.
LONG: Final = 5
ENDS: Final = re.compile(r" ?(?:[,.;)\]\n]|$| and (?=[A-Z])| & )")
PLURAL: Final = re.compile(
    r" (?!(?:[a-z]{2,}ly|only|just|and|or|of|on|from|to|in|is|was|says|reads|reports|notes|states|adds|describes|has|as|which|that|this|thus|does|gives|tells|shows|speaks|cites|claims|argues|with|by|for|at|but|if|when|while|until|before|after|because|since|than|so|also|too|not|never|anywhere|somewhere|nowhere|anymore|again|either|instead|already|yet|now|then|there|here|today|who|where|whose|were|had|"
    r"would|may|could|might|will|shall|must|cannot|alone|itself|above|below)\b)[a-z]{2,}"
)
#: Where a citation may begin in a note, when nothing else tells it from a place and a number.
_BEGINS: Final = re.compile(
    r"(?:^|[\n;(\[]|[.,] |\b(?:[Ss]ee(?: also)?|[Cc]f\.?|cf\.|e\.g\.,?|[Aa]lso|and|in|[Ss]iehe|vgl\.|[Rr]efs?:?|[Cc]iting|[Pp]er)) ?\Z"
)
_SEE: Final = re.compile(r"\b(?:[Ss]ee(?: also)?|[Cc]f\.?|[Ss]iehe|[Vv]gl\.|[Cc]ompare|[Cc]ontrast|[Vv]oir|[Vv]éase|[Vv]edi) \Z")
#: What leads to a row of citations of which none is sure by itself.
_LEAD: Final = re.compile(r"(?:\b(?:[Aa]s|[Ss]ee(?: also)?|[Cc]f\.?|[Cc]ables|[Tt]elegrams|[Tt]els\.?)|[(\[]) ?\Z")
_TITLED: Final = re.compile(r": [A-Z]")
_ROW: Final = 24
_REACH: Final = 300
_FEWEST_LISTED: Final = 2
_FOUR_FIGURES: Final = 1_000
#: So many numbers of which a text speaks as of documents are documents, though none is cited in full.
_FEWEST_SPOKEN: Final = 3
_SHORTEST_CAPITALS: Final = 4
_ROW_JOINT: Final = re.compile(r"[)\]]? ?(?:[,;&]|and|und|->|→|-|/)(?: ?(?:and|see|also|und|cf\.|&))* ?")
#: What goes before a document that is named in a sentence. A place after "in" or "to" may be a place; with a number of three figures or
#: more that a reader could not count, it is none.
_LED: Final = re.compile(
    r"(?:^|[\s(\"'])(?:according to|per|of|by|by way of|from|in|with|without|after|before|until|since|and|but|or|than|like|unlike|as|that|is|are|was|whether|neither|either|nor|Neither|Either|Nor|locate|located|find|found|read|"
    r"reads|quotes?|quoted|quoting|cites?|cited|citing|(?:mis|re)(?:reads?|quotes?|quoted|cites?|cited|dates?|dated|reading|quoting)|mentions?|mentioned|repeats?|repeated|answers?|answered|answering|signed|wrote|draft|drafted|shown|became|become|becomes|approved|cleared|cabled|filed|leaked|released|withheld|ignore[sd]?|contradict(?:s|ed)|supersede[sd]?|discuss(?:es|ed)|received|titled|transmitting|follows|followed|sent|saw|see|only|even|both|so (?:is|was|did|does|has|had)|namely|notably|especially|contra|"
    r"Is|Was|Does|Did|Has|(?:[Tt]hat|[Ii]t|[Hh]ere|[Tt]here|[Tt]his|[Ww]hat|[Ww]here)'s|[Rr][Ee]:|[Ss]ubject:|[Rr]efs?:|[Ss]ources?:|[Vv]ide|(?:[Tt]urn(?:ing|ed|s)?|[Rr]efer(?:s|red|ring)?|[Rr]eply|[Rr]esponse|[Aa]nswer|[Aa]ddition|[Pp]rior|[Tt]hanks|[Cc]ompared?|[Ss]imilar|[Bb]ack|[Aa]ttention) to|In|By|As|With|After|Before|Until|From|And|But|So is|That|Only|Even|Both|Unlike|Like|According to|Per|Then|Yet) {1,3}\Z"
)
#: What is done to telegrams, and to no place.
_WROTE: Final = re.compile(
    r"\b(?:draft(?:ed|ing)?|cleared|cabled|telegraphed|declassif(?:y|ied)|(?:mis|re)?quot(?:e[sd]?|ing)|cit(?:e[sd]?|ing)) {1,3}\Z"
)
#: Before a place and a number that need not be one name: another name, or a number.
_UNLED: Final = re.compile(r"(?:\b[A-Z][\w.'-]*|\d) {1,3}\Z")
_STARTS: Final = re.compile(r"(?:^|[\n.!?;:](?: |\" |\) )|[->•*] ) {0,3}\"?\Z")
_COMMA: Final = re.compile(r", \Z")
#: A heading, or a word, that says that what follows are telegrams.
_TELEGRAMS: Final = re.compile(rf"{WORD}(?![\w-])[^.;\n]{{0,60}}:? ?\Z")
#: A letter or number of a list in a line: ``(a) Praia 101; (b) Suva 64``.
_MARKER: Final = re.compile(r"(?:^|[ (;:])\(?(?:[a-zA-Z]|\d{1,2}|[ivx]{1,4})\) \Z")
_BULLET: Final = re.compile(r"[ \t]*(?:[-*•·–>]|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)])? ?")
#: What a document does, and a place does not.
_DOES: Final = re.compile(
    r",? {1,4}(?:[a-z]{2,14}ly )?(?:is|was|has|had|says|said|reads|reports|reported|tells|told|notes|noted|adds|added|describes|described|gives|gave|calls|called|speaks|spoke|shows|showed|puts|put|records|recorded|"
    r"quotes|quoted|cites|cited|mentions|mentioned|repeats|repeated|confirms|confirmed|explains|explained|claims|claimed|asks|asked|answers|answered|replies|replied|warns|warned|lists|listed|"
    r"transmits|transmitted|forwards|forwarded|contains|contained|concludes|concluded|suggests|suggested|makes|made|does|did|would|could|may|might|will|must|itself|alone|that|which|where|also|"
    r"insists|insisted|implies|implied|hints|hinted|recalls|recalled|observes|observed|maintains|maintained|reveals|revealed|indicates|indicated|announces|announced|predicts|predicted|denies|denied|admits|admitted|supplies|"
    r"supplied|settles|settled|corrects|corrected|retracts|discusses|discussed|covers|covered|proves|proved|provides|provided|refers|relates|related|relays|relayed|contradicts|contradicted|complains|complained|urges|urged|"
    r"recommends|recommended|advises|advised|instructs|instructed|informs|informed|conveys|conveyed|alleges|alleged|dismisses|dismissed|identifies|identified|lacks|omits|omitted|recounts|recounted|rejects|rejected|relies|"
    r"traces|traced|underlines|underlined|expected|opens|begins|leaves|ran|runs|"
    r"summarizes|summarized|summarises|remains|speaks|states|stated|argues|argued|dates|followed|follows|came|went|arrived|reached|and [A-Z]|and the|but|though|was|were|in which|on the|about|as well)(?![\w-])"
)
#: A word that takes an object or a clause is no noun in the plural.
_TRANSITIVE: Final = re.compile(
    r" {1,4}[a-z]{2,}(?:s|ed) (?:the|a|an|no|its?|this|his|her|their|what|who|how|why|whether|nothing|only)(?![\w-])"
)
#: Small words that go on with the sentence; nothing is counted by them.
_GOES_ON: Final = re.compile(
    r" {1,4}(?:the|a|an|this|these|it|its|they|he|she|we|not|never|still|really|how|what|why|once|twice|often|again|here|there|(?:two|three|four|five|six|ten|many|several) times|to|by|for|with|as|on|at|in|of|from|when|where|because|while|if|after|before|until|so|too|alone|only|and|or|nor|but|than|about)(?![\w-])"
)
#: Words behind a figure that may as well stand in a list of figures.
_COUNTS_ON: Final = re.compile(r" {1,4}(?:and|or|nor|but|to|from|by|for|at|in|a|an|than|about)(?![\w-])")
#: What may follow a number in a list of references in capitals.
_LISTED: Final = re.compile(r" ?(?:[,.;:)\]\n/]|$| \(| [A-Z0-9][.)] | \(?[A-Z0-9]\) )| (?=[A-Z][.)] )")
#: As indexes have pages: ``Valletta, 97``.
_PAGE_OF: Final = re.compile(r"(?:(?! to )[^,]){1,60}, ?(?:[Nn]os?\. ?|[Nn]r\. ?)?\d{1,6}\W{0,2}")
#: A place in an address: ``Vienna 1010, Stephansplatz``.
_ADDRESS: Final = re.compile(
    r", (?!(?:Secret|Confidential|Unclassified|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Section|Part|Tab)[a-z.]*\b)[A-Z][a-z]+"
)


#: What is counted, or that a year is meant.
COUNTED: Final = re.compile(
    r" (?:sq\.?|square|cubic|mm|cm|m|km|kms|kilomet(?:er|re)s?|met(?:er|re)s?|kg|kilos?|kilograms?|grams?|tons?|tonnes|lbs?|pounds|miles?|feet|ft|hours|hrs|minutes|days|weeks|months|years|dollars|euros|crowns|people|persons|men|women|children|"
    r"delegates|votes|seats|passengers|guests|visitors|soldiers|troops|copies|per cent|percent|pct|kHz|MHz|degrees|times|houses|points|goals|rooms|A\.? ?D|B\.? ?C|B\.?C\.?E|C\.?E)(?![\w-])"
)
#: A time of day, as timetables give it.
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
#: After these a place and three figures may be a place and an old year.
_TEMPORAL: Final = re.compile(r"\b(?:(?P<place>[Ii]n|[Bb]y|[Ff]rom)|[Aa]fter|[Bb]efore|[Uu]ntil|[Ss]ince) {1,3}\Z")


def is_long(one: Finding) -> bool:
    """Whether a number has three or four figures and is hardly a year."""
    return one.serial is not None and one.serial not in YEARS and 3 <= len(str(one.serial)) < LONG


class Weigher:
    """Weighs the findings of one text."""

    def __init__(self, reading: Reading, stretches: Sequence[Stretch]) -> None:
        self._reading = reading
        self._text = reading.text
        self._stretches = stretches

    def is_strong(
        self, number: tuple[int, int], figures: str, told: bool, office: bool, year: bool, tail: Tail, between: Tail | None, posts: tuple[str, ...],
        capitals: bool,
    ) -> bool:  # fmt: skip
        """Whether it can be nothing else than a telegram: by what stands in and around it. ``capitals``: its post is written in capitals."""
        text, serial = self._text, int(figures)
        if told:
            return True
        date = tail.date or (between.date if between is not None else None)
        if serial in YEARS and not figures.startswith("0") and date is not None and date.year == serial:
            return False
        if figures.startswith("0") and not _CLOCK.fullmatch(figures) and _ADDRESS.match(text, number[1]) is None:
            return True
        if len(figures) >= LONG:
            # Five figures behind a place may be its postal code.
            department = posts == (STATE,) and text[number[0] - 6 : number[0]].lower().endswith(("state ", "te's "))
            return department or office or tail.parts > 0 or (year and capitals)
        if year and capitals:
            return True
        if PLURAL.match(text, number[1]) and tail.parts == 0 and not (year and _TRANSITIVE.match(text, number[1])):
            return False
        if (
            office
            and (len(figures) > 1 or tail.parts > 0 or (between is not None and between.parts > 0))
            and (serial not in YEARS or tail.parts > 0)
        ):
            return True
        if year and (len(figures) >= 3 or ENDS.match(text, number[1])):
            return serial not in YEARS or tail.parts > 0 or ENDS.match(text, number[1]) is not None
        if tail.ids or tail.paragraphs or tail.sure:
            return True
        if date is not None and (date.day is not None or date.year is not None):
            # "Paris 1968, May 1970" has no day.
            return serial not in YEARS or (date.day is not None and date.year is not None)
        if serial in YEARS or len(figures) < 3:
            return False
        return tail.yy is not None or tail.level is not None or (tail.title is not None and tail.title[0][:1].isupper())

    def is_weak(self, number: tuple[int, int], figures: str) -> bool:
        """Whether it may be a telegram: taken if it stands like one in a note or in parentheses, or if it was cited in full elsewhere."""
        text, end = self._text, number[1]
        if (
            ENDS.match(text, end) is None
            and not text[end : end + 1].isspace()
            and text[end : end + 1] not in ("?", "!", ":", '"', "'", "/")
        ):
            return False
        return int(figures) not in YEARS or figures.startswith("0") or ENDS.match(text, end) is not None

    def kept(self, found: list[Finding]) -> list[Finding]:
        """Without weak ones that are not cited in full anywhere, do not stand as citations do, and are not in a row with such."""
        keys = {one.key for one in found if one.strong}
        small = any(one.strong and one.form == "number" and self._text[one.start].islower() for one in found)
        kept = apart(found)
        sure = [
            one.strong
            or one.key in keys
            or self._stands_alone(one)
            or self._is_spoken_of(one, bool(keys))
            or self._is_listed(one)
            or (small and self._is_small(one))
            for one in kept
        ]
        for n, (one, other) in enumerate(pairwise(kept)):
            led = _LEAD.search(self._text[max(0, one.start - 12) : one.start]) is not None or (n > 0 and sure[n])
            if (
                led
                and is_long(one)
                and is_long(other)
                and self._in_row(one, other)
                and PLURAL.match(self._text, other.end) is None
            ):
                sure[n] = sure[n + 1] = True
            # One place twice with two numbers: nothing is counted there.
            if (
                one.posts == other.posts
                and one.serial != other.serial
                and is_long(one)
                and is_long(other)
                and self._in_row(one, other)
            ):
                named = self._text[other.start : other.end].lstrip("0123456789") != ""
                # Numbers of four figures are no pages; where telegrams are cited, they are more of them.
                listed = bool(keys) and min(one.serial or 0, other.serial or 0) >= _FOUR_FIGURES
                sure[n] = sure[n + 1] = sure[n] or ((named or listed) and PLURAL.match(self._text, other.end) is None)
        spoken = set() if keys else {one.key for one in kept if self._is_spoken_of(one, True)}
        if (any(sure) and not keys) or len(spoken) >= _FEWEST_SPOKEN:
            sure = [known or self._is_spoken_of(one, True) for one, known in zip(kept, sure, strict=True)]
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
        """Whether nothing but a comma, a semicolon or an "and" stands between two citations, and a sentence's end behind the last; or each begins
        a row of one list."""
        between = self._text[one.end : other.start]
        if one.posts != other.posts and (one.serial in YEARS or other.serial in YEARS):
            return False
        return len(between) < _ROW and _ROW_JOINT.fullmatch(between) is not None

    def _stands_alone(self, one: Finding) -> bool:
        text = self._text
        digits = len(str(one.serial))
        if one.serial in YEARS or digits < 2 or text[one.start].islower() or (digits >= LONG and one.posts != (STATE,)):
            return False
        if _PAGE_OF.fullmatch(text, one.start, one.end) is not None:
            return False
        stretch = stretch_at(self._stretches, one.start)
        before = text[max(stretch.start if stretch is not None else 0, one.start - 12) : one.start]
        if _SEE.search(before) is not None and digits > 2 and PLURAL.match(text, one.end) is None:
            return True
        if ENDS.match(text, one.end) is None:
            return False
        if before.endswith(("(", "[")) and text[one.end : one.end + 1] in (")", "]", ",", ";"):
            return True
        if text[one.start : one.end].rstrip("0123456789").endswith("'s ") and digits > 2:
            return True
        if digits <= 2 and before.endswith((", ", ". ")):
            return False
        return (
            stretch is not None and stretch.note and _BEGINS.search(before) is not None and _ADDRESS.match(text, one.end) is None
        )

    def _is_small(self, one: Finding) -> bool:
        """Whether a post in small letters and its number are one of a text whose manner that is, and can hardly be a year, a count, or a time."""
        figures = str(one.serial)
        return (
            self._text[one.start].islower()
            and is_long(one)
            and PLURAL.match(self._text, one.end) is None
            and not (
                len(figures) > 3
                and one.serial in range(YEARS.start)
                and _TEMPORAL.search(self._text, max(0, one.start - 9), one.start)
            )
        )

    def _is_listed(self, one: Finding) -> bool:
        """Whether a post and a number fill a row of a list that is said to be one of telegrams."""
        if one.serial in YEARS or len(str(one.serial)) < _FEWEST_LISTED:
            return False
        start, end = self._reading.row_of(one.start)
        if _BULLET.fullmatch(self._text, start, one.start) is None or self._text[one.end : end].strip(" .,;\n"):
            return False
        return _TELEGRAMS.search(self._text, max(0, start - _REACH), self._reading.first_row(start)) is not None

    def _is_spoken_of(self, one: Finding, evidence: bool) -> bool:
        """Whether a sentence speaks of a place and a number as of a document: it says something, or something is said of it. Where no telegram is
        cited in full (``evidence``), only a number that no year and hardly a count can be; where one is, nothing need be said where nothing is
        counted."""
        text, serial, cited = self._text, one.serial or 0, evidence
        figures = str(serial)
        if serial in YEARS or not 3 <= len(figures) <= LONG or text[one.start].islower():
            return False
        name = text[one.start : one.end].rstrip("0123456789 #")
        if name.isupper() and len(name) >= _SHORTEST_CAPITALS and _LISTED.match(text, one.end) is not None:
            return True
        stretch = stretch_at(self._stretches, one.start)
        low = stretch.start if stretch is not None else 0
        evidence = (
            evidence
            or _WROTE.search(text, max(low, one.start - 24), one.start) is not None
            or ANY_WORD.search(text, max(low, one.start - _REACH), one.start) is not None
            or any(
                known.office and known.posts == one.posts and known.start >= low
                for known in self._reading.senders_before(one.start, 6, _REACH)
            )
        )
        if not evidence and serial < YEARS.stop:
            return False
        if not text[one.start : one.end].rstrip("0123456789").endswith((" ", "'s ")) or _ADDRESS.match(text, one.end) is not None:
            return False
        before = text[max(low, one.start - 24) : one.start]
        marked = evidence and _MARKER.search(before) is not None and ENDS.match(text, one.end) is not None
        led, begins = marked or _LED.search(before) is not None, _STARTS.search(before) is not None or not before
        day = self._reading.moment_before(one.start)
        # "On 3 May Praia 101 reported".
        begins = begins or (day is not None and one.start - day.end == 1 and day.day is not None)
        does = _DOES.match(text, one.end) is not None or _TRANSITIVE.match(text, one.end) is not None
        goes_on = does or _GOES_ON.match(text, one.end) is not None
        row = self._reading.row_of(one.start)[0]
        if (
            evidence
            and self._reading.is_row(row)
            and _BULLET.fullmatch(text, row, one.start) is not None
            and text.startswith(" - ", one.end)
        ):
            return True
        if begins and evidence and _TITLED.match(text, one.end) is not None:
            return True
        if _COMMA.search(before) is not None and (does or (goes_on and serial >= YEARS.stop)):
            return True
        if serial < YEARS.start and (led_by := _TEMPORAL.search(before)) is not None and ENDS.match(text, one.end) is None:
            # "After Praia 101 was sent", but "In Vienna 1683 is remembered": what stands behind "in" does nothing.
            if not does or (len(figures) > 3 and led_by["place"] is not None):
                return False
        if (
            cited
            and goes_on
            and ENDS.match(text, one.end) is None
            and _UNLED.search(before) is None
            and (does or (_CLOCK.fullmatch(figures) is None and _COUNTS_ON.match(text, one.end) is None))
        ):
            return True
        return (does and begins) or (
            led
            and (
                goes_on
                or text.startswith(" - ", one.end)
                or ENDS.match(text, one.end) is not None
                or text[one.end : one.end + 1] in ("?", "!", ":")
            )
        )
