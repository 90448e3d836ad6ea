"""Speed and memory as numbers: the corpus, a generated collection, hostile texts, a streamed CSV file.

Times are process CPU seconds, the best of several rounds; memory is the peak resident set of the whole process.
"""

from __future__ import annotations

import csv
import gc
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cablegram.fiction.generate import csv_rows, write_rows
from cablegram.interpret.reader import parse
from cablegram.measure.accuracy import CORPUS
from cablegram.reading import read_items
from cablegram.sources.base import Refusal

_TEN_MB = 10_000_000
_HOSTILE_LIMIT = 10.0


def hostile_texts(size: int) -> Iterator[tuple[str, str]]:
    """``(name, text)`` of texts made to slow a parser down, each about ``size`` characters long."""
    head = "S E C R E T LIMA 000001 \n\nSUBJECT: A TEST \n\n1. (S) "

    def fill(unit: str) -> str:
        return unit * (size // len(unit))

    yield "one line of digits", fill("0123456789")
    yield "opening brackets", fill("(")
    yield "brackets in a paragraph", head + fill("(")
    yield "`1. ` repeated", fill("1. ")
    yield "`1. (C) ` repeated on a line", head + fill("1. (C) ")
    yield "`. 1. (C) ` behind sentences", head + fill("End. 2. (C) ")
    yield "numbered lines", fill("1. (C)\n")
    yield "nested END marks", head + fill("END SUMMARY END ")
    yield "spaced letters", fill("C O N F I D E N T I A L ")
    yield "spaced letters a line", fill("S E C R E T\n")
    yield "classification lines", fill("S E C R E T SECTION 01 OF 02 LIMA 000001\n")
    yield "line feeds", fill("\n")
    yield "blanks", fill(" ")
    yield "dashes", fill("-")
    yield "short underlines", fill("---\n")
    yield "commas", head + fill("a,s ")
    yield "ampersands", head + fill("&a ")
    yield "brackets for dashes", head + fill("a ) ")
    yield "section breaks glued", head + fill("and LIMA 00000001 001 OF 002 then ")
    yield "section-break lines", head + fill("LIMA 00000001 001 OF 002\n")
    yield "SIPDIS lines", head + fill("SIPDIS then\n")
    yield "SIPDIS on one line", head + fill("then SIPDIS word ")
    yield "addressees", "R 010000Z JAN 07\nFM AMEMBASSY LIMA\nTO " + fill("RUEHC/SECSTATE WASHDC\n")
    yield "TAGS", head.replace("1. (S) ", "TAGS: " + fill("PREL "))
    yield "one REF line", "S E C R E T LIMA 000001\nSUBJECT: A\nREF: " + fill("A. LIMA 1 ")
    yield "REF lines", "S E C R E T LIMA 000001\nSUBJECT: A\nREF: " + fill("A. LIMA 1\n")
    yield "Classified By", "S E C R E T LIMA 000001\nSUBJECT: A\nClassified By: " + fill("reason 1.4 ")
    yield "dots behind Classified By", "S E C R E T LIMA 000001\nSUBJECT: A\nClassified By: " + fill(". ")
    yield "letters behind reason", "S E C R E T LIMA 000001\nSUBJECT: A\nClassified By: X, reason 1.4 " + fill("(b) and ")
    yield "list items", head + fill("\n- a")
    yield "short lines", head + fill("word\n")
    yield "words a line apart", head + fill("Word\n\n")
    yield "open markings", fill("1. (S//REL A,\n")
    yield "brackets for lists", head + fill("(a) ")
    yield "surnames", head + fill("Smith ")
    yield "web sites", head + fill("visit http://www.gov ")
    yield "subject", "S E C R E T LIMA 000001\nSUBJECT: " + fill("WORD ")
    yield "E.O. line", "S E C R E T LIMA 000001\nE.O. 12958: DECL: " + fill("X1 ")
    yield "a page", "<html><pre>" + fill("<a href='#'>&#x000A;")
    yield "a page of tags", "<html><pre>" + fill("<a <td>")
    yield "attributes", "Message Text\n\nMessage Attributes\n" + fill("Subject: A\n")
    yield "redactions", head + fill("XXXXXXXXXXXX ")
    yield "mojibake", head + fill("caf\u00c3\u00a9 ")
    yield "pilcrows", fill("¶")
    yield "labels", fill("SUBJECT: REF: TAGS: ")
    yield "page lines", fill("PAGE 01 LIMA 00001 010000Z\n")
    yield "distribution", fill("ACTION AF-00 ")


def _cpu(run: Callable[[], object], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _corpus() -> list[str]:
    if not CORPUS.is_file():
        return []
    with CORPUS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, doublequote=False, escapechar="\\"))
    return [f"{row[6]}\n{row[7]}" if row[6] else row[7] for row in rows]


def _speed(name: str, texts: list[str], rounds: int) -> None:
    size = sum(map(len, texts)) / len(texts)

    def read() -> None:
        # As a stream is read: each record is let go before the next one is made.
        for text in texts:
            parse(text)

    def tell() -> None:
        for text in texts:
            parse(text).to_dict()

    seconds, whole = _cpu(read, rounds), _cpu(tell, rounds)
    print(f"{name}: {len(texts)} cables, mean {size / 1000:.1f} kB")
    print(f"  parse            {len(texts) / seconds:8.0f} cables/s   {seconds / len(texts) * 1e6:7.0f} us a cable")
    print(f"  parse + to_dict  {len(texts) / whole:8.0f} cables/s   {whole / len(texts) * 1e6:7.0f} us a cable")
    rates: list[float] = []
    for text in texts:
        rates.append(_cpu(lambda text=text: parse(text), 3) / max(len(text), 1))  # type: ignore[misc]
    mean = statistics.fmean(rates)
    print(f"  slowest cable a character: {max(rates) / mean:.1f} times the mean")


def _stream(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cables.csv"
        write_rows(path, csv_rows(count, 1))
        size = path.stat().st_size / 1e6
        start = time.process_time()
        read = sum(1 for item in read_items(path) if not isinstance(item, Refusal))
        seconds = time.process_time() - start
    print(f"csv stream: {read} of {count} generated cables, {size:.0f} MB, {read / seconds:.0f} cables/s,"
          f" peak memory {_peak_mb():.0f} MB")  # fmt: skip


def report(*, quick: bool) -> int:
    """Print all figures; 1 where a hostile text takes more than ten seconds, else 0."""
    rounds = 2 if quick else 5
    print(f"Python {sys.version.split()[0]}, one core, CPU time, best of {rounds}")
    # First, so that the peak is the stream's own.
    _stream(2_000 if quick else 100_000)
    corpus = _corpus()
    if corpus:
        _speed("corpus", corpus, rounds)
    _speed("generated", ["\n".join(part for part in row[6:8] if part) for row in csv_rows(300 if quick else 3000, 2)], rounds)
    worst = 0.0
    size = _TEN_MB // 10 if quick else _TEN_MB
    for name, text in hostile_texts(size):
        seconds = _cpu(lambda text=text: parse(text), 1)  # type: ignore[misc]
        worst = max(worst, seconds)
        print(f"hostile, {size / 1e6:.0f} MB: {name:30} {seconds:6.2f} s", flush=True)
    print(f"slowest hostile text {worst:.2f} s; peak memory of the whole run {_peak_mb():.0f} MB")
    return 1 if worst > _HOSTILE_LIMIT else 0
