"""In how many threads work is done beside the one that serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

_T = TypeVar("_T")


class Apart:
    """Does work in at most ``most`` threads; what comes beyond that waits its turn."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, work: Callable[[], _T]) -> _T:
        """What ``work`` gives."""
        if self._limiter is None:
            # Made here, where there is an event loop.
            self._limiter = anyio.CapacityLimiter(self._most)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)
