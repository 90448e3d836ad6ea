"""Read, keep, search, cite and study diplomatic cables (State Department record telegrams)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.3.0"

from cablegram.cable import Cable
from cablegram.errors import ArchiveError, CablegramError, UnreadableInput
from cablegram.interpret.reader import parse
from cablegram.reading import read

if TYPE_CHECKING:
    from cablegram.archive.archive import Archive as Archive
    from cablegram.client.remote import connect as connect
    from cablegram.export.frames import to_pandas as to_pandas
    from cablegram.export.frames import to_polars as to_polars

__all__ = [
    "Archive",
    "ArchiveError",
    "Cable",
    "CablegramError",
    "UnreadableInput",
    "connect",
    "parse",
    "read",
    "to_pandas",
    "to_polars",
]


def __getattr__(name: str) -> Any:
    # The archive brings an index and a database along: who only reads telegrams need not wait for them.
    if name == "Archive":
        from cablegram.archive.archive import Archive

        return Archive
    if name == "connect":
        from cablegram.client.remote import connect

        return connect
    if name in ("to_pandas", "to_polars"):
        from cablegram.export import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
