"""Which texts are nearly the same: a sketch of each text's sentences, and the share of sentences that two texts have in common.

A telegram that was sent again under another number, or quoted whole, shares most of its sentences with the first, though a
name is blacked out here and a word is garbled there. The sketch is a bottom-k sketch of the set of sentences: two texts whose
sentences overlap by the share j have about j of their sketches in common (A. Broder, On the resemblance of documents, 1997).
"""

from __future__ import annotations

import struct
from typing import Final
from zlib import crc32

#: Checksums kept a text.
SIZE: Final = 6
#: Texts are compared when their sketches share this many.
SHARED: Final = 2
#: Texts are alike when this share of all their sentences is common to both.
ALIKE: Final = 0.5
#: A sentence that stands in more texts than this is a formula, not a sign of likeness.
MOST_HOLDERS: Final = 40
#: Letters and digits (bytes of UTF-8) that a sentence has at least.
_SHORTEST: Final = 32
_FEWEST: Final = 4
_LONGEST_TEXT: Final = 1_000_000
_END: Final = b"\0"
#: Small letters, blanks as one kind of blank, and what ends a sentence as a full stop.
_PLAIN: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\n\r\t\x0b\x0c!?;:", b"abcdefghijklmnopqrstuvwxyz     ....")
_DROP: Final = bytes(i for i in range(1, 128) if not chr(i).isalnum())


def sentences(text: str) -> set[int]:
    """Checksums (CRC-32) of the sentences of ``text``: letters and digits only, short ones left out."""
    # On bytes, by cutting and joining: to replace takes longer, a pattern many times as long, and this is done for every text of an ingest.
    said = text[:_LONGEST_TEXT]
    data = _END.join((said if said.isascii() else said.lower()).encode("utf-8", "surrogatepass").split(b"\n\n"))
    data = _END.join(data.translate(_PLAIN).split(b". ")).translate(None, _DROP)
    return set(map(crc32, [bare for bare in data.split(_END) if len(bare) >= _SHORTEST]))


def sketch(text: str) -> bytes | None:
    """The smallest checksums of a text's sentences, four bytes each; None for a text of fewer than four sentences."""
    found = sentences(text)
    return struct.pack(f">{min(len(found), SIZE)}I", *sorted(found)[:SIZE]) if len(found) >= _FEWEST else None


def checksums(sketched: bytes | None) -> tuple[int, ...]:
    """The checksums of a sketch."""
    return struct.unpack(f">{len(sketched) // 4}I", sketched) if sketched else ()


def likeness(one: set[int], other: set[int]) -> float:
    """The share of sentences, of all that either text has, that both have."""
    return len(one & other) / len(one | other) if one or other else 0.0
