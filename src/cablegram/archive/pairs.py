"""Pairs of common words that stand side by side: what makes a phrase of them quick to find.

The index finds a phrase by going through the places of its words in every cable that has them all. Where each word stands in a large
part of all cables that takes long, however few have the phrase; so the index of a large archive has such pairs as terms of their
own (H. Williams, J. Zobel, D. Bahle, Fast phrase querying with combined indexes, 2004). Which words are common is found out when an
index is begun and kept with it: a pair of two of them that the index does not have stands nowhere.

A text is told to the index as one sign for each of its words. Of these the index's own tokenizer makes the pairs, and it leaves out
those with the sign of a word that is not common: that has four bytes, the others have two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Final, TypeVar

from cablegram.archive.codec import words
from cablegram.archive.store import Store
from cablegram.archive.words import flat

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

Spelled = TypeVar("Spelled", str, bytes)
#: The field of the index.
PAIRS: Final = "pairs"
#: The share of all cables that have a common word. The pairs take a ninth of the index; with a half in the place of three tenths there are
#: three fifths as many.
_COMMON: Final = 0.3
#: In fewer cables than this every phrase is found quickly.
_FEWEST: Final = 20_000
_SAMPLE: Final = 1_000
ANALYZER: Final = "pairs"
_FIRST_SIGN: Final = 0x100
#: So many signs of two bytes there are.
_MOST: Final = 0x800 - _FIRST_SIGN
_OTHER: Final = "\N{LINEAR B SYLLABLE B008 A}"
_BYTES_OF_A_PAIR: Final = 4


def are_worth_it(count: int) -> bool:
    """Whether an archive of so many cables is large enough for pairs."""
    return count >= _FEWEST


def common_words(store: Store) -> list[str]:
    """The words that stand in many of an archive's cables, by a sample from all over it; none for a small archive."""
    count = store.count()
    if not are_worth_it(count):
        return []
    step = max(1, count // _SAMPLE)
    versions = store.db.execute("SELECT current FROM cables WHERE id % ? = 0 LIMIT ?", (step, _SAMPLE)).fetchall()
    found: Counter[bytes] = Counter()
    for (version,) in versions:
        stored, text = store.outline(version)
        found.update({word for place in stored.paragraphs for word in flat(words(place, text)).split()})
    return sorted(word.decode() for word, times in found.most_common(_MOST) if times >= _COMMON * len(versions))


def signs(common: Iterable[Spelled]) -> dict[Spelled, str]:
    """Common words, as text or as bytes, each with its sign; their order tells which."""
    return {word: chr(_FIRST_SIGN + n) for n, word in enumerate(common)}


def told(texts: Iterable[Sequence[bytes]], known: Mapping[bytes, str]) -> str:
    """What the index is told of the pairs of a cable: its texts are given by their words in their order, ``known`` has the signs of words."""
    return _OTHER.join("".join(map(known.get, said, repeat(_OTHER))) for said in texts)


def pairs_of(phrase: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """The pairs that every text with this phrase has."""
    return [known[first] + known[second] for first, second in pairwise(phrase) if first in known and second in known]


@cache
def analyzer() -> TextAnalyzer:
    """Makes the pairs of what :func:`told` gives."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.ngram(2, 2)).filter(Filter.remove_long(_BYTES_OF_A_PAIR + 1)).build()
