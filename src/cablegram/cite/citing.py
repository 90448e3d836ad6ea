"""Citations of what an archive holds, and of what its cables cite: by name, or all that a query finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cablegram.archive.archive import Archive, VersionInfo
from cablegram.cable import Cable
from cablegram.cite.item import Cited, ghost_item, held_item
from cablegram.cite.places import place_of
from cablegram.cite.styles import render, style_of
from cablegram.errors import NotHeld
from cablegram.interpret.claims import meant_id
from cablegram.study.ghosts import Ghosts


def cited(
    archive: Archive, name: str, *, paragraph: str | None = None, version: int | None = None, accessed: str | None = None
) -> Cited:
    """What ``name`` (any usual spelling of an id) means: a held cable, in its fullest version or in ``version``, or one that held cables
    cite; a ``paragraph`` of it by number, letter or anchor. ``accessed``: the day (ISO) on which its address was read.

    :class:`NotHeld` where the archive neither holds it nor sees it cited, or has no such version or paragraph.
    """
    key = archive.resolve(name)
    if key is None:
        return _ghost(archive, name, paragraph, version)
    cable = archive.get(key, version)
    versions = tuple(archive.versions(key))
    if cable is None:
        raise NotHeld(f"{key} has no version {version}; it has {', '.join(str(v.version) for v in versions)}")
    shown = next(v for v in versions if (v.version == version if version is not None else v.current))
    found = held_item(key, cable, shown, versions, accessed)
    return found if paragraph is None else replace(found, locator=place_of(cable, key, paragraph).locator)


def _ghost(archive: Archive, name: str, paragraph: str | None, version: int | None) -> Cited:
    told = name.strip()[:80]
    ghost = Ghosts(archive).get(meant_id(name))
    if ghost is None:
        raise NotHeld(f"{told} is not in this archive, and no cable in it cites it; `cablegram search` finds what is there")
    if version is not None:
        raise NotHeld(f"{told} is not in this archive, so it has no version {version}; leave --version out")
    if paragraph is not None:
        raise NotHeld(f"{told} is not in this archive: whether it has a paragraph {paragraph[:40]} is not known; cite the cable")
    return ghost_item(ghost)


def found(archive: Archive, query: str, *, accessed: str | None = None) -> Iterator[Cited]:
    """Every cable that ``query`` finds, in order of ids, one at a time. ``QueryError`` for a wrong query."""
    for key in archive.find_ids(query):
        yield cited(archive, key, accessed=accessed)


def in_style(one: Cited, style: str) -> str:
    """The citation in a style of :data:`cablegram.cite.styles.STYLES`.

    One line; where the style has an entry and a citation in the text (APA, MLA) and a paragraph is cited, that citation is a second one.
    ``CablegramError`` for an unknown style.
    """
    return "\n".join(part for part in render(one.item, style_of(style), one.locator) if part is not None)


def cite(archive: Archive, name: str, style: str, *, paragraph: str | None = None) -> str:
    """The citation of a cable by any usual spelling of its id, held or only cited, or of one of its paragraphs, as :func:`in_style`."""
    style_of(style)
    return in_style(cited(archive, name, paragraph=paragraph), style)


def plain_citation(key: str, cable: Cable, version: VersionInfo, versions: tuple[VersionInfo, ...]) -> str:
    """The note of a held cable that pages and prints show, in the style of the Chicago Manual."""
    return in_style(held_item(key, cable, version, versions), "chicago-note")
