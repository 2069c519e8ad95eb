"""One meaning of "this is a record": what up replaces, look tells and verify finds is the same thing."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_commands import company, mailwright
from tests.servers.base import FULL
from tests.servers.fixtures import started
from tests.servers.torn import torn

MTA_STS = "mta_sts: {mode: testing}\ntls_rpt: {rua: [tls@%s]}\n"
BIMI = "bimi: {logo: https://www.%s/logo.svg}\n"
CONSENT = ("--allow", "spf-sender-dropped")


class Living:
    """A zone with records of somebody, and the company's spec over it."""

    def __init__(self, folder: Path, records: str, more: str = "", kind: str = "embedded") -> None:
        self.server = started(kind)
        self.zone = self.server.new_zone(
            f"@ 300 MX 5 mxbiz1.qq.com.\n@ 300 MX 10 mxbiz2.qq.com.\n{records}\n"
        )
        self.domain = self.zone.rstrip(".")
        self.folder = folder
        self.spec = company(folder, self.zone, self.server.port, more.replace("%s", self.domain))

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        given = [words[0], str(self.spec), "--engine", "embedded", *words[1:]]
        return mailwright(*given, cwd=self.folder, MAILWRIGHT_TSIG_SECRET=FULL.secret)

    def verify(self) -> dict[str, object]:
        process = mailwright(
            "verify", str(self.spec), "--nameserver", f"127.0.0.1:{self.server.port}", "--format", "json"
        )
        read: dict[str, object] = json.loads(process.stdout)
        return read

    def look(self) -> dict[str, object]:
        words = ("--nameserver", f"127.0.0.1:{self.server.port}", "--format", "json")
        read: dict[str, object] = json.loads(mailwright("look", self.domain, *words).stdout)
        return read

    def texts(self, name: str) -> set[str]:
        return self.server.texts(f"{name}.{self.zone}" if name != "@" else self.zone, "TXT")


def rules(body: dict[str, object], key: str) -> set[str]:
    return {each["rule"] for each in body[key]}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        " v=DMARC1; p=reject; rua=mailto:a@b.example",
        "V=DMARC1; p=reject; rua=mailto:a@b.example",
        "v=dmarc1; p=reject; rua=mailto:a@b.example",
        "p=reject; v=DMARC1",
        "v = DMARC1; p=reject",
    ],
)
def test_another_spelling_of_dmarc_is_replaced_with_consent_and_never_joined(
    text: str, tmp_path: Path
) -> None:
    here = Living(tmp_path, f'_dmarc 300 TXT "{text}"')
    refused = here.run("up", *CONSENT)
    assert refused.returncode == 3 and "dmarc-weakened" in refused.stderr, refused.stderr
    assert here.texts("_dmarc") == {f'"{text}"'}, "a living reject is never replaced by our default none"
    done = here.run("up", *CONSENT, "--allow", "dmarc-weakened")
    assert done.returncode == 0, done.stderr
    (one,) = here.texts("_dmarc")
    assert one.startswith('"v=DMARC1; p=none')


def test_a_second_spelling_beside_ours_is_drift_and_repaired(tmp_path: Path) -> None:
    here = Living(tmp_path, "")
    assert here.run("up", *CONSENT).returncode == 0
    assert here.verify()["status"] == "ok"
    here.server.put(here.zone, '_dmarc 300 TXT " v=DMARC1; p=reject"')
    assert "record-extra" in rules(here.verify(), "checks")
    assert here.run("up").returncode == 0
    assert len(here.texts("_dmarc")) == 1 and here.verify()["status"] == "ok"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_mta-sts", "v=STSv10; id=1;"),
        ("_smtp._tls", "v=TLSRPTv10; rua=mailto:a@b.example"),
        ("default._bimi", "v=BIMI10; l=https://b.example/a.svg; a="),
    ],
)
def test_a_later_version_is_foreign_untouched_and_told(name: str, text: str, tmp_path: Path) -> None:
    here = Living(tmp_path, f'{name} 300 TXT "{text}"', MTA_STS + BIMI)
    assert here.run("up", *CONSENT).returncode == 0
    assert f'"{text}"' in here.texts(name) and len(here.texts(name)) == 2
    told = here.verify()
    assert told["status"] == "ok" and "record-not-read" in rules(told, "checks")
    assert "record-not-read" in rules(here.look(), "findings")


def test_an_sts_record_in_another_spelling_is_replaced(tmp_path: Path) -> None:
    here = Living(tmp_path, '_mta-sts 300 TXT " v=STSv1; id=1;"', MTA_STS)
    assert "mta-sts-record-invalid" in rules(here.look(), "findings")
    assert here.run("up", *CONSENT).returncode == 0
    assert len(here.texts("_mta-sts")) == 1


def test_an_spf_record_that_some_read_is_replaced_once_its_senders_are_consented_to(tmp_path: Path) -> None:
    here = Living(tmp_path, '@ 300 TXT " v=spf1 include:news.example -all"\n@ 300 TXT "MS=ms1"')
    assert "spf-not-read" in rules(here.look(), "findings")
    refused = here.run("up")
    assert refused.returncode == 3 and "include:news.example" in refused.stderr
    assert here.run("up", *CONSENT).returncode == 0
    assert {text for text in here.texts("@") if "spf1" in text} != set()
    assert len([each for each in here.texts("@") if "spf1" in each]) == 1
    assert '"MS=ms1"' in here.texts("@")


def test_the_old_type_is_told_and_never_touched(tmp_path: Path) -> None:
    here = Living(tmp_path, '@ 300 SPF "v=spf1 mx -all"')
    assert "spf-type-99" in rules(here.look(), "findings")
    assert here.run("up", *CONSENT).returncode == 0
    assert here.server.texts(here.zone, "SPF") == {'"v=spf1 mx -all"'}
    words = ("--nameserver", f"127.0.0.1:{here.server.port}", "--format", "json")
    drifted = json.loads(mailwright("drift", str(here.spec), *words, cwd=tmp_path).stdout)
    assert "spf-type-99" in rules(drifted, "checks")


@pytest.mark.parametrize("kind", ["embedded", "knot"])
def test_the_old_type_goes_when_the_line_that_took_it_over_does(kind: str, tmp_path: Path) -> None:
    here = Living(tmp_path, '@ 300 SPF "v=spf1 mx -all"', kind=kind)
    plain = here.spec.read_text()
    line = 'as_found: [{type: SPF, values: ["v=spf1 mx -all"], ttl: 300}]\n'
    here.spec.write_text(plain + line)
    assert "spf-type-99" in mailwright("check", str(here.spec), cwd=tmp_path).stdout
    taken = here.run("up", *CONSENT)
    assert taken.returncode == 0, taken.stderr
    assert here.server.texts(here.zone, "SPF") == {'"v=spf1 mx -all"'}
    assert here.verify()["status"] == "ok"
    here.spec.write_text(plain)
    shown = here.run("preview")
    assert shown.returncode == 2 and "SPF" in shown.stdout, shown.stdout
    assert here.server.texts(here.zone, "SPF") != set(), "a preview writes nothing"
    gone = here.run("up")
    assert gone.returncode == 0, gone.stderr
    assert here.server.texts(here.zone, "SPF") == set()
    assert any("v=spf1" in text for text in here.texts("@")) and here.verify()["status"] == "ok"


def test_a_host_that_cannot_keep_the_old_type_says_so(tmp_path: Path) -> None:
    spec = company(tmp_path, "acme-trade.com.", 5353, 'as_found: [{type: SPF, values: ["v=spf1 -all"]}]\n')
    spec.write_text(re.sub(r"dns_hosts: .*", "dns_hosts: [{service: godaddy}]", spec.read_text()))
    told = mailwright("check", str(spec), cwd=tmp_path)
    assert "host-cannot-store" in told.stdout


def test_a_server_that_gives_txt_and_cname_is_told_so() -> None:
    sets = {
        ("acme-trade.com.", "MX"): ["5 mxbiz1.qq.com."],
        ("acme-trade.com.", "TXT"): ['"v=spf1 include:spf.mail.qq.com ~all"'],
        ("acme-trade.com.", "NS"): ["ns1.acme-trade.com."],
        ("_dmarc.acme-trade.com.", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:wang@acme-trade.com"'],
        ("_dmarc.acme-trade.com.", "CNAME"): ["_dmarc.reports.example."],
    }
    with torn("acme-trade.com.", sets) as port:
        words = ("--nameserver", f"127.0.0.1:{port}", "--format", "json")
        told = json.loads(mailwright("look", "acme-trade.com", *words).stdout)
    assert "cname-served-beside-data" in rules(told, "findings")
    unknown = told["answers"][3]
    assert unknown["state"] != "good" and "_dmarc.acme-trade.com" in unknown["answer"]


@pytest.mark.parametrize("text", [" v=DMARC1; p=reject", "V=DMARC1; p=reject", "v=dmarc1; p=reject"])
def test_another_spelling_is_imported_with_its_policy(text: str, tmp_path: Path) -> None:
    (tmp_path / "zone").write_text(f'@ 600 IN MX 5 mxbiz1.qq.com.\n_dmarc 600 IN TXT "{text}"\n')
    words = ("--zone-file", str(tmp_path / "zone"), "-o", str(tmp_path / "i.yaml"))
    done = mailwright("import", "acme-trade.com", *words)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "i.yaml").read_text()
    assert "stage: reject" in written and text in written, "kept as found, until its line goes"
    planned = json.loads(mailwright("plan", str(tmp_path / "i.yaml"), "--format", "json").stdout)
    (values,) = [each["values"] for each in planned["records"] if each["name"].startswith("_dmarc.")]
    assert values == [text]


@pytest.mark.parametrize("blank", ["\u3000", "\u00a0", "\t", "  "])
def test_blanks_of_a_paste_are_no_part_of_a_record_as_found(blank: str, tmp_path: Path) -> None:
    lines = {
        "MX": "10 mail.acme-trade.com.",
        "SRV": "0 1 993 mail.acme-trade.com.",
        "A": "203.0.113.25",
        "AAAA": "2001:db8::25",
        "CNAME": "mail.acme-trade.com.",
        "TLSA": "3 1 1 " + "ab" * 32,
    }
    written = "".join(
        f"  - {{name: h{at}, type: {type}, values: [{json.dumps(blank + value.replace(' ', blank))}]}}\n"
        for at, (type, value) in enumerate(lines.items())
    )
    spec = company(tmp_path, "acme-trade.com.", 5353, "as_found:\n" + written)
    planned = json.loads(mailwright("plan", str(spec), "--format", "json", cwd=tmp_path).stdout)
    values = {one["type"]: one["values"] for one in planned["records"] if one["name"].startswith("h")}
    assert values == {type: [value] for type, value in lines.items()}


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("A", "2001:db8::25"), ("A", "203.0.113.300"), ("AAAA", "203.0.113.25"), ("CNAME", "a b"),
        ("MX", "10 mail.acme trade.com"), ("MX", "10"), ("SRV", "0 1 mail"), ("TLSA", "3 1 1 xy"),
    ],
)  # fmt: skip
def test_what_is_no_value_as_found_is_said(type: str, value: str, tmp_path: Path) -> None:
    line = f"as_found: [{{name: x, type: {type}, values: [{json.dumps(value)}]}}]\n"
    told = mailwright("check", str(company(tmp_path, "acme-trade.com.", 5353, line)), cwd=tmp_path)
    assert told.returncode == 1 and "[as-found-value]" in told.stdout


def test_what_looks_like_spf_and_is_none_is_told_as_found_too(tmp_path: Path) -> None:
    line = 'as_found: [{type: TXT, values: ["v=spf1\u3000include:spf.example.net\u3000~all"]}]\n'
    told = mailwright("check", str(company(tmp_path, "acme-trade.com.", 5353, line)), cwd=tmp_path)
    assert "[spf-not-read]" in told.stdout
