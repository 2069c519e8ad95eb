"""Archive, quotas, relays and transports: what a spec may say, which rows come of it, who is told of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailwright.deploy.mail.values import failures, rows_of, scripts_of
from mailwright.hosts.mail import folder, postfix
from mailwright.hosts.mail.tables import Wanted
from mailwright.model.finding import has_errors
from mailwright.operations.exporting import export
from mailwright.operations.who import who
from mailwright.plan.mailboxes.gate import judge
from mailwright.plan.mailboxes.trace import Mail, trace
from mailwright.report.mailboxes import checklist as report
from mailwright.report.mailboxes.objects import lines
from mailwright.report.page.page import Page, page
from tests.mailboxes.specs import COMPANY, DAY, DOMAIN, HEAD, mailboxes, planned, said, spec_of
from tests.mailboxes.specs import rules as ids

SPEC = """\
people:
  wang: {send_as: [info, sales]}
  li: {quota: 5GB}
  zhao: {left: 2026-10-31, handover: {to: li, until: 2027-04-30}}
addresses:
  info: {to: wang}
  hello: {to: info}
  sales: {to: [wang, li]}
  support: {to: [li, wang], shared: true, quota: 20 GB}
  records: {to: wang, shared: true}
rules: [{for: info, when: {subject_contains: pass}, then: {assign_to: li}}]
"""
WAYS = (
    'relays: {li: "[smtp.other.example]:587", "*": relay.example}, '
    'transports: {Partner.example: "[192.0.2.25]:2525"}'
)
COVERED = """\
people: {wang: {}, li: {away: {from: 2026-12-01, until: 2026-12-02, cover: wang}}}
archive: [{to: li}]
"""


def head(more: str) -> str:
    return HEAD.replace('"]}\n', f'"], {more}}}\n')


def at(*names: str) -> dict[str, str]:
    return {f"{name}@{DOMAIN}": f"records@{DOMAIN}" for name in names}


def test_a_spec_without_any_of_it_makes_the_rows_and_files_as_before(tmp_path: Path) -> None:
    made = mailboxes(COMPANY)
    assert {place.partition(" ")[0] for place in rows_of(made)} <= {*postfix.NAMES, "acl", "shared"}
    assert not {file_change.path.name for file_change in folder.change(made, DOMAIN, tmp_path)} & set(
        postfix.OPTIONAL
    )


@pytest.mark.parametrize(
    ("archive", "incoming", "outgoing"),
    [
        ("{to: records}", at(""), at("")),
        ("{to: records, mail: incoming}", at(""), {}),
        ("{to: records, mail: outgoing, for: info}", {}, at("info")),
        # li: by the group too, as the successor of zhao, and by rules, which pass mail on to li itself
        ("{to: records, for: li}", at("li", "sales", "support", "zhao") | {}, at("li", "support")),
        # wang: the rules of info run in the mailbox of wang
        (
            "{to: records, for: wang}",
            at("wang", "info", "hello", "sales", "abuse", "postmaster"),
            at("wang", "info", "sales", "support", "records"),
        ),
        ("{to: records, for: [sales]}", at("sales"), at("sales")),
        ("{to: records, for: info}", at("info", "hello"), at("info")),
    ],
)
def test_which_addresses_are_copied(archive: str, incoming: dict[str, str], outgoing: dict[str, str]) -> None:
    made = mailboxes(SPEC + f"archive: [{archive}]\n")
    if "for: li" in archive:
        incoming = {key: to for key, to in incoming.items() if not key.startswith("support")}
    assert made.archive_in == incoming and made.archive_out == outgoing
    rows = folder.rows_of(made)
    assert rows.get("archive_in", {}) == incoming and rows.get("archive_out", {}) == outgoing


def test_a_person_is_copied_where_a_script_passes_mail_on_and_not_for_what_others_get() -> None:
    """The tables lead sales to the script of wang only; what it passes on to li enters again."""
    ruled = SPEC.replace("rules: [", "rules: [{for: sales, when: {from: bank}, then: {assign_to: wang}}, ")
    made = mailboxes(ruled + "archive: [{to: records, for: li, mail: incoming}]\n")
    assert made.archive_in == at("li", "zhao")
    to_wang = trace(made, Mail(f"sales@{DOMAIN}", "a@bank.example"))
    assert to_wang.addresses == (f"wang@{DOMAIN}",)
    both = trace(made, Mail(f"sales@{DOMAIN}", "a@b.example"))
    assert both.addresses == tuple(f"{name}@{DOMAIN}" for name in ("li", "records", "wang"))


def test_the_page_says_who_gets_copies() -> None:
    text = SPEC + "archive: [{to: records, mail: outgoing}]\n"
    shown = page([Page(planned(text), DOMAIN, ())], "en")
    assert "archive: a copy of what goes out" in shown and f"*@{DOMAIN}" in shown


def test_the_trace_tells_of_the_archive_and_of_nothing_for_a_refused_address() -> None:
    made = mailboxes(SPEC + "archive: [{to: records}]\n")
    story = trace(made, Mail(f"wang@{DOMAIN}"))
    assert story.addresses == (f"records@{DOMAIN}", f"wang@{DOMAIN}")
    assert any("archived: a copy for" in step.text("en") for step in story.steps)
    assert not trace(made, Mail(f"nobody@{DOMAIN}")).reached
    outgoing = trace(made, Mail("buyer@outside.example", f"li@{DOMAIN}"))
    assert outgoing.addresses == ("buyer@outside.example", f"records@{DOMAIN}")


@pytest.mark.parametrize(
    ("archive", "rule"),
    [
        ("{to: nobody}", "unknown-person"),
        ("{to: records, for: nobody}", "unknown-person"),
        ("{to: records, for: a@b.example}", "target-outside"),
        ("{to: records, mail: sideways}", "value-not-allowed"),
    ],
)
def test_a_slip_in_an_archive_is_said_at_its_place(archive: str, rule: str) -> None:
    found = said(SPEC + f"archive: [{archive}]\n")
    assert [(each, line) for each, line, _ in found] == [(rule, SPEC.count("\n") + 1)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "people: {wang: {}, old: {left: 2026-10-31, closed: 2026-10-31}}\narchive: [{to: old}]\n",
            "archive-reaches-nobody",
        ),
        (SPEC + "archive: [{to: info}]\n", "archive-passes-on"),
        (SPEC + "archive: [{to: hello}]\n", "archive-passes-on"),
        (COVERED, "archive-passes-on"),
        (SPEC + "archive: [{to: records}, {to: support}]\n", "archive-two-targets"),
        (SPEC + "archive: [{to: records, for: li}, {to: support, for: wang}]\n", "archive-two-targets"),
        (SPEC + "archive: [{to: records, mail: incoming}, {to: records, mail: outgoing}]\n", None),
    ],
)  # fmt: skip
def test_an_archive_that_would_not_keep_is_an_error(text: str, rule: str | None) -> None:
    findings = planned(text).findings
    wanted = {rule} - {None}
    assert {
        identifier
        for identifier in ids(findings)
        if identifier.startswith("archive-") and identifier != "archive-with-quota"
    } == wanted


def test_a_successor_takes_the_archive_over() -> None:
    assert mailboxes(SPEC + "archive: [{to: zhao}]\n").archive_in == {f"@{DOMAIN}": f"li@{DOMAIN}"}


def test_quotas_are_lines_of_a_passwd_file(tmp_path: Path) -> None:
    made = mailboxes(SPEC)
    folder.apply(folder.change(made, DOMAIN, tmp_path))
    lines_ = (tmp_path / "quotas").read_text().splitlines()[1:-1]
    assert lines_ == [
        f"{name}@{DOMAIN}:{{CRYPT}}!::::::userdb_quota_rule=*:bytes={octets} "
        f"userdb_quota_storage_size={octets}B"
        for name, octets in (("li", 5 << 30), ("support", 20 << 30))
    ]
    assert not any(file_change.is_change for file_change in folder.change(made, DOMAIN, tmp_path))
    folder.apply(folder.change(mailboxes(SPEC.replace("quota: 5GB", "")), DOMAIN, tmp_path))
    assert f"li@{DOMAIN}" not in (tmp_path / "quotas").read_text()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("people: {wang: {quota: 5}}\n", "quota-too-small"),
        ("people: {wang: {quota: much}}\n", "bad-size"),
        ("people: {wang: {}}\naddresses: {info: {to: wang, quota: 5GB}}\n", "quota-without-mailbox"),
    ],
)
def test_a_slip_in_a_quota(text: str, rule: str) -> None:
    assert [each for each, _, _ in said(text)] == [rule]


@pytest.mark.parametrize(
    ("ways", "rule"),
    [
        ('relays: {li: "smtp.example.com"}', None),
        ('relays: {LI@acme-trade.com: "[2001:db8::1]:587"}', None),
        ('relays: {"*": "[127.0.0.1]:10025"}', None),
        ('transports: {.partner.example: mx.partner.example}', None),
        ('transports: {branch.acme-trade.com: "[192.0.2.1]"}', None),
        ('transports: {.acme-trade.com: "[192.0.2.1]"}', None),
        ('relays: {lee: "smtp.example.com"}', "unknown-person"),
        ('relays: {li@other.example: "smtp.example.com"}', "unknown-person"),
        ('relays: {li: "smtp.example.com:99999"}', "bad-relay"),
        ('relays: {li: "smtp.example.com:0"}', "bad-relay"),
        ('relays: {li: "192.0.2.1"}', "bad-relay"),
        ('relays: {li: "[smtp.example.com"}', "bad-relay"),
        ('relays: {li: "smtp.example.com 587"}', "bad-relay"),
        ('relays: {li: "smtp:[smtp.example.com]"}', "bad-relay"),
        ('relays: {li: "localhost"}', "bad-relay"),
        ('relays: {li: "[127.0.0.1]"}', "relay-to-itself"),
        ('relays: {li: "[MAIL.acme-trade.com]:587"}', "relay-to-itself"),
        ('relays: {li: acme-trade.com}', "relay-to-itself"),
        ('transports: {acme-trade.com: "[192.0.2.1]"}', "transport-for-own-domain"),
        ('transports: {ACME-TRADE.com.: "[192.0.2.1]"}', "transport-for-own-domain"),
        ('transports: {.com: "[192.0.2.1]"}', "bad-domain"),
        ('transports: {"*": "[192.0.2.1]"}', "bad-domain"),
        ('transports: {wang@partner.example: "[192.0.2.1]"}', "bad-domain"),
        ('transports: {partner.example: "discard:"}', "bad-relay"),
    ],
)  # fmt: skip
def test_ways_are_checked(ways: str, rule: str | None) -> None:
    found = said(SPEC, head(ways))
    assert [each for each, _, _ in found] == ([rule] if rule else [])


def test_a_domain_below_another_has_no_transport_above_it() -> None:
    below = head('transports: {.acme-trade.com: "[192.0.2.1]"}').replace("domain: acme", "domain: cn.acme")
    assert "transport-for-own-domain" in {each for each, _, _ in said("people: {wang: {}}\n", below)}


def test_ways_of_another_host_are_an_error() -> None:
    other = HEAD.replace(
        '{service: self-hosted, mx: ["10 mail.acme-trade.com"]}',
        "{service: fastmail, relays: {wang: a.example}}",
    )
    assert [each for each, _, _ in said("people: {wang: {}}\n", other)] == ["own-server-only"]


def test_ways_are_rows() -> None:
    rows = folder.rows_of(mailboxes(SPEC, head=head(WAYS)))
    assert rows["relays"] == {f"li@{DOMAIN}": "[smtp.other.example]:587", f"@{DOMAIN}": "relay.example"}
    assert rows["transports"] == {"partner.example": "smtp:[192.0.2.25]:2525"}


def test_who_reads_a_shared_mailbox_may_send_as_it() -> None:
    made = mailboxes(SPEC)
    everybody = tuple(f"{name}@{DOMAIN}" for name in ("support", "li", "wang"))
    assert made.senders[f"support@{DOMAIN}"] == everybody
    assert folder.rows_of(made)["senders"][f"support@{DOMAIN}"] == ", ".join(everybody)


def test_who_tells_of_all_of_it() -> None:
    text = SPEC + "archive: [{to: records, for: li}]\n"
    spec, made = spec_of(text, head(WAYS)), mailboxes(text, head=head(WAYS))
    told = {
        name: {thread.kind for thread in who(spec, made, name)}
        for name in ("li", "records", "wang", "a@partner.example")
    }
    assert {"archive", "relay"} <= told["li"] and "archive" in told["records"]
    assert "archive" not in told["wang"] and told["a@partner.example"] == {"transport"}


def test_the_plan_and_the_checklist_show_all_of_it() -> None:
    made = mailboxes(SPEC + "archive: [{to: records, mail: incoming}]\n")
    shown = [each for each in made.to_json() if each["kind"] == "archive"]
    assert [(each["name"], each["to"], each["mail"]) for each in shown] == [
        (f"@{DOMAIN}", [f"records@{DOMAIN}"], "incoming")
    ]
    for lang in ("en", "zh"):
        cells = [line.cells(lang) for line in lines(made)]  # type: ignore[arg-type]
        assert any(f"@{DOMAIN}" in cell and f"records@{DOMAIN}" in cell for cell in cells)
        text = report.checklist(made, made.mailboxes[0].why, lang, lambda feature: "unknown")  # type: ignore[arg-type]
        assert f"<!-- archive-in:@{DOMAIN} -->" in text and f"<!-- quota:li@{DOMAIN} -->" in text
    assert json.loads(json.dumps(shown)) == shown


def test_a_host_that_may_not_do_it_is_said() -> None:
    other = HEAD.replace('{service: self-hosted, mx: ["10 mail.acme-trade.com"]}', "{service: fastmail}")
    findings = planned(SPEC + "archive: [{to: records}]\n", head=other).findings
    (by_hand,) = (finding for finding in findings if finding.rule == "set-up-by-hand")
    assert "archive copies" in by_hand.message("en") and "配额" in by_hand.message("zh")
    assert not has_errors(findings)


def test_export_writes_the_tables_and_empties_them_again(tmp_path: Path) -> None:
    text = SPEC + "archive: [{to: records}]\n"
    made = mailboxes(text, head=head(WAYS))
    export(spec_of(text, head(WAYS)), made, tmp_path, "en")
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} >= {*postfix.NAMES, *postfix.OPTIONAL}
    assert "partner.example  smtp:[192.0.2.25]:2525\n" in (tmp_path / "transports").read_text()
    export(spec_of(COMPANY), mailboxes(COMPANY), tmp_path, "en")
    assert all((tmp_path / name).read_text() == "" for name in postfix.OPTIONAL)


# ── several specs, lines by hand ──


def changed(texts: dict[str, str], domain: str, rows: dict[str, str], **more: object) -> str:
    wanted = Wanted(domain, {"transports": rows} if rows else {}, **more)  # type: ignore[arg-type]
    files = folder.changed(texts, wanted, Path("/x"))  # type: ignore[arg-type]
    return next((file.after for file in files if file.path.name == "transports"), texts.get("transports", ""))


def test_no_spec_takes_a_transport_of_another_away() -> None:
    hand = "by-hand.example  smtp:[192.0.2.9]\n"
    one = changed({"transports": hand}, "a.example", {"partner.example": "smtp:[192.0.2.1]"})
    two = changed(
        {"transports": one},
        "b.example",
        {"partner.example": "smtp:[192.0.2.1]", "x.example": "smtp:y.example"},
    )
    assert two.count("partner.example") == 2
    gone = changed({"transports": two}, "a.example", {}, closing=True)
    assert "partner.example  smtp:[192.0.2.1]" in gone and "x.example" in gone and gone.startswith(hand)
    taken = changed(
        {"transports": two}, "a.example", {"partner.example": "smtp:[192.0.2.7]"}, take_over=True,
        owned=frozenset({("transports", "partner.example"), ("transports", "by-hand.example")}),
    )  # fmt: skip
    assert "partner.example  smtp:[192.0.2.1]" in taken and "partner.example  smtp:[192.0.2.7]" in taken


def test_a_transport_by_hand_that_says_the_same_is_adopted_and_another_stays() -> None:
    hand = "Partner.example \t SMTP:[192.0.2.1]\nother.example  smtp:[192.0.2.2]\n"
    assert changed({"transports": hand}, "a.example", {"partner.example": "smtp:[192.0.2.1]"}) == hand


@pytest.mark.parametrize(
    ("place", "value", "good"),
    [
        ("transports partner.example", "smtp:[192.0.2.1]", True),
        ("transports .partner.example", "smtp:[192.0.2.1]", True),
        ("transports sub.acme-trade.com", "smtp:[192.0.2.1]", True),
        ("transports acme-trade.com", "smtp:[192.0.2.1]", False),
        ("transports .com", "smtp:[192.0.2.1]", False),
        ("transports *", "smtp:[192.0.2.1]", False),
        ("transports Partner.example", "smtp:[192.0.2.1]", False),
        ("transports wang@acme-trade.com", "smtp:[192.0.2.1]", True),  # it lives at another mail host
        ("transports @acme-trade.com", "smtp:[192.0.2.1]", False),
        ("transports Wang@acme-trade.com", "smtp:[192.0.2.1]", False),
        ("transports wang@other.example", "smtp:[192.0.2.1]", False),
        ("transports partner.example", "smtp:[192.0.2.1]\nx", False),
        ("transports # partner.example", "x", False),
        ("relays partner.example", "x", False),
        ("archive_in wang@other.example", "x", False),
        ("archive_in @acme-trade.com", "records@acme-trade.com", True),
        (
            "quotas wang@acme-trade.com",
            "::::::userdb_quota_rule=*:bytes=1 userdb_quota_storage_size=1B",
            True,
        ),
        ("quotas wang@acme-trade.com", "x\n", False),
    ],
)
def test_the_resource_takes_no_other_keys(place: str, value: str, good: bool) -> None:
    inputs = {"domain": DOMAIN, "folder": "/x", "asOf": DAY.isoformat(), "maps": {place: value}}
    assert bool(failures(inputs)) != good


def test_no_transport_takes_the_mail_of_a_domain_below() -> None:
    def wrong(key: str) -> bool:
        place = {f"transports {key}": "smtp:[192.0.2.1]"}
        return bool(failures({"domain": f"cn.{DOMAIN}", "folder": "/x", "asOf": "2026-11-23", "maps": place}))

    assert wrong(f".{DOMAIN}") and wrong(f"cn.{DOMAIN}") and not wrong(DOMAIN) and not wrong(f".cn.{DOMAIN}")


# ── the gate ──


def test_an_archive_does_not_end_unseen() -> None:
    from mailwright.hosts.mail import tables

    def routing(text: str) -> tables.Routing:
        made = mailboxes(text)
        rows = folder.all_rows_of(made)
        return tables.routing(
            {name: postfix.text(name, rows.get(name, {}).items()) for name in tables.NAMES}, DOMAIN
        )

    def refused(before: str, after: str) -> list[str]:
        findings = judge(routing(before), routing(after), closed=(), standing=(), consents=(), day=DAY)
        return [str(finding.params["name"]) for finding in findings if finding.rule == "archive-ended"]

    whole, some = (
        SPEC + "archive: [{to: records}]\n",
        SPEC + "archive: [{to: records, for: li, mail: incoming}]\n",
    )
    assert refused(whole, SPEC) == [f"@{DOMAIN}"]
    assert refused(whole, some) == [f"@{DOMAIN}"]
    assert refused(some, SPEC) == [f"li@{DOMAIN}, sales@{DOMAIN}, zhao@{DOMAIN}"]
    assert not refused(some, whole) and not refused(whole, whole.replace("to: records}", "to: support}"))
    assert not scripts_of(mailboxes(whole))[f"records@{DOMAIN}"]
