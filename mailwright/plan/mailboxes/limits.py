"""What the mail host allows at most, held against planned mailboxes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from mailwright.catalog import service
from mailwright.catalog.service import Service
from mailwright.model.finding import Finding
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.rules import Severity, rule
from mailwright.spec.model import MailSpec

TOO_MANY_ALIASES = rule(
    "too-many-aliases",
    Severity.WARNING,
    en="{mailbox} would have {count} aliases; {service} allows {most}.",
    zh="{mailbox} 会有 {count} 个别名；{service} 最多允许 {most} 个。",
    hint_en="Make some of them groups (a second person in to:) or shared mailboxes (shared: true).",
    hint_zh="请把其中一些改为群组（to: 中再加一人）或共享邮箱（shared: true）。",
)

TOO_WIDE = rule(
    "address-too-wide",
    Severity.ERROR,
    en="Mail to {address} would go to {count} addresses at once; {service} takes at most {most} and puts off "
    "the mail again and again until it comes back.",
    zh="发往 {address} 的邮件要同时送达 {count} 个地址；{service} 最多允许 {most} 个，"
    "超出时邮件会一再推迟直至退回。",
    hint_en="Let a mailing list manager send it on, or split the address into several that are written to "
    "one by one.",
    hint_zh="请改用邮件列表程序分发，或拆成几个地址分别发送。",
)


def findings(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """Mailboxes with more addresses, and addresses with more targets, than the host gives them."""
    host = service(spec.mail_host.service)
    if host is not None:
        yield from _aliases(host, mailboxes)
        yield from _targets(host, mailboxes)


def _targets(host: Service, mailboxes: Mailboxes) -> Iterator[Finding]:
    """An address is expanded to its last target in one go (postconf(5), virtual_alias_expansion_limit)."""
    most = host.limits.get("targets_per_address")
    routes = {route.address: route.to for route in mailboxes.routes}
    if most is None or len(mailboxes.mailboxes) + sum(map(len, routes.values())) <= most:
        return
    for mailbox_route in mailboxes.routes:
        count = _leaves(routes, mailbox_route.address)
        if count > most:
            say: dict[str, object] = {"count": count, "most": most, "service": host.names}
            yield Finding(TOO_WIDE.id, "", mailbox_route.position, {"address": mailbox_route.address, **say})


def _leaves(routes: Mapping[str, tuple[str, ...]], address: str) -> int:
    seen: set[str] = set()
    todo = [address]
    while todo:
        leaf = todo.pop()
        if leaf not in seen:
            seen.add(leaf)
            todo += routes.get(leaf, ())
    return len(seen - routes.keys())


def _aliases(host: Service, mailboxes: Mailboxes) -> Iterator[Finding]:
    most = host.limits.get("aliases_per_mailbox")
    if most is None:
        return
    # An address of one target is an alias of it; one that several get is a group.
    aliases = Counter(route.to[0] for route in mailboxes.routes if len(route.to) == 1)
    for box in mailboxes.mailboxes:
        count = aliases[box.address]
        if count > most:
            say: dict[str, object] = {
                "mailbox": box.address,
                "count": count,
                "most": most,
                "service": host.names,
            }
            yield Finding(TOO_MANY_ALIASES.id, "", box.position, say)
