"""How soon cables are cited: learned from the pairs of which both are held, used to date those of which only one is."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Final

from cablegram.archive.archive import Archive
from cablegram.archive.citations import citing

#: Edges of the bins in days: narrow where most citations are, the same day and week.
_EDGES: Final = (
    0.0,
    0.25,
    0.5,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
    6.0,
    8.0,
    12.0,
    16.0,
    24.0,
    32.0,
    64.0,
    128.0,
    365.0,
    1_096.0,
    3_653.0,
    36_525.0,
)
#: Before there is anything to learn from: one citation an equal step of the logarithm.
_BEFOREHAND: Final = 1.0
_PAIRS: Final = 20_000
_OTHERS: Final = "r.target = h.key AND c.id != h.id AND length(c.created) >= 16"
#: Points at which a density is weighed.
_GRID: Final = 160


class Lags:
    """The days from a cable to its first citation: a histogram of ``days``, each known pair one."""

    def __init__(self, days: Iterable[float] = ()) -> None:
        counts = [_BEFOREHAND] * (len(_EDGES) - 1)
        self.pairs = 0
        for day in days:
            if 0 <= day < _EDGES[-1]:
                counts[bisect_right(_EDGES, day) - 1] += 1
                self.pairs += 1
        self._log = [math.log(count / (_EDGES[n + 1] - _EDGES[n])) for n, count in enumerate(counts)]

    def log(self, day: float) -> float:
        """Logarithm of the density at so many days, but for a constant."""
        if day < 0:
            # Sent after it was cited: numbers given before the message went out.
            return self._log[0] - 4.0 - 4.0 * min(-day, 100.0)
        return self._log[min(bisect_right(_EDGES, day), len(self._log)) - 1]


def lags_of(archive: Archive) -> Lags:
    """The lags of an archive: of the cables that are held and cited by a held one, twenty thousand at most, spread over all."""
    db = archive.store.db
    total = db.execute("SELECT count(*) FROM cables").fetchone()[0]
    step = max(1, total // _PAIRS)
    rows = db.execute(
        f"SELECT julianday(h.created), julianday((SELECT min(created) FROM ({citing('c.created', _OTHERS)})))"
        " FROM cables h WHERE h.id % ?1 = 0 AND length(h.created) >= 16",
        (step,),
    )
    return Lags(cited - sent for sent, cited in rows if cited is not None and sent is not None)


def median(log_density: Callable[[float], float], first: float, last: float) -> float:
    """The median of a density on ``first`` to ``last``, given as its logarithm but for a constant."""
    if last - first < 1e-6:
        return first
    width = (last - first) / _GRID
    places = [first + (n + 0.5) * width for n in range(_GRID)]
    logs = [log_density(place) for place in places]
    top = max(logs)
    weights = [math.exp(value - top) for value in logs]
    half = sum(weights) / 2
    for place, weight in zip(places, weights, strict=True):
        if half <= weight:
            return place + width * (half / weight - 0.5)
        half -= weight
    return last
