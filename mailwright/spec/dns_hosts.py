"""The part of the spec's schema that is made from the declared DNS hosts.

``python -m mailwright.report.docs.dns_hosts`` writes it into the committed schema, which editors read.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mailwright.hosts.dns.service import DnsService, Option, Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.text import Text

SCHEMA = Path(__file__).with_name("mail-spec.schema.json")
_EXAMPLE = {"service": "manual", "console": "aliyun"}
#: Every host may say which zone holds the domain.
_ZONE = Text(
    "the zone that holds the domain; that of an alias domain or a parked one: this host serves it alone",
    "域名所在的区；若为别名域名或停放域名的区：此服务商只服务于它",
)
ZONE = Option("zone", _ZONE, "acme-trade.com")


def schema() -> Mapping[str, Any]:
    """The schema of a spec, with the DNS hosts of this process."""
    return _with(tuple(SERVICES.values()))


@functools.lru_cache(4)
def _with(services: tuple[DnsService, ...]) -> Mapping[str, Any]:
    committed = json.loads(SCHEMA.read_bytes())
    hosts = {**committed["properties"]["dns_hosts"], "items": entry(services)}
    return {**committed, "properties": {**committed["properties"], "dns_hosts": hosts}}


def entry(services: Iterable[DnsService]) -> dict[str, Any]:
    """The schema of one entry of ``dns_hosts``: the keys of all, and of each service its own."""
    listed = tuple(services)
    return {
        "type": "object",
        "properties": {"service": _service(listed), "zone": _option(ZONE, ZONE.about), **_options(listed)},
        "required": ["service"],
        "additionalProperties": False,
        "allOf": [_own(dns_service, listed) for dns_service in listed],
        "description": _both(Text("a host that serves the zone", "一个 DNS 服务商")),
        "examples": [_EXAMPLE],
    }


def _service(services: Iterable[DnsService]) -> dict[str, Any]:
    about = {service.name: service.about for service in services}
    en = ", ".join(f"{name} ({text('en')})" for name, text in about.items())
    zh = "、".join(f"{name}（{text('zh')}）" for name, text in about.items())
    return {
        "type": "string",
        "enum": list(about),
        "description": f"{en} / {zh}",
        "examples": [_EXAMPLE["service"]],
    }


def _options(services: Sequence[DnsService]) -> dict[str, Any]:
    """Every option once; what services mean differently by one name is said in each one's own part."""
    schemas: dict[str, Any] = {}
    for name in dict.fromkeys(option.name for service in services for option in service.options):
        owners = [
            service.name for service in services if any(option.name == name for option in service.options)
        ]
        several = list(_meanings(services, name).values())
        first = several[0]
        if len(several) == 1:
            en, zh = f"{', '.join(owners)}: {first.about('en')}", f"{'、'.join(owners)}：{first.about('zh')}"
            schemas[name] = _option(first, Text(en, zh))
        else:
            schemas[name] = {"description": _both(_of_each(services, name)), "examples": [first.example]}
    return schemas


def _of_each(services: Iterable[DnsService], name: str) -> Text:
    """What a word means at each service that has it."""
    about = [
        (service.name, option.about)
        for service in services
        for option in service.options
        if option.name == name
    ]
    return Text(
        "; ".join(f"{owner}: {text('en')}" for owner, text in about),
        "；".join(f"{owner}：{text('zh')}" for owner, text in about),
    )


def _meanings(services: Iterable[DnsService], name: str) -> dict[str, Option]:
    """The different options of this name."""
    return {repr(option): option for service in services for option in service.options if option.name == name}


def _option(option: Option, about: Text) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "integer" if option.is_number else "string"}
    if option.is_number:
        body |= {"minimum": option.least, "maximum": option.most}
    if option.values:
        body["enum"] = list(option.values)
    return body | {"description": _both(about), "examples": [option.example]}


def _own(service: DnsService, services: Sequence[DnsService]) -> dict[str, Any]:
    """What an entry of this service may have, and has to."""
    own = {
        option.name: _option(option, option.about)
        for option in service.options
        if len(_meanings(services, option.name)) > 1
    }
    names = ["service", ZONE.name, *(option.name for option in service.options)]
    needed = [option.name for option in service.options if option.required]
    return {
        "if": {"properties": {"service": {"const": service.name}}, "required": ["service"]},
        "then": {
            "propertyNames": {"enum": names},
            "required": needed,
            **({"properties": own} if own else {}),
        },
    }


def twice(domain: str, hosts: Sequence[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[int, int]]:
    """Which entries (service, options) lead to the place of one before them: its number, and that one's."""
    first: dict[tuple[str, str], int] = {}
    for number, (name, options) in enumerate(hosts):
        service = SERVICES.get(name)
        if service is None or service.lacking(options):
            continue  # the schema says so
        by_hand = service.way is Way.SHEET
        zone = "" if by_hand else options.get("zone") or domain
        place = (zone, service.where(service.target(domain, domain, options).options))
        if place in first:
            yield number, first[place]
        first.setdefault(place, number)


def _both(text: Text) -> str:
    return f"{text('en')} / {text('zh')}"


def written() -> str:
    """The committed schema as it should be."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
