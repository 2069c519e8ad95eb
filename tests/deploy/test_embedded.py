"""The embedded engine with the real program, provider and nameservers."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pytest

from mailwright.deploy.component import MailDomain
from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.embedded.statefile import StateFile
from tests.deploy.worlds import DOWN, FOREIGN, FOREIGN_TXT, TENCENT, Project
from tests.servers.base import FULL, DnsServer


@pytest.fixture
def project(tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, embedded, monkeypatch)


def test_the_whole_life_of_a_domain_on_every_server(
    tmp_path: Path, server: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path, server, monkeypatch)
    zone = server.new_zone(FOREIGN)
    before = project.everything(zone)
    spec = project.write(zone)

    assert [step.action for step in project.run("preview", spec).changes] == ["create"]
    assert project.everything(zone) == before
    assert not project.state.exists()
    project.up(spec)
    assert server.texts(zone, "MX") == TENCENT
    assert server.texts(zone, "TXT") > FOREIGN_TXT
    assert not project.up(spec).changes
    deployed = project.everything(zone)

    server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    server.drop(zone, "_dmarc", "TXT")
    drift = project.run("refresh", spec)
    assert [step.action for step in drift.changes] == ["drift"]
    assert any("mxbiz1" in line for line in drift.changes[0].lines)
    project.up(spec)
    assert project.everything(zone) == deployed
    assert not project.up(spec).changes

    refused = project.run("destroy", spec)
    assert refused.refused
    assert "[no-mx-left]" in "\n".join(refused.problems)
    assert project.everything(zone) == deployed
    gone = project.run("destroy", spec, allow=DOWN)
    assert [step.action for step in gone.changes if step.action == "delete"] == ["delete"]
    assert project.everything(zone) == before
    assert json.loads(project.state.read_text())["deployment"]["resources"] == []


def test_a_first_up_over_a_living_domain_is_refused_and_the_others_go_on(project: Project) -> None:
    zone = project.server.new_zone(
        FOREIGN + '@ 300 MX 10 mail.old.example.\n@ 300 TXT "v=spf1 include:old.example -all"\n'
    )
    other = project.server.new_zone()
    before = project.everything(zone)
    specs = project.write(zone), project.write(other)
    outcome = project.run("up", *specs)
    assert outcome.refused
    text = "\n".join(outcome.problems)
    assert "[mx-changed]" in text
    assert "--allow mx-changed" in text
    assert f"Left as before: {zone.rstrip('.')}." in text and "Nothing was changed" not in text
    assert project.everything(zone) == before
    assert project.server.texts(other, "MX") == TENCENT
    alone = "\n".join(project.run("up", specs[0]).problems)
    assert "Nothing was changed." in alone and "Left as before" not in alone


def test_with_consent_the_order_is_add_wait_remove(project: Project) -> None:
    zone = project.server.new_zone("@ 300 MX 10 mxbiz9.qq.com.\n")
    spec = project.write(zone)
    project.up(spec, allow="mx-changed")
    both = TENCENT | {"10 mxbiz9.qq.com."}
    assert project.server.texts(zone, "MX") == both
    assert not project.up(spec).changes
    assert project.server.texts(zone, "MX") == both
    project.up(spec, day="2026-11-26")
    assert project.server.texts(zone, "MX") == TENCENT
    assert not project.up(spec, day="2026-11-26").changes


def test_what_left_the_program_is_deleted_only_with_consent(project: Project) -> None:
    stays, goes = project.server.new_zone(), project.server.new_zone(FOREIGN)
    before = project.everything(goes)
    first, second = project.write(stays), project.write(goes)
    project.up(first, second)
    deployed = project.everything(goes)
    kept = project.run("up", first, allow=DOWN)
    assert kept.refused and second.name in kept.problems[0], "its spec is still there"
    assert project.everything(goes) == deployed
    second.unlink()
    assert project.run("preview", first).refused
    assert project.run("up", first).refused
    assert project.everything(goes) == deployed
    project.up(first, allow=DOWN)
    assert project.everything(goes) == before
    assert project.server.texts(stays, "MX") == TENCENT


def _rename(patch: pytest.MonkeyPatch) -> None:
    from mailwright.deploy import kinds

    made = kinds.DnsRecords
    patch.setattr(kinds, "DnsRecords", lambda _name, *rest: made("another-name", *rest))


def test_a_renamed_resource_is_refused_and_changes_nothing(project: Project) -> None:
    zone = project.server.new_zone(FOREIGN)
    spec = project.write(zone)
    project.up(spec)
    deployed, state = project.everything(zone), json.loads(project.state.read_text())
    _rename(project.patch)
    for command in ("preview", "up"):
        outcome = project.run(command, spec, allow=DOWN)
        assert outcome.refused
        assert "[resource-renamed]" in "\n".join(outcome.problems)
        assert project.everything(zone) == deployed
    resources = json.loads(project.state.read_text())["deployment"]["resources"]
    assert [resource["urn"] for resource in resources] == [
        each["urn"] for each in state["deployment"]["resources"]
    ]


def test_a_rename_that_is_meant_leaves_the_records(project: Project) -> None:
    zone = project.server.new_zone(FOREIGN)
    spec = project.write(zone)
    project.up(spec)
    deployed = project.everything(zone)
    _rename(project.patch)
    project.up(spec, allow="resource-renamed")
    assert project.everything(zone) == deployed
    assert not project.up(spec).changes
    names = [urn.rpartition("::")[2] for urn in _records(project.state)]
    assert names == ["another-name"]


def _records(state: Path) -> list[str]:
    resources = json.loads(state.read_text())["deployment"]["resources"]
    return [resource["urn"] for resource in resources if resource["type"].endswith(":DnsRecords")]


def test_everything_deleted_outside_is_put_back_and_not_forgotten(project: Project) -> None:
    zone = project.server.new_zone(FOREIGN)
    spec = project.write(zone)
    project.up(spec)
    deployed = project.everything(zone)
    project.server.drop(zone, "@", "MX")
    project.server.drop(zone, "_dmarc", "TXT")
    project.server.drop(zone, "@", "TXT", '"v=spf1 include:spf.mail.qq.com ~all"')
    assert len(_records(project.state)) == 1
    project.run("refresh", spec)
    assert len(_records(project.state)) == 1
    project.up(spec)
    assert project.everything(zone) == deployed


def test_a_foreign_ttl_on_a_shared_set_is_no_change_for_ever(project: Project) -> None:
    zone = project.server.new_zone('@ 77 TXT "somebody else"\n')
    spec = project.write(zone)
    project.up(spec)
    assert project.server.ttl(zone, "TXT") == 77
    assert not project.up(spec).changes


def test_a_dead_server_is_an_error_and_never_gone(project: Project) -> None:
    zone = project.server.new_zone()
    spec = project.write(zone)
    project.up(spec)
    kept = project.state.read_text()
    project.server.kill()
    for command in ("up", "refresh", "destroy"):
        outcome = project.run(command, spec, allow=DOWN)
        assert outcome.problems
        assert not outcome.refused
        assert "Traceback" not in "\n".join(outcome.problems)
    assert _records(project.state) == [
        each["urn"]
        for each in json.loads(kept)["deployment"]["resources"]
        if each["type"].endswith(":DnsRecords")
    ]
    project.server.ensure_running()
    assert not project.up(spec).changes


def test_one_failing_domain_stops_no_other_and_nothing_is_deleted(project: Project) -> None:
    gone, good = project.server.new_zone(), project.server.new_zone()
    first, second = project.write(gone), project.write(good)
    project.up(first)
    wrong = second.read_text().replace(FULL.name, "unknown-key")
    second.write_text(wrong)
    first.unlink()
    outcome = project.run("up", second, allow=DOWN)
    assert outcome.problems
    assert project.server.texts(gone, "MX") == TENCENT
    second.write_text(wrong.replace("unknown-key", FULL.name))
    project.up(second, allow=DOWN)
    assert project.server.texts(good, "MX") == TENCENT


def test_a_held_stack_says_who_holds_it(project: Project) -> None:
    spec = project.write(project.server.new_zone())
    with StateFile(project.state, "mailwright", "t").locked("up"):
        outcome = project.run("up", spec)
    assert "is in use by" in outcome.problems[0]
    assert "process" in outcome.problems[0]
    project.up(spec)


def test_no_secret_is_in_the_state(project: Project) -> None:
    spec = project.write(project.server.new_zone())
    project.up(spec)
    assert FULL.secret not in project.state.read_text()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 3}', '{"version": 9, "deployment": {}}'])
def test_a_state_that_is_none_stops_everything(project: Project, text: str) -> None:
    zone = project.server.new_zone()
    project.state.parent.mkdir(parents=True)
    project.state.write_text(text)
    outcome = project.run("up", project.write(zone))
    assert outcome.problems
    assert project.state.read_text() == text
    assert project.server.texts(zone, "MX") == set()


def test_other_packages_need_the_real_engine(tmp_path: Path) -> None:
    def program() -> None:
        import pulumi

        pulumi.CustomResource("other:index:Thing", "thing", {})

    outcome = Embedded(tmp_path, "t", program=program).up()
    assert "needs the pulumi command" in outcome.problems[0]


def test_what_was_reviewed_is_what_is_applied(project: Project, tmp_path: Path) -> None:
    from mailwright.deploy.reviewed import Reviewed

    zone = project.server.new_zone()
    spec = project.write(zone)
    plan = tmp_path / "plan.json"
    Reviewed(dict(project.run("preview", spec).digests)).write(plan)
    project.patch.setenv("MAILWRIGHT_PLAN", str(plan))

    project.server.put(zone, '_dmarc 300 TXT "v=DMARC1; p=none; rua=mailto:else@where.example"\n')
    outcome = project.run("up", spec)
    assert "not what was reviewed" in outcome.problems[0]
    assert project.server.texts(zone, "MX") == set()
    project.server.drop(zone, "_dmarc", "TXT")
    assert project.run("up", spec, day="2026-11-24").problems
    project.up(spec)
    assert project.server.texts(zone, "MX") == TENCENT


def test_a_deletion_that_nobody_reviewed_does_not_happen(project: Project, tmp_path: Path) -> None:
    from mailwright.deploy.reviewed import Reviewed

    first, second = (project.server.new_zone() for _ in range(2))
    specs = project.write(first), project.write(second)
    project.up(*specs)
    plan = tmp_path / "plan.json"
    Reviewed().write(plan)
    project.patch.setenv("MAILWRIGHT_PLAN", str(plan))
    specs[1].unlink()
    outcome = project.run("up", specs[0], allow=DOWN)
    assert "not reviewed" in outcome.problems[0]
    assert project.server.texts(second, "MX") == TENCENT


def test_two_specs_that_claim_one_domain_are_an_error(project: Project) -> None:
    zone = project.server.new_zone()
    first = project.write(zone)
    second = first.with_name("again.yaml")
    second.write_text(first.read_text())
    outcome = project.run("up", first, second)
    assert "is claimed by" in outcome.problems[0]
    assert project.server.texts(zone, "MX") == set()


def test_a_component_of_somebody_elses_program_tells_its_consents(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = project.server.new_zone("@ 300 MX 10 mail.old.example.\n")
    spec = project.write(zone)

    class Site(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("company:index:Site", "site")
            MailDomain("mail", spec, opts=pulumi.ResourceOptions(parent=self))

    def run(command: str) -> Outcome:
        monkeypatch.setenv("MAILWRIGHT_ALLOW", "")
        outcome: Outcome = getattr(Embedded(project.folder, "t", program=lambda: _ignored(Site())), command)()
        return outcome

    refused = run("up")
    assert refused.refused and "[mx-changed]" in refused.problems[0]
    spec.write_text(
        spec.read_text("utf-8") + "allow: [{rule: mx-changed, until: 2026-11-30, why: x}]\n", "utf-8"
    )
    assert not run("up").problems
    assert project.server.texts(zone, "MX") >= TENCENT
    assert run("destroy").refused


def _ignored(_: object) -> None:
    return None


def test_a_misspelt_consent_is_an_error_before_anything_else(project: Project) -> None:
    zone = project.server.new_zone()
    spec = project.write(zone)
    for command in ("preview", "up"):
        (problem,) = project.run(command, spec, allow="mx-chnaged").problems
        assert "mean mx-changed?" in problem
    assert project.server.texts(zone, "MX") == set()
    project.up(spec)
    (problem,) = project.run("destroy", spec, allow="no-mx-left,spf-gon").problems
    assert "mean spf-gone?" in problem and project.server.texts(zone, "MX") == TENCENT
