"""What the mail host allows at most, held against planned mailboxes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mailwright.catalog import service
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


def findings(spec: MailSpec, made: Mailboxes) -> Iterator[Finding]:
    """Mailboxes with more addresses than the host gives them."""
    host = service(spec.mail_host.service)
    most = host.limits.get("aliases_per_mailbox") if host else None
    if host is None or most is None:
        return
    # An address of one target is an alias of it; one that several get is a group.
    aliases = Counter(each.to[0] for each in made.routes if len(each.to) == 1)
    for box in made.mailboxes:
        count = aliases[box.address]
        if count > most:
            say: dict[str, object] = {
                "mailbox": box.address,
                "count": count,
                "most": most,
                "service": host.names,
            }
            yield Finding(TOO_MANY_ALIASES.id, "", box.position, say)
