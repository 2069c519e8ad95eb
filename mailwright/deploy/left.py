"""The domains that a run leaves as they are: refused for safety, or not to be read.

One domain does not hold up the others. What the state holds of it is registered all the same, since what a
program leaves out is deleted; the provider is told, and answers with the inputs that the state has. What it
does not hold is not registered. Another provider's records (Cloudflare) are not registered either: a run that
ends with an error deletes nothing, and this one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailwright.deploy.errors import lang
from mailwright.deploy.mail.program import AnyMail
from mailwright.deploy.properties import Problem
from mailwright.deploy.run import notes
from mailwright.deploy.run.asking import StateOf, component_urn, leave, urn_of
from mailwright.deploy.targets import Deployment
from mailwright.deploy.tokens import CLOUDFLARE, DNS_RECORDS, MAIL
from mailwright.hosts.dns.service import Way
from mailwright.model.names import bare
from mailwright.model.text import Text
from mailwright.plan.transition.gate import refusal_head
from mailwright.plan.transition.gate_rules import CONSENTABLE

_LEFT = Text(
    "Left as before: {domains}. The other domains of the stack go on.",
    "{domains} 保持原样；此栈的其他域名照常执行。",
)
_WAITS = Text("No domain leaves the stack in such a run.", "这样的运行不会将任何域名移出此栈。")
_ONCE = Text(
    "For one run, with plain pulumi: MAILWRIGHT_ALLOW={rules} pulumi up",
    "直接使用 pulumi 时，仅对一次运行表示同意：MAILWRIGHT_ALLOW={rules} pulumi up",
)


@dataclass(frozen=True, slots=True)
class Left:
    """Which domains stay as they are, and what the engine's state holds."""

    domains: frozenset[str]
    state: StateOf

    def tell(self, deployments: Iterable[Deployment], mail: Iterable[AnyMail]) -> None:
        """Tell the provider, where there is anything to leave."""
        urns = [
            urn for deployment in deployments if self._is_left(deployment) and (urn := self._held(deployment))
        ]
        urns += [
            urn
            for deployment in mail
            if deployment.name in self.domains and (urn := self._held_mail(deployment))
        ]
        if urns:
            leave(urns)

    def registered(self, deployments: Sequence[Deployment]) -> list[Deployment]:
        """What is registered: all that goes on, and what the state holds of the others."""
        return [
            deployment
            for deployment in deployments
            if not self._is_left(deployment) or self._held(deployment)
        ]

    def mail(self, deployment: AnyMail | None) -> AnyMail | None:
        """The mailboxes that are registered, by the same rule."""
        if deployment is None or (deployment.name in self.domains and not self._held_mail(deployment)):
            return None
        return deployment

    def is_registered(self, domain: str, deployments: Sequence[Deployment], mail: AnyMail | None) -> bool:
        """Whether a spec's component is: not where it is new and all of it is left."""
        return bool(
            not self.domains
            or component_urn(domain) in self.state
            or self.registered(deployments)
            or self.mail(mail)
        )

    def kept(self, domain: str, mail: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """What the component of a spec remembers: as before of domains that stay as they are.

        ``mail``: what it is to remember of mailboxes that people work by hand, by domain.
        """
        outputs = (self.state.get(component_urn(domain)) or {}).get("outputs") or {}
        before = {
            key: {name: value for name, value in (outputs.get(key) or {}).items() if name in self.domains}
            for key in (CLOUDFLARE, MAIL)
        }
        before[MAIL] = {**mail, **before[MAIL]}
        return {key: domains for key, domains in before.items() if domains}

    def _is_left(self, deployment: Deployment) -> bool:
        return bare(deployment.plan.domain) in self.domains

    def _held(self, deployment: Deployment) -> str:
        """Its URN where the state holds it; of another provider's records there is no such one."""
        if deployment.service.way is Way.PLUGIN:
            return ""
        urn = urn_of(DNS_RECORDS, deployment.name)
        return urn if urn in self.state else ""

    def _held_mail(self, deployment: AnyMail) -> str:
        urn = urn_of(deployment.token, deployment.name)
        return urn if urn in self.state else ""


def left_text(problems: Sequence[Problem], *, untouched: bool) -> str:
    """Why domains stay as they are; ``untouched``: they are all that there is."""
    lines = [problem.text for problem in problems if not problem.rules]
    refused = [problem for problem in problems if problem.rules]
    if refused:
        lines += [refusal_head(lang(), untouched=untouched), *(problem.text for problem in refused)]
        ids = {rule.id for rule in CONSENTABLE}
        rules = [rule for problem in refused if not problem.leaving for rule in problem.rules if rule in ids]
        if rules and not notes.taken():
            lines.append(_ONCE.using(rules=",".join(dict.fromkeys(rules)))(lang()))
    if not untouched:
        domains = sorted({problem.domain for problem in problems if problem.domain and not problem.leaving})
        leaving = any(problem.leaving for problem in problems)
        lines += [_LEFT.using(domains=", ".join(domains))(lang())] if domains else []
        lines += [_WAITS(lang())] if leaving else []
    return "\n".join(dict.fromkeys(lines))
