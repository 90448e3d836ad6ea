"""What the reading room is started with, and whom it may be shown to. Needs nothing beyond the standard library."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final, NamedTuple

from cablegram.errors import CablegramError

#: ``Host`` of RFC 9110, 7.2, as browsers write it: a name or an IPv4 address, or an IPv6 address in brackets; perhaps a port.
_NAMED: Final = re.compile(r"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\.?(?::([0-9]{1,5}))?")
_BRACKETED: Final = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::([0-9]{1,5}))?")
_LONGEST_NAME: Final = 253
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SHORTEST_SECRET: Final = 16
_SHORTEST_TOKEN: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1


class HostPort(NamedTuple):
    """A ``Host`` header: ``name`` in lower case, an IPv6 address without brackets and in its shortest form; ``port`` if given."""

    name: str
    port: int | None


def parse_host(text: str) -> HostPort | None:
    """The parts of a ``Host`` header; ``None`` if it is malformed. ``LocalHost.:80`` is ``localhost`` and 80."""
    if found := _BRACKETED.fullmatch(text):
        try:
            name = str(IPv6Address(found[1]))
        except ValueError:
            return None
    elif found := _NAMED.fullmatch(text):
        name = found[1].lower()
        if len(name) > _LONGEST_NAME:
            return None
    else:
        return None
    port = None if found[2] is None else int(found[2])
    return None if port is not None and port > 65535 else HostPort(name, port)


def is_loopback(host: str) -> bool:
    """Whether binding to ``host`` keeps the server to this machine: ``localhost``, 127.0.0.0/8 (RFC 1122), ::1 (RFC 4291).

    Another name, or an address in an odd form (``127.1``), is resolved, and all it stands for must be loopback; one that does not
    resolve is not. ``0.0.0.0``, ``::`` and the empty string stand for every address, so they are not.
    """
    host = bare(host)
    if host == "localhost":
        return True
    address = _address(host)
    if address is not None:
        return _here(address)
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)} if host else set()
    except (OSError, UnicodeError):
        return False
    addresses = [_address(one) for one in found]
    return bool(addresses) and all(one is not None and _here(one) for one in addresses)


def bare(host: str) -> str:
    """``host`` in lower case, without the brackets of an IPv6 address and the dot at the end of a full name."""
    host = host.strip().lower()
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host.removesuffix(".")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _here(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


@dataclass(frozen=True)
class Settings:
    """What the reading room is started with.

    ``folder``: the archive. ``host``, ``port``: where it listens; port 0 is any free one. ``allow_remote``: other machines may come.
    ``hosts``: further names it may be called by (``--host-name``). ``password_hash``: argon2id, of ``sessions.hash_password``; ``None``
    is no password. ``secret``: signs the session cookies; ``None`` is a random one. ``api_token``: lets programs in, to ``/api/`` only; with
    one they must send it. ``CablegramError`` if that would be unsafe.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8021
    allow_remote: bool = False
    hosts: tuple[str, ...] = ()
    # Neither may come into a message or a log by way of repr().
    password_hash: str | None = field(default=None, repr=False)
    secret: bytes | None = field(default=None, repr=False)
    api_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", bare(self.host))
        object.__setattr__(self, "hosts", tuple(_host_name(name) for name in self.hosts))
        if not self.host:
            raise CablegramError("--host: is empty; give an address of this machine, such as 127.0.0.1")
        if not 0 <= self.port <= 65535:
            raise CablegramError(f"--port {self.port}: must be from 0 to 65535")
        if self.password_hash is not None and not self.password_hash.startswith("$argon2id$"):
            raise CablegramError("the password hash is not one of argon2id; make it with cablegram.web.sessions.hash_password")
        if self.secret is not None and len(self.secret) < _SHORTEST_SECRET:
            raise CablegramError(f"the secret must have {_SHORTEST_SECRET} bytes or more; leave it out for a random one")
        if self.api_token is not None and (len(self.api_token) < _SHORTEST_TOKEN or not _TOKEN.fullmatch(self.api_token)):
            raise CablegramError(
                f"the API token must have {_SHORTEST_TOKEN} or more random letters, digits, - or _; make one with"
                ' `python3 -c "import secrets; print(secrets.token_urlsafe(32))"`'
            )
        self._keep_strangers_out()

    def _keep_strangers_out(self) -> None:
        """Other machines only on demand and with a password: by a bind elsewhere, or by a public name, which means a proxy before us."""
        if not is_loopback(self.host):
            what = f"--host {self.host}: other machines could read the archive"
        elif public := [name for name in self.hosts if not _is_loopback_name(name)]:
            what = f"--host-name {public[0]}: whoever that name leads here could read the archive"
        else:
            return
        if not self.allow_remote or self.password_hash is None:
            missing = " and ".join(
                name for name, absent in (
                    ("--allow-remote", not self.allow_remote),
                    ("a password (--password-file FILE or CABLEGRAM_PASSWORD)", self.password_hash is None),
                ) if absent
            )  # fmt: skip
            raise CablegramError(f"{what}; if that is meant, add {missing}")
        if self.is_wildcard and not self.hosts:
            raise CablegramError(f"--host {self.host}: is every address; add --host-name NAME, the name or address browsers use")

    @property
    def is_wildcard(self) -> bool:
        """Whether ``host`` stands for every address of this machine."""
        address = _address(self.host)
        return address is not None and address.is_unspecified

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The names a ``Host`` header may have, as ``parse_host`` gives them, with any port.

        ``0.0.0.0`` and ``::`` are not among them: nobody is called so, and web pages elsewhere can reach a local server by them.
        """
        names = set(self.hosts)
        if self.is_wildcard or is_loopback(self.host):
            names |= _LOOPBACK
        if not self.is_wildcard:
            address = _address(self.host)
            names.add(self.host if address is None else str(address))
        return frozenset(names)

    def url(self) -> str:
        """The address to type into a browser on this machine."""
        name = self.host
        if self.is_wildcard:
            name = self.hosts[0]
        return f"http://[{name}]:{self.port}/" if ":" in name else f"http://{name}:{self.port}/"


def _host_name(text: str) -> str:
    """A ``--host-name`` as ``parse_host`` gives it."""
    name = bare(text)
    parsed = parse_host(f"[{name}]" if ":" in name else name)
    address = None if parsed is None else _address(parsed.name)
    if parsed is None or parsed.port is not None or (address is not None and address.is_unspecified):
        shown = "".join(c if c.isprintable() else " " for c in text)
        raise CablegramError(f"--host-name {shown}: must be one name or address as browsers use it, without scheme or port")
    return parsed.name


def _is_loopback_name(name: str) -> bool:
    # Not resolved: whoever holds the name could let it point elsewhere tomorrow.
    address = _address(name)
    return name == "localhost" if address is None else _here(address)
