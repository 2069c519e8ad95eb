"""Every DNS host that a spec can name: one module, and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mailwright.hosts.dns.service import DnsService, Target, options_of
from mailwright.hosts.dns.services import (
    aliyun,
    azure,
    cloudflare,
    desec,
    digitalocean,
    dnspod,
    godaddy,
    google,
    hetzner,
    huawei,
    manual,
    namecheap,
    powerdns,
    rfc2136,
    route53,
)

SERVICES: dict[str, DnsService] = {
    dns_service.name: dns_service
    for dns_service in (
        manual.SERVICE,
        rfc2136.SERVICE,
        cloudflare.SERVICE,
        powerdns.SERVICE,
        route53.SERVICE,
        aliyun.SERVICE,
        dnspod.SERVICE,
        godaddy.SERVICE,
        namecheap.SERVICE,
        huawei.SERVICE,
        google.SERVICE,
        azure.SERVICE,
        desec.SERVICE,
        digitalocean.SERVICE,
        hetzner.SERVICE,
    )
}

#: The service of states and ids that name none.
FIRST = rfc2136.SERVICE


def target_of(properties: Mapping[str, Any]) -> Target:
    """The target in a resource's properties. Raises KeyError where nobody knows the service."""
    service = SERVICES[properties.get("service") or FIRST.name]
    options = {option.name: properties.get(option.property) for option in service.options}
    return service.target(properties["zone"], properties["domain"], options)


def properties_of(target: Target) -> dict[str, Any]:
    """The first properties of a resource: where its records are."""
    named = {} if target.service.name == FIRST.name else {"service": target.service.name}
    return {"zone": target.zone, "domain": target.domain, **named, **target.kept}


def target_from_id(id: str) -> Target:
    """The target an id names (``pulumi import``). Raises ValueError where it names none."""
    parts = id.split("@", 2)
    if len(parts) != 3 or not all(parts):
        raise ValueError(id)
    domain, zone, last = parts
    name, mark, query = last.partition("://")
    service = SERVICES.get(name) if mark else FIRST
    try:
        if service is None:
            raise ValueError(name)
        options = service.options_in(last) if service.options_in else options_of(query.removeprefix("?"))
        if service.lacking(options):
            raise ValueError(name)
        return service.target(zone, domain, options)
    except ValueError:
        raise ValueError(id) from None
