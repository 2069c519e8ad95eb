"""Cloudflare Email Routing as Pulumi resources, declared in an order in which no mail is lost.

Whatever switches routing on (settings and exchangers alike) makes Cloudflare write and lock the MX at
once. So both come last, when every rule stands; and they are the first to go when a domain is taken down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_cloudflare as cloudflare

from mailwright.deploy.cloudflare import email_routing_said as said
from mailwright.deploy.cloudflare.email_routing import (
    Registered,
    View,
    allows,
    catch_all,
    exchangers_name,
    forwards,
    holds_back,
    is_off,
    settings_name,
    strangers,
)
from mailwright.deploy.errors import lang
from mailwright.model.text import Text
from mailwright.plan.transition.gate_rules import NO_MX_LEFT

#: What is nobody's business of ours once it stands: a name is for the console, and one rule an address
#: needs no order. Without this an adopted rule would be renamed, and shown as changed in every run.
_THEIRS = ["name", "priority"]
_AS_FOUND = ["actions", "matchers", "enabled", *_THEIRS]


@dataclass
class Kept:
    """What came of it; the next run reads ``open`` and ``turn`` again."""

    open: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    waiting: tuple[str, ...] = ()
    turn: int = 0

    def plain(self) -> dict[str, Any]:
        """The output property."""
        return {
            "open": sorted(self.open),
            "pending": sorted(self.pending),
            "waiting": sorted(self.waiting),
            "turn": self.turn,
        }


def register(
    parent: pulumi.Resource,
    view: View,
    provider: cloudflare.Provider | None,
    records: Sequence[pulumi.Resource] = (),
) -> Kept:
    """Declare everything below the MailDomain, and say what waits. ``records``: the domain's own in DNS."""
    kept = Kept(waiting=view.waiting, turn=view.turn + is_off(view))
    work = _Registering(parent, view, provider)
    first = [work.address(destination) for destination in view.wanted.destinations]
    rules = [*forwards(view), *((registered,) if (registered := catch_all(view)) else ())]
    declared = [work.forward(rule, first) for rule in rules]
    kept.open += [rule.name for rule in rules if not rule.protect]
    kept.pending += [rule.name for rule in rules if rule.pending]
    _switch_on(work, kept, [*first, *declared, *records])
    _tell(view, kept)
    return kept


def _switch_on(work: _Registering, kept: Kept, after: list[pulumi.Resource]) -> None:
    """Exchangers and settings, unless a new domain would get mail that cannot be passed on yet."""
    view, names = work.view, (exchangers_name(work.view), settings_name(work.view))
    held = holds_back(view, bool(kept.pending))
    if held:
        _warn(said.HELD_BACK.using(domain=view.domain))
    else:
        after = [*after, work.exchangers(after, kept.turn)]
    if not held or names[1] in view.ids:
        work.settings(after)
    if allows(view, NO_MX_LEFT):
        kept.open += names
    if is_off(view):
        _warn(said.SWITCHED_ON_AGAIN.using(domain=view.domain))
        kept.pending.append(names[0])


def _tell(view: View, kept: Kept) -> None:
    if view.waiting:
        _warn(said.WAITING.using(domain=view.domain, addresses=", ".join(view.waiting)))
    if kept.pending:
        _warn(said.TAKEN_OVER.using(domain=view.domain, names=", ".join(kept.pending)))
    if strange := strangers(view):
        _warn(said.STRANGERS.using(domain=view.domain, rules=", ".join(strange)))


def _warn(text: Text) -> None:
    pulumi.log.warn(text(lang()))


@dataclass(frozen=True, slots=True)
class _Registering:
    parent: pulumi.Resource
    view: View
    provider: cloudflare.Provider | None

    def settings(self, after: Sequence[pulumi.Resource]) -> None:
        """Plus-addresses; and Email Routing itself, which the exchangers have switched on before."""
        view, name = self.view, settings_name(self.view)
        import_id = view.zone if view.live.enabled and name not in view.ids else None
        options = self._options(
            import_id,
            after,
            protect=not allows(view, NO_MX_LEFT),
            ignore=["support_subaddress"] if import_id else [],
        )
        options.retain_on_delete = options.protect
        cloudflare.EmailRoutingSettings(name, zone_id=view.zone, support_subaddress=True, opts=options)

    def address(self, email: str) -> pulumi.Resource:
        """A destination of the account; other zones may use it, so it is never deleted."""
        view, name = self.view, f"{self.view.domain} email destination {email}"
        id, _ = view.live.destinations.get(email, (None, False))
        import_id = f"{view.live.account}/{id}" if id and name not in view.ids else None
        options = self._options(import_id, (), protect=False, ignore=[])
        options.retain_on_delete = True
        resource: pulumi.Resource = cloudflare.EmailRoutingAddress(
            name, account_id=view.live.account, email=email, opts=options
        )
        return resource

    def forward(self, registered: Registered, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """A rule, or the catch-all."""
        view, forward = self.view, registered.forward
        actions = [{"type": forward.action, **({"values": [forward.target]} if forward.target else {})}]
        ignore = _AS_FOUND if registered.adopt else _THEIRS
        if not forward.address:
            return self._catch_all(registered, actions, after, ignore)
        import_id = f"{view.zone}/{registered.adopt}" if registered.adopt else None
        resource: pulumi.Resource = cloudflare.EmailRoutingRule(
            registered.name,
            zone_id=view.zone,
            actions=actions,
            matchers=[{"type": "literal", "field": "to", "value": forward.address}],
            enabled=forward.enabled,
            name=f"mailwright {forward.address}",
            opts=self._options(import_id, after, protect=registered.protect, ignore=ignore),
        )
        return resource

    def _catch_all(
        self,
        registered: Registered,
        actions: Sequence[Any],
        after: Sequence[pulumi.Resource],
        ignore: Sequence[str],
    ) -> pulumi.Resource:
        names = [one for one in ignore if one != "priority"]  # it has none: it is always the last
        resource: pulumi.Resource = cloudflare.EmailRoutingCatchAll(
            registered.name,
            zone_id=self.view.zone,
            actions=actions,
            matchers=[{"type": "all"}],
            enabled=registered.forward.enabled,
            name="mailwright catch-all",
            opts=self._options(registered.adopt, after, protect=registered.protect, ignore=names),
        )
        return resource

    def exchangers(self, after: Sequence[pulumi.Resource], turn: int) -> pulumi.Resource:
        """MX and SPF, written and locked by Cloudflare.

        An update of this resource would unlock them, and its deletion switches routing off. So where
        routing was switched off it is *replaced*: made anew, and the old one forgotten without a call.
        The zone's name cannot change; an adopted one has none in the state: that would be an update.
        """
        view, name = self.view, exchangers_name(self.view)
        import_id = view.zone if view.live.on and name not in view.ids else None
        guarded = not allows(view, NO_MX_LEFT)
        options = self._options(import_id, after, protect=guarded and not is_off(view), ignore=["name"])
        options.retain_on_delete = guarded
        options.replacement_trigger = str(turn)
        resource: pulumi.Resource = cloudflare.EmailRoutingDns(
            name, zone_id=view.zone, name=view.domain, opts=options
        )
        return resource

    def _options(
        self, adopt: str | None, after: Iterable[pulumi.Resource], *, protect: bool, ignore: Sequence[str]
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self.parent,
            provider=self.provider,
            depends_on=list(after),
            protect=protect,
            import_=adopt,
            ignore_changes=list(ignore) or None,
        )
