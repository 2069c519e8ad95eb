"""A mail host that people work by hand: what a spec, or a day, would take from it is refused all the same."""

from __future__ import annotations

import json

import pytest

from mailwright.deploy.tokens import MAIL_DOMAIN
from tests.mail_host.worlds import HEAD, Company
from tests.mailboxes.specs import DOMAIN

LOSS, CUT_OFF = "role-address-emptied", "mailbox-cut-off"
HOSTED = HEAD.replace(
    '  service: self-hosted\n  mx: ["10 mail.{domain}"]\n{host}\n', "  service: tencent-exmail\n"
)
STAFF = "people: {wang: {}, li: {}, zhao: {left: 2026-12-01, handover: {to: wang, until: 2027-03-01}}}\n"
ROLES = "addresses: {info: {to: wang}, sales: {to: [wang, li]}}\n"


def write(company: Company, text: str) -> None:
    company.spec.parent.mkdir(exist_ok=True)
    company.spec.write_text(HOSTED.format(domain=company.domain) + text, "utf-8")


def remembered(company: Company) -> dict[str, list[str]]:
    resources = json.loads(company.state.read_text())["deployment"]["resources"]
    (component,) = [resource for resource in resources if resource["type"] == MAIL_DOMAIN]
    memory: dict[str, list[str]] = component["outputs"]["mail"][DOMAIN]
    return memory


def test_an_address_that_a_new_version_empties_needs_consent(company: Company) -> None:
    write(company, STAFF + ROLES)
    company.up()
    assert {f"info@{DOMAIN}", f"zhao@{DOMAIN}"} <= set(remembered(company)["addresses"])

    write(company, STAFF + "addresses: {sales: {to: [wang, li]}}\n")
    for command in ("preview", "up", "up"):  # the first refusal forgets nothing
        refused = company.run(command)
        assert refused.refused and f"[{LOSS}] info@{DOMAIN}" in refused.problems[0]
    company.up(allow=LOSS)
    assert f"info@{DOMAIN}" not in remembered(company)["addresses"]
    company.up()


def test_a_day_that_closes_an_address_needs_consent(company: Company) -> None:
    closing = STAFF.replace("until: 2027-03-01}", "until: 2027-03-01}, closed: 2027-04-01")
    write(company, closing + ROLES)
    company.up(day="2026-12-02")
    company.up(day="2027-03-31")
    refused = company.run("up", day="2027-04-01")
    assert refused.refused and f"[{LOSS}] zhao@{DOMAIN}" in refused.problems[0]

    consent = "allow: [{rule: role-address-emptied, until: 2027-04-10, why: nobody writes any more}]\n"
    write(company, closing + ROLES + consent)
    company.up(day="2027-04-02")
    write(company, closing + ROLES)
    company.up(day="2027-05-01")  # it is closed; nobody asks again


@pytest.mark.parametrize(
    ("text", "rule", "name"),
    [
        (STAFF.replace("li: {}, ", "") + "addresses: {info: {to: wang}, sales: {to: wang}}\n", LOSS, "li"),
        (STAFF.replace("li: {}", "lili: {}") + ROLES.replace("li]", "lili]"), LOSS, "li"),
        (STAFF.replace("li: {}, ", "") + "addresses: {li: {to: wang}}\n", CUT_OFF, "li"),
    ],
    ids=["removed", "renamed", "an alias in a mailbox's place"],
)
def test_a_person_who_is_taken_out_of_the_spec_is_missed(
    company: Company, text: str, rule: str, name: str
) -> None:
    """Who leaves is written so; whoever is only taken out loses mail and mailbox."""
    write(company, STAFF + ROLES)
    company.up()
    write(company, text)
    refused = company.run("up")
    lines = "\n".join(refused.problems)
    assert refused.refused and f"[{rule}]" in lines and f"{name}@{DOMAIN}" in lines


def test_a_leavers_address_is_given_to_nobody_else_for_a_year(company: Company) -> None:
    """Also after the leaver is out of the spec."""
    namesake = "people: {wang: {}, li: {}, zhao: {name: 赵敏}}\n" + ROLES
    write(company, STAFF + ROLES)
    company.up(day="2026-12-02")
    write(company, namesake)
    refused = company.run("up", day="2026-12-20")
    assert refused.refused and f"[address-reused] zhao@{DOMAIN}" in refused.problems[0]

    closing = STAFF.replace("until: 2027-03-01}", "until: 2027-03-01}, closed: 2027-04-01")
    write(company, closing + ROLES)
    company.up(day="2027-04-02", allow=LOSS)
    write(company, "people: {wang: {}, li: {}}\n" + ROLES)
    company.up(day="2027-05-02")
    write(company, namesake)
    assert company.run("up", day="2027-11-30").refused
    company.up(day="2027-10-30", allow="address-reused")
    company.up(day="2027-10-31")  # they work under it now


def test_a_catch_all_that_goes_needs_consent(company: Company) -> None:
    write(company, STAFF + ROLES + "catch_all: {to: wang}\n")
    company.up()
    write(company, STAFF + ROLES)
    refused = company.run("up")
    assert refused.refused and f"[{LOSS}] @{DOMAIN}" in refused.problems[0]


def test_a_spec_that_leaves_its_mailboxes_to_others_closes_none(company: Company) -> None:
    write(company, STAFF + ROLES)
    company.up()
    write(company, "")
    company.up()


def test_an_alias_domain_that_goes_takes_everybodys_addresses_along(company: Company) -> None:
    """DNS may stay, or be somebody else's: the people at that domain are missed all the same."""
    write(company, STAFF + ROLES + "alias_domains: [hengda.cn]\n")
    company.up(allow="mx-changed")
    write(company, STAFF + ROLES)
    refused = company.run("up", allow="no-mx-left,mx-changed,spf-sender-dropped")
    assert refused.refused and f"[{LOSS}] *@hengda.cn" in "\n".join(refused.problems)
