"""Cheap looks that turn most lines away before a pattern is tried: none turns away what the pattern takes."""

from __future__ import annotations

import pytest

from cablegram import parse
from cablegram.telegram import patterns as p
from cablegram.telegram.parser import parse_telegram

HEAD = "R 051436Z APR 75\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC\nUNCLAS LIMA 123\n\nSUBJECT: A KETTLE\n\n1. THE KETTLE IS HOT,\n"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("SECRET", "banner"),
        ("S E C R E T", "banner"),
        ("SS E C R E T", "banner"),  # a letter doubled at the front
        ("ECRET", "banner"),  # a letter lost
        ("CO N F I D E N T I A L", "banner"),
        ("TOP SECRET", "banner"),
        ("L I M I T E D   O F F I C I A L   U S E", "banner"),  # the longest one
        ("LİMITED OFFICIAL USE", "banner"),  # the pattern takes the letter for an I
        ("UNCLAS", "banner"),
        ("UNCLAS LIMA 00123", "classification"),
        ("C O N F I D E N T I A L SECTION 02 OF 02 LIMA 000123", "classification"),
        ("NNNN", "end-mark"),
        ("Nnnn", "end-mark"),  # of any case
        ("Bt", "end-mark"),
        ("End cable text", "end-mark"),
        ("#1234", "end-mark"),
        ("PAGE 02        LIMA  00123  131535Z", "page"),
        ("SECRET TALKS AND NO NUMBER", "text"),
        ("SECTION 8 OF THE KETTLE LAW OF 1975", "text"),
        ("TO THE COOK", "text"),
    ],
)
def test_stamps_in_the_body(line: str, kind: str) -> None:
    lines = parse_telegram(f"{HEAD}{line}\nAND THE COOK IS GLAD.\n\nROE\n").lines
    assert lines.kinds[lines.strips.index(line)] == kind


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("it was in January", True),
        ("it was in SEPTEMBER,", True),
        ("it was on the last of Sept.,", True),
        ("the 5-May", True),
        ("APRİL", True),  # the pattern takes the letter for an I
        ("it was in January.", False),  # the sentence ends
        ("the kettle of Mayor May", True),
        ("a dismay", False),
        ("a member", False),
        ("", False),
    ],
)
def test_months_at_a_line_end(line: str, ends: bool) -> None:
    assert p.ends_in_month(line) is ends
    assert (p.MONTH_END.search(line[-12:]) is not None) is ends


@pytest.mark.parametrize(
    ("line", "precedence", "created"),
    [
        ("R 051436Z APR 75", "ROUTINE", "1975-04-05T14:36Z"),
        ("r 051436z apr 75", "ROUTINE", "1975-04-05T14:36Z"),
        ("o r 051436z apr 75", "IMMEDIATE", "1975-04-05T14:36Z"),
    ],
)  # fmt: skip
def test_a_date_time_group_in_small_letters(line: str, precedence: str, created: str) -> None:
    cable = parse(HEAD.replace("R 051436Z APR 75", line) + "\nROE\n")
    assert (cable.precedence, cable.created) == (precedence, created)


def test_a_damaged_year_is_no_error() -> None:
    """A year below 1000 ended the reading."""
    assert parse(HEAD.replace("APR 75", "APR 0075") + "\nROE\n").precedence == "ROUTINE"
