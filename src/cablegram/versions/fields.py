"""Where the fields of two records do not agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cablegram.cable import Cable
from cablegram.versions.alignment import keys_of


class FieldDifference(NamedTuple):
    """A field that the versions do not agree on, as text; None where a version does not have it."""

    name: str
    left: str | None
    right: str | None


def _texts(cable: Cable) -> dict[str, str | None]:
    """What a reader compares of a record besides the paragraphs, as text."""
    order, by, origin = cable.executive_order, cable.classified_by, cable.origin
    return {
        "date": cable.created, "classification": "//".join([cable.classification, *cable.caveats]) if cable.classification else None,
        "precedence": cable.precedence, "captions": ", ".join(cable.captions), "from": (origin.name or origin.address) if origin else None,
        "to": "; ".join(one.name for one in cable.action), "info": "; ".join(one.name for one in cable.info),
        "executive order": order.raw if order else None,
        "tags": ", ".join((*cable.tags, *cable.tags_people)), "subject": cable.subject,
        "references": "; ".join(one.cable or one.raw for one in cable.references),
        "classified by": ", ".join(part for part in (by.name, by.title, *by.reasons) if part) if by else None, "signature": cable.signature,
    }  # fmt: skip


def differing(fields: Iterable[tuple[str, object, object]]) -> tuple[FieldDifference, ...]:
    """The fields whose two values are not the same words; 0 is a value, an empty text is none."""
    out: list[FieldDifference] = []
    for name, *values in fields:
        left, right = (None if value is None or value == "" else str(value) for value in values)
        if left != right and (left is None or right is None or keys_of(left) != keys_of(right)):
            out.append(FieldDifference(name, left, right))
    return tuple(out)


def compare_fields(left: Cable, right: Cable) -> tuple[FieldDifference, ...]:
    """The fields of the records, besides paragraphs, that differ."""
    other = _texts(right)
    return differing((name, value, other[name]) for name, value in _texts(left).items())
