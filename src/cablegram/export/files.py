"""Exports to files, each with a sidecar that says what it is: query, count, program, checksum."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from cablegram import __version__
from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.errors import CablegramError
from cablegram.export.formats import ENDINGS, FORMATS


def choose_format(path: str, wanted: str | None) -> str:
    """The format that was asked for, or that the file's ending tells; JSON lines on standard output."""
    if wanted is not None:
        return wanted
    if path == "-":
        return "jsonl"
    found = ENDINGS.get(Path(path).suffix.lower())
    if found is None:
        raise CablegramError(f"{path}: say which --format: {', '.join(FORMATS)}")
    return found


def _keyed(archive: Archive, query: str) -> Iterator[tuple[str, Cable]]:
    for key in archive.find_ids(query) if query else archive.ids():
        cable = archive.get(key)
        if cable is not None:
            yield key, cable


def export(archive: Archive, query: str, path: str, wanted: str | None = None) -> int:
    """Write the cables that ``query`` finds (all, if it is empty) to ``path`` (``-``: standard output); how many there were.

    The file appears under its name when it is whole, with ``path.meta.json`` beside it.
    """
    form = choose_format(path, wanted)
    cables = _keyed(archive, query)
    if path == "-":
        return FORMATS[form](cables, sys.stdout.buffer)
    place = Path(path)
    if not place.name or os.path.isdir(path):
        raise CablegramError(f"{path}: is a folder; give the name of a file in it")
    part = place.with_name(place.name + ".part")
    try:
        with part.open("wb") as out:
            count = FORMATS[form](cables, out)
        os.replace(part, place)
        with place.open("rb") as written:
            checksum = _checksum(written)
        meta = {
            "file": place.name, "format": form, "query": query, "cables": count, "program": f"cablegram {__version__}",
            "archive": archive.folder.resolve().name, "created": datetime.now(UTC).isoformat(timespec="seconds"), "sha256": checksum,
        }  # fmt: skip
        place.with_name(place.name + ".meta.json").write_text(
            json.dumps(meta, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise CablegramError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return count


def _checksum(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
