"""``archive:``: which addresses' mail is copied where, lowered to one target an address. Pure.

A mail host looks an address up once and copies to one target (postconf(5), recipient_bcc_maps). It does so
where mail enters, before an address is expanded, and again where a script passes a mail on. So what a person
gets is copied by every address that the tables lead to that person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.spec.mailboxes import Archive

ARCHIVE_NOBODY = rule(
    "archive-reaches-nobody",
    Severity.ERROR,
    en="The archive would go to {gone}, who left and named no successor.",
    zh="归档邮件将送往 {gone}，但其已离职且没有接手人。",
    hint_en="Name a mailbox of its own, such as addresses: {{records: {{to: wang, shared: true}}}}.",
    hint_zh="请写一个独立邮箱，例如 addresses: {{records: {{to: wang, shared: true}}}}。",
)
ARCHIVE_PASSES_ON = rule(
    "archive-passes-on",
    Severity.ERROR,
    en="{target} is an archive and has rules, replies or a cover of its own: copies would go round "
    "or leave it.",
    zh="{target} 用作归档，却另有规则、自动回复或代收人：副本会循环或流出。",
    hint_en="Let a mailbox without any be the archive, such as addresses: "
    "{{records: {{to: wang, shared: true}}}}.",
    hint_zh="请用没有这些设置的邮箱作归档，例如 addresses: {{records: {{to: wang, shared: true}}}}。",
)
ARCHIVE_TWO = rule(
    "archive-two-targets",
    Severity.ERROR,
    en="Mail of {address} would be archived at {first} and at {second}; a server copies it to one of "
    "them only.",
    zh="{address} 的邮件要同时归档到 {first} 和 {second}；服务器只会送往其中一个。",
    hint_en="Make a group of both under addresses:, and archive to that.",
    hint_zh="请在 addresses: 中把两者建成一个群组，并归档到该群组。",
    reference="postconf(5)",
)
ARCHIVE_OUTSIDE = rule(
    "archive-outside",
    Severity.WARNING,
    en="Copies of mail leave the company, to {target}.",
    zh="邮件副本会发到公司外的 {target}。",
    hint_en="Check that this is meant, and that the law allows it. A server there that cannot take a copy "
    "may tell the sender. silence: takes this warning away.",
    hint_zh="请确认这是有意的，且符合法律要求。对方服务器收不下副本时可能会告知发件人。"
    "silence: 可消除此警告。",
)
ARCHIVE_QUOTA = rule(
    "archive-with-quota",
    Severity.WARNING,
    en="The archive {target} has a quota: once it is full, copies are lost and nobody is told.",
    zh="归档邮箱 {target} 设有配额：一旦存满，副本会丢失且无人知晓。",
    hint_en="Take its quota: out.",
    hint_zh="请去掉它的 quota:。",
    reference="RFC 3461 §4.1",
)

Standing = Callable[[Iterable[str]], tuple[tuple[str, ...], tuple[str, ...]]]


@dataclass
class Archiving:
    """Incoming and outgoing: address, or ``@domain`` for all of them, and where copies go."""

    mailboxes: Mailboxes
    incoming: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, asked: Archive, standing: Standing) -> None:
        """One entry of the spec; ``standing`` puts successors in the place of people who left."""
        here, lost = standing([asked.to])
        if not here:
            say: dict[str, object] = {"gone": ", ".join(address.partition("@")[0] for address in lost)}
            self.findings.append(Finding(ARCHIVE_NOBODY.id, asked.path, asked.position, say))
            return
        self._judge(asked, here[0])
        if asked.incoming:
            self._put(self.incoming, self._arriving(asked.of), here[0], asked)
        if asked.outgoing:
            self._put(self.outgoing, self._leaving(asked.of), here[0], asked)

    def close(self, asked: Iterable[Archive]) -> None:
        """Once all are there: what an address of its own takes away from the domain's archive is said."""
        every = "@" + self.mailboxes.domain
        for table in (self.incoming, self.outgoing):
            whole = table.get(every)
            for address, target in table.items():
                if whole is not None and target != whole:
                    at = next((archive for archive in asked if archive.of), None)
                    self._two(address, target, whole, at.path if at else "", at.position if at else None)

    def _put(self, table: dict[str, str], addresses: Iterable[str], target: str, asked: Archive) -> None:
        for address in addresses:
            first = table.setdefault(address, target)
            if first != target:
                self._two(address, first, target, asked.path, asked.position)

    def _two(self, address: str, first: str, second: str, path: str, position: Position | None) -> None:
        finding = found(
            ARCHIVE_TWO, path=path, position=position, address=address, first=first, second=second
        )
        if finding not in self.findings:
            self.findings.append(finding)

    def _judge(self, asked: Archive, target: str) -> None:
        mailboxes, at = self.mailboxes, asked.position
        leaves = mailboxes.leaves(target)
        outside = [leave for leave in leaves if not mailboxes.inside(leave)]
        if outside:
            shown = ", ".join(outside)
            self.findings.append(found(ARCHIVE_OUTSIDE, path=asked.path, position=at, target=shown))
        boxes = [box for leave in leaves if (box := mailboxes.mailbox(leave))]
        routes = [route for address in _passed(mailboxes, target) if (route := mailboxes.route(address))]
        scripted = any(box.rules or box.replies or box.cover for box in boxes)
        if scripted or any(route.router for route in routes):
            self.findings.append(found(ARCHIVE_PASSES_ON, path=asked.path, position=at, target=target))
        if any(box.quota for box in boxes):
            self.findings.append(found(ARCHIVE_QUOTA, path=asked.path, position=at, target=target))

    def _arriving(self, of: tuple[str, ...]) -> Iterator[str]:
        """The recipients whose mail the tables lead over one of these addresses."""
        if not of:
            yield "@" + self.mailboxes.domain
        boxes = [mailbox.address for mailbox in self.mailboxes.mailboxes]
        for address in (*boxes, *(route.address for route in self.mailboxes.routes)):
            if set(of) & set(_passed(self.mailboxes, address)):
                yield address

    def _leaving(self, of: tuple[str, ...]) -> Iterator[str]:
        """The senders as which these write: of a mailbox all that it may send as."""
        if not of:
            yield "@" + self.mailboxes.domain
        for address in sorted({*self.mailboxes.senders, *of}):
            if address in of or set(of) & set(self.mailboxes.senders.get(address, ())):
                yield address


def _passed(mailboxes: Mailboxes, address: str) -> Iterator[str]:
    """Every address over which the tables lead mail to ``address``, itself included; no script is asked."""
    seen: set[str] = set()
    todo = [address]
    while todo:
        leaf = todo.pop()
        if leaf in seen:
            continue
        seen.add(leaf)
        yield leaf
        route = mailboxes.route(leaf)
        if route is not None:
            todo += (route.router or "",) if route.dispatches else route.to
