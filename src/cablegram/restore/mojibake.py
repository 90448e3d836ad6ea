"""Ordinary mojibake (text decoded with the wrong code page), found with ftfy and told as edits."""

from __future__ import annotations

import re
from typing import Final

from cablegram.spans import Edit

# The characters that the lead bytes of UTF-8 turn into under Latin-1 and Windows-1252.
_LEAD_LETTERS: Final = "ÂÃâÐÑÅÄ"
_LEADS: Final = re.compile(f"[{_LEAD_LETTERS}]")
_TOKEN: Final = re.compile(r"\S{1,200}")
_MOST: Final = 2000


def find_mojibake(text: str, start: int, end: int) -> list[Edit]:
    """Edits for wrongly decoded words in ``text[start:end]``, one a word, sorted.

    The rule name is ``mojibake:`` and ftfy's own steps; at most 2,000 words of a text are tried.
    """
    # One fast scan a character beats one slow scan for the class.
    if not any(lead in text for lead in _LEAD_LETTERS):
        return []
    first = _LEADS.search(text, start, end)
    if first is None:
        return []
    # Imported on need: it costs more than the rest of the package, and most texts have nothing for it.
    import ftfy

    out: list[Edit] = []
    at = first.start()
    tried = 0
    while tried < _MOST:
        match = _LEADS.search(text, at, end)
        if match is None:
            break
        low = max(start, match.start() - 100, at)
        begin = max(text.rfind(" ", low, match.start()), text.rfind("\n", low, match.start()), low - 1) + 1
        token = _TOKEN.match(text, begin, end)
        if token is None:
            break
        tried += 1
        fixed, plan = ftfy.fix_encoding_and_explain(token[0])
        if fixed != token[0] and plan:
            steps = "+".join(f"{step.action}-{step.parameter}" for step in plan)
            out.append(Edit((begin, token.end()), token[0], fixed, f"mojibake:{steps}", 0.9))
        at = token.end()
    return out
