"""Zones to be spoilt: a domain as planned, and the small changes that seeded faults are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailwright.model import txt
from mailwright.model.plan import Plan
from mailwright.operations.planning import planned

DAY = dt.date(2026, 11, 23)
SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: self-hosted, mx: ["10 mx1.{domain}", "20 mx2.{domain}"], ip4: [93.184.216.34]}}
dns_hosts: [{{service: manual, console: aliyun}}]
contact: wang@{domain}
dmarc: {{stage: guard}}
spf: {{include: [spf.mail.qq.com]}}
signing: [{{selector: s1, public_key_file: s1.pub}}]
verification: [{{value: google-site-verification=J8m2c4hVq0sT6nYx1Rb3kLw9}}]
mta_sts: {{mode: testing, served_by: pages.example.net}}
tls_rpt: {{}}
bimi: {{logo: "https://{domain}/logo.svg"}}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One record: ``value`` is plain for TXT; ``strings`` is its split where it is not the usual one."""

    name: str
    type: str
    value: str
    ttl: int = 3600
    strings: tuple[bytes, ...] | None = None

    def shown(self) -> str:
        """As a zone file has it."""
        data = txt.quote(self.strings or txt.split(self.value)) if self.type == "TXT" else self.value
        return f"{self.name} {self.ttl} IN {self.type} {data}"


@dataclass
class Zone:
    """The records of one domain, to be spoilt."""

    domain: str
    lines: list[Line] = field(default_factory=list)

    @property
    def apex(self) -> str:
        return self.domain + "."

    def named(self, label: str) -> str:
        """``_dmarc`` → its owner name; "" is the apex."""
        return f"{label}.{self.apex}" if label else self.apex

    def find(self, label: str, type: str, begin: str = "") -> Line:
        """The only record of a name and type whose value begins so."""
        name = self.named(label)
        (line,) = (e for e in self.lines if (e.name, e.type) == (name, type) and e.value.startswith(begin))
        return line

    def text(self) -> str:
        """Zone file lines."""
        return "".join(line.shown() + "\n" for line in self.lines)


Change = Callable[[Zone], None]


def zone_of(plan: Plan) -> Zone:
    """The domain as planned, with addresses for its exchangers and a website beside."""
    zone = Zone(plan.domain)
    zone.lines = [Line(e.name, e.type, value, e.ttl) for e in plan.records for value in e.values]
    zone.lines += [Line(zone.named(f"mx{n}"), "A", "93.184.216.34", 300) for n in (1, 2)]
    return zone


def plan_of(folder: Path, domain: str) -> Plan:
    """The plan of the rich spec for one domain; ``folder`` gets its file, and has s1.pub."""
    path = folder / f"{domain}.yaml"
    path.write_text(SPEC.format(domain=domain))
    seen = planned([path], DAY)
    assert seen.plans, [finding.message() for finding in seen.findings]
    return seen.plans[0][1]


# -- ways to spoil a zone -------------------------------------------------------------------------


def edit(label: str, type: str, begin: str, how: Callable[[str, Zone], str]) -> Change:
    def change(zone: Zone) -> None:
        line = zone.find(label, type, begin)
        zone.lines[zone.lines.index(line)] = replace(line, value=how(line.value, zone))

    return change


def swap(label: str, type: str, begin: str, old: str, new: str) -> Change:
    def how(value: str, zone: Zone) -> str:
        here = old.format(domain=zone.domain)
        assert here in value, f"{here} is not in {value}"
        return value.replace(here, new.format(domain=zone.domain))

    return edit(label, type, begin, how)


def gone(label: str, type: str, begin: str = "") -> Change:
    return lambda zone: zone.lines.remove(zone.find(label, type, begin))


def more(label: str, type: str, value: str, ttl: int = 3600) -> Change:
    return lambda zone: zone.lines.append(
        Line(zone.named(label), type, value.format(domain=zone.domain), ttl)
    )


def ttl(label: str, type: str, seconds: int) -> Change:
    def change(zone: Zone) -> None:
        name = zone.named(label)
        zone.lines = [
            replace(line, ttl=seconds) if (line.name, line.type) == (name, type) else line
            for line in zone.lines
        ]

    return change


def moved(label: str, type: str, begin: str, where: Callable[[Zone], str]) -> Change:
    def change(zone: Zone) -> None:
        line = zone.find(label, type, begin)
        zone.lines[zone.lines.index(line)] = replace(line, name=where(zone))

    return change


def cut(label: str, begin: str, octets: int) -> Change:
    return edit(label, "TXT", begin, lambda value, _: value[:octets])


def instead(label: str, target: str) -> Change:
    """Everything at a name gives way to a CNAME."""

    def change(zone: Zone) -> None:
        name = zone.named(label)
        zone.lines = [line for line in zone.lines if line.name != name]
        zone.lines.append(Line(name, "CNAME", target))

    return change


def all_of(*changes: Change) -> Change:
    def change(zone: Zone) -> None:
        for each in changes:
            each(zone)

    return change
