"""What must hold for every text there is: nothing raised, nothing lost, every repair undone."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

import cablegram
from cablegram.spans import replay, undo

# Pieces that make the parser's rules fire, mixed with anything else there is.
PIECES = [
    "VZCZCXRO1595\n", "PP RUEHLH RUEHPW\n", "OO RUEHWEB\n\n", "DE RUEHKP #0861/01 3480626\n", "ZNY CCCCC ZZH\n",
    "P 140626Z DEC 07\n", "FM AMCONSUL KARACHI\n", "TO RUEHC/SECSTATE WASHDC PRIORITY 0214\n", "INFO RUEHLO/AMEMBASSY LONDON\n",
    "RUEHLP/AMEMBASSY LA PAZ FEB 4470\n", "C O N F I D E N T I A L SECTION 01 OF 02 KARACHI 000861 \n", "S E C R E T LIMA 000001\n",
    "SIPDIS\n", "NOFORN\n", "E.O. 12958: DECL: 12/14/2017\n", "EO 12958 DECL: N/A TAGS: PREL\n", "TAGS: PGOV PREL PK\n",
    "SUBJECT: A TEST\n", "REF: A. 06 LIMA 12 B. STATE 3\n", "¶B. LIMA 4\n", "Classified By: Ambassador Jane Roe, reasons 1.4 (b)\n",
    "1. (C) SUMMARY: ", "2. (S/NF) ", "¶3. (SBU) ", "2007. ", "7, (U) ", "(C) 4. ", "B. (S/NF) ", "LIMA 00000861 002 OF 002\n",
    "and LIMA 00000861 001.2 OF 002 then", "Heading\n-------\n", "---------------- -----\n", "//TITLE//\n", "-- a point\n", " ) ",
    "People,s ", "&quoted,8 ", "END SUMMARY.", "End\nComment. ", "BEGIN TEXT:\n", "XXXXXXXXXXXX", "ROE\n", "NNNN\n", "PAGE 02 LIMA 00123 010203Z\n",
    "This record is a partial extract of the original cable.\n", "\n", "\n\n", " \n", "\r\n", "\t", "\x00", "\u2028", "\U0001f600",
    "Caf\u00c3\u00a9", "Identifier\nCreated\n", "<code><pre>", "Message Text\n", "Message Attributes\n", "Locator: TEXT ON-LINE\n",
]  # fmt: skip

texts = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=40).map("".join),
)


@given(texts)
@settings(max_examples=400, deadline=None)
def test_every_character_is_in_exactly_one_leaf(text: str) -> None:
    """Joining the leaves gives the text back; their spans tile it."""
    cable = cablegram.parse(text)
    at = 0
    for leaf in cable.tree.leaves():
        assert leaf.span[0] == at
        assert leaf.text == text[leaf.span[0] : leaf.span[1]]
        at = leaf.span[1]
    assert at == len(text)


@given(texts)
@example("¶")
@settings(max_examples=400, deadline=None)
def test_edits_replay_and_undo(text: str) -> None:
    """Replaying gives a text that holds the restored body; undoing gives the original back."""
    cable = cablegram.parse(text)
    for edit in cable.edits:
        assert text[edit.span[0] : edit.span[1]] == edit.original
    restored = replay(text, cable.edits)
    assert undo(restored, cable.edits) == text
    if cable.text is not None and cable.tree.leaves() is not None and not _is_page(cable):
        assert cable.text in restored
    for paragraph in cable.paragraphs:
        assert cable.text is not None
        assert paragraph.text in cable.text


def _is_page(cable: cablegram.Cable) -> bool:
    return any(leaf.kind == "page" for leaf in cable.tree.leaves())


@given(texts)
@settings(max_examples=200, deadline=None)
def test_record_is_plain_json(text: str) -> None:
    """The dict holds nothing but plain data, and spans lie inside the text."""
    record = cablegram.parse(text).to_dict()
    assert json.loads(json.dumps(record)) == record
    for key in ("action", "info", "references", "paragraphs", "redactions", "edits"):
        for item in record[key]:
            start, end = item["span"]
            assert 0 <= start <= end <= len(text)


@given(st.dictionaries(st.sampled_from(["id", "created", "classification", "origin", "tags", "x"]), st.text(max_size=20)))
@settings(deadline=None)
def test_any_claims_are_taken(claims: dict[str, str]) -> None:
    """Claims are a source's words: whatever they are, they end no run."""
    cable = cablegram.parse("S E C R E T LIMA 000001\nSUBJECT: A TEST\n1. (S) Text.\nROE", claims)
    assert cable.claims == claims
