"""One suite for every nameserver: what a plan asks for is what is served, and nobody else's record moves."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt

import pytest

from mailwright.hosts.dns.base import Denied, HostError, Moved, Unreachable
from mailwright.hosts.dns.rfc2136 import Rfc2136Host
from mailwright.model import txt
from mailwright.model.changes import ChangeSet
from mailwright.model.families import family_of
from mailwright.model.records import PlannedRecord
from mailwright.model.text import LANGS
from mailwright.plan.transition.change import Owned, change, keys_to_read, settled
from tests.servers.base import FORGED, FULL, NARROW, UNKNOWN, DnsServer, free_port
from tests.servers.fixtures import ALL_SERVERS

DAY = dt.date(2026, 11, 23)
GOOGLE, MICROSOFT = "google-site-verification=somebody", "MS=ms12345678"
FOREIGN = f'@ 300 TXT "{GOOGLE}"\n@ 300 TXT "{MICROSOFT}"\n@ 300 A 192.0.2.80\n'


def record(name: str, type: str, *values: str, ttl: int = 3600) -> PlannedRecord:
    return PlannedRecord(name, type, ttl, values, family_of(name, type, values[0]))


def company(zone: str) -> list[PlannedRecord]:
    """A whole company: MX, SPF, DMARC, a key of 2048 bits, an alias."""
    return [
        record(zone, "MX", "5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."),
        record(zone, "TXT", "v=spf1 include:spf.mail.qq.com ~all"),
        record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=none; rua=mailto:wang@acme-trade.com"),
        record(f"s1._domainkey.{zone}", "TXT", "v=DKIM1; k=rsa; p=" + "A" * 392),
        record(f"autodiscover.{zone}", "CNAME", "autodiscover.outlook.com."),
    ]


def looked_at(host: Rfc2136Host, records: list[PlannedRecord], owned: Owned | None = None) -> ChangeSet:
    owned = owned or Owned()
    observed = asyncio.run(host.read(keys_to_read(records, owned, host.zone)))
    return change(records, observed, domain=host.zone, target="test", as_of=DAY, owned=owned)


def applied(host: Rfc2136Host, records: list[PlannedRecord], owned: Owned | None = None) -> ChangeSet:
    made = looked_at(host, records, owned)
    asyncio.run(host.apply(made))
    return made


def owned_of(records: list[PlannedRecord]) -> Owned:
    state: dict[str, tuple[str, ...]] = {}
    for each in records:
        state[each.key] = state.get(each.key, ()) + each.values
    return Owned(state)


def served(server: DnsServer, name: str) -> set[str]:
    """TXT values as the world joins them."""
    return {
        txt.join(r.strings)
        for rrset in server.query(name, "TXT").answer
        for r in rrset
        if hasattr(r, "strings")
    }


def test_create_second_run_update_destroy_beside_foreign_records(server: DnsServer) -> None:
    zone = server.new_zone(FOREIGN)
    host, records = server.host(zone), company(zone)
    assert not applied(host, records).is_empty
    assert server.texts(zone, "MX") == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
    assert served(server, zone) == {GOOGLE, MICROSOFT, "v=spf1 include:spf.mail.qq.com ~all"}
    assert served(server, f"s1._domainkey.{zone}") == set(records[3].values)
    assert looked_at(host, records, owned_of(records)).is_empty, "a second run changes nothing"
    assert looked_at(host, records).is_empty, "what is there is adopted, also without a state"

    changed = [*records[:2], record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=reject"), *records[3:]]
    updated = applied(host, changed, owned_of(records))
    assert [each.name for each in updated.changes] == [f"_dmarc.{zone}"]
    assert served(server, f"_dmarc.{zone}") == {"v=DMARC1; p=reject"}

    applied(host, [], owned_of(changed))
    assert served(server, zone) == {GOOGLE, MICROSOFT}
    assert server.texts(zone, "A") == {"192.0.2.80"} and server.texts(zone, "MX") == set()
    assert server.texts(zone, "NS") == {f"ns1.{zone}"}
    assert not server.query(f"autodiscover.{zone}", "CNAME").answer


def test_drift_is_found_and_repaired(server: DnsServer) -> None:
    zone = server.new_zone()
    host, records = server.host(zone), company(zone)
    applied(host, records)
    server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    server.put(zone, "@ 3600 MX 1 mx.typo.example.")
    server.drop(zone, "_dmarc", "TXT")
    owned = owned_of(records)
    observed = asyncio.run(host.read(keys_to_read(records, owned, zone)))
    state = settled(observed, owned, records)
    assert f"_dmarc.{zone} TXT" not in state and state[f"{zone} MX"][1] != tuple(sorted(records[0].values))
    applied(host, records, owned)
    assert server.texts(zone, "MX") == set(records[0].values)
    assert looked_at(host, records, owned).is_empty


HARD_TEXTS = [
    *(f"v=x{'y' * (length - 3)}" for length in (254, 255, 256, 509, 510, 511, 764, 765)),
    "",
    "a",
    'quotes " and \\ backslashes \\" both',
    "semicolons; and, commas",
    "trailing blanks   ",
    "  leading",
    "高意向 报价 ünïcödé",
    "tab\tinside",
    "backtick ` dollar $ percent %",
]


@pytest.mark.parametrize("text", HARD_TEXTS, ids=lambda text: f"{len(text)}:{text[:8]}")
def test_a_txt_arrives_octet_by_octet_and_is_found_again(server: DnsServer, text: str) -> None:
    zone = server.new_zone()
    host, records = server.host(zone), [record(f"t.{zone}", "TXT", text)]
    applied(host, records)
    assert served(server, f"t.{zone}") == {text}
    assert looked_at(host, records).is_empty
    applied(host, [], owned_of(records))
    assert served(server, f"t.{zone}") == set()


def test_the_same_spf_in_two_splits_is_one_record(server: DnsServer) -> None:
    zone = server.new_zone('@ 3600 TXT "v=spf1 " "-all"\n')
    host, records = server.host(zone), [record(zone, "TXT", "v=spf1 -all")]
    assert looked_at(host, records).is_empty, "another split says the same"
    applied(host, [record(zone, "TXT", "v=spf1 mx -all")])
    assert served(server, zone) == {"v=spf1 mx -all"}
    assert len(server.texts(zone, "TXT")) == 1


def test_a_shared_set_keeps_its_own_ttl(server: DnsServer) -> None:
    zone = server.new_zone(FOREIGN)
    applied(server.host(zone), [record(zone, "TXT", "v=spf1 -all", ttl=3600)])
    assert server.ttl(zone, "TXT") == 300 and GOOGLE in served(server, zone)


def test_a_set_that_is_all_ours_gets_the_planned_ttl(server: DnsServer) -> None:
    zone = server.new_zone("@ 60 MX 5 mxbiz1.qq.com.\n@ 60 MX 10 mxbiz2.qq.com.\n")
    applied(server.host(zone), company(zone)[:1])
    assert server.ttl(zone, "MX") == 3600
    assert server.texts(zone, "MX") == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}


def test_a_writer_between_read_and_write_is_noticed_and_loses_nothing(server: DnsServer) -> None:
    zone = server.new_zone(FOREIGN)
    host, records = server.host(zone), company(zone)
    made = looked_at(host, records)
    server.put(zone, '@ 300 TXT "somebody-else=was-faster"')
    with pytest.raises(Moved):
        asyncio.run(host.apply(made))
    assert "somebody-else=was-faster" in served(server, zone)
    assert not server.texts(zone, "MX"), "all or nothing"
    applied(host, records)
    assert {"somebody-else=was-faster", GOOGLE} < served(server, zone) and server.texts(zone, "MX")


def test_a_name_below_a_delegation_is_refused_before_anything_is_sent(server: DnsServer) -> None:
    zone = server.new_zone("news 300 NS ns.elsewhere.example.\n")
    host = server.host(zone)
    made = looked_at(host, [record(f"mail.news.{zone}", "TXT", "v=spf1 -all"), *company(zone)])
    assert made.below_cut == (f"mail.news.{zone}",)
    with pytest.raises(HostError):
        asyncio.run(host.apply(made))
    assert not server.texts(zone, "MX")


@pytest.mark.parametrize("key", [UNKNOWN, FORGED, None], ids=["unknown key", "wrong secret", "no key"])
def test_a_wrong_key_is_one_clear_error_and_the_next_run_converges(server: DnsServer, key: object) -> None:
    zone = server.new_zone()
    records = company(zone)
    made = looked_at(server.host(zone), records)
    with pytest.raises(HostError) as caught:
        asyncio.run(server.host(zone, key).apply(made))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and UNKNOWN.secret not in str(caught.value)
    assert not server.texts(zone, "MX")
    applied(server.host(zone), records)
    assert server.texts(zone, "MX")


#: PowerDNS has no policy by name: a key may change the whole zone.
WITH_POLICY = [each for each in ALL_SERVERS if each.values != ("powerdns",)]


@pytest.mark.parametrize("server", WITH_POLICY, indirect=True)
def test_a_key_for_mail_only_is_enough_and_may_no_more(server: DnsServer) -> None:
    zone = server.new_zone()
    records = company(zone)
    made = looked_at(server.host(zone), records)
    asyncio.run(server.host(zone, NARROW).apply(made))
    assert looked_at(server.host(zone), records).is_empty
    outside = looked_at(server.host(zone), [record(f"www2.{zone}", "TXT", "v=spf1 -all")])
    with pytest.raises(Denied):
        asyncio.run(server.host(zone, NARROW).apply(outside))
    assert not served(server, f"www2.{zone}")


def test_a_killed_server_is_an_error_and_the_next_run_converges(server: DnsServer) -> None:
    zone = server.new_zone()
    host, records = server.host(zone, timeout=2.0), company(zone)
    made = looked_at(host, records)
    server.kill()
    try:
        with pytest.raises(Unreachable):
            asyncio.run(host.apply(made))
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


def test_a_zone_the_server_does_not_have_is_an_error_never_gone(server: DnsServer) -> None:
    host = server.host("not-here.example.")
    with pytest.raises(HostError):
        asyncio.run(host.read([("not-here.example.", "MX")]))


def test_a_wildcards_answer_is_no_record_of_the_name(server: DnsServer) -> None:
    zone = server.new_zone('* 300 TXT "v=DMARC1; p=reject"\n')
    applied(server.host(zone), [record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=none")])
    assert served(server, f"_dmarc.{zone}") == {"v=DMARC1; p=none"}
    assert served(server, f"other.{zone}") == {"v=DMARC1; p=reject"}


def test_a_txt_becomes_a_cname_in_one_change(server: DnsServer) -> None:
    zone = server.new_zone('s1._domainkey 300 TXT "v=DKIM1; k=rsa; p=AAAA"\n')
    name = f"s1._domainkey.{zone}"
    applied(server.host(zone), [record(name, "CNAME", "s1.vendor.example.")])
    assert server.texts(name, "CNAME") == {"s1.vendor.example."} and not served(server, name)


def test_the_secret_shows_nowhere(server: DnsServer) -> None:
    """Neither in what a debugger or a log shows of a host, nor in what it says when it fails."""
    host = server.host(server.new_zone())
    asyncio.run(host.read([(host.zone, "MX")]))
    wrong = server.host(host.zone, FORGED)
    with pytest.raises(HostError) as caught:
        asyncio.run(wrong.read([(host.zone, "MX")]))
    shown = [f"{each!r} {each}" for each in (host, wrong)]
    shown += [repr(vars(each)) for each in (host, wrong)]
    shown += [repr(caught.value), *map(caught.value.text, LANGS)]
    assert host.zone in shown[0]
    for secret in (FULL.secret, FORGED.secret):
        forms = {secret, repr(base64.b64decode(secret))[2:-1]}
        assert not [each for each in shown for form in forms if form in each]


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
    assert served(server, zone) == {GOOGLE, MICROSOFT}


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
