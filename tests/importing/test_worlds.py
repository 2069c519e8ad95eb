"""What holds for any domain: what was planned is imported as planned; a moving world is not taken over."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.model.families import family_of
from mailwright.model.names import absolute
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.operations import importing
from mailwright.operations.importing import ImportingError, World
from mailwright.operations.world.looking import look
from mailwright.plan.plan import plan, plans
from mailwright.plan.transition.compare import canonical
from mailwright.resolving.server import Server
from mailwright.spec import parse
from tests.conftest import ROOT
from tests.importing.worlds import NAMES, records
from tests.servers.base import ADDRESS, DnsServer

DAY = dt.date(2026, 11, 23)
KEY = yaml.safe_load((ROOT / "docs" / "rules-examples.yaml").read_text())["keys"]["RSA2048"]
_HOSTS = (
    "{service: tencent-exmail}",
    "{service: google-workspace, site: classic}",
    "{service: microsoft-365, mx_token: acme-com}",
    "{service: zoho-mail, site: eu, spf_include: zoho.eu}",
    "{service: fastmail}",
    "{service: migadu}",
    '{service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.25]}',
)
_SENDERS = (
    "{service: mailchimp}",
    "{service: mandrill}",
    "{service: mailgun}",
    "{custom: form, ip4: [203.0.113.10]}",
    "{custom: crm, include: [spf.crm.example]}",
)


@given(
    host=st.sampled_from(_HOSTS),
    senders=st.lists(st.sampled_from(_SENDERS), unique=True),
    stage=st.sampled_from(("watch", "guard", "reject")),
    ttl=st.sampled_from((60, 600, 3600, 86400)),
    final=st.sampled_from(("softfail", "fail")),
)
@settings(max_examples=60, deadline=None)
def test_what_was_planned_is_imported_as_planned(
    host: str, senders: list[str], stage: str, ttl: int, final: str
) -> None:
    text = (
        f"version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nttl: {ttl}\nmail_host: {host}\n"
        "dns_hosts: [{service: manual}]\ncontact: wang@acme-trade.com\n"
        f"dmarc: {{stage: {stage}}}\nspf: {{all: {final}}}\nsenders: [{', '.join(senders)}]\n"
    )
    spec = parse(text.encode(), "first.yaml").spec
    assert spec is not None
    first = plan(spec, DAY)
    sets: dict[tuple[str, str], list[str]] = {}
    for record in first.records:
        sets.setdefault((record.name, record.type), []).extend(record.values)
    observed = Observed.of(
        "acme-trade.com.",
        [ObservedSet(n, t, ttl, tuple(ObservedValue.of(t, v) for v in vs)) for (n, t), vs in sets.items()],
    )
    imported = importing.importing(World("acme-trade.com", observed), as_of=DAY)
    assert imported.spec.mail_host.service == spec.mail_host.service
    again = {(e.name, e.type, e.ttl, canonical(e.type, v)) for e in imported.plan.records for v in e.values}
    was = {(e.name, e.type, e.ttl, canonical(e.type, v)) for e in first.records for v in e.values}
    assert again <= was
    left = {(name, type, canonical(type, value)) for name, type, value in imported.foreign}
    assert {(name, type, value) for name, type, _, value in was - again} == left


_EXTRAS = (
    "mta_sts: {mode: testing}",
    "mta_sts: {mode: enforce, served_by: acme-trade.pages.dev}",
    "tls_rpt: {}",
    'tls_rpt: {rua: [tls@acme-trade.com, "https://tls.example.net/v1"]}',
    'bimi: {logo: "https://www.acme-trade.com/l.svg"}',
    'bimi: {logo: "https://www.acme-trade.com/l.svg", certificate: "https://www.acme-trade.com/l.pem", '
    "selector: brand}",
    "clients: {autoconfig: mail.acme-trade.com}",
    "dane: [{host: mail.acme-trade.com, certificate: certs/mail.pem}]",
    "reports_from: [acme-trade.net]",
    "parked: [acmetrade.net, acme-trade.org]",
    f"signing: [{{selector: own, public_key: {KEY}}}]",
)
_MORE_SENDERS = (
    *_SENDERS,
    "{service: mailchimp, from: news@news.acme-trade.com}",
    "{service: sendgrid, from: a@send.acme-trade.com, return_path: em77, "
    "return_path_target: u7.wl7.sendgrid.net, "
    "dkim: [{name: s1._domainkey, type: CNAME, value: s1.domainkey.u7.wl7.sendgrid.net}]}",
    "{custom: shop, from: shop@shop.acme-trade.com, ip4: [203.0.113.99]}",
)
_CLIENTS = (
    "clients: {imaps: mail.acme-trade.com, submissions: mail.acme-trade.com, pop3s: mail.acme-trade.com}",
    "clients: {imaps: imap.example.net, submission: smtp.example.net, autodiscover: auto.example.net}",
)


@given(
    host=st.sampled_from(_HOSTS),
    senders=st.lists(st.sampled_from(_MORE_SENDERS), unique=True, max_size=4),
    extras=st.lists(st.sampled_from(_EXTRAS), unique_by=lambda each: each.partition(":")[0], max_size=6),
    clients=st.none() | st.sampled_from(_CLIENTS),
    stage=st.sampled_from(("watch", "guard", "reject")),
)
@settings(max_examples=500, deadline=None)
def test_every_record_that_was_planned_comes_back_as_ours(
    host: str, senders: list[str], extras: list[str], clients: str | None, stage: str
) -> None:
    """Whatever is asked for: nothing of the plan is a stranger to the spec that import writes of it."""
    own = "self-hosted" in host
    lines = [extra for extra in extras if not extra.startswith("clients") or clients is None]
    lines += [clients] if clients and own else []
    text = (
        f"version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {host}\n"
        "dns_hosts: [{service: manual}]\ncontact: wang@acme-trade.com\n"
        f"dmarc: {{stage: {stage}}}\nsenders: [{', '.join(senders)}]\n" + "\n".join(lines) + "\n"
    )
    result = parse(text.encode(), str(ROOT / "docs" / "spec-examples" / "first.yaml"))
    assert result.spec is not None, [each.message() for each in result.findings]
    for made in plans(result.spec, DAY):
        sets: dict[tuple[str, str], list[str]] = {}
        for record in made.records:
            sets.setdefault((record.name, record.type), []).extend(record.values)
        live = [
            ObservedSet(*pair, 3600, tuple(ObservedValue.of(pair[1], value) for value in values))
            for pair, values in sets.items()
        ]
        world = World(made.domain, Observed.of(made.domain + ".", live))
        again = importing.importing(world, as_of=DAY)
        assert not again.foreign
        was = {(e.name, e.type, canonical(e.type, v)) for e in made.records for v in e.values}
        now = {(e.name, e.type, canonical(e.type, v)) for e in again.plan.records for v in e.values}
        assert now == was


def test_somebody_changes_records_meanwhile(embedded: DnsServer) -> None:
    """Either the reading comes to rest on one state, or the import says what moves: never a mixture."""
    zone = embedded.new_zone()
    domain = zone.rstrip(".")
    embedded.put(zone, records("exmail", domain))
    stop = threading.Event()

    def churn() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            embedded.put(zone, f'@ 600 TXT "token={number}"')

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        asked = importing.to_ask(domain)
        world = importing.from_servers(domain, asked, [Server("ns1", ADDRESS, embedded.port)])
        assert importing.importing(world).changes.is_empty
    except ImportingError as error:
        assert f"{domain}. TXT" in str(error)
    finally:
        stop.set()
        worker.join()
    world = importing.from_servers(domain, importing.to_ask(domain), [Server("ns1", ADDRESS, embedded.port)])
    assert importing.importing(world).changes.is_empty


@pytest.mark.parametrize("name", NAMES)
def test_look_answers_all_five_in_both_languages(name: str, tmp_path: Path) -> None:
    path = tmp_path / "zone"
    path.write_text(records(name, "acme-trade.com"))
    seen = look(importing.from_zone_file("acme-trade.com", path), "en")
    assert len(seen.answers) == 5
    for answer in seen.answers:
        assert answer.text("en")
        assert answer.text("zh") != answer.text("en")
    assert seen.spec
    policy = [v for v in records(name, "acme-trade.com").splitlines() if v.startswith("_dmarc")]
    assert (seen.answers[0].state == "bad") == (not policy or "two-dmarc" in name or "lowercase" in name)


def test_a_new_sender_joins_an_spf_record_kept_as_found(tmp_path: Path) -> None:
    """A kept record must not leave a sender out: its mail would be refused."""
    path = tmp_path / "zone"
    path.write_text(records("messy-spf-double-blank", "acme-trade.com"))
    imported = importing.importing(importing.from_zone_file("acme-trade.com", path))
    more = imported.text + "senders:\n  - {custom: form, ip4: [203.0.113.10]}\n"
    spec = parse(more.encode(), "more.yaml").spec
    assert spec is not None
    apex = absolute("acme-trade.com")
    (text,) = (
        v
        for e in plan(spec, DAY).records
        for v in e.values
        if family_of(apex, "TXT", v) == "spf" and e.name == apex
    )
    assert "ip4:203.0.113.10" in text
    assert "include:spf.mail.qq.com" in text
