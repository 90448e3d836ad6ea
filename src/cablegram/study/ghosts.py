"""Ghosts: cables that held cables cite and that are not held, with who cites them, in which words, and when they were probably sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.codec import glance
from cablegram.errors import CablegramError
from cablegram.record import Reference
from cablegram.study.dating import Dater, Dating
from cablegram.study.numbers import day_of, number_of
from cablegram.vocabulary.levels import BY_RANK
from cablegram.vocabulary.posts import resolve

_BATCH: Final = 200
#: Records kept in memory: a cable that cites a ghost mostly cites others.
_RECORDS: Final = 4_000
#: Words in which a ghost is cited that are told of it.
_MOST_WORDS: Final = 20


class Words(NamedTuple):
    """How a cable cites a ghost: the id of the ``citing`` one, the item ``raw`` as written, its ``label``, whence its year is."""

    citing: str
    raw: str
    label: str | None
    year_source: str | None


class Ghost(NamedTuple):
    """One cable that is not held. ``citations`` is the number of cables that cite it, ``cited_by`` their ids in order of time,
    ``levels`` how many of them have which classification, ``titles`` what reference lines call it, ``dating`` its probable date."""

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
        self._conditions, self._values = "", []
        if post is not None:
            known = resolve(post)
            if known is None:
                raise CablegramError(f"{post}: no post is spelled so; `cablegram info` lists those that are held")
            self._conditions += " AND r.target GLOB ?"
            self._values.append(f"[0-9][0-9]{known.code}[0-9]*")
        if query:
            self._conditions += " AND c.key IN (SELECT value FROM json_each(?))"
            self._values.append(json.dumps(list(archive.find_ids(query))))
        self._references = lru_cache(_RECORDS)(self._read)

    def ranked(self, limit: int | None = None) -> list[tuple[str, int]]:
        """Ids and numbers of citing cables, most cited first, then by id."""
        rows = self._db.execute(
            "SELECT r.target, count(DISTINCT c.id) FROM cables c CROSS JOIN refs r ON r.version = c.current"
            " WHERE r.target IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cables h WHERE h.key = r.target)"
            f"{self._conditions} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
            [*self._values, -1 if limit is None else limit],
        )
        return [(target, count) for target, count in rows]

    def count(self) -> int:
        """How many ghosts there are."""
        row = self._db.execute(
            "SELECT count(DISTINCT r.target) FROM cables c CROSS JOIN refs r ON r.version = c.current"
            " WHERE r.target IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cables h WHERE h.key = r.target)" + self._conditions,
            self._values,
        ).fetchone()
        return int(row[0])

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
        conditions = self._conditions
        rows = self._db.execute(
            "SELECT r.target, c.key, c.created, c.level, c.current, r.seq FROM refs r JOIN versions v ON v.id = r.version"
            " JOIN cables c ON c.id = v.cable AND c.current = v.id"
            f" WHERE r.target IN ({','.join('?' * len(keys))}){conditions} ORDER BY c.created IS NULL, c.created, c.key, r.seq",
            [*keys, *self._values],
        )
        by_key: dict[str, list[tuple[str, str | None, int | None, int, int]]] = {}
        for target, *row in rows:
            by_key.setdefault(target, []).append(tuple(row))
        for key in keys:
            if key in by_key:
                yield self._ghost(key, by_key[key])

    def _ghost(self, key: str, rows: Sequence[tuple[str, str | None, int | None, int, int]]) -> Ghost:
        citing = {one: (created, level) for one, created, level, _, _ in rows}
        counts = Counter(level for _, level in citing.values() if level is not None)
        levels = sorted(counts.items(), key=lambda one: (-one[1], -one[0]))
        words: list[Words] = []
        titles: list[str] = []
        for one, _, _, version, seq in rows[:_MOST_WORDS]:
            reference = self._references(version)[seq]
            words.append(Words(one, " ".join(reference.raw.split()), reference.label, reference.year_source))
            if reference.title and reference.title not in titles:
                titles.append(reference.title)
        first = next((created for created, _ in citing.values() if created is not None), None)
        number = number_of(key)
        return Ghost(
            key, number.post if number is not None else None, number.serial if number is not None else None, len(citing), tuple(citing),
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
