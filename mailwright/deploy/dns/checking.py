"""What ``check`` says of a resource's inputs, property by property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mailwright.deploy.properties import Failure, days, meant
from mailwright.deploy.said import wrong
from mailwright.hosts.dns.service import AS_DELEGATED, DnsService, Option, Way
from mailwright.hosts.dns.services import FIRST, SERVICES
from mailwright.model.names import absolute, is_below
from mailwright.model.text import Text

_COMMON = {"zone", "domain", "service", "records", "asOf"}
_REQUIRED = ("zone", "domain", "asOf")


def failures(properties: Mapping[str, Any]) -> list[Failure]:
    """Pairs of property path and what to write instead; empty where all is well."""
    service = SERVICES.get(str(properties.get("service") or FIRST.name))
    if service is None or service.way is Way.PLUGIN:
        known = ", ".join(
            dns_service.name for dns_service in SERVICES.values() if dns_service.way is not Way.PLUGIN
        )
        return [("service", wrong.ONE_OF.using(known=known))]
    known_here = _COMMON | {option.property for option in service.options}
    unknown = wrong.NO_PROPERTY.using(resource="DnsRecords")
    problems = [(name, unknown) for name in sorted(set(properties) - known_here)]
    for name in (*_REQUIRED, *(option.property for option in service.options if option.required)):
        if not isinstance(properties.get(name), str) or not properties[name].strip():
            problems.append((name, wrong.STRING_NEEDED))
    if problems:
        return problems
    return [*_target(service, properties), *_records(service, properties), *days(properties)]


def _target(service: DnsService, properties: Mapping[str, Any]) -> Iterator[Failure]:
    if not _inside(service, properties["domain"], properties["zone"]):
        yield "domain", wrong.IN_ZONE.using(zone=properties["zone"])
    for option in service.options:
        reason = _option(option, properties.get(option.property))
        if reason:
            yield option.property, reason


def _inside(service: DnsService, name: str, zone: str) -> bool:
    """Whether a name is in the zone; nothing lies outside one that nobody knows yet."""
    unknown = service.way is Way.SHEET and absolute(zone) == AS_DELEGATED
    return unknown or is_below(absolute(name), absolute(zone))


def _option(option: Option, value: object) -> Text | None:
    """What to write instead; None where the value is one that the option takes."""
    if value is None:
        return None
    if option.least is not None and option.most is not None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        inside = whole and option.least <= int(str(value)) <= option.most
        return None if inside else wrong.NUMBER.using(least=option.least, most=option.most)
    if not isinstance(value, str):
        return wrong.STRING
    taken = not option.values or value in option.values or (option.folded and value.lower() in option.values)
    return None if taken else wrong.ONE_OF.using(known=", ".join(option.values))


def _records(service: DnsService, properties: Mapping[str, Any]) -> Iterator[Failure]:
    records = properties.get("records", {})
    if not isinstance(records, Mapping):
        yield "records", wrong.RECORDS
        return
    for pair, body in records.items():
        path = f'records["{pair}"]'
        name, _, type = pair.rpartition(" ")
        if not name or type.upper() not in service.stores.types:
            yield path, wrong.RECORD_KEY.using(types=", ".join(service.stores.types))
        elif not _inside(service, name, properties["zone"]):
            yield path, wrong.NOT_IN_ZONE.using(zone=properties["zone"])
        elif not isinstance(body, Mapping) or set(body) != {"ttl", "values"}:
            yield path, wrong.RECORD
        else:
            yield from _set(service, path, type.upper(), body)


def _set(service: DnsService, path: str, type: str, body: Mapping[str, Any]) -> Iterator[Failure]:
    ttl, values, stores = body["ttl"], body["values"], service.stores
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not stores.least_ttl <= ttl <= stores.most_ttl:
        yield f"{path}.ttl", wrong.TTL.using(least=stores.least_ttl, most=stores.most_ttl)
    if not isinstance(values, list) or not values or not all(isinstance(element, str) for element in values):
        yield f"{path}.values", wrong.VALUES
        return
    for value in values:
        refusal = stores.limits.refusal(type, meant(value))
        if refusal:
            yield f"{path}.values", wrong.TAKES.using(service=service.name, limit=refusal)
