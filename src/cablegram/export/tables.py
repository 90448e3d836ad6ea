"""Cables as rows of plain tables: the columns, their types, what they mean, and how they are filled.

Parquet folders, SQLite files and data frames have these tables; ``docs/exports.md`` lists them, and a test holds the two together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, Literal, NamedTuple

from cablegram.cable import Cable
from cablegram.record import Addressee
from cablegram.vocabulary.posts import resolve

#: ``category``: a text of which there are few; ``time``: a point in UTC; ``texts`` and ``ints``: lists.
Kind = Literal["text", "category", "int", "float", "bool", "time", "texts", "ints"]
Row = tuple[Any, ...]


class Column(NamedTuple):
    """One column: its name, the kind of its values, and what they are in one sentence, with the unit."""

    name: str
    kind: Kind
    about: str


class Table(NamedTuple):
    """One table: its name, what a row is, its columns, and what gives the rows of one cable, in the order of the columns."""

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: Callable[[str, Cable], Iterator[Row]]


_STAMP: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2})(?::([0-9]{2}))?Z?)?)?)?")
_PRECISION: Final = ("year", "month", "day", "hour", "minute")


def moment_of(created: str | None) -> tuple[datetime | None, str | None]:
    """The beginning of what a stamp names (``2007-12``: 1 December 2007, 00:00 UTC) and its precision; None where it is no date."""
    stamp = _STAMP.fullmatch(created or "")
    if stamp is None:
        return None, None
    parts = [int(part) for part in stamp.groups() if part is not None]
    year, month, day, hour, minute = (*parts, *(1, 1, 1, 0, 0)[len(parts) :])
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC), _PRECISION[len(parts) - 1]
    except ValueError:
        return None, None


def checksum_of(cable: Cable) -> str | None:
    """SHA-256 of the original in UTF-8, as the archive has it; None for a record without a text."""
    if not cable.original:
        return None
    return hashlib.sha256(cable.original.encode("utf-8", "surrogatepass")).hexdigest()


def _cable(key: str, cable: Cable) -> Iterator[Row]:
    origin, by, order, sections = cable.origin, cable.classified_by, cable.executive_order, cable.sections
    created, precision = moment_of(cable.created)
    yield (
        key, created, precision, cable.created, cable.classification, cable.caveats, cable.captions,
        origin.post if origin else None, origin.name if origin else None, origin.kind if origin else None,
        origin.country if origin else None, origin.address if origin else None, origin.routing if origin else None,
        cable.subject, cable.tags, cable.tags_people, cable.precedence, cable.serial, cable.transmission_id,
        sections.count if sections else None, sections.held if sections else (),
        tuple(one.name for one in cable.action), tuple(one.name for one in cable.info),
        tuple(ref.cable for ref in cable.references if ref.cable),
        order.order if order else None, order.declassify_on if order else None, order.event if order else None,
        order.exemptions if order else (), by.name if by else None, by.title if by else None, by.reasons if by else (),
        cable.signature, cable.partial, len(cable.paragraphs), len(cable.redactions), sum(one.length for one in cable.redactions),
        sum(edit.applied for edit in cable.edits), tuple(dict.fromkeys(one.code for one in cable.diagnostics)),
        len(cable.original), checksum_of(cable), cable.text,
    )  # fmt: skip


def _paragraphs(key: str, cable: Cable) -> Iterator[Row]:
    for n, p in enumerate(cable.paragraphs, 1):
        about = (p.number, p.label, p.marking, p.level, p.caveats, p.kind, p.heading, p.section)
        yield (key, n, *about, *p.span, len(p.text), p.text)


def _references(key: str, cable: Cable) -> Iterator[Row]:
    for n, ref in enumerate(cable.references, 1):
        yield (key, n, ref.label, ref.kind, ref.cable, ref.year_source, ref.title, ref.raw, *ref.span)


def _addressee(key: str, n: int, role: str, one: Addressee) -> Row:
    post = resolve(one.name)
    code = post.code if post is not None else None
    return (key, n, role, one.name, code, one.routing, one.precedence, one.number, one.excluded, *one.span)


def _addressees(key: str, cable: Cable) -> Iterator[Row]:
    given = [*(("action", one) for one in cable.action), *(("info", one) for one in cable.info)]
    for n, (role, one) in enumerate(given, 1):
        yield _addressee(key, n, role, one)


_CABLE: Final = Column("cable", "text", "id of the cable (`cables.id`)")
_SPAN: Final = (
    Column("start", "int", "where it begins in the original, in characters from 0"),
    Column("end", "int", "where it ends in the original, in characters, exclusive"),
)

CABLES: Final = Table("cables", "one row a cable, in its fullest version", (
    Column("id", "text", "canonical message number, or `x-` and the beginning of a checksum where it has none; unique"),
    Column("created", "time", "date-time group in UTC; the beginning of the day, month or year where no more is known"),
    Column("created_precision", "category", "how far `created` is known: `minute`, `hour`, `day`, `month`, `year`"),
    Column("created_as_given", "text", "the stamp of the record, ISO 8601 at the precision that the text gives"),
    Column("classification", "category", "level of the whole message"),
    Column("caveats", "texts", "dissemination controls of the whole message (`NOFORN`)"),
    Column("captions", "texts", "handling captions in order (`SIPDIS`)"),
    Column("post", "category", "canonical code of the sending post, as in message numbers"),
    Column("origin", "text", "display name of the sending post"),
    Column("origin_kind", "category", "embassy, consulate, mission, department and others"),
    Column("country", "category", "country of the sending post, ISO 3166"),
    Column("origin_address", "text", "the sending post as the FM line has it"),
    Column("routing", "text", "routing indicator of the sending station (ACP 117)"),
    Column("subject", "text", "subject line, unwrapped, as written"),
    Column("tags", "texts", "TAGS codes in order, once each"),
    Column("tags_people", "texts", "people named among the TAGS"),
    Column("precedence", "category", "highest precedence of the message"),
    Column("serial", "int", "number of the message in its post's series of the year"),
    Column("transmission_id", "text", "number of the transmission (ACP 127)"),
    Column("sections", "int", "number of sections of the message"),
    Column("sections_held", "ints", "numbers of the sections that the text has"),
    Column("action", "texts", "names of the addressees who are to act"),
    Column("info", "texts", "names of the addressees who are to know"),
    Column("cites", "texts", "ids of the cables on its REF line, held or not"),
    Column("executive_order", "category", "number of the executive order on classification"),
    Column("declassify_on", "text", "when it was due for declassification, ISO 8601 at the precision that the line gives"),
    Column("declassify_event", "text", "the event on which it was due, where no date is given"),
    Column("exemptions", "texts", "codes of the E.O. line (`X1`, `25X1`, `OADR`, `GDS`)"),
    Column("classified_by", "text", "name of who classified it"),
    Column("classified_by_title", "text", "title of who classified it"),
    Column("reasons", "texts", "reasons of the classification (`1.4(b)`)"),
    Column("signature", "text", "surname line: whoever was in charge, not the author"),
    Column("partial", "bool", "the release says that the text is an extract, or it breaks off"),
    Column("paragraphs", "int", "number of paragraphs"),
    Column("redactions", "int", "number of passages blacked out"),
    Column("redacted", "int", "length of what is blacked out, in characters"),
    Column("repairs", "int", "number of repairs that were applied, line ends and page breaks among them"),
    Column("diagnostics", "texts", "codes of what the reader noticed, once each (docs/record.md)"),
    Column("original_length", "int", "length of the original, in characters"),
    Column("sha256", "text", "SHA-256 of the original in UTF-8; null for a record without a text"),
    Column("text", "text", "the restored body, ready to read"),
), _cable)  # fmt: skip

PARAGRAPHS: Final = Table("paragraphs", "one row a paragraph", (
    _CABLE,
    Column("seq", "int", "its place in the cable, from 1"),
    Column("number", "int", "paragraph number as printed"),
    Column("label", "text", "letter, where it is lettered"),
    Column("marking", "category", "portion marking in standard form (`C`, `S//NF`)"),
    Column("level", "category", "level of the portion marking"),
    Column("caveats", "texts", "dissemination controls of the portion marking"),
    Column("kind", "category", "summary, comment, action request, text and others (docs/record.md)"),
    Column("heading", "text", "heading above it"),
    Column("section", "int", "section of the message in which it begins"),
    *_SPAN,
    Column("length", "int", "length of its restored text, in characters"),
    Column("text", "text", "restored, unwrapped text without number and marking"),
), _paragraphs)  # fmt: skip

REFERENCES: Final = Table("references", "one row an item of a REF line", (
    _CABLE,
    Column("seq", "int", "its place on the REF line, from 1"),
    Column("label", "text", "letter of the reference"),
    Column("kind", "category", "cable, email, fax, letter, memo, report, phone, other"),
    Column("target", "text", "id of the cable that is cited, held or not; null where it is no cable or its number is not whole"),
    Column("year_source", "category", "whence the target's year comes: `stated`, `citing year`, `previous year`"),
    Column("title", "text", "title that the line gives the reference"),
    Column("raw", "text", "the item as it stands in the original"),
    *_SPAN,
), _references)  # fmt: skip

ADDRESSEES: Final = Table("addressees", "one row an addressee", (
    _CABLE,
    Column("seq", "int", "its place in the header, from 1, action before info"),
    Column("role", "category", "`action` or `info`"),
    Column("name", "text", "plain-language name as written"),
    Column("post", "category", "canonical code of the post that it is, if it is one that the vocabulary knows"),
    Column("routing", "text", "routing indicator (ACP 117)"),
    Column("precedence", "category", "precedence for this addressee"),
    Column("number", "text", "message continuity number as sent, with leading zeros"),
    Column("excluded", "texts", "members of a collective address that are left out (XMT)"),
    *_SPAN,
), _addressees)  # fmt: skip

TABLES: Final = (CABLES, PARAGRAPHS, REFERENCES, ADDRESSEES)


class Group(NamedTuple):
    """The rows of so many ``cables``, by the name of their table."""

    cables: int
    rows: dict[str, list[Row]]


def in_groups(cables: Iterable[tuple[str, Cable]], tables: Sequence[Table], size: int) -> Iterator[Group]:
    """The rows of ``size`` cables at a time. A cable itself is let go as soon as its rows are made: it is many times as large."""
    given = iter(cables)
    while True:
        count = 0
        rows: dict[str, list[Row]] = {table.name: [] for table in tables}
        for key, cable in islice(given, size):
            count += 1
            for table in tables:
                rows[table.name] += table.rows(key, cable)
        if not count:
            return
        yield Group(count, rows)


def without_surrogates(value: Any) -> Any:
    """``value`` with a question mark for every lone surrogate, which neither Arrow nor UTF-8 has."""
    if value.__class__ is str:
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(map(without_surrogates, value))
    if isinstance(value, list):
        return list(map(without_surrogates, value))
    return value
