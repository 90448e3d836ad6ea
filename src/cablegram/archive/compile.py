"""From the tree of a query to a query of the index.

Words and phrases inside ``para:`` or ``section:`` are asked of the fields that have the words of such paragraphs. Where words alone
do not tell (a phrase, a caveat, two scopes at once), the candidates' paragraphs are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from cablegram.archive.citations import by_version
from cablegram.archive.codec import Place, words
from cablegram.archive.document import BODY, MAINLY, MARKED, OUTSIDE, PRECEDENCES, SECTIONS, UNMARKED, scopes
from cablegram.archive.index import View
from cablegram.archive.leaves import WILD, Leaves
from cablegram.archive.match import fits_wild, spellings, stands, wild_raw, wild_word
from cablegram.archive.store import Store
from cablegram.archive.words import words_of
from cablegram.interpret.claims import canonical_id
from cablegram.interpret.paragraphs import read_marking
from cablegram.query.errors import QueryError
from cablegram.query.fields import BY_NAME, SCOPES
from cablegram.query.syntax import And, Field, Node, Not, Or, Phrase, Word
from cablegram.query.values import FIRST, LAST, compare, level_rank, moments, nearest
from cablegram.vocabulary.countries import country_code
from cablegram.vocabulary.levels import BY_RANK, LEVELS
from cablegram.vocabulary.posts import resolve

if TYPE_CHECKING:
    from tantivy import Query, SearchResult

_LEVEL_FIELDS: Final = frozenset(MARKED.values())


def count_of(found: SearchResult) -> int:
    """How many documents a search of the index found in all (its type stubs do not name it)."""
    return int(cast("Any", found).count or 0)


_HEADING: Final = (SECTIONS["heading"],)


class Scope(NamedTuple):
    """Paragraphs of these index fields, whose caveats contain all of ``caveats``."""

    fields: tuple[str, ...]
    caveats: tuple[str, ...]

    def holds(self, place: Place) -> bool:
        """Whether a paragraph is of this scope."""
        if self.fields == _HEADING:
            return place.heading is not None
        return bool(set(scopes(place)) & set(self.fields)) and set(self.caveats) <= set(place.caveats)


class Compiler(Leaves):
    """Compiles trees for one view of an archive."""

    def __init__(self, store: Store, view: View, query: str) -> None:
        super().__init__(view, query)
        self._store = store

    def compile(self, node: Node | None) -> Query:
        """The index's query for ``node``; None asks for everything."""
        return self._q.all_query() if node is None else self._node(node, ())

    def _node(self, node: Node, within: tuple[Scope, ...]) -> Query:
        match node:
            case And():
                return self._and(node.nodes, within)
            case Or():
                return self.any_of([self._node(one, within) for one in node.nodes])
            case Not():
                return self.all_of([], [self._node(node.node, within)])
            case Field() if node.name in SCOPES:
                return self._and((node,), within)
            case Field():
                return self._field(node)
            case _:
                return self._leaf(node, within, None)

    def _and(self, nodes: Iterable[Node], within: tuple[Scope, ...]) -> Query:
        nodes = list(nodes)
        own = [node for node in nodes if isinstance(node, Field) and node.name in SCOPES]
        within = (*within, *map(self.scope, own))
        queries: list[Query] = []
        without: list[Query] = []
        hard: list[Word | Phrase] = []
        for node in nodes:
            if node in own:
                continue
            if isinstance(node, Not):
                without.append(self._node(node.node, within))
            elif isinstance(node, Word | Phrase) and self._is_hard(node, within):
                hard.append(node)
            else:
                queries.append(self._node(node, within))
        if own:
            queries.append(self._there_is(within))
        for leaf in hard:
            # The other conditions narrow what has to be looked at one by one.
            queries.append(self._leaf(leaf, within, self.all_of(queries, without)))
        return self.all_of(queries, without)

    # scopes

    def scope(self, field: Field) -> Scope:
        """The scope that ``para:`` or ``section:`` asks for. :class:`QueryError` where its value names none."""
        value = field.value
        if field.name == "section":
            known = SECTIONS.get(value.text.lower().strip())
            if known is None:
                names = BY_NAME["section"].values
                raise self._error(
                    f"there is no part `{value.text}`", field, "one of " + ", ".join(names), nearest(value.text.lower(), names)
                )
            return Scope((known,), ())
        text = value.text.strip("() ")
        if text.lower() in (UNMARKED, "unmarked"):
            return Scope((MARKED[UNMARKED],), ())
        _, level, caveats = read_marking(f"({text})")
        rank = level_rank(level or text, self._query, value.start, value.end)
        low, high = compare(field.op, rank, LEVELS[0].rank, LEVELS[-1].rank)
        return Scope(tuple(MARKED[BY_RANK[n].code] for n in range(low, high + 1)), caveats if level else ())

    def _there_is(self, within: tuple[Scope, ...]) -> Query:
        """Cables that have a paragraph of all these scopes."""
        queries = [self.any_of([self.term("flags", field, "basic") for field in scope.fields]) for scope in within]
        query = self.all_of(queries)
        if len(within) > 1 or any(scope.caveats for scope in within):
            return self._looked_at(query, within, lambda text: True)
        return query

    def _is_hard(self, leaf: Word | Phrase, within: tuple[Scope, ...]) -> bool:
        if not within:
            return False
        return len(within) > 1 or bool(within[0].caveats) or (not isinstance(leaf, Word)) or len(words_of(leaf.text)) > 1

    def _looked_at(self, candidates: Query, within: tuple[Scope, ...], fits: Callable[[str], bool]) -> Query:
        """Of the candidates those that have a paragraph of all scopes whose text fits."""
        total = count_of(self._searcher.search(candidates, 1))
        if not total:
            return self._q.empty_query()
        hits = self._searcher.search(candidates, total, count=False).hits
        rows = [int(row) for row in self._searcher.fast_field_values("row", [address for _, address in hits]) if row is not None]
        heading = any(scope.fields == _HEADING for scope in within)
        kept: list[int] = []
        for at in range(0, len(rows), 500):
            for row, (_, version) in self._store.current(rows[at : at + 500]).items():
                stored, text = self._store.outline(version)
                told = ((place, place.heading or "" if heading else words(place, text)) for place in stored.paragraphs)
                if any(all(s.holds(place) for s in within) and fits(said) for place, said in told):
                    kept.append(row)
        return self._q.term_set_query(self._schema, "row", kept)

    # words and phrases

    def _leaf(self, leaf: Word | Phrase, within: tuple[Scope, ...], others: Query | None) -> Query:
        if not within:
            extra = ("authority",) if isinstance(leaf, Phrase) else ("forms", "authority")
            return self.words(leaf, (BODY, *extra))
        names = within[0].fields
        if isinstance(leaf, Word) and not self._is_hard(leaf, within):
            return self.any_of([self.words(leaf, names), *self._in_main_text(names, leaf, within)])
        rough = self._rough(leaf, within)
        matches = self._matcher(leaf)
        return self._looked_at(rough if others is None else self.all_of([others, rough]), within, matches)

    def _mainly(self, names: Iterable[str]) -> list[Query]:
        """Cables that are mainly of one of these levels."""
        return [self.term("flags", MAINLY + name, "basic") for name in names if name in _LEVEL_FIELDS]

    def _in_main_text(self, names: Sequence[str], leaf: Word, within: tuple[Scope, ...]) -> list[Query]:
        """Cables that are mainly of one of these levels and have ``leaf`` in a paragraph of it (see ``main_level``)."""
        if not (mainly := self._mainly(names)):
            return []
        cables = self.any_of(mainly)
        meant = self.meant(leaf)
        if meant is None:
            # One of the words that fit may stand elsewhere, and another in such a paragraph.
            inside, outside = self.words(leaf, (BODY,)), self.words(leaf, (OUTSIDE,))
            unclear = self._looked_at(self.all_of([cables, inside, outside]), within, self._matcher(leaf))
            return [self.all_of([cables, inside], [outside]), unclear]
        return [self.all_of([cables, self.term(BODY, word)], [self.term(OUTSIDE, word, "basic")]) for word in meant]

    def _rough(self, leaf: Word | Phrase, within: tuple[Scope, ...]) -> Query:
        queries = [self.words(leaf, (BODY,))]
        if isinstance(leaf, Phrase) or not (leaf.wild or leaf.fuzzy):
            for scope in within:
                for spelled in spellings(leaf.text):
                    said = [self.term(name, word, "basic") for name in scope.fields for word in spelled]
                    queries.append(self.any_of([*said, *self._mainly(scope.fields)]))
        return self.all_of(queries)

    def _matcher(self, leaf: Word | Phrase) -> Callable[[str], bool]:
        """Whether the words of a paragraph have what ``leaf`` asks."""
        if isinstance(leaf, Word) and (leaf.wild or leaf.fuzzy):
            if leaf.wild:
                wild = wild_word(leaf.text)
                return lambda text: any(fits_wild(wild, word) for word in words_of(text))
            wanted = set(self.fuzzy_words(leaf))
            return lambda text: not wanted.isdisjoint(words_of(text))
        near = leaf.near if isinstance(leaf, Phrase) else 0
        spelled = [set(one) for one in spellings(leaf.text, isinstance(leaf, Word) and leaf.exact)]
        return lambda text: stands(words_of(text), spelled, near)

    # fields

    def _error(self, message: str, field: Field, expected: str, suggestion: str | None = None) -> QueryError:
        return QueryError(message, self._query, field.value.start, field.value.end, expected, suggestion)

    def _field(self, field: Field) -> Query:
        info = BY_NAME[field.name]
        kind = info.kind
        if field.op != ":" and kind not in ("level", "precedence", "date"):
            raise QueryError(
                f"`{field.name}:` cannot be compared", self._query, field.start, field.end, f"`{field.name}:` and a value"
            )
        text = field.value.text.strip()
        match kind:
            case "text":
                return self._text(info.asks, field.value)
            case "post":
                return self._post(info.asks, field.value)
            case "code" | "code-lower":
                return self._code(info.asks, text.upper() if kind == "code" else text.lower())
            case "country":
                return self._country(field)
            case "id":
                return self._code(info.asks, self._key(text))
            case "citedby":
                return self._cited_by(self._key(text))
            case "flag":
                if text.lower() not in info.values:
                    raise self._error(f"`{field.name}:` does not know `{text}`", field, "one of " + ", ".join(info.values),
                                      nearest(text.lower(), info.values))  # fmt: skip
                return self.term("flags", f"{field.name}:{text.lower()}", "basic")
            case "level":
                rank = level_rank(text, self._query, field.value.start, field.value.end)
                return self._range("class", *compare(field.op, rank, LEVELS[0].rank, LEVELS[-1].rank))
            case "precedence":
                if text.upper() not in PRECEDENCES:
                    raise self._error(
                        f"`{text}` is no precedence",
                        field,
                        "one of " + ", ".join(PRECEDENCES),
                        nearest(text.upper(), PRECEDENCES),
                    )
                return self._range("precedence", *compare(field.op, PRECEDENCES.index(text.upper()), 0, len(PRECEDENCES) - 1))
            case _:
                low, high = moments(field, self._query)
                if info.asks == "decl":
                    return self._range("decl", low // 10_000, high // 10_000)
                return self._range(info.asks, low, high)

    def _range(self, name: str, low: int, high: int) -> Query:
        from tantivy import FieldType

        if low > high:
            return self._q.empty_query()
        return self._q.range_query(
            self._schema, name, FieldType.Unsigned, low if low > FIRST else None, high if high < LAST else None
        ) if low > FIRST or high < LAST else self._q.exists_query(name)  # fmt: skip

    def _text(self, name: str, value: Word | Phrase) -> Query:
        return self.words(value, (name,))

    def _post(self, name: str, value: Word | Phrase) -> Query:
        names = ("action", "info") if name == "to" else (name,)
        raw = [("post" if one == "from" else f"{one}_post") for one in names]
        if isinstance(value, Word) and value.wild:
            return self.any_of([self._code(one, value.text.upper()) for one in raw])
        post = resolve(value.text)
        if post is not None and not (isinstance(value, Word) and value.fuzzy):
            return self.any_of([self.term(one, post.code, "basic") for one in raw])
        return self.words(value, names)

    def _code(self, name: str, text: str) -> Query:
        if WILD.search(text):
            if not WILD.sub("", text):
                return self._q.regex_query(self._schema, name, ".+")
            return self._q.regex_query(self._schema, name, wild_raw(text))
        return self.term(name, text, "basic")

    def _country(self, field: Field) -> Query:
        code = country_code(field.value.text)
        if code is None:
            raise self._error(
                f"`{field.value.text}` is no country", field, "a country's English name or its ISO 3166 code, such as FR"
            )
        return self.term("country", code, "basic")

    def _key(self, text: str) -> str:
        if WILD.search(text):
            return text.upper().replace(" ", "")
        return canonical_id("".join(text.split())) or (text if text.startswith("x-") else text.upper().replace(" ", ""))

    def _cited_by(self, key: str) -> Query:
        number = self._store.number(key)
        if number is None:
            return self._q.empty_query()
        rows = self._store.db.execute(
            f"SELECT DISTINCT c.id FROM ({by_version('r.version = (SELECT current FROM cables WHERE id = ?1)')}) r JOIN cables c ON c.key = r.target",
            (number,),
        )
        return self._q.term_set_query(self._schema, "row", [row for (row,) in rows])
