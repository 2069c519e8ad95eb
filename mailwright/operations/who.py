"""Everything that hangs on somebody: addresses, ownership, rules, replies, reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailwright.catalog import service_name
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.position import Position
from mailwright.model.text import Text
from mailwright.spec.mailboxes import Person
from mailwright.spec.model import MailSpec
from mailwright.spec.own_server import Ways


@dataclass(frozen=True, slots=True)
class Thread:
    """One thing that hangs on a person: its kind, in words, and the line that says so."""

    kind: str
    text: Text
    position: Position | None = None


def who(spec: MailSpec, mailboxes: Mailboxes | None, person: str) -> tuple[Thread, ...]:
    """The threads of a person's key, or of any whole address (an outside one too). Empty: nothing hangs."""
    whole = person.lower() if "@" in person else f"{person.lower()}@{spec.domain}"
    local, _, host = whole.partition("@")
    if any(alias.domain == host for alias in spec.alias_domains):
        whole = f"{local}@{spec.domain}"
    return (*_written(spec, whole), *_gets(mailboxes, whole))


def _written(spec: MailSpec, address: str) -> Iterator[Thread]:
    asked = spec.mailboxes
    for person in asked.people:
        mine = f"{person.key}@{spec.domain}"
        if mine == address:
            name = person.name or person.key
            yield Thread(
                "person",
                Text("{name} {title}", "{name} {title}", {"name": name, "title": person.title}),
                person.position,
            )
            yield from _elsewhere(spec, person)
            for sender in person.send_as:
                yield Thread(
                    "send_as", Text("may send as {of}", "可用 {of} 发信", {"of": sender}), person.position
                )
            if person.left:
                yield Thread(
                    "left", Text("gone from {day}", "自 {day} 起离职", {"day": person.left}), person.position
                )
            if person.closed:
                text = Text(
                    "the address takes no mail from {day}", "地址自 {day} 起拒收", {"day": person.closed}
                )
                yield Thread("closed", text, person.position)
            if person.left and person.successor:
                text = Text(
                    "mail goes to {to}, as agreed until {day}",
                    "邮件转给 {to}，约定至 {day}",
                    {"to": person.successor, "day": person.handover_until},
                )
                yield Thread("handover", text, person.position)
        if person.successor == address:
            text = Text(
                "takes over from {of}, as agreed until {day}",
                "接手 {of}，约定至 {day}",
                {"of": person.key, "day": person.handover_until},
            )
            yield Thread("handover", text, person.position)
        if person.away and person.away.cover == address:
            text = Text("covers for {of}", "代 {of} 收信", {"of": person.key})
            yield Thread("cover", text, person.away.position)
    yield from _roles(spec, address)
    for rule in asked.rules:
        roles = [
            name for name in ("of", "assign_to", "copy_to", "notify") if address in _of(getattr(rule, name))
        ]
        if roles:
            words = {"of": "for", "assign_to": "assign_to", "copy_to": "copy_to", "notify": "notify"}
            text = Text(
                "{path}: {how}",
                "{path}：{how}",
                {"path": rule.path, "how": ", ".join(words[r] for r in roles)},
            )
            yield Thread("rule", text, rule.position)
    for reply in asked.auto_replies:
        if reply.of == address:
            yield Thread("auto_reply", Text("{path}", "{path}", {"path": reply.path}), reply.position)
    yield from _archives(spec, address)
    yield from _ways(spec, address)
    yield from _reports(spec, address)


def _elsewhere(spec: MailSpec, person: Person) -> Iterator[Thread]:
    """The same address at the alias domains, and which of two mail hosts has it."""
    if spec.beside:
        there = service_name(person.at or spec.mail_host.service)
        text = Text("lives at {service}", "邮箱在{service}", {"service": there})
        yield Thread("mail_host", text, person.position)
    for alias in spec.alias_domains:
        text = Text("has {of} too", "也有地址 {of}", {"of": f"{person.key}@{alias.domain}"})
        yield Thread("alias_domain", text, alias.position)


def _ways(spec: MailSpec, address: str) -> Iterator[Thread]:
    for host in spec.mail_hosts:
        yield from _ways_of(host.ways, address)


def _ways_of(ways: Ways, address: str) -> Iterator[Thread]:
    for sender, way in ways.relays:
        if sender in (address, "@" + address.rpartition("@")[2]):
            yield Thread("relay", Text("mail leaves by {way}", "发信经由 {way}", {"way": way}), ways.position)
    for domain, way in ways.transports:
        host = address.rpartition("@")[2]
        if host == domain or (domain.startswith(".") and host.endswith(domain)):
            text = Text("mail to it goes to {way}", "发给它的邮件送往 {way}", {"way": way})
            yield Thread("transport", text, ways.position)


def _archives(spec: MailSpec, address: str) -> Iterator[Thread]:
    for archive in spec.mailboxes.archive:
        of = ", ".join(archive.of) or f"@{spec.domain}"
        if address == archive.to:
            text = Text("gets the archive of {of}", "接收 {of} 的归档邮件", {"of": of})
            yield Thread("archive", text, archive.position)
        if address in archive.of or not archive.of:
            text = Text("mail is archived at {to}", "邮件归档到 {to}", {"to": archive.to})
            yield Thread("archive", text, archive.position)


def _roles(spec: MailSpec, address: str) -> Iterator[Thread]:
    for role in spec.mailboxes.addresses:
        name = f"{role.key}@{spec.domain}"
        if address in role.to:
            yield Thread(
                "address", Text("gets mail to {of}", "接收发往 {of} 的邮件", {"of": name}), role.position
            )
        if address == role.owner or (role.owner is None and role.to[:1] == (address,)):
            yield Thread("owner", Text("owns {of}", "{of} 的负责人", {"of": name}), role.position)
    if address in spec.mailboxes.catch_all:
        text = Text("gets mail to unknown addresses", "接收发往未知地址的邮件")
        yield Thread("catch_all", text, spec.at("catch_all"))


def _reports(spec: MailSpec, address: str) -> Iterator[Thread]:
    contact = spec.contact.lower() == address
    if contact:
        text = Text(
            "is the contact: DMARC reports, postmaster, abuse", "联系人：DMARC 报告、postmaster、abuse"
        )
        yield Thread("contact", text, spec.at("contact"))
    for key, addresses in (("rua", spec.dmarc.rua), ("ruf", spec.dmarc.ruf)):
        if address in {own_address.lower() for own_address in addresses}:
            text = Text("gets DMARC reports ({key})", "接收 DMARC 报告（{key}）", {"key": key})
            yield Thread("reports", text, spec.at(f"dmarc.{key}"))


def _gets(mailboxes: Mailboxes | None, address: str) -> Iterator[Thread]:
    """Addresses that reach somebody over others, as planned."""
    for route in mailboxes.routes if mailboxes else ():
        if mailboxes and address in mailboxes.leaves(route.address) and address not in route.to:
            text = Text(
                "gets mail to {of}, over {to}",
                "经 {to} 接收发往 {of} 的邮件",
                {"of": route.address, "to": ", ".join(route.to)},
            )
            yield Thread("address", text, route.position)
        if route.router == address and mailboxes and mailboxes.is_together(route.address, address):
            yield Thread(
                "runs",
                Text(
                    "rules and replies of {of} run in this mailbox",
                    "{of} 的规则与自动回复在此邮箱中运行",
                    {"of": route.address},
                ),
                route.position,
            )


def _of(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
