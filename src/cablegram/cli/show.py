"""A record as a person likes to read it in a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cablegram.cable import Cable
from cablegram.record import Addressee, Paragraph

_LEVEL_STYLES = {
    "TOP SECRET": "bold magenta",
    "SECRET": "bold red",
    "CONFIDENTIAL": "bold yellow",
    "LIMITED OFFICIAL USE": "cyan",
    "SENSITIVE BUT UNCLASSIFIED": "cyan",
    "UNCLASSIFIED//FOR OFFICIAL USE ONLY": "cyan",
    "UNCLASSIFIED": "green",
}
_SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
_WIDTH = 100


def _clean(text: str) -> str:
    """Text of a cable made harmless for a terminal: control characters other than line feeds are shown as blanks."""
    return "".join(c if c == "\n" or c.isprintable() else " " for c in text)


def _style(level: str | None) -> str:
    return _LEVEL_STYLES.get(level or "", "")


def _addressee(a: Addressee) -> str:
    parts = [a.name]
    if a.precedence:
        parts.append(a.precedence)
    if a.number:
        parts.append(a.number)
    if a.excluded:
        parts.append(f"(without {', '.join(a.excluded)})")
    return " ".join(parts)


def _when(created: str | None) -> str:
    """A date and time as the record gives it, at its own precision."""
    if created is None:
        return "date unknown"
    day, _, time = created.rstrip("Z").partition("T")
    return f"{day} {time} UTC" if ":" in time else f"{day}, {time} hours UTC" if time else day


def _masthead(cable: Cable) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(overflow="fold")

    def row(label: str, value: str | Text | None) -> None:
        if value:
            table.add_row(label, value if isinstance(value, Text) else Text(_clean(value)))

    origin = cable.origin
    level = "//".join([cable.classification, *cable.caveats]) if cable.classification else None
    row("sent", _when(cable.created))
    row("from", " · ".join(filter(None, (origin.name or origin.address, origin.country))) if origin else None)
    row("class", Text(level, style=_style(cable.classification)) if level else None)
    row("captions", ", ".join(cable.captions))
    row("precedence", cable.precedence)
    row("action", "\n".join(map(_addressee, cable.action)))
    row("info", " · ".join(map(_addressee, cable.info)))
    if cable.sections is not None and cable.sections.count > 1:
        held = cable.sections.held
        row("sections", f"{len(held)} of {cable.sections.count} held")
    row("TAGS", " ".join([*cable.tags, *(f"({name})" for name in cable.tags_people)]))
    order = cable.executive_order
    if order is not None:
        until = order.declassify_on or order.event or ", ".join(order.exemptions) or "no date"
        row("E.O.", f"{order.order or '?'}: {until}")
    by = cable.classified_by
    if by is not None:
        row("classified by", ", ".join(filter(None, (by.name, by.title))) + (f" ({', '.join(by.reasons)})" if by.reasons else ""))
    row("references", "\n".join(f"{r.label + '. ' if r.label else ''}{r.cable or ' '.join(r.raw.split())} [{r.kind}]"
                                if r.kind != "cable" or not r.cable else f"{r.label + '. ' if r.label else ''}{r.cable}"
                                for r in cable.references))  # fmt: skip
    return table


def _paragraph(p: Paragraph) -> RenderableType:
    line = Text()
    if p.number is not None or p.label is not None:
        line.append(f"{p.number if p.number is not None else p.label}. ", style="bold")
    if p.marking:
        line.append(f"{p.marking} ", style=_style(p.level) or "bold")
    if p.kind not in ("text", "list"):
        line.append(f"[{p.kind}] ", style="italic dim")
    line.append(_clean(p.text))
    parts: list[RenderableType] = [Text(), line]
    if p.heading:
        parts.insert(1, Text(_clean(p.heading), style="bold underline"))
    return Group(*parts)


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False)
    return console if console.width <= _WIDTH else Console(highlight=False, markup=False, emoji=False, width=_WIDTH)


def show(cable: Cable, *, masked: bool = False) -> None:
    """Print ``cable``, which is ``masked`` or as it is: masthead, paragraphs with their markings, signature, and what a reader should know."""
    console = _console()
    title = Text(_clean(cable.subject or "(no subject)"), style="bold")
    console.print(
        Panel(Group(title, Text(), _masthead(cable)), title=Text(cable.id or "id unknown", style="bold"), title_align="left")
    )
    for paragraph in cable.paragraphs:
        console.print(Padding(_paragraph(paragraph), (0, 1)))
    if cable.signature:
        console.print(Padding(Text(f"\n{cable.signature}"), (0, 1)))
    applied = sum(1 for edit in cable.edits if edit.applied)
    proposed = len(cable.edits) - applied
    words = f"{applied} repairs shown" + (f", {proposed} doubtful ones left as they were" if proposed else "")
    words += "; what is masked is so in --tree and --json, too" if masked else "; the original is kept whole (--tree, --json)"
    console.print(Padding(Text(f"\n{words}", style="dim"), (0, 1)))
    for note in cable.diagnostics:
        console.print(Padding(Text(_clean(f"{note.severity}: {note.message}"), style=_SEVERITY_STYLES[note.severity]), (0, 1)))
    console.print()


def show_tree(cable: Cable) -> None:
    """Print every leaf of the tree with its kind and offset."""
    console = _console()
    for leaf in cable.tree.leaves():
        for n, line in enumerate(leaf.text.splitlines() or [""]):
            label = f"{leaf.span[0]:>7} {leaf.kind:<16}" if n == 0 else " " * 24
            console.print(Text(label, style="dim") + Text(_clean(line)), soft_wrap=True)
