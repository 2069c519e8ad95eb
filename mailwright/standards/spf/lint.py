"""What is wrong with an SPF record, as findings; without a budget tree nothing beyond its own text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network

from mailwright.model.families import Family, meant
from mailwright.model.finding import Finding, found
from mailwright.model.position import Position
from mailwright.model.rules import Rule, Severity, rule
from mailwright.model.text import shortened
from mailwright.standards import beginnings
from mailwright.standards.spf import macros, misspelt, problems, rules
from mailwright.standards.spf.budget import BudgetTree, Trouble
from mailwright.standards.spf.evaluate import select
from mailwright.standards.spf.parser import SpfError, parse
from mailwright.standards.spf.questions import usable
from mailwright.standards.spf.record import MAX_LOOKUPS, MAX_VOIDS, Mechanism, SpfRecord

#: Shorter prefixes, in bits: (a warning below this, an error below that). An IPv4 /16 and an IPv6 /32
#: are the widest ranges that the largest mail services publish or a provider is handed; wider than
#: an IPv4 /8 or IPv6 /16 belongs to no single organisation, so it names strangers.
WIDE = {4: (16, 8), 6: (32, 16)}
#: An include that leaves two look-ups or less for everybody else.
COSTLY = 8
WARN_OCTETS, MOST_OCTETS = 450, 512

FAMILY_VOIDS = rule(
    "spf-voids-of-one-family",
    Severity.WARNING,
    en="To mail that comes by IPv{version} the SPF record of {domain} asks {count} times for what does not "
    "exist, more than 2: such mail may fail. No address for it has: {terms}.",
    zh="对经 IPv{version} 发来的邮件，{domain} 的 SPF 记录有 {count} 次查询没有结果，超过 2 次："
    "这类邮件可能失败。没有相应地址的项：{terms}。",
    hint_en="Name addresses of both families, or write ip4: and ip6: instead of these terms.",
    hint_zh="请为这些主机设置两种地址，或改写为 ip4: 和 ip6:。",
    reference="RFC 7208 §4.6.4, §5.3",
)
#: Mechanisms that take a colon; with "=" they are modifiers that mean nothing.
_COLON = frozenset({"a", "mx", "ip4", "ip6", "include", "exists", "ptr"})
#: Ranges no receiver sees a connection from (RFC 6890). The documentation ranges are left out on
#: purpose: every example is written with them.
_NOT_PUBLIC = tuple(
    ip_network(finding)
    for finding in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ]
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose record it is, and where the spec asks for it."""

    domain: str
    path: str
    position: Position | None

    def found(self, rule: Rule, severity: Severity | None = None, **params: object) -> Finding:
        return found(
            rule,
            path=self.path,
            position=self.position,
            severity=severity,
            **{"domain": self.domain, **params},
        )


def lint(
    record: SpfRecord | str,
    *,
    domain: str = "example.com",
    tree: BudgetTree | None = None,
    path: str = "",
    position: Position | None = None,
) -> list[Finding]:
    """Judge one record of ``domain``; with ``tree``, its budget too. Never raises.

    ``path`` and ``position`` say where the spec asks for it.
    """
    place = _Place(domain, path, position)
    if isinstance(record, str):
        try:
            read = parse(record)
        except SpfError as error:
            return [place.found(rules.SYNTAX, reason=error.text, term=error.term or record[:40])]
    else:
        read = record
    octets = len(record.encode() if isinstance(record, str) else str(record).encode())
    findings = [*_ending(read, place), *_terms(read, place), *_size(octets, place)]
    return findings + (list(_budget(tree, place)) if tree is not None else [])


def lint_set(
    texts: Sequence[str],
    *,
    domain: str = "example.com",
    tree: BudgetTree | None = None,
    path: str = "",
    position: Position | None = None,
) -> list[Finding]:
    """Judge all TXT values at a name (each joined): of several SPF records none is valid (§4.5)."""
    records = select(tuple(texts))
    findings = []
    if len(records) > 1:
        place = _Place(domain, path, position)
        findings.append(place.found(rules.SEVERAL, count=len(records)))
    for record in records:
        findings += lint(record, domain=domain, tree=tree, path=path, position=position)
    for text in texts:
        if text not in records and meant(domain, "TXT", text) is Family.SPF:
            shown = shortened(text, 40)
            some = beginnings.read_by(Family.SPF, text)
            findings.append(_Place(domain, path, position).found(rules.NOT_READ, text=shown, some=some))
    return findings


def lint_budget(tree: BudgetTree, *, domain: str) -> list[Finding]:
    """Judge only what the look-ups of one record of ``domain`` show."""
    return list(_budget(tree, _Place(domain, "", None)))


def _ending(record: SpfRecord, place: _Place) -> Iterator[Finding]:
    """How the record ends: ``all``, ``redirect=``, and what stands after (RFC 7208 §4.7, §5.1, §6.1)."""
    last = record.all
    if last is None:
        if record.redirect is None:
            yield place.found(rules.NO_ALL)
        return
    if last.qualifier == "+":
        yield place.found(rules.ALL_PASS, term="+all")
    elif last.qualifier == "?":
        yield place.found(rules.ALL_NEUTRAL)
    if record.redirect is not None:
        yield place.found(rules.REDIRECT_UNUSED, target=record.redirect, all=str(last))
    mechanisms = [term for term in record.terms if isinstance(term, Mechanism)]
    for mechanism in mechanisms[mechanisms.index(last) + 1 :]:
        yield place.found(rules.AFTER_ALL, term=str(mechanism), all=str(last))


def _terms(record: SpfRecord, place: _Place) -> Iterator[Finding]:
    """What is wrong with single terms, whether they are reached or not."""
    seen: dict[str, str] = {}
    for modifier in record.modifiers:
        if modifier.name in _COLON:
            yield place.found(rules.EQUALS, term=str(modifier), meant=f"{modifier.name}:{modifier.value}")
    for modifier, meant_term in misspelt.misspelt(record):
        yield place.found(misspelt.MISSPELT, term=str(modifier), meant=meant_term)
    for term in misspelt.uses_p(record):
        yield place.found(misspelt.P_MACRO, term=str(term))
    for mechanism in record.mechanisms:
        meaning = mechanism.identity.lstrip("-~?")
        if (
            mechanism.name in ("a", "mx")
            and mechanism.domain
            and mechanism.domain.lower().rstrip(".") == place.domain
        ):
            meaning = replace(mechanism, domain=None).identity.lstrip("-~?")
        if meaning in seen:
            yield place.found(rules.DUPLICATE, term=str(mechanism), first=seen[meaning])
        seen.setdefault(meaning, str(mechanism))
        if mechanism.name == "ptr":
            yield place.found(rules.USES_PTR, term=str(mechanism))
        if mechanism.domain and not macros.letters(mechanism.domain) and _is_no_name(mechanism.domain):
            yield place.found(rules.NOT_A_NAME, term=str(mechanism))
        yield from _range(mechanism, place)


def _is_no_name(domain: str) -> bool:
    """Neither a web nor a mail address is a name, though the grammar lets them stand (RFC 7208 §7.1)."""
    return "://" in domain or "@" in domain or usable(macros.expand(domain, {})) is None


def _range(term: Mechanism, place: _Place) -> Iterator[Finding]:
    """Ranges that let strangers send, and addresses nobody sees (RFC 7208 §5.3, §5.6)."""
    if term.network is not None:
        bits = term.cidr4 if term.name == "ip4" else term.cidr6
        suffix = "" if bits is None else f"/{bits}"
        network = ip_network(term.network + suffix, strict=False)
        for block in _NOT_PUBLIC:
            if block.version == network.version and block.supernet_of(network):  # type: ignore[arg-type]
                yield place.found(rules.PRIVATE, term=str(term))
                return
    if term.qualifier != "+":
        return
    versions = {"ip4": (4,), "ip6": (6,)}.get(term.name, (4, 6))
    for version in versions:
        bits = term.cidr4 if version == 4 else term.cidr6
        warn, refuse = WIDE[version]
        if bits is not None and bits < warn:
            severity = Severity.ERROR if bits < refuse else None
            count = 2 ** ((32 if version == 4 else 128) - bits)
            yield place.found(rules.WIDE, severity, term=str(term), count=count)


def _size(octets: int, place: _Place) -> Iterator[Finding]:
    """RFC 7208 §3.4."""
    if octets > MOST_OCTETS:
        yield place.found(rules.OVER_512, octets=octets)
    elif octets > WARN_OCTETS:
        yield place.found(rules.OVER_450, octets=octets)


def _budget(tree: BudgetTree, place: _Place) -> Iterator[Finding]:
    """What the look-ups show (RFC 7208 §4.6.4)."""
    if tree.lookups > MAX_LOOKUPS:
        costs = ", ".join(f"{child.term} {_number(child)}" for child in tree.children if child.lookups)
        least = problems.AT_LEAST.using(count=tree.lookups)
        yield place.found(rules.LOOKUPS, cost=tree.lookups if tree.measured else least, terms=costs)
    else:
        yield from _narrow(tree, place)
    void = [term_node for term_node in tree.walk() if term_node.own_voids]
    if tree.voids > MAX_VOIDS:
        yield place.found(
            rules.VOIDS, count=tree.voids, terms=", ".join(term_node.term for term_node in void)
        )
    else:
        for node in void:
            yield place.found(rules.VOID, term=node.term, name=node.domain)
        if tree.lookups <= MAX_LOOKUPS:  # else it fails for everybody
            yield from _voids_of_one_family(tree, place)
    for node in tree.walk():
        if node.trouble in _RULES:
            yield place.found(_RULES[node.trouble], term=node.term, name=node.domain, reason=node.problem)


def _voids_of_one_family(tree: BudgetTree, place: _Place) -> Iterator[Finding]:
    """RFC 7208 §4.6.4, §5.3: a client of one address family meets voids that one of the other does not."""
    for version in (4, 6):
        count = tree.voids_of(version)
        if count > MAX_VOIDS:
            terms = ", ".join(node.term for node in tree.walk() if node.own_voids_of(version))
            yield place.found(FAMILY_VOIDS, version=version, count=count, terms=terms)


def _number(node: BudgetTree) -> str:
    """What a term costs, with the day of its measurement; a question mark for what nobody has measured."""
    if not node.measured:
        return "?"
    return f"{node.lookups} ({node.checked.isoformat()})" if node.checked else str(node.lookups)


def _narrow(tree: BudgetTree, place: _Place) -> Iterator[Finding]:
    """What may yet break the limit: costs that nobody has measured, and one include that takes nearly all."""
    costing = [child for child in tree.children if child.lookups]
    unmeasured = [
        term_node
        for term_node in tree.walk()
        if term_node.trouble is Trouble.UNMEASURED and term_node.domain != place.domain
    ]
    if unmeasured:
        # One include alone is its owner's to keep within ten: there is nothing to add up.
        severity = Severity.INFO if len(costing) == 1 else None
        terms = ", ".join(term_node.term for term_node in unmeasured)
        yield place.found(rules.COST_UNKNOWN, severity, terms=terms)
    for node in costing:
        if node.lookups >= COSTLY and len(costing) > 1:
            yield place.found(rules.COSTLY, term=node.term, cost=node.lookups)


_RULES = {
    Trouble.NO_RECORD: rules.BROKEN,
    Trouble.SEVERAL: rules.BROKEN,
    Trouble.INVALID: rules.BROKEN,
    Trouble.LOOP: rules.LOOP,
    Trouble.TOO_MANY_MX: rules.MANY_MX,
    Trouble.UNANSWERED: rules.UNANSWERED,
}
