"""Cloudflare Email Routing from planned mailboxes: it stores nothing and passes mail on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text

SERVICE = "cloudflare-email-routing"
#: What Email Routing publishes, and locks, by itself.
EXCHANGERS = ".mx.cloudflare.net"
SPF = "v=spf1 include:_spf.mx.cloudflare.net ~all"

NO_MAILBOX = Text(
    "{address}: Cloudflare Email Routing stores no mail. Remove {local} from people: and write "
    "addresses: {{{local}: {{to: NAME@ANOTHER-HOST}}}}",
    "{address}：Cloudflare Email Routing 不存储邮件。请从 people: 中去掉 {local}，改写为 "
    "addresses: {{{local}: {{to: 名称@其他邮箱服务}}}}",
)
GROUP = Text(
    "{address} goes to several ({to}): a rule of Email Routing has one target. Name one, or declare an Email "
    "Worker that passes it on: mail_host: {{service: cloudflare-email-routing, worker: NAME}}",
    "{address} 有多个收件人（{to}）：Email Routing 的一条规则只能有一个目标。请只写一个，或声明负责分发的 "
    "Email Worker：mail_host: {{service: cloudflare-email-routing, worker: 名称}}",
)
NOBODY = Text(
    "{domain}: no address is written, so Email Routing would refuse all mail. Write "
    "addresses: {{info: {{to: …}}}}",
    "{domain}：没有写任何地址，Email Routing 会拒收全部来信。请写 addresses: {{info: {{to: …}}}}",
)
CANNOT = Text(
    "{address} has rules or auto-replies, which Email Routing cannot run. Remove them, or choose another "
    "mail host",
    "{address} 带有规则或自动回复，Email Routing 无法执行。请去掉，或选择其他邮件服务",
)


@dataclass(frozen=True, slots=True)
class Forward:
    """What happens to mail for an address, "@domain" for all others.

    ``action`` is forward (``target`` an address), worker (its name) or drop.
    """

    address: str
    action: str
    target: str = ""
    enabled: bool = True

    @property
    def mail_goes_to(self) -> str:
        """Where it goes, in a few words."""
        return self.target if self.enabled and self.action != "drop" else "–"


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything that Email Routing is to do for one domain. ``problems`` are what it cannot."""

    forwards: tuple[Forward, ...]
    catch_all: Forward | None
    problems: tuple[Text, ...] = ()

    @property
    def destinations(self) -> tuple[str, ...]:
        """The outside addresses, each of which has to agree by a click; sorted."""
        every = (*self.forwards, *((self.catch_all,) if self.catch_all else ()))
        return tuple(sorted({rule.target for rule in every if rule.action == "forward"}))


def routing(mailboxes: Mailboxes, worker: str = "") -> Routing:
    """One rule an address; several targets go to the declared Worker."""
    problems = list(_problems(mailboxes, worker))
    forwards = [_forward(mailboxes, route.address, worker) for route in mailboxes.routes]
    catch_all = None
    if mailboxes.catch_all:
        leaves = tuple(
            dict.fromkeys(leaf for address in mailboxes.catch_all for leaf in mailboxes.leaves(address))
        )
        catch_all = _to(f"@{mailboxes.domain}", leaves, worker)
    return Routing(tuple(forward for forward in forwards if forward), catch_all, tuple(problems))


def _forward(mailboxes: Mailboxes, address: str, worker: str) -> Forward | None:
    return _to(address, mailboxes.leaves(address), worker)


def _to(address: str, leaves: tuple[str, ...], worker: str) -> Forward | None:
    if len(leaves) == 1:
        return Forward(address, "forward", leaves[0])
    return Forward(address, "worker", worker) if leaves and worker else None


def _problems(mailboxes: Mailboxes, worker: str) -> Iterator[Text]:
    for box in mailboxes.mailboxes:
        yield NO_MAILBOX.using(address=box.address, local=box.address.partition("@")[0])
    several = [(route.address, mailboxes.leaves(route.address)) for route in mailboxes.routes]
    catch = tuple(
        dict.fromkeys(leaf for recipient in mailboxes.catch_all for leaf in mailboxes.leaves(recipient))
    )
    for address, leaves in (*several, (f"@{mailboxes.domain}", catch)):
        if len(leaves) > 1 and not worker:
            yield GROUP.using(address=address, to=", ".join(leaves))
    for mailbox_route in mailboxes.routes:
        if mailbox_route.rules or mailbox_route.replies:
            yield CANNOT.using(address=mailbox_route.address)
