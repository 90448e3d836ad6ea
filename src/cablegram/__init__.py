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

__all__ = ["Archive", "ArchiveError", "Cable", "CablegramError", "UnreadableInput", "parse", "read"]


def __getattr__(name: str) -> Any:
    # The archive brings an index and a database along: who only reads telegrams need not wait for them.
    if name == "Archive":
        from cablegram.archive.archive import Archive

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
