"""Citations that repeat another one: ``ibid.``, and the names that a note gives to a cable for what follows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cablegram.check.findings import Finding, Stretch, stretch_at
from cablegram.check.parts import Reading

_IBID: Final = re.compile(
    r"(?<![\w.])(?:[Ii]bid(?:em)?\b\.?|[Ee]bd\.|[Ee]benda\b|[Ii]d\.(?= ?(?:with |at |¶|para|,|;|$|\n|\[\^)))"
)
_HEREAFTER: Final = re.compile(
    r"[ ,;]{0,2}[(\[]?(?:hereafter|hereinafter|henceforth|im Folgenden|ci-après|en adelante|(?:cited|referred to) (?:hereafter|below|hereinafter) as)(?: cited as| referred to as| called| zitiert als)?:?,? ?(?:the )?\"?(?P<name>[^\")\];\n]{4,80}?)\"?[,.]?(?P<close>[)\]])"
    r"|[ ,;]{0,2}[(\[](?:the )?\"(?P<called>[^\")\];\n]{3,60}(?:[Cc]able|[Tt]elegram|[Tt]el\.|[Mm]essage))\"[)\]]"
)
#: A subject that stands for its cable in a later note.
_QUOTED: Final = re.compile(r'"(?P<title>[A-Z][^"\n]{8,200}?)[,.]?"')
#: An entry of a bibliography, and how the text refers to it: ``Embassy Praia. 2007a.``, ``(Embassy Praia 2007a)``.
_ENTRY: Final = re.compile(r"(?P<name>[A-Z][^.\n\d]{4,60})\. (?P<year>(?:19|20)\d\d[a-z]?)\.? ?\Z")
_AUTHOR: Final = re.compile(
    r"\b(?P<name>(?:U\.S\. |US )?(?:Embassy|Consulate|Mission|Department|State|Amembassy)[A-Za-z ]{0,40}?),? (?P<year>(?:19|20)\d\d[a-z]?)(?![\w.])"
)
#: Behind a post that stands for its cable.
_OPUS: Final = re.compile(
    r",? (?:(?:(?:op|loc)\. ?cit\.|a\. ?a\. ?O\.)(?:,? ?\(?(?:see |at )?(?:nn?\.|notes?|fn\.|Anm\.) ?(?P<note>\d{1,4})\)?)?|supra,? (?:nn?\.|note) ?(?P<supra>\d{1,4}))"
)
#: The longest name of a post, with its office (characters).
_POST_REACH: Final = 90
#: So many of a post's last citations one of them may mean.
_MOST: Final = 40
#: Who keeps a copy of what was just cited.
_ON_FILE: Final = re.compile(
    r",? ?\((?:copy )?(?:on file|available|kept|copy) (?:with|at|from|in) [^()\n]{1,80}\)|,? ?\(?(?:re)?(?:printed|produced|quoted|cited|excerpted) (?:in|at|as) [^;\n]{1,120}"
)
_FEWEST_WORDS: Final = 3
#: Film numbers of the National Archives, and places in volumes: where something lies.
_FILM: Final = re.compile(r",? ?(?:[DPN]\d{6}|Doc(?:ument|\.)s? ?\d|vol\.|[Bb]ox \d|RG \d)")
#: Between a citation and "ibid." that says where it lies.
_LIES: Final = re.compile(r",(?: (?:[Ff]ilm |[Mm]icrofilm |[Rr]eel )?(?:[Nn]o\.? ?|[Nn]umber )?[DPN]\d{6}-\d{4},)? ?")
_PRINTED: Final = re.compile(r"\b(?:is|are|printed|in|text,? see) \Z")
_PARAGRAPH: Final = re.compile(r",? ?(?:at )?(?:[Pp]ara|¶|§|[Aa]bs)")
#: Words of another work, cited behind a cable in one note: what follows "ibid." means that.
_OTHER_WORK: Final = re.compile(
    r"\b(?:v\.|vol\.|vols\.|ed\.|eds\.|trans\.|pp?\. \d|op\. cit\.|[Bb]ox \d|F\.(?:2d|3d|Supp\.)|U\.S\.C?\.|Cong\.|[Mm]emorandum|[Ll]etter|[Ii]nterview|Journal|Review|Times|Press|Report)(?!\w)"
    r"|\([^()\n]{0,60}\b(?:19|20)\d\d\)|, \d{1,4}(?:-\d{1,4})?\.? ?\Z"
)


class Repeats:
    """Adds to the findings of one text those that repeat them."""

    def __init__(self, reading: Reading, stretches: Sequence[Stretch]) -> None:
        self.reading = reading
        self._text = reading.text
        self._stretches = stretches
        self._notes = [one for one in stretches if one.note]

    def added(self, found: list[Finding]) -> list[Finding]:
        """All findings, in order."""
        return self._with_ibids(self._with_posts(self._with_titles(self._with_names(found))))

    def _with_posts(self, found: list[Finding]) -> list[Finding]:
        """A post alone that stands for its cable cited before: ``Praia, op. cit.``; which one, where it is of several, its note may tell."""
        again: list[Finding] = []
        starts = [one.start for one in found]
        cited: dict[tuple[str, ...], list[int]] = {}
        for n, one in enumerate(found):
            if one.same is None:
                cited.setdefault(one.posts, []).append(n)
        for hit in _OPUS.finditer(self._text):
            near = self.reading.senders_before(hit.start(), 1, _POST_REACH)
            at = bisect_left(starts, hit.start())
            if not near or near[0].end != hit.start() or any(one.end > near[0].start for one in found[max(0, at - 3) : at]):
                continue
            every = cited.get(near[0].posts, [])
            meant = every[max(0, bisect_left(every, at) - _MOST) : bisect_left(every, at)]
            number = int(hit["note"] or hit["supra"] or 0)
            if number and number <= len(self._notes):
                note = self._notes[number - 1]
                meant = [n for n in meant if note.start <= found[n].start < note.end] or meant
            if not meant:
                continue
            tail, target = self.reading.tail(hit.end()), found[meant[-1]]
            sure = len({found[n].key for n in meant}) == 1
            again.append(Finding(near[0].start, max(hit.end(), tail.end), "name", target.posts, target.serial, target.yy,
                                 paragraphs=tuple(tail.paragraphs), same=meant[-1] if sure else -1,
                                 others=() if sure else tuple(dict.fromkeys(meant))))  # fmt: skip
        return _renumbered([*found, *again]) if again else found

    def _with_titles(self, found: list[Finding]) -> list[Finding]:
        """Subjects in later notes, and author and year, that stand for a cable cited in full."""
        titles: dict[str, int] = {}
        entries: dict[str, int] = {}
        for n, one in enumerate(found):
            if one.title is not None and one.title[0].count(" ") + 1 >= _FEWEST_WORDS:
                titles.setdefault(one.title[0].lower(), n)
            entry = _ENTRY.search(self._text, max(0, one.start - 90), one.start)
            if entry is not None:
                entries.setdefault(f"{entry['name']} {entry['year']}", n)
        hits: list[tuple[re.Match[str], int]] = []
        for hit in _QUOTED.finditer(self._text) if titles else ():
            n = titles.get(hit["title"].strip(" ,.;").lower(), -1)
            if n >= 0 and hit.start() >= found[n].end and self._in_note(hit.start()):
                hits.append((hit, n))
        for hit in _AUTHOR.finditer(self._text) if entries else ():
            hits.append((hit, entries.get(f"{hit['name']} {hit['year']}", -1)))
        again: list[Finding] = []
        starts = [one.start for one in found]
        for hit, n in hits:
            near = bisect_left(starts, hit.end())
            if n < 0 or any(one.end > hit.start() for one in found[max(0, near - 3) : near]):
                continue
            tail, target = self.reading.tail(hit.end()), found[n]
            end, paragraphs = max(hit.end(), tail.end if tail.paragraphs else 0), tuple(tail.paragraphs)
            later = hit.start() >= target.end
            if not later and target.serial is None:
                continue
            # A bibliography stands at the end: what is said of the entry is said there, and only its year holds before.
            year = target.date.year if target.date is not None else None
            yy = year % 100 if target.yy is None and year is not None else target.yy
            again.append(
                Finding(
                    hit.start(), end, "name", target.posts, target.serial, yy, paragraphs=paragraphs, same=n if later else None
                )
            )
        return _renumbered([*found, *again]) if again else found

    def _in_note(self, at: int) -> bool:
        here = stretch_at(self._stretches, at)
        return here is not None and here.note

    def _with_names(self, found: list[Finding]) -> list[Finding]:
        """The names that notes give to cables ("hereafter Lamp Oil cable"), wherever they stand later."""
        names: dict[str, int] = {}
        out = list(found)
        for n, one in enumerate(found):
            named = _HEREAFTER.match(self._text, one.end)
            if named is None:
                continue
            out[n] = replace(one, end=named.end())
            names.setdefault((named["name"] or named["called"]).strip(" '.,*_"), n)
        if not names:
            return out
        # What is found inside of the words that give the name is no citation of its own.
        spans = [(one.start, one.end) for one in out]
        inside = {
            n
            for n, one in enumerate(out)
            if n and one.start < spans[n - 1][1] and one.start > spans[n - 1][0] and one.end <= spans[n - 1][1]
        }
        pattern = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
        kept = [one for n, one in enumerate(out) if n not in inside]
        where = {id(one): n for n, one in enumerate(kept)}
        again: list[Finding] = []
        starts = [one.start for one in kept]
        for hit in pattern.finditer(self._text):
            target = out[names[hit[0]]]
            near = bisect_left(starts, hit.end())
            if hit.start() < target.end or any(one.end > hit.start() for one in kept[max(0, near - 3) : near]):
                continue
            tail = self.reading.tail(hit.end())
            again.append(Finding(hit.start(), max(hit.end(), tail.end if tail.paragraphs else 0), "name", target.posts, target.serial, target.yy,
                                 paragraphs=tuple(tail.paragraphs), same=where.get(id(target))))  # fmt: skip
        return _renumbered([*kept, *again])

    def _with_ibids(self, found: list[Finding]) -> list[Finding]:
        marks = list(_IBID.finditer(self._text))
        if not marks:
            return found
        events: list[tuple[int, Finding | re.Match[str]]] = [(one.start, one) for one in found]
        events += [(hit.start(), hit) for hit in marks]
        events.sort(key=lambda event: event[0])
        out: list[Finding] = []
        moved = {id(one): n for n, one in enumerate(found)}
        new: dict[int, int] = {}
        for _, event in events:
            if isinstance(event, Finding):
                new[moved[id(event)]] = len(out)
                others = tuple(new.get(n, n) for n in event.others)
                out.append(event if event.same is None else replace(event, same=new.get(event.same, event.same), others=others))
                continue
            meant = self._meant(event.start(), out)
            if meant is None or self._is_archive(event, out[-1]):
                continue
            tail = self.reading.tail(event.end())
            same, others = (meant[0], ()) if len(meant) == 1 else (-1, tuple(meant))
            source = out[meant[0]]
            out.append(Finding(event.start(), max(event.end(), tail.end), "ibid", source.posts, source.serial, source.yy,
                               paragraphs=tuple(tail.paragraphs), same=same, others=others))  # fmt: skip
        return out

    def _meant(self, at: int, found: list[Finding]) -> list[int] | None:
        """The findings that an ``ibid.`` at this place may mean: those of the citation or note before. None where what is before is no cable."""
        if not found:
            return None
        here = stretch_at(self._stretches, at)
        if here is None or not here.note:
            last = found[-1]
            if at - last.start >= 2_500 or self._is_other_work(last.end, min(at, last.end + 200)):
                return None
            return self._root([len(found) - 1], found)
        inside = [n for n, one in enumerate(found[-40:], max(0, len(found) - 40)) if one.start >= here.start]
        if inside:
            if self._is_other_work(found[inside[-1]].end, at):
                return None
            return self._root(inside[-1:], found)
        if self._is_other_work(here.start, at):
            return None
        number = bisect_left(self._notes, here.start, key=lambda one: one.start)
        if not number:
            return self._root([len(found) - 1], found)
        before = self._notes[number - 1]
        cited = [n for n, one in enumerate(found[-60:], max(0, len(found) - 60)) if before.start <= one.start < before.end]
        if not cited or self._is_other_work(found[cited[-1]].end, before.end):
            return None
        return self._root(cited, found)

    def _is_archive(self, mark: re.Match[str], last: Finding) -> bool:
        """Whether "ibid." says where the cable just cited lies, rather than which it is: behind it at once, or before a film number."""
        behind = _FILM.match(self._text, mark.end()) is not None or (
            _PRINTED.search(self._text, max(0, mark.start() - 12), mark.start()) is not None
        )
        return (
            behind
            or mark.start() < last.end
            or (
                _LIES.fullmatch(self._text, last.end, mark.start()) is not None
                and _PARAGRAPH.match(self._text, mark.end()) is None
            )
        )

    def _is_other_work(self, start: int, end: int) -> bool:
        """Whether something else is cited between the last cable and what repeats."""
        kept = _ON_FILE.match(self._text, start, end) if start < end else None
        start = kept.end() if kept is not None else start
        return start < end and _OTHER_WORK.search(self._text, start, end) is not None

    @staticmethod
    def _root(places: list[int], found: list[Finding]) -> list[int]:
        out: list[int] = []
        for n in places:
            one = found[n]
            roots = [one.same] if one.same is not None and one.same >= 0 else [*one.others] if one.others else [n]
            out += [root for root in roots if root not in out]
        keys = {found[n].key for n in out}
        return out[-1:] if len(keys) == 1 else out


def _renumbered(found: list[Finding]) -> list[Finding]:
    """Findings in order of their places, with ``same`` after the new order."""
    order = sorted(range(len(found)), key=lambda n: (found[n].start, found[n].end))
    new = {old: n for n, old in enumerate(order)}
    return [
        one
        if (one := found[old]).same is None
        else replace(one, same=new.get(one.same or 0, -1), others=tuple(new.get(n, n) for n in one.others))
        for old in order
    ]
