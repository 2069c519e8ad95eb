"""The gate: what could lose mail is refused by name, and only consent that still holds opens it."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.consent import Consent
from mailwright.model.records import PlannedRecord
from mailwright.plan.transition.change import Owned
from mailwright.plan.transition.gate import gate, refusal_text
from mailwright.plan.transition.gate_rules import CONSENTABLE
from tests.plan.worlds import APEX, DAY, applied, changes, live, owned_by, record, world

KEY_A = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"
KEY_B = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEB"
SELECTOR = f"s1._domainkey.{APEX}"
MX = record(APEX, "MX", "5 mx.new.example.")
SPF = record(APEX, "TXT", "v=spf1 include:new.example ~all")


def rules(made, *consents: Consent) -> list[str]:
    return [each.rule for each in gate(made, consents)]


def dmarc(text: str):
    return record(f"_dmarc.{APEX}", "TXT", text)


def test_an_empty_zone_needs_no_consent() -> None:
    change_set = changes([MX, SPF, dmarc("v=DMARC1; p=none"), record(SELECTOR, "TXT", KEY_A)], world())
    assert rules(change_set) == []


def test_a_first_up_over_somebodys_mx_and_spf_is_refused() -> None:
    lived = world(
        live(APEX, "MX", "10 mx.old.example."), live(APEX, "TXT", "v=spf1 include:old.example -all")
    )
    change_set = changes([MX, SPF], lived)
    assert set(rules(change_set)) == {"mx-changed", "spf-sender-dropped"}


def test_a_sender_that_begins_to_leave_is_asked_about_at_once() -> None:
    """Later it goes without a word: a term that stays for a day is no kept sender."""
    lived = world(live(APEX, "TXT", "v=spf1 include:new.example include:newsletter.example ~all"))
    wider = record(APEX, "TXT", "v=spf1 include:new.example ip4:203.0.113.9 ~all")
    for wanted in (SPF, wider):
        change_set = changes([wanted], lived)
        assert rules(change_set) == ["spf-sender-dropped"]
        (finding,) = gate(change_set)
        assert "include:newsletter.example" in finding.message("en")
        again = changes([wanted], applied(lived, change_set), owned_by([wanted], change_set))
        assert rules(again) == [], "it was consented to when it began"


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_run_killed_before_it_remembered_still_waits(forgotten: bool) -> None:
    """The new MX are written, the state is not: the old ones must outlive the caches all the same."""
    lived = world(live(APEX, "MX", "10 mx.old.example."))
    first = changes([MX], lived)
    owned = Owned() if forgotten else owned_by([MX], first)
    consent = Consent("mx-changed", DAY)
    second = changes([MX], applied(lived, first), owned)
    assert rules(second, consent) == []
    assert second.is_empty
    assert [retiring_value.value for retiring_value in second.retiring] == ["10 mx.old.example."]
    assert second.retiring[0].until > DAY + dt.timedelta(days=1)


def test_consent_opens_one_rule_until_its_day() -> None:
    change_set = changes([MX], world(live(APEX, "MX", "10 mx.old.example.")))
    assert rules(change_set, Consent("mx-changed", DAY)) == []
    assert rules(change_set, Consent("mx-changed", DAY - dt.timedelta(days=1))) == ["mx-changed"]
    assert rules(change_set, Consent("spf-gone", DAY)) == ["mx-changed"]
    assert rules(change_set, Consent("mx-changed")) == []


def test_what_retired_on_time_goes_without_a_second_consent() -> None:
    lived = world(
        live(APEX, "MX", "10 mx.old.example."), live(APEX, "TXT", "v=spf1 include:old.example -all")
    )
    first = changes([MX, SPF], lived)
    late = changes(
        [MX, SPF], applied(lived, first), owned_by([MX, SPF], first), day=DAY + dt.timedelta(days=9)
    )
    assert len(late.changes) == 2 and rules(late) == []


def test_a_destroy_is_refused_for_everything_it_takes() -> None:
    records = [MX, SPF, dmarc("v=DMARC1; p=reject"), record(SELECTOR, "TXT", KEY_A)]
    lived = world(*(live(each.name, each.type, *each.values) for each in records))
    owned = Owned({each.key: each.values for each in records})
    assert set(rules(changes([], lived, owned))) == {
        "no-mx-left",
        "spf-gone",
        "dmarc-weakened",
        "selector-gone",
    }


def test_a_null_mx_over_a_living_domain_is_no_mx_left() -> None:
    change_set = changes([record(APEX, "MX", "0 .")], world(live(APEX, "MX", "10 mx.old.example.")))
    assert rules(change_set) == ["no-mx-left"]


def test_a_dropped_sender_is_named() -> None:
    lived = world(live(APEX, "TXT", "v=spf1 include:new.example include:sendgrid.net ~all"))
    change_set = changes([SPF], lived)
    [refusal] = gate(change_set)
    assert refusal.rule == "spf-sender-dropped" and "include:sendgrid.net" in refusal.message()


@pytest.mark.parametrize(
    ("new", "asked"),
    [
        (record(f"s2._domainkey.{APEX}", "TXT", KEY_B), ["selector-gone"]),
        (record(f"k2._domainkey.news.{APEX}", "CNAME", "dkim2.mcsv.net."), ["selector-gone"]),
        (record(f"k2._domainkey.{APEX}", "CNAME", "dkim2.mcsv.net."), ["selector-gone"]),
    ],
)
def test_no_new_key_says_that_nobody_signs_with_the_old_one(new: PlannedRecord, asked: list[str]) -> None:
    lived = world(live(SELECTOR, "TXT", KEY_A))
    owned = owned_by([record(SELECTOR, "TXT", KEY_A)], changes([record(SELECTOR, "TXT", KEY_A)], lived))
    change_set = changes([new], lived, owned=owned)
    assert rules(change_set) == asked and change_set.retiring, "the old key stays for a while in any case"


def test_another_key_at_a_living_selector_is_refused_and_the_same_key_in_other_words_is_not() -> None:
    lived = world(live(SELECTOR, "TXT", KEY_A))
    assert rules(changes([record(SELECTOR, "TXT", KEY_B)], lived)) == ["selector-changed"]
    assert rules(changes([record(SELECTOR, "TXT", KEY_A.replace("; ", ";"))], lived)) == []


@pytest.mark.parametrize(
    ("before", "after", "weaker"),
    [
        ("v=DMARC1; p=reject", "v=DMARC1; p=none", True),
        ("v=DMARC1; p=reject", "v=DMARC1; p=quarantine", True),
        ("v=DMARC1; p=reject", "v=DMARC1; p=reject; t=y", True),
        ("v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none", True),
        ("v=DMARC1; p=none", "v=DMARC1; p=reject", False),
        ("v=DMARC1; p=none", "v=DMARC1; p=none; rua=mailto:a@acme-trade.com", False),
    ],
)
def test_a_weaker_dmarc_policy_is_refused(before: str, after: str, weaker: bool) -> None:
    change_set = changes([dmarc(after)], world(live(f"_dmarc.{APEX}", "TXT", before)))
    assert rules(change_set) == (["dmarc-weakened"] if weaker else [])


def test_new_exchangers_under_a_living_mta_sts_policy_are_refused() -> None:
    lived = world(
        live(APEX, "MX", "10 mx.old.example."), live(f"_mta-sts.{APEX}", "TXT", "v=STSv1; id=20260101")
    )
    assert rules(changes([MX], lived), Consent("mx-changed")) == ["mta-sts-blocks-mx"]


def test_repairing_our_own_mx_needs_no_consent() -> None:
    owned = Owned({MX.key: MX.values})
    assert rules(changes([MX], world(live(APEX, "MX", "1 evil.example.", *MX.values)), owned)) == []
    assert rules(changes([MX], world(), owned)) == []


def test_a_domain_that_somebody_moved_elsewhere_is_not_moved_back_unasked() -> None:
    change_set = changes([MX], world(live(APEX, "MX", "10 mx.other.example.")), Owned({MX.key: MX.values}))
    assert rules(change_set) == ["mx-changed"]
    assert {value.value for value in change_set.changes[0].after} == {*MX.values, "10 mx.other.example."}


def test_faults_cannot_be_consented_to() -> None:
    name = f"_dmarc.{APEX}"
    lived = world(live(name, "CNAME", "x.example."), cuts=(f"news.{APEX}",))
    change_set = changes([dmarc("v=DMARC1; p=none"), record(f"news.{APEX}", "MX", "5 mx.example.")], lived)
    consents = [Consent(finding.rule) for finding in gate(change_set)]
    assert {"cname-in-the-way", "below-zone-cut"} == set(rules(change_set, *consents))


def test_a_consent_with_values_covers_these_alone() -> None:
    change_set = changes([MX], world(live(APEX, "MX", "10 mx.old.example.")))
    both = frozenset({"MX.old.example.", "mx.new.example"})
    assert rules(change_set, Consent("mx-changed", DAY, values=both)) == []
    assert rules(change_set, Consent("mx-changed", DAY, values=both | {"mx.third.example"})) == []
    assert rules(change_set, Consent("mx-changed", DAY, values=frozenset({"mx.new.example"}))) == [
        "mx-changed"
    ]


def test_a_consent_waits_for_what_has_to_be_served_first() -> None:
    records = [MX, record(APEX, "TXT", "v=spf1 include:b.example ~all")]
    waiting = Consent("mx-changed", DAY, served=frozenset({f"{APEX} TXT"}))
    old = live(APEX, "MX", "10 mx.old.example.")
    assert rules(changes(records, world(old)), waiting) == ["mx-changed"]
    served = world(old, live(APEX, "TXT", "v=spf1 include:b.example ~all"))
    assert rules(changes(records, served), waiting) == []


def test_the_refusal_names_the_records_the_flag_and_the_line() -> None:
    refusals = gate(changes([MX], world(live(APEX, "MX", "10 mx.old.example."))))
    for lang in ("en", "zh"):
        text = refusal_text(refusals, lang)
        assert "mx.old.example" in text and "--allow mx-changed" in text
        assert "allow: [{rule: mx-changed, values: [mx.new.example, mx.old.example]" in text
        assert "until: 2026-11-30" in text, "a review takes days"


def test_every_consentable_rule_says_how_to_consent() -> None:
    assert {"no-mx-left", "mx-changed", "spf-gone", "selector-gone"} < {rule.id for rule in CONSENTABLE}
    for each in CONSENTABLE:
        for lang in ("en", "zh"):
            assert "--allow" in each.hint(lang)


def test_an_mta_sts_record_does_not_just_go() -> None:
    """Senders keep the policy: it is ended by mode none (RFC 8461 §8.3)."""
    record_ = record(f"_mta-sts.{APEX}", "TXT", "v=STSv1; id=20261123")
    lived = world(live(APEX, "MX", "5 mx.new.example."), live(record_.name, "TXT", *record_.values))
    owned = Owned({MX.key: MX.values, record_.key: record_.values})
    gone = changes([MX], lived, owned)
    assert rules(gone) == ["mta-sts-gone"]
    assert rules(gone, Consent("mta-sts-gone", DAY)) == []
    renewed = record(record_.name, "TXT", "v=STSv1; id=20261124")
    assert rules(changes([MX, renewed], lived, owned)) == []


def test_a_policy_that_is_stronger_in_one_part_and_weaker_in_another_is_weaker() -> None:
    lived = world(live(f"_dmarc.{APEX}", "TXT", "v=DMARC1; p=none; sp=reject"))
    assert rules(changes([dmarc("v=DMARC1; p=quarantine; sp=none")], lived)) == ["dmarc-weakened"]
    assert rules(changes([dmarc("v=DMARC1; p=quarantine; sp=reject")], lived)) == []
