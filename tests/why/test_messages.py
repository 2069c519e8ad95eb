# ruff: noqa: E501
"""A message: its way, whose word about it counts, and what living DNS proves of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailwright.cli import main
from mailwright.operations.why.hops import way
from mailwright.operations.why.reading import read
from tests.recorded.make import served

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()

BODY = """From: Wang <wang@acme-trade.com>
To: lin@customer.example
Date: Mon, 30 Nov 2026 10:00:00 +0800
Message-ID: <q1@acme-trade.com>
Subject: Quote
Content-Type: text/plain

Dear Lin,
"""
WAY = """Return-Path: <{envelope}>
Received: from mx.customer.example ([10.0.0.7]) by box.customer.example; Mon, 30 Nov 2026 10:20:08 +0800
Received: from out.acme-trade.com (out.acme-trade.com [{ip}]) by mx.customer.example; Mon, 30 Nov 2026 10:20:05 +0800
Received: from laptop (unknown [198.51.100.99]) by out.acme-trade.com; Mon, 30 Nov 2026 10:00:03 +0800
"""
FORGED = "Authentication-Results: mx.evil.example; spf=pass; dkim=pass header.d=acme-trade.com; dmarc=pass\n"
TRUSTED = (
    "Authentication-Results: mx.customer.example; spf=fail (a; dkim=pass comment) smtp.mailfrom=acme-trade.com;\n"
    " dkim=none; dmarc=fail header.from=acme-trade.com\n"
)


def chunks(text: str) -> str:
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    zone = (
        "@ 300 IN SOA ns1 host 1 3600 600 86400 300\n@ 300 IN NS ns1\nns1 300 IN A 127.0.0.1\n"
        '@ 300 IN TXT "v=spf1 ip4:203.0.113.25 -all"\n_dmarc 300 IN TXT "v=DMARC1; p=reject"\n'
        f"s1._domainkey 300 IN TXT {chunks('v=DKIM1; k=rsa; p=' + PUBLIC)}\n"
    )
    with served({"acme-trade.com.": zone}) as server:
        yield f"127.0.0.1:{server.port}"


def message(
    *,
    ip: str = "203.0.113.25",
    signed: bool = True,
    change: bool = False,
    heads: str = "",
    envelope: str = "wang@acme-trade.com",
) -> bytes:
    octets = BODY.encode()
    if signed:
        octets = dkim.sign(octets, b"s1", b"acme-trade.com", PRIVATE) + octets
    if change:
        octets = octets.replace(b"Dear", b"Dearest")
    return (heads + WAY.format(ip=ip, envelope=envelope)).encode() + octets


def told(folder: Path, octets: bytes, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    file = folder / "m.eml"
    file.write_bytes(octets)
    assert main(["why", str(file), "--format", "json", *words]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["kind"] == "message"
    found = made["message"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("mail", "spf", "signature", "verdict"),
    [
        (message(), "pass", "pass", "pass"),
        (message(ip="198.51.100.7"), "fail", "pass", "pass"),
        (message(change=True), "pass", "fail", "pass"),
        (message(ip="198.51.100.7", change=True), "fail", "fail", "fail"),
        (message(ip="198.51.100.7", signed=False), "fail", None, "fail"),
    ],
)
def test_living_dns_proves_or_does_not(
    tmp_path: Path,
    resolver: str,
    mail: bytes,
    spf: str,
    signature: str | None,
    verdict: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = told(tmp_path, mail, capsys, "--online", "--receiver", "customer.example", "--resolver", resolver)
    now = made["now"]
    assert now["spf"] == {"result": spf, "domain": "acme-trade.com"}  # type: ignore[index]
    assert [each["result"] for each in now["dkim"]] == ([signature] if signature else [])  # type: ignore[index]
    assert now["dmarc"]["result"] == verdict and now["arc"] == "none"  # type: ignore[index]


def test_only_the_given_receiver_is_believed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = message(heads=FORGED + TRUSTED)
    nobody = told(tmp_path, mail, capsys, "--lang", "en")
    assert nobody["trusted"] == [] and "--receiver" in nobody["notes"][-1]  # type: ignore[index]
    one = told(tmp_path, mail, capsys, "--receiver", "customer.example", "--lang", "en")
    assert [(each["method"], each["result"]) for each in one["trusted"]] == [  # type: ignore[attr-defined]
        ("spf", "fail"),
        ("dkim", "none"),
        ("dmarc", "fail"),
    ]
    assert "mx.evil.example" in one["notes"][-1]  # type: ignore[index]


def test_the_hop_from_outside_counts_and_waiting_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = told(tmp_path, message(), capsys, "--receiver", "customer.example", "--lang", "en")
    (counts,) = [hop for hop in made["hops"] if hop["counts"]]  # type: ignore[attr-defined]
    assert (counts["ip"], counts["by"], counts["delay_seconds"]) == (
        "203.0.113.25",
        "mx.customer.example",
        1202.0,
    )
    assert any("0:20:02" in note and "out.acme-trade.com" in note for note in made["notes"])  # type: ignore[attr-defined]


def test_lines_below_the_receivers_own_prove_nothing() -> None:
    """A sender may write any Received line, and one that claims to be the receiver's too."""
    forged = b"Received: from bank.example ([203.0.113.25]) by mx.customer.example; Mon, 30 Nov 2026 09:00:00 +0800\n"
    octets = message(ip="198.51.100.7").replace(b"Received: from laptop", forged + b"Received: from laptop")
    hop = way(read(octets), "customer.example").counts
    assert hop and hop.ip == "198.51.100.7"


def test_what_cannot_be_asked_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = told(
        tmp_path,
        message(),
        capsys,
        "--online",
        "--receiver",
        "customer.example",
        "--resolver",
        "127.0.0.1:9",
        "--deadline",
        "3s",
    )
    now = made["now"]
    assert now["spf"]["result"] == "temperror" and now["dmarc"]["result"] == "temperror"  # type: ignore[index]
    assert [each["result"] for each in now["dkim"]] == ["temperror"]  # type: ignore[index]


def test_a_failure_of_ours_leads_to_the_spec(
    tmp_path: Path, resolver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(
        "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\n"
        'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.25]}\n'
        "dns_hosts: [{service: manual, console: aliyun}]\ncontact: wang@acme-trade.com\n"
    )
    mail = message(ip="198.51.100.7", signed=False)
    made = told(
        tmp_path,
        mail,
        capsys,
        "--online",
        "--receiver",
        "customer.example",
        "--resolver",
        resolver,
        "--spec",
        str(spec),
        "--lang",
        "en",
    )
    assert [each["record"] for each in made["cures"]] == ["acme-trade.com. TXT", None]  # type: ignore[attr-defined]
    assert "does not let 198.51.100.7 in" in made["cures"][0]["text"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("heads", "words"),
    [
        ("List-Id: <trade.lists.example>\n", "mailing list"),
        ("X-Forwarded-To: a@b.example\n", "forwarded"),
        ("Precedence: bulk\n", "without List-Unsubscribe"),
        ("List-Unsubscribe: <mailto:u@b.example>\n", "not as one click"),
        ("From: other@b.example\n", "From is there 2 times"),
    ],
)
def test_what_headers_say_of_lists_forwards_and_bulk(
    tmp_path: Path, heads: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = told(tmp_path, message(heads=heads), capsys, "--lang", "en")
    assert any(words in note for note in made["notes"])  # type: ignore[attr-defined]


def test_one_click_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heads = "Precedence: bulk\nList-Unsubscribe: <https://u.example/x>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
    made = told(tmp_path, message(heads=heads), capsys, "--lang", "en")
    assert not any("Unsubscribe" in note for note in made["notes"])  # type: ignore[attr-defined]


def test_a_chain_that_does_not_verify_fails(
    tmp_path: Path, resolver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = (
        "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=acme-trade.com; s=s1; b=AAAA\n"
        "ARC-Message-Signature: i=1; a=rsa-sha256; d=acme-trade.com; s=s1; h=from; bh=AAAA; b=AAAA\n"
        "ARC-Authentication-Results: i=1; acme-trade.com; spf=pass\n"
    )
    words = ("--online", "--receiver", "customer.example", "--resolver", resolver)
    now = told(tmp_path, message(heads=sealed), capsys, *words)["now"]
    assert now["arc"] == "fail" and now["dmarc"]["result"] == "pass"  # type: ignore[index]


@pytest.mark.parametrize("tampered", [False, True])
def test_a_sealed_forward_passes_until_it_is_changed(
    tmp_path: Path, resolver: str, capsys: pytest.CaptureFixture[str], *, tampered: bool
) -> None:
    """A list adds a footer, which breaks DKIM, and seals what it saw; another hop seals again (RFC 8617)."""
    octets = message(change=True)
    for service, chain in ((b"lists.acme-trade.com", b"none"), (b"relay.acme-trade.com", b"pass")):
        octets = b"Authentication-Results: " + service + b"; spf=pass; arc=" + chain + b"\n" + octets
        sealed = dkim.arc_sign(octets, b"s1", b"acme-trade.com", PRIVATE, service)
        octets = b"".join(sealed) + octets
    octets = octets.replace(b"Dearest", b"Dear") if tampered else octets
    words = ("--online", "--receiver", "customer.example", "--resolver", resolver)
    now = told(tmp_path, octets, capsys, *words)["now"]
    assert now["arc"] == ("fail" if tampered else "pass")  # type: ignore[index]
    assert [each["result"] for each in now["dkim"]] == ["pass" if tampered else "fail"]  # type: ignore[index]


def test_the_page_names_hops_and_proofs(
    tmp_path: Path, resolver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "m.eml"
    file.write_bytes(message(heads=TRUSTED))
    words = ["why", str(file), "--online", "--receiver", "customer.example", "--resolver", resolver]
    assert main([*words, "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert (
        "按当前线上 DNS" in shown
        and "DKIM   pass (d=acme-trade.com s=s1)" in shown
        and "决定性的一跳" in shown
    )
