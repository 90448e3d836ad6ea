"""Rules of restoration and of paragraph numbers, case by case; each case says why it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import cablegram
from cablegram.interpret.paragraphs import read_marking
from cablegram.spans import Edit, OffsetMap, replay, undo

CASES = Path(__file__).parent / "cases"
HEAD = "S E C R E T LIMA 000001\n\nSUBJECT: A TEST\n\n"


def _cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["why"]) for case in json.loads((CASES / name).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", _cases("restore.json"))
def test_restoration(case: dict[str, str]) -> None:
    cable = cablegram.parse(f"{HEAD}1. (S) {case['text']}\n\n2. (S) End.\nROE")
    assert cable.paragraphs[0].text == case["becomes"]


@pytest.mark.parametrize("case", _cases("numbers.json"))
def test_paragraph_numbers(case: dict[str, Any]) -> None:
    cable = cablegram.parse(HEAD + "\n".join(case["lines"]) + "\nROE")
    assert [p.number for p in cable.paragraphs] == case["numbers"]
    assert cable.signature == "ROE"


@pytest.mark.parametrize(
    ("written", "standard", "level", "caveats"),
    [
        ("(C)", "C", "CONFIDENTIAL", ()),
        ("( C )", "C", "CONFIDENTIAL", ()),
        ("(S//NF)", "S/NF", "SECRET", ("NOFORN",)),
        ("(S-NF)", "S/NF", "SECRET", ("NOFORN",)),
        ("(C NF)", "C/NF", "CONFIDENTIAL", ("NOFORN",)),
        ("(SNF)", "S/NF", "SECRET", ("NOFORN",)),
        ("(N/SF)", "S/NF", "SECRET", ("NOFORN",)),
        ("(C/NOFORN)", "C/NF", "CONFIDENTIAL", ("NOFORN",)),
        ("(SBU)", "SBU", "SENSITIVE BUT UNCLASSIFIED", ()),
        ("(U//FOUO)", "U/FOUO", "UNCLASSIFIED//FOR OFFICIAL USE ONLY", ("FOUO",)),
        ("(S//REL NATO, ISAF)", "S/REL NATO, ISAF", "SECRET", ("REL NATO, ISAF",)),
        ("(C - ENTIRE TEXT)", "C", "CONFIDENTIAL", ()),
        ("(Secret/Rel Armenia)", "S/REL ARMENIA", "SECRET", ("REL ARMENIA",)),
    ],
)
def test_markings(written: str, standard: str, level: str, caveats: tuple[str, ...]) -> None:
    assert read_marking(written) == (standard, level, caveats)


def test_replay_refuses_edits_that_do_not_fit() -> None:
    """An edit whose original is not there, or that overlaps another, is an error and no silent change."""
    with pytest.raises(ValueError, match="does not fit"):
        replay("abc", [Edit((0, 1), "x", "y", "r", 1.0)])
    with pytest.raises(ValueError, match="does not fit"):
        replay("abc", [Edit((0, 2), "ab", "y", "r", 1.0), Edit((1, 3), "bc", "z", "r", 1.0)])
    with pytest.raises(ValueError, match="not replayed"):
        undo("abc", [Edit((0, 1), "x", "y", "r", 1.0)])


def test_proposed_edits_change_nothing() -> None:
    edit = Edit((0, 1), "a", "b", "r", 0.2, False)
    assert replay("abc", [edit]) == "abc"
    assert undo("abc", [edit]) == "abc"


def test_offset_map_covers_entities() -> None:
    """A one-character segment may be longer outside; a span that ends behind it covers all of it."""
    outer = OffsetMap([(0, 5, 7), (2, 7, 15), (3, 15, 20)])
    assert outer.span((0, 2)) == (5, 7)
    assert outer.span((1, 3)) == (6, 15)
    assert outer.span((2, 4)) == (7, 16)
    assert outer.span((3, 3)) == (15, 15)


def test_foreign_body_is_flagged_not_mended() -> None:
    text = (
        "VZCZCXRO0001\nRR RUEHC\nDE RUEHFR #2725/01 1711459\nZNY CCCCC ZZH\nR 201459Z JUN 07\nFM AMEMBASSY PARIS\n"
        "TO RUEHC/SECSTATE WASHDC 0001\nS E C R E T MOSCOW 005154\n\nSUBJECT: A TEST\n\n1. (S) Text.\nROE"
    )
    cable = cablegram.parse(text)
    assert cable.id == "07PARIS2725"
    assert cable.classification == "CONFIDENTIAL"
    assert [d.code for d in cable.diagnostics if d.severity == "error"] == ["foreign-body"]


def test_claims_fill_and_contradict() -> None:
    """Where the telegram is silent the claim fills the record; where they differ the telegram stands."""
    text = "This record is a partial extract of the original cable.\n\nC O N F I D E N T I A L LIMA 000012\n\nSUBJECT: A TEST"
    claims = {"id": "06LIMA12", "created": "2006-01-02T14:02Z", "classification": "SECRET", "origin": "Embassy Lima"}
    cable = cablegram.parse(text, claims)
    assert (cable.id, cable.created, cable.classification) == ("06LIMA12", "2006-01-02T14Z", "CONFIDENTIAL")
    codes = sorted(d.code for d in cable.diagnostics)
    assert codes.count("claim-fills") == 2
    assert codes.count("claim-contradicts") == 1
    assert cable.partial
    assert cablegram.parse(text).id is None


UNKNOWN: Final = "and no post AMEMBASSY LAMPORIA is known"


@pytest.mark.parametrize(
    ("head", "number", "claims", "id", "says", "why"),
    [
        ("R 010203Z JAN 07\nFM AMEMBASSY LAMPORIA\n", "LAMPORIA 000123", {}, None, f"LAMPORIA 000123, {UNKNOWN}", "a post that the vocabulary lacks"),
        ("R 010203Z JAN 07\nFM AMEMBASSY LAMPORIA\n", "LIMA 000123", {}, None, f"LIMA 000123, {UNKNOWN}", "the number is of a post, the sender is none"),
        ("R 010203Z JAN 07\n", "LAMPORIA 123", {}, None, "LAMPORIA 123, and no post LAMPORIA is known", "without a sender: the post of the number"),
        ("DE RUEHXQ #0123 0010203\nR 010203Z JAN 07\n", "", {}, None, "RUEHXQ #0123, and no post RUEHXQ is known", "a station, and no classification line"),
        ("R 010203Z JAN 07\nFM AMEMBASSY LAMPORIA\n", "LAMPORIA 123", {"id": "07LAMPORIA123"}, "07LAMPORIA123", f"LAMPORIA 123, {UNKNOWN}", "the source has an id"),
        ("R 010203Z JAN 07\nFM AMEMBASSY LAMPORIA\n", "LAMPORIA 123", {"origin": "Embassy Lima"}, None, f"LAMPORIA 123, {UNKNOWN}", "the source has a sender and no id"),
        ("R 010203Z JAN 07\nFM AMEMBASSY LIMA\n", "LIMA 000123", {}, "07LIMA123", None, "NEGATIVE: all is known"),
        ("R 010203Z JAN 07\nFM AMEMBASSY LIMA\n", "LAMPORIA 000123", {}, "07LIMA123", None, "NEGATIVE: the sender is known"),
        ("R 010203Z JAN 07\nFM AMEMBASSY LAMPORIA\n", "", {}, None, None, "NEGATIVE: no number is printed"),
        ("DE RUEHPE #0123 0010203\nR 010203Z JAN 07\n", "LAMPORIA 000123", {}, "07LIMA123", None, "NEGATIVE: the station is a post's"),
    ],
)  # fmt: skip
def test_a_number_of_an_unknown_post_is_told(
    head: str, number: str, claims: dict[str, str], id: str | None, says: str | None, why: str
) -> None:
    """Unknown is null with a diagnostic, which has the message number as it is printed."""
    line = f"UNCLAS {number}\n" if number else ""
    cable = cablegram.parse(f"{head}{line}\nSUBJECT: A TEST\n\n1. (U) Fog.\nROE", claims)
    assert cable.id == id, why
    told = [d for d in cable.diagnostics if d.code == "unknown-post"]
    assert [(d.severity, d.message) for d in told] == (
        [("warning", f"the message number is printed as {says}")] if says else []
    ), why


@pytest.mark.parametrize(
    ("group", "to", "precedence", "why"),
    [
        ("", "SECSTATE WASHDC IMMEDIATE 0001", "IMMEDIATE", "a header without date-time group: what stands behind the action addressee"),
        ("R 291359Z NOV 00\n", "SECSTATE WASHDC IMMEDIATE 0001", "ROUTINE", "the date-time group goes first"),
        ("", "SECSTATE WASHDC 0001", None, "nothing tells it"),
    ],
)  # fmt: skip
def test_precedence(group: str, to: str, precedence: str | None, why: str) -> None:
    head = group or "------------------A54E38  291401Z /38\n"
    cable = cablegram.parse(f"{head}FM AMEMBASSY LIMA\nTO {to}\nS E C R E T LIMA 000001\n\nSUBJECT: A TEST\n\n1. (S) End.\nROE")
    assert cable.precedence == precedence, why
