"""What the tests of the reading room share: archives of fictional cables, a server, a browser. Run by itself it takes the pictures of
the documentation: ``python tests/reading.py FOLDER``."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.types import ASGIApp

import cablegram
from cablegram import Archive
from cablegram.fiction.bundle import telegrams
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

HEAD: Final = (
    "P 051015Z MAR 07\nFM AMEMBASSY PRAIA\nTO SECSTATE WASHDC PRIORITY 0100\nINFO AMEMBASSY DAKAR 0042\n\n"
    "C O N F I D E N T I A L PRAIA {serial:06d} \n\nSIPDIS\n\nE.O. 12958: DECL: 03/05/2017\nTAGS: PGOV, PREL, CV\n"
)
EVIL: Final = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)><svg/onload=alert(3)>"
#: Script tags and handlers wherever a cable has text.
HOSTILE: Final = (
    HEAD.format(serial=666)
    + f"SUBJECT: {EVIL}\nREF: {EVIL}\n\n1. (C) {EVIL} &amp; {{{{ 7 * 7 }}}} javascript:alert(4)\n\n## {EVIL}\n\nTILBURY<b>\n"
)
#: What message systems did to apostrophes and quotation marks: repairs, and one that is only proposed.
GARBLED: Final = (
    HEAD.format(serial=501) + "SUBJECT: THE MINISTER,S PLAN FOR THE LAMP\nREF: A. PRAIA 666\n     B. 07DAKAR300\n\n"
    "1. (C) Summary: The minister,s plan for the harbor lamp is &ambitious8 and the keeper,s wife doesn,t like it.  End summary.\n\n"
    "2. (C) The lamp hasn,t been lit since Tuesday.  &We will light the lamp,8 the keeper said, &or nobody will.8\n\n"
    "3. (S) The oil is in the minister,s cellar.\n\n"
    "4. (C) Comment: The lamp is not only a lamp.  End comment.\n\nTILBURY\n"
)
LONG: Final = (
    HEAD.format(serial=400)
    + "SUBJECT: A VERY LONG CABLE\n\n"
    + "".join(f"{n}. (C) Paragraph {n} of many, and nothing else.\n\n" for n in range(1, 401))
    + "TILBURY\n"
)
RTL: Final = (
    HEAD.format(serial=888)
    + "SUBJECT: NAMES FROM RIGHT TO LEFT\n\n1. (C) The keeper is called محمد بن راشد and his sister שרה.\n\nTILBURY\n"
)
#: Nothing in it can be broken at a blank.
WIDE: Final = (
    HEAD.format(serial=889)
    + f"SUBJECT: {'LIGHTHOUSE' * 20}\n\n1. (C) See {'verylong' * 60}\n\n{'-' * 140}\nA TABLE {'.' * 120} 1\n{'-' * 140}\n\nTILBURY\n"
)
EXTRACT: Final = (
    "This record is a partial extract of the original cable. The full text of the original cable is not available.\n\n"
    + HEAD.format(serial=777)
    + "SUBJECT: CUT\n\n1. (C) Only"
)
BARE: Final = "A note found in a box, without a header, without a number.\n"


def _many(number: int) -> str:
    """One of many short cables, so that a list has a second page."""
    return (
        f"R 010203Z JAN 05\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA {number:06d}\n\nE.O. 12958: N/A\n"
        f"TAGS: EFIS, PE\nSUBJECT: BELL NUMBER {number}\n\n1. (U) The bell rang.\n\nFENWICK\n"
    )


def build(folder: Path, *, odd: bool = True) -> Path:
    """An archive of the bundled stories in ``folder``; with ``odd``, of the strangest cables too."""
    with Archive(folder) as archive:
        for release, name in (("a", "release-2009.csv"), ("b", "release-2016.csv")):
            archive.add([cablegram.parse(one.text) for one in telegrams(release).values()], name)
        if odd:
            texts = (HOSTILE, GARBLED, LONG, RTL, WIDE, EXTRACT, BARE, *map(_many, range(1, 121)))
            archive.add([cablegram.parse(text) for text in texts], f"odd ones {EVIL}")
            archive.add([cablegram.parse("", {"id": "07PRAIA555", "subject": "WITHDRAWN"})], "cards")
    return folder


#: Every kind of page, and every state of it that looks different; what they show is in ``build(folder)``.
#: (The number of an older version is the archive's own; the tests put it in.)
PAGES: Final = {
    "home": "/",
    "search": "/search?q=crate+OR+clock",
    "all": "/search",
    "no result": "/search?q=nothingfitsthis",
    "wrong query": "/search?q=lamp+class:SECRT+oil",
    "record": "/cables/96LAPAZ2075?q=heart",
    "repairs": "/cables/07PRAIA501?repairs=true&q=lamp",
    "capitals": "/cables/74REYKJAVIK1167",
    "sentence case": "/cables/74REYKJAVIK1167?case=sentence",
    "redacted": "/cables/06DUSHANBE165",
    "version": "/cables/06DUSHANBE165?version=1",
    "hostile": "/cables/07PRAIA666",
    "400 paragraphs": "/cables/07PRAIA400",
    "right to left": "/cables/07PRAIA888",
    "unbreakable": "/cables/07PRAIA889",
    "extract": "/cables/07PRAIA777",
    "withdrawn": "/cables/07PRAIA555",
    "raw": "/cables/96LAPAZ2075/raw",
    "raw hostile": "/cables/07PRAIA666/raw",
    "versions": "/cables/06DUSHANBE165/versions",
    "cite": "/cables/96LAPAZ2075/cite",
    "cite a paragraph": "/cables/96LAPAZ2075/cite?p=p3",
    "posts": "/posts",
    "post": "/posts/LAPAZ",
    "second page": "/posts/LIMA?page=2",
    "tags": "/tags",
    "tag": "/tags/PREL",
    "days": "/days",
    "year": "/days/1996",
    "month": "/days/1996-03",
    "guide": "/guide",
    "help": "/help",
    "collection": "/collection?ids=96LAPAZ2075,07PRAIA666,05NOWHERE1",
    "no collection": "/collection",
    "error": "/cables/05NOWHERE1",
}


@contextlib.contextmanager
def serving(folder: Path, apart: Mapping[str, Callable[[Archive], ASGIApp]] | None = None, **more: Any) -> Iterator[str]:
    """The reading room of the archive in ``folder`` on a free port, with the applications ``apart`` beside it; its address, without a
    slash at the end. ``more`` are other settings."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(create_app(Settings(folder, port=port, **more), apart), log_level="error", lifespan="on")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the reading room did not open")
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)


def chromium() -> str | None:
    """The browser of this machine that Playwright can drive, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


#: No sandbox: containers have none to give. The others keep the browser from calling home while requests are counted.
_ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """The browser, without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        try:
            yield opened
        finally:
            opened.close()


_LARGEST: Final = 300_000
#: Name, address, and width of each picture of the documentation.
_PICTURES: Final = (
    ("home.png", "/", 1280),
    ("search.png", "/search?q=crate+OR+clock", 1280),
    ("record.png", "/cables/96LAPAZ2075?q=heart", 1280),
    ("record-phone.png", "/cables/96LAPAZ2075", 390),
    ("raw.png", "/cables/96LAPAZ2075/raw", 1280),
    ("versions.png", "/cables/06DUSHANBE165/versions", 1280),
    ("guide.png", "/guide", 1280),
    ("ghost.png", "/cables/96LAPAZ1990", 1280),
    ("post.png", "/posts/KATHMANDU", 1280),
    ("thread.png", "/cables/96LAPAZ2075/thread", 1280),
    ("clock.png", "/clock?as_of=2012-01-01", 1280),
    ("who.png", "/distribution?from=1996&to=1996&sort=most", 1280),
)


def take_screenshots(base_url: str, folder: Path) -> list[Path]:
    """Pictures of the reading room at ``base_url`` for the documentation, each below 300 kB; the archive must be that of ``build``."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with browser() as opened:
        for name, url, width in _PICTURES:
            context = opened.new_context(viewport={"width": width, "height": 844}, color_scheme="light", reduced_motion="reduce")
            page = context.new_page()
            answer = page.goto(base_url + url)
            if answer is None or not answer.ok:
                raise RuntimeError(f"{url} cannot be shown: {answer and answer.status}")
            made.append(folder / name)
            made[-1].write_bytes(_small(page))
            context.close()
    return made


def _small(page: Page) -> bytes:
    """The picture of what ``page`` shows."""
    picture = page.screenshot(animations="disabled")
    if len(picture) > _LARGEST:
        raise RuntimeError(f"the picture of {page.url} has {len(picture)} bytes; at most {_LARGEST}")
    return picture


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/reading.py FOLDER")
    with tempfile.TemporaryDirectory() as place, serving(build(Path(place) / "archive", odd=False)) as base:
        for picture in take_screenshots(base, Path(sys.argv[1])):
            print(f"{picture}  {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
