"""``mailwright report``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang


@language.command(
    epilog="Exit codes: 0, 1 with errors or where no server answers, 64 wrong usage. "
    "Example: mailwright report example -o mail.html"
)
@common.specs_argument
@common.out_file("The page to write.", required=True)
@common.nameserver_option
@common.deadline_option
@click.option("--live", is_flag=True, help="Show the live status; implied by --nameserver.")
@common.lang_option
@common.as_of_option
def report(
    specs: tuple[str, ...],
    out: Path,
    nameservers: tuple[str, ...],
    live: bool,
    lang: Lang,
    as_of: dt.date | None,
) -> int:
    """Write one self-contained page: five answers, the flow of mail, records with their reasons."""
    from mailwright.operations import reporting
    from mailwright.operations.planning import planned

    seen = planned(common.spec_paths(specs), as_of)
    wrong = common.stopped(seen, lang)
    if wrong and not seen.plans:
        return 1
    verdicts = None
    if live or nameservers:
        from mailwright.operations.world import verification

        servers = common.servers_of(nameservers)
        verdicts = verification.verify_all([plan for _, plan in seen.plans], servers)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(reporting.report(seen.plans, lang, verdicts), encoding="utf-8")
    click.echo(str(out))
    return int(wrong)
