"""Later mentions of a name: whole, by surname, in capitals, with a possessive, or broken over a line end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cablegram.protect.names import in_capitals, titles
from cablegram.spans import Span
from cablegram.vocabulary import proper

#: A line end inside a word, with or without a hyphen, also as a saved page spells it.
_BROKEN: Final = r"(?:-?[ \t]{0,4}(?:\r?\n|&#x000A;)[ \t]{0,8}|- )?"
_SHORTEST: Final = 3
#: What may stand between two words of one mention.
_BETWEEN: Final = re.compile(r"(?:['’]s)?[.,]?(?:[ \t-]|\r?\n|&#x000A;){0,12}")
_TITLE: Final = re.compile(r"(?<![^\W_])([^\W\d_]{2,14})\.?(?:[ \t]|\r?\n|&#x000A;){1,6}\Z")
_NAME_BEFORE: Final = re.compile(r"(?<![^\W_])([^\W\d_]{2,24}|[^\W\d_]\.)(?:[ \t]{1,3}|-)\Z")


def fold(text: str) -> str:
    """``text`` without accents, character for character."""
    return text if text.isascii() else "".join(map(_bare, text))


def _bare(character: str) -> str:
    return character if character.isascii() else unicodedata.normalize("NFKD", character)[0]


class Mentions:
    """Finds mentions of people, each given as the words of a name in their order."""

    def __init__(self, names: Iterable[tuple[str, ...]]) -> None:
        known: dict[str, bool] = {}
        for words in names:
            for n, word in enumerate(fold(word).upper() for word in words):
                # A first name may be another person's; what follows it is known by itself.
                known[word] = known.get(word, False) or n > 0 or len(words) == 1
        self._alone = {word: alone for word, alone in known.items() if len(word) >= _SHORTEST or len(known) == 1}
        parts = [_BROKEN.join(map(re.escape, word)) for word in sorted(self._alone, key=lambda word: (-len(word), word))]
        self._pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])", re.IGNORECASE) if parts else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def find(self, text: str) -> list[Span]:
        """The places of all mentions, titles before them with them, in order."""
        if self._pattern is None:
            return []
        plain = fold(text)
        groups: list[list[tuple[Span, str]]] = []
        for found in self._pattern.finditer(plain):
            key = _letters(found[0])
            if groups and _BETWEEN.fullmatch(plain, groups[-1][-1][0][1], found.start()) is not None:
                groups[-1].append((found.span(), key))
            else:
                groups.append([(found.span(), key)])
        out: list[Span] = []
        for group in groups:
            start, end = group[0][0][0], group[-1][0][1]
            if len(group) > 1 or self._stands_alone(plain, start, end, group[0][1]):
                start = _with_title(plain, start)
                if out and start < out[-1][1]:
                    out[-1] = (out[-1][0], end)
                else:
                    out.append((start, end))
        return out

    def _stands_alone(self, text: str, start: int, end: int, key: str) -> bool:
        capitals = in_capitals(text, start, end)
        titled = _with_title(text, start) != start
        if (proper.is_common(key) or key in proper.words("surname")) and not titled and (capitals or not text[start].isupper()):
            return False
        if self._alone.get(key, False) or titled:
            return True
        # A first name: another surname behind it makes it another person.
        behind = re.compile(r"[ \t\r\n]{1,3}([^\W\d_]{2,24})").match(text, end)
        if behind is None or behind[1].upper() in proper.words("small"):
            return True
        return proper.is_common(behind[1].upper()) if capitals else not behind[1][0].isupper()


@lru_cache(maxsize=64)
def mentions_of(names: frozenset[tuple[str, ...]]) -> Mentions:
    """What finds mentions of these people. The last ones are kept: a cable and its masked text, versions and claims ask for the same."""
    # In a fixed order: what is found must not depend on that of a set.
    return Mentions(sorted(names))


def _letters(text: str) -> str:
    return "".join(c for c in text.replace("&#x000A;", "") if c.isalpha() or c in "'’").upper()


def _with_title(text: str, start: int) -> int:
    """Where a mention begins whose titles, and what other first names stand before it, are taken in."""
    for _ in range(4):
        low = max(0, start - 32)
        found = _TITLE.search(text[low:start])
        if found is not None and found[1].upper() in titles() and (found[1][0].isupper()):
            start = low + found.start()
            continue
        found = _NAME_BEFORE.search(text[low:start])
        if found is not None and found[1][0].isupper() and found[1].rstrip(".").upper() in proper.words("given"):
            start = low + found.start()
            continue
        break
    return start
