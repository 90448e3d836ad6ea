"""Markings: banners against paragraphs, and the share of text at each level."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cablegram
from cablegram import Archive, Cable
from cablegram.cli.study_marks import markings_command
from cablegram.fiction.bundle import telegrams
from cablegram.study.markings import evidence, survey
from cablegram.vocabulary.levels import BY_NAME, BY_RANK

#: Cables of the bundled stories that their author marked wrong, with the paragraphs at the highest level.
UNDER = {"86VALLETTA668": [2], "06BISHKEK960": [3], "08NEWDELHI2341": [4], "06WELLINGTON560": [3]}
OVER = {"86ROME3288": [1, 2, 4], "06TASHKENT1010": [1, 2], "09BEIJING2163": [1, 2, 3], "07PORTMORESBY404": [1, 2, 3]}

CONFLICTS: list[tuple[str, str, list[str], str | None, list[int]]] = [
    ("all below the banner", "S E C R E T", ["1. (C) a", "2. (U) b"], "over-marked", [1]),
    ("one at the banner", "S E C R E T", ["1. (C) a", "2. (S) b"], None, []),
    ("one is not marked: it may be secret", "S E C R E T", ["1. (C) a", "2. b"], None, []),
    ("one above", "C O N F I D E N T I A L", ["1. (C) a", "2. (S/NF) b", "3. (S) c"], "under-marked", [2, 3]),
    ("above, though others are not marked", "C O N F I D E N T I A L", ["1. a", "2. (S) b"], "under-marked", [2]),
    ("a control above UNCLASSIFIED is no level", "UNCLAS", ["1. (SBU) a", "2. (U) b"], None, []),
    ("a control below another", "LIMITED OFFICIAL USE", ["1. (SBU) a"], None, []),
    ("a level above a control", "UNCLAS SENSITIVE", ["1. (SBU) a", "2. (C) b"], "under-marked", [2]),
    ("controls alone under a level", "C O N F I D E N T I A L", ["1. (SBU) a", "2. (U) b"], "over-marked", [1]),
    ("nothing is marked", "S E C R E T", ["1. a", "2. b"], None, []),
    ("a section is missing: it may be secret", "S E C R E T SECTION 01 OF 02", ["1. (C) a", "2. (U) b"], None, []),
    ("one mark for the entire text", "S E C R E T", ["1. (C - ENTIRE TEXT).", "2. b"], None, []),
]


def _cable(banner: str, paragraphs: list[str]) -> Cable:
    head = f"R 011200Z MAR 06\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC\n\n{banner} LIMA 000001\n\nE.O. 12958: N/A\nTAGS: PREL, PE\nSUBJECT: A LAMP\n\n"
    # A text without a signature, in sections, is not known to be whole.
    return cablegram.parse(head + "\n\n".join(paragraphs) + ("\n" if "SECTION" in banner else "\n\nROE\n"))


@pytest.mark.parametrize(("why", "banner", "paragraphs", "kind", "numbers"), CONFLICTS, ids=[one[0] for one in CONFLICTS])
def test_conflict(why: str, banner: str, paragraphs: list[str], kind: str | None, numbers: list[int], tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        archive.add([_cable(banner, paragraphs)])
        found = survey(archive)
    assert [(one.kind, list(one.paragraphs)) for one in found.conflicts] == ([(kind, numbers)] if kind else [])


@pytest.mark.parametrize("form", ["(C - ENTIRE TEXT).", "(C) ENTIRE TEXT.", "(C-ENTIRE TEXT)"])
def test_one_mark_for_the_entire_text(form: str, tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        archive.add([_cable("C O N F I D E N T I A L", [f"1. {form}", "2. The lamp is out.", "3. The oil is gone."])])
        found = survey(archive)
        assert found.entire == 1
        assert found.overall.unmarked.paragraphs == 0
        assert found.overall.share(BY_NAME["CONFIDENTIAL"].rank) == 1.0
        assert [(key, numbers) for key, numbers, _ in evidence(archive, "C")] == [("06LIMA1", [1, 2, 3])]
        assert list(evidence(archive, "none")) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled stories."""
    place = tmp_path_factory.mktemp("markings") / "a"
    with Archive(place) as archive:
        archive.add(cablegram.parse(told.text, {"id": key}) for key, told in telegrams("a").items())
    return place


def _told(folder: Path, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(markings_command, ["--archive", str(folder), "--json", *arguments])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_what_the_stories_have_marked_wrong(folder: Path) -> None:
    found = _told(folder)["conflicts"]
    for kind, expected in (("under-marked", UNDER), ("over-marked", OVER)):
        assert {one["cable"]: one["paragraphs"] for one in found if one["kind"] == kind} == expected
    assert all({"cable", "banner", "highest", "paragraphs"} <= set(one) for one in found)


def test_shares_are_those_of_the_records(folder: Path) -> None:
    """Counted once more, from the records instead of the tables."""
    characters: Counter[str | None] = Counter()
    years: Counter[tuple[str, str | None]] = Counter()
    tags: Counter[tuple[str, str | None]] = Counter()
    with Archive(folder) as archive:
        for cable in archive:
            for paragraph in cable.paragraphs:
                size = len(paragraph.text)
                characters[paragraph.level] += size
                years[(cable.created or "")[:4], paragraph.level] += size
                for tag in cable.tags:
                    tags[tag, paragraph.level] += size
    share = _told(folder)["share"]
    overall = share["overall"]
    assert {name: one["characters"] for name, one in overall["levels"].items()} == {
        level: n for level, n in characters.items() if level is not None
    }
    assert overall["unmarked"]["characters"] == characters[None]
    assert sum(one["share"] for one in overall["levels"].values()) == pytest.approx(1, abs=1e-4)
    for groups, counted in ((share["year"], years), (share["tag"], tags)):
        for (key, level), size in counted.items():
            if level is not None:
                assert groups[key]["levels"][level]["characters"] == size


def test_every_number_can_be_asked_for_its_evidence(folder: Path) -> None:
    """The query of a row finds its cables; the paragraphs of a level are listed, and sum up to what was counted."""
    with Archive(folder) as archive:
        found = survey(archive)
        for groups in (found.year, found.post, found.tag):
            for group in groups.values():
                assert len(list(archive.find_ids(group.query))) == group.cables, group.query
        for rank, amount in found.overall.levels.items():
            rows = list(evidence(archive, BY_RANK[rank].code))
            assert (len(rows), sum(len(row[1]) for row in rows), sum(row[2] for row in rows)) == tuple(amount)


def test_a_query_narrows_both(folder: Path) -> None:
    told = _told(folder, "--query", "from:VALLETTA")
    assert {one["cable"] for one in told["conflicts"]} == {"86VALLETTA668"}
    assert set(told["share"]["post"]) == {"VALLETTA"}
    assert told["share"]["year"]["1986"]["query"] == "(from:VALLETTA) year:1986"


def test_the_tables(folder: Path) -> None:
    done = CliRunner().invoke(markings_command, ["--archive", str(folder), "--limit", "2"])
    assert done.exit_code == 0, done.output
    assert "4 under-marked" in done.stdout
    assert "and 2 more" in done.stdout
    listed = CliRunner().invoke(markings_command, ["--archive", str(folder), "--query", "id:86VALLETTA668", "--evidence", "s"])
    assert listed.stdout.split() == ["86VALLETTA668", "349", "2"]
