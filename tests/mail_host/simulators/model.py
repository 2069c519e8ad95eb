"""The words of the interface: steps, outcomes, mail and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["done", "refused", "undocumented"]
EventKind = Literal[
    "delivered", "copied", "forwarded", "auto_reply", "rejected", "held", "dropped", "withheld"
]

ACTIONS: dict[str, str] = {
    "create_user": "subject: new address; role ('user', 'creator', 'super_admin'), licensed (True)",
    "rename_user": "subject: user; to: new address",
    "add_alias": "subject: user, shared mailbox or group; alias: new address",
    "remove_alias": "subject: owner; alias",
    "suspend_user": "subject: user; the host's own way of shutting a person out (suspend, disable, freeze)",
    "unsuspend_user": "subject: user",
    "block_sign_in": "subject: user; the same as suspend_user, in Microsoft's words",
    "unblock_sign_in": "subject: user",
    "delete_user": "subject: user",
    "restore_user": "subject: address of a deleted user",
    "release_address": "subject: address of a deleted user, or an alias",
    "remove_license": "subject: user",
    "assign_license": "subject: user",
    "set_license_count": "subject: the domain; count: licences of the tenant (unlimited until set)",
    "create_group": "subject: new address; name, members, owners, moderators, posting, listed, type",
    "delete_group": "subject: group",
    "rename_group": "subject: group; to: new address",
    "add_member": "subject: group; member, by ('admin' or 'owner')",
    "remove_member": "subject: group; member",
    "remove_owner": "subject: group; owner",
    "set_group_posting": "subject: group; level, listed, refused ('hold' or 'bounce'), by ('admin' or 'owner')",
    "set_moderation": "subject: group; on, moderators, bypass",
    "create_shared_mailbox": "subject: new address; name, users",
    "convert_to_shared": "subject: user",
    "convert_to_user": "subject: converted mailbox",
    "grant_access": "subject: shared mailbox; to: user, right ('full' or 'send_as')",
    "revoke_access": "subject: shared mailbox; to: user",
    "set_forward": "subject: mailbox; to (address or addresses), keep_copy, by ('admin' or 'user')",
    "clear_forward": "subject: mailbox",
    "grant_forwarding": "subject: mailbox, or '*' for all",
    "allow_external_forward": "subject: the domain, or one mailbox; on",
    "confirm_address": "subject: outside address, whose holder confirms a forward or accepts an invitation",
    "add_rule": "subject: mailbox; name, when (conditions), do (actions), stop",
    "remove_rule": "subject: mailbox; name",
    "set_autoreply": "subject: mailbox; text, outside_text, start, until, audience, contacts, interval_days",
    "clear_autoreply": "subject: mailbox",
    "add_route": "subject: name of the route; kind ('catch_all' or 'map'), address, to, original, outside_only",
    "remove_route": "subject: name of the route",
    "add_transport_rule": "subject: name of the rule; when (conditions), do (actions), stop",
    "remove_transport_rule": "subject: name of the rule",
}
"""The closed list of actions, each with its subject and values."""


@dataclass(frozen=True)
class Step:
    """One action of an administrator (or, where the values say so, of a user)."""

    action: str
    subject: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of a step.

    ``status`` is ``undocumented`` as soon as the outcome rests on a question the documents do not answer; ``taken``
    then says which way the draw went.  ``facts`` are the behaviour ids the outcome rests on; those that are not in
    :data:`tests.mail_host.simulators.facts.FACTS` are silent questions (or ``base:`` axioms).
    """

    status: Status
    taken: bool
    reason: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mail:
    """One message for one recipient; an empty sender is the null sender."""

    sender: str
    recipient: str
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int = 1000
    spam: bool = False


@dataclass(frozen=True)
class Event:
    """One thing that happened to a message.

    ``target`` is the mailbox, outside address, group or sender concerned.  ``form_only`` marks an undocumented event
    of which the non-delivery is documented and only its form (bounce or silence) is not.
    """

    kind: EventKind
    target: str
    folder: str = ""
    text: str = ""
    code: str = ""
    facts: tuple[str, ...] = ()
    undocumented: bool = False
    form_only: bool = False


@dataclass(frozen=True)
class Delivery:
    """All that happened to a message, and what was withheld (a reply not sent, a copy not made) and why."""

    events: list[Event]
    withheld: list[Event]

    @property
    def undocumented(self) -> bool:
        """Whether any part of the delivery rests on a question the documents do not answer."""
        return any(event.undocumented for event in (*self.events, *self.withheld))

    def of(self, kind: EventKind) -> list[Event]:
        """The events of one kind."""
        return [event for event in (*self.events, *self.withheld) if event.kind == kind]

    def reached(self, address: str) -> bool | None:
        """Whether the message got to an address; ``None`` where that is not known."""
        got = [
            e for e in self.events if e.target == address and e.kind in ("delivered", "copied", "forwarded")
        ]
        if got:
            return True if any(not event.undocumented for event in got) else None
        doubt = [
            event for event in (*self.events, *self.withheld) if event.undocumented and not event.form_only
        ]
        elsewhere = ("auto_reply", "withheld", "delivered", "copied", "forwarded")
        return (
            None if any(event.target == address or event.kind not in elsewhere for event in doubt) else False
        )
