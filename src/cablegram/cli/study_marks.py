"""Commands about markings: when cables are due to be declassified, and whether banner and paragraphs agree."""

from __future__ import annotations

import heapq
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from cablegram.cli.common import archive_option, clean, open_archive, print_json

if TYPE_CHECKING:
    from cablegram.study.clock import Clocked
    from cablegram.study.markings import Group, Survey

_LISTED: Final = ("due", "overdue", "exempt", "unknown")
_ALL: Final = (*_LISTED, "unclassified")
_SPOOL: Final = 8_000_000


def _day(_: click.Context, __: click.Parameter, value: str | None) -> date:
    if value is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value} is no date; give one such as 2010-12-31") from None


@click.command("clock")
@archive_option
@click.option("--as-of", callback=_day, metavar="DATE", help="The day that counts as today (UTC), such as 2010-12-31.")
@click.option("--query", default="", help="Only cables that this query finds.")
@click.option("--status", type=click.Choice(_ALL), default="overdue", show_default=True, help="Which cables the table lists.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Rows of the table.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every cable: due, overdue, exempt, unknown.")
def clock_command(folder: str, as_of: date, query: str, status: str, limit: int, as_json: bool) -> None:
    """Which cables are due to be declassified, by their E.O. lines and the schedules of the orders, and why."""
    from cablegram.study.clock import clock

    with open_archive(folder) as archive:
        rows = clock(archive, as_of, query)
        if as_json:
            _print_clock(rows, as_of)
        else:
            _show_clock(rows, as_of, status, limit)


class _Counts:
    """Cables by status, and by order and status."""

    def __init__(self) -> None:
        self.status: Counter[str] = Counter()
        self.order: dict[str, Counter[str]] = {}
        self.second = 0

    def add(self, row: Clocked) -> None:
        due = row.due
        self.status[due.status] += 1
        self.order.setdefault(due.order or "none", Counter())[due.status] += 1
        self.second += due.second is not None and due.second.passed

    def to_dict(self) -> dict[str, Any]:
        return {
            "counts": {status: self.status[status] for status in _ALL},
            "orders": {order: {status: n[status] for status in _ALL} for order, n in sorted(self.order.items())},
            "second_passed": self.second,
        }


def _print_clock(rows: Iterable[Clocked], as_of: date) -> None:
    """The lists are written as they come, each into a file of its own, so that memory does not grow with the archive."""
    counts = _Counts()
    out = sys.stdout.buffer
    spools = {status: tempfile.SpooledTemporaryFile(_SPOOL) for status in _LISTED}
    try:
        for row in rows:
            status = row.due.status
            counts.add(row)
            if status in spools:
                line = json.dumps(row.to_dict(), ensure_ascii=False).encode("utf-8", "backslashreplace")
                spools[status].write((b",\n  " if counts.status[status] > 1 else b"\n  ") + line)
        head = json.dumps({"as_of": as_of.isoformat(), **counts.to_dict()}, indent=1)
        out.write(head.removesuffix("\n}").encode())
        for status, spool in spools.items():
            out.write(f',\n "{status}": ['.encode())
            spool.seek(0)
            while block := spool.read(1 << 20):
                out.write(block)
            out.write(b"]")
        out.write(b"\n}\n")
        out.flush()
    finally:
        for spool in spools.values():
            spool.close()


def _show_clock(rows: Iterable[Clocked], as_of: date, status: str, limit: int) -> None:
    counts = _Counts()

    def seen() -> Iterable[Clocked]:
        for row in rows:
            counts.add(row)
            if row.due.status == status:
                yield row

    # The longest overdue first, the next due first; of those without a date, by their ids.
    shown = heapq.nsmallest(limit, seen(), key=lambda row: (row.due.date or date.max, row.cable))
    if limit == 0:
        for row in rows:
            counts.add(row)
    click.echo(f"As of {as_of.isoformat()}")
    for name in _ALL:
        click.echo(f"  {counts.status[name]:>9,}  {name}")
    click.echo(
        f"  {counts.second:>9,}  not overdue by their own line, but past the automatic date of later orders (25 years and more)"
    )
    click.echo("\nOrder  " + "".join(f"{name:>14}" for name in _ALL))
    for order, n in sorted(counts.order.items()):
        click.echo(f"{order:<7}" + "".join(f"{n[name]:>14,}" for name in _ALL))
    if shown:
        click.echo(f"\n{status.capitalize()}, {len(shown):,} of {counts.status[status]:,}")
        for row in shown:
            due = row.due
            click.echo(clean(f"{row.cable:<22} {_iso(due.date):<11} {due.order or '-':<6} {due.ground}"))
            if due.second is not None:
                told = "by the automatic rule, if of permanent value and not exempted (*)"
                click.echo(f"{'':<22} {_iso(due.second.date):<11} {'':<6} {told}")
        for rule in sorted({row.due.second.rule for row in shown if row.due.second is not None}):
            click.echo(f"(*) {rule}; see docs/clock.md")


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else "-"


@click.command("markings")
@archive_option
@click.option("--query", default="", help="Only cables that this query finds.")
@click.option("--limit", type=click.IntRange(min=0), default=15, show_default=True, help="Rows of each table.")
@click.option(
    "--evidence", type=click.Choice(["U", "FOUO", "SBU", "LOU", "C", "S", "TS", "none"], case_sensitive=False),
    help="List the paragraphs counted at this level instead (none: the unmarked ones).",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object: conflicts, share.")
def markings_command(folder: str, query: str, limit: int, evidence: str | None, as_json: bool) -> None:
    """Banners held against the marks of the paragraphs, and the share of text at each level by year, post and TAG."""
    from cablegram.study import markings

    with open_archive(folder) as archive:
        if evidence is not None:
            level = evidence if evidence == markings.UNMARKED else evidence.upper()
            for key, numbers, characters in markings.evidence(archive, level, query):
                row = {"cable": key, "paragraphs": numbers, "characters": characters}
                told = ", ".join("?" if number is None else str(number) for number in numbers)
                print_json(row, indent=None) if as_json else click.echo(f"{clean(key):<22} {characters:>8,}  {told}")
            return
        found = markings.survey(archive, query)
    if as_json:
        print_json(found.to_dict())
    else:
        _show_markings(found, limit)


def _show_markings(found: Survey, limit: int) -> None:
    for kind, what in (
        ("under-marked", "a paragraph is marked above the banner"), ("over-marked", "every paragraph is marked below the banner"),
    ):  # fmt: skip
        conflicts = [one for one in found.conflicts if one.kind == kind]
        click.echo(f"{len(conflicts):,} {kind}: {what}")
        for one in conflicts[:limit]:
            where = ", ".join(f"{'?' if n is None else n} ({m})" for n, m in zip(one.paragraphs, one.marks, strict=True))
            click.echo(clean(f"  {one.cable:<22} {one.banner} / {one.highest}: paragraph {where}"))
        if len(conflicts) > limit:
            click.echo(f"  and {len(conflicts) - limit:,} more")
    overall = found.overall
    paragraphs = sum(amount.paragraphs for amount in overall.levels.values())
    click.echo(
        f"\n{overall.cables:,} cables with paragraphs: {paragraphs:,} paragraphs are marked ({found.entire:,} cables by one mark for the"
        f" entire text), {overall.unmarked.paragraphs:,} in {overall.unmarked.cables:,} cables are not and are left out of the shares"
    )
    _show_groups("Share of the characters in marked paragraphs", {"all": overall}, overall, 1)
    for title, groups in (("Year", found.year), ("Post", found.post), ("TAG", found.tag)):
        _show_groups(title, groups, overall, len(groups) if title == "Year" else limit)


def _show_groups(title: str, groups: dict[str, Group], overall: Group, most: int) -> None:
    from cablegram.vocabulary.levels import BY_RANK

    ranks = sorted(overall.levels)
    click.echo(f"\n{title:<44}"[:45] + "".join(f"{BY_RANK[rank].code:>8}" for rank in ranks) + f"{'marked':>14}{'cables':>9}")
    names = list(groups) if title == "Year" else sorted(groups, key=lambda name: (-groups[name].marked, name))
    for name in sorted(names) if title == "Year" else names[:most]:
        group = groups[name]
        shares = "".join(f"{100 * group.share(rank):>7.1f}%" if group.marked else f"{'-':>8}" for rank in ranks)
        click.echo(f"  {clean(name):<42}{shares}{group.marked:>14,}{group.cables:>9,}")
    if len(names) > most:
        click.echo(f"  and {len(names) - most:,} more")
