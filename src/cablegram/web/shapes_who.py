"""The JSON of the pages of the distribution and of source protection."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from cablegram.web.shapes_study import CountsState


class ReachedShape(BaseModel):
    """A cable and when it was sent."""

    cable: str
    created: str | None


class AddresseeShape(BaseModel):
    """One addressee of many cables."""

    name: str = Field(description="Code of the post, or the name on the address line where it is no post.")
    post: str | None
    action: int
    info: int
    member: int = Field(description="As a member of a collective that the vocabulary expands.")
    first: ReachedShape
    last: ReachedShape
    not_copied_after: int = Field(description="Cables of others that were sent after the last one that went to it.")
    months: dict[str, dict[str, int]] = Field(description="Cables by month and role.")
    undated: int


class CollectiveShape(BaseModel):
    """A collective that stands on address lines."""

    name: str
    cables: int
    expanded: bool = Field(description="Whether the vocabulary dates its members.")
    evidence: str | None


class WhoShape(CountsState):
    """Who got the cables that were looked at."""

    query: str
    post: str | None
    first: str = Field(alias="from")
    to: str
    count: int = Field(description="Cables looked at.")
    undated: int
    months: dict[str, int]
    collectives: list[CollectiveShape]
    total: int = Field(description="Addressees.")
    addressees: list[AddresseeShape]


class CopyShape(BaseModel):
    """One cable of a list."""

    id: str
    created: str | None
    post: str | None
    subject: str | None
    role: str | None
    through: str | None


class CopiesList(CountsState):
    """The cables that one number counted."""

    who: str
    total: int
    cables: list[CopyShape]


class OneDistribution(BaseModel):
    """To whom one cable went, and who got others of its thread."""

    model_config = {"extra": "allow"}

    cable: str
    action: list[dict[str, Any]]
    info: list[dict[str, Any]]
    left_off: list[dict[str, Any]]


class KindShape(BaseModel):
    """A kind of finds and its rule."""

    kind: str
    rule: str
    finds: int
    cables: int


class FindShape(BaseModel):
    """One find; in a masked room without its words."""

    cable: str
    created: str | None
    subject: str | None
    kind: str
    rule: str
    confidence: float
    paragraph: int | str | None
    anchor: str | None = Field(description="The paragraph's place on the cable's page.")
    note: str | None
    text: str | None


class ProtectionShape(CountsState):
    """What is found that is to be protected, or what was masked."""

    masked: list[str] | None = Field(description="The groups that are masked in this room; null where nothing is.")
    query: str
    kind: str
    rule: str
    counts: list[KindShape]
    total: int = Field(description="Finds of the list.")
    finds: list[FindShape]
