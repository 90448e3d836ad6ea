"""Lint: what a careful reader would question, in single cables and in the collection, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cablegram.archive.codec import to_text
from cablegram.archive.store import Store
from cablegram.vocabulary.levels import BY_CODE, BY_RANK

#: Days by which a cable may be earlier than one with a lower number of the same post and year.
_TOLERANCE: Final = 5
_EVIDENCE: Final = 120
#: Fields that versions of one cable should agree on.
_AGREED: Final = ("created", "classification", "subject", "tags", "signature")
RULES: Final = {
    "no-id": "the cable has no message number",
    "sections-missing": "sections of the message are not held",
    "versions-disagree": "versions of one cable say different things",
    "serial-out-of-order": f"a cable is more than {_TOLERANCE} days earlier than one of its post with a lower number",
    "marked-above-banner": "a paragraph is marked higher than the whole message (5 FAH-3 H-700: the banner is the highest marking)",
    "nearly-the-same": "two cables with different ids have nearly the same text",
    "id-would-differ": "the text now gives another id than the one that the archive keeps",
}


class Finding(NamedTuple):
    """One finding: the ``cable`` (None for the collection), its ``rule`` or diagnostic code, ``severity``, a sentence (``message``), the ``evidence``."""

    cable: str | None
    rule: str
    severity: str
    message: str
    evidence: str

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return self._asdict()


def lint(store: Store, *, infos: bool = False) -> Iterator[Finding]:
    """All findings, those of single cables first. ``infos``: also what the reader only notes."""
    yield from _cables(store, infos)
    yield from _sections(store)
    yield from _versions(store)
    yield from _order(store)
    yield from _markings(store)
    yield from _alike(store)


def _cables(store: Store, infos: bool) -> Iterator[Finding]:
    severities = ("info", "warning", "error") if infos else ("warning", "error")
    marks = ",".join("?" * len(severities))
    rows = store.db.execute(
        f"SELECT DISTINCT c.key, v.id, v.original FROM cables c JOIN versions v ON v.id = c.current LEFT JOIN diagnostics d ON d.version = v.id"
        f" WHERE d.severity IN ({marks}) OR c.key LIKE 'x-%' ORDER BY 1",
        severities,
    ).fetchall()
    for key, version, original in rows:
        stored, _ = store.outline(version)
        text = to_text(store.original(original))
        for note in stored.diagnostics:
            if note.severity in severities:
                yield Finding(key, note.code, note.severity, note.message, _shown(text, note.span))
        if stored.id is None:
            yield Finding(key, "no-id", "warning", RULES["no-id"], _shown(text, (0, _EVIDENCE)))
        elif stored.id != key:
            yield Finding(key, "id-would-differ", "warning", RULES["id-would-differ"], stored.id)


def _shown(text: str, span: tuple[int, int] | None) -> str:
    if span is None:
        return ""
    start, end = span
    return " ".join(text[start : min(max(end, start + 60), start + _EVIDENCE)].split())


def _sections(store: Store) -> Iterator[Finding]:
    rows = store.db.execute(
        "SELECT c.key, v.sections, v.held FROM cables c JOIN versions v ON v.id = c.current WHERE v.sections > 1 AND v.partial = 0 ORDER BY 1"
    )
    for key, count, held in rows:
        missing = sorted(set(range(1, count + 1)) - {int(part) for part in held.split(",") if part})
        if missing:
            told = ", ".join(map(str, missing))
            yield Finding(key, "sections-missing", "warning", f"{RULES['sections-missing']}: {told} of {count}", f"held: {held}")


def _versions(store: Store) -> Iterator[Finding]:
    rows = store.db.execute(
        "SELECT c.key, c.id FROM cables c JOIN versions v ON v.cable = c.id WHERE v.kind = 'release' GROUP BY c.id HAVING count(*) > 1 ORDER BY 1"
    ).fetchall()
    for key, cable in rows:
        records = [(v.id, store.outline(v.id)[0]) for v in store.versions(cable) if v.kind == "release"]
        for name in _AGREED:
            said = {number: getattr(record, name) for number, record in records}
            if len({value for value in said.values() if value}) > 1:
                told = "; ".join(f"version {number}: {_plain(value)}" for number, value in said.items())
                yield Finding(key, "versions-disagree", "warning", f"versions disagree on {name}", told)


def _plain(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _order(store: Store) -> Iterator[Finding]:
    """Numbers rise with time within a post and year: what breaks the order has a wrong date or a wrong number."""
    rows = store.db.execute(
        "SELECT post, substr(created, 1, 4), serial, julianday(substr(created, 1, 10)), key, substr(created, 1, 10) FROM cables"
        " WHERE post IS NOT NULL AND serial IS NOT NULL AND length(created) >= 10 ORDER BY 1, 2, 3"
    )
    group: tuple[str, str] | None = None
    latest: tuple[float, str, str] = (0.0, "", "")
    for post, year, _, day, key, date in rows:
        if (post, year) != group:
            group, latest = (post, year), (0.0, "", "")
        if day is None:
            continue
        if day < latest[0] - _TOLERANCE:
            message = f"is dated {date}, before {latest[1]} of {latest[2]} with a lower number"
            yield Finding(key, "serial-out-of-order", "warning", message, RULES["serial-out-of-order"])
        elif day > latest[0]:
            latest = (day, key, date)


def _markings(store: Store) -> Iterator[Finding]:
    """Only levels of an executive order are compared: the controls on unclassified texts have no order among themselves."""
    rows = store.db.execute(
        "SELECT c.key, c.level, p.level, group_concat(coalesce(p.number, '?') || ' ' || p.marking, ', ') FROM cables c"
        " JOIN paragraphs p ON p.version = c.current WHERE p.level > c.level AND p.level >= ? GROUP BY 1, 2, 3 ORDER BY 1, 3 DESC",
        (BY_CODE["C"].rank,),
    )
    for key, banner, level, where in rows:
        message = f"a paragraph is marked {BY_RANK[level].name}, the message {BY_RANK[banner].name}"
        yield Finding(key, "marked-above-banner", "warning", message, f"paragraph {where}")


def _alike(store: Store) -> Iterator[Finding]:
    rows = store.db.execute(
        "SELECT (SELECT key FROM cables f WHERE f.id = c.alike), group_concat(c.key, ', ') FROM cables c WHERE c.alike IS NOT NULL GROUP BY c.alike ORDER BY 1"
    )
    for first, keys in rows:
        yield Finding(first, "nearly-the-same", "info", RULES["nearly-the-same"], keys)
