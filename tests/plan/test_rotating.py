"""An own key takes the place of another, and goes once everybody was seen with the new one."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from mailwright.model.plan import Plan
from mailwright.plan.agenda import agenda
from mailwright.plan.plan import plan
from mailwright.plan.transition.gate import gate
from mailwright.spec.loading import load
from mailwright.spec.model import MailSpec
from tests.plan.worlds import changes, live, owned_by, world

DAY = dt.date(2026, 12, 20)
OLD, NEW = "s1._domainkey.acme-trade.com.", "s2._domainkey.acme-trade.com."
SPEC = """\
version: 1
domain: acme-trade.com
timezone: UTC
mail_host: {{service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.10]}}
dns_hosts: [{{service: manual}}]
contact: wang@acme-trade.com
senders: [{{custom: crm, from: info, ip4: [203.0.113.20], signs_as: acme-trade.com}}]
signing:
  - {{selector: s1, public_key: "{old}"{first}}}
  - {{selector: s2, public_key: "{new}"{second}}}
"""


def _key(bits: int = 2048) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return _key(), _key()


def read(folder: Path, keys: tuple[str, str], first: str = "", second: str = "") -> MailSpec:
    path = folder / "acme.yaml"
    path.write_text(SPEC.format(old=keys[0], new=keys[1], first=first, second=second))
    result = load(path)
    assert result.spec, [finding.message("en") for finding in result.findings]
    return result.spec


def rules(made: Plan) -> set[str]:
    return {finding.rule for finding in made.findings if finding.rule.startswith("rotation-")}


def value(made: Plan, name: str) -> str:
    (record,) = (record for record in made.records if record.name == name)
    return record.values[0]


SEEN = ", replaces: s1, seen: {mail_host: 2026-12-06, crm: 2026-12-08}"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("", ", replaces: s1", set()),
        (", revoked: 2026-12-15", ", replaces: s1, seen: {mail_host: 2026-12-06}", {"rotation-not-seen"}),
        (", revoked: 2026-12-15", "", {"rotation-not-seen"}),
        (", revoked: 2026-12-14", SEEN, {"rotation-too-early"}),
        (", revoked: 2026-12-15", SEEN, set()),
        (", compromised: 2026-12-20", ", replaces: s1", {"rotation-compromised"}),
        ("", ", replaces: s3", {"rotation-unknown-key"}),
        ("", ", replaces: s2", {"rotation-unknown-key"}),
        ("", ", replaces: s1, seen: {mailchimp: 2026-12-06}", {"rotation-unknown-signer"}),
        ("", ", replaces: s1, seen: {crm: 2026-12-21}", {"rotation-seen-in-future"}),
    ],
)
def test_a_key_is_revoked_once_everybody_was_seen_with_the_next(
    tmp_path: Path, keys: tuple[str, str], first: str, second: str, said: set[str]
) -> None:
    assert rules(plan(read(tmp_path, keys, first, second), DAY)) == said


def test_the_record_says_so_from_that_day_on_and_needs_no_other_consent(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    spec = read(tmp_path, keys, ", revoked: 2026-12-15", SEEN)
    before, after = (plan(spec, dt.date(2026, 12, day)) for day in (14, 15))
    assert keys[0] in value(before, OLD) and value(after, OLD) == "v=DKIM1; p="
    assert keys[1] in value(before, NEW) and keys[1] in value(after, NEW)
    lived = world(*(live(record.name, record.type, *record.values) for record in before.records))
    first = changes([*before.records], lived, day=before.as_of)
    step = changes([*after.records], lived, owned_by([*before.records], first), day=after.as_of)
    assert {change.key for change in step.changes} == {f"{OLD} TXT"}
    assert not gate(step, after.consents), "the reviewed day is the consent"
    assert gate(step, ()), "without it the gate asks"
    early = read(tmp_path, keys, ", revoked: 2026-12-10", SEEN)
    assert gate(step, plan(early, after.as_of).consents), "a day that is too early consents to nothing"


def test_a_compromised_key_is_none_at_once(tmp_path: Path, keys: tuple[str, str]) -> None:
    made = plan(read(tmp_path, keys, ", compromised: 2026-12-20", ", replaces: s1"), DAY)
    assert value(made, OLD) == "v=DKIM1; p="
    (said,) = (finding for finding in made.findings if finding.rule == "rotation-compromised")
    assert "mail_host, crm" in said.message("en") and "still under way fails" in said.message("en")
    assert any(consent.rule == "selector-changed" for consent in made.consents)


@pytest.mark.parametrize(
    ("first", "second", "kind", "day"),
    [
        (", made: 2025-12-01", ", made: 2026-12-01", "key-age", "2026-12-01"),
        ("", SEEN, "key-revoke", "2026-12-15"),
        (", revoked: 2026-12-15", SEEN, "key-remove", "2027-01-14"),
    ],
)
def test_what_a_key_asks_for_has_its_day(
    tmp_path: Path, keys: tuple[str, str], first: str, second: str, kind: str, day: str
) -> None:
    events = [event for event in agenda(read(tmp_path, keys, first, second)) if event.subject == "s1"]
    assert [(event.kind, event.day.isoformat()) for event in events] == [(kind, day)]


def test_a_short_key_is_due_and_another_kind_is_not(tmp_path: Path) -> None:
    octets = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    spec = read(tmp_path, (_key(1024), base64.b64encode(octets).decode()))
    assert [(event.kind, event.subject) for event in agenda(spec)] == [("key-length", "s1")]
    assert "1024" in agenda(spec)[0].text("zh")
