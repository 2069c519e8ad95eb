"""``mailwright import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common
from mailwright.model.text import Lang

if TYPE_CHECKING:
    from mailwright.operations.importing import Imported, World


@click.command(
    "import",
    epilog="Exit codes: 0, 1 where the domain cannot be read or taken over, 64 wrong usage. "
    "Example: mailwright import acme-trade.com -o stacks/acme.yaml",
)
@click.argument("domain")
@click.option(
    "--nameserver",
    "nameservers",
    multiple=True,
    metavar="NAME=ADDR:PORT",
    help="Ask this authoritative server (may be repeated); default: the domain's own.",
)
@click.option(
    "--zone-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Read this zone file instead.",
)
@click.option("--axfr", is_flag=True, help="Transfer the whole zone from the first --nameserver.")
@click.option("--key-name", help="The TSIG key for --axfr; its secret is in MAILWRIGHT_TSIG_SECRET.")
@click.option("--selector", "selectors", multiple=True, help="A DKIM selector to ask for (may be repeated).")
@click.option("--contact", help="Who gets reports; default: who gets them now, or postmaster.")
@click.option("--timezone", default="Asia/Shanghai", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here; default: standard output.")
@common.lang_option
def import_(
    domain: str,
    nameservers: tuple[str, ...],
    zone_file: Path | None,
    axfr: bool,
    key_name: str | None,
    selectors: tuple[str, ...],
    contact: str | None,
    timezone: str,
    output: Path | None,
    lang: Lang,
) -> int:
    """Write the spec of a living domain. Planning it changes nothing."""
    from mailwright.operations import importing

    if axfr and not nameservers:
        raise click.UsageError("--axfr asks one server: name it with --nameserver NAME=ADDR:PORT")
    try:
        asked = common_domain(domain)
        world = read(
            asked, nameservers, zone_file, selectors, key=_key(key_name) if axfr else None, axfr=axfr
        )
        made = importing.importing(
            world, contact=contact, timezone=timezone, lang=lang, file=str(output or "imported.yaml")
        )
    except importing.ImportingError as error:
        click.echo(error.text(lang), err=True)
        return 1
    return _write(made, output, lang)


def common_domain(text: str) -> str:
    """The A-label domain, or a usage error."""
    from mailwright.spec import names

    try:
        return names.domain(text)
    except names.BadNameError as error:
        raise click.UsageError(f"{text} is no domain: {error.reason('en')}") from None


def _key(name: str | None) -> tuple[str, str] | None:
    """A key's name and secret. Raises a usage error where the secret is not set."""
    if name is None:
        return None
    from mailwright.deploy.environment import SECRET, secret_for

    secret = secret_for(name, None)
    if not secret:
        raise click.UsageError(f"--key-name {name}: its secret goes into {SECRET}")
    return name, secret


def read(
    domain: str,
    nameservers: tuple[str, ...],
    zone_file: Path | None,
    selectors: tuple[str, ...],
    *,
    key: tuple[str, str] | None = None,
    axfr: bool = False,
) -> World:
    """The domain's records from where the options say. Raises ImportingError or a usage error."""
    from mailwright.operations import importing
    from mailwright.resolving.server import given

    if zone_file:
        return importing.from_zone_file(domain, zone_file)
    try:
        servers = [given(each) for each in nameservers]
    except ValueError as error:
        raise click.UsageError(f"a server is ADDRESS, ADDRESS:PORT or NAME=ADDRESS:PORT: {error}") from None
    if axfr:
        return importing.from_transfer(domain, servers[0], key)
    return importing.from_servers(domain, importing.to_ask(domain, selectors), servers)


def _write(made: Imported, output: Path | None, lang: Lang) -> int:
    from mailwright.model.text import visible

    for note in made.world.unread:
        click.echo(visible(note(lang)), err=True)
    if output is None:
        click.echo(made.text, nl=False)
        return 0
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        with output.open("x", encoding="utf-8") as stream:
            stream.write(made.text)
    except FileExistsError:
        raise click.ClickException(f"{output} exists and was left as it is; choose another with -o") from None
    click.echo(f"{output}\nmailwright check {output}\nmailwright plan {output}")
    for server in made.world.lagging:
        click.echo(f"not the same everywhere: {server}", err=True)
    return 0
