"""Commands that ask about references: who cites whom, what is cited but not held, what is held of the numbers that posts used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from cablegram.cli.common import archive_option, clean, complain, open_archive, print_json

if TYPE_CHECKING:
    from cablegram.study.ghosts import Ghosts

#: Ghosts that are shown where no limit is given.
_SHOWN = 30
#: A window of more days makes its likeliest day a guess.
_WIDE = 60


@click.command("refs")
@click.argument("ident", metavar="ID")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: cites, cited_by, thread, and what could not be resolved.")
@click.option(
    "--most", type=click.IntRange(1, 1000), default=40, show_default=True, help="Cables of the thread, the nearest first."
)
def refs_command(ident: str, folder: str, as_json: bool, most: int) -> None:
    """What a cable cites, on its REF line and in its text, who cites it, and the thread it belongs to. ID need not be held."""
    from cablegram.study.refs import references, unread

    with open_archive(folder) as archive:
        found = references(archive, ident, most)
        left = unread(archive)
    if left:
        complain(f"what {left:,} texts cite by number is not known yet: `cablegram reread --archive {folder}` fills it in")
    if as_json:
        print_json(found)
        return
    click.echo(found["cable"] + ("" if found["held"] else "  (not held)"))
    _list("Cites", [_cited(one) for one in found["cites"]])
    _list(
        "Other papers, and what is not resolved",
        [f"{_place(one)}{clean(one['raw'])}  [{one['reason']}{_may_be(one)}]" for one in found["others"]],
    )
    _list("Cited by", [_citing(one, found["citations"]) for one in found["cited_by"]])
    if found["silent"]:
        click.echo(f"\nAsked for action, and no held cable of theirs cites it: {', '.join(found['silent'])}")
    lines = [
        f"{'*' if one['cable'] == found['cable'] else ' '} {(one['created'] or '?')[:10]:10}  {one['cable']}  {clean(one['subject'] or '')}"
        for one in found["thread_cables"]
    ]
    _list("Thread", lines if len(lines) > 1 else [])


def _place(one: dict[str, Any]) -> str:
    if one["how"] == "ref line":
        return "REF line: "
    return "in the text: " if one["paragraph"] is None else f"paragraph {clean(str(one['paragraph']))}: "


def _may_be(one: dict[str, Any]) -> str:
    return f"; may be {', '.join(one['may_be'])}" if one["may_be"] else ""


def _citing(cable: str, places: list[dict[str, Any]]) -> str:
    """A citing cable, with the paragraphs that cite by number."""
    mine = [one for one in places if one["cable"] == cable]
    texts = [
        str(one["number"]) if one["number"] is not None else f"{one['paragraph']} of the text" for one in mine if one["paragraph"]
    ]
    if not texts:
        return cable
    line = "REF line, " if len(texts) < len(mine) else ""
    return f"{cable}  {line}paragraph{'s' if len(texts) > 1 else ''} {', '.join(texts)}"


def _cited(one: dict[str, Any]) -> str:
    notes = [
        None if one["held"] else "not held",
        "itself" if one["itself"] else None,
        f"year: {one['year_source']}" if one["year_source"] not in (None, "stated") else None,
    ]
    told = ", ".join(note for note in notes if note)
    return f"{one['cable']}  {_place(one)}{clean(one['raw'])}" + (f"  [{told}]" if told else "")


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  {line}")


@click.command("ghosts")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: all ghosts (or --limit), most cited first.")
@click.option("--limit", type=click.IntRange(min=1), help=f"At most so many; {_SHOWN} if not given, all with --json.")
@click.option("--post", metavar="P", help="Only cables of this post.")
@click.option("--query", metavar="Q", default="", help="Count only citations in cables that this query finds.")
@click.option(
    "--letter",
    "kind",
    type=click.Choice(["foia", "mdr"]),
    help="Instead: a draft letter that asks for them (Freedom of Information Act, or mandatory review).",
)
@click.option("--measure", "measured", is_flag=True, help="Instead: hide known cables, date them, and print the error.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which cables --measure hides.")
@click.option("--sample", type=click.IntRange(10, 1_000_000), default=1000, show_default=True, help="How many --measure hides.")
def ghosts_command(
    folder: str,
    as_json: bool,
    limit: int | None,
    post: str | None,
    query: str,
    kind: str | None,
    measured: bool,
    seed: int,
    sample: int,
) -> None:
    """Cables that are cited and not held: how often, by whom, in which words, and when they were probably sent."""
    from cablegram.study.dating import measure
    from cablegram.study.ghosts import Ghosts

    with open_archive(folder) as archive:
        if measured:
            _show_measure(measure(archive, seed, sample), as_json)
            return
        found = Ghosts(archive, post=post, query=query)
        if kind is not None:
            _write_letter(found, kind, limit)
            return
        if as_json:
            _stream(found, limit)
            return
        shown = _SHOWN if limit is None else limit
        for ghost in found.find(shown):
            told = ghost.to_dict()
            click.echo(
                f"{ghost.cable}  cited by {ghost.citations}: {', '.join(ghost.cited_by[:6])}{' ...' if ghost.citations > 6 else ''}"
            )
            if ghost.dating is not None:
                wide = ghost.dating.last - ghost.dating.first > _WIDE
                window = f"{told['from']} to {told['to']}"
                about = f"{window}, at a guess {told['date']} (" if wide else f"about {told['date']} ({window}; "
                click.echo(f"    {about}{told['method']})")
                if ghost.dating.doubt:
                    click.echo(f"    doubtful: {ghost.dating.doubt}")
            if ghost.levels:
                counts = ", ".join(f"{name} {count}" for name, count in ghost.levels)
                click.echo(f"    its own classification is not known; the cables that cite it are {counts}")
            click.echo(f"    as {clean('; '.join(dict.fromkeys(one.raw for one in ghost.words)))}")
            for title in ghost.titles:
                click.echo(f"    called: {clean(title)}")
        total = found.count()
    click.echo(f"{total:,} cables are cited and not held" + (f", {shown} shown" if shown < total else ""), err=True)


def _write_letter(found: Ghosts, kind: str, limit: int | None) -> None:
    from datetime import date

    from cablegram.errors import CablegramError
    from cablegram.study.letter import MOST, draft

    if limit is not None and limit > MOST:
        raise CablegramError(f"--limit {limit}: a letter asks for at most {MOST}; write several, by --post or --query")
    wanted = list(found.find(limit or _SHOWN))
    if not wanted:
        raise CablegramError("no cable is cited and not held here, so there is nothing to ask for")
    click.echo(draft(wanted, kind, date.today()), nl=False)


def _stream(found: Ghosts, limit: int | None) -> None:
    """One JSON object, a ghost at a time: there may be hundreds of thousands."""
    click.echo('{"ghosts": [', nl=False)
    for n, ghost in enumerate(found.find(limit)):
        text = json.dumps(ghost.to_dict(), ensure_ascii=False)
        click.echo((",\n" if n else "\n").encode() + text.encode("utf-8", "backslashreplace"), nl=False)
    click.echo(f'\n], "total": {found.count()}}}')


def _show_measure(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    for title, found in (("that others cite, as ghosts are", told), ("of all", told["any"])):
        click.echo(f"{found['hidden']:,} of {found['cables']:,} dated cables {title}, hidden in turn (seed {told['seed']})")
        if not found["hidden"]:
            continue
        click.echo(
            f"  median error {found['median_error_days']} days; {100 * found['inside']:.1f} % inside the window "
            f"(median width {found['median_window_days']} days)"
        )
        for one in found["methods"]:
            click.echo(
                f"  {one['hidden']:>7,}  {one['median_error_days']:>7.2f} days  {100 * one['inside']:5.1f} %  {one['method']}"
            )


@click.command("coverage")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: a record a post and year.")
@click.option("--post", metavar="P", help="Only this post.")
@click.option("--year", type=click.IntRange(1900, 2099), help="Only this year.")
def coverage_command(folder: str, as_json: bool, post: str | None, year: int | None) -> None:
    """What is held of the numbers that each post used in a year: share held, missing numbers, estimated traffic."""
    from cablegram.study.coverage import Coverages, continuity

    with open_archive(folder) as archive:
        rows = sorted(Coverages(archive, post=post, year=year), key=lambda one: (one.post, one.year))
        if as_json:
            crossed = [{**one.to_dict(), "continuity": continuity(archive, one.post, one.year)} for one in rows]
            print_json({"posts": crossed})
            return
    click.echo(
        f"{'post':<20} year   held  cited  lowest-highest   estimated traffic          by pace  share held  longest runs missing"
    )
    for one in rows:
        traffic = one.estimate
        longest = sorted(one.missing_runs, key=lambda run: run[0] - run[1])[:3]
        runs = ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in longest)
        click.echo(
            f"{one.post:<20} {one.year} {one.held:>6,} {one.cited:>6,}  {f'{one.lowest}-{one.highest}':>14}  "
            f"{traffic.traffic:>8,} ({traffic.low:,}-{traffic.high:,})".ljust(79)
            + f"{'-' if traffic.by_pace is None else f'{traffic.by_pace:,}':>9}  {100 * one.share_of_traffic:>8.2f} %  {runs}{' ...' if one.run_count > 3 else ''}"
        )
        for hole in one.holes:
            click.echo(f"{'':<25} odd hole: {hole.first}-{hole.last}, between {hole.after or '?'} and {hole.before or '?'}")
        if one.doubtful:
            some = ", ".join(map(str, one.doubtful[:8]))
            click.echo(f"{'':<25} left out, their year or number is wrong: {some}{' ...' if len(one.doubtful) > 8 else ''}")
