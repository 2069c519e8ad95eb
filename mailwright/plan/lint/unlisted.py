"""A mail host that the catalog does not know (``service: other``): what the spec has to say in its place."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.catalog import RECEIVING, Service, index, service
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare
from mailwright.model.readings import reading
from mailwright.model.rules import Severity, rule
from mailwright.spec.model import MailSpec

UNLISTED = rule(
    "mail-host-not-known",
    Severity.INFO,
    en="Nothing is known of the mail host at {hosts}: what it does with aliases, groups, rules and leavers, "
    "what its SPF costs, which servers mail programs use.",
    zh="对 {hosts} 的邮件服务一无所知：别名、群组、规则和离职人员如何处理，SPF 要用几次查询，"
    "邮件客户端用哪些服务器，均不清楚。",
    hint_en="Ask its support. `mailwright trace` answers not known wherever it would have to guess.",
    hint_zh="请询问其客服。凡需猜测之处，`mailwright trace` 一律回答不清楚。",
)
NO_SPF = rule(
    "mail-host-without-spf",
    Severity.ERROR,
    en="Nothing in SPF lets the mail host at {hosts} send: what {domain} writes would fail SPF.",
    zh="SPF 中没有放行 {hosts} 的邮件服务：{domain} 发出的邮件会无法通过 SPF。",
    hint_en="Ask its support which include it wants, and write mail_host: {{spf_include: …}}, or its "
    "addresses as ip4.",
    hint_zh="请向其客服询问 include，写入 mail_host: {{spf_include: …}}；或把发信地址写入 ip4。",
    reference="RFC 7208 §4.7",
)
LISTED = rule(
    "mail-host-in-catalog",
    Severity.WARNING,
    en="{host} belongs to {service}, which the catalog knows: nothing of that is used here.",
    zh="{host} 属于目录中已有的{service}：这里没有用到目录中的内容。",
    hint_en="Write mail_host: {{service: {id}}}, with the values that it asks for.",
    hint_zh="请写 mail_host: {{service: {id}}}，并补上它所需的值。",
)


def findings(spec: MailSpec, known: Service) -> Iterator[Finding]:
    """Where nobody knows the mail host: what is not known, what it must not lack, and who it is after all."""
    if known.exchangers != "written" or spec.mail_host.takes_no_mail:
        return
    hosts = [bare(host) for host in spec.mail_host.mx_hosts]
    at, shown = spec.at("mail_host"), ", ".join(hosts) or "–"
    yield found(UNLISTED, path="mail_host", position=at, hosts=shown)
    if not _may_send(spec):
        yield found(NO_SPF, path="mail_host", position=at, hosts=shown, domain=spec.domain_unicode)
    path = "mail_host.service"
    for host in hosts:
        ids = index.marks("mx", RECEIVING).named(host)
        listed = service(ids[0]) if len(ids) == 1 else None
        if listed:
            params: dict[str, object] = {"host": host, "service": listed.names, "id": listed.id}
            yield Finding(LISTED.id, path, spec.at(path), params)
            return


def _may_send(spec: MailSpec) -> bool:
    """Whether something in SPF may be the host's: what the spec has at the domain, or what stands there."""
    if spec.gateway and spec.gateway.sends == "everything":
        return True
    host, own, apex = spec.mail_host, spec.spf, absolute(spec.domain)
    if host.inputs.get("spf_include") or host.ip4 or host.ip6 or own.include or own.ip4 or own.ip6:
        return True
    kept = [line for line in spec.as_found if (line.name, line.type) == (apex, "TXT")]
    return any(line.absent or any(reading(Family.SPF, v) for v in line.values) for line in kept)
