"""The tables of an archive, and the steps that bring an older one up to date.

SQLite keeps everything that was put in; the full-text index beside it can be made again from here at any time. Tables with
``version`` hold what one version of a cable says, as rows that can be asked with SQL; the whole record is ``versions.record``.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from cablegram.errors import ArchiveError

#: Marks a file as an archive of cablegram ("CBLG"), see ``PRAGMA application_id``.
APPLICATION: Final = 0x43424C47

_FIRST: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- What texts and records are compressed with (number 1: texts, 2: records).
CREATE TABLE dictionaries (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- Files that are not simply a text in UTF-8 (another encoding, a PDF): their bytes, compressed; sha256 is of the bytes.
CREATE TABLE files (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, data BLOB NOT NULL) STRICT;

-- Each text once, as the source gave it: UTF-8, compressed; sha256 is of the UTF-8 bytes. file: what it was read from, where that is more.
CREATE TABLE originals (
    id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, length INTEGER NOT NULL, data BLOB NOT NULL,
    file INTEGER REFERENCES files (id)) STRICT;

-- One row a cable. key: its canonical message number, or x- and the beginning of its first text's checksum.
-- The other columns are those of the current version, for lists and counts. changed: the archive's clock at its last change.
CREATE TABLE cables (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, current INTEGER REFERENCES versions (id) DEFERRABLE INITIALLY DEFERRED,
    changed INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0, alike INTEGER REFERENCES cables (id),
    created TEXT, level INTEGER, post TEXT, country TEXT, serial INTEGER, subject TEXT) STRICT;
CREATE INDEX cables_changed ON cables (changed);
CREATE INDEX cables_settled ON cables (id) WHERE settled = 0;
CREATE INDEX cables_alike ON cables (alike) WHERE alike IS NOT NULL;
CREATE INDEX cables_created ON cables (created);
CREATE INDEX cables_post ON cables (post, created);

-- One row a version of a cable: a text that some source gave for it, or one joined of its sections (kind 'joined').
CREATE TABLE versions (
    id INTEGER PRIMARY KEY, cable INTEGER NOT NULL REFERENCES cables (id), original INTEGER NOT NULL REFERENCES originals (id),
    kind TEXT NOT NULL, parser TEXT NOT NULL, partial INTEGER NOT NULL, corrected INTEGER NOT NULL, sections INTEGER,
    held TEXT, redacted INTEGER NOT NULL, length INTEGER NOT NULL, record BLOB NOT NULL,
    UNIQUE (cable, original)) STRICT;
CREATE INDEX versions_original ON versions (original);

CREATE TABLE parts (
    joined INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, part INTEGER NOT NULL REFERENCES versions (id),
    PRIMARY KEY (joined, part)) STRICT, WITHOUT ROWID;

-- Where each version was seen. told: checksum of text and claims; claims: what this source said, where it is not what the record has.
CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE sightings (
    source INTEGER NOT NULL REFERENCES sources (id), position INTEGER NOT NULL, told BLOB NOT NULL,
    version INTEGER NOT NULL REFERENCES versions (id), claims TEXT,
    PRIMARY KEY (source, position, told)) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_told ON sightings (told);
CREATE INDEX sightings_version ON sightings (version);
CREATE TABLE refusals (
    source INTEGER NOT NULL REFERENCES sources (id), position INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (source, position, reason)) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, program TEXT NOT NULL, sources TEXT NOT NULL,
    read INTEGER, new INTEGER, versions INTEGER, unchanged INTEGER, refused INTEGER) STRICT;

CREATE TABLE paragraphs (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, seq INTEGER NOT NULL, number INTEGER, marking TEXT, level INTEGER,
    kind TEXT NOT NULL, section INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (version, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE addressees (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, seq INTEGER NOT NULL, role TEXT NOT NULL, post TEXT,
    name TEXT, precedence TEXT, number TEXT, PRIMARY KEY (version, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE tags (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, seq INTEGER NOT NULL, tag TEXT NOT NULL, person INTEGER NOT NULL,
    PRIMARY KEY (version, seq)) STRICT, WITHOUT ROWID;
-- "references" is a word of SQL.
CREATE TABLE refs (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, seq INTEGER NOT NULL, label TEXT, kind TEXT NOT NULL, target TEXT,
    PRIMARY KEY (version, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX refs_target ON refs (target) WHERE target IS NOT NULL;
-- Edits and diagnostics stand in the record, each with its place; here are their counts by rule and code.
CREATE TABLE edits (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, rule TEXT NOT NULL, applied INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (version, rule, applied)) STRICT, WITHOUT ROWID;
CREATE TABLE diagnostics (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, code TEXT NOT NULL, severity TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (version, code, severity)) STRICT, WITHOUT ROWID;
-- The smallest checksums of a cable's sentences: cables that share some are compared (see likeness.py).
CREATE TABLE sketches (hash INTEGER NOT NULL, cable INTEGER NOT NULL REFERENCES cables (id), PRIMARY KEY (hash, cable)) STRICT, WITHOUT ROWID;
CREATE INDEX sketches_cable ON sketches (cable);
"""

_SECOND: Final = """
-- Cables that a text cites outside of its REF line: paragraph counts them from 0; how: 'label' (ref B) or 'number' (STATE 12345).
CREATE TABLE mentions (
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE, paragraph INTEGER NOT NULL, target TEXT NOT NULL,
    how TEXT NOT NULL, year_source TEXT, PRIMARY KEY (version, paragraph, target)) STRICT, WITHOUT ROWID;
-- What is cited by its label stands on the REF line, and so in refs_target.
CREATE INDEX mentions_target ON mentions (target) WHERE how = 'number';
-- Versions that were read before there was this table: `reread` fills it.
CREATE TABLE unmentioned (version INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE) STRICT;
INSERT INTO unmentioned SELECT id FROM versions;
ALTER TABLE refs ADD COLUMN year_source TEXT;
"""

_THIRD: Final = """
-- A version's own sketch, four bytes a checksum; the table of sketches has them by checksum, for cables that were compared with the others.
ALTER TABLE versions ADD COLUMN sketch BLOB;
UPDATE versions SET sketch = (SELECT packed(group_concat(s.hash)) FROM sketches s WHERE s.cable = versions.cable);
DROP INDEX sketches_cable;
"""

#: Step n leads from version n to n + 1 of the tables; a step that has been released is never changed.
_STEPS: Final = (_FIRST, _SECOND, _THIRD)
NEWEST: Final = len(_STEPS)


def _packed(numbers: str | None) -> bytes | None:
    """Numbers with commas between them, the smallest first and four bytes each."""
    return b"".join(number.to_bytes(4, "big") for number in sorted(map(int, numbers.split(",")))) if numbers else None


def migrate(db: sqlite3.Connection) -> None:
    """Bring the tables up to date, each step whole or not at all. ``ArchiveError`` where a newer program made them."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > NEWEST:
        raise ArchiveError(f"the archive is of a newer cablegram (tables {found}, this program knows {NEWEST}); update cablegram")
    db.create_function("packed", 1, _packed, deterministic=True)
    for number in range(found, NEWEST):
        try:
            db.executescript(
                f"BEGIN IMMEDIATE;\n{_STEPS[number]}\nPRAGMA user_version = {number + 1};\nPRAGMA application_id = {APPLICATION};\nCOMMIT;"
            )
        except sqlite3.OperationalError:
            if db.in_transaction:
                db.execute("ROLLBACK")
            # Another program that opened the archive at the same time may have taken the step.
            if db.execute("PRAGMA user_version").fetchone()[0] <= number:
                raise


def is_newest(db: sqlite3.Connection) -> bool:
    """Whether the tables are those of this program."""
    return bool(db.execute("PRAGMA user_version").fetchone()[0] == NEWEST)


def require_newest(db: sqlite3.Connection) -> None:
    """``ArchiveError`` where the tables are of an older program, and cannot be brought up to date because they are read-only."""
    if db.execute("PRAGMA user_version").fetchone()[0] < NEWEST:
        raise ArchiveError(
            "the archive is of an older cablegram and read-only; copy it to a folder that can be written, and open that"
        )
