"""A hundred steps in the life of one zone, at a host of each shape; each is judged by what is served then."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator

import pytest

from mailwright.hosts.dns.base import HostError, Moved
from mailwright.model.records import PlannedRecord
from tests.hosts.company import company
from tests.hosts.conftest import APIS
from tests.hosts.life import Life
from tests.hosts.standins import STAND_INS
from tests.hosts.standins.base import StandIn
from tests.hosts.test_dns_conformance import HARD_TEXTS
from tests.hosts.worlds import Nameserver, World, holds
from tests.plan.worlds import record
from tests.servers.fixtures import ALL_SERVERS, started

#: One host of each shape; every host with MAILWRIGHT_MANY=1.
_SHAPES = ["embedded", "aliyun", "godaddy", "namecheap"]
_NAMES = {str(kind.values[0]) for kind in ALL_SERVERS} | {*APIS, *STAND_INS}
_MORE = sorted(_NAMES - {*_SHAPES, "memory"})
HOSTS = [
    pytest.param(name, marks=[getattr(pytest.mark, m) for m in ("knot", "bind", "powerdns") if m in name])
    for name in (_SHAPES + _MORE if os.environ.get("MAILWRIGHT_MANY") else _SHAPES)
]
Part = Callable[[Life], None]


@pytest.mark.parametrize("host", HOSTS)
def test_a_hundred_steps(host: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr("mailwright.hosts.dns.http.Pace.wait", lambda _: None)
    life = Life(_world(host))
    for part in PARTS:
        part(life)
    assert len(life.steps) >= 100, len(life.steps)
    assert len(set(life.steps)) == len(life.steps), "a step twice"


def _world(host: str) -> World:
    make = APIS.get(host) or STAND_INS.get(host)
    return make() if make else Nameserver(started(host))


def _with(life: Life, *records: PlannedRecord) -> list[PlannedRecord]:
    """The plan with these in place of what has their key."""
    keys = {one.key for one in records}
    return [*(one for one in life.records if one.key not in keys), *records]


# -- parts ------------------------------------------------------------------------------------------------


def _begin(life: Life) -> None:
    life.to("create", company(life.zone))
    assert life.look(owned=type(life.owned)()).is_empty
    life.done("adopt without a state")
    life.to("second run", life.records)


def _texts(life: Life) -> None:
    """Every edge of TXT, in a set of its own, each in place of the one before."""
    for number, text in enumerate((*HARD_TEXTS, *(c * 3 for c in "#&'(*+<=?@[^{~"))):
        planned = _with(life, record(f"t.{life.zone}", "TXT", text))
        if holds(life.world, text):
            life.to(f"text {number}", planned)
            continue
        with pytest.raises(HostError):
            asyncio.run(life.host.apply(life.look(planned)))
        life.done(f"text {number} refused")
    life.to("text gone", [one for one in life.records if not one.name.startswith("t.")])


def _ttls(life: Life) -> None:
    for wished in (7200, 600, 86400, 3600):
        seconds = life.ttl(wished)
        life.to(f"ttl {wished}", [_at(one, seconds) if one.type == "MX" else one for one in life.records])
        assert life.world.ttl(life.zone, "MX") == seconds
    shared = life.world.ttl(life.zone, "TXT")
    life.to("ttl of a shared set", [_at(one, 1800) if _is_spf(one) else one for one in life.records])
    assert life.world.ttl(life.zone, "TXT") == shared
    life.to("ttl back", [_at(one, 3600) for one in life.records])


def _at(one: PlannedRecord, seconds: int) -> PlannedRecord:
    return PlannedRecord(one.name, one.type, seconds, one.values, one.family)


def _is_spf(one: PlannedRecord) -> bool:
    return one.values[0].startswith("v=spf1")


def _exchangers(life: Life) -> None:
    for step, values in (
        ("mx preference", ("10 mxbiz1.qq.com.", "20 mxbiz2.qq.com.")),
        ("mx one more", ("10 mxbiz1.qq.com.", "20 mxbiz2.qq.com.", "15 mxbiz3.qq.com.")),
        ("mx one less", ("10 mxbiz1.qq.com.", "20 mxbiz2.qq.com.")),
    ):
        life.to(step, _with(life, record(life.zone, "MX", *values)))
    life.later()
    life.to("mx retired", life.records)
    life.to("mx elsewhere", _with(life, record(life.zone, "MX", "5 mx1.feishu.cn.", "10 mx2.feishu.cn.")))
    life.later()
    life.to("mx elsewhere retired", life.records)
    assert life.served(life.zone, "MX") == {"5 mx1.feishu.cn.", "10 mx2.feishu.cn."}
    life.to("mx back", _with(life, *company(life.zone)[:1]))
    life.later()
    life.to("mx back retired", life.records)


def _senders(life: Life) -> None:
    for number, terms in enumerate(("ip4:192.0.2.9", "ip4:192.0.2.9 a:web.acme.example", "", "mx")):
        text = f"v=spf1 include:spf.mail.qq.com {terms} ~all".replace("  ", " ")
        life.to(f"spf {number}", _with(life, record(life.zone, "TXT", text)))
        life.later()
        life.to(f"spf {number} retired", life.records)
        assert [one for one in life.served(life.zone, "TXT") if one.startswith("v=spf1")] == [text]


def _policies(life: Life) -> None:
    name = f"_dmarc.{life.zone}"
    for policy in ("quarantine; pct=20", "quarantine", "reject", "none"):
        life.to(f"dmarc {policy}", _with(life, record(name, "TXT", f"v=DMARC1; p={policy}")))
    reports = "v=TLSRPTv1; rua=mailto:t@a.example"
    for owner, text in (("_mta-sts", "v=STSv1; id=20261201"), ("_smtp._tls", reports)):
        before = list(life.records)
        life.to(f"policy {owner}", [*before, record(f"{owner}.{life.zone}", "TXT", text)])
        life.to(f"policy {owner} gone", before)


def _keys(life: Life) -> None:
    name, before = f"s2._domainkey.{life.zone}", list(life.records)
    for text in ("v=DKIM1; k=rsa; p=" + "B" * length for length in (216, 392, 736)):
        if holds(life.world, text):
            life.to(f"key of {len(text)}", [*before, record(name, "TXT", text)])
            life.later()
    life.to("key leaves", before)
    assert life.served(name, "TXT"), "signed mail waits in queues"
    life.later()
    life.to("key gone", before)
    assert not life.served(name, "TXT")
    life.to("key by alias", [*before, record(name, "CNAME", "s2.vendor.example.")])
    life.to("alias leaves", before)
    life.later()
    life.to("alias gone", before)


def _types(life: Life) -> None:
    """Every further type that the host takes: made, changed, gone."""
    for type, first, second in (
        ("CNAME", "one.vendor.example.", "two.vendor.example."),
        ("A", "192.0.2.90", "192.0.2.91"),
        ("AAAA", "2001:db8::90", "2001:db8::91"),
        ("SRV", "0 1 443 one.vendor.example.", "0 1 443 two.vendor.example."),
        ("TLSA", "3 1 1 " + "ab" * 32, "3 1 1 " + "cd" * 32),
    ):
        name = {"SRV": "_imaps._tcp.", "TLSA": "_25._tcp.mx."}.get(type, f"x-{type.lower()}.") + life.zone
        if type not in life.types:
            continue
        before = list(life.records)
        life.to(f"{type} made", [*before, record(name, type, first)])
        life.to(f"{type} changed", [*before, record(name, type, second)])
        life.to(f"{type} gone", before)


def _drift(life: Life) -> None:
    """Each of our sets goes by another hand, and comes back; then it gets a stranger beside it."""
    for one in [each for each in life.records if each.type != "TXT" or each.name != life.zone]:
        owner = one.name.removesuffix(life.zone).rstrip(".") or "@"
        life.world.drop(life.zone, owner, one.type)
        getattr(life.world, "gone", set()).clear()  # by another hand: no gap of ours
        assert not life.look().is_empty
        life.to(f"repaired {owner} {one.type}", life.records)
    for number in range(5):
        life.world.put(life.zone, f'by-hand{number} 3600 TXT "somebody\'s {number}"')
        life.done(f"somebody adds {number}")
        life.world.drop(life.zone, f"by-hand{number}", "TXT")


def _writers(life: Life) -> None:
    """Somebody writes to a set of ours between the reading and the write: refused, and theirs stands."""
    name = f"_dmarc.{life.zone}"
    for number in range(4):
        planned = _with(life, record(name, "TXT", f"v=DMARC1; p=none; fo={number % 2}; rf=n{number}"))
        change_set = life.look(planned)
        life.world.put(life.zone, f'_dmarc 3600 TXT "theirs={number}"')
        with pytest.raises(Moved):
            asyncio.run(life.host.apply(change_set))
        assert f"theirs={number}" in life.served(name, "TXT")
        life.done(f"a second writer {number}")
        life.to(f"beside a second writer {number}", planned)
        life.world.drop(life.zone, "_dmarc", "TXT", f'"theirs={number}"')


def _strangers(life: Life) -> None:
    for step, client in (
        ("a wrong credential", life.world.stranger(life.zone)),
        ("a mistyped zone", life.world.client("acme-tarde.example.")),
    ):
        with pytest.raises(HostError):
            asyncio.run(client.read([(client.zone, "MX")]))
        life.done(step)


def _faults(life: Life) -> None:
    """A host that is busy, breaks, loses the answer, or says yes and does nothing."""
    if not isinstance(life.world, StandIn):
        return
    for fault in ("busy", "lost", "dropped", "broken", "nothing"):
        planned = _with(life, record(f"_dmarc.{life.zone}", "TXT", f"v=DMARC1; p=none; rf={fault}"))
        life.world.faults = {life.world.writes + 1: fault}
        change_set = life.look(planned)
        failed = _failed(life, change_set)
        assert failed is (fault not in ("busy", "lost"))
        life.world.faults = {}
        life.to(f"after {fault}", planned)


def _failed(life: Life, change_set: object) -> bool:
    try:
        return asyncio.run(life.host.apply(change_set)) is not None  # type: ignore[arg-type]
    except HostError:
        return True


def _end(life: Life) -> None:
    """One set after the other, and then there is only what others have."""
    for key in sorted({one.key for one in life.records}):
        life.later()
        life.to(f"gone {key.replace(life.zone, '@')}", [one for one in life.records if one.key != key])
    life.later()
    life.to("destroyed", [])
    texts = life.served(life.zone, "TXT")
    assert texts == {"google-site-verification=somebody", "MS=ms12345678"}
    assert not life.served(life.zone, "MX")


def _parts() -> Iterator[Part]:
    yield from (_begin, _texts, _ttls, _exchangers, _senders, _policies, _keys, _types)
    yield from (_drift, _writers, _strangers, _faults, _end)


PARTS = tuple(_parts())
