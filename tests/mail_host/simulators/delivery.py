"""The way of one message through a tenant."""

from __future__ import annotations

import dataclasses

from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.mailbox import MailboxRun
from tests.mail_host.simulators.model import Delivery, Event, EventKind, Mail
from tests.mail_host.simulators.posting import may_post, refuse_post
from tests.mail_host.simulators.world import Context, Group, Mailbox, Rule

_TEN_MEGABYTES = 10 * 1024 * 1024
_MAX_HOPS = 10


@dataclasses.dataclass(frozen=True)
class Way:
    """How a message came to where it is: through a group, by a forward, and how many turns it took."""

    kind: EventKind = "delivered"
    via_group: bool = False
    forwarded: bool = False
    hops: int = 0

    def next(self, **changes: object) -> Way:
        """One turn more."""
        return dataclasses.replace(self, hops=self.hops + 1, **changes)  # type: ignore[arg-type]


class Run:
    """The delivery of one message."""

    def __init__(self, ctx: Context, mail: Mail) -> None:
        """Start the delivery of a message."""
        self.ctx = ctx
        self.mail = mail
        self.events: list[Event] = []
        self.withheld: list[Event] = []

    def deliver(self) -> Delivery:
        """Deliver the message."""
        ground = self.ctx.ground()
        if not self._too_large(ground):
            self._accept(ground, self.mail.recipient.lower())
        return Delivery(self.events, self.withheld)

    def say(self, event: Event) -> None:
        """Note an event."""
        (self.withheld if event.kind == "withheld" else self.events).append(event)

    def _too_large(self, ground: Ground) -> bool:
        """Refuse a message that is too large."""
        if self.mail.size <= _TEN_MEGABYTES or ground.within("mail.max_size", self.mail.size):
            return False
        self.say(ground.event("rejected", self.mail.recipient, code="552", text="message too large"))
        return True

    def _accept(self, ground: Ground, recipient: str) -> None:
        """Take a message for an address of the domain through the tenant's rules and routes."""
        if not self.ctx.world.inside(recipient):
            ground.base("relay")
            self.say(ground.event("rejected", recipient, code="550"))
            return
        rules = self._transport_rules()
        if rules and self.ctx.world.owner_of(recipient) is None and ground.yes("unknown.before_rules"):
            rules = []
        if recipient.partition("@")[0] == "postmaster":
            ground.cite("postmaster.mailbox")
        for target, way, step in self._apply(ground, rules, recipient):
            self._map(step, target, way)

    def _transport_rules(self) -> list[Rule]:
        """The tenant's rules that match the message on its way."""
        ground = self.ctx.ground()
        rules = [rule for rule in self.ctx.world.transport if rule.matches(self.mail, self.ctx.world.domain)]
        if not rules:
            return []
        return [] if ground.cite("transport.after_mailbox") else rules

    def _apply(self, ground: Ground, rules: list[Rule], recipient: str) -> list[tuple[str, Way, Ground]]:
        """Apply the tenant's rules; the recipients that are left, each with the way and the ground."""
        targets = [(recipient, Way(), ground)]
        if len(rules) > 1:
            if ground.text("transport.order") == "newest_first":
                rules = rules[::-1]
            if ground.text("transport.stop") == "first_match":
                rules = rules[:1]
        for rule in rules:
            ground.base("rule")
            for name, argument in rule.do:
                if self._end(ground, name, argument, recipient):
                    return []
                if name == "redirect":
                    ground.know("transport.actions")
                    targets = [(argument.lower(), Way().next(), ground)]
                elif name == "bcc":
                    extra = ground.branch()
                    extra.know("transport.actions")
                    targets.append((argument.lower(), Way().next(kind="copied"), extra))
            if rule.stop:
                break
        return targets

    def _end(self, ground: Ground, name: str, argument: str, recipient: str) -> bool:
        """Carry out an action of a rule that ends the way of a message, or marks it as spam."""
        if name == "spam":
            ground.know("transport.actions")
            self.mail = dataclasses.replace(self.mail, spam=True)
            return False
        if name not in ("reject", "delete", "hold"):
            return False
        ground.know("transport.actions")
        if name == "reject":
            code = argument or str(ground.cite("transport.reject_code") or "550")
            self.say(ground.event("rejected", recipient, code=code))
        elif name == "delete":
            ground.cite("transport.delete_ends")
            self.say(ground.event("dropped", recipient))
        else:
            self.say(ground.event("held", recipient, text=argument))
        return True

    def _map(self, ground: Ground, recipient: str, way: Way) -> None:
        """Send a message on as the address maps say."""
        outside = not self.ctx.world.inside(self.mail.sender)
        for route in self.ctx.world.routes:
            if route.kind != "map" or route.address != recipient or (route.outside_only and not outside):
                continue
            step = ground.branch()
            step.know("route.map")
            if route.original:
                self.route(ground, recipient, way)
            else:
                step.know("route.map_original")
            for target in route.to:
                kind: EventKind = "copied" if route.original else "delivered"
                self.route(step, target, way.next(kind=kind))
            return
        self.route(ground, recipient, way)

    def route(self, ground: Ground, recipient: str, way: Way) -> None:
        """Bring a message to an address."""
        if way.hops > _MAX_HOPS:
            ground.base("loop")
            self.say(ground.event("rejected", recipient, code=str(ground.cite("forward.loop_code") or "550")))
            return
        if not self.ctx.world.inside(recipient):
            self.say(ground.event("forwarded", recipient))
            return
        owner = self._find(ground, recipient)
        if owner is None:
            self._nobody(ground, recipient, way)
        elif isinstance(owner, Group):
            self._to_group(ground, owner, way)
        else:
            self._to_box(ground, owner, way)

    def _find(self, ground: Ground, recipient: str) -> Mailbox | Group | None:
        """Whose address this is, as the host reads addresses."""
        world = self.ctx.world
        owner = world.owner_of(recipient)
        if owner is not None:
            return owner if self._works(ground, owner, recipient) else None
        local, _, domain = recipient.partition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        if "+" in local and world.owner_of(plain) is not None and ground.yes("plus.enabled"):
            return world.owner_of(plain)
        for box in world.boxes.values():
            same = box.address.partition("@")[0].replace(".", "") == local.replace(".", "")
            if same and ground.yes("name.dots_ignored"):
                return box
        return None

    def _works(self, ground: Ground, owner: Mailbox | Group, recipient: str) -> bool:
        """Whether an address works already: a new alias may need a day."""
        since = owner.aliases.get(recipient)
        if since is None:
            return True
        ground.base("alias")
        if since < self.ctx.day or ground.text("alias.delay") == "at_once":
            return True
        return ground.coin()

    def _nobody(self, ground: Ground, recipient: str, way: Way) -> None:
        """Deal with a message for nobody, or for somebody who was deleted."""
        gone = next(
            (
                entry
                for entry in self.ctx.world.deleted.values()
                if recipient == entry.box.address or recipient in entry.box.aliases
            ),
            None,
        )
        if gone is not None and not gone.released and ground.text("delete.mail") == "blocked":
            self._blocked(ground, recipient)
        else:
            self._unknown(ground, recipient, way)

    def _unknown(self, ground: Ground, recipient: str, way: Way) -> None:
        """Deal with a message for an address that does not exist."""
        route = self.ctx.world.catch_all()
        target = self.ctx.world.owner_of(route.to[0]) if route is not None else None
        if isinstance(target, Mailbox) and target.address != recipient and way.hops <= _MAX_HOPS:
            ground.know("route.catch_all")
            self._to_box(ground, target, way.next())
            return
        if recipient.partition("@")[0] in ("abuse", "postmaster") and ground.cite("group.host_copy"):
            self.say(ground.event("forwarded", f"the host ({ground.knowledge.host})"))
            return
        certain = not ground.undocumented
        if ground.text("unknown.form") == "dropped":
            self.say(ground.event("dropped", recipient, form_only=certain))
            return
        code = str(ground.cite("unknown.code") or "550")
        self.say(ground.event("rejected", recipient, code=code, form_only=certain))

    def _blocked(self, ground: Ground, recipient: str) -> None:
        """Deal with a message for an account that takes none."""
        certain = not ground.undocumented
        if ground.text("blocked.form") == "dropped":
            self.say(ground.event("dropped", recipient, form_only=certain))
        else:
            self.say(ground.event("rejected", recipient, code="550", form_only=certain))

    def _to_box(self, ground: Ground, box: Mailbox, way: Way) -> None:
        """Bring a message to a mailbox, if the account takes it."""
        if not box.licensed and box.kind == "user" and ground.text("license.remove_mail") == "blocked":
            self._blocked(ground, box.address)
            return
        if box.suspended:
            state = ground.text("suspend.mail")
            if state == "blocked":
                self._blocked(ground, box.address)
                return
            if state == "as_unknown":
                self._suspended_unknown(ground, box, way)
                return
        ground.base("deliver")
        MailboxRun(self, ground, box, way).run()

    def _suspended_unknown(self, ground: Ground, box: Mailbox, way: Way) -> None:
        """Deal with a message for a suspended user whom the host treats as unknown."""
        if self.ctx.world.catch_all() is not None and not ground.yes("route.catch_all_suspended"):
            self._blocked(ground, box.address)
        else:
            self._unknown(ground, box.address, way)

    def _to_group(self, ground: Ground, group: Group, way: Way) -> None:
        """Bring a message to a group, if it may be posted there."""
        reason = ""
        if not way.via_group or ground.text("group.nested_posting") == "checked":
            reason = may_post(self.ctx, ground, group, self.mail)
        if reason:
            self.say(refuse_post(ground, group, self.mail, reason))
        elif not self._held(ground, group):
            self._fan_out(ground, group, way)

    def _held(self, ground: Ground, group: Group) -> bool:
        """Hold a message for moderation, if it is to be held."""
        if self.mail.spam:
            spam = ground.text("group.spam")
            if spam == "held":
                self.say(ground.event("held", group.address, text=_expiry(ground, "moderation.spam_days")))
            elif spam == "dropped":
                self.say(ground.event("dropped", group.address))
            if spam != "deliver":
                return True
        if not group.moderated or self._bypasses(ground, group):
            return False
        if not group.moderators and ground.text("moderation.nobody") == "rejected":
            self.say(ground.event("rejected", group.address, code="550"))
        else:
            ground.base("setting")
            self.say(ground.event("held", group.address, text=_expiry(ground, "moderation.days")))
        return True

    def _bypasses(self, ground: Ground, group: Group) -> bool:
        """Whether the sender's messages are not held."""
        sender = self.mail.sender.lower()
        if sender in group.bypass:
            return ground.yes("moderation.bypass_listed")
        if sender in group.owners:
            return ground.yes("moderation.bypass_owner")
        return sender in group.moderators and ground.yes("moderation.bypass_moderator")

    def _fan_out(self, ground: Ground, group: Group, way: Way) -> None:
        """Give a message to the members of a group."""
        ground.base("group")
        if group.address.partition("@")[0] in ("abuse", "postmaster") and ground.cite("group.host_copy"):
            self.say(ground.event("forwarded", f"the host ({ground.knowledge.host})"))
        if not group.members:
            kind: EventKind = "dropped" if ground.text("group.empty") == "dropped" else "rejected"
            self.say(ground.event(kind, group.address, text="the group has no members", form_only=True))
        for member in group.members:
            step = ground.branch()
            if member == self.mail.sender.lower() and not step.yes("group.sender_copy"):
                self.say(step.event("withheld", member, text="the sender gets no copy"))
            elif member in group.pending:
                step.know("group.external_invite")
                self.say(step.event("withheld", member, text="the invitation is not accepted yet"))
            elif member in self.ctx.world.deleted and self.ctx.world.owner_of(member) is None:
                self._deleted_member(step, member)
            else:
                self.route(step, member, way.next(via_group=True))

    def _deleted_member(self, ground: Ground, member: str) -> None:
        """Deal with a member of a group who was deleted."""
        if ground.text("group.deleted_member") == "skipped":
            self.say(ground.event("withheld", member, text="a deleted member", form_only=True))
        else:
            self.say(ground.event("rejected", member, code="550", form_only=True))


def _expiry(ground: Ground, key: str) -> str:
    """When a held message is given up, where that is documented."""
    days = ground.cite(key)
    return f"given up after {days} days" if days is not None else ""
