"""The forms for reference managers: each against what the specifications ask for, written by hand, and as Zotero takes them in."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import rispy

from cablegram.cite.formats import FORMS, written
from cablegram.cite.item import Cited
from test_cite import CASES, made

_RECORDS: Final = {case["cite"]: case for case in CASES}
WANTED: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "cases" / "citation_forms.json").read_text(encoding="utf-8")
)["cases"]
#: Of Zotero's Letter, the fields that its importers fill: from a variable of CSL-JSON, and from a tag of RIS (its schema and its RIS translator,
#: written down from knowledge of both, without them at hand). What is not here has no field there.
_OF_CSL: Final = {
    "title": "title", "genre": "letterType", "archive": "archive", "archive_location": "archiveLocation", "call-number": "callNumber", "URL": "url",
    "issued": "date", "accessed": "accessDate", "author": "author", "recipient": "recipient", "note": "extra",
}  # fmt: skip
_OF_RIS: Final = {
    "TI": "title", "M3": "letterType", "DB": "archive", "AV": "archiveLocation", "CN": "callNumber", "UR": "url", "DA": "date", "Y2": "accessDate",
    "AU": "author", "A2": "recipient", "N1": "notes",
}  # fmt: skip
#: Lines of Zotero's field Extra that it reads as variables of CSL.
_EXTRA: Final = re.compile(r"^(number|archive_collection|archive-place): (.+)$", re.MULTILINE)
_LINE: Final = re.compile(r"([A-Z][A-Z0-9])  - ([^\r\n]*)")


def texts(case: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any], str]:
    """What each form makes of a record; its item; the id under which the archive has it."""
    with made(case) as (_, one):
        return {name: "".join(written(form, [one])) for name, form in FORMS.items()}, dict(one.item), one.key


@pytest.mark.parametrize("wanted", WANTED, ids=[one["cite"] for one in WANTED])
def test_every_form_as_written_by_hand(wanted: dict[str, Any]) -> None:
    case = _RECORDS[wanted["cite"]]
    sha = hashlib.sha256(case["text"].encode()).hexdigest()
    told, _, key = texts(case)

    def filled(text: str) -> str:
        return text.replace("{sha}", sha[:12]).replace("{SHA}", sha).replace("{key}", key)

    assert json.loads(told["csl-json"]) == [json.loads(filled(json.dumps(wanted["csl-json"])))]
    assert told["ris"].split("\r\n") == [*map(filled, wanted["ris"]), "", ""]
    assert told["bibtex"].split("\n") == [*map(filled, wanted["bibtex"]), ""]


def test_twelve_kinds_of_record_have_every_form() -> None:
    assert len({one["cite"] for one in WANTED}) == len(WANTED) >= 12
    assert all(set(one) == {"cite", *FORMS} for one in WANTED)


def letter_of_csl(item: dict[str, Any]) -> dict[str, Any]:
    """The Letter that Zotero's importer of CSL-JSON makes."""
    assert item["type"] == "personal_communication"
    out = {_OF_CSL[name]: value for name, value in item.items() if name in _OF_CSL}
    for field in ("date", "accessDate"):
        if field in out:
            assert set(out[field]) <= {"date-parts", "circa"}
            assert all(isinstance(part, int) for part in out[field]["date-parts"][0])
            out[field] = out[field]["date-parts"][0]
    for role in ("author", "recipient"):
        out[role] = [one["literal"] for one in out.get(role, [])]
    return out


def letter_of_ris(text: str) -> dict[str, Any]:
    """The Letter that Zotero's importer of RIS makes: it begins at TY and ends at ER. A name without a comma is of one field; one with a comma would
    be taken for surname and first names."""
    lines = text.split("\r\n")
    assert lines[0] == "TY  - PCOMM"
    assert lines[-3:] == ["ER  - ", "", ""]
    out: dict[str, Any] = {"author": [], "recipient": [], "notes": []}
    for line in lines[1:-3]:
        found = _LINE.fullmatch(line)
        assert found is not None, line
        field = _OF_RIS.get(found[1])
        if field in ("author", "recipient", "notes"):
            assert field == "notes" or "," not in found[2]
            out[field].append(found[2])
        elif field in ("date", "accessDate"):
            assert re.fullmatch(r"\d{4}/(\d\d)?/(\d\d)?/[a-z]*", found[2])
            out[field] = [int(part) for part in found[2].split("/")[:3] if part]
        elif field is not None:
            assert field not in out, "a field that comes twice is lost once"
            out[field] = found[2]
    return out


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['cite']}" for n, case in enumerate(CASES)])
def test_zotero_makes_the_same_letter_of_both(case: dict[str, Any]) -> None:
    """By either way in, a Letter has the same title, posts, dates and places, and what CSL-JSON says more stands in its Extra."""
    told, item, _ = texts(case)
    [csl] = json.loads(told["csl-json"])
    first, second = letter_of_csl(csl), letter_of_ris(told["ris"])
    for field in ("title", "date", "accessDate", "callNumber", "url"):
        assert first.get(field) == second.get(field), field
    # A name of one field can have no comma in RIS: a dash stands there, and a note has the name as it is.
    names: list[str] = []
    for field in ("author", "recipient"):
        assert [name.replace(", ", " – ") for name in first[field]] == second[field], field
        names += [f"{'Sender' if field == 'author' else 'Recipient'}: {name}" for name in first[field] if "," in name]
    assert first["letterType"].casefold() == second["letterType"].casefold()
    # RIS has two tags for four parts of the place; nothing of them is lost.
    for part in ("archive", "archive_collection", "archive_location", "archive-place"):
        assert item.get(part, "") in f"{second.get('archive', '')}; {second.get('archiveLocation', '')}"
    lost = {name for name in csl if name not in _OF_CSL} - {"id", "type"}
    assert dict(_EXTRA.findall(first["extra"])) == {name: csl[name] for name in lost}
    assert set(second["notes"]) == {*names, *_EXTRA.sub("", first["extra"]).strip().split("\n")}


@pytest.mark.parametrize(
    ("name", "written_as", "why"),
    [
        ("Embassy Praia", "Embassy Praia", "nothing to part"),
        (
            "Chief, Political Section",
            "Chief – Political Section",
            "an office, not a Mr. Chief whose first names are Political Section",
        ),
        ("SMITH, JR.", "SMITH – JR.", "one who is named so as an office is"),
        ("Board,Pier ,  Praia", "Board – Pier – Praia", "however blanks stand about it"),
        (",, Harbor Board,", "Harbor Board", "nothing stands before or behind"),
        ("Harbor Board; Pier/North", "Harbor Board; Pier/North", "other signs part nothing"),
        (",", None, "no name at all: no line either"),
    ],
)
def test_a_name_of_one_field_stays_whole_in_ris(name: str, written_as: str | None, why: str) -> None:
    item = {"id": "x", "genre": "telegram", "archive": "a.txt", "author": [{"literal": name}], "recipient": [{"literal": name}]}
    told = FORMS["ris"].one(Cited("x", item, True, ()))
    letter, [record] = letter_of_ris(told), rispy.loads(told)
    wanted = [written_as] if written_as is not None else []
    assert (
        letter["author"] == letter["recipient"] == record.get("authors", []) == record.get("secondary_authors", []) == wanted
    ), why
    as_it_is = " ".join(name.split())
    assert letter["notes"] == ([f"Sender: {as_it_is}", f"Recipient: {as_it_is}"] if "," in name else []), why
