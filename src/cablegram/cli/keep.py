"""Commands that put cables into an archive and take care of it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from cablegram.cli.common import Meter, archive_option, clean, complain, open_archive, print_json
from cablegram.errors import UnreadableInput
from cablegram.export.names import FORMS


@click.command("ingest")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@archive_option
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@click.option("--processes", type=click.IntRange(min=1), help="Processes that read; one a core if not given.")
def ingest_command(sources: tuple[str, ...], folder: str, as_json: bool, processes: int | None) -> None:
    """Put all cables of SOURCE into an archive, which is made if it is not there.

    SOURCE is a file or folder: telegrams, saved pages, cables.csv, JSON lines, National Archives files, PDF with text, ZIP, tar,
    7z and gzip of these, nested; known by content. Reading a source again adds nothing. Ctrl-C stops; the next call goes on.
    """
    for source in sources:
        # Told before anything is read: a slip in the last name should not come to light after hours, or leave an empty archive.
        if source != "-" and not os.path.lexists(source):
            raise UnreadableInput(f"{source}: there is no such file or folder")
    archive = open_archive(folder, create=True, catch_up=False)
    with archive, Meter() as meter:
        report = archive.ingest(*sources, watcher=meter, processes=processes)
    told = report.to_dict()
    place = Path(folder) / "last-ingest.json"
    try:
        place.write_text(json.dumps({"sources": list(sources), **told}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        complain(f"{place}: the report cannot be written ({error.strerror})")
    if as_json:
        print_json(told)
    else:
        for refusal in report.refused[:20]:
            complain(f"{refusal.source}, record {refusal.position}: {refusal.reason}")
        if len(report.refused) > 20:
            complain(f"and {len(report.refused) - 20:,} more refused; all are listed in {place}")
        click.echo(
            f"{report.read:,} read: {report.new:,} new cables, {report.versions:,} other versions, {report.unchanged:,} unchanged;"
            f" {len(report.refused):,} refused"
        )
        seconds = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
        click.echo(f"{folder}: {seconds}; report in {place}", err=True)
    if report.stopped:
        complain("stopped; the same command goes on where this one was")
        sys.exit(130)
    sys.exit(1 if report.refused else 0)


@click.command("reindex")
@archive_option
@click.option("--only-new", is_flag=True, help="Only what the index has not seen.")
def reindex_command(folder: str, only_new: bool) -> None:
    """Make the full-text index again from the store. Nothing that was put in changes."""
    with open_archive(folder, catch_up=False) as archive, Meter() as meter:
        count = archive.reindex(anew=not only_new, watcher=meter)
    click.echo(f"{count:,} cables indexed")


@click.command("reread")
@archive_option
@click.option("--all", "everything", is_flag=True, help="Also what this version of the program has read.")
def reread_command(folder: str, everything: bool) -> None:
    """Read every kept original anew with this version of the program. Ids and versions stay."""
    with open_archive(folder, catch_up=False) as archive, Meter() as meter:
        count = archive.read_again(everything=everything, watcher=meter)
    click.echo(f"{count:,} versions read again")


@click.command("verify")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object.")
def verify_command(folder: str, as_json: bool) -> None:
    """Check every checksum, count and row, and the index against the store. Exit code 1 where something is wrong."""
    from cablegram.archive.verify import fingerprint, problems

    with open_archive(folder) as archive:
        found = list(problems(archive.store, archive.index))
        result = {"cables": len(archive), "problems": found, "content": None if found else fingerprint(archive.store)}
    if as_json:
        print_json(result)
    else:
        for problem in found:
            click.echo(clean(problem))
        click.echo(
            f"{result['cables']:,} cables, {len(found)} problems" + ("" if found else f"; content {str(result['content'])[:16]}")
        )
    sys.exit(1 if found else 0)


@click.command("info")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def info_command(folder: str, as_json: bool) -> None:
    """What the archive holds, from where, how many cables have each field, and what the reader noticed."""
    from cablegram.archive.info import info

    with open_archive(folder) as archive:
        told = info(archive.store)
    if as_json:
        print_json(told)
        return
    total = told["cables"]
    click.echo(f"{total:,} cables in {told['versions']:,} versions, {told['earliest'] or '?'} to {told['latest'] or '?'}")
    click.echo(f"{told['characters'] / 1e6:,.1f} million characters kept in {told['bytes'] / 1e6:,.1f} MB")
    for name, what in (
        ("cables_with_versions", "cables with several versions"), ("joined_of_sections", "joined of sections"),
        ("nearly_the_same", "with nearly the same text as another"), ("refused", "records refused"),
    ):  # fmt: skip
        click.echo(f"  {told[name]:>9,}  {what}")
    for name, title, most in (
        ("sources", f"From {told['source_count']:,} sources", 8), ("classification", "Classification", 9), ("years", "Year", 60),
        ("posts", "Post", 15), ("coverage", "Have", 20), ("diagnostics", "Diagnostics", 20), ("edits", "Repairs", 20),
    ):  # fmt: skip
        _table(title, told[name], total, most, name == "coverage")
    refs = told["references"]
    click.echo(f"\nCited: {refs['cables_cited']:,} cables, of which {refs['cited_and_held']:,} are held")
    if refs["texts_not_read"]:
        click.echo(f"  what {refs['texts_not_read']:,} texts cite by number is not known yet: `cablegram reread` fills it in")


def _table(title: str, values: dict[str, Any], total: int, most: int, share: bool) -> None:
    click.echo(f"\n{title}")
    for name, count in list(values.items())[:most]:
        part = f"  {100 * count / total:5.1f} %" if share and total else ""
        click.echo(f"  {count:>9,}  {clean(name)}{part}")
    if len(values) > most:
        click.echo(f"             and {len(values) - most:,} more")


@click.command("lint")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding, one a line.")
@click.option("--notes", is_flag=True, help="Also what the reader only notes.")
def lint_command(folder: str, as_json: bool, notes: bool) -> None:
    """What a careful reader would question, in single cables and in the collection, with the evidence."""
    from cablegram.archive.lint import lint

    count = 0
    with open_archive(folder) as archive:
        for finding in lint(archive.store, infos=notes):
            count += 1
            if as_json:
                print_json(finding.to_dict(), indent=None)
            else:
                evidence = f"  [{clean(finding.evidence)}]" if finding.evidence else ""
                click.echo(f"{finding.cable or '-'}  {finding.severity}  {finding.rule}: {clean(finding.message)}{evidence}")
    if not as_json:
        click.echo(f"{count:,} findings", err=True)


@click.command("export")
@click.argument("output", metavar="OUTPUT|-")
@archive_option
@click.option("--query", default="", help="Only cables that this query finds.")
@click.option("--id", "ids", metavar="ID", multiple=True, help="Only this cable; may be given several times.")
@click.option("--format", "form", type=click.Choice(FORMS), help="If OUTPUT's ending does not tell.")
def export_command(output: str, folder: str, query: str, ids: tuple[str, ...], form: str | None) -> None:
    """Write cables to OUTPUT, with a sidecar that says what it is: query, count, program, checksum.

    \b
    Files, known by their ending (- is standard output, for the first four):
      jsonl .jsonl   whole records with their originals, one a line
      csv .csv, parquet .parquet   one row a cable
      text .txt      for reading
      sqlite .sqlite plain tables with full-text search, for Datasette
      bundle .zip    evidence: originals, records, citations, checksums, source chain (BagIt)
    Folders, by --format:
      parquet-tables   cables, paragraphs, references, addressees
      text-tree, text-tree-originals   year/POST/ID.txt
      site             pages that open in a browser without a server
    """
    from cablegram.export.files import export

    with open_archive(folder) as archive:
        count = export(archive, query, output, form, ids)
    click.echo(f"{count:,} cables" + ("" if output == "-" else f" in {output}"), err=True)
