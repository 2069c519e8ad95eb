"""``mailwright sandbox``."""

from __future__ import annotations

from pathlib import Path

import click

from mailwright.cli import common, language


@language.command(
    epilog="Exit codes: 0 ended by a signal, 1 cannot serve. "
    "Example: mailwright sandbox --zone acme-trade.com"
)
@common.folder_option("Where the zones are kept.", Path(".mailwright/sandbox"))
@click.option(
    "--zone",
    "zones",
    multiple=True,
    required=True,
    metavar="DOMAIN",
    help="A zone to serve (may be repeated).",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="PORT",
    help="UDP and TCP port (default: a free one).",
)
def sandbox(folder: Path, zones: tuple[str, ...], port: int) -> int:
    """Run an embedded nameserver on loopback until Ctrl-C; its TSIG key is in DIR/tsig.key."""
    from mailwright.sandbox.__main__ import main

    named = [word for zone in zones for word in ("--zone", zone)]
    return main(["--dir", str(folder), "--port", str(port), "--demo-key", *named], language.current_lang())
