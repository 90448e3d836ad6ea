"""Pages of threads: what hangs together by references, from top to bottom, with what is missing in its place."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from cablegram.errors import NotHeld
from cablegram.present.page import anchor_of
from cablegram.study.distribution import distribution
from cablegram.study.refs import Step, silent, thread
from cablegram.web.charts_study import Node, thread_line
from cablegram.web.errors import PROBLEMS
from cablegram.web.ghosts import ghost_of
from cablegram.web.room import Room, cable_url
from cablegram.web.routes_cable import Ident
from cablegram.web.routes_study import dated
from cablegram.web.shapes_study import ThreadShape

#: Cables of a thread that are read; ghosts that are told of in their places.
_MOST: Final = 40
_GHOSTS: Final = 20
#: Characters of a cable's lead.
_LEAD: Final = 420


def thread_cables(room: Room, key: str) -> list[dict[str, Any]]:
    """The thread of ``key`` in order of time, those not held in the places where their numbers put them."""
    steps = thread(room.archive, key, _MOST)
    held = [step for step in steps if room.archive.store.number(step.cable) is not None]
    out = [_held(room, step) for step in held]
    missing: dict[str, list[str]] = {}
    for one in out:
        for other in one["all_cites"]:
            if other not in {step.cable for step in held} and room.archive.store.number(other) is None:
                missing.setdefault(other, []).append(one["id"])
    for step in steps:
        if step not in held:
            missing.setdefault(step.cable, [])
    # The most cited first: of a hundred that one cable cites, those tell most that others cite too.
    chosen = sorted(missing, key=lambda one: (one != key, -len(missing[one]), one))[:_GHOSTS]
    for name in chosen:
        ghost = room.studies.ghost(name)
        when = dated(ghost.dating if ghost is not None else None)
        out.append(
            {
                "id": name, "held": False, "date": when["date"], "window": (when["first"], when["last"]), "doubt": when["doubt"],
                "post": ghost.post if ghost is not None else None, "classification": None, "to": [],
                "subject": ghost.titles[0] if ghost is not None and ghost.titles else None, "lead": None, "anchor": None, "all_cites": [],
                "silent": [],
            }
        )  # fmt: skip
    ids = {one["id"] for one in out}
    for one in out:
        one["cites"] = [other for other in one["all_cites"] if other in ids and other != one["id"]]
    for one in out:
        one["cited_by"] = [other["id"] for other in out if one["id"] in other["cites"]]
    return sorted(out, key=lambda one: (one["date"] is None, one["date"] or "", one["id"]))


def _held(room: Room, step: Step) -> dict[str, Any]:
    cable = room.archive.get(step.cable)
    assert cable is not None
    seen: set[str] = set()
    told = [(anchor_of(n, p, seen), p) for n, p in enumerate(cable.paragraphs)]
    # Its summary, else its first paragraph that says something.
    lead = next((one for one in told if one[1].kind == "summary" and one[1].text.strip()), None)
    lead = lead or next((one for one in told if len(one[1].text.split()) > 3), None)
    text = " ".join(lead[1].text.split()) if lead is not None else None
    rows = room.archive.store.db.execute(
        "SELECT r.target FROM cables c JOIN refs r ON r.version = c.current WHERE c.key = ?1 AND r.target IS NOT NULL"
        " UNION SELECT m.target FROM cables c JOIN mentions m ON m.version = c.current WHERE c.key = ?1 AND m.how = 'number'",
        (step.cable,),
    )
    return {
        "id": step.cable, "held": True, "date": cable.created, "window": None, "doubt": None, "post": step.post,
        "classification": cable.classification, "to": [one.name for one in cable.action if one.name], "subject": cable.subject,
        "lead": (text if len(text) <= _LEAD else text[:_LEAD].rsplit(" ", 1)[0] + " …") if text is not None else None,
        "anchor": lead[0] if lead is not None else None, "all_cites": [target for (target,) in rows],
        "silent": silent(room.archive, step.cable) if room.archive.cited_by(step.cable) else [],
    }  # fmt: skip


def router(room: Room) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(tags=["studies"], responses=PROBLEMS)

    def key_of(ident: str) -> str:
        key = room.archive.resolve(ident)
        if key is None:
            ghost = ghost_of(room, ident)
            if ghost is None:
                raise NotHeld(f"{ident[:80]} is not in this archive, and no cable of it cites it.")
            key = ghost.cable
        return key

    def cables_of(key: str) -> list[dict[str, Any]]:
        return room.studies.answer(("thread", key), lambda: thread_cables(room, key))

    @routes.get("/cables/{ident}/thread.json", response_model=ThreadShape, summary="The thread of a cable, from top to bottom")
    def thread_json(ident: Ident) -> dict[str, Any]:
        key = key_of(ident)
        return {"key": key, "cables": cables_of(key)}

    @routes.get("/cables/{ident}/thread", include_in_schema=False)
    def thread_page(request: Request, ident: Ident) -> Response:
        key = key_of(ident)
        cables = cables_of(key)
        nodes = [
            Node(
                one["id"], f"{one['id']}, {(one['date'] or 'date unknown')[:10]}{'' if one['held'] else ', not held'}", one["held"],
                one["id"] == key, f"#{one['id']}",
            )
            for one in cables
        ]  # fmt: skip
        line = thread_line(nodes, [(one["id"], other) for one in cables for other in one["cites"]])
        left: list[dict[str, Any]] = []
        limits: list[dict[str, Any]] = []
        if room.archive.store.number(key) is not None:
            told = room.studies.answer(("distribution", key), lambda: distribution(room.archive, key))
            left, limits = told["left_off"], told["captions"]
        return room.html(
            request, "thread.html", key=key, cables=cables, line=line, left=left, limits=limits, here=cable_url(key),
            held=sum(one["held"] for one in cables),
        )  # fmt: skip

    return routes
