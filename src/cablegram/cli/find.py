"""Commands that find cables in an archive and show them."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cablegram.cli.common import archive_option, clean, complain, open_archive, print_json
from cablegram.errors import CablegramError, UnreadableInput

_SORTS = ["relevance", "date", "-date", "id", "-id"]
_BATCH_COLUMNS = ("term", "hits", "id", "created", "classification", "origin", "subject", "paragraph", "snippet")
_IS_QUERY = re.compile(r'["()*~]|\bOR\b|\bAND\b|\bNOT\b|(?:^|\s)-|[A-Za-z_]{2,}:')


@click.command("search")
@click.argument("words", metavar="QUERY", nargs=-1)
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: total, hits with snippets, facets.")
@click.option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="Hits at once.")
@click.option("--sort", type=click.Choice(_SORTS), default="relevance", show_default=True, help="Order of the hits.")
@click.option("--after", metavar="PLACE", help="Go on where the page before ended: its `next`.")
@click.option("--terms", metavar="FILE", help="A term or query a line; prints a CSV of all hits.")
def search_command(
    words: tuple[str, ...], folder: str, as_json: bool, limit: int, sort: str, after: str | None, terms: str | None
) -> None:
    """Find cables. QUERY: words, "phrases", fields such as from:PARIS or class:>=SECRET; see docs/search.md."""
    if terms is not None:
        if words:
            raise click.UsageError("give a QUERY or --terms, not both")
        _batch(folder, terms)
        return
    # A shell takes quotation marks away from an argument that has blanks: `search '"two words"'` keeps them.
    query = " ".join(words)
    with open_archive(folder) as archive:
        found = archive.search(query, sort=sort, limit=limit, after=after)
    if as_json:
        print_json(found.to_dict())
        return
    _show_hits(found.to_dict())


def _show_hits(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for hit in found["hits"]:
        head = Text(hit["id"], style="bold")
        for part in ((hit["created"] or "")[:10], hit["classification"], hit["origin"]):
            head.append(f"  {clean(part)}" if part else "", style="dim")
        console.print(head)
        console.print(Text(clean(hit["subject"] or "(no subject)")))
        for snippet in hit["snippets"]:
            number = snippet["paragraph"]
            line = Text(f"  {number}. " if number is not None else "  ", style="dim")
            text = Text(clean(snippet["text"]), style="default")
            for start, end in snippet["marks"]:
                text.stylize("bold yellow", start, end)
            console.print(line + text)
        console.print()
    total, shown = found["total"], len(found["hits"])
    console.print(f"{total:,} found" + (f", {shown} shown" if shown < total else ""), style="bold")
    for name, values in found["facets"].items():
        if len(values) > 1:
            most = sorted(values.items(), key=lambda one: -one[1])[:6]
            console.print(f"  {name}: " + ", ".join(f"{clean(value)} {count:,}" for value, count in most), style="dim")
    if found["next"]:
        console.print(f"  more: --after {found['next']}", style="dim")


def as_query(line: str) -> str:
    """A line of a list of terms as a query: plain words are a phrase."""
    return line if _IS_QUERY.search(line) or len(line.split()) < 2 else f'"{line}"'


def _lines(path: str) -> Iterator[tuple[int, str]]:
    """The terms of a list with the numbers of their lines."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'})") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _batch(folder: str, path: str) -> None:
    from cablegram.present.cells import cell

    terms = list(_lines(path))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    failed = 0
    with open_archive(folder) as archive:
        writer.writerow(_BATCH_COLUMNS)
        for number, term in terms:
            after: str | None = None
            while True:
                try:
                    found = archive.search(as_query(term), sort="date", limit=500, after=after, facets=False)
                except CablegramError as error:
                    complain(f"{path}, line {number}: {term}: {error}")
                    failed += 1
                    break
                if not found.total:
                    writer.writerow([cell(term), 0, *[""] * (len(_BATCH_COLUMNS) - 2)])
                for hit in found:
                    best = hit.snippets[0] if hit.snippets else None
                    writer.writerow(map(cell, (
                        term, found.total, hit.id, hit.created, hit.classification, hit.origin, clean(hit.subject or ""),
                        best.paragraph if best else "", clean(best.text) if best else "",
                    )))  # fmt: skip
                after = found.next
                if after is None:
                    break
    if failed:
        sys.exit(1)


@click.command("show")
@click.argument("ident", metavar="ID")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="The record, with its versions and who cites it, as one JSON object.")
@click.option("--raw", is_flag=True, help="The original text, as its source gave it.")
@click.option("--tree", is_flag=True, help="Every piece of the original with what it was read as.")
@click.option("--paragraph", metavar="N", help="Only the paragraph with this number or label.")
@click.option("--version", type=int, help="This version, instead of the fullest.")
def show_command(
    ident: str, folder: str, as_json: bool, raw: bool, tree: bool, paragraph: str | None, version: int | None
) -> None:
    """Show the cable ID, in any usual spelling."""
    from cablegram.cli.show import show, show_tree

    with open_archive(folder) as archive:
        cable = archive.get(ident, version)
        if cable is None:
            raise CablegramError(_not_held(archive, ident, version))
        key = archive.resolve(ident) or ident
        versions = archive.versions(key)
        cited_by, alike = archive.cited_by(key), archive.alike(key)
        masked = archive.masked is not None
    if raw:
        sys.stdout.buffer.write(cable.original.encode("utf-8", "surrogatepass"))
        return
    if paragraph is not None:
        found = [p for p in cable.paragraphs if paragraph in (str(p.number), p.label)]
        if not found:
            held = ", ".join(
                str(p.number if p.number is not None else p.label) for p in cable.paragraphs if p.number is not None or p.label
            )
            raise CablegramError(f"{key} has no paragraph {paragraph}; it has {held or 'none with a number'}")
        if as_json:
            print_json(
                {
                    "id": key,
                    "paragraphs": [p for p in cable.to_dict()["paragraphs"] if paragraph in (str(p["number"]), p["label"])],
                }
            )
        else:
            for p in found:
                head = f"{p.number if p.number is not None else p.label}. {f'({p.marking}) ' if p.marking else ''}"
                click.echo(head + "\n".join(map(clean, p.text.split("\n"))))
        return
    if as_json:
        told = [{**v._asdict(), "sightings": [s._asdict() for s in v.sightings]} for v in versions]
        print_json({**cable.to_dict(), "key": key, "versions": told, "cited_by": cited_by, "alike": alike})
    elif tree:
        show_tree(cable)
    else:
        show(cable, masked=masked)
        if len(versions) > 1:
            told_versions = ", ".join(f"{v.version}{' (shown)' if v.current and version is None else ''}" for v in versions)
            click.echo(f"\nVersions: {told_versions}; see --version")
        if cited_by:
            click.echo(f"\nCited by: {', '.join(cited_by)}")
        if alike:
            click.echo(f"\nNearly the same text: {', '.join(alike)}")


def _not_held(archive: Any, ident: str, version: int | None) -> str:
    if version is not None and archive.resolve(ident):
        numbers = ", ".join(str(v.version) for v in archive.versions(ident))
        return f"{ident} has no version {version}; it has {numbers}"
    citing = archive.cited_by(ident)
    if citing:
        return f"{ident} is not in this archive; it is cited by {', '.join(citing[:5])}" + (
            " and others" if len(citing) > 5 else ""
        )
    return f"{ident} is not in this archive, and no cable in it cites it; `cablegram search` finds what is there"


@click.command("list")
@click.argument("words", metavar="[QUERY]", nargs=-1)
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a cable, one a line.")
def list_command(words: tuple[str, ...], folder: str, as_json: bool) -> None:
    """One line a cable: id, date, classification, subject; all, or those that QUERY finds."""
    from cablegram.vocabulary.levels import BY_RANK

    query = " ".join(words)
    with open_archive(folder) as archive:
        for key in archive.find_ids(query) if query else archive.ids():
            row = archive.store.db.execute("SELECT created, level, post, subject FROM cables WHERE key = ?", (key,)).fetchone()
            created, rank, post, subject = row
            level = BY_RANK[rank].name if rank else None
            if as_json:
                value = {"id": key, "created": created, "classification": level, "post": post, "subject": subject}
                print_json(value, indent=None)
            else:
                code = BY_RANK[rank].code if rank else "-"
                click.echo(f"{key}\t{(created or '-')[:10]}\t{code}\t{clean(subject or '')}")
