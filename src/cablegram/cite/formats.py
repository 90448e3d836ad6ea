"""Citations as data for reference managers: CSL-JSON, BibTeX (also for biblatex), RIS. One item at a time, so that any number can be written.

What a field of the item becomes in each is listed in docs/citation.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from cablegram.cite.item import Cited, Item, one_line

_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: Braces are spelled out: BibTeX counts them even behind a backslash.
_LATEX: Final = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "\ufffd": "?",
})  # fmt: skip
#: What Zotero's Letter has no field for: as lines of the note they come into its field Extra, in the form in which it reads variables of CSL there.
_EXTRA: Final = ("number", "archive_collection", "archive-place")
#: Who sends and who receives: the field of the item, the tag of RIS, and what a note calls it.
_ROLES: Final = (("author", "AU", "Sender"), ("recipient", "A2", "Recipient"))
_KEY: Final = re.compile(r"[^A-Za-z0-9-]+")


class Form(NamedTuple):
    """One form: the ``ending`` of its files, its ``media`` type, how one item is written, and what stands before, between and after."""

    ending: str
    media: str
    one: Callable[[Cited], str]
    before: str = ""
    between: str = ""
    after: str = ""


def item_of(cited: Cited) -> Item:
    """The item as it leaves the house: with the paragraph that is cited in its note, as items of CSL have no place for one."""
    item = dict(cited.item)
    if cited.locator is not None:
        item["note"] = f"Cited: para. {cited.locator}\n{item.get('note', '')}".rstrip()
    return item


def _date(item: Item, name: str) -> list[int]:
    parts: list[list[int]] = item.get(name, {}).get("date-parts", [[]])
    return parts[0]


def _iso(parts: list[int]) -> str:
    return "-".join(f"{part:0{4 if n == 0 else 2}d}" for n, part in enumerate(parts))


def _names(item: Item, name: str) -> list[str]:
    return [one["literal"] for one in item.get(name, ())]


def _notes(item: Item) -> list[str]:
    return [line for line in map(one_line, item.get("note", "").split("\n")) if line]


def csl_json(cited: Cited) -> str:
    """The item as CSL-JSON, which Zotero takes as a Letter without losing anything."""
    item = item_of(cited)
    item["note"] = "\n".join(
        [*(f"{name}: {one_line(item[name])}" for name in _EXTRA if name in item), item.get("note", "")]
    ).rstrip()
    return json.dumps(item, ensure_ascii=False, indent=2)


def _bibtex_fields(item: Item) -> Iterator[tuple[str, str]]:
    yield "author", " and ".join(f"{{{_tex(one)}}}" for one in _names(item, "author"))
    yield "title", f"{{{_tex(item['title'])}}}" if "title" in item else ""
    kind = item["genre"][:1].upper() + item["genre"][1:]
    to = ", ".join(_names(item, "recipient"))
    how = " ".join(part for part in (kind, item.get("number"), f"to {to}" if to else None) if part)
    yield "howpublished", _tex(how)
    yield "number", _tex(item.get("number", ""))
    parts = _date(item, "issued")
    if parts:
        # biblatex reads the date, with its question mark for a year that is probable; BibTeX year and month.
        yield "date", _iso(parts) + ("?" if item["issued"].get("circa") else "")
        yield "year", f"{parts[0]:04d}"
        if len(parts) > 1:
            yield "month", _MONTHS[parts[1] - 1]
    where = [item.get(name) for name in ("archive_location", "archive_collection", "archive", "archive-place")]
    yield "library", _tex(", ".join(part for part in where if part))
    yield "url", _url(item.get("URL", ""))
    accessed = _date(item, "accessed")
    yield "urldate", _iso(accessed) if accessed else ""
    yield "note", _tex("; ".join(_notes(item)))


def _tex(text: str) -> str:
    return one_line(text).translate(_LATEX)


def _url(url: str) -> str:
    """An address may have no braces (item.py); the rest is read as it stands."""
    return url.replace("%", r"\%").replace("#", r"\#").replace("_", r"\_").replace("&", r"\&").replace("~", r"\textasciitilde{}")


def bibtex(cited: Cited) -> str:
    """The item as an entry ``@misc`` of BibTeX."""
    item = item_of(cited)
    lines = [f"@misc{{{_KEY.sub('-', cited.key).strip('-')[:100] or 'cable'},"]
    for name, value in _bibtex_fields(item):
        if value:
            # The names of months are macros of BibTeX, which stand without braces.
            lines.append(f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},")
    return "\n".join([*lines, "}", ""])


def _undivided(name: str) -> str:
    """The name of an office as readers of RIS keep it whole: they take what stands behind a comma for first names, and nothing says otherwise."""
    return " – ".join(part for part in map(str.strip, name.split(",")) if part)


def _ris_lines(item: Item, key: str) -> Iterator[tuple[str, str]]:
    yield "TY", "PCOMM"
    yield "ID", key
    for role, tag, _ in _ROLES:
        yield from ((tag, _undivided(one)) for one in _names(item, role))
    yield "TI", item.get("title", "")
    parts = _date(item, "issued")
    if parts:
        yield "PY", f"{parts[0]:04d}"
        # Year, month and day, and what else there is to say of them, each behind its slash.
        named = [f"{part:0{4 if n == 0 else 2}d}" for n, part in enumerate(parts)]
        yield "DA", "/".join([*named, *[""] * (3 - len(named)), "probably" if item["issued"].get("circa") else ""])
    yield "M3", item["genre"][:1].upper() + item["genre"][1:]
    yield "M1", item.get("number", "")
    yield "DB", ", ".join(part for part in (item.get("archive"), item.get("archive-place")) if part)
    yield "AV", ", ".join(part for part in (item.get("archive_collection"), item.get("archive_location")) if part)
    yield "CN", item.get("call-number", "")
    yield "UR", item.get("URL", "")
    accessed = _date(item, "accessed")
    if accessed:
        yield "Y2", "/".join([*_iso(accessed).split("-"), ""])
    for role, _, called in _ROLES:
        yield from (("N1", f"{called}: {one}") for one in _names(item, role) if "," in one)
    yield from (("N1", line) for line in _notes(item))


def ris(cited: Cited) -> str:
    """The item as a record of RIS. No value has a line's end in it, so that none can end the record or begin another tag."""
    lines = [f"{tag}  - {told}" for tag, value in _ris_lines(item_of(cited), cited.key) if (told := one_line(value))]
    return "\r\n".join([*lines, "ER  - ", "", ""])


FORMS: Final = {
    "csl-json": Form("json", "application/vnd.citationstyles.csl+json", csl_json, "[\n", ",\n", "\n]\n"),
    "bibtex": Form("bib", "application/x-bibtex", bibtex, between="\n"),
    "ris": Form("ris", "application/x-research-info-systems", ris),
}


def written(form: Form, cited: Iterable[Cited]) -> Iterator[str]:
    """The pieces of a file of that form with these items."""
    yield form.before
    for n, one in enumerate(cited):
        if n:
            yield form.between
        yield form.one(one)
    yield form.after
