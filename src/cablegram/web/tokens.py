"""The token by which programs are let in to the API: sent in a header, never in an address, compared in constant time.

It is long by rule (``Settings``), but nobody can see whether it is random too: so wrong ones are counted, client by client, and who sends too
many is not listened to for a while. There is no such count over all clients, by which strangers could keep everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cablegram.web.brake import Brake, client_key, told
from cablegram.web.security import API, header_values, problem

_HEADERS: Final = {"www-authenticate": 'Bearer realm="cablegram"', "cache-control": "no-store"}
_GIVEN: Final = "api_token_given"
#: Wrong tokens of one client in a minute, and the longest pause behind them in seconds: a program with an old token must not keep out for
#: long another one that comes from the same address.
_MOST_WRONG: Final = 10
_LONGEST_PAUSE: Final = 60.0


def was_given(scope: Scope) -> bool:
    """Whether the right token came with this request, which is to the API."""
    return bool(scope.get("state", {}).get(_GIVEN))


def refusal(scope: Scope, message: str = "the API wants a token: send the header Authorization: Bearer TOKEN") -> Response:
    """The answer to who has no token, or a wrong one (RFC 6750, 3)."""
    return problem(scope, 401, "no-token", message, _HEADERS)


class Token:
    """Asks for ``token`` at the API, if there is one. ``others``: who has none may still come with a session, which ``Auth`` sees to.

    A token that comes and is not the right one is refused always: a program that has a wrong one should know. From a client that sent
    ``_MOST_WRONG`` of them none is looked at during the pause (429), the right one neither, or the brake would be none.
    """

    def __init__(
        self, app: ASGIApp, *, token: str | None, others: bool, clock: Callable[[], float] = time.time
    ) -> None:  # fmt: skip
        self._app = app
        self._brake = Brake(_MOST_WRONG, longest=_LONGEST_PAUSE, clock=clock)
        self._digest = _digest(token) if token is not None else None
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["path"] + "/").startswith(API):
            response = self._looked_at(scope)
            if response is not None:
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _looked_at(self, scope: Scope) -> Response | None:
        given = header_values(scope, "authorization")
        if not given:
            return None if self._others or self._digest is None else refusal(scope)
        scheme, _, token = given[0].partition(" ")
        if self._digest is None:
            # Without a password everybody on this machine may read, whatever they send along.
            return (
                refusal(scope, "this server takes no token; it is started with --api-token-file to take one")
                if self._others
                else None
            )
        key = client_key(scope)
        wait = self._brake.wait(key)
        if wait > 0:
            message, headers = told(wait)
            return problem(scope, 429, "too-many-tries", message, {**headers, "cache-control": "no-store"})
        if len(given) > 1 or scheme.lower() != "bearer" or not hmac.compare_digest(_digest(token.strip()), self._digest):
            self._brake.count(key)
            return refusal(scope, "this is not the token of this server")
        self._brake.good(key)
        scope.setdefault("state", {})[_GIVEN] = True
        return None


def _digest(token: str) -> bytes:
    # Of equal length, so that the comparison tells nothing about that either.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
