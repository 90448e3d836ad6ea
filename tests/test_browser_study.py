"""The pages of the studies in a real browser: a path by mouse, by keyboard, without JavaScript; what axe-core finds; on a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import Browser, expect

import reading
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
    "evidence": "/markings/evidence?level=C&by=year&name=1996",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with reading.serving(reading.build(tmp_path_factory.mktemp("studies") / "archive")) as address:
        yield address


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
