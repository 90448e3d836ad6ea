"""The command that asks who knew: to whom cables went, when first, and until when."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from cablegram.cli.common import archive_option, clean, open_archive, print_json
from cablegram.errors import CablegramError

if TYPE_CHECKING:
    from cablegram.study.distribution import Distribution

#: Addressees that are shown where no limit is given; CSV and JSON have all.
_SHOWN: Final = 40


@click.command("distribution")
@click.argument("ident", metavar="[ID]", required=False)
@archive_option
@click.option("--query", metavar="Q", help="Instead: who got the cables that this query finds, month by month ('' finds all).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, each number with its cables.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV: a row an addressee, or an addressee and month.")
def distribution_command(ident: str | None, folder: str, query: str | None, as_json: bool, as_csv: bool) -> None:
    """Who knew: addressees of the cable ID, its limits and who was left off; or of many cables, who was told first and who no more."""
    from cablegram.study.distribution import Distribution, distribution

    if (ident is None) == (query is None):
        raise CablegramError("give an ID, or --query Q for many cables (--query '' for all)")
    if as_json and as_csv:
        raise CablegramError("give --json or --csv, not both")
    with open_archive(folder) as archive:
        if ident is not None:
            told = distribution(archive, ident)
        else:
            found = Distribution(archive, query or "")
    if ident is not None:
        if as_json:
            print_json(told)
        elif as_csv:
            _one_csv(told)
        else:
            _show_one(told)
    elif as_json:
        print_json(found.to_dict())
    elif as_csv:
        _many_csv(found)
    else:
        _show_many(found)


def _one_csv(told: dict[str, Any]) -> None:
    from cablegram.present.cells import cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["cable", "role", "name", "post", "precedence", "number", "through"])
    for role in ("action", "info"):
        for one in told[role]:
            row = (told["cable"], role, clean(one["name"]), one["post"], one["precedence"], one["number"], "")
            writer.writerow(map(cell, row))
            for post in one["members"] or ():
                writer.writerow(map(cell, (told["cable"], "member", post, post, one["precedence"], "", clean(one["name"]))))
    for one in told["left_off"]:
        cables = " ".join(copy["cable"] for copy in one["cables"])
        writer.writerow(map(cell, (told["cable"], "left off", clean(one["name"]), "", "", "", cables)))


def _many_csv(found: Distribution) -> None:
    from cablegram.present.cells import cell
    from cablegram.study.distribution import ROLES

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["name", "post", "month", *ROLES, "cables"])
    for row in found.rows:
        for month, copies in row.months().items():
            counts = [sum(copy.role == role for copy in copies) for role in ROLES]
            writer.writerow(map(cell, (clean(row.name), row.post, month, *counts, " ".join(copy.cable for copy in copies))))
        undated = [copy for copy in row.copies if copy.created is None]
        if undated:
            counts = [sum(copy.role == role for copy in undated) for role in ROLES]
            writer.writerow(map(cell, (clean(row.name), row.post, "", *counts, " ".join(copy.cable for copy in undated))))


def _show_one(told: dict[str, Any]) -> None:
    click.echo(
        f"{told['cable']}  {(told['created'] or 'date unknown')[:10]}  from {told['from'] or '?'}  {told['classification'] or ''}"
    )
    for one in told["captions"]:
        click.echo(f"  {clean(one['caption'])}" + (f": {one['meaning']}" if one["meaning"] else ""))
    for role, title in (("action", "Action"), ("info", "Info")):
        click.echo(f"\n{title}")
        for one in told[role]:
            notes = " ".join(filter(None, (one["precedence"], one["number"])))
            without = f" without {', '.join(one['excluded'])}" if one["excluded"] else ""
            click.echo(f"  {clean(one['name'])}  {notes}{without}".rstrip())
            if one["members"] is not None:
                click.echo(f"      {len(one['members'])} posts: {', '.join(one['members'])}")
                click.echo(f"      ({one['members_from']})")
        if not told[role]:
            click.echo("  nobody is named")
    if told["left_off"]:
        click.echo(f"\nNot among them, though others of the thread ({len(told['thread'])} cables) reached or came from them")
        for one in told["left_off"]:
            cables = ", ".join(f"{copy['cable']} ({copy['role']})" for copy in one["cables"][:4])
            click.echo(f"  {clean(one['name'])}: {cables}{' ...' if len(one['cables']) > 4 else ''}")


def _show_many(found: Distribution) -> None:
    total = len(found.cables)
    click.echo(f"{'':<28} action   info member  first told            last copied           sent since then, not to it")
    for row in found.rows[:_SHOWN]:
        first, last = row.copies[0], row.last
        since = len(found.since(row))
        click.echo(
            f"{clean(row.name)[:28]:<28} {row.count('action'):>6,} {row.count('info'):>6,} {row.count('member'):>6,}  "
            f"{(first.created or '?')[:10]:<10} {first.cable:<10}  {(last.created or '?')[:10]:<10} {last.cable:<10}  {since or '':>5}".rstrip()
        )
    more = len(found.rows) - _SHOWN
    click.echo(
        f"{total:,} cables to {len(found.rows):,} addressees" + (f", {more:,} more in --csv and --json" if more > 0 else ""),
        err=True,
    )
