"""The table of documented behaviours, one row per host and question.

Every row names the page it was read from, the date of the page (or of the reading where the page carries none)
and at most fifteen words of it.  A question a host has no row for is *silent*: the simulator then draws among the
choices of :mod:`simulators.questions` and says so.  ``python -m simulators.facts`` prints the table as JSON.

``seen_at`` is filled in where the vendor's page was read in a copy kept elsewhere.  ``HEARSAY`` lists what only
dealers and resellers say; it is never used as a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

Value = str | int | bool | None | tuple[str, ...]

HOSTS = ("google", "microsoft", "tencent", "alibaba", "netease", "zoho", "feishu")

READ = "undated; read 2026-11-30"


@dataclass(frozen=True)
class Fact:
    """One documented behaviour of one host."""

    host: str
    key: str
    value: Value
    statement: str
    page: str
    date: str
    quote: str
    seen_at: str = ""

    @property
    def id(self) -> str:
        """The behaviour id, ``host:key``."""
        return f"{self.host}:{self.key}"


@dataclass(frozen=True)
class Page:
    """A page of a vendor: its address, its date and where a copy of it was read."""

    address: str
    date: str = READ
    seen_at: str = ""


def _row(host: str, key: str, value: Value, page: Page, quote: str, statement: str) -> Fact:
    """Make one row of the table."""
    return Fact(host, key, value, statement, page.address, page.date, quote, page.seen_at)


# --------------------------------------------------------------------------------------------------------------
# Google Workspace
# --------------------------------------------------------------------------------------------------------------

_G_NAMES = Page("https://support.google.com/cloudidentity/answer/9193374?hl=en")
_G_ABUSE = Page("https://support.google.com/a/answer/33389")
_G_WORDS = Page("https://support.google.com/a/answer/6093413")
_G_WORDS_NEW = Page(
    "https://knowledge.workspace.google.com/admin/groups/words-that-cant-be-used-in-group-addresses?hl=en",
    "2026-03-16",
)
_G_ALIAS_API = Page(
    "https://developers.google.com/workspace/admin/directory/v1/guides/manage-user-aliases.md.txt"
)
_G_ALIAS = Page("https://support.google.com/a/answer/33327?authuser=19")
_G_ROUTING = Page("http://support.google.com/a/bin/answer.py?hl=en&answer=77182")
_G_DEFAULT = Page("https://support.google.com/a/answer/2368153?hl=en&ref_topic=2921034")
_G_SUSPEND = Page("https://support.google.com/a/answer/33312?hl=en")
_G_RESTORE = Page(
    "https://support.google.com/a/answer/1397578",
    READ,
    "https://support.sanver.com/portal/en/kb/articles/restore",
)
_G_SHARING = Page("https://support.google.com/a/answer/167097?hl=en")
_G_SETTINGS = Page(
    "https://github.com/googleapis/google-api-go-client/blob/00d5caeea96c/groupssettings/v1/groupssettings-api.json"
)
_G_TYPES = Page("https://support.google.com/a/answer/170452?hl=en")
_G_MODERATE = Page("https://support.google.com/groups/answer/2466386")
_G_FORWARD = Page("https://support.google.com/a/answer/176605?hl=en")
_G_AUTOFWD = Page("https://developers.google.com/gmail/api/reference/rest/v1/AutoForwarding", "2024-09-04")
_G_REPLY = Page(
    "https://support.google.com/mail/answer/25922",
    READ,
    "https://google-support.mirrorblogs.com/mail/answer/25922",
)
_G_MAP = Page("https://support.google.com/a/answer/4524505?hl=en")

_GOOGLE = (
    _row(
        "google",
        "name.postmaster",
        "group_only",
        _G_NAMES,
        "Because abuse and postmaster are reserved words, you can't use them as usernames or aliases.",
        "postmaster@ can be neither a user nor an alias; an administrator may make a group of that name.",
    ),
    _row(
        "google",
        "name.abuse",
        "group_only",
        _G_ABUSE,
        "you can only create the abuse and postmaster groups using the Google Admin console",
        "abuse@ can be neither a user nor an alias; an administrator may make a group of that name.",
    ),
    _row(
        "google",
        "group.host_copy",
        True,
        _G_ABUSE,
        "The Google Team will still receive the mail as well.",
        "Mail for an abuse@ or postmaster@ group goes to the group's members and to Google as well.",
    ),
    _row(
        "google",
        "group.reserved_open",
        True,
        _G_ABUSE,
        "Users that are part of these groups will receive mail sent to those addresses.",
        "The abuse@ and postmaster@ groups take mail from anyone.",
    ),
    _row(
        "google",
        "group.reserved_settings",
        False,
        _G_WORDS,
        "you can't change the settings of groups with abuse or postmaster email addresses",
        "The settings of abuse@ and postmaster@ groups are fixed; only members can be added or removed.",
    ),
    _row(
        "google",
        "group.reserved_aliases",
        (
            "abuse",
            "admin",
            "administrator",
            "hostmaster",
            "majordomo",
            "postmaster",
            "root",
            "ssl-admin",
            "webmaster",
        ),
        _G_WORDS_NEW,
        "However, you can't add them as email aliases for a group.",
        "The reserved words can be a group's address made in the console, but not an alias of a group.",
    ),
    _row(
        "google",
        "name.chars",
        r"[a-z0-9\-_'.]+",
        _G_NAMES,
        "letters (a-z), numbers (0-9), dashes (-), underscores (_), apostrophes ('), and periods (.)",
        "A user name consists of letters, digits, dashes, underscores, apostrophes and periods.",
    ),
    _row(
        "google",
        "name.double_dot",
        False,
        _G_NAMES,
        "Usernames can't contain more than one period (.) in a row",
        "Two periods in a row are refused in a user name.",
    ),
    _row(
        "google",
        "name.edge_dot",
        False,
        _G_NAMES,
        "can begin or end with non-alphanumeric characters except periods (.)",
        "A user name neither begins nor ends with a period.",
    ),
    _row(
        "google",
        "name.max_local",
        64,
        _G_NAMES,
        "with a maximum of 64 characters",
        "A user name has at most 64 characters.",
    ),
    _row(
        "google",
        "name.case",
        "lowered",
        _G_NAMES,
        "they are converted to lowercase letters",
        "Upper-case letters of a new user name are turned into lower case.",
    ),
    _row(
        "google",
        "name.dots_ignored",
        False,
        _G_NAMES,
        "Periods (.) are not ignored in usernames the way they are in accounts.",
        "first.last@ and firstlast@ are two different addresses.",
    ),
    _row(
        "google",
        "alias.limit",
        30,
        _G_ALIAS_API,
        "The maximum number of aliases per user is 30.",
        "A user has at most thirty aliases.",
    ),
    _row(
        "google",
        "alias.delay",
        "within_24h",
        _G_ALIAS_API,
        "Within 24 hours (often sooner), the user begins receiving email sent to this address",
        "A new alias takes mail within a day; on its first day it may or may not.",
    ),
    _row(
        "google",
        "address.unique",
        True,
        _G_ALIAS,
        "Only one user can use an email alias.",
        "An address belongs to one user or group only.",
    ),
    _row(
        "google",
        "unknown.form",
        "rejected",
        _G_ROUTING,
        "Deliver mail for unknown recipients to a catch-all address rather than bouncing the messages",
        "Mail for an address that does not exist bounces unless there is a catch-all address.",
    ),
    _row(
        "google",
        "suspend.mail",
        "as_unknown",
        _G_DEFAULT,
        "affects users who don't exist, suspended users, and those with Gmail turned off",
        "A suspended user is an unrecognized recipient: new mail is blocked and bounces, or goes to the catch-all.",
    ),
    _row(
        "google",
        "license.suspended_counts",
        True,
        _G_SUSPEND,
        "User license fees still apply to suspended users.",
        "A suspended user keeps a licence.",
    ),
    _row(
        "google",
        "suspend.undo",
        True,
        _G_SUSPEND,
        "After suspending a user, you can restore the account at any time.",
        "A suspension can be lifted at any time.",
    ),
    _row(
        "google",
        "delete.mail",
        "as_unknown",
        _G_ROUTING,
        "It captures mail for previously deleted users",
        "A deleted user is an unknown recipient; a catch-all address takes the mail.",
    ),
    _row(
        "google",
        "restore.days",
        20,
        _G_RESTORE,
        "up to 20 days after deleting it",
        "A deleted user can be restored for twenty days.",
    ),
    _row(
        "google",
        "restore.name_taken",
        "refused",
        _G_RESTORE,
        "The username or email alias has been given to someone else",
        "A user cannot be restored once the name or an alias has been given away.",
    ),
    _row(
        "google",
        "restore.alias_taken",
        "refused",
        _G_RESTORE,
        "email alias has been given to someone else",
        "A user cannot be restored once an alias of the user has been given away.",
    ),
    _row(
        "google",
        "license.restore_needs",
        True,
        _G_RESTORE,
        "You don’t have an available user license.",
        "Restoring a user needs a free licence.",
    ),
    _row(
        "google",
        "restore.suspended_stays",
        True,
        _G_RESTORE,
        "they'll show as a suspended user",
        "A user who was suspended when deleted comes back suspended.",
    ),
    _row(
        "google",
        "primary.reuse",
        "at_once",
        _G_RESTORE,
        "The username or email alias has been given to someone else",
        "The name of a deleted user can be given to another user or group while the deleted user could be restored.",
    ),
    _row(
        "google",
        "alias.reuse",
        "at_once",
        _G_RESTORE,
        "email alias has been given to someone else",
        "An alias of a deleted user can be given to another user or group.",
    ),
    _row(
        "google",
        "group.outside_default",
        False,
        _G_SHARING,
        "Unchecked (not allowed)",
        "Unless it is turned on, groups take no mail from outside the organization.",
    ),
    _row(
        "google",
        "group.outside_posting_by_owner",
        False,
        _G_SHARING,
        "Can’t allow emails from external users",
        "Unless it is turned on, owners of groups cannot let outside senders post.",
    ),
    _row(
        "google",
        "group.outside_members_by_owner",
        False,
        _G_SHARING,
        "Can’t allow external members",
        "Unless it is turned on, owners of groups cannot add outside members.",
    ),
    _row(
        "google",
        "group.levels",
        ("none", "managers", "members", "domain", "anyone"),
        _G_SETTINGS,
        "NONE_CAN_POST ALL_MANAGERS_CAN_POST ALL_MEMBERS_CAN_POST ALL_IN_DOMAIN_CAN_POST ANYONE_CAN_POST",
        "Who may post to a group: nobody, managers, members, the domain or anyone.",
    ),
    _row(
        "google",
        "group.types",
        ("public=domain", "team=domain", "announcement=managers", "restricted=members"),
        _G_TYPES,
        "Announcement-only Anyone in your domain Owners and managers",
        "The access types of a new group: Public and Team let the domain post, Announcement-only the managers, "
        "Restricted the members.",
    ),
    _row(
        "google",
        "group.spam",
        "held",
        _G_MODERATE,
        "spam report that includes spam messages from the moderation queue",
        "Messages to a group that look like spam wait in the moderation queue.",
    ),
    _row(
        "google",
        "moderation.days",
        14,
        _G_MODERATE,
        "Messages that aren’t approved are automatically deleted after 14 days.",
        "A message waiting for approval is deleted after fourteen days.",
    ),
    _row(
        "google",
        "moderation.spam_days",
        7,
        _G_MODERATE,
        "Messages marked as spam are automatically deleted after 7 days.",
        "A message held as spam is deleted after seven days.",
    ),
    _row(
        "google",
        "forward.needs_grant",
        False,
        _G_FORWARD,
        "A user can forward all of his or her incoming mail",
        "Users may forward without a grant by the administrator.",
    ),
    _row(
        "google",
        "forward.outside",
        "allowed",
        _G_FORWARD,
        "A user can forward all of his or her incoming mail",
        "Forwarding to an outside address is possible.",
    ),
    _row(
        "google",
        "forward.verify_outside_by_user",
        True,
        _G_FORWARD,
        "Gmail requires the user to verify the email address",
        "An outside address a user enters must be confirmed before mail is forwarded to it.",
    ),
    _row(
        "google",
        "forward.verify_inside",
        False,
        _G_FORWARD,
        "does not require the user to verify the forwarding address",
        "An address of the organization needs no confirmation.",
    ),
    _row(
        "google",
        "forward.verify_outside_by_admin",
        False,
        _G_FORWARD,
        "does not require verification for forwarding addresses entered on the Admin console",
        "An address an administrator enters needs no confirmation.",
    ),
    _row(
        "google",
        "forward.limit",
        1,
        _G_AUTOFWD,
        "Email address to which all incoming messages are forwarded.",
        "An account forwards all its mail to one address.",
    ),
    _row(
        "google",
        "reply.again_days",
        4,
        _G_REPLY,
        "contacts you again after four days",
        "A sender gets the vacation reply once, and again after four days.",
    ),
    _row(
        "google",
        "reply.edit_resets",
        True,
        _G_REPLY,
        "You edit the automatic reply.",
        "Editing the reply starts the count again.",
    ),
    _row(
        "google",
        "reply.list",
        False,
        _G_REPLY,
        "addressed to a mailing list you subscribe to don't get your reply",
        "Mail of a mailing list gets no vacation reply.",
    ),
    _row(
        "google",
        "reply.group",
        False,
        _G_REPLY,
        "addressed to a mailing list you subscribe to don't get your reply",
        "Mail that came through a group gets no vacation reply.",
    ),
    _row(
        "google",
        "reply.spam",
        False,
        _G_REPLY,
        "Emails sent to your spam folder",
        "Mail in the spam folder gets no vacation reply.",
    ),
    _row(
        "google",
        "reply.last_day",
        True,
        _G_REPLY,
        "ends at 11:59 PM on the end date",
        "The reply is sent on its first and on its last day.",
    ),
    _row(
        "google",
        "route.catch_all",
        True,
        _G_DEFAULT,
        "Default routing also lets you specify an account as a catch-all",
        "Default routing can send mail for unrecognized recipients to one account.",
    ),
    _row(
        "google",
        "route.catch_all_suspended",
        True,
        _G_DEFAULT,
        "affects users who don't exist, suspended users, and those with Gmail turned off",
        "The catch-all account also gets the mail of suspended users.",
    ),
    _row(
        "google",
        "route.map",
        True,
        _G_MAP,
        "you can add an alias to an email address to map incoming messages",
        "Recipient address maps send mail for one address to others.",
    ),
    _row(
        "google",
        "route.map_limit",
        5000,
        _G_MAP,
        "Each address map can have up to 5,000 recipient addresses.",
        "An address map has at most 5,000 addresses.",
    ),
    _row(
        "google",
        "route.map_targets",
        12,
        _G_MAP,
        "You can map an individual recipient address to a maximum of 12 addresses.",
        "One address is mapped to at most twelve others.",
    ),
    _row(
        "google",
        "route.map_original",
        False,
        _G_MAP,
        "If you don’t select this option, the message is only sent to the new address.",
        "A mapped address itself gets nothing unless the original destination is kept.",
    ),
    _row(
        "google",
        "route.map_outside_only",
        True,
        _G_MAP,
        "select Only external incoming messages",
        "An address map can be limited to mail from outside.",
    ),
)

# --------------------------------------------------------------------------------------------------------------
# Microsoft 365 (Exchange Online)
# --------------------------------------------------------------------------------------------------------------

_EXO = "https://github.com/MicrosoftDocs/OfficeDocs-Exchange/blob/52e8b70f9b7a/Exchange/ExchangeOnline/"
_M365 = "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/public/microsoft-365/admin/"
_M_GROUP = Page(
    _EXO + "recipients-in-exchange-online/manage-distribution-groups/manage-distribution-groups.md",
    "2021-04-16",
)
_M_MODER = Page(
    _EXO + "recipients-in-exchange-online/moderated-recipients-exo/moderated-recipients-exo.md", "2021-05-05"
)
_M_NDR = Page(
    _EXO + "mail-flow-best-practices/non-delivery-reports-in-exchange-online/"
    "non-delivery-reports-in-exchange-online.md",
    "2021-06-28",
)
_M_DBEB = Page(_EXO + "mail-flow-best-practices/use-directory-based-edge-blocking.md", "2021-05-19")
_M_ACCEPT = Page(
    _EXO + "mail-flow-best-practices/manage-accepted-domains/manage-accepted-domains.md", "2021-05-19"
)
_M_POSTM = Page(_EXO + "mail-flow-best-practices/configure-external-postmaster-address.md", "2021-04-15")
_M_DELETE = Page(_EXO + "recipients-in-exchange-online/delete-or-restore-mailboxes.md", "2021-07-06")
_M_FORWARD = Page(
    _EXO + "recipients-in-exchange-online/manage-user-mailboxes/configure-email-forwarding.md", "2021-06-25"
)
_M_REMOTE = Page(_EXO + "mail-flow-best-practices/remote-domains/remote-domains.md", "2021-04-15")
_M_FLOW = Page(_EXO + "security-and-compliance/mail-flow-rules/mail-flow-rules.md", "2021-05-06")
_M_ACTIONS = Page(_EXO + "security-and-compliance/mail-flow-rules/mail-flow-rule-actions.md", "2021-06-23")
_M_QUOTA = Page(
    _EXO + "clients-and-mobile-in-exchange-online/outlook-on-the-web/"
    "increase-the-space-used-by-inbox-rules.md",
    "2021-04-15",
)
_M_SHAREDX = Page(_EXO + "collaboration-exo/shared-mailboxes.md", "2021-05-26")
_M_OUTFWD = Page(
    "https://github.com/MicrosoftDocs/defender-docs/blob/public/defender-office-365/"
    "outbound-spam-policies-external-email-forwarding.md",
    "2023-06-19",
)
_M_SHARED = Page(_M365 + "email/about-shared-mailboxes.md", "2023-08-18")
_M_ADMINFWD = Page(_M365 + "email/configure-email-forwarding.md")
_M_MAILBOX = Page(
    _EXO + "recipients-in-exchange-online/manage-user-mailboxes/manage-user-mailboxes.md", "2021-06-25"
)
_M_CONVERT = Page(_M365 + "email/convert-user-mailbox-to-shared-mailbox.md")
_M_RESTORE = Page(_M365 + "add-users/restore-user.md")
_M_DELUSER = Page(_M365 + "add-users/delete-a-user.md")
_M_ONCE = Page(
    "https://learn.microsoft.com/en-us/exchange/troubleshoot/client-connectivity/one-reply-sent-sender"
)
_M_SUPPRESS = Page(
    "https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcmail/"
    "ced68690-498a-4567-9d14-5c01f974d8b1"
)
_M_OOFDL = Page(
    "https://learn.microsoft.com/en-us/previous-versions/exchange-server/exchange-150/ff327980(v=exchg.150)"
)
_M_RULE = Page(
    "https://github.com/microsoftgraph/microsoft-graph-docs/blob/1809af63ef69/api-reference/v1.0/resources/"
    "messageruleactions.md",
    "2015-10-25",
)

_MICROSOFT = (
    _row(
        "microsoft",
        "group.default_posting",
        "domain",
        _M_GROUP,
        "By default, only people inside your organization can send message to this group.",
        "A new distribution list takes mail from inside the organization only.",
    ),
    _row(
        "microsoft",
        "group.outside_default",
        False,
        _M_GROUP,
        "new distribution groups only accept messages from authenticated (internal) senders",
        "A new distribution list refuses outside senders.",
    ),
    _row(
        "microsoft",
        "group.levels",
        ("domain", "anyone", "listed"),
        _M_GROUP,
        "Allow anyone to send messages to the group.",
        "Who may send to a list: the organization, anyone, or only the senders listed.",
    ),
    _row(
        "microsoft",
        "group.refused_form",
        "rejected",
        _M_GROUP,
        "Messages from external senders are rejected.",
        "A message by a sender who may not post is rejected.",
    ),
    _row(
        "microsoft",
        "group.refused_code",
        "550 5.7.133",
        _M_NDR,
        "Sender not authenticated for group",
        "An outside sender to an inside-only list is rejected with 5.7.133.",
    ),
    _row(
        "microsoft",
        "group.listed_code",
        "550 5.7.124",
        _M_NDR,
        "Sender not in allowed-senders list",
        "A sender who is not on the list's allowed senders is rejected with 5.7.124.",
    ),
    _row(
        "microsoft",
        "group.contact_listed",
        False,
        _M_GROUP,
        "email sent from a mail contact is rejected, even if they're added to this list",
        "On an inside-only list an outside sender stays refused even when listed as an allowed sender.",
    ),
    _row(
        "microsoft",
        "group.moderated_default",
        False,
        _M_GROUP,
        "This check box isn't selected by default.",
        "A new list is not moderated.",
    ),
    _row(
        "microsoft",
        "moderation.nobody",
        "owners",
        _M_GROUP,
        "messages to the group are sent to the group owners for approval",
        "A moderated list without moderators is moderated by its owners.",
    ),
    _row(
        "microsoft",
        "moderation.bypass_owner",
        True,
        _M_MODER,
        "messages that the owner sends to the distribution group do not need to be approved",
        "An owner's message is not held.",
    ),
    _row(
        "microsoft",
        "moderation.bypass_moderator",
        True,
        _M_MODER,
        "The message goes directly to the group, bypassing the approval process.",
        "A moderator's message is not held.",
    ),
    _row(
        "microsoft",
        "moderation.days",
        2,
        _M_MODER,
        "the approval request expires after two days",
        "A message nobody approves expires after two days.",
    ),
    _row(
        "microsoft",
        "group.owner_needed",
        True,
        _M_GROUP,
        "All groups must have at least one owner.",
        "A list keeps at least one owner.",
    ),
    _row(
        "microsoft",
        "unknown.form",
        "rejected",
        _M_ACCEPT,
        "Emails for unknown recipients are rejected.",
        "Mail for an unknown address of an authoritative domain is rejected.",
    ),
    _row(
        "microsoft",
        "unknown.code",
        "550 5.4.1",
        _M_NDR,
        "Recipient address rejected: Access denied",
        "Mail for an address that does not exist is rejected with 5.4.1.",
    ),
    _row(
        "microsoft",
        "unknown.before_rules",
        True,
        _M_DBEB,
        "the service blocks the message before filtering even occurs",
        "Unknown recipients are refused before any mail flow rule is looked at.",
    ),
    _row(
        "microsoft",
        "postmaster.mailbox",
        False,
        _M_POSTM,
        "There's no mailbox associated with the postmaster",
        "postmaster@ has no mailbox of its own.",
    ),
    _row(
        "microsoft",
        "suspend.mail",
        "deliver",
        _M_SHARED,
        "You should always block sign-in for the shared mailbox account and keep it blocked.",
        "An account whose sign-in is blocked goes on receiving mail, as every shared mailbox does.",
    ),
    _row(
        "microsoft",
        "delete.mail",
        "as_unknown",
        _M_DELETE,
        "the corresponding Exchange Online mailbox is deleted and removed from the list of mailboxes",
        "The mailbox of a deleted user is gone from the list of recipients; the address is unknown.",
    ),
    _row(
        "microsoft",
        "delete.blocked_by",
        ("forward", "shared"),
        _M_DELUSER,
        "Doublecheck whether the account has email forwarding set up on it",
        "A user with forwarding, or turned into a shared mailbox, cannot be deleted.",
    ),
    _row(
        "microsoft",
        "restore.days",
        30,
        _M_RESTORE,
        "restore a user account within 30 days after deleting it",
        "A deleted user can be restored for thirty days.",
    ),
    _row(
        "microsoft",
        "restore.name_taken",
        "refused",
        _M_RESTORE,
        "Cancel the restore and rename the current active user.",
        "While another account has the name, the restore fails until one of the two is renamed.",
    ),
    _row(
        "microsoft",
        "restore.alias_taken",
        "alias_dropped",
        _M_RESTORE,
        "Any conflicting proxy addresses are automatically removed from the user you are restoring.",
        "An alias given away meanwhile is dropped from the user who is restored.",
    ),
    _row(
        "microsoft",
        "license.restore_needs",
        True,
        _M_RESTORE,
        "Make sure licenses are available to assign to the account.",
        "Restoring a user needs a free licence.",
    ),
    _row(
        "microsoft",
        "primary.reuse",
        "at_once",
        _M_RESTORE,
        "create a new user account with the same user name",
        "The name of a deleted user can be given to a new account.",
    ),
    _row(
        "microsoft",
        "alias.reuse",
        "after_window",
        _M_DELUSER,
        "you can’t re-use those email addresses until the retention period for deleted mailboxes has passed",
        "An alias left on a deleted user is free again only after the retention period.",
    ),
    _row(
        "microsoft",
        "license.remove_mail",
        "blocked",
        _M_DELUSER,
        "Doing so will stop the email forwarding and inactivate the mailbox.",
        "Without its licence a user mailbox is inactive and its forwarding stops.",
    ),
    _row(
        "microsoft",
        "license.grace_days",
        30,
        _M_DELETE,
        "data associated with that account is held for 30 days",
        "A licence given back within thirty days makes the mailbox active again.",
    ),
    _row(
        "microsoft",
        "convert.supported",
        True,
        _M_CONVERT,
        "all of the existing email and calendar is retained",
        "A user mailbox can be turned into a shared one and keeps its mail.",
    ),
    _row(
        "microsoft",
        "convert.needs_license",
        True,
        _M_CONVERT,
        "needs a license assigned to it before you convert it to a shared mailbox",
        "Only a licensed user mailbox can be turned into a shared one.",
    ),
    _row(
        "microsoft",
        "convert.keeps_rules",
        True,
        _M_CONVERT,
        "The rules are intact after the mailbox is converted to a shared mailbox.",
        "The rules stay after the mailbox became a shared one.",
    ),
    _row(
        "microsoft",
        "shared.needs_license",
        False,
        _M_SHARED,
        "Your shared mailbox can store up to 50GB of data without you assigning a license",
        "A shared mailbox needs no licence.",
    ),
    _row(
        "microsoft",
        "shared.supported",
        True,
        _M_SHAREDX,
        "Shared mailboxes make it easy for a group of people in your company",
        "There are shared mailboxes.",
    ),
    _row(
        "microsoft",
        "shared.outside_access",
        False,
        _M_SHARED,
        "You can't give people outside your business",
        "Nobody outside gets access to a shared mailbox.",
    ),
    _row(
        "microsoft",
        "shared.access_license",
        True,
        _M_SHARED,
        "To access a shared mailbox, a user must have an Exchange Online license",
        "Access to a shared mailbox needs a licensed user.",
    ),
    _row(
        "microsoft",
        "access.full_implies_send",
        False,
        _M_SHAREDX,
        "a user with Full Access permission can't send email from the shared mailbox unless",
        "Full access does not include sending; Send As is granted apart.",
    ),
    _row(
        "microsoft",
        "forward.needs_license",
        True,
        _M_ADMINFWD,
        "Email forwarding requires that the from account has a license.",
        "Only a licensed mailbox can be made to forward.",
    ),
    _row(
        "microsoft",
        "forward.needs_grant",
        False,
        _M_OUTFWD,
        "Users can configure Inbox rules to automatically forward messages to external senders",
        "Forwarding can be set without a grant.",
    ),
    _row(
        "microsoft",
        "forward.outside",
        "refused_on_send",
        _M_OUTFWD,
        "This setting is now the same as Off.",
        "Forwarding to an outside address can be set, but the forwarded message is refused unless the outbound "
        "policy allows it.",
    ),
    _row(
        "microsoft",
        "forward.outside_code",
        "550 5.7.520",
        _M_OUTFWD,
        "Your organization does not allow external forwarding",
        "The sender of a message that may not be forwarded outside gets 5.7.520.",
    ),
    _row(
        "microsoft",
        "forward.rule_same",
        True,
        _M_OUTFWD,
        "disables any Inbox rules (users) or mailbox forwarding (admins) that redirect messages to external",
        "The outbound policy stops forwarding by rules as it stops mailbox forwarding.",
    ),
    _row(
        "microsoft",
        "forward.inside_free",
        True,
        _M_OUTFWD,
        "Automatic forwarding of messages between internal users isn't affected",
        "Forwarding inside the organization is not touched by the policy.",
    ),
    _row(
        "microsoft",
        "forward.limit",
        1,
        _M_FORWARD,
        "a single internal recipient, a single external recipient (using a mail contact), or multiple recipients",
        "A mailbox forwards to one recipient; several are reached through a distribution list.",
    ),
    _row(
        "microsoft",
        "forward.to_group",
        True,
        _M_FORWARD,
        "Create a distribution group, add recipients to it",
        "The target of a forward may be a distribution list.",
    ),
    _row(
        "microsoft",
        "forward.keep_copy_default",
        False,
        _M_FORWARD,
        "You can turn ON the Keep a copy of forwarded email in this mailbox option",
        "No copy is kept unless that option is turned on.",
    ),
    _row(
        "microsoft",
        "forward.loop_code",
        "550 5.4.14",
        _M_NDR,
        "5.4.14 is generated by Exchange Online",
        "A loop of forwards ends in a 5.4.14.",
    ),
    _row(
        "microsoft",
        "reply.again_days",
        -1,
        _M_ONCE,
        "Your reply is only sent once to a message sender.",
        "A sender gets one reply until the reply is turned off and on again.",
    ),
    _row(
        "microsoft",
        "reply.edit_resets",
        True,
        _M_ONCE,
        "The count is reset when you toggle the Out of Office Assistant.",
        "Setting the reply anew starts the count again.",
    ),
    _row(
        "microsoft",
        "reply.x_suppress",
        False,
        _M_SUPPRESS,
        "Suppress Out of Office (OOF) notifications.",
        "A message with X-Auto-Response-Suppress: OOF or All gets no reply.",
    ),
    _row(
        "microsoft",
        "reply.group",
        False,
        _M_OOFDL,
        "The default value is false.",
        "Mail that came through a distribution list gets no out-of-office reply by default.",
    ),
    _row(
        "microsoft",
        "reply.outside",
        False,
        _M_MAILBOX,
        "Enable this check box to send automatic replies to senders outside the organizations from",
        "Unless a reply for outside is turned on, outside senders get none.",
    ),
    _row(
        "microsoft",
        "reply.outside_text",
        True,
        _M_REMOTE,
        "The default is to send the out-of-office reply for people outside your organization.",
        "Outside senders get the reply written for outside.",
    ),
    _row(
        "microsoft",
        "reply.rule_every",
        True,
        _M_ONCE,
        "If you would like to have a reply sent for every message, use Rules",
        "A reply by a rule goes out for every message.",
    ),
    _row(
        "microsoft",
        "rule.stop",
        "flag",
        _M_RULE,
        "Indicates whether subsequent rules should be evaluated.",
        "Rules run one after the other; a rule can stop the rest.",
    ),
    _row(
        "microsoft",
        "rule.actions",
        ("move", "copy", "delete", "purge", "forward", "redirect", "mark_read"),
        _M_RULE,
        "Represents the set of actions that are available to a rule.",
        "A rule moves, copies, deletes, purges, forwards, redirects or marks as read.",
    ),
    _row(
        "microsoft",
        "rule.limit",
        None,
        _M_QUOTA,
        "There isn't a maximum number of rules that users can create.",
        "There is no limit on the number of rules (only 256 KB for all).",
    ),
    _row(
        "microsoft",
        "transport.actions",
        ("redirect", "reject", "delete", "bcc", "hold"),
        _M_ACTIONS,
        "Silently drops the message without sending a notification to the recipient or the sender.",
        "Mail flow rules redirect, reject, delete silently, add Bcc recipients or hold for approval.",
    ),
    _row(
        "microsoft",
        "transport.order",
        "oldest_first",
        _M_FLOW,
        "older rules have a higher priority than newer rules",
        "Mail flow rules run in the order they were made.",
    ),
    _row(
        "microsoft",
        "transport.stop",
        "flag",
        _M_FLOW,
        "You can choose to stop applying additional rules to a message",
        "A mail flow rule may stop the rest.",
    ),
    _row(
        "microsoft",
        "transport.delete_ends",
        True,
        _M_FLOW,
        "prevent subsequent rules from being applied to a message",
        "Deleting a message ends the mail flow rules.",
    ),
    _row(
        "microsoft",
        "transport.bcc_group",
        False,
        _M_ACTIONS,
        "In Exchange Online, you can't add a distribution group as a recipient.",
        "A distribution list cannot be the Bcc recipient of a mail flow rule.",
    ),
    _row(
        "microsoft",
        "transport.reject_code",
        "550 5.7.1",
        _M_ACTIONS,
        "Delivery not authorized, message refused",
        "A rejecting rule answers 5.7.1 unless another code is given.",
    ),
    _row(
        "microsoft",
        "transport.after_mailbox",
        False,
        _M_FLOW,
        "mail flow rules take action on messages while they're in transit",
        "Mail flow rules act before the message reaches the mailbox.",
    ),
)

# --------------------------------------------------------------------------------------------------------------
# Tencent Exmail (WeCom mail)
# --------------------------------------------------------------------------------------------------------------

_T = "https://developer.work.weixin.qq.com/document/path/"
_T_GROUP = Page(_T + "95510", "2025-12-04")
_T_GROUP_UPD = Page(_T + "97995", "2025-12-04")
_T_PUBLIC = Page(_T + "98000", "2025-03-06")
_T_PUBLIC_NEW = Page("https://developer.work.weixin.qq.com/document/37504")
_T_DISABLE = Page(_T + "95512", "2022-11-30")
_T_HELP = Page("https://work.weixin.qq.com/help?person_id=1&doc_id=103&helpType=exmail")

_TENCENT = (
    _row(
        "tencent",
        "group.levels",
        ("domain", "anyone", "members", "listed"),
        _T_GROUP,
        "0: 企业成员, 1任何人, 2:组内成员,3:自定义成员",
        "Who may use a mail group: the company, anyone, its members, or listed members.",
    ),
    _row(
        "tencent",
        "group.anyone_outside",
        True,
        _T_HELP,
        "所有人(包括外域邮箱)可以使用",
        "A group open to everyone takes mail from outside.",
    ),
    _row(
        "tencent",
        "group.listed_needs_list",
        True,
        _T_GROUP,
        "当值为3时,必须传入",
        "A group for listed senders needs the list with it.",
    ),
    _row(
        "tencent",
        "group.needs_member",
        True,
        _T_GROUP,
        "至少填写一个,不可同时为空",
        "A mail group cannot be made without a member.",
    ),
    _row(
        "tencent",
        "group.keeps_member",
        True,
        _T_GROUP_UPD,
        "不允许全部清空",
        "The last member of a mail group cannot be taken out.",
    ),
    _row(
        "tencent",
        "group.name_unique",
        True,
        _T_GROUP,
        "不能与其他群组重名",
        "Two mail groups cannot have the same display name.",
    ),
    _row(
        "tencent",
        "group.name_bytes",
        200,
        _T_GROUP,
        "长度限定200字节",
        "The display name of a mail group has at most 200 bytes.",
    ),
    _row(
        "tencent",
        "group.nested",
        True,
        _T_GROUP,
        "群组内包含的群组邮箱",
        "A mail group may contain mail groups.",
    ),
    _row(
        "tencent",
        "group.rename",
        False,
        _T_HELP,
        "设定后不支持修改群组账号",
        "The address of a mail group cannot be changed.",
    ),
    _row(
        "tencent",
        "shared.supported",
        True,
        _T_PUBLIC_NEW,
        "该接口用于创建业务邮箱",
        "There are business (public) mailboxes.",
    ),
    _row(
        "tencent",
        "shared.needs_user",
        True,
        _T_PUBLIC,
        "使用成员不允许全部清空",
        "A public mailbox always has at least one user.",
    ),
    _row(
        "tencent",
        "shared.alias_limit",
        5,
        _T_PUBLIC,
        "最多可设置5个别名",
        "A public mailbox has at most five aliases.",
    ),
    _row(
        "tencent",
        "shared.alias_bytes",
        64,
        _T_PUBLIC,
        "长度6~64个字节",
        "An alias address of a public mailbox has 6 to 64 bytes.",
    ),
    _row(
        "tencent",
        "shared.name_max",
        64,
        _T_PUBLIC,
        "不多于64个字符或32个汉字",
        "The name of a public mailbox has at most 64 characters (32 Chinese ones).",
    ),
    _row(
        "tencent", "address.unique", True, _T_PUBLIC, "企业内必须唯一", "An address is unique in the company."
    ),
    _row(
        "tencent",
        "suspend.protected",
        ("creator", "super_admin"),
        _T_DISABLE,
        "不可禁用超管与企业创建人",
        "The mailboxes of the creator and of super administrators cannot be disabled.",
    ),
)

# --------------------------------------------------------------------------------------------------------------
# Alibaba Mail
# --------------------------------------------------------------------------------------------------------------

_A = "https://www.alibabacloud.com/help/en/alibaba-mail/latest/"
_A_GROUP = Page(_A + "how-to-set-email-group-or-group-receiving-permissions", "2024-11-21")
_A_PARAM = Page("https://help.aliyun.com/en/document_detail/439253.html")
_A_FROZEN = Page(_A + "frozen", "2023-04-20")
_A_FREEZE = Page(
    "https://alibabacloud.com/help/en/alibaba-mail/latest/"
    "how-to-handle-the-account-of-resigned-employees-how-to-freeze-and-unfreeze-employee-accounts"
)
_A_RESTORE = Page(_A + "restore", "2026-06-02")
_A_REPLY = Page(_A + "automatic-reply-email-function", "2026-06-02")
_A_RULES = Page(_A + "mail-rules", "2026-06-04")

_ALIBABA = (
    _row(
        "alibaba",
        "name.postmaster",
        "admin_account",
        _A_FREEZE,
        "Use postmaster account to login Alibaba Mail and enter the domain management page",
        "postmaster@ is the administrator's own account and exists from the start.",
    ),
    _row(
        "alibaba",
        "postmaster.mailbox",
        True,
        _A_RESTORE,
        "Log in to the Alibaba Mail Domain Management page with the postmaster account.",
        "postmaster@ is an account with a mailbox.",
    ),
    _row(
        "alibaba",
        "group.default_posting",
        "domain",
        _A_GROUP,
        "This option is set by default.",
        "A new mail group takes mail from addresses of the same domain.",
    ),
    _row(
        "alibaba",
        "group.outside_default",
        False,
        _A_GROUP,
        "Only same domain accounts can send emails to the mail group.",
        "A new mail group takes no mail from other domains.",
    ),
    _row(
        "alibaba",
        "group.levels",
        ("domain", "members", "anyone", "listed", "members_listed"),
        _A_GROUP,
        "Only whitelisted accounts can send emails to the mail group.",
        "Who may send to a group: the domain, members, anyone, a whitelist, or members and a whitelist.",
    ),
    _row(
        "alibaba",
        "group.listed_limit",
        1000,
        _A_GROUP,
        "The maximum number of whitelists is 1000.",
        "The whitelist of a group has at most 1,000 entries.",
    ),
    _row(
        "alibaba",
        "group.max_members",
        99999,
        _A_PARAM,
        "99,999. Configurable by the domain administrator.",
        "A mail group has at most 99,999 members.",
    ),
    _row(
        "alibaba",
        "group.count",
        1000,
        _A_PARAM,
        "1,000. If the number of accounts exceeds 2,000",
        "A domain has at most 1,000 mail groups (more only beyond 2,000 accounts).",
    ),
    _row(
        "alibaba",
        "alias.limit",
        5,
        _A_PARAM,
        "Number of account aliases for a single account",
        "An account has at most five aliases.",
    ),
    _row(
        "alibaba",
        "transport.limit",
        200,
        _A_PARAM,
        "Mail rules | 200 items",
        "An organization has at most 200 mail rules.",
    ),
    _row(
        "alibaba",
        "suspend.mail",
        "blocked",
        _A_FROZEN,
        "Forbids logon and freezes email sending and receiving.",
        "A frozen account neither sends nor receives.",
    ),
    _row(
        "alibaba",
        "suspend.undo",
        True,
        _A_FROZEN,
        "Unfreeze the frozen account.",
        "A frozen account can be enabled.",
    ),
    _row(
        "alibaba",
        "restore.days",
        30,
        _A_RESTORE,
        "Alibaba Mail retains it for 30 days",
        "A deleted account can be restored for thirty days.",
    ),
    _row(
        "alibaba",
        "reply.again_days",
        1,
        _A_REPLY,
        "runs only for the first email received from a specific sender on any given day",
        "A sender gets the vacation reply once a day.",
    ),
    _row(
        "alibaba",
        "reply.outside",
        True,
        _A_REPLY,
        "Otherwise, all incoming emails receive auto-replies.",
        "Everybody gets the reply unless it is limited to contacts.",
    ),
    _row(
        "alibaba",
        "reply.rule_first",
        True,
        _A_REPLY,
        "the Auto-reply rule takes precedence",
        "A reply by a rule takes the place of the vacation reply.",
    ),
    _row(
        "alibaba",
        "reply.rule_every",
        True,
        _A_REPLY,
        "replies to every email that matches the rule",
        "A reply by a rule goes out for every message.",
    ),
    _row(
        "alibaba",
        "transport.actions",
        ("reject", "spam", "delete", "hold", "bcc"),
        _A_RULES,
        "Bounces, marks as spam, or deletes inbound emails received by employees",
        "The administrator's mail rules bounce, mark as spam, delete, hold for approval or copy to a monitor.",
    ),
)

# --------------------------------------------------------------------------------------------------------------
# Zoho Mail
# --------------------------------------------------------------------------------------------------------------

_Z = "https://www.zoho.com/mail/help/"
_Z_ADV = Page("https://prewww.zoho.com/mail/help/adminconsole/advanced-group-settings.html")
_Z_PRIVATE = Page(_Z + "adminconsole/private-groups.html")
_Z_GROUP = Page(_Z + "adminconsole/group-settings.html")
_Z_TYPES = Page(_Z + "adminconsole/creating-groups.html")
_Z_CATCH = Page(_Z + "adminconsole/catch-all-setup.html")
_Z_FORWARD = Page("http://www.zoho.com/mail/help/email-forwarding.html")
_Z_FORWARD_COPY = Page(
    "http://www.zoho.com/mail/help/email-forwarding.html",
    READ,
    "http://828help.com/knowledgebase.php?article=27",
)
_Z_FORWARD_COPY2 = Page(
    "http://www.zoho.com/mail/help/email-forwarding.html",
    READ,
    "http://www.wikipam.com/use-email-forwarding-in-zoho-mail",
)
_Z_REPLY = Page(_Z + "vacation-autoresponder.html")
_Z_RULES = Page("https://prezohoweb.zoho.com/mail/help/adminconsole/email-forwarding-rules.html")

_ZOHO = (
    _row(
        "zoho",
        "group.levels",
        ("anyone", "domain", "members", "moderators"),
        _Z_ADV,
        "everyone or organisation members or group members or only moderators",
        "Who may send to a group: everyone, the organization, its members or its moderators.",
    ),
    _row(
        "zoho",
        "group.types",
        ("public=anyone", "organization=domain", "private=members", "moderated=moderated"),
        _Z_TYPES,
        "Public Groups - Any one can send an email to this group.",
        "The types of groups: public, organization, private, and moderated (everything is held).",
    ),
    _row(
        "zoho",
        "group.refused_form",
        "hold_if_moderator",
        _Z_PRIVATE,
        "the email will be held for Moderation",
        "A message by somebody who may not post is held for the moderators; without moderators it bounces.",
    ),
    _row(
        "zoho",
        "group.refused_settable",
        True,
        _Z_ADV,
        "Hold the email for moderator approval or bounce the email.",
        "A group can be set to hold or to bounce what others send.",
    ),
    _row(
        "zoho",
        "group.outside_members",
        True,
        _Z_GROUP,
        "add users who are not a part of your organization",
        "Outside addresses can be members of a group.",
    ),
    _row(
        "zoho",
        "group.external_invite",
        True,
        _Z_GROUP,
        "An invite email will be sent to the external members' email addresses.",
        "An outside member gets mail only after accepting the invitation.",
    ),
    _row(
        "zoho",
        "unknown.form",
        "rejected",
        _Z_CATCH,
        "will not be bounced back",
        "Without a catch-all address, mail for an invalid address bounces.",
    ),
    _row(
        "zoho",
        "route.catch_all",
        True,
        _Z_CATCH,
        "captures emails sent to any invalid email addresses of the domain",
        "A domain can have a catch-all address.",
    ),
    _row(
        "zoho",
        "route.catch_all_needs_mailbox",
        True,
        _Z_CATCH,
        "you need a valid mailbox within the organization",
        "The catch-all address is an existing mailbox of the organization.",
    ),
    _row(
        "zoho",
        "forward.needs_grant",
        False,
        _Z_FORWARD,
        "option to automatically forward all the incoming emails",
        "Users may forward without a grant by the administrator.",
    ),
    _row(
        "zoho",
        "forward.outside",
        "allowed",
        _Z_FORWARD,
        "forward all the incoming emails to another email account of your choice",
        "A user may forward to an outside address.",
    ),
    _row(
        "zoho",
        "forward.admin_outside",
        False,
        _Z_FORWARD,
        "provide another organization account as destination account",
        "An administrator forwards a user's mail to accounts of the organization only.",
    ),
    _row(
        "zoho",
        "forward.verify_outside_by_user",
        True,
        _Z_FORWARD,
        "Email forwarding will be enabled only after you verify the account.",
        "An address a user enters must be confirmed.",
    ),
    _row(
        "zoho",
        "forward.verify_inside",
        False,
        _Z_FORWARD,
        "from one account to another internal account without any verification process involved",
        "Forwarding inside the organization set by the administrator needs no confirmation.",
    ),
    _row(
        "zoho",
        "forward.limit",
        3,
        _Z_FORWARD_COPY,
        "Email Forwarding cannot be enabled for more than 3 destination accounts",
        "A mailbox forwards to at most three addresses.",
    ),
    _row(
        "zoho",
        "forward.to_group",
        False,
        _Z_FORWARD_COPY,
        "You cannot enable Email Forwarding, where the destination is a Group.",
        "The target of a forward cannot be a group.",
    ),
    _row(
        "zoho",
        "forward.of_forwarded",
        False,
        _Z_FORWARD_COPY2,
        "If the received email is already an auto-forwarded email",
        "A message that was forwarded automatically is not forwarded again.",
    ),
    _row(
        "zoho",
        "reply.again_days",
        1,
        _Z_REPLY,
        "The default interval is 1 day.",
        "A sender gets the reply again after a day unless another interval is set.",
    ),
    _row(
        "zoho",
        "reply.interval_settable",
        True,
        _Z_REPLY,
        "Set the Auto-response Interval in days.",
        "The interval between two replies can be set.",
    ),
    _row(
        "zoho",
        "reply.audiences",
        ("everyone", "inside", "outside", "contacts", "non_contacts"),
        _Z_REPLY,
        "automated replies to be sent to 'Everyone' or 'Only your contacts'",
        "The reply goes to everyone, the organization, outside senders, contacts or non-contacts.",
    ),
    _row(
        "zoho",
        "transport.actions",
        ("forward",),
        _Z_RULES,
        "allow you to define conditions based on which an email can be forwarded",
        "The incoming transport rules forward messages.",
    ),
    _row(
        "zoho",
        "transport.after_mailbox",
        True,
        _Z_RULES,
        "rules will be processed after an email reaches the intended recipient's mailbox",
        "The incoming transport rules act after delivery; the recipient keeps the message.",
    ),
)

# --------------------------------------------------------------------------------------------------------------
# Feishu / Lark mail
# --------------------------------------------------------------------------------------------------------------

_F = "https://larksuite.com/hc/en-US/articles/"
_F_LIST = Page(_F + "360048487997")
_F_LIST_API = Page("https://open.feishu.cn/document/server-docs/mail-v1/mail-group/mailgroup/create.md")
_F_APPROVE = Page(_F + "920701241992")
_F_PUBLIC = Page(_F + "360048487998?from=product_email")
_F_FORWARD = Page(_F + "540862218086", "2024-10-12")
_F_DEPART = Page("https://larksuite.com/hc/zh-CN/articles/360048488157")
_F_RELEASE = Page("https://open.feishu.cn/document/server-docs/mail-v1/user_mailbox-alias/delete.md")
_F_DELETE = Page(_F + "360048487851-admin-delete-members-and-reallocate-resources")
_F_ASSIGN = Page("https://www.feishu.cn/hc/en-US/articles/360049066573")
_F_FLOW = Page(_F + "594426863425-admin-set-up-mail-flow-rules")
_F_RULE = Page("https://open.larkoffice.com/document/mail-v1/user_mailbox-rule/create.md")
_F_SUSPEND = Page(
    "https://www.larksuite.com/hc/en-US/articles/360048487816",
    "2022-12-06",
    "https://serviohelpdesk.com/knowledge/what-would-happen-if-i-suspend-a-members-account",
)

_FEISHU = (
    _row(
        "feishu",
        "group.levels",
        ("anyone", "domain", "members", "listed"),
        _F_LIST_API,
        "Who can send emails to this mailing list",
        "Who may send to a mailing list: anyone, the organization, its members or chosen members (the copy read "
        "is cut off after the third value, which begins with ALL_).",
    ),
    _row(
        "feishu",
        "group.outside_members",
        True,
        _F_LIST,
        "you can add existing mailing list addresses or external email addresses",
        "Outside addresses can be members of a mailing list.",
    ),
    _row(
        "feishu",
        "group.external_invite",
        False,
        _F_LIST,
        "click + Enter Email Addresses to add email addresses",
        "An outside address is added by entering it.",
    ),
    _row(
        "feishu",
        "group.nested",
        True,
        _F_LIST,
        "you can add existing mailing list addresses",
        "A mailing list may contain mailing lists.",
    ),
    _row(
        "feishu",
        "moderation.approvers_max",
        5,
        _F_APPROVE,
        "You can add up to five approvers.",
        "A mailing list has at most five approvers.",
    ),
    _row(
        "feishu",
        "moderation.bypass_listed",
        True,
        _F_APPROVE,
        "Emails sent by members who can bypass the approval process do not require approval.",
        "Members who may bypass the approval are not held.",
    ),
    _row(
        "feishu",
        "shared.supported",
        True,
        _F_PUBLIC,
        "you can create public mailboxes",
        "There are public mailboxes.",
    ),
    _row(
        "feishu",
        "shared.max_users",
        400,
        _F_PUBLIC,
        "A maximum of 400 members can be added.",
        "A public mailbox has at most 400 users.",
    ),
    _row(
        "feishu",
        "shared.count",
        20,
        _F_PUBLIC,
        "the number of public mailboxes that each tenant can create",
        "The smallest plan has at most twenty public mailboxes (others add the purchased seats).",
    ),
    _row(
        "feishu",
        "forward.needs_grant",
        True,
        _F_FORWARD,
        "After you grant access to this feature, members can set up email forwarding.",
        "Forwarding can be set only after the administrator granted it.",
    ),
    _row(
        "feishu",
        "delete.mail",
        "blocked",
        _F_DEPART,
        "离职成员的邮箱地址将停止收发信",
        "The address of a member who left neither sends nor receives.",
    ),
    _row(
        "feishu",
        "primary.reuse",
        "after_release",
        _F_DEPART,
        "若希望释放该邮箱地址",
        "The address of a member who left is free again once it is released from the recycle bin.",
    ),
    _row(
        "feishu",
        "release.final",
        True,
        _F_RELEASE,
        "the email address cannot be recovered once deleted",
        "A released address cannot be brought back.",
    ),
    _row(
        "feishu",
        "restore.days",
        30,
        _F_DELETE,
        "can restore the deleted members within 30 days",
        "A deleted member can be restored for thirty days (paid plans).",
    ),
    _row(
        "feishu",
        "rename.allowed",
        False,
        _F_ASSIGN,
        "Once assigned, the business email address cannot be changed.",
        "The address of a member cannot be changed.",
    ),
    _row(
        "feishu",
        "address.unique",
        True,
        _F_ASSIGN,
        "Business email address cannot be duplicated.",
        "An address is given out once.",
    ),
    _row(
        "feishu",
        "transport.actions",
        ("reject", "redirect"),
        _F_FLOW,
        "create a rule to reject emails or change recipients based on set conditions",
        "Mail flow rules reject messages or change their recipients.",
    ),
    _row(
        "feishu",
        "unknown.before_rules",
        True,
        _F_FLOW,
        "the email flow rule cannot be triggered",
        "A mail flow rule is not triggered for an address that cannot receive.",
    ),
    _row(
        "feishu",
        "rule.conditions_max",
        32,
        _F_RULE,
        "长度范围：`1` ～ `32`",
        "A mailbox rule has 1 to 32 conditions.",
    ),
    _row(
        "feishu",
        "license.suspended_counts",
        True,
        _F_SUSPEND,
        "still count towards the user quota",
        "A suspended member still counts towards the quota.",
    ),
)

TABLE: tuple[Fact, ...] = _GOOGLE + _MICROSOFT + _TENCENT + _ALIBABA + _ZOHO + _FEISHU

FACTS: dict[str, Fact] = {fact.id: fact for fact in TABLE}

# What only dealers say: (host, key, what is said, address).  Kept for the reader, never used as a value.
HEARSAY: tuple[tuple[str, str, str, str], ...] = (
    (
        "tencent",
        "suspend.mail",
        "a disabled mailbox neither logs in, sends nor receives",
        "http://www.cqchinuo.com/news_in/2566",
    ),
    (
        "tencent",
        "restore.days",
        "a deleted member's mailbox stays thirty days in the recycle bin",
        "http://www.17380.cn/news_in/2547",
    ),
    (
        "tencent",
        "primary.reuse",
        "an address in the recycle bin is taken until it is deleted there",
        "http://www.tnmfjgc.cn/news_in/2549",
    ),
    (
        "tencent",
        "rename.keeps_old",
        "the old address stays as an alias",
        "http://www.tnmfjgc.cn/news_in/2549",
    ),
    (
        "tencent",
        "forward.limit",
        "at most three addresses; outside ones must be confirmed",
        "https://www.sangqiao.com/qqbizmail/aa10411",
    ),
    (
        "tencent",
        "rule.stop",
        "rules run top down and each may stop the rest",
        "https://www.sangqiao.com/qqbizmail/aa10411",
    ),
    (
        "tencent",
        "route.catch_all",
        "mail for wrong addresses can go to an existing account",
        "http://www.cn-qq.cn/html/9358474957.html",
    ),
    (
        "tencent",
        "convert.supported",
        "a member's mailbox can become a public mailbox and keeps its mail",
        "http://www.xiaoweiju.com/news_in/2563",
    ),
    (
        "alibaba",
        "group.moderated",
        "a mail group can have reviewers",
        "http://www.tiaodongzhe.cn/hyxw/631.html",
    ),
    (
        "microsoft",
        "plus.enabled",
        "on by default since 2022, off in the vendor's page of 2021",
        "https://practical365.com/exchange-online-enable-plus-addressing-everywhere-january-2022/",
    ),
    (
        "tencent",
        "shared.count",
        "three public mailboxes in the basic edition",
        "http://www.17380.cn/news_in/2563",
    ),
    (
        "tencent",
        "license.suspended_counts",
        "a disabled mailbox still takes up an account",
        "http://www.cqchinuo.com/news_in/2566",
    ),
    (
        "netease",
        "restore.days",
        "a deleted account can be restored unless deleted for good",
        "http://www.lwdhw.com/news_in/5235",
    ),
    (
        "netease",
        "alias.limit",
        "accounts can have aliases; no number is given",
        "https://m.zixin.com.cn/docdown/3548377.html",
    ),
    (
        "netease",
        "forward.outside",
        "forwarding to other domains is off by default",
        "https://www.youxiang.com.cn/PopularMailboxes/4178.html",
    ),
    (
        "netease",
        "reply.again_days",
        "one reply to a sender in 24 hours",
        "http://www.assoaircraft.com/mailnew/146561.html",
    ),
    (
        "netease",
        "group.outside_members",
        "outside members are allowed where the administrator permits them",
        "http://www.tdzhwl.com/newshow/291",
    ),
)


def facts_of(host: str) -> Iterator[Fact]:
    """The documented behaviours of one host."""
    return (fact for fact in TABLE if fact.host == host)


def main() -> None:
    """Print the table as JSON."""
    rows = [{"id": fact.id, **asdict(fact)} for fact in TABLE]
    print(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
