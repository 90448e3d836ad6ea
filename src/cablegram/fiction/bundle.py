"""The bundled stories as the files in which such cables reach people: two releases as CSV, and the National Archives' files of the 1970s."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

from cablegram.fiction.generate import ARCHIVES, row_of, write_file, write_rows
from cablegram.fiction.render import Hand, Office, Telegram
from cablegram.fiction.script import RELEASES, Script, stories

#: File names of the two releases: the first has all cables since 1980, the second those that it shows with other redactions, and some more.
FIRST, SECOND = "release-2009.csv", "release-2016.csv"
_ALSO: Final = 5


def all_scripts() -> list[Script]:
    """The cables of all stories, in order of time."""
    return sorted((script for told in stories().values() for script in told), key=lambda script: (script.date, script.id))


def telegrams(release: str) -> dict[str, Telegram]:
    """Every telegram of the stories as ``release`` (``a`` or ``b``) shows it, by id: they differ in what is blacked out and in nothing else."""
    office = Office()
    # Each telegram has its own chance, so that both releases show the same hand.
    return {script.id: Hand(Random(script.id), office).render(script, release) for script in all_scripts()}


def write_bundle(folder: Path) -> int:
    """Write the sources of the stories to ``folder``; how many cables there are."""
    scripts = all_scripts()
    first, second = (telegrams(release) for release in RELEASES)
    archives = folder / ARCHIVES
    archives.mkdir(parents=True, exist_ok=True)
    for script in scripts:
        if script.date.year < 1980:
            write_file(archives, script, first[script.id], Random(script.id))
    later = [script for script in scripts if script.date.year >= 1980]
    # The well-known file's minutes repeat the hour; the later release has them right.
    write_rows(folder / FIRST, (row_of(n, script, first[script.id], True) for n, script in enumerate(later, 1)))
    again = [script for n, script in enumerate(scripts) if script.is_split or n % _ALSO == 0]
    write_rows(folder / SECOND, (row_of(n, script, second[script.id], False) for n, script in enumerate(again, 1)))
    return len(scripts)
