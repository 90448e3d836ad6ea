"""Makes findings of their parts: what stands before and behind a number, with the title or the date that goes before all of it."""

from __future__ import annotations

import re
from typing import Final

from cablegram.check.findings import Finding
from cablegram.check.moments import Moment
from cablegram.check.parts import Reading, Tail, ranges
from cablegram.check.phrases import LEVEL_BEFORE, LEVEL_BEHIND, ON, PARAGRAPHS
from cablegram.check.senders import Sender

_REACH: Final = 240
#: Blanks of a title before a parenthesis: shorter words in quotation marks may be the cable's.
_FEWEST_BLANKS: Final = 3
_LINK_REACH: Final = 28
#: A month in full has none: the sentence ends.
_FULL_STOP: Final = re.compile(r"[^\W\d_]{6,}\.\Z")
#: The date of an entry of a list of references: ``Embassy Praia. (2007, March 5). Lamp oil [Cable 101].``
_ENTRY: Final = re.compile(r"\)[.:,]? (?:[^\n()\[\]]{0,200}[(\[.] ?)?\Z")
_TITLE_BEFORE: Final = re.compile(
    r'(?:^|[ (\n])"(?P<title>[A-Z][^"\n]{5,230}),?",? ?(?P<open>[(\[]?)\Z|(?:^|[ (\n])\'(?P<single>[A-Z](?:[^\'\n]|(?<=\w)\'(?=\w)){5,230})\',? ?\Z'
)
_LINK: Final = re.compile(r"(?: ?[,:-])? ?(?:(?:cable|telegram|message|dispatch|report)s?,? ?)?[(\[]?(?:see |in |cf\. |no\. )?")
#: What is done with a cable after it was sent.
_DONE: Final = re.compile(
    r"\b(?:published|released|posted|printed|leaked|quoted|cited|discussed|received|read|obtained|declassified|requested|tabled|ran|found|retrieved|accessed)\b[^.;\n]{0,24}\Z"
)
#: "paragraph 4 of Praia 101".
_PARAGRAPH_OF: Final = re.compile(rf"(?<!\w){PARAGRAPHS.pattern},? (?:of|in|from) (?:the )?\Z")
_DONE_REACH: Final = 40
_LEVEL_REACH: Final = 80


class Maker:
    """Makes the findings of one text."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._text = reading.text

    def __call__(
        self, start: int, end: int, form: str, posts: tuple[str, ...], serial: int | None, yy: int | None, tail: Tail, between: Tail | None,
        *, sender: Sender | None = None, strong: bool = True,
    ) -> Finding:  # fmt: skip
        """The finding; ``[start, end)`` are post and number, ``tail`` what follows, ``between`` what stands between the two."""
        date = tail.date or (between.date if between is not None else None)
        if tail.on and date is tail.date and self._is_of_deed(start, yy, tail.date):
            date = None
        elif date is None:
            date = self.date_before(start)
            if date is not None and date.start < start:
                start = date.start
        title = tail.title or (between.title if between is not None else None) or self._title_before(start)
        if title is not None and title[2] <= start:
            start = title[1] - 1
        if self._text[max(end, tail.end) :][:1] in (")", "]") and self._is_open(start, max(end, tail.end)):
            tail.end = max(end, tail.end) + 1
        if yy is None and tail.ids:
            yy = tail.ids[0].yy
        located = _PARAGRAPH_OF.search(self._text, max(0, start - _DONE_REACH), start)
        if located is not None:
            start = located.start()
            tail.paragraphs = [*ranges(located["list"]), *tail.paragraphs]
        paragraphs = (*(between.paragraphs if between is not None else ()), *tail.paragraphs)
        level = tail.level or (between.level if between is not None else None) or self._level_beside(start, max(end, tail.end))
        stated = sender if sender is not None else tail.by if form == "id" else None
        return Finding(
            start, max(end, tail.end), form, posts, serial, yy, date, title, level, tuple(paragraphs), stated, strong=strong
        )

    def _is_of_deed(self, start: int, yy: int | None, date: Moment | None) -> bool:
        """Whether a date behind "on" is that of what was done with the cable: it was published, or in another year than its number says."""
        if date is not None and yy is not None and date.year is not None and date.year % 100 != yy:
            return True
        return _DONE.search(self._text, max(0, start - _DONE_REACH), start) is not None

    def _is_open(self, start: int, end: int) -> bool:
        """Whether a bracket is open at ``end``."""
        part = self._text[start:end]
        return part.count("(") > part.count(")") or part.count("[") > part.count("]")

    def _title_before(self, start: int) -> tuple[str, int, int] | None:
        """A subject in quotation marks directly before a citation, in capitals or with a capital on each longer word."""
        found = _TITLE_BEFORE.search(self._text, max(0, start - _REACH), start)
        group = "title" if found is not None and found["title"] else "single"
        if (
            found is None
            or (found["open"] and found[group].count(" ") < _FEWEST_BLANKS)
            or not all(word[0].isupper() for word in re.findall(r"[^\W\d_]{5,}", found[group]))
        ):
            return None
        return found[group].strip(" ,.;"), found.start(group), found.end(group)

    def _level_beside(self, start: int, end: int) -> str | None:
        """The classification that the words before or behind a citation give to it as an adjective."""
        gap = 2 if self._text.startswith(", ", end) else 0
        found = LEVEL_BEFORE.search(self._text, max(0, start - _LEVEL_REACH), start)
        if found is not None:
            return (found["level"] or found["marked"]).upper().replace("-", " ")
        found = LEVEL_BEHIND.match(self._text, end + gap) if gap else None
        return found["level"].upper().replace("-", " ") if found is not None else None

    def is_located(self, start: int) -> bool:
        """Whether a paragraph of what begins there is spoken of before it."""
        return _PARAGRAPH_OF.search(self._text, max(0, start - _DONE_REACH), start) is not None

    def date_before(self, start: int) -> Moment | None:
        """The date that stands before a citation as a part of it."""
        moment = self._reading.moment_before(start)
        if (
            moment is not None
            and moment.day is not None
            and moment.year is not None
            and start - moment.end < _REACH
            and self._text[moment.start : moment.start + 6] == f"{moment.year}, "
            and _ENTRY.match(self._text, moment.end, start) is not None
            and self._reading.same_row(moment.start, start)
        ):
            return moment
        if (
            moment is None
            or start - moment.end > _LINK_REACH
            or _LINK.fullmatch(self._text, moment.end, start) is None
            or moment.end == start
            or (moment.year is None and _FULL_STOP.search(self._text, moment.start, moment.end) is not None)
            or not self._reading.same_row(moment.start, start)
        ):
            return None
        if ON.search(self._text, max(0, moment.start - 10), moment.start):
            return None
        return moment
