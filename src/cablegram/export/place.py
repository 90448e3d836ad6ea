"""Where an export comes to stand: under a name of its own while it is written, under the name asked for when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cablegram.errors import CablegramError

#: The sidecar inside a folder that we made.
INSIDE: Final = "export.meta.json"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")
#: Names that Windows keeps for devices, whatever their ending.
_DEVICES: Final = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_LONGEST: Final = 80


def safe_name(name: str) -> str:
    """``name`` as the name of one file on any system; two names that differ stay two.

    What is not a letter, digit, ``.``, ``_`` or ``-`` becomes ``_``, and a piece of the checksum of the whole stands behind it.
    """
    safe = _UNSAFE.sub("_", name)[:_LONGEST]
    if safe == name and not name.startswith((".", "-")) and not name.endswith(".") and not _DEVICES.fullmatch(name) and name:
        return name
    return f"_{safe.strip('.')}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name[:40]}.{secrets.token_hex(6)}.part")


def explained(place: str, error: OSError) -> CablegramError:
    """A failure of the file system in one line."""
    return CablegramError(f"{place}: cannot be written ({error.strerror or error})")


@contextmanager
def new_file(place: Path) -> Iterator[Path]:
    """A new, empty file beside ``place``, which takes its name when the block is done; it is taken away where the block fails."""
    with suppress(FileNotFoundError):
        place.lstat()  # a name that is too long is told before the work, not after it
    part = _beside(place)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield part
        os.replace(part, place)
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """A new folder beside ``place``, which takes its name when the block is done; it is taken away where the block fails.

    What stands at ``place`` is replaced only where it is an empty folder, or one of ours to which nothing was added. ``CablegramError``
    where it is another.
    """
    _require_ours(place)
    part = _beside(place)
    part.mkdir()
    try:
        yield part
        # Asked again: writing may have taken an hour.
        _require_ours(place)
        old = _beside(place)
        if place.exists():
            os.rename(place, old)
        os.rename(part, place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _files_in(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _require_ours(place: Path) -> None:
    try:
        place.lstat()
    except FileNotFoundError:
        return
    if place.is_symlink() or not place.is_dir():
        raise CablegramError(f"{place}: is a file; this form of export makes a folder: give another name")
    if not any(place.iterdir()):
        return
    try:
        meta = json.loads((place / INSIDE).read_text(encoding="utf-8"))
        count = meta["files"] if str(meta["program"]).startswith("cablegram ") else None
    except (OSError, ValueError, KeyError, TypeError):
        count = None
    if count != _files_in(place):
        raise CablegramError(f"{place}: this folder has files that no export has made; give a new folder, or empty this one")


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sidecar(place: Path, meta: dict[str, Any]) -> None:
    """Write ``meta`` as JSON."""
    place.write_bytes(json.dumps(meta, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n")


def close_folder(folder: Path, meta: dict[str, Any], *, checksums: bool) -> None:
    """Write the sidecar of a folder: ``meta``, the number of its files, and, where it has few, the checksum of each."""
    if checksums:
        meta["sha256"] = {path.name: checksum(path) for path in sorted(folder.iterdir()) if path.is_file()}
    write_sidecar(folder / INSIDE, {**meta, "files": _files_in(folder) + 1})
