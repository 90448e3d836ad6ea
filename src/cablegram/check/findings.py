"""What the finder finds: citations by their places, and the pieces of the text in which they stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from cablegram.check.moments import Moment
from cablegram.check.senders import Sender


@dataclass(frozen=True, slots=True)
class Finding:
    """A citation in the even text, ``[start, end)``. ``form``: ``id`` (07PRAIA101), ``number`` (Praia 101), ``context`` (cable 101, the post
    named elsewhere in the sentence), ``short`` (Praia 101 after a full one), ``name`` (what it is called elsewhere), ``ibid``, ``date`` (post and
    date without a number; ``serial`` is None). ``posts``: codes that may be meant; ``yy`` the two-digit year where the number has one. ``same``:
    what an ``ibid`` or a ``name`` repeats, by place in the list of findings; -1 where that is not sure, with ``others`` to choose from.
    ``sender``: a post named beside a whole id."""

    start: int
    end: int
    form: str
    posts: tuple[str, ...]
    serial: int | None
    yy: int | None = None
    date: Moment | None = None
    title: tuple[str, int, int] | None = None
    level: str | None = None
    paragraphs: tuple[tuple[int, int], ...] = ()
    sender: Sender | None = None
    same: int | None = None
    others: tuple[int, ...] = ()
    strong: bool = field(default=True, compare=False)

    @property
    def key(self) -> tuple[tuple[str, ...], int | None]:
        """Post and number, by which short forms are known again."""
        return self.posts, self.serial


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the even text: ``[start, end)``, whether it is a note, where the text refers to it, whether it is a
    quotation that is set off."""

    start: int
    end: int
    note: bool
    anchor: int | None = None
    quote: bool = False


def stretch_at(stretches: Sequence[Stretch], at: int) -> Stretch | None:
    """The stretch in which a character stands; they must be in order."""
    n = bisect_right(stretches, at, key=lambda one: one.start) - 1
    return stretches[n] if n >= 0 and at < stretches[n].end else None


def apart(found: list[Finding]) -> list[Finding]:
    """Findings without those of which another one has a part; whole ids stay."""
    out: list[Finding] = []
    for one in found:
        last = out[-1] if out else None
        if last is not None and last.start < one.start < last.end and one.form != "id" and one.serial != last.serial:
            continue
        out.append(one)
    return out
