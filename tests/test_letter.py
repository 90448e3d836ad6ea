"""The draft letter that asks for ghosts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import cablegram
import reading
from cablegram.cli.main import cli
from cablegram.study.ghosts import Ghost, Ghosts
from cablegram.study.letter import KINDS, draft

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reading.build(tmp_path_factory.mktemp("letter") / "archive")


@pytest.mark.parametrize("kind", KINDS)
def test_every_ghost_is_named_with_what_is_known_of_it(folder: Path, kind: str) -> None:
    with cablegram.Archive(folder) as archive:
        wanted = list(Ghosts(archive).find(5))
    text = draft(wanted, kind, DAY)
    flat = " ".join(text.split())
    assert len(wanted) == 5
    assert "25 November 2026" in text
    for ghost in wanted:
        assert f"{ghost.cable}: " in flat
        assert f"Cited by {', '.join(ghost.cited_by[:4])}" in flat
        assert ghost.dating is not None
        assert f"Probably sent between {ghost.dating.to_dict()['from']} and" in flat
    assert max(map(len, text.splitlines())) <= 88


def test_what_is_not_known_is_not_said_and_nothing_steers_a_terminal() -> None:
    bare = Ghost("75LIMA12", "LIMA", 12, 1, ("75QUITO4",), None, (), ("A \x1b[31mRED\nTITLE",), (), None)
    text = draft([bare], "foia", DAY)
    assert "Probably" not in text
    assert "mostly" not in text
    assert "\x1b" not in text
    assert "National Archives" in text
    assert "1 State Department telegram\n" in text
    assert "National Archives" not in draft([bare._replace(cable="05LIMA12")], "foia", DAY)


def test_by_the_command(folder: Path) -> None:
    run = CliRunner().invoke(cli, ["ghosts", "--archive", str(folder), "--letter", "mdr", "--limit", "3"])
    assert run.exit_code == 0
    assert "section 3.5 of Executive Order 13526" in run.output
    assert "  3. " in run.output
    refused = CliRunner().invoke(cli, ["ghosts", "--archive", str(folder), "--letter", "foia", "--limit", "101"])
    assert "at most 100" in str(refused.exception)
