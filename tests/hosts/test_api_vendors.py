"""What only one vendor's API has: lines, remarks, tokens, accounts that may not, whole zones."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mailwright.hosts.dns.base import Denied, HostError
from mailwright.model.text import LANGS
from mailwright.plan.transition.gate import gate
from tests.hosts.company import FOREIGN, OLD, applied, company, failure, looked_at, owned_of
from tests.hosts.standins import Aliyun, Dnspod, Godaddy, Namecheap, StandIn

# -- lines, remarks, tokens ------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", ["aliyun", "dnspod"], indirect=True)
def test_other_lines_and_what_is_switched_off_are_neither_seen_nor_touched(vendor: StandIn) -> None:
    zone = vendor.new_zone(OLD)
    (mx, off) = (e for e in vendor.records[zone] if e["Type"] == "MX")
    elsewhere = {**mx, "RecordId": type(mx["RecordId"])("77"), "Line": "telecom", "LineId": "10=0"}
    vendor.records[zone].append(elsewhere)
    off["Status"] = "DISABLE"
    kept = copy.deepcopy([elsewhere, off])
    client, records = vendor.client(zone), company(zone)
    before = looked_at(client, records)
    (change,) = (each for each in before.changes if each.type == "MX")
    assert change.before and change.before.plain == ("5 mx1.old.example.",)
    applied(client, records)
    applied(client, [], owned_of(records))
    left = [each for each in vendor.records[zone] if each["Type"] == "MX"]
    assert sorted(map(str, left)) == sorted(map(str, kept))


@pytest.mark.parametrize("vendor", ["aliyun", "dnspod"], indirect=True)
def test_a_line_with_other_exchangers_is_told_and_needs_consent(vendor: StandIn) -> None:
    zone = vendor.new_zone()
    client, records = vendor.client(zone), company(zone)
    applied(client, records)
    for record_ in [e for e in vendor.records[zone] if e["Type"] in ("MX", "TXT")]:
        line = {
            "Line": "telecom",
            "LineId": "10=0",
            "RecordId": type(record_["RecordId"])("7" + str(record_["RecordId"])),
        }
        vendor.records[zone].append({**record_, **line})
    assert not gate(looked_at(client, records)), "the same on both lines"
    (mx, _) = (e for e in vendor.records[zone] if e["Type"] == "MX" and e["Line"] == "telecom")
    mx["Value"] = "mx.old.example."
    (finding,) = gate(looked_at(client, records))
    assert finding.rule == "other-line-differs" and "telecom" in finding.message("zh")
    assert "mx.old.example" in finding.message("en")
    assert not gate(looked_at(client, []))


@pytest.mark.parametrize("vendor", ["dnspod"], indirect=True)
def test_a_list_that_lags_behind_is_looked_at_again(vendor: Dnspod) -> None:
    zone = vendor.new_zone(FOREIGN)
    client = vendor.client(zone)
    change_set = looked_at(client, company(zone))
    vendor.lag = 4
    assert asyncio.run(client.apply(change_set)) is None


@pytest.mark.parametrize("vendor", ["dnspod"], indirect=True)
def test_a_remark_survives_a_change_in_place(vendor: Dnspod) -> None:
    zone = vendor.new_zone(OLD)
    (spf,) = (each for each in vendor.records[zone] if "spf1" in each["Value"])
    spf["Remark"] = "老王加的"
    applied(vendor.client(zone), company(zone))
    (now,) = (each for each in vendor.records[zone] if "spf1" in each["Value"])
    assert now["Remark"] == "老王加的" and now["RecordId"] == spf["RecordId"]


@pytest.mark.parametrize("vendor", ["aliyun"], indirect=True)
def test_a_temporary_credential_brings_its_token(vendor: Aliyun, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = vendor.new_zone()
    seen: list[str | None] = []
    answer = vendor.answer

    def watching(method: str, path: str, headers: dict[str, str], body: bytes) -> object:
        seen.append(headers.get("x-acs-security-token"))
        return answer(method, path, headers, body)

    monkeypatch.setattr(vendor, "answer", watching)
    target = vendor.service.target(zone, zone, {"base_url": vendor.address})
    assert vendor.service.open
    secrets = dict(zip(vendor.identity, (vendor.key_id, vendor.secrets[0]), strict=True))
    secrets["ALIBABA_CLOUD_SECURITY_TOKEN"] = "token-of-the-tests"
    asyncio.run(vendor.service.open().client(target, secrets).read([(zone, "MX")]))
    assert seen == ["token-of-the-tests"]


# -- GoDaddy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", ["godaddy"], indirect=True)
def test_who_may_use_godaddys_api_is_said(vendor: Godaddy) -> None:
    zone = vendor.new_zone()
    client = vendor.by(zone, *vendor.weak)
    with pytest.raises(Denied) as caught:
        applied(client, company(zone))
    for lang in LANGS:
        assert "Discount Domain Club" in caught.value.text(lang) and "godaddy" in caught.value.text(lang)


@pytest.mark.parametrize("vendor", ["godaddy"], indirect=True)
def test_a_zone_that_fills_a_page_is_refused_never_read_in_part(vendor: Godaddy) -> None:
    zone = vendor.new_zone()
    vendor.records[zone] += [
        {"name": f"h{n}", "type": "A", "data": "192.0.2.1", "ttl": 600} for n in range(600)
    ]
    assert "500 of" in str(failure(vendor.client(zone), zone))


@pytest.mark.parametrize("vendor", ["godaddy"], indirect=True)
def test_a_set_with_an_unknown_field_is_not_touched(vendor: Godaddy) -> None:
    zone = vendor.new_zone(OLD)
    vendor.records[zone].append({"name": "@", "type": "A", "data": "Parked", "ttl": 600})
    (spf,) = (each for each in vendor.records[zone] if "spf1" in each["data"])
    spf["routing"] = "geo"
    with pytest.raises(HostError, match=r"TXT holds something .*routing"):
        applied(vendor.client(zone), company(zone))
    del spf["routing"]
    applied(vendor.client(zone), company(zone))
    assert {"name": "@", "type": "A", "data": "Parked", "ttl": 600} in vendor.records[zone]


# -- Namecheap ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", ["namecheap"], indirect=True)
def test_what_was_there_is_saved_and_can_be_written_again(vendor: Namecheap, tmp_path: Path) -> None:
    zone = vendor.new_zone(FOREIGN + OLD)
    before = [{**each, "HostId": ""} for each in vendor.records[zone]]
    vendor.faults = {1: "nothing"}
    with pytest.raises(HostError) as caught:
        applied(vendor.client(zone), company(zone))
    assert "curl -d @" in str(caught.value) and vendor.secrets[0] not in str(caught.value)
    (path,) = (tmp_path / ".mailwright" / "zones").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and vendor.secrets[0] not in path.read_text("utf-8")
    vendor.faults = {}
    applied(vendor.client(zone), company(zone))
    account = {"ApiUser": vendor.key_id, "ApiKey": vendor.secrets[0], "ClientIp": "203.0.113.10"}
    vendor.answer("POST", "", {}, (path.read_text("utf-8") + "&" + urlencode(account)).encode())
    assert [{**each, "HostId": ""} for each in vendor.records[zone]] == before


@pytest.mark.parametrize("vendor", ["namecheap"], indirect=True)
@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"IsDDNSEnabled": "true"}, "IsDDNSEnabled=true"),
        ({"IsActive": "false"}, "IsActive=false"),
        ({"Colour": "red"}, "Colour=red"),
        ({"Type": "CAA"}, "CAA"),
    ],
)
def test_a_zone_with_what_cannot_be_sent_back_is_not_written(
    vendor: Namecheap, spoilt: dict[str, str], said: str
) -> None:
    zone = vendor.new_zone(FOREIGN)
    (host,) = (each for each in vendor.records[zone] if each["Name"] == "www")
    host.update(spoilt)
    with pytest.raises(HostError, match="would be lost") as caught:
        applied(vendor.client(zone), company(zone))
    assert said in str(caught.value) and not vendor.writes


@pytest.mark.parametrize("vendor", ["namecheap"], indirect=True)
def test_mail_that_namecheap_handles_itself_an_empty_zone_and_one_served_elsewhere(vendor: Namecheap) -> None:
    zone = vendor.new_zone(FOREIGN)
    vendor.email = "FWD"
    with pytest.raises(HostError, match="Custom MX"):
        applied(vendor.client(zone), company(zone))
    vendor.email, vendor.ours = "MX", "false"
    assert "does not serve it" in str(failure(vendor.client(zone), zone))
    vendor.ours = "true"
    vendor.records[zone].clear()
    with pytest.raises(HostError, match="tells no record"):
        applied(vendor.client(zone), company(zone))
    assert not vendor.writes


@pytest.mark.parametrize("vendor", ["namecheap"], indirect=True)
def test_the_gate_asks_before_a_whole_zone_is_written(vendor: Namecheap) -> None:
    from dataclasses import replace

    zone = vendor.new_zone(FOREIGN)
    client, records = vendor.client(zone), company(zone)
    assert [e.rule for e in gate(replace(looked_at(client, records), whole_zone=True))] == [
        "whole-zone-write"
    ]
    applied(client, records)
    assert not gate(replace(looked_at(client, records), whole_zone=True))
