"""A tree of text files, one a cable: ``year/POST/ID.txt``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cablegram.cable import Cable
from cablegram.export.formats import reading_text
from cablegram.export.place import safe_name

_UNKNOWN: Final = "unknown"


def write_tree(cables: Iterable[tuple[str, Cable]], folder: Path, *, originals: bool = False) -> int:
    """Write each cable to ``year/POST/ID.txt`` in ``folder``: its restored text below its subject, or, with ``originals``, the original
    character for character (a record without one has no file then). How many cables there were.

    Where year or post is not known the folder is ``unknown``.
    """
    count = 0
    made: set[str] = set()
    for key, cable in cables:
        year = (cable.created or "")[:4]
        post = cable.origin.post if cable.origin is not None else None
        inner = f"{safe_name(year) if year else _UNKNOWN}/{safe_name(post) if post else _UNKNOWN}"
        count += 1
        if originals and not cable.original:
            continue
        if inner not in made:
            (folder / inner).mkdir(parents=True, exist_ok=True)
            made.add(inner)
        told = cable.original if originals else reading_text(key, cable)
        # The original's lone surrogates, which no source has but a program may give, are kept as they were.
        data = told.encode("utf-8", "surrogatepass" if originals else "replace")
        (folder / inner / f"{safe_name(key)}.txt").write_bytes(data)
    return count
