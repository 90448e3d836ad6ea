"""The pages of the studies in a real browser: a path by mouse, by keyboard, without JavaScript; what axe-core finds; on a telephone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import Browser, expect

import reading
from cablegram.protect.copy import masked_folder
from cablegram.protect.rules import KINDS
from test_browser import _CUT, _SMALL_TEXT, broken, visiting

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(reading.chromium() is None, reason="no chromium, chromium-browser or google-chrome is installed"),
]

PAGES: Final = {
    "studies": "/studies",
    "ghosts": "/ghosts",
    "ghost": "/cables/96LAPAZ1990",
    "thread": "/cables/96LAPAZ2075/thread",
    "hostile thread": "/cables/07PRAIA666/thread",
    "coverage": "/coverage",
    "post": "/posts/LAPAZ",
    "year": "/posts/LAPAZ/1996",
    "clock": "/clock?as_of=2012-01-01",
    "markings": "/markings",
    "pick": "/compare",
    "compare": "/compare?a=release-2009.csv&b=release-2016.csv",
    "compare fields": "/compare?a=release-2009.csv&b=release-2016.csv&list=fields",
    "evidence": "/markings/evidence?level=C&by=year&name=1996",
    "who": "/distribution",
    "who by month": "/distribution?from=1996&to=1996&sort=most",
    "who cables": "/distribution/cables?who=STATE&role=action",
    "who one": "/cables/96LAPAZ2075/distribution",
    "hostile who": "/cables/07PRAIA666/distribution",
    "protection": "/protection",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with reading.serving(reading.build(tmp_path_factory.mktemp("studies") / "archive")) as address:
        counted(address)
        yield address


def counted(address: str) -> None:
    """Wait until the pages that count in the background have done so."""
    for path in ("/studies.json", "/protection.json"):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urlopen(address + path) as answer:
                    assert answer.status == 200
                break
            except HTTPError as error:
                if error.code != 503:
                    raise
                time.sleep(0.2)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with reading.browser() as opened:
        yield opened


def test_from_a_ghost_to_its_thread_and_back(chrome: Browser, base: str) -> None:
    with visiting(chrome, base) as page:
        page.goto("/")
        page.get_by_role("link", name="Studies").click()
        page.get_by_role("link", name="Ghosts").click()
        expect(page.get_by_role("table")).to_be_visible()
        page.get_by_label("Of post").fill("La Paz")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="96LAPAZ1990").click()
        expect(page.get_by_text("Not held", exact=True)).to_be_visible()
        page.get_by_role("link", name="Read the thread").click()
        step = page.locator('li[id="96LAPAZ1990"]')
        expect(step).to_contain_text("probably")
        step.get_by_role("link", name="96LAPAZ2075").click()
        assert page.url.endswith("#96LAPAZ2075")
        page.locator('li[id="96LAPAZ2075"] h2 a').click()
        expect(page.locator("dt", has_text="Clock")).to_be_visible()
        # What is cited and not held leads to the ghost.
        page.locator(".form a.missing").first.click()
        assert page.url.endswith("/cables/96LAPAZ1990")


def test_a_number_is_followed_by_keyboard_without_javascript(chrome: Browser, base: str) -> None:
    with visiting(chrome, base, java_script_enabled=False) as page:
        page.goto("/clock?as_of=2012-01-01")
        number = page.locator(".facts a.evidence").nth(1)
        told = number.inner_text()
        number.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#list")).to_have_text(re.compile(rf"^Due: {told}$"))
        page.goto("/cables/96LAPAZ2075/thread")
        page.locator("a.cg-node").nth(2).focus()
        page.keyboard.press("Enter")
        assert "#" in page.url
        assert page.locator("li.step").count() == page.locator("a.cg-node").count()


def test_from_a_month_of_the_matrix_to_who_got_a_cable_by_keyboard(chrome: Browser, base: str) -> None:
    with visiting(chrome, base, java_script_enabled=False) as page:
        page.goto("/cables/96LAPAZ2075")
        page.get_by_role("link", name="Who got it, and who was left off").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Who got 96LAPAZ2075")
        page.goto("/distribution?from=1996&to=1996&sort=most")
        page.get_by_role("region", name="Addressees by month").focus()
        page.keyboard.press("Tab")
        number = page.locator(".matrix a.evidence").first
        expect(number).to_be_focused()
        told = number.inner_text()
        page.keyboard.press("Enter")
        expect(page.locator(".lead")).to_have_text(re.compile(rf"^{told} cables? that went to "))
        assert page.locator("table.due tbody tr").count() == int(told)
        page.get_by_role("link", name="all who got it").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Who got")


def test_from_a_kind_to_the_paragraph_that_has_it(chrome: Browser, base: str) -> None:
    with visiting(chrome, base) as page:
        page.goto("/studies")
        page.get_by_role("link", name="Source protection").click()
        row = page.locator(".kinds tr", has=page.get_by_role("rowheader", name="protected name")).first
        told = row.locator("a.evidence").inner_text()
        row.locator("a.evidence").click()
        expect(page.locator("#list")).to_contain_text(f": {told}")
        place = page.locator(".finds td a").first
        name = page.locator(".finds tbody th").first.inner_text()
        place.click()
        assert re.search(rf"/cables/{name}#[ps]\d+", page.url)


def test_a_masked_room_says_so_on_every_page(chrome: Browser, tmp_path: Path) -> None:
    folder = masked_folder(reading.build(tmp_path / "archive", odd=False), KINDS)
    with reading.serving(folder) as address, visiting(chrome, address, has_touch=True, bypass_csp=True) as page:
        counted(address)
        page.set_viewport_size({"width": 360, "height": 780})
        for path in ("/", "/protection", "/cables/86ROME911"):
            page.goto(path)
            expect(page.locator(".masked-banner")).to_contain_text("Masked: protected names")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert broken(page) == []
        page.get_by_role("link", name="What that does not promise").click()
        expect(page.get_by_role("heading", name="What this does not promise")).to_be_in_viewport()


def test_from_two_versions_to_their_sources_and_back(chrome: Browser, base: str) -> None:
    with visiting(chrome, base) as page:
        page.goto("/cables/96LAPAZ2075/versions")
        page.get_by_role("link", name="Compare the two sources as a whole").click()
        fuller = page.get_by_role("row", name="cables in which it is fuller").get_by_role("link").last
        told = fuller.inner_text()
        fuller.click()
        expect(page.locator("#list")).to_have_text(f"B is fuller: {told}")
        page.get_by_role("table", name="B is fuller").get_by_role("link", name="96LAPAZ2075").click()
        expect(page.locator(".right .run-shown").first).to_have_text("Evaristo Poblete")
        page.goto("/")
        page.get_by_role("link", name="Compare two sources").click()
        page.get_by_label("A", exact=True).fill("release-2016")
        page.get_by_label("B", exact=True).fill("release-2009")
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("row", name="cables in which it is fuller").get_by_role("link").first).to_have_text(told)


@pytest.mark.parametrize("kind", list(PAGES))
def test_axe_finds_nothing(chrome: Browser, base: str, kind: str) -> None:
    with visiting(chrome, base, bypass_csp=True) as page:
        page.goto(PAGES[kind])
        assert broken(page) == []
        page.emulate_media(color_scheme="dark")
        assert broken(page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}) == []


@pytest.mark.parametrize("kind", list(PAGES))
def test_on_a_telephone(chrome: Browser, base: str, kind: str) -> None:
    """No page is wider than the screen, none of it is cut off, all of it can be read and hit."""
    with visiting(chrome, base, has_touch=True, bypass_csp=True) as page:
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto(PAGES[kind])
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate(_CUT) == []
        assert page.evaluate(_SMALL_TEXT) == []
        assert broken(page, {"type": "rule", "values": ["target-size"]}) == []
