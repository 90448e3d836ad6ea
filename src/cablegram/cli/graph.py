"""The command for the graph of citations as a whole: as a file for other programs, or summed up."""

from __future__ import annotations

from typing import Any

import click

from cablegram.cli.common import archive_option, complain, open_archive, print_json

_CHAIN = 12


@click.command("graph")
@archive_option
@click.option("--output", metavar="FILE", help="Write the graph to FILE.")
@click.option("--format", "form", type=click.Choice(["graphml", "gexf", "csv"]), help="If FILE's ending does not tell.")
@click.option("--query", metavar="Q", default="", help="Only what the cables that this query finds cite.")
@click.option("--summary", "summed", is_flag=True, help="Print what is in it: components, most cited, chains, cycles, errors.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Members of each list of the summary."
)
def graph_command(folder: str, output: str | None, form: str | None, query: str, summed: bool, as_json: bool, limit: int) -> None:
    """The graph of who cites whom, as a file for Gephi, networkx, igraph or a spreadsheet, or summed up (--summary).

    Nodes are the cables that cite or are cited, held or not; edges go from the citing cable to the cited.
    """
    from cablegram.export.graphs import export_graph
    from cablegram.study.graph import Graph
    from cablegram.study.network import summary
    from cablegram.study.refs import unread

    if output is None and not (summed or as_json):
        raise click.UsageError("say --output FILE, or --summary")
    with open_archive(folder) as archive:
        left = unread(archive)
        if left:
            complain(f"what {left:,} texts cite by number is not known yet: `cablegram reread --archive {folder}` fills it in")
        with Graph(archive, query) as graph:
            told = summary(graph, limit) if summed or as_json else None
            written = export_graph(graph, output, form) if output is not None else None
    if written is not None:
        names = " and ".join(map(str, written.files))
        click.echo(f"{written.nodes:,} cables and {written.edges:,} citations in {names}", err=True)
    if told is not None and as_json:
        print_json(told)
    elif told is not None:
        _print(told)


def _print(told: dict[str, Any]) -> None:
    click.echo(f"{told['nodes']:,} cables that cite or are cited: {told['held']:,} held, {told['ghosts']:,} ghosts")
    click.echo(
        f"{told['edges']:,} citations: {told['on_ref_lines']:,} on REF lines, {told['in_texts']:,} in texts, {told['in_both']:,} of them in both"
    )
    parts = told["components"]
    sizes = ", ".join(f"{size:,}" for size in parts["largest"][:8])
    click.echo(f"{parts['count']:,} components, the largest of {sizes or 'none'} cables; {parts['pairs']:,} are pairs")
    _list(
        "Most cited",
        [f"{one['cited_by']:>6,}  {one['cable']}{'' if one['held'] else '  (not held)'}" for one in told["most_cited"]],
    )
    _list("Longest chains, none with a cable of another", [f"{len(one):>6,}  {_chain(one)}" for one in told["chains"]])
    _list(f"Cite each other: {told['mutual']['count']:,} pairs", [" and ".join(one) for one in told["mutual"]["pairs"]])
    _list(f"Cycles: {told['cycles']['count']:,}", [", ".join(one) for one in told["cycles"]["groups"]])
    _list(f"Cite their own number: {told['itself']['count']:,}", told["itself"]["cables"])
    _list(
        f"Cite the future: {told['future']['count']:,} (a number, a year or a date is wrong)",
        [
            f"{one['cable']} of {one['created'][:10]} cites {one['cites']} of {one['which_was_sent'][:10]}"
            for one in told["future"]["citations"]
        ],
    )


def _chain(ids: list[str]) -> str:
    """A chain on one line, its middle left out where it is long."""
    if len(ids) <= _CHAIN:
        return " > ".join(ids)
    half = _CHAIN // 2
    return " > ".join([*ids[:half], "...", *ids[-half:]])


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  {line}")
