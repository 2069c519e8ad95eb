"""Files for other hosts, the commands, and what is refused without consent."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailwright.catalog import RECEIVING, load_services
from mailwright.catalog.capability import ANSWERS, capabilities, capability, features
from mailwright.catalog.loading import FOLDER
from mailwright.cli import main
from mailwright.hosts.mail import folder, postfix
from mailwright.model.checks import Check, Status
from mailwright.model.consent import Consent
from mailwright.model.mailboxes import Mailbox, Mailboxes
from mailwright.model.text import Text
from mailwright.operations.catalog.drafting import drafts
from mailwright.plan.mailboxes.gate import gate
from mailwright.report.mailboxes import checklist as report
from mailwright.report.mailboxes import imports
from mailwright.report.mailboxes.ticking import ticked
from tests.conftest import ROOT, SHARED
from tests.mailboxes.specs import COMPANY, DAY, DOMAIN, HEAD, mailboxes

GOOGLE = HEAD.replace('self-hosted, mx: ["10 mail.acme-trade.com"]', "google-workspace")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "acme.yaml"
    path.write_text(HEAD + COMPANY, encoding="utf-8")
    return path


def test_every_service_with_mailboxes_has_its_answers() -> None:
    hosts = {service.id for service in load_services().values() if service.kind in RECEIVING}
    listed = {each.host for each in capabilities()}
    assert listed <= hosts
    for each in capabilities():
        assert set(each.answers) == set(features()) and set(each.answers.values()) <= set(ANSWERS)
    assert capability("no-such-host").answer("alias") == "unknown"


def test_a_service_file_and_a_draft_answer_every_feature() -> None:
    objects: list[dict[str, Any]] = []
    json.loads((FOLDER / "service.schema.json").read_text("utf-8"), object_hook=objects.append)
    (demanded,) = (
        host_object["required"]
        for host_object in objects
        if "catch_all" in (host_object.get("required") or ())
    )
    assert sorted(demanded) == sorted(features())
    for kind in ("mailbox_host", "forwarding_host"):
        file = drafts({"nimbus": {"kind": kind}}, checked="2026-11-01").files["nimbus"]
        assert sorted(file["capabilities"]["answers"]) == sorted(features())


def test_what_a_host_cannot_do_is_an_error_with_its_line() -> None:
    from mailwright.plan.mailboxes import lint

    made = mailboxes(COMPANY)
    asked = lint.asked_features(made)
    more = {"rule_header", "rule_size", "rule_attachments", "archive", "quota"}
    assert set(asked) == set(features()) - {"catch_all", "notify", *more}
    refused = [each for each in asked if capability("cloudflare-email-routing").answer(each) == "no"]
    assert {"group", "rule_subject", "shared"} <= set(refused)


def test_export_waits_for_whoever_writes_to_the_same_folder(spec: Path, tmp_path: Path) -> None:
    home = tmp_path / "out" / DOMAIN
    command = ["export", str(spec), "--out", str(tmp_path / "out"), "--as-of", "2026-11-23"]
    assert main(command) == 0
    aliases = home / postfix.ALIASES
    with folder.locked(home):
        code = [
            sys.executable,
            "-c",
            "import sys; from mailwright.cli import main; sys.exit(main(sys.argv[1:]))",
        ]
        waiting = subprocess.Popen([*code, *command], cwd=ROOT, stdout=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(3)
        aliases.write_text("# another domain's\n" + aliases.read_text())
    assert waiting.wait() == 0
    assert aliases.read_text().startswith("# another domain's\n")


def test_export_writes_tables_and_scripts_and_keeps_foreign_lines(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["export", str(spec), "--out", str(out), "--as-of", "2026-11-23"]) == 0
    home = out / DOMAIN
    aliases = home / postfix.ALIASES
    assert "info@acme-trade.com  wang+info@acme-trade.com" in aliases.read_text()
    assert {path.name for path in (home / "sieve").iterdir()} == {
        f"wang@{DOMAIN}.sieve",
        f"li@{DOMAIN}.sieve",
    }
    assert (home / "sieve" / f"wang@{DOMAIN}.sieve").stat().st_mode & 0o077 == 0
    assert f"shared/support@{DOMAIN} user=li@{DOMAIN}  lrwstie" in (home / "acl").read_text()
    assert (home / "shared").read_text() == f"shared/shared-boxes/user/li@{DOMAIN}/support@{DOMAIN}\n1\n"
    aliases.write_text("# mine\n" + aliases.read_text())
    written = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert main(["export", str(spec), "--out", str(out), "--as-of", "2026-11-23"]) == 0
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == written
    spec.write_text(HEAD + "people: {wang: {}}\n", encoding="utf-8")
    assert main(["export", str(spec), "--out", str(out)]) == 0
    assert (home / "acl").read_text() == (home / "shared").read_text() == ""
    assert list((home / "sieve").iterdir()) == [] and aliases.read_text().startswith("# mine\n")


def test_other_hosts_get_a_checklist_and_import_files(tmp_path: Path) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(GOOGLE + COMPANY.replace("老王", '"=cmd|x"'), encoding="utf-8")
    for lang, word in (("en", "the subject contains"), ("zh", "主题包含")):
        assert (
            main(
                ["export", str(spec), "--out", str(tmp_path / "out"), "--lang", lang, "--as-of", "2026-11-23"]
            )
            == 0
        )
        said = (tmp_path / "out" / DOMAIN / "CHECKLIST.md").read_text(encoding="utf-8")
        assert word in said and "`产品A`" in said and "<!-- rules[0] -->" in said
        assert said.count("[ ]") == 25
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / DOMAIN / "users.csv").read_text("utf-8-sig"))))
    assert {len(row) for row in rows} == {27} and ["'=cmd|x", "wang"] in [row[:2] for row in rows]
    members = (tmp_path / "out" / DOMAIN / "group-members.csv").read_text("utf-8-sig")
    assert f"sales@{DOMAIN},wang@{DOMAIN},USER,OWNER" in members


IMPORTED = ("google-workspace", "microsoft-365", "zoho-mail", "alibaba-mail")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum", "\t=x", " =x", "＝1", "a\r\n=b", 'a","=b'])
def test_no_cell_is_a_formula(name: str) -> None:
    made = Mailboxes(DOMAIN, DAY, mailboxes=(Mailbox(f"wang@{DOMAIN}", "person", name),))
    for service in IMPORTED:
        files = imports.import_files(made, service).values()
        cells = [cell for text in files for row in csv.reader(io.StringIO(text)) for cell in row]
        assert f"wang@{DOMAIN}" in cells and any(name.strip()[-1] in cell for cell in cells), service
        assert not [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "＝"))]


@pytest.mark.parametrize(
    ("host", "account", "password"),
    [("zoho-mail, site: com, spf_include: zohomail.com", 0, 1), ("alibaba-mail, site: cn", 1, 3)],
)
def test_initial_passwords_are_made_once_and_for_the_owners_eyes(
    tmp_path: Path, host: str, account: int, password: int
) -> None:
    spec, home = tmp_path / "acme.yaml", tmp_path / "out" / DOMAIN
    spec.write_text(
        HEAD.replace('self-hosted, mx: ["10 mail.acme-trade.com"]', host) + COMPANY, encoding="utf-8"
    )
    home.mkdir(parents=True)
    (home / "users.csv").write_text("somebody's\n")
    (home / "users.csv").chmod(0o644)
    command = ["export", str(spec), "--out", str(tmp_path / "out"), "--as-of", "2026-11-23", "--lang", "en"]
    assert main(command) == 0
    first = (home / "users.csv").read_bytes()
    assert (home / "users.csv").stat().st_mode & 0o777 == 0o600 and first.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(first.decode("utf-8-sig"))))
    made = {row[account]: row[password] for row in rows[1:]}
    assert set(made) == {f"wang@{DOMAIN}", f"li@{DOMAIN}"} and len(set(made.values())) == 2
    assert all(len(each) == 20 and each[0].isalpha() for each in made.values())
    said = (home / "CHECKLIST.md").read_text(encoding="utf-8")
    assert "1. [ ] Upload `users.csv`" in said and not [each for each in made.values() if each in said]
    assert main(command) == 0 and (home / "users.csv").read_bytes() == first
    spec.write_text(spec.read_text("utf-8").replace("  wang:", "  chen: {}\n  wang:"), encoding="utf-8")
    assert main(command) == 0
    kept = imports.kept_passwords([(home / "users.csv").read_text("utf-8-sig")])
    assert kept.items() > made.items() and f"chen@{DOMAIN}" in kept


def test_a_long_list_is_split_as_the_vendor_wants_it() -> None:
    people = tuple(Mailbox(f"p{number}@{DOMAIN}", "person") for number in range(450))
    files = imports.import_files(Mailboxes(DOMAIN, DAY, mailboxes=people), "zoho-mail")
    assert {name: text.count("\r\n") - 1 for name, text in files.items()} == {
        "users.csv": 200,
        "users-2.csv": 200,
        "users-3.csv": 50,
    }


@pytest.mark.skipif(not SHARED.exists(), reason="the gathered facts are not here")
def test_headings_are_the_vendors_own() -> None:
    facts = (SHARED / "facts" / "mailboxes.md").read_text(encoding="utf-8")
    made = Mailboxes(DOMAIN, DAY)
    for service in IMPORTED:
        files = imports.import_files(made, service)
        assert files, service
        for text in files.values():
            assert text.splitlines()[0].replace('"', "") in facts, service


def test_a_checklist_is_ticked_where_something_was_seen() -> None:
    made = mailboxes(COMPANY)
    text = report.checklist(made, Text("X", "X"), "en", lambda _: "api")
    checks = [
        Check("address-takes-mail", Status.PASS, f"wang@{DOMAIN}", "RCPT", (), (), ""),
        Check("address-takes-mail", Status.PASS, f"info@{DOMAIN}", "RCPT", (), (), ""),
        Check("test-mail-arrives", Status.PASS, f"sales@{DOMAIN}", "MAIL", (), (), ""),
        Check("test-mail-arrives", Status.PASS, f"old@{DOMAIN}", "MAIL", (), (), ""),
        Check("test-mail-astray", Status.FAIL, f"old@{DOMAIN}", "MAIL", (), (), ""),
    ]
    done = ticked(text, checks)
    assert [line for line in done.splitlines() if "[x]" in line] == [
        line.replace("[ ]", "[x]")
        for line in text.splitlines()
        if f"person:wang@{DOMAIN} " in line or f"group:sales@{DOMAIN} " in line
    ]
    assert done.replace("[x]", "[ ]") == text and ticked(done, checks) == done
    lost = [Check("address-refused", Status.FAIL, f"wang@{DOMAIN}", "RCPT", (), (), "")]
    assert ticked(done, lost).count("[x]") == 1


def test_trace_and_who_on_the_command_line(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = ["--as-of", "2026-11-23"]
    assert main(["trace", str(spec), "--to", "info", "--subject", "产品A", "--format", "json", *day]) == 0
    assert [each["address"] for each in json.loads(capsys.readouterr().out)["reached"]] == [f"wang@{DOMAIN}"]
    assert main(["trace", str(spec), "--to", "info@acme-trade.com", "--lang", "zh", *day]) == 0
    assert "rules[2] 命中" in capsys.readouterr().out
    message = spec.with_name("mail.eml")
    message.write_bytes(b"From: a@b.example\r\nSubject: =?gbk?b?suzGt0E=?=\r\n\r\nhi\r\n")
    assert main(["trace", str(spec), "--to", "info", "--message", str(message), *day]) == 0
    assert "rules[2] fires" in capsys.readouterr().out
    message.write_bytes("Subject: 产品A\r\n\r\nhi\r\n".encode())
    assert main(["trace", str(spec), "--to", "info", "--message", str(message), *day]) == 0
    assert "rules[0] fires" in capsys.readouterr().out
    assert main(["trace", str(spec), "--to", "nobody", *day]) == 1
    assert main(["trace", str(spec), "--to", "a@elsewhere.example", *day]) == 1
    capsys.readouterr()
    with spec.open("a", encoding="utf-8") as stream:
        stream.write("expect: [{mail_to: info, subject: 产品A, reaches: li}]\n")
    assert main(["trace", str(spec), "--to", "info", "--subject", "产品A", "--lang", "en", *day]) == 1
    both = capsys.readouterr()
    assert "expectation-missed" in both.err and "rules[0] fires" in both.out, (
        "the error's own hint leads here"
    )
    spec.write_text(spec.read_text("utf-8").replace("reaches: li", "reaches: wang"), "utf-8")
    assert main(["who", "li", str(spec), "--format", "json", *day]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert {"person", "handover", "address", "owner", "rule"} <= {each["kind"] for each in found["threads"]}
    assert main(["who", "agent@partner.example", str(spec), *day]) == 0
    assert main(["who", "stranger", str(spec), *day]) == 1


def test_no_address_goes_silent_without_consent() -> None:
    made = mailboxes(COMPANY)
    now = [f"{each}@{DOMAIN}" for each in ("info", "sales", "wang", "zhao", "WANG")]
    assert gate(now, made, (), DAY) == ()
    (finding,) = gate([*now, f"jobs@{DOMAIN}"], made, (), DAY)
    assert finding.rule == "role-address-emptied" and f"jobs@{DOMAIN}" in finding.message("zh")
    assert len(gate(now, None, (), DAY)) == 4
    assert len(gate([f"@{DOMAIN}"], made, (), DAY)) == 1
    consent = Consent("role-address-emptied", DAY)
    assert gate([*now, f"jobs@{DOMAIN}"], made, (consent,), DAY) == ()
    assert gate([f"jobs@{DOMAIN}"], made, (consent,), DAY + dt.timedelta(1))
    later = mailboxes(COMPANY, dt.date(2027, 5, 1))
    assert gate(now, later, (), dt.date(2027, 5, 1)) == ()


def test_tables_are_written_at_once_and_only_where_they_change(tmp_path: Path) -> None:
    made = mailboxes(COMPANY)
    (tmp_path / postfix.ALIASES).write_bytes(b"# caf\xe9\nroot@other.example  x@other.example\n")
    folder.apply(folder.change(made, DOMAIN, tmp_path))
    assert not [file_change for file_change in folder.change(made, DOMAIN, tmp_path) if file_change.is_change]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(postfix.NAMES)
    folder.apply(folder.change(None, DOMAIN, tmp_path))
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.read_bytes()}
    assert left == {postfix.ALIASES: b"# caf\xe9\nroot@other.example  x@other.example\n"}


def test_two_tables_of_one_size_never_have_the_same_second(tmp_path: Path) -> None:
    """Dovecot would take the second for the first: it compares size and whole seconds."""
    path = tmp_path / postfix.SUSPENDED
    times = []
    for name in ("zhao", "zhou", "zhao", "zhou"):
        text = folder.read(tmp_path)[postfix.SUSPENDED]
        folder.apply((folder.FileChange(path, text, f"{name}@{DOMAIN}\n"),))
        times.append(int(path.stat().st_mtime))
    assert len(set(times)) == 4 and times == sorted(times)
