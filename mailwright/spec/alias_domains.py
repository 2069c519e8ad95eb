"""``alias_domains``: further domains at which the same people have the same addresses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mailwright.catalog import Input, Service, service
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.spec import names, rules
from mailwright.spec.builder import Builder
from mailwright.spec.model import AliasDomain, MailHost, NamedValue
from mailwright.spec.shape import advice
from mailwright.spec.tree import Branch, Items, Scalar

PATH = "alias_domains"
_KEYS = frozenset({"domain", "dkim", "verification", "moving_from"})
TWICE = rule(
    "alias-domain-twice",
    Severity.ERROR,
    en="{domain} is in this spec already: it cannot be an alias domain as well.",
    zh="{domain} 已在本规格中，不能再作为别名域名。",
    hint_en="Name each domain once: as domain, under alias_domains or under parked.",
    hint_zh="每个域名只写一次：写在 domain、alias_domains 或 parked 之一。",
)


class _Builder(Builder, Protocol):
    """What is needed of the whole beside what all parts need."""

    @property
    def filtered(self) -> bool: ...

    def company_domain(self, path: str, text: str) -> str: ...

    def named(
        self, branch: Branch, key: str, path: str, *, selector: bool = False, below: str = ""
    ) -> tuple[NamedValue, ...]: ...

    def say_missing(self, path: str, known: Service, input_field: Input) -> None: ...


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    text: str
    branch: Branch
    position: Position


def alias_domains(builder: _Builder, host: MailHost) -> tuple[AliasDomain, ...]:
    """The part of a spec; what the mail host needs to know of each domain is asked for here."""
    parked = (text.lower().rstrip(".") for text in builder.texts(builder.root, "parked"))
    taken = {builder.domain, *parked}
    aliases: list[AliasDomain] = []
    for entry in _entries(builder):
        path = f"{entry.path}.domain" if entry.branch.items else entry.path
        domain = builder.company_domain(path, entry.text)
        if domain and domain in taken:
            builder.say(TWICE, entry.path, domain=domain)
        elif domain:
            taken.add(domain)
            aliases.append(_one(builder, host, entry, domain))
    return tuple(aliases)


def hosts(builder: Builder) -> frozenset[str]:
    """The domains that are written as alias domains, as far as they are names."""
    known_names = set[str]()
    for entry in _entries(builder):
        with contextlib.suppress(names.BadNameError):
            known_names.add(names.domain(entry.text))
    return frozenset(known_names)


def _entries(builder: Builder) -> Iterator[_Entry]:
    node = builder.root.items.get(PATH)
    for number, item in enumerate(node.items if isinstance(node, Items) else ()):
        path = f"{PATH}[{number}]"
        if isinstance(item, Branch):
            yield _Entry(path, builder.text(item, "domain"), item, item.position)
        elif isinstance(item, Scalar):
            yield _Entry(path, item.text.strip(), Branch({}, {}, item.position), item.position)


def _one(builder: _Builder, host: MailHost, entry: _Entry, domain: str) -> AliasDomain:
    inputs = {key: builder.text(entry.branch, key) for key in entry.branch.items if key not in _KEYS}
    known = service(host.service)
    expected = {want.name: want for want in (known.wants(host.site) if known else ())}
    idle = known.for_exchangers(host.site) if known and builder.filtered else frozenset()
    for name in inputs:
        if name not in expected:
            hint = advice(name, sorted(_KEYS | set(expected)))
            builder.say(rules.UNKNOWN_KEY, f"{entry.path}.{name}", key=name, parent=PATH, advice=hint)
    for name, want in expected.items():
        if known and want.per_domain and want.required and name not in idle and not inputs.get(name):
            builder.say_missing(entry.path, known, want)
    return AliasDomain(
        domain,
        inputs,
        builder.named(entry.branch, "dkim", f"{entry.path}.dkim", selector=True, below=domain),
        builder.named(entry.branch, "verification", f"{entry.path}.verification", below=domain),
        _left(builder, entry),
        entry.position,
    )


def _left(builder: _Builder, entry: _Entry) -> dict[str, str]:
    """What the mail host that is left has for this domain."""
    branch = entry.branch.items.get("moving_from")
    if not isinstance(branch, Branch):
        return {}
    known = service(builder.text(builder.branch("moving_from"), "service"))
    names = sorted({want.name for want in known.all_inputs if want.per_domain}) if known else []
    for name in branch.items:
        if name not in names:
            say = {"key": name, "parent": f"{PATH}[].moving_from", "advice": advice(name, names)}
            builder.say(rules.UNKNOWN_KEY, f"{entry.path}.moving_from.{name}", **say)
    return {name: builder.text(branch, name) for name in branch.items}
