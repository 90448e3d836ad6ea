"""The command that checks the citations of a manuscript."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cablegram.cli.common import archive_option, clean, complain, open_archive, print_json
from cablegram.errors import CablegramError

#: As `cablegram.cite` has them; named here so that `--help` need not load it.
_STYLES = ("chicago-note", "chicago-bibliography", "turabian", "mla", "apa", "bluebook", "nara")


@click.command("check")
@click.argument("manuscript", metavar="[MANUSCRIPT]", required=False)
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every citation.")
@click.option("--all", "everything", is_flag=True, help="Also tell of the citations that are right, and of every quotation.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the report as a page that stands alone.",
)
@click.option("--annotated", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write a copy with remarks: behind each citation (txt, md), or as comments (docx).")  # fmt: skip
@click.option("--style", type=click.Choice(_STYLES), help="Write each citation also as this style has it.")
@click.option("--measure", is_flag=True, help="Instead: how many citations of known sets are found, and judged rightly.")
@click.option("--misses", is_flag=True, help="With --measure: list every one that is not.")
def check_command(
    manuscript: str | None, folder: str, as_json: bool, everything: bool, page: Path | None, annotated: Path | None, style: str | None,
    measure: bool, misses: bool,
) -> None:  # fmt: skip
    """Check the citations of cables in MANUSCRIPT (txt, md, docx, odt, html, pdf) against an archive.

    Every citation in text, footnotes and endnotes is found, and its date, post, subject, paragraphs and quoted words are compared with the
    cable. Ends with 1 where something is wrong, not held, or ambiguous.
    """
    if measure:
        from cablegram.measure.footnotes import report

        sys.exit(report(misses=misses, as_json=as_json))
    if manuscript is None:
        raise click.UsageError("name a manuscript, or --measure")
    from cablegram.check import annotating, reporting
    from cablegram.check.checking import check
    from cablegram.check.manuscripts import read_manuscript

    read = read_manuscript(manuscript)
    with open_archive(folder) as archive:
        checked = check(read, archive, style=style)
    if as_json:
        print_json(checked.to_dict())
    else:
        for line in reporting.lines(checked, everything=everything):
            click.echo(clean(line).encode("utf-8", "replace"))
    if page is not None:
        _write(page, reporting.page(checked).encode("utf-8", "replace"), manuscript)
    if annotated is not None:
        _write(annotated, annotating.annotated(checked), manuscript)
    sys.exit(0 if checked.all_right else 1)


def _write(place: Path, data: bytes, manuscript: str) -> None:
    if place.exists() and Path(manuscript).exists() and place.samefile(manuscript):
        raise CablegramError(f"{place}: is the manuscript itself; name another file")
    try:
        place.write_bytes(data)
    except OSError as error:
        raise CablegramError(f"{place}: cannot be written ({error.strerror})") from None
    complain(f"wrote {place}")
