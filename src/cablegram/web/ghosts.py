"""Ghosts, the cables that are cited and not held: each has a page at the address that it would have."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from cablegram.archive.archive import Archive
from cablegram.present.page import anchor_of, links
from cablegram.study.ghosts import Ghost
from cablegram.study.numbers import number_of
from cablegram.study.refs import citations
from cablegram.vocabulary.posts import resolve
from cablegram.web.room import Room
from cablegram.web.routes_study import dated, drawn


def ghost_of(room: Room, ident: str) -> Ghost | None:
    """The ghost with this id, in any usual spelling; None where no held cable cites it."""
    key = canonical(room.archive, ident)
    return room.studies.ghost(key) if key is not None else None


def canonical(archive: Archive, ident: str) -> str | None:
    """The id as archives have it."""
    spelled = "".join(ident.split()).upper()[:80]
    if archive.cited_by(spelled):
        return spelled
    number = number_of(spelled)
    return f"{number.yy:02d}{number.post}{number.serial}" if number is not None else None


def ghost_shape(ghost: Ghost) -> dict[str, Any]:
    """A ghost as its JSON has it."""
    return {
        "key": ghost.cable, "held": False, "post": ghost.post, "serial": ghost.serial, "citations": ghost.citations,
        "cited_by": list(ghost.cited_by), "first_cited": ghost.first_cited, "titles": list(ghost.titles),
        "words": [one._asdict() for one in ghost.words], "likely_classification": ghost.likely_classification,
        "classification_of_citing": dict(ghost.levels), "dating": dated(ghost.dating),
    }  # fmt: skip


def ghost_page(room: Room, request: Request, ghost: Ghost) -> Response:
    """The page of a ghost."""
    db = room.archive.store.db
    number = number_of(ghost.cable)
    found = room.studies.ready(0)
    line = before = after = None
    if number is not None:
        # As in the numbers' index: ids of one year and post stand together.
        start = f"{number.yy:02d}{number.post}"
        serials = sorted(
            one.serial for (key,) in db.execute("SELECT key FROM cables WHERE key >= ? AND key < ?", (f"{start}0", f"{start}:"))
            if (one := number_of(key)) is not None and one.post == number.post
        )  # fmt: skip
        below = [serial for serial in serials if serial < number.serial]
        above = [serial for serial in serials if serial > number.serial]
        near = [f"{start}{serial}" for serial in (*below[-1:], *above[:1])]
        told = links(room.archive, near)
        before = told.get(f"{start}{below[-1]}") if below else None
        after = told.get(f"{start}{above[0]}") if above else None
        if found is not None:
            seen_there = next((c for c in found.coverage.values() if (c.post, c.year % 100) == (number.post, number.yy)), None)
            line = (seen_there.year, drawn(room, found, seen_there, number.serial)) if seen_there is not None else None
    anchors: dict[str, list[tuple[int, str]]] = {}
    for place in citations(room.archive, ghost.cable):
        if place.paragraph is not None:
            cable = room.archive.get(place.cable)
            seen: set[str] = set()
            names = [anchor_of(n, p, seen) for n, p in enumerate(cable.paragraphs)] if cable is not None else []
            if place.paragraph <= len(names):
                anchors.setdefault(place.cable, []).append((place.number or place.paragraph, names[place.paragraph - 1]))
    words: dict[str, list[str]] = {}
    for said in ghost.words:
        words.setdefault(said.citing, []).append(f"{said.label}. {said.raw}" if said.label else said.raw)
    post = resolve(ghost.post) if ghost.post else None
    return room.html(
        request, "ghost.html", ghost=ghost, when=dated(ghost.dating), post=post, line=line, before=before, after=after,
        citing=list(links(room.archive, ghost.cited_by).values()), words=words, anchors=anchors,
    )  # fmt: skip
