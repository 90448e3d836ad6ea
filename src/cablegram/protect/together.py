"""Masking records of one cable that come from several collections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cablegram.cable import Cable
from cablegram.protect.copy import founds
from cablegram.protect.masking import masked


def masker(kinds: Iterable[str]) -> Callable[[Sequence[Cable]], list[Cable]]:
    """What masks the ``kinds`` in all records of one cable: whom one of them asks to protect is protected in all, or what one collection
    masks would stand beside it in the other."""
    wanted = frozenset(kinds)

    def mask(cables: Sequence[Cable]) -> list[Cable]:
        return [masked(cable, wanted, found=found) for _, cable, found in founds(list(enumerate(cables)))]

    return mask
