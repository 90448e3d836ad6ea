"""Cells of the tables that leave as CSV and are opened in spreadsheets: none of them is run as a formula, and none loses what it says."""

from __future__ import annotations

import re
from typing import Any, Final

#: Where a spreadsheet may begin to reckon; blanks and line ends before it do not keep it from that (OWASP, "CSV Injection").
#: The apostrophes are those of :func:`cell`: one that a text has itself must not be taken for it.
_FORMULA: Final = re.compile(r"'*(?:[\s\x00]*[=+\-@＝＋－＠]|[\t\r])")


def cell(value: Any) -> str | int | float:
    """A value as it may stand in a cell: a text that looks like a formula has an apostrophe before it, as spreadsheets themselves write it.

    :func:`uncelled` takes it away again. Numbers stay numbers, None is empty.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def uncelled(text: str) -> str:
    """The text that :func:`cell` was given: without the apostrophe before what looks like a formula, and in all other cells as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
