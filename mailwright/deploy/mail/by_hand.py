"""Mailboxes at a host that people work by hand: nothing is written there, but what is lost is refused.

No resource stands for them. The component of a spec remembers which addresses took mail at the last run,
so that an address that is emptied, by an edit or by a day that passes, needs consent as on an own server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mailwright.deploy.errors import refusal
from mailwright.deploy.given import environment
from mailwright.deploy.mail.program import target_of
from mailwright.deploy.properties import Problem
from mailwright.deploy.run.asking import StateOf, component_urn
from mailwright.deploy.targets import Deployment
from mailwright.deploy.tokens import MAIL
from mailwright.hosts.mail import email_routing
from mailwright.model.names import absolute, bare
from mailwright.plan.mailboxes.reach import Reach, losses


def remembered(deployments: Iterable[Deployment], state: StateOf) -> dict[str, dict[str, Any]]:
    """What the component of a spec remembers of its mailboxes, by domain; ``state`` is of the run before."""
    memory: dict[str, dict[str, Any]] = {}
    for deployment in _by_hand(deployments):
        plan, domain = deployment.plan, bare(absolute(deployment.spec.domain))
        if plan.mailboxes is not None:
            before = Reach.of_plain(_memory(state, deployment.spec.domain).get(domain) or {})
            memory[domain] = Reach.of(plan.mailboxes).since(before, plan.as_of).plain
    return memory


def problems(deployments: Iterable[Deployment], state: StateOf) -> Iterator[Problem]:
    """The domains of which an address would reach nobody any more; nothing has been registered yet."""
    for deployment in _by_hand(deployments):
        plan, domain = deployment.plan, bare(absolute(deployment.spec.domain))
        before = _memory(state, deployment.spec.domain).get(domain)
        if before is None or plan.mailboxes is None:
            continue
        consents = (*plan.consents, *environment.consents())
        refusals = losses(Reach.of_plain(before), plan.mailboxes, consents, plan.as_of)
        if refusals:
            yield refusal(domain, refusals)


def _memory(state: StateOf, name: str) -> Mapping[str, Mapping[str, Any]]:
    outputs = (state.get(component_urn(name)) or {}).get("outputs") or {}
    return outputs.get(MAIL) or {}


def _by_hand(deployments: Iterable[Deployment]) -> Iterator[Deployment]:
    """One of every spec whose mail host nobody writes to by program."""
    seen: set[str] = set()
    for deployment in deployments:
        spec = deployment.spec
        own = deployment.plan.domain == spec.domain and spec.domain not in seen
        api, one = spec.mail_host.api, spec.beside is None
        written = one and (
            spec.mail_host.service == email_routing.SERVICE
            or target_of(spec) is not None
            or (api is not None and api.writes)
        )
        if own and not written and deployment.plan.mailboxes is not None:
            seen.add(spec.domain)
            yield deployment
