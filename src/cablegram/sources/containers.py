"""Containers: ZIP, tar, 7z and single compressed files, nested in each other, read as a stream of members.

Nothing is ever written under a member's name, so a name can lead nowhere; it only tells where a record is from. Links and devices
are refused. Unpacking, with all that is nested in it, to more than a hundred times the size of the outermost container, and nesting
more than four deep, are refused. What a damaged container gives before the damage is read, and the damage is told.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, Final, cast

from cablegram.errors import UnreadableInput
from cablegram.sources.base import Item, Refusal
from cablegram.sources.streams import (
    DAMAGED,
    PIECE,
    Bomb,
    Ending,
    Member,
    Part,
    budget_of,
    inflow_of,
    open_member,
    seekable_copy,
    size_of,
)

DEEPEST: Final = 4
_LONGEST_NAME: Final = 300
_TAR_AT: Final = 257
#: Kinds of files (the high bits of a Unix mode) that are neither file nor folder: pipe, devices, link, socket.
_SPECIAL: Final = frozenset({0x1, 0x2, 0x6, 0xA, 0xC})
#: Headers of a tar file that belong to the next one: a long name, attributes. They are read as a whole.
_EXTRA: Final = frozenset({tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X"})
_LONGEST_EXTRA: Final = 16_384
#: Rare methods of 7z archives of which py7zr unpacks whatever there is at once, be it gigabytes. It bounds the others.
_UNBOUNDED: Final = frozenset({"DEFLATE", "DEFLATE64", "ZStandard"})
#: What in a name would break a line, steer a terminal, or be no UTF-8.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NAMES: Final = {
    "zip": "ZIP archive", "tar": "tar archive", "7z": "7z archive", "gzip": "gzip file", "bzip2": "bzip2 file", "xz": "xz file",
}  # fmt: skip

Reader = Callable[[BinaryIO, str, int], Iterator[Item]]
Members = Callable[[BinaryIO, str, int, Reader], Iterator[Item]]


class _Header(tarfile.TarInfo):
    """A header of a tar file. Damage is told: :mod:`tarfile` would take it for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> Any:
        try:
            info = super().frombuf(buf, encoding, errors)  # type: ignore[arg-type]  # may be None, as in the base
        except tarfile.HeaderError as error:
            if any(buf):
                raise tarfile.ReadError(str(error)) from None
            raise
        if info.type in _EXTRA and info.size > _LONGEST_EXTRA:
            raise tarfile.ReadError("a header is too long")
        return info


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
    return f"{source}!{printable(name[:_LONGEST_NAME])}"


def printable(name: str) -> str:
    """A name in one line of UTF-8; what could break it is written as in Python (``\\x1b``)."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), name)


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
        if isinstance(getattr(file, "raw", None), Member):
            raise
        yield Refusal(error.member or source, 1, str(error))
        return
    except DAMAGED as error:
        reason = f"is a damaged {_NAMES[kind]} ({_line(error)})"
        if not yielded and depth == 0:
            raise UnreadableInput(f"{source}: {reason}") from None
        yield Refusal(source, 1, reason)
        return
    if not yielded:
        raise UnreadableInput(f"{source}: is a {_NAMES[kind]} without files")


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _one(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    try:
        yield from read(file, source, depth + 1)
    except UnreadableInput as error:
        yield Refusal(source, 1, str(error).removeprefix(f"{source}: "))
    except Bomb as error:
        error.member = error.member or source
        raise
    except DAMAGED as error:
        yield Refusal(source, 1, f"damaged: {_line(error)}")


def _single(kind: str, file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    opener: Any = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[kind]
    inflow, budget = inflow_of(file)
    member = open_member(opener(inflow, "rb"), budget)
    # A tar file is no deeper than its wrapping: `x.tar.gz` is one container to people.
    inside = kind_of(cast("Any", member).peek(PIECE))
    yield from read(member, source, depth if inside in (None, "tar") else depth + 1)


def _zip(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    whole = seekable_copy(file)
    budget = budget_of(file, size_of(whole))
    with whole, zipfile.ZipFile(whole) as container:
        for info in container.infolist():
            label = _label(source, info.filename)
            if info.filename.endswith("/") or _is_hidden(info.filename):
                continue
            if info.flag_bits & 1:
                yield Refusal(label, 1, "is encrypted; unpack it with its password first")
                continue
            if info.external_attr >> 28 in _SPECIAL:
                yield Refusal(label, 1, "is a link or a device, not a file")
                continue
            try:
                member = container.open(info)
            except DAMAGED as error:
                yield Refusal(label, 1, f"damaged: {_line(error)}")
                continue
            with member:
                yield from _one(open_member(member, budget), label, depth, read)


def _tar(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    inflow, budget = inflow_of(file)
    with tarfile.open(fileobj=cast("BinaryIO", Ending(inflow)), mode="r|", tarinfo=_Header) as container:
        for info in container:
            label = _label(source, info.name)
            if info.isdir() or _is_hidden(info.name):
                continue
            member = container.extractfile(info) if info.isreg() else None
            if member is None:
                yield Refusal(label, 1, "is a link or a device, not a file")
                continue
            # A tar file is as large as its members, but for those with holes: nothing else grows in it.
            yield from _one(open_member(member, budget, counted=not info.issparse()), label, depth, read)


def _seven(file: BinaryIO, source: str, depth: int, read: Reader) -> Iterator[Item]:
    try:
        import py7zr
        from py7zr.io import Py7zIO, WriterFactory
    except ImportError:
        raise UnreadableInput(f"{source}: is a 7z archive; to read it install `cablegram[7z]`, or unpack it first") from None

    whole = seekable_copy(file)
    budget = budget_of(file, size_of(whole))

    class Spool(Py7zIO):
        """A member, written behind the others into one nameless temporary file."""

        def __init__(self) -> None:
            self.start = spool.seek(0, io.SEEK_END)
            self.length = 0

        def write(self, s: bytes | bytearray) -> int:
            budget.take(len(s))
            self.length += len(s)
            return spool.write(s)

        def read(self, size: int | None = None) -> bytes:
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def flush(self) -> None:
            """Nothing."""

        def size(self) -> int:
            return self.length

    class Factory(WriterFactory):
        """Keeps where every member is, by its number."""

        def __init__(self) -> None:
            self.made: dict[int, Spool] = {}

        def create(self, filename: str) -> Py7zIO:
            return self.made.setdefault(int(filename.rpartition("-")[2]), Spool())

    factory = Factory()
    names: list[str] = []
    links: set[int] = set()
    fitting: list[str] = []
    damage: Exception | None = None
    room = budget.left
    with whole, cast("BinaryIO", tempfile.TemporaryFile()) as spool:
        try:
            with py7zr.SevenZipFile(cast("Any", whole), "r") as container:
                if container.needs_password():
                    raise UnreadableInput(f"{source}: is encrypted; unpack it with its password first")
                for method in container.archiveinfo().method_names:
                    if method in _UNBOUNDED:
                        raise UnreadableInput(f"{source}: is a 7z archive compressed with {method}; unpack it first")
                for number, info in enumerate(container.files):
                    names.append(info.filename)
                    if info.is_symlink or info.is_junction:
                        links.add(number)
                    # py7zr refuses the whole archive for one name that leads out of it. Here no name leads anywhere.
                    info.file_properties()["filename"] = f"member-{number}"
                    room -= info.uncompressed or 0
                    if room >= 0:
                        fitting.append(info.filename)
                # It unpacks a member in pieces of 128 MB, and no more of it than is said here: what is too much is not begun.
                container.extract(targets=fitting, factory=factory)
                if room < 0:
                    damage = Bomb()
        except py7zr.exceptions.PasswordRequired:
            raise UnreadableInput(f"{source}: is encrypted; unpack it with its password first") from None
        except UnreadableInput:
            raise
        except Exception as error:
            # py7zr fails on damaged files in any way there is. What it unpacked before that is read, but not the member it was at.
            damage = error
            if factory.made:
                factory.made.popitem()
        for number, part in sorted(factory.made.items()):
            label = _label(source, names[number])
            if number in links:
                yield Refusal(label, 1, "is a link or a device, not a file")
            elif not _is_hidden(names[number]):
                yield from _one(open_member(Part(spool, part.start, part.length), budget, counted=True), label, depth, read)
        if isinstance(damage, Bomb):
            raise damage
        if damage is not None:
            raise ValueError(_line(damage))


def _is_hidden(name: str) -> bool:
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return last.startswith(".") or name.startswith("__MACOSX/")


_MEMBERS: Final[dict[str, Members]] = {"zip": _zip, "tar": _tar, "7z": _seven}
