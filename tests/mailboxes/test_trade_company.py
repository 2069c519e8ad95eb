"""A foreign-trade company at each mail host: its expectations hold, or are said to be open."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.finding import has_errors
from tests.mailboxes.hosts import HOSTS, at, who
from tests.mailboxes.specs import rules

TRADE = """\
people:
  wang: {name: 周敏, title: Manager}
  linda: {name: 林达}
  tom: {name: 唐明}
  amy: {name: 艾米, away: {from: 2026-11-20, until: 2026-12-02, cover: tom}}
  jack: {name: 贾克}
  zhao: {name: 赵磊, left: 2026-11-01, handover: {to: linda, until: 2027-05-31}}
addresses:
  info: {to: linda}
  sales: {to: [linda, tom, zhao]}
  orders: {to: jack}
rules:
  - {for: info, when: {subject_contains: [pump]}, then: {assign_to: tom}}
  - {for: info, when: {subject_contains: [Brasil, Mexico]}, then: {assign_to: amy}}
  - {for: info, otherwise: true, then: {assign_to: linda}}
expect:
  - {mail_to: info, subject: Inquiry pump, reaches: tom, not: [linda, jack]}
  - {mail_to: info, subject: Order from Mexico, reaches: amy, not: tom}
  - {mail_to: info, subject: Hello, reaches: linda, not: [tom, amy]}
  - {mail_to: zhao, reaches: linda}
  - {mail_to: sales, reaches: [linda, tom], not: jack}
"""
DAY = dt.date(2026, 11, 23)
#: Where every expectation is met; at the others one or more is open, and `check` says which.
MET = {"google-workspace", "microsoft-365", "tencent-exmail", "feishu", "lark"}


@pytest.mark.parametrize("host", HOSTS)
def test_expectations_are_met_or_open_and_never_missed(host: str) -> None:
    plan = at(host, TRADE, DAY)
    told = rules(plan.findings)
    assert not has_errors(plan.findings), host
    assert not told & {"expectation-missed", "expectation-leaked"}
    assert ("expectation-not-known" in told) == (host not in MET)
    assert who(plan, "orders") == {"jack"}


@pytest.mark.parametrize("host", HOSTS)
def test_the_handover_stays_after_its_last_day_and_its_end_is_due(host: str) -> None:
    plan = at(host, TRADE, dt.date(2027, 6, 1))
    assert "handover-over" in rules(plan.findings)
    assert "linda" in who(plan, "zhao") or host == "netease-qiye"
