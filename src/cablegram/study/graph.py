"""The graph of citations: an edge for each cable that a held cable cites, a node for each cable that cites or is cited, held or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.study.numbers import number_of
from cablegram.vocabulary.levels import BY_RANK

_PAGE: Final = 10_000
#: Whether one date is before another, each at the precision that it has.
_EARLIER: Final = "{a} < substr({b}, 1, length({a}))"


class Node(NamedTuple):
    """One cable: ``created``, ``post``, ``classification`` and ``subject`` as in its record. Where it is not ``held``, only its ``id`` is known, and
    the ``post`` that this names. ``cites`` and ``cited_by`` count cables."""

    id: str
    held: bool
    created: str | None
    post: str | None
    classification: str | None
    subject: str | None
    cites: int
    cited_by: int


class Edge(NamedTuple):
    """``source`` cites ``target``: on its REF line (``ref_line``, with the ``labels`` it has there), in ``paragraphs`` (their numbers;
    ``#3`` is the third where it has none), or both. ``year_source`` says whence the year of the target is; None where it is not kept."""

    source: str
    target: str
    ref_line: bool
    labels: tuple[str, ...]
    paragraphs: tuple[str, ...]
    year_source: str | None


class Graph:
    """The graph of an archive, or of the cables that ``query`` finds and what they cite. A context manager: it is gathered into a
    temporary table of SQLite, so that memory stays flat, and read from there as often as is wanted.

    ``QueryError`` for a wrong query.
    """

    def __init__(self, archive: Archive, query: str = "") -> None:
        self._archive = archive
        self._db = archive.store.db
        self.query = query
        self._chosen = json.dumps(list(archive.find_ids(query))) if query else None

    def __enter__(self) -> Graph:
        condition = "c.key IN (SELECT value FROM json_each(?1))" if self._chosen is not None else "?1 IS NULL"
        self._drop()
        # The edges once, in order: those of one cable stand together, and what cites a cable is found by the index.
        self._db.execute(
            "CREATE TEMP TABLE graph_edges (source TEXT, target TEXT, line INTEGER, labels TEXT, paragraphs TEXT, year_source TEXT)"
        )
        self._db.execute(
            "INSERT INTO graph_edges SELECT key, target, max(line), json_group_array(label) FILTER (WHERE label IS NOT NULL),"
            " json_group_array(paragraph) FILTER (WHERE paragraph IS NOT NULL), max(year_source) FROM ("
            " SELECT c.key, r.target, 1 AS line, r.label, NULL AS paragraph, r.year_source FROM cables c CROSS JOIN refs r ON r.version = c.current"
            f" WHERE r.target IS NOT NULL AND {condition}"
            " UNION ALL SELECT c.key, m.target, 0, NULL, coalesce(CAST(p.number AS TEXT), '#' || (m.paragraph + 1)), m.year_source"
            " FROM cables c CROSS JOIN mentions m ON m.version = c.current"
            " LEFT JOIN paragraphs p ON p.version = m.version AND p.seq = m.paragraph"
            f" WHERE {condition}) GROUP BY 1, 2 ORDER BY 1, 2",
            (self._chosen,),
        )
        self._db.execute("CREATE INDEX temp.graph_targets ON graph_edges (target)")
        self._db.execute("CREATE INDEX temp.graph_sources ON graph_edges (source)")
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def _drop(self) -> None:
        self._db.execute("DROP TABLE IF EXISTS temp.graph_edges")

    def edges(self) -> Iterator[Edge]:
        """The edges, by source and target."""
        for source, target, line, labels, paragraphs, year in self._paged("SELECT rowid, * FROM graph_edges"):
            yield Edge(source, target, bool(line), tuple(json.loads(labels)), tuple(json.loads(paragraphs)), year)

    def _paged(self, sql: str) -> Iterator[tuple[Any, ...]]:
        last = 0
        while rows := self._db.execute(f"{sql} WHERE rowid > ? ORDER BY rowid LIMIT {_PAGE}", (last,)).fetchall():
            last = rows[-1][0]
            yield from (row[1:] for row in rows)

    def nodes(self) -> Iterator[Node]:
        """The nodes, in alphabetical order of their ids."""
        rows = self._db.execute(
            "SELECT n.key, c.id IS NOT NULL, c.created, c.post, c.level, c.subject,"
            " (SELECT count(*) FROM graph_edges e WHERE e.source = n.key), (SELECT count(*) FROM graph_edges e WHERE e.target = n.key)"
            " FROM (SELECT source AS key FROM graph_edges UNION SELECT target FROM graph_edges) n LEFT JOIN cables c ON c.key = n.key ORDER BY 1"
        )
        for key, held, created, post, level, subject, cites, cited_by in rows:
            number = number_of(key) if not held else None
            yield Node(
                key, bool(held), created, number.post if number is not None else post,
                BY_RANK[level].name if level is not None else None, subject, cites, cited_by,
            )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """How many nodes, of which held and ghosts; how many edges, of which on REF lines, in texts, in both."""
        nodes, held = self._db.execute(
            "SELECT count(*), count(c.id) FROM (SELECT source AS key FROM graph_edges UNION SELECT target FROM graph_edges) n"
            " LEFT JOIN cables c ON c.key = n.key"
        ).fetchone()
        edges, line, text = self._db.execute(
            "SELECT count(*), coalesce(sum(line), 0), coalesce(sum(paragraphs != '[]'), 0) FROM graph_edges"
        ).fetchone()
        return {
            "nodes": nodes, "held": held, "ghosts": nodes - held, "edges": edges, "on_ref_lines": line, "in_texts": text,
            "in_both": line + text - edges,
        }  # fmt: skip

    def most_cited(self, limit: int) -> list[tuple[str, int, bool]]:
        """The cables that most others cite: id, how many cite it, whether it is held."""
        rows = self._db.execute(
            "SELECT target, count(*), EXISTS (SELECT 1 FROM cables c WHERE c.key = target) FROM graph_edges WHERE source != target"
            " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
            (limit,),
        )
        return [(key, count, bool(held)) for key, count, held in rows]

    def to_itself(self) -> list[str]:
        """Cables that cite their own number."""
        return [key for (key,) in self._db.execute("SELECT source FROM graph_edges WHERE source = target ORDER BY 1")]

    def future(self, limit: int = -1) -> list[tuple[str, str, str, str]]:
        """Citations of a held cable that was sent later, which is an error of a number, a year or a date: source and its date, target and its date."""
        earlier = _EARLIER.format(a="a.created", b="b.created")
        return self._db.execute(
            "SELECT e.source, a.created, e.target, b.created FROM graph_edges e JOIN cables a ON a.key = e.source"
            f" JOIN cables b ON b.key = e.target WHERE {earlier} ORDER BY 1, 3 LIMIT ?",
            (limit,),
        ).fetchall()

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Source and target of each edge, no more."""
        yield from self._paged("SELECT rowid, source, target FROM graph_edges")
