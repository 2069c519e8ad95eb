"""What ``check`` says of a resource's inputs, property by property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mailwright.deploy.dns.values import QUESTIONS, TRANSFER
from mailwright.deploy.properties import Failure, days
from mailwright.model.names import absolute, is_below
from mailwright.model.records import MANAGED_TYPES

KNOWN = {"zone", "domain", "server", "port", "keyName", "algorithm", "readBy", "records", "asOf", "allow"}
_REQUIRED = ("zone", "domain", "server", "asOf")
_MAX_TTL = 2_147_483_647  # seconds, RFC 2181 §8


def failures(properties: Mapping[str, Any]) -> list[Failure]:
    """Pairs of property path and what to write instead; empty where all is well."""
    made = [(name, "is not a property of DnsRecords") for name in sorted(set(properties) - KNOWN)]
    for name in _REQUIRED:
        if not isinstance(properties.get(name), str) or not properties[name].strip():
            made.append((name, "must be given, as a string"))
    if made:
        return made
    return [*_target(properties), *_records(properties), *days(properties)]


def _target(properties: Mapping[str, Any]) -> Iterator[Failure]:
    if not is_below(absolute(properties["domain"]), absolute(properties["zone"])):
        yield "domain", f"must be the zone {properties['zone']} or a name below it"
    port = properties.get("port", 53)
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        yield "port", "must be a number from 1 to 65535"
    for name in ("keyName", "algorithm"):
        if not isinstance(properties.get(name, ""), str):
            yield name, "must be a string"
    if properties.get("readBy", QUESTIONS) not in (QUESTIONS, TRANSFER):
        yield "readBy", f"must be {QUESTIONS} or {TRANSFER}"


def _records(properties: Mapping[str, Any]) -> Iterator[Failure]:
    records = properties.get("records", {})
    if not isinstance(records, Mapping):
        yield "records", 'must be a map: "NAME TYPE" to {ttl, values}'
        return
    for pair, body in records.items():
        path = f'records["{pair}"]'
        name, _, type = pair.rpartition(" ")
        if not name or type.upper() not in MANAGED_TYPES:
            yield path, f"its key must be NAME TYPE, the type one of {', '.join(MANAGED_TYPES)}"
        elif not is_below(absolute(name), absolute(properties["zone"])):
            yield path, f"is not in the zone {properties['zone']}"
        elif not isinstance(body, Mapping) or set(body) != {"ttl", "values"}:
            yield path, "must be {ttl, values}"
        else:
            yield from _set(path, body)


def _set(path: str, body: Mapping[str, Any]) -> Iterator[Failure]:
    ttl, values = body["ttl"], body["values"]
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= _MAX_TTL:
        yield f"{path}.ttl", f"must be seconds from 0 to {_MAX_TTL}"
    if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
        yield f"{path}.values", "must be a list of strings, at least one"
