"""The declassification clock: order by order, over an archive, and as a command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cablegram
import story
from cablegram import Archive, Cable
from cablegram.cli.study_marks import clock_command
from cablegram.fiction.bundle import telegrams
from cablegram.study.clock import STATUSES, clock, read_clock
from cablegram.vocabulary import orders
from cablegram.vocabulary.terms import lookup

CASES = json.loads((Path(__file__).parent / "cases" / "clock.json").read_text(encoding="utf-8"))
ORDERS = json.loads((Path(__file__).parent / "cases" / "orders.json").read_text(encoding="utf-8"))
NOW = date(2026, 6, 1)


def _cable(case: dict[str, Any]) -> Cable:
    place = f"{case['dtg']}\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC\n\n" if case["dtg"] else ""
    head = f"{place}{case['banner']} LIMA 000123\n\n{case['eo']}\nTAGS: PREL\nSUBJECT: A LAMP\n\n"
    claims = {} if case["dtg"] else {"id": ""}
    return cablegram.parse(f"{head}{case.get('text', '1. The lamp is out.')}\n\nROE\n", claims)


@pytest.mark.parametrize("case", ORDERS, ids=lambda case: case["why"])
def test_the_line_is_read(case: dict[str, Any]) -> None:
    """Also where a line about the classification says what the E.O. line leaves open; the paragraphs and the subject stay whole."""
    found = cablegram.parse(
        f"R 011200Z MAR {case['year']}\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC\n\nS E C R E T LIMA 000123\n\n{case['eo']}\nTAGS: PREL\n"
        f"SUBJECT: A LAMP\n\n{case['classified']}1. The lamp is out.\n\nROE\n"
    )
    told = found.to_dict()["executive_order"]
    assert (None if told is None else {key: told[key] for key in case["expect"] or told}) == case["expect"], told
    assert (found.subject, found.tags, [p.number for p in found.paragraphs]) == ("A LAMP", ("PREL",), [1])
    named = found.classified_by is not None and found.classified_by.name
    assert bool(named) == ("Jane Roe" in case["classified"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_case(case: dict[str, Any]) -> None:
    due = read_clock(_cable(case), date.fromisoformat(case["as_of"]))
    told = due.to_dict()
    assert (due.status, told["date"], told["order"]) == (case["status"], case["date"], case["order"]), told
    assert (told["second"]["date"] if told["second"] else None) == case.get("second"), told
    assert case.get("says", "") in due.ground
    assert due.ground.endswith(".")


@given(st.text(), st.dates(date(1960, 1, 1), date(2100, 1, 1)))
def test_any_line_has_an_answer(line: str, as_of: date) -> None:
    """Nothing raises; the status says what the date says."""
    cable = _cable({"dtg": "R 011200Z MAR 99", "banner": "S E C R E T", "eo": f"E.O. 12958: {line}"})
    due = read_clock(cable, as_of)
    assert due.status in STATUSES
    assert (due.date is not None) == (due.status in ("due", "overdue"))
    if due.date is not None:
        assert (due.date < as_of) == (due.status == "overdue")


def test_the_national_archives_attribute_stands_in() -> None:
    text = "C O N F I D E N T I A L LIMA 00123\n\nTAGS: PREL\nSUBJECT: A LAMP\n\n1. THE LAMP IS OUT.\n\nROE\n"
    claims = {
        "id": "75LIMA123", "created": "1975-03-01", "executive_order": "GS", "review_action": "RELEASED <APPLIED>",
        "review_date": "03 JUN 2003",
    }  # fmt: skip
    due = read_clock(cablegram.parse(text, claims), NOW)
    assert (due.status, due.date, due.order) == ("overdue", date(1981, 12, 31), "11652")
    assert "attribute that the National Archives' file has" in due.ground
    assert "released (03 JUN 2003)" in due.ground


def test_every_rule_has_its_section_and_every_order_its_term() -> None:
    for rule in orders.all_rules():
        assert "section" in rule.rule or rule.mark == "MR", rule
        assert rule.words, rule
        assert rule.evidence, rule
        assert lookup("order", rule.order) is not None, rule
        assert rule.since <= rule.until


@pytest.mark.parametrize(
    ("day", "order"),
    [
        ("1972-05-31", None), ("1972-06-01", "11652"), ("1978-11-30", "11652"), ("1978-12-01", "12065"), ("1982-07-31", "12065"),
        ("1982-08-01", "12356"), ("1995-10-13", "12356"), ("1995-10-14", "12958"), ("2010-06-26", "12958"), ("2010-06-27", "13526"),
    ],
)  # fmt: skip
def test_the_order_in_force(day: str, order: str | None) -> None:
    assert orders.in_force(date.fromisoformat(day)) == order


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled stories."""
    place = tmp_path_factory.mktemp("clock") / "a"
    with Archive(place) as archive:
        archive.add(cablegram.parse(told.text, {"id": key}) for key, told in telegrams("a").items())
    return place


def test_an_archive_is_read_as_its_cables_are(folder: Path) -> None:
    with Archive(folder) as archive:
        found = {row.cable: row.due for row in clock(archive, NOW)}
        assert list(found) == sorted(archive.ids())
        for cable in archive:
            assert cable.id is not None
            assert found[cable.id] == read_clock(cable, NOW)
        some = [row.cable for row in clock(archive, NOW, "year:1975")]
        assert some
        assert all(key.startswith("75") for key in some)


def test_the_command_prints_what_the_record_page_says(folder: Path) -> None:
    done = CliRunner().invoke(clock_command, ["--archive", str(folder), "--as-of", "2009-01-01", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["as_of"] == "2009-01-01"
    for status in ("due", "overdue", "exempt", "unknown"):
        assert len(told[status]) == told["counts"][status]
        for row in told[status]:
            assert {"cable", "order", "date", "ground"} <= set(row)
            assert (row["date"] is not None) == (status in ("due", "overdue"))
    assert told["overdue"]
    assert told["due"]
    with Archive(folder) as archive:
        assert sum(told["counts"].values()) == len(archive)
    assert {status: sum(n[status] for n in told["orders"].values()) for status in told["counts"]} == told["counts"]


def test_an_archive_without_cables_gives_an_object_too(tmp_path: Path) -> None:
    with Archive(tmp_path / "a"):
        pass
    done = CliRunner().invoke(clock_command, ["--archive", str(tmp_path / "a"), "--json"])
    assert json.loads(done.stdout)["overdue"] == []


def test_the_table_has_the_most_overdue_first(folder: Path) -> None:
    done = CliRunner().invoke(clock_command, ["--archive", str(folder), "--as-of", "2026-06-01", "--limit", "3"])
    assert done.exit_code == 0, done.output
    rows = done.stdout.split("Overdue, 3 of ")[1].splitlines()[1:]
    days = [line.split()[1] for line in rows if not line.startswith(" ")]
    assert len(days) == 3
    assert days == sorted(days)
    assert all(day < "1990" for day in days)


def test_a_day_that_is_none_is_told(folder: Path) -> None:
    done = CliRunner().invoke(clock_command, ["--archive", str(folder), "--as-of", "soon"])
    assert done.exit_code == 2
    assert "soon is no date" in done.output


def test_the_lighthouse(tmp_path: Path) -> None:
    """Each cable of the small story says a date, ten years on."""
    for cable in story.cables():
        due = read_clock(cable, NOW)
        assert due.status in ("overdue", "unclassified")
        assert cable.executive_order is not None
        assert (due.date.isoformat() if due.date else None) == cable.executive_order.declassify_on
