"""The JSON of the API, as its OpenAPI description gives it. Answers are made without these; a test holds the two together."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cablegram.api.record_models import Paragraph, Span, VersionInfo
from cablegram.wire import faults


class Fault(faults.Fault):
    """What went wrong."""

    reason: str | None = Field(None, description="Of a wrong query: what is wrong, without the place.")


class Problem(BaseModel):
    """The one shape of all errors."""

    error: Fault


class Root(BaseModel):
    """What the archive holds, and where the rest is."""

    api: str = Field(description="Version of the API.", examples=["1.0"])
    program: str = Field(examples=["cablegram 0.3.0"])
    cables: int = Field(description="How many cables are held.", examples=[73])
    versions: int = Field(description="How many versions they have together.")
    earliest: str | None = Field(description="Date-time group of the earliest cable.")
    latest: str | None = Field(description="The same of the latest.")
    ghosts: int = Field(description="How many cables are cited and not held.")
    classification: dict[str, int] = Field(description="How many cables are classified how.")
    masked: list[str] | None = Field(
        description="Groups of what is masked in all answers (names, persons, numbers); null where nothing is."
    )
    links: dict[str, str] = Field(description="Addresses, by what they give; {id} stands for an id.")


class Snippet(BaseModel):
    """A piece of a cable that shows what was found."""

    paragraph: int | str | None = Field(description="Number or label of the paragraph.")
    seq: int | None = Field(description="Its place among the paragraphs, from 0.")
    text: str
    marks: list[Span] = Field(description="Places in `text` of what was searched for.")


class Item(BaseModel):
    """One cable of a list. With `fields`, the keys asked for instead, as the record has them."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(description="The id under which the archive has the cable.", examples=["96LAPAZ2075"])
    score: float | None = Field(None, description="How well it fits the query, where the order is by relevance.")
    created: str | None = None
    subject: str | None = None
    classification: str | None = None
    origin_name: str | None = Field(None, description="The sending post.")
    snippets: list[Snippet] | None = None


class Cables(BaseModel):
    """A page of a list of cables."""

    query: str
    sort: str
    total: int = Field(description="How many cables the query finds.")
    items: list[Item]
    facets: dict[str, dict[str, int]] = Field(description="Values with their numbers of cables; empty without `facets=true`.")
    next: str | None = Field(description="`cursor` of the next page; null on the last one.")


class Facets(BaseModel):
    """What the cables that a query finds are made of."""

    query: str
    total: int
    facets: dict[str, dict[str, int]]


class Paragraphs(BaseModel):
    """Paragraphs of a cable."""

    cable: str
    version: int
    paragraphs: list[Paragraph]


class Cited(BaseModel):
    """One place where a cable cites another."""

    model_config = ConfigDict(extra="allow")

    cable: str
    held: bool
    raw: str
    paragraph: int | str | None


class Other(BaseModel):
    """A reference that names no cable, or none that can be told."""

    model_config = ConfigDict(extra="allow")

    raw: str
    paragraph: int | str | None
    reason: str | None


class Step(BaseModel):
    """One cable of a thread."""

    cable: str
    distance: int = Field(description="How many references away.")
    created: str | None
    post: str | None
    subject: str | None
    cites: list[str]


class References(BaseModel):
    """What a cable cites, and who cites it."""

    model_config = ConfigDict(extra="allow")

    cable: str
    held: bool
    cites: list[Cited]
    cited_by: list[str]
    others: list[Other]
    silent: list[str] = Field(description="Posts asked for action of which no held cable cites it.")


class CitedBy(BaseModel):
    """Who cites a cable, which need not be held."""

    cable: str
    held: bool
    cited_by: list[str]


class Thread(BaseModel):
    """Cables that hang together by references, in order of time."""

    cable: str
    held: bool
    thread: list[Step]


class Versions(BaseModel):
    """All versions of a cable."""

    cable: str
    versions: list[VersionInfo]


class Change(BaseModel):
    """One difference."""

    span: list[int]
    kind: str
    text: str
    other: str


class Difference(BaseModel):
    """Two versions of a cable held against each other."""

    model_config = ConfigDict(extra="allow")

    cable: str
    left: int
    right: int
    changes: list[Change] = Field(description="Places in the right one; what the left one has there is `other`.")
    fullest: int | None
    reason: str


class Citation(BaseModel):
    """A citation in one style."""

    cable: str
    style: str
    paragraph: str | None
    citation: str


class Words(BaseModel):
    """How a cable cites a ghost."""

    model_config = ConfigDict(extra="allow")

    citing: str
    raw: str


class Ghost(BaseModel):
    """A cable that is cited and not held."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    cable: str
    citations: int
    cited_by: list[str]
    from_: str | None = Field(alias="from", description="First day on which it was probably sent.")
    to: str | None
    date: str | None = Field(description="The likeliest day.")
    method: str | None
    doubt: str | None
    words: list[Words]


class Ghosts(BaseModel):
    """A page of the ghosts, most cited first."""

    total: int
    ghosts: list[Ghost]
    next: str | None


class Coverage(BaseModel):
    """A post in a year."""

    model_config = ConfigDict(extra="allow")

    post: str
    year: int
    lowest: int
    highest: int
    held: int
    missing_runs: list[tuple[int, int]]
    share: float


class Coverages(BaseModel):
    """A page of coverage by post and year."""

    total: int = Field(description="How many posts and years there are.")
    posts: list[Coverage]
    next: str | None = Field(description="`cursor` of the next page; null on the last one.")


class Clocked(BaseModel):
    """One cable on the clock."""

    model_config = ConfigDict(extra="allow")

    cable: str
    order: str | None
    date: str | None
    ground: str


class Clock(BaseModel):
    """The declassification clock: how many cables have which status, and those of one status, the earliest date first."""

    as_of: str
    status: str
    counts: dict[str, int]
    total: int = Field(description="How many cables have this status.")
    items: list[Clocked]
    next: str | None = Field(description="`cursor` of the next page; null on the last one.")


class Markings(BaseModel):
    """Banners held against the marks of paragraphs."""

    query: str
    conflicts: list[dict[str, Any]]
    share: dict[str, Any]


class Counted(BaseModel):
    """A value and the number of cables that have it."""

    code: str
    name: str | None
    count: int


class Counts(BaseModel):
    """Values with their numbers of cables, most first."""

    values: list[Counted]
