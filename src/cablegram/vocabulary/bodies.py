"""Bodies that are no posts and get telegrams: agencies in Washington and military commands, with their spellings on address lines.

``data/bodies.tsv`` has one a row. An office behind a body's name (``DIA WASHINGTON DC//DHI-1B//``) is an addressee of its own, and what the
table does not spell is joined with nothing.
"""

from __future__ import annotations

from functools import cache, lru_cache

from cablegram.vocabulary.posts import fold
from cablegram.vocabulary.tables import many, read_table


@cache
def _index() -> dict[str, str]:
    return {fold(name): row["name"] for row in read_table("bodies") for name in (row["name"], *many(row["aliases"]))}


@lru_cache(10_000)
def _standard(name: str) -> str:
    return _index().get(fold(name), name)


def standard(name: str) -> str:
    """The name by which a body is known, of any spelling that the table has, in any case and spacing; ``name`` itself where it has none."""
    return _standard(name)
