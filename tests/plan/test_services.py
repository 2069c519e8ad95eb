"""Every service and variant of the catalog against a plan written by hand, and each trap of the facts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailwright import catalog
from mailwright.model.finding import Finding
from mailwright.model.names import relative
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity
from mailwright.operations.planning import planned as planned_files
from mailwright.plan.plan import plan
from mailwright.spec import SpecResult, parse
from tests.catalog import samples
from tests.conftest import ROOT

DAY = dt.date(2026, 11, 23)
DOMAIN = "acme-trade.com"
EXPECTED = Path(__file__).parent / "expected"


def expected(file: str) -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = yaml.load(
        (EXPECTED / file).read_text(encoding="utf-8"), yaml.BaseLoader
    )
    return read


HOSTS, SENDERS = expected("hosts.yaml"), expected("senders.yaml")


def read(host: dict[str, Any], *senders: dict[str, Any], **more: Any) -> SpecResult:
    body = {
        "version": "1",
        "domain": DOMAIN,
        "timezone": "Asia/Shanghai",
        "mail_host": host,
        "dns_hosts": [{"service": "manual", "console": "aliyun"}],
        "contact": f"wang@{DOMAIN}",
        **({"senders": list(senders)} if senders else {}),
        **more,
    }
    return parse(yaml.safe_dump(body, allow_unicode=True).encode(), "t.yaml")


def planned(host: dict[str, Any], *senders: dict[str, Any], **more: Any) -> Plan:
    result = read(host, *senders, **more)
    assert result.spec, [finding.message("en") for finding in result.findings]
    return plan(result.spec, DAY)


def records(made: Plan) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record in made.records:
        found.setdefault(f"{relative(record.name, DOMAIN)} {record.type}", set()).update(record.values)
    return found


def loud(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in findings if finding.severity is not Severity.INFO]


DMARC = f"v=DMARC1; p=none; rua=mailto:wang@{DOMAIN}"


@pytest.mark.parametrize("name", HOSTS)
def test_a_mail_host_gets_what_its_documentation_says(name: str) -> None:
    body = {key: value for key, value in HOSTS[name].items() if key != "spec"}
    made = planned(HOSTS[name]["spec"])
    assert records(made) == {key: set(values) for key, values in body.items()} | {"_dmarc TXT": {DMARC}}
    assert loud(made.findings) == [], "clean under check --strict"


def test_a_mail_host_written_by_hand_has_all_its_sites() -> None:
    seen = {(each["spec"]["service"], each["spec"].get("site")) for each in HOSTS.values()}
    for id in {service for service, _ in seen}:
        service = catalog.load_services()[id]
        wanted = {site.id for site in service.sites}
        first = None if service.site_required else service.sites[0].id
        here = {site or first for of, site in seen if of == id}
        alike = {"de", "us"} if id == "alibaba-mail" else set()  # as hk: all from the console
        assert wanted - alike <= here, id


@pytest.mark.parametrize("name", SENDERS)
def test_a_sender_adds_what_its_documentation_says(name: str) -> None:
    before = records(planned({"service": "yandex-360"}))
    body = dict(SENDERS[name])
    spec = body.pop("spec")
    spf = body.pop("spf", "v=spf1 include:_spf.yandex.net ~all")
    wanted = {**before, "@ TXT": {spf}}
    for key, values in body.items():
        wanted[key] = set(values) | (wanted.get(key, set()) if key == "@ TXT" else set())
    made = planned({"service": "yandex-360"}, spec)
    assert records(made) == wanted
    assert loud(made.findings) == [], "clean under check --strict"


# ── the traps of the facts ──


@pytest.mark.parametrize("sender", ["alibaba-directmail", "tencent-ses", "sendcloud"])
def test_a_sender_that_wants_an_mx_never_gets_the_companys_domain(sender: str) -> None:
    more = {"site": "cn-hangzhou", "ownership": "x"} if sender == "alibaba-directmail" else {}
    made = planned({"service": "tencent-exmail"}, {"service": sender, "from": "info", **more})
    assert "sender-needs-subdomain" in loud(made.findings)
    assert records(made)["@ MX"] == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}


@pytest.mark.parametrize(
    ("host", "include"),
    [
        ({"service": "tencent-exmail"}, "mailgun.org"),
        ({"service": "tencent-exmail"}, "spf.163.com"),
        ({"service": "netease-qiye", "site": "bj"}, "spf.mail.qq.com"),
    ],
)
def test_two_expensive_hosts_are_over_the_budget(host: dict[str, Any], include: str) -> None:
    made = planned(host, {"custom": "old", "include": [include]})
    assert "spf-lookups-over-limit" in loud(made.findings)


def test_a_sender_at_a_subdomain_costs_the_domain_nothing() -> None:
    made = planned({"service": "tencent-exmail"}, {"service": "mailgun", "from": f"a@mg.{DOMAIN}"})
    assert loud(made.findings) == []
    assert records(made)["@ TXT"] == {"v=spf1 include:spf.mail.qq.com ~all"}


def test_the_microsoft_token_is_asked_for_also_where_a_guess_looks_easy() -> None:
    assert [finding.rule for finding in read({"service": "microsoft-365"}).findings] == [
        "service-input-missing"
    ]


def test_vendors_dmarc_never_takes_the_reports_away() -> None:
    """Brevo's and NetEase's own suggestions send them to the vendor; exactly one policy is planned."""
    made = planned({"service": "netease-qiye", "site": "hz"}, {"service": "brevo", "brevo_code": "x"})
    assert records(made)["_dmarc TXT"] == {DMARC}
    pasted = {"name": "_dmarc", "value": "v=DMARC1; p=none; rua=mailto:rua@dmarc.brevo.com"}
    made = planned({"service": "netease-qiye", "site": "hz"}, verification=[pasted])
    assert "policy-as-verification" in loud(made.findings)


def test_a_long_domain_outgrows_a_label_and_is_said() -> None:
    long = "a-company-with-a-very-long-name-that-nobody-can-type-anymore.com"
    text = yaml.safe_dump(
        {
            "version": "1",
            "domain": long,
            "timezone": "Asia/Shanghai",
            "mail_host": {"service": "yandex-360"},
            "dns_hosts": [{"service": "manual"}],
            "contact": f"wang@{long}",
            "senders": [{"service": "brevo", "brevo_code": "x"}],
        }
    )
    spec = parse(text.encode(), "t.yaml").spec
    assert spec
    assert "name-too-long" in loud(plan(spec, DAY).findings)


def test_plus_include_equals_include() -> None:
    made = planned({"service": "feishu"}, spf={"include": ["+include:_netblocks.m.feishu.cn"]})
    assert records(made)["@ TXT"] == {"v=spf1 include:_netblocks.m.feishu.cn ~all"}


def test_a_redirect_becomes_an_include_and_the_company_decides_the_end() -> None:
    made = planned({"service": "fastmail"}, spf={"include": ["redirect=_spf.yandex.net"], "all": "fail"})
    assert records(made)["@ TXT"] == {"v=spf1 include:spf.messagingengine.com include:_spf.yandex.net -all"}


# ── what a sender may write as ──


def said(made: Plan, lang: Any = "en") -> str:
    wanted = ("sender-may-write-as", "sender-not-aligned")
    (finding,) = [each for each in made.findings if each.rule in wanted]
    return finding.message(lang)


def test_mailchimp_at_a_subdomain_may_write_as_that_and_strictly_not_as_the_domain() -> None:
    news = {"service": "mailchimp", "from": f"news@news.{DOMAIN}"}
    strict = planned({"service": "yandex-360"}, news, dmarc={"adkim": "s", "aspf": "s"})
    assert said(strict) == (f"Mailchimp may write as @news.{DOMAIN} (DKIM). It cannot write as @{DOMAIN}.")
    assert said(strict, "zh") == f"Mailchimp 可以用 @news.{DOMAIN} 发信（DKIM）。它不能用 @{DOMAIN} 发信。"
    relaxed = planned({"service": "yandex-360"}, news)
    assert f"passes as @{DOMAIN} too" in said(relaxed)


def test_a_sender_without_a_key_would_fail() -> None:
    made = planned({"service": "yandex-360"}, {"service": "amazon-ses", "from": "info"})
    assert "would fail DMARC" in said(made)


def test_a_machine_of_ones_own_passes_by_spf() -> None:
    made = planned({"service": "yandex-360"}, {"custom": "erp", "ip4": ["203.0.113.7"], "from": "info"})
    assert said(made) == f"erp may write as @{DOMAIN} (SPF)."


# ── what a sender's console shows, pasted at the wrong place ──


@pytest.mark.parametrize(
    "value",
    ["v=spf1 include:servers.mcsv.net ?all", "V=SPF1 -all", "v=spf1 include:_spf.yandex.net ~all x=1"],
)
def test_a_senders_spf_pasted_as_verification_never_makes_two(value: str) -> None:
    sender = {"service": "postmark", "verification": [{"name": "@", "value": value}]}
    rules = loud(planned({"service": "yandex-360"}, sender).findings)
    assert "policy-as-verification" in rules
    assert "spf-several-records" in rules, "whatever asked for it, two are found where they stand together"


def test_a_senders_input_is_held_to_its_form() -> None:
    sender = {"service": "sendgrid", "return_path": "em 1", "return_path_target": "u1.wl.sendgrid.net"}
    assert "service-input-invalid" in loud(planned({"service": "yandex-360"}, sender).findings)


# ── the example stacks ──

EXAMPLES = sorted(path for kind in ("host", "sender") for path in (ROOT / "examples").glob(f"{kind}-*.yaml"))


def test_an_example_is_of_a_service_of_the_catalog() -> None:
    named = {path.stem.partition("-")[2] for path in EXAMPLES}
    assert named <= set(catalog.load_services()) and len(named) >= 33


#: Includes that nobody has measured stand beside the mail host: that is told, and how to measure it.
UNMEASURED = {"spf-cost-unknown"}


@pytest.mark.parametrize("id", catalog.load_services())
def test_every_service_at_every_site_plans_cleanly(id: str) -> None:
    """With what its console shows pasted in, ``check --strict`` finds nothing but what is named here."""
    known = catalog.load_services()[id]
    traps = {"service-ends"} if known.end_of_life else set()
    traps |= {"service-writes-dmarc"} if known.dmarc and known.dmarc.loud else set()
    for site in known.sites or (None,):
        body = samples.spec(known, site)
        result = parse(yaml.safe_dump(body, allow_unicode=True).encode(), "t.yaml")
        assert result.spec, (site, [finding.message("en") for finding in result.findings])
        assert set(loud(plan(result.spec, DAY).findings)) - UNMEASURED == traps, site


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_clean_under_check_strict(path: Path) -> None:
    assert loud(planned_files([path], DAY).findings) == []


# ── traps of further services ──


def test_nobody_else_may_use_the_host_that_is_stripes() -> None:
    other = {"service": "sendgrid", "return_path": "bounce", "return_path_target": "u1.wl.sendgrid.net"}
    made = planned({"service": "yandex-360"}, {"service": "stripe"}, other)
    (finding,) = [each for each in made.findings if each.rule == "two-cnames-at-name"]
    assert f"bounce.{DOMAIN}" in finding.message(
        "en"
    ) and "custom-email-domain.stripe.com" in finding.message("en")


def test_selectors_with_underscores_are_taken() -> None:
    key = {"name": "aweber_key_d._domainkey", "type": "CNAME", "value": "aweber_key_d.send.aweber.com"}
    made = planned({"service": "yandex-360"}, {"service": "aweber", "dkim": [key]})
    assert records(made)["aweber_key_d._domainkey CNAME"] == {"aweber_key_d.send.aweber.com."}
    assert loud(made.findings) == []


def test_a_sender_that_writes_and_deletes_dmarc_is_told() -> None:
    made = planned({"service": "google-workspace"}, {"service": "cloudflare-email-sending"})
    (finding,) = [each for each in made.findings if each.rule == "service-writes-dmarc"]
    assert finding.severity is Severity.WARNING and finding.path == "senders[0]"
    assert "deletes _dmarc" in finding.message("en") and "删除 _dmarc" in finding.message("zh")
    for host in ({"service": "strato"}, {"service": "ionos", "site": "de"}):
        (finding,) = [each for each in planned(host).findings if each.rule == "service-writes-dmarc"]
        assert finding.severity is Severity.INFO, "only on its own nameservers"


@pytest.mark.parametrize(("day", "words"), [("2027-03-30", "ends on"), ("2027-04-02", "has ended on")])
def test_a_service_that_ends_is_told_by_as_of(day: str, words: str) -> None:
    spec = read({"service": "amazon-workmail", "region": "eu-west-1"}).spec
    assert spec is not None
    (finding,) = [f for f in plan(spec, dt.date.fromisoformat(day)).findings if f.rule == "service-ends"]
    assert f"{words} 2027-03-31" in finding.message("en") and "2027-03-31" in finding.message("zh")


def test_an_include_that_takes_nearly_all_is_told_beside_others() -> None:
    made = planned({"service": "resellerclub-mailhostbox"}, spf={"include": ["_spf.google.com"]})
    (finding,) = [each for each in made.findings if each.rule == "spf-include-costly"]
    assert "include:_spf.mailhostbox.com alone uses 8 of the 10" in finding.message("en")


def test_a_policy_of_ones_own_beside_one_that_the_host_serves_is_refused() -> None:
    served = {"mode": "testing", "served_by": "pages.example.net"}
    made = planned({"service": "tuta"}, mta_sts=served)
    assert {"two-cnames-at-name", "cname-beside-data"} & set(loud(made.findings))


def test_an_optional_include_is_left_out_and_written_where_it_is_given() -> None:
    without = planned({"service": "yandex-360"}, {"service": "hubspot"})
    assert records(without)["@ TXT"] == {"v=spf1 include:_spf.yandex.net ~all"}
    given = {"service": "hubspot", "spf_include": "450622.spf05.hubspotemail.net"}
    made = planned({"service": "yandex-360"}, given)
    assert records(made)["@ TXT"] == {
        "v=spf1 include:_spf.yandex.net include:450622.spf05.hubspotemail.net ~all"
    }
