"""The tables of :mod:`cablegram.export.tables` as Arrow: typed, in batches of so many cables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cablegram import __version__
from cablegram.cable import Cable
from cablegram.errors import CablegramError
from cablegram.export.tables import TABLES, Table, in_groups, without_surrogates

#: Cables whose rows are in memory at a time, and in one row group of each file.
BATCH: Final = 1000


def arrow() -> Any:
    """The module ``pyarrow``, which is an extra."""
    try:
        import pyarrow as pa
    except ImportError:
        raise CablegramError("Arrow and Parquet want pyarrow: install `cablegram[parquet]`, or choose another --format") from None
    return pa


def schema_of(table: Table, query: str) -> Any:
    """The Arrow schema: types, what every column means (metadata ``about``), and which program and query the rows are of."""
    pa = arrow()
    types = {
        "text": pa.string(), "category": pa.dictionary(pa.int32(), pa.string()), "int": pa.int64(), "bool": pa.bool_(),
        "time": pa.timestamp("ms", tz="UTC"), "texts": pa.list_(pa.string()), "ints": pa.list_(pa.int64()),
    }  # fmt: skip
    fields = [pa.field(one.name, types[one.kind], metadata={"about": one.about}) for one in table.columns]
    about = {"title": f"{table.name}: {table.about}", "program": f"cablegram {__version__}", "query": query}
    return pa.schema(fields, metadata={key: without_surrogates(value) for key, value in about.items()})


def schemas(query: str) -> dict[str, Any]:
    """The schema of every table, by its name."""
    return {table.name: schema_of(table, query) for table in TABLES}


def batches(cables: Iterable[tuple[str, Cable]], known: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """How many cables, and their rows as one Arrow record batch a table, until there are no more."""
    pa = arrow()
    for group in in_groups(cables, TABLES, BATCH):
        out: dict[str, Any] = {}
        for name, rows in group.rows.items():
            schema = known[name]
            columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
            arrays = [_array(pa, values, field.type) for values, field in zip(columns, schema, strict=True)]
            out[name] = pa.RecordBatch.from_arrays(arrays, schema=schema)
        yield group.cables, out


def _array(pa: Any, values: Sequence[Any], kind: Any) -> Any:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([without_surrogates(value) for value in values], kind)
