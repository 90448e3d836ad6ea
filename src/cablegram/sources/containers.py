"""Containers: ZIP, tar, 7z and single compressed files, nested in each other, read as a stream of members.

Nothing is ever written under a member's name, so a name can lead nowhere; it only tells where a record is from. Links and devices
are refused. A member that grows more than a hundredfold past its container's size, and nesting more than four deep, are refused.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, Final, cast

from cablegram.errors import UnreadableInput
from cablegram.sources.base import Item, Refusal

DEEPEST: Final = 4
#: How many times its container's size a container's members may have in all, and what any container may have (bytes).
GROWTH: Final = 100
ALLOWANCE: Final = 256_000_000
_PIECE: Final = 1 << 20
_LONGEST_NAME: Final = 300
_TAR_AT: Final = 257
_DAMAGED: Final = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip

_NAMES: Final = {
    "zip": "ZIP archive", "tar": "tar archive", "7z": "7z archive", "gzip": "gzip file", "bzip2": "bzip2 file", "xz": "xz file",
}  # fmt: skip

Reader = Callable[[BinaryIO, str, int], Iterator[Item]]
Members = Callable[[BinaryIO, str, int, Reader], Iterator[Item]]


class Bomb(Exception):
    """A container that grows too much."""


class _Budget:
    """Bytes that the members of one container may still have."""

    def __init__(self, size: int) -> None:
        self.left = max(ALLOWANCE, size * GROWTH)

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Bomb(f"grows more than {GROWTH}-fold when unpacked: a bomb, or damaged")


class _Member(io.RawIOBase):
    """A member that is read as a stream and counted."""

    def __init__(self, file: Any, budget: _Budget) -> None:
        self._file = file
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self._budget.take(len(data))
        buffer[: len(data)] = data
        return len(data)


def kind_of(head: bytes) -> str | None:
    """What kind of container a file that begins with ``head`` is, or None."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return "7z"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    return "tar" if head[_TAR_AT : _TAR_AT + 5] == b"ustar" else None


def _label(source: str, name: str) -> str:
    return f"{source}!{name[:_LONGEST_NAME]}"


def read_container(file: BinaryIO, kind: str, source: str, depth: int, read: Reader) -> Iterator[Item]:
    """The records of all members; ``read(file, source, depth)`` reads one of them. What cannot be read is a refusal."""
    if depth >= DEEPEST:
        yield Refusal(source, 1, f"containers are nested more than {DEEPEST} deep")
        return
    yielded = False
    try:
        members: Members = _MEMBERS.get(kind) or partial(_single, kind)
        for item in members(file, source, depth, read):
            yielded = True
            yield item
    except Bomb as error:
        yield Refusal(source, 1, str(error))
    except _DAMAGED as error:
        reason = f"is a damaged {_NAMES[kind]} ({_line(error)})"
        if not yielded and depth == 0:
            raise UnreadableInput(f"{source}: {reason}") from None
        yield Refusal(source, 1, reason)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _one(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    try:
        yield from read(file, source, depth + 1)
    except UnreadableInput as error:
        yield Refusal(source, 1, str(error).removeprefix(f"{source}: "))
    except Bomb as error:
        yield Refusal(source, 1, str(error))
        raise
    except _DAMAGED as error:
        yield Refusal(source, 1, f"damaged: {_line(error)}")


def _single(kind: str, file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    opener: Any = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[kind]
    opened = opener(file, "rb")
    member = io.BufferedReader(_Member(opened, _Budget(_size(file))), _PIECE)
    # What is inside is no deeper than its wrapping: `x.tar.gz` is one container to people.
    yield from read(cast("BinaryIO", member), source, depth)


def _size(file: BinaryIO) -> int:
    if not file.seekable():
        return 0
    here = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(here)
    return size


def _seekable(file: BinaryIO, budget: _Budget | None = None) -> BinaryIO:
    """``file`` itself if one can move about in it, else a copy of it in a nameless temporary file."""
    try:
        if file.seekable():
            return file
    except (OSError, ValueError):
        pass
    copy = tempfile.TemporaryFile()
    while piece := file.read(_PIECE):
        if budget is not None:
            budget.take(len(piece))
        copy.write(piece)
    copy.seek(0)
    return cast("BinaryIO", copy)


def _zip(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    whole = _seekable(file)
    budget = _Budget(_size(whole))
    with zipfile.ZipFile(whole) as container:
        for info in container.infolist():
            label = _label(source, info.filename)
            if info.is_dir() or _is_hidden(info.filename):
                continue
            if info.flag_bits & 1:
                yield Refusal(label, 1, "is encrypted; unpack it with its password first")
                continue
            if info.external_attr >> 28 == 0xA:
                yield Refusal(label, 1, "is a link, not a file")
                continue
            try:
                member = container.open(info)
            except _DAMAGED as error:
                yield Refusal(label, 1, f"damaged: {_line(error)}")
                continue
            with member:
                yield from _one(cast("BinaryIO", io.BufferedReader(_Member(member, budget), _PIECE)), label, depth, read)


def _tar(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    budget = _Budget(0)
    budget.left = max(budget.left, 1 << 62)  # a tar file is as large as its members: nothing grows in it
    with tarfile.open(fileobj=file, mode="r|") as container:
        for info in container:
            label = _label(source, info.name)
            if info.isdir() or _is_hidden(info.name):
                continue
            member = container.extractfile(info) if info.isreg() else None
            if member is None:
                yield Refusal(label, 1, "is a link or a device, not a file")
                continue
            yield from _one(cast("BinaryIO", io.BufferedReader(_Member(member, budget), _PIECE)), label, depth, read)


def _seven(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    try:
        import py7zr
        from py7zr.io import Py7zIO, WriterFactory
    except ImportError:
        raise UnreadableInput(f"{source}: is a 7z archive; to read it install `cablegram[7z]`, or unpack it first") from None

    whole = _seekable(file)
    budget = _Budget(_size(whole))

    class Spool(Py7zIO):
        """A member, unpacked into a nameless temporary file."""

        def __init__(self) -> None:
            self.file = tempfile.TemporaryFile()

        def write(self, s: bytes | bytearray) -> int:
            budget.take(len(s))
            return self.file.write(s)

        def read(self, size: int | None = None) -> bytes:
            return self.file.read(-1 if size is None else size)

        def seek(self, offset: int, whence: int = 0) -> int:
            return self.file.seek(offset, whence)

        def flush(self) -> None:
            self.file.flush()

        def size(self) -> int:
            return self.file.seek(0, io.SEEK_END)

    class Factory(WriterFactory):
        """Keeps every member's file by its name."""

        def __init__(self) -> None:
            self.made: list[tuple[str, Spool]] = []

        def create(self, filename: str) -> Py7zIO:
            spool = Spool()
            self.made.append((filename, spool))
            return spool

    factory = Factory()
    try:
        with py7zr.SevenZipFile(cast("Any", whole), "r") as container:
            if container.needs_password():
                raise UnreadableInput(f"{source}: is encrypted; unpack it with its password first")
            container.extractall(factory=factory)
    except (py7zr.exceptions.ArchiveError, py7zr.Bad7zFile) as error:
        raise ValueError(str(error)) from None
    for name, spool in factory.made:
        with spool.file:
            if not _is_hidden(name):
                spool.file.seek(0)
                yield from _one(cast("BinaryIO", spool.file), _label(source, name), depth, read)


def _is_hidden(name: str) -> bool:
    last = name.rstrip("/").rpartition("/")[2]
    return last.startswith(".") or name.startswith("__MACOSX/")


_MEMBERS: Final[dict[str, Members]] = {"zip": _zip, "tar": _tar, "7z": _seven}
