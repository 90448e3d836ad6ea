"""Texts made to slow a parser down take time in proportion to their length."""

from __future__ import annotations

import gc
import time

import pytest

import cablegram
from cablegram.measure.bench import hostile_texts

SIZE = 40_000
TIMES = 8


@pytest.mark.parametrize("name", [name for name, _ in hostile_texts(100)])
def test_hostile_text_is_read_in_linear_time(name: str) -> None:
    """Eight times the text takes at most 24 times as long (the square would be 64), and never 30 microseconds a character."""
    times = []
    for size in (SIZE, TIMES * SIZE):
        text = dict(hostile_texts(size))[name]
        best = float("inf")
        for _ in range(2):
            gc.collect()
            gc.disable()
            start = time.process_time()
            cable = cablegram.parse(text)
            best = min(best, time.process_time() - start)
            gc.enable()
        assert "".join(leaf.text for leaf in cable.tree.leaves()) == text
        times.append(best)
    assert times[1] < max(3 * TIMES * times[0], 0.1)
    assert times[1] < 30e-6 * TIMES * SIZE
