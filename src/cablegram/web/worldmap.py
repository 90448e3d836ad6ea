"""A map of the world with a circle a post, as SVG, and the same posts as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from markupsafe import Markup

from cablegram.web.charts import counted, link, plain, table_block

#: The width of the map in its own units; all coordinates and radii below are in them.
WIDTH: Final = 1000.0
#: Degrees of latitude at which the map is cut: no post lies beyond, and Antarctica would take a fifth of the height.
NORTH: Final = 84.0
SOUTH: Final = -58.0
#: The meridian in the middle. With 11 E the map is cut in Bering Strait: Siberia stays whole, the Pacific islands together.
CENTRE: Final = 11.0
#: Radii of the smallest and the largest circle. On a telephone (a third of the width) the style sheet adds to both.
SMALLEST: Final = 2.4
LARGEST: Final = 13.5
#: No hit circle is larger: 24 CSS pixels across where the map is 360 pixels wide.
HIT: Final = 34.0
#: At most so many posts are named on the map itself.
NAMED: Final = 14
#: The width of a letter and the height of a line of the names on the map.
LETTER: Final = 7.2
LINE: Final = 13.0


@dataclass(frozen=True, slots=True)
class Place:
    """A post on the map: ``lat`` and ``lon`` in degrees, ``count`` of its cables, ``href`` to them ("" for no link)."""

    code: str
    name: str
    lat: float
    lon: float
    count: int
    href: str


class Spot(NamedTuple):
    """A place where the map draws it: centre, radius of the circle, and radius of the area that can be hit."""

    place: Place
    x: float
    y: float
    r: float
    hit: float


def _raw(lat: float, lon: float) -> tuple[float, float]:
    """Natural Earth I (Tom Patterson's projection; Šavrič's polynomial), on a globe of radius 1, y to the north.

    It is no equal-area projection: it gives the crowded middle latitudes of Europe more room than one would."""
    phi, lam = math.radians(lat), math.radians(lon)
    p2 = phi * phi
    p4 = p2 * p2
    x = lam * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4)))
    y = phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))
    return x, y


_SCALE: Final = WIDTH / (2 * _raw(0, 180)[0])
_TOP: Final = _raw(NORTH, 0)[1]
#: The height of the map in its own units.
HEIGHT: Final = round((_TOP - _raw(SOUTH, 0)[1]) * _SCALE, 1)


def project(lat: float, lon: float) -> tuple[float, float]:
    """The point of the map for a latitude and a longitude in degrees; what lies beyond the cut is put on the edge."""
    east = lon - CENTRE
    if not -180 <= east <= 180:
        east = (east + 180) % 360 - 180
    x, y = _raw(min(NORTH, max(SOUTH, lat)), east)
    return x * _SCALE + WIDTH / 2, (_TOP - y) * _SCALE


def radius(count: int, most: int) -> float:
    """The radius of a circle for ``count``, where the largest is ``most``.

    The area grows with the square root of the count: in proportion, one large embassy would hide a continent; by the
    logarithm, a post with ten cables would look like one with a thousand."""
    share = math.sqrt(max(count, 0) / most) if most > 0 else 0.0
    return math.sqrt(SMALLEST**2 + (LARGEST**2 - SMALLEST**2) * min(share, 1.0))


def spots(places: Sequence[Place]) -> list[Spot]:
    """``places`` as the map draws them, the largest first, so that the small ones lie on top and no link is covered."""
    known = [place for place in places if math.isfinite(place.lat) and math.isfinite(place.lon)]
    known.sort(key=lambda place: (-place.count, place.code))
    most = max((place.count for place in known), default=0)
    drawn: list[tuple[Place, float, float, float]] = []
    edge: dict[tuple[float, float], float] = {}
    for place in known:
        (x, y), r = project(place.lat, place.lon), radius(place.count, most)
        # An embassy and a mission in one city stand side by side; else the one would hide the other.
        city = round(x), round(y)
        if city in edge:
            x = edge[city] + r
        edge[city] = x + r
        drawn.append((place, x, y, r))
    # The areas that can be hit do not overlap, or the wider of two neighbours would take the other's clicks. Where posts
    # are crowded they are small; there the table below the map is the way in (WCAG 2.2, 2.5.8: an equivalent control).
    return [
        Spot(place, x, y, r, max(r, min(HIT, _nearest(at, drawn) / 2))) for at, (place, x, y, r) in enumerate(drawn)
    ]  # fmt: skip


def _nearest(at: int, drawn: Sequence[tuple[Place, float, float, float]]) -> float:
    """The distance of the spot at ``at`` to its nearest neighbour."""
    _, x, y, _ = drawn[at]
    return min((math.hypot(x - x2, y - y2) for i, (_, x2, y2, _) in enumerate(drawn) if i != at), default=math.inf)


@cache
def land_path() -> str:
    """The outlines of the land as the data of one SVG path, projected with ``project``."""
    text = (files("cablegram.web") / "data" / "land.svgpath").read_text(encoding="ascii")
    # The head of the file says where the outlines are from and how they were made.
    return "".join(line for line in text.splitlines() if not line.startswith("#"))


@cache
def _ground() -> Markup:
    """The sheet below the circles: the edge of the globe, parallels and meridians every 30 degrees, and the land."""

    def line(points: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (project(*point) for point in points))

    steps = [NORTH - (NORTH - SOUTH) * i / 24 for i in range(25)]
    west, east = CENTRE - 180, CENTRE + 180
    edge = line([(lat, west) for lat in steps] + [(lat, east) for lat in reversed(steps)]) + "Z"
    net = [line([(lat, float(lon)) for lat in steps]) for lon in range(-150, 181, 30)]
    net += [line([(float(lat), west), (float(lat), east)]) for lat in (-30, 30, 60)]
    equator = line([(0.0, west), (0.0, east)])
    return Markup(
        f'<g class="cg-ground" aria-hidden="true"><path class="cg-sea" d="{edge}"/><path class="cg-net" d="{"".join(net)}"/>'
        f'<path class="cg-net cg-equator" d="{equator}"/><path class="cg-land" fill-rule="evenodd" d="{land_path()}"/>'
        f'<path class="cg-edge" d="{edge}"/></g>'
    )


def world_map(places: Sequence[Place], *, title: str, unit: str = "cables", table: str = "") -> Markup:
    """The map: every place a circle that is a link to its cables, in order of their number (which is the order of Tab).

    ``table`` is the id of the table with the same posts (``place_table(..., id=...)``): a link to it, seen when it has
    the focus, spares those who use a keyboard the way through all circles."""
    drawn = spots(places)
    circles = []
    for place, x, y, r, hit in drawn:
        words = plain(f"{place.name}: {counted(place.count, unit)}")
        # The hit circle comes first, so that it never covers the visible one.
        marks = f'<circle class="cg-hit" cx="{x:.1f}" cy="{y:.1f}" r="{hit:.1f}"/><circle class="cg-dot" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'
        circles.append(link(place.href, Markup(f"<title>{words}</title>{marks}"), "cg-post"))
    skip = ""
    if table and drawn:
        skip = f'<a class="cg-skip" href="#{plain(table)}">Go past the map to the table of the same posts</a>'
    role = 'role="group"' if any(place.href for place in places) else 'role="img"'
    return Markup(
        f'<div class="cg-chart cg-map">{skip}<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" {role} aria-label="{plain(title)}">'
        f'{_ground()}{_legend(drawn, unit)}<g class="cg-posts">{"".join(circles)}</g>{_names(drawn)}</svg></div>'
    )


#: Where the legend lies, for the names to keep clear of it.
_LEGEND: Final = (88.0, HEIGHT - 84, 250.0, HEIGHT - 26)


def _legend(drawn: Sequence[Spot], unit: str) -> str:
    """Three circles in the South Pacific, one on the foot of the other, with the counts they stand for."""
    most = max((spot.place.count for spot in drawn), default=0)
    if most < 2:
        return ""
    # A round number below the largest, then a tenth and a hundredth of it.
    top = 10 ** int(math.log10(most))
    top = next(top * step for step in (5, 2, 1) if top * step <= most)
    counts = [count for count in (top, top // 10, top // 100) if count > 0]
    x, foot = _LEGEND[0] + 20, _LEGEND[3] - 6
    parts = []
    for at, count in enumerate(counts):
        r = radius(count, most)
        # On a telephone, where the words are larger, there is no room for the unit and for the one in the middle.
        words = f'{count:,} <tspan class="cg-middle">{plain(unit)}</tspan>' if at == 0 else f"{count:,}"
        kind = ' class="cg-middle"' if at == 1 else ""
        high = foot - 2 * LARGEST - 8 + at * 19
        parts.append(
            f'<circle cx="{x}" cy="{foot - r:.1f}" r="{r:.1f}"/><path d="M{x} {foot - 2 * r:.1f}L{x + 28} {high:.1f}h6"/>'
            f'<text{kind} x="{x + 38}" y="{high + 4:.1f}">{words}</text>'
        )
    return f'<g class="cg-scale" aria-hidden="true">{"".join(parts)}</g>'


def _names(drawn: Sequence[Spot]) -> str:
    """The names of the largest posts that have room for theirs; a name never covers a circle or another name."""
    boxes = [_LEGEND]
    texts: list[str] = []
    for spot in drawn[: NAMED * 2]:
        if len(texts) == NAMED:
            break
        name = str(plain(spot.place.name))
        wide = len(spot.place.name) * LETTER
        gap = spot.r + 3
        # To the right or the left, level with the circle or a little above or below; else above or below its middle.
        level = [4.0, -3.0, 11.0]
        right = [("start", spot.x + gap, spot.y + down, spot.x + gap) for down in level]
        before = [("end", spot.x - gap, spot.y + down, spot.x - gap - wide) for down in level]
        middle = [("middle", spot.x, spot.y + down, spot.x - wide / 2) for down in (-gap - 1, gap + 10)]
        for anchor, x, y, left in (right[0], before[0], *middle, *right[1:], *before[1:]):
            box = left, y - LINE + 2, left + wide, y + 3
            inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= HEIGHT
            if inside and not any(_meet(box, other) for other in boxes) and not any(_covers(box, other) for other in drawn):
                boxes.append(box)
                texts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{name}</text>')
                break
    return f'<g class="cg-names" aria-hidden="true">{"".join(texts)}</g>'


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covers(box: tuple[float, float, float, float], spot: Spot) -> bool:
    x, y = min(max(spot.x, box[0]), box[2]), min(max(spot.y, box[1]), box[3])
    return math.hypot(spot.x - x, spot.y - y) < spot.r


def _degrees(value: float, signs: str) -> str:
    """``value`` as an almanac writes it: 33.7° N."""
    return f"{abs(value):.1f}° {signs[value < 0]}" if math.isfinite(value) else "–"


def place_table(places: Sequence[Place], *, title: str, unit: str = "cables", id: str = "") -> Markup:
    """The places of the map as a table that can be folded out, the largest first."""
    rows = []
    for place in sorted(places, key=lambda place: (-place.count, place.name)):
        rows.append(
            f'<tr><th scope="row">{link(place.href, plain(place.name), "")}</th><td>{plain(place.code)}</td>'
            f'<td class="cg-number">{_degrees(place.lat, "NS")}</td><td class="cg-number">{_degrees(place.lon, "EW")}</td>'
            f'<td class="cg-number">{place.count:,}</td></tr>'
        )
    head = ["Post", "Code", "Latitude", "Longitude", unit[:1].upper() + unit[1:]]
    return table_block(title, head, rows, numbers=3, id=id)
