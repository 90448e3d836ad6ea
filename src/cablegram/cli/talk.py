"""``mcp``: the archive for language models."""

from __future__ import annotations

import click

from cablegram.cli.common import archive_option, complain, open_archive
from cablegram.errors import CablegramError


@click.command("mcp")
@archive_option
@click.option(
    "--http", "http", is_flag=True, help="Streamable HTTP on this machine, at /mcp, instead of standard input and output."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8022, show_default=True, help="The port, with --http.")
def mcp_command(folder: str, http: bool, port: int) -> None:
    """Serve an archive to a language model (Model Context Protocol): search, read, references, ghosts, coverage, citations and their checking. Read-only."""
    try:
        from cablegram.mcp.server import create_server
    except ModuleNotFoundError as error:
        raise CablegramError(
            f"`mcp` needs {error.name}; install cablegram with its extra: pip install 'cablegram[mcp,cite]'"
        ) from None
    with open_archive(folder) as archive:
        server = create_server(archive)
        if http:
            # The SDK answers only requests whose Host is of this machine, where it binds to loopback.
            complain(f"http://127.0.0.1:{port}/mcp; Ctrl-C ends it")
            server.run("streamable-http", host="127.0.0.1", port=port)
        else:
            server.run("stdio")
