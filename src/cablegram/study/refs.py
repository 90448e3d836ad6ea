"""References: which cables a cable cites, on its REF line and in its text, who cites it, and what hangs together with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cablegram.archive.archive import Archive
from cablegram.archive.citations import cited, citing
from cablegram.errors import NotHeld
from cablegram.interpret.claims import meant_id
from cablegram.interpret.mentions import mentions
from cablegram.interpret.senders import DEPARTMENT
from cablegram.study.guesses import may_be
from cablegram.study.numbers import day_of

#: Cables of a thread, and ids (held or not) that are looked at on the way.
MOST_THREAD: Final = 40
_MOST_SEEN: Final = 2_000
_BATCH: Final = 500
#: Date, post and subject of a held cable.
_Told = tuple[str | None, str | None, str | None]


class Citation(NamedTuple):
    """Where a held cable cites another: on its REF line (``paragraph`` None), or by number in a ``paragraph`` of its text, counted
    from 1, which has the ``number``, if any."""

    cable: str
    paragraph: int | None
    number: int | None


class Step(NamedTuple):
    """One cable of a thread: how many references away (``distance``), its date (``created``), post, subject, and which of the thread it ``cites``."""

    cable: str
    distance: int
    created: str | None
    post: str | None
    subject: str | None
    cites: tuple[str, ...]


def _held(archive: Archive, ids: Iterable[str]) -> dict[str, _Told]:
    """Date, post and subject of those that are held."""
    wanted = list(dict.fromkeys(ids))
    out: dict[str, _Told] = {}
    for at in range(0, len(wanted), _BATCH):
        some = wanted[at : at + _BATCH]
        rows = archive.store.db.execute(
            f"SELECT key, created, post, subject FROM cables WHERE key IN ({','.join('?' * len(some))})", some
        )
        out.update({key: (created, post, subject) for key, created, post, subject in rows})
    return out


def _edges(archive: Archive, ids: Sequence[str]) -> list[tuple[str, str]]:
    """``(citing, cited)`` of all citations from or to some ids, the cited one held or not."""
    chosen = "IN (SELECT value FROM json_each(?1))"
    return archive.store.db.execute(
        f"SELECT key, target FROM ({cited('c.key, r.target', f'c.key {chosen}')})"
        f" UNION SELECT key, target FROM ({citing('c.key, r.target', f'r.target {chosen}')})",
        (json.dumps(list(ids)),),
    ).fetchall()


def thread_of(archive: Archive, key: str, most: int = MOST_THREAD) -> list[str]:
    """Ids of the held cables that hang together with ``key`` by what they cite, at most ``most``, nearest first;
    ``key`` itself leads. A cable that is not held links those that cite it; so does ``key`` where it is not held."""
    return [step.cable for step in sorted(thread(archive, key, most), key=lambda step: step.distance)]


def thread(archive: Archive, key: str, most: int = MOST_THREAD) -> list[Step]:
    """The thread of ``key`` in order of time. Where it has more than ``most`` cables those fewest references away are kept, and of
    those as far the nearest in time."""
    distance = {key: 0}
    held = _held(archive, [key])
    origin = day_of(held[key][0]) if key in held else None
    chosen = [key]
    rim, step = [key], 0
    edges: set[tuple[str, str]] = set()
    while rim and len(chosen) < most and len(distance) < _MOST_SEEN:
        step += 1
        found = _edges(archive, rim)
        edges.update(found)
        new = list(dict.fromkeys(one for edge in found for one in edge if one not in distance))
        held.update(_held(archive, new))
        rim = sorted(new, key=lambda one: (one not in held, _apart(held, one, origin), one))[: _MOST_SEEN - len(distance)]
        distance.update(dict.fromkeys(rim, step))
        chosen += [one for one in rim if one in held][: most - len(chosen)]
    edges.update(_edges(archive, rim) if len(chosen) >= most else ())
    inside = set(chosen)
    cites: dict[str, list[str]] = {}
    for one, other in sorted(edges):
        if one in inside and other in inside and one != other:
            cites.setdefault(one, []).append(other)
    steps = [Step(one, distance[one], *held.get(one, (None, None, None)), tuple(cites.get(one, ()))) for one in chosen]
    return sorted(steps, key=lambda one: (one.created is None, one.created or "", one.cable))


def _apart(held: Mapping[str, _Told], one: str, origin: float | None) -> float:
    """Days between a held cable and ``origin``; 0 where either is not known."""
    day = day_of(held[one][0]) if one in held else None
    return abs(day - origin) if day is not None and origin is not None else 0.0


def citations(archive: Archive, key: str) -> list[Citation]:
    """Every place where the held cables cite ``key``, in order of their ids and of the text; a REF line counts as one place."""
    rows = archive.store.db.execute(
        f"SELECT DISTINCT f.key, f.paragraph + 1, p.number FROM ({citing('c.key, r.version', 'r.target = ?1', places=True)}) f"
        " LEFT JOIN paragraphs p ON p.version = f.version AND p.seq = f.paragraph ORDER BY 1, f.paragraph IS NOT NULL, f.paragraph",
        (key,),
    )
    return [Citation(*row) for row in rows]


def unread(archive: Archive) -> int:
    """Versions of which it is not known what their texts cite by number: they were read before archives kept that."""
    return int(archive.store.db.execute("SELECT count(*) FROM unmentioned").fetchone()[0])


def silent(archive: Archive, key: str) -> list[str]:
    """Posts that a held cable asks for action and of which no held cable cites it. Silence here is silence in this archive.

    A report asks nothing and is owed no answer, though it has an action addressee as every telegram does. What asks: a cable of the
    Department, whose telegrams to posts are instructions, and a cable with a paragraph that was read as an action request.
    """
    rows = archive.store.db.execute(
        "SELECT DISTINCT a.post FROM cables c JOIN addressees a ON a.version = c.current WHERE c.key = ?1 AND a.role = 'action'"
        " AND a.post IS NOT NULL AND a.post IS NOT c.post AND (c.post = ?2 OR EXISTS"
        " (SELECT 1 FROM paragraphs p WHERE p.version = c.current AND p.kind = 'action request')) ORDER BY 1",
        (key, DEPARTMENT),
    ).fetchall()
    answered = {post for _, post, _ in _held(archive, archive.cited_by(key)).values()}
    return [post for (post,) in rows if post not in answered]


def references(archive: Archive, name: str, most: int = MOST_THREAD) -> dict[str, Any]:
    """All that ``refs ID --json`` prints, as plain data. A cable that is not held has no ``cites`` of its own.

    ``NotHeld`` where the archive neither holds nor cites it.
    """
    key = archive.resolve(name) or meant_id(name)
    cable = archive.get(key)
    cited_by = archive.cited_by(key)
    if cable is None and not cited_by:
        raise NotHeld(f"{name} is not in this archive, and no cable in it cites it; `cablegram search` finds what is there")
    found = mentions(cable) if cable is not None else []
    held = _held(archive, [one.cable for one in found if one.cable] + cited_by)
    steps = thread(archive, key, most)
    cited_by.sort(key=lambda one: (held[one][0] or "", one) if one in held else ("", one))
    return {
        "cable": key,
        "held": cable is not None,
        "cites": [
            {
                "cable": one.cable, "held": one.cable in held, "raw": one.raw, "paragraph": one.paragraph, "label": one.label,
                "title": one.title, "year_source": one.year_source, "how": one.how, "itself": one.cable == key,
            }
            for one in found if one.cable
        ],
        "cited_by": cited_by,
        "citations": [one._asdict() for one in citations(archive, key)],
        "thread": [step.cable for step in steps],
        "others": [
            {
                "raw": one.raw, "paragraph": one.paragraph, "label": one.label, "how": one.how, "reason": one.reason,
                "may_be": may_be(archive, cable, one.raw) if cable is not None and one.how != "label" else [],
            }
            for one in found if not one.cable
        ],
        "silent": silent(archive, key) if cable is not None and cited_by else [],
        "thread_cables": [{**step._asdict(), "cites": list(step.cites)} for step in steps],
    }  # fmt: skip
