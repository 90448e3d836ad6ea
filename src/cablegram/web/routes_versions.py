"""Two versions of a cable side by side, with what differs marked."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from cablegram.archive.archive import VersionInfo
from cablegram.archive.info import group_of
from cablegram.present.page import Page, two_versions
from cablegram.versions.differences import Comparison, Fold, compare, fold_same
from cablegram.web.choices import BRIEF
from cablegram.web.errors import PROBLEMS
from cablegram.web.room import Room
from cablegram.web.routes_cable import Ident, Version, held
from cablegram.web.shapes import DifferenceShape


def _compared(room: Room, page: Page, left: VersionInfo, right: VersionInfo) -> Comparison:
    one, other = room.archive.get(page.key, left.version), room.archive.get(page.key, right.version)
    assert one is not None
    assert other is not None
    return compare(one, other)


def _whole(room: Room, left: VersionInfo, right: VersionInfo) -> dict[str, str] | None:
    """The two sources, or folders of files, that two versions are from, for comparing them as a whole; None where they are from one."""
    listed = room.choices.listed(BRIEF)
    groups = listed.names if listed is not None else ()
    sides = [{group_of(seen.source, groups) for seen in version.sightings} for version in (left, right)]
    only = [sorted(side - other) for side, other in (sides, sides[::-1])]
    return {"a": only[0][0], "b": only[1][0]} if all(only) else None


def _counted(rows: list[Any]) -> list[dict[str, Any]]:
    return [{"fold": row, "count": len(row.rows)} if isinstance(row, Fold) else {"fold": None, "row": row} for row in rows]


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["cables"], responses=PROBLEMS)

    @routes.get(
        "/cables/{ident}/versions.json", response_model=DifferenceShape, summary="Two versions of a cable, and what differs"
    )
    def versions_json(ident: Ident, left: Version = None, right: Version = None) -> dict[str, Any]:
        page = held(room, ident)
        first, second = two_versions(page.key, page.versions, left, right)
        found = _compared(room, page, first, second)
        names = {"left": first.version, "right": second.version, "equal": None}
        return {
            "key": page.key, "left": first.version, "right": second.version, "versions": [v.version for v in page.versions],
            "fields": [field._asdict() for field in found.fields], "changes": found.changes("right"),
            "fullest": names[found.summary.fullest], "reason": found.summary.reason,
        }  # fmt: skip

    @routes.get("/cables/{ident}/versions", include_in_schema=False)
    def versions(request: Request, ident: Ident, left: Version = None, right: Version = None, all: bool = False) -> Response:
        page = held(room, ident)
        first, second = two_versions(page.key, page.versions, left, right)
        found = _compared(room, page, first, second)
        rows = _counted(list(found.rows) if all else fold_same(found.rows))
        whole = _whole(room, first, second)
        return room.html(
            request, "versions.html", page=page, left=first, right=second, found=found, rows=rows, all=all, whole=whole
        )

    return routes
