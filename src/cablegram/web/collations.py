"""Sources of the archive collated as a whole, as the pages ask for it: one pair at a time, in the background, kept for the next reader."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Final

from cablegram.archive.archive import Archive
from cablegram.study.collation import Collation, collation_of
from cablegram.study.sides import Side

#: Seconds that a page waits before it says that the sources are being compared.
PATIENCE: Final = 2.0
#: Seconds after which such a page is asked for again.
AGAIN: Final = 3
#: Seconds that the end of the program waits for the thread that compares.
_ENDING: Final = 30.0
_Key = tuple[tuple[int, ...] | None, tuple[int, ...] | None]


@dataclass
class Collations:
    """The collations of one archive. Threads may ask at the same time; one of them collates."""

    archive: Archive
    #: Cables collated, and to be collated, of the pair that is being made.
    progress: tuple[int, int] = (0, 0)
    _worker: threading.Thread | None = None
    _working: _Key | None = None
    _failed: dict[_Key, tuple[str, Exception]] = field(default_factory=dict)
    _stopping: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """From now on pairs may be collated."""
        self._stopping = False

    def ready(self, a: Side, b: Side, wait: float = PATIENCE) -> tuple[Collation, dict[str, Any], bool] | None:
        """The collation of two sides, its summary, and whether the archive changed since; None where there is none yet after ``wait``
        seconds: another pair may be before it."""
        found = collation_of(a, b)
        if not found.is_ready():
            worker = self._start(a, b)
            if worker is not None:
                worker.join(wait)
        summary = found.summary()
        if summary is not None:
            return found, summary, not found.is_ready()
        failed = self._failed.get((a.sources, b.sources))
        if failed is not None and failed[0] == a.state():
            raise failed[1]
        return None

    def _start(self, a: Side, b: Side) -> threading.Thread | None:
        """The thread that collates this pair or another one; None where this one cannot be."""
        key = (a.sources, b.sources)
        with self._lock:
            if self._worker is not None and self._worker.is_alive():
                return self._worker
            failed = self._failed.get(key)
            if self._stopping or (failed is not None and failed[0] == a.state()):
                return None
            self.progress = (0, 0)
            self._worker = threading.Thread(target=self._collate, args=(a, b), name="collations", daemon=True)
            self._worker.start()
            return self._worker

    def _collate(self, a: Side, b: Side) -> None:
        key, state = (a.sources, b.sources), a.state()
        try:
            collation_of(a, b).update(self._told)
            self._failed.pop(key, None)
        except Exception as error:  # told to whoever asks
            if not self._stopping:
                self._failed = {key: (state, error)}

    def _told(self, done: int, of: int) -> None:
        self.progress = (done, of)
        if self._stopping:
            raise InterruptedError("the reading room closes")

    def stop(self) -> None:
        """No longer collate. What was not finished is begun again another time."""
        self._stopping = True
        if self._worker is not None:
            self._worker.join(_ENDING)
