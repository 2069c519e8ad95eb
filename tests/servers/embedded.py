"""The embedded nameserver, as a process like the others, so that it can be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from mailwright.sandbox.keys import Grant, SandboxKey
from mailwright.sandbox.nameserver import Nameserver
from tests.servers.base import BASE_ZONE, FULL, MAIL_NAMES, MAIL_TYPES, NARROW, DnsServer

_ROOT = Path(__file__).parent.parent.parent


class Embedded(DnsServer):
    """``mailwright.sandbox`` with the keys of these tests."""

    kind = "embedded"

    def configure(self) -> None:
        (self.folder / "zones").mkdir()
        for zone in self.zones:
            (self.folder / "zones" / f"{zone}zone").write_text(BASE_ZONE)

    def command(self) -> list[str]:
        start = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from {__name__} import main; main()"
        return [sys.executable, "-c", start, str(self.folder / "zones"), str(self.port)]


async def _serve(folder: Path, port: int) -> None:
    grants = (Grant("@", ("MX", "TXT"), below=False), *(Grant(name, MAIL_TYPES) for name in MAIL_NAMES))
    keys = [SandboxKey(FULL.name, FULL.secret), SandboxKey(NARROW.name, NARROW.secret, grants=grants)]
    await Nameserver([], keys, port=port, journal=folder).start()
    await asyncio.Event().wait()


def main() -> None:
    """Serve every zone file of the folder until killed."""
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
