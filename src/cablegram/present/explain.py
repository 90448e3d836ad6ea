"""Words for what a record carries: codes of the wire, kinds of lines, rules of repair, diagnostics."""

from __future__ import annotations

from typing import Final

from cablegram.vocabulary import tags, terms
from cablegram.vocabulary.posts import by_routing

#: What each kind of line (leaf of the tree) is, in a few words.
LINES: Final = {
    "prelude": "put there before the telegram by a publisher", "transmission-id": "number of the transmission (ACP 127 line 1)",
    "routing": "precedence and routing indicators of the stations that were to get it (line 2)",
    "de": "from: sending station, its serial, day of the year and time of filing (line 3)",
    "security": "ZNY: classified, ZNR: unclassified (line 4)",
    "date-time-group": "precedence, then day and time in UTC, month, year (line 5)", "from": "the sending post (line 6)",
    "action": "addressees who are to act (line 7)", "info": "addressees who are to know (line 8)",
    "excluded": "members of a collective address that are left out", "distribution": "who in the Department got copies",
    "message-number": "the Department's own message number", "drafting": "who drafted, cleared and approved",
    "date-line": "a date put there by a publisher", "archive-note": "a note of the archive", "notice": "a notice of the publisher",
    "banner": "classification at the head or foot of a printed page", "page": "of the page around the telegram",
    "classification": "classification, section, post, message number", "caption": "handling caption",
    "corrected-copy": "this is a corrected copy", "passing": "to whom it is to be passed", "preamble-note": "a note before the text",
    "eo": "executive order, and when the text may be declassified", "tags": "TAGS: countries, subjects, people",
    "subject": "the subject line", "ref": "references to other messages", "classified": "who classified it, and why",
    "pilcrow": "paragraph sign of the message system", "indent": "indent", "number": "paragraph number",
    "marking": "portion marking: the classification of this paragraph", "text": "text", "redaction": "blacked out by the publisher",
    "block-end": "end of a summary, comment or note", "heading": "heading", "rule": "a ruled line", "blank": "blank line",
    "section-break": "put in by the message system between sections", "section-header": "head of the next section",
    "stray-caption": "a caption put in by mistake", "signature": "surname of whoever was in charge, not of the author",
    "footer": "end of the message", "end-mark": "end of the message", "end-junk": "rest of the transmission",
    "unknown": "no rule reads this line",
}  # fmt: skip

#: Rules of repair in plain words (docs/restoration.md).
RULES: Final = {
    "comma-for-apostrophe": "a comma stood for an apostrophe",
    "plural-possessive": "the comma may stand for an apostrophe",
    "ampersand-quotation": "& and 8 stood for quotation marks",
    "unpaired-quotation": "the & may stand for a quotation mark",
    "bracket-for-dash": "a bracket stood for a dash",
    "q-for-apostrophe": "a Q stood for an apostrophe",
    "question-mark-for-apostrophe": "a question mark stood for an apostrophe",
}


def rule_in_words(rule: str) -> str:
    """A rule of repair in plain words; its name where there are none."""
    if rule.startswith("mojibake"):
        return "characters decoded with the wrong code page"
    return RULES.get(rule, rule.replace("-", " "))


def tag_in_words(code: str) -> str | None:
    """What a TAGS code stands for, or None."""
    tag = tags.lookup(code)
    return tag.meaning if tag is not None else None


def caption_in_words(caption: str) -> str | None:
    """What a handling caption means, or None."""
    term = terms.lookup("caption", caption)
    return term.meaning if term is not None else None


def order_in_words(number: str | None) -> str | None:
    """What an executive order on classification set, or None."""
    term = terms.lookup("order", number) if number else None
    return term.meaning if term is not None else None


def exemption_in_words(code: str) -> str | None:
    """What a code on the E.O. line means, or None."""
    term = terms.lookup("declassification", code)
    return term.meaning if term is not None else None


#: 5 FAH-2 H-311: how fast a message of each precedence was to be handled.
PRECEDENCES: Final = {
    "FLASH": "to be handled at once, before all others", "NIACT IMMEDIATE": "night action: the duty officer is called at any hour",
    "IMMEDIATE": "to be acted on during the same day", "PRIORITY": "to be read early in the next working day",
    "ROUTINE": "to be handled in the ordinary course of work",
}  # fmt: skip


def routing_in_words(indicator: str | None) -> str | None:
    """Which post a routing indicator (ACP 117) is of, or None."""
    post = by_routing(indicator) if indicator else None
    return post.name if post is not None else None
