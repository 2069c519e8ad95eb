"""What shows only once mailboxes are planned: limits of the host, missed expectations, lost reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mailwright.catalog import service_name
from mailwright.catalog.capability import capability, features
from mailwright.model.days import later
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import (
    MOST_ACTIONS,
    SPAM_HEADERS,
    Label,
    Mailbox,
    Mailboxes,
    Route,
    Rule,
    parted,
)
from mailwright.model.names import bare
from mailwright.model.position import Position
from mailwright.model.text import Text, listed
from mailwright.plan.mailboxes import hosted_rules, leaving
from mailwright.plan.mailboxes import rules as said
from mailwright.plan.mailboxes.trace import Mail, Trace, trace
from mailwright.spec.mailboxes import Expect
from mailwright.spec.model import MailSpec
from mailwright.spec.own_server import SELF_HOSTED


def findings(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """All of them, in no order."""
    for host, view in zip(spec.mail_hosts, mailboxes.at_hosts, strict=True):
        yield from _at(spec.at_host(host), view)
    yield from _due(spec, mailboxes)
    yield from _reports(spec, mailboxes)
    yield from _expectations(spec, mailboxes)


def _at(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """What is said of one mail host."""
    yield from _host(spec, mailboxes)
    yield from _brought(spec, mailboxes)
    yield from _redirects(mailboxes)
    yield from _actions(spec, mailboxes)
    yield from _delimited(mailboxes)
    yield from _email_routing(spec, mailboxes)
    yield from _spam_outside(spec, mailboxes)


def asked_features(mailboxes: Mailboxes) -> dict[str, Position | None]:
    """The features that these mailboxes need, each with the first place that asks for it."""
    asked: dict[str, Position | None] = {}

    def ask(feature: str, position: Position | None) -> None:
        asked.setdefault(feature, position)

    for box in mailboxes.mailboxes:
        for feature in _box_features(box):
            ask(feature, box.position)
    for route in mailboxes.routes:
        ask("group" if len(route.to) > 1 else "alias", route.position)
        if any(not mailboxes.inside(address) for address in route.to):
            ask("forward", route.position)
    if mailboxes.catch_all:
        ask("catch_all", mailboxes.catch_all_position)
    for closed in mailboxes.suspended:
        ask("suspend", closed.position)
    if mailboxes.archive_in or mailboxes.archive_out:
        ask("archive", mailboxes.archive_position)
    holders: tuple[Mailbox | Route, ...] = (*mailboxes.mailboxes, *mailboxes.routes)
    for owner in holders:
        for rule in owner.rules:
            for feature in _rule_features(rule):
                ask(feature, rule.position)
        for reply in owner.replies:
            ask("auto_reply", reply.position or owner.position)
    return asked


def _box_features(box: Mailbox) -> Iterator[str]:
    if box.kind == "shared":
        yield "shared"
    if box.quota:
        yield "quota"


def _rule_features(rule: Rule) -> Iterator[str]:
    yield "rule_subject"
    fields = {test.field for test in rule.when.tests} if rule.when else set()
    if "body" in fields:
        yield "rule_body"
    if fields & {"header", "has_header"} or (rule.when and rule.when.not_spam):
        yield "rule_header"
    if fields & {"larger_than", "smaller_than"}:
        yield "rule_size"
    if "attachments" in fields:
        yield "rule_attachments"
    if any(label.kind == "tag" for label in rule.labels):
        yield "tag"
    if rule.notify:
        yield "notify"


_STORES = Text("a mailbox of its own (people:, shared:)", "自己的邮箱（people:、shared:）")


def _host(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    host = capability(spec.mail_host.service)
    name = service_name(spec.mail_host.service)
    words, by_hand = features(), []
    if not host.stores_mail and mailboxes.mailboxes:
        yield found(said.HOST_CANNOT, position=mailboxes.mailboxes[0].position, service=name, feature=_STORES)
    for feature, position in asked_features(mailboxes).items():
        answer = host.at(feature, spec.mail_host.inputs, [dns_host.service for dns_host in spec.dns_hosts])
        if answer == "no":
            yield found(said.HOST_CANNOT, position=position, service=name, feature=words[feature])
        elif answer != "apply":
            by_hand.append(words[feature])
    if by_hand:
        at, words_of = spec.at("mail_host"), listed(by_hand)
        yield found(said.BY_HAND, path="mail_host", position=at, service=name, features=words_of)


#: What an own server does by a script in a mailbox.
_SCRIPTED = (
    *("rule_subject", "rule_body", "rule_header", "rule_size", "rule_attachments"),
    *("tag", "notify", "auto_reply"),
)


def _brought(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """An own server has tables and scripts: where `up` brings one of them alone, the spec is half there."""
    host = spec.mail_host
    can = capability(host.service)
    if not can.stores_mail or can.answer("alias") != "apply" or (host.maps and host.sieve):
        return
    asked, words = asked_features(mailboxes), features()
    scripted = [words[feature] for feature in _SCRIPTED if feature in asked]
    at = spec.at("mail_host")
    if host.sieve:
        yield found(said.TABLES_NOT_BROUGHT, path="mail_host", position=at)
    elif not host.maps:
        yield found(said.NOT_BROUGHT, path="mail_host", position=at)
    elif scripted:
        words_of = listed(scripted)
        yield found(said.SCRIPTS_NOT_BROUGHT, path="mail_host", position=at, features=words_of)


def _redirects(mailboxes: Mailboxes) -> Iterator[Finding]:
    """Each delivery into a mailbox runs one script; its redirects are limited by the host."""
    for box in mailboxes.mailboxes:
        own = redirects(box.rules, (), box.address) + (1 if box.cover else 0)
        routed = [
            redirects(route.rules, route.to, box.address)
            for route in mailboxes.routes
            if route.router == box.address and route.rules
        ]
        most = own + max(routed, default=0)
        if most > mailboxes.max_redirects:
            say = {"mailbox": box.address, "count": most, "most": mailboxes.max_redirects}
            yield Finding(said.TOO_MANY.id, "", box.position, say)


def _actions(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """All that one delivery may do: pass on, notify, file, answer, and a copy for who covers."""
    if spec.mail_host.service != SELF_HOSTED:
        return
    for box in mailboxes.mailboxes:
        routed = [route for route in mailboxes.routes if route.router == box.address]
        ways = [redirects(route.rules, route.to, box.address) + _filed(route.rules) for route in routed]
        count = max(ways, default=0) + redirects(box.rules, (), box.address) + _filed(box.rules)
        count += bool(box.cover) + bool(box.replies or any(route.replies for route in routed))
        if count > MOST_ACTIONS:
            say = {"mailbox": box.address, "count": count, "most": MOST_ACTIONS}
            yield Finding(said.TOO_MANY_ACTIONS.id, "", box.position, say)


def _filed(rules: tuple[Rule, ...]) -> int:
    """Folders and notices at most: what a rule that ends adds, it adds to what went before."""
    before: set[str | Label] = set()
    most = 0
    for rule in rules:
        labels = {label for label in rule.labels if label.kind == "folder" or label.copied}
        after = {*before, *labels, *rule.notify}
        most = max(most, len(after))
        before = before if rule.ends else after
    return most


def redirects(rules: tuple[Rule, ...], default: tuple[str, ...], mailbox: str) -> int:
    """How many addresses one mail may be passed on to at most by these rules, run in ``mailbox``."""
    if not rules:
        return 0
    copies = {address for rule in rules for address in rule.copy_to} - {mailbox}
    units = [default, *(rule.assign_to for rule in rules if rule.assign_to)]
    return len(copies) + max(len(set(unit) - {mailbox}) for unit in units)


def _delimited(mailboxes: Mailboxes) -> Iterator[Finding]:
    """Dovecot cuts the sub-address off without asking whether the whole address is a mailbox."""
    for box in mailboxes.mailboxes:
        other, detail = parted(box.address, mailboxes.delimiter)
        if detail:
            say = {"address": box.address, "sign": detail[0], "other": other}
            yield Finding(said.DELIMITER_IN_MAILBOX.id, "", box.position, say)


def _email_routing(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """What Cloudflare Email Routing does otherwise than a mail server."""
    if spec.mail_host.service != "cloudflare-email-routing":
        return
    zones = [bare(host.options["zone"]) for host in spec.dns_hosts if host.options.get("zone")]
    zone = next((zone for zone in zones if zone != spec.domain), None)
    if zone and mailboxes.catch_all:
        at = mailboxes.catch_all_position
        yield found(said.ROUTING_SUBDOMAIN, path="catch_all", position=at, domain=spec.domain, zone=zone)
    for route in mailboxes.routes[:1]:
        local, _, host = route.address.partition("@")
        yield found(said.ROUTING_SUBADDRESS, position=route.position, example=f"{local}+fair@{host}")


def _spam_outside(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """Rules that pass mail on to the outside with whatever a spam filter marked."""
    if capability(spec.mail_host.service).answer("rule_header") != "apply":
        return
    holders: tuple[Mailbox | Route, ...] = (*mailboxes.mailboxes, *mailboxes.routes)
    for holder in holders:
        for number, rule in enumerate(holder.rules):
            outside = [
                address for address in (*rule.assign_to, *rule.copy_to) if not mailboxes.inside(address)
            ]
            if not outside or (rule.when and rule.when.not_spam):
                continue
            if any(earlier_rule.ends and _takes_spam(earlier_rule) for earlier_rule in holder.rules[:number]):
                continue
            say = {
                "address": holder.address,
                "target": ", ".join(outside),
                "local": holder.address.partition("@")[0],
            }
            yield Finding(said.SPAM_OUTSIDE.id, rule.path, rule.position, say)


def _takes_spam(rule: Rule) -> bool:
    """Whether a rule takes everything that one of the usual headers calls spam."""
    when = rule.when
    if when is None or when.not_spam or when.not_replies or not (when.any or len(when.tests) == 1):
        return False
    marks = {header.lower() for header in SPAM_HEADERS}
    return any(
        test.field == "header"
        and test.name.lower() in marks
        and any("yes".startswith(word.lower()) for word in test.contains)
        for test in when.tests
    )


def _reports(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """Addresses that the spec publishes must take mail."""
    named = [(f"dmarc.rua[{n}]", report_address, _DMARC) for n, report_address in enumerate(spec.dmarc.rua)]
    named += [(f"dmarc.ruf[{n}]", report_address, _DMARC) for n, report_address in enumerate(spec.dmarc.ruf)]
    named += [
        ("tls_rpt", report_address, _TLS)
        for report_address in spec.extra.tls_rpt
        if "://" not in report_address
    ]
    named += [
        (f"senders[{n}].from", sender.from_address, _SENDER)
        for n, sender in enumerate(spec.senders)
        if sender.from_address
    ]
    for path, address, what in named:
        if not mailboxes.inside(address.lower()):
            continue
        story = trace(mailboxes, Mail(address.lower()))
        if not story.reached and not story.unknown:
            local = address.partition("@")[0]
            say = {"address": address, "what": what, "local": local}
            yield Finding(said.REPORT_MAILBOX.id, path, spec.at(path), say)


_DMARC = Text("DMARC reports", "接收 DMARC 报告")
_TLS = Text("TLS reports", "接收 TLS 报告")
_SENDER = Text("mail that is sent, so answers to it", "发信，回复会发到这里")


def _expectations(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    at_work = _at_work(mailboxes)
    for expect in spec.mailboxes.expect:
        mail = expected_mail(expect)
        story = trace(at_work, mail)
        at = expect.position
        if story.unknown:
            say = {"mail_to": expect.mail_to, "why": story.unknown[0]}
            yield Finding(hosted_rules.EXPECT_OPEN.id, expect.path, at, say)
            continue
        missed = [reach for reach in expect.reaches if not _reaches(mailboxes, story, reach)]
        if missed:
            reached = ", ".join(story.addresses) or "–"
            say = {"mail_to": expect.mail_to, "wanted": ", ".join(missed), "reached": reached}
            yield Finding(said.EXPECT_MISSED.id, expect.path, at, say)
        leaked = [never for never in expect.never if set(mailboxes.leaves(never)) & set(story.addresses)]
        if leaked:
            say = {"mail_to": expect.mail_to, "wanted": ", ".join(leaked)}
            yield Finding(said.EXPECT_LEAKED.id, expect.path, at, say)


_LEAVES = Text(
    "{person} leaves, and the mailbox is locked once mail goes to {to}",
    "{person} 离职，来信转给 {to} 之后停用邮箱",
)
_ENDS = Text(
    "the handover of {person} to {to} ends as agreed: write a later until:, or closed:",
    "{person} 与 {to} 的交接约定期满：请把 until: 延后，或写 closed:",
)
_CLOSES = Text("the address of {person} closes", "{person} 的地址关闭")


def _due(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Finding]:
    """What leavers ask for in the days to come; what is past already has findings of its own."""
    for person in spec.mailboxes.people:
        until = person.handover_until
        days = (
            (person.left, _LEAVES),
            (later(until, 1) if until and not person.closed else None, _ENDS),
            (person.closed, _CLOSES),
        )
        for day, text in days:
            if day is not None and mailboxes.as_of <= day <= later(mailboxes.as_of, leaving.AHEAD):
                what = text.using(person=person.name or person.key, to=person.successor or "–")
                say: dict[str, object] = {"day": day.isoformat(), "what": what}
                yield Finding(said.DUE.id, f"people.{person.key}", person.position, say)


def _at_work(mailboxes: Mailboxes) -> Mailboxes:
    """The company with everybody at work: who covers for a colleague is meant to get a copy."""
    views = tuple(_at_work(view) for view in mailboxes.views)
    boxes = tuple(replace(mailbox, cover=None) for mailbox in mailboxes.mailboxes)
    hosted = mailboxes.hosted
    if hosted is not None:
        present = tuple(host_object for host_object in hosted.objects if host_object.kind != "forward")
        hosted = replace(hosted, objects=present)
    return replace(mailboxes, mailboxes=boxes, hosted=hosted, views=views)


def expected_mail(test: Expect) -> Mail:
    """The mail of an expectation."""
    to = test.mail_to.lower()
    replies = any(name.lower() in ("in-reply-to", "references") for name, _ in test.headers)
    return Mail(
        to,
        test.mail_from,
        test.subject,
        test.body,
        (to,),
        replies,
        test.headers,
        test.size,
        test.attachments,
    )


def _reaches(mailboxes: Mailboxes, story: Trace, address: str) -> bool:
    """An address is reached where all it expands to are: sales where everybody of sales is."""
    leaves = mailboxes.leaves(address)
    return bool(leaves) and set(leaves) <= set(story.addresses)
