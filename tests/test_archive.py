"""An archive: what goes in comes out; versions, sections, likeness; renewal; crashes and damage that can be mended."""

from __future__ import annotations

import gc
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cablegram
import makers
import story
from cablegram import Archive, ArchiveError, Cable
from cablegram.archive.codec import RECORDS, TEXTS, Packer, decode, encode, replay_edits, to_bytes, train
from cablegram.archive.likeness import checksums, likeness, sentences, sketch
from cablegram.archive.verify import fingerprint, problems
from cablegram.archive.words import flat, joined, plain_words, words_of
from cablegram.fiction.generate import Generator
from cablegram.fiction.render import Hand, Office
from cablegram.fiction.script import stories

GOLD = sorted((Path(__file__).parent / "gold").glob("*.txt"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "a") as archive:
        yield archive


STATUS = Path("/proc/self/status")


def _clean(archive: Archive) -> None:
    assert list(problems(archive.store, archive.index)) == []


# in and out


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_a_record_comes_back_as_it_went_in(path: Path, archive: Archive) -> None:
    cable = cablegram.parse(path.read_text(encoding="utf-8"), {"id": "07LIMA1", "origin": "Embassy Lima"})
    archive.add([cable])
    (key,) = archive.ids()
    back = archive.get(key)
    assert back is not None
    assert back.to_dict() == cable.to_dict()
    assert back.original == cable.original
    assert [(leaf.kind, leaf.text) for leaf in back.tree.leaves()] == [(leaf.kind, leaf.text) for leaf in cable.tree.leaves()]


@given(st.text(), st.dictionaries(st.sampled_from(["id", "created", "origin", "note"]), st.text(), max_size=3))
def test_any_text_survives_the_codec(text: str, claims: dict[str, str]) -> None:
    cable = cablegram.parse(text, claims)
    data = to_bytes(cable.original)
    assert decode(encode(cable, data, replay_edits(cable)), data).to_dict() == cable.to_dict()


def test_dictionaries_change_sizes_only() -> None:
    cables = [cablegram.parse(one.telegram.text) for one in Generator(260, 1)]
    data = [to_bytes(cable.original) for cable in cables]
    records = [encode(cable, known, replay_edits(cable)) for cable, known in zip(cables, data, strict=True)]
    trained = {TEXTS: train(data, TEXTS), RECORDS: train(records, RECORDS)}
    packer, plain = Packer({number: known for number, known in trained.items() if known}), Packer({})
    for known, record in zip(data, records, strict=True):
        assert packer.unpack(packer.pack(known, TEXTS)) == known
        assert packer.unpack(packer.pack(record, RECORDS)) == record
        assert packer.unpack(plain.pack(known, TEXTS)) == known
    assert sum(len(packer.pack(known, TEXTS)) for known in data) < 0.8 * sum(len(plain.pack(known, TEXTS)) for known in data)


def test_ids_in_any_usual_spelling(archive: Archive) -> None:
    archive.add(story.cables())
    for name in ("07PRAIA101", "07praia101", "07 PRAIA 101", "07PRAIA00101", "2007PRAIA101", "07PRAIA0101"):
        assert name in archive
        assert (found := archive.get(name)) is not None
        assert found.id == "07PRAIA101"
    for name in ("", "07PRAIA9999", "'; DROP TABLE cables; --", "../07PRAIA101", "x" * 100_000):
        assert name not in archive
        assert archive.get(name) is None
        assert archive.versions(name) == []
    assert len(archive) == 4
    assert [cable.id for cable in archive] == sorted(story.texts())


def test_a_cable_without_a_number_has_a_key_of_its_own(archive: Archive) -> None:
    archive.add([cablegram.parse("1. (U) Of nobody and of no year.\n"), cablegram.parse("2. (U) Of nobody else.\n")])
    keys = list(archive.ids())
    assert len(keys) == 2
    assert all(key.startswith("x-") and archive.get(key) is not None for key in keys)


def test_an_empty_archive_is_searched_and_read(archive: Archive) -> None:
    assert archive.search("lamp").total == archive.search("").total == len(archive) == 0
    assert archive.get("07PRAIA101") is None
    assert list(archive) == list(archive.find("lamp")) == []
    _clean(archive)


# versions


def test_two_releases_are_one_cable_with_two_versions(archive: Archive) -> None:
    archive.add(story.cables("a"), "first release")
    report = archive.add(story.cables("b"), "second release")
    assert len(archive) == 4
    assert report.new == 0
    assert report.versions > 0
    split = [key for key in archive.ids() if len(archive.versions(key)) > 1]
    assert split
    for key in split:
        versions = archive.versions(key)
        assert [v.sightings[0].source for v in versions] == ["first release", "second release"]
        (current,) = (v for v in versions if v.current)
        assert current.redacted == min(v.redacted for v in versions)
        for version in versions:
            shown = archive.get(key, version.version)
            assert shown is not None
            assert sum(one.length for one in shown.redactions) == version.redacted
    found = archive.search("is:versions")
    assert sorted(hit.id for hit in found) == split
    _clean(archive)


def test_reading_again_adds_nothing(archive: Archive) -> None:
    archive.add(story.cables("a"), "one")
    before = fingerprint(archive.store)
    report = archive.add(story.cables("a"), "one")
    assert (report.new, report.versions, report.unchanged) == (0, 0, 4)
    assert fingerprint(archive.store) == before


def test_what_another_source_says_of_the_same_text_is_kept(archive: Archive) -> None:
    text = story.texts()["07PRAIA101"]
    archive.add([cablegram.parse(text, {"origin": "Embassy Praia"})], "one")
    archive.add([cablegram.parse(text, {"origin": "Embassy Praia", "created": "2007-03-05T10:10Z"})], "two")
    (version,) = archive.versions("07PRAIA101")
    assert [sighting.source for sighting in version.sightings] == ["one", "two"]
    told = {source: claims for source, _, claims in archive.store.sightings(version.version)}
    assert told["one"] is None
    assert json.loads(told["two"] or "")["created"] == "2007-03-05T10:10Z"


def _section(number: int, count: int, paragraphs: str) -> str:
    head = "P 051015Z MAR 07\nFM AMEMBASSY PRAIA\nTO SECSTATE WASHDC PRIORITY 0100\n\n"
    title = (
        f"C O N F I D E N T I A L SECTION {number:02d} OF {count:02d} PRAIA 000999 \n\nTAGS: PGOV, CV\nSUBJECT: A LONG NIGHT\n\n"
    )
    return head + title + paragraphs


def test_sections_that_came_apart_are_joined(archive: Archive) -> None:
    one = _section(1, 2, "1. (C) The lamp went out at nine.\n\n2. (C) It was lit again at ten.\n")
    two = _section(2, 2, "3. (C) It went out at eleven.\n\n4. (C) Nobody came.\n\nTILBURY\n")
    archive.add([cablegram.parse(two)], "second")
    assert "07PRAIA999" in [hit.id for hit in archive.search("is:incomplete")]
    archive.add([cablegram.parse(one)], "first")
    versions = archive.versions("07PRAIA999")
    assert [v.kind for v in versions] == ["release", "release", "joined"]
    assert versions[-1].current
    assert versions[-1].parts == tuple(v.version for v in versions[:2])
    cable = archive.get("07PRAIA999")
    assert cable is not None
    assert [p.number for p in cable.paragraphs] == [1, 2, 3, 4]
    assert cable.sections is not None
    assert cable.sections.held == (1, 2)
    assert [hit.id for hit in archive.search("is:joined")] == ["07PRAIA999"]
    assert archive.search("is:incomplete").total == 0
    _clean(archive)


def test_a_whole_text_goes_before_joined_sections(archive: Archive) -> None:
    one, two = _section(1, 2, "1. (C) First.\n"), _section(2, 2, "2. (C) Second.\n\nTILBURY\n")
    whole = _section(1, 2, "1. (C) First.\n\nPRAIA 00000999  002 OF 002 \n\n2. (C) Second.\n\nTILBURY\n")
    archive.add([cablegram.parse(text) for text in (one, two, whole)])
    versions = archive.versions("07PRAIA999")
    assert [v.kind for v in versions if v.current] == ["release"]
    assert [v.sections for v in versions if v.current] == [(1, 2)]
    assert "joined" not in [v.kind for v in versions]
    _clean(archive)


def test_an_extract_never_hides_the_whole(archive: Archive) -> None:
    whole = story.texts()["07PRAIA101"]
    extract = (
        "This record is a partial extract of the original cable. The full text of the original cable is not available.\n\n"
        + whole[:900]
    )
    archive.add([cablegram.parse(whole), cablegram.parse(extract, {"id": "07PRAIA101"})])
    versions = archive.versions("07PRAIA101")
    assert len(versions) == 2
    assert [v.partial for v in versions if v.current] == [False]


def test_a_cable_is_found_by_every_source_that_has_its_text(archive: Archive, tmp_path: Path) -> None:
    one, *_ = story.cables()
    for name in ("first.txt", "second.txt", "second.txt"):
        (tmp_path / name).write_text(one.original)
        archive.ingest(tmp_path / name)
        assert [hit.id for hit in archive.search(f"source:{name.removesuffix('.txt')}")] == [one.id]
        assert archive.index.behind() == 0
    clock = archive.store.clock()
    archive.ingest(tmp_path / "first.txt")
    assert archive.store.clock() == clock


# likeness


def test_texts_that_are_nearly_the_same_are_grouped(archive: Archive) -> None:
    text = next(one.telegram.text for one in Generator(40, 3) if len(one.script.parts) > 8)
    other = text.replace(text[text.index("\n1. ") :][:60] if "\n1. " in text else text[-400:-340], "")
    first = cablegram.parse(text)
    assert first.id is not None
    serial = str(first.serial)
    post = first.id.rstrip("0123456789")
    changed = other.replace(serial.zfill(6), "077777").replace(f" {serial}\n", " 77777\n").replace(f" {serial} ", " 77777 ")
    second = cablegram.parse(changed, {})
    assert second.id == f"{post}77777"
    archive.add([first, second, *story.cables()])
    assert archive.alike(first.id) == [second.id]
    assert archive.alike("07PRAIA101") == []
    assert sorted(hit.id for hit in archive.search("is:alike")) == sorted([first.id, second.id])


def test_a_new_version_is_compared_with_later_cables_too(archive: Archive) -> None:
    """What is found alike does not hang on the order in which texts come."""
    text = next(one.telegram.text for one in Generator(40, 3) if len(one.script.parts) > 8)
    first = cablegram.parse(text)
    assert first.id is not None
    post, serial = first.id.rstrip("0123456789"), str(first.serial)
    changed = text.replace(serial.zfill(6), "077777").replace(f" {serial}\n", " 77777\n").replace(f" {serial} ", " 77777 ")
    archive.add([cablegram.parse("The keepers asked for oil.\n", {"id": first.id})])
    archive.add([cablegram.parse(changed)])
    assert archive.alike(first.id) == []
    archive.add([first])
    assert archive.alike(first.id) == [f"{post}77777"]


@given(st.text(), st.text())
def test_likeness_is_a_share(one: str, other: str) -> None:
    a, b = sentences(one), sentences(other)
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) in (0.0, 1.0)
    assert set(checksums(sketch(one))) <= a


def test_likeness_does_not_mind_line_ends_and_blanks() -> None:
    text = "The keepers of the northern light asked for oil. " * 3 + "Nobody in the whole of the ministry had any to give them."
    assert sentences(text) == sentences(text.replace(" ", "\n")) == sentences(text.upper())
    assert len(sentences(text)) == 2


# references


def test_a_missing_cable_that_arrives_is_missing_no_more(archive: Archive) -> None:
    told = story.cables()
    later = next(cable for cable in told if cable.id == "07STATE4799")
    archive.add([cable for cable in told if cable is not later])
    assert archive.cited_by("07STATE4799") == ["08PRAIA140"]
    assert [hit.id for hit in archive.search("cites:07STATE4799 refs:missing")] == ["08PRAIA140"]
    archive.add([later])
    assert [hit.id for hit in archive.search("cites:07STATE4799 refs:missing")] == []
    assert [hit.id for hit in archive.search("citedby:08PRAIA140")] == ["07STATE4799"]


# words


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("Iran's", ["iran"], "a possessive is its word"),
        ("Sana\u2019a", ["sanaa"], "an apostrophe inside a name, also a curly one"),
        ("O'Neill's", ["oneill"], "both"),
        ("A.Q. Khan", ["aq", "khan"], "initials"),
        ("A. Q. Khan", ["aq", "khan"], "initials with blanks"),
        ("the U.S.-led", ["the", "us", "led"], "initials before a hyphen"),
        ("S E C R E T", ["secret"], "spaced letters"),
        ("plan A B", ["plan", "a", "b"], "two letters spell no word"),
        ("vitamin C", ["vitamin", "c"], "one letter"),
        ("END.A NEW", ["end", "a", "new"], "a full stop glued to the next word is no initial"),
        ("9/11", ["9", "11"], "numbers apart"),
        ("F-16", ["f", "16"], "a hyphen parts words"),
        ("XXXXXXXXXXXX", ["xxxx"], "a redaction is one word, however long"),
        ("Ürümqi", ["urumqi"], "accents do not matter"),
        ("Straße", ["strasse"], "letters that fold to two"),
    ],
)
def test_words(text: str, words: list[str], why: str) -> None:
    assert words_of(text) == words, why


@given(st.text(alphabet="AaBb.' -\u2019SXs1", max_size=200))
def test_words_are_found_by_themselves(text: str) -> None:
    """What the index made of a text, it makes of its own words again: so what is typed as it is shown is found."""
    words = words_of(text)
    assert words_of(" ".join(words)) == words
    assert len(plain_words(text)) <= len(text)


@given(st.text(alphabet="AaBb.' _1-\n\u2019`", max_size=40))
@example("A B C")
@example("IS A GOOD")
@example("U.S. A. Q. KHAN")
def test_the_quick_look_misses_nothing_written_apart(text: str) -> None:
    """Texts that have nothing for the pattern are passed over: those that it would change never are."""
    with mock.patch("cablegram.archive.words._may_be_apart", return_value=True):
        wanted = plain_words(text)
    assert plain_words(text) == wanted


@given(st.text(alphabet="Aa.' XxS1\u00dc\u2019\u00df-_\t", max_size=60))
@example("a" * 99 + " b")
def test_flat_words_are_the_words(text: str) -> None:
    """What the index is told of a text in one go is what its own analyzer makes of it."""
    assert flat(text).decode().split() == words_of(text)


@pytest.mark.parametrize("long", ["A" * 120, "\u00c9" * 120, "A" * 99 + "\u00c9"], ids=["ascii", "accents", "both"])
def test_a_word_that_is_too_long_leaves_a_gap(archive: Archive, long: str) -> None:
    """What stands before it and behind it are no neighbours, whatever its letters."""
    archive.add([cablegram.parse(makers.telegram(1, f"THE CAF\u00c9 LAMP {long} WENT OUT").decode())])
    assert archive.search('"cafe lamp"').total == 1
    assert archive.search('"went out"').total == 1
    assert archive.search('"lamp went"').total == 0
    assert archive.search('"lamp went"~2').total == 1


def test_hyphened_words_are_also_joined() -> None:
    assert joined("an F-16 of the fly-by-wire kind, Al-Qa-ida") == ["F16", "flybywire", "AlQaida"]


def test_an_index_of_another_version_is_not_asked(archive: Archive) -> None:
    """Its fields have other numbers: it would find nothing and not say so, while another program makes it anew or where nobody may."""
    archive.add(story.cables("a")[:2])
    archive.store.set_meta("schema", "1-00000000")
    with pytest.raises(ArchiveError, match=r"another version of cablegram; .* call `cablegram reindex`"):
        archive.search("the")
    archive.reindex()
    assert archive.search("").total == 2


def test_threads_that_ended_leave_no_connection(archive: Archive) -> None:
    archive.add(story.cables("a")[:2])
    for _ in range(12):
        thread = threading.Thread(target=archive.store.count)
        thread.start()
        thread.join()
    gc.collect()
    assert len(archive.store._open) <= 2


# renewal


def test_a_newer_parser_keeps_ids_and_versions(archive: Archive) -> None:
    archive.add([*story.cables("a"), *story.cables("b")])
    before, numbers = fingerprint(archive.store), {key: [v.version for v in archive.versions(key)] for key in archive.ids()}
    with archive.store.transaction() as db:
        db.execute("UPDATE versions SET parser = '0.0.1' WHERE id % 2 = 0")
        db.execute("DELETE FROM tags WHERE version % 2 = 0")
    old = archive.store.db.execute("SELECT count(*) FROM versions WHERE parser = '0.0.1'").fetchone()[0]
    assert archive.read_again() == old > 0
    assert archive.read_again() == 0
    assert archive.read_again(everything=True) == sum(map(len, numbers.values()))
    assert fingerprint(archive.store) == before
    assert {key: [v.version for v in archive.versions(key)] for key in archive.ids()} == numbers
    assert {v.parser for key in archive.ids() for v in archive.versions(key)} == {cablegram.__version__}
    _clean(archive)


def test_tables_of_an_older_program_are_brought_up_to_date(tmp_path: Path) -> None:
    asked = "SELECT c.key, v.sketch FROM versions v JOIN cables c ON c.id = v.cable ORDER BY 1"
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(one.telegram.text) for one in Generator(30, 5)])
        before = archive.store.db.execute(asked).fetchall()
        assert any(sketched for _, sketched in before)
        # What the program before kept: sketches by checksum only, with an index by cable.
        for step in (
            "ALTER TABLE versions DROP COLUMN sketch",
            "CREATE INDEX sketches_cable ON sketches (cable)",
            "PRAGMA user_version = 2",
        ):
            archive.store.db.execute(step)
    with Archive(tmp_path / "a") as archive:
        assert archive.store.db.execute(asked).fetchall() == before
        _clean(archive)


def test_tables_of_a_newer_program_are_refused(tmp_path: Path) -> None:
    Archive(tmp_path / "a").close()
    db = sqlite3.connect(tmp_path / "a" / "cables.db")
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(ArchiveError, match="newer cablegram"):
        Archive(tmp_path / "a")


@pytest.mark.parametrize("what", ["foreign database", "text", "folder of other files", "missing", "file"])
def test_what_is_no_archive_is_refused_in_one_line(tmp_path: Path, what: str) -> None:
    place = tmp_path / "a"
    if what != "missing":
        place.mkdir()
    if what == "foreign database":
        db = sqlite3.connect(place / "cables.db")
        db.executescript("CREATE TABLE t (x); PRAGMA application_id = 77;")
        db.close()
    elif what == "text":
        (place / "cables.db").write_text("nothing of a database " * 100)
    elif what == "folder of other files":
        (place / "letter.txt").write_text("Dear aunt,")
    elif what == "file":
        place = place / "x"
        place.write_text("x")
    with pytest.raises(ArchiveError) as caught:
        Archive(place, create=what != "missing")
    assert "\n" not in str(caught.value)
    if what == "folder of other files":
        assert [path.name for path in place.iterdir()] == ["letter.txt"]


# one writer, many readers


def test_a_second_writer_is_refused_and_readers_go_on(archive: Archive) -> None:
    archive.add(story.cables())
    with archive.store.writing(), Archive(archive.folder) as other:
        assert other.search("lamp").total > 0
        with pytest.raises(ArchiveError, match="another program is writing"):
            other.add(story.cables("b"))


def test_readers_see_whole_states_while_one_writes(archive: Archive) -> None:
    """Threads that search while cables are added see no error, and no number but that of a whole batch."""
    cables = [cablegram.parse(one.telegram.text) for one in Generator(120, 4)]
    archive.add(cables[:20])
    totals: list[int] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                found = archive.search("the", limit=5)
                totals.append(archive.search("").total)
                for hit in found:
                    assert archive.get(hit.id) is not None
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for at in range(20, 120, 20):
        archive.add(cables[at : at + 20])
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(totals) <= set(range(20, 121, 20))
    assert archive.search("").total == 120


# the index and the store


def test_an_archive_left_behind_its_store_catches_up_when_opened(archive: Archive) -> None:
    archive.add(story.cables()[:2])
    with archive.store.transaction():
        archive.store.set_meta("indexed", "0")
        archive.store.db.execute("UPDATE cables SET changed = changed + 1")
        archive.store.tick()
    assert archive.index.behind() == 2
    archive.close()
    with Archive(archive.folder) as again:
        assert again.index.behind() == 0
        assert again.search("").total == 2
        _clean(again)


@pytest.mark.parametrize("damage", ["gone", "emptied", "cut", "garbage"])
def test_a_damaged_index_is_made_again(archive: Archive, damage: str) -> None:
    archive.add(story.cables())
    folder = archive.index.path
    assert folder is not None
    archive.close()
    if damage == "gone":
        shutil.rmtree(folder)
    elif damage == "emptied":
        for path in folder.iterdir():
            path.unlink()
    else:
        for path in folder.iterdir():
            if path.suffix in (".term", ".idx", ".fast", ".pos"):
                path.write_bytes(b"" if damage == "cut" else b"garbage" * 100)
    with Archive(archive.folder) as again:
        again.reindex()
        assert again.search("lamp").total > 0
        _clean(again)


def test_verify_finds_what_was_damaged(archive: Archive) -> None:
    archive.add(story.cables())
    db = archive.store.db
    db.execute("UPDATE originals SET data = substr(data, 1, 20) WHERE id = 1")
    db.execute("DELETE FROM tags WHERE version = 2")
    db.execute("UPDATE cables SET subject = 'ANOTHER' WHERE id = 3")
    found = "\n".join(problems(archive.store, archive.index))
    assert "version 1:" in found
    assert "version 2: its rows are" in found
    assert "version 3: the list of cables says something else" in found


def _resident() -> int:
    return next(int(line.split()[1]) // 1024 for line in STATUS.read_text().splitlines() if line.startswith("VmRSS"))


@pytest.mark.skipif(not STATUS.exists(), reason="the memory of a process is told by Linux")
def test_a_new_archive_keeps_few_pages_in_memory(tmp_path: Path) -> None:
    """SQLite reckons how many pages 64 MB are before it knows how large those of a new file are, and would keep half a gigabyte."""
    with Archive(tmp_path / "a") as archive, archive.store.transaction() as db:
        before = _resident()
        db.executemany("INSERT INTO files (sha256, data) VALUES (?, ?)", ((n.to_bytes(32), bytes(30_000)) for n in range(6_000)))
        assert _resident() - before < 120


# disks


def _mounted(tmp_path: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script with a mount table of its own; skips where that is not allowed."""
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size=1m none {tmp_path}"], capture_output=True
        ).returncode
    ):
        pytest.skip("needs the right to mount")
    return subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, timeout=240)


PROGRAM = f"{sys.executable} -m cablegram.cli.main"


def test_a_full_disk_is_one_line_and_no_damage(tmp_path: Path, generated: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    done = _mounted(
        disk,
        f"mount -t tmpfs -o size=12m none {disk}; head -c 9000000 /dev/zero > {disk}/filler;"
        f"{PROGRAM} ingest {generated} --archive {disk}/a; echo code $?; rm {disk}/filler;"
        f"{PROGRAM} verify --archive {disk}/a; {PROGRAM} ingest {generated} --archive {disk}/a; echo code $?;"
        f"{PROGRAM} verify --archive {disk}/a",
    )
    lines = done.stderr.splitlines()
    assert sum("the disk is full" in line for line in lines) >= 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[0] == "code 2"
    assert "code 0" in done.stdout
    assert "600 cables, 0 problems" in done.stdout.splitlines()[-1]


def test_a_folder_that_cannot_be_written_can_be_read(tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        archive.add(story.cables())
    place = tmp_path / "a"
    (tmp_path / "b").mkdir()
    done = _mounted(
        tmp_path / "b",
        f"mount --bind {place} {place}; mount -o remount,ro,bind {place};"
        f"{PROGRAM} search lamp --json --archive {place}; echo; echo code $?; {PROGRAM} verify --archive {place};"
        f"{PROGRAM} ingest {Path(__file__).parent / 'gold'} --archive {place}; echo code $?;"
        f"{PROGRAM} ingest {Path(__file__).parent / 'gold'} --archive {place}/new; echo code $?",
    )
    assert '"total": ' in done.stdout
    assert "4 cables, 0 problems" in done.stdout
    assert done.stdout.split("code ")[-1].strip() == "2"
    assert done.stdout.split("code ")[-2].split()[0] == "2"
    assert done.stderr.count("read-only") == 2
    assert "Traceback" not in done.stderr


def test_the_corpus_as_csv_and_then_its_pages(tmp_path: Path) -> None:
    corpus = Path(__file__).parent.parent.parent / "shared" / "corpus"
    if not corpus.is_dir():
        pytest.skip("the corpus is not at hand")
    with Archive(tmp_path / "a") as archive:
        first = archive.ingest(corpus / "cables.csv")
        assert (first.read, first.new, first.refused) == (331, 331, [])
        second = archive.ingest(corpus / "pages")
        assert (second.read, second.new, second.versions, second.refused) == (37, 0, 37, [])
        assert len(archive) == 331
        assert archive.search("is:versions").total == 37
        _clean(archive)
        for key in archive.ids():
            cable = archive.get(key)
            assert isinstance(cable, Cable)
            again = cablegram.parse(cable.original, cable.claims)
            assert again.to_dict() == cable.to_dict()


def test_stories_from_many_hands_stay_one_archive(archive: Archive) -> None:
    """Whatever hand writes a cable down, its id and content come to the same place."""
    scripts = [script for told in stories().values() for script in told][:30]
    for seed in (1, 2):
        hand = Hand(Random(seed), Office())
        archive.add([cablegram.parse(hand.render(script).text) for script in scripts], f"hand {seed}")
    assert len(archive) == len(scripts)
    _clean(archive)


def test_halves_of_characters_are_kept_as_bytes(archive: Archive) -> None:
    """A lone surrogate is in no encoding: it is shown as U+FFFD, and what was given stands in `files`."""
    text = story.texts()["07PRAIA101"].replace("LIGHTHOUSE", "LIGHT\udc80HOUSE").replace("bread", "b\ud800read")
    archive.add([cablegram.parse(text, {"origin": "Embassy \udfff"}), *story.cables()[1:]])
    assert archive.search("lamp").total > 0
    cable = archive.get("07PRAIA101")
    assert cable is not None
    assert cable.original == text.replace("\udc80", "\ufffd").replace("\ud800", "\ufffd")
    (data,) = archive.store.db.execute("SELECT data FROM files").fetchone()
    assert archive.store.packer.unpack(data).decode("utf-8", "surrogatepass") == text
    _clean(archive)


def test_every_flipped_bit_is_found(archive: Archive) -> None:
    archive.add(story.cables()[:1])
    rng = Random(1)
    for table, column in (("originals", "data"), ("versions", "record")):
        (blob,) = archive.store.db.execute(f"SELECT {column} FROM {table} WHERE id = 1").fetchone()
        for _ in range(40):
            at, bit = rng.randrange(len(blob)), 1 << rng.randrange(8)
            damaged = blob[:at] + bytes([blob[at] ^ bit]) + blob[at + 1 :]
            archive.store.db.execute(f"UPDATE {table} SET {column} = ? WHERE id = 1", (damaged,))
            assert list(problems(archive.store, archive.index)), (table, at, bit)
        archive.store.db.execute(f"UPDATE {table} SET {column} = ? WHERE id = 1", (blob,))
    _clean(archive)


def test_the_work_of_an_ingest_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    """As many cables cost SQLite as many steps, whether few or many are held: no statement looks through a whole table."""
    cables = [cablegram.parse(one.telegram.text) for one in Generator(900, 21)]
    with Archive(tmp_path / "a") as archive:
        steps: list[int] = []
        for at in range(0, 900, 60):
            count = 0

            def step() -> int:
                nonlocal count
                count += 1
                return 0

            archive.store.db.set_progress_handler(step, 100)
            archive.add(cables[at : at + 60])
            archive.store.db.set_progress_handler(None, 0)
            steps.append(count)
    assert max(steps[-3:]) < 1.4 * max(steps[:3]), steps
