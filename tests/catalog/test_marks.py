"""Every name by which a service shows itself is its own; servers that anybody rents are nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright import catalog
from mailwright.catalog import RECEIVING, SENDING, Service, index
from mailwright.catalog.marks import shows
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.operations import importing
from mailwright.operations.importing import World, recognising
from tests.catalog.samples import DOMAIN, RSA, instance

APEX = DOMAIN + "."


def zone(**more: str) -> Observed:
    """Records by "name TYPE" with __ for a blank; a name is relative, "at" is the domain."""
    sets = []
    for key, value in more.items():
        name, type = key.split("__")
        owner = APEX if name == "at" else f"{name}.{APEX}"
        sets.append(ObservedSet(owner, type, 600, (ObservedValue.of(type, value),)))
    return Observed.of(APEX, sets)


def marks(kind: str, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (id, mark)
        for id, entry in index.entries().items()
        if entry.kind in kinds
        for mark in entry.recognise.get(kind, ())
    ]


def needed(service: Service) -> dict[str, str]:
    """What has to be there beside an exchanger that another service has too."""
    if "cname" in service.recognise.get("needs", ()):
        return {"autodiscover__CNAME": instance(service.recognise["cname"][0]) + "."}
    return {}


@pytest.mark.parametrize(("id", "mark"), marks("mx", RECEIVING))
def test_an_exchanger_shows_its_own_mail_host(id: str, mark: str) -> None:
    service = catalog.load_services()[id]
    world = zone(at__MX=f"10 {instance(mark)}.", **needed(service))
    use = recognising.mail_host(world, DOMAIN)
    assert use is not None and use.service.id == id
    assert [host.id for host in recognising.mail_hosts(world, DOMAIN)] == [id]


@pytest.mark.parametrize(("id", "mark"), marks("spf", RECEIVING))
def test_an_include_shows_the_mail_host_behind_a_filter(id: str, mark: str) -> None:
    world = zone(at__MX="10 mx1.x.pphosted.com.", at__TXT=f"v=spf1 include:{instance(mark)} ~all")
    filters = recognising.gateway(world, DOMAIN)
    assert filters is not None and filters.behind is not None and filters.behind.id == id


@pytest.mark.parametrize(("id", "mark"), marks("spf", SENDING))
def test_an_include_shows_its_own_sender(id: str, mark: str) -> None:
    world = zone(at__TXT=f"v=spf1 include:{instance(mark)} ~all")
    assert [use.service.id for use in recognising.senders(world, DOMAIN, None)] == [id]


@pytest.mark.parametrize(("id", "mark"), marks("dkim", SENDING))
def test_a_keys_alias_shows_its_own_sender(id: str, mark: str) -> None:
    world = zone(**{"s9._domainkey__CNAME": instance(mark) + "."})
    assert [use.service.id for use in recognising.senders(world, DOMAIN, None)] == [id]


@pytest.mark.parametrize(("id", "mark"), marks("cname", SENDING))
def test_a_return_path_shows_its_own_sender(id: str, mark: str) -> None:
    world = zone(bounces__CNAME=instance(mark) + ".")
    assert [use.service.id for use in recognising.senders(world, DOMAIN, None)] == [id]


@pytest.mark.parametrize(("id", "mark"), marks("dkim_selector", SENDING))
def test_a_selector_shows_its_own_sender(id: str, mark: str) -> None:
    world = zone(**{f"{mark}._domainkey__TXT": f"v=DKIM1; k=rsa; p={RSA}"})
    assert [use.service.id for use in recognising.senders(world, DOMAIN, None)] == [id]


@pytest.mark.parametrize("kind", ["mx", "spf", "dkim", "dkim_selector", "cname"])
def test_no_two_services_claim_one_name(kind: str) -> None:
    """Nor does one service's mark take in what is another's."""
    for kinds in (RECEIVING, SENDING):
        table = index.marks(kind, kinds)
        for id, mark in marks(kind, kinds):
            assert table.named(instance(mark)) == (id,), (id, mark)


@pytest.mark.parametrize(
    "host",
    [
        "ec2-203-0-113-7.eu-west-1.compute.amazonaws.com",
        "email-smtp.eu-west-1.amazonaws.com",
        "vps1.ovh.net",
        "ns3045.ip-192-0-2.eu",
        "static.1.clients.your-server.de",
        "mail.your-server.de",
        "v2202611.netcup.net",
        "ip-192-0-2-7.secureserver.net",
        "s15363.onlinehome-server.info.kundenserver.de",
        "ps12345.dreamhost.com",
        "vps.beget.com",
        "srv1.aruba.it",
        "srv500.hostinger.com",
        "ghs.l.google.com",
        "notmx1.titan.email.evil.example",
        "mx1.eviltitan.email",
    ],
)
def test_a_machine_that_anybody_rents_is_self_hosted(host: str) -> None:
    world = zone(at__MX=f"10 {host}.")
    assert recognising.mail_host(world, DOMAIN) is None


def test_workmail_is_told_from_mail_that_ses_receives_by_its_autodiscover() -> None:
    exchanger = "10 inbound-smtp.eu-west-1.amazonaws.com."
    assert recognising.mail_host(zone(at__MX=exchanger), DOMAIN) is None
    use = recognising.mail_host(
        zone(at__MX=exchanger, autodiscover__CNAME="autodiscover.mail.eu-west-1.awsapps.com."), DOMAIN
    )
    assert use is not None and use.service.id == "amazon-workmail"
    assert use.inputs == {"region": "eu-west-1"}


def test_what_runs_on_ses_and_mailgun_is_not_called_ses_or_mailgun() -> None:
    resend = zone(
        **{
            "resend._domainkey__TXT": f"v=DKIM1; k=rsa; p={RSA}",
            "send__MX": "10 feedback-smtp.eu-west-1.amazonses.com.",
            "send__TXT": "v=spf1 include:amazonses.com ~all",
        }
    )
    assert [use.service.id for use in recognising.senders(resend, DOMAIN, None)] == ["resend"]
    workmail = zone(
        at__MX="10 inbound-smtp.eu-west-1.amazonaws.com.",
        autodiscover__CNAME="autodiscover.mail.eu-west-1.awsapps.com.",
        at__TXT="v=spf1 include:amazonses.com ~all",
    )
    host = recognising.mail_host(workmail, DOMAIN)
    assert recognising.senders(workmail, DOMAIN, host) == ()


def test_two_hosts_in_one_set_of_exchangers_are_both_told() -> None:
    world = Observed.of(
        APEX,
        [
            ObservedSet(
                APEX,
                "MX",
                600,
                tuple(ObservedValue.of("MX", each) for each in ("10 mx1.titan.email.", "10 mx.zoho.com.")),
            )
        ],
    )
    shown = {host.id for host in recognising.mail_hosts(world, DOMAIN)}
    assert shown == {"titan-email", "zoho-mail"}


def test_the_retired_domain_mail_of_qq_is_not_exmail() -> None:
    assert recognising.mail_host(zone(at__MX="5 mxdomain.qq.com."), DOMAIN) is None


@pytest.mark.parametrize(
    ("name", "mark", "is_shown"),
    [
        ("mx1.mail.ovh.net", "mx*.mail.ovh.net", True),
        ("mx.mail.ovh.net", "mx*.mail.ovh.net", True),
        ("mx1.x.mail.ovh.net", "mx*.mail.ovh.net", False),
        ("MX1.Titan.Email.", ".titan.email", True),
        ("titan.email", ".titan.email", True),
        ("nottitan.email", ".titan.email", False),
        ("mx1.mailpod15.g1i.one.com", "mx*.mailpod*.**.one.com", True),
        ("spf.163.com", "spf.163.com", True),
        ("a.spf.163.com", "spf.163.com", False),
    ],
)
def test_a_mark_is_anchored(name: str, mark: str, is_shown: bool) -> None:
    assert shows(name, mark) is is_shown


def test_a_mark_that_says_more_wins_and_of_two_alike_nobody_is_named() -> None:
    from mailwright.catalog.marks import table

    names = {
        "wide": {"mx": (".mail.example",)},
        "pattern": {"mx": ("in*.mail.example",)},
        "whole": {"mx": ("in1.mail.example",)},
        "twin": {"mx": (".mail.example",)},
    }
    marks = table(names, "mx")
    assert marks.named("in1.mail.example.") == ("whole",)
    assert marks.named("IN2.mail.example") == ("pattern",)
    assert set(marks.named("x.mail.example")) == {"wide", "twin"}, "one of"
    assert marks.named("mail.example.org") == ()


def test_exchangers_that_two_hosts_share_are_told_as_one_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files that claim the same names: the import names neither and says which they may be."""
    from mailwright.catalog import caches, loading

    text = (loading.SERVICES / "purelymail.yaml").read_text(encoding="utf-8")
    for id in ("one-mail", "two-mail"):
        body = text.replace("mailserver.purelymail.com", "mx.shared.example").replace("Purelymail", id)
        (tmp_path / f"{id}.yaml").write_text(
            body.replace("purelymail.com", "shared.example"), encoding="utf-8"
        )
    monkeypatch.setenv(loading.VARIABLE, str(tmp_path))
    caches.forget()
    try:
        world = zone(at__MX="10 mx.shared.example.")
        assert recognising.mail_host(world, DOMAIN) is None
        assert {service.id for service in recognising.one_of(world, DOMAIN)} == {"one-mail", "two-mail"}
        imported = importing.importing(World(DOMAIN, world))
        assert imported.spec.mail_host.service == "other"
        notes = [note("en") for note in imported.draft.notes]
        assert any("one-mail or two-mail" in note for note in notes), notes
    finally:
        monkeypatch.undo()
        caches.forget()
