"""Cloudflare Email Routing, through Pulumi's own Cloudflare provider.

The program reads first and compares *our* fields, because the provider is known to show updates that are
none. What stands is adopted as found and changed by the next run. Order: destinations, rules, and last what
switches routing on, once every destination has agreed: Cloudflare then writes the exchangers at once, and no
mail may come in before it can be passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi_cloudflare as cloudflare

from mailwright.deploy.cloudflare import email_routing_said as said
from mailwright.deploy.cloudflare.state import Stack
from mailwright.deploy.errors import DeployError, lang, refused
from mailwright.deploy.given import environment
from mailwright.deploy.targets import Deployment
from mailwright.hosts.dns.cloudflare import LiveRecord
from mailwright.hosts.mail import email_routing as wants
from mailwright.hosts.mail.email_routing import Forward, Routing
from mailwright.model.consent import consented
from mailwright.model.families import Family
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.readings import reading
from mailwright.model.rules import Rule
from mailwright.plan.mailboxes.gate import gate
from mailwright.plan.transition.gate_rules import NO_MX_LEFT, ROLE_ADDRESS_EMPTIED


@dataclass(frozen=True, slots=True)
class Live:
    """Email Routing as it is. ``destinations`` by address: (id, whether it has agreed); ``rules`` by id."""

    account: str
    enabled: bool
    rules: Mapping[str, Forward]
    catch_all: Forward | None
    destinations: Mapping[str, tuple[str, bool]]
    exchangers: tuple[str, ...]

    @property
    def on(self) -> bool:
        """Whether mail comes in by Email Routing."""
        return self.enabled and bool(self.exchangers)


@dataclass(frozen=True, slots=True)
class View:
    """One domain: what is wanted, what is there, what the state holds by name, what may be deleted.

    ``turn``: how often routing was switched on again.
    """

    plan: Plan
    zone: str
    wanted: Routing
    live: Live
    ids: Mapping[str, str]
    open: frozenset[str] = frozenset()
    worker: str = ""
    turn: int = 0

    @property
    def domain(self) -> str:
        """Without final dot."""
        return bare(self.plan.domain)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Destinations that have not agreed yet."""
        agreed = {address for address, (_, verified) in self.live.destinations.items() if verified}
        return tuple(destination for destination in self.wanted.destinations if destination not in agreed)


@dataclass(frozen=True, slots=True)
class Registered:
    """One rule or the catch-all as this run declares it. ``adopt``: the id to take over as it is."""

    name: str
    forward: Forward
    adopt: str | None = None
    protect: bool = False
    pending: bool = False


def is_meant(deployment: Deployment) -> bool:
    """Whether this deployment is a domain whose mail goes by Email Routing."""
    return (
        deployment.spec.mail_host.service == wants.SERVICE
        and deployment.plan.domain == deployment.spec.domain
    )


def ours(deployment: Deployment, records: Sequence[LiveRecord]) -> Deployment:
    """The deployment without the records that Email Routing publishes and locks by itself."""
    if not is_meant(deployment):
        return deployment
    apex = absolute(deployment.plan.domain)
    policies = [record.value.value for record in records if record.name == apex and record.type == "TXT"]
    living = [policy for policy in policies if reading(Family.SPF, policy)]
    theirs = [named_value.name for named_value in deployment.spec.mail_host.dkim]

    def stays(record: Any) -> bool:
        if record.family is Family.MX and record.name == apex:
            return False
        if record.family is Family.DKIM and record.name in theirs:
            return False
        alone = record.family is Family.SPF and record.name == apex and record.values == (wants.SPF,)
        return not (alone and living in ([], [wants.SPF]))

    kept = tuple(record for record in deployment.plan.records if stays(record))
    return replace(deployment, plan=replace(deployment.plan, records=kept))


# -- reading -------------------------------------------------------------------------------------------


def look(
    deployment: Deployment, zone: tuple[str, str], records: Sequence[LiveRecord], stack: Stack, options: Any
) -> View:
    """Read and judge; ``zone`` is (id, name). Raises DeployError."""
    domain, (id, name) = bare(deployment.plan.domain), zone
    if absolute(name) != absolute(domain):
        raise DeployError(said.NOT_APEX, domain=domain, zone=bare(name))
    mailboxes = deployment.plan.mailboxes
    worker = deployment.spec.mail_host.inputs.get("worker", "")
    routing = (
        wants.routing(mailboxes, worker)
        if mailboxes
        else Routing((), None, (wants.NOBODY.using(domain=domain),))
    )
    if routing.problems:
        raise DeployError("\n".join(problem(lang()) for problem in routing.problems))
    exchangers = tuple(
        record.content for record in records if record.type == "MX" and record.name == absolute(domain)
    )
    others = [exchanger for exchanger in exchangers if not bare(exchanger).lower().endswith(wants.EXCHANGERS)]
    if others:
        raise DeployError(said.OTHER_MX, domain=domain, mx=", ".join(sorted(others)))
    live = _read(id, exchangers, options)
    ids, kept = stack.email_routing(domain)
    view = View(
        deployment.plan,
        id,
        routing,
        live,
        ids,
        frozenset(kept.get("open") or ()),
        worker,
        int(kept.get("turn") or 0),
    )
    _judge(view)
    return view


def _judge(view: View) -> None:
    known = set(view.ids.values())
    before = [forward.address for id, forward in view.live.rules.items() if id in known and forward.enabled]
    if view.live.catch_all and view.live.catch_all.enabled and _catch_all(view) in view.ids:
        before.append("@" + view.domain)
    plan = view.plan
    refusals = gate(before, plan.mailboxes, (*plan.consents, *environment.consents()), plan.as_of)
    if refusals:
        raise refused(refusals)
    seen: dict[str, str] = {}
    for id, rule in view.live.rules.items():
        if rule.address in seen and rule.address in {one.address for one in view.wanted.forwards}:
            raise DeployError(said.SEVERAL, address=rule.address)
        seen[rule.address] = id


def _read(zone: str, exchangers: tuple[str, ...], options: Any) -> Live:
    try:
        account = str(cloudflare.get_zone(zone_id=zone, opts=options).account.id)
        enabled = bool(cloudflare.get_email_routing_settings(zone_id=zone, opts=options).enabled)
        rules = cloudflare.get_email_routing_rules(zone_id=zone, max_items=1000, opts=options).results
        catch_all = cloudflare.get_email_routing_catch_all(zone_id=zone, opts=options)
        people = cloudflare.get_email_routing_addresses(
            account_id=account, max_items=1000, opts=options
        ).results
    except Exception as error:  # the SDK raises nothing more precise
        raise DeployError(f"Cloudflare Email Routing: {' '.join(str(error).split())}") from None
    by_id = {str(rule.id): one for rule in rules if (one := _rule(rule))}
    return Live(
        account,
        enabled,
        by_id,
        _forward("", catch_all) if catch_all.actions else None,
        {str(person.email).lower(): (str(person.id), bool(person.verified)) for person in people},
        exchangers,
    )


def _rule(rule: Any) -> Forward | None:
    """A rule for one address; those with other matchers are not for us to understand."""
    to = [one for one in rule.matchers if one.type == "literal" and one.field == "to"]
    return _forward(str(to[0].value).lower(), rule) if len(to) == len(rule.matchers) == 1 else None


def _forward(address: str, rule: Any) -> Forward:
    if not rule.actions:
        return Forward(address, "drop", "", enabled=False)
    action = rule.actions[0]
    return Forward(address, str(action.type), ", ".join(action.values or ()), bool(rule.enabled))


# -- what is registered, as pure functions of a view ---------------------------------------------------


def _catch_all(view: View) -> str:
    return f"{view.domain} email catch-all"


def forwards(view: View) -> Iterator[Registered]:
    """The rules of this run: adopt as found, change what is in the state, hold back what waits."""
    guarded = not allows(view, ROLE_ADDRESS_EMPTIED)
    by_address = {forward.address: (id, forward) for id, forward in view.live.rules.items()}
    for address_forward in view.wanted.forwards:
        name = f"{address_forward.address} email rule"
        id, there = by_address.get(address_forward.address, (None, None))
        waits = address_forward.action == "forward" and address_forward.target in view.waiting
        if (id is not None and view.ids.get(name) == id) or (there is None and not waits):
            yield Registered(name, there if waits and there else address_forward, protect=guarded)
        elif there is not None:  # also where ours was deleted by hand, and another one made
            yield Registered(name, there, adopt=id, protect=guarded, pending=there != address_forward)
    names = {f"{forward.address} email rule" for forward in view.wanted.forwards}
    for name in sorted(set(view.ids) - names):
        there = view.live.rules.get(view.ids[name])
        if name.endswith(" email rule") and there is not None and name not in view.open:
            # Its end is consented to, and Pulumi deletes nothing that its state still protects.
            yield Registered(name, there, pending=True)


def catch_all(view: View) -> Registered | None:
    """The catch-all: the provider cannot delete it, so one that ends is switched off."""
    name, there, forward = _catch_all(view), view.live.catch_all, view.wanted.catch_all
    guarded = not allows(view, ROLE_ADDRESS_EMPTIED)
    if forward is None:
        return Registered(name, Forward("", "drop", "", False)) if name in view.ids else None
    forward = replace(forward, address="")
    waits = forward.action == "forward" and forward.target in view.waiting
    if name in view.ids:
        return Registered(name, there if waits and there else forward, protect=guarded)
    if there is not None and there.enabled:
        return Registered(name, there, adopt=view.zone, protect=guarded, pending=there != forward)
    return None if waits else Registered(name, forward, protect=guarded)


def strangers(view: View) -> tuple[str, ...]:
    """Rules that pass mail on and are in no spec."""
    known = {forward.address for forward in view.wanted.forwards}
    lines = [
        f"{forward.address} → {forward.mail_goes_to}"
        for id, forward in view.live.rules.items()
        if forward.address not in known and id not in view.ids.values() and forward.enabled
    ]
    there = view.live.catch_all
    alone = view.wanted.catch_all is None and _catch_all(view) not in view.ids
    if there is not None and there.enabled and there.action != "drop" and alone:
        lines.append(f"@{view.domain} → {there.mail_goes_to}")
    return tuple(sorted(lines))


def exchangers_name(view: View) -> str:
    """The resource that makes Cloudflare write MX and SPF."""
    return f"{view.domain} email exchangers"


def settings_name(view: View) -> str:
    """The resource of the zone's settings."""
    return f"{view.domain} email routing"


def holds_back(view: View, pending: bool) -> bool:
    """Whether a new domain's exchangers wait: somebody has not agreed, or a rule is not as planned yet."""
    new = not view.live.on and exchangers_name(view) not in view.ids
    return new and (bool(view.waiting) or pending)


def is_off(view: View) -> bool:
    """Whether somebody switched off what we had switched on, and nobody is taking the domain down."""
    name = exchangers_name(view)
    down = name in view.open or allows(view, NO_MX_LEFT)
    return name in view.ids and not view.live.on and not down


def allows(view: View, rule: Rule) -> bool:
    """Whether a consent for a rule holds on the day of the plan."""
    return consented(rule.id, (*view.plan.consents, *environment.consents()), view.plan.as_of)
