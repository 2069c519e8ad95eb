"""What only nameservers have: keys, transfers, a process that can be killed."""

from __future__ import annotations

import asyncio
import base64

import pytest

from mailwright.hosts.dns.base import Denied, HostError, Moved, Unreachable
from mailwright.hosts.dns.rfc2136 import Rfc2136Host
from mailwright.plan.transition.change import Owned, keys_to_read
from tests.hosts.company import FOREIGN, GOOGLE, MICROSOFT, applied, company, looked_at, owned_of
from tests.plan.worlds import record
from tests.servers.base import FORGED, FULL, NARROW, UNKNOWN, DnsServer, free_port
from tests.servers.fixtures import ALL_SERVERS


@pytest.mark.parametrize("key", [UNKNOWN, FORGED, None], ids=["unknown key", "wrong secret", "no key"])
def test_a_wrong_key_is_one_clear_error_and_the_next_run_converges(server: DnsServer, key: object) -> None:
    zone = server.new_zone()
    records = company(zone)
    change_set = looked_at(server.host(zone), records)
    with pytest.raises(HostError) as caught:
        asyncio.run(server.host(zone, key).apply(change_set))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and UNKNOWN.secret not in str(caught.value)
    assert not server.texts(zone, "MX")
    applied(server.host(zone), records)
    assert server.texts(zone, "MX")


#: PowerDNS has no policy by name: a key may change the whole zone.
WITH_POLICY = [parameter_set for parameter_set in ALL_SERVERS if parameter_set.values != ("powerdns",)]


@pytest.mark.parametrize("server", WITH_POLICY, indirect=True)
def test_a_key_for_mail_only_is_enough_and_may_no_more(server: DnsServer) -> None:
    zone = server.new_zone()
    records = company(zone)
    change_set = looked_at(server.host(zone), records)
    asyncio.run(server.host(zone, NARROW).apply(change_set))
    assert looked_at(server.host(zone), records).is_empty
    outside = looked_at(server.host(zone), [record(f"www2.{zone}", "TXT", "v=spf1 -all")])
    with pytest.raises(Denied):
        asyncio.run(server.host(zone, NARROW).apply(outside))
    assert not server.joined(f"www2.{zone}")


def test_a_killed_server_is_an_error_and_the_next_run_converges(server: DnsServer) -> None:
    zone = server.new_zone()
    host, records = server.host(zone, timeout=2.0), company(zone)
    change_set = looked_at(host, records)
    server.kill()
    try:
        with pytest.raises(Unreachable):
            asyncio.run(host.apply(change_set))
        with pytest.raises(Unreachable):
            asyncio.run(host.read([(zone, "MX")]))
    finally:
        server.ensure_running()
    applied(host, records)
    assert server.texts(zone, "MX")


def test_nobody_there_is_unreachable_never_gone() -> None:
    host = Rfc2136Host("z.example.", "127.0.0.1", free_port(), timeout=1.0)
    with pytest.raises(Unreachable):
        asyncio.run(host.read([("z.example.", "MX")]))


def test_a_transfer_shows_what_questions_show(server: DnsServer) -> None:
    """Of a zone with every trap: foreign records, a wildcard, a delegation, an alias."""
    zone = server.new_zone(
        f'{FOREIGN}*.made 300 TXT "v=spf1 -all"\n*.made 300 MX 10 mx.example.\n'
        "sub 300 NS ns.elsewhere.example.\n"
    )
    records = company(zone)
    applied(server.host(zone), records)
    wanted = [
        *records,
        record(f"up.made.{zone}", "TXT", "v=spf1 ~all"),
        record(f"mail.sub.{zone}", "TXT", "v=spf1 ~all"),
        record(f"autodiscover.{zone}", "TXT", "v=spf1 ~all"),
    ]
    keys = keys_to_read(wanted, Owned(), zone)
    asked = asyncio.run(server.host(zone).read(keys))
    transferred = asyncio.run(server.host(zone, transfer=True).read(keys))
    assert dict(transferred.sets) == dict(asked.sets)
    assert transferred.cuts == asked.cuts == {f"sub.{zone}"}
    assert dict(transferred.made_up) == dict(asked.made_up)
    assert asked.made_up[f"up.made.{zone} MX"].plain == ("10 mx.example.",)


WILD = "* 300 MX 10 mail\n* 300 A 192.0.2.1\n*.shop 300 MX 20 shop\nexists.deep 300 A 192.0.2.9\n"


@pytest.mark.parametrize("transfer", [False, True])
@pytest.mark.parametrize(
    ("published", "lost"),
    [
        (["news"], {"news"}),
        (["k2._domainkey.news"], {"news"}),
        (["_dmarc.a.news"], {"a.news", "news"}),
        (["x.shop"], {"x.shop"}),
        (["deep"], set()),
        (["www"], set()),
        (["new.www"], set()),
        (["_dmarc"], set()),
    ],
)
def test_what_a_wildcard_stops_answering_is_seen(
    server: DnsServer, published: list[str], lost: set[str], *, transfer: bool
) -> None:
    """RFC 4592 §2.2.1: a new name, and each empty one above it, falls out of the wildcard."""
    zone = server.new_zone(WILD)
    records = [record(f"{name}.{zone}", "TXT", _said(name)) for name in published]
    change_set = looked_at(server.host(zone, transfer=transfer), records, Owned())
    assert {uncovered.name.removesuffix(f".{zone}") for uncovered in change_set.uncovered} == lost
    applied(server.host(zone), records)
    again = looked_at(server.host(zone, transfer=transfer), records, owned_of(records))
    assert not again.uncovered and again.is_empty


def _said(name: str) -> str:
    if "_domainkey" in name:
        return "v=DKIM1; k=rsa; p=AAAA"
    return "v=DMARC1; p=none" if name.startswith("_dmarc") else "v=spf1 -all"


def test_a_whole_life_by_transfer(server: DnsServer) -> None:
    zone = server.new_zone(FOREIGN)
    host, records = server.host(zone, transfer=True), company(zone)
    applied(host, records)
    assert looked_at(server.host(zone, transfer=True), records, owned_of(records)).is_empty
    host = server.host(zone, transfer=True)
    seen = looked_at(host, [record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=reject")], owned_of(records[2:3]))
    server.put(zone, '_dmarc 3600 TXT "v=DMARC1; p=quarantine"')
    with pytest.raises(Moved):
        asyncio.run(host.apply(seen))
    applied(server.host(zone, transfer=True), [], owned_of(records))
    assert server.joined(zone) == {GOOGLE, MICROSOFT}


def test_a_key_that_may_not_transfer_reads_by_questions(server: DnsServer) -> None:
    zone = server.new_zone(FOREIGN)
    records = company(zone)[:3]
    applied(server.host(zone, NARROW, transfer=True), records)
    assert looked_at(server.host(zone, NARROW, transfer=True), records, owned_of(records)).is_empty


def test_a_zone_of_more_than_one_message_is_read_by_questions(server: DnsServer) -> None:
    zone = server.new_zone(FOREIGN)
    for start in range(0, 600, 150):
        server.put(zone, "\n".join(f'big{n} 300 TXT "{"x" * 200}"' for n in range(start, start + 150)))
    records = company(zone)
    host = server.host(zone, transfer=True)
    applied(host, records)
    assert looked_at(server.host(zone, transfer=True), records, owned_of(records)).is_empty


def test_the_octets_of_a_key_show_nowhere(server: DnsServer) -> None:
    for key in (FULL, FORGED):
        host = server.host(server.new_zone(), key)
        shown = f"{host!r} {host} {vars(host)!r}"
        assert host.zone in shown
        assert not [form for form in (key.secret, repr(base64.b64decode(key.secret))[2:-1]) if form in shown]
