"""The catalog's data: shaped as its schema says, in both languages, and nothing in it is a guess."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mailwright import catalog
from mailwright.catalog import index, load_services
from mailwright.catalog.checking import problems
from mailwright.catalog.loading import FOLDER
from mailwright.catalog.service import GIVEN
from mailwright.operations.importing.recognising import dns_console
from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.conftest import SHARED

FILES = sorted((FOLDER / "services").glob("*.yaml"))
BUILT = [path.stem for path in FILES]
FACTS = SHARED / "facts" / "mail-services.yaml"
NEW = SHARED / "facts" / "new-services.yaml"


def schema() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / "service.schema.json").read_text(encoding="utf-8"))
    return read


def data(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=BUILT)
def test_a_service_file_is_as_the_schema_says(path: Path) -> None:
    checker = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(data(path))] == []


def test_the_schema_refuses_a_value_that_is_not_verified() -> None:
    guessed = data(FOLDER / "services" / "tencent-exmail.yaml")
    guessed["sites"][0]["mx"]["c"] = "M"
    errors = list(jsonschema.Draft202012Validator(schema()).iter_errors(guessed))
    assert [list(error.path) for error in errors] == [["sites", 0, "mx", "c"]]


@pytest.mark.parametrize("key", ["checked", "source", "c"])
def test_a_value_without_its_evidence_is_refused_and_told_in_words(key: str) -> None:
    bare = data(FOLDER / "services" / "tencent-exmail.yaml")
    del bare["sites"][0]["mx"][key]
    (text,) = problems("tencent-exmail", bare)
    assert text("en").startswith(f"tencent-exmail: `sites[0].mx` lacks `{key}`")
    assert text("zh").startswith(f"tencent-exmail：`sites[0].mx` 缺少 `{key}`")


def test_what_a_mail_host_lacks_is_told_in_words() -> None:
    host = data(FOLDER / "services" / "titan-email.yaml")
    del host["capabilities"]
    assert [problem("en") for problem in problems("titan-email", host)] == [
        "titan-email: the file lacks `capabilities` (what it can do with mailboxes: an answer to each "
        "feature; `unknown` is one)"
    ]
    host = data(FOLDER / "services" / "titan-email.yaml")
    del host["capabilities"]["answers"]["tag"]
    del host["spf_costs"]["spf.titan.email"]
    (text,) = problems("titan-email", host)
    assert "lacks `tag`: say apply, api, checklist, no or unknown" in text("en")
    host["capabilities"]["answers"]["tag"] = "unknown"
    (text,) = problems("titan-email", host)
    assert "`spf_costs` lacks spf.titan.email: measure it with `mailwright catalog compare --dns`" in text(
        "en"
    )
    assert "缺少 spf.titan.email" in text("zh")


@pytest.mark.parametrize(
    "source",
    [
        "public zone captures",
        "capture of 2026",
        "template titan",
        "someone/repo:file.yaml",
        "the vendor's page",
    ],
)
def test_a_source_that_cannot_be_opened_is_refused(source: str) -> None:
    host = data(FOLDER / "services" / "titan-email.yaml")
    host["sources"] = dict.fromkeys(host["sources"], source)
    assert problems("titan-email", host)


def weakened(id: str, *path: str | int) -> tuple[str, ...]:
    """What is said of a service's file once one of its values has confidence W."""
    changed = data(FOLDER / "services" / f"{id}.yaml")
    node = changed
    for each in path:
        node = node[each]
    node["c"] = "W"
    return tuple(problem("en") for problem in problems(id, changed))


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("titan-email", ("sites", 0, "mx")),
        ("titan-email", ("sites", 0, "spf", 0)),
        ("titan-email", ("client", "imap")),
        ("migadu", ("sites", 0, "records", 5)),
        ("hostinger", ("dkim", 0)),
        ("mailersend", ("return_path", 0)),
        ("tencent-exmail", ("limits", "aliases_per_mailbox")),
    ],
)
def test_what_one_source_has_seen_may_not_be_written(id: str, path: tuple[str | int, ...]) -> None:
    (told,) = weakened(id, *path)
    assert "has confidence W and would be written" in told and "`guess`" in told


def test_what_one_source_says_of_mailboxes_is_no_promise() -> None:
    (told,) = weakened("zoho-mail", "capabilities")
    assert "`capabilities` has confidence W and says that the service does it by itself" in told


@pytest.mark.parametrize("part", ["capabilities", "client"])
def test_a_capture_of_dns_is_no_evidence_of_mailboxes(part: str) -> None:
    host = data(FOLDER / "services" / "zoho-mail.yaml")
    (host["client"]["imap"] if part == "client" else host[part])["source"] = "capture"
    (text,) = problems("zoho-mail", host)
    assert f"`{part}" in text("en") and "rests on a capture of DNS" in text("en")


def test_a_network_that_rents_machines_to_anybody_is_no_mark() -> None:
    host = data(FOLDER / "services" / "ovh-mx-plan.yaml")
    host["recognise"]["mx"].append(".ovh.net")
    (text,) = problems("ovh-mx-plan", host)
    assert ".ovh.net" in text("en") and "rents a machine" in text("en")


@pytest.mark.parametrize("path", FILES, ids=BUILT)
def test_a_service_file_is_whole(path: Path) -> None:
    assert [problem("en") for problem in problems(path.stem, data(path))] == []


def test_what_one_source_has_seen_is_asked_for_and_never_written() -> None:
    """Confidence W of a new service: the value is an input, and the guess is shown to whoever is asked."""
    xinnet = catalog.load_services()["xinnet-global-mail"]
    guesses = {want.name: want.guess for want in xinnet.wants(None) if want.guess}
    assert guesses == {"mx_1": "20 mx.global-mail.cn", "mx_2": "20 mx1.global-mail.cn"}
    asked = next(want for want in xinnet.wants(None) if want.name == "mx_1")
    assert "20 mx.global-mail.cn" in asked.where("en") and "未经证实" in asked.where("zh")
    assert all("global-mail.cn" not in record.value for record in xinnet.sites[0].records)


#: Values whose evidence cannot be opened any more; the number may only fall.
GATHERED = 113


def test_evidence_that_cannot_be_opened_only_gets_less() -> None:
    vague = [
        (service.id, path)
        for service in catalog.load_services().values()
        for path, evidence in service.evidence.items()
        if all(service.sources[key].startswith("gathered ") for key in evidence.sources)
    ]
    assert len(vague) <= GATHERED


def test_the_index_has_every_place_that_records_may_stand_at() -> None:
    """Import asks for these names, and reads no service's file for them."""
    for service in load_services().values():
        known = {host for host, _ in index.entries()[service.id].places}
        hosts = {record.host for site in service.sites for record in site.records}
        hosts |= {form.host for form in service.dkim if form.host}
        assert known == {host for host in hosts if set(re.findall(r"\{(\w+)\}", host)) <= GIVEN}, service.id


def test_the_index_is_what_the_files_say() -> None:
    assert index.FILE.read_text(encoding="utf-8") == index.text(), (
        "write it anew: python -m mailwright.catalog.index"
    )


def test_the_services_of_the_spine_are_built_and_the_others_are_known() -> None:
    services = catalog.load_services()
    built = set(services)
    assert {"google-workspace", "microsoft-365", "tencent-exmail", "self-hosted"} <= built
    known = {"zoho-mail", "alibaba-mail", "netease-qiye", "fastmail", "proton-mail", "migadu", "yandex-360"}
    assert known | {"feishu", "lark", "cloudflare-email-routing", "mailchimp", "sendcloud"} <= built


def test_an_unknown_service_is_none_and_a_key_error() -> None:
    assert catalog.service("tencent-exmial") is None
    with pytest.raises(KeyError):
        catalog.load_services()["tencent-exmial"]


def test_every_text_is_there_in_both_languages() -> None:
    for service in catalog.load_services().values():
        texts = [service.names, *(dkim_form.where for dkim_form in service.dkim)]
        for site in service.sites:
            texts += [site.label, site.how_to_tell]
            texts += [text for want in service.wants(site.id) for text in (want.label, want.where)]
        for text in texts:
            assert text("en") and text("zh"), service.id
            assert "{" not in text("en").replace("{selector", "").replace("{domain}", ""), text("en")
            for lang, pair in (("en", "()"), ("zh", "（）"), ("zh", "“”")):
                opening, closing = map(text(lang).count, pair)
                assert opening == closing, f"{service.id}: {text(lang)} is cut off"


@contextmanager
def opened() -> Iterator[list[str]]:
    """The service files that are read meanwhile."""
    from mailwright.catalog import caches, loading

    read: list[str] = []
    reading = loading._read

    def watched(path: Path) -> Any:
        if path.parent.name == "services":
            read.append(path.stem)
        return reading(path)

    caches.forget()
    loading._read = watched
    try:
        yield read
    finally:
        loading._read = reading
        caches.forget()


def test_asking_for_one_service_reads_one_file() -> None:
    with opened() as read:
        services = catalog.load_services()
        assert read == []
        assert services["tencent-exmail"].id == "tencent-exmail"
        assert services["tencent-exmail"].id == "tencent-exmail"
        assert read == ["tencent-exmail"]


def test_planning_reads_only_what_the_spec_names() -> None:
    """With includes of others too: what those cost stands in the index."""
    text = (
        "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {service: tencent-exmail}\n"
        "dns_hosts: [{service: manual}]\ncontact: wang@acme-trade.com\nsenders: [{service: mailchimp}]\n"
        "spf: {include: [_spf.google.com, spf.titan.email, spf.unheard-of.example]}\n"
        "expect: [{mail_from: wang, via: mail_host, dmarc: pass}]\n"
    )
    with opened() as read:
        spec = parse(text.encode(), "t.yaml").spec
        assert spec is not None
        assert plan(spec, dt.date(2026, 11, 23)).records
        assert sorted(read) == ["mailchimp", "tencent-exmail"]


def test_a_site_that_does_not_exist_is_none_and_the_first_is_the_default() -> None:
    service = catalog.load_services()["microsoft-365"]
    assert service.site("mars") is None
    default = service.site(None)
    assert default is not None and default.id == "world"


def test_costs_are_measured_facts_or_unknown() -> None:
    assert catalog.lookup_costs()["spf.mail.qq.com"] == 8
    assert catalog.lookup_costs()["_spf.google.com"] == 1
    measured = [cost for service in catalog.load_services().values() for cost in service.spf_costs.values()]
    assert len(measured) >= 150
    for spf_cost in measured:
        assert (spf_cost.lookups is None) == (spf_cost.evidence is None)
        assert spf_cost.lookups is None or spf_cost.lookups >= 1
    assert (
        "spf.qiye.aliyun.com" in catalog.spf_costs() and "spf.qiye.aliyun.com" not in catalog.lookup_costs()
    )


@pytest.mark.parametrize("console", catalog.console_names())
def test_a_console_has_its_words_in_both_languages(console: str) -> None:
    words = catalog.console_words(console)["words"]
    for column in ("name", "type", "value", "priority", "ttl"):
        assert words[column]["en"] and words[column]["zh"]


@pytest.mark.parametrize(
    ("nameserver", "console"),
    [
        ("ns-1536.awsdns-00.co.uk.", "route53"),
        ("dns1.registrar-servers.com.", "namecheap"),
        ("ns-cloud-a1.googledomains.com.", "google-cloud-dns"),
        ("NS2-07.azure-dns.net.", "azure-dns"),
        ("dns9.hichina.com.", "aliyun"),
        ("ns1.hwclouds-dns.net.", "huawei"),
        ("ns1.googledomains.com.", None),
        ("ns1.evil-awsdns-00.com.", None),
    ],
)
def test_a_dns_host_is_known_by_its_nameservers(nameserver: str, console: str | None) -> None:
    assert dns_console([nameserver]) == console


def test_a_console_nobody_knows_gets_the_general_words() -> None:
    assert catalog.console_words("somewhere") == catalog.console_words("generic")


def test_free_mail_domains_are_lower_case_names() -> None:
    domains = catalog.free_mail_domains()
    assert {"qq.com", "163.com", "gmail.com", "outlook.com", "yeah.net"} <= domains
    assert all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain) for domain in domains)


# ── held against the gathered facts ──

_IN_FACTS = {
    "google-workspace": "google_workspace",
    "microsoft-365": "microsoft365",
    "tencent-exmail": "tencent_exmail",
    "alibaba-mail": "alibaba_mail",
    "netease-qiye": "netease_qiye",
    "zoho-mail": "zoho_mail",
    "fastmail": "fastmail",
    "proton-mail": "proton_mail",
    "migadu": "migadu",
    "yandex-360": "yandex360",
    "feishu": "feishu_mail",
    "lark": "lark_mail",
    "mailchimp": "mailchimp",
    "mandrill": "mandrill",
    "brevo": "brevo",
    "sendgrid": "sendgrid",
    "amazon-ses": "amazon_ses",
    "mailgun": "mailgun",
    "postmark": "postmark",
    "hubspot": "hubspot",
    "klaviyo": "klaviyo",
    "alibaba-directmail": "aliyun_directmail",
    "tencent-ses": "tencent_ses",
    "sendcloud": "sendcloud_sohu",
}


#: Entries of the newer facts that are sites of a service that was there before.
_NEWER = {
    "microsoft-365": ("microsoft365_from_godaddy",),
    "zoho-mail": ("zoho_ca", "zoho_sa"),
}
#: What the newer facts say in a sentence and not in a field.
_WRITTEN = {
    "microsoft-365": {
        *("0 {mx_token}.mail.protection.office365.us", "include:spf.protection.office365.us"),
        *("0 {mx_token}.mail.eo.outlook.com", "include:spf.protection.partner.outlook.cn"),
    }
}


def _gathered(facts: Any) -> set[str]:
    """Every verified value below a node of the facts, with placeholders as our templates write them."""
    if isinstance(facts, list):
        return {value for fact in facts for value in _gathered(fact)}
    if not isinstance(facts, dict):
        return set()
    if facts.get("c") == "M":
        return set()
    made = {value for fact in facts.values() for value in _gathered(fact)}
    for key in ("host", "target", "value", "mechanism"):
        value = facts.get(key)
        if isinstance(value, str):
            for old, new in (("<d>", "{domain}"), ("<dashed>", "{dashed}"), ("<mx_token>", "{mx_token}")):
                value = value.replace(old, new)
            value = value.replace("<partition>", "{mx_partition}")
            made.add(value)
            if "priority" in facts:
                made.add(f"{facts['priority']} {value}")
    return made


@pytest.mark.skipif(not FACTS.exists(), reason="the gathered facts are not beside this checkout")
@pytest.mark.parametrize("id", sorted(_IN_FACTS))
def test_every_emitted_value_is_a_gathered_fact(id: str) -> None:
    newer = yaml.safe_load(NEW.read_text(encoding="utf-8"))
    facts = _gathered(yaml.safe_load(FACTS.read_text(encoding="utf-8"))[_IN_FACTS[id]])
    facts |= {value for each in _NEWER.get(id, ()) for value in _gathered(newer[each])} | _WRITTEN.get(
        id, set()
    )
    for site in catalog.load_services()[id].sites:
        for mx_host in site.mx:
            assert f"{mx_host.priority} {mx_host.host}" in facts
        assert {term for term in site.spf if "{" not in term} <= facts
        # A value that is nothing but an input is what the user pastes from the console.
        given = {
            record.value for record in site.records if not re.fullmatch(r"(brevo-code:)?{\w+}", record.value)
        }
        assert given <= facts


_BY_HAND = {"ionos", "sparkpost", "kit", "emailoctopus", "opensrs_hosted_email"}


@pytest.mark.skipif(not NEW.exists(), reason="the gathered facts are not beside this checkout")
def test_every_value_of_a_new_service_is_a_gathered_fact() -> None:
    newer = yaml.safe_load(NEW.read_text(encoding="utf-8"))
    seen = 0
    for key, entry in newer.items():
        id = key.replace("_", "-")
        if not isinstance(entry, dict) or id not in catalog.load_services() or key in _BY_HAND:
            continue
        facts = {re.sub(r"<[^>]+>|\{\w+\}", "*", each) for each in _gathered(entry)}
        facts |= {term for each in _gathered(entry) for term in each.replace("redirect=", "include:").split()}
        for site in catalog.load_services()[id].sites:
            for mx_host in site.mx:
                written = re.sub(r"\{\w+\}", "*", f"{mx_host.priority} {mx_host.host}")
                assert written in facts, (id, written)
                seen += 1
    assert seen >= 60


def test_a_service_without_records_says_why() -> None:
    for service in catalog.load_services().values():
        assert bool(service.sites) != service.no_records, service.id
        assert not service.no_records or service.note is not None, service.id


def test_mail_programs_get_the_servers_of_their_site_and_none_that_is_not_confirmed() -> None:
    def host(id: str, site: str | None, protocol: str) -> object:
        known = catalog.service(id)
        assert known is not None
        port = known.client_at(site).get(protocol)
        return port.get("host") if isinstance(port, dict) else None

    assert host("zoho-mail", "eu", "imap") == "imap.zoho.eu"
    assert host("zoho-mail", "com", "imap") == "imap.zoho.com"
    assert host("netease-qiye", "hz", "smtp") == "smtphz.qiye.163.com"
    assert host("netease-qiye", "bj", "smtp") == "smtp.qiye.163.com"
    assert host("tencent-exmail", None, "pop3") == "pop.exmail.qq.com"
    assert host("alibaba-mail", "hk", "smtp") is host("microsoft-365", "china-21vianet", "imap") is None


def test_limits_are_shown_in_both_languages_and_held_to() -> None:
    from mailwright.report.docs.services import _LIMITS

    named = {name for service in catalog.load_services().values() for name in service.limits}
    assert named <= set(_LIMITS) and catalog.load_services()["tencent-exmail"].limits == {
        "aliases_per_mailbox": 5
    }
