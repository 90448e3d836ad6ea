"""The ``cablegram`` command: results to standard output, messages to standard error.

Exit codes: 0 done; 1 some records were refused (each is listed); 2 wrong usage or unreadable input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from cablegram import __version__
from cablegram.cli import (
    checking,
    cite,
    compare,
    find,
    graph,
    keep,
    make,
    serve,
    study_compare,
    study_marks,
    study_refs,
    study_who,
    talk,
)
from cablegram.cli.common import complain
from cablegram.cli.protecting import mask_option, maskable, protect_command, with_value
from cablegram.errors import CablegramError
from cablegram.query.errors import QueryError
from cablegram.sources.base import Refusal


class _OutputClosed(Exception):
    """Who reads our output has gone; the library would end such a run with 1, which here means refused records."""


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _OutputClosed from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        has_mask = command is not None and any(param.name == "mask" for param in command.params)
        return name, command, with_value(rest) if has_mask else rest


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cablegram")
def cli() -> None:
    """Read, keep, search and study diplomatic cables: telegrams of the State Department and its posts."""


for command in (
    keep.ingest_command, find.search_command, find.show_command, find.list_command, keep.info_command, keep.lint_command,
    keep.export_command, keep.verify_command, keep.reindex_command, keep.reread_command, make.demo_command, make.make_examples_command,
    serve.serve_command, compare.diff_command, cite.cite_command, checking.check_command, study_refs.refs_command, study_refs.ghosts_command, study_refs.coverage_command, graph.graph_command,
    study_marks.clock_command, study_marks.markings_command, protect_command,
    study_who.distribution_command, study_compare.compare_command, talk.mcp_command,
):  # fmt: skip
    cli.add_command(maskable(command))


@cli.command("parse")
@click.argument("source", metavar="FILE|-")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a record, one a line (a single one is indented).")
@click.option("--tree", is_flag=True, help="Show every piece of the text with what it was read as.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many records.")
def parse_command(source: str, as_json: bool, tree: bool, limit: int | None, mask: str | None) -> None:
    """Read FILE (- is standard input) and print its records.

    FILE is one telegram, a saved archive page (text or HTML), the eight-column cables.csv, JSON lines, a National
    Archives message file, or a folder of these; it is known by its content, not by its name.
    """
    from cablegram.cli.show import show, show_tree
    from cablegram.protect.masking import masked, parse_kinds
    from cablegram.reading import read_items

    kinds = parse_kinds(mask) if mask is not None else ()
    refused = shown = 0
    pending: str | None = None
    for item in read_items(source):
        if isinstance(item, Refusal):
            refused += 1
            complain(f"{item.source}, record {item.position}: {item.reason}")
            continue
        if limit is not None and shown >= limit:
            break
        shown += 1
        item = masked(item, kinds) if kinds else item
        if as_json:
            # A single record is printed indented: keep each back until it is known whether another follows.
            if pending is not None:
                click.echo(pending)
            record = item.to_dict()
            if shown == 1:
                first, pending = record, json.dumps(record, ensure_ascii=False)
            else:
                pending = json.dumps(record, ensure_ascii=False)
        elif tree:
            show_tree(item)
        else:
            show(item, masked=bool(kinds))
    if as_json and pending is not None:
        click.echo(json.dumps(first, ensure_ascii=False, indent=2) if shown == 1 else pending)
    if refused:
        complain(f"{shown} read, {refused} refused")
        sys.exit(1)


parse_command.params.append(mask_option())


@cli.command("accuracy")
@click.option("--misses", is_flag=True, help="List every value that is wrong.")
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def accuracy_command(misses: bool, as_json: bool) -> None:
    """Print precision and recall a field over the gold set and the annotated corpus; fail below the floor."""
    from cablegram.measure.accuracy import report

    sys.exit(report(misses=misses, as_json=as_json))


@cli.command("bench")
@click.option("--quick", is_flag=True, help="Smaller generated collection, fewer rounds.")
@click.option("--archive", "count", type=click.IntRange(100, 5_000_000), metavar="COUNT",
              help="Instead: put COUNT generated cables into an archive and search it.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Which cables are generated.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep collection and archive in this folder.")
@click.option("--serve", "served", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
              help="Instead: the reading room of the archive in DIR, under one reader and under many.")  # fmt: skip
@click.option("--readers", type=click.IntRange(1, 1000), default=50, show_default=True, help="Readers at once, with --serve.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="How long they read.")
def bench_command(
    quick: bool, count: int | None, seed: int, keep: Path | None, served: Path | None, readers: int, seconds: float
) -> None:
    """Print speed and peak memory on the corpus, a generated collection, and hostile texts; or of an archive, or of its reading room."""
    if served is not None:
        from cablegram.measure.serving import report as serving_report

        sys.exit(serving_report(served, readers, seconds, seed))
    if count is not None:
        from cablegram.measure.archive import report as archive_report

        sys.exit(archive_report(count, seed, keep))
    from cablegram.measure.bench import report

    sys.exit(report(quick=quick))


def main() -> None:
    """Entry point: turns errors into one line and an exit code."""
    _guarded(lambda: cli(standalone_mode=False))


def _guarded(run: Callable[[], object]) -> None:
    try:
        run()
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except QueryError as error:
        click.echo(error.pointer(), err=True)
        complain(str(error))
        sys.exit(2)
    except CablegramError as error:
        complain(str(error))
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        complain("stopped")
        sys.exit(130)
    except (BrokenPipeError, _OutputClosed):
        # The reader of our output has gone: no message, and none from the interpreter's last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
