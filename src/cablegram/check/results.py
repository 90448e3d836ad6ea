"""What the checker says of a citation: plain records, ready for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

RIGHT: Final = "right"
WRONG: Final = "wrong"
GHOST: Final = "ghost"
UNKNOWN: Final = "unknown"
AMBIGUOUS: Final = "ambiguous"
VERDICTS: Final = (RIGHT, WRONG, GHOST, UNKNOWN, AMBIGUOUS)


class Problem(NamedTuple):
    """Something that is wrong, or to be looked at: ``kind`` (date, year, post, title, classification, paragraph, quotation, number), a
    ``message`` in one sentence, what is ``stated`` and what is ``held``."""

    kind: str
    message: str
    stated: str | None = None
    held: str | None = None


class Change(NamedTuple):
    """Where a quotation differs: the words ``quoted`` and those of the ``cable`` in their place; either may be empty."""

    quoted: str
    cable: str


class Quotation(NamedTuple):
    """Words in quotation marks (``text``), with their ``span`` in the manuscript. ``result``: ``exact``, ``differs``, ``elsewhere`` (exact in the cable
    ``found_in``), ``not found``. ``paragraph``: label of the one in which they begin; ``changes`` word by word."""

    text: str
    span: tuple[int, int]
    result: str
    found_in: str | None = None
    paragraph: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)
class Citation:
    """One citation of a manuscript. ``span`` is in characters of the manuscript's text; ``place`` says where that is (``footnote 3``);
    ``form`` how it is written (see :mod:`cablegram.check.findings`); ``cable`` the id that is meant, None where that is not known; ``verdict`` and
    ``problems`` what is found (docs/check.md); ``quotations`` the words in quotes near it; ``stated_date``, ``stated_title`` and ``paragraphs`` (first
    and last of each range) what it states; ``date`` and ``subject`` those of what is held; ``written`` the citation in the style that was asked for;
    ``year_source`` whence its year is: ``stated``, ``date``, ``earlier citation``, ``only one held``, ``context``; ``candidates`` what an
    ambiguous one may mean, or what may be meant by one that is not held; ``notes`` what is worth knowing and is no problem."""

    text: str
    span: tuple[int, int]
    place: str | None
    form: str
    cable: str | None = None
    verdict: str = UNKNOWN
    year_source: str | None = None
    problems: list[Problem] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quotations: list[Quotation] = field(default_factory=list)
    stated_date: str | None = None
    stated_title: str | None = None
    paragraphs: list[tuple[int, int]] = field(default_factory=list)
    #: Of what is held: its date and its subject.
    date: str | None = None
    subject: str | None = None
    written: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As ``check --json`` prints it."""
        return {
            "text": self.text, "span": list(self.span), "cable": self.cable, "verdict": self.verdict,
            "problems": [problem._asdict() for problem in self.problems], "place": self.place, "form": self.form, "year_source": self.year_source,
            "stated": {"date": self.stated_date, "title": self.stated_title, "paragraphs": [list(one) for one in self.paragraphs]},
            "held": {"date": self.date, "subject": self.subject} if self.verdict in (RIGHT, WRONG) else None,
            "candidates": self.candidates, "notes": self.notes,
            "quotations": [{**one._asdict(), "span": list(one.span), "changes": [change._asdict() for change in one.changes]} for one in self.quotations],
            **({"in_style": self.written} if self.written is not None else {}),
        }  # fmt: skip
