"""A CSL style without what no cable asks of it.

Styles have branches for every kind of work; the processor looks through all of them for each citation. What can be known of the branches
beforehand, as all items here are of one type and have few fields, is settled once. What is left gives the same citations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The type of all items, and the fields that they may have; others are never there.
TYPE: Final = "personal_communication"
FIELDS: Final = frozenset(
    "accessed archive archive_collection archive_location archive-place author call-number genre issued locator number recipient title"
    " URL".split()
)
_CSL: Final = "{http://purl.org/net/xbiblio/csl}"
_BRANCHES: Final = (f"{_CSL}if", f"{_CSL}else-if")
_KNOWN: Final = frozenset(("type", "variable", "is-numeric", "is-uncertain-date", "match"))


def _results(branch: Any) -> Iterator[bool | None]:
    """What the single conditions of a branch give: True, False, or None where it depends on the item."""
    for kind in branch.get("type", "").split():
        yield kind == TYPE
    for name in ("variable", "is-numeric", "is-uncertain-date"):
        for field in branch.get(name, "").split():
            yield None if field in FIELDS else False
    if set(branch.attrib) - _KNOWN:
        yield None


def _holds(branch: Any) -> bool | None:
    """Whether a branch is taken, always or never; None where it depends on the item."""
    results = list(_results(branch))
    match = branch.get("match", "all")
    if match == "all":
        return False if False in results else True if None not in results else None
    is_any = True if True in results else None if None in results else False
    return is_any if match == "any" or is_any is None else not is_any


def _settle(choose: Any) -> None:
    """Take out the branches that are never taken, and those behind one that always is."""
    settled = False
    for branch in list(choose):
        holds = _holds(branch) if branch.tag in _BRANCHES else None
        if settled or holds is False:
            choose.remove(branch)
        settled = settled or holds is True
    if len(choose) and choose[0].tag != f"{_CSL}if":
        if choose[0].tag == f"{_CSL}else":
            choose[0].set("type", TYPE)
        choose[0].tag = f"{_CSL}if"


def trim(root: Any) -> None:
    """Settle the branches of the style ``root`` (an element of lxml), and take out the macros that nothing calls any more."""
    for choose in list(root.iter(f"{_CSL}choose")):
        _settle(choose)
    macros = {macro.get("name"): macro for macro in root.findall(f"{_CSL}macro")}
    called: set[str] = set()
    rim = [part for part in root if part.tag != f"{_CSL}macro"]
    while rim:
        names = {element.get("macro") for part in rim for element in part.iter() if element.get("macro")} - called
        called |= names
        rim = [macros[name] for name in names if name in macros]
    for name, macro in macros.items():
        if name not in called:
            root.remove(macro)
