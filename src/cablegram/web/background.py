"""Work that pages ask for and that takes longer than a page may: done once, in a thread of its own, and ended with the program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Final

from starlette.exceptions import HTTPException

#: Seconds that a page waits before it says that the work is being done.
PATIENCE: Final = 2.0
#: Seconds after which a page that waits for work is asked for again.
_AGAIN: Final = 3
#: Seconds that the end of the program waits for the thread.
_ENDING: Final = 30.0
#: Is told how much is done, and of how much.
Told = Callable[[int, int], None]


class Background:
    """Does one piece of work at a time. Threads may ask at the same time.

    A piece is known by a key: what it is of, and the state of the archive. One that failed is not begun again under the same key.
    """

    def __init__(self, name: str) -> None:
        #: Cables gone through, and to go through, of the piece that is being done.
        self.progress: tuple[int, int] = (0, 0)
        self._name = name
        self._worker: threading.Thread | None = None
        self._failed: tuple[Hashable, Exception] | None = None
        self._stopping = False
        self._lock = threading.Lock()

    def open(self) -> None:
        """From now on work may be begun, also what failed before."""
        self._stopping, self._failed = False, None

    def begin(self, key: Hashable, work: Callable[[Told], object], is_done: Callable[[], bool], wait: float = 0.0) -> None:
        """Begin ``work``, unless ``is_done``, it failed before, or other work is being done; then wait up to ``wait`` seconds for what is being
        done. ``work`` gets what to tell of its progress, which also ends it when the program does."""
        with self._lock:
            worker = self._worker
            if worker is None or not worker.is_alive():
                if self._stopping or self.failure(key) is not None or is_done():
                    return
                self.progress = (0, 0)
                worker = self._worker = threading.Thread(target=self._work, args=(key, work), name=self._name, daemon=True)
                worker.start()
        if wait:
            worker.join(wait)

    def failure(self, key: Hashable) -> Exception | None:
        """What the piece of work with this key failed with."""
        failed = self._failed
        return failed[1] if failed is not None and failed[0] == key else None

    def not_yet(self, what: str) -> HTTPException:
        """The answer to who asks before the work is done: ``what`` is being done, how far it is, and that the page comes again by itself."""
        done, of = self.progress
        told = f" ({done:,} of {of:,} cables)" if of else ""
        headers = {"Retry-After": str(_AGAIN), "Refresh": str(_AGAIN), "Cache-Control": "no-store"}
        return HTTPException(503, f"{what}{told}; the page is loaded again by itself.", headers)

    def stop(self) -> None:
        """End what is being done. It is begun again another time."""
        self._stopping = True
        if self._worker is not None:
            self._worker.join(_ENDING)

    def _work(self, key: Hashable, work: Callable[[Told], object]) -> None:
        try:
            work(self._told)
        except Exception as error:  # told to whoever asks
            if not self._stopping:
                self._failed = (key, error)

    def _told(self, done: int, of: int) -> None:
        self.progress = (done, of)
        if self._stopping:
            raise InterruptedError("the reading room closes")
