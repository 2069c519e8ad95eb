"""``mailwright init``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from mailwright.cli import common, language
from mailwright.hosts.dns.service import DnsService, Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.text import Lang, Text

_DOMAIN = Text("Domain", "域名")
_SERVICE = Text("Mail service (mailwright catalog list)", "邮件服务（mailwright catalog list）")
_DNS = Text(
    "DNS console (aliyun, dnspod, cloudflare, godaddy, huawei, generic; {words} to let Pulumi write)",
    "域名解析控制台（aliyun、dnspod、cloudflare、godaddy、huawei、generic；{words} 由 Pulumi 写入）",
)
_CONTACT = Text("Contact address", "联系邮箱")
_TIMEZONE = Text("Time zone", "时区")


@language.command(
    epilog="Exit codes: 0, 1 where the answers make no valid spec or the file exists. "
    "Example: mailwright init --domain acme-trade.com --service tencent-exmail --contact wang@acme-trade.com"
)
@click.option("--domain", metavar="DOMAIN", help="The company's domain.")
@click.option("--service", metavar="SERVICE", help="Where the mailboxes are; proposed from the domain's MX.")
@click.option(
    "--dns",
    "console",
    metavar="CONSOLE",
    help="The DNS console, or cloudflare-api; proposed from the domain's NS.",
)
@click.option("--server", metavar="ADDR", help="A nameserver that takes RFC 2136 updates, instead of --dns.")
@click.option("--key-name", metavar="NAME", help="With --server: the name of its TSIG key.")
@click.option("--contact", metavar="ADDRESS", help="Gets DMARC reports, postmaster, abuse.")
@click.option("--timezone", metavar="ZONE", help="The spec's time zone (default: Asia/Shanghai).")
@click.option(
    "--set",
    "inputs",
    multiple=True,
    metavar="KEY=VALUE",
    help="A value that the service asks for (may be repeated).",
)
@common.out_file("Write here (default: stacks/NAME.yaml).")
@common.lang_option
def init(
    domain: str | None,
    service: str | None,
    console: str | None,
    server: str | None,
    key_name: str | None,
    contact: str | None,
    timezone: str | None,
    inputs: tuple[str, ...],
    out: Path | None,
    lang: Lang,
) -> int:
    """Write a first spec: six lines are a whole company. What is not given is asked for."""
    from mailwright.report.formats import findings as report
    from mailwright.spec import parse
    from mailwright.spec.first import first_spec

    domain = domain or click.prompt(_DOMAIN(lang))
    likely, seen = _proposed(domain, ask=not service or not (console or server))
    service = service or click.prompt(_SERVICE(lang), default=likely or "tencent-exmail")
    if not server:
        words = ", ".join(dns_service.word for dns_service in _written())
        console = console or _asked(_DNS.using(words=words)(lang), seen or "generic")
    given = dict(input_field.partition("=")[::2] for input_field in inputs)
    text = first_spec(
        domain,
        service,
        timezone=timezone or _asked(_TIMEZONE(lang), "Asia/Shanghai"),
        dns_host=_dns_host(console or "generic", {"server": server, "key_name": key_name}, lang),
        contact=contact or click.prompt(_CONTACT(lang), default=f"postmaster@{domain}"),
        inputs=given,
    )
    path = out or Path("stacks") / f"{domain.partition('.')[0]}.yaml"
    result = parse(text.encode(), str(path))
    if result.spec is None:
        click.echo(report.text(result.findings, lang, {str(path): text}), err=True)
        return 1
    common.write_new(path, text)
    next_step = "plan" if "service: manual" in text else "doctor"
    tail = " --format sheet" if next_step == "plan" else ""
    click.echo(f"{path}\nmailwright check {path}\nmailwright {next_step} {path}{tail}")
    return 0


def _proposed(domain: str, *, ask: bool) -> tuple[str | None, str | None]:
    """Service and console as the domain's NS and MX show them; only where somebody is there to be asked."""
    if not ask or not sys.stdin.isatty():
        return None, None
    from mailwright.operations.proposing import propose

    proposal = propose(domain)
    return proposal.service, proposal.console


def _asked(question: str, default: str) -> str:
    """The answer on a terminal, the default elsewhere."""
    return str(click.prompt(question, default=default)) if sys.stdin.isatty() else default


def _dns_host(console: str, given: Mapping[str, str | None], lang: Lang) -> dict[str, str]:
    """The entry of ``dns_hosts``: a service that writes by itself, else a sheet in the console's words."""
    asked = "rfc2136" if given["server"] else console
    service = next((dns_service for dns_service in _written() if dns_service.word == asked), None)
    if service is None:
        return {"service": "manual", "console": console}
    about = {option.name: option.about for option in service.options}
    options = {name: value for name, value in given.items() if value and name in about}
    return {
        "service": service.name,
        **options,
        **{name: click.prompt(about[name](lang)) for name in service.lacking(options)},
    }


def _written() -> list[DnsService]:
    """The services that nobody has to paste for."""
    return [dns_service for dns_service in SERVICES.values() if dns_service.way is not Way.SHEET]
