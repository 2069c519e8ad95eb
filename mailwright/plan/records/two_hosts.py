"""Records of a company with two mail hosts: mail comes in at the first one, and both of them send.

The second one is planned beside the first as a sender of the company is, with its SPF terms and its keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mailwright.catalog import service
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.records import PlannedRecord
from mailwright.plan.records import authentication, moving
from mailwright.spec.model import MailSpec
from mailwright.spec.two_hosts import BESIDE


def in_plan(spec: MailSpec) -> MailSpec:
    """The spec with its second mail host among the senders; the spec itself where there is one host."""
    if spec.beside is None:
        return spec
    here = _path(spec)
    positions = {
        here + path[len(BESIDE) :]: position
        for path, position in spec.positions.items()
        if moving.is_in(path, BESIDE)
    }
    both = " ".join(["v=spf1", *moving.terms(spec, spec.beside), "?all"])
    return replace(
        spec,
        senders=(*spec.senders, moving.as_sender(spec.beside)),
        spf=replace(spec.spf, include=(*spec.spf.include, both)),
        positions={**spec.positions, **positions},
    )


def records(spec: MailSpec, ttl: int) -> Iterator[PlannedRecord]:
    """The second mail host's keys that the domain's name gives; mail programs are led to the first."""
    if spec.beside is not None:
        records = moving.of_host(spec, spec.beside, ttl)
        yield from (record for record in records if record.family is Family.DKIM)


def unsigned(spec: MailSpec, ttl: int) -> Iterator[Finding]:
    """That the second mail host has no key yet, said as of a single one."""
    known = service(spec.beside.service) if spec.beside else None
    if spec.beside is None or known is None:
        return
    _, findings = authentication.dkim(spec.at_host(spec.beside), known, ttl)
    for finding in findings:
        if finding.rule == authentication.DKIM_PENDING.id:
            yield replace(finding, path=BESIDE, position=spec.at(BESIDE))


def as_written(findings: Iterable[Finding], spec: MailSpec) -> Iterator[Finding]:
    """Findings at the line of the second mail host, and none that is meant for senders alone."""
    here = _path(spec) if spec.beside else ""
    for finding in findings:
        if not here or not moving.is_in(finding.path, here):
            yield finding
        elif finding.rule not in moving.AS_SENDER:
            yield replace(finding, path=BESIDE + finding.path[len(here) :])


def _path(spec: MailSpec) -> str:
    return f"senders[{len(spec.senders)}]"
