"""The policy pack of examples/: what it holds, and by the real command where its SDK is installed."""

from __future__ import annotations

import base64
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.deploy.checkout import MARKS, Checkout, company

PACK = Path(__file__).parent.parent.parent / "examples" / "policy-pack"
DNS, MAIL = "mailwright:index:DnsRecords", "mailwright:mail:Mailboxes"
CLOUDFLARE = "cloudflare:index/dnsRecord:DnsRecord"
KEYS = [rsa.generate_private_key(65537, bits).public_key() for bits in (1024, 2048)]
SHORT, LONG = (
    base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    for key in KEYS
)


@pytest.fixture
def rules() -> ModuleType:
    """The pack's rules; its own main module needs Pulumi's SDK for policies."""
    spec = importlib.util.spec_from_file_location("pack_rules", PACK / "rules.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _records(name: str, *values: str) -> dict[str, Any]:
    return {"records": {f"{name} TXT": {"ttl": 300, "values": list(values)}}}


@pytest.mark.parametrize(
    ("rule", "name", "bad", "good"),
    [
        ("dmarc_guards", "_dmarc.a.example.", "v=DMARC1; p=none", "v=DMARC1; p=quarantine"),
        ("dmarc_guards", "_dmarc.a.example.", "v=DMARC1; p=", "v=DMARC1; p=reject"),
        ("spf_lets_not_everybody", "a.example.", "v=spf1 mx +all", "v=spf1 mx ~all"),
        ("spf_lets_not_everybody", "a.example.", "v=spf1 mx all", "v=spf1 redirect=b.example"),
        (
            "keys_are_long",
            "s._domainkey.a.example.",
            f"v=DKIM1; k=rsa; p={SHORT}",
            f"v=DKIM1; k=rsa; p={LONG}",
        ),
    ],
)
def test_a_record_is_held_at_every_dns_host(
    rules: ModuleType, rule: str, name: str, bad: str, good: str
) -> None:
    holds = getattr(rules, rule)
    for template, count in ((bad, 1), (good, 0), ("google-site-verification=x", 0)):
        text = template.replace("SHORT", SHORT).replace("LONG", LONG)
        assert len(list(holds(DNS, _records(name, text)))) == count, text
        parts = f'"{text[:20]}" "{text[20:]}"'
        for content in (f'"{text}"', parts, text):
            there = {"name": name.rstrip("."), "type": "TXT", "content": content}
            assert len(list(holds(CLOUDFLARE, there))) == count, content
    assert not list(holds("aws:s3/bucket:Bucket", {"records": None}))


def test_mail_stays_inside(rules: ModuleType) -> None:
    maps = {
        "aliases info@a.example": "wang@a.example, li@A.EXAMPLE",
        "aliases agent@a.example": "wang@a.example, agent@partner.example",
        "senders wang@a.example": "wang@a.example",
    }
    (fault,) = rules.nothing_is_forwarded_outside(MAIL, {"domain": "a.example", "maps": maps})
    assert fault == "agent@a.example passes mail on to agent@partner.example"


@pytest.mark.skipif(
    importlib.util.find_spec("pulumi_policy") is None, reason="pulumi-policy is not installed"
)
class TestByTheCommand:
    """``pip install pulumi-policy`` into the environment of the tests runs it."""

    pytestmark = MARKS

    def test_nothing_is_written_against_a_policy(
        self, ready: Checkout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, zone = company(ready, monkeypatch)
        (ready.folder / "examples" / "policy-pack" / "venv").symlink_to(sys.prefix)
        pack = ("--policy-pack", "examples/policy-pack")
        assert ready.pulumi("stack", "init", "t").returncode == 0
        ended = ready.pulumi("up", "--yes", *pack)
        assert ended.returncode != 0 and "dmarc-guards" in ended.stdout, ended.stdout + ended.stderr
        assert ready.server.texts(zone, "MX") == set()
        spec = ready.folder / "stacks" / "t.yaml"
        spec.write_text(spec.read_text("utf-8") + "dmarc: {stage: guard}\n", "utf-8")
        ended = ready.pulumi("up", "--yes", *pack)
        assert ended.returncode == 0 and ready.server.texts(zone, "MX"), ended.stdout + ended.stderr
