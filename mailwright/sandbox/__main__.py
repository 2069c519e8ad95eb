"""``python -m mailwright.sandbox --dir DIR --zone ZONE``: serve until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from mailwright.model.text import Lang, Text
from mailwright.sandbox.nameserver import Nameserver
from mailwright.sandbox.serve import serve
from mailwright.sandbox.store import Busy

_CANNOT = Text("the sandbox cannot serve: {error}", "沙盒无法提供服务：{error}")


def main(arguments: Sequence[str] | None = None, lang: Lang = "en") -> int:
    """Run the nameserver; 0 when it was ended by a signal, 1 with one line where it cannot serve."""
    parser = argparse.ArgumentParser(prog="python -m mailwright.sandbox", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder in which the zones are kept")
    parser.add_argument("--zone", action="append", default=[], help="a zone to serve; may be repeated")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="UDP and TCP port (default: a free one)")
    parser.add_argument(
        "--demo-key", action="store_true", help="make a TSIG key in DIR/tsig.key on first use"
    )
    chosen = parser.parse_args(arguments)
    try:
        asyncio.run(
            serve(
                chosen.dir,
                chosen.zone,
                host=chosen.host,
                port=chosen.port,
                demo_key=chosen.demo_key,
                ready=_announce,
            )
        )
    except KeyboardInterrupt:
        return 0
    except (Busy, OSError, ValueError) as error:
        sys.stderr.write(_CANNOT.using(error=error)(lang) + "\n")
        return 1
    return 0


def _announce(server: Nameserver) -> None:
    sys.stdout.write(f"ready on {server.host} port {server.port}: {' '.join(server.zones)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
