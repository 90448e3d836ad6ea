"""What the head of a page tells reference managers about a cable: Highwire tags, a COinS, links to its forms.

All values are plain text: who puts them into HTML escapes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cablegram.archive.archive import VersionInfo
from cablegram.cable import Cable
from cablegram.cite.formats import FORMS
from cablegram.cite.item import Item, held_item


class Metadata(NamedTuple):
    """``forms``: name, ending and media type of each; ``tags``: name and content of ``meta`` elements; ``coins``: the ``title`` of an empty
    ``span`` of class ``Z3988`` (an OpenURL context object, NISO Z39.88)."""

    forms: tuple[tuple[str, str, str], ...]
    tags: tuple[tuple[str, str], ...]
    coins: str


def _day(item: Item, mark: str) -> str | None:
    parts: list[list[int]] = item.get("issued", {}).get("date-parts", [[]])
    return mark.join(f"{part:0{4 if n == 0 else 2}d}" for n, part in enumerate(parts[0])) or None


def _names(item: Item, name: str) -> list[str]:
    return [one["literal"] for one in item.get(name, ())]


def _tags(item: Item) -> Iterator[tuple[str, str | None]]:
    yield "citation_title", item.get("title") or item["number" if "number" in item else "id"]
    yield from (("citation_author", one) for one in _names(item, "author"))
    yield "citation_publication_date", _day(item, "/")
    yield "citation_technical_report_number", item.get("number")
    yield "DC.type", "letter"
    yield "DC.format", item["genre"]
    yield "DC.identifier", item["id"]
    yield from (("DC.contributor", one) for one in _names(item, "recipient"))
    yield "DC.source", _source(item)


def _source(item: Item) -> str:
    parts: list[Any] = [item.get(name) for name in ("archive_location", "archive_collection", "archive", "archive-place")]
    return ", ".join(part for part in parts if part)


def _coins(item: Item) -> str:
    pairs: list[tuple[str, str | None]] = [
        ("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"), ("rfr_id", "info:sid/cablegram"), ("rft.type", "letter"),
        ("rft.title", item.get("title")), *(("rft.creator", one) for one in _names(item, "author")),
        *(("rft.contributor", one) for one in _names(item, "recipient")), ("rft.date", _day(item, "-")),
        ("rft.identifier", item.get("number") or item["id"]), ("rft.format", item["genre"]), ("rft.source", _source(item)),
    ]  # fmt: skip
    return urlencode([(name, value) for name, value in pairs if value], errors="replace")


def metadata_of(key: str, cable: Cable, version: VersionInfo, versions: tuple[VersionInfo, ...]) -> Metadata:
    """The metadata of a held cable."""
    item = dict(held_item(key, cable, version, versions).item)
    return Metadata(
        tuple((name, form.ending, form.media) for name, form in FORMS.items()),
        tuple((name, value) for name, value in _tags(item) if value), _coins(item),
    )  # fmt: skip
