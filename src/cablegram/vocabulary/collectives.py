"""Collective addresses: one name on an address line that stands for many posts.

``data/collectives.tsv`` has one a row: its kinds of posts, and its member countries with the years from and to which they belong. Only
members that can be dated are listed; a collective that is not here is not expanded.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from cablegram.vocabulary.posts import all_posts, fold
from cablegram.vocabulary.tables import many, read_table, year


class Member(NamedTuple):
    """A member ``country`` (ISO 3166), from the year ``since`` to the year ``until``, None where open."""

    country: str
    since: int | None
    until: int | None


class Collective(NamedTuple):
    """A collective address: ``name``, other spellings (``aliases``), the ``kinds`` of posts that it reaches in its ``members``, and where that is from
    (``evidence``)."""

    name: str
    aliases: tuple[str, ...]
    kinds: tuple[str, ...]
    members: tuple[Member, ...]
    evidence: str


def _member(text: str) -> Member:
    country, _, years = text.partition(":")
    since, _, until = years.partition("-")
    return Member(country, year(since), year(until))


@cache
def all_collectives() -> tuple[Collective, ...]:
    """All collectives of the table."""
    return tuple(
        Collective(
            row["name"], many(row["aliases"]), many(row["kinds"]), tuple(map(_member, many(row["members"]))), row["evidence"]
        )
        for row in read_table("collectives")
    )


@cache
def _index() -> dict[str, Collective]:
    return {fold(name): one for one in all_collectives() for name in (one.name, *one.aliases)}


def lookup(name: str) -> Collective | None:
    """The collective that an address names, in any case and spacing; None where the table has none."""
    return _index().get(fold(name))


def members(collective: Collective, when: int) -> tuple[str, ...]:
    """The codes of the posts that a collective reached in a year, in alphabetical order.

    Of two embassies in one country the one that is known to have closed later is that of its time: Bonn before Berlin, Lagos before Abuja.
    """
    countries = {
        one.country for one in collective.members if (one.since is None or one.since <= when) and (one.until is None or when < one.until)
    }  # fmt: skip
    there = [
        post
        for post in all_posts()
        if post.country in countries
        and post.kind in collective.kinds
        and (post.since is None or post.since <= when)
        and (post.until is None or when <= post.until)
    ]
    closing = {post.country for post in there if post.kind == "embassy" and post.until is not None}
    return tuple(
        sorted({post.code for post in there if post.kind != "embassy" or post.until is not None or post.country not in closing})
    )
