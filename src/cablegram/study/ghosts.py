"""Ghosts: cables that held cables cite and that are not held, with who cites them, in which words, and when they were probably sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.citations import cited, citing
from cablegram.archive.codec import glance
from cablegram.errors import CablegramError
from cablegram.interpret.mentions import Mention, in_text
from cablegram.record import Reference
from cablegram.study.dating import Dater, Dating
from cablegram.study.numbers import day_of, number_of
from cablegram.vocabulary.levels import BY_RANK
from cablegram.vocabulary.posts import resolve

_BATCH: Final = 200
#: Records kept in memory: a cable that cites a ghost mostly cites others.
_RECORDS: Final = 4_000
_TEXTS: Final = 200
#: Words in which a ghost is cited that are told of it.
_MOST_WORDS: Final = 20


class Words(NamedTuple):
    """How a cable cites a ghost: the id of the ``citing`` one, the item ``raw`` as written, its ``label``, whence its year is
    (``year_source``), and the ``paragraph`` (number or label) that names it; None on the REF line."""

    citing: str
    raw: str
    label: str | None
    year_source: str | None
    paragraph: int | str | None = None


#: Citing cable, its date, its level, its version, and the place of the citation: item of the REF line, or paragraph.
_Row = tuple[str, str | None, int | None, int, int | None, int | None]


class Ghost(NamedTuple):
    """One cable that is not held: ``post`` and ``serial`` of its number. ``citations`` is the number of cables that cite it, ``cited_by`` their ids
    in order of time, ``first_cited`` the date of the first, ``words`` how they cite it, ``levels`` how many of them have which classification,
    ``titles`` what reference lines call it, ``dating`` its probable date."""

    cable: str
    post: str | None
    serial: int | None
    citations: int
    cited_by: tuple[str, ...]
    first_cited: str | None
    words: tuple[Words, ...]
    titles: tuple[str, ...]
    levels: tuple[tuple[str, int], ...]
    dating: Dating | None

    @property
    def likely_classification(self) -> str | None:
        """The commonest classification of the citing cables, the higher of two as common. It is theirs: the ghost's own is not known."""
        return self.levels[0][0] if self.levels else None

    def to_dict(self) -> dict[str, Any]:
        """As ``ghosts --json`` prints it."""
        dated = self.dating.to_dict() if self.dating is not None else dict.fromkeys(("from", "to", "date", "method", "doubt"))
        return {
            "cable": self.cable, "citations": self.citations, "cited_by": list(self.cited_by), **dated,
            "post": self.post, "serial": self.serial, "first_cited": self.first_cited,
            "likely_classification": self.likely_classification, "classification_of_citing": dict(self.levels),
            "titles": list(self.titles), "words": [words._asdict() for words in self.words],
        }  # fmt: skip


class Ghosts:
    """The ghosts of an archive, those of ``post`` only (any spelling), counted over the citing cables that ``query`` finds.

    ``CablegramError`` for a post that the vocabulary does not know, ``QueryError`` for a wrong query.
    """

    def __init__(self, archive: Archive, *, post: str | None = None, query: str = "") -> None:
        self._archive = archive
        self._db = archive.store.db
        self._dater = Dater(archive)
        self._conditions = ""
        self._values: dict[str, str] = {}
        if post is not None:
            known = resolve(post)
            if known is None:
                raise CablegramError(f"{post}: no post is spelled so; `cablegram info` lists those that are held")
            self._conditions += " AND r.target GLOB :post"
            self._values["post"] = f"[0-9][0-9]{known.code}[0-9]*"
        if query:
            self._conditions += " AND c.key IN (SELECT value FROM json_each(:query))"
            self._values["query"] = json.dumps(list(archive.find_ids(query)))
        self._references = lru_cache(_RECORDS)(self._read)
        self._texts = lru_cache(_TEXTS)(self._read_text)

    def ranked(self, limit: int | None = None) -> list[tuple[str, int]]:
        """Ids and numbers of citing cables, most cited first, then by id."""
        rows = self._db.execute(
            f"SELECT target, count(DISTINCT id) FROM ({self._missing()}) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit",
            {**self._values, "limit": -1 if limit is None else limit},
        )
        return [(target, count) for target, count in rows]

    def count(self) -> int:
        """How many ghosts there are."""
        row = self._db.execute(f"SELECT count(DISTINCT target) FROM ({self._missing()})", self._values).fetchone()
        return int(row[0])

    def _missing(self) -> str:
        """The citations of cables that are not held."""
        return cited("c.id, r.target", f"NOT EXISTS (SELECT 1 FROM cables h WHERE h.key = r.target){self._conditions}")

    def find(self, limit: int | None = None) -> Iterator[Ghost]:
        """The ghosts, most cited first, at most ``limit``; made a batch at a time."""
        ranked = self.ranked(limit)
        for at in range(0, len(ranked), _BATCH):
            yield from self._made([key for key, _ in ranked[at : at + _BATCH]])

    def get(self, key: str) -> Ghost | None:
        """The ghost with this id; None where no cable cites it, or it is held."""
        if self._archive.store.number(key) is not None:
            return None
        return next(self._made([key]), None)

    def _made(self, keys: Sequence[str]) -> Iterator[Ghost]:
        found = citing(
            "r.target, c.key, c.created, c.level, c.current",
            f"r.target IN (SELECT value FROM json_each(:keys)){self._conditions}",
            places=True,
        )
        rows = self._db.execute(
            f"SELECT * FROM ({found}) ORDER BY created IS NULL, created, key, item IS NULL, item, paragraph",
            {**self._values, "keys": json.dumps(list(keys))},
        )
        by_key: dict[str, list[_Row]] = {}
        for target, *row in rows:
            by_key.setdefault(target, []).append(tuple(row))
        for key in keys:
            if key in by_key:
                yield self._ghost(key, by_key[key])

    def _ghost(self, key: str, rows: Sequence[_Row]) -> Ghost:
        known = {one: (created, level) for one, created, level, *_ in rows}
        counts = Counter(level for _, level in known.values() if level is not None)
        levels = sorted(counts.items(), key=lambda one: (-one[1], -one[0]))
        words: list[Words] = []
        titles: list[str] = []
        for one, _, _, version, item, paragraph in rows[:_MOST_WORDS]:
            if item is None:
                words += (
                    Words(one, said.raw, None, said.year_source, said.paragraph) for said in self._texts(version)
                    if (said.cable, said.place, said.how) == (key, paragraph, "number")
                )  # fmt: skip
                continue
            reference = self._references(version)[item]
            words.append(Words(one, " ".join(reference.raw.split()), reference.label, reference.year_source))
            if reference.title and reference.title not in titles:
                titles.append(reference.title)
        first = next((created for created, _ in known.values() if created is not None), None)
        number = number_of(key)
        return Ghost(
            key, number.post if number is not None else None, number.serial if number is not None else None, len(known), tuple(known),
            first[:10] if first is not None else None, tuple(words), tuple(titles),
            tuple((BY_RANK[rank].name, count) for rank, count in levels), self._dating(key, first, words),
        )  # fmt: skip

    def _dating(self, key: str, first: str | None, words: Sequence[Words]) -> Dating | None:
        dating = self._dater.dating(key, day_of(first))
        if dating is None or dating.doubt is None:
            return dating
        number = number_of(key)
        if number is None or all(one.year_source == "stated" for one in words):
            return dating
        # The year is the reader's: where no cable states it, the number may be of the year before.
        other = f"{(number.yy - 1) % 100:02d}{number.post}{number.serial}"
        held = "which is held" if self._archive.store.number(other) is not None else "which is not held either"
        return dating.with_doubt(f"{dating.doubt}; no year is stated, so {other} may be meant, {held}")

    def _read(self, version: int) -> tuple[Reference, ...]:
        row = self._db.execute("SELECT record FROM versions WHERE id = ?", (version,)).fetchone()
        return glance(self._archive.store.packer.unpack(row[0])).references

    def _read_text(self, version: int) -> tuple[Mention, ...]:
        return tuple(in_text(self._archive.store.cable(version)))
