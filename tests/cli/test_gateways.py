"""A filter before the mail host at the command line: what is planned, what is refused, what import sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailwright.plan.transition.gate import gate
from mailwright.plan.transition.notices import notices
from tests.cli.test_commands import mailwright
from tests.cli.test_unlisted_hosts import imported, rules
from tests.plan.worlds import DAY, changes, live, world
from tests.standards.test_dkim import B64

PROOFPOINT = 'service: proofpoint, mx: ["10 mx1-us1.ppe-hosted.com", "10 mx2-us1.ppe-hosted.com"]'
M365 = (
    "{service: microsoft-365, dkim: [{name: selector1._domainkey, type: CNAME, value: "
    "selector1-a._domainkey.a.onmicrosoft.com}, {name: selector2._domainkey, type: CNAME, value: "
    "selector2-a._domainkey.a.onmicrosoft.com}]}"
)


def spec(folder: Path, host: str, gateway: str = "", more: str = "") -> Path:
    path = folder / "acme.yaml"
    filtering = f"gateway: {{{gateway}}}\n" if gateway else ""
    path.write_text(
        f"version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {host}\n{filtering}"
        f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@acme-trade.com\n{more}",
        encoding="utf-8",
    )
    return path


def planned(path: Path) -> dict[str, Any]:
    run = mailwright("plan", str(path), "--format", "json")
    read: dict[str, Any] = json.loads(run.stdout)
    return read


def values(body: dict[str, Any], name: str, type: str, begins: str = "") -> list[str]:
    return [
        value
        for record in body["records"]
        if (record["name"], record["type"]) == (name, type)
        for value in record["values"]
        if value.startswith(begins)
    ]


APEX = "acme-trade.com."


@pytest.mark.parametrize(
    ("sends", "terms"),
    [
        ("", "include:spf.protection.outlook.com"),
        (
            ", sends: some, include: [a.ppe-hosted.com]",
            "include:a.ppe-hosted.com include:spf.protection.outlook.com",
        ),
        (", sends: everything, include: [a.ppe-hosted.com]", "include:a.ppe-hosted.com"),
    ],
)
def test_mx_is_the_filters_and_the_rest_stays_the_mail_hosts(sends: str, terms: str, tmp_path: Path) -> None:
    body = planned(spec(tmp_path, M365, PROOFPOINT + sends, "mta_sts: {mode: testing}\n"))
    assert values(body, APEX, "MX") == ["10 mx1-us1.ppe-hosted.com.", "10 mx2-us1.ppe-hosted.com."]
    assert values(body, APEX, "TXT", "v=spf1") == [f"v=spf1 {terms} ~all"]
    assert values(body, f"selector1._domainkey.{APEX}", "CNAME") == [
        "selector1-a._domainkey.a.onmicrosoft.com."
    ]
    assert values(body, f"autodiscover.{APEX}", "CNAME") == ["autodiscover.outlook.com."]
    policy = tmp_path / "sts"
    assert mailwright("mta-sts", str(tmp_path / "acme.yaml"), "--out", str(policy)).returncode == 0
    text = "".join(file.read_text() for file in policy.rglob("*mta-sts.txt"))
    assert "mx: mx1-us1.ppe-hosted.com" in text and "outlook.com" not in text


def test_an_own_server_behind_it_still_sends(tmp_path: Path) -> None:
    """`mx` in SPF would be the filter's machines: the server is named by its own name."""
    own = '{service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.9]}'
    path = spec(tmp_path, own, PROOFPOINT)
    assert values(planned(path), APEX, "TXT", "v=spf1") == [
        "v=spf1 a:mail.acme-trade.com ip4:203.0.113.9 ~all"
    ]
    assert "sender-refused-by-spf" not in rules(path)


@pytest.mark.parametrize(
    "host",
    [
        "{service: xinnet-global-mail, spf_include: spf.a.example}",
        "{service: other, spf_include: spf.a.example}",
    ],
)
def test_no_exchanger_of_the_mail_host_stands_beside_it(host: str, tmp_path: Path) -> None:
    path = spec(tmp_path, host, PROOFPOINT)
    assert "error" not in rules(path).values()
    assert all(value.endswith(".ppe-hosted.com.") for value in values(planned(path), APEX, "MX"))


@pytest.mark.parametrize(
    ("gateway", "rule"),
    [
        (PROOFPOINT.replace("mx2-us1.ppe-hosted", "a.mail.protection.outlook"), "gateway-mx-of-mail-host"),
        (PROOFPOINT + ", sends: everything", "gateway-without-spf"),
        (PROOFPOINT + ", include: [a.ppe-hosted.com]", "gateway-spf-idle"),
        ("service: prooffpoint, mx: [10 mx1-us1.ppe-hosted.com]", "unknown-service"),
        ("service: proofpoint, mx: []", "no-mx-planned"),
    ],
)  # fmt: skip
def test_what_would_lose_mail_is_an_error(gateway: str, rule: str, tmp_path: Path) -> None:
    assert rules(spec(tmp_path, M365, gateway))[rule] == "error"


def test_expectations_know_by_whom_mail_leaves(tmp_path: Path) -> None:
    more = "expect: [{mail_from: info, via: mail_host, dmarc: pass}]\n"
    through = PROOFPOINT + ", sends: everything, include: [a.ppe-hosted.com]"
    assert not {"expectation-fails", "expectation-not-known"} & set(
        rules(spec(tmp_path, M365, through, more))
    )


def test_a_filter_that_comes_or_goes_is_one_exchange_with_consent(tmp_path: Path) -> None:
    """Both sets beside each other would take a part of the mail past the filter, or past the mailboxes."""
    from mailwright.plan.plan import plan
    from mailwright.spec import parse

    host = M365.replace("{service: microsoft-365,", "{service: microsoft-365, mx_token: acme-com,")
    plans = []
    for gateway in ("", PROOFPOINT):
        result = parse(spec(tmp_path, host, gateway).read_bytes(), "acme.yaml").spec
        assert result is not None
        plans.append(plan(result, DAY))
    for old, new, notice in ((*plans, "gateway-put-in"), (*plans[::-1], "gateway-taken-out")):
        standing = world(*(live(r.name, r.type, *r.values) for r in old.records))
        made = changes(list(new.records), standing)
        mx = next(c for c in made.changes if c.type == "MX")
        wanted = {value for record in new.records if record.type == "MX" for value in record.values}
        assert {value.value for value in mx.after} == wanted and not made.retiring
        assert "mx-changed" in {finding.rule for finding in gate(made)}
        assert {finding.rule for finding in notices(made)} == {notice}


def test_behind_a_filter_a_move_leaves_the_mx_alone(tmp_path: Path) -> None:
    move = (
        "moving_from: {service: google-workspace, stage: STAGE, contract_until: 2027-12-31, confirmed: "
        "{both_hold: 2026-11-01, addresses: 2026-11-02, signing: 2026-11-02, copied: 2026-11-08}}\n"
    )
    for stage in ("prepare", "switch", "clients"):
        path = spec(tmp_path, M365, PROOFPOINT, move.replace("STAGE", stage))
        assert ("move-not-confirmed" in rules(path)) is (stage == "clients"), stage
        written = move.replace("STAGE", stage).replace("copied", "delivered: 2026-11-05, copied")
        body = planned(spec(tmp_path, M365, PROOFPOINT, written))
        assert values(body, APEX, "MX") == ["10 mx1-us1.ppe-hosted.com.", "10 mx2-us1.ppe-hosted.com."]


def test_the_steps_are_listed_in_their_order(tmp_path: Path) -> None:
    path = spec(tmp_path, M365, PROOFPOINT + ", sends: some, include: [a.ppe-hosted.com]")
    for lang, last in (("en", "take mail from Proofpoint alone"), ("zh", "只接受Proofpoint的来信")):
        run = mailwright("export", str(path), "--out", str(tmp_path / lang), "--lang", lang)
        assert run.returncode == 0
        text = (tmp_path / lang / "acme-trade.com" / "CHECKLIST.md").read_text()
        order = [
            text.index(f"gateway:{id}") for id in ("hold", "trust", "switch", "restrict", "way-out", "signs")
        ]
        assert order == sorted(order) and last in text
    people = "people: {wang: {name: 老王}}\n"
    both = spec(tmp_path, M365, PROOFPOINT, people)
    assert mailwright("export", str(both), "--out", str(tmp_path / "b")).returncode == 0
    text = (tmp_path / "b" / "acme-trade.com" / "CHECKLIST.md").read_text()
    assert text.index("person:wang") < text.index("gateway:hold") and "gateway:signs" not in text


def test_microsoft_365_behind_proofpoint_is_imported_as_that(tmp_path: Path) -> None:
    text = imported(
        tmp_path,
        "@ 600 MX 10 mx1-us1.ppe-hosted.com.",
        "@ 600 MX 10 mx2-us1.ppe-hosted.com.",
        '@ 600 TXT "v=spf1 include:a.ppe-hosted.com include:spf.protection.outlook.com -all"',
        "autodiscover 600 CNAME autodiscover.outlook.com.",
        "selector1._domainkey 600 CNAME selector1-a._domainkey.a.onmicrosoft.com.",
        "selector2._domainkey 600 CNAME selector2-a._domainkey.a.onmicrosoft.com.",
    )
    assert "  service: microsoft-365" in text and "self-hosted" not in text
    assert f"gateway: {{{PROOFPOINT}, sends: some, include: [a.ppe-hosted.com]}}" in text
    draft = tmp_path / "draft.yaml"
    draft.write_text(text)
    assert "dkim-pending" not in rules(draft) and "error" not in rules(draft).values()


def test_the_mail_host_behind_may_send_nothing_itself_or_be_unknown(tmp_path: Path) -> None:
    only = '@ 600 TXT "v=spf1 include:a.ppe-hosted.com -all"'
    text = imported(tmp_path, "@ 600 MX 10 mx1-us1.ppe-hosted.com.", only)
    assert "mail_host: {service: other}" in text and "sends: some" in text
    key = f'google._domainkey 600 TXT "v=DKIM1; k=rsa; p={B64[:200]}" "{B64[200:]}"'
    text = imported(tmp_path, "@ 600 MX 10 mx1-us1.ppe-hosted.com.", only, key)
    assert "service: google-workspace" in text and "sends: everything" in text


def test_beside_a_filter_an_exchanger_of_the_host_is_no_gateway(tmp_path: Path) -> None:
    text = imported(
        tmp_path,
        "@ 600 MX 10 mx1-us1.ppe-hosted.com.",
        "@ 600 MX 20 acme.mail.protection.outlook.com.",
        '@ 600 TXT "v=spf1 include:spf.protection.outlook.com -all"',
    )
    assert "gateway:" not in text and "a filter before" in text
