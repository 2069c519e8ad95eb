"""Whether mail programs can reach the mailboxes: connection, certificate, login. One try each."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from mailwright.catalog.logins import meaning
from mailwright.model.checks import Check, Status
from mailwright.model.rules import Rule
from mailwright.model.text import Text
from mailwright.resolving.connect import Dial
from mailwright.verify.mail import rules as said
from mailwright.verify.mail.servers import Means, Port, password, variable
from mailwright.verify.mail.sessions import Imap, LoginRefused, NotNow, Untrusted, session

_OAUTH = Text(
    "{host} takes no password but OAuth 2, which a person has to grant in a browser",
    "{host} 不接受密码，只支持 OAuth 2（需由本人在浏览器中授权）",
)
_NO_PASSWORD = Text(
    "set {variable} to the {password} of {address}",
    "请把 {address} 的{password}写入环境变量 {variable}",
)
_NO_SERVER = Text(
    "no server for mail programs is known; write clients: {{imaps: …, submissions: …}}",
    "没有已知的客户端服务器；请写 clients: {{imaps: …, submissions: …}}",
)


_MEANS = Text("{means} ({reply})", "{means}（{reply}）")

#: More to ask of an IMAP connection that is logged in.
Asking = Callable[[imaplib.IMAP4, Port], Iterable[Check]]


def logins(
    domain: str,
    people: Sequence[str],
    means: Means,
    closed: Sequence[str] = (),
    asking: Asking = lambda _box, _port: (),
) -> tuple[Check, ...]:
    """Each server once, and each mailbox whose password the environment holds at each of them.

    ``closed`` are suspended mailboxes: where their password is there, it must not let anybody in. ``asking``
    is done once, in the first mailbox that opens by IMAP.
    """
    if not means.servers.ports:
        return (check(said.LOGIN_UNTRIED, Status.NOT_CHECKABLE, domain, "LOGIN", "", why=_NO_SERVER),)
    ports = means.servers.ports.values()
    return tuple(result for port in ports for result in _of(port, people, closed, means, asking))


def _of(
    port: Port, people: Sequence[str], closed: Sequence[str], means: Means, asking: Asking
) -> Iterator[Check]:
    dial = means.dial
    kind = port.protocol.upper()
    reached = _reached(port, dial)
    yield reached
    if reached.status is not Status.PASS:
        return
    if port.auth == "oauth2":
        why = _OAUTH.using(host=port.host)
        yield check(said.LOGIN_UNTRIED, Status.NOT_CHECKABLE, port.host, kind, str(port), why=why)
        return
    asked = False
    for address in people:
        secret = password(address, means.environment)
        if secret is None:
            name = variable(address)
            why = _NO_PASSWORD.using(variable=name, password=means.servers.password, address=address)
            yield check(said.LOGIN_UNTRIED, Status.NOT_CHECKABLE, address, kind, str(port), why=why)
        else:
            checks = list(_login(port, address, secret, means, None if asked else asking))
            asked = asked or checks[0].status is Status.PASS
            yield from checks
    for address in closed:
        if secret := password(address, means.environment):
            yield from map(_closed, _login(port, address, secret, means))


def _closed(seen: Check) -> Check:
    """The same login, where it must fail."""
    if seen.rule == said.LOGIN_REFUSED.id:
        return replace(seen, status=Status.PASS)
    if seen.rule != said.LOGIN.id:
        return seen
    text = said.CLOSED.message.using(address=seen.name)
    return replace(seen, rule=said.CLOSED.id, status=Status.FAIL, text=text)


def _reached(port: Port, dial: Dial) -> Check:
    kind = port.protocol.upper()
    try:
        with session(port, dial):
            return check(said.CONNECTS, Status.PASS, port.host, kind, str(port))
    except Untrusted as error:
        return check(said.BAD_TLS, Status.FAIL, port.host, kind, str(port), problem=error.text)
    except NotNow as error:
        return check(said.UNREACHABLE, Status.UNKNOWN, port.host, kind, str(port), problem=error.text)


def _login(
    port: Port, address: str, secret: str, means: Means, asking: Asking | None = None
) -> Iterator[Check]:
    kind = port.protocol.upper()
    try:
        with session(port, means.dial) as opened:
            opened.login(address, secret)
            yield check(said.LOGIN, Status.PASS, address, kind, str(port), address=address)
            if asking and isinstance(opened, Imap):
                yield from asking(opened.box, port)
    except LoginRefused as error:
        word = _refusal(str(error), kind, means.servers.password)
        yield check(said.LOGIN_REFUSED, Status.FAIL, address, kind, str(port), address=address, said=word)
    except (NotNow, Untrusted) as error:
        yield check(said.UNREACHABLE, Status.UNKNOWN, address, kind, str(port), problem=error.text)


def _refusal(reply: str, kind: str, password: Text) -> Text | str:
    """The server's word, after what it means where a public document says so."""
    means = meaning(reply)
    return _MEANS.using(means=means.using(protocol=kind, password=password), reply=reply) if means else reply


def check(rule: Rule, status: Status, name: str, type: str, server: str, **params: object) -> Check:
    """A check in the words of its rule."""
    return Check(rule.id, status, name, type, (), (), server, rule.message.using(**params))
