"""A foreign-trade company at each mail host: its expectations hold, or are said to be open."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.finding import has_errors
from tests.mailboxes.hosts import HOSTS, who
from tests.mailboxes.specs import rules
from tests.mailboxes.trade import planned

#: Where every expectation is met; at the others one or more is open, and `check` says which.
MET = {"google-workspace", "microsoft-365", "tencent-exmail", "feishu", "lark"}


@pytest.mark.parametrize("host", HOSTS)
def test_expectations_are_met_or_open_and_never_missed(host: str) -> None:
    plan = planned(host)
    told = rules(plan.findings)
    assert not has_errors(plan.findings), host
    assert not told & {"expectation-missed", "expectation-leaked"}
    assert ("expectation-not-known" in told) == (host not in MET)
    assert who(plan, "orders") == {"jack"}


@pytest.mark.parametrize("host", HOSTS)
def test_the_handover_stays_after_its_last_day_and_its_end_is_due(host: str) -> None:
    plan = planned(host, dt.date(2027, 6, 1))
    assert "handover-over" in rules(plan.findings)
    assert "linda" in who(plan, "zhao") or host == "netease-qiye"
