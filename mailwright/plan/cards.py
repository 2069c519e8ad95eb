"""What each person types into their mail program: from spec, plan of the day and catalog. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mailwright.catalog import service, service_name
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text
from mailwright.plan.records.settings import settings
from mailwright.spec.model import MailSpec
from mailwright.standards.autoconfig import OAUTH2, PASSWORD, Server, Socket

_MAILBOX_PASSWORD = Text("the password of the mailbox", "邮箱密码")
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


@dataclass(frozen=True, slots=True)
class Card:
    """One person's settings. ``servers`` are the best first; ``warnings`` say what does not work.

    ``by_password`` is False where only the service's own sign-in page lets a program in.
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


def cards(spec: MailSpec, mailboxes: Mailboxes | None) -> Iterator[Card]:
    """A card for everybody who has a mailbox on the day of ``mailboxes``, in the order of the spec."""
    if mailboxes is None:
        return
    known = service(spec.mail_host.service)
    names = service_name(spec.mail_host.service)
    client = known.client_at(spec.mail_host.site) if known and not spec.extra.clients else {}
    found = settings(spec)
    servers = (*found.incoming, *found.outgoing) if found else tuple(_outgoing(client))
    by_password = not any(OAUTH2 in server.authentication for server in servers)
    warnings = tuple(
        _warnings(names, servers, by_password, forwards=bool(known and known.kind == "forwarding_host"))
    )
    for person in spec.mailboxes.people:
        address = f"{person.key}@{spec.domain}"
        if mailboxes.mailbox(address) is None:
            continue
        yield Card(
            spec.domain,
            person.key,
            person.name or person.key,
            person.title,
            address,
            names,
            servers,
            _password(client, names, by_password=by_password),
            by_password,
            _text(client.get("note")),
            warnings,
            tuple(
                sorted(each for each, who in mailboxes.senders.items() if address in who and each != address)
            ),
            tuple(
                route.address
                for route in mailboxes.routes
                if route.address != address and address in mailboxes.leaves(route.address)
            ),
            tuple(mailbox.address for mailbox in mailboxes.mailboxes if address in mailbox.members),
        )


def _outgoing(client: Mapping[str, object]) -> Iterator[Server]:
    """The server for sending of a host that has none for reading."""
    server = client.get("smtp")
    if isinstance(server, Mapping):
        socket: Socket = "SSL" if server["tls"] == "implicit" else "STARTTLS"
        ways = (OAUTH2,) if server.get("auth") == "oauth2" else (PASSWORD,)
        yield Server("smtp", str(server["host"]), int(str(server["port"])), socket, ways)


def _warnings(
    names: Text,
    servers: tuple[Server, ...],
    by_password: bool,
    *,
    forwards: bool,
) -> Iterator[Text]:
    if forwards:
        yield _FORWARDS.using(service=names)
    elif not servers:
        yield _NO_SERVERS.using(service=names)
    elif not any(server.kind != "smtp" for server in servers):
        yield _NO_IMAP.using(service=names)
    if servers and not by_password:
        yield _TOKEN_ONLY.using(service=names)


def _password(client: Mapping[str, object], names: Text, *, by_password: bool) -> Text:
    if not by_password:
        return _OAUTH.using(service=names)
    return _text(client.get("password")) or _MAILBOX_PASSWORD


def _text(value: object) -> Text | None:
    return Text(str(value["en"]), str(value["zh"])) if isinstance(value, Mapping) else None
