"""Streams of containers: what comes out of them is counted against a budget, and damage is told after all that was read before it."""

from __future__ import annotations

import codecs
import io
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from typing import Any, BinaryIO, Final, cast

#: How many times its size may come out of a container, nested ones and all, and what may come out of any container (bytes).
GROWTH: Final = 100
ALLOWANCE: Final = 256_000_000
PIECE: Final = 1 << 20
#: So much at most is lost before damage: what tarfile, zipfile and their like have read of a piece, they throw away.
STEP: Final = 8192
#: So often the end of a tar file may be met.
_OFTEN: Final = 10
DAMAGED: Final = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
    struct.error, OverflowError,
)  # fmt: skip


class Bomb(Exception):
    """A container that grows too much; ``member`` is where that was seen."""

    member: str | None = None

    def __init__(self) -> None:
        super().__init__(f"grows more than {GROWTH}-fold when unpacked: a bomb, or damaged; nothing more of it was read")


class Budget:
    """Bytes that may still come out of a container and of those nested in it."""

    def __init__(self, size: int) -> None:
        self.left = max(ALLOWANCE, size * GROWTH)

    def take(self, count: int) -> None:
        """Count what came out. :class:`Bomb` where that is too much."""
        self.left -= count
        if self.left < 0:
            raise Bomb


class Raw(io.RawIOBase):
    """A file that is read as a stream. Damage, or a bomb, is told only after all that was read before it was given."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._damage: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into ``buffer``; the number of bytes, 0 at the end."""
        if self._damage is not None:
            raise self._damage
        at = 0
        try:
            while at < len(buffer) and (data := self._file.read1(min(STEP, len(buffer) - at))):
                buffer[at : at + len(data)] = data
                at += len(data)
                self.count(len(data))
        except (Bomb, *DAMAGED) as error:
            if not at:
                raise
            self._damage = error
        return at

    def count(self, read: int) -> None:
        """So many bytes were read."""


class Member(Raw):
    """A member. What comes out of it is counted, unless that is done elsewhere (``counted``)."""

    def __init__(self, file: Any, budget: Budget, counted: bool = False) -> None:
        super().__init__(file)
        self.budget = budget
        self._counted = counted

    def count(self, read: int) -> None:
        if not self._counted:
            self.budget.take(read)


class Inflow(Raw):
    """A container whose size is not known beforehand: what is read of it gives room to what comes out of it."""

    def __init__(self, file: Any, budget: Budget) -> None:
        super().__init__(file)
        self._room = budget

    def count(self, read: int) -> None:
        self._room.left += read * GROWTH


class Buffered(io.BufferedReader):
    """As its base, but ``read`` gives what it has before it tells of damage; the base would throw that away."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = 1 << 62 if size is None or size < 0 else size
        pieces: list[bytes] = []
        try:
            while left > 0 and (piece := self.read1(min(left, PIECE))):
                pieces.append(piece)
                left -= len(piece)
        except (Bomb, *DAMAGED):
            # It comes again with the next call.
            if not pieces:
                raise
        return b"".join(pieces)


class Transcoded(io.RawIOBase):
    """A file in another encoding, as UTF-8; what is no character of it becomes U+FFFD."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into ``buffer``; the number of bytes, 0 at the end."""
        while not self._ready and not self._ended:
            data = self._file.read(STEP)
            self._ended = not data
            self._ready = self._decoder.decode(data, final=self._ended).encode("utf-8", "replace")
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


class Part(io.RawIOBase):
    """``size`` bytes of a file, from ``start`` on."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._end = file, start, start + size

    def read1(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end."""
        self._file.seek(self._at)
        data = self._file.read(min(size, self._end - self._at))
        self._at += len(data)
        return data


class Ending:
    """A stream whose end, met again and again, is an error: over a member of a false size :mod:`tarfile` would go on for ages."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._met = 0

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end."""
        data = self._file.read(size)
        self._met += not data
        if self._met > _OFTEN:
            raise EOFError("a member is longer than the archive")
        return data


def open_member(file: Any, budget: Budget, counted: bool = False) -> BinaryIO:
    """A member of a container as a file; what comes out of it is taken from ``budget``, unless that is done elsewhere (``counted``)."""
    return cast("BinaryIO", Buffered(Member(file, budget, counted), PIECE))


def budget_of(file: BinaryIO, size: int) -> Budget:
    """The budget of the container that ``file`` is a member of, or a new one: all that is nested shares one."""
    found = getattr(getattr(file, "raw", None), "budget", None)
    return found if isinstance(found, Budget) else Budget(size)


def inflow_of(file: BinaryIO) -> tuple[BinaryIO, Budget]:
    """``file``, to be read as a stream, and its budget."""
    budget = budget_of(file, size_of(file))
    if file.seekable() or isinstance(getattr(file, "raw", None), Member):
        return file, budget
    return cast("BinaryIO", Buffered(Inflow(file, budget), PIECE)), budget


def size_of(file: BinaryIO) -> int:
    """How many bytes a file has; 0 where that cannot be told beforehand."""
    if not file.seekable():
        return 0
    here = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(here)
    return size


def seekable_copy(file: BinaryIO) -> BinaryIO:
    """``file`` itself if one can move about in it, else a copy of it in a nameless temporary file."""
    try:
        if file.seekable():
            return file
    except (OSError, ValueError):
        pass
    copy = tempfile.TemporaryFile()
    while piece := file.read(PIECE):
        copy.write(piece)
    copy.seek(0)
    return cast("BinaryIO", copy)
