"""A filter before the mail host (``gateway:``): what would lead mail round it, or past the mailboxes."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.catalog import RECEIVING, index, service, service_name
from mailwright.catalog.capability import capability
from mailwright.catalog.filters import OTHER, filter_at, filters, name_of
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare
from mailwright.model.rules import Severity, rule
from mailwright.plan.keys import signing
from mailwright.spec.model import Gateway, MailSpec

BESIDE = rule(
    "gateway-mx-of-mail-host",
    Severity.ERROR,
    en="{host} belongs to {service}, a mail host: mail that arrives there has passed no filter, and is "
    "refused "
    "once that host takes mail from the filter alone.",
    zh="{host} 属于邮件服务{service}：到达那里的邮件未经过滤；一旦该服务只接受网关的来信，还会被拒收。",
    hint_en="Write only the filter's exchangers under gateway: {{mx: […]}}.",
    hint_zh="gateway: {{mx: […]}} 中只写网关的 MX。",
    reference="RFC 5321 §5.1",
)
STRANGE = rule(
    "gateway-mx-unfamiliar",
    Severity.WARNING,
    en="{host} does not look like an exchanger of {filter}.",
    zh="{host} 不像是{filter}的 MX。",
    hint_en="Copy the exchangers from the filter's console, or name the filter that this one is.",
    hint_zh="请从网关后台复制 MX，或改写为对应的网关名称。",
    reference="RFC 5321 §5.1",
)
NO_SPF = rule(
    "gateway-without-spf",
    Severity.ERROR,
    en="Mail leaves by {filter}, and nothing in SPF lets it: what {domain} writes would fail SPF.",
    zh="邮件经{filter}发出，但 SPF 没有放行它：{domain} 发出的邮件会无法通过 SPF。",
    hint_en="Write its include, or its addresses, under gateway: {{include: […]}}.",
    hint_zh="请在 gateway: {{include: […]}} 中写它的 include，或写其地址。",
    reference="RFC 7208 §4.7",
)
IDLE_SPF = rule(
    "gateway-spf-idle",
    Severity.ERROR,
    en="gateway has terms for SPF, and sends says that nothing leaves by it: they would let it send.",
    zh="gateway 写了 SPF 项，而 sends 表示不由它发信：写入后它就能以您的名义发信。",
    hint_en="Write sends: some or sends: everything, or remove include, ip4 and ip6.",
    hint_zh="请写 sends: some 或 sends: everything，或去掉 include、ip4、ip6。",
    reference="RFC 7208 §2.4",
)
SIGNS_LAST = rule(
    "gateway-signs-last",
    Severity.INFO,
    en="Mail leaves by {filter}: where it changes a mail (a footer, a rewritten link), the signature of "
    "{service} breaks, and the filter has to sign.",
    zh="邮件经{filter}发出：若它改动邮件（加页脚、改写链接），{service}的签名就会失效，须由网关签名。",
    hint_en="Send a mail to another provider: its headers say who signed last. If it is the filter, its key "
    "goes into gateway: {{dkim: […]}}.",
    hint_zh="请向其他邮箱发一封信，从邮件头查看最后由谁签名；若是网关，把它的密钥写入 gateway: "
    "{{dkim: […]}}。",
    reference="RFC 6376 §5.4",
)
PAST_IT = rule(
    "gateway-can-be-passed",
    Severity.INFO,
    en="Mail that somebody sends to {service} directly passes {filter} by, unless {service} takes mail "
    "from the "
    "filter alone.",
    zh="有人直接投递到{service}时会绕过{filter}，除非{service}只接受网关的来信。",
    hint_en="`mailwright export` lists the steps in their order; restrict it only once no resolver has "
    "the old "
    "exchangers any more.",
    hint_zh="`mailwright export` 按顺序列出步骤；须等各解析器都不再使用旧 MX 后再限制。",
)
NOT_BEFORE = rule(
    "gateway-before-forwarder",
    Severity.ERROR,
    en="{service} has no mailboxes and takes mail at exchangers of its own only: no filter can be put "
    "before it.",
    zh="{service}没有邮箱，且只在自己的 MX 收信：前面不能再放过滤网关。",
    hint_en="Remove gateway, or choose a mail host with mailboxes.",
    hint_zh="请去掉 gateway，或改用带邮箱的邮件服务。",
    reference="RFC 5321 §5.1",
)


def findings(spec: MailSpec) -> Iterator[Finding]:
    """Of a spec with a filter; nothing without."""
    filtering = spec.gateway
    if filtering is None:
        return
    names: dict[str, object] = {
        "filter": name_of(filtering.service),
        "service": service_name(spec.mail_host.service),
        "domain": spec.domain_unicode,
    }
    at = spec.at("gateway")
    if not capability(spec.mail_host.service).stores_mail:
        yield Finding(NOT_BEFORE.id, "gateway", at, names)
    yield from _exchangers(spec, filtering, names)
    terms = (*filtering.include, *filtering.ip4, *filtering.ip6)
    if filtering.sends == "nothing" and terms:
        yield Finding(IDLE_SPF.id, "gateway", at, {})
    if filtering.sends != "nothing":
        if not terms:
            yield Finding(NO_SPF.id, "gateway", at, names)
        if not signing(filtering.dkim):
            yield Finding(SIGNS_LAST.id, "gateway", at, names)
    yield Finding(PAST_IT.id, "gateway", at, names)


def _exchangers(spec: MailSpec, filtering: Gateway, names: dict[str, object]) -> Iterator[Finding]:
    own = {bare(host).lower() for host in spec.mail_host.mx_hosts}
    for number, value in enumerate(filtering.mx):
        host, path = bare(value.split()[-1]).lower(), f"gateway.mx[{number}]"
        ids = index.marks("mx", RECEIVING).named(host)
        holder = service(ids[0]) if ids else None
        if holder or host in own:
            whose = holder.names if holder else names["service"]
            yield found(BESIDE, path=path, position=spec.at(path), host=host, service=whose)
        elif filtering.service != OTHER and _is_strange(filtering.service, host):
            yield found(STRANGE, path=path, position=spec.at(path), host=host, filter=names["filter"])


def _is_strange(id: str, host: str) -> bool:
    """Whether a host is that of another filter, or of nobody: the catalog knows the names of each."""
    known = filters().get(id)
    return known is not None and not known.takes(host) and filter_at(host) is not known
