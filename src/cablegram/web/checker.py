"""Checks what readers send in a process of its own, which may be ended at any moment: a file made to harm can take a processor and much memory.

The process is started with the first text, kept for the next ones, and gone when it was ended or the room closes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import anyio
import anyio.to_process

from cablegram.archive.archive import Archive
from cablegram.check.checking import Checked, check
from cablegram.check.manuscripts import manuscript_of, text_manuscript
from cablegram.errors import CablegramError, UnreadableInput

#: Manuscripts that are checked at the same time: each takes a processor for itself.
_AT_ONCE: Final = 1
#: Manuscripts in memory: those that arrive, that wait for their turn, and the one that is checked.
MOST_PRESENT: Final = 8
#: Of these, so many of one client, or it alone could keep all others out.
MOST_OF_ONE: Final = 2
#: Seconds that a manuscript may take, and bytes of memory: a book of a thousand pages takes a quarter of both.
LONGEST: Final = 60.0
MOST_MEMORY: Final = 1_500_000_000
#: Citations that one page lists.
MOST_CITATIONS: Final = 5_000


class Busy(CablegramError):
    """There are as many manuscripts in memory as there may be: of this client (``own``), or of all."""

    def __init__(self, message: str, own: bool) -> None:
        super().__init__(message)
        self.own = own


class Checker:
    """Checks manuscripts against the archive in ``folder``, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._limiter: anyio.CapacityLimiter | None = None
        #: Manuscripts in memory, by client; who has none is not named.
        self._present: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """A place for a manuscript of ``client``, from before it is read from the network until it is answered; ``Busy`` where all are taken,
        or those that one client may have. To be asked on the event loop."""
        if self._present[client] >= MOST_OF_ONE:
            raise Busy(
                f"{MOST_OF_ONE} texts of yours are being checked, and no more can be at once; try again in a minute", own=True
            )
        if self._present.total() >= MOST_PRESENT:
            raise Busy("as many texts are being checked as can be at once; try again in a minute", own=False)
        self._present[client] += 1
        try:
            yield
        finally:
            self._present[client] -= 1
            self._present += Counter()

    async def check(self, data: bytes, name: str) -> Checked:
        """The verdicts on a file called ``name``; on a text that was pasted, in UTF-8, where ``name`` is empty. Without the file's bytes.

        ``UnreadableInput`` where it cannot be read, or takes more time or memory than one may have.
        """
        if self._limiter is None:
            # Made here, where there is an event loop.
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        try:
            # The time of who waits for the turn of another is not counted.
            async with self._limiter:
                with anyio.fail_after(LONGEST):
                    return await anyio.to_process.run_sync(checked, str(self._folder), data, name, MOST_MEMORY, cancellable=True)
        except TimeoutError:
            raise UnreadableInput(_too_much(name, f"takes longer than {LONGEST:.0f} seconds")) from None
        except MemoryError:
            raise UnreadableInput(_too_much(name, "takes more memory than one text may have")) from None
        except anyio.BrokenWorkerProcess:
            raise UnreadableInput(_too_much(name, "broke what reads it")) from None


def _too_much(name: str, why: str) -> str:
    return f"{name or 'the text'}: {why}; split it, or check it with the command `cablegram check`"


def checked(folder: str, data: bytes, name: str, memory: int) -> Checked:
    """What :meth:`Checker.check` gives, found in this process, which may have ``memory`` bytes from now on."""
    _bound(memory)
    manuscript = manuscript_of(data, name) if name else text_manuscript(data.decode("utf-8", "surrogatepass"))
    # To bring an index up to date is not the work of who checks a text, which has bounds on its time.
    with Archive(Path(folder), create=False, catch_up=False) as archive:
        found = check(manuscript, archive)
    if len(found.citations) > MOST_CITATIONS:
        raise UnreadableInput(_too_much(name, f"has {len(found.citations):,} citations, and this page lists {MOST_CITATIONS:,}"))
    return replace(found, manuscript=replace(manuscript, data=b""))


def _bound(memory: int) -> None:
    """No more than ``memory`` bytes of memory of its own; files that are mapped do not count. Where the system knows no such bound there is none."""
    if sys.platform != "win32":
        import resource

        most = resource.getrlimit(resource.RLIMIT_DATA)[1]
        bound = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, most))
