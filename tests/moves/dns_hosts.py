"""A move from one DNS host to another: the clerk follows `migrate --old-nameserver`, resolvers remember."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailwright.model.checks import Check, Status, Verdict
from mailwright.operations.world import dns_moving
from mailwright.plan.plan import plan
from mailwright.resolving.parents import Set
from mailwright.resolving.server import Server
from tests.moves.people import Clerk, StuckError
from tests.moves.world import DAY, STRETCH, Zone, often

DOMAIN = "acme-trade.com"
OLD, NEW = frozenset({"ns1.old.example.", "ns2.old.example."}), frozenset({"ns1.new.example."})
SPEC = (
    f"version: 1\ndomain: {DOMAIN}\ntimezone: UTC\ncontact: wang@partner.example\n"
    "mail_host: {service: fastmail}\ndns_hosts: [{service: manual}]\n"
)
_Values = frozenset[str]


@dataclass
class History:
    """What was true of one thing, since when (hours), and for how long resolvers keep it."""

    ttl: float
    since: list[tuple[float, _Values]] = field(default_factory=list)

    def at(self, time: float) -> _Values:
        return next((values for since, values in reversed(self.since) if since <= time), frozenset())

    def believed(self, now: float, chance: random.Random) -> _Values:
        """By somebody's resolver: fresh, or as it was within the TTL; some keep everything for a day."""
        keeps = max(self.ttl, STRETCH if chance.random() < 0.15 else 0.0)
        changes = [since - 0.001 for since, _ in self.since if now - keeps < since <= now]
        return self.at(chance.choice([now, now - chance.uniform(0, keeps), *changes]))


class Registry:
    """The zone above and both hosts; which host a resolver asks, and whether it believes the answer."""

    def __init__(self, chance: random.Random) -> None:
        start = -100 * DAY
        ttls = [1.0, 12.0, DAY, 2 * DAY]
        signed = chance.random() < 0.6
        self.chance = chance
        self.above = History(chance.choice(ttls), [(start, OLD)])
        self.old = History(chance.choice(ttls), [(start, OLD)])
        imported = NEW | (OLD if chance.random() < 0.3 else frozenset())
        self.new = History(chance.choice(ttls), [(start, imported)])
        self.ds = History(chance.choice(ttls), [(start, frozenset({"old"} if signed else ()))])
        self.keys = {"old": frozenset({"old"}), "new": frozenset({"new"})}
        self.gone = 1e9  # the hour in which the old host was emptied

    def question(self, now: float) -> str:
        """What is wrong with what a resolver gets; nothing where all is well."""
        names, chance = self.above.believed(now, self.chance), self.chance
        if chance.random() < 0.5:  # it goes by the set in the zone itself, which it asked for some time ago
            asked = now - chance.uniform(0, max(self.old.ttl, self.new.ttl))
            names = self.above.believed(asked, chance)
            zone = self.old if names & OLD and (not names & NEW or chance.random() < 0.5) else self.new
            names = zone.at(asked) if zone.ttl > now - asked else self.above.believed(now, chance)
        host = "old" if names & OLD and (not names & NEW or chance.random() < 0.5) else "new"
        if host == "old" and now >= self.gone:
            return "asks the old host, which is empty"
        ds = self.ds.believed(now, chance) if chance.random() < 0.5 else frozenset()
        return f"has a DS that the {host} host has no key of" if ds and not ds & self.keys[host] else ""


def rehosted(folder: Path, seed: int) -> list[str]:
    """One move from one DNS host to another; what somebody's resolver got wrong."""
    chance = random.Random(seed)
    clerk, world = Clerk(folder, Zone(), chance, DOMAIN), Registry(chance)
    clerk.text, clerk.now = SPEC, chance.uniform(0, DAY)
    made = plan(clerk.spec(), clerk.day)
    hosts = dns_moving.Hosts(
        (Server("ns1.old.example", "192.0.2.1"),), (Server("ns1.new.example", "192.0.2.2"),)
    )
    written = clerk.now + chance.uniform(0, 2 * DAY)  # then both hosts serve the plan
    marks = [written]

    def told(history: History) -> list[Set | None]:
        return [Set(f"{DOMAIN}.", int(history.ttl * 3600), history.at(clerk.now))]

    async def seen(*_: object) -> dns_moving._Seen:
        known = dns_moving.Hosts(hosts.old, hosts.new, (Server("above", "192.0.2.3"),))
        keys = [Set(f"{DOMAIN}.", 3600, world.keys[name]) for name in ("new", "old")]
        return dns_moving._Seen(
            known, told(world.above), told(world.new), told(world.old), told(world.ds), keys
        )

    def verified(*_: object) -> list[Verdict]:
        status = Status.PASS if clerk.now >= written else Status.FAIL
        return [Verdict(DOMAIN, (Check("simulated", status, f"{DOMAIN}.", "MX", (), (), ""),))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dns_moving, "_seen", seen)
        patch.setattr(dns_moving, "verify_all", verified)
        patch.setattr(dns_moving.parents, "signed_by", lambda zone, ds, keys: not ds or bool(ds & keys))
        for _ in range(4000):
            if chance.random() < 0.03:
                (folder / f"{DOMAIN}.json").unlink(missing_ok=True)  # what it remembered is gone
            one = dns_moving.leaving(made, hosts, clerk.moment, folder)
            states = {condition.key: condition.state for condition in one.conditions}
            if one.state == "due":
                break
            if states["signatures"] == "open":
                world.ds.since.append((clerk.now, frozenset()))
                marks.append(clerk.now)
            if states["nameservers"] == "open":
                first = chance.choice([world.above, world.new])
                left = world.above if first is world.new else world.new
                history = first if first.at(clerk.now) != NEW else left
                history.since.append((clerk.now, NEW))
                marks.append(clerk.now)
            clerk.wait(next((e.until for e in one.conditions if e.state == "waiting" and e.until), None))
        else:
            raise StuckError(str(states))
    world.gone = clerk.now
    marks.append(clerk.now)
    wrong: list[str] = []

    def ask(time: float) -> None:
        if trouble := world.question(time):
            wrong.append(f"DNS hosts, seed {seed}: hour {time:.0f}: somebody {trouble}")

    for mark in marks:
        often(chance, 25, mark, mark + 3 * DAY, ask)
    return wrong
