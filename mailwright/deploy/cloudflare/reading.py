"""A Cloudflare zone as its API shows it, read through Pulumi's provider."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_cloudflare as cloudflare

from mailwright.deploy.cloudflare import said
from mailwright.deploy.errors import DeployError
from mailwright.deploy.targets import Deployment
from mailwright.hosts.dns.cloudflare import LiveRecord
from mailwright.model.names import absolute, bare

#: Records of one zone that are read at most; more are refused, because part of a zone is no zone.
MOST_RECORDS = 50_000


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as read: ``name`` absolute."""

    id: str
    name: str
    records: tuple[LiveRecord, ...] = field(repr=False)


def require_token() -> None:
    """A missing token is said before the provider's own words for it. Raises DeployError."""
    named = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_API_USER_SERVICE_KEY")
    config = pulumi.Config("cloudflare")
    configured = any(config.get(key) for key in ("apiToken", "apiKey", "apiUserServiceKey"))
    if not configured and not any(os.environ.get(variable) for variable in named):
        raise DeployError(said.NO_TOKEN)


def read_zone(deployment: Deployment, options: pulumi.InvokeOptions) -> Zone:
    """The zone by id or name, with every record. Raises DeployError."""
    zone_id = zone_id_of(deployment)
    try:
        if zone_id:
            name = str(cloudflare.get_zone(zone_id=zone_id, opts=options).name)
        else:
            zone_id, name = _by_name(deployment, options), bare(deployment.zone)
        results = cloudflare.get_dns_records(zone_id=zone_id, max_items=MOST_RECORDS, opts=options).results
    except DeployError:
        raise
    except Exception as error:  # the SDK raises nothing more precise
        raise DeployError(f"{bare(deployment.plan.domain)}: Cloudflare: {_said(error)}") from None
    if len(results) >= MOST_RECORDS:
        raise DeployError(said.TOO_MANY, zone=name, most=MOST_RECORDS)
    return Zone(zone_id, absolute(name), tuple(live_record(result) for result in results))


def zone_id_of(deployment: Deployment) -> str | None:
    """The id that the spec gives; a parked domain is a zone of its own and found by name."""
    own = deployment.plan.domain == deployment.spec.domain
    return deployment.host.options.get("zone_id") if own else None


def _by_name(deployment: Deployment, options: pulumi.InvokeOptions) -> str:
    name = bare(deployment.zone)
    zones = [
        result for result in cloudflare.get_zones(name=name, opts=options).results if result.name == name
    ]
    if not zones:
        raise DeployError(said.NO_ZONE, domain=bare(deployment.plan.domain), zone=name)
    if len(zones) > 1:
        ids = ", ".join(sorted(str(zone.id) for zone in zones))
        raise DeployError(said.SEVERAL_ZONES, zone=name, ids=ids)
    return str(zones[0].id)


def live_record(result: Any) -> LiveRecord:
    """One result of ``get_dns_records``."""
    type, content = str(result.type), str(result.content or "")
    return LiveRecord(
        id=str(result.id),
        name=absolute(str(result.name)),
        type=type,
        ttl=int(result.ttl),
        content=content,
        priority=int(result.priority) if type in ("MX", "SRV") and result.priority is not None else None,
        data=_data(type, result.data),
        proxied=bool(result.proxied),
        comment=str(result.comment or ""),
        tags=tuple(result.tags or ()),
    )


def _data(type: str, data: Any) -> dict[str, Any]:
    """The parts of a record that Cloudflare keeps apart; empty for the types we know as text."""
    if data is not None and type == "SRV":
        numbers = {"priority": data.priority, "weight": data.weight, "port": data.port}
        return {**{name: int(value) for name, value in numbers.items()}, "target": str(data.target)}
    if data is not None and type == "TLSA":
        numbers = {"usage": data.usage, "selector": data.selector, "matching_type": data.matching_type}
        return {**{name: int(value) for name, value in numbers.items()}, "certificate": str(data.certificate)}
    return {}


def _said(error: Exception) -> str:
    """The provider's words as one line; they hold no token."""
    return " ".join(str(error).split())
