"""The command as a user calls it: exit codes, one clear line, results apart from messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.txt"))
ROW = '"1","1/2/2007 3:04","07LIMA12","Embassy Lima","UNCLASSIFIED","","","UNCLAS LIMA 000012\n1. (U) T."\n'


def _run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "cablegram.cli.main", *arguments], input=stdin, capture_output=True, timeout=60)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_read(path: Path) -> None:
    done = _run("parse", str(path), "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["paragraphs"]
    assert not [d for d in record["diagnostics"] if d["severity"] == "error"]
    shown = _run("parse", str(path))
    assert shown.returncode == 0
    assert (record["subject"] or "")[:20].encode() in shown.stdout


def test_standard_input() -> None:
    done = _run("parse", "-", "--json", stdin=b"UNCLAS LIMA 000012\n\nSUBJECT: A TEST\n\n1. (U) Text.\nROE")
    assert json.loads(done.stdout)["subject"] == "A TEST"


def test_tree_shows_every_line() -> None:
    done = _run("parse", "-", "--tree", stdin=b"UNCLAS LIMA 000012\n\nSUBJECT: A TEST\n\n1. (U) Text.\nROE")
    assert done.stdout.split()[1] == b"classification"
    assert b"signature" in done.stdout


def test_many_records_are_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(ROW + ROW.replace('"1"', '"2"', 1), newline="")
    done = _run("parse", str(path), "--json")
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["07LIMA12", "07LIMA12"]


def test_refused_records_are_listed_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(ROW + '"2","x"\n' + ROW, newline="")
    done = _run("parse", str(path), "--json")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert b"record 2: the row has 2 columns" in done.stderr
    assert b"2 read, 1 refused" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["parse", "/no/such/file"], ["parse"], ["nonsense"], ["parse", "-", "--nonsense"]], ids=lambda a: " ".join(a)
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = _run(*arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_missing_file_is_one_line() -> None:
    done = _run("parse", "/no/such/file")
    assert done.stderr.decode().strip() == "cablegram: /no/such/file: there is no such file or folder"


def test_control_characters_do_not_reach_the_terminal() -> None:
    """A cable is untrusted text: no escape sequence of it steers the terminal."""
    done = _run("parse", "-", stdin=b"UNCLAS LIMA 000012\n\nSUBJECT: A \x1b[31mTEST\n\n1. (U) Te\x1b]0;x\x07xt.\nROE")
    assert done.returncode == 0
    assert b"\x1b[31mTEST" not in done.stdout
    assert b"\x07" not in done.stdout
