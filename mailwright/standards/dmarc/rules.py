"""The rules that a DMARC record is held to, in both languages."""

from __future__ import annotations

from mailwright.model.rules import Severity, rule

RECORD_INVALID = rule(
    "dmarc-record-invalid",
    Severity.ERROR,
    en="The value at {name} is not a DMARC record: it does not start with v=DMARC1{some}.",
    zh="{name} 处的值不是 DMARC 记录：没有以 v=DMARC1 开头{some}。",
    hint_en="Write v=DMARC1; p=none; rua=mailto:… (capital letters, no quotes, no backslashes).",
    hint_zh="请写 v=DMARC1; p=none; rua=mailto:…（大写，不加引号和反斜杠）。",
    reference="RFC 9989 §4.7",
)
SEVERAL = rule(
    "dmarc-several-records",
    Severity.ERROR,
    en="{name} has {count} DMARC records: receivers discard all of them.",
    zh="{name} 有 {count} 条 DMARC 记录：收件方会全部丢弃。",
    hint_en="Keep one record; several report addresses go into its rua, separated by commas.",
    hint_zh="请只保留一条；多个报告地址写在同一条的 rua 中，用逗号分隔。",
    reference="RFC 9989 §4.10",
)
POLICY_INVALID = rule(
    "dmarc-policy-invalid",
    Severity.ERROR,
    en="{tag}={value} at {name} is not a policy: {effect}.",
    zh="{name} 处的 {tag}={value} 不是有效策略：{effect}。",
    hint_en="Write {tag}=none, {tag}=quarantine or {tag}=reject.",
    hint_zh="请写 {tag}=none、{tag}=quarantine 或 {tag}=reject。",
    reference="RFC 9989 §4.10.1",
)
POLICY_MISSING = rule(
    "dmarc-policy-missing",
    Severity.WARNING,
    en="The DMARC record at {name} has no p: {effect}.",
    zh="{name} 处的 DMARC 记录没有 p：{effect}。",
    hint_en="Write the policy you mean right after the version: v=DMARC1; p=none; …",
    hint_zh="请在版本之后写明策略：v=DMARC1; p=none; …",
    reference="RFC 9989 §4.10.1",
)
VALUE_INVALID = rule(
    "dmarc-value-invalid",
    Severity.WARNING,
    en="{tag}={value} at {name} means nothing: receivers use the default, {default}.",
    zh="{name} 处的 {tag}={value} 无效：收件方按默认值 {default} 处理。",
    hint_en="Write one of: {values}; or remove the tag.",
    hint_zh="请写以下之一：{values}；或去掉该标签。",
    reference="RFC 9989 §4.7",
)
TAG_REMOVED = rule(
    "dmarc-tag-removed",
    Severity.WARNING,
    en="{tag}={value} at {name}: RFC 9989 removed {tag}; receivers ignore it, old ones may still obey.",
    zh="{name} 处的 {tag}={value}：RFC 9989 已删除 {tag}；收件方会忽略，旧系统可能仍会执行。",
    hint_en="Remove {tag}. To try a policy without applying it, write t=y.",
    hint_zh="请去掉 {tag}。若只想试运行策略，请写 t=y。",
    reference="RFC 9989 §4.7, Appendix C",
)
SIZE_REMOVED = rule(
    "dmarc-size-limit-removed",
    Severity.WARNING,
    en="{uri} at {name} ends in a size limit, which RFC 9989 removed: it is ignored, or breaks the address.",
    zh="{name} 处的 {uri} 带有大小限制，RFC 9989 已将其删除：会被忽略，或使该地址失效。",
    hint_en="Take the ! and what follows it out; an ! that belongs to the address is written %21.",
    hint_zh="请去掉 ! 及其后内容；若 ! 是地址的一部分，请写 %21。",
    reference="RFC 9989 §4.7",
)
TAG_UNKNOWN = rule(
    "dmarc-tag-unknown",
    Severity.WARNING,
    en="{name} has a tag {tag} that DMARC does not know: receivers ignore it.",
    zh="{name} 有 DMARC 不认识的标签 {tag}：收件方会忽略。",
    hint_en="The tags are {known}; correct {tag} or remove it.",
    hint_zh="可用标签为 {known}；请改正 {tag} 或将其去掉。",
    reference="RFC 9989 §4.7",
)
PART_IGNORED = rule(
    "dmarc-part-ignored",
    Severity.ERROR,
    en="“{part}” at {name} is not of the form tag=value, or repeats a tag: receivers ignore it, or the "
    "whole record.",
    zh="{name} 处的“{part}”不是“标签=值”，或该标签已出现过：收件方会忽略它，甚至忽略整条记录。",
    hint_en="Write each tag once as tag=value, separated by semicolons.",
    hint_zh="每个标签只写一次，形式为“标签=值”，用分号分隔。",
    reference="RFC 9989 §4.7",
)
URI_INVALID = rule(
    "dmarc-report-uri-invalid",
    Severity.ERROR,
    en="{tag} at {name} has “{uri}”, which is not a report address: these reports go nowhere.",
    zh="{name} 的 {tag} 中“{uri}”不是有效的报告地址：报告无处可寄。",
    hint_en="Write mailto: in front of a plain address, such as {tag}=mailto:dmarc@example.com.",
    hint_zh="请在地址前写 mailto:，例如 {tag}=mailto:dmarc@example.com。",
    reference="RFC 9989 §4.7",
)
NO_REPORTS = rule(
    "dmarc-no-reports",
    Severity.WARNING,
    en="The DMARC record at {name} asks for p=none and no reports: it does nothing.",
    zh="{name} 处的 DMARC 记录为 p=none 且不要报告：没有任何作用。",
    hint_en="Add rua=mailto:… so that somebody sees who mails in your name.",
    hint_zh="请加上 rua=mailto:…，以便了解谁在以您的名义发信。",
    reference="RFC 9989 §5.1",
)
LOWERED = rule(
    "dmarc-lowered-by-t",
    Severity.WARNING,
    en="t=y at {name} lowers {policy} by one step: receivers apply {applied}.",
    zh="{name} 处的 t=y 使 {policy} 降低一级：收件方按 {applied} 执行。",
    hint_en="Remove t=y when the reports show that your mail passes.",
    hint_zh="报告显示邮件均通过后，请去掉 t=y。",
    reference="RFC 9989 §4.7",
)
BELOW_WEAKER = rule(
    "dmarc-below-weaker",
    Severity.WARNING,
    en="{tag}={value} at {name} is weaker than {policy}: {whom} may be used by anybody.",
    zh="{name} 处的 {tag}={value} 弱于 {policy}：任何人都可冒用{whom}。",
    hint_en="Remove {tag}; the policy then holds there too.",
    hint_zh="请去掉 {tag}，策略便同样适用。",
    reference="RFC 9989 §4.7",
)
PSD = rule(
    "dmarc-psd-on-company",
    Severity.WARNING,
    en="psd=y at {name} says that this is a registry's domain: each name below it counts as a company of "
    "its own, and relaxed alignment between them fails.",
    zh="{name} 处的 psd=y 表示这是注册局域名：其下每个名称都算独立的组织，相互间不再宽松对齐。",
    hint_en="Remove psd=y; a company that wants the walk to end here writes psd=n.",
    hint_zh="请去掉 psd=y；若要让查找止于此处，公司应写 psd=n。",
    reference="RFC 9989 §4.7",
)
POLICY_LATE = rule(
    "dmarc-policy-not-second",
    Severity.INFO,
    en="p is not the second tag at {name}: receivers of the old RFC 7489 may discard the record.",
    zh="{name} 处的 p 不是第二个标签：仍按旧 RFC 7489 的收件方可能丢弃该记录。",
    hint_en="Write p right after v=DMARC1.",
    hint_zh="请把 p 写在 v=DMARC1 之后。",
    reference="RFC 7489 §6.4",
)
WILDCARD = rule(
    "dmarc-wildcard-voids-np",
    Severity.WARNING,
    en="{wildcard} makes every name below {below} exist: np={np} at {name} never applies there, {sp} does.",
    zh="{wildcard} 使 {below} 下的任何名称都存在，{name} 处的 np={np} 在那里永不生效，实际执行 {sp}。",
    hint_en="Write sp={np} as well, or remove the wildcard.",
    hint_zh="请同时写 sp={np}，或删除该泛解析记录。",
    reference="RFC 9989 §4.7, RFC 8020",
)
