"""A DNS host is let go once nobody asks it: the zone above, both hosts and the keys are looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dns.dnssec
import dns.rdatatype
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from mailwright.cli import main
from tests.servers.base import FULL, DnsServer
from tests.servers.embedded import Embedded
from tests.servers.fixtures import started
from tests.servers.knot import Knot

ABOVE, ZONE = "com.example.", "acme.com.example."
DOMAIN = ZONE.rstrip(".")
OLD, NEW = ("ns1.old.example.", "ns2.old.example."), ("ns1.new.example.", "ns2.new.example.")
DAYS_NS = 172_800
SPEC = f"""\
version: 1
domain: {DOMAIN}
timezone: UTC
mail_host: {{service: fastmail}}
contact: wang@{DOMAIN}
dns_hosts:
"""
HOST = f"  - {{{{service: rfc2136, server: 127.0.0.1, port: {{}}, key_name: {FULL.name}}}}}\n"
SERVERS = list[DnsServer]


class Move:
    """A domain at two DNS hosts and a registrar, and somebody who looks every day."""

    def __init__(self, folder: Path, servers: SERVERS, capsys: pytest.CaptureFixture[str]) -> None:
        self.above, self.old, self.new = servers
        self.path, self.capsys = folder / "acme.yaml", capsys
        self.write(self.old, self.new)
        self.name(self.above, *OLD, ttl=DAYS_NS)
        self.name(self.old, *OLD)
        self.name(self.new, *NEW)

    def write(self, *hosts: DnsServer) -> None:
        self.path.write_text(SPEC + "".join(HOST.format(host.port) for host in hosts))

    def up(self, day: str, *words: str) -> int:
        return main(["up", str(self.path), "--engine", "embedded", "--as-of", day, "--lang", "en", *words])

    def name(self, server: DnsServer, *names: str, ttl: int = 3600) -> None:
        """Have a server give this NS set for the zone."""
        answer = server.query(ZONE, "NS")
        rrsets = [rrset for rrset in (*answer.answer, *answer.authority) if rrset.name.to_text() == ZONE]
        before = {data.to_text() for rrset in rrsets for data in rrset if data.rdtype == dns.rdatatype.NS}
        server.put(server.zones[0], "".join(f"{ZONE} {ttl} NS {name}\n" for name in names))
        for name in before - set(names):
            server.drop(server.zones[0], ZONE, "NS", name)

    def look(self, day: str, new: tuple[str, ...] = NEW) -> tuple[int, dict[str, str]]:
        self.capsys.readouterr()
        ports = [f"127.0.0.1:{server.port}" for server in (self.above, self.old, self.new)]
        words = ["--parent", ports[0]]
        words += [word for name in OLD for word in ("--old-nameserver", f"{name}={ports[1]}")]
        words += [word for name in new for word in ("--nameserver", f"{name}={ports[2]}")]
        code = main(["migrate", str(self.path), *words, "--as-of", day, "--format", "json"])
        (made,) = json.loads(self.capsys.readouterr().out)
        return code, {one["key"]: one["state"] for one in made["conditions"]}


@pytest.fixture(scope="module", params=["embedded", pytest.param("knot", marks=pytest.mark.knot)])
def servers(request: pytest.FixtureRequest) -> Iterator[SERVERS]:
    kind = {"embedded": Embedded, "knot": Knot}[request.param]
    if request.param == "knot":
        started("knot")  # skips where it is missing
    made: SERVERS = []
    for zone in (ABOVE, ZONE, ZONE):
        made.append(kind(1))
        made[-1].zones = [zone]
        made[-1].start()
    yield made
    for server in made:
        server.dispose()


@pytest.fixture
def move(
    servers: SERVERS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Move]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    made = Move(tmp_path, servers, capsys)
    assert made.up("2026-12-01") == 0
    yield made
    for server in servers:
        for type in ("MX", "TXT", "DNSKEY", "DS"):
            server.drop(server.zones[0], ZONE, type)


def test_the_old_host_goes_once_nobody_asks_it(move: Move) -> None:
    first = {"served": "done", "signatures": "waiting", "nameservers": "waiting", "waited": "waiting"}
    assert move.look("2026-12-01") == (2, first)
    assert move.look("2026-12-02") == (2, first | {"signatures": "done", "nameservers": "open"})
    move.name(move.above, NEW[0], OLD[1], ttl=DAYS_NS)
    assert move.look("2026-12-03")[1]["nameservers"] == "open", "one of the old ones is still there"
    move.name(move.above, *NEW, ttl=DAYS_NS)
    assert move.look("2026-12-04")[1] == dict.fromkeys(first, "done") | {"waited": "waiting"}
    assert move.look("2026-12-06")[0] == 2, "two days by the zone above, and what the old zone itself names"
    code, conditions = move.look("2026-12-07")
    assert (code, set(conditions.values())) == (0, {"done"})
    move.write(move.new)
    assert move.up("2026-12-07") == 3, "the last word is a person's"
    assert move.old.texts(ZONE, "MX")


def test_a_server_that_nobody_named_is_not_forgotten(move: Move) -> None:
    """The zone at the new host still names an old server: resolvers that go by it ask there."""
    move.look("2026-11-20")
    move.name(move.above, *NEW, ttl=DAYS_NS)
    move.name(move.new, *NEW, "ns3.old.example.")
    assert move.look("2026-12-04")[1]["nameservers"] == "open"
    move.name(move.new, *NEW)
    assert move.look("2026-12-20")[1]["waited"] == "waiting", "the wait begins when it is seen"
    move.name(move.above, *OLD, ttl=DAYS_NS)
    assert move.look("2027-01-20")[1]["nameservers"] == "open"
    move.name(move.above, *NEW, ttl=DAYS_NS)
    assert move.look("2027-01-21")[1]["waited"] == "waiting", "somebody had gone back: it begins anew"


def test_a_ds_holds_up_the_nameservers(move: Move) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257)
    ds = dns.dnssec.make_ds(ZONE, key, "SHA256")
    move.old.put(ZONE, f"@ 3600 DNSKEY {key}")
    move.above.put(ABOVE, f"{ZONE} 259200 DS {ds}")
    code, conditions = move.look("2026-12-01")
    assert code == 2 and conditions["signatures"] == "open" and conditions["nameservers"] == "waiting"
    move.above.drop(ABOVE, ZONE, "DS")
    for day in ("2026-12-02", "2026-12-04"):
        assert move.look(day)[1]["nameservers"] == "waiting", "resolvers remember the DS for three days"
    assert move.look("2026-12-05")[1]["nameservers"] == "open"
    move.above.put(ABOVE, f"{ZONE} 259200 DS {ds}")
    move.new.put(ZONE, f"@ 3600 DNSKEY {key}")
    move.look("2026-12-06")
    assert move.look("2026-12-10")[1]["signatures"] == "done", "both have the key (RFC 8901)"


def test_what_cannot_be_seen_is_no_leave(move: Move) -> None:
    move.name(move.above, *NEW, ttl=DAYS_NS)
    move.look("2026-12-01")
    silent = ["--parent", "127.0.0.1:9", "--old-nameserver", f"{OLD[0]}=127.0.0.1:{move.old.port}"]
    new = [word for name in NEW for word in ("--nameserver", f"{name}=127.0.0.1:{move.new.port}")]
    asked = ["migrate", str(move.path), *silent, "--as-of", "2027-01-01", "--deadline", "5s"]
    assert main([*asked, *new]) == 1
    assert main([*asked, "--nameserver", f"127.0.0.1:{move.new.port}"]) == 64, "a server without a name"
    assert main(asked) == 64
