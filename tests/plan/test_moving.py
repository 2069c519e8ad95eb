"""A move between two mail hosts, stage by stage: what is planned, consented to and refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from mailwright.model.finding import has_errors
from mailwright.model.plan import Plan
from mailwright.plan.plan import plan
from mailwright.plan.transition.gate import gate
from mailwright.spec.loading import load
from mailwright.standards.mta_sts import Policy, build_record
from tests.plan.worlds import Owned, applied, changes, live, owned_by, world

DAY = dt.date(2026, 12, 1)
APEX = "hengda.com."
HZ = {"5 hzmx01.mxmail.netease.com.", "10 hzmx02.mxmail.netease.com."}
EXMAIL = {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
OLD_KEY, NEW_KEY = "old._domainkey.hengda.com.", "new._domainkey.hengda.com."
CONFIRMED = ("both_hold", "addresses", "signing", "policy", "copied", "silent")

SPEC = """\
version: 1
domain: hengda.com
timezone: Asia/Shanghai
mail_host:
  service: tencent-exmail
  dkim: [{{name: new._domainkey, value: "v=DKIM1; k=rsa; p={key}"}}]
moving_from:
  service: netease-qiye
  site: hz
  contract_until: 2027-03-31
  stage: {stage}
  dkim: [{{name: old._domainkey, value: "v=DKIM1; k=rsa; p={key}"}}]
{more}
dns_hosts: [{{service: manual}}]
contact: wang@hengda.com
spf: {{all: fail}}
mta_sts: {{mode: testing}}
"""
STANDING = "  addresses: {seen: 2026-12-01, ip4: [203.0.113.0/24], ip6: ['2001:db8::/32']}\n"


@pytest.fixture
def key() -> str:
    import base64

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    public = rsa.generate_private_key(65537, 2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()


def planned(
    folder: Path,
    key: str,
    stage: str,
    *,
    more: str = STANDING,
    confirmed: tuple[str, ...] = CONFIRMED,
    tail: str = "",
) -> Plan:
    lines = ", ".join(f"{each}: 2026-11-20" for each in confirmed)
    path = folder / "hengda.yaml"
    path.write_text(SPEC.format(stage=stage, key=key, more=f"{more}  confirmed: {{{lines}}}\n") + tail)
    result = load(path)
    assert result.spec, [finding.message("en") for finding in result.findings]
    return plan(result.spec, DAY)


def values(made: Plan, name: str, type: str) -> set[str]:
    return {v for record in made.records if (record.name, record.type) == (name, type) for v in record.values}


def spf(made: Plan) -> str:
    (record,) = (value for value in values(made, APEX, "TXT") if value.startswith("v=spf1"))
    return record


@pytest.mark.parametrize(
    ("stage", "exchangers"), [("prepare", HZ), ("switch", EXMAIL), ("clients", EXMAIL), ("withdraw", EXMAIL)]
)
def test_one_mail_host_takes_the_mail_at_each_stage(
    tmp_path: Path, key: str, stage: str, exchangers: set[str]
) -> None:
    made = planned(tmp_path, key, stage)
    assert values(made, APEX, "MX") == exchangers
    assert not has_errors(made.findings), [finding.message("en") for finding in made.findings]


@pytest.mark.parametrize("stage", ["prepare", "switch", "clients"])
def test_both_may_send_until_the_old_one_is_silent(tmp_path: Path, key: str, stage: str) -> None:
    made = planned(tmp_path, key, stage)
    terms = set(spf(made).split())
    assert {"include:spf.mail.qq.com", "ip4:203.0.113.0/24", "ip6:2001:db8::/32", "~all"} <= terms
    assert "include:spf.163.com" not in terms, "its addresses stand for it"
    assert values(made, OLD_KEY, "TXT") and values(made, NEW_KEY, "TXT")
    assert {record.ttl for record in made.records} == {300}
    sts = [record for record in made.records if record.name.startswith("_mta-sts")]
    assert sts, "the policy of both is announced"


def test_the_id_of_mta_sts_changes_after_its_file(tmp_path: Path, key: str) -> None:
    """Who fetches the old file under a new id refuses the new exchangers for weeks (RFC 8461 §5.1)."""

    def id_of(stage: str, *confirmed: str) -> set[str]:
        return values(planned(tmp_path, key, stage, confirmed=confirmed), "_mta-sts.hengda.com.", "TXT")

    before = id_of("prepare", "both_hold")
    after = id_of("prepare", "policy")
    old_alone = Policy("testing", ("hzmx01.mxmail.netease.com", "hzmx02.mxmail.netease.com"), 86400)
    assert before == {build_record(old_alone)}
    assert before != after == id_of("switch", *CONFIRMED) == id_of("clients", *CONFIRMED)


def test_in_the_last_stage_the_old_one_may_not_send_any_more(tmp_path: Path, key: str) -> None:
    made = planned(tmp_path, key, "withdraw")
    assert spf(made) == "v=spf1 include:spf.mail.qq.com -all"
    assert not values(made, OLD_KEY, "TXT")
    assert {record.ttl for record in made.records} == {3600}


def test_the_whole_way_needs_no_other_consent_and_each_step_is_one_switch(tmp_path: Path, key: str) -> None:
    lived = world(
        live(APEX, "MX", *HZ),
        live(APEX, "TXT", "v=spf1 include:spf.163.com -all"),
    )
    owned, seen = Owned(), []
    day = DAY
    for stage in ("prepare", "switch", "clients", "withdraw"):
        made = planned(tmp_path, key, stage)
        for _ in range(4):
            step = changes([*made.records], lived, owned, day=day)
            consents = made.consents
            assert not gate(step, consents), (
                stage,
                [finding.message("en") for finding in gate(step, consents)],
            )
            lived, owned = applied(lived, step), owned_by([*made.records], step)
            exchangers = set(lived.get(APEX, "MX").plain)
            seen.append((stage, frozenset(exchangers)))
            assert exchangers in (HZ, EXMAIL), "never both at once"
            day += dt.timedelta(days=3)
    assert lived.get(OLD_KEY, "TXT") is None
    assert {each for stage, each in seen if stage == "prepare"} == {frozenset(HZ)}


def test_a_stage_that_is_skipped_is_refused(tmp_path: Path, key: str) -> None:
    """SPF does not name the new host yet: whoever writes there would fail from the first hour."""
    lived = world(live(APEX, "MX", *HZ), live(APEX, "TXT", "v=spf1 include:spf.163.com -all"))
    made = planned(tmp_path, key, "switch")
    assert "mx-changed" in {each.rule for each in gate(changes([*made.records], lived), made.consents)}


def test_the_move_consents_to_its_own_exchangers_alone(tmp_path: Path, key: str) -> None:
    made = planned(tmp_path, key, "switch")
    ready = [record for record in planned(tmp_path, key, "prepare").records if record.type != "MX"]
    sets = [live(record.name, record.type, *record.values, ttl=300) for record in ready]
    stranger = world(*sets, live(APEX, "MX", "10 mail.somebody.example."))
    assert "mx-changed" in {
        finding.rule for finding in gate(changes([*made.records], stranger), made.consents)
    }
    right = world(*sets, live(APEX, "MX", *HZ))
    assert not gate(changes([*made.records], right), made.consents)


def test_the_old_host_cannot_be_cut_off_early(tmp_path: Path, key: str) -> None:
    lived = planned(tmp_path, key, "clients")
    made = planned(tmp_path, key, "withdraw", confirmed=CONFIRMED[:-1])
    assert {finding.rule for finding in made.findings} >= {"move-not-confirmed"}
    text = (tmp_path / "hengda.yaml").read_text().replace("}\n\ndns", ", silent: 2026-11-29}\n\ndns")
    (tmp_path / "hengda.yaml").write_text(text)
    result = load(tmp_path / "hengda.yaml")
    assert result.spec
    assert "move-old-keys-needed" in {finding.rule for finding in plan(result.spec, DAY).findings}
    assert lived.records


@pytest.mark.parametrize(
    ("stage", "missing"),
    [*(("switch", each) for each in ("both_hold", "addresses", "signing", "policy")), ("clients", "copied")],
)
def test_what_only_a_person_sees_is_asked_for(tmp_path: Path, key: str, stage: str, missing: str) -> None:
    made = planned(tmp_path, key, stage, confirmed=tuple(each for each in CONFIRMED if each != missing))
    findings = [each for each in made.findings if each.rule == "move-not-confirmed"]
    assert [finding.params["key"] for finding in findings] == [missing]
    assert has_errors(findings)
    assert not [
        e for e in planned(tmp_path, key, "prepare", confirmed=()).findings if e.rule.startswith("move-")
    ]


def test_over_ten_look_ups_the_include_has_to_stand_as_its_addresses(tmp_path: Path, key: str) -> None:
    made = planned(tmp_path, key, "prepare", more="")
    findings = {finding.rule: finding for finding in made.findings}
    assert findings["move-spf-over-limit"].params["count"] == 14
    assert has_errors(made.findings)


def test_a_contract_that_ends_too_early_is_refused(tmp_path: Path, key: str) -> None:
    planned(tmp_path, key, "prepare")
    path = tmp_path / "hengda.yaml"
    for until, refused in (("2026-12-24", True), ("2026-12-25", False)):
        path.write_text(path.read_text().replace("2027-03-31", until).replace("2026-12-24", until))
        result = load(path)
        assert result.spec
        rules = {finding.rule for finding in plan(result.spec, DAY).findings}
        assert ("move-contract-ends" in rules) is refused, until


def test_a_selector_that_both_want_is_refused_with_its_place(tmp_path: Path, key: str) -> None:
    planned(tmp_path, key, "prepare")
    path = tmp_path / "hengda.yaml"
    path.write_text(
        path.read_text().replace(
            'new._domainkey, value: "v=DKIM1; k=rsa; p=', 'old._domainkey, value: "v=DKIM1; p='
        )
    )
    result = load(path)
    assert result.spec
    (finding,) = (each for each in plan(result.spec, DAY).findings if each.rule == "move-selector-twice")
    assert (
        finding.params["name"] == "old._domainkey.hengda.com"
        and finding.position
        and finding.position.line == 12
    )


def test_mailboxes_are_made_at_the_new_host_before_it_takes_mail(tmp_path: Path, key: str) -> None:
    planned(tmp_path, key, "prepare")
    path = tmp_path / "hengda.yaml"
    path.write_text(path.read_text() + "people: {wang: {name: Wang}}\n")
    result = load(path)
    assert result.spec
    made = plan(result.spec, DAY)
    assert made.mailboxes and values(made, APEX, "MX") == HZ


def test_an_own_server_that_is_left_goes_on_by_its_name(tmp_path: Path, key: str) -> None:
    """Its `mx` term would name the new exchangers from the switch on."""
    planned(tmp_path, key, "switch")
    path = tmp_path / "hengda.yaml"
    text = path.read_text().replace(
        "service: netease-qiye\n  site: hz", "service: self-hosted\n  mx: ['10 mail.hengda.com']"
    )
    path.write_text(text.replace(STANDING, ""))
    result = load(path)
    assert result.spec, [each.message("en") for each in result.findings]
    made = plan(result.spec, DAY)
    assert "a:mail.hengda.com" in spf(made).split() and "mx" not in spf(made).split()


def test_nobody_moves_to_where_the_mailboxes_are(tmp_path: Path, key: str) -> None:
    planned(tmp_path, key, "prepare")
    path = tmp_path / "hengda.yaml"
    path.write_text(path.read_text().replace("service: netease-qiye\n  site: hz", "service: tencent-exmail"))
    assert "move-to-itself" in {finding.rule for finding in load(path).findings}


@pytest.mark.parametrize("stage", ["prepare", "switch", "clients"])
def test_spf_kept_exactly_as_found_stops_a_move_that_it_would_fail(
    tmp_path: Path, key: str, stage: str
) -> None:
    kept = 'as_found: [{{name: "@", type: TXT, values: ["{}"], exact: true}}]\n'
    for record, lacks in (
        ("v=spf1 include:spf.163.com -all", "include:spf.mail.qq.com"),
        ("v=spf1 ?include:spf.mail.qq.com ip4:203.0.113.0/24 ip6:2001:db8::/32 -all", "spf.mail.qq.com"),
        ("v=spf1 include:spf.mail.qq.com -all", "ip4:203.0.113.0/24"),
    ):
        made = planned(tmp_path, key, stage, tail=kept.format(record))
        (said,) = (finding for finding in made.findings if finding.rule == "move-spf-lacks-host")
        assert lacks in said.message("en") and has_errors(made.findings)
    both = "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 include:SPF.mail.qq.com include:x.example -all"
    assert not has_errors(planned(tmp_path, key, stage, tail=kept.format(both)).findings)
