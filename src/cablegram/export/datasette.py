"""The metadata that Datasette shows beside an SQLite file: titles, descriptions and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cablegram.export.sqlite import SQL_TABLES, VIEWS

_FACETS: Final = {
    "cables": ["classification", "post", "country"], "paragraphs": ["marking", "kind"], "references": ["kind", "year_source"],
    "addressees": ["role"], "tags": ["tag"],
}  # fmt: skip
_SORT: Final = {"cables": "created", "posts": "code"}
_LABELS: Final = {"cables": "subject", "posts": "name"}


def metadata(database: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """What ``datasette FILE -m metadata.json`` reads, for the file whose stem is ``database``; ``meta`` is the export's sidecar."""
    tables: dict[str, Any] = {}
    for table in SQL_TABLES:
        tables[table.name] = {
            "title": table.name.capitalize(), "description": table.about,
            "columns": {one.name: one.about.replace("`", "") for one in table.columns},
            **({"facets": _FACETS[table.name]} if table.name in _FACETS else {}),
            **({"sort": _SORT[table.name]} if table.name in _SORT else {}),
            **({"label_column": _LABELS[table.name]} if table.name in _LABELS else {}),
        }  # fmt: skip
    tables.update(
        {name: {"title": name.replace("_", " ").capitalize(), "description": about} for name, (about, _) in VIEWS.items()}
    )
    what = f"the query {meta['query']}" if meta["query"] else "a list of ids" if meta.get("ids") else "all cables of the archive"
    about = f"{meta['cables']:,} cables: {what}. Written by {meta['program']} on {meta['created'][:10]}. Markings are those of the originals, not current ones."
    return {
        "title": "Diplomatic cables",
        "description": about,
        "databases": {database: {"title": f"Diplomatic cables: {database}", "description": about, "tables": tables}},
    }
