"""JSON lines: one object a line, with ``text``, or ``header`` and ``body``; every other key is a claim.

A line that has ``original`` is one of our own exports: its other keys are what we read, not what a source said, so only its
``claims`` count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from cablegram.sources.base import Item, RawRecord, Refusal

_LONGEST_LINE: Final = 64_000_000
_TEXT_KEYS: Final = ("original", "text", "header", "body", "claims")


def looks_like_jsonl(head: str) -> bool:
    """Whether a file that begins with ``head`` is of this form."""
    return head.lstrip("\ufeff \r\n").startswith(("{", '{"'))


def _record(line: str, source: str, position: int) -> Item:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Refusal(source, position, f"not a JSON object: {str(error).splitlines()[0]}")
    if not isinstance(value, dict):
        return Refusal(source, position, "not a JSON object")
    text: Any = value.get("original", value.get("text"))
    if text is None and isinstance(value.get("body"), str):
        header = value.get("header")
        text = f"{header}\n{value['body']}" if isinstance(header, str) and header else value["body"]
    claims: dict[str, Any] = {}
    if "original" not in value:
        claims = {key: item for key, item in value.items() if key not in _TEXT_KEYS and item is not None}
    origin = claims.get("origin")
    if isinstance(origin, dict):
        claims["origin"] = origin.get("name")
    stated = value.get("claims")
    if isinstance(stated, dict):
        claims.update(stated)
    if text is None:
        return RawRecord(None, claims, source, position, "the record has no text")
    if not isinstance(text, str):
        return Refusal(source, position, "`text` is not a string")
    return RawRecord(text, claims, source, position)


def read_jsonl(file: BinaryIO, source: str) -> Iterator[Item]:
    """The lines of an open file, one at a time; what cannot be read is a refusal."""
    position = 0
    while raw := file.readline(_LONGEST_LINE):
        position += 1
        if len(raw) >= _LONGEST_LINE and raw[-1:] != b"\n":
            while (more := file.readline(_LONGEST_LINE)) and more[-1:] != b"\n":
                pass
            yield Refusal(source, position, f"the line is longer than {_LONGEST_LINE:,} bytes")
            continue
        try:
            line = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            yield Refusal(source, position, f"not UTF-8 at byte {error.start} of the line")
            continue
        if line.strip():
            yield _record(line, source, position)
