"""Cables as data frames: the tables of :mod:`cablegram.export.tables`, typed, by way of Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.errors import CablegramError
from cablegram.export.arrow import arrow, batches, schemas
from cablegram.export.selection import keyed

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class PolarsFrames(NamedTuple):
    """The tables ``cables``, ``paragraphs``, ``references`` and ``addressees`` as frames of polars."""

    cables: pl.DataFrame
    paragraphs: pl.DataFrame
    references: pl.DataFrame
    addressees: pl.DataFrame


class PandasFrames(NamedTuple):
    """The tables ``cables``, ``paragraphs``, ``references`` and ``addressees`` as frames of pandas."""

    cables: pd.DataFrame
    paragraphs: pd.DataFrame
    references: pd.DataFrame
    addressees: pd.DataFrame


@contextmanager
def _opened(archive: Archive | str | Path) -> Iterator[Archive]:
    if isinstance(archive, Archive):
        yield archive
    else:
        with Archive(archive, create=False) as opened:
            yield opened


def _tables(archive: Archive | str | Path, query: str) -> dict[str, Any]:
    pa = arrow()
    known = schemas(query)
    kept: dict[str, list[Any]] = {name: [] for name in known}
    with _opened(archive) as opened:
        for _, group in batches(keyed(opened, query), known):
            for name, batch in group.items():
                kept[name].append(batch)
    # Each batch has its own list of categories; a frame has one.
    return {name: pa.Table.from_batches(some, known[name]).unify_dictionaries() for name, some in kept.items()}


def to_polars(archive: Archive | str | Path, query: str = "") -> PolarsFrames:
    """The cables that ``query`` finds (all, if it is empty) as frames of polars: ``cables``, ``paragraphs``, ``references``, ``addressees``.

    Their columns are listed in ``docs/exports.md``. All of it is in memory. ``CablegramError`` where polars or pyarrow is not installed.
    """
    try:
        import polars as pl
    except ImportError:
        raise CablegramError("to_polars wants polars: install `cablegram[polars]`") from None

    def frame(table: Any) -> pl.DataFrame:
        made = pl.from_arrow(table)
        assert isinstance(made, pl.DataFrame)
        return made

    return PolarsFrames(**{name: frame(table) for name, table in _tables(archive, query).items()})


def to_pandas(archive: Archive | str | Path, query: str = "") -> PandasFrames:
    """The same as :func:`to_polars`, as frames of pandas: whole numbers are ``Int64`` and truths ``boolean``, which know what is missing."""
    try:
        import pandas as pd
    except ImportError:
        raise CablegramError("to_pandas wants pandas: install `cablegram[pandas]`") from None
    pa = arrow()
    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return PandasFrames(**{name: table.to_pandas(types_mapper=nullable.get) for name, table in _tables(archive, query).items()})
