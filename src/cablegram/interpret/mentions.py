"""References in the running text: by label (``ref B``, ``reftel``) and by number (``STATE 12345``), each with the cable that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from cablegram.cable import Cable
from cablegram.interpret.refs import SERVICE, WORD_FOR_IT, Citing, read_references, sender
from cablegram.record import Reference
from cablegram.telegram.preamble import Field
from cablegram.vocabulary.posts import last_words

#: Mentions in one cable: no telegram has more.
_MOST: Final = 2_000

_LIST: Final = r"\(?[A-Za-z]\)?(?![A-Za-z'’])"
#: Where a label may be. Looked for first: the pattern of labels, tried at every character, would take longer than all else.
_REF: Final = re.compile(r"[Rr][Ee][Ff]|[Ss][Ee][Pp][Tt][Ee][Ll]")
#: ``ref A``, ``refs (a) and (b)``, ``Refs A-C``, ``reftel``, ``Reftels A, B`` (5 FAH-1 H-221: references are cited by their letters).
_LABELLED: Final = re.compile(
    r"(?<![A-Za-z-])(?P<word>ref(?:erence)?(?P<tel>tel)?(?P<many>s)?|septels?)\b\.?"
    rf"(?P<labels>\s{{0,2}}{_LIST}(?:\s{{0,2}}(?:,\s?(?:and|or|&)|,|/|&|-|–|and|or|to|thru|through)\s{{0,2}}{_LIST})*)?",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(
    r"(?P<range>-|–|\bto\b|\bthru\b|\bthrough\b)?\s{0,2}\(?(?<![A-Za-z])(?P<letter>[A-Za-z])(?![A-Za-z])", re.IGNORECASE
)
#: A letter that is rather the article: ``reftel a few days ago``.
_ARTICLE: Final = re.compile(r"\s?[Aa]\s(?!and\b|or\b|para|of\b|AND\b|OR\b|PARA|OF\b|at\b|is\b|was\b|which\b)[A-Za-z]")
#: A number behind a word: what every message number begins with. Digits come first, so that the rest of a text is passed over at once.
_DIGITS: Final = re.compile(r"[0-9](?<=[A-Za-z.'’#\s][0-9])[0-9]{1,5}(?![\w-]|[.,/][0-9])")
#: What stands before it: ``STATE``, ``08 LA PAZ``, ``07LIMA``, ``KABUL NO.``. Which words are a post the vocabulary says.
_NAME: Final = re.compile(
    r"(?<![\w./#-])(?P<year>(?:(?:19|20)\d\d|\d\d)\s{0,2})?(?P<words>[A-Z][A-Za-z.'’-]*(?:\s{1,2}[A-Z][A-Za-z.'’-]*){0,3}?)"
    r"(?P<blank>\s{0,3})(?:#|NO\.\s?)?$",
    re.IGNORECASE,
)
#: Longest name of a post with its year (characters).
_NAME_LENGTH: Final = 60
_SIGNS: Final = frozenset(("#", "NO.", "No.", "no."))
_WORDS_FOR_IT: Final = frozenset(("TEL", "TELEGRAM", "CABLE", "MESSAGE", "MSG", "Tel", "tel", "telegram", "cable", "message"))
_AFTER: Final = re.compile(r"\s?\((?:NOTAL|EXDIS|NODIS|LIMDIS|STADIS|NOFORN|\d\d)\)", re.IGNORECASE)
_WORD: Final = re.compile(r"\S+")
_ALSO: Final = re.compile(r"(?:\s{0,2},\s{0,2}(?:and\s)?|\s(?:and|&)\s|/)\d{3,6}(?=\s{0,2}(?:$|[,;.)(]|and\b))", re.IGNORECASE)
_PLACE_BEFORE: Final = re.compile(r"(?:\(|\bsee|\bref|\bper|\bin|\bcable|\btelegram|\bmessage)[\s:]{0,2}$", re.IGNORECASE)
#: An itinerary: ``ARRIVE VIENNA 0910``.
_TIME_BEFORE: Final = re.compile(r"\b(?:ARR(?:IVE[SD]?)?|DEP(?:ART(?:S|ED)?)?|LEAVE[S]?|LV|AR|ETA|ETD)[\s:]{1,2}$", re.IGNORECASE)
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d$")
_TIME_AFTER: Final = re.compile(r"\s?(?:HOURS|HRS|LOCAL|GMT|EST|EDT)\b", re.IGNORECASE)
_ENDS: Final = re.compile(r"\s{0,2}(?:$|[),.;:(]|and\b|para|subject\b)", re.IGNORECASE)
#: Numbers that are rather years; in capitals within a text that is not, only those about the citing year.
_YEARS: Final = range(1900, 2051)
_RECENT: Final = 15


class Mention(NamedTuple):
    """One place where a cable cites: ``cable`` (canonical id; None where it cannot be told), the words ``raw``, the ``paragraph``'s
    number or label (None on the REF line), the ``label`` and ``title`` that the REF line gives, ``year_source`` as in the record,
    ``how``: ``ref line``, ``label`` or ``number``, and for an unresolved one ``reason``. ``place`` counts the paragraphs from 0."""

    cable: str | None
    raw: str
    paragraph: int | str | None
    label: str | None
    title: str | None
    year_source: str | None
    how: str
    reason: str | None = None
    place: int | None = None


def citing_of(cable: Cable) -> Citing:
    """What the reader's rule for the years of references asks of the citing cable."""
    year = int(cable.created[:4]) if cable.created is not None else None
    return Citing(year, cable.origin.post if cable.origin is not None else None, cable.serial)


def mentions(cable: Cable) -> list[Mention]:
    """Every place where ``cable`` cites, the REF line first, then its paragraphs from top to bottom."""
    return [*(_item(r, " ".join(r.raw.split()), "ref line") for r in cable.references), *in_text(cable)]


def in_text(cable: Cable) -> Iterator[Mention]:
    """Every place in the paragraphs of ``cable`` where it cites, from top to bottom."""
    citing, left = citing_of(cable), max(0, _MOST - len(cable.references))
    for n, p in enumerate(cable.paragraphs):
        found = [*islice(_labelled(p.text, cable.references), left), *islice(_named(p.text, citing), left)]
        left = max(0, left - len(found))
        found.sort(key=lambda one: one[0])
        place: int | str | None = p.number if p.number is not None else p.label
        yield from (mention._replace(paragraph=place, place=n) for _, mention in found)


def edges(cable: Cable) -> list[tuple[int, str, str, str | None]]:
    """The cables that the paragraphs cite: place of the paragraph, cable, how, whence its year is; each once a paragraph.

    What :func:`in_text` gives, but for what is not resolved; made for every cable that is put into an archive, so without the words.
    """
    text, references = cable.text or "", cable.references
    out: dict[tuple[int, str], tuple[str, str | None]] = {}
    if _has_label(text) and any(r.cable for r in references):
        for n, p in enumerate(cable.paragraphs):
            said = p.text
            for found in _labels(said) if _has_label(said) else ():
                for letter in _asked(said, found)[0]:
                    for r in _meant(references, letter, found["many"] is not None):
                        if r.cable is not None and len(out) < _MOST:
                            out[n, r.cable] = ("label", r.year_source)
    # Looked for in the whole text at once: most texts name no other telegram, and are done with.
    if any(_may_be_post(text, number.start()) for number in _DIGITS.finditer(text)):
        citing = citing_of(cable)
        for n, p in enumerate(cable.paragraphs):
            for _, one in islice(_named(p.text, citing), _MOST):
                if one.cable is not None and len(out) < _MOST:
                    out.setdefault((n, one.cable), (one.how, one.year_source))
    return [(*key, *value) for key, value in out.items()]


def _has_label(text: str) -> bool:
    """Whether a label may be in ``text``; the words are spelled out, as a loop over them would take longer than the search."""
    return "ref" in text or "Ref" in text or "REF" in text or "eptel" in text or "EPTEL" in text


def _item(r: Reference, raw: str, how: str) -> Mention:
    """An item of the REF line, cited there or by its label."""
    return Mention(r.cable, raw, None, r.label, r.title, r.year_source, how, None if r.cable else f"kind: {r.kind}")


def _letters(text: str) -> list[str]:
    """The labels of ``A, B and D-F``."""
    out: list[str] = []
    for found in _LETTER.finditer(text):
        letter = found["letter"].upper()
        if found["range"] and out and out[-1] < letter:
            out += map(chr, range(ord(out[-1]) + 1, ord(letter) + 1))
        else:
            out.append(letter)
    return list(dict.fromkeys(out))


def _labels(text: str) -> Iterator[re.Match[str]]:
    """Every label of ``text``."""
    at = 0
    for found in _REF.finditer(text):
        if found.start() >= at and (label := _LABELLED.match(text, found.start())) is not None:
            at = label.end()
            yield label


def _asked(text: str, found: re.Match[str]) -> tuple[list[str | None], int]:
    """The letters that a label names, None for one without, and where it ends; no letters where it is a word as any other."""
    word, labels, end = found["word"].lower(), found["labels"] or "", found.end()
    if word.startswith("septel"):
        return [], end
    if labels and (found["tel"] or word == "references") and _ARTICLE.match(text, found.start("labels")):
        labels, end = "", found.start("labels")
    if not labels:
        # "ref" or "reference" alone is a word as any other.
        return ([None] if found["tel"] or word == "refs" else []), end
    if word.startswith("reference") and not (found["tel"] or labels.strip(" ()").isupper()):
        return [], end
    return [*_letters(labels)], end


def _labelled(text: str, references: Sequence[Reference]) -> Iterator[tuple[int, Mention]]:
    """References by label, with their places in ``text``."""
    for found in _labels(text):
        start, many = found.start(), found["many"] is not None
        letters, end = _asked(text, found)
        raw = text[start:end].strip().rstrip(".")
        if "(" not in raw:
            raw = raw.rstrip(")")
        if not letters and found["word"].lower().startswith("septel"):
            raw = text[start : found.end("word")]
            yield start, Mention(None, raw, None, None, None, None, "label", "a separate telegram that is not named")
        for letter in letters:
            meant = _meant(references, letter, many)
            if meant:
                yield from ((start, _item(r, raw, "label")) for r in meant)
            else:
                yield start, Mention(None, raw, None, letter, None, None, "label", _why(references, letter))


def _meant(references: Sequence[Reference], letter: str | None, many: bool) -> list[Reference]:
    """The items of the REF line that a label means; without a label the only one, or all for ``reftels``. Where the line has no
    letters, those of the text count its items."""
    if letter is not None:
        if all(r.label is None for r in references):
            return list(references[ord(letter) - ord("A") :][:1])
        return [r for r in references if r.label == letter]
    return list(references) if many or len(references) == 1 else []


def _why(references: Sequence[Reference], letter: str | None) -> str:
    if not references:
        return "the cable has no REF line"
    return f"the REF line has no item {letter}" if letter is not None else "the REF line has several items"


def _named(text: str, citing: Citing) -> Iterator[tuple[int, Mention]]:
    """Messages named by post and number. What could be a place and a plain number (``IN PARIS 200 PEOPLE``) is left out."""
    at, capitals = 0, None
    for number in _DIGITS.finditer(text):
        begin = number.start()
        if begin < at or not _may_be_post(text, begin):
            continue
        found = _name_before(text, at, begin, citing)
        if found is None:
            continue
        if capitals is None:
            capitals = sum(map(str.isupper, text)) > sum(map(str.islower, text))
        start, year, words, blank = found
        if not _is_message(text, start, number, year, words, blank, citing, capitals):
            continue
        end = number.end()
        after = _AFTER.match(text, end)
        end = after.end() if after is not None else end
        while (more := _ALSO.match(text, end)) is not None:
            end = more.end()
        at = end
        field = Field(0)
        field.pieces.append((text[start:end], 0))
        for r in read_references(field, text[start:end], citing).references:
            if r.kind == "cable" and r.cable is not None:
                yield start, Mention(r.cable, " ".join(text[start:end].split()), None, None, None, r.year_source, "number")


def _may_be_post(text: str, begin: int) -> bool:
    """Whether the word before a number is the last one of some post's name: most numbers are passed over here."""
    low = max(0, begin - 24)
    before = text.rfind(" ", low, begin - 1) + 1
    if before and text[before].islower():
        word = text[before:begin]
        if "\n" not in word and word.rstrip() not in _WORDS_FOR_IT:
            return False
    words = text[low:begin].split()
    while words and (words[-1] in _SIGNS or words[-1] in _WORDS_FOR_IT):
        words.pop()
    if not words:
        return False
    last = (
        words[-1].lstrip("(\"'[,;:/“‘-").lstrip("0123456789").rstrip("#").removesuffix("'s").removesuffix("’s").removesuffix("'S")
    )
    if not last or not last[0].isupper():
        return False
    last = last.upper()
    return last in last_words() or last in SERVICE or (not last.isalpha() and "".join(filter(str.isalnum, last)) in last_words())


def _name_before(text: str, low: int, begin: int, citing: Citing) -> tuple[int, bool, str, bool] | None:
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


def _is_message(
    text: str, start: int, number: re.Match[str], year: bool, words: str, blank: bool, citing: Citing, capitals: bool
) -> bool:
    """Whether a post's name and a number behind it are a message: by how it is written, and by what stands around it."""
    digits, end, upper = number[0], number.end(), words.isupper()
    told = words.rpartition(" ")[2] in _WORDS_FOR_IT
    words = words[: found.start()] if (found := WORD_FOR_IT.search(words)) is not None else words
    strong = year or told or _AFTER.match(text, end) is not None
    if not blank:
        return strong and upper  # glued: 07LIMA12
    if not words[0].isupper():
        return False
    if strong:
        return upper or words.istitle()
    if _TIME.match(digits) and (_TIME_AFTER.match(text, end) or _TIME_BEFORE.search(text[max(0, start - 12) : start])):
        return False
    near = range((citing.year or 2000) - _RECENT, (citing.year or 2000) + _RECENT)
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
