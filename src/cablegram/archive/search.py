"""Search: a query, its hits with snippets, how many there are, and what they are made of (facets)."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from cablegram.archive.compile import Compiler, count_of
from cablegram.archive.index import TextIndex
from cablegram.archive.snippets import Highlighter, Snippet
from cablegram.archive.store import Store
from cablegram.errors import CablegramError
from cablegram.query import syntax
from cablegram.query.fields import SCOPES, check
from cablegram.vocabulary.levels import BY_RANK

if TYPE_CHECKING:
    from tantivy import DocAddress, Searcher
    from tantivy import Query as IndexQuery

#: How hits can be ordered: by what, and whether the highest comes first.
SORTS: Final = {
    "relevance": (None, True), "date": ("date", False), "-date": ("date", True), "id": ("order", False), "-id": ("order", True),
}  # fmt: skip
#: Facets, with the most values that each shows.
FACETS: Final = {"year": 80, "post": 60, "country": 60, "classification": 10, "tags": 60, "captions": 30}
#: The facet that a chart of months is made of; counted only when asked for.
MONTHS: Final = {"month": 1000}
_FIELDS: Final = {"classification": "class"}
MOST: Final = 1000
_SUBJECT_BOOST: Final = 2.0
_PAGE: Final = 2000


class Hit(NamedTuple):
    """One cable that was found: ``id``, ``created``, ``subject``, ``classification`` and ``origin`` (the post's display name) as in its record, and
    ``snippets`` that show where. ``score`` is None where hits are ordered by a field."""

    id: str
    score: float | None
    created: str | None
    subject: str | None
    classification: str | None
    origin: str | None
    snippets: tuple[Snippet, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._asdict(), "snippets": [snippet.to_dict() for snippet in self.snippets]}


@dataclass(frozen=True, slots=True)
class State:
    """What a search is: the ``query``, the order of its hits (``sort``), how many at once (``limit``), and from which place on (``after``)."""

    query: str = ""
    sort: str = "relevance"
    limit: int = 20
    after: str | None = None

    def to_url(self) -> str:
        """As one URL-safe string; values that are the usual ones are left out."""
        usual = State()
        pairs = [("q", self.query), ("sort", self.sort), ("limit", str(self.limit)), ("after", self.after or "")]
        kept = {"q": "", "sort": usual.sort, "limit": str(usual.limit), "after": ""}
        return urlencode([(name, value) for name, value in pairs if value != kept[name]])

    @classmethod
    def from_url(cls, text: str) -> State:
        """The inverse of :meth:`to_url`. ``CablegramError`` where a value is not what it can be."""
        values = dict(parse_qsl(text.removeprefix("?"), keep_blank_values=True))
        limit = values.get("limit", "20")
        if not limit.isdecimal():
            raise CablegramError(f"limit={limit}: give a number from 1 to {MOST}")
        return cls(values.get("q", ""), values.get("sort", "relevance"), int(limit), values.get("after") or None)


@dataclass(frozen=True, slots=True)
class Results:
    """What a search (``state``) found: ``total`` cables, some ``hits`` of them, ``facets`` over all of them, and ``next``, which asks for more."""

    state: State
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    next: str | None = None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def to_dict(self) -> dict[str, Any]:
        """As ``search --json`` prints it."""
        return {
            "query": self.state.query, "sort": self.state.sort, "total": self.total,
            "hits": [hit.to_dict() for hit in self.hits],
            "facets": {name: dict(values) for name, values in self.facets.items()},
            "next": self.next, "state": self.state.to_url(),
        }  # fmt: skip


class Search:
    """Searches one archive."""

    def __init__(self, store: Store, index: TextIndex) -> None:
        self._store = store
        self._index = index

    def run(self, state: State, *, facets: bool = True, snippets: bool = True, months: bool = False) -> Results:
        """The hits that ``state`` asks for. ``QueryError`` where the query is wrong, ``CablegramError`` for another wrong value."""
        if state.sort not in SORTS:
            raise CablegramError(f"sort={state.sort}: give one of " + ", ".join(SORTS))
        if not 0 <= state.limit <= MOST:
            raise CablegramError(f"limit={state.limit}: give a number from 0 to {MOST}")
        offset = _offset(state.after)
        tree = syntax.parse(state.query, check)
        view = self._index.view()
        searcher = view.searcher
        compiler = Compiler(self._store, view, state.query)
        query = compiler.compile(tree)
        # On another core while the hits are made: the index does not hold the interpreter's lock.
        wanted = FACETS | MONTHS if months else FACETS
        counted = _counters().submit(self._facets, searcher, query, wanted) if facets else None
        ranked = self._ranked(compiler, tree, query) if state.sort == "relevance" and tree is not None else query
        total, found = self._page(
            searcher,
            ranked,
            state if tree is not None or state.sort != "relevance" else State(sort="-date", limit=state.limit),
            offset,
        )
        hits = self._hits(
            searcher, found, _highlighter(compiler, tree) if snippets else None, state.sort == "relevance" and tree is not None
        )
        there_is_more = offset + len(found) < total and len(found) > 0
        return Results(
            state,
            total,
            tuple(hits),
            counted.result() if counted is not None else {},
            place_at(offset + len(found)) if there_is_more else None,
        )

    def highlighter(self, query: str) -> Highlighter:
        """What marks the words of ``query`` in texts."""
        tree = syntax.parse(query, check)
        return _highlighter(Compiler(self._store, self._index.view(), query), tree)

    def rows(self, query: str) -> Iterator[int]:
        """The rows in the store of all cables that ``query`` finds, in the order of ids."""
        tree = syntax.parse(query, check)
        view = self._index.view()
        searcher = view.searcher
        compiled = Compiler(self._store, view, query).compile(tree)
        offset = 0
        while True:
            _, found = self._page(searcher, compiled, State(sort="id", limit=_PAGE), offset)
            if not found:
                return
            offset += len(found)
            yield from self._numbers(searcher, [address for _, address in found])

    def _ranked(self, compiler: Compiler, tree: syntax.Node | None, query: IndexQuery) -> IndexQuery:
        """``query``, with hits whose subject has the words put before the others."""
        from tantivy import Occur, Query

        words = [leaf for leaf in syntax.leaves(tree) if isinstance(leaf, syntax.Phrase) or not (leaf.wild or leaf.fuzzy)]
        if not words:
            return query
        extra = [(Occur.Should, Query.boost_query(compiler.words(leaf, ("subject",)), _SUBJECT_BOOST)) for leaf in words]
        return Query.boolean_query([(Occur.Must, query), *extra])

    def _page(self, searcher: Searcher, query: IndexQuery, state: State, offset: int) -> tuple[int, list[tuple[Any, DocAddress]]]:
        from tantivy import Order

        name, highest_first = SORTS[state.sort]
        order = Order.Desc if highest_first else Order.Asc
        found = searcher.search(query, max(state.limit, 1), True, name, offset, order)
        return count_of(found), list(found.hits)[: state.limit]

    def _numbers(self, searcher: Searcher, addresses: list[DocAddress]) -> list[int]:
        return [int(row) for row in searcher.fast_field_values("row", addresses) if row is not None]

    def _hits(
        self, searcher: Searcher, found: list[tuple[Any, DocAddress]], highlighter: Highlighter | None, scored: bool
    ) -> Iterator[Hit]:
        rows = self._numbers(searcher, [address for _, address in found])
        current = self._store.current(rows)
        for (score, _), row in zip(found, rows, strict=True):
            if row not in current:  # another program took it away since the index was read
                continue
            key, version = current[row]
            stored, text = self._store.outline(version)
            yield Hit(
                key, float(score) if scored else None, stored.created, stored.subject, stored.classification,
                stored.origin.name if stored.origin is not None else None,
                tuple(highlighter.snippets(stored, text)) if highlighter is not None else (),
            )  # fmt: skip

    def _facets(self, searcher: Searcher, query: IndexQuery, wanted: Mapping[str, int]) -> dict[str, dict[str, int]]:
        asked = {name: {"terms": {"field": _FIELDS.get(name, name), "size": size}} for name, size in wanted.items()}
        found = searcher.aggregate(query, asked)
        out: dict[str, dict[str, int]] = {}
        for name in wanted:
            buckets = found[name]["buckets"]
            values = {_label(name, bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}
            out[name] = dict(sorted(values.items())) if name in ("year", "month") else values
        return out


@cache
def _counters() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="cablegram-facets")


if hasattr(os, "register_at_fork"):
    # A forked process has none of the threads, and would wait for them for ever.
    os.register_at_fork(after_in_child=_counters.cache_clear)


def _highlighter(compiler: Compiler, tree: syntax.Node | None) -> Highlighter:
    return Highlighter(syntax.leaves(tree), [compiler.scope(one) for one in syntax.field_leaves(tree, SCOPES)])


def _label(facet: str, key: Any) -> str:
    if facet == "classification":
        return BY_RANK[int(key)].name
    if facet == "month":
        return f"{int(key) // 100:04d}-{int(key) % 100:02d}"
    return str(int(key)) if facet == "year" else str(key)


def place_at(offset: int) -> str:
    """The ``after`` of a search that begins with the hit ``offset``, from 0."""
    return base64.urlsafe_b64encode(json.dumps([offset]).encode()).decode().rstrip("=")


def _offset(after: str | None) -> int:
    if after is None:
        return 0
    try:
        (offset,) = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, TypeError, binascii.Error):
        offset = -1
    if not isinstance(offset, int) or not 0 <= offset < 2**31:
        raise CablegramError(f"after={after[:40]}: is no place in a list of hits; take `next` from the page before")
    return offset
