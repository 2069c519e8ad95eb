"""A tenant of a hosted mail service."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable

from tests.mail_host.simulators import accounts, groups, settings, shared
from tests.mail_host.simulators.delivery import Run
from tests.mail_host.simulators.knowledge import Knowledge
from tests.mail_host.simulators.model import ACTIONS, Delivery, Mail, Outcome, Step
from tests.mail_host.simulators.world import Context, Mailbox, World

Handler = Callable[[Context, Step], Outcome]

_HANDLERS: dict[str, Handler] = {
    "create_user": accounts.create_user,
    "rename_user": accounts.rename_user,
    "add_alias": accounts.add_alias,
    "remove_alias": accounts.remove_alias,
    "suspend_user": accounts.suspend_user,
    "unsuspend_user": accounts.unsuspend_user,
    "block_sign_in": accounts.suspend_user,
    "unblock_sign_in": accounts.unsuspend_user,
    "delete_user": accounts.delete_user,
    "restore_user": accounts.restore_user,
    "release_address": accounts.release_address,
    "remove_license": accounts.remove_license,
    "assign_license": accounts.assign_license,
    "set_license_count": accounts.set_license_count,
    "create_group": groups.create_group,
    "delete_group": groups.delete_group,
    "rename_group": groups.rename_group,
    "add_member": groups.add_member,
    "remove_member": groups.remove_member,
    "remove_owner": groups.remove_owner,
    "set_group_posting": groups.set_group_posting,
    "set_moderation": groups.set_moderation,
    "create_shared_mailbox": shared.create_shared_mailbox,
    "convert_to_shared": shared.convert_to_shared,
    "convert_to_user": shared.convert_to_user,
    "grant_access": shared.grant_access,
    "revoke_access": shared.revoke_access,
    "set_forward": settings.set_forward,
    "clear_forward": settings.clear_forward,
    "grant_forwarding": settings.grant_forwarding,
    "allow_external_forward": settings.allow_external_forward,
    "confirm_address": settings.confirm_address,
    "add_rule": settings.add_rule,
    "remove_rule": settings.remove_rule,
    "set_autoreply": settings.set_autoreply,
    "clear_autoreply": settings.clear_autoreply,
    "add_route": settings.add_route,
    "remove_route": settings.remove_route,
    "add_transport_rule": settings.add_transport_rule,
    "remove_transport_rule": settings.remove_transport_rule,
}
assert set(_HANDLERS) == set(ACTIONS)


class Tenant:
    """A tenant of one host with one domain.

    ``host`` is one of :data:`simulators.facts.HOSTS`.  Where the documents of the host are silent, ``rng`` draws
    among the plausible behaviours, once for each question and for good.
    """

    def __init__(self, host: str, domain: str, rng: random.Random) -> None:
        """Open a tenant; where the host gives the administrator a mailbox, it exists already."""
        self.knowledge = Knowledge(host, rng)
        self.world = World(domain.lower())
        if (
            self.knowledge.documented("name.postmaster")
            and self.knowledge.answer("name.postmaster") == "admin_account"
        ):
            address = f"postmaster@{self.world.domain}"
            self.world.boxes[address] = Mailbox(address, role="super_admin")

    def do(self, step: Step, day: datetime.date) -> Outcome:
        """Carry out one action on a day."""
        if step.action not in _HANDLERS:
            raise ValueError(f"no such action: {step.action}")
        return _HANDLERS[step.action](Context(self.world, self.knowledge, day), step)

    def deliver(self, mail: Mail, day: datetime.date) -> Delivery:
        """Deliver a message on a day."""
        return Run(Context(self.world, self.knowledge, day), mail).deliver()
