"""What can go wrong with an API, at a stand-in of each shape: cut, lost, turned away, wrong, late, odd."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mailwright.hosts.dns import api
from mailwright.hosts.dns.base import Denied, DnsClient, HostError, Moved, NotApplied, Partly, Unreachable
from mailwright.hosts.dns.service import Shape
from mailwright.hosts.dns.signing import acs3, digest, tc3
from mailwright.model.text import LANGS
from mailwright.plan.transition.gate import gate
from tests.hosts.company import FOREIGN, GOOGLE, applied, company, looked_at, owned_of
from tests.hosts.standins import STAND_INS, Aliyun, Dnspod, Godaddy, Namecheap, StandIn
from tests.plan.worlds import record

OLD = """\
@ 600 MX 5 mx1.old.example.
@ 600 MX 10 mx2.old.example.
@ 300 TXT "v=spf1 include:old.example ~all"
_dmarc 600 TXT "v=DMARC1; p=none"
"""
#: In full for one host of a shape; the others show where they differ.
FULL = ["aliyun", "godaddy", "namecheap"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Looking again does not take seconds; how often it looks is as ever."""
    for host in STAND_INS:
        module = __import__(f"mailwright.hosts.dns.{host}", fromlist=[host])
        if hasattr(module, "PAUSES"):
            monkeypatch.setattr(module, "PAUSES", (0.0,) * len(module.PAUSES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "LOOK_AGAIN", (0.0, 0.0))
    kept = api.ApiHost.__init__.__kwdefaults__
    monkeypatch.setitem(kept, "pauses", (0.0, 0.0))


@pytest.fixture(params=FULL)
def vendor(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    yield from _checked(STAND_INS[request.param]())


@pytest.fixture(params=list(STAND_INS))
def each_vendor(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    yield from _checked(STAND_INS[request.param]())


def _checked(stand_in: StandIn) -> Iterator[StandIn]:
    """Whatever a test did, no state after any call was one that loses mail."""
    yield stand_in
    assert not stand_in.watched


def failure(client: DnsClient, zone: str, kind: type[HostError] = HostError) -> HostError:
    with pytest.raises(kind) as caught:
        asyncio.run(client.read([(zone, "MX")]))
    return caught.value


# -- a whole life ---------------------------------------------------------------------------------------


def two_hundred(*, srv: bool) -> str:
    lines = [f"h{n} {60 + n} A 192.0.2.{n}\nh{n} 300 AAAA 2001:db8::{n}" for n in range(40)]
    lines += [
        f't{n} 600 TXT "site={n} some-text"\nt{n} 600 MX {n + 1} mx{n}.other.example.' for n in range(40)
    ]
    lines += [f"c{n} 600 CNAME target{n}.other.example." for n in range(30)]
    if srv:
        lines += [f"_sip._tcp.s{n} 600 SRV 1 10 5060 sip{n}.other.example." for n in range(10)]
    return "\n".join(lines) + "\n"


def test_two_hundred_foreign_records_are_the_same_octets_through_a_whole_life(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone()
    each_vendor.put(zone, two_hundred(srv=not isinstance(each_vendor, Namecheap)))
    before = copy.deepcopy(each_vendor.records[zone])
    client, records = each_vendor.client(zone), company(zone)

    def foreign() -> list[dict[str, object]]:
        ids = [str(sorted(each.items(), key=str)) for each in before]
        return [each for each in each_vendor.records[zone] if str(sorted(each.items(), key=str)) in ids]

    applied(client, records)
    assert foreign() == before
    changed = [*records[:2], record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=reject"), *records[3:]]
    applied(client, changed, owned_of(records))
    assert foreign() == before
    applied(client, [], owned_of(changed))
    assert each_vendor.records[zone] == before


def test_with_nothing_to_do_it_is_one_listing(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client, records = each_vendor.client(zone), company(zone)
    applied(client, records)
    reads = each_vendor.reads
    assert looked_at(client, records, owned_of(records)).is_empty
    assert each_vendor.reads == reads + 1


@pytest.mark.parametrize("size", [1, 3, 7])
def test_every_page_is_read(each_vendor: StandIn, size: int) -> None:
    if isinstance(each_vendor, Godaddy | Namecheap):
        pytest.skip("there are no pages, or a second one is refused")
    zone = each_vendor.new_zone(FOREIGN)
    client, records = each_vendor.client(zone), company(zone)
    applied(client, records)
    each_vendor.page = size  # type: ignore[attr-defined]
    each_vendor.reads = 0
    assert looked_at(client, records, owned_of(records)).is_empty
    assert each_vendor.reads > 1


# -- cut anywhere ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """SIGKILL, as far as the code under test can tell."""


def killed(client: DnsClient, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    made = 0
    inside = client._api  # type: ignore[attr-defined]
    send = inside.send

    async def sending(call: object) -> None:
        nonlocal made
        if made == calls:
            raise Killed
        made += 1
        await send(call)

    monkeypatch.setattr(inside, "send", sending)


def test_killed_after_every_single_call_the_next_run_goes_on(
    vendor: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = vendor.new_zone(FOREIGN + OLD)
    applied(vendor.client(whole), company(whole))
    end = sorted(map(str, vendor.rows(whole)))
    total = vendor.writes
    assert total > 4 or vendor.service.stores.atomic
    for calls in range(total):
        zone = vendor.new_zone(FOREIGN + OLD)
        client = vendor.client(zone)
        change_set = looked_at(client, company(zone))
        killed(client, monkeypatch, calls)
        with pytest.raises(Killed):
            asyncio.run(client.apply(change_set))
        assert vendor.texts(zone, "MX"), "no exchanger"
        applied(vendor.client(zone), company(zone))
        assert sorted(str(row).replace(zone, whole) for row in vendor.rows(zone)) == end


def test_a_lost_answer_is_looked_up_and_no_call_is_made_twice(vendor: StandIn) -> None:
    zone = vendor.new_zone(FOREIGN + OLD)
    vendor.faults = dict.fromkeys(range(1, 20), "lost")
    client, records = vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    assert asyncio.run(client.apply(change_set)) is None
    calls = vendor.writes
    vendor.faults = {}
    assert looked_at(client, records).is_empty and vendor.writes == calls
    rows = [(row.name, row.type, row.value) for row in vendor.rows(zone)]
    assert len(rows) == len(set(rows)), "a record twice"


@pytest.mark.parametrize("fault", ["dropped", "broken", "nothing"])
@pytest.mark.parametrize("at", [1, 3])
def test_what_was_not_done_is_told_and_the_next_run_converges(vendor: StandIn, fault: str, at: int) -> None:
    zone = vendor.new_zone(FOREIGN + OLD)
    client, records = vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    at = 1 if vendor.service.stores.atomic else at
    vendor.faults = {at: fault}
    error: HostError | None = None
    try:
        answer = asyncio.run(client.apply(change_set))
    except HostError as caught:
        error = caught
    else:
        assert isinstance(answer, Partly), "something is missing and nobody said so"
        assert {change.key for change in answer.done} & {change.key for change in change_set.changes}
        error = answer.reason
    assert isinstance(error, NotApplied if fault == "nothing" else Unreachable)
    assert vendor.texts(zone, "MX") and GOOGLE in vendor.joined(zone)
    applied(client, records)
    assert looked_at(client, records).is_empty


def test_turned_away_for_too_many_calls_it_waits_and_goes_on(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client, records = each_vendor.client(zone), company(zone)
    each_vendor.faults = {1: "busy"}
    applied(client, records)
    each_vendor.busy = 2
    assert looked_at(client, records, owned_of(records)).is_empty


def test_who_writes_in_the_window_keeps_what_he_wrote(vendor: StandIn) -> None:
    """A call for one record touches no other; a set is read again before it is written whole."""
    zone = vendor.new_zone(FOREIGN + OLD)
    client, records = vendor.client(zone), company(zone)
    change_set = looked_at(client, records)
    vendor.late = lambda: vendor.put(zone, '@ 300 TXT "somebody-else=was-faster"')
    vendor.faults = {1 if vendor.service.stores.atomic else 2: "late"}
    answer = asyncio.run(client.apply(change_set))
    assert answer is None or isinstance(answer.reason, Moved)
    assert (answer is None) is (vendor.service.stores.shape is not Shape.SET_WISE)
    if vendor.service.stores.shape is Shape.WHOLE_ZONE:
        return  # who writes in that very moment is lost, which is why the gate asks
    applied(client, company(zone))
    assert {"somebody-else=was-faster", GOOGLE} <= vendor.joined(zone)


def test_the_watcher_sees_a_moment_without_exchangers_or_policy() -> None:
    vendor = STAND_INS["aliyun"]()
    zone = vendor.new_zone(OLD)
    whole = vendor.rows(zone)
    for gone in ("MX", "TXT"):
        without = [row for row in whole if (row.name, row.type) != (zone, gone)]
        vendor.watch(whole, without)
        assert not vendor.watched, "a domain that is taken down has none, and that is no gap"
        vendor.watch(without, whole)
        (seen,) = vendor.watched
        assert "for a moment" in seen and zone in seen
        vendor.watched.clear()


# -- who may, and where ---------------------------------------------------------------------------------


def test_a_missing_right_is_told_before_anything_is_written(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone(FOREIGN)
    client = each_vendor.by(zone, *each_vendor.weak)
    before = copy.deepcopy(each_vendor.records[zone])
    change_set = looked_at(client, company(zone))
    with pytest.raises(Denied, match=r"not authori[sz]ed|may not"):
        asyncio.run(client.apply(change_set))
    assert each_vendor.records[zone] == before


def test_a_wrong_credential_and_a_missing_one(each_vendor: StandIn) -> None:
    zone = each_vendor.new_zone()
    failure(each_vendor.stranger(zone), zone, Denied)
    failure(each_vendor.by(zone, "id-of-nobody", "x"), zone, Denied)
    with pytest.raises(HostError, match="is not set"):
        each_vendor.by(zone, each_vendor.key_id, "")


def test_a_mistyped_zone_is_an_error_and_makes_none(each_vendor: StandIn) -> None:
    each_vendor.new_zone()
    error = failure(each_vendor.client("acme-tarde.example."), "acme-tarde.example.")
    assert "has no zone acme-tarde.example" in str(error)
    assert "acme-tarde.example." not in each_vendor.records


def test_a_planted_secret_is_in_no_message_log_or_repr(
    each_vendor: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    zone = each_vendor.new_zone(FOREIGN)
    shown: list[str] = []
    for client in (
        each_vendor.client(zone),
        each_vendor.stranger(zone),
        each_vendor.by(zone, *each_vendor.weak),
        each_vendor.client("not-here.example."),
    ):
        shown += [repr(client), repr(vars(client))]
        try:
            applied(client, company(zone))
        except (HostError, AssertionError) as error:
            shown += [repr(error), *(error.text(lang) for lang in LANGS if isinstance(error, HostError))]
    each_vendor._server.shutdown()
    each_vendor._server.server_close()
    shown.append(repr(failure(each_vendor.client(zone), zone, Unreachable)))
    shown += [log_record.getMessage() for log_record in caplog.records]
    assert any("cannot be reached" in each or "did not answer" in each for each in shown)
    for secret in (*each_vendor.secrets, each_vendor.weak[1]):
        assert not [each for each in shown if secret in each]


def test_a_credential_is_sent_over_https_only(each_vendor: StandIn) -> None:
    each_vendor.address = "http://api.example"
    with pytest.raises(HostError, match="https only"):
        each_vendor.client("acme.example.")
    each_vendor.address = "https://user:word@api.example"
    with pytest.raises(HostError, match="not the address"):
        each_vendor.client("acme.example.")


# -- what the host holds --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["0 .", "0 mx.example.", "51 mx.example."])
def test_a_preference_that_the_host_cannot_hold_is_refused_before_anything(
    each_vendor: StandIn, value: str
) -> None:
    if each_vendor.service.stores.limits.refusal("MX", value) is None:
        pytest.skip("this host takes it")
    zone = each_vendor.new_zone(FOREIGN)
    writes = each_vendor.writes
    with pytest.raises(HostError, match="preference"):
        applied(each_vendor.client(zone), [*company(zone)[1:], record(zone, "MX", value)])
    assert each_vendor.writes == writes


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


def test_a_key_becomes_an_alias_in_two_calls_and_never_beside_it(vendor: StandIn) -> None:
    zone = vendor.new_zone('s1._domainkey 300 TXT "v=DKIM1; k=rsa; p=AAAA"\n')
    name = f"s1._domainkey.{zone}"
    applied(vendor.client(zone), [record(name, "CNAME", "s1.vendor.example.")])
    assert vendor.texts(name, "CNAME") == {"s1.vendor.example."} and not vendor.joined(name)
    applied(vendor.client(zone), [record(name, "TXT", "v=DKIM1; k=rsa; p=BBBB")])
    assert vendor.joined(name) == {"v=DKIM1; k=rsa; p=BBBB"} and not vendor.texts(name, "CNAME")


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


# -- signatures: the vendors' own worked examples ---------------------------------------------------------


def test_alibaba_clouds_worked_example() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": digest(b""),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    signed = acs3("YourAccessKeyId", "YourAccessKeySecret", headers, query)
    assert signed.endswith("=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tencent_clouds_worked_example() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    at = dt.datetime.fromtimestamp(1551113065, dt.UTC)
    signed = tc3("AKID", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", headers, body, service="cvm", at=at)
    assert signed.endswith("=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")


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
