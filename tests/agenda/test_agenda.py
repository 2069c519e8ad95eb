# ruff: noqa: E501
"""The agenda: every event on its day, told once, gone when done; a calendar that updates."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest

from mailwright.cli import main
from mailwright.operations.planning import planned
from mailwright.operations.reporting import report
from mailwright.operations.world.drift import dated
from mailwright.operations.world.notifying import Memory
from mailwright.operations.world.telling import tell_day
from mailwright.plan.agenda import Event, agenda
from mailwright.report.formats.agenda import calendar
from mailwright.spec.loading import load
from mailwright.spec.model import MailSpec

ONE = dt.timedelta(days=1)
HEAD = """version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.25]}
dns_hosts: [{service: manual, console: aliyun}]
contact: boss@acme-trade.com
"""
RETIRING = [
    {
        "domain": "acme-trade.com",
        "retiring": [
            {
                "name": "s1._domainkey.acme-trade.com.",
                "type": "TXT",
                "value": "v=DKIM1; p=AA",
                "since": "2026-03-01",
                "until": "2026-03-09",
            }
        ],
    }
]


#: What the administrator writes, and when: each is renewed, or goes on, before or after its day.
BLOCKS = (
    ("2026-01-01", "dmarc", "{stage: watch, since: 2026-01-01}"),
    ("2026-02-10", "dmarc", "{stage: guard, since: 2026-02-10}"),
    ("2026-03-20", "dmarc", "{stage: reject, since: 2026-03-20}"),
    (
        "2026-01-05",
        "attest",
        "[{what: two-factor, by: boss, on: 2026-01-05, days: 90}, {what: backup-tried, by: boss, on: 2026-01-05}]",
    ),
    (
        "2026-04-20",
        "attest",
        "[{what: two-factor, by: boss, on: 2026-04-20, days: 300}, {what: backup-tried, by: boss, on: 2026-01-05}]",
    ),
    (
        "2026-07-30",
        "attest",
        "[{what: two-factor, by: boss, on: 2026-04-20, days: 300}, {what: backup-tried, by: boss, on: 2026-07-30}]",
    ),
    (
        "2026-01-10",
        "expires",
        "[{what: domain, until: 2026-06-30}, {what: certificate, name: mail.acme-trade.com, until: 2026-04-01, days: 20}, {what: dnssec, until: 2026-09-15}]",
    ),
    (
        "2026-03-18",
        "expires",
        "[{what: domain, until: 2026-06-30}, {what: certificate, name: mail.acme-trade.com, until: 2026-06-30, days: 20}, {what: dnssec, until: 2026-09-15}]",
    ),
    (
        "2026-06-15",
        "expires",
        "[{what: domain, until: 2027-06-30}, {what: certificate, name: mail.acme-trade.com, until: 2027-06-30, days: 20}, {what: dnssec, until: 2026-09-15}, {what: licence, until: 2026-11-30}]",
    ),
    (
        "2026-09-01",
        "expires",
        "[{what: domain, until: 2027-06-30}, {what: certificate, name: mail.acme-trade.com, until: 2027-06-30, days: 20}, {what: licence, until: 2026-11-30}]",
    ),
    (
        "2026-11-15",
        "expires",
        "[{what: domain, until: 2027-06-30}, {what: certificate, name: mail.acme-trade.com, until: 2027-06-30, days: 20}, {what: licence, until: 2027-11-30}]",
    ),
)


class Company:
    """Thirty people and their year: who is away, who leaves, what was consented to, edited day by day."""

    def __init__(self, folder: Path, seed: int) -> None:
        chance = random.Random(seed)
        self.file = folder / "acme.yaml"
        self.people: dict[str, dict[str, str]] = {f"p{number:02}": {} for number in range(30)}
        self.consents: dict[str, dt.date] = {}
        self.spec: MailSpec | None = None
        self.edits: dict[dt.date, list[tuple[str, str, str]]] = {}
        start = dt.date(2026, 1, 1)
        for key in self.people:
            day = start + ONE * chance.randrange(20, 300)
            last = day + ONE * chance.randrange(1, 20)
            self._edit(day - ONE * 10, key, "away", f"{{from: {day}, until: {last}, cover: boss}}")
            self._edit(last + ONE * 3, key, "away", "")
        for key in chance.sample(sorted(self.people), 8):
            left = start + ONE * chance.randrange(40, 200)
            until = left + ONE * chance.randrange(20, 60)
            self._edit(left - ONE * 15, key, "left", f"{left}")
            self._edit(left - ONE * 15, key, "handover", f"{{to: boss, until: {until}}}")
            self._edit(until + ONE * 5, key, "closed", f"{until + ONE * 20}")
            self._edit(until + ONE * 25, key, "gone", "")
        self._edit(dt.date(2026, 2, 1), "mx-changed", "allow", "2026-03-31")
        self._edit(dt.date(2026, 4, 10), "mx-changed", "allow", "")
        self.blocks: dict[str, str] = {}
        for day, key, text in BLOCKS:
            self._edit(dt.date.fromisoformat(day), key, "block", text)

    def _edit(self, day: dt.date, subject: str, field: str, value: str) -> None:
        self.edits.setdefault(day, []).append((subject, field, value))

    def on(self, day: dt.date) -> tuple[Event, ...]:
        """What the reviewed spec of that day says."""
        retiring = RETIRING if dt.date(2026, 3, 1) <= day < dt.date(2026, 3, 12) else []
        edits = self.edits.pop(day, [])
        if self.spec and not edits:
            return agenda(self.spec, retiring)
        for subject, field, value in edits:
            if field == "block":
                self.blocks[subject] = value
            elif field == "allow":
                self.consents = {subject: dt.date.fromisoformat(value)} if value else {}
            elif field == "gone":
                self.people.pop(subject, None)
            elif subject in self.people:
                if value:
                    self.people[subject][field] = value
                else:
                    self.people[subject].pop(field, None)
        lines = [HEAD, "people:", "  boss: {name: Boss}"]
        for key, fields in self.people.items():
            lines.append(
                f"  {key}: {{"
                + ", ".join([f"name: {key.upper()}", *(f"{k}: {v}" for k, v in fields.items())])
                + "}"
            )
        if self.consents:
            lines += [
                "allow:",
                *(f"  - {{rule: {rule}, until: {day}, why: x}}" for rule, day in self.consents.items()),
            ]
        lines += [f"{key}: {text}" for key, text in self.blocks.items()]
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = load(self.file)
        assert result.spec, [finding.message() for finding in result.findings]
        self.spec = result.spec
        return agenda(self.spec, retiring)


@pytest.fixture(scope="module")
def year(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[tuple[dt.date, tuple[Event, ...], list[str]]]]:
    folder = tmp_path_factory.mktemp("company")
    company = Company(folder, seed=21)
    lived = []
    day = dt.date(2026, 1, 1)
    while day.year == 2026:
        events = company.on(day)
        # each day a new process, which remembers only by its file; every third day it runs twice
        runs = 2 if day.day % 3 == 0 else 1
        told = [
            line
            for _ in range(runs)
            for text in tell_day(events, day, ["text"], Memory(folder / "memory" / "told.json"), "en")[0]
            for line in text.splitlines()[1:]
        ]
        lived.append((day, events, told))
        day += ONE
    yield lived


def test_every_event_is_told_on_its_day_and_once(
    year: list[tuple[dt.date, tuple[Event, ...], list[str]]],
) -> None:
    counter = Counter(line for _, _, lines in year for line in lines)
    assert counter and set(counter.values()) == {1}
    first_day = {(event.uid, event.day): day for day, events, _ in reversed(year) for event in events}
    expected = {
        (max(event.day, first_day[event.uid, event.day]), f"· {event.domain}: {event.text('en')}")
        for _, events, _ in year
        for event in events
        if event.day.year == 2026
    }
    assert {(day, line) for day, _, lines in year for line in lines} == expected
    kinds = {event.kind for _, events, _ in year for event in events}
    assert kinds == {
        "away", "leaving", "handover", "closing", "consent", "retirement", "dmarc-stage", "attestation", "expiry",
    }  # fmt: skip
    days = {(event.kind, event.subject, event.day) for _, events, _ in year for event in events}
    assert {
        ("dmarc-stage", "policy", dt.date(2026, 1, 31)),
        ("dmarc-stage", "policy", dt.date(2026, 3, 12)),
    } <= days
    assert ("expiry", "domain", dt.date(2026, 5, 31)) in days and (
        "expiry",
        "licence",
        dt.date(2026, 10, 31),
    ) in days
    assert len(expected) >= 50


def test_what_is_done_goes(year: list[tuple[dt.date, tuple[Event, ...], list[str]]]) -> None:
    last = year[-1][1]
    assert not [event for event in last if event.kind in ("retirement", "consent", "handover", "dmarc-stage")]
    assert not [
        event
        for event in last
        if event.status(year[-1][0]) == "due" and event.kind in ("expiry", "attestation")
    ]
    handovers = [
        {event.subject for event in events if event.kind == "handover" and event.status(day) == "due"}
        for day, events, _ in year
    ]
    assert any(handovers) and not handovers[-1]


def test_a_calendar_imported_twice_or_later_makes_no_double(
    year: list[tuple[dt.date, tuple[Event, ...], list[str]]],
) -> None:
    """As a calendar program does: what has a known UID replaces what was there."""
    kept: dict[str, dt.date] = {}
    for day, events, _ in year[::20]:
        for _ in range(2):
            entries = icalendar.Calendar.from_ical(calendar(events, day, "zh")).walk("VEVENT")
            assert len({str(entry["UID"]) for entry in entries}) == len(entries) == len(events)
            kept |= {str(entry["UID"]): entry.decoded("DTSTART") for entry in entries}
            for event in events:
                assert kept[event.uid] == event.day


def test_a_moved_day_moves_the_entry() -> None:
    def event(day: str) -> Event:
        text = f"{HEAD}people:\n  boss: {{name: B}}\n  li: {{name: L, left: 2026-05-01, handover: {{to: boss, until: {day}}}}}\n"
        (Path(path) / "a.yaml").write_text(text)
        spec = load(Path(path) / "a.yaml").spec
        assert spec
        return next(each for each in agenda(spec) if each.kind == "handover")

    import tempfile

    with tempfile.TemporaryDirectory() as path:
        first, second = event("2026-06-30"), event("2026-07-31")
    assert first.uid == second.uid and (first.day, second.day) == (dt.date(2026, 7, 1), dt.date(2026, 8, 1))


def test_what_a_person_saw_is_due_again(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        HEAD
        + "attest:\n  - {what: two-factor, by: boss, on: 2026-06-01, days: 30}\n  - {what: backup-tried, by: boss, on: 2026-06-01}\n"
    )
    spec = load(file).spec
    assert spec
    assert {event.subject: event.day for event in agenda(spec)} == {
        "two-factor": dt.date(2026, 7, 1),
        "backup-tried": dt.date(2026, 11, 28),
    }
    file.write_text(HEAD + "attest:\n  - {what: two-factor, by: boss, on: 2026-13-01}\n")
    assert [finding.rule for finding in load(file).findings] == ["bad-date"]


def test_drift_says_what_waits_for_somebody(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        HEAD
        + "people:\n  boss: {name: B}\n  zhao: {name: Z, left: 2026-05-01, handover: {to: boss, until: 2026-10-31}}\n"
        "attest:\n  - {what: two-factor, by: boss, on: 2026-06-01, days: 30}\n"
        "allow:\n  - {rule: mx-changed, until: 2026-03-31, why: x}\n"
    )

    def due(day: dt.date) -> list[str]:
        return [check.text("en") for _, check in dated(planned([file], day).plans)]

    assert due(dt.date(2026, 6, 30)) == []
    (one,) = due(dt.date(2026, 7, 1))
    assert one.startswith("Since 2026-07-01") and "second factor" in one
    assert len(due(dt.date(2026, 11, 1))) == 2


def test_the_command_in_its_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme.yaml").write_text(
        HEAD
        + "people:\n  boss: {name: B}\n  li: {name: 小李, away: {from: 2026-12-24, until: 2027-01-02, cover: boss}}\n"
        "  zhao: {name: 小赵, left: 2026-05-01, handover: {to: boss, until: 2026-10-31}}\n",
        encoding="utf-8",
    )

    def run(*words: str) -> tuple[int, str]:
        code = main(["agenda", "acme.yaml", *words])
        return code, capsys.readouterr().out

    code, shown = run("--as-of", "2026-12-01", "--lang", "zh")
    assert (
        code == 2
        and "到期" in shown
        and "小赵与 boss@acme-trade.com 的交接已结束" in shown
        and "小李休假" in shown
    )
    assert "小李" not in run("--as-of", "2026-12-01", "--days", "3")[1]
    code, listed = run("--as-of", "2026-06-01", "--format", "json", "--days", "400")
    made = json.loads(listed)
    assert code == 0 and {each["kind"]: each["status"] for each in made} == {
        "handover": "coming",
        "away": "coming",
    }
    assert made[0]["line"] == 10 and made[0]["uid"].endswith("@acme-trade.com")
    code, text = run("--as-of", "2026-12-01", "--format", "ics")
    assert code == 2 and len(icalendar.Calendar.from_ical(text).walk("VEVENT")) == 2
    assert "小赵" in run("--as-of", "2026-12-01", "--notify", "text")[1]
    assert run("--as-of", "2026-12-01", "--notify", "text")[1] == ""
    assert "小李" in run("--as-of", "2026-12-24", "--notify", "text")[1]


def test_the_report_shows_what_is_due_and_what_comes(tmp_path: Path) -> None:
    """From the same function; each domain of a company's page that is its own, and no alias, has it once."""
    file = tmp_path / "a.yaml"
    file.write_text(
        HEAD + "alias_domains: [hengda.cn]\n"
        "expires:\n  - {what: domain, until: 2026-12-20, note: console of Alibaba Cloud}\n"
        "  - {what: certificate, until: 2027-02-10, name: mail.acme-trade.com}\n"
        "  - {what: licence, until: 2028-01-01}\n"
    )
    for lang, word, due in (("en", "What is due, and what comes", "due"), ("zh", "到期与将至的事项", "到期")):
        shown = report(planned([file], dt.date(2026, 12, 1)).plans, lang)
        assert shown.count(f">{word}</h3>") == 1 and f">{due}</span>" in shown
        assert "2026-11-20" in shown and "2027-01-11" in shown and "2027-12-02" not in shown
        assert "console of Alibaba Cloud" in shown
    (check,) = [check for _, check in dated(planned([file], dt.date(2026, 12, 1)).plans)]
    assert "the registration of acme-trade.com ends on 2026-12-20" in check.text("en")


def test_where_to_look_is_what_the_catalog_has_a_source_for(tmp_path: Path) -> None:
    def texts(host: str, more: str = "") -> list[str]:
        file = tmp_path / "a.yaml"
        lines = HEAD.replace(
            'service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.25]', host
        )
        file.write_text(lines + f"attest:\n  - {{what: two-factor, by: boss, on: 2026-06-01{more}}}\n")
        spec = load(file).spec
        assert spec
        return [event.text("zh") for event in agenda(spec)]

    assert "（企业微信管理后台 > 安全与管理 > 安全管理 > 二次验证）" in texts("service: tencent-exmail")[0]
    assert "（老王的笔记）" in texts("service: tencent-exmail", ", how: 老王的笔记")[0]
    assert "（" not in texts("service: fastmail")[0]


def test_a_day_that_no_calendar_has_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(HEAD + "expires:\n  - {what: domain, until: 2026-02-30}\ndmarc: {since: 2026-02-31}\n")
    assert {finding.path for finding in load(file).findings} == {"expires[0].until", "dmarc.since"}
