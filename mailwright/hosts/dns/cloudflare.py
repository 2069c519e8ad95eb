"""Cloudflare's form of a record and ours, either way. No network: Pulumi's provider does the calls.

Cloudflare keeps single records with an id, not record sets. TXT content is in master-file form
with its quotes; older records have it plain. A TTL of 1 means "automatic", which is 300 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailwright.model import txt
from mailwright.model.families import Family
from mailwright.model.names import absolute, bare, key
from mailwright.model.records import MANAGED_TYPES, Observed, ObservedSet, ObservedValue
from mailwright.model.wildcards import made_up

AUTOMATIC = 1
AUTOMATIC_TTL = 300  # seconds; what Cloudflare serves for "automatic"

#: Families named by owner and family: one member a name. Of the others several may stand together.
_SINGLE = frozenset(Family) - {Family.MX, Family.TOKEN, Family.SERVICE, Family.ADDRESS}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class LiveRecord:
    """One record as the API shows it. ``ttl`` in seconds, 1 for automatic; ``name`` absolute."""

    id: str
    name: str
    type: str
    ttl: int
    content: str
    priority: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    proxied: bool = False
    comment: str = ""
    tags: tuple[str, ...] = ()

    @property
    def value(self) -> ObservedValue:
        """What the record says, in the model's form (and split, for TXT)."""
        if self.type == "TXT":
            strings = strings_of(self.content)
            return ObservedValue(txt.join(strings), strings)
        return ObservedValue(_value(self))

    @property
    def served_ttl(self) -> int:
        """The TTL in seconds that resolvers see."""
        return AUTOMATIC_TTL if self.ttl == AUTOMATIC else self.ttl

    @property
    def properties(self) -> dict[str, Any]:
        """The record as it is, in the words of ``wanted_properties``."""
        body: dict[str, Any] = {
            "name": bare(self.name),
            "type": self.type,
            "ttl": self.ttl,
            "proxied": self.proxied,
        }
        if self.data:
            body["data"] = dict(self.data)
            if self.type == "SRV" and self.priority is not None:
                body["priority"] = self.priority
        else:
            body["content"] = self.content
            if self.priority is not None:
                body["priority"] = self.priority
        if self.comment:
            body["comment"] = self.comment
        if self.tags:
            body["tags"] = list(self.tags)
        return body


def observed(zone: str, records: Sequence[LiveRecord], names: Iterable[str] = ()) -> Observed:
    """The zone's sets that mail can meet; ``zone`` absolute. Of ``names`` what a wildcard answers is told.

    A CNAME at the apex is left out: Cloudflare flattens it, and others may stand beside it.
    """
    by_set: dict[tuple[str, str], list[LiveRecord]] = {}
    cuts: set[str] = set()
    for record in records:
        if record.type == "NS" and record.name != zone:
            cuts.add(record.name)
        elif record.type in MANAGED_TYPES and (record.type, record.name) != ("CNAME", zone):
            by_set.setdefault((record.name, record.type), []).append(record)
    sets = [
        ObservedSet(
            name,
            type,
            min(live_record.served_ttl for live_record in several),
            tuple(e.value for e in several),
        )
        for (name, type), several in by_set.items()
    ]
    asked = frozenset(key(name, type) for name, type in by_set)
    wild = made_up(names, sets, zone, (live_record.name for live_record in records))
    return Observed.of(zone, sets, asked, frozenset(cuts), wild)


def slot(name: str, type: str, family: Family, value: str) -> str:
    """The name of a record's resource: by owner and family where only one can be, else by value.

    An MX is named by its host, so that another preference is a change of it and no new record.
    """
    if family in _SINGLE:
        return f"{bare(name)} {family}"
    shown = value.rsplit(maxsplit=1)[-1].lower() if type == "MX" else value
    return f"{bare(name)} {type} {bare(shown)}"


def wanted_properties(
    name: str, type: str, value: ObservedValue, ttl: int, live: LiveRecord | None = None
) -> dict[str, Any]:
    """The properties a record shall have; never proxied, because mail does not pass a web proxy.

    Where ``live`` says the same already its own spelling stays, and its comment and tags always.
    """
    body: dict[str, Any] = {"name": bare(name), "type": type, "ttl": ttl, "proxied": False}
    if live and live.type == type and live.value.value == value.value:
        kept = {part: content for part, content in live.properties.items() if part in _CONTENT}
        body |= kept
    else:
        body |= _content(type, value)
    if live and live.served_ttl == ttl:
        body["ttl"] = live.ttl
    if live and live.comment:
        body["comment"] = live.comment
    if live and live.tags:
        body["tags"] = list(live.tags)
    return body


_CONTENT = frozenset({"content", "data", "priority"})


def _content(type: str, value: ObservedValue) -> dict[str, Any]:
    text = value.value
    if type == "TXT":
        return {"content": txt.quote(value.strings or txt.split(text))}
    fields = text.split()
    if type == "MX":
        return {"content": bare(fields[1]), "priority": int(fields[0])}
    if type == "SRV":
        priority, weight, port = map(int, fields[:3])
        data = {"priority": priority, "weight": weight, "port": port, "target": bare(fields[3])}
        return {"data": data, "priority": priority}
    if type == "TLSA":
        usage, selector, matching = map(int, fields[:3])
        return {
            "data": {
                "usage": usage,
                "selector": selector,
                "matching_type": matching,
                "certificate": "".join(fields[3:]).lower(),
            }
        }
    return {"content": bare(text) if type == "CNAME" else text}


def _value(record: LiveRecord) -> str:
    data = record.data
    if record.type == "MX":
        preference = record.priority if record.priority is not None else 0
        return f"{preference} {absolute(record.content)}"
    if record.type == "SRV" and data:
        numbers = (int(data[data_field]) for data_field in ("priority", "weight", "port"))
        return " ".join([*map(str, numbers), absolute(str(data["target"]))])
    if record.type == "TLSA" and data:
        numbers = (int(data[data_field]) for data_field in ("usage", "selector", "matching_type"))
        return " ".join([*map(str, numbers), str(data["certificate"]).lower()])
    return absolute(record.content) if record.type == "CNAME" else record.content


def strings_of(content: str) -> tuple[bytes, ...]:
    """The character-strings of TXT content: quoted ones, or the whole text where it has no quotes."""
    if not content.startswith('"'):
        return txt.split(content)
    strings = _STRING.findall(content)
    if _STRING.sub("", content).strip(" \t") or not strings:
        return txt.split(content)  # quotes that do not match are part of the text
    return tuple(_unescaped(string) for string in strings)


def _unescaped(text: str) -> bytes:
    """RFC 1035 §5.1: ``\\DDD`` is an octet, ``\\X`` is X."""
    octets = bytearray()
    at = 0
    for match in re.finditer(r"\\([0-9]{3}|.)", text, re.DOTALL):
        octets += txt.to_octets(text[at : match.start()])
        escape = match.group(1)
        octets += bytes([int(escape)]) if len(escape) == 3 and int(escape) < 256 else txt.to_octets(escape)
        at = match.end()
    return bytes(octets + txt.to_octets(text[at:]))
