"""The National Archives' files of the Central Foreign Policy Files, 1973-79: one telegram a file.

A line ``Message Text``, the telegram, a line ``Message Attributes``, then ``Key: value`` lines. Values go on over
following lines; ``n/a`` means none. ``Current Classification`` is always UNCLASSIFIED and never taken for the level.
"""

from __future__ import annotations

import re
from typing import Any, Final

_ATTRIBUTES: Final = re.compile(r"^[ \t]*Message Attributes[ \t\r]*$", re.MULTILINE)
_TEXT: Final = re.compile(r"\s*Message Text[ \t\r]*(?:\n|$)")
_KEY: Final = re.compile(r"([A-Z][A-Za-z]+(?: [A-Za-z]+){0,4}):(?:[ \t]+(.*)|[ \t]*)$")
_NUMBER: Final = re.compile(r"(?P<year>\d{4})(?P<post>[A-Z]{2,12})(?P<serial>\d{4,6})(?:_[a-z])?$")
_DAY: Final = re.compile(r"(\d\d?)[ -]([A-Z]{3})[A-Z]*[ -](\d{4})", re.IGNORECASE)
_MONTHS: Final = {m: n for n, m in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_LEVELS: Final = frozenset(("TOP SECRET", "SECRET", "CONFIDENTIAL", "LIMITED OFFICIAL USE", "UNCLASSIFIED"))
#: Keys of the attribute list; a line that looks like `Word: text` is a new key only if it is one of these.
_KEYS: Final = frozenset(
    """automatic decaptioning|capture date|channel indicators|concepts|control number|copy|current classification|
    decaption date|decaption note|disposition action|disposition approved on date|disposition authority|
    disposition case number|disposition comment|disposition date|disposition event|disposition history|
    disposition reason|disposition remarks|document number|document source|document unique id|draft date|sent date|
    drafter|enclosure|errors|executive order|expiration|film number|format|from|handling restrictions|image path|isecure|
    legacy key|line count|litigation code list|litigation codes|litigation history|locator|markings|message id|office|
    original classification|original handling restrictions|original previous classification|
    original previous handling restrictions|page count|previous channel indicators|previous classification|
    previous handling restrictions|reference|retention|review action|review authority|review content flags|review date|
    review event|review exemptions|review history|review markings|review media identifier|review referrals|
    review release date|review release event|review transfer date|review withdrawn fields|sas id|secure|status|subject|
    tags|to|type|vdkvgwkey""".replace("\n    ", "").split("|")
)
_NONE: Final = frozenset(("", "n/a", "na", "none"))


def read_attributes(text: str) -> tuple[int, int, dict[str, Any]] | None:
    """``(start, end, claims)``: where the telegram stands in ``text``, and the attributes; None where ``text`` is no
    file of this form. A withdrawal card may have attributes only: then ``start`` equals ``end``."""
    opening = _TEXT.match(text.lstrip("\ufeff")) if text.startswith("\ufeff") else _TEXT.match(text)
    attributes = _ATTRIBUTES.search(text)
    if attributes is None:
        return None
    start = opening.end() if opening is not None else 0
    if opening is None and text[: attributes.start()].strip():
        return None
    claims = _claims(text[attributes.end() :])
    return start, max(start, attributes.start()), claims


def _claims(block: str) -> dict[str, Any]:
    values: dict[str, str] = {}
    key: str | None = None
    for line in block.split("\n"):
        s = line.strip()
        found = _KEY.match(s) if len(s) < 2000 else None
        if found is not None and found[1].lower() in _KEYS:
            key = found[1].lower().replace(" ", "_")
            values[key] = (found[2] or "").strip()
        elif key is not None and s:
            values[key] = f"{values[key]} {s}".strip()
    told = {key: value for key, value in values.items() if value.lower() not in _NONE}
    return _interpreted(told)


def _interpreted(told: dict[str, str]) -> dict[str, Any]:
    claims: dict[str, Any] = dict(told)
    number = told.get("document_number")
    if number is not None:
        found = _NUMBER.match(number.replace(" ", ""))
        if found is not None:
            claims["id"] = f"{found['year'][2:]}{found['post']}{int(found['serial'])}"
    for key in ("draft_date", "sent_date"):
        found = _DAY.search(told.get(key, ""))
        month = _MONTHS.get(found[2].upper()) if found is not None else None
        # 01 JAN 1960 is filler, not a date.
        if found is not None and month is not None and found[3] != "1960" and 1 <= int(found[1]) <= 31:
            claims["created"] = f"{found[3]}-{month:02d}-{int(found[1]):02d}"
    level = told.get("original_classification", "").upper()
    if level in _LEVELS:
        claims["classification"] = level
    if "from" in told:
        claims["origin"] = told["from"]
    if "tags" in told:
        claims["tags"] = [tag.strip() for tag in re.split(r"[,;]", told["tags"]) if tag.strip()]
    return claims


def reason_without_text(claims: dict[str, Any], body: str) -> str | None:
    """Why a file has no text, or None where it has one: text is there only where the locator says so."""
    locator = claims.get("locator")
    if isinstance(locator, str) and "TEXT ON-LINE" not in locator.upper():
        return f"the archive has no text of this record: {' '.join(locator.split())}"
    if not body.strip():
        return "the archive has no text of this record: a withdrawal card, or an empty file"
    return None
