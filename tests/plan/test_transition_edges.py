"""Edges of a change that no other test stood on: each was a mutant that survived."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.plan.transition.change import Owned, keys_to_read
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.gate import gate
from tests.plan.worlds import APEX, DAY, after, applied, changes, live, owned_by, record, world

SELECTOR = f"s1._domainkey.{APEX}"
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"
SPF = f"{APEX} TXT"


def rules(changed) -> list[str]:
    return [finding.rule for finding in gate(changed)]


def spf(*terms: str) -> str:
    return " ".join(("v=spf1", *terms, "~all"))


# ── SPF ──


def test_of_two_records_that_stand_there_no_sender_is_forgotten() -> None:
    """Together they are broken (RFC 7208 §4.5); the one that is left has the senders of both."""
    lived = world(live(APEX, "TXT", spf("include:a.example"), spf("include:b.example", "ip4:203.0.113.9")))
    change_set = changes([record(APEX, "TXT", spf("include:a.example", "include:new.example"))], lived)
    (text,) = after(change_set, SPF)
    assert {"include:a.example", "include:b.example", "include:new.example", "ip4:203.0.113.9"} < set(
        text.split()
    )
    (finding,) = gate(change_set)
    assert finding.rule == "spf-sender-dropped"
    assert "include:b.example" in finding.message("en") and "ip4:203.0.113.9" in finding.message("en")


def test_old_and_new_senders_that_would_exceed_ten_look_ups_switch_at_once() -> None:
    """A record of both would fail every sender (RFC 7208 §4.6.4); within the limit both stay for a while."""
    lived = world(live(APEX, "TXT", spf("include:spf.mail.qq.com")))
    new = spf("include:mailgun.org")
    change_set = changes([record(APEX, "TXT", new)], lived)
    assert after(change_set, SPF) == {new} and change_set.retiring == ()
    assert rules(change_set) == ["spf-sender-dropped"]
    beside = changes([record(APEX, "TXT", spf("include:_spf.google.com"))], lived)
    (text,) = after(beside, SPF)
    assert {"include:spf.mail.qq.com", "include:_spf.google.com"} < set(text.split())
    assert [retiring_value.value for retiring_value in beside.retiring] == ["include:spf.mail.qq.com"]


def test_the_same_record_in_another_writing_is_left_as_it_stands() -> None:
    lived = world(live(APEX, "TXT", "v=spf1 +include:new.example  ~ALL"))
    assert changes([record(APEX, "TXT", spf("include:new.example"))], lived).is_empty


# ── exchangers ──


def test_one_more_exchanger_is_asked_about_though_none_goes() -> None:
    lived = world(live(APEX, "MX", "10 mx.old.example."))
    change_set = changes([record(APEX, "MX", "10 mx.old.example.", "20 mx.new.example.")], lived)
    assert rules(change_set) == ["mx-changed"]


def test_another_ttl_of_the_same_exchangers_is_asked_about_by_nobody() -> None:
    lived = world(live(APEX, "MX", "10 mx.old.example.", ttl=300))
    change_set = changes([record(APEX, "MX", "10 mx.old.example.", ttl=3600)], lived)
    assert not change_set.is_empty and rules(change_set) == []


# ── keys ──


def alias(target: str):
    return record(SELECTOR, "CNAME", target)


def test_a_selectors_alias_that_leads_elsewhere_is_asked_about() -> None:
    lived = world(live(SELECTOR, "CNAME", "s1.dkim.old.example."))
    assert rules(changes([alias("s1.dkim.new.example.")], lived)) == ["selector-changed"]
    assert changes([alias("S1.dkim.OLD.example.")], lived).is_empty, "case is no difference"


def test_a_key_in_the_place_of_an_alias_is_asked_about() -> None:
    lived = world(live(SELECTOR, "CNAME", "s1.dkim.old.example."))
    assert rules(changes([record(SELECTOR, "TXT", KEY)], lived)) == ["selector-changed"]


def test_a_revoked_key_may_go_and_one_in_use_not() -> None:
    """RFC 6376 §3.6.1: an empty p= verifies nothing any more."""
    gone = Owned({f"{SELECTOR} TXT": ("v=DKIM1; p=",)}, ())
    assert rules(changes([], world(live(SELECTOR, "TXT", "v=DKIM1; p=")), gone)) == []
    used = Owned({f"{SELECTOR} TXT": (KEY,)}, ())
    assert rules(changes([], world(live(SELECTOR, "TXT", KEY)), used)) == ["selector-gone"]


# ── repairs ──


def test_putting_back_a_policy_that_somebody_changed_by_hand_asks_nobody() -> None:
    policy = record(f"_dmarc.{APEX}", "TXT", "v=DMARC1; p=none")
    change_set = changes([policy], world())
    owned = owned_by([policy], change_set)
    moved = world(live(f"_dmarc.{APEX}", "TXT", "v=DMARC1; p=reject"))
    assert rules(changes([policy], moved, owned)) == []
    assert rules(changes([policy], moved)) == ["dmarc-weakened"], "on a first run it is somebody's own"


def test_a_repair_takes_every_addition_of_others_and_keeps_what_retires() -> None:
    planned = record(APEX, "MX", "10 mx.new.example.")
    lived = world(live(APEX, "MX", "10 mx.old.example."))
    first = changes([planned], lived)
    both = applied(lived, first)
    owned = owned_by([planned], first)
    added = world(
        live(
            APEX,
            "MX",
            *(value.value for record_set in both for value in record_set.values),
            "5 mx.typo.example.",
            "6 mx.typo2.example.",
        )
    )
    change_set = changes([planned], added, owned, DAY + dt.timedelta(days=1))
    kept = {retiring_value.value for retiring_value in change_set.retiring} | {"10 mx.new.example."}
    assert after(change_set, f"{APEX} MX") == kept


# ── what is read before anything is written ──


def test_what_could_stand_in_the_way_is_read_too() -> None:
    keys = keys_to_read(
        [record(APEX, "MX", "10 mx.new.example."), record(SELECTOR, "TXT", KEY)], Owned(), APEX
    )
    assert {(APEX, "MX"), (SELECTOR, "TXT"), (SELECTOR, "CNAME")} <= set(keys)
    beside = {
        type
        for name, type in keys_to_read([alias("s1.dkim.new.example.")], Owned(), APEX)
        if name == SELECTOR
    }
    assert {"CNAME", "TXT", "A", "MX"} <= beside, "an alias stands alone (RFC 1034 §3.6.2)"
    left = keys_to_read([], Owned({f"old.{APEX} MX": ("10 mx.old.example.",)}, ()), APEX)
    assert (f"old.{APEX}", "MX") in set(left), "what an earlier run wrote is read though no plan names it"


@pytest.mark.parametrize(
    ("type", "one", "same", "other"),
    [
        ("MX", "010 MX.Example.com", "10 mx.example.com.", "11 mx.example.com."),
        ("AAAA", "2001:DB8:0:0::1", "2001:db8::1", "2001:db8::2"),
        ("TLSA", "3 1 1 ABCD EF01", "3 1 1 abcdef01", "3 1 2 abcdef01"),
        ("SRV", "0 01 993 Imap.Example.com.", "0 1 993 imap.example.com.", "0 1 995 imap.example.com."),
        ("CNAME", "S1.Example.com", "s1.example.com.", "s2.example.com."),
        ("TXT", "v=spf1 -all", "v=spf1 -all", "V=spf1 -all"),
    ],
)
def test_two_writings_of_one_value_are_one(type: str, one: str, same: str, other: str) -> None:
    assert canonical(type, one) == canonical(type, same) != canonical(type, other)


# ── the whole of a change is judged ──


def test_what_does_not_change_before_a_change_hides_nothing() -> None:
    """Sets are judged in the order of their names: one that stays stands before the exchangers here."""
    policy = record(f"_dmarc.{APEX}", "TXT", "v=DMARC1; p=none")
    lived = world(live(policy.name, "TXT", *policy.values), live(APEX, "MX", "10 mx.old.example."))
    assert rules(changes([policy, record(APEX, "MX", "10 mx.new.example.")], lived)) == ["mx-changed"]


@pytest.mark.parametrize(
    ("exchanger", "policy", "blocked"),
    [
        ("10 mx.new.example.", "v=STSv1; id=1", True),
        ("20 mx.old.example.", "v=STSv1; id=1", False),
        ("10 mx.new.example.", "a note of somebody", False),
    ],
)
def test_a_cached_policy_blocks_new_hosts_and_no_new_preference(
    exchanger: str, policy: str, blocked: bool
) -> None:
    """RFC 8461 §5: the policy names hosts; their preference is nothing to it."""
    at = f"_mta-sts.{APEX}"
    lived = world(live(APEX, "MX", "10 mx.old.example."), live(at, "TXT", policy))
    planned = [record(at, "TXT", "v=STSv1; id=1")] if policy.startswith("v=") else []
    told = rules(changes([record(APEX, "MX", exchanger), *planned], lived))
    assert ("mta-sts-blocks-mx" in told) is blocked, told
