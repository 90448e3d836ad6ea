"""Fictional cables in any number, true to the form, for measuring speed and memory. All names and events are invented."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_POSTS: Final = (
    ("LIMA", "AMEMBASSY LIMA", "Embassy Lima", "RUEHPE", "PE"),
    ("ANKARA", "AMEMBASSY ANKARA", "Embassy Ankara", "RUEHAK", "TU"),
    ("NAIROBI", "AMEMBASSY NAIROBI", "Embassy Nairobi", "RUEHNR", "KE"),
    ("KARACHI", "AMCONSUL KARACHI", "Consulate Karachi", "RUEHKP", "PK"),
    ("RIO DE JANEIRO", "AMCONSUL RIO DE JANEIRO", "Consulate Rio De Janeiro", "RUEHRI", "BR"),
    ("STATE", "SECSTATE WASHDC", "Secretary of State", "RUEHC", "US"),
)
_MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_SYLLABLES: Final = (
    "ba be bi bo da de di do ka ke ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so ta te to va ve".split()
)
_MARKS: Final = ("C", "C", "C", "S", "S/NF", "SBU", "U")
_NAMES: Final = ("Jane Roe", "John Doe", "Ann Example", "Max Sample")
_WIDTH: Final = 64


def _words(rng: random.Random, count: int) -> list[str]:
    return ["".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(1, 4))) for _ in range(count)]


def _sentence(rng: random.Random, words: list[str]) -> str:
    chosen = rng.choices(words, k=rng.randint(8, 24))
    chosen[rng.randrange(len(chosen))] += rng.choice(("", "", ",", ",s", " (the first)"))
    text = " ".join(chosen)
    return text[0].upper() + text[1:] + "."


def _wrapped(text: str) -> str:
    lines: list[str] = []
    line = ""
    for word in text.split():
        if len(line) + len(word) + 1 > _WIDTH:
            lines.append(line + " ")
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def generate(n: int, seed: int) -> Iterator[tuple[str, ...]]:
    """``n`` rows of the eight-column form: number, date, id, origin, classification, references, header, body.

    The same ``seed`` gives the same rows. A body has some 10,000 characters on average.
    """
    rng = random.Random(seed)
    words = _words(rng, 2000)
    paragraphs = [" ".join(_sentence(rng, words) for _ in range(rng.randint(4, 8))) for _ in range(400)]
    serials = dict.fromkeys((post[0] for post in _POSTS), 0)
    for number in range(1, n + 1):
        post, address, origin, routing, tag = rng.choice(_POSTS)
        serials[post] = serials[post] % 99_999 + 1
        serial = serials[post]
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2004, 2009)
        hour, minute = rng.randint(0, 23), rng.randint(0, 59)
        count = rng.randint(1, 4)
        section = f" SECTION 01 OF {count:02d}" if count > 1 else ""
        header = "\n".join((
            f"VZCZCXRO{rng.randint(1000, 9999)}", "PP RUEHLP RUEHSO", f"DE {routing} #{serial % 10000:04d}/01 {month * 30:03d}{hour:02d}{minute:02d}",
            "ZNY CCCCC ZZH", f"P {day:02d}{hour:02d}{minute:02d}Z {_MONTHS[month - 1]} {year % 100:02d}", f"FM {address}",
            f"TO RUEHC/SECSTATE WASHDC PRIORITY {rng.randint(1, 9999):04d}", f"INFO RUEHLO/AMEMBASSY LONDON {rng.randint(1, 9999):04d}",
            f"RUEHFR/AMEMBASSY PARIS {rng.randint(1, 9999):04d}", "RUEAIIA/CIA WASHDC",
        ))  # fmt: skip
        title = " ".join(rng.choices(words, k=14)).upper()
        parts = [
            f"C O N F I D E N T I A L{section} {post} {serial:06d} ", "", "SIPDIS ", "",
            f"E.O. 12958: DECL: {month:02d}/{day:02d}/{year + 10}", f"TAGS: PREL PGOV {tag}", f"SUBJECT: {_wrapped(title)} ", "",
            f"REF: A. LIMA {rng.randint(1, 9999)} \n     B. {year % 100 - 1:02d} STATE {rng.randint(1, 99999)} ", "",
            f"Classified By: Ambassador {rng.choice(_NAMES)}, reasons 1.4 (b) and (d). ", "",
        ]  # fmt: skip
        total = rng.randint(6, 30)
        for k in range(1, total + 1):
            text = rng.choice(paragraphs)
            if k == 1:
                text = f"Summary: {text} End summary."
            elif k == total:
                text = f"Comment: {text} End comment."
            parts += [_wrapped(f"¶{k}. ({rng.choice(_MARKS)}) {text}") + " ", ""]
            if count > 1 and k % 6 == 0 and k // 6 < count:
                parts += ["", f"{post[:10]} {serial:08d}  {k // 6 + 1:03d} OF {count:03d} ", "", ""]
        parts.append("ROE")
        created = f"{month}/{day}/{year} {hour}:{hour % 12 or 12:02d}"
        ident = f"{year % 100:02d}{post.replace(' ', '')}{serial}"
        yield (str(number), created, ident, origin, "CONFIDENTIAL", "", header, "\n".join(parts))


def write_csv(path: Path, n: int, seed: int) -> None:
    """Write ``n`` generated rows to ``path`` in the dialect of the well-known file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\", lineterminator="\n")
        writer.writerows(generate(n, seed))
