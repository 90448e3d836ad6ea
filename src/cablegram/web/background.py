"""Work that pages ask for and that takes longer than a page may: done once, in a thread of its own, and ended with the program.

The thread is kept for the next piece: each thread that asks a store opens a connection to it, with pages of its own in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType
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


@dataclass(frozen=True, eq=False)
class _Piece:
    key: Hashable
    work: Callable[[Told], object]
    ended: threading.Event = field(default_factory=threading.Event)


class _Worker:
    """A thread that does pieces one after the other, until it gets None."""

    def __init__(self, do: Callable[[_Piece], None], name: str) -> None:
        self.pieces: SimpleQueue[_Piece | None] = SimpleQueue()
        self._do = do
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while (piece := self.pieces.get()) is not None:
            self._do(piece)


class Background:
    """Does one piece of work at a time. Threads may ask at the same time.

    A piece is known by a key: what it is of, and the state of the archive. One that failed is not begun again under the same key.
    """

    def __init__(self, name: str) -> None:
        #: Cables gone through, and to go through, of the piece that is being done.
        self.progress: tuple[int, int] = (0, 0)
        self._name = name
        self._worker: _Worker | None = None
        #: What is being done, or was done last.
        self._piece: _Piece | None = None
        self._failed: tuple[Hashable, Exception, TracebackType | None] | None = None
        self._stopping = False
        self._lock = threading.Lock()

    def open(self) -> None:
        """From now on work may be begun, also what failed before."""
        self._stopping, self._failed = False, None

    def begin(self, key: Hashable, work: Callable[[Told], object], is_done: Callable[[], bool], wait: float = 0.0) -> None:
        """Begin ``work``, unless ``is_done``, it failed before, or other work is being done; then wait up to ``wait`` seconds for what is being
        done. ``work`` gets what to tell of its progress, which also ends it when the program does."""
        with self._lock:
            piece = self._piece
            if piece is None or piece.ended.is_set():
                if self._stopping or self.failure(key) is not None or is_done():
                    return
                self.progress = (0, 0)
                piece = self._piece = _Piece(key, work)
                if self._worker is None:
                    self._worker = _Worker(self._do, self._name)
                self._worker.pieces.put(piece)
        if wait:
            piece.ended.wait(wait)

    def failure(self, key: Hashable) -> Exception | None:
        """What the piece of work with this key failed with."""
        failed = self._failed
        # Whoever raises it puts the own frames on it, which hold all that a page had in hand: they are not kept.
        return failed[1].with_traceback(failed[2]) if failed is not None and failed[0] == key else None

    def not_yet(self, what: str) -> HTTPException:
        """The answer to who asks before the work is done: ``what`` is being done, how far it is, and that the page comes again by itself."""
        done, of = self.progress
        told = f" ({done:,} of {of:,} cables)" if of else ""
        headers = {"Retry-After": str(_AGAIN), "Refresh": str(_AGAIN), "Cache-Control": "no-store"}
        return HTTPException(503, f"{what}{told}; the page is loaded again by itself.", headers)

    def stop(self) -> None:
        """End what is being done. It is begun again another time."""
        with self._lock:
            self._stopping = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.pieces.put(None)
            worker.thread.join(_ENDING)

    def _do(self, piece: _Piece) -> None:
        try:
            piece.work(self._told)
        except BaseException as error:  # told to whoever asks; a library in another language may fail with what is no Exception
            if not self._stopping:
                told = error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")
                self._failed = (piece.key, told, told.__traceback__)
        finally:
            piece.ended.set()

    def _told(self, done: int, of: int) -> None:
        self.progress = (done, of)
        if self._stopping:
            raise InterruptedError("the reading room closes")
