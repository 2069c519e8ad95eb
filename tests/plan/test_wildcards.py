"""Mail that arrives by a wildcard goes on arriving, or somebody says that it may end (RFC 4592)."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.consent import Consent
from mailwright.model.records import Observed, ObservedSet, PlannedRecord
from mailwright.model.wildcards import made_up
from mailwright.plan.transition.gate import gate
from tests.plan.worlds import APEX, DAY, changes, live, record

RULE = "wildcard-mail-lost"
MAIL = live(f"*.{APEX}", "MX", "10 mail.acme-trade.com.")
ADDRESS = live(f"*.{APEX}", "A", "192.0.2.1")
SPF = "v=spf1 ip4:203.0.113.10 -all"


def refused(
    records: list[PlannedRecord], *wild: ObservedSet, consents: tuple[Consent, ...] = ()
) -> list[str]:
    names = [f"news.{APEX}", f"mta-sts.{APEX}", f"a.news.{APEX}"]
    observed = Observed.of(APEX, list(wild), made_up=made_up(names, wild, APEX))
    return [finding.rule for finding in gate(changes(records, observed), consents)]


@pytest.mark.parametrize(
    ("records", "wild", "expected"),
    [
        ([record(f"news.{APEX}", "TXT", SPF)], [MAIL], [RULE]),
        ([record(f"k1._domainkey.news.{APEX}", "TXT", "v=DKIM1; p=AAAA")], [MAIL], [RULE]),
        ([record(f"_dmarc.news.{APEX}", "TXT", "v=DMARC1; p=none")], [MAIL], [RULE]),
        # Without an exchanger the address takes the mail (RFC 5321 §5.1).
        ([record(f"news.{APEX}", "TXT", SPF)], [ADDRESS], [RULE]),
        ([record(f"news.{APEX}", "TXT", SPF)], [live(f"*.{APEX}", "MX", "0 ."), ADDRESS], []),
        ([record(f"news.{APEX}", "TXT", SPF)], [live(f"*.{APEX}", "TXT", "hello")], []),
        # The plan says itself where this mail goes.
        ([record(f"news.{APEX}", "TXT", SPF), record(f"news.{APEX}", "MX", "5 mx.example.")], [MAIL], []),
        # Nobody writes as an address of mta-sts.
        ([record(f"mta-sts.{APEX}", "A", "192.0.2.5")], [MAIL], []),
        ([record(f"_dmarc.{APEX}", "TXT", "v=DMARC1; p=none")], [MAIL], []),
    ],
)
def test_mail_by_a_wildcard_is_guarded(
    records: list[PlannedRecord], wild: list[ObservedSet], expected: list[str]
) -> None:
    assert refused(records, *wild) == expected


def test_consent_and_the_lines_that_keep_it() -> None:
    records = [record(f"news.{APEX}", "TXT", SPF)]
    day = DAY + dt.timedelta(days=1)
    assert refused(records, MAIL, consents=(Consent(RULE, day),)) == []
    observed = Observed.of(APEX, [MAIL], made_up=made_up([f"news.{APEX}"], [MAIL], APEX))
    (finding,) = gate(changes(records, observed))
    assert "{name: 'news', type: MX, values: ['10 mail.acme-trade.com.']}" in finding.hint()
    assert "{name: '*.news', type: MX, values: ['10 mail.acme-trade.com.']}" in finding.hint()
    kept = [
        *records,
        record(f"news.{APEX}", "MX", "10 mail.acme-trade.com."),
        record(f"*.news.{APEX}", "MX", "10 mail.acme-trade.com."),
    ]
    assert gate(changes(kept, observed)) == ()


def test_only_what_does_not_exist_is_made_up() -> None:
    below = live(f"x.deep.{APEX}", "A", "192.0.2.9")
    wild = live(f"*.www.{APEX}", "TXT", "w")
    sets = [MAIL, below, wild, live(f"www.{APEX}", "A", "192.0.2.10")]
    names = [f"{each}.{APEX}" for each in ("new", "deep", "x.deep", "y.deep", "a.www", "a.b.new", "www")]
    told = {(record_set.name, record_set.type) for record_set in made_up(names, sets, APEX)}
    assert told == {
        (f"new.{APEX}", "MX"),
        (f"a.b.new.{APEX}", "MX"),
        (f"a.www.{APEX}", "TXT"),
    }
