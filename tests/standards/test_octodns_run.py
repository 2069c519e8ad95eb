"""What ``docs/neighbours.md`` says of octoDNS, held by running it: what is out of date fails."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from typing import Any

import dns.resolver
import pytest

from mailwright.sandbox.nameserver import running
from tests.standards.test_neighbours import PAGE

their_processor = pytest.importorskip(
    "octodns_spf.processor", reason="octoDNS is not installed (test environment)"
)
their_zone = pytest.importorskip("octodns.zone")
their_mail = pytest.importorskip("octodns.zone.mail")
their_record = pytest.importorskip("octodns.record")
their_plan = pytest.importorskip("octodns.provider.plan")
their_yaml = pytest.importorskip("octodns.provider.yaml")


def test_the_page_says_which_versions() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = {
        each: set(re.findall(rf"(?i)\b{each} (\d[\d.]*\d)", page)) for each in ("octodns", "octodns-spf")
    }
    assert named == {each: {importlib.metadata.version(each)} for each in named}, "run it again, then name it"


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Names outside, answered by a nameserver of our own: octoDNS asks the system's resolver."""
    texts = {
        "spf.mail.qq.com.": "v=spf1 ip4:203.0.113.0/24 -all",
        "mailgun.org.": "v=spf1 a mx exists:a.example include:spf.mail.qq.com -all",
    }
    with running({name: f'@ 300 TXT "{text}"\n' for name, text in texts.items()}) as server:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        yield


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("v=spf1 include:spf.mail.qq.com include:mailgun.org ~all", 6),
        ("v=spf1 include:spf.mail.qq.com +include:mailgun.org ~all", 1),
        ("v=spf1 include:spf.mail.qq.com redirect=mailgun.org", 2),
    ],
)
@pytest.mark.usefixtures("resolving")
def test_octodns_counts_no_plus_and_follows_no_redirect(text: str, counted: int) -> None:
    processor = their_processor.SpfDnsLookupProcessor("spf")
    assert processor.check_dns_lookups("acme-trade.com.", [text]) == counted


def _their_zone(name: str, *records: tuple[str, str, object]) -> Any:
    zone = their_zone.Zone(name, [])
    for owner, type, values in records:
        zone.add_record(their_record.Record.new(zone, owner, {"type": type, "ttl": 300, "values": values}))
    return zone


_MX = ("", "MX", [{"preference": number, "exchange": f"mx{number}.example."} for number in (5, 10)])


def test_octodns_only_asks_for_some_policy() -> None:
    """Of any policy it says nothing, only of one that is missing."""
    spf = ("", "TXT", ["v=spf1 -all"])
    for tags, silent in (("p=banana", True), ("p=none", True), ("rua=mailto:a@acme-trade.com", False)):
        dmarc = ("_dmarc", "TXT", [f"v=DMARC1\\; {tags}"])
        zone = _their_zone("acme-trade.com.", _MX, spf, dmarc)
        said = [str(each.reason) for each in their_mail.MailZoneValidator("mail").validate(zone)]
        assert (not [each for each in said if "DMARC" in each]) is silent, said


def _wiped(count: int) -> Any:
    """Their plan that takes all but one of a mail zone's record sets away."""
    others = [(f"s{number}._domainkey", "TXT", ["v=DKIM1\\; p="]) for number in range(count - 2)]
    existing = _their_zone("acme-trade.com.", _MX, ("www", "A", ["192.0.2.80"]), *others)
    desired = _their_zone("acme-trade.com.", ("www", "A", ["192.0.2.80"]))
    changes = existing.changes(desired, their_yaml.YamlProvider("target", ".", escaped_semicolons=True))
    return their_plan.Plan(existing, desired, changes, True)


def test_octodns_guards_no_small_zone() -> None:
    with pytest.raises(their_plan.UnsafePlan):
        _wiped(10).raise_if_unsafe()
    small = _wiped(8)
    small.raise_if_unsafe()
    assert small.change_counts["Delete"] == 7


def test_octodns_takes_two_zones_with_one_change_for_the_same() -> None:
    """Its checksum is made of ``Plan.data``, which names no zone."""
    plans = []
    for name in ("acme-trade.com.", "example.net."):
        empty, full = _their_zone(name), _their_zone(name, _MX)
        changes = empty.changes(full, their_yaml.YamlProvider("target", ".", escaped_semicolons=True))
        plans.append(their_plan.Plan(empty, full, changes, True))
    assert plans[0].data == plans[1].data and plans[0].data["changes"]
