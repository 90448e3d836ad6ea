"""Sources: bytes to text with claims. Nothing is interpreted here, and nothing thrown away.

A source is known by its content, not by its name. ``docs/sources.md`` describes the forms.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

from cablegram.errors import UnreadableInput
from cablegram.sources.base import Item, RawRecord, Refusal
from cablegram.sources.containers import kind_of, printable, read_container
from cablegram.sources.csv8 import looks_like_csv, read_csv, sample_csv
from cablegram.sources.jsonl import looks_like_jsonl, read_jsonl
from cablegram.sources.pdf import read_pdf
from cablegram.sources.streams import Transcoded

__all__ = ["Item", "RawRecord", "Refusal", "open_source"]

#: A file that is one telegram or one page may have this many bytes.
LONGEST_TELEGRAM: Final = 64_000_000
LONGEST_PDF: Final = 512_000_000
_HEAD: Final = 65_536
#: A CSV of this many bytes is sampled.
_LARGE: Final = 8_000_000
#: From how many places a sample is, fewest and most; one in so many bytes; and how many records behind each.
_PLACES: Final = (32, 190)
_BYTES_A_PLACE: Final = 250_000
_EACH: Final = 8
_MAGIC: Final = (
    (b"\x89PNG", "a picture; cablegram reads text"),
    (b"\xff\xd8\xff", "a picture; cablegram reads text"),
    (b"SQLite format 3", "a database; export its text first"),
)
_SEARCHED: Final = 400_000
#: What a text file in a folder must have one of, near its beginning, to be taken for a telegram or a saved page.
_TELEGRAM: Final = re.compile(
    r"^\s{0,40}(?:VZCZC|DE R[A-Z]{4,7} #|FM [A-Z]{3}|TO SECSTATE|E\.?O\.? ?1\d{4}|TAGS?:? [A-Z]{2}|SUBJECT:|¶?\d{1,3}\. ?\([CSU]"
    r"|C O N F I|S E C R E T|UNCLAS|CONFIDENTIAL|SECRET|LIMITED OFF|Message (?:Text|Attributes)|Identifier\s)|<pre>|This record is a partial",
    re.MULTILINE | re.IGNORECASE,
)
_WIDE: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def open_source(path: str | Path) -> Iterator[Item]:
    """The records and refusals of a source, one at a time.

    ``path`` is a file, a folder (read in order of names, hidden files and links left out), or ``-`` for standard
    input. Raises :class:`UnreadableInput` where there is nothing to read: no such file, empty, binary, a folder
    without cables. Inside a folder such a file is a refusal.
    """
    if str(path) == "-":
        return _stream(sys.stdin.buffer, "standard input")
    place = Path(path)
    try:
        if place.is_dir():
            return _folder(place)
        return _stream(place.open("rb"), printable(str(path)))
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: there is no such file or folder") from None
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path}: cannot be opened ({_short(error)})") from None


def weigh(path: str | Path) -> int | None:
    """About how many characters of text a source has, to tell how far along its reading is; None where that cannot be told."""
    place = Path(path)
    try:
        if place.is_dir():
            return sum(
                os.lstat(os.path.join(folder, name)).st_size
                for folder, _, names in os.walk(place, followlinks=False)
                for name in names
            )
        return place.stat().st_size if place.is_file() else None
    except OSError:
        return None


def sample(path: str | Path) -> list[RawRecord]:
    """Some records from all over a large CSV file: what its texts are like, before it is read. Empty for other sources."""
    place = Path(path)
    try:
        if not place.is_file() or place.stat().st_size < _LARGE:
            return []
        with place.open("rb") as file:
            head = file.read(_HEAD)
            if kind_of(head) is not None or not looks_like_csv(head.decode("utf-8", "replace")):
                return []
            size = place.stat().st_size
            found = sample_csv(file, size, min(max(_PLACES[0], size // _BYTES_A_PLACE), _PLACES[1]), _EACH)
            return [item for item in found if isinstance(item, RawRecord)]
    except (OSError, ValueError):
        return []


def _short(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _folder(place: Path) -> Iterator[Item]:
    read = 0
    refused: list[str] = []
    for folder, folders, names in os.walk(place, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            label = printable(str(file))
            if name.startswith(".") or file.is_symlink() or not file.is_file():
                continue
            try:
                for item in _stream(file.open("rb"), label, in_folder=True):
                    read += isinstance(item, RawRecord)
                    yield item
            except UnreadableInput as error:
                refused.append(str(error))
                yield Refusal(label, 1, str(error).removeprefix(f"{label}: "))
            except OSError as error:
                yield Refusal(label, 1, f"cannot be read ({_short(error)})")
    if not read:
        raise UnreadableInput(f"{place}: no cables in this folder; give a folder of telegrams, saved pages or cables.csv")


def _stream(file: BinaryIO, source: str, in_folder: bool = False, depth: int = 0) -> Iterator[Item]:
    with file:
        buffered = cast("io.BufferedReader[io.RawIOBase]", file)
        if not hasattr(buffered, "peek"):
            buffered = io.BufferedReader(cast("io.RawIOBase", file))
        head = _peek(buffered, source)
        if not head.strip():
            raise UnreadableInput(f"{source}: is empty")
        kind = kind_of(head)
        if kind is not None:
            yield from read_container(buffered, kind, source, depth, _member)
            return
        if head.startswith(b"%PDF"):
            yield from read_pdf(_whole(buffered, source, "PDF", LONGEST_PDF), source)
            return
        for magic, what in _MAGIC:
            if head.startswith(magic):
                raise UnreadableInput(f"{source}: is {what}")
        wide = _WIDE.get(head[:2])
        if wide is None and _binary(head):
            raise UnreadableInput(
                f"{source}: is binary, not text; cablegram reads telegrams, saved pages, cables.csv, JSON lines"
            )
        start = head.decode(wide or "utf-8", "replace")
        if looks_like_csv(start):
            yield from read_csv(_in_utf8(buffered, wide), source)
        elif looks_like_jsonl(start):
            yield from read_jsonl(_in_utf8(buffered, wide), source)
        else:
            record = _single(buffered, source, wide)
            if in_folder and not _TELEGRAM.search(record.text or "", 0, _SEARCHED):
                raise UnreadableInput(f"{source}: nothing of a telegram is in it")
            yield record


def _member(file: BinaryIO, source: str, depth: int) -> Iterator[Item]:
    """A member of a container, read as a file of a folder is."""
    return _stream(file, source, in_folder=True, depth=depth)


def _peek(file: io.BufferedReader[io.RawIOBase], source: str) -> bytes:
    try:
        return file.peek(_HEAD)[:_HEAD]
    except OSError as error:
        raise UnreadableInput(f"{source}: cannot be read ({_short(error)})") from None


def _in_utf8(file: io.BufferedReader[io.RawIOBase], wide: str | None) -> BinaryIO:
    return file if wide is None else io.BufferedReader(Transcoded(file, wide))


def _binary(head: bytes) -> bool:
    sample = head[:8192]
    odd = sum(1 for byte in sample if byte < 32 and byte not in b"\t\n\r\f\x1a\x1b")
    return sample.count(0) > len(sample) // 100 or odd > len(sample) // 20


def _whole(file: BinaryIO, source: str, what: str, longest: int) -> bytes:
    pieces: list[bytes] = []
    left = longest + 1
    while left > 0 and (piece := file.read(min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise UnreadableInput(f"{source}: is a {what} of more than {longest // 1_000_000} MB; a telegram is a few kilobytes")
    return b"".join(pieces)


def _single(file: BinaryIO, source: str, wide: str | None) -> RawRecord:
    """A file that is one telegram or one saved page."""
    data = _whole(file, source, "file of no known form", LONGEST_TELEGRAM)
    if wide is not None:
        return RawRecord(data.decode(wide, "replace"), {"encoding": wide}, source, 1, None, data)
    try:
        if data.startswith(codecs.BOM_UTF8):
            return RawRecord(data.decode("utf-8-sig"), {"encoding": "utf-8-sig"}, source, 1, None, data)
        return RawRecord(data.decode("utf-8"), {}, source, 1)
    except UnicodeDecodeError:
        # Latin-1's superset: every older file of cables that is not UTF-8 is of it (catalogue 10.2).
        return RawRecord(data.decode("cp1252", "replace"), {"encoding": "cp1252"}, source, 1, None, data)
