"""A masked archive, whoever asks it: the HTTP API, a language model, a site, a bundle, a PDF. None of the planted secrets is in any answer, none
can be searched for, and everything says that it is masked."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import anyio
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from mcp import Client
from pypdf import PdfReader

import cablegram
import makers
from cablegram import Archive
from cablegram.api.app import PREFIX, create
from cablegram.cli.main import cli
from cablegram.mcp.server import create_server
from cablegram.present.masked import told_of
from cablegram.protect import copy
from cablegram.protect.copy import masked_folder
from cablegram.protect.few import clear, masked_few
from cablegram.protect.rules import KINDS
from cablegram.web.app import create_app
from cablegram.web.settings import Settings
from test_protection import HIDING, run, secrets, squeezed, text_of

#: A cable that cites two that have secrets, and another one that cites one that is not held, by a title with nothing to hide.
CITING: Final = (
    "R 010203Z JUN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA 000900\n\nE.O. 12958: N/A\nTAGS: PGOV\nSUBJECT: THE LAMP\n\n"
    "REF: A. LIMA {0}\n     B. LIMA {1}\n     C. LIMA 899\n\n1. (U) See ref A, and Dobromir Vasilenka (protect) who wrote LIMA 898.\n\nFENWICK\n"
)
FIRST: Final = f"07LIMA{HIDING[0]['serial']}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("masked") / "lamps"
    with Archive(place) as archive:
        archive.add([cablegram.parse(text_of(case, case["serial"])) for case in HIDING], "first")
        again = text_of(HIDING[0], HIDING[0]["serial"]).replace(" (protect)", "").replace("rang", "called")
        citing = CITING.format(HIDING[0]["serial"], HIDING[1]["serial"])
        archive.add([cablegram.parse(again), cablegram.parse(citing, {"title": "What Vasilenka wrote"})], "second")
        # Nearly the same text under another number.
        copied = text_of({**HIDING[3], "body": HIDING[3]["body"] + LONG}, 910)
        archive.add([cablegram.parse(copied), cablegram.parse(copied.replace("000910", "000911"))], "third")
    return place


LONG: Final = " " + " ".join(
    f"The harbor master of the town number {n} counted all the lamps of his harbor again." for n in range(12)
)


@pytest.fixture(scope="module")
def planted() -> set[str]:
    return secrets() | {"vasilenka", "dobromir"}


@pytest.fixture(scope="module")
def masked(folder: Path) -> Path:
    return masked_folder(folder, KINDS)


def leaks(planted: set[str], told: object) -> list[str]:
    """The secrets that stand in an answer. Checksums are left out: a short number may stand in one by chance."""
    text = re.sub(r"\b[0-9a-f]{40,64}\b", "", told if isinstance(told, str) else json.dumps(told, ensure_ascii=False))
    bare = squeezed(text)
    return [secret for secret in planted if secret in bare]


# -- the HTTP API


@pytest.fixture(scope="module")
def client(masked: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(masked), {PREFIX: create}), base_url="http://localhost" + PREFIX) as opened:
        yield opened


def addresses(client: TestClient, versions: dict[str, list[int]]) -> Iterator[tuple[str, str]]:
    """Every path of the description, with the address that asks it of each cable."""
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        assert set(operations) == {"get"}
        if "{ident}" not in path:
            more = ["", "?q=lamp"] if path in ("/cables", "/search/facets", "/export", "/ghosts", "/clock", "/markings") else [""]
            more += [f"?format={form}" for form in ("jsonl", "records", "csv", "ids")] if path == "/export" else []
            more += ["?limit=500&fields=id,subject,paragraphs,text&facets=true&months=true"] if path == "/cables" else []
            for asked in more:
                yield path, path + asked
            continue
        for key in ["07LIMA899"] if path.startswith("/ghosts") else versions:
            filled = path.replace("{ident}", key).replace("{number}", "1")
            for version in versions.get(key, [0]) if "{version}" in path else [0]:
                address = filled.replace("{version}", str(version))
                yield path, address
            if path == "/cables/{ident}":
                yield path, f"{address}?original=true"
            if path.endswith("/citation"):
                yield from ((path, f"{address}?style={style}") for style in ("apa", "nara"))


def test_no_address_of_the_api_tells_a_secret(client: TestClient, masked: Path, planted: set[str]) -> None:
    with Archive(masked, create=False) as archive:
        # Every path is asked of cables of all kinds; of all cables the record, the export and the search are asked.
        some = [FIRST, "07LIMA900", "07LIMA910", *(f"07LIMA{case['serial']}" for case in HIDING[1::8])]
        versions = {key: [one.version for one in archive.versions(key)] for key in some}
    paths = set(client.get("/openapi.json").json()["paths"])
    answered: dict[str, int] = {}
    for path, address in addresses(client, versions):
        answer = client.get(address)
        # One version only, or no ghost: told, and without a secret either.
        assert answer.status_code in (200, 404), address
        assert leaks(planted, answer.text) == [], address
        answered[path] = answered.get(path, 0) + (answer.status_code == 200)
    assert paths == set(answered)
    assert [path for path, count in answered.items() if not count] == []


def test_the_api_finds_no_secret(client: TestClient, folder: Path, planted: set[str]) -> None:
    with TestClient(create_app(Settings(folder), {PREFIX: create}), base_url="http://localhost" + PREFIX) as open_to_all:
        found = {word: open_to_all.get(f"/cables?q={quote(word)}").json()["total"] for word in planted if word.isalpha()}
        assert sum(count > 0 for count in found.values()) > 10, "else this test could not fail"
    for word in planted:
        for asked in (word, f"subject:{word}", f"{word[:4]}*"):
            answer = client.get("/cables", params={"q": asked, "facets": "true"})
            assert asked.endswith("*") or answer.json()["total"] == 0, asked
            # The query itself stands in the answer.
            told = {name: value for name, value in answer.json().items() if name != "query"}
            assert leaks(planted, told) == [], asked
        assert client.get("/export", params={"q": word, "format": "ids"}).text.strip() == ""


def test_the_api_says_that_it_is_masked(client: TestClient, folder: Path) -> None:
    assert client.get("").json()["masked"] == ["names", "persons", "numbers"]
    with TestClient(create_app(Settings(folder), {PREFIX: create}), base_url="http://localhost" + PREFIX) as open_to_all:
        assert open_to_all.get("").json()["masked"] is None


# -- a language model


def test_no_tool_tells_a_secret(masked: Path, planted: set[str]) -> None:
    with Archive(masked, create=False) as archive:
        calls: list[tuple[str, dict[str, Any]]] = [("ghosts", {}), ("ghost", {"ident": "07LIMA899"}), ("coverage", {})]
        calls += [("search", {"query": word, "limit": 100}) for word in ("lamp", "rang", "the", "")]
        for key in archive.ids():
            calls += [("read_cable", {"ident": key}), ("read_paragraphs", {"ident": key, "paragraphs": ["1"]})]
            calls += [
                ("follow_references", {"ident": key}),
                ("cite", {"ident": key}),
                ("cite", {"ident": key, "style": "csl-json"}),
            ]

        async def ask() -> tuple[set[str], list[str]]:
            async with Client(create_server(archive)) as client:
                names = {tool.name for tool in (await client.list_tools()).tools}
                out = []
                for name, arguments in calls:
                    answer = await client.call_tool(name, arguments)
                    out.append("".join(getattr(block, "text", "") for block in answer.content))
                for secret in sorted(planted):
                    answer = await client.call_tool("search", {"query": secret})
                    out.append(str(json.loads("".join(getattr(block, "text", "") for block in answer.content))["total"]))
                return names, out

        names, answers = anyio.run(ask)
    assert {"search", "read_cable", "read_paragraphs", "follow_references", "ghosts", "ghost", "coverage", "cite"} <= names
    assert [one for one in answers[: len(calls)] if leaks(planted, one)] == []
    assert set(answers[len(calls) :]) == {"0"}


# -- exports


@pytest.mark.parametrize("form", ["site", "text-tree", "text-tree-originals", "parquet-tables"])
def test_no_folder_has_a_secret(folder: Path, tmp_path: Path, planted: set[str], form: str) -> None:
    out = tmp_path / "out"
    result = run("export", str(out), "--format", form, "--archive", str(folder), "--mask")
    assert result.exit_code == 0, result.output
    names = [path for path in out.rglob("*") if path.is_file()]
    assert len(names) > 3
    for path in names:
        assert leaks(planted, path.name) == []
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.name == "search-index.js":
            # Lists of numbers of cables, which squeezed are a row of digits: the words are what can tell.
            text = " ".join(re.findall(r'"[^"]*"', text))
        assert leaks(planted, text) == [], path
    meta = json.loads((out / "export.meta.json").read_text(encoding="utf-8"))
    assert (meta["archive"], meta["masked"]) == ("lamps", ["names", "persons", "numbers"])
    if form == "site":
        for path in out.rglob("*.html"):
            assert "Masked: protected names" in path.read_text(encoding="utf-8"), path
            assert "Text as released<" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("form", ["jsonl", "csv", "text", "parquet", "sqlite", "bundle"])
def test_no_file_has_a_secret(folder: Path, tmp_path: Path, planted: set[str], form: str) -> None:
    out = tmp_path / f"out.{form}"
    assert run("export", str(out), "--format", form, "--archive", str(folder), "--mask").exit_code == 0
    if form == "bundle":
        with zipfile.ZipFile(out) as bag:
            texts = {name: bag.read(name).decode("utf-8", "replace") for name in bag.namelist()}
        readme = " ".join(texts["out/data/README.txt"].split())
        assert "Masked: protected names, names of private persons and their numbers are replaced by marks." in readme
        assert "checksums are of that" in readme
    else:
        texts = {out.name: out.read_bytes().decode("utf-8", "replace")}
    for name, text in texts.items():
        assert leaks(planted, text) == [], name
    meta = json.loads((tmp_path / f"{out.name}.meta.json").read_text(encoding="utf-8"))
    assert (meta["archive"], meta["masked"]) == ("lamps", ["names", "persons", "numbers"])
    assert "stays" in meta["note"]


def test_an_export_that_is_not_masked_does_not_say_so(folder: Path, tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "out.jsonl"), "--archive", str(folder)).exit_code == 0
    meta = json.loads((tmp_path / "out.jsonl.meta.json").read_text(encoding="utf-8"))
    assert (meta["archive"], "masked" in meta, "note" in meta) == ("lamps", False, False)


def test_the_pdf_says_that_it_is_masked(folder: Path, masked: Path, planted: set[str]) -> None:
    pytest.importorskip("typst", reason="Typst is not installed")
    for place, says in ((masked, True), (folder, False)):
        with TestClient(create_app(Settings(place)), base_url="http://localhost") as opened:
            pages = [page.extract_text() for page in PdfReader(io.BytesIO(opened.get(f"/cables/{FIRST}.pdf").content)).pages]
        assert all(("Masked:" in page) == says for page in pages)
        assert ("Text as released" in "".join(pages)) is not says
        assert bool(leaks(planted, "".join(pages))) is not says


# -- a few cables instead of all


def alone(folder: Path, *args: str) -> str:
    """What a command prints that is given a masked copy of a few cables only."""
    for place in (folder / copy.FOLDER).glob("*"):
        if place.is_dir():
            shutil.rmtree(place)
    result = CliRunner().invoke(cli, [*args, "--archive", str(folder), "--mask"])
    assert result.exit_code == 0, result.output
    assert [place for place in (folder / copy.FOLDER).glob("*") if place.is_dir()] == [], "nothing of it stays"
    return result.stdout


CALLS: Final = [
    *(["show", f"07LIMA{case['serial']}", *how] for case in HIDING[1:5] for how in ([], ["--json"])), ["show", FIRST, "--json"],
    ["show", FIRST, "--raw"], ["show", FIRST, "--tree"], ["show", "07 Lima 900", "--json"], ["show", "07LIMA910", "--json"], ["show", "07LIMA911", "--json"],
    *([name, one, *how] for name in ("refs", "distribution") for one in (FIRST, "07LIMA900") for how in ([], ["--json"])), ["refs", "07LIMA899"], ["refs", FIRST, "--most", "1", "--json"],
    ["distribution", "07LIMA910", "--csv"], ["diff", FIRST], ["diff", FIRST, "--json"], ["cite", FIRST, "07LIMA900#1", "--source"], ["cite", "07LIMA899"], ["cite", "07LIMA898", "--style", "csl-json"],
]  # fmt: skip


def test_a_few_cables_say_what_the_whole_copy_says(folder: Path, tmp_path: Path, planted: set[str]) -> None:
    apart = tmp_path / "lamps"
    shutil.copytree(folder, apart, ignore=shutil.ignore_patterns(copy.FOLDER))
    few = [alone(apart, *call) for call in CALLS]
    whole = [run(*call, "--archive", str(folder), "--mask").stdout for call in CALLS]
    for call, one, other in zip(CALLS, few, whole, strict=True):
        assert one == other, call
        assert leaks(planted, one) == [], call
    assert '"alike": [\n    "07LIMA911"\n  ]' in few[CALLS.index(["show", "07LIMA910", "--json"])]
    assert '"cited_by": [\n    "07LIMA900"\n  ]' in few[CALLS.index(["show", FIRST, "--json"])]


def test_a_citation_that_is_masked_leads_to_the_whole_copy(tmp_path: Path) -> None:
    """The name of a source is that of a post: masked, the number is of no cable, and the thread is another one than that of the originals."""
    first = (
        makers.telegram(4970).decode().replace("The bell rang", "Esteban Quito (strictly protect) wrote. See QUITO 4567. It rang")
    )
    other = makers.telegram(4971).decode().replace("The bell rang", "As 07 QUITO 4567 says, it rang")
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(first), cablegram.parse(other)], "bells")
        assert archive.cited_by("07QUITO4567") == ["07LIMA4970", "07LIMA4971"]
    few = run("refs", "07LIMA4970", "--json", "--archive", str(tmp_path / "a"), "--mask").stdout
    assert [place.name for place in (tmp_path / "a" / copy.FOLDER).glob("names-*") if place.is_dir()] != []
    assert (json.loads(few)["cites"], json.loads(few)["thread"]) == ([], ["07LIMA4970"])


def test_one_cable_does_not_wait_for_the_whole_archive(tmp_path: Path, generated: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        archive.add([*islice(cablegram.read(generated), 150)])
        key = next(archive.find_ids("protect"))
        clock = time.perf_counter()
        with masked_few(tmp_path / "a", KINDS, [key]) as place, Archive(place, create=False) as few:
            assert key in few
            assert len(few) < 60
        alone_seconds = time.perf_counter() - clock
        clock = time.perf_counter()
        whole = masked_folder(tmp_path / "a", KINDS)
        assert alone_seconds < (time.perf_counter() - clock) / 2
        # Where the whole copy is there, it is what is given.
        with masked_few(tmp_path / "a", KINDS, [key]) as place:
            assert place == whole


#: A process that stops where it is in the middle of ``{name}``, and tells so.
_STOPPING: Final = """
import sys, time
from pathlib import Path
from cablegram.protect import few
from cablegram.protect.rules import KINDS
inner = few.{name}
def stop(*given):
    if {after}:
        inner(*given)
    print(given[0], flush=True)
    time.sleep(600)
few.{name} = stop
with few.masked_few(Path(sys.argv[1]), KINDS, [sys.argv[2]]) as place:
    print(place, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def _stopped(folder: Path, name: str, after: bool) -> Iterator[subprocess.Popen[str]]:
    """Such a process, stopped there; killed at the end, if it is not before."""
    code = _STOPPING.format(name=name, after=after)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder), FIRST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip()
        yield process
    finally:
        process.kill()
        process.communicate()


def _left(folder: Path) -> set[str]:
    return {path.name for path in (folder / copy.FOLDER).glob("few-*")}


@pytest.mark.skipif(sys.platform == "win32", reason="no process is killed there as here")
@pytest.mark.parametrize(
    ("name", "after", "why"),
    [
        ("_copy", False, "the folder is empty"),
        ("_copy", True, "the copy has all words still"),
        ("mask_store", True, "the copy is masked and ready"),
    ],
)
def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path, folder: Path, name: str, after: bool, why: str) -> None:
    """By who masks next; what another process has in use, or this one, stays."""
    archive = tmp_path / "a"
    shutil.copytree(folder, archive, ignore=shutil.ignore_patterns(copy.FOLDER))
    with _stopped(archive, name, after) as process:
        killed = _left(archive)
        process.kill()
        process.wait(30)
    assert {path.removesuffix(".lock") for path in killed} == {path for path in killed if not path.endswith(".lock")} != set(), (
        why
    )
    assert _left(archive) == killed
    with _stopped(archive, name, after):
        # It has cleared away the other's, and is in the middle of its own.
        living = _left(archive)
        assert living.isdisjoint(killed), why
        with masked_few(archive, KINDS, [FIRST]) as one, masked_few(archive, KINDS, [FIRST]) as other:
            assert living < _left(archive)
            for place in (one, other):
                with Archive(place, create=False) as few:
                    assert FIRST in few
        assert _left(archive) == living
    clear(archive / copy.FOLDER)
    assert _left(archive) == set()


_DAYS: Final = 86_400.0


@pytest.mark.parametrize(
    ("names", "age", "stays", "why"),
    [
        (("few-1", "few-1.lock"), 0.0, False, "nobody has the lock, so its maker is gone"),
        (("few-1",), 0.0, True, "an older program takes no lock, and may be at work"),
        (("few-1",), 2 * _DAYS, False, "no command takes so long"),
        (("few-1.lock",), 0.0, True, "who takes a lock makes the folder next"),
        (("few-1.lock",), 2 * _DAYS, False, "killed before it made the folder"),
        (("names-1", "names.lock", "few"), 9 * _DAYS, True, "a whole copy and its lock are not for a time"),
    ],
)
def test_what_is_cleared_away(tmp_path: Path, names: tuple[str, ...], age: float, stays: bool, why: str) -> None:
    for name in names:
        place = tmp_path / name
        if name.endswith(".lock"):
            place.touch()
        else:
            (place / "index").mkdir(parents=True)
            (place / "index" / "words").write_text("words", encoding="utf-8")
        os.utime(place, (time.time() - age,) * 2)
    clear(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == (set(names) if stays else set()), why


@pytest.mark.parametrize(
    ("address", "whole", "masked_says"),
    [
        (f"/cables/{FIRST}", "is kept whole", "has marks in the place of what is masked; the archive itself keeps the original"),
        (
            f"/cables/{FIRST}/raw",
            "as its source gave it</span>",
            "as its source gave it, with marks in the place of what is masked",
        ),
    ],
)
def test_a_masked_room_does_not_call_its_text_the_original(
    folder: Path, masked: Path, address: str, whole: str, masked_says: str
) -> None:
    for place, says, not_said in ((folder, whole, masked_says), (masked, masked_says, whole)):
        with TestClient(create_app(Settings(place)), base_url="http://localhost") as room:
            page = " ".join(re.sub(r"</?a\b[^>]*>", "", room.get(address).text).split())
        assert says in page
        assert not_said not in page


def test_a_terminal_does_not_call_a_masked_text_whole(folder: Path) -> None:
    call = ["show", FIRST, "--archive", str(folder)]
    assert "the original is kept whole" in run(*call).stdout
    told = run(*call, "--mask").stdout
    assert "kept whole" not in told
    assert "what is masked is so in --tree and --json, too" in told


def test_the_reading_room_of_a_masked_copy_is_called_as_its_archive(masked: Path) -> None:
    with Archive(masked, create=False) as archive:
        assert archive.masked is not None
        assert (archive.name, archive.masked.archive) == ("lamps", "lamps")
        assert told_of(archive.masked).startswith(
            "Masked: protected names, names of private persons and their numbers are replaced by marks."
        )
