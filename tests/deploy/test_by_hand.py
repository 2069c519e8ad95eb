"""Records that somebody enters by hand: what the sheet says, what is ours, and what nobody may conclude."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailwright.deploy.embedded.engine import Embedded
from mailwright.deploy.program import main as program
from tests.deploy.consoles import (
    CONSENT,
    DMARC,
    DOMAIN,
    MANUAL,
    MX,
    NEW,
    OLD,
    UNION,
    ZONE,
    Console,
    consoles,
)
from tests.deploy.worlds import DOWN, FOREIGN
from tests.servers.base import FULL
from tests.standards.test_dkim import B64

KEY = f"v=DKIM1; k=rsa; p={B64}"
#: How often nothing is entered: a few times in every run of the tests, 1,000 times by hand.
RUNS = 1000 if os.environ.get("MAILWRIGHT_MANY") else 4
_DOWN = [word for rule in DOWN.split(",") for word in ("--allow", rule)]
_FOREIGN = "".join(line.replace(" 300 ", " 300 IN ", 1) + "\n" for line in FOREIGN.splitlines())


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILWRIGHT_AS_OF")


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Console]:
    with consoles(tmp_path, capsys, _FOREIGN + OLD) as made:
        made.write()
        yield made


@pytest.fixture
def two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Console]:
    with consoles(tmp_path, capsys, _FOREIGN + OLD, _FOREIGN + OLD) as made:
        made.write()
        yield made


def test_from_another_mail_host_to_this_one(console: Console) -> None:
    code, told = console.run("up")
    assert code == 3 and "[mx-changed]" in told and "[spf-sender-dropped]" in told
    code, told = console.run("preview", *CONSENT)
    assert code == 2 and "Value, new: " + UNION in told and "Delete" not in told
    code, first = console.run("up", *CONSENT)
    assert code == 2 and "never delete it first" in first and "Value, now: mail.old.example" in first
    assert console.state["applied"] == {} and console.state["pending"]
    assert console.state["urn"].endswith(f"::{DOMAIN}@manual")

    console.put(MX)  # both are added, where the sheet said to edit the old one
    code, told = console.run("up", *CONSENT)
    assert code == 2 and told.count(". Delete") == 1 and "mail.old.example" in told
    assert "mxbiz1" not in told.partition("[ ]")[2], "what is there is not asked for"
    assert console.run("up")[0] == 3, "it has not gone yet, so it is asked about still"
    console.drop("@", "MX", "10 mail.old.example.")
    console.put(DMARC)
    console.edit_spf("v=spf1 ip4:192.0.2.1 -all", UNION)
    code, told = console.run("up", *CONSENT, day="2026-12-01")
    assert code == 0 and "[ ]" not in told and "ip4:192.0.2.1 in the SPF record of @" in told
    code, told = console.run("up", day="2026-12-02")
    assert code == 0 and "Nothing to change." in told, "consented to, and retires on time"
    code, told = console.run("up", day="2026-12-03")
    assert code == 2 and "Value, new: " + NEW in told
    console.edit_spf(UNION, NEW)
    assert console.run("up", day="2026-12-03")[0] == 0
    code, told = console.run("preview", day="2026-12-04")
    assert code == 0 and "Nothing to change." in told
    assert not console.state["retiring"] and not console.state["asked"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_with_nothing_entered_every_run_says_the_same(console: Console, lang: str) -> None:
    """Nothing asked for is ours, a repair, or consented to for good."""
    refused = console.run("up", lang=lang)
    asked = console.run("up", *CONSENT, lang=lang)
    assert refused[0] == 3 and asked[0] == 2
    sheet = asked[1].partition("manual: create")[2]
    for number in range(RUNS):
        day = f"2027-{1 + number % 12:02}-{1 + number % 28:02}" if number % 2 else "2026-11-23"
        again = console.run("up", *CONSENT, lang=lang, day=day)
        assert again[0] == 2 and again[1].partition("manual: update")[2] == sheet
        assert console.run("up", lang=lang) == refused
        assert console.state["applied"] == {} and console.state["retiring"] == []
        assert console.state["asked"][f"{ZONE} MX"]["since"] == "2026-11-23"


def test_a_selector_waits_for_its_successor_at_another_name(console: Console) -> None:
    """Asked for on one day and seen on another: the old key's time begins on the second."""
    path = console.write()

    def sign(selector: str) -> None:
        dkim = f"{{service: tencent-exmail, dkim: [{{name: {selector}._domainkey, value: {KEY!r}}}]}}"
        path.write_text(re.sub("mail_host: .*", f"mail_host: {dkim}", path.read_text("utf-8")), "utf-8")

    sign("s1")
    console.put(MX + DMARC + f's1._domainkey 600 TXT "{KEY[:200]}" "{KEY[200:]}"\n')
    console.edit_spf("v=spf1 ip4:192.0.2.1 -all", NEW)
    console.drop("@", "MX", "10 mail.old.example.")
    assert console.run("up")[0] == 0
    sign("s2")
    assert console.run("up")[0] == 3, "nobody has said that s1 signs nothing any more"
    for day in ("2026-11-23", "2026-12-20"):
        code, told = console.run("up", "--allow", "selector-gone", day=day)
        assert code == 2 and "Host: s2._domainkey" in told and "Delete" not in told
        assert "once its successor is seen" in told and not console.state["retiring"]
    console.put(f's2._domainkey 600 TXT "{KEY[:200]}" "{KEY[200:]}"\n')
    code, told = console.run("up", day="2026-12-20")
    assert code == 3 and "[selector-gone]" in told, "now it is settled, and asked about"
    code, told = console.run("up", "--allow", "selector-gone", day="2026-12-20")
    assert code == 0 and "It may go from 2026-12-28 on" in told, "signed mail waits in queues"
    code, told = console.run("up", day="2026-12-28")
    assert code == 2 and "Delete" in told and "s1._domainkey" in told


def test_what_one_server_does_not_show_is_neither_there_nor_gone(two: Console) -> None:
    assert two.run("up", *CONSENT)[0] == 2
    first, second = two.servers
    first.put(ZONE, f'@ 600 TXT "{UNION}"\n')
    first.drop(ZONE, "@", "TXT", '"v=spf1 ip4:192.0.2.1 -all"')
    code, told = two.run("up", *CONSENT, day="2026-12-01")
    assert (
        code == 2 and "Not sure yet: acme-trade.example TXT" in told and "enter nothing a second time" in told
    )
    assert "v=spf1" not in told.partition("[ ]")[2] and not two.state["retiring"]
    second.put(ZONE, f'@ 600 TXT "{UNION}"\n')
    second.drop(ZONE, "@", "TXT", '"v=spf1 ip4:192.0.2.1 -all"')
    code, told = two.run("up", *CONSENT, day="2026-12-09")
    assert code == 2 and "It may go from 2026-12-11 on" in told, "seen on all of them today"
    assert [each["value"] for each in two.state["retiring"]] == ["ip4:192.0.2.1"]
    first.put(ZONE, MX)
    first.drop(ZONE, "@", "MX", "10 mail.old.example.")
    code, told = two.run("up", *CONSENT, day="2026-12-20")
    assert code == 2 and "Not sure yet" in told and "Delete" not in told, "gone is gone from all"


def test_where_a_server_is_silent_nothing_is_judged_and_nothing_may_go(two: Console) -> None:
    two.put(MX + DMARC)
    two.drop("@", "MX", "10 mail.old.example.")
    two.edit_spf("v=spf1 ip4:192.0.2.1 -all", UNION)
    assert two.run("up", *CONSENT)[0] == 0
    before = two.state
    two.servers[1].kill()
    code, told = two.run("up", "--deadline", "5s", day="2026-12-20")
    assert code == 2 and "cannot all be queried" in told and "Delete" not in told
    assert {**two.state, "pending": False, "asOf": before["asOf"]} == before
    code, told = two.run("refresh", "--deadline", "5s", day="2026-12-20")
    assert code == 1 and "kept as it was seen before" in told and "Nothing to change" not in told
    code, told = two.run("destroy", *_DOWN, "--deadline", "5s", day="2026-12-20")
    assert code == 1 and "nothing may be taken away" in told and two.state
    two.servers[1].start()
    code, told = two.run("up", day="2026-12-20")
    assert code == 2 and told.count(". Change") == 1 and "Value, new: " + NEW in told


def test_what_a_wildcard_makes_up_is_no_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_up = f'*.{ZONE} 300 IN TXT "v=DMARC1; p=none; rua=mailto:wang@{DOMAIN}"\n'
    with consoles(tmp_path, capsys, made_up) as console:
        console.write()
        code, told = console.run("up")
        assert code == 2 and "Host: _dmarc" in told
        assert console.state["applied"] == {}
        console.put(DMARC)
        assert console.run("up")[0] == 2
        assert list(console.state["applied"]) == [f"_dmarc.{ZONE} TXT"]


def test_a_wrong_paste_is_named_as_what_stands_there(console: Console) -> None:
    assert console.run("up", *CONSENT)[0] == 2
    console.put('@ 600 TXT "v=spf1 include:spf.mail.qq.con ~all"\n')  # a second one beside the first
    code, told = console.run("up", *CONSENT)
    assert code == 2 and told.count("Value, new: v=spf1") == 1 and "Delete" not in told
    assert told.count("Leave for now: @ TXT v=spf1") == 1, "the other goes once this one is seen"
    assert f"{ZONE} TXT" not in console.state["applied"]


def test_foreign_records_are_never_mentioned(console: Console) -> None:
    _, told = console.run("up", *CONSENT)
    assert "google-site-verification" not in told and "MS=ms12345678" not in told and "192.0.2.80" not in told


def test_taking_a_domain_down_passes_the_gate_and_says_what_to_delete(console: Console) -> None:
    console.put(MX + DMARC)
    console.edit_spf("v=spf1 ip4:192.0.2.1 -all", NEW)
    console.drop("@", "MX", "10 mail.old.example.")
    assert console.run("up")[0] == 0
    code, told = console.run("destroy")
    assert code == 3 and "[no-mx-left]" in told and console.state
    code, told = console.run("destroy", *_DOWN)
    assert code == 3 and "[found-before-removed]" in told, "MX and SPF stood there before the first up"
    code, told = console.run("destroy", *_DOWN, "--allow", "found-before-removed")
    assert code == 0 and told.count(". Delete") == 4, told


def test_undo_asks_for_what_stood_there_before(console: Console) -> None:
    assert console.run("up", *CONSENT)[0] == 2
    console.put(MX + DMARC)
    console.edit_spf("v=spf1 ip4:192.0.2.1 -all", UNION)
    console.drop("@", "MX", "10 mail.old.example.")
    assert console.run("up", *CONSENT)[0] == 0
    assert console.state["found"][f"{ZONE} MX"]["values"] == ["10 mail.old.example."]
    back = [*CONSENT, "--allow", "dmarc-weakened"]
    code, told = console.run("undo", *back, day="2026-11-24")
    assert code == 2 and told.count(". Delete") == 1 and "Host: _dmarc" in told, told
    assert "new: mail.old.example" in told and told.count("Leave for now: @ MX") == 1


def test_plain_program_succeeds_and_exports_what_is_pending(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ``pulumi up`` runs: it ends well, and its outputs say who waits."""
    monkeypatch.setenv("MAILWRIGHT_NAMESERVERS", f"127.0.0.1:{console.servers[0].port}")
    monkeypatch.setenv("MAILWRIGHT_ALLOW", "mx-changed,spf-sender-dropped")
    monkeypatch.setenv("MAILWRIGHT_SPECS", str(console.write()))
    monkeypatch.setenv("MAILWRIGHT_AS_OF", "2026-11-23")
    engine = Embedded(console.folder, "t", program=program)
    outcome = engine.up()
    assert not outcome.problems and outcome.waits

    def pending() -> object:
        body = json.loads(engine.path.read_text("utf-8"))
        (stack,) = [one for one in body["deployment"]["resources"] if one["type"] == "pulumi:pulumi:Stack"]
        return stack["outputs"]["pending"]

    assert pending() == [DOMAIN]
    console.put(MX + DMARC)
    console.drop("@", "MX", "10 mail.old.example.")
    console.edit_spf("v=spf1 ip4:192.0.2.1 -all", UNION)
    assert not engine.up().waits and pending() == []


def test_half_of_what_was_asked_for_is_no_change_of_mx(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was there when both exchangers were asked for; a second plan is asked about all the same."""
    with consoles(tmp_path, capsys, "") as console:
        console.write()
        assert console.run("up")[0] == 2
        console.put("@ 600 MX 5 mxbiz1.qq.com.\n")
        for _ in range(RUNS):
            code, told = console.run("up")
            assert code == 2 and "Value: mxbiz2.qq.com" in told and "Value: mxbiz1.qq.com" not in told
        console.put("@ 600 MX 20 mail.stranger.example.\n")
        code, told = console.run("up")
        assert code == 3 and "[mx-changed]" in told, "that one was not asked for"
        console.drop("@", "MX", "20 mail.stranger.example.")
        spec = console.write()
        spec.write_text(spec.read_text("utf-8").replace("tencent-exmail", "fastmail"), "utf-8")
        for words, expected in (((), 3), (CONSENT, 2), ((), 3), ((), 3)):
            code, told = console.run("up", *words)
            assert code == expected and ("[mx-changed]" in told) == (expected == 3)


def test_from_the_sheet_to_a_server_that_is_written_to(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sheet is forgotten, and nothing is taken away: the new way adopts what is there."""
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    console.put(MX + DMARC)
    console.drop("@", "MX", "10 mail.old.example.")
    console.edit_spf("v=spf1 ip4:192.0.2.1 -all", NEW)
    assert console.run("up")[0] == 0
    before = console.servers[0].texts(ZONE, "MX"), console.servers[0].joined(ZONE)
    port = console.servers[0].port
    console.write(f"{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {FULL.name}}}")
    for command in ("preview", "up", "up"):
        code, told = console.run(command)
        assert "Delete" not in told and code == (2 if command == "preview" else 0), told
    assert (console.servers[0].texts(ZONE, "MX"), console.servers[0].joined(ZONE)) == before
    assert f"::{DOMAIN}@manual" not in (console.folder / ".mailwright/state/stacks.json").read_text("utf-8")
    assert console.run("preview")[0] == 0


def test_up_waits_for_whoever_enters_it(console: Console) -> None:
    """The same run again and again; the sheet is told anew where it has changed."""
    done: list[str] = []

    def person() -> None:
        time.sleep(1)
        console.put(DMARC)
        done.append("DMARC")
        time.sleep(1)
        console.put(MX)
        console.drop("@", "MX", "10 mail.old.example.")
        console.edit_spf("v=spf1 ip4:192.0.2.1 -all", UNION)

    thread = threading.Thread(target=person)
    thread.start()
    code, told = console.run("up", *CONSENT, "--wait", "2m")
    thread.join()
    assert code == 0 and done and "Ctrl-C ends this" in told
    assert told.rstrip().endswith("Done.") and console.state["pending"] is False
    console.drop("@", "MX", "5 mxbiz1.qq.com.")
    code, told = console.run("up", "--wait", "1s")
    assert code == 2 and "goes on from here" in told


def test_names_are_relative_to_the_zone_that_holds_the_domain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``@`` would be the parent's own exchangers."""
    with consoles(
        tmp_path, capsys, "@ 300 IN MX 10 mail.hengda.example.\n", zone="hengda.example."
    ) as console:
        console.write(domain="mail.hengda.example")
        code, told = console.run("up")
        assert (
            code == 2 and "zone hengda.example" in told and "Host: mail\n" in told and "Host: @" not in told
        )
        assert "Host: _dmarc.mail\n" in told and "write it into the spec: zone: hengda.example" in told
        assert console.state["servedZone"] == "hengda.example."
        console.write(
            "{service: manual, console: aliyun, zone: hengda.example}", domain="mail.hengda.example"
        )
        code, told = console.run("up")
        assert code == 2 and "Host: mail\n" in told and "write it into the spec" not in told


def test_another_zone_than_before_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with consoles(tmp_path, capsys, "", zone="hengda.example.") as console:
        console.write(domain="mail.hengda.example")
        assert console.run("up")[0] == 2
        with consoles(tmp_path, capsys, "", zone="mail.hengda.example.") as other:
            for lang in ("en", "zh"):
                code, told = other.run("up", lang=lang)
                assert code == 3 and "[zone-moved]" in told and "zone: mail.hengda.example" in told
            other.write(
                "{service: manual, console: aliyun, zone: mail.hengda.example}", domain="mail.hengda.example"
            )
            code, told = other.run("up")
            assert code == 2 and "Host: @" in told


def test_without_a_network_names_are_written_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with consoles(tmp_path, capsys, "") as console:
        console.write(MANUAL, domain="mail.hengda.example")
        console.servers[0].kill()
        for lang, asks in (("en", "Say it in the spec"), ("zh", "请在规格中写明")):
            code, told = console.run("up", "--deadline", "4s", lang=lang)
            assert code == 2 and ": _dmarc.mail.hengda.example\n" in told and asks in told
