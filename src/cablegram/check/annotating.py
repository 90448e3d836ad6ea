"""Annotated copies: txt and md with a remark behind each citation, Word files with comments."""

from __future__ import annotations

from typing import Final

from cablegram.check.checking import Checked
from cablegram.check.reporting import remarks, told
from cablegram.check.results import RIGHT, Citation
from cablegram.errors import CablegramError

_AUTHOR: Final = "cablegram check"


def annotated(checked: Checked) -> bytes:
    """The manuscript with what the checker has to say, in the manuscript's own form. ``CablegramError`` for forms that have no room for it."""
    manuscript = checked.manuscript
    if manuscript.kind == "docx":
        from cablegram.check.word import commented

        notes = [(one.span[0], one.span[1], _remark(one)) for one in checked.citations]
        return commented(manuscript.data, manuscript.name, notes, _AUTHOR)
    if manuscript.kind not in ("txt", "md"):
        raise CablegramError(
            f"{manuscript.name}: only txt, md and docx can be annotated; --html FILE writes a report of any form"
        )
    out: list[str] = []
    at = 0
    for one in sorted(checked.citations, key=lambda one: one.span[1]):
        end = max(at, one.span[1])
        out += (manuscript.text[at:end], f" [[{_remark(one)}]]")
        at = end
    out.append(manuscript.text[at:])
    return "".join(out).encode("utf-8", "surrogatepass")


def _remark(one: Citation) -> str:
    said = "; ".join(remarks(one))
    return told(one) + (f": {said}" if said and one.verdict != RIGHT else f" ({said})" if said else "")
