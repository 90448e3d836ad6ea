"""What a source says of a record, against what the telegram says: the telegram wins, silence is filled."""

from __future__ import annotations

import re
from typing import Any, Final

from cablegram.record import Diagnostic
from cablegram.vocabulary import posts

_ID: Final = re.compile(r"(?P<year>\d{4}|\d\d)(?P<post>[A-Z][A-Z ]{1,24}?)0*(?P<number>[1-9]\d{0,6})(?:_[a-z])?$", re.IGNORECASE)
_CREATED: Final = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d)?Z?)?$")


def canonical_id(value: str) -> str | None:
    """Canonical form of an id as a source spells it, or None where it has no form of an id."""
    found = _ID.match(value.strip())
    if found is None:
        return None
    post = posts.resolve(found["post"])
    code = post.code if post is not None else found["post"].upper().replace(" ", "")
    return f"{int(found['year']) % 100:02d}{code}{found['number']}"


def meant_id(name: str) -> str:
    """The id that somebody means who writes ``name``, with or without blanks; what has no form of an id stays as it is."""
    return canonical_id("".join(name.split())) or name.strip()


def _is_cut(claimed: str, told: str) -> bool:
    """Whether an id is another one with its post cut to six or seven letters, as in the National Archives' document numbers."""
    one, other = _ID.match(claimed), _ID.match(told)
    return (
        one is not None and other is not None and (one["year"], one["number"]) == (other["year"], other["number"])
        and len(one["post"]) in (6, 7) and other["post"].startswith(one["post"])
    )  # fmt: skip


def created_of(value: str) -> str | None:
    """A claimed date in the record's form, or None where it has none."""
    found = _CREATED.match(value.strip())
    if found is None:
        return None
    if found["hour"] is None:
        return found["day"]
    return f"{found['day']}T{found['hour']}:{found['minute']}Z"


def page_minutes(stamp: str) -> bool:
    """Whether the minutes of a stamp repeat its hour on a twelve-hour clock, as the pages of 2010 print them."""
    if len(stamp) < 16:
        return False
    hour, minute = int(stamp[11:13]), int(stamp[14:16])
    return minute == (hour % 12 or 12) or minute == hour % 12


def split_level(value: str) -> tuple[str, tuple[str, ...]]:
    """``SECRET//NOFORN`` as level and caveats."""
    upper = " ".join(value.upper().split())
    if upper.startswith("UNCLASSIFIED//FOR"):
        return "UNCLASSIFIED//FOR OFFICIAL USE ONLY", ()
    level, *caveats = upper.split("//")
    return level.strip(), tuple(part.strip() for part in caveats)


def _contradicts(code: str, claimed: object, told: object) -> Diagnostic:
    return Diagnostic("claim-contradicts", "warning", f"the source says {code} {claimed}, the telegram {told}", None)


def _fills(code: str, claimed: object) -> Diagnostic:
    return Diagnostic("claim-fills", "info", f"{code} {claimed} is the source's: the telegram does not say it", None)


def compare(values: dict[str, Any], claims: dict[str, Any], out: list[Diagnostic]) -> None:
    """Compare ``claims`` with the record's ``values`` (id, created, classification, caveats, origin name and post);
    where a value is None the claim is put in. Every difference and every filling goes to ``out``."""
    claimed = claims.get("id")
    if isinstance(claimed, str) and claimed.strip():
        standard = canonical_id(claimed)
        if values["id"] is None and standard is not None:
            values["id"] = standard
            out.append(_fills("id", standard))
        elif standard is not None and standard != values["id"] and not _is_cut(standard, values["id"]):
            out.append(_contradicts("id", claimed, values["id"]))
    claimed = claims.get("created")
    if isinstance(claimed, str) and (stamp := created_of(claimed)) is not None:
        told = values["created"]
        if told is None:
            if page_minutes(stamp):
                # The hour is right, the minutes are not: ISO 8601 at reduced precision says just that.
                stamp = f"{stamp[:13]}Z"
            values["created"] = stamp
            out.append(_fills("created", stamp))
        elif told[: len(stamp) if len(stamp) < 16 else 16] != stamp[:16]:
            if told[:13] == stamp[:13] and page_minutes(stamp):
                text = f"the page prints {stamp[11:16]}, its minutes repeat the hour; the date-time group says {told[11:16]}"
                out.append(Diagnostic("page-minutes", "info", text, None))
            else:
                out.append(_contradicts("created", stamp, told))
    claimed = claims.get("classification")
    if isinstance(claimed, str) and claimed.strip():
        level, caveats = split_level(claimed)
        if values["classification"] is None:
            values["classification"], values["caveats"] = level, caveats
            out.append(_fills("classification", claimed))
        elif (level, set(caveats)) != (values["classification"], set(values["caveats"])):
            shown = "//".join([values["classification"], *values["caveats"]])
            out.append(_contradicts("classification", claimed, shown))
    claimed = claims.get("origin")
    if isinstance(claimed, str) and claimed.strip():
        _origin(claimed, values, out)


def _origin(claimed: str, values: dict[str, Any], out: list[Diagnostic]) -> None:
    told = values["origin_name"]
    if told == claimed:
        return
    post = by_name(claimed)
    if told is None:
        if post is not None:
            values["post"] = post
            out.append(_fills("origin", claimed))
    elif post is None or post.code != values["origin_post"]:
        out.append(_contradicts("origin", claimed, told))


def by_name(name: str) -> posts.Post | None:
    """The post that a page calls ``Embassy Kyiv``, or that resolves as an address."""
    return _names().get(name.lower()) or posts.resolve(name)


_cache: dict[str, posts.Post] = {}


def _names() -> dict[str, posts.Post]:
    if not _cache:
        _cache.update({post.name.lower(): post for post in posts.all_posts()})
    return _cache
