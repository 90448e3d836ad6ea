"""The small fictional archive that the tests share: four cables of the lighthouse affair."""

from __future__ import annotations

from pathlib import Path
from random import Random

import cablegram
from cablegram.cable import Cable
from cablegram.fiction.render import Hand, Office
from cablegram.fiction.script import Script, parse_scripts

DATA = Path(__file__).parent / "data"


def scripts() -> list[Script]:
    """The four cables as written."""
    return parse_scripts((DATA / "story.txt").read_text(encoding="utf-8"), "story.txt")


def texts(release: str | None = None, seed: int = 5) -> dict[str, str]:
    """The four telegrams by their ids."""
    hand = Hand(Random(seed), Office())
    return {script.id: hand.render(script, release).text for script in scripts()}


def cables(release: str | None = None) -> list[Cable]:
    """The four cables, read."""
    return [cablegram.parse(text) for text in texts(release).values()]
