"""The tables: well formed, without contradictions, and resolving what telegrams write."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from cablegram.present.localtime import local_time
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


def test_each_post_has_a_time_zone() -> None:
    """An IANA zone that this machine knows; only the Secretary's party, which travels, has none."""
    zones = {(post.code, post.name): post.zone for post in posts.all_posts()}
    assert [code for (code, _), zone in zones.items() if not zone] == ["USDELSECRETARY"]
    assert set(zones.values()) - {""} <= available_timezones()
    for post in posts.all_posts():
        if post.zone:
            offset = ZoneInfo(post.zone).utcoffset(datetime(2009, 1, 15))
            assert offset is not None
            apart = abs(offset.total_seconds() / 3600 - post.lon / 15)
            assert min(apart, 24 - apart) < 3.1, post.code  # clocks follow the sun, three hours off at most


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("NEWDELHI", "Asia/Kolkata"),
        ("SAIGON", "Asia/Ho_Chi_Minh"),
        ("HANOI", "Asia/Ho_Chi_Minh"),
        ("BUKAVU", "Africa/Lubumbashi"),  # the east of a country of two zones
        ("KINSHASA", "Africa/Kinshasa"),
        ("PONTADELGADA", "Atlantic/Azores"),
        ("NUEVOLAREDO", "America/Matamoros"),  # keeps the clock of the other bank
        ("STRASBOURG", "Europe/Paris"),
        ("TRIESTE", "Europe/Rome"),
        ("GENEVA", "Europe/Zurich"),
        ("PRISTINA", "Europe/Belgrade"),
        ("KIEV", "Europe/Kyiv"),
    ],
)
def test_zones_near_borders_and_on_islands(code: str, zone: str) -> None:
    post = posts.resolve(code)
    assert post is not None
    assert post.zone == zone


@pytest.mark.parametrize(
    ("created", "code", "local"),
    [
        ("2007-12-14T06:26Z", "KARACHI", "2007-12-14 11:26 (UTC+5)"),
        ("2008-07-14T06:26Z", "KARACHI", "2008-07-14 12:26 (UTC+6)"),  # summer time in 2008
        ("1975-07-01T12:00Z", "MOSCOW", "1975-07-01 15:00 (UTC+3)"),  # no summer time before 1981
        ("2009-07-01T12:00Z", "MOSCOW", "2009-07-01 16:00 (UTC+4)"),
        ("1974-02-01T12:00Z", "STATE", "1974-02-01 08:00 (UTC-4)"),  # summer time all year round in 1974
        ("2009-02-01T12:00Z", "STATE", "2009-02-01 07:00 (UTC-5)"),
        ("1975-04-01T20:00Z", "SAIGON", "1975-04-02 04:00 (UTC+8)"),
        ("2009-12-31T20:00Z", "NEWDELHI", "2010-01-01 01:30 (UTC+5:30)"),
        ("2009-07-01T12:00Z", "CARACAS", "2009-07-01 07:30 (UTC-4:30)"),
        ("1980-01-01T00:00Z", "KATHMANDU", "1980-01-01 05:30 (UTC+5:30)"),
        ("2009-01-01T00:00Z", "KATHMANDU", "2009-01-01 05:45 (UTC+5:45)"),
        ("1976-06-01T00:00Z", "STJOHNSNF", "1976-05-31 21:30 (UTC-2:30)"),
        ("1974-09-11T14:35Z", "REYKJAVIK", "1974-09-11 14:35 (UTC+0)"),
        ("2005-06-28T14Z", "KARACHI", "2005-06-28 19:00-19:59 (UTC+5)"),  # known to the hour
        ("2005-06-28T18Z", "NEWDELHI", "2005-06-28 23:30-00:29 (UTC+5:30)"),
        ("2005-06-28", "KARACHI", None),  # known to the day
        ("2005-06-31T14Z", "KARACHI", None),
        ("2005-06-28T25:00Z", "KARACHI", None),
        ("2005-06-28T14:00Z", "USDELSECRETARY", None),
        ("9999-12-31T23:00Z", "TOKYO", None),
        ("", "LIMA", None),
    ],
)
def test_local_time(created: str, code: str, local: str | None) -> None:
    post = posts.resolve(code)
    assert post is not None
    assert local_time(created, post.zone) == local


@pytest.mark.parametrize("zone", ["", "America", "../etc/passwd", "/etc/passwd", "Nowhere/Else", "a\0b", "x" * 300])
def test_local_time_of_no_zone_is_none(zone: str) -> None:
    assert local_time("2009-07-01T12:00Z", zone) is None
