"""The typeset PDF: what it says, texts that would like to be code, sameness, threads, and its route."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cablegram
import story
from cablegram import Archive, CablegramError
from cablegram.cite.citing import plain_citation
from cablegram.fiction.bundle import telegrams
from cablegram.present.page import Page, page_of
from cablegram.typeset import cable_pdf, pdf

TODAY = date(2025, 11, 3)
Make = Callable[[str], Page]

HEAD = "R 010203Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000077\n\nSIPDIS\n\nTAGS: PGOV, EFIS, PE\nSUBJECT: "


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "a") as archive:
        yield archive


@pytest.fixture
def make(archive: Archive) -> Make:
    """The page of a text under the id that it gives, or under one of ours."""

    def made(text: str) -> Page:
        cable = cablegram.parse(text, {"id": "07LIMA77"})
        archive.add([cable])
        key = cable.id or "07LIMA77"
        # The fullest version is not always the newest.
        version = max(one.version for one in archive.versions(key))
        page = page_of(archive, key, version, today=TODAY)
        assert page is not None
        return page

    return made


def _read(data: bytes) -> tuple[str, pypdf.PdfReader]:
    """The text of a PDF with single spaces, and its reader."""
    assert data.startswith(b"%PDF-")
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(text.replace("\u200b", "").split()), reader


def _text(page: Page, **how: Any) -> str:
    return _read(cable_pdf(page, today=TODAY, **how))[0]


def _squeezed(text: str) -> str:
    return "".join(text.split())


# what it says


def test_it_says_what_the_page_says(archive: Archive) -> None:
    archive.add(cablegram.parse(one.text) for one in telegrams("a").values())
    for key in ("96SANTIAGO1750", "08KOLKATA233", "74STATE227019", "76BUDAPEST3012"):
        page = page_of(archive, key, today=TODAY)
        assert page is not None
        text, reader = _read(cable_pdf(page, today=TODAY))
        bare = _squeezed(text)
        assert page.title in text
        assert page.version.sha256 in bare
        assert _squeezed(plain_citation(page.key, page.cable, page.version, page.versions)) in bare
        assert page.created_words in text
        assert page.level is not None
        assert page.level in text
        assert f"original marking of {(page.cable.created or '')[:4]}" in text
        for section in page.sections:
            begin = " ".join(section.text.split()[:3])
            mark = f"({section.marking}) " if section.marking else ""
            assert f"{mark}{section.name} {begin}" in text
        for name in (*page.action, *page.info):
            assert name.name in text
        for tag in page.tags:
            assert f"{tag.code} {tag.meaning}" in text
        assert text.count("not held") == sum(one.link is not None and not one.link.held for one in page.references)
        assert (page.cable.signature or "") in text
        assert f"cablegram {cablegram.__version__}, 3 November 2025" in text
        lines = page.cable.original.splitlines()
        assert f"1 {' '.join(lines[0].split())} 2 {' '.join(lines[1].split())}" in text
        assert f"1 of {len(reader.pages)}" in text
        assert reader.metadata is not None
        assert reader.metadata.title == f"{key}: {page.title}"
        assert key in str(reader.metadata.get("/Keywords"))
        assert "/StructTreeRoot" in reader.root_object


def test_what_is_blacked_out_and_what_was_mended(archive: Archive) -> None:
    archive.add(cablegram.parse(one.text) for one in telegrams("a").values())
    page = page_of(archive, "08KOLKATA233", today=TODAY)
    assert page is not None
    text = _text(page)
    # The bar is the text, black on black: it is as long as what the publisher put there, and can be read aloud.
    assert "3 XXXXXXXXXXXX (protect), told us the rest on the stairs" in text
    assert 'had written: "Key left with manager' in text
    assert "2 places were damaged on the way and are restored" in text


def test_another_version_says_so(archive: Archive) -> None:
    first, second = telegrams("a"), telegrams("b")
    key = next(key for key, one in first.items() if one.text != second[key].text)
    archive.add(cablegram.parse(release[key].text) for release in (first, second))
    other = next(one.version for one in archive.versions(key) if not one.current)
    page = page_of(archive, key, other, today=TODAY)
    assert page is not None
    text = _text(page)
    assert f"This is version {other}; the archive holds a fuller one." in text
    assert f"{other} (printed here)" in text


def test_papers(make: Make) -> None:
    page = make(HEAD + "SIZE\n\n1. (U) Fog.\n\nFENWICK\n")
    a4, letter = (_read(cable_pdf(page, paper=paper))[1].pages[0].mediabox for paper in pdf.PAPERS)
    assert (round(a4.width), round(a4.height)) == (595, 842)
    assert (round(letter.width), round(letter.height)) == (612, 792)
    with pytest.raises(CablegramError, match="there is no paper a7"):
        cable_pdf(page, paper="a7")


def test_short_forms_are_told_but_not_of_a_text_in_capitals(make: Make) -> None:
    low = make(HEAD + "LOW\n\n1. (U) Poloff waited for the GOP.\n\nFENWICK\n")
    assert "Poloff political officer" in _text(low)
    high = make(HEAD.replace("77", "78") + "HIGH\n\n1. (U) THE CHARGE WAS FISHING.\n\nFENWICK\n")
    assert "SHORT FORMS" not in _text(high)


def test_a_long_original_is_not_printed(make: Make) -> None:
    page = make(HEAD + "LONG\n\n1. (U) Fog.\n\nFENWICK\n" + "\n" * 2000)
    text = _text(page)
    assert "it is too long for this print; the archive gives it as 07LIMA77.txt" in text
    assert "line by line" not in text


# texts that would like to be something else

HOSTILE = (
    '#read("/etc/passwd")', '#import "@preview/cetz:0.3.0": *', "#include \"cable.typ\"", "$x^2$", "*bold* _it_", "@label <label>",
    "<script>alert(1)</script>", "back\\slash \\u{41}", "`raw` ```typ #x```", "// comment /* more */", "= heading", "#panic()", "]]))}} #[",
    "\\#{{ sys.inputs }}", "&amp; &#65;", "~ -- --- ... it's \"quoted\"", '","}',
)  # fmt: skip


def test_code_is_text(make: Make) -> None:
    body = "\n\n".join(f"{n}. (U) {text}" for n, text in enumerate(HOSTILE, 1))
    page = make(
        f"{HEAD}{' '.join(HOSTILE[:3])}\n\nREF: #read(1)\n\nClassified By: #import for reasons 1.4 (b)\n\n{body}\n\n#READ\n"
    )
    assert [section.text for section in page.sections][: len(HOSTILE)] == list(HOSTILE)
    bare = _squeezed(_text(page))
    assert "root:" not in bare
    for section in page.sections:
        assert _squeezed(section.text) in bare


def _beyond(data: bytes) -> list[str]:
    """Pieces of text that begin outside the page or run past its right edge (by a low estimate of their width)."""
    out: list[str] = []
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        width = float(page.mediabox.width)

        def visit(text: str, _: Any, matrix: list[float], font: Any, size: float, width: float = width) -> None:
            if text.strip() and not 0 <= matrix[4] + len(text.strip()) * size * 0.3 <= width:
                out.append(text)

        page.extract_text(visitor_text=visit)
    return out


@pytest.mark.parametrize(
    "word", ["W" * 5000, "i" * 5000, "X" * 5000, "XXXXxxxx" * 600, "a-b/" * 1200, "中" * 800], ids=lambda word: word[:5]
)
def test_a_word_without_end_stays_on_the_page(make: Make, word: str) -> None:
    page = make(f"{HEAD}{word[:200]}\n\n1. (U) {word}\n\n2. (U) Fog.\n\nFENWICK\n")
    data = cable_pdf(page)
    shown = _squeezed(_read(data)[0])
    # Heads and feet of pages stand between its parts, so its letters are counted: once in the text, once in the original.
    for letter in set(word):
        assert shown.count("[U+4E2D]" if letter == "中" else letter) >= 2 * word.count(letter)
    assert _beyond(data) == []


def test_every_script(make: Make) -> None:
    body = (
        "NUL \0 and bell \a go, Щербаков, Łódź, Ωμέγα, שלום, مرحبا, 中文, 😀, ☀️, half \ud800 a letter,"
        " turned \u202eround\u202c, private \ue000, a line\u2028end, ﬁ."
    )
    text = _text(make(f"{HEAD}SCRIPTS\n\n1. (U) {body}\n\nFENWICK\n"))
    bare = _squeezed(text)
    for part in (
        "NUL and bell go, Щербаков, Łódź, Ωμέγα,",
        "[U+4E2D][U+6587], [U+1F600],",
        "turned round, private [U+E000]",
        "half � a letter",
    ):
        assert _squeezed(part) in bare
    assert "שלום" in text or "םולש" in text
    assert "Characters that these fonts lack stand as their Unicode numbers" in text


@pytest.mark.parametrize(
    "text", ["", "\n\n", "Just a letter.\n", "\0\0", "SUBJECT:\n", HEAD, "1. (U) One.\n\n1. (U) One again.\n", "<html>"]
)
def test_poor_texts(make: Make, text: str) -> None:
    page = make(text)
    told = _text(page)
    assert "07LIMA77" in told
    assert page.version.sha256 in _squeezed(told)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60) | st.sampled_from(HOSTILE) | st.sampled_from(HEAD.split("\n")), max_size=12))
def test_any_text_makes_a_pdf(make: Make, lines: list[str]) -> None:
    page = make("\n".join(lines))
    assert cable_pdf(page).startswith(b"%PDF-")


@given(st.lists(st.text(alphabet="ab \n", max_size=40)), st.integers(1, 12))
def test_breaks_take_nothing_away(pieces: list[str], most: int) -> None:
    out, carried = [], 0
    for piece in pieces:
        told, carried = pdf._breakable(piece, most, carried)
        out.append(told)
    assert "".join(out).replace("\u200b", "") == "".join(pieces)
    assert all(len(word) <= max(most, 8) for word in "".join(out).replace("\u200b", " ").split())


# many and much


def test_four_hundred_paragraphs(make: Make) -> None:
    body = "\n\n".join(f"{n}. (U) " + "The bell rang again and the fishermen said that it was late.\n" * 6 for n in range(1, 401))
    text, reader = _read(cable_pdf(make(f"{HEAD}MUCH\n\n{body}\nFENWICK\n"), today=TODAY))
    assert "(U) 400 The bell rang again" in text
    assert len(reader.pages) > 40


def test_many_addressees(make: Make) -> None:
    many = "\n".join(f"RUEHXX/AMEMBASSY PLACE{n} PRIORITY {n:04d}" for n in range(200))
    text = _text(make(HEAD.replace("TO SECSTATE WASHDC 0001", f"TO {many}") + "MANY\n\n1. (U) Fog.\n\nFENWICK\n"))
    assert "AMEMBASSY PLACE0 PRIORITY 0000" in text
    assert "AMEMBASSY PLACE199 PRIORITY 0199" in text


def test_far_too_much_is_refused(make: Make) -> None:
    with pytest.raises(CablegramError, match="07LIMA77 is too long for a PDF"):
        cable_pdf(make(f"{HEAD}MUCH\n\n" + "\n\n".join(f"{n}. (U) Fog." for n in range(1, 5003))))


def test_the_same_page_gives_the_same_bytes(make: Make) -> None:
    page = make(story.texts()["07PRAIA101"])
    assert cable_pdf(page) == cable_pdf(page)
    assert cable_pdf(page, today=TODAY) == cable_pdf(page, today=TODAY)
    dated, undated = (_read(cable_pdf(page, today=today))[1].metadata for today in (TODAY, None))
    assert dated is not None
    assert dated.creation_date is not None
    assert dated.creation_date.date() == TODAY
    assert undated is not None
    assert undated.get("/CreationDate") is None


def test_several_threads_at_once(archive: Archive) -> None:
    archive.add(story.cables())
    pages = [page for key in archive.ids() if (page := page_of(archive, key, today=TODAY)) is not None] * 3
    alone = [cable_pdf(page) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(cable_pdf, pages)) == alone


def test_without_typst(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    page = make(HEAD + "NONE\n\n1. (U) Fog.\n")
    pdf._tools.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(CablegramError, match=r"the PDF wants one more package: install cablegram\[pdf\]"):
        cable_pdf(page)
    monkeypatch.undo()
    assert cable_pdf(page)


def test_the_template_reads_and_imports_nothing() -> None:
    source = (Path(pdf.__file__).parent / "cable.typ").read_text(encoding="utf-8")
    for word in ("#import", "#include", "read(", "image(", "plugin(", "eval(", "http"):
        assert word not in source


# the route


@pytest.fixture
def client(archive: Archive) -> Any:
    testing = pytest.importorskip("fastapi.testclient")
    from fastapi import FastAPI

    from cablegram.web import errors, routes_print
    from cablegram.web.room import Room

    archive.add(story.cables())
    app, room = FastAPI(), Room(archive)
    app.include_router(routes_print.router(room))
    errors.install(app, room)
    return testing.TestClient(app)


def test_the_route(client: Any) -> None:
    answer = client.get("/cables/07 praia 101.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="07PRAIA101.pdf"'
    assert "07PRAIA101" in _read(answer.content)[0]
    lost = client.get("/cables/07LIMA9.pdf", headers={"accept": "application/json"})
    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "not-found")
    assert client.get("/cables/07PRAIA101.pdf?version=99", headers={"accept": "application/json"}).status_code == 404
    described = client.get("/openapi.json").json()["paths"]["/cables/{ident}.pdf"]["get"]
    assert list(described["responses"]["200"]["content"]) == ["application/pdf"]
    assert list(described["responses"]["404"]["content"]) == ["application/json"]


def test_file_names_are_plain() -> None:
    pytest.importorskip("fastapi")
    from cablegram.web.routes_print import file_name

    assert file_name("07LIMA77") == "07LIMA77.pdf"
    assert file_name('a"\r\nX: ü/../b') == "a-X-..-b.pdf"
    assert file_name("…") == "cable.pdf"
