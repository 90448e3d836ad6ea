"""Accuracy does not fall: every field of the gold set and of the annotated corpus keeps its floor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cablegram.measure.accuracy import CORPUS, Case, corpus_cases, failure_cases, generated_cases, gold_cases, measure

TESTS = Path(__file__).parent
FLOORS = json.loads((TESTS / "accuracy_floor.json").read_text(encoding="utf-8"))


def _fallen(group: str) -> list[str]:
    root = TESTS.parent
    groups: dict[str, Callable[[], Iterator[Case]]] = {
        "gold": lambda: gold_cases(TESTS / "gold"),
        "corpus": lambda: corpus_cases(TESTS / "corpus_truth", root / CORPUS),
        "generated": generated_cases,
        "failure kinds": lambda: failure_cases(TESTS / "cases" / "nara_references.json"),
    }
    cases = groups[group]()
    scores, counts = measure(cases)
    if not counts:
        pytest.skip("the corpus is not at hand")
    fields = scores[group]
    return [
        f"{field}: {fields[field].precision:.4f} {fields[field].recall:.4f} {fields[field].misses[:3]}"
        for field, (precision, recall) in FLOORS[group].items()
        if fields[field].precision < precision - 5e-5 or fields[field].recall < recall - 5e-5
    ]


@pytest.mark.parametrize("group", ["gold", "corpus", "generated", "failure kinds"])
def test_no_field_falls_below_its_floor(group: str) -> None:
    """A change that loses accuracy says so here, field by field."""
    assert _fallen(group) == []


def test_gold_set_is_large_enough() -> None:
    """At least thirty fictional telegrams and forty annotated cables."""
    assert len(list((TESTS / "gold").glob("*.json"))) >= 30
    assert len(list((TESTS / "corpus_truth").glob("*.json"))) >= 40
