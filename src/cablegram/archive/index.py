"""The full-text index: tantivy, made from the store and from nothing else.

It keeps no text, only words and the values that queries and facets ask for. ``meta.indexed`` in the store is the number of
the last change that the index has seen; what changed after it is read again at the next opening. A change is committed
to the index before the store is told: after a crash in between, the same cables are read once more and replace themselves.
A new index is made beside the old one; ``meta.begun`` says how far it is, until it takes the old one's place.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cablegram.archive import pairs
from cablegram.archive.document import SCHEMA, Row, Values, fields, make_document, tell
from cablegram.archive.store import Store
from cablegram.archive.words import ANALYZER, FLAT, analyzer, flat_analyzer
from cablegram.archive.work import Telling, Workers, uncollected
from cablegram.errors import ArchiveError

if TYPE_CHECKING:
    from tantivy import Index, Searcher

_HEAP: Final = 200_000_000
_SMALL_HEAP: Final = 40_000_000
_SMALL: Final = 5_000
#: Cables that are told of at once: what stands of them in memory then fits the caches of a core.
_BATCH: Final = 32
#: Cables between two commits of a long run: what a crash costs at most.
_COMMIT_EVERY: Final = 100_000
_WHAT_TO_DO: Final = "wait if another program is writing to the archive, else call `cablegram reindex`, on a copy of the archive if it is read-only"

#: Is told how many cables were read.
Progress = Callable[[int], None]


class _Begun(NamedTuple):
    """An index that is being made beside the one that is asked, as the store keeps it: its ``folder``, its ``schema``, its ``common`` words, the
    archive's ``clock`` when it was begun, and up to which ``row`` it has the cables."""

    folder: str
    schema: str
    common: list[str]
    clock: int
    row: int


class _Part(NamedTuple):
    """Cables that changed after a ``change``, behind a ``row``."""

    change: int
    row: int = 0


@dataclass
class _Watched:
    progress: Progress | None
    processes: int
    done: int = 0

    def advance(self, count: int) -> None:
        """So many cables more were read."""
        self.done += count
        if self.progress is not None:
            self.progress(self.done)


class View(NamedTuple):
    """The index as it is at one moment, which stays the same while others write; ``common`` are the words whose pairs it has, with their signs."""

    searcher: Searcher
    common: Mapping[str, str]


def register(index: Index) -> None:
    """Tell ``index`` of the analyzers that its fields name."""
    index.register_tokenizer(ANALYZER, analyzer())
    index.register_tokenizer(FLAT, flat_analyzer())
    index.register_tokenizer(pairs.ANALYZER, pairs.analyzer())


def _is_index(path: Path | None) -> bool:
    return path is not None and (path / "meta.json").is_file()


class TextIndex:
    """The index of the archive in ``store.folder``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._opened: tuple[str | None, Index, Mapping[str, str]] | None = None
        self._guard = threading.Lock()
        self._mirror: tempfile.TemporaryDirectory[str] | None = None

    @property
    def _name(self) -> str | None:
        return self._store.meta("index")

    @property
    def path(self) -> Path | None:
        """The folder of the index, or None where there is none yet."""
        name = self._name
        return self._store.folder / name if name is not None else None

    def is_missing(self) -> bool:
        """Whether there is no index of the kind that this program makes."""
        return self._store.meta("schema") != SCHEMA or not _is_index(self.path)

    def is_half_made(self) -> bool:
        """Whether a new index was begun and is not yet done, or was to be."""
        return self._store.meta("begun") is not None

    def behind(self) -> int:
        """How many cables changed since the index was last brought up to date."""
        if self.is_missing():
            return self._store.count()
        return self._count(_Part(self._indexed()))

    def to_read(self, *, anew: bool = False) -> int:
        """How many cables :meth:`update` would read now."""
        begun = self._begun()
        if begun is not None:
            return self._left(begun)
        return self._store.count() if self._is_to_begin(anew) else self.behind()

    def _left(self, begun: _Begun) -> int:
        """How many cables are to be read until what was begun is whole and up to date; those that came later twice."""
        return self._count(_Part(0, begun.row)) + self._count(_Part(begun.clock))

    def _is_to_begin(self, anew: bool) -> bool:
        """Whether a new index is to be begun, where there is none to go on with."""
        return anew or self.is_missing() or self.is_half_made() or self._is_outgrown()

    def _count(self, part: _Part) -> int:
        # +: by the index of changes, which has few that are new; the other way all cables are gone through.
        return int(self._store.db.execute("SELECT count(*) FROM cables WHERE changed > ? AND +id > ?", part).fetchone()[0])

    def _indexed(self) -> int:
        return int(self._store.meta("indexed") or 0)

    def _begun(self) -> _Begun | None:
        """The index that was begun, if it is to be gone on with."""
        kept = json.loads(self._store.meta("begun") or "{}")
        # Only this version's has the keys that are expected.
        begun = _Begun(**kept) if kept.get("schema") == SCHEMA else None
        if begun is None or not _is_index(self._store.folder / begun.folder):
            return None
        # Where so much has changed since, a new one takes no longer; that one knows which words are common now.
        return begun if self._left(begun) < self._store.count() else None

    def _open(self, path: Path) -> Index:
        from tantivy import Index

        index = Index.open(str(path if os.access(path, os.W_OK) else self._mirrored(path)))
        register(index)
        return index

    def _mirrored(self, path: Path) -> Path:
        """A folder with links to the files of ``path``, which nobody may write to: the index wants to put a lock beside them."""
        self._mirror = tempfile.TemporaryDirectory(prefix="cablegram-index-")
        place = Path(self._mirror.name)
        for file in path.iterdir():
            if not file.name.endswith(".lock"):
                (place / file.name).symlink_to(file.resolve())
        return place

    def _begin(self) -> _Begun:
        """Begin a new, empty index beside the one that is asked."""
        from tantivy import Index

        names = [self._name or "index-0", *(path.name for path in self._store.folder.glob("index-*"))]
        numbers = [int(number) for name in names if (number := name.rpartition("-")[2]).isdecimal()]
        path = self._store.folder / f"index-{max(numbers, default=0) + 1}"
        begun = _Begun(path.name, SCHEMA, pairs.common_words(self._store), self._store.clock(), 0)
        # First told, then made: what is stopped in between is found again.
        self._store.set_meta("begun", json.dumps(begun._asdict()))
        path.mkdir()
        Index(fields(), str(path))
        self._clear(begun)
        return begun

    def _clear(self, begun: _Begun) -> None:
        """Take away what earlier indexes left beside the one that is asked and the one that was ``begun``."""
        for path in self._store.folder.glob("index-*"):
            if path.name not in (self._name, begun.folder):
                shutil.rmtree(path, ignore_errors=True)

    def update(self, progress: Progress | None = None, *, anew: bool = False, processes: int | None = None) -> int:
        """Bring the index up to date (``anew``: make it again), on so many ``processes`` (all cores); the number of cables that were read.

        What was begun anew and stopped goes on where it was. To be called inside :meth:`Store.writing`.
        """
        watched = _Watched(progress, processes or os.cpu_count() or 1)
        try:
            return self._update(watched, anew=anew)
        except ValueError as error:
            if "space" in str(error).lower():
                raise ArchiveError(f"{self._store.folder}: the disk is full; make room, then call `cablegram reindex`") from None
            # Damaged files: the store has everything, so the index is made again.
            self._store.forget_meta("begun")
            return self._update(watched, anew=True)

    def _update(self, watched: _Watched, *, anew: bool) -> int:
        begun = self._begun() or (self._begin() if self._is_to_begin(anew) else None)
        return (self._go_on(begun, watched) if begun is not None else 0) + self._catch_up(watched)

    def _is_outgrown(self) -> bool:
        """Whether the index was begun when there were few cables, and most that there are now are not in it yet."""
        if self._common(self._store.meta("common")):
            return False
        count = self._store.count()
        return pairs.are_worth_it(count) and 2 * self.behind() >= count

    @staticmethod
    def _common(kept: str | None) -> list[str]:
        return [str(word) for word in json.loads(kept or "[]")]

    def _go_on(self, begun: _Begun, watched: _Watched) -> int:
        """Make what was begun whole; from then on it is what is asked."""
        store = self._store

        def kept(row: int) -> None:
            store.set_meta("begun", json.dumps(begun._replace(row=row)._asdict()))
            store.settle_on_disk()

        done = self._fill(begun.folder, begun.common, _Part(0, begun.row), watched, kept)
        with store.transaction():
            for key, value in (("index", begun.folder), ("schema", SCHEMA), ("common", json.dumps(begun.common))):
                store.set_meta(key, value)
            store.set_meta("indexed", str(begun.clock))
        # The old one goes when the new one's name cannot be lost any more, and only then there is nothing left to do.
        store.settle_on_disk()
        self._clear(begun)
        store.forget_meta("begun")
        return done

    def _catch_up(self, watched: _Watched) -> int:
        store, name = self._store, self._name
        assert name is not None
        clock = store.clock()
        done = self._fill(name, self._common(store.meta("common")), _Part(self._indexed()), watched)
        if done:
            store.set_meta("indexed", str(clock))
        return done

    def _fill(
        self, name: str, common: Sequence[str], part: _Part, watched: _Watched, kept: Callable[[int], None] = lambda row: None
    ) -> int:
        """Tell an index of a part of the cables, in the order of their rows; how many they were. ``kept`` is told up to which row it has them."""
        total = self._count(part)
        if not total:
            return 0
        index = self._open(self._store.folder / name)
        fresh = index.searcher().num_docs == 0
        writer = index.writer(_HEAP if total > _SMALL else _SMALL_HEAP, 2 if total > _SMALL else 1)
        done, due, last = 0, _COMMIT_EVERY, part.row

        def commit(row: int) -> None:
            # The index is to know of nothing that the store could still lose.
            self._store.settle_on_disk()
            writer.commit()
            kept(row)

        try:
            with uncollected(), closing(self._told(common, part, total, watched.processes)) as batches:
                for batch in batches:
                    for values in batch:
                        if not fresh:
                            writer.delete_documents_by_term("id", values["id"][0])
                        writer.add_document(make_document(values))
                    last = batch[-1]["row"][0]
                    done += len(batch)
                    watched.advance(len(batch))
                    if done >= due:
                        commit(last)
                        due += _COMMIT_EVERY
                commit(last)
            writer.wait_merging_threads()
        except BaseException:
            del writer
            raise
        return done

    def _told(self, common: Sequence[str], part: _Part, total: int, processes: int) -> Generator[list[Values], None, None]:
        """What the index is to know of those cables, in their order."""
        cables = self._cables(part)
        if total <= _SMALL:
            known = pairs.signs(map(str.encode, common))
            yield from (tell(self._store, rows, known) for rows in cables)
            return
        self._store.checkpoint()
        waiting: deque[Future[list[Values]]] = deque()
        with Workers(processes, Telling(str(self._store.folder), tuple(common))) as workers:
            for rows in cables:
                waiting.append(workers.submit(rows))
                if len(waiting) > processes + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _cables(self, part: _Part) -> Iterator[list[Row]]:
        sql = "SELECT id, key, current FROM cables WHERE changed > ? AND id > ? ORDER BY id LIMIT ?"
        while rows := self._store.db.execute(sql, (*part, _BATCH)).fetchall():
            part = part._replace(row=rows[-1][0])
            yield rows

    def view(self) -> View:
        """The index as it is now."""
        # All in one look: another program may begin a new index at any time.
        found = dict(self._store.db.execute("SELECT key, value FROM meta WHERE key IN ('index', 'common', 'schema')"))
        name = found.get("index")
        if name is None:
            raise ArchiveError(f"{self._store.folder}: has no index yet; {_WHAT_TO_DO}")
        if found.get("schema") != SCHEMA:
            # Its fields have other numbers: asked as one of ours it would find nothing, and not say so.
            raise ArchiveError(f"{self._store.folder}: the index is of another version of cablegram; {_WHAT_TO_DO}")
        path = self._store.folder / name
        try:
            with self._guard:
                if self._opened is None or name != self._opened[0]:
                    self._opened = (name, self._open(path), pairs.signs(self._common(found.get("common"))))
                _, index, common = self._opened
            index.reload()
        except (ValueError, OSError) as error:
            if name != self._name:
                # Another program has just put a new one in its place.
                return self.view()
            raise ArchiveError(f"{path}: cannot be read ({error}); call `cablegram reindex`") from None
        return View(index.searcher(), common)

    def searcher(self) -> Searcher:
        """A view of the index as it is now, for who asks by no phrases."""
        return self.view().searcher

    def rows(self, page: int) -> Iterator[int]:
        """The rows of all cables in the index, ``page`` at a time."""
        from tantivy import Order, Query

        searcher = self.searcher()
        offset = 0
        while hits := searcher.search(Query.all_query(), page, False, "row", offset, Order.Asc).hits:
            yield from (
                int(row) for row in searcher.fast_field_values("row", [address for _, address in hits]) if row is not None
            )
            offset += len(hits)
