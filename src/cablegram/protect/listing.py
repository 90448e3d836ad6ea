"""What an archive holds that is to be protected, cable by cable."""

from __future__ import annotations

from collections.abc import Iterator

from cablegram.archive.archive import Archive
from cablegram.protect.copy import founds, may_hold_any
from cablegram.protect.finding import Found


def finds_in(archive: Archive, keys: Iterator[str]) -> Iterator[tuple[str, Found]]:
    """The ids of those of ``keys`` in which something is found, with the finds of the current version; its other versions' people count too."""
    store = archive.store
    for key in keys:
        number = store.number(key)
        if number is None:
            continue
        versions = store.versions(number)
        if not may_hold_any(store, versions):
            continue
        now = store.current([number])[number][1]
        found = next(found for version, _, found in founds([(one.id, store.cable(one.id)) for one in versions]) if version == now)
        if found.finds:
            yield key, found
