"""Markings: the banner held against the paragraphs' marks, and how much of the text stands at each level.

Only levels of an executive order are compared (U < C < S < TS): the controls on unclassified telegrams have no order among themselves.
The banner is to be the highest level of any paragraph (5 FAH-3 H-700; E.O. 13526, section 1.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.codec import words
from cablegram.vocabulary.levels import BY_CODE, BY_RANK

_BATCH: Final = 500
_CLASSIFIED: Final = BY_CODE["C"].rank
#: A first paragraph no longer than this (characters) may be nothing but the mark of the entire text, `1. (C - ENTIRE TEXT).`
_SHORT: Final = 16
_ENTIRE: Final = re.compile(r"\W*(?:ENTIRE\s+TEXT)?\W*", re.IGNORECASE)
UNMARKED: Final = "none"


class Conflict(NamedTuple):
    """A ``cable`` whose banner is not the highest level of its paragraphs: ``kind`` is ``under-marked`` (a paragraph stands above the banner) or
    ``over-marked`` (all paragraphs are marked and held, all below it). ``banner`` and ``highest`` are names of levels; ``paragraphs`` are the
    numbers of those at the highest level (None: without a number), ``places`` their places in the record, from 0; ``marks`` as written."""

    cable: str
    kind: str
    banner: str
    highest: str
    paragraphs: tuple[int | None, ...]
    places: tuple[int, ...]
    marks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As ``markings --json`` prints it."""
        return {**self._asdict(), "paragraphs": list(self.paragraphs), "places": list(self.places), "marks": list(self.marks)}


class Amount(NamedTuple):
    """So many cables, paragraphs, and characters of their restored texts."""

    cables: int
    paragraphs: int
    characters: int

    def plus(self, paragraphs: int, characters: int) -> Amount:
        """With one more cable."""
        return Amount(self.cables + 1, self.paragraphs + paragraphs, self.characters + characters)


_ZERO: Final = Amount(0, 0, 0)


class Group:
    """How much text stands at each level in some cables: ``levels`` by rank, ``unmarked``; ``query`` finds the cables counted."""

    __slots__ = ("cables", "levels", "query", "unmarked")

    def __init__(self, query: str) -> None:
        self.query = query
        self.cables = 0
        self.levels: dict[int, Amount] = {}
        self.unmarked = _ZERO

    def add(self, found: Levels) -> None:
        """Count one cable."""
        self.cables += 1
        for level, (paragraphs, characters) in found.items():
            if level is None:
                self.unmarked = self.unmarked.plus(paragraphs, characters)
            else:
                self.levels[level] = self.levels.get(level, _ZERO).plus(paragraphs, characters)

    @property
    def marked(self) -> int:
        """Characters of the marked paragraphs."""
        return sum(amount.characters for amount in self.levels.values())

    def share(self, level: int) -> float:
        """Share of a level (its rank) in the characters of the marked paragraphs, 0 to 1."""
        return self.levels[level].characters / self.marked if level in self.levels and self.marked else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "cables": self.cables, "query": self.query,
            "marked": {"paragraphs": sum(a.paragraphs for a in self.levels.values()), "characters": self.marked},
            "unmarked": self.unmarked._asdict(),
            "levels": {
                BY_RANK[rank].name: {**self.levels[rank]._asdict(), "share": round(self.share(rank), 6)} for rank in sorted(self.levels)
            },
        }  # fmt: skip


Levels = dict[int | None, tuple[int, int]]


class Survey:
    """The markings of some cables: ``conflicts``, and the share of text by level ``overall``, by ``year``, ``post`` and ``tag``;
    ``entire`` cables have one mark for the whole text, which then counts for every paragraph."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.conflicts: list[Conflict] = []
        self.overall = Group(query)
        self.year: dict[str, Group] = {}
        self.post: dict[str, Group] = {}
        self.tag: dict[str, Group] = {}
        self.entire = 0

    def narrowed(self, field: str, value: str) -> str:
        """The query that finds the cables of this survey with ``value`` in ``field``."""
        one = f'{field}:"{value}"' if " " in value else f"{field}:{value}"
        return f"({self.query}) {one}" if self.query else one

    def group(self, groups: dict[str, Group], field: str, value: str) -> Group:
        """The group for ``value``."""
        if value not in groups:
            groups[value] = Group(self.narrowed(field, value))
        return groups[value]

    def to_dict(self) -> dict[str, Any]:
        """As ``markings --json`` prints it."""
        return {
            "query": self.query, "conflicts": [one.to_dict() for one in self.conflicts],
            "share": {
                "overall": self.overall.to_dict(), "entire_text": self.entire,
                **{
                    name: {key: groups[key].to_dict() for key in sorted(groups)}
                    for name, groups in (("year", self.year), ("post", self.post), ("tag", self.tag))
                },
            },
        }  # fmt: skip


class Marked(NamedTuple):
    """One cable with its paragraphs ``(place, number, marking, level, length)``; ``whole``: no extract, and no section missing."""

    key: str
    created: str | None
    post: str | None
    banner: int | None
    version: int
    whole: bool
    paragraphs: list[tuple[int, int | None, str | None, int | None, int]]
    tags: list[str]


def survey(archive: Archive, query: str = "") -> Survey:
    """The markings of all cables, or those that ``query`` finds, read from the tables alone. ``QueryError`` for a wrong query."""
    out = Survey(query.strip())
    for cable in marked_cables(archive, archive.find_ids(out.query) if out.query else archive.ids()):
        if not cable.paragraphs:
            continue
        levels, entire = levels_of(archive, cable)
        out.entire += entire
        if not entire and (conflict := conflict_of(cable)) is not None:
            out.conflicts.append(conflict)
        out.overall.add(levels)
        if cable.created:
            out.group(out.year, "year", cable.created[:4]).add(levels)
        if cable.post:
            out.group(out.post, "from", cable.post).add(levels)
        for tag in dict.fromkeys(cable.tags):
            out.group(out.tag, "tags", tag).add(levels)
    return out


def evidence(archive: Archive, level: str, query: str = "") -> Iterator[tuple[str, list[int | None], int]]:
    """What a share counted at ``level`` (a code, or ``none``): each cable, the numbers of its paragraphs, their characters."""
    rank = None if level == UNMARKED else BY_CODE[level].rank
    for cable in marked_cables(archive, archive.find_ids(query) if query.strip() else archive.ids()):
        whole = entire_mark(archive, cable)
        found = [p for p in cable.paragraphs if (whole if whole is not None else p[3]) == rank]
        if found:
            yield cable.key, [p[1] for p in found], sum(p[4] for p in found)


def marked_cables(archive: Archive, keys: Iterator[str]) -> Iterator[Marked]:
    """The cables with these keys and their paragraphs, a batch at a time; those that are not held are left out."""
    db = archive.store.db
    while batch := list(islice(keys, _BATCH)):
        chosen = f"FROM cables c %s WHERE c.key IN ({','.join('?' * len(batch))})"
        cables = {
            version: Marked(key, created, post, level, version, not partial and not _lacks(sections, held), [], [])
            for key, created, post, level, version, partial, sections, held in db.execute(
                "SELECT c.key, c.created, c.post, c.level, c.current, v.partial, v.sections, v.held"
                f" {chosen % 'JOIN versions v ON v.id = c.current'} ORDER BY c.key",
                batch,
            )
        }
        for version, *paragraph in db.execute(
            f"SELECT p.version, p.seq, p.number, p.marking, p.level, p.length {chosen % 'JOIN paragraphs p ON p.version = c.current'}"
            " ORDER BY p.version, p.seq",
            batch,
        ):
            cables[version].paragraphs.append((paragraph[0], paragraph[1], paragraph[2], paragraph[3], paragraph[4]))
        for version, tag in db.execute(
            f"SELECT t.version, t.tag {chosen % 'JOIN tags t ON t.version = c.current'} AND t.person = 0 ORDER BY 1, t.seq", batch
        ):
            cables[version].tags.append(tag)
        yield from cables.values()


def _lacks(sections: int | None, held: str | None) -> bool:
    """Whether sections of the message are missing."""
    return sections is not None and len({part for part in (held or "").split(",") if part}) < sections


def levels_of(archive: Archive, cable: Marked) -> tuple[Levels, bool]:
    """Paragraphs and characters by level (None: unmarked), and whether one mark holds for the whole text."""
    whole = entire_mark(archive, cable)
    out: Levels = {}
    for *_, level, length in cable.paragraphs:
        level = whole if whole is not None else level
        paragraphs, characters = out.get(level, (0, 0))
        out[level] = (paragraphs + 1, characters + length)
    return out, whole is not None


def entire_mark(archive: Archive, cable: Marked) -> int | None:
    """The level of a mark for the entire text: the one mark there is, on a first paragraph that has nothing else."""
    marked = [p for p in cable.paragraphs if p[3] is not None]
    if len(marked) != 1 or len(cable.paragraphs) < 2 or marked[0][4] > _SHORT or marked[0][1] not in (1, None):
        return None
    stored, text = archive.store.outline(cable.version)
    said = words(stored.paragraphs[marked[0][0]], text)
    return marked[0][3] if _ENTIRE.fullmatch(said) else None


def conflict_of(cable: Marked) -> Conflict | None:
    """What is wrong with the banner of a cable of which no mark holds for the whole text, if anything."""
    ranks = [p[3] for p in cable.paragraphs if p[3] is not None]
    if not ranks or cable.banner is None:
        return None
    highest, banner = max(ranks), cable.banner
    if highest > banner and highest >= _CLASSIFIED:
        kind = "under-marked"
    elif cable.whole and len(ranks) == len(cable.paragraphs) and banner >= _CLASSIFIED and highest < banner:
        kind = "over-marked"
    else:
        return None
    found = [p for p in cable.paragraphs if p[3] == highest]
    return Conflict(
        cable.key, kind, BY_RANK[banner].name, BY_RANK[highest].name,
        tuple(p[1] for p in found), tuple(p[0] for p in found), tuple(str(p[2]) for p in found),
    )  # fmt: skip
