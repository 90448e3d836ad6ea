"""How well the footnote checker finds and judges: citations of the fictional archive, by hand in prose, and in the forms of print with errors planted.

The sets lie in ``tests/cases``: prose in ``footnotes.txt`` and in the other files that begin so, forms in ``footnote_forms.txt``; each says what was
held out while the finder was tuned.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from cablegram.archive.archive import Archive
from cablegram.cable import Cable
from cablegram.check.checking import check
from cablegram.check.manuscripts import text_manuscript
from cablegram.check.results import Citation
from cablegram.errors import UnreadableInput
from cablegram.fiction.bundle import write_bundle
from cablegram.study.ghosts import Ghosts
from cablegram.vocabulary.countries import country_name
from cablegram.vocabulary.posts import Post, resolve

FLOOR: Final = 0.95
#: Of the set that the finder is never tuned on.
_BLIND: Final = {"prose, blind": 0.9}
_MARKED: Final = re.compile(r"\{\{(?P<text>[^|{}]*)\|(?P<cable>[^|{}]*)\|(?P<verdict>[a-z]+)(?::(?P<kinds>[a-z,]+))?\}\}")
_MONTHS: Final = "January February March April May June July August September October November December".split()
_SHORT: Final = "Jan. Feb. Mar. Apr. May June July Aug. Sept. Oct. Nov. Dec.".split()
_GERMAN: Final = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
#: Each form is filled so often with right citations, and so often with wrong ones.
_EACH: Final = 14
_PLANTED: Final = ("date", "title", "paragraph", "classification", "quotation", "number", "ghost")


class Expected(NamedTuple):
    """A citation that is there: its span in the text, the id it means (None where that is not to be known), verdict, kinds of problems."""

    start: int
    end: int
    cable: str | None
    verdict: str
    kinds: frozenset[str]


class Case(NamedTuple):
    """A text with its citations, of a set (``prose`` or ``forms``; ``tuned`` or ``held-out``)."""

    group: str
    why: str
    text: str
    expected: tuple[Expected, ...]


class Tally:
    """Counts of one set: of finding, and of verdicts."""

    def __init__(self) -> None:
        self.there = self.given = self.found = self.judged = 0
        self.misses: list[str] = []

    @property
    def figures(self) -> dict[str, float]:
        """Precision and recall of finding, and of verdicts: a verdict is right with the cable and the kinds of problems right."""
        return {
            "finding precision": _share(self.found, self.given), "finding recall": _share(self.found, self.there),
            "verdict precision": _share(self.judged, self.given), "verdict recall": _share(self.judged, self.there),
        }  # fmt: skip

    def add(self, case: Case, got: tuple[Citation, ...]) -> None:
        """Compare what is there with what was found; a citation is found where a found one overlaps it, each once."""
        self.there += len(case.expected)
        self.given += len(got)
        left = list(got)
        for wanted in case.expected:
            one = next((one for one in left if one.span[0] < wanted.end and one.span[1] > wanted.start), None)
            shown = case.text[wanted.start : wanted.end]
            if one is None:
                self.misses.append(f"{case.group}, {case.why}: not found: {shown}")
                continue
            left.remove(one)
            self.found += 1
            kinds = frozenset(problem.kind for problem in one.problems) - {"number"}
            if one.verdict == wanted.verdict and kinds == wanted.kinds and (wanted.cable is None or one.cable == wanted.cable):
                self.judged += 1
            else:
                said = [problem.message for problem in one.problems]
                self.misses.append(
                    f"{case.group}, {case.why}: {shown}: {one.cable} {one.verdict} {said}, not {wanted.cable} {wanted.verdict} {sorted(wanted.kinds)}"
                )
        self.misses += [f"{case.group}, {case.why}: no citation: {one.text}" for one in left]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def prose_cases(path: Path) -> Iterator[Case]:
    """The passages that were written by hand."""
    for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        kind, _, why = head.partition(": ")
        text: list[str] = []
        expected: list[Expected] = []
        size = at = 0
        body = body.strip()
        for found in _MARKED.finditer(body):
            text += (body[at : found.start()], found["text"])
            size += found.start() - at
            kinds = frozenset(found["kinds"].split(",")) if found["kinds"] else frozenset()
            expected.append(
                Expected(
                    size, size + len(found["text"]), found["cable"] if found["cable"] != "-" else None, found["verdict"], kinds
                )
            )
            size += len(found["text"])
            at = found.end()
        text.append(body[at:])
        yield Case(f"prose, {kind}", why, "".join(text), tuple(expected))


def form_cases(path: Path, archive: Archive) -> Iterator[Case]:
    """The forms of print, filled with held cables and with cables that are only cited, right and with one error planted."""
    rng = Random(5)
    keys = list(archive.ids())
    ghosts = [key for key, _ in Ghosts(archive).ranked()]
    taken = {*keys, *ghosts}
    for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        kind, _, body = block.partition("\n")
        for line in body.strip().split("\n"):
            name, _, form = line.partition("|")
            chosen = rng.sample(keys, 3 * _EACH)
            made = 0
            for n, key in enumerate(chosen):
                cable = archive.get(key)
                planted = _PLANTED[n % len(_PLANTED)] if made % 2 else None
                case = _filled(form, key, cable, planted, taken, ghosts, rng) if cable is not None else None
                if case is not None:
                    text, expected = case
                    yield Case(f"forms, {kind.strip()}", f"{name}, {planted or 'right'}", text, (expected,))
                    made += 1
                if made == _EACH:
                    break


def _filled(
    form: str, key: str, cable: Cable, planted: str | None, taken: set[str], ghosts: list[str], rng: Random
) -> tuple[str, Expected] | None:
    """A form filled with a cable; None where the form or the cable has no room for the error."""
    found = re.match(r"(\d\d)([A-Z]+)(\d+)$", key)
    post = resolve(found[2]) if found is not None else None
    if found is None or post is None or cable.created is None or ("{in}" in form and post.kind != "embassy"):
        return None
    yy, serial = found[1], int(found[3])
    year, month, day = int(cable.created[:4]), int(cable.created[5:7]), int(cable.created[8:10])
    verdict, kinds, meant = "right", frozenset[str](), key
    subject, level, quote = _title(cable.subject or ""), (cable.classification or "").title(), _quote(cable, rng)
    paragraphs = [p.number for p in cable.paragraphs if p.number is not None]
    if ("{quote}" in form and quote is None) or not paragraphs or ("{level}" in form and "//" in level):
        return None
    para = rng.choice(paragraphs)
    if planted == "ghost":
        if any(
            field in form
            for field in (
                "{subject}",
                "{level}",
                "{quote}",
                "{para}",
                "{us}",
                "{uk}",
                "{ab}",
                "{iso}",
                "{de}",
                "{fig}",
                "{month}",
            )
        ):
            return None
        meant = rng.choice(ghosts)
        other = re.match(r"(\d\d)([A-Z]+)(\d+)$", meant)
        post = resolve(other[2]) if other is not None else None
        if other is None or post is None or ("{in}" in form and post.kind != "embassy"):
            return None
        yy, serial, year, verdict = other[1], int(other[3]), (1900 if int(other[1]) > 50 else 2000) + int(other[1]), "ghost"
    elif planted == "number":
        serial += rng.randint(3, 40)
        while any(f"{y:02d}{post.code}{serial}" in taken for y in range(100)):
            serial += 1
        meant, verdict = f"{yy}{post.code}{serial}", "unknown"
    elif planted is not None:
        fields = {"date": ("{us}", "{uk}", "{ab}", "{iso}", "{de}", "{fig}"), "title": ("{subject}",), "paragraph": ("{para}",),
                  "classification": ("{level}",), "quotation": ("{quote}",)}[planted]  # fmt: skip
        if not any(field in form for field in fields):
            return None
        verdict, kinds = "wrong", frozenset({planted})
        if planted == "date":
            moved = date(year, month, day) + timedelta(days=rng.choice((-9, -4, 3, 8, 30)))
            if moved.year != year:
                return None
            month, day = moved.month, moved.day
        elif planted == "title":
            subject = f"{subject.rsplit(' ', 1)[0]} Elsewhere, Not Here"
        elif planted == "paragraph":
            para = max(paragraphs) + rng.randint(1, 9)
        elif planted == "classification":
            level = "Secret" if level != "Secret" else "Confidential"
        else:
            assert quote is not None
            words = quote.split()
            words[len(words) // 2] = "never"
            quote = " ".join(words)
    if verdict == "unknown" and not re.search(r"\{(?:yy|yyyy|us|uk|ab|iso|de|fig|month)\}", form):
        meant = ""  # nothing tells the year
    values = {
        **_of_post(post), "n": str(serial), "n5": f"{serial:05d}", "yy": yy, "yyyy": str(year), "us": f"{_MONTHS[month - 1]} {day}, {year}",
        "uk": f"{day} {_MONTHS[month - 1]} {year}", "ab": f"{_SHORT[month - 1]} {day}, {year}", "iso": f"{year}-{month:02d}-{day:02d}",
        "de": f"{day}. {_GERMAN[month - 1]} {year}", "fig": f"{day}.{month}.{year}", "month": f"{_MONTHS[month - 1]} {year}", "subject": subject,
        "level": level, "para": str(para), "quote": quote or "",
    }  # fmt: skip
    text = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], form)
    start = text.index("[[")
    text = text.replace("[[", "", 1)
    end = text.index("]]")
    return text.replace("]]", "", 1), Expected(start, end, meant or None, verdict, kinds)


def _of_post(post: Post) -> dict[str, str]:
    place = re.sub(r"^(?:Embassy|Consulate(?: General)?|Mission|USUN|US Mission) ", "", post.name)
    if post.code == "STATE":
        return {
            "office": "Department of State",
            "Am": "SecState",
            "in": "Department of State",
            "place": "State",
            "PLACE": "STATE",
            "code": "STATE",
            "cut": "STATE",
        }
    office = post.name if post.name.startswith(("Embassy", "Consulate")) else place
    short = {"embassy": "Amembassy ", "consulate": "AmConsul "}.get(post.kind, "")
    return {"office": office, "Am": f"{short}{place}", "in": f"Embassy in {country_name(post.country)}", "place": place, "PLACE": place.upper(),
            "code": post.code, "cut": post.code[:6]}  # fmt: skip


def _title(subject: str) -> str:
    return " ".join(word if not word.isalpha() else word.capitalize() for word in subject.replace('"', "").split())


def _quote(cable: Cable, rng: Random) -> str | None:
    """Six to twelve words of a paragraph, without signs that would make another text of them."""
    texts = [p.text for p in cable.paragraphs if len(p.text.split()) > 20 and not re.search(r'[X"“”&#\[\]]{2}|["“”&]', p.text)]
    if not texts:
        return None
    words = rng.choice(texts).split()
    start = rng.randrange(0, len(words) - 13)
    return " ".join(words[start : start + rng.randint(7, 12)]).strip(" ,.;:")


def floor_of(group: str) -> float:
    """The lowest share that may be reached on a set."""
    return _BLIND.get(group, FLOOR)


def measure(archive: Archive, folder: Path) -> dict[str, Tally]:
    """The tallies by set."""
    out: dict[str, Tally] = {}
    forms = folder / "footnote_forms.txt"
    prose = (case for path in sorted(folder.glob("footnote*.txt")) if path != forms for case in prose_cases(path))
    for case in (*prose, *form_cases(forms, archive)):
        out.setdefault(case.group, Tally()).add(case, check(text_manuscript(case.text, case.why), archive).citations)
    return out


def report(*, misses: bool, as_json: bool, folder: Path = Path("tests/cases")) -> int:
    """Print the figures; 0 where none is below the floor, else 1. ``UnreadableInput`` outside a checkout."""
    if not (folder / "footnotes.txt").is_file():
        raise UnreadableInput(f"{folder / 'footnotes.txt'} is not here: run this in a checkout of the project")
    with tempfile.TemporaryDirectory() as place:
        write_bundle(Path(place) / "sources")
        with Archive(Path(place) / "archive") as archive:
            archive.ingest(Path(place) / "sources")
            tallies = measure(archive, folder)
    figures: dict[str, Any] = {
        group: {**tally.figures, "citations": tally.there, "found": tally.given} for group, tally in tallies.items()
    }
    fallen = [
        f"{group}: {name} {value}, floor {floor_of(group)}"
        for group, tally in tallies.items()
        for name, value in tally.figures.items()
        if value < floor_of(group)
    ]
    if as_json:
        print(json.dumps({"figures": figures, "floor": FLOOR, "floors": _BLIND, "fallen": fallen}, indent=2))
        return 1 if fallen else 0
    console = Console(width=110, highlight=False)
    table = Table(box=None, padding=(0, 2))
    for heading in ("set", "citations", *next(iter(tallies.values())).figures):
        table.add_column(heading, justify="left" if heading == "set" else "right", no_wrap=heading == "set")
    for group, tally in tallies.items():
        table.add_row(group, str(tally.there), *(f"{value:.4f}" for value in tally.figures.values()))
    console.print(table)
    for tally in tallies.values() if misses else ():
        for miss in tally.misses:
            console.print(f"  {miss}", markup=False, soft_wrap=True)
    for line in fallen:
        console.print(f"below the floor: {line}", markup=False)
    return 1 if fallen else 0
