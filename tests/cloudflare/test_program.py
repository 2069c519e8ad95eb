"""The Cloudflare way, on a small engine over Pulumi's mocks: what is registered, in which order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailwright.deploy.run.notes import noting
from mailwright.deploy.run.outcome import Change, Outcome
from mailwright.deploy.tokens import MAIL_DOMAIN
from tests.cloudflare.api import Account
from tests.cloudflare.conftest import write
from tests.cloudflare.engine import Engine

ZONE = "acme-trade.com"
FOREIGN = (
    (ZONE, "A", "192.0.2.80"),
    (ZONE, "TXT", '"google-site-verification=somebody"'),
    (ZONE, "TXT", "MS=ms12345678"),  # an old record, without quotes
    ("www." + ZONE, "CNAME", ZONE),
)
EXMAIL = ["10 mxbiz2.qq.com", "5 mxbiz1.qq.com"]
SPF = '"v=spf1 include:spf.mail.qq.com ~all"'
#: An RSA key of 2048 bits, made for this test.
KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwT/RxFdDt5xmkSJprMz2Pi0u/x78VsEYGYIMUh7cgOWkO1UJJZ7D"
    "4y6sY/Kme3HqHaBEy9lM2zj6aIoBoUJtncw6QxP01Q8jpW91mC1ZWQbxW5h0iacO2w3t5IYB1m5ymIM3GZ4SGdDeiryZkBtQ"
    "hbY0I5EkS4ZH/xG/wpHCzZzncZOGXk2ftzZ55ndvcfIdd6hUUKhhijyr/XxakMqiuxdGC4glz0Iu3IxYb31dBs3vx2V9e6/u"
    "qzwZomHUdFFP9xW0dkqpnR//+NJxec2eUSMh9UQzlu2pb2S2Qnmf4UPK622ZgOjxpwH9nZtmb8t96BuclZKCWA4mwaVaf6v7"
    "JQIDAQAB"
)
DOWN = "no-mx-left,spf-gone,dmarc-weakened,selector-gone"


def test_a_new_zone_gets_the_plan_and_a_second_run_changes_nothing(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(ZONE, *FOREIGN)
    spec = write(tmp_path)
    first = engine.up(spec)
    assert not first.problems
    assert first.names("create") == [
        "_dmarc.acme-trade.com dmarc",
        "acme-trade.com MX mxbiz1.qq.com",
        "acme-trade.com MX mxbiz2.qq.com",
        "acme-trade.com spf",
    ]
    assert account.values(zone, "MX") == EXMAIL
    assert account.values(zone, "TXT", ZONE) == sorted([SPF, *(t for _, k, t in FOREIGN if k == "TXT")])
    assert account.values(zone, "A") == ["192.0.2.80"]
    second = engine.up(spec)
    assert {did for did, _ in second.steps} == {"same"}
    assert not second.problems
    assert "pending" not in second.outputs


def test_a_preview_changes_nothing(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = account.new_zone(ZONE, *FOREIGN)
    assert engine.up(write(tmp_path), preview=True).names("create")
    assert account.values(zone, "MX") == []
    assert engine.state == {}


def test_identical_records_are_adopted_and_stay_the_same_records(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    """Also where the console wrote the SPF without quotes, and with an automatic TTL."""
    zone = account.new_zone(ZONE)
    ids = {
        account.add(zone, ZONE, "MX", "5 mxbiz1.qq.com", ttl=3600, comment="by wang"),
        account.add(zone, ZONE, "MX", "10 mxbiz2.qq.com", ttl=3600),
        account.add(zone, ZONE, "TXT", SPF.strip('"'), ttl=3600),
    }
    outcome = engine.up(write(tmp_path))
    assert not outcome.problems
    assert len(outcome.names("import")) == 3
    assert "pending" not in outcome.outputs
    assert ids <= set(account.records[zone])
    again = engine.up(write(tmp_path))
    assert {did for did, _ in again.steps} == {"same"}
    assert account.records[zone][min(ids)]["comment"] == "by wang"


@pytest.mark.parametrize("stage", ["none", "quarantine; pct=100"])
def test_a_preview_tells_taking_over_from_changing(
    account: Account, engine: Engine, tmp_path: Path, stage: str
) -> None:
    """The engine says "import" either way; a note beside it tells whether anything is to be written."""
    zone = account.new_zone(ZONE)
    account.add(zone, ZONE, "MX", "5 mxbiz1.qq.com", ttl=3600)
    account.add(zone, ZONE, "MX", "10 mxbiz2.qq.com", ttl=3600)
    account.add(zone, ZONE, "TXT", SPF, ttl=3600)
    account.add(zone, f"_dmarc.{ZONE}", "TXT", f"v=DMARC1; p={stage}; rua=mailto:wang@{ZONE}", ttl=3600)
    with noting() as notes:
        outcome = engine.up(write(tmp_path), preview=True, allow="dmarc-weakened")
        assert not outcome.problems and not outcome.names("create") and len(outcome.names("import")) == 4
        changes = tuple(Change("import", f"urn::{name}::t::{name}") for name in outcome.names("import"))
        assert Outcome(changes, digests=notes.digests).writes == (stage != "none")


def test_a_wildcard_over_a_new_name_is_told(account: Account, engine: Engine, tmp_path: Path) -> None:
    account.new_zone(ZONE, *FOREIGN, (f"*.{ZONE}", "A", "192.0.2.1"))
    more = f"senders: [{{custom: shop, from: news@news.{ZONE}, ip4: [203.0.113.10]}}]\n"
    more += "as_found: [{name: news, type: MX, values: [10 mxbiz1.qq.com]}]\n"
    with noting() as notes:
        assert not engine.up(write(tmp_path, more=more), preview=True).problems
        (notice,) = notes.notices
    assert notice.startswith("[wildcard-record-lost]") and "192.0.2.1" in notice


def test_a_living_domain_is_refused_without_consent_and_nothing_changes(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(
        ZONE, (ZONE, "MX", "10 mx.old.example"), (ZONE, "TXT", "v=spf1 ip4:192.0.2.1 -all")
    )
    before = dict(account.records[zone])
    outcome = engine.up(write(tmp_path))
    assert "[mx-changed]" in outcome.problems[0]
    assert account.records[zone] == before
    assert not [urn for urn in engine.state if "dnsRecord" in urn]


def test_with_consent_the_order_is_adopt_add_wait_remove(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(
        ZONE, (ZONE, "MX", "10 mx.old.example"), (ZONE, "TXT", "v=spf1 ip4:192.0.2.1 -all")
    )
    spec = write(tmp_path)
    allow = "mx-changed,spf-sender-dropped"
    first = engine.up(spec, allow=allow)
    assert not first.problems
    assert first.outputs["pending"] == [ZONE]
    assert account.values(zone, "TXT", ZONE) == ["v=spf1 ip4:192.0.2.1 -all"]  # as it was found
    assert account.values(zone, "MX") == ["10 mx.old.example"], "SPF widens before MX switches"
    second = engine.up(spec, allow=allow)
    assert not second.problems
    assert account.values(zone, "MX") == EXMAIL, "mail hosts change places in one run"
    assert second.names("delete") == ["acme-trade.com MX mx.old.example"]
    assert "pending" not in second.outputs
    assert account.values(zone, "TXT", ZONE) == ['"v=spf1 include:spf.mail.qq.com ip4:192.0.2.1 ~all"']
    waiting = engine.up(spec, day="2026-11-24")
    assert {did for did, _ in waiting.steps} == {"same"}
    last = engine.up(spec, day="2026-11-25")
    assert not last.problems
    assert account.values(zone, "MX") == EXMAIL
    assert account.values(zone, "TXT", ZONE) == [SPF]


def test_a_move_to_another_mail_host_never_shows_both(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    """What is ours is protected in the state, so the first run only makes it free to go."""
    zone = account.new_zone(ZONE)
    spec = write(tmp_path)
    assert not engine.up(spec).problems
    spec.write_text(
        spec.read_text().replace("{service: tencent-exmail}", "{service: netease-qiye, site: hz}")
    )
    new, seen = ["10 hzmx02.mxmail.netease.com", "5 hzmx01.mxmail.netease.com"], []
    for _ in range(3):
        outcome = engine.up(spec, allow="mx-changed,spf-sender-dropped")
        assert not outcome.problems
        seen.append(account.values(zone, "MX"))
        if "pending" not in outcome.outputs:
            break
    assert seen[-1] == new
    assert all(each in (EXMAIL, new) for each in seen), seen


def test_two_spf_records_become_one(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = account.new_zone(ZONE, (ZONE, "TXT", SPF), (ZONE, "TXT", "v=spf1 include:spf.mail.qq.com -all"))
    spec = write(tmp_path)
    assert engine.up(spec).outputs["pending"] == [ZONE]
    second = engine.up(spec)
    assert not second.problems
    assert len(second.names("delete")) == 1
    assert account.values(zone, "TXT", ZONE) == [SPF]
    assert {did for did, _ in engine.up(spec).steps} == {"same"}


def test_drift_is_repaired_without_consent(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = account.new_zone(ZONE)
    spec = write(tmp_path)
    engine.up(spec)
    spf = next(each for each in account.records[zone].values() if "spf1" in each["content"])
    spf["content"] = '"v=spf1 -all"'
    gone = next(each for each in account.records[zone].values() if each["content"] == "mxbiz2.qq.com")
    del account.records[zone][gone["id"]]
    outcome = engine.up(spec)
    assert not outcome.problems
    assert outcome.names("update") == ["acme-trade.com spf"]
    assert outcome.names("create") == ["acme-trade.com MX mxbiz2.qq.com"]
    assert account.values(zone, "MX") == EXMAIL
    assert account.values(zone, "TXT", ZONE) == [SPF]


def test_another_preference_changes_the_record_and_makes_no_new_one(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(ZONE)
    spec = write(tmp_path)
    engine.up(spec)
    first = next(each for each in account.records[zone].values() if each["content"] == "mxbiz1.qq.com")
    first["priority"] = 50
    outcome = engine.up(spec)
    assert outcome.names("update") == ["acme-trade.com MX mxbiz1.qq.com"]
    assert account.values(zone, "MX") == EXMAIL


def test_a_spec_that_is_gone_deletes_nothing_without_consent(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(ZONE)
    other = account.new_zone("other.example")
    spec = write(tmp_path)
    second = tmp_path / "other.yaml"
    second.write_text(spec.read_text().replace(ZONE, "other.example"))
    engine.up(spec, second)
    before = account.values(other, "MX")
    refused = engine.up(spec)
    assert "other.example" in refused.problems[0]
    assert account.values(other, "MX") == before
    text = second.read_text()
    kept = engine.up(spec, allow=DOWN)
    assert "[spec-not-read]" in kept.problems[0] and "other.yaml" in kept.problems[0]
    assert account.values(other, "MX") == before
    second.unlink()
    # Consent alone does not delete either: the state protects them until a run opened them.
    assert "protected" in " ".join(engine.up(spec, allow=DOWN).problems)
    assert account.values(other, "MX") == before
    second.write_text(text)
    assert not engine.up(spec, second, allow=DOWN).problems
    second.unlink()
    assert not engine.up(spec, allow=DOWN).problems
    assert account.records[other] == {}
    assert account.values(zone, "MX") == EXMAIL


def test_what_the_gate_guards_is_protected_and_opened_by_consent(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    account.new_zone(ZONE)
    spec = write(tmp_path)
    engine.up(spec)
    protected = {urn.rpartition("::")[2] for urn, resource in engine.state.items() if resource.protect}
    assert protected == {
        "_dmarc.acme-trade.com dmarc",
        "acme-trade.com MX mxbiz1.qq.com",
        "acme-trade.com MX mxbiz2.qq.com",
        "acme-trade.com spf",
    }
    engine.up(spec, allow=DOWN)
    assert not [urn for urn, resource in engine.state.items() if resource.protect]


def test_no_consent_opens_what_another_stack_holds_too(
    account: Account, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    account.new_zone(ZONE)
    spec = write(tmp_path)
    engine.up(spec)
    before = {urn for urn, resource in engine.state.items() if resource.protect}
    outputs = {"cloudflare": {ZONE: {"applied": {}}}}
    component = {"urn": f"urn:pulumi:other::p::{MAIL_DOMAIN}::x", "type": MAIL_DOMAIN, "outputs": outputs}
    file = tmp_path / ".mailwright" / "pulumi" / ".pulumi" / "stacks" / "p" / "other.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [component]}}}))
    assert not engine.up(spec, allow=DOWN).problems
    assert {urn for urn, resource in engine.state.items() if resource.protect} == before != set()


def test_a_failed_write_is_made_good_by_the_next_run(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    """The old MX must outlive the failure, however late the next run is."""
    zone = account.new_zone(ZONE, (ZONE, "MX", "10 mx.old.example"))
    spec = write(tmp_path)
    account.refuse = "mxbiz1.qq.com"
    assert engine.up(spec, allow="mx-changed").problems
    assert "10 mx.old.example" in account.values(zone, "MX")
    account.refuse = None
    late = engine.up(spec, day="2026-12-24", allow="mx-changed")
    assert not late.problems
    assert account.values(zone, "MX") == EXMAIL, "what a stopped run began is finished in one"


def test_a_selector_that_turns_into_a_key_is_replaced_in_place(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    """A CNAME and a TXT cannot stand together, so the old one goes first, in the second run."""
    name = f"google._domainkey.{ZONE}"
    zone = account.new_zone(ZONE, (name, "CNAME", "key.old.example"))
    service = f'google-workspace, dkim: [{{name: google._domainkey, value: "v=DKIM1; k=rsa; p={KEY}"}}]'
    spec = write(tmp_path, service=service)
    assert "[selector-changed]" in engine.up(spec).problems[0]
    assert not engine.up(spec, allow="selector-changed").problems
    assert account.values(zone, "CNAME", name) == ["key.old.example"]
    second = engine.up(spec, allow="selector-changed")
    assert not second.problems
    assert second.names("replace") == [f"{name} dkim"]
    assert account.values(zone, "CNAME", name) == []
    (key,) = account.values(zone, "TXT", name)
    assert key.replace('" "', "").strip('"') == f"v=DKIM1; k=rsa; p={KEY}"
    assert {did for did, _ in engine.up(spec).steps} == {"same"}


def test_email_routing_is_said_before_anything_is_written(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(ZONE, (ZONE, "MX", "10 route1.mx.cloudflare.net"))
    outcome = engine.up(write(tmp_path), allow="mx-changed")
    assert "Email Routing" in outcome.problems[0]
    assert account.values(zone, "MX") == ["10 route1.mx.cloudflare.net"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (", zone: example.net", "sees no Cloudflare zone acme-trade.com"),  # it is not above the domain
        (", zone_id: '00000000000000000000000000000001'", "is example.net, which does not hold this domain"),
    ],
)
def test_a_wrong_zone_is_refused(
    account: Account, engine: Engine, tmp_path: Path, options: str, said: str
) -> None:
    account.new_zone("example.net")
    outcome = engine.up(write(tmp_path, options=options))
    assert said in outcome.problems[0]


def test_a_zone_the_token_does_not_see(account: Account, engine: Engine, tmp_path: Path) -> None:
    account.new_zone("example.net")
    assert "no Cloudflare zone acme-trade.com" in engine.up(write(tmp_path)).problems[0]


def test_without_a_token_the_settings_are_named(
    account: Account, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.new_zone(ZONE)
    monkeypatch.setattr("tests.cloudflare.engine.TOKEN", "")
    assert "CLOUDFLARE_API_TOKEN" in engine.up(write(tmp_path)).problems[0]


def test_a_zone_of_more_than_one_page_and_a_spec_by_zone_id(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(ZONE, *((f"h{n}.{ZONE}", "A", f"192.0.2.{n}") for n in range(250)))
    outcome = engine.up(write(tmp_path, options=f", zone_id: '{zone}'"))
    assert not outcome.problems
    assert len(account.records[zone]) == 254


def test_a_domain_below_another_keeps_its_own_records(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    """Both lie in one zone; neither takes the other's for something that left its spec."""
    zone = account.new_zone(ZONE)
    spec = write(tmp_path)
    below = tmp_path / "news.yaml"
    text = spec.read_text().replace("service: cloudflare", f"service: cloudflare, zone: {ZONE}")
    below.write_text(text.replace(f"domain: {ZONE}", f"domain: news.{ZONE}"))
    engine.up(spec, below)
    assert account.values(zone, "MX", f"news.{ZONE}") == EXMAIL
    for day in ("2026-11-23", "2026-12-24"):
        again = engine.up(spec, below, day=day)
        assert not again.problems
        assert {did for did, _ in again.steps} == {"same"}
    alone = engine.up(spec)
    assert f"news.{ZONE}" in alone.problems[0]
    assert account.values(zone, "MX", f"news.{ZONE}") == EXMAIL


def test_a_parked_domain_is_a_zone_of_its_own(account: Account, engine: Engine, tmp_path: Path) -> None:
    """Also where the company's own zone is named by its id."""
    zone = account.new_zone(ZONE)
    parked = account.new_zone("acmetrade.net")
    spec = write(tmp_path, options=f", zone_id: '{zone}'", more="parked: [acmetrade.net]\n")
    outcome = engine.up(spec)
    assert not outcome.problems
    assert account.values(parked, "MX") == ["0 ."]
    assert '"v=spf1 -all"' in account.values(parked, "TXT", "acmetrade.net")
    assert account.values(zone, "MX") == EXMAIL
    assert {did for did, _ in engine.up(spec).steps} == {"same"}


def test_no_record_goes_out_before_the_mailboxes(account: Account, engine: Engine, tmp_path: Path) -> None:
    account.new_zone(ZONE)
    path = write(tmp_path, service="self-hosted", more="people: {wang: {}}\n")
    own = f"self-hosted, mx: ['10 mail.{ZONE}'], maps: {{folder: {tmp_path / 'tables'}}}"
    path.write_text(path.read_text("utf-8").replace("self-hosted", own), "utf-8")
    outcome = engine.up(path)
    assert not outcome.problems
    (mailboxes,) = [urn for urn in engine.state if urn.endswith(f"mailwright:mail:Mailboxes::{ZONE}")]
    records = outcome.names("create")
    assert f"{ZONE} MX mail.{ZONE}" in records
    assert all(mailboxes in outcome.first[name] for name in records)
