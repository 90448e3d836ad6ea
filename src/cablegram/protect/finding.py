"""What a cable asks to protect, and what in it belongs to private persons."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from cablegram.cable import Cable
from cablegram.protect.mentions import mentions_of
from cablegram.protect.names import (
    WORD,
    Named,
    in_capitals,
    is_redacted,
    name_before,
    name_behind,
    own_words,
    person_before,
    runs_in,
)
from cablegram.protect.rules import (
    BEFORE,
    BEHIND,
    CASE,
    MARK,
    NAME,
    PERSON,
    REDACTED,
    SIGNAL,
    SIGNAL_HINTS,
    TAGS,
    numbers,
    reading,
    with_line_ends,
)
from cablegram.protect.view import View
from cablegram.spans import Span

#: In which of two finds at the same place the other is lost.
_ORDER: Final = (NAME, PERSON)
#: The line of a signature is no longer (characters).
_LINE: Final = 80


class Find(NamedTuple):
    """One find. ``span`` is its place in the original, ``paragraph`` the number or label of the paragraph, ``seq`` the place of that among the
    paragraphs and ``paragraph_span`` the place in its text; ``kind`` and ``rule`` say what it is and why, ``confidence``
    how surely, from 0 to 1; ``note`` what a reader should know."""

    span: Span
    paragraph: int | str | None
    seq: int | None
    paragraph_span: Span | None
    kind: str
    rule: str
    confidence: float
    text: str
    note: str | None = None

    def to_dict(self, *, words: bool = True) -> dict[str, Any]:
        """As plain data; without ``words`` only where it is and why, and neither its words nor their number."""
        out: dict[str, Any] = {
            "kind": self.kind,
            "rule": self.rule,
            "confidence": self.confidence,
            "paragraph": self.paragraph,
            "seq": self.seq,
            "note": self.note,
        }
        if words:
            out |= {
                "text": self.text,
                "span": list(self.span),
                "paragraph_span": list(self.paragraph_span) if self.paragraph_span else None,
            }
        return out


class People(NamedTuple):
    """The words of the names of those whom a cable asks to protect (``sources``), and of private persons (``private``)."""

    sources: frozenset[tuple[str, ...]]
    private: frozenset[tuple[str, ...]]

    def plus(self, other: People) -> People:
        """Those of both."""
        return People(self.sources | other.sources, self.private | other.private)


NOBODY: Final = People(frozenset(), frozenset())


class Found(NamedTuple):
    """The ``finds`` of one cable in order, the ``people`` whose names they are, and the places in the original that are to be masked (``pieces``), a find
    after another."""

    finds: tuple[Find, ...]
    people: People
    pieces: tuple[tuple[Span, ...], ...]


def may_hold(text: str, tags: Iterable[str]) -> bool:
    """Whether there can be anything to mask in an original text of a cable with these TAGS: a quick look, for the many that have nothing."""
    text = with_line_ends(text)
    small = text.lower()
    if "protect" in small or is_consular(small, tags):
        return True
    return any(one.pattern.search(text) for one in reading(small, consular=False))


def is_consular(text: str, tags: Iterable[str]) -> bool:
    """Whether a cable is of a consular case of a person: by its TAGS, or by what it says."""
    return bool(TAGS.intersection(tags)) or (any(hint in text for hint in SIGNAL_HINTS) and SIGNAL.search(text) is not None)


def find(cable: Cable, also: People = NOBODY) -> Found:
    """What is to be protected in ``cable``; ``also`` are people that another version of it names as such."""
    if also == NOBODY and not cable.redactions and not may_hold(cable.original, cable.tags):
        return Found((), NOBODY, ())
    small = cable.original.lower()
    consular = is_consular(small, cable.tags)
    can_mark = "protect" in small
    view = View(cable)
    text = view.text
    marked, notes = _marked(text) if can_mark else ([], [])
    private = _private(text, cable.subject) if consular else []
    people = People(
        frozenset(one.words for one in marked if one.words), frozenset(one.words for one in private if one.words)
    ).plus(also)  # fmt: skip
    raw: list[tuple[Span, str, str, float, str | None]] = [
        (one.span, NAME, one.rule, one.confidence, _why(one)) for one in marked
    ]
    raw += [(one.span, PERSON, one.rule, one.confidence, None) for one in private if one.span[0] < one.span[1]]
    sources, others = mentions_of(people.sources), mentions_of(people.private)
    raw += [(span, NAME, "later-mention", 0.8, None) for span in sources.find(text)]
    raw += [(span, PERSON, "later-mention", 0.7, None) for span in others.find(text)]
    raw += [(span, one.kind, one.rule, one.confidence, None) for one, span in numbers(text, consular)]
    made = [_place(cable, view, *one) for one in _apart(raw)]
    # The original has what the reader does not see: repeated preambles, running heads.
    for kind, mentions in ((NAME, sources), (PERSON, others)):
        covered = sorted(piece for _, pieces in made for piece in pieces)
        for span in mentions.find(cable.original):
            at = bisect_left(covered, span)
            near = covered[max(0, at - 1) : at + 1]
            if not any(start < span[1] and span[0] < end for start, end in near):
                n = view.paragraph(span)
                words = " ".join(cable.original[slice(*span)].split())
                made.append((Find(span, _label(cable, n), n, None, kind, "outside-the-text", 0.8, words), (span,)))
    signature = cable.signature
    made = [
        one
        for one in made
        if signature is None
        or one[0].rule not in ("later-mention", "outside-the-text")
        or not _is_line(cable.original, one[0].span, signature)
    ]
    made += [(_at(cable, view, note, "protect mark", rule, 0.0, why), ()) for note, rule, why in notes]
    made += [(_at(cable, view, redaction.span, REDACTED, "x-run", 1.0, None), ()) for redaction in cable.redactions]
    made.sort(key=lambda one: (one[0].span, one[0].kind))
    return Found(tuple(one for one, _ in made), people, tuple(pieces for _, pieces in made))


def _why(one: Named) -> str | None:
    return (
        "the rule cannot tell which words are the name: all back to a boundary of the sentence"
        if one.rule == "words-back-to-boundary"
        else None
    )


def _marked(text: str) -> tuple[list[Named], list[tuple[Span, str, str]]]:
    """What the marks of ``text`` protect; and marks that protect nothing here, with the reason."""
    out: list[Named] = []
    notes: list[tuple[Span, str, str]] = []
    for found in MARK.finditer(text):
        if is_redacted(text, found.start()):
            notes.append((found.span(), "mark-behind-redaction", "the name is blacked out already"))
            continue
        one = None if found["again"] else name_before(text, found.start())
        if one is None and not found["again"]:
            one = name_behind(text, found.end())
        if one is not None:
            out.append(one)
        else:
            notes.append(
                (found.span(), "mark-without-name", "no name stands before it: who is meant was named elsewhere, or nowhere")
            )
    return out, notes


def _private(text: str, subject: str | None) -> list[Named]:
    out: list[Named] = []
    last = 0
    for found in BEHIND.finditer(text):
        # `born` and `passport` of one person often follow each other: what has no word between them has no other name.
        if not last or WORD.search(text, last, found.start()) is not None:
            one = person_before(text, found.start())
            if one is not None:
                out.append(one)
        last = found.end()
    for found in BEFORE.finditer(text):
        one = name_behind(text, found.end())
        if one is not None and len(one.words) >= 2:
            out.append(one._replace(rule="consular-case", confidence=0.7))
    case = CASE.search(subject) if subject else None
    if case is not None and subject is not None:
        start, end = case.span("what")
        run = next(iter(runs_in(subject, start, end)), None)
        if (
            run is not None
            and run[0].start == start
            and len(own_words(run)) >= 2
            and (in_capitals(subject, start, end) or len(run) > 1)
        ):
            out.append(Named((0, 0), own_words(run), "case-subject", 0.8))
    return out


def _rank(one: tuple[Span, str, str, float, str | None]) -> tuple[int, bool, float]:
    """What goes before at one place: the kind, then what is no mere mention, then the surer rule."""
    _, kind, rule, confidence, _ = one
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER), rule == "later-mention", -confidence


def _apart(raw: Iterable[tuple[Span, str, str, float, str | None]]) -> list[tuple[Span, str, str, float, str | None]]:
    """Finds in order, those that overlap as one: the wider place, the kind of the first in rank, the surer rule."""
    out: list[tuple[Span, str, str, float, str | None]] = []
    for one in sorted(raw, key=lambda one: (one[0][0], -one[0][1])):
        if out and one[0][0] < out[-1][0][1]:
            last = out[-1]
            best = min(last, one, key=_rank)
            out[-1] = ((last[0][0], max(last[0][1], one[0][1])), *best[1:])
        else:
            out.append(one)
    return out


def _place(
    cable: Cable, view: View, span: Span, kind: str, rule: str, confidence: float, note: str | None
) -> tuple[Find, tuple[Span, ...]]:
    outer = view.outer(span)
    n = view.paragraph(outer)
    inside = view.in_paragraph(n, span) if n is not None else None
    label = _label(cable, n)
    return Find(outer, label, n, inside, kind, rule, confidence, " ".join(view.text[slice(*span)].split()), note), tuple(
        view.pieces(span)
    )


def _at(cable: Cable, view: View, span: Span, kind: str, rule: str, confidence: float, note: str | None) -> Find:
    """A find that is not masked."""
    outer = span if kind == REDACTED else view.outer(span)
    n = view.paragraph(outer)
    inside = view.in_paragraph(n, span) if n is not None and kind != REDACTED else None
    text = cable.original[slice(*span)] if kind == REDACTED else " ".join(view.text[slice(*span)].split())
    return Find(outer, _label(cable, n), n, inside, kind, rule, confidence, text, note)


def _label(cable: Cable, n: int | None) -> int | str | None:
    if n is None:
        return None
    paragraph = cable.paragraphs[n]
    return paragraph.number if paragraph.number is not None else paragraph.label


def _is_line(text: str, span: Span, line: str) -> bool:
    around = text[max(0, span[0] - _LINE) : span[0]].rpartition("\n")[2] + text[span[0] : span[1] + _LINE].partition("\n")[0]
    return around.strip() == line
