"""The archive's commands as a user calls them: exit codes, results apart from messages, nothing lost, nothing in between."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

import click
import pytest

import cablegram
import story
from cablegram.cli.main import cli, main
from cablegram.fiction.generate import make_examples, row_of, write_rows
from cablegram.fiction.render import Hand, Office
from cablegram.fiction.script import RELEASES

PROGRAM = [sys.executable, "-m", "cablegram.cli.main"]
#: A text that would steer a terminal, is a formula in a spreadsheet, holds a NUL, and has line ends of its own.
HOSTILE = (
    "R 021504Z JAN 07\r\nFM AMEMBASSY LIMA\r\nTO SECSTATE WASHDC 0001\r\nUNCLAS LIMA 000012\r\n\r\nE.O. 12958: N/A\r\nTAGS: PREL\r\n"
    "SUBJECT: =1+1 A \x1b[31mTEST\r\n\r\n1. (U) The \x1b]0;x\x07pelican\x00 waits.\r\n\r\nROE\r\n"
)
STORY_IDS = ["07DAKAR310", "07PRAIA101", "07STATE4799", "08PRAIA140"]
IDS = ["07DAKAR310", "07LIMA12", "07PRAIA101", "07STATE4799", "08PRAIA140"]
BATCH_HEADER = ["term", "hits", "id", "created", "classification", "origin", "subject", "paragraph", "snippet"]
BAD_ROWS = '"1","1/2/2007 3:04","07LIMA12","Embassy Lima","UNCLASSIFIED","","","UNCLAS LIMA 000012\n1. (U) T."\n"2","x"\n'


class Done(NamedTuple):
    """What a call left: exit code, the bytes of its standard output, the text of its standard error."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")

    @property
    def json(self) -> Any:
        # Strictly UTF-8, as other programs read it.
        return json.loads(self.text)


def run(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Call the command in this process, with streams and exit code as a shell would see them."""
    out, err = io.BytesIO(), io.BytesIO()
    streams: dict[str, Any] = {
        "stdin": io.TextIOWrapper(io.BytesIO(stdin), "utf-8"),
        "stdout": io.TextIOWrapper(out, "utf-8"),
        "stderr": io.TextIOWrapper(err, "utf-8", "backslashreplace"),
        "argv": ["cablegram", *map(str, arguments)],
    }
    code = 0
    with patch.multiple(sys, **streams):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
        return Done(code, out.getvalue(), err.getvalue().decode("utf-8"))


def write_sources(folder: Path) -> tuple[Path, Path]:
    """The story as text files, as one release shows it, and the hostile text; and as CSV, as the other release shows it."""
    texts = folder / "texts"
    texts.mkdir(parents=True)
    for name, text in (story.texts("a") | {"07LIMA12": HOSTILE}).items():
        (texts / f"{name}.txt").write_bytes(text.encode())
    rows = folder / "second.csv"
    office = Office()
    told = [(script, Hand(Random(script.id), office).render(script, RELEASES[1])) for script in story.scripts()]
    write_rows(rows, (row_of(n, script, telegram, False) for n, (script, telegram) in enumerate(told, 1)))
    return texts, rows


class Kept(NamedTuple):
    """An archive, its sources, and what the call that made it printed."""

    place: Path
    texts: Path
    rows: Path
    report: Done


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("commands")
    texts, rows = write_sources(folder)
    place = folder / "archive"
    return Kept(place, texts, rows, run("ingest", texts, rows, "--archive", place, "--json"))


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Path:
    """An archive that a test may change."""
    return Path(shutil.copytree(kept.place, tmp_path / "copy"))


def one_line(done: Done, *words: str) -> None:
    """Wrong usage or input: nothing on standard output, one line that names what is wrong, exit code 2."""
    assert done.code == 2, done
    assert done.out == b""
    (line,) = done.err.splitlines()
    assert line.startswith("cablegram: ")
    for word in words:
        assert word in line


# putting in


def test_ingest_reports_what_became_of_every_record(kept: Kept) -> None:
    assert kept.report.code == 0
    report = kept.report.json
    assert {"read", "new", "versions", "unchanged", "refused"} <= set(report)
    assert (report["read"], report["new"], report["refused"]) == (9, 5, [])
    assert report["new"] + report["versions"] + report["unchanged"] == report["read"]
    beside = json.loads((kept.place / "last-ingest.json").read_text(encoding="utf-8"))
    assert beside == {"sources": [str(kept.texts), str(kept.rows)], **report}


def test_reading_again_adds_nothing(kept: Kept, copy: Path) -> None:
    before = run("verify", "--archive", copy, "--json").json
    done = run("ingest", kept.texts, kept.rows, "--archive", copy)
    assert done.code == 0
    assert done.text == "9 read: 0 new cables, 0 other versions, 9 unchanged; 0 refused\n"
    assert run("verify", "--archive", copy, "--json").json == before


@pytest.mark.parametrize("form", ["text", "json"])
def test_refused_records_are_listed_and_told_apart_from_results(tmp_path: Path, form: str) -> None:
    source, place = tmp_path / "c.csv", tmp_path / "a"
    source.write_text(BAD_ROWS, newline="")
    done = run("ingest", source, "--archive", place, *(["--json"] if form == "json" else []))
    assert done.code == 1
    beside = json.loads((place / "last-ingest.json").read_text(encoding="utf-8"))["refused"]
    assert [(one["source"], one["position"]) for one in beside] == [(str(source), 2)]
    if form == "json":
        assert done.json["refused"] == beside
        assert set(beside[0]) == {"source", "position", "reason"}
    else:
        assert done.text == "1 read: 1 new cables, 0 other versions, 0 unchanged; 1 refused\n"
        assert f"cablegram: {source}, record 2: {beside[0]['reason']}" in done.err.splitlines()
    assert run("info", "--archive", place, "--json").json["refused"] == 1


def test_many_refusals_are_not_all_printed_but_all_kept(tmp_path: Path) -> None:
    source, place = tmp_path / "c.csv", tmp_path / "a"
    source.write_text(BAD_ROWS + '"3","x"\n' * 30, newline="")
    done = run("ingest", source, "--archive", place)
    assert done.code == 1
    assert len(done.err.splitlines()) < 25
    assert "and 11 more refused" in done.err
    assert len(json.loads((place / "last-ingest.json").read_text(encoding="utf-8"))["refused"]) == 31


@pytest.mark.parametrize(
    ("sources", "archive", "words"),
    [
        (["missing.csv"], "new", ["missing.csv", "there is no such file"]),
        (["good.txt", "missing.csv"], "new", ["missing.csv", "there is no such file"]),
        (["picture.png"], "new", ["picture.png", "a picture"]),
        (["empty"], "new", ["empty", "no cables in this folder"]),
        (["good.txt"], "good.txt", ["good.txt"]),
        (["good.txt"], "foreign", ["foreign", "is not empty and no archive"]),
    ],
    ids=["missing", "second missing", "picture", "empty folder", "archive is a file", "archive is foreign"],
)
def test_what_cannot_be_read_or_written_is_one_line(tmp_path: Path, sources: list[str], archive: str, words: list[str]) -> None:
    (tmp_path / "good.txt").write_text(HOSTILE, newline="")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "diary.txt").write_text("Dear diary")
    one_line(run("ingest", *(tmp_path / name for name in sources), "--archive", tmp_path / archive), *words)
    assert [file.name for file in (tmp_path / "foreign").iterdir()] == ["diary.txt"]


def test_a_slip_in_a_name_makes_no_archive(tmp_path: Path) -> None:
    """Nothing is begun where a source is missing: neither an empty archive nor one that has the first source and no report."""
    (tmp_path / "good.txt").write_text(HOSTILE, newline="")
    assert run("ingest", tmp_path / "good.txt", tmp_path / "mising.csv", "--archive", tmp_path / "a").code == 2
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "command",
    [["search", "x"], ["show", "07LIMA12"], ["list"], ["info"], ["lint"], ["verify"], ["reindex"], ["reread"], ["export", "-"]],
    ids=lambda command: str(command[0]),
)
def test_without_an_archive_every_command_says_how_to_make_one(tmp_path: Path, command: list[str]) -> None:
    one_line(run(*command, "--archive", tmp_path / "none"), "there is no archive here", "cablegram ingest")
    assert not (tmp_path / "none").exists()


def test_the_archive_may_be_named_by_the_environment(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CABLEGRAM_ARCHIVE", str(kept.place))
    assert run("list").text.count("\n") == len(IDS)


def test_progress_is_drawn_on_a_terminal_and_nowhere_else(kept: Kept, tmp_path: Path) -> None:
    command = [*PROGRAM, "ingest", str(kept.texts), "--archive"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run([*command, str(tmp_path / "a")], capture_output=True, env=environment, timeout=60)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\r" not in done.stderr

    ours, theirs = pty.openpty()
    with subprocess.Popen([*command, str(tmp_path / "b")], stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        drawn = b""
        try:
            while piece := os.read(ours, 4096):
                drawn += piece
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert process.stdout is not None
        printed = process.stdout.read()
    assert process.returncode == 0
    assert printed == done.stdout
    assert b"\x1b[" in drawn
    assert "━".encode() in drawn
    assert b"reading" in drawn
    assert b"cables" in drawn


class Large(NamedTuple):
    """An archive of generated cables that was made in two calls: the first was stopped."""

    place: Path
    source: Path
    stopped: subprocess.CompletedProcess[bytes]
    between: Done
    resumed: subprocess.CompletedProcess[bytes]


COUNT = 3000


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Large:
    folder = tmp_path_factory.mktemp("large")
    make_examples(folder / "made", COUNT, 7, "csv")
    source, place = folder / "made" / "cables.csv", folder / "archive"
    command = [*PROGRAM, "ingest", str(source), "--archive", str(place), "--json"]
    # A shell starts what runs in the background with Ctrl-C ignored, and so would be all that it starts: a person's terminal does not.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=_heed_ctrl_c,
    )  # fmt: skip
    try:
        limit = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < limit and not _versions_in(place):
            time.sleep(0.02)
        # A terminal sends Ctrl-C to the program and to the workers that it started.
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    stopped = subprocess.CompletedProcess(command, process.returncode, out, err)
    between = run("verify", "--archive", place, "--json")
    return Large(place, source, stopped, between, subprocess.run(command, capture_output=True, timeout=240))


def _versions_in(place: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{place / 'cables.db'}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM versions").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.slow
def test_ctrl_c_stops_with_one_line_and_the_next_call_goes_on(large: Large) -> None:
    assert large.stopped.returncode == 130
    err = large.stopped.stderr.decode()
    assert "Traceback" not in err
    assert [line for line in err.splitlines() if line.startswith("cablegram:")] == [
        "cablegram: stopped; the same command goes on where this one was"
    ]
    first = json.loads(large.stopped.stdout)
    assert first["stopped"] is True
    assert 0 < first["new"] < COUNT

    assert large.between.code == 0
    assert large.between.json["problems"] == []
    assert large.between.json["cables"] == first["new"]

    assert large.resumed.returncode == 0, large.resumed.stderr
    second = json.loads(large.resumed.stdout)
    assert second["read"] == COUNT
    assert second["unchanged"] == first["new"]
    assert second["new"] == COUNT - first["new"]
    done = run("verify", "--archive", large.place, "--json")
    assert (done.code, done.json["cables"], done.json["problems"]) == (0, COUNT, [])
    assert run("search", "--archive", large.place, "--json", "--limit", "1").json["total"] == COUNT


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory of a process alone is told by Linux")
def test_memory_stays_flat_while_thousands_are_exported(large: Large, tmp_path: Path) -> None:
    """All records at once would take more than 200 MB; one at a time, about 50: what the program itself takes."""
    # Not getrusage: its peak begins with that of the process that started this one.
    program = (
        "import sys; from cablegram.cli.main import main; sys.argv = ['cablegram', *sys.argv[1:]]; main();"
        " print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    target = tmp_path / "all.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", program, "export", str(target), "--archive", str(large.place)], capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    with target.open("rb") as lines:
        assert sum(1 for _ in lines) == COUNT
    assert int(done.stdout) < 125_000


# finding


def test_search_prints_hits_and_their_number(kept: Kept) -> None:
    done = run("search", '"lamp oil"', "--archive", kept.place)
    assert done.code == 0
    assert done.err == ""
    lines = done.text.splitlines()
    assert lines[0].split() == ["07PRAIA101", "2007-03-05", "CONFIDENTIAL", "Embassy", "Praia"]
    assert lines[1] == "LIGHTHOUSE KEEPERS ASK FOR A RAISE"
    assert lines[2].strip().startswith("3. ")
    assert "1 found" in lines


def test_search_json_is_the_contract(kept: Kept) -> None:
    found = run("search", "lamp", "--archive", kept.place, "--json").json
    assert {"query", "total", "hits", "facets", "next"} <= set(found)
    assert (found["query"], found["total"], found["next"]) == ("lamp", len(found["hits"]), None)
    for hit in found["hits"]:
        assert {"id", "score", "created", "subject", "snippets"} <= set(hit)
        assert isinstance(hit["score"], float)
        assert all({"paragraph", "text"} <= set(snippet) for snippet in hit["snippets"])
    assert sum(found["facets"]["year"].values()) == found["total"]


def test_several_words_need_no_quotation_marks(kept: Kept) -> None:
    apart, together = (run("search", *words, "--archive", kept.place, "--json").json for words in (["lamp", "oil"], ["lamp oil"]))
    assert apart["hits"] == together["hits"]
    assert apart["total"] > 0


def test_an_empty_result_is_a_result(kept: Kept) -> None:
    done = run("search", "zeppelin", "--archive", kept.place)
    assert (done.code, done.text, done.err) == (0, "0 found\n", "")


@pytest.mark.parametrize("sort", ["relevance", "date", "-date", "id", "-id"])
@pytest.mark.parametrize("query", ["", "the"])
def test_pages_lose_and_repeat_nothing(demo: Path, sort: str, query: str) -> None:
    archive = demo / "archive"
    whole = run("search", query, "--archive", archive, "--sort", sort, "--limit", "1000", "--json").json
    seen: list[str] = []
    after: list[str] = []
    while True:
        page = run("search", query, "--archive", archive, "--sort", sort, "--limit", "7", "--json", *after).json
        assert page["total"] == whole["total"]
        assert len(page["hits"]) <= 7
        seen += [hit["id"] for hit in page["hits"]]
        if page["next"] is None:
            break
        after = ["--after", page["next"]]
    assert seen == [hit["id"] for hit in whole["hits"]]
    assert len(set(seen)) == whole["total"] > 7


def test_the_line_that_asks_for_more_can_be_used(kept: Kept) -> None:
    first = run("search", "--archive", kept.place, "--sort", "id", "--limit", "2")
    assert "5 found, 2 shown" in first.text
    found = re.search(r"--after (\S+)", first.text)
    assert found is not None
    second = run("search", "--archive", kept.place, "--sort", "id", "--limit", "2", "--after", found[1], "--json").json
    assert [hit["id"] for hit in second["hits"]] == IDS[2:4]


@pytest.mark.parametrize(
    "command", [["search", "class:SECRT"], ["list", "class:SECRT"], ["export", "-", "--query", "class:SECRT"]]
)
def test_a_wrong_query_is_pointed_at(kept: Kept, command: list[str]) -> None:
    done = run(*command, "--archive", kept.place)
    assert done.code == 2
    assert done.out == b""
    query, pointer, line = done.err.splitlines()
    assert query == "class:SECRT"
    assert pointer == "      ^^^^^"
    assert line.startswith("cablegram: `SECRT` is no classification (at character 7); expected one of ")
    assert line.endswith("did you mean SECRET?")


@pytest.mark.parametrize(
    "arguments", [["--limit", "1001"], ["--limit", "x"], ["--sort", "size"], ["--after", "nonsense"], ["--terms", "x", "word"]]
)
def test_wrong_values_are_told(kept: Kept, arguments: list[str]) -> None:
    done = run("search", "--archive", kept.place, *arguments)
    assert done.code == 2
    assert done.out == b""
    assert "Traceback" not in done.err


def test_a_list_of_terms_is_a_csv_of_all_hits(kept: Kept, tmp_path: Path) -> None:
    """Plain words of a line are a phrase, signs make it a query; comments and empty lines count only for the number of a line."""
    terms = tmp_path / "terms.txt"
    terms.write_text("\ufeff# words of the affair\nlamp oil\n\n  # and\nzeppelin\nuran*\nregatta OR lamps\n", encoding="utf-8")
    done = run("search", "--terms", terms, "--archive", kept.place)
    assert (done.code, done.err) == (0, "")
    header, *rows = csv.reader(io.StringIO(done.text))
    assert header == BATCH_HEADER
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("lamp oil", "1", "07PRAIA101"),
        ("zeppelin", "0", ""),
        ("uran*", "1", "07DAKAR310"),
        ("regatta OR lamps", "3", "07PRAIA101"),
        ("regatta OR lamps", "3", "07STATE4799"),
        ("regatta OR lamps", "3", "08PRAIA140"),
    ]
    assert rows[0][3:8] == ["2007-03-05T10:15Z", "CONFIDENTIAL", "Embassy Praia", "LIGHTHOUSE KEEPERS ASK FOR A RAISE", "3"]
    assert "lamp oil" in rows[0][8]
    assert (
        run("search", "--terms", "-", "--archive", kept.place, stdin=b"lamp oil\n").text.splitlines()[1].startswith("lamp oil,1")
    )


def test_a_wrong_line_of_a_list_is_named_and_the_others_are_searched(kept: Kept, tmp_path: Path) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_text("# c\nlamp oil\nclass:SECRT\nregatta\n", encoding="utf-8")
    done = run("search", "--terms", terms, "--archive", kept.place)
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert line.startswith(f"cablegram: {terms}, line 3: class:SECRT: `SECRT` is no classification")
    assert {row[0] for row in csv.reader(io.StringIO(done.text))} == {"term", "lamp oil", "regatta"}


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"caf\xe9\n", "not UTF-8")])
def test_a_list_that_cannot_be_read_is_one_line(kept: Kept, tmp_path: Path, content: bytes | None, reason: str) -> None:
    terms = tmp_path / "terms.txt"
    if content is not None:
        terms.write_bytes(content)
    one_line(run("search", "--terms", terms, "--archive", kept.place), str(terms), "cannot be read", reason)


@pytest.mark.parametrize(
    "command",
    [
        ["search", "pelican"],
        ["search", "--terms", "-"],
        ["show", "07LIMA12"],
        ["show", "07LIMA12", "--tree"],
        ["show", "07LIMA12", "--paragraph", "1"],
        ["list"],
        ["lint", "--notes"],
        ["info"],
    ],
    ids=" ".join,
)
def test_no_text_of_a_cable_steers_the_terminal(kept: Kept, command: list[str]) -> None:
    """A cable is untrusted text, on a terminal too: there nothing takes escape sequences out for us."""
    with patch("click.utils.should_strip_ansi", return_value=False):
        done = run(*command, "--archive", kept.place, stdin=b"pelican\n")
    assert done.code == 0
    assert "\x1b" not in done.text
    assert "\x07" not in done.text
    assert "\x00" not in done.text
    if command[0] != "lint" and command != ["info"]:
        assert "pelican" in done.text or "=1+1" in done.text


# showing


@pytest.mark.parametrize("name", ["07PRAIA101", "07 PRAIA 101", "07PRAIA00101", "2007PRAIA101", "2007PRAIA00101", " 07praia101 "])
def test_any_usual_spelling_of_an_id(kept: Kept, name: str) -> None:
    done = run("show", name, "--archive", kept.place)
    assert done.code == 0
    assert "07PRAIA101" in done.text
    assert "LIGHTHOUSE KEEPERS ASK FOR A RAISE" in done.text


def test_show_json_is_the_record_with_versions_and_who_cites_it(kept: Kept) -> None:
    shown = run("show", "07PRAIA101", "--archive", kept.place, "--json").json
    record = cablegram.parse(story.texts("a")["07PRAIA101"]).to_dict()
    assert set(shown) >= {*record, "versions", "cited_by"}
    assert shown["cited_by"] == ["07DAKAR310", "07STATE4799"]
    for key in ("id", "created", "classification", "origin", "subject", "tags", "serial", "signature", "classified_by"):
        assert shown[key] == json.loads(json.dumps(record[key]))
    seen = {Path(one["source"]).name for version in shown["versions"] for one in version["sightings"]}
    assert seen == {"07PRAIA101.txt", "second.csv"}


def test_raw_is_byte_for_byte_what_was_put_in(kept: Kept) -> None:
    """Line ends, control characters and a NUL too."""
    for file in sorted(kept.texts.iterdir()):
        versions = run("show", file.stem, "--archive", kept.place, "--json").json["versions"]
        (number,) = (v["version"] for v in versions if any(one["source"] == str(file) for one in v["sightings"]))
        done = run("show", file.stem, "--archive", kept.place, "--raw", "--version", str(number))
        assert done.out == file.read_bytes()


def test_one_paragraph(kept: Kept) -> None:
    done = run("show", "07PRAIA101", "--archive", kept.place, "--paragraph", "3")
    assert done.text == "3. (SBU) The price of lamp oil doubled. A counter-offer came by bicycle.\n"
    as_json = run("show", "07PRAIA101", "--archive", kept.place, "--paragraph", "3", "--json").json
    assert [paragraph["number"] for paragraph in as_json["paragraphs"]] == [3]


def test_versions_are_named_and_shown(kept: Kept) -> None:
    """What the two releases black out differs: each is shown as it was released."""
    shown = run("show", "08PRAIA140", "--archive", kept.place, "--json").json
    numbers = [version["version"] for version in shown["versions"]]
    assert len(numbers) == 2
    assert f"Versions: {numbers[0]}" in run("show", "08PRAIA140", "--archive", kept.place).text
    texts = [run("show", "08PRAIA140", "--archive", kept.place, "--version", str(n), "--paragraph", "2").text for n in numbers]
    assert ["Bettencourt" in text for text in texts] == [False, True]
    assert ["carnival" in text for text in texts] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["07PRAIA101", "--paragraph", "9"], ["07PRAIA101 has no paragraph 9; it has 1, 2, 3, 4"]),
        (["07PRAIA101", "--version", "999"], ["07PRAIA101 has no version 999; it has "]),
        (["07DAKAR300"], ["07DAKAR300 is not in this archive; it is cited by 07DAKAR310, 07PRAIA101"]),
        (["07 Dakar 00300"], ["is not in this archive; it is cited by 07DAKAR310, 07PRAIA101"]),
        (["07OSLO1"], ["07OSLO1 is not in this archive, and no cable in it cites it"]),
        (["\x1b[31m\nx"], ["is not in this archive"]),
    ],
    ids=["paragraph", "version", "cited", "cited, spelled otherwise", "unknown", "hostile"],
)
def test_what_is_not_there_is_told_with_what_is(kept: Kept, arguments: list[str], words: list[str]) -> None:
    one_line(run("show", *arguments, "--archive", kept.place), *words)


def test_list(kept: Kept) -> None:
    lines = run("list", "--archive", kept.place).text.splitlines()
    assert [line.split("\t")[0] for line in lines] == IDS
    assert lines[2] == "07PRAIA101\t2007-03-05\tC\tLIGHTHOUSE KEEPERS ASK FOR A RAISE"
    assert run("list", "from:PRAIA", "--archive", kept.place).text.splitlines() == [lines[2], lines[4]]
    assert run("list", "zeppelin", "--archive", kept.place) == Done(0, b"", "")
    values = [json.loads(line) for line in run("list", "class:>=C", "--archive", kept.place, "--json").text.splitlines()]
    assert [value["id"] for value in values] == ["07DAKAR310", "07PRAIA101"]
    assert values[0] == {
        "id": "07DAKAR310", "created": "2007-03-09T16:40Z", "classification": "SECRET", "post": "DAKAR",
        "subject": "URANIUM RUMOR IS A CRATE OF LAMP GLASS",
    }  # fmt: skip


def test_a_reader_who_leaves_is_no_refused_record(large: Large) -> None:
    """``list | head -1`` ends silently, and not with the exit code of refused records."""
    with subprocess.Popen(
        [*PROGRAM, "list", "--archive", str(large.place)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (141, b"")


def test_info_agrees_with_what_was_put_in(kept: Kept) -> None:
    told = run("info", "--archive", kept.place, "--json").json
    report = kept.report.json
    assert told["cables"] == len(IDS)
    assert told["versions"] == report["new"] + report["versions"]
    assert (told["refused"], told["source_count"]) == (0, 6)
    assert (told["earliest"], told["latest"]) == ("2007-01-02T15:04Z", "2008-01-20T09:00Z")
    assert told["years"] == {"2007": 4, "2008": 1}
    assert told["posts"] == {"PRAIA": 2, "DAKAR": 1, "LIMA": 1, "STATE": 1}
    assert told["classification"] == {
        "SECRET": 1, "CONFIDENTIAL": 1, "UNCLASSIFIED//FOR OFFICIAL USE ONLY": 1, "UNCLASSIFIED": 2,
    }  # fmt: skip
    assert told["sources"][str(kept.rows)] == 4
    # 07DAKAR300, 06PRAIA977, 07STATE4711, 07PRAIA101, 07STATE4799
    assert told["references"] == {"cables_cited": 5, "cited_and_held": 2, "in_texts": 0, "texts_not_read": 0}
    assert told["coverage"]["subject"] == 5
    assert told["coverage"]["references"] == 4
    text = run("info", "--archive", kept.place).text
    assert text.startswith(f"5 cables in {told['versions']} versions, 2007-01-02T15:04Z to 2008-01-20T09:00Z\n")
    assert re.search(r"^ +2  PRAIA$", text, re.MULTILINE)
    assert text.endswith("Cited: 5 cables, of which 2 are held\n")


# taking care


def _telegram(serial: int, date: str, subject: str, *paragraphs: str, section: str = "") -> str:
    told = "\n\n".join(f"{n}. (U) {text}" for n, text in enumerate(paragraphs or ("Nothing to report.",), 1))
    # A text that ends with its signature is whole, whatever its first page says.
    end = "" if section else "\n\nROE"
    return (
        f"R {date} 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS{section} LIMA {serial:06d}\n\nE.O. 12958: N/A\nTAGS: PREL\n"
        f"SUBJECT: {subject}\n\n{told}{end}\n"
    )


LONG = (
    "The ferry to the northern island was late again because of the fog. Nobody on the pier had been told of the delay at all. "
    "The harbor master blamed the new timetable and the old engine alike. Passengers were given soup and a long apology in verse. "
    "The minister of transport promised a second ferry before the autumn."
)
LINTS = {
    "sections-missing": (["07LIMA20"], [_telegram(20, "010203Z JAN", "PART ONE", section=" SECTION 01 OF 03")]),
    "versions-disagree": (
        ["07LIMA21"],
        [_telegram(21, "010203Z JAN", "THE FERRY IS LATE"), _telegram(21, "010203Z JAN", "THE FERRY IS LOST")],
    ),
    "serial-out-of-order": (["07LIMA23"], [_telegram(22, "200203Z JUN", "LATER"), _telegram(23, "010203Z FEB", "EARLIER")]),
    "nearly-the-same": (["07LIMA24"], [_telegram(24, "010203Z JAN", "FERRY", LONG), _telegram(25, "020203Z JAN", "AGAIN", LONG, "So be it.")]),
    "no-id": (["x-"], ["1. (U) A page without a head.\n\n2. (U) And without a number.\n\nSUBJECT: NOTHING\n"]),
}  # fmt: skip


def _findings(tmp_path: Path, texts: list[str]) -> Iterator[dict[str, Any]]:
    for n, text in enumerate(texts):
        (tmp_path / f"{n}.txt").write_text(text)
    place = tmp_path / "archive"
    assert run("ingest", *sorted(tmp_path.glob("*.txt")), "--archive", place).code == 0
    done = run("lint", "--archive", place, "--json")
    assert (done.code, done.err) == (0, "")
    lines = run("lint", "--archive", place)
    assert lines.err == f"{len(lines.text.splitlines())} findings\n"
    assert len(lines.text.splitlines()) == len(done.text.splitlines())
    yield from map(json.loads, done.text.splitlines())


@pytest.mark.parametrize("rule", LINTS)
def test_lint_finds(tmp_path: Path, rule: str) -> None:
    cables, texts = LINTS[rule]
    found = list(_findings(tmp_path, texts))
    assert [re.sub(r"^x-.*", "x-", one["cable"]) for one in found if one["rule"] == rule] == cables
    assert all(set(one) == {"cable", "rule", "severity", "message", "evidence"} for one in found)
    # Each input has its own fault and none of the others.
    assert {one["rule"] for one in found} & set(LINTS) == {rule}


def test_lint_is_silent_where_all_is_well(tmp_path: Path) -> None:
    texts = [
        _telegram(30, "010203Z JAN", "A FERRY", LONG),
        _telegram(31, "020203Z JAN", "A BUOY", "A buoy was seen near the pier."),
    ]
    assert list(_findings(tmp_path, texts)) == []


def test_verify_says_that_all_is_well(kept: Kept) -> None:
    done = run("verify", "--archive", kept.place)
    assert done.code == 0
    assert re.fullmatch(r"5 cables, 0 problems; content [0-9a-f]{16}\n", done.text)


def _flip(db: sqlite3.Connection) -> None:
    number, data = db.execute("SELECT id, data FROM originals ORDER BY id LIMIT 1").fetchone()
    damaged = bytearray(data)
    damaged[len(damaged) // 2] ^= 0x10
    db.execute("UPDATE originals SET data = ? WHERE id = ?", (bytes(damaged), number))


DAMAGE = {
    "a byte of a text": (None, ", version 1: "),
    "a row of a paragraph": ("DELETE FROM paragraphs WHERE version = 1 AND seq = 0", "its rows are"),
    "a text": ("DELETE FROM originals WHERE id = 1", "belongs to nothing in originals"),
    "where it was seen": ("DELETE FROM sightings WHERE version = 1", "no source was seen to give"),
    "a version": ("DELETE FROM versions WHERE id = 1", "belongs to nothing in versions"),
    "what the list says": ("UPDATE cables SET subject = 'SOMETHING ELSE' WHERE id = 1", "the list of cables says something else"),
    "a cable": ("DELETE FROM cables WHERE id = 1", "only in the index"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_verify_finds_damage_to_the_store(copy: Path, what: str) -> None:
    sql, words = DAMAGE[what]
    with closing(sqlite3.connect(copy / "cables.db")) as db:
        if sql is None:
            _flip(db)
        else:
            assert db.execute(sql).rowcount > 0
        db.commit()
    done = run("verify", "--archive", copy)
    assert done.code == 1
    assert words in done.text
    assert re.fullmatch(r"[45] cables, [1-9]\d* problems", done.text.splitlines()[-1])
    as_json = run("verify", "--archive", copy, "--json")
    assert as_json.code == 1
    assert as_json.json["content"] is None
    assert any(words in problem for problem in as_json.json["problems"])


def test_verify_finds_a_cable_that_the_index_has_lost(copy: Path) -> None:
    import tantivy

    from cablegram.archive.index import register

    (place,) = copy.glob("index-*")
    index = tantivy.Index.open(str(place))
    register(index)
    writer = index.writer(15_000_000, 1)
    writer.delete_documents_by_term("id", "07PRAIA101")
    writer.commit()
    writer.wait_merging_threads()
    del writer, index
    done = run("verify", "--archive", copy)
    assert done.code == 1
    assert "only in the store; `cablegram reindex` makes it again" in done.text
    assert run("reindex", "--archive", copy).text == "5 cables indexed\n"
    assert run("verify", "--archive", copy).code == 0


def test_an_index_that_was_taken_away_is_made_again(kept: Kept, copy: Path) -> None:
    """The index can be made from the store at any time, so the next command makes it, and nothing is lost."""
    (place,) = copy.glob("index-*")
    shutil.rmtree(place)
    found = run("search", "lamp", "--archive", copy, "--json").json
    assert found["hits"] == run("search", "lamp", "--archive", kept.place, "--json").json["hits"]
    assert found["total"] > 0
    assert run("verify", "--archive", copy).code == 0


def test_reindex_and_reread_change_nothing_that_was_put_in(kept: Kept, copy: Path) -> None:
    before = run("verify", "--archive", copy, "--json").json
    hits = run("search", "lamp", "--archive", copy, "--json").json["hits"]
    versions = run("info", "--archive", copy, "--json").json["versions"]
    for command, told in (
        (["reindex"], "5 cables indexed\n"),
        (["reindex", "--only-new"], "0 cables indexed\n"),
        (["reread"], "0 versions read again\n"),
        (["reread", "--all"], f"{versions} versions read again\n"),
    ):
        done = run(*command, "--archive", copy)
        assert (done.code, done.text) == (0, told)
        assert run("verify", "--archive", copy, "--json").json == before
        assert run("search", "lamp", "--archive", copy, "--json").json["hits"] == hits


# fictional cables


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The blank: the lines that it prints are copied into a shell.
    folder = tmp_path_factory.mktemp("demo") / "my demo"
    assert run("demo", folder).code == 0
    return folder


def test_every_line_that_the_demonstration_prints_works(demo: Path) -> None:
    """Also that calling it again adds nothing: what it prints is the same, and so is what the archive holds."""
    before = run("verify", "--archive", demo / "archive", "--json").json
    done = run("demo", demo)
    assert done.code == 0
    assert run("verify", "--archive", demo / "archive", "--json").json == before
    assert done.text.startswith(f"{before['cables']} fictional cables in ")
    lines = [line for line in done.text.splitlines() if line.startswith("  cablegram ") and " serve " not in line]
    assert " serve --open --archive " in done.text
    assert len(lines) > 4
    for line in lines:
        tried = run(*shlex.split(line)[1:])
        assert tried.code == 0, line
        assert tried.text.strip(), line
        assert "\n0 found" not in f"\n{tried.text}", line


@pytest.mark.parametrize("command", ["demo", "make-examples"])
def test_a_folder_of_others_is_left_alone(tmp_path: Path, command: str) -> None:
    (tmp_path / "diary.txt").write_text("Dear diary")
    one_line(run(command, tmp_path), str(tmp_path), "is not empty", "choose")
    assert [file.name for file in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize(
    ("form", "has_csv", "has_files"), [("csv", True, False), ("archives", False, True), ("both", True, True)]
)
def test_make_examples_in_every_form(tmp_path: Path, form: str, has_csv: bool, has_files: bool) -> None:
    done = run("make-examples", tmp_path / "made", "--count", "40", "--seed", "3", "--form", form)
    assert (done.code, done.text) == (0, f"40 telegrams in {tmp_path / 'made'}\n")
    truth = [json.loads(line)["id"] for line in (tmp_path / "made.truth.jsonl").read_text(encoding="utf-8").splitlines()]
    sources = [path for path in (tmp_path / "made" / "cables.csv", tmp_path / "made" / "national-archives") if path.exists()]
    assert [path.suffix == ".csv" for path in sources] == [True] * has_csv + [False] * has_files
    assert sorted(str(cable.id) for source in sources for cable in cablegram.read(source)) == sorted(truth)
    one_line(run("make-examples", tmp_path / "made"), "is not empty; choose a new folder")


# help


def _commands() -> list[tuple[str, click.Command]]:
    return [("", cli), *((name, command) for name, command in cli.commands.items())]


@pytest.mark.parametrize(("name", "command"), _commands(), ids=[name or "cablegram" for name, _ in _commands()])
def test_every_command_and_option_is_explained(name: str, command: click.Command) -> None:
    done = run(*filter(None, [name]), "--help")
    assert done.code == 0
    assert done.err == ""
    assert command.help
    first = re.split(r"[.:]", command.help)[0]
    assert "".join(first.split()) in "".join(done.text.split())
    without = [param.name for param in command.params if isinstance(param, click.Option) and not param.help]
    assert without == []


def test_every_command_that_the_contract_names_so_far_is_there() -> None:
    assert {
        "parse", "ingest", "search", "show", "list", "info", "lint", "verify", "reindex", "reread", "export", "demo", "make-examples",
    } <= set(cli.commands)  # fmt: skip


def test_versions_are_compared(demo: Path) -> None:
    """What one release blacks out and the other shows is told in words and, with its place, as JSON; one version has nothing to compare."""
    archive = demo / "archive"
    told = run("diff", "96LAPAZ2075", "--archive", archive)
    assert told.code == 0
    assert "blacks out 12 characters" in told.text
    assert "Evaristo Poblete" in told.text
    found = run("diff", "96 LAPAZ 2075", "--archive", archive, "--json").json
    assert {"versions", "changes", "fullest"} <= set(found)
    (change,) = found["changes"]
    assert (change["kind"], change["text"]) == ("shown", "Evaristo Poblete")
    original = run("show", "96LAPAZ2075", "--raw", "--version", found["right"], "--archive", archive).text
    start, end = change["span"]
    assert " ".join(original[start:end].split()) == "Evaristo Poblete"
    assert found["fullest"] == found["right"]
    one_line(run("diff", "96LAPAZ1933", "--archive", archive), "one version only")
    one_line(run("diff", "96LAPAZ2075", "--archive", archive, "--left", "99999"), "has no version 99999")
    one_line(run("diff", "05NOWHERE1", "--archive", archive), "is not in this archive")
