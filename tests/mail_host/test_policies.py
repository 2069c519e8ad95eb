"""Archive, quotas, relays and transports through the engine: they come, drift, are guarded, and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.hosts.mail import postfix
from tests.mail_host.worlds import PEOPLE, Company
from tests.mailboxes.specs import DOMAIN

LOSS, ENDED, IN_THE_WAY = "role-address-emptied", "archive-ended", "map-line-in-the-way"
SPEC = """\
people: {wang: {quota: 5GB}, li: {}, chen: {}}
addresses: {info: {to: wang}, records: {to: wang, shared: true}}
"""
ARCHIVE = "archive: [{to: records}]\n"
WAYS = '  relays: {li: "[smtp.other.example]:587"}\n  transports: {partner.example: "[192.0.2.25]"}\n'


def write(company: Company, text: str, ways: str = WAYS) -> None:
    company.write(text)
    spec = company.spec.read_text("utf-8")
    company.spec.write_text(spec.replace("dns_hosts:", ways + "dns_hosts:"), "utf-8")


def test_they_come_drift_and_go_with_the_spec(company: Company) -> None:
    write(company, SPEC + ARCHIVE)
    outcome = company.up()
    for line in (
        f"+ archive_in @{DOMAIN} records@{DOMAIN}",
        f"+ archive_out @{DOMAIN} records@{DOMAIN}",
        f"+ quotas wang@{DOMAIN} {{CRYPT}}!::::::userdb_quota_rule=*:bytes=5368709120 "
        "userdb_quota_storage_size=5368709120B",
        f"+ relays li@{DOMAIN} [smtp.other.example]:587",
        "+ transports partner.example smtp:[192.0.2.25]",
    ):
        assert line in outcome.changes[0].lines
    assert not company.up().changes
    deployed = company.files()
    for name, old, new in (
        ("archive_in", "records@", "thief@"),
        ("transports", "192.0.2.25", "203.0.113.6"),
        ("quotas", "5368709120 ", "1 "),
    ):
        path = company.tables / name
        path.write_text(path.read_text().replace(old, new))
        (step,) = company.run("refresh").changes
        assert step.action == "drift" and any(name in line for line in step.lines)
        company.up()
        assert company.files() == deployed
    refused = company.run("destroy")
    assert refused.refused and company.files() == deployed
    assert not company.run("destroy", allow=LOSS).problems
    assert not company.files() and all((company.tables / name).exists() for name in postfix.OPTIONAL)


def test_a_spec_without_any_of_it_makes_no_file_more(company: Company) -> None:
    company.write(PEOPLE)
    company.up()
    assert {path.name for path in company.tables.iterdir()} == set(postfix.NAMES)


def test_an_archive_ends_only_with_consent(company: Company) -> None:
    write(company, SPEC + ARCHIVE)
    company.up()
    deployed = company.files()
    write(company, SPEC)
    outcome = company.run("up")
    assert outcome.refused and f"[{ENDED}]" in outcome.problems[0] and company.files() == deployed
    company.up(allow=ENDED)
    assert "archive_in" not in company.files() and (company.tables / "archive_in").exists()
    assert not company.up().changes


def test_a_quota_and_a_transport_go_again_by_themselves(company: Company) -> None:
    write(company, SPEC + ARCHIVE)
    company.up()
    assert {"quotas", "relays", "transports"} <= company.files().keys()
    write(company, SPEC.replace("{quota: 5GB}", "{}") + ARCHIVE, "")
    company.up()
    assert not {"quotas", "relays", "transports"} & company.files().keys()
    assert not company.up().changes


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("archive_in", f"wang@{DOMAIN}  thief@evil.example"),
        ("archive_out", f"@{DOMAIN}  thief@evil.example"),
        ("transports", "partner.example  smtp:[203.0.113.6]"),
        ("relays", f"li@{DOMAIN}  [203.0.113.6]"),
        ("quotas", f"wang@{DOMAIN}:::::::userdb_quota_rule=*:bytes=1"),
    ],
)
def test_a_line_by_hand_that_says_something_else_waits_for_consent(
    company: Company, table: str, line: str
) -> None:
    company.tables.mkdir()
    (company.tables / table).write_text(f"# mine\n{line}\n")
    write(company, SPEC + ARCHIVE)
    outcome = company.run("up")
    assert outcome.refused and f"[{IN_THE_WAY}] The table {table} has" in outcome.problems[0]
    company.up(allow=IN_THE_WAY)
    text = (company.tables / table).read_text()
    assert line not in text and text.startswith("# mine\n") and not company.up().changes


def test_lines_by_hand_about_others_stay(company: Company) -> None:
    company.tables.mkdir()
    hand = {
        "transports": "# ours\nother.example  smtp:[192.0.2.9]\nPartner.example\tsmtp:[192.0.2.25]\n",
        "archive_in": "boss@other.example  keeper@other.example\n",
        "quotas": "boss@other.example:::::::userdb_quota_rule=*:bytes=100M\n",
    }
    for name, text in hand.items():
        (company.tables / name).write_text(text)
    write(company, SPEC + ARCHIVE)
    company.up()
    assert (company.tables / "transports").read_text() == hand["transports"]
    assert all((company.tables / name).read_text().startswith(text) for name, text in hand.items())
    assert not company.up().changes and not company.run("refresh").changes
    assert not company.run("destroy", allow=LOSS).problems
    assert {name: (company.tables / name).read_text() for name in hand} == hand


def test_two_specs_in_one_folder_leave_each_other_alone(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = Company(tmp_path / "other", monkeypatch, company.tables, domain="acme-trade.net")
    write(company, SPEC + ARCHIVE)
    write(other, SPEC + ARCHIVE)
    company.up()
    other.up()
    assert not company.up().changes and not other.up().changes
    both = company.files()
    assert both["transports"].count(b"partner.example") == 2
    write(other, SPEC + ARCHIVE, WAYS.replace("192.0.2.25", "192.0.2.26"))
    outcome = other.run("up")
    assert outcome.refused and f"[{IN_THE_WAY}] The table transports" in outcome.problems[0]
    write(other, SPEC + ARCHIVE, "")
    other.up()
    assert not company.up().changes
    assert company.files()["transports"].count(b"partner.example  smtp:[192.0.2.25]") == 1
    assert not other.run("destroy", allow=LOSS).problems
    assert not company.up().changes and b"acme-trade.net" not in b"".join(company.files().values())
