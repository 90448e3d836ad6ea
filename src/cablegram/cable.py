"""The record of one cable, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    plain,
)
from cablegram.sources.page import unwrap
from cablegram.spans import Edit, OffsetMap
from cablegram.telegram.parser import Telegram, parse_telegram
from cablegram.telegram.tree import Node, build

KEYS = (
    "id", "source_ids", "created", "classification", "caveats", "captions", "origin", "subject", "tags", "tags_people",
    "transmission_id", "precedence", "serial", "sections", "action", "info", "executive_order", "classified_by",
    "references", "paragraphs", "signature", "partial", "redactions", "edits", "diagnostics", "claims", "text",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cable:
    """One cable, read: every key of the record (``docs/record.md``), the lossless ``tree`` and the ``original``.

    Spans are ``[start, end)`` in characters of ``original``, the text that was given. What the text does not say is
    None or empty; what a source said instead is named in ``diagnostics``.
    """

    original: str
    id: str | None
    source_ids: tuple[str, ...]
    created: str | None
    classification: str | None
    caveats: tuple[str, ...]
    captions: tuple[str, ...]
    origin: Origin | None
    subject: str | None
    tags: tuple[str, ...]
    tags_people: tuple[str, ...]
    transmission_id: str | None
    precedence: str | None
    serial: int | None
    sections: Sections | None
    action: tuple[Addressee, ...]
    info: tuple[Addressee, ...]
    executive_order: ExecutiveOrder | None
    classified_by: ClassifiedBy | None
    references: tuple[Reference, ...]
    paragraphs: tuple[Paragraph, ...]
    signature: str | None
    partial: bool
    redactions: tuple[Redaction, ...]
    edits: tuple[Edit, ...]
    diagnostics: tuple[Diagnostic, ...]
    claims: Mapping[str, Any]
    text: str | None
    #: None where the record comes out of an archive, which keeps the text and the record but not its shape.
    _telegram: Telegram | None = field(compare=False)
    _outer: OffsetMap | None = field(compare=False)

    @property
    def tree(self) -> Node:
        """The lossless tree; the texts of its leaves, joined, are ``original``. Built at each call."""
        telegram, outer = self._telegram, self._outer
        if telegram is None:
            page = unwrap(self.original)
            text = self.original if page is None else page.telegram if page.reason is None else ""
            telegram, outer = parse_telegram(text), page.map if page is not None else None
        return build(telegram.lines, telegram.body.blocks, outer, self.original)

    @property
    def telegram(self) -> str:
        """``original`` without the saved page around the telegram; all of it where there is no page. Found anew at each call."""
        page = unwrap(self.original)
        return self.original if page is None else page.telegram

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data: only str, int, float, bool, None, list and dict inside."""
        out: dict[str, Any] = {key: plain(getattr(self, key)) for key in KEYS if key != "edits"}
        # Edits are by far the most numerous part, all of one shape.
        out["edits"] = [
            {
                "span": [span[0], span[1]],
                "original": original,
                "replacement": replacement,
                "rule": rule,
                "confidence": confidence,
                "applied": applied,
            }
            for span, original, replacement, rule, confidence, applied in self.edits
        ]
        return out

    def __repr__(self) -> str:
        return f"<Cable {self.id or 'without id'}: {self.subject or 'no subject'}>"
