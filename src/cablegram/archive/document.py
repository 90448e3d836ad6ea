"""What the index knows of one cable, and the fields that it is asked by."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from cablegram.archive import pairs
from cablegram.archive.citations import by_version
from cablegram.archive.codec import Place, Stored, words
from cablegram.archive.store import Store
from cablegram.archive.words import ANALYZER, FLAT, flat, joined, plain_words
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
#: What a cable is to the index: the values of its fields.
Values = dict[str, list[Any]]
#: A cable in the store: its row, key and current version.
Row = tuple[int, str, int]


#: The field of all words of the text.
BODY: Final = "body"
_WORDS: Final = ("subject", "from", "action", "info", "signed", "classifiedby", "source", "authority")
_SETS: Final = ("forms", OUTSIDE, *MARKED.values(), *SECTIONS.values())
_CODES: Final = ("id", "cites", "caveats", "flags", "diagnostics", "action_post", "info_post")
_FACETS: Final = ("post", "country", "tags", "captions")
_NUMBERS: Final = ("row", "class", "precedence", "date", "year", "month", "decl")
#: Raised by hand when what stands in the fields changes; an index with another mark is made again.
_CONTENT: Final = 2
SCHEMA: Final = f"{_CONTENT}-{crc32(repr((_WORDS, _SETS, _CODES, _FACETS, _NUMBERS)).encode()):08x}"
_ORDER: Final = "order"
_UNSIGNED: Final = frozenset((_ORDER, *_NUMBERS))


@cache
def fields() -> Schema:
    """The schema of the index: words with their places, sets of words, codes, codes to count by, numbers."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_unsigned_field(_ORDER, fast=True)
    builder.add_text_field(BODY, tokenizer_name=FLAT)
    for name in _WORDS:
        builder.add_text_field(name, tokenizer_name=ANALYZER)
    for name in _SETS:
        builder.add_text_field(name, tokenizer_name=FLAT, index_option="basic")
    builder.add_text_field(pairs.PAIRS, tokenizer_name=pairs.ANALYZER, index_option="basic")
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


def tell(store: Store, cables: Sequence[Row], known: Mapping[bytes, str]) -> list[Values]:
    """What the index is to know of some cables; ``known`` are the signs of common words."""
    facts = facts_of(store, [row for row, _, _ in cables], [version for _, _, version in cables])
    return [_values(store, row, key, version, facts, known) for row, key, version in cables]


def make_document(values: Values) -> Document:
    """The index's document of a cable."""
    from tantivy import Document

    doc = Document()
    for name, given in values.items():
        add = doc.add_unsigned if name in _UNSIGNED else doc.add_text
        for value in given:
            add(name, value)
    return doc


def _values(store: Store, row: int, key: str, version: int, facts: Facts, known: Mapping[bytes, str]) -> Values:
    stored, text = store.outline(version)
    out: defaultdict[str, list[Any]] = defaultdict(list)
    out["row"].append(row)
    out["id"].append(key)
    main = main_level(stored)
    _texts(out, stored, text, main, known)
    _people(out, stored)
    _codes(out, stored)
    cites = facts.cites.get(version, {})
    out["cites"] += cites
    out["flags"] += sorted(flags(stored, text, facts.kinds[row], row in facts.alike, cites))
    if main is not None:
        out["flags"].append(MAINLY + main)
    out["diagnostics"] += {d.code for d in stored.diagnostics}
    out["source"] += facts.sources.get(version, ())
    return dict(out)


def _texts(out: Values, stored: Stored, text: str | None, main: str | None, known: Mapping[bytes, str]) -> None:
    left = _LONGEST_TEXT
    forms = joined(stored.subject or "")
    #: Words of paragraphs by field, those of the main level, and those that stand elsewhere.
    parts: defaultdict[str, list[list[bytes]]] = defaultdict(list)
    inside: list[list[bytes]] = []
    outside: list[list[bytes]] = []

    def say(said: str) -> list[bytes]:
        data = flat(said)
        out[BODY].append(data.decode())
        return data.split()

    if stored.subject:
        out["subject"].append(plain_words(stored.subject))
        outside.append(say(stored.subject))
    for place in stored.paragraphs:
        said = words(place, text)[:left]
        left -= len(said)
        if place.heading:
            outside.append(say(place.heading))
            parts[SECTIONS["heading"]].append(outside[-1])
        found = say(said)
        level, *kinds = scopes(place)
        if level == main:
            inside.append(found)
        else:
            outside.append(found)
            parts[level].append(found)
        for kind in kinds:
            parts[kind].append(found)
        if "-" in said:
            forms += joined(said)
    has = {name: set().union(*found) for name, found in parts.items()}
    if main is not None:
        has[OUTSIDE] = set().union(*outside).difference(*inside)
    for name, every in has.items():
        if every:
            out[name].append(b" ".join(every).decode())
    if known:
        out[pairs.PAIRS].append(pairs.told((*inside, *outside), known))
    if forms:
        out["forms"].append(flat(" ".join(forms)).decode())


def main_level(stored: Stored) -> str | None:
    """The field of the level that most of the text has; None where there are no paragraphs.

    A cable's words are not repeated in that field: they are those of ``body`` without those of :data:`OUTSIDE`, which stand in its
    subject, headings and other paragraphs and in none of this level. The index is smaller by a fifth for it, and made faster.
    """
    sizes: defaultdict[str, int] = defaultdict(int)
    for place in stored.paragraphs:
        sizes[scopes(place)[0]] += place.end - place.at + len(place.text or "")
    return max(sizes, key=lambda name: (sizes[name], name)) if sizes else None


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


def _people(out: Values, stored: Stored) -> None:
    origin = stored.origin
    if origin is not None:
        out["from"].append(plain_words(" ".join(part for part in (origin.post, origin.name, origin.address) if part)))
        if origin.post:
            out["post"].append(origin.post[:_LONGEST_VALUE])
        if origin.country:
            out["country"].append(origin.country[:_LONGEST_VALUE])
    for role, addressees in (("action", stored.action), ("info", stored.info)):
        for one in addressees:
            name, code = _addressee(one.name)
            out[role].append(name)
            if code is not None:
                out[f"{role}_post"].append(code)
    if stored.signature:
        out["signed"].append(plain_words(stored.signature))
        out["authority"].append(plain_words(stored.signature))
    by = stored.classified_by
    if by is not None:
        said = plain_words(" ".join(part for part in (by.title, by.name) if part))
        out["classifiedby"].append(said)
        out["authority"].append(said)
    for ref in stored.references:
        out["authority"].append(plain_words(f"{ref.raw} {ref.title or ''}"[:2000]))


def _codes(out: Values, stored: Stored) -> None:
    date = digits(stored.created)
    year = int(stored.created[:4]) if date is not None and stored.created else None
    if date is not None and year is not None:
        out["date"].append(date)
        out["year"].append(year)
        out["month"].append(date // 1_000_000)
    post = stored.origin.post if stored.origin is not None else None
    out["order"].append(order_of(year, post, stored.serial))
    if stored.classification in BY_NAME:
        out["class"].append(BY_NAME[stored.classification].rank)
    if stored.precedence in PRECEDENCES:
        out["precedence"].append(PRECEDENCES.index(stored.precedence))
    order = stored.executive_order
    until = digits(order.declassify_on) if order is not None else None
    if until is not None:
        out["decl"].append(until // 10_000)
    for field, values in (
        ("tags", (*stored.tags, *stored.tags_people)), ("captions", stored.captions), ("caveats", stored.caveats),
    ):  # fmt: skip
        for value in values:
            out[field].append(value.upper()[:_LONGEST_VALUE])


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
