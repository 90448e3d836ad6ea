"""Source protection: the option ``--mask`` of every command that shows cables, and the command that lists what is to be protected."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from cablegram.cli.common import Meter, archive_option, clean, open_archive, print_json
from cablegram.errors import CablegramError, NotHeld

_HELP: Final = (
    "Put marks in the place of protected names, private persons and their numbers: all, or some of names,persons,numbers."
)
#: Commands that keep an archive and show no cable; ``protect``, ``compare`` and ``parse`` read the option themselves.
_NOT: Final = frozenset({"ingest", "reindex", "reread", "verify", "demo", "make-examples", "protect", "compare"})
#: Commands that show the cables that they are given and what tells of these, and the argument that names them.
_FEW: Final = {"show": "ident", "diff": "ident", "cite": "names", "refs": "ident", "distribution": "ident"}
_GROUPS: Final = frozenset({"all", "names", "persons", "numbers"})


def mask_option() -> click.Option:
    """The option ``--mask``, whose value may be left out."""
    return click.Option(["--mask"], metavar="[KINDS]", is_flag=False, flag_value="all", default=None, help=_HELP)


def with_value(args: Sequence[str]) -> list[str]:
    """``args`` with ``--mask`` spelled out where what follows it is no list of kinds: ``show --mask 07X1`` masks everything in 07X1."""
    out: list[str] = []
    for n, arg in enumerate(args):
        if arg == "--":
            return [*out, *args[n:]]
        behind = args[n + 1] if n + 1 < len(args) else ""
        is_bare = arg == "--mask" and _GROUPS.isdisjoint(part.strip().lower() for part in behind.split(","))
        out.append("--mask=all" if is_bare else arg)
    return out


def _names(command: str | None, values: Mapping[str, Any]) -> list[str]:
    """The cables that are all that a command shows; none where it may need any of the archive's."""
    given = values.get(_FEW[command]) if command in _FEW and values.get("query") is None else None
    return [given] if isinstance(given, str) else [one.partition("#")[0] for one in given or ()]


def _thread(command: str | None, values: Mapping[str, Any]) -> int:
    """How many cables of a thread a command tells of; 0 where it tells of none."""
    from cablegram.study.distribution import MOST_THREAD

    return int(values["most"]) if command == "refs" else MOST_THREAD if command == "distribution" else 0


def maskable(command: click.Command) -> click.Command:
    """``command`` with the option ``--mask``: it is given the masked copy of the archive, or of the few cables that it shows, so that nothing it
    does can show more."""
    inner = command.callback
    if command.name in _NOT or inner is None or not any(param.name == "folder" for param in command.params):
        return command

    @functools.wraps(inner)
    def callback(*args: Any, mask: str | None, **values: Any) -> Any:
        if mask is None:
            return inner(*args, **values)
        names = _names(command.name, values)
        if not names:
            return inner(*args, **{**values, "folder": masked_copy(values["folder"], mask)})
        from cablegram.protect.few import masked_few
        from cablegram.protect.masking import parse_kinds

        with masked_few(Path(values["folder"]), parse_kinds(mask), names, _thread(command.name, values)) as place:
            _say(place, f"in what concerns {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}")
            return inner(*args, **{**values, "folder": str(place)})

    command.callback = callback
    command.params.append(mask_option())
    return command


def masked_copy(folder: str, mask: str) -> str:
    """The folder of the masked copy of the archive in ``folder``; one line on standard error says what is masked."""
    from cablegram.protect.copy import masked_folder
    from cablegram.protect.masking import parse_kinds

    kinds = parse_kinds(mask)
    with Meter() as meter:
        place = masked_folder(Path(folder), kinds, meter)
    _say(place, "of this archive")
    return str(place)


def _say(place: Path, where: str) -> None:
    """One line on standard error: how much is masked in the copy in ``place``."""
    from cablegram.protect.copy import report_of

    told = report_of(place)
    counts: Counter[str] = Counter()
    for row in told["counts"]:
        counts[row["kind"]] += row["count"]
    listed = ", ".join(f"{count:,} {kind}" for kind, count in counts.most_common()) or "nothing found"
    cables = f"{told['cables']:,} cable{'' if told['cables'] == 1 else 's'}"
    click.echo(f"masked in {cables} {where}: {listed}; `cablegram protect --mask` lists the places", err=True)


@click.command("protect")
@click.argument("ident", metavar="[ID]", required=False)
@archive_option
@click.option("--query", metavar="Q", default="", help="Only cables that this query finds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: counts by kind and rule, and every find with its places.")
@click.option("--mask", "hidden", is_flag=True, help="Without the words: what masking takes out, and where.")
def protect_command(ident: str | None, folder: str, query: str, as_json: bool, hidden: bool) -> None:
    """What is to be protected in the cable ID or in an archive: names marked (protect), private persons in consular cases, their numbers."""
    from cablegram.protect.listing import finds_in

    if ident is not None and query:
        raise CablegramError("give an ID or --query, not both")
    counts: Counter[tuple[str, str]] = Counter()
    finds: list[dict[str, Any]] = []
    with open_archive(folder) as archive:
        keys: Iterator[str]
        if ident is not None:
            key = archive.resolve(ident)
            if key is None:
                raise NotHeld(f"{ident} is not in this archive")
            keys = iter((key,))
        else:
            keys = archive.find_ids(query) if query else archive.ids()
        for key, found in finds_in(archive, keys):
            for one in found.finds:
                counts[one.kind, one.rule] += 1
                finds.append({"cable": key, **one.to_dict(words=not hidden)})
    rows = [{"kind": kind, "rule": rule, "count": count} for (kind, rule), count in sorted(counts.items())]
    cables = len({find["cable"] for find in finds})
    if as_json:
        print_json({"cables": cables, "counts": rows, "finds": finds})
        return
    last = None
    for find in finds:
        if find["cable"] != last:
            last = find["cable"]
            click.echo(last)
        where = (
            "outside the paragraphs"
            if find["paragraph"] is None and find["seq"] is None
            else f"paragraph {clean(str(find['paragraph'] or '-'))}"
        )
        words = "" if hidden else f"  {clean(' '.join(find['text'].split()))}"
        note = f"  [{find['note']}]" if find["note"] else ""
        click.echo(f"  {where}: {find['kind']} ({find['rule']}, {find['confidence']:.2f}){words}{note}")
    click.echo(f"{len(finds):,} finds in {cables:,} cables", err=True)
    for row in rows:
        click.echo(f"  {row['count']:>7,}  {row['kind']}: {row['rule']}", err=True)
