"""Actions on shared and public mailboxes."""

from __future__ import annotations

from tests.mail_host.simulators import values as read
from tests.mail_host.simulators.accounts import missing
from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.model import Outcome, Step
from tests.mail_host.simulators.names import refuse_address
from tests.mail_host.simulators.world import Context, Mailbox


def create_shared_mailbox(ctx: Context, step: Step) -> Outcome:
    """Make a shared mailbox."""
    ground = ctx.ground()
    if not ground.yes("shared.supported"):
        return ground.refused("there are no shared mailboxes")
    box = Mailbox(
        step.subject.lower(), "shared", name=read.text(step.values, "name", step.subject), licensed=False
    )
    users = read.addresses(step.values, "users")
    reason = refuse_address(ctx, ground, step.subject, "shared") or _refuse_shared(ctx, ground, box, users)
    for user in users:
        reason = reason or _refuse_access(ctx, ground, box, user)
        box.rights[user] = {"full"}
    if reason:
        return ground.refused(reason)
    ctx.world.boxes[box.address] = box
    ground.cite("shared.needs_license")
    return ground.done()


def _refuse_shared(ctx: Context, ground: Ground, box: Mailbox, users: tuple[str, ...]) -> str:
    """Why one more shared mailbox is refused."""
    if not users and ground.yes("shared.needs_user"):
        return "a shared mailbox needs a user"
    if not ground.within("shared.name_max", _width(box.name)):
        return "name too long"
    count = sum(other.kind == "shared" for other in ctx.world.boxes.values()) + 1
    return "" if ground.within("shared.count", count) else "too many shared mailboxes"


def _width(name: str) -> int:
    """The length of a name in which a Chinese character counts for two."""
    return sum(1 if ord(letter) < 0x2E80 else 2 for letter in name)


def _refuse_access(ctx: Context, ground: Ground, box: Mailbox, user: str) -> str:
    """Why a person gets no access to a shared mailbox."""
    if not ctx.world.inside(user):
        return "" if ground.yes("shared.outside_access") else "outside people get no access"
    holder = ctx.world.boxes.get(user)
    if holder is None:
        ground.base("exists")
        return "no such user"
    if not holder.licensed and ground.yes("shared.access_license"):
        return "access needs a licence"
    return "" if ground.within("shared.max_users", len(box.rights) + 1) else "too many users"


def grant_access(ctx: Context, step: Step) -> Outcome:
    """Give a person access to a shared mailbox."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or box.kind != "shared":
        return missing(ctx, "shared mailbox")
    ground = ctx.ground()
    user = read.text(step.values, "to").lower()
    reason = _refuse_access(ctx, ground, box, user)
    if reason:
        return ground.refused(reason)
    right = read.text(step.values, "right", "full")
    box.rights.setdefault(user, set()).add(right)
    ground.base("setting")
    if right == "full" and ground.cite("access.full_implies_send") is False:
        return ground.done("sending is granted apart")
    return ground.done()


def revoke_access(ctx: Context, step: Step) -> Outcome:
    """Take a person's access to a shared mailbox away."""
    box = ctx.world.boxes.get(step.subject.lower())
    user = read.text(step.values, "to").lower()
    if box is None or user not in box.rights:
        return missing(ctx, "access")
    ground = ctx.ground()
    if len(box.rights) == 1 and ground.yes("shared.needs_user"):
        return ground.refused("a shared mailbox keeps a user")
    del box.rights[user]
    ground.base("setting")
    return ground.done()


def convert_to_shared(ctx: Context, step: Step) -> Outcome:
    """Turn a user's mailbox into a shared one."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or box.kind != "user":
        return missing(ctx, "user mailbox")
    ground = ctx.ground()
    if not ground.yes("convert.supported"):
        return ground.refused("a user mailbox cannot be converted")
    if not box.licensed and ground.yes("convert.needs_license"):
        return ground.refused("only a licensed mailbox can be converted")
    if box.rules and not ground.yes("convert.keeps_rules"):
        box.rules = []
    box.kind, box.converted = "shared", True
    return ground.done()


def convert_to_user(ctx: Context, step: Step) -> Outcome:
    """Turn a converted mailbox back into a user's."""
    box = ctx.world.boxes.get(step.subject.lower())
    if box is None or not box.converted:
        return missing(ctx, "converted mailbox")
    ground = ctx.ground()
    if not ground.yes("convert.supported"):
        return ground.refused("a shared mailbox cannot be converted")
    box.kind, box.converted = "user", False
    return ground.done()
