"""What can be said of a plan at somebody else's mail host, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.transition.gate_rules import ADDRESS_GAP

CANNOT = rule(
    "host-has-nothing-for-it",
    Severity.ERROR,
    en="{address} cannot be had at {service} as the spec asks: {why}.",
    zh="{service} 无法按规格实现 {address}：{why}。",
    hint_en="{instead}",
    hint_zh="{instead}",
)
NOT_KNOWN = rule(
    "host-not-known",
    Severity.WARNING,
    en="No document of {service} says {what}.",
    zh="{service} 没有文档说明：{what}。",
    hint_en="Try it on a trial tenant with a mail from outside (docs/mail-hosts.md says how), or write the "
    "address so that it needs something else. Until then `trace` answers “not known”.",
    hint_zh="请在试用账号上用一封外部邮件验证（方法见 docs/mail-hosts.md），或换一种写法。"
    "在此之前 `trace` 的答案是“未知”。",
)
SEAT = rule(
    "address-takes-a-seat",
    Severity.INFO,
    en="{address} has rules or an auto-reply, so at {service} it is a mailbox of its own: "
    "plan one more seat.",
    zh="{address} 带有规则或自动回复，在{service}中必须是独立邮箱：请多准备一个账号。",
    hint_en="A mailbox passes on what its rules find; nobody needs to log in to it.",
    hint_zh="该邮箱只按规则转交邮件，平时无须有人登录。",
)
LABELS_STAY = rule(
    "labels-stay-behind",
    Severity.WARNING,
    en="Folders and tags that rules of {address} set stay in that mailbox at {service}: whoever gets "
    "the mail gets it without them.",
    zh="在{service}中，{address} 的规则所设文件夹与标签只留在该邮箱：转交出去的邮件不带标记。",
    hint_en="Write the rule for the person who wants the folder.",
    hint_zh="请把规则写给需要该文件夹的人。",
)
TWICE = rule(
    "group-delivers-twice",
    Severity.WARNING,
    en="Mail to {address} goes to {person} and to {other}, whose rules pass it on to {person}: at "
    "{service} it comes twice.",
    zh="发往 {address} 的邮件既给 {person}，又给 {other}，而后者的规则会再转给 {person}："
    "在{service}中会收到两份。",
    hint_en="Name one of the two; who gets mail of {other} is then the rules' business alone.",
    hint_zh="两者只写其一；{other} 的邮件由谁收，只由规则决定。",
)
REPLY_INSIDE = rule(
    "auto-reply-inside-only",
    Severity.WARNING,
    en="The auto-reply of {address} goes to colleagues alone: no document of {service} says that it leaves "
    "bounces, lists and automatic mail unanswered.",
    zh="{address} 的自动回复只发给同事：{service} 没有文档说明它不会回复退信、邮件列表和自动邮件。",
    hint_en="Outside, an auto-reply that answers those goes round in circles and marks the domain as spam.",
    hint_zh="若对外开启且会回复这些邮件，可能造成循环，并使域名被判为垃圾邮件来源。",
    reference="RFC 3834 §2",
)
REPLY_OPEN = rule(
    "auto-reply-not-known",
    Severity.WARNING,
    en="No document of {service} says that it has auto-replies: {address} answers nobody.",
    zh="{service} 没有文档说明支持自动回复：{address} 不会自动回复。",
    hint_en="Write to the most important correspondents yourself.",
    hint_zh="请人工告知重要联系人。",
)
COVER_OPEN = rule(
    "cover-not-known",
    Severity.WARNING,
    en="No document of {service} says how {to} gets a copy of what comes to {address}.",
    zh="{service} 没有文档说明如何让 {to} 收到 {address} 来信的副本。",
    hint_en="Let the colleague look into the mailbox, and write a text: that promises no copy.",
    hint_zh="请让代班人直接查看邮箱，并把 text: 改成不承诺抄送的说法。",
)
LEAVER_UNANSWERED = rule(
    "leaver-unanswered",
    Severity.INFO,
    en="Nobody is answered automatically in the name of {address}: at {service} its mailbox is locked, and a "
    "locked mailbox does not reply.",
    zh="不会以 {address} 的名义自动回复：在{service}中该邮箱已停用，停用的邮箱不会发出回复。",
    hint_en="The successor writes to those who matter.",
    hint_zh="请由接手人告知重要联系人。",
)
BLOCKED = rule(
    "outside-forward-blocked",
    Severity.WARNING,
    en="{service} refuses to pass mail of {address} on to {to} until an administrator allows it.",
    zh="{service} 默认拒绝把 {address} 的邮件转给 {to}，需管理员放行。",
    hint_en="Allow it for this mailbox alone; the checklist has the step.",
    hint_zh="请只为该邮箱放行；清单中有对应步骤。",
)
GAP = ADDRESS_GAP
RELEASED = Text("is released and not yet the successor's", "已释放、尚未归接手人")
NO_TIME = Text("for how long no document says", "持续多久没有文档说明")
EXPECT_OPEN = rule(
    "expectation-not-known",
    Severity.WARNING,
    en="Whether mail to {mail_to} ends as expected is not known at this mail host: {why}.",
    zh="无法判断发往 {mail_to} 的邮件是否如预期送达：{why}。",
    hint_en="Send such a mail from outside, and see where it arrives (`verify --mail-test`).",
    hint_zh="请从外部实际发送一封，查看送达位置（`verify --mail-test`）。",
)

NONE_THERE = Text("it has none ({what})", "不支持（{what}）")
INSTEAD = Text("Write the address in another way, or choose another host.", "请换一种写法，或更换邮件服务。")
OUTSIDE_MEMBER = Text(
    "its groups take no outside address, and refuse the whole group with {members} in it",
    "其群组不接受外部地址，含有 {members} 的整个群组都会被拒绝",
)
INSTEAD_OF_MEMBER = Text(
    "Leave the outside address out of to:, and let a rule of one member pass the mail on (copy_to:).",
    "请从 to: 中去掉外部地址，改由某个成员的规则转发（copy_to:）。",
)
ONLY_A_GROUP = Text(
    "the name is reserved, only a group may have it, and a group has no rules",
    "该名称为保留名称，只能用于群组，而群组没有规则",
)
INSTEAD_OF_RULES = Text("Write its to: without rules.", "请只写 to:，不写规则。")
TOO_MANY_CASES = Text(
    "its rules copy and assign in more ways than anybody can set up",
    "其规则的抄送与指派组合过多，无法在后台逐条设置",
)
MIXED = Text(
    "two rules would have to hold at once, and one rule of its console cannot say that",
    "需要同时满足两条规则，而后台的一条规则无法表达",
)
INSTEAD_OF_COPIES = Text(
    "Use assign_to: instead of copy_to: in the earlier rule, or let it end with stop: true.",
    "请在前一条规则中用 assign_to: 代替 copy_to:，或加上 stop: true。",
)
