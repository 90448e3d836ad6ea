"""A draft letter that asks for ghosts: under the Freedom of Information Act, or for a mandatory declassification review.

It names each cable as far as the archive knows it and says whence, so that who searches can find it and who doubts can check. What only the
writer knows stands in square brackets. It is a draft: no legal advice, and nothing is sent.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import date
from typing import Final

from cablegram.study.ghosts import Ghost
from cablegram.vocabulary.posts import resolve

#: What is asked under which law: the subject, and the sentence that asks.
KINDS: Final = {
    "foia": (
        "Freedom of Information Act request",
        "Under the Freedom of Information Act, 5 U.S.C. 552, I request copies of the telegrams listed below, with any enclosures. If a part is exempt, please "
        "release all that can be segregated, mark each deletion with its exemption where it was made, and tell me how much was withheld.",
    ),
    "mdr": (
        "Mandatory declassification review",
        "Under section 3.5 of Executive Order 13526 I request a mandatory declassification review of the telegrams listed below, and copies of all that can be "
        "released. If a part remains classified, please cite the exemption for each deletion.",
    ),
}
#: Telegrams in one letter: an agency may call more unduly burdensome, and a reader would not check them.
MOST: Final = 100
_MOST_CITING: Final = 4
#: Permanent records of these years' central files are at the National Archives (Record Group 59).
_ARCHIVED: Final = range(73, 80)


def draft(ghosts: Iterable[Ghost], kind: str, today: date) -> str:
    """The letter, as plain text of lines below 90 characters where no name is longer; ``kind`` is one of :data:`KINDS`, the day is
    the letter's date. ``KeyError`` for another kind."""
    subject, asked = KINDS[kind]
    wanted = list(ghosts)
    out = [
        "[Your name]", "[Your address]", "", f"{today.day} {today:%B %Y}", "",
        "[The agency's office for such requests; its page tells the address and the form]", "",
        f"Re: {subject}: {len(wanted)} State Department telegram{'' if len(wanted) == 1 else 's'}", "",
        *_wrapped(asked), "",
        *_wrapped(
            "Each is cited by number in a telegram that has been released, named beside it. Dates and classification were not seen: they are estimated, the first from "
            "the dates of the same post's neighbouring numbers, the second from the telegrams that cite it."
        ),
    ]  # fmt: skip
    for n, ghost in enumerate(wanted, 1):
        out += ["", *_item(n, ghost)]
    if any(int(ghost.cable[:2]) in _ARCHIVED for ghost in wanted if ghost.cable[:2].isdigit()):
        out += ["", *_wrapped(
            "Telegrams of 1973 to 1979 belong to the Central Foreign Policy Files, Record Group 59, which the National Archives hold: [send the request for those to "
            "the National Archives, or ask that it be referred there]."
        )]  # fmt: skip
    out += [
        "", *_wrapped("[Fee category, the most you are willing to pay, and whether you ask for a waiver, with the reason.]"), "",
        *_wrapped("If the request is unclear or too broad, please write to me before closing it."), "", "Sincerely,", "", "[Your name]",
    ]  # fmt: skip
    return "\n".join(out) + "\n"


def _item(number: int, ghost: Ghost) -> list[str]:
    post = resolve(ghost.post) if ghost.post is not None else None
    sender = post.name if post is not None else ghost.post or "sender not known"
    lines = [f"{number:>3}. {ghost.cable}: {sender}" + (f", telegram {ghost.serial}" if ghost.serial is not None else "")]
    told: list[str] = []
    dating = ghost.dating.to_dict() if ghost.dating is not None else None
    if dating is not None:
        told.append(f"Probably sent between {dating['from']} and {dating['to']}.")
        if dating["doubt"]:
            told.append(f"In doubt: {dating['doubt']}.")
    if ghost.titles:
        told.append(f"Called: {'; '.join(ghost.titles[:3])}.")
    if ghost.likely_classification is not None:
        told.append(f"Telegrams that cite it are mostly {ghost.likely_classification}.")
    more = f" and {ghost.citations - _MOST_CITING} more" if ghost.citations > _MOST_CITING else ""
    told.append(f"Cited by {', '.join(ghost.cited_by[:_MOST_CITING])}{more}.")
    return [*lines, *(f"     {line}" for line in _wrapped(" ".join(told), 80))]


def _wrapped(text: str, width: int = 88) -> list[str]:
    # What cables call each other is a stranger's text: no character of it may steer a terminal.
    plain = "".join(c if c.isprintable() else " " for c in text)
    return textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False)
