"""Tencent Exmail, Alibaba Mail, Zoho Mail and Feishu mail: each documented behaviour."""

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

DESK = "desk@corp.example"


# --- Tencent --------------------------------------------------------------------------------------------------


def test_tencent_levels() -> None:
    """tencent:group.levels tencent:group.anyone_outside tencent:group.listed_needs_list"""
    t = tenant("tencent", ANN, BOB)
    done(
        do(t, "create_group", TEAM, members=(ANN,), posting="anyone"),
        "tencent:group.levels",
        "tencent:group.anyone_outside",
    )
    one(send(t, TEAM), "delivered", ANN, "tencent:group.anyone_outside")
    done(do(t, "set_group_posting", TEAM, level="domain"), "tencent:group.levels")
    assert send(t, TEAM).reached(ANN) is False
    refused(do(t, "set_group_posting", TEAM, level="managers"), "tencent:group.levels")
    refused(do(t, "set_group_posting", TEAM, level="listed"), "tencent:group.listed_needs_list")
    done(do(t, "set_group_posting", TEAM, level="listed", listed=(BOB,)))
    one(send(t, TEAM, sender=BOB), "delivered", ANN)


def test_tencent_groups_have_members() -> None:
    """tencent:group.needs_member tencent:group.keeps_member"""
    t = tenant("tencent", ANN)
    refused(do(t, "create_group", TEAM, posting="domain"), "tencent:group.needs_member")
    done(do(t, "create_group", TEAM, members=(ANN,), posting="domain"))
    refused(do(t, "remove_member", TEAM, member=ANN), "tencent:group.keeps_member")


def test_tencent_names_of_groups() -> None:
    """tencent:group.name_unique tencent:group.name_bytes tencent:group.rename tencent:group.nested"""
    t = tenant("tencent", ANN)
    done(do(t, "create_group", TEAM, name="Sales", members=(ANN,)))
    refused(do(t, "create_group", DESK, name="Sales", members=(ANN,)), "tencent:group.name_unique")
    refused(do(t, "create_group", DESK, name="x" * 201, members=(ANN,)), "tencent:group.name_bytes")
    done(
        do(t, "create_group", DESK, name="x" * 200, members=(TEAM,)),
        "tencent:group.name_bytes",
        "tencent:group.nested",
    )
    refused(do(t, "rename_group", TEAM, to="team2@corp.example"), "tencent:group.rename")


def test_tencent_public_mailboxes() -> None:
    """tencent:shared.supported tencent:shared.needs_user tencent:shared.name_max"""
    t = tenant("tencent", ANN)
    refused(do(t, "create_shared_mailbox", DESK), "tencent:shared.supported", "tencent:shared.needs_user")
    refused(do(t, "create_shared_mailbox", DESK, name="x" * 65, users=(ANN,)), "tencent:shared.name_max")
    refused(do(t, "create_shared_mailbox", DESK, name="售" * 33, users=(ANN,)), "tencent:shared.name_max")
    done(do(t, "create_shared_mailbox", DESK, name="Desk", users=(ANN,)), "tencent:shared.supported")
    refused(do(t, "revoke_access", DESK, to=ANN), "tencent:shared.needs_user")


def test_tencent_aliases_of_public_mailboxes() -> None:
    """tencent:shared.alias_limit tencent:shared.alias_bytes tencent:address.unique"""
    t = tenant("tencent", ANN)
    do(t, "create_shared_mailbox", DESK, users=(ANN,))
    for number in range(5):
        done(do(t, "add_alias", DESK, alias=f"d{number}@corp.example"), "tencent:shared.alias_limit")
    refused(do(t, "add_alias", DESK, alias="d9@corp.example"), "tencent:shared.alias_limit")
    do(t, "remove_alias", DESK, alias="d0@corp.example")
    long = "d" * 20 + "." + "e" * 32 + "@corp.example"
    got = do(t, "add_alias", DESK, alias=long)
    assert not got.taken and (
        "tencent:shared.alias_bytes" in got.facts or "tencent:name.max_local" in got.facts
    )
    refused(do(t, "add_alias", DESK, alias=ANN), "tencent:address.unique")


def test_tencent_protected_accounts() -> None:
    """tencent:suspend.protected"""
    t = tenant("tencent", ANN)
    do(t, "create_user", BOB, role="creator")
    do(t, "create_user", CAY, role="super_admin")
    refused(do(t, "suspend_user", BOB), "tencent:suspend.protected")
    refused(do(t, "suspend_user", CAY), "tencent:suspend.protected")
    done(do(t, "suspend_user", ANN))


# --- Alibaba --------------------------------------------------------------------------------------------------


def test_alibaba_postmaster() -> None:
    """alibaba:name.postmaster alibaba:postmaster.mailbox"""
    t = tenant("alibaba", ANN)
    refused(do(t, "create_user", "postmaster@corp.example"), "alibaba:name.postmaster")
    refused(do(t, "add_alias", ANN, alias="postmaster@corp.example"), "alibaba:name.postmaster")
    one(
        send(t, "postmaster@corp.example"),
        "delivered",
        "postmaster@corp.example",
        "alibaba:postmaster.mailbox",
    )


def test_alibaba_new_groups() -> None:
    """alibaba:group.default_posting alibaba:group.outside_default"""
    t = tenant("alibaba", ANN, BOB)
    assert do(t, "create_group", TEAM, members=(ANN,)).taken
    one(send(t, TEAM, sender=BOB), "delivered", ANN, "alibaba:group.default_posting")
    got = send(t, TEAM)
    assert got.reached(ANN) is False and "alibaba:group.outside_default" in got.events[0].facts


def test_alibaba_levels() -> None:
    """alibaba:group.levels alibaba:group.listed_limit"""
    t = tenant("alibaba", ANN, BOB)
    do(t, "create_group", TEAM, members=(ANN,))
    done(do(t, "set_group_posting", TEAM, level="members_listed", listed=(OUT,)), "alibaba:group.levels")
    one(send(t, TEAM), "delivered", ANN, "alibaba:group.levels")
    assert send(t, TEAM, sender=BOB).reached(ANN) is False
    many = tuple(f"x{n}@outside.example" for n in range(1001))
    refused(do(t, "set_group_posting", TEAM, level="listed", listed=many), "alibaba:group.listed_limit")
    done(do(t, "set_group_posting", TEAM, level="listed", listed=many[1:]), "alibaba:group.listed_limit")


def test_alibaba_limits() -> None:
    """alibaba:alias.limit alibaba:group.max_members alibaba:group.count alibaba:transport.limit"""
    t = tenant("alibaba", ANN, BOB)
    for number in range(5):
        assert do(t, "add_alias", ANN, alias=f"a{number}@corp.example").status == "done"
    refused(do(t, "add_alias", ANN, alias="a5@corp.example"), "alibaba:alias.limit")
    do(t, "create_group", TEAM, members=(ANN,))
    t.world.groups[TEAM].members = [ANN] * 99999
    refused(do(t, "add_member", TEAM, member=BOB), "alibaba:group.max_members")
    for number in range(999):
        t.world.groups[f"g{number}@corp.example"] = t.world.groups[TEAM]
    refused(do(t, "create_group", DESK, members=(ANN,)), "alibaba:group.count")
    done(do(t, "add_transport_rule", "1", when={"from": FAR}, do=("delete",)))
    t.world.transport = t.world.transport * 200
    refused(do(t, "add_transport_rule", "2", when={"from": FAR}, do=("delete",)), "alibaba:transport.limit")


def test_alibaba_frozen_accounts() -> None:
    """alibaba:suspend.mail alibaba:suspend.undo"""
    t = tenant("alibaba", ANN)
    do(t, "suspend_user", ANN)
    got = send(t, ANN)
    assert got.reached(ANN) is False and got.events[0].form_only
    assert "alibaba:suspend.mail" in got.events[0].facts
    done(do(t, "unsuspend_user", ANN), "alibaba:suspend.undo")
    one(send(t, ANN), "delivered", ANN)


def test_alibaba_restore() -> None:
    """alibaba:restore.days"""
    t = tenant("alibaba", ANN, BOB)
    do(t, "delete_user", ANN)
    do(t, "delete_user", BOB)
    done(do(t, "restore_user", ANN, days=30), "alibaba:restore.days")
    refused(do(t, "restore_user", BOB, days=31), "alibaba:restore.days")


def test_alibaba_replies() -> None:
    """alibaba:reply.again_days alibaba:reply.outside"""
    t = tenant("alibaba", ANN)
    do(t, "set_autoreply", ANN, text="away")
    one(send(t, ANN), "auto_reply", OUT, "alibaba:reply.outside")
    one(send(t, ANN), "withheld", OUT, "alibaba:reply.again_days")
    one(send(t, ANN, days=1), "auto_reply", OUT, "alibaba:reply.again_days")


def test_alibaba_replies_by_rules() -> None:
    """alibaba:reply.rule_first alibaba:reply.rule_every"""
    t = tenant("alibaba", ANN)
    do(t, "set_autoreply", ANN, text="away")
    do(t, "add_rule", ANN, when={"from": FAR}, do=(("reply", "noted"),))
    for _ in range(2):
        got = send(t, ANN, sender=FAR)
        assert one(got, "auto_reply", FAR, "alibaba:reply.rule_every").text == "noted"
        one(got, "withheld", FAR, "alibaba:reply.rule_first")


def test_alibaba_mail_rules() -> None:
    """alibaba:transport.actions"""
    t = tenant("alibaba", ANN, BOB)
    done(do(t, "add_transport_rule", "1", when={"from": FAR}, do=("hold",)), "alibaba:transport.actions")
    got = send(t, ANN, sender=FAR)
    assert "alibaba:transport.actions" in got.events[0].facts
    refused(
        do(t, "add_transport_rule", "2", when={"from": FAR}, do=(("redirect", BOB),)),
        "alibaba:transport.actions",
    )


# --- Zoho -----------------------------------------------------------------------------------------------------


def test_zoho_levels_and_types() -> None:
    """zoho:group.levels zoho:group.types"""
    t = tenant("zoho", ANN, BOB)
    done(do(t, "create_group", TEAM, members=(ANN,), type="public"), "zoho:group.types")
    one(send(t, TEAM), "delivered", ANN)
    done(do(t, "set_group_posting", TEAM, level="moderators"), "zoho:group.levels")
    assert send(t, TEAM, sender=BOB).reached(ANN) is False
    assert do(t, "create_group", DESK, name="d", members=(ANN,), type="moderated").taken
    assert send(t, DESK).reached(ANN) is not True
    refused(do(t, "set_group_posting", TEAM, level="listed"), "zoho:group.levels")


def test_zoho_refused_messages() -> None:
    """zoho:group.refused_form zoho:group.refused_settable"""
    t = tenant("zoho", ANN, BOB)
    do(t, "create_group", TEAM, members=(ANN,), type="private")
    one(send(t, TEAM, sender=BOB), "rejected", TEAM, "zoho:group.refused_form")
    done(do(t, "set_moderation", TEAM, on=False, moderators=(ANN,)))
    one(send(t, TEAM, sender=BOB), "held", TEAM, "zoho:group.refused_form")
    done(do(t, "set_group_posting", TEAM, refused="bounce"), "zoho:group.refused_settable")
    one(send(t, TEAM, sender=BOB), "rejected", TEAM)


def test_zoho_outside_members() -> None:
    """zoho:group.outside_members zoho:group.external_invite"""
    t = tenant("zoho", ANN)
    do(t, "create_group", TEAM, members=(ANN,), type="public")
    done(do(t, "add_member", TEAM, member=OUT), "zoho:group.outside_members", "zoho:group.external_invite")
    one(send(t, TEAM, sender=FAR), "withheld", OUT, "zoho:group.external_invite")
    do(t, "confirm_address", OUT)
    one(send(t, TEAM, sender=FAR), "forwarded", OUT)


def test_zoho_catch_all() -> None:
    """zoho:unknown.form zoho:route.catch_all zoho:route.catch_all_needs_mailbox"""
    t = tenant("zoho", ANN)
    one(send(t, "nobody@corp.example"), "rejected", "nobody@corp.example", "zoho:unknown.form")
    refused(do(t, "add_route", "all", kind="catch_all", to=OUT), "zoho:route.catch_all_needs_mailbox")
    done(do(t, "add_route", "all", kind="catch_all", to=ANN), "zoho:route.catch_all")
    one(send(t, "nobody@corp.example"), "delivered", ANN, "zoho:route.catch_all")


def test_zoho_forwards() -> None:
    """zoho:forward.needs_grant zoho:forward.outside zoho:forward.admin_outside zoho:forward.verify_outside_by_user
    zoho:forward.verify_inside"""
    t = tenant("zoho", ANN, BOB)
    refused(do(t, "set_forward", ANN, to=OUT, keep_copy=True), "zoho:forward.admin_outside")
    done(
        do(t, "set_forward", ANN, to=BOB, keep_copy=True),
        "zoho:forward.verify_inside",
        "zoho:forward.needs_grant",
    )
    done(do(t, "set_forward", ANN, to=OUT, keep_copy=True, by="user"), "zoho:forward.verify_outside_by_user")
    one(send(t, ANN, sender=FAR), "withheld", OUT)
    do(t, "confirm_address", OUT)
    one(send(t, ANN, sender=FAR), "forwarded", OUT, "zoho:forward.outside")


def test_zoho_limits_of_forwards() -> None:
    """zoho:forward.limit zoho:forward.to_group zoho:forward.of_forwarded"""
    many = tuple(f"u{n}@corp.example" for n in range(4))
    t = tenant("zoho", ANN, BOB, *many)
    refused(do(t, "set_forward", ANN, to=many, keep_copy=True), "zoho:forward.limit")
    done(do(t, "set_forward", ANN, to=many[:3], keep_copy=True), "zoho:forward.limit")
    do(t, "create_group", TEAM, members=(ANN,), type="public")
    refused(do(t, "set_forward", BOB, to=TEAM, keep_copy=True), "zoho:forward.to_group")
    done(do(t, "set_forward", many[0], to=BOB, keep_copy=True))
    got = send(t, ANN)
    one(got, "copied", many[0])
    one(got, "withheld", many[0], "zoho:forward.of_forwarded")
    none(got, "copied", BOB)


def test_zoho_replies() -> None:
    """zoho:reply.again_days zoho:reply.interval_settable zoho:reply.audiences"""
    t = tenant("zoho", ANN)
    done(do(t, "set_autoreply", ANN, text="away", audience="outside"), "zoho:reply.audiences")
    one(send(t, ANN), "auto_reply", OUT, "zoho:reply.audiences")
    one(send(t, ANN), "withheld", OUT, "zoho:reply.again_days")
    one(send(t, ANN, days=1), "auto_reply", OUT, "zoho:reply.again_days")
    one(send(t, ANN, sender=BOB), "withheld", BOB, "zoho:reply.audiences")
    assert do(t, "set_autoreply", ANN, 1, text="away", audience="outside", interval_days=5).taken
    t.world.boxes[ANN].replied = {}
    one(send(t, ANN, days=2), "auto_reply", OUT)
    one(send(t, ANN, days=6), "withheld", OUT)
    one(send(t, ANN, days=8), "auto_reply", OUT)
    assert (
        do(tenant("zoho", ANN), "set_autoreply", ANN, interval_days=3).facts[0]
        == "zoho:reply.interval_settable"
    )


def test_zoho_forwarding_rules() -> None:
    """zoho:transport.actions zoho:transport.after_mailbox"""
    t = tenant("zoho", ANN, BOB)
    done(
        do(t, "add_transport_rule", "1", when={"from": FAR}, do=(("forward", BOB),)), "zoho:transport.actions"
    )
    got = send(t, ANN, sender=FAR)
    one(got, "delivered", ANN)
    one(got, "copied", BOB, "zoho:transport.after_mailbox")
    refused(do(t, "add_transport_rule", "2", when={"all": True}, do=("reject",)), "zoho:transport.actions")


# --- Feishu ---------------------------------------------------------------------------------------------------


def test_feishu_lists() -> None:
    """feishu:group.levels feishu:group.outside_members feishu:group.external_invite feishu:group.nested"""
    t = tenant("feishu", ANN, BOB)
    done(
        do(t, "create_group", TEAM, name="t", members=(ANN, OUT), posting="anyone"),
        "feishu:group.levels",
        "feishu:group.outside_members",
        "feishu:group.external_invite",
    )
    one(send(t, TEAM, sender=FAR), "forwarded", OUT)
    done(do(t, "create_group", DESK, name="d", members=(TEAM,), posting="anyone"), "feishu:group.nested")
    refused(do(t, "set_group_posting", TEAM, level="managers"), "feishu:group.levels")


def test_feishu_approval() -> None:
    """feishu:moderation.approvers_max feishu:moderation.bypass_listed"""
    t = tenant("feishu", ANN, BOB)
    do(t, "create_group", TEAM, members=(ANN,), posting="anyone")
    many = tuple(f"m{n}@corp.example" for n in range(6))
    refused(do(t, "set_moderation", TEAM, on=True, moderators=many), "feishu:moderation.approvers_max")
    done(do(t, "set_moderation", TEAM, on=True, moderators=many[:5], bypass=(BOB,)))
    one(send(t, TEAM), "held", TEAM)
    one(send(t, TEAM, sender=BOB), "delivered", ANN, "feishu:moderation.bypass_listed")


def test_feishu_public_mailboxes() -> None:
    """feishu:shared.supported feishu:shared.max_users feishu:shared.count"""
    t = tenant("feishu", ANN, BOB)
    done(do(t, "create_shared_mailbox", DESK, users=(ANN,)), "feishu:shared.supported")
    t.world.boxes[DESK].rights = {f"u{n}@corp.example": {"full"} for n in range(400)}
    refused(do(t, "grant_access", DESK, to=BOB), "feishu:shared.max_users")
    for number in range(19):
        assert do(t, "create_shared_mailbox", f"p{number}@corp.example", users=(ANN,)).taken
    refused(do(t, "create_shared_mailbox", "p@corp.example", users=(ANN,)), "feishu:shared.count")


def test_feishu_forwarding_is_granted_first() -> None:
    """feishu:forward.needs_grant"""
    t = tenant("feishu", ANN, BOB)
    refused(do(t, "set_forward", ANN, to=BOB, keep_copy=True), "feishu:forward.needs_grant")
    done(do(t, "grant_forwarding", ANN), "feishu:forward.needs_grant")
    assert do(t, "set_forward", ANN, to=BOB, keep_copy=True).taken


def test_feishu_members_who_left() -> None:
    """feishu:delete.mail feishu:primary.reuse feishu:release.final feishu:restore.days"""
    t = tenant("feishu", ANN, BOB, CAY)
    for user in (ANN, BOB, CAY):
        do(t, "delete_user", user)
    got = send(t, ANN)
    assert got.reached(ANN) is False and "feishu:delete.mail" in got.events[0].facts
    refused(do(t, "create_user", ANN), "feishu:primary.reuse")
    done(do(t, "release_address", ANN), "feishu:primary.reuse")
    refused(do(t, "restore_user", ANN), "feishu:release.final")
    done(do(t, "create_user", ANN), "feishu:primary.reuse")
    done(do(t, "restore_user", BOB, days=30), "feishu:restore.days")
    refused(do(t, "restore_user", CAY, days=31), "feishu:restore.days")


def test_feishu_addresses() -> None:
    """feishu:rename.allowed feishu:address.unique"""
    t = tenant("feishu", ANN)
    refused(do(t, "rename_user", ANN, to=BOB), "feishu:rename.allowed")
    refused(do(t, "create_user", ANN), "feishu:address.unique")


def test_feishu_mail_flow_rules() -> None:
    """feishu:transport.actions feishu:unknown.before_rules"""
    t = tenant("feishu", ANN, BOB)
    done(
        do(t, "add_transport_rule", "1", when={"from": FAR}, do=(("redirect", BOB),)),
        "feishu:transport.actions",
    )
    refused(do(t, "add_transport_rule", "2", when={"from": FAR}, do=("delete",)), "feishu:transport.actions")
    got = send(t, "nobody@corp.example", sender=FAR)
    none(got, "delivered", BOB)
    assert "feishu:unknown.before_rules" in got.events[0].facts


def test_feishu_rules() -> None:
    """feishu:rule.conditions_max"""
    t = tenant("feishu", ANN)
    when = {f"header:X-{n}": "a" for n in range(33)}
    refused(do(t, "add_rule", ANN, when=when, do=("delete",)), "feishu:rule.conditions_max")


def test_feishu_suspended_members_count() -> None:
    """feishu:license.suspended_counts"""
    t = tenant("feishu", ANN)
    do(t, "set_license_count", "corp.example", count=1)
    do(t, "suspend_user", ANN)
    refused(do(t, "create_user", BOB), "feishu:license.suspended_counts")
