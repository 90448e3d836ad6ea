"""What is to be protected, counted for the page that asks: in the background, from when it is first asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from cablegram.archive.archive import Archive
from cablegram.protect.kept import Finds

#: Seconds that a page waits before it says that it is being counted, and that the end of the program waits for the thread that counts.
PATIENCE: Final = 2.0
_ENDING: Final = 30.0


@dataclass
class Protected:
    """The finds of one archive. Threads may ask at the same time; one of them counts."""

    archive: Archive
    #: Cables gone through, and to go through.
    progress: tuple[int, int] = (0, 0)
    _finds: Finds | None = None
    _failed: tuple[int, Exception] | None = None
    _worker: threading.Thread | None = None
    _stopping: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def finds(self) -> Finds:
        """What is kept."""
        if self._finds is None:
            self._finds = Finds(self.archive)
        return self._finds

    def is_old(self) -> bool:
        """Whether the archive changed since it was counted."""
        return self.finds.clock() != self.archive.store.clock()

    def ready(self, wait: float = PATIENCE) -> Finds | None:
        """The finds, of now or of before the last change; None where there are none yet after ``wait`` seconds."""
        with self._lock:
            clock = self.archive.store.clock()
            if self.finds.clock() == clock:
                return self.finds
            if self._failed is not None and self._failed[0] == clock:
                raise self._failed[1]
            if self._worker is None or not self._worker.is_alive():
                self._stopping = False
                self._worker = threading.Thread(target=self._count, args=(clock,), name="protection", daemon=True)
                self._worker.start()
            worker = self._worker
        worker.join(wait)
        return self.finds if self.finds.clock() >= 0 else None

    def _count(self, clock: int) -> None:
        try:
            self.finds.update(self._told)
        except Exception as error:  # told to whoever asks
            self._failed = (clock, error)

    def _told(self, done: int, of: int) -> None:
        self.progress = (done, of)
        if self._stopping:
            raise InterruptedError("the reading room closes")

    def stop(self) -> None:
        """No longer count."""
        self._stopping = True
        if self._worker is not None:
            self._worker.join(_ENDING)
