"""The JSON of the page that compares two sources."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from cablegram.web.shapes_study import CountsState


class SideShape(BaseModel):
    """What one source has of a cable; what follows `version` is told only where words differ."""

    id: str
    version: int
    words: int | None = None
    redactions: int | None = Field(None, description="Passages blacked out.")
    characters: int | None = Field(None, description="Characters blacked out.")
    revealed: int | None = Field(None, description="Passages blacked out that the other shows, at least in part.")
    revealed_characters: int | None = None
    shown_words: int | None = Field(None, description="Words that the other blacks out.")
    only_words: int | None = Field(None, description="Words that the other does not have.")
    only_share: float | None = Field(None, description="Their share in all its words.")


class ComparedShape(BaseModel):
    """One cable of a list."""

    cable: str
    created: str | None
    post: str | None
    classification: str | None
    subject: str | None
    a: SideShape | None
    b: SideShape | None
    text: str | None = Field(description="How the two texts stand to each other.")
    shared: float | None = Field(description="Share of the shorter text's runs of three words that the other has.")
    edits: int = Field(description="Places where words are changed without a mark.")
    fuller: str | None
    reason: str | None
    note: str | None
    fields: int = Field(description="Fields that disagree.")
    renumbered: list[str] = Field(description="Numbers under which the other source has this text.")


class ValueShape(BaseModel):
    """What one source says of a field, and where."""

    value: str | None
    span: list[int] | None = Field(
        description="In characters of the original; null where the source says it apart from the text."
    )
    paragraph: str | None


class DisagreementShape(BaseModel):
    """A field on which two records of a cable do not agree."""

    cable: str
    field: str
    kind: str
    a: ValueShape
    b: ValueShape


class CompareShape(CountsState):
    """Two sources compared; each count of `lists` is the length of the list of that name."""

    a: list[str] = Field(description="The names of the sources on side A, the first hundred.")
    b: list[str]
    sources: dict[str, int] = Field(description="How many sources are on side `a`, and on `b`.")
    lists: dict[str, int]
    fields: dict[str, dict[str, int]] = Field(description="Disagreements by field and kind.")
    where_words_differ: dict[str, Any]
    listed: str = Field(description="The name of the list.")
    field: str | None
    total: int
    cables: list[ComparedShape]
    disagreements: list[DisagreementShape]
