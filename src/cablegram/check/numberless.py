"""Citations that give no number: a telegram from a post, by its date; and the headings of the Department's volumes, where the number begins the text.

A telegram must be spoken of: by a word for it, or by a post that writes to another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final

from cablegram.check.findings import Finding
from cablegram.check.foreign import is_of_others, is_other_paper
from cablegram.check.making import Maker
from cablegram.check.parts import Reading, Tail
from cablegram.check.phrases import BREAK, WORD
from cablegram.check.senders import STATE, Sender

_CARRIER: Final = re.compile(rf"(?<![\w-])(?:[Uu]nnumbered |[Uu]ndated )?{WORD}(?![\w-])")
_HINT: Final = re.compile(r"[CcKk]ab|CABLE|[Tt]el|TEL|[Mm]es?sa?g|MESSAGE|[Dd]rahtb|[Ff]ernschr|[Dd]epesche|[Tt]él|[Cc]âb")
#: That no number is known, said in words; it ends a citation.
_NO_NUMBER: Final = re.compile(
    r"[,;]? ?\(?(?:no number(?: given| stated| known)?|number (?:not given|unknown|illegible|missing|omitted)|unnumbered|without (?:a )?number|no serial(?: number)?|ohne Nummer|sans numéro|s\. ?n\.)\)?"
)
#: The text of a document of the Department's volumes: it begins with the number.
_HEADED: Final = re.compile(
    r"\.?\n(?P<number>\d{1,6})(?:/[A-Za-z]{2,12} ?\d{1,6})?\. (?:(?:Subj(?:ect)?\.?|SUBJECT|SUBJ): ?(?P<title>[^\n]{3,240}?)(?=\. ?[A-Z\n]|\.?\n|\.?$))?"
)
_NUMBER_BEHIND: Final = re.compile(r",? ?(?:[Nn]o\. ?|#)?\d{2,6}(?![\w.,/:-]?\d)")
#: What goes before a place where something is, and not before one that sends.
_IN_PLACE: Final = re.compile(r"\b(?:in|at|near|around|outside|to|for|through|via) \Z")
#: Somebody goes from a post to another, or something goes to the post.
_AWAY: Final = re.compile(r"\b(?:from|to)(?: the)? \Z", re.IGNORECASE)
_NEAR: Final = 160

Before = Callable[[int], tuple[Sender | None, int, Tail | None]]


class Numberless:
    """Finds them in one text, where no citation with a number stands; ``before`` reads the post that stands before an offset."""

    def __init__(self, reading: Reading, make: Maker, before: Before) -> None:
        self._reading = reading
        self._text = reading.text
        self._make = make
        self._before = before

    def added(self, found: list[Finding]) -> list[Finding]:
        """All findings, in order."""
        starts = [one.start for one in found]
        out: list[Finding] = []
        end = 0
        for one in sorted((*self._carried(), *self._addressed()), key=lambda one: (one.start, -one.end)):
            if one.start >= end and not self._is_numbered(one, found, starts):
                out.append(one)
                end = one.end
        return sorted((*found, *out), key=lambda one: (one.start, -one.end))

    def _is_numbered(self, one: Finding, found: list[Finding], starts: list[int]) -> bool:
        """Whether a citation with a number stands in it, or says in the same sentence of the same post which number it is."""
        n = bisect_left(starts, one.end)
        if any(other.end > one.start for other in found[max(0, n - 3) : n]):
            return True
        if one.serial is not None:
            return False
        for other in found[n : n + 2]:
            between = self._text[one.end : other.start]
            if len(between) <= _NEAR and BREAK.search(between) is None and set(one.posts) & set(other.posts):
                return (
                    other.date is None or (other.date.month, other.date.day) == (one.date.month, one.date.day)
                    if one.date
                    else True
                )
        return False

    def _carried(self) -> Iterator[Finding]:
        """By a word for a telegram."""
        text = self._text
        for hint in _HINT.finditer(text):
            line = max(0, hint.start() - 24)
            word = next(
                (
                    found
                    for found in _CARRIER.finditer(text, line, hint.end() + 16)
                    if found.start() <= hint.start() < found.end()
                ),
                None,
            )
            if word is None:
                continue
            tail = self._reading.tail(word.end(), by=True)
            sender, start, between = self._before(word.start())
            if sender is None:
                sender, start = tail.by, word.start()
            if sender is None and tail.to is not None and STATE not in tail.to.posts:
                sender = tail.to._replace(posts=(STATE,))
            if sender is not None and (sender.office or _IN_PLACE.search(text, max(0, sender.start - 8), sender.start) is None):
                yield from self._one(sender, start, word.end(), tail, between)

    def _addressed(self) -> Iterator[Finding]:
        """By a post that writes to another, or an office with a subject or with words that no number is known."""
        text = self._text
        for sender in self._reading.senders:
            if text[sender.start].islower() and not sender.office:
                continue
            if not sender.office and text[sender.end : sender.end + 4] not in (" to ", " an "):
                continue
            tail = self._reading.tail(sender.end)
            unknown = _NO_NUMBER.match(text, max(tail.end, sender.end))
            written = tail.to is not None and (sender.office or STATE in tail.to.posts) and sender.posts != tail.to.posts
            if not written and unknown is None and (tail.title is None or not sender.office):
                continue
            if _AWAY.search(text, max(0, sender.start - 12), sender.start) is not None:
                continue
            yield from self._one(sender, sender.start, sender.end, tail, None)

    def _one(self, sender: Sender, start: int, end: int, tail: Tail, between: Tail | None) -> Iterator[Finding]:
        text = self._text
        date = tail.date or (between.date if between is not None else None)
        date = date or self._make.date_before(start)
        title = tail.title or (between.title if between is not None else None)
        if (date is None and title is None) or is_of_others(text, start, end) or is_other_paper(text, start):
            return
        headed = _HEADED.match(text, tail.end) if date is not None else None
        if headed is not None:
            named = (headed["title"], headed.start("title"), headed.end("title")) if headed["title"] else tail.title
            tail.title = named
            yield self._make(start, headed.end(), "number", sender.posts, int(headed["number"]), None, tail, between)
            return
        if date is not None and date.day is None and not sender.office:
            return
        if date is None and (title is None or tail.to is None):
            return
        tail.end = max(tail.end, end)
        unknown = _NO_NUMBER.match(text, tail.end)
        yield self._make(start, unknown.end() if unknown is not None else end, "date", sender.posts, None, None, tail, between)
