"""Four ways to one zone: by hand, by RFC 2136 at Knot, by PowerDNS's API, and at Route 53 on moto.

Each has a world of its own; ``copied`` makes one hold what another one does, as a transfer between DNS hosts
would. By hand the records are those that a nameserver shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from tests.hosts.apis import Route53
from tests.hosts.worlds import Nameserver, PowerDnsHttp, World
from tests.servers.base import FULL
from tests.servers.fixtures import started
from tests.servers.powerdns import API_KEY, PowerDns

_NAMES = ("", "_dmarc.", "mail._domainkey.")
_numbers = count(4)


@dataclass(frozen=True)
class Way:
    """One way to a zone: its entry of ``dns_hosts``, the environment it needs, and the world behind it."""

    name: str
    entry: str
    world: World
    environment: Mapping[str, str] = field(default_factory=dict)

    def sets(self, zone: str) -> dict[tuple[str, str], tuple[int, frozenset[str]]]:
        """What mail looks at, with its TTL."""
        pairs = [(name + zone, type) for name in _NAMES for type in ("MX", "TXT", "A")]
        shown = {pair: (self.world.ttl(*pair), frozenset(self.world.texts(*pair))) for pair in pairs}
        return {pair: (ttl, values) for pair, (ttl, values) in shown.items() if ttl is not None}

    def require_mail(self, zone: str) -> None:
        """Exchangers, one SPF record and what is others': at every moment."""
        assert self.world.texts(zone, "MX"), f"{self.name}: no MX"
        texts = self.world.joined(zone)
        assert len([text for text in texts if text.startswith("v=spf1")]) == 1, f"{self.name}: {texts}"
        assert {"google-site-verification=somebody", "MS=ms12345678"} <= texts, f"{self.name}: {texts}"


def copied(zone: str, source: Way, target: Way) -> None:
    """The target's zone holds just what the source's does."""
    for name, type in target.sets(zone):
        target.world.drop(zone, name, type)
    for (name, type), (ttl, values) in source.sets(zone).items():
        target.world.put(zone, "".join(f"{name} {ttl} {type} {value}\n" for value in sorted(values)))


def ways() -> tuple[str, dict[str, Callable[[], Way]]]:
    """A zone that no test has touched, and the ways to it, each made where it is asked for."""
    number = next(_numbers)
    zone = started("embedded").zones[-number]

    def by_hand() -> Way:
        return Way("manual", "{service: manual, console: aliyun}", Nameserver(started("embedded")))

    def by_update() -> Way:
        server = started("knot")
        entry = f"{{service: rfc2136, server: 127.0.0.1, port: {server.port}, key_name: {FULL.name}}}"
        return Way("rfc2136", entry, Nameserver(server), {"MAILWRIGHT_TSIG_SECRET": FULL.secret})

    def powerdns() -> Way:
        server = started("powerdns")
        assert isinstance(server, PowerDns)
        api = PowerDnsHttp(server)
        entry = f'{{service: powerdns, base_url: "{api.address}"}}'
        return Way("powerdns", entry, api, {"MAILWRIGHT_POWERDNS_API_KEY": API_KEY})

    def route53() -> Way:
        world = Route53()
        world.create(zone)
        world.zones.append(zone)
        world.put(zone, f"@ 300 NS ns1.{zone}\n")
        id, secret = world.keys["mail"]
        environment = {"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret}
        return Way("route53", f'{{service: route53, base_url: "{world.address}"}}', world, environment)

    return zone, {"manual": by_hand, "rfc2136": by_update, "powerdns": powerdns, "route53": route53}
