"""References: which cables a cable cites, on its REF line and in its text, who cites it, and what hangs together with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.errors import NotHeld
from cablegram.interpret.claims import canonical_id
from cablegram.interpret.refs import Citing, read_references
from cablegram.record import Reference
from cablegram.study.numbers import day_of
from cablegram.telegram.preamble import Field
from cablegram.vocabulary.posts import resolve

#: Cables of a thread, and ids (held or not) that are looked at on the way.
MOST_THREAD: Final = 40
_MOST_SEEN: Final = 2_000
_BATCH: Final = 500
#: Date, post and subject of a held cable.
_Told = tuple[str | None, str | None, str | None]
#: Mentions in one cable: no telegram has more.
_MOST_MENTIONS: Final = 2_000

_LIST: Final = r"\(?[A-Za-z]\)?(?![A-Za-z'’])"
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
#: A message named by post and number: ``STATE 12345``, ``08 LA PAZ 1933``, ``07LIMA12``. Which words are a post the vocabulary says.
_NAMED: Final = re.compile(
    r"(?<![\w./#-])(?P<year>(?:(?:19|20)\d\d|\d\d)\s{0,2})?(?P<words>[A-Z][A-Za-z.'’]*(?:\s{1,2}[A-Z][A-Za-z.'’]*){0,3}?)(?P<blank>\s{0,3})"
    r"(?:#|NO\.\s?)?(?P<number>\d{2,6})(?![\w-]|[.,/]\d)(?P<after>\s?\((?:NOTAL|EXDIS|NODIS|LIMDIS|STADIS|NOFORN|\d\d)\))?",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\S+")
_ALSO: Final = re.compile(r"(?:\s{0,2},\s{0,2}(?:and\s)?|\s(?:and|&)\s|/)\d{3,6}(?=\s{0,2}(?:$|[,;.)(]|and\b))", re.IGNORECASE)
_PLACE_BEFORE: Final = re.compile(r"(?:\(|\bsee|\bref|\bper|\bin|\bcable|\btelegram|\bmessage)[\s:]{0,2}$", re.IGNORECASE)
_ENDS: Final = re.compile(r"\s{0,2}(?:$|[),.;:(]|and\b|para|subject\b)", re.IGNORECASE)
#: Numbers that are rather years; in capitals within a text that is not, only those about the citing year.
_YEARS: Final = range(1900, 2051)
_RECENT: Final = 15


class Mention(NamedTuple):
    """One place where a cable cites: ``cable`` (canonical id; None where it cannot be told), the words ``raw``, the ``paragraph``'s
    number or label (None on the REF line), the ``label`` and ``title`` that the REF line gives, ``year_source`` as in the record,
    ``how``: ``ref line``, ``label`` or ``number``, and for an unresolved one ``reason``."""

    cable: str | None
    raw: str
    paragraph: int | str | None
    label: str | None
    title: str | None
    year_source: str | None
    how: str
    reason: str | None = None


class Step(NamedTuple):
    """One cable of a thread: how many references away (``distance``), date, post, subject, and which of the thread it ``cites``."""

    cable: str
    distance: int
    created: str | None
    post: str | None
    subject: str | None
    cites: tuple[str, ...]


def citing_of(cable: Cable) -> Citing:
    """What the reader's rule for the years of references asks of the citing cable."""
    year = int(cable.created[:4]) if cable.created is not None else None
    return Citing(year, cable.origin.post if cable.origin is not None else None, cable.serial)


def mentions(cable: Cable) -> list[Mention]:
    """Every place where ``cable`` cites, the REF line first, then its paragraphs from top to bottom."""
    out = [_item(r, " ".join(r.raw.split()), "ref line") for r in cable.references]
    citing = citing_of(cable)
    for p in cable.paragraphs:
        place: int | str | None = p.number if p.number is not None else p.label
        most = max(0, _MOST_MENTIONS - len(out))
        found = [*islice(_labelled(p.text, cable.references), most), *islice(_named(p.text, citing), most)]
        found.sort(key=lambda one: one[0])
        out += [mention._replace(paragraph=place) for _, mention in found]
    return out


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


def _labelled(text: str, references: Sequence[Reference]) -> Iterator[tuple[int, Mention]]:
    """References by label, with their places in ``text``."""
    for found in _LABELLED.finditer(text):
        word, labels = found["word"].lower(), found["labels"] or ""
        start, end = found.start(), found.end()
        if labels and (found["tel"] or word == "references") and _ARTICLE.match(text, found.start("labels")):
            labels, end = "", found.start("labels")
        if word.startswith("septel"):
            raw = text[start : found.end("word")]
            yield start, Mention(None, raw, None, None, None, None, "label", "a separate telegram that is not named")
            continue
        raw = text[start:end].strip().rstrip(".")
        if "(" not in raw:
            raw = raw.rstrip(")")
        if not labels and not found["tel"] and word != "refs":
            continue  # "ref" or "reference" alone is a word as any other
        letters: list[str | None] = list(_letters(labels))
        if word.startswith("reference") and not (letters and labels.strip(" ()").isupper()):
            continue
        for letter in letters or [None]:
            meant = _meant(references, letter, found["many"] is not None)
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
    capitals = sum(map(str.isupper, text)) > sum(map(str.islower, text))
    at = 0
    while (found := _NAMED.search(text, at)) is not None:
        at = found.end()
        start, words = _post_in(text, found)
        if words is None or not _is_message(text, found, start, words, citing, capitals):
            # A word that is no post may stand before one: look again behind the first blank.
            at = found.end("year") if found["year"] else found.end("words")
            continue
        end = found.end()
        while (more := _ALSO.match(text, end)) is not None:
            end = more.end()
        at = end
        field = Field(0)
        field.pieces.append((text[start:end], 0))
        for r in read_references(field, text[start:end], citing)[0]:
            if r.kind == "cable" and r.cable is not None:
                yield start, Mention(r.cable, " ".join(text[start:end].split()), None, None, None, r.year_source, "number")


def _post_in(text: str, found: re.Match[str]) -> tuple[int, str | None]:
    """Where the message's name begins (with its year) and the words that name the post; the longest that do."""
    words = list(_WORD.finditer(text, found.start("words"), found.end("words")))
    for n, word in enumerate(words):
        name = " ".join(one[0] for one in words[n:])
        if resolve(name) is not None:
            return (word.start() if n else found.start()), name
    return found.start(), None


def _is_message(text: str, found: re.Match[str], start: int, words: str, citing: Citing, capitals: bool) -> bool:
    """Whether a post's name and a number behind it are a message: by how it is written, and by what stands around it."""
    digits, upper = found["number"], words.isupper()
    strong = found["after"] is not None or (found["year"] is not None and start == found.start())
    if not found["blank"]:
        return strong and upper  # glued: 07LIMA12
    if not words[0].isupper():
        return False
    if strong:
        return upper or words.istitle()
    near = range((citing.year or 2000) - _RECENT, (citing.year or 2000) + _RECENT)
    if not digits.startswith("0") and int(digits) in (_YEARS if capitals or not upper else near):
        return False  # the Beijing 2008 games
    if text[start - 1 : start] == "(" and text[found.end() : found.end() + 1] == ")":
        return True
    if len(digits) < 3:
        return False
    if upper and (digits.startswith("0") or len(digits) > (4 if capitals else 3)):
        return True
    if _ENDS.match(text, found.end()) is None:
        return False
    return (
        digits.startswith("0")
        or (upper and (len(digits) > 3 or not capitals))
        or _PLACE_BEFORE.search(text[max(0, start - 12) : start]) is not None
    )


def _held(archive: Archive, ids: Iterable[str]) -> dict[str, _Told]:
    """Date, post and subject of those that are held."""
    wanted = list(dict.fromkeys(ids))
    out: dict[str, _Told] = {}
    for at in range(0, len(wanted), _BATCH):
        some = wanted[at : at + _BATCH]
        rows = archive.store.db.execute(
            f"SELECT key, created, post, subject FROM cables WHERE key IN ({','.join('?' * len(some))})", some
        )
        out.update({key: (created, post, subject) for key, created, post, subject in rows})
    return out


def _edges(archive: Archive, ids: Sequence[str]) -> list[tuple[str, str]]:
    """``(citing, cited)`` of all references of the REF lines from or to some ids, the cited one held or not."""
    out: list[tuple[str, str]] = []
    for at in range(0, len(ids), _BATCH):
        some = list(ids[at : at + _BATCH])
        marks = ",".join("?" * len(some))
        # By way of `versions`, whose rows are found by number: `cables.current` has no index.
        out += archive.store.db.execute(
            f"SELECT c.key, r.target FROM cables c JOIN refs r ON r.version = c.current WHERE r.target IS NOT NULL AND c.key IN ({marks})"
            f" UNION SELECT c.key, r.target FROM refs r JOIN versions v ON v.id = r.version JOIN cables c ON c.id = v.cable AND c.current = v.id"
            f" WHERE r.target IN ({marks})",
            [*some, *some],
        ).fetchall()
    return out


def thread_of(archive: Archive, key: str, most: int = MOST_THREAD) -> list[str]:
    """Ids of the held cables that hang together with ``key`` by the references of their REF lines, at most ``most``, nearest first;
    ``key`` itself leads. A cable that is not held links those that cite it; so does ``key`` where it is not held."""
    return [step.cable for step in sorted(thread(archive, key, most), key=lambda step: step.distance)]


def thread(archive: Archive, key: str, most: int = MOST_THREAD) -> list[Step]:
    """The thread of ``key`` in order of time. Where it has more than ``most`` cables those fewest references away are kept, and of
    those as far the nearest in time."""
    distance = {key: 0}
    held = _held(archive, [key])
    origin = day_of(held[key][0]) if key in held else None
    chosen = [key]
    rim, step = [key], 0
    edges: set[tuple[str, str]] = set()
    while rim and len(chosen) < most and len(distance) < _MOST_SEEN:
        step += 1
        found = _edges(archive, rim)
        edges.update(found)
        new = list(dict.fromkeys(one for edge in found for one in edge if one not in distance))
        held.update(_held(archive, new))
        rim = sorted(new, key=lambda one: (one not in held, _apart(held, one, origin), one))[: _MOST_SEEN - len(distance)]
        distance.update(dict.fromkeys(rim, step))
        chosen += [one for one in rim if one in held][: most - len(chosen)]
    edges.update(_edges(archive, rim) if len(chosen) >= most else ())
    inside = set(chosen)
    cites: dict[str, list[str]] = {}
    for one, other in sorted(edges):
        if one in inside and other in inside and one != other:
            cites.setdefault(one, []).append(other)
    steps = [Step(one, distance[one], *held.get(one, (None, None, None)), tuple(cites.get(one, ()))) for one in chosen]
    return sorted(steps, key=lambda one: (one.created is None, one.created or "", one.cable))


def _apart(held: Mapping[str, _Told], one: str, origin: float | None) -> float:
    """Days between a held cable and ``origin``; 0 where either is not known."""
    day = day_of(held[one][0]) if one in held else None
    return abs(day - origin) if day is not None and origin is not None else 0.0


def silent(archive: Archive, key: str) -> list[str]:
    """Posts that a held cable asks for action and of which no held cable cites it. Silence here is silence in this archive."""
    rows = archive.store.db.execute(
        "SELECT DISTINCT a.post FROM cables c JOIN addressees a ON a.version = c.current WHERE c.key = ? AND a.role = 'action'"
        " AND a.post IS NOT NULL ORDER BY 1",
        (key,),
    ).fetchall()
    answered = {post for _, post, _ in _held(archive, archive.cited_by(key)).values()}
    return [post for (post,) in rows if post not in answered]


def references(archive: Archive, name: str, most: int = MOST_THREAD) -> dict[str, Any]:
    """All that ``refs ID --json`` prints, as plain data. A cable that is not held has no ``cites`` of its own.

    ``NotHeld`` where the archive neither holds nor cites it.
    """
    key = archive.resolve(name) or canonical_id("".join(name.split())) or name
    cable = archive.get(key)
    cited_by = archive.cited_by(key)
    if cable is None and not cited_by:
        raise NotHeld(f"{name} is not in this archive, and no cable in it cites it; `cablegram search` finds what is there")
    found = mentions(cable) if cable is not None else []
    held = _held(archive, [one.cable for one in found if one.cable] + cited_by)
    steps = thread(archive, key, most)
    cited_by.sort(key=lambda one: (held[one][0] or "", one) if one in held else ("", one))
    return {
        "cable": key,
        "held": cable is not None,
        "cites": [
            {
                "cable": one.cable, "held": one.cable in held, "raw": one.raw, "paragraph": one.paragraph, "label": one.label,
                "title": one.title, "year_source": one.year_source, "how": one.how, "itself": one.cable == key,
            }
            for one in found if one.cable
        ],
        "cited_by": cited_by,
        "thread": [step.cable for step in steps],
        "others": [
            {"raw": one.raw, "paragraph": one.paragraph, "label": one.label, "how": one.how, "reason": one.reason} for one in found if not one.cable
        ],
        "silent": silent(archive, key) if cable is not None and cited_by else [],
        "thread_cables": [{**step._asdict(), "cites": list(step.cites)} for step in steps],
    }  # fmt: skip
