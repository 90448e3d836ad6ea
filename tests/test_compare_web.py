"""The page that compares two sources: whole and harmless; each number is the length of the list that it leads to; made once, and again after a change."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi.testclient import TestClient

import cablegram
import reading
from cablegram import Archive
from cablegram.archive.info import grouped_sources
from cablegram.archive.store import Store
from cablegram.errors import NotHeld
from cablegram.study.collation import FOLDER
from cablegram.study.summed import LISTS
from cablegram.web import choices as choosing
from cablegram.web.app import create_app
from cablegram.web.choices import Choices
from cablegram.web.settings import Settings
from makers import telegram
from test_web import check_page

BOTH = "a=release-2009.csv&b=release-2016.csv"
ODD = urlencode({"a": f"odd ones {reading.EVIL}", "b": "evil twins"})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = reading.build(tmp_path_factory.mktemp("compare") / "a")
    with Archive(folder) as archive:
        texts = (
            reading.HOSTILE.replace("THE LAMP", "THE OIL").replace("SUBJECT: ", "SUBJECT: =1+1 "),
            reading.GARBLED,
            reading.LONG,
        )
        archive.add([cablegram.parse(text) for text in texts], "evil twins")
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as opened:
        yield opened


def _get(client: TestClient, url: str) -> str:
    until = time.monotonic() + 60
    while (answer := client.get(url)).status_code == 503 and time.monotonic() < until:
        time.sleep(0.05)
    assert answer.status_code == 200, answer.text[-600:]
    return answer.text


@pytest.mark.parametrize(
    "url",
    ["/compare", "/compare?a=release-2009.csv", f"/compare?{BOTH}", f"/compare?{BOTH}&list=a&page=2", f"/compare?{BOTH}&list=fields",
     f"/compare?{ODD}", f"/compare?{ODD}&list=a&page=3", f"/compare?{ODD}&list=fields&field=subject", "/compare?a=release&b=odd", "/compare?a=cards&b=cards"],
)  # fmt: skip
def test_every_page_is_whole_and_harmless(client: TestClient, url: str) -> None:
    text = _get(client, url)
    assert "/studies" in check_page(text).links
    assert "<script>alert" not in text


@pytest.mark.parametrize("asked", [BOTH, ODD, "a=release&b=release-2016.csv"])
def test_every_number_is_the_length_of_its_list(client: TestClient, asked: str) -> None:
    text = _get(client, f"/compare?{asked}")
    numbers = re.findall(r'<a class="evidence" href="(/compare\?[^"]*)"[^>]*>([\d,]+)</a>', text)
    assert len(numbers) >= 4
    for href, told in numbers:
        href, count = unescape(href).partition("#")[0], int(told.replace(",", ""))
        base, _, query = href.partition("?")
        found = client.get(f"{base}.json?{query}").json()
        rows = list(csv.reader(io.StringIO(client.get(f"{base}.csv?{query}").text)))
        assert count == found["total"] == len(rows) - 1
        listed = found["cables"] or found["disagreements"]
        assert [row[0] for row in rows[1:51]] == [one["cable"] for one in listed]
        assert f": {count:,}</h2>" in _get(client, href)


def test_every_list_may_be_asked_for(client: TestClient) -> None:
    for name in LISTS:
        found = client.get(f"/compare.json?{BOTH}&list={name}").json()
        assert (found["listed"], found["total"]) == (name, found["lists"][name])


def test_each_cable_leads_to_its_versions_word_by_word(client: TestClient) -> None:
    found = client.get(f"/compare.json?{BOTH}&list=differs").json()
    text = _get(client, f"/compare?{BOTH}&list=differs")
    assert found["total"] > 3
    for one in found["cables"]:
        href = f"/cables/{one['cable']}/versions?left={one['a']['version']}&right={one['b']['version']}"
        assert href in unescape(text)
        told = client.get(href.replace("/versions?", "/versions.json?")).json()
        assert told["fullest"] == {"a": told["left"], "b": told["right"], "equal": None}[one["fuller"]]
        shown = [change for change in told["changes"] if change["kind"] == "shown"]
        assert bool(shown) == bool(one["b"]["shown_words"])
        page = unescape(client.get(href).text)
        assert f"/compare?{urlencode({'a': 'release-2009.csv', 'b': 'release-2016.csv'})}" in page
    for name in ("only-a", "identical"):
        for href in set(re.findall(r'<th scope="row"><a href="(/cables/[^"]+)"', _get(client, f"/compare?{BOTH}&list={name}"))):
            assert client.get(unescape(href)).status_code == 200


def test_the_ways_to_the_page(client: TestClient) -> None:
    for url in ("/", "/studies"):
        assert 'href="/compare"' in _get(client, url)
    start = _get(client, "/compare")
    assert 'value="odd ones' in start
    assert "release-2016.csv" in start


@pytest.mark.parametrize(
    ("url", "status", "says"),
    [
        ("/compare?a=nothing&b=release-2016.csv", 404, "no source of this archive is called so"),
        ("/compare?a=listed&b=release-2016.csv", 404, "listed: no source of this archive is called so"),
        ("/compare?a=release-2016.csv&b=" + quote(f"{reading.EVIL} none"), 404, "no source of this archive is called so"),
        (f"/compare?{BOTH}&list=all", 400, "list"),
        (f"/compare?{BOTH}&list=fields&field=nothing", 404, "there is no such list"),
        (f"/compare?{BOTH}&field=subject", 404, "there is no such list"),
        (f"/compare?{BOTH}&page=999", 404, "There is no page 999"),
        ("/compare.json?a=&b=", 400, "Name two sources"),
        ("/compare.csv", 400, "a"),
        ("/compare?a=" + "x" * 500 + "&b=y", 400, "a"),
    ],
)
def test_what_is_wrong_is_said(client: TestClient, url: str, status: int, says: str) -> None:
    answer = client.get(url)
    assert answer.status_code == status
    assert says in unescape(answer.text)
    assert "<script>alert" not in answer.text
    assert client.get("/compare").status_code == 200


def test_no_cell_is_a_formula(client: TestClient) -> None:
    _get(client, f"/compare?{ODD}")
    rows = list(csv.reader(io.StringIO(client.get(f"/compare.csv?{ODD}&list=fields&field=subject").text)))
    assert rows[1][4].startswith("'=1+1") or rows[1][3].startswith("'=1+1")


def test_after_a_change_the_old_counts_are_shown_until_the_new_are_there(tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        for name, numbers in (("one", range(1, 6)), ("two", range(3, 8))):
            archive.add([cablegram.parse(telegram(n).decode()) for n in numbers], name)
    with TestClient(create_app(Settings(tmp_path / "a")), base_url="http://localhost") as client:
        _get(client, "/compare?a=one&b=two")
        with Archive(tmp_path / "a") as archive:
            archive.add([cablegram.parse(telegram(n, "OTHER").decode()) for n in range(1, 9)], "two")
        until = time.monotonic() + 30
        while (told := client.get("/compare.json?a=one&b=two").json())["old"] and time.monotonic() < until:
            assert told["lists"]["both"] == 3
        assert (told["old"], told["lists"]["both"], told["lists"]["only-b"]) == (False, 5, 3)


def test_a_folder_that_nobody_may_write_to_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a"
    with Archive(folder) as archive:
        for name in ("one", "two"):
            archive.add([cablegram.parse(telegram(1, name).decode())], name)
    monkeypatch.setattr("cablegram.study.collation.os.access", lambda *_: False)
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as client:
        _get(client, "/compare.json?a=one&b=two")
        assert client.get("/compare.json?a=one&b=two").json()["fields"] == {"subject": {"differ": 1}}
    assert not (folder / FOLDER).exists()


# very many sources

MANY = 3000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with as many sources as files: half of them in one folder, half each in its own."""
    folder = tmp_path_factory.mktemp("many") / "a"
    with Archive(folder) as archive:
        for name, numbers in (("one.csv", range(1, 40)), ("two.csv", range(20, 60))):
            archive.add([cablegram.parse(telegram(n, f"OF {name}").decode()) for n in numbers], name)
        # As ingest would write them, in a thousandth of the time.
        with archive.store.writing(), archive.store.transaction() as db:
            [top] = db.execute("SELECT max(id) FROM sources").fetchone()
            versions = [row[0] for row in db.execute("SELECT id FROM versions ORDER BY id")]
            names = (f"pages/{n}.html" if n % 2 else f"apart/{n}/page.html" for n in range(1, MANY + 1))
            db.executemany("INSERT INTO sources VALUES (?, ?)", enumerate(names, top + 1))
            db.executemany(
                "INSERT INTO sightings VALUES (?, 1, ?, ?, NULL)",
                [(top + n, str(n).encode(), versions[n % len(versions)]) for n in range(1, MANY + 1)],
            )
    return folder


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/compare", "what there is to choose from"),
        ("/compare?a=one.csv&b=two.csv", "two sources by their names"),
        ("/compare?a=pages/*&b=one.csv", "a group of files"),
        ("/compare.json?a=apart+8&b=ap*", "words of names, and a wild card"),
        ("/compare.csv?a=page+html&b=two&list=both", "words of names, as a file"),
        ("/cables/07LIMA30/versions", "where the page of versions leads to"),
    ],
)
def test_no_request_reads_every_source(many: Path, monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    read: Counter[str] = Counter()
    connect = Store._connect

    def counting(self: Store) -> sqlite3.Connection:
        def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> tuple[Any, ...]:
            read["rows"] += 1
            return values

        db = connect(self)
        db.row_factory = row
        return db

    monkeypatch.setattr(Store, "_connect", counting)
    app = create_app(Settings(many))
    monkeypatch.setattr(app.state.room.studies, "start", lambda: None)
    with TestClient(app, base_url="http://localhost") as client:
        _get(client, "/compare")
        _get(client, url)
        read.clear()
        _get(client, url)
        assert 0 < read["rows"] < MANY / 10, why


def test_some_sources_are_named_and_any_other_may_be_typed(many: Path) -> None:
    with Archive(many, create=False) as archive:
        total = len(grouped_sources(archive.store))
    with TestClient(create_app(Settings(many)), base_url="http://localhost") as client:
        text = _get(client, "/compare")
        assert re.findall(r'<option value="([^"]*)"', text)[:3] == ["pages/*", "two.csv", "one.csv"]
        assert text.count("<option") == 200
        assert f"These are the 200 with most cables of {total:,}; any other may be typed" in text
        assert "apart/2998/page.html" not in text
        told = _get(client, "/compare?a=apart/2998/page.html&b=pages/*")
        assert "page.html" in told
        found = client.get("/compare.json?a=apart/2998/page.html&b=pages/*").json()
        assert (found["a"], found["sources"]) == (["apart/2998/page.html"], {"a": 1, "b": MANY // 2})
        assert len(found["b"]) == 100


def test_a_source_that_brings_no_new_text_may_be_chosen(tmp_path: Path) -> None:
    cables = [cablegram.parse(telegram(n).decode()) for n in range(1, 4)]
    with Archive(tmp_path / "a") as archive:
        archive.add(cables, "first release")
    with TestClient(create_app(Settings(tmp_path / "a")), base_url="http://localhost") as client:
        assert "second" not in _get(client, "/compare")
        with Archive(tmp_path / "a") as archive:
            archive.add(cables, "second release")
        until = time.monotonic() + 30
        while 'value="second release"' not in _get(client, "/compare"):
            assert time.monotonic() < until
        found = client.get("/compare.json?a=first&b=release").json()
        assert (found["a"], found["b"]) == (["first release"], ["first release", "second release"])


def test_while_sources_are_looked_for_anew_the_old_ones_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(telegram(1).decode())], "first release")
        choices = Choices(archive)
        listed, side = choices.listed(60), choices.side("release", 60)
        assert listed is not None
        assert side is not None
        assert (listed.names, listed.total, side[0].called, side[1]) == ({"first release": 1}, 1, ("first release",), False)
        archive.add([cablegram.parse(telegram(2).decode())], "second release")
        go = threading.Event()
        for name in ("grouped_sources", "side_of_sources"):
            found_by = getattr(choosing, name)
            monkeypatch.setattr(choosing, name, lambda *given, found_by=found_by: go.wait(60) and found_by(*given))
        assert choices.listed() == listed
        assert choices.side("release") == (side[0], True)
        assert choices.side("second", 0.0) is None
        go.set()
        until = time.monotonic() + 60
        while (found := choices.side("release")) is None or found[1]:
            assert time.monotonic() < until
        assert found[0].called == ("first release", "second release")
        choices.background.stop()


def test_who_asks_at_the_same_time_is_answered_too(many: Path) -> None:
    """Names are looked for one after the other; who comes second waits for the first, and then for the own one."""
    with Archive(many, create=False) as archive, ThreadPoolExecutor(8) as threads:
        choices = Choices(archive)

        def called(name: str) -> tuple[str, ...] | str:
            try:
                found = choices.side(name, 60)
            except NotHeld as error:
                return str(error)[:7]
            assert found is not None
            return found[0].called[:1]

        first = {
            "apart 2": ("apart/2/page.html",), "nothing": "nothing", "page": ("apart/10/page.html",), "nowhere": "nowhere",
            "one": ("one.csv",), "pages/*": ("pages/1.html",), "two": ("two.csv",), "nobody": "nobody:",
        }  # fmt: skip
        for names in (list(first), list(first)[::-1]):
            assert list(threads.map(called, names)) == [first[name] for name in names]
        choices.background.stop()


def test_few_names_of_many_sources_are_kept(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "_SOURCES", MANY)
    with Archive(many, create=False) as archive:
        choices = Choices(archive)
        for name in ("two", "page html", "html page", "pages/*", "page"):
            with pytest.raises(NotHeld) if name == "html page" else threading.Lock():
                assert choices.side(name, 60) is not None
        # Both sides of a pair stay, however many sources they have.
        assert list(choices._sides) == ["pages/*", "page"]
        choices.background.stop()
