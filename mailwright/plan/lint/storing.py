"""What a DNS host of the spec cannot store: said before anything is written anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailwright.hosts.dns.service import DnsService
from mailwright.hosts.dns.services import SERVICES
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec

CANNOT_STORE = rule(
    "host-cannot-store",
    Severity.ERROR,
    en="{host} cannot store {name} {type}: {reason}.",
    zh="{host} 无法保存 {name} {type}：{reason}。",
    hint_en="Change the line that asks for it (for a TTL: ttl: {least}), or choose another DNS host.",
    hint_zh="请修改要求该记录的那一行（TTL 请写 ttl: {least}），或改用其他 DNS 服务商。",
)
_TYPE = Text("it takes no records of this type", "不支持此类型的记录")
_TTL = Text(
    "a TTL of at least {least} seconds only, and {ttl} is planned", "TTL 至少为 {least} 秒，计划为 {ttl}"
)


def findings(spec: MailSpec, records: Sequence[PlannedRecord]) -> Iterator[Finding]:
    """The first thing that stands against each record at each host; a person enters what is possible."""
    for host in dict.fromkeys(each.service for each in spec.dns_hosts):
        for each in records:
            reason = _refusal(SERVICES[host], each)
            if reason is not None:
                shown = {"host": host, "name": bare(each.name), "type": each.type, "reason": reason}
                least = SERVICES[host].stores.least_ttl or each.ttl
                yield Finding(CANNOT_STORE.id, "", each.position, {**shown, "least": least})


def _refusal(service: DnsService, each: PlannedRecord) -> Text | None:
    stores = service.stores
    if each.type not in stores.types:
        return _TYPE
    said = (stores.limits.refusal(each.type, value) for value in each.values)
    refusal = next(filter(None, said), None)
    if refusal is None and each.ttl < stores.least_ttl:
        return _TTL.using(least=stores.least_ttl, ttl=each.ttl)
    return refusal
