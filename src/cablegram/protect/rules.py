"""Named patterns for what is protected: what each reads, and where the rule comes from. None can backtrack without bound."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from cablegram.spans import Span

NAME, PERSON, REDACTED = "protected name", "private person", "redacted"
SSN, PASSPORT, BIRTH, ALIEN, VISA, PHONE, EMAIL = (
    "social security number", "passport number", "date of birth", "alien registration number", "visa case number",
    "phone number", "e-mail address",
)  # fmt: skip
#: What ``--mask`` takes, and the kinds that each stands for.
GROUPS: Final = {
    "names": (NAME,),
    "persons": (PERSON,),
    "numbers": (SSN, PASSPORT, BIRTH, ALIEN, VISA, PHONE, EMAIL),
}
KINDS: Final = tuple(kind for kinds in GROUPS.values() for kind in kinds)

#: A line end as a saved page spells it, and how much longer that is.
_SPELLED: Final = re.compile("&#x000A;")
_MORE: Final = len("&#x000A;") - 1
#: A blank, a line end, or a line end as a saved page spells it.
_GAP: Final = r"(?:\s|&\#x000A;){1,12}"
_MAY: Final = r"(?:[\s,.:]|&\#x000A;){0,12}"

#: ``(protect)``, ``(strictly protect throughout)``, ``(please protect source)``: so drafters mark whom a release would harm (their custom, as cables show it).
MARK: Final = re.compile(
    rf"(?!\[protected name\])[(\[]{_MAY}(?:(?P<again>again){_MAY})?(?:(?:please|pls|plse|strictly|strictest|must|source|contact|name|identity){_MAY}){{0,4}}"
    rf"protect(?:ed|ion)?(?:{_GAP}|,|(?=[)\]!.]))"
    rf"(?:(?:source|sources|strictly|throughout|contact|identity|name|names|fully|please|his|her|their|the|at|all|times){_MAY}){{0,6}}[!.]?{_MAY}[)\]]"
    rf"|(?:,|--|–)\s{{0,3}}(?:(?:please|pls|strictly){_GAP}){{1,2}}protect(?:{_GAP}(?:throughout|source|identity|his identity|her identity))?"
    r"(?=\s{0,3}(?:,|--|–))",
    re.IGNORECASE,
)
_OFFICIAL: Final = re.compile(
    r"\b(?:embassy|consulate|mission|duty officer|switchboard|post one|ministry|department|office|operations center|POC|point of contact|"
    r"marine|fax|ext|secure|STU|VoSIP|IVG|DSN|desk|bureau)\b",
    re.IGNORECASE,
)
_OFFICIAL_REACH: Final = 80
_DAY: Final = (
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s{1,3}\d{1,2},?\s{1,3}\d{4}"
    r"|\d{1,2}[\s-]{0,2}(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,?[\s-]{0,2}\d{2,4}"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2})"
)


class Pattern(NamedTuple):
    """A pattern: its ``kind`` and ``rule``, how sure it is, ``hints`` that are looked for first, whether it counts in consular cables only; group ``what`` is masked."""

    kind: str
    rule: str
    pattern: re.Pattern[str]
    confidence: float
    hints: tuple[str, ...]
    consular: bool


def _p(kind: str, rule: str, hints: tuple[str, ...], pattern: str, confidence: float, *, consular: bool = False) -> Pattern:
    """``hints``: one of these stands in every text that has the pattern, in small letters; without any the case of letters counts."""
    return Pattern(kind, rule, re.compile(pattern, re.IGNORECASE if hints else 0), confidence, hints, consular)


PATTERNS: Final = (
    # Nine digits, 3-2-4; area 000, 666 and 900 up, group 00 and serial 0000 are never given (Social Security Administration, POMS RM 10201).
    _p(SSN, "ssn-form", (), r"(?<![\w-])(?P<what>(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})(?![\w-])", 0.8),
    _p(SSN, "ssn-label", ("ssn", "ssan", "social"), r"\b(?:SSN|SSAN|social\s{1,3}security\s{1,3}(?:account\s{1,3})?(?:number|no|num|card))\b[^\w\n]{0,4}(?:is\s|of\s)?\s{0,3}"
       r"(?P<what>\d{3}[- ]?\d{2}[- ]?\d{4})\b", 0.95),
    # The field's word and then a number; the forms of passport books differ by country and time (7 FAM 1300), so the label decides.
    _p(PASSPORT, "passport-label", ("passport", "ppt"), r"\b(?:passports?|PPT)\b[^\w\n]{0,4}\s{0,3}(?:(?:number|numbers|no|num|nr|book)\b[^\w\n]{0,4}\s{0,3}){0,2}(?:is\s{1,3}|was\s{1,3})?"
       r"(?P<what>(?:[A-Z]{1,3}[- ]?)?\d{6,9}[A-Z]?)\b", 0.95),
    # DPOB, date and place of birth, as name checks and visa cables have it (9 FAM 304).
    _p(BIRTH, "birth-label", ("birth", "dob", "dpob", "d/pob", "d pob", "dp ob", "d/p ob"), rf"\b(?:D/?P?\s?OB|D\sPOB|date\s{{1,3}}(?:and\s{{1,3}}place\s{{1,3}})?of\s{{1,3}}birth|birth\s?date)\b[^\w\n]{{0,4}}\s{{0,3}}(?:is\s|was\s|on\s)?(?P<what>{_DAY})", 0.95),
    _p(BIRTH, "born-in-consular-case", ("born",), rf"\bborn\b[^.;\d]{{0,60}}?(?P<what>{_DAY})", 0.85, consular=True),
    # A and seven to nine digits: the file of a person at the immigration service (9 FAM 504).
    _p(ALIEN, "a-number-label", ("alien", "a-number", "a-file"), r"\b(?:A-number|alien\s{1,3}(?:registration\s{1,3})?(?:number|no|file)|A-file)\b[^\w\n]{0,4}(?:is\s)?\s{0,3}"
       r"(?P<what>A?[- ]?\d{2,3}[- ]?\d{3}[- ]?\d{3})\b", 0.95),
    _p(ALIEN, "a-number-form", (), r"(?<![\w-])(?P<what>A[- ]?\d{2,3}[- ]\d{3}[- ]\d{3})(?![\w-])", 0.85),
    _p(ALIEN, "a-number-in-consular-case", (), r"(?<![\w-])(?P<what>A[- ]?\d{8,9})(?![\w-])", 0.8, consular=True),
    # Three letters of the post, year, day of the year and serial: an immigrant visa case (9 FAM 504).
    _p(VISA, "visa-case-form", (), r"\b(?P<what>[A-Z]{3}(?:19|20)\d{2}[0-9]{6})\b(?!\d)", 0.85),
    _p(VISA, "visa-number-label", ("visa",), r"\bvisa\b[^\w\n]{0,4}(?:case\s{1,3}|foil\s{1,3})?(?:number|no|num)\b[^\w\n]{0,4}(?:is\s)?\s{0,3}(?P<what>[A-Z]{0,3}[- ]?\d{6,12})\b", 0.9),
    _p(PHONE, "phone-label", ("phone", "tel ", "tel.", "tel:", "cell", "mobile"), r"\b(?:telephone|phone|tel|cell|cellphone|mobile)\b\.?[^\w\n(+]{0,4}(?:(?:number|no|num)\b[^\w\n(+]{0,4})?(?:\s{0,3}is\s|at\s|on\s)?\s{0,3}"
       r"(?P<what>[(+]{0,2}\d[\d ()./-]{5,18}\d)", 0.8),
    _p(EMAIL, "e-mail-form", ("@",), r"(?<![\w.+-])(?P<what>[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Z]{2,12})\b", 0.9),
)  # fmt: skip
_GOVERNMENT: Final = re.compile(r"\.(?:gov|mil|int)(?:\.[a-z]{2})?$|\bstate\.gov$", re.IGNORECASE)

#: TAGS of consular cases (5 FAH-3): citizens' services and arrests, visas, passports.
TAGS: Final = frozenset({"CASC", "CVIS", "CPAS", "CPPT", "CACS", "CJAN"})
SIGNAL: Final = re.compile(
    r"\b(?:arrest\s{1,3}case|welfare\s{1,3}(?:and|/|&)\s{0,3}whereabouts|arrestee|next\s{1,3}of\s{1,3}kin|visa\s{1,3}(?:applicant|case|application)|"
    r"death\s{1,3}of\s{1,3}(?:an?\s{1,3})?(?:american|u\.?s\.?)\s{1,3}citizen|consular\s{1,3}access|notification\s{1,3}of\s{1,3}arrest|welfare\s{1,3}case)\b",
    re.IGNORECASE,
)
#: One of these stands in every text that has a signal, in small letters.
SIGNAL_HINTS: Final = ("arrest", "welfare", "of kin", "visa", "citizen", "consular")
#: What stands behind the name of a private person in a consular cable.
BEHIND: Final = re.compile(r"\b(?:born|D\s?/?\s?P?\s?OB|date\s{1,3}of\s{1,3}birth|passport|PPT|SSN)\b", re.IGNORECASE)
#: What stands before the name of a private person in a consular cable.
BEFORE: Final = re.compile(
    r"\b(?:amcit|(?:american|u\.?s\.?)\s{1,3}citizen|applicant|arrestee|detainee|prisoner|deceased|next\s{1,3}of\s{1,3}kin)[,:]?\s{1,3}(?:is\s{1,3}|was\s{1,3})?",
    re.IGNORECASE,
)
#: The subject of a consular case: ``ARREST CASE: NAME``, ``DEATH OF AMCIT NAME``.
CASE: Final = re.compile(
    r"\b(?:arrest|detention|welfare|whereabouts|death|visa|passport|repatriation|abduction|disappearance|case|notification)\b[^:\n]{0,40}?(?::|\bof\b)\s{0,3}"
    r"(?:(?:amcit|american(?:\s{1,3}citizen)?|u\.?s\.?\s{1,3}citizen|citizen)\s{1,3})?(?P<what>(?:[^\W\d_][\w'’.-]{0,30}\s{1,3}){1,4}[^\W\d_][\w'’-]{1,30})",
    re.IGNORECASE,
)


def reading(small: str, consular: bool) -> list[Pattern]:
    """The patterns that can read anything in a text, given in small letters."""
    return [
        one for one in PATTERNS if (consular or not one.consular) and (not one.hints or any(hint in small for hint in one.hints))
    ]


def with_line_ends(text: str) -> str:
    """``text`` with line ends where a saved page spells them: in it a number stands behind its word as it does in a telegram."""
    return _SPELLED.sub("\n", text)


def numbers(text: str, consular: bool) -> Iterator[tuple[Pattern, Span]]:
    """Numbers, dates and addresses of persons in ``text``."""
    plain = with_line_ends(text)
    # Where in `plain` a line end stands that is spelled out in `text`, with so many characters more.
    ends = [found.start() - n * _MORE for n, found in enumerate(_SPELLED.finditer(text))]
    for one in reading(plain.lower(), consular):
        for found in one.pattern.finditer(plain):
            start, end = found.span("what")
            if one.kind == PHONE and (
                sum(c.isdigit() for c in found["what"]) < 7
                or _OFFICIAL.search(plain, max(0, found.start() - _OFFICIAL_REACH), found.start())
            ):
                continue
            if one.kind == EMAIL and _GOVERNMENT.search(found["what"]):
                continue
            yield one, (start + bisect_left(ends, start) * _MORE, end + bisect_left(ends, end) * _MORE)
