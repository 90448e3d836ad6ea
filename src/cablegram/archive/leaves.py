"""Words and phrases of a query as queries of the index's fields, and how queries are put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Final

from cablegram.archive.document import BODY, MARKED, OUTSIDE, SECTIONS, fields
from cablegram.archive.index import View
from cablegram.archive.match import distance_at_most, fits_wild, spellings, wild_pattern, wild_word
from cablegram.archive.pairs import PAIRS, pairs_of
from cablegram.archive.words import fold, words_of
from cablegram.query.errors import QueryError
from cablegram.query.syntax import Phrase, Word

if TYPE_CHECKING:
    from tantivy import Query

WILD: Final = re.compile(r"[*?]")
#: Spellings of one phrase that are tried, at most.
_MOST_SPELLINGS: Final = 64
#: Words that a wildcard may mean, to be asked for one by one.
_MOST_MEANT: Final = 300
_RECORDED: Final = {"forms": "basic", OUTSIDE: "basic", **dict.fromkeys((*MARKED.values(), *SECTIONS.values()), "basic")}


class Leaves:
    """Makes queries for one view of an index; ``query`` is the text that they come from, for what is said of mistakes in it."""

    def __init__(self, view: View, query: str) -> None:
        from tantivy import Occur, Query

        self._searcher, self._common = view
        self._query = query
        self._schema = fields()
        self._q = Query
        self._must, self._may, self._not = Occur.Must, Occur.Should, Occur.MustNot

    def all_of(self, queries: Sequence[Query], without: Sequence[Query] = ()) -> Query:
        """What fulfils all of ``queries`` and none of ``without``."""
        if len(queries) == 1 and not without:
            return queries[0]
        kept = list(queries) or [self._q.all_query()]
        return self._q.boolean_query([*((self._must, q) for q in kept), *((self._not, q) for q in without)])

    def any_of(self, queries: Sequence[Query]) -> Query:
        """What fulfils any of ``queries``."""
        if not queries:
            return self._q.empty_query()
        return queries[0] if len(queries) == 1 else self._q.boolean_query([(self._may, q) for q in queries])

    def meant(self, leaf: Word) -> list[str] | None:
        """The words of the index that one word of a query means; None where they are too many to be asked for one by one."""
        if leaf.fuzzy:
            found = self.fuzzy_words(leaf)
        elif leaf.wild:
            wild = wild_word(leaf.text)
            known = self._searcher.terms_with_prefix(BODY, fold(WILD.split(leaf.text, 1)[0]))
            found = [word for word, _ in known if fits_wild(wild, word)]
        else:
            return spellings(leaf.text, leaf.exact)[0]
        return found if len(found) <= _MOST_MEANT else None

    def fuzzy_words(self, leaf: Word) -> list[str]:
        """The words of the index that differ from ``leaf`` by as many letters as it allows."""
        bare = "".join(words_of(leaf.text))
        first = bare[:1]
        known = self._searcher.terms_with_prefix(BODY, first) if first else []
        return [word for word, _ in known if distance_at_most(word, bare, leaf.fuzzy)]

    def words(self, leaf: Word | Phrase, names: Sequence[str]) -> Query:
        """What finds ``leaf`` in the index's fields ``names``."""
        if isinstance(leaf, Word) and leaf.wild:
            if len(WILD.sub("", leaf.text)) < 2:
                raise QueryError("too few letters beside the *", self._query, leaf.start, leaf.end, "at least two letters")
            pattern = wild_pattern(leaf.text)
            return self.any_of([self._q.regex_query(self._schema, name, pattern) for name in names])
        spelled = spellings(leaf.text, isinstance(leaf, Word) and leaf.exact)
        if not spelled:
            raise QueryError(f"`{leaf.text}` has no letters or digits", self._query, leaf.start, leaf.end, "a word")
        if isinstance(leaf, Word) and leaf.fuzzy:
            own = "".join(one[0] for one in spelled)
            return self.any_of(
                [self._q.fuzzy_term_query(self._schema, name, own, leaf.fuzzy) for name in names if name != "forms"]
            )
        near = leaf.near if isinstance(leaf, Phrase) else 0
        queries: list[Query] = []
        for name in names:
            recorded = _RECORDED.get(name, "position")
            if len(spelled) == 1:
                queries += [self.term(name, word, recorded) for word in spelled[0]]
            elif name == "forms":
                queries.append(self.term(name, "".join(one[0] for one in spelled), recorded))
            else:
                queries += self._phrases(name, spelled, near)
        return self.any_of(queries)

    def _phrases(self, name: str, spelled: list[list[str]], near: int) -> list[Query]:
        out: list[Query] = []
        for n, one in enumerate(product(*spelled)):
            if n >= _MOST_SPELLINGS:
                break
            out.append(self._phrase(name, one, near))
            if near and len(one) > 1:
                out.append(self._phrase(name, one[::-1], near))
        return out

    def _phrase(self, name: str, said: Sequence[str], near: int) -> Query:
        known = pairs_of(said, self._common) if name == BODY and not near else []
        pairs = [self._q.const_score_query(self.term(PAIRS, pair, "basic"), 0.0) for pair in known]
        if len(said) == 2 and pairs:
            # How often each of the words stands in a cable tells its rank: how often the pair does is not kept.
            return self._q.boolean_query([(self._must, pairs[0]), *((self._may, self.term(name, word)) for word in said)])
        places: list[str | tuple[int, str]] = list(said)
        # Cables that lack one of its pairs are passed over before the places of its words are looked at.
        return self.all_of([*pairs, self._q.phrase_query(self._schema, name, places, near)])

    def term(self, field: str, value: object, recorded: str = "position") -> Query:
        """What finds a value of a field; ``recorded``: what the field keeps of its values, ``position`` or ``basic``."""
        return self._q.term_query(self._schema, field, value, recorded)
