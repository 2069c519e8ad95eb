"""Encrypted transport of a plan: MTA-STS (RFC 8461), TLS reports (RFC 8460), DANE (RFC 7672). On request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.extra import DaneHost, MtaSts
from mailwright.spec.model import MailSpec
from mailwright.standards import across, dane, mta_sts, null_mx, tls_rpt

Part = tuple[list[PlannedRecord], list[Finding]]

SERVE = rule(
    "mta-sts-policy-to-serve",
    Severity.INFO,
    en="The MTA-STS policy of {domain} has to be served at {url}, with a certificate for that host.",
    zh="{domain} 的 MTA-STS 策略须在 {url} 提供，且该主机的证书有效。",
    hint_en="`mailwright mta-sts SPEC --out FOLDER` writes it for a static host or a Cloudflare Worker. "
    "Publish it before the record.",
    hint_zh="用 `mailwright mta-sts SPEC --out 文件夹` 生成静态站点或 Cloudflare Worker 文件；"
    "先发布策略，再发布记录。",
    reference="RFC 8461 §3.3",
)
NO_EXCHANGER = rule(
    "mta-sts-without-mx",
    Severity.ERROR,
    en="{domain} has an MTA-STS policy and no exchanger that it could name.",
    zh="{domain} 有 MTA-STS 策略，却没有可列出的 MX 主机。",
    hint_en="Write mail_host: {{mx: […]}}, or remove mta_sts.",
    hint_zh="请写 mail_host: {{mx: […]}}，或去掉 mta_sts。",
    reference="RFC 8461 §3.2",
)
UNSIGNED = rule(
    "dane-needs-dnssec",
    Severity.INFO,
    en="The TLSA records of {host} work only while its zone, and that of {domain}, is signed (DNSSEC); a "
    "plan cannot see that.",
    zh="{host} 的 TLSA 记录仅在其所在区域和 {domain} 均启用 DNSSEC 签名时有效；规划时无法得知。",
    hint_en="Have the DNS host sign the zone before you count on DANE.",
    hint_zh="请先在 DNS 服务商处启用 DNSSEC，再依赖 DANE。",
    reference="RFC 7672 §2.2",
)
NO_MX_HOST = rule(
    "dane-host-not-mx",
    Severity.WARNING,
    en="{host} has TLSA records for port 25, but is not an exchanger of {domain}: nobody looks them up.",
    zh="{host} 有 25 端口的 TLSA 记录，却不是 {domain} 的 MX：不会有人查询。",
    hint_en="Name the exchanger in dane, as mail_host.mx has it: {exchangers}.",
    hint_zh="请在 dane 中写 mail_host.mx 里的主机：{exchangers}。",
    reference="RFC 7672 §2.2.1",
)
NOT_OURS = rule(
    "dane-host-outside-domain",
    Severity.ERROR,
    en="{host} is not in {domain}: its TLSA records belong in its own zone.",
    zh="{host} 不在 {domain} 之下：其 TLSA 记录应放在它自己的区域。",
    hint_en="Remove it; the operator of {host} publishes them there.",
    hint_zh="请去掉；由 {host} 的运营方在其区域发布。",
    reference="RFC 7672 §2.2.3",
)

_STS_WHY = Text(
    "tells senders that {domain} has an MTA-STS policy, mode {mode}",
    "告诉发信方 {domain} 有 MTA-STS 策略，模式 {mode}",
)
_HOST_WHY = Text("the host that serves the MTA-STS policy", "提供 MTA-STS 策略的主机")
_TLS_WHY = Text(
    "reports about failed encryption go to {to}; others send them once a day",
    "加密失败的报告发往 {to}；对方每天发送一次",
)
_TLSA_WHY = Text(
    "senders with DANE deliver to {host} only over TLS with this key",
    "支持 DANE 的发信方只在 TLS 密钥相符时才向 {host} 投递",
)


def policy(written: MtaSts, exchangers: Sequence[str]) -> mta_sts.Policy | None:
    """The policy that a spec asks for; it names the planned exchangers unless it says which."""
    names = written.mx or tuple(dict.fromkeys(exchanger.lower() for exchanger in exchangers))
    if not names and written.mode != "none":
        return None
    mode = next(known_mode for known_mode in mta_sts.MODES if known_mode == written.mode)
    return mta_sts.Policy(mode, names, written.max_age)


def exchangers_of(domain: str, records: Iterable[PlannedRecord]) -> tuple[str, ...]:
    """The planned exchangers of a domain, without final dots."""
    apex = absolute(domain)
    values = [
        value for record in records if (record.name, record.type) == (apex, "MX") for value in record.values
    ]
    return null_mx.exchangers(values)


def transport(spec: MailSpec, receiving: Sequence[PlannedRecord], ttl: int) -> Part:
    """Everything that protects the way to the exchangers; ``receiving`` are the planned MX records."""
    exchangers = exchangers_of(spec.domain, receiving)
    records, findings = _sts(spec, exchangers, ttl)
    records += _reports(spec, ttl)
    tlsa, tlsa_findings = _dane(spec, exchangers, ttl)
    records += tlsa
    return records, [*findings, *tlsa_findings, *_across(spec, [*receiving, *records], exchangers)]


def _sts(spec: MailSpec, exchangers: Sequence[str], ttl: int) -> Part:
    written, position = spec.extra.mta_sts, spec.at("mta_sts")
    if written is None:
        return [], []
    sts_policy = policy(written, exchangers)
    if sts_policy is None:
        return [], [found(NO_EXCHANGER, path="mta_sts", position=position, domain=spec.domain)]
    why = _STS_WHY.using(domain=spec.domain_unicode, mode=written.mode)
    name, host = absolute("_mta-sts", spec.domain), absolute(mta_sts.policy_host(spec.domain))
    text = mta_sts.build_record(_announced(written, exchangers) or sts_policy)
    records = [PlannedRecord(name, "TXT", ttl, (text,), Family.MTA_STS, why, position)]
    if written.served_by:
        at = spec.at("mta_sts.served_by")
        records.append(PlannedRecord(host, "CNAME", ttl, (written.served_by,), Family.ALIAS, _HOST_WHY, at))
    url = mta_sts.policy_url(spec.domain)
    findings = [found(SERVE, path="mta_sts", position=position, domain=spec.domain, url=url)]
    judged = mta_sts.lint_policy(str(sts_policy), spec.domain)
    return records, findings + _placed(judged, "mta_sts", spec.at("mta_sts.max_age"))


def _announced(written: MtaSts, exchangers: Sequence[str]) -> mta_sts.Policy | None:
    """The policy that the ``id`` stands for.

    Whoever fetches the old file under a new id keeps it for its whole max_age, and refuses new exchangers as
    long: so the id changes after the file (RFC 8461 §3.1, §5.1).
    """
    return policy(replace(written, mx=()) if written.file_first else written, exchangers)


def _reports(spec: MailSpec, ttl: int) -> Iterator[PlannedRecord]:
    to = spec.extra.tls_rpt
    if to:
        name, text = absolute("_smtp._tls", spec.domain), str(tls_rpt.build(to))
        why = _TLS_WHY.using(to=", ".join(to))
        yield PlannedRecord(name, "TXT", ttl, (text,), Family.TLS_RPT, why, spec.at("tls_rpt"))


def _dane(spec: MailSpec, exchangers: Sequence[str], ttl: int) -> Part:
    records, findings = [], []
    for number, dane_host in enumerate(spec.extra.dane):
        path = f"dane[{number}]"
        position = spec.at(path)
        if not is_below(dane_host.host, spec.domain):
            findings.append(
                found(NOT_OURS, path=path, position=position, host=dane_host.host, domain=spec.domain)
            )
            continue
        values = tuple(map(str, tlsa(dane_host)))
        why, name = _TLSA_WHY.using(host=dane_host.host), dane.owner_name(dane_host.host, dane_host.port)
        records.append(PlannedRecord(name, "TLSA", ttl, values, Family.SERVICE, why, position))
        params: dict[str, object] = {
            "host": dane_host.host,
            "domain": spec.domain,
            "exchangers": ", ".join(exchangers) or "–",
        }
        findings.append(Finding(UNSIGNED.id, path, position, params))
        if dane_host.port == 25 and dane_host.host not in exchangers:
            findings.append(Finding(NO_MX_HOST.id, path, position, params))
    return records, findings


def tlsa(host: DaneHost) -> tuple[dane.Tlsa, ...]:
    """``3 1 1`` of the key and of the next one (the rollover pair, RFC 7671 §8.1), ``2 1 1`` of the CA."""
    keys = [dane.end_entity(key) for key in (host.key, host.next_key) if key]
    return tuple(dict.fromkeys([*keys, *([dane.trust_anchor(host.ca)] if host.ca else [])]))


def _across(spec: MailSpec, records: Sequence[PlannedRecord], exchangers: Sequence[str]) -> list[Finding]:
    """MX ⊆ MTA-STS, and TLSA at each exchanger of ours or at none: what needs no network."""
    written = spec.extra.mta_sts
    sts_policy = policy(written, exchangers) if written else None
    sets: dict[tuple[str, str], tuple[str, ...]] = {}
    for record in records:
        key = (bare(record.name), record.type)
        sets[key] = (*sets.get(key, ()), *record.values)
    findings = across.consistency(spec.domain, sets, policy=sts_policy)
    placed: list[Finding] = []
    for one in findings:
        # What an exchanger in somebody else's zone publishes is not seen here.
        if one.rule == "tlsa-not-at-every-mx" and not is_below(str(one.params["mx"]), spec.domain):
            continue
        path = {"tlsa": "dane", "mta-": "mta_sts"}.get(one.rule[:4], "mail_host")
        placed += _placed([one], path, spec.at(path))
    return placed


def _placed(findings: Iterable[Finding], path: str, position: Position) -> list[Finding]:
    return [replace(finding, path=path, position=position) for finding in findings]
