"""The names of the forms of export. Apart, so that a command line can list them without what writes them."""

from __future__ import annotations

from typing import Final

#: Streams, files, folders.
FORMS: Final = (
    "jsonl", "csv", "parquet", "text", "sqlite", "bundle", "parquet-tables", "text-tree", "text-tree-originals", "site",
)  # fmt: skip
#: The form that a file's ending asks for.
ENDINGS: Final = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".txt": "text", ".sqlite": "sqlite", ".db": "sqlite",
    ".zip": "bundle",
}  # fmt: skip
