"""``verify --deep``: what mail needs beyond the planned records, asked of the living world."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from mailwright.catalog import service
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.rules import RULES, Severity
from mailwright.operations.world.verification import heard, undisturbed
from mailwright.plan.lint.living import UNANSWERED, Living, counted, living
from mailwright.plan.records.moving import in_stage
from mailwright.plan.records.transport import exchangers_of, policy
from mailwright.resolving.asking import asking
from mailwright.resolving.connect import Dial
from mailwright.resolving.discovery import ServersError, found, system_resolvers
from mailwright.resolving.lookups import judged
from mailwright.resolving.server import Server
from mailwright.spec.model import MailSpec
from mailwright.standards import dane, mta_sts, spf
from mailwright.verify.deep import dnssec, exchangers, names, networks
from mailwright.verify.deep.policy import served

#: Exchangers and policy hosts asked at the same time.
AT_ONCE = 16
_STATUS = {Severity.ERROR: Status.FAIL, Severity.WARNING: Status.WARN}


@dataclass(frozen=True, slots=True)
class Depth:
    """Whom to ask.

    ``servers`` none means each domain's own, ``resolvers`` none this machine's; ``dial`` leads connections.
    """

    servers: tuple[Server, ...] = ()
    resolvers: tuple[Server, ...] = ()
    dial: Dial = field(default_factory=Dial)


def deep(pairs: Sequence[tuple[MailSpec, Plan]], depth: Depth) -> list[Verdict]:
    """A verdict on each domain, of what its records alone do not show. Names are asked first, then hosts."""
    try:
        resolvers = depth.resolvers or system_resolvers()
    except ServersError:
        resolvers = ()
    with undisturbed():
        checkses = asyncio.run(_names(pairs, depth.servers, resolvers))
    hosts = _hosts(pairs, depth.dial)
    return [
        Verdict(plan.domain, heard(plan, (*checks, *more)))
        for (_, plan), checks, more in zip(pairs, checkses, hosts, strict=True)
    ]


# -- by look-ups ---------------------------------------------------------------------------------------


async def _names(
    pairs: Sequence[tuple[MailSpec, Plan]], servers: Sequence[Server], resolvers: Sequence[Server]
) -> list[list[Check]]:
    judges = [_judge(spec, plan) for spec, plan in pairs]
    signed = [
        dnssec.state(plan.domain, resolvers, needed=any(record.type == "TLSA" for record in plan.records))
        for _, plan in pairs
    ]
    lines = [_by_network(plan, servers) for _, plan in pairs]
    async with asking():
        checkses, states, differing = await asyncio.gather(
            judged(judges, resolvers), asyncio.gather(*signed), asyncio.gather(*lines)
        )
    return [[*checks, state, *more] for checks, state, more in zip(checkses, states, differing, strict=True)]


async def _by_network(plan: Plan, servers: Sequence[Server]) -> list[Check]:
    try:
        return await networks.seen(plan, servers or await found(plan.domain))
    except ServersError:
        return []  # the verdict on the records says so


def _judge(spec: MailSpec, plan: Plan) -> Callable[[spf.Lookup], tuple[Check, ...]]:
    senders, own = tuple(_senders(plan)), _own_addresses(spec, plan)
    certified = _certified(spec, plan)

    def judge(lookup: spf.Lookup) -> tuple[Check, ...]:
        return (
            *_living(plan, living([plan], lookup)),
            *names.senders(senders, lookup),
            *names.reverse(own, plan.domain, lookup),
            *names.issuing(certified, lookup),
        )

    return judge


def _living(plan: Plan, seen: Living) -> Iterator[Check]:
    """The rules of ``check --online`` as checks, and the budget of each sending name."""
    for finding in seen.findings:
        unanswered = finding.rule == UNANSWERED.id
        status = Status.UNKNOWN if unanswered else _STATUS.get(finding.severity)
        if status is not None:
            yield _of_finding(finding, status, plan)
    for finding in counted(seen.trees):
        yield _of_finding(finding, Status.PASS, plan)


def _of_finding(finding: Finding, status: Status, plan: Plan) -> Check:
    params = finding.params
    name = absolute(str(params.get("name") or params.get("domain") or plan.domain).split(" ")[0])
    text = RULES[finding.rule].message.using(**params)
    return Check(finding.rule, status, name, "", (), (), "", text, finding.position)


def _senders(plan: Plan) -> Iterator[names.Sender]:
    """Each term by which the planned record lets somebody in."""
    for record in plan.records:
        if record.type != "TXT" or record.family is not Family.SPF:
            continue
        for mechanism in spf.parse(record.values[0]).mechanisms:
            own = (str(mechanism).partition(":")[2],) if mechanism.name in ("ip4", "ip6") else ()
            others = (
                (str(mechanism.domain),) if mechanism.name == "include" and "%" not in str(mechanism) else ()
            )
            if mechanism.qualifier == "+" and (own or others):
                yield names.Sender(str(mechanism), bare(record.name), own, others, record.position)


def _own_addresses(spec: MailSpec, plan: Plan) -> tuple[str, ...]:
    known = service(spec.mail_host.service)
    if plan.domain != spec.domain or known is None or known.hosted:
        return ()
    return tuple(address for address in (*spec.mail_host.ip4, *spec.mail_host.ip6) if "/" not in address)


def _certified(spec: MailSpec, plan: Plan) -> tuple[str, ...]:
    """The names of ours that have to show a certificate of a public CA."""
    written = in_stage(spec).extra.mta_sts if plan.domain == spec.domain else None
    return (mta_sts.policy_host(plan.domain),) if written and not written.served_by else ()


# -- by connections ------------------------------------------------------------------------------------


def _hosts(pairs: Sequence[tuple[MailSpec, Plan]], dial: Dial) -> list[list[Check]]:
    """Each exchanger is tried once, however many domains it serves."""
    planned = [_exchangers(spec, plan) for spec, plan in pairs]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        hosts = dict.fromkeys(exchanger.host for several in planned for exchanger in several)
        seen = dict(zip(hosts, pool.map(lambda host: exchangers.look(host, dial), hosts), strict=True))
        policies = list(pool.map(lambda pair: _policy(pair[0], pair[1], dial), pairs))
    return [
        [
            *policies[n],
            *(
                c
                for exchanger in several
                for c in exchangers.judged(plan.domain, exchanger, seen[exchanger.host])
            ),
        ]
        for n, ((_, plan), several) in enumerate(zip(pairs, planned, strict=True))
    ]


def _planned_policy(spec: MailSpec, plan: Plan) -> mta_sts.Policy | None:
    written = in_stage(spec).extra.mta_sts if plan.domain == spec.domain else None
    return policy(written, exchangers_of(plan.domain, plan.records)) if written else None


def _policy(spec: MailSpec, plan: Plan, dial: Dial) -> tuple[Check, ...]:
    sts_policy = _planned_policy(spec, plan)
    return (
        served(plan.domain, sts_policy, exchangers_of(plan.domain, plan.records), dial) if sts_policy else ()
    )


def _exchangers(spec: MailSpec, plan: Plan) -> list[exchangers.Exchanger]:
    sts_policy = _planned_policy(spec, plan)
    strict = sts_policy is not None and sts_policy.mode == "enforce"
    tlsa = {record.name: record.values for record in plan.records if record.type == "TLSA"}
    return [
        exchangers.Exchanger(host, strict, tlsa.get(dane.owner_name(host), ()))
        for host in exchangers_of(plan.domain, plan.records)
    ]
