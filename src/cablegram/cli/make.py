"""Commands that make fictional cables: the demonstration, and collections of any size."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from cablegram.cli.common import Meter, complain
from cablegram.errors import CablegramError

_TRIES = (
    ("search", "'clock blanket*'"), ("search", "'para:S uranium'"), ("search", "'refs:missing class:>=CONFIDENTIAL'"),
    ("show", "96SANTIAGO1750"), ("show", "96LAPAZ2075 --json"), ("info", ""), ("lint", ""),
)  # fmt: skip


@click.command("demo")
@click.argument("folder", metavar="[FOLDER]", default="cablegram-demo", type=click.Path(file_okay=False, path_type=Path))
@click.option("--serve/--no-serve", "served", default=None, help="Open the reading room (if not given: on a terminal).")
def demo_command(folder: Path, served: bool | None) -> None:
    """Make a small archive of the bundled fictional cables in FOLDER (cablegram-demo), say what to try on it, and open the reading room.

    FOLDER/sources has the cables as such files reach people: two releases as CSV that black out different words, and the
    National Archives' files of the 1970s. FOLDER/archive is the archive made of them.
    """
    from cablegram.archive.archive import Archive
    from cablegram.fiction.bundle import write_bundle

    sources, place = folder / "sources", folder / "archive"
    if folder.exists() and {entry.name for entry in folder.iterdir()} - {sources.name, place.name}:
        raise CablegramError(f"{folder}: is not empty and no demonstration; choose another folder")
    try:
        write_bundle(sources)
    except OSError as error:
        raise CablegramError(f"{sources}: cannot be written ({error.strerror})") from None
    with Archive(place) as archive, Meter() as meter:
        report = archive.ingest(sources, watcher=meter)
        count = len(archive)
        versions = archive.store.db.execute("SELECT count(*) FROM versions").fetchone()[0]
        first, last = archive.store.db.execute("SELECT min(created), max(created) FROM cables").fetchone()
    for refusal in report.refused:
        complain(f"{refusal.source}, record {refusal.position}: {refusal.reason}")
    click.echo(f"{count} fictional cables in {versions} versions, {first[:10]} to {last[:10]}, in {place}")
    click.echo("\nTry:")
    for command, words in _TRIES:
        told = f"  {_program()} {command} {words}".rstrip()
        click.echo(f"{told} --archive {shlex.quote(str(place))}")
    click.echo("\nRead it in the browser:")
    click.echo(f"  {_program()} serve --open --archive {shlex.quote(str(place))}")
    if report.refused:
        sys.exit(1)
    if served or (served is None and sys.stdout.isatty()):
        click.echo()
        _open_room(place)


def _open_room(place: Path) -> None:
    from cablegram.cli.serve import run_server
    from cablegram.web.settings import Settings

    run_server(Settings(place, port=0), open_browser=True)


def _program() -> str:
    """How this program was called, so that a line can be copied."""
    return os.environ.get("CABLEGRAM_CALLED_AS", "cablegram")


@click.command("make-examples")
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(1, 5_000_000), default=1000, show_default=True, help="How many telegrams.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same count and seed give the same telegrams.")
@click.option("--form", type=click.Choice(["csv", "archives", "both"]), default="both", show_default=True,
              help="The eight-column CSV, the National Archives' files (1970s only), or each in its own.")  # fmt: skip
def make_examples_command(folder: Path, count: int, seed: int, form: str) -> None:
    """Write COUNT fictional telegrams of many years and posts to FOLDER, with what a reader should find in them in FOLDER.truth.jsonl."""
    from cablegram.fiction.generate import make_examples

    if folder.exists() and any(folder.iterdir()):
        raise CablegramError(f"{folder}: is not empty; choose a new folder")
    try:
        made = make_examples(folder, count, seed, form)
    except OSError as error:
        raise CablegramError(f"{folder}: cannot be written ({error.strerror})") from None
    click.echo(f"{made:,} telegrams in {folder}")
