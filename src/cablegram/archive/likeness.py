"""Which texts are nearly the same: a sketch of each text's sentences, and the share of sentences that two texts have in common.

A telegram that was sent again under another number, or quoted whole, shares most of its sentences with the first, though a
name is blacked out here and a word is garbled there. The sketch is a bottom-k sketch of the set of sentences: two texts whose
sentences overlap by the share j have about j of their sketches in common (A. Broder, On the resemblance of documents, 1997).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from heapq import nsmallest
from typing import Final

#: Checksums kept a text.
SIZE: Final = 6
#: Texts are compared when their sketches share this many.
SHARED: Final = 2
#: Texts are alike when this share of all their sentences is common to both.
ALIKE: Final = 0.5
#: A sentence that stands in more texts than this is a formula, not a sign of likeness.
MOST_HOLDERS: Final = 40
_SHORTEST: Final = 40
_FEWEST: Final = 4
_LONGEST_TEXT: Final = 1_000_000
_END: Final = re.compile(r"[.!?;:]\s|\n\n")
_DROP: Final = dict.fromkeys(i for i in range(128) if not chr(i).isalnum())


def sentences(text: str) -> set[int]:
    """Checksums (64 bits, signed) of the sentences of ``text``: letters and digits only, short ones left out."""
    out: set[int] = set()
    for sentence in _END.split(text[:_LONGEST_TEXT].lower()):
        if len(sentence) >= _SHORTEST:
            bare = sentence.translate(_DROP)
            out.add(int.from_bytes(blake2b(bare.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True))
    return out


def sketch(text: str) -> list[int]:
    """The smallest checksums of a text's sentences; empty for a text of fewer than four sentences."""
    found = sentences(text)
    return nsmallest(SIZE, found) if len(found) >= _FEWEST else []


def likeness(one: set[int], other: set[int]) -> float:
    """The share of sentences, of all that either text has, that both have."""
    return len(one & other) / len(one | other) if one or other else 0.0
