"""Who sent a telegram that another cites: a post by its name, or a word that names the sender as the citing post sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from cablegram.vocabulary import posts

#: The sender whose telegrams to posts are instructions, and whose posts say "Deptel".
DEPARTMENT: Final = "STATE"


class Citing(NamedTuple):
    """The citing cable: four-digit ``year``, canonical ``post``, ``serial``, and ``to``, the post that it asks for action where it asks
    one only; None where unknown."""

    year: int | None
    post: str | None
    serial: int | None
    to: str | None = None


#: Words for a telegram that name its sender (5 FAH-1 H-221 has the forms of today; these are older): the Department, a post by its
#: kind, the citing post (``OURTEL``), the one that it writes to (``URTEL``).
SERVICE: Final = {
    "DEPTEL": DEPARTMENT, "DEPTELS": DEPARTMENT, "DEPT": DEPARTMENT, "DEPARTMENT": DEPARTMENT,
    "EMBTEL": "embassy", "EMBTELS": "embassy", "CONGENTEL": "consulate", "CONGENTELS": "consulate", "CONTEL": "consulate", "CONTELS": "consulate",
    "MYTEL": "own", "MYTELS": "own", "OURTEL": "own", "OURTELS": "own", "MY": "own", "OUR": "own",
    "URTEL": "to", "URTELS": "to", "YOURTEL": "to", "YOURTELS": "to", "YOUR": "to",
}  # fmt: skip
#: Of these the words that any sentence has: before a number they are a sender on a REF line only, or where a word for a telegram follows.
POSSESSIVE: Final = frozenset(("MY", "OUR", "YOUR"))
WORD_FOR_IT: Final = re.compile(r"(?:['’]S)?(?:\s(?:TELS?|TELEGRAMS?|CABLES?|MESSAGES?|MSGS?))?$", re.IGNORECASE)
_WORDS: Final = re.compile(r"(?:[A-Za-z][A-Za-z.'’-]*\s{1,3}){0,3}[A-Za-z][A-Za-z.'’-]*[\s#]{1,3}$")
#: Characters that the longest name of a post and the words around it may have.
_LONGEST: Final = 60


def only(names: Sequence[str]) -> str | None:
    """The code of the one post that a telegram asks for action; None where it asks several, or none that is known."""
    post = posts.resolve(names[0]) if len(names) == 1 else None
    return post.code if post is not None else None


def sender(words: str, citing: Citing) -> str | None:
    """The code of the post that ``words`` name, seen from the citing cable: ``DEPTEL`` is the Department's, ``EMBTEL`` an embassy's own
    or, from the Department, that of the embassy it writes to. The word for a telegram may stand behind: ``STATE TEL``, ``Quito's cable``."""
    post = posts.resolve(words)
    if post is None and (tail := WORD_FOR_IT.search(words)) is not None and tail.start():
        words = words[: tail.start()]
        post = posts.resolve(words)
    if post is not None:
        return post.code
    kind = SERVICE.get(words.upper())
    if kind is None or kind == DEPARTMENT:
        return kind
    if kind in ("own", "to"):
        return citing.post if kind == "own" else citing.to
    code = citing.to if citing.post == DEPARTMENT else citing.post
    one = posts.resolve(code) if code is not None else None
    return one.code if one is not None and one.kind == kind else None


def post_before(value: str, start: int, at: int, citing: Citing) -> tuple[str, int] | None:
    """The longest run of words that ends just before ``at`` and names a post: its code and where it begins, not before ``start``."""
    low = max(start, at - _LONGEST)
    found = _WORDS.search(value, low, at)
    if found is None:
        return None
    begin = found.start()
    words = value[begin:at].split()
    if len(words) > 1 and words[-1].upper() in ("NO.", "NOS.", "NUMBER", "NUMBERS"):
        words.pop()
    while words:
        code = sender(" ".join(words).strip("# "), citing)
        if code is not None:
            return code, value.index(words[0], begin)
        begin = value.index(words[0], begin) + len(words[0])
        words.pop(0)
    return None
