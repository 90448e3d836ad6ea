"""From the characters of a query to its tree.

``query = and { "OR" and }``, ``and = not { [ "AND" ] not }``, ``not = [ "-" | "NOT" ] atom``,
``atom = "(" query ")" | field ":" value | "\\"" phrase "\\"" [ "~" n ] | word [ "~" n ]``. The rules for people are in docs/search.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cablegram.query.errors import QueryError

LONGEST: Final = 20_000
MOST_LEAVES: Final = 500
_DEEPEST: Final = 40

_FIELD: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z_]{1,30}):(?!//)")
_COMPARE: Final = re.compile(r">=|<=|>|<|=")
_WORD: Final = re.compile(r"[^\s()\"]+")
_TILDE: Final = re.compile(r"~(\d{0,4})(?=[\s()]|$)")
_QUOTES: Final = str.maketrans("“”„«»", '"""""')


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed; ``fuzzy`` letters may differ; ``exact`` asks for this spelling alone; ``*`` and ``?`` are wild."""

    text: str
    start: int
    end: int
    fuzzy: int = 0
    exact: bool = False

    @property
    def wild(self) -> bool:
        """Whether it has a wild card."""
        return "*" in self.text or "?" in self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together, or with ``near``, within so many words of each other, in any order."""

    text: str
    start: int
    end: int
    near: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A value asked of a field; ``op`` is ``:``, ``>=``, ``<=``, ``>``, ``<``; ``value`` a word or phrase."""

    name: str
    op: str
    value: Word | Phrase
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    node: Node
    start: int


@dataclass(frozen=True, slots=True)
class And:
    """All of these. ``para:`` and ``section:`` among them hold for the words and phrases beside them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    nodes: tuple[Node, ...]


Node = Word | Phrase | Field | Not | And | Or


class _Parser:
    def __init__(self, query: str, check: Callable[[str, str, int, int], str]) -> None:
        self.query = query
        self.text = query.translate(_QUOTES)
        self.at = 0
        self.depth = 0
        self.leaves = 0
        self.check = check

    def fail(self, message: str, start: int, end: int, expected: str, suggestion: str | None = None) -> QueryError:
        return QueryError(message, self.query, start, end, expected, suggestion)

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek(self) -> str:
        self.skip()
        return self.text[self.at : self.at + 1]

    def keyword(self, word: str) -> bool:
        """Whether ``word`` comes next, in capitals and by itself; if so it is behind us."""
        self.skip()
        end = self.at + len(word)
        if self.text.startswith(word, self.at) and (end >= len(self.text) or self.text[end].isspace() or self.text[end] in "()"):
            self.at = end
            return True
        return False

    def whole(self) -> Node:
        node = self.any(None)
        if self.peek() == ")":
            raise self.fail("a bracket is closed that was not opened", self.at, self.at + 1, "the end of the query, or `(` before it",
                            (self.query[: self.at] + self.query[self.at + 1 :]).strip())  # fmt: skip
        return node

    def any(self, field: str | None) -> Node:
        nodes = [self.all(field)]
        while True:
            self.skip()
            start = self.at
            if not self.keyword("OR") and not self.keyword("|"):
                break
            if self.peek() in ("", ")"):
                raise self.fail(
                    "nothing stands behind OR", start, self.at, "a word, a phrase or a field", self.query[:start].strip() or None
                )
            nodes.append(self.all(field))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def all(self, field: str | None) -> Node:
        nodes: list[Node] = []
        while True:
            next_one = self.peek()
            if next_one in ("", ")"):
                break
            start = self.at
            if self.keyword("OR") or self.keyword("|"):
                if not nodes:
                    raise self.fail(
                        "nothing stands before OR",
                        start,
                        self.at,
                        "a word, a phrase or a field",
                        self.query[self.at :].strip() or None,
                    )
                self.at = start
                break
            if self.keyword("AND"):
                if not nodes or self.peek() in ("", ")"):
                    raise self.fail(
                        "AND joins two things, one is missing", start, start + 3, "a word, a phrase or a field on both sides"
                    )
                continue
            nodes.append(self.negation(field))
        if not nodes:
            raise self.fail(
                "there is nothing to search for",
                self.at,
                self.at + 1,
                "a word, a phrase in quotes, or a field such as `from:PARIS`",
            )
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def negation(self, field: str | None) -> Node:
        start = self.at
        minus = self.text[start] in "-−–" and start + 1 < len(self.text) and not self.text[start + 1].isspace()
        if minus:
            self.at += 1
        elif not self.keyword("NOT"):
            return self.atom(field)
        if self.peek() in ("", ")"):
            raise self.fail("nothing stands behind the minus", start, self.at, "a word, a phrase or a field")
        self.deeper(start)
        node = self.negation(field)
        self.depth -= 1
        return Not(node, start)

    def deeper(self, start: int) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail(f"brackets are nested more than {_DEEPEST} deep", start, start + 1, "a simpler query")

    def leaf(self, start: int) -> None:
        self.leaves += 1
        if self.leaves > MOST_LEAVES:
            raise self.fail(
                f"the query has more than {MOST_LEAVES} words",
                start,
                start + 1,
                "fewer words, or a batch search with a file of terms",
            )

    def atom(self, field: str | None) -> Node:
        start, char = self.at, self.peek()
        if char == "(":
            self.deeper(start)
            self.at += 1
            if self.peek() == ")":
                raise self.fail("the brackets are empty", start, self.at + 1, "words between the brackets")
            node = self.any(field)
            if self.peek() != ")":
                raise self.fail("a bracket is not closed", start, start + 1, "`)`", self.query.strip() + ")")
            self.at += 1
            self.depth -= 1
            return node
        found = _FIELD.match(self.text, self.at) if field is None else None
        if found is not None:
            return self.field(found)
        value = self.phrase() if char == '"' else self.word(field)
        self.leaf(start)
        return value if field is None else Field(field, ":", value, start, self.at)

    def field(self, found: re.Match[str]) -> Node:
        start = found.start()
        name = self.check(self.query, found["name"], start, found.end() - 1)
        self.at = found.end()
        compared = _COMPARE.match(self.text, self.at)
        op = ":"
        if compared is not None:
            op = ":" if compared[0] == "=" else compared[0]
            self.at = compared.end()
        here = self.text[self.at : self.at + 1]
        if not here or here.isspace() or here == ")":
            raise self.fail(
                f"`{name}:` has no value", start, self.at, f"a value right behind `{found[0]}{compared[0] if compared else ''}`"
            )
        if here == "(":
            if op != ":":
                raise self.fail("a comparison takes one value", start, self.at, "a value without brackets")
            return self.atom(name)
        value = self.phrase() if here == '"' else self.word(name)
        self.leaf(start)
        return Field(name, op, value, start, self.at)

    def tilde(self, most: int, what: str) -> int:
        found = _TILDE.match(self.text, self.at)
        if found is None:
            if self.text[self.at : self.at + 1] == "~":
                raise self.fail("`~` wants a number", self.at, self.at + 1, f"a number from 1 to {most} ({what})")
            return 0
        number = int(found[1] or min(2, most))
        if not 1 <= number <= most:
            raise self.fail(f"~{number} is out of range", self.at, found.end(), f"a number from 1 to {most} ({what})")
        self.at = found.end()
        return number

    def phrase(self) -> Phrase:
        start = self.at
        close = self.text.find('"', start + 1)
        if close < 0:
            raise self.fail(
                "a quotation mark is not closed",
                start,
                start + 1,
                '`"` behind the last word of the phrase',
                self.query.strip() + '"',
            )
        text = self.query[start + 1 : close]
        self.at = close + 1
        near = self.tilde(100, "how many words may stand between")
        if not any(c.isalnum() for c in text):
            raise self.fail("the phrase has no letters or digits", start, close + 1, "words between the quotation marks")
        return Phrase(text, start, self.at, near)

    def word(self, field: str | None) -> Word:
        start = self.at
        found = _WORD.match(self.text, start)
        if found is None:  # a quotation mark inside a word: it begins a phrase of its own
            raise self.fail("this cannot stand here", start, start + 1, "a word")
        text, self.at = self.query[start : found.end()], found.end()
        fuzzy = 0
        if "~" in text and (tail := re.search(r"~(\d{0,4})$", text)):
            self.at = start + tail.start()
            fuzzy = self.tilde(2, "how many letters may differ")
            text = text[: tail.start()]
        exact = field is None and text.startswith("=")
        text = text[1:] if exact else text
        if field is None and not any(c.isalnum() for c in text):
            if "*" in text:
                raise self.fail(
                    "a lone * finds everything", start, self.at, "at least two letters beside the *; leave it out for all cables"
                )
            raise self.fail(f"`{text}` has no letters or digits", start, self.at, "a word")
        return Word(text, start, self.at, fuzzy, exact)


def parse(query: str, check: Callable[[str, str, int, int], str]) -> Node | None:
    """The tree of ``query``, or None where it is blank. :class:`QueryError` where it cannot be understood.

    ``check(query, name, start, end)`` gives the proper name of a field, or raises.
    """
    if len(query) > LONGEST:
        raise QueryError(
            f"the query is longer than {LONGEST:,} characters",
            query[:LONGEST],
            LONGEST - 1,
            LONGEST,
            "a shorter query, or a batch search",
        )
    if not query.strip():
        return None
    return _Parser(query, check).whole()


def leaves(node: Node | None, positive: bool = True) -> list[Word | Phrase]:
    """The words and phrases without a field that a hit must or may have; those behind a minus are left out."""
    match node:
        case Word() | Phrase():
            return [node] if positive else []
        case Not():
            return leaves(node.node, not positive)
        case And() | Or():
            return [leaf for one in node.nodes for leaf in leaves(one, positive)]
        case _:
            return []


def field_leaves(node: Node | None, names: frozenset[str]) -> list[Field]:
    """The fields of these names that a hit must or may have."""
    match node:
        case Field() if node.name in names:
            return [node]
        case And() | Or():
            return [leaf for one in node.nodes for leaf in field_leaves(one, names)]
        case _:
            return []
