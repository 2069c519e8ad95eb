"""``init``: what is not given is asked for, and proposed from the domain's own NS and MX."""

from __future__ import annotations

from pathlib import Path

import dns.resolver
import pytest
from click.testing import CliRunner

from mailwright.cli.init import init
from mailwright.operations.proposing import propose, service_of
from mailwright.spec import load
from tests.servers.fixtures import *  # noqa: F403
from tests.servers.fixtures import DnsServer

WORDS = ["--domain", "acme-trade.com", "--service", "tencent-exmail", "--contact", "wang@acme-trade.com"]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["--dns", "aliyun"], {"service": "manual", "console": "aliyun"}),
        (["--dns", "cloudflare-api"], {"service": "cloudflare"}),
        (
            ["--server", "192.0.2.53", "--key-name", "k"],
            {"service": "rfc2136", "server": "192.0.2.53", "key_name": "k"},
        ),
    ],
)
def test_each_kind_of_dns_host(tmp_path: Path, words: list[str], written: dict[str, str]) -> None:
    path = tmp_path / "acme.yaml"
    done = CliRunner().invoke(init, [*WORDS, *words, "-o", str(path)], standalone_mode=False)
    assert done.return_value == 0, done.output
    spec = load(path).spec
    assert spec
    (host,) = spec.dns_hosts
    assert {"service": host.service, **host.options} == written


def test_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    answers = "acme-trade.com\nfeishu\nwang@acme-trade.com\n"
    done = CliRunner().invoke(init, ["-o", str(path)], input=answers, standalone_mode=False)
    assert done.return_value == 0, done.output
    spec = load(path).spec
    assert spec
    assert (spec.domain, spec.mail_host.service) == ("acme-trade.com", "feishu")


def test_a_living_domain_proposes_its_service(embedded: DnsServer) -> None:
    zone = embedded.new_zone(
        '@ 300 MX 1 mx1.feishu.cn.\n@ 300 TXT "v=spf1 include:_netblocks.m.feishu.cn -all"\n'
    )
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], embedded.port
    assert propose(zone, resolver).service == "feishu"


def test_no_network_proposes_nothing() -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], 9, 0.3
    proposal = propose("acme-trade.com", resolver)
    assert (proposal.service, proposal.console) == (None, None)


def test_an_exmail_exchanger_alone_is_no_proof_beside_tencents_sender() -> None:
    exmail = ["mxbiz1.qq.com."]
    assert service_of(exmail) == "tencent-exmail"
    assert service_of(exmail, ["v=spf1 include:spf.mail.qq.com ~all"]) == "tencent-exmail"
    assert service_of(exmail, ["v=spf1 include:qcloudmail.com ~all"]) is None
    assert service_of(["mx.nobody.example."]) is None
