"""What a collation of two collections adds up to, and the lists that its numbers count: each list is as long as its number says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cablegram.study.collating import TEXTS
from cablegram.vocabulary.levels import BY_RANK

#: The lists of members, by name: which of them stand in it, and by which index they are found.
_MEMBERS: Final = {
    "a": ("side = 0", None),
    "b": ("side = 1", None),
    "only-a": ("side = 0 AND both = 0", "members_both"),
    "only-b": ("side = 1 AND both = 0", "members_both"),
    "renumbered-a": ("side = 0 AND ident IN (SELECT ident FROM twins WHERE side = 0)", None),
    "renumbered-b": ("side = 1 AND ident IN (SELECT ident FROM twins WHERE side = 1)", None),
    "both": ("side = 0 AND both = 1", "members_both"),
}
#: The lists of cables that both have, by name: which pairs stand in it, and by which index they are found.
PAIRS: Final = {
    **{name.replace(" ", "-"): (f"text = '{name}'", "pairs_text") for name in TEXTS},
    "unlike": ("(text NOT IN ('identical', 'no text') OR fields > 0)", "pairs_unlike"),
    "redacted-a": ("a_revealed > 0", "pairs_redacted_a"),
    "redacted-b": ("b_revealed > 0", "pairs_redacted_b"),
    "edited": ("edits > 0", "pairs_edited"),
    "fuller-a": ("fuller = 'a'", "pairs_fuller"),
    "fuller-b": ("fuller = 'b'", "pairs_fuller"),
    "fuller-equal": ("fuller = 'equal'", "pairs_fuller"),
    "fields": ("fields > 0", "pairs_fields"),
}
#: What makes those indexes of pairs that are of one list only.
INDEXES: Final = "\n".join(
    f"CREATE INDEX IF NOT EXISTS {index} ON pairs (ident) WHERE {where};"
    for where, index in PAIRS.values()
    if index not in ("pairs_text", "pairs_fuller")
)
LISTS: Final = (*_MEMBERS, *PAIRS)
_SUMS: Final = ("words", "redactions", "characters", "revealed", "revealed_characters", "shown_words", "only_words")


class Numbers(NamedTuple):
    """What one side has in the texts of a pair, or of many: all its ``words``; ``redactions`` and their ``characters``; those in place of
    which the other side shows words (``revealed``); the words that the other blacks out (``shown_words``) or lacks (``only_words``)."""

    words: int
    redactions: int
    characters: int
    revealed: int
    revealed_characters: int
    shown_words: int
    only_words: int

    @property
    def only_share(self) -> float | None:
        """The share of the words that only this side has, 0 to 1."""
        return self.only_words / self.words if self.words else None

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        share = self.only_share
        return {**self._asdict(), "only_share": round(share, 6) if share is not None else None}


class Row(NamedTuple):
    """One cable of a list. ``key`` and ``version`` are those of each side (None where it does not have the cable); ``text`` and what
    follows, where both have it, as :class:`~cablegram.study.collating.Collated` has it. ``twins``: where only one side has the cable,
    numbers under which the other has its text. ``level`` is a rank."""

    ident: str
    created: str | None
    post: str | None
    level: int | None
    subject: str | None
    a_key: str | None
    a_version: int | None
    b_key: str | None
    b_version: int | None
    text: str | None
    shared: float | None
    a: Numbers
    b: Numbers
    edits: int
    fuller: str | None
    reason: str | None
    note: str | None
    fields: int
    twins: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As ``compare --json`` prints it; what each side has in its text stands there only where words differ."""
        sides: dict[str, Any] = {}
        for name, key, version, numbers in (("a", self.a_key, self.a_version, self.a), ("b", self.b_key, self.b_version, self.b)):
            told = numbers.to_dict() if self.text == "differs" else {}
            sides[name] = {"id": key, "version": version, **told} if key is not None else None
        return {
            "cable": self.ident, "created": self.created, "post": self.post, "classification": _level(self.level), "subject": self.subject,
            **sides, "text": self.text, "shared": round(self.shared, 6) if self.shared is not None else None, "edits": self.edits,
            "fuller": self.fuller, "reason": self.reason, "note": self.note, "fields": self.fields, "renumbered": list(self.twins),
        }  # fmt: skip

    def told(self) -> str:
        """What differs in the texts and how much, as a sentence without its full stop; empty where the cable stands on one side only."""
        if self.text is None:
            return ""
        said: list[str] = []
        if self.text == "differs":
            for name, mine, other in (("A", self.a, "B"), ("B", self.b, "A")):
                if mine.only_words:
                    said.append(f"{name} alone has {_words(mine.only_words)}")
                if mine.shown_words:
                    said.append(f"{name} shows {_words(mine.shown_words)} that {other} blacks out")
            if self.edits:
                said.append(f"words changed without a mark in {self.edits:,} place{'' if self.edits == 1 else 's'}")
            said.append({"a": "A is fuller", "b": "B is fuller"}.get(self.fuller or "", "neither is fuller"))
        elif self.text == "another":
            share = f"{100 * (self.shared or 0):.0f} %"
            said += [
                TEXTS[self.text],
                f"{share} of the shorter one's runs of three words stand in the other",
                *filter(None, [self.note]),
            ]
        else:
            said.append(TEXTS[self.text])
        if self.fields:
            said.append(f"{self.fields:,} field{' disagrees' if self.fields == 1 else 's disagree'}")
        return "; ".join(said)

    def flat(self) -> tuple[Any, ...]:
        """As a row of :data:`COLUMNS`."""
        return (
            self.ident, self.created, self.post, _level(self.level), self.text, self.a_key, self.a_version, self.b_key, self.b_version, *self.a,
            *self.b, self.edits, self.fuller, self.fields, self.shared, " ".join(self.twins), self.note, self.subject,
        )  # fmt: skip


class Claim(NamedTuple):
    """One disagreement of a list: a field of a cable with both values and where each stands, ``(start, end)`` in the original (None: the
    source says it apart from the text) and the paragraph where it is of one."""

    ident: str
    field: str
    kind: str
    a: str | None
    b: str | None
    a_span: tuple[int, int] | None
    a_paragraph: str | None
    b_span: tuple[int, int] | None
    b_paragraph: str | None

    def to_dict(self) -> dict[str, Any]:
        """As ``compare --json`` prints it."""
        sides = {
            side: {"value": value, "span": list(span) if span is not None else None, "paragraph": paragraph}
            for side, value, span, paragraph in (
                ("a", self.a, self.a_span, self.a_paragraph),
                ("b", self.b, self.b_span, self.b_paragraph),
            )
        }
        return {"cable": self.ident, "field": self.field, "kind": self.kind, **sides}

    def flat(self) -> tuple[Any, ...]:
        """As a row of :data:`CLAIM_COLUMNS`."""
        places = (*(self.a_span or (None, None)), self.a_paragraph, *(self.b_span or (None, None)), self.b_paragraph)
        return (self.ident, self.field, self.kind, self.a, self.b, *places)


#: Columns of a list of cables, and of one of disagreements, as CSV.
COLUMNS: Final = (
    "cable", "created", "post", "classification", "text", "a_id", "a_version", "b_id", "b_version", *(f"a_{name}" for name in _SUMS),
    *(f"b_{name}" for name in _SUMS), "edits", "fuller", "fields", "shared", "renumbered", "note", "subject",
)  # fmt: skip
CLAIM_COLUMNS: Final = (
    "cable", "field", "kind", "a", "b", "a_start", "a_end", "a_paragraph", "b_start", "b_end", "b_paragraph",
)  # fmt: skip


def _words(count: int) -> str:
    return f"{count:,} word{'' if count == 1 else 's'}"


def _level(rank: int | None) -> str | None:
    return BY_RANK[rank].name if rank is not None else None


#: Behind the lines ``l`` of a list: ``m`` is the member (of A where both have it), ``o`` the one of B, ``p`` what was found in the pair.
_JOINED: Final = (
    "CROSS JOIN members m ON m.side = l.side AND m.ident = l.ident"
    " LEFT JOIN members o ON o.side = 1 AND o.ident = m.ident AND m.side = 0 AND m.both = 1 LEFT JOIN pairs p ON p.ident = m.ident AND m.both = 1"
)
_NUMBERS: Final = ", ".join(f"coalesce(p.{side}_{name}, 0)" for side in "ab" for name in _SUMS)
_WIDTH: Final = len(_SUMS)


def rows_of(db: sqlite3.Connection, name: str, limit: int = -1, offset: int = 0) -> Iterator[Row]:
    """The cables of one of the :data:`LISTS`, by id; ``limit`` -1: all."""
    table, columns, (where, index) = ("pairs", "0 AS side", PAIRS[name]) if name in PAIRS else ("members", "side", _MEMBERS[name])
    # A page far down the list is counted off in the index alone.
    lines = f"SELECT {columns}, ident FROM {table}{f' INDEXED BY {index}' if index else ''} WHERE {where} ORDER BY ident LIMIT ? OFFSET ?"
    found = db.execute(
        "SELECT m.ident, m.created, m.post, m.level, m.subject, m.side, m.key, m.version, o.key, o.version, p.text, p.shared,"
        f" {_NUMBERS}, coalesce(p.edits, 0), p.fuller, p.reason, p.note, coalesce(p.fields, 0),"
        " (SELECT group_concat(t.other, ' ') FROM twins t WHERE t.side = m.side AND t.ident = m.ident)"
        f" FROM ({lines}) l {_JOINED} ORDER BY l.ident",
        (limit, offset),
    )
    for ident, created, post, level, subject, side, key, version, other, its, text, shared, *rest in found:
        a_key, a_version, b_key, b_version = (key, version, other, its) if side == 0 else (None, None, key, version)
        a, b = Numbers(*rest[:_WIDTH]), Numbers(*rest[_WIDTH : 2 * _WIDTH])
        edits, fuller, reason, note, fields, twins = rest[2 * _WIDTH :]
        yield Row(
            ident, created, post, level, subject, a_key, a_version, b_key, b_version, text, shared, a, b, edits, fuller, reason, note, fields,
            tuple(twins.split()) if twins else (),
        )  # fmt: skip


def claims_of(db: sqlite3.Connection, field: str | None = None, limit: int = -1, offset: int = 0) -> Iterator[Claim]:
    """The disagreements on one field, or on all, by id."""
    where, values = ("WHERE field = ?", [field]) if field is not None else ("", [])
    found = db.execute(
        f"SELECT ident, field, kind, a, b, a_start, a_end, a_paragraph, b_start, b_end, b_paragraph FROM disagreements {where}"
        " ORDER BY ident, nth LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    for ident, name, kind, a, b, a_start, a_end, a_paragraph, b_start, b_end, b_paragraph in found:
        yield Claim(
            ident, name, kind, a, b, (a_start, a_end) if a_start is not None else None, a_paragraph,
            (b_start, b_end) if b_start is not None else None, b_paragraph,
        )  # fmt: skip


def summed(db: sqlite3.Connection) -> dict[str, Any]:
    """All counts, as plain data: ``lists`` by name; ``fields`` and in each the kinds of disagreement; of the cables whose words differ
    what each side has in all (``a``, ``b``) and the ``edits``."""
    counts = {
        name: int(db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])
        for table, lists in (("members", _MEMBERS), ("pairs", PAIRS))
        for name, (where, _) in lists.items()
    }
    sums = db.execute(
        f"SELECT {', '.join(f'coalesce(sum(p.{side}_{name}), 0)' for side in 'ab' for name in _SUMS)}, coalesce(sum(p.edits), 0)"
        " FROM pairs p WHERE p.text = 'differs'"
    ).fetchone()
    fields: dict[str, dict[str, int]] = {}
    for field, kind, count in db.execute("SELECT field, kind, count(*) FROM disagreements GROUP BY 1, 2 ORDER BY 1, 2"):
        fields.setdefault(field, {})[kind] = count
    return {
        "lists": counts,
        "a": Numbers(*sums[:_WIDTH]).to_dict(),
        "b": Numbers(*sums[_WIDTH : 2 * _WIDTH]).to_dict(),
        "edits": sums[2 * _WIDTH],
        "fields": dict(sorted(fields.items(), key=lambda one: (-sum(one[1].values()), one[0]))),
    }
