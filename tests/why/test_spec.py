"""Which line of the spec, or which record, has to do with a bounce."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.why.shapes import RECIPIENT, SENDER, pasted, postfix

SPEC = """version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.25]}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
people:
  wang: {name: 老王}
  zhao: {name: 小赵, left: 2026-10-31, handover: {to: wang, until: 2027-04-30}}
addresses:
  info: {to: wang}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "acme.yaml"
    file.write_text(SPEC, encoding="utf-8")
    return file


def answer(spec: Path, text: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    file = spec.parent / "bounce.eml"
    file.write_text(text, encoding="utf-8")
    assert main(["why", str(file), "--spec", str(spec), "--as-of", "2026-12-01", "--format", "json"]) == 0
    (made,) = json.loads(capsys.readouterr().out)["answers"]
    assert isinstance(made, dict)
    return made


@pytest.mark.parametrize(
    ("ip", "words"),
    [("203.0.113.25", "lets 203.0.113.25 in"), ("198.51.100.7", "does not let 198.51.100.7 in")],
)
def test_the_planned_spf_record_is_evaluated(
    spec: Path, ip: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = answer(spec, postfix(f"550 5.7.1 SPF check failed for [{ip}]", "mx.customer.example"), capsys)
    (cure,) = made["cures"]  # type: ignore[misc]
    assert made["cause"] == "spf-failed" and made["fault"] == "ours"
    assert cure["record"] == "acme-trade.com. TXT" and words in cure["text"] and cure["line"]


def test_mail_to_us_is_looked_up_among_people_and_addresses(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def bounced(address: str) -> dict[str, object]:
        text = postfix("550 5.1.1 User unknown", "mail.acme-trade.com").replace(SENDER, "lin@other.example")
        return answer(spec, text.replace(RECIPIENT, address), capsys)

    known, unknown = bounced("info@acme-trade.com"), bounced("nobody@acme-trade.com")
    assert "goes to wang@acme-trade.com" in known["cures"][0]["text"] and known["cures"][0]["line"] == 11  # type: ignore[index]
    assert "is not in the spec" in unknown["cures"][0]["text"] and unknown["fault"] == "sender"  # type: ignore[index]
    assert bounced("zhao@acme-trade.com")["cures"][0]["line"] == 9  # type: ignore[index]


def test_what_the_other_side_does_wrong_is_ours_where_the_other_side_is_us(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = pasted("554 5.7.1 Relay access denied", "mail.acme-trade.com").replace(
        RECIPIENT, "info@acme-trade.com"
    )
    made = answer(spec, text, capsys)
    assert made["fault"] == "ours" and made["cures"][0]["record"] == "acme-trade.com. MX"  # type: ignore[index]


def test_a_bounce_of_strangers_has_nothing_to_do_with_the_spec(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = postfix("550 5.7.1 SPF check failed", "mx.customer.example").replace(SENDER, "a@stranger.example")
    assert answer(spec, text, capsys)["cures"] == []


def test_a_missing_key_and_a_missing_policy_are_named(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(spec, postfix("550 5.7.20 No passing DKIM signature found", "mx.customer.example"), capsys)
    assert made["cause"] == "dkim-failed" and "no DKIM key is planned" in made["cures"][0]["text"]  # type: ignore[index]
    made = answer(
        spec, postfix("550 5.7.1 rejected by DMARC policy for acme-trade.com", "mx.customer.example"), capsys
    )
    assert made["cures"][0]["record"] == "_dmarc.acme-trade.com. TXT"  # type: ignore[index]


def test_the_page_of_words_is_in_both_languages(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = spec.parent / "b.txt"
    file.write_text(pasted("550 MI:SPF 163 mx7", "163mx01.mxmail.netease.com"), encoding="utf-8")
    assert main(["why", str(file), "--lang", "zh"]) == 0
    chinese = capsys.readouterr().out
    assert "发信服务器不在发件域名的 SPF 记录中" in chinese and "mail.163.com" in chinese
    assert main(["why", str(file), "--lang", "en"]) == 0
    assert "not in the SPF record" in capsys.readouterr().out


def test_not_known_has_its_own_exit_code(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = spec.parent / "b.txt"
    file.write_text(pasted("550 Rejected q7", "mx.customer.example"), encoding="utf-8")
    assert main(["why", str(file)]) == 1
    assert "550 Rejected q7" in capsys.readouterr().out
