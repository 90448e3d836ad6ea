"""What leads to a number: a word for a telegram, a sign, an office spoken of, the citation before; and what was cited before with its post."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cablegram.check import phrases
from cablegram.check.findings import Finding
from cablegram.check.parts import Reading
from cablegram.check.phrases import ANY_WORD, BREAK, WORD_AFTER, WORD_BEFORE
from cablegram.check.senders import Sender
from cablegram.check.weighing import YEARS

_GAP: Final = 240
_JOINED: Final = " ,:'s#()[]/>|-"
#: An office spoken of before, whose number follows.
_OF_OFFICE: Final = re.compile(
    r"\b[Tt]he (?:[Ee]mbassy|[Cc]onsulate(?: [Gg]eneral)?|[Mm]ission|[Ll]egation|post|(?P<department>[Dd]epartment))'s \Z"
)
_ITS: Final = re.compile(r"\b(?:[Ii]ts|[Tt]heir) \Z")
_SAME: Final = re.compile(
    r"(?:\b(?:[Tt]he )?[Ss]ame(?: to (?:the )?(?:same|State|Department|Department of State|Secretary of State))?|\b[Ii]dem(?: to idem)?),? "
    r"(?:\d{1,2} [A-Z][a-z.]{2,9} \d{4}, |[A-Z][a-z.]{2,9} \d{1,2}, \d{4}, )?\Z"
    r"|(?:\b(?:[Ss]ame to (?:the )?(?:same|State|Department)|[Ii]dem to idem),?|\b(?:[Ss]ame|[Ii]dem),)\Z"
)
_REPLY: Final = re.compile(
    r"'s (?:[a-z]+ ){0,2}(?:reply|report|answer|response|account|query|summary|instructions?|guidance|follow-up|request|telegrams?|cables?|messages?),? ?\(?"
)
#: What else has a number: "Contract No. 101", before which no word for a telegram stands.
_OTHER_NUMBER: Final = re.compile(
    r"\b(?!(?:in|and|see|also|cf|as|its|their|the|with|or|under|from|by|to|plus|both|is|was|than)\b)[A-Za-z][a-z]+ \Z"
)
#: A year before a row of numbers: ``Embassy Praia (2007): 101, 103``.
_YEAR_HEAD: Final = re.compile(r" \((?:19|20)\d\d\):? ?")
_SENTENCE: Final = 110
#: How far behind a citation its sequel may stand (characters).
_SEQUEL: Final = 80
_NEXT: Final = 150
_FEWEST: Final = 3


class Lead(NamedTuple):
    """What stands before a number: ``edge`` where the word or the sign begins, ``told`` whether a telegram is spoken of, ``sign`` whether there is a
    sign for a number, ``near`` the post before, ``beside`` whether it stands beside; ``same`` the sender of the citation before, where that is
    meant; ``department`` whether it is the Department's, ``its`` whether a pronoun stands there."""

    edge: int
    told: bool
    sign: bool
    word: str
    near: Sequence[Sender]
    beside: bool
    same: Sender | None = None
    department: bool = False
    its: bool = False


class Leading:
    """Reads what leads to the numbers of one text, in their order."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._text = reading.text
        self._last_posts: tuple[str, ...] = ()
        self._last_end = 0
        #: The posts of the numbers that are cited with their posts.
        self._known: dict[int, set[tuple[str, ...]]] = {}
        for one in reading.ids:
            self._known.setdefault(one.serial, set()).add((one.post,))

    def note(self, made: Iterable[Finding]) -> None:
        """Keep in mind what was found, the last of all at the end."""
        for one in made:
            self._last_posts, self._last_end = one.posts, one.end
            if one.strong and one.form == "number" and one.serial is not None:
                self._known.setdefault(one.serial, set()).add(one.posts)

    def known(self, serial: int, figures: str) -> tuple[str, ...] | None:
        """The post of the one cable with this number that was cited with its post."""
        posts = self._known.get(serial, set()) if len(figures) >= _FEWEST else set()
        return next(iter(posts)) if len(posts) == 1 else None

    def before(self, begin: int) -> Lead:
        """What stands directly before a number that begins there."""
        found = WORD_BEFORE.search(self._text, max(0, begin - 48), begin)
        edge = found.start() if found is not None and found[0] else begin
        for covering in self._reading.senders_before(begin, 1, _GAP):
            # "State Department telegram": the post ends in what may be a word for a telegram.
            edge = covering.end + 1 if edge < covering.end < begin else edge
        word = (found["word"] or "").lower() if found is not None else ""
        if word and phrases.SERIES.search(self._text, edge, begin) is not None and phrases.IN_SERIES.match(self._text, begin):
            edge, word = begin, ""
        near = self._reading.senders_before(edge, 1, _GAP)
        beside = bool(near) and self._text[near[0].end : edge].strip(_JOINED) == "" and edge - near[0].end < 6
        return Lead(edge, bool(word), found is not None and found["sign"] is not None, word, near, beside)

    def whole(self, lead: Lead, begin: int, end: int, serial: int) -> Lead:
        """The same with what the sentence says before and behind the number."""
        text, near = self._text, lead.near
        possessive = _OF_OFFICE.search(text, max(0, begin - 24), begin)
        same = self._same(lead.edge) or self._sequel(begin, end, serial)
        if same is None and lead.sign and not lead.beside and self._is_next(lead, begin, end):
            same = Sender(begin, begin, self._last_posts, True)
        if (
            same is None
            and near
            and (lead.sign or self._is_dated(end))
            and _REPLY.fullmatch(text, near[0].end, lead.edge) is not None
        ):
            same = near[0]
        told = lead.told or same is not None or possessive is not None or (lead.beside and self._is_carried(near[0], end))
        return lead._replace(
            same=same, told=told or (lead.sign and not lead.beside and self._is_of_sentence(begin)),
            department=possessive is not None and possessive["department"] is not None, its=_ITS.search(text, max(0, begin - 8), begin) is not None,
        )  # fmt: skip

    def is_any(self, lead: Lead, end: int) -> bool:
        """Whether a number may be that of a telegram; of most no post ends before it, and no telegram is spoken of."""
        near, reading = lead.near, self._reading
        if lead.told or lead.beside or lead.its or (lead.sign and (near or reading.tail(end, by=True).by is not None)):
            return True
        return bool(near) and (
            _YEAR_HEAD.fullmatch(self._text, near[0].end, lead.edge) is not None
            or not {'"', "*"}.isdisjoint(self._text[near[0].end : lead.edge])
            or bool(reading.moments_between(near[0].end, lead.edge))
        )

    def is_other(self, lead: Lead) -> bool:
        """Whether a sign belongs to something else that is numbered."""
        return _OTHER_NUMBER.search(self._text, max(0, lead.edge - 24), lead.edge) is not None

    def _is_of_sentence(self, at: int) -> bool:
        """Whether the sentence speaks of a telegram before a number with a sign: ``in its telegram of that day (no. 101)``."""
        before = self._text[max(0, at - _SENTENCE) : at]
        words = list(ANY_WORD.finditer(before))
        return bool(words) and BREAK.search(before, words[-1].end()) is None

    def _same(self, edge: int) -> Sender | None:
        """The sender of the citation before, where a note says that it is the same: ``Same to same, no. 103``."""
        same = _SAME.search(self._text, max(0, edge - 40), edge)
        return Sender(same.start(), same.end(), self._last_posts, True) if same is not None and self._last_posts else None

    def _sequel(self, begin: int, end: int, serial: int) -> Sender | None:
        """The sender of the citation just before, for a number with its day: ``Praia 101 (May 3) and what followed, 103 (May 9)``."""
        if not self._is_dated(end) or serial in YEARS or end - begin < _FEWEST or not self._last_posts:
            return None
        near = 0 < begin - self._last_end <= _SEQUEL and BREAK.search(self._text, self._last_end, begin) is None
        return Sender(begin, begin, self._last_posts, True) if near else None

    def _is_next(self, lead: Lead, begin: int, end: int) -> bool:
        """Whether a number with a sign and a day goes on with the post of the citation before: ``The next, no. 103 of May 9``."""
        if not self._last_posts or not 0 < begin - self._last_end <= _NEXT or "\n" in self._text[self._last_end : begin]:
            return False
        date = self._reading.tail(end).date
        return date is not None and date.day is not None and not self.is_other(lead)

    def _is_dated(self, end: int) -> bool:
        """Whether a number is followed by a day in parentheses."""
        moment = self._reading.moment_at.get(end + 2) if self._text.startswith(" (", end) else None
        return moment is not None and moment.day is not None

    def _is_carried(self, sender: Sender, end: int) -> bool:
        """Whether a word for a telegram stands before the post, or behind its number."""
        before = WORD_BEFORE.search(self._text, max(0, sender.start - 24), sender.start)
        return WORD_AFTER.match(self._text, end) is not None or (before is not None and before["word"] is not None)
