"""The eight-column ``cables.csv``: number, date, id, origin, classification, references, header, body.

Every field quoted, a backslash (or a second quote) before a quote, line feeds inside fields, usually no header row. Read as a
stream: no more than one row is in memory. A broken row is refused and reading goes on at the next line that begins a row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from cablegram.sources.base import Item, RawRecord, Refusal

_COLUMNS: Final = 8
#: Longest field in characters; a longer one is no cable but a damaged row.
LONGEST_FIELD: Final = 10_000_000
_PIECE: Final = 1 << 20
_ROW: Final = re.compile(r'"\d{1,9}","')
_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)")


class _Lines:
    """Lines of a binary file as text, those of the open row kept until the row is done."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.row: list[str] = []
        self.kept = 0
        self.again: list[str] = []
        self.resync = False
        self.wrong_encoding = False
        self._line_start = True

    def __iter__(self) -> _Lines:
        return self

    def _read(self) -> str:
        if self.again:
            return self.again.pop()
        raw = self._file.readline(_PIECE)
        if not raw:
            return ""
        if len(raw) == _PIECE and raw[-1:] != b"\n":
            # A piece of a long line must not end inside a character.
            while raw[-1] & 0xC0 == 0x80 or raw[-1] >= 0xC0:
                more = self._file.read(1)
                if not more:
                    break
                raw += more
                if more[0] < 0x80:
                    break
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.wrong_encoding = True
            return raw.decode("cp1252", "replace")

    def __next__(self) -> str:
        while True:
            line = self._read()
            if not line:
                raise StopIteration
            start, self._line_start = self._line_start, line[-1] == "\n"
            if self.resync:
                if not (start and _ROW.match(line)):
                    continue
                self.resync = False
            break
        if self.kept <= LONGEST_FIELD * 2:
            self.row.append(line)
        self.kept += len(line)
        return line.replace("\x00", "") if "\x00" in line else line

    def next_row(self) -> None:
        """Forget the lines of the row before."""
        self.row.clear()
        self.kept = 0
        self.wrong_encoding = False

    def recover(self) -> None:
        """After a broken row: go on at the next line that begins a row, also one that the broken row had swallowed."""
        for n in range(1, len(self.row)):
            if self.row[n - 1].endswith("\n") and _ROW.match(self.row[n]):
                self.again += reversed(self.row[n:])
                return
        self.resync = True


def looks_like_csv(head: str) -> bool:
    """Whether a file that begins with ``head`` is of this form."""
    s = head.lstrip("\ufeff \r\n")
    first = s.split("\n", 1)[0]
    return s.startswith('"') and first.count('","') >= 2


def _iso(value: str) -> str | None:
    found = _DATE.match(value.strip())
    if found is None:
        return None
    month, day, year, hour, minute = found.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}T{int(hour):02d}:{minute}Z"


def _record(row: list[str], source: str, position: int, wrong_encoding: bool) -> RawRecord:
    claims: dict[str, Any] = {"id": row[2]} if row[2] else {}
    if row[1]:
        claims["created_raw"] = row[1]
        created = _iso(row[1])
        if created is not None:
            claims["created"] = created
    for key, value in (("origin", row[3]), ("classification", row[4]), ("references_raw", row[5])):
        if value:
            claims[key] = value
    if wrong_encoding:
        claims["encoding"] = "cp1252"
    text = f"{row[6]}\n{row[7]}" if row[6] else row[7]
    return RawRecord(text, claims, source, position)


def read_csv(file: BinaryIO, source: str) -> Iterator[Item]:
    """The rows of an open file, one at a time; what cannot be read is a refusal."""
    csv.field_size_limit(LONGEST_FIELD)
    lines = _Lines(file)
    reader = csv.reader(lines, doublequote=True, escapechar="\\", strict=True)
    position = 0
    while True:
        lines.next_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            position += 1
            lines.recover()
            yield Refusal(source, position, _why(error))
            continue
        if not row:
            continue
        position += 1
        if position == 1 and not row[0].lstrip("\ufeff").isdigit() and "body" in (name.lower().strip("\ufeff ") for name in row):
            position = 0  # a header row
            continue
        if len(row) != _COLUMNS:
            yield Refusal(source, position, f"the row has {len(row)} columns, not {_COLUMNS}")
            continue
        yield _record(row, source, position, lines.wrong_encoding)


def _why(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end" in message:
        return "the row is cut off: its last field has no closing quote"
    if "field larger" in message:
        return f"a field is longer than {LONGEST_FIELD:,} characters"
    return f"the row is not well formed: {message}"
