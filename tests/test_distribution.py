"""Who knew: a small archive whose truth was worked out by hand, and the collectives of the vocabulary."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cablegram
from cablegram import Archive
from cablegram.cli.main import cli
from cablegram.errors import NotHeld
from cablegram.study.copies import Copies, Scope
from cablegram.study.distribution import Distribution, distribution
from cablegram.study.kept import Kept
from cablegram.vocabulary import bodies
from cablegram.vocabulary.collectives import all_collectives, lookup, members
from cablegram.vocabulary.posts import all_posts, fold, resolve
from cablegram.vocabulary.tables import many, read_table

FORM = (
    "R {dtg}\nFM AMEMBASSY {post}\nTO {to}\nINFO {info}\nC O N F I D E N T I A L {post} {serial:06d}\n\n{captions}\n\nE.O. 12958: DECL: 05/01/2017\n"
    "TAGS: PGOV\nSUBJECT: THE BELL\n\nREF: {ref}\n\n1. (C) The bell.\n\nFENWICK\n"
)
#: The four cables of the bell: Washington is told each time, Quito the first two, Bogota never by name, La Paz answers the second one.
CABLES = [
    FORM.format(dtg="010203Z MAR 07", post="LIMA", to="SECSTATE WASHDC 0001", info="AMEMBASSY QUITO 0001\nAMEMBASSY LA PAZ 0001", serial=100, captions="SIPDIS", ref="LIMA 90"),
    FORM.format(dtg="020203Z MAR 07", post="LIMA", to="SECSTATE WASHDC 0002\nAMEMBASSY LA PAZ 0002", info="AMEMBASSY QUITO 0002", serial=110, captions="SIPDIS", ref="LIMA 100"),
    FORM.format(dtg="050203Z APR 07", post="LA PAZ", to="SECSTATE WASHDC 0003", info="AMEMBASSY LIMA 0003\nMERCOSUR COLLECTIVE", serial=300, captions="NODIS\nSIPDIS", ref="LIMA 110"),
    FORM.format(dtg="060203Z MAY 07", post="LIMA", to="SECSTATE WASHDC 0004", info="AMEMBASSY LA PAZ 0004\nCIA WASHINGTON DC", serial=200, captions="SIPDIS", ref="LA PAZ 300"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("who") / "a"
    with Archive(place) as archive:
        archive.add([cablegram.parse(text) for text in CABLES], "bell")
    return place


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def test_a_copy_without_a_date_says_nothing_of_the_last_one(tmp_path: Path) -> None:
    values = {"to": "SECSTATE WASHDC 0009", "info": "AMEMBASSY QUITO 0009", "captions": "SIPDIS", "ref": "LIMA 90"}
    undated = FORM.format(dtg="990203Z MAR 07", post="LIMA", serial=400, **values)
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(text) for text in (*CABLES, undated)])
        found = Distribution(archive, "")
        quito = next(row for row in found.rows if row.name == "QUITO")
        assert [copy.created for copy in quito.copies][-1] is None
        assert quito.last.cable == "07LIMA110"
        assert found.since(quito) == ["07LAPAZ300", "07LIMA200"]
        kept = Kept(archive)
        kept.update()
        row = Copies(kept, Scope()).by_name["QUITO"]
        assert row.last_cable.cable == "07LIMA110"
        assert Copies(kept, Scope()).since(row) == 2
        assert Copies(kept, Scope(post="LIMA")).by_name["QUITO"].last_cable.cable == "07LIMA110"


def test_one_cable(folder: Path) -> None:
    with Archive(folder) as archive:
        told = distribution(archive, "07 La Paz 300")
    assert (told["cable"], told["from"]) == ("07LAPAZ300", "LAPAZ")
    assert [one["post"] for one in told["action"]] == ["STATE"]
    assert [one["post"] for one in told["info"]] == ["LIMA", None]
    assert told["info"][1]["members"] == ["ASUNCION", "BRASILIA", "BUENOSAIRES", "MONTEVIDEO"]
    assert "general knowledge" in told["info"][1]["members_from"]
    assert ["NODIS", "no distribution: between the Secretary and the addressee only"] in [
        [one["caption"], one["meaning"]] for one in told["captions"]
    ]
    left = {one["name"]: [copy["cable"] for copy in one["cables"]] for one in told["left_off"]}
    assert left == {"QUITO": ["07LIMA100", "07LIMA110"], "CIA WASHINGTON DC": ["07LIMA200"]}


def test_many_cables(folder: Path) -> None:
    with Archive(folder) as archive:
        told = Distribution(archive, "bell").to_dict()
    rows: dict[str, Any] = {row["name"]: row for row in told["posts"]}
    assert told["cables"] == 4
    assert told["months"] == {"2007-03": ["07LIMA100", "07LIMA110"], "2007-04": ["07LAPAZ300"], "2007-05": ["07LIMA200"]}
    assert {name: (row["action"], row["info"], row["member"]) for name, row in rows.items()} == {
        "STATE": (4, 0, 0), "QUITO": (0, 2, 0), "LAPAZ": (1, 2, 0), "LIMA": (0, 1, 0), "MERCOSUR COLLECTIVE": (0, 1, 0), "CIA WASHINGTON DC": (0, 1, 0),
        "ASUNCION": (0, 0, 1), "BRASILIA": (0, 0, 1), "BUENOSAIRES": (0, 0, 1), "MONTEVIDEO": (0, 0, 1),
    }  # fmt: skip
    assert [row["name"] for row in told["posts"]][:3] == ["LAPAZ", "QUITO", "STATE"]
    assert rows["QUITO"]["first"] == {"cable": "07LIMA100", "created": "2007-03-01T02:03Z", "role": "info", "through": None}
    assert rows["QUITO"]["last"]["cable"] == "07LIMA110"
    assert rows["QUITO"]["not_copied_after"] == ["07LAPAZ300", "07LIMA200"]
    # Lima sent the last one itself: it was not kept from it.
    assert rows["LIMA"]["not_copied_after"] == []
    assert rows["BRASILIA"]["first"]["through"] == "MERCOSUR COLLECTIVE"
    assert rows["LAPAZ"]["months"] == {
        "2007-03": {"action": ["07LIMA110"], "info": ["07LIMA100"], "member": []}, "2007-05": {"action": [], "info": ["07LIMA200"], "member": []},
    }  # fmt: skip


def test_commands(folder: Path) -> None:
    where = ["--archive", str(folder)]
    assert json.loads(run("distribution", "--query", "", "--json", *where).stdout)["cables"] == 4
    rows = list(csv.DictReader(io.StringIO(run("distribution", "--query", "bell", "--csv", *where).stdout)))
    assert [(row["month"], row["info"], row["cables"]) for row in rows if row["name"] == "QUITO"] == [
        ("2007-03", "2", "07LIMA100 07LIMA110")
    ]
    one = list(csv.DictReader(io.StringIO(run("distribution", "07LAPAZ300", "--csv", *where).stdout)))
    assert [row["name"] for row in one if row["role"] == "left off"] == ["QUITO", "CIA WASHINGTON DC"]
    assert "4 posts: ASUNCION" in run("distribution", "07LAPAZ300", *where).stdout
    assert "QUITO" in run("distribution", "--query", "bell", *where).stdout
    assert run("distribution", *where).exit_code != 0
    with Archive(folder) as archive, pytest.raises(NotHeld):
        distribution(archive, "07NOWHERE1")


@pytest.mark.parametrize(
    ("one", "other", "same", "why"),
    [
        ("CIA WASHDC", "CIA WASHINGTON DC", True, "Washington written in two ways"),
        ("NSC WASHDC", "White House National Security Council Washington, D.C.", True, "the name in full, in any case and with any points"),
        ("USDOC WASHDC", "DEPARTMENT OF COMMERCE WASHDC", True, "a short name"),
        ("CDR USEUCOM VAIHINGEN GE", "HQ USEUCOM VAIHINGEN GE", True, "a command by its commander and by its headquarters"),
        ("CINCPAC HONOLULU HI", "CDR USPACOM HONOLULU HI", True, "a command by its name of before 2002"),
        ("DIA WASHINGTON DC//DHI-1B//", "DIA WASHINGTON DC", False, "an office of a body is an addressee of its own"),
        ("CIA WASHDC", "DIA WASHDC", False, "two bodies"),
        ("OSD WASHDC", "SECDEF WASHDC", False, "the Secretary, and the office around him"),
        ("BELL FOUNDRY WASHDC", "BELL FOUNDRY WASHINGTON DC", False, "what the table does not spell is joined with nothing"),
    ],
)  # fmt: skip
def test_bodies_are_joined_by_the_table_only(tmp_path: Path, one: str, other: str, same: bool, why: str) -> None:
    """Two cables of a thread, each to one spelling: in the rows of many cables, and in what is said of who was left off one."""
    assert (bodies.standard(one) == bodies.standard(other)) == same, why
    form = FORM.format(
        dtg="{dtg} MAR 07", post="LIMA", to="SECSTATE WASHDC 0001", info="{name}", serial=0, captions="SIPDIS", ref="{ref}"
    )
    with Archive(tmp_path / "a") as archive:
        for n, (name, ref) in enumerate(((one, "LIMA 90"), (other, "LIMA 101")), 1):
            told = form.format(dtg=f"0{n}0203Z", name=name.upper(), ref=ref).replace("LIMA 000000", f"LIMA {100 + n:06d}")
            archive.add([cablegram.parse(told)], "bell")
        many_cables = [row["name"] for row in Distribution(archive).to_dict()["posts"] if row["post"] is None]
        left = [one["name"] for one in distribution(archive, "07LIMA102")["left_off"]]
    assert len(many_cables) == (1 if same else 2), why
    assert left == ([] if same else [bodies.standard(one)]), why


def test_the_table_of_bodies() -> None:
    """No spelling stands twice or is that of a post or a collective; each row says where it is from."""
    rows = read_table("bodies")
    names = [name for row in rows for name in (row["name"], *many(row["aliases"]))]
    assert [name for name in names if resolve(name) is not None or lookup(name) is not None] == []
    assert len({fold(name) for name in names}) == len(names)
    assert [row["name"] for row in rows if not row["evidence"].startswith("general knowledge")] == []
    assert {bodies.standard(row["name"]) for row in rows} == {row["name"] for row in rows}


def test_the_table_of_collectives() -> None:
    countries = {post.country for post in all_posts()}
    for one in all_collectives():
        assert one.evidence
        assert one.kinds
        for member in one.members:
            assert member.country in countries, (one.name, member)
            assert member.since is None or member.until is None or member.since < member.until
    assert len({name for one in all_collectives() for name in (one.name, *one.aliases)}) == sum(
        1 + len(one.aliases) for one in all_collectives()
    )


@pytest.mark.parametrize(
    ("name", "year", "there", "not_there"),
    [
        ("ALL NATO POST COLLECTIVE", 1998, ["ANKARA", "MADRID"], ["WARSAW", "SOFIA"]),
        ("nato  collective", 2005, ["WARSAW", "SOFIA"], ["ZAGREB"]),
        ("EU MEMBER STATES COLLECTIVE", 1980, ["BONN", "DUBLIN"], ["ATHENS", "BERLIN"]),
        ("EU MEMBER STATES COLLECTIVE", 2006, ["BERLIN", "WARSAW"], ["BONN", "SOFIA"]),
        ("OPEC COLLECTIVE", 1995, ["JAKARTA"], ["QUITO"]),
        ("OPEC COLLECTIVE", 2009, ["QUITO", "LUANDA"], ["JAKARTA"]),
        ("MERCOSUR COLLECTIVE", 1985, [], ["BRASILIA"]),
    ],
)
def test_members_by_year(name: str, year: int, there: list[str], not_there: list[str]) -> None:
    collective = lookup(name)
    assert collective is not None
    found = members(collective, year)
    assert set(there) <= set(found)
    assert not set(not_there) & set(found)


def test_what_the_table_does_not_have_is_not_expanded() -> None:
    assert lookup("EUROPEAN POLITICAL COLLECTIVE") is None
    assert lookup("AMEMBASSY LIMA") is None
