"""The table of facts, the questions, and the draws."""

from __future__ import annotations

import pathlib
import random
import re

import pytest

from tests.mail_host.simulated.helpers import ANN, BOB, DAY, FAR, TEAM, do, send, tenant
from tests.mail_host.simulators import ACTIONS, FACTS, HOSTS, Step, Tenant
from tests.mail_host.simulators.facts import HEARSAY, TABLE
from tests.mail_host.simulators.questions import AXIOMS, CHOICES

HERE = pathlib.Path(__file__).parent


def test_rows() -> None:
    """Every row has a host, a question, a page, a date and a short quote."""
    for fact in TABLE:
        assert fact.host in HOSTS and fact.key in CHOICES, fact.id
        assert fact.page.startswith("http") and fact.date and fact.statement.endswith("."), fact.id
        assert 0 < len(fact.quote.split()) <= 15, fact.id
        assert len(re.findall(r"[\u4e00-\u9fff]", fact.quote)) <= 30, fact.id


def test_ids_are_unique() -> None:
    """No host answers a question twice."""
    assert len(FACTS) == len(TABLE)


def test_every_fact_is_cited_by_a_test() -> None:
    """Each documented behaviour has a test that names its id."""
    source = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    named = set(re.findall(r"[a-z]+:[a-z]+\.[a-z_]+", source))
    assert set(FACTS) <= named, sorted(set(FACTS) - named)


def test_hearsay_is_no_fact() -> None:
    """What only dealers say is about silent questions."""
    assert all(f"{host}:{key}" not in FACTS for host, key, _, _ in HEARSAY)


def test_silent_questions_are_marked() -> None:
    """Where the documents are silent the outcome says so, and names the question."""
    t = tenant("netease", ANN)
    do(t, "suspend_user", ANN)
    got = send(t, ANN)
    assert got.undocumented and got.reached(ANN) is None
    assert any("netease:suspend.mail" in event.facts for event in got.events)
    do(t, "delete_user", ANN)
    assert do(t, "restore_user", ANN, days=10).status == "undocumented"


def test_draws_differ() -> None:
    """Different seeds draw different behaviours."""
    drawn = set()
    for seed in range(30):
        t = Tenant("netease", "corp.example", random.Random(seed))
        t.do(Step("create_user", ANN), DAY)
        t.do(Step("suspend_user", ANN), DAY)
        drawn.add(tuple(event.kind for event in send(t, ANN).events))
    assert {("delivered",), ("rejected",), ("dropped",)} <= drawn


def test_null_senders_get_no_reply() -> None:
    """No host is known to answer the null sender, and none says so."""
    for host in HOSTS:
        t = tenant(host, ANN)
        do(t, "set_autoreply", ANN, text="away")
        got = send(t, ANN, sender="")
        assert not got.of("auto_reply") and got.of("withheld")[0].undocumented


def test_facts_named_in_events_exist() -> None:
    """Every id in an event is a fact, a silent question or an axiom."""
    for host in HOSTS:
        t = tenant(host, ANN, BOB)
        do(t, "create_group", TEAM, members=(ANN, BOB), posting="anyone")
        do(t, "set_autoreply", BOB, text="away")
        for event in send(t, TEAM, sender=FAR).events:
            for fact in event.facts:
                assert fact in AXIOMS or fact.split(":", 1)[1] in CHOICES


def test_closed_lists() -> None:
    """Unknown hosts, actions and conditions are errors, not behaviours."""
    with pytest.raises(ValueError, match="no such host"):
        Tenant("nowhere", "corp.example", random.Random(1))
    with pytest.raises(ValueError, match="no such action"):
        do(tenant("google"), "sing", ANN)
    assert "create_user" in ACTIONS
