"""Actions on users: making, naming, shutting out, deleting, restoring, licensing."""

from __future__ import annotations

from tests.mail_host.simulators import values as read
from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.model import Outcome, Step
from tests.mail_host.simulators.names import refuse_address
from tests.mail_host.simulators.world import Context, Deleted, Group, Mailbox


def missing(ctx: Context, what: str) -> Outcome:
    """The refusal of an action whose subject does not exist."""
    ground = ctx.ground()
    ground.base("exists")
    return ground.refused(f"no such {what}")


def create_user(ctx: Context, step: Step) -> Outcome:
    """Make a user."""
    ground = ctx.ground()
    reason = refuse_address(ctx, ground, step.subject, "user")
    licensed = read.flag(step.values, "licensed", True)
    if not reason and licensed and not free_license(ctx, ground):
        reason = "no free licence"
    if reason:
        return ground.refused(reason)
    address = step.subject.lower()
    since = None if licensed else ctx.day
    ctx.world.boxes[address] = Mailbox(
        address, role=read.text(step.values, "role", "user"), licensed=licensed, unlicensed_since=since
    )
    ground.base("setting")
    return ground.done()


def free_license(ctx: Context, ground: Ground) -> bool:
    """Whether the tenant has a licence to give."""
    if ctx.world.licenses is None:
        return True
    ground.base("license")
    held = [box for box in ctx.world.boxes.values() if box.licensed and box.kind == "user"]
    if len(held) < ctx.world.licenses:
        return True
    if any(box.suspended for box in held) and not ground.yes("license.suspended_counts"):
        return sum(not box.suspended for box in held) < ctx.world.licenses
    return False


def rename_user(ctx: Context, step: Step) -> Outcome:
    """Give a user another address."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None:
        return missing(ctx, "user")
    ground = ctx.ground()
    if not ground.yes("rename.allowed"):
        return ground.refused("the address of a user cannot be changed")
    new = read.text(step.values, "to").lower()
    reason = refuse_address(ctx, ground, new, "user")
    if reason:
        return ground.refused(reason)
    del ctx.world.boxes[box.address]
    if ground.yes("rename.keeps_old"):
        box.aliases[box.address] = ctx.day
    box.address = new
    ctx.world.boxes[new] = box
    return ground.done()


def add_alias(ctx: Context, step: Step) -> Outcome:
    """Give a user, a shared mailbox or a group another address."""
    owner = ctx.world.owner_of(step.subject.lower())
    if owner is None:
        return missing(ctx, "address")
    ground = ctx.ground()
    alias = read.text(step.values, "alias")
    reason = refuse_address(ctx, ground, alias, "group_alias" if isinstance(owner, Group) else "alias")
    if not reason:
        reason = _refuse_alias(ground, owner, alias)
    if reason:
        return ground.refused(reason)
    owner.aliases[alias.lower()] = ctx.day
    ground.base("setting")
    return ground.done()


def _refuse_alias(ground: Ground, owner: Mailbox | Group, alias: str) -> str:
    """Why an alias is one too many, or too long."""
    shared = isinstance(owner, Mailbox) and owner.kind == "shared"
    if shared and not ground.within("shared.alias_bytes", len(alias.encode())):
        return "alias too long"
    key = "shared.alias_limit" if shared else "alias.limit"
    return "" if ground.within(key, len(owner.aliases) + 1) else "too many aliases"


def remove_alias(ctx: Context, step: Step) -> Outcome:
    """Take an alias away."""
    owner = ctx.world.owner_of(step.subject.lower())
    alias = read.text(step.values, "alias").lower()
    if owner is None or alias not in owner.aliases:
        return missing(ctx, "alias")
    del owner.aliases[alias]
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def suspend_user(ctx: Context, step: Step) -> Outcome:
    """Shut a user out, in the host's own way."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None:
        return missing(ctx, "user")
    ground = ctx.ground()
    if box.role in ("creator", "super_admin") and box.role in ground.many("suspend.protected"):
        return ground.refused("this account cannot be disabled")
    box.suspended = True
    ground.base("setting")
    return ground.done()


def unsuspend_user(ctx: Context, step: Step) -> Outcome:
    """Let a user in again."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or not box.suspended:
        return missing(ctx, "suspended user")
    box.suspended = False
    ground = ctx.ground()
    if ground.cite("suspend.undo") is None:
        ground.base("setting")
    return ground.done()


def delete_user(ctx: Context, step: Step) -> Outcome:
    """Delete a user."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None:
        return missing(ctx, "user")
    ground = ctx.ground()
    if box.forward is not None or box.converted:
        blocked = ground.many("delete.blocked_by")
        if box.forward is not None and "forward" in blocked:
            return ground.refused("the account forwards its mail")
        if box.converted and "shared" in blocked:
            return ground.refused("the account anchors a shared mailbox")
    del ctx.world.boxes[box.address]
    ctx.world.deleted[box.address] = Deleted(box, ctx.day)
    ground.base("setting")
    return ground.done()


def restore_user(ctx: Context, step: Step) -> Outcome:
    """Bring a deleted user back."""
    gone = ctx.world.deleted.get(step.subject.lower())
    if gone is None:
        return missing(ctx, "deleted user")
    ground = ctx.ground()
    reason = _refuse_restore(ctx, ground, gone)
    if reason:
        return ground.refused(reason)
    if gone.box.suspended:
        gone.box.suspended = ground.yes("restore.suspended_stays")
    del ctx.world.deleted[gone.box.address]
    ctx.world.boxes[gone.box.address] = gone.box
    return ground.done()


def _refuse_restore(ctx: Context, ground: Ground, gone: Deleted) -> str:
    """Why a deleted user cannot be restored; drops aliases given away meanwhile where the host does so."""
    if (ctx.day - gone.day).days > ground.number("restore.days"):
        return "deleted too long ago"
    if gone.released and ground.yes("release.final"):
        return "the address was released"
    if ctx.world.owner_of(gone.box.address) is not None:
        ground.know("restore.name_taken")
        return "the name is taken"
    clashes = [alias for alias in gone.box.aliases if ctx.world.owner_of(alias) is not None]
    if clashes and ground.text("restore.alias_taken") == "refused":
        return "an alias is taken"
    if gone.box.licensed and not free_license(ctx, ground) and ground.yes("license.restore_needs"):
        return "no free licence"
    for alias in clashes:
        del gone.box.aliases[alias]
    return ""


def release_address(ctx: Context, step: Step) -> Outcome:
    """Free the address of a deleted user, or an alias."""
    address = step.subject.lower()
    gone = ctx.world.deleted.get(address)
    if gone is None:
        owner = ctx.world.owner_of(address)
        if owner is None or address not in owner.aliases:
            return missing(ctx, "address to release")
        return remove_alias(ctx, Step("remove_alias", owner.address, {"alias": address}))
    ground = ctx.ground()
    reuse = ground.text("primary.reuse")
    if reuse == "at_once":
        return ground.done("the address is free already")
    if reuse == "after_window":
        return ground.refused("the address is free only after the undo window")
    gone.released = True
    return ground.done()


def remove_license(ctx: Context, step: Step) -> Outcome:
    """Take the licence of a user."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or not box.licensed:
        return missing(ctx, "licensed user")
    box.licensed = False
    box.unlicensed_since = ctx.day
    ground = ctx.ground()
    ground.base("setting")
    return ground.done()


def assign_license(ctx: Context, step: Step) -> Outcome:
    """Give a user a licence."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or box.licensed:
        return missing(ctx, "unlicensed user")
    ground = ctx.ground()
    if not free_license(ctx, ground):
        return ground.refused("no free licence")
    reason = ""
    since = box.unlicensed_since
    if since is not None and (ctx.day - since).days > ground.number("license.grace_days"):
        box.rules, box.forward, box.reply = [], None, None
        reason = "the old mailbox is gone"
    box.licensed, box.unlicensed_since = True, None
    return ground.done(reason)


def set_license_count(ctx: Context, step: Step) -> Outcome:
    """Say how many licences the tenant has."""
    ctx.world.licenses = read.number(step.values, "count")
    ground = ctx.ground()
    ground.base("license")
    return ground.done()
