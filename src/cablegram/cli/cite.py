"""The command that cites cables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cablegram.cli.common import archive_option, clean, complain, open_archive
from cablegram.errors import CablegramError, NotHeld

if TYPE_CHECKING:
    from cablegram.archive.archive import Archive
    from cablegram.cite.item import Cited

#: As `cablegram.cite` has them; named here so that `--help` need not load it.
_STYLES = ("chicago-note", "chicago-bibliography", "turabian", "mla", "apa", "bluebook", "nara", "csl-json", "bibtex", "ris")


@click.command("cite")
@click.argument("names", metavar="ID[#PARAGRAPH]...", nargs=-1)
@archive_option
@click.option("--style", type=click.Choice(_STYLES), default="chicago-note", show_default=True, help="A style, or a format.")
@click.option("--query", metavar="Q", help="Cite all that this query finds.")
@click.option("--version", type=int, help="This version of the cable, instead of the fullest.")
@click.option("--accessed", is_flag=False, flag_value="today", metavar="DATE",
              help="Tell when the source's address was read (YYYY-MM-DD; today, if no date is given).")  # fmt: skip
@click.option("--source", is_flag=True, help="Below each citation: where the text is from, with its checksum.")
def cite_command(
    names: tuple[str, ...], folder: str, style: str, query: str | None, version: int | None, accessed: str | None, source: bool
) -> None:
    """Cite cables by ID, in any usual spelling, a paragraph behind a # (07PRAIA101#4); also cables that are only cited.

    PARAGRAPH is a number, a letter (#A, #4.a), or a place as the reading room names it (#p4, #s7).
    """
    from cablegram.cite import citing
    from cablegram.cite.formats import FORMS, written

    if not names and query is None:
        raise click.UsageError("say what to cite: ids, or --query")
    if names and query is not None:
        raise click.UsageError("say either ids or --query, not both")
    if version is not None and len(names) != 1:
        raise click.UsageError("--version is of one cable: give one id with it")
    if source and style in FORMS:
        raise click.UsageError(f"--source is for text; {style} has the sources in its notes")
    day = _day(accessed)
    missing: list[str] = []
    with open_archive(folder) as archive:
        wanted = (
            citing.found(archive, query, accessed=day) if query is not None else _named(archive, names, version, day, missing)
        )
        if style in FORMS:
            for piece in written(FORMS[style], wanted):
                sys.stdout.buffer.write(piece.encode("utf-8", "replace"))
        else:
            _print(wanted, style, source)
    if missing:
        for told in missing:
            complain(told)
        # One id that is wrong is a wrong use; of several, the others are cited.
        sys.exit(2 if len(missing) == len(names) else 1)


def _named(archive: Archive, names: Iterable[str], version: int | None, day: str | None, missing: list[str]) -> Iterator[Cited]:
    from cablegram.cite import citing

    for name in names:
        ident, mark, paragraph = name.partition("#")
        try:
            yield citing.cited(archive, ident, paragraph=paragraph if mark else None, version=version, accessed=day)
        except NotHeld as error:
            missing.append(str(error))


def _print(wanted: Iterable[Cited], style: str, source: bool) -> None:
    from cablegram.cite import citing

    for one in wanted:
        for line in citing.in_style(one, style).split("\n"):
            click.echo(clean(line).encode("utf-8", "replace"))
        if source:
            for line in one.chain or ("Not held: there is no text.",):
                click.echo(f"    {clean(line)}".encode("utf-8", "replace"))


def _day(given: str | None) -> str | None:
    if given is None:
        return None
    if given == "today":
        return datetime.now(UTC).date().isoformat()
    try:
        return datetime.strptime(given, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise CablegramError(f"{given[:40]}: no such day; write --accessed like 2026-11-25") from None
