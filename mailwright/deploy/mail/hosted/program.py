"""What a Pulumi program declares for mailboxes at a mail host behind its API: one resource a domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from mailwright.deploy.errors import lang
from mailwright.deploy.mail.hosted.values import TOKEN, HostedInputs, HostedTarget
from mailwright.deploy.properties import Problem
from mailwright.deploy.run import notes
from mailwright.hosts.mail.google.desired import Desired, desired
from mailwright.model.consent import Consent
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.plan.mailboxes import build
from mailwright.spec.model import MailSpec


class HostedMailboxes(pulumi.CustomResource):
    """The users, groups and mailbox settings of one domain.

    Args:
        name: the A-label domain; it must never change (see ``resource-renamed``).
        inputs: target, objects, names and day.
        opts: Pulumi's own options.
    """

    objects: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, inputs: HostedInputs, opts: pulumi.ResourceOptions | None = None) -> None:
        properties: dict[str, Any] = {**inputs.plain(), "applied": None, "found": None}
        super().__init__(TOKEN, name, properties, opts)


@dataclass(frozen=True, slots=True)
class HostedDeployment:
    """One domain's mailboxes at a mail host behind its API. ``name`` is the A-label domain."""

    token: ClassVar[str] = TOKEN
    name: str
    inputs: HostedInputs
    planned: Desired
    consents: tuple[Consent, ...] = ()

    def register(self, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Its resource."""
        return HostedMailboxes(self.name, self.inputs, opts)


def hosted_deployment(spec: MailSpec, plan: Plan) -> HostedDeployment | None:
    """What a plan wants of the spec's mail host; None where no API of it is to be written to."""
    host = next((host for host in spec.mail_hosts if host.api is not None and host.api.writes), None)
    if host is None or host.api is None or plan.domain != spec.domain or plan.mailboxes is None:
        return None
    mailboxes = plan.mailboxes.at_hosts[spec.mail_hosts.index(host)]
    if mailboxes.hosted is None or mailboxes.hosted.service != host.service:
        own, _ = build.mailboxes(spec, plan.as_of)  # on the way from another mail host
        assert own is not None, "a mail host with an API has mailboxes"
        mailboxes = own
    planned = desired(mailboxes)
    domain = bare(absolute(spec.domain))
    target = HostedTarget(domain, host.service, host.api.admin, host.api.base_url)
    inputs = HostedInputs(target, planned.rows, planned.names, plan.as_of)
    return HostedDeployment(domain, inputs, planned, plan.consents)


def own_problems(deployments: Iterable[HostedDeployment]) -> Iterator[Problem]:
    """What cannot be had there, before anything is asked; what a person has to do besides is said at once."""
    for deployment in deployments:
        for text in deployment.planned.by_hand:
            if not notes.notice(text(lang())):
                pulumi.log.warn(text(lang()))
        for text in deployment.planned.problems:
            yield Problem(deployment.name, text(lang()))
