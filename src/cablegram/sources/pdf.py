"""PDF files with a text layer: scans of telegrams as they are released under FOIA.

The text of the pages is joined; lines that the release put on the pages (case numbers, stamps, page numbers) are taken out by
rule and kept as claims. A page that begins with a new telegram's head begins a new record. Nothing is guessed where a PDF
has only pictures: it is refused, with the advice to run a text recognition over it.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from cablegram.errors import UnreadableInput
from cablegram.sources.base import Item, RawRecord, Refusal

#: Lines at the head and at the foot of a page that may be furniture.
_EDGE: Final = 4
_MOST_PAGES: Final = 5000
_LONGEST: Final = 20_000_000
#: Lines that telegrams of one post have in common, and that are theirs all the same: heading, addressees, numbers, end, a name.
_OWN: Final = re.compile(
    r"\s*(?:(?:[ZOPRYW] )+\d{6}Z\b.*|(?:FM|TO|INFO|VZCZC|DE|ZNR|BT|NNNN|TAGS|SUBJECT|REF|SIPDIS|E\.?O\.?)\b.*|#\d{4}.*"
    r"|(?:UNCLAS|CONFIDENTIAL|SECRET|C O N F I D E N T I A L|S E C R E T)\b.*\b[A-Z]{3,} \d{3,}.*|From:.*|\(?\d{1,3}\. ?\(.*"
    r"|(?!UNCLASSIFIED|CONFIDENTIAL|SECRET|SENSITIVE|NOFORN|REDACTED|RELEASED)[A-Z'-]{2,25})\s*"
)
_DIGITS: Final = re.compile(r"\d+")
_STAMP: Final = re.compile(
    r"\s*(?:UNCLASSIFIED\s+U\.?S\.? Department of State\b.*|(?:UNCLASSIFIED\s+)?Case No\.? ?[A-Z]?-?\d.*|Doc No\.? ?C\d+.*"
    r"|REVIEW(?:ED)? (?:AUTHORITY|BY)\b.*|(?:RELEASED?|DENIED|EXCISED?) IN (?:FULL|PART)\b.*|RELEASED? IN FULL.*|Page \d+ of \d+|\d{1,3} of \d{1,3}"
    r"|DECLASSIFIED (?:IN|BY|AND|UNDER|PA/)\b.*|(?:Approved|Declassified) for Release\b.*|Sheryl P\. Walter.*Systematic Review.*)\s*",
    re.IGNORECASE,
)
_NEW: Final = re.compile(r"^\s{0,8}(?:FM |VZCZC|(?:PAGE )?0?1 OF 0?\d|(?:O|P|R|Z) \d{6}Z [A-Z]{3} \d\d)", re.MULTILINE)
_FROM: Final = re.compile(r"^\s{0,8}(?:FM [A-Z]{3}|From:\s)", re.MULTILINE)
_NEW_LINES: Final = 25


def read_pdf(data: bytes, source: str) -> Iterator[Item]:
    """The telegrams of a PDF file. :class:`UnreadableInput` where it is damaged, locked, or has no text."""
    from pypdf import PdfReader

    # pypdf tells of every small fault of a file; what matters to the reader is whether there is a text.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableInput(f"{source}: is a PDF locked with a password; unlock it first")
        pages = [page.extract_text() or "" for page, _ in zip(reader.pages, range(_MOST_PAGES), strict=False)]
        left = len(reader.pages) - len(pages)
    except UnreadableInput:
        raise
    except Exception as error:
        # pypdf fails on damaged files in any way there is.
        raise UnreadableInput(f"{source}: is a damaged PDF ({type(error).__name__})") from None
    if sum(map(len, pages)) > _LONGEST:
        raise UnreadableInput(
            f"{source}: is a PDF with more than {_LONGEST // 1_000_000} MB of text; a telegram is a few kilobytes"
        )
    if not any(page.strip() for page in pages):
        raise UnreadableInput(f"{source}: is a PDF of pictures without text; run a text recognition (OCR) over it first")
    kept, furniture = without_furniture(pages)
    checksum = hashlib.sha256(data).hexdigest()
    number = 0
    for number, (first, last) in enumerate(telegrams(kept), 1):
        claims: dict[str, Any] = {"file_sha256": checksum, "pages": [first + 1, last], "form": "pdf"}
        stamps = list(dict.fromkeys(line for page in furniture[first:last] for line in page))
        if stamps:
            claims["page_furniture"] = stamps
        yield RawRecord("\n".join(kept[first:last]), claims, source, number, None, data)
    if left > 0:
        yield Refusal(source, number + 1, f"has more than {_MOST_PAGES:,} pages; the last {left:,} were not read: split it first")


def without_furniture(pages: list[str]) -> tuple[list[str], list[list[str]]]:
    """The pages without what the release put on them, and what was taken out of each.

    Taken out, at the head and the foot of a page only: known stamps of FOIA releases, and lines that most pages have in common but
    for their digits, if they are not such as telegrams have.
    """
    split = [page.split("\n") for page in pages]
    shapes: Counter[str] = Counter()
    for lines in split:
        shapes.update({_shape(lines[n]) for n in _edges(lines) if not _OWN.fullmatch(lines[n])})
    common = {shape for shape, count in shapes.items() if shape and count >= 3 and count * 2 > len(pages)}
    kept: list[str] = []
    taken: list[list[str]] = []
    for lines in split:
        out = {n for n in _edges(lines) if lines[n].strip() and (_STAMP.fullmatch(lines[n]) or _shape(lines[n]) in common)}
        kept.append("\n".join(line for n, line in enumerate(lines) if n not in out))
        taken.append([lines[n].strip() for n in sorted(out)])
    return kept, taken


def _shape(line: str) -> str:
    return _DIGITS.sub("0", " ".join(line.split()))


def _edges(lines: list[str]) -> list[int]:
    told = [n for n, line in enumerate(lines) if line.strip()]
    return sorted({*told[:_EDGE], *told[-_EDGE:]})


def telegrams(pages: list[str]) -> list[tuple[int, int]]:
    """Page ranges ``[first, last)`` of the telegrams in a file: a page with a date-time group and a FM line at its head begins one."""
    starts = [0]
    for n, page in enumerate(pages):
        head = "\n".join(page.split("\n")[:_NEW_LINES])
        if n and _FROM.search(head) and _NEW.search(head) and not re.search(r"\b0?[2-9] OF 0?\d", head):
            starts.append(n)
    return [
        (first, last)
        for first, last in zip(starts, [*starts[1:], len(pages)], strict=True)
        if any(pages[n].strip() for n in range(first, last))
    ]
