"""A checklist carried out step by step at a simulated host.

The steps are those that the checklist has, by their ids, in its order: mailboxes, shared ones, aliases,
groups, routing, rules, what has an end, and who left (redirection before the lock). What has no line there is
not done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from mailwright.catalog import service
from mailwright.catalog.capability import capability
from mailwright.model.hosted import Case, Hosted, HostObject
from mailwright.model.mailboxes import Mailboxes
from mailwright.report.mailboxes.checklist import checklist, ids
from tests.mail_host.simulators import Step, Tenant

#: Our hosts by the simulators' names.
NAMES = {
    "google-workspace": "google",
    "microsoft-365": "microsoft",
    "tencent-exmail": "tencent",
    "alibaba-mail": "alibaba",
    "netease-qiye": "netease",
    "zoho-mail": "zoho",
    "feishu": "feishu",
    "lark": "feishu",  # one maker, one set of documents
}


@dataclass
class CarriedOut:
    """The tenant after the checklist.

    ``refused``: the steps that its documents say are impossible. ``silent``: the addresses of steps of which
    no page says whether they can be done; ``mute``: those whose auto-reply is such a step.
    """

    tenant: Tenant
    refused: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)


def carried_out(host: str, mailboxes: Mailboxes, seed: int) -> CarriedOut:
    """Everything of the checklist, at a tenant of its own."""
    assert mailboxes.hosted is not None
    done = CarriedOut(Tenant(NAMES[host], mailboxes.domain, Random(seed)))
    for step, day in _Steps(host, mailboxes, mailboxes.hosted).all():
        outcome = done.tenant.do(step, day)
        if outcome.status == "refused" and set(outcome.facts) != {"base:exists"}:
            done.refused.append(f"{step.action}: {outcome.reason} {outcome.facts}")
        if outcome.status != "done":
            silent = done.mute if step.action == "set_autoreply" else done.silent
            silent.add(str(step.values.get("alias", step.subject)))
    return done


class _Steps:
    def __init__(self, host: str, mailboxes: Mailboxes, hosted: Hosted) -> None:
        known = service(host)
        assert known is not None
        self.mailboxes, self.hosted = mailboxes, hosted
        self.lines = frozenset(ids(checklist(mailboxes, known.names, "en", capability(host).answer)))
        self.gone = sorted({suspended.address for suspended in mailboxes.suspended})

    def all(self) -> Iterator[tuple[Step, dt.date]]:
        start = self.mailboxes.as_of - dt.timedelta(days=7)  # new aliases take days at some hosts
        yield from ((step, start) for step in self._before())
        for address in self.gone:
            yield from ((step, start) for step in self._leaver(address))

    def _before(self) -> Iterator[Step]:
        for address in self.gone:  # they worked there
            yield Step("create_user", address)
        living = [host_object for host_object in self.hosted.objects if host_object.address not in self.gone]
        for kinds in (("user", "delegated"), ("shared",)):
            for host_object in living:
                if host_object.kind in kinds and self._has("person", "shared", of=host_object.address):
                    yield _mailbox(host_object)
        for host_object in living:
            yield from self._object(host_object)

    def _has(self, *kinds: str, of: str) -> bool:
        """Whether the checklist has such a line of an address."""
        return any(f"{kind}:{of}" in self.lines for kind in kinds)

    def _object(self, host_object: HostObject) -> Iterator[Step]:
        if host_object.kind == "alias" and self._has("alias", of=host_object.address):
            yield Step("add_alias", host_object.to[0], {"alias": host_object.address})
        elif host_object.kind == "group" and self._has("group", of=host_object.address):
            there = [to for to in host_object.to if not self.hosted.is_open(to)]
            how: dict[str, object] = {"members": there, "name": host_object.address[:20]}
            if self.hosted.says("group_outside_senders"):
                how |= {"posting": "anyone"}
            yield Step("create_group", host_object.address, how)
        elif host_object.kind == "catch_all" and "catch-all" in self.lines:
            yield Step("add_route", "catch-all", {"kind": "catch_all", "to": host_object.to})
        elif host_object.kind == "forward" and host_object.window.holds(self.mailboxes.as_of):
            yield from self._cover(host_object)
        elif host_object.kind == "reply":
            yield from self._reply(host_object)
        yield from self._rules(host_object)

    # ── rules ──

    def _copied(self, address: str) -> tuple[str, ...]:
        """Whom the rules of a mailbox that keep mail send a copy to, while their owner is away."""
        covers = self.hosted.at(address, "forward") if self._has("cover", of=address) else ()
        return tuple(to for cover in covers if cover.window.holds(self.mailboxes.as_of) for to in cover.to)

    def _rules(self, box: HostObject) -> Iterator[Step]:
        if box.kind == "forward":
            return
        copied = self._copied(box.address)
        for number, case in enumerate(box.cases, 1):
            if ("+".join(case.paths) or f"rest:{box.address}") not in self.lines:
                continue
            if f"permit:{box.address}:{number}" in self.lines:
                yield Step("allow_external_forward", box.address)
            if f"confirm:{box.address}:{number}" in self.lines:
                for to in case.to:
                    if not self.mailboxes.inside(to):
                        yield Step("confirm_address", to)
            do: tuple[object, ...] = tuple(("forward", to) for to in case.to)
            if case.keeps and copied:
                do = (*do, *(("forward", to) for to in copied if to not in case.to))
            if not case.keeps and not box.role:
                do = (*do, "delete")
            yield self._rule(box.address, str(number), case, do)
        for forward in self.hosted.at(box.address, "forward") if box.cases and copied else ():
            for number, case in enumerate(forward.cases, 1):
                do = tuple(("forward", to) for to in forward.to)
                yield self._rule(box.address, f"rest {number}", case, do)

    def _rule(self, address: str, name: str, case: Case, do: tuple[object, ...]) -> Step:
        words = [word for one in case.when for test in one.tests for word in test.contains]
        but = tuple(word for one in case.unless for test in one.tests for word in test.contains)
        when: dict[str, object] = {"subject_contains": words[0]} if words else {"all": True}
        when |= {f"header:{'Subject'.swapcase() if n else 'Subject'}": w for n, w in enumerate(words[1:])}
        if but and self.hosted.says("rules") != "stop":
            when["not_subject_contains"] = but
        do = do or ("mark_read",)
        return Step("add_rule", address, {"name": name, "when": when, "do": do, "stop": True})

    # ── what has an end ──

    def _cover(self, host_object: HostObject) -> Iterator[Step]:
        if self._has("grant", of=host_object.address):
            yield Step("grant_forwarding", host_object.address)
        ruled = any(box.cases for box in self.hosted.at(host_object.address, "user"))
        if self._has("cover", of=host_object.address) and not ruled:
            yield Step(
                "set_forward", host_object.address, {"to": host_object.to, "keep_copy": True, "by": "admin"}
            )

    def _reply(self, host_object: HostObject) -> Iterator[Step]:
        if host_object.reply is None or host_object.path not in self.lines:
            return
        window = host_object.reply.window
        how: dict[str, object] = {"text": host_object.path}
        how |= {"start": window.start} if window.start else {}
        how |= {"until": window.until} if window.until else {}
        how |= {} if self.hosted.says("reply_outside") == "yes" else {"audience": "inside"}
        yield Step("set_autoreply", host_object.address, how)

    # ── who left ──

    def _leaver(self, address: str) -> Iterator[Step]:
        if self._has("handover", of=address):
            for host_object in self.hosted.at(address, "shared", "user", "routing", "alias"):
                yield from _redirected(host_object)
            for host_object in self.hosted.at(address, "reply"):
                yield from self._reply(host_object)
        if self._has("suspended", "close", of=address):
            yield Step("suspend_user", address)


def _mailbox(host_object: HostObject) -> Step:
    if host_object.kind == "shared":
        return Step(
            "create_shared_mailbox",
            host_object.address,
            {"name": host_object.address[:20], "users": host_object.to},
        )
    return Step("create_user", host_object.address)


def _redirected(host_object: HostObject) -> Iterator[Step]:
    to = host_object.to or tuple(to for case in host_object.cases for to in case.to)
    onward = {"to": to, "keep_copy": True, "by": "admin"}
    if host_object.kind == "shared":
        yield Step("convert_to_shared", host_object.address)
        yield from (Step("grant_access", host_object.address, {"to": one, "right": "full"}) for one in to)
        if not host_object.readers:
            yield Step("set_forward", host_object.address, onward)
    elif host_object.kind == "user":
        yield Step("set_forward", host_object.address, onward)
    elif host_object.kind == "routing":
        yield Step(
            "add_route",
            f"leaver {host_object.address}",
            {"kind": "map", "address": host_object.address, "to": to},
        )
    else:
        yield Step("delete_user", host_object.address)
        yield Step("release_address", host_object.address)
        yield Step("add_alias", to[0], {"alias": host_object.address})
