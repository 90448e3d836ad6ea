"""What several tests share: a generated collection, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from cablegram.fiction.generate import make_examples

# A test may run on a machine that is busy: how long an example takes is told by tests that measure time.
settings.register_profile("cablegram", deadline=None)
settings.load_profile("cablegram")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of 600 generated telegrams."""
    folder = tmp_path_factory.mktemp("generated")
    make_examples(folder, 600, 11, "csv")
    return folder / "cables.csv"
