"""Alias domains at the command line: records of their own, the same people, and what is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_commands import mailwright
from tests.cli.test_gateways import M365, PROOFPOINT, spec, values
from tests.cli.test_unlisted_hosts import rules
from tests.standards.test_dkim import B64

LINE = "alias_domains: [hengda.cn]\n"
PEOPLE = (
    "people: {wang: {}, li: {}, zhao: {left: 2026-10-31, handover: {to: li, until: 2027-04-30}}}\n"
    "addresses: {sales: {to: [wang, li]}}\n"
)
GOOGLE = "{service: google-workspace, site: classic}"
OWN = '{service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.9]}'
THERE = "hengda.cn."


def test_it_has_every_record_of_its_own(tmp_path: Path) -> None:
    key = f'{{name: s1._domainkey, value: "v=DKIM1; k=rsa; p={B64}"}}'
    entry = f"alias_domains: [{{domain: hengda.cn, dkim: [{key}], verification: [{{value: ms-proof=1}}]}}]\n"
    more = entry + "mta_sts: {mode: testing}\ndmarc: {stage: guard}\n"
    company, alias = planned_all(spec(tmp_path, "{service: tencent-exmail}", "", more))
    assert (company["domain"], alias["domain"]) == ("acme-trade.com", "hengda.cn")
    assert values(alias, THERE, "MX") == ["5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."]
    assert values(alias, THERE, "TXT") == ["v=spf1 include:spf.mail.qq.com ~all", "ms-proof=1"]
    assert values(alias, f"s1._domainkey.{THERE}", "TXT") == [f"v=DKIM1; k=rsa; p={B64}"]
    assert values(alias, f"_dmarc.{THERE}", "TXT")[0].startswith(
        "v=DMARC1; p=quarantine; rua=mailto:wang@acme"
    )
    assert values(company, "hengda.cn._report._dmarc.acme-trade.com.", "TXT") == ["v=DMARC1"]
    out = tmp_path / "sts"
    assert mailwright("mta-sts", str(tmp_path / "acme.yaml"), "--out", str(out)).returncode == 0
    for domain in ("acme-trade.com", "hengda.cn"):
        policies = [path.read_text() for path in (out / domain).rglob("*mta-sts.txt")]
        assert policies and all("mx: mxbiz1.qq.com" in policy for policy in policies)


def planned_all(path: Path) -> list[dict[str, object]]:
    import json

    read: list[dict[str, object]] = json.loads(mailwright("plan", str(path), "--format", "json").stdout)
    return read


def test_a_gateway_takes_its_mail_too(tmp_path: Path) -> None:
    _, alias = planned_all(spec(tmp_path, M365, PROOFPOINT, LINE))
    assert values(alias, THERE, "MX") == ["10 mx1-us1.ppe-hosted.com.", "10 mx2-us1.ppe-hosted.com."]


def test_what_differs_from_domain_to_domain_is_asked_for(tmp_path: Path) -> None:
    host = M365.replace("{service: microsoft-365,", "{service: microsoft-365, mx_token: acme-com,")
    assert rules(spec(tmp_path, host, "", LINE))["service-input-missing"] == "error"
    token = "alias_domains: [{domain: hengda.cn, mx_token: hengda-cn0i}]\n"
    _, alias = planned_all(spec(tmp_path, host, "", token))
    assert values(alias, THERE, "MX") == ["0 hengda-cn0i.mail.protection.outlook.com."]


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ("alias_domains: [acme-trade.com]\n", "alias-domain-twice"),
        ("alias_domains: [hengda.cn]\nparked: [hengda.cn]\n", "alias-domain-twice"),
        ("alias_domains: [hengda.cn, hengda.cn]\n", "alias-domain-twice"),
        ("alias_domains: [qq.com]\n", "free-mail-domain"),
        ("alias_domains: [{domain: hengda.cn, colour: blue}]\n", "unknown-key"),
    ],
)
def test_what_it_cannot_be_is_an_error(lines: str, rule: str, tmp_path: Path) -> None:
    assert rules(spec(tmp_path, GOOGLE, "", lines))[rule] == "error"


def test_two_specs_do_not_name_one_domain(tmp_path: Path) -> None:
    first = spec(tmp_path, GOOGLE, "", LINE)
    (tmp_path / "hengda.yaml").write_text(
        first.read_text().replace("acme-trade.com", "hengda.cn").replace(LINE, "")
    )
    run = mailwright("check", str(tmp_path), "--lang", "en")
    assert run.returncode == 1 and "hengda.cn" in run.stdout


def test_everybody_is_reached_at_an_own_server_leavers_too(tmp_path: Path) -> None:
    path = spec(tmp_path, OWN, "", LINE + PEOPLE)
    for name, reached in (("wang", "→ wang@acme-trade.com"), ("zhao", "→ li@acme-trade.com")):
        run = mailwright("trace", str(path), "--to", f"{name}@hengda.cn", "--lang", "en")
        assert reached in run.stdout, run.stdout
    assert "550" in mailwright("trace", str(path), "--to", "nobody@hengda.cn", "--lang", "en").stdout


def test_elsewhere_mailboxes_are_and_the_rest_is_not_known(tmp_path: Path) -> None:
    """Google's routing of a leaver names one address: whether the other one goes along, no document says."""
    path = spec(tmp_path, GOOGLE, "", LINE + PEOPLE)
    run = mailwright("trace", str(path), "--to", "wang@hengda.cn", "--lang", "en")
    assert "→ wang@acme-trade.com" in run.stdout
    for name in ("zhao", "sales"):
        run = mailwright("trace", str(path), "--to", f"{name}@hengda.cn", "--lang", "en")
        assert "not known" in run.stdout and "→" not in run.stdout, run.stdout
    assert mailwright("export", str(path), "--out", str(tmp_path / "out"), "--lang", "en").returncode == 0
    text = (tmp_path / "out" / "acme-trade.com" / "CHECKLIST.md").read_text()
    assert "`zhao@hengda.cn`" in text and "before their mailbox is suspended" in text


def test_what_no_document_says_is_not_known(tmp_path: Path) -> None:
    path = spec(tmp_path, "{service: tencent-exmail}", "", LINE + PEOPLE)
    assert rules(path)["alias-domain-not-known"] == "warning"
    run = mailwright("trace", str(path), "--to", "wang@hengda.cn", "--lang", "en")
    assert "not known" in run.stdout and "→ wang" not in run.stdout
    assert mailwright("export", str(path), "--out", str(tmp_path / "out"), "--lang", "en").returncode == 0
    text = (tmp_path / "out" / "acme-trade.com" / "CHECKLIST.md").read_text()
    assert "Not known, so not a step: whether addresses of" in text


@pytest.mark.parametrize(
    ("host", "words"),
    [
        (GOOGLE, "add `hengda.cn` as an alias domain of `acme-trade.com`"),
        ("{service: microsoft-365, mx_token: a}", "`sales@hengda.cn` → `sales@acme-trade.com`"),
        (OWN, "virtual_alias_domains"),
    ],
)
def test_the_steps_are_those_of_the_mail_host(host: str, words: str, tmp_path: Path) -> None:
    token = "alias_domains: [{domain: hengda.cn, mx_token: b}]\n" if "token" in host else LINE
    path = spec(tmp_path, host, "", token + PEOPLE)
    run = mailwright("export", str(path), "--out", str(tmp_path / "out"), "--lang", "en")
    assert run.returncode == 0, run.stderr
    assert words in (tmp_path / "out" / "acme-trade.com" / "CHECKLIST.md").read_text()


def test_a_move_takes_the_alias_domain_along(tmp_path: Path) -> None:
    move = (
        "moving_from: {service: fastmail, stage: STAGE, contract_until: 2027-12-31, confirmed: "
        "{both_hold: 2026-11-01, addresses: 2026-11-02, signing: 2026-11-02, copied: 2026-11-08}}\n"
    )
    for stage, exchanger in (("prepare", "in1-smtp.messagingengine.com."), ("switch", "aspmx.l.google.com.")):
        for body in planned_all(spec(tmp_path, GOOGLE, "", LINE + move.replace("STAGE", stage))):
            apex = f"{body['domain']}."
            assert exchanger in {value.split()[1] for value in values(body, apex, "MX")}, (stage, apex)
            assert "messagingengine" in values(body, apex, "TXT", "v=spf1")[0]


def test_who_names_both_addresses(tmp_path: Path) -> None:
    path = spec(tmp_path, GOOGLE, "", LINE + PEOPLE)
    for person in ("wang", "wang@hengda.cn"):
        run = mailwright("who", person, str(path), "--lang", "en")
        assert "has wang@hengda.cn too" in run.stdout, run.stdout


def test_an_address_there_means_the_same_person_wherever_it_is_written(tmp_path: Path) -> None:
    more = LINE + PEOPLE.replace("[wang, li]", "[wang@hengda.cn, li]")
    more += "expect:\n  - {mail_to: wang@hengda.cn, reaches: wang}\n"
    more += "  - {forged_from: wang@hengda.cn, dmarc: fail}\ndmarc: {stage: reject}\n"
    path = spec(tmp_path, OWN, "", more)
    path.write_text(path.read_text().replace("contact: wang@acme-trade.com", "contact: wang@hengda.cn"))
    found = rules(path)
    outside = {"outside-forward", "role-address-outside", "external-report-unauthorised"}
    assert not outside & set(found) and "error" not in found.values(), found
    _, alias = planned_all(path)
    assert values(alias, "acme-trade.com._report._dmarc.hengda.cn.", "TXT") == ["v=DMARC1"]
    run = mailwright("trace", str(path), "--to", "postmaster@hengda.cn", "--lang", "en")
    assert "→ wang@acme-trade.com" in run.stdout


def test_a_host_with_exchangers_of_its_own_for_each_domain_can_be_left(tmp_path: Path) -> None:
    move = "moving_from: {service: microsoft-365, mx_token: acme-com, contract_until: 2027-12-31}\n"
    assert rules(spec(tmp_path, GOOGLE, "", LINE + move))["alias-domain-while-moving"] == "error"
    entry = "alias_domains: [{domain: hengda.cn, moving_from: {mx_token: hengda-cn0i}}]\n"
    company, alias = planned_all(spec(tmp_path, GOOGLE, "", entry + move))
    assert values(company, "acme-trade.com.", "MX") == ["0 acme-com.mail.protection.outlook.com."]
    assert values(alias, THERE, "MX") == ["0 hengda-cn0i.mail.protection.outlook.com."]
    wrong = "alias_domains: [{domain: hengda.cn, moving_from: {token: hengda-cn0i}}]\n"
    assert rules(spec(tmp_path, GOOGLE, "", wrong + move))["unknown-key"] == "error"


def test_what_stood_in_its_zone_is_kept_there_alone(tmp_path: Path) -> None:
    kept = (
        "as_found: [{name: hengda.cn, type: MX, values: [10 mail.elsewhere.example], ttl: 600},"
        " {name: _dmarc.hengda.cn, type: TXT, values: [v=DMARC1; p=reject]},"
        " {name: _dmarc, type: TXT, values: [v=DMARC1; p=quarantine]}]\n"
    )
    path = spec(tmp_path, GOOGLE, "", LINE + kept)
    company, alias = planned_all(path)
    assert values(alias, THERE, "MX") == ["10 mail.elsewhere.example."]
    assert values(alias, f"_dmarc.{THERE}", "TXT") == ["v=DMARC1; p=reject"]
    assert values(company, "_dmarc.acme-trade.com.", "TXT") == ["v=DMARC1; p=quarantine"]
    assert "10 mail.elsewhere.example." not in values(company, "acme-trade.com.", "MX")
    shown = mailwright("check", str(path), "--lang", "en").stdout
    assert "hengda.cn MX stays as it was found" in shown, shown
