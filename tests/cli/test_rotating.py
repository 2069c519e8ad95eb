"""An own key is replaced on a living nameserver, with mails that are really signed."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailwright.cli import main
from tests.deploy.worlds import FOREIGN
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

MAIL = (
    b"From: Wang <wang@{domain}>\r\nTo: li@example.com\r\nSubject: test\r\n"
    b"Date: Sun, 6 Dec 2026 08:00:00 +0000\r\n\r\nhello\r\n"
)
SPEC = """\
version: 1
domain: {domain}
timezone: UTC
mail_host: {{service: self-hosted, mx: ["10 mail.{domain}"], ip4: [203.0.113.10]}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {tsig}}}]
contact: wang@{domain}
senders: [{{custom: crm, from: info, ip4: [203.0.113.20], signs_as: {domain}}}]
signing:
{keys}
"""


class Signer:
    """A key pair and its private half in use."""

    def __init__(self, selector: str) -> None:
        self.selector, self.key = selector, rsa.generate_private_key(65537, 2048)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        octets = self.key.public_key().public_bytes(serialization.Encoding.DER, form)
        self.public = base64.b64encode(octets).decode()

    def mail(self, domain: str, path: Path) -> Path:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        private = self.key.private_bytes(encoding, form, serialization.NoEncryption())
        body = MAIL.replace(b"{domain}", domain.encode())
        header = dkim.sign(body, self.selector.encode(), domain.encode(), private)
        path.write_bytes(header + body)
        return path


class Company:
    """A living domain whose key s2 takes the place of s1."""

    def __init__(self, folder: Path, server: DnsServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.zone = server.new_zone(FOREIGN)
        self.domain, self.server, self.capsys = self.zone.rstrip("."), server, capsys
        self.folder, self.path = folder, folder / "acme.yaml"
        self.old, self.new = Signer("s1"), Signer("s2")

    def write(self, first: str = "", second: str | None = ", replaces: s1") -> None:
        lines = [f'  - {{selector: s1, public_key: "{self.old.public}"{first}}}']
        if second is not None:
            lines.append(f'  - {{selector: s2, public_key: "{self.new.public}"{second}}}')
        self.path.write_text(
            SPEC.format(domain=self.domain, port=self.server.port, tsig=FULL.name, keys="\n".join(lines))
        )

    def up(self, day: str) -> int:
        return main(["up", str(self.path), "--engine", "embedded", "--as-of", day, "--lang", "en"])

    def rotate(self, day: str, *words: str) -> tuple[int, dict[str, object]]:
        self.capsys.readouterr()
        asked = f"--nameserver=ns=127.0.0.1:{self.server.port}"
        line = [
            "dkim",
            "rotate",
            str(self.path),
            asked,
            "--as-of",
            day,
            "--format",
            "json",
            "--lang",
            "en",
            *words,
        ]
        code = main(line)
        (made,) = json.loads(self.capsys.readouterr().out)
        return code, made

    def tables(self, day: str) -> str:
        self.rotate(day, "--tables", str(self.folder / "t"))
        table = self.folder / "t" / self.domain / "opendkim" / "KeyTable"
        conf = table.parent.parent / "rspamd" / "dkim_signing.conf"
        names = [name for name in ("s1", "s2") if f":{name}:" in table.read_text()]
        assert all(f'selector: "{name}"' in conf.read_text() for name in names)
        return " ".join(names)


@pytest.fixture(params=["embedded", pytest.param("knot", marks=pytest.mark.knot)])
def company(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Company:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    return Company(tmp_path, started(request.param), capsys)


def test_a_key_is_replaced_step_by_step(company: Company) -> None:
    company.write(second=None)
    assert company.up("2026-12-01") == 0
    company.write()
    code, made = company.rotate("2026-12-02")
    assert (code, made["step"], made["state"]) == (2, "publish", "open")
    assert company.up("2026-12-02") == 0
    code, made = company.rotate("2026-12-02")
    assert (code, made["step"]) == (2, "publish"), "who asked before remembers that it was not there"
    assert company.tables("2026-12-02") == "s1"
    code, made = company.rotate("2026-12-03")
    assert (code, made["step"], made["state"]) == (2, "switch", "open")
    assert company.tables("2026-12-03") == "s2"

    forged = company.old.mail(company.domain, company.folder / "old.eml")
    changed = company.folder / "changed.eml"
    signed = company.new.mail(company.domain, company.folder / "new.eml")
    changed.write_bytes(signed.read_bytes().replace(b"hello", b"hallo"))
    for no_proof in (forged, changed):
        assert company.rotate("2026-12-06", "--mail", str(no_proof))[1]["write"] == []
    _, made = company.rotate("2026-12-06", "--mail", f"mail_host={signed}", "--mail", f"crm={signed}")
    assert made["write"] == [
        "signing: {selector: s2, seen: {mail_host: 2026-12-06}}",
        "signing: {selector: s2, seen: {crm: 2026-12-06}}",
    ]
    seen = ", replaces: s1, seen: {mail_host: 2026-12-06, crm: 2026-12-08}"
    company.write(second=seen)
    code, made = company.rotate("2026-12-10")
    assert (code, made["step"], made["state"]) == (2, "wait", "waiting")
    company.write(", revoked: 2026-12-10", seen)
    assert company.up("2026-12-10") != 0, "mail that was signed with it is still under way"
    assert company.server.texts(f"s1._domainkey.{company.zone}", "TXT")
    company.write(second=seen)
    code, made = company.rotate("2026-12-15")
    assert (code, made["step"], made["write"]) == (
        0,
        "revoke",
        ["signing: {selector: s1, revoked: 2026-12-15}"],
    )
    company.write(", revoked: 2026-12-15", seen)
    assert company.up("2026-12-15") == 0
    assert company.server.texts(f"s1._domainkey.{company.zone}", "TXT") == {'"v=DKIM1; p="'}
    assert company.rotate("2026-12-20")[:1] == (2,)
    code, made = company.rotate("2027-01-14")
    assert (code, made["step"]) == (0, "remove")
    asked = ["drift", str(company.path), "--nameserver", f"ns=127.0.0.1:{company.server.port}", "--dns-only"]
    assert main([*asked, "--as-of", "2027-01-14", "--lang", "en"]) == 2
    assert "s1 has been revoked for 30 days" in company.capsys.readouterr().out


def test_who_still_signs_with_the_old_key_is_seen_in_reports(company: Company) -> None:
    from tests.dmarc.samples import Mail, google

    company.write()
    assert company.up("2026-12-01") == 0
    today = dt.datetime.now(dt.UTC).date()
    mails = [
        Mail(header_from=company.domain, d=company.domain, selector="s2"),
        Mail("203.0.113.20", header_from=company.domain, d=company.domain, selector="s1"),
    ]
    day = today - dt.timedelta(days=1)
    (company.folder / "r.xml").write_text(google(day, mails, domain=company.domain))
    assert main(["dmarc", "report", str(company.folder / "r.xml"), "--spec", str(company.path)]) == 0
    _, made = company.rotate(today.isoformat())
    assert made["write"] == [f"signing: {{selector: s2, seen: {{mail_host: {day}}}}}"], "and nothing of crm"
    before = today - dt.timedelta(days=20)
    company.write(second=f", replaces: s1, seen: {{mail_host: {before}, crm: {before}}}")
    code, made = company.rotate(today.isoformat())
    texts = [each["text"] for each in made["conditions"] if each["state"] == "open"]  # type: ignore[attr-defined]
    assert code == 2 and any(f"{day}" in text or f"s1 was still seen on {day}" in text for text in texts)


def test_what_is_not_served_everywhere_is_not_signed_with(company: Company) -> None:
    company.write()
    code = main(
        [
            "dkim",
            "rotate",
            str(company.path),
            "--nameserver",
            "ns=127.0.0.1:9",
            "--deadline",
            "3s",
            "--tables",
            "t",
        ]
    )
    assert code == 1
    table = (company.folder / "t" / company.domain / "opendkim" / "KeyTable").read_text()
    assert ":s1:" in table and ":s2:" not in table


def test_after_a_compromise_the_next_key_signs_at_once(company: Company) -> None:
    company.write(", compromised: 2026-12-03")
    words = [
        "dkim",
        "rotate",
        str(company.path),
        "--nameserver",
        "ns=127.0.0.1:9",
        "--deadline",
        "3s",
        "--tables",
        "t",
    ]
    assert main([*words, "--as-of", "2026-12-03"]) == 1
    table = (company.folder / "t" / company.domain / "opendkim" / "KeyTable").read_text()
    assert ":s2:" in table and ":s1:" not in table
