"""The tables: well formed, without contradictions, and resolving what telegrams write."""

from __future__ import annotations

from collections import Counter

import pytest

from cablegram.vocabulary import posts, tags, terms


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("AMEMBASSY NEW DELHI", "NEWDELHI"),
        ("NEWDE", "NEWDELHI"),  # National Archives' cut
        ("GUATEM", "GUATEMALA"),
        ("RIO DE JAN", "RIODEJANEIRO"),  # section-break cut
        ("Rio de Janeiro", "RIODEJANEIRO"),
        ("SECSTATE WASHDC", "STATE"),
        ("SECSTATE", "STATE"),
        ("STATE", "STATE"),
        ("USUN", "USUNNEWYORK"),
        ("USUN NEW YORK", "USUNNEWYORK"),
        ("THE HAGUE", "THEHAGUE"),
        ("LA PAZ", "LAPAZ"),
        ("USEU BRUSSELS", "BRUSSELS"),  # shares the embassy's message numbers
        ("AMEMBASSY BRUSSELS", "BRUSSELS"),
        ("UNVIE VIENNA", "UNVIEVIENNA"),
        ("IRAN RPO DUBAI", "RPODUBAI"),
        ("AMCONSUL DUBAI", "DUBAI"),
        ("KIEV", "KIEV"),
        ("AMEMBASSY KYIV", "KYIV"),
        ("USINT HAVANA", "HAVANA"),
        ("CASA", "CASABLANCA"),
        ("PORT AU PR", "PORTAUPRINCE"),
        ("LOUREN", "LOURENCOMARQUES"),
        ("SAIGON", "SAIGON"),
        ("AIT TAIPEI", "TAIPEI"),
    ],
)
def test_spellings_resolve(written: str, code: str) -> None:
    post = posts.resolve(written)
    assert post is not None
    assert post.code == code


@pytest.mark.parametrize("word", ["", "JUNE", "POINTS", "X" * 500, "REPORT", "NOTHING AT ALL"])
def test_what_is_no_post_is_none(word: str) -> None:
    assert posts.resolve(word) is None


def test_renamed_posts_name_their_successor() -> None:
    codes = {post.code for post in posts.all_posts()}
    renamed = [post for post in posts.all_posts() if post.renamed]
    assert {"SAIGON", "BOMBAY", "PEKING", "KIEV", "LOURENCOMARQUES"} <= {post.code for post in renamed}
    assert all(post.renamed in codes for post in renamed)


def test_posts_table_is_well_formed() -> None:
    every = posts.all_posts()
    assert len(every) >= 300
    assert len({(post.code, post.name) for post in every}) == len(every)
    for post in every:
        assert post.code.isalnum()
        assert post.code.isupper()
        assert len(post.country) == 2
        assert -90 <= post.lat <= 90
        assert -180 <= post.lon <= 180
        assert post.evidence
        assert post.since is None or post.until is None or post.since <= post.until
        for routing in post.routing:
            assert 4 <= len(routing) <= 8
            assert routing.startswith("R")


def test_no_spelling_means_two_posts() -> None:
    """An alias or routing indicator stands in one row only, and is no other post's code."""
    aliases = Counter(posts.fold(alias) for post in posts.all_posts() for alias in post.aliases)
    assert [alias for alias, count in aliases.items() if count > 1] == []
    codes = {post.code for post in posts.all_posts()}
    wrong = [a for post in posts.all_posts() for a in post.aliases if posts.fold(a) in codes - {post.code}]
    assert wrong == []
    indicators = Counter(routing for post in posts.all_posts() for routing in post.routing)
    assert [routing for routing, count in indicators.items() if count > 1] == []


def test_tags_and_terms() -> None:
    assert {tag.kind for tag in tags.all_tags()} == {"subject", "geographic", "organisation", "program"}
    pgov = tags.lookup("PGOV")
    assert pgov is not None
    assert pgov.kind == "subject"
    assert tags.lookup("NOSUCH") is None
    assert all(tag.evidence and tag.meaning for tag in tags.all_tags())
    for group, code in (
        ("caption", "nodis"), ("precedence", "NIACT IMMEDIATE"), ("order", "12958"), ("declassification", "25X1"),
        ("declassification", "OADR"), ("prosign", "ZNY"), ("acronym", "PolOff"),
    ):  # fmt: skip
        assert terms.lookup(group, code) is not None
    assert terms.lookup("caption", "NOSUCH") is None
    assert all(term.evidence and term.rule for term in terms.all_terms())
