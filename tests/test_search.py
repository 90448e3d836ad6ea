"""The query language over a small archive: what is found, what is wrong and where; snippets, facets, order, pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablegram
import story
from cablegram import Archive, CablegramError
from cablegram.archive.match import fits_wild, wild_pattern, wild_word
from cablegram.archive.search import State
from cablegram.query import syntax
from cablegram.query.errors import QueryError
from cablegram.query.fields import FIELDS, check

CASES = json.loads((Path(__file__).parent / "cases" / "queries.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["small", "large"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The same cables in an archive as small as it is, and in one that is taken for a large one: with pairs of common words, told by workers."""
    with pytest.MonkeyPatch.context() as patch, Archive(tmp_path_factory.mktemp("search") / "a") as archive:
        if request.param == "large":
            patch.setattr("cablegram.archive.pairs._FEWEST", 1)
            patch.setattr("cablegram.archive.pairs._COMMON", 0.1)
            patch.setattr("cablegram.archive.index._SMALL", 1)
        archive.add(story.cables("a"), "story of the lighthouse")
        assert bool(archive.index.view().common) == (request.param == "large")
        yield archive


@pytest.mark.parametrize("case", CASES["found"], ids=lambda case: case["query"] or "(empty)")
def test_finds(archive: Archive, case: dict[str, object]) -> None:
    found = archive.search(str(case["query"]))
    assert sorted(hit.id for hit in found) == case["ids"], case["why"]
    assert found.total == len(found)
    assert sorted(archive.find_ids(str(case["query"]))) == case["ids"]


@pytest.mark.parametrize("case", CASES["wrong"], ids=lambda case: case["query"])
def test_says_what_is_wrong_and_where(archive: Archive, case: dict[str, object]) -> None:
    with pytest.raises(QueryError) as caught:
        archive.search(str(case["query"]))
    error = caught.value
    assert error.start == case["at"], case["why"]
    assert error.expected
    assert error.start < error.end
    assert "^" in error.pointer()
    assert error.to_dict()["query"] == case["query"]


@pytest.mark.parametrize(
    ("wrong", "suggestion"),
    [
        ("subjct:lamp", "subject:"),
        ("class:SECRT", "SECRET"),
        ("date:12/14/2007", "2007-12-14"),
        ("(lamp", "(lamp)"),
        ("lamp)", "lamp"),
    ],
)
def test_suggests(archive: Archive, wrong: str, suggestion: str) -> None:
    with pytest.raises(QueryError) as caught:
        archive.search(wrong)
    assert caught.value.suggestion == suggestion


def test_every_field_is_tried_and_explained() -> None:
    """A field without a case is one that nobody has seen working; one without a line in the docs, one that nobody knows."""
    tried = {
        field.name
        for field in FIELDS
        for case in CASES["found"]
        for name in (field.name, *field.aliases)
        if f"{name}:" in case["query"]
    }
    assert {field.name for field in FIELDS} - tried <= {"diag"}
    docs = (Path(__file__).parent.parent / "docs" / "search.md").read_text(encoding="utf-8")
    assert [field.name for field in FIELDS if f"`{field.name}:" not in docs] == []


def test_every_case_has_a_reason() -> None:
    assert all(case["why"] for group in CASES.values() for case in group)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_process_searches(archive: Archive) -> None:
    """A notebook's pool of processes is forked after a first search."""
    program = (
        "import os, sys\nfrom cablegram import Archive\n"
        f"place = {str(archive.folder)!r}\nwith Archive(place) as a:\n    a.search('the')\n"
        "if os.fork():\n    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))\nwith Archive(place) as a:\n    assert a.search('the').facets['year']\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=12))
def test_wild_cards_fit_as_a_pattern_says(wild: str, word: str) -> None:
    assert fits_wild(wild_word(wild), word) is (re.fullmatch(wild_pattern(wild), word) is not None)


def test_many_wild_cards_take_no_time(tmp_path: Path) -> None:
    """A pattern with so many stars would not end on such a word."""
    text = f"C O N F I D E N T I A L PRAIA 000101\n\nSUBJECT: A\n\n1. (C) Summary: The {'a' * 90} rang at {'a' * 80}b.\n\nROE\n"
    with Archive(tmp_path / "a") as archive:
        archive.add([cablegram.parse(text, {"id": "07PRAIA101"})])
        start = time.process_time()
        for query in (f"para:C {'a*' * 20}b", f"para:(C) {'a*' * 20}b", f"section:summary para:C {'a*' * 20}b"):
            (hit,) = archive.search(query)
            assert [snippet.text[s:e] for snippet in hit.snippets for s, e in snippet.marks] == ["a" * 80 + "b"], query
        assert time.process_time() - start < 5


def test_snippets_show_the_paragraph_and_mark_the_words(archive: Archive) -> None:
    (hit,) = archive.search('"lamp oil" bicycle').hits
    (snippet,) = hit.snippets
    assert snippet.paragraph == 3
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["lamp oil", "bicycle"]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("aq", "A. Q"),
        ("sanaa", "Sana'a"),
        ("Qassem", "Ghassim"),
        ("uran*", "uranium"),
        ('"crate laughed"~8', "crate. General Ghassim Bouhali \nlaughed"),
        ("guild's", "guild"),
        ("F16", "F-16"),
    ],
)
def test_marks_what_was_meant(archive: Archive, query: str, marked: str) -> None:
    marks = [snippet.text[s:e] for hit in archive.search(query) for snippet in hit.snippets for s, e in snippet.marks]
    assert " ".join(marked.split()) in {" ".join(mark.split()) for mark in marks}


def test_scope_chooses_the_paragraph_shown(archive: Archive) -> None:
    (hit,) = archive.search("section:comment uranium").hits
    assert [snippet.paragraph for snippet in hit.snippets] == [4]


def test_facets_count_all_hits(archive: Archive) -> None:
    found = archive.search("", limit=1)
    assert len(found) == 1
    assert found.facets["year"] == {"2007": 3, "2008": 1}
    assert found.facets["post"] == {"PRAIA": 2, "DAKAR": 1, "STATE": 1}
    assert found.facets["country"] == {"CV": 2, "SN": 1, "US": 1}
    assert found.facets["classification"]["SECRET"] == 1
    assert found.facets["tags"]["EFIS"] == 3
    assert found.facets["captions"]["SIPDIS"] == 2


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("date", ["07PRAIA101", "07DAKAR310", "07STATE4799", "08PRAIA140"]),
        ("-date", ["08PRAIA140", "07STATE4799", "07DAKAR310", "07PRAIA101"]),
        ("id", ["07DAKAR310", "07PRAIA101", "07STATE4799", "08PRAIA140"]),
        ("-id", ["08PRAIA140", "07STATE4799", "07PRAIA101", "07DAKAR310"]),
    ],
)
def test_order_and_pages(archive: Archive, sort: str, ids: list[str]) -> None:
    seen: list[str] = []
    after: str | None = None
    for _ in range(10):
        page = archive.search("", sort=sort, limit=3, after=after)
        assert page.total == 4
        seen += [hit.id for hit in page]
        after = page.next
        if after is None:
            break
    assert seen == ids


def test_subject_hits_come_first(archive: Archive) -> None:
    assert archive.search("regatta").hits[0].id == "07STATE4799"


@pytest.mark.parametrize("values", [{"sort": "size"}, {"limit": 5000}, {"after": "nonsense!"}, {"after": "WzEuNV0"}])
def test_wrong_values_are_told(archive: Archive, values: dict[str, object]) -> None:
    with pytest.raises(CablegramError):
        archive.search("lamp", **values)  # type: ignore[arg-type]


@given(st.text(), st.sampled_from(["relevance", "date", "-id"]), st.integers(1, 1000), st.none() | st.just("WzJd"))
def test_a_state_is_one_url_safe_string(query: str, sort: str, limit: int, after: str | None) -> None:
    query = query.encode("utf-8", "replace").decode()
    state = State(query, sort, limit, after)
    url = state.to_url()
    assert url.isascii()
    assert not set(url) & set(' "<>#')
    assert State.from_url(url) == state


@given(st.text(alphabet='ab:"()~*?->=<. 19ORANDNT\t“§\x00', max_size=60) | st.text(max_size=60))
def test_no_query_fails_otherwise_than_by_saying_so(query: str) -> None:
    wrong: QueryError | None = None
    try:
        syntax.parse(query, check)
    except QueryError as error:
        wrong = error
    if wrong is not None:
        assert 0 <= wrong.start < wrong.end
        assert wrong.start <= len(query)


@given(query=st.text(alphabet='lamp:"()~*?-=. 19OR', max_size=30))
def test_no_query_breaks_the_index(archive: Archive, query: str) -> None:
    try:
        found = archive.search(query, limit=5)
    except CablegramError:
        return
    for hit in found:
        for snippet in hit.snippets:
            assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.marks)


def test_hostile_queries_are_refused_quickly() -> None:
    for query in ("(" * 100_000, "-" * 19_000 + "a", "a " * 9_000, '"' * 19_001, "ab:" * 5_000):
        with pytest.raises(QueryError):
            syntax.parse(query, check)
