"""Citations: every style against expectations written by hand, the forms against the parsers of other programs, what pages tell."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
import rispy
from bibtexparser.entrypoint import parse_string as parse_bibtex
from bibtexparser.middlewares import LatexDecodingMiddleware
from citeproc.source.json import CiteProcJSON
from click.testing import CliRunner
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

import cablegram
from cablegram import Archive, CablegramError
from cablegram.archive.archive import Sighting, VersionInfo
from cablegram.cite import styles
from cablegram.cite.citing import cite, cited, found, in_style
from cablegram.cite.formats import FORMS, written
from cablegram.cite.item import Cited, held_item, one_line
from cablegram.cite.metadata import metadata_of
from cablegram.cite.places import place_of, places_of
from cablegram.cite.styles import STYLES, render
from cablegram.cite.trim import FIELDS, trim
from cablegram.cli.main import cli, main
from cablegram.errors import NotHeld
from cablegram.fiction.bundle import telegrams, write_bundle
from cablegram.present.page import page_of
from cablegram.web.app import create_app
from cablegram.web.settings import Settings

DATA: Final = json.loads((Path(__file__).parent / "cases" / "citations.json").read_text(encoding="utf-8"))
CASES: Final[list[dict[str, Any]]] = DATA["cases"]
IDS: Final = [f"{n}-{case['cite']}" for n, case in enumerate(CASES)]
HOME: Final = "/home/someone/private"


def telegram(number: int, subject: str, body: str = "1. (U) The bell rang.\n") -> str:
    return (
        f"R 141530Z DEC 07\nFM AMEMBASSY PRAIA\nTO SECSTATE WASHDC 0001\nUNCLAS PRAIA {number:06d}\n\nSIPDIS\n\nE.O. 12958: N/A\n"
        f"TAGS: PGOV, CV\nSUBJECT: {subject}\n\n{body}\nFENWICK\n"
    )


@contextmanager
def made(case: dict[str, Any]) -> Iterator[tuple[Archive, Cited]]:
    """An archive with the record of a case, and what is cited of it."""
    with TemporaryDirectory() as folder, Archive(Path(folder) / "archive") as archive:
        archive.add([cablegram.parse(case["text"], case.get("claims"))], source=f"{HOME}/{case['file']}")
        name, _, paragraph = case["cite"].partition("#")
        name = next(archive.ids()) if name == "*" else name
        yield archive, cited(archive, name, paragraph=paragraph or None, accessed=case.get("accessed"))


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled stories as an archive."""
    folder = tmp_path_factory.mktemp("stories")
    write_bundle(folder / "sources")
    with Archive(folder / "archive") as archive:
        archive.ingest(folder / "sources")
    return folder / "archive"


# styles


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_every_style_as_written_by_hand(case: dict[str, Any]) -> None:
    """What the seven styles make of one kind of record; nowhere the surname at its end, nor a folder of this machine."""
    sha = hashlib.sha256(case["text"].encode()).hexdigest()[:12]
    with made(case) as (_, one):
        told = {style: in_style(one, style) for style in STYLES}
        data = "".join(form.one(one) for form in FORMS.values())
    assert told == {style: text.replace("{sha}", sha) for style, text in case["expect"].items()}
    assert list(told) == list(STYLES)
    for text in (data, *told.values()):
        assert "FENWICK" not in text.upper()
        assert "private" not in text


def test_the_cases_say_why() -> None:
    assert all(case["reason"] for case in CASES)
    assert len({case["reason"] for case in CASES}) == len(CASES) >= 12


def test_a_settled_style_gives_what_the_whole_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking out branches that no cable takes changes nothing, whichever fields an item has."""
    values: dict[str, Any] = {
        "title": "Bells: a list", "author": [{"literal": "Embassy Praia"}], "recipient": [{"literal": "A"}, {"literal": "B"}],
        "number": "07PRAIA101", "issued": {"date-parts": [[2007, 12]], "circa": True}, "archive_location": "record 12", "archive_collection": "C",
        "URL": "https://cables.example/", "accessed": {"date-parts": [[2026, 1, 2]]}, "call-number": "1975X", "archive-place": "Praia",
    }  # fmt: skip
    assert set(values) | {"archive", "genre", "locator"} == set(FIELDS)
    chosen = Random(5).sample(list(itertools.product((False, True), repeat=len(values))), 5)
    fixed = {"type": "personal_communication", "genre": "secret telegram", "archive": "a.csv"}
    items = [fixed | {name: value for (name, value), there in zip(values.items(), some, strict=True) if there} for some in chosen]
    told = []
    for trimmed in (trim, lambda root: None):
        monkeypatch.setattr(styles, "trim", trimmed)
        styles._loaded.cache_clear()
        told.append([render(item, style, locator) for style in STYLES.values() for item in items for locator in (None, "4")])
    styles._loaded.cache_clear()
    assert told[0] == told[1]


def test_an_unknown_style_names_the_known_ones(stories: Path) -> None:
    with Archive(stories) as archive, pytest.raises(CablegramError, match="chicago-note, chicago-bibliography, turabian, mla"):
        cite(archive, "96LAPAZ2075", "harvard")


def test_without_the_processor_it_is_said_what_to_install(stories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The forms for reference managers work without it."""
    styles._loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "citeproc", None)
    with Archive(stories) as archive:
        with pytest.raises(CablegramError, match=r"install `cablegram\[cite\]`, or cite as csl-json, bibtex or ris"):
            cite(archive, "96LAPAZ2075", "nara")
        assert "96LAPAZ2075" in FORMS["ris"].one(cited(archive, "96LAPAZ2075"))


def test_loading_cablegram_does_not_load_the_processor() -> None:
    """It takes some tenths of a second: neither the package nor the forms wait for it."""
    import subprocess

    code = "import sys, cablegram.cite.citing, cablegram.cite.formats, cablegram.cli.main; print('citeproc' in sys.modules, 'lxml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == [
        "False",
        "False",
    ]


# paragraphs


def test_anchors_are_those_of_the_reading_room(stories: Path) -> None:
    """A link to a paragraph and a citation of it mean the same."""
    count = 0
    with Archive(stories) as archive:
        for key in itertools.islice(archive.ids(), 60):
            page = page_of(archive, key, explained=False)
            assert page is not None
            assert [place.anchor for place in places_of(page.cable)] == [one.anchor for one in page.sections]
            count += len(page.sections)
    assert count > 200


@pytest.mark.parametrize(
    ("name", "anchor", "locator"),
    [
        ("1", "p1", "1"), ("p1", "p1", "1"), ("para. 2", "p2", "2"), ("2.A", "s5", "2.A"), ("2a", "s5", "2.A"), ("1 (b)", "s3", "1.B"),
        ("b", "s3", "B"), ("s5", "s5", "2.A"), ("S5", "s5", "2.A"), ("s6", "s6", "6 [unnumbered]"), ("p2-2", "p2-2", "2 [no. 2 of that number]"),
    ],
)  # fmt: skip
def test_a_paragraph_by_its_names(name: str, anchor: str, locator: str) -> None:
    body = "1. (U) One.\n\nA. (U) Below one.\n\nB. (U) Below one too.\n\n2. (U) Two.\n\nA. (U) Below two.\n\n(U) Without.\n\n2. (U) Two again.\n"
    place = place_of(cablegram.parse(telegram(1, "ROPE", body)), "07PRAIA1", name)
    assert (place.anchor, place.locator) == (anchor, locator)


@pytest.mark.parametrize("name", ["3", "c", "2.b", "s99", "", "p1-2", "1" * 50, "#", "A" * 10_000])
def test_a_paragraph_that_is_not_there_names_those_that_are(name: str) -> None:
    cable = cablegram.parse(telegram(1, "ROPE", "1. (U) One.\n\nA. (U) Below one.\n"))
    with pytest.raises(NotHeld, match=r"has no paragraph .*; it has 1, A$"):
        place_of(cable, "07PRAIA1", name)


def test_a_letter_that_stands_twice_is_asked_for_again() -> None:
    cable = cablegram.parse(telegram(1, "ROPE", "1. (U) One.\n\nA. (U) Below.\n\n2. (U) Two.\n\nA. (U) Below.\n"))
    with pytest.raises(NotHeld, match=r"2 paragraphs a; say which: 1\.A, 2\.A"):
        place_of(cable, "07PRAIA1", "a")


# texts of several releases


def test_versions_and_joined_sections(tmp_path: Path) -> None:
    """Another release of a cable is told by its file and checksum; a text joined of its sections names the files of both."""
    one = telegram(7, "ROPE").replace("UNCLAS PRAIA", "UNCLAS SECTION 01 OF 02 PRAIA").replace("\nFENWICK\n", "")
    two = telegram(7, "ROPE", "2. (U) It broke.\n").replace("UNCLAS PRAIA", "UNCLAS SECTION 02 OF 02 PRAIA")
    with Archive(tmp_path) as archive:
        archive.add([cablegram.parse(one)], source="first.csv")
        archive.add([cablegram.parse(two)], source="second.csv")
        versions = {v.version: v for v in archive.versions("07PRAIA7")}
        joined = next(v for v in versions.values() if v.kind == "joined")
        assert joined.current
        told = cite(archive, "07PRAIA7", "chicago-note", paragraph="2")
        assert told.endswith(f"para. 2, joined of 2 texts, SHA-256 {joined.sha256[:12]}, first.csv; second.csv.")
        chain = cited(archive, "07PRAIA7").chain
        assert chain == tuple(
            f"{name}, record 1, SHA-256 {versions[part].sha256}"
            for name, part in zip(("first.csv", "second.csv"), joined.parts, strict=True)
        )
        first = cited(archive, "07PRAIA7", version=joined.parts[0])
        assert in_style(first, "nara").endswith(
            f"record 1, section 1 of 2 only, SHA-256 {versions[joined.parts[0]].sha256[:12]}, first.csv."
        )
        assert "One of 3 versions" in first.item["note"]
        with pytest.raises(NotHeld, match="07PRAIA7 has no version 99; it has "):
            cited(archive, "07PRAIA7", version=99)


# forms


def bib(text: str) -> dict[str, str]:
    """A BibTeX entry as its second parser reads it, LaTeX decoded."""
    library = parse_bibtex(text, append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    assert len(library.entries) == 1
    return {name: str(field.value) for name, field in library.entries[0].fields_dict.items()}


def bare(text: str) -> str:
    return re.sub(r"[{}]", "", text)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_forms_come_back(case: dict[str, Any]) -> None:
    """What other programs' parsers read is what the item says."""
    with made(case) as (_, one):
        texts = {name: "".join(written(form, [one])) for name, form in FORMS.items()}
    item = one.item
    [csl] = json.loads(texts["csl-json"])
    assert {name: value for name, value in csl.items() if name != "note"} == {
        name: value for name, value in item.items() if name != "note"
    }
    assert item["note"] in csl["note"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its loader tells of the field `archive_collection`, newer than its list, and takes it
        [loaded] = CiteProcJSON([csl]).values()
    assert (loaded.type, str(loaded.get("genre"))) == ("personal_communication", item["genre"])
    senders, recipients = ([who["literal"] for who in item.get(role, ())] for role in ("author", "recipient"))
    [ris] = rispy.loads(texts["ris"])
    assert ris["type_of_reference"] == "PCOMM"
    assert ris.get("title") == item.get("title")
    # A name of one field has no comma in RIS; a note has it as it is.
    assert ris.get("authors", []) == [who.replace(", ", " – ") for who in senders]
    assert ris.get("secondary_authors", []) == [who.replace(", ", " – ") for who in recipients]
    assert ris["note"] if "note" in ris else ris["notes"]
    assert ris.get("year") == (f"{item['issued']['date-parts'][0][0]}" if "issued" in item else None)
    entry = bib(texts["bibtex"])
    assert bare(entry.get("author", "")) == " and ".join(senders)
    if "title" in item and not set("{}") & set(item["title"]):
        assert bare(entry["title"]) == item["title"]
    [(key, other)] = parse_string(texts["bibtex"], "bibtex").entries.items()
    assert re.fullmatch(r"[A-Za-z0-9-]+", key)
    assert [str(person.last_names[0]) for person in other.persons.get("author", [])] == [f"{{{who}}}" for who in senders]
    assert ("year" in other.fields) == ("issued" in item)


HOSTILE: Final = st.text(
    st.sampled_from([*"{}\\\"'%$#_&^~@,.<>[]|=`\n\r\t\v\f\x00\x1b\u2028\u2029\u202e\ue000\ue001\ud800", *"aZ 9é"]), min_size=1, max_size=40
) | st.sampled_from(
    ["ROPE\nER  - \nTY  - BOOK", "ER  - ", "}\n@book{x,", "\\", "\\\\}", "{", "%\n}", "\\input{/etc/passwd}", "</script><script>", "“”’‘", "...", "?!.",
     '"', '<span class="nocase">', "</span>", '<span class="nocase">a</span>', "-", "a. b.", "TY  - x", "@comment{", "\\begin{x}"]
)  # fmt: skip


@given(title=HOSTILE, sender=HOSTILE, to=HOSTILE, where=HOSTILE)
@settings(max_examples=60)
def test_hostile_texts_stay_inside_their_field(title: str, sender: str, to: str, where: str) -> None:
    """Whatever a telegram says, a file has one entry with the fields that it had, and each holds its text."""
    names = {"author": sender, "recipient": to}
    item: dict[str, Any] = {
        "id": "07PRAIA1", "type": "personal_communication", "genre": "telegram", "title": one_line(title), "number": "07PRAIA1",
        "archive": one_line(where) or "x", "note": f"Text: {where}", **{role: [{"literal": one_line(who)}] for role, who in names.items() if one_line(who)},
    }  # fmt: skip
    one = Cited("07PRAIA1", item, True, ())
    plain = {
        **item,
        "title": "ROPE",
        "archive": "x",
        "note": "Text: x",
        **{role: [{"literal": "A"}] for role in names if role in item},
    }
    ordinary = Cited("07PRAIA1", plain, True, ())
    text = "".join(written(FORMS["ris"], [one, ordinary])).encode("utf-8", "strict").decode()
    assert [record["type_of_reference"] for record in rispy.loads(text)] == ["PCOMM", "PCOMM"]
    tags = [line[:6] for line in text.splitlines() if line]
    lines = re.split(r"\r\n", text)
    assert len(tags) == sum(map(bool, lines)), "no value has a line's end of any kind in it"
    text = "".join(written(FORMS["bibtex"], [one]))
    entry = bib(text)
    assert set(entry) <= {"author", "title", "howpublished", "number", "library", "note"}
    assert text.count("{") == text.count("}")
    assert len(parse_string(text, "bibtex").entries) == 1
    for style in ("bluebook", "nara"):
        told, _ = render(item, STYLES[style], "4")
        assert not re.search("[\ue000-\ue002\n\r]", told)
        wanted = re.sub(r"\W", "", item["title"])
        assert wanted.casefold() in re.sub(r"\W", "", told).casefold()


@given(subject=HOSTILE)
@settings(max_examples=12)
def test_a_hostile_subject_is_cited_whole(subject: str) -> None:
    """From the telegram to every style and form; nothing fails, and no style loses a letter of the subject."""
    cable = cablegram.parse(telegram(1, subject.replace("\n", " ")))
    version = VersionInfo(1, "release", True, "", False, (1,), 0, len(cable.original), "0" * 64, (), (Sighting("a.csv", 1),))
    one = held_item("07PRAIA1", cable, version, (version,))
    letters = re.sub(r"\W", "", one.item.get("title", ""))
    for style in STYLES:
        assert letters.casefold() in re.sub(r"\W", "", in_style(one, style)).casefold()
    for form in FORMS.values():
        assert "".join(written(form, [one])).encode()


# the command


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["cite", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_cites(stories: Path) -> None:
    where = ("--archive", str(stories))
    code, told, _ = run("96 LaPaz 02075#2", "96LAPAZ1990", "--style", "nara", *where)
    assert code == 0
    first, second = told.splitlines()
    assert first.startswith(
        "Confidential telegram 96LAPAZ2075, Embassy La Paz to Secretary of State and Embassy Santiago, “UYUNI: THE CRATE ENTERS POLITICS,” March 14, 1996, para. 2, record "
    )
    assert re.fullmatch(r"Telegram 96LAPAZ1990, Embassy La Paz, .*\[not held; cited in .*\]\.", second)
    code, told, _ = run("96LAPAZ2075", "--source", *where)
    assert re.search(
        r"\n    release-2009\.csv, record \d+, SHA-256 [0-9a-f]{64}\n|\n    release-2016\.csv, record \d+, SHA-256 [0-9a-f]{64}\n",
        told,
    )


def test_the_command_streams_what_a_query_finds(stories: Path) -> None:
    where = ("--archive", str(stories), "--query", "from:LAPAZ crate")
    with Archive(stories) as archive:
        keys = list(archive.find_ids("from:LAPAZ crate"))
        assert [one.key for one in found(archive, "from:LAPAZ crate")] == keys
    assert len(keys) == 4
    assert [one["id"] for one in json.loads(run("--style", "csl-json", *where)[1])] == keys
    assert list(parse_string(run("--style", "bibtex", *where)[1], "bibtex").entries) == keys
    assert [one["id"] for one in rispy.loads(run("--style", "ris", *where)[1])] == keys
    assert json.loads(run("--style", "csl-json", "--archive", str(stories), "--query", "nowhereword")[1]) == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["05NOWHERE1"], 2, "05NOWHERE1 is not in this archive, and no cable in it cites it"),
        (["96LAPAZ2075#99"], 2, "96LAPAZ2075 has no paragraph 99; it has 1, 2"),
        (["96LAPAZ2075#"], 2, "96LAPAZ2075 has no paragraph ; it has 1, 2"),
        (["05NOWHERE1", "96LAPAZ2075"], 1, "05NOWHERE1 is not in this archive"),
        (["96LAPAZ1990#2"], 2, "whether it has a paragraph 2 is not known"),
        (["96LAPAZ1990", "--version", "1"], 2, "leave --version out"),
        (["96LAPAZ2075", "--version", "9999"], 2, "has no version 9999; it has"),
        ([], 2, "say what to cite"),
        (["96LAPAZ2075", "--query", "crate"], 2, "not both"),
        (["96LAPAZ2075", "--style", "harvard"], 2, "harvard"),
        (["96LAPAZ2075", "--accessed=yesterday"], 2, "no such day"),
        (["96LAPAZ2075", "--source", "--style", "ris"], 2, "--source is for text"),
    ],
)
def test_the_command_says_what_is_wrong(
    words: list[str],
    code: int,
    message: str,
    stories: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setattr(sys, "argv", ["cablegram", "cite", *words, "--archive", str(stories)])
    with pytest.raises(SystemExit) as done:
        main()
    told = capfdbinary.readouterr()
    assert done.value.code == code
    assert message in told.err.decode()
    assert bool(told.out) == (code == 1)


# the reading room


class Head(HTMLParser):
    """The metadata of a page, and what it links to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, str]] = []
        self.coins: list[str] = []
        self.links: list[str] = []
        self.alternates: dict[str, str] = {}
        self.linked: list[str] = []
        self._in_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in given:
            self.tags.append((given["name"], given["content"]))
        elif tag == "span" and given.get("class") == "Z3988":
            self.coins.append(given["title"])
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "link" and given.get("rel") == "alternate":
            self.alternates[given["type"]] = given["href"]
        elif tag == "script" and given.get("type") == "application/ld+json":
            self._in_data = True

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.linked.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False


NASTY: Final = "\"></script><!--<script>alert(1)</script> & 'ROPE' ; %0A"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A reading room with a hostile subject, and a cable that is only cited."""
    folder = tmp_path_factory.mktemp("room")
    ref = telegram(2, "ROPE").replace("ROPE\n\n", "ROPE\n\nREF: DAKAR 900\n\n")
    with Archive(folder) as archive:
        archive.add([cablegram.parse(telegram(1, NASTY)), cablegram.parse(ref)], source="a&b.csv")
    with TestClient(create_app(Settings(folder)), base_url="http://127.0.0.1:8021") as client:
        yield client


def test_the_record_page_tells_reference_managers(room: TestClient) -> None:
    page = room.get("/cables/07PRAIA1").text
    assert "<script>alert" not in page
    head = Head(page)
    tags = dict(head.tags)
    title = tags["citation_title"]
    assert re.sub(r"\W", "", title) == re.sub(r"\W", "", NASTY)
    assert (tags["citation_author"], tags["citation_publication_date"], tags["DC.contributor"]) == (
        "Embassy Praia",
        "2007/12/14",
        "Secretary of State",
    )
    assert tags["citation_technical_report_number"] == "07PRAIA1"
    [coins] = head.coins
    assert parse_qs(coins, strict_parsing=True)["rft.title"] == [title]
    assert parse_qs(coins)["rft.date"] == ["2007-12-14"]
    for form in FORMS.values():
        answer = room.get(head.alternates[form.media])
        assert answer.headers["content-type"].startswith(form.media)
        assert answer.headers["content-disposition"] == f'attachment; filename="07PRAIA1.{form.ending}"'
    assert {f"/cables/07PRAIA1/cite?style={style}" for style in STYLES} <= set(head.links)


def test_the_record_page_has_json_ld(room: TestClient) -> None:
    """What a crawler reads back is what the item says, and nothing of a subject ends the element it stands in."""
    page = room.get("/cables/07PRAIA1").text
    head = Head(page)
    assert len(head.linked) == 1, "one text, which nothing in it breaks"
    told = json.loads(head.linked[0])
    assert not set("<>&'") & set(head.linked[0])
    post = [{"@type": "Organization", "name": "Embassy Praia"}]
    assert told == {
        "@context": "https://schema.org", "@type": ["CreativeWork", "ArchiveComponent", "Message"], "identifier": "07PRAIA1",
        "name": dict(head.tags)["citation_title"], "genre": "unclassified telegram", "dateCreated": "2007-12-14", "dateSent": "2007-12-14T15:30:00Z",
        "author": post, "sender": post, "recipient": [{"@type": "Organization", "name": "Secretary of State"}], "itemLocation": told["itemLocation"],
    }  # fmt: skip
    assert re.fullmatch("record 1, SHA-256 [0-9a-f]{12}", told["itemLocation"])


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_json_ld_says_what_the_item_says(case: dict[str, Any]) -> None:
    """Of every kind of record that is held: no licence, no language, and no archive is made up; dates are as exact as they are known."""
    with made(case) as (archive, one):
        if not one.held:
            return
        cable = archive.get(one.key)
        assert cable is not None
        versions = tuple(archive.versions(one.key))
        told = metadata_of(one.key, cable, versions[0], versions).linked
    item = one.item
    assert set(told) <= {
        "@context", "@type", "identifier", "name", "genre", "dateCreated", "dateSent", "author", "sender", "recipient", "url", "itemLocation",
        "holdingArchive", "isPartOf",
    }  # fmt: skip
    assert told.get("name") == item.get("title")
    assert [post["name"] for post in told.get("author", [])] == [post["literal"] for post in item.get("author", [])]
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    assert told.get("dateCreated", "") == "-".join(f"{part:02d}" for part in parts)
    assert told.get("dateSent", "").startswith(told.get("dateCreated", ""))
    assert ("holdingArchive" in told) == ("call-number" in item)
    if "holdingArchive" in told:
        assert told["holdingArchive"]["name"] == "National Archives at College Park"
        assert told["identifier"][1]["value"] == item["call-number"]


def test_the_page_of_citations(room: TestClient) -> None:
    """Every style by a link, with the paragraph kept; a cable that is only cited has one too."""
    for style in STYLES:
        page = room.get(f"/cables/07praia2/cite?style={style}&p=p1")
        assert page.status_code == 200
        assert re.search(r'id="citation">[^<]*07PRAIA2', page.text)
        assert "style=apa&amp;p=p1" in page.text
        assert ('id="in-text"' in page.text) == STYLES[style].in_text
    ghost = room.get("/cables/07DAKAR900/cite")
    assert "[not held; cited in 07PRAIA2]" in ghost.text
    assert rispy.loads(room.get("/cables/07DAKAR900/cite.ris").text)[0]["authors"] == ["Embassy Dakar"]
    assert [
        room.get(f"/cables/07PRAIA2/{wrong}").status_code
        for wrong in ("cite?p=9", "cite?style=harvard", "cite.exe", "cite?version=99")
    ] == [404, 400, 400, 404]


def test_metadata_has_no_value_that_is_not_known() -> None:
    with TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
        archive.add([cablegram.parse("1. (U) The bell hangs in a tree.\n")], source="a.csv")
        key = next(archive.ids())
        cable = archive.get(key)
        assert cable is not None
        versions = tuple(archive.versions(key))
        metadata = metadata_of(key, cable, versions[0], versions)
    assert {name for name, _ in metadata.tags} == {"citation_title", "DC.type", "DC.format", "DC.identifier", "DC.source"}
    assert dict(metadata.tags)["citation_title"] == key


def test_every_bundled_cable_is_cited_in_every_style() -> None:
    """No field of a real-looking telegram is too much for a style."""
    with TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
        archive.add(itertools.islice((cablegram.parse(one.text) for one in telegrams("a").values()), 8))
        for key in archive.ids():
            for style in STYLES:
                told = cite(archive, key, style)
                assert key in told
                assert not re.search(r"\.\.|,,|, \.|“”|\(\)|  | ,", told)
