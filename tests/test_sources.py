"""Every form of source, and every kind of bad input: one clear line, nothing else lost."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cablegram
from cablegram import sources
from cablegram.errors import UnreadableInput
from cablegram.sources import open_source
from cablegram.sources.base import RawRecord, Refusal
from cablegram.sources.page import unwrap

SHARED = Path(__file__).parent.parent / ".." / "shared"
TELEGRAM = (
    "R 010203Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000012\n\nSUBJECT: A TEST\n\n1. (U) Text.\nROE"
)
HTML = (
    "<html><body><h3>Viewing cable 07LIMA12, A TEST</h3>\n<table class='cable'>\n<tr><td>\n<a href='/x'>07LIMA12</a>\n</td>"
    "<td><a href='/y'>2007-01-01 02:02</a></td><td>2010-12-01 23:11</td><td>UNCLASSIFIED</td><td><a>Embassy Lima</a></td></tr></table>"
    "<code><pre>R 010203Z JAN 07&#x000A;FM AMEMBASSY LIMA&#x000A;TO SECSTATE WASHDC 0001</pre></code>\n"
    "<code><pre>UNCLAS LIMA 000012 &#x000A;&#x000A;SUBJECT: A TEST&#x000A;&#x000A;<a id='par1' href='#par1'>¶</a>1. (U) The "
    "&pounding of rocks,8 he said of R&D.&#x000A;ROE</pre></code></body></html>"
)
PAGE = (
    "Identifier\nCreated\nClassification\nOrigin\n07LIMA12\n2007-01-01 02:03:00\nUNCLASSIFIED\nEmbassy Lima\nCable title:\u00a0\u00a0\n\n"
    "A TEST\n\nTags:\u00a0\u00a0PGOV\u00a0PE\u00a0\npdf how-to read a cable\n" + TELEGRAM
)
NARA = (
    "Message Text\n\n\nCONFIDENTIAL\n\nPAGE 01  LIMA  02545  122015Z\n\nACTION ARA-10\n\nR 121900Z APR 73\nFM AMEMBASSY LIMA\n"
    "TO SECSTATE WASHDC 8101\nC O N F I D E N T I A L LIMA 2545\nE.O. 11652: GDS\nTAGS: PINT, PE\nSUBJECT: A TEST\n1. TEXT.\nROE\n\n"
    "CONFIDENTIAL\n\nNNNN\n\nMessage Attributes\n\nAutomatic Decaptioning: X\nCurrent Classification: UNCLASSIFIED\n"
    "Document Number: 1973LIMA02545\nDraft Date: 12 APR 1973\nFilm Number: n/a\nFrom: LIMA\nLocator: TEXT ON-LINE\n"
    "Original Classification: CONFIDENTIAL\nSubject: A TEST OF\n  TWO LINES\nTAGS: PINT, PE\n"
)


def _rows(path: Path, text: str) -> list[RawRecord | Refusal]:
    path.write_text(text, encoding="utf-8", newline="")
    return list(open_source(path))


def _row(number: int, body: str = "UNCLAS LIMA 000012\\nTEXT") -> str:
    return f'"{number}","1/2/2007 3:04","07LIMA{number}","Embassy Lima","UNCLASSIFIED","","R 010203Z JAN 07","{body}"\n'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_tables_in_utf_16(tmp_path: Path, encoding: str, form: str) -> None:
    """What a spreadsheet saves as Unicode text is the same records, also where a piece of the file ends inside a character."""
    said = "UNCLAS LIMA 000012\\nSUBJECT: ÁRBOL \U0001f4dc " + "x" * 20_001
    lines = {
        "csv": [_row(n, said) for n in (1, 2, 3)],
        "jsonl": [json.dumps({"text": said, "n": n}, ensure_ascii=False) + "\n" for n in (1, 2, 3)],
    }[form]
    file, plain = tmp_path / "wide", tmp_path / "plain"
    mark = b"" if encoding == "utf-16" else b"\xfe\xff"
    file.write_bytes(mark + "".join(lines).encode(encoding))
    plain.write_text("".join(lines), encoding="utf-8")
    found, expected = list(open_source(file)), list(open_source(plain))
    assert len(expected) == 3
    assert [item._replace(source="") for item in found] == [item._replace(source="") for item in expected]


def test_html_page() -> None:
    """In such a page only the line feed is an entity; every other ampersand is text."""
    page = unwrap(HTML)
    assert page is not None
    assert page.claims["id"] == "07LIMA12"
    assert page.claims["created"] == "2007-01-01T02:02Z"
    assert page.claims["origin"] == "Embassy Lima"
    cable = cablegram.parse(HTML)
    assert cable.id == "07LIMA12"
    assert cable.created == "2007-01-01T02:03Z"
    assert cable.paragraphs[0].text.startswith('The "pounding of rocks," he said of R&D.')
    assert "".join(leaf.text for leaf in cable.tree.leaves()) == HTML
    span = cable.paragraphs[0].span
    assert HTML[span[0] : span[0] + 6] == "1. (U)"
    assert "page-minutes" in [d.code for d in cable.diagnostics]


def test_html_page_with_ordinary_entities() -> None:
    cable = cablegram.parse(HTML.replace("R&D", "R&amp;D &lt;x&gt;").replace("&#x000A;", "\n").replace("&pounding", "pounding"))
    assert "R&D <x>" in cable.paragraphs[0].text


def test_text_page() -> None:
    cable = cablegram.parse(PAGE)
    assert cable.claims["created"] == "2007-01-01T02:03Z"
    assert cable.claims["title"] == "A TEST"
    assert cable.claims["tags"] == ["PGOV", "PE"]
    assert (cable.id, cable.signature) == ("07LIMA12", "ROE")
    assert "".join(leaf.text for leaf in cable.tree.leaves()) == PAGE
    assert not [d for d in cable.diagnostics if d.code == "claim-contradicts"]


def test_national_archives_file() -> None:
    cable = cablegram.parse(NARA)
    assert (cable.id, cable.created, cable.classification) == ("73LIMA2545", "1973-04-12T19:00Z", "CONFIDENTIAL")
    assert cable.claims["subject"] == "A TEST OF TWO LINES"
    assert "film_number" not in cable.claims
    assert cable.executive_order is not None
    assert cable.executive_order.exemptions == ("GDS",)
    assert cable.tags == ("PINT", "PE")
    assert cable.signature == "ROE"


@pytest.mark.parametrize("locator", ["ADS TEXT UNRETRIEVABLE", "ADS TEXT NOT CONVERTED"])
def test_national_archives_file_without_text(locator: str) -> None:
    """The record is kept, its body is None, and the reason is told."""
    cable = cablegram.parse(NARA.replace("TEXT ON-LINE", locator))
    assert cable.text is None
    assert cable.paragraphs == ()
    assert cable.id == "73LIMA2545"
    assert cable.subject == "A TEST OF TWO LINES"
    assert cable.diagnostics[0].code == "no-text"
    assert locator in cable.diagnostics[0].message


def test_csv_rows(tmp_path: Path) -> None:
    items = _rows(tmp_path / "c.csv", _row(1) + _row(2, 'UNCLAS \\"X\\" C:\\\\D'))
    assert [item.position for item in items] == [1, 2]
    second = items[1]
    assert isinstance(second, RawRecord)
    assert second.text == 'R 010203Z JAN 07\nUNCLAS "X" C:\\D'
    assert second.claims["created"] == "2007-01-02T03:04Z"


@pytest.mark.parametrize(
    ("text", "read", "refused", "word"),
    [
        (_row(1) + _row(2)[:-30], 1, 1, "cut off"),
        (_row(1) + '"2","1/2/2007 3:04","07LIMA2"\n' + _row(3), 2, 1, "3 columns"),
        (_row(1) + _row(2)[:-30] + "\n" + _row(3) + _row(4), 3, 1, "not well formed"),
        (_row(1) + _row(2, "x" * 10_100_000) + _row(3), 2, 1, "longer than"),
        (_row(1, "a\x00b") + _row(2), 2, 0, ""),
        ('"number","date","id","origin","classification","references","header","body"\n' + _row(1), 1, 0, ""),
    ],
    ids=["truncated last row", "missing columns", "row cut in the middle", "field too long", "NUL in a field", "header row"],
)
def test_bad_csv_loses_nothing_else(tmp_path: Path, text: str, read: int, refused: int, word: str) -> None:
    items = _rows(tmp_path / "c.csv", text)
    assert sum(isinstance(item, RawRecord) for item in items) == read
    refusals = [item for item in items if isinstance(item, Refusal)]
    assert len(refusals) == refused
    assert all(word in item.reason and "\n" not in item.reason for item in refusals)


def test_csv_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(_row(1, "UNCLAS ¶1. caf\u00e9").encode("cp1252") + _row(2).encode())
    first, second = open_source(path)
    assert isinstance(first, RawRecord)
    assert first.text is not None
    assert "¶1. café" in first.text
    assert first.claims["encoding"] == "cp1252"
    assert isinstance(second, RawRecord)
    assert "encoding" not in second.claims


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "07LIMA12", "text": TELEGRAM}),
        "{broken",
        json.dumps({"header": "FM X", "body": "B"}),
        "[1]",
        '{"id": "x"}',
    ]
    items = _rows(tmp_path / "c.jsonl", "\n".join(lines))
    assert [type(item).__name__ for item in items] == ["RawRecord", "Refusal", "RawRecord", "Refusal", "RawRecord"]
    assert isinstance(items[2], RawRecord)
    assert items[2].text == "FM X\nB"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x00" * 5000, "binary"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match=word):
        list(open_source(path))


def test_missing_file_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such file"):
        list(open_source(tmp_path / "none"))
    with pytest.raises(UnreadableInput, match="no cables"):
        list(open_source(tmp_path))


def test_folder_reads_all_it_can(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TELEGRAM)
    (tmp_path / "b.bin").write_bytes(b"\x00" * 100)
    (tmp_path / ".hidden").write_text(TELEGRAM)
    (tmp_path / "sub").mkdir()
    # The furniture of a page may be longer than any buffer before the telegram begins.
    (tmp_path / "sub" / "c.html").write_text("<!-- " + "furniture " * 9000 + "-->" + HTML, encoding="utf-8")
    reading = cablegram.read(tmp_path)
    assert [cable.id for cable in reading] == ["07LIMA12", "07LIMA12"]
    assert [Path(item.source).name for item in reading.refusals] == ["b.bin"]


def test_folder_of_other_texts_is_no_folder_of_cables(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Milk, bread, and a letter to the secretary of the club.\n")
    with pytest.raises(UnreadableInput, match="no cables"):
        list(open_source(tmp_path))


@given(st.binary(max_size=600))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "f"
    path.write_bytes(content)
    with contextlib.suppress(UnreadableInput):
        assert all(isinstance(item, RawRecord | Refusal) for item in open_source(path))


@given(st.text(max_size=200), st.sampled_from([HTML, PAGE, NARA]), st.integers(0, 2000), st.integers(0, 2000))
@settings(deadline=None, max_examples=300)
def test_damaged_pages_are_lossless(noise: str, page: str, at: int, drop: int) -> None:
    """Whatever is put into a page or cut out of it, offsets lead back and nothing is lost."""
    text = page[:at] + noise + page[at + drop % 50 :]
    found = unwrap(text)
    if found is not None:
        for n, char in enumerate(found.telegram):
            outer = found.map.start(n)
            assert text[outer] == char or text[outer] in "&<"
    assert "".join(leaf.text for leaf in cablegram.parse(text).tree.leaves()) == text


@pytest.mark.skipif(not (SHARED / "corpus" / "pages").is_dir(), reason="the corpus is not at hand")
def test_pages_hold_the_telegrams_of_the_csv() -> None:
    rows = {item.claims["id"]: item.text for item in open_source(SHARED / "corpus" / "cables.csv") if isinstance(item, RawRecord)}
    assert len(list(cablegram.read(SHARED / "corpus" / "pages"))) == 37
    pages = sorted((SHARED / "corpus" / "pages").glob("*.html"))
    assert len(pages) == 37
    for path in pages:
        page = unwrap(path.read_text(encoding="utf-8"))
        assert page is not None
        assert page.telegram == rows[path.stem]


def test_a_sample_is_from_all_over_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole records only, from the first to the last part; nothing of a small file, of another form, or of none."""
    monkeypatch.setattr(sources, "_LARGE", 10_000)
    path = tmp_path / "c.csv"
    path.write_text("".join(_row(n, f"UNCLAS LIMA {n:06d}\\n1. (U) Text {n}.") for n in range(1, 2001)), newline="")
    found = sources.sample(path)
    numbers = [int(str(record.claims["id"]).removeprefix("07LIMA")) for record in found]
    rows = {item.text for item in open_source(path) if isinstance(item, RawRecord)}
    assert all(record.text in rows for record in found)
    assert numbers[0] == 1
    assert max(numbers) > 1900
    assert len({n // 200 for n in numbers}) == 10
    small = tmp_path / "small.csv"
    small.write_text(_row(1), newline="")
    text = tmp_path / "text.txt"
    text.write_text("UNCLAS LIMA 000001\n" * 1000)
    assert sources.sample(small) == sources.sample(text) == sources.sample(tmp_path) == sources.sample(tmp_path / "none") == []
