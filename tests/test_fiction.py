"""The fictional cables: the bundled stories are read as they were written, generated ones as their truth says."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

import cablegram
from cablegram.errors import CablegramError
from cablegram.fiction.bundle import FIRST, SECOND, write_bundle
from cablegram.fiction.generate import Generator, make_examples
from cablegram.fiction.render import RECORD_LEVEL, Hand, Office, file_of_1970s
from cablegram.fiction.script import REDACTION, RELEASES, Script, parse_scripts, stories
from cablegram.vocabulary.posts import resolve

SCRIPTS = [script for told in stories().values() for script in told]
AGENCIES = {"CIA", "DIA", "NSC", "SECDEF", "TREASURY", "USUNNEWYORK"}


@pytest.mark.parametrize("name", stories())
def test_stories_are_in_form(name: str) -> None:
    """Serials rise with the date, paragraphs are numbered without gaps, posts are known, no cable stands twice."""
    told = stories()[name]
    last: dict[tuple[str, int], int] = {}
    for script in sorted(told, key=lambda one: one.date):
        key = (script.post, script.date.year)
        assert script.serial > last.get(key, 0), script.id
        last[key] = script.serial
        assert [part.number for part in script.parts] == list(range(1, len(script.parts) + 1)), script.id
        assert all(resolve(code) or code in AGENCIES for code in (script.post, *script.action, *script.info)), script.id
    assert max(Counter(script.id for script in SCRIPTS).values()) == 1


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_stories_are_read_as_written(script: Script) -> None:
    for release in (None, *RELEASES):
        telegram = Hand(Random(script.id), Office()).render(script, release)
        cable = cablegram.parse(telegram.text)
        assert cable.id == script.id
        assert cable.created == f"{script.date:%Y-%m-%dT%H:%MZ}"
        assert cable.classification == RECORD_LEVEL.get(script.level, script.level)
        assert [caption for caption in cable.captions if caption != "SENSITIVE"] == list(script.captions)
        assert (cable.subject or "").upper() == script.subject.upper()
        assert cable.tags == script.tags
        assert [ref.cable for ref in cable.references] == [ref.id for ref in script.refs]
        assert [(p.number, p.marking) for p in cable.paragraphs if p.number] == [(p.number, p.marking) for p in script.parts]
        assert (cable.signature or "") == script.sign
        assert bool(cable.redactions) == (release is not None and REDACTION in telegram.text)


def test_files_of_the_1970s_are_read_as_written() -> None:
    for script in SCRIPTS:
        if script.date.year < 1980:
            telegram = Hand(Random(script.id), Office()).render(script)
            cable = cablegram.parse(file_of_1970s(script, telegram, Random(1)))
            assert (cable.id, cable.tags, cable.signature or "") == (script.id, script.tags, script.sign)
            assert [p.number for p in cable.paragraphs if p.number] == [part.number for part in script.parts], script.id


def test_releases_differ_in_redactions_only(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    first = {str(cable.id): cable for cable in cablegram.read(tmp_path / FIRST)}
    second = {str(cable.id): cable for cable in cablegram.read(tmp_path / SECOND)}
    split = {script.id for script in SCRIPTS if script.is_split}
    assert split <= set(second)
    for key in set(first) & set(second):
        one, other = first[key].original, second[key].original
        if key not in split:
            assert one == other, key
        else:
            assert len(one.split(REDACTION)) > 1 or len(other.split(REDACTION)) > 1


#: Share of generated telegrams that are read just as they were written, at least, a field.
FLOORS = {
    "id": 1.0, "created": 1.0, "classification": 1.0, "captions": 1.0, "subject": 1.0, "tags": 1.0, "serial": 1.0, "post": 1.0,
    "sections": 1.0, "action": 0.999, "references": 0.995, "signature": 0.999, "paragraphs": 0.995,
}  # fmt: skip


def test_generated_telegrams_are_read_as_their_truth_says() -> None:
    wrong: Counter[str] = Counter()
    count = 600
    for one in Generator(count, 7):
        cable, truth = cablegram.parse(one.telegram.text), one.truth()
        found = {
            "id": cable.id, "created": cable.created, "classification": cable.classification,
            "captions": [caption for caption in cable.captions if caption != "SENSITIVE"], "subject": (cable.subject or "").upper(),
            "tags": list(cable.tags), "serial": cable.serial, "post": cable.origin.post if cable.origin else None,
            "sections": cable.sections.count if cable.sections else None, "references": [ref.cable for ref in cable.references],
            "signature": cable.signature, "paragraphs": [[p.number, p.marking] for p in cable.paragraphs],
            "action": [post.code if (post := resolve(a.name)) else a.name for a in cable.action],
        }  # fmt: skip
        truth["subject"] = truth["subject"].upper()
        wrong.update(name for name, value in found.items() if value != truth[name])
    assert {name: 1 - n / count for name, n in wrong.items() if 1 - n / count < FLOORS[name]} == {}


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_examples(tmp_path / name, 60, 5)
    make_examples(tmp_path / "three", 60, 6)
    one, two, three = (_checksums(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one != three
    assert any("national-archives" in name for name in one)


def _checksums(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("form", ["csv", "archives", "both"])
def test_every_form_has_all_that_its_truth_names(tmp_path: Path, form: str) -> None:
    make_examples(tmp_path, 80, 2, form)
    truth = [json.loads(line)["id"] for line in (tmp_path.parent / f"{tmp_path.name}.truth.jsonl").read_text().splitlines()]
    found = [cable.id for path in sorted(tmp_path.iterdir()) for cable in cablegram.read(path)]
    assert sorted(map(str, found)) == sorted(truth)
    assert len(truth) == 80


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("=== lima 1\ndate: 2000-01-01T00:00Z\n\n1. X", "=== POST SERIAL"),
        ("=== LIMA 1\nclass: SECRET\nsubject: X\n\n1. X", "date"),
        ("=== LIMA 1\ndate: 2000-01-01T00:00Z\nclass: SECRET\nsubject: X\nref: nonsense\n\n1. X", "`nonsense` is no reference"),
        ("=== LIMA 1\ndate: 2000-01-01T00:00Z\nclass: SECRET\nsubject: X\n\nX", "not with a numbered paragraph"),
    ],
)
def test_a_wrong_script_is_named(text: str, says: str) -> None:
    with pytest.raises(CablegramError, match=says):
        parse_scripts(text, "x.txt")
