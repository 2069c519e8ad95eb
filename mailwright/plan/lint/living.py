"""A plan held against the names it leans on: includes, keys behind aliases, report destinations.

Pure: the look-up comes in as a function. What the plan itself publishes is answered from the plan, so that
nothing has to be deployed first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.judging import MX_NOT_PUBLIC, Context, placed, verdict
from mailwright.plan.mailboxes.rules import REPORT_MAILBOX
from mailwright.plan.mailboxes.trace import Mail, trace
from mailwright.plan.records.authentication import REPORT_UNAUTHORISED
from mailwright.standards import dmarc, null_mx, spf

NO_TARGET = rule(
    "dkim-target-without-key",
    Severity.WARNING,
    en="{name} leads to {target}, where there is no DKIM key: the service does not sign yet, or the "
    "target is mistyped.",
    zh="{name} 指向 {target}，但那里没有 DKIM 密钥：服务商尚未启用签名，或目标写错了。",
    hint_en="Compare the target with the console, then switch DKIM on there.",
    hint_zh="请与后台核对目标，再在后台启用 DKIM。",
    reference="RFC 6376 §3.6.2",
)
NO_ADDRESS = rule(
    "mx-without-address",
    Severity.ERROR,
    en="The exchanger {host} of {name} has no address: mail cannot be delivered there.",
    zh="{name} 的 MX 主机 {host} 没有 A 或 AAAA 记录：邮件无法投递。",
    hint_en="Correct the name, or give the host an A or AAAA record before {name} names it.",
    hint_zh="请改正主机名，或先为该主机设置 A 或 AAAA 记录。",
    reference="RFC 5321 §5.1",
)
UNANSWERED = rule(
    "name-unanswered",
    Severity.WARNING,
    en="{name} could not be looked up; what depends on it is not judged.",
    zh="无法查询 {name}；与其有关的内容未作判断。",
    hint_en="Check again later, or ask another resolver (--resolver).",
    hint_zh="请稍后再试，或换一个解析器（--resolver）。",
)
COSTS = rule(
    "spf-costs",
    Severity.INFO,
    en="The SPF record of {domain} costs {lookups} of {most} look-ups: {terms}.",
    zh="{domain} 的 SPF 记录用去 {most} 次查询中的 {lookups} 次：{terms}。",
    hint_en="Past {most} every sender fails; a sender on a subdomain of its own has a budget of its own.",
    hint_zh="超过 {most} 次后所有发信方都会失败；放在单独子域名上的发信方有自己的额度。",
    reference="RFC 7208 §4.6.4",
)
_IODEF = Text("reports about certificates (CAA iodef)", "接收证书签发报告（CAA iodef）")

#: What the live tree says better than the dated snapshot.
_OF_TREE = frozenset(
    {
        "spf-lookups-over-limit",
        "spf-cost-unknown",
        "spf-cost-old",
        "spf-include-costly",
        "spf-voids-over-limit",
        "spf-term-finds-nothing",
        "spf-target-broken",
        "spf-include-loop",
        "spf-mx-over-limit",
        "spf-lookup-unanswered",
    }
)


@dataclass(frozen=True, slots=True)
class Living:
    """What the look-ups showed: a budget for each sending name, and findings in place of the offline ones."""

    trees: tuple[spf.BudgetTree, ...]
    findings: tuple[Finding, ...]


def overlay(plans: Iterable[Plan], lookup: spf.Lookup) -> spf.Lookup:
    """A look-up that answers from the plans where they publish something, and asks for the rest."""
    own: dict[tuple[str, str], tuple[str, ...]] = {}
    for plan in plans:
        for record in plan.records:
            key = (record.name, record.type)
            own[key] = (*own.get(key, ()), *record.values)

    def answer(name: str, type: str) -> Sequence[str]:
        for _ in range(8):  # as many aliases as a resolver follows at least
            planned = own.get((name.lower(), type))
            if planned is not None:
                return planned
            alias = own.get((name.lower(), "CNAME"))
            if alias is None:
                break
            name = alias[0]
        return lookup(name, type)

    return answer


def living(plans: Sequence[Plan], lookup: spf.Lookup) -> Living:
    """Judge the plans by what others publish. ``lookup`` may raise LookupFailed: then that is said."""
    asked = overlay(plans, lookup)
    return together(one(plan, asked) for plan in plans)


def together(several: Iterable[Living]) -> Living:
    """What was shown of each plan as one; the same said twice is said once."""
    livings = tuple(several)
    findings = dict.fromkeys(finding for domain_living in livings for finding in domain_living.findings)
    return Living(tuple(tree for domain_living in livings for tree in domain_living.trees), tuple(findings))


def one(plan: Plan, asked: spf.Lookup) -> Living:
    """Judge one plan; ``asked`` answers for what it publishes itself too (``overlay``)."""
    trees: list[spf.BudgetTree] = []
    findings = list(_iodef(plan, asked))
    for record in plan.records:
        if record.type == "TXT" and record.family is Family.SPF:
            tree = _tree(record, asked)
            if tree is not None:
                trees.append(tree)
                findings += _of_tree(record, tree)
        elif record.type == "MX":
            findings += _exchangers(record, asked)
        elif record.type == "CNAME" and record.family is Family.DKIM:
            findings += _key(record, asked)
        elif record.type == "TXT" and record.family is Family.DMARC:
            findings += _destinations(record, asked)
            findings += _wildcard(record, asked)
    heard = (e for e in findings if e.rule not in plan.silenced or e.severity is Severity.ERROR)
    return Living(tuple(trees), tuple(heard))


def replaced(offline: Iterable[Finding], live: Living) -> tuple[Finding, ...]:
    """The offline findings, those that look-ups decide taken from the living world instead."""
    decided = _OF_TREE | {REPORT_UNAUTHORISED.id}
    return (*(finding for finding in offline if finding.rule not in decided), *live.findings)


def _tree(record: PlannedRecord, lookup: spf.Lookup) -> spf.BudgetTree | None:
    """The budget, or None where the text is no record: that is said already without a look-up."""
    try:
        return spf.budget(bare(record.name), record.values[0], lookup)
    except spf.SpfError:
        return None


def _of_tree(record: PlannedRecord, tree: spf.BudgetTree) -> Iterator[Finding]:
    yield from placed(spf.lint_budget(tree, domain=bare(record.name)), "", record.position)


def counted(trees: Iterable[spf.BudgetTree]) -> Iterator[Finding]:
    """Each tree in one line, for the formats that have no room for one."""
    for tree in (subtree for subtree in trees if subtree.lookups):
        params = {
            "domain": tree.domain,
            "lookups": tree.lookups,
            "most": spf.MAX_LOOKUPS,
            "terms": _terms(tree),
        }
        yield Finding(COSTS.id, params=params)


def _terms(tree: spf.BudgetTree) -> str:
    """``include:spf.example.com 3 (include:a.example.com 1, a:mx.example.com 1)``."""
    costly = [child for child in tree.children if child.lookups]
    below = {subtree.term: _terms(subtree) for subtree in costly}
    return ", ".join(
        f"{subtree.term} {subtree.lookups}" + (f" ({below[subtree.term]})" if below[subtree.term] else "")
        for subtree in costly
    )


def _iodef(plan: Plan, lookup: spf.Lookup) -> Iterator[Finding]:
    """RFC 8659 §4.4: who is told of a certificate that somebody wanted has to receive it."""
    if plan.mailboxes is None:
        return
    try:
        values = lookup(absolute(plan.domain), "CAA")
    except (spf.LookupFailed, OSError):
        yield Finding(UNANSWERED.id, "", None, {"name": f"{plan.domain} CAA"})
        return
    for value in values:
        named = re.fullmatch(r'\d+ iodef "mailto:([^"?]+)[^"]*"', value, re.IGNORECASE)
        address = named[1].lower() if named else ""
        if plan.mailboxes.inside(address) and _nobody(plan.mailboxes, address):
            params = {"address": address, "what": _IODEF, "local": address.partition("@")[0]}
            yield Finding(REPORT_MAILBOX.id, "", None, params)


def _nobody(mailboxes: Mailboxes, address: str) -> bool:
    """Whether it is known that nobody gets mail to an address."""
    story = trace(mailboxes, Mail(address))
    return not story.reached and not story.unknown


def _exchangers(record: PlannedRecord, lookup: spf.Lookup) -> Iterator[Finding]:
    """RFC 5321 §5.1: each exchanger has an address, and one that the world can reach."""
    reached: dict[str, tuple[str, ...]] = {}
    for host in null_mx.exchangers(record.values):
        name = absolute(host)
        try:
            reached[name] = (*lookup(name, "A"), *lookup(name, "AAAA"))
        except (spf.LookupFailed, OSError):
            yield Finding(UNANSWERED.id, "", record.position, {"name": host})
            continue
        if not reached[name]:
            yield Finding(NO_ADDRESS.id, "", record.position, {"name": bare(record.name), "host": host})
    context = Context(addresses=lambda host: reached.get(absolute(host), ()))
    findings = verdict(record.name, record.type, record.family, record.values, context)
    yield from placed(
        (finding for finding in findings if finding.rule == MX_NOT_PUBLIC.id), "", record.position
    )


def _key(record: PlannedRecord, lookup: spf.Lookup) -> Iterator[Finding]:
    target = record.values[0]
    try:
        values = lookup(target, "TXT")
    except (spf.LookupFailed, OSError):
        yield Finding(UNANSWERED.id, "", record.position, {"name": bare(target)})
        return
    if not values:
        params = {"name": bare(record.name), "target": bare(target)}
        yield Finding(NO_TARGET.id, "", record.position, params)
    findings = verdict(record.name, "TXT", Family.DKIM, tuple(values))
    yield from placed(
        (replace(finding, severity_override=_softer(finding)) for finding in findings), "", record.position
    )


def _softer(finding: Finding) -> Severity:
    """The key is the service's: what is wrong with it does not stop our plan."""
    return Severity.WARNING if finding.severity is Severity.ERROR else finding.severity


def _destinations(record: PlannedRecord, lookup: spf.Lookup) -> Iterator[Finding]:
    """RFC 9990 §3: each destination outside the organization has said that it wants the reports."""
    read = dmarc.only_record(record.values)
    if read is None:
        return
    domain = bare(record.name).removeprefix("_dmarc.")
    for destination in dmarc.answered(dmarc.destinations(domain, read), lookup):
        if destination.authorised is None:
            yield Finding(
                UNANSWERED.id, "", record.position, {"name": bare(absolute(destination.authorisation))}
            )
        elif not destination.authorised:
            params = {
                "domain": domain,
                "address": destination.mailbox,
                "record": bare(absolute(destination.authorisation)),
            }
            yield Finding(REPORT_UNAUTHORISED.id, "", record.position, params)


def _wildcard(record: PlannedRecord, lookup: spf.Lookup) -> Iterator[Finding]:
    """RFC 9989 §4.7: ``np`` is for names that do not exist; below a wildcard every name does."""
    domain = bare(record.name).removeprefix("_dmarc.")
    name = "*." + absolute(domain)
    findings = dmarc.wildcard_findings(record.values[0], domain, [name])
    try:
        stands = any(lookup(name, type) for type in ("A", "AAAA", "CNAME", "MX", "TXT") if findings)
    except (spf.LookupFailed, OSError):
        yield Finding(UNANSWERED.id, "", record.position, {"name": bare(name)})
        return
    if stands:
        yield from placed(findings, "", record.position)
