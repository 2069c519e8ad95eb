"""The zone of an alias domain: published with the company's own, and never emptied by a line that goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.worlds import FOREIGN, FOREIGN_TXT, TENCENT, Project
from tests.servers.base import FULL, DnsServer
from tests.servers.embedded import Embedded


@pytest.fixture
def project(tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, embedded, monkeypatch)


def test_it_is_published_and_a_removed_line_does_not_empty_it(project: Project) -> None:
    zone, other = project.server.new_zone(FOREIGN), project.server.new_zone(FOREIGN)
    line = f"alias_domains: [{other.rstrip('.')}]\n"
    spec = project.write(zone, more=line)
    project.up(spec)
    there = project.everything(other)
    assert there[f"{other} MX"] == TENCENT
    assert there[f"{other} TXT"] == {*FOREIGN_TXT, '"v=spf1 include:spf.mail.qq.com ~all"'}
    assert len(there[f"_dmarc.{other} TXT"]) == 1
    reports = project.server.texts(f"{other.rstrip('.')}._report._dmarc.{zone}", "TXT")
    assert reports == {'"v=DMARC1"'}
    assert not project.up(spec).changes

    project.write(zone)
    outcome = project.run("up", spec)
    assert outcome.refused and "no-mx-left" in "".join(outcome.problems)
    assert project.everything(other) == there
    project.write(zone, more=line)
    project.up(spec)
    assert project.everything(other) == there and not project.up(spec).changes


def test_a_living_mx_at_the_other_domain_is_not_replaced_unasked(project: Project) -> None:
    zone = project.server.new_zone(FOREIGN)
    other = project.server.new_zone(FOREIGN + "@ 300 MX 10 mx.elsewhere.example.\n")
    spec = project.write(zone, more=f"alias_domains: [{other.rstrip('.')}]\n")
    outcome = project.run("up", spec)
    assert outcome.refused and "mx-changed" in "".join(outcome.problems)
    assert project.everything(other)[f"{other} MX"] == {"10 mx.elsewhere.example."}
    assert project.everything(zone)[f"{zone} MX"] == TENCENT, "one domain does not hold up the others"


def test_two_stacks_do_not_claim_it(project: Project) -> None:
    zone, other = project.server.new_zone(FOREIGN), project.server.new_zone(FOREIGN)
    first = project.write(zone, more=f"alias_domains: [{other.rstrip('.')}]\n")
    second = project.write(other)
    outcome = project.run("up", first, second)
    assert outcome.problems and not project.everything(other)[f"{other} MX"]


def test_its_zone_may_be_at_another_dns_host(project: Project) -> None:
    """A host whose zone is the alias domain's serves it alone, and nobody else does."""
    second = Embedded()
    second.start()
    try:
        zone, other = project.server.new_zone(FOREIGN), second.new_zone(FOREIGN)
        while other == zone:
            other = second.new_zone(FOREIGN)
        spec = project.write(zone, more=f"alias_domains: [{other.rstrip('.')}]\n")
        there = f"server: 127.0.0.1, port: {second.port}, key_name: {FULL.name}, zone: {other}"
        entry = f"{{service: rfc2136, {there}}}"
        spec.write_text(spec.read_text().replace("}]\n", f"}}, {entry}]\n", 1))
        project.up(spec)
        assert second.texts(other, "MX") == TENCENT
        assert project.everything(zone)[f"{zone} MX"] == TENCENT
        assert not project.up(spec).changes
    finally:
        second.dispose()
