"""``mail_host`` as a list: a company whose people live at two mail hosts under one domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.spec.tree import Branch, Items, Node

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

#: The path of the second mail host; the first one's is that of a single one.
BESIDE = "mail_host[1]"
_FIRST = "mail_host[0]"
ONE_HOST = rule(
    "at-with-one-mail-host",
    Severity.ERROR,
    en="at: says at which of two mail hosts {name} lives, and the spec has one.",
    zh="at: 用于说明 {name} 在两家邮件服务中的哪一家，而规格中只有一家。",
    hint_en="Remove at:, or write mail_host as a list of two.",
    hint_zh="请去掉 at:，或把 mail_host 写成两项的列表。",
)
NO_SUCH_HOST = rule(
    "at-unknown-mail-host",
    Severity.ERROR,
    en="{name} is to live at {value}, which is none of the two mail hosts.",
    zh="{name} 的 at: 写的是 {value}，不是两家邮件服务之一。",
    hint_en="Write one of them: {hosts}.",
    hint_zh="请写其中之一：{hosts}。",
)
SAME_TWICE = rule(
    "mail-host-twice",
    Severity.ERROR,
    en="Both entries of mail_host are {service}: at: could not tell them apart.",
    zh="mail_host 的两项都是 {service}：at: 无法区分它们。",
    hint_en="Two servers of one kind hand each other mail by their own means: write the one that takes it.",
    hint_zh="同一种服务器之间可自行转交邮件：请只写收信的那一台。",
)


def parted(root: Branch, positions: dict[str, Position]) -> Branch:
    """The root with each of two mail hosts at a key of its own; ``positions`` get the first one's lines."""
    node = root.items.get("mail_host")
    hosts = [host for host in node.items if isinstance(host, Branch)] if isinstance(node, Items) else []
    if not hosts:
        return root
    for path, position in tuple(positions.items()):
        if path.startswith(f"{_FIRST}."):
            positions["mail_host" + path[len(_FIRST) :]] = position
    items: dict[str, Node] = {**root.items, "mail_host": hosts[0]}
    if len(hosts) == 1:  # a list of one is one
        return replace(root, items=items)
    keys = {**root.keys, BESIDE: hosts[1].position}
    return replace(root, items={**items, BESIDE: hosts[1]}, keys=keys)


def services(builder: Builder) -> tuple[str, ...]:
    """The two mail hosts' names; empty where the spec has one."""
    if not builder.branch(BESIDE).items:
        return ()
    return tuple(builder.text(builder.branch(path), "service") for path in ("mail_host", BESIDE))


def place(builder: Builder, branch: Branch, path: str, name: str) -> str:
    """At which of two mail hosts somebody lives (``at:``); '' where that is not written."""
    text = builder.text(branch, "at")
    hosts = services(builder)
    if text and not hosts:
        builder.say(ONE_HOST, f"{path}.at", name=name)
    elif text and text not in hosts:
        say = {"name": name, "value": text, "hosts": ", ".join(hosts)}
        builder.say(NO_SUCH_HOST, f"{path}.at", **say)
    return text
