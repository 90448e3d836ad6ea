"""Classification levels in their order, with the codes of portion markings (5 FAH-3 H-700; E.O. 13526, section 1.2).

The controls on unclassified telegrams (FOR OFFICIAL USE ONLY, SENSITIVE, LIMITED OFFICIAL USE) are no levels of an
order; they stand between UNCLASSIFIED and CONFIDENTIAL, so that "at least" can be asked of them too.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Level(NamedTuple):
    """One level: ``rank`` rises with sensitivity, ``code`` as in portion markings, ``name`` as in records."""

    rank: int
    code: str
    name: str


LEVELS: Final = (
    Level(1, "U", "UNCLASSIFIED"),
    Level(2, "FOUO", "UNCLASSIFIED//FOR OFFICIAL USE ONLY"),
    Level(3, "SBU", "SENSITIVE BUT UNCLASSIFIED"),
    Level(4, "LOU", "LIMITED OFFICIAL USE"),
    Level(5, "C", "CONFIDENTIAL"),
    Level(6, "S", "SECRET"),
    Level(7, "TS", "TOP SECRET"),
)
BY_CODE: Final = {level.code: level for level in LEVELS}
BY_NAME: Final = {level.name: level for level in LEVELS}
BY_RANK: Final = {level.rank: level for level in LEVELS}
_OTHER: Final = {
    "UNCLAS": "U", "SENSITIVE": "SBU", "U//FOUO": "FOUO", "U/FOUO": "FOUO", "FOR OFFICIAL USE ONLY": "FOUO",
    "LIMITED": "LOU", "TOPSECRET": "TS", "CONF": "C",
}  # fmt: skip


def level_of(word: str) -> Level | None:
    """The level that ``word`` names: its name or code in any case, with or without brackets, or a usual short form."""
    upper = " ".join(word.upper().strip("() ").split())
    return BY_NAME.get(upper) or BY_CODE.get(_OTHER.get(upper, upper))


def style_code(level: str | None) -> str:
    """The code of a level as style sheets know it: ``u``, ``fouo``, ``sbu``, ``lou``, ``c``, ``s``, ``ts``, or ``none``."""
    name = (level or "").split("//NOFORN")[0]
    return BY_NAME[name].code.lower() if name in BY_NAME else "none"
