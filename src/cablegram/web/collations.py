"""Sources of the archive collated as a whole, as the pages ask for it: one pair at a time, in the background, kept for the next reader."""

from __future__ import annotations

from typing import Any

from cablegram.study.collation import Collation, collation_of
from cablegram.study.sides import Side
from cablegram.web.background import PATIENCE, Background


class Collations:
    """The collations of one archive. Threads may ask at the same time; one of them collates."""

    def __init__(self) -> None:
        self.background = Background("collations")

    def ready(self, a: Side, b: Side, wait: float = PATIENCE) -> tuple[Collation, dict[str, Any], bool] | None:
        """The collation of two sides, its summary, and whether the archive changed since; None where there is none yet after ``wait``
        seconds: another pair may be before it."""
        found, key = collation_of(a, b), (a.sources, b.sources, a.state())
        if not found.is_ready():
            self.background.begin(key, lambda told: collation_of(a, b).update(told), found.is_ready, wait)
        summary = found.summary()
        if summary is not None:
            return found, summary, not found.is_ready()
        if (error := self.background.failure(key)) is not None:
            raise error
        return None
