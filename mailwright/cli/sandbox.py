"""``mailwright sandbox``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="Exit codes: 0 ended by a signal, 1 cannot serve. "
    "Example: mailwright sandbox --zone acme-trade.com"
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(".mailwright/sandbox"),
    show_default=True,
    help="Where the zones are kept.",
)
@click.option("--zone", "zones", multiple=True, required=True, help="A zone to serve; may be repeated.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="UDP and TCP port (default: a free one)."
)
def sandbox(folder: Path, zones: tuple[str, ...], port: int) -> int:
    """Run an embedded nameserver on loopback until Ctrl-C; its TSIG key is in DIR/tsig.key."""
    from mailwright.sandbox.__main__ import main

    named = [word for zone in zones for word in ("--zone", zone)]
    return main(["--dir", str(folder), "--port", str(port), "--demo-key", *named])
