"""A move and a rotation as companies live them: the clerk follows the commands, the world goes on."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Mapping
from pathlib import Path

from mailwright.catalog import service
from mailwright.operations.rotation import Evidence
from tests.moves.people import STANDING, Clerk, StuckError
from tests.moves.world import DAY, Host, World, Zone, often

KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsf67vHGUSH9gQwFRRzbCXH/hgusABfe3Fn6jVOAxh9Km4pDllYpRoKpCKuf3UO8bRe1B"
    "mmhwjw89XPDErwZ4OGrOhtLpR/SxkvQbi4Hp8HeAg2NAkCHAt/2i+ee1MZH3SVrmZe+EEfRXjafk/9Dl653cpeZmtKSsp23ZR7OSOLCf2hAQiM61"
    "lNL0BdiZvSeC5pgNub2WvuwoCA8F4VNTk6pUol4NG/FijK+KpDCxfVdjbHVfIviRqNBwsuHem0Me7gIUvWy0nltfj2OrrjmvoWDFLXuqmpLds0Ua"
    "P1stTzrXD21I1piLVPSpQfW2X9jWaBsksPGKkha1ECZxaR+AkwIDAQAB"
)
#: Mail hosts with an MX and one include of their own; not every pair fits into ten look-ups.
HOSTS = (
    ("fastmail", None),
    ("tencent-exmail", None),
    ("netease-qiye", "hz"),
    ("yandex-360", None),
    ("google-workspace", None),
)
PAIRS = [(old, new) for old, new in itertools.permutations(HOSTS, 2)]
FOREVER = 1e9
DOMAIN = "acme-trade.com"
#: Conditions that are no line under ``confirmed``.
_NOT_HERS = frozenset({"served", "waited", "addresses_of_include", "contract"})


def _policy(zone: Zone, now: float, *hosts: Host) -> None:
    """The clerk has the policy file name the exchangers of these hosts."""
    zone.files.append((now, frozenset(name.rstrip(".") for host in hosts for name in host.exchangers)))


def _head(ttl: int) -> str:
    return (
        f"version: 1\ndomain: {DOMAIN}\ntimezone: UTC\ncontact: wang@partner.example\nttl: {ttl}\n"
        "dns_hosts: [{service: manual}]\n"
    )


def _host(block: str, host: tuple[str, str | None], selector: str, more: str = "") -> str:
    site = f", site: {host[1]}" if host[1] else ""
    key = f'{{name: {selector}._domainkey, value: "v=DKIM1; k=rsa; p={KEY}"}}'
    return f"{block}: {{service: {host[0]}{site}, dkim: [{key}]{more}}}\n"


def _in_world(host: tuple[str, str | None], selector: str, since: float) -> Host:
    known = service(host[0])
    site = known.site(host[1]) if known else None
    assert site is not None
    names = frozenset(one.host.rstrip(".") + "." for one in site.mx)
    networks = frozenset({site.spf[0], STANDING})
    return Host(names, networks, selector, (since, FOREVER), (since, FOREVER))


def moved(folder: Path, seed: int) -> list[str]:
    """One move from one mail host to another; what was lost."""
    chance = random.Random(seed)
    old, new = chance.choice(PAIRS)
    zone = Zone()
    zone.serve(-1000, {})
    clerk = Clerk(folder, zone, chance, DOMAIN)
    ttl = chance.choice([60, 300, 3600, 7200, 86400])
    hosts = [_in_world(old, "old", -FOREVER), _in_world(new, "new", FOREVER)]
    world = World(DOMAIN, zone, chance, hosts)
    sts = "mta_sts: {mode: enforce, max_age: 2592000}\n" if seed % 2 else ""
    if sts:
        _policy(zone, -1000, hosts[0])
    clerk.now = -10 * DAY
    clerk.text = _head(ttl) + sts + _host("mail_host", old, "old")
    assert clerk.up()
    clerk.now = chance.uniform(0, DAY)
    confirmed: dict[str, str] = {}
    standing = f", addresses: {{seen: 2026-12-01, ip4: [{STANDING[4:]}]}}" if chance.random() < 0.5 else ""
    times: dict[str, float] = {}

    def write(stage: str) -> None:
        days = ", ".join(f"{key}: {day}" for key, day in confirmed.items())
        more = f", stage: {stage}, contract_until: 2099-12-31, confirmed: {{{days}}}{standing}"
        text = _head(ttl) + sts + _host("mail_host", new, "new")
        clerk.text = text + (_host("moving_from", old, "old", more) if stage else "")

    def confirm(key: str) -> None:
        """The clerk does what the text asks for, and writes the day."""
        confirmed[key] = clerk.day.isoformat()
        if key == "both_hold":
            hosts[1].holds = (clerk.now, FOREVER)
        elif key == "signing":
            hosts[1].signs = (clerk.now, FOREVER)
        elif key == "copied":
            world.boxes[0].seen.append(clerk.now)
        elif key == "silent":
            times["silent"] = clerk.now
        elif key == "last_copy":
            world.boxes[0].seen.append(clerk.now)

    stage = "prepare"
    write(stage)
    for _ in range(4000):
        clerk.up()
        seen = clerk.migrate()
        times.setdefault(stage, clerk.now) if seen.conditions[0].state == "done" else None
        if seen.addresses:
            standing = f", addresses: {{seen: {clerk.day}, ip4: [{STANDING[4:]}]}}"
            write(stage)
        asked = [one for one in seen.conditions if one.state == "open" and one.key not in _NOT_HERS]
        if asked and asked[0].key == "policy" and times.setdefault("file", clerk.now) + DAY > clerk.now:
            if zone.files[-1][0] < 0:
                _policy(zone, clerk.now, *hosts)
            asked = []  # she waits for the day
        if asked and seen.conditions[0].state == "done" and chance.random() < 0.5:
            confirm(asked[0].key)
            write(stage)
        elif seen.state == "due" and seen.following:
            stage = seen.following.value
            write(stage)
        elif seen.state == "due":
            break
        until = next((one.until for one in seen.conditions if one.state == "waiting"), None)
        clerk.wait(until)
    else:
        raise StuckError(clerk.text)
    end = clerk.now
    if sts:
        _policy(zone, end, hosts[1])
    hosts[0].holds, hosts[0].signs = (-FOREVER, end), (-FOREVER, end)  # the domain goes there
    write("")
    clerk.up()
    _traffic(world, times, end)
    return [f"{old[0]} → {new[0]}, seed {seed}: {text}" for text in world.lost]


def _traffic(world: World, times: Mapping[str, float], end: float) -> None:
    chance = world.chance
    switched, silent = times["switch"], times.get("silent", end)
    for first, last in ((0.0, switched), (switched, switched + 2 * DAY), (switched, end + 2 * DAY)):
        often(chance, 12, first, last, world.incoming)
    world.boxes[0].seen.append(switched + DAY)  # both are read for a day
    often(chance, 15, 0.0, silent, lambda time: world.outgoing(0, time))
    often(chance, 15, switched, end + DAY, lambda time: world.outgoing(1, time))
    often(chance, 6, 0.0, silent, lambda time: world.inside(0, time))
    often(chance, 6, switched, end + DAY, lambda time: world.inside(1, time))
    world.boxes[1].seen.append(FOREVER)
    world.settle()


def rotated(folder: Path, seed: int) -> list[str]:
    """One key takes the place of another at two signers; what was lost."""
    chance = random.Random(seed)
    zone = Zone()
    zone.serve(-1000, {})
    clerk = Clerk(folder, zone, chance, DOMAIN)
    ttl = chance.choice([60, 300, 3600, 7200, 86400])
    signers = {"mail_host": 0, "crm": 1}
    hosts = [
        Host(
            frozenset(),
            frozenset({f"ip4:203.0.113.{10 + 10 * number}"}),
            "s1",
            (-FOREVER, FOREVER),
            (-FOREVER, FOREVER),
        )
        for number in signers.values()
    ]
    world = World(DOMAIN, zone, chance, hosts)
    seen: dict[str, str] = {}
    state = {"new": False, "revoked": "", "old": True}

    def write() -> None:
        days = ", ".join(f"{name}: {day}" for name, day in seen.items())
        revoked = f", revoked: {state['revoked']}" if state["revoked"] else ""
        replaces = ", replaces: s1" if state["old"] else ""
        keys = [f'  - {{selector: s1, public_key: "{KEY}"{revoked}}}\n'] if state["old"] else []
        if state["new"]:
            there = f", seen: {{{days}}}" if state["old"] else ""
            keys.append(f'  - {{selector: s2, public_key: "{KEY}"{replaces}{there}}}\n')
        clerk.text = (
            _head(ttl)
            + "mail_host: {service: self-hosted, mx: ['10 mail.acme-trade.com'], ip4: [203.0.113.10]}\n"
            + "senders: [{custom: crm, from: info, ip4: [203.0.113.20], signs_as: acme-trade.com}]\n"
            + "signing:\n"
            + "".join(keys)
        )

    write()
    clerk.now = -10 * DAY
    assert clerk.up()
    clerk.now = chance.uniform(0, DAY)
    state["new"] = True
    write()
    switches: dict[str, float] = {}
    for _ in range(4000):
        clerk.up()
        proofs = {(name, "s2"): _day(clerk, time) for name, time in switches.items() if time <= clerk.now}
        last = {"s1": clerk.day} if len(proofs) < len(signers) else {}
        one = clerk.rotate(Evidence(proofs, last))
        if one.step == "switch":
            for name in signers:
                switches.setdefault(name, clerk.now + chance.choice([0.0, chance.uniform(0, 20 * DAY)]))
            for name, time in switches.items():
                if time <= clerk.now and name not in seen and chance.random() < 0.5:
                    seen[name] = clerk.day.isoformat()
                    write()
        elif one.step == "revoke" and one.state == "due":
            state["revoked"] = clerk.day.isoformat()
            write()
        elif one.step == "remove" and one.state == "due":
            break
        clerk.wait(next((each.until for each in one.conditions if each.state == "waiting"), None))
    else:
        raise StuckError(clerk.text)
    state["old"] = False
    write()
    clerk.up()
    for name, number in signers.items():
        changed = switches[name]
        often(chance, 40, 0.0, changed, lambda time, at=number: world.outgoing(at, time, "s1"))  # type: ignore[misc]
        often(chance, 40, changed, clerk.now, lambda time, at=number: world.outgoing(at, time, "s2"))  # type: ignore[misc]
    return [f"rotation, seed {seed}: {text}" for text in world.lost]


def _day(clerk: Clerk, time: float) -> dt.date:
    return (clerk.moment - dt.timedelta(hours=clerk.now - time)).date()
