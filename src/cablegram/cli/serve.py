"""The command that opens the reading room: an archive in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cablegram.cli.common import archive_option, clean, complain, open_archive
from cablegram.errors import CablegramError
from cablegram.web.settings import Settings, is_loopback

if TYPE_CHECKING:
    from types import FrameType

_PASSWORD: Final = "CABLEGRAM_PASSWORD"
_TOKEN: Final = "CABLEGRAM_API_TOKEN"
_LONGEST_LINE: Final = 4096  # bytes of such a file that are looked at
_GRACE: Final = 3  # seconds for answers under way when the program is stopped
_BACKLOG: Final = 128


@click.command("serve")
@archive_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8021, show_default=True, help="0 is any free one.")
@click.option("--allow-remote", is_flag=True, help="Other machines may read too; wants a password.")
@click.option("--host-name", "hosts", multiple=True, metavar="NAME", help="A further name browsers may use for this server.")
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"The password is the first line of FILE (or set {_PASSWORD}).",
)
@click.option("--api-token-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help=f"Programs must send the first line of FILE to read /api/v1 (or set {_TOKEN}).")  # fmt: skip
@click.option("--open/--no-open", "open_browser", default=False, help="Open the browser.")
def serve_command(
    folder: str, host: str, port: int, allow_remote: bool, hosts: tuple[str, ...], password_file: Path | None,
    api_token_file: Path | None, open_browser: bool,
) -> None:  # fmt: skip
    """Open a reading room: browse, search and read an archive in the browser; programs find it at /api/v1.

    Only this machine can reach it, unless --allow-remote is given along with --host and a password. The archive is not changed.
    """
    with _packages():
        from cablegram.web.sessions import hash_password
    with open_archive(folder):
        # Told before anything else is asked for; and an index that is behind is brought up to date now.
        pass
    password = _secret(password_file, _PASSWORD, "password")
    settings = Settings(
        folder=Path(folder), host=host, port=port, allow_remote=allow_remote, hosts=hosts,
        password_hash=None if password is None else hash_password(password), api_token=_secret(api_token_file, _TOKEN, "API token"),
    )  # fmt: skip
    run_server(settings, open_browser=open_browser)


def run_server(settings: Settings, *, open_browser: bool) -> None:
    """Run the reading room until Ctrl-C or the signal to end, then return. ``CablegramError`` if it cannot be opened."""
    with _packages():
        import uvicorn

        from cablegram.api.app import PREFIX, create
        from cablegram.web.app import create_app

    log = logging.getLogger("uvicorn.error")

    class Server(uvicorn.Server):
        """Says where it is, once that is true."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                click.echo(f"the reading room is at {settings.url()} ; Ctrl-C ends it", err=True)
                if open_browser:
                    # A thread: some browsers are waited for.
                    threading.Thread(target=webbrowser.open, args=(settings.url(),), daemon=True).start()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            log.addFilter(_is_no_cancelling)
            await super().shutdown(sockets)

    listening = _listen(settings)
    with contextlib.closing(listening), _ended_by_signal():
        settings = replace(settings, port=listening.getsockname()[1])
        if settings.allow_remote and not is_loopback(settings.host):
            complain("passwords and cables travel unencrypted; on a network you do not trust, put a proxy with https before this")
        config = uvicorn.Config(
            create_app(settings, {PREFIX: create}), lifespan="on", loop="asyncio", log_level="error", access_log=False, server_header=False,
            # Who a client is must not be what it says it is: the brake on guessing counts by it.
            proxy_headers=False,
            # Fixed, not what happens to be installed: what was tested, and without WebSockets.
            http="h11", ws="none",
            # Room for a target that is too long, so that it is answered as such.
            h11_max_incomplete_event_size=64 * 1024,
            timeout_graceful_shutdown=_GRACE,
        )  # fmt: skip
        try:
            Server(config).run(sockets=[listening])
        except SystemExit:
            raise CablegramError("the reading room could not be opened; the lines above say why") from None
        finally:
            log.removeFilter(_is_no_cancelling)


def _is_no_cancelling(record: logging.LogRecord) -> bool:
    """Whether a log record is not just of answers that were cut off because the program ends: that was asked for, and is no error."""
    cancelled = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cancelled and "timeout graceful shutdown" not in record.msg


@contextlib.contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Ctrl-C and the signal to end are how a reading room is closed, so both leave this context without an error.

    The server catches them, closes, and raises them again for whoever was there before it.
    """

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if main else None
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        if main:
            # None: whatever was there was not of Python.
            signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _listen(settings: Settings) -> socket.socket:
    """A socket that listens where ``settings`` say. Opened here, so that a port in use is told before anything is loaded."""
    host, port = settings.host, settings.port
    try:
        # "localhost" is what RFC 6761 says, whatever the machine's own list of hosts makes of it.
        found = socket.getaddrinfo("127.0.0.1" if host == "localhost" else host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CablegramError(f"--host {clean(host)}: is no address of this machine") from None
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            # A port that was just given up can be taken again; one in use cannot.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        if not settings.allow_remote and not is_loopback(str(listening.getsockname()[0])):
            # A name that was of this machine only when it was asked for first.
            raise CablegramError(f"--host {clean(host)}: other machines could read the archive; give 127.0.0.1")
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CablegramError(_why(error, host, port)) from None
    except CablegramError:
        listening.close()
        raise
    return listening


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {clean(host)} is in use; choose another with --port, or any free one with --port 0"
    if error.errno == errno.EACCES:
        return f"port {port} is not for ordinary users; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {clean(host)}: is no address of this machine"
    return f"{clean(host)}, port {port}: cannot be listened on ({error.strerror})"


def _secret(file: Path | None, variable: str, what: str) -> str | None:
    """The secret of ``file`` or of the environment, out of which it is taken: programs that this one starts need not know it."""
    given = os.environ.pop(variable, None)
    if file is None:
        if given == "":
            raise CablegramError(f"{variable} is set but empty; set the {what} or unset it")
        return given
    shown = clean(str(file))
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            line = opened.readline(_LONGEST_LINE)
    except OSError as error:
        raise CablegramError(f"{shown}: the {what} cannot be read ({error.strerror})") from None
    if os.name == "posix" and mode & 0o004:
        complain(f"{shown}: everybody on this machine can read the {what}; chmod 600 keeps it to you")
    try:
        password = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise CablegramError(f"{shown}: the {what} is not UTF-8 text") from None
    if len(line) == _LONGEST_LINE:
        raise CablegramError(f"{shown}: the first line, which is the {what}, is too long")
    if not password:
        raise CablegramError(f"{shown}: the first line, which is the {what}, is empty")
    return password


@contextlib.contextmanager
def _packages() -> Iterator[None]:
    """Around imports of what only the reading room needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("", "cablegram"):
            raise
        raise CablegramError("the reading room wants more packages: install cablegram[web]") from None
