"""Pages of the declassification clock and of the markings; every number leads to the list that it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from cablegram.archive.codec import glance
from cablegram.archive.search import State
from cablegram.errors import CablegramError
from cablegram.present.page import anchor_of, links
from cablegram.study.clock import Due, read_clock
from cablegram.study.kept import UNMARKED, Share
from cablegram.study.markings import Conflict
from cablegram.vocabulary import terms
from cablegram.vocabulary.levels import BY_CODE, BY_RANK
from cablegram.web.charts import Bar, bar_table, histogram
from cablegram.web.charts_study import level_bar
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room, narrowed, search_url
from cablegram.web.routes_study import PageNumber, Words, counted
from cablegram.web.shapes_study import ClockShape, EvidenceShape, MarkingsShape
from cablegram.web.tables import csv_file, paged

Status = Literal["due", "overdue", "exempt", "unknown", "unclassified"]
STATUSES: Final[tuple[Status, ...]] = ("overdue", "due", "exempt", "unknown", "unclassified")
SAID: Final = {
    "overdue": "the date has passed", "due": "the date is to come, or today", "exempt": "from the schedule, without a date",
    "unknown": "the text does not tell", "unclassified": "no order applies",
}  # fmt: skip
AsOf = Annotated[date | None, Query(description="The day that counts as today (UTC).", examples=["2010-12-31"])]
OneStatus = Annotated[Status | None, Query(description="Cables of this status.")]
Order = Annotated[str | None, Query(pattern=r"^(\d{5}|none)$", description="Cables under this order, `none` for none.")]
DueYear = Annotated[str | None, Query(pattern=r"^\d{4}$", description="Cables with a date in this year.")]
Second = Annotated[bool, Query(description="Cables past the automatic date of the later orders, whatever their line says.")]
By = Annotated[Literal["", "year", "post", "tag"], Query(description="The grouping; empty for all cables.")]
Name = Annotated[str, Query(max_length=80, description="The group's name.")]
Level = Annotated[
    Literal["U", "FOUO", "SBU", "LOU", "C", "S", "TS", "none"],
    Query(description="The level; `none`: without a mark.", examples=["C"]),
]
Kind = Annotated[Literal["under-marked", "over-marked"], Query(description="Which banners to list.")]
PAGE: Final = 50
#: Rows of the tables by post and by TAG on the page; the CSV has all.
_SHOWN: Final = 25


def today() -> date:
    """The day that counts as today, UTC."""
    return datetime.now(UTC).date()


def due_of(room: Room, keys: Sequence[str], day: date) -> list[tuple[str, str | None, Due]]:
    """Key, subject and due date of some cables, in their order."""
    store = room.archive.store
    rows = {
        key: (subject, record) for key, subject, record in store.db.execute(
            "SELECT c.key, c.subject, v.record FROM cables c JOIN versions v ON v.id = c.current"
            f" WHERE c.key IN ({','.join('?' * len(keys))})", list(keys),
        )
    }  # fmt: skip
    return [(key, rows[key][0], read_clock(glance(store.packer.unpack(rows[key][1])), day)) for key in keys if key in rows]


class Clock:
    """What one address of the clock asks for, and the answer."""

    def __init__(
        self, room: Room, day: date | None, q: str, status: Status | None, order: str | None, due: str | None, second: bool
    ) -> None:
        self.room, self.day, self.q = room, day or today(), q.strip()
        self.old = room.studies.is_old(counted(room))
        # The list that a reader most often wants, where none is asked for.
        self.status: Status | None = "overdue" if not (status or order or due or second) else status
        self.order, self.due, self.second = order, due, second
        self.rows = room.studies.statuses(self.day, self.q)
        given = (("as_of", day.isoformat() if day else ""), ("q", self.q))
        self.base = {name: value for name, value in given if value}
        chosen = (("status", self.status), ("order", order), ("due", due), ("second", "true" if second else ""))
        self.asked = {**self.base, **{name: value for name, value in chosen if value}}

    def keys(self, limit: int = -1, offset: int = 0) -> list[str]:
        """The list's cables."""
        return self.room.studies.answer(
            ("clock", self.day, self.q, self.status, self.order, self.due, self.second, limit, offset),
            lambda: self.room.studies.kept.on_the_clock(
                self.day, status=self.status, order=self.order, year=self.due, second=self.second, keys=self.room.studies.keys(self.q),
                limit=limit, offset=offset,
            ),
        )  # fmt: skip

    def total(self) -> int:
        """How many cables the list has, by the counts."""
        return sum(
            second if self.second else count for status, order, year, count, second in self.rows
            if self.status in (None, status) and self.order in (None, order) and self.due in (None, year)
        )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """Cables by status."""
        out = dict.fromkeys(STATUSES, 0)
        for status, _, _, count, _ in self.rows:
            out[status] += count  # type: ignore[index]
        return {str(name): count for name, count in out.items()}

    def orders(self) -> dict[str, dict[str, int]]:
        """Cables by order and status."""
        out: dict[str, dict[str, int]] = {}
        for status, order, _, count, _ in self.rows:
            out.setdefault(order, dict.fromkeys(STATUSES, 0))[status] += count
        return dict(sorted(out.items()))

    def years(self) -> dict[str, int]:
        """Cables by the year of the date."""
        found: Counter[str] = Counter()
        for _, _, year, count, _ in self.rows:
            if year:
                found[year] += count
        return {str(year): found[str(year)] for year in range(int(min(found)), int(max(found)) + 1)} if found else {}

    def past_second(self) -> int:
        """Cables past the automatic date."""
        return sum(second for *_, second in self.rows)


def conflict_row(room: Room, one: Conflict) -> dict[str, Any]:
    """A banner that does not fit, with the paragraphs as places of the page."""
    anchors = anchors_of(room, one.cable)
    marks = [
        {"anchor": anchors[place], "number": number, "mark": mark}
        for place, number, mark in zip(one.places, one.paragraphs, one.marks, strict=True) if place < len(anchors)
    ]  # fmt: skip
    return {"cable": one.cable, "kind": one.kind, "banner": one.banner, "highest": one.highest, "paragraphs": marks}


def anchors_of(room: Room, key: str) -> list[str]:
    """The places of a cable's paragraphs on its page."""
    cable = room.archive.get(key)
    seen: set[str] = set()
    return [anchor_of(n, paragraph, seen) for n, paragraph in enumerate(cable.paragraphs)] if cable is not None else []


def group(name: str, levels: dict[int, Share]) -> dict[str, Any]:
    """A group as the page and the JSON show it."""
    marked = sum(one.characters for rank, one in levels.items() if rank != UNMARKED)
    return {
        "name": name, "marked": marked,
        "bar": level_bar({rank: one.characters for rank, one in levels.items() if rank != UNMARKED}, title=name or "All cables"),
        "amounts": [
            {
                "level": BY_RANK[rank].code if rank != UNMARKED else "none", "cables": one.cables, "paragraphs": one.paragraphs,
                "characters": one.characters, "share": one.characters / marked if marked and rank != UNMARKED else None,
            }
            for rank, one in sorted(levels.items())
        ],
    }  # fmt: skip


def groups(room: Room, by: str, q: str) -> list[dict[str, Any]]:
    """The groups of one kind: years in order, posts and TAGS by their marked text."""
    found = [group(name, levels) for name, levels in room.studies.shares(by, q).items()]
    return (
        sorted(found, key=lambda one: one["name"])
        if by == "year"
        else sorted(found, key=lambda one: (-one["marked"], one["name"]))
    )


def captions(room: Room, q: str) -> dict[str, int]:
    """Captions with the number of their cables, most first."""
    found = room.studies.answer(
        ("captions", q), lambda: room.archive.search(State(q, "relevance", 1, None)).facets.get("captions", {})
    )
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def counted_paragraphs(room: Room, key: str, level: int, entire: bool) -> list[str]:
    """The places of those paragraphs of a cable that a share counted."""
    rows = room.archive.store.db.execute(
        "SELECT p.seq, p.level FROM cables c JOIN paragraphs p ON p.version = c.current WHERE c.key = ? ORDER BY p.seq", (key,)
    ).fetchall()
    anchors = anchors_of(room, key)
    return [anchors[seq] for seq, rank in rows if (entire or (rank or UNMARKED) == level) and seq < len(anchors)]


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["studies"], responses=PROBLEMS)

    @routes.get("/clock.json", response_model=ClockShape, summary="When cables are due to be declassified")
    def clock_json(
        as_of: AsOf = None, q: Words = "", status: OneStatus = None, order: Order = None, due: DueYear = None, second: Second = False,
        page: PageNumber = 1,
    ) -> dict[str, Any]:  # fmt: skip
        one = Clock(room, as_of, q, status, order, due, second)
        first, _ = paged(one.total(), page, PAGE)
        return {
            "old": one.old, "as_of": one.day.isoformat(), "query": one.q, "counts": one.counts(), "orders": one.orders(), "years": one.years(),
            "second_passed": one.past_second(), "total": one.total(),
            "cables": [
                {"cable": key, "subject": subject, "status": told.status, **told.to_dict()}
                for key, subject, told in due_of(room, one.keys(PAGE, first), one.day)
            ],
        }  # fmt: skip

    @routes.get("/clock.csv", include_in_schema=False)
    def clock_csv(
        as_of: AsOf = None,
        q: Words = "",
        status: OneStatus = None,
        order: Order = None,
        due: DueYear = None,
        second: Second = False,
    ) -> Response:
        one = Clock(room, as_of, q, status, order, due, second)
        keys = one.keys()
        rows = (
            (key, told.status, told.date, told.order, told.basis, told.level, told.second.date if told.second else None, told.ground, told.rule, subject)
            for at in range(0, len(keys), PAGE) for key, subject, told in due_of(room, keys[at : at + PAGE], one.day)
        )  # fmt: skip
        head = ("cable", "status", "date", "order", "basis", "level", "automatic_date", "ground", "rule", "subject")
        return csv_file(f"clock-{one.day.isoformat()}", head, rows)

    @routes.get("/clock", include_in_schema=False)
    def clock_page(
        request: Request, as_of: AsOf = None, q: Words = "", status: OneStatus = None, order: Order = None, due: DueYear = None,
        second: Second = False, page: PageNumber = 1,
    ) -> Response:  # fmt: skip
        one = Clock(room, as_of, q, status, order, due, second)
        first, _ = paged(one.total(), page, PAGE)
        bars = [
            Bar(year, count, "/clock?" + urlencode({**one.base, "due": year}) if count else None)
            for year, count in one.years().items()
        ]
        title = "Cables due or overdue, by year of their date"
        chart = (
            histogram(bars, title=title, unit="cables") + bar_table(bars, title=title, unit="cables") if len(bars) > 1 else None
        )
        return room.html(
            request, "clock.html", clock=one, said=SAID, statuses=STATUSES, counts=one.counts(), orders=one.orders(), chart=chart,
            total=one.total(), number=page, size=PAGE, q=one.q, rows=due_of(room, one.keys(PAGE, first), one.day), asked=one.asked,
            base=one.base, old=one.old, given=as_of,
        )  # fmt: skip

    @routes.get("/markings.json", response_model=MarkingsShape, summary="Banners against paragraphs, and the text at each level")
    def markings_json(q: Words = "", kind: Kind = "under-marked", page: PageNumber = 1) -> dict[str, Any]:
        found = counted(room)
        wrong = room.studies.conflicts(q)
        listed = [one for one in wrong if one.kind == kind]
        first, last = paged(len(listed), page, PAGE)
        return {
            "old": room.studies.is_old(found), "query": q, "conflicts": dict(Counter(one.kind for one in wrong)), "kind": kind,
            "total": len(listed), "listed": [conflict_row(room, one) for one in listed[first:last]],
            "overall": group("", room.studies.shares("", q).get("", {})), "captions": captions(room, q),
            **{by: groups(room, by, q) for by in ("year", "post", "tag")},
        }  # fmt: skip

    @routes.get("/markings.csv", include_in_schema=False)
    def markings_csv(q: Words = "", by: By = "") -> Response:
        counted(room)
        found = groups(room, by, q) if by else [group("", room.studies.shares("", q).get("", {}))]
        rows = (
            (by or "all", one["name"], amount["level"], amount["cables"], amount["paragraphs"], amount["characters"], amount["share"])
            for one in found for amount in one["amounts"]
        )  # fmt: skip
        return csv_file(f"markings-{by or 'all'}", ("by", "name", "level", "cables", "paragraphs", "characters", "share"), rows)

    @routes.get("/markings", include_in_schema=False)
    def markings(request: Request, q: Words = "", kind: Kind = "under-marked", page: PageNumber = 1) -> Response:
        found = counted(room)
        wrong = room.studies.conflicts(q)
        listed = [one for one in wrong if one.kind == kind]
        first, last = paged(len(listed), page, PAGE)
        rows = room.studies.answer(
            ("conflict rows", q, kind, page), lambda: [conflict_row(room, one) for one in listed[first:last]]
        )
        tables = [
            (by, title, groups(room, by, q))
            for by, title in (("year", "By year"), ("post", "By post"), ("tag", "By subject (TAGS)"))
        ]
        overall = group("", room.studies.shares("", q).get("", {}))
        return room.html(
            request, "markings.html", q=q, kind=kind, counts=Counter(one.kind for one in wrong), rows=rows, total=len(listed), number=page,
            size=PAGE, overall=overall, levels=sorted((one["level"] for one in overall["amounts"]), key=lambda code: code == "none"), shown=_SHOWN,
            tables=[(by, title, all_ if by == "year" else all_[:_SHOWN], len(all_)) for by, title, all_ in tables],
            captions=[
                (code, count, terms.lookup("caption", code), search_url(narrowed(q, "caption", code))) for code, count in captions(room, q).items()
            ],
            asked={name: value for name, value in (("q", q), ("kind", kind)) if value}, base={"q": q} if q else {}, names=BY_CODE,
            old=room.studies.is_old(found),
        )  # fmt: skip

    def marked(by: str, name: str, level: str, q: str) -> list[tuple[str, int, int, bool]]:
        if (by == "") != (name == ""):
            raise CablegramError("Give `by` and `name` together: by=year&name=1996.")
        rank = UNMARKED if level == "none" else BY_CODE[level].rank
        return room.studies.answer(
            ("marked", by, name, level, q), lambda: room.studies.kept.counted(by, name, rank, room.studies.keys(q))
        )

    def evidence_rows(some: list[tuple[str, int, int, bool]], level: str) -> list[dict[str, Any]]:
        rank = UNMARKED if level == "none" else BY_CODE[level].rank
        known = links(room.archive, [key for key, *_ in some])
        return [
            {
                "cable": {"id": key, "created": known[key].created, "post": known[key].post, "subject": known[key].subject, "classification": None},
                "paragraphs": paragraphs, "characters": characters, "anchors": counted_paragraphs(room, key, rank, entire),
            }
            for key, paragraphs, characters, entire in some
        ]  # fmt: skip

    @routes.get("/markings/evidence.json", response_model=EvidenceShape, summary="The paragraphs that a share counted")
    def evidence_json(level: Level, by: By = "", name: Name = "", q: Words = "", page: PageNumber = 1) -> dict[str, Any]:
        found = counted(room)
        rows = marked(by, name, level, q)
        first, last = paged(len(rows), page, PAGE)
        return {
            "old": room.studies.is_old(found), "by": by, "name": name, "level": level, "total": len(rows),
            "cables": evidence_rows(rows[first:last], level),
        }  # fmt: skip

    @routes.get("/markings/evidence.csv", include_in_schema=False)
    def evidence_csv(level: Level, by: By = "", name: Name = "", q: Words = "") -> Response:
        counted(room)
        rows = ((key, paragraphs, characters) for key, paragraphs, characters, _ in marked(by, name, level, q))
        return csv_file(f"markings-{name or 'all'}-{level}", ("cable", "paragraphs", "characters"), rows)

    @routes.get("/markings/evidence", include_in_schema=False)
    def evidence(request: Request, level: Level, by: By = "", name: Name = "", q: Words = "", page: PageNumber = 1) -> Response:
        found = counted(room)
        rows = marked(by, name, level, q)
        first, last = paged(len(rows), page, PAGE)
        given = (("level", level), ("by", by), ("name", name), ("q", q))
        return room.html(
            request, "evidence.html", by=by, name=name, level=level, q=q, rows=evidence_rows(rows[first:last], level), total=len(rows), number=page,
            size=PAGE, sums=(sum(row[1] for row in rows), sum(row[2] for row in rows)), level_name=BY_CODE[level].name if level != "none" else None,
            asked={key: value for key, value in given if value}, old=room.studies.is_old(found),
        )  # fmt: skip

    return routes
