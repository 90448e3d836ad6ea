"""The checker as a whole: a manuscript and an archive in, a verdict for each citation out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.check import comparing
from cablegram.check.allotting import Allotted, allot
from cablegram.check.evening import Even, words_of
from cablegram.check.finding import Finder
from cablegram.check.findings import Finding, Stretch
from cablegram.check.manuscripts import Manuscript
from cablegram.check.quoting import Quoter
from cablegram.check.resolving import Meaning, Resolver
from cablegram.check.results import AMBIGUOUS, GHOST, RIGHT, UNKNOWN, VERDICTS, WRONG, Citation, Problem, Quotation
from cablegram.check.rows import row_starts
from cablegram.check.tables import given

#: So many missing quotations are looked for in other cables.
_MOST_SEARCHES: Final = 300
#: Years that the context of a citation may have: those of dates in so many characters before it.
_NEAR: Final = 1_500


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked manuscript: its citations in order."""

    manuscript: Manuscript
    citations: tuple[Citation, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many citations have which verdict."""
        counts = Counter(one.verdict for one in self.citations)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    @property
    def all_right(self) -> bool:
        """Whether nothing is wrong, missing or ambiguous."""
        return all(one.verdict == RIGHT for one in self.citations)

    def to_dict(self) -> dict[str, Any]:
        """As ``check --json`` prints it."""
        return {
            "manuscript": self.manuscript.name, "kind": self.manuscript.kind, "characters": len(self.manuscript.text), "counts": self.counts,
            "citations": [one.to_dict() for one in self.citations],
        }  # fmt: skip


def find_in(manuscript: Manuscript) -> tuple[Even, Finder, list[Finding]]:
    """The citations of a manuscript, in its even text."""
    even = Even(manuscript.text)
    known = given(manuscript.text)
    places = even.offsets([one.at for one in known])
    rows = even.offsets(row_starts(manuscript.text))
    finder = Finder(
        even.text, _stretches(manuscript, even), rows, [one._replace(at=at) for one, at in zip(known, places, strict=True)]
    )
    return even, finder, finder.find()


def check(manuscript: Manuscript, archive: Archive, *, style: str | None = None) -> Checked:
    """Find and check all citations of ``manuscript``. ``style``: write each that is held or cited also in this style of
    :mod:`cablegram.cite`. ``CablegramError`` for an unknown style."""
    return _Checker(manuscript, archive, style).run()


def _stretches(manuscript: Manuscript, even: Even) -> list[Stretch]:
    """The pieces of the manuscript in its even text."""
    places = even.offsets([offset for piece in manuscript.pieces for offset in (piece.start, piece.end, piece.anchor or 0)])
    out = []
    for n, piece in enumerate(manuscript.pieces):
        start, end, anchor = places[3 * n : 3 * n + 3]
        out.append(Stretch(start, end, piece.is_note, anchor if piece.anchor is not None else None, piece.kind == "quote"))
    return out


class _Checker:
    def __init__(self, manuscript: Manuscript, archive: Archive, style: str | None) -> None:
        self._manuscript = manuscript
        self._archive = archive
        self._resolver = Resolver(archive)
        self._quoter = Quoter(archive)
        self._style = style
        self._searches = 0
        self._cables: dict[str, Cable | None] = {}
        self._earlier: dict[tuple[tuple[str, ...], int | None], str] = {}
        self._written: dict[tuple[str, str | None], str | None] = {}

    def run(self) -> Checked:
        self._even, self._finder, found = find_in(self._manuscript)
        citations = self._resolved(found)
        for allotted in allot(self._even.text, found, _stretches(self._manuscript, self._even)):
            self._quoted(allotted, citations)
        for one in citations:
            if one.verdict == RIGHT and one.problems:
                one.verdict = WRONG
            if self._style is not None and one.cable is not None and one.verdict != UNKNOWN:
                one.written = self._in_style(one)
        return Checked(self._manuscript, tuple(citations))

    # resolving

    def _resolved(self, found: list[Finding]) -> list[Citation]:
        # What a full citation says holds for a short one of the same number before it, too, so full ones go first.
        meanings: dict[int, Meaning] = {}
        for n, one in enumerate(found):
            if one.same is None and (one.yy is not None or (one.date is not None and one.date.year is not None)):
                meanings[n] = self._meaning(one, found, n)
        for n, one in enumerate(found):
            if one.same is None and n not in meanings:
                meanings[n] = self._meaning(one, found, n)
            elif n in meanings:
                cable = meanings[n].cable
                if cable is not None and one.serial is not None:
                    self._earlier[one.key] = cable
        citations: list[Citation] = []
        for n, one in enumerate(found):
            citations.append(self._citation(one, n, meanings, citations))
        return citations

    def _meaning(self, one: Finding, found: list[Finding], n: int) -> Meaning:
        if one.serial is None:
            return self._resolver.undefined(one, self._years(one, found, n), self._cable)
        meaning = self._resolver.resolve(
            one.posts, one.serial, one.yy, one.date, self._earlier.get(one.key), self._years(one, found, n)
        )
        if meaning.cable is not None:
            self._earlier.setdefault(one.key, meaning.cable)
        return meaning

    def _years(self, one: Finding, found: list[Finding], n: int) -> list[int]:
        """The years that the context names, the nearest first: of dates close before, and of the citation before."""
        out = [
            moment.year
            for moment in reversed(self._finder.reading.moments_between(max(0, one.start - _NEAR), one.start))
            if moment.year is not None
        ]
        for before in reversed(found[max(0, n - 3) : n]):
            if before.yy is not None:
                out.append(before.yy + (1900 if before.yy >= 60 else 2000))
        return list(dict.fromkeys(out))

    def _citation(self, one: Finding, n: int, meanings: dict[int, Meaning], before: list[Citation]) -> Citation:
        span = self._even.span(one.start, one.end)
        piece = self._manuscript.piece_at(span[0])
        out = Citation(
            self._manuscript.text[span[0] : span[1]], span, piece.place if piece is not None else None, one.form,
            stated_date=comparing.moment_iso(one.date) if one.date is not None else None, stated_title=one.title[0] if one.title is not None else None,
            paragraphs=list(one.paragraphs),
        )  # fmt: skip
        if one.same is not None:
            if one.same < 0:
                out.verdict = AMBIGUOUS
                out.candidates = [before[other].cable or before[other].text for other in one.others if other < len(before)]
                out.problems.append(Problem("number", f"may mean any of the {len(one.others)} cables cited before"))
                return out
            source = before[one.same]
            out.cable, out.verdict, out.candidates, out.year_source = (
                source.cable,
                source.verdict,
                list(source.candidates),
                "earlier citation",
            )
            if source.verdict in (RIGHT, WRONG):
                out.verdict = RIGHT
                self._compare(one, out)
            elif source.verdict in (GHOST, UNKNOWN, AMBIGUOUS):
                out.problems += [problem for problem in source.problems if problem.kind == "number"]
            return out
        meaning = meanings[n]
        out.cable, out.year_source, out.candidates = meaning.cable, meaning.year_source, list(meaning.candidates)
        if meaning.held:
            out.verdict = RIGHT
            self._compare(one, out)
        elif meaning.candidates:
            out.verdict = AMBIGUOUS
            out.problems.append(
                Problem(
                    "number",
                    f"may be any of {len(meaning.candidates)}: no {'year' if one.serial is not None else 'number'} is stated, and "
                    f"{', '.join(meaning.candidates[:6])} {'have this number' if one.serial is not None else 'are of this post and date'}",
                )
            )
        elif meaning.ghost:
            self._of_ghost(one, out)
        else:
            self._of_unknown(one, out)
        return out

    def _cable(self, key: str) -> Cable | None:
        if key not in self._cables:
            self._cables[key] = self._archive.get(key)
        return self._cables[key]

    # comparing

    def _compare(self, one: Finding, out: Citation) -> None:
        assert out.cable is not None
        cable = self._cable(out.cable)
        if cable is None:
            return
        out.date, out.subject = cable.created, cable.subject
        problems: list[Problem | None] = []
        if one.date is not None:
            problems.append(comparing.date_problem(one.date, cable, out.notes))
        problems.append(comparing.post_problem(one, out.cable))
        if one.level is not None:
            problems.append(comparing.level_problem(one.level, cable))
        problems += [comparing.paragraph_problem(first, last, cable) for first, last in one.paragraphs]
        if one.title is not None:
            problems.append(self._of_title(one.title, out, cable))
        out.problems += [problem for problem in problems if problem is not None]

    def _of_title(self, title: tuple[str, int, int], out: Citation, cable: Cable) -> Problem | None:
        """What is in quotation marks beside a number: the subject, or words of the text."""
        problem = comparing.title_problem(title[0], cable.subject)
        if problem is None or out.cable is None or comparing.is_like(title[0], cable.subject):
            return problem
        found = self._quoter.look(out.cable, title[0])
        if found.result == "exact":
            out.quotations.append(Quotation(title[0], self._even.span(title[1], title[2]), "exact", out.cable, found.paragraph))
            out.stated_title = None
            return None
        return problem

    def _of_ghost(self, one: Finding, out: Citation) -> None:
        assert out.cable is not None
        out.verdict = GHOST
        ghost = self._resolver.ghost(out.cable)
        if ghost is None:
            return
        told = f"is not held; {ghost.citations} held {'cables cite' if ghost.citations != 1 else 'cable cites'} it ({', '.join(ghost.cited_by[:3])}{', ...' if ghost.citations > 3 else ''})"
        out.problems.append(Problem("number", told))
        if ghost.titles:
            out.notes.append(f"a reference calls it “{ghost.titles[0]}”")
        if ghost.dating is not None:
            window = f"{comparing.in_words(comparing.day_of(ghost.dating.first))} and {comparing.in_words(comparing.day_of(ghost.dating.last))}"
            apart = (
                comparing.days_apart(one.date, ghost.dating.first, ghost.dating.last)
                if one.date is not None and one.date.day is not None
                else 0
            )
            if apart and one.date is not None:
                out.problems.append(Problem(
                    "date", f"the stated date, {comparing.moment_in_words(one.date)}, lies {abs(apart)} days {'after' if apart > 0 else 'before'} the time in which"
                    f" its number was probably sent, between {window}", comparing.moment_iso(one.date), ghost.dating.to_dict()["date"]))  # fmt: skip
            else:
                out.notes.append(
                    f"its number was probably sent between {window}"
                    + (": the stated date agrees" if one.date is not None and one.date.day else "")
                )
        self._propose(one, out)

    def _of_unknown(self, one: Finding, out: Citation) -> None:
        out.verdict = UNKNOWN
        told = "is not held, and no held cable cites it"
        if one.serial is None:
            out.problems.append(Problem("number", "no number is stated, and no cable of this post and date is held"))
            return
        if out.cable is not None:
            where = self._resolver.range_of(out.cable)
            told += f"; {where}" if where else ""
        else:
            told += "; no year is stated"
        out.problems.append(Problem("number", told))
        self._propose(one, out)

    def _propose(self, one: Finding, out: Citation) -> None:
        assert one.serial is not None
        out.candidates = self._resolver.near(one.posts, one.serial, one.date, one.title[0] if one.title is not None else None)
        if out.candidates:
            out.notes.append(
                f"{', '.join(out.candidates)} may be meant: held, of the stated date, with a number, post or year that differs by a slip"
            )

    # quotations

    def _quoted(self, allotted: Allotted, citations: list[Citation]) -> None:
        quoted = allotted.quoted
        held = [citations[n] for n in allotted.citations if citations[n].verdict in (RIGHT, WRONG)]
        # What is quoted of a cable that is not held cannot be looked for.
        if not held or any(citations[n].verdict not in (RIGHT, WRONG) for n in allotted.citations):
            every = [one for one in held if one.cable is not None and self._quoter.has(one.cable, quoted.text)]
            held = every[:1]
        span = self._even.span(quoted.start, quoted.end)
        looked = [(one, self._quoter.look(one.cable, quoted.text)) for one in held if one.cable is not None]
        if not looked:
            return
        exact = [(one, found) for one, found in looked if found.result == "exact"]
        # Among several cables with the words, the one whose cited paragraph has them.
        exact.sort(key=lambda pair: not _within(pair[1].paragraph, pair[0].paragraphs))
        if exact:
            one, found = exact[0]
            one.quotations.append(Quotation(quoted.text, span, "exact", one.cable, found.paragraph))
            if (
                one.paragraphs
                and found.paragraph is not None
                and found.paragraph.isdecimal()
                and not _within(found.paragraph, one.paragraphs)
            ):
                again = self._other_paragraph(one, quoted.text)
                if not again:
                    one.problems.append(
                        Problem(
                            "paragraph",
                            f"the words “{_short(quoted.text)}” are in paragraph {found.paragraph}",
                            None,
                            found.paragraph,
                        )
                    )
            return
        if quoted.is_short:
            return
        one, found = max(looked, key=lambda pair: pair[1].share)
        result, where = found.result, one.cable
        if found.share < 1 and self._searches < _MOST_SEARCHES:
            self._searches += 1
            other = self._quoter.elsewhere(quoted.text, one.cable)
            if other is not None:
                result, where = "elsewhere", other
        changes = found.changes if result == "differs" else ()
        one.quotations.append(
            Quotation(quoted.text, span, result, where, found.paragraph if result == "differs" else None, changes)
        )
        if result == "differs":
            told = "; ".join(_change(change) for change in changes[:6])
            message = f"the quotation “{_short(quoted.text)}” differs: {told}"
        elif result == "elsewhere":
            message = f"the words “{_short(quoted.text)}” are not in {one.cable}, but in {where}"
        else:
            message = (
                f"the words “{_short(quoted.text)}” are not in {'this cable' if len(looked) == 1 else 'any of these cables'}"
            )
        one.problems.append(Problem("quotation", message, quoted.text, None))

    def _other_paragraph(self, one: Citation, text: str) -> bool:
        """Whether a cited paragraph has the words as well: they may stand twice."""
        cable = self._cable(one.cable or "")
        return cable is not None and any(
            _within(str(p.number), one.paragraphs) and "".join(words_of(text)) in "".join(words_of(p.text))
            for p in cable.paragraphs
        )

    def _in_style(self, one: Citation) -> str | None:
        # Only who asks for a style waits for its processor.
        from cablegram.cite.citing import cite
        from cablegram.errors import NotHeld

        assert one.cable is not None
        assert self._style is not None
        paragraph = str(one.paragraphs[0][0]) if one.paragraphs and one.verdict != GHOST else None
        for wanted in dict.fromkeys((paragraph, None)):
            if (one.cable, wanted) not in self._written:
                try:
                    self._written[one.cable, wanted] = cite(self._archive, one.cable, self._style, paragraph=wanted)
                except NotHeld:
                    self._written[one.cable, wanted] = None
            if self._written[one.cable, wanted] is not None:
                return self._written[one.cable, wanted]
        return None


def _within(label: str | None, paragraphs: list[tuple[int, int]]) -> bool:
    return label is not None and label.isdecimal() and any(first <= int(label) <= last for first, last in paragraphs)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 70 else f"{text[:60].rsplit(' ', 1)[0]} …"


def _change(change: tuple[str, str]) -> str:
    quoted, cable = change
    if not cable:
        return f"“{quoted}” is not in the cable"
    return f"the cable has “{cable}” for “{quoted}”" if quoted else f"the cable has “{cable}” more"
