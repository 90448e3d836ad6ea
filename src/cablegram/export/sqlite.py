"""An SQLite file with plain tables, full-text search and views, as Datasette and any SQLite program read it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cablegram.cable import Cable
from cablegram.errors import CablegramError
from cablegram.export.tables import (
    ADDRESSEES,
    CABLES,
    PARAGRAPHS,
    REFERENCES,
    TABLES,
    Column,
    Kind,
    Row,
    Table,
    in_groups,
    without_surrogates,
)
from cablegram.vocabulary import tags
from cablegram.vocabulary.countries import country_name
from cablegram.vocabulary.posts import all_posts

_BATCH: Final = 200
_CACHE: Final = 65_536  # KiB
_TYPES: Final[dict[Kind, str]] = {
    "text": "TEXT", "category": "TEXT", "time": "TEXT", "texts": "TEXT", "ints": "TEXT", "int": "INTEGER", "bool": "INTEGER", "float": "REAL",
}  # fmt: skip


def _tags(key: str, cable: Cable) -> Iterator[Row]:
    for n, tag in enumerate(cable.tags, 1):
        known = tags.lookup(tag)
        yield (key, n, tag, False, known.meaning if known is not None else None)
    for n, name in enumerate(cable.tags_people, len(cable.tags) + 1):
        yield (key, n, name, True, None)


def _no_rows(key: str, cable: Cable) -> Iterator[Row]:
    yield from ()


TAGS: Final = Table("tags", "one row a tag of the TAGS line", (
    Column("cable", "text", "id of the cable (`cables.id`)"),
    Column("seq", "int", "its place on the TAGS line, from 1"),
    Column("tag", "text", "the code, or the name where it is a person's"),
    Column("person", "bool", "1 where it is the name of a person"),
    Column("meaning", "text", "what the code stands for, where the vocabulary knows it"),
), _tags)  # fmt: skip

POSTS: Final = Table("posts", "one row a post that sends or receives these cables", (
    Column("code", "text", "canonical code, as in message numbers; unique"),
    Column("name", "text", "display name; null where the vocabulary does not know the post"),
    Column("kind", "text", "embassy, consulate, mission, department and others"),
    Column("country", "text", "country, ISO 3166"),
    Column("country_name", "text", "country in English"),
    Column("latitude", "float", "degrees north"),
    Column("longitude", "float", "degrees east"),
    Column("zone", "text", "time zone (IANA)"),
    Column("since", "int", "first year, if known"),
    Column("until", "int", "last year, if it is closed"),
), _no_rows)  # fmt: skip

#: All tables of the file, in the order in which they are made.
SQL_TABLES: Final = (POSTS, CABLES, PARAGRAPHS, REFERENCES, ADDRESSEES, TAGS)
_FILLED: Final = (*TABLES, TAGS)
_KEYS: Final = {"posts": '"code"', "cables": '"id"'}
_FOREIGN: Final = {("cables", "post"): 'posts ("code")', ("addressees", "post"): 'posts ("code")'}
_INDEXES: Final = (
    ("cables", "created"), ("cables", "post", "created"), ("cables", "classification"), ("cables", "country"),
    ("paragraphs", "marking"), ("references", "target"), ("addressees", "post"), ("tags", "tag"),
)  # fmt: skip
#: Views for questions that many ask; ``docs/exports.md`` names them.
VIEWS: Final = {
    "cables_by_year": (
        "number of cables by year and classification",
        "SELECT substr(created, 1, 4) AS year, classification, count(*) AS cables FROM cables GROUP BY 1, 2",
    ),
    "most_cited": (
        "cables by how many others cite them on their REF lines, and whether they are in this file",
        'SELECT r.target AS id, count(DISTINCT r.cable) AS cited_by, c.id IS NOT NULL AS held, c.created, c.subject FROM "references" r'
        " LEFT JOIN cables c ON c.id = r.target WHERE r.target IS NOT NULL GROUP BY r.target ORDER BY cited_by DESC, r.target",
    ),
    "marked_paragraphs": (
        "paragraphs with a portion marking, with date, post and subject of their cable",
        "SELECT p.cable, p.number, p.marking, c.created, c.post, c.subject, p.text FROM paragraphs p JOIN cables c ON c.id = p.cable"
        " WHERE p.marking IS NOT NULL",
    ),
}


def _create(table: Table) -> str:
    lines = [f'"{one.name}" {_TYPES[one.kind]}' for one in table.columns]
    key = _KEYS.get(table.name)
    lines.append(f"PRIMARY KEY ({key})" if key else 'PRIMARY KEY ("cable", "seq")')
    if not key:
        lines.append('FOREIGN KEY ("cable") REFERENCES cables ("id")')
    lines += [f'FOREIGN KEY ("{column}") REFERENCES {other}' for (name, column), other in _FOREIGN.items() if name == table.name]
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(lines) + "\n)"


def _plain(value: Any) -> Any:
    if value.__class__ is str:
        return without_surrogates(value)
    if isinstance(value, tuple):
        return json.dumps(without_surrogates(value), ensure_ascii=False)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _fill(db: sqlite3.Connection, cables: Iterable[tuple[str, Cable]]) -> int:
    inserts = {
        table.name: f'INSERT INTO "{table.name}" VALUES ({", ".join("?" * len(table.columns))})' for table in _FILLED
    }  # fmt: skip
    count = 0
    for group in in_groups(cables, _FILLED, _BATCH):
        db.execute("BEGIN")
        for name, rows in group.rows.items():
            db.executemany(inserts[name], (tuple(map(_plain, row)) for row in rows))
        db.execute("COMMIT")
        count += group.cables
    return count


def _fill_posts(db: sqlite3.Connection) -> None:
    known = {post.code: post for post in all_posts()}
    codes = db.execute(
        "SELECT post FROM cables WHERE post IS NOT NULL UNION SELECT post FROM addressees WHERE post IS NOT NULL ORDER BY 1"
    )
    rows: list[Row] = []
    for (code,) in codes.fetchall():
        post = known.get(code)
        rows.append(
            (code, *[None] * (len(POSTS.columns) - 1)) if post is None else (
                code, post.name, post.kind, post.country, country_name(post.country), post.lat, post.lon, post.zone or None,
                post.since, post.until,
            )
        )  # fmt: skip
    db.executemany(f"INSERT INTO posts VALUES ({', '.join('?' * len(POSTS.columns))})", rows)


def _finish(db: sqlite3.Connection) -> None:
    for table, *columns in _INDEXES:
        listed = ", ".join(f'"{column}"' for column in columns)
        db.execute(f'CREATE INDEX "{table}_{"_".join(columns)}" ON "{table}" ({listed})')
    for table, columns in (("cables", ["subject", "text"]), ("paragraphs", ["text"])):
        db.execute(
            # The quotation marks around the table's name are what Datasette looks for.
            f'CREATE VIRTUAL TABLE {table}_fts USING fts5 ({", ".join(columns)}, content="{table}",'
            ' tokenize="unicode61 remove_diacritics 2")'
        )
        db.execute(f"INSERT INTO {table}_fts ({table}_fts) VALUES ('rebuild')")
    for name, (_, sql) in VIEWS.items():
        db.execute(f"CREATE VIEW {name} AS {sql}")
    db.execute("ANALYZE")


def write_sqlite(cables: Iterable[tuple[str, Cable]], path: Path) -> int:
    """Fill the empty file ``path`` with the tables of :data:`SQL_TABLES`; how many cables. Lists are JSON arrays, times ISO 8601."""
    try:
        # One writer, and a file that nobody sees before it is whole: no journal.
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_CACHE}; PRAGMA temp_store = FILE;"
            )
            for table in SQL_TABLES:
                db.execute(_create(table))
            count = _fill(db, cables)
            _fill_posts(db)
            _finish(db)
    except sqlite3.OperationalError as error:
        raise CablegramError(f"the SQLite file cannot be written ({error}); is the disk full?") from None
    return count
