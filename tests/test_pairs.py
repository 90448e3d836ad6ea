"""Pairs of common words in the index: phrases find the same with them and without; when an archive has them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import makers
from cablegram import Archive, CablegramError, parse
from cablegram.archive.pairs import analyzer, pairs_of, signs, told
from cablegram.archive.words import words_of
from cablegram.cable import Cable

COUNT = 300


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return makers.generated(tmp_path_factory.mktemp("source"), COUNT, 21)


@pytest.fixture(scope="module")
def both(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, Archive]]:
    """The same cables without pairs and with them."""
    folder = tmp_path_factory.mktemp("pairs")
    with Archive(folder / "without") as without, Archive(folder / "with") as with_pairs:
        without.ingest(source)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("cablegram.archive.pairs._FEWEST", COUNT)
            with_pairs.ingest(source)
        assert not without.index.view().common
        assert len(with_pairs.index.view().common) > 50
        yield without, with_pairs


def _bell(number: int, said: str = "A BELL") -> Cable:
    return parse(makers.telegram(number, said).decode())


def _phrases(archive: Archive, length: int) -> list[str]:
    """Phrases of texts of the archive, every so many of them."""
    out: dict[str, None] = {}
    for key in list(archive.ids())[::30]:
        cable = archive.get(key)
        assert cable is not None
        for paragraph in cable.paragraphs:
            said = words_of(paragraph.text)
            out.update(dict.fromkeys(" ".join(said[at : at + length]) for at in range(0, len(said) - length, 7)))
    return list(out)[:400]


@pytest.mark.parametrize("length", [2, 3, 5])
def test_phrases_find_the_same(both: tuple[Archive, Archive], length: int) -> None:
    without, with_pairs = both
    phrases = _phrases(without, length)
    common = with_pairs.index.view().common
    # A test of nothing where no phrase had a pair.
    assert sum(bool(pairs_of(phrase.split(), common)) for phrase in phrases) > 50
    for phrase in phrases:
        # Also turned round, which mostly stands nowhere.
        for said in (phrase, " ".join(phrase.split()[::-1])):
            found = sorted(with_pairs.find_ids(f'"{said}"'))
            assert found == sorted(without.find_ids(f'"{said}"')), said


@pytest.mark.parametrize(
    "query",
    [
        '"of the" -"in the"',
        '"of the"~3',
        'para:C "of the"',
        '"of the" OR "in the"',
        'subject:"of the"',
        '"end of text"',
        '("to the" "by the")',
    ],
)
def test_queries_with_phrases_find_the_same(both: tuple[Archive, Archive], query: str) -> None:
    without, with_pairs = both
    assert sorted(with_pairs.find_ids(query)) == sorted(without.find_ids(query))
    one, other = without.search(query), with_pairs.search(query)
    assert (one.total, one.facets) == (other.total, other.facets)


def test_hits_of_a_pair_are_ranked_and_marked(both: tuple[Archive, Archive]) -> None:
    _, with_pairs = both
    found = with_pairs.search('"of the"')
    scores = [hit.score for hit in found if hit.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1
    assert all(any(snippet.marks for snippet in hit.snippets) for hit in found)


def test_a_new_cable_has_its_pairs(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cablegram.archive.pairs._FEWEST", COUNT)
    with Archive(tmp_path / "a") as archive:
        archive.ingest(source)
        one, other = next(
            (a, b)
            for a, b in pairwise(sorted(archive.index.view().common))
            if not archive.search(f'"{b} {a}"', facets=False).total
        )
        archive.add([_bell(1, f"{other} {one}")])
        assert archive.search(f'"{other} {one}"').total == 1


def test_an_archive_that_grew_gets_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where most is new the index is begun anew; a few new cables alone do not begin it."""
    monkeypatch.setattr("cablegram.archive.pairs._FEWEST", 4)
    with Archive(tmp_path / "a") as archive:
        archive.add([_bell(number) for number in range(1, 4)])
        assert not archive.index.view().common
        archive.add([_bell(number) for number in (4, 5)])
        assert not archive.index.view().common
        archive.add([_bell(number) for number in range(6, 15)])
        assert {"the", "bell", "rang"} <= archive.index.view().common.keys()
        assert archive.search('"the bell"').total == 14
    with Archive(tmp_path / "a") as archive:
        assert archive.search('"bell rang"').total == 14
        assert archive.search('"bell the"').total == 0


def test_workers_say_what_is_damaged(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line, as where the index is told without workers; mended, the archive is indexed."""
    monkeypatch.setattr("cablegram.archive.index._SMALL", 1)
    with Archive(tmp_path / "a") as archive:
        archive.ingest(source)
        db = archive.store.db
        ((record,),) = db.execute("SELECT record FROM versions WHERE id = 9")
        db.execute("UPDATE versions SET record = ? WHERE id = 9", (record[:-1] + bytes([record[-1] ^ 1]),))
        with pytest.raises(CablegramError, match=r"cannot be read \(ZstdError.*cablegram verify"):
            archive.reindex()
        db.execute("UPDATE versions SET record = ? WHERE id = 9", (record,))
        assert archive.reindex() == COUNT


@given(
    st.lists(st.lists(st.sampled_from(["of", "the", "in", "lamp", "x"]))), st.sets(st.sampled_from(["of", "the", "in", "lamp"]))
)
def test_pairs_of_a_text_are_those_that_a_phrase_asks_for(texts: list[list[str]], common: set[str]) -> None:
    known = signs(sorted(common))
    had = analyzer().analyze(told([[word.encode() for word in said] for said in texts], signs(map(str.encode, sorted(common)))))
    assert sorted(had) == sorted(pair for said in texts for pair in pairs_of(said, known))


def test_there_are_signs_for_many_words() -> None:
    """Also the last sign has two bytes, and a pair with a word that is not common is left out."""
    words = [f"w{n}" for n in range(0x800 - 0x100)]
    known = signs(words)
    assert {len(sign.encode()) for sign in known.values()} == {2}
    assert analyzer().analyze(told([[b"w0", words[-1].encode(), b"other", b"w1"]], signs(map(str.encode, words)))) == [
        known["w0"] + known[words[-1]]
    ]
