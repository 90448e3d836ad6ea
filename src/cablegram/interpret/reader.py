"""From the shape of a telegram to its record: the one place that sees tree, vocabulary and restoration together."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cablegram.cable import Cable
from cablegram.interpret import claims as claimed
from cablegram.interpret.authority import read_authority, unfold
from cablegram.interpret.identity import (
    Numbers,
    read_addressee,
    read_captions,
    read_classification,
    read_created,
    read_origin,
    read_precedence,
)
from cablegram.interpret.order import read_declassify_on, read_order
from cablegram.interpret.outward import outward
from cablegram.interpret.paragraphs import read_paragraphs
from cablegram.interpret.refs import canonical, read_references
from cablegram.interpret.senders import Citing, only
from cablegram.interpret.tagline import read_tags
from cablegram.record import ClassifiedBy, Diagnostic, Origin, Redaction, Sections
from cablegram.restore.garbles import find_garbles
from cablegram.restore.layout import lay_out
from cablegram.restore.merge import merge
from cablegram.restore.mojibake import find_mojibake
from cablegram.sources.page import unwrap
from cablegram.spans import Edit
from cablegram.telegram.lines import UNKNOWN
from cablegram.telegram.parser import Telegram, lines_of, parse_telegram
from cablegram.telegram.preamble import Field
from cablegram.telegram.tree import REDACTION

_LARGE: Final = 500_000
_MOST_UNKNOWN: Final = 50
_MOST_SEQUENCE: Final = 100
#: Characters of a sender's name that a message repeats.
_LONGEST_NAME: Final = 60


def parse(text: str, claims: Mapping[str, Any] | None = None) -> Cable:
    """Read one telegram: whole, a fragment, or a saved archive page.

    ``claims`` is what a source says of the record apart from the telegram (``id``, ``created`` as ISO 8601,
    ``classification``, ``origin``, ...); it is compared with the telegram and fills what the telegram leaves open.
    Never raises for any ``str``: what cannot be read stays in the tree as ``unknown`` and is named in ``diagnostics``.
    """
    if len(text) > _LARGE and gc.isenabled():
        # A text of millions of characters makes millions of small objects, none of them in a cycle: looking
        # through them again and again for cycles would take longer than the reading.
        gc.disable()
        try:
            return _parse(text, claims)
        finally:
            gc.enable()
    return _parse(text, claims)


def _parse(text: str, claims: Mapping[str, Any] | None) -> Cable:
    page = unwrap(text)
    if page is None:
        return _read(text, dict(claims or {}))
    said = {**page.claims, **(claims or {})}
    cable = _read(page.telegram, said) if page.reason is None else without_text(said, page.reason)
    return outward(cable, text, page.map)


def without_text(claims: Mapping[str, Any], reason: str) -> Cable:
    """The record of a cable whose source has no text for it: claims fill it, ``text`` is None, ``reason`` says why."""
    cable = _read("", dict(claims))
    told = {"no-date", "no-class-line"}
    notes = tuple(note for note in cable.diagnostics if note.code not in told)
    return replace(
        cable,
        subject=_string(claims.get("subject")),
        tags=tuple(str(tag) for tag in claims.get("tags") or ()),
        diagnostics=(Diagnostic("no-text", "warning", reason, None), *notes),
    )


def _string(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _subject(telegram: Telegram) -> str | None:
    field = telegram.preamble.fields.get("subject")
    if field is None:
        return None
    value = " ".join(field.joined().split())
    return value.rstrip(" <") or None


def _sections(telegram: Telegram, partial: bool) -> Sections | None:
    found = telegram.preamble.class_lines[0][0] if telegram.preamble.class_lines else None
    seen = telegram.body.sections
    if found is None and not seen and telegram.header.fm is None:
        return None
    count = int(found["count"]) if found is not None and found["count"] else max(telegram.body.count, 1)
    first = int(found["section"]) if found is not None and found["section"] else 1
    if count <= 1 and not seen:
        return Sections(max(count, 1), (1,))
    held = {first, *(n for n in seen if 0 < n <= max(count, first))}
    if first == 1 and telegram.closing.signature is not None and not telegram.closing.truncated:
        # The text runs from its first section to the signature: the break lines between may have been lost.
        held.update(range(1, count + 1))
    elif held:
        held.update(range(first, max(held) + 1))
    return Sections(count, tuple(sorted(held)))


def _read(text: str, claims: dict[str, Any]) -> Cable:
    telegram = parse_telegram(text)
    header, preamble, lines, blocks = telegram.header, telegram.preamble, telegram.lines, telegram.body.blocks
    fields = preamble.fields
    notes: list[Diagnostic] = []
    created = read_created(header)
    origin, post = read_origin(header, preamble)
    numbers = Numbers(header, preamble, post)
    level, caveats = read_classification(header, preamble, numbers.foreign)
    year = int(created[:4]) if created is not None else _two_digits(numbers.year)
    code = origin.post if origin is not None else None
    told_id = canonical(year, code, numbers.serial) if year and code and numbers.serial is not None else None
    if code is None and numbers.printed is not None:
        named = " ".join((header.fm or numbers.printed.rpartition(" ")[0]).split())[:_LONGEST_NAME]
        notes.append(Diagnostic("unknown-post", "warning",
                     f"the message number is printed as {numbers.printed}, and no post {named} is known", None))  # fmt: skip
    values: dict[str, Any] = {
        "id": told_id, "created": created, "classification": level, "caveats": caveats,
        "origin_name": origin.name if origin else None, "origin_post": code, "post": None,
    }  # fmt: skip
    if claims:
        claimed.compare(values, claims, notes)
        post = values["post"]
        if post is not None:
            address = origin.address if origin is not None else None
            routing = origin.routing if origin is not None else None
            origin = Origin(post.name, post.code, post.kind, post.country, address, routing)
            code = post.code
    if year is None and values["created"]:
        year = int(values["created"][:4])
    tags, people = read_tags(fields["tags"]) if "tags" in fields else ((), ())
    order = read_order(fields["eo"], year) if "eo" in fields else None
    authority = None
    if "classified" in fields:
        said = unfold(fields["classified"])
        authority = read_authority(said)
        order = read_declassify_on(said, order, year)
    references: tuple[Any, ...] = ()
    damaged: tuple[Edit, ...] = ()
    if "ref" in fields:
        citing = Citing(year, code, numbers.serial, only([raw.name for raw in header.action]))
        references, assumed, damaged = read_references(fields["ref"], text, citing)
        for edit in damaged:
            notes.append(Diagnostic("damaged-reference", "warning",
                         f"the REF line has {edit.original}, which may be {edit.replacement}: proposed, not taken", edit.span))  # fmt: skip
        if assumed:
            notes.append(Diagnostic("year-assumed-previous", "info",
                         "a reference to the own post with a higher number is read as of the year before", None))  # fmt: skip
    layout = lay_out(lines, blocks)
    start, end = (layout.spans[0][0][0], layout.spans[-1][-1][1]) if blocks else (0, 0)
    garbles = find_garbles(text, start, end)
    if not text.isascii():
        garbles = merge(garbles, find_mojibake(text, start, end))
    edits = merge(layout.edits, garbles)
    if len(edits) != len(layout.edits) + len(garbles):
        kept = set(edits)
        garbles = [edit for edit in garbles if edit in kept]
    if authority is None and blocks:
        authority = _numbered_authority(telegram)
    paragraphs, body = read_paragraphs(lines, blocks, layout, garbles)
    _notes(telegram, numbers, created, notes)
    partial = header.partial or telegram.closing.truncated or _cut(telegram, text)
    redactions: tuple[Redaction, ...] = ()
    if "XXXX" in text or "xxxx" in text:
        redactions = tuple(Redaction(m.span(), m.end() - m.start()) for m in REDACTION.finditer(text))
    source_id = claims.get("id")
    return Cable(
        original=text,
        id=values["id"],
        source_ids=(source_id,) if isinstance(source_id, str) and source_id else (told_id,) if told_id else (),
        created=values["created"],
        classification=values["classification"],
        caveats=values["caveats"],
        captions=read_captions(preamble),
        origin=origin,
        subject=_subject(telegram),
        tags=tags,
        tags_people=people,
        transmission_id=header.transmission,
        precedence=read_precedence(header),
        serial=numbers.serial,
        sections=_sections(telegram, partial),
        action=tuple(map(read_addressee, header.action)),
        info=tuple(map(read_addressee, header.info)),
        executive_order=order,
        classified_by=authority,
        references=references,
        paragraphs=tuple(paragraphs),
        signature=telegram.closing.signature,
        partial=partial,
        redactions=redactions,
        edits=tuple(merge(list(damaged), edits) if damaged else edits),
        diagnostics=tuple(notes),
        claims=claims,
        text=body or None,
        _telegram=telegram,
        _outer=None,
    )


def _numbered_authority(telegram: Telegram) -> ClassifiedBy | None:
    """The authority where a first or second paragraph names it: `1. (U) Classified by Ambassador ...`."""
    for block in telegram.body.blocks[:2]:
        text = telegram.lines.text[block.text_at : block.text_at + 40].lstrip()
        if text[:13].lower() == "classified by":
            field = Field(block.text_at)
            last = block.rows[-1]
            end = telegram.lines.starts[last] + len(telegram.lines.lines[last])
            field.pieces.append((telegram.lines.text[block.text_at : end].replace("\n", " "), block.text_at))
            return read_authority(unfold(field))
    return None


def _two_digits(year: int | None) -> int | None:
    return None if year is None else year + (1900 if year >= 66 else 2000)


def _cut(telegram: Telegram, text: str) -> bool:
    """A body cut by its publisher: short, and ending in three full stops or without any paragraph's end."""
    if telegram.closing.signature is not None:
        return False
    return text.rstrip().endswith("...") and len(telegram.body.blocks) <= 2


def _notes(telegram: Telegram, numbers: Numbers, created: str | None, out: list[Diagnostic]) -> None:
    """Diagnostics that come from the shape of the text."""
    preamble, header = telegram.preamble, telegram.header
    if preamble.repeated is not None:
        out.append(Diagnostic("repeated-preamble", "info", "the preamble stands twice; the first counts",
                              (preamble.repeated, preamble.repeated)))  # fmt: skip
    if preamble.corrected is not None:
        at = preamble.corrected
        out.append(Diagnostic("corrected-copy", "info", "the telegram is a corrected copy of an earlier one", (at, at)))
    if numbers.foreign:
        found, at = preamble.class_lines[0]
        out.append(Diagnostic("foreign-body", "error", f"the text is of {found['post'].strip()} {found['number']}, "
                              "not of the cable that the header names; nothing was mended", (at, at + found.end())))  # fmt: skip
    if created is None:
        out.append(Diagnostic("no-date", "warning", "no date-time group and no date line: the year is unknown", None))
    if not preamble.class_lines:
        out.append(Diagnostic("no-class-line", "warning", "no classification line", None))
    if header.partial:
        out.append(Diagnostic("partial-extract", "info", "the release says that this is a partial extract", None))
    if telegram.closing.truncated or _cut(telegram, telegram.lines.text):
        out.append(Diagnostic("truncated-body", "warning", "the text breaks off", None))
    if telegram.stray_captions:
        out.append(Diagnostic("stray-caption", "info", f"SIPDIS stands {telegram.stray_captions} times inside the text", None))
    if telegram.body.joined_blanks:
        out.append(Diagnostic("split-paragraph", "info",
                              f"a blank line cuts a sentence in {telegram.body.joined_blanks} places; joined", None))  # fmt: skip
    if any(a.garbled for a in (*header.action, *header.info)):
        out.append(Diagnostic("garbled-addressee", "warning",
                              "an addressee LA PAZ has the month of the message behind it and may have lost the next one", None))  # fmt: skip
    for span in lines_of(telegram.lines, UNKNOWN)[:_MOST_UNKNOWN]:
        out.append(Diagnostic("unknown-line", "info", "no rule reads this line", span))
    _sequence(telegram, out)


def _sequence(telegram: Telegram, out: list[Diagnostic]) -> None:
    seen = 0
    most = len(out) + _MOST_SEQUENCE
    for block in telegram.body.blocks:
        n = block.number
        if len(out) >= most:
            break
        if n is None or block.kind == "heading":
            continue
        if n > seen + 1 and n < 1000:
            out.append(Diagnostic("number-skipped", "info", f"paragraph {n} follows {seen or 'the beginning'}", block.marker))
        elif n <= seen:
            out.append(Diagnostic("number-repeated", "info", f"paragraph {n} follows {seen}", block.marker))
        seen = n
