"""What all pages of the reading room share: the archive, templates, and how a page becomes a response."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cablegram import __version__
from cablegram.archive.archive import Archive
from cablegram.present.explain import rule_in_words
from cablegram.present.masked import told_of
from cablegram.present.page import date_in_words, file_name
from cablegram.present.runs import by_link
from cablegram.vocabulary.levels import style_code
from cablegram.vocabulary.posts import Post, resolve
from cablegram.web.charts import percent
from cablegram.web.choices import Choices
from cablegram.web.collations import Collations
from cablegram.web.protected import Protected
from cablegram.web.studies import Studies

#: A query may be so long in a link; longer ones are for the command.
LONGEST_QUERY: Final = 2000
_PLAIN: Final = re.compile(r"[\w.-]+")


def cable_url(key: str, query: str = "", anchor: str = "") -> str:
    """The permalink of a cable, with what was searched for, and the place on the page."""
    url = f"/cables/{quote(key, safe='')}"
    if query:
        url += "?" + urlencode({"q": query})
    return f"{url}#{anchor}" if anchor else url


def search_url(query: str, **values: str) -> str:
    """The link of a search."""
    return "/search?" + urlencode({"q": query, **{name: value for name, value in values.items() if value}})


def narrowed(query: str, field: str, value: str) -> str:
    """``query`` with ``field:value`` added."""
    quoted = value if _PLAIN.fullmatch(value) else '"' + value.replace('"', " ") + '"'
    if not query.strip():
        return f"{field}:{quoted}"
    return f"({query}) {field}:{quoted}" if re.search(r"\bOR\b|\|", query) else f"{query} {field}:{quoted}"


def marked(text: str, marks: Any) -> Markup:
    """``text`` with the places ``marks`` in ``mark`` elements."""
    out: list[Markup] = []
    at = 0
    for start, end in marks:
        out += (escape(text[at:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>"))
        at = end
    out.append(escape(text[at:]))
    return Markup("").join(out)


class Room:
    """The reading room of one archive."""

    def __init__(self, archive: Archive, *, private: bool = False) -> None:
        self.archive = archive
        #: Whether readers sign in.
        self.private = private
        self.studies = Studies(archive)
        self.choices = Choices(archive)
        self.collations = Collations()
        self.protected = Protected(archive)
        self._values: dict[str, tuple[int, Any]] = {}
        static = files("cablegram.web") / "static"
        self._versions = {
            entry.name: hashlib.sha256(entry.read_bytes()).hexdigest()[:10] for entry in static.iterdir() if entry.is_file()
        }
        self.templates = Environment(
            loader=ChoiceLoader([PackageLoader("cablegram.web"), PackageLoader("cablegram.present")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals.update(
            static=self.static, cable_url=cable_url, search_url=search_url, narrowed=narrowed, program=f"cablegram {__version__}",
            private=private, percent=percent, masked=told_of(masked) if (masked := archive.masked) is not None else "",
        )  # fmt: skip
        self.templates.filters.update(
            marked=marked, by_link=by_link, words=date_in_words, rule_words=rule_in_words, level_code=style_code, file_name=file_name, number="{:,}".format,
        )  # fmt: skip

    def static(self, name: str) -> str:
        """The link of a file of ours; it changes when the file does, so that browsers may keep it."""
        return f"/static/{name}?v={self._versions.get(name, '')}"

    def html(self, request: Request, template: str, /, status: int = 200, **values: Any) -> HTMLResponse:
        """A page."""
        values.setdefault("query", "")
        text = self.templates.get_template(template).render(request=request, path=request.url.path, **values)
        return HTMLResponse(text, status)

    def login(self, request: Request, error: str | None, next: str) -> HTMLResponse:
        """The page where readers sign in."""
        return self.html(request, "login.html", error=error, next=next)

    # counts that many pages show, kept until the archive changes

    def posts(self) -> list[tuple[Post | None, str, int]]:
        """Every post with the number of its cables, most first."""
        rows = self._kept("SELECT post, count(*) FROM cables WHERE post IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1")
        return [(resolve(code), code, count) for code, count in rows]

    def tags(self) -> list[tuple[str, int]]:
        """Every TAGS code with the number of cables that have it, most first."""
        sql = "SELECT t.tag, count(*) FROM cables c JOIN tags t ON t.version = c.current WHERE t.person = 0 GROUP BY 1 ORDER BY 2 DESC, 1"
        return [(tag, count) for tag, count in self._kept(sql)]

    def months(self) -> list[tuple[str, int]]:
        """Every month with the number of its cables."""
        return [(month, count) for month, count in self._kept(
            "SELECT substr(created, 1, 7), count(*) FROM cables WHERE length(created) >= 7 GROUP BY 1 ORDER BY 1"
        )]  # fmt: skip

    def _kept(self, sql: str) -> list[Any]:
        rows: list[Any] = self.kept(sql, lambda: self.archive.store.db.execute(sql).fetchall())
        return rows

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, kept until the archive changes."""
        clock = self.archive.store.clock()
        if name not in self._values or self._values[name][0] != clock:
            self._values[name] = (clock, make())
        return self._values[name][1]


def filled(months: Mapping[str, int] | list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Months in order, with those between the first and the last that have no cable."""
    known = dict(months)
    if not known:
        return []
    first, last = min(known), max(known)
    year, month = int(first[:4]), int(first[5:7])
    out: list[tuple[str, int]] = []
    while (name := f"{year:04d}-{month:02d}") <= last:
        out.append((name, known.get(name, 0)))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return out
