"""A new index is made beside the old one: until it is whole the old one is asked, and one that was stopped goes on."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import makers
import story
from cablegram import Archive, ArchiveError
from cablegram.archive.ingest import Quiet
from cablegram.archive.verify import problems

COUNT = 160


class _Stopping(Quiet):
    """Ctrl-C when so many cables of a stage are done; before it, what ``look`` finds."""

    def __init__(self, after: int, look: Any = None) -> None:
        self.after = after
        self.look = look
        self.found: list[Any] = []
        self.stages: list[tuple[str, int | None]] = []
        self.done = 0

    def stage(self, name: str, total: int | None) -> None:
        self.stages.append((name, total))

    def advance(self, done: int, cables: int) -> None:
        if self.stages[-1][0] == "indexing":
            assert done > self.done
            self.done = done
            if self.look is not None:
                self.found.append(self.look())
            if done >= self.after:
                raise KeyboardInterrupt


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return makers.generated(tmp_path_factory.mktemp("source"), COUNT, 17)


@pytest.fixture(scope="module")
def made(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "a"
    with Archive(folder) as archive:
        archive.ingest(source)
    return folder


@pytest.fixture
def archive(request: pytest.FixtureRequest, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive whose index is committed after every 64 cables: two batches."""
    monkeypatch.setattr("cablegram.archive.index._COMMIT_EVERY", 50)
    if getattr(request, "param", "alone") == "with workers":
        monkeypatch.setattr("cablegram.archive.index._SMALL", 50)
    shutil.copytree(made, tmp_path / "a")
    return Archive(tmp_path / "a")


BOTH = pytest.mark.parametrize("archive", ["alone", "with workers"], indirect=True)


def _total(folder: Path) -> int:
    with Archive(folder, catch_up=False) as reader:
        return reader.search("").total


def _indexes(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive.folder.glob("index-*"))


def test_readers_have_the_old_index_until_the_new_one_is_whole(archive: Archive) -> None:
    watcher = _Stopping(COUNT + 1, lambda: (_total(archive.folder), archive.search("").total))
    assert archive.reindex(watcher=watcher) == COUNT
    assert set(watcher.found) == {(COUNT, COUNT)}
    assert len(watcher.found) > 3
    assert _indexes(archive) == ["index-2"]
    assert archive.search("").total == COUNT


@BOTH
def test_one_that_is_stopped_goes_on_where_it_was(archive: Archive) -> None:
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(100))
    assert _indexes(archive) == ["index-1", "index-2"]
    assert _total(archive.folder) == COUNT
    assert archive.is_behind()
    watcher = _Stopping(COUNT)
    read = archive.reindex(watcher=watcher)
    assert read == COUNT - 64
    assert watcher.stages == [("indexing", read)]
    assert watcher.done == read
    assert _indexes(archive) == ["index-2"]
    assert not archive.is_behind()
    assert list(problems(archive.store, archive.index)) == []


def test_what_was_committed_and_not_told_is_not_there_twice(archive: Archive) -> None:
    """Killed between a commit of the index and the store's being told of it: the same cables are read once more."""
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(100))
    begun = json.loads(archive.store.meta("begun") or "")
    archive.store.set_meta("begun", json.dumps(begun | {"row": begun["row"] - 40}))
    archive.reindex()
    assert _indexes(archive) == ["index-2"]
    assert list(problems(archive.store, archive.index)) == []


def test_killed_before_the_old_one_is_gone(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one is asked already; what is left of the old one goes at the next opening."""
    monkeypatch.setattr("cablegram.archive.index.shutil.rmtree", mock.Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        archive.reindex()
    monkeypatch.undo()
    assert _indexes(archive) == ["index-1", "index-2"]
    assert archive.index.path == archive.folder / "index-2"
    archive.close()
    with Archive(archive.folder) as again:
        assert _indexes(again) == ["index-2"]
        assert not again.is_behind()
        assert list(problems(again.store, again.index)) == []


def test_a_reader_that_comes_when_the_new_one_takes_its_place(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has just looked which index there is, and then that one is gone."""
    reader = Archive(archive.folder, catch_up=False)
    opened = reader.index._open

    def late(path: Path) -> Any:
        if path.name == "index-1":
            archive.reindex()
        return opened(path)

    monkeypatch.setattr(reader.index, "_open", late)
    assert reader.search("").total == COUNT
    assert _indexes(archive) == ["index-2"]


def test_the_index_knows_nothing_that_the_store_could_lose(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive.store, "settle_on_disk", mock.Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(ArchiveError, match="the disk is full"):
        archive.add(story.cables())
    assert len(archive) == COUNT + 4
    assert _total(archive.folder) == COUNT
    monkeypatch.undo()
    archive.close()
    with Archive(archive.folder) as again:
        assert again.search("").total == COUNT + 4


def test_where_most_has_come_since_it_is_begun_again(archive: Archive, tmp_path: Path) -> None:
    """Going on would read the new ones twice, and know only the common words of before."""
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(80))
    watcher = _Stopping(10**6)
    archive.ingest(makers.generated(tmp_path / "more", 2 * COUNT, 18), watcher=watcher)
    assert watcher.done == dict(watcher.stages)["indexing"] == len(archive)
    assert _indexes(archive) == ["index-3"]
    assert list(problems(archive.store, archive.index)) == []


@BOTH
def test_what_changed_in_between_is_not_forgotten(archive: Archive) -> None:
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(100))
    first = next(iter(archive.ids()))
    assert archive.search(f"id:{first} source:elsewhere").total == 0
    cable = archive.get(first)
    assert cable is not None
    archive.add([cable], "elsewhere")
    archive.add(story.cables(), "elsewhere")
    assert _indexes(archive) == ["index-2"]
    assert archive.search(f"id:{first} source:elsewhere").total == 1
    assert archive.search("").total == len(archive) == COUNT + 4
    assert list(problems(archive.store, archive.index)) == []


def test_opening_makes_what_was_stopped_whole(archive: Archive) -> None:
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(80))
    archive.close()
    with Archive(archive.folder) as again:
        assert _indexes(again) == ["index-2"]
        assert list(problems(again.store, again.index)) == []


def test_a_half_made_index_is_never_asked(archive: Archive) -> None:
    """As where a first index is being made: one line says so, and no part of the cables is taken for all of them."""
    for key in ("index", "schema", "indexed", "common"):
        archive.store.forget_meta(key)
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(100))
    with pytest.raises(ArchiveError, match="has no index yet; wait if another program is writing"):
        _total(archive.folder)
    archive.reindex()
    assert _total(archive.folder) == COUNT


def test_a_damaged_half_made_index_is_begun_again(archive: Archive) -> None:
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(100))
    for path in (archive.folder / "index-2").iterdir():
        path.write_bytes(b"garbage")
    archive.close()
    with Archive(archive.folder) as again:
        assert _indexes(again) == ["index-3"]
        assert list(problems(again.store, again.index)) == []


@pytest.mark.parametrize("processes", [1, 3])
def test_as_many_processes_as_are_asked_for(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    from cablegram.archive import index, ingest, work

    begun: list[int] = []

    class Counted(work.Workers[Any, Any]):
        def __init__(self, count: int, task: Any) -> None:
            begun.append(count)
            super().__init__(count, task)

    monkeypatch.setattr(index, "_SMALL", 1)
    monkeypatch.setattr(ingest, "_FEW", 1)
    monkeypatch.setattr(index, "Workers", Counted)
    monkeypatch.setattr(ingest, "Workers", Counted)
    with Archive(tmp_path / "a") as archive:
        archive.ingest(source, processes=processes)
    assert begun == [processes, processes]


@pytest.mark.parametrize("damage", ["no folder", "another version"])
def test_what_was_to_be_made_is_made_at_the_next_opening(archive: Archive, damage: str) -> None:
    """Killed just when the folder was to be made, or begun by another version of the program."""
    with pytest.raises(KeyboardInterrupt):
        archive.reindex(watcher=_Stopping(80))
    if damage == "no folder":
        shutil.rmtree(archive.folder / "index-2")
    else:
        archive.store.set_meta("begun", json.dumps({"schema": "1-00000000", "name": "index-2"}))
    archive.close()
    with Archive(archive.folder) as again:
        assert _indexes(again) == [{"no folder": "index-2", "another version": "index-3"}[damage]]
        assert not again.is_behind()
        assert list(problems(again.store, again.index)) == []
