"""What a change does to a living zone: ours is set right, foreign values survive, nothing is lost."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.changes import Retiring
from mailwright.model.families import Family
from mailwright.plan.transition.change import Owned, keys_to_read, settled
from mailwright.plan.transition.gate import gate
from tests.plan.worlds import APEX, DAY, after, applied, changes, live, owned_by, record, world

OLD_MX = ("10 old1.example.", "20 old2.example.")
NEW_MX = ("5 mxbiz1.qq.com.", "10 mxbiz2.qq.com.")
TOKEN = "google-site-verification=abc"
MS = "MS=ms12345678"


def spf(text: str):
    return record(APEX, "TXT", text)


def test_an_empty_zone_gets_the_plan() -> None:
    change_set = changes([record(APEX, "MX", *NEW_MX), spf("v=spf1 include:spf.mail.qq.com ~all")], world())
    assert after(change_set, f"{APEX} MX") == set(NEW_MX)
    assert after(change_set, f"{APEX} TXT") == {"v=spf1 include:spf.mail.qq.com ~all"}
    assert not change_set.retiring


def test_what_is_already_there_is_adopted_without_a_change() -> None:
    records = [record(APEX, "MX", *NEW_MX), spf("v=spf1 include:spf.mail.qq.com ~all")]
    lived = world(
        live(APEX, "MX", "5 MXBIZ1.QQ.com.", "10 mxbiz2.qq.com."),
        live(APEX, "TXT", "v=spf1 +include:spf.mail.qq.com ~all", TOKEN, ttl=600),
    )
    change_set = changes(records, lived)
    assert change_set.is_empty


def test_foreign_values_at_the_apex_survive_create_update_and_destroy() -> None:
    first = [spf("v=spf1 include:a.example ~all")]
    lived = world(live(APEX, "TXT", TOKEN, MS, ttl=300), live(APEX, "A", "192.0.2.1"))
    created = changes(first, lived)
    assert after(created, f"{APEX} TXT") == {TOKEN, MS, "v=spf1 include:a.example ~all"}
    lived = applied(lived, created)
    owned = owned_by(first, created)
    second = [spf("v=spf1 include:a.example include:b.example ~all")]
    updated = changes(second, lived, owned)
    assert after(updated, f"{APEX} TXT") == {TOKEN, MS, "v=spf1 include:a.example include:b.example ~all"}
    lived = applied(lived, updated)
    destroyed = changes([], lived, owned_by(second, updated))
    assert after(destroyed, f"{APEX} TXT") == {TOKEN, MS}
    assert not [change for change in destroyed.sets if change.type == "A"]


def test_the_ttl_of_a_shared_set_is_adopted() -> None:
    change_set = changes([spf("v=spf1 -all")], world(live(APEX, "TXT", TOKEN, ttl=300)))
    assert [change.ttl for change in change_set.changes] == [300]


def test_the_ttl_of_a_set_that_is_all_ours_follows_the_plan() -> None:
    change_set = changes([record(APEX, "MX", *NEW_MX, ttl=3600)], world(live(APEX, "MX", *NEW_MX, ttl=60)))
    assert [(change.ttl, change.ttl_changes) for change in change_set.changes] == [(3600, True)]


def test_renamed_mx_are_added_and_old_ones_retire_until_their_ttl_has_passed() -> None:
    renamed = ("5 mx1.example.", "10 mx2.example.")
    records = [record(APEX, "MX", *renamed)]
    lived = world(live(APEX, "MX", *OLD_MX, ttl=86_400))
    first = changes(records, lived)
    assert after(first, f"{APEX} MX") == {*renamed, *OLD_MX}
    assert not any(change.removed for change in first.sets)
    assert {retiring_value.value for retiring_value in first.retiring} == set(OLD_MX)
    free = max(retiring_value.until for retiring_value in first.retiring)
    assert free == DAY + dt.timedelta(days=2), "the day after tomorrow has no resolver with the old set"

    lived, owned = applied(lived, first), owned_by(records, first)
    early = changes(records, lived, owned, day=free - dt.timedelta(days=1))
    assert early.is_empty and early.retiring == first.retiring
    late = changes(records, lived, owned, day=free)
    assert after(late, f"{APEX} MX") == set(renamed) and not late.retiring
    assert set(late.changes[0].due) == set(OLD_MX)


@pytest.mark.parametrize(
    "old",
    [
        ("5 hzmx01.mxmail.netease.com.", "10 hzmx02.mxmail.netease.com."),
        ("10 mail.acme-trade.com.",),
        ("10 mx1.acme.iphmx.com.",),
    ],
)
def test_mail_goes_to_one_mail_host_at_a_time(old: tuple[str, ...]) -> None:
    """RFC 5321 §5.1: of equal preferences one is drawn, so a mixed set splits the mail for days."""
    records = [record(APEX, "MX", *NEW_MX)]
    lived = world(live(APEX, "MX", *old, ttl=86_400))
    moved = changes(records, lived)
    assert after(moved, f"{APEX} MX") == set(NEW_MX)
    assert not moved.retiring
    assert {finding.rule for finding in gate(moved)} == {"mx-changed"}, "and nobody is moved unasked"


def test_another_cluster_of_the_same_service_is_another_mail_host() -> None:
    lived = world(live(APEX, "MX", "5 qiye163mx01.mxmail.netease.com.", "10 qiye163mx02.mxmail.netease.com."))
    new = ("5 hzmx01.mxmail.netease.com.", "10 hzmx02.mxmail.netease.com.")
    assert after(changes([record(APEX, "MX", *new)], lived), f"{APEX} MX") == set(new)


def test_an_exchanger_that_is_added_at_the_same_host_leaves_the_others_for_a_while() -> None:
    lived = world(live(APEX, "MX", "10 acme-trade-com.mail.protection.outlook.com."))
    new = "10 acme-trade-com.a-v1.mx.microsoft."
    assert len(after(changes([record(APEX, "MX", new)], lived), f"{APEX} MX")) == 2


def test_what_an_earlier_version_announced_a_day_for_goes_on_that_day() -> None:
    old = "5 hzmx01.mxmail.netease.com."
    records = [record(APEX, "MX", *NEW_MX)]
    left = Retiring(APEX, "MX", old, Family.MX, DAY, DAY + dt.timedelta(days=2))
    owned, split = Owned({f"{APEX} MX": NEW_MX}, (left,)), world(live(APEX, "MX", old, *NEW_MX))
    assert changes(records, split, owned).is_empty
    later = changes(records, split, owned, day=left.until)
    assert after(later, f"{APEX} MX") == set(NEW_MX)
    assert not gate(later)


def test_a_new_preference_of_the_same_exchanger_is_no_second_exchanger() -> None:
    change_set = changes([record(APEX, "MX", "5 mx.example.")], world(live(APEX, "MX", "10 mx.example.")))
    assert after(change_set, f"{APEX} MX") == {"5 mx.example."}


@pytest.mark.parametrize(("before", "wanted"), [("0 .", "5 mx.example."), ("5 mx.example.", "0 .")])
def test_a_null_mx_never_stands_beside_another(before: str, wanted: str) -> None:
    change_set = changes([record(APEX, "MX", wanted)], world(live(APEX, "MX", before)))
    assert after(change_set, f"{APEX} MX") == {wanted}


def test_spf_widens_first_and_narrows_later() -> None:
    records = [spf("v=spf1 include:spf.mail.qq.com ~all")]
    lived = world(live(APEX, "TXT", "v=spf1 include:sendgrid.net ip4:203.0.113.9 -all", TOKEN))
    first = changes(records, lived)
    both = "v=spf1 include:spf.mail.qq.com include:sendgrid.net ip4:203.0.113.9 ~all"
    assert after(first, f"{APEX} TXT") == {TOKEN, both}
    assert {retiring_value.value for retiring_value in first.retiring} == {
        "include:sendgrid.net",
        "ip4:203.0.113.9",
    }

    lived, owned = applied(lived, first), owned_by(records, first)
    assert changes(records, lived, owned).is_empty
    late = changes(records, lived, owned, day=DAY + dt.timedelta(days=9))
    assert after(late, f"{APEX} TXT") == {TOKEN, "v=spf1 include:spf.mail.qq.com ~all"}


def test_two_spf_records_become_one() -> None:
    lived = world(live(APEX, "TXT", "v=spf1 include:a.example -all", "v=spf1 include:b.example ~all"))
    change_set = changes([spf("v=spf1 include:a.example include:b.example ~all")], lived)
    assert after(change_set, f"{APEX} TXT") == {"v=spf1 include:a.example include:b.example ~all"}


def test_the_same_spf_in_two_splits_becomes_one_record() -> None:
    text = b"v=spf1 include:a.example ~all"
    change_set = changes([spf(text.decode())], world(live(APEX, "TXT", (text[:9], text[9:]), (text,))))
    [changed] = change_set.changes
    assert len(changed.after) == 1 and len(changed.removed) == 1 and not changed.added


def test_a_record_stored_in_another_split_is_the_same_record() -> None:
    text = b"v=spf1 include:a.example ~all"
    assert changes([spf(text.decode())], world(live(APEX, "TXT", (text[:9], text[9:])))).is_empty


def test_an_unparsable_spf_is_replaced() -> None:
    change_set = changes([spf("v=spf1 mx ~all")], world(live(APEX, "TXT", "v=spf1 ipv4:1.2.3.4 -all moo")))
    assert after(change_set, f"{APEX} TXT") == {"v=spf1 mx ~all"}


def test_an_old_selector_stays_until_the_new_one_is_known_everywhere() -> None:
    old, new = (record(f"{s}._domainkey.{APEX}", "TXT", f"v=DKIM1; k=rsa; p={s}AAAA") for s in ("s1", "s2"))
    lived = world(live(old.name, "TXT", *old.values))
    first = changes([new], lived, Owned({old.key: old.values}))
    assert after(first, old.key) == set(old.values) and [
        retiring_value.name for retiring_value in first.retiring
    ] == [old.name]
    lived, owned = applied(lived, first), owned_by([new], first)
    early = changes([new], lived, owned, day=DAY + dt.timedelta(days=7))
    assert after(early, old.key) == set(old.values), "signed mail may wait in queues for days"
    late = changes([new], lived, owned, day=DAY + dt.timedelta(days=8))
    assert after(late, old.key) == set()


def test_a_selector_that_becomes_a_cname_leaves_no_txt_beside_it() -> None:
    name = f"selector1._domainkey.{APEX}"
    lived = world(live(name, "TXT", "v=DKIM1; k=rsa; p=AAAA"))
    change_set = changes([record(name, "CNAME", "selector1.example.")], lived)
    assert after(change_set, f"{name} TXT") == set() and after(change_set, f"{name} CNAME") == {
        "selector1.example."
    }
    assert not change_set.in_the_way


def test_somebody_elses_cname_is_in_the_way() -> None:
    name = f"_dmarc.{APEX}"
    change_set = changes(
        [record(name, "TXT", "v=DMARC1; p=none")], world(live(name, "CNAME", "dmarc.vendor.example."))
    )
    assert [record_set.name for record_set in change_set.in_the_way] == [name]


def test_a_name_below_a_delegation_is_named() -> None:
    change_set = changes([record(f"mail.news.{APEX}", "MX", *NEW_MX)], world(cuts=(f"news.{APEX}",)))
    assert change_set.below_cut == (f"mail.news.{APEX}",)


def test_drift_is_repaired_at_once() -> None:
    records = [record(APEX, "MX", *NEW_MX)]
    owned = Owned({records[0].key: NEW_MX})
    change_set = changes(records, world(live(APEX, "MX", NEW_MX[0], "1 evil.example.")), owned)
    assert (
        after(change_set, f"{APEX} MX") == set(NEW_MX)
        and change_set.changes[0].repair
        and not change_set.retiring
    )


def test_a_dropped_token_goes_by_value_only() -> None:
    lived = world(live(APEX, "TXT", TOKEN, "google-site-verification=other"))
    change_set = changes([record(APEX, "MX", *NEW_MX)], lived, Owned({f"{APEX} TXT": (TOKEN,)}))
    assert after(change_set, f"{APEX} TXT") == {"google-site-verification=other"}


def test_what_must_be_read_includes_what_could_stand_in_the_way() -> None:
    name = f"autodiscover.{APEX}"
    pairs = keys_to_read([record(name, "CNAME", "autodiscover.outlook.com.")], Owned(), "acme-trade.com")
    assert {(name, "A"), (name, "TXT"), (name, "CNAME"), (APEX, "MX"), ("_mta-sts." + APEX, "TXT")} <= pairs


def test_the_state_of_the_world_leaves_out_what_retires_and_keeps_our_words() -> None:
    records = [record(APEX, "MX", *NEW_MX), spf("v=spf1 include:spf.mail.qq.com ~all")]
    lived = world(live(APEX, "MX", *OLD_MX), live(APEX, "TXT", "v=spf1 include:old.example ~all", TOKEN))
    first = changes(records, lived)
    state = settled(applied(lived, first), owned_by(records, first))
    assert state == {
        f"{APEX} MX": (3600, tuple(sorted(NEW_MX))),
        f"{APEX} TXT": (3600, ("v=spf1 include:spf.mail.qq.com ~all",)),
    }


def test_the_digest_binds_domain_target_old_new_day_and_version() -> None:
    import dataclasses

    change_set = changes([record(APEX, "MX", *NEW_MX)], world())
    digests = {
        change_set.digest("1"),
        change_set.digest("2"),
        dataclasses.replace(change_set, domain="other.example").digest("1"),
        dataclasses.replace(change_set, target="other").digest("1"),
        dataclasses.replace(change_set, as_of=DAY + dt.timedelta(days=1)).digest("1"),
        changes([record(APEX, "MX", NEW_MX[0])], world()).digest("1"),
        changes([record(APEX, "MX", *NEW_MX)], world(live(APEX, "MX", NEW_MX[0]))).digest("1"),
    }
    assert len(digests) == 7
    assert change_set.digest("1") == changes([record(APEX, "MX", *reversed(NEW_MX))], world()).digest("1")


def test_an_old_tlsa_record_stays_until_the_new_one_is_known_everywhere() -> None:
    name, old, new = f"_25._tcp.mail.{APEX}", f"3 1 1 {'a' * 64}", f"3 1 1 {'b' * 64}"
    records = [record(name, "TLSA", new)]
    lived = world(live(name, "TLSA", old, ttl=3600))
    first = changes(records, lived, owned_by([record(name, "TLSA", old)], changes([], lived)))
    assert after(first, f"{name} TLSA") == {old, new}
    free = max(retiring_value.until for retiring_value in first.retiring)
    lived, owned = applied(lived, first), owned_by(records, first)
    assert changes(records, lived, owned, day=free - dt.timedelta(days=1)).is_empty
    assert after(changes(records, lived, owned, day=free), f"{name} TLSA") == {new}


def test_a_tlsa_record_put_there_by_hand_is_not_torn_away() -> None:
    """The server may show that key today; without its record senders with DANE would not deliver."""
    name, ours, theirs = f"_25._tcp.mail.{APEX}", f"3 1 1 {'a' * 64}", f"3 1 1 {'b' * 64}"
    records = [record(name, "TLSA", ours)]
    applied_before = changes(records, world())
    owned = owned_by(records, applied_before)
    for stands in ((theirs,), (ours, theirs)):
        change_set = changes(records, world(live(name, "TLSA", *stands)), owned)
        assert {value.value for change in change_set.sets for value in change.after} == {ours, theirs}
        assert not any(change.removed for change in change_set.sets)
