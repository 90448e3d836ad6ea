"""The TAGS line (5 FAH-3): codes set apart by blanks or commas, people in parentheses or behind OVIP."""

from __future__ import annotations

import re
from typing import Final

from cablegram.telegram.preamble import Field
from cablegram.vocabulary import tags as vocabulary

_PARENTHESES: Final = re.compile(r"\(([^()]{0,200})\)")
_CODE: Final = re.compile(r"[A-Z]{2,5}$")
_SEPARATOR: Final = re.compile(r"[,;]")
#: Codes behind which a person's name may stand: travel and visits of officials.
_PERSON_CODES: Final = frozenset(("OVIP", "OTRA", "PEPR", "PINR"))


def read_tags(field: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes in upper case, in order of the text, once each; and the people's names."""
    codes: list[str] = []
    people: list[str] = []
    value = "\n".join(text.strip().lstrip("¶") for text, _ in field.pieces).upper()
    if "(" in value:
        people += [" ".join(name.split()) for name in _PARENTHESES.findall(value) if name.strip()]
        value = _PARENTHESES.sub(" , " if "," in _PARENTHESES.sub("", value) else " ", value)
    for line in value.split("\n"):
        if "," in line or ";" in line:
            for chunk in _SEPARATOR.split(line):
                words = chunk.strip(" .:\u00a0").split()
                if len(words) > 1 and not (vocabulary.lookup(" ".join(words)) or not all(map(_CODE.match, words))):
                    codes += words
                elif words:
                    codes.append(" ".join(words))
        else:
            _by_blanks(line.split(), codes, people)
    return tuple(dict.fromkeys(code for code in codes if code.strip("X.-"))), tuple(dict.fromkeys(people))


def _by_blanks(words: list[str], codes: list[str], people: list[str]) -> None:
    n = 0
    while n < len(words):
        word = words[n].strip(".:")
        if n + 1 < len(words) and vocabulary.lookup(f"{word} {words[n + 1]}") is not None:
            codes.append(f"{word} {words[n + 1]}")
            n += 2
            continue
        n += 1
        if not word:
            continue
        codes.append(word)
        if word in _PERSON_CODES and word == "OVIP":
            name: list[str] = []
            while n < len(words) and len(words[n]) > 4 and words[n].isalpha() and vocabulary.lookup(words[n]) is None:
                name.append(words[n])
                n += 1
            if name:
                people.append(" ".join(name))
