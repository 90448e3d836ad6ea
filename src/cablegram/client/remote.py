"""The read side of an archive, by HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from cablegram.archive.archive import VersionInfo
from cablegram.archive.search import Results, State
from cablegram.cable import Cable
from cablegram.client.rebuild import cable_of, hit_of, version_of
from cablegram.errors import ArchiveError, CablegramError, NotHeld
from cablegram.query.errors import QueryError

if TYPE_CHECKING:
    import httpx

_PATH: Final = "/api/v1"
_API: Final = "1."
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_ID: Final = 200
_LIST: Final = "id,score,created,subject,classification,origin_name"
#: What a server that is no cablegram could send without end.
_LONGEST_LINE: Final = 200_000_000


class Remote:
    """The archive that ``cablegram serve`` shows at ``url``, such as ``http://127.0.0.1:8021``; ``token`` where the server asks for one.

    Has what of :class:`~cablegram.Archive` reads, with the same types. A context manager. ``timeout``: seconds without a word from the server.
    ``ArchiveError`` where the server cannot be reached, is no such server, wants another token, or breaks off. No redirection is followed:
    the token goes to ``url`` and nowhere else.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 60.0) -> None:
        try:
            import httpx
        except ModuleNotFoundError:
            raise CablegramError("reading from a server wants httpx: install cablegram[client]") from None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise CablegramError(f"{_shown(url)}: give the address of a server, such as http://127.0.0.1:8021")
        self.url = url.rstrip("/").removesuffix(_PATH)
        headers = {"accept": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if parts.hostname in _HERE:
            # On one machine packing and unpacking takes longer than the way.
            headers["accept-encoding"] = "identity"
        try:
            # Proxies and passwords of the environment are for other programs.
            self._http = httpx.Client(
                base_url=self.url + _PATH, headers=headers, timeout=timeout, follow_redirects=False, trust_env=False
            )
        except (ValueError, httpx.InvalidURL):
            raise CablegramError(f"{_shown(url)}: is no address, or the token has characters that none has") from None
        try:
            told = self._json("")
            if not isinstance(told, dict) or not str(told.get("api")).startswith(_API):
                raise ArchiveError(f"{_shown(self.url)}: speaks another version of the API; update this program or the server's")
        except BaseException:
            self.close()
            raise

    # finding

    def search(
        self, query: str | State = "", *, sort: str = "relevance", limit: int = 20, after: str | None = None,
        facets: bool = True, snippets: bool = True, months: bool = False,
    ) -> Results:  # fmt: skip
        """As :meth:`Archive.search <cablegram.Archive.search>`; ``after`` takes ``next`` of results of this server."""
        state = query if isinstance(query, State) else State(query, sort, limit, after)
        asked = {
            "q": state.query,
            "sort": state.sort,
            "limit": str(state.limit),
            "fields": _LIST + (",snippets" if snippets else ""),
        }
        if state.after is not None:
            asked["cursor"] = state.after
        if facets:
            asked["facets"] = "true"
        if facets and months:
            asked["months"] = "true"
        told = self._json("/cables", asked)
        with _as_described(self.url):
            return Results(state, told["total"], tuple(map(hit_of, told["items"])), told["facets"], told["next"])

    def find(self, query: str) -> Iterator[Cable]:
        """Every cable that ``query`` finds, in order of ids, one at a time."""
        yield from self._cables({"q": query})

    def find_ids(self, query: str) -> Iterator[str]:
        """The id of every cable that ``query`` finds, in their order."""
        for line in self._lines({"q": query, "format": "ids"}):
            yield line.decode()

    # getting back

    def resolve(self, name: str) -> str | None:
        """The id under which the archive has a cable, for any usual spelling of it; None where it has none."""
        told = self._held(name, "/versions")
        return told["cable"] if told is not None else None

    def get(self, id: str, version: int | None = None) -> Cable | None:
        """The cable with this id (any usual spelling), or one ``version`` of it; None where the archive has none."""
        if version is not None and version < 1:
            return None
        told = self._held(id, "", {"original": "true"} | ({"version": str(version)} if version is not None else {}))
        if told is None:
            return None
        with _as_described(self.url):
            return cable_of(told)

    def versions(self, id: str) -> list[VersionInfo]:
        """All versions of a cable, in the order in which they came."""
        told = self._held(id, "/versions")
        with _as_described(self.url):
            return [version_of(one) for one in told["versions"]] if told is not None else []

    def cited_by(self, id: str) -> list[str]:
        """Ids of the cables that cite this one, which need not be held."""
        told = self._held(id, "/cited-by")
        return sorted(told["cited_by"]) if told is not None else []

    def alike(self, id: str) -> list[str]:
        """Ids of the cables whose text is nearly the same as this one's."""
        told = self._held(id, "")
        return list(told["alike"]) if told is not None else []

    def ids(self) -> Iterator[str]:
        """All ids, in alphabetical order."""
        for line in self._lines({"format": "ids"}):
            yield line.decode()

    def __iter__(self) -> Iterator[Cable]:
        """All cables, in alphabetical order of their ids, one at a time."""
        yield from self._cables({})

    def __len__(self) -> int:
        return int(self._json("")["cables"])

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self.resolve(id) is not None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Archive at {self.url}>"

    # asking

    def _held(self, id: str, about: str, asked: dict[str, str] | None = None) -> Any:
        """What is told about one cable; None where the server does not hold it."""
        name = id.strip()
        # Of which no id is made, but a path would be.
        if not name or len(name) > _LONGEST_ID or name in (".", "..") or "/" in name or "\\" in name or not name.isprintable():
            return None
        try:
            return self._json(f"/cables/{quote(name, safe='')}{about}", asked)
        except NotHeld:
            return None

    def _json(self, path: str, asked: dict[str, str] | None = None) -> Any:
        with self._reached():
            response = self._http.get(path, params=asked)
        if response.status_code != 200:
            raise self._failed(response)
        try:
            return msgspec.json.decode(response.content)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise self._strange() from None

    def _cables(self, asked: dict[str, str]) -> Iterator[Cable]:
        for line in self._lines({**asked, "format": "records"}):
            with _as_described(self.url):
                cable = cable_of(msgspec.json.decode(line))
            yield cable

    def _lines(self, asked: dict[str, str]) -> Iterator[bytes]:
        """The lines of an export as they come. Split at line feeds only: texts have other characters that end lines."""
        with self._reached(), self._http.stream("GET", "/export", params=asked) as response:
            if response.status_code != 200:
                response.read()
                raise self._failed(response)
            kept = bytearray()
            for data in response.iter_bytes():
                *whole, rest = data.split(b"\n")
                for line in whole:
                    yield bytes(kept) + line
                    kept.clear()
                kept += rest
                if len(kept) > _LONGEST_LINE:
                    raise self._strange()
            if kept:
                raise ArchiveError(f"{_shown(self.url)}: broke off in the middle of a line; ask again")

    @contextmanager
    def _reached(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.TimeoutException:
            raise ArchiveError(f"{_shown(self.url)}: does not answer; is the server busy or gone?") from None
        except httpx.RemoteProtocolError:
            raise ArchiveError(f"{_shown(self.url)}: broke off; ask again") from None
        except httpx.HTTPError as error:
            raise ArchiveError(f"{_shown(self.url)}: cannot be reached ({error}); is `cablegram serve` running there?") from None

    def _failed(self, response: httpx.Response) -> CablegramError:
        """What a server said instead of an answer, as the error that the archive itself would raise."""
        where = _shown(self.url)
        if response.is_redirect:
            return ArchiveError(f"{where}: leads elsewhere, which is not followed; connect to the address that is meant")
        try:
            told = msgspec.json.decode(response.content)["error"]
            code, message = str(told["code"]), _shown(str(told["message"]), 1000)
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError):
            return ArchiveError(f"{where}: answered with {response.status_code}; is it a cablegram server?")
        if code == "wrong-query":
            try:
                return QueryError(told["reason"], told["query"], told["start"], told["end"], told["expected"], told["suggestion"])
            except (KeyError, TypeError):
                return self._strange()
        if response.status_code == 404 and code == "not-found":
            return NotHeld(message)
        return (CablegramError if response.status_code in (400, 409) else ArchiveError)(f"{where}: {message}")

    def _strange(self) -> ArchiveError:
        return ArchiveError(f"{_shown(self.url)}: its answer cannot be read; is it a cablegram server of this version?")


def connect(url: str, token: str | None = None, *, timeout: float = 60.0) -> Remote:
    """The archive that ``cablegram serve`` shows at ``url``, to be read like a folder here; see :class:`Remote`."""
    return Remote(url, token, timeout=timeout)


@contextmanager
def _as_described(url: str) -> Iterator[None]:
    """Around the use of an answer: one that is not of the described form is told in one line."""
    try:
        yield
    except (KeyError, TypeError, IndexError, AttributeError, msgspec.MsgspecError, UnicodeDecodeError):
        raise ArchiveError(f"{_shown(url)}: its answer cannot be read; is it a cablegram server of this version?") from None


def _shown(text: str, most: int = 200) -> str:
    """What another server sent, or a user typed, on one line."""
    return "".join(c if c.isprintable() else " " for c in text[:most])
