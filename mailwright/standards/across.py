"""What only shows across records: MX ⊆ MTA-STS ⊆ certificate names ⊆ TLSA, CNAMEs, lengths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.standards import dane, der, mta_sts, null_mx
from mailwright.standards.mta_sts.lint import cover

#: (owner name, type) → values in presentation form.
Sets = Mapping[tuple[str, str], Sequence[str]]


NOT_IN_CERTIFICATE = rule(
    "mx-not-in-certificate",
    Severity.ERROR,
    en="The certificate of {mx} is for {names} and not for {mx}: with MTA-STS in mode {mode}, senders "
    "will not deliver there.",
    zh="{mx} 的证书属于 {names}，不含 {mx}：MTA-STS 为 {mode} 模式时，发信方不会向其投递。",
    hint_en="Issue a certificate that names {mx}, or keep mode: testing until there is one.",
    hint_zh="请签发包含 {mx} 的证书；在此之前保持 mode: testing。",
    reference="RFC 8461 §4.2",
)
TLSA_DIFFERS = rule(
    "tlsa-matches-no-certificate",
    Severity.ERROR,
    en="No TLSA record at {name} matches the certificate of {mx}: senders with DANE will not deliver.",
    zh="{name} 处没有一条 TLSA 与 {mx} 的证书相符：支持 DANE 的发信方不会投递。",
    hint_en="Publish “{wanted}” beside the others, and remove the old one after its TTL.",
    hint_zh="请先增加“{wanted}”，待旧记录的 TTL 过后再删除旧记录。",
    reference="RFC 7672 §3.1, RFC 7671 §8.1",
)
TLSA_PARTIAL = rule(
    "tlsa-not-at-every-mx",
    Severity.WARNING,
    en="{with_tlsa} has TLSA records and {mx} has none: whoever blocks the first leads mail to the other.",
    zh="{with_tlsa} 有 TLSA 记录而 {mx} 没有：攻击者阻断前者即可把邮件引向后者。",
    hint_en="Publish TLSA at {name} as well.",
    hint_zh="请在 {name} 也发布 TLSA。",
    reference="RFC 7672 §2.2.1",
)


CNAME_BESIDE = rule(
    "cname-served-beside-data",
    Severity.ERROR,
    en="{name} is answered with a CNAME to {target} and with other records ({types}) as well: some receivers "
    "follow the CNAME, others take the records.",
    zh="{name} 既应答为指向 {target} 的 CNAME，又应答其他记录（{types}）："
    "收件方有的跟随 CNAME，有的采用记录本身。",
    hint_en="Keep one of the two at the DNS host; no other record can exist beside a CNAME.",
    hint_zh="请在 DNS 服务商处只保留其中之一；CNAME 不能与其他记录并存。",
    reference="RFC 1034 §3.6.2",
)


@dataclass(frozen=True, slots=True)
class Served:
    """What a mail server shows on port 25: the DNS names of its certificate, and the chain as DER."""

    names: tuple[str, ...]
    chain: tuple[bytes, ...] = ()


def consistency(
    domain: str,
    sets: Sets,
    *,
    policy: mta_sts.Policy | None = None,
    served: Mapping[str, Served] | None = None,
) -> tuple[Finding, ...]:
    """Whether a domain's mail records agree.

    ``served`` maps exchangers (without final dot) to what they show; one that is not in it is not judged:
    what was not seen is no finding.
    """
    exchangers = null_mx.exchangers(_values(sets, domain, "MX"))
    findings: list[Finding] = []
    if policy is not None:
        findings += cover(policy, domain.rstrip("."), exchangers)
        findings += _certificates(exchangers, policy, served or {})
    findings += _tlsa(domain.rstrip("."), exchangers, sets, served or {})
    return tuple(findings)


def cname_conflicts(sets: Sets) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names with a CNAME and something else, with the other types; two CNAMEs count (RFC 1034 §3.6.2)."""
    types: dict[str, list[str]] = {}
    for (name, type), values in sets.items():
        types.setdefault(name.lower(), []).extend(
            [type] * len(values) if type == "CNAME" else [type][: len(values)]
        )
    return tuple(
        (name, tuple(sorted(kind for kind in kinds if kind != "CNAME")))
        for name, kinds in types.items()
        if "CNAME" in kinds and len(kinds) > 1
    )


def served_conflicts(sets: Sets) -> tuple[Finding, ...]:
    """A finding for each name that a server answers with a CNAME and with other records."""
    findings = []
    for name, others in cname_conflicts(sets):
        target = ", ".join(value.rstrip(".") for value in _values(sets, name, "CNAME"))
        if others:
            types = ", ".join(dict.fromkeys(others))
            findings.append(found(CNAME_BESIDE, name=name.rstrip("."), target=target, types=types))
    return tuple(findings)


def _certificates(
    exchangers: Sequence[str], policy: mta_sts.Policy, served: Mapping[str, Served]
) -> Iterable[Finding]:
    """RFC 8461 §4.2: the certificate names the exchanger; in testing mode that is a warning."""
    if policy.mode == "none":
        return
    severity = None if policy.mode == "enforce" else Severity.WARNING
    for mx in exchangers:
        shown = served.get(mx)
        if shown is not None and not any(mta_sts.matches(name, mx) for name in shown.names):
            names = ", ".join(shown.names) or "–"
            yield found(NOT_IN_CERTIFICATE, severity=severity, mx=mx, names=names, mode=policy.mode)


def _tlsa(
    domain: str, exchangers: Sequence[str], sets: Sets, served: Mapping[str, Served]
) -> Iterable[Finding]:
    """RFC 7672: TLSA at each exchanger or at none, and one that matches what is served."""
    published = {mx: _values(sets, dane.owner_name(mx), "TLSA") for mx in exchangers}
    protected = [mx for mx, values in published.items() if values]
    for mx, values in published.items():
        name = dane.owner_name(mx).rstrip(".")
        yield from dane.lint(values, name)
        if protected and not values:
            yield found(TLSA_PARTIAL, mx=mx, with_tlsa=protected[0], name=name)
        shown = served.get(mx)
        if shown is not None and shown.chain and _fails(values, shown, (mx, domain)):
            yield found(TLSA_DIFFERS, mx=mx, name=name, wanted=_wanted(shown.chain[0]))


def _fails(values: Sequence[str], shown: Served, server_names: Sequence[str]) -> bool:
    """Whether usable records are there and none matches; unusable ones alone authenticate nothing.

    A record of a CA asks for a certificate of one of the ``wanted`` names as well (RFC 7672 §3.1.2, §3.2.2).
    """
    named = any(mta_sts.matches(pattern, name) for pattern in shown.names for name in server_names)
    usable = []
    for value in values:
        try:
            record = dane.parse(value)
        except dane.DaneError:
            continue
        if record.usage in (dane.TRUST_ANCHOR, dane.END_ENTITY):
            usable.append(record)
    good = (tlsa for tlsa in usable if named or tlsa.usage == dane.END_ENTITY)
    return bool(usable) and not any(record.matches(shown.chain) for record in good)


def _wanted(certificate: bytes) -> str:
    try:
        return str(dane.end_entity(der.spki_of_certificate(certificate)))
    except der.DerError:
        return "3 1 1 …"


def _values(sets: Sets, name: str, type: str) -> Sequence[str]:
    own_name = name.rstrip(".").lower()
    return [
        value
        for (owner, kind), values in sets.items()
        if kind == type and owner.rstrip(".").lower() == own_name
        for value in values
    ]
