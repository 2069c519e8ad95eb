"""The questions a host's documents may answer, each with the plausible answers to draw from where they do not."""

from __future__ import annotations

from tests.mail_host.simulators.facts import Value

WORDS = (
    "abuse",
    "admin",
    "administrator",
    "hostmaster",
    "majordomo",
    "postmaster",
    "root",
    "ssl-admin",
    "webmaster",
)
_LEVELS = ("domain", "anyone", "members", "listed")
_RULE = ("move", "copy", "delete", "purge", "forward", "redirect", "mark_read", "reply")
_FLOW = ("redirect", "reject", "delete", "bcc", "hold", "spam", "forward")
_MEGA = 1024 * 1024
_BOTH: tuple[Value, ...] = (True, False)

AXIOMS: dict[str, str] = {
    "base:deliver": "mail for an existing, working mailbox lands in it",
    "base:alias": "mail for an alias lands in the mailbox of its owner",
    "base:group": "mail a group takes goes to its members",
    "base:exists": "an action needs the thing it acts on",
    "base:rule": "a rule acts on the messages its conditions match",
    "base:license": "a tenant gives out no more licences than it has",
    "base:relay": "a host takes mail for its own domain only",
    "base:loop": "a message that goes round is stopped",
    "base:dates": "an automatic reply is sent between its two dates",
    "base:setting": "a setting the host offers can be set",
}

CHOICES: dict[str, tuple[Value, ...]] = {
    # names and addresses
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    # alibaba, undated; read 2026-11-30: https://alibabacloud.com/help/en/alibaba-mail/latest/how-to-handle-the-account-of-resigned-employees-how-to-freeze-and-unfreeze-employee-accounts
    "name.postmaster": ("free", "group_only"),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/33389
    "name.abuse": ("free", "group_only"),
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    "name.chars": (r"[a-z0-9._-]+", r"[a-z0-9._'&+-]+"),
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    "name.double_dot": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    "name.edge_dot": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    "name.max_local": (32, 64),
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    "name.case": ("lowered", "refused"),
    # google, undated; read 2026-11-30: https://support.google.com/cloudidentity/answer/9193374?hl=en
    "name.dots_ignored": _BOTH,
    "plus.enabled": _BOTH,
    # microsoft, 2021-04-15: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/configure-external-postmaster-address.md
    # alibaba, 2026-06-02: https://www.alibabacloud.com/help/en/alibaba-mail/latest/restore
    "postmaster.mailbox": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/33327?authuser=19
    # tencent, 2025-03-06: https://developer.work.weixin.qq.com/document/path/98000
    # feishu, undated; read 2026-11-30: https://www.feishu.cn/hc/en-US/articles/360049066573
    "address.unique": (True,),
    # google, undated; read 2026-11-30: https://developers.google.com/workspace/admin/directory/v1/guides/manage-user-aliases.md.txt
    # alibaba, undated; read 2026-11-30: https://help.aliyun.com/en/document_detail/439253.html
    "alias.limit": (5, 10, 30),
    # google, undated; read 2026-11-30: https://developers.google.com/workspace/admin/directory/v1/guides/manage-user-aliases.md.txt
    "alias.delay": ("at_once", "within_24h"),
    # feishu, undated; read 2026-11-30: https://www.feishu.cn/hc/en-US/articles/360049066573
    "rename.allowed": _BOTH,
    "rename.keeps_old": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/restore-user.md
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/zh-CN/articles/360048488157
    "primary.reuse": ("at_once", "after_window", "after_release"),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/delete-a-user.md
    "alias.reuse": ("at_once", "after_window", "after_release"),
    # feishu, undated; read 2026-11-30: https://open.feishu.cn/document/server-docs/mail-v1/user_mailbox-alias/delete.md
    "release.final": _BOTH,
    # accounts
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/2368153?hl=en&ref_topic=2921034
    # microsoft, 2023-08-18: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/about-shared-mailboxes.md
    # alibaba, 2023-04-20: https://www.alibabacloud.com/help/en/alibaba-mail/latest/frozen
    "suspend.mail": ("deliver", "blocked", "as_unknown"),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/33312?hl=en
    # alibaba, 2023-04-20: https://www.alibabacloud.com/help/en/alibaba-mail/latest/frozen
    "suspend.undo": (True,),
    # tencent, 2022-11-30: https://developer.work.weixin.qq.com/document/path/95512
    "suspend.protected": ((), ("creator",), ("creator", "super_admin")),
    "blocked.form": ("rejected", "dropped"),
    # google, undated; read 2026-11-30: http://support.google.com/a/bin/answer.py?hl=en&answer=77182
    # microsoft, 2021-07-06: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/delete-or-restore-mailboxes.md
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/zh-CN/articles/360048488157
    "delete.mail": ("as_unknown", "blocked"),
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/delete-a-user.md
    "delete.blocked_by": ((), ("forward",), ("forward", "shared")),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/restore-user.md
    # alibaba, 2026-06-02: https://www.alibabacloud.com/help/en/alibaba-mail/latest/restore
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487851-admin-delete-members-and-reallocate-resources
    "restore.days": (0, 14, 30),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/restore-user.md
    "restore.name_taken": ("refused",),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/restore-user.md
    "restore.alias_taken": ("refused", "alias_dropped"),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    "restore.suspended_stays": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/33312?hl=en
    # feishu, 2022-12-06: https://www.larksuite.com/hc/en-US/articles/360048487816
    "license.suspended_counts": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/1397578
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/restore-user.md
    "license.restore_needs": _BOTH,
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/add-users/delete-a-user.md
    "license.remove_mail": ("blocked", "deliver"),
    # microsoft, 2021-07-06: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/delete-or-restore-mailboxes.md
    "license.grace_days": (0, 30),
    # google, undated; read 2026-11-30: http://support.google.com/a/bin/answer.py?hl=en&answer=77182
    # microsoft, 2021-05-19: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/manage-accepted-domains/manage-accepted-domains.md
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/catch-all-setup.html
    "unknown.form": ("rejected", "dropped"),
    # microsoft, 2021-06-28: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online.md
    "unknown.code": ("550 5.1.1", "550"),
    # microsoft, 2021-05-19: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/use-directory-based-edge-blocking.md
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/594426863425-admin-set-up-mail-flow-rules
    "unknown.before_rules": _BOTH,
    # shared mailboxes
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/convert-user-mailbox-to-shared-mailbox.md
    "convert.supported": _BOTH,
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/convert-user-mailbox-to-shared-mailbox.md
    "convert.needs_license": _BOTH,
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/convert-user-mailbox-to-shared-mailbox.md
    "convert.keeps_rules": _BOTH,
    # microsoft, 2021-05-26: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/collaboration-exo/shared-mailboxes.md
    # tencent, undated; read 2026-11-30: https://developer.work.weixin.qq.com/document/37504
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487998?from=product_email
    "shared.supported": _BOTH,
    # microsoft, 2023-08-18: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/about-shared-mailboxes.md
    "shared.needs_license": _BOTH,
    # tencent, 2025-03-06: https://developer.work.weixin.qq.com/document/path/98000
    "shared.needs_user": _BOTH,
    # microsoft, 2023-08-18: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/about-shared-mailboxes.md
    "shared.outside_access": _BOTH,
    # microsoft, 2023-08-18: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/about-shared-mailboxes.md
    "shared.access_license": _BOTH,
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487998?from=product_email
    "shared.max_users": (25, 400),
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487998?from=product_email
    "shared.count": (3, 20, None),
    # tencent, 2025-03-06: https://developer.work.weixin.qq.com/document/path/98000
    "shared.alias_limit": (5, 30),
    # tencent, 2025-03-06: https://developer.work.weixin.qq.com/document/path/98000
    "shared.alias_bytes": (64, 254),
    # tencent, 2025-03-06: https://developer.work.weixin.qq.com/document/path/98000
    "shared.name_max": (64, 128),
    # microsoft, 2021-05-26: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/collaboration-exo/shared-mailboxes.md
    "access.full_implies_send": _BOTH,
    # groups
    # google, undated; read 2026-11-30: https://github.com/googleapis/google-api-go-client/blob/00d5caeea96c/groupssettings/v1/groupssettings-api.json
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/95510
    # alibaba, 2024-11-21: https://www.alibabacloud.com/help/en/alibaba-mail/latest/how-to-set-email-group-or-group-receiving-permissions
    # zoho, undated; read 2026-11-30: https://prewww.zoho.com/mail/help/adminconsole/advanced-group-settings.html
    # feishu, undated; read 2026-11-30: https://open.feishu.cn/document/server-docs/mail-v1/mail-group/mailgroup/create.md
    "group.levels": (_LEVELS, ("domain", "members")),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/170452?hl=en
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/creating-groups.html
    "group.types": ((),),
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    # alibaba, 2024-11-21: https://www.alibabacloud.com/help/en/alibaba-mail/latest/how-to-set-email-group-or-group-receiving-permissions
    "group.default_posting": ("anyone", "domain", "members"),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/167097?hl=en
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    # alibaba, 2024-11-21: https://www.alibabacloud.com/help/en/alibaba-mail/latest/how-to-set-email-group-or-group-receiving-permissions
    "group.outside_default": _BOTH,
    # tencent, undated; read 2026-11-30: https://work.weixin.qq.com/help?person_id=1&doc_id=103&helpType=exmail
    "group.anyone_outside": (True,),
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/private-groups.html
    "group.refused_form": ("rejected", "dropped", "hold_if_moderator"),
    # zoho, undated; read 2026-11-30: https://prewww.zoho.com/mail/help/adminconsole/advanced-group-settings.html
    "group.refused_settable": _BOTH,
    # microsoft, 2021-06-28: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online.md
    "group.refused_code": ("550 5.7.1", "550"),
    # microsoft, 2021-06-28: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online.md
    "group.listed_code": ("550 5.7.1", "550"),
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    "group.contact_listed": _BOTH,
    # alibaba, 2024-11-21: https://www.alibabacloud.com/help/en/alibaba-mail/latest/how-to-set-email-group-or-group-receiving-permissions
    "group.listed_limit": (100, 1000),
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/95510
    "group.listed_needs_list": _BOTH,
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/95510
    "group.needs_member": _BOTH,
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/97995
    "group.keeps_member": _BOTH,
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    "group.owner_needed": _BOTH,
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/95510
    "group.name_unique": _BOTH,
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/95510
    "group.name_bytes": (64, 200),
    # alibaba, undated; read 2026-11-30: https://help.aliyun.com/en/document_detail/439253.html
    "group.max_members": (100, 500, 99999),
    # alibaba, undated; read 2026-11-30: https://help.aliyun.com/en/document_detail/439253.html
    "group.count": (100, 1000, None),
    # tencent, undated; read 2026-11-30: https://work.weixin.qq.com/help?person_id=1&doc_id=103&helpType=exmail
    "group.rename": _BOTH,
    # tencent, 2025-12-04: https://developer.work.weixin.qq.com/document/path/95510
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487997
    "group.nested": _BOTH,
    "group.nested_posting": ("checked", "skipped"),
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/group-settings.html
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487997
    "group.outside_members": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/167097?hl=en
    "group.outside_members_by_owner": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/167097?hl=en
    "group.outside_posting_by_owner": _BOTH,
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/group-settings.html
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/360048487997
    "group.external_invite": _BOTH,
    # google, 2026-03-16: https://knowledge.workspace.google.com/admin/groups/words-that-cant-be-used-in-group-addresses?hl=en
    "group.reserved_aliases": ((), WORDS),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/6093413
    "group.reserved_settings": (True,),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/33389
    "group.reserved_open": (False,),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/33389
    "group.host_copy": (False,),
    # google, undated; read 2026-11-30: https://support.google.com/groups/answer/2466386
    "group.spam": ("deliver", "held", "dropped"),
    "group.sender_copy": _BOTH,
    "group.empty": ("dropped", "rejected"),
    "group.deleted_member": ("skipped", "bounced"),
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    "group.moderated_default": (False,),
    # google, undated; read 2026-11-30: https://support.google.com/groups/answer/2466386
    # microsoft, 2021-05-05: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/moderated-recipients-exo/moderated-recipients-exo.md
    "moderation.days": (2, 7, 14),
    # google, undated; read 2026-11-30: https://support.google.com/groups/answer/2466386
    "moderation.spam_days": (7, 14),
    # microsoft, 2021-04-16: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md
    "moderation.nobody": ("owners", "rejected"),
    # microsoft, 2021-05-05: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/moderated-recipients-exo/moderated-recipients-exo.md
    "moderation.bypass_owner": _BOTH,
    # microsoft, 2021-05-05: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/moderated-recipients-exo/moderated-recipients-exo.md
    "moderation.bypass_moderator": _BOTH,
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/920701241992
    "moderation.bypass_listed": (True,),
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/920701241992
    "moderation.approvers_max": (5, None),
    # forwards
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/176605?hl=en
    # microsoft, 2023-06-19: https://github.com/MicrosoftDocs/defender-docs/blob/public/defender-office-365/outbound-spam-policies-external-email-forwarding.md
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    # feishu, 2024-10-12: https://larksuite.com/hc/en-US/articles/540862218086
    "forward.needs_grant": _BOTH,
    # microsoft, undated; read 2026-11-30: https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/email/configure-email-forwarding.md
    "forward.needs_license": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/176605?hl=en
    # microsoft, 2023-06-19: https://github.com/MicrosoftDocs/defender-docs/blob/public/defender-office-365/outbound-spam-policies-external-email-forwarding.md
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.outside": ("allowed", "refused_on_set", "refused_on_send"),
    # microsoft, 2023-06-19: https://github.com/MicrosoftDocs/defender-docs/blob/public/defender-office-365/outbound-spam-policies-external-email-forwarding.md
    "forward.outside_code": ("550 5.7.1", "550"),
    # microsoft, 2023-06-19: https://github.com/MicrosoftDocs/defender-docs/blob/public/defender-office-365/outbound-spam-policies-external-email-forwarding.md
    "forward.inside_free": (True,),
    # microsoft, 2023-06-19: https://github.com/MicrosoftDocs/defender-docs/blob/public/defender-office-365/outbound-spam-policies-external-email-forwarding.md
    "forward.rule_same": _BOTH,
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.admin_outside": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/176605?hl=en
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.verify_outside_by_user": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/176605?hl=en
    "forward.verify_outside_by_admin": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/176605?hl=en
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.verify_inside": _BOTH,
    # google, 2024-09-04: https://developers.google.com/gmail/api/reference/rest/v1/AutoForwarding
    # microsoft, 2021-06-25: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-user-mailboxes/configure-email-forwarding.md
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.limit": (1, 3, None),
    # microsoft, 2021-06-25: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-user-mailboxes/configure-email-forwarding.md
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.to_group": _BOTH,
    # zoho, undated; read 2026-11-30: http://www.zoho.com/mail/help/email-forwarding.html
    "forward.of_forwarded": _BOTH,
    # microsoft, 2021-06-25: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-user-mailboxes/configure-email-forwarding.md
    "forward.keep_copy_default": _BOTH,
    "forward.spam": _BOTH,
    # microsoft, 2021-06-28: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online.md
    "forward.loop_code": ("550 5.4.6", "550"),
    # automatic replies
    "reply.null_sender": (False,),
    "reply.auto_submitted": _BOTH,
    # microsoft, undated; read 2026-11-30: https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcmail/ced68690-498a-4567-9d14-5c01f974d8b1
    "reply.x_suppress": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/mail/answer/25922
    "reply.list": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/mail/answer/25922
    # microsoft, undated; read 2026-11-30: https://learn.microsoft.com/en-us/previous-versions/exchange-server/exchange-150/ff327980(v=exchg.150)
    "reply.group": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/mail/answer/25922
    "reply.spam": _BOTH,
    # microsoft, 2021-06-25: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/recipients-in-exchange-online/manage-user-mailboxes/manage-user-mailboxes.md
    # alibaba, 2026-06-02: https://www.alibabacloud.com/help/en/alibaba-mail/latest/automatic-reply-email-function
    "reply.outside": _BOTH,
    # microsoft, 2021-04-15: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/mail-flow-best-practices/remote-domains/remote-domains.md
    "reply.outside_text": (True,),
    "reply.no_copy": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/mail/answer/25922
    # microsoft, undated; read 2026-11-30: https://learn.microsoft.com/en-us/exchange/troubleshoot/client-connectivity/one-reply-sent-sender
    # alibaba, 2026-06-02: https://www.alibabacloud.com/help/en/alibaba-mail/latest/automatic-reply-email-function
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/vacation-autoresponder.html
    "reply.again_days": (0, 1, 4, 7, -1),
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/vacation-autoresponder.html
    "reply.interval_settable": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/mail/answer/25922
    # microsoft, undated; read 2026-11-30: https://learn.microsoft.com/en-us/exchange/troubleshoot/client-connectivity/one-reply-sent-sender
    "reply.edit_resets": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/mail/answer/25922
    "reply.last_day": (True,),
    # alibaba, 2026-06-02: https://www.alibabacloud.com/help/en/alibaba-mail/latest/automatic-reply-email-function
    "reply.rule_first": _BOTH,
    # microsoft, undated; read 2026-11-30: https://learn.microsoft.com/en-us/exchange/troubleshoot/client-connectivity/one-reply-sent-sender
    # alibaba, 2026-06-02: https://www.alibabacloud.com/help/en/alibaba-mail/latest/automatic-reply-email-function
    "reply.rule_every": _BOTH,
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/vacation-autoresponder.html
    "reply.audiences": (("everyone",), ("everyone", "inside", "contacts")),
    # mailbox rules, transport rules, routes
    # microsoft, 2015-10-25: https://github.com/microsoftgraph/microsoft-graph-docs/blob/1809af63ef69/api-reference/v1.0/resources/messageruleactions.md
    "rule.actions": (_RULE, ("move", "delete", "forward", "mark_read")),
    # microsoft, 2021-04-15: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/clients-and-mobile-in-exchange-online/outlook-on-the-web/increase-the-space-used-by-inbox-rules.md
    "rule.limit": (20, 100, None),
    # feishu, undated; read 2026-11-30: https://open.larkoffice.com/document/mail-v1/user_mailbox-rule/create.md
    "rule.conditions_max": (5, 32),
    # microsoft, 2015-10-25: https://github.com/microsoftgraph/microsoft-graph-docs/blob/1809af63ef69/api-reference/v1.0/resources/messageruleactions.md
    "rule.stop": ("flag", "first_match", "all"),
    "rule.spam": _BOTH,
    # microsoft, 2021-06-23: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rule-actions.md
    # alibaba, 2026-06-04: https://www.alibabacloud.com/help/en/alibaba-mail/latest/mail-rules
    # zoho, undated; read 2026-11-30: https://prezohoweb.zoho.com/mail/help/adminconsole/email-forwarding-rules.html
    # feishu, undated; read 2026-11-30: https://larksuite.com/hc/en-US/articles/594426863425-admin-set-up-mail-flow-rules
    "transport.actions": ((), _FLOW),
    # alibaba, undated; read 2026-11-30: https://help.aliyun.com/en/document_detail/439253.html
    "transport.limit": (100, 200, None),
    # microsoft, 2021-05-06: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rules.md
    "transport.order": ("oldest_first", "newest_first"),
    # microsoft, 2021-05-06: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rules.md
    "transport.stop": ("flag", "first_match"),
    # microsoft, 2021-05-06: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rules.md
    "transport.delete_ends": (True,),
    # microsoft, 2021-06-23: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rule-actions.md
    "transport.bcc_group": _BOTH,
    # microsoft, 2021-06-23: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rule-actions.md
    "transport.reject_code": ("550 5.7.1", "550"),
    # microsoft, 2021-05-06: https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/security-and-compliance/mail-flow-rules/mail-flow-rules.md
    # zoho, undated; read 2026-11-30: https://prezohoweb.zoho.com/mail/help/adminconsole/email-forwarding-rules.html
    "transport.after_mailbox": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/2368153?hl=en&ref_topic=2921034
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/catch-all-setup.html
    "route.catch_all": _BOTH,
    # zoho, undated; read 2026-11-30: https://www.zoho.com/mail/help/adminconsole/catch-all-setup.html
    "route.catch_all_needs_mailbox": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/2368153?hl=en&ref_topic=2921034
    "route.catch_all_suspended": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/4524505?hl=en
    "route.map": _BOTH,
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/4524505?hl=en
    "route.map_limit": (100, 5000),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/4524505?hl=en
    "route.map_targets": (1, 12),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/4524505?hl=en
    "route.map_original": (False,),
    # google, undated; read 2026-11-30: https://support.google.com/a/answer/4524505?hl=en
    "route.map_outside_only": _BOTH,
    "spam.folder": ("Junk", "Quarantine"),
    "mail.max_size": (25 * _MEGA, 50 * _MEGA, 150 * _MEGA),
}
