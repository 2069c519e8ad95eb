"""``lower(spec, made)``: who gets which mail, as the mail host's own objects, or why that cannot be had.

The host's documents decide (``behaviour:`` in its catalog file). A question that they leave open makes the
address *unknown*: no checklist line claims to do it, and no trace says that it arrives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mailwright.catalog import service, service_name
from mailwright.catalog.behaviour import Behaviour, behaviour, questions
from mailwright.catalog.capability import Capability, capability
from mailwright.model.consent import proposed
from mailwright.model.finding import Finding
from mailwright.model.hosted import Case, Hosted, HostObject
from mailwright.model.mailboxes import Cover, Mailbox, Mailboxes, Reply, Route, Rule
from mailwright.model.position import Position
from mailwright.model.text import Text
from mailwright.plan.mailboxes import cases, leaving, unknowns
from mailwright.plan.mailboxes import hosted_rules as said
from mailwright.spec.model import MailSpec


def lower(spec: MailSpec, mailboxes: Mailboxes) -> tuple[Hosted | None, tuple[Finding, ...]]:
    """The objects at the spec's mail host, and what cannot be had there; None where nothing is written."""
    known = behaviour(spec.mail_host.service)
    if known is None:
        return None, ()
    if spec.mail_host.api and spec.mail_host.api.writes:
        known = known.by_api()
    work = _Lowering(spec, mailboxes, known, capability(spec.mail_host.service))
    return work.lowered(), tuple(work.findings)


@dataclass
class _Lowering:
    spec: MailSpec
    mailboxes: Mailboxes
    host: Behaviour
    can: Capability
    objects: list[HostObject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    aliases: Counter[str] = field(default_factory=Counter)

    def lowered(self) -> Hosted:
        self.objects += [host_object for box in self.mailboxes.mailboxes for host_object in self._box(box)]
        for route in self.mailboxes.routes:
            self.objects += self._handover(route) if route.kind == "handover" else self._address(route)
        self.objects += self._closing()
        self.objects += self._catch_all()
        steps = tuple(leaving.steps(self.spec, self.mailboxes, self.host))
        return Hosted(self.host.host, self.host.facts, tuple(self.objects), self._fields(), steps)

    # ── what the host says ──

    def _fields(self) -> frozenset[str]:
        """What rules are known to look at."""
        by_feature = {
            "rule_subject": ("subject", "from", "to"),
            "rule_body": ("body",),
            "rule_header": ("header", "has_header"),
            "rule_size": ("larger_than", "smaller_than"),
            "rule_attachments": ("attachments",),
        }
        answered = [f for f in by_feature if self.can.answer(f) in ("apply", "api", "checklist")]
        return frozenset(name for feature in answered for name in by_feature[feature])

    @property
    def _name(self) -> Text:
        return service_name(self.host.host)

    def _open(self, address: str, why: Text, at: Position | None) -> HostObject:
        """An address of which no document says what would become of it."""
        say = {"address": address, "service": self._name, "what": why}
        self.findings.append(Finding(said.NOT_KNOWN.id, "", at, say))
        return HostObject("unknown", address, why=why, position=at)

    def _asked(self, question: str, address: str, at: Position | None) -> HostObject:
        """The host has nothing for it (an error), or nobody has written whether it has."""
        words = questions()[question].text
        if not self.host.says(question):
            return self._open(address, unknowns.OBJECT.using(address=address, question=words), at)
        return self._refuse(address, said.NONE_THERE.using(what=words), said.INSTEAD, at)

    def _refuse(self, address: str, why: Text, instead: Text, at: Position | None) -> HostObject:
        say = {"address": address, "service": self._name, "why": why, "instead": instead}
        self.findings.append(Finding(said.CANNOT.id, "", at, say))
        return HostObject("refused", address, why=why, position=at)

    # ── mailboxes ──

    def _box(self, box: Mailbox) -> Iterator[HostObject]:
        kind = {"yes": "shared", "delegates": "delegated"}.get(self.host.says("shared"), "")
        if box.kind != "shared":
            kind = "user"
        elif not kind:
            yield self._asked("shared", box.address, box.position)
            return
        host_object = HostObject(kind, box.address, box.members, name=box.name, position=box.position)
        if box.rules:
            outcome = self._cases(box.rules, (box.address,), box.address, box.position)
            if isinstance(outcome, HostObject):
                yield from (host_object, outcome)  # the mailbox is needed whatever its rules do
                return
            host_object = replace(host_object, cases=outcome)
        yield host_object
        yield from self._replies(box.address, box.replies, box.position)
        if box.cover is not None:
            yield from self._covered(box, box.cover)

    def _covered(self, box: Mailbox, cover: Cover) -> Iterator[HostObject]:
        """A copy of a colleague's mail, for the days that the auto-reply promises it."""
        known = self.host.says("forward_inside") == "yes" or self.host.says("rule_forwards") == "yes"
        if not known or any(end in self.mailboxes.hops for end in self._ends([cover.to])):
            say = {"address": box.address, "to": cover.to, "service": self._name}
            self.findings.append(Finding(said.COVER_OPEN.id, "", box.position, say))
            return
        to = self._ends([cover.to])
        rest = self._untouched(box) if box.rules else ()
        yield HostObject("forward", box.address, to, rest, window=cover.window, position=box.position)

    def _untouched(self, box: Mailbox) -> tuple[Case, ...]:
        """What no rule of a mailbox takes: a copy of that needs rules of its own."""
        try:
            _, rest = cases.parted(self._expanded(box.rules), (box.address,), box.address)
        except cases.TooManyCasesError:
            return ()
        return rest[-1:] if self.host.says("rules") == "stop" else rest

    def _replies(self, address: str, replies: Sequence[Reply], at: Position | None) -> Iterator[HostObject]:
        for reply in replies:
            if self.host.says("auto_reply") != "yes":
                say = {"address": address, "service": self._name}
                self.findings.append(Finding(said.REPLY_OPEN.id, reply.path, reply.position or at, say))
                continue
            if self.host.says("reply_outside") != "yes":
                say = {"address": address, "service": self._name}
                self.findings.append(Finding(said.REPLY_INSIDE.id, reply.path, reply.position or at, say))
            yield HostObject("reply", address, reply=reply, path=reply.path, position=reply.position or at)

    # ── addresses ──

    def _ends(self, targets: Sequence[str]) -> tuple[str, ...]:
        """Where targets lead without rules: mailboxes, outside addresses, addresses with rules."""
        addresses: dict[str, None] = {}
        todo, seen = list(targets), set[str]()
        while todo:
            leaf = todo.pop(0)
            if leaf in seen:
                continue
            seen.add(leaf)
            route = self.mailboxes.route(leaf)
            if route is None or (route.kind != "handover" and (route.rules or route.replies)):
                addresses[leaf] = None
            else:
                todo = [*route.to, *todo]
        return tuple(addresses)

    def _across(self, address: str, ends: Iterable[str], at: Position | None) -> HostObject | None:
        """Nobody says that what a host itself sends on goes by the way to the other host."""
        hop = next((end for end in ends if end in self.mailboxes.hops), None)
        if hop is None:
            return None
        there = service_name(self.mailboxes.hops[hop])
        return self._open(address, unknowns.ACROSS.using(of=address, address=hop, service=there), at)

    def _outside(self, targets: Sequence[str]) -> tuple[str, ...]:
        return tuple(target for target in targets if not self.mailboxes.inside(target))

    def _address(self, route: Route) -> Iterator[HostObject]:
        local = route.address.partition("@")[0]
        reserved = self.host.reserved.get(local, "")
        if reserved == "administrator":
            yield self._open(
                route.address, unknowns.ADMINISTRATOR.using(address=route.address), route.position
            )
            return
        ends = self._ends(route.to)
        if (open_question := self._across(route.address, ends, route.position)) is not None:
            yield open_question
        elif route.rules or route.replies:
            yield from self._role(route, ends, reserved)
        elif len(ends) == 1 and self.mailboxes.inside(ends[0]) and self._alias_fits(ends[0], reserved):
            self.aliases[ends[0]] += 1
            yield HostObject("alias", route.address, ends, why=route.why, position=route.position)
        else:
            yield self._group(route, ends)

    def _alias_fits(self, target: str, reserved: str) -> bool:
        most = (known.limits if (known := service(self.host.host)) else {}).get("aliases_per_mailbox")
        return (
            self.host.says("alias") == "yes"
            and not reserved
            and (most is None or self.aliases[target] < most)
        )

    def _group(self, route: Route, ends: tuple[str, ...]) -> HostObject:
        at, outside = route.position, self._outside(ends)
        if self.host.says("group") != "yes":
            return self._asked("group", route.address, at)
        if outside and self.host.says("group_outside_members") != "yes":
            if not self.host.says("group_outside_members"):
                return self._asked("group_outside_members", route.address, at)
            why = said.OUTSIDE_MEMBER.using(members=", ".join(outside))
            return self._refuse(route.address, why, said.INSTEAD_OF_MEMBER, at)
        self._twice(route, [ends])
        return HostObject("group", route.address, ends, why=route.why, position=at)

    def _twice(self, route: Route, several: Iterable[tuple[str, ...]]) -> None:
        """Who gets a mail once more, by the rules of another address that gets it too."""
        pairs = {(person, other) for ends in several for other in ends for person in self._again(other, ends)}
        for person, other in sorted(pairs):
            say = {"address": route.address, "person": person, "other": other, "service": self._name}
            self.findings.append(Finding(said.TWICE.id, "", route.position, say))

    def _again(self, other: str, ends: tuple[str, ...]) -> set[str]:
        holder = self.mailboxes.route(other)
        if holder is None:
            return set()
        targets = (*holder.to, *(to for rule in holder.rules for to in (*rule.assign_to, *rule.copy_to)))
        return set(self._ends(targets)) & set(ends)

    def _role(self, route: Route, ends: tuple[str, ...], reserved: str) -> Iterator[HostObject]:
        """Rules and auto-replies run in a mailbox alone, so the address becomes one that passes mail on."""
        at = route.position
        if reserved:
            yield self._refuse(route.address, said.ONLY_A_GROUP, said.INSTEAD_OF_RULES, at)
            return
        sorted_out = self._cases(route.rules, ends, route.address, at)
        if isinstance(sorted_out, HostObject):
            yield sorted_out
            return
        self._twice(route, [case.to for case in sorted_out])
        say = {"address": route.address, "service": self._name}
        self.findings.append(Finding(said.SEAT.id, "", at, say))
        if any(case.labels for case in sorted_out):
            self.findings.append(Finding(said.LABELS_STAY.id, "", at, say))
        yield HostObject("user", route.address, (), sorted_out, role=True, why=route.why, position=at)
        yield from self._replies(route.address, route.replies, at)

    def _cases(
        self, rules: tuple[Rule, ...], default: tuple[str, ...], own: str, at: Position | None
    ) -> tuple[Case, ...] | HostObject:
        """The cases of an address, or the object that says why there are none."""
        passes_on = own not in default or any(rule.assign_to or rule.copy_to for rule in rules)
        needed = ["rules", "rule_forwards"] if passes_on and rules else ["rules"] if rules else []
        if passes_on and not rules and self.host.says("forward_inside") != "yes":
            needed = ["rule_forwards"]
        for question in needed:
            if self.host.says(question) in ("", "no"):
                return self._asked(question, own, at)
        try:
            lowered = cases.cases(self._expanded(rules), default, own)
        except cases.TooManyCasesError:
            return self._refuse(own, said.TOO_MANY_CASES, said.INSTEAD_OF_COPIES, at)
        return self._within(lowered, own, at)

    def _expanded(self, rules: Sequence[Rule]) -> list[Rule]:
        """Rules with everybody whom their targets stand for."""
        return [
            replace(rule, assign_to=self._ends(rule.assign_to), copy_to=self._ends(rule.copy_to))
            for rule in rules
        ]

    def _within(
        self, listed_cases: tuple[Case, ...], own: str, at: Position | None
    ) -> tuple[Case, ...] | HostObject:
        """The cases, unless one asks for what a rule of this host cannot say."""
        for case in listed_cases:
            if (open_question := self._across(own, case.to, at)) is not None:
                return open_question
            if any(condition.not_replies or condition.not_spam for condition in (*case.when, *case.unless)):
                return self._open(own, unknowns.MATCHING.using(address=own, rule="not_replies, not_spam"), at)
            if self.host.says("rules") == "stop" and _mixes(case):
                return self._refuse(own, said.MIXED, said.INSTEAD_OF_COPIES, case.position or at)
            outside = self._outside(case.to)
            way = self.host.says("forward_outside")
            if outside and way in ("", "no"):
                return self._asked("forward_outside", own, at)
            if outside and way == "blocked":
                say = {"address": own, "to": ", ".join(outside), "service": self._name}
                self.findings.append(Finding(said.BLOCKED.id, "", at, say))
        return listed_cases

    # ── who left ──

    def _handover(self, route: Route) -> Iterator[HostObject]:
        """The way that this host's documents name; the mailbox stays for what lies in it."""
        way, to, at = self.host.says("leaver"), self._ends(route.to), route.position
        if (open_question := self._across(route.address, to, at)) is not None:
            yield open_question
        elif way == "routing":
            yield HostObject("routing", route.address, to, path=route.kind, why=route.why, position=at)
            self._unanswered(route)
        elif way == "public":
            yield HostObject("shared", route.address, to, readers=True, why=route.why, position=at)
            yield from self._replies(route.address, route.replies, at)
        elif way in ("shared", "forward", "disable"):
            kind = "shared" if way == "shared" else "user"
            onward = (Case((), (), to, keeps=False),)
            yield HostObject(
                kind, route.address, to if way == "shared" else (), onward, why=route.why, position=at
            )
            if way == "disable":
                self._unanswered(route)
            else:
                yield from self._replies(route.address, route.replies, at)
        elif way == "release":
            yield HostObject("alias", route.address, to[:1], path="released", why=route.why, position=at)
            consent = {"id": said.GAP.id, "day": proposed(self.mailboxes.as_of)}
            say = {"address": route.address, "change": said.RELEASED, "time": said.NO_TIME, **consent}
            self.findings.append(Finding(said.GAP.id, "", at, say))
            self._unanswered(route)
        else:
            yield self._open(route.address, unknowns.LEAVER.using(address=route.address), at)

    def _unanswered(self, route: Route) -> None:
        """A mailbox that nobody is let into answers nobody."""
        if route.replies:
            say = {"address": route.address, "service": self._name}
            self.findings.append(Finding(said.LEAVER_UNANSWERED.id, "", route.position, say))

    def _closing(self) -> Iterator[HostObject]:
        """Suspension refuses mail at some hosts; at the others nothing documented does."""
        rejects = self.host.says("suspended") == "rejects"
        for refused in self.mailboxes.refused:
            yield HostObject(
                "closed", refused.address, keeps=not rejects, why=refused.why, position=refused.position
            )

    def _catch_all(self) -> Iterator[HostObject]:
        if not self.mailboxes.catch_all:
            return
        address, at = "@" + self.mailboxes.domain, self.mailboxes.catch_all_position
        if self.host.says("catch_all") != "yes":
            self._asked("catch_all", address, at)
            return
        if (open_question := self._across(address, self._ends(self.mailboxes.catch_all), at)) is not None:
            yield open_question
            return
        yield HostObject("catch_all", address, self._ends(self.mailboxes.catch_all), position=at)


def _mixes(case: Case) -> bool:
    """Whether a case asks for "all of" several "any of" at once, which one rule of a console cannot say."""
    if len(case.when) < 2:
        return False
    fields = [test.field for condition in case.when for test in condition.tests]
    return len(fields) != len(set(fields)) or any(
        condition.any and len(condition.tests) > 1 for condition in case.when
    )
