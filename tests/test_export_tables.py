"""Tables that leave an archive, read back by the libraries that they are for: pyarrow, polars, pandas, sqlite3 and Datasette."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablegram
from cablegram import Archive, Cable
from cablegram.export.arrow import batches, schemas
from cablegram.export.datasette import metadata
from cablegram.export.formats import COLUMNS
from cablegram.export.names import ENDINGS, FORMS
from cablegram.export.sqlite import SQL_TABLES, VIEWS
from cablegram.export.tables import TABLES, moment_of
from test_commands import IDS, run, write_sources
from test_export import BROKEN

DOCS = Path(__file__).parent.parent / "docs" / "exports.md"
TYPES = {
    "text": pa.string(), "category": pa.dictionary(pa.int32(), pa.string()), "int": pa.int64(), "bool": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"), "texts": pa.list_(pa.string()), "ints": pa.list_(pa.int64()),
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    assert run("ingest", *write_sources(folder), "--archive", folder / "archive").code == 0
    return folder / "archive"


@pytest.fixture(scope="module")
def expected(place: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table, with lists as lists."""
    with Archive(place, create=False) as archive:
        cables = [(cable.id or "", cable) for cable in archive]
    return {
        table.name: [
            {one.name: list(value) if isinstance(value, tuple) else value for one, value in zip(table.columns, row, strict=True)}
            for key, cable in cables
            for row in table.rows(key, cable)
        ]
        for table in TABLES
    }


@pytest.fixture(scope="module")
def sqlite_file(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sqlite") / "cables.sqlite"
    done = run("export", target, "--archive", place)
    assert done.code == 0, done.err
    return target


@pytest.fixture
def db(sqlite_file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(sqlite_file)) as opened:
        yield opened


# Parquet


def test_parquet_tables_are_read_back_by_pyarrow(place: Path, tmp_path: Path, expected: dict[str, list[dict[str, Any]]]) -> None:
    done = run("export", tmp_path / "out", "--format", "parquet-tables", "--archive", place)
    assert (done.code, done.err) == (0, f"5 cables in {tmp_path / 'out'}\n")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [f"{table.name}.parquet" for table in TABLES] + ["export.meta.json"]
    )
    for table in TABLES:
        read = pq.read_table(tmp_path / "out" / f"{table.name}.parquet")
        assert read.to_pylist() == expected[table.name]
        assert len(read) > 0
        assert [(field.name, field.type) for field in read.schema] == [(one.name, TYPES[one.kind]) for one in table.columns]


def test_the_schema_says_what_it_is(place: Path, tmp_path: Path) -> None:
    assert run("export", tmp_path / "out", "--format", "parquet-tables", "--query", "from:PRAIA", "--archive", place).code == 0
    for table in TABLES:
        file = pq.ParquetFile(tmp_path / "out" / f"{table.name}.parquet")
        about = file.schema_arrow.metadata
        assert (about[b"program"], about[b"query"]) == (f"cablegram {cablegram.__version__}".encode(), b"from:PRAIA")
        assert [field.metadata[b"about"].decode() for field in file.schema_arrow] == [one.about for one in table.columns]
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    meta = json.loads((tmp_path / "out" / "export.meta.json").read_text())
    assert (meta["query"], meta["cables"], meta["files"], len(meta["sha256"])) == ("from:PRAIA", 2, 5, 4)


def test_no_cables_make_empty_tables(place: Path, tmp_path: Path) -> None:
    assert run("export", tmp_path / "out", "--format", "parquet-tables", "--query", "zeppelin", "--archive", place).code == 0
    assert [len(pq.read_table(tmp_path / "out" / f"{table.name}.parquet")) for table in TABLES] == [0, 0, 0, 0]


def test_tables_come_in_groups_of_cables() -> None:
    """Memory is that of a group, however many there are: a generator is not read ahead of what is given."""
    cable = cablegram.parse(BROKEN)
    read = 0

    def many() -> Iterator[tuple[str, Cable]]:
        nonlocal read
        for read in range(1, 2502):
            yield f"07LIMA{read}", cable

    found = []
    for size, group in batches(many(), schemas("")):
        found.append((size, group["cables"].num_rows, read))
    assert found == [(1000, 1000, 1000), (1000, 1000, 2000), (501, 501, 2501)]


def test_lone_surrogates_are_question_marks() -> None:
    cable = cablegram.parse(BROKEN)
    ((_, group),) = batches([("07LIMA12", cable)], schemas("\ud800"))
    assert group["cables"].column("subject").to_pylist() == [(cable.subject or "").replace("\ud800", "?").replace("\udc80", "?")]
    assert "?" in group["cables"].column("tags_people").to_pylist()[0][0]
    assert group["cables"].schema.metadata[b"query"] == b"?"


@pytest.mark.parametrize(
    ("stamp", "moment", "precision"),
    [
        ("2007-12-14T06:26Z", datetime(2007, 12, 14, 6, 26, tzinfo=UTC), "minute"),
        ("2007-12-14T06Z", datetime(2007, 12, 14, 6, tzinfo=UTC), "hour"),
        ("2007-12-14", datetime(2007, 12, 14, tzinfo=UTC), "day"),
        ("2007-12", datetime(2007, 12, 1, tzinfo=UTC), "month"),
        ("2007", datetime(2007, 1, 1, tzinfo=UTC), "year"),
        ("2007-02-30", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_a_stamp_is_a_moment_with_a_precision(stamp: str | None, moment: datetime | None, precision: str | None) -> None:
    assert moment_of(stamp) == (moment, precision)


@given(st.text())
def test_no_stamp_is_a_failure(stamp: str) -> None:
    moment, precision = moment_of(stamp)
    assert (moment is None) == (precision is None)


# data frames


def test_polars_frames(place: Path, expected: dict[str, list[dict[str, Any]]]) -> None:
    frames = cablegram.to_polars(place)
    for name, rows in expected.items():
        frame = getattr(frames, name)
        assert frame.to_dicts() == rows
    assert frames.cables.schema["created"] == pl.Datetime("ms", "UTC")
    assert frames.cables.schema["classification"] == pl.Categorical
    assert frames.cables.schema["serial"] == pl.Int64
    joined = frames.paragraphs.join(frames.cables, left_on="cable", right_on="id").filter(pl.col("post") == "PRAIA")
    assert set(joined["cable"]) == {"07PRAIA101", "08PRAIA140"}


def test_pandas_frames(place: Path, expected: dict[str, list[dict[str, Any]]]) -> None:
    with Archive(place, create=False) as archive:
        frames = cablegram.to_pandas(archive, "from:PRAIA")
        assert len(archive) == 5  # an archive that was given stays open
    assert list(frames.cables["id"]) == ["07PRAIA101", "08PRAIA140"]
    assert str(frames.cables["created"].dtype) == "datetime64[ms, UTC]"
    assert isinstance(frames.cables["classification"].dtype, pd.CategoricalDtype)
    assert (str(frames.cables["serial"].dtype), str(frames.cables["partial"].dtype)) == ("Int64", "boolean")
    rows = [row for row in expected["paragraphs"] if row["cable"] in ("07PRAIA101", "08PRAIA140")]
    assert list(frames.paragraphs["text"]) == [row["text"] for row in rows]
    assert [None if pd.isna(n) else int(n) for n in frames.paragraphs["number"]] == [row["number"] for row in rows]


def test_frames_of_nothing(place: Path) -> None:
    assert [len(frame) for frame in cablegram.to_polars(place, "zeppelin")] == [0, 0, 0, 0]
    assert [len(frame) for frame in cablegram.to_pandas(place, "zeppelin")] == [0, 0, 0, 0]


# SQLite


def test_sqlite_has_every_row(db: sqlite3.Connection, expected: dict[str, list[dict[str, Any]]]) -> None:
    db.row_factory = sqlite3.Row
    for table in TABLES:
        found = [dict(row) for row in db.execute(f'SELECT * FROM "{table.name}" ORDER BY rowid')]
        for row in found:
            for one in table.columns:
                value = row[one.name]
                if one.kind in ("texts", "ints"):
                    row[one.name] = json.loads(value)
                elif one.kind == "bool":
                    row[one.name] = bool(value)
                elif one.kind == "time" and value is not None:
                    row[one.name] = datetime.fromisoformat(value)
        assert found == expected[table.name]


def test_sqlite_is_sound(db: sqlite3.Connection, place: Path) -> None:
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert {row[2] for row in db.execute("PRAGMA foreign_key_list(addressees)")} == {"cables", "posts"}
    assert db.execute("SELECT name, country_name FROM posts WHERE code = 'PRAIA'").fetchone() == ("Embassy Praia", "Cape Verde")
    assert db.execute("SELECT count(*) FROM tags WHERE tag = 'PREL' AND meaning IS NOT NULL").fetchone()[0] > 0
    for name in VIEWS:
        assert db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] > 0
    most = {key: (count, held) for key, count, held in db.execute("SELECT id, cited_by, held FROM most_cited")}
    with Archive(place, create=False) as archive:
        assert most == {
            key: (len({c.id for c in archive if key in [r.cable for r in c.references]}), int(key in archive)) for key in most
        }


def test_sqlite_searches_words(db: sqlite3.Connection) -> None:
    ids = "SELECT c.id FROM cables_fts f JOIN cables c ON c.rowid = f.rowid WHERE cables_fts MATCH ? ORDER BY 1"
    assert [row[0] for row in db.execute(ids, ("pelican",))] == ["07LIMA12"]
    parts = "SELECT p.cable FROM paragraphs_fts f JOIN paragraphs p ON p.rowid = f.rowid WHERE paragraphs_fts MATCH ?"
    assert [row[0] for row in db.execute(parts, ("pelican",))] == ["07LIMA12"]


def test_datasette_opens_the_file(sqlite_file: Path) -> None:
    """By Datasette's own code: every table and view answers, its search finds, and the descriptions are shown."""
    datasette = pytest.importorskip("datasette.app")
    described = json.loads(Path(f"{sqlite_file}.datasette.json").read_text(encoding="utf-8"))

    async def ask() -> dict[str, Any]:
        served = datasette.Datasette([str(sqlite_file)], metadata=described)
        await served.invoke_startup()
        out: dict[str, Any] = {}
        for name in [*(table.name for table in SQL_TABLES), *VIEWS]:
            answer = await served.client.get(f"/cables/{name}.json?_shape=array")
            assert answer.status_code == 200, (name, answer.text[:300])
            out[name] = answer.json()
            page = await served.client.get(f"/cables/{name}")
            assert page.status_code == 200, name
            out[f"{name} page"] = page.text
        out["found"] = (await served.client.get("/cables/cables.json?_search=pelican&_shape=array")).json()
        return out

    answers = asyncio.run(ask())
    assert sorted(row["id"] for row in answers["cables"]) == IDS
    assert [row["id"] for row in answers["found"]] == ["07LIMA12"]
    for table in SQL_TABLES:
        assert table.about in answers[f"{table.name} page"]


def test_the_description_names_every_column(db: sqlite3.Connection) -> None:
    told = metadata("x", {"query": "", "cables": 5, "program": "cablegram", "created": "2020-01-01"})["databases"]["x"]["tables"]
    for table in SQL_TABLES:
        columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table.name}")')]
        assert list(told[table.name]["columns"]) == columns
        assert set(told[table.name].get("facets", [])) <= set(columns)


# the documentation


def _documented(title: str) -> dict[str, str]:
    """Name and type of every column in the table under ``title`` of docs/exports.md."""
    text = DOCS.read_text(encoding="utf-8")
    part = re.split(rf"^### {re.escape(title)}\b.*$", text, maxsplit=1, flags=re.MULTILINE)[1]
    part = re.split(r"^##", part, maxsplit=1, flags=re.MULTILINE)[0]
    return {
        name: f"{kind} | {about}" for name, kind, about in re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", part, re.MULTILINE)
    }


@pytest.mark.parametrize("table", SQL_TABLES, ids=lambda table: str(table.name))
def test_every_column_is_documented(table: Any) -> None:
    assert _documented(table.name) == {one.name: f"{one.kind} | {one.about}" for one in table.columns}


def test_every_flat_column_view_form_and_ending_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    flat = text.split("## One row a cable")[1].split("\n## ")[0]
    assert [name for name in COLUMNS if f"`{name}`" not in flat] == []
    assert [name for name in (*FORMS, *VIEWS, *ENDINGS) if f"`{name}`" not in text] == []
