"""Actions on groups and distribution lists."""

from __future__ import annotations

from tests.mail_host.simulators import values as read
from tests.mail_host.simulators.accounts import missing
from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.model import Outcome, Step
from tests.mail_host.simulators.names import refuse_address
from tests.mail_host.simulators.world import Context, Group


def create_group(ctx: Context, step: Step) -> Outcome:
    """Make a group."""
    ground = ctx.ground()
    group = Group(step.subject.lower(), read.text(step.values, "name", step.subject))
    group.owners = list(read.addresses(step.values, "owners"))
    group.moderators = read.addresses(step.values, "moderators")
    members = read.addresses(step.values, "members")
    reason = (
        refuse_address(ctx, ground, step.subject, "group")
        or _refuse_name(ctx, ground, group)
        or _refuse_members(ctx, ground, group, members)
        or _set_kind(ground, group, step)
    )
    if reason:
        return ground.refused(reason)
    ctx.world.groups[group.address] = group
    ground.cite("group.moderated_default")
    ground.base("setting")
    return ground.done()


def _refuse_name(ctx: Context, ground: Ground, group: Group) -> str:
    """Why the display name of a group, or one more group, is refused."""
    same = any(other.name == group.name for other in ctx.world.groups.values())
    if same and ground.yes("group.name_unique"):
        return "a group of that name exists"
    if not ground.within("group.name_bytes", len(group.name.encode())):
        return "name too long"
    return "" if ground.within("group.count", len(ctx.world.groups) + 1) else "too many groups"


def _refuse_members(ctx: Context, ground: Ground, group: Group, members: tuple[str, ...]) -> str:
    """Why the first members of a group are refused; adds them."""
    if not members and ground.yes("group.needs_member"):
        return "a group needs a member"
    for member in members:
        reason = _admit(ctx, ground, group, member, "admin")
        if reason:
            return reason
    return ""


def _set_kind(ground: Ground, group: Group, step: Step) -> str:
    """Set who may post as the type or the level given says; why that is refused."""
    kind = read.text(step.values, "type")
    level = read.text(step.values, "posting")
    if kind and not level:
        types = dict(item.split("=", 1) for item in ground.many("group.types"))
        if kind not in types:
            return "no such type of group"
        level = types[kind]
        group.moderated = level == "moderated"
        level = "anyone" if group.moderated else level
        group.posting = level
        return ""
    return _set_level(ground, group, level, read.addresses(step.values, "listed")) if level else ""


def _set_level(ground: Ground, group: Group, level: str, listed: tuple[str, ...]) -> str:
    """Set who may post; why that is refused."""
    if level not in ground.many("group.levels"):
        return "no such level of posting"
    if level in ("listed", "members_listed"):
        if not listed and ground.yes("group.listed_needs_list"):
            return "the listed senders are missing"
        if not ground.within("group.listed_limit", len(listed)):
            return "too many listed senders"
    if level == "anyone":
        ground.cite("group.anyone_outside")
    group.posting, group.listed = level, listed
    return ""


def delete_group(ctx: Context, step: Step) -> Outcome:
    """Delete a group."""
    if ctx.world.groups.pop(step.subject.lower(), None) is None:
        return missing(ctx, "group")
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def rename_group(ctx: Context, step: Step) -> Outcome:
    """Give a group another address."""
    group = ctx.world.groups.get(step.subject.lower())
    if group is None:
        return missing(ctx, "group")
    ground = ctx.ground()
    if not ground.yes("group.rename"):
        return ground.refused("the address of a group cannot be changed")
    new = read.text(step.values, "to").lower()
    reason = refuse_address(ctx, ground, new, "group")
    if reason:
        return ground.refused(reason)
    del ctx.world.groups[group.address]
    group.address = new
    ctx.world.groups[new] = group
    return ground.done()


def add_member(ctx: Context, step: Step) -> Outcome:
    """Add a member to a group."""
    group = ctx.world.groups.get(step.subject.lower())
    if group is None:
        return missing(ctx, "group")
    ground = ctx.ground()
    member = read.text(step.values, "member").lower()
    reason = _admit(ctx, ground, group, member, read.text(step.values, "by", "admin"))
    if reason:
        return ground.refused(reason)
    ground.base("setting")
    return ground.done("waiting for the invitation to be accepted" if member in group.pending else "")


def _admit(ctx: Context, ground: Ground, group: Group, member: str, by: str) -> str:
    """Add a member; why that is refused."""
    if not ground.within("group.max_members", len(group.members) + 1):
        return "too many members"
    if ctx.world.inside(member):
        owner = ctx.world.owner_of(member)
        if owner is None:
            ground.base("exists")
            return "no such member"
        if isinstance(owner, Group) and not ground.yes("group.nested"):
            return "a group cannot be a member"
    else:
        key = "group.outside_members_by_owner" if by == "owner" else "group.outside_members"
        if not ground.yes(key):
            return "outside members are not allowed"
        if member not in ctx.world.confirmed and ground.yes("group.external_invite"):
            group.pending.add(member)
    if member not in group.members:
        group.members.append(member)
    return ""


def remove_member(ctx: Context, step: Step) -> Outcome:
    """Take a member out of a group."""
    group = ctx.world.groups.get(step.subject.lower())
    member = read.text(step.values, "member").lower()
    if group is None or member not in group.members:
        return missing(ctx, "member")
    ground = ctx.ground()
    if len(group.members) == 1 and ground.yes("group.keeps_member"):
        return ground.refused("a group keeps a member")
    group.members.remove(member)
    ground.base("setting")
    return ground.done()


def remove_owner(ctx: Context, step: Step) -> Outcome:
    """Take an owner off a group."""
    group = ctx.world.groups.get(step.subject.lower())
    owner = read.text(step.values, "owner").lower()
    if group is None or owner not in group.owners:
        return missing(ctx, "owner")
    ground = ctx.ground()
    if len(group.owners) == 1 and ground.yes("group.owner_needed"):
        return ground.refused("a group keeps an owner")
    group.owners.remove(owner)
    ground.base("setting")
    return ground.done()


def _fixed(ground: Ground, group: Group) -> bool:
    """Whether the settings of a group of a reserved name are fixed."""
    reserved = group.address.partition("@")[0] in ("abuse", "postmaster")
    return reserved and ground.cite("group.reserved_settings") is False


def set_group_posting(ctx: Context, step: Step) -> Outcome:
    """Say who may post to a group, and what becomes of what others send."""
    group = ctx.world.groups.get(step.subject.lower())
    if group is None:
        return missing(ctx, "group")
    ground = ctx.ground()
    if _fixed(ground, group):
        return ground.refused("the settings of this group are fixed")
    level = read.text(step.values, "level", group.posting)
    opened = level == "anyone" and read.text(step.values, "by", "admin") == "owner"
    if opened and not ground.yes("group.outside_posting_by_owner"):
        return ground.refused("owners cannot let outside senders post")
    reason = _set_level(ground, group, level, read.addresses(step.values, "listed")) if level else ""
    refused = read.text(step.values, "refused")
    if not reason and refused and not ground.yes("group.refused_settable"):
        reason = "what becomes of refused messages cannot be set"
    if reason:
        return ground.refused(reason)
    group.refused = refused or group.refused
    return ground.done()


def set_moderation(ctx: Context, step: Step) -> Outcome:
    """Turn moderation on or off."""
    group = ctx.world.groups.get(step.subject.lower())
    if group is None:
        return missing(ctx, "group")
    ground = ctx.ground()
    if _fixed(ground, group):
        return ground.refused("the settings of this group are fixed")
    moderators = read.addresses(step.values, "moderators") or group.moderators
    if not ground.within("moderation.approvers_max", len(moderators)):
        return ground.refused("too many moderators")
    group.moderated = read.flag(step.values, "on", True)
    group.moderators = moderators
    group.bypass = read.addresses(step.values, "bypass")
    ground.base("setting")
    return ground.done()
