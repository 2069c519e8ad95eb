"""What only Route 53 has: rights, several zones of a name, routed sets, pages, octal escapes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mailwright.hosts.dns.base import Denied, HostError, Moved
from mailwright.hosts.dns.route53 import read_txt
from mailwright.model.records import ObservedValue
from tests.hosts.apis import Route53
from tests.hosts.company import FOREIGN, applied, company, looked_at, owned_of
from tests.plan.worlds import record

pytest.importorskip("moto", reason="moto is not installed (requirements-dev.txt)")


@pytest.fixture
def amazon() -> Route53:
    return Route53()


def refused(client: Any, zone: str, kind: type[HostError] = HostError) -> str:
    with pytest.raises(kind) as caught:
        asyncio.run(client.read([(zone, "MX")]))
    return str(caught.value) + caught.value.text("zh")


def test_a_wrong_key_and_a_missing_right_are_two_errors_and_quote_nothing(amazon: Route53) -> None:
    zone = amazon.new_zone()
    wrong = refused(amazon.stranger(zone), zone, Denied)
    nobody = refused(amazon.by(zone, *amazon.keys["nobody"]), zone, Denied)
    assert "SignatureDoesNotMatch" in wrong and "AWS4-HMAC" not in wrong
    assert "not authorized to perform" in nobody
    for secret in (*amazon.secrets, *(secret for _, secret in amazon.keys.values())):
        assert secret not in wrong + nobody


def test_two_zones_of_one_name_are_told_apart_by_their_id(amazon: Route53) -> None:
    zone = amazon.new_zone()
    twin = amazon._boto.create_hosted_zone(Name=zone, CallerReference="twin")["HostedZone"]["Id"]
    ids = [each.rpartition("/")[2] for each in (amazon._ids[zone], twin)]
    said = refused(amazon.client(zone), zone)
    assert "zone_id" in said and all(id in said for id in ids)
    other = amazon.new_zone()
    target = {"base_url": amazon.address, "zone_id": ids[0]}
    from mailwright.hosts.dns.services import route53

    secrets = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), amazon.keys["mail"], strict=True))
    client = route53.Accounts().client(route53.SERVICE.target(zone, zone, target), secrets)
    applied(client, company(zone))
    assert amazon.texts(zone, "MX")
    wrong = route53.Accounts().client(route53.SERVICE.target(other, other, target), secrets)
    assert zone.rstrip(".") in refused(wrong, other)


def test_a_private_zone_is_no_zone(amazon: Route53) -> None:
    zone = "inside.example."
    vpc = {"VPCRegion": "us-east-1", "VPCId": "vpc-1"}
    amazon._boto.create_hosted_zone(
        Name=zone, CallerReference="inside", VPC=vpc, HostedZoneConfig={"PrivateZone": True}
    )
    assert "has no zone inside.example" in refused(amazon.client(zone), zone)


def test_a_weighted_set_is_not_touched_and_named(amazon: Route53) -> None:
    zone = amazon.new_zone()
    for word in ("one", "two"):
        record_set = {
            "Name": zone,
            "Type": "MX",
            "SetIdentifier": word,
            "Weight": 1,
            "TTL": 300,
            "ResourceRecords": [{"Value": f"5 {word}.example."}],
        }
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set}]}
        amazon._boto.change_resource_record_sets(HostedZoneId=amazon._ids[zone], ChangeBatch=batch)
    client = amazon.client(zone)
    change_set = looked_at(client, company(zone)[:1])
    with pytest.raises(HostError, match=r"MX holds something .*weighted"):
        asyncio.run(client.apply(change_set))
    assert amazon.texts(zone, "MX") == {"5 one.example.", "5 two.example."}


def test_three_hundred_foreign_sets_are_read_on_several_pages_and_stay(amazon: Route53) -> None:
    zone = amazon.new_zone(FOREIGN)
    sets = [
        {"Name": f"h{n}.{zone}", "Type": "A", "TTL": 60 + n, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        for n in range(320)
    ]
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": each} for each in sets]}
    amazon._boto.change_resource_record_sets(HostedZoneId=amazon._ids[zone], ChangeBatch=batch)
    before = {row for row in amazon.rows(zone) if row.type != "MX" and "v=" not in row.value.value}
    client, records = amazon.client(zone), [*company(zone), record(f"z-last.{zone}", "TXT", "v=spf1 -all")]
    applied(client, records)
    assert looked_at(client, records, owned_of(records)).is_empty
    applied(client, [], owned_of(records))
    assert set(amazon.rows(zone)) == before


def test_the_host_itself_refuses_who_read_too_early(amazon: Route53, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the last reading and the write: no other shape sees that, this one does."""
    zone = amazon.new_zone(FOREIGN)
    client = amazon.client(zone)
    change_set = looked_at(client, company(zone))
    api = client._api  # type: ignore[attr-defined]
    send = api._send

    def late(changes: Any) -> None:
        amazon.put(zone, '@ 300 TXT "somebody-else=was-faster"')
        send(changes)

    monkeypatch.setattr(api, "_send", late)
    with pytest.raises(Moved):
        asyncio.run(client.apply(change_set))
    assert "somebody-else=was-faster" in amazon.joined(zone) and not amazon.texts(zone, "MX")


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ('"v=spf1 -all"', (b"v=spf1 -all",)),
        ('"ab" "cd"', (b"ab", b"cd")),
        ('"ex\\344mple \\"q\\" \\134"', b'ex\xe4mple "q" \\'),
        ('""', (b"",)),
    ],
)
def test_escapes_are_octal(text: str, strings: Any) -> None:
    wanted = strings if isinstance(strings, tuple) else (strings,)
    assert read_txt(text) == ObservedValue(
        "".join(e.decode("utf-8", "surrogateescape") for e in wanted), wanted
    )
