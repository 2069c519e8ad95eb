"""``mailwright import``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.importing import Imported, World

_WHOM = Text(
    "--axfr asks one server: name it with --nameserver NAME=ADDR:PORT",
    "--axfr 只向一台服务器查询：请用 --nameserver NAME=ADDR:PORT 指定",
)
_NO_DOMAIN = Text("{text} is not a domain: {reason}", "{text} 不是域名：{reason}")
_NO_HOST = Text("{text} is not a host record: {reason}", "{text} 不是主机记录：{reason}")
_SECRET = Text(
    "--key-name {name}: its secret goes into {variable}", "--key-name {name}：其密钥请放在 {variable} 中"
)
_LAGGING = Text("not the same everywhere: {server}", "各服务器的回答不一致：{server}")


@language.command(
    "import",
    epilog="Exit codes: 0, 1 where the domain cannot be read or taken over, 64 wrong usage. "
    "Example: mailwright import acme-trade.com -o stacks/acme.yaml",
)
@click.argument("domain", metavar="DOMAIN")
@common.nameserver_option
@click.option(
    "--zone-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Read this zone file instead.",
)
@click.option("--axfr", is_flag=True, help="Transfer the whole zone from the first --nameserver.")
@click.option(
    "--key-name", metavar="NAME", help="The TSIG key for --axfr; its secret is in MAILWRIGHT_TSIG_SECRET."
)
@common.selector_option
@common.name_option
@click.option(
    "--contact", metavar="ADDRESS", help="Who gets reports; default: who gets them now, or postmaster."
)
@click.option(
    "--timezone", metavar="ZONE", default="Asia/Shanghai", show_default=True, help="The spec's time zone."
)
@common.out_file("Write here (default: standard output).")
@common.deadline_option
@common.lang_option
def import_(
    domain: str,
    nameservers: tuple[str, ...],
    zone_file: Path | None,
    axfr: bool,
    key_name: str | None,
    selectors: tuple[str, ...],
    names: tuple[str, ...],
    contact: str | None,
    timezone: str,
    out: Path | None,
    lang: Lang,
) -> int:
    """Write the spec of a living domain. Planning it changes nothing."""
    from mailwright.operations import importing

    if axfr and not nameservers:
        language.usage(_WHOM)
    try:
        asked = common_domain(domain)
        world = read(
            asked, nameservers, zone_file, selectors, names, key=_key(key_name) if axfr else None, axfr=axfr
        )
        imported = importing.importing(
            world, contact=contact, timezone=timezone, lang=lang, file=str(out or "imported.yaml")
        )
    except importing.ImportingError as error:
        click.echo(error.text(lang), err=True)
        return 1
    return _write(imported, out, lang)


def common_domain(text: str) -> str:
    """The A-label domain, or a usage error."""
    from mailwright.spec import names

    try:
        return names.domain(text)
    except names.BadNameError as error:
        language.usage(_NO_DOMAIN.using(text=text, reason=error.reason))


def _host(text: str) -> str:
    """A host record as DNS has it, or a usage error."""
    from mailwright.spec.names import BadNameError, owner

    try:
        return owner(text)
    except BadNameError as error:
        language.usage(_NO_HOST.using(text=text, reason=error.reason))


def _key(name: str | None) -> tuple[str, str] | None:
    """A key's name and secret. Raises a usage error where the secret is not set."""
    if name is None:
        return None
    from mailwright.hosts.dns.services.rfc2136 import SECRET, secret_of

    secret = secret_of(name, os.environ.get(SECRET.variable, ""))
    if not secret:
        language.usage(_SECRET.using(name=name, variable=SECRET.variable))
    return name, secret


def read(
    domain: str,
    nameservers: tuple[str, ...],
    zone_file: Path | None,
    selectors: tuple[str, ...],
    names: tuple[str, ...] = (),
    *,
    key: tuple[str, str] | None = None,
    axfr: bool = False,
) -> World:
    """The domain's records from where the options say. Raises ImportingError or a usage error."""
    from mailwright.operations import importing

    if zone_file:
        return importing.from_zone_file(domain, zone_file)
    selectors, names = tuple(map(_host, selectors)), tuple(map(_host, names))
    servers = common.servers_of(nameservers)
    if axfr:
        return importing.from_transfer(domain, servers[0], key)
    return importing.from_servers(domain, importing.to_ask(domain, selectors, names), servers)


def _write(imported: Imported, output: Path | None, lang: Lang) -> int:
    from mailwright.model.text import visible

    for note in imported.world.unread:
        click.echo(visible(note(lang)), err=True)
    if output is None:
        click.echo(imported.text, nl=False)
        return 0
    common.write_new(output, imported.text)
    click.echo(f"{output}\nmailwright check {output}\nmailwright plan {output}")
    for server in imported.world.lagging:
        click.echo(_LAGGING.using(server=server)(lang), err=True)
    return 0
