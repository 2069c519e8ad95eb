"""Keys as people paste them and as zones have them, through check, plan, import and look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import mailwright
from tests.standards.test_dkim import B64, PAIR
from tests.standards.test_dkim_strict import OPENDKIM, RSPAMD

CLEAN = f"v=DKIM1; k=rsa; p={B64}"
NAME = "s1._domainkey.acme-trade.com."


def spec(folder: Path, more: str, host: str = "{service: tencent-exmail}") -> Path:
    path = folder / "acme.yaml"
    path.write_text(
        f"version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {host}\n"
        f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@acme-trade.com\n{more}",
        encoding="utf-8",
    )
    return path


def key(value: str, name: str = "s1._domainkey") -> str:
    said = json.dumps(value, ensure_ascii=False)
    return f"{{service: tencent-exmail, dkim: [{{name: {json.dumps(name)}, value: {said}}}]}}"


def planned(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(mailwright("plan", str(path), "--format", "json").stdout)
    return read


def said(path: Path) -> dict[str, str]:
    body = json.loads(mailwright("check", str(path), "--format", "json").stdout)
    return {each["rule"]: each["message"] for each in body}


def texts(body: dict[str, Any], name: str) -> list[str]:
    return [value for each in body["records"] if each["name"] == name for value in each["values"]]


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", "\u200b", "\t"])
def test_blanks_of_a_paste_are_told_and_not_published(blank: str, tmp_path: Path) -> None:
    path = spec(tmp_path, "", key(f"v=DKIM1;{blank} k=rsa; p={B64[:70]}{blank}{B64[70:]}"))
    made = planned(path)
    assert texts(made, NAME) == [CLEAN]
    assert f"U+{ord(blank):04X}" in said(path)["dkim-blanks-removed"]
    assert mailwright("check", str(path)).returncode == 0
    assert mailwright("check", str(path), "--strict").returncode == 1


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (f"v=DKIM1; k=RSA; p={B64}", "dkim-key-type-unknown"),
        (f"v=DKIM1;; k=rsa; p={B64}", "dkim-record-malformed"),
        (f"v=DKIM1; s=e\u00a0mail; p={B64}", "dkim-record-malformed"),
        (f"v=DKIM1; k=rsa; p={B64[:-4]}", "dkim-key-unreadable"),
        ("s1.domainkey.u123.wl456.sendgrid.net", "dkim-host-name-in-txt"),
    ],
)
def test_a_key_that_verifiers_refuse_stops_the_plan(value: str, rule: str, tmp_path: Path) -> None:
    path = spec(tmp_path, "", key(value))
    assert rule in said(path) and mailwright("check", str(path)).returncode == 1


@pytest.mark.parametrize("name", ["*._domainkey", "old._domainkey"])
def test_a_revoked_key_signs_nothing(name: str, tmp_path: Path) -> None:
    path = spec(tmp_path, "dmarc: {stage: guard}\n", key("v=DKIM1; p=", name))
    found = said(path)
    assert {"dkim-pending", "dmarc-enforced-unsigned"} <= set(found)
    page = mailwright("plan", str(path)).stdout
    assert "signs with this key" not in page


def test_a_name_that_is_no_selector_is_told(tmp_path: Path) -> None:
    path = spec(tmp_path, "", key(CLEAN, "_adsp._domainkey"))
    assert "dkim-name-no-selector" in said(path)


ZONE = """\
@ 600 IN MX 5 mxbiz1.qq.com.
@ 600 IN MX 10 mxbiz2.qq.com.
@ 600 IN TXT "v=spf1 include:spf.mail.qq.com ~all"
_dmarc 600 IN TXT "v=DMARC1; p=quarantine; rua=mailto:wang@acme-trade.com"
"""


def imported(folder: Path, more: str) -> str:
    (folder / "zone").write_text(ZONE + more, encoding="utf-8")
    done = mailwright(
        "import", "acme-trade.com", "--zone-file", str(folder / "zone"), "-o", str(folder / "i.yaml")
    )
    assert done.returncode == 0, done.stderr
    return (folder / "i.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        '*._domainkey 600 IN TXT "v=DKIM1; p="',
        'old._domainkey 600 IN TXT "v=DKIM1; p="',
        '_adsp._domainkey 600 IN TXT "dkim=all"',
        's1._domainkey 600 IN TXT "s1.domainkey.u123.wl456.sendgrid.net"',
    ],
)
def test_what_signs_nothing_is_imported_as_no_key(line: str, tmp_path: Path) -> None:
    imported(tmp_path, line + "\n")
    found = said(tmp_path / "i.yaml")
    assert {"dkim-pending", "dmarc-enforced-unsigned"} <= set(found)
    assert not texts(planned(tmp_path / "i.yaml"), line.partition(" ")[0] + ".acme-trade.com.")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("mail.txt", OPENDKIM),
        ("rsa-2048-mail.public.txt", RSPAMD),
        ("rsa-2048-mail.public.dns.txt", CLEAN + "\n"),
        ("s1.pub", PAIR.public),
    ],
)
def test_a_public_key_file_is_taken_as_programs_write_it(file: str, text: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    host = '{service: self-hosted, mx: ["10 mail.acme-trade.com"]}'
    path = spec(tmp_path, f"signing: [{{selector: s1, public_key_file: {file}}}]\n", host)
    (value,) = texts(planned(path), NAME)
    assert value.startswith("v=DKIM1;") and value.endswith(f"k=rsa; p={B64}")
    assert not {each for each in said(path) if each.startswith("dkim-")}


def test_a_private_key_in_the_file_is_refused_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "s1.txt").write_text(RSPAMD + PAIR.private.decode(), encoding="utf-8")
    host = '{service: self-hosted, mx: ["10 mail.acme-trade.com"]}'
    path = spec(tmp_path, "signing: [{selector: s1, public_key_file: s1.txt}]\n", host)
    done = mailwright("check", str(path))
    assert done.returncode == 1 and "private" in done.stdout + done.stderr
    assert PAIR.private.decode().splitlines()[1] not in done.stdout + done.stderr
