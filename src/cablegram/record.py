"""The record of one cable: frozen, typed, as ``docs/record.md`` describes it.

Every ``span`` is ``[start, end)`` in characters of the text that was given to :func:`cablegram.parse`.
Absent values are ``None`` or empty, never invented; a derived value is named in the diagnostics.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cablegram.spans import Edit, Span

__all__ = [
    "Addressee",
    "ClassifiedBy",
    "Diagnostic",
    "Edit",
    "ExecutiveOrder",
    "Origin",
    "Paragraph",
    "Redaction",
    "Reference",
    "Sections",
]


class Origin(NamedTuple):
    """The sending post: display ``name``, canonical ``post`` as in message numbers, ``kind``
    (embassy, consulate, mission, department, ...), ISO 3166 ``country``, ``address`` as the FM line
    gives it, ``routing`` indicator (ACP 117) of the DE line."""

    name: str | None
    post: str | None
    kind: str | None
    country: str | None
    address: str | None
    routing: str | None


class Sections(NamedTuple):
    """Number of sections of the message (``count``) and those that the text has (``held``; 5 FAH-2 H-440)."""

    count: int  # type: ignore[assignment]  # shadows tuple.count, which nobody calls here
    held: tuple[int, ...]


class Addressee(NamedTuple):
    """One addressee: ``routing`` indicator, plain-language ``name``, own ``precedence``, message
    continuity ``number`` as sent (leading zeros kept), who of a collective is ``excluded`` (XMT), and its
    place (``span``)."""

    routing: str | None
    name: str
    precedence: str | None
    number: str | None
    excluded: tuple[str, ...]
    span: Span


class ExecutiveOrder(NamedTuple):
    """The E.O. line: ``order`` number, ``declassify_on`` (ISO date), ``event``, ``exemptions``
    (codes such as X1, 25X1, OADR, GDS), and the line as it stands (``raw``)."""

    order: str | None
    declassify_on: str | None
    event: str | None
    exemptions: tuple[str, ...]
    raw: str


class ClassifiedBy(NamedTuple):
    """The classification authority: ``name``, ``title`` and ``reasons`` such as ``1.4(b)``."""

    name: str | None
    title: str | None
    reasons: tuple[str, ...]


class Reference(NamedTuple):
    """One item of the REF line: its ``label`` (a letter), the item as it stands (``raw``) and its place (``span``), the ``kind`` of
    message, the ``title`` that the line gives it. ``cable`` is the canonical id or None; ``year_source`` says whence
    its year comes: ``stated``, ``citing year``, ``previous year``."""

    label: str | None
    raw: str
    kind: str
    cable: str | None
    year_source: str | None
    title: str | None
    span: Span


class Paragraph(NamedTuple):
    """One paragraph: its ``number`` (or ``label`` where it is lettered), portion ``marking`` in
    standard form, ``level`` and ``caveats`` of it, ``kind``, the ``heading`` above it, the ``section``
    in which it begins, its restored, unwrapped ``text`` without number and marking, and its place (``span``)."""

    number: int | None
    label: str | None
    marking: str | None
    level: str | None
    caveats: tuple[str, ...]
    kind: str
    heading: str | None
    section: int
    text: str
    span: Span


class Redaction(NamedTuple):
    """A run of X that a publisher put in place of a text: its place (``span``), ``length`` characters long."""

    span: Span
    length: int


class Diagnostic(NamedTuple):
    """What a reader should know: stable ``code``, ``severity`` (info, warning, error), a sentence (``message``), and its place
    (``span``) if it has one."""

    code: str
    severity: str
    message: str
    span: Span | None


_SCALARS = frozenset((str, int, float, bool))


def plain(value: Any) -> Any:
    """``value`` with named tuples as dicts and tuples as lists, as in JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        fields: tuple[str, ...] | None = getattr(value, "_fields", None)
        if fields is not None:
            # Most items are plain already; a call for each would take most of the time.
            return {k: v if v is None or v.__class__ in _SCALARS else plain(v) for k, v in zip(fields, value, strict=True)}
        return [v if v.__class__ in _SCALARS else plain(v) for v in value]
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value)
