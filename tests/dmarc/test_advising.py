"""From reports to the next step of a policy: who sends, who loses what, and when nothing gets stricter."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.spec.loading import load
from tests.dmarc.samples import DOMAIN, FORWARDED, GOOD, SPOOF, Mail, google, netease, tls

TODAY = dt.datetime.now(dt.UTC).date()
CRM = Mail("198.51.100.20", 20, dkim="fail", spf="fail", d="", envelope="crm.example")
NEWS = Mail("198.51.100.30", 40, spf="fail", selector="k2", envelope="bounce.mcsv.net")
SPEC = """\
version: 1
domain: {domain}
timezone: UTC
mail_host:
  service: self-hosted
  mx: ["10 mail.{domain}"]
  ip4: [203.0.113.10]
dns_hosts: [{{service: manual}}]
contact: wang@{domain}
senders:
  - {{custom: crm, from: info, ip4: [198.51.100.20]}}
  - {{service: mailchimp, from: news@{domain}}}
signing:
  - {{selector: s1, public_key: "{key}"}}
{more}"""
KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsf67vHGUSH9gQwFRRzbCXH/hgusABfe3Fn6jVOAxh9Km4pDllYpRoKpCKuf3UO8bRe1B"
    "mmhwjw89XPDErwZ4OGrOhtLpR/SxkvQbi4Hp8HeAg2NAkCHAt/2i+ee1MZH3SVrmZe+EEfRXjafk/9Dl653cpeZmtKSsp23ZR7OSOLCf2hAQiM61"
    "lNL0BdiZvSeC5pgNub2WvuwoCA8F4VNTk6pUol4NG/FijK+KpDCxfVdjbHVfIviRqNBwsuHem0Me7gIUvWy0nltfj2OrrjmvoWDFLXuqmpLds0Ua"
    "P1stTzrXD21I1piLVPSpQfW2X9jWaBsksPGKkha1ECZxaR+AkwIDAQAB"
)


class Company:
    """A spec, its store of reports, and somebody at the command line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.path = folder / "acme.yaml"
        self.write()

    def write(self, more: str = "", domain: str = DOMAIN, name: str = "acme.yaml") -> Path:
        path = self.folder / name
        path.write_text(SPEC.format(domain=domain, key=KEY, more=more), "utf-8")
        return path

    def reported(self, mails: Sequence[Mail], days: int = 20, p: str = "none", back: int = 1) -> None:
        """Two receivers report the same mail on each of some days up to ``back`` days ago."""
        folder = self.folder / "in"
        folder.mkdir(exist_ok=True)
        for number in range(days):
            day = TODAY - dt.timedelta(days=back + number)
            for name, make in (("google", google), ("163", netease)):
                (folder / f"{name}-{day}-{p}.xml").write_text(make(day, mails, p), "utf-8")
        assert main(["dmarc", "report", str(folder), "--spec", str(self.path)]) == 0
        self.capsys.readouterr()

    def advise(self, *words: str, path: Path | None = None) -> tuple[int, dict[str, object]]:
        code = main(["dmarc", "advise", str(path or self.path), "--lang", "en", "--format", "json", *words])
        (made,) = json.loads(self.capsys.readouterr().out)
        return code, made

    def states(self, *words: str) -> dict[str, str]:
        return {each["key"]: each["state"] for each in self.advise(*words)[1]["conditions"]}  # type: ignore[attr-defined]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Company:
    monkeypatch.chdir(tmp_path)
    return Company(tmp_path, capsys)


def sources(made: dict[str, object]) -> dict[str, dict[str, object]]:
    return {each["id"]: each for each in made["sources"]}  # type: ignore[attr-defined]


def test_each_source_is_named_and_what_would_be_lost_is_said(company: Company) -> None:
    company.reported([GOOD, NEWS, CRM, FORWARDED, SPOOF])
    code, made = company.advise()
    found = sources(made)
    assert found["self-hosted"]["passed"] == found["self-hosted"]["messages"] == 400
    assert found["mailchimp"]["declared"] and found["mailchimp"]["lost"] == 0
    assert found["crm"]["lost"] == 800 and found["crm"]["addresses"] == ["198.51.100.20"]
    assert found["unknown 198.51.100.7"]["forwarded"] == 120 and not found["unknown 198.51.100.7"]["lost"]
    assert found["unknown 192.0.2.66"]["lost"] == 200 and not found["unknown 192.0.2.66"]["declared"]
    assert (code, made["state"]) == (2, "open")
    states = company.states()
    assert states["sender crm"] == "open" and states["sender self-hosted"] == states["days"] == "done"
    assert states["unknown"] == "open", "one in ten messages comes from nobody knows whom"
    seen = f"attest: [{{what: dmarc-sources, by: wang@{DOMAIN}, on: {TODAY}, days: 30}}]\n"
    company.write(seen)
    assert company.states()["unknown"] == "done"


def test_the_next_step_is_a_diff_that_git_takes_and_first_with_t(company: Company) -> None:
    company.reported([GOOD, NEWS, FORWARDED])
    steps = []
    for p in ("none", "quarantine", "quarantine", "reject", "reject"):
        if p != "none":
            company.reported([GOOD, NEWS], p=p)
        code, made = company.advise()
        steps.append((code, made["state"], made["next"]))
        if made["diff"]:
            subprocess.run(["git", "init", "-q"], cwd=company.folder, check=True)
            path = f"-p{len(company.path.parts) - 1}"
            patch = str(made["diff"]).encode()
            subprocess.run(["git", "apply", path, "-"], cwd=company.folder, input=patch, check=True)
    assert steps == [
        (0, "due", "guard, t=y"),
        (0, "due", "guard"),
        (0, "due", "reject, t=y"),
        (0, "due", "reject"),
        (0, "end", None),
    ]
    spec = load(company.path).spec
    assert spec and (spec.dmarc.stage, spec.dmarc.t) == ("reject", "n")


@pytest.mark.parametrize(
    ("days", "words", "waits"),
    [
        (5, (), {"days"}),
        (5, ("--days", "5"), set()),
        (20, ("--messages", "100000"), {"messages"}),
        (20, ("--receivers", "3"), {"receivers"}),
    ],
)
def test_too_little_is_waited_for(
    company: Company, days: int, words: tuple[str, ...], waits: set[str]
) -> None:
    company.reported([GOOD], days)
    code, made = company.advise(*words)
    waiting = {each["key"] for each in made["conditions"] if each["state"] == "waiting"}  # type: ignore[attr-defined]
    assert waiting == waits and code == (2 if waits else 0)


def test_reports_of_another_policy_do_not_count(company: Company) -> None:
    company.reported([GOOD])
    company.write("dmarc: {stage: guard}\n")
    code, made = company.advise()
    assert (code, made["state"]) == (1, "unknown"), "nobody reported yet what happens under p=quarantine"


def test_mail_that_is_lost_already_leads_a_step_back_with_its_consent(company: Company) -> None:
    more = "dmarc:\n  # since May\n  stage: reject  # all of it\n  rua: [wang@acme-trade.com]\n"
    company.write(more)
    company.reported([GOOD, replace(CRM, disposition="reject")], p="reject")
    code, made = company.advise()
    assert (code, made["state"], made["next"]) == (2, "back", "reject, t=y")
    diff = str(made["diff"])
    assert "+  t: y" in diff and "rule: dmarc-weakened" in diff
    assert "-  stage" not in diff, "what does not change is not touched"
    company.write("dmarc: {stage: guard}\n")
    _, made = company.advise("--back")
    assert made["next"] == "guard, t=y"


def test_subdomains_keep_their_policy_while_their_mail_fails(company: Company) -> None:
    shop = replace(CRM, header_from=f"shop.{DOMAIN}", count=1, source="198.51.100.20")
    company.reported(
        [replace(GOOD, count=500), shop, replace(CRM, count=1000, dkim="pass", d=DOMAIN, selector="crm")]
    )
    code, made = company.advise()
    assert code == 0 and made["keys"] == {"stage": "guard", "t": "y", "sp": "none"}
    company.write("dmarc: {stage: reject, sp: none, np: quarantine}\n")
    company.reported([GOOD], p="reject")
    assert company.advise()[1]["keys"] == {"sp": "quarantine"}
    company.write("dmarc: {stage: reject, sp: reject, np: quarantine}\n")
    assert company.advise()[1]["keys"] == {"np": "reject"}
    company.write("dmarc: {stage: reject, sp: reject, np: quarantine, since: 2026-01-01}\n")
    keys = company.advise()[1]["keys"]
    assert set(keys) == {"np", "since"} and keys["since"] > "2026-01-01", "a step has a day of its own"


NEXT = f'  - {{selector: s2, replaces: s1, public_key: "{KEY}"}}\n'
MOVE = "moving_from: {service: fastmail, contract_until: 2099-12-31}\n"


def test_during_a_move_and_fourteen_days_after_nothing_gets_stricter(company: Company) -> None:
    company.reported([GOOD])
    company.write(MOVE)
    code, made = company.advise()
    assert (code, made["state"]) == (2, "waiting") and company.states()["settled"] == "waiting"
    company.write()
    memory = company.folder / ".mailwright" / "moves" / f"{DOMAIN}.json"
    memory.parent.mkdir(parents=True, exist_ok=True)
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(days=10)
    memory.write_text(json.dumps({"stage": "withdraw", "since": ended.isoformat(), "longest": 3600}))
    code, made = company.advise()
    assert code == 2 and made["coverage"]["days"] < 10, "days before the switch do not count"  # type: ignore[index]
    ended -= dt.timedelta(days=13)
    memory.write_text(json.dumps({"stage": "withdraw", "since": ended.isoformat(), "longest": 3600}))
    assert company.advise()[0] == 0


def test_a_policy_that_is_kept_as_found_is_told_and_not_written_around(company: Company) -> None:
    company.reported([GOOD])
    company.write('as_found: [{name: _dmarc, type: TXT, values: ["v=DMARC1; p=none"]}]\n')
    code, made = company.advise()
    assert code == 2 and made["diff"] == "" and "stays as it was found" in str(made["errors"])


def test_while_a_key_is_replaced_nothing_gets_stricter(company: Company) -> None:
    company.reported([GOOD])
    text = company.path.read_text()
    company.path.write_text(text.replace("signing:\n", f"signing:\n{NEXT}"))
    code, made = company.advise()
    assert (code, made["state"]) == (2, "waiting") and company.states()["settled"] == "waiting"


def test_a_sender_that_nobody_saw_is_a_question_and_no_change(company: Company) -> None:
    company.reported([GOOD], days=60)
    code, made = company.advise()
    assert code == 0 and set(made["silent"]) == {"crm", "mailchimp"}  # type: ignore[call-overload]
    assert "crm" not in str(made["diff"])


def test_many_domains_are_a_table_and_words_are_in_both_languages(company: Company) -> None:
    company.reported([GOOD, CRM, SPOOF])
    (company.folder / "in" / "tls.json").write_bytes(tls(TODAY - dt.timedelta(days=2), 5, 2))
    main(["dmarc", "report", "in"])
    company.capsys.readouterr()

    def words(lang: str) -> str:
        assert main(["dmarc", "advise", str(company.path), "--lang", lang]) == 2
        return company.capsys.readouterr().out

    english, chinese = words("en"), words("zh")
    assert "Not yet guard, t=y" in english and "certificate-expired" in english
    assert "crm：800 封中有 800 封会丢失" in chinese and "还不能进入 guard" in chinese
    for number in range(3):
        company.write(domain=f"acme{number}.example", name=f"{number}.yaml")
    assert main(["dmarc", "advise", str(company.folder), "--lang", "en"]) == 1
    lines = company.capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and lines[0].startswith("domain") and "no reports" in lines[1]
