"""What is cited as an item of CSL (citationstyles.org, CSL-JSON): a held cable, or one that held cables only cite.

The fields are those that Zotero's "Letter" maps to (docs/citation.md): sender and recipient are posts, never the surname at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cablegram.archive.archive import VersionInfo
from cablegram.cable import Cable
from cablegram.record import Addressee
from cablegram.study.ghosts import Ghost
from cablegram.study.numbers import number_of, whole_year
from cablegram.vocabulary.posts import resolve

Item = dict[str, Any]

#: Where the Central Foreign Policy Files of 1973-79 lie, as the National Archives name them.
SERIES: Final = "Central Foreign Policy Files, 1973–79/Electronic Telegrams"
GROUP: Final = "RG 59: General Records of the Department of State"
REPOSITORY: Final = "National Archives at College Park"
PLACE: Final = "College Park, MD"
UNKNOWN: Final = "[Sender not known]"
_URL: Final = re.compile(r"https?://[^\s<>\"\\^`{}|]{1,2000}", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")
#: Of the cables that cite a ghost, so many are named.
_MOST_CITING: Final = 3
_SHORT_SUM: Final = 12
_LONGEST_TITLE: Final = 1000
_ENDS_IN_DOTS: Final = re.compile(r"\.\w{1,3}\.$|\.\.$")
_ENDING: Final = 6


@dataclass(frozen=True, slots=True)
class Cited:
    """What is cited: its ``key``, the CSL ``item``, whether the archive holds it (``held``), and the ``chain``: one line for every source in which
    its text was seen, with the checksum of that text. ``locator`` is what stands behind "para." where a paragraph is cited."""

    key: str
    item: Mapping[str, Any]
    held: bool
    chain: tuple[str, ...]
    locator: str | None = None


def one_line(text: str) -> str:
    """``text`` on one line, without characters that have no shape and lone halves of characters."""
    told = "".join(c if c.isprintable() or c.isspace() else "\ufffd" for c in text)
    return _SPACES.sub(" ", told).strip()


def file_of(source: str) -> str:
    """The last part of a source's name: folders of the machine on which it was read are nobody's business."""
    parts = [part for part in source.replace("\\", "/").split("/") if part]
    return one_line("/".join(parts[-2:]) if source.endswith("*") else parts[-1]) if parts else one_line(source)


def _claim(cable: Cable, *names: str) -> str | None:
    for name in names:
        value = cable.claims.get(name)
        if isinstance(value, str) and (told := one_line(value).strip("'\" ")):
            return told
    return None


def title_of(cable: Cable) -> str | None:
    """The subject as written; in square brackets what only the source calls the cable; None where nobody gives a title."""
    subject = _shortened(one_line(cable.subject or ""))
    if subject and not any(one.code == "no-text" for one in cable.diagnostics):
        return subject
    claimed = _shortened(_claim(cable, "title", "subject") or "") or subject
    return f"[{claimed}]" if claimed else None


def _shortened(title: str) -> str:
    """A title of a citation has no full stop at its end, unless it ends with an abbreviation (U.S.) or dots that say something."""
    if title.endswith(".") and not _ENDS_IN_DOTS.search(title[-_ENDING:]):
        title = title[:-1].rstrip()
    return title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE].rsplit(' ', 1)[0]} …"


def sender_of(cable: Cable) -> str | None:
    """The sending post in words: Embassy Praia; its address where the vocabulary does not know it."""
    origin = cable.origin
    if origin is None:
        return None
    post = resolve(origin.post) if origin.post else None
    told = origin.name or (post.name if post is not None else None) or origin.address
    return one_line(told) or None if told else None


def _address_in_words(address: str) -> str:
    post = resolve(address)
    return post.name if post is not None else one_line(address)


def recipients_of(cable: Cable) -> list[str]:
    """The action addressees in words, once each; where the text has none, the one that the source names."""
    given = [one.name for one in cable.action if isinstance(one, Addressee) and one.name.strip()]
    if not given and (claimed := _claim(cable, "to")) is not None:
        given = [claimed]
    return list(dict.fromkeys(filter(None, map(_address_in_words, given))))


def date_parts(created: str | None) -> list[int] | None:
    """Year, month and day of a stamp, as far as it says them. CSL has no time of day."""
    if created is None:
        return None
    parts = [int(part) for part in created[:10].split("T")[0].split("-") if part.isdigit()]
    return parts or None


def marking_of(cable: Cable) -> str | None:
    """Level and caveats as they stand: ``SECRET//NOFORN``."""
    return "//".join([cable.classification, *cable.caveats]) if cable.classification else None


def genre_of(cable: Cable) -> str:
    """What the document is, with its classification: ``confidential telegram``, ``secret (NOFORN) telegram``.

    What the National Archives list on a paper reel (film numbers with P) is a document of some kind.
    """
    film = _claim(cable, "film_number") or ""
    kind = "document" if film.upper().startswith("P") else "telegram"
    if not cable.classification:
        return kind
    level, _, more = one_line(cable.classification).lower().partition("//")
    controls = ", ".join([*filter(None, [more]), *map(one_line, cable.caveats)])
    return f"{level} ({controls}) {kind}" if controls else f"{level} {kind}"


def number_in_words(key: str) -> str | None:
    """The message number, where the key is one."""
    return key if number_of(key) is not None else None


def _sections(cable: Cable) -> str | None:
    known = cable.sections
    if known is None or known.count < 2 or len(known.held) >= known.count or not known.held:
        return None
    numbers = ", ".join(map(str, known.held))
    return f"section{'s' if len(known.held) > 1 else ''} {numbers} of {known.count} only"


def _chain(version: VersionInfo, versions: tuple[VersionInfo, ...]) -> tuple[str, ...]:
    """Where the text was seen, a line each; a joined text was seen where its parts were."""
    seen = [(one.source, one.position, version) for one in version.sightings]
    if not seen:
        parts = [v for v in versions if v.version in version.parts]
        seen = [(one.source, one.position, part) for part in parts for one in part.sightings]
    return tuple(dict.fromkeys(f"{file_of(source)}, record {position}, SHA-256 {of.sha256}" for source, position, of in seen))


def held_item(
    key: str, cable: Cable, version: VersionInfo, versions: tuple[VersionInfo, ...], accessed: str | None = None
) -> Cited:
    """The item of a held cable, of this version. ``accessed``: the day (ISO) on which it was read, if it shall be told."""
    chain = _chain(version, versions)
    parts = [v for v in versions if v.version in version.parts]
    sightings = version.sightings or tuple(one for part in parts for one in part.sightings)
    where = [f"record {sightings[0].position}"] if len(sightings) == 1 or version.sightings else []
    if version.parts:
        where.append(f"joined of {len(version.parts)} texts")
    files = list(dict.fromkeys(file_of(one.source) for one in sightings))
    document, film = _claim(cable, "document_number"), _claim(cable, "film_number")
    item: Item = {"id": key, "type": "personal_communication", "genre": genre_of(cable)}
    extent = [told for told in (_sections(cable), "extract" if cable.partial else None) if told]
    if document is not None:
        # A file of this form is from the Central Foreign Policy Files: that is what its form says (docs/sources.md).
        item |= {
            "archive": REPOSITORY,
            "archive-place": PLACE,
            "archive_collection": f"{SERIES}, {GROUP}",
            "call-number": document,
        }
        where = [f"film {film}"] if film else []
    else:
        item["archive"] = ("; ".join(files) if version.parts else files[0]) if files else "[source not known]"
    where += extent
    if document is None or len(versions) > 1:
        # The number of a version is of one archive; the checksum tells which text it was to everybody.
        where.append(f"SHA-256 {version.sha256[:_SHORT_SUM]}")
    if where:
        item["archive_location"] = ", ".join(where)
    if (sender := sender_of(cable)) is not None:
        item["author"] = [{"literal": sender}]
    if to := recipients_of(cable):
        item["recipient"] = [{"literal": one} for one in to]
    if (title := title_of(cable)) is not None:
        item["title"] = title
    if (number := number_in_words(key)) is not None:
        item["number"] = number
    if (parts_of_date := date_parts(cable.created)) is not None:
        item["issued"] = {"date-parts": [parts_of_date]}
    url = cable.claims.get("url")
    if isinstance(url, str) and _URL.fullmatch(url.strip()):
        item["URL"] = url.strip()
        if (day := date_parts(accessed)) is not None:
            item["accessed"] = {"date-parts": [day]}
    note = [f"Classification: {marking_of(cable)}"] if marking_of(cable) else []
    if cable.created is not None and "T" in cable.created:
        note.append(f"Sent: {cable.created}")
    if film is not None:
        note.append(f"Film number: {film}")
    note += [one[:1].upper() + one[1:] for one in extent]
    if len(versions) > 1:
        note.append(f"One of {len(versions)} versions")
    note += [f"Text: {line}" for line in chain]
    item["note"] = "\n".join(note)
    return Cited(key, item, True, chain)


def ghost_item(ghost: Ghost) -> Cited:
    """The item of a cable that is known from citations only: its post and number, the year that its number has, who cites it.

    The year is marked as probable unless a citing cable states it. What reference lines call it stands in square brackets.
    """
    item: Item = {"id": ghost.cable, "type": "personal_communication", "genre": "telegram"}
    post = resolve(ghost.post) if ghost.post else None
    if post is not None or ghost.post:
        item["author"] = [{"literal": post.name if post is not None else str(ghost.post)}]
    if ghost.titles:
        item["title"] = f"[{_shortened(one_line(ghost.titles[0]))}]"
    number = number_of(ghost.cable)
    if number is not None:
        item["number"] = ghost.cable
        first = ghost.first_cited
        year = whole_year(number.yy, int(first[:4])) if first else None
        if year is not None:
            stated = any(words.year_source == "stated" for words in ghost.words)
            item["issued"] = {"date-parts": [[year]], **({} if stated else {"circa": True})}
    named = list(ghost.cited_by[:_MOST_CITING])
    more = len(ghost.cited_by) - len(named)
    told = f"{', '.join(named)}{f' and {more} more' if more > 0 else ''}"
    item["archive"] = f"[not held; cited in {told}]"
    words = [f"In {one.citing}: {one_line(one.raw)}" for one in ghost.words[:_MOST_CITING]]
    item["note"] = "\n".join([f"Not held: known from the telegrams that cite it ({told})", *words])
    return Cited(ghost.cable, item, False, ())
