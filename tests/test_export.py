"""Exports: what leaves an archive is read back, whole and the same, by the libraries that each form is meant for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import cablegram
from cablegram import Archive
from cablegram.export.formats import COLUMNS, FORMATS, row_of
from cablegram.present.cells import uncelled
from test_commands import IDS, PROGRAM, Done, one_line, run, write_sources

#: What a source may hold and UTF-8 may not: a lone surrogate, here in a subject, a heading, and a text; and what spreadsheets run.
BROKEN = (
    "R 021504Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000012\n\nE.O. 12958: N/A\nTAGS: PREL (SM\udc80ITH)\n"
    'SUBJECT: =1+1 \ud800 "A, B"\n\n1. (U) The pelican\x00 waits;\udc80 so do we.\n\nROE\n'
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    assert run("ingest", *write_sources(folder), "--archive", folder / "archive").code == 0
    return folder / "archive"


@pytest.fixture(scope="module")
def rows(place: Path) -> list[dict[str, Any]]:
    """What every flat form should have."""
    with Archive(place, create=False) as archive:
        return [row_of(key, cable) for key in archive.ids() if (cable := archive.get(key)) is not None]


def _export(place: Path, target: Path | str, *arguments: str) -> Done:
    done = run("export", target, "--archive", place, *arguments)
    assert done.code == 0, done.err
    return done


def _plain(value: Any) -> str:
    return "" if value is None else "; ".join(value) if isinstance(value, list) else str(value)


def _read_csv(text: str) -> list[dict[str, str]]:
    return [{name: uncelled(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(text, newline=""))]


# every form, read back


def test_json_lines_come_back_as_the_same_cables(place: Path, tmp_path: Path) -> None:
    """Read through ``cablegram.read`` again: the same ids, the same originals, the same records. What a source says of a record
    is its own: here it is the exported record, so ``claims``, and notes that compare it with the telegram, are left out."""
    target = tmp_path / "all.jsonl"
    _export(place, target)
    reading = cablegram.read(target)
    again = list(reading)
    assert reading.refusals == []
    with Archive(place, create=False) as archive:
        kept = list(archive)
    assert [cable.id for cable in again] == IDS
    assert [cable.original for cable in again] == [cable.original for cable in kept]
    for new, old in zip(again, kept, strict=True):
        one, other = new.to_dict(), old.to_dict()
        for record in (one, other):
            record["diagnostics"] = [note for note in record["diagnostics"] if not note["code"].startswith("claim-")]
            del record["claims"]
        assert one == other


def test_json_lines_are_whole_records(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.ndjson"
    _export(place, target)
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    with Archive(place, create=False) as archive:
        assert lines == [json.loads(json.dumps({**cable.to_dict(), "original": cable.original})) for cable in archive]


def test_an_archive_made_of_an_export_holds_the_same(place: Path, tmp_path: Path) -> None:
    _export(place, tmp_path / "all.jsonl")
    done = run("ingest", tmp_path / "all.jsonl", "--archive", tmp_path / "again")
    assert done.code == 0
    for command in (["list", "--json"], ["search", "lamp"], ["show", "07PRAIA101", "--raw"], ["show", "07LIMA12", "--raw"]):
        assert run(*command, "--archive", tmp_path / "again").out == run(*command, "--archive", place).out


def test_csv_is_read_back(place: Path, tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    """A NUL, line ends of all kinds, quotation marks and commas come back from Python's own reader as they were."""
    target = tmp_path / "all.csv"
    _export(place, target)
    found = _read_csv(target.read_bytes().decode())
    assert list(found[0]) == list(COLUMNS)
    assert found == [{name: _plain(value) for name, value in row.items()} for row in rows]
    assert found[2]["references"] == "07DAKAR300; 06PRAIA977; 07STATE4711"


def test_parquet_is_read_back(place: Path, tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    target = tmp_path / "all.parquet"
    _export(place, target)
    table = pq.read_table(target)
    assert table.column_names == list(COLUMNS)
    assert table.to_pylist() == rows
    types = {name: str(table.schema.field(name).type) for name in ("serial", "partial", "tags", "text")}
    assert types["serial"] == "int64"
    assert types["partial"] == "bool"
    assert types["tags"].startswith("list<")
    assert types["text"] == "string"


def test_text_is_for_reading(place: Path, tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    target = tmp_path / "all.txt"
    _export(place, target)
    with target.open(encoding="utf-8", newline="") as file:
        pieces = file.read().split("\n\n" + "=" * 72 + "\n\n")
    assert pieces.pop() == ""
    for piece, row in zip(pieces, rows, strict=True):
        head = "  ".join(filter(None, (row["id"], row["created"], row["classification"], row["origin"])))
        assert piece == f"{head}\n{row['subject']}\n\n{row['text']}"


# where to, and which


@pytest.mark.parametrize("form", FORMATS)
def test_the_form_may_be_named(place: Path, tmp_path: Path, form: str) -> None:
    """``--format`` goes before the ending, a file without one needs it, and standard output gets the same bytes."""
    ending = {"jsonl": "jsonl", "csv": "csv", "parquet": "parquet", "text": "txt"}[form]
    _export(place, tmp_path / f"a.{ending}")
    _export(place, tmp_path / "named", "--format", form)
    _export(place, tmp_path / "other.csv", "--format", form)
    whole = (tmp_path / f"a.{ending}").read_bytes()
    assert (tmp_path / "named").read_bytes() == whole
    assert (tmp_path / "other.csv").read_bytes() == whole
    # A pipe cannot seek: a real one.
    done = subprocess.run(
        [*PROGRAM, "export", "-", "--format", form, "--archive", str(place)], capture_output=True, timeout=60, cwd=tmp_path
    )
    assert done.stdout == whole
    assert done.stderr == b"5 cables\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        name + meta for name in (f"a.{ending}", "named", "other.csv") for meta in ("", ".meta.json")
    )


def test_standard_output_gets_json_lines_if_nothing_is_said(place: Path) -> None:
    assert [json.loads(line)["id"] for line in _export(place, "-").text.splitlines()] == IDS


@pytest.mark.parametrize(
    ("query", "ids"), [("from:PRAIA", ["07PRAIA101", "08PRAIA140"]), ("zeppelin", []), ("", IDS)], ids=["some", "none", "all"]
)
def test_a_query_chooses(place: Path, tmp_path: Path, query: str, ids: list[str]) -> None:
    for form in ("jsonl", "csv", "parquet"):
        target = tmp_path / f"some.{form}"
        done = _export(place, target, "--query", query)
        assert done == Done(0, b"", f"{len(ids)} cables in {target}\n")
    lines = (tmp_path / "some.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    with (tmp_path / "some.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert [row["id"] for row in reader] == ids
        assert reader.fieldnames == list(COLUMNS)
    assert pq.read_table(tmp_path / "some.parquet").column("id").to_pylist() == ids


@pytest.mark.parametrize("form", FORMATS)
def test_the_sidecar_says_what_the_file_is(place: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "regatta"
    _export(place, target, "--format", form, "--query", "regatta")
    meta = json.loads((tmp_path / "regatta.meta.json").read_text(encoding="utf-8"))
    created = meta.pop("created")
    assert created[:2] == "20"
    assert created.endswith("+00:00")
    assert meta == {
        "file": "regatta", "format": form, "query": "regatta", "cables": 2, "program": f"cablegram {cablegram.__version__}",
        "archive": "archive", "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }  # fmt: skip


# what goes wrong


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("missing/a.csv", ["cannot be written", "No such file"]),
        ("file.txt/a.csv", ["cannot be written", "Not a directory"]),
        ("x" * 300 + ".csv", ["cannot be written", "name too long"]),
        ("folder.csv", ["is a folder"]),
        (".", ["is a folder"]),
        ("/", ["is a folder"]),
        ("a.xlsx", ["say which --format", "jsonl, csv, parquet, text"]),
        ("a", ["say which --format"]),
    ],
    ids=["no folder", "a file for a folder", "long name", "a folder", "here", "root", "unknown ending", "no ending"],
)
def test_what_cannot_be_written_is_one_line(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    form = ["--format", "csv"] if target in (".", "/") else []
    one_line(run("export", target, "--archive", place, *form), *words)
    assert sorted(os.listdir(tmp_path)) == ["file.txt", "folder.csv"]
    assert (tmp_path / "file.txt").read_text() == "mine"
    assert os.listdir(tmp_path / "folder.csv") == []


def test_an_export_that_fails_leaves_the_file_before_it(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    _export(place, target)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert run("export", target, "--archive", place, "--query", "class:SECRT").code == 2
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("form", FORMATS)
def test_broken_text_breaks_no_file(form: str) -> None:
    """Lone surrogates, which UTF-8 has not: JSON lines keep them as escapes; the other forms, whose readers know no such thing, have
    a question mark there. Everything else, a NUL too, is as it was."""
    cable = cablegram.parse(BROKEN)
    assert "\ud800" in (cable.subject or "")
    assert any("\udc80" in name for name in cable.tags_people)
    out = io.BytesIO()
    assert FORMATS[form]([("07LIMA12", cable)], out) == 1
    told = {name: _without(value) for name, value in row_of("07LIMA12", cable).items()}
    if form == "parquet":
        assert pq.read_table(io.BytesIO(out.getvalue())).to_pylist() == [told]
        return
    text = out.getvalue().decode("utf-8")
    if form == "jsonl":
        record = json.loads(text)
        assert record["original"] == BROKEN
        assert record["subject"] == cable.subject
    elif form == "csv":
        assert _read_csv(text) == [{name: _plain(value) for name, value in told.items()}]
    else:
        assert told["subject"] in text
        assert told["text"] in text


def _without(value: Any) -> Any:
    if isinstance(value, list):
        return [_without(one) for one in value]
    return value.replace("\ud800", "?").replace("\udc80", "?") if isinstance(value, str) else value


def test_broken_text_is_read_again_from_json_lines(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as out:
        FORMATS["jsonl"]([("07LIMA12", cablegram.parse(BROKEN))], out)
    reading = cablegram.read(tmp_path / "a.jsonl")
    assert [cable.original for cable in reading] == [BROKEN]
    assert reading.refusals == []


def test_many_rows_go_to_parquet_in_groups(tmp_path: Path) -> None:
    """Row groups bound the memory that a file takes, when it is written and when it is read."""
    cable = cablegram.parse(BROKEN.replace("\udc80", "").replace("\ud800", ""))
    with (tmp_path / "a.parquet").open("wb") as out:
        assert FORMATS["parquet"](((f"07LIMA{n}", cable) for n in range(1, 2502)), out) == 2501
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)] == [1000, 1000, 501]
    assert file.read().column("id").to_pylist() == [f"07LIMA{n}" for n in range(1, 2502)]
