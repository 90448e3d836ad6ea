"""PDF files with a text layer, as telegrams are released under FOIA; and PDF files of which nothing can be read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cablegram
from cablegram.archive.verify import problems
from cablegram.errors import UnreadableInput
from cablegram.sources import open_source
from cablegram.sources import pdf as source
from cablegram.sources.base import RawRecord, Refusal
from makers import key, pdf, pdf_objects, read_apart, telegram, zipped

STAMP = "UNCLASSIFIED U.S. Department of State Case No. F-2011-00001 Doc No. C05000001 Date: 01/01/2015"
RELEASE = "RELEASE IN PART B1"


def _pages(number: int, subject: str = "THE BELL OF (SMALL) HARBOR") -> list[list[str]]:
    """A telegram of two pages with the furniture of a release."""
    first = [
        STAMP, RELEASE, "R 010203Z JAN 07", "FM AMEMBASSY LIMA", "TO SECSTATE WASHDC 0001", f"UNCLAS LIMA {number:06d}", "SIPDIS",
        "E.O. 12958: N/A", "TAGS: PGOV, EFIS, PE", f"SUBJECT: {subject}", "1. (U) Summary: The bell rang twice. End summary.",
        "2. (U) The harbor master counted the boats and found one more", "Page 1 of 2", STAMP,
    ]  # fmt: skip
    second = [STAMP, RELEASE, "than the evening before.", "3. (U) Comment: Nobody owned it.", "FENWICK", "Page 2 of 2", STAMP]
    return [first, second]


def _short(number: int, stamped: bool = True) -> list[str]:
    """A telegram of one page."""
    lines = [line for line in telegram(number).decode().split("\n") if line]
    return [STAMP, *lines, STAMP] if stamped else lines


def _put(folder: Path, data: bytes, name: str = "release.dat") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_telegram_of_two_pages(tmp_path: Path) -> None:
    """Its fields are read across the page break; what the release put on the pages is out of the text and kept as a claim."""
    data = pdf(_pages(12))
    reading = cablegram.read(_put(tmp_path, data))
    (cable,) = reading
    assert reading.refusals == []
    assert (cable.id, cable.subject, cable.signature) == ("07LIMA12", "THE BELL OF (SMALL) HARBOR", "FENWICK")
    assert (cable.created, cable.classification, cable.tags) == ("2007-01-01T02:03Z", "UNCLASSIFIED", ("PGOV", "EFIS", "PE"))
    assert [(p.number, p.marking, p.text) for p in cable.paragraphs] == [
        (1, "U", "Summary: The bell rang twice. End summary."),
        (2, "U", "The harbor master counted the boats and found one more than the evening before."),
        (3, "U", "Comment: Nobody owned it."),
    ]
    for line in ("Case No.", "RELEASE", "Page 1", "Page 2"):
        assert line not in cable.original
    assert cable.claims["page_furniture"] == [STAMP, RELEASE, "Page 1 of 2", "Page 2 of 2"]
    assert cable.claims["pages"] == [1, 2]
    assert cable.claims["file_sha256"] == hashlib.sha256(data).hexdigest()


def test_two_telegrams_in_one_file(tmp_path: Path) -> None:
    """Each is a record of its own, with its pages; a page that only goes on begins none."""
    path = _put(tmp_path, pdf([*_pages(12), *_pages(13, "A GONG"), _short(14)]))
    cables = list(cablegram.read(path))
    assert [(cable.id, cable.claims["pages"]) for cable in cables] == [
        ("07LIMA12", [1, 2]),
        ("07LIMA13", [3, 4]),
        ("07LIMA14", [5, 5]),
    ]
    assert [cable.subject for cable in cables] == ["THE BELL OF (SMALL) HARBOR", "A GONG", "THE BELL OF THE HARBOR"]
    assert [item.position for item in open_source(path)] == [1, 2, 3]


@pytest.mark.parametrize("stamped", [True, False], ids=["stamped", "without stamps"])
def test_many_telegrams_of_one_post(tmp_path: Path, stamped: bool) -> None:
    """Lines that all of them have (FM, TO, the date, the ambassador's name) are theirs and no furniture."""
    cables = list(cablegram.read(_put(tmp_path, pdf([_short(n, stamped) for n in range(1, 7)]))))
    assert [cable.id for cable in cables] == [key(n) for n in range(1, 7)]
    for cable in cables:
        assert cable.created == "2007-01-01T02:03Z"
        assert cable.signature == "FENWICK"
        assert [addressee.name for addressee in cable.action] == ["SECSTATE WASHDC"]
        assert cable.claims.get("page_furniture") == ([STAMP] if stamped else None)


@pytest.mark.parametrize(
    "line",
    [
        "UNCLASSIFIED U.S. Department of State Case No. F-2015-12345 Doc No. C06000000 Date: 12/31/2016",
        "UNCLASSIFIED",
        "CONFIDENTIAL",
        "RELEASED IN FULL",
        "RELEASE IN PART 1.4(B),1.4(D)",
        "DECLASSIFIED UNDER AUTHORITY OF THE INTERAGENCY PANEL",
        "Approved for Release 2015/01/01",
        "Page 7 of 9",
        "Harbor Reading Room, box 4, folder 17",
    ],
)
def test_furniture_on_every_page(tmp_path: Path, line: str) -> None:
    """Known stamps, and any line that most pages have at an edge but for their digits."""
    pages = [page[1:-1] for page in (*_pages(1), *_pages(2))]
    path = _put(tmp_path, pdf([[line, *page, line] for page in pages]))
    cables = list(cablegram.read(path))
    assert [cable.id for cable in cables] == [key(1), key(2)]
    for cable in cables:
        assert line in cable.claims["page_furniture"]
        assert line not in cable.original.split("\n")
        assert [p.number for p in cable.paragraphs] == [1, 2, 3]


def test_furniture_inside_a_page_is_text(tmp_path: Path) -> None:
    """Only the edges of a page have furniture: what a telegram quotes from a release stays."""
    first, second = _pages(12)
    quoted = [*first[:-3], RELEASE, *first[-3:-2], "more", "and more", "and still more", *first[-2:]]
    (cable,) = cablegram.read(_put(tmp_path, pdf([quoted, second])))
    assert RELEASE in cable.original.split("\n")


def test_archive_keeps_the_file(tmp_path: Path) -> None:
    """The bytes of the file come back equal, once for all its telegrams; also of one in a container."""
    data, other = pdf([*_pages(12), *_pages(13)]), pdf(_pages(14))
    sources = _put(tmp_path, data, "a.pdf"), _put(tmp_path, zipped({"b.txt": other}), "b.zip")
    with cablegram.Archive(tmp_path / "archive") as archive:
        assert archive.ingest(*sources).new == 3
        kept = archive.store.db.execute("SELECT sha256, data FROM files ORDER BY id").fetchall()
        assert [archive.store.packer.unpack(row[1]) for row in kept] == [data, other]
        assert [row[0] for row in kept] == [hashlib.sha256(one).digest() for one in (data, other)]
        owners = archive.store.db.execute(
            "SELECT c.key, o.file FROM cables c JOIN versions v ON v.id = c.current JOIN originals o ON o.id = v.original ORDER BY 1"
        ).fetchall()
        assert [(id, file) for id, file in owners] == [("07LIMA12", 1), ("07LIMA13", 1), ("07LIMA14", 2)]
        assert [v.sightings[0].source for v in archive.versions("07LIMA14")] == [f"{sources[1]}!b.txt"]
        cable = archive.get("07LIMA13")
        assert cable is not None
        assert cable.claims["pages"] == [3, 4]
        assert archive.search("bell").total == 3
        assert archive.ingest(*sources).unchanged == 3
        assert list(problems(archive.store, archive.index)) == []


# PDF files of which nothing can be read


def _encrypted(password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(_pages(12))))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _picture() -> bytes:
    """One page that is a picture."""
    return pdf_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R >>",
            b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
            b"\nstream\n\x7f\nendstream",
            b"<< /Length 19 >>\nstream\nq 9 0 0 9 0 0 cm /I Do Q\nendstream",
        ]
    )


def _tree(kids: Sequence[bytes]) -> bytes:
    """Pages that hold each other."""
    nodes = [b"<< /Type /Pages /Count 1000000000 /Kids [%s] >>" % kid for kid in kids]
    return pdf_objects([b"<< /Type /Catalog /Pages 2 0 R >>", *nodes])


def _bomb() -> bytes:
    """A page whose content is 300 MB of blanks."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    return pdf_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(data), data),
        ]
    )


@pytest.mark.parametrize(
    ("data", "word"),
    [
        pytest.param(_picture(), "pictures without text; run a text recognition", id="a picture"),
        pytest.param(pdf([[], ["  "]]), "pictures without text", id="blank pages"),
        pytest.param(_encrypted("harbor"), "locked with a password", id="locked"),
        pytest.param(pdf(_pages(12))[:200], "damaged PDF", id="cut off early"),
        pytest.param(pdf(_pages(12))[:-200], "damaged PDF", id="cut off near its end"),
        pytest.param(b"%PDF-1.4\n" + b"fog " * 5000, "damaged PDF", id="only its head"),
        pytest.param(pdf([]), "pictures without text", id="no pages"),
        pytest.param(_tree([b"2 0 R"]), "PDF", id="pages that hold themselves"),
    ],
)  # fmt: skip
def test_nothing_to_read(tmp_path: Path, data: bytes, word: str) -> None:
    """One clear line; in a container beside others it costs nothing else."""
    with pytest.raises(UnreadableInput, match=word) as raised:
        list(cablegram.read(_put(tmp_path, data)))
    assert str(raised.value).isprintable()
    path = _put(tmp_path, zipped({"a.pdf": data, "b.txt": telegram(1)}))
    reading = cablegram.read(path)
    assert [cable.id for cable in reading] == [key(1)]
    assert [(refusal.source, word in refusal.reason) for refusal in reading.refusals] == [(f"{path}!a.pdf", True)]


def test_tree_of_pages_that_grows(tmp_path: Path) -> None:
    """A few lines that claim ten billion pages take no such time."""
    data = _tree([b"%d 0 R " % (n + 1) * 10 for n in range(2, 12)])
    done = read_apart(_put(tmp_path, data), 30)
    assert [line.split(":")[0] for line in done.lines] == [f"unreadable {tmp_path}/release.dat"]
    assert done.peak < 400


def test_locked_with_no_password(tmp_path: Path) -> None:
    """A file that only forbids printing opens for everybody."""
    assert [cable.id for cable in cablegram.read(_put(tmp_path, _encrypted("")))] == ["07LIMA12"]


def test_false_table(tmp_path: Path) -> None:
    """A file whose table says that its parts are elsewhere, as after a careless conversion of line ends, is read all the same."""
    data = pdf(_pages(12))
    at = data.index(b"00000 n")
    path = _put(tmp_path, data[: at - 11] + data[at - 11 :].replace(b"000", b"001"))
    assert [cable.id for cable in cablegram.read(path)] == ["07LIMA12"]


def test_six_thousand_empty_pages(tmp_path: Path) -> None:
    """One line, soon."""
    done = read_apart(_put(tmp_path, pdf([[]] * 6000)), 30)
    assert done.lines == [
        f"unreadable {tmp_path}/release.dat: is a PDF of pictures without text; run a text recognition (OCR) over it first"
    ]
    assert done.peak < 400


def test_more_pages_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages behind the limit are not passed over in silence."""
    monkeypatch.setattr(source, "_MOST_PAGES", 4)
    reading = cablegram.read(_put(tmp_path, pdf([*_pages(12), *_pages(13), *_pages(14), _short(15)])))
    assert [cable.id for cable in reading] == ["07LIMA12", "07LIMA13"]
    assert [(refusal.position, refusal.reason) for refusal in reading.refusals] == [
        (3, "has more than 4 pages; the last 3 were not read: split it first")
    ]


def test_too_much_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more text than thousands of telegrams have is one line."""
    monkeypatch.setattr(source, "_LONGEST", 1000)
    with pytest.raises(UnreadableInput, match="MB of text"):
        list(cablegram.read(_put(tmp_path, pdf([_short(n) for n in range(1, 9)]))))


def test_bomb(tmp_path: Path) -> None:
    """A page that unpacks to 300 MB: one line, in bounded memory and time."""
    data = _bomb()
    assert len(data) < 1_000_000
    done = read_apart(_put(tmp_path, data), 30)
    assert len(done.lines) == 1
    assert done.lines[0].startswith("unreadable")
    assert done.peak < 600


WHOLE = pdf([*_pages(12), _short(13)])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12), st.integers(9, len(WHOLE)))
@settings(deadline=5000, max_examples=150)
def test_any_damage(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], cut: int) -> None:
    """A PDF with any bytes changed, cut anywhere, is read or refused in one line."""
    damaged = bytearray(WHOLE)
    for at, value in changes:
        damaged[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.pdf"
    path.write_bytes(b"%PDF-1.4\n" + damaged[9:cut])
    with contextlib.suppress(UnreadableInput):
        items = list(open_source(path))
        assert items
        assert all(isinstance(item, RawRecord | Refusal) for item in items)
