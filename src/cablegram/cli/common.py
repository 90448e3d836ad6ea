"""What the commands share: the archive option, one-line messages, progress."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from cablegram.archive.archive import Archive

_F = TypeVar("_F", bound=Callable[..., Any])
DEFAULT: Final = "archive"
_EVERY: Final = 5.0
_UNITS: Final = {"reading": "reading", "comparing": "comparing", "indexing": "indexing"}


def complain(message: str) -> None:
    """One line to standard error; whatever a source put into it cannot break the line or steer the terminal."""
    click.echo(f"cablegram: {clean(message)}", err=True)


def clean(text: str) -> str:
    """``text`` without characters that could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def archive_option(command: _F) -> _F:
    """The option ``--archive DIR``."""
    return click.option(
        "--archive", "folder", metavar="DIR", default=DEFAULT, show_default=True, envvar="CABLEGRAM_ARCHIVE",
        help="Folder of the archive (or set CABLEGRAM_ARCHIVE).",
    )(command)  # fmt: skip


def open_archive(folder: str, *, create: bool = False, catch_up: bool = True) -> Archive:
    """The archive in ``folder``, its index brought up to date, which may take a while after an update of the program; ``catch_up=False``:
    for commands that do so themselves."""
    from cablegram.archive.archive import Archive

    archive = Archive(Path(folder), create=create, catch_up=False)
    if catch_up and archive.is_behind():
        with Meter() as meter:
            archive.reindex(anew=False, watcher=meter)
    return archive


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """One JSON object to standard output; ``indent=None``: on one line. A lone surrogate, which UTF-8 has not, is escaped."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace"))


class Meter:
    """Tells of the progress of a long command: a bar with rate and remaining time on a terminal, a line every five seconds elsewhere."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._name = ""
        self._total: int | None = None
        self._began = self._told = time.monotonic()

    def __enter__(self) -> Meter:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description:>10}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[cables]:,} cables, {task.fields[rate]:,.0f}/s"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
                console=Console(stderr=True),
            )  # fmt: skip
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, name: str, total: int | None) -> None:
        """A new stage of so many characters or cables."""
        self._name, self._total = _UNITS.get(name, name), total
        self._began = self._told = time.monotonic()
        if self._bar is not None:
            self._task = self._bar.add_task(self._name, total=total, cables=0, rate=0.0)

    def advance(self, done: int, cables: int) -> None:
        """So many characters or cables of the stage are done, and so many cables."""
        now = time.monotonic()
        rate = cables / max(now - self._began, 0.001)
        if self._bar is not None and self._task is not None:
            total = self._total if self._total is None or done <= self._total else done
            self._bar.update(self._task, completed=done, total=total, cables=cables, rate=rate)
        elif now - self._told >= _EVERY:
            self._told = now
            share = f"{min(100, 100 * done // self._total)} %, " if self._total else ""
            click.echo(f"{self._name}: {share}{cables:,} cables, {rate:,.0f}/s", err=True)
