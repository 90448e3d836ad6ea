"""The evidence bundle: whole, verifiable by others' tools, the same at every export, and silent about the machine that made it."""

from __future__ import annotations

import csv
import getpass
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

import cablegram
from cablegram import Archive
from cablegram.export import bundle
from cablegram.present.cells import uncelled
from cablegram.spans import Edit, replay
from test_commands import IDS, one_line, run, write_sources

bagit = pytest.importorskip("bagit")
EACH = {"original.txt", "restored.txt", "record.json", "repairs.csv", "citation.txt", "citation.json", "source.json"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which one file is of another encoding and lies in a ZIP."""
    folder = tmp_path_factory.mktemp("evidence")
    sources = write_sources(folder)
    text = "R 021504Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000077\n\nE.O. 12958: N/A\nTAGS: PREL\nSUBJECT: CAFÉ\n\n1. (U) One café.\n\nROE\n"
    with zipfile.ZipFile(folder / "more.zip", "w") as packed:
        packed.writestr("inner/77.txt", text.encode("cp1252"))
    assert run("ingest", *sources, folder / "more.zip", "--archive", folder / "archive").code == 0
    return folder / "archive"


@pytest.fixture(scope="module")
def packed(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "evidence.zip"
    done = run("export", target, "--archive", place)
    assert done.code == 0, done.err
    return target


@pytest.fixture(scope="module")
def bag(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bag")
    with zipfile.ZipFile(packed) as opened:
        assert opened.testzip() is None
        opened.extractall(folder)
    return folder / "evidence"


def test_bagit_says_that_it_is_valid(bag: Path) -> None:
    found = bagit.Bag(str(bag))
    found.validate()
    assert found.version_info == (1, 0)


@pytest.mark.parametrize("damage", ["changed", "missing", "added"])
def test_bagit_sees_what_was_changed(bag: Path, tmp_path: Path, damage: str) -> None:
    shutil.copytree(bag, tmp_path / "bag")
    file = tmp_path / "bag" / "data" / "cables" / "07PRAIA101" / "original.txt"
    if damage == "changed":
        file.write_bytes(file.read_bytes().replace(b"R", b"S", 1))
    elif damage == "missing":
        file.unlink()
    else:
        file.with_name("more.txt").write_text("more")
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(tmp_path / "bag")).validate()


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
@pytest.mark.parametrize("manifest", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_sha256sum_agrees(bag: Path, manifest: str) -> None:
    done = subprocess.run(["sha256sum", "--strict", "-c", manifest], cwd=bag, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_cable_is_whole(bag: Path, place: Path) -> None:
    with Archive(place, create=False) as archive:
        keys = list(archive.ids())
        assert sorted(path.name for path in (bag / "data" / "cables").iterdir()) == keys == sorted([*IDS, "07LIMA77"])
        for key in keys:
            folder, cable = bag / "data" / "cables" / key, archive.get(key)
            assert cable is not None
            assert {path.name for path in folder.iterdir()} - {"versions"} == EACH
            original = (folder / "original.txt").read_bytes().decode()
            assert original == cable.original
            assert json.loads((folder / "record.json").read_text(encoding="utf-8")) == json.loads(json.dumps(cable.to_dict()))
            with (folder / "repairs.csv").open(encoding="utf-8", newline="") as file:
                edits = [
                    Edit(
                        (int(r["start"]), int(r["end"])),
                        uncelled(r["original"]),
                        uncelled(r["replacement"]),
                        r["rule"],
                        float(r["confidence"]),
                        r["applied"] == "true",
                    )
                    for r in csv.DictReader(file)
                ]
            assert edits == list(cable.edits)
            assert (cable.text or "") in replay(original, edits)
            assert key in (folder / "citation.txt").read_text(encoding="utf-8")
            item = json.loads((folder / "citation.json").read_text(encoding="utf-8"))
            assert key in (item["id"], item.get("number"))


def test_the_chain_leads_to_the_source(bag: Path, place: Path) -> None:
    with Archive(place, create=False) as archive:
        for key in archive.ids():
            told = json.loads((bag / "data" / "cables" / key / "source.json").read_text(encoding="utf-8"))
            versions = {version.sha256: version for version in archive.versions(key)}
            assert {one["sha256"] for one in told["versions"]} == set(versions)
            assert [one["shown"] for one in told["versions"]] == [True] + [False] * (len(versions) - 1)
            for one in told["versions"]:
                seen = versions[one["sha256"]].sightings
                assert [(s["source"].split("!")[-1], s["position"]) for s in one["seen"]] == [
                    (s.source.replace("!", "/").split("/")[-1], s.position) for s in seen
                ]
                file = "original.txt" if one["shown"] else one["file"]
                data = (bag / "data" / "cables" / key / file).read_bytes()
                assert hashlib.sha256(data).hexdigest() == one["sha256"]
    texts = [run for one in told["versions"] for seen in one["seen"] for run in seen["runs_given_this_source"]]
    assert {run["program"] for run in texts} == {f"cablegram {cablegram.__version__}"}


def test_the_sources_own_file_is_there(bag: Path) -> None:
    told = json.loads((bag / "data" / "cables" / "07LIMA77" / "source.json").read_text(encoding="utf-8"))
    (version,) = told["versions"]
    assert version["seen"][0]["source"].startswith("more.zip")
    data = (bag / "data" / version["source_file"]).read_bytes()
    assert b"caf\xe9" in data
    assert hashlib.sha256(data).hexdigest() in version["source_file"]


def test_lists_name_every_cable(bag: Path) -> None:
    items = json.loads((bag / "data" / "citations.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(io.StringIO((bag / "data" / "index.csv").read_text(encoding="utf-8"), newline="")))
    assert len(items) == 6
    assert [row["id"] for row in rows] == sorted([*IDS, "07LIMA77"])
    readme = (bag / "data" / "README.txt").read_text(encoding="utf-8")
    assert "6 diplomatic cables" in readme
    assert "{" not in readme


def test_the_same_cables_give_the_same_bytes(packed: Path, place: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert run("export", tmp_path / "other" / "evidence.zip", "--archive", place).code == 0
    assert (tmp_path / "other" / "evidence.zip").read_bytes() == packed.read_bytes()


def test_nothing_tells_of_the_machine(packed: Path, place: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        told = b"".join(name.encode() + opened.read(name) for name in opened.namelist())
    assert {info.date_time for info in zipfile.ZipFile(packed).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    for word in (str(place.parent), "/tmp/", str(Path.home()), f"/{getpass.getuser()}/"):
        assert word.encode() not in told


def test_a_bundle_is_of_a_selection(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST", 2)
    one_line(run("export", tmp_path / "a.zip", "--archive", place), "at most 2 cables")
    one_line(run("export", tmp_path / "a.zip", "--archive", place, "--query", "zeppelin"), "nothing to bundle")
    assert list(tmp_path.iterdir()) == []
    assert run("export", tmp_path / "a.zip", "--archive", place, "--query", "from:PRAIA").code == 0
