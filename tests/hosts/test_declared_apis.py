"""Hosts that are declared, not written: fields that nobody knows, other writers, long pauses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from mailwright.hosts.dns.base import HostError, Moved
from mailwright.hosts.dns.http import Throttled
from mailwright.plan.transition.gate import gate
from tests.hosts.company import FOREIGN, GOOGLE, OLD, applied, company, failure, looked_at, owned_of
from tests.hosts.standins import STAND_INS, Azure, Desec, Digitalocean, Google, Hetzner, Huawei, StandIn
from tests.hosts.standins.base import Reply
from tests.hosts.standins.rest import RestStandIn
from tests.plan.worlds import record

DECLARED = [name for name, stand_in in STAND_INS.items() if issubclass(stand_in, RestStandIn)]
declared = pytest.mark.parametrize("each_vendor", DECLARED, indirect=True)


def marked(each_vendor: StandIn, zone: str, name: str, type: str, more: Mapping[str, Any]) -> None:
    """What the console has added to the stored records of one set."""
    (marked_row,) = {(row.name, row.type) for row in each_vendor.rows(zone)} & {(name, type)}
    for stored in each_vendor.records[zone]:
        rows = each_vendor.rows_of(zone, stored)
        if [row for row in rows if (row.name, row.type) == marked_row]:
            stored.update(more)


@declared
def test_a_set_with_a_field_that_nobody_knows_is_named_and_not_touched(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN + OLD)
    marked(each_vendor, zone, zone, "TXT", {"geo_routing": {"asia": 1}})
    before = json.dumps(each_vendor.records[zone])
    with pytest.raises(HostError, match=r"TXT holds something .*geo_routing"):
        applied(each_vendor.client(zone), company(zone))
    assert json.dumps(each_vendor.records[zone]) == before
    (untouched,) = (each for each in company(zone) if each.name.startswith("s1._domainkey"))
    applied(each_vendor.client(zone), [untouched])
    assert each_vendor.joined(f"s1._domainkey.{zone}") == set(untouched.values)


@declared
def test_what_is_gone_before_it_is_changed_is_a_second_writer(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN + OLD)
    client, records = each_vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    each_vendor.drop(zone, "@", "MX", "5 mx1.old.example.")
    with pytest.raises(Moved):
        asyncio.run(client.apply(change_set))
    applied(client, records)
    assert each_vendor.texts(zone, "MX") == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}


@declared
def test_a_pause_that_is_too_long_is_told_and_nothing_is_written(
    each_vendor: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client = each_vendor.client(zone)
    change_set = looked_at(client, company(zone))
    refusal = each_vendor.refusal

    def for_an_hour(refused: Any) -> Reply:
        status, headers, body = refusal(refused)
        return (status, headers | {"Retry-After": "3000"}, body)

    monkeypatch.setattr(each_vendor, "refusal", for_an_hour)
    each_vendor.busy = 99
    with pytest.raises(Throttled, match="takes no more calls for now"):
        asyncio.run(client.apply(change_set))
    assert not each_vendor.writes


@declared
def test_a_key_becomes_an_alias_and_never_stands_beside_it(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone('s1._domainkey 3600 TXT "v=DKIM1; k=rsa; p=AAAA"\n')
    name = f"s1._domainkey.{zone}"
    applied(each_vendor.client(zone), [record(name, "CNAME", "s1.vendor.example.")])
    assert each_vendor.texts(name, "CNAME") == {"s1.vendor.example."} and not each_vendor.joined(name)


@pytest.mark.parametrize("each_vendor", ["desec"], indirect=True)
def test_desec_takes_all_of_a_change_or_nothing(each_vendor: Desec) -> None:
    zone = each_vendor.new_zone(FOREIGN + OLD)
    before = json.dumps(each_vendor.records[zone])
    client = each_vendor.client(zone)
    change_set = looked_at(client, company(zone))
    each_vendor.minimum_ttl = 7200  # the account's own, which only the host knows
    with pytest.raises(HostError, match="greater than or equal to 7200"):
        asyncio.run(client.apply(change_set))
    assert json.dumps(each_vendor.records[zone]) == before
    each_vendor.minimum_ttl = 3600
    applied(client, company(zone))
    assert each_vendor.writes == 2


@pytest.mark.parametrize("each_vendor", ["desec"], indirect=True)
def test_desecs_foreign_values_go_back_in_their_own_split(each_vendor: Desec) -> None:
    zone = each_vendor.new_zone(f'@ 3600 TXT "ab" "cd"\n@ 3600 TXT "{GOOGLE}"\n')
    client, records = each_vendor.client(zone), company(zone)
    applied(client, records)
    applied(client, [], owned_of(records))
    assert each_vendor.texts(zone, "TXT") == {'"ab" "cd"', f'"{GOOGLE}"'}


@pytest.mark.parametrize("each_vendor", ["digitalocean"], indirect=True)
def test_digitaloceans_own_name_of_the_zone_is_understood(each_vendor: Digitalocean) -> None:
    zone = each_vendor.new_zone("@ 600 MX 10 @\n")
    (mx,) = (each for each in each_vendor.records[zone] if each["type"] == "MX")
    assert mx["data"] == "@"
    observed = asyncio.run(each_vendor.client(zone).read([(zone, "MX")]))
    assert observed.get(zone, "MX").plain == (f"10 {zone}",)  # type: ignore[union-attr]


# -- Huawei Cloud -------------------------------------------------------------------------------------


def _sets(huawei: Huawei, zone: str, type: str) -> list[dict[str, Any]]:
    return [each for each in huawei.records[zone] if (each["name"], each["type"]) == (zone, type)]


@pytest.mark.parametrize("each_vendor", ["huawei"], indirect=True)
@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"weight": 5}, "weight"),
        ({"weight": 0}, "weight"),
        ({"health_check_id": "7f"}, "health_check_id"),
        ({"alias_target": {"resource_type": "waf"}}, "alias_target"),
        ({"status": "DISABLE"}, "switched off"),
        ({"status": "FREEZE"}, "switched off"),
    ],
)
def test_huaweis_weights_aliases_and_switched_off_sets_are_not_touched(
    each_vendor: Huawei, spoilt: dict[str, Any], words: str
) -> None:
    zone = each_vendor.new_zone(FOREIGN + OLD)
    (mx,) = _sets(each_vendor, zone, "MX")
    mx.update(spoilt)
    before = json.dumps(each_vendor.records[zone])
    with pytest.raises(HostError, match=rf"MX holds something .*{words}"):
        applied(each_vendor.client(zone), company(zone))
    assert json.dumps(each_vendor.records[zone]) == before


@pytest.mark.parametrize("each_vendor", ["huawei"], indirect=True)
def test_huaweis_other_lines_are_told_and_never_touched(each_vendor: Huawei) -> None:
    zone = each_vendor.new_zone(OLD)
    (mx,) = _sets(each_vendor, zone, "MX")
    telecom = {**mx, "id": "77", "line": "Dianxin", "weight": 3}
    each_vendor.records[zone].append(telecom)
    kept = dict(telecom)
    client, records = each_vendor.client(zone), company(zone)
    assert "other-line-differs" in {finding.rule for finding in gate(looked_at(client, records))}
    applied(client, records)
    applied(client, [], owned_of(records))
    assert [each for each in _sets(each_vendor, zone, "MX") if each["line"] == "Dianxin"] == [kept]


@pytest.mark.parametrize("each_vendor", ["huawei"], indirect=True)
def test_huaweis_two_sets_of_one_name_and_type_are_not_written(each_vendor: Huawei) -> None:
    zone = each_vendor.new_zone(OLD)
    (mx,) = _sets(each_vendor, zone, "MX")
    each_vendor.records[zone].append({**mx, "id": "77", "records": ["20 mx3.old.example."]})
    with pytest.raises(HostError, match="MX is spread over several sets"):
        applied(each_vendor.client(zone), company(zone))
    assert not each_vendor.writes


@pytest.mark.parametrize("each_vendor", ["huawei"], indirect=True)
def test_a_zone_that_huawei_holds_and_has_frozen_is_an_error(each_vendor: Huawei) -> None:
    zone = each_vendor.new_zone(OLD)
    each_vendor.zone_status = "FREEZE"
    assert "does not serve it: FREEZE" in str(failure(each_vendor.client(zone), zone))


@pytest.mark.parametrize("each_vendor", ["huawei"], indirect=True)
def test_a_zone_of_a_longer_name_is_another_and_an_id_may_be_given(
    each_vendor: Huawei,
) -> None:
    zone = each_vendor.new_zone(OLD)
    longer = f"not-{zone}"
    each_vendor.create(longer)
    applied(each_vendor.client(zone), company(zone))
    assert not each_vendor.records[longer]
    assert each_vendor.service.open
    options = {"base_url": each_vendor.address, "zone_id": each_vendor._id_of(zone)}
    target = each_vendor.service.target(zone, zone, options)
    keys = dict(zip(each_vendor.identity, (each_vendor.key_id, each_vendor.secrets[0]), strict=True))
    assert looked_at(each_vendor.service.open().client(target, keys), company(zone)).is_empty
    other = each_vendor.new_zone()
    wrong = each_vendor.service.target(zone, zone, {**options, "zone_id": each_vendor._id_of(other)})
    error = failure(each_vendor.service.open().client(wrong, keys), zone)
    assert f"has no zone {zone[:-1]}" in str(error)


@pytest.mark.parametrize("each_vendor", ["huawei"], indirect=True)
def test_huaweis_words_beside_a_set_stay(each_vendor: Huawei) -> None:
    zone = each_vendor.new_zone(OLD)
    (mx,) = _sets(each_vendor, zone, "MX")
    mx["description"] = "老王加的"
    applied(each_vendor.client(zone), company(zone))
    (now,) = _sets(each_vendor, zone, "MX")
    assert (now["id"], now["description"]) == (mx["id"], "老王加的")


# -- Google -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each_vendor", ["google-cloud-dns"], indirect=True)
def test_google_refuses_a_change_of_what_is_no_longer_as_it_was_read(each_vendor: Google) -> None:
    """To the last: between the last reading and the write."""
    zone = each_vendor.new_zone(FOREIGN + OLD)
    client = each_vendor.client(zone)
    change_set = looked_at(client, company(zone))
    each_vendor.late = lambda: each_vendor.put(zone, '@ 300 TXT "somebody-else=was-faster"')
    each_vendor.faults = {1: "late"}
    with pytest.raises(Moved):
        asyncio.run(client.apply(change_set))
    assert each_vendor.texts(zone, "MX") == {"5 mx1.old.example.", "10 mx2.old.example."}
    applied(client, company(zone))
    assert {"somebody-else=was-faster", GOOGLE} <= each_vendor.joined(zone)


@pytest.mark.parametrize("each_vendor", ["google-cloud-dns"], indirect=True)
def test_googles_routing_policies_are_not_touched_and_stand_in_nobodys_way(each_vendor: Google) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    policy = {"wrr": {"items": [{"weight": 1, "rrdatas": ["10 mx.old.example."]}]}}
    everywhere = {"kind": "dns#resourceRecordSet", "name": f"www2.{zone}", "type": "A", "ttl": 300}
    each_vendor.records[zone].append({**everywhere, "routingPolicy": policy})
    applied(each_vendor.client(zone), company(zone))
    each_vendor.records[zone].append(
        {**everywhere, "name": f"news.{zone}", "type": "MX", "routingPolicy": policy}
    )
    kept = json.dumps(each_vendor.records[zone])
    with pytest.raises(HostError, match=r"MX holds something .*routingPolicy"):
        applied(each_vendor.client(zone), [*company(zone), record(f"news.{zone}", "MX", "10 mx.example.")])
    assert json.dumps(each_vendor.records[zone]) == kept


@pytest.mark.parametrize("each_vendor", ["google-cloud-dns"], indirect=True)
def test_googles_private_zone_of_the_same_name_is_another(each_vendor: Google) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    each_vendor.private = (zone,)
    applied(each_vendor.client(zone), company(zone))
    each_vendor.private = ("only-inside.example.",)
    assert "has no zone" in str(failure(each_vendor.client("only-inside.example."), "only-inside.example."))


# -- Azure --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each_vendor", ["azure-dns"], indirect=True)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_azure_refuses_each_set_that_is_no_longer_as_it_was_read(each_vendor: Azure, at: int) -> None:
    """To the last: between the last reading and that very call. What was written before is in the answer."""
    zone = each_vendor.new_zone(FOREIGN + OLD)
    client = each_vendor.client(zone)
    change_set = looked_at(client, company(zone))

    def writes_everywhere() -> None:
        for name in ("@", "_dmarc", "s1._domainkey"):
            each_vendor.put(zone, f'{name} 300 TXT "somebody-else=was-faster"')

    each_vendor.late = writes_everywhere
    each_vendor.faults = {at: "late"}
    try:
        answer = asyncio.run(client.apply(change_set))
        assert answer and isinstance(answer.reason, Moved)
    except Moved:
        assert at == 1
    applied(client, company(zone))
    assert {"somebody-else=was-faster", GOOGLE} <= each_vendor.joined(zone)


@pytest.mark.parametrize("each_vendor", ["azure-dns"], indirect=True)
def test_azures_aliases_are_not_touched_and_what_people_noted_stays(each_vendor: Azure) -> None:
    zone = each_vendor.new_zone(FOREIGN + OLD)
    (spf,) = (e for e in each_vendor.records[zone] if e["name"] == "@" and e["type"].endswith("TXT"))
    spf["properties"]["metadata"] = {"owner": "老王"}
    alias = {"TTL": 3600, "targetResource": {"id": "/subscriptions/x/cdn"}}
    kind = {"id": "x", "etag": "tag", "type": "Microsoft.Network/dnszones/CNAME"}
    each_vendor.records[zone].append({**kind, "name": "autodiscover", "properties": alias})
    with pytest.raises(HostError, match=r"CNAME holds something .*targetResource"):
        applied(each_vendor.client(zone), company(zone))
    applied(each_vendor.client(zone), company(zone)[:4])
    (spf,) = (e for e in each_vendor.records[zone] if e["name"] == "@" and e["type"].endswith("TXT"))
    assert spf["properties"]["metadata"] == {"owner": "老王"}


@pytest.mark.parametrize("each_vendor", ["azure-dns"], indirect=True)
def test_a_next_page_that_is_told_in_another_way_is_no_end(each_vendor: Azure) -> None:
    """An address that nobody here can follow: what was read so far is a part."""
    zone = each_vendor.new_zone(FOREIGN + OLD)
    each_vendor.page, each_vendor.skip = 2, "$skip"
    assert "cannot be read" in str(failure(each_vendor.client(zone), zone))


# -- Hetzner ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each_vendor", ["hetzner"], indirect=True)
def test_a_set_without_a_ttl_has_its_zones_at_hetzner_and_keeps_it(each_vendor: Hetzner) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    (foreign,) = (e for e in each_vendor.records[zone] if e["type"] == "TXT")
    foreign["ttl"], each_vendor.zone_ttl = None, 7200
    observed = asyncio.run(each_vendor.client(zone).read([(zone, "TXT")])).get(zone, "TXT")
    assert observed and observed.ttl == 7200
    applied(each_vendor.client(zone), company(zone))
    (now,) = (e for e in each_vendor.records[zone] if (e["name"], e["type"]) == ("@", "TXT"))
    assert now["ttl"] is None and len(now["records"]) == 3


@pytest.mark.parametrize("each_vendor", ["hetzner"], indirect=True)
def test_hetzners_comments_stay_and_protected_sets_are_not_touched(each_vendor: Hetzner) -> None:
    zone = each_vendor.new_zone(FOREIGN + OLD)
    (texts,) = (e for e in each_vendor.records[zone] if (e["name"], e["type"]) == ("@", "TXT"))
    texts["records"][0]["comment"] = "老王加的"
    applied(each_vendor.client(zone), company(zone))
    (texts,) = (e for e in each_vendor.records[zone] if (e["name"], e["type"]) == ("@", "TXT"))
    assert [e["comment"] for e in texts["records"] if e["comment"]] == ["老王加的"]
    texts["protection"]["change"] = True
    fewer = [company(zone)[0], record(zone, "TXT", "v=spf1 -all"), *company(zone)[2:]]
    with pytest.raises(HostError, match=r"TXT holds something .*protection"):
        applied(each_vendor.client(zone), fewer, owned_of(company(zone)))
    assert each_vendor.texts(zone, "MX"), "before anything else was removed"


@pytest.mark.parametrize("each_vendor", ["hetzner"], indirect=True)
def test_hetzner_locks_what_it_is_carrying_out(each_vendor: Hetzner) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client = each_vendor.client(zone)
    change_set = looked_at(client, company(zone))
    each_vendor.locked = 1
    assert asyncio.run(client.apply(change_set)) is None


@pytest.mark.parametrize("each_vendor", ["hetzner"], indirect=True)
def test_a_zone_that_hetzner_copies_from_elsewhere_is_refused(each_vendor: Hetzner) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    each_vendor.mode = "secondary"
    assert "secondary" in str(failure(each_vendor.client(zone), zone))


@pytest.mark.parametrize("each_vendor", ["hetzner"], indirect=True)
def test_hetzners_ttl_is_a_call_of_its_own_and_either_may_fail(each_vendor: Hetzner) -> None:
    """Values first, in the TTL that stands; wherever it stops, the next run does the rest."""
    whole = each_vendor.new_zone(OLD)
    applied(each_vendor.client(whole), company(whole))
    end, total = sorted(map(str, each_vendor.rows(whole))), each_vendor.writes
    for number in range(1, total + 1):
        zone = each_vendor.new_zone(OLD)
        client, each_vendor.writes, each_vendor.faults = each_vendor.client(zone), 0, {number: "broken"}
        change_set = looked_at(client, company(zone))
        try:
            answer = asyncio.run(client.apply(change_set))
            assert answer and answer.left, "something is missing and nobody said so"
        except HostError:
            assert number == 1
        each_vendor.faults = {}
        assert each_vendor.texts(zone, "MX")
        applied(client, company(zone))
        assert sorted(str(row).replace(zone, whole) for row in each_vendor.rows(zone)) == end
