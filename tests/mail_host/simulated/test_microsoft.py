"""Microsoft 365: each documented behaviour."""

from __future__ import annotations

from tests.mail_host.simulated.helpers import (
    ANN,
    BOB,
    CAY,
    FAR,
    OUT,
    TEAM,
    do,
    done,
    none,
    one,
    refused,
    send,
    tenant,
)
from tests.mail_host.simulators import Tenant

H = "microsoft"
DESK = "desk@corp.example"


def with_group(posting: str = "") -> Tenant:
    """A tenant with a distribution list of one."""
    t = tenant(H, ANN, BOB)
    assert do(t, "create_group", TEAM, members=(ANN,), owners=(BOB,), posting=posting).taken
    return t


def test_new_lists_are_for_the_organization() -> None:
    """microsoft:group.default_posting microsoft:group.outside_default microsoft:group.refused_form
    microsoft:group.refused_code"""
    t = with_group()
    one(send(t, TEAM, sender=BOB), "delivered", ANN, "microsoft:group.default_posting")
    got = one(
        send(t, TEAM),
        "rejected",
        TEAM,
        "microsoft:group.outside_default",
        "microsoft:group.refused_form",
        "microsoft:group.refused_code",
    )
    assert got.code == "550 5.7.133"


def test_levels_of_lists() -> None:
    """microsoft:group.levels"""
    t = with_group()
    done(do(t, "set_group_posting", TEAM, level="anyone"), "microsoft:group.levels")
    one(send(t, TEAM), "delivered", ANN, "microsoft:group.levels")
    refused(do(t, "set_group_posting", TEAM, level="members"), "microsoft:group.levels")


def test_listed_senders() -> None:
    """microsoft:group.listed_code microsoft:group.contact_listed"""
    t = with_group()
    assert do(t, "set_group_posting", TEAM, level="listed", listed=(BOB, OUT)).taken
    assert (
        one(send(t, TEAM, sender=CAY), "rejected", TEAM, "microsoft:group.listed_code").code == "550 5.7.124"
    )
    one(send(t, TEAM), "rejected", TEAM, "microsoft:group.contact_listed")
    one(send(t, TEAM, sender=BOB), "delivered", ANN)


def test_lists_are_not_moderated_at_first() -> None:
    """microsoft:group.moderated_default"""
    t = tenant(H, ANN)
    outcome = do(t, "create_group", TEAM, members=(ANN,), posting="anyone")
    done(outcome, "microsoft:group.moderated_default")
    none(send(t, TEAM), "held", TEAM)


def test_moderation() -> None:
    """microsoft:moderation.days microsoft:moderation.bypass_moderator microsoft:moderation.bypass_owner
    microsoft:moderation.nobody"""
    t = with_group(posting="anyone")
    done(do(t, "set_moderation", TEAM, on=True))
    one(send(t, TEAM), "held", TEAM, "microsoft:moderation.nobody", "microsoft:moderation.days")
    one(send(t, TEAM, sender=BOB), "delivered", ANN, "microsoft:moderation.bypass_owner")
    do(t, "create_user", CAY)
    done(do(t, "set_moderation", TEAM, on=True, moderators=(CAY,)))
    one(send(t, TEAM, sender=CAY), "delivered", ANN, "microsoft:moderation.bypass_moderator")


def test_lists_keep_an_owner() -> None:
    """microsoft:group.owner_needed"""
    refused(do(with_group(), "remove_owner", TEAM, owner=BOB), "microsoft:group.owner_needed")


def test_unknown_recipients() -> None:
    """microsoft:unknown.form microsoft:unknown.code"""
    got = one(
        send(tenant(H), "nobody@corp.example"), "rejected", "nobody@corp.example", "microsoft:unknown.form"
    )
    assert got.code == "550 5.4.1" and "microsoft:unknown.code" in got.facts


def test_unknown_recipients_come_before_rules() -> None:
    """microsoft:unknown.before_rules"""
    t = tenant(H, ANN)
    done(do(t, "add_transport_rule", "r", when={"all": True}, do=(("redirect", ANN),)))
    one(send(t, "nobody@corp.example"), "rejected", "nobody@corp.example", "microsoft:unknown.before_rules")


def test_blocked_sign_in_still_receives() -> None:
    """microsoft:suspend.mail"""
    t = tenant(H, ANN)
    done(do(t, "block_sign_in", ANN))
    one(send(t, ANN), "delivered", ANN, "microsoft:suspend.mail")


def test_deleted_users_are_unknown() -> None:
    """microsoft:delete.mail"""
    t = tenant(H, ANN)
    do(t, "delete_user", ANN)
    one(send(t, ANN), "rejected", ANN, "microsoft:delete.mail", "microsoft:unknown.code")


def test_what_must_precede_a_deletion() -> None:
    """microsoft:delete.blocked_by"""
    t = tenant(H, ANN, BOB, CAY)
    do(t, "set_forward", ANN, to=BOB, keep_copy=True)
    refused(do(t, "delete_user", ANN), "microsoft:delete.blocked_by")
    done(do(t, "clear_forward", ANN))
    done(do(t, "delete_user", ANN))
    do(t, "convert_to_shared", CAY)
    refused(do(t, "delete_user", CAY), "microsoft:delete.blocked_by")


def test_thirty_days_to_restore() -> None:
    """microsoft:restore.days"""
    t = tenant(H, ANN, BOB)
    do(t, "delete_user", ANN)
    do(t, "delete_user", BOB)
    done(do(t, "restore_user", ANN, days=30), "microsoft:restore.days")
    refused(do(t, "restore_user", BOB, days=31), "microsoft:restore.days")


def test_restore_with_the_name_taken() -> None:
    """microsoft:restore.name_taken microsoft:primary.reuse"""
    t = tenant(H, ANN)
    do(t, "delete_user", ANN)
    done(do(t, "create_user", ANN), "microsoft:primary.reuse")
    refused(do(t, "restore_user", ANN), "microsoft:restore.name_taken")


def test_aliases_of_deleted_users() -> None:
    """microsoft:alias.reuse microsoft:restore.alias_taken"""
    t = tenant(H, ANN, BOB)
    do(t, "add_alias", ANN, alias="info@corp.example")
    do(t, "delete_user", ANN)
    refused(do(t, "add_alias", BOB, 5, alias="info@corp.example"), "microsoft:alias.reuse")
    done(do(t, "add_alias", BOB, 31, alias="info@corp.example"), "microsoft:alias.reuse")
    t.world.boxes[BOB].aliases["info@corp.example"] = t.world.deleted[ANN].day
    done(do(t, "restore_user", ANN, days=9), "microsoft:restore.alias_taken")
    assert not t.world.boxes[ANN].aliases


def test_restore_needs_a_licence() -> None:
    """microsoft:license.restore_needs"""
    t = tenant(H, ANN)
    do(t, "set_license_count", "corp.example", count=1)
    do(t, "delete_user", ANN)
    do(t, "create_user", BOB)
    refused(do(t, "restore_user", ANN, days=1), "microsoft:license.restore_needs")


def test_without_a_licence_the_mailbox_is_inactive() -> None:
    """microsoft:license.remove_mail microsoft:license.grace_days"""
    t = tenant(H, ANN)
    do(t, "add_rule", ANN, when={"all": True}, do=(("move", "Old"),))
    done(do(t, "remove_license", ANN))
    got = send(t, ANN)
    assert got.reached(ANN) is False and "microsoft:license.remove_mail" in got.events[0].facts
    done(do(t, "assign_license", ANN, days=30), "microsoft:license.grace_days")
    assert one(send(t, ANN), "delivered", ANN).folder == "Old"
    do(t, "remove_license", ANN)
    done(do(t, "assign_license", ANN, days=31), "microsoft:license.grace_days")
    assert one(send(t, ANN), "delivered", ANN).folder == "Inbox"


def test_conversion_to_a_shared_mailbox() -> None:
    """microsoft:convert.supported microsoft:convert.needs_license microsoft:convert.keeps_rules
    microsoft:shared.needs_license"""
    t = tenant(H, ANN, BOB)
    do(t, "remove_license", BOB)
    refused(do(t, "convert_to_shared", BOB), "microsoft:convert.needs_license")
    do(t, "add_rule", ANN, when={"all": True}, do=(("move", "Old"),))
    done(do(t, "convert_to_shared", ANN), "microsoft:convert.supported", "microsoft:convert.keeps_rules")
    done(do(t, "remove_license", ANN))
    assert one(send(t, ANN), "delivered", ANN).folder == "Old"
    done(do(t, "convert_to_user", ANN), "microsoft:convert.supported")


def test_shared_mailboxes() -> None:
    """microsoft:shared.supported microsoft:shared.needs_license microsoft:shared.outside_access
    microsoft:shared.access_license microsoft:access.full_implies_send"""
    t = tenant(H, ANN, BOB)
    done(
        do(t, "create_shared_mailbox", DESK, users=(ANN,)),
        "microsoft:shared.supported",
        "microsoft:shared.needs_license",
    )
    one(send(t, DESK), "delivered", DESK)
    refused(do(t, "grant_access", DESK, to=OUT), "microsoft:shared.outside_access")
    do(t, "remove_license", BOB)
    refused(do(t, "grant_access", DESK, to=BOB), "microsoft:shared.access_license")
    full = do(t, "grant_access", DESK, to=ANN)
    done(full, "microsoft:access.full_implies_send")
    assert full.reason == "sending is granted apart"


def test_outside_forwarding_is_refused_on_sending() -> None:
    """microsoft:forward.needs_grant microsoft:forward.outside microsoft:forward.outside_code"""
    t = tenant(H, ANN)
    done(
        do(t, "set_forward", ANN, to=OUT, keep_copy=True),
        "microsoft:forward.needs_grant",
        "microsoft:forward.outside",
    )
    got = send(t, ANN, sender=FAR)
    assert one(
        got, "rejected", OUT, "microsoft:forward.outside", "microsoft:forward.outside_code"
    ).code.endswith("520")
    one(got, "delivered", ANN)
    done(do(t, "allow_external_forward", "corp.example", on=True), "microsoft:forward.outside")
    one(send(t, ANN, sender=FAR), "forwarded", OUT)


def test_outside_forwarding_is_allowed_to_one_mailbox() -> None:
    """microsoft:forward.outside_one"""
    t = tenant(H, ANN, BOB)
    for box in (ANN, BOB):
        done(do(t, "set_forward", box, to=OUT, keep_copy=True))
    done(do(t, "allow_external_forward", ANN), "microsoft:forward.outside_one")
    one(send(t, ANN, sender=FAR), "forwarded", OUT)
    one(send(t, BOB, sender=FAR), "rejected", OUT, "microsoft:forward.outside")
    done(do(t, "allow_external_forward", ANN, on=False))
    one(send(t, ANN, sender=FAR), "rejected", OUT)


def test_a_rule_has_exceptions() -> None:
    """microsoft:rule.exceptions"""
    t = tenant(H, ANN, BOB)
    when = {"all": True, "not_subject_contains": ("pump", "valve")}
    done(do(t, "add_rule", ANN, when=when, do=(("forward", BOB),)), "microsoft:rule.exceptions")
    one(send(t, ANN, sender=FAR, headers={"Subject": "hello"}), "copied", BOB)
    none(send(t, ANN, sender=FAR, headers={"Subject": "a valve"}), "copied", BOB)


def test_an_answer_inside_alone_needs_no_text_for_outsiders() -> None:
    """microsoft:reply.outside"""
    t = tenant(H, ANN, BOB)
    done(do(t, "set_autoreply", ANN, text="away", audience="inside"), "microsoft:reply.outside")
    one(send(t, ANN, sender=BOB), "auto_reply", BOB)
    none(send(t, ANN, sender=FAR), "auto_reply", FAR)


def test_rules_forward_under_the_same_policy() -> None:
    """microsoft:forward.rule_same"""
    t = tenant(H, ANN)
    done(do(t, "add_rule", ANN, when={"from": "elsewhere.example"}, do=(("forward", OUT),)))
    one(send(t, ANN, sender=FAR), "rejected", OUT, "microsoft:forward.rule_same")


def test_forwarding_inside() -> None:
    """microsoft:forward.inside_free microsoft:forward.limit microsoft:forward.to_group
    microsoft:forward.keep_copy_default"""
    t = with_group()
    do(t, "create_user", CAY)
    refused(do(t, "set_forward", CAY, to=(ANN, BOB)), "microsoft:forward.limit")
    done(
        do(t, "set_forward", CAY, to=TEAM),
        "microsoft:forward.to_group",
        "microsoft:forward.keep_copy_default",
    )
    got = send(t, CAY, sender=BOB)
    one(got, "copied", ANN, "microsoft:forward.inside_free")
    none(got, "delivered", CAY)


def test_loops_end() -> None:
    """microsoft:forward.loop_code"""
    t = tenant(H, ANN, BOB)
    do(t, "set_forward", ANN, to=BOB, keep_copy=False)
    do(t, "set_forward", BOB, to=ANN, keep_copy=False)
    looped = [event for event in send(t, ANN).of("rejected") if event.code == "550 5.4.14"]
    assert len(looped) <= 1
    if t.knowledge.answer("forward.of_forwarded"):
        assert "microsoft:forward.loop_code" in looped[0].facts


def test_one_reply_for_a_sender() -> None:
    """microsoft:reply.again_days microsoft:reply.edit_resets"""
    t = tenant(H, ANN)
    do(t, "set_autoreply", ANN, text="away", outside_text="gone")
    one(send(t, ANN), "auto_reply", OUT)
    one(send(t, ANN, days=200), "withheld", OUT, "microsoft:reply.again_days")
    done(do(t, "set_autoreply", ANN, 200, text="back", outside_text="back"), "microsoft:reply.edit_resets")
    one(send(t, ANN, days=201), "auto_reply", OUT)


def test_replies_inside_and_outside() -> None:
    """microsoft:reply.outside microsoft:reply.outside_text"""
    t = tenant(H, ANN, BOB)
    do(t, "set_autoreply", ANN, text="away")
    assert one(send(t, ANN, sender=BOB), "auto_reply", BOB).text == "away"
    one(send(t, ANN), "withheld", OUT, "microsoft:reply.outside")
    do(t, "set_autoreply", ANN, text="away", outside_text="gone")
    assert one(send(t, ANN), "auto_reply", OUT, "microsoft:reply.outside_text").text == "gone"


def test_forwarding_needs_a_licence() -> None:
    """microsoft:forward.needs_license"""
    t = tenant(H, ANN, BOB)
    do(t, "remove_license", ANN)
    refused(do(t, "set_forward", ANN, to=BOB, keep_copy=True), "microsoft:forward.needs_license")


def test_whom_the_reply_does_not_answer() -> None:
    """microsoft:reply.x_suppress microsoft:reply.group"""
    t = with_group(posting="anyone")
    do(t, "set_autoreply", ANN, text="away")
    one(
        send(t, ANN, headers={"X-Auto-Response-Suppress": "DR, OOF"}),
        "withheld",
        OUT,
        "microsoft:reply.x_suppress",
    )
    one(send(t, TEAM), "withheld", OUT, "microsoft:reply.group")


def test_replies_by_rules() -> None:
    """microsoft:reply.rule_every"""
    t = tenant(H, ANN)
    done(do(t, "add_rule", ANN, when={"all": True}, do=(("reply", "got it"),)))
    for _ in range(2):
        assert one(send(t, ANN), "auto_reply", OUT, "microsoft:reply.rule_every").text == "got it"


def test_mailbox_rules() -> None:
    """microsoft:rule.stop microsoft:rule.actions microsoft:rule.limit"""
    t = tenant(H, ANN)
    done(do(t, "add_rule", ANN, when={"from": "outside.example"}, do=(("move", "Guests"),), stop=True))
    done(do(t, "add_rule", ANN, when={"all": True}, do=("delete",)))
    assert one(send(t, ANN), "delivered", ANN, "microsoft:rule.stop").folder == "Guests"
    assert one(send(t, ANN, sender=FAR), "delivered", ANN).folder == "Trash"
    done(do(t, "add_rule", ANN, when={"from": FAR}, do=("purge",)), "microsoft:rule.actions")
    one(send(t, ANN, sender=FAR), "dropped", ANN)
    refused(do(t, "add_rule", ANN, when={"all": True}, do=("sing",)), "microsoft:rule.actions")
    for _ in range(120):
        done(do(t, "add_rule", ANN, when={"from": "x"}, do=("delete",)), "microsoft:rule.limit")


def test_mail_flow_rules() -> None:
    """microsoft:transport.actions microsoft:transport.reject_code microsoft:transport.delete_ends
    microsoft:transport.after_mailbox"""
    t = tenant(H, ANN, BOB)
    done(do(t, "add_transport_rule", "1", when={"from": FAR}, do=("delete",)), "microsoft:transport.actions")
    one(
        send(t, ANN, sender=FAR),
        "dropped",
        ANN,
        "microsoft:transport.actions",
        "microsoft:transport.delete_ends",
    )
    done(do(t, "add_transport_rule", "2", when={"header:X-Kind": "ad"}, do=("reject",)))
    got = one(send(t, ANN, headers={"X-Kind": "ad"}), "rejected", ANN, "microsoft:transport.reject_code")
    assert got.code == "550 5.7.1"
    done(do(t, "add_transport_rule", "3", when={"header:X-Kind": "job"}, do=(("redirect", BOB),)))
    got2 = send(t, ANN, headers={"X-Kind": "job"})
    one(got2, "delivered", BOB)
    none(got2, "delivered", ANN)
    assert t.knowledge.answer("transport.after_mailbox") is False
    refused(do(t, "add_transport_rule", "4", when={"all": True}, do=("spam",)), "microsoft:transport.actions")


def test_order_and_stop_of_mail_flow_rules() -> None:
    """microsoft:transport.order microsoft:transport.stop"""
    t = tenant(H, ANN, BOB, CAY)
    do(t, "add_transport_rule", "1", when={"all": True}, do=(("redirect", BOB),), stop=True)
    do(t, "add_transport_rule", "2", when={"all": True}, do=(("redirect", CAY),))
    one(send(t, ANN), "delivered", BOB)
    rests = t.world.transport[0]
    t.world.transport[0] = type(rests)(rests.name, rests.when, rests.do, False)
    one(send(t, ANN), "delivered", CAY, "microsoft:transport.order", "microsoft:transport.stop")


def test_no_list_in_bcc() -> None:
    """microsoft:transport.bcc_group"""
    t = with_group()
    refused(
        do(t, "add_transport_rule", "1", when={"all": True}, do=(("bcc", TEAM),)),
        "microsoft:transport.bcc_group",
    )
    done(do(t, "add_transport_rule", "1", when={"all": True}, do=(("bcc", BOB),)))
    got = send(t, ANN)
    one(got, "delivered", ANN)
    one(got, "copied", BOB)


def test_postmaster_has_no_mailbox() -> None:
    """microsoft:postmaster.mailbox"""
    one(
        send(tenant(H), "postmaster@corp.example"),
        "rejected",
        "postmaster@corp.example",
        "microsoft:postmaster.mailbox",
    )
