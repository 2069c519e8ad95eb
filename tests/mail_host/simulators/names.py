"""Which addresses may be given out."""

from __future__ import annotations

import re
from typing import Literal

from tests.mail_host.simulators.knowledge import Ground
from tests.mail_host.simulators.questions import WORDS
from tests.mail_host.simulators.world import Context, Deleted

Use = Literal["user", "alias", "group", "group_alias", "shared"]

_PLAIN = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


def refuse_address(ctx: Context, ground: Ground, address: str, use: Use) -> str:
    """Why a new address is refused; empty if it is not."""
    local, _, domain = address.partition("@")
    if not local or domain.lower() != ctx.world.domain.lower():
        ground.base("exists")
        return "not an address of the domain"
    return (
        _refuse_form(ground, local)
        or _refuse_reserved(ground, local.lower(), use)
        or _refuse_taken(ctx, ground, address.lower())
    )


def _refuse_form(ground: Ground, local: str) -> str:
    """Why the form of a name is refused."""
    if local != local.lower() and ground.text("name.case") == "refused":
        return "upper-case letters"
    name = local.lower()
    if len(name) > 20 and not ground.within("name.max_local", len(name)):
        return "name too long"
    if ".." in name and not ground.yes("name.double_dot"):
        return "two periods in a row"
    if (name[0] == "." or name[-1] == ".") and not ground.yes("name.edge_dot"):
        return "period at the edge"
    if not _PLAIN.fullmatch(name) and not re.fullmatch(ground.text("name.chars"), name):
        return "characters not allowed"
    return ""


def _refuse_reserved(ground: Ground, local: str, use: Use) -> str:
    """Why a reserved name is refused."""
    if use == "group_alias" and local in WORDS and local in ground.many("group.reserved_aliases"):
        return "reserved word"
    if local not in ("postmaster", "abuse"):
        return ""
    held = ground.text(f"name.{local}")
    if held == "admin_account":
        return "the administrator's own account"
    return "reserved name" if held == "group_only" and use != "group" else ""


def _refuse_taken(ctx: Context, ground: Ground, address: str) -> str:
    """Why an address that somebody has, or had, is refused."""
    if ctx.world.owner_of(address) is not None:
        return "address taken" if ground.yes("address.unique") else ""
    for gone in ctx.world.deleted.values():
        key = "primary.reuse" if address == gone.box.address else "alias.reuse"
        if address != gone.box.address and address not in gone.box.aliases:
            continue
        if not _free_again(ctx, ground, gone, ground.text(key)):
            return "address of a deleted user"
    return ""


def _free_again(ctx: Context, ground: Ground, gone: Deleted, reuse: str) -> bool:
    """Whether an address of a deleted user can be given out again."""
    if reuse == "at_once" or gone.released:
        return True
    if reuse == "after_release":
        return False
    return (ctx.day - gone.day).days > ground.number("restore.days")
