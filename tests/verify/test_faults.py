"""Seeded faults, one a domain: verify finds each where it is, names slips, and blames no faultless domain."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailwright.model.checks import Check, Overall, Status, Verdict
from mailwright.operations.world.verification import verify_all
from mailwright.resolving import pace, peers, streams
from mailwright.resolving.server import Server
from mailwright.sandbox.nameserver import running
from mailwright.verify.dns import verify
from tests.verify.faults import BENIGN, FAULTS, Fault
from tests.verify.spoiling import Zone, plan_of, zone_of
from tests.verify.test_asking import Stand, answer, standing

SOA = "@ 300 IN SOA ns1 hostmaster 1 3600 900 604800 60\n@ 300 IN NS ns1\nns1 300 IN A 127.0.0.1\n"


@dataclass(frozen=True)
class World:
    """Verdicts by what was done to the domain."""

    folder: Path
    verdicts: Mapping[str, Verdict]
    zones: Mapping[str, Zone]

    def failed(self, id: str) -> set[tuple[str, str]]:
        return {(e.name, e.type) for e in self.verdicts[id].checks if e.status is Status.FAIL}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All domains on one server, verified at once."""
    folder = tmp_path_factory.mktemp("specs")
    form, pem = serialization.PublicFormat.SubjectPublicKeyInfo, b""
    while b"+" not in pem:  # one key in 300 has none, and web pages spoil nothing else
        key = rsa.generate_private_key(65537, 2048).public_key()
        pem = key.public_bytes(serialization.Encoding.PEM, form)
    (folder / "s1.pub").write_bytes(pem)
    spoilt = {fault.id: fault.change for fault in FAULTS} | dict(BENIGN)
    plans = {id: plan_of(folder, f"d{number}.example") for number, id in enumerate(spoilt)}
    zones = {id: zone_of(plan) for id, plan in plans.items()}
    for id, change in spoilt.items():
        change(zones[id])
    with running({zone.apex: SOA + zone.text() for zone in zones.values()}) as server:
        verdicts = verify_all(list(plans.values()), [Server("ns1", "127.0.0.1", server.port)])
    yield World(folder, dict(zip(plans, verdicts, strict=True)), zones)


def test_there_are_as_many_kinds_as_promised() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_every_fault_is_found_where_it_is_and_nowhere_else(world: World, fault: Fault) -> None:
    assert world.verdicts[fault.id].status is Overall.DIFFERS
    assert world.failed(fault.id) == {(world.zones[fault.id].named(fault.label), fault.type)}
    slips = [check for check in world.verdicts[fault.id].checks if check.rule == "pasted-slip"]
    assert [fault.slip in slip.text("en") for slip in slips] == ([True] if fault.slip else []), slips
    assert all(slip.text("zh") != slip.text("en") for slip in slips)


@pytest.mark.parametrize("name", [name for name, _ in BENIGN])
def test_what_is_no_fault_is_not_blamed(world: World, name: str) -> None:
    checks = world.verdicts[name].checks
    assert {check.status for check in checks} == {Status.PASS}, [
        e for e in checks if e.status is not Status.PASS
    ]


# -- servers that give no usable answer: never "as planned", never "differs" ------------------------


def _refusing(stand: Stand, data: bytes) -> list[bytes]:
    return [answer(data, code=5)]


def _failing(stand: Stand, data: bytes) -> list[bytes]:
    return [answer(data, code=2)]


def _cached(stand: Stand, data: bytes) -> list[bytes]:
    made = answer(data)
    return [made[:2] + bytes((made[2] & ~4,)) + made[3:]]  # without AA, as a resolver would


def _garbled(stand: Stand, data: bytes) -> list[bytes]:
    return [answer(data)[:-7]]


@pytest.mark.parametrize(
    ("behaviour", "rule"),
    [
        (_refusing, "server-lame"),
        (_cached, "server-lame"),
        (_failing, "server-unreachable"),
        (_garbled, "server-unreachable"),
        (lambda stand, data: [], "server-unreachable"),
    ],
)
def test_what_cannot_be_told_is_unknown(
    world: World, behaviour: object, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(peers, "PATIENCE", 0.2)
    monkeypatch.setattr(streams, "SILENCE", 0.2)
    plan = plan_of(world.folder, "one.example")

    async def run() -> tuple[Check, ...]:
        async with standing(behaviour) as (stand, server):  # type: ignore[arg-type]
            stand.over_tcp = behaviour  # type: ignore[assignment]
            return (await verify(plan, [server])).checks

    checks = asyncio.run(run())
    assert {(check.rule, check.status) for check in checks} == {(rule, Status.UNKNOWN)}
    assert {(e.name, e.type) for e in checks} == {(e.name, e.type) for e in plan.records}


def test_a_server_that_answers_over_udp_only_is_told(world: World) -> None:
    plan = plan_of(world.folder, "d0.example")
    zone = zone_of(plan)
    with running({zone.apex: SOA + zone.text()}) as server:

        async def run() -> Verdict:
            def relayed(stand: Stand, data: bytes) -> list[bytes]:
                return [reply(server.port, data)]

            async with standing(relayed, per_connection=0) as (_, asked):
                return await verify(plan, [asked])

        verdict = asyncio.run(run())
    assert verdict.status is Overall.UNKNOWN
    told = {check.rule for check in verdict.checks if check.status is Status.UNKNOWN}
    assert told == {"server-unreachable"}
    assert sum(check.status is Status.PASS for check in verdict.checks) == len(
        {(each.name, each.type) for each in plan.records}
    )


def test_without_a_way_to_ipv6_the_other_servers_decide_and_alone_nothing_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_way(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    async def no_connection(loop: object, factory: object, host: str, port: int) -> object:
        return no_way() if ":" in host else await connect(loop, factory, host, port)

    connect, way = asyncio.BaseEventLoop.create_connection, peers.Peer.way
    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", no_connection)
    monkeypatch.setattr(peers.Peer, "way", lambda peer: no_way() if ":" in peer._address else way(peer))
    plan = plan_of(world.folder, "d0.example")
    zone = zone_of(plan)
    far = Server("ns2", "2001:db8::53")
    with running({zone.apex: SOA + zone.text()}) as server:
        both = verify_all([plan], [Server("ns1", "127.0.0.1", server.port), far])[0]
    assert both.status is Overall.OK
    assert {e.status for e in both.checks if e.server == str(far)} == {Status.NOT_CHECKABLE}
    alone = verify_all([plan], [far])[0]
    assert alone.status is Overall.UNKNOWN and {e.status for e in alone.checks} == {Status.UNKNOWN}


def reply(port: int, data: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
        upstream.settimeout(10)
        upstream.sendto(data, ("127.0.0.1", port))
        return upstream.recv(4096)
