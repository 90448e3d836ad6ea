"""The pictures of the studies as SVG: a share held, the levels of a text, the line of a thread. As in ``charts.py``: no styles in line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from cablegram.vocabulary.levels import BY_RANK
from cablegram.web.charts import filled_box, link, percent, plain

#: Pixels between two cables of a thread's line, and heights of its arcs.
_STEP: Final = 100
_ARCS: Final = 56
#: Height in pixels of a strip of months.
_STRIP: Final = 20


class Node(NamedTuple):
    """One cable of a thread's line: its id, what is told of it, whether it is held, whether the page is about it."""

    id: str
    told: str
    held: bool
    here: bool
    href: str


def held_bar(held: int, traffic: int, low: int, high: int) -> Markup:
    """The share held of an estimated traffic: filled so far, a line across where the estimate's ends would put it."""
    if traffic <= 0:
        return Markup("")
    share, least, most = (min(1.0, held / one) if one else 0.0 for one in (traffic, high, low))
    told = f"{percent(held, traffic)} held; between {percent(held, high)} and {percent(held, low)}"
    return Markup(
        f'<span class="cg-chart cg-share-bar"><svg width="100%" height="12" role="img" aria-label="{plain(told)}"><title>{plain(told)}</title>'
        f'<rect class="cg-rim" x="0" y="1" width="100%" height="10"/><rect class="cg-held" x="0" y="1" width="{share:.2%}" height="10"/>'
        f'<line class="cg-whisker" x1="{least:.2%}" x2="{most:.2%}" y1="6" y2="6"/></svg></span>'
    )


def level_bar(levels: Mapping[int, int], *, title: str) -> Markup:
    """The text at each level (rank: characters) as one bar: U C S by pattern and place, told in words too."""
    total = sum(levels.values())
    if not total:
        return Markup("")
    boxes, left = [], 0.0
    for rank in sorted(levels):
        share = levels[rank] / total
        level = BY_RANK[rank]
        boxes.append(
            filled_box(level.code.lower(), f"{left:.2%}", f"{share:.2%}", f"{level.name}: {percent(levels[rank], total)}")
        )
        left += share
    told = "; ".join(f"{BY_RANK[rank].name} {percent(levels[rank], total)}" for rank in sorted(levels))
    return Markup(
        f'<span class="cg-chart cg-level-bar"><svg width="100%" height="14" role="img" aria-label="{plain(f"{title}: {told}")}">'
        f"{''.join(boxes)}</svg></span>"
    )


def thread_line(nodes: Sequence[Node], cites: Iterable[tuple[str, str]]) -> Markup | None:
    """The cables of a thread side by side in order of time, an arc from each to those that it cites; those not held are hollow."""
    if len(nodes) < 2:
        return None
    places = {node.id: at for at, node in enumerate(nodes)}
    width = _STEP * len(nodes)
    arcs = []
    for one, other in cites:
        if one in places and other in places and one != other:
            a, b = sorted((places[one] * _STEP + _STEP / 2, places[other] * _STEP + _STEP / 2))
            high = min(1.0, 0.35 + 0.65 * (b - a) / width) * _ARCS
            arcs.append(f"M{a:.0f} {_ARCS}Q{(a + b) / 2:.0f} {_ARCS - 2 * high:.0f} {b:.0f} {_ARCS}")
    dots = []
    for at, node in enumerate(nodes):
        x = f"{(at + 0.5) / len(nodes):.2%}"
        kind = "cg-held" if node.held else "cg-hollow"
        ring = f'<circle class="cg-here" cx="{x}" cy="{_ARCS + 2}" r="10"/>' if node.here else ""
        shape = Markup(f'<title>{plain(node.told)}</title>{ring}<circle class="{kind}" cx="{x}" cy="{_ARCS + 2}" r="6"/>')
        dots.append(link(node.href, shape, "cg-node", node.told))
    return Markup(
        f'<div class="cg-chart cg-thread"><svg width="100%" height="{_ARCS + 16}" role="group" aria-label="{len(nodes)} cables in order of time">'
        f'<svg x="0" y="0" width="100%" height="{_ARCS + 2}" viewBox="0 0 {width} {_ARCS + 2}" preserveAspectRatio="none">'
        f'<path class="cg-arc" d="{"".join(arcs)}"/></svg>{Markup("").join(dots)}</svg></div>'
    )


def copies_line(months: Sequence[tuple[str, int, int]], *, title: str) -> Markup:
    """Month by month (or year by year) how many cables came: name, for action, in all. Filled: for action; in outline: only to know."""
    most = max((count for _, _, count in months), default=0)
    if not most:
        return Markup("")
    step = 100 / len(months)
    drawn = []
    for at, (name, action, count) in enumerate(months):
        if count:
            high = max(3.0, count / most * _STRIP)
            x, wide = f"{at * step:.2f}%", f"{step * 0.8:.2f}%"
            told = f"<title>{plain(f'{name}: {count:,}, {action:,} for action')}</title>"
            drawn.append(
                f'<rect class="cg-told" x="{x}" y="{_STRIP - high:.1f}" width="{wide}" height="{high:.1f}">{told}</rect>'
            )
            if action:
                part = max(2.0, high * action / count)
                drawn.append(f'<rect class="cg-asked" x="{x}" y="{_STRIP - part:.1f}" width="{wide}" height="{part:.1f}"/>')
    return Markup(
        f'<span class="cg-chart cg-copies"><svg width="100%" height="{_STRIP + 1}" role="img" aria-label="{plain(title)}">{"".join(drawn)}'
        f'<line class="cg-base" x1="0" x2="100%" y1="{_STRIP}" y2="{_STRIP}"/></svg></span>'
    )
