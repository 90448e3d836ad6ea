"""Words as the index knows them, and as people type them; the same rules for both sides.

A word is a run of letters and digits in lower case, without accents. Before that:

- ``Iran's`` is ``iran``; ``Sana'a`` is ``sanaa``; ``O'Neill`` is ``oneill``;
- initials are one word: ``A.Q. Khan`` is ``aq khan``, ``U.S.`` is ``us``;
- spaced letters are the word that they spell: ``S E C R E T`` is ``secret``;
- a run of four or more X, which a publisher put in place of a text, is one word, ``xxxx``, however long.

``F-16`` and ``9/11`` are two words that stand together; so that ``F16`` finds the first too, the joined form of hyphened
words is kept beside the text (:func:`joined`).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

#: Longer runs of letters and digits are no words (bytes, without accents).
LONGEST: Final = 100
#: The analyzers that the index's fields name: for texts as :func:`plain_words` gives them, and for what :func:`flat` gives.
ANALYZER: Final = "cable"
FLAT: Final = "flat"
REDACTED: Final = "xxxx"

#: One look over the text for all three. It begins with a set of characters, which the pattern engine skips to quickly.
_WRITTEN_APART: Final = re.compile(
    r"['’‘ʼ´`A-Z](?:"
    r"(?<=[A-Z])(?:\.(?: ?[A-Z]\.)+|\.[A-Z](?:\.[A-Z])*(?![^\W_])| [A-Z](?: [A-Z])+(?![^\W_]))"
    r"|(?<![A-Z])(?:[sS](?![^\W_])|(?=[^\W_])))"
)
#: ASCII for a quick look whether there is anything written apart: capitals, other letters and digits, full stops, apostrophes, the rest as blanks.
_KINDS: Final = bytes(
    ord("A" if c.isupper() else "a" if c.isalnum() else {".": ".", "'": "'", "`": "'"}.get(c, " ")) for c in map(chr, range(128))
).ljust(256)
#: All that is no letter or digit of ASCII, as blanks.
_BLANKS: Final = bytes(c if chr(c).isalnum() else 32 for c in range(128)).ljust(256)
_REDACTION: Final = re.compile(r"[Xx]{4,}")
_NOT_LETTER: Final = re.compile(r"[ .]")
_HYPHEN: Final = re.compile(r"-(?=[^\W_])")
_PART: Final = re.compile(r"[^\W_]{1,40}")
_LONGEST_PART: Final = 40
_LATIN: Final = {
    code: bare for code in range(0xC0, 0x250)
    if len(bare := "".join(c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c))) == 1 and bare.isascii()
}  # fmt: skip


def _together(match: re.Match[str]) -> str:
    """Nothing for an apostrophe; initials and spaced letters without blanks and full stops, if they do not go on from a word."""
    found = match[0]
    if not "A" <= found[0] <= "Z":
        return ""
    start = match.start()
    if start and match.string[start - 1].isalnum():
        return found
    return _NOT_LETTER.sub("", found)


def plain_words(text: str) -> str:
    """``text`` with apostrophes, initials, spaced letters and redactions written as the index has them."""
    if _may_be_apart(text):
        text = _WRITTEN_APART.sub(_together, text)
    return _REDACTION.sub(REDACTED, text) if "XXXX" in text or "xxxx" in text else text


def _may_be_apart(text: str) -> bool:
    if not text.isascii():
        return True
    # The pattern looks at each capital letter, which are all letters of an old telegram; most paragraphs have nothing for it.
    kinds = text.encode().translate(_KINDS)
    return (
        b"'" in kinds or b"A.A" in kinds or b"A. A." in kinds
        or b"A A A " in kinds or b"A A A." in kinds or kinds.endswith(b"A A A")
    )  # fmt: skip


def flat(text: str) -> bytes:
    """The words of ``text`` as the index has them (UTF-8), with blanks between them; also those that are too long for it, which leave a gap there."""
    text = plain_words(text)
    if text.isascii():
        return text.encode().lower().translate(_BLANKS)
    return " ".join(_folding(sys.maxsize).analyze(text)).encode()


def joined(text: str) -> list[str]:
    """The hyphened words of ``text`` without their hyphens: ``F-16`` gives ``F16``."""
    out: list[str] = []
    behind = 0
    for match in _HYPHEN.finditer(text):
        at = match.start()
        if at < behind:
            continue
        start = at
        while start > 0 and at - start < _LONGEST_PART and text[start - 1].isalnum():
            start -= 1
        if start == at:
            continue
        word, end = text[start:at], at
        while end < len(text) and text[end] == "-" and (part := _PART.match(text, end + 1)):
            word, end = word + part[0], part.end()
        out.append(word)
        behind = end
    return out


def fold(text: str) -> str:
    """``text`` in lower case and without accents, character for character: offsets stay."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := c.lower()) == 1 else c for c in text.translate(_LATIN))


def analyzer() -> TextAnalyzer:
    """The index's own analyzer, for texts that :func:`plain_words` has gone over."""
    return _folding(LONGEST)


@cache
def _folding(longest: int) -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold())
    return builder.filter(Filter.remove_long(longest)).build()


@cache
def flat_analyzer() -> TextAnalyzer:
    """The index's analyzer for what :func:`flat` gives."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.remove_long(LONGEST)).build()


def words_of(text: str) -> list[str]:
    """The words of ``text``, as the index has them."""
    return analyzer().analyze(plain_words(text))
