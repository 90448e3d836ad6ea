"""Citations in SQL: what stands on REF lines (``refs``), and what texts cite by number (``mentions``; by label it is the REF line's)."""

from __future__ import annotations

from typing import Final

#: The tables of citations, and which of their rows are citations of a cable.
_TABLES: Final = (("refs", "r.target IS NOT NULL"), ("mentions", "r.how = 'number'"))
#: The place of a citation, by table: the item of the REF line, and the paragraph, either counted from 0.
_PLACES: Final = {"refs": "r.seq AS item, NULL AS paragraph", "mentions": "NULL AS item, r.paragraph"}


def citing(columns: str, condition: str, *, places: bool = False) -> str:
    """The citations by current versions (``c`` the citing cable, ``r`` the citation) of targets that ``condition`` names.

    ``places``: also columns ``item`` and ``paragraph``. Neither ``columns`` nor ``condition`` may come from a user; parameters are to
    be numbered or named, as each stands twice.
    """
    # By way of `versions`, whose rows are found by number: `cables.current` has no index.
    return _both(columns, "{table} r JOIN versions v ON v.id = r.version JOIN cables c ON c.id = v.cable AND c.current = v.id",
                 condition, places)  # fmt: skip


def cited(columns: str, condition: str = "1", *, places: bool = False) -> str:
    """As :func:`citing`, for conditions on the citing cables, or none: cables are gone through first."""
    return _both(columns, "cables c CROSS JOIN {table} r ON r.version = c.current", condition, places)


def by_version(condition: str) -> str:
    """``version``, ``target`` of all citations, of whatever version, that ``condition`` names."""
    return " UNION ALL ".join(
        f"SELECT r.version, r.target FROM {table} r WHERE {only} AND {condition}" for table, only in _TABLES
    )


def _both(columns: str, source: str, condition: str, places: bool) -> str:
    return " UNION ALL ".join(
        f"SELECT {columns}{f', {_PLACES[table]}' if places else ''} FROM {source.format(table=table)} WHERE {only} AND {condition}"
        for table, only in _TABLES
    )
