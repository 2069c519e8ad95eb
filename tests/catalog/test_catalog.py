"""The catalog's data: shaped as its schema says, in both languages, and nothing in it is a guess."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mailwright import catalog
from mailwright.catalog.loading import FOLDER
from mailwright.operations.importing.recognising import dns_console
from tests.conftest import SHARED

FILES = sorted((FOLDER / "services").glob("*.yaml"))
BUILT = [path.stem for path in FILES]
FACTS = SHARED / "facts" / "mail-services.yaml"


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


def test_the_schema_refuses_a_value_without_a_date() -> None:
    undated = data(FOLDER / "services" / "tencent-exmail.yaml")
    del undated["sites"][0]["mx"]["date"]
    assert not jsonschema.Draft202012Validator(schema()).is_valid(undated)


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


def test_every_input_a_template_names_is_asked_for_at_its_site() -> None:
    for id in BUILT:
        service = catalog.load_services()[id]
        for site in service.sites:
            asked = {each.name for each in service.wants(site.id)}
            used = {name for each in site.mx for name in re.findall(r"{(\w+)}", each.host)}
            assert used <= asked, (id, site.id)


def test_every_text_is_there_in_both_languages() -> None:
    for service in catalog.load_services().values():
        texts = [service.names, *(each.where for each in service.dkim)]
        for site in service.sites:
            texts += [site.label, site.how_to_tell]
            texts += [text for each in service.wants(site.id) for text in (each.label, each.where)]
        for text in texts:
            assert text("en") and text("zh"), service.id
            assert "{" not in text("en").replace("{selector", ""), text("en")


def test_asking_for_one_service_reads_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from mailwright.catalog import loading

    loading.service.cache_clear()
    read: list[str] = []
    reading = loading._read

    def watched(path: Path) -> Any:
        read.append(path.name)
        return reading(path)

    monkeypatch.setattr(loading, "_read", watched)
    services = loading.load_services()
    assert read == []
    assert services["tencent-exmail"].id == "tencent-exmail"
    assert services["tencent-exmail"].id == "tencent-exmail"
    assert read.count("tencent-exmail.yaml") == 1
    assert [name for name in read if name in {path.name for path in FILES}] == ["tencent-exmail.yaml"]
    loading.service.cache_clear()


def test_a_site_that_does_not_exist_is_none_and_the_first_is_the_default() -> None:
    service = catalog.load_services()["microsoft-365"]
    assert service.site("mars") is None
    default = service.site(None)
    assert default is not None and default.id == "world"


def test_look_up_costs_are_dated_and_include_themselves() -> None:
    costs = catalog.lookup_costs()
    assert costs["spf.mail.qq.com"] == 8
    assert costs["_spf.google.com"] == 3
    for name, each in data(FOLDER / "spf-costs.yaml")["includes"].items():
        assert each["lookups"] >= 1 and each["c"] in "DRW" and each["date"], name


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
    assert all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", each) for each in domains)


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


def _gathered(facts: Any) -> set[str]:
    """Every verified value below a node of the facts, with placeholders as our templates write them."""
    if isinstance(facts, list):
        return {value for each in facts for value in _gathered(each)}
    if not isinstance(facts, dict):
        return set()
    if facts.get("c") == "M":
        return set()
    made = {value for each in facts.values() for value in _gathered(each)}
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
    facts = _gathered(yaml.safe_load(FACTS.read_text(encoding="utf-8"))[_IN_FACTS[id]])
    for site in catalog.load_services()[id].sites:
        for each in site.mx:
            assert f"{each.priority} {each.host}" in facts
        assert {term for term in site.spf if "{" not in term} <= facts
        # A value that is nothing but an input is what the user pastes from the console.
        given = {each.value for each in site.records if not re.fullmatch(r"(brevo-code:)?{\w+}", each.value)}
        assert given <= facts


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
    from mailwright.cli.catalog import _LIMITS

    named = {name for each in catalog.load_services().values() for name in each.limits}
    assert named <= set(_LIMITS) and catalog.load_services()["tencent-exmail"].limits == {
        "aliases_per_mailbox": 5
    }
