"""Damage that the message system did to single characters: found here, proposed as edits, never carried out.

Every detector starts from a plain search for the character that may be damaged, so an undamaged text costs
next to nothing, and every pattern behind it is of bounded length. The rules are listed in docs/restoration.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cablegram.spans import Edit

# A comma for an apostrophe. The comma comes first in the pattern so that the engine can skip to it.
_COMMA: Final = re.compile(
    r",(?=[A-Za-z])(?:(?<=[A-Za-z.],)(?P<s>s)(?![A-Za-z,])|(?<=n,)(?P<t>t)(?![A-Za-z])|(?<=[a-z],)(?P<ll>re|ve|ll)(?![A-Za-z])"
    r"|(?<=\b[dDlLO],)(?P<name>[A-Z][a-z])|(?<=\b[dlDL],)(?P<vowel>[aeiou][a-z])|(?<=[QB]a,)(?P<aida>ida|ath)(?![a-z])"
    r"|(?:(?<=[a-z][a-z],)|(?<=\bI,))(?P<d>d)(?![A-Za-z])|(?<=\bI,)(?P<m>m|ve|ll)(?![A-Za-z]))"
)
_PLURAL: Final = re.compile(r",(?<=[a-z]s,) (?=[a-z])")
_LIST_WORDS: Final = frozenset(
    "and or but who which that the a an as in on at by for from to with of nor yet so if when where while whose whom "
    "he she they it we i you his her their its our this these those there is are was were will would could should has "
    "have had not also then however including such even though although because since after before during despite".split()
)
_QUOTED: Final = re.compile(r"&(?P<text>[A-Za-z'][^&]{0,600}?[A-Za-z.,;:!?%)'’-])(?<!\d[.,])8(?![A-Za-z0-9])(?!\.\d)", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z'-]{1,40}")
_Q: Final = re.compile(r"Q(?<=[a-z]Q)s(?![a-z])")
_QUESTION: Final = re.compile(r"\?(?<=[A-Za-z]\?)s(?![A-Za-z])")
_DASH: Final = re.compile(r"\)(?<= \))(?P<second>-)?(?= )")
_DASH_WINDOW: Final = 400

_RULES: Final = {
    "s": ("comma-for-apostrophe", 0.98),
    "t": ("comma-for-apostrophe", 0.98),
    "ll": ("comma-for-apostrophe", 0.95),
    "d": ("comma-for-apostrophe", 0.9),
    "m": ("comma-for-apostrophe", 0.9),
    "name": ("comma-for-apostrophe", 0.9),
    "vowel": ("comma-for-apostrophe", 0.85),
    "aida": ("comma-for-apostrophe", 0.98),
    "plural": ("plural-possessive", 0.2),
}


def _commas(text: str, start: int, end: int, out: list[Edit]) -> None:
    found: list[Edit] = []
    for match in _COMMA.finditer(text, start, end):
        rule, confidence = _RULES[match.lastgroup or "s"]
        at = match.start()
        found.append(Edit((at, at + 1), ",", "'", rule, confidence))
    if not found:
        return
    out += found
    # Only a text that lost its other apostrophes is suspected of having lost these.
    for match in _PLURAL.finditer(text, start, end):
        at = match.start()
        word = _WORD.match(text, at + 2)
        if word is not None and word[0] not in _LIST_WORDS:
            out.append(Edit((at, at + 1), ",", "'", *_RULES["plural"], False))


def _quotations(text: str, start: int, end: int, out: list[Edit]) -> None:
    at = text.find("&", start, end)
    while at >= 0:
        before = text[at - 1 : at] if at > start else " "
        next_at = at + 1
        if before in ' \n("-' and text[at + 1 : at + 2].isalpha():
            match = _QUOTED.match(text, at, end)
            if match is not None and "\n\n" not in match[0] and "\n \n" not in match[0]:
                close = match.end() - 1
                out.append(Edit((at, at + 1), "&", '"', "ampersand-quotation", 0.95))
                out.append(Edit((close, close + 1), "8", '"', "ampersand-quotation", 0.95))
                next_at = match.end()
            else:
                out.append(Edit((at, at + 1), "&", '"', "unpaired-quotation", 0.4, False))
        at = text.find("&", next_at, end)


def _dashes(text: str, start: int, end: int, out: list[Edit]) -> None:
    for match in _DASH.finditer(text, start, end):
        at = match.start()
        low = max(start, at - _DASH_WINDOW)
        opened = text.rfind("(", low, at)
        if opened >= 0 and opened > text.rfind(")", low, at):
            continue
        out.append(Edit((at, match.end()), match[0], "-", "bracket-for-dash", 0.9))


def _simple(sign: str, pattern: re.Pattern[str], rule: str, confidence: float) -> Callable[[str, int, int, list[Edit]], None]:
    def detect(text: str, start: int, end: int, out: list[Edit]) -> None:
        first = text.find(sign, start, end)
        for match in pattern.finditer(text, first, end) if first >= 0 else ():
            out.append(Edit((match.start(), match.start() + 1), sign, "'", rule, confidence))

    return detect


#: Every pattern begins with the damaged character itself, which is found with one fast scan.
_DETECTORS: Final = (
    _commas,
    _quotations,
    _dashes,
    _simple("Q", _Q, "q-for-apostrophe", 0.8),
    _simple("?", _QUESTION, "question-mark-for-apostrophe", 0.8),
)


def find_garbles(text: str, start: int, end: int) -> list[Edit]:
    """Edits for damaged characters in ``text[start:end]``, sorted by span, not overlapping.

    Spans are characters of ``text``. Doubtful ones have ``applied`` false.
    """
    out: list[Edit] = []
    for detect in _DETECTORS:
        detect(text, start, end, out)
    if len(out) > 1:
        out.sort()
        out = _apart(out)
    return out


def _apart(edits: list[Edit]) -> list[Edit]:
    """Without edits that overlap the one before: the earlier one stands."""
    kept: list[Edit] = []
    at = -1
    for edit in edits:
        if edit.span[0] >= at:
            kept.append(edit)
            at = edit.span[1]
    return kept
