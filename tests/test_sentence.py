"""Texts of capitals in sentence case, case by case; and what holds for every text."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cablegram.fiction.render import Hand, Office
from cablegram.fiction.script import stories
from cablegram.present.sentence import is_all_caps, sentence_case
from cablegram.vocabulary import proper
from cablegram.vocabulary.tables import read_table

CASES = json.loads((Path(__file__).parent / "cases" / "sentence.json").read_text(encoding="utf-8"))
#: Words and marks that the rules know, in any order.
_WORDS = st.sampled_from(
    """MR. DR AMBASSADOR GENERAL FOREIGN MINISTER SAID SMITHERS AL- O' D' DE VAN DER 'S A I J. R. REF THE US U.S. GOT GOI NATO TNT MAY 5
    MARCH NEW DELHI EMBASSY NICE VIII 20TH 1. (C) A. - -- : " SUMMARY COMMENT I.E. 3 P.M. EMBOFFS TAGS: HANS ZORN lower Mixed ß İ é""".split()
)
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="ABC.'-: \n(1"),
    st.lists(st.tuples(_WORDS, st.sampled_from(["", " ", " ", " ", "\n", "\n\n", ". ", ", "])), max_size=60).map(
        lambda parts: "".join(word + gap for word, gap in parts)
    ),
)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    assert sentence_case(case["text"]) == case["becomes"]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_every_text_keeps_its_letters(text: str) -> None:
    """Offsets stay valid, nothing but case changes, nothing is raised to a capital, and once is enough."""
    shown = sentence_case(text)
    assert len(shown) == len(text)
    assert all(new in {old, old.lower()} for old, new in zip(text, shown, strict=True))
    if text.isascii():
        assert shown.upper() == text.upper()
    assert sentence_case(shown) == shown


@pytest.mark.parametrize(
    ("text", "is_caps"),
    [
        ("THE BUOY HAS STOPPED", True),
        ("THE BUOY HAS STOPPED REPORTING; mu IS GARBLED", True),
        ("The buoy has stopped", False),
        ("THE END", False),  # too few letters to tell
        ("1974-75: 12, 1,180", False),
        ("", False),
    ],
)
def test_all_caps(text: str, is_caps: bool) -> None:
    assert is_all_caps(text) is is_caps


def test_stories_of_the_1970s_read_as_they_were_written() -> None:
    """Of the words of the stories, told in both cases, sentence case gives nineteen in twenty back, and few capitals too many."""
    same = more = every = 0
    for script in (script for told in stories().values() for script in told if script.date.year < 1980):
        for part in script.parts:
            shown = sentence_case(part.text.upper())
            for old, new in zip(part.text.split(), shown.split(), strict=True):
                every += 1
                same += old == new
                more += old != new and old.islower() and "{" not in old
    assert same / every > 0.94
    assert more / every < 0.002


def test_rendered_telegrams_keep_their_offsets() -> None:
    for script in (script for told in stories().values() for script in told if script.date.year < 1980):
        text = Hand(Random(script.id), Office()).render(script).text
        shown = sentence_case(text)
        assert is_all_caps(text)
        assert not is_all_caps(shown)
        assert shown.upper() == text.upper()


@pytest.mark.parametrize(
    "unit",
    [
        "A",
        "A ",
        "A. ",
        "\n ",
        "\n- A",
        "O'",
        "AL-",
        "MR. AL-",
        "MR. A. ",
        "GENERAL X ",
        "FIRST ",
        "NEW ",
        "HANS ",
        "1. ",
        "TAGS:\n",
    ],
)
def test_hostile_text_is_read_in_linear_time(unit: str) -> None:
    """Eight times the text takes at most 24 times as long (the square would be 64), and never 30 microseconds a character."""
    times = []
    for size in (20_000, 160_000):
        text = unit * (size // len(unit))
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            sentence_case(text)
            best = min(best, time.process_time() - start)
        times.append(best)
    assert times[1] < max(24 * times[0], 0.1)
    assert times[1] < 30e-6 * 160_000


@pytest.mark.slow
def test_a_megabyte_is_read() -> None:
    text = "GENERAL O'NEILL SAID A. MR. AL-" * 32_500
    start = time.process_time()
    assert len(sentence_case(text)) == len(text)
    assert time.process_time() - start < 30


def test_table_of_proper_words_is_well_formed() -> None:
    rows = read_table("proper")
    assert len({(row["word"].upper(), row["kind"]) for row in rows}) == len(rows)
    assert all(row["word"] and row["kind"] and row["evidence"] for row in rows)
    kinds = {row["kind"] for row in rows}
    assert all(kind in (proper.__doc__ or "") for kind in kinds)
    with pytest.raises(KeyError):
        proper.words("no such kind")


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("EMBOFF", "EmbOff"),
        ("DCMS", "DCMs"),
        ("ICELANDERS", "Icelanders"),
        ("REFTEL", "reftel"),
        ("US", None),
        ("MARIENAU", None),
    ],
)
def test_known_words(word: str, form: str | None) -> None:
    assert proper.shown(word) == form


def test_common_words_and_abbreviations() -> None:
    assert all(proper.is_common(word) for word in ("SAID", "DOUBTS", "STOPPED", "TAKING", "PARTIES"))
    assert not any(proper.is_common(word) for word in ("DIETZ", "NATO"))
    assert all(proper.is_abbreviation(word) for word in ("TNT", "GOB", "GOSL"))
    assert not any(proper.is_abbreviation(word) for word in ("GOLD", "GOD", "MR", "KG", "NATO"))
