"""BIND 9, unprivileged, everything below one folder."""

from __future__ import annotations

import functools
import re
import subprocess

from tests.servers.base import ADDRESS, BASE_ZONE, FULL, MAIL_NAMES, MAIL_TYPES, NARROW, DnsServer, program

CONFIG = """\
options {{
  directory "{dir}"; pid-file "{dir}/named.pid"; session-keyfile "{dir}/session.key";
  managed-keys-directory "{dir}";{lock}
  listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify no; allow-transfer {{ none; }};
}};
controls {{ }};
{keys}
{zones}
"""


@functools.cache
def _lock() -> str:
    """Several instances on one machine must not share a lock; from 9.20 on there is none any more."""
    said = subprocess.run(
        [program("named", "bind9"), "-v"], capture_output=True, text=True, check=True
    ).stdout
    match = re.search(r"BIND (\d+)\.(\d+)", said)
    old = match is not None and (int(match[1]), int(match[2])) < (9, 20)
    return " lock-file none;" if old else ""


class Bind(DnsServer):
    """named of the Debian package ``bind9``."""

    kind = "bind"

    def configure(self) -> None:
        for zone in self.zones:
            (self.folder / f"{zone}zone").write_text(BASE_ZONE)
        keys = "\n".join(
            f'key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};'
            for key in (FULL, NARROW)
        )
        text = CONFIG.format(
            dir=self.folder,
            lock=_lock(),
            address=ADDRESS,
            port=self.port,
            keys=keys,
            zones="\n".join(map(self._zone, self.zones)),
        )
        (self.folder / "named.conf").write_text(text)

    def _zone(self, zone: str) -> str:
        grants = "".join(
            f" grant {NARROW.name} subdomain {name}.{zone} {' '.join(MAIL_TYPES)};" for name in MAIL_NAMES
        )
        return (
            f'zone "{zone}" {{ type primary; file "{self.folder}/{zone}zone";'
            f" allow-transfer {{ key {FULL.name}; }};"
            f" update-policy {{ grant {FULL.name} zonesub ANY;"
            f" grant {NARROW.name} name {zone} MX TXT;{grants} }}; }};"
        )

    def command(self) -> list[str]:
        return [program("named", "bind9"), "-g", "-n", "1", "-c", str(self.folder / "named.conf")]
