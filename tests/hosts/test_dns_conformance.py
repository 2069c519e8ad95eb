"""One suite for every DNS host: what a plan asks for is what is served, and nobody else's record moves."""

from __future__ import annotations

import asyncio

import pytest

from mailwright.hosts.dns.base import HostError, Moved
from mailwright.model.text import LANGS
from mailwright.plan.transition.change import keys_to_read, settled
from tests.hosts.company import FOREIGN, GOOGLE, MICROSOFT, applied, company, looked_at, owned_of
from tests.hosts.worlds import World, holds, least_ttl
from tests.plan.worlds import record


def test_create_second_run_update_destroy_beside_foreign_records(world: World) -> None:
    zone = world.new_zone(FOREIGN)
    host, records = world.client(zone), company(zone)
    assert not applied(host, records).is_empty
    assert world.texts(zone, "MX") == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
    assert world.joined(zone) == {GOOGLE, MICROSOFT, "v=spf1 include:spf.mail.qq.com ~all"}
    assert world.joined(f"s1._domainkey.{zone}") == set(records[3].values)
    assert looked_at(host, records, owned_of(records)).is_empty, "a second run changes nothing"
    assert looked_at(host, records).is_empty, "what is there is adopted, also without a state"

    changed = [*records[:2], record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=reject"), *records[3:]]
    updated = applied(host, changed, owned_of(records))
    assert [change.name for change in updated.changes] == [f"_dmarc.{zone}"]
    assert world.joined(f"_dmarc.{zone}") == {"v=DMARC1; p=reject"}

    applied(host, [], owned_of(changed))
    assert world.joined(zone) == {GOOGLE, MICROSOFT}
    assert world.texts(zone, "A") == {"192.0.2.80"} and world.texts(zone, "MX") == set()
    assert world.texts(zone, "NS") == {f"ns1.{zone}"}
    assert not world.texts(f"autodiscover.{zone}", "CNAME")


def test_drift_is_found_and_repaired(world: World) -> None:
    zone = world.new_zone()
    host, records = world.client(zone), company(zone)
    applied(host, records)
    world.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    world.put(zone, "@ 3600 MX 1 mx.typo.example.")
    world.drop(zone, "_dmarc", "TXT")
    owned = owned_of(records)
    observed = asyncio.run(host.read(keys_to_read(records, owned, zone)))
    state = settled(observed, owned, records)
    assert f"_dmarc.{zone} TXT" not in state and state[f"{zone} MX"][1] != tuple(sorted(records[0].values))
    applied(host, records, owned)
    assert world.texts(zone, "MX") == set(records[0].values)
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
def test_a_txt_arrives_octet_by_octet_and_is_found_again(world: World, text: str) -> None:
    zone = world.new_zone()
    host, records = world.client(zone), [record(f"t.{zone}", "TXT", text)]
    if not holds(world, text):
        with pytest.raises(HostError):
            applied(host, records)
        assert not world.joined(f"t.{zone}")
        return
    applied(host, records)
    assert world.joined(f"t.{zone}") == {text}
    assert looked_at(host, records).is_empty
    applied(host, [], owned_of(records))
    assert world.joined(f"t.{zone}") == set()


def test_the_same_spf_in_two_splits_is_one_record(world: World) -> None:
    zone = world.new_zone('@ 3600 TXT "v=spf1 " "-all"\n')
    host, records = world.client(zone), [record(zone, "TXT", "v=spf1 -all")]
    assert looked_at(host, records).is_empty, "another split says the same"
    applied(host, [record(zone, "TXT", "v=spf1 mx -all")])
    assert world.joined(zone) == {"v=spf1 mx -all"}
    assert len(world.texts(zone, "TXT")) == 1


def test_a_shared_set_keeps_its_own_ttl(world: World) -> None:
    zone = world.new_zone(FOREIGN)
    applied(world.client(zone), [record(zone, "TXT", "v=spf1 -all", ttl=3600)])
    assert world.ttl(zone, "TXT") == max(300, least_ttl(world)) and GOOGLE in world.joined(zone)


def test_a_set_that_is_all_ours_gets_the_planned_ttl(world: World) -> None:
    zone = world.new_zone("@ 60 MX 5 mxbiz1.qq.com.\n@ 60 MX 10 mxbiz2.qq.com.\n")
    applied(world.client(zone), company(zone)[:1])
    assert world.ttl(zone, "MX") == 3600
    assert world.texts(zone, "MX") == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}


def test_a_writer_between_read_and_write_is_noticed_and_loses_nothing(world: World) -> None:
    zone = world.new_zone(FOREIGN)
    host, records = world.client(zone), company(zone)
    change_set = looked_at(host, records)
    world.put(zone, '@ 300 TXT "somebody-else=was-faster"')
    with pytest.raises(Moved):
        asyncio.run(host.apply(change_set))
    assert "somebody-else=was-faster" in world.joined(zone)
    assert not world.texts(zone, "MX"), "all or nothing"
    applied(host, records)
    assert {"somebody-else=was-faster", GOOGLE} < world.joined(zone) and world.texts(zone, "MX")


def test_a_name_below_a_delegation_is_refused_before_anything_is_sent(world: World) -> None:
    zone = world.new_zone("news 300 NS ns.elsewhere.example.\n")
    host = world.client(zone)
    change_set = looked_at(host, [record(f"mail.news.{zone}", "TXT", "v=spf1 -all"), *company(zone)])
    assert change_set.below_cut == (f"mail.news.{zone}",)
    with pytest.raises(HostError):
        asyncio.run(host.apply(change_set))
    assert not world.texts(zone, "MX")


def test_a_zone_the_server_does_not_have_is_an_error_never_gone(world: World) -> None:
    host = world.client("not-here.example.")
    with pytest.raises(HostError):
        asyncio.run(host.read([("not-here.example.", "MX")]))


def test_a_wildcards_answer_is_no_record_of_the_name(world: World) -> None:
    zone = world.new_zone('* 300 TXT "v=DMARC1; p=reject"\n')
    applied(world.client(zone), [record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=none")])
    assert world.joined(f"_dmarc.{zone}") == {"v=DMARC1; p=none"}
    assert world.joined(f"other.{zone}") == {"v=DMARC1; p=reject"}


def test_a_txt_becomes_a_cname_in_one_change(world: World) -> None:
    zone = world.new_zone('s1._domainkey 300 TXT "v=DKIM1; k=rsa; p=AAAA"\n')
    name = f"s1._domainkey.{zone}"
    applied(world.client(zone), [record(name, "CNAME", "s1.vendor.example.")])
    assert world.texts(name, "CNAME") == {"s1.vendor.example."} and not world.joined(name)


def test_the_secret_shows_nowhere(world: World) -> None:
    """Neither in what a debugger or a log shows of a host, nor in what it says when it fails."""
    zone = world.new_zone()
    host, wrong = world.client(zone), world.stranger(zone)
    asyncio.run(host.read([(zone, "MX")]))
    with pytest.raises(HostError) as caught:
        asyncio.run(wrong.read([(zone, "MX")]))
    shown = [f"{dns_client!r} {dns_client}" for dns_client in (host, wrong)]
    shown += [repr(caught.value), *map(caught.value.text, LANGS)]
    assert zone in shown[0]
    for secret in world.secrets:
        assert not [each for each in shown if secret in each]


def test_a_wrong_secret_is_one_clear_error_and_the_next_run_converges(world: World) -> None:
    zone = world.new_zone()
    records = company(zone)
    change_set = looked_at(world.client(zone), records)
    with pytest.raises(HostError) as caught:
        asyncio.run(world.stranger(zone).apply(change_set))
    assert "\n" not in str(caught.value) and caught.value.text("zh") != str(caught.value)
    assert not world.texts(zone, "MX")
    applied(world.client(zone), records)
    assert world.texts(zone, "MX")
