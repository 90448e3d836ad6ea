"""The record of a cable, as the API's description gives it (docs/record.md)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Span = tuple[int, int]


class Origin(BaseModel):
    """The sending post."""

    name: str | None = Field(examples=["Embassy La Paz"])
    post: str | None = Field(examples=["LAPAZ"])
    kind: str | None
    country: str | None = Field(examples=["BO"])
    address: str | None
    routing: str | None


class Addressee(BaseModel):
    """One addressee."""

    routing: str | None
    name: str
    precedence: str | None
    number: str | None
    excluded: list[str]
    span: Span


class Reference(BaseModel):
    """One item of the reference line."""

    label: str | None
    raw: str
    kind: str
    cable: str | None = Field(description="Canonical id of the cable that is meant.")
    year_source: str | None
    title: str | None
    span: Span


class Paragraph(BaseModel):
    """One paragraph of the text."""

    number: int | None
    label: str | None
    marking: str | None = Field(examples=["C"])
    level: str | None
    caveats: list[str]
    kind: str = Field(examples=["summary"])
    heading: str | None
    section: int
    text: str
    span: Span = Field(description="Its place in the original, in characters.")


class Sections(BaseModel):
    """Number of sections of the message, and those held."""

    count: int
    held: list[int]


class ExecutiveOrder(BaseModel):
    """The E.O. line."""

    order: str | None
    declassify_on: str | None
    event: str | None
    exemptions: list[str]
    raw: str


class ClassifiedBy(BaseModel):
    """Who classified it."""

    name: str | None
    title: str | None
    reasons: list[str]


class Redaction(BaseModel):
    """A run of X in place of a text."""

    span: Span
    length: int


class Edit(BaseModel):
    """One repair of the original, or one that is only proposed."""

    span: Span
    original: str
    replacement: str
    rule: str
    confidence: float
    applied: bool


class Diagnostic(BaseModel):
    """What a reader should know."""

    code: str
    severity: str
    message: str
    span: Span | None


class Sighting(BaseModel):
    """Where a version was seen."""

    source: str
    position: int


class VersionInfo(BaseModel):
    """One version of a cable."""

    version: int = Field(description="Its number in this archive.")
    kind: str = Field(examples=["release"])
    current: bool = Field(description="Whether it is the fullest, which is shown if none is asked for.")
    parser: str
    partial: bool
    sections: list[int]
    redacted: int = Field(description="Characters blacked out.")
    length: int = Field(description="Characters of the restored text.")
    sha256: str = Field(description="Checksum of the original.")
    parts: list[int]
    sightings: list[Sighting]


class Record(BaseModel):
    """The record of a cable (docs/record.md), its versions, and who cites it."""

    key: str = Field(description="The id under which the archive has the cable.", examples=["96LAPAZ2075"])
    id: str | None = Field(description="The message number that the cable gives.", examples=["96LAPAZ2075"])
    source_ids: list[str]
    created: str | None = Field(examples=["1996-03-05T14:10Z"])
    classification: str | None = Field(examples=["CONFIDENTIAL"])
    caveats: list[str]
    captions: list[str]
    origin: Origin | None
    subject: str | None
    tags: list[str]
    tags_people: list[str]
    transmission_id: str | None
    precedence: str | None
    serial: int | None
    sections: Sections | None
    action: list[Addressee]
    info: list[Addressee]
    executive_order: ExecutiveOrder | None
    classified_by: ClassifiedBy | None
    references: list[Reference]
    paragraphs: list[Paragraph]
    signature: str | None
    partial: bool
    redactions: list[Redaction]
    edits: list[Edit]
    diagnostics: list[Diagnostic]
    claims: dict[str, Any] = Field(description="What the source said of the record, apart from the telegram.")
    text: str | None = Field(description="The restored text.")
    versions: list[VersionInfo]
    cited_by: list[str]
    alike: list[str] = Field(description="Cables with nearly the same text.")
    original: str | None = Field(None, description="The text as its source gave it; only with `original=true`.")
