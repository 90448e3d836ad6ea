"""What a study finds in each cable, kept in a small file beside the archive, so that it is found once.

Such a file holds nothing that cannot be made again from the archive: it may be deleted at any time. A cable is read again when the
archive's own clock says that it changed; another version of this program reads all again. Where the folder cannot be written the file is
a temporary one.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from cablegram import __version__
from cablegram.archive.archive import Archive
from cablegram.archive.store import whole

_BATCH: Final = 500
#: Seconds that a second program waits until the first has counted.
_PATIENCE: Final = 900.0
_META: Final = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;\n"
#: In a query over kept tables, whose cables are ``c``: only the cables of ``:keys``, a JSON array, or all where that is None.
ONLY: Final = "(:keys IS NULL OR c.key IN (SELECT value FROM json_each(:keys)))"


class Keeping:
    """The file of one study of one archive. Any thread may ask; :meth:`update` brings it up to date.

    A subclass names its file, its ``tables`` (SQL that makes them where they are not), those of them that hold ``facts`` of single cables,
    and the ``form`` of what is written, which changes when that does.
    """

    name: str
    form: str
    tables: str
    facts: Sequence[str]
    #: Whether counting takes so long that each batch is kept as it is done, so that a count that was stopped goes on where it was.
    slow = False

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._threads = threading.local()
        self._place = archive.folder / self.name
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        try:
            if not archive.store.writable:
                raise sqlite3.OperationalError("read-only")
            self._begin()
        except sqlite3.Error:
            self._threads = threading.local()
            self._temporary = tempfile.TemporaryDirectory(prefix="cablegram-studies-")
            self._place = Path(self._temporary.name) / self.name
            self._begin()

    def _begin(self) -> None:
        """Make the tables; a file that is damaged, or of another program or form, is made anew."""
        try:
            self.db.executescript(_META)
            form = dict(self.db.execute("SELECT name, value FROM meta")).get("form")
            if (
                form != self._form
                and self.db.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0] > 1
            ):
                raise sqlite3.DatabaseError("another form")
            self._make()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self.db.close()
            self._threads = threading.local()
            for place in (self._place, *(self._place.with_name(self._place.name + end) for end in ("-wal", "-shm"))):
                place.unlink(missing_ok=True)
            self.db.executescript(_META)
            self._make()

    def _make(self) -> None:
        self.db.executescript(self.tables)
        self.db.execute("INSERT OR IGNORE INTO meta VALUES ('form', ?)", (self._form,))

    @property
    def _form(self) -> str:
        return f"{self.form} {__version__}"

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        db: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if db is None:
            db = sqlite3.connect(self._place, timeout=_PATIENCE, isolation_level=None)
            db.execute("PRAGMA journal_mode = WAL")
            # What is lost with the power is counted again.
            db.execute("PRAGMA synchronous = OFF")
            self._threads.db = db
        return db

    def clock(self) -> int:
        """The archive's clock up to which this is counted; -1 where it is not."""
        told = dict(self.db.execute("SELECT name, value FROM meta"))
        return int(told.get("clock", -1)) if told.get("form") == self._form and told.get("archive") == self._identity() else -1

    def _identity(self) -> str:
        """What another archive in the same folder would not have: its first text."""
        row = self._archive.store.db.execute("SELECT id, hex(sha256) FROM originals ORDER BY id LIMIT 1").fetchone()
        return "" if row is None else f"{row[0]} {row[1]}"

    def update(self, told: Callable[[int, int], None] | None = None) -> int:
        """Count what changed in the archive since the last time; how many cables that were. ``told`` gets those done, and all."""
        store = self._archive.store
        with self._whole(not self.slow) as db:
            since, now = self.clock(), store.clock()
            if since == now:
                return 0
            since = max(since if since <= now else -1, self._begun(now))
            if since < 0:
                with self._whole(self.slow):
                    for table in self.facts:
                        db.execute(f"DELETE FROM {table}")
                    db.execute("DELETE FROM meta WHERE name != 'form'")
            rows = store.db.execute(
                "SELECT id, key, changed FROM cables WHERE changed > ? AND current IS NOT NULL ORDER BY changed, id", (since,)
            ).fetchall()
            for at in range(0, len(rows), _BATCH):
                some = rows[at : at + _BATCH]
                with self._whole(self.slow):
                    self.count(db, [(number, key) for number, key, _ in some])
                    # Others may have changed together with the last of them.
                    self._note(db, archive=self._identity(), begun=some[-1][2] - 1)
                if told is not None:
                    told(min(at + _BATCH, len(rows)), len(rows))
            with self._whole(self.slow):
                self.sum(db)
                self._note(db, archive=self._identity(), clock=now)
                db.execute("DELETE FROM meta WHERE name = 'begun'")
        return len(rows)

    def _whole(self, asked: bool) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction, if it is asked for."""
        return whole(self.db) if asked else nullcontext(self.db)

    def _begun(self, now: int) -> int:
        """The archive's clock up to which a count came that was stopped; -1 where there was none."""
        told = dict(self.db.execute("SELECT name, value FROM meta"))
        begun = int(told.get("begun", -1)) if told.get("archive") == self._identity() else -1
        return begun if begun <= now else -1

    @staticmethod
    def _note(db: sqlite3.Connection, **values: object) -> None:
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(name, str(value)) for name, value in values.items()])

    def count(self, db: sqlite3.Connection, rows: Sequence[tuple[int, str]]) -> None:
        """Write what is found in some cables, given by row and key, in the place of what was found before."""
        raise NotImplementedError

    def sum(self, db: sqlite3.Connection) -> None:
        """Write what is told of all cables, from what is found in each."""
