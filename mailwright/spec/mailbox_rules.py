"""What can be wrong with people, addresses and rules before they are planned, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Rule, Severity, rule


def _said(id: str, severity: Severity, *texts: str) -> Rule:
    """``texts``: message and hint, each en then zh, then the section of its standard."""
    en, zh, hint_en, hint_zh, *section = texts
    return rule(id, severity, en=en, zh=zh, hint_en=hint_en, hint_zh=hint_zh, reference="".join(section))


UNKNOWN_TARGET = _said(
    "unknown-person",
    Severity.ERROR,
    "{value} is neither a person nor an address of this company.",
    "{value} 既不是本公司的人员，也不是本公司的地址。",
    "{advice} An outside address is written whole, such as partner@example.com.",
    "{advice}外部地址请写完整，例如 partner@example.com。",
)
NOT_INSIDE = _said(
    "target-outside",
    Severity.ERROR,
    "{value} is outside the company; {key} needs somebody inside.",
    "{value} 不在公司内；{key} 必须是公司内的人员或地址。",
    "Name a person under people: or an address under addresses:.",
    "请写 people: 中的人员或 addresses: 中的地址。",
)
OWNER_NO_MEMBER = _said(
    "owner-no-member",
    Severity.ERROR,
    "{owner} owns {address} and gets none of its mail.",
    "{owner} 是 {address} 的负责人，却收不到它的来信。",
    "Add {owner} to its to:, or name another owner.",
    "请把 {owner} 加入 to:，或换一位负责人。",
)
ADDRESS_LOOP = _said(
    "address-loop",
    Severity.ERROR,
    "Mail to {address} would go round in a circle: {circle}. Servers accept such mail and never deliver it.",
    "发往 {address} 的邮件会循环转发：{circle}。服务器会收下却永远投不出去。",
    "Let one of them end at a person.",
    "请让其中一处最终指向某个人员。",
)
ADDRESS_TWICE = _said(
    "address-twice",
    Severity.ERROR,
    "{address} is given twice; the first time in line {first}.",
    "{address} 写了两次；第一次在第 {first} 行。",
    "A person's own address is made from people: by itself; keep one of the two lines.",
    "人员自己的地址由 people: 自动生成；两处请只保留一处。",
)
BAD_LOCAL = _said(
    "bad-local-part",
    Severity.ERROR,
    "{value} cannot be the part before the @ of a company address.",
    "{value} 不能作为公司地址 @ 之前的部分。",
    "Write letters, digits, dot, hyphen and underscore, such as li.na; the name goes into name:.",
    "请用字母、数字、点、连字符和下划线，例如 li.na；姓名请写在 name: 中。",
    "RFC 5321 §4.1.2",
)
OTHER_DOMAIN = _said(
    "address-of-other-domain",
    Severity.ERROR,
    "{value} is not an address of {domain}.",
    "{value} 不是 {domain} 的地址。",
    "Write the part before the @ only.",
    "请只写 @ 之前的部分。",
)
SHARED_OF_ADDRESS = _said(
    "shared-member-no-person",
    Severity.ERROR,
    "{value} cannot read the shared mailbox {address}: only people can.",
    "{value} 不能阅读共享邮箱 {address}：成员必须是人员。",
    "Name people under to:, or leave shared: out to make it a group.",
    "请在 to: 中写人员；若只需分发，请去掉 shared:。",
)
DATES_REVERSED = _said(
    "dates-reversed",
    Severity.ERROR,
    "The last day {until} comes before the first day {start}.",
    "结束日期 {until} 早于开始日期 {start}。",
    "Write the earlier date first; both days count.",
    "请把较早的日期写在前面；首尾两天都计算在内。",
)
HANDOVER_WITHOUT_LEFT = _said(
    "handover-without-left",
    Severity.ERROR,
    "{person} hands over and is not said to leave.",
    "{person} 有交接安排，却没有写离职日期。",
    "Add left: with the first day on which the mailbox is closed.",
    "请添加 left:，写明邮箱停用的第一天。",
)
CLOSED_WITHOUT_LEFT = _said(
    "closed-without-left",
    Severity.ERROR,
    "{person} has a day on which the address closes and is not said to leave.",
    "{person} 写了地址关闭日期，却没有写离职日期。",
    "Add left: with the first day on which the person no longer works here.",
    "请添加 left:，写明离职生效的第一天。",
)
CLOSED_BEFORE_UNTIL = _said(
    "closed-before-handover-ends",
    Severity.ERROR,
    "The address of {person} closes on {closed}, and the handover runs through {until}.",
    "{person} 的地址于 {closed} 关闭，而交接持续到 {until}（含当天）。",
    "Let closed: be a day after until:, or write an earlier until:.",
    "请让 closed: 晚于 until:，或把 until: 提前。",
)
NO_CONDITION = _said(
    "rule-without-condition",
    Severity.ERROR,
    "The rule says neither when it applies nor that it is for all the rest.",
    "这条规则既没有条件，也没有写明适用于其余邮件。",
    "Write when: {{subject_contains: [product A]}}, or otherwise: true.",
    "请写 when: {{subject_contains: [产品A]}}，或 otherwise: true。",
)
TWO_CONDITIONS = _said(
    "rule-with-two-conditions",
    Severity.ERROR,
    "The rule has when: and otherwise: true; otherwise applies always.",
    "这条规则同时写了 when: 与 otherwise: true；otherwise 总是适用。",
    "Keep one of them.",
    "请只保留一个。",
)
NO_ACTION = _said(
    "rule-without-action",
    Severity.ERROR,
    "The rule does nothing.",
    "这条规则没有任何动作。",
    "Write then: {{assign_to: wang}}, copy_to, notify, folder, tag or stop.",
    "请写 then: {{assign_to: wang}}，或 copy_to、notify、folder、tag、stop。",
)
OTHERWISE_NOT_LAST = _said(
    "otherwise-not-last",
    Severity.ERROR,
    "A rule for {address} follows its otherwise: of line {first}.",
    "{address} 的 otherwise: 规则（第 {first} 行）之后还有规则。",
    "Put otherwise: last.",
    "请把 otherwise: 放在最后。",
)
CONTRADICT = _said(
    "rules-contradict",
    Severity.ERROR,
    "This rule for {address} has the condition of the one in line {first} and assigns the mail elsewhere.",
    "{address} 的这条规则与第 {first} 行条件相同，却把邮件指派给别人。",
    "Keep one of them, or name both people in one rule: assign_to: [wang, li].",
    "请只保留一条，或在一条规则中写出两人：assign_to: [wang, li]。",
)
NEVER_FIRES = _said(
    "rule-never-fires",
    Severity.WARNING,
    "Whatever this rule for {address} asks for is taken by the rule in line {first} before.",
    "符合 {address} 这条规则的邮件都会先被第 {first} 行的规则处理。",
    "Put the narrower rule first.",
    "请把条件更窄的规则放在前面。",
)
QUOTA_OF_ADDRESS = _said(
    "quota-without-mailbox",
    Severity.ERROR,
    "{address} has no mailbox of its own, so no quota.",
    "{address} 没有独立邮箱，不能设配额。",
    "Write quota: for the people behind it, or shared: true to give it a mailbox.",
    "请为其成员写 quota:，或用 shared: true 让它成为独立邮箱。",
)
QUOTA_SMALL = _said(
    "quota-too-small",
    Severity.ERROR,
    "A mailbox of {value} takes hardly any mail: what does not fit is refused.",
    "{value} 的邮箱几乎收不下邮件：放不下的来信会被拒收。",
    "Write at least {least}, such as 5GB.",
    "请至少写 {least}，例如 5GB。",
)
PHONE = _said(
    "phone-without-country-code",
    Severity.ERROR,
    "{value} cannot be called from abroad: the country code is missing.",
    "{value} 无法从国外拨打：缺少国家代码。",
    'Write it with the country code, such as "+86 574 8765 4321".',
    '请带上国家代码，例如 "+86 574 8765 4321"。',
)
BAD_FOLDER = _said(
    "bad-folder-name",
    Severity.ERROR,
    "{value} cannot be the name of a folder.",
    "{value} 不能作为文件夹名称。",
    "Write a plain name without * % \\ and without empty parts, such as Inquiries or 询盘/产品A.",
    "请写普通名称，不含 * % \\，也不含空的层级，例如“询盘”或“询盘/产品A”。",
)
HIDDEN_CHARACTER = _said(
    "hidden-character",
    Severity.ERROR,
    "The value holds a character that cannot be seen (U+{code}); it would travel into maps and scripts.",
    "值中有不可见字符（U+{code}），它会被带入映射表与脚本。",
    "Type the value again.",
    "请重新输入该值。",
)
EXPECTATION_FORM = _said(
    "expectation-form",
    Severity.ERROR,
    "This expectation has none of the three forms that can be checked, or mixes two of them.",
    "这条期望不属于可检查的三种写法，或混用了其中两种。",
    "Write {{mail_to: info, reaches: wang}} (or not:), {{mail_from: info, via: mailchimp, dmarc: pass}}, "
    "or {{forged_from: wang, dmarc: fail}}.",
    "请写 {{mail_to: info, reaches: wang}}（或 not:）、{{mail_from: info, via: mailchimp, dmarc: pass}}，"
    "或 {{forged_from: wang, dmarc: fail}}。",
)
