"""The sources of the archive as the page that compares two of them asks: which there are to choose from, and which of them a name means.

Where there are as many sources as files, either takes seconds. It is found once for each state of the archive, in the background; while it
is found anew after a change, what was found before is given.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import islice
from typing import Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.info import grouped_sources
from cablegram.errors import NotHeld
from cablegram.study.sides import Side, side_of_source, side_of_sources
from cablegram.web.background import PATIENCE, Background

#: Sources, or groups of files, that the page names.
_NAMED: Final = 200
#: Names of several sources whose sources are kept, those asked for last; fewer where they have more sources together than may be kept.
_NAMES: Final = 16
_SOURCES: Final = 500_000
#: Both sides of one comparison are kept, however large.
_PAIR: Final = 2
#: Seconds that a page waits for what it can do without, or has from before.
BRIEF: Final = 0.2
#: Seconds between two looks whether the work of others is done.
_LOOK: Final = 0.01


class Listed(NamedTuple):
    """The sources, or groups of files, with most cables, each with their number, most first; and how many such names there are in all."""

    names: dict[str, int]
    total: int


class Choices:
    """The sources of one archive. Threads may ask at the same time; one of them looks."""

    def __init__(self, archive: Archive) -> None:
        self.background = Background("sources")
        self._archive = archive
        self._listed: tuple[str, Listed] | None = None
        self._sides: OrderedDict[str, tuple[str, Side]] = OrderedDict()
        self._lock = threading.Lock()

    def listed(self, wait: float = PATIENCE) -> Listed | None:
        """What there is to choose from, now or before the last change; None where that is not known after ``wait`` seconds."""
        state = self._state()
        if self._listed is not None:
            wait = min(wait, BRIEF)
        self._wait_for(
            (None, state), lambda: self._list(state), lambda: self._listed is not None and self._listed[0] == state, wait
        )
        return self._listed[1] if self._listed is not None else None

    def side(self, name: str, wait: float = PATIENCE) -> tuple[Side, bool] | None:
        """The cables of the sources that ``name`` means, and whether that is as before the last change; None where these are not known
        after ``wait`` seconds. ``NotHeld`` where there are none."""
        if (exact := side_of_source(self._archive.store, name)) is not None:
            return exact, False
        state, known = self._state(), self._known(name)
        if known is not None:
            wait = min(wait, BRIEF)

        def is_done() -> bool:
            found = self._known(name)
            return found is not None and found[0] == state

        self._wait_for((name, state), lambda: self._find(name, state), is_done, wait)
        found = self._known(name) or known
        return (found[1], found[0] != state) if found is not None else None

    def _state(self) -> str:
        return Side("", self._archive.store).state()

    def _known(self, name: str) -> tuple[str, Side] | None:
        with self._lock:
            if name in self._sides:
                self._sides.move_to_end(name)
            return self._sides.get(name)

    def _wait_for(self, key: Hashable, work: Callable[[], None], is_done: Callable[[], bool], wait: float) -> None:
        """Have ``work`` done, also after that of others, unless it is; wait so long for it. What it failed with is raised."""
        until = time.monotonic() + wait
        while not is_done():
            if (error := self.background.failure(key)) is not None:
                raise error
            left = until - time.monotonic()
            self.background.begin(key, lambda _: work(), is_done, max(left, 0.0))
            if left <= 0:
                break
            if not is_done():
                time.sleep(_LOOK)

    def _list(self, state: str) -> None:
        groups = grouped_sources(self._archive.store)
        self._listed = state, Listed({name: group.sightings for name, group in islice(groups.items(), _NAMED)}, len(groups))

    def _find(self, name: str, state: str) -> None:
        side, missing = None, ""
        try:
            side = side_of_sources(self._archive.store, name)
        except NotHeld as error:
            missing = str(error)
        if side is None:
            # Anew, as the one that was caught has all names in hand.
            raise NotHeld(missing)
        with self._lock:
            self._sides.pop(name, None)
            self._sides[name] = (state, side)
            while len(self._sides) > _PAIR and (len(self._sides) > _NAMES or self._sources() > _SOURCES):
                self._sides.popitem(last=False)

    def _sources(self) -> int:
        return sum(len(side.called) for _, side in self._sides.values())
