"""Which words of a text are a name, and which of them a protection mark protects. Every look is at most some hundred characters long."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from cablegram.spans import Span
from cablegram.vocabulary import proper

#: A word; the possessive s is no part of it.
WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]{2,40})?")
#: What may stand between two words of one name; a full stop only behind an initial or an abbreviation.
_JOINT: Final = re.compile(r"(?P<stop>\.)?(?:-|[ \t]{0,8}\r?\n?[ \t]{0,8})")
#: So far back from a mark its name is looked for.
REACH: Final = 400
_BOUNDARY: Final = re.compile(r"[!?][\"')\]]{0,3}\s|\n[ \t]{0,8}\n|[;:()\[\]\"“”¶]|--|[xX]{4,}|(?P<stop>\.)[\"')\]]{0,3}\s")
_BODY_BEFORE: Final = re.compile(r"\b(?:of|at|in|for)(?:\s+(?:the|his|her|its|our))?(?:\s+[\w.-]{1,24}['’]s)?\s*$", re.IGNORECASE)
_APPOSITION: Final = re.compile(r"\s*(?:,|\b(?:of|at|from|in)\b)", re.IGNORECASE)
#: Words that end a description: what stands before them is another part of the sentence.
_TURNS: Final = frozenset(
    "said says told tells met meets saw noted added asked believes believed claimed commented confirmed confirms explained heard"
    " reported reports replied stated stressed described according that when while where if but because are is was were has have had".split()
)
#: What is not there any more: a run of X, or a mark of ours.
_REDACTION: Final = re.compile(r"[xX]{4,}|\[(?:protected name|private person)\]")
_PRONOUNS: Final = frozenset("i he she it we they him her them us his hers who whom again please pls".split())
_DETERMINERS: Final = frozenset("a an the his her its our their one another this that".split())
_LEADING: Final = frozenset("to by from with on at in of and or also as for through via".split())


class Word(NamedTuple):
    """A word and where it stands."""

    text: str
    start: int
    end: int


class Named(NamedTuple):
    """What a mark protects: the place of the words, the words that later mentions are known by, the rule and how sure it is."""

    span: Span
    words: tuple[str, ...]
    rule: str
    confidence: float


@cache
def titles() -> frozenset[str]:
    """Words that stand before a name, in capitals."""
    return frozenset().union(*(proper.words(kind) for kind in ("honorific", "title", "title?", "office"))) | {"FNU", "LNU"}


@cache
def _no_person() -> frozenset[str]:
    kinds = ("acronym", "body", "calendar", "nation", "place", "faith", "shorthand", "small", "abbreviation")
    # Of bodies of several words (Coast Guard) each word.
    return titles() | {word for kind in kinds for entry in proper.words(kind) for word in entry.split()}


def is_personal(word: str) -> bool:
    """Whether ``word`` can be of a person's own name: no title, nation, body, month or initial."""
    return len(word) > 1 and word.upper() not in _no_person()


def in_capitals(text: str, start: int, end: int) -> bool:
    """Whether there is no small letter around a place."""
    return text[max(0, start - 40) : end + 40].upper() == text[max(0, start - 40) : end + 40]


def words_in(text: str, start: int, end: int) -> list[Word]:
    """The words between two places."""
    return [Word(m[0], m.start(), m.end()) for m in WORD.finditer(text, start, end)]


def _looks_like_name(word: Word, capitals: bool, first: bool) -> bool:
    upper = word.text.upper()
    if upper in titles():
        return capitals or word.text[0].isupper()
    if upper in proper.words("small"):
        return False
    if capitals:
        return len(upper) == 1 or not proper.is_common(upper)
    return word.text[0].isupper() and not (first and (proper.is_common(upper) or upper in proper.words("starter")))


def _joined(text: str, one: Word, other: Word) -> bool:
    found = _JOINT.fullmatch(text, one.end, other.start)
    if found is None or not other.start > one.end:
        return False
    return found["stop"] is None or len(one.text) == 1 or one.text.upper() in proper.words("honorific")


def runs_in(text: str, start: int, end: int) -> list[list[Word]]:
    """The runs of words between two places that can be names, titles with them."""
    words = words_in(text, start, end)
    capitals = in_capitals(text, start, end)
    particles = proper.words("particle")
    out: list[list[Word]] = []
    run: list[Word] = []
    waiting: list[Word] = []
    for n, word in enumerate(words):
        held = waiting or run
        if held and not _joined(text, held[-1], word):
            if run:
                out.append(run)
            run, waiting = [], []
        if word.text.upper() in particles and len(waiting) < 3 and not (capitals and word.text.upper() in ("DI", "LE")):
            waiting.append(word)
        elif _looks_like_name(word, capitals, n == 0):
            run = [*run, *waiting, word]
            waiting = []
        else:
            if run:
                out.append(run)
            run, waiting = [], []
    if run:
        out.append(run)
    return out


def _is_sign(word: Word) -> bool:
    """Whether a word shows that a run is a person's name: a first name, or a title that no office is called by."""
    upper = word.text.upper()
    return any(upper in proper.words(kind) for kind in ("given", "honorific", "title"))


def _is_noun(text: str, run: list[Word], begin: int) -> bool:
    """Whether a lone word of a text in capitals is rather a noun that no table has: an article or another common word is right before it."""
    if len(run) > 1 or not in_capitals(text, run[0].start, run[0].end):
        return False
    before = words_in(text, begin, run[0].start)
    if not before or text[before[-1].end : run[0].start].strip():
        return False
    upper = before[-1].text.upper()
    return (
        upper in proper.words("article")
        or upper.lower() in _DETERMINERS
        or (upper not in proper.words("small") and upper not in titles() and upper.lower() not in _TURNS)
    )


def own_words(run: list[Word]) -> tuple[str, ...]:
    """The words of a run by which its person is known: what stands behind the last word of an office (``Country Manager Omar Paz``)."""
    first = 0
    for n, word in enumerate(run[:-1]):
        upper = word.text.upper()
        if upper not in proper.words("given") and (upper in titles() or proper.is_common(upper)):
            first = n + 1
    particles = proper.words("particle")
    return tuple(word.text for word in run[first:] if is_personal(word.text) and word.text.upper() not in particles)


def boundary_before(text: str, at: int) -> int:
    """Where the part of the sentence begins that ends at ``at``."""
    low = max(0, at - REACH)
    begin = low
    for found in _BOUNDARY.finditer(text, low, at):
        if found["stop"] is not None:
            before = WORD.findall(text, max(low, found.start() - 40), found.start())
            behind = text[found.start() - 1 : found.start()]
            if before and behind.isalpha() and (len(before[-1]) == 1 or before[-1].upper() in proper.words("honorific")):
                continue
        begin = found.end()
    return begin


def is_redacted(text: str, at: int) -> bool:
    """Whether the name that a mark at ``at`` protects is a run of X, with or without a description behind it."""
    runs = list(_REDACTION.finditer(text, max(0, at - REACH), at))
    if not runs or boundary_before(text, at) > runs[-1].end():
        return False
    run = runs[-1]
    between = text[run.end() : at]
    if _TURNS.intersection(word.text.lower() for word in words_in(text, run.end(), at)):
        return False
    return not between.strip(" \t\r\n,'’sS") or _APPOSITION.match(between) is not None


def name_before(text: str, at: int) -> Named | None:
    """What a mark at ``at`` protects, of the words before it; None where there are none that can be a name or a description."""
    begin = boundary_before(text, at)
    end = at - len(text[begin:at]) + len(text[begin:at].rstrip(" \t\r\n,'’\"-"))
    if begin >= end:
        return None
    runs = [run for run in runs_in(text, begin, end) if not _is_noun(text, run, begin)]
    direct = bool(runs) and runs[-1][-1].end >= end - 2 and not text[runs[-1][-1].end : end].strip("'’sS")
    body = direct and _BODY_BEFORE.search(text, begin, runs[-1][0].start) is not None
    if direct and not body and own_words(runs[-1]):
        return Named((runs[-1][0].start, end), own_words(runs[-1]), "name-before-mark", 0.95)
    found = _described(text, begin, end, runs[:-1] if direct else runs)
    if found is not None:
        return found
    if direct and own_words(runs[-1]) and any(_is_sign(word) for word in runs[-1]):
        return Named((runs[-1][0].start, end), own_words(runs[-1]), "name-before-mark", 0.8)
    return _back_to_boundary(text, begin, end)


def _described(text: str, begin: int, end: int, runs: list[list[Word]]) -> Named | None:
    """A name with its description behind it: ``Ann Lee, a clerk of the Land Office (protect)``."""
    for run in reversed(runs):
        between = [word.text.lower() for word in words_in(text, run[-1].end, end)]
        if _TURNS.intersection(between):
            return None
        if not own_words(run) or _APPOSITION.match(text, run[-1].end) is None:
            continue
        if _BODY_BEFORE.search(text, begin, run[0].start) is None:
            return Named((run[0].start, end), own_words(run), "name-with-description", 0.85)
    return None


def _back_to_boundary(text: str, begin: int, end: int) -> Named | None:
    """No name: all words back to a boundary are masked, as a description may tell who it is."""
    words = words_in(text, begin, end)
    for n in range(len(words) - 1, -1, -1):
        if words[n].text.lower() in _TURNS:
            words = words[n + 1 :]
            break
    while words and words[0].text.lower() in _LEADING:
        words = words[1:]
    if all(word.text.lower() in _PRONOUNS for word in words):
        return None
    return Named((words[0].start, end), (), "words-back-to-boundary", 0.5)


def name_behind(text: str, at: int) -> Named | None:
    """The name that begins right behind a mark which ends at ``at``."""
    end = min(len(text), at + 120)
    for run in runs_in(text, at, end):
        if text[at : run[0].start].strip(" \t\r\n,:-") or not own_words(run):
            return None
        return Named((run[0].start, run[-1].end), own_words(run), "name-behind-mark", 0.6)
    return None


def person_before(text: str, at: int) -> Named | None:
    """The nearest person's name of two words or more before ``at``, in this sentence or one of the two before it."""
    stop = at
    for _ in range(3):
        begin = boundary_before(text, stop)
        for run in reversed(runs_in(text, begin, stop)):
            if len(own_words(run)) >= 2 and _BODY_BEFORE.search(text, begin, run[0].start) is None:
                return Named((run[0].start, run[-1].end), own_words(run), "consular-case", 0.8)
        stop = begin - 1
        if stop <= 0 or at - stop > REACH:
            return None
    return None
