"""The JSON of the reading room, as its OpenAPI description gives it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class SnippetShape(BaseModel):
    """A piece of a cable that shows what was found."""

    paragraph: int | str | None
    seq: int | None
    text: str
    marks: list[tuple[int, int]] = Field(description="Places in `text` of what was searched for.")


class HitShape(BaseModel):
    """One cable that was found."""

    id: str
    score: float | None
    created: str | None
    subject: str | None
    classification: str | None
    origin: str | None
    snippets: list[SnippetShape]


class Found(BaseModel):
    """What a search found."""

    query: str
    sort: str
    total: int
    hits: list[HitShape]
    facets: dict[str, dict[str, int]]
    next: str | None = Field(description="`after` of the next page; null on the last one.")
    state: str


class CableShape(BaseModel):
    """The record of a cable (docs/record.md), its versions, and who cites it."""

    model_config = {"extra": "allow"}

    key: str = Field(description="The id under which the archive has the cable.")
    held: bool = Field(True, description="False where only cables that cite it are held: another shape.")
    versions: list[dict[str, Any]]
    cited_by: list[str]
    alike: list[str]
    thread: list[str]


class LineShape(BaseModel):
    """One line of the original."""

    number: int
    kind: str
    words: str
    pieces: list[tuple[str, str]] = Field(description="Kind and text of each piece.")


class RawShape(BaseModel):
    """The original, line by line."""

    key: str
    lines: list[LineShape]


class DifferenceShape(BaseModel):
    """Two versions of a cable held against each other."""

    model_config = {"extra": "allow"}

    key: str


class Overview(BaseModel):
    """What the archive holds."""

    model_config = {"extra": "allow"}

    cables: int
    versions: int


class Counted(BaseModel):
    """A value and the number of cables that have it."""

    code: str
    name: str | None
    count: int


class Counts(BaseModel):
    """Values with their numbers of cables, most first."""

    values: list[Counted]


class Listed(BaseModel):
    """One line of a list of cables."""

    id: str
    created: str | None
    post: str | None
    classification: str | None
    subject: str | None


class Lists(BaseModel):
    """A list of cables."""

    title: str
    total: int
    cables: list[Listed]


class Completion(BaseModel):
    """What could be typed."""

    start: int = Field(description="Where the word that is being typed begins.")
    values: list[dict[str, str]]
