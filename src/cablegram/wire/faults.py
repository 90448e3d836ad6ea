"""The one shape of all errors: ``{"error": {"code", "message", "status", ...}}``."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field


class Fault(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable name of the fault.", examples=["not-found"])
    message: str = Field(description="One line that says what to do.", examples=["05NOWHERE1 is not in this archive."])
    status: int = Field(description="The HTTP status.", examples=[404])
    query: str | None = Field(None, description="The query that could not be understood.")
    start: int | None = Field(None, description="First character of the place that is wrong, from 0.")
    end: int | None = Field(None, description="Character behind that place.")
    expected: str | None = Field(None, description="What could stand there.")
    suggestion: str | None = Field(None, description="What was probably meant.")


class Problem(BaseModel):
    """The one shape of all errors."""

    error: Fault


def first_fault(error: RequestValidationError) -> str:
    """The first value of a request that is wrong, and why, in one line."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first.get("loc", ())[1:])
    return f"{place}: {first.get('msg', 'is wrong')}"
