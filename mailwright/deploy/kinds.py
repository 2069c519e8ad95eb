"""How DNS hosts are deployed to: each way is judged first, then registered.

One instance of a kind serves one run of a program, so that a host is read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pulumi

from mailwright.deploy.dns.resources import DnsRecords
from mailwright.deploy.errors import DeployError
from mailwright.deploy.properties import Problem
from mailwright.deploy.run.asking import Asked, StateOf, judge
from mailwright.deploy.targets import Deployment
from mailwright.deploy.tokens import DNS_RECORDS, JUDGE
from mailwright.hosts.dns.service import DnsService, Way
from mailwright.model.text import Text

_CLOUDFLARE = "pulumi_cloudflare"
_NO_PACKAGE = Text(
    "the package pulumi-cloudflare is not installed (requirements-lean.txt leaves it out): pip install "
    "'mailwright[cloudflare]', or in a clone pip install --require-hashes -r requirements.txt",
    "未安装 pulumi-cloudflare（requirements-lean.txt 不含它）：请运行 pip install 'mailwright[cloudflare]'，"
    "在克隆的代码库中运行 pip install --require-hashes -r requirements.txt",
)
_NO_WAY = Text("there is no way to the DNS host {service}", "没有通往 DNS 服务商 {service} 的途径")


class Kind(Protocol):
    """What a program needs of a kind of DNS host."""

    def problems(self, deployments: Sequence[Deployment], state: StateOf, /) -> list[Problem]:
        """Everything that speaks against deploying these; ``state`` is what the engine holds."""
        ...

    def register(
        self, parent: pulumi.Resource, deployment: Deployment, /, *, after: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """Register one deployment below its MailDomain; what comes back is kept as its output.

        ``after``: what has to stand before the world is sent to it, such as the mailboxes. Raises
        pulumi.RunError where the deployment is refused.
        """
        ...


class Native:
    """Every host that our own provider writes to, or reads to say what somebody has to enter there.

    ``told`` is known once the provider has heard who consents, where that was not said before.
    """

    def __init__(self, output: pulumi.Output[Any] | None = None) -> None:
        self._told = output
        #: Whether each domain that is entered by hand waits for somebody.
        self.pending: dict[str, pulumi.Output[bool]] = {}
        #: What still stands for a while, with its domain.
        self.retiring: list[tuple[str, pulumi.Output[list[dict[str, str]]]]] = []

    def problems(self, deployments: Sequence[Deployment], state: StateOf) -> list[Problem]:
        """Ask our provider, which has the secrets and reads the world.

        Also where nothing is wanted: then all that the state holds is about to go.
        """
        return judge(JUDGE, DNS_RECORDS, map(asked, deployments), state)

    def register(
        self, parent: pulumi.Resource, deployment: Deployment, *, after: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """One ``DnsRecords``; its provider judges again."""
        first = self._told.apply(lambda _: list(after)) if self._told else list(after)
        options = pulumi.ResourceOptions(parent=parent, depends_on=first)
        dns_records = DnsRecords(deployment.name, deployment.inputs, options)
        self.retiring.append((deployment.plan.domain, dns_records.retiring))
        if deployment.service.way is Way.SHEET:
            self.pending[deployment.plan.domain] = dns_records.pending
        return {}


def asked(deployment: Deployment) -> Asked:
    """A deployment as our provider is asked about it."""
    return Asked(deployment.name, deployment.inputs.plain(), deployment.plan.consents)


def _plugin(service: str) -> Kind:
    """The kind of a service whose records another Pulumi provider writes, each in its own way."""
    if service != "cloudflare":
        raise DeployError(_NO_WAY, service=service)
    try:
        from mailwright.deploy.cloudflare.records import Cloudflare  # its package takes seconds to import
    except ModuleNotFoundError as error:
        if error.name != _CLOUDFLARE:
            raise
        raise DeployError(_NO_PACKAGE) from None
    return Cloudflare()


class Kinds:
    """The kinds that one run uses, each made once and only when a spec names a service of it."""

    def __init__(self, output: pulumi.Output[Any] | None = None) -> None:
        self._native = Native(output)
        self._plugins: dict[str, Kind] = {}

    def of(self, service: DnsService) -> Kind:
        """The kind of a DNS host."""
        if service.way is not Way.PLUGIN:
            return self._native
        if service.name not in self._plugins:
            self._plugins[service.name] = _plugin(service.name)
        return self._plugins[service.name]

    @property
    def pending(self) -> dict[str, pulumi.Output[bool]]:
        """Whether each domain that is entered by hand waits for somebody; known once it is registered."""
        return self._native.pending

    @property
    def retiring(self) -> list[tuple[str, pulumi.Output[list[dict[str, str]]]]]:
        """What our provider's resources hold that still stands for a while; known once registered."""
        return self._native.retiring

    def problems(self, deployments: Sequence[Deployment], state: StateOf) -> list[Problem]:
        """Everything that speaks against these deployments, and against what leaves.

        What our provider holds is judged at once, whatever the services: what one of them has left may
        stand at another.
        """
        kinds = dict.fromkeys((self._native, *(self.of(deployment.service) for deployment in deployments)))
        return [
            problem
            for kind in kinds
            for problem in kind.problems(
                [deployment for deployment in deployments if self.of(deployment.service) is kind], state
            )
        ]
