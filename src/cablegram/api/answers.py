"""How a value becomes an answer: JSON in bytes, its ETag, and answers that are kept until the archive changes."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from typing import Any, Final, NamedTuple

import msgspec
from fastapi import Request, Response

from cablegram.archive.archive import Archive

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
#: Of a program's own cache, to be asked about before use: what an archive holds changes when its owner adds to it.
_CACHE: Final = "private, no-cache"
_MOST_BYTES: Final = 64_000_000
_LONGEST: Final = 8_000_000
_TAG: Final = re.compile(r'(?:W/)?("[^"]{0,100}")')
_encoder: Final = msgspec.json.Encoder()


class Body(NamedTuple):
    """The body of an answer: its bytes, its media type, its ETag."""

    data: bytes
    kind: str
    tag: str


def encoded(value: Any) -> bytes:
    """``value`` as JSON in UTF-8. A lone surrogate, which UTF-8 has not, is escaped."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def state(archive: Archive) -> str:
    """What changes whenever anything is put in, taken up by the index, or read again."""
    rows = archive.store.db.execute("SELECT value FROM meta WHERE key IN ('clock', 'indexed', 'index') ORDER BY key")
    return "/".join(str(value) for (value,) in rows)


class Kept:
    """Bodies of answers by address, each as long as the archive's state is the one that it was made in; the longest unused goes first."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._bodies: OrderedDict[bytes, tuple[str, Body]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, address: bytes, state: str) -> Body | None:
        """The body for an address."""
        with self._guard:
            found = self._bodies.get(address)
            if found is None or found[0] != state:
                return None
            self._bodies.move_to_end(address)
            return found[1]

    def put(self, address: bytes, state: str, body: Body) -> None:
        """Keep a body that was made when the archive was in ``state``."""
        size = len(address) + len(body.data)
        if size > min(_LONGEST, self._most):
            return
        with self._guard:
            before = self._bodies.pop(address, None)
            self._bytes += size - (len(address) + len(before[1].data) if before is not None else 0)
            self._bodies[address] = (state, body)
            while self._bytes > self._most:
                old, (_, gone) = self._bodies.popitem(last=False)
                self._bytes -= len(old) + len(gone.data)


def address_of(scope: Any) -> bytes:
    """What is asked for: path and query."""
    path: str = scope["path"]
    query: bytes = scope.get("query_string", b"")
    return path.encode("utf-8", "surrogatepass") + b"?" + query


def reply(request: Request, value: Any, kind: str = JSON, *, keep: bool = True) -> Response:
    """The answer with ``value``: bytes as they are, anything else as JSON. ``keep=False``: it does not depend on the archive alone."""
    data = value if isinstance(value, bytes) else encoded(value)
    body = Body(data, kind, '"' + hashlib.blake2b(data, digest_size=15).hexdigest() + '"')
    if keep:
        request.scope["kept"].put(address_of(request.scope), request.scope["archive_state"], body)
    return answer(body, request.headers.get("if-none-match"))


def answer(body: Body, known: str | None) -> Response:
    """``body`` as a response; 304 where the client's ``If-None-Match`` (RFC 9110, 13.1.2) names it."""
    # Weak: the same bytes are sent plain and compressed.
    headers = {"etag": f"W/{body.tag}", "cache-control": _CACHE}
    if known is not None and (known.strip() == "*" or body.tag in _TAG.findall(known)):
        return Response(status_code=304, headers=headers)
    return Response(body.data, media_type=body.kind, headers=headers)
