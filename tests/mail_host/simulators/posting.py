"""Who may post to a group, and what becomes of what others send."""

from __future__ import annotations

from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.model import Event, Mail
from tests.mail_host.simulators.world import Context, Group

OUTSIDE = "outside senders may not post"
NOT_LISTED = "the sender is not listed"


def may_post(ctx: Context, ground: Ground, group: Group, mail: Mail) -> str:
    """Why a sender may not post to a group; empty if the sender may."""
    sender = mail.sender.lower()
    inside = ctx.world.inside(sender)
    if group.address.partition("@")[0] in ("abuse", "postmaster") and ground.cite("group.reserved_open"):
        return ""
    if not group.posting:
        return _by_default(ground, group, sender, inside)
    ground.know("group.levels")
    if group.posting == "anyone":
        ground.cite("group.anyone_outside")
        return ""
    if group.posting == "domain":
        return "" if inside else OUTSIDE
    if group.posting == "listed":
        return _by_list(ground, group, sender, inside)
    return "" if sender in _allowed(group) else "the sender may not post"


def _by_default(ground: Ground, group: Group, sender: str, inside: bool) -> str:
    """Why a sender may not post to a group left as it was made."""
    if not inside:
        return "" if ground.yes("group.outside_default") else OUTSIDE
    level = ground.text("group.default_posting")
    return "the sender may not post" if level == "members" and sender not in group.members else ""


def _by_list(ground: Ground, group: Group, sender: str, inside: bool) -> str:
    """Why a sender may not post to a group for listed senders."""
    if sender not in group.listed:
        return NOT_LISTED
    if not inside and not ground.yes("group.contact_listed"):
        return OUTSIDE
    return ""


def _allowed(group: Group) -> set[str]:
    """The senders who may post to a group that is not open."""
    managers = {*group.owners, *group.moderators}
    if group.posting in ("managers", "moderators"):
        return managers
    if group.posting == "members":
        return {*group.members, *managers}
    return {*group.members, *group.listed} if group.posting == "members_listed" else set()


def refuse_post(ground: Ground, group: Group, mail: Mail, reason: str) -> Event:
    """What becomes of a message whose sender may not post."""
    chosen = {"hold": "held", "bounce": "rejected"}.get(group.refused, "")
    certain = not ground.undocumented
    form = chosen or ground.text("group.refused_form")
    if form == "hold_if_moderator":
        form = "held" if group.moderators else "rejected"
    if form == "held":
        return ground.event("held", group.address, text=reason, form_only=certain)
    if form == "dropped":
        return ground.event("dropped", group.address, text=reason, form_only=certain)
    key = "group.listed_code" if reason == NOT_LISTED else "group.refused_code"
    code = str(ground.cite(key) or "550")
    return ground.event("rejected", group.address, code=code, text=reason, form_only=certain)
