"""Each service at each of its sites: spec → plan → zone → import → the same spec."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml

from mailwright import catalog
from mailwright.catalog import RECEIVING, Service, Site
from mailwright.model.finding import has_errors
from mailwright.model.plan import Plan
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.operations import importing
from mailwright.operations.importing import World
from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.catalog import samples

DAY = dt.date(2026, 11, 23)
#: No public source names the exchangers of these sites, so no record can show which one it is.
NOT_TOLD = {*(("alibaba-mail", site) for site in ("hk", "de", "us")), ("aruba-it", "default")}
#: Senders of whom nothing is published but keys at names of the account's own, which have to be pasted.
PASTED = {
    *("shopify-email", "customer-io", "loops", "omnisend", "freshdesk", "hubspot", "amazon-ses"),
    *("getresponse", "squarespace-campaigns", "campaign-monitor", "emma", "gorgias"),
}  # fmt: skip


def cases(receiving: bool) -> list[tuple[Service, Site]]:
    return [
        (service, site)
        for service in catalog.load_services().values()
        if (service.kind in RECEIVING) is receiving and not service.no_records
        for site in service.sites
    ]


def named(case: object) -> str:
    return getattr(case, "id", "")


def planned(service: Service, site: Site, *, every: bool = False) -> tuple[Plan, dict[str, object]]:
    body = samples.spec(service, site, every=every)
    result = parse(yaml.safe_dump(body, allow_unicode=True).encode(), "first.yaml")
    assert result.spec is not None, [finding.message() for finding in result.findings]
    made = plan(result.spec, DAY)
    assert not has_errors(made.findings), [finding.message() for finding in made.findings]
    return made, body


def observed(made: Plan) -> Observed:
    sets: dict[tuple[str, str], list[str]] = {}
    for record in made.records:
        sets.setdefault((record.name, record.type), []).extend(record.values)
    return Observed.of(
        samples.DOMAIN + ".",
        [
            ObservedSet(name, type, 3600, tuple(ObservedValue.of(type, value) for value in values))
            for (name, type), values in sets.items()
        ],
    )


@pytest.mark.parametrize(("service", "site"), cases(True), ids=named)
def test_a_mail_host_is_imported_as_it_was_planned(service: Service, site: Site) -> None:
    first, body = planned(service, site)
    imported = importing.importing(World(samples.DOMAIN, observed(first)), as_of=DAY)
    host = imported.spec.mail_host
    if (service.id, site.id) in NOT_TOLD:
        assert host.service == "other" and imported.changes.is_empty
        return
    wanted = body["mail_host"]
    assert isinstance(wanted, dict)
    here = service.site(host.site)
    assert (host.service, here and here.id) == (service.id, site.id)
    given = {key: text for key, text in wanted.items() if key not in ("service", "site", "mx")}
    assert dict(host.inputs) == given
    assert imported.changes.is_empty
    assert {(e.name, e.type, e.values) for e in imported.plan.records} == {
        (e.name, e.type, e.values) for e in first.records
    }


def with_further_exchangers() -> list[tuple[Service, Site]]:
    """Mail hosts that give one domain more exchangers than another."""
    return [case for case in cases(True) if any(record.optional for record in case[1].records)]


@pytest.mark.parametrize(("service", "site"), with_further_exchangers(), ids=named)
def test_further_exchangers_are_imported_too(service: Service, site: Site) -> None:
    first, body = planned(service, site, every=True)
    result = importing.importing(World(samples.DOMAIN, observed(first)), as_of=DAY)
    block = body["mail_host"]
    assert isinstance(block, dict)
    given = {key: text for key, text in block.items() if key.startswith("mx_")}
    assert result.spec.mail_host.service == service.id and result.changes.is_empty
    assert {key: text for key, text in result.spec.mail_host.inputs.items() if key in given} == given


@pytest.mark.parametrize(("service", "site"), cases(False), ids=named)
def test_a_sender_is_imported_as_it_was_planned(service: Service, site: Site) -> None:
    first, body = planned(service, site)
    imported = importing.importing(World(samples.DOMAIN, observed(first)), as_of=DAY)
    assert imported.changes.is_empty
    assert imported.spec.mail_host.service == "yandex-360"
    uses = [sender for sender in imported.spec.senders if sender.service]
    if service.subdomain_only or service.id in PASTED:
        assert {use.service for use in uses} <= {service.id}  # at a subdomain it is seen
        return
    assert [use.service for use in uses] == [service.id]
    assert (service.site(uses[0].site) or site).id == site.id
    wanted = body["senders"][0]  # type: ignore[index]
    others = ("service", "site", "from", "dkim")
    assert dict(uses[0].inputs) == {k: v for k, v in wanted.items() if k not in others}
    assert {(e.name, e.type, e.values) for e in imported.plan.records} == {
        (e.name, e.type, e.values) for e in first.records
    }
