"""Records and texts as the store keeps them: compressed, each text once.

The original is compressed with a dictionary that was trained on the archive's own first texts. The restored text is what replaying
the edits gives, of which only its place is kept, or, where it is not, as in pages with entities, compressed against the original. A
paragraph's text is a place in the restored text; edits are kept as columns. What comes out is equal to what went in, field for field.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import zstandard

from cablegram.cable import Cable
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
from cablegram.spans import Edit, Span

TEXTS: Final = 1
RECORDS: Final = 2
#: Level of compression for what has no dictionary.
_LEVEL: Final = 7
#: How texts and records are compressed with a dictionary: matches of six bytes, the first good one, looked for in 32 places. Level 7 takes
#: twice the time for the same size, because it looks for shorter ones too.
_WITH_DICTIONARY: Final = zstandard.ZstdCompressionParameters(
    window_log=21, chain_log=18, hash_log=20, search_log=5, min_match=6, target_length=2, strategy=zstandard.STRATEGY_GREEDY,
    # The checksum takes four bytes a frame, and a flipped bit anywhere is found by whoever reads it.
    write_content_size=True, write_checksum=True, write_dict_id=True,
)  # fmt: skip
#: Bytes of a dictionary at most: for texts, half of it would cost a twentieth more, twice of it saves a fortieth.
_DICTIONARY_SIZES: Final = {TEXTS: 1_048_576, RECORDS: 262_144}
#: A text longer than this is compressed without the original as a prefix.
_LONGEST_PREFIX: Final = 8_000_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_bytes(text: str) -> bytes:
    """UTF-8; lone surrogates, which no file of ours has but a caller's string may, are kept."""
    return text.encode("utf-8", "surrogatepass")


def legible(text: str) -> str:
    """``text`` itself, or, where it has lone surrogates, which no encoding has, with U+FFFD in their place."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


def to_text(data: bytes) -> str:
    """The inverse of :func:`to_bytes`."""
    return data.decode("utf-8", "surrogatepass")


def train(samples: Iterable[bytes], number: int) -> bytes | None:
    """A dictionary with the id ``number``, or None where the samples are too few or too alike to train one."""
    given: list[bytes | bytearray | memoryview[int]] = list(samples)
    size = min(_DICTIONARY_SIZES[number], sum(map(len, given)) // 4)
    try:
        return zstandard.train_dictionary(size, given, dict_id=number).as_bytes()
    except zstandard.ZstdError:
        return None


class Packer:
    """Compresses and decompresses with the dictionaries of one archive, by their numbers (:data:`TEXTS`, :data:`RECORDS`).

    Not to be shared by threads.
    """

    def __init__(self, dictionaries: Mapping[int, bytes]) -> None:
        self._known = {number: zstandard.ZstdCompressionDict(data) for number, data in dictionaries.items()}
        self._pack: dict[int, zstandard.ZstdCompressor] = {}
        self._unpack = {number: zstandard.ZstdDecompressor(dict_data=known) for number, known in self._known.items()}
        self._unpack[0] = zstandard.ZstdDecompressor()

    def pack(self, data: bytes, dictionary: int) -> bytes:
        """``data`` compressed, with ``dictionary`` where the archive has it."""
        compressor = self._pack.get(dictionary)
        if compressor is None:
            # Made when first asked for: who only reads needs none.
            known = self._known.get(dictionary)
            if known is None:
                compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
            else:
                known.precompute_compress(compression_params=_WITH_DICTIONARY)
                compressor = zstandard.ZstdCompressor(compression_params=_WITH_DICTIONARY, dict_data=known)
            self._pack[dictionary] = compressor
        return compressor.compress(data)

    def unpack(self, blob: bytes) -> bytes:
        """What :meth:`pack` was given. ``zstandard.ZstdError`` where ``blob`` is damaged."""
        number = zstandard.get_frame_parameters(blob).dict_id
        return self._unpack[number].decompress(blob)


@lru_cache(maxsize=1)
def packed_file(data: bytes) -> tuple[bytes, bytes]:
    """Checksum and compressed bytes of a file. The last one is kept: a PDF with many telegrams is compressed once, not for each of them."""
    return hashlib.sha256(data).digest(), zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(data)


def against(data: bytes, prefix: bytes) -> bytes:
    """``data`` compressed as what differs from ``prefix``."""
    if len(prefix) > _LONGEST_PREFIX or len(prefix) < 8:
        return zstandard.ZstdCompressor(level=_LEVEL).compress(data)
    raw = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdCompressor(level=3, dict_data=raw).compress(data)


def restored(blob: bytes, prefix: bytes) -> bytes:
    """The inverse of :func:`against`."""
    if len(prefix) > _LONGEST_PREFIX or len(prefix) < 8:
        return zstandard.ZstdDecompressor().decompress(blob)
    raw = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdDecompressor(dict_data=raw).decompress(blob)


class Place(msgspec.Struct, array_like=True, frozen=True):
    """A paragraph without its text: that stands in the restored text from ``at`` to ``end``, or in ``text`` where it does not."""

    number: int | None
    label: str | None
    marking: str | None
    level: str | None
    caveats: tuple[str, ...]
    kind: str
    heading: str | None
    section: int
    span: Span
    at: int
    end: int
    text: str | None = None


class Edits(msgspec.Struct, array_like=True, frozen=True):
    """Edits as columns: the gap from the edit before, the length, and which of ``shapes`` each one is."""

    gaps: list[int]
    lengths: list[int]
    which: list[int]
    shapes: list[tuple[str, str, float, bool]]


class Stored(msgspec.Struct, array_like=True, frozen=True):
    """A record as it is kept, without its texts."""

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
    paragraphs: list[Place]
    signature: str | None
    partial: bool
    redactions: tuple[Redaction, ...]
    edits: Edits
    diagnostics: tuple[Diagnostic, ...]
    claims: dict[str, Any]
    #: Where the restored text stands in the replayed original, or the text as :func:`against` gives it.
    text: tuple[int, int] | bytes | None


_SAME: Final = tuple(name for name in Stored.__struct_fields__ if name not in ("paragraphs", "edits", "claims", "text"))
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Stored)


def _place(said: str, text: str, at: int) -> int:
    """Where ``said`` stands in ``text`` from ``at`` on; -1 where it does not."""
    # Its first letters are found many times faster: a search for a long text prepares itself with all of it.
    found = text.find(said[:24], at)
    return found if found < 0 or text.startswith(said, found) else text.find(said, found)


def _places(cable: Cable) -> list[Place]:
    text, at = cable.text or "", 0
    out: list[Place] = []
    for p in cable.paragraphs:
        found = _place(p.text, text, at)
        if found < 0:
            out.append(
                Place(p.number, p.label, p.marking, p.level, p.caveats, p.kind, p.heading, p.section, p.span, 0, 0, p.text)
            )
            continue
        at = found + len(p.text)
        out.append(Place(p.number, p.label, p.marking, p.level, p.caveats, p.kind, p.heading, p.section, p.span, found, at))
    return out


class Replayed(NamedTuple):
    """The edits of a cable as columns, and its original with the applied ones carried out."""

    columns: Edits
    text: str

    def counts(self) -> list[tuple[str, int, int]]:
        """How many edits there are by rule: rule, whether applied, count."""
        shapes = self.columns.shapes
        counts: Counter[tuple[str, int]] = Counter()
        for which, count in Counter(self.columns.which).items():
            counts[shapes[which][1], int(shapes[which][3])] += count
        return [(*key, count) for key, count in counts.items()]


def replay_edits(cable: Cable) -> Replayed:
    """The edits of ``cable`` as columns, and what they make of its original, in one go: they are the most numerous part."""
    gaps: list[int] = []
    lengths: list[int] = []
    which: list[int] = []
    shapes: dict[tuple[str, str, float, bool], int] = {}
    out: list[str] = []
    before = at = number = 0
    shape: tuple[str, str, float, bool] | None = None
    original = cable.original
    for (start, end), _, replacement, rule, confidence, applied in cable.edits:
        gaps.append(start - before)
        lengths.append(end - start)
        # Most edits have the shape of the one before.
        if shape != (shape := (replacement, rule, confidence, applied)):
            number = shapes.setdefault(shape, len(shapes))
        which.append(number)
        before = start
        if applied:
            out.append(original[at:start])
            out.append(replacement)
            at = end
    out.append(original[at:])
    return Replayed(Edits(gaps, lengths, which, list(shapes)), "".join(out))


def _rows(columns: Edits, original: str) -> tuple[Edit, ...]:
    out: list[Edit] = []
    start = 0
    for gap, length, shape in zip(columns.gaps, columns.lengths, columns.which, strict=True):
        start += gap
        replacement, rule, confidence, applied = columns.shapes[shape]
        out.append(Edit((start, start + length), original[start : start + length], replacement, rule, confidence, applied))
    return tuple(out)


def _replayed(columns: Edits, original: str) -> str:
    """``original`` with the applied edits carried out."""
    out: list[str] = []
    at = start = 0
    for gap, length, shape in zip(columns.gaps, columns.lengths, columns.which, strict=True):
        start += gap
        replacement, _, _, applied = columns.shapes[shape]
        if applied:
            out += (original[at:start], replacement)
            at = start + length
    out.append(original[at:])
    return "".join(out)


def _kept(text: str | None, replayed: str, original: bytes) -> tuple[int, int] | bytes | None:
    if text is None:
        return None
    at = _place(text, replayed, 0)
    return (at, at + len(text)) if at >= 0 else against(to_bytes(text), original)


def encode(cable: Cable, original: bytes, replayed: Replayed) -> bytes:
    """``cable`` as bytes; ``original`` is its original as :func:`to_bytes` gives it."""
    values = [getattr(cable, name) for name in _SAME]
    at = _SAME.index("signature")
    text = _kept(cable.text, replayed.text, original)
    return _encoder.encode((
        *values[:at], _places(cable), *values[at:at + 3], replayed.columns, values[at + 3], dict(cable.claims), text,
    ))  # fmt: skip


def decode(record: bytes, original: bytes) -> Cable:
    """The cable that :func:`encode` was given; its tree is read anew when asked for."""
    stored = _decoder.decode(record)
    text, given = text_of(stored, original), to_text(original)
    return Cable(
        original=given,
        **{name: getattr(stored, name) for name in _SAME},
        paragraphs=tuple(
            Paragraph(p.number, p.label, p.marking, p.level, p.caveats, p.kind, p.heading, p.section, words(p, text), p.span)
            for p in stored.paragraphs
        ),
        edits=_rows(stored.edits, given),
        claims=stored.claims,
        text=text,
        _telegram=None,
        _outer=None,
    )


def glance(record: bytes) -> Stored:
    """The record without its texts, for who needs some values of many records."""
    return _decoder.decode(record)


def text_of(stored: Stored, original: bytes) -> str | None:
    """The restored text of a stored record."""
    if stored.text is None:
        return None
    if isinstance(stored.text, bytes):
        return to_text(restored(stored.text, original))
    at, end = stored.text
    return _replayed(stored.edits, to_text(original))[at:end]


def words(place: Place, text: str | None) -> str:
    """The text of one paragraph, ``text`` being the restored text that it stands in."""
    return place.text if place.text is not None else (text or "")[place.at : place.end]
