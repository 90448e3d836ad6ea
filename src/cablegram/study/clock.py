"""The declassification clock: when a cable is due to be declassified, by its own E.O. line and the schedule of its order.

The status is what the cable's text says under the order it cites. What later orders made of it, whether or not its line gives a date,
depends on things that no text says (is the record of permanent value? did its agency exempt it?): that is the second ground.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.codec import Stored, glance
from cablegram.cable import Cable
from cablegram.record import ExecutiveOrder
from cablegram.vocabulary import orders
from cablegram.vocabulary.levels import BY_NAME, LEVELS
from cablegram.vocabulary.orders import Rule

STATUSES: Final = ("due", "overdue", "exempt", "unknown", "unclassified")
_BATCH: Final = 500
_LONGEST_QUOTE: Final = 120
#: Levels of an executive order; the controls on unclassified telegrams are none (E.O. 11652, section 1; E.O. 13526, section 1.2).
CLASSIFIED: Final = frozenset(level.name for level in LEVELS if level.code in ("C", "S", "TS"))
_NONE: Final = re.compile(r"E\.O\.[\s:]*(?:\d{5})?[\s:.,;-]*(?:DECL\w*[:.\s]*)?N\s?/?\s?A\b", re.IGNORECASE)
_DONE: Final = re.compile(r"\bDECLASSIFIED\b", re.IGNORECASE)
#: A date of which a publisher left only a part: `XX/XX/2016`.
_BLACKED: Final = re.compile(r"[\dX/ .-]*X[\dX/ .-]*", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{2,4}")
_OF_SOURCE: Final = re.compile(r"\bDATE\s+OF\s+SOURCE", re.IGNORECASE)
#: Mark of the attribute `Executive Order` of the National Archives' files, by its value.
_ATTRIBUTES: Final = {
    "GS": "GDS", "GDS": "GDS", "X1": "XGDS-1", "X2": "XGDS-2", "X3": "XGDS-3", "X4": "XGDS-4",
    "XGDS-1": "XGDS-1", "XGDS-2": "XGDS-2", "XGDS-3": "XGDS-3", "XGDS-4": "XGDS-4",
}  # fmt: skip
#: A line written in Washington's evening may be a day ahead of the date-time group, which is in universal time.
_SLACK: Final = timedelta(days=1)
#: More years than any rule adds to a date.
_CENTURY: Final = 100


class Second(NamedTuple):
    """What a later order adds: the ``date``, whether it is ``passed``, the ``ground`` in plain words, the ``rule``."""

    date: date
    passed: bool
    ground: str
    rule: str

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._asdict(), "date": self.date.isoformat()}


class Due(NamedTuple):
    """When one cable is due.

    ``status``: ``due`` (the date is to come, or today), ``overdue`` (it has passed), ``exempt`` (from the schedule, without a date),
    ``unknown``, ``unclassified`` (no order applies). ``ground`` says how it was found and how sure it is; ``order`` is the number
    of the order, ``rule`` its section; ``basis`` is ``stated`` (the line gives the date), ``schedule`` (the order gives it) or
    ``none``; ``level`` is the banner, ``line`` the E.O. line as it stands; ``second`` is what a later order adds.
    """

    status: str
    date: date | None
    ground: str
    order: str | None
    rule: str | None
    basis: str = "none"
    level: str | None = None
    line: str | None = None
    second: Second | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain data; dates are ISO 8601."""
        return {
            "order": self.order, "date": self.date.isoformat() if self.date else None, "ground": self.ground, "rule": self.rule,
            "basis": self.basis, "level": self.level, "line": self.line, "second": self.second.to_dict() if self.second else None,
        }  # fmt: skip


class Clocked(NamedTuple):
    """One cable of an archive on the clock: its key and when it is due."""

    cable: str
    due: Due

    def to_dict(self) -> dict[str, Any]:
        """As ``clock --json`` prints it."""
        return {"cable": self.cable, **self.due.to_dict()}


class _Facts(NamedTuple):
    """What the clock needs of a cable: banner, day of ``origin`` (``exact``, or 1 January where only the year is known), E.O. line."""

    level: str | None
    origin: date | None
    exact: bool
    line: ExecutiveOrder | None
    marked: tuple[str, ...]
    note: str

    @property
    def code(self) -> str | None:
        """The banner's code, as the rules have it."""
        return BY_NAME[self.level].code if self.level in BY_NAME else None

    @property
    def is_classified(self) -> bool:
        """Whether the banner is a level of an order."""
        return self.level in CLASSIFIED


def read_clock(cable: Cable | Stored, as_of: date) -> Due:
    """When ``cable`` is due to be declassified, as of a day. Never raises; what the text does not say is ``unknown``."""
    facts = _facts(cable)
    found = _first(facts, as_of)
    marks = [orders.family(mark) for mark in facts.line.exemptions] if facts.line is not None else []
    second = _second(facts, marks, found.date, as_of) if found.status != "unclassified" else None
    line = facts.line.raw if facts.line is not None else None
    source = " A date on it is that of its source." if line and _OF_SOURCE.search(line) else ""
    return found._replace(level=facts.level, line=line, second=second, ground=found.ground + source + facts.note)


def _facts(cable: Cable | Stored) -> _Facts:
    created = cable.created or ""
    origin: date | None = None
    exact = len(created) >= 10
    try:
        if exact:
            origin = date.fromisoformat(created[:10])
        elif created[:4].isdecimal():
            origin = date(int(created[:4]), 1, 1)
        elif cable.id is not None and cable.id[:2].isdecimal():
            # Message numbers have two digits of the year; there are none before the 1960s.
            short = int(cable.id[:2])
            origin = date(short + (1900 if short >= 50 else 2000), 1, 1)
    except ValueError:
        origin = None
    if origin is None or origin.year + _CENTURY > MAXYEAR:
        origin, exact = None, False
    line = cable.executive_order
    note = ""
    attribute = str(cable.claims.get("executive_order", "")).strip().upper()
    if line is None and attribute in _ATTRIBUTES and origin is not None and orders.in_force(origin) == "11652":
        line = ExecutiveOrder("11652", None, None, (_ATTRIBUTES[attribute],), f"Executive Order: {attribute}")
        note = " The text has no E.O. line; this is the attribute that the National Archives' file has."
    action = str(cable.claims.get("review_action", "")).strip()
    if action.upper().startswith("RELEASED"):
        when = cable.claims.get("review_release_date") or cable.claims.get("review_date")
        note += f" The National Archives' file says that it was released{f' ({when})' if when else ''}."
    marked = tuple(sorted({p.level for p in cable.paragraphs if p.level in CLASSIFIED}, key=lambda name: BY_NAME[name].rank))
    return _Facts(cable.classification, origin, exact, line, marked, note)


def _quote(line: ExecutiveOrder) -> str:
    text = " ".join(line.raw.split())
    return f"“{text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE].rstrip() + '…'}”"


def _status(day: date, as_of: date) -> str:
    return "due" if day >= as_of else "overdue"


def _first(facts: _Facts, as_of: date) -> Due:
    """What the cable's own line says, under the order that it cites."""
    line, level = facts.line, facts.level
    if line is None:
        return _silent(facts, "The text has no E.O. line", None)
    order = line.order
    prefix = ""
    if order is None and facts.origin is not None and (order := orders.in_force(facts.origin)) is not None:
        illegible = "The number of the order is not legible" if line.raw.startswith("E.O.") else "The line cites no order"
        prefix = f"{illegible}; E.O. {order} was in force. "
    if line.declassify_on is None and not line.exemptions and not line.event:
        said = "gives no date, event or mark"
        if _NONE.match(line.raw):
            said = "says that no order applies"
        elif _OF_SOURCE.search(line.raw):
            said = "gives no date of its own"
        elif _NUMBERS.search(line.raw):
            said = "gives a date that no calendar has"
        return _silent(facts, f"{prefix}The line {_quote(line)} {said}", order)
    marks = [(mark, rules) for mark in line.exemptions if (rules := orders.rules_for(order, orders.family(mark), facts.code))]
    if (found := next(((mark, rules) for mark, rules in marks if rules[0].effect == "review"), None)) is not None:
        return _review(line, found[0], found[1][0], order, prefix)
    if line.declassify_on is not None:
        return _stated(facts, line, order, prefix, as_of)
    if level is not None and not facts.is_classified and not facts.marked:
        ground = f"{prefix}The banner is {level}, which is no level of an order, though the line says {_quote(line)}."
        return Due("unclassified", None, ground, order, None)
    if line.event is not None:
        if order is None:
            return Due("unknown", None, f"The line {_quote(line)} is of an order that is not known here.", None, None)
        if _BLACKED.fullmatch(line.event):
            return Due("unknown", None, f"{prefix}The date is blacked out: {_quote(line)}.", order, None)
        ground = f"{prefix}The line names an event, {_quote(line)}; whether it has come, no text here says."
        return Due("unknown", None, ground, order, marks[0][1][0].rule if marks else None, "stated")
    if not marks:
        codes = ", ".join(line.exemptions)
        known = any(orders.rules_for(order, orders.family(mark), level.code) for mark in line.exemptions for level in LEVELS)
        why = f"the schedule of {codes} goes by a level, and the banner has none" if known else f"no rule for {codes} is known"
        return Due("unknown", None, f"{prefix}The line says {_quote(line)}; {why}.", order, None)
    mark, rules = marks[0]
    if order is not None and rules[0].order != order and rules[0].effect != "determine":
        prefix += f"{mark} is no mark of E.O. {order}; the rule of E.O. {rules[0].order} is taken. "
    return _by_rule(facts, line, mark, rules, order, prefix, as_of)


def _silent(facts: _Facts, said: str, order: str | None) -> Due:
    """Neither date nor event nor mark: what the banner says then."""
    level = facts.level
    if facts.is_classified:
        return Due("unknown", None, f"{said}, though the banner is {level}.", order, None)
    if facts.marked:
        banner = level or "not legible"
        return Due("unknown", None, f"{said}; the banner is {banner}, but a paragraph is marked {facts.marked[-1]}.", order, None)
    if level is None:
        if "no order applies" in said:
            return Due("unclassified", None, f"{said}; the banner is not legible.", order, None)
        return Due("unknown", None, f"{said}, and the banner is not legible.", order, None)
    return Due("unclassified", None, f"{said}, and the banner is {level}: no order applies.", order, None)


def _review(line: ExecutiveOrder, mark: str, rule: Rule, order: str | None, prefix: str) -> Due:
    when = f" on {line.declassify_on}" if line.declassify_on is not None else " at a date that is not legible"
    ground = f"{prefix}{mark}: the line sets a review{when}, {_quote(line)}, not a declassification; what came of it, the text cannot say."
    return Due("unknown", None, ground, order, rule.rule, "stated")


def _stated(facts: _Facts, line: ExecutiveOrder, order: str | None, prefix: str, as_of: date) -> Due:
    """The line gives a date."""
    assert line.declassify_on is not None
    day = date.fromisoformat(line.declassify_on)
    if _DONE.search(line.raw):
        ground = f"{prefix}The line says that the cable was declassified on that day: {_quote(line)}."
        return Due(_status(day, as_of), day, ground, order, None, "stated")
    ground = f"{prefix}The line gives the date: {_quote(line)}."
    rule: str | None = None
    if line.exemptions:
        rules = orders.rules_for(order, orders.family(line.exemptions[0]), facts.code)
        rule = rules[-1].rule if rules and rules[0].effect != "determine" else None
    if facts.origin is not None:
        limit = orders.limit_of(order, facts.origin)
        if day < facts.origin:
            ground += f" Doubtful: that is before the cable itself ({_from(facts)}); a slip."
        elif limit is not None and day > _latest(limit, facts) + _SLACK and not _outlives(line):
            ground += f" It is later than {limit.rule} allows: {limit.words}."
        rule = rule or (limit.rule if limit is not None else None)
    if facts.level is not None and not facts.is_classified:
        ground += f" The banner is {facts.level}, which needs no date."
    return Due(_status(day, as_of), day, ground, order, rule, "stated")


def _latest(limit: Rule, facts: _Facts) -> date:
    assert facts.origin is not None
    return limit.after(facts.origin if facts.exact else date(facts.origin.year, 12, 31))


def _outlives(line: ExecutiveOrder) -> bool:
    """Whether a mark lets the date lie beyond the order's limit."""
    return any(orders.family(mark) in ("25X", "50X", "75X", "X") for mark in line.exemptions)


def _by_rule(
    facts: _Facts, line: ExecutiveOrder, mark: str, rules: tuple[Rule, ...], order: str | None, prefix: str, as_of: date
) -> Due:
    """A mark and no date: what the order makes of it."""
    rule = rules[-1]
    said = f"{prefix}The line says {_quote(line)}: "
    if rule.effect == "exempt":
        return Due("exempt", None, f"{said}{mark} is {rule.words}, and gives no date.", order, rule.rule)
    if rule.effect == "determine":
        return Due("unknown", None, f"{said}{mark}, classified {rule.words}; no date is set.", order, rule.rule)
    if rule.effect == "stated":
        ground = f"{said}{mark} is {rule.words}; a date is not read there. It is no later than the general schedule would be."
        return Due("unknown", None, ground, order, rule.rule, "stated")
    if facts.origin is None:
        return Due("unknown", None, f"{said}{mark} is {rule.words}, but the cable's own date is not known.", order, rule.rule)
    day = rule.after(facts.origin if facts.exact or rule.counted == "year-end" else date(facts.origin.year, 12, 31))
    lowered = [(step.effect.removeprefix("downgrade "), step.after(facts.origin).isoformat()) for step in rules[:-1]]
    steps = "".join(f" Downgraded to {to} on {when}." for to, when in lowered)
    level = f", {facts.level}" if rule.level else ""
    reckoned = f"The date is reckoned by that rule from {_from(facts)}; the line gives none."
    ground = f"{said}{mark}{level}: {rule.words}. {reckoned}{steps}"
    return Due(_status(day, as_of), day, ground, order, rule.rule, "schedule")


def _from(facts: _Facts) -> str:
    assert facts.origin is not None
    return facts.origin.isoformat() if facts.exact else f"the year {facts.origin.year}"


def _second(facts: _Facts, marks: list[str], day: date | None, as_of: date) -> Second | None:
    """What the automatic rule of the later orders says, where it comes before the cable's own date, or the cable has none."""
    rule = orders.automatic(next((mark for mark in marks if mark in ("75X", "50X", "25X")), ""))
    if rule is None or facts.origin is None or as_of < rule.since or not (facts.is_classified or facts.marked or day or marks):
        return None
    when = rule.after(facts.origin)
    if day is not None and day <= when:
        return None
    ground = (
        f"{rule.words[0].upper()}{rule.words[1:]} unless they are exempted: that would be {when.isoformat()}. Not sure for this cable: "
        "its text does not say whether the record is of permanent value, nor whether its agency exempted it."
    )
    return Second(when, when < as_of, ground, rule.rule)


def clock(archive: Archive, as_of: date, query: str = "") -> Iterator[Clocked]:
    """Every cable of ``archive``, or those that ``query`` finds, on the clock as of a day, in order of ids, one at a time.

    Reads the current version's record without its text: memory does not grow with the archive. ``QueryError`` for a wrong query.
    """
    keys = archive.find_ids(query) if query.strip() else archive.ids()
    store = archive.store
    while batch := list(islice(keys, _BATCH)):
        rows = store.db.execute(
            "SELECT c.key, v.record FROM cables c JOIN versions v ON v.id = c.current"
            f" WHERE c.key IN ({','.join('?' * len(batch))}) ORDER BY c.key",
            batch,
        ).fetchall()
        for key, record in rows:
            yield Clocked(key, read_clock(glance(store.packer.unpack(record)), as_of))
