"""The site of a selection in a real browser, opened from its folder: every link leads somewhere inside, no page asks for anything else,
no text of a cable becomes markup, and without JavaScript only the search is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

import cablegram
import makers
import reading
from cablegram import Archive
from cablegram.export import site
from cablegram.export.files import export
from test_commands import IDS, one_line, run, write_sources

browser_only = [
    pytest.mark.slow,
    pytest.mark.skipif(reading.chromium() is None, reason="no chromium, chromium-browser or google-chrome is installed"),
]
HOSTILE = (
    "R 021504Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000099\n\nE.O. 12958: N/A\nTAGS: PREL\n"
    "SUBJECT: <script>document.title='X'</script> </script>\u2028\n\n1. (U) <img src=x onerror=document.title='X'> {{ 7*7 }} the zebra.\n\nROE\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site-archive")
    assert run("ingest", *write_sources(folder), "--archive", folder / "archive").code == 0
    with Archive(folder / "archive") as archive:
        archive.add([cablegram.parse(HOSTILE)], "/home/me/secret folder/added.txt")
    return folder / "archive"


@pytest.fixture(scope="module")
def folder(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "Regatta"
    with Archive(place, create=False) as archive:
        assert export(archive, "", str(target), "site") == 6
    return target


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [value for name in ("href", "src") if (value := values.get(name))]
        self.ids |= {value} if (value := values.get("id")) else set()


def _read(path: Path) -> _Links:
    found = _Links()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def test_every_link_leads_to_a_file_inside(folder: Path) -> None:
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > len(IDS)
    for page in pages:
        for link in _read(page).links:
            path, _, anchor = link.partition("#")
            assert not re.match(r"[a-z]+:|/", link), link
            target = (page.parent / unquote(path)).resolve() if path else page
            assert target.is_file(), (page, link)
            assert target.is_relative_to(folder.resolve())
            if anchor and target.suffix == ".html":
                assert anchor in _read(target).ids, (page, link)


def test_every_page_can_be_reached(folder: Path) -> None:
    seen: set[Path] = set()
    rim = [folder / "index.html"]
    while rim:
        page = rim.pop()
        if page not in seen and page.suffix == ".html":
            seen.add(page)
            rim += [
                (page.parent / unquote(link.partition("#")[0])).resolve()
                for link in _read(page).links
                if not link.startswith("#")
            ]
    assert {path.resolve() for path in folder.rglob("*.html")} == {path.resolve() for path in seen}


def test_files_are_the_archives_own(folder: Path, place: Path) -> None:
    with Archive(place, create=False) as archive:
        for key in archive.ids():
            cable = archive.get(key)
            assert cable is not None
            assert (folder / "originals" / f"{key}.txt").read_bytes() == cable.original.encode()
            assert json.loads((folder / "records" / f"{key}.json").read_text(encoding="utf-8")) == json.loads(
                json.dumps(cable.to_dict())
            )
            shown = next(version for version in archive.versions(key) if version.current)
            assert shown.sha256 in (folder / "cables" / f"{key}.html").read_text(encoding="utf-8")


def test_nothing_tells_of_the_machine(folder: Path, place: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            told = path.read_bytes()
            assert str(place.parent).encode() not in told
            assert b"secret folder" not in told


def test_a_site_is_of_a_selection(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held but was not chosen is named and not linked."""
    assert run("export", tmp_path / "one", "--format", "site", "--id", "08PRAIA140", "--archive", place).code == 0
    told = (tmp_path / "one" / "cables" / "08PRAIA140.html").read_text(encoding="utf-8")
    assert "not in this selection" in told
    assert [path.name for path in (tmp_path / "one" / "cables").iterdir()] == ["08PRAIA140.html"]
    monkeypatch.setattr(site, "MOST", 2)
    one_line(run("export", tmp_path / "two", "--format", "site", "--archive", place), "at most 2 cables")
    assert run("export", tmp_path / "none", "--format", "site", "--query", "zeppelin", "--archive", place).code == 0
    assert "0 diplomatic cables" in (tmp_path / "none" / "index.html").read_text(encoding="utf-8")


def test_a_text_says_which_of_what_it_cites_is_not_there(tmp_path: Path) -> None:
    first = makers.telegram(4970).decode().replace("The bell rang", "LIMA 4961 is heard and LIMA 4962 is not. The bell rang")
    with Archive(tmp_path / "archive") as archive:
        archive.add([cablegram.parse(text) for text in (first, makers.telegram(4961).decode())], "bells")
        for target, ids, says in (
            ("both", None, "2007-01-01 · THE BELL OF THE HARBOR"),
            ("one", "07LIMA4970", "not in this selection"),
        ):
            query = f"id:{ids}" if ids else ""
            export(archive, query, str(tmp_path / target), "site")
            told = (tmp_path / target / "cables" / "07LIMA4970.html").read_text(encoding="utf-8")
            assert f'title="07LIMA4961: {says}">LIMA 4961<' in told
            assert (
                '<span class="ref missing" title="07LIMA4962: not held">LIMA 4962<span class="sr"> (not held)</span></span>'
                in told
            )
            assert ('<a class="ref" href="07LIMA4961.html"' in told) == (target == "both")


@pytest.fixture(scope="module")
def chrome() -> Iterator[object]:
    pytest.importorskip("playwright", reason="Playwright is not installed")
    with reading.browser() as opened:
        yield opened


class TestInABrowser:
    pytestmark = browser_only

    @pytest.mark.parametrize("width", [1280, 390])
    def test_pages_open_from_the_folder(self, chrome: object, folder: Path, width: int) -> None:
        """No request leaves the folder, the console is silent, styles apply, nothing is wider than the screen, no markup of a cable runs."""
        context = chrome.new_context(viewport={"width": width, "height": 800})  # type: ignore[attr-defined]
        wrong: list[str] = []
        inside = folder.resolve().as_uri()
        context.on("request", lambda request: None if request.url.startswith(inside) else wrong.append(request.url))
        context.on("console", lambda message: wrong.append(message.text))
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        for path in [
            folder / "index.html",
            *(folder / "cables").iterdir(),
            *(next((folder / part).iterdir()) for part in ("years", "posts", "tags")),
        ]:
            path = path.resolve()
            page.goto(path.as_uri())
            assert page.title().endswith("Regatta")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.evaluate("getComputedStyle(document.querySelector('.brand')).fontWeight") == "600"
            assert page.locator("main script:not([src]), main img").count() == 0
        page.goto((folder / "cables" / "07LIMA99.html").resolve().as_uri())
        assert "<img src=x onerror" in page.inner_text(".para .body")
        assert wrong == []
        context.close()

    def test_a_readers_path(self, chrome: object, folder: Path) -> None:
        page = chrome.new_page()  # type: ignore[attr-defined]
        page.goto((folder / "index.html").resolve().as_uri())
        page.fill("#q", "ZEBRA lima")
        assert page.inner_text("#told") == "1 cable"
        assert "<script>" in page.inner_text("#found")
        page.fill("#q", "nosuchword")
        assert page.inner_text("#told") == "0 cables"
        page.fill("#q", "pelic")
        page.click("#found a")
        assert page.url.endswith("/cables/07LIMA12.html")
        page.click("text=Text as released >> nth=0")
        page.goto((folder / "index.html").resolve().as_uri())
        page.click("section#posts a >> text=Embassy Praia")
        page.click("text=08PRAIA140")
        page.click("dl.form a.cable >> nth=0")
        assert re.search(r"/cables/\w+\.html$", page.url)
        page.close()

    def test_without_javascript_only_the_search_is_missing(self, chrome: object, folder: Path) -> None:
        context = chrome.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
        page = context.new_page()
        page.goto((folder / "index.html").resolve().as_uri())
        assert not page.is_visible("#find")
        page.click("section#years a >> nth=0")
        page.click("table.cables a >> nth=0")
        page.click("details#raw summary")
        assert page.is_visible("pre.released")
        context.close()
