"""What must not happen on a living mail host, and what has to wait for a consent."""

from __future__ import annotations

import asyncio
import json
import os
import resource
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental.provider import CreateRequest

import mailwright.deploy.component as component
import mailwright.deploy.mail.program as program
from mailwright.deploy.embedded.engine import Embedded
from mailwright.deploy.errors import DeployError
from mailwright.deploy.mail.applying import MailWork, carry_out
from mailwright.deploy.mail.program import Mailboxes
from mailwright.deploy.mail.values import MailInputs, MailState, MailTarget
from mailwright.deploy.mail.world import MailHost
from mailwright.deploy.properties import wrapped
from mailwright.deploy.provider import MailwrightProvider
from mailwright.deploy.reviewed import Reviewed
from mailwright.model.routing import without_detail
from tests.mail_host.server import MASTER, MASTER_PASSWORD
from tests.mail_host.worlds import COMPANY, PEOPLE, Company
from tests.mailboxes.specs import DAY as TODAY
from tests.mailboxes.specs import DOMAIN
from tests.servers.base import FULL, DnsServer

LOSS, IN_THE_WAY, CUT_OFF = "role-address-emptied", "map-line-in-the-way", "mailbox-cut-off"


def resources(company: Company) -> list[dict[str, Any]]:
    """What the state has of ours."""
    body = json.loads(company.state.read_text()) if company.state.exists() else {"deployment": {}}
    found = body["deployment"].get("resources", ())
    return [each for each in found if each["type"].endswith(":Mailboxes")]


def put(company: Company, table: str, text: str) -> None:
    company.tables.mkdir(exist_ok=True)
    (company.tables / table).write_text(text)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("aliases", f"sales@{DOMAIN}  chen@{DOMAIN}"),
        ("aliases", f"wang@{DOMAIN}  thief@evil.example"),
        ("aliases", f"@{DOMAIN}  thief@evil.example"),
        ("refused", f"LI@{DOMAIN}  REJECT"),
        ("suspended", f"li@{DOMAIN}:"),
    ],
)
def test_a_line_by_hand_that_says_something_else_is_nobodys_to_take(
    company: Company, table: str, line: str
) -> None:
    put(company, table, f"# mine\n{line}\n")
    company.write()
    before = company.files()
    for command in ("preview", "up"):
        outcome = company.run(command)
        assert (
            outcome.refused and f"[{IN_THE_WAY}] The table {table} has a manual line" in outcome.problems[0]
        )
        assert company.files() == before and not resources(company)
    company.up(allow=f"{IN_THE_WAY},{LOSS}")
    assert line not in (company.tables / table).read_text()
    assert (company.tables / table).read_text().startswith("# mine\n")
    assert not company.up().changes


def test_a_catch_all_by_hand_needs_both_consents(company: Company) -> None:
    put(company, "aliases", f"@{DOMAIN}  boss@elsewhere.example\n")
    company.write()
    outcome = company.run("up", allow=IN_THE_WAY)
    assert outcome.refused and f"[{LOSS}] @{DOMAIN} would reach nobody" in outcome.problems[0]


def test_a_line_by_hand_that_says_the_same_is_adopted_where_it_stands(company: Company) -> None:
    line = f"Sales@{DOMAIN}\tli@{DOMAIN} wang@{DOMAIN}\n"
    put(company, "aliases", line)
    company.write()
    company.up()
    text = (company.tables / "aliases").read_text()
    assert text.startswith(line) and text.lower().count(f"sales@{DOMAIN}") == 1
    assert not company.up().changes
    company.run("destroy", allow=LOSS)
    assert (company.tables / "aliases").read_text() == line
    company.up()
    company.write(COMPANY.replace("[wang, li], owner: wang", "chen"))
    company.up()
    text = (company.tables / "aliases").read_text()
    assert line not in text and f"sales@{DOMAIN}  chen@{DOMAIN}\n" in text


def test_a_line_put_before_ours_is_drift_and_goes(company: Company) -> None:
    company.write()
    company.up()
    deployed = company.files()
    path = company.tables / "aliases"
    path.write_text(f"sales@{DOMAIN}  thief@evil.example\n" + path.read_text() + "  more@evil.example\n")
    (step,) = company.run("refresh").changes
    assert f"+ aliases sales@{DOMAIN} thief@evil.example" in step.lines
    company.up()
    assert company.files() == deployed


def test_what_left_the_spec_is_taken_away_only_with_consent(company: Company) -> None:
    company.write()
    company.up()
    deployed = company.files()
    company.write(maps=False)
    assert company.run("preview").refused and company.run("up").refused
    assert company.files() == deployed
    company.up(allow=LOSS)
    assert company.files() == {}


def test_a_domain_that_leaves_stays_until_it_may_go(company: Company) -> None:
    """A renamed domain: the old one stays as it is, and the new one is written beside it."""
    company.patch.chdir(company.folder)  # this project's own example is of the same domain
    company.write()
    company.up()
    deployed = company.files()
    company.spec.unlink()
    company.domain = "acme-trade.cn"
    company.write()
    for command in ("preview", "up"):
        outcome = company.run(command)
        assert outcome.refused and {change.action for change in outcome.changes} <= {"create"}
        assert f"wang@{DOMAIN}" in outcome.problems[0]
        kept = company.files()["aliases"].splitlines()
        assert set(deployed["aliases"].splitlines()) <= set(kept), "nothing of the old one goes"
    company.up(allow=LOSS)
    aliases = company.files()["aliases"].decode()
    assert f"@{DOMAIN} " not in aliases and "info@acme-trade.cn " in aliases


def test_a_zone_that_goes_to_a_console_keeps_its_records_and_mailboxes_go_on(
    company: Company, embedded: DnsServer
) -> None:
    zone = embedded.new_zone()
    company.domain = zone.rstrip(".")
    host = f"{{service: rfc2136, server: 127.0.0.1, port: {embedded.port}, key_name: {FULL.name}}}"
    company.patch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    by_hand = "{service: manual, console: aliyun}"
    spec = company.write()
    spec.write_text(spec.read_text("utf-8").replace(by_hand, host), "utf-8")
    company.up()
    records = embedded.texts(zone, "MX")
    spec.write_text(spec.read_text("utf-8").replace(host, by_hand) + "catch_all: {to: li}\n", "utf-8")
    outcome = company.run("up")
    assert not outcome.problems and any("only forgotten" in text for text in outcome.notices), outcome
    assert (
        embedded.texts(zone, "MX") == records and f"@{company.domain} " in company.files()["aliases"].decode()
    )


def test_an_undo_of_dns_leaves_the_mailboxes_alone(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    company.write()
    company.up()
    (tmp_path / "found").write_text("[]")
    monkeypatch.setenv("MAILWRIGHT_FOUND", str(tmp_path / "found"))
    assert not company.up().changes


def test_what_is_refused_is_said_in_chinese_too(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILWRIGHT_LANG", "zh")
    put(company, "aliases", f"sales@{DOMAIN}  chen@{DOMAIN}\n")
    company.write()
    outcome = company.run("up")
    assert outcome.refused and "已有手工写的" in outcome.problems[0]
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")
    company.up(allow=IN_THE_WAY)
    for path in company.tables.iterdir():
        path.unlink()
    company.tables.rmdir()
    monkeypatch.setenv("MAILWRIGHT_LANG", "zh")
    assert "不存在" in company.run("destroy", allow=LOSS).problems[0]


def test_a_renamed_resource_takes_nothing_away(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.write()
    company.up()
    deployed = company.files()
    monkeypatch.setattr(program, "Mailboxes", lambda _name, *rest: Mailboxes("another-name", *rest))
    for command in ("preview", "up"):
        outcome = company.run(command, allow=LOSS)
        assert outcome.refused and "[resource-renamed]" in outcome.problems[0]
        assert company.files() == deployed
    company.up(allow="resource-renamed")
    assert company.files() == deployed and not company.up().changes


def test_a_mailbox_that_the_server_lacks_stops_everything(served: Company) -> None:
    served.write(COMPANY.replace("chen: {}", "ghost: {}"))
    outcome = served.run("up")
    assert f"ghost@{DOMAIN} (Authorization failed)" in outcome.problems[0] and not outcome.refused
    assert served.files() == {} and served.scripts("wang") == ({}, None)


def test_no_answer_and_a_wrong_password_are_errors_and_never_gone(
    served: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.live is not None
    served.write()
    served.up()
    deployed, kept = served.files(), resources(served)
    commands = ("preview", "up", "refresh", "destroy")
    with monkeypatch.context() as patch:
        patch.setenv("MAILWRIGHT_SIEVE_PASSWORD", "not the password")
        wrong = [served.run(command, allow=LOSS) for command in ("up", "destroy")]
    served.live.stop()
    dead = [served.run(command, allow=LOSS) for command in commands]
    served.live.start()
    for outcome in wrong:
        assert "refuses the login" in outcome.problems[0] and "not the password" not in repr(outcome)
    for outcome in dead:
        assert "Connection refused" in outcome.problems[0] and not outcome.refused
    assert served.files() == deployed and "mailwright" in served.scripts("wang")[0]
    assert resources(served) == kept
    assert not served.up().changes


@pytest.mark.parametrize(
    ("before", "after", "mailbox"),
    [
        ("people: {wang: {}, li: {}}\n", "people: {wang: {}}\naddresses: {li: {to: wang}}\n", "li"),
        (
            "people: {wang: {}, li: {}}\ncatch_all: {to: wang}\n",
            "people: {wang: {}}\ncatch_all: {to: wang}\n",
            "li",
        ),
        (
            "people: {wang: {}}\naddresses: {support: {to: wang, shared: true}}\n",
            "people: {wang: {}}\naddresses: {support: {to: wang}}\n",
            "support",
        ),
    ],
    ids=["an alias takes a person's address", "the catch-all takes it", "a shared mailbox becomes an alias"],
)
def test_a_mailbox_loses_its_last_address_only_with_consent(
    company: Company, before: str, after: str, mailbox: str
) -> None:
    company.write(before)
    company.up()
    deployed = company.files()
    company.write(after)
    outcome = company.run("up")
    assert (
        outcome.refused
        and f"[{CUT_OFF}] No address would lead to the mailbox {mailbox}@{DOMAIN}" in (outcome.problems[0])
    )
    assert company.files() == deployed
    company.up(allow=CUT_OFF)
    assert f"{mailbox}@{DOMAIN}" not in company.routing().mailboxes


def test_an_address_of_another_domain_by_hand_is_not_left_hanging(company: Company) -> None:
    """Also where the one who is gone is closed by date: nobody said so of the other domain."""
    company.write("people: {wang: {}, li: {}}\n")
    company.up()
    by_hand = f"info@other.example  li@{DOMAIN}\n"
    aliases = company.tables / "aliases"
    aliases.write_text(by_hand + aliases.read_text())
    company.write("people: {wang: {}, li: {left: 2026-11-01, closed: 2026-11-01}}\n")
    outcome = company.run("up")
    assert outcome.refused and "info@other.example" in outcome.problems[0]
    assert f"[{LOSS}] li@{DOMAIN}" in outcome.problems[0]
    company.write("people: {wang: {}, li: {left: 2026-11-01, handover: {to: wang, until: 2027-01-31}}}\n")
    company.up()
    assert aliases.read_text().startswith(by_hand)


def test_a_suspended_mailbox_does_not_open_again_by_the_way(company: Company) -> None:
    company.write("people: {wang: {}, li: {left: 2026-11-01, closed: 2026-11-01}}\n")
    company.up()
    company.write("people: {wang: {}}\n")
    outcome = company.run("up")
    assert outcome.refused and f"[login-opened-again] li@{DOMAIN} is suspended" in outcome.problems[0]
    assert f"li@{DOMAIN}:" in (company.tables / "suspended").read_text()
    company.write("people: {wang: {}, li: {}}\n")
    company.up()
    assert "li@" not in (company.tables / "suspended").read_text()


def test_somebody_leaves_and_their_closed_mailbox_stops_nothing(served: Company) -> None:
    staff = (
        "people: {wang: {}, li: {}, zhao: {%s}}\nrules: [{for: zhao, otherwise: true, then: {tag: hot}}]\n"
    )
    served.write(staff % "")
    served.up()
    assert served.scripts("zhao")[1] == "mailwright"
    leaves = "left: 2026-11-01, handover: {to: li, until: 2026-12-31}"
    served.write(staff.partition("rules")[0] % leaves)
    served.up()
    assert f"zhao@{DOMAIN}:" in (served.tables / "suspended").read_text()
    assert list(map(without_detail, served.routing().ends(f"zhao@{DOMAIN}"))) == [f"li@{DOMAIN}"]
    assert not served.up().changes
    assert not served.up(day="2027-01-02").problems
    assert list(map(without_detail, served.routing().ends(f"zhao@{DOMAIN}"))) == [f"li@{DOMAIN}"]
    served.write(staff.partition("rules")[0] % f"{leaves}, closed: 2027-02-01")
    assert not served.up(day="2027-01-31").problems and served.routing().reaches(f"zhao@{DOMAIN}")
    outcome = served.run("up", day="2027-02-01")
    assert outcome.refused and f"[{LOSS}] zhao@{DOMAIN} would reach nobody" in outcome.problems[0]
    assert served.routing().reaches(f"zhao@{DOMAIN}")
    assert not served.up(day="2027-02-01", allow=LOSS).problems
    assert not served.routing().reaches(f"zhao@{DOMAIN}")
    assert not served.up(day="2027-02-01").changes


def test_the_word_of_the_server_on_a_bad_script_is_shown_and_nothing_changes(served: Company) -> None:
    assert served.live is not None
    target = MailTarget(DOMAIN, str(served.tables), "127.0.0.1", served.live.sieve, MASTER)
    rows = {f"mailboxes wang@{DOMAIN}": "ok"}
    inputs = MailInputs(target, rows, {f"wang@{DOMAIN}": "# ours\nkeep;\nnonsense;\n"}, TODAY)
    for preview in (True, False):
        with pytest.raises(DeployError, match="unknown command 'nonsense'"):
            carry_out(MailHost(target, MASTER_PASSWORD), MailWork(inputs), preview=preview)
    assert served.files() == {} and served.scripts("wang") == ({}, None)


def test_what_moved_since_it_was_looked_at_is_not_overwritten(company: Company) -> None:
    company.write()
    company.up()
    (entry,) = resources(company)
    state = MailState.of(entry["outputs"])
    path = company.tables / "aliases"
    path.write_text(path.read_text().replace("wang+info", "chen"))
    moved = company.files()
    with pytest.raises(DeployError, match="changed by somebody else"):
        carry_out(MailHost(state.inputs.target), MailWork(state.inputs, state))
    assert company.files() == moved


def test_what_was_reviewed_is_what_is_applied(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    company.write()
    plan = tmp_path / "plan.json"
    Reviewed(dict(company.run("preview").digests)).write(plan)
    monkeypatch.setenv("MAILWRIGHT_PLAN", str(plan))
    company.write(COMPANY.replace("{to: wang}", "{to: chen}"))
    assert "not what was reviewed" in company.run("up").problems[0] and company.files() == {}
    company.write()
    company.up()
    assert company.routing().reaches(f"info@{DOMAIN}")


def test_two_companies_share_a_folder_and_neither_loses_a_line(company: Company) -> None:
    names = [f"shop{number}.example" for number in range(6)]
    companies = [Company(company.folder, company.patch, company.tables, None, name) for name in names]
    specs = ",".join(str(each.write(PEOPLE)) for each in companies)
    assert not companies[0].run("up", specs=specs).problems
    for each in companies:
        assert each.routing().reaches(f"wang@{each.domain}") and each.routing().reaches(
            f"abuse@{each.domain}"
        )
    assert not companies[0].run("up", specs=specs).changes
    assert not companies[0].run("destroy", specs=specs, allow=LOSS).problems
    assert company.files() == {}


def test_a_new_folder_is_written_and_the_old_one_stays(company: Company, tmp_path: Path) -> None:
    company.write()
    company.up()
    old, before = company.tables, company.files()
    company.tables = tmp_path / "elsewhere"
    company.write()
    (step,) = company.up().changes
    assert any(line.startswith(f"= {old} stays as it is") for line in step.lines)
    assert company.files() == before
    assert {path.name: path.read_bytes() for path in old.iterdir() if path.read_bytes()} == before
    assert not company.up().changes


def test_dns_waits_for_the_mailboxes(company: Company, embedded: DnsServer, tmp_path: Path) -> None:
    """In a program of one's own nobody judges beforehand: the order alone keeps the world away."""
    zone = embedded.new_zone()
    company.domain = zone.rstrip(".")
    company.patch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    company.tables = tmp_path / "file" / "folder"
    company.tables.parent.write_text("")
    host = f"{{service: rfc2136, server: 127.0.0.1, port: {embedded.port}, key_name: {FULL.name}}}"
    spec = company.write()
    spec.write_text(spec.read_text("utf-8").replace("{service: manual, console: aliyun}", host), "utf-8")

    def program() -> None:
        component.MailDomain("firm", spec, TODAY)

    own = Embedded(tmp_path, "own", program=program)
    problems = own.up().problems
    assert [problem.rpartition(": ")[2] for problem in problems] == [
        "Not a directory",
        "left alone, because what has to come first failed",
    ]
    assert not embedded.texts(zone, "MX")
    company.tables.parent.unlink()
    company.tables.parent.mkdir()
    assert not own.up().problems
    assert embedded.texts(zone, "MX") == {f"10 mail.{zone}"} and company.files()


def test_an_emptied_folder_is_filled_again_and_a_lost_one_stops_everything(company: Company) -> None:
    company.write()
    company.up()
    deployed = company.files()
    for path in company.tables.iterdir():
        path.unlink()
    company.tables.rmdir()
    for command in ("preview", "up", "destroy"):
        outcome = company.run(command, allow=LOSS)
        assert "is not there" in outcome.problems[0] and company.state.exists()
        assert not company.tables.exists()
    company.tables.mkdir()
    company.up()
    assert company.files() == deployed


def test_servers_can_read_new_tables_whatever_the_umask(company: Company) -> None:
    before = os.umask(0o077)
    try:
        company.write()
        company.up()
    finally:
        os.umask(before)
    assert company.tables.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in company.tables.iterdir()} == {0o644}
    (company.tables / "aliases").chmod(0o640)
    company.write(COMPANY.replace("[wang, li], owner: wang", "chen"))
    company.up()
    assert (company.tables / "aliases").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("room", [0, 160])
def test_a_full_disk_leaves_whole_tables_and_is_said(company: Company, room: int) -> None:
    """A limit on a file's size stands for the disk: 160 octets hold some tables and not the aliases."""
    target = MailTarget(DOMAIN, str(company.tables))
    few = {f"mailboxes wang@{DOMAIN}": "ok", f"aliases info@{DOMAIN}": f"wang@{DOMAIN}"}
    many = few | {f"aliases role{n}@{DOMAIN}": f"wang@{DOMAIN}" for n in range(20)}
    host = MailHost(target)
    carry_out(host, MailWork(MailInputs(target, few, {}, TODAY)))
    before = company.files()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    mail_work = MailWork(MailInputs(target, many | {f"mailboxes li@{DOMAIN}": "ok"}, {}, TODAY))
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        with pytest.raises(DeployError, match="File too large"):
            carry_out(host, mail_work)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert company.files()["aliases"] == before["aliases"]
    assert not [path for path in company.tables.iterdir() if path.name.startswith(".")]
    assert company.routing().reaches(f"info@{DOMAIN}")
    carry_out(host, mail_work)
    assert company.routing().reaches(f"role19@{DOMAIN}") and company.routing().reaches(f"li@{DOMAIN}")


def test_what_is_made_of_a_secret_is_one(company: Company) -> None:
    """A program may hold who gets which mail for secret: then no part of the state shows it."""
    target = MailTarget(DOMAIN, str(company.tables))
    properties = wrapped(MailInputs(target, {f"mailboxes wang@{DOMAIN}": "ok"}, {}, TODAY).plain(), {})
    provider = MailwrightProvider()

    async def outputs(secret: bool) -> dict[str, bool]:
        given = {**properties, "maps": properties["maps"].with_secret(secret)}
        urn = "urn:pulumi:t::mailwright::mailwright:mail:Mailboxes::firm"
        answer = await provider.create(CreateRequest(urn, given, 0, preview=True))
        return {name: value.contains_secret() for name, value in answer.properties.items()}

    hidden = asyncio.run(outputs(True))
    assert {name for name, is_secret in hidden.items() if is_secret} == {"maps", "applied", "kept"}
    assert not any(asyncio.run(outputs(False)).values())
    asyncio.run(provider.close())


def test_handlers_do_not_block_the_loop(company: Company) -> None:
    """Eight resources at once: while one waits for a folder that somebody holds, the others go on."""
    from mailwright.deploy.given.told import Told
    from mailwright.deploy.mail.handlers import MailHandler
    from mailwright.hosts.mail import folder

    company.tables.mkdir()
    handlers = MailHandler(lambda: None, Told())

    async def both() -> bool:
        with folder.locked(company.tables):
            inputs = MailInputs(MailTarget(DOMAIN, str(company.tables)), {}, {}, TODAY).plain()
            wanted = {**inputs, "urn": "urn:pulumi:t::p::mailwright:mail:Mailboxes::x"}
            return not (await asyncio.wait_for(handlers.judge([wanted], []), 60)).problems

    assert asyncio.run(both())
    asyncio.run(handlers.close())
