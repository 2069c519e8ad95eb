"""``mailwright autoconfig``: the catalog's servers, or one's own, as the file that mail programs read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.catalog import load_services
from mailwright.model.finding import has_errors
from mailwright.plan.records.settings import settings
from mailwright.spec import parse
from mailwright.standards import autoconfig
from tests.cli.test_commands import mailwright
from tests.plan.specs import CONTACT, HEAD, spec_of


def spec(folder: Path, host: str, more: str = "") -> Path:
    path = folder / "acme.yaml"
    path.write_text(HEAD + f"mail_host: {{{host}}}\n" + CONTACT + more)
    return path


def servers(host: str, more: str = "") -> list[tuple[object, ...]]:
    made = settings(spec_of(f"mail_host: {{{host}}}\n" + CONTACT + more))
    assert made is not None
    return [
        (server.kind, server.host, server.port, server.socket, server.authentication)
        for server in (*made.incoming, *made.outgoing)
    ]


def test_the_site_holds_the_file_at_both_addresses(tmp_path: Path) -> None:
    path = spec(tmp_path, "service: tencent-exmail")
    done = mailwright("autoconfig", str(path), "--out", str(tmp_path / "public"), "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "https://autoconfig.acme-trade.com/mail/config-v1.1.xml" in done.stdout
    site = tmp_path / "public" / "acme-trade.com"
    first = (site / "mail/config-v1.1.xml").read_bytes()
    assert first == (site / ".well-known/autoconfig/mail/config-v1.1.xml").read_bytes()
    read = autoconfig.parse(first.decode())
    assert read.domain == "acme-trade.com" and read.incoming[0].host == "imap.exmail.qq.com"
    assert mailwright("autoconfig", str(path)).stdout.encode() == first


def test_servers_come_from_the_facts() -> None:
    password = (autoconfig.PASSWORD,)
    assert servers("service: tencent-exmail") == [
        ("imap", "imap.exmail.qq.com", 993, "SSL", password),
        ("pop3", "pop.exmail.qq.com", 995, "SSL", password),
        ("smtp", "smtp.exmail.qq.com", 465, "SSL", password),
    ]
    assert servers("service: microsoft-365, mx_token: acmetrade-com0i") == [
        ("imap", "outlook.office365.com", 993, "SSL", (autoconfig.OAUTH2,)),
        ("pop3", "outlook.office365.com", 995, "SSL", (autoconfig.OAUTH2,)),
        ("smtp", "smtp.office365.com", 587, "STARTTLS", (autoconfig.OAUTH2,)),
    ]


def test_own_servers_come_first_and_encrypted_ones_before_all() -> None:
    own = "clients: {submission: mx.acme-trade.com, imap: mx.acme-trade.com, imaps: mx.acme-trade.com}\n"
    host = 'service: self-hosted, mx: ["10 mx.acme-trade.com"]'
    assert [server[:4] for server in servers(host, own)] == [
        ("imap", "mx.acme-trade.com", 993, "SSL"),
        ("imap", "mx.acme-trade.com", 143, "STARTTLS"),
        ("smtp", "mx.acme-trade.com", 587, "STARTTLS"),
    ]


@pytest.mark.parametrize(
    "host", ["service: proton-mail", 'service: self-hosted, mx: ["10 mx.acme-trade.com"]']
)
def test_where_no_server_is_known_none_is_invented(tmp_path: Path, host: str) -> None:
    done = mailwright("autoconfig", str(spec(tmp_path, host)), "--lang", "en")
    assert done.returncode == 1 and not done.stdout and "imaps" in done.stderr


def test_every_site_with_servers_makes_a_file_that_reads_back() -> None:
    made = 0
    for service in load_services().values():
        if service.kind != "mail_host" or not service.client:
            continue
        for site in service.sites:
            inputs = "".join(f", {want.name}: '1'" for want in service.wants(site.id))
            text = HEAD + f"mail_host: {{service: {service.id}, site: {site.id}{inputs}}}\n" + CONTACT
            read = parse(text.encode(), "acme.yaml")
            assert read.spec is not None and not has_errors(read.findings), text
            file = settings(read.spec)
            made += file is not None
            assert file is None or autoconfig.parse(str(file)) == file
    assert made > 10
