"""The kinds of DNS host a program can deploy to: how each is judged first, then registered.

One instance of a kind serves one run of a program, so that a host is read once. A new kind adds
its line to ``KINDS``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pulumi

from mailwright.deploy.dns.resources import DnsRecords
from mailwright.deploy.targets import Deployment


class Kind(Protocol):
    """What a program needs of a kind of DNS host."""

    def problems(self, wanted: Sequence[Deployment], /) -> list[str]:
        """Everything that speaks against deploying these, as texts; nothing has been registered yet."""
        ...

    def register(
        self, parent: pulumi.Resource, wanted: Deployment, /, *, after: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """Register one deployment below its MailDomain; what comes back is kept as its output.

        ``after``: what has to stand before the world is sent to it, such as the mailboxes. Raises
        pulumi.RunError where the deployment is refused.
        """
        ...


class Rfc2136:
    """Nameservers that take signed updates, through our own provider."""

    def problems(self, wanted: Sequence[Deployment]) -> list[str]:
        """Ask our provider, which has the keys and has just read what the state says.

        Also where nothing is wanted: then all that the state holds is about to go.
        """
        properties = {"resources": json.dumps([each.inputs.plain() for each in wanted])}
        answer = pulumi.runtime.invoke("mailwright:index:judge", properties).value
        return [str(each) for each in (answer or {}).get("problems", ())]

    def register(
        self, parent: pulumi.Resource, wanted: Deployment, *, after: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """One ``DnsRecords``; its provider judges again."""
        options = pulumi.ResourceOptions(parent=parent, depends_on=list(after))
        DnsRecords(wanted.name, wanted.inputs, options)
        return {}


class Manual:
    """Somebody pastes the sheet: nothing to register."""

    def problems(self, _wanted: Sequence[Deployment]) -> list[str]:
        """None."""
        return []

    def register(
        self, _parent: pulumi.Resource, _wanted: Deployment, *, after: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """Nothing."""
        del after
        return {}


def _cloudflare() -> Kind:
    from mailwright.deploy.cloudflare.records import Cloudflare  # its package takes seconds to import

    return Cloudflare()


KINDS: dict[str, Callable[[], Kind]] = {"rfc2136": Rfc2136, "manual": Manual, "cloudflare": _cloudflare}


class Kinds:
    """The kinds that one run uses, each made once and only when a spec names it."""

    def __init__(self) -> None:
        self._made: dict[str, Kind] = {}

    def of(self, service: str) -> Kind:
        """The kind of a ``dns_hosts`` entry's service."""
        if service not in self._made:
            self._made[service] = KINDS[service]()
        return self._made[service]

    def problems(self, wanted: Sequence[Deployment]) -> list[str]:
        """Everything that speaks against these deployments, kind by kind, and against what leaves."""
        said: list[str] = []
        for service in dict.fromkeys(("rfc2136", *(each.host.service for each in wanted))):
            said += self.of(service).problems([each for each in wanted if each.host.service == service])
        return said
