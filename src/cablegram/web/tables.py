"""Tables that leave the reading room as CSV, a row at a time; no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from fastapi.responses import StreamingResponse

from cablegram.errors import NotHeld
from cablegram.present.cells import cell

_NAME: Final = re.compile(r"[^A-Za-z0-9.-]+")


def _lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(head)
    for n, row in enumerate(rows):
        writer.writerow([cell(value) for value in row])
        if n % 200 == 199:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingResponse:
    """A table as a file to keep."""
    shown = {"Content-Disposition": f'attachment; filename="{_NAME.sub("-", name)[:80]}.csv"'}
    return StreamingResponse(_lines(head, rows), media_type="text/csv; charset=utf-8", headers=shown)


def paged(total: int, page: int, size: int) -> tuple[int, int]:
    """First and behind-the-last of a page. ``NotHeld`` for a page behind the last one."""
    if page > 1 and (page - 1) * size >= total:
        raise NotHeld(f"There is no page {page}; the list has {max(1, -(-total // size))}.")
    return (page - 1) * size, min(total, page * size)
