"""The pictures of the reading room as SVG: counts over time, shares of a whole, and a year's message numbers.

Pure functions that return markup with classes and presentation attributes only: the page allows no styles in line, and
``charts.css`` has all colours. A picture is as wide as its place: the outer SVG has no ``viewBox``, so text keeps its
size and positions are in per cent, while bars lie in an inner SVG that is stretched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

#: Characters that XML forbids or that reorder the text around them: controls, surrogates, non-characters, directions.
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)")
#: The bars' field in units: its height (also in pixels), and its width at least.
_HIGH: Final = 160
_WIDE: Final = 1000
#: Widths in pixels that labels are laid out for: those of every reader, and those added where there is room (class
#: ``cg-roomy``, shown from 560 pixels on); and the width of a letter.
_NARROW: Final = 260
_ROOMY: Final = 500
_LETTER: Final = 7.0
#: With more bars than this (eight years by month) one bar is narrower than a pointer can be trusted to hit.
_HITTABLE: Final = 96
#: The bins of a number line: two marks each at most (held, cited), so no more than 800 marks.
_BINS: Final = 400


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: ``label`` a month (1976-03) or a year, ``count``, ``href`` to what it counts (None or "" for no link)."""

    label: str
    count: int
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole: ``mark`` is the code of its level (u, fouo, sbu, lou, c, s, ts), which gives colour and pattern."""

    label: str
    count: int
    mark: str = "none"
    href: str | None = None


def plain(text: object) -> Markup:
    """``text`` from outside as it may stand in a page: escaped, without characters that are not text."""
    return escape(_UNFIT.sub("", str(text)))


def counted(count: int, unit: str) -> str:
    """``41 cables``, ``1 cable``."""
    return f"{count:,} {unit[:-1] if count == 1 and unit.endswith('s') else unit}"


def link(href: str | None, inside: Markup, class_: str, label: str = "") -> Markup:
    """``inside`` as a link; in a ``g`` (with a class) or bare where there is no address, or one that runs a script."""
    # Browsers drop line breaks and tabs of an address, so "java\tscript:" is a script too.
    address = re.sub(r"\s", "", _UNFIT.sub("", href or ""))
    scheme = _SCHEME.match(address)
    kind = f' class="{class_}"' if class_ else ""
    if not address or (scheme and scheme[0].lower() not in ("http:", "https:")):
        return Markup(f"<g{kind}>{inside}</g>") if class_ else inside
    name = f' aria-label="{plain(label)}"' if label else ""
    return Markup(f'<a{kind} href="{escape(address)}"{name}>{inside}</a>')


# -- counts over time


def histogram(
    bars: Sequence[Bar], *, title: str, unit: str, year_href: Callable[[str], str | None] | None = None
) -> Markup:  # fmt: skip
    """Bars side by side, from a baseline of zero, each a link; a bar of zero has none.

    Fifty years by month are 600 bars of a pixel or two. A reader of those sees the shape of the years and wants to open
    one, not to aim at a month: with more than 96 monthly bars, and a ``year_href`` that gives the link of a year, every
    year is one area to hit (and one stop of Tab). The months themselves stay links in ``bar_table``."""
    most = max((bar.count for bar in bars), default=0)
    years = year_href is not None and len(bars) > _HITTABLE and all(_MONTH.fullmatch(bar.label) for bar in bars)
    many = len(bars) > _HITTABLE
    step = max(_WIDE, len(bars)) / max(len(bars), 1)
    # Above 96 bars they touch, as one outline: gaps and seams of a fraction of a pixel would only shimmer.
    drawn = [Markup(f'<path class="cg-bar" d="{_outline(bars, 0, step, step, most)}"/>')] if many else []
    at = 0
    for key, run in groupby(bars, key=lambda bar: bar.label[:4]) if years else ((bar.label, iter([bar])) for bar in bars):
        group = list(run)
        total = sum(bar.count for bar in group)
        if total > 0:
            href = year_href(key) if years and year_href is not None else group[0].href
            # The area to hit is the whole column: a low bar is no harder to hit than a high one.
            hit = f'<rect class="cg-hit" x="{at * step:.1f}" y="0" width="{len(group) * step:.1f}" height="{_HIGH}"/>'
            shape = "" if many else f'<path class="cg-bar" d="{_outline(group, at, step, min(step * 0.8, 60.0), most)}"/>'
            words = plain(f"{key}: {counted(total, unit)}")
            drawn.append(link(href, Markup(f"<title>{words}</title>{hit}{shape}"), "cg-column"))
        at += len(group)
    role = "group" if any("<a" in one for one in drawn) else "img"
    top, wide = 26, f"{step * max(len(bars), 1):.0f}"
    return Markup(
        f'<div class="cg-chart"><svg class="cg-histogram" width="100%" height="{top + _HIGH + 26}" role="{role}" aria-label="{plain(title)}">'
        f"{_scale(most, unit, top)}"
        f'<svg x="0" y="{top}" width="100%" height="{_HIGH}" viewBox="0 0 {wide} {_HIGH}" preserveAspectRatio="none">'
        f'{"".join(drawn)}</svg><line class="cg-base" x1="0" x2="100%" y1="{top + _HIGH}" y2="{top + _HIGH}"/>'
        f"{_below([bar.label for bar in bars], top + _HIGH)}</svg></div>"
    )


def _outline(bars: Sequence[Bar], at: int, step: float, wide: float, most: int) -> str:
    """``bars``, of which the first is the bar number ``at``, as the data of one path."""
    parts = []
    for place, bar in enumerate(bars, at):
        if bar.count > 0:
            # One cable is not none: it is seen beside a month of thousands.
            high = max(bar.count / most * _HIGH, 1.5)
            parts.append(f"M{(place + 0.5) * step - wide / 2:.1f} {_HIGH}v{-high:.1f}h{wide:.1f}v{high:.1f}z")
    return "".join(parts)


def grid(most: int) -> list[int]:
    """Two or three round numbers up to ``most`` for the lines of a scale (one, where ``most`` is 1)."""
    best: list[int] = []
    # Threes and fours only where nothing rounder gives two lines (below 10: 3, 6, 9).
    for tenths in ((10, 20, 25, 50), (40, 30)):
        for step, odd in (divmod(10**power * ten, 10) for power in range(len(str(most))) for ten in tenths):
            if odd == 0 and len(best) < most // step < 4:
                best = list(range(step, most + 1, step))
        if len(best) > 1:
            break
    return best


def _scale(most: int, unit: str, top: int) -> str:
    """The lines across, with their numbers in the margin and the unit above these."""
    parts = [f'<text class="cg-unit" x="-8" y="11" text-anchor="end">{plain(unit)}</text>']
    for value in grid(most):
        y = top + _HIGH - value / most * _HIGH
        parts.append(
            f'<line class="cg-grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/><text x="-8" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'
        )
    return f'<g class="cg-axis" aria-hidden="true">{"".join(parts)}</g>'


def _below(labels: Sequence[str], y: int) -> str:
    """The labels below the bars: as many as have room, and fewer on a telephone."""
    months = len(labels) > 18 and all(_MONTH.fullmatch(label) for label in labels)
    # Over some years by month it is the years that a reader looks for; they stand below their Januaries.
    marks = [(i, label[:4] if months else label) for i, label in enumerate(labels) if not months or label.endswith("-01")]
    narrow, roomy = _thinned(marks, len(labels), _NARROW), _thinned(marks, len(labels), _ROOMY)
    parts = []
    for i, label in marks:
        if i in narrow or i in roomy:
            tier = "" if i in narrow and i in roomy else ' class="cg-roomy"' if i in roomy else ' class="cg-tight"'
            x = f"{(i + 0.5) / len(labels) * 100:.2f}%"
            parts.append(
                f'<g{tier}><line class="cg-tick" x1="{x}" x2="{x}" y1="{y}" y2="{y + 5}"/><text x="{x}" y="{y + 19}" text-anchor="middle">{plain(label)}</text></g>'
            )
    return f'<g class="cg-axis" aria-hidden="true">{"".join(parts)}</g>'


def _thinned(marks: Sequence[tuple[int, str]], count: int, wide: int) -> set[int]:
    """The places of those of ``marks`` that fit below a picture ``wide`` pixels wide without touching one another."""
    if not marks:
        return set()
    room = max(len(label) for _, label in marks) * _LETTER + 10
    spacing = wide / count * ((marks[-1][0] - marks[0][0]) / (len(marks) - 1) if len(marks) > 1 else 1)
    stride = next((step for step in (1, 2, 3, 5, 10, 20, 25, 50, 100) if step * spacing >= room), len(marks))
    if stride > 1 and all(label.isdigit() for _, label in marks):
        stride = next((step for step in (1, 2, 5, 10, 20, 50, 100) if step * spacing >= room), len(marks))
        chosen = [i for i, label in marks if int(label) % stride == 0]  # 1975, 1980: years that are round
    else:
        chosen = [i for i, _ in marks[::stride]]
    # A label at the right edge would be cut off on a telephone.
    return {i for i in chosen or [marks[0][0]] if (i + 0.5) / count * wide + room / 2 <= wide + 16 or count == 1}


def bar_table(
    bars: Sequence[Bar], *, title: str, unit: str, id: str = "", year_href: Callable[[str], str | None] | None = None
) -> Markup:  # fmt: skip
    """The bars as a table that can be folded out; months as an almanac has them: a row a year, a column a month."""

    def cell(bar: Bar | None) -> str:
        if bar is None or bar.count == 0:
            return f'<td class="cg-number cg-none">{"" if bar is None else 0}</td>'
        words = f"{bar.label}: {counted(bar.count, unit)}"
        return f'<td class="cg-number">{link(bar.href, Markup(f"{bar.count:,}"), "", words)}</td>'

    if len(bars) <= 12 or not all(_MONTH.fullmatch(bar.label) for bar in bars):
        rows = [f'<tr><th scope="row">{plain(bar.label)}</th>{cell(bar)}</tr>' for bar in bars]
        return table_block(title, ["Time", unit[:1].upper() + unit[1:]], rows, numbers=1, id=id)
    rows = []
    for key, run in groupby(bars, key=lambda bar: bar.label[:4]):
        months = {bar.label[5:]: bar for bar in run}
        total = sum(bar.count for bar in months.values())
        row = cell(Bar(key, total, year_href(key) if year_href is not None else None))
        cells = "".join(cell(months.get(f"{month:02}")) for month in range(1, 13))
        rows.append(f'<tr><th scope="row">{plain(key)}</th>{cells}{row}</tr>')
    return table_block(
        title, ["Year", *"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), "Total"], rows, numbers=13, id=id
    )


def table_block(title: str, head: Sequence[str], rows: Sequence[str], *, numbers: int, id: str = "") -> Markup:
    """A table folded away below its picture. ``rows`` are markup; the last ``numbers`` columns are set to the right."""
    kinds = [""] * (len(head) - numbers) + [' class="cg-number"'] * numbers
    cells = "".join(f'<th scope="col"{kind}>{plain(cell)}</th>' for kind, cell in zip(kinds, head, strict=True))
    anchor = f' id="{plain(id)}"' if id else ""
    # The frame scrolls sideways on a telephone; with a name and a place in the order of Tab it does so by keyboard too.
    return Markup(
        f'<details class="cg-table"{anchor}><summary>As a table: {plain(title)}</summary>'
        f'<div class="cg-frame" role="region" tabindex="0" aria-label="{plain(title)}"><table><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></details>"
    )


# -- shares of a whole

#: The levels that ``charts.css`` knows. None is told from another by colour alone.
_MARKS: Final = ("u", "fouo", "sbu", "lou", "c", "s", "ts")
#: Slanting lines, as lines of a wide dash that are skewed; wide enough for any page.
_SLANT: Final = '<line class="cg-pattern" x1="0" x2="3000" y1="14" y2="14" stroke-width="28" stroke-dasharray="1.5 6"/>'
#: Patterns without ``<pattern>``: that needs an id, and two pictures of one page would share it. Rows of dots are dashes
#: of no length with round ends.
_PATTERNS: Final = {
    "fouo": "".join(f'<line class="cg-pattern" x1="3" x2="100%" y1="{y}" y2="{y}" stroke-width="2.2" stroke-linecap="round" stroke-dasharray="0 12"/>' for y in (7, 21)),
    "sbu": "".join(f'<line class="cg-pattern" x1="3" x2="100%" y1="{y}" y2="{y}" stroke-width="2.2" stroke-linecap="round" stroke-dasharray="0 7"/>' for y in (5, 14, 23)),
    "lou": "".join(f'<line class="cg-pattern" x1="0" x2="100%" y1="{y}" y2="{y}" stroke-width="1.5"/>' for y in (7, 14, 21)),
    "c": f'<g transform="translate(-40 0) skewX(-45)">{_SLANT}</g>',
    "ts": '<line class="cg-pattern" x1="3" x2="100%" y1="14" y2="14" stroke-width="28" stroke-dasharray="2 5"/>',
    "s": f'<g transform="translate(0 0) skewX(-45)">{_SLANT}</g><g transform="translate(-40 0) skewX(45)">{_SLANT}</g>',
}  # fmt: skip


def filled_box(mark: str, x: str, width: str, title: str) -> str:
    """A box with the colour and the pattern of a level."""
    known = mark if mark in _MARKS else "none"
    inside = f"<title>{plain(title)}</title>" if title else ""
    rim = (
        '<rect class="cg-rim" width="100%" height="28"/>'
        if known == "none"
        else '<line class="cg-gap" x1="0" x2="0" y1="0" y2="28"/>'
    )
    return (
        f'<svg class="cg-part cg-{known}" x="{x}" y="0" width="{width}" height="28">{inside}<rect class="cg-fill" width="100%" height="28"/>'
        f'{_PATTERNS.get(known, "")}{rim}</svg>'
    )  # fmt: skip


def percent(count: int, total: int) -> str:
    """A share as it is read: 41%, 3.2%, <0.1%."""
    share = 100 * count / total if total else 0.0
    if 0 < share < 0.1:
        return "<0.1%"
    return f"{share:.0f}%" if share >= 9.95 or share == 0 else f"{share:.1f}%"


def share_bar(parts: Sequence[Part], *, title: str) -> Markup:
    """One bar of shares, with a list of what its parts are. A part is told by its place, its pattern and its words."""
    seen = [part for part in parts if part.count > 0]
    total = sum(part.count for part in seen)
    # The narrowest part is still seen, on a telephone too: three pixels, of which one sets it apart from its neighbour.
    widths = [max(part.count / total, 0.009) for part in seen]
    whole = sum(widths)
    boxes, texts, left = [], [], 0.0
    for part, width in zip(seen, widths, strict=True):
        share, words = 100 * width / whole, percent(part.count, total)
        boxes.append(filled_box(part.mark, f"{left:.2f}%", f"{share:.2f}%", f"{part.label}: {part.count:,} ({words})"))
        # Below its part stands its name where there is room, else its share, else nothing: the list has them all.
        full = f"{part.label} {words}"
        named = share / 100 * _ROOMY >= len(full) * _LETTER
        for text, tier, fits in (
            (full, ' class="cg-roomy"', named),
            (words, ' class="cg-tight"', share >= 13 and named),
            (words, "" if share >= 13 else ' class="cg-roomy"', share >= 9 and not named),
        ):
            if fits:
                texts.append(f'<text{tier} x="{left:.2f}%" y="45">{plain(text)}</text>')
        left += share
    items = []
    for part in parts:
        swatch = f'<svg class="cg-swatch" width="22" height="14" viewBox="0 0 44 28" aria-hidden="true">{filled_box(part.mark, "0", "44", "")}</svg>'
        items.append(
            f'<li>{swatch} <span class="cg-what">{link(part.href if part.count else None, plain(part.label), "")}</span> '
            f'<span class="cg-number">{part.count:,}</span> <span class="cg-number cg-share">{plain(percent(part.count, total))}</span></li>'
        )
    told = "; ".join(f"{part.label} {percent(part.count, total)}" for part in seen) or "nothing"
    return Markup(
        f'<div class="cg-chart"><svg class="cg-shares" width="100%" height="50" role="img" aria-label="{plain(f"{title}: {told}")}">'
        f'{"".join(boxes)}<g class="cg-axis" aria-hidden="true">{"".join(texts)}</g></svg><ul class="cg-legend">{"".join(items)}</ul></div>'
    )


# -- the message numbers of a year


def number_line(
    lowest: int, highest: int, held: Iterable[int], cited: Iterable[int], *, title: str, href: str | None = None
) -> Markup:
    """A post's message numbers in one year: held solid, missing empty, and a stroke above for a number that another
    cable cites and that is not held. Up to 400 numbers are drawn one by one; of more, a bin of several is filled to the
    height of the share that is held, in quarters: it is full only where nothing is missing, empty only where all is."""
    size = max(highest - lowest + 1, 0)
    have = {number for number in held if lowest <= number <= highest}
    want = {number for number in cited if lowest <= number <= highest} - have
    per = max(-(-size // _BINS), 1)
    bins = -(-size // per)
    counts, cites = [0] * bins, sorted({(number - lowest) // per for number in want})
    for number in have:
        counts[(number - lowest) // per] += 1
    levels = []
    for at, count in enumerate(counts):
        there = min(per, size - at * per)
        levels.append(4 if count == there else min(3, -(-4 * count // there)))
    solid, at = [], 0
    for level, run in groupby(levels):
        wide = len(list(run))
        if level:
            solid.append(f"M{at} 16v{-4 * level}h{wide}v{4 * level}z")
        at += wide
    strokes = "".join(f"M{at + 0.5} 0v9" for at in cites)
    told = f"{title}: {len(have):,} of {size:,} numbers held; {len(want):,} cited but not held"
    field = f'width="100%" preserveAspectRatio="none" viewBox="0 0 {max(bins, 1)}'
    picture = Markup(
        f'<svg class="cg-numbers" width="100%" height="48" role="img" aria-label="{plain(told)}"><title>{plain(told)}</title>'
        f'<svg y="0" height="9" {field} 9"><path class="cg-cited" d="{strokes}"/></svg>'
        f'<svg y="12" height="16" {field} 16"><path class="cg-held" d="{"".join(solid)}"/></svg>'
        f'<rect class="cg-rim" x="0" y="12" width="100%" height="16"/>{_numbers(lowest, highest)}</svg>'
    )

    def key(kind: str, words: str) -> str:
        return f'<li><svg class="cg-swatch" width="14" height="14" aria-hidden="true">{kind}</svg> {words}</li>'

    return Markup(
        f'<div class="cg-chart">{link(href, picture, "") if size else picture}<ul class="cg-key">'
        + key('<rect class="cg-held" x="1" y="1" width="12" height="12"/>', f"held {len(have):,}")
        + key('<rect class="cg-rim" x="1" y="1" width="12" height="12"/>', f"missing {size - len(have):,}")
        + key('<path class="cg-cited" d="M7 1v12"/>', f"cited, not held {len(want):,}")
        + "</ul></div>"
    )


def _numbers(lowest: int, highest: int) -> str:
    """The first and the last number below the line, and round ones between where there is room."""
    size = highest - lowest + 1
    if size < 1:
        return ""
    parts = (
        [f'<text x="0" y="44">{lowest:,}</text>', f'<text x="100%" y="44" text-anchor="end">{highest:,}</text>']
        if size > 1
        else [f'<text x="0" y="44">{lowest:,}</text>']
    )
    for value in grid(highest):
        share = (value - lowest + 0.5) / size
        if 0.15 < share < 0.85:
            parts.append(
                f'<g class="cg-roomy"><line class="cg-tick" x1="{share:.2%}" x2="{share:.2%}" y1="28" y2="33"/><text x="{share:.2%}" y="44" text-anchor="middle">{value:,}</text></g>'
            )
    return f'<g class="cg-axis" aria-hidden="true">{"".join(parts)}</g>'
