"""The eight-column ``cables.csv``: number, date, id, origin, classification, references, header, body.

Every field quoted, a backslash (or a second quote) before a quote, line feeds inside fields, usually no header row. Read as a
stream: no more than one row is in memory. A broken row is refused and reading goes on at the next line that begins a row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from cablegram.sources.base import Item, RawRecord, Refusal

_COLUMNS: Final = 8
#: Longest field in characters; a longer one is no cable but a damaged row.
LONGEST_FIELD: Final = 10_000_000
_PIECE: Final = 1 << 20
_ROW: Final = re.compile(r'^"\d{1,9}","', re.MULTILINE)
_MAY_END: Final = re.compile(rb'"\r?\n')
_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)")


class _Pieces:
    """A binary file as pieces of text, each of which ends where a row may end: behind a quote at the end of a line.

    Those of the open row are kept until the row is done. The csv module takes a piece for a line, so a row needs few calls.
    """

    def __init__(self, file: BinaryIO, inside: bool) -> None:
        self._file = file
        self._bytes = self._cut()
        self.row: list[str] = []
        self.kept = 0
        self.again: list[str] = []
        self.resync = inside
        self.wrong_encoding = False
        self._line_start = not inside
        self._finer = False

    def __iter__(self) -> _Pieces:
        return self

    def _cut(self) -> Iterator[bytes]:
        rest = b""
        while block := self._file.read(_PIECE):
            data = rest + block
            at = 0
            for match in _MAY_END.finditer(data, max(0, len(rest) - 2)):
                yield data[at : match.end()]
                at = match.end()
            rest = data[at:]
            if len(rest) > _PIECE:
                # A piece of a long field must not end inside a character.
                end = len(rest)
                while end > len(rest) - 4 and rest[end - 1] & 0xC0 == 0x80:
                    end -= 1
                end = end - 1 if rest[end - 1] >= 0xC0 else len(rest)
                yield rest[:end]
                rest = rest[end:]
        if rest:
            yield rest

    def _read(self) -> str:
        if self.again:
            return self.again.pop()
        raw = next(self._bytes, b"")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.wrong_encoding = True
            return "".join(map(_decoded, raw.splitlines(keepends=True)))

    def __next__(self) -> str:
        while True:
            piece = self._read()
            if not piece:
                raise StopIteration
            start, self._line_start = self._line_start, piece[-1] == "\n"
            if self.resync:
                found = _ROW.search(piece, 0 if start else 1)
                if found is None:
                    continue
                piece = piece[found.start() :]
                self.resync = False
            break
        if self.kept <= LONGEST_FIELD * 2:
            self.row.append(piece)
        self.kept += len(piece)
        return piece.replace("\x00", "") if "\x00" in piece else piece

    def next_row(self) -> None:
        """Forget the pieces of the row before."""
        self.row.clear()
        self.kept = 0
        self._finer = self._finer and bool(self.again)
        self.wrong_encoding = self.wrong_encoding and self._finer

    def finer(self) -> bool:
        """After a row that could not be read: read it once more, line by line. False where that was done already."""
        lines = _lines("".join(self.row))
        if self._finer or len(lines) == len(self.row) or self.kept > LONGEST_FIELD * 2:
            return False
        self._finer = True
        self.again += reversed(lines)
        return True

    def recover(self) -> None:
        """After a broken row: go on at the next line that begins a row, also one that the broken row had swallowed."""
        text = "".join(self.row)
        found = _ROW.search(text, 1)
        if found is None:
            self.resync = True
        else:
            self.again += reversed(_lines(text[found.start() :]))
            self._finer = True


def _lines(text: str) -> list[str]:
    *whole, last = text.split("\n")
    return [line + "\n" for line in whole] + ([last] if last else [])


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


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


def sample_csv(file: BinaryIO, size: int, places: int, each: int) -> Iterator[Item]:
    """Some rows of an open file of ``size`` bytes: ``each`` behind each of ``places`` places that are spread over it."""
    for n in range(places):
        file.seek(size * n // places)
        yield from islice(read_csv(file, "", inside=n > 0), each)


def read_csv(file: BinaryIO, source: str, *, inside: bool = False) -> Iterator[Item]:
    """The rows of an open file, one at a time; what cannot be read is a refusal. ``inside``: the file stands inside a row, which is skipped."""
    csv.field_size_limit(LONGEST_FIELD)
    pieces = _Pieces(file, inside)
    reader = csv.reader(pieces, doublequote=True, escapechar="\\", strict=True)
    position = 0
    while True:
        pieces.next_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if pieces.finer():
                continue
            position += 1
            pieces.recover()
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
        yield _record(row, source, position, pieces.wrong_encoding)


def _why(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end" in message:
        return "the row is cut off: its last field has no closing quote"
    if "field larger" in message:
        return f"a field is longer than {LONGEST_FIELD:,} characters"
    if "new-line character" in message:
        return "the row is not well formed: a quote inside a field has no backslash before it"
    return f"the row is not well formed: {message}"
