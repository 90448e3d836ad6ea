"""Letters that the recognition of a scan took for figures, and figures for letters, put right in the text that the finder reads; and the marks of
LaTeX, Markdown and wikis that stand in a citation made blanks.

The text keeps its length, so that every place stays what it was; only the finder reads it, quotations are compared with what stands there.
"""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"(?<![\w.])(?=[A-Za-z|]{0,24}[0-9])(?=[0-9]{0,24}[A-Za-z|])[A-Za-z0-9|]{2,32}(?!\w)")
_TO_FIGURES: Final = str.maketrans("OoQIl|SBZ", "000111582")
_SMALL: Final = str.maketrans("01|", "oll")
_LARGE: Final = str.maketrans("01|", "OII")
#: A message number: two figures, the post in capitals, the number; some of the figures may be letters.
_ID: Final = re.compile(
    r"(?P<year>(?=[OlI]?\d)[0-9OlI]{2})(?P<post>[A-Z]{4,24}?)(?P<number>\d[0-9OolI]{0,5}|[OolI][0-9OolI]{0,4}\d)"
)
_PLAIN_ID: Final = re.compile(r"\d{2,4}[A-Za-z]{3,24}\d{1,6}")
_ALMOST_NUMBER: Final = re.compile(r"[0-9OoQIl|SBZ]{2,6}")
#: A word with a figure or two in it, not at its end, where the mark of a note may stand.
_ALMOST_WORD: Final = re.compile(r"[01]?[A-Za-z]{1,24}[01]{1,2}[A-Za-z]{1,24}|0[a-z]{2,24}|[Aa]pri[1|]")
#: Figures above the line: marks of notes.
_RAISED: Final = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹"), " ")
_MONTHS: Final = "January February March April August September October November December".split()
#: A word before or behind a day of the month.
_BESIDE_DAY: Final = re.compile(r"(?<!\w)[A-Z0][a-z]{4,8}(?=\.? \d)|(?<=\d )[A-Z0][a-z]{4,8}(?!\w)")
_BLURRED: Final = str.maketrans("ceounmliIj0", "eeennnlllle")
#: Emphasis around a name before a number; and LaTeX's unbroken blank.
_MARKS: Final = re.compile(
    r"(?P<mark>\*{1,3}|_)(?P<name>[A-Z][A-Za-z. ]{2,32}(?:(?P=mark)(?= #?\d)| #?\d{2,6}(?P=mark)))|~(?=\d)"
)
#: Quotation marks of LaTeX, italics of wikis.
_DOUBLED: Final = re.compile(r"(?<!')''(?!')(?=\w)|(?<=[\w.,!?])''(?!')")


def _blurred(word: str) -> str:
    return word.translate(_BLURRED).lower()


_BLURRED_MONTHS: Final = {_blurred(month): month for month in _MONTHS}


def mended(text: str) -> str:
    """The text with such letters, figures and marks changed; as long as it was."""
    text = _TOKEN.sub(_token, text.translate(_RAISED))
    text = _BESIDE_DAY.sub(_month, text)
    text = _MARKS.sub(_unmarked, text)
    return _DOUBLED.sub(_quoted, text) if "''" in text else text


def _month(found: re.Match[str]) -> str:
    month = _BLURRED_MONTHS.get(_blurred(found[0]))
    return month if month is not None and len(month) == len(found[0]) else found[0]


def _unmarked(found: re.Match[str]) -> str:
    blank = " " * len(found["mark"] or " ")
    return f"{blank}{found['name'].removesuffix(found['mark'])}{blank}" if found["name"] else blank


def _quoted(found: re.Match[str]) -> str:
    opens = (
        found.end() < len(found.string)
        and (found.start() == 0 or not found.string[found.start() - 1].isalnum())
        and found.string[found.end()].isalnum()
    )
    return ' "' if opens else '" '


def _token(found: re.Match[str]) -> str:
    token = found[0]
    if _PLAIN_ID.fullmatch(token):
        return token
    whole = _ID.fullmatch(token)
    if whole is not None:
        return whole["year"].translate(_TO_FIGURES) + whole["post"] + whole["number"].translate(_TO_FIGURES)
    figures = sum(character.isdigit() for character in token)
    if _ALMOST_NUMBER.fullmatch(token) and 2 * figures >= len(token) and not token.endswith(("S", "B", "Z", "o")):
        return token.translate(_TO_FIGURES)
    if len(token) - figures > 2 * figures and _ALMOST_WORD.fullmatch(token):
        return token.translate(_LARGE if token[1:].isupper() else _SMALL)
    return token
