"""DKIM and DMARC of a plan: what mail is signed with, and what happens to mail that is not ours."""

from __future__ import annotations

from mailwright.catalog import Service
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec, NamedValue
from mailwright.standards import dkim as dkim_keys
from mailwright.standards import dmarc as dmarc_records

Part = tuple[list[PlannedRecord], list[Finding]]

DKIM_PENDING = rule(
    "dkim-pending",
    Severity.INFO,
    en="No DKIM key yet: mail of {domain} goes out unsigned. Where to find it: {where}.",
    zh="还没有 DKIM 密钥：{domain} 发出的邮件没有签名。获取方式：{where}。",
    hint_en="Write it as mail_host: {{dkim: [{{name: …, value: …}}]}}, just as the console shows it.",
    hint_zh="按后台显示的原样写入 mail_host: {{dkim: [{{name: …, value: …}}]}}。",
    reference="RFC 6376",
)
DKIM_INVALID = rule(
    "dkim-key-invalid",
    Severity.ERROR,
    en="The DKIM key at {name} is not valid: {reason}.",
    zh="{name} 处的 DKIM 密钥无效：{reason}。",
    hint_en="Copy the value again, whole, from v=DKIM1 to the last character of p=.",
    hint_zh="请重新完整复制该值，从 v=DKIM1 到 p= 的最后一个字符。",
    reference="RFC 6376 §3.6.1",
)
DKIM_WEAK = rule(
    "dkim-key-weak",
    Severity.WARNING,
    en="The DKIM key at {name} has {bits} bits; receivers advise 2048.",
    zh="{name} 处的 DKIM 密钥只有 {bits} 位；收件方建议 2048 位。",
    hint_en="Have the service make a 2048-bit key, or use `mailwright dkim new`.",
    hint_zh="请让服务商生成 2048 位密钥，或使用 `mailwright dkim new`。",
    reference="RFC 8301 §3.2",
)
DKIM_TOO_SHORT = rule(
    "dkim-key-too-short",
    Severity.ERROR,
    en="The DKIM key at {name} has {bits} bits; receivers ignore keys under 1024.",
    zh="{name} 处的 DKIM 密钥只有 {bits} 位；收件方会忽略 1024 位以下的密钥。",
    hint_en="Have the service make a 2048-bit key.",
    hint_zh="请让服务商生成 2048 位密钥。",
    reference="RFC 8301 §3.2",
)
DKIM_TESTING = rule(
    "dkim-testing",
    Severity.WARNING,
    en="The DKIM key at {name} says t=y (testing): receivers may treat signed mail as unsigned.",
    zh="{name} 处的 DKIM 密钥带有 t=y（测试）：收件方可能把已签名的邮件当作未签名。",
    hint_en="Take t=y out of the value when signing works.",
    hint_zh="签名正常后请从值中去掉 t=y。",
    reference="RFC 6376 §3.6.1",
)
REPORT_UNAUTHORISED = rule(
    "external-report-unauthorised",
    Severity.WARNING,
    en="DMARC reports of {domain} go to {address}, another domain: it has to say that it wants them.",
    zh="{domain} 的 DMARC 报告发往另一域名的 {address}：对方必须声明愿意接收。",
    hint_en='Publish there: {record} TXT "v=DMARC1", or write a contact inside {domain}.',
    hint_zh='请在对方域名发布：{record} TXT "v=DMARC1"，或把 contact 写成 {domain} 内的地址。',
    reference="RFC 9990 §3",
)

_POLICY = {"watch": "none", "guard": "quarantine", "reject": "reject"}


def dkim(spec: MailSpec, service: Service, ttl: int) -> Part:
    """The keys that mail is signed with: pasted from the console, or the company's own."""
    records, findings = [], []
    why = Text("{service} signs with this key", "{service} 用此密钥签名", {"service": service.names})
    for each in spec.mail_host.dkim:
        records.append(_key_record(each, ttl, why))
        findings += _key_findings(each)
    for index, key in enumerate(spec.signing):
        made, said = _own_key(spec, index, key.public_key, key.selector, ttl)
        records += made
        findings += said
    if not records and service.dkim:
        where = service.dkim[0].where
        position = spec.at("mail_host")
        findings.append(
            found(DKIM_PENDING, path="mail_host", position=position, domain=spec.domain, where=where)
        )
    return records, findings


def _key_record(each: NamedValue, ttl: int, why: Text) -> PlannedRecord:
    value = absolute(each.value) if each.type == "CNAME" else each.value
    return PlannedRecord(each.name, each.type, ttl, (value,), Family.DKIM, why, each.position)


def _own_key(spec: MailSpec, index: int, public_key: str, selector: str, ttl: int) -> Part:
    path = f"signing[{index}]"
    name = absolute(f"{selector}._domainkey", spec.domain)
    try:
        value = dkim_keys.record_for(public_key)
    except dkim_keys.DkimError as error:
        return [], [
            found(DKIM_INVALID, path=path, position=spec.at(path), name=bare(name), reason=str(error))
        ]
    why = Text("your own server signs with this key", "您自己的服务器用此密钥签名")
    named = NamedValue(name, "TXT", value, spec.at(path))
    return [_key_record(named, ttl, why)], _key_findings(named)


def _key_findings(each: NamedValue) -> list[Finding]:
    """RFC 8301 §3.2: length; RFC 6376 §3.6.1: grammar, ``t=y``."""
    if each.type != "TXT":
        return []
    shown = bare(each.name)
    try:
        record = dkim_keys.parse(each.value)
        bits = record.bits
    except dkim_keys.DkimError as error:
        return [found(DKIM_INVALID, position=each.position, name=shown, reason=str(error))]
    findings = []
    if record.key_type == "rsa" and bits < dkim_keys.RSA_LEAST:
        findings.append(found(DKIM_TOO_SHORT, position=each.position, name=shown, bits=bits))
    elif record.key_type == "rsa" and bits < dkim_keys.RSA_ADVISED:
        findings.append(found(DKIM_WEAK, position=each.position, name=shown, bits=bits))
    if "y" in record.tags.get("t", "").split(":"):
        findings.append(found(DKIM_TESTING, position=each.position, name=shown))
    return findings


def dmarc(spec: MailSpec, ttl: int) -> Part:
    """RFC 9989 by stage: watch (none), guard (quarantine), reject."""
    written = spec.dmarc
    reports = written.rua or (spec.contact,)
    tags = {"p": _POLICY[written.stage]}
    tags |= {
        name: value
        for name in ("sp", "np", "adkim", "aspf", "t")
        if (value := getattr(written, name)) is not None
    }
    tags["rua"] = ",".join(f"mailto:{each}" for each in reports)
    if written.ruf:
        tags["ruf"] = ",".join(f"mailto:{each}" for each in written.ruf)
    why = Text(
        "DMARC, stage {stage}: what others do with mail that pretends to be {domain}; reports go to {to}",
        "DMARC 阶段 {stage}：别人如何处理冒充 {domain} 的邮件；报告发往 {to}",
        {"stage": written.stage, "domain": spec.domain_unicode, "to": ", ".join(reports)},
    )
    position = spec.at("dmarc") if written.position else spec.at("contact")
    name = absolute("_dmarc", spec.domain)
    text = str(dmarc_records.DmarcRecord(tags))
    record = PlannedRecord(name, "TXT", ttl, (text,), Family.DMARC, why, position)
    return [record], _unauthorised(spec, (*reports, *written.ruf))


def _unauthorised(spec: MailSpec, addresses: tuple[str, ...]) -> list[Finding]:
    findings = []
    for address in dict.fromkeys(addresses):
        domain = address.rpartition("@")[2].lower()
        if is_below(domain, spec.domain):
            continue
        findings.append(
            found(
                REPORT_UNAUTHORISED,
                path="contact",
                position=spec.at("dmarc.rua" if spec.dmarc.rua else "contact"),
                domain=spec.domain,
                address=address,
                record=f"{spec.domain}._report._dmarc.{domain}",
            )
        )
    return findings
