"""A DNS host is declared in its module, and everything that names it is made from there."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys

import jsonschema
import pytest
import yaml

from mailwright.catalog import console_names
from mailwright.deploy.dns.handlers import DnsHandler
from mailwright.deploy.errors import DeployError
from mailwright.hosts.dns.service import DnsService, Option, Way
from mailwright.hosts.dns.services import SERVICES, manual, target_from_id, target_of
from mailwright.model.text import LANGS, Lang, Text
from mailwright.report.docs.dns_hosts import NAMES, page
from mailwright.spec import parse
from mailwright.spec.dns_hosts import schema
from tests.conftest import ROOT
from tests.hosts import memory

HEAVY = ("dns", "pulumi", "grpc", "httpx2", "http.client", "cryptography", "asyncio")


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_what_the_hosts_declare(lang: Lang) -> None:
    shown = (ROOT / "docs" / NAMES[lang]).read_text("utf-8")
    assert shown == page(lang), "write it anew: python -m mailwright.report.docs.dns_hosts"


@pytest.mark.parametrize(
    "module", ["mailwright.hosts.dns.services", "mailwright.spec", "mailwright.plan.plan"]
)
def test_declarations_load_no_network_and_no_engine(module: str) -> None:
    program = f"import sys, {module}\nprint([each for each in {HEAVY!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


ALL = [*SERVICES.values(), memory.SERVICE]


@pytest.mark.parametrize("service", ALL, ids=lambda each: str(each.name))
def test_a_declaration_is_whole(service: DnsService) -> None:
    assert (service.open is not None) is (service.way is Way.PROVIDER)
    assert (service.access is not None) is (service.way is not Way.PROVIDER)
    names = [option.property for option in service.options]
    assert len(set(names)) == len(names) and not {"zone", "domain", "service", "records"} & set(names)
    for each in service.options:
        assert each.about.en and each.about.zh
        assert each.read(each.example) == each.example
        assert (each.least is None) is (each.most is None)


def test_what_only_a_stand_in_has_taken_is_experimental() -> None:
    untried = {each.name for each in SERVICES.values() if each.open and "simulated" in each.tried.en}
    assert untried == {each.name for each in SERVICES.values() if each.experimental} != set()
    lines = page("en").splitlines()
    assert {
        each for each in SERVICES if any(f"`{each}`" in line and "**exp" in line for line in lines)
    } == untried


@pytest.mark.usefixtures("memory_host")
@pytest.mark.parametrize(
    "service", [dns_service for dns_service in ALL if dns_service.open], ids=lambda each: str(each.name)
)
def test_a_target_survives_its_id_and_its_properties(service: DnsService) -> None:
    examples = {option.name: option.example for option in service.options}
    target = service.target("zone.example", "firm.zone.example", examples)
    assert target_from_id(target.id) == target
    named = {"zone": target.zone, "domain": target.domain, "service": service.name}
    assert target_of({**named, **target.properties}) == target
    assert target_of({**named, **target.kept, **target.unusual}) == target


@pytest.mark.parametrize(
    "id", ["", "firm.example", "a@b", "a@b@", "a@b@nobody://?x=1", "@b@192.0.2.1:53", "a@b@:53"]
)
def test_an_id_that_says_nothing_is_told_how_to_write_one(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = DnsHandler(lambda _secret: None, None)
    for lang, words in (("en", "cannot be read: an id is"), ("zh", "id 的写法是")):
        monkeypatch.setenv("MAILWRIGHT_LANG", lang)
        with pytest.raises(DeployError, match=f"{words} DOMAIN@ZONE@SERVER:PORT"):
            asyncio.run(handler.adopt("urn", id))


def test_the_sheet_knows_the_words_of_every_console() -> None:
    assert set(manual.CONSOLES) <= set(console_names())


@pytest.mark.usefixtures("memory_host")
def test_the_schema_knows_a_host_as_soon_as_it_is_declared() -> None:
    text = (
        "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {service: tencent-exmail}\n"
        "dns_hosts: [{service: memory}, {service: memory, store: a, server: b}, {service: memroy}]\n"
        "contact: wang@acme-trade.com\n"
    )
    findings = parse(text.encode(), "acme.yaml").findings
    assert [(finding.rule, finding.path) for finding in findings] == [
        ("key-missing", "dns_hosts[0]"),
        ("unknown-key", "dns_hosts[1].server"),
        ("value-not-allowed", "dns_hosts[2].service"),
    ]
    assert findings[0].params["key"] == "store" and "memory" in findings[2].hint("en")


def test_one_word_may_mean_different_things_at_two_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema says of each service what its option takes, and so do we."""
    size = Option("store", Text("how large", "多大"), 5, least=1, most=9, required=True)
    other = dataclasses.replace(memory.SERVICE, name="other", options=(size,))
    monkeypatch.setitem(SERVICES, "memory", memory.SERVICE)
    monkeypatch.setitem(SERVICES, "other", other)
    text = (
        "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {service: tencent-exmail}\n"
        "dns_hosts: [{service: memory, store: a}, {service: other, store: a}, {service: other}]\n"
        "contact: wang@acme-trade.com\n"
    )
    findings = parse(text.encode(), "acme.yaml").findings
    assert [(finding.rule, finding.path) for finding in findings] == [
        ("wrong-type", "dns_hosts[1].store"),
        ("key-missing", "dns_hosts[2]"),
    ]
    assert findings[1].params["example"] == "5"
    for host, valid in (("{service: other, store: 7}", True), ("{service: other, store: 70}", False)):
        head, _, tail = text.partition("dns_hosts: ")
        one = f"{head}dns_hosts: [{host}]\n{tail.partition(chr(10))[2]}"
        assert jsonschema.Draft202012Validator(schema()).is_valid(yaml.safe_load(one)) is valid
        assert (parse(one.encode(), "acme.yaml").spec is not None) is valid
