"""The pages of the reading room: each looks intended, whatever the cable; text of cables is never markup; JSON at the same address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

import cablegram
import story
from cablegram import Archive
from cablegram.fiction.bundle import telegrams
from cablegram.web.app import create_app
from cablegram.web.guide import SAID, example, parts
from cablegram.web.room import filled, marked, narrowed
from cablegram.web.settings import Settings

HEAD = "P 051015Z MAR 07\nFM AMEMBASSY PRAIA\nTO SECSTATE WASHDC PRIORITY 0100\n\nC O N F I D E N T I A L PRAIA {serial:06d} \n\nTAGS: PGOV, CV\n"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
HOSTILE = (
    HEAD.format(serial=666) + f"SUBJECT: {EVIL}\nREF: {EVIL}\n\n1. (C) {EVIL} &amp; {{{{ 7 * 7 }}}}\n\n## {EVIL}\n\nTILBURY<b>\n"
)
LONG = (
    HEAD.format(serial=400)
    + "SUBJECT: A VERY LONG CABLE\n\n"
    + "".join(f"{n}. (C) Paragraph {n} of many.\n\n" for n in range(1, 401))
    + "TILBURY\n"
)
RTL = (
    HEAD.format(serial=888)
    + "SUBJECT: NAMES FROM RIGHT TO LEFT\n\n1. (C) The keeper is called محمد بن راشد and his sister שרה.\n\nTILBURY\n"
)
EXTRACT = (
    "This record is a partial extract of the original cable. The full text of the original cable is not available.\n\n"
    + HEAD.format(serial=777)
)
BARE = "A note found in a box, without a header, without a number.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("web") / "a"
    with Archive(place) as archive:
        for release in ("a", "b"):
            archive.add([cablegram.parse(one.text) for one in telegrams(release).values()], f"release {release}")
        archive.add(story.cables("a"), "story")
        archive.add(
            [cablegram.parse(text) for text in (HOSTILE, LONG, RTL, EXTRACT + "SUBJECT: CUT\n\n1. (C) Only", BARE)],
            f"odd ones {EVIL}",
        )
        archive.add([cablegram.parse("", {"id": "07PRAIA555", "subject": "WITHDRAWN"})], "cards")
    return place


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(folder)), base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    place = tmp_path_factory.mktemp("empty") / "a"
    Archive(place).close()
    with TestClient(create_app(Settings(place)), base_url="http://localhost") as client:
        yield client


class _Checker(HTMLParser):
    """Notes elements that are left open, ids that stand twice, handlers, inline styles and scripts, addresses elsewhere."""

    VOID = frozenset("meta link input br hr img path circle rect line".split())

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action") and value:
                self.links.append(value)
                if re.match(r"(?:[a-z]+:|//)", value) and not value.startswith("data:"):
                    self.wrong.append(value)
        # JSON-LD is data, which no browser runs.
        if tag == "script" and not dict(attrs).get("src") and dict(attrs).get("type") != "application/ld+json":
            self.wrong.append("inline script")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


def check_page(text: str) -> _Checker:
    """The page is well formed and harmless; its checker."""
    checker = _Checker()
    checker.feed(text)
    assert checker.wrong == []
    assert checker.open == []
    assert sorted(set(checker.ids)) == sorted(checker.ids)
    return checker


def check_fault(client: TestClient, url: str, status: int, says: str, why: str) -> None:
    """The page that says what is wrong is a whole one, and its JSON form says the same."""
    answer = client.get(url)
    assert answer.status_code == status, why
    assert says in unescape(answer.text)
    check_page(answer.text)
    base, _, asked = url.partition("?")
    told = client.get(f"{base}.json?{asked}")
    assert told.status_code == status
    assert told.json()["error"]["status"] == status


PAGES = [
    "/", "/search", "/search?q=clock", "/search?q=nothingfitsthis", "/search?q=para:S+uranium&sort=-date", "/posts", "/posts/LAPAZ", "/posts/LAPAZ?page=9",
    "/tags", "/tags/PREL", "/days", "/days/1996", "/days/1996-03", "/days/1996-03-14", "/guide", "/help", "/collection", "/collection?ids=96LAPAZ2075,05NOWHERE1",
    "/cables/96LAPAZ2075", "/cables/96LAPAZ2075?q=heart&repairs=true", "/cables/96LAPAZ2075/raw", "/cables/96LAPAZ2075/cite", "/cables/96LAPAZ2075/cite?p=p3",
    "/cables/96LAPAZ2075/versions", "/cables/74REYKJAVIK1167?case=sentence", "/cables/07PRAIA666", "/cables/07PRAIA666/raw", "/cables/07PRAIA666/cite?p=p1", "/cables/07PRAIA400",
    "/cables/07PRAIA888", "/cables/07PRAIA777", "/cables/07PRAIA555", "/cables/07PRAIA555/raw", "/cables/07PRAIA555/cite",
]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_every_page_is_whole_and_harmless(client: TestClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200
    checker = check_page(answer.text)
    assert "<script>alert" not in answer.text
    assert "49" not in answer.text or "{{" not in HOSTILE or "7 * 7" in answer.text or "666" not in url
    assert len(answer.content) < 150_000 or "400" in url
    assert "/guide" in " ".join(checker.links)


def test_a_cable_without_a_number_has_a_page(client: TestClient, folder: Path) -> None:
    with Archive(folder) as archive:
        key = next(key for key in archive.ids() if key.startswith("x-"))
    for url in (f"/cables/{key}", f"/cables/{key}/raw", f"/cables/{key}.json"):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", ["/", "/search", "/search?q=lamp", "/posts", "/tags", "/days", "/guide", "/help", "/collection"])
def test_an_empty_archive_looks_intended(empty: TestClient, url: str) -> None:
    answer = empty.get(url)
    assert answer.status_code == 200
    check_page(answer.text)


@pytest.mark.parametrize(
    ("url", "status", "says", "why"),
    [
        ("/cables/05NOWHERE1", 404, "is not in this archive", "an id that nobody cites"),
        ("/cables/96LAPAZ1990?version=1", 404, "is not in this archive", "a version of a ghost"),
        ("/cables/96LAPAZ2075?version=99999", 404, "has no version 99999", "a version that is not there"),
        ("/cables/96LAPAZ2075/cite?p=p99", 404, "no paragraph", "a paragraph that is not there"),
        ("/cables/" + quote("'; DROP TABLE cables; --"), 404, "is not in this archive", "an id from a hostile hand"),
        ("/cables/" + quote(EVIL.replace("/", ""), safe=""), 404, "is not in this archive", "markup as an id"),
        ("/nowhere", 404, "no such page", "no page"),
        ("/posts/NOWHERE", 404, "No cable of NOWHERE", "no post"),
        ("/tags/ZZZZ", 404, "No cable with the TAG ZZZZ", "no TAG"),
        ("/days/1996-13", 404, "no year, month or day", "no month"),
        ("/search?q=class:SECRT", 400, "is no classification", "a wrong value"),
        ("/search?sort=size", 400, "sort", "a wrong order"),
        ("/search?q=clock&after=nonsense", 400, "no place in a list", "a wrong cursor"),
    ],
)
def test_faults_are_told(client: TestClient, url: str, status: int, says: str, why: str) -> None:
    answer = client.get(url)
    assert answer.status_code == status, why
    assert says in answer.text
    check_page(answer.text)
    base, _, query = url.partition("?")
    told = client.get(f"{base}.json" + (f"?{query}" if query else ""))
    if "/cite" not in url:
        assert told.status_code == status
        assert set(told.json()) == {"error"}
        assert told.json()["error"]["status"] == status
        assert told.json()["error"]["message"]


def test_a_wrong_query_is_explained_at_its_place(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "lamp class:SECRT oil"})
    assert '<mark class="bad">SECRT</mark>' in answer.text
    assert "Did you mean <code>SECRET</code>" in answer.text
    error = client.get("/search.json", params={"q": "lamp class:SECRT oil"}).json()["error"]
    assert (error["code"], error["start"], error["end"], error["suggestion"]) == ("wrong-query", 11, 16, "SECRET")


def test_the_record_page_carries_what_a_reader_asks_for(client: TestClient) -> None:
    text = client.get("/cables/96LAPAZ2075").text
    for what in (
        "96LAPAZ2075", "14 March 1996, 20:15 UTC", "1996-03-14 16:15", "CONFIDENTIAL", "LIMDIS", "UYUNI: THE CRATE ENTERS POLITICS", "Embassy La Paz",
        "AMEMBASSY SANTIAGO", "Graham Dunstable, Ambassador", "1.4(b)", "due 14 March 2006", "96LAPAZ1990", "not held", "DUNSTABLE", "96LAPAZ2075.pdf",
        'href="/guide"', "Raw telegram", "SHA-256", "Cited by", "96SANTIAGO1601", "Thread", 'id="p3"', "/cite?p=p3",
    ):  # fmt: skip
        assert what in text, what


def test_a_link_of_the_text_says_whether_its_cable_is_held(client: TestClient) -> None:
    """As on the REF line: a cable that is cited and not held has a mark of its own, also for who hears the page."""
    text = client.get("/cables/05DUSHANBE1890?q=ref").text
    links = re.findall(r'<a class="(ref[^"]*)" href="/cables/(\w+)" title="([^"]*)">(.*?)</a>', text)
    assert [(kind, key) for kind, key, *_ in links] == [("ref missing", "05ALMATY4155"), ("ref", "05DUSHANBE1688")]
    assert links[0][2] == "05ALMATY4155: not held in this archive"
    assert links[0][3].endswith('<span class="sr"> (not held)</span>')
    assert "<mark>" in links[0][3], "a hit inside leaves it one link"
    assert links[1][2].startswith("05DUSHANBE1688: 2005-10-31 · SAFFRON HARVEST")
    assert "not held" not in links[1][3]


def test_what_was_searched_for_is_marked_on_the_record(client: TestClient) -> None:
    text = client.get("/cables/96LAPAZ2075", params={"q": "heart"}).text
    assert "<mark>heart</mark>" in text
    assert "1 place in this text" in text
    # A query that cannot be understood marks nothing; the cable is shown all the same.
    assert client.get("/cables/96LAPAZ2075", params={"q": "class:SECRT ("}).status_code == 200


def test_facets_and_bars_narrow_the_query(client: TestClient) -> None:
    links = check_page(client.get("/search", params={"q": "clock OR crate"}).text).links
    wanted = [link for link in links if link.startswith("/search?") and "%28clock+OR+crate%29+from%3ALAPAZ" in link]
    assert wanted
    found = client.get(wanted[0])
    assert found.status_code == 200
    assert "Embassy La Paz" in found.text


def test_pages_of_hits_lose_and_repeat_nothing(client: TestClient) -> None:
    seen: list[str] = []
    url: str | None = "/search?q=&sort=id"
    while url is not None:
        text = client.get(url).text
        seen += re.findall(r'<h2><a href="/cables/([^"?]+)', text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) == client.get("/search.json").json()["total"]


def test_every_page_has_its_json(client: TestClient) -> None:
    for url in ("/index", "/search", "/posts", "/posts/LAPAZ", "/tags", "/tags/PREL", "/days/1996-03", "/cables/96LAPAZ2075", "/cables/96LAPAZ2075/raw",
                "/cables/96LAPAZ2075/versions"):  # fmt: skip
        answer = client.get(f"{url}.json")
        assert answer.status_code == 200, url
        assert answer.json()
    record = client.get("/cables/96LAPAZ2075.json").json()
    assert {"id", "paragraphs", "versions", "cited_by", "edits"} <= set(record)
    assert client.get("/cables/96lapaz02075.json").json() == record


def test_the_original_is_given_as_it_is(client: TestClient, folder: Path) -> None:
    with Archive(folder) as archive:
        cable = archive.get("07PRAIA666")
        assert cable is not None
        assert client.get("/cables/07PRAIA666.txt").text == cable.original
    answer = client.get("/cables/07PRAIA666.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("typed", "start", "value"),
    [
        ("fro", 0, "from:"), ("clock from:LAP", 11, "LAPAZ"), ("-tags:PRE", 6, "PREL"), ("class:S", 6, "S"), ("has:red", 4, "redactions"), ("(sub", 1, "subject:"),
        ("para:", 5, "U"),
    ],
)  # fmt: skip
def test_completion(client: TestClient, typed: str, start: int, value: str) -> None:
    told = client.get("/complete.json", params={"q": typed}).json()
    assert told["start"] == start
    assert value in [one["value"] for one in told["values"]]


def test_static_files_may_be_kept_and_pages_may_not(client: TestClient) -> None:
    page = client.get("/")
    found = re.search(r'href="(/static/room.css\?v=\w+)"', page.text)
    assert found is not None
    assert "immutable" in client.get(found[1]).headers["cache-control"]
    assert "immutable" not in page.headers.get("cache-control", "")
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/app.py").status_code == 404


def test_the_guide_explains_its_whole_example() -> None:
    assert "\n".join(part.text for part in parts()) == example().rstrip("\n")
    assert len(parts()) == len(SAID)
    assert not cablegram.parse(example()).diagnostics or all(d.severity == "info" for d in cablegram.parse(example()).diagnostics)


def test_helpers() -> None:
    assert marked("a<b>c", [(1, 2)]) == "a<mark>&lt;</mark>b&gt;c"
    assert narrowed("", "from", "LAPAZ") == "from:LAPAZ"
    assert narrowed("a OR b", "class", "TOP SECRET") == '(a OR b) class:"TOP SECRET"'
    assert filled({"1999-11": 2, "2000-02": 1}) == [("1999-11", 2), ("1999-12", 0), ("2000-01", 0), ("2000-02", 1)]
    assert filled({}) == []
