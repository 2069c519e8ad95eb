"""What this machine and account can do for a spec: is each of its DNS hosts reached, and the key taken?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass

from mailwright.deploy.dns.applying import to_change, work_of
from mailwright.deploy.targets import Deployment, deployments
from mailwright.hosts.dns import api_said
from mailwright.hosts.dns.base import Denied, DnsClient, HostError
from mailwright.hosts.dns.service import Connections, DnsService
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text
from mailwright.plan.transition.change import keys_to_read
from mailwright.spec.model import MailSpec

_AND = Text("{reached}. {note}", "{reached}。{note}")
_DENIED = Text("{error}. It needs: {rights}", "{error}。需要的权限：{rights}")


@dataclass(frozen=True, slots=True)
class Access:
    """One domain at one DNS host: ``ok``, and what was seen, without secrets.

    ``changes``: how many record sets the plan would change there; None where that was not asked or not seen.
    """

    domain: str
    host: str
    ok: bool
    message: Text
    changes: int | None = None


def access(specs: Iterable[MailSpec], *, compare: bool = False) -> tuple[Access, ...]:
    """Try every DNS host of these specs; nothing is written anywhere. Never raises for a host.

    ``compare`` reads all that the plan is about, and counts what it would change.
    """

    async def all_of_them() -> list[Access]:
        all_deployments = [deployment for spec in specs for deployment in deployments(spec)]
        services = {deployment.service.name: deployment.service for deployment in all_deployments}
        ways = {name: service.open() for name, service in services.items() if service.open}
        try:
            tries = (_one(deployment, ways, compare=compare) for deployment in all_deployments)
            return list(await asyncio.gather(*tries))
        finally:
            await asyncio.gather(*(way.close() for way in ways.values()))

    return tuple(asyncio.run(all_of_them()))


async def _one(deployment: Deployment, ways: dict[str, Connections], *, compare: bool) -> Access:
    domain, service = bare(deployment.plan.domain), deployment.service
    if service.access:
        seen = service.access()
        return Access(domain, service.name, seen.ok, seen.text.using(file=deployment.spec.file))
    target = deployment.target
    secrets = service.credentials(lambda secret: os.environ.get(secret.variable))
    try:
        client = ways[service.name].client(target, secrets)
        changes = await _changes(client, deployment) if compare else None
        if not compare:  # the least call that shows whether a credential is taken and the zone is there
            await client.read({(absolute(domain), "MX")})
    except HostError as error:
        lacking = isinstance(error, Denied) and service.rights
        text = _DENIED.using(error=error.text, rights=service.rights) if lacking else error.text
        return Access(domain, target.label, False, text)
    return Access(domain, target.label, True, _seen(service, service.reached(target)), changes)


async def _changes(client: DnsClient, deployment: Deployment) -> int:
    """How many record sets would change. Raises HostError."""
    work = work_of(deployment.inputs, ())
    observed = await client.read(keys_to_read(work.records, work.owned, work.target.domain))
    return len(to_change(work, observed).changes)


def _seen(service: DnsService, reached: Text) -> Text:
    """What a reading showed, and whether anybody has tried this host before."""
    if not service.experimental:
        return reached
    return _AND.using(reached=reached, note=api_said.EXPERIMENTAL.using(service=service.name))
