"""Two whole collections compared: pair by pair, as properties of whole collations, and by the command."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cablegram
from cablegram import Archive
from cablegram.archive.info import group_of, grouped_sources
from cablegram.archive.match import fits_wild
from cablegram.archive.store import Store
from cablegram.cable import Cable
from cablegram.errors import NotHeld
from cablegram.fiction.bundle import all_scripts, telegrams
from cablegram.fiction.generate import csv_rows, write_rows
from cablegram.interpret.reader import without_text
from cablegram.study.collating import TEXTS, Collated, collate
from cablegram.study.collation import FOLDER, Collation, collation_of
from cablegram.study.sides import Side, opened, side_of_sources, sources_named
from cablegram.study.summed import LISTS, claims_of, rows_of
from makers import key, page, row, rows, telegram, zipped
from test_commands import BAD_ROWS, one_line, run

CASES = json.loads((Path(__file__).parent / "cases" / "collate.json").read_text(encoding="utf-8"))
CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus"
FULLER = {"a": "b", "b": "a", "equal": "equal", None: None}
MIRROR = {"text only in a": "text only in b", "text only in b": "text only in a"}
#: Two tales of which no three words in a row are the same.
TALES = {
    name: [
        f"{n}. (C) {' '.join(random.Random(f'{name}{n}').choices(words.split(), k=40)).capitalize()}." for n in range(1, 4)
    ]
    for name, words in (
        ("lamp", "keeper harbor lamp oil wick brass stair gull window tide pilot launch signal bell mist chart buoy rope storm shore"),
        ("dam", "engineer valley dam concrete gauge flood sluice village levee turbine permit survey cement tunnel gravel spillway bridge river"),
    )
}  # fmt: skip


def _telegram(given: dict[str, Any]) -> str:
    """A telegram from Lima, with what a case says otherwise."""
    body = list(given.get("body") or TALES.get(given.get("tale", ""), ["1. (C) The lamp is lit."]))
    if given.get("common"):
        body.append("4. (C) The ambassador thanked the minister for his time and promised to report at once to Washington.")
    if every := given.get("black"):
        body = [_each(line, every, lambda _: "XXXXXXXXXXXX") for line in body]
    if every := given.get("garble"):
        body = [_each(line, every, lambda word: f"{word[::-1]}q") for line in body]
    order, caption = given.get("eo", "E.O. 12958: DECL: 01/01/2017"), given.get("caption")
    lines = [
        *filter(None, [given.get("dtg", "R 010203Z JAN 07")]), "FM AMEMBASSY LIMA", *given.get("to", "TO SECSTATE WASHDC 0001").split("\n"),
        f"{given.get('level', 'C O N F I D E N T I A L')} LIMA 000012", "", *([caption, ""] if caption else []), order,
        f"TAGS: {given.get('tags', 'PGOV, EFIS, PE')}", f"SUBJECT: {given.get('subject', 'THE LAMP')}", "", *body, "",
        given.get("sign", "FENWICK"), "",
    ]  # fmt: skip
    return str(given.get("join", "\n")).join(lines)


def _each(line: str, every: int, change: Any) -> str:
    words = line.split()
    return " ".join(change(word) if n > 2 and n % every == 0 else word for n, word in enumerate(words))


def _cable(given: dict[str, Any]) -> Cable:
    if "card" in given:
        return without_text(given["card"], "withdrawn")
    text = _telegram(given)
    if given.get("page"):
        head, mark, body = text.partition("C O N F")
        text = f"<html><body><h3>Viewing cable 07LIMA12</h3><code><pre>{head}</pre></code>\n<code><pre>{mark}{body}</pre></code></body></html>"
    return cablegram.parse(text, given.get("claims", {"id": "07LIMA12"}))


def _mirrored(found: Collated) -> Collated:
    swap = {"a lacks": "b lacks", "b lacks": "a lacks", "a redacts": "b redacts", "b redacts": "a redacts"}
    note = found.note
    if note is not None:
        note = "; ".join(
            sorted(part.replace("A:", "@", 1).replace("B:", "A:", 1).replace("@", "B:", 1) for part in note.split("; "))
        )
    return found._replace(
        text=MIRROR.get(found.text, found.text), words=found.words[::-1], a=found.b, b=found.a, fuller=FULLER[found.fuller], note=note,
        disagreements=tuple(d._replace(kind=swap.get(d.kind, d.kind), a=d.b, b=d.a, a_at=d.b_at, b_at=d.a_at) for d in found.disagreements),
    )  # fmt: skip


# pair by pair


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_each_kind_of_difference(case: dict[str, Any]) -> None:
    a, b = _cable(case["a"]), _cable(case["b"])
    found = collate(a, b)
    assert found.text == case["text"]
    assert [[d.field, d.kind] for d in found.disagreements] == case.get("fields", [])
    assert found.edits == case.get("edits", found.edits if "garble" in case["b"] else 0)
    if "garble" not in case["b"]:
        assert found.fuller == case.get("fuller")
    for side, numbers in case.get("numbers", {}).items():
        told = {**getattr(found, side)._asdict(), "words": found.words[side == "b"]}
        assert {name: told[name] for name in numbers} == numbers
    for one in found.disagreements:
        for value, at, cable in ((one.a, one.a_at, a), (one.b, one.b_at, b)):
            if at.span is not None and value is not None:
                said = cable.original[slice(*at.span)]
                assert said == said.strip()
                if one.field in ("subject", "tags", "signature"):
                    # The evidence is where the value stands.
                    assert value.split(",")[0].split()[0] in said
    assert _mirrored(collate(b, a)) == found
    for cable in (a, b):
        same = collate(cable, cable)
        assert (same.text, same.disagreements, same.edits) == ("no text" if cable.text is None else "identical", (), 0)


def test_every_kind_of_text_has_a_case() -> None:
    assert {case["text"] for case in CASES} == set(TEXTS)


def test_a_field_that_only_the_source_tells_has_no_place_in_the_text() -> None:
    """What stands in no telegram is said by the source: no span is invented for it."""
    bare = _telegram({"dtg": None})
    (one,) = (
        d for d in collate(
            cablegram.parse(bare, {"id": "07LIMA12", "created": "2007-01-01"}), cablegram.parse(bare + " ", {"id": "07LIMA12", "created": "2007-02-02"})
        ).disagreements if d.field == "date"
    )  # fmt: skip
    assert (one.kind, one.a_at.span, one.b_at.span) == ("differ", None, None)


def test_the_reader_s_own_doubt_stands_beside_a_foreign_body() -> None:
    ours, foreign = _telegram({"tale": "lamp"}), _telegram({"tale": "dam"}).replace("LIMA 000012", "QUITO 000099")
    claims = {"id": "07LIMA12"}
    found = collate(cablegram.parse(ours, claims), cablegram.parse(foreign, claims))
    assert found.text == "another"
    assert found.note is not None
    assert found.note.startswith("B: ")
    assert "QUITO" in found.note


_TEXT = st.lists(
    st.sampled_from('lamp oil Solis XXXXXXXXXXXX the, a "bell" 1. (S) ,s \n 2. XXXX keeper\'s'.split(" ")), max_size=40
)


@settings(max_examples=60)
@given(_TEXT, _TEXT, st.sampled_from(CASES), st.sampled_from(CASES))
def test_any_two_records_the_other_way_about_give_the_mirror_image(
    one: list[str], other: list[str], left: dict[str, Any], right: dict[str, Any]
) -> None:
    a, b = (_cable({**case["a"], "body": [f"1. (C) {' '.join(text)}"]}) for case, text in ((left, one), (right, other)))
    found = collate(a, b)
    assert _mirrored(collate(b, a)) == found
    assert found.text in TEXTS
    if a.original == b.original:
        assert found.text in ("identical", "no text")


# whole collations


def _names(made: Iterator[Any]) -> list[str]:
    return [one.ident for one in made]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One archive of six sources that overlap: two releases of the stories, whole and in part, pages, cards, and sections apart."""
    folder = tmp_path_factory.mktemp("compare") / "archive"
    first, second = list(telegrams("a").values())[:60], list(telegrams("b").values())[20:80]
    with Archive(folder) as archive:
        archive.add([cablegram.parse(one.text) for one in first], "release-2009.csv")
        archive.add([cablegram.parse(one.text) for one in second], "release-2016.csv")
        archive.add([cablegram.parse(one.text) for one in first[10:30]], "data/release-2009.csv")
        archive.add([_cable(case["a"]) for case in CASES[:12]], "cases a")
        archive.add([_cable(case["b"]) for case in CASES], "cases b")
        archive.add([cablegram.parse(telegram(n, "ONE").decode()) for n in range(1, 31)], "pages/one.html")
    opened_store = Store(folder, create=False)
    yield opened_store
    opened_store.close()


SOURCES = ["release-2009.csv", "release-2016.csv", "data/release-2009.csv", "cases a", "cases b", "pages/one.html"]


def _collated(store: Store, place: Path, one: tuple[int, ...] | None, other: tuple[int, ...] | None) -> Collation:
    found = Collation(Side("A", store, one), Side("B", store, other), place)
    found.update()
    return found


def _everything(found: Collation) -> tuple[dict[str, Any], list[Any], list[Any]]:
    with closing(found.connect()) as db:
        return found.summary() or {}, [row.to_dict() for row in rows_of(db, "both")], [claim.to_dict() for claim in claims_of(db)]


@pytest.mark.parametrize("sources", [None, *((name,) for name in SOURCES)], ids=str)
def test_a_collection_with_itself_differs_in_nothing(store: Store, tmp_path: Path, sources: tuple[str] | None) -> None:
    numbers = None if sources is None else tuple(number for number, _ in sources_named(store, sources[0]))
    summary, both, claims = _everything(_collated(store, tmp_path / "c.db", numbers, numbers))
    lists = summary["lists"]
    assert lists["both"] == lists["a"] == lists["b"] == len(both) > 0
    assert lists["identical"] + lists["no-text"] == lists["both"]
    assert claims == []
    empty = {name for name in LISTS if name not in ("a", "b", "both", "identical", "no-text")}
    assert {name: lists[name] for name in empty} == dict.fromkeys(empty, 0)


@settings(max_examples=25)
@given(st.sets(st.integers(1, 6), min_size=1), st.sets(st.integers(1, 6), min_size=1))
def test_swapped_sides_swap_the_report(
    tmp_path_factory: pytest.TempPathFactory, store: Store, one: set[int], other: set[int]
) -> None:
    place = tmp_path_factory.mktemp("swap")
    a, b = tuple(sorted(one)), tuple(sorted(other))
    forth, back = _collated(store, place / "forth.db", a, b), _collated(store, place / "back.db", b, a)
    (told, rows, claims), (mirrored, back_rows, back_claims) = _everything(forth), _everything(back)

    def swapped(name: str) -> str:
        for ending in ("a", "b"):
            if name == ending or name.endswith(f"-{ending}"):
                return name[:-1] + ("b" if ending == "a" else "a")
        return name

    assert {swapped(name): count for name, count in told["lists"].items()} == mirrored["lists"]
    assert (told["a"], told["b"], told["edits"]) == (mirrored["b"], mirrored["a"], mirrored["edits"])
    for mine, its in zip(rows, back_rows, strict=True):
        assert (mine["cable"], mine["a"], mine["b"]) == (its["cable"], its["b"], its["a"])
        assert (MIRROR.get(mine["text"], mine["text"]), FULLER[mine["fuller"]]) == (its["text"], its["fuller"])
    assert [(one["cable"], one["field"], one["a"], one["b"]) for one in claims] == [
        (one["cable"], one["field"], one["b"], one["a"]) for one in back_claims
    ]
    # Which cables stand where, reckoned the simple way.
    seen = {
        side: {
            row[0]
            for row in store.db.execute(
                "SELECT DISTINCT c.key FROM cables c JOIN versions v ON v.cable = c.id JOIN sightings g ON g.version = v.id"
                " WHERE g.source IN (SELECT value FROM json_each(?))", (json.dumps(some),),
            )
        } for side, some in (("a", a), ("b", b))
    }  # fmt: skip
    with closing(forth.connect()) as db:
        assert set(_names(rows_of(db, "only-a"))) == seen["a"] - seen["b"]
        assert set(_names(rows_of(db, "only-b"))) == seen["b"] - seen["a"]
        assert set(_names(rows_of(db, "both"))) == seen["a"] & seen["b"]
        for name, count in told["lists"].items():
            assert len(_names(rows_of(db, name))) == count, name
        for field, kinds in told["fields"].items():
            assert len(list(claims_of(db, field))) == sum(kinds.values())


def test_two_releases_of_the_stories(store: Store, tmp_path: Path) -> None:
    """What the curated releases black out is known: every difference between them is one of redaction."""
    found = _collated(store, tmp_path / "c.db", (1,), (2,))
    summary, both, claims = _everything(found)
    texts = [telegrams(release) for release in "ab"]
    shared = {script.id for script in all_scripts()} & set(texts[0]) & set(texts[1])
    assert {row["cable"] for row in both} <= shared
    unlike = {row["cable"] for row in both if texts[0][row["cable"]].text != texts[1][row["cable"]].text}
    assert {row["cable"] for row in both if row["text"] == "differs"} == unlike
    assert summary["edits"] == 0
    assert summary["a"]["only_words"] == summary["b"]["only_words"] == 0
    assert summary["a"]["revealed"] + summary["b"]["revealed"] >= len(unlike)
    assert claims == []


@pytest.mark.parametrize(
    ("name", "means", "why"),
    [
        ("release-2009.csv", ["release-2009.csv"], "a source that is called exactly so, though another name has the same words"),
        ("release-2009", ["data/release-2009.csv", "release-2009.csv"], "words of names, as source: finds them"),
        ("RELEASE 2016", ["release-2016.csv"], "capitals and marks do not count"),
        ("rel*", ["data/release-2009.csv", "release-2009.csv", "release-2016.csv"], "a wild card"),
        ("case?", ["cases a", "cases b"], "one letter"),
        ("cases b", ["cases b"], "a name of two words"),
    ],
)
def test_sources_are_found_as_in_queries(store: Store, name: str, means: list[str], why: str) -> None:
    assert [called for _, called in sources_named(store, name)] == means


@pytest.mark.parametrize(
    "name", ["2009 release", "nothing", "", "*", "...", "data/*", "a' OR 1 --", "x" * 5000, "*" * 400 + "q", "half \udcff"]
)
def test_what_is_no_source_is_said_to_be_none(store: Store, name: str) -> None:
    if name == "*":
        assert len(sources_named(store, name)) == len(SOURCES)
        return
    with pytest.raises(NotHeld, match="no source of this archive is called so"):
        sources_named(store, name)


def test_many_files_of_a_folder_are_one_source(tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        for n in range(1, 15):
            archive.add([cablegram.parse(telegram(n).decode())], f"pages/{n}.html")
        archive.add([cablegram.parse(telegram(n).decode()) for n in range(5, 30)], "pages/all.csv")
        groups = grouped_sources(archive.store)
        assert set(groups) == {"pages/*", "pages/all.csv"}
        assert group_of("pages/7.html", groups) == "pages/*"
        assert group_of("pages/all.csv", groups) == "pages/all.csv"
        found = collation_of(side_of_sources(archive.store, "pages/*"), side_of_sources(archive.store, "pages/all.csv"))
        found.update()
        lists = (found.summary() or {})["lists"]
        assert (lists["only-a"], lists["both"], lists["only-b"]) == (4, 10, 15)


@pytest.mark.parametrize(
    ("pattern", "word", "fits"),
    [("*", "", True), ("a*", "abc", True), ("a*c", "abc", True), ("a?c", "abc", True), ("a?c", "ac", False), ("*b", "abc", False),
     ("a*b*c", "aXbYbZc", True), ("", "", True), ("", "a", False), ("**", "a", True), ("a", "ab", False)],
)  # fmt: skip
def test_wild_cards(pattern: str, word: str, fits: bool) -> None:
    assert fits_wild(pattern, word) is fits


def test_a_list_may_be_read_on_by_another_thread(tmp_path: Path) -> None:
    """The server sends a list in pieces, each from whichever thread is idle."""
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(telegram(1).decode())], "one")
        found = collation_of(Side("A", archive.store, (1,)), Side("B", archive.store, (1,)))
        with closing(found.connect()) as db, ThreadPoolExecutor(1) as other:
            rows = db.execute("SELECT 1 UNION SELECT 2")
            assert [next(rows), other.submit(next, rows).result()] == [(1,), (2,)]


def test_what_is_kept_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only cables that changed are collated again, a source that is seen again counts, and a damaged file is made anew."""
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(telegram(n).decode()) for n in range(1, 9)], "one")
        archive.add([cablegram.parse(telegram(n, "OTHER").decode()) for n in range(1, 5)], "two")
        sides = side_of_sources(archive.store, "one"), side_of_sources(archive.store, "two")
        found = collation_of(*sides)
        assert not found.is_ready()
        assert (found.update(), found.update()) == (4, 0)
        assert found.is_ready()
        archive.add([cablegram.parse(telegram(5).decode())], "two")
        assert not found.is_ready()
        assert found.update() == 1
        assert (found.summary() or {})["lists"]["both"] == 5
        archive.add([cablegram.parse(telegram(2, "THIRD").decode())], "two")
        assert found.update() == 1
        assert _everything(found) == _everything(
            _collated(archive.store, tmp_path / "anew.db", sides[0].sources, sides[1].sources)
        )
        found.place.write_bytes(b"no database" * 1000)
        again = collation_of(*sides)
        assert again.update() == 5
        for seconds, kept in ((3600.0, 13), (-1.0, 8)):
            monkeypatch.setattr("cablegram.study.collation._IN_HAND", seconds)
            for n in range(12):
                collation_of(Side("A", archive.store, (1,)), Side("B", archive.store, (1, n + 2)))
            assert len(list((tmp_path / "a" / FOLDER).glob("*.db"))) == kept, "what somebody has in hand stays"


def test_a_source_that_gives_what_is_known_already_has_it_too(tmp_path: Path) -> None:
    """A known record that is seen in another file is no new version, but that file has one cable more."""
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_bytes(rows(1, 2))
    two.write_bytes(rows(3))
    with Archive(tmp_path / "a") as archive:
        archive.ingest(one, two)
        found = collation_of(side_of_sources(archive.store, "one.csv"), side_of_sources(archive.store, "two.csv"))
        assert found.update() == 0
        two.write_bytes(rows(3) + rows(1))
        assert archive.ingest(two).unchanged == 2
        assert not found.is_ready()
        assert found.update() == 1


def test_the_same_text_with_other_claims_is_read_with_them(tmp_path: Path) -> None:
    """Two sources that give one text and say different things of it: each side is read with what its own source says."""
    bare = "C O N F I D E N T I A L LIMA 000012\n\nSUBJECT: A LAMP\n\n1. (C) The lamp.\n\nROE\n"
    with Archive(tmp_path / "a") as archive:
        for name, created in (("one", "2007-01-01T10:00Z"), ("two", "2007-01-02T10:00Z")):
            archive.add([cablegram.parse(bare, {"id": "07LIMA12", "created": created, "note": name})], name)
        assert len(archive.versions("07LIMA12")) == 1
        found = _collated(archive.store, tmp_path / "c.db", (1,), (2,))
        _, (both,), (claim,) = _everything(found)
    assert (both["text"], claim["field"]) == ("identical", "date")
    assert (claim["a"]["value"], claim["b"]["value"]) == ("2007-01-01T10:00Z", "2007-01-02T10:00Z")
    assert (claim["a"]["span"], claim["b"]["span"]) == (None, None)


def test_a_text_under_another_number_is_found(tmp_path: Path) -> None:
    """A damaged number makes one cable two: both lists of what only one has name the other."""
    texts = [
        _telegram({"body": [f"{n}. (C) {' '.join(lines[n % 3].split()[n : n + 9])}." for n in range(2, 9)]})
        for lines in TALES.values()
    ]
    a, b = tmp_path / "a.txt", tmp_path / "b"
    a.write_text(texts[0])
    b.mkdir()
    (b / "1.txt").write_text(texts[0].replace("LIMA 000012", "LIMA 000072"))
    (b / "2.txt").write_text(texts[1].replace("LIMA 000012", "LIMA 000013"))
    told = run("compare", a, b, "--json").json
    assert (told["both"], told["a"]["renumbered"], told["b"]["renumbered"]) == (0, 1, 1)
    assert [one["renumbered"] for one in told["only_a"]] == [["07LIMA72"]]
    assert {one["cable"]: one["renumbered"] for one in told["only_b"]} == {"07LIMA13": [], "07LIMA72": ["07LIMA12"]}
    assert "there as 07LIMA72" in run("compare", a, b).text


def test_ids_are_one_however_they_are_written(tmp_path: Path) -> None:
    """The spellings of three releases, in texts that name no number themselves."""
    text = "SUBJECT: A LAMP\n\n1. (C) The lamp.\n\nROE\n"
    spelled = [["07KARACHI861", "1975TEHRAN02069"], ["07KARACHI00861", "75TEHRAN2069"], ["2007KARACHI861", "1975TEHRAN02069_b"]]
    sides = []
    for n, ids in enumerate(spelled):
        sides.append(tmp_path / f"{n}.jsonl")
        sides[-1].write_text("".join(json.dumps({"text": text, "id": one}) + "\n" for one in ids))
    for one in sides:
        for other in sides:
            told = run("compare", one, other, "--json").json
            assert (told["both"], told["only_a"], told["only_b"]) == (2, [], [])


def test_an_archive_of_an_older_program_may_write_ids_otherwise(tmp_path: Path) -> None:
    """The keys of an archive are never changed; a key that today would be written otherwise is still the same cable."""
    for name in "ab":
        with Archive(tmp_path / name) as archive:
            archive.add([cablegram.parse(telegram(n).decode()) for n in (1, 2)], "x")
    with Archive(tmp_path / "a") as archive:
        archive.store.db.execute("UPDATE cables SET key = '2007LIMA00001' WHERE key = '07LIMA1'")
    told = run("compare", tmp_path / "a", tmp_path / "b", "--json").json
    assert (told["both"], told["text"]["identical"], told["only_a"]) == (2, 2, [])


def test_sections_that_came_apart_are_held_against_the_whole(tmp_path: Path) -> None:
    """A source that has a message in two sections is compared by what it has in all."""
    whole = telegram(7).decode().replace("UNCLAS LIMA 000007", "UNCLAS SECTION {} OF 02 LIMA 000007")
    first = whole.format("01").replace("\nFENWICK\n", "\n")
    second = whole.format("02").replace("1. (U) The bell rang 7 times.", "2. (U) The rope broke.")
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(text) for text in (first, second)], "sections")
        archive.add([cablegram.parse(first)], "first only")
        kinds = [one.kind for one in archive.versions("07LIMA7")]
        assert kinds.count("joined") == 1
        _, (both,), _ = _everything(_collated(archive.store, tmp_path / "c.db", (1,), (2,)))
    assert (both["text"], both["fuller"], both["b"]["only_words"]) == ("differs", "a", 0)
    assert both["a"]["only_words"] >= 3  # the second section, with what the join leaves of its header


# the command


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A CSV of 40 generated telegrams, and a copy with one difference of each kind."""
    folder = tmp_path_factory.mktemp("two")
    made = [list(one) for one in csv_rows(40, 8)]
    a, b = folder / "a.csv", folder / "b.csv"
    write_rows(a, (tuple(one) for one in made[1:]))
    made[3][7] = made[3][7].replace("\n", " \n")
    made[4][7] = made[4][7].replace("SUBJECT: ", "SUBJECT: ZYXOMMA ", 1)
    write_rows(b, (tuple(one) for one in made[:-2]))
    return a, b


def test_the_command_tells_what_differs(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = run("compare", *two, "--json")
    told = done.json
    assert done.code == 0
    assert (told["a"]["cables"], told["b"]["cables"], told["both"]) == (39, 38, 37)
    assert (told["a"]["only"], told["b"]["only"]) == (len(told["only_a"]), len(told["only_b"])) == (2, 1)
    assert (told["text"]["identical"], len(told["identical"])) == (35, 35)
    assert sorted(one["text"] for one in told["cables"]) == ["restored", "white space"]
    assert [(one["field"], one["b"]["value"][:7]) for one in told["fields"]] == [("subject", "ZYXOMMA")]
    shown = run("compare", *two, "--limit", "1").text
    for words in ("39 cables", "only in A", "and 1 more", "subject (1 differ)", "the same but for blanks"):
        assert words in shown
    folder = tmp_path / "lists"
    assert run("compare", *two, "--csv", folder).code == 0
    sizes = {
        place.name: len(list(csv.reader(io.StringIO(place.read_text(encoding="utf-8"))))) - 1 for place in folder.glob("*.csv")
    }
    assert sizes == {"only-a.csv": 2, "only-b.csv": 1, "both.csv": 37, "fields.csv": 1}
    assert run("compare", *two, "--csv", folder).code == 0  # ours: replaced
    (folder / "mine").write_text("x")
    one_line(run("compare", *two, "--csv", folder), "has files that no export has made")


def test_an_archive_and_any_source_may_be_compared(two: tuple[Path, Path], tmp_path: Path) -> None:
    place = tmp_path / "archive"
    assert run("ingest", two[0], "--archive", place).code == 0
    box = tmp_path / "b.zip"
    box.write_bytes(zipped({"x/b.csv": two[1].read_bytes()}))
    ways = [run("compare", a, b, "--json").json for a in (two[0], place) for b in (two[1], box)]
    assert len({json.dumps([one[name] for name in ("only_a", "only_b", "text", "fields", "disagreements")]) for one in ways}) == 1
    assert run("ingest", two[1], "--archive", place).code == 0
    between = run("compare", "--archive", place, "--between", "a.csv", "b.csv", "--json").json
    assert {name: between[name] for name in ("text", "fields", "both")} == {
        name: ways[0][name] for name in ("text", "fields", "both")
    }
    assert (place / FOLDER).is_dir()
    assert run("verify", "--archive", place).code == 0


def test_pages_and_rows_are_one_text(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for n in (1, 2):
        (folder / f"{n}.html").write_bytes(page(n))
    csv_file = tmp_path / "c.csv"
    csv_file.write_bytes(rows(2, 3))
    told = run("compare", folder, csv_file, "--json").json
    assert [one["cable"] for one in told["only_a"]] == [key(1)]
    assert [(one["cable"], one["text"]) for one in told["cables"]] == [(key(2), "differs")]


def test_one_cable_word_by_word(tmp_path: Path) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text(row(5, "The XXXXXXXX rang."))
    b.write_text(row(5, "The old bell rang."))
    assert "A blacks out 8 characters; B shows: old bell" in run("compare", a, b, "--cable", "07 LIMA 5").text
    told = run("compare", a, b, "--cable", "2007LIMA00005", "--json").json
    (change,) = told["changes"]["b"]
    assert (change["kind"], change["text"], told["fuller"]) == ("shown", "old bell", "b")
    one_line(run("compare", a, b, "--cable", "07LIMA6"), "07LIMA6 is not in both collections")


def test_refused_records_are_listed(two: tuple[Path, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(BAD_ROWS, newline="")
    done = run("compare", bad, bad, "--json")
    assert done.code == 1
    assert done.json["both"] == 1
    assert len([line for line in done.err.splitlines() if "record 2" in line]) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.csv", "{a}"], "there is no such file"),
        (["{empty}", "{a}"], "is empty"),
        (["--between", "x", "y", "--archive", "{empty}.d"], "there is no archive here"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(two: tuple[Path, Path], tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "empty").write_text("")
    given_ = [one.format(a=two[0], empty=tmp_path / "empty") for one in arguments]
    one_line(run("compare", *given_), says)


@pytest.mark.parametrize(
    "arguments", [[], ["a"], ["a", "b", "--between", "x", "y"], ["a", "--between", "x", "y"], ["a", "b", "--json", "--csv", "f"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    done = run("compare", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert "give" in done.err


def test_whom_one_side_protects_is_masked_on_both(tmp_path: Path) -> None:
    """What A asks to protect stands open in B: a comparison must not put the name beside its mask."""
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text(row(5, "Evaristo Poblete (strictly protect) rang the bell. Poblete left."))
    b.write_text(row(5, "Evaristo Poblete rang the bell twice. Poblete left.").replace("ROW 5", "EVARISTO POBLETE CALLS"))
    for more in (["--json"], [], ["--cable", "07LIMA5"], ["--cable", "07LIMA5", "--json"]):
        for sides in ((a, b), (b, a)):
            done = run("compare", *sides, *more, "--mask")
            assert done.code == 0
            assert b"OBLETE" not in done.out.upper()
            assert b"OBLETE" in run("compare", *sides, *more).out.upper() or more == []
    place = tmp_path / "archive"
    assert run("ingest", a, b, "--archive", place).code == 0
    for more in (["--json"], []):
        done = run("compare", "--archive", place, "--between", "a.csv", "b.csv", *more, "--mask")
        assert done.code == 0
        assert b"OBLETE" not in done.out.upper()
    folder = tmp_path / "lists"
    assert run("compare", a, b, "--csv", folder, "--mask").code == 0
    assert all(b"OBLETE" not in place.read_bytes().upper() for place in folder.iterdir())


def test_cells_that_would_be_formulas_are_none(tmp_path: Path) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text(row(5).replace("ROW 5", "=1+1"))
    b.write_text(row(5).replace("ROW 5", "@SUM(A1)"))
    run("compare", a, b, "--csv", tmp_path / "f")
    (_, *_), (*_, mine, its, _, _, _, _, _, _) = csv.reader((tmp_path / "f" / "fields.csv").read_text().splitlines())
    assert (mine, its) == ("'=1+1", "'@SUM(A1)")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real cables is not here")
def test_rows_and_pages_of_the_corpus() -> None:
    """The 37 pages are of rows that the CSV has, and say the same, word for word and field for field; the other 294 are in the CSV only."""
    with opened(str(CORPUS / "cables.csv")) as (a, _), opened(str(CORPUS / "pages")) as (b, _):
        for place in [a.store.folder / "c.db"]:
            found = Collation(a, b, place)
            found.update()
            summary, both, claims = _everything(found)
    lists = summary["lists"]
    assert (lists["a"], lists["b"], lists["both"], lists["only-a"], lists["only-b"]) == (331, 37, 37, 294, 0)
    assert lists["white-space"] == 37
    assert (lists["renumbered-a"], claims) == (0, [])
    assert {row["cable"] for row in both} == {place.stem for place in (CORPUS / "pages").iterdir()}
