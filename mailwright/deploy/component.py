"""``MailDomain``: one company's mail as a component of any Pulumi program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi

from mailwright.deploy.kinds import Kinds, asked
from mailwright.deploy.mail.program import AnyMail, mail_deployments, told
from mailwright.deploy.run.asking import tell
from mailwright.deploy.targets import Deployment, deployments
from mailwright.deploy.tokens import DNS_RECORDS, JUDGE, MAIL_DOMAIN
from mailwright.hosts.dns.service import Way
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import bare
from mailwright.spec.model import MailSpec


class MailDomain(pulumi.ComponentResource):
    """Deploys what a spec asks for: mailboxes where we write them, then records at every DNS host.

    What is entered by hand (``manual``) is a resource, too: it knows what all authoritative servers show, and
    its sheet is printed by ``mailwright preview SPEC``.

    Args:
        name: the component's name, free to choose; its resources are named by their domain.
        spec: a spec's path, or the spec itself.
        as_of: the day to plan for; default today in the spec's time zone.
        opts: Pulumi's own options.
        wanted: what the spec deploys, where that has been worked out already.
        kinds: the kinds of DNS host, where a program judged several specs before.
        mail: what goes to a mail host that we write to, where that has been worked out already.
        aliases: the same for alias domains.
        kept: outputs that a program works out, or that stay of domains that this run leaves as they are.

    Raises:
        pulumi.RunError: the spec has errors; all of them are in the message.
    """

    def __init__(
        self,
        name: str,
        spec: str | Path | MailSpec,
        as_of: dt.date | None = None,
        opts: pulumi.ResourceOptions | None = None,
        *,
        wanted: Sequence[Deployment] | None = None,
        kinds: Kinds | None = None,
        mail: AnyMail | None = None,
        aliases: Sequence[AnyMail] = (),
        kept: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(MAIL_DOMAIN, name, None, opts)
        output = None
        if wanted is None:
            wanted = deployments(spec if isinstance(spec, MailSpec) else load(spec), as_of)
            boxes = mail_deployments(wanted)
            mail, aliases = next(iter(boxes), None), boxes[1:]
            output = self._tell(wanted, boxes)
        refuse_errors([finding for deployment in wanted for finding in deployment.plan.findings])
        kinds = kinds or Kinds(output)
        first = output.apply(lambda _: list[pulumi.Resource]()) if output else None
        mailboxes = [
            deployment.register(pulumi.ResourceOptions(parent=self, depends_on=first))
            for deployment in ([mail] if mail else []) + list(aliases)
        ]
        outputs: dict[str, dict[str, Any]] = {name: dict(each) for name, each in (kept or {}).items()}
        for each in wanted:
            # The world is sent to a mail host only once it knows the addresses.
            kept = kinds.of(each.service).register(self, each, after=mailboxes)
            if kept:
                outputs.setdefault(each.host.service, {})[bare(each.plan.domain)] = kept
        self.kept = outputs
        self.register_outputs(outputs)

    def _tell(self, wanted: Sequence[Deployment], mail: Sequence[AnyMail]) -> pulumi.Output[Any]:
        """Tell our provider who consents, which a program that judges all of a stack has said before."""
        records = [asked(deployment) for deployment in wanted if deployment.service.way is not Way.PLUGIN]
        outputs = [tell(JUDGE, self, DNS_RECORDS, records)] if records else []
        outputs += told(self, mail)
        return pulumi.Output.all(*outputs)


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
    from mailwright.deploy.errors import lang

    chosen = lang()
    lines: list[str] = []
    for finding in findings:
        place = finding.position or finding.path
        where = f"{place}: " if place else ""
        lines.append(f"{where}[{finding.rule}] {finding.message(chosen)}")
        if finding.hint(chosen):
            lines.append(f"    {finding.hint(chosen)}")
    return "\n".join(lines)
