"""From a raw record to the rows that the store writes: the part of ingest that runs on all cores."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cablegram.archive.codec import RECORDS, TEXTS, Packer, Stored, encode, legible, packed_file, replay_edits, to_bytes
from cablegram.archive.likeness import sketch
from cablegram.cable import Cable
from cablegram.interpret.mentions import edges
from cablegram.interpret.reader import parse, without_text
from cablegram.record import Addressee
from cablegram.sources.base import RawRecord
from cablegram.vocabulary.levels import BY_NAME
from cablegram.vocabulary.posts import resolve


class Rows(NamedTuple):
    """One version, ready to be written. ``told`` is the checksum of text and claims, ``key`` the cable's key; the lists are the
    rows of the tables of the same names, without the version's number; ``file`` is checksum and compressed bytes of the file."""

    told: bytes
    key: str
    sha256: bytes
    original: bytes
    size: int
    record: bytes
    claims: str
    about: tuple[Any, ...]
    version: tuple[Any, ...]
    paragraphs: list[tuple[Any, ...]]
    addressees: list[tuple[Any, ...]]
    tags: list[tuple[Any, ...]]
    refs: list[tuple[Any, ...]]
    mentions: list[tuple[int, str, str, str | None]]
    edits: list[tuple[Any, ...]]
    diagnostics: list[tuple[Any, ...]]
    sketch: bytes | None
    file: tuple[bytes, bytes] | None = None


#: Made once: `json.dumps` would make one a call.
_canonical: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))


def claims_text(claims: Mapping[str, Any]) -> str:
    """Claims as canonical JSON."""
    return _canonical.encode(claims)


def told(text: str | None, claims: Mapping[str, Any]) -> bytes:
    """Checksum of what a source gave for one record: its text and its claims (16 bytes)."""
    digest = hashlib.sha256(b"-" if text is None else b"+" + to_bytes(text))
    digest.update(b"\x00" + to_bytes(claims_text(claims)))
    return digest.digest()[:16]


def read_raw(record: RawRecord) -> Cable:
    """The cable of a raw record."""
    if record.text is None:
        return without_text(record.claims, record.reason or "the source has no text")
    return parse(record.text, record.claims)


def _level(name: str | None) -> int | None:
    return BY_NAME[name].rank if name in BY_NAME else None


def about(record: Cable | Stored) -> tuple[Any, ...]:
    """What a list of cables shows, as ``cables`` has it: created, level, post, country, serial, subject."""
    origin = record.origin
    return (
        record.created, _level(record.classification), origin.post if origin else None, origin.country if origin else None,
        record.serial, record.subject,
    )  # fmt: skip


def _addressees(role: str, given: Iterable[Addressee]) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = []
    for one in given:
        post = resolve(one.name)
        # The name of a known post is the vocabulary's: kept once, not in every row.
        name = None if post is not None and one.name == post.address else one.name
        out.append((role, post.code if post is not None else None, name, one.precedence, one.number))
    return out


def make_rows(cable: Cable, checksum: bytes, packer: Packer, file: bytes | None = None) -> Rows:
    """The rows of ``cable``; ``checksum`` is what :func:`told` gave for it, ``file`` the bytes of its source."""
    return pack([draft(cable, checksum, file)], packer)[0]


def pack(drafts: Sequence[Rows], packer: Packer) -> list[Rows]:
    """The rows that :func:`draft` gave, ready to be written.

    To be called with some dozens: a dictionary with its tables fills the caches of a core, so all texts one after the other and then all records
    take half of the time that they take in turn with anything else, which is slowed as well.
    """
    texts = [packer.pack(one.original, TEXTS) for one in drafts]
    records = [packer.pack(one.record, RECORDS) for one in drafts]
    return [one._replace(original=text, record=record) for one, text, record in zip(drafts, texts, records, strict=True)]


def draft(cable: Cable, checksum: bytes, file: bytes | None = None) -> Rows:
    """As :func:`make_rows`, but original and record are not compressed yet."""
    text, claims = legible(cable.original), claims_text(cable.claims)
    if text is not cable.original or legible(claims) is not claims:
        # Halves of characters can be kept nowhere but as bytes: those of the source stand in `files`.
        file = file if file is not None else to_bytes(cable.original)
        reason = next((d.message for d in cable.diagnostics if d.code == "no-text"), None)
        claims = legible(claims)
        cable = parse(text, json.loads(claims)) if reason is None else without_text(json.loads(claims), reason)
    data = to_bytes(text)
    # A record without a text is told apart by what its source said of it.
    sha256 = hashlib.sha256(data).digest() if data else hashlib.sha256(b"\x00" + checksum).digest()
    sections = cable.sections
    codes = {d.code for d in cable.diagnostics}
    held = ",".join(map(str, sections.held)) if sections is not None else None
    replayed = replay_edits(cable)
    diagnostics = Counter((d.code, d.severity) for d in cable.diagnostics)
    people = cable.tags_people
    return Rows(
        told=checksum,
        key=cable.id or f"x-{sha256.hex()[:16]}",
        sha256=sha256,
        original=data,
        size=len(cable.original),
        record=encode(cable, data, replayed),
        claims=claims,
        about=about(cable),
        version=(
            int(cable.partial), int("corrected-copy" in codes), sections.count if sections is not None else None, held,
            sum(r.length for r in cable.redactions), len(cable.text or ""),
        ),
        paragraphs=[
            (n, p.number, p.marking, _level(p.level), p.kind, p.section, p.span[0], p.span[1], len(p.text))
            for n, p in enumerate(cable.paragraphs)
        ],
        addressees=[(n, *row) for n, row in enumerate([*_addressees("action", cable.action), *_addressees("info", cable.info)])],
        tags=[(n, tag, int(n >= len(cable.tags))) for n, tag in enumerate([*cable.tags, *people])],
        refs=[(n, ref.label, ref.kind, ref.cable, ref.year_source) for n, ref in enumerate(cable.references)],
        mentions=edges(cable),
        edits=replayed.counts(),
        diagnostics=[(*key, count) for key, count in diagnostics.items()],
        sketch=sketch(cable.text or ""),
        file=packed_file(file) if file is not None else None,
    )  # fmt: skip
