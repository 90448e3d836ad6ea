"""Which cables leave the archive: the one place through which every form of export gets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.errors import CablegramError, NotHeld

#: KiB of pages that an export keeps: it reads every page once.
_CACHE: Final = 8192


@contextmanager
def sparing(archive: Archive) -> Iterator[None]:
    """For the time of the block this thread's connection maps no file and keeps few pages, so that memory does not grow with the archive."""
    db = archive.store.db
    names = ("mmap_size", "cache_size")
    before = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    for name, value in zip(names, (0, -_CACHE), strict=True):
        db.execute(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        for name, value in zip(names, before, strict=True):
            db.execute(f"PRAGMA {name} = {value}")


def selected(archive: Archive, query: str, ids: Sequence[str] = ()) -> Iterator[str]:
    """The ids of the cables that ``query`` finds, or of those named in ``ids`` (any usual spelling, once each), or of all."""
    if not ids:
        return archive.find_ids(query) if query else archive.ids()
    if query:
        raise CablegramError("give ids or a query, not both")
    known = {name: archive.resolve(name) for name in ids}
    missing = [name for name, key in known.items() if key is None]
    if missing:
        raise NotHeld(f"{', '.join(missing[:5])}: not in this archive; nothing was exported")
    return iter(sorted({key for key in known.values() if key is not None}))


def keyed(archive: Archive, query: str, ids: Sequence[str] = ()) -> Iterator[tuple[str, Cable]]:
    """The cables of :func:`selected`, one at a time, each with its id."""
    return held(archive, selected(archive, query, ids))


def held(archive: Archive, keys: Iterable[str]) -> Iterator[tuple[str, Cable]]:
    """The cables with these ids, one at a time, each with its id; one that was taken away meanwhile is left out."""
    for key in keys:
        cable = archive.get(key)
        if cable is not None:
            yield key, cable
