"""What an archive holds: counts, sources, how many records have each field, what the reader noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any, Final, NamedTuple

from cablegram.archive.citations import cited
from cablegram.archive.store import NAME, Store
from cablegram.vocabulary.levels import BY_RANK

_MOST_SOURCES: Final = 20
_MANY_FILES: Final = 12
#: How many cables have a field, by its name: a condition on ``cables c`` and its current version ``v``.
_COVERAGE: Final = {
    "id": "c.key NOT LIKE 'x-%'",
    "created": "c.created IS NOT NULL",
    "classification": "c.level IS NOT NULL",
    "origin": "c.post IS NOT NULL",
    "subject": "c.subject IS NOT NULL",
    "serial": "c.serial IS NOT NULL",
    "text": "v.length > 0",
    "tags": "EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id)",
    "action": "EXISTS (SELECT 1 FROM addressees a WHERE a.version = v.id AND a.role = 'action')",
    "info": "EXISTS (SELECT 1 FROM addressees a WHERE a.version = v.id AND a.role = 'info')",
    "references": "EXISTS (SELECT 1 FROM refs r WHERE r.version = v.id)",
    "paragraphs": "EXISTS (SELECT 1 FROM paragraphs p WHERE p.version = v.id)",
    "portion markings": "EXISTS (SELECT 1 FROM paragraphs p WHERE p.version = v.id AND p.marking IS NOT NULL)",
    "redactions": "v.redacted > 0",
}
_JOINED: Final = "FROM cables c JOIN versions v ON v.id = c.current"


def _counts(store: Store, sql: str, *values: Any) -> dict[str, int]:
    return {str(key): int(count) for key, count in store.db.execute(sql, values)}


def _folder(name: str) -> str:
    return name[: max(name.rfind("/"), name.rfind("!"), name.rfind("\\")) + 1]


class SourceGroup(NamedTuple):
    """A source, or the files of one folder: in how many places cables were seen there, and the ``names`` of the sources."""

    sightings: int
    names: list[str]


def grouped_sources(store: Store) -> dict[str, SourceGroup]:
    """The sources, those with most cables first; files of one folder or container, where there are many, are one group, ``folder/*``."""
    found = _counts(store, "SELECT s.name, count(*) FROM sightings g JOIN sources s ON s.id = g.source GROUP BY 1")
    folders: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for name, count in found.items():
        folder = _folder(name)
        folders[folder] += count
        files[folder] += 1
    names: dict[str, list[str]] = {}
    sums: Counter[str] = Counter()
    for name, count in found.items():
        folder = _folder(name)
        is_one_of_many = files[folder] > _MANY_FILES and count <= folders[folder] // _MANY_FILES
        group = (f"{folder}*" if folder else "*") if is_one_of_many else name
        names.setdefault(group, []).append(name)
        sums[group] += count
    return {group: SourceGroup(sums[group], names[group]) for group in sorted(names, key=lambda group: (-sums[group], group))}


def group_of(source: str, groups: Collection[str]) -> str:
    """Which of the groups that :func:`grouped_sources` gives a source stands in; the source itself where none is there."""
    folder = f"{_folder(source)}*"
    return folder if source not in groups and folder in groups else source


def _sources(store: Store) -> dict[str, int]:
    """The sources, or groups of them, with most cables."""
    return {name: group.sightings for name, group in list(grouped_sources(store).items())[:_MOST_SOURCES]}


def info(store: Store) -> dict[str, Any]:
    """What is held, from where, and how well it is read, as plain data."""
    db = store.db

    def one(sql: str) -> int:
        return int(db.execute(sql).fetchone()[0] or 0)

    cables = store.count()
    first, last = db.execute("SELECT min(created), max(created) FROM cables").fetchone()
    levels = _counts(store, "SELECT level, count(*) FROM cables WHERE level IS NOT NULL GROUP BY 1 ORDER BY 1 DESC")
    size = sum(file.stat().st_size for file in store.folder.rglob("*") if file.is_file())
    return {
        "cables": cables,
        "versions": one("SELECT count(*) FROM versions"),
        "cables_with_versions": one(
            "SELECT count(*) FROM (SELECT cable FROM versions WHERE kind = 'release' GROUP BY cable HAVING count(*) > 1)"
        ),
        "joined_of_sections": one("SELECT count(*) FROM versions WHERE kind = 'joined'"),
        "nearly_the_same": one("SELECT count(*) FROM cables WHERE alike IS NOT NULL"),
        "refused": one("SELECT count(*) FROM refusals"),
        "earliest": first,
        "latest": last,
        "characters": one("SELECT sum(length) FROM originals"),
        "bytes": size,
        "store_bytes": (store.folder / NAME).stat().st_size,
        "sources": _sources(store),
        "source_count": one("SELECT count(DISTINCT source) FROM sightings"),
        "classification": {BY_RANK[int(rank)].name: count for rank, count in levels.items()},
        "years": _counts(store, "SELECT substr(created, 1, 4), count(*) FROM cables WHERE created IS NOT NULL GROUP BY 1 ORDER BY 1"),
        "posts": _counts(store, "SELECT post, count(*) FROM cables WHERE post IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"),
        "coverage": {name: one(f"SELECT count(*) {_JOINED} WHERE {condition}") for name, condition in _COVERAGE.items()},
        "references": {
            "cables_cited": one(f"SELECT count(DISTINCT target) FROM ({cited('r.target')})"),
            "cited_and_held": one(f"SELECT count(DISTINCT r.target) FROM ({cited('r.target')}) r JOIN cables h ON h.key = r.target"),
            "in_texts": one(f"SELECT count(*) {_JOINED} JOIN mentions m ON m.version = v.id"),
            "texts_not_read": one("SELECT count(*) FROM unmentioned"),
        },
        "diagnostics": _counts(
            store, f"SELECT d.code, count(*) {_JOINED} JOIN diagnostics d ON d.version = v.id GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        "edits": _counts(
            store, f"SELECT e.rule, sum(e.count) {_JOINED} JOIN edits e ON e.version = v.id WHERE e.applied GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        "parsers": _counts(store, "SELECT parser, count(*) FROM versions GROUP BY 1 ORDER BY 1"),
    }  # fmt: skip
