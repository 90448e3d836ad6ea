"""What every source yields: raw text with claims, or a refusal with its reason."""

from __future__ import annotations

from typing import Any, NamedTuple


class RawRecord(NamedTuple):
    """One record as a source gives it; nothing in it is interpreted.

    ``text`` is the telegram, header and body, or None where the source has a record without a text;
    ``reason`` then says why. ``claims`` is what the source says of the record apart from the telegram:
    ``id``, ``created`` (ISO 8601, as the source gives it), ``classification``, ``origin``,
    ``subject``, ``tags`` (list), and whatever else it names, under snake_case keys. ``position`` is the
    place in the source, counted from 1: a row, a line, a file of a folder is ``1``. ``data`` is the source's own
    bytes where they are not simply ``text`` in UTF-8: a file in another encoding, a PDF.
    """

    text: str | None
    claims: dict[str, Any]
    source: str
    position: int
    reason: str | None = None
    data: bytes | None = None


class Refusal(NamedTuple):
    """A record that could not be read: its ``source``, the ``position`` in it, counted from 1, and the ``reason`` in one line."""

    source: str
    position: int
    reason: str


Item = RawRecord | Refusal
