"""What several tests share: a generated collection, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import makers

# A test may run on a machine that is busy: how long an example takes is told by tests that measure time.
settings.register_profile("cablegram", deadline=None)
settings.load_profile("cablegram")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of 600 generated telegrams."""
    return makers.generated(tmp_path_factory.mktemp("generated"), 600, 11)
