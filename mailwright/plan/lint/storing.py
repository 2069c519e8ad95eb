"""What a DNS host of the spec cannot store: said before anything is written anywhere.

A TTL that a host does not take is no mistake: the plan has the next one that every host takes, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mailwright.hosts.dns.service import DnsService
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec

CANNOT_STORE = rule(
    "host-cannot-store",
    Severity.ERROR,
    en="{host} cannot store {name} {type}: {reason}.",
    zh="{host} 无法保存 {name} {type}：{reason}。",
    hint_en="Change the line that asks for it, or choose another DNS host.",
    hint_zh="请修改要求该记录的那一行，或改用其他 DNS 服务商。",
)
TTL_FITTED = rule(
    "ttl-fitted",
    Severity.INFO,
    en="{host} does not take a TTL of {ttl} seconds: {fitted} is planned instead (record sets: {sets}).",
    zh="{host} 不接受 {ttl} 秒的 TTL：改按 {fitted} 秒规划（记录集 {sets} 个）。",
    hint_en="Nothing has to be done; ttl: {fitted} in the spec says the same.",
    hint_zh="无需处理；在规格中写 ttl: {fitted} 效果相同。",
    reference="RFC 2181 §5.2",
)
_TYPE = Text("it takes no records of this type", "不支持此类型的记录")


def fitted(plan: Plan, spec: MailSpec) -> Plan:
    """A parked domain's plan as the spec's hosts can store it, with what they cannot."""
    kept = [
        finding
        for finding in findings(spec, plan.records)
        if finding.severity is Severity.ERROR or finding.rule not in plan.silenced
    ]
    return replace(plan, records=tuple(stored(spec, plan.records)), findings=(*plan.findings, *kept))


def stored(spec: MailSpec, records: Iterable[PlannedRecord]) -> Iterator[PlannedRecord]:
    """The records with a TTL that every host of the spec takes: what is compared is what can be there."""
    for record in records:
        ttl = _ttl(spec, record.ttl)
        yield record if ttl == record.ttl else replace(record, ttl=ttl)


def findings(spec: MailSpec, records: Sequence[PlannedRecord]) -> Iterator[Finding]:
    """The first thing that stands against each record at each host; a person enters what is possible."""
    for host in _hosts(spec):
        for record in records:
            reason = _refusal(SERVICES[host], record)
            if reason is not None:
                shown = {"host": host, "name": bare(record.name), "type": record.type, "reason": reason}
                yield Finding(CANNOT_STORE.id, "", record.position, shown)
    for ttl in sorted({planned_record.ttl for planned_record in records}):
        yield from _fitted(
            spec, ttl, [planned_record for planned_record in records if planned_record.ttl == ttl]
        )


def _fitted(spec: MailSpec, ttl: int, records: Sequence[PlannedRecord]) -> Iterator[Finding]:
    """One note a TTL, at the host that asks for the greatest."""
    planned = _ttl(spec, ttl)
    if planned == ttl:
        return
    host = max(_hosts(spec), key=lambda service_id: SERVICES[service_id].stores.ttl(ttl))
    sets = len({(record.name, record.type) for record in records})
    shown = {"host": host, "ttl": ttl, "fitted": planned, "sets": sets}
    yield Finding(TTL_FITTED.id, "", spec.at("ttl") or spec.at("dns_hosts"), shown)


def _ttl(spec: MailSpec, seconds: int) -> int:
    """The least TTL from ``seconds`` on that one host after the other takes."""
    for host in _hosts(spec):
        seconds = SERVICES[host].stores.ttl(seconds)
    return seconds


def _hosts(spec: MailSpec) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host.service for host in spec.dns_hosts))


def _refusal(service: DnsService, record: PlannedRecord) -> Text | None:
    stores = service.stores
    if record.type not in stores.types:
        return _TYPE
    return next(filter(None, (stores.limits.refusal(record.type, value) for value in record.values)), None)
