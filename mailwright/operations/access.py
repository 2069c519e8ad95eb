"""What this machine and account can do for a spec: is each of its DNS hosts reached, and the key taken?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass

from mailwright.deploy.targets import Deployment, deployments
from mailwright.hosts.dns import api_said
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.dns.service import Connections, DnsService
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec

_AND = Text("{reached}. {note}", "{reached}。{note}")


@dataclass(frozen=True, slots=True)
class Access:
    """One domain at one DNS host: ``ok``, and what was seen, without secrets."""

    domain: str
    host: str
    ok: bool
    message: Text


def access(specs: Iterable[MailSpec]) -> tuple[Access, ...]:
    """Try every DNS host of these specs; nothing is written anywhere. Never raises for a host."""

    async def all_of_them() -> list[Access]:
        all_deployments = [deployment for spec in specs for deployment in deployments(spec)]
        services = {deployment.service.name: deployment.service for deployment in all_deployments}
        ways = {name: service.open() for name, service in services.items() if service.open}
        try:
            return list(await asyncio.gather(*(_one(deployment, ways) for deployment in all_deployments)))
        finally:
            await asyncio.gather(*(way.close() for way in ways.values()))

    return tuple(asyncio.run(all_of_them()))


async def _one(deployment: Deployment, ways: dict[str, Connections]) -> Access:
    domain, service = bare(deployment.plan.domain), deployment.service
    if service.access:
        seen = service.access()
        return Access(domain, service.name, seen.ok, seen.text.using(file=deployment.spec.file))
    target = deployment.target
    secrets = service.credentials(lambda secret: os.environ.get(secret.variable))
    try:
        client = ways[service.name].client(target, secrets)
        await client.read({(absolute(domain), "MX")})
    except HostError as error:
        return Access(domain, target.label, False, error.text)
    return Access(domain, target.label, True, _seen(service, service.reached(target)))


def _seen(service: DnsService, reached: Text) -> Text:
    """What a reading showed, and whether anybody has tried this host before."""
    if not service.experimental:
        return reached
    return _AND.using(reached=reached, note=api_said.EXPERIMENTAL.using(service=service.name))
