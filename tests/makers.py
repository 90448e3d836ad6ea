"""What the tests of containers and PDF files are made of: invented telegrams, and ways to pack them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

import py7zr

from cablegram.fiction.generate import make_examples

Files = Mapping[str, bytes]
PICTURE: Final = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
JUNK: Final = b"Milk, bread, and a letter to the secretary of the club.\n"


def telegram(number: int, subject: str = "THE BELL OF THE HARBOR") -> bytes:
    """A telegram from Lima with this message number."""
    return (
        f"R 010203Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001\nUNCLAS LIMA {number:06d}\n\nSIPDIS\n\nE.O. 12958: N/A\n"
        f"TAGS: PGOV, EFIS, PE\nSUBJECT: {subject}\n\n1. (U) The bell rang {number} times.\n\nFENWICK\n"
    ).encode()


def generated(folder: Path, count: int, seed: int) -> Path:
    """A CSV of so many generated telegrams, in ``folder``."""
    make_examples(folder, count, seed, "csv")
    return folder / "cables.csv"


def key(number: int) -> str:
    """The id of such a telegram."""
    return f"07LIMA{number}"


def row(number: int, body: str = "", id: str | None = None) -> str:
    """A row of cables.csv. ``body`` is put behind the telegram's first line."""
    head = "R 010203Z JAN 07\nFM AMEMBASSY LIMA\nTO SECSTATE WASHDC 0001"
    quoted = (id if id is not None else key(number)).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'"{number}","1/1/2007 2:03","{quoted}","Embassy Lima","UNCLASSIFIED","","{head}",'
        f'"UNCLAS LIMA {number:06d}\nSUBJECT: ROW {number}\n\n1. (U) {body or "Fog."}\nFENWICK"\n'
    )


def rows(*numbers: int) -> bytes:
    """A file of such rows."""
    return "".join(map(row, numbers)).encode()


def page(number: int) -> bytes:
    """A telegram as a saved page of an archive."""
    text = telegram(number).decode()
    head, _, body = text.partition("UNCLAS")
    return (
        f"<html><body><h3>Viewing cable {key(number)}, A BELL</h3>\n<table class='cable'>\n<tr><td>\n<a href='/x'>{key(number)}</a>\n</td>"
        "<td><a href='/y'>2007-01-01 02:03</a></td><td>2010-12-01 23:11</td><td>UNCLASSIFIED</td><td><a>Embassy Lima</a></td></tr></table>"
        f"<code><pre>{head}</pre></code>\n<code><pre>UNCLAS{body}</pre></code></body></html>"
    ).replace("\n\n", "&#x000A;&#x000A;").encode()  # fmt: skip


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in files.items():
            container.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as container:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            container.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sevened(files: Files, method: int = py7zr.FILTER_LZMA2, preset: int | None = None) -> bytes:
    """A 7z archive; py7zr writes no hostile names unless it is told that they are none."""
    out = io.BytesIO()
    with (
        mock.patch("py7zr.py7zr.check_archive_path", return_value=True),
        py7zr.SevenZipFile(out, "w", filters=[{"id": method} | ({"preset": preset} if preset is not None else {})]) as container,
    ):
        for name, data in files.items():
            container.writestr(data, name)
    return out.getvalue()


#: The containers of several files, each packed around them.
CONTAINERS: Final[Mapping[str, Callable[[Files], bytes]]] = {
    "zip": zipped,
    "tar": tarred,
    "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.bz2": lambda files: bz2.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
    "7z": sevened,
}
#: What wraps one file.
WRAPPERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def pdf_objects(objects: Iterable[bytes], trailer: bytes = b"") -> bytes:
    """A PDF file of these objects, numbered from 1 on; the first is its catalog."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, data in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, data))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, start))
    return out.getvalue()


def pdf(pages: Iterable[Iterable[str]], trailer: bytes = b"") -> bytes:
    """A PDF file with a text layer: lines of Courier, as a scan that went through text recognition has."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"]
    kids: list[bytes] = []
    for lines in pages:
        shown = "".join(
            "({}) Tj T*\n".format(line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")) for line in lines
        )
        data = f"BT /F1 10 Tf 12 TL 40 780 Td\n{shown}ET".encode("cp1252")
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
            % (len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return pdf_objects(objects, trailer)


class Measured(NamedTuple):
    """What a process of its own printed, and the most memory that it had (MB)."""

    lines: list[str]
    peak: float


_PROGRAM: Final = """
import sys
import cablegram
from cablegram.errors import UnreadableInput

reading = cablegram.read(sys.argv[1])
try:
    for cable in reading:
        print("read", cable.id, len(cable.original))
except UnreadableInput as error:
    print("unreadable", error)
for refusal in reading.refusals:
    print("refused", refusal.source, refusal.position, refusal.reason)
try:
    # The peak of this program; that of `resource` counts what the one that started it had, too.
    print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
except OSError:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def read_apart(path: Path, seconds: float = 60) -> Measured:
    """Read a source in a process of its own, at most so long."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(path)], capture_output=True, text=True, timeout=seconds, check=True
    )
    *lines, peak = done.stdout.splitlines()
    return Measured(lines, int(peak) / 1024)
