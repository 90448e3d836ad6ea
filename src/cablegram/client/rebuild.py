"""From the JSON of the API back to the types of the library. What comes out is equal to what the archive itself would give.

Records are taken over field by field and not read anew from their originals: two programs of different age must not tell two stories.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from cablegram.archive.archive import Sighting, VersionInfo
from cablegram.archive.search import Hit
from cablegram.archive.snippets import Snippet
from cablegram.cable import KEYS, Cable
from cablegram.record import (
    Addressee,
    ClassifiedBy,
    Diagnostic,
    ExecutiveOrder,
    Origin,
    Paragraph,
    Redaction,
    Reference,
    Sections,
)
from cablegram.spans import Edit

_Tuple = TypeVar("_Tuple", bound=tuple[Any, ...])
_ONE: Final[Mapping[str, type[Any]]] = {
    "origin": Origin, "sections": Sections, "executive_order": ExecutiveOrder, "classified_by": ClassifiedBy,
}  # fmt: skip
_MANY: Final[Mapping[str, type[Any]]] = {
    "action": Addressee, "info": Addressee, "references": Reference, "paragraphs": Paragraph, "redactions": Redaction, "edits": Edit,
    "diagnostics": Diagnostic,
}  # fmt: skip
_PLAIN: Final = frozenset({"claims", "text"})


def cable_of(told: Mapping[str, Any]) -> Cable:
    """The cable of a record that came with its ``original``. ``KeyError`` or ``TypeError`` where it is no such record."""
    values: dict[str, Any] = {}
    for key in KEYS:
        value = told[key]
        if key in _ONE:
            values[key] = _named(_ONE[key], value) if value is not None else None
        elif key in _MANY:
            values[key] = tuple(_named(_MANY[key], one) for one in value)
        else:
            values[key] = value if key in _PLAIN else _tuples(value)
    return Cable(original=told["original"], **values, _telegram=None, _outer=None)


def version_of(told: Mapping[str, Any]) -> VersionInfo:
    """One version."""
    found = _named(VersionInfo, told)
    return found._replace(sightings=tuple(_named(Sighting, one) for one in told["sightings"]))


def hit_of(told: Mapping[str, Any]) -> Hit:
    """One hit of a search."""
    snippets = tuple(_named(Snippet, one) for one in told.get("snippets") or ())
    return Hit(told["id"], told["score"], told["created"], told["subject"], told["classification"], told["origin_name"], snippets)


def _named(kind: type[_Tuple], told: Mapping[str, Any]) -> _Tuple:
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    return kind(*(_tuples(told[name]) for name in fields))


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
