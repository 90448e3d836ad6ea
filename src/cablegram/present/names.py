"""The names of people in a text of capitals: what stands behind a title or a first name, there and wherever else it stands."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cablegram.vocabulary.proper import is_abbreviation, is_common, shown, words

_PIECE: Final = re.compile(r"[^\W_]+")
#: Numbers of chapters, popes and kings up to 39; no English word is made of these letters.
_ROMAN: Final = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ARABIC_ARTICLE: Final = frozenset({"AL", "EL", "UL"})
#: Endings of verbs and adverbs: a second word that has one is no surname unless it is known as a name.
_NO_SURNAME: Final = ("ED", "ING", "LY", "TION", "SION", "MENT")
_MOST_WORDS: Final = 2
#: Titles that need no name behind them, with or without their full stop.
_SURE: Final = frozenset({"MR", "MRS", "MS", "DR", "MESSRS"})
#: Initials and particles in one name; more are no name.
_MOST_STEPS: Final = 8


class Piece(NamedTuple):
    """A run of letters and digits: where it begins (characters), the run in capitals, and what stands before it."""

    start: int
    upper: str
    gap: str


def pieces_of(text: str) -> tuple[list[Piece], str]:
    """The pieces of ``text``, and what stands behind the last one."""
    pieces = []
    end = 0
    for match in _PIECE.finditer(text):
        upper = match[0].upper()
        # ß is SS in capitals: such a piece is kept as it is written, for the sake of the offsets.
        pieces.append(Piece(match.start(), upper if len(upper) == len(match[0]) else match[0], text[end : match.start()]))
        end = match.end()
    return pieces, text[end:]


def is_roman(word: str) -> bool:
    """Whether ``word`` (in capitals) is a Roman number of two letters or more."""
    return len(word) > 1 and _ROMAN.fullmatch(word) is not None


def _capitalised(word: str) -> str:
    at = 2 if len(word) > 4 and word.startswith("MC") else 0  # McDonald
    return word[:at].capitalize() + word[at] + word[at + 1 :].lower()


def _is_name(word: str, first: bool, strong: bool) -> bool:
    """Whether ``word`` can be a name behind a title; ``strong`` titles (Mr.) make a name of common words also."""
    if len(word) < 2 or is_roman(word) or not word.isascii() or not word.isalpha() or word in words("small"):
        return False
    if word in words("given"):
        return True
    if shown(word) is not None or word in words("title") or word in words("title?") or word in words("honorific"):
        return False
    if first and (strong or word in words("surname")):
        return True
    if is_common(word) or word in words("calendar?") or (is_abbreviation(word) and not first):
        return False
    return not word.endswith(_NO_SURNAME[:1] if first else _NO_SURNAME)


class _Name(NamedTuple):
    """A name that was read: the piece behind it, how its pieces are shown, and its words that make the name known elsewhere."""

    end: int
    shown: dict[int, str]
    words: set[str]


class _Finder:
    """What was found in the pieces of one text."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.shown: dict[int, str] = {}
        self.names: set[str] = set()

    def _gap(self, number: int) -> str:
        return self.pieces[number].gap if number < len(self.pieces) else ""

    def _upper(self, number: int) -> str:
        return self.pieces[number].upper if 0 <= number < len(self.pieces) else ""

    def _adjoins(self, number: int, stop: bool = False) -> bool:
        """Whether only blanks and at most one line's end stand before the piece ``number``; behind a full stop too if ``stop``."""
        gap = self._gap(number)
        if stop and gap.startswith("."):
            gap = gap[1:] or " "
        return gap.isspace() and gap.count("\n") < 2

    def _is_joined(self, number: int) -> bool:
        """Whether the piece is joined to the one before by a hyphen or an apostrophe, and is no ending ('S)."""
        gap, word = self._gap(number), self._upper(number)
        return word.isalpha() and (gap == "-" or (gap in {"'", "’"} and word not in {"S", "T"}))

    def _read(self, start: int, strong: bool) -> _Name | None:
        """The name that begins with the piece ``start``, or None; ``strong`` as in ``_is_name``."""
        found: list[int] = []
        count, end, number = 0, start, start
        most = _MOST_WORDS + (self._upper(start) in words("given"))
        while count < most and number < min(len(self.pieces), start + _MOST_STEPS):
            word = self._upper(number)
            if number > start and not self._adjoins(number, stop=len(self._upper(number - 1)) == 1):
                break
            if len(word) == 1 and self._gap(number + 1).startswith("."):
                number += 1  # an initial
                continue
            is_prefix = self._is_joined(number + 1) and (word in _ARABIC_ARTICLE or word in {"O", "D"})
            if not is_prefix and word in words("particle"):
                number += 1  # shown in lower case
                continue
            if not is_prefix and not _is_name(word, count == 0, strong):
                break
            found.append(number)
            number += 1
            while self._is_joined(number):
                found.append(number)
                number += 1
            count, end = count + 1, number
        if count == most and self._adjoins(end) and _is_name(self._upper(end), False, False) and self._is_followed(end + 1):
            found.append(end)  # a third name, where a small word or a mark shows its end
            end += 1
        return self._show(found, end) if found else None

    def _show(self, found: list[int], end: int) -> _Name:
        """Al-Hassan, O'Neill, d'Estaing, Qa'ida: how the pieces of a name are shown."""
        name = _Name(end, {}, set())
        for at in found:
            word = self._upper(at)
            inner = self._is_joined(at) and self._gap(at) != "-" and len(self._upper(at - 1)) > 1
            is_elision = word == "D" and self._is_joined(at + 1) and self._gap(at + 1) != "-"
            name.shown[at] = word.lower() if inner or is_elision else _capitalised(word)
            if len(word) > 2 and not inner and not is_common(word):
                name.words.add(word)
        return name

    def _keep(self, name: _Name) -> None:
        self.shown.update(name.shown)
        self.names |= name.words

    def _is_followed(self, end: int) -> bool:
        """Whether what stands behind a name lets it be one: a small word, a verb in the past, or a mark."""
        return not self._adjoins(end) or self._upper(end) in words("small") or self._upper(end).endswith("ED")

    def titles(self) -> None:
        """Find every title with a name behind it, from the end on, since of two titles together the second has the name."""
        for number in range(len(self.pieces) - 1, -1, -1):
            word = self._upper(number)
            if word in words("honorific"):
                sure = word in _SURE or self._gap(number + 1).startswith(".")
                name = self._read(number + 1, sure) if self._adjoins(number + 1, stop=True) else None
                if name is not None:
                    self._keep(name)
                if name is not None or word in _SURE or self._is_title_shown(number + 1):
                    self._show_title(number)
            elif word in words("title") or word in words("title?"):
                self._title(number, doubtful=word in words("title?"))

    def _is_title_shown(self, number: int) -> bool:
        word = self._upper(number)
        return number in self.shown and any(word in words(kind) for kind in ("honorific", "title", "title?"))

    def _title(self, number: int, doubtful: bool) -> None:
        then = number + 1
        led = number > 0 and self._adjoins(number) and self._upper(number - 1) in words("article")
        if not self._adjoins(then) or (led and self._upper(then) not in words("given")):
            return  # THE MINISTER ASKED
        if self._is_title_shown(then) or (self._upper(then) == "AND" and self._is_title_shown(then + 1)):
            self._show_title(number)  # Captain and Mrs. Pfandl
            return
        name = self._read(then, strong=False)
        if name is not None and not (doubtful and not self._is_followed(name.end)):
            self._keep(name)
            self._show_title(number)

    def _show_title(self, number: int) -> None:
        """Capitalise a title and the words that lead up to it: Deputy Foreign Minister."""
        self.shown[number] = _capitalised(self._upper(number))
        number -= 1
        while self._upper(number) in words("office") and number not in self.shown and self._adjoins(number + 1):
            self.shown[number] = _capitalised(self._upper(number))
            number -= 1

    def _is_initials(self, number: int) -> bool:
        """Whether two initials with blanks between (J. R.) begin here, not at a line's beginning, where letters number items."""
        if len(self._upper(number)) != 1:
            return False
        letters = all(len(word) == 1 and word.isalpha() for word in (self._upper(number), self._upper(number + 1)))
        stops = all(gap.startswith(".") and gap[1:].isspace() for gap in (self._gap(number + 1), self._gap(number + 2)))
        return letters and stops and self._gap(number).isspace() and "\n" not in self._gap(number)

    def firsts(self) -> None:
        """A first name, or two initials inside a line, make a surname of the unknown word behind them."""
        for number, piece in enumerate(self.pieces):
            if (piece.upper in words("given") or self._is_initials(number)) and number not in self.shown:
                name = self._read(number, strong=False)
                if name is not None:
                    self._keep(name)

    def everywhere(self) -> dict[int, str]:
        """The pieces shown as names: those found, and the same words elsewhere, unless the text has an article before them."""
        plain = {
            piece.upper
            for number, piece in enumerate(self.pieces)
            if piece.upper in self.names and self._adjoins(number) and self._upper(number - 1) in {"THE", "A", "AN"}
        }
        for number, piece in enumerate(self.pieces):
            if piece.upper in self.names and piece.upper not in plain:
                self.shown.setdefault(number, _capitalised(piece.upper))
            elif piece.upper in _ARABIC_ARTICLE and self._gap(number + 1) == "-" and self._is_joined(number + 1):
                self.shown.setdefault(number, _capitalised(piece.upper))
                self.shown.setdefault(number + 1, _capitalised(self._upper(number + 1)))
        return self.shown


def names_of(pieces: list[Piece]) -> dict[int, str]:
    """The numbers of the pieces that are titles and names of people, each with the form to show. Linear in time."""
    finder = _Finder(pieces)
    finder.titles()
    finder.firsts()
    return finder.everywhere()
