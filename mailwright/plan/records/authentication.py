"""DKIM and DMARC of a plan: what mail is signed with, and what happens to mail that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mailwright.catalog import Service
from mailwright.catalog.filters import name_of
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan import keys
from mailwright.plan.judging import Context, placed, verdict
from mailwright.plan.records import rotating
from mailwright.plan.records.parked import is_silent
from mailwright.spec.model import DMARC_POLICY, MailSpec, NamedValue, SigningKey
from mailwright.standards import dkim as dkim_keys
from mailwright.standards import dmarc as dmarc_records

Part = tuple[list[PlannedRecord], list[Finding]]

DKIM_PENDING = rule(
    "dkim-pending",
    Severity.INFO,
    en="No DKIM key yet: mail of {domain} goes out unsigned. Where to find it: {where}.",
    zh="还没有 DKIM 密钥：{domain} 发出的邮件没有签名。获取方式：{where}。",
    hint_en="A key from the console goes into mail_host: {{dkim: [{{name: …, value: …}}]}}, just as shown "
    "there; one of your own server (`mailwright dkim new`) into signing:.",
    hint_zh="后台给出的密钥按原样写入 mail_host: {{dkim: [{{name: …, value: …}}]}}；"
    "自己服务器的密钥（`mailwright dkim new`）写入 signing:。",
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
DKIM_WRONG_TYPE = rule(
    "dkim-wrong-type",
    Severity.ERROR,
    en="{name} is written as {type}; {service} signs only where it is a {wanted}.",
    zh="{name} 写成了 {type}；{service} 要求此处为 {wanted}，否则不会签名。",
    hint_en="Write type: {wanted} and the target the console names. {where}.",
    hint_zh="请写 type: {wanted}，并填入后台给出的目标。{where}。",
    reference="RFC 6376 §3.6.2",
)
DKIM_INCOMPLETE = rule(
    "dkim-selector-missing",
    Severity.WARNING,
    en="{service} needs {missing} as well: it changes between its keys, and mail signed with "
    "the other one fails.",
    zh="{service} 还需要 {missing}：它会轮换密钥，用另一个密钥签名的邮件将验证失败。",
    hint_en="Add it to mail_host.dkim. {where}.",
    hint_zh="请补充到 mail_host.dkim。{where}。",
    reference="RFC 6376 §3.1",
)
DKIM_ONLY_ED25519 = rule(
    "dkim-only-ed25519",
    Severity.WARNING,
    en="All keys of {domain} are ed25519; many receivers verify RSA only and see unsigned mail.",
    zh="{domain} 的密钥都是 ed25519；许多收件方只验证 RSA，会把邮件视为未签名。",
    hint_en="Sign with an RSA key of 2048 bits too, at a selector of its own.",
    hint_zh="请同时用 2048 位 RSA 密钥签名，并使用单独的选择器。",
    reference="RFC 8463 §6",
)
ENFORCED_UNSIGNED = rule(
    "dmarc-enforced-unsigned",
    Severity.WARNING,
    en="dmarc stage {stage} without any DKIM key: forwarded mail of {domain} breaks SPF and would be "
    "quarantined or rejected.",
    zh="dmarc 阶段为 {stage}，却没有 DKIM 密钥：{domain} 的邮件一经转发 SPF 即失效，会被隔离或拒收。",
    hint_en="Stay at stage: watch until DKIM is set up and the reports show that mail passes.",
    hint_zh="请先保持 stage: watch，待 DKIM 设好且报告显示邮件通过后再收紧。",
    reference="RFC 9989 §5",
)
CONTACT_PARKED = rule(
    "report-address-parked",
    Severity.ERROR,
    en="{address} is at a parked domain, which refuses all mail: the reports would be lost.",
    zh="{address} 属于停放域名，该域名拒收一切邮件：报告会全部丢失。",
    hint_en="Write an address that receives mail, such as postmaster@{domain}.",
    hint_zh="请写能收信的地址，例如 postmaster@{domain}。",
    reference="RFC 7505 §3",
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

_SIGNS_NOTHING = Text("says that nothing is signed with this key", "表示不再用此密钥签名")


def dkim(spec: MailSpec, service: Service, ttl: int) -> Part:
    """The keys that mail is signed with: pasted from the console, or the company's own."""
    records, findings = [], []
    why = Text("{service} signs with this key", "{service} 用此密钥签名", {"service": service.names})
    for written, path, signer in _pasted(spec, why):
        named_value = keys.as_published(written)
        signs = bool(keys.signing([named_value]))
        records.append(_key_record(named_value, ttl, signer if signs else _SIGNS_NOTHING))
        findings += [*keys.pasted(written, path), *_key_findings(spec, named_value, path)]
    for index, key in enumerate(spec.signing):
        key_records, noted = _own_key(spec, index, key, ttl)
        records += key_records
        findings += noted
    findings += _pending(spec, service)
    findings += _forms(spec, service)
    if records and all(_is_ed25519(record) for record in records):
        path = "signing" if spec.signing else "mail_host.dkim"
        findings.append(
            found(DKIM_ONLY_ED25519, path=path, position=spec.at(path), domain=spec.domain_unicode)
        )
    return records, findings


def _pasted(spec: MailSpec, why: Text) -> Iterator[tuple[NamedValue, str, Text]]:
    """Keys from consoles, where they are written and whose they are: the mail host's, then the filter's."""
    for number, written in enumerate(spec.mail_host.dkim):
        yield written, f"mail_host.dkim[{number}]", why
    if spec.gateway:
        for number, written in enumerate(spec.gateway.dkim):
            yield written, f"gateway.dkim[{number}]", why.using(service=name_of(spec.gateway.service))


def _pending(spec: MailSpec, service: Service) -> list[Finding]:
    """An own key signs only what passes an own server; a hosted service still needs its key."""
    signs = keys.signing(spec.mail_host.dkim) or (rotating.signs(spec) and not service.hosted)
    if spec.gateway and spec.gateway.sends == "everything":
        signs = signs or keys.signing(spec.gateway.dkim)
    if signs or not service.dkim or spec.mail_host.takes_no_mail:
        return []
    position, where = spec.at("mail_host"), service.dkim[0].where
    return [found(DKIM_PENDING, path="mail_host", position=position, domain=spec.domain_unicode, where=where)]


def _forms(spec: MailSpec, service: Service) -> list[Finding]:
    """A service that hands out CNAMEs rotates its keys behind them: each is needed, and as a CNAME."""
    dkim_forms = {
        absolute(dkim_form.host, spec.domain): dkim_form for dkim_form in service.dkim if dkim_form.host
    }
    dkim_forms = {name: dkim_form for name, dkim_form in dkim_forms.items() if dkim_form.type == "CNAME"}
    written = {named_value.name: named_value for named_value in spec.mail_host.dkim}
    findings = []
    for number, key in enumerate(spec.mail_host.dkim):
        form = dkim_forms.get(key.name)
        if form is not None and key.type != form.type:
            findings.append(
                found(
                    DKIM_WRONG_TYPE,
                    path=f"mail_host.dkim[{number}]",
                    position=key.position,
                    name=bare(key.name),
                    type=key.type,
                    wanted=form.type,
                    service=service.names,
                    where=form.where,
                )
            )
    missing = [name for name in dkim_forms if name not in written]
    if missing and len(missing) < len(dkim_forms):
        shown, where = ", ".join(map(bare, missing)), dkim_forms[missing[0]].where
        position = spec.at("mail_host.dkim")
        findings.append(
            found(
                DKIM_INCOMPLETE,
                path="mail_host.dkim",
                position=position,
                missing=shown,
                service=service.names,
                where=where,
            )
        )
    return findings


def _is_ed25519(record: PlannedRecord) -> bool:
    try:
        return record.type == "TXT" and dkim_keys.parse(record.values[0]).key_type == "ed25519"
    except dkim_keys.DkimError:
        return False


def _key_record(named_value: NamedValue, ttl: int, why: Text) -> PlannedRecord:
    value = absolute(named_value.value) if named_value.type == "CNAME" else named_value.value
    return PlannedRecord(
        named_value.name, named_value.type, ttl, (value,), Family.DKIM, why, named_value.position
    )


def _own_key(spec: MailSpec, index: int, key: SigningKey, ttl: int) -> Part:
    path = f"signing[{index}]"
    name = absolute(f"{key.selector}._domainkey", spec.domain)
    if key.revoked:
        return [
            _key_record(NamedValue(name, "TXT", rotating.REVOKED, spec.at(path)), ttl, _SIGNS_NOTHING)
        ], []
    try:
        value = dkim_keys.record_for(key.public_key)
    except dkim_keys.DkimError as error:
        return [], [
            found(DKIM_INVALID, path=path, position=spec.at(path), name=bare(name), reason=error.reason)
        ]
    why = Text("your own server signs with this key", "您自己的服务器用此密钥签名")
    named = NamedValue(name, "TXT", value, spec.at(path))
    return [_key_record(named, ttl, why)], _key_findings(spec, named, path)


def _key_findings(spec: MailSpec, named_value: NamedValue, path: str) -> list[Finding]:
    """What is wrong with the key itself; an alias's key is not ours to see."""
    if named_value.type != "TXT":
        return []
    findings = verdict(
        named_value.name,
        named_value.type,
        Family.DKIM,
        (named_value.value,),
        Context(DMARC_POLICY[spec.dmarc.stage]),
    )
    # A revoked key may stand in the world; whoever writes one as the key to sign with has copied half.
    strict = [
        replace(f, severity_override=Severity.ERROR) if f.rule == "dkim-key-revoked" else f for f in findings
    ]
    return placed(strict, path, named_value.position)


def dmarc(spec: MailSpec, ttl: int) -> Part:
    """RFC 9989 by stage: watch (none), guard (quarantine), reject."""
    written = spec.dmarc
    stage = "reject" if written.position is None and is_silent(spec) else written.stage
    reports = written.rua or _reports(spec)
    tags = {"p": DMARC_POLICY[stage]}
    tags |= {
        name: value
        for name in ("sp", "np", "adkim", "aspf", "t")
        if (value := getattr(written, name)) is not None
    }
    if reports:
        tags["rua"] = ",".join(map(dmarc_records.mailto, reports))
    if written.ruf:
        tags["ruf"] = ",".join(map(dmarc_records.mailto, written.ruf))
    why = Text(
        "DMARC, stage {stage}: what others do with mail that pretends to be {domain}; reports go to {to}",
        "DMARC 阶段 {stage}：别人如何处理冒充 {domain} 的邮件；报告发往 {to}",
        {"stage": stage, "domain": spec.domain_unicode, "to": ", ".join(reports) or "–"},
    )
    position = spec.at("dmarc") if written.position else spec.at("contact")
    name = absolute("_dmarc", spec.domain)
    text = str(dmarc_records.DmarcRecord(tags))
    record = PlannedRecord(name, "TXT", ttl, (text,), Family.DMARC, why, position)
    return [record], [
        *_unauthorised(spec, (*reports, *written.ruf)),
        *_unsigned(spec),
        *placed(_of_record(spec, record), "dmarc", spec.at("dmarc") or position),
    ]


def _reports(spec: MailSpec) -> tuple[str, ...]:
    """Who gets the reports: the contact, unless its mail would come to a domain that takes none."""
    inside = spec.contact.rpartition("@")[2].lower() == spec.domain
    return () if inside and spec.mail_host.takes_no_mail else (spec.contact,)


#: The line of the spec that a rule of the record is about.
_LINES = {"dmarc-lowered-by-t": "dmarc.t"}


def _of_record(spec: MailSpec, record: PlannedRecord) -> Iterator[Finding]:
    """The verdict on the record itself, each finding at the line that asks for it."""
    for finding in verdict(record.name, record.type, record.family, record.values):
        tag = str(finding.params.get("tag", ""))
        path = _LINES.get(finding.rule) or (f"dmarc.{tag}" if tag in ("sp", "np") else "")
        yield replace(finding, path=path, position=spec.at(path) if path else None)


def _unsigned(spec: MailSpec) -> list[Finding]:
    """An enforced policy over mail that nobody signs."""
    stage = spec.dmarc.stage
    pasted = (*spec.mail_host.dkim, *(spec.gateway.dkim if spec.gateway else ()))
    signed = keys.signing(pasted) or rotating.signs(spec)
    if DMARC_POLICY[stage] == "none" or signed or is_silent(spec):
        return []
    position = spec.at("dmarc")
    return [
        found(
            ENFORCED_UNSIGNED, path="dmarc.stage", position=position, stage=stage, domain=spec.domain_unicode
        )
    ]


def _unauthorised(spec: MailSpec, addresses: tuple[str, ...]) -> list[Finding]:
    """RFC 9990 §3: a destination in the same organisation needs no word of its own.

    Without a look-up, a domain above or below ours counts as the same organisation.
    """
    findings = []
    for address in dict.fromkeys(addresses):
        domain = address.rpartition("@")[2].lower()
        if domain in spec.parked:
            path = "dmarc.rua" if spec.dmarc.rua else "contact"
            position = spec.at(path)
            findings.append(
                found(CONTACT_PARKED, path=path, position=position, address=address, domain=spec.domain)
            )
            continue
        if is_below(domain, spec.domain) or is_below(spec.domain, domain):
            continue
        if any(is_below(domain, alias.domain) for alias in spec.alias_domains):
            continue  # it says so in its own zone
        if dmarc_records.is_vendors(address):
            continue  # the record's own finding says whose mailbox that is
        findings.append(
            found(
                REPORT_UNAUTHORISED,
                path="dmarc.rua" if spec.dmarc.rua else "contact",
                position=spec.at("dmarc.rua" if spec.dmarc.rua else "contact"),
                domain=spec.domain,
                address=address,
                record=f"{spec.domain}._report._dmarc.{domain}",
            )
        )
    return findings
