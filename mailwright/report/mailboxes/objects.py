"""The mailbox objects of a plan, a line each: who they are, where their mail goes, and what runs on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailwright.catalog import service_name
from mailwright.model.mailboxes import Mailbox, Mailboxes, Route
from mailwright.model.position import Position
from mailwright.model.text import Lang, Text

HEADS = (
    Text("Kind", "类型"),
    Text("Address", "地址"),
    Text("Goes to", "送达"),
    Text("And", "附加"),
    Text("Why", "用途"),
)
_AT = Text("at {service}", "在{service}")
_KINDS = {
    "person": Text("mailbox", "邮箱"),
    "shared": Text("shared mailbox", "共享邮箱"),
    "alias": Text("alias", "别名"),
    "group": Text("group", "群组"),
    "forward": Text("forward", "外部转发"),
    "handover": Text("handover", "离职交接"),
    "catch-all": Text("catch-all", "catch-all"),
    "archive": Text("archive", "归档"),
    "refused": Text("closed", "已关闭"),
    "suspended": Text("suspended", "已停用"),
}
_RULES = Text("rules: {count}", "{count} 条规则")
_RULES_AT = Text("rules: {count}, run at {router}", "{count} 条规则，在 {router} 执行")
_REPLY = Text("auto-reply", "自动回复")
_COVER = Text("a copy to {to} {start}–{until}", "{start}–{until} 抄送 {to}")
_QUOTA = Text("quota {size} GB", "配额 {size} GB")
_INCOMING = Text("incoming mail", "来信")
_OUTGOING = Text("outgoing mail", "发信")
_SINCE = Text("since {day}", "自 {day} 起")
_NOBODY = Text("", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One object."""

    kind: str
    address: str
    to: tuple[str, ...] = ()
    more: tuple[Text, ...] = ()
    why: Text = _NOBODY
    position: Position | None = None

    def cells(self, lang: Lang) -> list[str]:
        """Kind, address, targets and what runs, in one language."""
        more = ("，" if lang == "zh" else ", ").join(text(lang) for text in self.more)
        return [_KINDS[self.kind](lang), self.address, ", ".join(self.to), more]


def lines(mailboxes: Mailboxes | None) -> tuple[Line, ...]:
    """Every object: mailboxes, then addresses, then what is closed."""
    return tuple(_lines(mailboxes)) if mailboxes else ()


def _lines(mailboxes: Mailboxes) -> Iterator[Line]:
    for box in mailboxes.mailboxes:
        more = (*_place(mailboxes, box.address), *_of_box(box))
        yield Line(box.kind, box.address, box.members, more, box.why, box.position)
    for route in mailboxes.routes:
        more = (*_place(mailboxes, route.address), *_of_route(route))
        yield Line(route.kind, route.address, route.to, more, route.why, route.position)
    if mailboxes.catch_all:
        yield Line(
            "catch-all", f"@{mailboxes.domain}", mailboxes.catch_all, position=mailboxes.catch_all_position
        )
    for mail, table in ((_INCOMING, mailboxes.archive_in), (_OUTGOING, mailboxes.archive_out)):
        for address, target in table.items():
            yield Line("archive", address, (target,), (mail,), position=mailboxes.archive_position)
    for closed in mailboxes.refused:
        yield Line("refused", closed.address, why=closed.why, position=closed.position)
    for gone in mailboxes.suspended:
        since = _SINCE.using(day=gone.since.isoformat())
        yield Line("suspended", gone.address, (), (since,), position=gone.position)


def _place(mailboxes: Mailboxes, address: str) -> Iterator[Text]:
    """Which of two mail hosts has an address."""
    if address in mailboxes.places:
        yield _AT.using(service=service_name(mailboxes.places[address]))


def _of_box(box: Mailbox) -> Iterator[Text]:
    if box.rules:
        yield _RULES.using(count=len(box.rules))
    if box.replies:
        yield _REPLY
    if box.quota:
        yield _QUOTA.using(size=f"{box.quota / (1 << 30):.4g}")
    if box.cover:
        days = box.cover.window
        yield _COVER.using(to=box.cover.to, start=days.start or "", until=days.until or "")


def _of_route(route: Route) -> Iterator[Text]:
    if route.rules:
        yield _RULES_AT.using(count=len(route.rules), router=route.router)
    if route.replies:
        yield _REPLY
