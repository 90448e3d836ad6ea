"""Reading whole sources: every record parsed, every refusal kept, nothing raised for one bad record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cablegram.cable import Cable
from cablegram.interpret.reader import parse, without_text
from cablegram.sources import open_source
from cablegram.sources.base import Refusal


def read_items(path: str | Path) -> Iterator[Cable | Refusal]:
    """Cables and refusals of any source, in its order, one at a time.

    ``path`` is a file, a folder, or ``-`` for standard input. Raises :class:`UnreadableInput` where the source as a
    whole cannot be read.
    """
    for item in open_source(path):
        if isinstance(item, Refusal):
            yield item
        elif item.text is None:
            yield without_text(item.claims, item.reason or "the source has no text")
        else:
            yield parse(item.text, item.claims)


class Reading(Iterator[Cable]):
    """The cables of a source; what was refused gathers in ``refusals`` while it is read."""

    def __init__(self, path: str | Path) -> None:
        self.refusals: list[Refusal] = []
        self._items = read_items(path)

    def __next__(self) -> Cable:
        for item in self._items:
            if isinstance(item, Refusal):
                self.refusals.append(item)
            else:
                return item
        raise StopIteration


def read(path: str | Path) -> Reading:
    """Iterate over the cables of any source; never raises for one bad record (see ``Reading.refusals``)."""
    return Reading(path)
