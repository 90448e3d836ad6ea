"""How to read a cable: an invented telegram, piece by piece, each with what a newcomer should know of it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple


class Said(NamedTuple):
    """What is said of a piece of the telegram, which begins at the line that starts with ``at``."""

    at: str
    title: str
    text: str


SAID: Final = (
    Said("VZCZC", "A number for the wire", "The message system’s own number for this transmission. It has nothing to do with the cable’s number, and changes when the cable is sent again."),
    Said("PP ", "Stations on the way", "Precedence, doubled (PP: priority), and the routing indicators of the stations that were to relay it. An indicator such as RUEHPA stands for a station, not for a person."),
    Said("DE ", "From which station, and when", "DE means “from”. RUEHNK is the station of the embassy; 1143 the serial number, cut to four digits; 291 1122 the 291st day of the year, 11:22 UTC, when it was handed in."),
    Said("ZNY", "May it be sent in clear?", "ZNY: what follows is classified, and the letter repeated five times says how (C, confidential). An unclassified cable has ZNR UUUUU. Operators went by this line and not by the words below."),
    Said("P 18", "The date-time group", "The one reliable date: precedence (P, priority), day and time in UTC, month, year. Dates on archive pages are copied from here, sometimes wrongly; the hour at the post was another."),
    Said("FM ", "Who sends", "FM: from. Always a post, in the name of its chief; never a person."),
    Said("TO ", "Who is to act", "Action addressees; the Department (SECSTATE WASHDC) is nearly always among them. The number at the end is the message continuity number: the 6,920th message from this post to this addressee. A gap in these numbers shows that something was sent which you do not have."),
    Said("INFO ", "Who is to know", "Those who get it to read. Who was left off is often the better question. Some names are collectives, which stand for dozens of offices."),
    Said("C O N F", "How secret, which section, which number", "The classification of the whole text in spaced letters; the section, since long cables were cut; post and message number. Year, post and number are the cable’s name: 07NOUAKCHOTT1143."),
    Said("SIPDIS", "Handling captions", "SIPDIS allowed it onto a network that other agencies could read. LIMDIS means few readers, EXDIS fewer, NODIS hardly any. A caption says who may see a text, not how secret it is. SIPDIS often stands twice, by a fault of the message system."),
    Said("E.O.", "The executive order", "Under which order it was classified, and when it was to become public: here on 18 October 2017. That day says nothing of whether anyone has released it."),
    Said("TAGS", "TAGS", "Traffic Analysis by Geography and Subject, the filing codes: PGOV internal politics, PREL relations, EFIS fishing, MR Mauritania. The drafter chose them, so two cables on one matter may have none in common."),
    Said("SUBJECT", "The subject", "Written to be noticed on a crowded morning, and now and then to be enjoyed."),
    Said("REF", "References", "Cables that the reader is taken to know. A is one of the post’s own, of the same year since no other is stated; “Ref A” in a text means this one. Many were never released: what is cited but nowhere to be found is a finding in itself."),
    Said("Classified By", "Who classified it, and why", "The authority, and the reasons by section 1.4 of the order: (b) foreign government information, (d) foreign relations. This is not the author either."),
    Said("1. (C)", "The summary", "Paragraphs are numbered, and a cable is quoted by them. Most readers got no further than the first. It is the drafter’s choice of what mattered. The comma in “minister,s” and the signs around “old captains” are damage: message systems of these years turned apostrophes into commas, and quotation marks into & and 8. The reading room shows the text restored, with every repair on demand."),
    Said("-----", "Headings", "Between ruled lines, because nothing could be made bold."),
    Said("2. (C)", "Portion markings", "Each paragraph says how secret it is by itself: (U), (SBU), (C), (S). A confidential cable may be mostly unclassified, and what stands below its banner is the first that can be asked for. What one person told another, and notes in brackets, are kept apart."),
    Said("NOUAKCHOTT 0000", "Between two sections", "Where a long cable was cut the system put in a line of its own, here in the middle of a sentence. It is no part of the text."),
    Said("3. (SBU)", "Sensitive, not secret", "(SBU), sensitive but unclassified, is no level of the executive order: a control on who gets to see it."),
    Said("-------", "The comment", "The post’s own opinion begins where it says so. What stands before is, or should be, what was seen and heard; the comment is what the post makes of it, and would like Washington to make of it. SEPTEL: by a separate telegram."),
    Said("MCALLISTER", "The surname at the end", "Of whoever was in charge of the post that day: the ambassador, or the chargé d’affaires. The drafter, who wrote it, and those who cleared it stand on a line that most releases leave out. Never cite this name as the author."),
)  # fmt: skip

#: What no cable tells.
NOT_TOLD: Final = (
    ("Who wrote it.", "Drafters, and those who cleared a text, are seldom in what was released."),
    ("Whether it is true.", "A cable reports what was said to a diplomat, by someone who may have known that it would be passed on."),
    ("Who read it.", "Addressees are those to whom it was sent. Whether they read it stands elsewhere, if anywhere."),
    ("What went other ways.", "By telephone, letter, memorandum, another network: a silence in the cables is not a silence."),
    ("How much is missing.", "Posts numbered what they sent; an archive holds some of the numbers. A rise in what is held is no rise in what happened."),
)  # fmt: skip


class Part(NamedTuple):
    """Some lines of the example, and what is said of them."""

    anchor: str
    text: str
    title: str
    said: str


def example() -> str:
    """The invented telegram of the guide."""
    return (files("cablegram.web") / "data" / "example.txt").read_text(encoding="utf-8")


@cache
def parts() -> tuple[Part, ...]:
    """The example in pieces, in order; joined by line feeds they are the example."""
    pieces: list[list[str]] = []
    said = iter(SAID)
    following: Said | None = next(said)
    found: list[Said] = []
    for line in example().rstrip("\n").split("\n"):
        if following is not None and line.startswith(following.at):
            pieces.append([])
            found.append(following)
            following = next(said, None)
        pieces[-1].append(line)
    return tuple(
        Part(f"g{n}", "\n".join(piece), one.title, one.text) for n, (piece, one) in enumerate(zip(pieces, found, strict=True), 1)
    )
