"""Work in the background of the reading room: once at a time, not again where it failed, ended with the program."""

from __future__ import annotations

import threading
import traceback

import pytest

from cablegram.web.background import Background, Told


@pytest.fixture
def background() -> Background:
    return Background("test")


def _never() -> bool:
    return False


def test_one_piece_at_a_time(background: Background) -> None:
    go, begun = threading.Event(), []

    def work(told: Told) -> None:
        begun.append(1)
        go.wait(10)

    for key in ("a", "a", "b"):
        background.begin(key, work, _never)
    go.set()
    background.begin("c", work, _never, wait=10)
    assert begun == [1]


def test_all_pieces_are_done_by_one_thread(background: Background) -> None:
    """Each thread that asks a store opens a connection to it."""
    seen: list[threading.Thread] = []
    for key in range(5):
        background.begin(key, lambda told: seen.append(threading.current_thread()), _never, wait=10)
    assert len(seen) == 5
    assert len(set(seen)) == 1
    background.stop()
    assert not seen[0].is_alive()
    background.open()
    background.begin("again", lambda told: seen.append(threading.current_thread()), _never, wait=10)
    assert len(set(seen)) == 2
    background.stop()


def test_what_is_done_is_not_begun(background: Background) -> None:
    begun: list[int] = []
    background.begin("a", lambda told: begun.append(1), lambda: True, wait=10)
    assert begun == []


def test_what_failed_says_so_and_is_begun_again_for_another_state_or_when_opened(background: Background) -> None:
    begun: list[str] = []

    def work(told: Told) -> None:
        begun.append("a")
        raise ValueError("no")

    for _ in range(2):
        background.begin("a", work, _never, wait=10)
    assert begun == ["a"]
    assert str(background.failure("a")) == "no"
    assert background.failure("b") is None
    background.begin("b", lambda told: begun.append("b"), _never, wait=10)
    assert begun == ["a", "b"]
    background.open()
    background.begin("a", work, _never, wait=10)
    assert begun == ["a", "b", "a"]


def test_what_fails_otherwise_than_python_does_is_told_too(background: Background) -> None:
    """A panic of the search engine is no ``Exception``; the thread goes on."""

    class Panic(BaseException):
        pass

    def work(told: Told) -> None:
        raise Panic("index out of bounds")

    begun: list[int] = []
    background.begin("a", work, _never, wait=10)
    assert str(background.failure("a")) == "Panic: index out of bounds"
    background.begin("b", lambda told: begun.append(1), _never, wait=10)
    assert begun == [1]


def test_who_raises_a_failure_leaves_nothing_on_it(background: Background) -> None:
    def work(told: Told) -> None:
        raise ValueError("no")

    background.begin("a", work, _never, wait=10)
    depths = []
    for _ in range(3):
        error = background.failure("a")
        assert error is not None
        depths.append(len(traceback.extract_tb(error.__traceback__)))
        with pytest.raises(ValueError, match="no"):
            raise error
    assert len(set(depths)) == 1


def test_it_ends_with_the_program_and_that_is_no_failure(background: Background) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(told: Told) -> None:
        try:
            for done in range(10_000_000):
                told(done, 10_000_000)
                begun.set()
        finally:
            ended.set()

    background.begin("a", work, _never)
    assert begun.wait(10)
    background.stop()
    assert ended.is_set()
    assert background.progress[0] < 9_999_999
    assert background.failure("a") is None
    again: list[int] = []
    background.begin("b", lambda told: again.append(1), _never, wait=10)
    assert again == []
