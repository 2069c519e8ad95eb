"""Actions on what happens to mail: forwards, rules, automatic replies, routes, transport rules."""

from __future__ import annotations

from tests.mail_host.simulators import values as read
from tests.mail_host.simulators.accounts import missing
from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.model import Outcome, Step
from tests.mail_host.simulators.world import Context, Forward, Group, Mailbox, Reply, Route, Rule, parse_rule

_COMMON = frozenset({"move", "delete", "forward", "mark_read"})


def set_forward(ctx: Context, step: Step) -> Outcome:
    """Forward the mail of a mailbox."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None:
        return missing(ctx, "mailbox")
    ground = ctx.ground()
    if not box.licensed and box.kind == "user" and ground.yes("forward.needs_license"):
        return ground.refused("forwarding needs a licence")
    granted = box.may_forward or ctx.world.forwarding_for_all
    if not granted and ground.yes("forward.needs_grant"):
        return ground.refused("forwarding is not granted")
    targets = read.addresses(step.values, "to")
    by = read.text(step.values, "by", "admin")
    reason = _refuse_targets(ctx, ground, targets, by)
    if reason:
        return ground.refused(reason)
    pending = frozenset(target for target in targets if needs_confirmation(ctx, ground, target, by))
    chosen = "keep_copy" in step.values
    keep = read.flag(step.values, "keep_copy") if chosen else ground.yes("forward.keep_copy_default")
    box.forward = Forward(targets, keep, pending)
    return ground.done("waiting for confirmation" if pending else "")


def _refuse_targets(ctx: Context, ground: Ground, targets: tuple[str, ...], by: str) -> str:
    """Why the targets of a forward are refused."""
    if not targets or not ground.within("forward.limit", len(targets)):
        return "too many targets" if targets else "no target"
    for target in targets:
        if isinstance(ctx.world.owner_of(target), Group) and not ground.yes("forward.to_group"):
            return "a group cannot be the target"
        if ctx.world.inside(target):
            continue
        if ground.text("forward.outside") == "refused_on_set":
            return "forwarding outside is not allowed"
        if by == "admin" and ground.cite("forward.admin_outside") is False:
            return "the administrator forwards inside only"
    return ""


def needs_confirmation(ctx: Context, ground: Ground, target: str, by: str) -> bool:
    """Whether the holder of a target must confirm before mail is forwarded to it."""
    if target in ctx.world.confirmed:
        return False
    if ctx.world.inside(target):
        asked = by == "user" or ground.knowledge.documented("forward.verify_inside")
        return asked and ground.yes("forward.verify_inside")
    if ground.knowledge.answer("forward.outside") == "refused_on_send":
        return False
    return ground.yes(f"forward.verify_outside_by_{by}")


def clear_forward(ctx: Context, step: Step) -> Outcome:
    """Stop forwarding the mail of a mailbox."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or box.forward is None:
        return missing(ctx, "forward")
    box.forward = None
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def grant_forwarding(ctx: Context, step: Step) -> Outcome:
    """Let a mailbox, or all, use forwarding."""
    ground = ctx.ground()
    if step.subject == "*":
        ctx.world.forwarding_for_all = True
    else:
        box = ctx.world.boxes.get(step.subject.lower())
        if box is None:
            return missing(ctx, "mailbox")
        box.may_forward = True
    if ground.cite("forward.needs_grant") is None:
        ground.base("setting")
    return ground.done()


def allow_external_forward(ctx: Context, step: Step) -> Outcome:
    """Let automatic forwards leave the organization, or not."""
    ground, on = ctx.ground(), read.flag(step.values, "on", True)
    ground.know("forward.outside")
    box = step.subject.lower()
    if "@" not in box:
        ctx.world.outside_forward_allowed = on
        return ground.done()
    if not ground.yes("forward.outside_one"):
        return ground.refused("it is allowed to all or to nobody")
    if on:
        ctx.world.outside_forwarders.add(box)
    else:
        ctx.world.outside_forwarders.discard(box)
    return ground.done()


def confirm_address(ctx: Context, step: Step) -> Outcome:
    """An outside holder confirms a forward or accepts an invitation."""
    address = step.subject.lower()
    ctx.world.confirmed.add(address)
    for group in ctx.world.groups.values():
        group.pending.discard(address)
    for box in ctx.world.boxes.values():
        if box.forward is not None and address in box.forward.pending:
            box.forward = Forward(box.forward.to, box.forward.keep_copy, box.forward.pending - {address})
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def add_rule(ctx: Context, step: Step) -> Outcome:
    """Add a rule to a mailbox."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None:
        return missing(ctx, "mailbox")
    ground = ctx.ground()
    rule = parse_rule(read.text(step.values, "name", f"rule {len(box.rules) + 1}"), step.values)
    rare = [name for name, _ in rule.do if name not in _COMMON and name != "reply"]
    if rare and any(name not in ground.many("rule.actions") for name in rare):
        return ground.refused("no such action")
    if "not_subject_contains" in rule.when and not ground.yes("rule.exceptions"):
        return ground.refused("no exceptions")
    if not ground.within("rule.conditions_max", len(rule.when)):
        return ground.refused("too many conditions")
    if not ground.within("rule.limit", len(box.rules) + 1):
        return ground.refused("too many rules")
    box.rules.append(rule)
    ground.base("setting")
    return ground.done()


def remove_rule(ctx: Context, step: Step) -> Outcome:
    """Take a rule off a mailbox."""
    box = ctx.world.boxes.get(step.subject.lower())
    name = read.text(step.values, "name")
    if box is None or all(rule.name != name for rule in box.rules):
        return missing(ctx, "rule")
    box.rules = [rule for rule in box.rules if rule.name != name]
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def set_autoreply(ctx: Context, step: Step) -> Outcome:
    """Turn an automatic reply on, or change it."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None:
        return missing(ctx, "mailbox")
    ground = ctx.ground()
    audience = read.text(step.values, "audience", "everyone")
    if audience == "inside" and ground.cite("reply.outside") is False:
        audience = "everyone"  # outsiders get what is written for them, and nothing is
    if audience != "everyone" and audience not in ground.many("reply.audiences"):
        return ground.refused("no such audience")
    interval = read.number(step.values, "interval_days") if "interval_days" in step.values else None
    if interval is not None and not ground.yes("reply.interval_settable"):
        return ground.refused("the interval cannot be set")
    if box.reply is not None and box.replied and ground.yes("reply.edit_resets"):
        box.replied = {}
    box.reply = Reply(
        read.text(step.values, "text"),
        read.text(step.values, "outside_text"),
        read.day(step.values, "start"),
        read.day(step.values, "until"),
        audience,
        read.addresses(step.values, "contacts"),
        interval,
    )
    ground.base("setting")
    return ground.done()


def clear_autoreply(ctx: Context, step: Step) -> Outcome:
    """Turn an automatic reply off."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or box.reply is None:
        return missing(ctx, "automatic reply")
    box.reply = None
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def add_route(ctx: Context, step: Step) -> Outcome:
    """Add a catch-all address or an address map."""
    ground = ctx.ground()
    route = Route(
        step.subject,
        read.text(step.values, "kind"),
        read.text(step.values, "address").lower(),
        read.addresses(step.values, "to"),
        read.flag(step.values, "original"),
        read.flag(step.values, "outside_only"),
    )
    if route.kind not in ("catch_all", "map"):
        raise ValueError(f"no such kind of route: {route.kind}")
    reason = (
        _refuse_catch_all(ctx, ground, route)
        if route.kind == "catch_all"
        else _refuse_map(ctx, ground, route)
    )
    if reason:
        return ground.refused(reason)
    ctx.world.routes.append(route)
    return ground.done()


def _refuse_catch_all(ctx: Context, ground: Ground, route: Route) -> str:
    """Why a catch-all address is refused."""
    if not ground.yes("route.catch_all"):
        return "there is no catch-all address"
    if len(route.to) != 1:
        ground.base("exists")
        return "a catch-all has one target"
    known = isinstance(ctx.world.owner_of(route.to[0]), Mailbox)
    return "the target must be a mailbox" if not known and ground.yes("route.catch_all_needs_mailbox") else ""


def _refuse_map(ctx: Context, ground: Ground, route: Route) -> str:
    """Why an address map is refused."""
    if not ground.yes("route.map"):
        return "there are no address maps"
    if not route.to or not route.address:
        ground.base("exists")
        return "a map needs an address and a target"
    if not ground.within("route.map_targets", len(route.to)):
        return "too many targets"
    count = sum(other.kind == "map" for other in ctx.world.routes) + 1
    if not ground.within("route.map_limit", count):
        return "too many mapped addresses"
    if route.outside_only and not ground.yes("route.map_outside_only"):
        return "not possible for outside mail only"
    return ""


def remove_route(ctx: Context, step: Step) -> Outcome:
    """Take a route away."""
    if all(route.name != step.subject for route in ctx.world.routes):
        return missing(ctx, "route")
    ctx.world.routes = [route for route in ctx.world.routes if route.name != step.subject]
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def add_transport_rule(ctx: Context, step: Step) -> Outcome:
    """Add a rule for all mail of the tenant."""
    ground = ctx.ground()
    rule = parse_rule(step.subject, step.values)
    reason = _refuse_transport(ctx, ground, rule)
    if reason:
        return ground.refused(reason)
    ctx.world.transport.append(rule)
    return ground.done()


def _refuse_transport(ctx: Context, ground: Ground, rule: Rule) -> str:
    """Why a rule for all mail is refused."""
    if any(name not in ground.many("transport.actions") for name, _ in rule.do):
        return "no such action"
    for name, argument in rule.do:
        to_group = name == "bcc" and isinstance(ctx.world.owner_of(argument.lower()), Group)
        if to_group and not ground.yes("transport.bcc_group"):
            return "a group cannot be added in Bcc"
    return "" if ground.within("transport.limit", len(ctx.world.transport) + 1) else "too many rules"


def remove_transport_rule(ctx: Context, step: Step) -> Outcome:
    """Take a rule for all mail away."""
    if all(rule.name != step.subject for rule in ctx.world.transport):
        return missing(ctx, "rule")
    ctx.world.transport = [rule for rule in ctx.world.transport if rule.name != step.subject]
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()
