"""``mailwright verify``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from mailwright.cli import common
from mailwright.model.checks import Overall
from mailwright.model.finding import has_errors
from mailwright.model.text import Lang

if TYPE_CHECKING:
    from mailwright.operations.verification import Patience

_CODES = {Overall.OK: 0, Overall.UNKNOWN: 1, Overall.DIFFERS: 2}


@click.command(
    epilog="Exit codes: 0 as planned, 1 could not tell, 2 differs, 64 wrong usage. "
    "Example: mailwright verify example --nameserver ns1=192.0.2.53:53"
)
@common.specs_argument
@click.option(
    "--nameserver",
    "nameservers",
    multiple=True,
    metavar="NAME=ADDR:PORT",
    help="Ask this authoritative server (may be repeated); default: those of the parent's NS set.",
)
@click.option("--resolver", "resolvers", multiple=True, metavar="ADDR[:PORT]", help="Ask this resolver too.")
@click.option(
    "--wait",
    "length",
    is_flag=False,
    flag_value="48h",
    metavar="[DURATION]",
    help="Ask again until all is as planned, for 90s, 30m, 48h (the default and the most).",
)
@common.format_option
@common.lang_option
@common.as_of_option
def verify(
    specs: tuple[str, ...],
    nameservers: tuple[str, ...],
    resolvers: tuple[str, ...],
    length: str | None,
    form: str,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Compare the plan with what every authoritative server answers, value by value and TTL by TTL."""
    from mailwright.operations import verification
    from mailwright.operations.planning import planned
    from mailwright.report import findings, forms
    from mailwright.verify.servers import ServersError, given

    seen = planned(common.spec_paths(specs), as_of)
    made = seen.plans
    if has_errors(seen.findings):
        click.echo(
            findings.text([each for each in seen.findings if has_errors([each])], lang, seen.sources),
            err=True,
        )
        return 1
    try:
        servers = [given(each) for each in nameservers]
        others = [given(each, authoritative=False) for each in resolvers]
    except ValueError as error:
        raise click.UsageError(f"a server is ADDRESS, ADDRESS:PORT or NAME=ADDRESS:PORT: {error}") from None
    try:
        plans = [each for _, each in made]
        if length:
            asked = verification.Asked(tuple(servers), tuple(others))
            verdicts = verification.wait(plans, asked, _patience(length, lang))
        else:
            verdicts = verification.verify_all(plans, servers, others)
    except ServersError as error:
        click.echo(str(error), err=True)
        return 1
    day = max((each.as_of for _, each in made), default=as_of or dt.datetime.now(dt.UTC).date())
    click.echo(forms.verdicts(form, verdicts, lang, day=day))
    worst = {each.status for each in verdicts}
    overall = next((s for s in (Overall.DIFFERS, Overall.UNKNOWN) if s in worst), Overall.OK)
    return _CODES[overall]


def _patience(length: str, lang: Lang) -> Patience:
    from mailwright.operations.verification import Patience
    from mailwright.verify.waiting import duration

    try:
        return Patience(duration(length), lambda line: click.echo(line, err=True), lang)
    except ValueError as error:
        raise click.UsageError(f"{error}; give --wait its value with =, or put it last") from None
