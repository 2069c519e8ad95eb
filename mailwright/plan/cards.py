"""What each person types into their mail program: from spec, plan of the day and catalog. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mailwright.catalog import service, service_name
from mailwright.catalog.programs import Program, programs
from mailwright.catalog.service import Service
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text
from mailwright.plan.records.settings import settings
from mailwright.spec.mailboxes import Person
from mailwright.spec.model import MailSpec
from mailwright.standards.autoconfig import OAUTH2, PASSWORD, Server, Socket

_MAILBOX_PASSWORD = Text(
    "the password of the mailbox; where {service} makes passwords for programs (app password), one of those",
    "邮箱密码；若 {service} 提供客户端专用密码（授权码），请用专用密码",
)
_OAUTH = Text(
    "none is typed: the program opens the sign-in page of {service} in a browser (OAuth)",
    "不在客户端输入：客户端会在浏览器中打开 {service} 的登录页面（OAuth）",
)
_FORWARDS = Text(
    "{service} only forwards mail: there is no mailbox to sign in to, and no IMAP server.",
    "{service} 只转发邮件：没有可登录的邮箱，也没有 IMAP 服务器。",
)
_NO_SERVERS = Text(
    "No servers for mail programs are known for {service}: read them in its console, and write them under "
    "clients: in the spec.",
    "不知道 {service} 供邮件客户端使用的服务器：请在其后台查看，并写入规格的 clients:。",
)
_NO_IMAP = Text(
    "{service} has no public IMAP server: programs and CRMs elsewhere cannot read this mailbox.",
    "{service} 没有公网 IMAP 服务器：其他客户端和 CRM 无法收取此邮箱。",
)
_TOKEN_ONLY = Text(
    "A program or CRM that asks for host, port and password cannot read this mailbox: {service} takes OAuth "
    "only. Choose one that offers to sign in with {service}.",
    "只让填写主机、端口和密码的客户端或 CRM 无法收取此邮箱：{service} 只接受 OAuth。请选择支持"
    "“使用 {service} 登录”的。",
)
_NOT_BY_PASSWORD = Text(
    "Host, port and password do not work: {service} takes OAuth only. Whether its sign-in page opens here is "
    "not known; where it does not, this mailbox cannot be read.",
    "填写主机、端口和密码行不通：{service} 只接受 OAuth。能否打开其登录页面尚不清楚；若不能，"
    "就无法收取此邮箱。",
)
_NOT_AT_ALL = Text(
    "It cannot read this mailbox: {service} has no IMAP server that it could reach.",
    "无法收取此邮箱：{service} 没有它能连接的 IMAP 服务器。",
)


@dataclass(frozen=True, slots=True)
class Way:
    """What is done in one program; ``works`` False where it is known not to, and ``text`` says why."""

    program: Program
    text: Text
    works: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One person's settings. ``servers`` are the best first; ``warnings`` say what does not work.

    ``by_password`` is False where only the service's own sign-in page lets a program in. ``abroad`` are the
    servers for people abroad. ``password_at`` and ``switch_on`` are places in the mail host's pages.
    """

    domain: str
    key: str
    name: str
    title: str
    address: str
    service: Text
    servers: tuple[Server, ...]
    password: Text
    by_password: bool
    note: Text | None
    warnings: tuple[Text, ...]
    sends_as: tuple[str, ...]
    gets: tuple[str, ...]
    shared: tuple[str, ...]
    phone: str = ""
    company: str = ""
    abroad: tuple[Server, ...] = ()
    password_at: Text | None = None
    switch_on: Text | None = None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class _Host:
    """What is the same for everybody: the mail host and its servers."""

    known: Service | None
    names: Text
    client: Mapping[str, object]
    servers: tuple[Server, ...]

    @property
    def by_password(self) -> bool:
        return not any(OAUTH2 in server.authentication for server in self.servers)

    @property
    def reads(self) -> bool:
        return any(server.kind != "smtp" for server in self.servers)

    @property
    def forwards(self) -> bool:
        """A service that keeps no mailboxes."""
        return (self.known is not None and self.known.kind == "forwarding_host") or bool(
            self.client.get("forwards_only")
        )


def cards(spec: MailSpec, mailboxes: Mailboxes | None) -> Iterator[Card]:
    """A card for everybody who has a mailbox on the day of ``mailboxes``, in the order of the spec."""
    if mailboxes is None:
        return
    at_hosts = zip(spec.mail_hosts, mailboxes.at_hosts, strict=True)
    by_host = [card for host, view in at_hosts for card in _at(spec.at_host(host), mailboxes, view)]
    order = [person.key for person in spec.mailboxes.people]
    yield from sorted(by_host, key=lambda card: order.index(card.key))


def _at(spec: MailSpec, mailboxes: Mailboxes, here: Mailboxes) -> Iterator[Card]:
    """The cards of one mail host, which is ``here``; ``mailboxes`` are the whole company's."""
    known = service(spec.mail_host.service)
    names = service_name(spec.mail_host.service)
    client = known.client_at(spec.mail_host.site) if known and not spec.extra.clients else {}
    complete = settings(spec)
    servers = (*complete.incoming, *complete.outgoing) if complete else tuple(_servers(client, ("smtp",)))
    host = _Host(known, names, client, servers)
    for person in spec.mailboxes.people:
        if here.mailbox(f"{person.key}@{spec.domain}") is not None:
            yield _card(spec, person, mailboxes, host)


def _card(spec: MailSpec, person: Person, mailboxes: Mailboxes, host: _Host) -> Card:
    address = f"{person.key}@{spec.domain}"
    abroad = host.client.get("overseas")
    sends_as = (other for other, who in mailboxes.senders.items() if address in who and other != address)
    routes = (route.address for route in mailboxes.routes if route.address != address)
    return Card(
        domain=spec.domain,
        key=person.key,
        name=person.name or person.key,
        title=person.title,
        address=address,
        service=host.names,
        servers=host.servers,
        password=_password(host),
        by_password=host.by_password,
        note=_text(host.client.get("note")),
        warnings=tuple(_warnings(host)),
        sends_as=tuple(sorted(sends_as)),
        gets=tuple(route for route in routes if address in mailboxes.leaves(route)),
        shared=tuple(box.address for box in mailboxes.mailboxes if address in box.members),
        phone=person.phone,
        company=spec.company,
        abroad=tuple(_servers(abroad)) if isinstance(abroad, Mapping) and host.reads else (),
        password_at=_place(host.client, "password_at") if host.by_password else None,
        switch_on=_place(host.client, "switch_on"),
        ways=tuple(way for program in _used(spec, person) if (way := _way(program, host))),
    )


def _used(spec: MailSpec, person: Person) -> Iterator[Program]:
    """What the person uses; where none is written every program, and those CRMs that are senders."""
    senders = {sender.service for sender in spec.senders}
    for program in programs().values():
        if program.id in person.programs if person.programs else not program.crm or program.id in senders:
            yield program


def _way(program: Program, host: _Host) -> Way | None:
    """None where the card already says that nothing is known of the mail host's servers."""
    filled = {"service": host.names, "program": program.names}
    signs_in = host.known is not None and host.known.id in program.signs_in
    if program.kind == "browser":
        if host.forwards:
            return Way(program, _NOT_AT_ALL.using(**filled), works=False)
        text = program.by_password if host.by_password else program.by_sign_in
        return Way(program, text.using(**filled), works=True)
    if not host.reads:
        if host.forwards or host.servers:
            return Way(program, _NOT_AT_ALL.using(**filled), works=False)
        return None
    if signs_in:
        return Way(program, program.by_sign_in.using(**filled), works=True)
    if host.by_password:
        return Way(program, program.by_password.using(**filled), works=True)
    return Way(program, _NOT_BY_PASSWORD.using(**filled), works=False)


def _servers(
    client: Mapping[str, object], kinds: tuple[str, ...] = ("imap", "pop3", "smtp")
) -> Iterator[Server]:
    """Those of a part of the catalog's ``client``, as they stand there."""
    for kind in ("imap", "pop3", "smtp"):
        entry = client.get(kind)
        if kind in kinds and isinstance(entry, Mapping):
            socket: Socket = "SSL" if entry["tls"] == "implicit" else "STARTTLS"
            ways = (OAUTH2,) if entry.get("auth") == "oauth2" else (PASSWORD,)
            yield Server(kind, str(entry["host"]), int(str(entry["port"])), socket, ways)


def _warnings(host: _Host) -> Iterator[Text]:
    if host.forwards:
        yield _FORWARDS.using(service=host.names)
    elif not host.servers:
        yield _NO_SERVERS.using(service=host.names)
    elif not host.reads:
        yield _NO_IMAP.using(service=host.names)
    if host.servers and not host.by_password:
        yield _TOKEN_ONLY.using(service=host.names)


def _password(host: _Host) -> Text:
    if not host.by_password:
        return _OAUTH.using(service=host.names)
    return _text(host.client.get("password")) or _MAILBOX_PASSWORD.using(service=host.names)


def _place(client: Mapping[str, object], key: str) -> Text | None:
    place = client.get(key)
    return _text(place["path"]) if isinstance(place, Mapping) else None


def _text(value: object) -> Text | None:
    return Text(str(value["en"]), str(value["zh"])) if isinstance(value, Mapping) else None
