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
_TWO_HOSTS = Text(
    "{domain}: people live at two mail hosts, and one file would lead all of them to one. `mailwright "
    "card` has "
    "the settings of each.",
    "{domain}：人员分属两家邮件服务，而一个文件只能指向一家。请用 `mailwright card` 获取每个人的设置。",
)
_WRITTEN = Text(
    "{domain}: {file}. Serve it at {first} (or {second}).",
    "{domain}：{file}。请在 {first}（或 {second}）提供。",
)

_SETUP = Text(
    "  server set-up to copy: {folder} (nginx.conf, Caddyfile, worker.js)",
    "  可直接复制的服务器配置：{folder}（nginx.conf、Caddyfile、worker.js）",
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
    """Write the files that mail programs ask a domain for: Thunderbird's and, with --out, Outlook's."""
    from mailwright.operations.planning import planned
    from mailwright.plan.records.alias_domains import spec_of
    from mailwright.plan.records.settings import settings
    from mailwright.report.formats.settings_site import site
    from mailwright.standards import autoconfig as standard

    seen = planned(common.spec_paths(specs), as_of)
    if common.stopped(seen, lang):
        return 1
    code = 0
    for company, plan in seen.plans:
        if plan.domain in company.parked:
            continue  # nobody has a mailbox there
        spec = spec_of(company, plan.domain)
        if company.beside is not None:
            click.echo(_TWO_HOSTS.using(domain=spec.domain_unicode)(lang), err=True)
            code = 1
            continue
        client_settings = settings(spec)
        if client_settings is None:
            click.echo(_NONE.using(domain=spec.domain_unicode)(lang), err=True)
            code = 1
        elif out is None:
            click.echo(str(client_settings), nl=False)
        else:
            client = spec.extra.clients
            pages = site(client_settings, client.autodiscover or "" if client else "")
            for path, text in pages.files.items():
                _write(out / spec.domain / path, text)
            for name, text in pages.setups.items():
                _write(out / "setup" / spec.domain / name, text)
            file = out / spec.domain / standard.PATH
            first, second = standard.urls(spec.domain)
            line = _WRITTEN.using(domain=spec.domain_unicode, file=file, first=first, second=second)
            click.echo(line(lang))
            click.echo(_SETUP.using(folder=out / "setup" / spec.domain)(lang))
    return code


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
