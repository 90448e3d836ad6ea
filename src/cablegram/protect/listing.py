"""What an archive holds that is to be protected, cable by cable."""

from __future__ import annotations

from collections.abc import Iterator

from cablegram.archive.archive import Archive
from cablegram.protect.copy import founds
from cablegram.protect.finding import Found, may_hold


def finds_in(archive: Archive, keys: Iterator[str]) -> Iterator[tuple[str, Found]]:
    """The ids of those of ``keys`` in which something is found, with the finds of the current version; its other versions' people count too."""
    for key in keys:
        current = archive.get(key)
        if current is None:
            continue
        versions = archive.versions(key)
        if len(versions) == 1:
            if not (current.redactions or may_hold(current.original, current.tags)):
                continue
            given = [(versions[0].version, current)]
        else:
            given = [(one.version, cable) for one in versions if (cable := archive.get(key, one.version)) is not None]
        now = next(one.version for one in versions if one.current)
        found = next(found for version, _, found in founds(given) if version == now)
        if found.finds:
            yield key, found
