"""``report``: specs, and where asked their living state, as one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailwright.catalog import service
from mailwright.model.checks import Verdict
from mailwright.model.families import Family
from mailwright.model.plan import Plan
from mailwright.model.text import Lang, Text
from mailwright.operations.world.answering import Seen, answers, sets_of
from mailwright.plan.agenda import agenda
from mailwright.plan.judging import snapshot_tree
from mailwright.plan.records.alias_domains import spec_of
from mailwright.report.page.flow import Way
from mailwright.report.page.page import Page, page
from mailwright.spec.model import MailSpec
from mailwright.standards import spf


def report(
    pairs: Sequence[tuple[MailSpec, Plan]], lang: Lang, verdicts: Sequence[Verdict] | None = None
) -> str:
    """The page; ``verdicts`` are in the order of the plans, None where nobody was asked."""
    pages = [
        _page(spec, plan, verdicts[number] if verdicts else None) for number, (spec, plan) in enumerate(pairs)
    ]
    return page(pages, lang)


def _page(spec: MailSpec, plan: Plan, verdict: Verdict | None) -> Page:
    events = agenda(spec) if plan.domain == spec.domain else ()
    spec, parked = spec_of(spec, plan.domain), plan.domain in spec.parked
    host = None if parked else service(spec.mail_host.service)
    senders = () if parked else tuple(_name(sender.service, sender.custom) for sender in spec.senders)
    keys = frozenset(key.name for sender in spec.senders for key in sender.dkim)
    seen = Seen(
        plan.domain,
        sets_of(plan.records),
        host.names if host else None,
        senders,
        findings=plan.findings,
        sender_keys=keys,
    )
    title = plan.domain if parked else spec.domain_unicode
    site = host.site(spec.mail_host.site) if host else None
    ways = () if parked else tuple(_ways(spec, host.names if host else None))
    whole = Page(plan, title, answers(seen), host, site, ways, _trees(plan), plan.findings, verdict, events)
    second = service(spec.beside.service) if spec.beside and host else None
    if second is None or spec.beside is None:
        return whole
    return replace(whole, beside=(second, second.site(spec.beside.site)))


_HOST = Text("people write here", "员工在此写信")
_AS = Text("as {address}", "以 {address} 的名义")
_FROM = Text("from {networks}", "发自 {networks}")


def _ways(spec: MailSpec, host: Text | None) -> Iterator[Way]:
    """Who sends in the domain's name: the mail host, then every sender with its address and networks."""
    for mail_host in spec.mail_hosts if host else ():
        own = (*mail_host.ip4, *mail_host.ip6)
        seen = (_HOST, *([_FROM.using(networks=", ".join(own))] if own else []))
        yield Way(_name(mail_host.service, None), seen)
    for sender in spec.senders:
        networks = (*sender.ip4, *sender.ip6, *sender.include)
        notes = [_AS.using(address=sender.from_address or f"@{spec.domain_unicode}")]
        notes += [_FROM.using(networks=", ".join(networks))] if networks else []
        yield Way(_name(sender.service, sender.custom), tuple(notes))


def _name(service_id: str | None, custom: str | None) -> Text:
    known = service(service_id) if service_id else None
    return known.names if known else Text("{name}", "{name}", {"name": custom or service_id or "?"})


def _trees(plan: Plan) -> tuple[spf.BudgetTree, ...]:
    trees = []
    for record in plan.records:
        if record.family is Family.SPF and record.type == "TXT":
            for value in record.values:
                try:
                    trees.append(snapshot_tree(record.name, value))
                except spf.SpfError:
                    continue
    return tuple(trees)
