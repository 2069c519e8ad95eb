"""``mailwright catalog``."""

from __future__ import annotations

import click

from mailwright.cli import catalog_upkeep, common, language
from mailwright.model.text import Lang, Text

_NONE = Text("no service is called that", "没有这样的服务")
_KIND = Text("no kind {kind}; one of {kinds}", "没有类别 {kind}；可选：{kinds}")


@language.group(epilog="Example: mailwright catalog show microsoft-365")
def catalog() -> None:
    """The services that Mailwright knows, and what keeps that true."""


@catalog.command("list")
@click.option("--kind", help="mail_host, forwarding_host, sender, signature_relay or crm.")
@click.option("--region", help="Country of the service, such as cn or de.")
@common.lang_option
def list_services(kind: str | None, region: str | None, lang: Lang) -> int:
    """All services, one per line."""
    from mailwright.catalog import load_services
    from mailwright.report.docs import services
    from mailwright.report.layout import columns

    if kind and kind not in services.KINDS:
        language.usage(_KIND.using(kind=kind, kinds=", ".join(services.KINDS)))
    chosen = [
        service
        for service in load_services().values()
        if kind in (None, service.kind) and region in (None, service.region)
    ]
    click.echo(columns([services.row(service, lang) for service in chosen]) if chosen else _NONE(lang))
    return 0


@catalog.command("search", epilog="Example: mailwright catalog search 网易")
@click.argument("words", nargs=-1, required=True)
@common.lang_option
def search(words: tuple[str, ...], lang: Lang) -> int:
    """Services by name, id, kind or host name, in English and Chinese."""
    from mailwright.report.docs import services
    from mailwright.report.layout import columns

    matches = services.search(" ".join(words))
    click.echo(columns([services.row(service, lang) for service in matches]) if matches else _NONE(lang))
    return 0 if matches else 1


@catalog.command("show")
@click.argument("service")
@common.lang_option
def show(service: str, lang: Lang) -> int:
    """One service: what it asks for, what is written, and on what evidence."""
    from mailwright.catalog import service as find
    from mailwright.report.docs import services

    known = find(service)
    if known is None:
        language.usage(catalog_upkeep.NO_SERVICE.using(id=service))
    click.echo(services.described(known, lang))
    return 0


for each in (
    catalog_upkeep.compare,
    catalog_upkeep.gaps,
    catalog_upkeep.check,
    catalog_upkeep.draft,
):
    catalog.add_command(each)
