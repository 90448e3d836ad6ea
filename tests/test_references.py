"""References: REF lines of hard kinds, what archives keep of texts, archives made before, and the graph of citations as files and figures."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import networkx as nx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cablegram
from cablegram import Archive, CablegramError
from cablegram.archive.schema import _FIRST, APPLICATION
from cablegram.cli.graph import graph_command
from cablegram.cli.study_refs import refs_command
from cablegram.errors import ArchiveError
from cablegram.export.graphs import export_graph
from cablegram.fiction.bundle import telegrams
from cablegram.interpret.mentions import citing_of, edges, in_text, placed
from cablegram.interpret.refs import REPAIR
from cablegram.measure.accuracy import failure_cases, measure
from cablegram.spans import replay, undo
from cablegram.study.graph import Graph
from cablegram.study.network import shape, summary
from cablegram.study.refs import citations, references, unread

CASES = Path(__file__).parent / "cases" / "nara_references.json"
TEXTS = json.loads((Path(__file__).parent / "cases" / "text_references.json").read_text(encoding="utf-8"))
FORM = (
    "R {day:02d}0203Z MAY 07\nFM AMEMBASSY {post}\nTO SECSTATE WASHDC 0001\nUNCLAS {post} {number:06d}\n\nSIPDIS\n\nE.O. 12958: N/A\nTAGS: PGOV, PE\n"
    "SUBJECT: {subject}\n\n{refs}1. (U) The bell.\n\n2. (U) {body}\n\nFENWICK\n"
)


def cable(
    number: int, refs: str = "", body: str = "It rang.", post: str = "LIMA", day: int = 1, subject: str = "THE BELL"
) -> cablegram.Cable:
    line = f"REF: {refs}\n\n" if refs else ""
    return cablegram.parse(FORM.format(number=number, refs=line, body=body, post=post, day=day, subject=subject))


# the REF line


def test_the_failure_kinds_of_earlier_readers() -> None:
    """At least twelve cases of each of the five kinds, and nine in ten of all resolve or are rightly left."""
    scores, counts = measure(failure_cases(CASES))
    kinds = scores["failure kinds"]
    assert len(kinds) == 5
    assert min(score.right + score.missing for score in kinds.values()) >= 12
    right = sum(score.right for score in kinds.values())
    print(f"{right} of {counts['failure kinds']} references of the failure kinds resolve or are rightly left")
    assert right >= 0.9 * counts["failure kinds"]


@pytest.mark.parametrize(
    ("refs", "cables", "why"),
    [
        ("(A) STATE 12345\n(B) QUITO 7\n(C) 07 AMSTERDAM\n1, (D) LA PAZ 4", ["07STATE12345", "07QUITO7", "07AMSTERDAM1", "07LAPAZ4"], "a line breaks off between post and number"),
        ("QUITO\n2. A. STATE 12345", ["07QUITO2", "07STATE12345"], "the next item's letter stands behind the number"),
        ("STATE 12345\nREF: QUITO 7", ["07STATE12345", "07QUITO7"], "a second REF line"),
        ("10 QUITO 11 09 QUITO 2485", ["10QUITO11", "09QUITO2485"], "the year of the next item is no part of the number"),
    ],
)  # fmt: skip
def test_items_that_lines_cut(refs: str, cables: list[str], why: str) -> None:
    found = cable(5000, refs)
    assert [r.cable for r in found.references] == cables, why
    assert [p.number for p in found.paragraphs] == [1, 2]


def test_a_post_without_number_does_not_swallow_a_paragraph() -> None:
    found = cablegram.parse(
        FORM.format(number=5000, refs="REF: QUITO\n", body="It rang.", post="LIMA", day=1, subject="THE BELL")
    )
    assert [p.number for p in found.paragraphs] == [1, 2]


def test_a_damaged_number_is_proposed() -> None:
    found = cable(5000, "(A) STATE 1O234 (B) QUITO 7")
    assert [r.cable for r in found.references] == [None, "07QUITO7"]
    (edit,) = (edit for edit in found.edits if edit.rule == REPAIR)
    assert (edit.original, edit.replacement, edit.applied) == ("STATE 1O234", "STATE 10234", False)
    assert found.original[edit.span[0] : edit.span[1]] == edit.original
    assert "damaged-reference" in {d.code for d in found.diagnostics}
    assert undo(replay(found.original, found.edits), found.edits) == found.original


@given(
    st.lists(
        st.sampled_from(
            [
                "STATE",
                "LA PAZ",
                "QU ITO",
                "12345",
                "1O2",
                "0",
                "76",
                "A.",
                "(B)",
                "AND",
                ";",
                "/",
                "\n",
                "REF:",
                "A-45",
                "93410-93412",
                "THRU",
                "MY",
                "YOUR",
                "TELEGRAM OF",
                "?345",
                "DESPATCH",
                "3 MAY",
                "ref A",
            ]
        ),
        max_size=30,
    )
)
def test_any_ref_line_is_read_without_loss(words: list[str]) -> None:
    found = cable(5000, " ".join(words), " ".join(words))
    assert "".join(leaf.text for leaf in found.tree.leaves()) == found.original
    assert undo(replay(found.original, found.edits), found.edits) == found.original
    assert all(found.original[r.span[0] : r.span[1]] == r.raw for r in found.references)
    # What the archive keeps is what reading the text gives.
    assert {(place, target) for place, target, _, _ in edges(found)} == {(m.place, m.cable) for m in in_text(found) if m.cable}


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["why"])
def test_what_a_text_cites(case: dict[str, Any]) -> None:
    """Each place with its words: what it means, or why it is not told; and the archive keeps what is resolved."""
    found = cable(5000, case.get("refs", ""), case["body"])
    text = found.paragraphs[1].text
    places = placed(text, found.references, citing_of(found))
    told = [[text[one.start : one.end], one.mention.cable or one.mention.how] for one in places]
    assert told == case["cites"], case["why"]
    assert all(
        word in (one.mention.reason or "") for one, word in zip(places, case.get("reasons", [""] * len(places)), strict=True)
    )
    assert {target for _, target, _, _ in edges(found)} == {target for _, target in told if target[:2].isdigit()}


def test_an_embassy_telegram_is_that_of_the_embassy_written_to() -> None:
    """The Department's "Embtel" and "your"; of several addressees none is taken."""
    form = (
        "R 010203Z MAY 07\nFM SECSTATE WASHDC\nTO {to}\nUNCLAS STATE 050000\n\nE.O. 12958: N/A\nTAGS: PGOV\nSUBJECT: THE BELL\n\n"
        "REF: (A) EMBTEL 1234 (B) YOUR 1235\n\n1. It rang.\n\nROE\n"
    )
    one, several = (
        cablegram.parse(form.format(to=to)) for to in ("AMEMBASSY LIMA 0001", "AMEMBASSY LIMA 0001\nAMEMBASSY QUITO 0002")
    )
    assert [r.cable for r in one.references] == ["07LIMA1234", "07LIMA1235"]
    assert [(r.kind, r.cable) for r in several.references] == [("cable", None)] * 2


# the archive


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Archive]:
    """1 cites 2 on its REF line and 3 (not held) in its text; 2 and 4 cite each other; 5 cites itself; 6 is cited before it was sent."""
    with Archive(tmp_path / "a") as archive:
        archive.add([
            cable(1, "A. 07 LIMA 2\nB. STATE 9 MAY", "See ref A, and QUITO 4567, too.", day=9, subject="A < B & \"C\""), cable(2, "07 LIMA 4", day=2),
            cable(4, "07 LIMA 2; 07 LIMA 6", day=4), cable(5, "LIMA 5", day=5), cable(6, "", day=20),
        ])  # fmt: skip
        yield archive


def test_a_citation_in_the_text_counts(few: Archive) -> None:
    assert few.cited_by("07QUITO4567") == ["07LIMA1"]
    assert [tuple(one) for one in citations(few, "07QUITO4567")] == [("07LIMA1", 2, 2)]
    assert [tuple(one) for one in citations(few, "07LIMA2")] == [("07LIMA1", None, None), ("07LIMA4", None, None)]
    assert list(few.find_ids("cites:07QUITO4567")) == ["07LIMA1"]
    assert list(few.find_ids("refs:missing")) == ["07LIMA1"]
    few.add([cable(4567, post="QUITO")])
    assert list(few.find_ids("refs:missing")) == []
    assert list(few.find_ids("citedby:07LIMA1")) == ["07LIMA2", "07QUITO4567"]


def test_a_day_says_what_may_be_meant(few: Archive) -> None:
    few.add([cable(7, "LIMA CABLE OF MAY 20"), cable(8, "STATE 1O234"), cable(4567, post="QUITO"), cable(9, "QUITO 4?67", day=3)])
    few.add([cable(10, "KINGSTON A-12, May 20, 2007", "As our telegram of May 20 said, STATE l0235 asks for it.")])
    names = ("07LIMA7", "07LIMA8", "07LIMA9", "07LIMA10")
    ((one,), (other,), (lost,), (airgram, day, number)) = (references(few, key)["others"] for key in names)
    assert one["may_be"] == ["07LIMA6"]
    assert other["may_be"] == ["07STATE10234"]
    assert lost["may_be"] == ["07QUITO4567"]
    assert (day["how"], day["may_be"]) == ("day", ["07LIMA6"])
    assert (number["how"], number["may_be"]) == ("number", ["07STATE10235"])
    assert airgram["may_be"] == []


def test_an_archive_made_before_is_filled_by_reading_again(few: Archive, tmp_path: Path) -> None:
    """Tables as the first version made them, with the same rows."""
    place = tmp_path / "old"
    place.mkdir()
    db = sqlite3.connect(place / "cables.db", isolation_level=None)
    db.executescript(f"{_FIRST}\nPRAGMA user_version = 1; PRAGMA application_id = {APPLICATION};")
    db.execute("ATTACH ? AS newer", (str(few.store.path),))
    db.execute("BEGIN")
    db.execute("PRAGMA defer_foreign_keys = ON")
    for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
        columns = ", ".join(f'"{row[1]}"' for row in db.execute(f"PRAGMA main.table_info({name})"))
        db.execute(f"INSERT INTO main.{name} SELECT {columns} FROM newer.{name}")
    db.execute("COMMIT")
    db.close()
    with Archive(place) as archive:
        assert unread(archive) == 5
        assert archive.cited_by("07QUITO4567") == []
        assert "reread" in CliRunner().invoke(refs_command, ["07LIMA1", "--archive", str(place)]).stderr
        assert archive.read_again() == 5
        assert unread(archive) == 0
        assert archive.cited_by("07QUITO4567") == ["07LIMA1"]
        assert archive.read_again() == 0
        archive.store.db.execute("PRAGMA user_version = 1")
        with pytest.raises(ArchiveError, match="read-only"):
            cablegram.archive.schema.require_newest(archive.store.db)


# the graph


def _same(found: nx.DiGraph, graph: Graph) -> None:
    nodes, links = list(graph.nodes()), list(graph.edges())
    assert set(found.nodes) == {node.id for node in nodes}
    assert set(found.edges) == {(edge.source, edge.target) for edge in links}
    assert found.is_directed()
    for node in nodes:
        told = found.nodes[node.id]
        assert told["held"] is node.held
        assert told["cited_by"] == node.cited_by
        assert all(told.get(name) == getattr(node, name) for name in ("created", "post", "classification", "subject"))
    for edge in links:
        told = found.edges[edge.source, edge.target]
        assert told["ref_line"] is edge.ref_line
        assert told.get("year_source") == edge.year_source
        assert told.get("paragraphs", "") == ";".join(edge.paragraphs)


@pytest.mark.parametrize("form", ["graphml", "gexf", "csv"])
def test_the_graph_is_read_back(few: Archive, tmp_path: Path, form: str) -> None:
    """By the library that each format is meant for; a second run, and a query, too."""
    path = tmp_path / f"graph.{form}"
    with Graph(few) as graph:
        written = export_graph(graph, str(path))
        assert (written.nodes, written.edges) == (6, 6) == (graph.counts()["nodes"], graph.counts()["edges"])
        if form == "csv":
            rows = list(csv.DictReader(path.open(encoding="utf-8")))
            assert [(row["Source"], row["Target"]) for row in rows] == [(edge.source, edge.target) for edge in graph.edges()]
            nodes = list(csv.DictReader((tmp_path / "graph.nodes.csv").open(encoding="utf-8")))
            assert [row["Id"] for row in nodes] == [node.id for node in graph.nodes()]
        else:
            _same(nx.read_graphml(path) if form == "graphml" else nx.read_gexf(path), graph)
    done = CliRunner().invoke(graph_command, ["--output", str(path), "--query", "id:07LIMA4", "--archive", str(few.folder)])
    assert done.exit_code == 0
    assert done.stderr.startswith("3 cables and 2 citations in ")
    assert not list(tmp_path.glob("*.part"))


def test_edges_say_where_they_stand(few: Archive) -> None:
    with Graph(few, "id:07LIMA1") as graph:
        told = {edge.target: (edge.ref_line, edge.labels, edge.paragraphs, edge.year_source) for edge in graph.edges()}
    assert told == {
        "07LIMA2": (True, ("A",), ("2",), "stated"),
        "07QUITO4567": (False, (), ("2",), "citing year"),
    }


def test_the_summary(few: Archive) -> None:
    with Graph(few) as graph:
        told = summary(graph)
    assert (told["nodes"], told["held"], told["ghosts"], told["edges"]) == (6, 5, 1, 6)
    assert told["cycles"] == {"count": 1, "groups": [["07LIMA2", "07LIMA4"]]}
    assert told["mutual"] == {"count": 1, "pairs": [["07LIMA2", "07LIMA4"]]}
    assert told["itself"] == {"count": 1, "cables": ["07LIMA5"]}
    assert {(one["cable"], one["cites"]) for one in told["future"]["citations"]} == {
        ("07LIMA2", "07LIMA4"),
        ("07LIMA4", "07LIMA6"),
    }
    assert told["most_cited"][0] == {"cable": "07LIMA2", "cited_by": 2, "held": True}
    done = CliRunner().invoke(graph_command, ["--summary", "--json", "--archive", str(few.folder)])
    assert json.loads(done.stdout) == told
    assert (
        "07LIMA4 of 2007-05-04 cites 07LIMA6 of 2007-05-20"
        in CliRunner().invoke(graph_command, ["--summary", "--archive", str(few.folder)]).stdout
    )


def test_wrong_use_of_the_graph(few: Archive, tmp_path: Path) -> None:
    assert CliRunner().invoke(graph_command, ["--archive", str(few.folder)]).exit_code == 2
    with Graph(few) as graph:
        for path in (tmp_path / "graph.xml", tmp_path / "no" / "graph.csv"):
            with pytest.raises(CablegramError):
                export_graph(graph, str(path))


def test_shapes_agree_with_another_library() -> None:
    """Random graphs, by networkx's algorithms."""
    rng = Random(3)
    for _ in range(30):
        count = rng.randint(2, 30)
        pairs = [(rng.randrange(count), rng.randrange(count)) for _ in range(rng.randint(0, 40))]
        found = shape(count, pairs, chains=1)
        graph = nx.DiGraph()
        graph.add_nodes_from(range(count))
        graph.add_edges_from(pair for pair in pairs if pair[0] != pair[1])
        assert found.components == sorted(map(len, nx.weakly_connected_components(graph)), reverse=True)
        groups = [sorted(one) for one in nx.strongly_connected_components(graph) if len(one) > 1]
        assert sorted(found.cycles) == sorted(groups)
        assert found.mutual == sorted((a, b) for a, b in graph.edges if a < b and graph.has_edge(b, a))
        graph.remove_edges_from([(a, b) for group in groups for a in group for b in group if graph.has_edge(a, b)])
        longest = nx.dag_longest_path_length(graph)
        assert [len(chain) for chain in found.chains] == ([longest + 1] if longest else [])


def test_the_stories_have_no_wrong_citation(tmp_path: Path) -> None:
    with Archive(tmp_path / "a") as archive:
        archive.add(cablegram.parse(one.text) for one in telegrams("a").values())
        with Graph(archive) as graph:
            told = summary(graph)
    assert (told["cycles"]["count"], told["mutual"]["count"], told["itself"]["count"], told["future"]["count"]) == (0, 0, 0, 0)
