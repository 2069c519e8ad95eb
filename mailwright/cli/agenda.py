"""``mailwright agenda``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang

if TYPE_CHECKING:
    from mailwright.model.plan import Plan
    from mailwright.operations.stack.retiring import Outputs
    from mailwright.operations.world.expiring import Asked
    from mailwright.spec.model import MailSpec


@language.command(
    epilog="Exit codes: 0 nothing is due, 1 with errors, 2 something is due, 64 wrong usage. "
    "Example: mailwright agenda stacks/ --format ics > mail.ics"
)
@common.specs_argument
@click.option(
    "--days",
    type=click.IntRange(0, 3660),
    default=90,
    show_default=True,
    help="How many days to look ahead.",
)
@click.option(
    "--notify",
    multiple=True,
    type=click.Choice(["wecom", "dingtalk", "feishu", "slack", "text"]),
    help="Notify people of what has its day, each thing once (may be repeated). The webhook's address is "
    "read from MAILWRIGHT_NOTIFY_SERVICE_URL; text prints only the message, for a mail, or nothing.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "ics"]),
    default="table",
    show_default=True,
    help="table: for people; json: for programs; ics: a calendar, which updates when it is imported again.",
)
@click.option(
    "--online",
    is_flag=True,
    help="Ask the company's own exchangers and policy hosts when their certificates end (no mail is sent).",
)
@common.connect_options
@common.deadline_option
@common.lang_option
@common.as_of_option
def agenda(
    specs: tuple[str, ...],
    days: int,
    notify: tuple[str, ...],
    form: str,
    online: bool,
    detours: tuple[str, ...],
    ca_file: str | None,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Show everything that has a day: what is due, and what comes; no server is queried without --online."""
    from mailwright.operations.planning import planned
    from mailwright.plan import agenda as work
    from mailwright.report.formats import agenda as formats

    seen = planned(common.spec_paths(specs), as_of)
    stopped = common.stopped(seen, lang)
    companies = [(spec, plan) for spec, plan in seen.plans if plan.domain == spec.domain]
    state = _state()
    today = max((plan.as_of for _, plan in companies), default=as_of or dt.datetime.now(dt.UTC).date())
    asked = _asked(seen.plans, detours, ca_file) if online else None
    every = sorted(
        (
            *(event for spec, _ in companies for event in work.agenda(spec, state)),
            *(asked.events if asked else ()),
        ),
        key=lambda event: (event.day, event.domain, event.kind, event.subject),
    )
    shown = work.pending(every, today, days)
    failed = [line(lang) for line in asked.unseen] if asked else []
    for line in failed:
        click.echo(line, err=True)
    if "text" not in notify:
        if form == "json":
            import json

            click.echo(json.dumps(formats.to_json(shown, today, lang), ensure_ascii=False, indent=2))
        else:
            click.echo(
                formats.calendar(shown, today, lang)
                if form == "ics"
                else formats.table(shown, today, days, lang)
            )
    if notify:
        from mailwright.operations.world.notifying import Memory
        from mailwright.operations.world.telling import tell_day

        memory = Memory(Path.cwd() / ".mailwright" / "notified" / "agenda.json")
        printed, undelivered = tell_day(every, today, notify, memory, lang)
        for line in printed:
            click.echo(line)
        for line in undelivered:
            click.echo(line, err=True)
        failed += undelivered
    if stopped or failed or not companies:
        return 1
    return 2 if any(event.status(today) == "due" for event in shown) else 0


def _asked(plans: Sequence[tuple[MailSpec, Plan]], detours: Sequence[str], ca_file: str | None) -> Asked:
    from mailwright.operations.world.expiring import certificates

    return certificates(plans, common.dial(detours, ca_file))


def _state() -> Outputs:
    """What the embedded stacks of this folder hold; what Pulumi's backend has, `drift` says."""
    from mailwright.operations.stack.retiring import in_file

    paths = sorted((Path.cwd() / ".mailwright" / "state").glob("*.json"))
    return tuple(entry for file in paths for entry in in_file(file))
