"""``MailDomain``: one company's mail as a component of any Pulumi program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import pulumi

from mailwright.deploy.resources import DnsRecords
from mailwright.deploy.targets import Deployment, deployments
from mailwright.model.finding import Finding, has_errors
from mailwright.spec.model import MailSpec

TYPE = "mailwright:index:MailDomain"


class MailDomain(pulumi.ComponentResource):
    """Deploys what a spec asks for, at every DNS host it names.

    A DNS host without an API (``manual``) gets no resource: its sheet is printed by
    ``mailwright plan SPEC --format sheet``.

    Args:
        name: the component's name, free to choose; its resources are named by their domain.
        spec: a spec's path, or the spec itself.
        as_of: the day to plan for; default today in the spec's timezone.
        opts: Pulumi's own options.

    Raises:
        pulumi.RunError: the spec has errors; all of them are in the message.
    """

    def __init__(
        self,
        name: str,
        spec: str | Path | MailSpec,
        as_of: dt.date | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(TYPE, name, None, opts)
        loaded = spec if isinstance(spec, MailSpec) else load(spec)
        wanted = deployments(loaded, as_of)
        refuse_errors([finding for each in wanted for finding in each.plan.findings])
        for each in wanted:
            REGISTER[each.host.service](self, each)
        self.register_outputs({})


def load(path: str | Path) -> MailSpec:
    """The spec of a file. Raises pulumi.RunError with every error at once."""
    from mailwright.spec import load as read

    result = read(path)
    refuse_errors(result.findings)
    if result.spec is None:
        raise pulumi.RunError(f"{path} cannot be read as a spec")
    return result.spec


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise pulumi.RunError where any finding is an error, and say all of them."""
    if has_errors(findings):
        raise pulumi.RunError(findings_text(findings))


def findings_text(findings: Sequence[Finding]) -> str:
    """One paragraph a finding: where, what is wrong, what to write instead."""
    from mailwright.deploy.environment import lang

    chosen = lang()
    lines: list[str] = []
    for each in findings:
        where = f"{each.position}: " if each.position else ""
        lines.append(f"{where}[{each.rule}] {each.message(chosen)}")
        if each.hint(chosen):
            lines.append(f"    {each.hint(chosen)}")
    return "\n".join(lines)


def _rfc2136(parent: pulumi.Resource, wanted: Deployment) -> None:
    DnsRecords(wanted.name, wanted.inputs, pulumi.ResourceOptions(parent=parent))


def _manual(parent: pulumi.Resource, wanted: Deployment) -> None:
    """Nothing to register: somebody pastes the sheet."""


#: How each kind of DNS host is registered below its MailDomain; a new kind adds its line here.
REGISTER: dict[str, Callable[[pulumi.Resource, Deployment], None]] = {
    "rfc2136": _rfc2136,
    "manual": _manual,
}
