"""The command that holds two whole collections against each other."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cablegram.cli.common import Meter, archive_option, clean, complain, print_json
from cablegram.cli.protecting import mask_option, masked_copy
from cablegram.errors import NotHeld
from cablegram.study.collating import TEXTS

if TYPE_CHECKING:
    from cablegram.archive.ingest import Report
    from cablegram.study.collation import Collation, Veil
    from cablegram.study.summed import Claim, Row

#: Files of --csv: the list that each has.
_FILES: Final = {"only-a.csv": "only-a", "only-b.csv": "only-b", "both.csv": "both"}
#: Refusals that are printed one by one.
_SHOWN: Final = 20
_LONGEST: Final = 160


@click.command("compare")
@click.argument("one", metavar="[A", required=False)
@click.argument("other", metavar="B]", required=False)
@archive_option
@click.option(
    "--between",
    nargs=2,
    metavar="SOURCE1 SOURCE2",
    help="Instead of A and B: two sources of the archive, named as `source:` finds them.",
)
@click.option("--cable", "ident", metavar="ID", help="One cable of both, word by word.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Cables of each list that are printed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: counts, and the lists whole.")
@click.option("--csv", "table", metavar="FOLDER", type=click.Path(path_type=Path), help="The lists as CSV files in a new folder.")
def compare_command(
    one: str | None, other: str | None, folder: str, between: tuple[str, str] | None, ident: str | None, limit: int, as_json: bool,
    table: Path | None, mask: str | None,
) -> None:  # fmt: skip
    """Two whole collections: which cables each has, whether the texts are the same, what one blacks out and the other shows, which fields disagree.

    A and B are each the folder of an archive, or any source that `ingest` reads: cables.csv, saved pages, a ZIP file. Cables belong
    together by their ids, however each collection writes them.
    """
    if (one is None or other is None) == (between is None) or (between is not None and one is not None):
        raise click.UsageError("give two collections A and B, or --between SOURCE1 SOURCE2 for two sources of one archive")
    if sum((as_json, table is not None, ident is not None and not as_json)) > 1:
        raise click.UsageError("give one of --json, --csv and --cable (--cable and --json go together)")
    with ExitStack() as stack:
        if between is not None:
            collation, refused = stack.enter_context(_between(folder, *between, mask)), 0
        else:
            assert one is not None
            assert other is not None
            collation, refused = stack.enter_context(_apart(one, other, mask))
        if ident is not None:
            _one_cable(collation, ident, as_json)
        elif as_json:
            _print_all(collation)
        elif table is not None:
            _write_tables(collation, table)
        else:
            _show(collation, limit)
    sys.exit(1 if refused else 0)


compare_command.params.append(mask_option())


@contextmanager
def _between(folder: str, one: str, other: str, mask: str | None) -> Iterator[Collation]:
    from cablegram.archive.store import Store
    from cablegram.study.collation import collation_of
    from cablegram.study.sides import side_of_sources

    with closing(Store(Path(masked_copy(folder, mask) if mask is not None else folder), create=False)) as store:
        collation = collation_of(side_of_sources(store, one), side_of_sources(store, other))
        _update(collation)
        yield collation


@contextmanager
def _apart(one: str, other: str, mask: str | None) -> Iterator[tuple[Collation, int]]:
    from cablegram.study.collation import Collation
    from cablegram.study.sides import opened

    veil: Veil | None = None
    if mask is not None:
        from cablegram.protect.masking import parse_kinds
        from cablegram.protect.together import masker

        veil = masker(parse_kinds(mask))
    with ExitStack() as stack:
        with Meter() as meter:
            (a, read_a), (b, read_b) = (stack.enter_context(opened(place, meter)) for place in (one, other))
        work = stack.enter_context(tempfile.TemporaryDirectory(prefix="cablegram-compared-"))
        collation = Collation(a, b, Path(work) / "compared.db", veil)
        _update(collation)
        yield collation, sum(_told(report) for report in (read_a, read_b))


def _told(report: Report | None) -> int:
    """Lists what was refused; how many records that were."""
    if report is None:
        return 0
    for refusal in report.refused[:_SHOWN]:
        complain(f"{refusal.source}, record {refusal.position}: {refusal.reason}")
    if len(report.refused) > _SHOWN:
        complain(f"and {len(report.refused) - _SHOWN:,} more refused; `cablegram ingest` lists all in its report")
    return len(report.refused)


def _update(collation: Collation) -> None:
    parsers = sorted(collation.a.parsers() | collation.b.parsers())
    if len(parsers) > 1:
        told = ", ".join(parsers)
        complain(
            f"read by different versions of this program ({told}), which may read fields differently: `cablegram reread` mends that"
        )
    with Meter() as meter:
        begun = False

        def advance(done: int, of: int) -> None:
            nonlocal begun
            if not begun:
                meter.stage("comparing", of)
                begun = True
            meter.advance(done, done)

        collation.update(advance)


def _one_cable(collation: Collation, ident: str, as_json: bool) -> None:
    from cablegram.versions.differences import compare

    both = collation.both(ident)
    if both is None:
        raise NotHeld(f"{ident} is not in both collections")
    found = compare(*collation.records(both))
    if as_json:
        print_json({
            "cable": both.ident, "a": {"id": both.a.key, "version": both.a.version}, "b": {"id": both.b.key, "version": both.b.version},
            "fields": [{"name": field.name, "a": field.left, "b": field.right} for field in found.fields],
            "changes": {"a": found.changes("left"), "b": found.changes("right")},
            "fuller": {"left": "a", "right": "b", "equal": None}[found.summary.fullest], "reason": found.summary.reason,
        })  # fmt: skip
        return
    for line in found.lines("A", "B"):
        click.echo(clean(line))


# as JSON


def _head(collation: Collation, summary: dict[str, Any]) -> dict[str, Any]:
    lists, sides = summary["lists"], {}
    for name, side in (("a", collation.a), ("b", collation.b)):
        sides[name] = {
            "name": side.name, "sources": list(side.called), "cables": lists[name], "only": lists[f"only-{name}"],
            "renumbered": lists[f"renumbered-{name}"], "redacts": lists[f"redacted-{name}"], "fuller": lists[f"fuller-{name}"],
            "where_words_differ": summary[name],
        }  # fmt: skip
    return {
        **sides, "both": lists["both"], "text": {name: lists[name.replace(" ", "-")] for name in TEXTS}, "equally_full": lists["fuller-equal"],
        "edited": lists["edited"], "edits": summary["edits"], "disagreements": summary["fields"],
    }  # fmt: skip


def _print_all(collation: Collation) -> None:
    """The lists are written as they are read: memory does not grow with the collections."""
    from cablegram.study.summed import claims_of, rows_of

    summary = collation.summary()
    assert summary is not None
    out = sys.stdout.buffer
    out.write(
        json.dumps(_head(collation, summary), ensure_ascii=False, indent=1)
        .removesuffix("\n}")
        .encode("utf-8", "backslashreplace")
    )
    with closing(collation.connect()) as db:
        lists: tuple[tuple[str, Iterable[Any]], ...] = (
            ("only_a", (row.to_dict() for row in rows_of(db, "only-a"))),
            ("only_b", (row.to_dict() for row in rows_of(db, "only-b"))),
            ("cables", (row.to_dict() for row in rows_of(db, "unlike"))),
            ("identical", (row.ident for row in rows_of(db, "identical"))),
            ("fields", (claim.to_dict() for claim in claims_of(db))),
        )
        for name, items in lists:
            out.write(f',\n "{name}": ['.encode())
            for n, item in enumerate(items):
                out.write((b",\n  " if n else b"\n  ") + json.dumps(item, ensure_ascii=False).encode("utf-8", "backslashreplace"))
            out.write(b"]")
    out.write(b"\n}\n")
    out.flush()


# as CSV


def _write_tables(collation: Collation, folder: Path) -> None:
    from cablegram import __version__
    from cablegram.export.place import close_folder, explained, new_folder
    from cablegram.study.summed import CLAIM_COLUMNS, COLUMNS, claims_of, rows_of

    summary = collation.summary()
    assert summary is not None
    try:
        with new_folder(folder) as place, closing(collation.connect()) as db:
            for file, name in _FILES.items():
                _table(place / file, COLUMNS, (row.flat() for row in rows_of(db, name)))
            _table(place / "fields.csv", CLAIM_COLUMNS, (claim.flat() for claim in claims_of(db)))
            close_folder(place, {"program": f"cablegram {__version__}", **_head(collation, summary)}, checksums=True)
    except OSError as error:
        raise explained(str(folder), error) from None
    click.echo(f"{', '.join((*_FILES, 'fields.csv'))} in {folder}", err=True)


def _table(place: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from cablegram.present.cells import cell

    with place.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(map(cell, row) for row in rows)


# for reading


def _show(collation: Collation, limit: int) -> None:
    from cablegram.study.summed import claims_of, rows_of

    summary = collation.summary()
    assert summary is not None
    lists = summary["lists"]
    for name, side in (("A", collation.a), ("B", collation.b)):
        click.echo(clean(f"{name}  {lists[name.lower()]:>9,} cables  {side.name}"))
    click.echo(f"   {lists['both']:>9,} in both")
    for name, its in (("a", "B"), ("b", "A")):
        more = (
            f"; of {lists[f'renumbered-{name}']:,} the text is in {its} under another number"
            if lists[f"renumbered-{name}"]
            else ""
        )
        click.echo(f"   {lists[f'only-{name}']:>9,} only in {name.upper()}{more}")
    if lists["both"]:
        click.echo("\nTexts of those in both")
    for name, said in TEXTS.items():
        if count := lists[name.replace(" ", "-")]:
            click.echo(f"   {count:>9,} {said}")
    if lists["differs"]:
        _show_sums(summary)
    if summary["fields"]:
        click.echo("\nFields that disagree")
        for field, kinds in summary["fields"].items():
            click.echo(
                f"   {sum(kinds.values()):>9,} {field} ({', '.join(f'{count:,} {kind}' for kind, count in kinds.items())})"
            )
    with closing(collation.connect()) as db:
        for title, name, told in (
            ("Only in A", "only-a", _of_one), ("Only in B", "only-b", _of_one), ("Text in one only: A", "text-only-in-a", _of_one),
            ("Text in one only: B", "text-only-in-b", _of_one), ("Plainly the texts of different cables", "another", _of_both),
            ("Words differ", "differs", _of_both),
        ):  # fmt: skip
            _list(title, lists[name], limit, (told(row) for row in rows_of(db, name, limit)))
        _list(
            "Fields that disagree",
            sum(sum(kinds.values()) for kinds in summary["fields"].values()),
            limit,
            map(_of_claim, claims_of(db, limit=limit)),
        )


def _show_sums(summary: dict[str, Any]) -> None:
    a, b, lists = summary["a"], summary["b"], summary["lists"]
    click.echo(f"\nWhere words differ{'A':>42}{'B':>16}")
    for name, said in (
        ("words", "words"), ("only_words", "of these, not in the other"), ("shown_words", "of these, blacked out in the other"),
        ("redactions", "passages blacked out"), ("characters", "characters blacked out"), ("revealed", "of these passages, shown by the other"),
        ("revealed_characters", "their characters"),
    ):  # fmt: skip
        shares = [
            f" ({100 * side['only_share']:.1f} %)" if name == "only_words" and side["only_share"] is not None else ""
            for side in (a, b)
        ]
        click.echo(
            f"   {said:<42}" + "".join(f"{f'{side[name]:,}{share}':>16}" for side, share in zip((a, b), shares, strict=True))
        )
    click.echo(
        f"   {'cables in which it is the fuller one':<42}{lists['fuller-a']:>16,}{lists['fuller-b']:>16,}   (neither: {lists['fuller-equal']:,})"
    )
    click.echo(f"   words changed without a mark: {summary['edits']:,} times, in {lists['edited']:,} cables")


def _list(title: str, total: int, limit: int, lines: Iterable[str]) -> None:
    if not total or not limit:
        return
    click.echo(f"\n{title}")
    for line in lines:
        click.echo(f"  {clean(line)}")
    if total > limit:
        click.echo(f"  and {total - limit:,} more: --limit, --json or --csv shows them")


def _named(row: Row) -> str:
    return f"{row.ident:<20} {(row.created or '?')[:10]:<10}"


def _short(text: str | None) -> str:
    said = " ".join((text or "(none)").split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 4]} ..."


def _of_one(row: Row) -> str:
    twins = f"  [there as {', '.join(row.twins)}]" if row.twins else ""
    return f"{_named(row)} {row.post or '?':<14} {_short(row.subject or '(no subject)')}{twins}"


def _of_both(row: Row) -> str:
    return f"{_named(row)} {row.told()}"


def _of_claim(claim: Claim) -> str:
    return f"{claim.ident:<20} {claim.field}: A {_short(claim.a)} | B {_short(claim.b)}"
