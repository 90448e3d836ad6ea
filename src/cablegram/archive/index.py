"""The full-text index: tantivy, made from the store and from nothing else.

It keeps no text, only words and the values that queries and facets ask for. ``meta.indexed`` in the store is the number of
the last change that the index has seen; what changed after it is read again at the next opening. A change is committed
to the index before the store is told: after a crash in between, the same cables are read once more and replace themselves.
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

Progress = Callable[[int, int], None]


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

    def behind(self) -> int:
        """How many cables changed since the index was last brought up to date."""
        if self.is_missing():
            return self._store.count()
        return int(self._store.db.execute("SELECT count(*) FROM cables WHERE changed > ?", (self._indexed(),)).fetchone()[0])

    def _indexed(self) -> int:
        return int(self._store.meta("indexed") or 0)

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

    def _start(self) -> None:
        """Begin a new, empty index beside the old one; the old one is forgotten when the store says so."""
        from tantivy import Index

        number = int((self._name or "index-0").rpartition("-")[2]) + 1
        path = self._store.folder / f"index-{number}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        common = pairs.common_words(self._store)
        Index(fields(), str(path))
        with self._store.transaction():
            self._store.set_meta("index", path.name)
            self._store.set_meta("schema", SCHEMA)
            self._store.set_meta("common", json.dumps(common))
            self._store.set_meta("indexed", "0")
        self.clear_old()

    def clear_old(self) -> None:
        """Take away what earlier indexes left."""
        for path in self._store.folder.glob("index-*"):
            if path.name != self._name:
                shutil.rmtree(path, ignore_errors=True)

    def update(self, progress: Progress | None = None, *, anew: bool = False) -> int:
        """Bring the index up to date (``anew``: make it again); the number of cables that were read.

        To be called inside :meth:`Store.writing`.
        """
        if anew or self.is_missing() or self._is_outgrown():
            self._start()
        try:
            return self._catch_up(progress)
        except ValueError as error:
            if "space" in str(error).lower():
                raise ArchiveError(f"{self._store.folder}: the disk is full; make room, then call `cablegram reindex`") from None
            # Damaged files: the store has everything, so the index is made again.
            self._start()
            return self._catch_up(progress)

    def _is_outgrown(self) -> bool:
        """Whether the index was begun when there were few cables, and most that there are now are not in it yet."""
        if self._common(self._store.meta("common")):
            return False
        count = self._store.count()
        return pairs.are_worth_it(count) and 2 * self.behind() >= count

    @staticmethod
    def _common(kept: str | None) -> list[str]:
        return [str(word) for word in json.loads(kept or "[]")]

    def _catch_up(self, progress: Progress | None) -> int:
        store, since = self._store, self._indexed()
        total = self.behind()
        if not total:
            return 0
        path = self.path
        assert path is not None
        store.settle_on_disk()
        index = self._open(path)
        fresh = since == 0 and index.searcher().num_docs == 0
        writer = index.writer(_HEAP if total > _SMALL else _SMALL_HEAP, 2 if total > _SMALL else 1)
        done = 0
        clock = store.clock()
        common = self._common(store.meta("common"))
        try:
            with uncollected(), closing(self._told(since, total, common)) as batches:
                for batch in batches:
                    for values in batch:
                        if not fresh:
                            writer.delete_documents_by_term("id", values["id"][0])
                        writer.add_document(make_document(values))
                    done += len(batch)
                    if progress is not None:
                        progress(done, total)
                    if done % _COMMIT_EVERY < _BATCH and done > _BATCH:
                        writer.commit()
            writer.commit()
            with store.transaction():
                store.set_meta("indexed", str(clock))
            writer.wait_merging_threads()
        except BaseException:
            del writer
            raise
        return done

    def _told(self, since: int, total: int, common: Sequence[str]) -> Generator[list[Values], None, None]:
        """What the index is to know of the cables that changed after ``since``, in their order."""
        changed = self._changed(since)
        if total <= _SMALL:
            known = pairs.signs(map(str.encode, common))
            yield from (tell(self._store, rows, known) for rows in changed)
            return
        processes = os.cpu_count() or 1
        waiting: deque[Future[list[Values]]] = deque()
        with Workers(processes, Telling(str(self._store.folder), tuple(common))) as workers:
            for rows in changed:
                waiting.append(workers.submit(rows))
                if len(waiting) > processes + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _changed(self, since: int) -> Iterator[list[Row]]:
        last = 0
        while rows := self._store.db.execute(
            "SELECT id, key, current FROM cables WHERE changed > ? AND id > ? ORDER BY id LIMIT ?", (since, last, _BATCH)
        ).fetchall():
            last = rows[-1][0]
            yield rows

    def view(self) -> View:
        """The index as it is now."""
        # All in one look: another program may begin a new index at any time.
        found = dict(self._store.db.execute("SELECT key, value FROM meta WHERE key IN ('index', 'common', 'schema')"))
        name = found.get("index")
        if name is not None and found.get("schema") != SCHEMA:
            # Its fields have other numbers: asked as one of ours it would find nothing, and not say so.
            raise ArchiveError(
                f"{self._store.folder}: the index is of another version of cablegram; call `cablegram reindex`, on a copy of the archive"
                " if it is read-only, or wait if another program is writing to it"
            )
        with self._guard:
            if self._opened is None or name != self._opened[0]:
                path = self._store.folder / name if name is not None else None
                if path is None or not _is_index(path):
                    raise ArchiveError(f"{self._store.folder}: has no index yet; call `cablegram reindex`")
                try:
                    index = self._open(path)
                except (ValueError, OSError) as error:
                    raise ArchiveError(f"{path}: cannot be read ({error}); call `cablegram reindex`") from None
                self._opened = (name, index, pairs.signs(self._common(found.get("common"))))
            _, index, common = self._opened
        index.reload()
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
