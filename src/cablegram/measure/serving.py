"""The reading room under readers: how long pages take for one reader, and that many at once are served without an error; the same of the API.

Readers are connections of this process; the server is another process, as a user starts it. Milliseconds are from request to last byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import quote

from cablegram.archive.archive import Archive
from cablegram.errors import CablegramError
from cablegram.measure.archive import query_kinds

_ALONE = 150
_PATIENCE = 60.0
#: Programs that ask the API for single records at once.
_PROGRAMS = 8
_LONGEST = 20.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def report(folder: Path, readers: int, seconds: float, seed: int) -> int:
    """Print the figures for the archive in ``folder``; 1 where a page failed, else 0."""
    rng = Random(seed)
    with Archive(folder, create=False) as archive:
        urls = _urls(archive, rng)
        api = _api_urls(archive, rng)
        print(f"{len(archive):,} cables; pages as a browser asks for them", flush=True)
    with _server(folder) as port:
        _show_alone(port, "reader", urls)
        times, failed = asyncio.run(_crowd(port, list(urls.values()), readers, seconds, rng))
    cuts = statistics.quantiles(times, n=20)
    print(
        f"  {readers} readers at once for {seconds:.0f} s: {len(times):,} pages, {len(times) / seconds:.0f}/s, p50 {statistics.median(times):.0f} ms, p95 {cuts[18]:.0f} ms, {failed} failed"
    )
    with _server(folder) as port:
        _show_alone(port, "program", api)
        answered, refused = asyncio.run(_crowd(port, [api["API, one record"]], _PROGRAMS, min(seconds, _LONGEST), rng))
    cuts = statistics.quantiles(answered, n=20)
    print(
        f"  {_PROGRAMS} programs at once for {min(seconds, _LONGEST):.0f} s, single records: {len(answered) / min(seconds, _LONGEST):.0f}/s, p50 {statistics.median(answered):.0f} ms, p95 {cuts[18]:.0f} ms, {refused} failed"
    )
    return 1 if failed or refused else 0


def _show_alone(port: int, who: str, urls: dict[str, Callable[[], str]]) -> None:
    for name, make in urls.items():
        times, sizes = asyncio.run(_alone(port, [make() for _ in range(_ALONE)]))
        cuts = statistics.quantiles(times, n=20)
        print(
            f"  one {who}, {name:28} p50 {statistics.median(times):6.1f} ms   p95 {cuts[18]:6.1f} ms   {statistics.median(sizes) / 1000:5.1f} kB"
        )


def _urls(archive: Archive, rng: Random) -> dict[str, Callable[[], str]]:
    keys = list(islice(archive.ids(), 0, None, max(1, len(archive) // 2000)))
    kinds = query_kinds(archive, rng)
    return {
        "record": lambda: f"/cables/{quote(rng.choice(keys))}",
        "record as JSON": lambda: f"/cables/{quote(rng.choice(keys))}.json",
        "search with facets and charts": lambda: f"/search?q={quote(kinds['two words']())}",
        "search by fields": lambda: f"/search?q={quote(kinds['words and fields']())}",
    }


def _api_urls(archive: Archive, rng: Random) -> dict[str, Callable[[], str]]:
    keys = list(archive.ids())
    kinds = query_kinds(archive, rng)
    return {
        # Of all cables alike, so that hardly any was asked for before.
        "API, one record": lambda: f"/api/v1/cables/{quote(rng.choice(keys))}",
        "API, paragraphs": lambda: f"/api/v1/cables/{quote(rng.choice(keys))}/paragraphs",
        "API, search": lambda: f"/api/v1/cables?q={quote(kinds['two words']())}",
    }


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[int]:
    """The port of a reading room that runs for the time of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cablegram.cli.main", "serve", "--archive", str(folder), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://[^/]*:(\d+)/", process.stderr.readline())
        if found is None:
            raise CablegramError("the reading room did not start")
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(10)


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str) -> tuple[int, int]:
    writer.write(f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
    length = _LENGTH.search(head)
    size = int(length[1]) if length is not None else 0
    await asyncio.wait_for(reader.readexactly(size), _PATIENCE)
    return int(head[9:12]), size


async def _alone(port: int, urls: list[str]) -> tuple[list[float], list[int]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    sizes: list[int] = []
    for url in [*urls[:10], *urls]:
        start = time.perf_counter()
        status, size = await _get(reader, writer, url)
        times.append(1000 * (time.perf_counter() - start))
        sizes.append(size)
        if status != 200:
            raise CablegramError(f"{url} was answered with {status}")
    writer.close()
    return times[10:], sizes[10:]


async def _crowd(
    port: int, makers: list[Callable[[], str]], readers: int, seconds: float, rng: Random
) -> tuple[list[float], int]:
    times: list[float] = []
    failed = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            start = time.perf_counter()
            try:
                status, _ = await _get(reader, writer, rng.choice(makers)())
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                failed += 1
                return
            failed += status != 200
            times.append(1000 * (time.perf_counter() - start))
        writer.close()

    await asyncio.gather(*(one() for _ in range(readers)))
    return times, failed
