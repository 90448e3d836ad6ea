"""The studies that count over the whole archive, as the pages ask for them: counted once for each state of the archive, in the background.

A page waits a little for the first count and then says that it is being made. After an ingest the counts before it are shown, and said to be
so, until the new ones are there.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from cablegram.archive.archive import Archive
from cablegram.study.copies import Copies, Scope
from cablegram.study.coverage import Coverage, Coverages
from cablegram.study.ghosts import Ghost, Ghosts
from cablegram.study.kept import Kept, Share
from cablegram.study.markings import Conflict
from cablegram.study.numbers import number_of
from cablegram.web.background import PATIENCE, Background, Told

#: Answers to queries that are kept; a query is a reader's, so there may be any number of them.
_ANSWERS: Final = 64
#: Of answers that may have some megabytes.
_LARGE: Final = 6
_T = TypeVar("_T")


@dataclass(frozen=True)
class Counted:
    """What was counted when the archive's clock stood at ``clock``: coverage by post and year, ghosts (most cited first), and the
    serials that are only cited, by post and two-digit year."""

    clock: int
    coverage: dict[tuple[str, int], Coverage]
    ranked: list[tuple[str, int]]
    cited: dict[tuple[str, int], list[int]]

    def of_post(self, post: str) -> list[Coverage]:
        """The years of a post."""
        return [one for (code, _), one in self.coverage.items() if code == post]

    def sent(self, posts: set[str] | None = None, years: set[int] | None = None) -> tuple[int, int] | None:
        """Numbers held, and the estimated traffic, of these posts and years (None: all). None where nothing is known."""
        found = [
            one for (post, year), one in self.coverage.items()
            if (posts is None or post in posts) and (years is None or year in years)
        ]  # fmt: skip
        return (sum(one.held for one in found), sum(one.estimate.traffic for one in found)) if found else None


@dataclass
class Studies:
    """The counts of one archive. Threads may ask at the same time; one of them counts."""

    archive: Archive
    background: Background = field(default_factory=lambda: Background("studies"))
    _counted: Counted | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ghosts_lock: threading.Lock = field(default_factory=threading.Lock)
    _ghosts: tuple[int, sqlite3.Connection, Ghosts] | None = None
    _kept: Kept | None = None
    _answers: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict)
    _large: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict)

    def start(self) -> None:
        """Begin to count."""
        self.background.open()
        self.ready(0)

    def ready(self, wait: float = PATIENCE) -> Counted | None:
        """The counts, of now or of before the last change; None where there are none yet after ``wait`` seconds."""
        clock = self.archive.store.clock()
        self.background.begin(
            clock,
            lambda told: self._count(clock, told),
            lambda: self._counted is not None and self._counted.clock == clock,
            wait,
        )
        if self._counted is None and (error := self.background.failure(clock)) is not None:
            raise error
        return self._counted

    def is_old(self, counted: Counted) -> bool:
        """Whether the archive changed since."""
        return counted.clock != self.archive.store.clock()

    def _count(self, clock: int, told: Told) -> None:
        coverage = {(one.post, one.year): one for one in sorted(Coverages(self.archive), key=lambda one: (one.post, one.year))}
        ranked = Ghosts(self.archive).ranked()
        cited: dict[tuple[str, int], list[int]] = defaultdict(list)
        for key, _ in ranked:
            if (number := number_of(key)) is not None:
                cited[number.post, number.yy].append(number.serial)
        if ranked:
            self.ghost(ranked[0][0])  # learns how soon cables are cited, which the others need too
        self.kept.update(told)
        self._counted = Counted(clock, coverage, ranked, dict(cited))
        self.copies(Scope())  # the page that is asked for first, and takes longest

    @property
    def kept(self) -> Kept:
        """The counts of each cable."""
        if self._kept is None:
            self._kept = Kept(self.archive)
        return self._kept

    def ghost(self, key: str) -> Ghost | None:
        """One ghost; None where no cable cites it, or it is held."""
        clock = self.archive.store.clock()
        with self._ghosts_lock:
            if self._ghosts is None or self._ghosts[0] != clock or not _is_open(self._ghosts[1]):
                self._ghosts = (clock, self.archive.store.db, Ghosts(self.archive))
            return self._ghosts[2].get(key)

    def answer(self, name: tuple[object, ...], make: Callable[[], _T], *, large: bool = False) -> _T:
        """What ``make`` gives for this name, kept with the last ones until the archive changes; of ``large`` ones fewer are kept."""
        known = (self.archive.store.clock(), self._counted.clock if self._counted is not None else -1, *name)
        answers, most = (self._large, _LARGE) if large else (self._answers, _ANSWERS)
        with self._lock:
            if known in answers:
                answers.move_to_end(known)
                found: _T = answers[known]
                return found
        made = make()
        with self._lock:
            answers[known] = made
            while len(answers) > most:
                answers.popitem(last=False)
        return made

    def copies(self, scope: Scope) -> Copies:
        """Who got the cables of a scope."""
        return self.answer(("copies", scope), lambda: Copies(self.kept, scope), large=True)

    def statuses(self, day: date, query: str = "") -> list[tuple[str, str, str, int, int]]:
        """The clock as of a day, over the cables that a query finds: see :meth:`Kept.statuses`."""
        return self.answer(("statuses", day, query), lambda: self.kept.statuses(day, self.keys(query)))

    def conflicts(self, query: str = "") -> list[Conflict]:
        """Banners that are not the highest level of their paragraphs, over the cables that a query finds."""
        return self.answer(("conflicts", query), lambda: self.kept.conflicts(self.keys(query)))

    def shares(self, by: str, query: str = "") -> dict[str, dict[int, Share]]:
        """The text at each level by year, post or tag, over the cables that a query finds: by name, then by level."""

        def made() -> dict[str, dict[int, Share]]:
            out: dict[str, dict[int, Share]] = {}
            for one in self.kept.shares(by, self.keys(query)):
                out.setdefault(one.name, {})[one.level] = one
            return out

        return self.answer(("shares", by, query), made)

    def keys(self, query: str) -> str | None:
        """The cables that a query finds, as the counts want them; None for no query. ``QueryError`` for a wrong one."""
        if not query.strip():
            return None
        return self.answer(("keys", query), lambda: json.dumps(list(self.archive.find_ids(query))))


def _is_open(db: sqlite3.Connection) -> bool:
    """Whether the connection can still be asked; it is one of a thread, and all are closed with the archive."""
    try:
        db.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True
