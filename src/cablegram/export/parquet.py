"""A folder of Parquet files, one a table of :mod:`cablegram.export.tables`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from cablegram.cable import Cable
from cablegram.export.arrow import arrow, batches, schemas


def write_tables(cables: Iterable[tuple[str, Cable]], folder: Path, query: str) -> int:
    """Write ``cables.parquet``, ``paragraphs.parquet``, ``references.parquet`` and ``addressees.parquet`` into ``folder``; how many cables.

    Streamed in row groups, compressed with zstd; the schema's metadata say what each column means, and the program and the query.
    """
    arrow()
    import pyarrow.parquet as pq

    known = schemas(query)
    count = 0
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd"))
            for name, schema in known.items()
        }
        for size, group in batches(cables, known):
            for name, batch in group.items():
                if batch.num_rows:
                    writers[name].write_batch(batch)
            count += size
    return count
