"""``mailwright dmarc``."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.resolving.connect import Dial

F = TypeVar("F", bound=Callable[..., object])
_CODES = {"due": 0, "end": 0, "unknown": 1, "open": 2, "waiting": 2, "back": 2}
_STOPPED = Text("{reason}", "{reason}")
_NOTHING = Text("nothing to read: name FILES, or --mailbox", "没有可读取的内容：请给出 FILES 或 --mailbox")
_NO_SERVER = Text("--mailbox needs --imap HOST[:PORT]", "--mailbox 需要 --imap HOST[:PORT]")
_NO_PASSWORD = Text("set {variable} to the password of the mailbox", "请把邮箱密码写入环境变量 {variable}")
_TABLE = 3  # domains from which on a table is shown


@language.group(epilog="Example: mailwright dmarc report reports/, then mailwright dmarc advise stacks/")
def dmarc() -> None:
    """What receivers report of your mail, and whether DMARC may get stricter."""


def _store_option(command: F) -> F:
    return click.option(
        "--store",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Where read reports are kept (default: .mailwright/reports.sqlite); they make it again.",
    )(command)


@dmarc.command(
    epilog="Exit codes: 0, 1 where a file was refused, 64 wrong usage. "
    "Example: mailwright dmarc report reports/ --spec stacks/"
)
@click.argument("places", nargs=-1, metavar="[FILES]", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--spec",
    "specs",
    multiple=True,
    metavar="SPEC-OR-STACK",
    help="Refuse reports about domains that these specs do not have (default: the specs in stacks/, where "
    "there are any).",
)
@click.option(
    "--mailbox",
    metavar="ADDRESS",
    help="Read this mailbox, too, read-only over IMAP; its password is read from "
    "MAILWRIGHT_MAIL_PASSWORD_NAME.",
)
@click.option("--imap", "server", metavar="HOST[:PORT]", help="The IMAP server of --mailbox (TLS, port 993).")
@click.option("--folder", default="INBOX", show_default=True, metavar="NAME", help="The folder of --mailbox.")
@common.connect_options
@_store_option
@common.short_format_option
@common.lang_option
def report(
    places: tuple[Path, ...],
    specs: tuple[str, ...],
    mailbox: str | None,
    server: str | None,
    folder: str,
    detours: tuple[str, ...],
    ca_file: str | None,
    store: Path | None,
    form: str,
    lang: Lang,
) -> int:
    """Read reports of mail, of TLS and of single failures: XML, JSON, gzip, zip, or mails with them attached.

    FILES are files and folders. No server is queried but that of --mailbox. Hostile files are refused, and
    stop nothing else.
    """
    from mailwright.operations.dmarc import answering, gathering
    from mailwright.operations.dmarc.reports import ReportError
    from mailwright.operations.dmarc.store import DEFAULT, opened
    from mailwright.report.escaping import as_json

    entries = gathering.files(places)
    if mailbox:
        entries = itertools.chain(
            entries, _letters(mailbox, server or "", folder, common.dial(detours, ca_file))
        )
    elif not places:
        language.usage(_NOTHING)
    try:
        with opened(store or DEFAULT) as kept:
            reading = gathering.read(entries, kept, _domains(specs), dt.datetime.now(dt.UTC))
    except ReportError as error:
        language.failure(_STOPPED.using(reason=error.reason))
    click.echo(
        as_json(answering.reading_json(reading, lang)) if form == "json" else answering.reading(reading, lang)
    )
    return 1 if reading.refused else 0


def _letters(address: str, server: str, folder: str, dial: Dial) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The mails of a mailbox whose password the environment has."""
    from mailwright.operations.dmarc.mailbox import Inbox, letters
    from mailwright.verify.mail.servers import Port, password, variable

    host, _, number = server.partition(":")
    if not host or (number and not number.isdecimal()):
        language.usage(_NO_SERVER)
    secret = password(address, os.environ)
    if secret is None:
        language.failure(_NO_PASSWORD.using(variable=variable(address)))
    port = Port("imap", host, int(number or 993), "implicit")
    return letters(Inbox(port, address, folder, secret), dial, dt.datetime.now(dt.UTC).date())


def _domains(specs: tuple[str, ...]) -> frozenset[str]:
    """The domains that reports may be about; none: any."""
    from mailwright.spec import find_specs
    from mailwright.spec.loading import load_many

    paths = (
        common.spec_paths(specs) if specs else list(find_specs("stacks")) if Path("stacks").is_dir() else []
    )
    read = [result.spec for result in load_many(paths) if result.spec]
    return frozenset(domain for spec in read for domain in spec.domains)


@dmarc.command(
    epilog="Exit codes: 0 the next step suits or there is none, 1 could not tell, 2 not yet, or back. "
    "Example: mailwright dmarc advise stacks/acme-trade.com.yaml"
)
@common.specs_argument
@_store_option
@click.option("--back", is_flag=True, help="Propose the step before, whatever is reported.")
@click.option(
    "--days", type=click.IntRange(1, 90), default=14, show_default=True, help="Days with reports at least."
)
@click.option("--messages", type=click.IntRange(1), default=100, show_default=True, help="Messages at least.")
@click.option(
    "--receivers",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Receivers that report at least.",
)
@click.option(
    "--failing",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    metavar="PERCENT",
    help="How much of a sender's mail may fail at most.",
)
@common.short_format_option
@common.lang_option
@common.as_of_option
def advise(
    specs: tuple[str, ...],
    store: Path | None,
    back: bool,
    days: int,
    messages: int,
    receivers: int,
    failing: float,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Say who sends in a domain's name, who would lose what, and whether the next DMARC step suits."""
    from mailwright.operations.dmarc import advising, answering
    from mailwright.operations.dmarc.pausing import pauses
    from mailwright.operations.dmarc.proposing import proposal
    from mailwright.operations.dmarc.reports import ReportError
    from mailwright.operations.dmarc.store import DEFAULT, opened
    from mailwright.operations.planning import planned
    from mailwright.report.escaping import as_json

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang):
        return 1
    least = advising.Thresholds(days, messages, receivers, failing / 100, window=max(30, 2 * days))
    moves = Path.cwd() / ".mailwright" / "moves"
    answers = []
    try:
        with opened(store or DEFAULT) as kept:
            for spec, plan in seen.plans:
                if plan.domain == spec.domain:
                    advice = advising.advise(
                        spec, kept, plan.as_of, least, pauses(spec, moves, plan.as_of), back=back
                    )
                    change = proposal(spec, seen.sources[spec.file], advice, plan.as_of)
                    answers.append((advice, change))
    except ReportError as error:
        language.failure(_STOPPED.using(reason=error.reason))
    if form == "json":
        click.echo(as_json([answering.advice_json(advice, change, lang) for advice, change in answers]))
    elif len(answers) >= _TABLE:
        click.echo(answering.table([advice for advice, _ in answers], lang))
    else:
        click.echo("\n\n".join(answering.advice(advice, change, lang) for advice, change in answers))
    codes = [
        2 if change.errors and advice.state == "due" else _CODES[advice.state] for advice, change in answers
    ]
    return common.worst(codes)
