"""What the running text cites without a number that can be taken: damaged, told by sender and day, or no cable. Told, never resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from cablegram.interpret.messages import in_capitals, is_message, name_before
from cablegram.interpret.refs import POUCH, read_references
from cablegram.interpret.senders import Citing, post_before
from cablegram.telegram.preamble import Field

#: ``start``, ``end``, the words, how (as in a mention), the reason why it is not resolved.
Doubt = tuple[int, int, str, str, str]

#: A number in which letters stand for digits, or of which one is lost; two digits at least are whole. In front stands no letter that
#: numbers of other things begin with: an aircraft is a B747.
_DAMAGED: Final = re.compile(
    r"(?<![\w./?|-])(?=[\dOQIl|?][\dOQIlLSBZ|?]{3,5}(?![\w/?|-]))(?:[OQIlLSBZ|?]{0,3}\d){2}[\dOQIlLSBZ|?]{0,4}"
)
_WHOLE: Final = re.compile(r"\d+$")
_MONTH: Final = r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)"
#: ``... TELEGRAM OF MARCH 3``, ``CABLE DATED 12 MAY 1976``.
_OF_A_DAY: Final = re.compile(
    rf"\b(?:TEL|TELEGRAM|CABLE|MESSAGE)\s(?P<of>OF|DATED)\s{{1,2}}(?:{_MONTH}\.?\s\d{{1,2}}|\d{{1,2}}\s{_MONTH})\b(?:,?\s(?:19|20)\d\d\b)?",
    re.IGNORECASE,
)
#: The number of an airgram or a despatch behind the name of its post.
_POUCHED: Final = re.compile(r"\b(?:A-\s?\d{1,4}|(?:AIRGRAM|DESPATCH)(?:\s(?:NO\.\s?)?(?:A-)?\d{1,4})?)\b(?![-/.]\d)")
_LONGEST: Final = 60
#: Places of a kind in one paragraph that are looked at: no telegram has more.
_MOST: Final = 5_000


def doubtful(text: str, citing: Citing) -> Iterator[Doubt]:
    """Every such place in a paragraph's ``text``, kind by kind."""
    yield from _damaged(text, citing)
    for found in islice(_OF_A_DAY.finditer(text), _MOST):
        named = post_before(text, max(0, found.start() - _LONGEST), found.start("of"), citing)
        if named is not None:
            yield _told(text, named[1], found.end(), "day", "told by its sender and day, not by a number")
    for found in islice(_POUCHED.finditer(text), _MOST):
        named = post_before(text, max(0, found.start() - _LONGEST), found.start(), citing)
        if named is not None and POUCH.match(text, named[1]) is not None:
            yield _told(text, named[1], found.end(), "number", "went by pouch, as airgrams and despatches did: no cable")


def _damaged(text: str, citing: Citing) -> Iterator[Doubt]:
    capitals: bool | None = None
    for found in islice(_DAMAGED.finditer(text), _MOST):
        start, end = found.span()
        if _WHOLE.match(found[0]):
            continue
        name = name_before(text, 0, start, citing)
        if name is None:
            continue
        capitals = in_capitals(text) if capitals is None else capitals
        begin, year, words, blank = name
        field = Field(0)
        field.pieces.append((text[begin:end], 0))
        edits = read_references(field, text[begin:end], citing).damaged
        # As the whole number would be judged: what could be a place and a plain number is no more a message for being damaged.
        digits = edits[0].replacement.rpartition(" ")[2] if edits else found[0].replace("?", "0")
        if is_message(text, begin, digits, end, year, words, blank, citing, capitals):
            reason = f"a damaged number; it may be {edits[0].replacement}" if edits else "a digit of its number is lost"
            yield _told(text, begin, end, "number", reason)


def _told(text: str, start: int, end: int, how: str, reason: str) -> Doubt:
    return start, end, " ".join(text[start:end].split()), how, reason
