"""Texts made to slow a parser down take time in proportion to their length."""

from __future__ import annotations

import time

import pytest

import cablegram
from cablegram.measure.bench import hostile_texts

SIZE = 60_000


@pytest.mark.parametrize("name", [name for name, _ in hostile_texts(100)])
def test_hostile_text_is_read_in_linear_time(name: str) -> None:
    """Four times the text takes at most ten times as long, and never more than 30 microseconds a character."""
    times = []
    for size in (SIZE, 4 * SIZE):
        text = dict(hostile_texts(size))[name]
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            cable = cablegram.parse(text)
            best = min(best, time.process_time() - start)
        assert "".join(leaf.text for leaf in cable.tree.leaves()) == text
        times.append(best)
    assert times[1] < max(10 * times[0], 0.1)
    assert times[1] < 30e-6 * 4 * SIZE
