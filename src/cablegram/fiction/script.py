"""Scripts: telegrams as an author writes them, before a hand of some year puts them into the form of the wire.

A script file has one block a cable: a line ``=== POST SERIAL``, lines ``key: value``, an empty line, the body. In the body ``## HEADING``
is a heading, ``- `` begins a list item, and ``{a:...}``, ``{b:...}``, ``{ab:...}`` mark what the first, the second, or both releases removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from cablegram.errors import CablegramError

RELEASES: Final = ("a", "b")
_HEAD: Final = re.compile(r"=== (?P<post>[A-Z]+) (?P<serial>\d+)$")
_PARAGRAPH: Final = re.compile(r"(?P<number>\d{1,3})\. (?:\((?P<mark>[A-Z/]{1,8})\) )?(?P<text>.*)$", re.DOTALL)
_REMOVED: Final = re.compile(r"\{(?P<who>ab?|b):(?P<text>[^{}]*)\}")
_REF: Final = re.compile(r"(?:(?P<year>\d\d) )?(?P<post>[A-Z]+) (?P<serial>\d+)$")
REDACTION: Final = "XXXXXXXXXXXX"


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph: ``number`` and ``marking`` (None where it has none), its ``text``, list ``items``, and the ``heading`` above it."""

    number: int
    marking: str | None
    text: str
    items: tuple[str, ...] = ()
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference: two-digit ``year`` where the line states it, and the year meant (``true_year``, four digits)."""

    year: int | None
    post: str
    serial: int
    true_year: int

    @property
    def id(self) -> str:
        """The canonical id of the cable meant."""
        return f"{self.true_year % 100:02d}{self.post}{self.serial}"


@dataclass(frozen=True, slots=True)
class Script:
    """One cable, as written."""

    post: str
    serial: int
    date: datetime
    level: str
    subject: str
    precedence: str = "ROUTINE"
    action: tuple[str, ...] = ("STATE",)
    info: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    refs: tuple[Ref, ...] = ()
    by: str | None = None
    reasons: tuple[str, ...] = ()
    eo: str | None = None
    sign: str = ""
    parts: tuple[Part, ...] = field(default=())

    @property
    def id(self) -> str:
        """Its canonical id."""
        return f"{self.date.year % 100:02d}{self.post}{self.serial}"

    @property
    def is_split(self) -> bool:
        """Whether its releases differ."""
        return any(_REMOVED.search(text) for part in self.parts for text in (part.text, *part.items))


def released(text: str, release: str | None) -> str:
    """``text`` as a release shows it (None: with nothing removed)."""
    return _REMOVED.sub(lambda m: REDACTION if release is not None and release in m["who"] else m["text"], text)


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _refs(value: str, year: int) -> tuple[Ref, ...]:
    out: list[Ref] = []
    for part in value.split("|"):
        found = _REF.match(part.strip())
        if found is None:
            raise CablegramError(f"`{part.strip()}` is no reference")
        stated = int(found["year"]) if found["year"] else None
        true = year if stated is None else 1900 + stated if stated > 60 else 2000 + stated
        out.append(Ref(stated, found["post"], int(found["serial"]), true))
    return tuple(out)


def _parts(body: str) -> tuple[Part, ...]:
    out: list[Part] = []
    heading: str | None = None
    for line in body.split("\n"):
        line = line.strip()
        if not line:
            continue
        found = _PARAGRAPH.match(line)
        if line.startswith("## "):
            heading = line[3:].strip()
        elif found is not None:
            out.append(Part(int(found["number"]), found["mark"], found["text"].strip(), (), heading))
            heading = None
        elif out and line.startswith("- "):
            out[-1] = Part(out[-1].number, out[-1].marking, out[-1].text, (*out[-1].items, line[2:].strip()), out[-1].heading)
        elif out:
            out[-1] = Part(out[-1].number, out[-1].marking, f"{out[-1].text} {line}", out[-1].items, out[-1].heading)
        else:
            raise CablegramError(f"a body begins with `{line[:40]}`, not with a numbered paragraph")
    return tuple(out)


def parse_scripts(text: str, name: str) -> list[Script]:
    """The cables of a script file. ``CablegramError`` with the place where it is not in form."""
    out: list[Script] = []
    for block in re.split(r"^(?==== )", text, flags=re.MULTILINE):
        if not block.startswith("=== "):
            continue
        first, _, rest = block.partition("\n")
        head = _HEAD.match(first.strip())
        about, _, body = rest.partition("\n\n")
        values = {
            key.strip(): value.strip() for key, _, value in (line.partition(":") for line in about.split("\n") if line.strip())
        }
        try:
            if head is None:
                raise CablegramError("the first line is not `=== POST SERIAL`")
            date = datetime.strptime(values["date"], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
            by, _, letters = values.get("by", "").partition("|")
            out.append(Script(
                head["post"], int(head["serial"]), date, values["class"].upper(), values["subject"], values.get("precedence", "ROUTINE").upper(),
                _listed(values.get("action", "STATE")), _listed(values.get("info", "")), _listed(values.get("captions", "")),
                _listed(values.get("tags", "")), _refs(values["ref"], date.year) if values.get("ref") else (), by.strip() or None,
                _listed(letters), values.get("eo"), values.get("sign", ""), _parts(body),
            ))  # fmt: skip
        except (KeyError, ValueError, CablegramError) as error:
            raise CablegramError(f"{name}: {first.strip()}: {error}") from None
    return out


@cache
def stories() -> dict[str, tuple[Script, ...]]:
    """The bundled stories, by name."""
    folder = files("cablegram.fiction") / "stories"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".txt")), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".txt"): tuple(parse_scripts(entry.read_text(encoding="utf-8"), entry.name)) for entry in found
    }
