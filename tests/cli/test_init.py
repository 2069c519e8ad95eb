"""``init``: what is not given is asked for, and proposed from the domain's own NS and MX."""

from __future__ import annotations

from pathlib import Path

import dns.resolver
import pytest
from click.testing import CliRunner

from mailwright.cli import main
from mailwright.cli.init import init
from mailwright.operations.proposing import propose, service_of
from mailwright.spec import load
from tests.hosts.standins import STAND_INS
from tests.hosts.standins.base import Refused, StandIn
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


# -- getting in: a living domain at a terminal ----------------------------------------------------------

LIVING = """\
@ 600 MX 5 mxbiz1.qq.com.
@ 600 MX 10 mxbiz2.qq.com.
@ 600 TXT "v=spf1 include:spf.mail.qq.com ~all"
@ 600 TXT "google-site-verification=somebody"
_dmarc 600 TXT "v=DMARC1; p=none; rua=mailto:wang@{domain}"
"""


class Terminal:
    """Somebody at a terminal, a company whose DNS host has an API, and a nameserver that serves its zone."""

    def __init__(self, folder: Path, vendor: StandIn, server: DnsServer) -> None:
        self.vendor, self.server, self.path = vendor, server, folder / "acme.yaml"
        self.zone = server.new_zone()
        self.domain = self.zone.rstrip(".")
        vendor.create(self.zone)
        vendor.zones.append(self.zone)
        for world in (vendor, server):
            world.put(self.zone, LIVING.format(domain=self.domain))
        for nameserver in ("dns9", "dns10"):
            server.put(self.zone, f"@ 600 NS {nameserver}.hichina.com.\n")

    def init(self, *answers: str, lang: str = "en", more: tuple[str, ...] = ()) -> str:
        words = ["--nameserver", f"127.0.0.1:{self.server.port}", "-o", str(self.path), "--lang", lang]
        words += ["--dns-set", f"base_url={self.vendor.address}", *more]
        done = CliRunner().invoke(init, words, input="\n".join((*answers, "")), standalone_mode=False)
        assert done.return_value == 0, done.output
        return done.output


@pytest.fixture
def terminal(tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr("mailwright.cli.init.on_terminal", lambda: True)
    vendor = STAND_INS["aliyun"]()
    for name, value in zip(vendor.identity, (vendor.key_id, vendor.secrets[0]), strict=True):
        monkeypatch.setenv(name, value)
    return Terminal(tmp_path, vendor, embedded)


@pytest.mark.parametrize(("lang", "nothing"), [("en", "0 changes"), ("zh", "0 项变更")])
def test_a_living_domain_is_taken_over_with_five_questions(
    terminal: Terminal, lang: str, nothing: str
) -> None:
    shown = terminal.init(terminal.domain, "", "", "", "", lang=lang)
    assert shown.count("[aliyun]") == 1, "the DNS host is that of the NS names"
    assert shown.count(": ") >= 5 and "[environment]" in shown and "[Asia/Shanghai]" in shown
    assert nothing in shown and "✓ " in shown
    spec = load(terminal.path).spec
    assert spec
    assert (spec.mail_host.service, spec.dns_hosts[0].service) == ("tencent-exmail", "aliyun")
    assert not terminal.vendor.writes


def test_a_domain_below_its_zone_names_the_zone(terminal: Terminal) -> None:
    below = f"mail.{terminal.domain}"
    for world in (terminal.vendor, terminal.server):
        world.put(terminal.zone, "mail 600 MX 5 mxbiz1.qq.com.\nmail 600 MX 10 mxbiz2.qq.com.\n")
    shown = terminal.init(below, "", "", "", "")
    spec = load(terminal.path).spec
    assert spec
    assert spec.dns_hosts[0].options["zone"] == terminal.domain
    assert "0 changes" in shown and terminal.vendor.texts(terminal.zone, "MX")


@pytest.mark.parametrize(
    ("lang", "needs"), [("en", "It needs: alidns:"), ("zh", "需要的权限：单个域名的 alidns:")]
)
def test_a_right_that_is_missing_is_named(
    terminal: Terminal,
    lang: str,
    needs: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def no(action: str, *_: object) -> None:
        raise Refused(403, "Forbidden.RAM", "User not authorized to operate on the specified resource.")

    monkeypatch.setattr(terminal.vendor, "_authenticate", no)
    shown = terminal.init(terminal.domain, "", "", "", "", lang=lang)
    assert "✗ " in shown and needs in shown and "0 " not in shown.splitlines()[-1]
    assert main(["doctor", str(terminal.path), "--lang", lang]) == 1
    assert needs in capsys.readouterr().out


def test_without_a_credential_it_is_a_sheet(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in terminal.vendor.identity:
        monkeypatch.delenv(name)
    shown = terminal.init(terminal.domain, "", "", "", "")
    assert "[manual]" in shown and "0 changes" in shown
    spec = load(terminal.path).spec
    assert spec
    assert spec.dns_hosts[0].options == {"console": "aliyun"} and spec.dns_hosts[0].service == "manual"


def test_a_credential_in_the_stack_is_told_how_to_get_there(terminal: Terminal) -> None:
    shown = terminal.init(terminal.domain, "", "stack", "", "")
    assert "pulumi config set --secret mailwright:aliyunAccessKeySecret" in shown


def test_no_more_than_five_questions_are_asked(terminal: Terminal) -> None:
    """A domain that has no mail yet, at a host that wants one more answer."""
    zone = terminal.server.new_zone()
    shown = terminal.init(zone.rstrip("."), "tencent-exmail", "namecheap", "environment", "203.0.113.10", "")
    assert "Time zone" not in shown and "client_ip: 203.0.113.10" in terminal.path.read_text("utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_wrong_answer_is_asked_again_and_a_pasted_credential_goes_nowhere(
    terminal: Terminal, lang: str
) -> None:
    secret = "LTAI5tPastedByMistake"
    answers = ("no domain", terminal.domain, "alyun", "阿里云", secret, "environment", "wang", "", "")
    shown = terminal.init(*answers, lang=lang)
    assert ("0 changes" if lang == "en" else "0 项变更") in shown
    assert secret not in shown.replace(f": {secret}\n", ""), (
        "the terminal shows what was typed, nobody repeats it"
    )
    assert "aliyun" in shown and secret not in terminal.path.read_text()
    spec = load(terminal.path).spec
    assert spec and spec.dns_hosts[0].service == "aliyun"


def test_a_file_that_exists_is_said_before_anything_else_is_asked(terminal: Terminal) -> None:
    terminal.path.write_text("mine\n")
    words = ["--domain", terminal.domain, "-o", str(terminal.path), "--lang", "en"]
    done = CliRunner().invoke(init, words, input="\n" * 6)
    assert done.exit_code and "exists and was left as it is" in done.output
    assert "Contact address" not in done.output and terminal.path.read_text() == "mine\n"
