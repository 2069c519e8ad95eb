"""``mailwright export``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

_NONE = Text(
    "{domain}: no people: or addresses: in the spec, no mailboxes to write.",
    "{domain}：规格中没有 people: 或 addresses:，没有邮箱可写出。",
)


@language.command(
    epilog="Exit codes: 0, 1 with errors, 64 wrong usage. Example: mailwright export example --out build/mail"
)
@common.specs_argument
@common.out_folder("The folder; each domain gets one below it.", required=True)
@common.lang_option
@common.as_of_option
def export(specs: tuple[str, ...], out: Path, lang: Lang, as_of: dt.date | None) -> int:
    """Write mailboxes as files: Postfix tables and Sieve scripts, or import files and a checklist."""
    from mailwright.operations.exporting import export as written
    from mailwright.operations.exporting import steps_alone
    from mailwright.operations.planning import planned

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang):
        return 1
    for spec, plan in seen.plans:
        if plan.domain != spec.domain and plan.mailboxes is None:
            continue
        if plan.mailboxes is None:
            for path in steps_alone(spec, plan.as_of, out / plan.domain, lang):
                click.echo(path)
            click.echo(_NONE.using(domain=plan.domain)(lang), err=True)
            continue
        for path in written(spec, plan.mailboxes, out / plan.domain, lang):
            click.echo(path)
    return 0
