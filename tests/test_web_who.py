"""The pages of the distribution and of source protection: whole and harmless; each number is the length of its list; nothing masked is shown."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

import cablegram
import reading
from cablegram import Archive
from cablegram.fiction.bundle import telegrams
from cablegram.protect.copy import masked_folder
from cablegram.protect.kept import Finds
from cablegram.protect.listing import finds_in
from cablegram.protect.rules import KINDS
from cablegram.study.copies import Copies, Scope
from cablegram.study.distribution import ROLES, Distribution, distribution
from cablegram.study.kept import Kept
from cablegram.web.app import create_app
from cablegram.web.settings import Settings
from test_distribution import CABLES
from test_protection import HIDING, secrets, squeezed, text_of
from test_web import check_fault, check_page
from test_web_study import all_of, count_at, evidence_links

#: Without a date-time group: told to nobody knows when.
UNDATED = "FM AMEMBASSY LIMA\nTO SECSTATE WASHDC\nUNCLAS LIMA 000777\n\nE.O. 12958: N/A\nTAGS: PGOV\nSUBJECT: THE BELL, UNDATED\n\n1. (U) The bell.\n\nFENWICK\n"
HOSTILE = (
    f"R 010203Z JUN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC\nINFO {reading.EVIL}\n=CMD()\nEUROPEAN POLITICAL COLLECTIVE\nUNCLAS LIMA 000778\n\n"
    "E.O. 12958: N/A\nTAGS: PGOV\nSUBJECT: THE BELL AND THE FORMULA\n\n1. (U) The bell.\n\nFENWICK\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled stories, the four cables of the bell, and what is odd."""
    place = reading.build(tmp_path_factory.mktemp("who") / "a", odd=False)
    with Archive(place) as archive:
        archive.add([cablegram.parse(text) for text in (*CABLES, UNDATED, HOSTILE)], "bell")
        archive.add([cablegram.parse(text_of(case, case["serial"] + 400)) for case in HIDING], "hiding")
    return place


@pytest.fixture(scope="module")
def archive(folder: Path) -> Iterator[Archive]:
    with Archive(folder, create=False) as opened:
        yield opened


def opened(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as client:
        until = time.monotonic() + 60
        while (
            any(client.get(url).status_code == 503 for url in ("/studies.json", "/protection.json")) and time.monotonic() < until
        ):
            time.sleep(0.1)
        yield client


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    yield from opened(folder)


@pytest.fixture(scope="module")
def masked(folder: Path) -> Iterator[TestClient]:
    yield from opened(masked_folder(folder, KINDS))


PAGES = [
    "/distribution", "/distribution?q=bell", "/distribution?q=bell&sort=last", "/distribution?sort=most&page=2", "/distribution?post=Lima", "/distribution?from=2007-03&to=2007-04",
    "/distribution?from=1996&to=1996", "/distribution?from=2030", "/distribution/cables?who=QUITO&q=bell", "/distribution/cables?who=QUITO&after=true&q=bell", "/distribution/cables?month=",
    "/distribution/cables?who=STATE&role=action&month=1996", "/distribution/cables?who=" + quote(reading.EVIL), "/cables/07LAPAZ300/distribution", "/cables/07LIMA778/distribution",
    "/cables/07%20La%20Paz%20300/distribution", "/protection", "/protection?kind=protected+name", "/protection?q=lamp&page=1", "/protection?kind=" + quote(reading.EVIL[:50]), "/studies",
]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_every_page_is_whole_and_has_its_json(client: TestClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text[-600:]
    assert "/studies" in check_page(answer.text).links
    assert "<script>alert" not in answer.text
    base, _, asked = url.partition("?")
    assert isinstance(client.get(f"{base}.json?{asked}").json(), dict)
    if base != "/studies":
        table = client.get(f"{base}.csv?{asked}")
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        head, *rows = csv.reader(io.StringIO(table.text))
        assert all(len(row) == len(head) for row in rows)


@pytest.mark.parametrize(
    ("url", "status", "says", "why"),
    [
        ("/distribution?post=NOWHERE", 404, "no post is spelled so", "no post"),
        ("/distribution?q=class:SECRT", 400, "is no classification", "a wrong query"),
        ("/distribution?from=yesterday", 400, "from", "no month"),
        ("/distribution?to=2007-13", 400, "to", "no thirteenth month"),
        ("/distribution?sort=size", 400, "sort", "no such order"),
        ("/distribution?page=999", 404, "There is no page 999", "a page behind the last"),
        ("/distribution/cables?who=STATE&role=secret", 400, "role", "no such role"),
        ("/cables/05NOWHERE1/distribution", 404, "is not in this archive", "neither held nor cited"),
        ("/protection?q=(", 400, "", "a wrong query"),
        ("/protection?page=999", 404, "There is no page 999", "a page behind the last"),
    ],
)
def test_faults_are_told(client: TestClient, url: str, status: int, says: str, why: str) -> None:
    check_fault(client, url, status, says, why)


@pytest.mark.parametrize("path", ["/distribution", "/distribution/cables", "/protection"])
def test_an_empty_archive_looks_intended(tmp_path: Path, path: str) -> None:
    Archive(tmp_path / "a").close()
    with TestClient(create_app(Settings(tmp_path / "a")), base_url="http://localhost") as client:
        answer = client.get(path)
        assert answer.status_code == 200
        check_page(answer.text)
        assert client.get(f"{path}.csv").status_code == 200


# -- numbers


@pytest.mark.parametrize(
    ("url", "least"),
    [("/distribution?q=bell", 30), ("/distribution?post=Lima&sort=last", 5), ("/distribution?from=1996&to=1996&sort=most", 30), ("/protection", 8), ("/protection?q=lamp", 2)],
)  # fmt: skip
def test_every_number_is_the_length_of_its_list(client: TestClient, url: str, least: int) -> None:
    found = evidence_links(client.get(url).text)
    assert len(found) >= least
    for number, href in found:
        if href.startswith("/protection"):
            total, listed = all_of(client, href.partition("#")[0].replace("/protection?", "/protection.json?"), "finds")
            assert total == len(listed) == number, href
        else:
            assert count_at(client, href) == number, href


@pytest.mark.parametrize("query", ["", "bell", "from:LIMA", "crate"])
def test_the_pages_say_what_the_command_says(client: TestClient, archive: Archive, query: str) -> None:
    told = Distribution(archive, query).to_dict()
    total, rows = all_of(client, f"/distribution.json?q={quote(query)}", "addressees")
    assert total == len(told["posts"])
    plain = [
        {
            **{name: one[name] for name in ("name", "post", *ROLES)},
            "first": {name: one["first"][name] for name in ("cable", "created")}, "last": {name: one["last"][name] for name in ("cable", "created")},
            "not_copied_after": len(one["not_copied_after"]),
            "months": {month: {role: len(some) for role, some in roles.items()} for month, roles in one["months"].items()},
            "undated": len(one["undated"]),
        }
        for one in told["posts"]
    ]  # fmt: skip
    assert sorted(rows, key=lambda one: one["name"]) == sorted(plain, key=lambda one: one["name"])
    assert [(one["first"]["created"] or "~", one["first"]["cable"]) for one in rows] == sorted(
        (one["first"]["created"] or "~", one["first"]["cable"]) for one in rows
    )
    got = client.get("/distribution.json", params={"q": query}).json()
    assert (got["count"], got["undated"]) == (told["cables"], len(told["undated"]))
    assert got["months"] == {month: len(keys) for month, keys in told["months"].items()}


def test_who_is_no_longer_copied(client: TestClient) -> None:
    bell = "subject:bell date:2007-03..2007-06"
    told = client.get("/distribution/cables.json", params={"q": bell, "who": "QUITO", "after": "true"}).json()
    assert [one["id"] for one in told["cables"]] == ["07LAPAZ300", "07LIMA200", "07LIMA778"]
    order = [one["name"] for one in client.get("/distribution.json", params={"q": bell, "sort": "last"}).json()["addressees"]]
    assert order.index("QUITO") < order.index("CIA WASHINGTON DC")
    row = next(one for one in client.get("/distribution/cables.json", params={"q": bell, "who": "BRASILIA"}).json()["cables"])
    assert (row["id"], row["role"], row["through"]) == ("07LAPAZ300", "member", "MERCOSUR COLLECTIVE")


def test_collectives_are_expanded_and_said_so(client: TestClient) -> None:
    told = {one["name"]: one for one in client.get("/distribution.json?q=bell").json()["collectives"]}
    assert told["MERCOSUR COLLECTIVE"]["expanded"]
    assert "general knowledge" in told["MERCOSUR COLLECTIVE"]["evidence"]
    assert not told["EUROPEAN POLITICAL COLLECTIVE"]["expanded"]
    page = unescape(client.get("/distribution?q=bell").text)
    assert "not expanded: its members are not known surely" in page


def test_many_months_become_years(client: TestClient) -> None:
    page = client.get("/distribution").text
    assert "Year by year" in page
    assert '/distribution?from=1996&amp;to=1996"' in page
    assert "Month by month" in client.get("/distribution?from=1996&to=1996").text


def test_the_coverage_stands_beside_the_counts(client: TestClient) -> None:
    assert "of an estimated" in client.get("/distribution?post=Lima").text


def test_a_body_is_found_by_any_of_its_spellings(client: TestClient) -> None:
    told = [client.get(f"/distribution/cables.json?q=bell&who={name}").json() for name in ("CIA WASHINGTON DC", "cia washdc")]
    assert told[0] == told[1]
    assert "07LIMA200" in [one["id"] for one in told[0]["cables"]]


def test_one_cable(client: TestClient, archive: Archive) -> None:
    told = client.get("/cables/07 La Paz 300/distribution.json").json()
    assert told == json.loads(json.dumps(distribution(archive, "07LAPAZ300")))
    page = unescape(client.get("/cables/07LAPAZ300/distribution").text)
    for what in (
        "between the Secretary and the addressee only",
        "a collective of 4 posts",
        "Left off: 2",
        "Embassy Quito",
        "CIA WASHINGTON DC",
    ):
        assert what in page
    assert 'href="/cables/07LAPAZ300/distribution"' in client.get("/cables/07LAPAZ300").text
    rows = list(csv.DictReader(io.StringIO(client.get("/cables/07LAPAZ300/distribution.csv").text)))
    assert [row["name"] for row in rows if row["role"] == "left off"] == ["QUITO", "CIA WASHINGTON DC"]
    # No cell of a table is a formula.
    names = [row["name"] for row in csv.DictReader(io.StringIO(client.get("/cables/07LIMA778/distribution.csv").text))]
    assert not any(name.startswith("=") for name in names)


# -- what is kept


def few(tmp_path: Path) -> Archive:
    """An archive of five cables."""
    archive = Archive(tmp_path / "few")
    archive.add([cablegram.parse(text) for text in (*CABLES, UNDATED)], "bell")
    return archive


def test_only_what_changed_is_told_again(tmp_path: Path) -> None:
    with few(tmp_path) as archive:
        kept, finds = Kept(archive), Finds(archive)
        assert kept.update() == finds.update() == len(archive) == 5
        archive.add([cablegram.parse(text) for text in (HOSTILE, text_of(HIDING[0], 900))], "more")
        # The two, and no other.
        assert kept.update() == 2
        assert finds.update() == 2
        assert [(one.kind, one.finds) for one in finds.counts()] == [("protected name", 1)]
        for scope in (Scope(), Scope(post="LIMA"), Scope(first="2007-01", last="2007-04")):
            again = Copies(kept, scope)
            fresh = Copies(kept, scope._replace(keys=json.dumps(list(archive.ids()))))
            assert [(row.name, row.months, row.first, row.last) for row in again.rows] == [
                (row.name, row.months, row.first, row.last) for row in fresh.rows
            ]


def test_a_long_count_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cablegram.study.keeping._BATCH", 2)
    with few(tmp_path) as archive:
        for serial in (901, 902, 903):
            archive.add([cablegram.parse(text_of(HIDING[0], serial))], "one by one")

        def stop(done: int, of: int) -> None:
            if done == 6:
                raise InterruptedError

        finds = Finds(archive)
        with pytest.raises(InterruptedError):
            finds.update(stop)
        # Not all is known yet, so nothing is told.
        assert finds.clock() == -1
        again = Finds(archive)
        assert 0 < again.update() < len(archive) == 8
        assert again.listed() == [("07LIMA901", 0), ("07LIMA902", 0), ("07LIMA903", 0)]
        assert again.update() == 0
        archive.add([cablegram.parse(text_of(HIDING[0], 904))], "one more")
        assert again.update() == 1
        assert len(again.listed()) == 4


def test_a_file_of_an_older_program_is_made_anew(tmp_path: Path) -> None:
    """Also one whose tables are others, and that was stopped before it had counted."""
    with few(tmp_path) as archive:
        db = sqlite3.connect(archive.folder / Kept.name)
        db.executescript(
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL); CREATE TABLE cables (id INTEGER PRIMARY KEY, key TEXT)"
        )
        db.close()
        assert Kept(archive).update() == len(archive)


# -- source protection


def test_what_is_listed_is_what_the_command_lists(client: TestClient, archive: Archive) -> None:
    found = {key: one.finds for key, one in finds_in(archive, archive.ids())}
    total, rows = all_of(client, "/protection.json", "finds")
    assert total == sum(map(len, found.values())) > 30
    assert [(one["cable"], one["kind"], one["rule"], one["text"]) for one in rows] == [
        (key, one.kind, one.rule, " ".join(one.text.split())) for key in sorted(found) for one in found[key]
    ]
    one = next(one for one in rows if one["anchor"])
    assert f'id="{one["anchor"]}"' in client.get(f"/cables/{one['cable']}").text


def test_a_masked_room_reports_what_was_masked_and_no_word(masked: TestClient, folder: Path) -> None:
    told = masked.get("/protection.json").json()
    assert told["masked"] == ["names", "persons", "numbers"]
    assert told["total"] == sum(one["finds"] for one in told["counts"]) > 20
    assert all(one["text"] is None for one in told["finds"])
    for url in ("/protection", "/protection.json", "/protection.csv", "/protection?kind=protected+name", "/protection?q=lamp"):
        text = squeezed(masked.get(url).text)
        assert [secret for secret in secrets() if secret in text] == [], url


def test_every_masked_page_says_so(client: TestClient, masked: TestClient) -> None:
    for url in (
        "/",
        "/search?q=rang",
        "/cables/07LIMA500",
        "/cables/07LIMA500/raw",
        "/studies",
        "/protection",
        "/cables/05NOWHERE1",
        "/help",
    ):
        assert "Masked: protected names" in unescape(masked.get(url).text), url
        assert "Masked: protected names" not in unescape(client.get(url).text), url


#: Pages that tell of the cables of these cases, or of all cables; of the many that tell of others there is no need.
FOLLOWED = (
    "/studies",
    "/ghosts",
    "/distribution",
    "/protection",
    "/coverage?",
    "/clock",
    "/markings",
    "/cables/07LIMA50",
    "/days/2007-05",
    "/posts/LIMA",
)


def test_whoever_follows_the_links_of_a_masked_room_meets_no_secret(masked: TestClient) -> None:
    """Each page says that it is masked, too."""
    # Of the cables that are not of these cases some have the same words: LA PAZ.
    elsewhere = squeezed(" ".join(one.text for release in ("a", "b") for one in telegrams(release).values()))
    planted = {secret for secret in secrets() if secret not in elsewhere}
    assert len(planted) > 15
    waiting, seen = ["/", "/search?q=rang", "/search.json?q=rang", "/cables/07LIMA500", "/openapi.json"], set[str]()
    while waiting and len(seen) < 60:
        url = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        answer = masked.get(url)
        assert answer.status_code in (200, 404), url
        text = squeezed(re.sub(r"[0-9a-f]{64}", "", answer.text))
        assert [secret for secret in planted if secret in text] == [], url
        if answer.headers["content-type"].startswith("text/html"):
            assert "Masked: protected names" in unescape(answer.text), url
            for href in re.findall(r'href="([^"]+)"', answer.text):
                link = unescape(href).partition("#")[0]
                if link.startswith(FOLLOWED) and not link.endswith(".pdf") and len(link) < 80:
                    waiting.append(link)
    assert {"/studies", "/distribution", "/protection", "/cables/07LIMA500/raw", "/ghosts"} <= seen


def test_a_masked_room_of_some_kinds_says_which(folder: Path) -> None:
    for client in opened(masked_folder(folder, ("protected name",))):
        page = unescape(client.get("/protection").text)
        assert "Masked as names; not asked for, and shown in this room: persons, numbers" in page
        assert "Masked: protected names are replaced" in page


def test_the_page_does_not_wait_for_a_long_count(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def slow(self: Finds, told: Any = None) -> int:
        time.sleep(1.0)
        return 0

    monkeypatch.setattr(Finds, "update", slow)
    with TestClient(create_app(Settings(few(tmp_path).folder)), base_url="http://localhost") as client:
        answer = client.get("/protection")
        assert answer.status_code == 503
        assert answer.headers["refresh"] == "3"
        assert "is being looked through" in answer.text
