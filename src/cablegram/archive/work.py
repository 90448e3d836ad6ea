"""Workers: what takes most of the time of an ingest, done on all cores.

Each is a Python process of its own that this program starts and talks to through pipes. The standard library's process pool
would start them by importing the caller's main program again, which a notebook or a script without a guard does not
survive, and leaves them behind when the caller is killed; these end when their pipe does.
"""

from __future__ import annotations

import gc
import pickle
import queue
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Generic, NamedTuple, Protocol, TypeVar, cast

from cablegram.archive.codec import Packer
from cablegram.archive.document import Row, Values, tell
from cablegram.archive.pairs import signs
from cablegram.archive.rows import Rows, draft, pack, read_raw
from cablegram.archive.store import Store
from cablegram.errors import CablegramError
from cablegram.sources.base import RawRecord, Refusal

Job = tuple[RawRecord, bytes]
Outcome = Rows | Refusal
Given = TypeVar("Given")
Made = TypeVar("Made")
#: Records that are read before they are compressed, see :func:`~cablegram.archive.rows.pack`.
_TOGETHER: Final = 32
_SIZE: Final = struct.Struct(">Q")
_PROGRAM: Final = "import sys; sys.path[:] = {path!r}; from cablegram.archive.work import serve; serve()"


class Task(Protocol[Given, Made]):
    """What workers do; it is pickled and sent to each of them."""

    def begin(self) -> Callable[[list[Given]], list[Made]]:
        """In the worker: what makes of each part of the work its result."""


class Reading(NamedTuple):
    """The rows of raw records, with these dictionaries."""

    dictionaries: dict[int, bytes]

    def begin(self) -> Callable[[list[Job]], list[Outcome]]:
        """See :class:`Task`."""
        packer = Packer(self.dictionaries)
        return lambda jobs: read_all(jobs, packer)


class Telling(NamedTuple):
    """What the index is to know of the cables of an archive, given by row, key and current version; ``common``: its common words."""

    folder: str
    common: tuple[str, ...]

    def begin(self) -> Callable[[list[Row]], list[Values]]:
        """See :class:`Task`."""
        store, known = Store(Path(self.folder), create=False), signs(map(str.encode, self.common))
        return lambda cables: tell(store, cables, known)


def _tried(record: RawRecord, make: Callable[[], Rows]) -> Outcome:
    """The rows of a raw record. A failure of ours is a refusal with its place, not the end of a run."""
    try:
        return make()
    except Exception as error:
        return Refusal(
            record.source, record.position, f"could not be read, please report it: {type(error).__name__}: {error}"[:300]
        )


def _draft(job: Job) -> Outcome:
    record, checksum = job
    return _tried(record, lambda: draft(read_raw(record), checksum, record.data))


def _packed(record: RawRecord, one: Outcome, packer: Packer) -> Outcome:
    return one if isinstance(one, Refusal) else _tried(record, lambda: pack([one], packer)[0])


def read_all(jobs: Sequence[Job], packer: Packer) -> list[Outcome]:
    """The rows of some records, in their order."""
    out: list[Outcome] = []
    for at in range(0, len(jobs), _TOGETHER):
        some = jobs[at : at + _TOGETHER]
        drafts = [_draft(job) for job in some]
        try:
            packed = iter(pack([one for one in drafts if isinstance(one, Rows)], packer))
            out += [next(packed) if isinstance(one, Rows) else one for one in drafts]
        except Exception:
            # One of them is why: that one alone is refused.
            out += [_packed(record, one, packer) for (record, _), one in zip(some, drafts, strict=True)]
    return out


def _send(pipe: BinaryIO, value: object) -> None:
    data = pickle.dumps(value, protocol=5)
    pipe.write(_SIZE.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: BinaryIO) -> object:
    head = pipe.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    # Both ends are this program: nothing that a stranger wrote is ever unpickled.
    return pickle.loads(pipe.read(_SIZE.unpack(head)[0]))


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles among objects: what is handed on by the thousand here holds none, and each look goes through all of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def serve() -> None:
    """What a worker does: its task, until its pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe_in, pipe_out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    try:
        work = cast("Task[object, object]", _receive(pipe_in)).begin()
        with uncollected():
            while True:
                given = cast("list[object]", _receive(pipe_in))
                try:
                    made: object = work(given)
                except Exception as error:
                    made = _Failure(f"{type(error).__name__}: {error}"[:300])
                _send(pipe_out, made)
    except (EOFError, BrokenPipeError):
        return


class _Failure(NamedTuple):
    """What a worker sends where it could not do its task."""

    reason: str


class _Worker(Generic[Given, Made]):
    def __init__(self, task: Task[Given, Made]) -> None:
        self._process = subprocess.Popen(
            # Not in our group: a terminal would send Ctrl-C to it as well, while it starts.
            [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        #: Sent with the first part of the work: more than fits in a pipe is taken only when the process has started, which would be waited for here.
        self._task: Task[Given, Made] | None = task

    def work(self, given: Sequence[Given]) -> list[Made]:
        try:
            if self._task is not None:
                _send(self._in, self._task)
                self._task = None
            _send(self._in, list(given))
            made = _receive(self._out)
        except (EOFError, OSError):
            raise CablegramError(
                "a worker process was ended from outside (out of memory?); call again, it goes on where it stopped"
            ) from None
        if isinstance(made, _Failure):
            raise CablegramError(f"what was put in cannot be read ({made.reason}); call `cablegram verify`, it says which cable")
        return cast("list[Made]", made)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not sent yet cannot be sent any more
            self._in.close()
        self._out.close()


class Workers(Generic[Given, Made]):
    """``count`` processes that do the parts of a task; a context manager."""

    def __init__(self, count: int, task: Task[Given, Made]) -> None:
        self._idle: queue.SimpleQueue[_Worker[Given, Made]] = queue.SimpleQueue()
        self._all = [_Worker(task) for _ in range(count)]
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="cablegram-worker")

    def submit(self, given: Sequence[Given]) -> Future[list[Made]]:
        """Do a part of the work; the result has what was made of each of ``given``, in their order."""
        return self._threads.submit(self._work, given)

    def _work(self, given: Sequence[Given]) -> list[Made]:
        worker = self._idle.get()
        try:
            return worker.work(given)
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Workers[Given, Made]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
