"""A site of cables that opens from a folder: plain pages with relative links, without a server, and without JavaScript but for its search.

The pages are made of what :mod:`cablegram.present` gathers, and wear the reading room's style sheet, which is read as data of the package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cablegram import __version__
from cablegram.errors import CablegramError
from cablegram.export.place import safe_name
from cablegram.present.explain import rule_in_words, tag_in_words
from cablegram.present.masked import told_of
from cablegram.present.page import Page, date_in_words, page_of
from cablegram.present.runs import by_link
from cablegram.restore.layout import LAYOUT_RULES
from cablegram.vocabulary.levels import BY_NAME, style_code
from cablegram.vocabulary.posts import resolve

if TYPE_CHECKING:
    from cablegram.archive.archive import Archive

#: A site is of a selection; more pages help nobody.
MOST: Final = 20_000
#: Up to so many cables the search knows every word of the texts, beyond it those of the headers.
_FULL: Final = 2000
_WORD: Final = re.compile(r"[^\W_]+")
_UNKNOWN: Final = "unknown"


class Entry(NamedTuple):
    """What the lists show of one cable; ``level`` is the name of its level."""

    key: str
    created: str | None
    post: str | None
    level: str | None
    subject: str | None
    tags: tuple[str, ...]


class Group(NamedTuple):
    """A list of cables by date: the name of its page, its title, its cables."""

    file: str
    name: str
    rows: list[Entry]


def _environment() -> Any:
    try:
        from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise CablegramError("a site wants Jinja: install `cablegram[web]`, or choose another --format") from None
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("cablegram.export"), PackageLoader("cablegram.present")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        file=safe_name, by_link=by_link, words=date_in_words, rule_words=rule_in_words, level_code=style_code,
        short_level=lambda level: BY_NAME[level].code if level in BY_NAME else level,
    )  # fmt: skip
    return environment


class _Words:
    """The words of the search, each with the cables that have it."""

    def __init__(self, full: bool) -> None:
        self._full = full
        self._known: dict[str, list[int]] = {}

    def add(self, n: int, entry: Entry, page: Page) -> None:
        told = [entry.key, entry.subject or "", entry.post or "", page.origin.name if page.origin else "", " ".join(entry.tags)]
        told += [page.cable.text or ""] if self._full else []
        for word in {word for text in told for word in _WORD.findall(text.lower())}:
            self._known.setdefault(word, []).append(n)

    def script(self, entries: Iterable[Entry]) -> str:
        """The index as a script: a page that was opened from a folder may not read JSON."""
        cables = [[one.key, (one.created or "")[:10], one.subject or "", safe_name(one.key)] for one in entries]
        told = {"cables": cables, "words": dict(sorted(self._known.items()))}
        # ASCII only, so that no character can end the script's text or its line.
        return f"window.cablegramIndex = {json.dumps(told, separators=(',', ':'))};\n"


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))


def _groups(entries: list[Entry], values: Callable[[Entry], Iterable[str]], title: Callable[[str], str]) -> list[Group]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for value in values(entry):
            found.setdefault(value, []).append(entry)
    return [Group(safe_name(value), title(value), found[value]) for value in sorted(found)]


def _post_title(code: str) -> str:
    post = resolve(code)
    return post.name if post is not None else code


def _tag_title(code: str) -> str:
    meaning = tag_in_words(code)
    return f"{code}: {meaning}" if meaning else code


def _pages(archive: Archive, keys: list[str]) -> Iterator[Page]:
    today = date.max  # whether a date is past would be wrong on the next day: a site does not say it
    for key in keys:
        page = page_of(archive, key, today=today)
        if page is not None:
            yield page


def write_site(archive: Archive, keys: Iterable[str], folder: Path, name: str, query: str) -> int:
    """Write the site of the cables ``keys`` into the empty ``folder``; how many. ``CablegramError`` where there are more than :data:`MOST`."""
    from cablegram.cite.citing import cite

    environment = _environment()
    chosen: list[str] = []
    for key in keys:
        if len(chosen) >= MOST:
            raise CablegramError(f"a site has at most {MOST:,} cables; choose fewer with --query or --id")
        chosen.append(key)
    environment.globals.update(
        name=name, program=f"cablegram {__version__}", chosen=frozenset(chosen),
        masked=told_of(masked) if (masked := archive.masked) is not None else "",
    )  # fmt: skip
    for part in ("cables", "originals", "records", "years", "posts", "tags", "style"):
        (folder / part).mkdir()
    words = _Words(len(chosen) <= _FULL)
    template = environment.get_template("cable.html")
    entries: list[Entry] = []
    for page in _pages(archive, chosen):
        cable, file = page.cable, safe_name(page.key)
        post = cable.origin.post if cable.origin is not None else None
        entry = Entry(page.key, cable.created, post, cable.classification, cable.subject, cable.tags)
        words.add(len(entries), entry, page)
        entries.append(entry)
        repairs = [edit for edit in cable.edits if edit.rule not in LAYOUT_RULES]
        _write(folder / "cables" / f"{file}.html", template.render(
            root="../", page=page, post=post, original=cable.original, repairs=repairs, citation=cite(archive, page.key, "chicago-note"),
        ))  # fmt: skip
        if cable.original:
            (folder / "originals" / f"{file}.txt").write_bytes(cable.original.encode("utf-8", "surrogatepass"))
        record = json.dumps(cable.to_dict(), ensure_ascii=False, indent=1)
        (folder / "records" / f"{file}.json").write_bytes(record.encode("utf-8", "backslashreplace") + b"\n")
    _lists(environment, entries, folder, query, full=len(chosen) <= _FULL)
    _write(folder / "style" / "search-index.js", words.script(entries))
    for package, path in (("export", "style/site.css"), ("export", "style/search.js"), ("web", "static/room.css")):
        source = files("cablegram").joinpath(package, path)
        (folder / "style" / source.name).write_bytes(source.read_bytes())
    return len(entries)


def _lists(environment: Any, entries: list[Entry], folder: Path, query: str, *, full: bool) -> None:
    """The first page and the lists by year, post and tag."""
    dated = sorted(entries, key=lambda one: (one.created or "9", one.key))
    lists = [
        ("years", "By date", _groups(dated, lambda one: [one.created[:4] if one.created else _UNKNOWN], str)),
        ("posts", "By post", _groups(dated, lambda one: [one.post or _UNKNOWN], _post_title)),
        ("tags", "By TAGS", _groups(dated, lambda one: one.tags, _tag_title)),
    ]
    template = environment.get_template("list.html")
    for part, _, groups in lists:
        for group in groups:
            _write(folder / part / f"{group.file}.html", template.render(root="../", group=group))
    days = [one.created[:10] for one in dated if one.created]
    first, last = (date_in_words(days[0]), date_in_words(days[-1])) if days else (None, None)
    told = environment.get_template("index.html").render(
        root="", rows=entries, lists=lists, query=query, first=first, last=last, full=full
    )
    _write(folder / "index.html", told)
