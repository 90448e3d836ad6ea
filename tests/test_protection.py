"""Source protection: what is found and what is not, and that no masked word is left in anything that any view gives out."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

import cablegram
from cablegram import Archive
from cablegram.cable import Cable
from cablegram.cli.main import cli
from cablegram.cli.protecting import with_value
from cablegram.errors import CablegramError
from cablegram.protect.copy import masked_folder, report_of
from cablegram.protect.finding import find
from cablegram.protect.masking import masked, parse_kinds
from cablegram.protect.rules import GROUPS, KINDS, PATTERNS
from cablegram.spans import replay
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

FORM = (
    "R 010203Z MAY 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nINFO AMEMBASSY QUITO\nUNCLAS LIMA {serial:06d}\n\nSIPDIS\n\nE.O. 12958: N/A\n"
    "TAGS: {tags}\nSUBJECT: {subject}\n\nREF: LIMA 7\n\n1. (U) {body}\n\nFENWICK\n"
)
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "protect.json").read_text(encoding="utf-8"))


def text_of(case: dict[str, Any], serial: int = 100) -> str:
    return FORM.format(serial=serial, tags=case["tags"], subject=case["subject"], body=case["body"])


def squeezed(value: object) -> str:
    """Letters and digits only, in small letters: a name broken over a line end is one word again."""
    return re.sub(r"[\W_]+", "", str(value).lower())


def check_consistent(cable: Cable) -> None:
    """Every offset of a masked cable is one of its own text."""
    assert "".join(leaf.text for leaf in cable.tree.leaves()) == cable.original
    replay(cable.original, cable.edits)
    assert all(0 <= p.span[0] <= p.span[1] <= len(cable.original) for p in cable.paragraphs)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    cable = cablegram.parse(text_of(case))
    found = find(cable)
    assert [[one.kind, one.rule, one.text] for one in found.finds] == case["finds"]
    for one in found.finds:
        if one.paragraph_span is not None and one.seq is not None:
            place = cable.paragraphs[one.seq].text[slice(*one.paragraph_span)]
            assert " ".join(place.split()) == one.text
    changed = masked(cable, found=found)
    hidden = [one for one in found.finds if one.kind in KINDS]
    assert (changed is cable) == (not hidden)
    check_consistent(changed)
    assert [one for one in find(changed).finds if one.kind in KINDS] == []
    assert changed.signature == cable.signature
    assert [p.marking for p in changed.paragraphs] == [p.marking for p in cable.paragraphs]
    left = squeezed(json.dumps(changed.to_dict(), ensure_ascii=False))
    for one in hidden:
        assert f"[{one.kind}]" in changed.original
        if one.rule not in ("words-back-to-boundary", "later-mention"):
            assert squeezed(one.text) not in left


def test_every_pattern_has_a_case() -> None:
    """No rule without an example that it reads."""
    rules = {find[1] for case in CASES for find in case["finds"]}
    assert {one.rule for one in PATTERNS} - rules <= {"a-number-in-consular-case", "visa-number-label"}
    assert {
        "name-before-mark",
        "name-with-description",
        "words-back-to-boundary",
        "name-behind-mark",
        "later-mention",
        "x-run",
    } <= rules


@pytest.mark.parametrize(
    ("body", "kind"),
    [("File A12345678 waits.", "alien registration number"), ("Her visa number is 12345678.", "visa case number")],
)
def test_numbers_of_consular_cases(body: str, kind: str) -> None:
    cable = cablegram.parse(FORM.format(serial=1, tags="CVIS", subject="VISAS", body=body))
    assert [one.kind for one in find(cable).finds] == [kind]


def test_a_name_parted_by_a_page_break() -> None:
    """Furniture inside a name stays; the name goes."""
    text = FORM.format(serial=100, tags="PGOV", subject="THE LAMP", body="It was on a Monday that the harbor clerk, Ruben\n\nLIMA 00000100  002 OF 002\n\n\nOyarcevic (strictly protect), rang the bell.").replace(
        "UNCLAS LIMA 000100", "UNCLAS SECTION 01 OF 02 LIMA 000100")  # fmt: skip
    cable = masked(cablegram.parse(text))
    assert "002 OF 002" in cable.original
    assert "oyarcevic" not in squeezed(cable.original)
    assert "ruben" not in squeezed(cable.original)
    check_consistent(cable)


def test_a_saved_page_is_masked_too() -> None:
    body = text_of(
        {"tags": "PGOV", "subject": "THE LAMP", "body": "It was Ruben\nOyarcevic (protect) who rang. Oyarcevic\nleft."}
    )
    page = "<html><body><pre>" + body.replace("\n", "&#x000A;") + "</pre></body></html>"
    cable = masked(cablegram.parse(page))
    assert "oyarcevic" not in squeezed(json.dumps(cable.to_dict()) + cable.original)


@pytest.mark.parametrize("body", [
    "Her passport number\n123456789 was lost.", "The SSN\n219-09-9999 is hers,\nand the SSN of\n219099998 is his.\nSo it\nis said.", "Call her cell phone:\n+54 11 4123-4567 now.",
])  # fmt: skip
def test_a_number_behind_a_line_end_of_a_saved_page(body: str) -> None:
    """A saved page spells its line ends; a number behind one stands behind its word all the same."""
    text = text_of({"tags": "PGOV", "subject": "THE LAMP", "body": body})
    page = cablegram.parse("<html><body><pre>" + text.replace("\n", "&#x000A;") + "</pre></body></html>")
    here, there = masked(cablegram.parse(text)), masked(page)
    check_consistent(there)
    assert [p.text for p in there.paragraphs] == [p.text for p in here.paragraphs]
    assert not re.search(r"\d{4}", " ".join(p.text for p in there.paragraphs))
    for one in find(page).finds:
        assert " ".join(page.original[slice(*one.span)].split()) == one.text


def test_kinds_can_be_chosen() -> None:
    text = text_of({"tags": "CASC", "subject": "THE LAMP", "body": "Ana Brisa (protect) has passport 123456789."})
    assert "[protected name]" in masked(cablegram.parse(text), parse_kinds("names")).original
    only = masked(cablegram.parse(text), parse_kinds("numbers")).original
    assert "Ana Brisa" in only
    assert "[passport number]" in only
    assert parse_kinds("all") == KINDS == tuple(kind for kinds in GROUPS.values() for kind in kinds)
    with pytest.raises(CablegramError, match="--mask takes all"):
        parse_kinds("names,secrets")


def test_claims_are_masked() -> None:
    text = text_of({"tags": "PGOV", "subject": "THE LAMP", "body": "Ana Brisanova (protect) rang."})
    cable = masked(cablegram.parse(text, {"id": "07LIMA100", "title": "Brisanova and the lamp"}))
    assert cable.claims["title"] == "[protected name] and the lamp"


FIRST = st.sampled_from(["Ana", "Omar", "Bela", "Sigmar", "Delfina", "Jean-Luc"])
LAST = st.sampled_from(["Quispaya", "Oyarzun", "Thorlaksson", "Osmonaliev", "Demicoli", "Vidalin", "Nocerino"])
MARK = st.sampled_from(
    ["(protect)", "(strictly protect)", "(please protect)", "(PROTECT)", "(protect source)", "(strictly\nprotect)"]
)
BEFORE = st.sampled_from(["According to ", "We met ", "Colonel ", "The clerk, ", "On May 3, Mr. ", "Yesterday\n"])
BEHIND = st.sampled_from(["", " of the Coast Guard", ", a clerk of the Land Office", ", 47"])
LATER = st.sampled_from(
    ["{0} left.", "{0}'s hat fell.", "Mr. {0} laughed.", "{1} {0} slept.", "{2} WOKE.", "He saw {3} go.", "Nobody came."]
)


@settings(max_examples=120)
@given(FIRST, LAST, MARK, BEFORE, BEHIND, st.lists(LATER, max_size=4), st.booleans())
def test_no_surname_is_left(first: str, last: str, mark: str, before: str, behind: str, later: list[str], capitals: bool) -> None:
    broken = f"{last[:4]}-\n{last[4:]}"
    more = " ".join(sentence.format(last, first, last.upper(), broken) for sentence in later)
    body = f"{before}{first} {last}{behind} {mark} rang the bell. {more}"
    cable = cablegram.parse(
        text_of({"tags": "PGOV", "subject": f"{last.upper()} AND THE BELL", "body": body.upper() if capitals else body})
    )
    changed = masked(cable)
    check_consistent(changed)
    assert last.lower() not in squeezed(json.dumps(changed.to_dict()) + changed.original)


@pytest.mark.parametrize(
    "unit", ["(protect) ", "Ann Lee (protect) ", "born ", "passport number ", "Lee Lee (protect). ", "(\n", "a@a.", "1 ("]
)
def test_hostile_texts_take_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        cable = cablegram.parse(text_of({"tags": "CASC", "subject": "X", "body": unit * (size // len(unit))}))
        start = time.process_time()
        find(cable)
        return time.process_time() - start

    # Eight times the text: quadratic would be 64 times the time.
    small, large = min(seconds(4_000) for _ in range(2)), seconds(32_000)
    assert large < max(32 * small, 1.5)


# over a whole archive

HIDING = [
    case | {"serial": 100 + n}
    for n, case in enumerate(CASES)
    if any(kind in KINDS for kind, _, _ in case["finds"])
    and not any(rule == "words-back-to-boundary" for _, rule, _ in case["finds"])
]
PUBLIC = {"ana", "stone", "maria", "harbor", "manager", "lamp"}


def secrets() -> set[str]:
    """Surnames and numbers of the cases that nothing else in the archive has."""
    out: set[str] = set()
    for case in HIDING:
        for kind, rule, text in case["finds"]:
            if kind in ("protected name", "private person"):
                own = re.sub(r",.*| of the .*", "", text).replace("- ", "")
                out.add(squeezed(own.split()[-1]))
            elif kind in KINDS and rule != "later-mention":
                out.add(squeezed(text))
    return out - PUBLIC


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("protect") / "a"
    with Archive(place) as archive:
        archive.add([cablegram.parse(text_of(case, case["serial"])) for case in HIDING], "first")
        # Another version, without the mark: whom one version protects is protected in all.
        again = text_of(HIDING[0], HIDING[0]["serial"]).replace(" (protect)", "").replace("rang", "called")
        archive.add([cablegram.parse(again)], "second")
    return place


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def test_the_secrets_are_there_without_mask(folder: Path) -> None:
    """Else the next tests could not fail."""
    shown = squeezed("".join(run("show", f"07LIMA{case['serial']}", "--raw", "--archive", str(folder)).output for case in HIDING))
    assert [secret for secret in secrets() if secret not in shown] == []
    assert len(secrets()) > 20


def test_no_command_shows_a_masked_word(folder: Path, tmp_path: Path) -> None:
    where = ["--archive", str(folder), "--mask"]
    first = f"07LIMA{HIDING[0]['serial']}"
    calls = [["search", "the", "--limit", "100"], ["search", "rang", "--json", "--limit", "100"], ["list"], ["list", "--json"], ["ghosts"], ["ghosts", "--json"],
             ["refs", first, "--json"], ["diff", first], ["diff", first, "--json"], ["export", "-", "--format", "jsonl"], ["export", "-", "--format", "csv"],
             ["export", "-", "--format", "text"], ["lint", "--notes"], ["info"], ["markings"], ["clock"], ["distribution", "--query", ""],
             ["distribution", first, "--json"], ["protect", "--json"], ["protect"]]  # fmt: skip
    for case in HIDING:
        calls += [["show", f"07LIMA{case['serial']}", *how] for how in ([], ["--raw"], ["--json"])]
    outputs = {" ".join(call): run(*call, *where) for call in calls}
    assert [name for name, result in outputs.items() if not isinstance(result.exception, SystemExit | None)] == []
    assert all(result.output for result in outputs.values())
    leaks = [(name, secret) for name, result in outputs.items() for secret in secrets() if secret in squeezed(result.output)]
    assert leaks == []


def test_every_command_that_shows_cables_can_mask() -> None:
    without = {
        name
        for name, command in cli.commands.items()
        if any(param.name == "folder" for param in command.params)
        and not any(param.opts == ["--mask"] for param in command.params)
    }
    assert without == {"ingest", "reindex", "reread", "verify", "demo", "make-examples"}


def test_parse_masks(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text(text_of(HIDING[0]), encoding="utf-8")
    for how in ([], ["--json"], ["--tree"]):
        output = run("parse", str(file), "--mask", *how).output
        assert "[protected name]" in output.replace("\n", " ") or "protected name" in output
        assert "Quispe" not in output
    assert "Quispe" in run("parse", str(file)).output


def test_searching_for_a_masked_name_finds_nothing(folder: Path) -> None:
    """The index of the copy does not have the word: neither a hit nor a count tells where it is."""
    assert json.loads(run("search", "Strelnik", "--json", "--archive", str(folder)).stdout)["total"] == 1
    assert json.loads(run("search", "Strelnik", "--json", "--archive", str(folder), "--mask").stdout)["total"] == 0
    assert json.loads(run("search", "Strel*", "--json", "--archive", str(folder), "--mask=names").stdout)["total"] == 0


def test_what_other_sources_say_is_not_in_the_copy(tmp_path: Path) -> None:
    text = text_of({"tags": "PGOV", "subject": "X", "body": "The bell rang."}, 998)
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(text)], "one")
        archive.add([cablegram.parse(text, {"title": "Uwe Zabelka (protect) and the bell"})], "two")
        asked = "SELECT count(*) FROM sightings WHERE claims LIKE '%Zabelka%'"
        assert archive.store.db.execute(asked).fetchone()[0] == 1
    place = masked_folder(tmp_path / "a", KINDS)
    with Archive(place) as copy:
        assert copy.store.db.execute(asked).fetchone()[0] == 0
    assert all(b"Zabelka" not in file.read_bytes() for file in place.rglob("*") if file.is_file())


def test_the_reading_room_of_the_copy(folder: Path) -> None:
    place = masked_folder(folder, KINDS)
    first = f"/cables/07LIMA{HIDING[0]['serial']}"
    pages = ["/", "/search?q=rang", "/search.json?q=rang", "/posts/LIMA", "/days/2007-05-01", *(f"{first}{end}" for end in ("", "/raw", "/cite", "/versions", ".json"))]  # fmt: skip
    pages += [f"/cables/07LIMA{case['serial']}" for case in HIDING]
    with TestClient(create_app(Settings(place)), base_url="http://localhost") as client:
        for page in pages:
            text = client.get(page).text
            assert [secret for secret in secrets() if secret in squeezed(text)] == [], page


def test_the_copy_is_an_archive_and_follows_the_original(folder: Path, tmp_path: Path) -> None:
    place = masked_folder(folder, KINDS)
    assert run("verify", "--archive", str(place)).exit_code == 0
    assert masked_folder(folder, KINDS) == place
    told = report_of(place)
    assert told["masked"] == sum(row["count"] for row in told["counts"]) == len(told["places"])
    assert [secret for secret in secrets() if secret in squeezed(json.dumps(told))] == []
    with Archive(folder) as archive, Archive(place) as copy:
        assert list(copy.ids()) == list(archive.ids())
    with Archive(folder) as archive:
        archive.add(
            [cablegram.parse(text_of({"tags": "PGOV", "subject": "X", "body": "Uwe Zabelka (protect) rang."}, 999))], "third"
        )
    newer = masked_folder(folder, KINDS)
    assert newer != place
    assert not place.exists()
    data = (newer / "cables.db").read_bytes()
    assert b"Zabelka" not in data


@pytest.mark.parametrize(
    ("given_args", "meant"),
    [
        (["--mask", "07X1"], ["--mask=all", "07X1"]),
        (["--mask"], ["--mask=all"]),
        (["--mask", "names,numbers", "07X1"], ["--mask", "names,numbers", "07X1"]),
        (["--mask=names"], ["--mask=names"]),
        (["--", "--mask"], ["--", "--mask"]),
    ],
)
def test_the_value_may_be_left_out(given_args: list[str], meant: list[str]) -> None:
    assert with_value(given_args) == meant


def test_protect_lists(folder: Path) -> None:
    told = json.loads(run("protect", "07 Lima 100", "--json", "--archive", str(folder)).stdout)
    assert [(one["kind"], one["text"]) for one in told["finds"]] == [("protected name", "Delfina Quispe")]
    assert told["counts"] == [{"kind": "protected name", "rule": "name-before-mark", "count": 1}]
    assert run("protect", "07LIMA100", "--query", "x", "--archive", str(folder)).exit_code != 0
