"""The commands that keep the catalog true, as processes: snapshots made here, a living nameserver."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mailwright import catalog
from mailwright.catalog import loading
from mailwright.operations.catalog import comparing, freshness
from mailwright.operations.catalog.gaps import gaps
from mailwright.sandbox.nameserver import running
from tests.cli.test_commands import mailwright
from tests.conftest import ROOT, SHARED

TEMPLATE = {
    "providerId": "titan.email",
    "serviceId": "titan-mail-hosting",
    "version": 1,
    "records": [
        {"type": "MX", "host": "@", "priority": 10, "pointsTo": "mx1.titan.email"},
        {"type": "MX", "host": "@", "priority": 20, "pointsTo": "mx2.titan.email"},
        {"type": "SPFM", "host": "@", "spfRules": "include:spf.titan.email"},
        {"type": "TXT", "host": "titan1._domainkey", "data": "%dkim%"},
    ],
}
SETTINGS = """\
<clientConfig version="1.1"><emailProvider id="one.com"><domain>one.com</domain>
<incomingServer type="imap">
<hostname>imap.one.com</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
<outgoingServer type="smtp">
<hostname>send.one.com</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>
</emailProvider></clientConfig>
"""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    templates, settings = tmp_path / "Templates", tmp_path / "autoconfig"
    (settings / "ispdb").mkdir(parents=True)
    (settings / "ispdb" / "one.com.xml").write_text(SETTINGS)
    (templates / ".git" / "refs" / "heads").mkdir(parents=True)
    (templates / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (templates / ".git" / "refs" / "heads" / "main").write_text(COMMIT + "\n")
    (templates / "titan.email.titan-mail-hosting.json").write_text(json.dumps(TEMPLATE))
    return tmp_path


def compared(folder: Path, *services: str, lang: str = "en") -> tuple[int, str]:
    done = mailwright("catalog", "compare", "--snapshot", str(folder), "--lang", lang, *services)
    return done.returncode, done.stdout


def test_a_catalog_that_agrees_has_no_difference(clones: Path) -> None:
    code, text = compared(clones, "titan-email", "one-com")
    assert code == 0 and "no difference" in text
    assert f"templates at {COMMIT}; the catalog was compared at e002d91" in text


@pytest.mark.parametrize(
    ("old", "new", "theirs", "ours"),
    [
        ("mx2.titan.email", "mx3.titan.email", "MX @ 20 mx2.titan.email", "MX @ 20 mx3.titan.email"),
        ("priority: 20", "priority: 30", "MX @ 20 mx2.titan.email", "MX @ 30 mx2.titan.email"),
        (
            "include:spf.titan.email",
            "include:spf2.titan.email",
            "include:spf.titan.email",
            "include:spf2.titan",
        ),
        (
            "host: titan1._domainkey",
            "host: titan2._domainkey",
            "TXT titan1._domainkey",
            "TXT titan2._domainkey",
        ),
    ],
)
def test_one_value_changed_by_hand_is_found(clones: Path, old: str, new: str, theirs: str, ours: str) -> None:
    """The catalog's own file, with one value changed, against the snapshot."""
    text = (loading.SERVICES / "titan-email.yaml").read_text(encoding="utf-8")
    assert old in text
    data = yaml.safe_load(text.replace(old, new))
    (snapshot,) = [each for each in comparing.snapshots(clones) if each.kind == "templates"]
    from mailwright.catalog import reading

    said = [
        str(difference) for difference in comparing.compare(snapshot, [reading.read("titan-email", data)])
    ]
    assert any(theirs in each and "the catalog has not" in each for each in said), said
    assert any(ours in each and each.startswith("titan-email: the catalog has") for each in said), said
    assert len(said) == 2


def test_settings_of_a_mail_program_that_differ_are_found(clones: Path) -> None:
    path = clones / "autoconfig" / "ispdb" / "one.com.xml"
    path.write_text(SETTINGS.replace("send.one.com", "mail.one.com"))
    code, text = compared(clones, "one-com", lang="zh")
    assert code == 2
    assert "ispdb/one.com.xml 有 smtp mail.one.com 465 implicit，目录没有" in text
    assert "目录有 smtp send.one.com 465 implicit" in text


def test_a_newer_or_vanished_template_is_told_and_what_is_known_is_left_out(clones: Path) -> None:
    path = clones / "Templates" / "titan.email.titan-mail-hosting.json"
    path.write_text(json.dumps({**TEMPLATE, "version": 2}))
    line = "titan-email: titan.email.titan-mail-hosting is at version 2, the catalog at 1"
    assert line in compared(clones, "titan-email")[1]
    known = ("--snapshot", str(clones), "--known", str(clones / "known"), "--lang", "en", "titan-email")
    (clones / "known").write_text(f"# Only the logo is another.\n{line}\n")
    done = mailwright("catalog", "compare", *known)
    assert done.returncode == 0 and "version 2" not in done.stdout
    for text in (f"{line}\n", f"# Of another kind.\n\n{line}\n"):
        (clones / "known").write_text(text)
        done = mailwright("catalog", "compare", *known)
        assert done.returncode == 2 and line in done.stdout, "nothing is accepted without a reason"


def test_every_accepted_difference_has_a_reason_of_its_own_kind() -> None:
    lines = (ROOT / "ci" / "catalog-known.txt").read_text(encoding="utf-8").splitlines()
    reasons = comparing.accepted(lines)
    assert set(reasons) == {line for line in lines if line and not line.startswith("#")}
    assert all(len(reason.split()) >= 8 for reason in reasons.values())


def test_starttls_beside_tls_from_the_start_is_no_difference(clones: Path) -> None:
    path = clones / "autoconfig" / "ispdb" / "one.com.xml"
    starttls = SETTINGS[SETTINGS.index('<incomingServer type="imap">') : SETTINGS.index("<outgoingServer")]
    starttls = starttls.replace("993", "143").replace("SSL", "STARTTLS")
    path.write_text(SETTINGS.replace("</emailProvider>", starttls + "</emailProvider>"))
    assert compared(clones, "one-com")[0] == 0
    other = starttls.replace("imap.one", "other.one")
    path.write_text(SETTINGS.replace("</emailProvider>", other + "</emailProvider>"))
    assert "imap other.one.com 143 starttls" in compared(clones, "one-com")[1]


def test_a_folder_without_a_clone_could_not_be_compared(tmp_path: Path) -> None:
    done = mailwright("catalog", "compare", "--snapshot", str(tmp_path), "--lang", "en")
    assert done.returncode == 1 and "neither Domain Connect's templates" in done.stderr


WORLD = """\
spf 300 TXT "v=spf1 include:_spf1.titan.email include:_spf2.titan.email -all"
_spf1 300 TXT "v=spf1 ip4:192.0.2.1 -all"
_spf2 300 TXT "v=spf1 a:gone.titan.email -all"
mx1 300 A 192.0.2.1
"""


def test_what_includes_cost_now_is_written_as_a_change_for_review(tmp_path: Path) -> None:
    with running({"titan.email.": WORLD, "flockmail.com.": ""}) as server:
        resolver = f"127.0.0.1:{server.port}"
        words = ("catalog", "compare", "--dns", "--resolver", resolver, "--lang", "en")
        done = mailwright(*words, "--as-of", "2026-12-07", "titan-email")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "include:spf.titan.email costs 4" not in done.stderr, "4 look-ups are what the catalog says"
    assert "include:spf.flockmail.com has no SPF record any more" in done.stderr
    assert "the exchanger mx2.titan.email has no address" in done.stderr
    assert "mx1.titan.email" not in done.stderr
    assert "+++ b/mailwright/catalog/services/titan-email.yaml" in done.stdout
    value = "{lookups: 4, void: 1, c: R, checked: '2026-12-07', source: measured-2026-12-07}"
    assert f"+  spf.titan.email: {value}" in done.stdout
    assert f"measured 2026-12-07 at {resolver}" in done.stdout


def test_a_key_that_is_gone_and_a_cost_that_changed_are_told() -> None:
    world = {"icloud.com.": '@ 300 TXT "v=spf1 include:a.icloud.com -all"\na 300 TXT "v=spf1 -all"\n'}
    with running({**world, "hostinger.com.": ""}) as server:
        resolver = f"127.0.0.1:{server.port}"
        words = ("catalog", "compare", "--dns", "--resolver", resolver, "--lang", "en")
        done = mailwright(*words, "icloud-custom-domain", "hostinger")
    assert "include:icloud.com costs 2, the catalog says 1" in done.stderr
    assert "hostingermail-a.dkim.mail.hostinger.com holds no DKIM key" in done.stderr


def test_a_nameserver_that_is_silent_tells_nothing_and_changes_nothing() -> None:
    with running({"example.": ""}) as server:
        port = server.port
    done = mailwright(
        "catalog", "compare", "--dns", "--resolver", f"127.0.0.1:{port}", "--deadline", "3s", "titan-email"
    )
    assert done.returncode == 1 and "+++" not in done.stdout


def test_the_written_change_is_a_whole_file_and_counts() -> None:
    from mailwright.catalog import reading
    from mailwright.catalog.checking import problems
    from mailwright.operations.catalog.measuring import Now, changed
    from mailwright.standards.spf import Cost

    now = Now("feishu", costs={"_netblocks.m.feishu.cn": Cost(3, 0)})
    change = changed(now, dt.date(2026, 12, 7), "192.0.2.53:53")
    assert change is not None
    data = yaml.safe_load(change[2])
    assert problems("feishu", data) == ()
    cost = reading.read("feishu", data).spf_costs["_netblocks.m.feishu.cn"]
    assert (cost.lookups, cost.voids) == (3, 0)
    assert catalog.load_services()["feishu"].spf_costs["_netblocks.m.feishu.cn"].lookups is None


# ── gaps ──


def test_gaps_are_the_most_common_names_that_no_service_shows(tmp_path: Path) -> None:
    listed = tmp_path / "captured.txt"
    listed.write_text(
        "# captured\n41 mx mx1.titan.email\nmx mx.unheard-of.example 7\nspf spf.unheard-of.example\n"
        "3 spf _spf.google.com\nmx vps1.ovh.net\nMX mx1.x.pphosted.com\n"
    )
    done = mailwright("catalog", "gaps", str(listed), "--lang", "en")
    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["7", "mx", "mx.unheard-of.example"],
        ["1", "mx", "vps1.ovh.net"],
        ["1", "spf", "spf.unheard-of.example"],
    ]
    assert "45 of 54 are known (83 %)" in done.stderr
    assert gaps([]).total == 0


# ── freshness ──


def test_a_value_grows_old_by_as_of_and_costs_sooner() -> None:
    service = catalog.load_services()["titan-email"]
    seen = max(evidence.checked for evidence in service.evidence.values())

    def told(days: int) -> dict[bool, set[str]]:
        made: dict[bool, set[str]] = {True: set(), False: set()}
        for stale in freshness.stale(seen + dt.timedelta(days=days), [service]):
            made[stale.fails].add(stale.text("en").split()[0])
        return made

    assert "sites[0].mx" in told(181)[False] and "sites[0].mx" not in told(181)[True]
    assert "sites[0].mx" in told(366)[True]
    cost = max(
        evidence.checked for path, evidence in service.evidence.items() if path.startswith("spf_costs")
    )
    old = [stale for stale in freshness.stale(cost + dt.timedelta(days=91), [service]) if stale.fails]
    assert {stale.text("en").split()[0] for stale in old} == {
        f"spf_costs.{name}" for name, spf_cost in service.spf_costs.items() if spf_cost.lookups is not None
    }
    assert "核对" in old[0].text("zh")


def test_check_fails_by_the_day_it_is_given() -> None:
    late = mailwright("catalog", "check", "--as-of", "2028-01-01", "--lang", "en")
    assert late.returncode == 1 and "error titan-email: sites[0].mx was last checked on" in late.stdout
    early = mailwright("catalog", "check", "--as-of", "2026-05-04", "--lang", "en")
    assert early.returncode == 0


# ── drafts ──

FACTS = SHARED / "facts" / "new-services.yaml"


@pytest.mark.skipif(not FACTS.exists(), reason="the gathered facts are not beside this checkout")
def test_facts_become_drafts_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    done = mailwright("catalog", "draft", str(FACTS), "--out", str(tmp_path), "--checked", "2026-11-01")
    assert done.returncode == 0, done.stderr
    written = {path.stem for path in tmp_path.glob("*.yaml")}
    assert len(written) >= 105 and written <= set(catalog.load_services())
    assert "_gateways: of an existing service: by hand" in done.stdout
    assert "microsoft365-from-godaddy" not in written
    counted = [line.split(maxsplit=1) for line in done.stderr.splitlines()[:-1]]
    assert sum(int(count) for count, _ in counted) == len(done.stdout.splitlines())
    draft = yaml.safe_load((tmp_path / "xinnet-global-mail.yaml").read_text(encoding="utf-8"))
    assert [each.get("guess") for each in draft["inputs"]] == [
        "20 mx.global-mail.cn",
        "20 mx1.global-mail.cn",
        None,
    ]


def test_a_draft_never_writes_what_is_from_memory_and_asks_for_what_one_source_saw() -> None:
    from mailwright.operations.catalog.drafting import drafts

    facts = {
        "nimbus_mail": {
            "kind": "mailbox_host",
            "mx": [
                {
                    "records": [{"priority": 10, "host": "mx.nimbus.example"}],
                    "c": {"host": "R", "priority": "M"},
                }
            ],
            "spf": {"mechanism": "redirect=spf.nimbus.example", "c": "W"},
            "dkim": [
                {"form": "CNAME", "host": "a._domainkey", "target": "a.nimbus.example", "c": "W"},
                {"form": "CNAME", "host": "b._domainkey", "target": "b.nimbus.example", "c": "D"},
            ],
            "client": {"imap": {"host": "imap.nimbus.example", "port": 993, "tls": "implicit", "c": "M"}},
        }
    }
    made = drafts(facts, checked="2026-11-01")
    file = made.files["nimbus-mail"]
    assert "mx" not in file["sites"][0]
    assert [each["value"] for each in file["sites"][0]["records"]] == ["{priority_1} mx.nimbus.example"]
    asked = {each["name"]: each.get("guess") for each in file["inputs"]}
    assert asked == {"priority_1": None, "spf_include": "spf.nimbus.example"}
    known, asked_for = file["dkim"]
    assert known["target"] == "b.nimbus.example" and "target" not in asked_for
    assert "a.nimbus.example" in asked_for["where"]["en"]
    assert "client" not in file
    assert {reject.value for reject in made.rejects} == {
        "CNAME a._domainkey a.nimbus.example",
        "imap imap.nimbus.example",
    }
    assert file["names"]["en"] == file["names"]["zh"] == "Nimbus Mail", "where no name is known"


def test_the_weekly_run_leaves_a_report_and_a_patch(clones: Path) -> None:
    """The script as it stands in ci/, with clones made here and a nameserver that serves one record."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    shutil.rmtree(clones / "Templates" / ".git")
    for name in ("Templates", "autoconfig"):
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "snapshot"]):
            identity = ["-c", "user.name=t", "-c", "user.email=t@example.net"]
            subprocess.run([git, *identity, *words], cwd=clones / name, check=True)
    out = clones / "out"
    with running({"titan.email.": WORLD, "flockmail.com.": ""}) as server:
        done = subprocess.run(
            [
                "sh",
                str(ROOT / "ci" / "catalog.sh"),
                str(out),
                "--resolver",
                f"127.0.0.1:{server.port}",
                "titan-email",
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "MAILWRIGHT": f"{sys.executable} -m mailwright",
                "CATALOG_CLONES": f"{clones / 'Templates'} {clones / 'autoconfig'}",
            },
            text=True,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 2, done.stdout + done.stderr
    report = (out / "catalog.md").read_text(encoding="utf-8")
    assert "mx2.titan.email has no address" in report and "templates at " in report
    assert "+  spf.titan.email: {lookups: 4" in (out / "catalog.patch").read_text(encoding="utf-8")


def test_a_name_that_two_services_share_shows_neither_alone() -> None:
    """Amazon's exchangers are those of SES too; only the alias beside them tells WorkMail."""
    told = gaps(["mx inbound-smtp.eu-west-1.amazonaws.com", "mx mx1.titan.email"])
    assert (told.known, told.total) == (1, 2)
