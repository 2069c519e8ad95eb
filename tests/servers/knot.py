"""Knot DNS, unprivileged, everything below one folder."""

from __future__ import annotations

from tests.servers.base import ADDRESS, BASE_ZONE, FULL, MAIL_NAMES, MAIL_TYPES, NARROW, DnsServer, program

CONFIG = """\
server:
    rundir: "{dir}/run"
    pidfile: "{dir}/run/knot.pid"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: "{dir}/run/knot.sock"
log:
  - target: stderr
    any: info
database:
    storage: "{dir}/db"
    journal-db-max-size: 64M
    kasp-db-max-size: 8M
    timer-db-max-size: 4M
key:
{keys}
acl:
  - id: full
    address: {address}
    key: {full}
    action: [update, transfer]
  - id: mail-apex
    address: {address}
    key: {narrow}
    action: update
    update-type: [MX, TXT]
    update-owner: zone
    update-owner-match: equal
  - id: mail-names
    address: {address}
    key: {narrow}
    action: update
    update-type: [{types}]
    update-owner: name
    update-owner-match: sub-or-equal
    update-owner-name: [{names}]
template:
  - id: default
    storage: "{dir}/zones"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    acl: [full, mail-apex, mail-names]
zone:
{zones}
"""


class Knot(DnsServer):
    """knotd of the Debian package ``knot``."""

    kind = "knot"

    def configure(self) -> None:
        for folder in ("run", "db", "zones"):
            (self.folder / folder).mkdir()
        for zone in self.zones:
            (self.folder / "zones" / f"{zone}zone").write_text(BASE_ZONE)
        keys = "\n".join(
            f"  - id: {key.name}\n    algorithm: {key.algorithm}\n    secret: {key.secret}"
            for key in (FULL, NARROW)
        )
        text = CONFIG.format(
            dir=self.folder,
            address=ADDRESS,
            port=self.port,
            keys=keys,
            full=FULL.name,
            narrow=NARROW.name,
            types=", ".join(MAIL_TYPES),
            names=", ".join(MAIL_NAMES),
            zones="\n".join(f"  - domain: {zone}" for zone in self.zones),
        )
        (self.folder / "knot.conf").write_text(text)

    def command(self) -> list[str]:
        return [program("knotd", "knot"), "-c", str(self.folder / "knot.conf")]
