"""``mailwright autoconfig``: the file by which mail programs set themselves up, for whoever serves it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

_NONE = Text(
    "{domain}: no servers for mail programs are known; write clients: {{imaps: …, submissions: …}}.",
    "{domain}：不知道供邮件客户端使用的服务器；请写 clients: {{imaps: …, submissions: …}}。",
)
_WRITTEN = Text(
    "{domain}: {file}. Serve it at {first} (or {second}).",
    "{domain}：{file}。请在 {first}（或 {second}）提供。",
)


@language.command(
    epilog="Exit codes: 0, 1 with errors or without servers, 64 wrong usage. "
    "Example: mailwright autoconfig example --out public/"
)
@common.specs_argument
@common.out_folder("Write the site, a folder for each domain.")
@common.lang_option
@common.as_of_option
def autoconfig(specs: tuple[str, ...], out: Path | None, lang: Lang, as_of: dt.date | None) -> int:
    """Write the settings file (config-v1.1.xml) that Thunderbird and others ask a domain for."""
    from mailwright.operations.planning import planned
    from mailwright.plan.records.alias_domains import spec_of
    from mailwright.plan.records.settings import settings
    from mailwright.standards import autoconfig as standard

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang):
        return 1
    code = 0
    for company, plan in seen.plans:
        if plan.domain in company.parked:
            continue  # nobody has a mailbox there
        spec = spec_of(company, plan.domain)
        made = settings(spec)
        if made is None:
            click.echo(_NONE.using(domain=spec.domain_unicode)(lang), err=True)
            code = 1
        elif out is None:
            click.echo(str(made), nl=False)
        else:
            files = [out / spec.domain / path for path in (standard.PATH, standard.WELL_KNOWN)]
            for file in files:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(str(made), encoding="utf-8", newline="\n")
            first, second = standard.urls(spec.domain)
            text = _WRITTEN.using(domain=spec.domain_unicode, file=files[0], first=first, second=second)
            click.echo(text(lang))
    return code
