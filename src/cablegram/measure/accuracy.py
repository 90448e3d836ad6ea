"""Accuracy as a number: precision and recall a field, over the fictional gold set and the annotated corpus.

The truth lies in ``tests/gold`` (telegrams and records of our own making) and ``tests/corpus_truth`` (facts only: ids,
numbers, markings, offsets, names), made by reading, not by the parser. ``tests/accuracy_floor.json`` holds what no
change may fall below.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from cablegram.cable import Cable
from cablegram.errors import UnreadableInput
from cablegram.fiction.generate import Generator
from cablegram.interpret.mentions import edges
from cablegram.interpret.reader import parse
from cablegram.interpret.refs import REPAIR

CORPUS = Path("../shared/corpus/cables.csv")
_SCALARS = (
    "id", "created", "classification", "subject", "transmission_id", "precedence", "serial", "signature", "partial",
)  # fmt: skip
_LISTS = ("caveats", "captions", "tags", "tags_people")


class Case(NamedTuple):
    """A text with its truth: ``expect`` as the JSON files hold it."""

    group: str
    name: str
    text: str
    claims: dict[str, Any]
    expect: dict[str, Any]


class Score:
    """Counts of one field: right, wrong (given but not so), missing (not given though there)."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missing = 0
        self.misses: list[str] = []

    def add(self, name: str, expected: list[Any], got: list[Any]) -> None:
        """Compare two multisets of values."""
        a, b = Counter(map(_key, expected)), Counter(map(_key, got))
        self.right += (a & b).total()
        self.wrong += (b - a).total()
        self.missing += (a - b).total()
        if a != b:
            self.misses.append(f"{name}: expected {sorted((a - b).elements())}, got {sorted((b - a).elements())}")

    @property
    def precision(self) -> float:
        """Share of the given values that are right; 1 where none is given."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the true values that are given; 1 where there is none."""
        return self.right / (self.right + self.missing) if self.right + self.missing else 1.0


def _key(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _one(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _squeezed(text: str) -> str:
    return " ".join(text.replace("¶", " ").split())


def values(cable: Cable, expect: dict[str, Any], text: str) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """``(field, expected, got)`` for each field that ``expect`` names."""
    record = cable.to_dict()
    for key in _SCALARS:
        if key in expect:
            yield key, _one(expect[key]), _one(record[key])
    for key in _LISTS:
        if key in expect:
            yield key, expect[key], record[key]
    if "subject_span" in expect:
        span = expect["subject_span"]
        subject = record["subject"]
        # The annotation holds offsets only: one span, or several where a page line cuts the subject.
        spans = [] if span is None else span if isinstance(span[0], list) else [span]
        wanted = _squeezed(" ".join(text[a:b] for a, b in spans)) or None
        yield "subject", _one(wanted), _one(_squeezed(subject) if subject else None)
    for key in ("origin", "sections", "executive_order", "classified_by"):
        if key in expect:
            yield from _parts(key, expect[key], record[key])
    for key in ("action", "info"):
        if key in expect:
            got = [[a["routing"], a["name"], a["precedence"], a["number"]] for a in record[key]]
            yield "addressees", [a[:4] for a in expect[key]], got
    if "references" in expect:
        yield "references", expect["references"], [[r["label"], r["kind"], r["cable"]] for r in record["references"]]
    if "cited" in expect:
        yield "references with year", expect["cited"], [r["cable"] for r in record["references"] if r["cable"]]
    if "mentions" in expect:
        yield "mentions in the text", expect["mentions"], [[place, how, target] for place, target, how, _ in edges(cable)]
    if "failure" in expect:
        got = [r["cable"] or r["kind"] for r in record["references"]]
        repaired = [edit.replacement for edit in cable.edits if edit.rule == REPAIR]
        # One value a case: right is what is right as a whole.
        yield expect["failure"], [expect["all"]], [[sorted(got), repaired]]
    if "paragraphs" in expect:
        yield from _paragraphs(record, expect["paragraphs"])
    for at, wanted in expect.get("paragraph_text", {}).items():
        n = int(at) - 1
        yield "paragraph text", [wanted], [record["paragraphs"][n]["text"]] if n < len(record["paragraphs"]) else []
    if "redactions" in expect:
        yield "redactions", _one(expect["redactions"]), _one(len(record["redactions"]))
    if "diagnostics" in expect:
        codes = {d["code"] for d in record["diagnostics"]}
        yield "diagnostics", expect["diagnostics"], [code for code in expect["diagnostics"] if code in codes]


def _parts(key: str, expected: dict[str, Any] | None, got: dict[str, Any] | None) -> Iterator[tuple[str, list[Any], list[Any]]]:
    if expected is None or got is None:
        yield key, _one(expected), _one({k: v for k, v in got.items() if k != "raw"} if got else None)
        return
    for part, wanted in expected.items():
        if part != "raw":
            yield f"{key}.{part}", _one(wanted), _one(got[part])


def _paragraphs(record: dict[str, Any], expected: list[Any]) -> Iterator[tuple[str, list[Any], list[Any]]]:
    got = record["paragraphs"]
    numbers = [[p["number"] if p["number"] is not None else p["label"], p["marking"]] for p in got]
    yield "paragraphs", [p[:2] for p in expected], numbers
    if expected and isinstance(expected[0][2], int):
        yield "paragraph starts", [p[2] for p in expected], [p["span"][0] for p in got]
    else:
        yield "paragraph kinds", [[p[0], p[2]] for p in expected], [[n[0], p["kind"]] for n, p in zip(numbers, got, strict=True)]


def gold_cases(folder: Path) -> Iterator[Case]:
    """The fictional telegrams with their records."""
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        text = (folder / truth["file"]).read_text(encoding="utf-8")
        yield Case("gold", path.stem, text, truth.get("claims") or {}, truth["expect"])


def generated_cases(count: int = 1_000, seed: int = 11) -> Iterator[Case]:
    """Generated telegrams, of which it is known what their REF lines cite."""
    for one in Generator(count, seed):
        yield Case("generated", one.script.id, one.telegram.text, {}, {"cited": one.truth()["references"]})


def failure_cases(path: Path) -> Iterator[Case]:
    """REF lines of the kinds that earlier readers of the National Archives' files failed at: fictional, each with its truth and reason."""
    told = json.loads(path.read_text(encoding="utf-8"))
    for case in told["cases"]:
        truth = [sorted([*case["cables"], *case["other"]]), case["proposed"]]
        yield Case(
            "failure kinds", case["ref"], told["form"].replace("{ref}", case["ref"]), {}, {"failure": case["kind"], "all": truth}
        )


def corpus_cases(folder: Path, corpus: Path) -> Iterator[Case]:
    """The annotated cables of the corpus; nothing where the corpus is not at hand."""
    if not corpus.is_file():
        return
    with corpus.open(encoding="utf-8", newline="") as file:
        rows = {row[2]: row for row in csv.reader(file, doublequote=False, escapechar="\\")}
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        row = rows.get(truth["id"])
        if row is None:
            continue
        text = f"{row[6]}\n{row[7]}" if row[6] else row[7]
        if hashlib.sha256(text.encode()).hexdigest() == truth["sha256"]:
            yield Case("corpus", truth["id"], text, truth.get("claims") or {}, truth["expect"])


def measure(cases: Iterator[Case]) -> tuple[dict[str, dict[str, Score]], Counter[str]]:
    """Scores by group and field, and the number of cases a group."""
    scores: dict[str, dict[str, Score]] = {}
    counts: Counter[str] = Counter()
    for case in cases:
        counts[case.group] += 1
        cable = parse(case.text, case.claims)
        for field, expected, got in values(cable, case.expect, case.text):
            scores.setdefault(case.group, {}).setdefault(field, Score()).add(case.name, expected, got)
    return scores, counts


def report(*, misses: bool, as_json: bool, tests: Path = Path("tests"), corpus: Path = CORPUS) -> int:
    """Print the scores; 0 where none is below its floor, else 1. ``UnreadableInput`` outside a checkout."""
    if not (tests / "gold").is_dir():
        raise UnreadableInput(f"{tests / 'gold'} is not here: run this in a checkout of the project")

    def cases() -> Iterator[Case]:
        yield from gold_cases(tests / "gold")
        yield from corpus_cases(tests / "corpus_truth", corpus)
        yield from generated_cases()
        yield from failure_cases(tests / "cases" / "nara_references.json")

    scores, counts = measure(cases())
    floor_file = tests / "accuracy_floor.json"
    floors = json.loads(floor_file.read_text()) if floor_file.is_file() else {}
    fallen: list[str] = []
    figures: dict[str, dict[str, list[float]]] = {}
    for group, fields in scores.items():
        for field, score in fields.items():
            figures.setdefault(group, {})[field] = [round(score.precision, 4), round(score.recall, 4)]
            low = floors.get(group, {}).get(field)
            if low is not None and (score.precision < low[0] - 5e-5 or score.recall < low[1] - 5e-5):
                fallen.append(f"{group} {field}: {score.precision:.4f} / {score.recall:.4f}, floor {low[0]} / {low[1]}")
    if as_json:
        print(json.dumps({"cases": counts, "figures": figures, "fallen": fallen}, indent=2))
    else:
        _print(scores, counts, misses, fallen)
    return 1 if fallen else 0


def _print(scores: dict[str, dict[str, Score]], counts: Counter[str], misses: bool, fallen: list[str]) -> None:
    console = Console(width=110, highlight=False)
    for group, fields in scores.items():
        table = Table(title=f"{group}: {counts[group]} cables", title_justify="left", box=None, padding=(0, 2))
        for heading in ("field", "precision", "recall", "right", "wrong", "missing"):
            table.add_column(heading, justify="left" if heading == "field" else "right")
        for field, s in sorted(fields.items()):
            table.add_row(field, f"{s.precision:.4f}", f"{s.recall:.4f}", str(s.right), str(s.wrong), str(s.missing))
        console.print(table)
        console.print()
        if misses:
            for field, s in sorted(fields.items()):
                for miss in s.misses:
                    console.print(f"  {field}: {miss}", markup=False)
            console.print()
    for line in fallen:
        console.print(f"below its floor: {line}", markup=False)
