"""The Pulumi program of a Mailwright project: ``__main__.py`` calls ``main``.

Configuration: ``mailwright:specs``, a list (or comma-separated) of spec files and folders,
relative to the project; default ``stacks/STACK.yaml``. Environment, which wins:
``MAILWRIGHT_SPECS``, ``MAILWRIGHT_AS_OF``, ``MAILWRIGHT_ALLOW``, ``MAILWRIGHT_TSIG_SECRET``,
``MAILWRIGHT_SIEVE_PASSWORD``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pulumi

from mailwright.deploy import environment
from mailwright.deploy.component import MailDomain, findings_text, load, refuse_errors
from mailwright.deploy.errors import DeployError
from mailwright.deploy.kinds import Kinds
from mailwright.deploy.mail.program import mail_deployments, mail_problems
from mailwright.deploy.targets import Deployment, claimed_twice, deployments, restored
from mailwright.hosts.dns.service import Way
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.rules import Severity
from mailwright.spec.model import MailSpec


def main() -> None:
    """Load, judge, register: nothing is registered where anything is refused."""
    try:
        _run()
    except DeployError as error:
        raise pulumi.RunError(str(error)) from None


def _run() -> None:
    specs = _load_all(spec_files())
    planned = [(spec, deployments(spec)) for spec in specs]
    mail = mail_deployments(each for _, several in planned for each in several)  # an undo is of DNS alone
    wanted = [(spec, restored(several)) for spec, several in planned]
    everything = [each for _, several in wanted for each in several]
    findings: list[Finding] = [finding for each in everything for finding in each.plan.findings]
    refuse_errors(findings)
    problems = claimed_twice(everything)
    kinds = Kinds()
    problems += kinds.problems(everything)
    problems += mail_problems(mail)
    if problems:
        raise pulumi.RunError("\n".join(problems))
    boxes = {each.name: each for each in mail}
    made = [
        MailDomain(spec.domain, spec, wanted=several, kinds=kinds, mail=boxes.get(spec.domain))
        for spec, several in wanted
    ]
    _export(everything, made)


def spec_files() -> list[Path]:
    """The specs of this stack, in the order given; a folder stands for the specs in it."""
    text = os.environ.get(environment.SPECS) or pulumi.Config("mailwright").get("specs") or ""
    entries = _entries(text) or [f"stacks/{pulumi.get_stack()}.yaml"]
    files: list[Path] = []
    for entry in entries:
        path = Path(entry)
        files += folder_specs(path) if path.is_dir() else [path]
    missing = [str(path) for path in files if not path.is_file()]
    if missing or not files:
        shown = ", ".join(missing) or ", ".join(entries)
        raise pulumi.RunError(
            f"no spec at {shown}: `pulumi config set mailwright:specs FILE,FILE`, or `mailwright init`"
        )
    return list(dict.fromkeys(files))


def folder_specs(folder: Path) -> list[Path]:
    """The specs in a folder; ``Pulumi.NAME.yaml`` is a stack's configuration, never a spec."""
    return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("Pulumi."))


def _entries(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        try:
            return [str(each) for each in json.loads(text)]
        except ValueError:
            raise pulumi.RunError("mailwright:specs is no list: write FILE,FILE") from None
    return [each.strip() for each in text.split(",") if each.strip()]


def _load_all(files: Sequence[Path]) -> list[MailSpec]:
    """Every spec; the errors of all of them come together."""
    specs: list[MailSpec] = []
    problems: list[str] = []
    for path in files:
        try:
            specs.append(load(path))
        except pulumi.RunError as error:
            problems.append(str(error))
    if problems:
        raise pulumi.RunError("\n".join(problems))
    return specs


#: The command that prints what to enter by hand.
SHEET = "mailwright plan {file} --format sheet"


def _export(everything: Sequence[Deployment], made: Sequence[MailDomain]) -> None:
    manual = {bare(each.plan.domain): each.spec.file for each in everything if each.service.way is Way.SHEET}
    pulumi.export("domains", sorted({bare(each.plan.domain) for each in everything}))
    if manual:
        pulumi.export("sheets", {domain: SHEET.format(file=file) for domain, file in sorted(manual.items())})
    pending = sorted(
        domain
        for each in made
        for kept in each.kept.values()
        for domain, output in kept.items()
        if output.get("pending")
    )
    if pending:
        pulumi.export("pending", pending)
    said = [finding for each in everything for finding in each.plan.findings]
    warnings = [each for each in said if each.severity is not Severity.INFO]
    if warnings:
        pulumi.log.warn(findings_text(warnings))
