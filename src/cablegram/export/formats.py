"""Forms in which cables leave an archive: JSON lines, CSV, Parquet, plain text. All are streamed, one cable at a time.

All are UTF-8, which has no lone surrogates: JSON lines write one as an escape, the others put a question mark in its place.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, BinaryIO, Final, cast

from cablegram.cable import Cable
from cablegram.errors import CablegramError
from cablegram.export.tables import without_surrogates
from cablegram.present.cells import cell

Write = Callable[[Iterable[tuple[str, Cable]], BinaryIO], int]
_ROW_GROUP: Final = 1000
_RULE: Final = "=" * 72

#: Columns of the flat forms, with their types: str, int, bool, or a list of str.
COLUMNS: Final = {
    "id": "str", "created": "str", "classification": "str", "caveats": "list", "captions": "list", "post": "str", "origin": "str",
    "country": "str", "subject": "str", "tags": "list", "tags_people": "list", "precedence": "str", "serial": "int",
    "action": "list", "info": "list", "references": "list", "classified_by": "str", "reasons": "list", "declassify_on": "str",
    "signature": "str", "sections": "int", "sections_held": "list", "partial": "bool", "paragraphs": "int", "redacted": "int", "text": "str",
}  # fmt: skip


def row_of(key: str, cable: Cable) -> dict[str, Any]:
    """A cable as one flat row of :data:`COLUMNS`; ``references`` are the ids of the cables that it cites."""
    origin, by, order, sections = cable.origin, cable.classified_by, cable.executive_order, cable.sections
    return {
        "id": key, "created": cable.created, "classification": cable.classification, "caveats": list(cable.caveats),
        "captions": list(cable.captions), "post": origin.post if origin else None, "origin": origin.name if origin else None,
        "country": origin.country if origin else None, "subject": cable.subject, "tags": list(cable.tags),
        "tags_people": list(cable.tags_people), "precedence": cable.precedence, "serial": cable.serial,
        "action": [one.name for one in cable.action], "info": [one.name for one in cable.info],
        "references": [ref.cable for ref in cable.references if ref.cable], "classified_by": by.name if by else None,
        "reasons": list(by.reasons) if by else [], "declassify_on": order.declassify_on if order else None,
        "signature": cable.signature, "sections": sections.count if sections else None,
        "sections_held": [str(n) for n in sections.held] if sections else [], "partial": cable.partial,
        "paragraphs": len(cable.paragraphs), "redacted": sum(one.length for one in cable.redactions), "text": cable.text,
    }  # fmt: skip


def _json_lines(cables: Iterable[tuple[str, Cable]], out: BinaryIO) -> int:
    count = 0
    for key, cable in cables:
        record = {**cable.to_dict(), "id": key, "original": cable.original}
        # UTF-8 has no lone surrogates, JSON has: written as \udc80, they come back as they were.
        out.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        count += 1
    return count


def _csv(cables: Iterable[tuple[str, Cable]], out: BinaryIO) -> int:
    text = io.TextIOWrapper(cast("IO[bytes]", out), encoding="utf-8", errors="replace", newline="", write_through=True)
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    count = 0
    for key, cable in cables:
        row = row_of(key, cable)
        writer.writerow({name: cell("; ".join(value) if isinstance(value, list) else value) for name, value in row.items()})
        count += 1
    text.flush()
    text.detach()
    return count


def _parquet(cables: Iterable[tuple[str, Cable]], out: BinaryIO) -> int:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise CablegramError("Parquet wants pyarrow: install `cablegram[parquet]`, or choose another --format") from None
    types = {"str": pa.string(), "int": pa.int64(), "bool": pa.bool_(), "list": pa.list_(pa.string())}
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    count = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in _in_groups(row_of(key, cable) for key, cable in cables):
            # Arrow knows no lone surrogates.
            plain = [{name: without_surrogates(value) for name, value in row.items()} for row in rows]
            writer.write_table(pa.Table.from_pylist(plain, schema))
            count += len(rows)
    return count


def _in_groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for row in rows:
        group.append(row)
        if len(group) >= _ROW_GROUP:
            yield group
            group = []
    if group:
        yield group


def reading_text(key: str, cable: Cable) -> str:
    """A cable for reading: a line that says what it is, its subject, its restored text."""
    origin = cable.origin.name if cable.origin is not None else None
    head = [part for part in (key, cable.created, cable.classification, origin) if part]
    return "\n".join(["  ".join(head), cable.subject or "(no subject)", "", cable.text or "(no text)", ""])


def _text(cables: Iterable[tuple[str, Cable]], out: BinaryIO) -> int:
    count = 0
    for key, cable in cables:
        out.write(f"{reading_text(key, cable)}\n{_RULE}\n\n".encode("utf-8", "replace"))
        count += 1
    return count


FORMATS: Final[dict[str, Write]] = {"jsonl": _json_lines, "csv": _csv, "parquet": _parquet, "text": _text}
