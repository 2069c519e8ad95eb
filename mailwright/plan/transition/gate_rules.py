"""The rules of the gate: what a change may do to mail only with consent, and what it may never do."""

from __future__ import annotations

from mailwright.model.rules import Severity, rule

_CONSENT_EN = (
    "If this is meant, write it into the spec: allow: [{{rule: {id}, until: {day}, why: …}}], "
    "or pass --allow {id}."
)


_NAMED_EN = (
    "If this is meant, write it into the spec: allow: [{{rule: {id}, values: [{values}], until: {day}, "
    "why: …}}], or pass --allow {id}."
)


_NAMED_ZH = (
    "如果确实要这样做，请在规格中写明：allow: [{{rule: {id}, values: [{values}], until: {day}, why: …}}]，"
    "或加参数 --allow {id}。"
)


_CONSENT_ZH = (
    "如果确实要这样做，请在规格中写明：allow: [{{rule: {id}, until: {day}, why: …}}]，或加参数 --allow {id}。"
)


NO_MX_LEFT = rule(
    "no-mx-left",
    Severity.ERROR,
    en="{name} would be left without any mail exchanger; now it has {before}. Mail to it would bounce.",
    zh="{name} 将不再有任何 MX 记录（现在是 {before}），发往它的邮件会被退回。",
    hint_en=_CONSENT_EN,
    hint_zh=_CONSENT_ZH,
    reference="RFC 5321 §5.1",
)


MX_CHANGED = rule(
    "mx-changed",
    Severity.ERROR,
    en="The mail exchangers of {name} would change from {before} to {after}: incoming mail goes elsewhere.",
    zh="{name} 的 MX 将由 {before} 变为 {after}：来信将送到别处。",
    hint_en="Check that every mailbox exists at the new mail host first. " + _NAMED_EN,
    hint_zh="请先确认新邮件服务上已有全部邮箱。" + _NAMED_ZH,
    reference="RFC 5321 §5.1",
)


SPF_GONE = rule(
    "spf-gone",
    Severity.ERROR,
    en="{name} would lose its SPF record {before}.",
    zh="{name} 将失去 SPF 记录 {before}。",
    hint_en=_CONSENT_EN,
    hint_zh=_CONSENT_ZH,
    reference="RFC 7208 §3",
)


SPF_SENDER_DROPPED = rule(
    "spf-sender-dropped",
    Severity.ERROR,
    en="The SPF record of {name} would no longer allow {terms}: whoever sends through it would fail.",
    zh="{name} 的 SPF 将不再允许 {terms}：通过它发出的邮件会验证失败。",
    hint_en="Name this sender under `senders:` (or spf: {{include: […]}}) if it still sends. " + _NAMED_EN,
    hint_zh="如果它仍在发信，请写入 `senders:`（或 spf: {{include: […]}}）。" + _NAMED_ZH,
    reference="RFC 7208 §5",
)


SELECTOR_GONE = rule(
    "selector-gone",
    Severity.ERROR,
    en="The DKIM selector {name} would go; mail signed with it would no longer verify.",
    zh="DKIM 选择器 {name} 将被删除；用它签名的邮件将无法通过验证。",
    hint_en="As long as anybody signs with it, keep it in the spec: a new key that is published does not "
    "sign yet. " + _NAMED_EN,
    hint_zh="只要还有人用它签名，就请保留在规格中：新密钥发布之后还要有人启用。" + _NAMED_ZH,
    reference="RFC 6376 §3.6.1",
)


SELECTOR_CHANGED = rule(
    "selector-changed",
    Severity.ERROR,
    en="The key at the DKIM selector {name} would change under mail that is already signed with it.",
    zh="DKIM 选择器 {name} 的密钥将被更换，已用旧密钥签名的邮件会验证失败。",
    hint_en="Publish the new key at a new selector instead; the old one is retired for you. " + _NAMED_EN,
    hint_zh="请把新密钥发布到新的选择器；旧的会自动按期退役。" + _NAMED_ZH,
    reference="RFC 6376 §3.1",
)


DMARC_WEAKENED = rule(
    "dmarc-weakened",
    Severity.ERROR,
    en="The DMARC policy of {name} would become weaker: from {before} to {after}.",
    zh="{name} 的 DMARC 策略将变弱：由 {before} 变为 {after}。",
    hint_en="Write the stage that is already reached (dmarc: {{stage: …}}). " + _CONSENT_EN,
    hint_zh="请写明已经达到的阶段（dmarc: {{stage: …}}）。" + _CONSENT_ZH,
    reference="RFC 9989 §4.7",
)


MTA_STS_BLOCKS_MX = rule(
    "mta-sts-blocks-mx",
    Severity.ERROR,
    en="{name} announces an MTA-STS policy, and its mail exchangers would change to {after}: "
    "senders that keep the old policy would refuse them until it runs out.",
    zh="{name} 发布了 MTA-STS 策略，而 MX 将变为 {after}：缓存了旧策略的发信方会拒绝投递，直到策略过期。",
    hint_en="Put the new exchangers into the policy file and change its id first, wait max_age. "
    + _CONSENT_EN,
    hint_zh="请先把新的 MX 写入策略文件并更换 id，等待 max_age 过去。" + _CONSENT_ZH,
    reference="RFC 8461 §4.1, §8.1",
)


MTA_STS_GONE = rule(
    "mta-sts-gone",
    Severity.ERROR,
    en="{name} would lose its MTA-STS record; senders keep the old policy until its max_age has passed, and "
    "nothing would warn of it at the next change of MX.",
    zh="{name} 将失去 MTA-STS 记录；发信方在 max_age 过去之前仍会沿用旧策略，下次更换 MX 时也不会再有提醒。",
    hint_en="Publish mta_sts: {{mode: none}} first and wait the old max_age. " + _CONSENT_EN,
    hint_zh="请先发布 mta_sts: {{mode: none}} 并等待旧的 max_age 过去。" + _CONSENT_ZH,
    reference="RFC 8461 §8.3",
)


SWAP_LEAVES_GAP = rule(
    "swap-leaves-gap",
    Severity.ERROR,
    en="{name} would go from {before} to {after}, and its DNS host cannot write both at once. Between the "
    "two calls (a second or more) nothing is there; who asks then remembers that for the negative TTL.",
    zh="{name} 将由 {before} 变为 {after}，而其 DNS 服务商无法一次写入两者。"
    "两次调用之间（一秒或更久）该处没有任何记录；此时查询的解析器会按否定 TTL 记住“没有”。",
    hint_en="Do it at a quiet hour, or use another name (for a key: another selector). " + _CONSENT_EN,
    hint_zh="请在邮件少的时段进行，或改用其他名称（密钥则改用其他选择器）。" + _CONSENT_ZH,
    reference="RFC 2308 §5",
)


WHOLE_ZONE_WRITE = rule(
    "whole-zone-write",
    Severity.ERROR,
    en="The DNS host of {name} writes the whole zone at each change, records of others included: what "
    "somebody else enters at the same moment is lost.",
    zh="{name} 的 DNS 服务商每次变更都会重写整个区域，包括他人的记录：他人同时录入的内容会丢失。",
    hint_en="What is there is saved before each write. " + _CONSENT_EN,
    hint_zh="每次写入前都会保存原有内容。" + _CONSENT_ZH,
)


OTHER_LINE_DIFFERS = rule(
    "other-line-differs",
    Severity.ERROR,
    en="On the line {line} the DNS host serves {there} at {name} in place of the plan's {after}: mail from "
    "there goes by other records, and Mailwright changes the default line only.",
    zh="在线路“{line}”上，{name} 提供的是 {there}，而不是计划中的 {after}："
    "来自该线路的邮件会按另外的记录处理，Mailwright 只修改默认线路。",
    hint_en="Enter the same on that line in the console, or delete it there. " + _CONSENT_EN,
    hint_zh="请在控制台把该线路改为相同内容，或删除该线路的记录。" + _CONSENT_ZH,
)


ROLE_ADDRESS_EMPTIED = rule(
    "role-address-emptied",
    Severity.ERROR,
    en="{name} would reach nobody.",
    zh="发往 {name} 的邮件将无人收到。",
    hint_en="Name somebody under its to: in the spec. " + _CONSENT_EN,
    hint_zh="请在规格中该地址的 to: 写明收件人。" + _CONSENT_ZH,
    reference="RFC 2142",
)


ADDRESS_GAP = rule(
    "address-gap",
    Severity.WARNING,
    en="While {address} {change} it is nobody's, and mail to it is refused: {time}.",
    zh="{address} {change}期间不属于任何对象，来信会被拒收：{time}。",
    hint_en="Do the steps of the checklist one right after the other, at an hour in which few write; a "
    "catch-all for the while takes the mail, where the host has one. " + _CONSENT_EN,
    hint_zh="请在来信少的时段连续完成清单中的这几步；若该服务有 catch-all，可暂时用它收下来信。"
    + _CONSENT_ZH,
)


ADDRESS_REUSED = rule(
    "address-reused",
    Severity.ERROR,
    en="{name} was the address of somebody who left on {left}: until {until} a new person would get mail "
    "that is meant for them, and the password resets of accounts that they opened with it.",
    zh="{name} 曾属于 {left} 离职的人员：在 {until} 之前，新的使用人会收到原本发给该离职人员的邮件，"
    "包括其用该地址注册的账号的密码重置邮件。",
    hint_en="Give the new person another address. " + _CONSENT_EN,
    hint_zh="请为新的使用人另取地址。" + _CONSENT_ZH,
)


MAILBOX_CUT_OFF = rule(
    "mailbox-cut-off",
    Severity.ERROR,
    en="No address would lead to the mailbox {name} any more; mail to it would go to others.",
    zh="将不再有任何地址通往邮箱 {name}；发给它的邮件会送到别人那里。",
    hint_en="Its content stays, but nobody would look there. For somebody who leaves write left: and "
    "handover: instead of removing them; of a shared mailbox move the mail first. " + _CONSENT_EN,
    hint_zh="其中的邮件仍会保留，但不再有人查看。人员离职请写 left: 和 handover:，不要直接删除；"
    "共享邮箱请先转移邮件。" + _CONSENT_ZH,
)


LOGIN_OPENED = rule(
    "login-opened-again",
    Severity.ERROR,
    en="{name} is suspended on the mail server; after this change the old password would open it again.",
    zh="{name} 在邮件服务器上已被停用；此次变更后，旧密码又能登录。",
    hint_en="Delete the account on the server, or set another password; then remove the person. "
    + _CONSENT_EN,
    hint_zh="请先在服务器上删除该账号或更换密码，再从规格中去掉此人。" + _CONSENT_ZH,
)


FORWARD_OUTSIDE = rule(
    "mail-forwarded-outside",
    Severity.ERROR,
    en="Mail of {name} would be sent outside from now on: {values}.",
    zh="{name} 的邮件今后会发往外部：{values}。",
    hint_en="See that the spec really asks for it, and that a second person knows. " + _NAMED_EN,
    hint_zh="请确认规格确实要求这样做，并有另一个人知情。" + _NAMED_ZH,
)


ARCHIVE_ENDED = rule(
    "archive-ended",
    Severity.ERROR,
    en="No copy of the mail of {name} would be kept any more.",
    zh="将不再保留 {name} 的邮件副本。",
    hint_en="Where the law asks for an archive, that must not end unseen. " + _CONSENT_EN,
    hint_zh="若法律要求归档，不应在无人察觉时停止。" + _CONSENT_ZH,
)


LINE_IN_THE_WAY = rule(
    "map-line-in-the-way",
    Severity.ERROR,
    en="The table {table} has a manual line for {name}: {before}. The spec asks for {after}.",
    zh="表 {table} 中已有手工写的 {name} 一行：{before}。规格要求：{after}。",
    hint_en="Remove that line, or write what it says into the spec. To give it over: " + _CONSENT_EN,
    hint_zh="请删除那一行，或把它的内容写进规格。若要由规格接管：" + _CONSENT_ZH,
)


OWN_SCRIPT_CONFLICTS = rule(
    "own-script-conflicts",
    Severity.ERROR,
    en="{name} has a Sieve script of its owner's, {script}, that cannot run after the spec's: {why}. "
    "The server would undo both.",
    zh="{name} 的主人自己有 Sieve 脚本 {script}，它不能接在规格的脚本之后运行：{why}。"
    "服务器会撤销两者的全部动作。",
    hint_en="Ask the owner to change it, or write what it does into rules:. To store it without running it: "
    + _CONSENT_EN,
    hint_zh="请让主人修改该脚本，或把它的作用写进 rules:。若只保留而不再运行它：" + _CONSENT_ZH,
    reference="RFC 6609 §3.2",
)


WILDCARD_MAIL = rule(
    "wildcard-mail-lost",
    Severity.ERROR,
    en="Mail to addresses of {name} arrives by a wildcard ({before}). Once {name} exists the wildcard no "
    "longer answers for it or for names below it: that mail would bounce.",
    zh="发往 {name} 的邮件目前靠通配符记录（{before}）送达。一旦 {name} 存在，通配符对它及其下级名称"
    "都不再生效，这些邮件会被退回。",
    hint_en="Keep it as it is: as_found: [{lines}]. " + _CONSENT_EN,
    hint_zh="若要保持现状：as_found: [{lines}]。" + _CONSENT_ZH,
    reference="RFC 4592 §3.3.1",
)


FOUND_REMOVED = rule(
    "found-before-removed",
    Severity.ERROR,
    en="before the first up of this stack {name} had {before} already; another stack, or whoever entered it, "
    "may still count on it. `mailwright destroy --as-before` brings back what was there and lets the domain "
    "go.",
    zh="{name} 在此栈首次 up 之前就已有 {before}；其他栈或当初录入的人可能仍在依赖它。"
    "`mailwright destroy --as-before` 会恢复原有记录并放开该域名。",
    hint_en=_CONSENT_EN,
    hint_zh=_CONSENT_ZH,
)


IN_THE_WAY = rule(
    "cname-in-the-way",
    Severity.ERROR,
    en="{name} has a {type} record that is not ours ({before}); a CNAME excludes all other records.",
    zh="{name} 处已有他人的 {type} 记录（{before}）；CNAME 不能与其他记录并存。",
    hint_en="Remove it by hand if it is no longer used, or remove the record from the spec.",
    hint_zh="若已不再使用请手工删除，或从规格中去掉这条记录。",
    reference="RFC 1034 §3.6.2",
)


BELOW_CUT = rule(
    "below-zone-cut",
    Severity.ERROR,
    en="{name} is below a delegation (NS records): it would be accepted here and never be served.",
    zh="{name} 位于已委派（NS）的子域名之下：在这里写入会成功，但永远不会生效。",
    hint_en="Write it at the host that serves the delegated zone, and say in the spec that it is there: "
    "as_found: [{line}]",
    hint_zh="请在该子域名的 DNS 服务商处添加，并在规格中写明：as_found: [{line}]",
    reference="RFC 1034 §4.2.1",
)


#: The rules that consent can answer; the others are faults.
CONSENTABLE = (
    NO_MX_LEFT,
    MX_CHANGED,
    SPF_GONE,
    SPF_SENDER_DROPPED,
    SELECTOR_GONE,
    SELECTOR_CHANGED,
    DMARC_WEAKENED,
    MTA_STS_BLOCKS_MX,
    MTA_STS_GONE,
    SWAP_LEAVES_GAP,
    OTHER_LINE_DIFFERS,
    WHOLE_ZONE_WRITE,
    ROLE_ADDRESS_EMPTIED,
    MAILBOX_CUT_OFF,
    ADDRESS_GAP,
    ADDRESS_REUSED,
    LOGIN_OPENED,
    FORWARD_OUTSIDE,
    ARCHIVE_ENDED,
    LINE_IN_THE_WAY,
    OWN_SCRIPT_CONFLICTS,
    WILDCARD_MAIL,
    FOUND_REMOVED,
)
