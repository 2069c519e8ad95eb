"""``mailwright drift``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.checks import Overall, Verdict, overall
from mailwright.model.text import Lang

_CODES = {Overall.OK: 0, Overall.UNKNOWN: 1, Overall.DIFFERS: 2}


@language.command(
    epilog="Exit codes: 0 no drift, 1 could not tell, 2 drift or something is due, 64 wrong usage. "
    "Example: mailwright drift stacks/ --format junit"
)
@common.specs_argument
@common.nameserver_option
@common.resolver_option
@common.stack_option
@click.option(
    "--notify",
    multiple=True,
    type=click.Choice(["wecom", "dingtalk", "feishu", "slack", "text"]),
    help="Notify people when drift begins, changes or is over (may be repeated). The webhook's address is "
    "read from MAILWRIGHT_NOTIFY_SERVICE_URL; text prints only the message, for a mail, or nothing.",
)
@click.option("--dns-only", is_flag=True, help="Do not ask the engine, nor an own mail server.")
@common.connect_options
@common.deadline_option
@common.format_option
@common.lang_option
@common.as_of_option
def drift(
    specs: tuple[str, ...],
    nameservers: tuple[str, ...],
    resolvers: tuple[str, ...],
    stack: str | None,
    notify: tuple[str, ...],
    dns_only: bool,
    detours: tuple[str, ...],
    ca_file: str | None,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Report whether the live records still are what the specs ask for, what is due, and what is foreign."""
    from mailwright.operations.planning import planned
    from mailwright.operations.stack.request import BackendError, Request
    from mailwright.operations.stack.retiring import Outputs, allowed, outputs_of
    from mailwright.operations.stack.stacks import open_stack
    from mailwright.operations.world import drift as work
    from mailwright.operations.world.hosted_drift import hosted_drift
    from mailwright.operations.world.mail_drift import mail_drift
    from mailwright.operations.world.routing_drift import routing_drift
    from mailwright.operations.world.standing_in import aged
    from mailwright.operations.world.verification import Asked
    from mailwright.report.formats import forms

    paths = common.spec_paths(specs)
    seen = planned(paths, as_of)
    if common.stopped(seen, lang):
        return 1
    plans = [plan for _, plan in seen.plans]
    others = common.resolvers_of(resolvers, common.dial(detours, ca_file))
    servers = common.servers_of(nameservers)
    verdicts = work.drift(plans, Asked(servers, others))
    boxes = {} if dns_only else mail_drift(seen.plans) | routing_drift(seen.plans) | hosted_drift(seen.plans)
    verdicts = [
        Verdict(verdict.domain, (*verdict.checks, *boxes.get(verdict.domain, ()))) for verdict in verdicts
    ]
    entries = tuple(common.spec_entries(specs))
    request = Request(
        "preview",
        tuple(paths),
        "auto",
        stack,
        as_of,
        lang=lang,
        entries=entries,
        nameservers=nameservers,
    )
    deployed = open_stack(request)
    state: Outputs | BackendError
    try:
        state = outputs_of(deployed)
    except BackendError as error:  # DNS is judged all the same
        state = error
    known = () if isinstance(state, BackendError) else state
    verdicts = allowed(verdicts, plans, known)
    late = [*work.due(known, plans), *work.dated(seen.plans), *aged(seen.plans, others or servers)]
    verdicts = [
        Verdict(
            verdict.domain, (*verdict.checks, *(check for domain, check in late if domain == verdict.domain))
        )
        for verdict in verdicts
    ]
    asked = None if dns_only else work.engine_check(deployed, state)
    if asked and verdicts:
        verdicts[0] = Verdict(verdicts[0].domain, (*verdicts[0].checks, asked))
    day = max((plan.as_of for plan in plans), default=as_of or dt.datetime.now(dt.UTC).date())
    if "text" not in notify:
        click.echo(forms.verdicts(form, verdicts, lang, day=day))
    code = _CODES[overall(check for verdict in verdicts for check in verdict.checks)]
    delivered = _told(verdicts, notify, request.name, lang)
    return code if delivered or code else 1


def _told(verdicts: list[Verdict], services: tuple[str, ...], name: str, lang: Lang) -> bool:
    """Whether everybody who had to be told was."""
    if not services:
        return True
    from mailwright.operations.world.notifying import Memory, notify

    memory = Memory(Path.cwd() / ".mailwright" / "notified" / f"{name}.json")
    printed, failed = notify(verdicts, services, memory, lang)
    for line in printed:
        click.echo(line)
    for line in failed:
        click.echo(line, err=True)
    return not failed
