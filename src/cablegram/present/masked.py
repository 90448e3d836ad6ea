"""What every page, print and export of a masked archive says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cablegram.archive.archive import Masked

#: What each group of kinds is called where it is said that it is masked.
_CALLED: Final = {"names": "protected names", "persons": "names of private persons", "numbers": "their numbers"}
#: What masking is not (docs/protection.md says more).
LIMITS: Final = "It takes out what rules find: whoever is described and not marked, or named in another cable, stays."


def groups_in_words(groups: tuple[str, ...]) -> str:
    """``protected names, names of private persons and their numbers``."""
    told = [_CALLED.get(group, group) for group in groups]
    if told == [_CALLED["numbers"]]:
        return "numbers of persons"
    return " and ".join(part for part in (", ".join(told[:-1]), told[-1]) if part) if told else "nothing"


def told_of(masked: Masked) -> str:
    """One or two sentences: what is masked, and what that does not promise."""
    return f"Masked: {groups_in_words(masked.groups)} are replaced by marks. {LIMITS}"
