"""Posts as manuscripts name them: ``Tehran``, ``Amembassy Tehran``, ``the Embassy in Iran``, ``the Department of State``."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

from cablegram.vocabulary.countries import country_code
from cablegram.vocabulary.posts import Post, all_posts, fold

STATE: Final = "STATE"
#: What goes before a place: it makes of the name of a place that of a post.
_OFFICE: Final = re.compile(
    r"(?:(?:the |The )?(?:U\.? ?S\.? |American |United States )?"
    r"(?P<kind>[Ee]mbass(?:y|ies)|[Cc]onsulate(?:s)?(?:[ -][Gg]eneral)?|[Cc]onsul(?:ate)?|[Mm]ission|[Ll]iaison [Oo]ffice|[Ii]nterests [Ss]ection|[Ll]egation|[Dd]elegation)"
    r"(?:,| in the| in| at| to the| to| of)? \(?|"
    r"\b(?:AmEmbassy|Amembassy|AMEMBASSY|AmEmb\.?|Amemb\.?|AmCon(?:sul|gen|Gen)?|Amcon(?:sul|gen)?|AMCONSUL|AMCONGEN|USMission|USMISSION|USINT|USLO|REO) )\Z"
)
_AT: Final = re.compile(
    r"[Ee]mbassy (?:in|to) (?:the )?|[Mm]ission (?:in|to) (?:the )?|[Ll]iaison [Oo]ffice in (?:the )?|[Ii]nterests [Ss]ection in "
)
#: The Department, in every way it is named; ``State`` alone with a capital only.
_DEPARTMENT: Final = re.compile(
    r"(?:the |The )?\b(?:(?:U\.? ?S\.? )?Department of State|State Department|SECSTATE(?: WASH(?:DC|INGTON)(?: D\.?C\.?)?)?"
    r"|Sec[Ss]tate(?: Wash(?:DC|dc|ington)(?:,? D\.?C\.?)?)?|Secretary of State|(?:U\.? ?S\.? )?Sec(?:'y|retary|\.) of State|STATE|State|Department|DEPARTMENT|Washington|Dept\.?(?: of State)?)(?![\w-])"
)
_BY_NAME: Final = {
    "UNITED NATIONS": "USUNNEWYORK", "UN": "USUNNEWYORK", "NORTH ATLANTIC TREATY ORGANIZATION": "USNATO", "NATO": "USNATO",
    "EUROPEAN UNION": "BRUSSELS", "EUROPEAN COMMUNITIES": "ECBRUSSELS", "OAS": "USOAS", "OECD": "OECDPARIS", "UNESCO": "UNESCOPARISFR",
    "UNITED STATES": STATE,
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_][^\W_]*(?:['.-][^\W_]+)*")
_LONGEST: Final = 5
_COUNTRY_WORDS: Final = re.compile(r"[^\W\d_][\w.'-]*(?: (?:and |of |the )?[^\W\d_][\w.'-]*){0,4}")
#: Kinds of posts that stand for a country where it has no embassy.
_FOR_COUNTRY: Final = ("embassy", "liaison office", "interests section")


class Sender(NamedTuple):
    """A post named in the text, ``[start, end)`` with what goes before it: ``posts`` are the codes that it may mean; ``office`` whether
    an office is named (``Embassy Tehran``), not a place alone; ``by_country`` whether its country is named."""

    start: int
    end: int
    posts: tuple[str, ...]
    office: bool
    by_country: bool = False


def _folded(word: str) -> str:
    return fold("".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)))


def _spellings(post: Post) -> set[str]:
    """How prose spells a post's place: by its name and its address, and by those aliases that are not the name cut off."""
    place = (
        re.sub(r"^(?:American Institute Taiwan, |US Interests Section |Iran |[A-Z]?[A-Za-z']+ )", "", post.name)
        if " " in post.name
        else post.name
    )
    address = (
        post.address.split(" ", 1)[-1]
        if post.address.startswith(("AMEMBASSY", "AMCONSUL", "USINT", "USLO", "AIT", "REO"))
        else post.address
    )
    out = {place, address, *(alias for alias in post.aliases if not _is_cut(alias, post))}
    if post.kind == "mission":
        out = {post.address, post.address.replace("USMISSION ", ""), *post.aliases} - {
            "UN ROME",
            "EC",
            "GENEVA" if post.code != "GENEVA" else "",
        }
    return {spelling.upper() for spelling in out if len(fold(spelling)) > 2} | {post.code}


def _is_cut(alias: str, post: Post) -> bool:
    short = fold(alias)
    place = fold(post.address.split(" ", 1)[-1])
    return any(whole.startswith(short) and whole != short for whole in (post.code, place)) or len(short) < 4


@cache
def _index() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """By first word: the words of each spelling, the longest first, and the post's code."""
    out: dict[str, dict[tuple[str, ...], str]] = {}
    # A place with several offices is its embassy or consulate; missions are named by what they are at.
    for post in sorted(all_posts(), key=lambda post: post.kind in ("mission", "office", "liaison office", "regional office")):
        for spelling in sorted(_spellings(post)):
            words = tuple(_folded(word) for word in spelling.replace("-", " ").replace("/", " ").split())
            words = tuple(word for word in words if word)
            if words and post.code != STATE:
                out.setdefault(words[0], {}).setdefault(words, post.code)
    return {first: sorted(known.items(), key=lambda one: -len(one[0])) for first, known in out.items()}


@cache
def _by_country() -> dict[str, tuple[str, ...]]:
    out: dict[str, list[str]] = {}
    for post in all_posts():
        if post.kind in _FOR_COUNTRY:
            out.setdefault(post.country, []).append(post.code)
    return {country: tuple(codes) for country, codes in out.items()}


@cache
def _old_names() -> dict[str, str]:
    """Names of countries as the volumes of the 1970s have them."""
    return {
        "SOVIET UNION": "RU", "USSR": "RU", "UNION OF SOVIET SOCIALIST REPUBLICS": "RU", "GREAT BRITAIN": "GB", "BRITAIN": "GB", "CEYLON": "LK",
        "YUGOSLAVIA": "RS", "CZECHOSLOVAKIA": "CZ", "ZAIRE": "CD", "BURMA": "MM", "UPPER VOLTA": "BF", "RHODESIA": "ZW", "HOLLAND": "NL",
        "FEDERAL REPUBLIC OF GERMANY": "DE", "WEST GERMANY": "DE", "REPUBLIC OF CHINA": "TW", "CAPE VERDE": "CV", "COTE D'IVOIRE": "CI", "KOREA": "KR", "VATICAN": "VA",
    }  # fmt: skip


def country_posts(words: str) -> tuple[str, ...]:
    """The posts that stand for a country of that name (``Iran``, ``the Netherlands``); none where it is no country's."""
    name = " ".join("".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c)).upper().split())
    if name in _BY_NAME:
        return (_BY_NAME[name],)
    code = _old_names().get(name) or country_code(name) if len(name) > 2 else None
    return _by_country().get(code, ()) if code is not None else ()


def senders(text: str) -> list[Sender]:
    """All posts that an even text names, in order; a place is one only by its name (``Paris``), whether it is meant as a post or not."""
    out = [
        Sender(*found.span(), (STATE,), found[0] not in ("State", "STATE", "Washington")) for found in _DEPARTMENT.finditer(text)
    ]
    index = _index()
    words = list(_WORD.finditer(text))
    at = 0
    for n, word in enumerate(words):
        if word.start() < at or not word[0][0].isupper():
            continue
        bare = word[0].removesuffix("'s")
        known = index.get(_folded(bare), [])
        if "-" in bare:
            known = [*known, *index.get(_folded(bare.split("-")[0]), [])]
        for spelling, code in known:
            end = _spelled(text, words, n, spelling)
            if end is not None:
                at = end
                before = _OFFICE.search(text, max(0, word.start() - 60), word.start())
                out.append(Sender(before.start() if before is not None else word.start(), end, (code,), before is not None))
                break
    out += _of_countries(text, {sender.end for sender in out if sender.office})
    out.sort(key=lambda sender: (sender.start, -sender.end))
    return _without_overlap(out)


def _spelled(text: str, words: list[re.Match[str]], n: int, spelling: tuple[str, ...]) -> int | None:
    """Where the ``spelling`` ends that begins with the ``n``-th word, or None."""
    left = list(spelling)
    end = words[n].start()
    for word in words[n : n + _LONGEST]:
        if word.start() - end > 2 or "\n" in text[end : word.start()]:
            return None
        whole = word[0]
        pieces = [whole] if len(spelling) == 1 else whole.split("-")
        for piece in pieces:
            bare = _folded(piece.removesuffix("'s"))
            if not left or bare != left[0]:
                return None
            left.pop(0)
        end = word.end() - (2 if whole.endswith("'s") else 0)
        if not left:
            return end
    return None


def _of_countries(text: str, known: set[int]) -> list[Sender]:
    out: list[Sender] = []
    for found in _AT.finditer(text):
        words = _COUNTRY_WORDS.match(text, found.end())
        named = words[0].removesuffix("'s").split(" ") if words is not None else []
        while named:
            name = " ".join(named).rstrip(".'")
            end = found.end() + len(name)
            codes = country_posts(name)
            if codes and end not in known:
                out.append(Sender(found.start(), end, codes, True, True))
                break
            named.pop()
    return out


def _without_overlap(found: list[Sender]) -> list[Sender]:
    out: list[Sender] = []
    for sender in found:
        if out and sender.start < out[-1].end:
            # "Embassy in Mexico" and "Mexico": what says more stays.
            if sender.office > out[-1].office or (sender.office == out[-1].office and sender.end > out[-1].end):
                out[-1] = sender
            continue
        out.append(sender)
    return out
