"""From specs to what has to be deployed where: one deployment a (domain, DNS host)."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailwright.deploy.dns.values import Inputs, Records, record_map, records_of
from mailwright.deploy.errors import DeployError
from mailwright.deploy.given import environment
from mailwright.deploy.said import wrong
from mailwright.hosts.dns.service import AS_DELEGATED, DnsService, Target, Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model import variables
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.spec.model import DnsHost, MailSpec

_NO_SERVER = Text("{place}: this DNS host needs {keys}", "{place}：此 DNS 服务商需要填写 {keys}")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One domain's plan and one DNS host that is to serve it.

    ``name`` is the resource's: the A-label domain; from the second host on, and of a sheet wherever it
    stands, with the place behind it.
    ``found``: these records instead of the plan's, to bring back what was there before.
    """

    name: str
    plan: Plan
    host: DnsHost
    spec: MailSpec = field(repr=False)
    found: Records | None = None

    @property
    def zone(self) -> str:
        """The zone as the spec names it where the domain lies in it, else the domain's own.

        By hand it is the delegation's to say: names on a sheet are relative to it.
        """
        written = self.host.options.get("zone", "")
        if written and is_below(self.plan.domain, absolute(written)):
            return absolute(written)
        return AS_DELEGATED if self.service.way is Way.SHEET else absolute(self.plan.domain)

    @property
    def service(self) -> DnsService:
        """What the DNS host's own module says of it."""
        return SERVICES[self.host.service]

    @property
    def target(self) -> Target:
        """Where the records go. Raises DeployError where the spec does not say so in full."""
        lacking = self.service.lacking(self.host.options)
        if lacking:
            raise DeployError(_NO_SERVER, place=self.host.position or self.spec.file, keys=", ".join(lacking))
        return self.service.target(self.zone, self.plan.domain, self.host.options)

    @property
    def inputs(self) -> Inputs:
        """The inputs of a ``DnsRecords`` resource. Raises DeployError as ``target`` does."""
        return Inputs(
            target=self.target,
            records=record_map(self.plan.records) if self.found is None else self.found,
            as_of=self.plan.as_of,
        )


def today_for(spec: MailSpec) -> dt.date:
    """The day to plan for: what ``--as-of`` set, else today in the spec's own timezone."""
    return environment.as_of() or spec.today(dt.datetime.now(dt.UTC))


def deployments(spec: MailSpec, as_of: dt.date | None = None) -> tuple[Deployment, ...]:
    """Everything one spec deploys, parked domains too."""
    from mailwright.plan.plan import plans

    targets: list[Deployment] = []
    for plan in plans(spec, as_of or today_for(spec)):
        taken = False
        for host in spec.hosts_of(plan.domain):
            service = SERVICES[host.service]
            by_hand = service.way is Way.SHEET
            name = service.name_of(plan.domain, host.options) if taken or by_hand else plan.domain
            taken = taken or not by_hand
            targets.append(Deployment(name, plan, host, spec))
    return tuple(targets)


def restored(own_deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments with what was found in the plan's place, where ``undo`` asks for that.

    Where nothing was found, or nothing was deployed, there is none: what is ours goes, through the gate.
    """
    path = os.environ.get(variables.FOUND)
    if not path:
        return tuple(own_deployments)
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeployError(wrong.UNREADABLE, name=variables.FOUND, path=path, reason=error) from None
    by_place: dict[tuple[str, ...], Records] = {tuple(place): records_of(records) for place, records in body}
    restored_deployments = []
    for deployment in own_deployments:
        if deployment.service.way is Way.PLUGIN:
            restored_deployments.append(
                deployment
            )  # nobody keeps what was there; `undo` says so before it comes to this
            continue
        records = by_place.get(deployment.target.place)
        if records:
            restored_deployments.append(replace(deployment, found=records))
    return tuple(restored_deployments)


def planned_values(deployments: Iterable[Deployment]) -> dict[str, dict[str, list[str]]]:
    """What is planned: values by ``NAME TYPE``, by domain."""
    return {
        bare(deployment.plan.domain): {
            pair: list(values) for pair, (_, values) in sorted(record_map(deployment.plan.records).items())
        }
        for deployment in sorted(deployments, key=lambda one: one.plan.domain)
    }
