"""Cloudflare zones, through Pulumi's own Cloudflare provider: one ``DnsRecord`` a record.

The provider knows neither sets nor mail: it would add a second SPF beside an old one and delete
an MX without asking. So the program reads first and decides here what is registered:

* what stands in the zone and is ours is *adopted* as it is (``import_``), and changed by the next run;
* SPF, DMARC and the like are one resource an owner name and family, changed in place;
* what retires stays registered until its day; what the gate guards is ``protect``-ed, because
  ``pulumi destroy`` and a resource that left the program ask nobody else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pulumi
import pulumi_cloudflare as cloudflare

from mailwright.deploy import reviewed
from mailwright.deploy.cloudflare import email_routing, said
from mailwright.deploy.cloudflare.reading import Zone, read_zone, require_token, zone_id_of
from mailwright.deploy.cloudflare.state import Memory, Stack
from mailwright.deploy.dns.values import record_map
from mailwright.deploy.errors import DeployError, Refused, lang, refusal, refused
from mailwright.deploy.given import environment
from mailwright.deploy.given.beside import Beside
from mailwright.deploy.properties import Problem
from mailwright.deploy.run import notes
from mailwright.deploy.run.asking import StateOf
from mailwright.deploy.targets import Deployment
from mailwright.hosts.dns.cloudflare import LiveRecord, observed, slot, wanted_properties
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.consent import consented
from mailwright.model.families import Family, family_of
from mailwright.model.names import bare, is_below
from mailwright.model.records import ObservedSet, ObservedValue
from mailwright.model.rules import Rule
from mailwright.plan.transition.change import change, keys_to_read
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.gate import gate
from mailwright.plan.transition.gate_rules import DMARC_WEAKENED, NO_MX_LEFT, SELECTOR_GONE, SPF_GONE
from mailwright.plan.transition.notices import notices, notices_text
from mailwright.plan.transition.ownership import ours

#: Whose deletion loses mail, and the rule whose consent opens them to deletion.
GUARDED: dict[Family, Rule] = {
    Family.MX: NO_MX_LEFT,
    Family.SPF: SPF_GONE,
    Family.DKIM: SELECTOR_GONE,
    Family.DMARC: DMARC_WEAKENED,
}

#: Whatever an adopted record has is left as it is in the run that adopts it.
_AS_FOUND = ["content", "data", "priority", "ttl", "proxied", "comment", "tags", "settings"]


@dataclass(frozen=True, slots=True)
class Registration:
    """One ``DnsRecord`` of the program. ``adopt``: the id of the record to take over as it is.

    ``pending``: the next run has more to do here; ``new``: there is no such record yet; ``opened``: it has
    to go, and this run only lifts the protection that the state has on it.
    """

    name: str
    properties: dict[str, Any]
    adopt: str | None = None
    protect: bool = False
    pending: bool = False
    new: bool = False
    opened: bool = False

    @property
    def adds_exchanger(self) -> bool:
        """Whether this makes an MX record that is not there yet."""
        return self.new and self.properties["type"] == "MX"


@dataclass(frozen=True, slots=True)
class Look:
    """One deployment, its zone, what the stack remembers, and what has to change.

    ``shared``: another stack holds the domain, too, so that no consent opens its records for deletion.
    """

    wanted: Deployment
    zone: Zone
    memory: Memory
    changes: ChangeSet
    shared: bool = False


class Cloudflare:
    """The kind of DNS host; see the module's text."""

    def __init__(self) -> None:
        self._zones: dict[tuple[str, str], Zone] = {}
        self._looks: dict[str, Look] = {}
        self._providers: dict[str, cloudflare.Provider] = {}
        self._stack: Stack | None = None
        self._domains: tuple[str, ...] = ()
        self._routed: dict[str, email_routing.View] = {}

    # -- what a program asks ------------------------------------------------------------------------

    def problems(self, deployments: Sequence[Deployment], _state: StateOf) -> list[Problem]:
        """Read every zone, judge every change; and what the stack holds that no spec claims."""
        refusals: list[Problem] = []
        self._domains = tuple(deployment.plan.domain for deployment in deployments)
        for host_deployment in deployments:
            try:
                look = self._look(host_deployment)
            except Refused as error:
                refusals.append(refusal(bare(host_deployment.plan.domain), error.findings))
                continue
            except DeployError as error:
                refusals.append(Problem(bare(host_deployment.plan.domain), str(error)))
                continue
            for notice in notices_text(notices(look.changes), lang()):
                if not notes.notice(notice):
                    pulumi.log.warn(notice)
        refusals += self._orphans(self._domains)
        return refusals

    def register(
        self, parent: pulumi.Resource, deployment: Deployment, *, after: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """Register the records; the output is what the next run has to know."""
        try:
            look = self._look(deployment)
        except DeployError as error:
            raise pulumi.RunError(str(error)) from None
        resources = registrations(look)
        records = [
            self._declare(parent, look, registration, after)
            for registration in resources
            if not registration.protect
        ]
        # Pulumi deletes in reverse order: it meets what is protected before it deleted anything.
        free = (*after, *records)
        records += [
            self._declare(parent, look, registration, free)
            for registration in resources
            if registration.protect
        ]
        kept = self._route(parent, look, records)
        waiting = [registration.name for registration in resources if registration.pending]
        if waiting:
            pulumi.log.warn(_pending_text(bare(deployment.plan.domain), resources))
        memory = Memory(
            applied={pair: values for pair, (_, values) in record_map(look.wanted.plan.records).items()},
            retiring=look.changes.retiring,
            open=frozenset(registration.name for registration in resources if not registration.protect),
            pending=bool(waiting or kept.get("pending") or kept.get("waiting")),
        )
        return {**memory.plain(), **({"email": kept} if kept else {})}

    # -- inside -------------------------------------------------------------------------------------

    def _route(
        self, parent: pulumi.Resource, look: Look, records: Sequence[pulumi.Resource]
    ) -> dict[str, Any]:
        """Email Routing, where the mail host is that."""
        view = self._routed.get(look.wanted.name)
        if view is None:
            return {}
        from mailwright.deploy.cloudflare.email_routing_resources import register

        return register(parent, view, self._provider(look.wanted), records).plain()

    def _look(self, deployment: Deployment) -> Look:
        """Read, compare, judge. Raises DeployError."""
        if deployment.name not in self._looks:
            self._refuse_held(bare(deployment.plan.domain))
            zone = self._zone(deployment)
            if email_routing.is_meant(deployment):
                self._routed[deployment.name] = email_routing.look(
                    deployment, (zone.id, zone.name), zone.records, self.stack, self._invoking(deployment)
                )
            deployment = email_routing.ours(deployment, zone.records)
            memory = self.stack.memory(deployment.plan.domain, zone.records, self._domains)
            asked = keys_to_read(deployment.plan.records, memory.owned, deployment.plan.domain)
            changes = change(
                deployment.plan.records,
                observed(zone.name, zone.records, {name for name, _ in asked}),
                domain=bare(deployment.plan.domain),
                target=f"Cloudflare {bare(zone.name)}",
                as_of=deployment.plan.as_of,
                owned=memory.owned,
            )
            look = Look(deployment, zone, memory, changes, shared=self._is_shared(deployment))
            self._judge(look)
            self._looks[deployment.name] = look
        return self._looks[deployment.name]

    def _refuse_held(self, domain: str) -> None:
        """A domain that joins is held by no other stack. Raises Refused."""
        if domain in self.stack.outputs:
            return
        if holding := self._beside.at_cloudflare(domain):
            raise refused([holding.refusal()])

    def _judge(self, look: Look) -> None:
        consents = (*look.wanted.plan.consents, *environment.consents())
        refusals = gate(look.changes, consents)
        if refusals:
            raise refused(refusals)
        if _email_routing(look):
            raise DeployError(said.ROUTING_HOLDS_MX, zone=bare(look.zone.name))
        if pulumi.runtime.is_dry_run():
            reviewed.note(look.changes)
        elif not look.changes.is_empty:
            reviewed.require(look.changes)

    def _is_shared(self, deployment: Deployment) -> bool:
        """Whether another stack holds the domain, too; asked where a consent could take its records away."""
        consents = (*deployment.plan.consents, *environment.consents())
        opens = {rule.id for rule in GUARDED.values()}.intersection(consent.rule for consent in consents)
        return bool(opens) and self._beside.at_cloudflare(bare(deployment.plan.domain)) is not None

    @cached_property
    def _beside(self) -> Beside:
        return Beside(pulumi.get_stack(), pulumi.get_project(), Path.cwd())

    @property
    def stack(self) -> Stack:
        """What this stack has deployed so far."""
        if self._stack is None:
            self._stack = Stack.read()
        return self._stack

    def _zone(self, deployment: Deployment) -> Zone:
        options = deployment.host.options
        key = (options.get("base_url", ""), zone_id_of(deployment) or deployment.zone)
        if key not in self._zones:
            require_token()
            self._zones[key] = read_zone(deployment, self._invoking(deployment))
        zone = self._zones[key]
        if not is_below(deployment.plan.domain, zone.name):
            domain = bare(deployment.plan.domain)
            raise DeployError(said.OTHER_ZONE, domain=domain, id=zone.id, zone=bare(zone.name))
        return zone

    def _orphans(self, domains: Sequence[str]) -> list[Problem]:
        """Records that only a spec which is gone explains: Pulumi would delete them."""
        if NO_MX_LEFT.id in {consent.rule for consent in environment.consents()}:
            return []
        left = sorted(self.stack.unclaimed(domains))
        if not left:
            return []
        rules = ",".join(rule.id for rule in GUARDED.values())
        text = said.LEFT_BEHIND.using(names=", ".join(left), rules=rules)
        return [Problem("", text(lang()), leaving=True)]

    def _provider(self, deployment: Deployment) -> cloudflare.Provider | None:
        """None: Pulumi's default provider, which the environment and ``cloudflare:`` settings configure."""
        base_url = deployment.host.options.get("base_url")
        if not base_url:
            return None
        if base_url not in self._providers:
            token = None
            if not os.environ.get("CLOUDFLARE_API_TOKEN"):
                token = pulumi.Config("cloudflare").get_secret("apiToken")
            name = f"cloudflare {base_url}"
            self._providers[base_url] = cloudflare.Provider(name, base_url=base_url, api_token=token)
        return self._providers[base_url]

    def _invoking(self, deployment: Deployment) -> pulumi.InvokeOptions:
        return pulumi.InvokeOptions(provider=self._provider(deployment))

    def _declare(
        self,
        parent: pulumi.Resource,
        look: Look,
        registration: Registration,
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        resource: pulumi.Resource = cloudflare.DnsRecord(
            registration.name,
            zone_id=look.zone.id,
            **registration.properties,
            opts=pulumi.ResourceOptions(
                parent=parent,
                depends_on=list(after),
                provider=self._provider(look.wanted),
                protect=registration.protect,
                delete_before_replace=True,
                import_=f"{look.zone.id}/{registration.adopt}" if registration.adopt else None,
                ignore_changes=_AS_FOUND if registration.adopt else None,
            ),
        )
        return resource


# -- what is registered, as pure functions of a look ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Slot:
    """One resource's place: what shall be there, and our live records there."""

    name: str
    family: Family
    owner: str
    type: str
    ttl: int
    value: ObservedValue | None
    live: tuple[LiveRecord, ...]


def registrations(look: Look) -> list[Registration]:
    """What this run registers: adopt as found, change what is in the state, leave out what may go.

    While an SPF record is taken over that does not name the new senders yet, no exchanger is added:
    SPF widens first, then MX switches. Nor while old ones only become free to go: two mail hosts side by
    side would share the mail at random until the next run.
    """
    resources = list(_all(look))
    narrow = any(
        registration.adopt and registration.pending and registration.name.endswith(f" {Family.SPF}")
        for registration in resources
    )
    opened = any(
        registration.opened and registration.properties["type"] == "MX" for registration in resources
    )
    return [
        registration for registration in resources if not ((narrow or opened) and registration.adds_exchanger)
    ]


def _all(look: Look) -> Iterator[Registration]:
    retiring = {
        (retiring_value.name, retiring_value.type, canonical(retiring_value.type, retiring_value.value))
        for retiring_value in look.changes.retiring
    }
    for record_slot in _slots(look):
        staying = record_slot.value is not None
        leaving = (
            staying
            and (record_slot.owner, record_slot.type, canonical(record_slot.type, _text(record_slot.value)))
            in retiring
        )
        guarded = _guards(look, record_slot) and staying and not leaving
        known = look.memory.ids.get(record_slot.name)
        yield from _main(look, record_slot, known, guarded)
        for extra in _extra(record_slot, known):
            name = f"{record_slot.name} {extra.id[:8]}"
            if name not in look.memory.ids:
                yield Registration(name, extra.properties, adopt=extra.id, pending=True)


def _main(look: Look, record_slot: _Slot, known: str | None, guarded: bool) -> Iterator[Registration]:
    if known:
        live = next((record for record in look.zone.records if record.id == known), None)
        if live is None and record_slot.live:
            raise pulumi.RunError(said.MADE_ANEW.using(name=record_slot.name)(lang()))
        if record_slot.value is not None:
            properties = wanted_properties(
                record_slot.owner, record_slot.type, record_slot.value, record_slot.ttl, live
            )
            # Another type is a replacement, which the gate has let pass; Pulumi refuses a protected one.
            replaced = live is not None and live.type != record_slot.type
            yield Registration(record_slot.name, properties, protect=guarded and not replaced)
        elif live and _guards(look, record_slot) and record_slot.name not in look.memory.open:
            # Its removal is consented to, and Pulumi deletes nothing that its state still protects.
            yield Registration(record_slot.name, live.properties, pending=True, opened=True)
    elif record_slot.live:
        live = record_slot.live[0]
        properties = {}
        if record_slot.value is not None:
            properties = wanted_properties(
                record_slot.owner, record_slot.type, record_slot.value, record_slot.ttl, live
            )
        yield Registration(
            record_slot.name, live.properties, live.id, protect=guarded, pending=properties != live.properties
        )
    elif record_slot.value is not None:
        properties = wanted_properties(
            record_slot.owner, record_slot.type, record_slot.value, record_slot.ttl
        )
        yield Registration(record_slot.name, properties, protect=guarded, new=True)


def _extra(record_slot: _Slot, known: str | None) -> list[LiveRecord]:
    """Second members of a family that allows one: adopted, so that the next run can remove them."""
    return [record for record in record_slot.live if record.id != known][0 if known else 1 :]


def _guards(look: Look, record_slot: _Slot) -> bool:
    rule = GUARDED.get(record_slot.family)
    plan = look.wanted.plan
    named = (bare(record_slot.owner),) if record_slot.family is Family.DKIM else ()
    consents = (*plan.consents, *environment.consents())
    consent = rule is not None and consented(rule.id, consents, plan.as_of, named)
    return rule is not None and (look.shared or not consent)


def _slots(look: Look) -> Iterator[_Slot]:
    slots: dict[str, _Slot] = {}
    for set_change in look.changes.sets:
        for value in _ours(look, set_change, set_change.after):
            family = family_of(set_change.name, set_change.type, value.value)
            name = slot(set_change.name, set_change.type, family, value.value)
            slots[name] = _Slot(name, family, set_change.name, set_change.type, set_change.ttl, value, ())
    named = {id: name for name, id in look.memory.ids.items()}
    for set_change in look.changes.sets:
        for record in _live(look, set_change):
            family = family_of(set_change.name, set_change.type, record.value.value)
            # A record that we have keeps its resource, whatever somebody wrote into it.
            name = named.get(record.id) or slot(set_change.name, set_change.type, family, record.value.value)
            empty = _Slot(name, family, set_change.name, set_change.type, set_change.ttl, None, ())
            there = slots.setdefault(name, empty)
            slots[name] = _Slot(
                name, family, there.owner, there.type, there.ttl, there.value, (*there.live, record)
            )
    yield from (slots[name] for name in sorted(slots))


def _ours(look: Look, set_change: SetChange, values: Sequence[ObservedValue]) -> tuple[ObservedValue, ...]:
    """The values of a set, before or after, that are ours and not somebody else's."""
    at_name = [record for record in look.wanted.plan.records if record.name == set_change.name]
    here = [record for record in at_name if record.type == set_change.type]
    families = [record.family for record in at_name]
    return ours(
        ObservedSet(set_change.name, set_change.type, set_change.ttl, tuple(values)),
        here,
        look.memory.owned,
        families,
    )


def _live(look: Look, set_change: SetChange) -> Iterator[LiveRecord]:
    if set_change.before is None:
        return
    mine = _ours(look, set_change, set_change.before.values)
    known = frozenset(look.memory.ids.values())
    for record in look.zone.records:
        here = (record.name, record.type) == (set_change.name, set_change.type)
        if here and (record.value in mine or record.id in known):
            yield record


def _email_routing(look: Look) -> bool:
    """Whether the zone's MX are locked by Email Routing and the plan wants others."""

    def routing(value: str) -> bool:
        return bare(value).lower().endswith(".mx.cloudflare.net")

    for set_change in look.changes.changes:
        before = set_change.before.plain if set_change.before else ()
        if set_change.type == "MX" and any(map(routing, before)):
            return not all(routing(value.value) for value in set_change.after)
    return False


def _text(value: ObservedValue | None) -> str:
    return value.value if value else ""


def _pending_text(domain: str, resources: Sequence[Registration]) -> str:
    adopted = sum(1 for registration in resources if registration.adopt and registration.pending)
    return (
        f"{domain}: {adopted} records were taken over as they are and differ from the spec; "
        "run `pulumi up` again: it makes the change."
        if adopted
        else f"{domain}: records were opened for deletion; run `pulumi up` again: it removes them."
    )
