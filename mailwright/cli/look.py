"""``mailwright look``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang

if TYPE_CHECKING:
    from mailwright.operations.world.looking import Look


@language.command(
    epilog="Exit codes: 0, 1 where a domain cannot be read, 64 wrong usage. "
    "Example: mailwright look acme-trade.com"
)
@click.argument("domains", nargs=-1, required=True, metavar="DOMAIN...")
@common.nameserver_option
@common.selector_option
@common.name_option
@common.deadline_option
@common.short_format_option
@common.lang_option
def look(
    domains: tuple[str, ...],
    nameservers: tuple[str, ...],
    selectors: tuple[str, ...],
    names: tuple[str, ...],
    form: str,
    lang: Lang,
) -> int:
    """What domains run on and what is wrong; nothing is stored."""
    from mailwright.cli.import_ import common_domain, read
    from mailwright.operations import importing
    from mailwright.operations.world import looking
    from mailwright.report.escaping import as_json

    seen: list[Look] = []
    failed = False
    for domain in dict.fromkeys(map(common_domain, domains)):
        try:
            seen.append(looking.look(read(domain, nameservers, None, selectors, names), lang))
        except importing.ImportingError as error:
            failed = True
            click.echo(f"{domain}: {error.text(lang)}", err=True)
    if form == "json":
        documents = [view.to_json(lang) for view in seen]
        click.echo(as_json(documents if len(domains) > 1 else documents[0] if documents else None))
    elif seen:
        click.echo("\n\n".join(_text(view, lang) for view in seen))
    return int(failed)


def _text(view: Look, lang: Lang) -> str:
    from mailwright.report.formats import findings
    from mailwright.report.page import answers as page_answers

    parts = [view.domain, page_answers.text(view.answers, lang)]
    if view.findings:
        parts.append(findings.text(view.findings, lang))
    parts.append(view.spec or view.refused)
    return "\n\n".join(parts)
