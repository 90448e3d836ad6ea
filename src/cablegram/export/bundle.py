"""An evidence bundle: a ZIP of cables with everything that shows whence they are, in BagIt layout (RFC 8493).

The same cables of the same archive give the same bytes: members are in order and have one fixed time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import textwrap
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from cablegram import __version__
from cablegram.cable import Cable
from cablegram.errors import CablegramError
from cablegram.export.formats import reading_text
from cablegram.export.place import safe_name
from cablegram.present.cells import cell
from cablegram.present.masked import told_of

if TYPE_CHECKING:
    from cablegram.archive.archive import Archive, VersionInfo

#: A bundle is of a selection; a ZIP's list of members is kept in memory.
MOST: Final = 20_000
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_COPY: Final = 1 << 20
_README: Final = """Evidence bundle
===============

This is a copy of {count:,} diplomatic cable{s} with everything that shows where each is from. It was made by cablegram {version}
{what}.
{masked}
What lies where
---------------

data/README.txt                      this page
data/index.csv                       one line a cable: id, date, classification, post, subject, checksum
data/citations.json                  all cables as CSL-JSON, for reference managers
data/cables/ID/original.txt          the text as the source gave it, character for character (UTF-8)
data/cables/ID/restored.txt          the text for reading, with the repairs
data/cables/ID/record.json           every field that was read from it, with its place in the original
data/cables/ID/repairs.csv           every repair: where, what stood there, what was put, by which rule, how surely; "applied" is false
                                     where it was only proposed. Places count characters of original.txt from 0. In this file and
                                     in index.csv a text that a spreadsheet would run as a formula, or that begins with a
                                     tab, has an apostrophe before it; record.json has it without
data/cables/ID/citation.txt          a citation in the style of the Chicago Manual, note and bibliography
data/cables/ID/citation.json         the same as CSL-JSON
data/cables/ID/source.json           where the text was seen: release, file, place in the file, checksum, and the runs that read the file
data/cables/ID/versions/SUM.txt      other texts of the same cable, if there are any, by the beginning of their checksum
data/files/SUM.*                     the very files, where a source is more than a text (a PDF, another encoding), by their checksum

How to check that nothing was changed
-------------------------------------

In the folder where bagit.txt lies:

    sha256sum -c manifest-sha256.txt
    sha256sum -c tagmanifest-sha256.txt

or with any program for BagIt, for instance `bagit.py --validate .`. A checksum shows that a file is the same as when the bundle was
made. It does not show who made it: keep the checksum of the ZIP itself apart from it.

What to bear in mind
--------------------

Markings (SECRET and others) are those of the originals; whether they are still in force is another question. The surname at the end
of a telegram is of whoever was in charge, not of the author. Dates and times are in UTC.
"""


class _Bag:
    """The members of the bag as they are written, and the lists of their checksums."""

    def __init__(self, out: zipfile.ZipFile, name: str, payload: IO[bytes]) -> None:
        self._out, self._name, self._payload = out, name, payload
        self.size = self.count = 0

    def write(self, member: str, data: bytes) -> str:
        """Write one file; its checksum."""
        info = zipfile.ZipInfo(f"{self._name}/{member}", _TIME)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        self._out.writestr(info, data)
        return hashlib.sha256(data).hexdigest()

    def copy(self, member: str, file: IO[bytes]) -> str:
        """Write what stands in ``file``; its checksum."""
        info = zipfile.ZipInfo(f"{self._name}/{member}", _TIME)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        digest = hashlib.sha256()
        file.seek(0)
        with self._out.open(info, "w", force_zip64=True) as member_file:
            while piece := file.read(_COPY):
                digest.update(piece)
                member_file.write(piece)
        return digest.hexdigest()

    def listed(self, member: str, size: int, sha256: str) -> None:
        """Put a payload file into the manifest."""
        self._payload.write(f"{sha256}  data/{member}\n".encode())
        self.size += size
        self.count += 1

    def put(self, member: str, data: bytes) -> None:
        """Write one file of the payload (below ``data/``)."""
        self.listed(member, len(data), self.write(f"data/{member}", data))


def _json(value: Any) -> bytes:
    # As in the JSON lines: what UTF-8 has not is written as an escape.
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "backslashreplace") + b"\n"


def _source_name(source: str) -> str:
    """A source without the folders of the machine on which it was read, with the container that it was in: ``scans.zip!0001.txt``."""
    from cablegram.cite.item import file_of

    return "!".join(file_of(part) for part in source.split("!") if part) or "unknown"


def _runs(archive: Archive) -> list[tuple[list[str], dict[str, Any]]]:
    rows = archive.store.db.execute("SELECT sources, started, finished, program FROM runs ORDER BY id")
    return [(sources.split(), {"started": a, "finished": b, "program": f"cablegram {c}"}) for sources, a, b, c in rows]


def _chain(version: VersionInfo, runs: list[tuple[list[str], dict[str, Any]]]) -> dict[str, Any]:
    """A version with the places where it was seen. The archive does not tie a sighting to a run: named are all that were given the file."""
    seen = []
    for one in version.sightings:
        given = [run for names, run in runs if any(one.source.startswith(name) for name in names)]
        seen.append({"source": _source_name(one.source), "position": one.position, "runs_given_this_source": given})
    return {
        "sha256": version.sha256, "kind": version.kind, "shown": version.current, "extract": version.partial,
        "sections": list(version.sections), "redacted_characters": version.redacted, "read_by": f"cablegram {version.parser}", "seen": seen,
    }  # fmt: skip


def _repairs(cable: Cable) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["start", "end", "original", "replacement", "rule", "confidence", "applied"])
    for (start, end), original, replacement, rule, confidence, applied in cable.edits:
        writer.writerow(map(cell, (start, end, original, replacement, rule, confidence, str(applied).lower())))
    return out.getvalue().encode("utf-8", "replace")


def _cited(archive: Archive, key: str) -> tuple[str, str]:
    """The citation in words, and as CSL-JSON."""
    from cablegram.cite.citing import cited, in_style
    from cablegram.cite.formats import csl_json

    one = cited(archive, key)
    return "\n\n".join(in_style(one, style) for style in ("chicago-note", "chicago-bibliography")) + "\n", csl_json(one).strip()


def _ending(data: bytes) -> str:
    return "pdf" if data.startswith(b"%PDF") else "bin"


def _masked(archive: Archive) -> str:
    """What the page of the bundle says where names and numbers were masked: then no text in it is quite that of its source."""
    masked = archive.masked
    if masked is None:
        return ""
    told = f"{told_of(masked)} What is called original here is the masked text, and checksums are of that."
    return "\n" + "\n".join(textwrap.wrap(told, 130)) + "\n"


class _Writer:
    """Puts cables into a bag."""

    def __init__(self, archive: Archive, bag: _Bag, citations: IO[bytes], index: IO[bytes]) -> None:
        self._archive, self._bag, self._citations = archive, bag, citations
        self._text = io.TextIOWrapper(index, "utf-8", errors="replace", newline="", write_through=True)
        self._index = csv.writer(self._text, lineterminator="\n")
        self._index.writerow(["id", "created", "classification", "post", "subject", "sha256", "folder"])
        self._runs, self._files = _runs(archive), set[str]()
        self.count = 0

    def add(self, key: str, cable: Cable) -> None:
        """Put in one cable."""
        bag, folder = self._bag, f"cables/{safe_name(key)}"
        versions = self._archive.versions(key)
        shown = next(version for version in versions if version.current)
        words, csl = _cited(self._archive, key)
        bag.put(f"{folder}/original.txt", cable.original.encode("utf-8", "surrogatepass"))
        bag.put(f"{folder}/restored.txt", reading_text(key, cable).encode("utf-8", "replace"))
        bag.put(f"{folder}/record.json", _json(cable.to_dict()))
        bag.put(f"{folder}/repairs.csv", _repairs(cable))
        bag.put(f"{folder}/citation.txt", words.encode("utf-8", "replace"))
        bag.put(f"{folder}/citation.json", csl.encode("utf-8", "backslashreplace") + b"\n")
        chains = []
        for version in sorted(versions, key=lambda one: (not one.current, one.sha256)):
            told = _chain(version, self._runs)
            if not version.current and (other := self._archive.get(key, version.version)) is not None:
                told["file"] = f"versions/{version.sha256[:16]}.txt"
                bag.put(f"{folder}/{told['file']}", other.original.encode("utf-8", "surrogatepass"))
            whole = self._file(version)
            chains.append({**told, "source_file": whole} if whole else told)
        bag.put(f"{folder}/source.json", _json({"cable": key, "versions": chains}))
        self._citations.write((b",\n" if self.count else b"[\n") + csl.encode("utf-8", "backslashreplace"))
        post = cable.origin.post if cable.origin is not None else None
        self._index.writerow(map(cell, (key, cable.created, cable.classification, post, cable.subject, shown.sha256, folder)))
        self.count += 1

    def _file(self, version: VersionInfo) -> str | None:
        """The place of the source's own file, where it is more than a text; written once, however many cables are in it."""
        row = self._archive.store.db.execute(
            "SELECT f.sha256, f.data FROM originals o JOIN files f ON f.id = o.file WHERE o.sha256 = ?",
            (bytes.fromhex(version.sha256),),
        ).fetchone()
        if row is None:
            return None
        data = self._archive.store.packer.unpack(row[1])
        member = f"files/{row[0].hex()}.{_ending(data)}"
        if member not in self._files:
            self._files.add(member)
            self._bag.put(member, data)
        return member

    def close(self) -> None:
        """Finish the lists."""
        self._citations.write(b"\n]\n" if self.count else b"[]\n")
        self._text.flush()
        self._text.detach()


def write_bundle(archive: Archive, cables: Iterable[tuple[str, Cable]], path: Path, name: str, query: str) -> int:
    """Write the bundle of ``cables`` to ``path``, in it one folder ``name``; how many cables. ``CablegramError`` for more than :data:`MOST`."""
    top = safe_name(name)
    what = f"by the query: {' '.join(query.split())}" if query else "from an archive"
    given = iter(cables)
    first = next(given, None)
    if first is None:
        raise CablegramError("the query finds nothing: there is nothing to bundle")
    with ExitStack() as stack:
        payload, citations, index = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        out = stack.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED))
        bag = _Bag(out, top, payload)
        writer = _Writer(archive, bag, citations, index)
        for key, cable in chain([first], given):
            if writer.count >= MOST:
                raise CablegramError(f"an evidence bundle has at most {MOST:,} cables; choose fewer with --query or --id")
            writer.add(key, cable)
        writer.close()
        for member, file in (("citations.json", citations), ("index.csv", index)):
            size = file.seek(0, io.SEEK_END)
            bag.listed(member, size, bag.copy(f"data/{member}", file))
        readme = _README.format(
            count=writer.count, s="" if writer.count == 1 else "s", version=__version__, what=what, masked=_masked(archive)
        )
        bag.put("README.txt", readme.encode("utf-8", "replace"))
        tags = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": f"Bag-Software-Agent: cablegram {__version__}\nExternal-Description: {writer.count} diplomatic cables with originals, records, citations and source chain\nPayload-Oxum: {bag.size}.{bag.count}\n",
        }
        sums = {member: bag.write(member, text.encode()) for member, text in tags.items()}
        sums["manifest-sha256.txt"] = bag.copy("manifest-sha256.txt", payload)
        bag.write("tagmanifest-sha256.txt", "".join(f"{sha256}  {member}\n" for member, sha256 in sorted(sums.items())).encode())
    return writer.count
