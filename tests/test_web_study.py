"""The pages of the studies: whole and harmless; each number is the length of the list that it leads to; counted once, and again after a change."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi.testclient import TestClient

import cablegram
import reading
from cablegram import Archive
from cablegram.study.clock import clock
from cablegram.study.coverage import Coverages
from cablegram.study.ghosts import Ghosts
from cablegram.study.kept import NAME, Kept
from cablegram.study.markings import survey
from cablegram.vocabulary.levels import BY_CODE
from cablegram.web.app import create_app
from cablegram.web.settings import Settings
from cablegram.web.studies import Studies
from test_web import check_fault, check_page

DAYS = (date(1975, 1, 1), date(2007, 6, 1), date(2010, 12, 31), date(2026, 1, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("studies") / "a")


@pytest.fixture(scope="module")
def archive(folder: Path) -> Iterator[Archive]:
    with Archive(folder, create=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as opened:
        until = time.monotonic() + 60
        while opened.get("/studies.json").status_code == 503 and time.monotonic() < until:
            time.sleep(0.1)
        yield opened


PAGES = [
    "/studies", "/ghosts", "/ghosts?post=La+Paz", "/ghosts?q=tags:PREL", "/ghosts?post=STATE&q=crate", "/ghosts?page=2", "/cables/96LAPAZ1990", "/cables/96%20LA%20PAZ%201990",
    "/cables/96LAPAZ2075/thread", "/cables/96LAPAZ1990/thread", "/cables/07PRAIA666/thread", "/cables/07PRAIA555/thread",
    "/coverage", "/coverage?post=La+Paz&year=", "/coverage?year=1996", "/coverage?year=1800", "/posts/LAPAZ/1996", "/posts/LAPAZ/1996?evidence=missing&page=3", "/posts/LAPAZ/1996?evidence=cited",
    "/posts/LAPAZ/1996?evidence=doubtful", "/clock", "/clock?as_of=2010-12-31", "/clock?as_of=0001-01-01", "/clock?as_of=9999-12-31&status=due", "/clock?as_of=2012-01-01&second=true",
    "/clock?order=none", "/clock?due=1980&q=buoy", "/markings", "/markings?kind=over-marked", "/markings?q=crate", "/markings/evidence?level=C", "/markings/evidence?level=none&by=year&name=1974",
    "/markings/evidence?level=S&by=tag&name=NOSUCH", "/posts/LAPAZ", "/", "/search?q=crate",
]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_every_page_is_whole_and_harmless(client: TestClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text[-600:]
    checker = check_page(answer.text)
    assert "/studies" in checker.links
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "url", [one for one in PAGES if one not in ("/", "/search?q=crate", "/posts/LAPAZ") and "%20" not in one]
)
def test_every_page_has_its_json(client: TestClient, url: str) -> None:
    base, _, asked = url.partition("?")
    answer = client.get(f"{base}.json?{asked}")
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize(
    ("url", "status", "says", "why"),
    [
        ("/cables/05NOWHERE1", 404, "is not in this archive", "neither held nor cited"),
        ("/cables/05NOWHERE1/thread", 404, "no cable of it cites it", "neither held nor cited"),
        (
            "/cables/" + quote(reading.EVIL.replace("/", ""), safe="") + "/thread",
            404,
            "is not in this archive",
            "markup as an id",
        ),
        ("/cables/" + "9" * 190 + "/thread", 404, "is not in this archive", "a number without end"),
        ("/ghosts?post=NOWHERE", 404, "no post is spelled so", "no post"),
        ("/ghosts?post=" + quote(reading.EVIL), 404, "no post is spelled so", "markup as a post"),
        ("/ghosts?q=class:SECRT", 400, "is no classification", "a wrong query"),
        ("/ghosts?page=999", 404, "There is no page 999", "a page behind the last"),
        ("/ghosts?page=0", 400, "page", "no page"),
        ("/coverage?year=later", 400, "year", "no year"),
        ("/posts/LAPAZ/1897", 400, "year", "before there were message numbers"),
        ("/posts/LAPAZ/1950", 404, "No number of LAPAZ in 1950", "a year of nothing"),
        ("/posts/NOWHERE/1996", 404, "no post is spelled so", "no post"),
        ("/posts/LAPAZ/1996?evidence=all", 400, "evidence", "no such list"),
        ("/clock?as_of=2010-02-30", 400, "as_of", "no day"),
        ("/clock?status=late", 400, "status", "no status"),
        ("/clock?due=19%25", 400, "due", "no year"),
        ("/clock?order=1%20OR%201", 400, "order", "no order"),
        ("/clock?q=class:SECRT", 400, "is no classification", "a wrong query"),
        ("/markings?kind=odd", 400, "kind", "no such list"),
        ("/markings?q=(", 400, "", "a wrong query"),
        ("/markings/evidence?level=X", 400, "level", "no level"),
        ("/markings/evidence", 400, "level", "no level"),
        ("/markings/evidence?level=C&by=year", 400, "together", "half of a group"),
        ("/markings/evidence?level=C&by=marks&name=1", 400, "by", "no grouping"),
    ],
)
def test_faults_are_told(client: TestClient, url: str, status: int, says: str, why: str) -> None:
    check_fault(client, url, status, says, why)


@pytest.mark.parametrize("path", ["/studies", "/ghosts", "/coverage", "/clock", "/markings", "/markings/evidence?level=C"])
def test_an_empty_archive_looks_intended(tmp_path: Path, path: str) -> None:
    Archive(tmp_path / "a").close()
    with TestClient(create_app(Settings(tmp_path / "a")), base_url="http://localhost") as client:
        answer = client.get(path)
        assert answer.status_code == 200
        check_page(answer.text)
        assert client.get(path.replace("?", ".csv?") if "?" in path else f"{path}.csv").status_code in (200, 404)


# -- numbers and their evidence


def all_of(client: TestClient, url: str, items: str) -> tuple[int, list[Any]]:
    """The total that a list tells, and all that its pages have."""
    out: list[Any] = []
    page, total = 1, -1
    while page == 1 or len(out) < total:
        told = client.get(f"{url}{'&' if '?' in url else '?'}page={page}").json()
        assert told[items], (url, page)
        out += told[items]
        page, total = page + 1, told["total"]
    return total, out


def evidence_links(text: str) -> list[tuple[int, str]]:
    """Every number of a page that is a link to what it counts."""
    found = re.findall(r'<a class="evidence" href="([^"]+)"[^>]*>([\d,]+)</a>', text)
    return [(int(number.replace(",", "")), unescape(href)) for href, number in found]


def count_at(client: TestClient, href: str) -> int:
    """How many the list at a link has."""
    path, _, asked = href.partition("#")[0].partition("?")
    if path == "/search":
        total: int = client.get(f"/search.json?{asked}").json()["total"]
        return total
    if path.startswith("/cables/"):
        return len(client.get(f"{path}.json").json()["cited_by"])
    items = "numbers" if path.startswith("/posts/") else "cables"
    total, listed = all_of(client, f"{path}.json?{asked}", items)
    assert len(listed) == total
    return total


@pytest.mark.parametrize(
    ("url", "least"),
    [
        ("/ghosts", 40), ("/ghosts?q=tags:PREL", 5), ("/ghosts?post=STATE", 3), ("/coverage?post=LAPAZ", 3), ("/coverage?year=1996", 6), ("/posts/LAPAZ/1996", 3),
        ("/posts/LAPAZ", 1), ("/clock?as_of=2012-01-01", 12), ("/clock?as_of=1979-01-01&q=buoy", 2),
    ],
)  # fmt: skip
def test_every_number_is_the_length_of_its_list(client: TestClient, url: str, least: int) -> None:
    found = evidence_links(client.get(url).text)
    assert len(found) >= least
    for number, href in found:
        assert count_at(client, href) == number, href


def test_shares_are_the_sums_of_their_lists(client: TestClient, archive: Archive) -> None:
    told = client.get("/markings.json").json()
    for by, groups in (("", [told["overall"]]), ("year", told["year"]), ("post", told["post"][:5]), ("tag", told["tag"][:5])):
        assert groups
        for group in groups:
            for amount in group["amounts"]:
                asked = urlencode({"level": amount["level"], **({"by": by, "name": group["name"]} if by else {})})
                total, listed = all_of(client, f"/markings/evidence.json?{asked}", "cables")
                assert total == len(listed) == amount["cables"]
                assert (
                    sum(one["paragraphs"] for one in listed) == sum(len(one["anchors"]) for one in listed) == amount["paragraphs"]
                )
                assert sum(one["characters"] for one in listed) == amount["characters"]
    one = next(one for one in listed if one["anchors"])
    assert f'id="{one["anchors"][0]}"' in client.get(f"/cables/{one['cable']['id']}").text
    assert told["conflicts"] == dict(Counter(one.kind for one in survey(archive).conflicts))
    for caption, count in told["captions"].items():
        assert client.get("/search.json", params={"q": f'caption:"{caption}"'}).json()["total"] == count


def test_paragraphs_that_do_not_fit_are_links(client: TestClient) -> None:
    told = client.get("/markings.json").json()
    assert told["listed"]
    for one in told["listed"]:
        page = client.get(f"/cables/{one['cable']}").text
        for paragraph in one["paragraphs"]:
            assert f'id="{paragraph["anchor"]}"' in page


def test_the_pages_say_what_the_commands_say(client: TestClient, archive: Archive) -> None:
    ghosts = Ghosts(archive).ranked()
    total, rows = all_of(client, "/ghosts.json", "ghosts")
    assert [(one["key"], one["citations"]) for one in rows] == ghosts
    assert total == len(ghosts) == client.get("/studies.json").json()["ghosts"]
    covered = sorted(Coverages(archive), key=lambda one: (one.post, one.year))
    assert all_of(client, "/coverage.json", "posts")[1] == [one.to_dict() for one in covered]
    for day in DAYS:
        found = Counter(row.due.status for row in clock(archive, day))
        told = client.get(f"/clock.json?as_of={day}").json()
        assert {name: count for name, count in told["counts"].items() if count} == found
        assert told["second_passed"] == sum(row.due.second is not None and row.due.second.passed for row in clock(archive, day))


# -- single pages


def test_a_ghost_is_a_page_like_a_cable(client: TestClient) -> None:
    page = unescape(client.get("/cables/96LAPAZ1990").text)
    for what in ("Not held", "96LAPAZ1990", "Embassy La Paz", "96LAPAZ2075", "C. LA PAZ 1990", "96LAPAZ1933", "probably"):
        assert what in page
    told = client.get("/cables/96LAPAZ1990.json").json()
    assert (told["held"], told["citations"], told["cited_by"]) == (False, 1, ["96LAPAZ2075"])
    assert told["dating"]["first"] <= told["dating"]["date"] <= told["dating"]["last"]
    assert client.get("/cables/96LAPAZ2075.json").json()["held"] is True
    # What cites it leads there.
    assert 'href="/cables/96LAPAZ1990"' in client.get("/cables/96LAPAZ2075").text


def test_a_letter_asks_for_ghosts(client: TestClient) -> None:
    for url in ("/ghosts/letter.txt?cable=96LAPAZ1990", "/ghosts/letter.txt?post=LAPAZ&kind=mdr"):
        answer = client.get(url)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert "96LAPAZ1990" in answer.text
    assert "/ghosts/letter.txt?kind=foia&amp;cable=96LAPAZ1990" in client.get("/cables/96LAPAZ1990").text
    for wrong, status in (("cable=96LAPAZ2075", 404), ("cable=05NOWHERE1", 404), ("kind=plea", 400)):
        assert client.get(f"/ghosts/letter.txt?{wrong}").status_code == status


def test_a_thread_reads_from_top_to_bottom(client: TestClient) -> None:
    told = client.get("/cables/96LAPAZ2075/thread.json").json()
    cables = told["cables"]
    dates = [one["date"] for one in cables]
    assert dates == sorted(dates)
    ids = [one["id"] for one in cables]
    assert "96LAPAZ1990" in ids
    assert not cables[ids.index("96LAPAZ1990")]["held"]
    mine = cables[ids.index("96LAPAZ2075")]
    assert mine["lead"].startswith("Summary: Senator")
    assert set(mine["cites"]) == {"96LAPAZ1933", "96LAPAZ1990", "96STATE46120"}
    for one in cables:
        assert set(one["cites"]) | set(one["cited_by"]) <= set(ids)
        for other in one["cites"]:
            assert one["id"] in cables[ids.index(other)]["cited_by"]
    page = client.get("/cables/96LAPAZ2075/thread").text
    for one in ids:
        assert f'id="{one}"' in page
        assert f'href="#{one}"' in page


def test_a_record_tells_when_it_is_due(client: TestClient) -> None:
    page = unescape(client.get("/cables/96LAPAZ2075").text)
    assert "<dt>Clock</dt>" in page
    assert "The line gives the date" in page


def test_charts_tell_what_share_is_held(client: TestClient) -> None:
    for url in ("/", "/search?q=crate", "/posts/LAPAZ"):
        assert re.search(r"estimated [\d,]+ numbered cables", client.get(url).text), url


# -- CSV


@pytest.mark.parametrize(
    ("url", "json", "items"),
    [
        ("/ghosts.csv", "/ghosts.json", "ghosts"), ("/coverage.csv?post=LAPAZ", "/coverage.json?post=LAPAZ", "posts"),
        ("/posts/LAPAZ/1996.csv?evidence=missing", "/posts/LAPAZ/1996.json?evidence=missing", "numbers"),
        ("/clock.csv?as_of=2012-01-01&status=due", "/clock.json?as_of=2012-01-01&status=due", "cables"),
        ("/markings/evidence.csv?level=C", "/markings/evidence.json?level=C", "cables"),
    ],
)  # fmt: skip
def test_a_table_has_every_row(client: TestClient, url: str, json: str, items: str) -> None:
    answer = client.get(url)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    head, *rows = csv.reader(io.StringIO(answer.text))
    total, listed = all_of(client, json, items)
    assert len(rows) == total == len(listed)
    assert all(len(row) == len(head) for row in rows)


def test_shares_as_a_table(client: TestClient) -> None:
    head, *rows = csv.reader(io.StringIO(client.get("/markings.csv?by=year").text))
    told = client.get("/markings.json").json()["year"]
    assert [(row[1], row[2], int(row[5])) for row in rows] == [
        (group["name"], one["level"], one["characters"]) for group in told for one in group["amounts"]
    ]
    assert head[0] == "by"


# -- what is kept


def _told(kept: Kept) -> tuple[Any, ...]:
    shares = [sorted(kept.shares(by)) for by in ("", "year", "post", "tag")]
    return (sorted(kept.statuses(date(2012, 1, 1))), shares, kept.conflicts(), kept.entire())


def test_the_kept_counts_are_those_of_the_studies(archive: Archive) -> None:
    kept = Kept(archive)
    kept.update()
    found = survey(archive)
    assert kept.conflicts() == found.conflicts
    assert kept.entire() == found.entire
    for by, groups in (("", {"": found.overall}), ("year", found.year), ("post", found.post), ("tag", found.tag)):
        shares = {(one.name, one.level): one[2:] for one in kept.shares(by)}
        assert shares == {
            **{(name, rank): tuple(amount) for name, group in groups.items() for rank, amount in group.levels.items()},
            **{(name, 0): tuple(group.unmarked) for name, group in groups.items() if group.unmarked.cables},
        }
    assert BY_CODE["U"].rank > 0  # 0 is free for what has no mark


@pytest.mark.parametrize("day", [date(1980, 1, 1), date(2006, 12, 31), date(2012, 1, 1), date(2040, 1, 1)])
def test_the_sums_of_the_clock_are_those_of_its_cables(archive: Archive, day: date) -> None:
    kept = Kept(archive)
    kept.update()
    found = sorted(kept.statuses(day))
    assert found == sorted(kept.statuses(day, json.dumps(list(archive.ids()))))
    assert sum(count for *_, count, _ in found) == len(archive)
    assert {status: sum(n for one, _, _, n, _ in found if one == status) for status, *_ in found} == Counter(
        one.due.status for one in clock(archive, day)
    )


def test_only_what_changed_is_counted_again(tmp_path: Path) -> None:
    folder = reading.build(tmp_path / "a", odd=False)
    with Archive(folder) as archive:
        kept = Kept(archive)
        assert kept.update() == len(archive)
        assert kept.update() == 0
        before = _told(kept)
        archive.add([cablegram.parse(reading.LONG), cablegram.parse(reading.GARBLED)], "more")
        assert 0 < kept.update() < 20
        after = _told(kept)
        assert after != before
        # Deleted, or damaged, it is made again, and the same.
        makers: list[Callable[[Path], object]] = [Path.unlink, lambda path: path.write_bytes(b"nonsense" * 600)]
        for make in makers:
            for path in folder.glob(f"{NAME}-*"):
                path.unlink()
            make(folder / NAME)
            again = Kept(archive)
            assert again.update() == len(archive)
            assert _told(again) == after


def test_another_program_counts_all_again(tmp_path: Path) -> None:
    with Archive(reading.build(tmp_path / "a", odd=False)) as archive:
        Kept(archive).update()
        db = sqlite3.connect(archive.folder / NAME)
        db.execute("UPDATE meta SET value = 'another' WHERE name = 'form'")
        db.commit()
        db.close()
        assert Kept(archive).update() == len(archive)


def test_after_a_change_the_pages_count_again(tmp_path: Path) -> None:
    with Archive(reading.build(tmp_path / "a", odd=False)) as archive:
        studies = Studies(archive)
        first = studies.ready(60)
        assert first is not None
        assert not studies.is_old(first)
        archive.add([cablegram.parse(reading.GARBLED)], "more")
        assert studies.is_old(first)
        until = time.monotonic() + 60
        while (now := studies.ready(1)) is first and time.monotonic() < until:
            pass
        assert now is not None
        assert not studies.is_old(now)
        assert ("07DAKAR300", 1) in now.ranked
        assert [one.cable for one in studies.conflicts() if one.cable == "07PRAIA501"]
        studies.background.stop()


def test_a_page_does_not_wait_for_long_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = reading.build(tmp_path / "a", odd=False)
    monkeypatch.setattr(Kept, "update", lambda self, told=None: time.sleep(3))
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as client:
        for url in ("/markings", "/markings.json"):
            start = time.monotonic()
            answer = client.get(url)
            assert time.monotonic() - start < 3.5
            if answer.status_code == 503:
                assert answer.headers["retry-after"] == answer.headers["refresh"] == "3"
                assert "is being counted" in answer.text
        assert client.get("/").status_code == client.get("/cables/96LAPAZ2075").status_code == 200
