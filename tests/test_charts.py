"""The pictures of the reading room: well-formed, safe, complete, and within their bounds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from importlib.resources import files
from itertools import pairwise

import pytest
from markupsafe import Markup

from cablegram.vocabulary.posts import all_posts
from cablegram.web.charts import Bar, Part, bar_table, counted, grid, histogram, number_line, percent, share_bar
from cablegram.web.worldmap import HEIGHT, HIT, WIDTH, Place, land_path, place_table, project, radius, spots, world_map

HOSTILE = '<script>alert(\'x\')</script>" onload="y" & \x00\x1b\ud800\u202e]]>'


def parsed(markup: Markup) -> ET.Element:
    """``markup`` as XML, checked for what the page's policy forbids and for what no page may hold twice."""
    assert isinstance(markup, Markup)
    markup.encode("utf-8")
    root = ET.fromstring(f"<x>{markup}</x>")
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert element.tag != "script"
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert "nan" not in value.split()
            assert "url(" not in value
    return root


def links(root: ET.Element) -> list[str]:
    return [element.attrib["href"] for element in root.iter("a")]


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter("text")]


def months(count: int, first: int = 1960) -> list[Bar]:
    return [
        Bar(label := f"{first + i // 12}-{i % 12 + 1:02}", i * 7 % 50, f"/search?q=date:{label}&x=1" if i * 7 % 50 else None)
        for i in range(count)
    ]


def real() -> list[Place]:
    return [Place(post.code, post.name, post.lat, post.lon, i * i, f"/p/{post.code}") for i, post in enumerate(all_posts())]


# -- the map


def test_projection_known_values() -> None:
    # Natural Earth I on a globe of radius 1 has a half-width of 2.7353 at the equator, and the pole at 1.4225.
    assert project(0, 11)[0] == pytest.approx(WIDTH / 2)
    assert project(0, 190.999)[0] == pytest.approx(WIDTH, abs=0.01)
    assert project(0, -168.999)[0] == pytest.approx(0, abs=0.01)
    unit = WIDTH / (2 * 2.735351)
    assert project(0, 0)[1] - project(45, 0)[1] == pytest.approx(0.791987 * unit, rel=0.01)
    assert project(84, 0)[1] == 0
    assert project(-58, 0)[1] == pytest.approx(HEIGHT, abs=0.1)
    assert project(33.7, 51.4) == pytest.approx(project(33.7, 51.4 + 360))


def test_projection_is_monotone_and_bounded() -> None:
    for lat in range(-58, 85, 2):
        row = [project(lat, -168.9 + lon) for lon in range(0, 360, 3)]
        assert all(a[0] < b[0] for a, b in pairwise(row))
        assert all(0 <= x <= WIDTH and -0.1 <= y <= HEIGHT + 0.1 for x, y in row)
    for lon in range(-180, 181, 15):
        column = [project(lat, lon)[1] for lat in range(-58, 85)]
        assert all(a > b for a, b in pairwise(column))
    assert project(-90, 0)[1] == project(-58, 0)[1]


def test_land_path() -> None:
    path = land_path()
    assert 10_000 < len(path) < 35_000
    assert len((files("cablegram.web") / "data" / "land.svgpath").read_bytes()) < 35_000
    assert re.fullmatch(r"(M[-\d. ]+l[-\d. ]+z)+", path)
    assert not re.search(r"\.\d\d", path)
    # Every point lies on the map; no edge runs across it from one end to the other.
    for ring in path.split("z")[:-1]:
        start, _, rest = ring[1:].partition("l")
        x, y = map(float, re.findall(r"-?\d*\.?\d+", start))
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        assert len(numbers) % 2 == 0
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            assert abs(dx) < 60
            x, y = x + dx, y + dy
            assert -0.5 <= x <= WIDTH + 0.5
            assert -0.5 <= y <= HEIGHT + 0.5


def test_map_of_all_posts() -> None:
    places = real()
    root = parsed(world_map(places, title="Origins", table="posts"))
    assert links(root)[0] == "#posts"
    assert sorted(links(root)[1:]) == sorted(place.href for place in places)
    svg = root.find(".//svg")
    assert svg is not None
    assert (svg.attrib["role"], svg.attrib["aria-label"]) == ("group", "Origins")
    for link in svg.iter("a"):
        title = link.find("title")
        assert title is not None
        assert re.search(r": [\d,]+ cables?$", title.text or "")
    drawn = [float(dot.attrib["r"]) for dot in root.iter("circle") if dot.attrib.get("class") == "cg-dot"]
    assert drawn == sorted(drawn, reverse=True)


def test_what_can_be_hit_does_not_overlap_beyond_the_circles() -> None:
    found = spots(real())
    for i, one in enumerate(found):
        assert one.r <= one.hit <= HIT
        for other in found[:i]:
            apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            assert one.hit + other.hit <= apart + 0.001 or one.hit == one.r or other.hit == other.r


def test_two_posts_of_one_city_stand_side_by_side() -> None:
    embassy, mission = spots([Place("A", "A", 50.84, 4.37, 10, "/a"), Place("B", "B", 50.84, 4.37, 10, "/b")])
    assert mission.x - embassy.x == pytest.approx(embassy.r + mission.r)


def test_map_edge_cases() -> None:
    assert links(parsed(world_map([], title="None"))) == []
    alone = parsed(world_map([Place("X", HOSTILE, 10, 20, 1, "/x?a=1&b='\"<")], title=HOSTILE, unit=HOSTILE, table=HOSTILE))
    assert links(alone)[1] == "/x?a=1&b='\"<"
    lost = parsed(world_map([Place("X", "X", float("nan"), 0, 3, "/x")], title="Lost"))
    assert links(lost) == []
    bare = parsed(world_map([Place("X", "X", 0, 0, 0, "")], title="Bare"))
    svg = bare.find(".//svg")
    assert svg is not None
    assert svg.attrib["role"] == "img"


def test_radius_grows_and_stays_in_bounds() -> None:
    sizes = [radius(count, 10_000) for count in (0, 1, 10, 100, 1000, 10_000, 20_000)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == sizes[-2]
    assert radius(5, 0) == sizes[0]


def test_place_table() -> None:
    root = parsed(place_table(real(), title="Origins", id="posts"))
    rows = root.findall(".//tbody/tr")
    assert len(rows) == len(links(root)) == len(all_posts())
    counts = [int("".join(row[-1].itertext()).replace(",", "")) for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert "33.7° S" in "".join(parsed(place_table([Place("X", HOSTILE, -33.7, 18.4, 2, "/x")], title=HOSTILE)).itertext())


# -- counts over time


@pytest.mark.parametrize("count", [0, 1, 2, 12, 19, 96, 97, 600])
def test_histogram_links_what_is_not_zero(count: int) -> None:
    bars = months(count)
    root = parsed(histogram(bars, title="By month", unit="cables"))
    assert links(root) == [bar.href for bar in bars if bar.count]
    table = parsed(bar_table(bars, title="By month", unit="cables"))
    assert links(table) == links(root)


def test_many_months_are_hit_by_year() -> None:
    bars = months(600)
    root = parsed(histogram(bars, title="By month", unit="cables", year_href=lambda year: f"/y/{year}"))
    assert links(root) == [f"/y/{year}" for year in range(1960, 2010)]
    total = sum(bar.count for bar in bars[:12])
    assert root.findtext(".//a/title") == f"1960: {total:,} cables"
    # Each month has its bar, no narrower than a unit.
    shape = root.find(".//path")
    assert shape is not None
    widths = [float(width) for width in re.findall(r"h([\d.]+)", shape.attrib["d"])]
    assert len(widths) == sum(bar.count > 0 for bar in bars)
    assert min(widths) >= 1
    few = parsed(histogram(bars[:24], title="By month", unit="cables", year_href=lambda year: f"/y/{year}"))
    assert "/y/1960" not in links(few)
    table = parsed(bar_table(bars, title="By month", unit="cables", year_href=lambda year: f"/y/{year}"))
    assert len(links(table)) == 50 + sum(bar.count > 0 for bar in bars)
    assert len(table.findall(".//tbody/tr")) == 50


def test_one_cable_is_seen_beside_thousands() -> None:
    root = parsed(histogram([Bar("1976", 1, "/a"), Bar("1977", 100_000, "/b")], title="t", unit="cables"))
    low, high = (float(re.findall(r"v-([\d.]+)", path.attrib["d"])[0]) for path in root.iter("path"))
    assert (low, high) == (1.5, 160.0)
    assert [title.text for title in root.iter("title")] == ["1976: 1 cable", "1977: 100,000 cables"]


@pytest.mark.parametrize("count", [1, 5, 12, 18, 19, 30, 84, 150, 600])
@pytest.mark.parametrize(("hidden", "wide"), [("cg-roomy", 260), ("cg-tight", 500)])
@pytest.mark.parametrize("yearly", [False, True])
def test_labels_do_not_touch(count: int, hidden: str, wide: int, yearly: bool) -> None:
    bars = [Bar(str(1400 + i), 3, "/x") for i in range(count)] if yearly else months(count)
    root = parsed(histogram(bars, title="t", unit="cables"))
    axis = root.findall(".//g[@class='cg-axis']")[1]
    shown = [group.find("text") for group in axis if group.attrib.get("class") != hidden]
    ends = [(float(text.attrib["x"][:-1]) / 100 * wide, len(text.text or "") * 6.7 / 2) for text in shown if text is not None]
    assert ends
    assert all(a + half + 4 < b - other for (a, half), (b, other) in pairwise(ends))


def test_hostile_bars() -> None:
    root = parsed(histogram([Bar(HOSTILE, 2, "/a?b=\"'<>&c")], title=HOSTILE, unit=HOSTILE))
    assert links(root) == ["/a?b=\"'<>&c"]
    parsed(bar_table([Bar(HOSTILE, 2, "/a")], title=HOSTILE, unit=HOSTILE, id=HOSTILE))
    for address in ("javascript:alert(1)", " JavaScript:x", "java\tscript:x", "\x00javascript:x", "data:text/html,x", ""):
        assert links(parsed(histogram([Bar("1976", 2, address)], title="t", unit="cables"))) == []
    assert links(parsed(histogram([Bar("1976", 2, Markup("/<b>"))], title="t", unit="cables"))) == ["/<b>"]


def test_grid_has_two_or_three_round_lines() -> None:
    assert grid(0) == []
    assert grid(1) == [1]
    assert grid(41) == [20, 40]
    assert grid(100) == [50, 100]
    assert grid(30_000) == [10_000, 20_000, 30_000]
    for most in [*range(2, 2000), 123_456, 9_999_999]:
        lines = grid(most)
        assert 2 <= len(lines) <= 3
        assert lines[-1] <= most < lines[-1] + lines[0]


def test_words_for_counts() -> None:
    assert [counted(count, "cables") for count in (0, 1, 1234)] == ["0 cables", "1 cable", "1,234 cables"]
    assert [percent(count, 10_000) for count in (0, 1, 320, 995, 4100, 10_000)] == ["0%", "<0.1%", "3.2%", "10%", "41%", "100%"]
    assert percent(0, 0) == "0%"


# -- shares, numbers

LEVELS = ("u", "fouo", "sbu", "lou", "c", "s", "ts", "none")


def test_share_bar() -> None:
    parts = [Part(f"Level {mark}", 10 ** (i % 5), mark, f"/{mark}") for i, mark in enumerate(LEVELS)]
    root = parsed(share_bar(parts, title="Levels"))
    assert links(root) == [f"/{mark}" for mark in LEVELS]
    svg = root.find(".//svg")
    assert svg is not None
    assert svg.attrib["role"] == "img"
    assert "Level u" in svg.attrib["aria-label"]
    boxes = [box for box in svg if box.tag == "svg"]
    assert len(boxes) == len(parts)
    assert sum(float(box.attrib["width"][:-1]) for box in boxes) == pytest.approx(100, abs=0.1)
    assert min(float(box.attrib["width"][:-1]) for box in boxes) > 0.3
    # Told apart without colour: one is solid, one has a dashed rim, and every other a pattern of its own.
    looks = {"".join(ET.tostring(element, encoding="unicode") for element in box[1:]) for box in boxes}
    assert len(looks) == len(LEVELS)


def test_share_bar_edge_cases() -> None:
    assert links(parsed(share_bar([], title="None"))) == []
    zero = parsed(share_bar([Part("Secret", 0, "s", "/s"), Part("Top Secret", 0, "ts", "/ts")], title="None"))
    assert links(zero) == []
    one = parsed(share_bar([Part(HOSTILE, 3, HOSTILE, "/s")], title=HOSTILE))
    assert len(list(one.iter("rect"))) == 4
    assert "100%" in "".join(one.itertext())


def marks(root: ET.Element, kind: str) -> int:
    return next(path.attrib["d"].count("M") for path in root.iter("path") if path.attrib["class"] == kind)


def test_number_line_is_exact_for_few() -> None:
    root = parsed(number_line(1, 20, [1, 2, 3, 7, 20, 99, -4], [3, 5, 6, 400], title="Tehran 1979", href="/t"))
    held = next(path.attrib["d"] for path in root.iter("path") if path.attrib["class"] == "cg-held")
    assert held == "M0 16v-16h3v16zM6 16v-16h1v16zM19 16v-16h1v16z"
    assert marks(root, "cg-cited") == 2
    assert root.findtext(".//title") == "Tehran 1979: 5 of 20 numbers held; 2 cited but not held"
    assert links(root) == ["/t"]


@pytest.mark.parametrize("size", [1, 399, 400, 401, 799, 801, 10_000])
def test_number_line_has_at_most_800_marks(size: int) -> None:
    odd = range(1, size + 1, 2)
    root = parsed(number_line(1, size, odd, range(1, size + 1), title="t"))
    assert marks(root, "cg-held") + marks(root, "cg-cited") <= 800
    whole = parsed(number_line(1, size, range(1, size + 1), [], title="t"))
    assert marks(whole, "cg-held") == 1
    assert "missing 0" in "".join(whole.itertext())


def test_number_line_full_and_empty_are_never_rounded() -> None:
    root = parsed(number_line(1, 10_000, set(range(1, 10_001)) - {5000}, [5000], title="t"))
    assert "v-12h1" in ET.tostring(root, encoding="unicode")
    root = parsed(number_line(1, 10_000, [5000], [], title="t"))
    assert "v-4h1" in ET.tostring(root, encoding="unicode")


def test_number_line_edge_cases() -> None:
    for lowest, highest in ((5, 4), (0, 0), (9, 1)):
        parsed(number_line(lowest, highest, [], [], title=HOSTILE, href="/x"))
    assert texts(parsed(number_line(7, 7, [7], [], title="t"))) == ["7"]


# -- the style sheet


def _luminance(colour: tuple[float, ...]) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_fallback_colours_have_contrast() -> None:
    sheet = (files("cablegram.web") / "static" / "charts.css").read_text(encoding="utf-8")
    assert "@import" not in sheet
    assert "url(" not in sheet
    found = re.findall(r"--cg-(\w+): var\(--[\w-]+, #(\w{6})\)", sheet)
    themes = [dict(found[i : i + 10]) for i in range(0, len(found), 10)]
    assert len(themes) == 3
    assert themes[1] == themes[2]
    for theme in themes:
        colour = {name: tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)) for name, code in theme.items()}
        land = tuple(0.55 * rule + 0.45 * paper for rule, paper in zip(colour["rule"], colour["paper"], strict=True))
        for name in ("ink", "soft", "accent", "u", "sbu", "c", "s", "ts"):
            assert _contrast(colour[name], colour["paper"]) >= (4.5 if name in ("ink", "soft") else 3), name
        assert _contrast(colour["accent"], land) >= 3
