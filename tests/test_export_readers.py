"""Which library reads back each file that leaves an archive, and the test in which it does; and the libraries that no other test asks."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Final

import click
import pandas
import polars
import pytest

import cablegram
from cablegram import Archive
from cablegram.cite.formats import FORMS as CITATIONS
from cablegram.cli.graph import graph_command
from cablegram.export.formats import COLUMNS, FORMATS, row_of
from cablegram.export.names import FORMS
from cablegram.present.cells import cell
from test_commands import run, write_sources

_HERE: Final = Path(__file__).parent
#: By kind of file: the library, and the tests that read one back with it.
READERS: Final = {
    "jsonl": ("json, pandas, polars, and the archive itself", ["test_export.py::test_json_lines_come_back_as_the_same_cables", "test_export.py::test_an_archive_made_of_an_export_holds_the_same", "test_export_readers.py::test_json_lines_by_polars_and_pandas"]),
    "csv": ("csv, pandas, polars", ["test_export.py::test_csv_is_read_back", "test_export_readers.py::test_csv_by_polars_and_pandas"]),
    "parquet": ("pyarrow, pandas, polars", ["test_export.py::test_parquet_is_read_back", "test_export_readers.py::test_parquet_by_polars_and_pandas"]),
    "text": ("people", ["test_export.py::test_text_is_for_reading"]),
    "sqlite": ("sqlite3, Datasette", ["test_export_tables.py::test_sqlite_has_every_row", "test_export_tables.py::test_datasette_opens_the_file"]),
    "bundle": ("zipfile, bagit, sha256sum", ["test_export_bundle.py::test_bagit_says_that_it_is_valid", "test_export_bundle.py::test_sha256sum_agrees"]),
    "parquet-tables": ("pyarrow, polars", ["test_export_tables.py::test_parquet_tables_are_read_back_by_pyarrow", "test_export_readers.py::test_parquet_tables_by_polars"]),
    "text-tree": ("text tools", ["test_export_places.py::test_a_text_tree"]),
    "text-tree-originals": ("the archive itself", ["test_export_readers.py::test_originals_make_the_same_archive"]),
    "site": ("html.parser, Chromium", ["test_export_site.py::test_every_link_leads_to_a_file_inside", "test_export_site.py::TestInABrowser"]),
    "graph: graphml": ("networkx", ["test_references.py::test_the_graph_is_read_back"]),
    "graph: gexf": ("networkx", ["test_references.py::test_the_graph_is_read_back"]),
    "graph: csv": ("csv", ["test_references.py::test_the_graph_is_read_back"]),
    "cite: csl-json": ("citeproc-py", ["test_cite.py::test_the_forms_come_back"]),
    "cite: bibtex": ("bibtexparser, pybtex", ["test_cite.py::test_the_forms_come_back"]),
    "cite: ris": ("rispy", ["test_cite.py::test_the_forms_come_back"]),
    "pdf": ("pypdf", ["test_typeset.py::test_it_says_what_the_page_says"]),
    "check: docx": ("python-docx", ["test_check_forms.py::test_word_gets_comments"]),
    "API: records": ("the client", ["test_client.py::test_every_cable_is_the_one_in_the_archive"]),
}  # fmt: skip


def test_every_form_is_read_back_by_a_test() -> None:
    """A form that is added needs a reader; a test that is renamed must be named here anew."""
    [graphs] = [option.type.choices for option in graph_command.params if isinstance(option.type, click.Choice)]
    forms = {*FORMS, *FORMATS, *(f"graph: {form}" for form in graphs), *(f"cite: {form}" for form in CITATIONS)}
    assert forms <= set(READERS)
    for form, (library, tests) in READERS.items():
        assert library, form
        for test in tests:
            file, _, name = test.partition("::")
            tree = ast.parse((_HERE / file).read_text(encoding="utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}, (form, test)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readers")
    assert run("ingest", *write_sources(folder), "--archive", folder / "archive").code == 0
    return folder / "archive"


@pytest.fixture(scope="module")
def made(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an export in each form that is read here."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("a.jsonl", "a.csv", "a.parquet"):
        assert run("export", folder / name, "--archive", place).code == 0
    for form in ("parquet-tables", "text-tree-originals"):
        assert run("export", folder / form, "--format", form, "--archive", place).code == 0
    return folder


@pytest.fixture(scope="module")
def cables(place: Path) -> dict[str, cablegram.Cable]:
    with Archive(place, create=False) as archive:
        return {key: cable for key in archive.ids() if (cable := archive.get(key)) is not None}


def test_json_lines_by_polars_and_pandas(made: Path, cables: dict[str, cablegram.Cable]) -> None:
    wanted = [(key, cable.subject, cable.original) for key, cable in cables.items()]
    assert polars.read_ndjson(made / "a.jsonl").select("id", "subject", "original").rows() == wanted
    frame = pandas.read_json(made / "a.jsonl", lines=True, dtype=False)
    assert list(frame[["id", "subject", "original"]].itertuples(index=False, name=None)) == wanted


def test_csv_by_polars_and_pandas(made: Path, cables: dict[str, cablegram.Cable]) -> None:
    """As text: a spreadsheet may guess at numbers and dates, the file does not."""
    wanted = [(key, cell(cable.subject or ""), cell(cable.text or "")) for key, cable in cables.items()]
    frame = polars.read_csv(made / "a.csv", infer_schema=False).fill_null("")
    assert frame.columns == list(COLUMNS)
    assert frame.select("id", "subject", "text").rows() == wanted
    other = pandas.read_csv(made / "a.csv", dtype=str, keep_default_na=False)
    assert list(other.columns) == list(COLUMNS)
    assert list(other[["id", "subject", "text"]].itertuples(index=False, name=None)) == wanted


def test_parquet_by_polars_and_pandas(made: Path, cables: dict[str, cablegram.Cable]) -> None:
    wanted = [row_of(key, cable) for key, cable in cables.items()]
    assert polars.read_parquet(made / "a.parquet").to_dicts() == wanted
    frame = pandas.read_parquet(made / "a.parquet")
    assert list(frame.columns) == list(COLUMNS)
    assert [list(tags) for tags in frame["tags"]] == [row["tags"] for row in wanted]
    assert list(frame["text"]) == [row["text"] for row in wanted]


def test_parquet_tables_by_polars(made: Path, cables: dict[str, cablegram.Cable]) -> None:
    """The tables join, also where they are scanned and not held in memory."""
    tables = {name: polars.scan_parquet(made / "parquet-tables" / f"{name}.parquet") for name in ("cables", "paragraphs")}
    joined = tables["paragraphs"].join(tables["cables"], left_on="cable", right_on="id").group_by("cable").len().collect()
    assert dict(joined.iter_rows()) == {key: len(cable.paragraphs) for key, cable in cables.items() if cable.paragraphs}


def test_originals_make_the_same_archive(made: Path, place: Path, tmp_path: Path) -> None:
    """A tree of originals is a source like any other: what it is read as is what was written."""
    assert run("ingest", made / "text-tree-originals", "--archive", tmp_path / "again").code in (0, 1)
    with Archive(place, create=False) as first, Archive(tmp_path / "again", create=False) as second:
        assert list(second.ids()) == list(first.ids())
        for key in first.ids():
            one, other = first.get(key), second.get(key)
            assert one is not None
            assert other is not None
            assert json.dumps(other.to_dict() | {"claims": None}) == json.dumps(one.to_dict() | {"claims": None})
