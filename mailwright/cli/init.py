"""``mailwright init``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailwright.cli import common, language
from mailwright.hosts.dns.service import DnsService, Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.text import Lang, Text

if TYPE_CHECKING:
    from mailwright.operations.proposing import Proposal
    from mailwright.resolving.server import Server
    from mailwright.spec.model import MailSpec

#: Questions to somebody at a terminal; what would be asked beyond keeps its default.
MOST_QUESTIONS = 5

_DOMAIN = Text("Domain", "域名")
_SERVICE = Text("Mail service (mailwright catalog list)", "邮件服务（mailwright catalog list）")
_DNS = Text(
    "DNS console (aliyun, dnspod, cloudflare, godaddy, huawei, generic; {words} to let Pulumi write)",
    "域名解析控制台（aliyun、dnspod、cloudflare、godaddy、huawei、generic；{words} 由 Pulumi 写入）",
)
_CREDENTIAL = Text(
    "Where is the credential of its API: environment ({variables}), stack (pulumi config set --secret), or "
    "manual (no API: a sheet says what to enter)",
    "API 凭据在哪里：environment（环境变量 {variables}）、stack（pulumi config set --secret），"
    "或 manual（不用 API，按变更单录入）",
)
_CONTACT = Text("Contact address", "联系邮箱")
_TIMEZONE = Text("Time zone", "时区")
_NOT_TAKEN = Text(
    "the records cannot be taken over as they are ({reason}); this is a new spec",
    "无法按现状接管现有记录（{reason}）；以下为全新的规格",
)
_NOTHING = Text("0 changes: {host} already has all of it", "0 项变更：{host} 上已与规格一致")
_SOME = Text(
    "{number} record sets to change: mailwright preview {file}",
    "{number} 个记录集需要变更：mailwright preview {file}",
)
_SET = Text("pulumi config set --secret mailwright:{name}", "pulumi config set --secret mailwright:{name}")
_PLACES = ("environment", "stack", "manual")
_NO_PLACE = Text(
    "Write environment, stack or manual: only where the credential is, never the credential itself.",
    "请写 environment、stack 或 manual：只写凭据在哪里，不要写凭据本身。",
)
_NO_CONSOLE = Text("No DNS console is named {word}. {advice}", "没有名为 {word} 的控制台。{advice}")
_NO_NAME = Text("{word} cannot be used: {reason}.", "{word} 不可用：{reason}。")
#: Why an answer cannot be taken; None: it can.
Refusal = Callable[[str], Text | None]


def _any(_answer: str) -> Text | None:
    return None


@dataclass
class Questions:
    """What is asked at a terminal, five times at most; elsewhere only what has no answer without somebody."""

    lang: Lang
    asked: int = 0

    def needed(self, question: Text, default: str | None = None, refusal: Refusal = _any) -> str:
        """An answer that has to be given, also by a pipe; a wrong one at a terminal is asked for again."""
        self.asked += 1
        while True:
            answer = str(click.prompt(question(self.lang), default=default))
            reason = refusal(answer) if on_terminal() else None
            if reason is None:
                return answer
            click.echo(reason(self.lang), err=True)

    def likely(self, question: Text, default: str, refusal: Refusal = _any) -> str:
        """An answer for which there is a default."""
        if not on_terminal() or self.asked >= MOST_QUESTIONS:
            return default
        return self.needed(question, default, refusal)


@dataclass(frozen=True)
class Answers:
    """What the first spec is made of."""

    domain: str
    dns_host: Mapping[str, str]
    contact: str
    timezone: str
    inputs: Mapping[str, str] = field(default_factory=dict)


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
@click.option(
    "--dns-set",
    "dns_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="A key of the DNS host's entry, such as zone_id (may be repeated).",
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
@common.nameserver_option
@common.out_file("Write here (default: stacks/NAME.yaml).")
@common.lang_option
def init(
    domain: str | None,
    service: str | None,
    console: str | None,
    dns_options: tuple[str, ...],
    server: str | None,
    key_name: str | None,
    contact: str | None,
    timezone: str | None,
    inputs: tuple[str, ...],
    nameservers: tuple[str, ...],
    out: Path | None,
    lang: Lang,
) -> int:
    """Write a first spec: six lines are a whole company. What is not given is asked for.

    On a terminal, domains that take mail already are taken over as they are, and their DNS host is tried.
    """
    from mailwright.report.formats import findings as report
    from mailwright.spec import parse

    servers = common.servers_of(nameservers)
    questions = Questions(lang)
    domain = domain or questions.needed(_DOMAIN, refusal=_no_domain)
    path = out or Path("stacks") / f"{domain.partition('.')[0]}.yaml"
    common.refuse_existing(path)  # before anything is asked for it
    proposal = _proposed(domain, servers, ask=not service or not (console or server))
    living = proposal.living and service is None
    if not living:
        service = service or questions.needed(_SERVICE, proposal.service or "tencent-exmail")
    given = {**_pairs(dns_options), "server": server, "key_name": key_name}
    dns_host = _dns_host(questions, console, proposal, domain, given)
    answers = Answers(
        domain,
        dns_host,
        contact or questions.needed(_CONTACT, f"postmaster@{domain}", _no_address),
        timezone or questions.likely(_TIMEZONE, "Asia/Shanghai"),
        _pairs(inputs),
    )
    taken = _taken_over(answers, servers, str(path), lang) if living else None
    text = taken or _first(
        answers, service or questions.needed(_SERVICE, proposal.service or "tencent-exmail")
    )
    result = parse(text.encode(), str(path))
    if result.spec is None:
        click.echo(report.text(result.findings, lang, {str(path): text}), err=True)
        return 1
    common.write_new(path, text)
    next_step = "plan" if "service: manual" in text else "doctor"
    tail = " --format sheet" if next_step == "plan" else ""
    click.echo(f"{path}\nmailwright check {path}\nmailwright {next_step} {path}{tail}")
    if on_terminal():
        _try(result.spec, str(path), lang, taken_over=taken is not None)
    return 0


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    return dict(text.partition("=")[::2] for text in texts)


def _proposed(domain: str, servers: tuple[Server, ...], *, ask: bool) -> Proposal:
    """What the domain's NS and MX show; only where somebody is there to be asked, or servers are named."""
    from mailwright.operations.proposing import Proposal, propose, resolver_at

    if not ask or not (on_terminal() or servers):
        return Proposal()
    return propose(domain, resolver_at(servers))


def _first(answers: Answers, service: str) -> str:
    """Six lines for a company that begins."""
    from mailwright.spec.first import first_spec

    return first_spec(
        answers.domain,
        service,
        timezone=answers.timezone,
        dns_host=answers.dns_host,
        contact=answers.contact,
        inputs=answers.inputs,
    )


def _taken_over(answers: Answers, servers: tuple[Server, ...], file: str, lang: Lang) -> str | None:
    """The spec that plans a living domain as it is; None where there can be none, which is said."""
    from mailwright.operations import importing
    from mailwright.spec import names

    asked = answers.contact != f"postmaster@{answers.domain}"  # else who gets the reports now goes on
    try:
        domain = names.domain(answers.domain)
        world = importing.from_servers(domain, importing.to_ask(domain, ()), servers)
        return importing.importing(
            world,
            contact=answers.contact if asked else None,
            timezone=answers.timezone,
            lang=lang,
            file=file,
            dns_host=answers.dns_host,
        ).text
    except importing.ImportingError as error:
        click.echo(_NOT_TAKEN.using(reason=error.text)(lang), err=True)
    except names.BadNameError:
        pass  # the spec's own check says it
    return None


def _try(spec: MailSpec, file: str, lang: Lang, *, taken_over: bool) -> None:
    """Whether the DNS host lets us in, by its least call, and what the plan would change there."""
    from mailwright.operations.access import access

    for seen in access([spec], compare=True):
        click.echo(f"{'✓' if seen.ok else '✗'} {seen.host}: {seen.message(lang)}")
        changes = 0 if seen.changes is None and taken_over and seen.ok else seen.changes
        if changes is not None:
            text = _SOME.using(number=changes, file=file) if changes else _NOTHING.using(host=seen.host)
            click.echo(text(lang))


# -- the DNS host -------------------------------------------------------------------------------------


def _dns_host(
    questions: Questions,
    console: str | None,
    proposal: Proposal,
    domain: str,
    given: Mapping[str, str | None],
) -> dict[str, str]:
    """The entry of ``dns_hosts``: a service that writes by itself, else a sheet in the console's words."""
    zone = {"zone": proposal.zone} if proposal.zone not in ("", domain) else {}
    if given["server"]:
        return _entry(questions, SERVICES["rfc2136"], {**zone, **given})
    if console is None:
        words = ", ".join(service.word for service in _written())
        console = questions.likely(_DNS.using(words=words), proposal.console or "generic", _no_console)
        called = _consoles(console)
        console = called[0] if len(called) == 1 else console
        service = _with_credential(questions, console)
    else:
        service = None
    service = service or next((written for written in _written() if written.word == console), None)
    return (
        _entry(questions, service, {**zone, **given})
        if service
        else {"service": "manual", "console": console, **zone}
    )


def _with_credential(questions: Questions, console: str) -> DnsService | None:
    """The API of a console's vendor, where somebody has a credential for it; None: a sheet."""
    service = SERVICES.get(console)
    if service is None or not service.secrets or not on_terminal():
        return None
    needed = [secret for secret in service.secrets if not secret.optional]
    variables = ", ".join(secret.variable for secret in needed)
    there = all(os.environ.get(secret.variable) for secret in needed)
    place = questions.likely(
        _CREDENTIAL.using(variables=variables), "environment" if there else "manual", _no_place
    )
    if place == "stack":
        for secret in filter(lambda one: one.configured, needed):
            click.echo(_SET.using(name=secret.configured)(questions.lang))
    return service if place in ("environment", "stack") else None


def _entry(questions: Questions, service: DnsService, given: Mapping[str, str | None]) -> dict[str, str]:
    about = {option.name: option.about for option in service.options}
    options = {name: value for name, value in given.items() if value and (name in about or name == "zone")}
    missing = {name: questions.needed(about[name]) for name in service.lacking(options)}
    return {"service": service.name, **options, **missing}


def _written() -> list[DnsService]:
    """The services that nobody has to paste for."""
    return [dns_service for dns_service in SERVICES.values() if dns_service.way is not Way.SHEET]


# -- answers that cannot be taken ------------------------------------------------------------------------


def _no_domain(answer: str) -> Text | None:
    from mailwright.spec import names

    return _no_name(answer, names.domain)


def _no_address(answer: str) -> Text | None:
    from mailwright.spec import names

    return _no_name(answer, names.address)


def _no_name(answer: str, read: Callable[[str], str]) -> Text | None:
    from mailwright.spec import names

    try:
        read(answer)
    except names.BadNameError as error:
        return _NO_NAME.using(word=answer, reason=error.reason)
    return None


def _no_console(answer: str) -> Text | None:
    from mailwright.catalog.loading import console_names
    from mailwright.spec.shape import advice

    if len(_consoles(answer)) == 1:
        return None
    known = (*console_names(), *(service.word for service in _written()))
    return _NO_CONSOLE.using(word=answer, advice=advice(answer, known))


def _consoles(answer: str) -> tuple[str, ...]:
    """The word itself where it is one, else the consoles that somebody calls so, such as 阿里云."""
    from mailwright.catalog.loading import console_names
    from mailwright.spec.called import consoles

    known = {*console_names(), *(service.word for service in _written())}
    return (answer,) if answer in known else consoles(answer)


def _no_place(answer: str) -> Text | None:
    """The answer is not said again: it may be the credential."""
    return None if answer in _PLACES else _NO_PLACE
