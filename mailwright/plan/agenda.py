"""Everything of a spec that has a day: what is due, and what comes. Pure; the day is an input.

An event is there as long as the spec, or the stack's state, says so. What was done is edited away, and the
event goes with it; so nothing has to be ticked off anywhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailwright.catalog import Service, service, service_name
from mailwright.model.days import earlier, later
from mailwright.model.names import bare
from mailwright.model.position import Position
from mailwright.model.text import Text, listed
from mailwright.plan.records import rotating
from mailwright.spec.mailboxes import Person
from mailwright.spec.model import DMARC_POLICY, MailSpec, SigningKey
from mailwright.standards.dkim import RSA_ADVISED

KEY_DAYS = 365  # age at which an own key is due
AHEAD = 90  # days that are looked ahead
STAGE_DAYS = 30  # after which a stage of DMARC could go on: the window of reports that `dmarc` looks at
_ADVISED_SINCE = dt.date(2018, 1, 1)  # RFC 8301


@dataclass(frozen=True, slots=True)
class Event:
    """One thing with a day.

    ``day`` is the first on which something is to be done or seen. ``asks`` says that somebody has to act:
    such an event stays due until it is gone; another one is over after ``until`` (its last day).
    ``subject`` names it within its kind and never has the day in it, unless the day is what it is.
    """

    domain: str
    kind: str
    subject: str
    day: dt.date
    text: Text
    asks: bool = True
    until: dt.date | None = None
    position: Position | None = None

    @property
    def uid(self) -> str:
        """A name that stays while the event is moved, so that a calendar updates it (RFC 5545 §3.8.4.7)."""
        digest = hashlib.sha256(f"{self.domain}\n{self.kind}\n{self.subject}".encode()).hexdigest()
        return f"{self.kind}-{digest[:20]}@{self.domain}"

    def status(self, today: dt.date) -> str:
        """``due`` (to be done), ``today`` or ``now`` (is so), ``coming``, or ``over``."""
        if today < self.day:
            return "coming"
        if self.asks:
            return "due"
        last = self.until or self.day
        return "over" if today > last else "now"


def agenda(spec: MailSpec, state: Iterable[Mapping[str, Any]] = ()) -> tuple[Event, ...]:
    """All events of one spec, by day. ``state`` are the outputs of its stack, which has what is retiring."""
    written = (_people, _consents, _services, _move, _attested, _keys, _expiries, _dmarc)
    events = [event for kind in written for event in kind(spec)]
    events += retiring(spec.domain, state)
    return tuple(sorted(events, key=lambda event: (event.day, event.kind, event.subject)))


def pending(events: Iterable[Event], today: dt.date, days: int) -> tuple[Event, ...]:
    """Those that are due or so today, and those that come within so many days."""
    last = later(today, days)
    return tuple(event for event in events if event.status(today) != "over" and event.day <= last)


def retiring(domain: str, state: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """Values that left the plan and stay published until a day."""
    for output in state:
        if output.get("domain") != domain:
            continue
        for retiring_value in output.get("retiring") or ():
            yield Event(
                domain,
                "retirement",
                f"{retiring_value['name']} {retiring_value['type']} {retiring_value['value']}",
                dt.date.fromisoformat(retiring_value["until"]),
                Text(
                    "{name} {type}: {value} has retired and may be removed: run `mailwright up`",
                    "{name} {type}：{value} 已退役，可以删除：请运行 `mailwright up`",
                    {
                        "name": bare(retiring_value["name"]),
                        "type": retiring_value["type"],
                        "value": retiring_value["value"],
                    },
                ),
            )


def _people(spec: MailSpec) -> Iterator[Event]:
    for person in spec.mailboxes.people:
        name = person.name or person.key
        if person.away:
            yield Event(
                spec.domain,
                "away",
                f"{person.key} {person.away.start}",
                person.away.start,
                Text("{name} is away until {until}", "{name} 休假至 {until}").using(
                    name=name, until=person.away.until
                ),
                asks=False,
                until=person.away.until,
                position=person.away.position or person.position,
            )
        yield from _leaving(spec, person, name)


def _leaving(spec: MailSpec, person: Person, name: str) -> Iterator[Event]:
    if person.left:
        text = Text(
            "{name} has left: mail goes on as the spec says; suspend the mailbox",
            "{name} 已离职：邮件按规格处理；请停用邮箱",
        )
        yield _of(spec, "leaving", person, person.left, text.using(name=name), asks=False)
    if person.left and person.handover_until and not person.closed:
        text = Text(
            "the handover of {name} to {to} has ended: write closed:, or a later until:",
            "{name} 与 {to} 的交接已结束：请写 closed:，或把 until: 延后",
        )
        day = later(person.handover_until, 1)
        yield _of(spec, "handover", person, day, text.using(name=name, to=person.successor or "?"))
    if person.closed:
        text = Text(
            "{address} takes no mail any more: run `mailwright up`, then remove the person from the spec",
            "{address} 不再收信：请运行 `mailwright up`，之后从规格中删除此人",
        )
        address = f"{person.key}@{spec.domain}"
        yield _of(spec, "closing", person, person.closed, text.using(address=address))


def _of(spec: MailSpec, kind: str, person: Person, day: dt.date, text: Text, *, asks: bool = True) -> Event:
    return Event(spec.domain, kind, person.key, day, text, asks=asks, position=person.position)


def _consents(spec: MailSpec) -> Iterator[Event]:
    for consent in spec.allow:
        if consent.until:
            text = Text(
                "the consent to {rule} has run out: remove the line, or give it a new date",
                "对 {rule} 的同意已到期：请删除此行，或更新日期",
            )
            values = " ".join(sorted(consent.values))
            yield Event(
                spec.domain,
                "consent",
                f"{consent.rule} {values}".strip(),
                later(consent.until, 1),
                text.using(rule=consent.rule),
                position=consent.position,
            )


_SEEN = {
    "two-factor": Text("that the second factor is enforced", "已强制两步验证"),
    "imap-closed": Text(
        "that IMAP and POP3 are closed for those who do not need them", "已为不需要的人关闭 IMAP 与 POP3"
    ),
    "admins-reviewed": Text("administrators and recovery addresses", "管理员与找回地址"),
    "backup-tried": Text("that a backup can be restored", "备份可以恢复"),
    "forwards-reviewed": Text("forwards to outside", "对外转发"),
    "dmarc-sources": Text(
        "sources in DMARC reports that the spec does not have", "DMARC 报告中规格没有的来源"
    ),
}


def _attested(spec: MailSpec) -> Iterator[Event]:
    hosts = [known for host in spec.mail_hosts if (known := service(host.service))]
    for attestation in spec.attest:
        text = Text(
            "look again and write the new day: {what}, last seen by {by} on {on}{how}",
            "请重新核对并写上新日期：{what}，上次由 {by} 于 {on} 核对{how}",
        )
        place = attestation.how or _places(hosts, attestation.what)
        how = Text(" ({how})", "（{how}）", {"how": place}) if place else ""
        what = _SEEN.get(attestation.what, Text(attestation.what, attestation.what))
        yield Event(
            spec.domain,
            "attestation",
            attestation.what,
            later(attestation.on, attestation.days),
            text.using(what=what, by=attestation.by, on=attestation.on, how=how),
            position=attestation.position,
        )


def _places(hosts: Sequence[Service], what: str) -> Text | None:
    """Where it is seen at each mail host of which that is known."""
    places = [place for host in hosts if (place := host.attest.get(what))]
    return listed(places) if places else None


def _services(spec: MailSpec) -> Iterator[Event]:
    used = dict.fromkeys(
        [
            *(host.service for host in spec.mail_hosts),
            *(sender.service for sender in spec.senders if sender.service),
        ]
    )
    for id in used:
        known = service(id)
        if known and known.end_of_life:
            text = Text("{service} ends: {advice}", "{service} 停止服务：{advice}")
            yield Event(
                spec.domain,
                "service-end",
                id,
                known.end_of_life.date,
                text.using(service=known.names, advice=known.end_of_life.advice),
                position=spec.at("mail_host"),
            )


_OF_KEYS = {
    "key-age": Text(
        "the key {selector} is a year old: make the next one (`mailwright dkim new`), replaces: {selector}",
        "密钥 {selector} 已满一年：请生成下一把（`mailwright dkim new`），并写 replaces: {selector}",
    ),
    "key-length": Text(
        "the key {selector} has {bits} bits, 2048 are advised: make the next one, replaces: {selector}",
        "密钥 {selector} 只有 {bits} 位，建议 2048 位：请生成下一把，并写 replaces: {selector}",
    ),
    "key-revoke": Text(
        "nobody signs with {selector} any more: write revoked: {day} for it",
        "已无人使用 {selector} 签名：请为它写 revoked: {day}",
    ),
    "key-remove": Text(
        "{selector} has been revoked for 30 days: remove it from signing",
        "{selector} 吊销已满 30 天：请从 signing 中删除",
    ),
}


def _keys(spec: MailSpec) -> Iterator[Event]:
    """RFC 8301 §3.2 on length; of the rest the spec has the days. What a vendor rotates is the vendor's."""
    for key in spec.signing:
        day, kind, shown = key.ends, "key-remove", {}
        if day:
            day = later(day, rotating.KEPT)
        elif rotating.successors(spec, key):
            day, kind = rotating.earliest(spec, key), "key-revoke"
        elif (bits := _bits(key)) and bits < RSA_ADVISED:
            day, kind, shown = key.made or _ADVISED_SINCE, "key-length", {"bits": bits}
        elif key.made:
            day, kind = later(key.made, KEY_DAYS), "key-age"
        if day:
            text = _OF_KEYS[kind].using(selector=key.selector, day=day.isoformat(), **shown)
            yield Event(spec.domain, kind, key.selector, day, text, position=key.position)


def _bits(key: SigningKey) -> int:
    """Bits of an RSA key, 0 of another kind or one that cannot be read."""
    record = rotating.parsed(key)
    return record.bits if record and record.key_type == "rsa" else 0


_ENDS = {
    "domain": Text("the registration of {name}", "{name} 的域名注册"),
    "dnssec": Text("DNSSEC (keys or signatures) of {name}", "{name} 的 DNSSEC（密钥或签名）"),
    "certificate": Text("the certificate of {name}", "{name} 的证书"),
    "licence": Text("the licences or contract of {name}", "{name} 的许可或合同"),
}


def _expiries(spec: MailSpec) -> Iterator[Event]:
    """What the spec has typed from a registrar's page, a certificate or an invoice."""
    for expiry in spec.expires:
        text = Text(
            "{what} ends on {until}: renew it, and write the new day{note}",
            "{what}将于 {until} 到期：请续期并写上新日期{note}",
        )
        name: object = expiry.name or spec.domain_unicode
        if expiry.what == "licence" and not expiry.name:
            name = listed([service_name(host.service) for host in spec.mail_hosts])
        note = Text(" ({note})", "（{note}）", {"note": expiry.note}) if expiry.note else ""
        what = _ENDS.get(expiry.what, _ENDS["licence"]).using(name=name)
        yield Event(
            spec.domain,
            "expiry",
            f"{expiry.what} {expiry.name}".strip(),
            earlier(expiry.until, expiry.days),
            text.using(what=what, until=expiry.until, note=note),
            position=expiry.position,
        )


def _dmarc(spec: MailSpec) -> Iterator[Event]:
    """A stage that could go on; whether it may is what reports say (`mailwright dmarc`)."""
    stages = tuple(DMARC_POLICY)
    written, testing = spec.dmarc, spec.dmarc.t == "y" and spec.dmarc.stage != stages[0]
    last = written.stage == stages[-1] and not testing
    if written.since is None or last:
        return
    text = Text(
        "DMARC has been at {stage} since {since}: `mailwright dmarc` says whether it can go on",
        "DMARC 自 {since} 起处于 {stage} 阶段：请用 `mailwright dmarc` 查看能否进入下一阶段",
    )
    yield Event(
        spec.domain,
        "dmarc-stage",
        "policy",
        later(written.since, STAGE_DAYS),
        text.using(stage=written.stage, since=written.since),
        position=written.position,
    )


def _move(spec: MailSpec) -> Iterator[Event]:
    move = spec.moving_from
    if move:
        text = Text(
            "the contract with {service} ends: the move must be over",
            "与 {service} 的合同到期：迁移必须已经完成",
        )
        yield Event(
            spec.domain,
            "contract",
            move.host.service,
            move.contract_until,
            text.using(service=move.host.service),
            position=move.position,
        )
