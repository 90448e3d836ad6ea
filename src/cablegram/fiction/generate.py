"""Any number of fictional telegrams: posts that number their traffic through the years, texts spun from the stories' words.

Deterministic: the same count and seed give the same telegrams. Of all numbers that the posts used, only a share is kept, so the truth
of what is missing is known. The texts are chains of the stories' words; names of people and places are made of syllables.
"""

from __future__ import annotations

import csv
import json
import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final

from cablegram.fiction.render import MONTHS, RECORD_LEVEL, Hand, Office, Telegram, file_of_1970s, is_noforn, place
from cablegram.fiction.script import Part, Ref, Script, released, stories
from cablegram.vocabulary.posts import all_posts

#: Share of the posts' numbers that is kept.
SHARE: Final = 0.6
#: Folder of the files in the National Archives' form.
ARCHIVES: Final = "national-archives"
#: The years that the telegrams are of.
_POOL: Final = 24_000
_NAMES: Final = 6_000
YEARS: Final = (1974, 1975, 1976, 1977, 1984, 1985, 1986, 2003, 2004, 2005, 2006, 2007, 2008, 2009)
_WEIGHT: Final = {year: 1.0 if year < 2003 else 2.5 for year in YEARS}
_LEVELS: Final = (("UNCLASSIFIED", 25), ("SENSITIVE", 15), ("CONFIDENTIAL", 48), ("SECRET", 12))
_SUBJECTS: Final = (
    "PGOV",
    "PREL",
    "PINR",
    "ECON",
    "ETRD",
    "EFIS",
    "SENV",
    "EAID",
    "PHUM",
    "KPAO",
    "EWWT",
    "ENRG",
    "MARR",
    "CASC",
    "PTER",
    "EINV",
)
_SYLLABLES: Final = "ba bel bo dan dar do el fa fin ga gor hal il ja ka kel lan lo mar mi mon na nor o pa per qua ra rin sa sel ta tor u val ven wa yor za".split()
_SENTENCE: Final = re.compile(r"(?<=[.!?]) +(?=[A-Z\"(])")
_NAME: Final = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")
_KIND: Final = re.compile(
    r"(?:Begin |End )?(?:Summary|Comment|Note|Action request)[.:] ?|This is an action request; see [^.]*\. ?", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\b\d[\d,.]*\b")
_SECRETARY: Final = "HALVERSON"


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated telegram: what was written, how it came out, and whether its page has wrong minutes."""

    script: Script
    telegram: Telegram
    wrong_minutes: bool

    def truth(self) -> dict[str, Any]:
        """What a reader should find."""
        script = self.script
        return {
            "id": script.id, "created": f"{script.date:%Y-%m-%dT%H:%MZ}", "classification": RECORD_LEVEL.get(script.level, script.level),
            "captions": list(script.captions), "subject": script.subject, "tags": list(script.tags), "serial": script.serial,
            "post": script.post, "action": list(script.action), "info": list(script.info), "continuity": self.telegram.continuity,
            "references": [ref.id for ref in script.refs], "sections": self.telegram.sections, "signature": script.sign or None,
            "paragraphs": [[part.number, part.marking] for part in script.parts], "garbled": self.telegram.garbled,
            "wrong_minutes": self.wrong_minutes,
        }  # fmt: skip


class _Text:
    """Sentences spun from the stories, with invented names and numbers put in."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        after: dict[tuple[str, str], list[str]] = defaultdict(list)
        single: dict[str, list[str]] = defaultdict(list)
        starts: list[tuple[str, str]] = []
        for told in stories().values():
            for script in told:
                for part in script.parts:
                    for sentence in _SENTENCE.split(self._plain(part.text, script.date.year < 1980)):
                        words = sentence.split()
                        if len(words) < 5:
                            continue
                        starts.append((words[0], words[1]))
                        for one, two, three in zip(words, words[1:], words[2:], strict=False):
                            after[one, two].append(three)
                            single[two].append(three)
        self._after, self._single, self._starts = after, single, starts
        self.names = ["".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize() for _ in range(_NAMES)]
        self._pool = [self._spin() for _ in range(_POOL)]
        # Words of people are used unevenly: a few in most texts, most in a few.
        self._shares = list(accumulate(1 / (n + 8) for n in range(_POOL)))

    @staticmethod
    def _plain(text: str, capitals: bool) -> str:
        text = released(text, None)
        if capitals:
            text = ". ".join(sentence.capitalize() for sentence in text.lower().split(". "))
        # A number behind which a sentence ends could stand at the head of a line, as paragraph numbers do.
        return _NUMBER.sub("@", _NAME.sub("#", _KIND.sub("", text))).replace("@.", "some.").replace("@?", "some?")

    def _spin(self) -> list[str]:
        """A sentence, cut at the places for names (#) and numbers (@)."""
        rng = self._rng
        one, two = rng.choice(self._starts)
        words = [one, two]
        while len(words) < 34 and not words[-1].endswith((".", "!", "?")):
            following = self._after[one, two] if rng.random() < 0.55 else self._single[two]
            if not following:
                break
            one, two = two, rng.choice(following)
            words.append(two)
        text = " ".join(words).strip('"').rstrip(",;:")
        return re.split(r"([#@])", text if text.endswith((".", "!", "?")) else text + ".")

    def sentence(self) -> str:
        """One sentence."""
        rng = self._rng
        if rng.random() < 0.5:
            pieces = self._pool[bisect(self._shares, rng.random() * self._shares[-1])]
        else:
            pieces = self._pool[int(rng.random() * _POOL)]
        if len(pieces) == 1:
            return pieces[0]
        return "".join(
            self.name() if piece == "#" else str(int(rng.paretovariate(0.6)) + 1) if piece == "@" else piece for piece in pieces
        )

    def name(self) -> str:
        """An invented name; some come often, most seldom."""
        return self.names[int(len(self.names) * self._rng.random() ** 2.5)]

    def subject(self) -> str:
        """A subject line."""
        # A month at the end of a heading would make a date of the number of the paragraph below.
        words = [word for word in self.sentence().upper().split() if word.isalpha() and word[:3] not in MONTHS][:9]
        return " ".join([self.name().upper(), *words])


class Generator:
    """``count`` telegrams by ``seed``, of these ``years``."""

    def __init__(self, count: int, seed: int, years: tuple[int, ...] = YEARS) -> None:
        self._years = years
        self._rng = Random(seed)
        self._count = count
        self._text = _Text(self._rng)
        posts = [post for post in all_posts() if post.code != "STATE"]
        self._rng.shuffle(posts)
        # A post may stand in the table twice, under two ranks.
        posts = list({post.code: post for post in posts}.values())
        weights = {post.code: 1 / (n + 6) for n, post in enumerate(posts)} | {"STATE": 0.5}
        self._country = {post.code: post.country for post in posts} | {"STATE": "US"}
        self._open: dict[int, list[str]] = {
            year: [post.code for post in posts if (post.since or 0) <= year <= (post.until or 9999)] for year in self._years
        }
        self._weights = {year: [weights[code] for code in ("STATE", *codes)] for year, codes in self._open.items()}
        self._signers = {code: self._text.name().upper() for code in ("STATE", *self._country)}

    def _traffic(self) -> list[tuple[datetime, str, int, bool]]:
        """All messages of all posts in order of time: date, post, serial, whether it is kept."""
        rng = self._rng
        total = int(self._count / SHARE)
        years = Counter(rng.choices(self._years, [_WEIGHT[year] for year in self._years], k=total))
        kept = set(rng.sample(range(total), self._count))
        out: list[tuple[datetime, str, int, bool]] = []
        for year in self._years:
            serials: dict[str, int] = defaultdict(int)
            posts = rng.choices(("STATE", *self._open[year]), self._weights[year], k=years[year])
            for share, post in sorted((rng.random(), post) for post in posts):
                serials[post] += 1
                date = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=int(share * 365 * 24 * 60))
                out.append((date, post, serials[post], len(out) in kept))
        return out

    def __iter__(self) -> Iterator[Generated]:
        rng = self._rng
        hand = Hand(rng, Office())
        recent: list[Ref] = []
        for date, post, serial, kept in self._traffic():
            ref = Ref(None, post, serial, date.year)
            if kept:
                script = self._script(date, post, serial, recent)
                yield Generated(script, hand.render(script), rng.random() < 0.7)
            recent.append(ref)
            if len(recent) > 400:
                del recent[:200]

    def _references(self, date: datetime, post: str, serial: int, recent: list[Ref]) -> tuple[Ref, ...]:
        """References to recent messages, kept or not, mostly of the own post or of the Department."""
        rng = self._rng
        chosen: dict[str, Ref] = {}
        for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 3, 4))):
            if not recent:
                break
            own = [ref for ref in recent[-120:] if ref.post == post or ref.post == "STATE"]
            ref = rng.choice(own if own and rng.random() < 0.7 else recent)
            # The year is stated where it is not the citing year; a higher number of the own post would be read as of the year before.
            stated = ref.true_year % 100 if ref.true_year != date.year or rng.random() < 0.2 else None
            if stated is None and ref.post == post and ref.serial >= serial:
                stated = ref.true_year % 100
            chosen[ref.id] = replace(ref, year=stated)
        return tuple(chosen.values())

    def _script(self, date: datetime, post: str, serial: int, recent: list[Ref]) -> Script:
        rng, text = self._rng, self._text
        level = rng.choices([name for name, _ in _LEVELS], [weight for _, weight in _LEVELS])[0]
        if level == "SENSITIVE" and date.year < 1995:
            level = "LIMITED OFFICIAL USE"
        marks = {"SECRET": ("S", "S", "C", "S/NF", "U"), "CONFIDENTIAL": ("C", "C", "C", "SBU", "U"), "SENSITIVE": ("SBU", "U"),
                 "LIMITED OFFICIAL USE": ("LOU", "U"), "UNCLASSIFIED": ("U",)}[level]  # fmt: skip
        if date.year < 1995:
            marks = tuple("LOU" if mark == "SBU" else mark for mark in marks)
        total = min(40, 3 + int(rng.paretovariate(0.9) * 2))
        parts: list[Part] = []
        for n in range(1, total + 1):
            said = " ".join(text.sentence() for _ in range(rng.randint(3, 10)))
            if n == 1 and rng.random() < 0.7:
                said = f"Summary: {said} End summary."
            elif n == total and rng.random() < 0.6:
                said = f"Comment: {said} End comment."
            heading = text.subject()[:40].rsplit(" ", 1)[0] if n > 1 and rng.random() < 0.15 else None
            marking = rng.choice(marks) if date.year >= 1980 else None
            parts.append(Part(n, marking, said, (), heading))
        modern = date.year >= 1995
        others = rng.sample(self._open[date.year][:60], rng.randint(0, 8))
        captions = tuple(
            name for name, share in (("SIPDIS", 0.7 if modern else 0), ("LIMDIS", 0.04), ("EXDIS", 0.03)) if rng.random() < share
        )
        tags = tuple(dict.fromkeys([*rng.sample(_SUBJECTS, rng.randint(1, 4)), self._country[post]]))
        return Script(
            post, serial, date, level, text.subject(), rng.choices(("ROUTINE", "PRIORITY", "IMMEDIATE"), (55, 35, 10))[0],
            ("STATE",) if post != "STATE" else tuple(rng.sample(self._open[date.year][:60], rng.randint(1, 3))), tuple(o for o in others if o != post),
            captions, tags, self._references(date, post, serial, recent), f"Ambassador {text.name()} {text.name()}", ("b", "d"), None,
            self._signers[post] if post != "STATE" else _SECRETARY, tuple(parts),
        )  # fmt: skip


def row_of(number: int, script: Script, telegram: Telegram, wrong_minutes: bool) -> tuple[str, ...]:
    """A telegram in the eight-column form; ``wrong_minutes``: the minutes repeat the hour, as in the well-known file."""
    d = script.date
    minutes = (d.hour % 12 or 12) if wrong_minutes else d.minute
    post = place(script.post)
    level = RECORD_LEVEL.get(script.level, script.level)
    if d.year >= 1980 and is_noforn(script):
        level += "//NOFORN"
    cited = "|".join(ref.id for ref in script.refs)
    created = f"{d.month}/{d.day}/{d.year} {d.hour}:{minutes:02d}"
    name = post.name if post is not None else script.post
    return (str(number), created, script.id, name, level, cited, telegram.header, telegram.body)


def write_rows(path: Path, rows: Iterator[tuple[str, ...]]) -> None:
    """Write rows in the dialect of the well-known file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\", lineterminator="\n")
        writer.writerows(rows)


def csv_rows(count: int, seed: int) -> Iterator[tuple[str, ...]]:
    """``count`` telegrams by ``seed``, of all years, in the eight-column form."""
    for number, one in enumerate(Generator(count, seed), 1):
        yield row_of(number, one.script, one.telegram, one.wrong_minutes)


def make_examples(folder: Path, count: int, seed: int, form: str = "both") -> int:
    """Write ``count`` telegrams to ``folder``, and what a reader should find in them to ``FOLDER.truth.jsonl`` beside it; the number written.

    ``form``: ``csv`` (``cables.csv``), ``archives`` (telegrams of the 1970s, in files of the National Archives' form in
    ``national-archives``), or ``both``: those of the 1970s as files, all others in ``cables.csv``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / ARCHIVES
    if form != "csv":
        files.mkdir(exist_ok=True)
    rng = Random(seed + 1)
    years = tuple(year for year in YEARS if form != "archives" or year < 1980)
    with folder.with_name(folder.name + ".truth.jsonl").open("w", encoding="utf-8") as truth:

        def rows() -> Iterator[tuple[str, ...]]:
            for number, one in enumerate(Generator(count, seed, years), 1):
                truth.write(json.dumps(one.truth()) + "\n")
                if form != "csv" and one.script.date.year < 1980:
                    write_file(files, one.script, one.telegram, rng)
                else:
                    yield row_of(number, one.script, one.telegram, one.wrong_minutes)

        if form == "archives":
            # Nothing is left over for a CSV.
            for _ in rows():
                pass
        else:
            write_rows(folder / "cables.csv", rows())
    return count


def write_file(folder: Path, script: Script, telegram: Telegram, rng: Random) -> None:
    """Write a telegram of the 1970s as a file of the National Archives' form."""
    name = f"{script.date:%Y}{script.post}{script.serial:05d}.txt"
    (folder / name).write_text(file_of_1970s(script, telegram, rng), encoding="utf-8")
