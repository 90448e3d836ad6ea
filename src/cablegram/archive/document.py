"""What the index knows of one cable, and the fields that it is asked by."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from cablegram.archive.citations import by_version
from cablegram.archive.codec import Place, Stored, words
from cablegram.archive.store import Store
from cablegram.archive.words import ANALYZER, analyzer, joined, plain_words
from cablegram.restore.layout import LAYOUT_RULES
from cablegram.vocabulary.levels import BY_NAME, LEVELS
from cablegram.vocabulary.posts import resolve

if TYPE_CHECKING:
    from tantivy import Document, Schema

#: Kinds of paragraphs that ``section:`` can name, with the field that has their words.
SECTIONS: Final = {
    "summary": "in_summary", "comment": "in_comment", "action": "in_action", "note": "in_note",
    "participants": "in_participants", "quoted": "in_quoted", "heading": "in_heading",
}  # fmt: skip
KINDS: Final = {
    "summary": "summary", "comment": "comment", "action request": "action", "note": "note", "participants": "participants",
    "quoted text": "quoted",
}  # fmt: skip
UNMARKED: Final = "none"
#: The field that has the words of the paragraphs of a level, by the level's code.
MARKED: Final = {level.code: f"in_{level.code}" for level in LEVELS} | {UNMARKED: "in_none"}
#: Before the field of a level: the flag of cables that are mainly of it; and the field that has their other words.
MAINLY: Final = "mainly:"
OUTSIDE: Final = "outside"
PRECEDENCES: Final = ("ROUTINE", "PRIORITY", "IMMEDIATE", "NIACT IMMEDIATE", "FLASH")
#: Longest value of a field that is not text: longer ones are damage.
_LONGEST_VALUE: Final = 200
_LONGEST_TEXT: Final = 20_000_000
#: All that is no letter or digit of ASCII, as blanks.
_BLANKS: Final = bytes(i if chr(i).isalnum() and i < 128 else 32 for i in range(256))


_WORDS: Final = ("body", "subject", "from", "action", "info", "signed", "classifiedby", "source", "authority")
_SETS: Final = ("forms", OUTSIDE, *MARKED.values(), *SECTIONS.values())
_CODES: Final = ("id", "cites", "caveats", "flags", "diagnostics", "action_post", "info_post")
_FACETS: Final = ("post", "country", "tags", "captions")
_NUMBERS: Final = ("row", "class", "precedence", "date", "year", "month", "decl")
#: Raised by hand when what stands in the fields changes; an index with another mark is made again.
_CONTENT: Final = 1
SCHEMA: Final = f"{_CONTENT}-{crc32(repr((_WORDS, _SETS, _CODES, _FACETS, _NUMBERS)).encode()):08x}"


@cache
def fields() -> Schema:
    """The schema of the index: words with their places, sets of words, codes, codes to count by, numbers."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_unsigned_field("order", fast=True)
    for name in _WORDS:
        builder.add_text_field(name, tokenizer_name=ANALYZER)
    for name in _SETS:
        builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="basic")
    for name in _CODES:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in _FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in _NUMBERS:
        builder.add_unsigned_field(name, indexed=True, fast=True)
    return builder.build()


def order_of(year: int | None, post: str | None, serial: int | None) -> int:
    """A number by which cables sort as year, post, serial: 7 bits, 8 letters of 5 bits, 17 bits."""
    letters = 0
    for letter in (post or "").upper()[:8].ljust(8, "@"):
        letters = letters << 5 | max(0, min(ord(letter) - 64, 31))
    return (max(0, min((year or 1939) - 1939, 127)) << 57) | letters << 17 | min(serial or 0, 131_071)


def digits(stamp: str | None) -> int | None:
    """``2007-12-14T06:26Z`` as 200712140626; parts that the stamp does not have are zero."""
    if stamp is None or not stamp[:4].isdigit():
        return None
    only = "".join(c for c in stamp if c.isdigit())[:12]
    return int(only.ljust(12, "0"))


class Facts(NamedTuple):
    """What the store's tables tell of some cables, asked for all at once: by row the kinds of their versions, and which are alike; by
    version where it was seen, and which cables it cites, held or not."""

    kinds: dict[int, list[str]]
    alike: set[int]
    sources: dict[int, list[str]]
    cites: dict[int, dict[str, bool]]


def facts_of(store: Store, rows: Sequence[int], versions: Sequence[int]) -> Facts:
    """The facts of the cables in ``rows``, whose current versions are ``versions``."""
    facts = Facts(defaultdict(list), set(), defaultdict(list), defaultdict(dict))
    db, of_rows, of_versions = store.db, ",".join("?" * len(rows)), ",".join("?" * len(versions))
    for row, kind in db.execute(f"SELECT cable, kind FROM versions WHERE cable IN ({of_rows})", rows):
        facts.kinds[row].append(kind)
    facts.alike.update(row for (row,) in db.execute(f"SELECT id FROM cables WHERE alike IS NOT NULL AND id IN ({of_rows})", rows))
    for version, name in db.execute(
        f"SELECT g.version, s.name FROM sightings g JOIN sources s ON s.id = g.source WHERE g.version IN ({of_versions})",
        versions,
    ):
        facts.sources[version].append(name)
    for version, target, held in db.execute(
        "SELECT r.version, r.target, EXISTS (SELECT 1 FROM cables h WHERE h.key = r.target)"
        f" FROM ({by_version('r.version IN (SELECT value FROM json_each(?1))')}) r",
        (json.dumps(list(versions)),),
    ):
        facts.cites[version][target] = bool(held)
    return facts


def make_documents(store: Store, cables: Sequence[tuple[int, str, int]]) -> Iterator[tuple[str, Document]]:
    """Key and document of some cables, given by row, key and current version."""
    facts = facts_of(store, [row for row, _, _ in cables], [version for _, _, version in cables])
    for row, key, version in cables:
        yield key, _document(store, row, key, version, facts)


def _document(store: Store, row: int, key: str, version: int, facts: Facts) -> Document:
    from tantivy import Document

    stored, text = store.outline(version)
    doc = Document()
    doc.add_unsigned("row", row)
    doc.add_text("id", key)
    main = main_level(stored)
    _texts(doc, stored, text, main)
    _people(doc, stored)
    _values(doc, stored)
    cites = facts.cites.get(version, {})
    for target in cites:
        doc.add_text("cites", target)
    for flag in sorted(flags(stored, text, facts.kinds[row], row in facts.alike, cites)):
        doc.add_text("flags", flag)
    if main is not None:
        doc.add_text("flags", MAINLY + main)
    for code in {d.code for d in stored.diagnostics}:
        doc.add_text("diagnostics", code)
    for source in facts.sources.get(version, ()):
        doc.add_text("source", source)
    return doc


def _texts(doc: Document, stored: Stored, text: str | None, main: str | None) -> None:
    left = _LONGEST_TEXT
    forms = joined(stored.subject or "")
    #: Texts of paragraphs by field, those of the main level, and those that stand elsewhere.
    parts: defaultdict[str, list[str]] = defaultdict(list)
    inside: list[str] = []
    outside: list[str] = []
    if stored.subject:
        subject = plain_words(stored.subject)
        doc.add_text("subject", subject)
        doc.add_text("body", subject)
        outside.append(subject)
    for place in stored.paragraphs:
        said = words(place, text)[:left]
        left -= len(said)
        plain = plain_words(said)
        if place.heading:
            heading = plain_words(place.heading)
            doc.add_text("body", heading)
            doc.add_text("in_heading", heading)
            outside.append(heading)
        doc.add_text("body", plain)
        level, *kinds = scopes(place)
        if level == main:
            inside.append(plain)
        else:
            outside.append(plain)
            parts[level].append(plain)
        for kind in kinds:
            parts[kind].append(plain)
        if "-" in said:
            forms += joined(said)
    has = {name: _words_of(texts) for name, texts in parts.items()}
    if main is not None:
        has[OUTSIDE] = _words_of(outside) - _words_of(inside)
    for name, found in has.items():
        if found:
            doc.add_text(name, b" ".join(found).decode())
    if forms:
        doc.add_text("forms", " ".join(forms))


def main_level(stored: Stored) -> str | None:
    """The field of the level that most of the text has; None where there are no paragraphs.

    A cable's words are not repeated in that field: they are those of ``body`` without those of :data:`OUTSIDE`, which stand in its
    subject, headings and other paragraphs and in none of this level. The index is smaller by a fifth for it, and made faster.
    """
    sizes: defaultdict[str, int] = defaultdict(int)
    for place in stored.paragraphs:
        sizes[scopes(place)[0]] += place.end - place.at + len(place.text or "")
    return max(sizes, key=lambda name: (sizes[name], name)) if sizes else None


def _words_of(texts: Sequence[str]) -> set[bytes]:
    """The words of texts that have been made plain; as :func:`cablegram.archive.words.words_of` has them, and faster where they are ASCII."""
    # All at once: a cable has a dozen paragraphs.
    out = set(" ".join(text for text in texts if text.isascii()).encode().lower().translate(_BLANKS).split())
    for text in texts:
        if not text.isascii():
            out.update(word.encode() for word in analyzer().analyze(text))
    return out


def scopes(place: Place) -> tuple[str, ...]:
    """The fields that have a paragraph's words beside ``body``: first that of its level, then that of its kind."""
    return _scopes(place.level, place.kind)


@lru_cache(maxsize=1000)
def _scopes(level: str | None, kind: str) -> tuple[str, ...]:
    field = MARKED[BY_NAME[level].code if level in BY_NAME else UNMARKED]
    return (field, SECTIONS[KINDS[kind]]) if kind in KINDS else (field,)


@lru_cache(maxsize=10_000)
def _addressee(name: str) -> tuple[str, str | None]:
    """The words by which an addressee is found, and the code of its post; most cables go to the same ones."""
    post = resolve(name)
    return plain_words(f"{name} {post.name}" if post is not None else name), post.code if post is not None else None


def _people(doc: Document, stored: Stored) -> None:
    origin = stored.origin
    if origin is not None:
        doc.add_text("from", plain_words(" ".join(part for part in (origin.post, origin.name, origin.address) if part)))
        if origin.post:
            doc.add_text("post", origin.post[:_LONGEST_VALUE])
        if origin.country:
            doc.add_text("country", origin.country[:_LONGEST_VALUE])
    for role, addressees in (("action", stored.action), ("info", stored.info)):
        for one in addressees:
            name, code = _addressee(one.name)
            doc.add_text(role, name)
            if code is not None:
                doc.add_text(f"{role}_post", code)
    if stored.signature:
        doc.add_text("signed", plain_words(stored.signature))
        doc.add_text("authority", plain_words(stored.signature))
    by = stored.classified_by
    if by is not None:
        said = plain_words(" ".join(part for part in (by.title, by.name) if part))
        doc.add_text("classifiedby", said)
        doc.add_text("authority", said)
    for ref in stored.references:
        doc.add_text("authority", plain_words(f"{ref.raw} {ref.title or ''}"[:2000]))


def _values(doc: Document, stored: Stored) -> None:
    date = digits(stored.created)
    year = int(stored.created[:4]) if date is not None and stored.created else None
    if date is not None and year is not None:
        doc.add_unsigned("date", date)
        doc.add_unsigned("year", year)
        doc.add_unsigned("month", date // 1_000_000)
    post = stored.origin.post if stored.origin is not None else None
    doc.add_unsigned("order", order_of(year, post, stored.serial))
    if stored.classification in BY_NAME:
        doc.add_unsigned("class", BY_NAME[stored.classification].rank)
    if stored.precedence in PRECEDENCES:
        doc.add_unsigned("precedence", PRECEDENCES.index(stored.precedence))
    order = stored.executive_order
    until = digits(order.declassify_on) if order is not None else None
    if until is not None:
        doc.add_unsigned("decl", until // 10_000)
    for field, values in (
        ("tags", (*stored.tags, *stored.tags_people)), ("captions", stored.captions), ("caveats", stored.caveats),
    ):  # fmt: skip
        for value in values:
            doc.add_text(field, value.upper()[:_LONGEST_VALUE])


def flags(stored: Stored, text: str | None, kinds: Sequence[str], alike: bool, cites: Mapping[str, bool]) -> set[str]:
    """What ``has:``, ``is:`` and ``refs:`` can ask, as ``has:summary``; also the levels and kinds of paragraphs.

    ``kinds`` are those of the cable's versions; ``cites`` says of each cable that it cites whether it is held.
    """
    out: set[str] = set()
    for place in stored.paragraphs:
        out.update(scopes(place))
        if place.heading:
            out.add(SECTIONS["heading"])
        if place.kind in ("summary", "comment"):
            out.add(f"has:{place.kind}")
    sections = stored.sections
    codes = {d.code for d in stored.diagnostics}
    facts = {
        "has:text": text is not None,
        "has:garbles": any(applied and rule not in LAYOUT_RULES for _, rule, _, applied in stored.edits.shapes),
        "has:redactions": bool(stored.redactions),
        "has:references": bool(stored.references),
        "has:classifiedby": stored.classified_by is not None,
        "has:date": stored.created is not None,
        "is:partial": stored.partial,
        "is:corrected": "corrected-copy" in codes,
        "is:sections": sections is not None and sections.count > 1,
        "is:incomplete": sections is not None and len(sections.held) < sections.count,
        "is:versions": kinds.count("release") > 1,
        "is:joined": "joined" in kinds,
        "is:alike": alike,
        "refs:held": any(cites.values()),
        "refs:missing": not all(cites.values()),
    }
    out.update(flag for flag, is_so in facts.items() if is_so)
    return out
