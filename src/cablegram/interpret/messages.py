"""Whether a post's name and a number behind it, in the running text, are a message or a place and a plain number."""

from __future__ import annotations

import re
from typing import Final

from cablegram.interpret.senders import POSSESSIVE, SERVICE, WORD_FOR_IT, Citing, sender

#: What stands before it: ``STATE``, ``08 LA PAZ``, ``07LIMA``, ``KABUL NO.``. Which words are a post the vocabulary says.
_NAME: Final = re.compile(
    r"(?<![\w./#-])(?P<year>(?:(?:19|20)\d\d|\d\d)\s{0,2})?(?P<words>[A-Z][A-Za-z.'’-]*(?:\s{1,2}[A-Z][A-Za-z.'’-]*){0,3}?)"
    r"(?P<blank>\s{0,3})(?:#|NO\.\s?)?$",
    re.IGNORECASE,
)
#: Longest name of a post with its year (characters).
_NAME_LENGTH: Final = 60
WORDS_FOR_IT: Final = frozenset(
    form
    for word in ("tel", "telegram", "cable", "message", "msg")
    for many in (word, f"{word}s")
    for form in (many, many.upper(), many.capitalize())
)
#: What only a message has behind it.
AFTER: Final = re.compile(r"\s?\((?:NOTAL|EXDIS|NODIS|LIMDIS|STADIS|NOFORN|\d\d)\)", re.IGNORECASE)
_WORD: Final = re.compile(r"\S+")
_PLACE_BEFORE: Final = re.compile(r"(?:\(|\bsee|\bref|\bper|\bin|\bcable|\btelegram|\bmessage)[\s:]{0,2}$", re.IGNORECASE)
#: An itinerary: ``ARRIVE VIENNA 0910``.
_TIME_BEFORE: Final = re.compile(r"\b(?:ARR(?:IVE[SD]?)?|DEP(?:ART(?:S|ED)?)?|LEAVE[S]?|LV|AR|ETA|ETD)[\s:]{1,2}$", re.IGNORECASE)
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d$")
_TIME_AFTER: Final = re.compile(r"\s?(?:HOURS|HRS|LOCAL|GMT|EST|EDT)\b", re.IGNORECASE)
_ENDS: Final = re.compile(r"\s{0,2}(?:$|[),.;:(]|and\b|para|subject\b)", re.IGNORECASE)
#: Numbers that are rather years; in capitals within a text that is not, only those about the citing year.
_YEARS: Final = range(1900, 2051)
_RECENT: Final = 15
#: What stands before a telegram of one's own, or of the addressee's: ``REF YOUR 1234``.
_REF_BEFORE: Final = re.compile(r"\b(?:REF(?:ERENCE|TEL)?|RE|PER|SEE)[\s:]{1,2}$", re.IGNORECASE)


def in_capitals(text: str) -> bool:
    """Whether ``text`` is written in capitals, as all telegrams once were."""
    return sum(map(str.isupper, text)) > sum(map(str.islower, text))


def name_before(text: str, low: int, begin: int, citing: Citing) -> tuple[int, bool, str, bool] | None:
    """The name of a post that ends before a number: where it begins, whether with its year, its words, whether a blank follows."""
    found = _NAME.search(text, max(low, begin - _NAME_LENGTH), begin)
    if found is None:
        return None
    words = list(_WORD.finditer(text, found.start("words"), found.end("words")))
    for n, word in enumerate(words):
        name = " ".join(one[0] for one in words[n:])
        if sender(name, citing) is not None:
            year = n == 0 and found["year"] is not None
            return (found.start() if year else word.start()), year, name, bool(found["blank"])
    return None


def is_message(
    text: str, start: int, digits: str, end: int, year: bool, words: str, blank: bool, citing: Citing, capitals: bool
) -> bool:
    """Whether a post's name and a number behind it are a message: by how it is written, and by what stands around it.

    ``words`` begin at ``start``, with a ``year`` before them or not; the number, or the run of numbers that begins with ``digits``,
    ends at ``end``. ``blank``: something stands between the two; ``capitals``: the text around is in capitals.
    """
    upper = words.isupper()
    told = words.rpartition(" ")[2] in WORDS_FOR_IT
    words = words[: found.start()] if (found := WORD_FOR_IT.search(words)) is not None else words
    strong = year or told or AFTER.match(text, end) is not None
    if not blank:
        return strong and upper  # glued: 07LIMA12
    near = range((citing.year or 2000) - _RECENT, (citing.year or 2000) + _RECENT)
    if words.upper() in POSSESSIVE:
        # "Our 2,000 people": any sentence has these words.
        asked = upper and _REF_BEFORE.search(text[max(0, start - 12) : start]) is not None and _ENDS.match(text, end) is not None
        return (told or asked) and len(digits) > 2 and int(digits) not in near
    if words.upper() in SERVICE and words.upper().endswith(("TEL", "TELS")):
        return len(digits) > 1
    if not words[0].isupper():
        return False
    if strong:
        return upper or words.istitle()
    if _TIME.match(digits) and (_TIME_AFTER.match(text, end) or _TIME_BEFORE.search(text[max(0, start - 12) : start])):
        return False
    if not digits.startswith("0") and int(digits) in (_YEARS if capitals or not upper else near):
        return False  # the Beijing 2008 games
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        return True
    if len(digits) < 3:
        return False
    if upper and (digits.startswith("0") or len(digits) > (4 if capitals else 3)):
        return True
    if _ENDS.match(text, end) is None:
        return False
    return (
        digits.startswith("0")
        or (upper and (len(digits) > 3 or not capitals))
        or _PLACE_BEFORE.search(text[max(0, start - 12) : start]) is not None
    )
