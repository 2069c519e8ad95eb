"""The Pulumi program of a Mailwright project: ``__main__.py`` calls ``main``.

Configuration: ``mailwright:specs``, a list (or comma-separated) of spec files and folders,
relative to the project; default ``stacks/STACK.yaml``. Environment, which wins:
``MAILWRIGHT_SPECS``, ``MAILWRIGHT_AS_OF``, ``MAILWRIGHT_ALLOW``, ``MAILWRIGHT_TSIG_SECRET``,
``MAILWRIGHT_SIEVE_PASSWORD``.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pulumi
from pulumi.runtime import mocks

from mailwright.deploy.component import MailDomain, findings_text, refuse_errors
from mailwright.deploy.errors import DeployError, lang, refused
from mailwright.deploy.given import environment
from mailwright.deploy.kinds import Kinds
from mailwright.deploy.left import Left, left_text
from mailwright.deploy.mail import by_hand
from mailwright.deploy.mail.program import AnyMail, mail_deployments, mail_problems
from mailwright.deploy.run import members, outputs, stack_state
from mailwright.deploy.run.asking import StateOf
from mailwright.deploy.said import wrong
from mailwright.deploy.targets import Deployment, deployments, planned_values, restored
from mailwright.hosts.dns.service import Way
from mailwright.model import variables
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.rules import Severity
from mailwright.plan import agenda
from mailwright.spec import MailSpec, find_specs, load_many
from mailwright.spec import files as spec_set

#: The exit code of a program that has said what is wrong (the language host's own agreement with its SDK).
_TOLD = 32


def main() -> None:
    """Load, judge, register: each domain by itself; one that is refused or unreadable stays as it is."""
    _end_quietly_when_interrupted()
    try:
        _run()
    except (DeployError, pulumi.RunError) as error:
        _end(str(error))


def _end_quietly_when_interrupted() -> None:
    """The engine interrupts a program where something else failed, which it says itself."""
    with contextlib.suppress(ValueError):  # not in the main thread: then it is no process of the engine's
        if not isinstance(pulumi.runtime.settings.get_engine(), mocks.MockEngine):
            signal.signal(signal.SIGINT, lambda *_: os._exit(_TOLD))


def _end(text: str) -> NoReturn:
    """End the program with an error that a user can act on: the language host adds none of its own to it."""
    if isinstance(pulumi.runtime.settings.get_engine(), mocks.MockEngine):
        raise pulumi.RunError(text)
    pulumi.log.error(text)
    raise SystemExit(_TOLD)


def _run() -> None:
    environment.consents()  # one that cannot be is said first
    entries = spec_entries()
    specs = _load_all(spec_files(entries))
    state = stack_state.resources()
    _refuse_leaving(specs, entries, state)
    planned = [(spec, deployments(spec)) for spec in specs]
    mail = mail_deployments(
        deployment for _, several in planned for deployment in several
    )  # an undo is of DNS alone
    restoring = [(spec, restored(several)) for spec, several in planned]
    everything = [deployment for _, several in restoring for deployment in several]
    findings: list[Finding] = [finding for deployment in everything for finding in deployment.plan.findings]
    refuse_errors(findings)
    kinds = Kinds()
    problems = kinds.problems(everything, state) + mail_problems(mail, state)
    problems += by_hand.problems((deployment for _, several in planned for deployment in several), state)
    left = Left(frozenset(problem.domain for problem in problems), state)
    left.tell(everything, mail)
    boxes = {deployment.name: deployment for deployment in mail}
    mail_domains = [
        MailDomain(
            spec.domain,
            spec,
            wanted=left.registered(several),
            kinds=kinds,
            mail=left.mail(boxes.get(spec.domain)),
            aliases=[held for box in _at_aliases(spec, boxes) if (held := left.mail(box))],
            kept=left.kept(spec.domain, by_hand.remembered(several, state)),
        )
        for spec, several in restoring
        if left.is_registered(spec.domain, several, boxes.get(spec.domain))
    ]
    _export(everything, mail_domains, kinds)
    if problems:
        touched = {bare(deployment.plan.domain) for deployment in everything}
        raise pulumi.RunError(left_text(problems, untouched=touched <= left.domains))


def _at_aliases(spec: MailSpec, boxes: Mapping[str, AnyMail]) -> list[AnyMail]:
    """What goes to an own mail host for the spec's alias domains."""
    return [boxes[alias.domain] for alias in spec.alias_domains if alias.domain in boxes]


def spec_entries() -> list[Path]:
    """The files and folders that this stack's specs are in."""
    text = os.environ.get(variables.SPECS) or pulumi.Config("mailwright").get("specs") or ""
    return [Path(entry) for entry in _entries(text) or [f"stacks/{pulumi.get_stack()}.yaml"]]


def spec_files(entries: Sequence[Path]) -> list[Path]:
    """The specs of this stack, in the order given; a folder stands for the specs in it, as everywhere."""
    spec_set.allow_roots(entries)
    files = [path for entry in entries for path in find_specs(entry)]
    missing = [str(path) for path in files if not path.is_file()]
    if missing or not files:
        shown = ", ".join(missing or map(str, entries))
        raise pulumi.RunError(wrong.NO_SPEC.using(places=shown)(lang()))
    return list(dict.fromkeys(files))


def _entries(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        try:
            return [str(load) for load in json.loads(text)]
        except ValueError:
            raise pulumi.RunError(wrong.NO_LIST(lang())) from None
    return [part.strip() for part in text.split(",") if part.strip()]


def _load_all(files: Sequence[Path]) -> list[MailSpec]:
    """Every spec; the errors of all of them come together, two that claim one name among them."""
    results = load_many(files)
    refuse_errors([finding for result in results if result.spec is None for finding in result.findings])
    specs = [result.spec for result in results if result.spec is not None]
    if len(specs) < len(results):  # left out, its domain would be deleted
        raise pulumi.RunError(", ".join(result.file for result in results if result.spec is None))
    return specs


def _refuse_leaving(specs: Sequence[MailSpec], entries: Sequence[Path], state: StateOf) -> None:
    """Nothing leaves the stack while its spec is on the disk; what joins is announced. Raises Refused."""
    before = members.Members.of(state)
    findings = members.not_read(before, specs, [*entries, Path("stacks")])
    if findings:
        raise refused(findings)
    for text in members.joining(before, specs):
        pulumi.log.info(text(lang()))


#: The command that prints what to enter by hand.
SHEET = "mailwright preview {file}"
#: Domains of which a stack's outputs still can be read; of more, its resources say all this, too.
READABLE = 20
#: Days that ``due`` looks ahead.
AHEAD = 30


def _export(everything: Sequence[Deployment], mail_domains: Sequence[MailDomain], kinds: Kinds) -> None:
    """What the stack tells people and other programs: ``pulumi stack output``, ``preview --json``."""
    domains = sorted({bare(deployment.plan.domain) for deployment in everything})
    kept = [mail_domain.kept for mail_domain in mail_domains]
    pulumi.export("domains", domains)
    if sheets := _sheets(everything):
        pulumi.export("sheets", sheets)
    outputs.export_pending(kept, kinds.pending)
    if len(domains) <= READABLE:
        pulumi.export("records", planned_values(everything))
        if due := _due(everything):
            pulumi.export("due", due)
        outputs.export_retiring(kept, kinds.retiring)
    findings = [finding for deployment in everything for finding in deployment.plan.findings]
    warnings = [finding for finding in findings if finding.severity is not Severity.INFO]
    if warnings:
        pulumi.log.warn(findings_text(warnings))


def _sheets(deployments: Iterable[Deployment]) -> dict[str, str]:
    by_hand = [deployment for deployment in deployments if deployment.service.way is Way.SHEET]
    files = {bare(deployment.plan.domain): deployment.spec.file for deployment in by_hand}
    return {domain: SHEET.format(file=file) for domain, file in sorted(files.items())}


def _due(deployments: Iterable[Deployment]) -> dict[str, list[str]]:
    """What has its day, or will have it soon, by domain; what retires has its own output."""
    due: dict[str, list[str]] = {}
    for deployment in deployments:
        own = deployment.plan.domain == deployment.spec.domain
        if own and bare(deployment.plan.domain) not in due:
            events = agenda.pending(agenda.agenda(deployment.spec), deployment.plan.as_of, AHEAD)
            lines = [f"{event.day.isoformat()} {event.text(lang())}" for event in events]
            if lines:
                due[bare(deployment.plan.domain)] = lines
    return due
