"""The options of ``verify`` that try mail itself."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailwright.cli import language
from mailwright.cli.common import F, connect_options, dial
from mailwright.model.text import Text

if TYPE_CHECKING:
    from mailwright.model.checks import Verdict
    from mailwright.model.plan import Plan
    from mailwright.spec.model import MailSpec

_NOTHING = Text(
    "--no-records leaves nothing to verify without --mail or --mail-test",
    "没有 --mail 或 --mail-test 时，--no-records 会使验证没有任何内容",
)
_ONE = Text("--checklist is of one domain: name one spec", "--checklist 只针对一个域名：请只指定一份规格")
_OPTIONS = (
    click.option(
        "--mail",
        is_flag=True,
        help="Ask the planned exchanger which addresses it takes (RCPT, no mail is sent), and try the logins "
        "whose app passwords are in MAILWRIGHT_MAIL_PASSWORD_NAME.",
    ),
    click.option(
        "--mail-test",
        is_flag=True,
        help="Send tagged test mails and follow them into mailboxes and folders by IMAP.",
    ),
    click.option(
        "--mail-wait",
        type=click.IntRange(1, 3600),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="How long a test mail may take.",
    ),
    click.option(
        "--checklist",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="With --mail or --mail-test and one spec: tick what was seen in this CHECKLIST.md of `export`.",
    ),
    click.option("--no-records", is_flag=True, help="With --mail or --mail-test: leave the records out."),
)


def mail_options(command: F) -> F:
    """All of them, with those of the connection."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return connect_options(command)


def wants_records(asked: Mapping[str, Any]) -> bool:
    """Whether the records are verified too. Raises a usage error where nothing would be left."""
    if asked["no_records"] and not (asked["mail"] or asked["mail_test"]):
        language.usage(_NOTHING)
    return not asked["no_records"]


def tried(
    verdicts: Sequence[Verdict], plans: Sequence[tuple[MailSpec, Plan]], asked: Mapping[str, Any]
) -> list[Verdict]:
    """The verdicts with what living servers say of each domain's mailboxes; parked domains have none."""
    if not (asked["mail"] or asked["mail_test"]):
        return list(verdicts)
    from mailwright.model.checks import Verdict
    from mailwright.operations.world import mail_trial
    from mailwright.verify.mail.letters import Wait

    trial = mail_trial.Trial(
        os.environ,
        recipients=asked["mail"],
        letters=asked["mail_test"],
        dial=dial(asked["detours"], asked["ca_file"]),
        wait=Wait(float(asked["mail_wait"])),
    )
    checks = {verdict.domain: verdict.checks for verdict in verdicts}
    if asked["checklist"] and sum(plan.domain == spec.domain for spec, plan in plans) != 1:
        language.usage(_ONE)
    for spec, plan in plans:
        tried = mail_trial.tried(spec, plan, trial) if plan.domain not in spec.parked else None
        if tried is not None:
            if asked["checklist"]:
                _tick(asked["checklist"], tried)
            checks[plan.domain] = (*checks.get(plan.domain, ()), *tried.checks)
    return [Verdict(domain, several) for domain, several in checks.items()]


def _tick(path: str, verdict: Verdict) -> None:
    from mailwright.operations.exporting import replace
    from mailwright.report.mailboxes.ticking import ticked

    text = Path(path).read_text(encoding="utf-8")
    replace(Path(path), ticked(text, verdict.checks).encode())
