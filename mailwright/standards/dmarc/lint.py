"""What is wrong with a DMARC record, one function a rule (RFC 9989 §4.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from mailwright.model.families import Family, meant
from mailwright.model.finding import Finding, found
from mailwright.model.names import is_below
from mailwright.model.readings import BLANKS
from mailwright.model.text import Text
from mailwright.standards import beginnings
from mailwright.standards import tags as taglist
from mailwright.standards.dmarc import rules
from mailwright.standards.dmarc.record import (
    KNOWN_TAGS,
    POLICIES,
    REMOVED_TAGS,
    VALUES,
    DmarcError,
    DmarcRecord,
    failure_options,
    lowered,
    parse,
)
from mailwright.standards.dmarc.spelling import SCHEME, spelling
from mailwright.standards.dmarc.vendors import to_vendors

_DEFAULTS = {"adkim": "r", "aspf": "r", "t": "n", "psd": "u", "fo": "0"}
_AS_NONE = Text("receivers act as if it said p=none", "收件方按 p=none 处理")
_AS_NOTHING = Text(
    "without a valid rua either, receivers see no DMARC at all", "又没有有效的 rua，收件方视为没有 DMARC"
)


def lint(text: str, name: str = "_dmarc") -> tuple[Finding, ...]:
    """Everything that is wrong with one record; ``name`` is its owner name, for the messages."""
    try:
        record = parse(text)
    except DmarcError:
        return (found(rules.RECORD_INVALID, name=name, some=beginnings.read_by(Family.DMARC, text)),)
    findings = (finding for check in _CHECKS for finding in check(record, name))
    return (*findings, *spelling(text, record, name))


def lint_set(values: Sequence[str], name: str = "_dmarc") -> tuple[Finding, ...]:
    """The TXT values at one ``_dmarc`` name together; what is not meant as a DMARC record is not judged.

    RFC 9989 §4.10: several records are all discarded.
    """
    records = beginnings.sure(Family.DMARC, values)
    several = (found(rules.SEVERAL, name=name, count=len(records)),) if len(records) > 1 else ()
    slips = [
        value for value in values if value not in records and meant("_dmarc.", "TXT", value) is Family.DMARC
    ]
    return (*several, *(finding for record in (*records, *slips) for finding in lint(record, name)))


def voiding_wildcards(domain: str, owner_names: Iterable[str]) -> tuple[str, ...]:
    """The wildcards among a zone's owner names that make names at or below ``domain`` exist.

    RFC 8020 and RFC 4592: below a wildcard no name is NXDOMAIN, so ``np`` never applies. Wildcards below
    ``_domainkey`` and the like do no harm: no author domain has such a label.
    """
    return tuple(
        name
        for name in dict.fromkeys(owner_names)
        if name.startswith("*.") and is_below(name[2:], domain) and not _has_underscore(name)
    )


def wildcard_findings(
    text: str, domain: str, owner_names: Iterable[str], name: str = ""
) -> tuple[Finding, ...]:
    """A record whose ``np`` is stronger than ``sp`` in a zone with a wildcard (RFC 9989 §4.7)."""
    try:
        record = parse(text)
    except DmarcError:
        return ()
    below, missing = record.subdomain_policy, record.nonexistent_policy
    if below is None or missing is None or POLICIES.index(missing) <= POLICIES.index(below):
        return ()
    shown = name or f"_dmarc.{domain.rstrip('.')}"
    return tuple(
        found(rules.WILDCARD, name=shown, wildcard=wildcard.rstrip("."), below=wildcard[2:].rstrip("."),
              np=missing, sp=below)
        for wildcard in voiding_wildcards(domain, owner_names)
    )  # fmt: skip


def _has_underscore(name: str) -> bool:
    return any(label.startswith("_") for label in name.split("."))


def _policies(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """§4.10.1: a policy that is none of the three turns the record into p=none, or into nothing."""
    effect = _AS_NONE if record.has_reports else _AS_NOTHING
    for tag in ("p", "sp", "np"):
        if tag in record.tags and record.value(tag) is None:
            yield found(rules.POLICY_INVALID, name=name, tag=tag, value=record.tags[tag], effect=effect)
    if "p" not in record.tags:
        severity = None if record.has_reports else rules.POLICY_INVALID.severity
        yield found(rules.POLICY_MISSING, severity=severity, name=name, effect=effect)


def _values(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """§4.7: a bad value falls back to the tag's default."""
    for tag in ("adkim", "aspf", "t", "psd"):
        if tag in record.tags and record.value(tag) is None:
            yield found(rules.VALUE_INVALID, name=name, tag=tag, value=record.tags[tag],
                        default=_DEFAULTS[tag], values=", ".join(VALUES[tag]))  # fmt: skip
    if "fo" in record.tags and not failure_options(record.tags["fo"]):
        yield found(rules.VALUE_INVALID, name=name, tag="fo", value=record.tags["fo"],
                    default="0", values="0, 1, d, s, 1:d:s")  # fmt: skip


def _tags(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """§4.7: what receivers pass over, because it was removed, never was, or is no tag."""
    for tag, value in record.tags.items():
        if tag in REMOVED_TAGS:
            yield found(rules.TAG_REMOVED, name=name, tag=tag, value=value)
        elif tag not in KNOWN_TAGS:
            yield found(rules.TAG_UNKNOWN, name=name, tag=tag, known=", ".join(KNOWN_TAGS))
    for part in record.ignored:
        yield found(rules.PART_IGNORED, name=name, part=part)
    if "p" in record.tags and next(iter(record.tags)) != "p":
        yield found(rules.POLICY_LATE, name=name)


def _reports(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """§4.7: report addresses are ``mailto:`` URIs without the size limit of RFC 7489."""
    for tag in ("rua", "ruf"):
        for uri in record.tags.get(tag, "").split(",") if tag in record.tags else ():
            if taglist.mailbox_of(uri) is None:
                broken = SCHEME if taglist.is_uri(uri) else rules.URI_INVALID
                yield found(broken, name=name, tag=tag, uri=uri.strip(BLANKS))
            elif taglist.has_size_limit(uri):
                yield found(rules.SIZE_REMOVED, name=name, uri=uri.strip(BLANKS))
    for tag, mailboxes in (("rua", record.rua), ("ruf", record.ruf)):
        yield from to_vendors(mailboxes, tag, name)
    if record.value("p") == "none" and "rua" not in record.tags:
        yield found(rules.NO_REPORTS, name=name)


def _strength(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """§4.7: ``t=y``, and ``sp`` or ``np`` that take back what ``p`` says."""
    policy = record.policy
    if policy in (None, "none"):
        return
    assert policy is not None
    if record.testing:
        yield found(rules.LOWERED, name=name, policy=policy, applied=lowered(policy, testing=True))
    # np falls back to sp, so a weak sp is named once.
    known = (
        ("sp", policy, Text("names below the domain", "子域名")),
        ("np", record.subdomain_policy or policy, Text("names that do not exist", "不存在的子域名")),
    )
    for tag, against, whom in known:
        value = record.value(tag)
        if value in POLICIES and POLICIES.index(value) < POLICIES.index(against):
            yield found(rules.BELOW_WEAKER, name=name, tag=tag, value=value, policy=against, whom=whom)


def _psd(record: DmarcRecord, name: str) -> Iterator[Finding]:
    """§4.7: ``psd=y`` is for registries."""
    if record.psd == "y":
        yield found(rules.PSD, name=name)


_CHECKS: tuple[Callable[[DmarcRecord, str], Iterator[Finding]], ...] = (
    _policies,
    _values,
    _tags,
    _reports,
    _strength,
    _psd,
)
