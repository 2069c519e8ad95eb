"""Two mail hosts under one domain: who lives where, what each host knows, and what cannot work.

Mail comes in at the first one. What lives at the other is passed on (a *hop*); exactly one of them refuses
addresses that nobody has. How a host passes mail on, and that it trusts a relay, are facts of its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from mailwright.catalog import service_name
from mailwright.catalog.behaviour import behaviour, questions
from mailwright.catalog.capability import capability
from mailwright.model.finding import Finding
from mailwright.model.mailboxes import Mailbox, Mailboxes, Route
from mailwright.model.names import bare
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.model import MailHost, MailSpec
from mailwright.spec.own_server import SELF_HOSTED
from mailwright.spec.two_hosts import BESIDE

NOT_TOGETHER = rule(
    "two-mail-hosts-not-together",
    Severity.ERROR,
    en="Two mail hosts do not go together with {what} yet: {why}.",
    zh="两家邮件服务目前不能与{what}同时使用：{why}。",
    hint_en="Remove {what} from the spec, or keep one mail host.",
    hint_zh="请从规格中去掉{what}，或只用一家邮件服务。",
)
CANNOT = rule(
    "two-mail-hosts-cannot",
    Severity.ERROR,
    en="{service} cannot be one of two mail hosts: it has nothing for {what}.",
    zh="{service}不能作为两家邮件服务之一：不支持“{what}”。",
    hint_en="Take another host, or give its people a domain of their own (a spec of its own).",
    hint_zh="请改用其他服务，或为那里的人员使用单独的域名（另写一份规格）。",
)
NOT_KNOWN = rule(
    "two-mail-hosts-not-known",
    Severity.ERROR,
    en="No document of {service} says how it does this: {what}. Without it mail of customers may be refused.",
    zh="{service} 没有文档说明如何实现：{what}。缺少这一点，客户来信可能被拒收。",
    hint_en="Ask its support for a document, take another host, or give its people a domain of their own (a "
    "spec of its own).",
    hint_zh="请向其客服索取文档，或改用其他服务，或为那里的人员使用单独的域名（另写一份规格）。",
)
LOOP = rule(
    "two-mail-hosts-loop",
    Severity.ERROR,
    en="{first} and {second} both pass on every address that they do not have: mail to an unknown one "
    "would go "
    "round.",
    zh="{first} 与 {second} 都会把自己没有的地址转给对方：发往不存在地址的邮件会来回循环。",
    hint_en="One of the two has to pass on listed addresses alone.",
    hint_zh="其中一家必须只转交列出的地址。",
    reference="RFC 5321 §6.3",
)
CATCH_ALL = rule(
    "two-mail-hosts-catch-all",
    Severity.ERROR,
    en="{service} passes every address that it does not have on to the other host: a catch-all there would "
    "take that mail.",
    zh="{service} 会把自己没有的地址转给另一家：在那里设 catch-all 会截住这些邮件。",
    hint_en="Remove catch_all.",
    hint_zh="请去掉 catch_all。",
)
ACROSS = rule(
    "shared-across-mail-hosts",
    Severity.ERROR,
    en="{address} is a shared mailbox at {service}, and {people} live at the other host: nobody reads a "
    "mailbox "
    "there.",
    zh="{address} 是 {service} 的共享邮箱，而 {people} 在另一家服务，无法读取。",
    hint_en="Write it without shared:, so that each gets the mail, or name people of one host.",
    hint_zh="请去掉 shared:，让每人各收一份；或只写同一家服务的人员。",
)
RULES_ELSEWHERE = rule(
    "rules-at-other-mail-host",
    Severity.ERROR,
    en="{address} is at {service}, and its rules would run in the mailbox {box}, at the other host.",
    zh="{address} 在 {service}，而其规则要在另一家服务的邮箱 {box} 中运行。",
    hint_en="Name an owner who lives at {service}, or remove at:.",
    hint_zh="请指定一位在 {service} 的 owner，或去掉 at:。",
)
CLIENTS_OF_FIRST = rule(
    "clients-of-first-mail-host",
    Severity.INFO,
    en="Records for mail programs lead to {first}: whoever lives at {second} types what their card says.",
    zh="供邮件客户端自动配置的记录指向 {first}：在 {second} 的人员请按其设置卡手工填写。",
    hint_en="`mailwright card` writes one for each, by their own host.",
    hint_zh="`mailwright card` 按各自的服务为每人生成设置卡。",
)

_TOGETHER = (
    (
        "moving_from",
        Text("each host would have to be moved by itself", "两家须分别迁移"),
    ),
    (
        "gateway",
        Text(
            "the second host would see two relays, the filter and the first host",
            "第二家会看到两层中继：网关和第一家",
        ),
    ),
    (
        "alias_domains",
        Text(
            "how they pass on addresses of another domain is in no document",
            "没有文档说明如何转交其他域名的地址",
        ),
    ),
    ("archive", Text("no host sees all of the mail", "没有一家能看到全部邮件")),
)
#: What is asked of a mail host that is one of two.
PASSING, TRUSTING = "hop_out", "hop_in"
LISTED, REST = "listed", "rest"


def answer(id: str, question: str) -> str:
    """What a host says to ``hop_out`` or ``hop_in``; an own server does what its owner sets up."""
    if id == SELF_HOSTED:
        return {PASSING: LISTED, TRUSTING: "yes"}[question]
    known = behaviour(id)
    return known.says(question) if known else ""


def findings(spec: MailSpec) -> Iterator[Finding]:
    """Why two mail hosts cannot work as written; nothing of a spec with one."""
    if spec.beside is None:
        return
    parts = {
        "moving_from": spec.moving_from,
        "gateway": spec.gateway,
        "alias_domains": spec.alias_domains,
        "archive": spec.mailboxes.archive,
    }
    for key, why in _TOGETHER:
        if parts[key]:
            yield Finding(NOT_TOGETHER.id, key, spec.at(key), {"what": key, "why": why})
    for path, host in spec.host_places:
        yield from _of_host(spec, host, path)
    first, second = (service_name(host.service) for host in spec.mail_hosts)
    if all(answer(host.service, PASSING) == REST for host in spec.mail_hosts):
        yield Finding(LOOP.id, BESIDE, spec.at(BESIDE), {"first": first, "second": second})
    if spec.mailboxes.catch_all and answer(spec.mail_host.service, PASSING) == REST:
        yield Finding(CATCH_ALL.id, "catch_all", spec.at("catch_all"), {"service": first})
    yield Finding(CLIENTS_OF_FIRST.id, BESIDE, spec.at(BESIDE), {"first": first, "second": second})


def _of_host(spec: MailSpec, host: MailHost, path: str) -> Iterator[Finding]:
    """RFC 7489 §3.1: SPF and DMARC are judged by the address that delivers, unless it is trusted."""
    name, asked = service_name(host.service), questions()
    stores = capability(host.service).stores_mail
    if not stores or host.takes_no_mail:
        what = (
            Text("taking mail (its MX is `.`)", "收信（MX 为 `.`）") if stores else Text("mailboxes", "邮箱")
        )
        say: dict[str, object] = {"service": name, "what": what}
        yield Finding(CANNOT.id, path, spec.at(path), say)
        return
    # What an own server's groups and rules send back comes from outside too; nobody else's is claimed to go.
    trusts = host is spec.beside or (spec.beside is not None and spec.beside.service == SELF_HOSTED)
    for question in (PASSING, TRUSTING) if trusts else (PASSING,):
        says = answer(host.service, question)
        if says in ("", "no"):
            missing = NOT_KNOWN if not says else CANNOT
            yield Finding(missing.id, path, spec.at(path), {"service": name, "what": asked[question].text})


# ── who lives where ──


def places(spec: MailSpec, mailboxes: Mailboxes) -> dict[str, str]:
    """The host of each address that is written or implied, by whole address."""
    first = spec.mail_host.service
    at = {f"{person.key}@{spec.domain}": person.at or first for person in spec.mailboxes.people}
    written = {f"{one.key}@{spec.domain}": one.at for one in spec.mailboxes.addresses if one.at}
    for box in mailboxes.mailboxes:
        if box.kind == "shared":
            at[box.address] = written.get(box.address) or _common(at, box.members, first)
    for route in mailboxes.routes:
        if route.address not in at:
            at[route.address] = written.get(route.address) or _place(at, mailboxes, route, first)
    return at


def _place(at: Mapping[str, str], mailboxes: Mailboxes, route: Route, first: str) -> str:
    """Where its rules run, else where everybody is who gets its mail, else where mail comes in."""
    if route.router:
        return at.get(route.router, first)
    return _common(at, mailboxes.leaves(route.address), first)


def _common(at: Mapping[str, str], targets: Iterable[str], first: str) -> str:
    inside = {at[target] for target in targets if target in at}
    return inside.pop() if len(inside) == 1 else first


def across(mailboxes: Mailboxes, at: Mapping[str, str]) -> Iterator[Finding]:
    """What of people and addresses would need both hosts in one mailbox."""
    for box in mailboxes.mailboxes:
        others = [member for member in box.members if at[member] != at[box.address]]
        if others:
            say = {"address": box.address, "service": service_name(at[box.address])}
            yield Finding(ACROSS.id, "", box.position, {**say, "people": ", ".join(others)})
    for route in mailboxes.routes:
        here = at[route.address]
        if here == SELF_HOSTED and route.router and at.get(route.router) != here:
            say = {"address": route.address, "service": service_name(here), "box": route.router}
            yield Finding(RULES_ELSEWHERE.id, "", route.position, say)


# ── what one host knows ──


def view(spec: MailSpec, mailboxes: Mailboxes, at: Mapping[str, str], host: MailHost) -> Mailboxes:
    """The mailboxes and addresses of one of the two hosts; those of the other one are hops."""
    here = host.service
    (other,) = (one for one in spec.mail_hosts if one is not host)
    taking: tuple[Mailbox | Route, ...] = (*mailboxes.mailboxes, *mailboxes.routes)
    hops = {one.address: other.service for one in taking if at[one.address] != here}
    own = here == SELF_HOSTED
    return replace(
        mailboxes,
        mailboxes=tuple(box for box in mailboxes.mailboxes if at[box.address] == here),
        routes=tuple(_homed(route, at, here) for route in mailboxes.routes if at[route.address] == here),
        refused=tuple(
            # A catch-all would take what is closed at the other host.
            refused
            for refused in mailboxes.refused
            if at.get(refused.address, here) == here or (mailboxes.catch_all and host is spec.mail_host)
        ),
        suspended=tuple(one for one in mailboxes.suspended if at.get(one.address, here) == here),
        catch_all=mailboxes.catch_all if host is spec.mail_host else (),
        senders=_senders(mailboxes, at, here),
        home=here,
        hops=dict(sorted(hops.items())),
        rest=other.service if answer(here, PASSING) == REST else "",
        transports={**mailboxes.transports, **_transports(spec, hops, other)}
        if own
        else mailboxes.transports,
    )


def sure(views: Sequence[Mailboxes]) -> tuple[Mailboxes, ...]:
    """The views without hops to what nobody knows how to make at the other host: that might go round."""
    return tuple(_without(view, view.hops.keys() & _open(views[1 - n])) for n, view in enumerate(views))


def _open(view: Mailboxes) -> set[str]:
    hosted = view.hosted
    return {one.address for one in hosted.objects if hosted.is_open(one.address)} if hosted else set()


def _without(view: Mailboxes, dropped: Set[str]) -> Mailboxes:
    return replace(
        view,
        hops={address: host for address, host in view.hops.items() if address not in dropped},
        unsure={address: view.hops[address] for address in sorted(dropped)},
        transports={key: way for key, way in view.transports.items() if key not in dropped},
    )


def _homed(route: Route, at: Mapping[str, str], here: str) -> Route:
    """A route whose owner is at the other host has no mailbox to run in; it needs none at somebody else's."""
    return route if at.get(route.router or "", here) == here else replace(route, router=None)


def _senders(mailboxes: Mailboxes, at: Mapping[str, str], here: str) -> dict[str, tuple[str, ...]]:
    rows = {
        address: tuple(box for box in boxes if at.get(box) == here)
        for address, boxes in mailboxes.senders.items()
    }
    return {address: boxes for address, boxes in rows.items() if boxes}


def exchanger(spec: MailSpec, host: MailHost) -> str:
    """The first exchanger of a host, without final dot; '' where nobody knows one."""
    from mailwright.plan.records.moving import exchangers

    return next((bare(name) for name in exchangers(spec, host) if name != "."), "")


def _transports(spec: MailSpec, hops: Iterable[str], other: MailHost) -> dict[str, str]:
    """Each address of the other host goes straight to it, whatever the MX says."""
    name = exchanger(spec, other)
    return dict.fromkeys(hops, f"smtp:[{name}]:25") if name else {}
