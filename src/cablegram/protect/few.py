"""A masked copy of a few cables, for commands that need no more: made by what makes the whole copy, so that it says the same of them."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from cablegram.archive.archive import Archive
from cablegram.archive.citations import by_version, cited
from cablegram.archive.ingest import Quiet
from cablegram.archive.store import Store
from cablegram.errors import NotHeld
from cablegram.interpret.claims import meant_id
from cablegram.protect.copy import mask_store, masked_folder, place_of
from cablegram.study.refs import references

#: How the folders of such copies are called, and the file with the lock of each, which stands beside it.
_PREFIX: Final = "few-"
_LOCK: Final = ".lock"
#: Seconds after which no command that needs a few cables can be at work any more.
_LONGEST: Final = 86_400.0
_CABLES: Final = "(SELECT value FROM json_each(?1))"
_VERSIONS: Final = f"(SELECT id FROM versions WHERE cable IN {_CABLES})"
#: What is taken over, in an order in which each row finds those that it refers to. Files are not: no record is made of them.
_ROWS: Final = {
    "dictionaries": "SELECT * FROM dictionaries",
    "originals": f"SELECT id, sha256, length, data, NULL FROM originals WHERE id IN (SELECT original FROM versions WHERE cable IN {_CABLES})",
    "cables": f"SELECT * FROM cables WHERE id IN {_CABLES} ORDER BY id",
    "versions": f"SELECT * FROM versions WHERE cable IN {_CABLES}",
    "parts": f"SELECT * FROM parts WHERE joined IN {_VERSIONS}",
    "sources": f"SELECT * FROM sources WHERE id IN (SELECT source FROM sightings WHERE version IN {_VERSIONS})",
    **{
        name: f"SELECT * FROM {name} WHERE version IN {_VERSIONS}"
        for name in ("sightings", "paragraphs", "addressees", "tags", "refs", "mentions", "unmentioned", "edits", "diagnostics")
    },
}


@contextmanager
def masked_few(folder: Path, kinds: Iterable[str], names: Sequence[str], thread: int = 0) -> Iterator[Path]:
    """For the time of the block the folder of a masked copy of what ``names`` (any usual spelling of ids) are, with the cables that cite
    them and those that are nearly the same, and with what :func:`~cablegram.study.refs.references` tells of a ``thread`` of so many cables
    (0: without); of the whole copy, where that is there already. A name that is not held may be cited.

    ``ArchiveError`` where there is no archive, or no room for a copy.
    """
    wanted = frozenset(kinds)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive(folder, create=False))
        store = archive.store
        place = place_of(store, wanted)
        clear(place.parent)
        if not place.is_dir():
            told = _told(archive, names, thread) if thread else []
            chosen = _chosen(archive, names, told)
            place = stack.enter_context(_held_folder(place.parent))
            _copy(store, place, chosen)
            mask_store(place, archive.name, wanted, Quiet())
            # A citation that masking took away may leave another thread than the one that was copied.
            if told and not _cite_the_same(store, place, told):
                place = masked_folder(folder, wanted)
        yield place


@contextmanager
def _held_folder(room: Path) -> Iterator[Path]:
    """A folder in ``room`` for the time of the block. Its lock is taken before it is there and until it is gone: where there is such a folder and
    nobody has its lock, its maker is no more."""
    made = room / f"{_PREFIX}{secrets.token_hex(8)}"
    try:
        with FileLock(_lock_of(made)):
            try:
                made.mkdir(mode=0o700)
                yield made
            finally:
                shutil.rmtree(made, ignore_errors=True)
    finally:
        _forget(made)


def clear(room: Path) -> None:
    """Take away such folders in ``room`` whose makers are no more (they were killed, or the machine stopped); never one that is in use."""
    for made in {room / found.name.removesuffix(_LOCK) for found in room.glob(f"{_PREFIX}*")}:
        lock = Path(_lock_of(made))
        # A lock without a folder may be of who is just about to make it; a folder without a lock is of an older program, which took none.
        if not (made.is_dir() and lock.is_file()) and not _is_old(made if made.is_dir() else lock):
            continue
        with suppress(Timeout, OSError), FileLock(lock, timeout=0):
            shutil.rmtree(made, ignore_errors=True)
            _forget(made)


def _lock_of(made: Path) -> str:
    return f"{made}{_LOCK}"


def _forget(made: Path) -> None:
    """Take the lock's file away, unless something of the folder could not be: then who comes next does it."""
    # Some systems do not take away what another program is just looking at.
    with suppress(OSError):
        if not made.exists():
            Path(_lock_of(made)).unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _LONGEST
    except OSError:
        return False


def _told(archive: Archive, names: Sequence[str], thread: int) -> list[str]:
    """Ids, held or not, of all cables that the references of ``names`` tell of."""
    out: set[str] = set()
    for name in names:
        try:
            found = references(archive, name, thread)
        except NotHeld:
            continue
        out.update([*found["thread"], *found["cited_by"], *(one["cable"] for one in found["cites"])])
        out.update(key for one in found["others"] for key in one["may_be"])
    return sorted(out)


def _cite_the_same(store: Store, folder: Path, keys: Sequence[str]) -> bool:
    """Whether those cables cite in the store in ``folder`` what they cite in ``store``."""
    sql = f"SELECT DISTINCT * FROM ({cited('c.key, r.target', 'c.key IN (SELECT value FROM json_each(?1))')}) ORDER BY 1, 2"
    other = Store(folder, create=False)
    try:
        one, two = (each.db.execute(sql, (json.dumps(keys),)).fetchall() for each in (store, other))
        return bool(one == two)
    finally:
        other.close()


def _chosen(archive: Archive, names: Sequence[str], told: Sequence[str]) -> list[int]:
    """The rows of the cables ``names``, of those that cite them or are nearly the same, and of those that are ``told`` of."""
    db = archive.store.db
    keys = json.dumps([archive.resolve(name) or meant_id(name) for name in names])
    found = db.execute(
        "SELECT id FROM cables WHERE key IN (SELECT value FROM json_each(?1))"
        " UNION SELECT o.id FROM cables c JOIN cables o ON o.alike = c.alike WHERE c.key IN (SELECT value FROM json_each(?1))"
        f" UNION SELECT cable FROM versions WHERE id IN (SELECT version FROM ({by_version('r.target IN (SELECT value FROM json_each(?1))')}))",
        (keys,),
    ).fetchall()
    found += db.execute("SELECT id FROM cables WHERE key IN (SELECT value FROM json_each(?1))", (json.dumps(told),)).fetchall()
    rows = [row for (row,) in found]
    # The first of a group of likes is what the group is known by.
    first = db.execute(f"SELECT alike FROM cables WHERE id IN {_CABLES} AND alike IS NOT NULL", (json.dumps(rows),))
    return sorted({*rows, *(row for (row,) in first)})


def _copy(store: Store, folder: Path, chosen: Sequence[int]) -> None:
    """Copy those cables into a new store in ``folder``."""
    target = Store(folder, create=True)
    try:
        given = json.dumps(list(chosen))
        with target.writing(), target.transaction() as db:
            db.execute("PRAGMA defer_foreign_keys = ON")
            for name, sql in _ROWS.items():
                rows = store.db.execute(sql, (given,) if "?1" in sql else ())
                marks = ",".join("?" * len(rows.description))
                db.executemany(f"INSERT OR REPLACE INTO {name} VALUES ({marks})", rows)
    finally:
        target.close()
