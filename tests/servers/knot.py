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
{mail}
template:
  - id: default
    storage: "{dir}/zones"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    acl: full
zone:
{zones}
"""


def _mail_acl(zone: str) -> str:
    """One rule for the whole update: Knot does not add two rules up, so the names are listed."""
    names = [zone, "s1._domainkey", *MAIL_NAMES]
    return (
        f"  - id: mail-{zone}\n    address: {ADDRESS}\n    key: {NARROW.name}\n    action: update\n"
        f"    update-type: [MX, {', '.join(MAIL_TYPES)}]\n    update-owner: name\n"
        f"    update-owner-match: equal\n    update-owner-name: [{', '.join(names)}]"
    )


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
            mail="\n".join(map(_mail_acl, self.zones)),
            zones="\n".join(f"  - domain: {zone}\n    acl: [full, mail-{zone}]" for zone in self.zones),
        )
        (self.folder / "knot.conf").write_text(text)

    def command(self) -> list[str]:
        return [program("knotd", "knot"), "-c", str(self.folder / "knot.conf")]
