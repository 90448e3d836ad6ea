"""An all-capitals text of the 1970s read in sentence case, character for character, so that every offset stays valid.

Teletypes of the time had capitals only. What is lowered is what the vocabulary and the text itself do not show to be a
name or an abbreviation: nothing is invented, and an unknown name reads in lower case. ``DR. DIETZ`` makes Dietz a name in
the whole text. Paragraphs that have lower case of their own are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cablegram.present.names import Piece, is_roman, names_of, pieces_of
from cablegram.vocabulary.proper import forms, is_abbreviation, lengths, shown, words

#: A text of fewer letters than this says nothing about its case; a paragraph of a mixed text needs more.
_ENOUGH: Final = 12
_ENOUGH_OF_MIXED: Final = 60
#: Garbled characters and inserted lines bring some lower case into texts of capitals.
_NEARLY: Final = 0.9
_PARAGRAPHS: Final = re.compile(r"\n[ \t\r]*(?=\n)")
_ORDINAL: Final = re.compile(r"[0-9]+(?:ST|ND|RD|TH|S|KM|KG|MM|CM)")
_TAGS_LINE: Final = re.compile(r"^[ \t]*(?:TAGS|E\.O\. [0-9]{5}):[^\n]*", re.MULTILINE)
_AFTER_APOSTROPHE: Final = frozenset({"S", "T", "D", "M", "RE", "VE", "LL"})
_IN_MONTH: Final = frozenset(
    {"IN", "LATE", "EARLY", "MID", "SINCE", "UNTIL", "TILL", "LAST", "NEXT", "BY", "DURING", "THROUGH", "OF"}
)
_US_BEFORE: Final = frozenset(
    {"THE", "ANY", "NO", "NEW", "A", "AN", "OTHER", "CURRENT", "PRESENT", "OVERALL", "MAJOR", "IF", "BOTH"}
)
_US_AFTER: Final = frozenset(
    """ACTION AIR AMBASSADOR AND/OR ARMED ARMY ASSISTANCE CITIZEN CITIZENS COMPANY COMPANIES CONGRESS CONSUL CONSULATE DELEGATION DOLLAR
    DOLLARS EMBASSY FIRM FIRMS FORCES FOREIGN GOVERNMENT INTEREST INTERESTS INVESTMENT MILITARY MISSION NATIONAL NATIONALS NAVAL NAVY
    OFFICIAL OFFICIALS PERSONNEL POLICY POSITION PRESENCE PRESS REP REPS SENATE SHIP SHIPS SIDE SUPPORT TRADE TROOPS VESSEL VESSELS""".split()
)
#: What stands before a colon at a paragraph's head, up to this many words, is its heading: a sentence begins behind it.
_HEADING: Final = 3
_OPENERS: Final = frozenset('"“«')
_CLOSERS: Final = "\"')]”’»"
_BULLETS: Final = frozenset("-*•")
_LATIN: Final = frozenset({"IE", "EG"})
_CLOSING: Final = frozenset(".:;,")
_MONTHS: Final = frozenset("JAN FEB MAR APR JUN JUL AUG SEP SEPT OCT NOV DEC".split())


class _Share(NamedTuple):
    letters: int
    capitals: int

    def is_caps(self, enough: int) -> bool:
        return self.letters >= enough and self.capitals >= _NEARLY * self.letters


def _share(text: str) -> _Share:
    upper = sum(map(str.isupper, text))
    return _Share(upper + sum(map(str.islower, text)), upper)


def is_all_caps(text: str) -> bool:
    """Whether ``text`` has at least twelve letters that have a case and nine in ten of them are capitals."""
    return _share(text).is_caps(_ENOUGH)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where capitals are to be read in sentence case: all of a text of capitals, else its long paragraphs of capitals."""
    whole = _share(text).is_caps(1)
    kept = [match.span() for match in _TAGS_LINE.finditer(text)]
    start = nth = 0
    for end in [*(match.end() for match in _PARAGRAPHS.finditer(text)), len(text)]:
        is_read = _share(text[start:end]).is_caps(1 if whole else _ENOUGH_OF_MIXED)
        while nth < len(kept) and kept[nth][0] < end:
            if is_read:
                yield start, kept[nth][0]
            start = kept[nth][1]
            nth += 1
        if is_read:
            yield start, end
        start = end


def _lower(text: str) -> str:
    """``text`` in lower case, but for letters whose lower case is longer or does not lead back (İ)."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := char.lower()) == 1 and low.upper() == char.upper() else char for char in text)


def _ends_sentence(piece: Piece, before: Piece | None, gap: str, then: str) -> bool:
    """Whether a sentence ends in ``gap``, between ``piece`` and the word ``then``; a stop behind an abbreviation is none."""
    at = max(gap.rfind(mark) for mark in ".!?")
    if at < 0 or not gap[at + 1 :].lstrip(_CLOSERS)[:1].isspace():
        return False
    if gap[at] != "." or at > 0:  # the stop stands behind a quotation mark or a bracket, which no abbreviation has
        return gap[max(0, at - 1) : at + 1] != ".."
    word = piece.upper
    if word in words("honorific"):
        return False
    pointed = piece.gap in {"'", "’"} or (before is not None and before.upper in words("pointer"))  # THE SHIP'S. REF A.
    if before is not None and piece.gap == "." and before.upper + word in _LATIN:
        return False
    initial = len(word) == 1 and word.isalpha() and not pointed
    if initial or word in words("lower") or word in words("abbreviation") or word in _MONTHS:
        return then in words("starter")
    return True


def _starts_line(gap: str, first: bool) -> bool:
    """Whether the piece behind ``gap`` is the first of its line, a bracket before it at most."""
    return (first or "\n" in gap) and gap.rpartition("\n")[2].strip(" \t(") == ""


def _sentence_starts(pieces: list[Piece]) -> Iterator[bool]:
    """For every piece, whether a sentence or an item of a list begins with it."""
    pending, heading = True, 0
    for number, piece in enumerate(pieces):
        yield pending
        if number + 1 == len(pieces):
            return
        then = pieces[number + 1]
        gap, before = then.gap, pieces[number - 1] if number else None
        is_marker = (
            _starts_line(piece.gap, number == 0)
            and gap[:1] in {".", ")"}
            and gap[1:2].isspace()
            and (len(piece.upper) == 1 or (piece.upper.isdigit() and len(piece.upper) < 4) or is_roman(piece.upper))
        )
        in_brackets = pending and piece.gap.endswith("(") and gap.startswith(")")
        lines = gap.split("\n")
        is_item = len(lines) > 1 and lines[-1].lstrip()[:1] in _BULLETS and lines[0].strip()[-1:] in _CLOSING
        starts_block = is_marker or in_brackets or is_item or len(lines) > 2
        heading = 0 if starts_block else heading + 1
        pending = (
            starts_block
            or (gap.startswith(":") and (heading <= _HEADING or piece.upper in words("label") or gap.rstrip()[-1] in _OPENERS))
            or _ends_sentence(piece, before, gap, then.upper)
        )


def _upper(pieces: list[Piece], number: int) -> str:
    """The piece of that number in capitals; empty where there is none."""
    return pieces[number].upper if 0 <= number < len(pieces) else ""


def _is_dotted(pieces: list[Piece], number: int, after: str) -> bool:
    """Whether a letter belongs to i.e. or e.g., or to the a.m. or p.m. behind a number."""
    first = number if after == "." else number - 1
    pair = _upper(pieces, first) + _upper(pieces, first + 1)
    if first < 0 or (first != number and pieces[number].gap != "."):
        return False
    return pair in _LATIN or (pair in {"AM", "PM"} and not _upper(pieces, first - 1).isalpha())


def _single_letter(pieces: list[Piece], number: int, after: str) -> str:
    """One letter alone: I and initials stay, the article A is lowered; ``after`` is the gap behind it."""
    word, before, then = (_upper(pieces, at) for at in (number, number - 1, number + 1))
    if after in {"'", "’"} and word in {"D", "L", "O"} and then:  # d'affaires, o'clock, but O'Neill
        return word if word == "O" and then != "CLOCK" else _lower(word)
    if (word == "W" and after == "/" and len(then) > 2) or _is_dotted(pieces, number, after):
        return _lower(word)  # w/mast
    if word != "A" or before in words("pointer") or (before in {"AND", "OR"} and len(_upper(pieces, number - 2)) == 1):
        return word
    spaced = (len(before) == 1 and before.isalpha()) or (len(then) == 1 and then.isalpha())  # S E C R E T
    is_word = after[:1].isspace() and then != "" and not spaced and pieces[number].gap[-1:] not in {"/", "-", ".", "&"}
    return "a" if is_word else "A"


def _in_context(pieces: list[Piece], number: int) -> str | None:
    """The words that are names or not by what stands around them: MAY, MARCH, US, GOT. None for every other word."""
    word, before, then = (_upper(pieces, at) for at in (number, number - 1, number + 1))
    gap = pieces[number + 1].gap if then else ""
    if word in words("calendar?"):
        return word.capitalize() if before.isdigit() or then.isdigit() or before in _IN_MONTH else word.lower()
    if word == "US":
        return word if gap in {"-", "/"} or before in _US_BEFORE or then in _US_AFTER else None
    if word == "GOT" and before == "THE":
        return word
    if word == "STATE" and gap.isspace() and then.isdigit() and len(then) > 2:
        return "State"  # a message of the Department's
    return None


def _phrases(pieces: list[Piece]) -> dict[int, str]:
    """The pieces of known names of several words, as shown; between the words stand blanks, a hyphen or an apostrophe."""
    out: dict[int, str] = {}
    number = 0
    while number < len(pieces):
        step = 1
        for length in lengths(pieces[number].upper):
            if length > 1 and number + length <= len(pieces):
                run = pieces[number : number + length]
                known = forms().get(tuple(piece.upper for piece in run))
                if known is not None and all(piece.gap.strip(" \t\r\n-'’.") == "" and piece.gap != ". " for piece in run[1:]):
                    out.update(zip(range(number, number + length), known, strict=True))
                    step = length
                    break
        number += step
    return out


def _plain(pieces: list[Piece], number: int, after: str) -> str:
    """How a piece that is in no name and no phrase is shown inside a sentence."""
    word, before, then = (_upper(pieces, at) for at in (number, number - 1, number + 1))
    if not word.isalpha():
        return _lower(word) if _ORDINAL.fullmatch(word) else word
    if before and pieces[number].gap in {"'", "’"}:
        if before == "O" and len(word) > 2 and word != "CLOCK":
            return word[0] + _lower(word[1:])
        if word in _AFTER_APOSTROPHE or len(before) > 1:
            return _lower(word)  # the ship's, Qa'ida
    if len(word) == 1:
        return _single_letter(pieces, number, after)
    if (found := _in_context(pieces, number)) is not None or (found := shown(word)) is not None:
        return found
    designation = len(word) < 4 and after == "-" and then.isdigit() and word not in {"MID", "PRE", "NON"}  # DC-10
    return word if designation or is_abbreviation(word) or is_roman(word) else _lower(word)


def sentence_case(text: str) -> str:
    """``text`` in sentence case: of the same length, the same letters, and capitals only where it had capitals.

    Only stretches of capitals are read; a word with a lower-case letter is left as it is. Linear in time; raises nothing.
    """
    pieces, last = pieces_of(text)
    names = names_of(pieces)
    phrases = _phrases(pieces)
    out: list[str] = list(text)
    stretches = _stretches(text)
    start, end, is_first = 0, 0, False
    for number, (piece, starts) in enumerate(zip(pieces, _sentence_starts(pieces), strict=True)):
        while end <= piece.start:
            start, end = next(stretches, (len(text), len(text)))
            is_first = True  # also behind a line of TAGS, which has no stop
        original = text[piece.start : piece.start + len(piece.upper)]
        if piece.start < start:
            continue
        starts, is_first = starts or is_first, False
        if any(map(str.islower, original)):
            continue
        after = pieces[number + 1].gap if number + 1 < len(pieces) else last
        form = names.get(number) or phrases.get(number) or _plain(pieces, number, after)
        if starts and form.islower():
            form = original[0] + form[1:]
        if len(form) == len(original):
            out[piece.start : piece.start + len(original)] = form
    return "".join(out)
