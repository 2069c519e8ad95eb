"""``moving_from``: the mail host that a company moves away from, read while it moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailwright.model.rules import Severity, rule
from mailwright.spec import rules
from mailwright.spec.model import MailHost, Move, Stage
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

KEYS = frozenset({"stage", "contract_until", "confirmed", "addresses"})
SAME_HOST = rule(
    "move-to-itself",
    Severity.ERROR,
    en="moving_from names {service}, where the mailboxes are to be: nothing would move.",
    zh="moving_from 写的是 {service}，与要迁入的邮件服务相同：没有可迁移的内容。",
    hint_en="Write the new mail host under mail_host, the one that is left under moving_from.",
    hint_zh="新服务写在 mail_host，要迁出的写在 moving_from。",
)
TWO_OWN_SERVERS = rule(
    "move-between-own-servers",
    Severity.ERROR,
    en="Both mail_host and moving_from name tables or scripts for `up` to write; it keeps those of one "
    "server.",
    zh="mail_host 与 moving_from 都要由 `up` 写入表或脚本；`up` 只维护一台服务器上的。",
    hint_en="Keep maps: and sieve: at moving_from until the move is over, and bring those of the new server "
    "there by `mailwright export`.",
    hint_zh="迁移结束前请把 maps: 和 sieve: 保留在 moving_from；"
    "新服务器上的用 `mailwright export` 写出后自行放置。",
)
ADDRESSES_EMPTY = rule(
    "move-addresses-empty",
    Severity.ERROR,
    en="moving_from.addresses names no address: whatever still sends through {service} would fail SPF.",
    zh="moving_from.addresses 没有任何地址：仍通过 {service} 发出的邮件会无法通过 SPF。",
    hint_en="Write ip4 or ip6 as `mailwright migrate SPEC` prints them, or remove addresses.",
    hint_zh="请按 `mailwright migrate 规格` 给出的内容写 ip4 或 ip6，或去掉 addresses。",
    reference="RFC 7208 §5.6",
)

_Networks = Callable[[Branch, str, str], tuple[str, ...]]


def moving(
    builder: Builder, host: Callable[[str], MailHost], networks: _Networks, new: MailHost
) -> Move | None:
    """The part of a spec; ``host`` reads a mail host at a path, ``networks`` addresses of a branch."""
    branch = builder.branch("moving_from")
    if not branch.items:
        return None
    old = host("moving_from")
    if (old.service, old.site, old.mx) == (new.service, new.site, new.mx):
        builder.say(SAME_HOST, "moving_from.service", service=old.service)
    if old.is_written and new.is_written:
        builder.say(TWO_OWN_SERVERS, "moving_from", service=old.service)
    within = inner(branch, "addresses")
    path = "moving_from.addresses"
    addresses = tuple(f"{key}:{network}" for key in ("ip4", "ip6") for network in networks(within, key, path))
    if within.items and not addresses:
        builder.say(ADDRESSES_EMPTY, path, service=old.service)
    stage = builder.text(branch, "stage")
    return Move(
        host=old,
        stage=Stage(stage) if stage in set(Stage) else Stage.PREPARE,
        contract_until=day(builder, branch, "contract_until", "moving_from") or dt.date.max,
        confirmed=_confirmed(builder, inner(branch, "confirmed")),
        addresses=addresses,
        seen=day(builder, within, "seen", path),
        position=builder.positions.get("moving_from"),
    )


def _confirmed(builder: Builder, branch: Branch) -> Mapping[str, dt.date]:
    days = {key: day(builder, branch, key, "moving_from.confirmed") for key in branch.items}
    return {key: on for key, on in days.items() if on}


def inner(branch: Branch, key: str) -> Branch:
    """A block within a block; an empty one where none is written."""
    node = branch.items.get(key)
    return node if isinstance(node, Branch) else Branch({}, {}, branch.position)


def day(builder: Builder, branch: Branch, key: str, path: str) -> dt.date | None:
    """A date, None where none is written."""
    text = builder.text(branch, key)
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        builder.say(rules.BAD_DATE, f"{path}.{key}", value=text)
        return None
