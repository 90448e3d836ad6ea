"""Workers that read records on all cores.

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
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import BinaryIO, Final, cast

from cablegram.archive.codec import Packer
from cablegram.archive.rows import Rows, make_rows, read_raw
from cablegram.errors import CablegramError
from cablegram.sources.base import RawRecord, Refusal

Job = tuple[RawRecord, bytes]
Outcome = Rows | Refusal
_SIZE: Final = struct.Struct(">Q")
_PROGRAM: Final = "import sys; sys.path[:] = {path!r}; from cablegram.archive.work import serve; serve()"


def read_one(record: RawRecord, checksum: bytes, packer: Packer) -> Outcome:
    """The rows of a raw record. A failure of ours is a refusal with its place, not the end of a run."""
    try:
        return make_rows(read_raw(record), checksum, packer, record.data)
    except Exception as error:
        return Refusal(
            record.source, record.position, f"could not be read, please report it: {type(error).__name__}: {error}"[:300]
        )


def read_all(jobs: Sequence[Job], packer: Packer) -> list[Outcome]:
    """The rows of some records, in their order."""
    return [read_one(record, checksum, packer) for record, checksum in jobs]


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


def serve() -> None:
    """What a worker does: reads records until its pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe_in, pipe_out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    try:
        packer = Packer(cast("dict[int, bytes]", _receive(pipe_in)))
        # Records hold no cycles, and a batch of them is let go as a whole: looking for cycles would take a quarter of the time.
        gc.freeze()
        gc.disable()
        while True:
            _send(pipe_out, read_all(cast("list[Job]", _receive(pipe_in)), packer))
    except (EOFError, BrokenPipeError):
        return


class _Worker:
    def __init__(self, dictionaries: Mapping[int, bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(path=sys.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        _send(self._in, dict(dictionaries))

    def read(self, jobs: Sequence[Job]) -> list[Outcome]:
        try:
            _send(self._in, list(jobs))
            return cast("list[Outcome]", _receive(self._out))
        except (EOFError, OSError):
            raise CablegramError(
                "a worker process was ended from outside (out of memory?); call again, it goes on where it stopped"
            ) from None

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not sent yet cannot be sent any more
            self._in.close()
        self._out.close()


class Workers:
    """``count`` processes that read batches of records; a context manager."""

    def __init__(self, count: int, dictionaries: Mapping[int, bytes]) -> None:
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all = [_Worker(dictionaries) for _ in range(count)]
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="cablegram-worker")
        self._stopped = threading.Event()

    def submit(self, jobs: Sequence[Job]) -> Future[list[Outcome]]:
        """Read a batch; the result has one outcome a record, in their order."""
        return self._threads.submit(self._read, jobs)

    def _read(self, jobs: Sequence[Job]) -> list[Outcome]:
        worker = self._idle.get()
        try:
            return worker.read(jobs)
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
