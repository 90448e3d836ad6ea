"""Papers that are cited like telegrams and are none of this Department: those of other foreign services, memoranda, letters, newspapers."""

from __future__ import annotations

import re
from typing import Final

_REACH: Final = 90
#: How far before a citation the nation of its sender may stand, and how far its office goes (characters).
_NATION: Final = 12
_OFFICE: Final = 16
_BREAK: Final = re.compile(r"[;\n]|[.!?][\"')\]]* (?=[A-Z\"(]|\[\^)")
#: To whom other services write.
_TO_OTHERS: Final = re.compile(
    r"(?:[ ,(]{1,2}(?:dated |of )?(?:to|an|an das|au|à) (?:the )?(?:FCO|FO|CRO|Foreign(?: and|/)? ?(?:Commonwealth )?Office|Foreign Ministry|Foreign Minister|Ministry of Foreign Affairs|MFA|Whitehall|Quai d'Orsay|Quai|MAE|"
    r"Auswärtiges Amt|Auswärtige Amt|AA|External Affairs|External|DEA|DFAT|Department of External Affairs|Department of Foreign Affairs|Secretary of State for|Foreign Secretary)(?![\w-]))"
)
#: Whose services.
_NATIONS: Final = (
    r"(?:British|English|French|German|Soviet|Russian|Canadian|Australian|Austrian|Hungarian|Yugoslav|Italian|Icelandic|Danish|Norwegian|Swedish|Dutch|Belgian|Spanish|Polish|Czechoslovak|Czech|Indian|Pakistani|Chinese|"
    r"Japanese|Israeli|Egyptian|Turkish|Greek|Maltese|Tunisian|Swiss|Irish|Chilean|Bolivian|Peruvian|Romanian|Nepalese|Nepali|Bangladeshi|Uzbek|Tajik|Kyrgyz|Kazakh|Fijian|New Zealand|Finnish|Portuguese|Iranian|Iraqi|"
    r"UK|GDR|FRG|FCO|HM|Her Majesty's|HMG)"
)
_OTHERS: Final = re.compile(
    rf"{_NATIONS}(?:'s)? (?:[Ee]mbassy|[Cc]onsulate|[Ll]egation|[Mm]ission|[Aa]mbassador|[Cc]onsul|[Dd]elegation|[Hh]igh [Cc]ommission)|[Hh]igh [Cc]ommission|UK(?:MIS|DEL|REP)"
)
_ARCHIVES: Final = re.compile(r"\b(?:(?:FCO|FO|PREM|CAB|DEFE) ?\d{1,3}/\d|TNA\b|PA ?AA\b|AAPD\b|AMAE\b|DDF\b)")
#: Papers that have a place and a date, and then a page.
_PAPERS: Final = re.compile(
    r"\b(?:[Mm]emorand(?:um|a)|[Mm]emcon|[Tt]elcon|[Ll]etters?|[Ii]nterviews?|[Aa]irgram|[Dd]espatch|[Dd]ispatch|[Ss]peech|[Aa]ddress|[Mm]inutes|[Dd]iary|[Nn]ote verbale|[Aa]ide-mémoire|[Pp]ress [Rr]elease|[Tt]estimony|"
    r"[Ii]ntelligence [Nn]ote|Times|Post|Gazette|Herald|Tribune|Journal|Telegraph|Guardian|Zeitung|Spiegel|Monde|Reuters|AFP|UPI|Press|Proceedings|Conference|[Pp]hotograph|[Mm]ap|[Bb]ill|[Ii]nvoice)\b"
)


def _near(text: str, start: int) -> str:
    """What stands before a citation in its own part of the note."""
    before = text[max(0, start - _REACH) : start]
    breaks = [found.end() for found in _BREAK.finditer(before)]
    return before[breaks[-1] :] if breaks else before


def is_of_others(text: str, start: int, end: int) -> bool:
    """Whether ``[start, end)`` is cited from another foreign service: by whom it is addressed to, by the words before it."""
    near = _near(text, start)
    return (
        _TO_OTHERS.match(text, end) is not None
        or _TO_OTHERS.search(near) is not None
        or _ARCHIVES.search(near) is not None
        or _OTHERS.search(text, max(0, start - _NATION), start + _OFFICE) is not None
    )


def is_other_paper(text: str, start: int) -> bool:
    """Whether what stands before ``start`` says that a memorandum, a letter or a newspaper is cited."""
    return _PAPERS.search(_near(text, start)) is not None
