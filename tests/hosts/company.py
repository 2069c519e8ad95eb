"""A company's records, and what a host is asked to do with them."""

from __future__ import annotations

import asyncio

import pytest

from mailwright.hosts.dns.base import DnsClient, HostError, Partly
from mailwright.model.changes import ChangeSet
from mailwright.model.records import PlannedRecord
from mailwright.plan.transition.change import Owned, change, keys_to_read
from tests.plan.worlds import DAY, record

GOOGLE, MICROSOFT = "google-site-verification=somebody", "MS=ms12345678"
FOREIGN = f'@ 300 TXT "{GOOGLE}"\n@ 300 TXT "{MICROSOFT}"\n@ 300 A 192.0.2.80\n'

OLD = """\
@ 600 MX 5 mx1.old.example.
@ 600 MX 10 mx2.old.example.
@ 300 TXT "v=spf1 include:old.example ~all"
_dmarc 600 TXT "v=DMARC1; p=none"
"""


def company(zone: str) -> list[PlannedRecord]:
    """A whole company: MX, SPF, DMARC, a key of 2048 bits, an alias."""
    return [
        record(zone, "MX", "5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."),
        record(zone, "TXT", "v=spf1 include:spf.mail.qq.com ~all"),
        record(f"_dmarc.{zone}", "TXT", "v=DMARC1; p=none; rua=mailto:wang@acme-trade.com"),
        record(f"s1._domainkey.{zone}", "TXT", "v=DKIM1; k=rsa; p=" + "A" * 392),
        record(f"autodiscover.{zone}", "CNAME", "autodiscover.outlook.com."),
    ]


def looked_at(host: DnsClient, records: list[PlannedRecord], owned: Owned | None = None) -> ChangeSet:
    owned = owned or Owned()
    observed = asyncio.run(host.read(keys_to_read(records, owned, host.zone)))
    return change(records, observed, domain=host.zone, target="test", as_of=DAY, owned=owned)


def applied(host: DnsClient, records: list[PlannedRecord], owned: Owned | None = None) -> ChangeSet:
    change_set = looked_at(host, records, owned)
    assert asyncio.run(host.apply(change_set)) is None
    return change_set


def stopped(host: DnsClient, records: list[PlannedRecord]) -> Partly:
    """A change that must stop in the middle."""
    answer = asyncio.run(host.apply(looked_at(host, records)))
    assert answer is not None
    return answer


def owned_of(records: list[PlannedRecord]) -> Owned:
    state: dict[str, tuple[str, ...]] = {}
    for each in records:
        state[each.key] = state.get(each.key, ()) + each.values
    return Owned(state)


def failure(client: DnsClient, zone: str, kind: type[HostError] = HostError) -> HostError:
    with pytest.raises(kind) as caught:
        asyncio.run(client.read([(zone, "MX")]))
    return caught.value
