"""Containers and hostile sources: everything that can be read is, the rest costs one line, and nothing gets out of its place."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import py7zr
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cablegram
from cablegram.archive.verify import problems
from cablegram.errors import UnreadableInput
from cablegram.sources import containers, open_source, streams
from cablegram.sources.base import RawRecord, Refusal
from makers import (
    CONTAINERS,
    JUNK,
    PICTURE,
    WRAPPERS,
    key,
    page,
    read_apart,
    row,
    rows,
    sevened,
    tarred,
    telegram,
    zipped,
)

#: Wrong names throughout: a source is known by its content.
MIXED = {
    "pouch/rows.jpg": rows(1, 2),
    "pouch/": b"",
    "note.zip": telegram(3),
    "page.csv": page(4),
    "table.csv": PICTURE,
    "letter.txt": JUNK,
    "rows.gz": gzip.compress(rows(5)),
    ".hidden.txt": telegram(6),
}


def _read(path: Path) -> tuple[list[str | None], list[Refusal]]:
    """Ids and refusals. Every refusal is one line that names its place."""
    reading = cablegram.read(path)
    ids = [cable.id for cable in reading]
    for refusal in reading.refusals:
        assert refusal.source.startswith(str(path))
        assert (refusal.source + refusal.reason).isprintable()
    return ids, reading.refusals


def _put(folder: Path, data: bytes, name: str = "pouch.dat") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _labels(refusals: list[Refusal], path: Path) -> dict[str, str]:
    return {refusal.source.removeprefix(f"{path}!"): refusal.reason for refusal in refusals}


def _dense(many: int) -> bytes:
    """Rows full of numbers in no order: little can be pressed out of them."""
    return "".join(row(n, " ".join(str(zlib.crc32(b"%d %d" % (n, i))) for i in range(20))) for n in range(1, many)).encode()


def _keys(*numbers: int) -> list[str]:
    return [key(number) for number in numbers]


# what is in containers


@pytest.mark.parametrize("kind", CONTAINERS)
def test_mixed_members(tmp_path: Path, kind: str) -> None:
    """Each member is known by its content; the label of a record says where in the container it is; hidden files are left out."""
    files = {name: data for name, data in MIXED.items() if not name.endswith("/")}
    path = _put(tmp_path, CONTAINERS[kind](files))
    ids, refusals = _read(path)
    assert sorted(filter(None, ids)) == _keys(1, 2, 3, 4, 5)
    labels = _labels(refusals, path)
    assert set(labels) == {"table.csv", "letter.txt"}
    assert "picture" in labels["table.csv"]
    assert "nothing of a telegram" in labels["letter.txt"]
    sources = {item.source for item in open_source(path) if isinstance(item, RawRecord)}
    assert sources == {f"{path}!{name}" for name in ("pouch/rows.jpg", "note.zip", "page.csv", "rows.gz")}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_container_into_an_archive(tmp_path: Path, kind: str) -> None:
    """The same end to end: the cables are there, with their places, once also when the container comes again."""
    path = _put(tmp_path, CONTAINERS[kind]({name: data for name, data in MIXED.items() if not name.endswith("/")}))
    with cablegram.Archive(tmp_path / "archive") as archive:
        report = archive.ingest(path)
        assert (report.read, report.new, len(report.refused)) == (5, 5, 2)
        assert [sighting.source for sighting in archive.versions(key(3))[0].sightings] == [f"{path}!note.zip"]
        assert archive.ingest(path).unchanged == 5
        assert list(problems(archive.store, archive.index)) == []


@pytest.mark.parametrize("kind", WRAPPERS)
def test_one_compressed_file(tmp_path: Path, kind: str) -> None:
    """A compressed cables.csv, telegram, page; the label is that of the file."""
    path = _put(tmp_path, WRAPPERS[kind](rows(1, 2, 3)))
    assert _read(path) == (_keys(1, 2, 3), [])
    assert [(item.source, item.position) for item in open_source(path)] == [(str(path), n) for n in (1, 2, 3)]
    assert _read(_put(tmp_path, WRAPPERS[kind](telegram(7)))) == (_keys(7), [])
    assert _read(_put(tmp_path, WRAPPERS[kind](page(8)))) == (_keys(8), [])


def _nest(pack: Callable[[bytes], bytes], depth: int, data: bytes) -> bytes:
    for _ in range(depth):
        data = pack(data)
    return data


NESTS: Mapping[str, Callable[[bytes], bytes]] = {
    "zip": lambda data: zipped({"in": data, "beside.txt": JUNK}),
    "tar": lambda data: tarred({"in": data}),
    "7z": lambda data: sevened({"in": data}),
    "tar.gz": lambda data: gzip.compress(tarred({"in": data})),
    "gz": gzip.compress,
}


@pytest.mark.parametrize("kind", NESTS)
def test_nesting_up_to_the_limit(tmp_path: Path, kind: str) -> None:
    """Four deep is read, with a label that names every step (`x.tar.gz` is one)."""
    path = _put(tmp_path, _nest(NESTS[kind], containers.DEEPEST, telegram(9)))
    assert _read(path)[0] == _keys(9)
    (record,) = [item for item in open_source(path) if isinstance(item, RawRecord)]
    assert record.source == f"{path}" + ("" if kind == "gz" else "!in" * containers.DEEPEST)


@pytest.mark.parametrize("deeper", [1, 15], ids=["one too deep", "fifteen too deep, as a file that holds itself would be"])
@pytest.mark.parametrize("kind", NESTS)
def test_nesting_beyond_the_limit(tmp_path: Path, kind: str, deeper: int) -> None:
    """Deeper costs one line, and what stands beside it is still read."""
    deep = _nest(NESTS[kind], containers.DEEPEST + deeper - 1, telegram(9))
    path = _put(tmp_path, zipped({"deep": deep, "last.txt": telegram(10)}))
    ids, refusals = _read(path)
    assert ids == _keys(10)
    assert [refusal.reason for refusal in refusals if "nothing of a telegram" not in refusal.reason] == [
        "containers are nested more than 4 deep"
    ]


# names


HOSTILE = {
    "up": "../../planted.txt",
    "absolute": "{root}/planted.txt",
    "backslashes": "..\\..\\planted.txt",
    "drive": "C:\\planted.txt",
    "escape": "\x1b[2J\x1b]0;owned\x07.txt",
    "line break": "one\ntwo.txt",
    "right to left": "abc\u202etxt.exe",
    "unicode": "посылка/電報.txt",
    "very long": "d/" * 100 + "n" * 3000 + ".txt",
    "dots": "a/../../../b.txt",
    "empty parts": "//server//share//planted.txt",
    "tilde": "~/planted.txt",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("pack", [zipped, tarred, sevened], ids=["zip", "tar", "7z"])
def test_names_lead_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[Mapping[str, bytes]], bytes], name: str
) -> None:
    """Whatever a member is called, its text is read, no file appears, and its label is one line."""
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(here))
    name = name.format(root=tmp_path)
    path = _put(here, pack({name: telegram(1), "plain.txt": telegram(2)}))
    before = sorted(tmp_path.rglob("*"))
    assert _read(path) == (_keys(1, 2), [])
    assert sorted(tmp_path.rglob("*")) == before
    label = next(iter(open_source(path))).source
    assert label.startswith(f"{path}!")
    assert label.isprintable()
    assert len(label) < len(str(path)) + 350


def test_nul_in_names(tmp_path: Path) -> None:
    """A NUL ends a name, as it does for everybody; a name of which nothing is left is no reason to lose its text."""
    data = zipped({"Q-one.txt": telegram(1), "two.txt": telegram(2)}).replace(b"Q-one.txt", b"\x00-one.txt")
    path = _put(tmp_path, data)
    assert _read(path) == (_keys(1, 2), [])
    path = _put(tmp_path, tarred({"Q-one.txt": telegram(1), "two.txt": telegram(2)}))
    with tarfile.open(path) as container:
        assert len(container.getnames()) == 2
    block = bytearray(path.read_bytes())
    block[:5] = b"\x00-one"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block[:512])
    path.write_bytes(block)
    assert _read(path)[0] == _keys(1, 2)


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    """Such a name, of a member or of a file, can be kept and printed; two of them stay apart."""
    folder = tmp_path / "in"
    folder.mkdir()
    _put(folder, tarred({"caf\udce9.txt": telegram(1), "th\udce8.txt": telegram(2)}), "pouch.tar")
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_bytes(telegram(3))
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe8.txt")).write_bytes(PICTURE)
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    with cablegram.Archive(tmp_path / "archive") as archive:
        report = archive.ingest(folder)
        assert (report.new, len(report.refused)) == (3, 1)
        seen = {sighting.source for id in archive.ids() for v in archive.versions(id) for sighting in v.sightings}
        assert seen == {f"{folder}/pouch.tar!caf\\udce9.txt", f"{folder}/pouch.tar!th\\udce8.txt", f"{folder}/caf\\udce9.txt"}
        assert list(problems(archive.store, archive.index)) == []


# links, devices, passwords


@pytest.mark.parametrize(
    "type",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
    ids=["symbolic link", "hard link", "character device", "block device", "pipe"],
)
def test_tar_links_and_devices(tmp_path: Path, type: bytes) -> None:
    """They are refused, each with a line, and nothing that they point to is read."""
    secret = _put(tmp_path, telegram(13), "secret.txt")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as container:
        odd = tarfile.TarInfo("odd")
        odd.type, odd.linkname = type, str(secret)
        container.addfile(odd)
        info = tarfile.TarInfo("plain.txt")
        info.size = len(telegram(1))
        container.addfile(info, io.BytesIO(telegram(1)))
    path = _put(tmp_path, out.getvalue())
    ids, refusals = _read(path)
    assert ids == _keys(1)
    assert _labels(refusals, path) == {"odd": "is a link or a device, not a file"}


@pytest.mark.parametrize(
    "mode",
    [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK],
    ids=["link", "character device", "block device", "pipe", "socket"],
)
def test_zip_links_and_devices(tmp_path: Path, mode: int) -> None:
    """As in tar files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        info = zipfile.ZipInfo("odd")
        info.create_system, info.external_attr = 3, (mode | 0o644) << 16
        container.writestr(info, telegram(13))
        info = zipfile.ZipInfo("plain.txt")
        info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
        container.writestr(info, telegram(1))
    path = _put(tmp_path, out.getvalue())
    ids, refusals = _read(path)
    assert ids == _keys(1)
    assert _labels(refusals, path) == {"odd": "is a link or a device, not a file"}


def test_7z_links(tmp_path: Path) -> None:
    """As in tar files; the name that a link points to is no text."""
    (tmp_path / "odd").symlink_to("/etc/passwd")
    path = tmp_path / "pouch.dat"
    with py7zr.SevenZipFile(path, "w") as container:
        container.write(tmp_path / "odd", "odd")
        container.writestr(telegram(1), "plain.txt")
    ids, refusals = _read(path)
    assert ids == _keys(1)
    assert _labels(refusals, path) == {"odd": "is a link or a device, not a file"}


def test_encrypted_zip(tmp_path: Path) -> None:
    """A member with a password is refused with the advice to unpack it; the others are read."""
    data = bytearray(zipped({"locked.txt": telegram(1), "plain.txt": telegram(2)}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    path = _put(tmp_path, bytes(data))
    ids, refusals = _read(path)
    assert ids == _keys(2)
    assert _labels(refusals, path) == {"locked.txt": "is encrypted; unpack it with its password first"}


@pytest.mark.parametrize("header", [False, True], ids=["its files", "its names too"])
def test_encrypted_7z(tmp_path: Path, header: bool) -> None:
    """It is one line, with the advice to unpack it; in another container it costs nothing else."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password="harbor", header_encryption=header) as container:
        container.writestr(telegram(1), "locked.txt")
    with pytest.raises(UnreadableInput, match="is encrypted; unpack it"):
        _read(_put(tmp_path, out.getvalue()))
    path = _put(tmp_path, zipped({"locked.7z": out.getvalue(), "plain.txt": telegram(2)}))
    ids, refusals = _read(path)
    assert ids == _keys(2)
    assert _labels(refusals, path) == {"locked.7z": "is encrypted; unpack it with its password first"}


# damage


def _false_directory(data: bytes) -> bytes:
    """A zip whose directory says that the first member is elsewhere."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 42] + struct.pack("<I", 30) + data[at + 46 :]


def _wrong_bytes(data: bytes) -> bytes:
    """A zip whose first member is another than its checksum says."""
    at = data.index(b"bell rang 1 ")
    return data[:at] + b"b\x00\x00\x00" + data[at + 4 :]


def _stored(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name, data in files.items():
            container.writestr(name, data)
    return out.getvalue()


TWO = {"a.txt": telegram(1), "b.txt": telegram(2)}
CSV = {"a.csv": rows(*range(1, 40))}


@pytest.mark.parametrize(
    ("data", "read", "words"),
    [
        pytest.param(zipped(TWO) + b"\x01" * 1000, [1, 2], [], id="zip, garbage behind"),
        pytest.param(zipped(TWO)[:-60], None, "damaged ZIP", id="zip, cut off"),
        pytest.param(zipped(TWO) + b"\x01" * 70_000, None, "damaged ZIP", id="zip, much garbage behind"),
        pytest.param(_false_directory(zipped(TWO)), [2], ["damaged"], id="zip, false directory"),
        pytest.param(_wrong_bytes(_stored(TWO)), [2], ["damaged: Bad CRC-32"], id="zip, false checksum"),
        pytest.param(tarred(TWO)[:1100], [1], ["damaged tar"], id="tar, cut off in the second header"),
        pytest.param(tarred(TWO)[:1600], [1], ["damaged", "damaged"], id="tar, cut off in the second member"),
        pytest.param(tarred(TWO).replace(b"b.txt", b"c.txt"), [1], ["damaged tar archive (bad checksum)"], id="tar, second header damaged"),
        pytest.param(tarred(TWO) + b"\x01" * 1000, [1, 2], [], id="tar, garbage behind"),
        pytest.param(sevened(TWO)[:-20], None, "damaged 7z", id="7z, cut off"),
        pytest.param(sevened(TWO)[:40], None, "damaged 7z", id="7z, only its head"),
        pytest.param(gzip.compress(rows(1, 2)) + b"\x01" * 20, [1, 2], ["damaged gzip"], id="gzip, garbage behind"),
        pytest.param(gzip.compress(telegram(1))[:-6], None, "damaged gzip", id="gzip of a telegram, cut off"),
    ],
)  # fmt: skip
def test_damage(tmp_path: Path, data: bytes, read: list[int] | None, words: list[str] | str) -> None:
    """What can be read before and beside the damage is; the damage is one line; and it is never passed over."""
    path = _put(tmp_path, data)
    if read is None:
        with pytest.raises(UnreadableInput, match=str(words)) as raised:
            _read(path)
        assert str(raised.value).isprintable()
        return
    ids, refusals = _read(path)
    assert ids == _keys(*read)
    assert len(refusals) == len(words)
    for refusal, word in zip(refusals, words, strict=True):
        assert word in refusal.reason


@pytest.mark.parametrize("kind", WRAPPERS)
@pytest.mark.parametrize("many", [40, 2600], ids=["small", "large"])
def test_compressed_csv_cut_off(tmp_path: Path, kind: str, many: int) -> None:
    """All whole rows before the cut are read, as in the plain file: a download that broke off is the usual damage."""
    plain = _dense(many)
    packed = WRAPPERS[kind](plain)
    path = _put(tmp_path, packed[: len(packed) * 9 // 10])
    if kind == "bz2" and many == 40:
        # All of it is one block: nothing comes out.
        with pytest.raises(UnreadableInput, match="damaged bzip2"):
            _read(path)
        return
    ids, refusals = _read(path)
    assert ids == _keys(*range(1, len(ids) + 1))
    assert len(ids) > many * (0.5 if kind == "bz2" else 0.8)
    assert refusals[-1].reason.startswith("is a damaged")


def test_damage_inside_costs_only_its_member(tmp_path: Path) -> None:
    """A damaged container in a container is a refusal; its neighbours are read."""
    files = {"1.zip": zipped(TWO)[:-60], "2.tar": tarred(TWO)[:1100], "3.7z": sevened(TWO)[:-20], "4.txt": telegram(3)}
    path = _put(tmp_path, zipped(files))
    ids, refusals = _read(path)
    assert ids == _keys(1, 3)
    assert {label: reason.split(" (")[0] for label, reason in _labels(refusals, path).items()} == {
        "1.zip": "is a damaged ZIP archive",
        "2.tar": "is a damaged tar archive",
        "3.7z": "is a damaged 7z archive",
    }


@pytest.mark.parametrize("kind", CONTAINERS)
def test_empty_container(tmp_path: Path, kind: str) -> None:
    """There is nothing to read, and that is said, alone and in a folder; it is not taken for success."""
    data = CONTAINERS[kind]({})
    with pytest.raises(UnreadableInput) as raised:
        _read(_put(tmp_path, data))
    assert str(raised.value).isprintable()
    _put(tmp_path, telegram(1), "telegram.txt")
    ids, refusals = _read(tmp_path)
    assert ids == _keys(1)
    assert len(refusals) == 1


def test_empty_files(tmp_path: Path) -> None:
    """An empty member and an empty compressed file are a line each."""
    path = _put(tmp_path, zipped({"a.txt": b"", "b.gz": gzip.compress(b""), "c.txt": telegram(1)}))
    ids, refusals = _read(path)
    assert ids == _keys(1)
    assert _labels(refusals, path) == {"a.txt": "is empty", "b.gz": "is empty"}


def test_7z_of_many_files(tmp_path: Path) -> None:
    """More members than a process may have files open."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    data = sevened({f"{n}.txt": telegram(n) for n in range(1, 301)})
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        ids, refusals = _read(_put(tmp_path, data))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (ids, refusals) == (_keys(*range(1, 301)), [])


# bombs


def _sparse(first: bytes, size: int) -> bytes:
    """A tar file with one member that begins with ``first`` and is a hole up to ``size``."""
    info = tarfile.TarInfo("rows.csv")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, len(first)
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[386:410] = b"%011o\x00%011o\x00" % (0, len(first))
    head[410:434] = b"%011o\x00%011o\x00" % (size, 0)
    head[483:495] = b"%011o\x00" % size
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\x00 " % sum(head)
    return bytes(head) + first + bytes(-len(first) % 512) + bytes(1024)


GROWING = rows(1) + b'"2","' + b"a" * 3_000_000
BOMBS = {
    "zip": lambda: zipped({"a.csv": GROWING, "z.txt": telegram(9)}),
    "gz": lambda: gzip.compress(GROWING),
    "tar.gz": lambda: gzip.compress(tarred({"a.csv": GROWING, "z.txt": telegram(9)})),
    "7z": lambda: sevened({"0.csv": rows(1), "a.csv": b"x" * 3_000_000, "z.txt": telegram(9)}),
    "gz in zip": lambda: zipped({"a.csv.gz": gzip.compress(GROWING), "z.txt": telegram(9)}),
    "zip in tar": lambda: tarred({"0.csv": rows(1), "a.zip": zipped({"a.csv": b'"2","' + b"a" * 3_000_000}), "z.txt": telegram(9)}),
    # Each of them may have so much; all of them may not: else 42 KB would be petabytes four steps down.
    "many zips in zip": lambda: zipped(
        {"0.csv": rows(1)} | {f"{n}.zip": zipped({"a.csv": b'"2","' + b"a" * 700_000}) for n in range(4)} | {"z.txt": telegram(9)}
    ),
    "tar with a hole": lambda: _sparse(rows(1) + b'"2","' + b"a" * 8192, 3_000_000),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What comes out of a container is bounded, by what it holds in all its depths. What came before the bomb is read."""
    monkeypatch.setattr(streams, "ALLOWANCE", 1_000_000)
    monkeypatch.setattr(streams, "GROWTH", 10)
    path = _put(tmp_path, BOMBS[name]())
    ids, refusals = _read(path)
    assert ids == _keys(1)
    bombs = [refusal for refusal in refusals if "a bomb, or damaged" in refusal.reason]
    assert len(bombs) == 1
    assert len(refusals) <= 5


def test_growth_within_the_allowance_is_no_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a small container that grows much nor a large one that grows tenfold."""
    monkeypatch.setattr(streams, "ALLOWANCE", 100_000)
    monkeypatch.setattr(streams, "GROWTH", 10)
    assert _read(_put(tmp_path, gzip.compress(rows(*[7] * 400))))[1] == []
    many = _dense(800)
    assert len(many) > 200_000
    for data in (gzip.compress(many), gzip.compress(tarred({"a.csv": many})), zipped({"a.csv": many}), sevened({"a.csv": many})):
        ids, refusals = _read(_put(tmp_path, data))
        assert (len(ids), refusals) == (799, [])


def test_compressed_stream_is_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a pipe nobody knows how large a file will be: what has come in so far counts, not the allowance alone."""
    monkeypatch.setattr(streams, "ALLOWANCE", 1000)
    many = _dense(500)
    inlet, outlet = os.pipe()
    with os.fdopen(outlet, "wb") as end:
        end.write(gzip.compress(many)[:60_000])
    items = list(open_source(f"/dev/fd/{inlet}"))
    os.close(inlet)
    assert sum(isinstance(item, RawRecord) for item in items) > 300
    assert all("bomb" not in item.reason for item in items if isinstance(item, Refusal))


def test_tar_with_false_sizes(tmp_path: Path) -> None:
    """A header that claims a terabyte, or a name of a gigabyte, takes no memory and no time."""
    info = tarfile.TarInfo("a.csv")
    info.size = 1 << 40
    path = _put(tmp_path, tarred({"first.txt": telegram(1)})[:1024] + info.tobuf(tarfile.GNU_FORMAT) + rows(*range(2, 400)))
    start = time.perf_counter()
    ids, refusals = _read(path)
    assert ids == _keys(*range(1, len(ids) + 1))
    assert len(ids) > 300
    assert [refusal.reason.split(" (")[0] for refusal in refusals][-1] == "is a damaged tar archive"
    assert time.perf_counter() - start < 2
    for type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE):
        info.type, info.size = type, 1 << 30
        path = _put(tmp_path, tarred({"first.txt": telegram(1)})[:1024] + info.tobuf(tarfile.GNU_FORMAT) + b"1" * 300_000)
        start = time.perf_counter()
        ids, refusals = _read(path)
        assert ids == _keys(1)
        assert refusals[0].reason == "is a damaged tar archive (a header is too long)"
        assert time.perf_counter() - start < 2


@pytest.mark.parametrize("pack", [zipped, lambda files: sevened(files, preset=0)], ids=["zip", "7z"])
def test_real_bomb(tmp_path: Path, pack: Callable[[Mapping[str, bytes]], bytes]) -> None:
    """Hundreds of megabytes from less than one: refused at once, in little memory, and the telegram before it is read."""
    data = pack({"a.txt": telegram(1), "zeros": bytes(300_000_000)})
    assert len(data) < 1_000_000
    path = _put(tmp_path, data)
    done = read_apart(path, 30)
    assert done.lines[0] == f"read {key(1)} {len(telegram(1))}"
    assert len(done.lines) == 2
    assert done.lines[1].startswith("refused")
    assert done.peak < 300


@pytest.mark.parametrize(
    ("method", "name"), [(py7zr.FILTER_ZSTD, "ZStandard"), (py7zr.FILTER_DEFLATE, "DEFLATE")], ids=["Zstandard", "deflate"]
)
def test_7z_that_cannot_be_bounded(tmp_path: Path, method: int, name: str) -> None:
    """Of these methods py7zr would unpack everything at once, however large: refused, with what to do instead."""
    path = _put(tmp_path, sevened({"a.txt": telegram(1), "zeros": bytes(40_000_000)}, method))
    done = read_apart(path, 30)
    assert done.lines == [f"unreadable {path}: is a 7z archive compressed with {name}; unpack it first"]
    assert done.peak < 150


@pytest.mark.parametrize("method", [py7zr.FILTER_LZMA, py7zr.FILTER_BZIP2, py7zr.FILTER_COPY, py7zr.FILTER_PPMD])
def test_7z_methods(tmp_path: Path, method: int) -> None:
    """The methods of 7-Zip are read."""
    options = {"order": 6, "mem": 24} if method == py7zr.FILTER_PPMD else {}
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=[{"id": method, **options}]) as container:
        container.writestr(rows(1, 2), "a.csv")
    assert _read(_put(tmp_path, out.getvalue())) == (_keys(1, 2), [])


def test_real_bomb_of_text(tmp_path: Path) -> None:
    """As above, but it looks like a table to the end: the budget stops it."""
    path = tmp_path / "pouch.dat"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(rows(1) + b'"2","')
        for _ in range(290):
            file.write(b"a" * 1_000_000)
    assert path.stat().st_size < 2_000_000
    done = read_apart(path, 30)
    assert done.lines[0].startswith(f"read {key(1)}")
    assert "a bomb, or damaged" in done.lines[-1]
    assert len(done.lines) <= 3
    assert done.peak < 300


# one record too large


def test_large_field(tmp_path: Path) -> None:
    """A field of 300 MB is one line, in bounded memory; the rows before and behind it are read."""
    path = tmp_path / "cables.csv"
    head, _, tail = row(2, "@").partition("@")
    with path.open("wb") as file:
        file.write(rows(1) + head.encode())
        for _ in range(300):
            file.write(b"fog " * 250_000)
        file.write(tail.encode() + rows(3))
    done = read_apart(path)
    assert [line.split()[1] for line in done.lines if line.startswith("read")] == _keys(1, 3)
    (refused,) = [line for line in done.lines if not line.startswith("read")]
    assert refused == f"refused {path} 2 a field is longer than 10,000,000 characters"
    assert done.peak < 1000


def test_large_text(tmp_path: Path) -> None:
    """A text file of 300 MB is no telegram; one line says so."""
    path = tmp_path / "telegram.txt"
    with path.open("wb") as file:
        file.write(telegram(1))
        for _ in range(300):
            file.write(b"fog\n" * 250_000)
    done = read_apart(path)
    assert len(done.lines) == 1
    assert "more than 64 MB" in done.lines[0]
    assert done.peak < 1000


# folders and odd bytes


def test_folder_with_links_and_pipes(tmp_path: Path) -> None:
    """A link to a folder above, a link out, a broken one, a pipe: nothing hangs, nothing outside is read."""
    folder, outside = tmp_path / "in", tmp_path / "out"
    (folder / "deep").mkdir(parents=True)
    outside.mkdir()
    _put(outside, telegram(13), "secret.txt")
    _put(folder / "deep", telegram(1), "a.txt")
    (folder / "deep" / "loop").symlink_to(folder)
    (folder / "self").symlink_to("self")
    (folder / "out").symlink_to(outside)
    (folder / "secret.txt").symlink_to(outside / "secret.txt")
    (folder / "nowhere").symlink_to("/there/is/nothing")
    os.mkfifo(folder / "pipe")
    assert _read(folder) == (_keys(1), [])
    with pytest.raises(UnreadableInput, match="cannot be opened"):
        _read(folder / "self")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    """It is a line, and the rest of the folder is read."""
    _put(tmp_path, telegram(1), "a.txt").chmod(0)
    _put(tmp_path, telegram(2), "b.txt")
    ids, refusals = _read(tmp_path)
    assert ids == _keys(2)
    assert "cannot be read" in refusals[0].reason


def test_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for root: the file is gone, or forbidden, when its turn comes."""
    for n in (1, 2):
        _put(tmp_path, telegram(n), f"{n}.txt")
    opened = Path.open

    def fail(self: Path, mode: str = "r") -> object:
        if self.name == "1.txt":
            raise PermissionError(13, "Permission denied")
        return opened(self, mode)

    monkeypatch.setattr(Path, "open", fail)
    ids, refusals = _read(tmp_path)
    assert ids == _keys(2)
    assert [refusal.reason for refusal in refusals] == ["cannot be read (Permission denied)"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (telegram(1).replace(b"bell", b"b\x00ll"), "b\x00ll"),
        (telegram(1).replace(b"bell", b"b\xe9ll"), "béll"),
        (telegram(1).replace(b"bell", b"b\xff\xc3ll"), "bÿÃll"),
        (telegram(1).replace(b"bell", b"b\x81ll"), "b\ufffdll"),
        (telegram(1).decode().replace("bell", "bêll").encode("utf-16"), "bêll"),
        (b"\xfe\xff" + telegram(1).decode().replace("bell", "bêll").encode("utf-16-be"), "bêll"),
        (b"\xef\xbb\xbf" + telegram(1), "bell"),
        (telegram(1).replace(b"\n", b"\r\n"), "bell"),
        (telegram(1) + b"\x1a", "bell"),
    ],
    ids=["NUL", "cp1252", "bad UTF-8", "not even cp1252", "UTF-16", "UTF-16, high byte first", "BOM", "CRLF", "Ctrl-Z"],
)
def test_odd_bytes(tmp_path: Path, data: bytes, word: str) -> None:
    """Alone and in a container: the telegram is read, and an archive gives the very bytes back if they are not its text."""
    alone, packed = _put(tmp_path, data, "a.txt"), _put(tmp_path, zipped({"a.txt": data}), "a.zip")
    for path in (alone, packed):
        (cable,) = cablegram.read(path)
        assert cable.id == key(1)
        assert word in cable.original
    with cablegram.Archive(tmp_path / "archive") as archive:
        assert archive.ingest(alone, packed).new == 1
        kept = archive.store.db.execute("SELECT data FROM files").fetchall()
        stored = [archive.store.packer.unpack(row[0]) for row in kept]
        cable_kept = archive.get(key(1))
        assert cable_kept is not None
        assert data in stored or cable_kept.original.encode() == data
        assert list(problems(archive.store, archive.index)) == []


# ids that are no ids


IDS = {
    "SQL": "'; DROP TABLE cables; --",
    "SQL with quotes": '"\'); DELETE FROM versions; --"',
    "path": "../../../etc/passwd",
    "HTML": "<script>alert('owned')</script>",
    "terminal": "\x1b[2J\x1b]0;owned\x07",
    "query": "id:* OR (subject:",
    "percent": "%_%",
    "very long": "9" * 5000,
    "blank": "   ",
    "right to left": "07LIMA\u202e1",
}


@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_hostile_ids(tmp_path: Path, id: str) -> None:
    """An id is a value like others: it is kept, it is found or not found, and the archive is as it was."""
    body = '"UNCLAS\nSUBJECT: A ROW\n\n1. (U) Fog over the harbor.\nFENWICK"\n'
    quoted = id.replace("\\", "\\\\").replace('"', '\\"')
    text = f'"1","1/1/2007 2:03","{quoted}","Embassy Lima","UNCLASSIFIED","","R 010203Z JAN 07",{body}'
    path = _put(tmp_path, text.encode() + rows(2), "cables.csv")
    with cablegram.Archive(tmp_path / "archive") as archive:
        tables = archive.store.db.execute("SELECT name FROM sqlite_master ORDER BY 1").fetchall()
        before = set(tmp_path.parent.rglob("*"))
        report = archive.ingest(path)
        assert (report.new, report.refused) == (2, [])
        # What is no message number is no id: the cable is kept under the checksum of its text, with what was claimed.
        (kept,) = (name for name in archive.ids() if name != key(2))
        assert kept.startswith("x-")
        odd = archive.get(kept)
        assert odd is not None
        assert (odd.id, odd.claims["id"]) == (None, id)
        assert archive.get(id) is None
        assert id not in archive
        escaped = id.replace("\\", "\\\\").replace('"', '\\"')
        for query in (f'id:"{escaped}"', f"id:{id}", id):
            # Half a query is no query, and may be refused as such.
            with contextlib.suppress(cablegram.CablegramError):
                assert archive.search(query).total <= 2
        assert [hit.id for hit in archive.search(f"id:{key(2)}").hits] == [key(2)]
        assert archive.store.db.execute("SELECT name FROM sqlite_master ORDER BY 1").fetchall() == tables
        assert list(problems(archive.store, archive.index)) == []
        assert all(file.is_relative_to(tmp_path / "archive") for file in set(tmp_path.parent.rglob("*")) - before)


# any bytes


def _survives(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    items: list[RawRecord | Refusal] = []
    with contextlib.suppress(UnreadableInput):
        items = list(open_source(path))
        assert items
    assert all(isinstance(item, RawRecord | Refusal) for item in items)


@given(st.binary(max_size=400), st.text(max_size=20), st.sampled_from(["zip", "tar", "tar.gz", "7z"]))
@settings(deadline=5000, max_examples=100)
@example(b"x", "", "zip")
def test_any_bytes_in_a_member(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, kind: str) -> None:
    """Any bytes under any name are read or refused."""
    try:
        data = CONTAINERS[kind]({name or "x": content, "last.txt": telegram(1)})
    except (ValueError, UnicodeError, OSError):
        return  # a name that cannot be written
    _survives(tmp_path_factory.getbasetemp() / "member", data)


VALID = [CONTAINERS[kind]({"a.txt": telegram(1), "b.csv": rows(2, 3), "c.gz": gzip.compress(page(4))}) for kind in CONTAINERS]


@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=8),
    st.floats(0, 1),
    st.booleans(),
)
@settings(deadline=5000, max_examples=200)
def test_any_damage(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, flips: list[tuple[float, int]], cut: float, whole: bool
) -> None:
    """A container with any bytes changed, cut anywhere, never raises anything else and never hangs."""
    damaged = bytearray(data)
    for place, bits in flips:
        damaged[int(place * len(damaged))] ^= bits
    _survives(tmp_path_factory.getbasetemp() / "damaged", bytes(damaged if whole else damaged[: int(cut * len(damaged))]))


@given(st.sampled_from([zipped, tarred, sevened]), st.integers(0, 300), st.integers(0, 255))
@settings(deadline=5000, max_examples=100)
def test_damage_at_the_ends(
    tmp_path_factory: pytest.TempPathFactory, pack: Callable[[Mapping[str, bytes]], bytes], at: int, value: int
) -> None:
    """The same where headers and directories stand."""
    data = pack({"a.txt": telegram(1), "b.txt": telegram(2)})
    for place in (at, -1 - at):
        damaged = bytearray(data)
        damaged[place] = value
        _survives(tmp_path_factory.getbasetemp() / "ends", bytes(damaged))
