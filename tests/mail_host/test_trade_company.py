"""What the company of ``examples/`` expects, at simulated hosts after its checklist was carried out."""

from __future__ import annotations

import pytest
import yaml

from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mail_host import simulators
from tests.mail_host.comparing import OUTSIDE, leans_on_silence
from tests.mail_host.executing import NAMES, carried_out
from tests.mailboxes.hosts import boxes
from tests.mailboxes.specs import DOMAIN
from tests.mailboxes.trade import DAY, company, planned

SEEDS = range(5)
#: Where pages of the vendor alone say that an expectation holds: how many of the six, whatever is drawn.
#: The other one goes to somebody on holiday: no page says whether what was passed on is copied once more.
CERTAIN = {"google-workspace": 5, "microsoft-365": 5}


@pytest.mark.parametrize("host", NAMES)
def test_no_expectation_is_contradicted_and_what_pages_say_is_met(host: str) -> None:
    mailboxes = boxes(planned(host))
    expectations = yaml.safe_load(company(host))["expect"]
    held = dict.fromkeys(range(len(expectations)), 0)
    for seed in SEEDS:
        done = carried_out(host, mailboxes, seed)
        assert not done.refused
        for number, expected in enumerate(expectations):
            to = f"{expected['mail_to']}@{DOMAIN}"
            headers = {"Subject": expected.get("subject", "")}
            delivery = done.tenant.deliver(simulators.Mail(OUTSIDE, to, headers), DAY)
            open_at_host = trace(mailboxes, Mail(to, OUTSIDE, headers["Subject"], to=(to,))).unknown
            if open_at_host or leans_on_silence(done, mailboxes, to):
                continue
            reached = {name: delivery.reached(f"{name}@{DOMAIN}") for name in _list(expected["reaches"])}
            kept_out = {name: delivery.reached(f"{name}@{DOMAIN}") for name in _list(expected.get("not", []))}
            assert False not in reached.values(), (seed, expected, delivery)
            assert True not in kept_out.values(), (seed, expected, delivery)
            held[number] += set(reached.values()) == {True} and set(kept_out.values()) <= {False}
    assert sum(map(bool, held.values())) >= CERTAIN.get(host, 0), held


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
