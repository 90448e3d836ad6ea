"""Who knew: to whom cables went, for action or to know; who was told first, who stopped being copied, who was left off.

Addressees are those of the address lines. What went on from there, by hand or in Washington, no telegram says. A collective address
is expanded where the vocabulary dates its members; such a post is named as a member, apart from those that are addressed by name.
A body that is no post (CIA WASHDC, CIA WASHINGTON DC) is one addressee where the vocabulary has its spellings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.codec import Stored
from cablegram.cable import Cable
from cablegram.errors import NotHeld
from cablegram.record import Addressee
from cablegram.study.refs import references
from cablegram.vocabulary import bodies, collectives, posts, terms

ACTION, INFO, MEMBER = "action", "info", "member"
ROLES: Final = (ACTION, INFO, MEMBER)
_BATCH: Final = 500
#: Cables of a thread that are compared with each other.
MOST_THREAD: Final = 200


class Copy(NamedTuple):
    """One cable, sent when ``created`` says, that went to one addressee: ``role`` is ``action``, ``info`` or ``member`` (of the collective ``through``)."""

    cable: str
    created: str | None
    role: str
    through: str | None


class Known(NamedTuple):
    """Who got one cable: code or name, and how. The strongest role of each counts: action before info before member."""

    key: str
    created: str | None
    sender: str | None
    roles: dict[str, tuple[str, str | None]]


@dataclass
class Row:
    """One addressee of many cables: its ``name``. ``post`` is its code, None for a body that is no post; ``copies`` are in order of time."""

    name: str
    post: str | None
    copies: list[Copy] = field(default_factory=list)

    def count(self, role: str) -> int:
        """How many cables came to it in this role."""
        return sum(copy.role == role for copy in self.copies)

    @property
    def last(self) -> Copy:
        """The last of its copies that has a date; where none has one, the last."""
        return next((copy for copy in reversed(self.copies) if copy.created is not None), self.copies[-1])

    def months(self) -> dict[str, list[Copy]]:
        """Its dated copies by month."""
        out: dict[str, list[Copy]] = {}
        for copy in self.copies:
            if copy.created is not None and len(copy.created) >= 7:
                out.setdefault(copy.created[:7], []).append(copy)
        return out


def distribution(archive: Archive, name: str) -> dict[str, Any]:
    """The distribution of one cable: addressees, captions that limit it, and who got others of its thread and not this one. ``NotHeld``."""
    cable = archive.get(name)
    if cable is None:
        raise NotHeld(f"{name} is not in this archive; `cablegram refs {name}` tells who cites it")
    key = archive.resolve(name) or name
    thread = [one for one in references(archive, key, MOST_THREAD)["thread"] if one != key]
    mine = known_of(key, cable)
    reached = {*mine.roles, mine.sender}
    left: dict[str, list[dict[str, Any]]] = {}
    for other in _all_known(archive, thread):
        for who, (role, through) in other.roles.items():
            if who not in reached:
                left.setdefault(who, []).append({"cable": other.key, "created": other.created, "role": role, "through": through})
        if other.sender is not None and other.sender not in reached:
            left.setdefault(other.sender, []).append(
                {"cable": other.key, "created": other.created, "role": "sender", "through": None}
            )
    limits = [(word, terms.lookup("caption", word)) for word in dict.fromkeys((*cable.captions, *cable.caveats))]
    return {
        "cable": key, "created": cable.created, "from": mine.sender, "classification": cable.classification,
        "captions": [{"caption": word, "meaning": term.meaning if term is not None else None} for word, term in limits],
        "action": [_told(one, cable) for one in cable.action], "info": [_told(one, cable) for one in cable.info],
        "thread": [key, *thread],
        "left_off": [
            {"name": who, "cables": copies} for who, copies in sorted(left.items(), key=lambda one: (-len(one[1]), one[0]))
        ],
    }  # fmt: skip


def _told(one: Addressee, cable: Cable) -> dict[str, Any]:
    post = posts.resolve(one.name)
    expanded = _expanded(one, _year(cable.created))
    collective = collectives.lookup(one.name)
    return {
        "name": one.name, "post": post.code if post is not None else None, "precedence": one.precedence, "number": one.number,
        "excluded": list(one.excluded), "members": list(expanded) if expanded is not None else None,
        "members_from": collective.evidence if collective is not None and expanded is not None else None,
    }  # fmt: skip


def _year(created: str | None) -> int | None:
    return int(created[:4]) if created is not None else None


def _expanded(one: Addressee, year: int | None) -> tuple[str, ...] | None:
    """The members of a collective without those that are left out; None where it is none that the vocabulary knows, or the year is unknown."""
    collective = collectives.lookup(one.name)
    if collective is None or year is None:
        return None
    out = {post.code for name in one.excluded if (post := posts.resolve(name)) is not None}
    return tuple(code for code in collectives.members(collective, year) if code not in out)


def known_of(key: str, cable: Cable | Stored) -> Known:
    """Who got a cable, by its record."""
    sender = cable.origin.post if cable.origin is not None else None
    roles: dict[str, tuple[str, str | None]] = {}
    members: list[tuple[str, str]] = []
    year = _year(cable.created)
    for role, given in ((ACTION, cable.action), (INFO, cable.info)):
        for one in given:
            post = posts.resolve(one.name)
            if who := post.code if post is not None else bodies.standard(one.name):
                roles.setdefault(who, (role, None))
            members += [(code, one.name) for code in _expanded(one, year) or ()]
    for code, through in members:
        if code != sender:
            roles.setdefault(code, (MEMBER, through))
    return Known(key, cable.created, sender, roles)


def _all_known(archive: Archive, keys: Iterable[str]) -> Iterator[Known]:
    """Who got each of these cables. The rows of the archive tell; only where a collective stands among them is the record read."""
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _BATCH:
            yield from _batch(archive, batch)
            batch = []
    if batch:
        yield from _batch(archive, batch)


def _batch(archive: Archive, keys: Sequence[str]) -> Iterator[Known]:
    marks = ",".join("?" * len(keys))
    rows = archive.store.db.execute(
        "SELECT c.key, c.created, c.post, a.role, a.post, a.name FROM cables c LEFT JOIN addressees a ON a.version = c.current"
        f" WHERE c.key IN ({marks}) ORDER BY c.key, a.seq",
        list(keys),
    ).fetchall()
    out: dict[str, Known] = {}
    expand: set[str] = set()
    for key, created, sender, role, post, name in rows:
        known = out.setdefault(key, Known(key, created, sender, {}))
        if role is None:
            continue
        if post is None and name and collectives.lookup(name) is not None:
            expand.add(key)
        if who := post or (bodies.standard(name) if name else None):
            known.roles.setdefault(who, (role, None))
    for key in keys:
        if key in expand and (cable := archive.get(key)) is not None:
            yield known_of(key, cable)
        elif key in out:
            yield out[key]


class Distribution:
    """Who got the cables that ``query`` finds (all, if it is empty): ``rows`` in the order in which each was first told."""

    def __init__(self, archive: Archive, query: str = "") -> None:
        self.query = query
        #: Id, date and sender of each, in order of time.
        self.cables: list[tuple[str, str | None, str | None]] = []
        self.senders: Counter[str] = Counter()
        rows: dict[str, Row] = {}
        keys = archive.find_ids(query) if query.strip() else archive.ids()
        for known in _all_known(archive, keys):
            self.cables.append((known.key, known.created, known.sender))
            if known.sender is not None:
                self.senders[known.sender] += 1
            for who, (role, through) in known.roles.items():
                row = rows.get(who)
                if row is None:
                    row = rows[who] = Row(who, who if posts.resolve(who) is not None else None)
                row.copies.append(Copy(known.key, known.created, role, through))
        self.cables.sort(key=lambda cable: _in_time(cable[:2]))
        for row in rows.values():
            row.copies.sort(key=lambda copy: _in_time((copy.cable, copy.created)))
        self.rows = sorted(rows.values(), key=lambda row: (*_in_time((row.copies[0].cable, row.copies[0].created)), row.name))
        self.months = sorted({created[:7] for _, created, _ in self.cables if created is not None and len(created) >= 7})

    def since(self, row: Row) -> list[str]:
        """The cables of others that came after the last one that went to it: where it is no more copied, these are what it was not told."""
        last = row.last
        if last.created is None:
            return []
        return [
            key for key, created, sender in self.cables if created is not None and created > last.created and sender != row.name
        ]

    def to_dict(self) -> dict[str, Any]:
        """As ``distribution --query --json`` prints it: every number with its cables."""
        return {
            "query": self.query, "cables": len(self.cables), "undated": [key for key, created, _ in self.cables if created is None],
            "months": self._by_month(),
            "senders": dict(self.senders.most_common()), "posts": [self._row(row) for row in self.rows],
        }  # fmt: skip

    def _by_month(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = {month: [] for month in self.months}
        for key, created, _ in self.cables:
            if created is not None and len(created) >= 7:
                out[created[:7]].append(key)
        return out

    def _row(self, row: Row) -> dict[str, Any]:
        first, last = row.copies[0], row.last
        return {
            "name": row.name, "post": row.post, **{role: row.count(role) for role in ROLES},
            "first": first._asdict(), "last": last._asdict(), "not_copied_after": self.since(row),
            "months": {
                month: {role: [copy.cable for copy in copies if copy.role == role] for role in ROLES} for month, copies in row.months().items()
            },
            "undated": [copy.cable for copy in row.copies if copy.created is None],
        }  # fmt: skip


def _in_time(cable: tuple[str, str | None]) -> tuple[bool, str, str]:
    """In order of time, those without a date last."""
    key, created = cable
    return created is None, created or "", key
