"""Words that keep a capital: names of places, peoples and bodies, titles, abbreviations; and common words, which are no names.

``data/proper.tsv`` has one word (or phrase) a row, written as it is to be shown. Its kinds:

- shown so wherever they stand: calendar, nation, faith, place, body, acronym, shorthand (EmbOff), abbreviation (Ltd), given (first names);
- calendar?: months that are also words; place?: posts that are also words, shown behind EMBASSY or CONSULATE only;
- lower: never a name, though the wire or another table has the word; units;
- honorific (Mr), title, title? (also a common word: general), office (words before a title), particle (von), surname
  (surnames that are also common words): what stands around a name;
- label, pointer, starter, article, small: words that tell where a sentence or a name begins or ends;
- common: words that the corpus has in lower case, with the number of cables; a derived form is left out where its stem stands.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from cablegram.vocabulary.posts import all_posts
from cablegram.vocabulary.tables import many, read_table
from cablegram.vocabulary.terms import all_terms

_PIECE: Final = re.compile(r"[^\W_]+")
_SHOWN: Final = frozenset({"calendar", "nation", "faith", "place", "body", "acronym", "shorthand", "abbreviation", "given"})
_PLACE_OF_POST: Final = re.compile(r"(?:Embassy|Consulate|Liaison Office) (.+?)(?: NB| NF)?")
#: Small words inside a name of several words.
_INNER: Final = frozenset({"Au", "De", "Es", "Of", "The"})
_NO_VOWEL: Final = re.compile(r"[BCDFGHJKLMNPQRSTVWXZ]{2,8}")
_GOVERNMENT: Final = re.compile(r"GO(?:[BCFGHJKLMNPQRSVZ]|[BCDFGHJKLMNPQRSTVWXZ]{2})")
_WORDS_LIKE_GOVERNMENTS: Final = frozenset({"GOBS", "GODS", "GOLD", "GOLF", "GONG", "GOSH", "GOTH", "GOWN", "GOV"})
_ENDINGS: Final = (
    ("IES", "Y"), ("IED", "Y"), ("ES", ""), ("S", ""), ("ING", ""), ("ING", "E"), ("ED", ""), ("ED", "E"), ("LY", ""),
    ("ER", ""), ("ER", "E"), ("ERS", ""), ("ERS", "E"), ("EST", ""), ("ABLE", ""), ("NESS", ""),
)  # fmt: skip


@cache
def _kinds() -> dict[str, frozenset[str]]:
    kinds: dict[str, set[str]] = {}
    for row in read_table("proper"):
        kinds.setdefault(row["kind"], set()).add(row["word"].upper())
    return {kind: frozenset(found) for kind, found in kinds.items()}


def words(kind: str) -> frozenset[str]:
    """The words of one kind, in capitals. ``KeyError`` where the table has no such kind."""
    return _kinds()[kind]


def _posts() -> dict[str, str]:
    """The places of posts, as shown: Port au Prince, The Hague; those that are words only behind EMBASSY and CONSULATE."""
    out: dict[str, str] = {}
    for post in all_posts():
        found = _PLACE_OF_POST.fullmatch(post.name)
        if found is not None:
            first, *rest = found[1].split()
            place = " ".join([first, *(word.lower() if word in _INNER else word for word in rest)])
            if place.upper() not in words("place?"):
                out[place.upper()] = place
            for office in ("Embassy", "Consulate"):
                out[f"{office} {place}".upper()] = f"{office} {place}"
    return out


def _countries() -> dict[str, str]:
    """The English names of countries; those of two or three capitals (USSR) stand as they are."""
    out: dict[str, str] = {}
    for row in read_table("countries"):
        for name in (row["name"], *many(row["aliases"])):
            bare = name.partition(" (")[0].removeprefix("The ")
            out[bare.upper()] = bare
    return out


@cache
def forms() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every known name, its words in capitals, to its words as shown. ``proper.tsv`` goes before terms, posts and countries."""
    names = _countries() | _posts()
    for term in all_terms():
        if term.group in {"acronym", "declassification"} or (term.group == "caption" and " " not in term.code):
            names[term.code.upper()] = term.code
    for plain in ("SENSITIVE", "CHEROKEE", "US"):  # a caption or a country that is a word; US is read from what stands around it
        names.pop(plain, None)
    rows = read_table("proper")
    names |= {row["word"].upper(): row["word"] for row in rows if row["kind"] in _SHOWN}
    for row in rows:
        if row["kind"] == "lower":
            names.pop(row["word"].upper(), None)
    return {tuple(_PIECE.findall(known)): tuple(_PIECE.findall(shown)) for known, shown in names.items()}


@cache
def longest() -> int:
    """The number of words of the longest known name."""
    return max(len(known) for known in forms())


@cache
def _starts() -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for known in forms():
        lengths.setdefault(known[0], set()).add(len(known))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def lengths(first: str) -> tuple[int, ...]:
    """How many words the known names have that begin with ``first`` (in capitals), longest first; empty where none does."""
    return _starts().get(first, ())


def shown(word: str) -> str | None:
    """How the single word ``word`` (in capitals) is shown if it is known, else None; also a plural: DCMs, Icelanders."""
    known = forms()
    found = known.get((word,))
    if found is not None:
        return found[0]
    if len(word) > 3 and word.endswith("S") and not is_common(word) and (stem := known.get((word[:-1],))) is not None:
        return stem[0] + "s"
    return None


def is_abbreviation(word: str) -> bool:
    """Whether ``word`` (in capitals) can only be letters that stand for words: no vowel (TNT), or a government (GOI)."""
    if word in words("lower") or word in words("honorific"):
        return False
    if _NO_VOWEL.fullmatch(word):
        return True
    return _GOVERNMENT.fullmatch(word) is not None and word not in _WORDS_LIKE_GOVERNMENTS


def is_common(word: str) -> bool:
    """Whether ``word`` (in capitals), or its stem, is a common word of the language."""
    common = words("common")
    if word in common or word in words("small"):
        return True
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            stem = word[: -len(ending)]
            if stem + instead in common or (stem[-1] == stem[-2] and stem[:-1] in common):
                return True
    return False
