"""Google Workspace: each documented behaviour."""

from __future__ import annotations

import pytest

from tests.mail_host.simulated.helpers import (
    ANN,
    BOB,
    CAY,
    DAY,
    FAR,
    OUT,
    TEAM,
    do,
    done,
    later,
    none,
    one,
    refused,
    send,
    tenant,
)

H = "google"


@pytest.mark.parametrize("name", ["postmaster", "abuse"])
def test_reserved_names_are_groups_only(name: str) -> None:
    """google:name.postmaster google:name.abuse google:group.host_copy google:group.reserved_open"""
    t = tenant(H, ANN)
    address = f"{name}@corp.example"
    refused(do(t, "create_user", address), f"google:name.{name}")
    refused(do(t, "add_alias", ANN, alias=address), f"google:name.{name}")
    one(send(t, address), "forwarded", "the host (google)", "google:group.host_copy")
    assert do(t, "create_group", address, members=(ANN,)).taken
    got = send(t, address, days=1)
    one(got, "delivered", ANN, "google:group.reserved_open")
    one(got, "forwarded", "the host (google)", "google:group.host_copy")


def test_reserved_groups_have_fixed_settings() -> None:
    """google:group.reserved_settings"""
    t = tenant(H, ANN)
    do(t, "create_group", "abuse@corp.example", members=(ANN,))
    refused(
        do(t, "set_group_posting", "abuse@corp.example", level="anyone"), "google:group.reserved_settings"
    )
    refused(do(t, "set_moderation", "abuse@corp.example", on=True), "google:group.reserved_settings")


def test_reserved_words_are_no_group_aliases() -> None:
    """google:group.reserved_aliases"""
    t = tenant(H, ANN)
    do(t, "create_group", TEAM, members=(ANN,))
    refused(do(t, "add_alias", TEAM, alias="webmaster@corp.example"), "google:group.reserved_aliases")
    done(do(t, "create_group", "webmaster@corp.example", members=(ANN,), type="team"))


def test_form_of_names() -> None:
    """google:name.chars google:name.double_dot google:name.edge_dot google:name.max_local google:name.case"""
    t = tenant(H)
    refused(do(t, "create_user", "a+b@corp.example"), "google:name.chars")
    done(do(t, "create_user", "o'neil@corp.example"), "google:name.chars")
    refused(do(t, "create_user", "a..b@corp.example"), "google:name.double_dot")
    refused(do(t, "create_user", ".ab@corp.example"), "google:name.edge_dot")
    refused(do(t, "create_user", "a" * 65 + "@corp.example"), "google:name.max_local")
    done(do(t, "create_user", "a" * 64 + "@corp.example"), "google:name.max_local")
    done(do(t, "create_user", "Zoe@corp.example"), "google:name.case")
    one(send(t, "zoe@corp.example"), "delivered", "zoe@corp.example")


def test_periods_count() -> None:
    """google:name.dots_ignored"""
    t = tenant(H, "first.last@corp.example")
    one(send(t, "firstlast@corp.example"), "rejected", "firstlast@corp.example", "google:name.dots_ignored")


def test_thirty_aliases() -> None:
    """google:alias.limit"""
    t = tenant(H, ANN)
    for number in range(30):
        done(do(t, "add_alias", ANN, alias=f"a{number}@corp.example"))
    refused(do(t, "add_alias", ANN, alias="a30@corp.example"), "google:alias.limit")


def test_alias_needs_up_to_a_day() -> None:
    """google:alias.delay"""
    t = tenant(H, ANN)
    done(do(t, "add_alias", ANN, alias="info@corp.example"))
    assert send(t, "info@corp.example").undocumented
    assert "google:alias.delay" in send(t, "info@corp.example").events[0].facts
    one(send(t, "info@corp.example", days=1), "delivered", ANN)


def test_one_owner_for_an_address() -> None:
    """google:address.unique"""
    t = tenant(H, ANN, BOB)
    refused(do(t, "add_alias", ANN, alias=BOB), "google:address.unique")


def test_unknown_recipients_bounce() -> None:
    """google:unknown.form"""
    one(send(tenant(H), "nobody@corp.example"), "rejected", "nobody@corp.example", "google:unknown.form")


def test_suspended_users_get_nothing() -> None:
    """google:suspend.mail google:suspend.undo"""
    t = tenant(H, ANN)
    done(do(t, "suspend_user", ANN))
    got = send(t, ANN)
    one(got, "rejected", ANN, "google:suspend.mail", "google:unknown.form")
    assert got.reached(ANN) is False
    done(do(t, "unsuspend_user", ANN, days=400), "google:suspend.undo")
    one(send(t, ANN, days=400), "delivered", ANN)


def test_suspended_users_keep_their_licence() -> None:
    """google:license.suspended_counts"""
    t = tenant(H, ANN)
    do(t, "set_license_count", "corp.example", count=1)
    do(t, "suspend_user", ANN)
    refused(do(t, "create_user", BOB), "google:license.suspended_counts")


def test_deleted_users_are_unknown() -> None:
    """google:delete.mail"""
    t = tenant(H, ANN)
    done(do(t, "delete_user", ANN))
    one(send(t, ANN), "rejected", ANN, "google:delete.mail")


def test_twenty_days_to_restore() -> None:
    """google:restore.days"""
    t = tenant(H, ANN, BOB)
    do(t, "delete_user", ANN)
    do(t, "delete_user", BOB)
    done(do(t, "restore_user", ANN, days=20), "google:restore.days")
    refused(do(t, "restore_user", BOB, days=21), "google:restore.days")


def test_restore_with_the_name_taken() -> None:
    """google:restore.name_taken google:primary.reuse"""
    t = tenant(H, ANN)
    do(t, "delete_user", ANN)
    done(do(t, "create_user", ANN), "google:primary.reuse")
    refused(do(t, "restore_user", ANN, days=1), "google:restore.name_taken")


def test_restore_with_an_alias_taken() -> None:
    """google:restore.alias_taken google:alias.reuse"""
    t = tenant(H, ANN, BOB)
    do(t, "add_alias", ANN, alias="info@corp.example")
    do(t, "delete_user", ANN)
    done(do(t, "add_alias", BOB, alias="info@corp.example"), "google:alias.reuse")
    refused(do(t, "restore_user", ANN, days=1), "google:restore.alias_taken")


def test_restore_needs_a_licence() -> None:
    """google:license.restore_needs"""
    t = tenant(H, ANN)
    do(t, "set_license_count", "corp.example", count=1)
    do(t, "delete_user", ANN)
    done(do(t, "create_user", BOB))
    refused(do(t, "restore_user", ANN, days=1), "google:license.restore_needs")


def test_restored_users_stay_suspended() -> None:
    """google:restore.suspended_stays"""
    t = tenant(H, ANN)
    do(t, "suspend_user", ANN)
    do(t, "delete_user", ANN)
    done(do(t, "restore_user", ANN, days=1), "google:restore.suspended_stays")
    one(send(t, ANN, days=1), "rejected", ANN)


def test_groups_refuse_outside_senders() -> None:
    """google:group.outside_default"""
    t = tenant(H, ANN)
    do(t, "create_group", TEAM, members=(ANN,))
    got = send(t, TEAM)
    assert got.reached(ANN) is False
    assert all("google:group.outside_default" in event.facts for event in got.events)


def test_levels_and_types_of_groups() -> None:
    """google:group.levels google:group.types"""
    t = tenant(H, ANN, BOB)
    done(do(t, "create_group", TEAM, members=(ANN,), type="restricted"), "google:group.types")
    assert send(t, TEAM, sender=BOB).reached(ANN) is False
    done(do(t, "set_group_posting", TEAM, level="domain"), "google:group.levels")
    one(send(t, TEAM, sender=BOB), "delivered", ANN, "google:group.levels")
    done(do(t, "set_group_posting", TEAM, level="anyone"), "google:group.levels")
    one(send(t, TEAM), "delivered", ANN)
    refused(do(t, "set_group_posting", TEAM, level="listed"), "google:group.levels")


def test_owners_cannot_add_outside_members() -> None:
    """google:group.outside_members_by_owner google:group.outside_posting_by_owner"""
    t = tenant(H, ANN)
    do(t, "create_group", TEAM, members=(ANN,))
    refused(
        do(t, "set_group_posting", TEAM, level="anyone", by="owner"), "google:group.outside_posting_by_owner"
    )
    refused(do(t, "add_member", TEAM, member=OUT, by="owner"), "google:group.outside_members_by_owner")
    assert do(t, "add_member", TEAM, member=OUT).status == "undocumented"


def test_spam_and_moderation_in_groups() -> None:
    """google:group.spam google:moderation.days google:moderation.spam_days"""
    t = tenant(H, ANN, BOB)
    do(t, "create_group", TEAM, members=(ANN,), posting="anyone")
    one(send(t, TEAM, spam=True), "held", TEAM, "google:group.spam", "google:moderation.spam_days")
    done(do(t, "set_moderation", TEAM, on=True, moderators=(BOB,)))
    held = one(send(t, TEAM), "held", TEAM, "google:moderation.days")
    assert "14" in held.text


def test_forwarding() -> None:
    """google:forward.needs_grant google:forward.outside google:forward.verify_outside_by_user"""
    t = tenant(H, ANN)
    waiting = do(t, "set_forward", ANN, to=OUT, keep_copy=True, by="user")
    done(waiting, "google:forward.needs_grant", "google:forward.verify_outside_by_user")
    one(send(t, ANN, sender=FAR), "withheld", OUT)
    do(t, "confirm_address", OUT)
    got = send(t, ANN, sender=FAR)
    one(got, "forwarded", OUT, "google:forward.outside")
    one(got, "delivered", ANN)


def test_forwards_that_need_no_confirmation() -> None:
    """google:forward.verify_inside google:forward.verify_outside_by_admin"""
    t = tenant(H, ANN, BOB)
    done(do(t, "set_forward", ANN, to=BOB, keep_copy=False, by="user"), "google:forward.verify_inside")
    one(send(t, ANN), "copied", BOB)
    done(do(t, "set_forward", ANN, to=OUT, keep_copy=False), "google:forward.verify_outside_by_admin")
    one(send(t, ANN), "forwarded", OUT)


def test_one_forward() -> None:
    """google:forward.limit"""
    t = tenant(H, ANN, BOB, CAY)
    refused(do(t, "set_forward", ANN, to=(BOB, CAY), keep_copy=True), "google:forward.limit")


def test_reply_again_after_four_days() -> None:
    """google:reply.again_days google:reply.edit_resets"""
    t = tenant(H, ANN)
    do(t, "set_autoreply", ANN, text="away", outside_text="away")
    one(send(t, ANN), "auto_reply", OUT)
    one(send(t, ANN, days=3), "withheld", OUT, "google:reply.again_days")
    assert send(t, ANN, days=4).undocumented
    done(
        do(t, "set_autoreply", ANN, 4, text="still away", outside_text="still away"),
        "google:reply.edit_resets",
    )
    assert one(send(t, ANN, days=4), "auto_reply", OUT).text == "still away"
    one(send(t, ANN, days=9), "auto_reply", OUT, "google:reply.again_days")


def test_whom_the_reply_does_not_answer() -> None:
    """google:reply.list google:reply.group google:reply.spam"""
    t = tenant(H, ANN)
    do(t, "set_autoreply", ANN, text="away", outside_text="away")
    do(t, "create_group", TEAM, members=(ANN,), posting="anyone")
    one(send(t, ANN, headers={"List-Id": "<news>"}), "withheld", OUT, "google:reply.list")
    one(send(t, TEAM), "withheld", OUT, "google:reply.group")
    one(send(t, ANN, spam=True), "withheld", OUT, "google:reply.spam", known=False)
    none(send(t, ANN, spam=True), "auto_reply", OUT)


def test_reply_on_its_last_day() -> None:
    """google:reply.last_day"""
    t = tenant(H, ANN)
    do(t, "set_autoreply", ANN, text="away", outside_text="away", start=DAY, until=later(2))
    one(send(t, ANN, days=2), "auto_reply", OUT, "google:reply.last_day")
    none(send(t, ANN, sender=FAR, days=3), "auto_reply", FAR)


def test_catch_all() -> None:
    """google:route.catch_all google:route.catch_all_suspended"""
    t = tenant(H, ANN, BOB)
    done(do(t, "add_route", "all", kind="catch_all", to=ANN), "google:route.catch_all")
    one(send(t, "nobody@corp.example"), "delivered", ANN, "google:route.catch_all")
    do(t, "suspend_user", BOB)
    one(send(t, BOB), "delivered", ANN, "google:route.catch_all_suspended")


def test_address_maps() -> None:
    """google:route.map google:route.map_original google:route.map_outside_only"""
    t = tenant(H, ANN, BOB)
    done(
        do(t, "add_route", "m", kind="map", address=ANN, to=BOB, outside_only=True),
        "google:route.map",
        "google:route.map_outside_only",
    )
    got = send(t, ANN)
    one(got, "delivered", BOB, "google:route.map", "google:route.map_original")
    none(got, "delivered", ANN)
    one(send(t, ANN, sender=CAY), "delivered", ANN)
    do(t, "remove_route", "m")
    do(t, "add_route", "m", kind="map", address=ANN, to=BOB, original=True)
    got = send(t, ANN)
    one(got, "delivered", ANN)
    one(got, "copied", BOB)


def test_limits_of_address_maps() -> None:
    """google:route.map_targets google:route.map_limit"""
    t = tenant(H, ANN)
    many = tuple(f"u{n}@corp.example" for n in range(13))
    refused(do(t, "add_route", "m", kind="map", address=ANN, to=many), "google:route.map_targets")
    done(do(t, "add_route", "m", kind="map", address=ANN, to=many[:12]), "google:route.map_targets")
    for _number in range(4999):
        t.world.routes.append(t.world.routes[0])
    refused(do(t, "add_route", "n", kind="map", address=BOB, to=ANN), "google:route.map_limit")


def test_a_filter_forwards_outside_to_confirmed_addresses() -> None:
    """google:forward.rule_same google:forward.verify_outside_by_user"""
    t = tenant(H, ANN)
    done(do(t, "add_rule", ANN, when={"all": True}, do=(("forward", OUT),)))
    one(send(t, ANN, sender=FAR), "withheld", OUT, "google:forward.rule_same")
    done(do(t, "confirm_address", OUT))
    one(send(t, ANN, sender=FAR), "forwarded", OUT, "google:forward.rule_same")


def test_a_filter_leaves_words_out() -> None:
    """google:rule.exceptions"""
    t = tenant(H, ANN, BOB)
    when = {"all": True, "not_subject_contains": "pump"}
    done(do(t, "add_rule", ANN, when=when, do=(("forward", BOB),)), "google:rule.exceptions")
    one(send(t, ANN, sender=FAR, headers={"Subject": "hello"}), "copied", BOB)
    none(send(t, ANN, sender=FAR, headers={"Subject": "a pump"}), "copied", BOB)
