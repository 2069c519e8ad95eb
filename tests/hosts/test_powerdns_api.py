"""What only PowerDNS's API has, on a real server: copies, serials, records switched off or worked out."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx2
import pytest

from mailwright.hosts.dns.base import Denied, HostError
from tests.hosts.company import FOREIGN, GOOGLE, applied, company, looked_at, owned_of
from tests.hosts.worlds import PowerDnsHttp
from tests.plan.worlds import record
from tests.servers.fixtures import started
from tests.servers.powerdns import API_KEY, PowerDns

pytestmark = pytest.mark.powerdns


@pytest.fixture
def powerdns() -> PowerDnsHttp:
    server = started("powerdns")
    assert isinstance(server, PowerDns)
    return PowerDnsHttp(server)


def call(world: PowerDnsHttp, method: str, path: str, body: Any = None) -> Any:
    """Past the code under test."""
    address = f"{world.address}/api/v1/servers/localhost/zones{path}"
    reply = httpx2.request(method, address, headers={"X-API-Key": API_KEY}, json=body)
    assert reply.status_code < 300, reply.text
    return reply.json() if reply.content else None


def rrset(world: PowerDnsHttp, zone: str, name: str, type: str, *records: tuple[str, bool]) -> None:
    told = [{"content": content, "disabled": disabled} for content, disabled in records]
    one = {"name": name, "type": type, "ttl": 300, "changetype": "REPLACE", "records": told}
    call(world, "PATCH", f"/{zone}", {"rrsets": [one]})


def refusal(world: PowerDnsHttp, zone: str) -> str:
    with pytest.raises(HostError) as caught:
        applied(world.client(zone), company(zone))
    return str(caught.value)


def test_a_copy_is_refused_and_so_is_a_primary_whose_serial_stands_still(powerdns: PowerDnsHttp) -> None:
    zone = powerdns.new_zone()
    call(powerdns, "PUT", f"/{zone}", {"kind": "Slave", "masters": ["192.0.2.1"]})
    assert "is a copy" in refusal(powerdns, zone) or "holds a copy" in refusal(powerdns, zone)
    zone = powerdns.new_zone()
    call(powerdns, "PUT", f"/{zone}", {"kind": "Master", "soa_edit_api": ""})
    assert "SOA-EDIT-API" in refusal(powerdns, zone) and not powerdns.texts(zone, "MX")
    call(powerdns, "PUT", f"/{zone}", {"kind": "Native"})
    applied(powerdns.client(zone), company(zone))
    assert powerdns.texts(zone, "MX")


def test_the_serial_rises_once_for_all_sets_of_a_change(powerdns: PowerDnsHttp) -> None:
    zone = powerdns.new_zone(FOREIGN)
    before = call(powerdns, "GET", f"/{zone}")["serial"]
    applied(powerdns.client(zone), company(zone))
    assert call(powerdns, "GET", f"/{zone}")["serial"] == before + 1


@pytest.mark.parametrize("switched", ["MX", "TXT"])
def test_what_is_switched_off_is_not_brought_to_life(powerdns: PowerDnsHttp, switched: str) -> None:
    zone = powerdns.new_zone()
    value = {"MX": "5 mx.old.example.", "TXT": '"v=spf1 include:old.example ~all"'}[switched]
    rrset(powerdns, zone, zone, switched, (value, True))
    assert "is switched off" in refusal(powerdns, zone)
    assert not powerdns.texts(zone, switched)


def test_a_set_that_lua_answers_is_not_touched(powerdns: PowerDnsHttp) -> None:
    zone = powerdns.new_zone()
    rrset(powerdns, zone, zone, "LUA", ("MX \"'5 mx.lua.example.'\"", False))
    assert "worked out by the server" in refusal(powerdns, zone)


def test_foreign_records_go_back_as_they_are_written(powerdns: PowerDnsHttp) -> None:
    """Letters of host names, splits and escapes, in the very set that is written whole."""
    zone = powerdns.new_zone()
    odd = ['"ab" "cd"', f'"{GOOGLE}"', '"semi;colon \\"quoted\\" \\\\ \\195\\169"']
    rrset(powerdns, zone, zone, "TXT", *((each, False) for each in odd))
    client, records = powerdns.client(zone), company(zone)
    applied(client, records)
    applied(client, [], owned_of(records))
    sets = call(powerdns, "GET", f"/{zone}")["rrsets"]
    (txt,) = (each["records"] for each in sets if each["type"] == "TXT" and each["name"] == zone)
    assert sorted(each["content"] for each in txt) == sorted(odd)


def test_comments_of_a_set_stay(powerdns: PowerDnsHttp) -> None:
    zone = powerdns.new_zone(FOREIGN)
    comment = {"content": "ask Wang first", "account": "wang", "modified_at": 1}
    body = {"name": zone, "type": "TXT", "changetype": "REPLACE", "comments": [comment]}
    call(powerdns, "PATCH", f"/{zone}", {"rrsets": [body]})
    applied(powerdns.client(zone), company(zone))
    sets = call(powerdns, "GET", f"/{zone}")["rrsets"]
    (txt,) = (each for each in sets if each["type"] == "TXT" and each["name"] == zone)
    assert [each["content"] for each in txt["comments"]] == ["ask Wang first"]


def test_no_half_of_a_change_is_written_where_one_set_is_refused(powerdns: PowerDnsHttp) -> None:
    zone = powerdns.new_zone(FOREIGN)
    client = powerdns.client(zone)
    change_set = looked_at(client, [*company(zone), record(f"z.{zone}", "TXT", "v=spf1 -all")])
    real = client._api._http.ask  # type: ignore[attr-defined]

    async def spoilt(request: Any) -> Any:
        if request.writes:
            body = json.loads(request.body)
            body["rrsets"][-1]["records"][0]["content"] = "not a txt"
            request = type(request)(request.method, request.path, body=json.dumps(body).encode(), writes=True)
        return await real(request)

    client._api._http.ask = spoilt  # type: ignore[attr-defined]
    with pytest.raises(HostError):
        asyncio.run(client.apply(change_set))
    assert not powerdns.texts(zone, "MX") and not powerdns.joined(f"z.{zone}")


def test_a_key_shows_nowhere(powerdns: PowerDnsHttp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    zone = powerdns.new_zone(FOREIGN)
    applied(powerdns.client(zone), company(zone))
    with pytest.raises(Denied) as caught:
        asyncio.run(powerdns.stranger(zone).read([(zone, "MX")]))
    shown = [repr(caught.value), *(log_record.getMessage() for log_record in caplog.records)]
    for secret in powerdns.secrets:
        assert not [each for each in shown if secret in each]
