"""Where exports come to stand: nothing of the user's is written over, nothing half done stays, and what goes wrong is one line."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablegram
from cablegram import Archive, CablegramError
from cablegram.export.files import FILES, FOLDERS, export
from cablegram.export.formats import FORMATS, reading_text
from cablegram.export.names import FORMS
from cablegram.export.place import safe_name
from cablegram.export.tree import write_tree
from test_commands import IDS, one_line, run, write_sources
from test_export import BROKEN


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    assert run("ingest", *write_sources(folder), "--archive", folder / "archive").code == 0
    return folder / "archive"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_names_are_those_that_are_written() -> None:
    assert {*FORMATS, *FILES, *FOLDERS} == set(FORMS)


# names


@pytest.mark.parametrize("name", ["07PRAIA101", "x-0a1b", "RIODEJANEIRO", "1975", "A.B_c-d"])
def test_an_ordinary_name_stays(name: str) -> None:
    assert safe_name(name) == name


@given(st.text(max_size=120) | st.sampled_from(["..", ".", "", "CON", "nul.txt", "a/b", "a\\b", "-rf", "C:", "x" * 400]))
def test_any_name_is_one_safe_file(name: str) -> None:
    safe = safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", safe)
    assert not safe.endswith(".")
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", safe)
    assert safe_name(safe + "/") != safe


# files and folders


def test_a_users_own_part_file_stays(place: Path, tmp_path: Path) -> None:
    for name in ("a.csv.part", ".a.csv.part"):
        (tmp_path / name).write_text("mine")
    assert run("export", tmp_path / "a.csv", "--archive", place).code == 0
    assert sorted(os.listdir(tmp_path)) == [".a.csv.part", "a.csv", "a.csv.meta.json", "a.csv.part"]
    assert {(tmp_path / name).read_text() for name in ("a.csv.part", ".a.csv.part")} == {"mine"}


def test_a_new_file_has_the_users_own_mode(place: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert run("export", tmp_path / "a.csv", "--archive", place).code == 0
    finally:
        os.umask(before)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("form", FOLDERS)
def test_a_folder_of_ours_is_replaced(place: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"
    target.mkdir()  # an empty one may be filled
    assert run("export", target, "--format", form, "--archive", place).code == 0
    first = _files(target)
    assert run("export", target, "--format", form, "--archive", place, "--query", "from:PRAIA").code == 0
    assert len(_files(target)) < len(first) or form == "parquet-tables"
    meta = json.loads((target / "export.meta.json").read_text())
    assert (meta["cables"], meta["query"], meta["format"], meta["files"]) == (2, "from:PRAIA", form, len(_files(target)))
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("form", FOLDERS)
@pytest.mark.parametrize("case", ["not ours", "added to", "false sidecar", "a file", "a link"])
def test_what_is_not_ours_is_not_replaced(place: Path, tmp_path: Path, form: str, case: str) -> None:
    target = tmp_path / "out"
    if case == "a file":
        target.write_text("mine")
    elif case == "a link":
        (tmp_path / "real").mkdir()
        target.symlink_to(tmp_path / "real")
    elif case == "added to":
        assert run("export", target, "--format", form, "--archive", place).code == 0
        (target / "notes.txt").write_text("mine")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("mine")
        if case == "false sidecar":
            (target / "export.meta.json").write_text('["files"]')
    before = _files(tmp_path)
    words = "is a file" if case in ("a file", "a link") else "files that no export has made"
    one_line(run("export", target, "--format", form, "--archive", place), str(target), words)
    assert _files(tmp_path) == before


@pytest.mark.parametrize("form", [*FILES, *FOLDERS])
def test_a_wrong_query_leaves_nothing(place: Path, tmp_path: Path, form: str) -> None:
    assert run("export", tmp_path / "out", "--format", form, "--archive", place, "--query", "class:SECRT").code == 2
    one_line(
        run("export", tmp_path / "missing" / "out", "--format", form, "--archive", place), "cannot be written", "No such file"
    )
    one_line(run("export", "-", "--format", form, "--archive", place), "standard output")
    assert os.listdir(tmp_path) == []


@contextmanager
def _small_disk(size: int) -> Iterator[None]:
    """No file may become larger than ``size`` bytes: what a program sees of it is what it sees of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_is_one_line_and_leaves_nothing(place: Path, tmp_path: Path, form: str) -> None:
    with Archive(place, create=False) as archive:
        list(archive)  # what reading needs is there before the disk is full
        with _small_disk(400), pytest.raises(CablegramError, match=r"cannot be written") as found:
            export(archive, "", str(tmp_path / "out"), form)
    assert "\n" not in str(found.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("form", FORMS)
def test_a_read_only_folder_is_one_line(place: Path, tmp_path: Path, form: str) -> None:
    tmp_path.chmod(0o500)
    try:
        one_line(run("export", tmp_path / "out", "--format", form, "--archive", place), "cannot be written", "Permission denied")
    finally:
        tmp_path.chmod(0o700)


# which cables


def test_ids_choose(place: Path, tmp_path: Path) -> None:
    done = run("export", "-", "--archive", place, "--id", "08 praia 140", "--id", "07LIMA12", "--id", "07lima12")
    assert [json.loads(line)["id"] for line in done.text.splitlines()] == ["07LIMA12", "08PRAIA140"]
    assert run("export", tmp_path / "a.csv", "--archive", place, "--id", "07LIMA12").code == 0
    assert json.loads((tmp_path / "a.csv.meta.json").read_text())["ids"] == ["07LIMA12"]
    one_line(run("export", "-", "--archive", place, "--id", "07LIMA13", "--id", "07LIMA12"), "07LIMA13", "not in this archive")
    one_line(run("export", "-", "--archive", place, "--id", "07LIMA12", "--query", "lamp"), "not both")


def test_an_archive_reads_as_before_after_an_export(place: Path, tmp_path: Path) -> None:
    with Archive(place, create=False) as archive:
        names = ("mmap_size", "cache_size")
        before = [archive.store.db.execute(f"PRAGMA {name}").fetchone() for name in names]
        export(archive, "", str(tmp_path / "a.csv"))
        assert [archive.store.db.execute(f"PRAGMA {name}").fetchone() for name in names] == before


# the text tree


def test_a_text_tree(place: Path, tmp_path: Path) -> None:
    assert run("export", tmp_path / "texts", "--format", "text-tree", "--archive", place).code == 0
    assert run("export", tmp_path / "raw", "--format", "text-tree-originals", "--archive", place).code == 0
    names = {"07DAKAR310": "DAKAR", "07LIMA12": "LIMA", "07PRAIA101": "PRAIA", "07STATE4799": "STATE", "08PRAIA140": "PRAIA"}
    with Archive(place, create=False) as archive:
        for key in IDS:
            cable = archive.get(key)
            assert cable is not None
            name = f"20{key[:2]}/{names[key]}/{key}.txt"
            assert (tmp_path / "texts" / name).read_bytes() == reading_text(key, cable).encode()
            assert (tmp_path / "raw" / name).read_bytes() == cable.original.encode()
    assert len(_files(tmp_path / "texts")) == len(_files(tmp_path / "raw")) == len(IDS) + 1


def test_a_hostile_id_stays_inside(tmp_path: Path) -> None:
    cable = cablegram.parse(BROKEN)
    inside = tmp_path / "in"
    assert write_tree([("../../up", cable), ("/etc/x", cable), ("a\x00b", cable)], inside) == 3
    assert len(_files(inside)) == 3
    assert os.listdir(tmp_path) == ["in"]
    write_tree([("07LIMA12", cable)], tmp_path / "raw", originals=True)
    (data,) = _files(tmp_path / "raw").values()
    assert hashlib.sha256(data).digest() == hashlib.sha256(BROKEN.encode("utf-8", "surrogatepass")).digest()
