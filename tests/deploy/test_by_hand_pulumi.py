"""Records by hand with the real ``pulumi`` command: it keeps what was asked and what was seen."""

from __future__ import annotations

import json

import pytest

from tests.deploy.checkout import MARKS, Checkout, checkout, ready
from tests.deploy.consoles import CONSENT, MANUAL, SPEC
from tests.deploy.worlds import DOWN, FOREIGN, TENCENT

pytestmark = MARKS
__all__ = ["checkout", "ready"]


def test_up_by_plain_pulumi_and_by_ours_until_nothing_waits(ready: Checkout) -> None:
    zone = ready.server.new_zone(FOREIGN + "@ 300 MX 10 mail.old.example.\n")
    domain = zone.rstrip(".")
    (ready.folder / "stacks" / "t.yaml").write_text(SPEC.format(domain=domain, host=MANUAL, more=""), "utf-8")
    ready.environment["MAILWRIGHT_NAMESERVERS"] = f"127.0.0.1:{ready.server.port}"
    assert ready.pulumi("stack", "init", "t").returncode == 0
    refused = ready.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode == 1 and "[mx-changed]" in refused.stdout
    for _ in range(2):
        ready.up(MAILWRIGHT_ALLOW="mx-changed")
        assert json.loads(ready.pulumi("stack", "output", "--json").stdout)["pending"] == [domain]
        (only,) = ready.resources()
        assert only["urn"].endswith(f"::{domain}@manual") and only["outputs"]["applied"] == {}
        assert ready.server.texts(zone, "MX") == {"10 mail.old.example."}, "nothing is written"
    waits = ready.mailwright("up", "stacks/t.yaml", "--engine", "pulumi", *CONSENT)
    assert waits.returncode == 2 and "Value, now: mail.old.example" in waits.stdout, (
        waits.stdout + waits.stderr
    )

    ready.server.put(zone, "@ 600 MX 5 mxbiz1.qq.com.\n@ 600 MX 10 mxbiz2.qq.com.\n")
    ready.server.drop(zone, "@", "MX", "10 mail.old.example.")
    ready.server.put(zone, '@ 600 TXT "v=spf1 include:spf.mail.qq.com ~all"\n')
    ready.server.put(zone, f'_dmarc 600 TXT "v=DMARC1; p=none; rua=mailto:wang@{domain}"\n')
    ready.up()
    assert json.loads(ready.pulumi("stack", "output", "--json").stdout)["pending"] == []
    assert ready.unchanged() == 0
    assert ready.resources()[0]["outputs"]["servedZone"] == zone
    refused = ready.pulumi("destroy", "--yes")
    assert refused.returncode == 1 and "[no-mx-left]" in refused.stdout
    assert ready.pulumi("destroy", "--yes", MAILWRIGHT_ALLOW=DOWN).returncode == 0
    assert ready.server.texts(zone, "MX") == TENCENT, "let go, never deleted"
    assert "DnsRecords" not in ready.pulumi("stack", "export").stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sheet_reaches_whoever_runs_our_command(ready: Checkout, lang: str) -> None:
    zone = ready.server.new_zone()
    text = SPEC.format(domain=zone.rstrip("."), host=MANUAL, more="")
    (ready.folder / "stacks" / "t.yaml").write_text(text, "utf-8")
    where = ("--nameserver", f"127.0.0.1:{ready.server.port}", "--engine", "pulumi", "--lang", lang)
    shown = ready.mailwright("preview", "stacks/t.yaml", *where)
    word = {"en": "Host: _dmarc", "zh": "主机记录: _dmarc"}[lang]
    assert shown.returncode == 2 and word in shown.stdout, shown.stdout + shown.stderr
