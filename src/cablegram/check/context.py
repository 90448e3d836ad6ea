"""Which post a bare telegram number is of: the one that the sentence speaks of, or the sentence to which a note belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cablegram.check.findings import Stretch, stretch_at
from cablegram.check.parts import Reading
from cablegram.check.phrases import BREAK
from cablegram.check.senders import STATE, Sender

_REACH: Final = 300
_AHEAD: Final = 120
_OFFICE_WORDS: Final = re.compile(r"\b(?:embassy|ambassador|consulate|consul|mission|charg|post|legation)", re.IGNORECASE)
#: Before a post to which something is sent or said.
_OBJECT: Final = re.compile(
    r"\b(?:to|told|tells|informed|informs|asked|asks|asking|instructed|instructs|instructing|advised|directed|authorized|authorised|warned|requested|reminded|queried|for|with|against)(?: the)? \Z"
)
#: Behind the Department where it acts.
_ACTS: Final = re.compile(
    r",?(?: (?:also|then|again|later|soon|promptly|in turn|first|had|has|itself|thereupon|accordingly|did not)){0,2} (?:informed|told|asked|instructed|sent|wrote|replied|answered|said|cabled|directed|requested|advised|"
    r"warned|noted|reported|repeated|explained|agreed|proposed|suggested|authorized|authorised|approved|responded|expressed|stated|reminded|transmitted|forwarded|concurred|summarized|acknowledged|"
    r"rejected|ordered|thanked|objected|commented|emphasized|stressed|provided|issued|announced|added|in|on)\b"
)
#: No post but the Department sent so many telegrams in a year.
ONLY_DEPARTMENT: Final = 100_000


class Context:
    """The posts of which the sentences of one text speak."""

    def __init__(self, reading: Reading, stretches: Sequence[Stretch]) -> None:
        self._reading = reading
        self._text = reading.text
        self._stretches = stretches

    def post(self, at: int, serial: int | None = None) -> Sender | None:
        """The post that sent what is spoken of at ``at``; None where no sentence tells."""
        text = self._text
        stretch = stretch_at(self._stretches, at)
        for end, low in ((at, stretch.start if stretch else 0), (stretch.anchor if stretch is not None else None, 0)):
            if end is None:
                continue
            known = [
                one
                for one in self._reading.senders_before(end, 6, _REACH)
                if one.start >= low and "\n" not in text[one.end : end]
            ]
            department = next((one for one in known if one.posts == (STATE,) and one.office), None)
            if serial is not None and serial >= ONLY_DEPARTMENT and department is not None:
                return department
            acting = [one for one in known if (self._acts(one) if one.posts == (STATE,) else one.office)]
            subjects = [one for one in acting if _OBJECT.search(text[max(0, one.start - 16) : one.start]) is None]
            offices = [one for one in subjects or acting if one.posts != (STATE,) or one in subjects]
            if offices:
                return offices[0]
            if known and _OFFICE_WORDS.search(text, max(low, end - _REACH), end):
                others = [one for one in known if one.posts != (STATE,)]
                if others:
                    return others[0]
        return self._behind(at)

    def _behind(self, at: int) -> Sender | None:
        """The post that the rest of the sentence names as the sender: "telegrams 101 and 103 reached Washington from Praia"."""
        end = BREAK.search(self._text, at, at + _AHEAD)
        for one in self._reading.senders_in(at, end.start() if end is not None else at + _AHEAD):
            if self._text[max(0, one.start - 9) : one.start].endswith(("from ", "from the ")) and one.posts != (STATE,):
                return one
        return None

    def _acts(self, one: Sender) -> bool:
        return one.office and _ACTS.match(self._text, one.end) is not None
