"""Speed and size of an archive as numbers: a generated collection put in by the command, and searched as the reading room does.

Seconds are by the wall clock on all cores; memory is the peak resident set of the largest process.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from cablegram.archive.archive import Archive
from cablegram.archive.words import words_of
from cablegram.errors import CablegramError
from cablegram.fiction.generate import csv_rows, make_examples, write_rows

_QUERIES = 200
_SAMPLE = 400
_ADDED = 1000
_OPENINGS = 7


def report(count: int, seed: int, folder: Path | None) -> int:
    """Print all figures for ``count`` generated cables. ``folder`` keeps the collection and the archive; they are made again if missing."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="cablegram-bench-") as place:
            _report(count, seed, Path(place))
    else:
        _report(count, seed, folder)
    return 0


def _report(count: int, seed: int, folder: Path) -> None:
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {count:,} generated cables, seed {seed}", flush=True)
    sources, place = folder / f"sources-{count}-{seed}", folder / f"archive-{count}-{seed}"
    if not sources.exists():
        make_examples(sources, count, seed, "csv")
    size = (sources / "cables.csv").stat().st_size
    if place.exists():
        print("archive: kept from an earlier run, not timed")
    else:
        _ingest(sources / "cables.csv", place, size)
    held = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    print(f"size: {held / 1e6:,.0f} MB for {size / 1e6:,.0f} MB of source text, {held / size:.2f} times (store {(place / 'cables.db').stat().st_size / 1e6:,.0f} MB)")  # fmt: skip
    _opening(place)
    with Archive(place) as archive:
        _searches(archive, Random(seed))
        _adding(archive, seed + 1_000)


def _adding(archive: Archive, seed: int) -> None:
    """Put in cables with numbers that the archive does not hold, as a second batch of a release comes."""
    before = len(archive)
    others = (row for row in csv_rows(8 * _ADDED, seed) if archive.store.number(row[2]) is None)
    with tempfile.TemporaryDirectory(prefix="cablegram-bench-") as folder:
        source = Path(folder) / "more.csv"
        write_rows(source, islice(others, _ADDED))
        start = time.perf_counter()
        added = archive.ingest(source)
        seconds = time.perf_counter() - start
    print(
        f"adding {added.read:,} cables: {seconds:.2f} s ({added.new:,} new, {added.versions:,} other versions; {before:,} held before)"
    )


def _ingest(source: Path, place: Path, size: int) -> None:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "cablegram.cli.main", "ingest", str(source), "--archive", str(place), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if done.returncode:
        raise CablegramError(f"the ingest of {source} ended with {done.returncode}")
    told: dict[str, Any] = json.loads(done.stdout)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"searchable in {seconds:.1f} s: {told['new'] / seconds:,.0f} cables/s, {size / 1e6 / seconds:.1f} MB/s; peak memory of the largest process {peak:,.0f} MB")  # fmt: skip
    spent = told["seconds"]
    parts = {
        "parse (reading, while nothing was stored)": spent["reading"] - spent["storing"],
        "store": spent["storing"] + spent.get("comparing", 0.0),
        "index": spent["indexing"],
    }
    for name, value in parts.items():
        print(f"  {name:42} {value:7.1f} s  {100 * value / seconds:4.0f} %")


def _opening(place: Path) -> None:
    times: list[float] = []
    for _ in range(_OPENINGS):
        start = time.perf_counter()
        with Archive(place) as archive:
            archive.search("", limit=1, facets=False, snippets=False)
        times.append(1000 * (time.perf_counter() - start))
    print(f"opening, with a first search: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms")


def _sentences(archive: Archive, rng: Random) -> list[list[str]]:
    """Words of paragraphs drawn from the archive."""
    keys = list(islice(archive.ids(), 0, None, max(1, len(archive) // _SAMPLE)))
    out: list[list[str]] = []
    for key in keys:
        cable = archive.get(key)
        if cable is not None and cable.paragraphs:
            out.append(words_of(rng.choice(cable.paragraphs).text))
    return [words for words in out if len(words) > 6]


def query_kinds(archive: Archive, rng: Random) -> dict[str, Callable[[], str]]:
    """Makers of queries of several kinds, by name, from words that the archive has."""
    told = _sentences(archive, rng)
    posts = list(archive.search("", limit=0).facets["post"])
    years = list(archive.search("", limit=0).facets["year"])

    def two(words: list[str]) -> tuple[str, str]:
        long = [word for word in dict.fromkeys(words) if len(word) > 3 and not word.isdigit()]
        one, other = rng.sample(long, 2) if len(long) > 1 else (words[0], words[-1])
        return one, other

    def phrase() -> str:
        words = rng.choice(told)
        at = rng.randrange(len(words) - 2)
        return f'"{words[at]} {words[at + 1]}"'

    return {
        "two words": lambda: " ".join(two(rng.choice(told))),
        "phrase": phrase,
        "words and fields": lambda: f"{two(rng.choice(told))[0]} from:{rng.choice(posts)} class:>=CONFIDENTIAL",
        "words and dates": lambda: f"{two(rng.choice(told))[0]} date:{rng.choice(years)}-03..{rng.choice(years[-1:])}-11",
        "a word in a marking": lambda: f"para:{rng.choice(['S', 'C', 'U'])} {two(rng.choice(told))[0]}",
        "one common word": lambda: rng.choice(["the", "and", "cable", "embassy", "report", "end"]),
    }


def _timed(archive: Archive, queries: Iterator[str]) -> tuple[list[float], list[int]]:
    times: list[float] = []
    totals: list[int] = []
    for query in queries:
        start = time.perf_counter()
        found = archive.search(query, limit=20)
        times.append(1000 * (time.perf_counter() - start))
        totals.append(found.total)
    return times, totals


def _searches(archive: Archive, rng: Random) -> None:
    print(f"search, top 20 with snippets, total and facets, {_QUERIES} queries a kind, ms:")
    for name, make in query_kinds(archive, rng).items():
        _timed(archive, (make() for _ in range(10)))
        times, totals = _timed(archive, (make() for _ in range(_QUERIES)))
        cuts = statistics.quantiles(times, n=20)
        print(f"  {name:22} p50 {statistics.median(times):6.1f}   p95 {cuts[18]:6.1f}   slowest {max(times):6.1f}   hits, median {statistics.median(totals):,.0f}")  # fmt: skip
