"""Countries by ISO 3166 code and English name, also those that are no more."""

from __future__ import annotations

from functools import cache

from cablegram.vocabulary.tables import many, read_table


@cache
def _names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in read_table("countries")}


@cache
def _codes() -> dict[str, str]:
    out: dict[str, str] = {}
    for row in read_table("countries"):
        for name in (row["code"], row["name"], *many(row["aliases"])):
            out[name.upper()] = row["code"]
    return out


def country_name(code: str) -> str:
    """The English name of a country; the code itself where the table does not have it."""
    return _names().get(code, code)


def country_code(name: str) -> str | None:
    """The code of a country by its code or name in any case, or None."""
    return _codes().get(" ".join(name.upper().split()))
