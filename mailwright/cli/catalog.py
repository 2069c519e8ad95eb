"""``mailwright catalog``."""

from __future__ import annotations

import click

from mailwright.cli import common
from mailwright.model.text import Lang, Text
from mailwright.report.layout import columns

_COMING = Text("known, not built yet", "已知，尚未实现")
_INPUT = Text("asks for {name}: {label}. {where}", "需要 {name}：{label}。{where}")


@click.group(epilog="Example: mailwright catalog show microsoft-365")
def catalog() -> None:
    """The services that Mailwright knows."""


@catalog.command("list")
@common.lang_option
def list_services(lang: Lang) -> int:
    """All services, a line each."""
    from mailwright.catalog import load_services

    rows = [
        [each.id, each.names(lang), _COMING(lang) if each.coming else ""] for each in load_services().values()
    ]
    click.echo(columns(rows))
    return 0


@catalog.command("show")
@click.argument("service")
@common.lang_option
def show(service: str, lang: Lang) -> int:
    """One service: its sites, records, and what only its console knows."""
    from mailwright.catalog import service as find

    found = find(service)
    if found is None:
        raise click.UsageError(f"no service {service}; see `mailwright catalog list`")
    lines = [f"{found.id}: {found.names(lang)}" + (f" ({_COMING(lang)})" if found.coming else "")]
    for site in found.sites:
        lines.append(f"  site {site.id}: {site.label(lang)} {site.how_to_tell(lang)}")
        lines += [f"    MX {each.priority} {each.host}" for each in site.mx]
        lines += [f"    SPF {each}" for each in site.spf]
        lines += [f"    {each.type} {each.host} → {each.target}" for each in site.aliases]
    for each in found.inputs + tuple(i for site in found.sites for i in site.inputs):
        lines.append("  " + _INPUT.using(name=each.name, label=each.label, where=each.where)(lang))
    lines += [f"  DKIM {each.type}: {each.where(lang)}" for each in found.dkim]
    click.echo("\n".join(dict.fromkeys(lines)))
    return 0
