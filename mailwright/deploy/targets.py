"""From specs to what has to be deployed where: one deployment a (domain, DNS host)."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailwright.deploy import environment
from mailwright.deploy.dns.values import (
    DEFAULT_ALGORITHM,
    DEFAULT_PORT,
    QUESTIONS,
    Inputs,
    Records,
    Target,
    record_map,
    records_of,
)
from mailwright.deploy.errors import DeployError
from mailwright.model import variables
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.spec.model import DnsHost, MailSpec

_Place = tuple[str, str, str, int]
_NO_SERVER = Text("{place}: this DNS host needs a server", "{place}：此 DNS 托管需要填写 server")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One domain's plan and one DNS host that is to serve it.

    ``name`` is the resource's: the A-label domain; from the second host on with the server behind it.
    ``found``: these records instead of the plan's, to bring back what was there before.
    """

    name: str
    plan: Plan
    host: DnsHost
    spec: MailSpec = field(repr=False)
    found: Records | None = None

    @property
    def zone(self) -> str:
        """The zone as the spec names it where the domain lies in it, else the domain's own."""
        written = self.host.options.get("zone", "")
        if written and is_below(self.plan.domain, absolute(written)):
            return absolute(written)
        return absolute(self.plan.domain)

    @property
    def inputs(self) -> Inputs:
        """The inputs of a ``DnsRecords`` resource. Raises DeployError where the spec lacks the server."""
        options = self.host.options
        if not options.get("server"):
            raise DeployError(_NO_SERVER, place=self.host.position or self.spec.file)
        return Inputs(
            target=Target(
                zone=self.zone,
                domain=bare(absolute(self.plan.domain)),
                server=options["server"].strip().lower(),
                port=int(options.get("port") or DEFAULT_PORT),
                key_name=options.get("key_name") or None,
                algorithm=(options.get("algorithm") or DEFAULT_ALGORITHM).lower(),
                read_by=options.get("read_by") or QUESTIONS,
            ),
            records=record_map(self.plan.records) if self.found is None else self.found,
            as_of=self.plan.as_of,
            allow=self.plan.consents,
        )


def today_for(spec: MailSpec) -> dt.date:
    """The day to plan for: what ``--as-of`` set, else today in the spec's own timezone."""
    return environment.as_of() or spec.today(dt.datetime.now(dt.UTC))


def deployments(spec: MailSpec, as_of: dt.date | None = None) -> tuple[Deployment, ...]:
    """Everything one spec deploys, parked domains too."""
    from mailwright.plan.plan import plans

    made: list[Deployment] = []
    for plan in plans(spec, as_of or today_for(spec)):
        taken: set[str] = set()
        for host in spec.dns_hosts:
            first = plan.domain not in taken or host.service == "manual"
            name = plan.domain if first else f"{plan.domain}@{_server(host.options)}"
            if host.service != "manual":
                taken.add(plan.domain)
            made.append(Deployment(name, plan, host, spec))
    return tuple(made)


def _server(options: Mapping[str, str]) -> str:
    where = options.get("server") or options.get("base_url") or options.get("zone_id") or "second"
    return f"{where}:{options['port']}" if options.get("port") else where


def restored(wanted: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments with what was found in the plan's place, where ``undo`` asks for that.

    Where nothing was found, or nothing was deployed, there is none: what is ours goes, through the gate.
    """
    path = os.environ.get(variables.FOUND)
    if not path:
        return tuple(wanted)
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeployError(f"{variables.FOUND}={path} cannot be read: {error}") from None
    found: dict[_Place, Records] = {tuple(place): records_of(records) for place, records in body}
    made = []
    for each in wanted:
        if each.host.service == "manual":
            continue
        records = found.get(each.inputs.target.place)
        if records:
            made.append(replace(each, found=records))
    return tuple(made)
