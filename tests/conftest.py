"""What several tests share: a generated collection, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cablegram.fiction.generate import make_examples


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of 600 generated telegrams."""
    folder = tmp_path_factory.mktemp("generated")
    make_examples(folder, 600, 11, "csv")
    return folder / "cables.csv"
