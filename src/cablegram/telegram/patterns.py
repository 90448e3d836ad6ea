"""Named patterns of a telegram's lines, each with the rule that it follows.

Sources: 5 FAH-1 (correspondence: subject, references, TAGS, classification), 5 FAH-2 (telegram format and
terms), 5 FAH-3 (TAGS), ACP 127 (format lines 1 to 16 of a tape relay message), and the measured catalogue of
real variation where practice departs from the rule. All are matched against one line of bounded length and
have no nested repetition, so each takes time linear in that length.
"""

from __future__ import annotations

import re
from typing import Final

#: Lines longer than this are text; no header or label pattern is tried on them (characters).
LONGEST_FORM_LINE: Final = 2000


def _spaced(word: str) -> str:
    """Pattern for a word whose letters may be set apart by a blank (5 FAH-2 H-321)."""
    return r"\s?".join(word)


# A letter lost or doubled at the front (`SS E C R E T`, `O N F I D E N T I A L`) is read all the same.
_CONFIDENTIAL = r"(?:[CS]\s?){0,2}" + _spaced("ONFIDENTIAL")
_SECRET = r"(?:[CS]\s?){0,2}" + _spaced("ECRET")
_UNCLAS = r"(?:U\s?){0,2}" + _spaced("NCLAS") + r"(?:" + _spaced("SIFIED") + r")?"
_TOP_SECRET = _spaced("TOP") + r"\s{1,3}" + _spaced("SECRET")
_LOU = _spaced("LIMITED") + r"\s{1,3}" + _spaced("OFFICIAL") + r"\s{1,3}" + _spaced("USE")
_LEVEL = rf"(?P<ts>{_TOP_SECRET})|(?P<c>{_CONFIDENTIAL})|(?P<s>{_SECRET})|(?P<lou>{_LOU})|(?P<u>{_UNCLAS})"

#: First line of the text: classification, section count, post, message number (5 FAH-2 H-321, ACP 127 line 12).
CLASS_LINE: Final = re.compile(
    rf"\s{{0,40}}(?:{_LEVEL})"
    r"(?P<control>\s?//?\s?[A-Z/, ]{2,40}?|\s{1,3}E\s?F\s?T\s?O|\s{1,3}N\s?O\s?F\s?O\s?R\s?N)?"
    r"(?:\s{1,4}(?:FINAL\s)?SECTION\s{1,2}(?P<section>\d{1,3})\s{1,2}OF\s{1,2}(?P<count>\d{1,3}))?"
    r"(?:\s{1,3}(?P<year>\d\d))?"
    r"\s{1,12}(?P<post>[A-Z][A-Z .'/-]{0,28}?)\s{1,12}(?P<number>\d{1,6})(?P<tail>\s.{0,1900})?\s*$",
    re.IGNORECASE,
)

#: A line that is nothing but the classification: top and foot of a page (5 FAH-2 H-321).
BANNER: Final = re.compile(rf"\s{{0,40}}(?:{_LEVEL})\s*$", re.IGNORECASE)

#: Tail that may follow the number on the classification line: captions, or the whole preamble on one line.
CLASS_TAIL: Final = re.compile(r"\s+(?:SIPDIS|NOFORN|SENSITIVE|EXDIS|NODIS|LIMDIS|STADIS|E\.?\s?O\.?\s?\d)")

#: ACP 127 line 1: transmission identification.
TRANSMISSION: Final = re.compile(r"V?ZCZC\w{0,20}\s*$")

#: ACP 127 line 2: precedence prosign doubled, then routing indicators.
ROUTING: Final = re.compile(r"(?P<precedence>ZZ|YY|OO|PP|RR)\s{1,3}(?P<routing>[A-Z0-9 ]*)$")
ROUTING_MORE: Final = re.compile(r"(?:R[A-Z]{4,7}\s?)+$")

#: ACP 127 line 3: DE, station, station serial, section, Julian date and time of file.
DE: Final = re.compile(
    r"DE\s{1,2}(?P<routing>[A-Z]{4,8})\s{1,2}#?(?P<serial>\d{1,6})(?:/(?P<section>\d{1,3}))?(?:\s{1,2}(?P<julian>\d{7}))?"
)

#: ACP 127 line 4: security warning; ZNY classified, ZNR unclassified, then operating signals.
SECURITY: Final = re.compile(r"ZN[YRL]\s{1,2}(?P<letters>[A-Z]{5})(?P<signals>.*)$")

#: ACP 127 line 5: precedence, date-time group (DDHHMMZ), month, year, operating signals.
DATE_TIME: Final = re.compile(
    r"(?P<precedence>(?:[ZYOPRW]\s{1,2}){0,3})(?P<day>\d\d)\s?(?P<hour>\d\d)\s?(?P<minute>\d\d)\s?Z\s{0,2}"
    r"(?P<month>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\s{0,2}(?P<year>\d\s?\d(?:\d\d)?)(?!\d)(?P<tail>.*)$",
    re.IGNORECASE,
)

#: The date line that newspapers put above the text of 2010: `Friday, 23 February 2001, 15:53`.
DATE_LINE: Final = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,\s(?P<day>\d{1,2})\s(?P<month>[A-Z][a-z]{2,8})\s(?P<year>\d{4}),"
    r"\s(?P<hour>\d\d):(?P<minute>\d\d)\s*$"
)

#: Furniture of a printed page: `PAGE 02        STATE   050524  131535Z`.
PAGE: Final = re.compile(
    r"PAGE\s{1,2}\d\d?\s{1,10}[A-Z][A-Z .']{1,28}?\s{1,10}\d{4,6}\s{1,3}(?:\d\d\sOF\s\d\d\s{1,3})?\d{6}Z",
    re.IGNORECASE,
)

#: Distribution block of the Department: `INFO  LOG-00   EEB-00`, `DODE-00  PERC-00`, `ACTION AF-00`.
DISTRIBUTION: Final = re.compile(r"(?:(?:ACTION|ORIGIN|INFO)\s{1,4})?(?:[A-Z/]{1,6}-\d\d\s*)+(?:/\d{3}\s?[A-Z]*)?\s*$")
DISTRIBUTION_SUM: Final = re.compile(r"/\d{3}\s?[A-Z]{1,2}\s*$")

#: Dashed message number under the distribution: `------------------EE9C66  240653Z /38`.
DASHED_NUMBER: Final = re.compile(r"-{8,}\s{0,4}[0-9A-F]{4,12}Z?(?:\s{1,3}[0-9A-F]{4,7}Z?)?(?:\s{0,4}/\d\d)?\s*$")

#: Drafting and clearance lines of the 1970s' outgoing telegrams.
DRAFTING: Final = re.compile(r"(?:DRAFTED|APPROVED|CLEARED) BY\b|[A-Z/]{1,8}\s?[:-]\s?[A-Z. ]{3,30}(?:\(.{1,20}\))?\s*$")

PARTIAL_NOTICE: Final = "This record is a partial extract"

#: Labels of the preamble, in any case and with the spellings met (catalogue 3.3 to 3.7).
LABEL: Final = re.compile(
    r"(?P<eo>E\.?\s?[O0]\.?\s?:?\s?(?=\d{5}\b))"
    r"|(?P<tags>TAGS?\b\s?:?(?=\s|[A-Z]|$))"
    r"|(?P<subject>SUBJ(?:ECT)?\s?:\s*(?:SUBJECT:)?|SUBJECT\s(?=\S))"
    r"|(?P<ref>REF(?:S|TELS?|ERENCES?)?\s?:|REFS?\s(?=\(?A[).: ]|\d\d\s|[A-Z]+\s\d))"
    r"|(?P<classified>(?:\(U\)\s)?(?:CLASS?I?FIED\sBY|CLASSFIED\sBY|DERIVED\sFROM|DECLASSIFY(?:\sON|(?=\s?:))|DECL(?:ASS)?\.?\sON(?=\s?:)|REASONS?\s?:)\s?:?)",
    re.IGNORECASE,
)

#: A label inside a line, behind the value of another field.
INNER_LABEL: Final = re.compile(
    r"(?:(?<=\s)(?:(?P<tags>TAGS\s?:)|(?P<subject>SUBJECT\s?:)|(?P<ref>REF(?:S|TELS?)?\s?:)"
    r"|(?P<classified>CLASSIFIED\sBY\s?:?|Classified\s[Bb]y\s?:?))|(?<=[A-Z])(?P<gluedref>REF:\s))"
)

#: The E.O. line behind a line of captions or offices that lost its line end (catalogue 3.3).
LABEL_BEHIND: Final = re.compile(
    r"(?<=\s)(?:E\.?\s?[O0]\.?\s?:?\s?\d{5}(?=\s?:|,?\s{1,2}(?:DECL|X?GDS|ADS|OADR|N/A)\b)|TAGS?\s?:|SUBJECT\s?:)"
)

#: Handling captions and dissemination controls that stand on lines of their own (5 FAH-2 H-440).
CAPTION_WORD: Final = (
    r"SIPDIS|NOFORN|SENSITIVE\s+BUT\s+UNCLASSIFIED|SENSITIVE|NODIS|EXDIS|LIMDIS|STADIS|CHEROKEE|TERREP|AIDAC"
    r"|ROGER\s+CHANNEL|DISSENT\s+CHANNEL|DIRECTOR\s+GENERAL\s+CHANNEL|EYES\s+ONLY|DEA\s+SENSITIVE|CODEL"
    r"|SBU\s+DELIBERATIVE\s+PROCESS|NOT\s+FOR\s+INTERNET\s+DISTRIBUTION|ORCON|FOUO|NOCONTRACT|TAGSDIS|DS\s+CHANNEL"
    r"|(?:SECRET|CONFIDENTIAL|UNCLAS(?:SIFIED)?)\s?//?\s?(?:NOFORN|SBU|FOR\s+OFFICIAL\s+USE\s+ONLY)"
)
CAPTION_LINE: Final = re.compile(rf"(?:{CAPTION_WORD})(?:[\s,;/]+(?:{CAPTION_WORD}))*\s*$", re.IGNORECASE)
CAPTION_START: Final = re.compile(rf"(?P<word>{CAPTION_WORD})(?=[\s,;]|$)", re.IGNORECASE)

CORRECTED: Final = re.compile(r"C\s?O\s?R\s?R\s?E\s?C\s?T(?:\s?E\s?D)?\s+C\s?O\s?P\s?Y", re.IGNORECASE)

#: Office-routing lines: `DEPT FOR EUR/UMB`, `NSC FOR ...`, `STATE PASS TO USAID` (5 FAH-2 H-420).
PASSING: Final = re.compile(r"\bFOR\b|\bPASS\b|^FROM\b|^[A-Z/]{2,12}:", re.IGNORECASE)

#: Section-break furniture: post, eight-digit number, section (and page) of sections.
SECTION_BREAK: Final = re.compile(
    r"(?P<post>[A-Z][A-Za-z.' ]{1,11}?)\s{1,3}(?P<number>\d{8})\s{1,3}(?P<section>\d{3})(?:\.\s{0,4}(?P<page>\d))?"
    r"\s{1,2}(?:OF|of)\s{1,2}(?P<count>\d{3})(?!\d)"
)

_CAVEATS = (
    r"(?:[\s,/-]+(?:NF|NOFORN|FGI|FOUO|SBU|OC|ORCON|PROPIN|LIMDIS|NODIS|EXDIS|ENTIRE\s+TEXT|SENSITIVE"
    r"|REL(?:\s?TO)?\b[^()]{0,200}))*"
)
_MARK = (
    r"(?:TS|SBU|LOU|FOUO|SNF|CNF|TOP\s?SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED|UNCLAS|N(?=/SF)|[CSU])"
    rf"(?:/SF)?{_CAVEATS}"
)
#: Portion marking (5 FAH-2 H-321; E.O. 12958 section 1.6): `(C)`, `(S//NF)`, `(S//REL NATO, ISAF)`.
MARK: Final = re.compile(
    rf"\(\s?(?P<mark>{_MARK})\s?[.:]?\s?\)|(?P<open>(?:SBU|[CSU])(?:/{{1,2}}NF)?)\)(?=\s)"
    r"|\((?P<ate>[CSU])\s(?=X{4})",
    re.IGNORECASE,
)
#: Number of a paragraph at a line's start, with the web site's pilcrow if any (catalogue 4.2).
NUMBER: Final = re.compile(r"(?P<pilcrow>¶?)\s{0,3}(?P<number>\d{1,4})(?P<point>[.,]{1,2}|\)|(?=\s\())\s{0,4}")
MARK_NUMBER: Final = re.compile(rf"(?P<mark>\(\s?{_MARK}\s?\))\s(?P<number>\d{{1,3}})\.(?=\s)", re.IGNORECASE)
#: A marking whose list of countries runs on over the line end.
OPEN_MARK: Final = re.compile(r"\(\s?[TSCU]{1,2}/{1,2}\s?REL\b[^()]{0,200}$", re.IGNORECASE)
#: A line that is only the BEGIN or END mark of a block.
BLOCK_MARK: Final = re.compile(r"[\W_]{0,6}(?:BEGIN|END)\s(?:OF\s)?[A-Z][A-Z /-]{2,60}[\W_]{0,6}$", re.IGNORECASE)
LETTER: Final = re.compile(r"(?P<pilcrow>¶?)\s{0,3}(?P<letter>[A-Z])(?P<point>[.)])\s{1,4}")

MONTH_END: Final = re.compile(
    r"(?<![A-Za-z])(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?),?$",
    re.IGNORECASE,
)

#: The last three letters of the months and of their short forms.
_MONTH_TAILS: Final = frozenset("ARY RCH RIL MAY UNE ULY UST BER JAN FEB MAR APR JUN JUL AUG SEP EPT OCT NOV DEC".split())


def ends_in_month(line: str) -> bool:
    """Whether a line ends with a month: a number that begins the next line is then a day or a year."""
    # The pattern is tried at every letter: for most lines a look at the last three does.
    tail = line[-12:].rstrip(".,")[-3:].upper()
    return (tail in _MONTH_TAILS or not tail.isascii()) and MONTH_END.search(line[-12:]) is not None


BEGIN_BLOCK: Final = re.compile(r"\W{0,6}BEGIN\s(?P<what>[A-Z][A-Z /-]{2,40})", re.IGNORECASE)
END_BLOCK: Final = re.compile(
    r"\bEND\s+(?:OF\s+)?(?P<what>(?:SUMM+ARY|COMMENTG?|NOTE|TEXT|CABLE\s+TEXT|ACTION\s+REQUEST|INTRODUCTION"
    r"|TALKING\s+POINTS|KEY\s+POINTS|POINTS|BACKGROUND|NON-?PAPER|LETTER|PRESS\s+RELEASE|TEXT\s+BOX|BIO\s+NOTE)"
    r"(?:\s+(?:AND|&)\s+(?:COMMENT|NOTE|ACTION\s+REQUEST|INTRODUCTION|BACKGROUND))?)",
    re.IGNORECASE,
)

#: End-of-message furniture: NNNN, BT, site leftovers (catalogue section 7).
END_MARK: Final = re.compile(r"(?:N{3,4}(?:MAFVVZCZ)?|BT|<< ?END OF DOCUMENT ?>>|END CABLE TEXT|#\d{4})\s*$", re.IGNORECASE)
FOOTER: Final = re.compile(
    r"visit\s.{2,60}classified\sweb\s?site|https?://www\.(?:intelink\.)?s(?:tate\.s)?gov\.gov", re.IGNORECASE
)

#: Title of a block between number and marking; list items; a title with its dashes on one line.
TITLE: Final = re.compile(r"(?:SUMMARY|COMMENT|INTRODUCTION|BEGIN SUMMARY)\b[\s:.-]{0,4}", re.IGNORECASE)
ITEM: Final = re.compile(
    r"(?:--? ?(?=\S)|[o*•] (?=\S)|\((?:[a-z]|\d{1,2}|[ivx]{1,4})\) |(?:[a-z]|\d{1,2}|[ivx]{1,4})[.)] |Q: |A: )"
)
DASHED_TITLE: Final = re.compile(r"(?:-{3,} ?[^-]{2,90} ?-{3,}|[^-]{2,90} -{4,}|-{4,} [^-]{2,90})$")
