"""``mailwright catalog``."""

from __future__ import annotations

import click

from mailwright.catalog import Service
from mailwright.cli import common, language
from mailwright.model.text import Lang, Text
from mailwright.report.layout import columns

_KINDS = {
    "mail_host": Text("mail host", "邮件服务"),
    "sender": Text("sender", "发信服务"),
    "crm": Text("CRM", "CRM"),
}
_UNKNOWN = Text(
    "no service {id}; see `mailwright catalog list`", "没有服务 {id}；请查看 `mailwright catalog list`"
)
_SITE = Text("site {id}: {label} {how}", "站点 {id}：{label} {how}")
_INPUT = Text("asks for {name}: {label}. {where}", "需要 {name}：{label}。{where}")

_LIMITS = {
    "aliases_per_mailbox": Text("at most {most} aliases per mailbox", "每个邮箱最多 {most} 个别名"),
    "targets_per_address": Text("at most {most} targets per address", "每个地址最多 {most} 个收件目标"),
    "rules": Text("at most {most} rules", "最多 {most} 条规则"),
    "destination_addresses": Text("at most {most} destination addresses", "最多 {most} 个目标地址"),
    "message_mib": Text("messages of at most {most} MiB", "邮件大小最多 {most} MiB"),
}


@language.group(epilog="Example: mailwright catalog show microsoft-365")
def catalog() -> None:
    """The services that Mailwright knows."""


@catalog.command("list")
@common.lang_option
def list_services(lang: Lang) -> int:
    """All services, one per line."""
    from mailwright.catalog import load_services

    rows = [[each.id, _KINDS[each.kind](lang), each.names(lang)] for each in load_services().values()]
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
        language.usage(_UNKNOWN.using(id=service))
    lines = [f"{found.id}: {found.names(lang)} ({_KINDS[found.kind](lang)})"]
    lines += [f"  {found.note(lang)}"] if found.note else []
    for site in found.sites:
        lines.append("  " + _SITE.using(id=site.id, label=site.label, how=site.how_to_tell)(lang))
        lines += [f"    MX {each.priority} {each.host}" for each in site.mx]
        lines += [f"    SPF {each}" for each in site.spf]
        lines += [f"    {each.type} {each.host} → {each.value}" for each in site.records]
    for each in found.inputs + tuple(i for site in found.sites for i in site.inputs):
        lines.append("  " + _INPUT.using(name=each.name, label=each.label, where=each.where)(lang))
    lines += [f"  DKIM {each.type}: {each.where(lang)}" for each in found.dkim]
    lines += [f"  {line}" for line in _client(found, lang)]
    lines += ["  " + _LIMITS[name].using(most=most)(lang) for name, most in found.limits.items()]
    lines.append("  " + "; ".join(found.sources))
    click.echo("\n".join(dict.fromkeys(lines)))
    return 0


def _client(found: Service, lang: Lang) -> list[str]:
    """How a mail program reaches the mailboxes, and what its password is called."""
    made = []
    for protocol, each in found.client.items():
        if protocol in ("password", "note") and isinstance(each, dict):
            made.append(str(each[lang]))
        elif isinstance(each, dict):
            auth = f", {each['auth']}" if "auth" in each else ""
            made.append(f"{protocol.upper()} {each['host']}:{each['port']} ({each['tls']}{auth})")
    return made
