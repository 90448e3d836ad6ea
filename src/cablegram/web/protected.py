"""What is to be protected, counted for the page that asks: in the background, from when it is first asked for."""

from __future__ import annotations

from functools import cached_property

from cablegram.archive.archive import Archive
from cablegram.protect.kept import Finds
from cablegram.web.background import PATIENCE, Background


class Protected:
    """The finds of one archive. Threads may ask at the same time; one of them counts."""

    def __init__(self, archive: Archive) -> None:
        self.background = Background("protection")
        self._archive = archive

    @cached_property
    def finds(self) -> Finds:
        """What is kept."""
        return Finds(self._archive)

    def is_old(self) -> bool:
        """Whether the archive changed since it was counted."""
        return self.finds.clock() != self._archive.store.clock()

    def ready(self, wait: float = PATIENCE) -> Finds | None:
        """The finds, of now or of before the last change; None where there are none yet after ``wait`` seconds."""
        clock = self._archive.store.clock()
        self.background.begin(clock, self.finds.update, lambda: not self.is_old(), wait)
        if self.is_old() and (error := self.background.failure(clock)) is not None:
            raise error
        return self.finds if self.finds.clock() >= 0 else None
