"""The reading room in a real browser: a person's path by mouse and by keyboard, without JavaScript, on a telephone and on paper; what
axe-core finds; and that no page asks anyone else for anything."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Route, expect

import reading
from cablegram import Archive
from reading import PAGES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(reading.chromium() is None, reason="no chromium, chromium-browser or google-chrome is installed"),
]

AXE: Final = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
DESK: Final = {"width": 1280, "height": 900}
STATUS: Final = {"wrong query": 400, "error": 404}
CITATION: Final = re.compile(
    r"Embassy La Paz, “UYUNI: THE CRATE ENTERS POLITICS,” to Secretary of State and Embassy Santiago, confidential telegram 96LAPAZ2075, March 14, 1996, para\. 2, "
    r"record \d+, SHA-256 [0-9a-f]{12}, release-2016\.csv\."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("browser") / "archive")


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with reading.serving(folder) as address:
        yield address


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with reading.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, str]:
    """The address of every kind of page; the numbers of versions are this archive's own."""
    with Archive(folder, create=False) as archive:
        older = archive.versions("06DUSHANBE165")[0].version
    return {**PAGES, "version": f"/cables/06DUSHANBE165?version={older}"}


@contextlib.contextmanager
def visiting(chrome: Browser, base: str, **options: Any) -> Iterator[Page]:
    """A page in a browser without a past. Whatever is done in it: no request goes elsewhere, the console has no error or warning, the
    content security policy stops nothing, and no dialog opens."""
    context = chrome.new_context(**{"base_url": base, "viewport": DESK, "reduced_motion": "reduce", **options})
    context.set_default_timeout(20_000)
    wrong: list[str] = []
    visited: set[str] = set()

    def requested(request: Request) -> None:
        if request.is_navigation_request():
            visited.add(request.url)
        if not request.url.startswith((f"{base}/", f"blob:{base}/")):
            wrong.append(f"request to {request.url}")

    def told(message: ConsoleMessage) -> None:
        # The status of a page that is meant to be an error is not an error of the page.
        own = message.text.startswith("Failed to load resource") and message.location["url"] in visited
        if message.type in ("error", "warning") and not own:
            wrong.append(f"console: {message.text}")

    def opened(dialog: Dialog) -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context.on("request", requested)
    context.on("console", told)
    context.on("weberror", lambda error: wrong.append(f"error: {error.error}"))
    context.on("dialog", opened)
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
    )
    try:
        yield context.new_page()
    finally:
        context.close()
    assert wrong == []


def pasted(page: Page) -> str:
    """What the clipboard holds, as a person finds it out: pages may not read it."""
    box = page.locator("#q")
    box.fill("")
    box.press("Control+V")
    text = box.input_value()
    box.fill("")
    page.keyboard.press("Escape")
    return text


# -- a person's path


def test_with_the_mouse(chrome: Browser, base: str) -> None:
    """From the home page to a citation in the clipboard and a collection whose link lists it for somebody else."""
    with visiting(chrome, base, permissions=["clipboard-write"]) as page:
        page.goto("/")
        page.locator("#q").click()
        page.keyboard.type("fro")
        page.get_by_role("option", name="from:").click()
        expect(page.locator("#q")).to_have_value("from:")
        page.keyboard.type("LAP")
        page.get_by_role("option", name="LAPAZ").click()
        expect(page.locator("#q")).to_have_value("from:LAPAZ ")
        page.keyboard.type("crate")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.locator("h1")).to_have_text("4 cables for from:LAPAZ crate")

        page.locator(".facets").get_by_role("link", name="CONFIDENTIAL", exact=True).click()
        expect(page.locator("#q")).to_have_value("from:LAPAZ crate class:CONFIDENTIAL")
        expect(page.locator("h1")).to_contain_text("2 cables")
        expect(page.locator(".hit .ident .tag")).to_have_text(["Confidential", "Confidential"])
        page.get_by_role("link", name="UYUNI: THE CRATE ENTERS POLITICS").click()
        page.wait_for_url("**/cables/96LAPAZ2075?q=*")
        assert page.locator(".text mark").count() > 1

        page.locator("#p2").hover()
        page.locator("#p2 a.cite").click()
        expect(page.locator("[data-said]")).to_have_text("The citation of the paragraph is copied.")
        assert CITATION.fullmatch(pasted(page))
        page.locator(".tools").get_by_role("link", name="Cite", exact=True).click()
        expect(page.locator("[data-said]")).to_have_text("The citation is copied.")
        assert CITATION.fullmatch(pasted(page).replace(", 1996, record", ", 1996, para. 2, record"))

        page.get_by_role("button", name="Add to collection").click()
        expect(page.get_by_role("button", name="In collection")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("link", name="Collection").click()
        expect(page.locator(".links a.cable")).to_have_text(["96LAPAZ2075"])
        with page.expect_download() as download:
            page.get_by_role("button", name="Save list").click()
        assert download.value.suggested_filename == "collection.txt"
        assert Path(download.value.path()).read_text(encoding="utf-8") == "96LAPAZ2075\n"
        page.get_by_role("button", name="Copy link").click()
        expect(page.locator("[data-said]")).to_have_text("The link is copied.")
        link = pasted(page)
        assert link == page.url
        with visiting(chrome, base) as other:
            other.goto(link)
            expect(other.locator(".links a.cable")).to_have_text(["96LAPAZ2075"])
            assert other.evaluate("localStorage.getItem('marked')") is None
            other.get_by_role("button", name="Keep these in my collection").click()
            other.goto("/")
            expect(other.get_by_role("link", name="Collection")).to_have_text("Collection1")
        page.get_by_role("button", name="Clear my collection").click()
        expect(page.locator("main")).to_contain_text("No cable is marked yet.")


def test_what_is_chosen_stays_chosen_when_a_late_answer_comes(chrome: Browser, base: str) -> None:
    with visiting(chrome, base) as page:
        page.goto("/")
        page.locator("#q").focus()
        page.keyboard.type("from:")
        options = page.get_by_role("option")
        expect(options.nth(1)).to_be_visible()
        held: list[Route] = []

        def hold(answer: Route) -> None:
            held.append(answer)

        def late() -> Route:
            for _ in range(1_000):
                if not held:
                    page.wait_for_timeout(10)
            return held.pop()

        page.route("**/complete.json?*", hold)
        page.keyboard.type("P")
        asked = late()
        page.keyboard.press("ArrowUp")
        expect(options.last).to_have_attribute("aria-selected", "true")
        chosen = options.filter(has_text="PRAIA")
        while chosen.get_attribute("aria-selected") != "true":
            page.keyboard.press("ArrowUp")
        others = options.count()
        asked.continue_()
        expect(options).not_to_have_count(others)
        expect(chosen).to_have_attribute("aria-selected", "true")
        # Who types on has not chosen among what comes then.
        page.keyboard.type("R")
        expect(chosen).to_have_attribute("aria-selected", "false")
        expect(page.locator("#q")).not_to_have_attribute("aria-activedescendant", re.compile(""))


def test_with_the_keyboard_alone(chrome: Browser, base: str) -> None:
    """The same without a pointer, by the keys that the help page lists."""
    with visiting(chrome, base, permissions=["clipboard-write"]) as page:
        keys = page.keyboard
        page.goto("/")
        keys.press("/")
        expect(page.locator("#q")).to_be_focused()
        keys.type("fro")
        expect(page.get_by_role("option")).to_have_count(1)
        expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
        keys.press("ArrowDown")
        expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "complete-0")
        keys.press("Enter")
        keys.type("PRA")
        # Fewer letters fit other posts as well.
        expect(page.get_by_role("option")).to_have_count(1)
        expect(page.get_by_role("option", name="PRAIA")).to_be_visible()
        keys.press("ArrowUp")
        expect(page.get_by_role("option", name="PRAIA")).to_have_attribute("aria-selected", "true")
        keys.press("Enter")
        expect(page.locator("#q")).to_have_value("from:PRAIA ")
        keys.type("sub")
        expect(page.get_by_role("option", name="subject:")).to_be_visible()
        keys.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        for _ in "sub":
            keys.press("Backspace")
        keys.press("Enter")
        page.wait_for_url("**/search?*")

        hits = page.locator(".hit h2 a")
        for key, n in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
            keys.press(key)
            expect(hits.nth(n)).to_be_focused()
        keys.press("m")
        expect(page.locator(".hit").nth(1).get_by_role("button")).to_have_text("In collection")
        keys.press("m")
        expect(page.locator(".hit").nth(1).get_by_role("button")).to_have_text("Add to collection")
        wanted = hits.nth(1).get_attribute("href")
        keys.press("Enter")
        page.wait_for_url(f"**{wanted}")

        # A cable with repairs, and several places that were searched for.
        page.goto("/cables/07PRAIA501?q=lamp")
        for key, n in (("j", 1), ("j", 2), ("k", 1), ("k", 1), ("j", 2)):
            keys.press(key)
            expect(page.locator(f"#p{n}")).to_be_focused()
            assert page.locator(".para.at").get_attribute("id") == f"p{n}"
        marks = page.locator(".text mark")
        for key, n in (("n", 0), ("n", 1), ("p", 0), ("p", marks.count() - 1)):
            keys.press(key)
            assert page.locator("mark.current").count() == 1
            expect(marks.nth(n)).to_have_class("current")
        was = page.locator(".repair .was").first
        expect(was).to_be_hidden()
        keys.press("v")
        expect(was).to_be_visible()
        expect(page.locator("[data-toggle]")).to_have_attribute("aria-pressed", "true")
        keys.press("v")
        expect(was).to_be_hidden()

        keys.press("c")
        expect(page.locator("[data-said]")).to_have_text("The citation of the paragraph is copied.")
        assert ", para. 2, record" in pasted(page)
        keys.press("m")
        expect(page.locator(".tools [data-mark]")).to_have_text("In collection")
        keys.press("r")
        page.wait_for_url("**/cables/07PRAIA501/raw")
        expect(page.locator("table.raw")).to_contain_text("minister,s plan")
        keys.press("r")
        page.wait_for_url(re.compile("/cables/07PRAIA501([?].*)?$"))
        keys.press("?")
        page.wait_for_url("**/help")
        expect(page.locator("h1")).to_have_text("Help")


def test_the_keys_can_be_switched_off(chrome: Browser, base: str) -> None:
    """WCAG 2.1.4: who speaks to the computer would press them by speaking. A person's own keys (with Ctrl) are never taken."""
    with visiting(chrome, base) as page:
        page.goto("/help")
        page.get_by_role("button", name="Switch the keys off").click()
        page.goto("/cables/07PRAIA501")
        page.keyboard.press("j")
        assert page.locator(".para.at").count() == 0
        page.goto("/help")
        page.get_by_role("button", name="Switch the keys on").click()
        page.goto("/cables/07PRAIA501")
        page.keyboard.press("Control+j")
        assert page.locator(".para.at").count() == 0
        page.keyboard.press("j")
        expect(page.locator("#p1")).to_be_focused()


def test_a_paragraph_from_a_link_is_where_the_keys_begin(chrome: Browser, base: str) -> None:
    with visiting(chrome, base, permissions=["clipboard-write"]) as page:
        page.goto("/cables/96LAPAZ2075#p2")
        page.keyboard.press("c")
        expect(page.locator("[data-said]")).to_have_text("The citation of the paragraph is copied.")
        assert CITATION.fullmatch(pasted(page))
        page.goto("/")
        page.goto("/cables/96LAPAZ2075#p2")
        page.keyboard.press("j")
        expect(page.locator("#p3")).to_be_focused()


def test_a_late_completion_is_not_shown(chrome: Browser, base: str) -> None:
    """An answer that comes after a value was taken was for what stood there before."""
    with visiting(chrome, base) as page:
        page.goto("/help")
        page.keyboard.press("/")
        page.keyboard.type("class:")
        expect(page.get_by_role("option").first).to_be_visible()

        def late(route: Route) -> None:
            page.wait_for_timeout(400)
            route.continue_()

        page.route("**/complete.json*", late)
        with page.expect_response("**/complete.json*"):
            page.keyboard.type("S")
            page.wait_for_timeout(250)
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        expect(page.get_by_role("listbox")).to_be_hidden()


# -- focus and explanations

_FOCUS: Final = """() => {
  const at = document.activeElement, look = getComputedStyle(at), box = at.getBoundingClientRect();
  const drawn = [...at.querySelectorAll("rect, circle")].some((one) => parseFloat(getComputedStyle(one).strokeWidth) >= 2);
  return {
    name: at === document.body ? "" : at.tagName + " " + (at.textContent || at.getAttribute("aria-label") || at.id).trim().slice(0, 40),
    ring: (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2) || drawn,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
    place: [...document.querySelectorAll("*")].indexOf(at),
  };
}"""


@pytest.mark.parametrize("kind", ["home", "search", "record", "raw", "versions", "guide", "help", "collection"])
def test_tab_goes_through_the_page_in_order_and_is_always_seen(
    chrome: Browser, base: str, pages: dict[str, str], kind: str
) -> None:
    with visiting(chrome, base) as page:
        page.goto(pages[kind])
        page.keyboard.press("Tab")
        first = page.evaluate(_FOCUS)
        assert first["name"] == "A Skip to the text"
        assert first["inside"]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main, footer') !== null")

        page.goto(pages[kind])
        last = -1
        for _ in range(70):
            page.keyboard.press("Tab")
            stop = page.evaluate(_FOCUS)
            if not stop["name"]:
                break
            assert stop["ring"], stop
            assert stop["inside"], stop
            assert stop["place"] > last, stop
            last = stop["place"]
        assert last > 0


def test_explanations_appear_on_focus_and_stay_inside_the_window(chrome: Browser, base: str) -> None:
    """WCAG 1.4.13: by keyboard as by pointer, and Escape puts them away. A link with an explanation is still a link."""
    with visiting(chrome, base) as page:
        for width in (1280, 800, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto("/cables/06DUSHANBE165")
            terms = page.locator(".term")
            assert terms.count() > 8
            for n in range(terms.count()):
                term, tip = terms.nth(n), terms.nth(n).locator(".tip")
                expect(tip).to_be_hidden()
                (term.locator("a") if term.locator("a").count() else term).focus()
                expect(tip).to_be_visible()
                box = tip.bounding_box()
                assert box is not None
                assert 0 <= box["x"] <= box["x"] + box["width"] <= width
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.keyboard.press("Escape")
            expect(tip).to_be_hidden()
            terms.first.hover()
            expect(terms.first.locator(".tip")).to_be_visible()
        page.get_by_role("link", name="PINR").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/tags/PINR")


# -- without JavaScript


def test_without_javascript_all_is_reached_by_links_and_forms(chrome: Browser, base: str) -> None:
    with visiting(chrome, base, java_script_enabled=False) as page:
        page.goto("/")
        page.locator("#q").fill("from:LAPAZ crate")
        page.locator("#q").press("Enter")
        expect(page.locator("h1")).to_have_text("4 cables for from:LAPAZ crate")
        page.locator(".facets").get_by_role("link", name="CONFIDENTIAL", exact=True).click()
        expect(page.locator("h1")).to_contain_text("2 cables")
        page.locator("#sort").select_option("date")
        page.get_by_role("button", name="Go").click()
        expect(page.locator(".hit h2").first).to_have_text("UYUNI: THE CRATE ENTERS POLITICS")
        assert "sort=date" in page.url

        page.goto("/search?q=bell&sort=id")
        before = page.locator(".hit .id").all_inner_texts()
        page.get_by_role("link", name="More cables").click()
        page.wait_for_url("**after=*")
        after = page.locator(".hit .id").all_inner_texts()
        assert len(before) == len(after) == 20
        assert set(after).isdisjoint(before)
        page.get_by_role("link", name="First page").click()
        expect(page.locator(".hit .id")).to_have_text(before)

        page.goto("/cables/07PRAIA501?q=lamp")
        expect(page.locator(".repair .was").first).to_be_hidden()
        page.get_by_role("button", name="Repairs").click()
        expect(page.locator(".repair .was").first).to_be_visible()
        assert page.locator(".text mark").count() > 1
        page.get_by_role("button", name="Repairs").click()
        expect(page.locator(".repair .was").first).to_be_hidden()
        page.get_by_role("link", name="Raw telegram").click()
        expect(page.locator("table.raw")).to_contain_text("minister,s plan")
        page.get_by_role("link", name="Back to the text").click()
        page.locator("#p2").hover()
        page.locator("#p2 a.cite").click()
        expect(page.locator("#citation")).to_contain_text("para. 2")
        page.get_by_role("link", name="Back to the cable").click()
        page.wait_for_url("**/cables/07PRAIA501#p2")

        page.goto("/cables/74REYKJAVIK1167?q=buoy")
        expect(page.locator("#p2")).to_contain_text("ASKED WHAT WOULD FOLLOW")
        page.get_by_role("link", name="In sentence case").click()
        expect(page.locator("#p2")).to_contain_text("asked what would follow")
        assert page.locator(".text mark").count() > 0
        for name, heading in (
            ("Posts", "Posts"),
            ("TAGS", "TAGS"),
            ("Days", "By day"),
            ("How to read", "How to read a cable"),
            ("Help", "Help"),
        ):
            page.get_by_role("navigation", name="Reading room").get_by_role("link", name=name).click()
            expect(page.locator("h1")).to_have_text(heading)
        page.get_by_role("link", name="Collection").click()
        expect(page.locator("main")).to_contain_text("Marking needs JavaScript")


def test_one_thing_asked_for_does_not_lose_another(chrome: Browser, base: str, pages: dict[str, str]) -> None:
    """On an older version every way to read it stays with that version, and with what was searched for."""
    with visiting(chrome, base, java_script_enabled=False) as page:
        page.goto(pages["version"])
        number = pages["version"].partition("version=")[2]
        expect(page.locator(".tools .notice")).to_contain_text(f"This is version {number}")
        for name in ("PDF", "JSON", "Raw telegram"):
            link = page.locator(".tools").get_by_role("link", name=name, exact=True).get_attribute("href")
            assert link is not None
            assert link.endswith(f"?version={number}")
        page.get_by_role("link", name="Raw telegram").click()
        page.get_by_role("link", name="Back to the text").click()
        expect(page.locator(".tools .notice")).to_contain_text(f"This is version {number}")
        page.get_by_role("link", name="Versions").click()
        expect(page.locator("h1")).to_contain_text("in 2 versions")
        page.locator("#left").select_option(number)
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url(f"**left={number}*")
        expect(page.locator("h1")).to_contain_text("in 2 versions")


@pytest.mark.parametrize("kind", list(PAGES))
def test_without_javascript_no_control_does_nothing(chrome: Browser, base: str, pages: dict[str, str], kind: str) -> None:
    """Each button that is shown sends its form; each link leads somewhere."""
    with visiting(chrome, base, java_script_enabled=False) as page:
        page.goto(pages[kind])
        dead = page.evaluate(
            """() => [...document.querySelectorAll("button, a, [role=button]")].filter((one) => one.checkVisibility())
                 .filter((one) => one.localName === "a" ? !one.getAttribute("href") : !(one.type === "submit" && one.form))
                 .map((one) => one.outerHTML)"""
        )
        assert dead == []
        targets = page.evaluate(
            """() => [...document.querySelectorAll("a[href^='#']")].map((one) => one.getAttribute("href").slice(1))
                 .filter((id) => !document.getElementById(id))"""
        )
        assert targets == []


# -- every kind of page


@pytest.mark.parametrize("kind", list(PAGES))
def test_every_page_keeps_to_its_own_server(chrome: Browser, base: str, pages: dict[str, str], kind: str) -> None:
    """``visiting`` looks at requests, console, policy and dialogs; besides, a page has one heading of the first order and its name."""
    with visiting(chrome, base) as page:
        answer = page.goto(pages[kind], wait_until="networkidle")
        assert answer is not None
        assert answer.status == STATUS.get(kind, 200)
        assert page.locator("h1").count() == 1
        assert page.title().endswith(" · cablegram")


@pytest.mark.parametrize("kind", ["hostile", "raw hostile", "collection", "repairs"])
def test_text_of_cables_makes_no_element(chrome: Browser, base: str, pages: dict[str, str], kind: str) -> None:
    """Nothing of a hostile cable (or of one beside it) is anything but text."""
    with visiting(chrome, base) as page:
        page.goto(pages[kind], wait_until="networkidle")
        assert "<script>alert(1)</script>" in page.locator("main").inner_text()
        assert page.locator("main").locator("script, img, svg, b, iframe, object").count() == 0
        ours = page.locator("script:not([type='application/ld+json'])").evaluate_all(
            "all => all.map((one) => new URL(one.src).pathname)"
        )
        assert ours == ["/static/theme.js", "/static/room.js"]
        handlers = "() => [...document.querySelectorAll('*')].flatMap((one) => [...one.attributes]).filter((one) => /^on|^style$/.test(one.name)).length"
        assert page.evaluate(handlers) == 0
        assert page.locator("a[href^='javascript']").count() == 0


_SMALL_TEXT: Final = """() => {
  const small = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const on = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !on.checkVisibility() || on.closest("svg, .sr")) continue;
    if (parseFloat(getComputedStyle(on).fontSize) < 11) small.push(walk.currentNode.data.trim().slice(0, 40));
  }
  return small;
}"""
_CUT: Final = """() => [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility() && !one.closest(".sr, svg, .scroll, .cg-frame, thead"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("kind", list(PAGES))
def test_on_a_telephone(chrome: Browser, base: str, pages: dict[str, str], kind: str) -> None:
    """No page is wider than the screen, none of it is cut off, all of it can be read and hit."""
    with visiting(chrome, base, has_touch=True, bypass_csp=True) as page:
        for width in (390, 360):
            page.set_viewport_size({"width": width, "height": 780})
            page.goto(pages[kind])
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(_CUT) == []
        assert page.evaluate(_SMALL_TEXT) == []
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)") >= 16
        assert broken(page, {"type": "rule", "values": ["target-size"]}) == []


def broken(page: Page, only: dict[str, Any] | None = None) -> list[str]:
    """What axe-core finds wrong with the page, one line a place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # target-size (WCAG 2.2, 2.5.8) is new and off by default.
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}, **({"runOnly": only} if only else {})}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']} {node['target']} {node['html'][:200]} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"][:3]
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(PAGES))
def test_axe_finds_nothing(chrome: Browser, base: str, pages: dict[str, str], kind: str) -> None:
    """All rules of axe-core, the best practices included, in both widths; in the dark those of colour, since nothing else differs."""
    with visiting(chrome, base, bypass_csp=True) as page:
        page.goto(pages[kind])
        # The four hundred paragraphs take axe half a minute a run; their colours and widths are those of the other cables.
        for width in (1280,) if kind == "400 paragraphs" else (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert broken(page) == [], width
            if kind != "400 paragraphs":
                page.emulate_media(color_scheme="dark")
                assert broken(page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}) == [], f"{width}, dark"
                page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("state", ["completion", "repairs", "explanation", "tables", "marked"])
def test_axe_finds_nothing_in_what_opens(chrome: Browser, base: str, state: str) -> None:
    """What is only there after something was done."""
    with visiting(chrome, base, bypass_csp=True) as page:
        page.goto("/search?q=crate" if state in ("tables", "marked") else "/cables/07PRAIA501?q=lamp")
        if state == "completion":
            page.locator("#q").fill("c")
            expect(page.get_by_role("option").first).to_be_visible()
            page.keyboard.press("ArrowDown")
        elif state == "repairs":
            page.keyboard.press("v")
            page.keyboard.press("n")
        elif state == "explanation":
            page.locator(".term[tabindex]").first.focus()
        elif state == "tables":
            for summary in page.locator("summary").all():
                summary.click()
        else:
            page.locator("[data-mark]").first.click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert broken(page) == [], scheme


@pytest.mark.parametrize("path", ["/", "/search", "/search?q=lamp", "/posts", "/tags", "/days"])
def test_axe_finds_nothing_in_an_empty_archive(chrome: Browser, tmp_path: Path, path: str) -> None:
    Archive(tmp_path / "a").close()
    with reading.serving(tmp_path / "a") as base, visiting(chrome, base, bypass_csp=True) as page:
        page.goto(path)
        assert broken(page) == []


@pytest.mark.parametrize("kind", ["home", "search", "record"])
def test_a_first_visit_transfers_little(chrome: Browser, base: str, pages: dict[str, str], kind: str) -> None:
    """Less than 150 kB in all, with an empty cache."""
    with visiting(chrome, base) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        sizes: list[float] = []
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(pages[kind], wait_until="networkidle")
        assert len(sizes) >= 4  # the page, two style sheets, the script
        assert 10_000 < sum(sizes) < 150_000


# -- light, dark, paper


def test_the_choice_of_light_or_dark_stays(chrome: Browser, base: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    for scheme, name, back in (("light", "Dark", "Light"), ("dark", "Light", "Dark")):
        with visiting(chrome, base, color_scheme=scheme) as page:
            page.goto("/")
            before = page.evaluate(paper)
            page.get_by_role("button", name=name, exact=True).click()
            after = page.evaluate(paper)
            assert after != before
            page.reload()
            assert page.evaluate(paper) == after
            page.goto("/help")
            assert page.evaluate(paper) == after
            page.get_by_role("button", name=back, exact=True).click()
            assert page.evaluate(paper) == before


def test_what_is_copied_is_the_text(chrome: Browser, base: str) -> None:
    """Paragraphs that are selected and copied bring their numbers, markings and text, and none of the page's own words."""
    with visiting(chrome, base, permissions=["clipboard-write"]) as page:
        page.goto("/cables/06DUSHANBE165")
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.text'))")
        page.keyboard.press("Control+c")
        text = pasted(page)
        for there in ("S/NF", "bookkeeper of Zarrin Trade", "[blacked out, "):
            assert there in text
        for not_there in ("link to this", "cite", "Economic Officer", "Economic officer"):
            assert not_there not in text


def test_on_paper_there_is_the_cable_alone(chrome: Browser, base: str, pages: dict[str, str]) -> None:
    with visiting(chrome, base, color_scheme="dark") as page:
        page.goto(pages["redacted"])
        page.get_by_role("button", name="Light", exact=True).click()
        page.get_by_role("button", name="Dark", exact=True).click()
        page.emulate_media(media="print")
        for gone in ("header.site", "footer.site", ".tools", ".para .cite", ".skip"):
            expect(page.locator(gone).first).to_be_hidden()
        for there in (".masthead h1", ".text .body", ".bar .black"):
            expect(page.locator(there).first).to_be_visible()
        look = "(selector) => { const one = getComputedStyle(document.querySelector(selector)); return [one.color, one.backgroundColor]; }"
        assert page.evaluate(look, "body") == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert page.evaluate(look, ".bar .black")[1] == "rgb(0, 0, 0)"
