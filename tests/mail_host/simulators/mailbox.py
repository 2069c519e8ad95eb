"""What happens to a message in a mailbox: spam folder, rules, forward, automatic reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.replies import why_no_reply
from tests.mail_host.simulators.world import Mailbox, Rule, header

if TYPE_CHECKING:
    from tests.mail_host.simulators.delivery import Run, Way

_FOLDERS = {"delete": "Trash", "mark_read": ""}


class MailboxRun:
    """One message in one mailbox."""

    def __init__(self, run: Run, ground: Ground, box: Mailbox, way: Way) -> None:
        """Take a message into a mailbox."""
        self.run_ = run
        self.ground = ground
        self.box = box
        self.way = way
        self.folder = "Inbox"
        self.kept = True
        self.purged = False
        self.forwards: list[tuple[str, Ground]] = []
        self.rule_replied = False

    def run(self) -> None:
        """Store, sort, forward and answer the message."""
        mail = self.run_.mail
        if mail.spam:
            self.folder = self.ground.text("spam.folder")
        self._rules()
        self._forward()
        self._store()
        self._after()
        for target, ground in self.forwards:
            self._send_on(target, ground)
        self._reply()

    def _rules(self) -> None:
        """Apply the rules of the mailbox."""
        mail, domain = self.run_.mail, self.run_.ctx.world.domain
        rules = [rule for rule in self.box.rules if rule.matches(mail, domain)]
        if not rules or (mail.spam and not self.ground.yes("rule.spam")):
            return
        self.ground.base("rule")
        if len(rules) > 1:
            stop = self.ground.text("rule.stop")
            if stop == "first_match":
                rules = rules[:1]
            elif stop == "flag":
                rules = _until_stop(rules)
        for rule in rules:
            for name, argument in rule.do:
                self._act(name, argument)

    def _act(self, name: str, argument: str) -> None:
        """Carry out one action of a rule."""
        if name == "move":
            self.folder = argument
        elif name in _FOLDERS:
            self.folder = _FOLDERS[name] or self.folder
        elif name == "purge":
            self.purged = True
        elif name == "copy":
            self.run_.say(self.ground.event("copied", self.box.address, folder=argument))
        elif name == "reply":
            self._rule_reply(argument)
        elif name in ("forward", "redirect"):
            ground = self.ground.branch()
            if not self.run_.ctx.world.inside(argument):
                ground.know("forward.rule_same")
                waits = ground.cite("forward.verify_outside_by_user") is True
                if waits and argument.lower() not in self.run_.ctx.world.confirmed:
                    self.run_.say(ground.event("withheld", argument, text="the address is not confirmed"))
                    return
            self.forwards.append((argument.lower(), ground))
        else:
            raise ValueError(f"no such action: {name}")

    def _rule_reply(self, text: str) -> None:
        """Answer by a rule."""
        ground = self.ground.branch()
        ground.know("reply.rule_every")
        self.rule_replied = True
        if self.run_.mail.sender:
            self.run_.say(ground.event("auto_reply", self.run_.mail.sender, text=text))

    def _forward(self) -> None:
        """Add the targets of the mailbox's forward; decide whether a copy is kept."""
        forward = self.box.forward
        if forward is None:
            return
        ground = self.ground.branch()
        if self.run_.mail.spam and not ground.yes("forward.spam"):
            self.run_.say(ground.event("withheld", self.box.address, text="spam is not forwarded"))
            return
        if self._already_forwarded() and not ground.yes("forward.of_forwarded"):
            self.run_.say(ground.event("withheld", self.box.address, text="not forwarded a second time"))
            return
        ready = [target for target in forward.to if target not in forward.pending]
        for target in forward.pending:
            self.run_.say(ground.event("withheld", target, text="the address is not confirmed"))
        self.forwards += [(target, ground.branch()) for target in ready]
        self.kept = forward.keep_copy or not ready

    def _already_forwarded(self) -> bool:
        """Whether the message was forwarded automatically before it came here."""
        auto = header(self.run_.mail, "Auto-Submitted").lower() == "auto-forwarded"
        return self.way.forwarded or auto or bool(header(self.run_.mail, "X-Forwarded-For"))

    def _store(self) -> None:
        """Put the message into its folder."""
        if self.purged:
            self.run_.say(self.ground.event("dropped", self.box.address, text="purged by a rule"))
        elif self.kept:
            self.run_.say(self.ground.event(self.way.kind, self.box.address, folder=self.folder))
        else:
            self.run_.say(self.ground.event("withheld", self.box.address, text="forwarded without a copy"))

    def _after(self) -> None:
        """Apply the tenant's rules that act after delivery."""
        ground = self.ground.branch()
        if not self.run_.ctx.world.transport or not ground.cite("transport.after_mailbox"):
            return
        for rule in self.run_.ctx.world.transport:
            if rule.matches(self.run_.mail, self.run_.ctx.world.domain) and not self.way.forwarded:
                ground.know("transport.actions")
                self.forwards += [(to.lower(), ground.branch()) for name, to in rule.do if name == "forward"]

    def _send_on(self, target: str, ground: Ground) -> None:
        """Forward the message to one target, if the host lets it go."""
        world = self.run_.ctx.world
        if world.inside(target):
            if ground.knowledge.documented("forward.inside_free"):
                ground.know("forward.inside_free")
            self.run_.route(ground, target, self.way.next(kind="copied", forwarded=True))
            return
        allowed = world.outside_forward_allowed or self.box.address in world.outside_forwarders
        if ground.text("forward.outside") != "allowed" and not allowed:
            code = str(ground.cite("forward.outside_code") or "550")
            self.run_.say(
                ground.event("rejected", target, code=code, text="forwarding outside is not allowed")
            )
            return
        self.run_.say(ground.event("forwarded", target))

    def _reply(self) -> None:
        """Send the automatic reply, if one is due."""
        reply = self.box.reply
        sender = self.run_.mail.sender.lower()
        if reply is None:
            return
        ground = self.ground.branch()
        ground.base("dates")
        reason = why_no_reply(self, ground, reply)
        if reason:
            self.run_.say(ground.event("withheld", sender, text=f"no reply: {reason}"))
            return
        self.box.replied[sender] = self.run_.ctx.day
        outside = not self.run_.ctx.world.inside(sender)
        text = reply.outside_text if outside and reply.outside_text else reply.text
        self.run_.say(ground.event("auto_reply", sender, text=text))


def _until_stop(rules: list[Rule]) -> list[Rule]:
    """The rules up to the first that stops the rest."""
    for index, rule in enumerate(rules):
        if rule.stop:
            return rules[: index + 1]
    return rules
