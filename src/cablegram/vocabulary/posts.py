"""Posts through time: embassies, consulates, missions and offices since 1973, with every spelling that telegrams use."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from cablegram.vocabulary.tables import many, read_table, year


class Post(NamedTuple):
    """One post. ``code`` is its form in message numbers (RIODEJANEIRO); ``name`` the display form; ``kind`` embassy, consulate,
    mission, department and others; ``country`` ISO 3166;
    ``lat`` and ``lon`` degrees; ``zone`` the IANA time zone of that place, "" for a party that travels (the Secretary's);
    ``address`` the plain-language address; ``routing`` indicators (ACP 117); ``aliases`` short and older spellings;
    ``since`` and ``until`` years or None; ``renamed`` the code of its later name; ``evidence`` where the row is from."""

    code: str
    name: str
    kind: str
    country: str
    lat: float
    lon: float
    zone: str
    address: str
    routing: tuple[str, ...]
    aliases: tuple[str, ...]
    since: int | None
    until: int | None
    renamed: str | None
    evidence: str


_FOLD: Final = re.compile(r"[^A-Z0-9]")
_PREFIX: Final = re.compile(r"(?:AMEMBASSY|AMCONSUL|AMCOMSUL|AMCONGEN|USMISSION|USINT|USDEL|USLO|REO|AMB)\s+(?=\S)")
#: Section-break lines cut a post's name to this many characters.
_CUT: Final = 10
#: No spelling of a post is longer; longer words are no post (characters).
_LONGEST: Final = 60


@cache
def all_posts() -> tuple[Post, ...]:
    """All posts of the table, in order of their codes."""
    return tuple(
        Post(
            row["code"], row["name"], row["kind"], row["country"], float(row["lat"]), float(row["lon"]), row["zone"],
            row["address"], many(row["routing"]), many(row["aliases"]), year(row["since"]), year(row["until"]),
            row["renamed"] or None, row["evidence"],
        )
        for row in read_table("posts")
    )  # fmt: skip


def fold(name: str) -> str:
    """``name`` in capitals, with letters and digits only."""
    return _FOLD.sub("", name.upper())


@cache
def _by_spelling() -> dict[str, Post]:
    """Every folded spelling; a code goes before an address, an address before an alias, an alias before a cut."""
    index: dict[str, Post] = {}
    posts = all_posts()
    # Two entries may share a code (USEU and the embassy at Brussels): the one whose address fits it goes first.
    for post in sorted(posts, key=lambda post: fold(post.address).endswith(post.code) is False or post.kind == "mission"):
        index.setdefault(post.code, post)
    for post in posts:
        index.setdefault(fold(post.address), post)
    for post in posts:
        for alias in post.aliases:
            index.setdefault(fold(alias), post)
    for post in posts:
        place = _PREFIX.sub("", post.address, count=1)
        if len(place) > _CUT:
            index.setdefault(fold(place[:_CUT]), post)
    return index


@cache
def last_words() -> frozenset[str]:
    """The last word of every spelling of a post, folded: who looks for posts in a long text asks this first."""
    spelled = (word for post in all_posts() for word in (post.address, *post.aliases) if word)
    return frozenset(map(fold, (word.split()[-1] for word in spelled))) | frozenset(_by_spelling())


_known: dict[str, Post | None] = {}


def resolve(name: str) -> Post | None:
    """The post that ``name`` spells, or None: a code, an address (AMEMBASSY LIMA), an alias, or a name cut to ten characters.

    Case, blanks, full stops and hyphens do not matter; nothing is guessed. Repeated calls cost one look-up.
    """
    try:
        return _known[name]
    except KeyError:
        pass
    if len(name) > _LONGEST:
        return None
    index = _by_spelling()
    upper = " ".join(name.upper().split())
    found = index.get(fold(upper))
    if found is None:
        bare = _PREFIX.sub("", upper, count=1)
        found = index.get(fold(bare)) if bare != upper else None
    if len(_known) < 100_000:
        _known[name] = found
    return found


@cache
def _by_routing() -> dict[str, Post]:
    return {routing: post for post in all_posts() for routing in post.routing}


def by_routing(routing: str) -> Post | None:
    """The post whose routing indicator is ``routing`` (ACP 117), or None."""
    return _by_routing().get(routing)
