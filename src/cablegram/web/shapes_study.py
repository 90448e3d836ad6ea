"""The JSON of the pages of studies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from cablegram.web.shapes import Listed


class CountsState(BaseModel):
    """Of which state of the archive the counts are."""

    old: bool = Field(description="Whether the archive changed since; the new counts are being made.")


class DatingShape(BaseModel):
    """A probable date."""

    date: str | None = Field(description="The likeliest day.")
    first: str | None = Field(description="First day of the window.")
    last: str | None = Field(description="Last day of the window.")
    method: str | None
    doubt: str | None = Field(description="What speaks against the number or its year.")
    neighbours: list[str] = Field(description="The held numbers that it rests on.")


class CitingShape(BaseModel):
    """One place where a held cable cites a ghost."""

    citing: str
    raw: str = Field(description="The words, as written.")
    label: str | None
    paragraph: int | str | None = Field(description="Null on the REF line.")
    year_source: str | None


class GhostShape(BaseModel):
    """A cable that held cables cite and that is not held."""

    key: str
    held: bool = Field(description="Always false.")
    post: str | None
    serial: int | None
    citations: int = Field(description="How many held cables cite it: the length of `cited_by`.")
    cited_by: list[str]
    first_cited: str | None
    titles: list[str]
    words: list[CitingShape]
    likely_classification: str | None = Field(description="The commonest of the citing cables; its own is not known.")
    classification_of_citing: dict[str, int]
    dating: DatingShape


class GhostRow(BaseModel):
    """One line of the list of ghosts."""

    key: str
    citations: int
    post: str | None
    date: str | None
    first: str | None
    last: str | None
    first_cited: str | None
    likely_classification: str | None


class GhostList(CountsState):
    """Ghosts, most cited first."""

    total: int
    ghosts: list[GhostRow]


class CoverageShape(BaseModel):
    """A post in a year."""

    post: str
    year: int
    lowest: int
    highest: int
    held: int
    cited_not_held: int
    missing: int
    missing_runs: list[list[int]]
    missing_run_count: int
    share: float
    estimate: dict[str, int | None]
    share_of_traffic: float
    odd_holes: list[dict[str, Any]]
    doubtful: list[int]
    first: str | None
    last: str | None


class CoverageList(CountsState):
    """Posts and years."""

    total: int
    posts: list[CoverageShape]


class NumberShape(BaseModel):
    """One message number of a list."""

    id: str
    held: bool
    created: str | None
    subject: str | None


class YearShape(CountsState):
    """A post in a year, and the numbers that one of its counts counted."""

    coverage: CoverageShape
    continuity: dict[str, Any] | None
    evidence: str
    total: int
    numbers: list[NumberShape]


class ThreadCable(BaseModel):
    """One cable of a thread."""

    id: str
    held: bool
    date: str | None = Field(description="For one that is not held the likeliest day.")
    post: str | None
    classification: str | None
    to: list[str]
    subject: str | None
    lead: str | None = Field(description="Its summary, or else its first paragraph.")
    cites: list[str]
    cited_by: list[str]
    silent: list[str] = Field(description="Posts asked for action of which no held cable cites it.")


class ThreadShape(BaseModel):
    """A thread from top to bottom."""

    key: str
    cables: list[ThreadCable]


class DueShape(BaseModel):
    """When a cable is due to be declassified, and why."""

    cable: str
    subject: str | None
    status: str
    date: str | None
    order: str | None
    ground: str
    rule: str | None
    basis: str
    level: str | None
    line: str | None
    second: dict[str, Any] | None


class ClockShape(CountsState):
    """The clock as of a day."""

    as_of: str
    query: str
    counts: dict[str, int]
    orders: dict[str, dict[str, int]]
    years: dict[str, int] = Field(description="Due or overdue, by year of the date.")
    second_passed: int
    total: int = Field(description="Cables of the list that was asked for.")
    cables: list[DueShape]


class AmountShape(BaseModel):
    """So much text at one level (`none`: without a mark)."""

    level: str
    cables: int
    paragraphs: int
    characters: int
    share: float | None = Field(description="Of the characters of marked paragraphs.")


class GroupShape(BaseModel):
    """The text of a group of cables."""

    name: str
    amounts: list[AmountShape]


class MarkingsShape(CountsState):
    """Banners against paragraphs, and text by level."""

    query: str
    conflicts: dict[str, int]
    kind: str
    total: int
    listed: list[dict[str, Any]]
    overall: GroupShape
    year: list[GroupShape]
    post: list[GroupShape]
    tag: list[GroupShape]
    captions: dict[str, int]


class MarkedShape(BaseModel):
    """The paragraphs of one cable that a share counted."""

    cable: Listed
    paragraphs: int
    characters: int
    anchors: list[str] = Field(description="The paragraphs' places on the cable's page.")


class EvidenceShape(CountsState):
    """What a share counted; the sums of the list are its numbers."""

    by: str
    name: str
    level: str
    total: int
    cables: list[MarkedShape]


class StudiesShape(CountsState):
    """What the studies counted."""

    ghosts: int
    coverage: int
    clock: dict[str, int]
    conflicts: int
    addressees: int
