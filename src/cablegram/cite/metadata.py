"""What the head of a page tells reference managers and crawlers about a cable: Highwire tags, a COinS, JSON-LD, links to its forms.

All values are plain text: who puts them into HTML escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from cablegram.archive.archive import VersionInfo
from cablegram.cable import Cable
from cablegram.cite.formats import FORMS
from cablegram.cite.item import Item, held_item

_MINUTE: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z")


class Metadata(NamedTuple):
    """``forms``: name, ending and media type of each; ``tags``: name and content of ``meta`` elements; ``coins``: the ``title`` of an empty
    ``span`` of class ``Z3988`` (an OpenURL context object, NISO Z39.88); ``linked``: JSON-LD in the words of schema.org, as plain data."""

    forms: tuple[tuple[str, str, str], ...]
    tags: tuple[tuple[str, str], ...]
    coins: str
    linked: dict[str, Any]


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


def _linked(item: Item, cable: Cable) -> dict[str, Any]:
    """The item in the words of schema.org: a message that is a part of an archive. What nobody said (a licence, a language, an archive that
    holds it, where the source is a file) is not said here either."""
    identifier: list[Any] = [item["id"]]
    if (document := item.get("call-number")) is not None:
        identifier.append({"@type": "PropertyValue", "name": "Document number of the National Archives", "value": document})
    day = _day(item, "-")
    told: dict[str, Any] = {
        "@context": "https://schema.org", "@type": ["CreativeWork", "ArchiveComponent", "Message"],
        "identifier": identifier if len(identifier) > 1 else item["id"], "name": item.get("title"), "genre": item["genre"], "dateCreated": day,
        # A time of the day is told where it is known to the minute, as xsd:dateTime wants it.
        "dateSent": f"{created.removesuffix('Z')}:00Z" if _MINUTE.fullmatch(created := cable.created or "") else day,
        "author": _organizations(item, "author"), "sender": _organizations(item, "author"), "recipient": _organizations(item, "recipient"),
        "url": item.get("URL"), "itemLocation": item.get("archive_location"),
    }  # fmt: skip
    # Only of records of the National Archives is it known who holds them (item.py).
    if document is not None:
        told["holdingArchive"] = {"@type": "ArchiveOrganization", "name": item["archive"], "address": item["archive-place"]}
        told["isPartOf"] = {"@type": "Collection", "name": item["archive_collection"]}
    return {name: value for name, value in told.items() if value}


def _organizations(item: Item, name: str) -> list[dict[str, str]]:
    return [{"@type": "Organization", "name": one} for one in _names(item, name)]


def metadata_of(key: str, cable: Cable, version: VersionInfo, versions: tuple[VersionInfo, ...]) -> Metadata:
    """The metadata of a held cable."""
    item = dict(held_item(key, cable, version, versions).item)
    return Metadata(
        tuple((name, form.ending, form.media) for name, form in FORMS.items()),
        tuple((name, value) for name, value in _tags(item) if value), _coins(item), _linked(item, cable),
    )  # fmt: skip
