"""Posts as manuscripts name them: ``Tehran``, ``Amembassy Tehran``, ``the Embassy in Iran``, ``the Department of State``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from cablegram.check.exonyms import EXONYMS
from cablegram.vocabulary.countries import country_code
from cablegram.vocabulary.posts import Post, all_posts, fold

STATE: Final = "STATE"
#: What goes before a place: it makes of the name of a place that of a post.
_OFFICE: Final = re.compile(
    r"(?:(?:the |The )?(?:U\.? ?S\.? |American |Am\.? |United States |USA? )?"
    r"(?P<kind>[Ee]mbass(?:y|ies)|EMBASSY|Emb\.?|emb\.|[Pp]ost(?= (?:at|in) )|[Cc]onsulate(?:s)?(?:[ -][Gg]eneral)?|[Cc]onsul(?:ate)?(?: [Gg]eneral)?|[Mm]ission|[Ll]iaison [Oo]ffice|[Ii]nterests [Ss]ection|[Ll]egation|[Dd]elegation"
    r"|[Aa]mbassador|[Cc]hargé(?: d'[Aa]ffaires)?|[Mm]inister)"
    r"(?:,| in the| in| at| to the| to| of)? \(?|"
    r"\b(?:AmEmbassy|AmEmb\.?|Amembassy|AMEMBASSY|amembassy|Amemb\.?|USEmb(?:assy)?|USEMB|AmCon(?:sul|gen|Gen)?|Amcon(?:sul|gen)?|amconsul|AMCONSUL|AMCONGEN|USMission|USMISSION|USINT|USLO|REO) |"
    r"\b(?:US-|amerikanischen? )?(?:[Bb]otschaft|(?:[Gg]eneral)?[Kk]onsulat|[Gg]esandtschaft)(?: (?:in|zu))? |"
    r"\b(?:[Aa]mbassade|[Cc]onsulat(?: général)?)(?: (?:américaine?|des États-Unis|des Etats-Unis|US))?(?:,| à| au| en| de| in)? |"
    r"\b(?:[Ee]mbajada|[Cc]onsulado(?: [Gg]eneral)?)(?: (?:norteamericana|estadounidense|de (?:los )?(?:Estados Unidos|EE\. ?UU\.|EEUU)))?(?:,| en| de)? |"
    r"\b(?:[Ee]mbaixada|[Cc]onsulado)(?: (?:americana|dos EUA|dos Estados Unidos))?(?:,| em| de)? |"
    r"\b(?:[Aa]mbasciata|[Cc]onsolato(?: [Gg]enerale)?)(?: (?:americana|USA|statunitense|degli Stati Uniti))?(?:,| a| ad| di| in)? |"
    r"\b(?:[Aa]mbassade(?:n|t|ns)?|[Kk]onsulate?t?)(?: (?:in|i|te))? )\Z"
)
#: What makes it that of a post behind it: ``the Athens embassy``.
_OFFICE_AFTER: Final = re.compile(
    r"(?:'s)? (?:[Ee]mbassy|EMBASSY|[Cc]onsulate(?:[ -][Gg]eneral)?|[Ll]egation|[Mm]ission(?! \d)|[Ii]nterests [Ss]ection)(?![\w-])| \((?:[Ee]mbassy|[Cc]onsulate|[Mm]ission)\)"
)
_ARTICLE: Final = re.compile(r"\b(?:(?:the|The) )?(?:(?:US|U\.S\.|American) )?\Z")
_AT: Final = re.compile(
    r"[Ee]mb(?:assy|\.) (?:in|to) (?:the )?|[Mm]ission (?:in|to) (?:the )?|[Ll]iaison [Oo]ffice in (?:the )?|[Ii]nterests [Ss]ection in |(?:Ambassador|Chargé|Minister) (?:in|to) (?:the )?"
)
#: The Department, in every way it is named; ``State`` alone with a capital only, in small letters before a number that only it can have.
_DEPARTMENT: Final = re.compile(
    r"(?:the |The )?\b(?:(?:U\.? ?S\.? )?(?:Department|Dep't|Dept\.?) of State|(?:US )?State (?:Department|Dept\.?)|SECSTATE(?: WASH(?:DC|INGTON)(?: D\.?C\.?)?)?"
    r"|Sec ?[Ss]tate(?: Wash(?:DC|dc|ington)(?:,? D\.?C\.?)?)?|(?:U\.? ?S\.? )?Sec(?:'y|retary|\.|'t) of State|STATE|State|Department|DEPARTMENT|Washington|Dept\.?(?: of State)?"
    r"|DepState|US-Außenministerium|Département d'[EÉ]tat|Departamento de Estado|Dipartimento di Stato|(?:US)?D[Oo]S)(?![\w-])"
    r"|\bstate(?= \d{5,6}(?!\d))|\b(?:secstate|state department)(?= \d)"
)
_BY_NAME: Final = {
    "UNITED NATIONS": "USUNNEWYORK", "UN": "USUNNEWYORK", "NORTH ATLANTIC TREATY ORGANIZATION": "USNATO", "NATO": "USNATO",
    "EUROPEAN UNION": "BRUSSELS", "EUROPEAN COMMUNITIES": "ECBRUSSELS", "OAS": "USOAS", "OECD": "OECDPARIS", "UNESCO": "UNESCOPARISFR",
    "UNITED STATES": STATE,
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_][^\W_]*(?:['.-][^\W_]+)*")
#: A word that begins with a capital; one of small letters alone is passed over at once.
_NAME: Final = re.compile(r"(?<![^\W_])(?<![^\W_]['.-])(?![a-z])[^\W\d_][^\W_]*(?:['.-][^\W_]+)*")
_SMALL: Final = re.compile(
    r"(?<![\w@./-])(?:[a-z]{2,14} ){0,2}[a-z]{3,14}(?= (?:(?:tel|telegram|cable|msg|no|nr)\.? )?#?\d{2,6}(?!\w))"
)
_CARRIERS: Final = frozenset(("tel", "telegram", "cable", "msg", "no", "nr"))
_BROKEN_NAME: Final = re.compile(r"(?:[^\W_]{1,14}(?: [^\W_]{1,14}){0,3}|[A-Z](?: [A-Z]){4,13}) ?,? ?\d")
_LONGEST: Final = 5
_LONGEST_WORD: Final = 64
#: Names of posts that are words, too, when they are written small.
_WORDS_OF_ENGLISH: Final = frozenset(
    (word,) for word in ("MALE", "NICE", "HUE", "CAN", "CD", "EC", "HO", "SPLIT", "TRUST", "PORT", "UN")
)
_SHORTEST_BROKEN: Final = 5
_SHORTEST_NAME: Final = 4
_LONGEST_BROKEN: Final = 14
_MOST_PIECES: Final = 14
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
    return fold(
        word if word.isascii() else "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    )


def _bare(name: str) -> str:
    return name.removeprefix("the ").removeprefix("The ")


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
    codes = {post.code for post in all_posts()}
    for code, names in EXONYMS.items():
        for name in names.split(", ") if code in codes else ():
            words = tuple(_folded(word) for word in name.replace("-", " ").split())
            out.setdefault(words[0], {}).setdefault(words, code)
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


def name_posts(name: str) -> tuple[str, ...]:
    """The post whose name of one word this is; none where it is no post's."""
    return tuple(code for spelling, code in _index().get(_folded(name), ()) if len(spelling) == 1)[:1]


def senders(text: str) -> list[Sender]:
    """All posts that an even text names, in order; a place is one only by its name (``Paris``), whether it is meant as a post or not. A name
    in small letters counts where a number follows."""
    out = [
        Sender(*found.span(), (STATE,), _bare(found[0]) not in ("State", "STATE", "Washington", "state"))
        for found in _DEPARTMENT.finditer(text)
    ]
    index = _index()
    at = 0
    for word in _NAME.finditer(text):
        whole, start = word[0], word.start()
        if start < at or not whole[0].isupper():
            continue
        found = _known(text, start, whole, index)
        if found is None and _BROKEN_NAME.match(text, start) is not None:
            found = _broken(text, start)
        if found is not None:
            at = found[0]
            out.append(_post(text, start, *found))
    out += _in_small_letters(text, index)
    out += _of_countries(text, {sender.end for sender in out if sender.office})
    out.sort(key=lambda sender: (sender.start, -sender.end))
    return _without_overlap(out)


def _known(text: str, start: int, word: str, index: dict[str, list[tuple[tuple[str, ...], str]]]) -> tuple[int, str] | None:
    """Where a post's name ends that begins with ``word`` at ``start``, and the post's code."""
    bare = word.removesuffix("'s")
    known = index.get(_folded(bare), [])
    if "-" in bare:
        known = [*known, *index.get(_folded(bare.split("-")[0]), [])]
    for spelling, code in known:
        end = _spelled(text, start, spelling)
        if end is not None:
            return end, code
    return None


def _in_small_letters(text: str, index: dict[str, list[tuple[tuple[str, ...], str]]]) -> Iterator[Sender]:
    """Names in small letters, of up to three words, with a number behind them."""
    for small in _SMALL.finditer(text):
        words = list(_WORD.finditer(text, small.start(), small.end()))
        for word in words:
            found = _known(text, word.start(), word[0], index)
            behind = text[found[0] : small.end()].strip(" .") if found is not None else None
            if (
                found is not None
                and (not behind or behind in _CARRIERS)
                and (_folded(text[word.start() : found[0]]),) not in _WORDS_OF_ENGLISH
            ):
                yield _post(text, word.start(), *found)
                break


def _post(text: str, start: int, end: int, code: str) -> Sender:
    """A place with the office before or behind it."""
    before = _OFFICE.search(text, max(0, start - 60), start)
    after = _OFFICE_AFTER.match(text, end)
    if before is not None and before[0].endswith("(") and text[end : end + 1] != ")":
        # "said so to the Embassy (Praia 101)": the parentheses hold more than where the office is.
        before = None
    if before is None and after is not None and (article := _ARTICLE.search(text, max(0, start - 16), start)) is not None:
        start = article.start()
    return Sender(
        before.start() if before is not None else start,
        after.end() if after is not None else end,
        (code,),
        before is not None or after is not None,
    )


def _broken(text: str, start: int) -> tuple[int, str] | None:
    """A name as recognition of a scan leaves it before a number or a comma, with blanks in it (``R EYKJAVIK``), or with letters
    taken for others (``Reykjavlk``): where it ends, and the post's code."""
    joined = ""
    at = start
    for _ in range(_MOST_PIECES):
        word = _WORD.match(text, at)
        if word is None or len(joined) > _LONGEST_BROKEN:
            return None
        joined += word[0]
        if len(joined) >= _SHORTEST_BROKEN and text[word.end() : word.end() + 2].strip(" ,").isdigit():
            code = _shapes().get(_shape(joined))
            if code is not None:
                return word.end(), code
        if text[word.end() : word.end() + 1] != " ":
            return None
        at = word.end() + 1
    return None


def _shape(word: str) -> str:
    """A word as a blurred eye sees it."""
    out = _folded(word)
    for one, other in (
        ("RN", "M"),
        ("VV", "W"),
        ("I", "L"),
        ("1", "L"),
        ("J", "L"),
        ("0", "O"),
        ("Q", "O"),
        ("C", "E"),
        ("G", "6"),
        ("B", "8"),
    ):
        out = out.replace(one, other)
    return out


@cache
def _shapes() -> dict[str, str]:
    """The posts' codes by the shapes of their names, written as one word; without those that two posts share."""
    out: dict[str, set[str]] = {}
    for spellings in _index().values():
        for spelling, code in spellings:
            if len(name := "".join(spelling)) >= _SHORTEST_NAME:
                out.setdefault(_shape(name), set()).add(code)
    return {shape: codes.pop() for shape, codes in out.items() if len(codes) == 1}


def _spelled(text: str, start: int, spelling: tuple[str, ...]) -> int | None:
    """Where the ``spelling`` ends that begins at ``start``, or None."""
    left = list(spelling)
    end = start
    for _ in range(_LONGEST):
        word = _WORD.search(text, end, end + _LONGEST_WORD)
        if word is None or word.start() - end > 2 or "\n" in text[end : word.start()]:
            return None
        whole = word[0]
        pieces = [whole] if len(spelling) == 1 and "-" not in whole else whole.split("-")
        at = word.start()
        for piece in pieces:
            bare = _folded(piece.removesuffix("'s"))
            if not left:
                # "Reykjavik-State": the name ends where its words do; "Paris-based" is none.
                return at - 1 if piece[:1].isupper() else None
            if bare != left[0]:
                return None
            left.pop(0)
            at += len(piece) + 1
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
