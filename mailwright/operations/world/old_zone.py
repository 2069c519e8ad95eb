"""Before a domain moves to another DNS host: the old zone, held against what the new one serves.

The plan's own records are verified anyway. The others (the website's, those of other services) are not ours
to move, and whoever forgets one takes it off the air with the switch: so each is told, loudly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailwright.model.checks import Check, Status
from mailwright.model.families import WHOLE, family_of
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.records import Observed, ObservedSet
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.operations.importing.sources import ImportingError, World, from_servers
from mailwright.plan.transition.compare import canonical
from mailwright.resolving.server import Server

MISSING = rule(
    "old-zone-record-missing",
    Severity.ERROR,
    en="{name} {type} of the old zone is not served by the new DNS host: {values}.",
    zh="新 DNS 服务商没有提供旧区域中的 {name} {type}：{values}。",
    hint_en="Enter it at the new DNS host before the nameservers change at the registrar, or remove it at "
    "the old one if nobody needs it.",
    hint_zh="请在注册商处更换 DNS 服务器之前，在新服务商处录入；若已不需要，请在旧服务商处删除。",
    reference="RFC 1034 §4.2",
)
DIFFERS = rule(
    "old-zone-record-differs",
    Severity.ERROR,
    en="{name} {type} was {values} in the old zone; the new DNS host serves {found}.",
    zh="旧区域中的 {name} {type} 是 {values}；新 DNS 服务商提供的是 {found}。",
    hint_en="Make both the same before the nameservers change at the registrar.",
    hint_zh="请在注册商处更换 DNS 服务器之前，使两边一致。",
    reference="RFC 1034 §4.2",
)
UNSEEN = rule(
    "old-zone-not-compared",
    Severity.WARNING,
    en="Not compared: {what}.",
    zh="未比较：{what}。",
    hint_en="Look at both consoles: an export may lack ALIAS and proxied records, redirects, and records of "
    "single lines (regions).",
    hint_zh="请对照两边的控制台：导出文件可能缺少 ALIAS 与代理记录、跳转，以及各线路的记录。",
)
SAME = rule(
    "old-zone-served",
    Severity.INFO,
    en="All {count} record sets of the old zone that the plan does not have are served by the new DNS host.",
    zh="旧区域中计划以外的 {count} 个记录集，新 DNS 服务商都已提供。",
    hint_en="Nothing to do.",
    hint_zh="无需处理。",
)
_CUT = Text(
    "{name} is delegated (NS); its nameservers, and DS where it is signed, have to be in the new zone, too",
    "{name} 已委派（NS）；其 DNS 服务器以及签名时的 DS 也须写入新区域",
)
_PROXIED = Text(
    "{name} is proxied; the export has no address of its own", "{name} 经过代理；导出文件中没有其真实地址"
)
_FLATTENED = Text("{name} leads to {target} as an ALIAS", "{name} 以 ALIAS 指向 {target}")
_LAGS = Text("{server} answers otherwise than the first server", "{server} 的应答与第一台服务器不同")
_UNTOLD = Text("the new DNS host cannot be queried: {reason}", "无法查询新 DNS 服务商：{reason}")


def compared(plan: Plan, old: World, servers: Sequence[Server]) -> Iterator[Check]:
    """A check for each set of the old zone; ``servers`` are those of the new DNS host."""
    foreign = list(_foreign(plan, old.observed))
    try:
        asked = [*((one.name, one.type) for one in foreign), *((one.name, one.type) for one in plan.records)]
        read = from_servers(plan.domain, asked, servers)
        new = read.observed
    except ImportingError as error:
        text = _UNTOLD.using(reason=error.text)
        yield Check(MISSING.id, Status.UNKNOWN, absolute(plan.domain), "", (), (), "", text)
        return
    wrong = [check for one in foreign if (check := _judged(one, new.get(one.name, one.type)))]
    yield from wrong
    for what in (*_not_compared(old), *(_LAGS.using(server=server) for server in read.lagging)):
        text = UNSEEN.message.using(what=what)
        yield Check(UNSEEN.id, Status.WARN, absolute(plan.domain), "", (), (), "", text)
    if not wrong:
        text = SAME.message.using(count=len(foreign))
        yield Check(SAME.id, Status.PASS, absolute(plan.domain), "", (), (), "", text)


def _foreign(plan: Plan, old: Observed) -> Iterator[ObservedSet]:
    """Sets with the values that are not the plan's to judge: of its own families it verifies all."""
    planned: dict[tuple[str, str], set[str]] = {}
    families: dict[tuple[str, str], set[str]] = {}
    for record in plan.records:
        key = (record.name, record.type)
        planned.setdefault(key, set()).update(canonical(record.type, value) for value in record.values)
        families.setdefault(key, set()).update([record.family] if record.family in WHOLE else [])
    for one in old:
        key = (one.name, one.type)
        values = tuple(
            value
            for value in one.values
            if canonical(one.type, value.value) not in planned.get(key, set())
            and family_of(one.name, one.type, value.value) not in families.get(key, set())
        )
        if values and one.type not in ("NS", "SOA"):
            yield ObservedSet(one.name, one.type, one.ttl, values)


def _judged(old: ObservedSet, new: ObservedSet | None) -> Check | None:
    """None where the new host has every value, and none beside them but text of somebody else."""
    expected = tuple(value.value for value in old.values)
    values = tuple(value.value for value in new.values) if new else ()
    there = {canonical(old.type, value) for value in values}
    planned = {canonical(old.type, value) for value in expected}
    if planned == there or (planned <= there and old.type == "TXT"):
        return None
    broken = DIFFERS if values else MISSING
    shown = {
        "name": bare(old.name),
        "type": old.type,
        "values": ", ".join(expected),
        "found": ", ".join(values),
    }
    return Check(
        broken.id, Status.FAIL, old.name, old.type, expected, values, "", broken.message.using(**shown)
    )


def _not_compared(old: World) -> Iterator[Text]:
    yield from (_CUT.using(name=bare(name)) for name in sorted(old.observed.cuts))
    yield from (_PROXIED.using(name=bare(name)) for name in sorted(old.proxied))
    if old.flattened:
        yield _FLATTENED.using(name=old.domain, target=old.flattened)
    yield from old.unread
