"""The store: one SQLite file that keeps all that was put in. Readers may work while one writer does."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from weakref import WeakSet

from filelock import FileLock, Timeout

from cablegram.archive.citations import citing
from cablegram.archive.codec import Packer, Stored, decode, glance, text_of
from cablegram.archive.schema import APPLICATION, is_newest, migrate, require_newest
from cablegram.cable import Cable
from cablegram.errors import ArchiveError

NAME: Final = "cables.db"
#: Seconds that a reader or writer waits for another one's transaction.
_PATIENCE: Final = 60.0
#: Memory for pages of a connection, in KiB.
_CACHE: Final = "PRAGMA cache_size = -65536"
_FULL: Final = ("database or disk is full", "disk I/O error")


class Version(NamedTuple):
    """One version of a cable, by its number in the store; ``held`` are the sections that it has."""

    id: int
    cable: int
    original: int
    kind: str
    parser: str
    partial: bool
    corrected: bool
    sections: int | None
    held: tuple[int, ...]
    redacted: int
    length: int


_VERSION: Final = "id, cable, original, kind, parser, partial, corrected, sections, held, redacted, length"


def explain(error: Exception, folder: Path) -> ArchiveError:
    """A failure of SQLite or of the file system, as one line that says what to do."""
    text, number = str(error), getattr(error, "errno", None)
    if any(words in text for words in _FULL) or number == errno.ENOSPC:
        return ArchiveError(f"{folder}: the disk is full; nothing that was kept is lost. Make room and call again")
    if "readonly" in text or "read-only" in text or number in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ArchiveError(f"{folder}: cannot be written (read-only); choose another folder with --archive")
    if "malformed" in text or "not a database" in text:
        return ArchiveError(f"{folder}: {NAME} is damaged ({text}); restore it from a copy, then call `cablegram verify`")
    return ArchiveError(f"{folder}: {text}")


class _Connection(sqlite3.Connection):
    """A connection that can be referred to weakly, which the library's own cannot."""


class Store:
    """The SQLite file of an archive in ``folder``.

    ``create`` makes it where it is missing. Each thread has a connection of its own. ``ArchiveError`` where there is no archive,
    or it cannot be read.
    """

    def __init__(self, folder: Path, *, create: bool) -> None:
        self.folder = folder
        self.path = folder / NAME
        self._threads = threading.local()
        #: Those of all threads; that of a thread which has ended goes with it.
        self._open: WeakSet[_Connection] = WeakSet()
        self._dictionaries: dict[int, bytes] | None = None
        self._lock = FileLock(str(folder / "writer.lock"), timeout=0)
        self.writable = True
        if not self.path.is_file():
            if not create:
                raise ArchiveError(
                    f"{folder}: there is no archive here; make one with `cablegram ingest SOURCE --archive {folder}`"
                )
            self._create()
        try:
            self._check()
        except sqlite3.Error as error:
            self.close()
            raise explain(error, folder) from None

    def _create(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if any(self.folder.iterdir()) and not (self.folder / "writer.lock").exists():
                raise ArchiveError(f"{self.folder}: is not empty and no archive; choose an empty or a new folder")
            with self.writing():
                # Compressed texts are two or three kilobytes: on smaller pages more of the end of each would stand empty.
                self.db.execute("PRAGMA page_size = 32768")
                self.db.execute("PRAGMA journal_mode = WAL")
                migrate(self.db)
                # SQLite reckoned how many pages that is before it knew how large they are: eight times as many.
                self.db.execute(_CACHE)
        except (FileExistsError, NotADirectoryError):
            raise ArchiveError(f"{self.folder}: is a file, not a folder; name a folder for the archive") from None
        except OSError as error:
            raise explain(error, self.folder) from None

    def _check(self) -> None:
        found = self.db.execute("PRAGMA application_id").fetchone()[0]
        if found not in (0, APPLICATION):
            raise ArchiveError(f"{self.path}: is a database of another program")
        if not self.writable:
            require_newest(self.db)
        elif not is_newest(self.db):
            # Not under the hands of an older program that writes.
            with self.writing():
                migrate(self.db)

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        db: _Connection | None = getattr(self._threads, "db", None)
        if db is None:
            db = self._connect()
            self._threads.db = db
            self._open.add(db)
        return db

    def _connect(self) -> _Connection:
        db = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, factory=_Connection)
        try:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute(_CACHE)
            db.execute("PRAGMA mmap_size = 268435456")
            # Pages that are written again and again in a long run go to the table's file once for all those times.
            db.execute("PRAGMA wal_autocheckpoint = 4000")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            # In a folder that nobody may write to, WAL needs files beside the database that cannot be made.
            db.close()
            db = sqlite3.connect(
                f"{self.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None,
                factory=_Connection,
            )  # fmt: skip
            self.writable = False
        return db

    def close(self) -> None:
        """Close all connections."""
        for db in list(self._open):
            db.close()
        self._open.clear()
        self._threads = threading.local()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """For the time of the block this is the archive's one writer, among all processes. ``ArchiveError`` where another one is."""
        try:
            with self._lock:
                yield
        except Timeout:
            raise ArchiveError(f"{self.folder}: another program is writing to this archive; wait until it is done") from None
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self.folder) from error

    def is_free(self) -> bool:
        """Whether nobody is writing."""
        try:
            with self._lock:
                return True
        except (Timeout, OSError):
            return False

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is done in the block is kept whole or not at all."""
        with whole(self.db) as db:
            yield db

    def settle_on_disk(self) -> None:
        """Everything that was committed is on the disk when this returns, also if the machine loses power after it."""
        # A commit that is synchronized takes all before it along. A checkpoint would wait for who reads, and may be given up without an error.
        self.db.execute("PRAGMA synchronous = FULL")
        try:
            self.set_meta("clock", str(self.clock()))
        finally:
            self.db.execute("PRAGMA synchronous = NORMAL")

    def checkpoint(self) -> None:
        """Move what was committed from the log into the file, where other processes read it faster; nobody is waited for."""
        self.db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    # meta

    def meta(self, key: str) -> str | None:
        """A value of the archive's own."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Set a value of the archive's own."""
        self.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))

    def forget_meta(self, key: str) -> None:
        """Take a value of the archive's own away."""
        self.db.execute("DELETE FROM meta WHERE key = ?", (key,))

    def clock(self) -> int:
        """The number of the last change; ``cables.changed`` is the change that touched a cable last."""
        return int(self.meta("clock") or 0)

    def tick(self) -> int:
        """The number of a new change."""
        now = self.clock() + 1
        self.set_meta("clock", str(now))
        return now

    # texts and records

    @property
    def packer(self) -> Packer:
        """Compression with this archive's dictionaries. Each thread has its own: zstandard's objects are not to be shared."""
        dictionaries = self.dictionaries()
        made: tuple[int, Packer] | None = getattr(self._threads, "packer", None)
        if made is None or made[0] != len(dictionaries):
            made = (len(dictionaries), Packer(dictionaries))
            self._threads.packer = made
        return made[1]

    def dictionaries(self) -> dict[int, bytes]:
        """The dictionaries of :mod:`cablegram.archive.codec`, by number; none are ever changed or taken away."""
        if not self._dictionaries:
            self._dictionaries = dict(self.db.execute("SELECT number, data FROM dictionaries"))
        return self._dictionaries

    def add_dictionaries(self, dictionaries: Mapping[int, bytes]) -> None:
        """Keep trained dictionaries; from now on texts are compressed with them."""
        with self.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO dictionaries VALUES (?, ?)", dictionaries.items())
        self._dictionaries = None

    def original(self, number: int) -> bytes:
        """The bytes of an original."""
        row = self.db.execute("SELECT data FROM originals WHERE id = ?", (number,)).fetchone()
        return self.packer.unpack(row[0])

    def cable(self, version: int) -> Cable:
        """The record of a version, whole."""
        record, data = self._blobs(version)
        return decode(record, data)

    def outline(self, version: int) -> tuple[Stored, str | None]:
        """The record of a version without its texts, and its restored text: what a list of hits needs."""
        record, data = self._blobs(version)
        stored = glance(record)
        return stored, text_of(stored, data)

    def _blobs(self, version: int) -> tuple[bytes, bytes]:
        row = self.db.execute(
            "SELECT v.record, o.data FROM versions v JOIN originals o ON o.id = v.original WHERE v.id = ?", (version,)
        ).fetchone()
        return self.packer.unpack(row[0]), self.packer.unpack(row[1])

    # cables and versions

    def number(self, key: str) -> int | None:
        """The row of the cable with this key."""
        row = self.db.execute("SELECT id FROM cables WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def count(self) -> int:
        """How many cables there are."""
        return int(self.db.execute("SELECT count(*) FROM cables").fetchone()[0])

    def current(self, rows: Sequence[int]) -> dict[int, tuple[str, int]]:
        """Key and current version of some cables, by row; a row that is not there is left out."""
        marks = ",".join("?" * len(rows))
        found = self.db.execute(f"SELECT id, key, current FROM cables WHERE id IN ({marks})", rows)
        return {row: (key, version) for row, key, version in found}

    def versions(self, cable: int) -> list[Version]:
        """The versions of a cable, in the order in which they came."""
        rows = self.db.execute(f"SELECT {_VERSION} FROM versions WHERE cable = ? ORDER BY id", (cable,))
        return [version_of(row) for row in rows]

    def sightings(self, version: int) -> list[tuple[str, int, str | None]]:
        """Where a version was seen: source, position, and what the source said where it is not what the record has."""
        return self.db.execute(
            "SELECT s.name, g.position, g.claims FROM sightings g JOIN sources s ON s.id = g.source WHERE g.version = ? ORDER BY 1, 2",
            (version,),
        ).fetchall()

    def cited_by(self, key: str) -> list[str]:
        """Keys of the cables whose current version cites ``key``, on its REF line or by number in its text."""
        rows = self.db.execute(f"SELECT DISTINCT key FROM ({citing('c.key', 'r.target = ?1')}) ORDER BY 1", (key,))
        return [row[0] for row in rows]

    def alike(self, cable: int) -> list[str]:
        """Keys of the cables that are nearly the same as this one."""
        rows = self.db.execute(
            "SELECT key FROM cables WHERE id != ?1 AND alike = (SELECT alike FROM cables WHERE id = ?1) ORDER BY 1", (cable,)
        )
        return [row[0] for row in rows]


@contextmanager
def whole(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction of ``db``, a connection that commits by itself, as its one writer: kept whole or not at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def version_of(row: Sequence[Any]) -> Version:
    """A row of the columns of :class:`Version`."""
    number, cable, original, kind, parser, partial, corrected, sections, held, redacted, length = row
    parts = tuple(int(part) for part in (held or "").split(",") if part)
    return Version(number, cable, original, kind, parser, bool(partial), bool(corrected), sections, parts, redacted, length)
