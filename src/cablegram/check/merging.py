"""Two names of one cable in one citation are one finding."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from cablegram.check.findings import Finding

_BREAK: Final = re.compile(r"[.!?][\"')\]]* (?=[A-Z\"(])")
_LONGEST: Final = 200


def merged(text: str, found: list[Finding]) -> list[Finding]:
    """The same cable named twice in one citation (``Praia 101 ... 07PRAIA101``) is one."""
    out: list[Finding] = []
    for one in found:
        last = out[-1] if out else None
        if last is not None and one.start < last.end and one.posts == last.posts and one.serial == last.serial:
            if one.form == "id" and last.form != "id" and last.yy is None:
                out[-1] = replace(last, yy=one.yy)
            continue
        if last is not None and _is_same(text, last, one):
            merged = replace(
                last, end=max(one.end, last.end), yy=last.yy if last.yy is not None else one.yy, date=last.date or one.date, title=last.title or one.title,
                level=last.level or one.level, paragraphs=last.paragraphs + one.paragraphs, posts=one.posts if len(last.posts) > 1 else last.posts,
            )  # fmt: skip
            out[-1] = merged
            continue
        out.append(one)
    return out


def _is_same(text: str, last: Finding, one: Finding) -> bool:
    if (
        "id" not in (last.form, one.form)
        or last.form == one.form
        or last.serial != one.serial
        or not set(last.posts) & set(one.posts)
    ):
        return False
    between = text[last.end : one.start]
    if (
        len(between) > _LONGEST
        or not set(';\n)"').isdisjoint(between)
        or _BREAK.search(between) is not None
        or (last.date is not None and one.date is not None and last.date != one.date)
    ):
        return False
    return not (last.yy is not None and one.yy is not None and last.yy != one.yy)
