"""An ingest and a reindex that are killed at any moment: the archive opens, is clean, and going on ends where an undisturbed run does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

import makers
from cablegram import Archive
from cablegram.archive.verify import fingerprint, problems

COUNT = 800
#: As in a large archive: cables are compared some at a time, and workers tell the index of them, which is committed on the way.
DRIVER = (
    "import sys\n"
    "from cablegram.archive import index, writer\n"
    "from cablegram.cli.main import main\n"
    "index._SMALL, index._COMMIT_EVERY, writer._SPREAD = 100, 100, 150\n"
    "sys.exit(main())"
)
ARCHIVES, KILLS = 5, 4


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return makers.generated(tmp_path_factory.mktemp("source"), COUNT, 13)


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # A session of its own, so that its workers can be killed with it.
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _run(*arguments: str) -> float:
    start = time.monotonic()
    assert _start(*arguments).wait(300) == 0
    return time.monotonic() - start


def _kill(process: subprocess.Popen[bytes], after: float) -> bool:
    """Kill the process and its workers after some seconds; False where it was done before."""
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        return True
    return False


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, float, Path]:
    """The content of an archive made in one go, the seconds that it took, and its folder."""
    folder = tmp_path_factory.mktemp("undisturbed") / "a"
    seconds = _run("ingest", str(source), "--archive", str(folder))
    with Archive(folder) as archive:
        return fingerprint(archive.store), seconds, folder


def _check(folder: Path) -> int:
    with Archive(folder) as archive:
        assert list(problems(archive.store, archive.index)) == []
        assert archive.search("").total == len(archive)
        return len(archive)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(ARCHIVES))
def test_an_ingest_that_is_killed(source: Path, undisturbed: tuple[str, float, Path], tmp_path: Path, number: int) -> None:
    content, seconds, _ = undisturbed
    rng = Random(number)
    folder = tmp_path / "a"
    seen = killed = 0
    for _ in range(KILLS):
        # Half of the time, since the undisturbed run may have been on a busier machine; what comes later is reached by going on.
        killed += _kill(_start("ingest", str(source), "--archive", str(folder)), rng.uniform(0.3, max(1.0, seconds / 2)))
        if (folder / "cables.db").exists():
            held = _check(folder)
            assert held >= seen
            seen = held
    _run("ingest", str(source), "--archive", str(folder))
    assert _check(folder) == COUNT
    with Archive(folder) as archive:
        assert fingerprint(archive.store) == content
    assert killed


@pytest.mark.slow
def test_a_reindex_that_is_killed(undisturbed: tuple[str, float, Path]) -> None:
    content, _, folder = undisturbed
    rng = Random(99)
    seconds = _run("reindex", "--archive", str(folder))
    killed = 0
    for _ in range(ARCHIVES * KILLS // 2):
        killed += _kill(_start("reindex", "--archive", str(folder)), rng.uniform(0.2, seconds))
        assert _check(folder) == COUNT
    assert killed
    with Archive(folder) as archive:
        assert fingerprint(archive.store) == content
    assert len(list(folder.glob("index-*"))) == 1
