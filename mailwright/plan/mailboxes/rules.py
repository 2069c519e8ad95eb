"""What can be wrong with planned mailboxes, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Rule, Severity, rule


def _said(id: str, severity: Severity, *texts: str) -> Rule:
    """``texts``: message and hint, each en then zh, then the section of its standard."""
    en, zh, hint_en, hint_zh, *section = texts
    return rule(id, severity, en=en, zh=zh, hint_en=hint_en, hint_zh=hint_zh, reference="".join(section))


NOBODY_LEFT = _said(
    "address-reaches-nobody",
    Severity.ERROR,
    "Mail to {address} would reach nobody: {gone} left and named no successor.",
    "发往 {address} 的邮件将无人收到：{gone} 已离职且没有接手人。",
    "Name somebody else in its to:, or give {gone} a handover: {{to: …, until: …}}.",
    "请在 to: 中写明其他人，或为 {gone} 写 handover: {{to: …, until: …}}。",
)
RULE_NOBODY = _said(
    "rule-reaches-nobody",
    Severity.ERROR,
    "This rule would pass mail on to {gone}, who left and named no successor.",
    "这条规则会把邮件交给 {gone}，但其已离职且没有接手人。",
    "Name somebody else, or give {gone} a handover.",
    "请改为其他人，或为 {gone} 写 handover。",
)
RULE_OF_LEAVER = _said(
    "rule-of-leaver",
    Severity.WARNING,
    "{address} is closed; what is written for it here does nothing any more.",
    "{address} 已停用；此处为它写的内容不再起作用。",
    "Remove the line, or write it for the successor.",
    "请删除此行，或改写给接手人。",
)
CONTACT_UNREACHABLE = _said(
    "contact-unreachable",
    Severity.ERROR,
    "The contact {address} is neither a person nor an address here: postmaster and abuse would reach nobody.",
    "联系地址 {address} 既不是人员也不是地址：postmaster 与 abuse 的来信将无人收到。",
    "Add {local} under people: or addresses:.",
    "请把 {local} 加入 people: 或 addresses:。",
    "RFC 2142 §4",
)
ROLE_OUTSIDE = _said(
    "role-address-outside",
    Severity.INFO,
    "Mail to {address} goes to {target}, outside the company.",
    "发往 {address} 的邮件转到公司外的 {target}。",
    "Write addresses: {{{local}: {{to: …}}}} to keep it inside.",
    "若要留在公司内，请写 addresses: {{{local}: {{to: …}}}}。",
    "RFC 2142 §5",
)
REPORT_MAILBOX = _said(
    "report-mailbox-missing",
    Severity.WARNING,
    "{address} is named for {what}, and mail to it would be refused.",
    "{address} 用于{what}，但发往它的邮件会被拒收。",
    "Add {local} under addresses:.",
    "请在 addresses: 中添加 {local}。",
)
CATCH_ALL = _said(
    "catch-all-hides-mistakes",
    Severity.WARNING,
    "The catch-all takes mail to misspelt addresses too: senders never learn of it, and spam comes in.",
    "catch-all 会收下所有拼错地址的邮件：发件人不再得知写错了地址，垃圾邮件也会增多。",
    "Name the addresses you need; keep it only while you move, with silence: and the reason.",
    "请逐一写出需要的地址；仅在迁移期间保留，并用 silence: 写明原因。",
)
CATCH_ALL_NOBODY = _said(
    "catch-all-reaches-nobody",
    Severity.ERROR,
    "The catch-all goes to {gone}, who left and named no successor.",
    "catch-all 指向 {gone}，但其已离职且没有接手人。",
    "Name somebody else.",
    "请改为其他人。",
)
NEEDS_MAILBOX = _said(
    "rule-needs-mailbox",
    Severity.ERROR,
    "{address} has rules or auto-replies and goes only outside: there is no mailbox in which they could run.",
    "{address} 有规则或自动回复，却只转发到外部：没有可运行它们的邮箱。",
    "Give it somebody inside, or make it shared: true with somebody who reads it.",
    "请加入公司内的人员，或设为 shared: true 并写明由谁阅读。",
)
TOO_MANY = _said(
    "too-many-copies",
    Severity.ERROR,
    "The rules that run in {mailbox} may pass one mail on to {count} addresses; the mail host allows {most}.",
    "在 {mailbox} 中运行的规则可能把一封邮件转给 {count} 个地址；邮件服务最多允许 {most} 个。",
    "Write an address that goes to all of them, and assign or copy to that one.",
    "请建立一个送达这些人的地址，再指派或抄送给该地址。",
)
TOO_MANY_ACTIONS = _said(
    "too-many-actions",
    Severity.ERROR,
    "The rules that run in {mailbox} may take {count} actions for one mail; the server allows {most}, and "
    "beyond that undoes all of them.",
    "在 {mailbox} 中运行的规则最多会对一封邮件执行 {count} 个动作；服务器最多允许 {most} 个，"
    "超出时全部撤销。",
    "End earlier rules with stop: true, or file into fewer folders.",
    "请用 stop: true 结束靠前的规则，或减少归入的文件夹。",
)
HOST_CANNOT = _said(
    "host-cannot",
    Severity.ERROR,
    "{service} cannot do this: {feature}.",
    "{service} 做不到：{feature}。",
    "Remove it, or choose another mail host; `mailwright catalog` shows what each can do.",
    "请去掉此项，或选择其他邮件服务；`mailwright catalog` 列出各家能力。",
)
BY_HAND = _said(
    "set-up-by-hand",
    Severity.INFO,
    "Mailwright does not set this up at {service} yet; it is a step in the console: {features}.",
    "Mailwright 尚不能在 {service} 上自动设置以下各项，需在后台手工操作：{features}。",
    "Follow the checklist; `mailwright trace` shows what mail should do.",
    "请按清单操作；`mailwright trace` 可查看邮件应有的去向。",
)
NOT_BROUGHT = _said(
    "mailboxes-not-brought",
    Severity.INFO,
    "`up` leaves the mail server as it is; `mailwright export` writes its tables and scripts.",
    "`up` 不会改动邮件服务器；各表和脚本由 `mailwright export` 写出。",
    "To let `up` write them: mail_host: {{maps: {{folder: …}}, sieve: {{server: …, master_user: …}}}}.",
    "若要由 `up` 写入：mail_host: {{maps: {{folder: …}}, sieve: {{server: …, master_user: …}}}}。",
)
SCRIPTS_NOT_BROUGHT = _said(
    "scripts-not-brought",
    Severity.WARNING,
    "`up` writes only the tables, but {features} need scripts: without them mail stays with the owner.",
    "`up` 只写入各表，而{features}需要脚本：缺少脚本时邮件会留在负责人的邮箱。",
    "Write mail_host: {{sieve: {{server: …, master_user: …}}}}; or install the scripts of `mailwright "
    "export` yourself, and silence this with the reason.",
    "请写 mail_host: {{sieve: {{server: …, master_user: …}}}}；或自行放置 `mailwright export` 写出的脚本，"
    "并写明理由屏蔽本提示。",
)
TABLES_NOT_BROUGHT = _said(
    "tables-not-brought",
    Severity.WARNING,
    "`up` writes only the scripts: addresses, mailboxes and suspensions are in the tables.",
    "`up` 只写入脚本，而地址、邮箱与停用名单都在各表中。",
    "Write mail_host: {{maps: {{folder: …}}}}; or install the tables of `mailwright export` yourself, and "
    "silence this with the reason.",
    "请写 mail_host: {{maps: {{folder: …}}}}；或自行放置 `mailwright export` 写出的各表，"
    "并写明理由屏蔽本提示。",
)
TAG_AS_FOLDER = _said(
    "tag-as-folder",
    Severity.INFO,
    "The mail host cannot store the tag {tag}: a copy of the mail goes to a folder of that name instead.",
    "邮件服务无法保存标签 {tag}：改为在同名文件夹中放一份副本。",
    "Write a tag of letters, digits, - and _ to keep it a tag.",
    "若要保留为标签，请只用英文字母、数字、- 和 _。",
)
SEPARATOR_UNKNOWN = _said(
    "folder-separator-unknown",
    Severity.WARNING,
    "How the server divides the folder {folder} into levels is not written. Where the separator is the dot "
    "(Dovecot's default), a slash makes the whole script fail.",
    "没有写明服务器如何划分文件夹 {folder} 的层级。若分隔符为点（Dovecot 默认），斜杠会使整个脚本失败。",
    'Ask the server (`verify --mail` does), then write mail_host: {{folders: {{separator: "/"}}}}, or '
    '{{separator: ".", prefix: INBOX.}}.',
    '请先查看服务器（`verify --mail` 会读取），再写 mail_host: {{folders: {{separator: "/"}}}}，或 '
    '{{separator: ".", prefix: INBOX.}}。',
    "RFC 2342 §5",
)
FOLDER_RENAMED = _said(
    "folder-renamed",
    Severity.INFO,
    "No folder's name can contain a dot on this kind of server, so {folder} is stored as {stored}.",
    "此类服务器的文件夹名称不能含有点，因此 {folder} 存为 {stored}。",
    "Write a name without a dot to choose it yourself.",
    "若要自行命名，请使用不含点的名称。",
)
DELIMITER_IN_MAILBOX = _said(
    "delimiter-in-mailbox",
    Severity.ERROR,
    "{address} holds {sign}, which begins a sub-address on this server: its mail would go to {other}.",
    "{address} 含有 {sign}，而它在此服务器上是子地址的分隔符：邮件会送到 {other}。",
    "Choose another delimiter: in mail_host, and in Postfix and Dovecot (recipient_delimiter).",
    "请更换分隔符：在 mail_host 中，以及 Postfix 与 Dovecot 的 recipient_delimiter 中。",
    "RFC 5233 §4",
)
ROUTING_SUBDOMAIN = _said(
    "routing-catch-all-subdomain",
    Severity.ERROR,
    "{domain} is a subdomain of the zone {zone}: Email Routing has only rules for single addresses "
    "there, and no catch-all. The zone's own catch-all does not take its mail.",
    "{domain} 是区域 {zone} 的子域名：Email Routing 对它只支持逐个地址的规则，没有 catch-all。"
    "区域自己的 catch-all 不会收下它的邮件。",
    "Take catch_all: out and name the addresses.",
    "请去掉 catch_all:，逐一写出地址。",
)
ROUTING_SUBADDRESS = _said(
    "routing-subaddress",
    Severity.INFO,
    "Email Routing refuses sub-addresses such as {example} until sub-addressing is switched on.",
    "Email Routing 在开启子地址（subaddressing）之前会拒收 {example} 这样的子地址。",
    "`up` switches it on where it sets Email Routing up; by hand it is in Email Routing → Settings.",
    "由 `up` 设置 Email Routing 时会自动开启；手工则在 Email Routing → Settings 中开启。",
    "RFC 5233 §1",
)
OUTSIDE = _said(
    "outside-forward",
    Severity.INFO,
    "{address} passes mail on to {target}, outside the company: SPF breaks there without SRS.",
    "{address} 会把邮件转到公司外的 {target}：若无 SRS，对方的 SPF 检查会失败。",
    "Check that this is meant: silent forwards are how payment fraud begins. An own server can rewrite "
    "the sender (SRS, such as postsrsd).",
    "请确认这是有意的：暗中转发往往是付款诈骗的开端。自建服务器可改写发件人（SRS，例如 postsrsd）。",
    "RFC 7208 §10.3",
)
OUTSIDE_NOTICE = _said(
    "outside-notice",
    Severity.INFO,
    "A rule of {address} tells {target}, outside the company, that mail came.",
    "{address} 的规则会把来信情况通知公司外的 {target}。",
    "Check that this is meant; a notice holds nothing of the mail itself.",
    "请确认这是有意的；通知不含邮件内容。",
)
SPAM_OUTSIDE = _said(
    "outside-spam",
    Severity.INFO,
    "This rule of {address} passes mail on to {target}, also what the spam filter marked.",
    "{address} 的这条规则会把邮件转给 {target}，其中包括被反垃圾系统标记的邮件。",
    "Add not_spam: true to its when:, or put {{for: {local}, when: {{header: {{X-Spam-Flag: YES}}}}, "
    "then: {{folder: Junk, stop: true}}}} before it: spam that you pass on counts as yours.",
    "请在 when: 中加 not_spam: true，或在前面加一条 {{for: {local}, when: {{header: {{X-Spam-Flag: YES}}}}, "
    "then: {{folder: Junk, stop: true}}}}：转出的垃圾邮件会算在您头上。",
)
COVER_AWAY = _said(
    "cover-away",
    Severity.WARNING,
    "{cover} covers for {person} and is away at the same time.",
    "{cover} 代 {person} 收信，但同一期间也在休假。",
    "Name somebody who is there.",
    "请改为在岗的人员。",
)
COVER_GONE = _said(
    "cover-gone",
    Severity.ERROR,
    "{cover} covers for {person} and has left without a successor.",
    "{cover} 代 {person} 收信，但已离职且没有接手人。",
    "Name somebody who is there.",
    "请改为在岗的人员。",
)
HANDOVER_OVER = _said(
    "handover-over",
    Severity.WARNING,
    "The handover of {person} was to end on {until}: mail to {address} still goes to {to}, "
    "and its end is due.",
    "{person} 的交接应于 {until} 结束：发往 {address} 的邮件仍转给 {to}，现在应当了结。",
    "Write closed: with the day from which the address refuses mail, or a later until:.",
    "请写 closed:（地址开始拒收的日期），或把 until: 延后。",
)
DUE = _said(
    "leaver-due",
    Severity.INFO,
    "Due on {day}: {what}.",
    "{day} 到期：{what}。",
    "`mailwright export` writes the steps; `plan --as-of {day}` shows the mailboxes of that day.",
    "`mailwright export` 会列出步骤；`plan --as-of {day}` 可查看当天的邮箱。",
)
LEAVER_NOBODY = _said(
    "leaver-reaches-nobody",
    Severity.ERROR,
    "Mail to {address} would reach nobody from {day}: {person} leaves, nobody takes over, "
    "and no day is written on which the address closes.",
    "自 {day} 起，发往 {address} 的邮件将无人收到：{person} 离职，没有接手人，也没有写地址关闭的日期。",
    "Write handover: {{to: …, until: …}}, or closed: {closed} where mail shall be refused.",
    "请写 handover: {{to: …, until: …}}；若应拒收来信，请写 closed: {closed}。",
)
EXPECT_MISSED = _said(
    "expectation-missed",
    Severity.ERROR,
    "Mail to {mail_to} was expected to reach {wanted} and reaches {reached}.",
    "发往 {mail_to} 的邮件应到达 {wanted}，实际到达 {reached}。",
    "`mailwright trace` shows step by step why.",
    "`mailwright trace` 会逐步说明原因。",
)
EXPECT_LEAKED = _said(
    "expectation-leaked",
    Severity.ERROR,
    "Mail to {mail_to} was expected not to reach {wanted}, and does.",
    "发往 {mail_to} 的邮件不应到达 {wanted}，却到达了。",
    "`mailwright trace` shows step by step why.",
    "`mailwright trace` 会逐步说明原因。",
)
