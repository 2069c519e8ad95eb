"""Drift of Cloudflare Email Routing: rules that differ, destinations that wait, and what no spec knows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailwright.hosts.mail.email_routing import SERVICE, Forward, Routing, routing
from mailwright.hosts.mail.email_routing_api import RoutingError, Standing, read
from mailwright.model.checks import Check, Status
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.position import Position
from mailwright.model.rules import Rule, Severity, rule
from mailwright.model.text import Text, visible
from mailwright.operations.world.mail_drift import OUTSIDE, UNREAD
from mailwright.spec.model import DnsHost, MailSpec

AS_PLANNED = rule(
    "routing-as-planned",
    Severity.INFO,
    en="{rules} rules of Email Routing are as planned.",
    zh="Email Routing 的 {rules} 条规则与规格一致。",
    hint_en="Nothing to do.",
    hint_zh="无需处理。",
)
OFF = rule(
    "routing-off",
    Severity.ERROR,
    en="Email Routing of {name} is switched off: mail is refused.",
    zh="{name} 的 Email Routing 已关闭：来信会被拒收。",
    hint_en="Run `pulumi up`: it switches it on again.",
    hint_zh="运行 `pulumi up` 重新启用。",
)
DIFFERS = rule(
    "routing-rule-differs",
    Severity.ERROR,
    en="Email Routing has for {name}: {found}; planned: {expected}.",
    zh="Email Routing 中 {name} 为 {found}；规格要求 {expected}。",
    hint_en="Ask who changed it: redirects like this are how payments are stolen. `pulumi up` corrects it.",
    hint_zh="请查清是谁改的：货款诈骗常用这种转发。运行 `pulumi up` 恢复。",
)
WAITS = rule(
    "routing-destination-waits",
    Severity.ERROR,
    en="{found} has not agreed to get mail of {name}: it is not passed on.",
    zh="{found} 尚未确认接收 {name} 的邮件：暂不会转发。",
    hint_en="Somebody has to follow the link in Cloudflare's mail to that address.",
    hint_zh="请该收件人点击 Cloudflare 确认邮件中的链接。",
)
UNKNOWN = rule(
    "routing-rule-unknown",
    Severity.WARNING,
    en="Email Routing has a rule that no spec knows: {name} → {found}.",
    zh="Email Routing 中有规格未声明的规则：{name} → {found}。",
    hint_en="Write it into addresses:, or delete it.",
    hint_zh="请写进 addresses:，或将其删除。",
)
TOKEN = "CLOUDFLARE_API_TOKEN"
_NO_TOKEN = Text("{variable} is not set", "未设置 {variable}")
NO_SUBADDRESS = rule(
    "routing-subaddress-off",
    Severity.WARNING,
    en="Email Routing refuses sub-addresses such as info+fair@ of {name}: sub-addressing is switched off.",
    zh="Email Routing 会拒收 {name} 的子地址（如 info+fair@）：子地址功能已关闭。",
    hint_en="Run `mailwright up`, or switch it on in Email Routing → Settings.",
    hint_zh="请运行 `mailwright up`，或在 Email Routing → Settings 中开启。",
    reference="RFC 5233 §1",
)
_ODD = Text("a rule of another kind ({id})", "其他类型的规则（{id}）")


def routing_drift(pairs: Sequence[tuple[MailSpec, Plan]]) -> dict[str, tuple[Check, ...]]:
    """The checks of each domain whose mail goes by Email Routing; the token comes from the environment."""
    return {
        plan.domain: tuple(_domain(spec, plan, host))
        for spec, plan in pairs
        if spec.mail_host.service == SERVICE and plan.domain == spec.domain
        for host in spec.dns_hosts
        if host.service == "cloudflare"
    }


def _domain(spec: MailSpec, plan: Plan, host: DnsHost) -> Iterator[Check]:
    token = os.environ.get(TOKEN, "")
    if not token:
        yield _check(UNREAD, Status.NOT_CHECKABLE, plan.domain, found=_NO_TOKEN.using(variable=TOKEN))
        return
    worker = spec.mail_host.inputs.get("worker", "")
    plan_routing = routing(plan.mailboxes, worker) if plan.mailboxes else Routing((), None)
    base_url, zone_id = (host.options.get(option, "") for option in ("base_url", "zone_id"))
    zone = host.options.get("zone") or plan.domain
    try:
        there = read(zone, token, base_url=base_url, zone_id=zone_id)
    except RoutingError as error:
        yield _check(UNREAD, Status.UNKNOWN, plan.domain, found=str(error))
        return
    yield from compare(plan, plan_routing, of_domain(there, plan.domain, zone))


def of_domain(there: Standing, domain: str, zone: str) -> Standing:
    """Of a subdomain its own rules: all others, and the catch-all, are for the zone's own addresses."""
    if bare(domain) == bare(zone):
        return there
    own = tuple(forward for forward in there.rules if forward.address.endswith("@" + bare(domain)))
    return replace(there, rules=own, catch_all=None)


def compare(plan: Plan, plan_routing: Routing, there: Standing) -> Iterator[Check]:
    """What was read against what is planned."""
    differing = [*_differing(plan, plan_routing, there)]
    yield from differing
    yield from _strangers(plan, plan_routing, there)
    if not differing:
        count = len(plan_routing.forwards) + bool(plan_routing.catch_all)
        yield _check(AS_PLANNED, Status.PASS, plan.domain, rules=count)


def _differing(plan: Plan, plan_routing: Routing, there: Standing) -> Iterator[Check]:
    if not there.enabled:
        yield _check(OFF, Status.FAIL, plan.domain)
    if there.subaddress is False:
        yield _check(NO_SUBADDRESS, Status.WARN, plan.domain)
    places = {route.address: route.position for route in plan.mailboxes.routes} if plan.mailboxes else {}
    for forward, forwards in _pairs(plan_routing, there):
        place = places.get(forward.address)
        if not any(_same(forward, one) for one in forwards):
            shown = forwards[0] if forwards else None
            yield _check(
                DIFFERS,
                Status.FAIL,
                forward.address,
                expected=_goes(forward),
                found=_goes(shown),
                position=place,
            )
        elif forward.action == "forward" and (there.destinations or {}).get(forward.target.lower()) is False:
            yield _check(WAITS, Status.FAIL, forward.address, found=forward.target, position=place)


def _pairs(plan_routing: Routing, there: Standing) -> Iterator[tuple[Forward, list[Forward]]]:
    """Each planned rule with those that stand for its address; the catch-all last."""
    for forward in plan_routing.forwards:
        yield forward, [one for one in there.rules if one.address == forward.address.lower()]
    if plan_routing.catch_all:
        yield plan_routing.catch_all, [there.catch_all] if there.catch_all else []


def _same(forward: Forward, there: Forward) -> bool:
    return there.enabled and (forward.action, forward.target.lower()) == (there.action, there.target.lower())


def _strangers(plan: Plan, plan_routing: Routing, there: Standing) -> Iterator[Check]:
    """Rules of others: one that leads where no spec leads is the mark of payment fraud."""
    ours = {forward.address.lower(): forward for forward in plan_routing.forwards}
    inboxes = _inboxes(plan)
    for live_rule in there.rules:
        planned = ours.get(live_rule.address)
        if live_rule.enabled and not (planned and _same(planned, live_rule)):
            yield from _strange(live_rule, inboxes, known=planned is not None)
    planned, last = plan_routing.catch_all, there.catch_all
    passes_on = last is not None and last.enabled and last.action != "drop"
    if last and passes_on and not (planned and _same(planned, last)):
        yield from _strange(last, inboxes, known=planned is not None)
    for id in there.odd:
        yield _check(UNKNOWN, Status.WARN, plan.domain, found=_ODD.using(id=visible(id)))


def _inboxes(plan: Plan) -> set[str]:
    """Where the spec's mail ends, over whatever way."""
    mailboxes = plan.mailboxes
    if mailboxes is None:
        return set()
    starts = [*(route.address for route in mailboxes.routes), *mailboxes.catch_all]
    return {leaf.lower() for start in starts for leaf in mailboxes.leaves(start)}


def _strange(forward: Forward, inboxes: set[str], *, known: bool) -> Iterator[Check]:
    """``known``: the address is planned, so that it differs has been said."""
    if forward.action == "forward" and forward.target.lower() not in inboxes:
        yield _check(OUTSIDE, Status.FAIL, forward.address, found=forward.target)
    elif not known:
        yield _check(UNKNOWN, Status.WARN, forward.address, found=_goes(forward))


def _goes(forward: Forward | None) -> str | None:
    """Where mail goes, in a word or two."""
    if forward is None or not forward.enabled:
        return None
    return forward.target if forward.action == "forward" else f"{forward.action} {forward.target}".strip()


def _check(
    check_rule: Rule,
    status: Status,
    name: str,
    *,
    expected: str | None = None,
    found: str | Text | None = None,
    position: Position | None = None,
    **params: object,
) -> Check:
    """One check; whatever a stranger wrote is shown, never carried out."""
    there: str | Text | None = visible(found) if isinstance(found, str) else found
    text = check_rule.message.using(
        name=visible(name), expected=visible(expected or "–"), found="–" if there is None else there, **params
    )
    values = (there,) if isinstance(there, str) else ()
    expected_values = () if expected is None else (visible(expected),)
    return Check(
        check_rule.id, status, visible(name), "rule", expected_values, values, "Cloudflare", text, position
    )
