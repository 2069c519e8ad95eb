"""Two mail hosts under one domain at the command line: records, who gets what, steps, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from mailwright.operations.planning import planned as seen
from mailwright.operations.tracing import Asked, to_json, traced
from tests.cli.test_commands import mailwright
from tests.cli.test_gateways import PROOFPOINT, planned, spec, values
from tests.standards.test_dkim import B64

GOOGLE = "{service: google-workspace, site: classic}"
M365 = "{service: microsoft-365, mx_token: acme-com}"
OWN = '{service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.9]}'
ZOHO = "{service: zoho-mail, site: com, spf_include: zohomail.com}"
APEX = "acme-trade.com."
DAY = dt.date(2026, 12, 1)
PEOPLE = (
    "people: {wang: {}, li: {at: SECOND}, zhao: {at: SECOND, left: 2026-10-31, handover: {to: li, until: "
    "2027-04-30}}}\n"
    "addresses: {info: {to: wang}, factory: {to: [li]}, sales: {to: [wang, li]}}\n"
)


def both(folder: Path, first: str, second: str, more: str = PEOPLE) -> Path:
    service = second.split("service: ")[1].split(",", maxsplit=1)[0].rstrip("}")
    return spec(folder, f"[{first}, {second}]", "", more.replace("SECOND", service))


def rules(path: Path) -> dict[str, str]:
    return {finding.rule: finding.severity.value for finding in seen([path], DAY).findings}


def story(path: Path, to: str, sender: str = "buyer@outside.example") -> dict[str, Any]:
    ((_, whole),) = traced([path], Asked(to, sender, "", ""), DAY).stories
    read: dict[str, Any] = to_json(whole, "en")
    return read


def reached(path: Path, to: str, sender: str = "buyer@outside.example") -> list[str]:
    return [one["address"].partition("@")[0] for one in story(path, to, sender)["reached"]]


def test_mail_comes_in_at_the_first_and_both_send(tmp_path: Path) -> None:
    key = f'dkim: [{{name: s2._domainkey, value: "v=DKIM1; k=rsa; p={B64}"}}]'
    body = planned(both(tmp_path, GOOGLE, M365.replace("}", f", {key}}}")))
    exchangers = values(body, APEX, "MX")
    assert exchangers and all(value.endswith("google.com.") for value in exchangers)
    (spf,) = values(body, APEX, "TXT", "v=spf1")
    assert "include:_spf.google.com" in spf and "include:spf.protection.outlook.com" in spf
    assert values(body, f"s2._domainkey.{APEX}", "TXT") == [f"v=DKIM1; k=rsa; p={B64}"]
    homes = {row["name"]: row.get("at") for row in body["mailboxes"]}
    assert (
        homes["li@acme-trade.com"] == "microsoft-365" and homes["wang@acme-trade.com"] == "google-workspace"
    )


@pytest.mark.parametrize(
    ("first", "second"), [(GOOGLE, M365), (M365, GOOGLE), (ZOHO, GOOGLE), (OWN, GOOGLE), (M365, OWN)]
)
def test_each_address_is_at_one_host_and_an_unknown_one_is_refused_once(
    first: str, second: str, tmp_path: Path
) -> None:
    path = both(tmp_path, first, second)
    assert "error" not in rules(path).values()
    for to in ("wang", "li", "info", "factory"):
        assert reached(path, to) == [{"info": "wang", "factory": "li"}.get(to, to)], to
    nobody = story(path, "nobody")
    assert nobody["refused"] == ["nobody@acme-trade.com"] and not nobody["reached"]
    for sender in ("wang@acme-trade.com", "li@acme-trade.com"):  # a colleague writes within a host
        assert reached(path, "li", sender) == ["li"]
        assert reached(path, "wang", sender) == ["wang"]


def test_members_at_both_are_reached_from_an_own_server_and_not_known_elsewhere(tmp_path: Path) -> None:
    assert reached(both(tmp_path, OWN, GOOGLE), "sales") == ["li", "wang"]
    unknown = story(both(tmp_path, GOOGLE, M365), "sales")
    assert not unknown["reached"] and unknown["unknown"]


def test_a_leaver_is_handed_over_within_a_host(tmp_path: Path) -> None:
    assert reached(both(tmp_path, GOOGLE, M365), "zhao") == ["li"]
    assert reached(both(tmp_path, M365, GOOGLE), "zhao") == ["li"]
    across = PEOPLE.replace("handover: {to: li", "handover: {to: wang")
    assert story(both(tmp_path, GOOGLE, M365, across), "zhao")["unknown"]
    assert reached(both(tmp_path, GOOGLE, OWN, across), "zhao") == ["wang"]


@pytest.mark.parametrize(
    ("first", "second", "more", "rule"),
    [
        (GOOGLE, "{service: tencent-exmail}", "", "two-mail-hosts-not-known"),
        (GOOGLE, ZOHO, "", "two-mail-hosts-not-known"),
        (ZOHO, M365, "", "two-mail-hosts-loop"),
        (GOOGLE, "{service: improvmx}", "", "two-mail-hosts-cannot"),
        (GOOGLE, GOOGLE, "", "mail-host-twice"),
        (M365, GOOGLE, "catch_all: {to: wang}\n", "two-mail-hosts-catch-all"),
        (GOOGLE, M365, "alias_domains: [hengda.cn]\n", "two-mail-hosts-not-together"),
        (GOOGLE, M365, f"gateway: {{{PROOFPOINT}}}\n", "two-mail-hosts-not-together"),
        (
            GOOGLE,
            M365,
            "moving_from: {service: fastmail, contract_until: 2027-12-31}\n",
            "two-mail-hosts-not-together",
        ),
        (GOOGLE, M365, "addresses: {desk: {to: [wang, li], shared: true}}\n", "shared-across-mail-hosts"),
        (GOOGLE, M365, "addresses: {desk: {to: wang, at: zoho-mail}}\n", "at-unknown-mail-host"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(
    first: str, second: str, more: str, rule: str, tmp_path: Path
) -> None:
    people = PEOPLE if not more.startswith("addresses") else PEOPLE.partition("addresses")[0]
    assert rules(both(tmp_path, first, second, people + more))[rule] == "error"


def test_at_is_for_two_hosts(tmp_path: Path) -> None:
    path = spec(tmp_path, GOOGLE, "", "people: {wang: {at: google-workspace}}\n")
    assert rules(path)["at-with-one-mail-host"] == "error"


def test_each_host_has_a_list_of_its_own_with_the_way_to_the_other(tmp_path: Path) -> None:
    path, out = both(tmp_path, GOOGLE, M365), tmp_path / "out"
    assert mailwright("export", str(path), "--out", str(out), "--lang", "en").returncode == 0
    folder = out / "acme-trade.com"
    first = (folder / "google-workspace" / "CHECKLIST.md").read_text()
    second = (folder / "microsoft-365" / "CHECKLIST.md").read_text()
    assert "person:wang@acme-trade.com" in first and "person:li@acme-trade.com" not in first
    assert "person:li@acme-trade.com" in second and "person:wang@acme-trade.com" not in second
    assert "to these addresses on to `acme-com.mail.protection.outlook.com`" in first
    assert "on to `aspmx.l.google.com`" in second and "include:_spf.google.com" in second
    assert "hop:trust" in second and "hop:trust" not in first, (
        "only the second sees customers' mail come from the first"
    )


def test_tables_of_an_own_server_lead_to_the_other_host(tmp_path: Path) -> None:
    path, out = both(tmp_path, OWN, GOOGLE), tmp_path / "out"
    assert mailwright("export", str(path), "--out", str(out)).returncode == 0
    tables = out / "acme-trade.com" / "self-hosted"
    assert "li@acme-trade.com  smtp:[aspmx.l.google.com]:25\n" in (tables / "transports").read_text()
    assert "li@acme-trade.com  ok\n" in (tables / "mailboxes").read_text()
    assert "wang@" not in (tables / "transports").read_text()


def test_a_card_is_of_its_persons_host_and_one_file_for_all_is_refused(tmp_path: Path) -> None:
    path = both(tmp_path, GOOGLE, M365)
    run = mailwright("card", str(path), "--out", str(tmp_path / "cards"), "--lang", "en")
    assert run.returncode == 0, run.stderr
    pages = {page.stem: page.read_text() for page in (tmp_path / "cards").rglob("*.html")}
    (wang,) = [text for name, text in pages.items() if "wang" in name]
    (li,) = [text for name, text in pages.items() if "li" in name.split("@")[0]]
    assert "imap.gmail.com" in wang and "outlook.office365.com" in li
    refused = mailwright("autoconfig", str(path), "--lang", "en")
    assert refused.returncode == 1 and "two mail hosts" in refused.stderr


def test_who_lives_where(tmp_path: Path) -> None:
    run = mailwright("who", "li", str(both(tmp_path, GOOGLE, M365)), "--lang", "en")
    assert "lives at Microsoft 365" in run.stdout
    across = PEOPLE.replace("handover: {to: li", "handover: {to: wang")
    wang = mailwright("who", "wang", str(both(tmp_path, GOOGLE, M365, across)), "--lang", "en").stdout
    assert "takes over from zhao" in wang
    assert "run in this mailbox" not in wang, "zhao's auto-reply is at the other host"


def test_trace_says_at_the_command_line_which_host_has_it(tmp_path: Path) -> None:
    path = both(tmp_path, GOOGLE, M365)
    run = mailwright("trace", str(path), "--to", "factory", "--lang", "en")
    assert run.returncode == 0, run.stderr
    assert "factory@acme-trade.com is at Microsoft 365" in run.stdout and "→ li@acme-trade.com" in run.stdout


def test_what_nobody_knows_how_to_make_at_the_other_host_is_not_passed_to_it(tmp_path: Path) -> None:
    """Microsoft 365 passes on what it does not have: an address without an object there would go round."""
    people = PEOPLE.replace("sales: {to: [wang, li]}", "sales: {to: [wang, li], at: SECOND}")
    path, out = both(tmp_path, GOOGLE, M365, people), tmp_path / "out"
    assert story(path, "sales")["unknown"]
    assert mailwright("export", str(path), "--out", str(out), "--lang", "en").returncode == 0
    text = (out / "acme-trade.com" / "google-workspace" / "CHECKLIST.md").read_text()
    passed = next(line for line in text.splitlines() if "to these addresses on to" in line)
    assert "`factory@acme-trade.com`" in passed and "sales@" not in passed
    path = both(tmp_path, OWN, M365, people)
    assert mailwright("export", str(path), "--out", str(tmp_path / "own")).returncode == 0
    tables = tmp_path / "own" / "acme-trade.com" / "self-hosted"
    assert "sales@" not in (tables / "transports").read_text() + (tables / "mailboxes").read_text()


def test_the_page_names_both_hosts_and_the_servers_of_each(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    path = both(tmp_path, GOOGLE, M365)
    assert mailwright("report", str(path), "--out", str(page), "--lang", "en").returncode == 0
    text = page.read_text()
    assert "imap.gmail.com" in text and "outlook.office365.com" in text
    assert "Google Workspace (Gmail), Microsoft 365 (Exchange Online)" in text


def test_a_list_of_one_is_one_and_one_of_three_is_too_long(tmp_path: Path) -> None:
    assert "error" not in rules(spec(tmp_path, f"[{GOOGLE}]")).values()
    assert rules(spec(tmp_path, f"[{GOOGLE}, {M365}, {ZOHO}]"))["list-too-long"] == "error"
    assert rules(spec(tmp_path, "[]"))["wrong-type"] == "error"


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        (
            '{service: microsoft-365, mx_token: "acme-com.mail.protection.outlook.com"}',
            "service-input-invalid",
        ),
        ('{service: microsoft-365, mx_token: acme-com, mx: ["10 mx.else.example."]}', "mx-beside-service"),
        ('{service: self-hosted, mx: ["0 ."]}', "two-mail-hosts-cannot"),
    ],
)
def test_a_second_host_that_mail_would_miss_is_refused_at_its_own_line(
    second: str, rule: str, tmp_path: Path
) -> None:
    """Tables and checklists lead its people's mail to what stands there."""
    path = both(tmp_path, GOOGLE, second)
    (finding,) = [one for one in seen([path], DAY).findings if one.rule == rule]
    assert finding.severity.value == "error" and finding.path.startswith("mail_host[1]")


def test_what_is_said_of_mail_hosts_is_said_of_both(tmp_path: Path) -> None:
    """A service that ends, a licence, where to look again, and at which host an address is."""
    dues = (
        "expires: [{what: licence, until: 2027-01-10}]\n"
        "attest: [{what: two-factor, on: 2026-01-01, by: wang}]\n"
    )
    path = both(tmp_path, OWN, M365, PEOPLE + dues)
    agenda = mailwright("agenda", str(path), "--lang", "en", "--as-of", "2026-12-01").stdout
    assert "Postfix" in agenda and "Microsoft 365 (Exchange Online) ends on 2027-01-10" in agenda
    assert "Microsoft Entra admin center" in agenda
    plan = mailwright("plan", str(path), "--lang", "en").stdout
    (factory,) = [line for line in plan.splitlines() if "factory@" in line]
    assert "at Microsoft 365" in factory
    ends = both(tmp_path, GOOGLE, "{service: amazon-workmail, region: us-east-1}")
    assert "service-ends" in rules(ends)


def test_what_is_closed_at_the_second_host_is_not_the_catch_alls(tmp_path: Path) -> None:
    closed = PEOPLE.replace("until: 2027-04-30}", "until: 2026-11-10}, closed: 2026-11-20")
    path, out = both(tmp_path, OWN, GOOGLE, closed + "catch_all: {to: wang}\n"), tmp_path / "out"
    assert reached(path, "zhao") == [] and reached(path, "nobody") == ["wang"]
    assert mailwright("export", str(path), "--out", str(out)).returncode == 0
    assert "zhao@" in (out / "acme-trade.com" / "self-hosted" / "refused").read_text()
