"""Exports to files and folders, each with a sidecar that says what it is: query, count, program, checksum."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from cablegram import __version__
from cablegram.archive.archive import Archive
from cablegram.errors import CablegramError
from cablegram.export.formats import FORMATS
from cablegram.export.names import ENDINGS, FORMS
from cablegram.export.place import checksum, close_folder, explained, new_file, new_folder, write_sidecar
from cablegram.export.selection import keyed, selected, sparing
from cablegram.present.masked import told_of


class Choice(NamedTuple):
    """Which cables: those that ``query`` finds, or those of ``ids``, or all."""

    query: str
    ids: tuple[str, ...]


Make = Callable[[Archive, Choice, Path, str], int]


def _parquet_tables(archive: Archive, choice: Choice, folder: Path, name: str) -> int:
    from cablegram.export.parquet import write_tables

    return write_tables(keyed(archive, *choice), folder, choice.query)


def _text_tree(archive: Archive, choice: Choice, folder: Path, name: str) -> int:
    from cablegram.export.tree import write_tree

    return write_tree(keyed(archive, *choice), folder)


def _text_tree_originals(archive: Archive, choice: Choice, folder: Path, name: str) -> int:
    from cablegram.export.tree import write_tree

    return write_tree(keyed(archive, *choice), folder, originals=True)


def _site(archive: Archive, choice: Choice, folder: Path, name: str) -> int:
    from cablegram.export.site import write_site

    return write_site(archive, selected(archive, *choice), folder, name, choice.query)


def _sqlite(archive: Archive, choice: Choice, part: Path, name: str) -> int:
    from cablegram.export.sqlite import write_sqlite

    return write_sqlite(keyed(archive, *choice), part)


def _bundle(archive: Archive, choice: Choice, part: Path, name: str) -> int:
    from cablegram.export.bundle import write_bundle

    return write_bundle(archive, keyed(archive, *choice), part, Path(name).stem, choice.query)


#: Forms that are one file, but no stream, and forms that are a folder.
FILES: Final[dict[str, Make]] = {"sqlite": _sqlite, "bundle": _bundle}
FOLDERS: Final[dict[str, Make]] = {
    "parquet-tables": _parquet_tables, "text-tree": _text_tree, "text-tree-originals": _text_tree_originals, "site": _site,
}  # fmt: skip


def choose_format(path: str, wanted: str | None) -> str:
    """The format that was asked for, or that the file's ending tells; JSON lines on standard output."""
    if wanted is not None:
        return wanted
    if path == "-":
        return "jsonl"
    found = ENDINGS.get(Path(path).suffix.lower())
    if found is None:
        raise CablegramError(f"{path}: say which --format: {', '.join(FORMS)}")
    return found


def export(archive: Archive, query: str, path: str, wanted: str | None = None, ids: Sequence[str] = ()) -> int:
    """Write the cables that ``query`` finds (or those of ``ids``, or all) to ``path`` (``-``: standard output); how many there were.

    A file appears under its name when it is whole, with ``path.meta.json`` beside it; a folder has ``export.meta.json`` in it, and
    replaces only an empty one or an export of ours.
    """
    form = choose_format(path, wanted)
    with sparing(archive):
        return _export(archive, Choice(query, tuple(ids)), path, form)


def _masked(archive: Archive) -> dict[str, Any]:
    """What a sidecar says of what is masked; nothing where nothing is."""
    masked = archive.masked
    return {"masked": list(masked.groups), "note": told_of(masked)} if masked is not None else {}


def _export(archive: Archive, choice: Choice, path: str, form: str) -> int:
    if path == "-":
        if form not in FORMATS:
            raise CablegramError(f"the form {form} cannot go to standard output; give the name of a file or folder")
        return FORMATS[form](keyed(archive, *choice), sys.stdout.buffer)
    place = Path(path)
    if not place.name or (form not in FOLDERS and os.path.isdir(path)):
        raise CablegramError(f"{path}: is a folder; give the name of a file in it")
    meta: dict[str, Any] = {
        "file": place.name, "format": form, "query": choice.query,
        **({"ids": sorted(choice.ids)} if choice.ids else {}), "cables": 0,
        "program": f"cablegram {__version__}", "archive": archive.name, **_masked(archive),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    try:
        if form in FOLDERS:
            with new_folder(place) as folder:
                meta["cables"] = FOLDERS[form](archive, choice, folder, place.name)
                close_folder(folder, meta, checksums=form == "parquet-tables")
        else:
            with new_file(place) as part:
                meta["cables"] = _write_file(archive, choice, form, part, place.name)
                meta["sha256"] = checksum(part)
            write_sidecar(place.with_name(place.name + ".meta.json"), meta)
            if form == "sqlite":
                from cablegram.export.datasette import metadata

                write_sidecar(place.with_name(place.name + ".datasette.json"), metadata(place.stem, meta))
    except OSError as error:
        raise explained(path, error) from None
    return int(meta["cables"])


def _write_file(archive: Archive, choice: Choice, form: str, part: Path, name: str) -> int:
    if form in FILES:
        return FILES[form](archive, choice, part, name)
    with part.open("wb") as out:
        return FORMATS[form](keyed(archive, *choice), out)
