"""A spec while its company moves to another mail host: what each stage asks for.

Both hosts may send in all stages but the last, so SPF and keys are those of both. One of them takes the
mail: it stands where ``mail_host`` stands, and the other one beside it, as a sender of the company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mailwright.catalog import Site, service
from mailwright.catalog.service import template_values
from mailwright.model.consent import Consent
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.plan.records.senders import Use
from mailwright.plan.records.spf import include_of, terms_of_site
from mailwright.spec.model import MailHost, MailSpec, Move, Sender, Stage

#: While a company moves, so that each step is everywhere within minutes and can be taken back as fast.
MOVING_TTL = 300  # seconds
#: Says, once it is confirmed, that the file of an MTA-STS policy names both hosts' exchangers.
POLICY = "policy"
#: Says that a policy names an exchanger that takes no mail: while a company moves it has to.
POLICY_OF_BOTH = "mta-sts-mx-unused"
#: Said of senders, which the second mail host is in the plan and not in anybody's eyes.
AS_SENDER = frozenset({"sender-may-write-as", "sender-not-aligned"})


def in_stage(spec: MailSpec) -> MailSpec:
    """The spec as the stage of its move asks for it; the spec itself where nobody moves, or no longer."""
    move = _both_send(spec)
    if move is None:
        return spec
    receiving, beside = hosts(spec, move)
    here = f"senders[{len(spec.senders)}]"
    both = " ".join(["v=spf1", *old_terms(spec, move), *terms(spec, spec.mail_host), "?all"])
    sts = spec.extra.mta_sts
    if sts and not sts.mx and not spec.gateway:
        both_take = dict.fromkeys((*exchangers(spec, move.host), *exchangers(spec, spec.mail_host)))
        unseen = move.stage is Stage.PREPARE and POLICY not in move.confirmed
        sts = replace(sts, mx=tuple(both_take), file_first=unseen)
    return replace(
        spec,
        mail_host=_without_spf(receiving),
        senders=(*spec.senders, as_sender(beside)),
        # In one order through all stages: what a stage does not change it does not write.
        spf=replace(spec.spf, all="softfail", include=(*spec.spf.include, both)),
        ttl=min(spec.ttl or MOVING_TTL, MOVING_TTL),
        extra=replace(spec.extra, mta_sts=sts),
        positions=_positions(spec, receiving is move.host, here),
    )


def _both_send(spec: MailSpec) -> Move | None:
    """The move under way, unless it has come to its last stage: then the old host is out already."""
    move = spec.moving_from
    return None if move and move.stage is Stage.WITHDRAW else move


def hosts(spec: MailSpec, move: Move) -> tuple[MailHost, MailHost]:
    """The host that takes mail in this stage, and the other one."""
    if move.stage.reached(Stage.SWITCH):
        return spec.mail_host, move.host
    return move.host, spec.mail_host


def exchangers(spec: MailSpec, host: MailHost) -> tuple[str, ...]:
    """The exchangers of a mail host, without final dots; empty where the catalog knows none."""
    if host.mx:
        return tuple(bare(exchanger) for exchanger in host.mx_hosts)
    values = {name: value.lower() for name, value in host.inputs.items()} | template_values(spec.domain)
    here = site_of(host)
    records = here.records if here else ()
    named = [mx_host.host for mx_host in here.mx] if here else []
    named += [record.value.rpartition(" ")[2] for record in records if record.type == "MX"]
    return tuple(bare(exchanger.format_map(values)).lower() for exchanger in named)


def site_of(host: MailHost) -> Site | None:
    """The site a mail host is used at."""
    known = service(host.service)
    return known.site(host.site) if known else None


def spf_site(spec: MailSpec) -> Site | None:
    """Where the SPF terms of the mail host come from; None while a move has those of both."""
    return None if _both_send(spec) else site_of(spec.mail_host)


def records(spec: MailSpec, receiving: Sequence[PlannedRecord], ttl: int) -> tuple[PlannedRecord, ...]:
    """What the two hosts want beside MX, SPF and pasted keys; ``receiving``: of the one that takes mail.

    Keys that the domain's name gives are those of both. Mail programs are led to one host alone: to the old
    one until the stage ``clients``.
    """
    move = _both_send(spec)
    if move is None:
        return tuple(receiving)
    _, beside = hosts(spec, move)
    others = tuple(record for record in of_host(spec, beside, ttl) if record.type != "MX")
    led = others if move.stage is Stage.SWITCH else receiving
    taking = [record for record in receiving if record.type == "MX"]
    keys = [record for record in (*receiving, *others) if record.family is Family.DKIM]
    return (
        *taking,
        *keys,
        *(record for record in led if record.type != "MX" and record.family is not Family.DKIM),
    )


def consents(spec: MailSpec) -> tuple[Consent, ...]:
    """What the reviewed stage consents to: this exchange of these values, and nothing else.

    The MX may change between the two hosts once both may send; the old host's terms and keys may go in the
    last stage.
    """
    move = spec.moving_from
    if move is None:
        return ()
    if move.stage is Stage.WITHDRAW:
        gone = frozenset(bare(named_value.name) for named_value in move.host.dkim)
        gone |= {bare(e.name) for e in of_host(spec, move.host, 0) if e.family is Family.DKIM}
        return (
            _consent("spf-sender-dropped", frozenset((*terms(spec, move.host), *move.addresses)), move),
            _consent("selector-gone", gone, move),
        )
    given = [] if spec.gateway else _of_exchangers(spec, move)
    if move.addresses:
        stood_for = frozenset(term for term in terms(spec, move.host) if term.startswith("include:"))
        given.append(_consent("spf-sender-dropped", stood_for, move))
    return tuple(given)


def _of_exchangers(spec: MailSpec, move: Move) -> list[Consent]:
    """The exchange of the two hosts' exchangers; behind a filter the MX stays the filter's all the time."""
    both = frozenset((*exchangers(spec, move.host), *exchangers(spec, spec.mail_host)))
    apex = absolute(spec.domain)
    given = [replace(_consent("mx-changed", both, move), served=frozenset({f"{apex} TXT"}))]
    if spec.extra.mta_sts and POLICY in move.confirmed:
        announced = frozenset({f"_mta-sts.{apex} TXT"})
        given.append(replace(_consent("mta-sts-blocks-mx", both, move), served=announced))
    return given


def as_written(findings: Iterable[Finding], spec: MailSpec) -> Iterator[Finding]:
    """Findings of a stage at the lines of the spec as somebody wrote it."""
    move = _both_send(spec)
    names, here = {}, f"senders[{len(spec.senders)}]"
    if move:
        old_receives = not move.stage.reached(Stage.SWITCH)
        names["mail_host"] = "moving_from" if old_receives else "mail_host"
        names[here] = "mail_host" if old_receives else "moving_from"
    added = spec.extra.mta_sts is not None and not spec.extra.mta_sts.mx
    for finding in findings:
        if names and (
            (added and finding.rule == POLICY_OF_BOTH)
            or (finding.rule in AS_SENDER and is_in(finding.path, here))
        ):
            continue
        head = next((name for name in names if is_in(finding.path, name)), None)
        yield replace(finding, path=names[head] + finding.path[len(head) :]) if head else finding


def _consent(rule: str, values: frozenset[str], move: Move) -> Consent:
    return Consent(rule, None, "moving_from", values or frozenset({"-"}), position=move.position)


def of_host(spec: MailSpec, host: MailHost, ttl: int) -> tuple[PlannedRecord, ...]:
    """What a mail host wants beside MX, SPF and pasted keys."""
    known = service(host.service)
    if known is None:
        return ()
    use = Use(known, spec.domain, ttl, host.inputs, host.position, bool(spec.gateway))
    return tuple(use.records(site_of(host)))


def terms(spec: MailSpec, host: MailHost) -> tuple[str, ...]:
    """The SPF terms of a host; ``mx`` is whoever takes mail, so an own server is named by its exchangers."""
    spf_terms: list[str] = []
    for term in terms_of_site(site_of(host), host.inputs, spec.domain):
        spf_terms += (
            [f"a:{exchanger}" for exchanger in exchangers(spec, host) if exchanger != "."]
            if term == "mx"
            else [term]
        )
    if include := host.inputs.get("spf_include", "").strip():
        spf_terms.append(include_of(include))
    return (
        *spf_terms,
        *(f"ip4:{network}" for network in host.ip4),
        *(f"ip6:{network}" for network in host.ip6),
    )


def old_terms(spec: MailSpec, move: Move) -> tuple[str, ...]:
    """The old host's terms, or what stands for its includes."""
    written = terms(spec, move.host)
    if not move.addresses:
        return written
    return tuple(dict.fromkeys((*move.addresses, *(e for e in written if not e.startswith("include:")))))


def _without_spf(host: MailHost) -> MailHost:
    inputs = {name: value for name, value in host.inputs.items() if name != "spf_include"}
    return replace(host, inputs=inputs, ip4=(), ip6=())


def as_sender(host: MailHost) -> Sender:
    """A mail host that sends and takes no mail, as a sender of the company."""
    known = service(host.service)
    return Sender(
        custom=known.names("en") if known else host.service,
        dkim=host.dkim,
        verification=host.verification,
        position=host.position,
    )


def is_in(path: str, place: str) -> bool:
    """Whether a path of the spec is a place in it, or below it."""
    return path == place or path.startswith((f"{place}.", f"{place}["))


def _positions(spec: MailSpec, old_receives: bool, here: str) -> Mapping[str, Position]:
    """The lines of the two hosts, under the paths at which the stage has them."""
    names = {"moving_from": "mail_host", "mail_host": here} if old_receives else {"moving_from": here}
    positions = {
        path: at for path, at in spec.positions.items() if not any(is_in(path, name) for name in names)
    }
    for path, at in spec.positions.items():
        head = next((name for name in names if is_in(path, name)), None)
        if head:
            positions[names[head] + path[len(head) :]] = at
    return positions
