"""Numbers whose post stands elsewhere in their list or table: in a column, in a field of its own, or in the line above a list.

Read in the manuscript's own lines; offsets are those of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from cablegram.check.moments import Moment, moments
from cablegram.check.senders import Sender, senders
from cablegram.check.weighing import YEARS

_SERIAL: Final = re.compile(r"(?:(?:[Nn]o|[Tt]el|[Nn]r)\.? ?|# ?)?(?P<number>\d{1,6})")
_WHOLE: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z. ]{2,40}?),? #?(?P<number>\d{2,6})")
_STACKED: Final = re.compile(r"\|-+[ \t]*")
_RULE: Final = re.compile(r"[\s|:=+-]{3,}")
#: What is counted in columns that are no numbers of telegrams.
_HEAD_COUNT: Final = re.compile(
    r"(?i)(?:.{0,20}\b)?(?:population|pop\.?|staff|votes?|seats?|scores?|pages?|pp\.?|prices?|cost|km|miles|passengers|visitors|inhabitants|size|area|rank|points|deaths|people|dollars|usd|rate|percent|%|temp\.?|temperature|rainfall|"
    r"distance|fare|goals|years?|born|died|altitude|elevation|words|copies|circulation|students|members|tons|weight|attendance|total|amount|sum|value|budget)(?:\b.{0,20})?"
)
_DITTO: Final = frozenset(("", '"', "″", "''", ",,", "”", "“", "do.", "do", "ditto", "idem", "id.", "-", "–", "—", "same"))
_HEAD_NUMBER: Final = re.compile(
    r"(?i)(?:telegram|tel|cable|message|msg|serial)?\.? ?(?:no|nos|nr|num|number|numbers|serial|mrn|#)?\.?"
)
_HEAD_POST: Final = re.compile(r"(?i)(?:post|from|origin|sender|embassy|mission|originator|sent from|source|station|office)")
_LABELLED: Final = re.compile(
    r"[ \t]*(?:[-*|>] ?)?[*_]{0,2}(?P<label>[A-Za-z][A-Za-z .]{0,24}?)[*_]{0,2} ?(?P<sign>[:=|\t])[*_]{0,2}[ \t]*(?P<value>[^\n]{1,200})"
)
_PAIR: Final = re.compile(
    r'(?<![A-Za-z_])"?(?P<label>[A-Za-z_][A-Za-z_ .]{0,23})"? ?[:=] ?(?:"(?P<words>[^"\n]{1,80})"|(?P<figures>\d{1,6}))'
)
_INLINE: Final = re.compile(r"(?:^|[;|])[ \t]*(?P<label>[A-Za-z][A-Za-z .]{0,24}?) ?:[ \t]*(?P<words>[^;|\n]{1,80})")
_LABELS: Final = {
    **dict.fromkeys(
        ("from", "origin", "sender", "post", "embassy", "mission", "originator", "fm", "author", "station", "office", "absender", "von", "sent from", "originating post", "office of origin"), "post"),
    **dict.fromkeys(
        ("number", "no", "no.", "nr", "nr.", "serial", "serial number", "serial no.", "telegram", "telegram number", "telegram no.", "telegram no", "cable", "cable number", "cable no.", "cable no", "message",
         "message number", "message no.", "msg no.", "mrn", "tel", "tel.", "tel. no.", "nummer", "issue"), "number"),
    **dict.fromkeys(("date", "sent", "draft date", "dated", "datum", "date sent", "year", "fecha", "transmitted"), "date"),
}  # fmt: skip
#: A line of a list that begins with a number, behind a line that names a post.
_ENTRY: Final = re.compile(
    r"[ \t]*(?:[-*•·–—+] ?)?(?:(?:[Nn]os?|[Tt]els?|[Nn]r)\.? ?|#|telegrams? |cables? )?(?P<number>\d{2,6})(?=[ \t]*(?:[,;:(\-–—.]|$| [A-Z\d]))"
)
_GROUP: Final = re.compile(
    r"[ \t#*_]*(?:[Ff]rom |[Tt]elegrams from |[Cc]ables from )?(?:the )?(?P<name>[^\n:]{3,60}?)[*_ \t]*(?:\((?:cables|telegrams)\)|:|, (?:telegrams|cables):?|(?: to (?:State|Washington|the Department)):?)?[*_ \t]*"
)
_MOST_CELLS: Final = 24
_SHORTEST: Final = 3
_LONGEST_LINE: Final = 600


class Given(NamedTuple):
    """That the number at ``at`` is one of ``posts``, or none of a telegram where there are none; ``moment`` its date, where that stands in
    another column or field."""

    at: int
    posts: tuple[str, ...]
    moment: Moment | None


@dataclass(slots=True)
class _Cell:
    start: int
    text: str

    @property
    def serial(self) -> re.Match[str] | None:
        return _SERIAL.fullmatch(self.text)

    @property
    def moment(self) -> Moment | None:
        found = moments(self.text)
        return found[0] if len(found) == 1 and found[0].end - found[0].start >= len(self.text) - 8 else None

    @property
    def post(self) -> Sender | None:
        text = self.text if not self.text.islower() else self.text.title()
        found = senders(text) if 3 <= len(text) <= 80 and text[:1].isalpha() else []
        if not found or found[0].start > 4 or (len(found) == 1 and len(text) - found[0].end > 1):
            return None
        return found[0] if len(found) == 1 or text[found[0].end : found[1].start].strip() in ("to", "-", "–", "to the") else None


def given(text: str) -> list[Given]:
    """All numbers of tables, fields and lists whose post stands elsewhere in them, in order."""
    lines: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    found = [*_of_tables(lines), *_of_fields(lines), *_of_groups(lines)]
    return sorted({one.at: one for one in reversed(found)}.values())


def _runs(lines: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Paragraphs as lines; blank lines part them, but for the rows of a table, which are paragraphs with tabs in them."""
    run: list[tuple[int, str]] = []
    blank = False
    for start, line in lines:
        if not line.strip() or len(line) > _LONGEST_LINE:
            blank = True
            continue
        if run and blank and not ("\t" in line and "\t" in run[-1][1]):
            yield run
            run = []
        run.append((start, line))
        blank = False
    if run:
        yield run


# tables


def _of_tables(lines: Sequence[tuple[int, str]]) -> Iterator[Given]:
    for run in _runs(lines):
        if len(run) < 2:
            continue
        for sign in ("|", "\t", ";", ",", "  "):
            if sum(line.count(sign) >= 1 for _, line in run) < 2:
                continue
            rows = [_cells(start, line, sign) for start, line in run if not _RULE.fullmatch(line)]
            if sign == "|" and any(_STACKED.fullmatch(line) for _, line in run):
                rows = list(_stacked(run))
            rows = [row for row in rows if _SHORTEST - 1 <= len(row) <= _MOST_CELLS]
            known = list(_of_rows(rows)) if len(rows) >= 2 else []
            if known:
                yield from known
                break


def _stacked(run: Sequence[tuple[int, str]]) -> Iterator[list[_Cell]]:
    """The rows of a wiki's table, whose cells stand below each other between rules."""
    row: list[_Cell] = []
    for start, line in run:
        if line.startswith(("|-", "{|", "|}")):
            if row:
                yield row
            row = []
        else:
            row += [cell for cell in _cells(start, line.replace("!", "|") if line[:1] == "!" else line, "|") if cell.text]
    if row:
        yield row


def _cells(start: int, line: str, sign: str) -> list[_Cell]:
    out: list[_Cell] = []
    at = 0
    pieces = re.split(r"[ \t]{2,}", line) if sign == "  " else line.split(sign)
    for piece in pieces:
        place = line.index(piece, at) if piece else at
        inner = piece.strip()
        out.append(
            _Cell(
                start + place + (len(piece) - len(piece.lstrip()) if inner else 0), inner.strip('"') if len(inner) > 1 else inner
            )
        )
        if len(inner) > 1 and inner.startswith('"'):
            out[-1].start += 1
        at = place + len(piece) + (len(sign) if sign != "  " else 0)
    if sign == "|" and out and not out[0].text:
        out = out[1:]
    if sign == "|" and out and not out[-1].text:
        out = out[:-1]
    return out


def _of_rows(rows: list[list[_Cell]]) -> Iterator[Given]:
    width = max(map(len, rows))
    head = rows[0] if not any(cell.serial is not None for cell in rows[0]) else []
    body = (
        rows[1:]
        if head and any(_HEAD_POST.fullmatch(cell.text) or (cell.text and _HEAD_NUMBER.fullmatch(cell.text)) for cell in head)
        else rows
    )
    named = body is not rows
    if not body:
        return
    columns = [[row[n] for row in body if n < len(row)] for n in range(width)]
    counts = [n for n, cell in enumerate(head) if _HEAD_COUNT.fullmatch(cell.text)]
    for n in counts:
        yield from (
            Given(row[n].start + found.start("number"), (), None)
            for row in rows[1:]
            if n < len(row) and (found := row[n].serial) is not None
        )
    yield from _of_whole_cells(columns)
    numbers = [n for n, column in enumerate(columns) if n not in counts and _is_serial(column)]
    if not numbers:
        return
    posts = [n for n, column in enumerate(columns) if _is_post(column)]
    dates = [n for n, column in enumerate(columns) if sum(cell.moment is not None for cell in column) * 2 >= len(body)]
    if not posts or not (named or dates):
        return
    post = next((n for n in posts if named and n < len(head) and _HEAD_POST.fullmatch(head[n].text)), posts[0])
    if named:
        chosen = [n for n in numbers if n < len(head) and head[n].text and _HEAD_NUMBER.fullmatch(head[n].text)]
        chosen = chosen or [n for n in numbers if n >= len(head) or not head[n].text]
    else:
        chosen = numbers
    if not chosen:
        return
    number = min(chosen, key=lambda n: (abs(n - post), -n))
    last: Sender | None = None
    for row in body:
        if number >= len(row) or post >= len(row):
            continue
        last = row[post].post or (last if row[post].text.lower() in _DITTO else None)
        serial = row[number].serial
        if last is None or serial is None or int(serial["number"]) == 0:
            continue
        moment = next((row[n].moment for n in dates if n < len(row) and row[n].moment is not None), None)
        yield Given(row[number].start + serial.start("number"), last.posts, moment)


def _of_whole_cells(columns: Sequence[Sequence[_Cell]]) -> Iterator[Given]:
    """Numbers of a column whose cells are a post and a number."""
    for column in columns:
        both = [
            (cell, found)
            for cell in column
            if (found := _WHOLE.fullmatch(cell.text)) is not None and int(found["number"]) not in YEARS
        ]
        if len(both) < 2 or len(both) * 2 < len(column):
            continue
        known = [(cell, found, post) for cell, found in both if (post := _Cell(cell.start, found["name"]).post) is not None]
        if len(known) * 2 >= len(column):
            yield from (Given(cell.start + found.start("number"), post.posts, None) for cell, found, post in known)


def _is_post(column: Sequence[_Cell]) -> bool:
    known = sum(cell.post is not None for cell in column)
    return known > 0 and (known + sum(cell.text.lower() in _DITTO for cell in column)) * 2 >= len(column)


def _is_serial(column: Sequence[_Cell]) -> bool:
    """Whether a column has numbers of telegrams: neither counts its rows, nor gives years."""
    values = [int(found["number"]) for cell in column if (found := cell.serial) is not None]
    if not values or len(values) * 2 < len(column):
        return False
    counts = len(values) > 1 and all(other - one == 1 for one, other in pairwise(values)) and values[0] < 100
    return not counts and not all(value in YEARS for value in values) and max(values) >= 10


# fields


def _of_fields(lines: Sequence[tuple[int, str]]) -> Iterator[Given]:
    for run in _runs(lines):
        record: dict[str, _Cell] = {}
        for start, line in run:
            pairs = (
                _PAIR
                if '{"' in line or '="' in line
                else _INLINE
                if line.count(":") > 1 and (";" in line or "|" in line)
                else None
            )
            if pairs is not None:
                yield from _of_record({kind: _Cell(start + pair.start(pair.lastgroup or 0), pair[pair.lastgroup or 0].rstrip())
                                       for pair in pairs.finditer(line) if (kind := _kind(pair["label"])) is not None})  # fmt: skip
                continue
            found = _LABELLED.match(line)
            kind = _LABELS.get(found["label"].strip().lower()) if found is not None else None
            if found is None or kind is None:
                continue
            if kind in record:
                yield from _of_record(record)
                record = {}
            value = found["value"].strip()
            lead = len(found["value"]) - len(found["value"].lstrip())
            bare = value.strip('{}",| ')
            record[kind] = _Cell(start + found.start("value") + lead + (value.index(bare) if bare else 0), bare)
        yield from _of_record(record)


def _kind(label: str) -> str | None:
    """What a field is by its label, or by the last word of it, before which the name of an element may stand."""
    words = label.lower().replace("_", " ").strip()
    return _LABELS.get(words) or _LABELS.get(words.rpartition(" ")[2])


def _of_record(record: dict[str, _Cell]) -> Iterator[Given]:
    if "post" not in record or "number" not in record:
        return
    post, serial = record["post"].post, record["number"].serial
    if post is not None and serial is not None and int(serial["number"]):
        yield Given(
            record["number"].start + serial.start("number"), post.posts, record["date"].moment if "date" in record else None
        )


# lists


def _of_groups(lines: Sequence[tuple[int, str]]) -> Iterator[Given]:
    """Lists below a line that names a post and nothing else."""
    post: Sender | None = None
    empty = 0
    for start, line in lines:
        if not line.strip():
            empty += 1
            post = post if empty < 2 else None
            continue
        entry = _ENTRY.match(line) if post is not None else None
        if entry is not None and post is not None and int(entry["number"]) not in YEARS:
            yield Given(start + entry.start("number"), post.posts, None)
            empty = 0
            continue
        if post is not None and empty == 0 and line[:1] in " \t":
            continue
        empty = 0
        group = _GROUP.fullmatch(line) if len(line) <= 100 and line.strip()[:1] not in "-•" else None
        post = _Cell(0, group["name"].strip()).post if group is not None else None
