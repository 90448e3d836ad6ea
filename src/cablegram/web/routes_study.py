"""Pages of the studies: what they ask, ghosts, and coverage by message numbers; every number leads to the list that it counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from markupsafe import Markup

from cablegram.errors import NotHeld
from cablegram.present.page import links
from cablegram.study.copies import Scope
from cablegram.study.coverage import Coverage, continuity
from cablegram.study.dating import Dating
from cablegram.study.ghosts import Ghost, Ghosts
from cablegram.study.letter import MOST, draft
from cablegram.study.numbers import number_of
from cablegram.vocabulary.posts import resolve
from cablegram.web.charts import number_line
from cablegram.web.charts_study import held_bar
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import LONGEST_QUERY, Room, narrowed, search_url
from cablegram.web.shapes_study import CoverageList, GhostList, StudiesShape, YearShape
from cablegram.web.studies import Counted
from cablegram.web.tables import csv_file, paged

Words = Annotated[str, Query(max_length=LONGEST_QUERY, description="Only what this query finds.", examples=["tags:PREL"])]
Post = Annotated[str, Query(max_length=80, description="Only this post, in any usual spelling.", examples=["SANTIAGO"])]
PageNumber = Annotated[int, Query(ge=1, le=100_000, description="Page of the list, from 1.")]
Year = Annotated[int, Path(ge=1900, le=2099, description="The year of the numbers.", examples=[1996])]
Code = Annotated[str, Path(max_length=80, description="A post's code, as in the list.", examples=["SANTIAGO"])]
Kind = Literal["held", "cited", "missing", "doubtful"]
LetterKind = Annotated[Literal["foia", "mdr"], Query(description="Freedom of information, or mandatory declassification review.")]
Ident = Annotated[str, Query(max_length=80, description="Only this ghost.")]
OneYear = Annotated[str, Query(pattern=r"^(\d{4})?$", description="Only this year.", examples=["1996"])]
Evidence = Annotated[Kind, Query(description="Which numbers to list.")]
GHOSTS: Final = 40
PAGE: Final = 100


def counted(room: Room) -> Counted:
    """The counts; where there are none yet, the answer is that they are being made."""
    found = room.studies.ready()
    if found is None:
        raise room.studies.background.not_yet("The archive is being counted")
    return found


def code_of(post: str) -> str:
    """The code of a post in any spelling. ``NotHeld`` where there is no such post."""
    known = resolve(post)
    if known is None:
        raise NotHeld(f"{post[:80]}: no post is spelled so; the list of posts has those that are held.")
    return known.code


# -- ghosts


def ranked(room: Room, found: Counted, post: str, q: str) -> list[tuple[str, int]]:
    """Ghosts with their numbers of citing cables, most first: of a post, counted over the cables that a query finds."""
    code = code_of(post) if post.strip() else ""
    if q.strip():
        return room.studies.answer(("ghosts", q, code), lambda: Ghosts(room.archive, post=code or None, query=q.strip()).ranked())
    if code:
        return [(key, count) for key, count in found.ranked if (number := number_of(key)) is not None and number.post == code]
    return found.ranked


def dated(dating: Dating | None) -> dict[str, Any]:
    """A probable date as the pages' JSON has it."""
    told = dating.to_dict() if dating is not None else {}
    return {
        "date": told.get("date"), "first": told.get("from"), "last": told.get("to"), "method": told.get("method"),
        "doubt": told.get("doubt"), "neighbours": told.get("neighbours", []),
    }  # fmt: skip


def ghost_row(ghost: Ghost, count: int) -> dict[str, Any]:
    """One line of the list."""
    when = dated(ghost.dating)
    return {
        "key": ghost.cable, "citations": count, "post": ghost.post, "date": when["date"], "first": when["first"], "last": when["last"],
        "doubt": when["doubt"], "first_cited": ghost.first_cited, "likely_classification": ghost.likely_classification,
        "titles": list(ghost.titles),
    }  # fmt: skip


def ghost_rows(room: Room, some: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Those lines of the list."""
    return room.studies.answer(
        ("ghost rows", tuple(some)),
        lambda: [ghost_row(ghost, count) for key, count in some if (ghost := room.studies.ghost(key)) is not None],
    )


def citing_url(key: str, q: str = "") -> str:
    """The list of the cables that cite ``key``, of those that ``q`` finds."""
    return search_url(narrowed(q, "cites", key)) if q.strip() else f"/cables/{key}#cited-by"


# -- coverage


def years_of_post(room: Room, found: Counted, code: str) -> list[dict[str, Any]]:
    """The years of a post as its page shows them: coverage, number line, and share."""
    return [
        {"one": one, "line": drawn(room, found, one), "bar": bar_of(one), "crossed": continuity(room.archive, one.post, one.year)}
        for one in sorted(found.of_post(code), key=lambda one: -one.year)
    ]


def bar_of(one: Coverage) -> Markup:
    """The share held of the estimated traffic."""
    return held_bar(one.held, one.estimate.traffic, one.estimate.low, one.estimate.high)


def drawn(room: Room, found: Counted, one: Coverage, mark: int | None = None) -> Markup:
    """The number line of a post and year; with ``mark`` only a stretch around that number."""
    lowest, highest = one.lowest, one.highest
    title = f"Message numbers of {one.post} in {one.year}"
    if mark is not None:
        lowest, highest = max(1, mark - 60), mark + 60
        title = f"{title}, around {mark}"
    held = [number for number, _ in held_numbers(room, one)]
    cited = [
        number for number in found.cited.get((one.post, one.year % 100), []) if number not in set(one.doubtful) or number == mark
    ]
    return number_line(lowest, highest, held, cited, title=title, href=f"/posts/{one.post}/{one.year}")


def held_numbers(room: Room, one: Coverage) -> list[tuple[int, str]]:
    """Serials and keys of the held cables of a post and year, by number."""
    start = f"{one.year % 100:02d}{one.post}"
    rows = room.archive.store.db.execute("SELECT key FROM cables WHERE key >= ? AND key < ?", (f"{start}0", f"{start}:"))
    found = [(number.serial, key) for (key,) in rows if (number := number_of(key)) is not None and number.post == one.post]
    return sorted(found)


def numbers_of(room: Room, found: Counted, one: Coverage, kind: Kind) -> list[str]:
    """The ids that one count of a post and year counted."""
    start = f"{one.year % 100:02d}{one.post}"
    if kind == "held":
        return [key for _, key in held_numbers(room, one)]
    if kind == "doubtful":
        return [f"{start}{serial}" for serial in one.doubtful]
    if kind == "cited":
        doubtful = set(one.doubtful)
        return [
            f"{start}{serial}" for serial in sorted(found.cited.get((one.post, one.year % 100), [])) if serial not in doubtful
        ]
    held = {serial for serial, _ in held_numbers(room, one)}
    return [f"{start}{serial}" for serial in range(one.lowest, one.highest + 1) if serial not in held]


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["studies"], responses=PROBLEMS)

    def year_of(found: Counted, code: str, year: int) -> Coverage:
        one = found.coverage.get((code_of(code), year))
        if one is None:
            raise NotHeld(f"No number of {code[:80]} in {year} is held or cited in this archive.")
        return one

    @routes.get("/studies.json", response_model=StudiesShape, summary="What the studies counted")
    def studies_json() -> dict[str, Any]:
        return told(room, counted(room))

    @routes.get("/studies", include_in_schema=False)
    def studies(request: Request) -> Response:
        found = counted(room)
        return room.html(request, "studies.html", **told(room, found))

    @routes.get("/ghosts.json", response_model=GhostList, summary="Cables that are cited and not held, most cited first")
    def ghosts_json(post: Post = "", q: Words = "", page: PageNumber = 1) -> dict[str, Any]:
        found = counted(room)
        rows = ranked(room, found, post, q)
        first, last = paged(len(rows), page, GHOSTS)
        return {"old": room.studies.is_old(found), "total": len(rows), "ghosts": ghost_rows(room, rows[first:last])}

    @routes.get("/ghosts.csv", include_in_schema=False)
    def ghosts_csv(post: Post = "", q: Words = "") -> Response:
        rows = ranked(room, counted(room), post, q)
        head = (
            "cable",
            "citations",
            "post",
            "date",
            "first",
            "last",
            "method",
            "doubt",
            "first_cited",
            "likely_classification",
            "titles",
            "cited_by",
        )
        ghosts = Ghosts(room.archive)

        def lines() -> Any:
            for key, count in rows:
                if (ghost := ghosts.get(key)) is not None:
                    when = dated(ghost.dating)
                    yield (
                        key, count, ghost.post, when["date"], when["first"], when["last"], when["method"], when["doubt"], ghost.first_cited,
                        ghost.likely_classification, "; ".join(ghost.titles), "; ".join(ghost.cited_by),
                    )  # fmt: skip

        return csv_file("ghosts", head, lines())

    @routes.get("/ghosts", include_in_schema=False)
    def ghosts(request: Request, post: Post = "", q: Words = "", page: PageNumber = 1) -> Response:
        found = counted(room)
        rows = ranked(room, found, post, q)
        first, last = paged(len(rows), page, GHOSTS)
        shown = [{**row, "href": citing_url(row["key"], q)} for row in ghost_rows(room, rows[first:last])]
        asked = {name: value for name, value in (("post", post.strip()), ("q", q.strip())) if value}
        return room.html(
            request, "ghosts.html", rows=shown, total=len(rows), number=page, size=GHOSTS, post=post, q=q, asked=asked,
            old=room.studies.is_old(found), first=first,
        )  # fmt: skip

    @routes.get("/ghosts/letter.txt", include_in_schema=False)
    def letter(kind: LetterKind = "foia", cable: Ident = "", post: Post = "", q: Words = "") -> Response:
        keys = [cable] if cable else [key for key, _ in ranked(room, counted(room), post, q)[:MOST]]
        found = [ghost for key in keys if (ghost := room.studies.ghost(key)) is not None]
        if not found:
            raise NotHeld(f"{cable[:80] or 'There'} is no ghost to ask for.")
        return Response(draft(found, kind, datetime.now(UTC).date()), media_type="text/plain; charset=utf-8")

    @routes.get("/coverage.json", response_model=CoverageList, summary="What is held of the numbers that posts used")
    def coverage_json(post: Post = "", year: OneYear = "", page: PageNumber = 1) -> dict[str, Any]:
        found = counted(room)
        rows = chosen(found, post, year)
        first, last = paged(len(rows), page, PAGE)
        return {"old": room.studies.is_old(found), "total": len(rows), "posts": [one.to_dict() for one in rows[first:last]]}

    @routes.get("/coverage.csv", include_in_schema=False)
    def coverage_csv(post: Post = "", year: OneYear = "") -> Response:
        rows = chosen(counted(room), post, year)
        head = (
            "post", "year", "lowest", "highest", "held", "cited_not_held", "missing", "estimate", "estimate_low", "estimate_high", "by_pace",
            "share_of_traffic", "odd_holes", "first", "last",
        )  # fmt: skip
        lines = (
            (
                one.post, one.year, one.lowest, one.highest, one.held, one.cited, one.missing, one.estimate.traffic, one.estimate.low,
                one.estimate.high, one.estimate.by_pace, one.share_of_traffic,
                "; ".join(f"{hole.first} to {hole.last}" for hole in one.holes), one.first, one.last,
            )
            for one in rows
        )  # fmt: skip
        return csv_file("coverage", head, lines)

    @routes.get("/coverage", include_in_schema=False)
    def coverage(request: Request, post: Post = "", year: OneYear = "", page: PageNumber = 1) -> Response:
        found = counted(room)
        rows = chosen(found, post, year)
        first, last = paged(len(rows), page, PAGE)
        years: dict[int, list[int]] = {}
        for one in rows:
            so_far = years.setdefault(one.year, [0, 0, 0, 0, 0])
            for at, n in enumerate((one.held, one.estimate.traffic, one.estimate.low, one.estimate.high, 1)):
                so_far[at] += n
        asked = {name: value for name, value in (("post", post.strip()), ("year", year)) if value}
        return room.html(
            request, "coverage.html", rows=[(one, bar_of(one)) for one in rows[first:last]], total=len(rows), number=page, size=PAGE,
            years=[(name, *n, held_bar(*n[:4])) for name, n in sorted(years.items())], post=post, year=year, asked=asked,
            old=room.studies.is_old(found), sums=[sum(n[at] for n in years.values()) for at in range(4)],
        )  # fmt: skip

    @routes.get("/posts/{code}/{year}.json", response_model=YearShape, summary="A post in a year: which of its numbers are held")
    def year_json(code: Code, year: Year, evidence: Evidence = "held", page: PageNumber = 1) -> dict[str, Any]:
        found = counted(room)
        one = year_of(found, code, year)
        ids = numbers_of(room, found, one, evidence)
        first, last = paged(len(ids), page, PAGE)
        return {
            "old": room.studies.is_old(found), "coverage": one.to_dict(), "continuity": continuity(room.archive, one.post, year),
            "evidence": evidence, "total": len(ids),
            "numbers": [
                {"id": link.id, "held": link.held, "created": link.created, "subject": link.subject}
                for link in links(room.archive, ids[first:last]).values()
            ],
        }  # fmt: skip

    @routes.get("/posts/{code}/{year}.csv", include_in_schema=False)
    def year_csv(code: Code, year: Year, evidence: Evidence = "held") -> Response:
        found = counted(room)
        one = year_of(found, code, year)
        ids = numbers_of(room, found, one, evidence)
        rows = (
            (link.id, link.held, link.created, link.subject)
            for at in range(0, len(ids), PAGE) for link in links(room.archive, ids[at : at + PAGE]).values()
        )  # fmt: skip
        return csv_file(f"{one.post}-{year}-{evidence}", ("id", "held", "created", "subject"), rows)

    @routes.get("/posts/{code}/{year}", include_in_schema=False)
    def year_page(request: Request, code: Code, year: Year, evidence: Evidence = "held", page: PageNumber = 1) -> Response:
        found = counted(room)
        one = year_of(found, code, year)
        ids = numbers_of(room, found, one, evidence)
        first, last = paged(len(ids), page, PAGE)
        known = resolve(one.post)
        return room.html(
            request, "year.html", one=one, name=known.name if known is not None else one.post, line=drawn(room, found, one),
            bar=bar_of(one), crossed=continuity(room.archive, one.post, year), evidence=evidence, total=len(ids), number=page, size=PAGE,
            links=list(links(room.archive, ids[first:last]).values()), cited=set(numbers_of(room, found, one, "cited")) | set(numbers_of(room, found, one, "doubtful")),
            old=room.studies.is_old(found), asked={"evidence": evidence},
        )  # fmt: skip

    return routes


def chosen(found: Counted, post: str, year: str) -> list[Coverage]:
    """The posts and years that are asked for, in order of posts."""
    code = code_of(post) if post.strip() else ""
    return [one for one in found.coverage.values() if (not code or one.post == code) and year in ("", str(one.year))]


def told(room: Room, found: Counted) -> dict[str, Any]:
    """The first number of each study."""
    counts = dict.fromkeys(("overdue", "due", "exempt", "unknown", "unclassified"), 0)
    for status, _, _, count, _ in room.studies.statuses(datetime.now(UTC).date()):
        counts[status] += count
    return {
        "ghosts": len(found.ranked), "coverage": len(found.coverage), "clock": counts, "conflicts": len(room.studies.conflicts()),
        "addressees": len(room.studies.copies(Scope()).rows),
        "old": room.studies.is_old(found),
    }  # fmt: skip
