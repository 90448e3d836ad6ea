"""Places in lists, as clients hold them: opaque, bound to the list they are of, checked when they come back."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, Final

import msgspec

from cablegram.errors import CablegramError

_LONGEST: Final = 1024
_CHECK: Final = 6
_KIND: Final = b"cablegram cursor 1"


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """Behind ``last``, which was number ``offset`` - 1 of ``total`` when the archive was in ``state``; ``list`` says of which list."""

    list: bytes
    state: str
    offset: int
    total: int
    last: str


def name_of(*what: Any) -> bytes:
    """A short name of a list: its kind, query and order."""
    return hashlib.blake2b(msgspec.msgpack.encode(what), digest_size=8).digest()


def _check(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECK, key=_KIND).digest()


def to_text(cursor: Cursor) -> str:
    """``cursor`` as it stands in an address."""
    data = msgspec.msgpack.encode(cursor)
    return base64.urlsafe_b64encode(_check(data) + data).decode().rstrip("=")


def from_text(text: str | None, name: bytes) -> Cursor | None:
    """The inverse of :func:`to_text`, None for None. ``CablegramError`` where ``text`` is none of ours, or of another list than ``name``.

    It is checked against slips, not sealed: whoever makes one up gets a place in the same list, which they may read anyway.
    """
    if text is None:
        return None
    try:
        if len(text) > _LONGEST or not text.isascii():
            raise ValueError
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if _check(data[_CHECK:]) != data[:_CHECK]:
            raise ValueError
        cursor = msgspec.msgpack.decode(data[_CHECK:], type=Cursor)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise CablegramError("cursor: is no place in a list; take `next` of the page before, or leave it out to begin") from None
    if cursor.list != name:
        raise CablegramError("cursor: is of another list; keep query and order the same from page to page")
    if not 0 <= cursor.offset < 2**31 or not 0 <= cursor.total < 2**31:
        raise CablegramError("cursor: is no place in a list; take `next` of the page before, or leave it out to begin")
    return cursor
