"""Reading the data tables: tab-separated files with a header row, each row with its evidence."""

from __future__ import annotations

from importlib.resources import files

from cablegram.errors import CablegramError


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of ``data/<name>.tsv`` as dicts by column. ``CablegramError`` where a row has not all columns."""
    text = (files("cablegram.vocabulary") / "data" / f"{name}.tsv").read_text(encoding="utf-8")
    head, *rows = (line.split("\t") for line in text.rstrip("\n").split("\n"))
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise CablegramError(f"{name}.tsv, line {number}: {len(row)} columns, not {len(head)}")
    return [dict(zip(head, row, strict=True)) for row in rows]


def year(value: str) -> int | None:
    """A year of a table, or None where the cell is empty."""
    return int(value) if value else None


def many(value: str) -> tuple[str, ...]:
    """The parts of a cell that holds several values, set apart by semicolons."""
    return tuple(part for part in value.split(";") if part)
