"""The command that holds two versions of a cable against each other."""

from __future__ import annotations

import click

from cablegram.cli.common import archive_option, clean, open_archive, print_json
from cablegram.errors import NotHeld


@click.command("diff")
@click.argument("ident", metavar="ID")
@archive_option
@click.option("--left", type=int, help="A version by its number; the first that is not the fullest, if not given.")
@click.option("--right", type=int, help="The version it is held against; the fullest, if not given.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: versions, changes with their places in the right one, fullest."
)
def diff_command(ident: str, folder: str, left: int | None, right: int | None, as_json: bool) -> None:
    """What differs between two versions of the cable ID, word by word; what one blacks out and the other shows."""
    from cablegram.present.page import file_name, two_versions
    from cablegram.versions.differences import compare

    with open_archive(folder) as archive:
        key = archive.resolve(ident)
        if key is None:
            raise NotHeld(f"{ident} is not in this archive")
        versions = archive.versions(key)
        first, second = two_versions(key, versions, left, right)
        one, other = archive.get(key, first.version), archive.get(key, second.version)
    assert one is not None
    assert other is not None
    found = compare(one, other)
    if as_json:
        fullest = {"left": first.version, "right": second.version, "equal": None}[found.summary.fullest]
        print_json({
            "versions": [{"version": v.version, "current": v.current, "sources": [s.source for s in v.sightings]} for v in versions],
            "left": first.version, "right": second.version, "fields": [field._asdict() for field in found.fields],
            "changes": found.changes("right"), "fullest": fullest, "reason": found.summary.reason,
        })  # fmt: skip
        return
    names = [
        f"version {v.version} ({file_name(v.sightings[0].source)})" if v.sightings else f"version {v.version}"
        for v in (first, second)
    ]
    for line in found.lines(*names):
        click.echo(clean(line))
