"""Which line of a spec, or which planned record, has to do with a bounce: by cause, sender and recipient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from mailwright.model.family import Family
from mailwright.model.names import is_below
from mailwright.model.plan import Plan
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.operations.why.judging import Judged
from mailwright.plan.lint.authority import Authority
from mailwright.spec.model import MailSpec
from mailwright.standards import spf

_ALLOWED = Text(
    "the planned SPF record of {domain} lets {ip} in: what is published differs, or the mail was forwarded; "
    "run `mailwright verify`",
    "计划中 {domain} 的 SPF 记录已放行 {ip}：线上记录不同，或邮件经过转发；请运行 `mailwright verify`",
)
_NOT_ALLOWED = Text(
    "the planned SPF record of {domain} does not let {ip} in: put its service under senders:, or its address "
    "under spf.ip4",
    "计划中 {domain} 的 SPF 记录未放行 {ip}：请把其服务写入 senders:，或把该 IP 写入 spf.ip4",
)
_SPF_OPEN = Text(
    "the planned SPF record of {domain}; what it makes of {ip} only DNS can tell",
    "计划中 {domain} 的 SPF 记录；它是否放行 {ip} 须查询 DNS",
)
_SPF = Text("the planned SPF record of {domain}", "计划中 {domain} 的 SPF 记录")
_KEY = Text(
    "a planned DKIM key of {domain}: it must be published, and the service must sign with it",
    "计划中 {domain} 的 DKIM 密钥：须已发布，且由服务用它签名",
)
_NO_KEY = Text(
    "no DKIM key is planned for {domain}: write the one that the mail host's console shows under "
    "mail_host.dkim",
    "没有为 {domain} 规划 DKIM 密钥：请把邮件服务后台给出的密钥写入 mail_host.dkim",
)
_DMARC = Text("the planned DMARC record of {domain}", "计划中 {domain} 的 DMARC 记录")
_NO_DMARC = Text("no DMARC record is planned for {domain}", "没有为 {domain} 规划 DMARC 记录")
_MX = Text("the planned MX records of {domain}", "计划中 {domain} 的 MX 记录")
_HOST = Text("the mail host that sends for {domain}", "为 {domain} 发信的邮件服务")
_UNKNOWN = Text(
    "{address} is not in the spec: write it under people: or addresses:, or tell the sender the right one",
    "规格中没有 {address}：请写入 people: 或 addresses:，或把正确地址告知发件人",
)
_REFUSED = Text(
    "by the spec {address} takes no mail on {day}",
    "按规格，{address} 在 {day} 不收信",
)
_GOES = Text(
    "by the spec mail to {address} goes to {to}: compare the mail host with it",
    "按规格，发往 {address} 的邮件由 {to} 接收：请与邮件服务的设置核对",
)
_MAY_SEND = Text("who may send as {address} by the spec: {who}", "按规格可用 {address} 发信的有：{who}")
_NOBODY = Text("nobody", "无人")
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})(?![\w.:])", re.I
)


@dataclass(frozen=True, slots=True)
class Cure:
    """What of the spec has to do with it: in words, the line of the spec, and the record where it is one."""

    text: Text
    position: Position | None
    record: str = ""


def domains(spec: MailSpec) -> tuple[str, ...]:
    """The domains that a spec answers for."""
    return spec.domains


def is_ours(spec: MailSpec, address: str) -> bool:
    """Whether an address is in one of the spec's domains, or below one."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return any(is_below(domain, own_domain) for own_domain in domains(spec))


def cures(spec: MailSpec, plan: Plan, judged: Judged, sender: str) -> tuple[Cure, ...]:
    """What to look at, for one report; nothing where the spec has nothing to do with it."""
    if judged.meaning is None:
        return ()
    cure = judged.meaning.cause.cure
    recipient = judged.report.recipient
    if is_ours(spec, recipient):
        if cure == "mx" or judged.meaning.cause.id in ("relay-refused", "receiver-tls"):
            return tuple(_records(plan, Family.MX, _MX.using(domain=plan.domain)))
        return (_address(spec, plan, recipient),) if cure == "address" else ()
    if sender and not is_ours(spec, sender):
        return ()
    return tuple(_of_sender(spec, plan, judged, sender))


def unproven(spec: MailSpec, plan: Plan, author: str, ip: str) -> tuple[Cure, ...]:
    """What to look at where a message of ours is proven by neither SPF nor DKIM; ``ip`` may be empty."""
    domain = author.rpartition("@")[2].lower()
    if not is_ours(spec, author):
        return ()
    return (*_spf(spec, plan, domain, ip), *_dkim(spec, plan, domain))


def _of_sender(spec: MailSpec, plan: Plan, judged: Judged, sender: str) -> Iterator[Cure]:
    meaning = judged.meaning
    assert meaning is not None, "cures are for what is known"
    domain = sender.rpartition("@")[2].lower() or plan.domain
    match meaning.cause.id, meaning.cause.cure:
        case "unauthenticated", _:
            yield from _spf(spec, plan, domain, judged.report.reply)
            yield from _dkim(spec, plan, domain)
        case _, "spf":
            yield from _spf(spec, plan, domain, judged.report.reply)
        case _, "dkim":
            yield from _dkim(spec, plan, domain)
        case _, "dmarc":
            record_cures = tuple(_records(plan, Family.DMARC, _DMARC.using(domain=domain)))
            yield from record_cures or (Cure(_NO_DMARC.using(domain=domain), spec.at("dmarc")),)
            yield from _dkim(spec, plan, domain)
        case "sender-domain", _:
            yield from _records(plan, Family.MX, _MX.using(domain=plan.domain))
        case "not-your-address", _ if plan.mailboxes and sender:
            who = plan.mailboxes.senders.get(sender.lower(), ())
            shown = ", ".join(who) or _NOBODY
            yield Cure(_MAY_SEND.using(address=sender, who=shown), spec.at("people"))
        case _, "sender":
            yield Cure(_HOST.using(domain=plan.domain), spec.at("mail_host"))
        case _:
            return


def _address(spec: MailSpec, plan: Plan, address: str) -> Cure:
    local = address.partition("@")[0].lower()
    person = next((candidate for candidate in spec.mailboxes.people if candidate.key.lower() == local), None)
    role = next((candidate for candidate in spec.mailboxes.addresses if candidate.key.lower() == local), None)
    written = person or role
    position = written.position if written else spec.at("addresses")
    reached = plan.mailboxes.leaves(address.lower()) if plan.mailboxes else ()
    if reached:
        return Cure(_GOES.using(address=address, to=", ".join(reached)), position)
    if written:
        return Cure(_REFUSED.using(address=address, day=plan.as_of), position)
    return Cure(_UNKNOWN.using(address=address), position)


def _spf(spec: MailSpec, plan: Plan, domain: str, reply: str) -> Iterator[Cure]:
    ip = _public(reply)
    text = _SPF.using(domain=domain)
    if ip:
        world = Authority(spec, plan.records, domain, stranger=True)
        result = spf.check_host(ip, domain, f"postmaster@{domain}", world.lookup).result
        shown = {"pass": _ALLOWED, "temperror": _SPF_OPEN}.get(result, _NOT_ALLOWED)
        # the machines of services have made-up addresses there, so no service's own address can pass
        if shown is _NOT_ALLOWED and _has_services(plan):
            shown = _SPF_OPEN
        text = shown.using(domain=domain, ip=ip)
    yield from _records(plan, Family.SPF, text)


def _has_services(plan: Plan) -> bool:
    return any(
        term in value
        for record in plan.records
        if record.family is Family.SPF
        for value in record.values
        for term in ("include:", "redirect=", "exists:")
    )


def _dkim(spec: MailSpec, plan: Plan, domain: str) -> Iterator[Cure]:
    record_cures = tuple(_records(plan, Family.DKIM, _KEY.using(domain=domain)))
    yield from record_cures or (Cure(_NO_KEY.using(domain=domain), spec.at("mail_host")),)


def _records(plan: Plan, family: Family, text: Text) -> Iterator[Cure]:
    for record in _of_family(plan.records, family):
        yield Cure(text, record.position, f"{record.name} {record.type}")


def _of_family(records: Sequence[PlannedRecord], family: Family) -> Iterator[PlannedRecord]:
    yield from (record for record in records if record.family is family)


def _public(reply: str) -> str:
    for match in _IP.findall(reply):
        try:
            address = ip_address(match)
        except ValueError:
            continue
        if not (address.is_loopback or address.is_link_local):
            return str(address)
    return ""
