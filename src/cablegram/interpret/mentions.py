"""References in the running text: by label (``ref B``, ``reftel``) and by number (``STATE 12345``), each with the cable that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from cablegram.cable import Cable
from cablegram.interpret.doubtful import doubtful
from cablegram.interpret.messages import AFTER, WORDS_FOR_IT, in_capitals, is_message, name_before
from cablegram.interpret.refs import read_references
from cablegram.interpret.senders import POSSESSIVE, SERVICE, Citing, only
from cablegram.record import Reference
from cablegram.spans import Span
from cablegram.telegram.preamble import Field
from cablegram.vocabulary.posts import last_words

#: Mentions in one cable: no telegram has more.
_MOST: Final = 2_000

#: Numbers in one paragraph that are looked at: no telegram has more.
_MOST_NUMBERS: Final = 50_000

_LIST: Final = r"\(?[A-Za-z]\)?(?![A-Za-z'’])"
#: Words that begin a label. Looked for first: the pattern of labels, tried at every character, would take longer than all else.
_REF: Final = ("ref", "Ref", "REF")
_SEPTEL: Final = ("septel", "Septel", "SEPTEL")
#: ``ref A``, ``refs (a) and (b)``, ``Refs A-C``, ``reftel``, ``Reftels A, B`` (5 FAH-1 H-221: references are cited by their letters).
_LABELLED: Final = re.compile(
    r"(?<![A-Za-z-])(?P<word>ref(?:erence)?(?P<tel>tel)?(?P<many>s)?|septels?)\b\.?"
    rf"(?P<labels>\s{{0,2}}{_LIST}(?:\s{{0,2}}(?:,\s?(?:and|or|&)|,|/|&|-|–|and|or|to|thru|through)\s{{0,2}}{_LIST})*)?",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(
    r"(?P<range>-|–|\bto\b|\bthru\b|\bthrough\b)?\s{0,2}\(?(?<![A-Za-z])(?P<letter>[A-Za-z])(?![A-Za-z])", re.IGNORECASE
)
_NOT_NAMED: Final = "a separate telegram that is not named"
#: A letter that is rather the article: ``reftel a few days ago``.
_ARTICLE: Final = re.compile(r"\s?a\s(?!(?:and|or|to|thru|through|at|is|was|which|of)\b|para)[a-z]", re.IGNORECASE)
#: A number behind a word: what every message number begins with. Digits come first, so that the rest of a text is passed over at once.
_DIGITS: Final = re.compile(r"[0-9](?<=[A-Za-z.'’#\s][0-9])[0-9]{1,5}(?!\w|-(?![0-9]{3})|[.,/][0-9])")
#: Every digit as a nought: two of them are then found at the speed of memory, which is ten times that of a pattern.
_NOUGHTS: Final = bytes.maketrans(b"123456789", b"000000000")
_SIGNS: Final = frozenset(("#", "NO.", "No.", "no."))
_RUN: Final = r"(?:-|–|\s(?:thru|through|to)\s)\d{3,6}(?![\w-]|[.,/]\d)"
_ALSO: Final = re.compile(
    rf"(?:\s{{0,2}},\s{{0,2}}(?:and\s)?|\s(?:and|&)\s|/)\d{{3,6}}(?:{_RUN})?(?=\s{{0,2}}(?:$|[,;.)(]|and\b))", re.IGNORECASE
)
_FIRST: Final = re.compile(r"\d{3,6}(?=\D)")
_LAST: Final = re.compile(r"(?<=\D)\d{3,6}$")
_THRU: Final = re.compile(_RUN, re.IGNORECASE)
#: Of the words before a number those that may be a telegram's sender, or a word for it, though written small.
_SMALL: Final = WORDS_FOR_IT | {word.lower() for word in SERVICE if word.endswith(("TEL", "TELS"))}


class Mention(NamedTuple):
    """One place where a cable cites: ``cable`` (canonical id; None where it cannot be told), the words ``raw``, the ``paragraph``'s
    number or label (None on the REF line), the ``label`` and ``title`` that the REF line gives, ``year_source`` as in the record,
    ``how``: ``ref line``, ``label``, ``number`` or ``day``, and for an unresolved one ``reason``. ``place`` counts the paragraphs from 0."""

    cable: str | None
    raw: str
    paragraph: int | str | None
    label: str | None
    title: str | None
    year_source: str | None
    how: str
    reason: str | None = None
    place: int | None = None


class Placed(NamedTuple):
    """A mention and where it stands in the text of its paragraph, ``[start, end)``; of several numbers or letters each has its own
    place, and what a range leaves out (``B`` in ``refs A-C``) an empty one."""

    start: int
    end: int
    mention: Mention


def citing_of(cable: Cable) -> Citing:
    """What the reader's rules for references ask of the citing cable."""
    year = int(cable.created[:4]) if cable.created is not None else None
    post = cable.origin.post if cable.origin is not None else None
    return Citing(year, post, cable.serial, only([one.name for one in cable.action]))


def mentions(cable: Cable) -> list[Mention]:
    """Every place where ``cable`` cites, the REF line first, then its paragraphs from top to bottom."""
    return [*(_item(r, " ".join(r.raw.split()), "ref line") for r in cable.references), *in_text(cable)]


def in_text(cable: Cable) -> Iterator[Mention]:
    """Every place in the paragraphs of ``cable`` where it cites, from top to bottom."""
    citing, left = citing_of(cable), max(0, _MOST - len(cable.references))
    for n, p in enumerate(cable.paragraphs):
        found = placed(p.text, cable.references, citing, left)
        left = max(0, left - len(found))
        place: int | str | None = p.number if p.number is not None else p.label
        yield from (one.mention._replace(paragraph=place, place=n) for one in found)


def placed(text: str, references: Sequence[Reference], citing: Citing, most: int = _MOST) -> list[Placed]:
    """Every place in a paragraph's ``text`` where a cable with these ``references`` on its REF line cites, in order; ``most`` of a kind."""
    found = [*islice(_labelled(text, references), most), *islice(_named(text, citing, _known(references)), most)]
    taken = [(one.start, one.end) for one in found]
    for start, end, raw, how, reason in islice(doubtful(text, citing), most):
        if not any(a < end and start < b for a, b in taken):
            found.append(Placed(start, end, Mention(None, raw, None, None, None, None, how, reason)))
    found.sort(key=lambda one: one.start)
    return found


def _known(references: Iterable[Reference]) -> frozenset[str]:
    return frozenset(r.cable for r in references if r.cable is not None)


def edges(cable: Cable) -> list[tuple[int, str, str, str | None]]:
    """The cables that the paragraphs cite: place of the paragraph, cable, how, whence its year is; each once a paragraph.

    What :func:`in_text` gives, but for what is not resolved; made for every cable that is put into an archive, so without the words.
    """
    text, references = cable.text or "", cable.references
    out: dict[tuple[int, str], tuple[str, str | None]] = {}
    if any(r.cable for r in references) and _places(text, _REF):
        for n, p in enumerate(cable.paragraphs):
            said = p.text
            for found in _labels(said, _REF):
                for letter, _, _ in _asked(said, found)[0]:
                    for r in _meant(references, letter, found["many"] is not None):
                        if r.cable is not None and len(out) < _MOST:
                            out[n, r.cable] = ("label", r.year_source)
    # Looked for in the whole text at once: most texts name no other telegram, and are done with.
    if any(_may_be_post(text, number.start()) for number in _numbers(text)):
        citing, known = citing_of(cable), _known(references)
        for n, p in enumerate(cable.paragraphs):
            for _, _, one in islice(_named(p.text, citing, known), _MOST):
                if one.cable is not None and len(out) < _MOST:
                    out.setdefault((n, one.cable), (one.how, one.year_source))
    return [(*key, *value) for key, value in out.items()]


def _places(text: str, words: Iterable[str]) -> list[int]:
    """Where some words stand in ``text``, in order."""
    out: list[int] = []
    for word in words:
        # One letter is found many times faster: a text in capitals has none of the words in small ones.
        at = text.find(word) if word[-1] in text else -1
        while at >= 0:
            out.append(at)
            at = text.find(word, at + 1)
    return sorted(out) if len(out) > 1 else out


def _numbers(text: str) -> Iterator[re.Match[str]]:
    """Every match of ``_DIGITS``, in order."""
    # One byte a character: the places are the same.
    noughts = text.encode("latin-1", "replace").translate(_NOUGHTS)
    at = noughts.find(b"00")
    while at >= 0:
        found = _DIGITS.match(text, at)
        if found is not None:
            yield found
        at = noughts.find(b"00", at + 2 if found is None else found.end())


def _item(r: Reference, raw: str, how: str) -> Mention:
    """An item of the REF line, cited there or by its label."""
    return Mention(r.cable, raw, None, r.label, r.title, r.year_source, how, None if r.cable else f"kind: {r.kind}")


#: A letter that a label names, None for a label without one, and where it stands.
_Letter = tuple[str | None, int, int]


def _letters(text: str, start: int, end: int) -> list[_Letter]:
    """The letters of ``A, B and D-F`` in ``text[start:end]``; those that a range leaves out have an empty place."""
    out: dict[str | None, _Letter] = {}
    before = ""
    for found in _LETTER.finditer(text, start, end):
        letter, at = found["letter"].upper(), found.start("letter")
        if found["range"] and before and before < letter:
            out |= {one: (one, at, at) for one in map(chr, range(ord(before) + 1, ord(letter))) if one not in out}
        bracketed = text[at - 1] == "(" and text[at + 1 : at + 2] == ")"
        out.setdefault(letter, (letter, at - bracketed, at + 1 + bracketed))
        before = letter
    return list(out.values())


def _labels(text: str, words: Iterable[str] = (*_REF, *_SEPTEL)) -> Iterator[re.Match[str]]:
    """Every label of ``text`` that begins with one of ``words``."""
    at = 0
    for place in _places(text, words):
        if place >= at and (label := _LABELLED.match(text, place)) is not None:
            at = label.end()
            yield label


def _asked(text: str, found: re.Match[str]) -> tuple[list[_Letter], int]:
    """The letters that a label names and where it ends; no letters where it is a word as any other."""
    word, labels, end = found["word"].lower(), found["labels"] or "", found.end()
    if word.startswith("septel"):
        return [], end
    if labels and (found["tel"] or word == "references") and _ARTICLE.match(text, found.start("labels")):
        labels, end = "", found.start("labels")
    if not labels:
        # "ref" or "reference" alone is a word as any other.
        return ([(None, found.start(), found.end("word"))] if found["tel"] or word == "refs" else []), end
    if word.startswith("reference") and not (found["tel"] or labels.strip(" ()").isupper()):
        return [], end
    first, *more = _letters(text, found.start("labels"), end)
    return [(first[0], found.start(), first[2]), *more], end


def _labelled(text: str, references: Sequence[Reference]) -> Iterator[Placed]:
    """References by label, with their places in ``text``."""
    for found in _labels(text):
        start, many = found.start(), found["many"] is not None
        letters, end = _asked(text, found)
        raw = text[start:end].strip().rstrip(".")
        if "(" not in raw:
            raw = raw.rstrip(")")
        if not letters and found["word"].lower().startswith("septel"):
            end = found.end("word")
            yield Placed(start, end, Mention(None, text[start:end], None, None, None, None, "label", _NOT_NAMED))
        for letter, a, b in letters:
            meant = _meant(references, letter, many)
            if meant:
                yield from (Placed(a, b, _item(r, raw, "label")) for r in meant)
            else:
                yield Placed(a, b, Mention(None, raw, None, letter, None, None, "label", _why(references, letter)))


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


def _named(text: str, citing: Citing, known: frozenset[str]) -> Iterator[Placed]:
    """Messages named by post and number. What could be a place and a plain number (``IN PARIS 200 PEOPLE``) is left out, unless it is
    one of those ``known`` from the REF line."""
    at, capitals = 0, None
    for number in islice(_numbers(text), _MOST_NUMBERS):
        begin, end = number.span()
        if begin < at or not _may_be_post(text, begin):
            continue
        found = name_before(text, at, begin, citing)
        if found is None:
            continue
        run = _THRU.match(text, end)
        if run is None and text[end : end + 1] == "-":
            continue
        end = run.end() if run is not None else end
        if capitals is None:
            capitals = in_capitals(text)
        start, year, words, blank = found
        if not is_message(text, start, number[0], end, year, words, blank, citing, capitals) and not _is_known(
            text[start:end], citing, known
        ):
            continue
        after = AFTER.match(text, end)
        end = after.end() if after is not None else end
        while (more := _ALSO.match(text, end)) is not None:
            end = more.end()
        at = end
        raw = " ".join(text[start:end].split())
        read = _read(text[start:end], citing)
        for r, (a, b) in zip(read, _apart([r.span for r in read], text[start:end]), strict=True):
            yield Placed(start + a, start + b, Mention(r.cable, raw, None, None, None, r.year_source, "number"))


def _read(text: str, citing: Citing) -> list[Reference]:
    """The cables that ``text`` names, read as a REF line is."""
    field = Field(0)
    field.pieces.append((text, 0))
    return [r for r in read_references(field, text, citing).references if r.cable is not None]


def _is_known(text: str, citing: Citing, known: frozenset[str]) -> bool:
    """Whether a post in capitals and the number behind it are a cable of the REF line."""
    return bool(known) and text.isupper() and any(r.cable in known for r in _read(text, citing))


def _apart(spans: Sequence[Span], text: str) -> list[Span]:
    """The place of each of some cables: of a run of numbers, which all have one, the first and the last stand there."""
    out = list(spans)
    for n, span in enumerate(spans):
        before, behind = spans[n - 1 : n] == [span], spans[n + 1 : n + 2] == [span]
        if before and behind:
            out[n] = (span[0], span[0])
        elif behind and (found := _FIRST.search(text, *span)) is not None:
            out[n] = (span[0], found.end())
        elif before and (found := _LAST.search(text, *span)) is not None:
            out[n] = found.span()
    return out


def _may_be_post(text: str, begin: int) -> bool:
    """Whether the word before a number is the last one of some post's name: most numbers are passed over here."""
    low = max(0, begin - 24)
    before = text.rfind(" ", low, begin - 1) + 1
    if before:
        word = text[before:begin].rstrip()
        if word.isalpha() and word not in WORDS_FOR_IT:
            upper = word.upper()
            return (word[0].isupper() or word in _SMALL) and (upper in last_words() or upper in SERVICE)
        if text[before].islower() and "\n" not in text[before:begin] and word not in _SMALL:
            return False
    words = text[low:begin].split()
    told = False
    while words and (words[-1] in _SIGNS or words[-1] in WORDS_FOR_IT):
        told = words.pop() not in _SIGNS or told
    if not words:
        return False
    last = (
        words[-1].lstrip("(\"'[,;:/“‘-").lstrip("0123456789").rstrip("#").removesuffix("'s").removesuffix("’s").removesuffix("'S")
    )
    if not last or not (last[0].isupper() or last in _SMALL or (told and last.upper() in POSSESSIVE)):
        return False
    last = last.upper()
    return last in last_words() or last in SERVICE or (not last.isalpha() and "".join(filter(str.isalnum, last)) in last_words())
