"""The inputs and the state of ``HostedMailboxes``, as values and as plain Pulumi properties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mailwright.deploy.properties import Failure, days
from mailwright.deploy.said import wrong
from mailwright.deploy.tokens import HOSTED_MAILBOXES
from mailwright.hosts.mail.google.rows import Rows
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text

TOKEN = HOSTED_MAILBOXES
JUDGE = "mailwright:mail:judgeHosted"
SERVICES = ("google-workspace",)
KNOWN = frozenset({"domain", "service", "admin", "baseUrl", "objects", "names", "asOf"})
OBJECTS = Text('must be a map: "KIND ADDRESS" to a value', "必须是映射：“KIND ADDRESS”对应一个值")


@dataclass(frozen=True, slots=True)
class HostedTarget:
    """Where one domain's mailboxes are. ``admin``: in whose name the directory is asked."""

    domain: str
    service: str
    admin: str
    base_url: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """What two resources must not share."""
        return (self.domain, self.service)

    @property
    def label(self) -> str:
        """The mail host in words, also part of a change's digest."""
        return f"{self.service} ({self.admin})"

    @property
    def id(self) -> str:
        """The resource's id: everything that reading needs, and no secret."""
        parts = {"service": self.service, "admin": self.admin, "base_url": self.base_url}
        shown = urlencode({name: value for name, value in parts.items() if value}, safe="/@:")
        return f"{self.domain}?{shown}"

    @staticmethod
    def from_id(id: str) -> HostedTarget:
        """The target an id names (``pulumi import``). Raises ValueError where it names none."""
        domain, _, query = id.partition("?")
        options = dict(parse_qsl(query))
        if not domain or options.get("service") not in SERVICES or not options.get("admin"):
            raise ValueError(id)
        return HostedTarget(
            bare(absolute(domain)), options["service"], options["admin"], options.get("base_url", "")
        )


@dataclass(frozen=True, slots=True)
class HostedInputs:
    """What the program asks for: a line an object, people's names by mailbox, and the day.

    A mailbox without a name among ``names`` has no reader: it only passes mail on.
    """

    target: HostedTarget
    objects: Rows = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date = dt.date.min

    @staticmethod
    def of(properties: Mapping[str, Any]) -> HostedInputs:
        """Read plain properties; they must have passed ``check``."""
        return HostedInputs(
            HostedTarget(
                bare(absolute(properties["domain"])),
                properties["service"],
                properties["admin"],
                properties.get("baseUrl") or "",
            ),
            dict(properties.get("objects") or {}),
            dict(properties.get("names") or {}),
            dt.date.fromisoformat(properties["asOf"]),
        )

    def plain(self) -> dict[str, Any]:
        """The properties, in the one form that check makes of every spelling."""
        target = self.target
        return {
            "domain": target.domain,
            "service": target.service,
            "admin": target.admin,
            **({"baseUrl": target.base_url} if target.base_url else {}),
            "objects": dict(sorted(self.objects.items())),
            "names": dict(sorted(self.names.items())),
            "asOf": self.as_of.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class HostedState:
    """What the engine keeps: as last seen (``inputs``), as applied, and what stood there before us."""

    inputs: HostedInputs
    applied: Rows = field(default_factory=dict)
    found: Rows = field(default_factory=dict)

    @staticmethod
    def of(properties: Mapping[str, Any]) -> HostedState:
        """Read plain output properties."""
        inputs = HostedInputs.of(properties)
        return HostedState(
            inputs,
            dict(properties["applied"]) if properties.get("applied") is not None else inputs.objects,
            dict(properties.get("found") or {}),
        )

    def plain(self) -> dict[str, Any]:
        """The output properties."""
        kept = {"applied": dict(sorted(self.applied.items())), "found": dict(sorted(self.found.items()))}
        return {**self.inputs.plain(), **kept}


def failures(properties: Mapping[str, Any]) -> list[Failure]:
    """Pairs of property path and what to write instead; empty where all is well."""
    unknown = wrong.NO_PROPERTY.using(resource="HostedMailboxes")
    problems: list[Failure] = [(name, unknown) for name in sorted(set(properties) - KNOWN)]
    for name in ("domain", "service", "admin", "asOf"):
        if not isinstance(properties.get(name), str) or not properties[name].strip():
            problems.append((name, wrong.STRING_NEEDED))
    return problems or [*_parts(properties), *days(properties)]


def _parts(properties: Mapping[str, Any]) -> Iterator[Failure]:
    if properties["service"] not in SERVICES:
        yield "service", wrong.ONE_OF.using(known=", ".join(SERVICES))
    if not isinstance(properties.get("baseUrl", ""), str):
        yield "baseUrl", wrong.STRING
    for name in ("objects", "names"):
        values = properties.get(name, {})
        texts = isinstance(values, Mapping) and all(isinstance(value, str) for value in values.values())
        if not texts:
            yield name, OBJECTS
