"""The brake on guessing, of passwords and of tokens alike, and by what clients are told apart. In memory only; to be used on the event loop."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from starlette.types import Scope


def told(wait: float) -> tuple[str, dict[str, str]]:
    """A pause of ``wait`` seconds in one line, and the header that says the same (RFC 9110, 10.2.3)."""
    minutes = math.ceil(wait / 60)
    message = f"Too many wrong tries. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
    return message, {"retry-after": str(math.ceil(wait))}


class Brake:
    """Slows guessing: after ``most`` wrong tries in a minute a pause, of a minute first, twice as long each time.

    ``first``, ``longest``: seconds of pause. ``most_keys``: addresses remembered; the one that was quiet longest is forgotten first.
    """

    WINDOW: Final = 60.0
    FORGET: Final = 3600.0  # seconds after a pause until it no longer counts

    def __init__(
        self, most: int, *, first: float = 60.0, longest: float = 900.0, most_keys: int = 1024, clock: Callable[[], float]
    ) -> None:
        self._most, self._first, self._longest, self._most_keys = most, first, longest, most_keys
        self._clock = clock
        self._kept: OrderedDict[str, _Tries] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def wait(self, key: str) -> float:
        """Seconds until ``key`` may try again; 0: now."""
        tries = self._kept.get(key)
        return 0.0 if tries is None else max(0.0, tries.until - self._clock())

    def count(self, key: str) -> None:
        """A try begins. It counts as wrong until ``good`` is called, so that many at once do not slip through."""
        now = self._clock()
        tries = self._kept.get(key)
        if tries is None or (tries.pauses and now - tries.until > self.FORGET):
            tries = self._kept[key] = _Tries()
        self._kept.move_to_end(key)
        tries.times = [then for then in tries.times if now - then < self.WINDOW]
        tries.times.append(now)
        if len(tries.times) >= self._most:
            tries.times.clear()
            tries.until = now + min(self._longest, self._first * 2.0 ** min(tries.pauses, 30))
            tries.pauses += 1
        while len(self._kept) > self._most_keys:
            self._kept.popitem(last=False)

    def good(self, key: str) -> None:
        """The try was right: forget ``key``."""
        self._kept.pop(key, None)


class _Tries:
    __slots__ = ("pauses", "times", "until")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.until = 0.0
        self.pauses = 0


def reader_key(scope: Scope) -> str:
    """Who reads: as :func:`client_key`; but all who come by a proxy on this machine have its address, so there it is who signed in."""
    session = scope.get("state", {}).get("session")
    address = _address(scope)
    return f"session {session}" if session is not None and address is not None and address.is_loopback else client_key(scope)


def client_key(scope: Scope) -> str:
    """Who tries: an IPv4 address, or the /64 of an IPv6 one, as that is what one household or machine is given (RFC 6177)."""
    address = _address(scope)
    if address is None:
        client = scope.get("client")
        return str(client[0])[:64] if client else "unknown"
    return f"{int(address) >> 64:x}/64" if isinstance(address, IPv6Address) else str(address)


def _address(scope: Scope) -> IPv4Address | IPv6Address | None:
    """The client's address, one of IPv4 also where it is written as one of IPv6."""
    client = scope.get("client")
    if not client:
        return None
    try:
        address = ip_address(client[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
