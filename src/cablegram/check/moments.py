"""Dates as manuscripts write them: American, British and German order, ISO, date-time groups, Roman months, months alone; in the
languages in which books on diplomacy are mostly written."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

#: English, German, French, Spanish, Portuguese, Italian, Dutch, Danish, Norwegian and Swedish, Icelandic, Polish, Hungarian, Turkish,
#: Russian, Czech, Croatian, Serbian, Finnish, Romanian, Greek; in full, and such abbreviations as are no word of English.
_NAMES: Final = (
    "january janvier januar jänner enero janeiro gennaio januari janúar stycznia január ocak января jan janv ene ledna siječnja januara tammikuuta ianuarie ιανουαρίου",
    "february février fevrier februar febrero fevereiro febbraio februari febrúar lutego február şubat февраля feb févr února veljače februara helmikuuta februarie φεβρουαρίου",
    "march mars märz maerz marzo março maart marts marca március mart марта mar mrz března ožujka maaliskuuta martie μαρτίου",
    "april avril abril aprile apríl kwietnia április nisan апреля apr avr abr dubna travnja aprila huhtikuuta aprilie απριλίου",
    "may mai mayo maio maggio mei maj maí maja május mayıs мая května svibnja toukokuuta μαΐου",
    "june juin juni junio junho giugno júní czerwca június haziran июня jun giu června lipnja juna kesäkuuta iunie ιουνίου",
    "july juillet juli julio julho luglio júlí lipca július temmuz июля jul juil lug července srpnja jula heinäkuuta iulie ιουλίου",
    "august août aout agosto augustus augusti ágúst sierpnia augusztus ağustos августа aug srpna kolovoza avgusta elokuuta αυγούστου",
    "september septembre septiembre setiembre setembro settembre września szeptember eylül сентября sept sep září rujna septembra syyskuuta septembrie σεπτεμβρίου",
    "october octobre oktober octubre outubro ottobre október października ekim октября oct okt out ott října oktobra lokakuuta octombrie οκτωβρίου",
    "november novembre noviembre novembro nóvember listopada kasım ноября nov listopadu studenoga novembra marraskuuta noiembrie νοεμβρίου",
    "december décembre decembre dezember diciembre dezembro dicembre desember grudnia aralık декабря dec dez dic déc des prosince prosinca decembra joulukuuta decembrie δεκεμβρίου",
)  # fmt: skip
_MONTHS: Final = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_ROMAN: Final = {name: number for number, name in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}
#: Words of other meaning, taken for months only between a day and a year.
_ONLY_BETWEEN: Final = ("out", "des", "mart", "mei", "maj", "ene", "nisan", "ekim", "ocak", "maja", "mars", "marts")
_MONTH: Final = r"(?:" + "|".join(sorted(set(_MONTHS) - set(_ONLY_BETWEEN), key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_ANY_MONTH: Final = r"(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_WHOLE: Final = r"(?:19|20)\d\d(?!\d)"
_YEAR: Final = rf"(?:{_WHOLE}|'\d\d(?!\d))"
_SEP: Final = r"[ ,.]{1,2}(?:of\ |de\ |del\ )?"
_DATE: Final = re.compile(
    rf"""(?<![\w/-])(?:
        (?P<iso>(?:19|20)\d\d(?P<by>[-/.])(?:0[1-9]|1[0-2])(?P=by){_DAY})(?![\d-])
      | (?P<group>{_DAY}[0-2]\d[0-5]\d\ ?Z\ ?(?P<gmonth>{_MONTH})\ ?(?P<gyear>(?:19|20)?\d\d)(?!\d))
      | {_DAY}\.?(?:-|/|\ (?:and|&|und|et|y|e)\ ){_DAY}\.?\ (?P<m10>{_MONTH})(?:{_SEP}(?P<y10>{_YEAR}))?
      | (?P<m11>{_MONTH})\ {_DAY}-{_DAY}(?![\d/-])(?:,?\ (?P<y11>{_YEAR}))?
      | (?P<d6>{_DAY})(?:st|nd|rd|th|d|er|\.|o|º)?(?:\ (?:of\ |de\ |di\ )?|-)?(?P<m6>{_ANY_MONTH})(?:[ ,.]{{0,2}}(?:of\ |de\ |del\ )?|-)(?P<y6>{_YEAR}|(?<=-)\d\d(?![\d:./-]|[A-Za-z])|\d\d(?![\d:./-]|\ ?[A-Za-z]))
      | (?P<d1>{_DAY})(?:st|nd|rd|th|d|er|\.|o|º)?\ (?:of\ |de\ )?(?P<m1>{_MONTH})
      | (?P<m2>{_MONTH})\ (?:the\ )?(?P<d2>{_DAY})(?:st|nd|rd|th|d)?(?![\d:])(?:(?:\ ?,\ ?|\.?\ )(?P<y2>{_YEAR}))?
      | (?P<m7>{_MONTH})(?P<d7>{_DAY}),?\ ?(?P<y7>{_WHOLE})
      | (?P<y3>(?:19|20)\d\d)(?:\.|(?<=\(\d\d\d\d),)?\ (?P<m3>{_MONTH})\ (?P<d3>{_DAY})(?!\d|,?\ (?:19|20)\d\d)
      | (?P<m4>{_MONTH}),?\ (?:of\ |de\ )?(?P<y4>{_YEAR})
      | (?P<d8>{_DAY})(?P<rsep>[./\ -])\ ?(?P<m8>x?i{{1,3}}|i?[vx]|vi{{1,3}})(?P=rsep)\ ?(?P<y8>{_WHOLE})
      | (?P<y9>(?:19|20)\d\d)年(?P<m9>\d\d?)月(?P<d9>\d\d?)日
      | (?P<a>\d\d?)(?P<sep>[./-])\ ?(?P<b>\d\d?)(?P=sep)\ ?(?P<y5>(?:19|20)\d\d|\d\d)(?![/.-]?\d)
    )""",
    re.IGNORECASE | re.VERBOSE,
)


#: Where a date may begin: at a figure, or at a word with a figure behind it.
_HINT: Final = re.compile(r"(?<![\w/-])(?:\d|[^\W\d_]{3,11}(?=\.?,?\ ?(?:of\ |de\ |the\ )?'?\d))")


class Moment(NamedTuple):
    """A date in the text, ``[start, end)``: ``year`` and ``day`` None where not given; ``other`` is the month and day of a date in figures
    that may be read the other way round (3/4/1975)."""

    start: int
    end: int
    year: int | None
    month: int
    day: int | None
    other: tuple[int, int] | None = None

    def days(self, year: int | None = None) -> list[date]:
        """The days it may be; ``year`` where it gives none itself. Empty where it gives no day."""
        year = self.year or year
        out: list[date] = []
        for month, day in ((self.month, self.day), self.other or (0, None)):
            if year is not None and day is not None:
                try:
                    out.append(date(year, month, day))
                except ValueError:
                    continue
        return out


def _year(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text.lstrip("'"))
    return number if number > 99 else number + (1900 if number >= 60 else 2000)


def _month(text: str) -> int:
    return _MONTHS[text.rstrip(".").lower()]


def moments(text: str) -> list[Moment]:
    """All dates of an even text, in order."""
    out: list[Moment] = []
    at = 0
    for hint in _HINT.finditer(text):
        m = _DATE.match(text, hint.start()) if hint.start() >= at else None
        if m is None:
            continue
        start, end = m.span()
        at = end
        other = None
        year: int | None
        if m["iso"]:
            year, month, day = int(m["iso"][:4]), int(m["iso"][5:7]), int(m["iso"][8:])
        elif m["group"]:
            year, month, day = _year(m["gyear"]), _month(m["gmonth"]), int(m["group"][:2])
        elif m["m6"]:
            if len(m["y6"]) == 2 and m["m6"].lower() in _ONLY_BETWEEN:
                continue
            year, month, day = _year(m["y6"]), _month(m["m6"]), int(m["d6"])
        elif m["m1"]:
            year, month, day = None, _month(m["m1"]), int(m["d1"])
        elif m["m2"]:
            year, month, day = _year(m["y2"]), _month(m["m2"]), int(m["d2"])
        elif m["m7"]:
            year, month, day = _year(m["y7"]), _month(m["m7"]), int(m["d7"])
        elif m["m3"]:
            year, month, day = _year(m["y3"]), _month(m["m3"]), int(m["d3"])
        elif m["m10"] or m["m11"]:
            # From a day to another: no day of a telegram.
            out.append(Moment(start, end, _year(m["y10"] or m["y11"]), _month(m["m10"] or m["m11"]), None))
            continue
        elif m["m4"]:
            out.append(Moment(start, end, _year(m["y4"]), _month(m["m4"]), None))
            continue
        elif m["m8"]:
            year, month, day = _year(m["y8"]), _ROMAN[m["m8"].lower()], int(m["d8"])
        elif m["m9"]:
            year, month, day = _year(m["y9"]), int(m["m9"]), int(m["d9"])
        else:
            year, (a, b) = _year(m["y5"]), (int(m["a"]), int(m["b"]))
            # With full stops the day goes first; with strokes both are written.
            month, day = (b, a) if m["sep"] in ".-" or a > 12 else (a, b)
            if m["sep"] == "/" and a <= 12 and b <= 12 and a != b:
                other = (b, a)
            if a > 31 and len(m["y5"]) == 2:
                # 74-10-03: the year first.
                year, month, day, other = _year(m["a"]), b, int(m["y5"]), None
        if 1 <= month <= 12 and 1 <= day <= 31:
            out.append(Moment(start, end, year, month, day, other))
    return out
