"""No table that leaves as CSV and is opened in a spreadsheet has a cell that is run as a formula, and every cell can be had as it was."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablegram
from cablegram import Archive
from cablegram.export.formats import row_of
from cablegram.fiction.generate import make_examples
from cablegram.present.cells import cell, uncelled
from test_protection import run

#: With these a spreadsheet may begin to reckon (OWASP, "CSV Injection").
BEGINS: Final = ("=", "+", "-", "@")
FORMULA: Final = "=HYPERLINK(1)"
TEXT: Final = (
    "R 010203Z MAY 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nINFO =CMD CLUB\nUNCLAS LIMA 000100\n\nE.O. 12958: N/A\nTAGS: PGOV\n"
    f"SUBJECT: {FORMULA}\n\nREF: LIMA 7\n\n1. (U) The lamp,s keeper doesn,t mind.\n\n-1 lamps are lit.\n\nFENWICK\n"
)


def begins_a_formula(shown: str) -> bool:
    """As a program would read it that passes over blanks and NULs; a tab or a carriage return at the very beginning is one too."""
    return shown.startswith(("\t", "\r")) or re.sub(r"^[\s\x00]+", "", shown).startswith(BEGINS)


@pytest.mark.parametrize(
    ("value", "shown", "why"),
    [
        ("=1+1", "'=1+1", "a formula"), ("+1", "'+1", "a formula"), ("-1", "'-1", "a formula"), ("@SUM(A1)", "'@SUM(A1)", "a function"),
        ("\t=1", "'\t=1", "a tab before it"), (" =1", "' =1", "a blank before it"), ("\r\nx", "'\r\nx", "a carriage return before it"), ("\nx", "\nx", "a line end alone begins no formula"), ("\n=x", "'\n=x", "before one it does"),
        ("\x00=1", "'\x00=1", "a NUL before it"), ("＝1", "'＝1", "in full width, as some programs read it"),
        ("'=1", "''=1", "it has the apostrophe itself: two, so that one can be taken away"), ("'Tis", "'Tis", "an apostrophe of a text stays one"),
        ("LA PAZ 1990", "LA PAZ 1990", "a text"), ("", "", "nothing"), (None, "", "unknown"), (-1, -1, "a number is no text"), (True, True, "nor is a truth"),
        ("a=b", "a=b", "only the beginning counts"), (date(2010, 1, 1), "2010-01-01", "a day"),
    ],
)  # fmt: skip
def test_cells(value: Any, shown: Any, why: str) -> None:
    assert cell(value) == shown, why
    if isinstance(value, str):
        assert uncelled(str(cell(value))) == value, why


@given(st.text(alphabet=st.sampled_from("'=+-@＝ \t\r\n\x00a1"), max_size=8) | st.text(max_size=30))
def test_nothing_is_lost_and_nothing_is_run(text: str) -> None:
    shown = str(cell(text))
    assert uncelled(shown) == text
    assert not begins_a_formula(shown)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cells") / "a"
    with Archive(place) as archive:
        archive.add([cablegram.parse(TEXT)])
    return place


def cells(text: str) -> list[str]:
    return [one for row in csv.reader(io.StringIO(text, newline="")) for one in row]


def test_no_table_of_the_commands_has_a_formula(folder: Path, tmp_path: Path) -> None:
    where = ["--archive", str(folder)]
    (tmp_path / "terms.txt").write_text("lamp\n-tags:PREL\n", encoding="utf-8")
    tables = [
        run("export", "-", "--format", "csv", *where).stdout, run("search", "--terms", str(tmp_path / "terms.txt"), *where).stdout,
        run("distribution", "07LIMA100", "--csv", *where).stdout, run("distribution", "--query", "", "--csv", *where).stdout,
    ]  # fmt: skip
    assert run("graph", "--output", str(tmp_path / "g.csv"), *where).exit_code == 0
    tables += [path.read_bytes().decode() for path in tmp_path.glob("g*.csv")]
    assert run("export", str(tmp_path / "b.zip"), *where).exit_code == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as bag:
        tables += [bag.read(name).decode() for name in bag.namelist() if name.endswith(".csv")]
    assert len(tables) == 8
    assert [one for table in tables for one in cells(table) if begins_a_formula(one)] == []
    assert sum(f"'{FORMULA}" in cells(table) for table in tables) >= 4, "else this test could not fail"


def test_an_export_is_had_as_it_was(folder: Path, tmp_path: Path) -> None:
    """The value itself is in the JSON lines; a cell without its apostrophe is the same."""
    for name in ("a.csv", "a.jsonl"):
        assert run("export", str(tmp_path / name), "--archive", str(folder)).exit_code == 0
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    record = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))
    assert record["subject"] == FORMULA == uncelled(row["subject"])
    assert record["text"] == uncelled(row["text"])
    assert "; ".join(row_of("", cablegram.parse(TEXT))["info"]) == uncelled(row["info"]) == "=CMD CLUB"


def test_the_form_that_is_read_back_is_left_alone(tmp_path: Path) -> None:
    """The eight-column cables.csv is a source: reading takes nothing away, so writing adds nothing."""
    make_examples(tmp_path / "made", 40, 3, "csv")
    before = (tmp_path / "made" / "cables.csv").read_bytes()
    assert b"\"'=" not in before
    assert b"\"'-" not in before
    hostile = TEXT.replace("\n", "\n").replace("R 010203Z MAY 07", "-R 010203Z MAY 07")
    quoted = hostile.replace('"', '\\"')
    (tmp_path / "cables.csv").write_text(
        f'"1","5/1/2007 2:03","07LIMA100","Embassy Lima","UNCLASSIFIED","","","{quoted}"\n', encoding="utf-8"
    )
    (cable,) = cablegram.read(tmp_path / "cables.csv")
    assert cable.original == hostile
