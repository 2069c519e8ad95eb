"""What a Pulumi program declares for mailboxes: one resource a (domain, mail host of one's own)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pulumi

from mailwright.deploy.errors import DeployError
from mailwright.deploy.mail.hosted.program import HostedDeployment, hosted_deployment, own_problems
from mailwright.deploy.mail.hosted.said import TWO_HOSTS
from mailwright.deploy.mail.hosted.values import JUDGE as JUDGE_HOSTED
from mailwright.deploy.mail.values import (
    DEFAULT_PORT,
    JUDGE,
    TOKEN,
    MailInputs,
    MailTarget,
    rows_of,
    scripts_of,
)
from mailwright.deploy.properties import Problem
from mailwright.deploy.run.asking import Asked, StateOf, judge, tell
from mailwright.deploy.targets import Deployment
from mailwright.model.consent import Consent
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.plan.mailboxes import build
from mailwright.plan.mailboxes.alias_domains import addresses_at
from mailwright.spec.model import MailHost, MailSpec
from mailwright.spec.own_server import SELF_HOSTED


@dataclass(frozen=True, slots=True)
class MailDeployment:
    """One domain's mailboxes and the host that is to have them. ``name`` is the A-label domain."""

    token: ClassVar[str] = TOKEN
    name: str
    inputs: MailInputs
    consents: tuple[Consent, ...] = ()

    def register(self, opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """Its resource."""
        return Mailboxes(self.name, self.inputs, opts)


#: A domain's mailboxes, wherever we write them.
AnyMail = MailDeployment | HostedDeployment


class Mailboxes(pulumi.CustomResource):
    """The Postfix tables and Sieve scripts of one domain.

    Args:
        name: the A-label domain; it must never change (see ``resource-renamed``).
        inputs: target, rows, scripts and day.
        opts: Pulumi's own options.
    """

    maps: pulumi.Output[dict[str, str]]
    scripts: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, inputs: MailInputs, opts: pulumi.ResourceOptions | None = None) -> None:
        properties: dict[str, Any] = {**inputs.plain(), "applied": None, "kept": None}
        super().__init__(TOKEN, name, properties, opts)


def mail_deployment(spec: MailSpec, plan: Plan) -> MailDeployment | None:
    """What a plan wants of the spec's own mail host; None where the spec leaves it to somebody else."""
    target = target_of(spec)
    mailboxes = plan.mailboxes
    if target is None or mailboxes is None:
        return None
    if spec.beside is not None:
        mailboxes = next(view for view in mailboxes.views if view.home == SELF_HOSTED)
    if left := own_server_left(spec):
        mailboxes, _ = build.mailboxes(replace(spec, mail_host=left), plan.as_of)
        assert mailboxes is not None, "the new mail host has some"
    if plan.domain != spec.domain:  # an alias domain: lines of its own that lead to the company's addresses
        if not target.folder:
            return None
        mailboxes = addresses_at(mailboxes, plan.domain, spec) if left else mailboxes
        assert mailboxes is not None, "an own server has them"
        target = MailTarget(domain=plan.domain, folder=target.folder, delimiter=target.delimiter)
    inputs = MailInputs(
        target,
        rows_of(mailboxes) if target.folder else {},
        scripts_of(mailboxes) if target.server else {},
        plan.as_of,
    )
    return MailDeployment(target.domain, inputs, plan.consents)


def own_server_left(spec: MailSpec) -> MailHost | None:
    """The own server that a company moves away from: stragglers arrive there until the move is over."""
    left = spec.moving_from.host if spec.moving_from else None
    return left if left and left.is_written and not spec.mail_host.is_written else None


def target_of(spec: MailSpec) -> MailTarget | None:
    """The own server of a spec, also while it is being left; paths start from the spec's folder."""
    host = own_server_left(spec) or next((one for one in spec.mail_hosts if one.is_written), spec.mail_host)
    if not host.is_written:
        return None
    sieve = host.sieve
    return MailTarget(
        domain=bare(absolute(spec.domain)),
        folder=_path(spec, host.maps) if host.maps else None,
        server=sieve.server if sieve else None,
        port=sieve.port if sieve else DEFAULT_PORT,
        master_user=sieve.master_user if sieve else "",
        ca_file=_path(spec, sieve.ca_file) if sieve and sieve.ca_file else None,
        delimiter=host.delimiter,
    )


def _path(spec: MailSpec, text: str) -> str:
    return str((spec.folder / Path(text)).resolve())


def mail_deployments(deployments: Iterable[Deployment]) -> tuple[AnyMail, ...]:
    """Those of everything that is deployed; each domain once, whatever the number of its DNS hosts."""
    by_name: dict[str, AnyMail] = {}
    for deployment in deployments:
        spec, plan = deployment.spec, deployment.plan
        own, hosted = mail_deployment(spec, plan), hosted_deployment(spec, plan)
        if own is not None and hosted is not None:
            raise DeployError(TWO_HOSTS, domain=own.name)
        mail = own or hosted
        if mail is not None:
            by_name.setdefault(mail.name, mail)
    return tuple(by_name.values())


#: The function of our provider that judges each type.
_JUDGES = {TOKEN: JUDGE, HostedDeployment.token: JUDGE_HOSTED}


def mail_problems(deployments: Sequence[AnyMail], state: StateOf) -> list[Problem]:
    """Everything that speaks against these, as our provider says; nothing has been registered yet.

    It is asked also where there are none: then all that the state holds is about to go.
    """
    hosted = [deployment for deployment in deployments if isinstance(deployment, HostedDeployment)]
    problems = list(own_problems(hosted))
    for token, function in _JUDGES.items():
        requests = [asked(deployment) for deployment in deployments if deployment.token == token]
        problems += judge(function, token, requests, state)
    return problems


def told(parent: pulumi.Resource, deployments: Sequence[AnyMail]) -> list[pulumi.Output[Any]]:
    """Tell our provider who consents, where no program has judged these before."""
    return [
        tell(function, parent, token, map(asked, several))
        for token, function in _JUDGES.items()
        if (several := [deployment for deployment in deployments if deployment.token == token])
    ]


def asked(deployment: AnyMail) -> Asked:
    """A deployment as our provider is asked about it."""
    return Asked(deployment.name, deployment.inputs.plain(), deployment.consents)
