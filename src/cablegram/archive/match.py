"""How the words of a query and the words of a text are held against each other, apart from any index."""

from __future__ import annotations

import re

from cablegram.archive.words import fold, plain_words, words_of
from cablegram.vocabulary.variants import variants


def spellings(text: str, exact: bool = False) -> list[list[str]]:
    """What to look for when someone types ``text``: for each of its words the spellings, its own first."""
    return [[word, *(() if exact else sorted(variants(word)))] for word in words_of(text)]


def wild_pattern(text: str) -> str:
    """A pattern over words of the index for a word with wild cards."""
    parts = re.split(r"([*?])", text)
    return "".join({"*": ".*", "?": "."}.get(part) or re.escape(fold(plain_words(part))).replace("\\-", "-") for part in parts)


def wild_raw(text: str) -> str:
    """A pattern over whole values for a value with wild cards."""
    return "".join({"*": ".*", "?": "."}.get(part) or re.escape(part).replace("\\-", "-") for part in re.split(r"([*?])", text))


def wild_word(text: str) -> str:
    """A word with wild cards as :func:`fits_wild` holds it against words of the index."""
    return "".join(part if part in ("*", "?") else fold(plain_words(part)) for part in re.split(r"([*?])", text))


def fits_wild(pattern: str, word: str) -> bool:
    """Whether ``word`` is what ``pattern`` says, in which ``*`` is any letters and ``?`` one: at most their lengths multiplied, in steps."""
    at = place = begun = 0
    star = -1
    while place < len(word):
        if at < len(pattern) and pattern[at] == "*":
            star, begun, at = at, place, at + 1
        elif at < len(pattern) and pattern[at] in ("?", word[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            # The last star takes one letter more.
            begun += 1
            at, place = star + 1, begun
        else:
            return False
    return not pattern[at:].strip("*")


def stands(said: list[str], spelled: list[set[str]], near: int) -> bool:
    """Whether the words stand together, or within ``near`` words of each other in any order."""
    size = len(spelled)
    first = spelled[0]
    if not near:
        return any(
            word in first and all(said[at + n] in spelled[n] for n in range(1, size))
            for at, word in enumerate(said[: len(said) - size + 1])
        )
    places = [[at for at, word in enumerate(said) if word in one] for one in spelled]
    if not all(places):
        return False
    return any(
        all(any(abs(other - at) <= near + size - 1 for other in one) for one in places[1:]) for at in places[0]
    )  # fmt: skip


def distance_at_most(one: str, other: str, most: int) -> bool:
    """Whether at most ``most`` letters differ: put in, left out, changed, or two neighbours changed about."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        after = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (a != b))
            if before and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            after.append(cost)
        before, row = row, after
    return row[-1] <= most
