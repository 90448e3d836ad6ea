"""A masked copy of a few cables, for commands that need no more: made by what makes the whole copy, so that it says the same of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cablegram.archive.archive import Archive
from cablegram.archive.citations import by_version, cited
from cablegram.archive.ingest import Quiet
from cablegram.archive.store import Store
from cablegram.errors import NotHeld
from cablegram.interpret.claims import meant_id
from cablegram.protect.copy import mask_store, masked_folder, place_of
from cablegram.study.refs import references

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
    with Archive(folder, create=False) as archive:
        store = archive.store
        place = place_of(store, wanted)
        if place.is_dir():
            made = None
        else:
            told = _told(archive, names, thread) if thread else []
            chosen = _chosen(archive, names, told)
            made = place = Path(tempfile.mkdtemp(prefix="few-", dir=place.parent))
        try:
            if made is not None:
                _copy(store, made, chosen)
                mask_store(made, archive.name, wanted, Quiet())
                # A citation that masking took away may leave another thread than the one that was copied.
                if told and not _cite_the_same(store, made, told):
                    place = masked_folder(folder, wanted)
            yield place
        finally:
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)


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
