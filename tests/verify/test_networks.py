"""Records on one line (线路) only: Knot answers by network, as the DNS hosts of China do."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import dns.edns
import dns.flags
import dns.message
import pytest

from mailwright.model.checks import Check, Status
from mailwright.resolving.server import Server
from mailwright.verify.deep.networks import seen
from tests.cli.test_commands import mailwright
from tests.servers.base import ADDRESS, DnsServer, Missing
from tests.servers.fixtures import started
from tests.servers.knot import Knot
from tests.verify.test_verify import lines, plan_of, spec

TELECOM, UNICOM = "202.96.209.0/24", "202.106.0.0/24"
ELSEWHERE, ONLY, TEXT, SAME = (f"z{number}.example." for number in range(4))
GEO = f"""\
{ELSEWHERE}:
  - net: {TELECOM}
    MX: "10 mx.elsewhere.example."
{ONLY}:
  - net: {TELECOM}
    MX: ["5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."]
  - net: {UNICOM}
    MX: ["5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."]
_dmarc.{TEXT}:
  - net: {UNICOM}
    TXT: "\\"v=DMARC1; p=none\\""
"""


class Lines(Knot):
    """Knot that answers some names by the network of the client."""

    def __init__(self) -> None:
        super().__init__(zones=4)

    def configure(self) -> None:
        super().configure()
        if not list(Path("/usr/lib").glob("*/knot/modules-*/geoip.so")):
            raise Missing("Knot's module geoip is not installed (Debian package knot-module-geoip)")
        (self.folder / "geo.conf").write_text(GEO)
        path = self.folder / "knot.conf"
        text = path.read_text().replace("    listen:", "    edns-client-subnet: on\n    listen:", 1)
        module = f'mod-geoip:\n  - id: lines\n    config-file: "{self.folder}/geo.conf"\n    ttl: 300\n'
        text = text.replace("template:\n", module + "    mode: subnet\ntemplate:\n")
        path.write_text(text.replace("    acl: full\n", "    acl: full\n    module: mod-geoip/lines\n"))


@pytest.fixture(scope="module")
def by_network() -> Iterator[DnsServer]:
    server = Lines()
    try:
        server.start()
        yield server
    except Missing as reason:
        if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS") == "1":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
    finally:
        server.dispose()


def told(
    folder: Path, server: DnsServer, zone: str, *words: str, drop: tuple[str, ...] = ()
) -> tuple[int, list[dict[str, object]]]:
    """Exit code, and what is said of networks; ``drop``: planned types that the zone itself lacks."""
    path = spec(folder, zone.rstrip("."))
    if not server.texts(zone, "TXT"):
        planned = lines(plan_of(path)).splitlines()
        server.put(zone, "\n".join(each for each in planned if each.split()[2] not in drop))
    done = mailwright(
        *(words or ("drift", "--dns-only")),
        *(str(path), "--nameserver", f"{ADDRESS}:{server.port}", "--format", "json", "--lang", "en"),
        cwd=folder,
    )
    assert not done.stderr, done.stderr
    checks = json.loads(done.stdout)["checks"]
    return done.returncode, [check for check in checks if check["rule"] == "answers-by-network"]


@pytest.mark.knot
def test_another_exchanger_for_one_carrier_is_drift(tmp_path: Path, by_network: DnsServer) -> None:
    code, checks = told(tmp_path, by_network, ELSEWHERE)
    (check,) = checks
    assert code == 2 and check["status"] == "fail" and check["found"] == ["10 mx.elsewhere.example."]
    assert "from China Telecom (202.96.209.0/24) it is not as planned" in str(check["message"])
    assert "Unicom" not in str(check["message"]) and check["line"]


@pytest.mark.knot
def test_an_exchanger_for_two_carriers_only_is_drift(tmp_path: Path, by_network: DnsServer) -> None:
    code, checks = told(tmp_path, by_network, ONLY, drop=("MX",))
    (check,) = checks
    assert code == 2 and (check["status"], check["type"], check["found"]) == ("fail", "MX", [])
    for each in ("China Mobile", "Hong Kong", "United States", "Europe"):
        assert each in str(check["message"])
    assert "Telecom" not in str(check["message"]) and "Unicom" not in str(check["message"])


@pytest.mark.knot
@pytest.mark.parametrize("words", [("drift", "--dns-only"), ("verify", "--deep")])
def test_every_mail_record_is_asked_for(
    tmp_path: Path, by_network: DnsServer, words: tuple[str, ...]
) -> None:
    _, checks = told(tmp_path, by_network, TEXT, *words)
    (check,) = checks
    assert check["status"] == "fail" and check["found"] == ["v=DMARC1; p=none"]
    assert "China Unicom" in str(check["message"])


@pytest.mark.knot
def test_the_same_for_all_is_a_pass(tmp_path: Path, by_network: DnsServer) -> None:
    code, checks = told(tmp_path, by_network, SAME)
    (check,) = checks
    assert code == 0 and check["status"] == "pass" and "7 networks" in str(check["message"])


@pytest.mark.parametrize(
    "kind",
    [
        "embedded",
        pytest.param("knot", marks=pytest.mark.knot),
        pytest.param("powerdns", marks=pytest.mark.powerdns),
    ],
)
def test_who_does_not_answer_by_network_is_not_checkable(tmp_path: Path, kind: str) -> None:
    server = started(kind)
    code, checks = told(tmp_path, server, server.new_zone())
    (check,) = checks
    assert code == 0 and check["status"] == "not-checkable", check
    assert f":{server.port}" in str(check["message"])


@pytest.mark.bind
def test_a_server_that_says_that_all_networks_are_the_same_to_it_passes(tmp_path: Path) -> None:
    server = started("bind")  # it answers such questions with a scope of 0 (RFC 7871 §7.2.1)
    code, checks = told(tmp_path, server, server.new_zone())
    assert code == 0 and [check["status"] for check in checks] == ["pass"]


class _AllButOne(asyncio.DatagramProtocol):
    """Answers nothing at all, by network; for one network the answer is not said to be for it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (subnet,) = (option for option in query.options if isinstance(option, dns.edns.ECSOption))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        scoped = dns.edns.ECSOption(subnet.address, subnet.srclen, 24)
        response.use_edns(0, options=[] if subnet.address == "203.80.96.0" else [scoped])
        self.transport.sendto(response.to_wire(), addr)


def test_a_network_that_was_not_answered_is_not_called_the_same(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))

    async def run() -> list[Check]:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(_AllButOne, local_addr=(ADDRESS, 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            return await seen(plan, [Server("", ADDRESS, port)])
        finally:
            transport.close()

    (check,) = asyncio.run(run())
    assert check.status is Status.UNKNOWN and "Hong Kong (203.80.96.0/24)" in check.text("en")
    assert "Telecom" not in check.text("en")
