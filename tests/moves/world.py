"""A world with a clock: a zone's history, resolvers that remember, senders that queue, mailboxes.

It knows nothing of how Mailwright decides: no stage, no waiting time, no step. Times are hours since the
beginning. What a resolver may still believe is drawn from what was served before, so that the worst views
come up often.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

DAY = 24.0
TRIES = 5 * DAY  # RFC 5321 §4.5.4.1
NEGATIVE = 1.0  # what the zone lets resolvers remember of names that are not there
STRETCH = DAY  # some resolvers keep everything as long

Sets = dict[tuple[str, str], tuple[float, tuple[str, ...]]]  # name and type → TTL (hours) and values


@dataclass
class Zone:
    """What all authoritative servers serve, and what they did. ``files``: MTA-STS policies, by their day."""

    history: list[tuple[float, Sets]] = field(default_factory=list)
    files: list[tuple[float, frozenset[str]]] = field(default_factory=list)

    def file(self, time: float) -> frozenset[str]:
        """The exchangers that the policy named; empty without one."""
        return next((names for since, names in reversed(self.files) if since <= time), frozenset())

    def serve(self, now: float, sets: Sets) -> None:
        self.history.append((now, dict(sets)))

    def at(self, time: float) -> Sets:
        served = [sets for since, sets in self.history if since <= time]
        return served[-1] if served else self.history[0][1]


@dataclass
class Resolvers:
    """Answers as somebody's resolver gives them: fresh, or remembered for as long as it may."""

    zone: Zone
    chance: random.Random

    def ask(self, name: str, type: str, now: float) -> tuple[str, ...]:
        stretch = STRETCH if self.chance.random() < 0.15 else 0.0
        times = [since for since, _ in self.zone.history if since <= now]
        asked = self.chance.choice(
            [now, now - self.chance.uniform(0, 3 * DAY), *(max(0.0, since - 0.001) for since in times)]
        )
        found = self.zone.at(asked).get((name, type))
        ttl, values = found if found else (NEGATIVE, ())
        if now - asked < max(ttl, stretch):
            return values
        found = self.zone.at(now).get((name, type))
        return found[1] if found else ()


class Enforcing:
    """A sender that keeps to MTA-STS (RFC 8461 §5.1): a policy is kept until the record has another id."""

    def __init__(self, domain: str, resolvers: Resolvers, now: float) -> None:
        self.name, self.resolvers = f"_mta-sts.{domain}.", resolvers
        chance, zone = resolvers.chance, resolvers.zone
        changes = [since for since, _ in (*zone.history, *zone.files) if 0 <= since <= now]
        times = [now, *(since + chance.choice([-0.01, 0.01, 1.0]) for since in changes)]
        then = min(now, chance.choice(times))  # when it wrote to us the last time
        self.id, self.policy = resolvers.ask(self.name, "TXT", then), zone.file(then)

    def takes(self, names: tuple[str, ...], now: float) -> tuple[str, ...]:
        """The MX values to which it may deliver."""
        id = self.resolvers.ask(self.name, "TXT", now)
        if id and id != self.id:
            self.id, self.policy = id, self.resolvers.zone.file(now)
        return tuple(n for n in names if not self.policy or n.split()[1].rstrip(".") in self.policy)


@dataclass
class Host:
    """A mail host of the company: the exchangers it has, and when it took the domain in and let it go."""

    exchangers: frozenset[str]
    networks: frozenset[str]  # the SPF terms that let it send, each alone
    selector: str
    holds: tuple[float, float]
    signs: tuple[float, float]


@dataclass
class Mailboxes:
    """Mail that lies at a host, and when somebody saw all of it: read there, or copied to where they read."""

    arrived: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)

    def unread(self) -> list[float]:
        last = max(self.seen, default=-1.0)
        return [time for time in self.arrived if time > last]


@dataclass
class World:
    """The company in it. ``lost`` says what went wrong, in words."""

    domain: str
    zone: Zone
    chance: random.Random
    hosts: list[Host]
    boxes: list[Mailboxes] = field(default_factory=lambda: [Mailboxes(), Mailboxes()])
    lost: list[str] = field(default_factory=list)

    def incoming(self, sent: float) -> None:
        """A mail from outside: it goes to whom MX names, and waits where nobody takes it."""
        resolvers, sticky = Resolvers(self.zone, self.chance), self.chance.random() < 0.3
        first = resolvers.ask(f"{self.domain}.", "MX", sent)
        down = (
            self.chance.uniform(0, TRIES) if self.chance.random() < 0.3 else 0.0
        )  # its own line, or greylisting
        now = sent + down
        enforcing = Enforcing(self.domain, resolvers, sent) if self.zone.files else None
        while now - sent <= TRIES:
            names = first if sticky else resolvers.ask(f"{self.domain}.", "MX", now)
            names = enforcing.takes(names, now) if enforcing else names
            if self._delivered(names, now):
                return
            now += 1 + self.chance.uniform(0, 6)
        self.lost.append(
            f"a mail of hour {sent:.0f} came back: nobody took it at {first} ({self.zone.files})"
        )

    def _delivered(self, names: tuple[str, ...], now: float) -> bool:
        if not names:
            return False
        best = min(int(name.split()[0]) for name in names)
        name = self.chance.choice([name.split()[1] for name in names if int(name.split()[0]) == best])
        for number, host in enumerate(self.hosts):
            if name in host.exchangers:
                if not host.holds[0] <= now < host.holds[1]:
                    self.lost.append(f"hour {now:.0f}: {name} does not know the domain (any more)")
                else:
                    self.boxes[number].arrived.append(now)
                return True
        return False

    def inside(self, at: int, now: float) -> None:
        """A colleague writes to a colleague: a host delivers to itself whatever MX says."""
        host = self.hosts[at]
        if host.holds[0] <= now < host.holds[1]:
            self.boxes[at].arrived.append(now)
        else:
            self.lost.append(f"hour {now:.0f}: somebody still writes at a host without the domain")

    def outgoing(self, at: int, sent: float, selector: str | None = None) -> None:
        """A mail of ours: it may wait for days, and a receiver judges it by what its resolver says then."""
        host = self.hosts[at]
        delay = self.chance.choice([0.0, self.chance.uniform(0, 6), self.chance.uniform(0, TRIES)])
        forwarded = self.chance.random() < 0.2  # by a forward that keeps the signature
        now, resolvers = sent + delay, Resolvers(self.zone, self.chance)
        name = f"{selector or host.selector}._domainkey.{self.domain}."
        keys = resolvers.ask(name, "TXT", now)
        signed = (selector or host.signs[0] <= sent < host.signs[1]) and any(len(key) > 20 for key in keys)
        terms = next((v for v in resolvers.ask(f"{self.domain}.", "TXT", now) if v.startswith("v=spf1")), "")
        permitted = bool(host.networks & set(terms.split())) and not forwarded
        if not signed and not permitted:
            how = "forwarded, " if forwarded else ""
            self.lost.append(
                f"{how}a mail sent at hour {sent:.0f} fails DMARC at hour {now:.0f} ({name}, {terms})"
            )

    def settle(self) -> None:
        """At the end: what lies where nobody looks is lost."""
        for number, boxes in enumerate(self.boxes):
            if unread := boxes.unread():
                self.lost.append(
                    f"{len(unread)} mails lie unread at host {number}, the last of hour {unread[-1]:.0f}"
                )


def often(
    chance: random.Random, count: int, first: float, last: float, happen: Callable[[float], None]
) -> None:
    """Something, at so many times between two, many of them near the ends."""
    for _ in range(count):
        near = chance.random()
        width = last - first
        if near < 0.25:
            happen(first + min(width, chance.uniform(0, 4)))
        elif near < 0.5:
            happen(max(first, last - chance.uniform(0, 4)))
        else:
            happen(chance.uniform(first, last))
