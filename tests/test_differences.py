"""Two versions of a cable, compared: case by case, as properties, and on the bundled releases."""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cablegram
from cablegram.cable import Cable
from cablegram.fiction.bundle import all_scripts, telegrams
from cablegram.record import Paragraph
from cablegram.versions.alignment import _CELLS, Purse, align, keys_of
from cablegram.versions.differences import Comparison, Fold, Piece, Row, compare, fold_same

CASES = json.loads((Path(__file__).parent / "cases" / "differences.json").read_text(encoding="utf-8"))
HEAD = "C O N F I D E N T I A L LIMA 000001\n\nSUBJECT: A TEST\n\n"
EMPTY = cablegram.parse("")
REMOVED = re.compile(r"\{(ab?|b):([^{}]*)\}")


def _cable(paragraphs: list[str]) -> Cable:
    return cablegram.parse(HEAD + "\n\n".join(paragraphs) + "\n\nROE")


def _bare(texts: list[str]) -> Cable:
    """A record with these paragraphs and nothing else."""
    made: list[Paragraph] = []
    at = 0
    for n, text in enumerate(texts):
        made.append(Paragraph(n or None, None, None, None, (), "text", None, 1, text, (at, at + len(text))))
        at += len(text)
    return replace(EMPTY, original="".join(texts), paragraphs=tuple(made))


def _check(found: Comparison) -> None:
    """What holds of every comparison."""
    for side, cable in (("left", found.left), ("right", found.right)):
        pieces: list[Piece] = [piece for row in found.rows if (piece := getattr(row, side)) is not None]
        assert [piece.at for piece in pieces] == list(range(len(cable.paragraphs)))
        for piece in pieces:
            text = cable.paragraphs[piece.at].text
            assert "".join(run.text for run in piece.runs) == text
            assert all(run.text == text[run.start : run.end] and run.text for run in piece.runs)
    numbers = found.summary
    assert numbers.silent_edits == sum(one.kind == "changed" for one in found.differences)
    for side in ("left", "right"):
        for change in found.changes(side):  # type: ignore[arg-type]
            start, end = change["span"]  # type: ignore[misc]
            assert 0 <= start <= end <= len(getattr(found, side).original)  # type: ignore[has-type]
    assert found.lines()


def _mirrored(found: Comparison) -> list[Row]:
    return [
        Row(row.right, row.left, tuple(one._replace(left=one.right, right=one.left) for one in row.labels)) for row in found.rows
    ]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    left, right = _cable(case["left"]), _cable(case["right"])
    found = compare(left, right)
    _check(found)
    told = [[one.kind, one.left and one.left.text, one.right and one.right.text] for one in found.differences]
    assert told == case["differences"]
    assert [list(one) for row in found.rows for one in row.labels] == case.get("labels", [])
    if "rows" in case:
        assert [[row.left and row.left.number, row.right and row.right.number] for row in found.rows] == case["rows"]
    assert found.summary.fullest == case.get("fullest", found.summary.fullest)
    assert list(compare(right, left).rows) == _mirrored(found)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_spans_of_changes(case: dict[str, Any]) -> None:
    """The characters at a change's span are the words told, in the original of either side."""
    found = compare(_cable(case["left"]), _cable(case["right"]))
    for cable, side in ((found.left, "left"), (found.right, "right")):
        for change in found.changes(side):  # type: ignore[arg-type]
            start, end = change["span"]  # type: ignore[misc]
            stands = " ".join(cable.original[start:end].split())  # type: ignore[has-type]
            if change["kind"] in ("only", "shown", "changed"):
                assert stands == change["text"]
            elif change["kind"] == "redacted":
                assert set(stands.upper()) == {"X"}
            elif change["kind"] == "missing":
                assert stands == ""


def test_a_run_says_what_the_other_version_has() -> None:
    found = compare(_cable(["1. (C) XXXXX met Rosa in May."]), _cable(["1. (C) Hugo met XXXXXXX in June."]))
    (row,) = found.rows
    assert row.left is not None
    assert row.right is not None
    assert [(run.text, run.kind, run.note) for run in row.left.runs if run.kind != "same"] == [
        ("XXXXX", "redacted", "Hugo"), ("Rosa", "shown", "XXXXXXX"), ("May", "changed", "June"),
    ]  # fmt: skip
    assert [(run.text, run.kind, run.note) for run in row.right.runs if run.kind != "same"] == [
        ("Hugo", "shown", "XXXXX"), ("XXXXXXX", "redacted", "Rosa"), ("June", "changed", "May"),
    ]  # fmt: skip
    left, right = found.summary.left, found.summary.right
    assert (left.redactions, left.characters, left.revealed, left.revealed_characters) == (1, 5, 1, 5)
    assert (right.redactions, right.characters, right.revealed, right.revealed_characters) == (1, 7, 1, 7)
    assert found.summary.silent_edits == 1
    assert any("blacks out 5 characters; 2016 shows: Hugo" in line for line in found.lines("2009", "2016"))


def test_a_repaired_word_has_a_span_that_takes_in_the_repair() -> None:
    found = compare(_cable(["1. (C) We like the XXXXXXXX plan."]), _cable(["1. (C) We like the party,s plan."]))
    (change,) = found.changes()
    assert change["text"] == "party's"
    assert found.right.original[slice(*change["span"])] == "party,s"  # type: ignore[misc]


def test_fields() -> None:
    head = "R 010830Z MAY 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC\n{info}\nC O N F I D E N T I A L LIMA 000001\n\nSIPDIS\n\nE.O. 12958: DECL: 05/01/2017\nTAGS: {tags}\nSUBJECT: {subject}\n\nREF: LIMA {ref}\n\n1. (C) Text.\nROE\n"  # fmt: skip
    one = cablegram.parse(head.format(info="INFO AMEMBASSY QUITO", tags="PREL, PE", subject="MEETING WITH XXXXXXXX", ref="77"))
    other = cablegram.parse(head.format(info="", tags="PREL", subject="MEETING WITH\nROSA", ref="78"))
    found = compare(one, other)
    assert {field.name: (field.left, field.right) for field in found.fields} == {
        "info": ("AMEMBASSY QUITO", None), "tags": ("PREL, PE", "PREL"), "references": ("06LIMA77", "06LIMA78"),
        "subject": ("MEETING WITH XXXXXXXX", "MEETING WITH ROSA"),
    }  # fmt: skip
    assert found.summary.left.revealed == 1
    assert found.summary.fullest == "right"
    assert "fewer redactions" in found.summary.reason


def test_fold_same() -> None:
    texts = [f"{n}. (C) Paragraph {n} is of {n} boats." for n in range(1, 12)]
    changed = [*texts[:5], "6. (C) Paragraph 6 is of 6 ships.", *texts[6:]]
    found = compare(_cable(texts), _cable(changed))
    folded = fold_same(found.rows)
    assert [len(one.rows) if isinstance(one, Fold) else "row" for one in folded] == [4, "row", "row", "row", 4]
    assert [row for one in folded for row in (one.rows if isinstance(one, Fold) else (one,))] == list(found.rows)
    assert fold_same(compare(_cable(texts[:1]), _cable(texts[:1])).rows) == list(
        compare(_cable(texts[:1]), _cable(texts[:1])).rows
    )


def test_every_redaction_of_the_bundled_releases() -> None:
    """What one release removed and the other shows is reported with exactly the words of the story, in order; nothing else is."""
    first, second = telegrams("a"), telegrams("b")
    seen = 0
    for script in all_scripts():
        removed = [m.groups() for part in script.parts for text in (part.text, *part.items) for m in REMOVED.finditer(text)]
        expected = [("left redacted" if who == "a" else "right redacted", words) for who, words in removed if who != "ab"]
        found = compare(cablegram.parse(first[script.id].text), cablegram.parse(second[script.id].text))
        _check(found)
        shown = [(one.kind, one.right if one.kind == "left redacted" else one.left) for one in found.differences]
        capitals = script.date.year < 1980
        assert [(kind, place and place.text) for kind, place in shown] == [
            (kind, words.upper() if capitals else words) for kind, words in expected
        ], script.id
        assert found.fields == ()
        assert found.summary.silent_edits == 0
        seen += len(expected)
    assert seen >= 15


WORDS = st.lists(
    st.sampled_from(["the", "mayor", "said", ".", ",", "XXXXXXXX", "xxxx", "boat", "a", "X", "\n", "May"]), max_size=25
).map(" ".join)
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=40)), max_size=6)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_any_texts(one: list[str], other: list[str]) -> None:
    left, right = _bare(one), _bare(other)
    found = compare(left, right)
    _check(found)
    back = compare(right, left)
    assert list(back.rows) == _mirrored(found)
    assert back.summary.left == found.summary.right
    assert back.summary.reason == found.summary.reason
    assert {"left": "right", "right": "left"}.get(back.summary.fullest, "equal") == found.summary.fullest
    assert [(one.left, one.right) for one in back.differences] == [(one.right, one.left) for one in found.differences]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_version_does_not_differ_from_itself(texts: list[str]) -> None:
    found = compare(_bare(texts), _bare(texts))
    assert found.differences == ()
    assert found.fields == ()
    assert found.changes() == []
    assert not any(row.differs for row in found.rows)
    assert found.summary.fullest == "equal"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_telegrams(one: str, other: str) -> None:
    _check(compare(cablegram.parse(HEAD + one), cablegram.parse(HEAD + other)))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["", "a", "the", "."]), max_size=60),
    st.lists(st.sampled_from(["", "a", "the", "."]), max_size=60),
    st.booleans(),
)
def test_blocks_cover_both_sides_with_and_without_tables(one: list[str], other: list[str], spent: bool) -> None:
    purse = Purse()
    purse.cells = 0 if spent else purse.cells
    at = at_other = 0
    for block in align(one, other, purse):
        assert (block.i, block.j) == (at, at_other)
        at, at_other = block.i_end, block.j_end
    assert (at, at_other) == (len(one), len(other))


def _hostile() -> dict[str, tuple[list[str], list[str]]]:
    rng = random.Random(7)
    size = 1_000_000
    vocabulary = [f"w{n}" for n in range(3000)]
    words = [rng.choice(vocabulary) for _ in range(size // 6)]
    other = [rng.choice(vocabulary) if rng.random() < 0.1 else word for word in words]
    small = [f"Paragraph {n} of {rng.randint(0, 99)}" for n in range(size // 20)]
    return {
        "one word": (["a " * (size // 2)], ["b" + " a" * (size // 2 - 1)]),
        "two words, shifted": (["a b " * (size // 4)], ["b a " * (size // 4)]),
        "three words by chance": ([" ".join(rng.choices("abc", k=size // 2))], [" ".join(rng.choices("abc", k=size // 2))]),
        "signs by chance": (["".join(rng.choices(".,;:!?()", k=size))], ["".join(rng.choices(".,;:!?()", k=size))]),
        "signs by chance, below the coarse cut": (
            ["".join(rng.choices(".,;:!?()", k=390_000))],
            ["".join(rng.choices(".,;:!?()", k=390_000))],
        ),
        "one word in ten changed": ([" ".join(words)], [" ".join(other)]),
        "nothing in common": ([" ".join(words)], [" ".join(word.replace("w", "v") for word in other)]),
        "all in another order": ([" ".join(words)], [" ".join(rng.sample(words, len(words)))]),
        "redactions only": (["XXXX " * (size // 5)], ["XXXX XXXX a " * (size // 12)]),
        "redactions against words": (["XXXX a " * (size // 7)], ["a b " * (size // 4)]),
        "very many paragraphs": (small, [text.replace("of", "or") for text in small]),
        "very many paragraphs, in another order": (small, rng.sample(small, len(small))),
        "very many paragraphs, all black": (["XXXX"] * 50_000, ["XXXXX"] * 60_000),
        "no blanks": (["x" * size], ["y" * size]),
    }


HOSTILE = _hostile()


#: Seconds that the yard takes on the two-core machine on which the five seconds were measured, when it is idle.
_YARD = 0.2


def _yard() -> float:
    """Seconds of this process for a fixed piece of work: how busy the machine is now."""
    clock = time.process_time()
    total = 0
    for n in range(3_000_000):
        total += n
    return time.process_time() - clock


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_bounded_time(name: str) -> None:
    one, other = (_bare(texts) for texts in HOSTILE[name])
    before = _yard()
    clock = time.process_time()
    found = compare(one, other)
    seconds = time.process_time() - clock
    # Five seconds of a machine that has nothing else to do: a busy one counts more for the same work.
    slowness = max(1.0, max(before, _yard()) / _YARD)
    assert seconds < 5 * slowness, f"{seconds:.1f} s, {slowness:.1f} times slower than usual"
    for row in found.rows[:100]:
        for piece, cable in ((row.left, one), (row.right, other)):
            assert piece is None or "".join(run.text for run in piece.runs) == cable.paragraphs[piece.at].text


def test_the_tables_are_bounded() -> None:
    """However texts are made, a comparison makes no more than its cells."""
    rng = random.Random(3)
    purse = Purse()
    for _ in range(30):
        one, other = (keys_of(" ".join(rng.choices(["a", "b", "XXXX"], k=280))) for _ in range(2))
        align(one, other, purse)
    assert 0 <= purse.cells < _CELLS
