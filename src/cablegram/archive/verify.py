"""Verification: is everything that was put in still there, byte for byte, and does the index agree with the store."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import zstandard

from cablegram.archive.codec import decode, to_text
from cablegram.archive.index import TextIndex
from cablegram.archive.rows import about
from cablegram.archive.store import Store
from cablegram.errors import ArchiveError

_PAGE: Final = 5000
_ORPHANS: Final = {
    "cables without a current version": "SELECT key FROM cables WHERE current IS NULL",
    "cables whose current version is another cable's": (
        "SELECT c.key FROM cables c JOIN versions v ON v.id = c.current WHERE v.cable != c.id"
    ),
    "versions that no source was seen to give": (
        "SELECT id FROM versions v WHERE kind = 'release' AND NOT EXISTS (SELECT 1 FROM sightings g WHERE g.version = v.id)"
    ),
    "originals without a version": "SELECT id FROM originals o WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.original = o.id)",
    "joined versions without their parts": (
        "SELECT id FROM versions v WHERE kind = 'joined' AND (SELECT count(*) FROM parts p WHERE p.joined = v.id) < 2"
    ),
}
_ROWS: Final = ("paragraphs", "addressees", "tags", "refs")


def problems(store: Store, index: TextIndex) -> Iterator[str]:
    """Every problem found, one line each; nothing where all is well. Reads the whole archive."""
    db = store.db
    try:
        for (line,) in db.execute("PRAGMA integrity_check"):
            if line != "ok":
                yield f"store: {line}"
        for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
            yield f"store: row {row} of {table} belongs to nothing in {parent}"
        for what, sql in _ORPHANS.items():
            for (value,) in db.execute(sql):
                yield f"store: {what}: {value}"
        yield from _files(store)
        yield from _versions(store)
    except sqlite3.DatabaseError as error:
        yield f"store: {error}"
        return
    yield from _index(store, index)


def _files(store: Store) -> Iterator[str]:
    for number, checksum, data in store.db.execute("SELECT id, sha256, data FROM files"):
        try:
            if hashlib.sha256(store.packer.unpack(data)).digest() != checksum:
                yield f"file {number}: its checksum is wrong"
        except zstandard.ZstdError as error:
            yield f"file {number}: {error}"


def _versions(store: Store) -> Iterator[str]:
    counts = ", ".join(f"(SELECT count(*) FROM {name} WHERE version = v.id)" for name in _ROWS)
    last = 0
    while rows := store.db.execute(
        "SELECT v.id, c.key, c.current = v.id, v.record, o.sha256, o.length, o.data, c.created, c.level, c.post, c.country, c.serial, c.subject, "
        f"{counts} FROM versions v JOIN cables c ON c.id = v.cable JOIN originals o ON o.id = v.original WHERE v.id > ? ORDER BY v.id LIMIT 500",
        (last,),
    ).fetchall():
        last = rows[-1][0]
        for row in rows:
            problem = _version(store, row)
            if problem is not None:
                yield f"{row[1]}, version {row[0]}: {problem}"


def _version(store: Store, row: tuple[Any, ...]) -> str | None:
    _, _, current, record, checksum, length, data, *rest = row
    try:
        original = store.packer.unpack(data)
        if original and hashlib.sha256(original).digest() != checksum:
            return "the checksum of its original is wrong"
        if len(to_text(original)) != length:
            return "its original has another length"
        cable = decode(store.packer.unpack(record), original)
    except (zstandard.ZstdError, msgspec.MsgspecError, KeyError, ValueError, IndexError, MemoryError, TypeError) as error:
        return f"cannot be read ({type(error).__name__}: {error})"
    if current and tuple(rest[:6]) != about(cable):
        return "the list of cables says something else than its record"
    held = (
        len(cable.paragraphs),
        len(cable.action) + len(cable.info),
        len(cable.tags) + len(cable.tags_people),
        len(cable.references),
    )
    if tuple(rest[6:]) != held:
        return f"its rows are {rest[6:]} ({', '.join(_ROWS)}), its record has {list(held)}"
    return None


def _index(store: Store, index: TextIndex) -> Iterator[str]:
    behind = index.behind()
    if behind:
        yield f"index: has not seen {behind} cables; `cablegram reindex` brings it up to date"
        return
    if not store.count():
        return
    try:
        found = index.rows(_PAGE)
        seen = list(found)
    except (ArchiveError, ValueError, OSError) as error:
        yield f"index: cannot be read ({error}); `cablegram reindex` makes it again"
        return
    held = {row for (row,) in store.db.execute("SELECT id FROM cables")}
    if len(seen) != len(set(seen)):
        yield f"index: {len(seen) - len(set(seen))} cables stand in it twice; `cablegram reindex` makes it again"
    for row in sorted(held.symmetric_difference(seen))[:100]:
        yield f"index: cable {row} is only in the {'store' if row in held else 'index'}; `cablegram reindex` makes it again"


def fingerprint(store: Store) -> str:
    """A checksum of all content: ids, originals, what was seen where, groups; equal for archives that hold the same."""
    digest = hashlib.sha256()
    for sql in (
        "SELECT c.key, c.created, c.level, c.post, c.serial, c.subject, hex(o.sha256), a.key FROM cables c JOIN versions v ON v.id = c.current"
        " JOIN originals o ON o.id = v.original LEFT JOIN cables a ON a.id = c.alike ORDER BY 1",
        "SELECT c.key, hex(o.sha256), v.kind, v.partial, v.held FROM versions v JOIN cables c ON c.id = v.cable"
        " JOIN originals o ON o.id = v.original ORDER BY 1, 2",
        "SELECT s.name, g.position, hex(g.told), hex(o.sha256), g.claims FROM sightings g JOIN sources s ON s.id = g.source"
        " JOIN versions v ON v.id = g.version JOIN originals o ON o.id = v.original ORDER BY 1, 2, 3",
        "SELECT s.name, r.position, r.reason FROM refusals r JOIN sources s ON s.id = r.source ORDER BY 1, 2, 3",
    ):
        for row in store.db.execute(sql):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
