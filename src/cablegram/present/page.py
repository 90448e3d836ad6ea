"""Everything that a page about one cable says, gathered from an archive: what web pages, prints and terminals are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from cablegram.cable import Cable
from cablegram.errors import NotHeld
from cablegram.interpret.mentions import citing_of
from cablegram.present import explain
from cablegram.present.masked import told_of
from cablegram.present.runs import Run, runs_of
from cablegram.record import Addressee, Paragraph
from cablegram.restore.layout import LAYOUT_RULES
from cablegram.spans import Span
from cablegram.study.refs import thread_of
from cablegram.vocabulary.countries import country_name
from cablegram.vocabulary.levels import BY_NAME
from cablegram.vocabulary.posts import Post, resolve

if TYPE_CHECKING:
    from cablegram.archive.archive import Archive, VersionInfo

#: Kinds of paragraphs that are set apart, with their titles.
APART: Final = {"summary": "Summary", "comment": "Comment", "action request": "Action request", "note": "Note"}


class Explained(NamedTuple):
    """A code and what it means (None where the vocabulary does not know it)."""

    code: str
    meaning: str | None


class Link(NamedTuple):
    """Another cable: its id, whether it is held, and, if so, date, post and subject."""

    id: str
    held: bool
    created: str | None = None
    post: str | None = None
    subject: str | None = None

    @property
    def title(self) -> str:
        """What a tooltip says."""
        if not self.held:
            return "not held in this archive"
        return " · ".join(part for part in ((self.created or "")[:10], self.subject) if part) or self.id


class Recipient(NamedTuple):
    """An addressee with the post that it is, if known, and the station that its routing indicator stands for."""

    name: str
    post: Post | None
    routing: Explained | None
    precedence: str | None
    number: str | None
    excluded: tuple[str, ...]


class Cited(NamedTuple):
    """An item of the reference line, with the cable that it means, if it is one."""

    label: str | None
    raw: str
    kind: str
    link: Link | None
    year_source: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """One paragraph as shown. ``anchor`` names it on the page (``p4``); ``apart`` is the title of a summary or comment that begins here."""

    anchor: str
    name: str | None
    marking: str | None
    level: str | None
    caveats: tuple[str, ...]
    kind: str
    heading: str | None
    runs: tuple[Run, ...]
    text: str
    apart: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """When the text was due for release: ``order`` and its meaning, the ``date`` (ISO) or what else the line says, whether it is past."""

    order: Explained | None
    date: str | None
    passed: bool | None
    other: tuple[Explained, ...]
    raw: str


@dataclass(frozen=True, slots=True)
class Note:
    """A diagnostic in plain words, or a count of repairs."""

    severity: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that a page about one cable says."""

    key: str
    cable: Cable
    version: VersionInfo
    versions: tuple[VersionInfo, ...]
    title: str
    level: str | None
    code: str
    captions: tuple[Explained, ...]
    tags: tuple[Explained, ...]
    precedence: Explained | None
    origin: Post | None
    country: str | None
    routing: Explained | None
    action: tuple[Recipient, ...]
    info: tuple[Recipient, ...]
    release: Release | None
    references: tuple[Cited, ...]
    cited_by: tuple[Link, ...]
    alike: tuple[Link, ...]
    before: Link | None
    after: Link | None
    thread: tuple[Link, ...]
    sections: tuple[Section, ...]
    #: Every cable that a run of a section cites, held or not, by its id.
    cited: Mapping[str, Link]
    notes: tuple[Note, ...]
    repairs: int
    proposals: int
    layout_repairs: int
    hits: int = 0
    sources: tuple[str, ...] = field(default=())
    #: What a masked archive says of itself.
    masked: str | None = None

    @property
    def created_words(self) -> str:
        """Date and time as a person writes them."""
        return date_in_words(self.cable.created)

    @property
    def place_in_thread(self) -> int | None:
        """The place of this cable in its thread, from 0; None where it is alone."""
        ids = [link.id for link in self.thread]
        return ids.index(self.key) if self.key in ids and len(ids) > 1 else None


_MONTHS: Final = "January February March April May June July August September October November December".split()


def date_in_words(created: str | None) -> str:
    """``2007-12-14T06:26Z`` as ``14 December 2007, 06:26 UTC``, at the precision that the stamp has; ``date unknown`` for None."""
    if created is None:
        return "date unknown"
    day, _, time = created.rstrip("Z").partition("T")
    parts = day.split("-")
    words = parts[0]
    if len(parts) > 1:
        words = f"{_MONTHS[int(parts[1]) - 1]} {words}"
    if len(parts) > 2:
        words = f"{int(parts[2])} {words}"
    if time:
        words += f", {time} UTC" if ":" in time else f", {time}:00 UTC, to the hour"
    return words


def file_name(name: str) -> str:
    """The last part of a source's name, which may be a path or a member of a container; `*` stands for all files of a folder."""
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    return "/".join(parts[-2:]) if name.endswith("*") else parts[-1] if parts else name


def links(archive: Archive, ids: Sequence[str]) -> dict[str, Link]:
    """The cables with these ids, held or not."""
    out = {key: Link(key, False) for key in ids}
    for at in range(0, len(ids), 500):
        some = list(ids[at : at + 500])
        marks = ",".join("?" * len(some))
        rows = archive.store.db.execute(f"SELECT key, created, post, subject FROM cables WHERE key IN ({marks})", some)
        out.update({key: Link(key, True, created, post, subject) for key, created, post, subject in rows})
    return out


def two_versions(
    key: str, versions: Sequence[VersionInfo], left: int | None = None, right: int | None = None
) -> tuple[VersionInfo, VersionInfo]:
    """The versions to hold against each other: those asked for by number, else the fullest on the right and the first of the others on
    the left. ``NotHeld`` where there is no such version, or only one."""
    known = {v.version: v for v in versions}
    for number in (left, right):
        if number is not None and number not in known:
            raise NotHeld(f"{key} has no version {number}; it has {', '.join(map(str, known))}")
    if len(known) < 2:
        raise NotHeld(f"{key} has one version only")
    others = sorted((v for v in versions if v.version != left), key=lambda v: not v.current)
    second = known[right] if right is not None else others[0]
    first = known[left] if left is not None else next(v for v in versions if v.version != second.version)
    return first, second


def _neighbours(archive: Archive, key: str) -> tuple[Link | None, Link | None]:
    """The cables of the same post sent before and after this one."""
    db = archive.store.db
    row = db.execute("SELECT post, created, id FROM cables WHERE key = ?", (key,)).fetchone()
    if row is None or row[0] is None or row[1] is None:
        return None, None
    post, created, number = row
    found: list[Link | None] = []
    for sign, order in (("<", "DESC"), (">", "ASC")):
        got = db.execute(
            f"SELECT key, created, post, subject FROM cables WHERE post = ?1 AND created IS NOT NULL AND (created, id) {sign} (?2, ?3)"
            f" ORDER BY created {order}, id {order} LIMIT 1",
            (post, created, number),
        ).fetchone()
        found.append(Link(got[0], True, *got[1:]) if got is not None else None)
    return found[0], found[1]


def _recipient(given: Addressee) -> Recipient:
    return Recipient(
        given.name, resolve(given.name),
        Explained(given.routing, explain.routing_in_words(given.routing)) if given.routing else None,
        given.precedence, given.number, given.excluded,
    )  # fmt: skip


def _release(cable: Cable, today: date) -> Release | None:
    order = cable.executive_order
    if order is None:
        return None
    until = order.declassify_on
    other = [Explained(code, explain.exemption_in_words(code)) for code in order.exemptions]
    if order.event:
        other.append(Explained(order.event, None))
    return Release(
        Explained(order.order, explain.order_in_words(order.order)) if order.order else None,
        until, until <= today.isoformat()[: len(until)] if until else None, tuple(other), " ".join(order.raw.split()),
    )  # fmt: skip


def anchor_of(n: int, paragraph: Paragraph, seen: set[str]) -> str:
    """The name of a paragraph on its page: ``p4`` for number 4, ``p4-2`` where a number stands twice, ``s7`` for the seventh, unnumbered one."""
    base = f"p{paragraph.number}" if paragraph.number is not None else f"s{n + 1}"
    anchor, again = base, 1
    while anchor in seen:
        again += 1
        anchor = f"{base}-{again}"
    seen.add(anchor)
    return anchor


def _sections(cable: Cable, marks: Sequence[Sequence[Span]], explained: bool) -> list[Section]:
    citing = citing_of(cable)
    seen: set[str] = set()
    out: list[Section] = []
    kind = ""
    for n, p in enumerate(cable.paragraphs):
        runs = runs_of(cable, p, hits=marks[n] if marks else (), citing=citing, explain=explained)
        name = str(p.number) if p.number is not None else p.label
        apart = APART.get(p.kind) if p.kind != kind else None
        kind = p.kind
        out.append(
            Section(
                anchor_of(n, p, seen), name, p.marking, p.level, p.caveats, p.kind, p.heading, tuple(runs), p.text, apart,
            )
        )  # fmt: skip
    return out


def page_of(
    archive: Archive, key: str, version: int | None = None, *, query: str = "", explained: bool = True, today: date | None = None
) -> Page | None:
    """The page of a cable, or of one ``version`` of it; None where the archive has none.

    ``query``: what was searched for is marked (``QueryError`` where it is wrong). ``today`` is the day by which a release date is past.
    """
    cable = archive.get(key, version)
    if cable is None:
        return None
    key = archive.resolve(key) or key
    versions = archive.versions(key)
    shown = next(v for v in versions if (v.version == version if version is not None else v.current))
    marks: list[list[Span]] = []
    if query:
        highlighter = archive.highlighter(query)
        marks = [highlighter.marks(p.text) for p in cable.paragraphs]
    thread = thread_of(archive, key)
    cited = [ref.cable for ref in cable.references if ref.cable]
    sections = _sections(cable, marks, explained)
    in_text = list(dict.fromkeys(run.cites for one in sections for run in one.runs if run.cites))
    citing, alike = archive.cited_by(key), archive.alike(key)
    known = links(archive, list(dict.fromkeys([*cited, *in_text, *citing, *alike, *thread])))
    before, after = _neighbours(archive, key)
    origin = cable.origin
    applied = [edit for edit in cable.edits if edit.applied]
    layout = sum(edit.rule in LAYOUT_RULES for edit in applied)
    level = cable.classification
    return Page(
        key=key, cable=cable, version=shown, versions=tuple(versions),
        title=cable.subject or "(no subject)",
        level="//".join([level, *cable.caveats]) if level else None,
        code=BY_NAME[level].code.lower() if level in BY_NAME else "none",
        captions=tuple(Explained(name, explain.caption_in_words(name)) for name in cable.captions),
        tags=tuple(Explained(code, explain.tag_in_words(code)) for code in cable.tags),
        precedence=Explained(cable.precedence, explain.PRECEDENCES.get(cable.precedence)) if cable.precedence else None,
        origin=resolve(origin.post) if origin is not None and origin.post else None,
        country=country_name(origin.country) if origin is not None and origin.country else None,
        routing=Explained(origin.routing, explain.routing_in_words(origin.routing)) if origin is not None and origin.routing else None,
        action=tuple(map(_recipient, cable.action)), info=tuple(map(_recipient, cable.info)),
        release=_release(cable, today or datetime.now(UTC).date()),
        references=tuple(
            Cited(r.label, " ".join(r.raw.split()), r.kind, known.get(r.cable) if r.cable else None, r.year_source, r.title)
            for r in cable.references
        ),
        cited_by=tuple(known[one] for one in citing), alike=tuple(known[one] for one in alike),
        before=before, after=after,
        thread=tuple(sorted((known[one] for one in thread), key=lambda link: (link.created or "", link.id))) if len(thread) > 1 else (),
        sections=tuple(sections), cited={one: known[one] for one in in_text},
        notes=tuple(Note(d.severity, d.message, d.code) for d in cable.diagnostics),
        repairs=len(applied) - layout, proposals=len(cable.edits) - len(applied), layout_repairs=layout,
        hits=sum(map(len, marks)),
        sources=tuple(f"{file_name(sighting.source)}, record {sighting.position}" for sighting in shown.sightings),
        masked=told_of(masked) if (masked := archive.masked) is not None else None,
    )  # fmt: skip
